"""On the path of every kernel that runs a chapter for a build or a test: no connection leaves this machine."""

import ipaddress
import socket


class OutgoingConnectionError(BaseException):
    """No Exception, so that code which tries a connection and does without it is found as well."""


def _check(host):
    name = host.decode() if isinstance(host, bytes) else host or "localhost"
    try:
        local = ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        local = name == "localhost"
    if not local:
        raise OutgoingConnectionError(f"a chapter opened a connection to {name}: chapters work without a network")


def _refusing(connect):
    def checked(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _check(address[0])
        return connect(self, address)

    return checked


def _look_up(host, *arguments, _look_up=socket.getaddrinfo, **options):
    _check(host)  # a name that is not found would else look like any other OSError
    return _look_up(host, *arguments, **options)


socket.socket.connect = _refusing(socket.socket.connect)
socket.socket.connect_ex = _refusing(socket.socket.connect_ex)
socket.getaddrinfo = _look_up

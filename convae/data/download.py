"""Getting a data set into the user's cache: from the first source that gives it, each file whole or not at all."""

from __future__ import annotations

import tempfile
import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tqdm import tqdm

from convae.data.idx import md5_of
from convae.data.optional import needs
from convae.data.sources import SOURCES, DataNotFoundError, cache_folder, reading, stored, three_ways
from convae.files import write_whole
from convae.names import lookup

with needs("pooch requests", "downloading"):
    import pooch
    import requests
    import urllib3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convae.data.sources import ServedFile

LONGEST = 86_400  # seconds


class Patience(NamedTuple):
    """How many seconds a source gets for one file.

    Args:
        connect: To take the connection.
        read: For each silence while it sends.
        total: For everything: a byte now and then breaks no silence limit, and would go on for years.
    """

    connect: float = 10
    read: float = 20
    total: float = 300


PATIENCE = Patience()


def download(name: str, progress: bool = True, patience: Patience = PATIENCE) -> Path:
    """The folder in the user's cache that holds the files of a data set, once those that were missing have come.

    Each comes from the first of the set's mirrors that gives the right one, by its MD5. What is in the cache already,
    and right, is not asked for again; what is there and damaged is replaced.

    Args:
        name: "mnist" or "fashion-mnist".
        progress: Shows a bar for each file.

    Raises:
        DataNotFoundError: no mirror gave a file (the message says what each of them did), or there is no place for it.
        OSError: the cache cannot be read or written to.
        ValueError: an unknown name (the nearest ones are suggested), or a time limit out of range.
        ModuleNotFoundError: pooch or requests is not installed; raised when this module is imported.
    """
    source = lookup(SOURCES, name, "data set to download")
    for limit, seconds in patience._asdict().items():
        if not 0 < seconds <= LONGEST:
            raise ValueError(f"{limit} is {seconds} seconds: give more than 0 and at most {LONGEST}")
    raw = cache_folder() / source.folder / "raw"
    missing = {file: served for file, served in source.files.items() if not _has(raw, file, served)}
    if missing:
        with _writing(name, raw):
            raw.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=raw).close()  # better to know before 26 MB have come than after
    mirrors = list(source.mirrors)
    for file, served in missing.items():
        failures = []
        for mirror in tuple(mirrors):
            try:
                content = _get(f"{mirror}{file}.gz", served, patience, progress)
                break
            except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
                failures.append(f"  {mirror}: {_what_it_did(error, patience)}")
                mirrors.append(mirrors.pop(0))  # the next file does not wait for this one again
        else:
            raise DataNotFoundError("\n".join([f"no source gives {file}.gz of {name}:", *failures, three_ways(name)]))
        with _writing(name, raw):
            write_whole(raw / f"{file}.gz", content)
            (raw / file).unlink(missing_ok=True)  # if it is there, it is damaged, and would be read first
    return raw


def _has(raw: Path, file: str, served: ServedFile) -> bool:
    path = stored(raw, file)
    if path is None:
        return False
    with reading(path):
        return md5_of(path.read_bytes()) == served.checksum(path)


@contextmanager
def _writing(name: str, raw: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OSError(
            f"the cache {raw} cannot be written to ({error}): mend that, or name another one in XDG_CACHE_HOME.\n"
            f"{three_ways(name)}"
        ) from error


def _get(address: str, served: ServedFile, patience: Patience, progress: bool) -> bytes:
    """One packed file from one address. Raises whatever happens to it, TimeoutError after `patience.total`."""
    end = time.monotonic() + patience.total
    file = address.rsplit("/", 1)[1]

    def stream(url: str, target: str, _: object) -> None:
        with (
            requests.get(url, stream=True, timeout=patience[:2], headers={"Accept-Encoding": "identity"}) as response,
            Path(target).open("wb") as content,
            tqdm(total=served.size, desc=file, unit="B", unit_scale=True, disable=not progress) as bar,
        ):
            response.raise_for_status()
            # Raw and by read1: what has come, as it was sent. iter_content waits until a block is full.
            while part := response.raw.read1(2**16):
                bar.update(content.write(part))
                if content.tell() > served.size:
                    raise ValueError(f"sends more than the {served.size} bytes of this file")
                if time.monotonic() > end:
                    raise TimeoutError
            if content.tell() < served.size:
                raise ValueError(f"breaks off after {content.tell()} of {served.size} bytes")

    with tempfile.TemporaryDirectory(prefix="convae-", ignore_cleanup_errors=True) as folder, _quiet():
        packed = _within(
            patience.total,
            lambda: pooch.retrieve(address, f"md5:{served.packed}", file, folder, downloader=stream),
        )
        return Path(packed).read_bytes()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without pooch's own lines, which would name the temporary folder."""

    def nothing(_: object) -> bool:
        return False

    pooch.get_logger().addFilter(nothing)  # no other level: pooch's logger keeps in mind which ones it lets pass
    try:
        yield
    finally:
        pooch.get_logger().removeFilter(nothing)


def _within(seconds: float, work: Callable[[], str]) -> str:
    """What `work` returns or raises; TimeoutError if it has done neither in time.

    Nothing in requests limits the whole of a request (a server may drip its headers, too). So `work` has a thread of
    its own, which is left behind when it takes too long, to end by itself or with the process.
    """
    outcome: Future[str] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run, name="convae download", daemon=True).start()
    return outcome.result(timeout=seconds)


def _what_it_did(error: Exception, patience: Patience) -> str:
    match error:
        case requests.HTTPError():
            return f"answers {error.response.status_code} {error.response.reason}"
        case requests.TooManyRedirects():
            return "redirects without end"
        case requests.ConnectTimeout():
            return f"takes no connection in {patience.connect} s"
        case requests.ReadTimeout() | urllib3.exceptions.ReadTimeoutError():
            return f"is silent for {patience.read} s"
        case TimeoutError():
            return f"has not sent everything in {patience.total} s"
        case _:
            return str(error)

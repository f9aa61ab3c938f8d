"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import glob
import os
import platform
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_room", "is_running", "reading", "write_whole"]

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


def write_whole(path: Path, content: bytes) -> None:
    """Writes beside the target, then renames: a reader sees the old file or the new one, never a part.

    The folder is made if it is missing. The file gets the permissions that the umask gives to a new one. What earlier
    processes of this machine left half written in that folder goes.

    Raises:
        OSError: it cannot be written; what stood there before is kept.
    """
    with _beside(path, content) as temporary:
        temporary.replace(path)


def check_room(path: Path, size: int) -> None:
    """Refuses a path where a file of so many bytes could not be written, by writing one beside it and removing it.

    Raises:
        OSError: no room, or no permission.
    """
    with _beside(path, bytes(size)):
        pass


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Says which file it was when the system refuses to read one."""
    try:
        yield
    except OSError as error:
        raise type(error)(
            f"{path} cannot be read ({_reason(error)}): it is left as it is; make it readable, or take it away"
        ) from error


def is_running(process: int) -> bool:
    """Whether a process of this machine lives, by its number; one whose number was given again counts."""
    if sys.platform == "win32":  # there os.kill would end it
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x100000, False, process)  # SYNCHRONIZE
        ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


@contextmanager
def _beside(path: Path, content: bytes) -> Iterator[Path]:
    """A temporary file with that content, on the disk and not only on its way there; it goes, unless it is renamed."""
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path.parent)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{_MARK}{os.getpid()}.", suffix=path.suffix)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the new name without its content
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)  # mkstemp makes it readable by the owner alone
        yield Path(name)
    except OSError as error:
        raise type(error)(
            f"{path} cannot be written ({_reason(error)}): what stood there before is kept; {_remedy(error)}"
        ) from error
    finally:
        if name:
            with suppress(OSError):  # a disk that became read-only
                Path(name).unlink(missing_ok=True)


# Only the machine that began a file knows whether its process lives, and a shared folder holds files of several.
_MARK = f".convae-{platform.node()}-"


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{glob.escape(_MARK)}*"):
        process = left.name.removeprefix(_MARK).partition(".")[0]
        if process.isdecimal() and not is_running(int(process)):
            with suppress(OSError):  # another process was faster
                left.unlink()


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _remedy(error: OSError) -> str:
    if error.errno in NO_ROOM:
        return "make room on that disk, or choose a folder on another one"
    if error.errno in NOT_ALLOWED:
        return "choose a folder that you may write to, or get the permission for this one"
    if error.errno == errno.ENAMETOOLONG:
        return "choose a shorter name for it"
    return "choose another place for it"

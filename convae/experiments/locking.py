"""One process makes a run at a time."""

from __future__ import annotations

import json
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convae.files import is_running

_HELD: set[Path] = set()  # by this process


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the file while something is made; whoever finds it left by a process that is gone takes it over.

    Raises:
        ValueError: another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    mine = json.dumps({"process": os.getpid(), "machine": socket.gethostname()})
    written = path.with_name(f"{path.name}.{os.getpid()}")
    written.write_text(mine, encoding="utf-8")
    try:
        while not _linked(written, path):  # it appears with its content, or not at all
            _take_over(path)
    finally:
        written.unlink(missing_ok=True)
    _HELD.add(path)
    try:
        yield
    finally:
        _HELD.discard(path)
        if _read(path) == mine:
            path.unlink(missing_ok=True)


def _linked(written: Path, path: Path) -> bool:
    try:
        os.link(written, path)
    except FileExistsError:
        return False
    return True


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:  # it was given back a moment ago
        return None


def _take_over(path: Path) -> None:
    text = _read(path)
    if text is None:
        return
    try:
        holder = json.loads(text)
        process, machine = int(holder["process"]), holder["machine"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no lock of convae: delete it, if no other process makes this run") from error
    if machine != socket.gethostname():
        raise ValueError(f"process {process} on {machine} makes this run: wait, or delete {path} if it is gone")
    # The number may be ours and yet that of a process before us, as in a container that was started again.
    if path in _HELD if process == os.getpid() else is_running(process):
        raise ValueError(f"process {process} makes this run already: wait for it, or end it; {path} is its lock")
    aside = path.with_name(f"{path.name}.{os.getpid()}.left")
    try:
        path.rename(aside)  # of several that find it, one moves it
    except FileNotFoundError:
        return
    if _read(aside) != text:  # another one has taken over since, and this is its lock
        aside.replace(path)
        return
    aside.unlink(missing_ok=True)
    warnings.warn(f"{path} was left by process {process}, which is gone: taken over", stacklevel=4)

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


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the file while something is made; whoever finds it left by a process that is gone takes it over.

    Raises:
        ValueError: another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    mine = {"process": os.getpid(), "machine": socket.gethostname()}
    while True:
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            _take_over(path, mine["machine"])
        else:
            break
    with os.fdopen(handle, "w") as file:
        json.dump(mine, file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _take_over(path: Path, machine: object) -> None:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        process, other = int(holder["process"]), holder["machine"]
    except FileNotFoundError:  # it was given back a moment ago
        return
    except (ValueError, KeyError, TypeError):  # killed while it was written
        process, other = 0, machine
    if other != machine:
        raise ValueError(f"process {process} on {other} makes this run: wait, or delete {path} if it is gone")
    if process and is_running(process):
        raise ValueError(f"process {process} makes this run already: wait for it, or end it ({path})")
    warnings.warn(f"{path} was left by process {process}, which is gone: taken over", stacklevel=4)
    path.unlink(missing_ok=True)

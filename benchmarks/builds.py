"""What `make book` costs in a copy of this tree: nothing cached, then unchanged (limits: 20 s a chapter; 20 s)."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from book.tools.chapters import ROOT, chapters
from convae.teaching.tables import Table


def copy_tree(target: Path) -> None:
    """The working tree without what git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def build(tree: Path) -> tuple[float, float]:
    """Seconds of one build, by the clock and by the processors, its kernels' included.

    Raises:
        CalledProcessError: it fails; what it printed is shown.
    """
    began = time.perf_counter(), children()
    process = subprocess.run(
        [sys.executable, "-m", "book.tools.build"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},  # the copy's package, not the installed one
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if process.returncode:
        print(process.stdout, file=sys.stderr)
        process.check_returncode()
    return time.perf_counter() - began[0], children() - began[1]


def children() -> float:
    """Seconds that this process's finished children have used, and theirs."""
    times = os.times()
    return times.children_user + times.children_system


def measure() -> Table:
    count = len(chapters())
    with tempfile.TemporaryDirectory() as folder:
        copy_tree(Path(folder))
        took = {"nothing cached": build(Path(folder)), "unchanged": build(Path(folder))}
    rows = [
        [name, f"{clock:.0f} s", f"{clock / count:.1f} s", f"{processors:.0f} s"]
        for name, (clock, processors) in took.items()
    ]
    return Table([f"{count} chapters", "in all", "a chapter", "processors"], rows)


if __name__ == "__main__":
    print(measure())

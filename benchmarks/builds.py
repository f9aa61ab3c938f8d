"""What `make book` costs in a copy of this tree: nothing cached, then unchanged (limits: 20 s a chapter; 20 s)."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from book.tools.chapters import ROOT, chapters
from convae.tables import Table


def copy_tree(target: Path) -> None:
    """The working tree without what git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def build(tree: Path) -> float:
    """Seconds of one build.

    Raises:
        CalledProcessError: it fails; what it printed is shown.
    """
    began = time.perf_counter()
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
    return time.perf_counter() - began


def measure() -> Table:
    count = len(chapters())
    with tempfile.TemporaryDirectory() as folder:
        copy_tree(Path(folder))
        took = {"nothing cached": build(Path(folder)), "unchanged": build(Path(folder))}
    rows = [[name, f"{seconds:.0f} s", f"{seconds / count:.1f} s"] for name, seconds in took.items()]
    return Table([f"{count} chapters", "in all", "a chapter"], rows)


if __name__ == "__main__":
    print(measure())

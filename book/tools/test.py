"""`make test` behind lint and types: unit tests, every chapter under nbval, the built book, and the browser."""

from __future__ import annotations

import subprocess
import sys

from book.tools.chapters import ROOT, kernel_environment

PYTEST = [sys.executable, "-m", "pytest", "-n", "2"]
EVENLY = ["--dist", "worksteal"]  # who has nothing left to do takes of what the other one still has
STEPS = {
    "unit tests": [*PYTEST, *EVENLY, "tests", "--ignore", "tests/pages"],
    "every chapter under nbval": [
        *PYTEST,
        "--dist",
        "loadfile",  # a chapter's cells one behind the other, in one kernel
        "--nbval-lax",
        "--nbval-current-env",
        "--nbval-cell-timeout",
        "300",
        "book",
    ],
    "the book": [sys.executable, "-m", "book.tools.build"],
    "the built pages": [*PYTEST, *EVENLY, "tests/pages"],
}


def main() -> int:
    """Runs every step even behind one that failed: one run then tells all that is wrong."""
    failed = []
    for name, command in STEPS.items():
        print(f"\n== {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, env=kernel_environment(), check=False).returncode:
            failed.append(name)
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nall passed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())

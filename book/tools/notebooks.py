"""`make notebooks`: the .ipynb beside each chapter, for Colab and Binder. `--check` only compares."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from typing import TYPE_CHECKING

import jupytext
import nbformat

from book.tools.chapters import ROOT, chapters, files
from book.tools.plain import Book, Chapter
from convae.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path

OUTPUTS = ROOT / "tests/outputs"


def printed(page: Path) -> dict[str, str]:
    """What the checked cells of a chapter print as "name: value", by name."""
    store = OUTPUTS / f"{page.stem}.json"
    cells = json.loads(store.read_text(encoding="utf-8")).values() if store.is_file() else []
    text = "".join(output.get("text", "") for outputs in cells for output in outputs)
    return dict(re.findall(r"^(\S+): (.*)$", text, re.MULTILINE))


def notebook(book: Book, page: Path) -> str:
    """The chapter as the text of its .ipynb: the same for the same chapter, and no outputs.

    Raises:
        ValueError: a role, a directive, a label or a value is not known; the message names file and line.
    """
    lines = page.read_text(encoding="utf-8").splitlines()
    made = jupytext.reads(Chapter(book, page, printed(page)).markdown(lines), "md:myst")
    made.metadata.pop("jupytext", None)
    seen: Counter[str] = Counter()
    for cell in made.cells:
        seen[cell.source] += 1  # a cell's id stays while its text does
        cell.id = hashlib.sha256(f"{seen[cell.source]} {cell.source}".encode()).hexdigest()[:12]
    return nbformat.writes(made, indent=1, sort_keys=True) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where one differs")
    check = parser.parse_args().check
    book = Book()
    made, faults = {}, []
    for page in chapters():
        try:
            made[page.with_suffix(".ipynb")] = notebook(book, page)
        except ValueError as error:
            faults.append(str(error))
    changed = [path for path in made if not path.is_file() or path.read_text(encoding="utf-8") != made[path]]
    foreign = {path for path in files("*.ipynb") if path.with_suffix(".md") not in chapters()}
    for path in changed:
        print(path.relative_to(ROOT), "is not what its chapter gives: run `make notebooks`" if check else "written")
        if not check:
            write_whole(path, made[path].encode())
    for path in sorted(foreign):
        print(path.relative_to(ROOT), "belongs to no chapter with code: remove it")
    print(*faults, sep="\n", end="\n" if faults else "", file=sys.stderr)
    return bool(faults or foreign or (check and changed))


if __name__ == "__main__":
    sys.exit(main())

"""nbval over the book's MyST chapters: `pytest --nbval-lax --nbval-current-env book`.

nbval collects .ipynb only, and compares nothing in a notebook that stores no outputs. Here every MyST chapter is
collected as it is; every code cell runs; a cell tagged `nbval-check-output` is also compared with what
tests/outputs/<chapter>.json stores for it, and fails where nothing is stored. `--nbval-update` writes those files.
"""

import hashlib
import json
import os
from collections import defaultdict
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbval import plugin as nbval

from book.tools.chapters import HEADER, kernel_environment

OUTPUTS = Path(__file__).parent / "tests" / "outputs"


def pytest_addoption(parser):
    parser.addoption("--nbval-update", action="store_true", help="store what the checked cells print")
    parser.addoption("--nbval-outputs", type=Path, default=OUTPUTS, help="folder of the stored outputs")


def pytest_configure(config):
    if config.option.nbval or config.option.nbval_lax:
        os.environ.update(kernel_environment())


def pytest_collect_file(file_path, parent):
    option = parent.config.option
    if (option.nbval or option.nbval_lax) and file_path.suffix == ".md":
        text = file_path.read_text(encoding="utf-8")
        if text.startswith("---\n") and HEADER in text.split("---", 2)[1]:
            return Chapter.from_parent(parent, path=file_path)
    return None


def pytest_ignore_collect(collection_path):
    return True if collection_path.suffix == ".ipynb" else None  # made from the chapters; nbval would run them too


class Chapter(nbval.IPyNbFile):
    """One kernel for all cells of a chapter."""

    def collect(self):
        self.nb = jupytext.read(self.path)
        self.store = self.config.option.nbval_outputs / f"{self.path.stem}.json"
        stored = json.loads(self.store.read_text(encoding="utf-8")) if self.store.is_file() else {}
        self.printed = {}
        items = []
        seen = defaultdict(int)
        for number, cell in enumerate(cell for cell in self.nb.cells if cell.cell_type == "code"):
            seen[cell.source] += 1  # two equal cells have each their own output
            key = hashlib.sha256(f"{seen[cell.source]} {cell.source}".encode()).hexdigest()[:12]
            options = defaultdict(bool, nbval.find_metadata_tags(cell.metadata))
            cell.outputs = [nbformat.from_dict(output) for output in stored.get(key, [])]
            cell.execution_count = 1 if key in stored else None
            item = Cell.from_parent(self, name=f"cell {number}", cell_num=number, cell=cell, options=options)
            item.key = key
            items.append(item)
        self.checked = [item.key for item in items if item.options["check"]]
        return items

    def setup(self):
        try:
            super().setup()
        except RuntimeError:  # a port that is free when it is chosen may be taken when the kernel binds it
            super().setup()

    def teardown(self):
        super().teardown()
        if self.config.option.nbval_update and set(self.printed) == set(self.checked):
            self.store.parent.mkdir(parents=True, exist_ok=True)
            ordered = {key: self.printed[key] for key in self.checked}
            self.store.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


class Cell(nbval.IPyNbCell):
    """A code cell; only what it prints or shows as text is compared."""

    def runtest(self):
        checked, update = self.options["check"], self.config.option.nbval_update
        if checked and not update and self.cell.execution_count is None:
            pytest.fail(f"no stored output for this checked cell (run `make references`):\n{self.cell.source}")
        self.options["check"] = checked and not update
        super().runtest()
        if checked and update:
            self.parent.printed[self.key] = _text(self.test_outputs)

    def compare_outputs(self, test, ref, skip_compare=None):
        return super().compare_outputs([nbformat.from_dict(output) for output in _text(test)], ref, skip_compare)


def _text(outputs):
    kept = []
    for output in nbval.coalesce_streams(outputs):
        if output.output_type == "stream" and output.name == "stdout":
            kept.append({"output_type": "stream", "name": "stdout", "text": output.text})
        elif output.output_type in ("execute_result", "display_data") and "text/plain" in output.data:
            if any(kind.startswith("application/papermill") for kind in output.data):
                continue  # what glue hands over is printed as well
            data = {"text/plain": output.data["text/plain"]}
            kept.append({"output_type": output.output_type, "metadata": {}, "data": data})
    return kept

"""What runs the chapters: none escapes, and one that is wrong fails."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from xml.etree import ElementTree

import pytest

from book.tools.chapters import ROOT, chapters, chapters_header, files, kernel_environment, pages
from book.tools.myst import walk
from book.tools.notebooks import OUTPUTS, printed

NBVAL = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env"]
CELL = "```{{code-cell}} ipython3\n:tags: [{tags}]\n\n{source}\n```\n"
COUNT = """from convae.models import build
print(sum(weights.numel() for weights in build("robledo-two-layer").parameters()))"""
CONNECT = "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=5)"
SWALLOW = "import urllib.request\ntry:\n    urllib.request.urlopen('http://example.org')\nexcept Exception:\n    pass"
LOCAL = "import socket\nserver = socket.create_server(('127.0.0.1', 0))\nsocket.create_connection(server.getsockname())"
CHAPTERS = {
    "right": [("nbval-check-output", COUNT), ("", LOCAL)],
    "unstored": [("nbval-check-output", "print(1)")],
    "raises": [("", "1 / 0")],
    "connects": [("", CONNECT)],
    "swallows": [("", SWALLOW)],
}


@pytest.fixture
def collect(request):
    """Gives what the root conftest.py makes of a chapter."""
    plugins = request.config.pluginmanager.get_plugins()
    plugin = next(plugin for plugin in plugins if getattr(plugin, "__file__", None) == str(ROOT / "conftest.py"))

    def collected(page):
        chapter = plugin.Chapter.from_parent(request.session, path=page)
        return chapter, chapter.collect()

    return collected


@pytest.fixture
def written(tmp_path, collect):
    """Small chapters in a folder, and the stored output of the one that is right."""
    folder = tmp_path / "chapters"
    folder.mkdir()
    for name, cells in CHAPTERS.items():
        text = chapters_header() + "\n".join(CELL.format(tags=tags, source=source) for tags, source in cells)
        (folder / f"{name}.md").write_text(text)
    output = {"output_type": "stream", "name": "stdout", "text": "2481\n"}
    (tmp_path / "outputs").mkdir()
    key = collect(folder / "right.md")[0].checked[0]
    (tmp_path / "outputs/right.json").write_text(json.dumps({key: [output]}))
    return folder


def run(folder, *names, **environment):
    """Runs the chapters of a folder under nbval; for each, what it fails with ('' where it passes)."""
    report = folder.parent / "report.xml"
    command = [*NBVAL, "-p", "conftest", "-c", ROOT / "pyproject.toml", f"--junitxml={report}"]
    command += [
        f"--rootdir={folder}",
        f"--nbval-outputs={folder.parent / 'outputs'}",
        *(folder / f"{name}.md" for name in names),
    ]
    subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, check=False)
    failures = dict.fromkeys(names, "")
    cells = list(ElementTree.parse(report).iter("testcase"))
    assert len(cells) == sum(len(CHAPTERS[name]) for name in names)
    for cell in cells:
        failures[cell.get("classname").removesuffix(".md")] += "".join(
            failure.get("message") + (failure.text or "") for failure in cell.iter("failure")
        )
    return failures


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_a_kernel_that_does_not_start_is_given_a_second_chance(collect, written, failures, monkeypatch):
    left = iter(range(failures))

    def start(*_, **__):
        if next(left, None) is not None:
            raise RuntimeError("Kernel died before replying to kernel_info")
        return "a kernel"

    monkeypatch.setattr("nbval.plugin.RunningKernel", start)
    chapter, _ = collect(written / "right.md")
    if failures == 2:
        with pytest.raises(RuntimeError, match="Kernel died"):
            chapter.setup()
    else:
        chapter.setup()
        assert chapter.kernel == "a kernel"


def test_a_chapter_fails_where_it_should_and_only_there(written):
    failures = run(written, *CHAPTERS)
    assert failures["right"] == ""
    assert "no stored output for this checked cell (run `make references`)" in failures["unstored"]
    assert "ZeroDivisionError" in failures["raises"]
    assert "a chapter opened a connection to 192.0.2.1" in failures["connects"]
    assert "a chapter opened a connection to example.org" in failures["swallows"]


def test_a_changed_number_in_the_package_makes_a_chapter_fail(written, tmp_path):
    shutil.copytree(ROOT / "convae", tmp_path / "convae", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "convae/models/autoencoder.py"
    changed = file.read_text().replace("((8, 16), stride=3, padding=0)", "((8, 17), stride=3, padding=0)")
    assert changed != file.read_text()
    file.write_text(changed)
    failures = run(written, "right", PYTHONPATH=str(tmp_path))
    assert "2626" in failures["right"]
    assert "2481" in failures["right"]


def test_update_stores_what_then_passes(written):
    outputs = written.parent / "outputs"
    (outputs / "right.json").unlink()
    command = [*NBVAL, "-p", "conftest", "-c", ROOT / "pyproject.toml", "--nbval-update", f"--nbval-outputs={outputs}"]
    subprocess.run([*command, written / "right.md"], cwd=ROOT, check=True, capture_output=True)
    ((output,),) = json.loads((outputs / "right.json").read_text()).values()
    assert output["text"] == "2481\n"


def test_no_chapter_escapes():
    """Every page is in the table of contents, every page with code is collected, with each of its cells."""
    assert {path for path in files("*.md") if not path.is_relative_to(ROOT / "book/static")} == set(pages())
    command = [*NBVAL, "--collect-only", "-q", "book"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    collected = {name: int(count) for name, count in re.findall(r"^book/(\S+)\.md: (\d+)$", listed, re.MULTILINE)}
    cells = Counter()
    for page in pages():
        for block in walk(page.read_text(encoding="utf-8").splitlines()):
            cells[page.stem] += block.name == "code-cell"
    assert collected == +cells
    assert set(collected) == {page.stem for page in chapters()}


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.stem)
def test_stored_outputs_are_those_of_the_checked_cells(page, collect):
    chapter, _ = collect(page)
    stored = OUTPUTS / f"{page.stem}.json"
    keys = list(json.loads(stored.read_text(encoding="utf-8"))) if stored.is_file() else []
    assert keys == chapter.checked, f"run `make references`, and look at what changes in {stored.name}"


def test_every_store_belongs_to_a_chapter():
    assert {path.stem for path in OUTPUTS.glob("*")} <= {page.stem for page in chapters()}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_numbers_in_prose_are_printed_by_checked_cells(page):
    text = page.read_text(encoding="utf-8")
    prose = "\n".join("\n".join(block.body) for block in walk(text.splitlines()) if not block.marks)
    assert set(re.findall(r"\{glue:\w+\}`([^`]+)`", prose)) <= set(printed(page))


def test_a_data_folder_that_is_none_stops_the_build(tmp_path):
    environment = kernel_environment() | {"CONVAE_DATA": str(tmp_path / "nowhere")}
    command = [sys.executable, "-m", "book.tools.build"]
    build = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert build.returncode != 0
    assert "nowhere" in build.stderr
    assert "CONVAE_DATA" in build.stderr
    assert "no folder" in build.stderr

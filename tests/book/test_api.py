"""The pages of the package: their examples run, and show what the chapters import."""

import ast
import doctest
import re
from pathlib import Path

import pytest

import convae
from book.tools.chapters import ROOT, chapters

PAGES = sorted((ROOT / "book/api").glob("*.md"))
# Rooms whose names a reader is to find in an example; themes, claims, graders and figures are shown by the chapters.
ROOMS = ("arithmetic", "data", "models", "corruption", "measures", "latent", "tasks", "baselines", "training")
CODE = re.compile(r"```(?:\{code-cell\} ipython3|python)\n(.*?)```", re.DOTALL)


def example(page: Path) -> str:
    """What a page has in Python."""
    return "\n".join(CODE.findall(page.read_text(encoding="utf-8")))


def imported(page: Path) -> set[tuple[str, str]]:
    """(room, name) of what a page imports from the package; only functions and classes, no settings."""
    found = set()
    for code in CODE.findall(page.read_text(encoding="utf-8")):
        plain = "\n".join("" if line.lstrip().startswith((":", "!", "%")) else line for line in code.splitlines())
        for line in re.findall(r"^from convae\.\w[^\n]*import (?:\([^)]*\)|[^\n]*)", plain, re.MULTILINE):
            [node] = ast.parse(line).body
            room = node.module.split(".")[1]
            names = {alias.name for alias in node.names if not alias.name.isupper()}
            found |= {(room, name) for name in names if not (ROOT / f"convae/{room}/{name}.py").exists()}
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_example_of_a_room_gives_what_it_says(page, monkeypatch):
    monkeypatch.delenv("CONVAE_DATA", raising=False)
    test = doctest.DocTestParser().get_doctest(example(page), {}, page.stem, str(page), 0)
    assert test.examples
    messages = []
    runner = doctest.DocTestRunner()
    runner.run(test, out=messages.append)
    assert not messages, "".join(messages)


def test_each_room_has_a_page_and_each_page_a_room():
    rooms = {path.stem for path in (ROOT / "convae").glob("*") if not path.name.startswith("_")}
    assert {page.stem for page in PAGES} == rooms - {"names", "files"}  # these two serve the package alone
    index = (ROOT / "book/api.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\(api/(\w+)\.md\)", index) == re.findall(
        r"file: book/api/(\w+)", (ROOT / "_toc.yml").read_text(encoding="utf-8")
    )


def test_what_the_readme_and_chapters_import_from_the_top_is_listed():
    index = (ROOT / "book/api.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(\w+)`", index.partition("It can be imported")[2])) >= set(convae.__all__)


@pytest.mark.parametrize("room", ROOMS)
def test_what_chapters_import_stands_in_the_example_of_its_room(room):
    used = set().union(*(imported(page) for page in chapters()))
    shown = re.sub(r">>> (from|import) .*", "", example(ROOT / f"book/api/{room}.md"))  # it has to be used there
    missing = {name for place, name in used if place == room and not re.search(rf"\b{name}\b", shown)}
    assert not missing, f"add an example of {', '.join(sorted(missing))} to book/api/{room}.md"

"""What the book's build keeps, and in which folders it can lie."""

from __future__ import annotations

import pickle
import string
from typing import TYPE_CHECKING

import pytest
from jupyter_cache import get_cache

from book.tools.chapters import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [*string.punctuation.replace("/", ""), " ", "ä", "日", "%20", "%2F", "%25", "?mode=memory", "#x", "~"]


@pytest.mark.parametrize("name", NAMES)
def test_the_cache_lies_where_the_book_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whatever the path has that means something else in an address, also in the processes that run the chapters."""
    monkeypatch.syspath_prepend(ROOT / "book/extension")
    import convae_book

    root = tmp_path / f"my{name}course"
    folder = root / "_build/.jupyter_cache"
    (root / "book").mkdir(parents=True)
    page = root / "book/page.md"
    page.write_text("# Page\n")
    monkeypatch.chdir(root)
    cache = get_cache(folder)
    assert isinstance(cache, convae_book.Cache)
    cache.add_nb_to_project(str(page), read_data={"type": "plugin", "name": "myst_nb_md"})
    assert (folder / "global.db").is_file()
    for one in (pickle.loads(pickle.dumps(cache)), get_cache(folder)):
        assert [record.uri for record in one.list_project_records()] == [str(page)]
    assert [path.name for path in tmp_path.iterdir()] == [root.name]


def test_keys_in_docstrings_become_citations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "book/extension")
    import convae_book

    keys = ["robledo2021", "wilson1927probable"]
    for text, said in {
        "By Wilson [wilson1927probable].": "By Wilson :cite:p:`wilson1927probable`.",
        "[robledo2021,\nwilson1927probable]": ":cite:p:`robledo2021,wilson1927probable`",
        "[robledo2021, equation 3\nwith i = 10 (1 − t)]": "(:cite:t:`robledo2021`, equation 3\nwith i = 10 (1 − t))",
        "Claims of robledo2021, its nets": "Claims of :cite:t:`robledo2021`, its nets",
    }.items():
        assert convae_book.cited(text, keys) == said
    for text in ("[N, 1, 28, 28] in [0, 1]", '`load("robledo2021")`', "robledo2021-more", "`robledo2021`"):
        assert convae_book.cited(text, keys) == text


def test_the_sign_of_per_cent_stays_with_its_number(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book/extension")
    import convae_book

    page = '<p>Of <span>5</span> % and 3 %.</p><pre>a %b</pre><img alt="7 %"><svg><text>8 %</text></svg><td>9 %</td> %'
    context = {"body": page}
    convae_book._hold_units(None, "", "", context, None)
    changed = page.replace("</span> %", "</span>\u00a0%").replace("3 %", "3\u00a0%").replace("9 %", "9\u00a0%")
    assert context["body"] == changed[:-2] + "\u00a0%"


def test_the_space_before_what_a_solution_is_of_is_no_part_of_its_link(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book/extension")
    import convae_book

    context = {"body": '<p class="admonition-title">Solution to<a href="#x"> Exercise 3 (Count them)</a></p>'}
    convae_book._mend_markup(None, "", "", context, None)
    assert context["body"] == '<p class="admonition-title">Solution to <a href="#x">Exercise 3 (Count them)</a></p>'

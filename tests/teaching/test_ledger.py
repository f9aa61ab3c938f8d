"""The ledger shows every claim once, under its name, with its home, and counts what came out."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from book.tools.chapters import ROOT, chapters
from convae.claims import CLAIMS, FAILS, HOLDS, SLIP, Finding
from convae.claims.finding import MARKS
from convae.teaching.ledger import count, entries, try_all

PAGE = (ROOT / "book/ledger.md").read_text(encoding="utf-8")
TITLES = {"robledo2021": "Robledo 2021", "utec2021": "UTEC 2021"}


class Anchors(HTMLParser):
    """The ids and the links of a page, and whether every element is closed."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.links, self.open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values["href"]] if "href" in values else []
        self.open += [] if tag == "br" else [tag]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def findings():
    """What became of every claim."""
    return try_all()


def finding(source, verdict):
    """Any finding of a source."""
    asked = {HOLDS: "1 < 2", FAILS: "2 < 1", SLIP: "the text has 3"}
    return Finding("a < b", verdict, {"a & b": "1 & 2"}, "a reason.", asked, source)


def test_each_claim_stands_once_under_its_name_with_a_link_to_its_home(findings):
    pages = [entries(findings, source) for source in dict.fromkeys(each.source for each in CLAIMS.values())]
    read = [Anchors(page._repr_html_()) for page in pages]
    assert [name for page in read for name in page.ids] == list(CLAIMS)
    assert all(page.open == [] for page in read)
    homes = {f"{path.stem}.html" for path in chapters()}
    for page in read:
        links = iter(page.links)
        for name, home, own in zip(page.ids, links, links, strict=True):
            assert (home, own) == (f"{CLAIMS[name].chapter}.html", f"#{name}")
            assert home in homes


def test_an_entry_shows_verdict_figures_reason_and_rule():
    name = "robledo_halving"
    shown = entries({name: finding("robledo2021", FAILS)}, "robledo2021")
    page = shown._repr_html_()
    for part in ("✗ A &lt; b. <strong>Does not hold:</strong> a reason.", "a &amp; b: 1 &amp; 2", CLAIMS[name].place):
        assert part in page
    assert "Rule: holds if 1 &lt; 2; does not hold if 2 &lt; 1; slip if the text has 3." in page
    assert repr(shown).startswith(f"{name} ({CLAIMS[name].place}; {CLAIMS[name].chapter})\nrobledo2021: a < b\n")


def test_a_claim_that_its_chapter_does_not_show_says_so(monkeypatch):
    name = "robledo_pixels"
    monkeypatch.setitem(CLAIMS, name, replace(CLAIMS[name], shown=False))
    hidden = entries({name: finding("robledo2021", HOLDS)}, "robledo2021")
    assert "Listed only here; it belongs to <a " in hidden._repr_html_()
    assert f"only here; of {CLAIMS[name].chapter}" in repr(hidden)


def test_verdicts_are_counted_by_source():
    found = {"a": finding("robledo2021", HOLDS), "b": finding("robledo2021", HOLDS), "c": finding("utec2021", SLIP)}
    table = count(found, TITLES)
    assert table.header == ["", *MARKS, "claims"]
    assert table.rows == [
        ["Robledo 2021", "2", "", "", "", "", "2"],
        ["UTEC 2021", "", "", "", "", "1", "1"],
        ["together", "2", "0", "0", "0", "1", "3"],
    ]
    with pytest.raises(ValueError, match=r"^no title for utec2021: name every source of these findings$"):
        count(found, {"robledo2021": "Robledo 2021"})


def test_a_source_that_the_book_does_not_have_is_refused(findings):
    with pytest.raises(ValueError, match=r"^no source is called 'robledo2012': did you mean robledo2021"):
        entries(findings, "robledo2012")


def test_the_page_explains_every_verdict_and_has_a_heading_for_every_source():
    for verdict, mark in MARKS.items():
        assert f"\n| {mark} {verdict} | " in PAGE
    shown = re.findall(
        r'\n## .+\n\n.+\n\n```\{code-cell\} ipython3\n:tags: \[remove-input\]\n\nentries\(findings, "(\w+)"\)', PAGE
    )
    assert shown == list(dict.fromkeys(each.source for each in CLAIMS.values()))
    titled = dict(re.findall(r'^    "(\w+)": "(.+)",$', PAGE, re.MULTILINE))
    assert list(titled) == shown
    for title in titled.values():
        assert f"\n## {title}\n" in PAGE

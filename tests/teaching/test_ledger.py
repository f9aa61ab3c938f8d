"""The ledger shows every claim once, under its name, with its home, and counts what came out."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from book.tools.chapters import ROOT, chapters
from convae.claims import CLAIMS, FAILS, HOLDS, SLIP, Finding
from convae.claims.finding import MARKS, MEANINGS, mark
from convae.teaching.ledger import Legend, Squares, Verdicts, count, entries, try_all

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
        self.open += [tag]

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
            there = f"#claim-{name}" if CLAIMS[name].shown else ""
            assert (home, own) == (f"{CLAIMS[name].chapter}.html{there}", f"#{name}")
            assert home.partition("#")[0] in homes


def test_an_entry_shows_verdict_figures_reason_and_the_rule_of_each_verdict():
    name = "robledo_halving"
    shown = entries({name: finding("robledo2021", FAILS)}, "robledo2021")
    page = shown._repr_html_()
    for part in (
        f'<summary><span class="convae-verdict">{mark(FAILS)}Does not hold.</span> A &lt; b.</summary>',
        "<p>A reason.</p>",
        "<tr><td>a &amp; b</td><td>1 &amp; 2</td></tr>",
        CLAIMS[name].place,
        f'data-verdict="does not hold" data-source="robledo2021" data-chapter="{CLAIMS[name].chapter}"',
    ):
        assert part in page
    for verdict, asked in {HOLDS: "1 &lt; 2", FAILS: "2 &lt; 1", SLIP: "the text has 3"}.items():
        assert f'<span class="convae-verdict">{mark(verdict)}{verdict}</span> if {asked}</li>' in page
    assert repr(shown).startswith(f"{name} ({CLAIMS[name].place}; {CLAIMS[name].chapter})\nrobledo2021: a < b\n")


def test_every_verdict_has_a_sign_of_its_own_and_a_meaning():
    assert len({mark(verdict) for verdict in MARKS}) == len(set(MARKS.values())) == len(MARKS) == 5
    assert list(MEANINGS) == list(MARKS)
    page = Legend()._repr_html_()
    for verdict, meaning in MEANINGS.items():
        assert f"{mark(verdict)}<span>{verdict}</span></span> {meaning}</li>" in page
        assert f"{MARKS[verdict]} {verdict}: {meaning}" in repr(Legend()).split("\n")


def test_squares_lead_to_every_entry_and_stand_by_source_and_verdict(findings):
    titles = {source: f"<{source}>" for source in dict.fromkeys(each.source for each in CLAIMS.values())}
    page = Anchors(Squares(findings, titles)._repr_html_())
    assert page.open == []
    assert sorted(page.links) == sorted(f"#{name}" for name in CLAIMS)
    led = [findings[link[1:]] for link in page.links]
    places = [(list(titles).index(each.source), list(MARKS).index(each.verdict)) for each in led]
    assert places == sorted(places)


def test_a_square_says_its_verdict_in_words_and_by_its_sign():
    found = {"a": finding("robledo2021", SLIP), "b": finding("robledo2021", SLIP), "c": finding("robledo2021", HOLDS)}
    squares = Squares(found, {"robledo2021": "Robledo & others"})
    page = squares._repr_html_()
    for name, verdict in {"a": SLIP, "c": HOLDS}.items():
        told = f"{verdict}: a &lt; b"
        assert f'href="#{name}" aria-label="{told}" title="{told}">{mark(verdict)}</a>' in page
    assert "Robledo &amp; others" in page
    assert "Of 3 claims 1 holds, 2 are slips." in page
    assert repr(squares) == "Robledo & others: 1 holds, 2 are slips"
    with pytest.raises(ValueError, match=r"^no title for robledo2021: name every source of these findings$"):
        Squares(found, {})


def test_a_claim_that_its_chapter_does_not_show_says_so(monkeypatch):
    name = "robledo_pixels"
    monkeypatch.setitem(CLAIMS, name, replace(CLAIMS[name], shown=False))
    hidden = entries({name: finding("robledo2021", HOLDS)}, "robledo2021")
    assert (
        f'Whole only here; it belongs to <a class="convae-page" href="{CLAIMS[name].chapter}.html">'
        in hidden._repr_html_()
    )
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
    assert "\n\nLegend()\n" in PAGE
    assert "\n\nSquares(findings, titles)\n" in PAGE
    shown = re.findall(
        r'\n## .+\n\n.+\n\n```\{code-cell\} ipython3\n:tags: \[remove-input\]\n\nentries\(findings, "(\w+)"\)', PAGE
    )
    assert shown == list(dict.fromkeys(each.source for each in CLAIMS.values()))
    titled = dict(re.findall(r'^    "(\w+)": "(.+)",$', PAGE, re.MULTILINE))
    assert list(titled) == shown
    for title in titled.values():
        assert f"\n## {title}\n" in PAGE


def test_a_chapter_counts_also_what_it_does_not_show(findings):
    verdicts = Verdicts.of("kernels")
    own = {name for name, claim in CLAIMS.items() if claim.chapter == "kernels"}
    assert verdicts.findings.keys() | verdicts.others.keys() == own
    assert all(CLAIMS[name].shown for name in verdicts.findings)
    assert not any(CLAIMS[name].shown for name in verdicts.others)
    page = Anchors(verdicts._repr_html_())
    assert page.links[:-1] == [f"#claim-{name}" for name in verdicts.findings]
    assert page.links[-1] == "ledger.html#chapter=kernels"
    slips = sum(findings[name].verdict == SLIP for name in verdicts.others)
    told = f"of {len(verdicts.others)} others: "
    assert told in repr(verdicts)
    assert (f"{slips} is a slip" if slips == 1 else f"{slips} are slips") in repr(verdicts).partition(told)[2]
    assert "others" not in Verdicts(verdicts.findings)._repr_html_()
    with pytest.raises(ValueError, match=r"^no claim has 'kernel' as its home: give the file's name, as in 'kernels'$"):
        Verdicts.of("kernel")


def test_sources_are_named_where_there_are_several(findings):
    assert "(Robledo 2021)</li>" in Verdicts.of("kernels")._repr_html_()
    one = {name: finding for name, finding in findings.items() if finding.source == "robledo2021"}
    assert "(Robledo 2021)</li>" not in Verdicts(one)._repr_html_()

"""In the built pages: every exercise is answered without a kernel, and claims and their ledger lead to each other."""

import re

import pytest

from book.tools.chapters import ROOT, chapters
from book.tools.myst import walk
from convae import exercises
from convae.claims import CLAIMS

HTML = ROOT / "_build/html/book"


def asked(page):
    """Those of a chapter's graders that the page asks, in its order."""
    blocks = [block for block in walk(page.read_text(encoding="utf-8").splitlines()) if block.name == "code-cell"]
    return [
        found[1]
        for block in blocks
        if "  # your answer" in "\n".join(block.body)
        for found in re.finditer(r"^exercises\.(\w+)\(", "\n".join(block.body), re.MULTILINE)
        if getattr(exercises, found[1])(...).in_page
    ]


EXERCISES = {f"book/{page.stem}.html": asked(page) for page in chapters()}
WITH = {name: graders for name, graders in EXERCISES.items() if graders}


def test_every_chapter_with_exercises_is_known():
    assert len(WITH) > 9
    assert sum(map(len, WITH.values())) > 20


@pytest.mark.parametrize("page_name", WITH)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_every_exercise_is_answered_in_the_page(visit, page_name, scheme):
    with visit(page_name, scheme, width=375) as (page, troubles):
        fields = page.locator(".convae-solve input")
        assert fields.count() == len(WITH[page_name])
        for field in fields.all():
            field.fill("1 +")
            field.press("Enter")
            told = field.locator("xpath=ancestor::form").get_by_role("status")
            assert told.inner_text().startswith("This cannot be read: behind “1 +” comes the end")
            field.fill("-1")
            field.press("Enter")
            assert told.inner_text().startswith("Not yet.")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        assert troubles == []


def test_scripts_of_exercises_and_of_the_ledger_come_where_they_are_needed():
    for page in HTML.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        ours = set(re.findall(r'src="[^"]*/(expression|answers|ledger)\.js', text))
        expected = {"expression", "answers"} if "data-exercise=" in text else set()
        assert ours == (expected | {"ledger"} if page.name == "ledger.html" else expected), page.name


def test_the_ledger_leads_to_each_claim_in_its_chapter_and_back(visit):
    with visit("book/ledger.html") as (page, troubles):
        entries = page.locator(".convae-entry").evaluate_all(
            "(all) => all.map((one) => [one.id, one.querySelector('.convae-page').getAttribute('href'), "
            "one.querySelector('.convae-page').textContent])"
        )
        assert [name for name, *_ in entries] == list(CLAIMS)
        assert page.locator(".convae-squares a").count() == len(CLAIMS)
        assert troubles == []
    for name, link, title in entries:
        chapter, _, anchor = link.partition("#")
        text = (HTML / chapter).read_text(encoding="utf-8")
        assert re.search(rf"<h1>{re.escape(title)}<a", text), name  # the page's own title
        assert anchor == (f"claim-{name}" if CLAIMS[name].shown else "")
        if anchor:
            assert text.count(f'id="{anchor}"') == 1, name
            assert f'href="ledger.html#{name}">In the ledger</a>' in text, name


def test_a_guess_in_a_chapter_is_counted_in_the_ledger(visit):
    with visit("book/two-layer.html") as (page, troubles):
        claim = page.locator(".convae-claim[data-claim]").first
        name, verdict = claim.get_attribute("data-claim"), claim.get_attribute("data-verdict")
        claim.get_by_role("button", name=verdict.replace("holds in part", "in part"), exact=True).click()
        claim.get_by_role("link", name="In the ledger").click()
        page.wait_for_url(f"**/ledger.html#{name}")
        told = page.locator(".convae-guessed")
        told.wait_for()
        assert told.inner_text().startswith("In this browser you have guessed 1 claim; 1 of them came out so.")
        assert page.locator(f"#{name}").get_attribute("open") is not None
        assert "as it came out" in page.locator(f"#{name} .convae-own").inner_text()
        assert troubles == []

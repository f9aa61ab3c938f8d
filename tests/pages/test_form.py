"""Pages that follow the form of the book (CONTRIBUTING) keep what can be counted of it."""

import re
from contextlib import contextmanager

import pytest
from views import FORM, seen

from benchmarks.pages import LIMITS, OPEN, PLAIN, WEIGHT, carried, measures, visited, weight

SMALL = """() => [...document.querySelectorAll(".bd-article .convae-figure svg text")].filter((text) => {
  const { a, b } = text.getScreenCTM(); // a turned text has its scale in both
  return text.checkVisibility() && Math.hypot(a, b) * parseFloat(getComputedStyle(text).fontSize) < 9.9;
}).map((text) => text.textContent).slice(0, 5)"""


@pytest.fixture(scope="module", params=FORM)
def first_visit(browser, request):
    """A page's name, the page, and what it asked for."""
    with visited(browser, request.param) as (page, asked):
        yield request.param, page, asked


def test_page_keeps_the_limits_of_the_form(first_visit):
    _, page, _ = first_visit
    found = measures(page)
    assert found["first figure"] is not None
    over = {name: found[name] for name, limit in LIMITS.items() if found[name] > limit}
    assert not over, found["which"]


def test_first_visit_is_light(first_visit):
    name, _, asked = first_visit
    assert 100 < weight(asked) <= WEIGHT
    assert weight(asked) - carried(name) <= PLAIN


@contextmanager
def unfolded(page):
    """For as long as one looks: others find the page as it was, in whatever order they come."""
    page.evaluate("globalThis.folded = [...document.querySelectorAll('details:not([open])')]")
    page.evaluate(OPEN)
    try:
        yield
    finally:
        page.evaluate("for (const one of globalThis.folded) one.open = false")


@contextmanager
def switched(page, theme):
    """By the page's own switch, for as long as one looks."""
    before = page.evaluate("document.documentElement.dataset.theme")
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    try:
        yield
    finally:
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", before)


def test_nothing_leaves_its_box_when_it_is_unfolded(first_visit):
    _, page, _ = first_visit
    with unfolded(page):
        assert measures(page)["out of their box"] == 0, measures(page)["which"]


@seen(FORM, "file, dark, 375 px")
def test_nothing_leaves_its_box_on_a_phone(view):
    page, _ = view
    assert measures(page)["out of their box"] == 0, measures(page)["which"]
    small = page.evaluate(SMALL)
    assert small == []


@seen(FORM, "light")
def test_figures_and_tables_are_numbered_in_order(view):
    page, _ = view
    called = page.locator(".convae-number-of").all_text_contents()
    for kind in ("Figure", "Table"):
        own = [int(text.split()[1].rstrip(".")) for text in called if text.startswith(kind)]
        assert own == list(range(1, len(own) + 1))
    for link in page.locator("a.convae-ref").all():
        assert re.fullmatch(r"(Figure|Table) \d+", link.text_content())
        assert page.locator(link.get_attribute("href")).count() == 1


def test_a_numbers_note_stays_on_the_page_of_a_phone(visit):
    with visit("book/two-layer.html", width=375) as (page, _):
        values = page.locator(".convae-value:visible")
        assert values.count() > 10
        for value in values.all()[:30]:
            value.focus()
            page.wait_for_timeout(60)
            left, right = value.evaluate(
                """(value) => {
                  const { left, width } = getComputedStyle(value, "::after"), from = value.getBoundingClientRect().left;
                  return [from + parseFloat(left), from + parseFloat(left) + parseFloat(width)];
                }"""
            )
            assert 0 <= left < right <= 375, value.text_content()


def test_a_claim_is_guessed_first_and_its_answer_unfolds(visit):
    with visit("book/two-layer.html") as (page, troubles):
        claims = page.locator(".convae-claim[data-claim]")
        assert claims.count() > 5
        assert page.locator(".convae-claim details[open]").count() == 0
        first = claims.first
        # What is to be guessed is read first; there is nothing to clear yet.
        assert first.evaluate("(claim) => claim.nextElementSibling.className") == "convae-all"
        clear = page.get_by_role("button", name="clear my guesses")
        assert clear.is_hidden()
        guess = first.get_by_role("button", name="does not hold")
        guess.focus()
        page.keyboard.press("Enter")
        assert guess.get_attribute("aria-pressed") == "true"
        assert first.locator("details").get_attribute("open") is not None
        right = first.get_attribute("data-verdict") == "does not hold"
        assert first.get_by_role("status").text_content() == ("as it came out" if right else "it came out otherwise")
        page.reload()
        assert page.locator(".convae-claim details[open]").count() == 1
        page.get_by_label("show all answers").check()
        assert page.locator(".convae-claim details[open]").count() == claims.count()
        page.get_by_label("show all answers").uncheck()
        clear.click()
        assert page.locator(".convae-claim details[open]").count() == 0
        assert clear.is_hidden()
        assert first.get_by_role("button").first.evaluate("(own) => own === document.activeElement")
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator(".convae-claim details[open]").count() == claims.count()
        assert troubles == []


def test_where_there_is_one_guess_only_nothing_shows_all_answers(visit):
    with visit("book/reconstruction-error-as-an-alarm.html") as (page, _):
        claims = page.locator(".convae-claim[data-claim]")
        assert claims.count() == 1
        assert page.get_by_label("show all answers").count() == 0
        assert page.locator(".convae-all").is_hidden()
        claims.get_by_role("button", name="in part").click()
        page.get_by_role("button", name="clear my guesses").click()
        assert page.locator(".convae-claim details[open]").count() == 0


def test_answers_are_open_without_scripts(browser, addresses):
    page = browser.new_page(java_script_enabled=False)
    page.goto(addresses["http"] + "book/two-layer.html")
    claims = page.locator(".convae-claim[data-claim]")
    assert page.locator(".convae-claim details[open]").count() == claims.count() > 5
    page.close()


def test_folds_closed_lose_no_words_to_those_who_open_them(visit):
    with visit("book/two-layer.html", width=1400) as (page, _):
        closed = measures(page)["words"]
        page.evaluate(OPEN)
        assert measures(page)["words"] > closed


FADES = "(one) => getComputedStyle(one.closest('details > .cell_output') ?? one).animationName"
BRIGHT = """() => [...document.querySelectorAll(".bd-article *")].filter((one) => {
  const [red, green, blue, full = 1] = getComputedStyle(one).backgroundColor.match(/[\\d.]+/g).map(Number);
  return full > 0.5 && Math.min(red, green, blue) > 180 && one.getBoundingClientRect().width > 200;
}).map((one) => `${one.tagName}.${one.className}`)"""


@seen(FORM, "light")
def test_the_dark_page_has_no_bright_frames(view):
    """Chosen by the page's own switch, on a system that is light."""
    page, _ = view
    with switched(page, "dark"):
        assert page.evaluate(BRIGHT) == []
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_on_paper_no_table_is_folded_away_or_cut_and_no_code_stands_open(visit):
    with visit("book/equal-terms.html", width=700) as (page, _):
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        tables = page.locator(".convae-table").all()
        assert len(tables) > 10
        for table in tables:
            assert table.is_visible()
            assert table.evaluate(FADES) == "none"  # what fades in is printed before it is there
            assert table.evaluate("(one) => one.querySelector('table').offsetWidth <= one.parentElement.clientWidth")
            assert table.evaluate("(one) => getComputedStyle(one).breakInside") == "avoid"
            breaks = "(all) => all.filter((one) => getComputedStyle(one).whiteSpace !== 'nowrap').length"
            assert table.locator("td.n").evaluate_all(breaks) == 0  # no line begins with ±
        assert not any(fold.is_visible() for fold in page.locator("details.hide summary").all())


def test_on_paper_no_claim_is_torn_and_the_list_of_sections_is_short(visit):
    with visit("book/two-layer.html", width=700) as (page, _):
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        claims = page.locator(".convae-claim")
        assert claims.count() > 5
        assert set(claims.evaluate_all("(all) => all.map((one) => getComputedStyle(one).breakInside)")) == {"avoid"}
        contents = page.locator("#jb-print-toc")
        assert contents.is_visible()
        assert contents.locator("li").count() > 5
        assert contents.bounding_box()["height"] < 160


def test_a_folded_table_is_as_wide_as_one_that_is_not(visit):
    with visit("book/equal-terms.html", width=1400) as (page, _):
        page.evaluate(OPEN)
        room = page.evaluate("document.querySelector('.convae-form').clientWidth")
        folded = page.locator("details.hide .convae-table").all()
        assert len(folded) > 10
        assert {table.evaluate("(one) => one.clientWidth") for table in folded} == {room}


def test_old_addresses_lead_to_the_pages_to_which_their_parts_have_moved(visit):
    with visit("book/kernels.html") as (page, _):
        moved = page.locator("a.convae-moved").evaluate_all("(all) => all.map(({ id, href }) => [id, href])")
        own = page.url.partition("#")[0]
        assert len(moved) > 3
        assert page.locator("h2#exercises, section#exercises").count() == 1  # what stays is no such link
        for anchor, target in moved:
            page.goto(f"{own}#{anchor}")
            page.wait_for_url(target)
            name = target.partition("#")[2]
            assert not name or page.locator(f"[id='{name}']").count() == 1


@pytest.mark.parametrize("scheme", ["file", "http"])
@pytest.mark.parametrize(
    ("anchor", "target"),
    [
        ("", "interpolating.html"),
        ("#straight-or-turning", "interpolating.html#straight-or-turning"),
        ("#what-it-costs", "generating.html#what-it-costs"),
        ("#price-of-a-cloud", "generating.html#price-of-a-cloud"),
        ("#claim-robledo_generative", "generating.html#claim-robledo_generative"),
        ("#latent_explorer=blend:0.25", "generating.html#latent_explorer=blend:0.25"),
    ],
)
def test_the_address_of_a_page_that_has_become_two_leads_on(browser, addresses, scheme, anchor, target):
    page = browser.new_page()
    page.goto(f"{addresses[scheme]}book/interpolating-and-generating.html{anchor}", wait_until="commit")
    page.wait_for_url(f"{addresses[scheme]}book/{target}")
    name = target.partition("#")[2]
    assert not name or "=" in name or page.locator(f"[id='{name}']").count() == 1
    page.close()


def test_drawings_that_loop_rest_while_they_are_out_of_sight(visit):
    running = "document.getAnimations().filter((one) => one.playState === 'running').length"
    with visit("book/convolution-arithmetic.html", width=1400) as (page, troubles):
        page.wait_for_function(f"{running} === 0")
        page.locator("#relationship-7").scroll_into_view_if_needed()
        page.wait_for_function(f"{running} >= 4")
        assert page.evaluate(running) < 4 * 15  # of those that are seen only
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_function(f"{running} === 0")
        assert troubles == []

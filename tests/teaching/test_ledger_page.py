"""The ledger in a browser: filter, arrow keys, guesses, links to entries; whole without scripts, and on paper."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from convae.claims import CLAIMS, FAILS, HOLDS, IN_PART, SLIP, UNDECIDED, Finding
from convae.teaching.ledger import Legend, Squares, entries

STATIC = Path(__file__).parents[2] / "book/static"
TITLES = {"robledo2021": "Robledo 2021", "utec2021": "Alarcón 2021"}
OF = {source: [name for name, claim in CLAIMS.items() if claim.source == source] for source in TITLES}
VERDICTS = dict(
    zip([*OF["robledo2021"][:30], *OF["utec2021"][:4]], [HOLDS, FAILS, SLIP, IN_PART, UNDECIDED] * 7, strict=False)
)
FOUND = {
    name: Finding(f"claim {name}", verdict, {"a": "1"}, "a reason", {verdict: "it is so"}, CLAIMS[name].source)
    for name, verdict in VERDICTS.items()
}
FIRST, SECOND, *_ = VERDICTS


@pytest.fixture
def ledger(browser, tmp_path):
    """The ledger as a file, its address ended as wished, with guesses kept before."""
    complaints, contexts = [], []
    parts = [Squares(FOUND, TITLES)._repr_html_(), Legend()._repr_html_()]
    parts += [
        f"<section><h2>{title}</h2>{entries(FOUND, source)._repr_html_()}</section>" for source, title in TITLES.items()
    ]
    scripts = "".join(f"<script>{(STATIC / name).read_text('utf-8')}</script>" for name in ("page.js", "ledger.js"))
    base = "* { box-sizing: border-box } :root { --pst-color-text-base: #222 }"
    css = f"{base} {(STATIC / 'book.css').read_text('utf-8')}"
    path = tmp_path / "ledger.html"
    page = f'<meta charset="utf-8"><style>{css}</style><main class="bd-article">{"".join(parts)}</main>{scripts}'
    path.write_text(f"<!doctype html>{page}", "utf-8")

    def ledger(end="", guesses=None, **settings):
        contexts.append(browser.new_context(**settings))
        if guesses is not None:
            kept = f"localStorage.setItem('convae-guesses', {json.dumps(json.dumps(guesses))})"
            contexts[-1].add_init_script(kept)
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri() + end)
        return page

    yield ledger
    for context in contexts:
        context.close()
    assert complaints == []


def shown(page):
    return page.locator(".convae-entry:visible").evaluate_all("(all) => all.map(({ id }) => id)")


def boxes(page):
    """The entries to which the squares lead that are seen."""
    return page.locator(".convae-squares a:visible").evaluate_all("(all) => all.map(({ hash }) => hash.slice(1))")


def choice(page, name):
    return page.get_by_role("combobox", name=name)


def test_the_filter_leaves_the_entries_and_squares_of_a_source_a_chapter_and_a_verdict(ledger):
    page = ledger()
    assert sorted(shown(page)) == sorted(boxes(page)) == sorted(FOUND)
    assert page.get_by_role("status").inner_text() == f"All {len(FOUND)} claims are shown."
    choice(page, "verdict").select_option(label=SLIP)
    slips = {name for name, verdict in VERDICTS.items() if verdict == SLIP}
    assert set(shown(page)) == set(boxes(page)) == slips
    choice(page, "source").select_option(label="Alarcón 2021")
    left = {name for name in slips if CLAIMS[name].source == "utec2021"}
    assert set(shown(page)) == set(boxes(page)) == left
    assert len(left) == 1
    assert page.get_by_role("status").inner_text() == f"1 of {len(FOUND)} claims is shown."
    assert page.locator("h2:visible").all_inner_texts() == ["Alarcón 2021"]
    assert page.get_by_role("link", name="to the first").get_attribute("href") == f"#{min(left)}"
    page.get_by_role("button", name="show all").click()
    assert len(shown(page)) == len(FOUND)
    assert not page.get_by_role("link", name="to the first").is_visible()
    chapter = CLAIMS[FIRST].chapter
    choice(page, "chapter").select_option(chapter)
    assert set(shown(page)) == {name for name in FOUND if CLAIMS[name].chapter == chapter}
    assert page.url.endswith(f"#chapter={chapter}")


def test_an_address_with_settings_sets_the_filter_and_nonsense_sets_none(ledger):
    page = ledger("#source=utec2021&verdict=does+not+hold")
    assert set(shown(page)) == {
        name for name, verdict in VERDICTS.items() if verdict == FAILS and name.startswith("utec")
    }
    assert choice(page, "source").input_value() == "utec2021"
    assert len(shown(ledger("#verdict=perhaps&x=%3Cb%3E"))) == len(FOUND)


def test_settings_that_no_claim_has_leave_none_and_say_so(ledger):
    assert UNDECIDED not in {verdict for name, verdict in VERDICTS.items() if name in OF["utec2021"]}
    page = ledger("#source=utec2021&verdict=not+decided")
    assert shown(page) == boxes(page) == []
    assert page.get_by_role("status").inner_text() == f"0 of {len(FOUND)} claims are shown."
    assert not page.get_by_role("link", name="to the first").is_visible()
    page.get_by_role("button", name="show all").press("Enter")
    assert len(boxes(page)) == len(FOUND)


def test_a_link_to_an_entry_unfolds_it_and_brings_it_back_if_it_is_filtered_away(ledger):
    page = ledger(f"#{SECOND}")
    assert page.locator(".convae-entry[open]").count() == 1
    assert page.locator(f"#{SECOND}").get_attribute("open") is not None
    assert page.locator(f"#{SECOND}").bounding_box()["y"] < 300
    choice(page, "verdict").select_option(VERDICTS[SECOND])
    assert FIRST not in shown(page)
    page.evaluate(f"location.hash = '{FIRST}'")
    page.wait_for_function(f"document.getElementById('{FIRST}').checkVisibility()")
    assert page.locator(f"#{FIRST}").get_attribute("open") is not None


def test_arrow_keys_go_from_square_to_square_and_tab_knows_one_of_them(ledger):
    page = ledger(viewport={"width": 500, "height": 800})
    assert page.locator(".convae-squares a[tabindex='0']").count() == 1
    assert page.get_by_role("grid", name="Claims").get_by_role("row").count() == 2
    assert page.get_by_role("gridcell").count() == len(FOUND)
    order = boxes(page)

    def at():
        return order.index(page.evaluate("document.activeElement.hash.slice(1)"))

    page.locator(".convae-squares a").first.focus()
    steps = {"ArrowRight": 1, "End": len(order) - 1, "ArrowLeft": len(order) - 2, "Home": 0}
    for key, reached in steps.items():
        page.keyboard.press(key)
        assert at() == reached, key
    top = page.evaluate("document.activeElement.getBoundingClientRect().top")
    page.keyboard.press("ArrowDown")
    # the line below, in the same row
    assert 20 < page.evaluate("document.activeElement.getBoundingClientRect().top") - top < 40
    page.keyboard.press("ArrowUp")
    assert at() == 0
    page.keyboard.press("ArrowUp")
    assert at() == 0
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.convae-squares')") is None
    page.keyboard.press("Shift+Tab")
    assert at() == 1
    page.keyboard.press("Enter")
    assert page.url.endswith(f"#{order[1]}")
    expect(page.locator(f"#{order[1]}")).to_have_attribute("open", "")


def test_guesses_made_in_chapters_are_counted_here_and_marked_by_two_shapes(ledger):
    page = ledger(guesses={FIRST: HOLDS, SECOND: HOLDS, "a_claim_of_another_book": HOLDS})
    assert (
        page.locator(".convae-guessed")
        .inner_text()
        .startswith("In this browser you have guessed 2 claims; 1 of them came out so.")
    )
    assert "Your guess: holds, as it came out." in page.locator(f"#{FIRST}").text_content()
    assert "Your guess: holds, it came out otherwise." in page.locator(f"#{SECOND}").text_content()
    assert page.locator(".convae-own").count() == 2
    dot = "(one) => ['content', 'backgroundColor'].map((name) => getComputedStyle(one, '::after')[name])"
    dots = [page.locator(f".convae-squares a[href='#{name}']").evaluate(dot) for name in (FIRST, SECOND)]
    assert [content for content, _ in dots] == ['""', '""']
    assert len({colour for _, colour in dots}) == 2
    assert (
        page.locator(f".convae-squares a[href='#{SECOND}']").get_attribute("aria-label").endswith("(your guess: holds)")
    )
    assert ledger().locator(".convae-guessed").inner_text().startswith("In this browser you have not guessed yet")


def test_what_was_kept_by_something_else_does_no_harm(ledger):
    for kept in ([1, 2], 5, True, "text"):
        page = ledger(f"#{SECOND}", guesses=kept)
        assert page.locator(".convae-guessed").inner_text().startswith("In this browser you have not guessed yet")
        assert page.locator(f"#{SECOND}").get_attribute("open") is not None


@pytest.mark.parametrize("end", ["#%", "#source=100%", "#%E0%A4%A"])
def test_an_address_that_is_none_does_no_harm(ledger, end):
    page = ledger(end)
    assert len(shown(page)) == len(FOUND)
    page.locator(f".convae-squares a[href='#{SECOND}']").click()
    expect(page.locator(f"#{SECOND}")).to_have_attribute("open", "")


def test_all_that_is_shown_is_unfolded_and_folded_at_once(ledger):
    page = ledger()
    unfolded = page.locator(".convae-entry[open]")
    assert unfolded.count() == 0
    choice(page, "source").select_option(label="Alarcón 2021")
    page.get_by_role("button", name="unfold all").click()
    assert unfolded.count() == len(shown(page)) == 4
    page.get_by_role("button", name="show all").click()
    page.locator(f"#{FIRST} summary").click()
    assert unfolded.count() == 5
    page.get_by_role("button", name="unfold all").press("Enter")
    assert unfolded.count() == len(FOUND)
    page.get_by_role("button", name="fold all").press("Enter")
    assert unfolded.count() == 0


def test_without_scripts_all_claims_are_a_list_with_links(ledger):
    page = ledger(java_script_enabled=False)
    assert page.locator(".convae-entry").count() == len(FOUND)
    assert page.locator(".convae-squares a").count() == len(FOUND)
    assert page.locator("select, button").count() == 0
    assert page.get_by_text("if it is so").first.is_visible()


def test_on_paper_everything_is_unfolded_and_nothing_is_there_to_press(ledger):
    page = ledger()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".convae-entry[open]").count() == len(FOUND)
    assert page.locator(".convae-rules li:visible").count() == len(FOUND)
    assert not page.locator(".convae-filter").is_visible()


@pytest.mark.parametrize("width", [320, 375])
def test_the_ledger_fits_a_phone(ledger, width):
    page = ledger(viewport={"width": width, "height": 700})
    page.locator("details").evaluate_all("(all) => all.forEach((one) => (one.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for one in page.locator(".convae-squares a, select").all():
        assert min(one.bounding_box()[side] for side in ("width", "height")) >= 24

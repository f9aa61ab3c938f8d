"""The box of an exercise in a page without a kernel: field, button, Enter, and what is said to whom."""

import pytest
from in_page import STATIC

from convae import exercises
from convae.exercises.grading import Exercise

SQUARE = Exercise.of(
    cases=[{"side": 2}, {"side": 3}],
    right=lambda side: side**2,
    slips={"That is <b>the way</b> around it.": lambda side: 4 * side},
    asked="a whole number",
)


@pytest.fixture
def shown(browser, tmp_path):
    """Shows exercises that nobody has answered, with the book's scripts and styles, from a file."""
    pages, complaints = [], []

    def shown(*graders, **settings):
        text = "".join(grade(...)._repr_html_() for grade in graders)
        scripts = "".join(
            f"<script>{(STATIC / name).read_text('utf-8')}</script>" for name in ("expression.js", "answers.js")
        )
        style = f"<style>:root {{ --pst-color-text-base: #222 }}{(STATIC / 'book.css').read_text('utf-8')}</style>"
        path = tmp_path / "page.html"
        path.write_text(
            f'<!doctype html><meta charset="utf-8">{style}<main class="bd-article">{text}</main>{scripts}', "utf-8"
        )
        pages.append(browser.new_page(**settings))
        pages[-1].on("pageerror", lambda error: complaints.append(str(error)))
        pages[-1].goto(path.as_uri())
        return pages[-1]

    yield shown
    for page in pages:
        page.close()
    assert complaints == []


def said(page):
    return page.get_by_role("status").inner_text()


def test_enter_and_the_button_check_what_stands_in_a_labelled_field(shown):
    page = shown(SQUARE.grade)
    field = page.get_by_label("Your answer: a whole number, from side")
    field.fill("side ** 2")
    assert said(page) == ""
    field.press("Enter")
    assert said(page) == "Right. All 2 cases agree."
    field.fill("side * 4")
    assert said(page) == ""  # what is said belongs to what stands there
    page.get_by_role("button", name="Check").click()
    assert said(page) == "Not yet. That is <b>the way</b> around it."
    assert page.url.endswith("page.html")  # nothing was sent
    field.fill("side + 2")
    field.press("Enter")
    assert said(page) == "Not yet. For side = 3 it gives 5, but should give 9. Try that case by hand."


def test_tab_leads_from_the_field_to_the_button_and_the_help(shown):
    page = shown(SQUARE.grade)
    page.get_by_role("textbox").focus()
    names = []
    for _ in range(2):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.textContent"))
    assert names == ["Check", "what can be written"]
    page.keyboard.press("Enter")
    assert page.get_by_text("An expression of Python").is_visible()
    for name in ("floor", "log2", "sum"):
        assert name in page.locator("details").inner_text()


def test_what_cannot_be_read_is_marked_in_the_field(shown):
    page = shown(SQUARE.grade)
    field = page.get_by_role("textbox")
    field.fill("side ^ 2")
    field.press("Enter")
    assert said(page) == "This cannot be read: “^” has no meaning here: a power is written **."
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == page.get_by_role("status").get_attribute("id")
    assert field.evaluate("(one) => [one.selectionStart, one.selectionEnd]") == [5, 6]
    field.press_sequentially("*")
    assert field.get_attribute("aria-invalid") is None
    field.fill("side / 0")
    field.press("Enter")
    assert said(page) == "Not yet. For side = 2 it stops: division by zero."


def test_each_box_of_a_page_is_by_itself(shown):
    page = shown(SQUARE.grade, exercises.pixels_seen, exercises.pooled_multiplications)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)")
    assert len(ids) == len(set(ids)) == 6
    second = page.get_by_label("four numbers with commas between them, from row and column")
    second.fill("9*row, 9*row + 8, 9*column, 9*column + 8")
    second.press("Enter")
    assert page.get_by_role("status").all_inner_texts() == ["", "Right. All 9 cases agree.", ""]


def test_a_kernel_is_asked_for_as_rows_of_numbers(shown):
    page = shown(exercises.cross_filter)
    page.get_by_label("Your answer: three rows of three numbers").fill("[[1, -1, 1], [-1, 1, -1], [1, -1, 1]]")
    page.keyboard.press("Enter")
    assert said(page) == "Right. The X gets 5; none of the other 511 patches gets as much."


def test_every_answer_is_told_by_words_and_by_another_line(shown):
    page, lines = shown(SQUARE.grade), {}
    for text in ("side * side", "side", "side)"):
        page.get_by_role("textbox").fill(text)
        page.get_by_role("textbox").press("Enter")
        lines[said(page).partition(" ")[0]] = page.get_by_role("status").evaluate(
            "(one) => getComputedStyle(one).borderLeftStyle"
        )
    assert len(lines) == len(set(lines.values())) == 3


@pytest.mark.parametrize("width", [320, 375])
def test_the_box_fits_a_phone(shown, width):
    page = shown(SQUARE.grade, exercises.same_pixel, viewport={"width": width, "height": 700})
    page.get_by_role("textbox").first.fill("side" + " + side" * 30)
    page.get_by_role("textbox").first.press("Enter")
    page.locator("details").evaluate_all("(all) => all.forEach((one) => (one.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(one.bounding_box()["height"] >= 24 for one in page.locator("input, button, summary").all())


def test_without_scripts_the_box_says_how_it_is_done_in_the_notebook(shown):
    page = shown(SQUARE.grade, java_script_enabled=False)
    assert page.get_by_text("In the notebook of this page: write your answer in the function above").is_visible()
    assert page.locator("input, button").count() == 0


def test_on_paper_the_field_is_a_line_and_nothing_is_there_to_press(shown):
    page = shown(SQUARE.grade)
    page.emulate_media(media="print")
    assert not page.locator("button").is_visible()
    assert not page.locator("details").is_visible()
    field = page.get_by_role("textbox")
    assert field.is_visible()
    widths = field.evaluate(
        "(one) => ['Top', 'Right', 'Bottom', 'Left'].map((side) => getComputedStyle(one)[`border${side}Width`])"
    )
    assert widths == ["0px", "0px", "1px", "0px"]


def test_a_long_answer_does_not_hold_up_the_page(shown):
    page = shown(SQUARE.grade)
    page.get_by_role("textbox").fill("sum(1 for a in range(10 ** 5) for b in range(10 ** 5))")
    page.get_by_role("textbox").press("Enter")
    assert (
        said(page) == "Not yet. For side = 2 it stops: that takes too many steps for this page; try it in the notebook."
    )

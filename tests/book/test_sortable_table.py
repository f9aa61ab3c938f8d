"""A table that is sorted in the page, by the book's own script."""

from pathlib import Path

import pytest

from convae.teaching.tables import Table

SCRIPT = Path(__file__).parents[2] / "book/static/page.js"
ROWS = [
    ["PCA", "16", "0.0152"],
    ["a net", "2", "0.041"],
    ["mean", "–", "0.0673"],
    ["half", "4", "0.06"],
    ["another net", "128", "0.0008"],
]


@pytest.fixture
def page(browser, tmp_path):
    table = Table(["method", "numbers", "MSE"], ROWS, sortable=True)
    path = tmp_path / "table.html"
    path.write_text(f"<!doctype html><body>{table._repr_html_()}<script>{SCRIPT.read_text('utf-8')}</script>", "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    yield page
    page.close()


def column(page, number):
    return [text.strip() for text in page.locator(f"tbody td:nth-child({number})").all_inner_texts()]


def test_a_press_sorts_and_another_turns_it(page):
    assert column(page, 1) == [row[0] for row in ROWS]
    button = page.get_by_role("button", name="MSE")
    button.click()
    assert column(page, 1) == ["another net", "PCA", "a net", "half", "mean"]
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    button.press("Enter")
    assert column(page, 1) == ["mean", "half", "a net", "PCA", "another net"]
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"


def test_numbers_are_sorted_as_numbers_and_words_as_words(page):
    page.get_by_role("button", name="numbers").click()
    assert column(page, 2) == ["2", "4", "16", "128", "–"]  # what is no number stands last
    page.get_by_role("button", name="method").click()
    assert column(page, 1) == sorted(row[0] for row in ROWS)
    assert page.locator("th[aria-sort]").count() == 1

"""What several test files share: a browser, and widgets on a page of their own."""

import pytest
from playwright.sync_api import expect
from widget_page import widget_page

from book.tools.browser import found, opened

expect.set_options(timeout=20_000)  # what is there is found at once; a busy machine may draw it late


@pytest.fixture(scope="session")
def browser():
    """The browser that `make browser` found; nothing is installed here."""
    try:
        settings = found()
    except FileNotFoundError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    with opened(settings) as browser:
        yield browser


@pytest.fixture
def open_page(browser, tmp_path):
    """Shows widgets on a page of their own; whatever the page complains about fails the test."""
    contexts, complaints = [], []

    def open_page(*widgets, theme="light", link="", **context):
        contexts.append(browser.new_context(**{"viewport": {"width": 900, "height": 900}} | context))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
        path = tmp_path / "widgets.html"
        path.write_text(widget_page(*widgets, theme=theme), "utf-8")
        page.goto(path.as_uri() + link)
        expect(page.locator(".convae")).to_have_count(len(widgets))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []

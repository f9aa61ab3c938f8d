"""A picture of each built page's top, for whoever is sent its address: python -m book.tools.previews, after make book.

They are committed, since a machine that builds the book need not have a browser.
"""

from playwright.sync_api import Browser

from book.tools.browser import found, opened
from book.tools.chapters import ROOT, pages
from convae.files import write_whole

HTML, PREVIEWS = ROOT / "_build/html/book", ROOT / "book/static/previews"
SIZE = {"width": 1200, "height": 630}  # what services that show previews ask for
ALONE = ".bd-sidebar-primary, .bd-header-article, .bd-sidebar-secondary, .prev-next-footer { display: none !important }"


def draw(browser: Browser, chapter: str) -> bytes:
    """The first screen of a page without what stands around its text, as PNG."""
    page = browser.new_page(viewport=SIZE, reduced_motion="reduce")  # nothing is caught while it moves
    page.goto((HTML / f"{chapter}.html").as_uri())
    page.add_style_tag(content=ALONE)
    page.wait_for_timeout(1500)  # widgets draw themselves
    picture = page.screenshot()
    page.close()
    return picture


def main() -> None:
    with opened(found()) as browser:
        for page in (each for each in pages() if each.parent == ROOT / "book"):  # rooms of the API have none
            write_whole(PREVIEWS / f"{page.stem}.png", draw(browser, page.stem))


if __name__ == "__main__":
    main()

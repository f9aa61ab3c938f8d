"""The build's scripts and styles in fewer letters."""

import gzip
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from widget_page import LOADER, widget_page

from book.tools.browser import NODE
from book.tools.smaller import STATE, STYLES, minify, smaller, smaller_page
from convae.experiments.runs import load_run
from convae.widgets import Convolution, NineBlocks, Pooling, Stack, lesson
from convae.widgets.kit import FOLDER, Widget

# What kit.js does with the text of the library, to have it in a worker.
LIBRARY = """
export const pair = (value) => (Array.isArray(value) ? value : [value, value]);
// a comment
const own = 2;
export function doubled(number) {
  const result = own * number; /* another */
  return `${result} {export}`;
}
"""


def printed(script: str) -> str:
    command = [NODE, "--input-type=module", "-e", script]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def shorter(small: str, text: str) -> bool:
    """Where there is no minifier, on a Mac with Apple's processor, all stays as it is."""
    return 0 < len(small) < len(text) if minify else small == text


def test_scripts_do_the_same_in_fewer_letters() -> None:
    small = smaller(LIBRARY)
    assert shorter(small, LIBRARY)
    assert ("comment" in small) == (minify is None)
    use = "\nconsole.log(JSON.stringify([pair(1), doubled(2)]));"
    assert printed(small + use) == printed(LIBRARY + use) == '[[1,1],"4 {export}"]\n'
    alone = re.sub(r"(^|[;}])export (?=\w)", r"\1", small, flags=re.MULTILINE)
    assert printed(f"(() => {{{alone}{use}}})();") == printed(LIBRARY + use)


def imported(script: str) -> list[tuple[str, str]]:
    """Each name that a script imports, and the file that it comes from."""
    found = re.findall(r'^import \{ ([^}]*) \} from "\./([\w.]+)";', script, re.MULTILINE)
    return [(word, file) for words, file in found for word in words.split(", ")]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.[jc]s*")), ids=lambda path: path.name)
def test_every_script_and_style_of_the_widgets_can_be_made_smaller(path: Path) -> None:
    """What the minifier cannot read stops the build of the book, minutes later."""
    text = path.read_text("utf-8")
    if path.suffix == ".js":
        small = smaller(text)
        assert re.findall(r"\bexport (?:default|const|function|class|async)", small) != [] or "export" not in text
    else:
        small = smaller(text, STYLES)
    assert shorter(small, text)


def test_every_name_that_a_script_imports_is_there() -> None:
    """In a page it would be undefined, and the widget dead."""
    for path in FOLDER.glob("*.js"):
        for word, file in imported(path.read_text("utf-8")):
            kinds = rf"^export (?:const|let|class|(?:async )?function\*?) {word}\b"
            source = (FOLDER / file).read_text("utf-8")
            assert re.search(kinds, source, re.MULTILINE), f"{path.name} imports {word} from {file}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.js")), ids=lambda path: path.name)
def test_every_name_that_a_script_imports_is_used(path: Path) -> None:
    script = path.read_text("utf-8")
    own = re.sub(r"^import .*|/\*[\s\S]*?\*/|(?:^|\s)//.*", "", script, flags=re.MULTILINE)
    used = re.findall(r"(?<![^.]\.)\b\w+", own)  # root.shown is another name, ...shown is not
    assert {word for word, _ in imported(script)} - set(used) == set()


def test_a_page_keeps_all_but_its_widgets_code() -> None:
    widget = NineBlocks(load_run("robledo-two-layer").model(), digit="3")
    page = f"<p>before</p>\n{widget_page(Convolution(), widget)}\n<p>after</p>"
    small = smaller_page(page)
    stored, kept = (json.loads(STATE.search(text)[2]) for text in (page, small))
    assert STATE.sub("", page) == STATE.sub("", small)
    assert stored["state"].keys() == kept["state"].keys()
    code = 0
    for name, model in stored["state"].items():
        for key, value in model["state"].items():
            own = kept["state"][name]["state"][key]
            if key in ("_esm", "source", "styles") and value:
                code += 1
                assert shorter(own, value)
            else:
                assert own == value, key
        assert {**model, "state": {}} == {**kept["state"][name], "state": {}}
    assert code >= 5
    assert smaller_page("<p>no widget</p>") == "<p>no widget</p>"


def test_no_text_of_a_widget_ends_its_script() -> None:
    state = {"state": {"a": {"state": {"label": "</script><!--"}}}}
    script = json.dumps(state).replace("</", "<\\/")
    page = f'<script type="application/vnd.jupyter.widget-state+json">{script}</script>'
    found = STATE.search(smaller_page(page))
    assert "<" not in found[2]
    assert json.loads(found[2]) == state


def test_code_of_the_page_that_trains_is_small() -> None:
    """All widgets of *The 2,481-parameter autoencoder*, and what comes when somebody wants to see one learn."""
    widget = NineBlocks(load_run("robledo-two-layer").model())
    code = [LOADER.read_text("utf-8"), widget.library.source, widget._esm]
    styles = [widget.library.styles, widget.styles]
    first = "".join([*map(smaller, code), *(smaller(text, STYLES) for text in styles)])
    further_down = smaller(Stack._esm) + smaller(Stack().styles, STYLES)
    sizes = [len(gzip.compress(text.encode())) for text in (first, smaller(lesson.SCRIPTS["lesson"]()), further_down)]
    assert sum(sizes[:2]) <= (40_000 if minify else 53_000), sizes
    assert sizes[2] <= 10_000


# --- code that comes when it is needed --------------------------------------------------------------------------------

SECTION = '<h2>Section</h2><p style="height: 4000px">Text</p>'
STILL = "<style>.convae-still"  # begins each widget


@pytest.fixture
def sections(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page that holds one widget on its first screen, and each other in a section far down."""
    contexts: list[BrowserContext] = []

    def opened(*widgets: Widget, link: str = "", missing: bool = False, **context: Any) -> Page:
        top, first, *others = widget_page(*widgets).split(STILL)
        page = STILL.join([top, first]) + SECTION + "".join(SECTION + STILL + other for other in others)
        later: dict[str, str] = {}
        (tmp_path / "page.html").write_text(smaller_page(page, later), "utf-8")
        for name, script in later.items():
            if not missing:
                (tmp_path / name).write_text(script, "utf-8")
        contexts.append(browser.new_context(**{"viewport": {"width": 900, "height": 900}} | context))
        shown = contexts[-1].new_page()
        shown.goto((tmp_path / "page.html").as_uri() + link)
        return shown

    yield opened
    for context in contexts:
        context.close()


def scripts(page: Page) -> list[str]:
    """What the page has fetched besides itself."""
    return page.evaluate("[...document.head.querySelectorAll('script[src]')].map(({ src }) => src.split('/').at(-1))")


def test_code_of_what_stands_far_down_comes_when_it_is_near(sections: Callable[..., Page]) -> None:
    page = sections(Convolution(), Stack(), Convolution(stride=2))
    alive = page.locator(".convae")
    expect(alive).to_have_count(2)  # the third is of the first one's kind
    expect(page.locator(".convae-still:visible")).to_have_count(1)  # also on paper
    page.wait_for_timeout(300)
    assert scripts(page) == []
    page.locator(".convae-still:visible").scroll_into_view_if_needed()
    expect(alive).to_have_count(3)
    expect(alive.nth(1)).to_contain_text("Sees")
    expect(page.locator(".convae-still")).to_have_count(0)
    (script,) = scripts(page)
    assert re.fullmatch(r"convae-stack-[0-9a-f]{8}\.js", script)


def test_code_comes_with_a_link_to_the_widget(sections: Callable[..., Page]) -> None:
    link = Pooling.address(kernel=4)
    for page in (sections(Convolution(), Pooling(), link=link), sections(Convolution(), Pooling())):
        if "#" not in page.url:
            page.evaluate("(link) => (location.hash = link)", link)
        expect(page.locator(".convae").nth(1).get_by_role("spinbutton", name="Kernel", exact=True)).to_have_value("4")
        expect(page.locator(".convae").nth(1)).to_be_in_viewport()


def test_who_reads_below_what_arrives_stays_there(sections: Callable[..., Page]) -> None:
    page = sections(Convolution(), Stack(), Pooling())
    heading = page.locator("h2").nth(2)
    heading.evaluate("(own) => own.scrollIntoView()")
    expect(page.locator(".convae")).to_have_count(2)  # the second stands just above
    page.wait_for_timeout(300)
    assert heading.evaluate("(own) => own.getBoundingClientRect().top") == pytest.approx(
        0, abs=20
    )  # a margin; the figure has hundreds


def test_code_comes_before_the_page_is_printed_and_names_are_in_order(sections: Callable[..., Page]) -> None:
    page = sections(Convolution(), Stack(), Stack(channels=3))
    expect(page.locator(".convae")).to_have_count(1)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".convae")).to_have_count(3)
    for at, name in ((1, "stack"), (2, "stack-2")):
        copy = page.locator(".convae").nth(at).get_by_role("link", name="Copy link", include_hidden=True)
        assert str(copy.get_attribute("href")).startswith(f"#{name}=")
    assert len(scripts(page)) == 1


def test_where_code_is_missing_or_no_script_runs_the_still_picture_is_there(sections: Callable[..., Page]) -> None:
    page = sections(Convolution(), Stack(), missing=True)
    page.locator(".convae-still:visible").scroll_into_view_if_needed()
    expect(page.get_by_role("alert").last).to_contain_text("could not be started (its code could not be loaded)")
    expect(page.locator(".convae-still")).to_be_visible()
    page = sections(Convolution(), Stack(), java_script_enabled=False)
    expect(page.locator(".convae-still:visible")).to_have_count(2)


def test_a_short_page_keeps_all_its_code() -> None:
    later: dict[str, str] = {}
    page = widget_page(Convolution(), Stack())
    assert smaller_page(page, later) == smaller_page(page)
    assert later == {}

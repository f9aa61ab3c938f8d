"""`make browsers`: what its probe sees on pages that were spoiled on purpose, here in the tests' own browser."""

import pytest

from book.tools import browsers

PAGES = {
    "sound": '<div class="convae" aria-label="A counter"><button onclick="this.textContent += 1">0</button></div>',
    "thrown": '<div class="convae"><button onclick="missing()">press</button><p></p></div>',
    "rejected": "<script>Promise.reject(Error('too late'))</script>",
    "complained": "<script>console.error('no', 'good')</script>",
    "absent": '<img src="nowhere.png">',
    "dead": '<div class="convae" aria-label="A stone"><input type="range" max="3"><button>press</button></div>',
    "folded": '<details><summary>more</summary><div class="wide" style="width:700px">x</div></details>',
    "undrawn": '<script type="application/vnd.jupyter.widget-view+json">{}</script>',
}
SEEN = {
    "sound": {},
    "thrown": {1200: "not defined", 375: "not defined"},
    "rejected": {1200: "not caught: too late", 375: "not caught: too late"},
    "complained": {1200: "error: no good", 375: "error: no good"},
    "absent": {1200: "not loaded: ", 375: "not loaded: "},
    "dead": {1200: "not alive: A stone", 375: "not alive: A stone"},
    "folded": {375: "overflow: with all folds open 7"},
    "undrawn": {1200: "widget 1 was not drawn", 375: "widget 1 was not drawn"},
}


@pytest.fixture
def book(tmp_path):
    """A built book of such pages."""

    def make(pages):
        (tmp_path / "book").mkdir()
        (tmp_path / "index.html").write_text("<html><head></head></html>")
        for name, body in pages.items():
            text = f"<!doctype html><html><head><title>{name}</title></head><body>{body}</body></html>"
            (tmp_path / f"book/{name}.html").write_text(text)
        return tmp_path

    return make


def test_each_page_is_seen_in_each_width_with_what_is_wrong_with_it_alone(book, browser, monkeypatch):
    monkeypatch.setattr(browsers, "PROBE", browsers.PROBE.replace("tries < 200", "tries < 2"))
    page = browser.new_page()
    found = list(browsers.reports(book(PAGES), page.goto))
    page.close()
    assert {(each["page"], each["width"]) for each in found} == {
        (f"book/{name}.html", width) for name in PAGES for width in browsers.WIDTHS
    }
    for report in found:
        name = report["page"].removeprefix("book/").removesuffix(".html")
        wanted = SEEN[name].get(report["width"])
        assert bool(report["troubles"]) == (wanted is not None), report
        assert wanted is None or any(wanted in trouble for trouble in report["troubles"]), report
    stone = next(each for each in found if each["page"] == "book/dead.html")
    assert stone["tried"] == {"widgets": 1, "buttons": 1, "sliders": 1}


def test_the_book_that_is_tried_stays_as_it_was(book, browser):
    page, html = browser.new_page(), book({"sound": PAGES["sound"]})
    before = {path: path.read_bytes() for path in html.rglob("*.html")}
    list(browsers.reports(html, page.goto))
    page.close()
    assert {path: path.read_bytes() for path in html.rglob("*.html")} == before


def test_a_page_that_hangs_does_not_stop_the_others(book, browser, monkeypatch):
    monkeypatch.setattr(browsers, "PATIENCE", 2)
    page = browser.new_page()
    pages = {"hangs": '<img src="x.png">' + PAGES["sound"], "last": PAGES["sound"]}
    monkeypatch.setattr(
        browsers,
        "PROBE",
        browsers.PROBE.replace("await fetch(", 'if ("{page}".includes("hangs")) return; await fetch('),
    )
    found = [(each["page"], each["troubles"]) for each in browsers.reports(book(pages), page.goto)]
    page.close()
    silent = ("book/hangs.html", ["silent: nothing within 2000 ms"])
    assert found == [silent, silent, ("book/last.html", []), ("book/last.html", [])]


def test_a_browser_that_opens_nothing_is_told(book, monkeypatch):
    monkeypatch.setattr(browsers, "PATIENCE", 0.1)
    with pytest.raises(TimeoutError, match=r"^nothing was told within 0\.2 s: does this browser open pages\?$"):
        list(browsers.reports(book({"sound": ""}), lambda address: None))


def test_what_went_wrong_is_printed_and_counts(capsys):
    tried = {"widgets": 1, "buttons": 2, "sliders": 3}
    report = {"page": "book/a.html", "width": 375, "agent": "Some/1", "troubles": ["error: no"], "tried": tried}
    assert browsers.tell("Some", iter([report])) == 1
    assert capsys.readouterr().out.splitlines() == [
        "== Some: Some/1",
        "book/a.html at 375 px: error: no",
        "Some: 1 pages at 2 widths, 1 widgets, 2 buttons, 3 sliders; 1 troubles",
    ]
    assert browsers.tell("Some", iter([report | {"troubles": []}])) == 0


def test_without_a_browser_it_says_what_to_install(monkeypatch, tmp_path, capsys):
    (tmp_path / "index.html").touch()
    monkeypatch.setattr(browsers, "HTML", tmp_path)
    monkeypatch.setattr(browsers, "engines", lambda wanted: {})
    assert browsers.main() == 1
    assert "BROWSERS=" in capsys.readouterr().out
    monkeypatch.setattr(browsers, "HTML", tmp_path / "nowhere")
    assert browsers.main() == 1
    assert "make book" in capsys.readouterr().out


def test_a_command_is_taken_as_it_is_given():
    assert browsers.engines("open -a 'My Browser'") == {"open -a 'My Browser'": ["open", "-a", "My Browser"]}

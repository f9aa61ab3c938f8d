"""What the widgets of the built book cost (limits: 4 ms of script an interaction, 1 s to be usable, 40 kB of code).

The book has to be built first: make book.
"""

import gzip
import json
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page

from book.tools.browser import found, opened
from book.tools.chapters import ROOT, pages
from book.tools.smaller import STATE
from convae.teaching.tables import Table

HTML = ROOT / "_build/html"
LOADER = HTML / "_static/anywidget-static.js"
CODE = ("_esm", "_css", "source", "styles")
VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]'

ALL = "dispatchEvent(new Event('convae-all'))"  # also what would come when somebody reads on
# Every number goes up and down by one, or by a tenth of its range, and in every grid the mouse passes over two cells.
# Script is what runs until nothing waits to be redrawn; the browser's own layout and painting come on top. Gives
# [what, milliseconds] of each.
INTERACT = """async ([section, repeats]) => {
  const ways = [];
  for (const box of section.querySelectorAll("input[type=number]:not(:disabled)")) {
    const first = Number(box.value), low = Number(box.min), high = Number(box.max);
    const step = box.step === "any" ? (high - low) / 10 : 1, second = first + (first + step <= high ? step : -step);
    const name = box.getAttribute("aria-label") ?? section.querySelector(`label[for=${box.id}]`).textContent;
    if (box.checkVisibility()) ways.push([name, (k) => {
      box.value = k % 2 ? first : second;
      box.dispatchEvent(new Event("input"));
    }]);
  }
  for (const grid of section.querySelectorAll("[role=grid]")) {
    const cells = grid.querySelectorAll("[role=gridcell]"), area = grid.getBoundingClientRect();
    if (cells.length && grid.checkVisibility()) ways.push(["mouse over " + grid.getAttribute("aria-label"), (k) => {
      const place = { clientX: area.x + area.width * (k % 2 ? 0.3 : 0.7), clientY: area.y + area.height / 2 };
      const event = { pointerType: "mouse", bubbles: true, ...place }, cell = cells[k % 2 && cells.length - 1];
      for (const type of ["pointerover", "pointermove"]) cell.dispatchEvent(new PointerEvent(type, event));
    }]);
  }
  const times = [];
  for (const [name, act] of ways)
    for (let k = 0; k < repeats; k++) {
      const began = performance.now();
      act(k);
      await null; // redrawing waits for the end of the event
      times.push([name, performance.now() - began]);
      await new Promise((later) => requestAnimationFrame(() => setTimeout(later)));
    }
  return times;
}"""
REST = 3000  # milliseconds: while the theme still sets the page, everything takes three times as long
# When the page's last widget was there.
WATCH = """new MutationObserver(() => {
  if (document.querySelectorAll(".convae-foot").length !== window.standing) {
    window.standing = document.querySelectorAll(".convae-foot").length;
    window.stood = performance.now();
  }
}).observe(document, { childList: true, subtree: true });"""
USABLE = "() => (window.stood - performance.getEntriesByType('navigation')[0].domInteractive) / 1000"


def widget_texts(page: Path) -> tuple[bytes, bytes]:
    """All code of a built page's widgets, gzipped, and what else their state holds, as it stands in the page.

    Empty where the page has no widget of ours.
    """
    found = STATE.search(page.read_text(encoding="utf-8"))
    models = list(json.loads(found[2])["state"].values()) if found else []
    code = dict.fromkeys(text for model in models for key, text in model["state"].items() if key in CODE)
    if not code:
        return b"", b""
    for model in models:
        model["state"] = {key: value for key, value in model["state"].items() if key not in CODE}
    packed = gzip.compress("".join([LOADER.read_text(encoding="utf-8"), *code]).encode(), mtime=0)
    return packed, json.dumps(models, ensure_ascii=False).encode()


def interactions(page: Page, repeats: int) -> dict[str, list[float]]:
    """Milliseconds of script, by interaction, of all widgets on an open page."""
    found: dict[str, list[float]] = {}
    for section in page.locator(".convae").element_handles():
        for name, time in page.evaluate(INTERACT, [section, repeats]):
            found.setdefault(name, []).append(time)
    return found


def seconds_until_usable(browser: Browser, address: str) -> float:
    """From the end of a page's HTML until its last widget stands there."""
    page = browser.new_page()
    page.add_init_script(WATCH)
    page.goto(address)
    page.evaluate(ALL)
    page.wait_for_function("views => window.standing === views", arg=page.locator(VIEW).count())
    seconds: float = page.evaluate(USABLE)
    page.close()
    return seconds


def measured(browser: Browser, repeats: int = 40, loads: int = 5, rest: int = REST) -> Table:
    """A row a page; where its times matter to nobody, it needs no rest before them."""
    rows = []
    for path in (HTML / page.relative_to(ROOT).with_suffix(".html") for page in pages()):
        code, data = widget_texts(path)
        if not code:
            continue
        ready = [seconds_until_usable(browser, path.as_uri()) for _ in range(loads)]
        page = browser.new_page()
        page.goto(path.as_uri())
        page.evaluate(ALL)
        page.wait_for_function(f"document.querySelectorAll('.convae-foot').length === {page.locator(VIEW).count()}")
        page.wait_for_timeout(rest)
        found = interactions(page, repeats) or {"none": [0.0]}  # a strip has a button alone
        name, script = max(found.items(), key=lambda one: median(one[1]))
        page.close()
        rows.append(
            [
                path.stem,
                f"{median(script):.1f} ms ({max(script):.1f})",
                name,
                f"{median(ready):.2f} s ({max(ready):.2f})",
                f"{len(code) / 1000:.1f} kB",
                f"{len(data) / 1000:.1f} kB",
            ]
        )
    header = ["page", "script, median (most)", "of the slowest interaction", "usable, median (most)", "code", "data"]
    return Table(header, rows)


def measure() -> Table:
    """Of every built page that has a widget.

    Raises:
        FileNotFoundError: the book is not built, or `make browser` found no browser yet.
    """
    if not (HTML / "index.html").is_file():
        raise FileNotFoundError(f"{HTML} holds no book: run `make book`")
    with opened(found()) as browser:
        return measured(browser)


if __name__ == "__main__":
    print(measure())

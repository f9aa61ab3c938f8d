"""What a reader of each built page meets: its height, its figures, its words, its weight, and what does not fit.

The book has to be built first: make book. The limits that a page of the book's form keeps (CONTRIBUTING) are LIMITS.
"""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from book.tools.browser import found, opened
from book.tools.chapters import ROOT, pages
from book.tools.smaller import STATE
from convae.claims.finding import NAMES
from convae.teaching.tables import Table

HTML = ROOT / "_build/html"
WINDOW = {"width": 1400, "height": 1000}
# Of a page that follows the form, at 1400×1000 with its folds closed: pixels, words, counts, kilobytes.
LIMITS = {
    "height": 18_000,
    "first figure": 700,
    "longest stretch": 2_500,
    "words": 4_500,
    "code that scrolls": 0,
    "raw keys": 0,
    "out of their box": 0,
}
WEIGHT = 650  # kB gzip of a first visit
PLAIN = 400  # of which without the nets and pictures that widgets hold
SETTLED = """async () => {
  dispatchEvent(new Event("convae-all"));
  const views = [...document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')];
  for (let k = 0; k < 100 && !views.every((view) => view.nextElementSibling?.textContent); k++)
    await new Promise((later) => setTimeout(later, 100));
  await new Promise((later) => setTimeout(later, 300));
}"""
MEASURE = r"""(keys) => {
  const article = document.querySelector("article.bd-article") ?? document.querySelector(".bd-article");
  const seen = (one) => one.checkVisibility({ checkVisibilityCSS: true }) && one.getClientRects().length;
  const box = (one) => one.getBoundingClientRect(), top = box(article).top + scrollY;
  const FIGURES = "svg[role=img], img, .convae, .convae-cards, .convae-verdicts, canvas";
  const figures = [...article.querySelectorAll(FIGURES)].filter((one) => seen(one) && box(one).height > 40);
  const spans = figures.map((one) => [box(one).top + scrollY, box(one).bottom + scrollY]).sort((a, b) => a[0] - b[0]);
  const end = box(article).bottom + scrollY;
  let reached = top, longest = 0;
  for (const [from, to] of [...spans, [end, end]]) {
    longest = Math.max(longest, from - reached);
    reached = Math.max(reached, to);
  }
  const skipped = "pre, code, table, details:not([open]), .convae, script, style, figure, .math, nav, noscript";
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT), words = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (!parentElement.closest(skipped) && seen(parentElement)) words.push(...(data.match(/\S*\w\S*/g) ?? []));
  }
  const wider = (one) => one.scrollWidth > one.clientWidth + 1;
  const scrolls = [...article.querySelectorAll("pre")].filter((one) => seen(one) && wider(one));
  const shown = document.createTreeWalker(article, NodeFilter.SHOW_TEXT), raw = [];
  while (shown.nextNode()) {
    const { data, parentElement } = shown.currentNode;
    if (!parentElement.closest("pre, code, script, style") && seen(parentElement))
      raw.push(...keys.filter((key) => data.includes(key)));
  }
  const BOXES = ".convae, .convae-claim, .convae-table, figure, .convae-cards, fieldset";
  const style = (one) => getComputedStyle(one);
  const leaves = (one) => {
    const outer = one.parentElement.closest(BOXES), inner = box(one);
    if (!outer || !seen(one) || one.closest("svg *, [hidden], math") || inner.width <= 1) return false;
    for (let two = one; two !== outer; two = two.parentElement)
      if (style(two).position === "absolute" || (two !== one && style(two).overflowX !== "visible")) return false;
    const { left, right } = box(outer);
    return style(outer).overflowX === "visible" && (inner.right > right + 1.5 || inner.left < left - 1.5);
  };
  const all = BOXES.split(", ").map((kind) => `${kind} *`).join(", ");
  const out = [...new Set(article.querySelectorAll(all))].filter(leaves);
  return {
    height: Math.round(document.documentElement.scrollHeight),
    "first figure": spans.length ? Math.round(spans[0][0]) : null,
    "longest stretch": Math.round(longest),
    words: words.length,
    "code that scrolls": scrolls.length,
    "raw keys": raw.length,
    "out of their box": out.length,
    which: {
      scrolls: scrolls.map((one) => one.textContent.slice(0, 60)),
      raw,
      out: out.slice(0, 5).map((one) => one.outerHTML.slice(0, 120)),
    },
  };
}"""
OPEN = "() => document.querySelectorAll('.bd-article details').forEach((fold) => (fold.open = true))"


def measures(page: Page) -> dict[str, object]:
    """Of a page that is open and has settled, as it stands: see LIMITS for what they are."""
    result: dict[str, object] = page.evaluate(MEASURE, list(NAMES))
    return result


@contextmanager
def visited(browser: Browser, name: str) -> Iterator[tuple[Page, set[str]]]:
    """A first visit: the page, open and settled, and the addresses that it has asked for.

    What comes by itself after the page has settled counts.
    """
    page, asked = browser.new_page(viewport=WINDOW), set()
    page.on("request", lambda request: asked.add(request.url.partition("?")[0].partition("#")[0]))
    page.goto((HTML / name).as_uri())
    page.evaluate(SETTLED)
    yield page, asked
    page.close()


def weight(asked: set[str]) -> float:
    """Kilobytes (gzip) of these files of the built book; photographs and pictures of cards do not count."""
    total = 0
    for url in asked:
        path = Path(url.removeprefix("file://"))
        if not url.startswith("file://") or not path.is_file() or path.suffix in (".png", ".jpg", ".webp"):
            continue
        content = path.read_bytes()
        total += len(content) if path.suffix in (".woff2", ".woff") else len(gzip.compress(content, mtime=0))
    return total / 1000


def carried(name: str) -> float:
    """Kilobytes of the nets and pictures that a page's widgets hold; gzip takes from base64 what that adds."""
    states = STATE.findall((HTML / name).read_text("utf-8"))
    models = [model for _, state, _ in states for model in json.loads(state)["state"].values()]
    return sum(len(each["data"]) for model in models for each in model.get("buffers", [])) * 3 / 4 / 1000


def measure() -> Table:
    """A row a page: with folds closed; where two numbers stand, the second is with folds open."""
    rows = []
    with opened(found()) as browser:
        for source in pages():
            name = source.relative_to(ROOT).with_suffix(".html").as_posix()
            with visited(browser, name) as (page, asked):
                kilobytes = weight(asked)
                closed = measures(page)
                page.evaluate(OPEN)
                page.wait_for_timeout(200)
                unfolded = measures(page)
            rows.append(
                [
                    source.stem,
                    *(
                        f"{closed[key]} / {unfolded[key]}" if key in ("height", "words") else str(closed[key])
                        for key in LIMITS
                    ),
                    f"{kilobytes:.0f} kB",
                ]
            )
            if any(closed["which"].values()):  # type: ignore[attr-defined]
                print(source.stem, json.dumps(closed["which"], ensure_ascii=False))
    return Table(["page", *LIMITS, "first visit, gzip"], rows)


if __name__ == "__main__":
    print(measure())

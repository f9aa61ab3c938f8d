"""Every built page in a browser: light and dark, over http and from the file, wide and narrow."""

import re

from views import EACH, ROOMS, VIEWS, seen

from book.tools.chapters import ROOT, pages
from book.tools.myst import walk

# What is wrong with a page by itself, as a list of sentences.
FAULTS = r"""() => {
  const faults = [], name = (element) => element.outerHTML.slice(0, 120);
  const shown = (text) => !text.parentElement.closest("pre, code, script, style, textarea, math, noscript");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  while (walker.nextNode()) if (shown(walker.currentNode)) texts.push(walker.currentNode.data);
  for (const raw of texts.join("\n").match(/\\[([]|\$\$|\{[a-z][\w:.-]*\}/g) ?? []) faults.push(`raw text: ${raw}`);
  for (const formula of document.querySelectorAll(".math"))
    if (!formula.querySelector("math")?.textContent.trim()) faults.push(`not rendered: ${name(formula)}`);
  for (const wrong of document.querySelectorAll("merror")) faults.push(`wrong formula: ${wrong.textContent}`);
  for (const { src } of document.scripts) if (/mathjax|katex/i.test(src)) faults.push(`renders formulas: ${src}`);
  for (const image of document.images)
    if (!image.alt.trim() && image.ariaHidden !== "true") faults.push(`no alt: ${name(image)}`);
  for (const image of document.images) if (!image.naturalWidth) faults.push(`not loaded: ${name(image)}`);
  for (const figure of document.querySelectorAll("svg[role=img]:not([aria-hidden=true], [aria-labelledby])"))
    if (!figure.getAttribute("aria-label")?.trim()) faults.push(`no aria-label: ${name(figure)}`);
  for (const icon of document.querySelectorAll("[class*=' fa-']"))
    if (getComputedStyle(icon, "::before").maskImage === "none") faults.push(`not drawn: ${name(icon)}`);
  const seen = new Set();
  for (const { id } of document.querySelectorAll("[id]")) {
    if (seen.has(id)) faults.push(`this id stands twice: ${id}`);
    seen.add(id);
  }
  for (const alert of document.querySelectorAll("[role=alert]"))
    if (alert.textContent.trim()) faults.push(`alert: ${alert.textContent}`);
  return faults;
}"""
# What is wider than the window, with the innermost element first; what scrolls inside itself is not.
WIDE = r"""() => {
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const scrolls = (one) => one && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
  const wide = [...document.querySelectorAll("body *")].filter(
    (one) => one.getBoundingClientRect().right > clientWidth + 1 && !scrolls(one.parentElement));
  return [`${scrollWidth} px`, ...wide.reverse().slice(0, 3).map((one) => one.outerHTML.slice(0, 120))];
}"""


def built_page(page):
    return ROOT / "_build/html" / page.relative_to(ROOT).with_suffix(".html")


def test_every_page_is_built():
    missing = [page.name for page in pages() if not built_page(page).is_file()]
    assert not missing, f"run `make book`: {', '.join(missing)} have no page"


@seen(EACH, *VIEWS)
def test_page_is_sound(view, request):
    page, troubles = view
    _, how = request.node.callspec.params["view"]
    assert page.evaluate("document.documentElement.dataset.theme") == VIEWS[how].get("theme", "light")
    faults = [*troubles, *page.evaluate(FAULTS)]
    assert not faults, "\n".join(faults)


@seen(EACH, "file, 320 px")
def test_page_fits_a_narrow_window(view):
    page, _ = view
    assert page.evaluate(WIDE) == []


@seen(EACH, "file, 320 px", "file, dark, 375 px")
def test_what_leads_to_other_pages_is_whole_in_a_narrow_window(view):
    page, _ = view
    ends = page.locator(".prev-next-area i").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().right)"
    )
    assert all(0 < end <= page.viewport_size["width"] for end in ends)


@seen(EACH, "light")
def test_every_table_has_words_above_it(view):
    page, _ = view
    written = page.locator(".convae-table caption").all_text_contents()
    assert [text for text in written if len(re.sub(r"^Table \d+\.", "", text).split()) < 3] == []


@seen([f"book/{name}.html" for name in ("before-you-start", "data-sets", "how-tested")], "light")
def test_code_that_stands_open_fits_its_box(view):
    """Pages of the form are held to it by test_form."""
    page, _ = view
    wide = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"
    assert page.locator(".cell_input pre:visible").evaluate_all(wide) == []


@seen(ROOMS[1:], "file, 320 px")
def test_page_of_the_package_is_sound_in_a_narrow_window(view):
    page, troubles = view
    faults = [*troubles, *page.evaluate(FAULTS), *page.evaluate(WIDE)]
    assert not faults, "\n".join(faults)


def test_names_in_docstrings_are_links():
    """A type, a name of the same module, and one of another room."""
    html = built_page(ROOT / "book/api/measures.md").read_text(encoding="utf-8")
    for address in (
        "tensors.html#convae.tensors.Images",
        "#convae.measures.metrics.psnr",
        "training.html#convae.training.loop.fit",
    ):
        assert f'<a class="reference internal" href="{address}"' in html, address


def test_pages_say_which_sample_they_show():
    for page in pages():
        cells = [block for block in walk(page.read_text(encoding="utf-8").splitlines()) if block.name == "code-cell"]
        lines = [line for cell in cells for line in cell.body]
        named = sum(line.startswith("name_sample(") for line in lines)
        assert built_page(page).read_text(encoding="utf-8").count('class="convae-sample"') == named, page.name


def test_the_search_finds(visit):
    with visit("search.html?q=autoencoder") as (page, troubles):
        page.wait_for_selector("#search-results li a")
        assert troubles == []


BAD = r"""<p>\(x\) {glue:text}`mse` <code>{fine}</code></p><span class="math">x</span>
<math><merror>y</merror></math><script src="data:,mathjax"></script>
<img src="data:,"><b id="a"></b>
<i id="a"></i>
<svg role="img"></svg><i class="fas fa-unknown"></i><div role="alert">Oh</div><div style="width: 2000px">wide</div>"""
ACTIONS = """() => {
  console.warn("a warning");
  setTimeout(() => { throw Error("an exception"); });
  fetch("missing.html");
  fetch("http://192.0.2.1/").catch(() => {});
  return new Promise((later) => setTimeout(later, 500));
}"""


def test_these_tests_see_what_is_wrong(visit):
    with visit("search.html") as (page, troubles):
        page.evaluate(ACTIONS)
        seen = "\n".join(troubles)
        for expected in ("a warning", "not caught: an exception", "404: ", "leaves the host: http://192.0.2.1/"):
            assert expected in seen
        page.set_content(BAD)
        kinds = [fault.partition(":")[0] for fault in page.evaluate(FAULTS)]
        assert kinds == [
            *["raw text"] * 2,
            "not rendered",
            "wrong formula",
            "renders formulas",
            "no alt",
            "not loaded",
            "no aria-label",
            "not drawn",
            "this id stands twice",
            "alert",
        ]
        assert "wide" in page.evaluate(WIDE)[1]

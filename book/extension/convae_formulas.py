"""Formulas are MathML that the build writes, and a font of just their characters: no page needs a script for them."""

from __future__ import annotations

import base64
import functools
import html
import io
import re
import unicodedata
import zlib
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

from fontTools import subset
from math_core import LatexError, LatexToMathML
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number
from sphinx.util.nodes import nodes

FONT = ("ziamath", "ziamath/fonts/STIXTwoMath-Regular.ttf")  # a package that has it, and its file
STYLE = "formulas.css"
NUMBERED = re.compile(r"\\begin\{(align|alignat|eqnarray|equation|flalign|gather|multline)\}")
# What the converter would show as it stands, or leave out without a word.
SILENT = {
    re.compile(r"\\\\\s*\["): "a new line takes no length here: write \\\\ alone",
    re.compile(r"(?<!\\)%"): "% hides what stands behind it: write \\%",
}
CLASSES = "math notranslate nohighlight"
# A variable of one letter is drawn by another character: x is shown as 𝑥.
ITALIC = {
    chr(int(unicodedata.decomposition(italic).split()[-1], 16)): italic
    for italic in map(chr, (0x210E, *range(0x1D434, 0x1D468), *range(0x1D6A4, 0x1D71C)))
    if unicodedata.decomposition(italic)
}
_ACCENT = '<mo stretchy="false">'
# What stays with the formula before it, and with the one behind it, at the end of a line.
CLOSES, OPENS = re.compile(r"[,.;:!?)\]’”]+"), re.compile(r"[(\[“‘]+$")
_converter = LatexToMathML(fancy_error=False)


class FormulaError(SphinxError):
    category = "Formula"


@functools.cache
def mathml(latex: str, display: bool = False) -> str:
    """A formula as `<math>…</math>`; a ValueError if not all of it is known."""
    if numbered := NUMBERED.search(latex):
        name = numbered[1]
        raise ValueError(f"{name} counts by itself: write aligned, or a label behind $$…$$ for a number")
    for found, remedy in SILENT.items():
        if place := found.search(latex):
            raise ValueError(f"at character {place.start()}: {remedy}")
    try:
        shown = _converter.convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        raise ValueError(f"at character {error}") from error
    # The combining arrow stands left of its letter in Chromium, and into an exponent; this one is made smaller.
    shown = shown.replace(f"{_ACCENT}\u20d7</mo>", f'{_ACCENT[:-1]} class="convae-vector">→</mo>')
    # in Chromium a bracket of a given size with an exponent has that size only in a row of its own
    return re.sub(r"<(msup|msub|msubsup)>(<mo [^>]*minsize=[^>]*>[^<]*</mo>)", r"<\1><mrow>\2</mrow>", shown)


def _written(translator: Any, node: nodes.Element, latex: str, display: bool) -> str:
    try:
        return mathml(latex, display)
    except ValueError as error:
        # an inline formula has no line of its own
        line = node.line or next((one.line for one in _above(node) if one.line), "?")
        page = translator.docnames[0] or "the title of a page"  # written for others, it does not know of which
        raise FormulaError(f"{page}, line {line}: {latex!r}: {error}") from error


def _above(node: nodes.Element) -> Any:
    while node := node.parent:
        yield node


def _inline(translator: Any, node: nodes.math) -> NoReturn:
    shown = _written(translator, node, node.astext(), display=False)
    translator.body.append(f"{translator.starttag(node, 'span', '', CLASS=CLASSES)}{shown}</span>")
    raise nodes.SkipNode


def _display(translator: Any, node: nodes.math_block) -> NoReturn:
    latex = node.astext().strip()
    if r"\\" in latex and not node["nowrap"]:  # several lines, perhaps with & where they are aligned
        latex = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    body = translator.body
    body.append(translator.starttag(node, "div", CLASS=CLASSES))
    if node["number"]:
        body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        body.append("</span>")
    # what is wider than the column scrolls in this box, and its number stays
    body.append(f'<div class="convae-formula">{_written(translator, node, latex, display=True)}</div></div>\n')
    raise nodes.SkipNode


def _hold(app: Any, doctree: nodes.document, docname: str) -> None:
    """A formula and the signs beside it stay on one line: before a comma behind it a browser would break."""
    for formula in list(doctree.findall(nodes.math)):
        parent, place = formula.parent, formula.parent.index(formula)
        held: list[nodes.Node] = [formula]
        before = parent[place - 1] if place else None
        behind = parent[place + 1] if place + 1 < len(parent) else None
        if isinstance(before, nodes.Text) and (found := OPENS.search(before)):
            parent[place - 1] = nodes.Text(before[: found.start()])
            held.insert(0, nodes.Text(found[0]))
        if isinstance(behind, nodes.Text) and (found := CLOSES.match(behind)):
            parent[place + 1] = nodes.Text(behind[found.end() :])
            held.append(nodes.Text(found[0]))
        if len(held) > 1:
            parent[place] = nodes.inline("", "", *held, classes=["convae-together"])


def characters(page: str) -> set[str]:
    """What the formulas of a page ask of a font."""
    used: set[str] = set()
    for formula in re.findall(r"<math\b.*?</math>", page, re.DOTALL):
        if re.search("<m(sqrt|root)", formula):
            used.add("√")
        used |= {ITALIC.get(html.unescape(name), "") for name in re.findall("<mi>([^<]+)</mi>", formula)}
        used |= set(html.unescape(re.sub("<[^>]*>", "", formula)))
    return used - {"", "\ufe00"}  # which only says how the letter before it is drawn


def font(used: set[str]) -> bytes:
    """STIX Two Math with these characters, in the sizes to which brackets, sums and roots grow, as WOFF."""
    options = subset.Options(layout_features=[], hinting=False, flavor="woff", glyph_names=False)
    options.name_IDs = [0, 1, 2, 5, 7, 13, 14]  # its authors and its licence among them
    options.drop_tables += ["GDEF", "GPOS", "GSUB", "gasp"]
    whole = subset.load_font(metadata.distribution(FONT[0]).locate_file(FONT[1]), options)
    # The prime of x′ is always set as an exponent: there is a drawing for that, which not all browsers take.
    names = whole.getBestCmap()
    primes = {code: f"{names[code]}.ssty" for code in (0x2032, 0x2033, 0x2034)}
    for table in whole["cmap"].tables:
        table.cmap.update(primes)
    part = subset.Subsetter(options)
    part.populate(unicodes=map(ord, used))
    part.subset(whole)
    file = io.BytesIO()
    subset.save_font(whole, file, options)
    whole.close()
    return file.getvalue()


def _write_style(app: Any, exception: Exception | None) -> None:
    """The font stands in the style sheet: from a file's address some browsers load no font, and nothing jumps.

    Sphinx has written pages with the checksum of the sheet of the build before, by which a browser keeps it.
    """
    if exception or app.builder.format != "html":
        return
    pages = {page: page.read_text(encoding="utf-8") for page in Path(app.outdir).rglob("*.html")}
    content = font(set().union(*map(characters, pages.values())))
    part = base64.b64encode(content).decode()
    checked = f"{STYLE}?v={zlib.crc32(content):08x}"
    for page, text in pages.items():
        if (now := re.sub(rf"\b{re.escape(STYLE)}(\?v=\w+)?(?=\")", checked, text)) != text:
            page.write_text(now, encoding="utf-8")
    (Path(app.outdir) / "_static" / STYLE).write_text(
        "/* A part of STIX Two Math, copyright 2001-2020 The STIX Fonts Project Authors, SIL Open Font License 1.1,"
        " see OFL.txt */\n"
        f'@font-face {{ font-family: "STIX Two Math"; src: url("data:font/woff;base64,{part}") format("woff"); }}\n',
        encoding="utf-8",
    )


def setup(app: Any) -> dict[str, Any]:
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    app.connect("doctree-resolved", _hold)
    app.connect("build-finished", _write_style)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

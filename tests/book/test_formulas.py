"""The formulas of the book are MathML before a page is opened, in a font of just their characters."""

from __future__ import annotations

import html
import io
import json
import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from fontTools.ttLib import TTFont
from latex2mathml.converter import convert

from book.tools.chapters import ROOT, pages
from book.tools.myst import walk

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

DISPLAYED = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
INLINE = re.compile(r"(?<![\\$])\$(?![\s$])([^$]+?)(?<!\s)\$(?!\d)")
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)


@pytest.fixture
def formulas(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "book/extension")
    import convae_formulas

    return convae_formulas


def written(page: Path) -> set[tuple[str, bool]]:
    """The formulas of a page's prose, each with whether it stands on a line of its own."""
    found = set()
    for block in walk(page.read_text(encoding="utf-8").splitlines()):
        if block.name != "code-cell" and (block.name or not block.marks):
            text = CODE.sub("", "\n".join(block.body))
            found |= {(latex.strip(), True) for latex in DISPLAYED.findall(text)}
            found |= {(latex, False) for latex in INLINE.findall(DISPLAYED.sub("", text))}
    return found


# Where one converter takes the sign and the other a likeness of it.
ALIKE = str.maketrans("˜∼ˆ⋅⃗", "~~^·→", "\u2061\u2063")


def text_of(mathml: str) -> str:
    return "".join(html.unescape(re.sub("<[^>]*>", "", mathml)).translate(ALIKE).split()).replace("...", "…")


def structure_of(mathml: str) -> Counter[str]:
    beside = mathml.replace("<munder", "<msub").replace("<msubover", "<msubsup")  # where a limit goes is its style's
    return Counter(re.findall("<(mfrac|msqrt|msub|msup|msubsup|mover|mtable|mtr|mtd)[ >]", beside))


def test_another_converter_reads_the_formulas_of_the_book_alike(formulas: ModuleType) -> None:
    found = sorted(set().union(*map(written, pages())))
    assert len(found) > 150
    assert {(r"\tilde x", False), (r"P = K^2\, C\, N + N", True)} <= set(found)
    for latex, display in found:
        own, other = formulas.mathml(latex, display), convert(latex, display="block" if display else "inline")
        assert text_of(own) == text_of(other), latex
        assert structure_of(own) == structure_of(other), latex
        assert "merror" not in own


def test_a_formula_is_this_mathml(formulas: ModuleType) -> None:
    assert formulas.mathml(r"\frac{x_1'}{2}") == (
        "<math><mfrac><msubsup><mi>x</mi><mn>1</mn><mo>′</mo></msubsup><mn>2</mn></mfrac></math>"
    )
    assert formulas.mathml(r"\vec{x}") == (
        '<math><mover accent="true"><mi>x</mi><mo stretchy="false" class="convae-vector">→</mo></mover></math>'
    )
    assert formulas.mathml("x < y", display=True) == ('<math display="block"><mi>x</mi><mo>&lt;</mo><mi>y</mi></math>')


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"x + \unknown y", r'at character 4: Unknown command "\unknown"'),
        (r"\frac{1", "reached end of input"),
        ("a & b", "may only appear in a table-like environment"),
        (r"\begin{align} a &= b \end{align}", "align counts by itself: write aligned"),
        (r"a \\[4pt] b", "at character 2: a new line takes no length here"),
        ("50% of x", "at character 2: % hides what stands behind it"),
    ],
)
def test_what_is_not_known_is_refused(formulas: ModuleType, latex: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.sub(r"\\(?!\*)", r"\\\\", said)):
        formulas.mathml(latex)


def built(folder: Path, **texts: str) -> subprocess.CompletedProcess[str]:
    """Pages of these names and texts, built with what the book's pages are read and written by; nothing is run."""
    (folder / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'book/extension')!r})\n"
        "extensions = ['myst_nb', 'convae_formulas']\n"
        "html_math_renderer = 'mathml'\nhtml_theme = 'basic'\nhtml_css_files = ['formulas.css']\n"
        "nb_execution_mode = 'off'\nmyst_enable_extensions = ['dollarmath', 'amsmath']\nroot_doc = 'page'\n"
    )
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", folder, folder / "html"]
    return subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8")


PAGE = r"""# About $\hat\theta$

One $x^2$, and by {eq}`second` another.

$$ a = b $$ (first)

$$ c = \sqrt{d} $$ (second)

$$
e &= f \\
&= g
$$

\begin{gather*} h \\ i \end{gather*}

| table of $t$ |
|---|
| $\begin{pmatrix} 1 & 2 \end{pmatrix}$ |

```{admonition} Title with $u$
$$ f(x) = \begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases} $$
```
"""


def test_formulas_wherever_they_stand(formulas: ModuleType, tmp_path: Path) -> None:
    result = built(tmp_path, page_md=PAGE)
    assert (result.returncode, result.stderr) == (0, "")
    page = (tmp_path / "html/page.html").read_text(encoding="utf-8")
    shown = [text_of(formula) for formula in re.findall("<math.*?</math>", page, re.DOTALL)]
    once = ["x2", "a=b", "c=d", "e=f=g", "hi", "t", "(12)", "u", "f(x)={xifx>00otherwise"]
    assert [text for text in shown if text != "θ^"] == once
    assert shown.count("θ^") >= 1
    assert re.findall(r'<span class="eqno">\((\d)\)<a class="headerlink" href="#equation-(\w+)"', page) == [
        ("1", "first"),
        ("2", "second"),
    ]
    assert re.findall(r'<a class="reference internal" href="#equation-second">(.*?)</a>', page) == ["(2)"]
    assert not re.search(r"\$\$|\\[([]|<script[^>]*mathjax", page)


def test_signs_beside_a_formula_stay_with_it(tmp_path: Path) -> None:
    """A browser would begin the next line with a comma, or end one with an open bracket."""
    page_md = "# Page\n\nOf $a$, ($b$), *$c$*. And ($d$ or $e$) -- $f$ g: “$h$”?\n"
    assert built(tmp_path, page_md=page_md).returncode == 0
    page = (tmp_path / "html/page.html").read_text(encoding="utf-8")
    held = re.findall(r'<span class="convae-together">(.*?</math></span>[^<]*)</span>', page)
    assert [re.sub("<[^>]*>", "", each) for each in held] == ["a,", "(b),", "(d", "e)", "“h”?"]
    [said] = re.findall("<p>(Of.*?)</p>", page)
    assert re.sub("<[^>]*>", "", said) == "Of a, (b), c. And (d or e) – f g: “h”?"


def test_formulas_that_cells_show(tmp_path: Path) -> None:
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/latex": [r"$\displaystyle \frac{p}{q}$"]}},
    ]
    cell = {"cell_type": "code", "id": "b", "execution_count": 1, "metadata": {}, "source": ["1"], "outputs": outputs}
    title = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Page"]}
    book = {
        "cells": [title, cell],
        "metadata": {"language_info": {"name": "python", "pygments_lexer": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    result = built(tmp_path, page_ipynb=json.dumps(book))
    assert (result.returncode, result.stderr) == (0, "")
    page = (tmp_path / "html/page.html").read_text(encoding="utf-8")
    assert [structure_of(formula) for formula in re.findall("<math.*?</math>", page)] == [{"mfrac": 1}]


def test_an_unknown_formula_fails_the_build_and_is_named(tmp_path: Path) -> None:
    result = built(tmp_path, page_md="# Page\n\nGood $x$.\n\nA line\nwith $y + \\unknown$.\n")
    assert result.returncode != 0
    assert re.search(r"page, line [56]: '?y \+ \\+unknown'?: at character 4: Unknown command", result.stderr)


def test_an_unknown_formula_in_a_title_is_named_as_that(tmp_path: Path) -> None:
    result = built(tmp_path, page_md="# About $\\unknown$\n\nText.\n")
    assert result.returncode != 0
    assert re.search(r"title of a page, line 1: '?\\+unknown'?: at character 0: Unknown command", result.stderr)


def test_a_page_asks_for_the_font_of_its_own_build(tmp_path: Path) -> None:
    """What Sphinx writes into the address is of the sheet of the build before: a browser would keep the old font."""
    addresses = []
    for formula in ("$x$", r"$\beta$", r"$\beta$"):
        assert built(tmp_path, page_md=f"# Page\n\n{formula}\n").returncode == 0
        page = (tmp_path / "html/page.html").read_text(encoding="utf-8")
        addresses += re.findall(r"formulas\.css\?v=\w+", page)
    assert len(addresses) == 3
    assert addresses[0] != addresses[1] == addresses[2]


def test_what_says_how_a_letter_is_drawn_is_no_letter(formulas: ModuleType) -> None:
    used = formulas.characters(formulas.mathml(r"\mathcal{L}"))
    assert {chr(code) for code in TTFont(io.BytesIO(formulas.font(used))).getBestCmap()} == used


def test_the_font_has_the_characters_and_no_others(formulas: ModuleType) -> None:
    page = formulas.mathml(r"\left( \sqrt{x'} \right)") + "<p>z</p>" + formulas.mathml(r"\hat{h} < \log n")
    used = formulas.characters(page)
    assert used >= set("(√)′𝑥ℎ𝑛<log")
    assert not used & set("zp&;")
    font = TTFont(io.BytesIO(formulas.font(used)))
    has = {chr(code) for code in font.getBestCmap()}
    assert has - {">"} == used  # a sign brings its mirror image
    bracket, prime = font.getBestCmap()[ord("(")], font.getBestCmap()[ord("′")]
    variants = font["MATH"].table.MathVariants
    taller = dict(zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True))[bracket]
    assert len(taller.MathGlyphVariantRecord) > 3
    assert font["glyf"][prime].yMin < 100 < 400 < font["glyf"][prime].yMax  # as high as a letter: an exponent raises it
    assert "SIL Open Font License" in font["name"].getDebugName(13)
    assert "STIX Fonts Project Authors" in font["name"].getDebugName(0)


def test_a_letter_alone_is_italic_and_a_name_upright(formulas: ModuleType) -> None:
    assert {name: formulas.ITALIC[name] for name in "Axhα∂"} == {"A": "𝐴", "x": "𝑥", "h": "ℎ", "α": "𝛼", "∂": "𝜕"}
    assert formulas.characters(formulas.mathml(r"\Sigma")) == {"Σ"}

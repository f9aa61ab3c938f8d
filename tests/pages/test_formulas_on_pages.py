"""Formulas as the built pages have them: their numbers, what leads to them, their font, and long ones on a phone."""

import base64
import io
import re

from fontTools.ttLib import TTFont

from book.tools.chapters import ROOT, pages

HTML = ROOT / "_build/html"
OVER = "(one) => one.scrollWidth - one.clientWidth"


def texts():
    return {page.stem: (HTML / page.relative_to(ROOT).with_suffix(".html")).read_text("utf-8") for page in pages()}


def test_numbers_of_equations_and_what_leads_to_them_agree():
    """A formula with a label has one number in the whole book; each reference shows the number of its target."""
    numbers, references = {}, []
    for name, text in texts().items():
        for anchor, number in re.findall(r'id="(equation-[\w-]+)">\s*<span class="eqno">\((\d+)\)', text):
            numbers[name, anchor] = number
        for page, anchor, shown in re.findall(r'href="([\w-]*)(?:\.html)?#(equation-[\w-]+)">\((\d+)\)</a>', text):
            references.append((page or name, anchor, shown))
    assert len(numbers) > 10
    assert sorted(numbers.values(), key=int) == [str(number) for number in range(1, len(numbers) + 1)]
    assert references
    assert [reference for reference in references if numbers.get(reference[:2]) != reference[2]] == []


def test_pages_with_formulas_and_no_others_load_their_font():
    found = {name: ("<math" in text, "formulas.css" in text) for name, text in texts().items()}
    assert {(True, True), (False, False)} == set(found.values()), found


def test_the_font_has_every_character_of_every_formula(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book/extension")
    import convae_formulas

    style = (HTML / "_static/formulas.css").read_text("utf-8")
    font = TTFont(io.BytesIO(base64.b64decode(re.search('base64,([^"]+)', style)[1])))
    has = set(map(chr, font.getBestCmap()))
    for name, text in texts().items():
        assert convae_formulas.characters(text) <= has, name
    assert (HTML / "_static/OFL.txt").is_file()


def test_a_long_formula_scrolls_in_its_box_on_a_phone(visit):
    with visit("book/what-is-an-autoencoder.html", width=375) as (page, troubles):
        boxes = page.locator(".convae-formula").all()
        assert any(box.evaluate(OVER) > 50 for box in boxes)
        assert page.evaluate("document.fonts.check('16px \"STIX Two Math\"', '𝑥')")
        assert page.locator("html").evaluate(OVER) <= 0
        assert troubles == []

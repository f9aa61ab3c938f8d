"""Miniatures show what PyTorch does, say it in words, and lead to a widget; relationships read as text, too."""

import itertools
import re
from xml.etree import ElementTree

import pytest
import torch
from torch.nn import functional

from convae.arithmetic.shapes import convolution_size, inverting_output_padding
from convae.teaching.miniatures import CELL, Miniature, Relationship, Relationships

SETTINGS = [
    (i, k, s, p, d)
    for i, k, s, p, d in itertools.product(range(2, 8), range(1, 5), range(1, 4), range(3), (1, 2))
    if d * (k - 1) < i + 2 * p
]


def test_output_and_what_is_never_read_are_pytorchs():
    for i, k, s, p, d in SETTINGS:
        drawn = Miniature(i, k, s, p, d)
        assert len(drawn.line) == i + 2 * p
        picture = torch.zeros(1, 1, len(drawn.line), len(drawn.line), requires_grad=True)
        output = functional.conv2d(picture, torch.ones(1, 1, k, k), None, s, 0, d)
        output.sum().backward()
        assert drawn.output == output.shape[-1] == convolution_size(i, k, s, p, d)
        assert drawn.unread == [row for row in range(len(drawn.line)) if not picture.grad[0, 0, row].any()]


def test_a_transposed_one_is_drawn_as_the_convolution_that_gives_its_numbers():
    chance = torch.Generator().manual_seed(0)
    tried = 0
    for i, k, s, p, d in SETTINGS:
        if d > 1 or p >= k:
            continue
        drawn, small = Miniature(i, k, s, p, transposed=True), convolution_size(i, k, s, p)
        y = torch.randn(1, 1, small, small, generator=chance, dtype=torch.float64)
        w = torch.randn(1, 1, k, k, generator=chance, dtype=torch.float64)
        rest = inverting_output_padding(i, k, s, p)
        back = functional.conv_transpose2d(y, w, None, s, p, output_padding=rest)
        own = torch.tensor([place for place, kind in enumerate(drawn.line) if kind == "x"])
        wide = torch.zeros(1, 1, len(drawn.line), len(drawn.line), dtype=torch.float64)
        wide[0, 0, own[:, None], own] = y[0, 0]
        again = functional.conv2d(wide, w.flip(2, 3))
        assert again.shape[-1] == drawn.output == i
        torch.testing.assert_close(again, back)
        assert drawn.line.strip(".").count("0") == (s - 1) * (small - 1)
        tried += 1
    assert tried > 100


def test_what_has_no_drawing_is_refused():
    with pytest.raises(ValueError, match=r"^padding 3 and dilation 1 with kernel 3: the transposed one is drawn for"):
        Miniature(5, 3, 1, 3, transposed=True)
    with pytest.raises(ValueError, match="kernel"):
        Miniature(2, 3)


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (Miniature(4, 3), "A 3×3 kernel passes over 4×4 numbers, in steps of 1: an output of 2×2."),
        (
            Miniature(6, 3, 2, 1),
            "A 3×3 kernel passes over 6×6 numbers, with 1 row of zeros around, in steps of 2: an output of 3×3. 1 row "
            "and as many columns are never read.",
        ),
        (
            Miniature(7, 3, 1, 0, 2),
            "A 3×3 kernel with 1 gap between its numbers passes over 7×7 numbers, in steps of 1: an output of 3×3.",
        ),
        (
            Miniature(6, 3, 2, 1, transposed=True),
            "A 3×3 kernel passes over 3×3 numbers, with 1 row of zeros between them, with 1 row of zeros above and 2 "
            "rows below, in steps of 1: an output of 6×6.",
        ),
        (Miniature(6, 2, 2, window=True), "A 2×2 window passes over 6×6 numbers, in steps of 2: an output of 3×3."),
    ],
)
def test_words(drawn, words):
    assert drawn.words() == words
    picture = ElementTree.fromstring(drawn.svg())
    assert picture.get("aria-label") == words
    assert picture.get("role") == "img"


def test_every_place_is_passed_and_every_number_drawn_once():
    drawn = Miniature(6, 3, 2, 1)
    ways = re.findall(r"--places:(\d+);--round:([\d.]+)s;--way:(\d+)px", drawn.svg())
    assert ways == [("3", "4.05", str(3 * 2 * CELL)), ("3", "4.05", str(3 * CELL))]
    paths = [path.get("d").count("z") for path in ElementTree.fromstring(drawn.svg()).iter("path")]
    assert paths[:3] == [8 * 8 - 6 * 6, 0, 6 * 6]  # padding, stuffed, numbers
    assert drawn.svg().count("7m0-7l-7") == 8 + 8 - 1  # the last row and the last column are crossed


def members():
    one = Relationship(
        "A & B", "o = ⌊(i + 2p − k)/s⌋ + 1", "Of the *i* − *k* steps.", Miniature(4, 3), "#w=a:1", "held"
    )
    return Relationships([one, one])


def test_relationships_lead_to_their_links_and_read_as_text():
    page = members()._repr_html_()
    assert page.count('<a href="#w=a:1"><svg role="img" aria-label="A 3×3 kernel') == 2
    assert "<strong>2. A &amp; B</strong>Of the <var>i</var>\u00a0−\u00a0<var>k</var> steps." in page
    assert "⌊(<var>i</var> + 2<var>p</var> − <var>k</var>)/<var>s</var>⌋ + 1" in page
    assert repr(members()).splitlines()[1] == "2. A & B: o = ⌊(i + 2p − k)/s⌋ + 1. Of the i − k steps. (held)"


RUNNING = "document.getAnimations().filter((one) => one.playState === 'running').length"


def test_they_move_until_somebody_stops_them_and_not_where_motion_is_not_wanted(browser, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(f'<!doctype html><meta charset="utf-8"><title>t</title>{members()._repr_html_()}', "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert page.evaluate(RUNNING) == 8  # down and across, of the kernel and of the output's mark, twice
    page.get_by_label("let the kernels move").uncheck()
    assert page.evaluate(RUNNING) == 0
    page.get_by_label("let the kernels move").check()
    assert page.evaluate(RUNNING) == 8
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(RUNNING) == 0
    assert not page.get_by_label("let the kernels move").is_visible()
    page.close()


PLACE = """(seconds) => {
  document.getAnimations().forEach((one) => (one.pause(), (one.currentTime = 1000 * seconds)));
  const { e, f } = document.querySelector(".convae-pass > g").getCTM();
  const still = document.querySelector("svg > g").getCTM();
  return [Math.round(e - still.e), Math.round(f - still.f)];
}"""


def test_the_kernel_is_at_one_place_after_the_other(browser, tmp_path):
    file, drawn = tmp_path / "page.html", Miniature(6, 3, 2, 1)
    page_of = Relationships([Relationship("n", "o", "t", drawn, "#", "h")])
    file.write_text(f'<!doctype html><meta charset="utf-8"><title>t</title>{page_of._repr_html_()}', "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    places = [page.evaluate(PLACE, 0.45 * (at + 0.5)) for at in range(10)]
    expected = [[2 * CELL * column, 2 * CELL * row] for row in range(3) for column in range(3)]
    assert places == [*expected, [0, 0]]  # and then from the beginning
    page.close()

"""Tables as text and as HTML, and numbers that a page shows in thousandths."""

import re
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convae.teaching.tables import Table

MARK = ', in&nbsp;<span role="img" aria-label="thousandths">10<sup>−3</sup></span>'


def test_a_table_is_text_and_html():
    table = Table(["net", "MSE"], [["two & three", "<1"]])
    assert repr(table) == "net          MSE\ntwo & three  <1"
    assert '<td class="short">two &amp; three</td><td class="short">&lt;1</td>' in table._repr_html_()
    with pytest.raises(ValueError, match="a row of 1 under a header of 2"):
        Table(["a", "b"], [["c"]])
    with pytest.raises(TypeError, match=r"cell 0\.5 is no text"):
        Table(["a"], [[0.5]])
    lines = (["c"] for _ in range(2))
    table = Table(["a"], lines)
    assert repr(table) == repr(table) == "a\nc\nc"


def test_numbers_of_a_column_stand_point_under_point():
    table = Table(["net", "MSE"], [["a", "0.0043 ± 0.0002"], ["b", "0.12"], ["c", ""]], caption="Errors", name="errors")
    page = table._repr_html_()
    assert "<caption>Errors</caption>" in page
    assert 'id="fig-errors"' in page
    assert page.count('class="n"') == 4  # the heading and three cells
    [lacks] = re.findall(r'0\.12<span class="pad" style="visibility:hidden" aria-hidden="true">(.*?)</span>', page)
    assert re.sub(r"[^\s±]", "", lacks) == " ± "
    assert sorted(lacks) == sorted("00 ± 0.0000")  # as wide as what lacks, 43 ± 0.0002
    assert 'class="n"' not in Table(["net"], [["two layers"], ["3"]])._repr_html_()  # words among them


def test_intervals_stand_digit_under_digit():
    page = Table(
        ["net", "SSIM"], [["a", "0.97 (0.96 to 0.98)"], ["b", "0.9"], ["c", "−1.5 (−2.25 to 0.5)"]]
    )._repr_html_()
    assert page.count('class="n"') == 4
    cells = re.findall(r'<td class="n">(.*?)</td>', page)
    widths = [Counter(re.sub(r"\d", "0", re.sub(r"^[-−]?\d+", "", re.sub("<.*?>", "", cell)))) for cell in cells]
    assert widths[0] == widths[1] == widths[2]  # behind the ones all are equally wide


def column(*cells):
    """A column of errors in thousandths as a page shows it."""
    page = Table(["net", "MSE"], [["a net", cell] for cell in cells], thousandths=[1])._repr_html_()
    return re.findall(r"<td[^>]*>a net</td><td[^>]*>(.*?)</td>", page)


def numbers(cell):
    return [Decimal(number.replace("−", "-")) for number in re.findall(r"[-−]?\d+(?:\.\d+)?", cell)]


SMALL = st.builds(lambda digits, places: f"0.00{digits:0{places}d}", st.integers(0, 9999), st.integers(4, 8))
SIGNED = st.builds("{}{}".format, st.sampled_from(["", "-", "−", "+"]), SMALL)
MARGIN = st.builds("{} ± {}".format, SIGNED, SMALL)
ENDS = st.builds("{} [{}, {}]".format, SIGNED, SIGNED, SIGNED)
CELLS = st.lists(st.one_of(SIGNED, MARGIN, st.sampled_from(["", "–", "—", "-"])), min_size=1, max_size=6)


@given(st.one_of(SIGNED, MARGIN, ENDS))
def test_a_number_in_thousandths_is_the_same_number_with_the_same_digits(cell):
    [shown] = column(cell)
    for before, after in zip(numbers(cell), numbers(shown), strict=True):
        assert after * Decimal("0.001") == before
        assert after.as_tuple().digits == before.as_tuple().digits
    assert re.sub(r"[\d.]", "", shown) == re.sub(r"[\d.]", "", cell)  # signs, ± and brackets are where they were


@given(CELLS)
@example(["17 ± 15 %", "10.6 ± 1.5 %", "9 %", "1,024 %", ""])
def test_numbers_stand_point_under_point(cells):
    """Behind the ones each has as many digits, points and signs; an empty cell makes its column no wider."""
    page = Table(["net", "MSE"], [["a net", cell] for cell in cells], thousandths=[1])._repr_html_()
    shown = re.findall(r'<td class="n">([^<]*)(?:<span[^>]*>([^<]*)</span>)?</td>', page)
    behind = [re.sub(r"^([-−+]?[\d,]+|[-–—])", "", cell) + lacks for cell, lacks in shown if cell]
    assert len({"".join(sorted(re.sub(r"\d", "0", tail))) for tail in behind}) <= 1
    assert not re.search("[-–—]", "".join(behind))
    assert not any(lacks for cell, lacks in shown if not cell)


@given(CELLS, st.sampled_from(["0.1", "0.635 ± 0.002", "0.001 ± 0.12", "[−0.002, 0.10]", "-0.100", "144"]))
def test_one_number_that_is_not_small_leaves_all_as_they_are(cells, large):
    rows = [["a net", cell, "0.001"] for cell in [*cells, large]]
    as_they_are = Table(["net", "with", "without"], rows)._repr_html_()
    for places in ([0], [1, 2]):
        assert Table(["net", "with", "without"], rows, thousandths=places)._repr_html_() == as_they_are


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("0.00343 ± 0.00005", "3.43 ± 0.05"),
        ("−0.00012", "−0.12"),
        ("-0.00012", "-0.12"),
        ("0.06354 ± 0.00018", "63.54 ± 0.18"),
        ("0.0090", "9.0"),
        ("0.009", "9"),
        ("0.00000 ± 0.00051", "0.00 ± 0.51"),
        ("0", "0"),
        ("0.002 [−0.001, 0.005]", "2 [−1, 5]"),
    ],
)
def test_the_point_moves_by_three(given, shown):
    assert column(given) == [shown]


@pytest.mark.parametrize("cell", ["0.5 %", "0.002 dB", "3e-05", "2·10⁻⁵", "0.0088 (16 dead)", "not tried", "0.10"])
def test_what_has_a_unit_an_exponent_or_words_stays(cell):
    rows = [["0.00343", cell]]
    assert Table(["a", "b"], rows, thousandths=[0])._repr_html_() == Table(["a", "b"], rows)._repr_html_()


def test_the_heading_says_that_its_numbers_are_thousandths():
    rows = [["two", "0.0043", "0.924", "0.0001"], ["three", "0.0013", "0.981", ""]]
    page = Table(["net", "MSE & more", "SSIM", "less"], rows, thousandths=[1, 3])._repr_html_()
    assert f"MSE &amp; more{MARK}</th>" in page
    assert f"less{MARK}</th>" in page
    assert page.count(MARK) == 2
    for cell in ("4.3", "1.3", "0.924", "0.981", "0.1"):
        assert f'<td class="n">{cell}<' in page


def test_the_first_heading_says_it_for_all():
    table = Table(["test MSE", "with", "without"], [["two", "0.0043 ± 0.0002", "0.0042"]], thousandths=[0])
    page = table._repr_html_()
    assert f"test MSE{MARK}</th>" in page
    assert page.count(MARK) == 1
    assert '<td class="n">4.3 ± 0.2</td><td class="n">4.2</td>' in page
    assert repr(table) == "test MSE  with             without\ntwo       0.0043 ± 0.0002  0.0042"
    with pytest.raises(ValueError, match="thousandths in column 3 of 3: count the columns from 0"):
        Table(["test MSE", "with", "without"], [], thousandths=[3])

"""A convolution as a matrix, in Chromium: by mouse, keyboard and touch; every number and light against PyTorch."""

from __future__ import annotations

import gzip
import itertools
import random
import re
from typing import TYPE_CHECKING

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from torch.nn import functional
from traitlets import TraitError
from widget_checks import evaluated, settled

from book.tools.smaller import STYLES, smaller
from convae.widgets import AsMatrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page
    from torch import Tensor

    Open = Callable[..., Page]

GRIDS = ("Picture x", "Kernel w", "Output y", "x, row by row", "Matrix A", "y")


def grid(where: Page | Locator, name: str) -> Locator:
    return where.locator(".convae-figure").nth(GRIDS.index(name)).get_by_role("grid")


def cell(where: Page | Locator, name: str, row: int, column: int) -> Locator:
    return grid(where, name).get_by_role("row").nth(row).get_by_role("gridcell").nth(column)


def numbers(where: Page | Locator, name: str) -> Tensor:
    settled(grid(where, name))
    rows = evaluated(
        grid(where, name).evaluate,
        """(grid) => [...grid.children].map((row) => [...row.children].map((cell) =>
            cell.firstChild.textContent === "·" ? 0 : Number(cell.firstChild.textContent.replace("−", "-"))))""",
    )
    return torch.tensor(rows, dtype=torch.float64)


def marked(where: Page | Locator) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Places of the cells of each class in each grid."""
    settled(grid(where, "Matrix A"))
    grids = evaluated(
        where.locator(".convae-figure [role=grid]").evaluate_all,
        """(grids) => grids.map((grid) => ["under", "lit", "here"].map((kind) =>
            [kind, [...grid.querySelectorAll(`.convae-${kind}`)].map((cell) => cell.place)]))""",
    )
    return {
        (name, kind): [tuple(place) for place in places]
        for name, kinds in zip(GRIDS, grids, strict=True)
        for kind, places in kinds
    }


def status(where: Page | Locator) -> Locator:
    return where.get_by_role("status")


def test_the_matrix_is_the_convolution() -> None:
    for rows, columns, k, m in itertools.product((2, 4), (3, 4), (1, 2), (1, 3)):
        chance = torch.Generator().manual_seed(rows)
        picture = torch.randint(-9, 9, (rows, columns), generator=chance)
        widget = AsMatrix(input=picture, kernel=torch.randint(-9, 9, (k, m), generator=chance))
        weight = torch.tensor(widget.kernel, dtype=torch.float64)[None, None]
        assert torch.equal(widget.output(), functional.conv2d(picture.double()[None, None], weight)[0, 0])


def test_pages_equal_pytorch(open_page: Open) -> None:
    draw = random.Random(0)
    widgets = [AsMatrix()]
    for _ in range(12):
        size, kernel = [draw.randint(3, 4) for _ in range(2)], [draw.randint(1, 3) for _ in range(2)]
        values = [[[draw.randint(-9, 9) for _ in range(n[1])] for _ in range(n[0])] for n in (size, kernel)]
        widgets.append(AsMatrix(input=values[0], kernel=values[1]))
    page = open_page(*widgets)
    for section, widget in zip(page.locator(".convae").all(), widgets, strict=True):
        picture = torch.tensor(widget.input, dtype=torch.float64)
        assert torch.equal(numbers(section, "Matrix A"), widget.matrix())
        assert torch.equal(numbers(section, "Output y"), widget.output())
        assert torch.equal(numbers(section, "y"), widget.output().reshape(-1, 1))
        assert torch.equal(numbers(section, "x, row by row"), picture.reshape(1, -1))


def test_row_place_and_output_light_each_other(open_page: Open) -> None:
    page, widget = open_page(AsMatrix()), AsMatrix()
    matrix = widget.matrix()
    for row in range(4):
        i, j = divmod(row, 2)
        window = [(i + u, j + v) for u in range(3) for v in range(3)]
        used = [(0, 4 * r + c) for r, c in window]
        for name, at in {"Output y": (i, j), "y": (row, 0)}.items():
            page.mouse.move(1, 1)
            cell(page, name, *at).hover()
            seen = marked(page)
            assert seen["Picture x", "under"] == window
            assert seen["x, row by row", "under"] == used
            assert seen["Matrix A", "under"] == [(row, k) for _, k in used]
            assert seen["Output y", "here"] == [(i, j)]
            assert seen["y", "here"] == [(row, 0)]
        ordinal = ["first", "second", "third", "fourth"][row]
        expect(status(page)).to_have_text(
            f"The {ordinal} row is the kernel at the place of y[{i}, {j}]: 9 weights, 7 zeros."
        )
    for pixel in range(16):
        for name, at in {"Picture x": divmod(pixel, 4), "x, row by row": (0, pixel)}.items():
            page.mouse.move(1, 1)
            cell(page, name, *at).hover()
            readers = matrix[:, pixel].nonzero()[:, 0].tolist()
            seen = marked(page)
            assert seen["Matrix A", "lit"] == [(row, pixel) for row in readers]
            assert seen["y", "lit"] == [(row, 0) for row in readers]
            assert seen["Output y", "lit"] == [divmod(row, 2) for row in readers]
            weights = sorted(divmod(int(matrix[row, pixel]) - 1, 3) for row in readers)
            assert seen["Kernel w", "lit"] == weights
        times = {1: "once", 2: "twice", 4: "4 times"}[len(readers)]
        expect(status(page)).to_contain_text(f"is read {times}: so many weights stand in its column")
    cell(page, "Kernel w", 1, 2).hover()
    assert marked(page)["Matrix A", "lit"] == [tuple(place) for place in (matrix == 6).nonzero().tolist()]
    assert marked(page)["Picture x", "lit"] == [(1, 2), (1, 3), (2, 2), (2, 3)]
    expect(status(page)).to_contain_text("w[1, 2] = 6 stands once in each of the 4 rows")
    cell(page, "Matrix A", 1, 5).hover()
    expect(status(page)).to_have_text("y[0, 1] reads x[1, 1] with w[1, 0] = 4.")
    assert marked(page)["Kernel w", "lit"] == [(1, 0)]
    assert marked(page)["Picture x", "lit"] == [(1, 1)]
    cell(page, "Matrix A", 1, 0).hover()
    expect(status(page)).to_have_text("y[0, 1] does not read x[0, 0]: a 0.")
    page.mouse.move(1, 1)
    expect(status(page)).to_contain_text("The second row")


def test_by_keyboard(open_page: Open) -> None:
    page = open_page(AsMatrix())
    labels = []
    for _ in range(6):
        page.keyboard.press("Tab")
        labels.append(page.evaluate("document.activeElement.ariaLabel"))
    assert labels == ["x[0, 0] = 3", "w[0, 0] = 1", "y[0, 0] = 55", "x[0, 0] = 3, number 1 of the column",
                      "row 1, column 1: 1", "y[0, 0] = 55"]  # fmt: skip
    page.keyboard.press("Shift+Tab")
    for key in ("ArrowDown", "ArrowDown", "End"):
        page.keyboard.press(key)
    expect(status(page)).to_have_text("y[1, 0] does not read x[3, 3]: a 0.")
    assert marked(page)["Output y", "here"] == [(1, 0)]
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    for key in ("7", "Enter"):
        page.keyboard.press(key)
    changed = AsMatrix(kernel=[[7, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert torch.equal(numbers(page, "Matrix A"), changed.matrix())
    assert torch.equal(numbers(page, "Output y"), changed.output())
    page.get_by_role("button", name="Reset").press("Enter")
    assert torch.equal(numbers(page, "Matrix A"), AsMatrix().matrix())


def test_by_touch_on_a_narrow_page(open_page: Open) -> None:
    page = open_page(AsMatrix(), has_touch=True, viewport={"width": 320, "height": 700})
    cell(page, "Output y", 1, 1).tap()
    expect(status(page)).to_contain_text("The fourth row is the kernel at the place of y[1, 1]")
    cell(page, "Picture x", 1, 1).tap()
    expect(status(page)).to_contain_text("x[1, 1] is read 4 times")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    section = page.locator(".convae")
    assert section.bounding_box()["height"] < 700
    for name in GRIDS:
        scroll = grid(page, name).locator("xpath=../..")
        assert scroll.evaluate("(one) => one.scrollWidth <= one.clientWidth"), name


def test_the_row_that_is_kept_comes_in_by_a_link(open_page: Open) -> None:
    page = open_page(AsMatrix(), link=AsMatrix.address(row=3))
    expect(status(page)).to_contain_text("The fourth row")
    page = open_page(AsMatrix(), link=AsMatrix.address(row=15, kernel=[[1, 2], [3, 4]]))
    expect(status(page)).to_contain_text("The ninth row is the kernel at the place of y[2, 2]: 4 weights, 12 zeros.")


def test_a_kernel_that_does_not_fit_is_told(open_page: Open) -> None:
    page = open_page(AsMatrix(), link=AsMatrix.address(input=[[1, 2], [3, 4]]))
    expect(page.locator(".convae-problem")).to_be_visible()
    expect(page.locator(".convae-result").first).to_be_hidden()
    with pytest.raises(TraitError, match="kernel has 5 rows: give 1 to 4"):
        AsMatrix(kernel=[[1]] * 5)
    with pytest.raises(ValueError, match="kernel"):
        AsMatrix(input=[[1, 2], [3, 4]]).matrix()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible(open_page: Open, theme: str) -> None:
    page = open_page(AsMatrix(), theme=theme)
    cell(page, "Matrix A", 1, 5).hover()
    response = Axe().run(page).response
    assert response["passes"], "axe looked at nothing"
    assert [each["id"] for each in response["violations"]] == []


def test_picture_and_sentence() -> None:
    still = AsMatrix().still()
    assert still.count("<svg") == 2
    assert re.sub(r"<[^>]*>", " ", still).split().count("9") == 1 + 4  # in the kernel, and once a row
    assert (
        AsMatrix()
        .sentence()
        .startswith("The convolution of a 4×4 picture with a 3×3 kernel is a 2×2 output, and a matrix of 4×16 times")
    )


def test_size() -> None:
    widget = AsMatrix()
    texts = smaller(widget._esm), smaller(widget.styles, STYLES)  # with grid.js, as each widget that has one
    assert sum(len(gzip.compress(text.encode())) for text in texts) < 5_300

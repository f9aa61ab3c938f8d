"""The widgets of convolution and transposed convolution in a browser, on a page without Python behind it."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import re
import threading
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
import rooms
import torch
import traitlets
from ipywidgets.widgets.widget import _instances
from playwright.sync_api import expect
from torch.nn import functional
from widget_checks import Draw, settled
from widget_page import LOADER, widget_page

from convae import widgets
from convae.teaching import miniatures, plots
from convae.widgets import Convolution, TransposedConvolution, kit
from convae.widgets.kit import Widget, module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page
    from torch import Tensor

BOTH = [Convolution, TransposedConvolution]
Open = "Callable[..., Page]"


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page with some widgets; no error and no request may have happened on it in the end."""
    contexts, faults = [], []

    def open_page(*widgets: Any, theme: str = "", fragment: str = "", **settings: Any) -> Page:
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(widget_page(*widgets, theme=theme), "utf-8")
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: message.type == "error" and faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda one: one.url.startswith(("file:", "blob:")) or faults.append(one.url))
        page.goto(path.as_uri() + fragment)
        expect(page.locator(".convae")).to_have_count(len(widgets))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def grid(where: Page | Locator, name: str) -> Locator:
    return where.get_by_role("grid", name=re.compile(f"^{name}"))


def cell(where: Page | Locator, name: str, row: int, column: int) -> Locator:
    return grid(where, name).get_by_role("row").nth(row).get_by_role("gridcell").nth(column)


def numbers(where: Page | Locator, name: str, kept: str = "*") -> Tensor:
    """What a grid shows, of the cells that match a selector; it rounds to two decimals."""
    settled(grid(where, name))
    rows = grid(where, name).evaluate(
        """(grid, kept) => [...grid.children].map((row) => [...row.children].filter((cell) => cell.matches(kept))
            .map((cell) => Number(cell.firstChild.textContent.replace("−", "-")))).filter((row) => row.length)""",
        kept,
    )
    return torch.tensor(rows, dtype=torch.float64)


def agree(shown: Tensor, computed: Tensor) -> None:
    torch.testing.assert_close(shown, computed, rtol=0, atol=0.00501)


def test_convolution_equals_pytorch(show: Callable[..., Page]) -> None:
    draw = Draw()
    widgets = [Convolution(), *(draw.convolution() for _ in range(24))]
    page = show(*widgets)
    for widget, section in zip(widgets, page.locator(".convae").all(), strict=True):
        agree(numbers(section, "Output"), widget.output())
        products = numbers(section, "Products")
        assert abs(products.sum() + widget.bias - widget.output()[0, 0]) < 0.1, "each of them is rounded"
        rows, columns = widget.output().shape
        assert f"= {rows}" in section.locator("dd").nth(1).inner_text()
        line = section.locator("code").inner_text()
        layer = eval(line, {"nn": torch.nn})
        assert functional.conv2d(
            torch.zeros(1, 1, len(widget.input), len(widget.input[0])),
            layer.weight,
            None,
            *(getattr(layer, key) for key in ("stride", "padding", "dilation")),
        ).shape[2:] == (rows, columns)
        assert (layer.bias is None) == (widget.bias == 0)


def test_transposed_convolution_equals_pytorch(show: Callable[..., Page]) -> None:
    draw = Draw()
    widgets = [TransposedConvolution(), *(draw.transposed_convolution() for _ in range(12))]
    for widget in widgets:
        widget.view, widget.position = "gather", 0
    page = show(*widgets)
    for widget, section in zip(widgets, page.locator(".convae").all(), strict=True):
        y = widget.output()
        agree(numbers(section, "Output"), y)
        turned = torch.tensor(widget.kernel, dtype=torch.float64).flip(0, 1)
        torch.testing.assert_close(numbers(section, "Kernel"), turned)
        # What the page says is a plain convolution is one: of the stuffed input, under the turned kernel.
        stuffed = numbers(section, "Input")
        again = functional.conv2d(stuffed[None, None], turned[None, None], dilation=tuple(widget.dilation))[0, 0]
        agree(again + widget.bias, y)
        layer = eval(section.locator("code").inner_text(), {"nn": torch.nn})
        assert layer(torch.zeros(1, len(widget.input), len(widget.input[0]))).shape[1:] == y.shape

        choose(section, "Scatter")
        walk = section.get_by_role("slider", name="Step", exact=True)
        walk.evaluate("(slider) => { slider.value = slider.max; slider.oninput() }")
        agree(numbers(section, "Output", ":not(.convae-padding)"), y)

        choose(section, "Counts")
        ones = torch.ones_like(widget.layer().weight)
        inputs = torch.ones(1, 1, len(widget.input), len(widget.input[0]), dtype=torch.float64)
        settings = {key: tuple(getattr(widget, key)) for key in ("stride", "padding", "output_padding", "dilation")}
        counts = functional.conv_transpose2d(inputs, ones, **settings)[0, 0]
        assert torch.equal(numbers(section, "How many", ":not(.convae-padding)"), counts)

        choose(section, "Adjoint")
        u, step = numbers(section, "Any u"), section.locator("dd").first.inner_text()
        left, right = (float(found.replace("−", "-")) for found in re.findall(r"⟩ = ([−\d.]*\d)", step))
        assert left == right
        assert abs(left - (u * (y - widget.bias)).sum()) < 0.006
        down = functional.conv2d(
            (y - widget.bias)[None, None],
            widget.layer().weight,
            None,
            *(tuple(getattr(widget, key)) for key in ("stride", "padding", "dilation")),
        )[0, 0]
        agree(numbers(section, "K Kᵀx"), down[: len(widget.input), : len(widget.input[0])])


def choose(section: Page | Locator, view: str) -> None:
    section.get_by_role("radio", name=re.compile(f"^{view}")).check(force=True)


def test_stamps_add_up(show: Callable[..., Page]) -> None:
    widget = TransposedConvolution(position=0, padding=0)
    page = show(widget)
    total = torch.zeros_like(widget.output())
    for (i, row), j in product(enumerate(widget.input), range(3)):
        stamp = numbers(page, "Stamp")
        torch.testing.assert_close(stamp, row[j] * torch.tensor(widget.kernel, dtype=torch.float64))
        total[2 * i : 2 * i + 3, 2 * j : 2 * j + 3] += stamp
        agree(numbers(page, "Output"), total)
        page.get_by_role("button", name="Step").click()
    agree(total, widget.output())


def test_adjoint_is_told_from_inverse(show: Callable[..., Page]) -> None:
    inverse = TransposedConvolution(view="adjoint", kernel=[[1]], stride=1, padding=0)
    page = show(TransposedConvolution(view="adjoint"), inverse)
    status = page.get_by_role("status")
    expect(status.first).to_contain_text("not its numbers")
    expect(status.last).to_contain_text("even the numbers come back")
    before = numbers(page.locator(".convae").first, "Any u")
    page.get_by_role("button", name="Another u").first.click()
    assert not torch.equal(numbers(page.locator(".convae").first, "Any u"), before)


def test_mouse(show: Callable[..., Page]) -> None:
    page, widget = show(Convolution()), Convolution()
    expect(page.get_by_role("status")).to_have_text("y[0, 0] = 12: output 1 of 9.")
    page.get_by_role("button", name="Step").click()
    expect(page.get_by_role("status")).to_have_text("y[0, 1] = 12: output 2 of 9.")
    page.get_by_role("button", name="Back").click()
    cell(page, "Output", 2, 2).click()
    expect(page.get_by_role("status")).to_have_text("y[2, 2] = 14: output 9 of 9.")
    cell(page, "Input", 0, 0).hover()
    expect(page.get_by_role("status")).to_have_text("x[0, 0] = 3 is read by 1 of 9 outputs.")
    cell(page, "Input", 2, 2).hover()
    expect(page.get_by_role("status")).to_contain_text("is read by 9 of 9 outputs")
    expect(grid(page, "Output").locator(".convae-lit")).to_have_count(9)
    cell(page, "Kernel", 0, 0).hover()
    expect(grid(page, "Input").locator(".convae-lit")).to_have_count(9)
    page.mouse.move(1, 1)
    expect(page.get_by_role("status")).to_contain_text("output 9 of 9")

    cell(page, "Input", 4, 4).dblclick()
    page.keyboard.type("-7,5")
    page.keyboard.press("Enter")
    widget.input = [*widget.input[:4], [*widget.input[4][:4], -7.5]]
    agree(numbers(page, "Output"), widget.output())
    slider = page.get_by_role("slider", name="Padding", exact=True)
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    widget.padding = 6
    agree(numbers(page, "Output"), widget.output())
    page.get_by_label("Example").select_option("Padding, strides, and a row that the floor drops")
    expect(page.locator(".convae-missed")).to_have_count(15)  # the last row and the last column of 8 and 8
    expect(page.locator("dd").nth(1)).to_contain_text(
        "✕ The floor drops the remainder: the last row of the padded input"
    )


def test_keyboard(show: Callable[..., Page]) -> None:
    page, widget = show(Convolution()), Convolution()
    press = page.keyboard.press
    seen = []

    def focused() -> str:
        settled(page.locator("body"))
        return page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent")

    for _ in range(40):
        press("Tab")
        seen.append(focused())
        if seen[-1].startswith("x["):
            break
    assert seen[-1] == "x[0, 0] = 3", "one cell of a grid is in the tab order"
    for key, place in [("ArrowDown", "x[1, 0]"), ("End", "x[1, 4]"), ("ArrowRight", "x[1, 4]"), ("Home", "x[1, 0]")]:
        press(key)
        assert focused().startswith(place)
    press("Control+End")
    assert focused().startswith("x[4, 4]")
    expect(page.get_by_role("status")).to_contain_text("x[4, 4] = 1 is read by 1 of 9 outputs")
    page.keyboard.type("5")
    press("ArrowUp")
    press("Enter")
    assert focused() == "x[4, 4] = 6"
    press("ArrowUp")
    press("Delete")
    press("ArrowUp")
    press("F2")
    page.keyboard.type("88")
    press("Escape")
    widget.input = [*widget.input[:3], [*widget.input[3][:4], 0], [*widget.input[4][:4], 6]]
    agree(numbers(page, "Output"), widget.output())
    press("Tab")
    assert focused().startswith("w[0, 0]")
    press("Tab")
    press("Tab")
    assert focused().startswith("y[0, 0]")
    press("ArrowDown")
    expect(page.get_by_role("status")).to_contain_text("y[1, 0]")
    press("Tab")
    assert focused() == "Reset"
    page.get_by_role("spinbutton", name="Bias").focus()
    press("Tab")  # rows and columns apart
    press("Tab")
    assert focused() == "Play", "one button of the player is in the tab order"
    press("ArrowLeft")
    assert focused() == "Back"
    press("ArrowRight")
    press("Space")
    assert focused() == "Pause"
    expect(page.get_by_role("status")).to_contain_text("y[1, 2]", timeout=5000)
    expect(page.get_by_role("status")).to_have_attribute("aria-live", "off")
    press("Space")
    assert focused() == "Play"
    paused = page.get_by_role("status").inner_text()
    page.wait_for_timeout(1000)
    assert page.get_by_role("status").inner_text() == paused
    page.get_by_role("spinbutton", name="Stride", exact=True).focus()
    press("ArrowUp")
    widget.stride = 2
    agree(numbers(page, "Output"), widget.output())


def test_views_by_keyboard(show: Callable[..., Page]) -> None:
    page = show(TransposedConvolution())
    page.get_by_role("radio", name="Scatter: stamps").focus()
    for name in ("Output y", "How many inputs reach each output", "Kᵀx, without bias"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("grid", name=name)).to_be_visible()


def test_touch(show: Callable[..., Page]) -> None:
    page, widget = (
        show(Convolution(), has_touch=True, is_mobile=True, viewport={"width": 320, "height": 640}),
        Convolution(),
    )
    cell(page, "Output", 1, 1).tap()
    expect(page.get_by_role("status")).to_contain_text("y[1, 1]")
    cell(page, "Kernel", 0, 0).tap()
    expect(page.get_by_role("status")).to_contain_text("w[0, 0] = 0 is used once for each of the 9 outputs")
    expect(page.locator(".convae-editor")).to_have_count(0)
    cell(page, "Kernel", 0, 0).tap()
    page.locator(".convae-editor").fill("4")
    page.get_by_role("button", name="Step").tap()
    widget.kernel = [[4, 1, 2], *widget.kernel[1:]]
    agree(numbers(page, "Output"), widget.output())


@pytest.mark.parametrize("kind", BOTH)
def test_nonsense(show: Callable[..., Page], kind: type) -> None:
    page = show(kind())
    before = numbers(page, "Output")
    stride = page.get_by_role("spinbutton", name="Stride", exact=True)
    message = page.locator(".convae-problem")
    usual = str(kind().stride[0])
    for typed in ("1e9", "-3", "1.5", "0", "99999999999999999999"):
        stride.fill(typed)
        expect(stride).to_have_attribute("aria-invalid", "true")
        expect(message).to_contain_text("is not a whole number from 1 to")
        expect(stride).to_have_attribute("aria-describedby", message.get_attribute("id"))
        stride.blur()
        assert stride.input_value() == usual
    stride.fill("")
    stride.press("e")  # a number box takes it, as in 1e9
    expect(message).to_contain_text("is not a whole number from 1 to")
    stride.fill(usual)
    expect(message).to_be_empty()
    for typed in ("abc", "1e9", "", "--", "NaN", "Infinity", "<b>"):
        cell(page, "Kernel", 0, 0).focus()
        page.keyboard.press("Enter")
        page.locator(".convae-editor").fill(typed)
        page.keyboard.press("Enter")
        expect(message).to_contain_text("is not a number from −99 to 99: the cell keeps its number.")
    assert torch.equal(numbers(page, "Output"), before)


def height(section: Locator) -> float:
    return section.bounding_box()["height"]


def test_a_message_moves_nothing_and_goes_with_the_next_change(show: Callable[..., Page]) -> None:
    page = show(Convolution())
    section, message, before = page.locator(".convae"), page.locator(".convae-problem"), height(page.locator(".convae"))
    cell(page, "Kernel", 0, 0).focus()
    page.keyboard.type("-x")
    page.keyboard.press("Enter")
    expect(message).to_contain_text("is not a number")
    assert height(section) == before
    page.evaluate("location.hash = 'some-section'")  # an anchor is none of its business
    page.wait_for_timeout(100)
    expect(message).to_contain_text("is not a number")
    page.get_by_role("spinbutton", name="Padding", exact=True).fill("1")
    expect(message).to_be_hidden()
    page.get_by_role("spinbutton", name="Padding", exact=True).fill("0")
    page.wait_for_timeout(100)
    padded = height(section)
    page.get_by_label("Example").select_option("No padding, unit strides")
    page.wait_for_timeout(100)
    assert height(section) == padded, "it stays as high as its largest case"
    page.get_by_role("button", name="Reset").click()
    agree(numbers(page, "Output"), Convolution().output())
    page.wait_for_timeout(100)
    assert height(section) == before


def test_numbers_stay_in_their_cells(show: Callable[..., Page]) -> None:
    widget = Convolution(kernel=[[-7.25, 12.5, 99], [0.01, -99, 98.76], [1, 2, 3]], input=[[99, -98.5, 3, 4]] * 4)
    for width in (900, 375):
        page = show(widget, viewport={"width": width, "height": 900})
        spilled = page.evaluate(
            """() => [...document.querySelectorAll("[role=gridcell]")].flatMap((cell) => {
                const box = cell.getBoundingClientRect(), range = document.createRange();
                return [...cell.children].filter((part) => part.textContent).flatMap((part) => {
                    const inner = part.getBoundingClientRect();
                    const fits = inner.left >= box.left - .5 && inner.right <= box.right + .5;
                    return fits ? [] : [part.textContent];
                });
            })"""
        )
        assert spilled == []
        agree(numbers(page, "Output"), widget.output())  # the whole numbers stay in the text
        expect(cell(page, "Kernel", 1, 2)).to_have_attribute("aria-label", "w[1, 2] = 98.76")


@pytest.mark.parametrize("width", [1920, 1400, 900, 600, 375, 320])
def test_nothing_leaves_its_box(show: Callable[..., Page], width: int) -> None:
    kinds = [Convolution(stride=(1, 2)), TransposedConvolution(), widgets.Pooling(), widgets.Kernels(), widgets.Stack()]
    page = show(*kinds, viewport={"width": width, "height": 900})
    for handle in page.locator(".convae-handle:visible").all():
        handle.click()
    left = page.evaluate(
        """() => {
            const boxes = document.querySelectorAll(".convae, .convae fieldset, .convae-controls, .convae-number");
            const scrolls = ".convae-scroll, pre, legend, .convae-tensors", found = [];
            for (const box of boxes)
                for (const one of box.querySelectorAll("*")) {
                    if (!one.checkVisibility() || one.closest(scrolls)) continue;
                    const outer = box.getBoundingClientRect(), { left, right, width } = one.getBoundingClientRect();
                    if (width > 1 && (right > outer.right + .6 || left < outer.left - .6))
                        found.push(box.className + " > " + one.outerHTML.slice(0, 80));
                }
            return found;
        }"""
    )
    assert left == []


def test_impossible_settings_say_what_would_fit(show: Callable[..., Page]) -> None:
    page = show(Convolution(kernel=[[1] * 7] * 7))
    message = page.locator(".convae-problem")
    expect(message).to_have_text("A kernel that spans 7 does not fit into 5: use a padding of at least 1.")
    expect(grid(page, "Output")).to_be_hidden()
    page.get_by_role("spinbutton", name="Padding", exact=True).fill("1")
    expect(message).to_be_hidden()
    agree(numbers(page, "Output"), Convolution(kernel=[[1] * 7] * 7, padding=1).output())

    page = show(TransposedConvolution(padding=5), TransposedConvolution(output_padding=2, view="gather"))
    messages = page.locator(".convae-problem")
    expect(messages.first).to_contain_text("Nothing is left of the output: use a padding below 5")
    expect(messages.last).to_contain_text("output_padding of 2 has to be smaller than the stride (2)")


def test_link_restores_the_state(show: Callable[..., Page], browser: Browser) -> None:
    first, second = Convolution(), Convolution(stride=2)
    page = show(first, second)
    for section, padding in zip(page.locator(".convae").all(), ("1", "2"), strict=True):
        section.get_by_role("spinbutton", name="Padding", exact=True).fill(padding)
        section.get_by_text("Copy link").click()
    first.padding, second.padding = 1, 2
    address = page.url
    other = page.context.new_page()
    other.goto(address)
    expect(other.locator(".convae")).to_have_count(2)  # the page is there before its widgets are
    for widget, section in zip((first, second), other.locator(".convae").all(), strict=True):
        agree(numbers(section, "Output"), widget.output())

    # A later link of one widget leaves the other one as its reader left it.
    sections = page.locator(".convae").all()
    sections[0].get_by_role("spinbutton", name="Padding", exact=True).fill("0")
    sections[1].get_by_role("spinbutton", name="Padding", exact=True).fill("1")
    sections[1].get_by_text("Copy link").click()
    page.wait_for_timeout(100)
    agree(numbers(sections[0], "Output"), Convolution().output())


def test_back_to_an_address_without_settings(show: Callable[..., Page]) -> None:
    page = show(Convolution())
    page.evaluate("location.hash = 'convolution=stride:2,2'")
    expect(grid(page, "Output").get_by_role("gridcell")).to_have_count(4)
    page.evaluate("location.hash = 'some-section'")  # a new place of the page: the reader's settings stay
    page.wait_for_timeout(100)
    agree(numbers(page, "Output"), Convolution(stride=2).output())
    page.go_back()
    page.wait_for_timeout(100)
    agree(numbers(page, "Output"), Convolution(stride=2).output())
    page.go_back()
    expect(grid(page, "Output").get_by_role("gridcell")).to_have_count(9)
    agree(numbers(page, "Output"), Convolution().output())
    page.go_forward()
    expect(grid(page, "Output").get_by_role("gridcell")).to_have_count(4)


@pytest.mark.parametrize("link", ["convolution=stride:2,2", "convolution%3Dstride:2,2."])
def test_reset_takes_the_settings_out_of_the_address(show: Callable[..., Page], link: str) -> None:
    page = show(Convolution(), TransposedConvolution(), fragment=f"#{link}")
    agree(numbers(page.locator(".convae").first, "Output"), Convolution(stride=2).output())
    page.get_by_role("button", name="Reset").first.click()
    assert "#" not in page.url
    page.evaluate(f"location.hash = '{link}'")  # the same link once more
    expect(page.locator(".convae").first.get_by_role("grid", name="Output").get_by_role("gridcell")).to_have_count(4)
    page.evaluate("location.hash = 'section&transposed_convolution=stride:2,2&convolution=stride:2,2'")
    page.get_by_role("button", name="Reset").first.click()
    assert page.url.endswith("#section&transposed_convolution=stride:2,2")
    copied = page.get_by_role("link", name="Copy link").first.get_attribute("href")
    assert copied is not None
    assert copied.startswith("#section&transposed_convolution=stride:2,2&convolution=")
    page.reload()
    agree(numbers(page.locator(".convae").first, "Output"), Convolution().output())


def test_reset_takes_back_what_an_address_could_not_do(show: Callable[..., Page]) -> None:
    page = show(Convolution(), fragment="#convolution=stride:77")
    expect(page.locator(".convae-problem")).to_contain_text("could not be used")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".convae-problem")).to_be_hidden()
    assert "#" not in page.url


def test_who_follows_a_link_to_settings_is_brought_to_them(show: Callable[..., Page]) -> None:
    page = show(Convolution())
    page.evaluate("""(address) => document.querySelector("main").insertAdjacentHTML("beforeend",
        `<p style="margin-top: 3000px"><a href="${address}">see</a> <a href="#nowhere">elsewhere</a></p>`)""",
        Convolution.address(stride=2, padding=(1, 1), bias=-1.5))  # fmt: skip
    page.get_by_role("link", name="see").click()
    page.wait_for_function("scrollY < 200")
    agree(numbers(page, "Output"), Convolution(stride=2, padding=1, bias=-1.5).output())
    page.get_by_role("link", name="elsewhere").scroll_into_view_if_needed()
    far = page.evaluate("scrollY")
    page.get_by_role("link", name="elsewhere").click()
    page.wait_for_timeout(200)
    assert page.evaluate("scrollY") == far > 1000
    page.get_by_role("link", name="Copy link").scroll_into_view_if_needed()
    near = page.evaluate("scrollY")
    page.get_by_role("link", name="Copy link").click()
    page.wait_for_timeout(200)
    assert page.evaluate("scrollY") == near


def test_an_address_is_what_the_page_would_write_and_makes_no_widget() -> None:
    before = len(_instances)
    for kind in (getattr(widgets, name) for name in widgets.__all__):
        traits = {name: trait for name, trait in kind.class_traits().items() if isinstance(trait, kit.Number)}
        for name, trait in traits.items():
            value = trait.default_value
            address = kind.address(**{name: value})
            assert address.startswith(f"#{kind.module.removesuffix('.js')}={name}:")
    assert Convolution.address(input=[[1, -2], [0.5, 4]], stride=(2, 1)) == "#convolution=input:1,-2/0.5,4;stride:2,1"
    assert widgets.Pooling.address(ceil_mode=True, kernel=3) == "#pooling=ceil_mode:true;kernel:3,3"
    assert widgets.Kernels.address(picture="digit 3") == "#kernels=picture:digit%203"
    assert len(_instances) == before
    with pytest.raises(ValueError, match=r"^Convolution has no setting 'view': choose .*stride"):
        Convolution.address(view="gather")
    with pytest.raises(traitlets.TraitError, match="stride holds 9: give a whole number from 1 to 5"):
        Convolution.address(stride=9)


@pytest.mark.parametrize(
    "fragment",
    [
        "convolution=stride%3A2%2C2%3Bpadding%3A1%2C1",
        "convolution%3Dstride:2,2;padding:1,1",
        "a=b&amp;convolution=stride:2,2;padding:1,1",
        "convolution=stride:2,2;padding:1,1.",
        "convolution=padding%3a1%2c1%3bstride%3a2%2c2).",
    ],
)
def test_links_come_through_the_mail(show: Callable[..., Page], fragment: str) -> None:
    page = show(Convolution(), fragment="#" + fragment)
    expect(page.locator(".convae-problem")).to_be_hidden()
    agree(numbers(page, "Output"), Convolution(stride=2, padding=1).output())


def test_a_link_of_two_million_characters_is_refused_unread(show: Callable[..., Page]) -> None:
    """To take it apart would hold the page up for seconds."""
    page = show(Convolution())
    longest = page.evaluate(
        """() => new Promise((done) => {
            const { split } = String.prototype;
            let longest = 0;
            String.prototype.split = function (...by) {
                longest = Math.max(longest, this.length);
                return split.apply(this, by);
            };
            addEventListener("hashchange", () => setTimeout(() => {
                String.prototype.split = split;
                done(longest);
            }));
            location.hash = "convolution=input:" + "1,".repeat(1_000_000);
        })"""
    )
    assert longest < 1_000_000
    expect(page.locator(".convae-problem")).to_contain_text("could not be used")


def test_a_link_is_copied(show: Callable[..., Page]) -> None:
    page = show(Convolution(stride=2))
    page.evaluate("void (navigator.clipboard.writeText = async (text) => { window.copied = text })")
    page.get_by_role("link", name="Copy link").click()
    expect(page.locator(".convae-foot")).to_contain_text("Copied")
    assert page.evaluate("copied") == page.url
    assert "stride:2,2" in page.url
    page = show(Convolution(stride=2))
    page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(Error('no')))")
    page.get_by_role("link", name="Copy link").click()
    address = page.get_by_role("textbox", name="Address of these settings")
    expect(address).to_have_value(page.url)
    assert address.evaluate("(box) => box.selectionEnd - box.selectionStart") == len(page.url)


def test_without_scripts_a_picture_and_a_sentence(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(widget_page(Convolution(), widgets.Kernels()), "utf-8")
    page = browser.new_page(java_script_enabled=False)
    page.goto((tmp_path / "page.html").as_uri())
    expect(page.locator(".convae-still svg:visible")).to_have_count(4)  # two of them hold the kernel's pictures
    expect(page.get_by_text("The convolution of a 5×5 input with a 3×3 kernel is a 3×3 output")).to_be_visible()
    page.close()


def test_every_widget_has_a_picture_and_a_sentence_of_its_own() -> None:
    for kind in rooms.concrete(widgets.kit, Widget) or Widget.__subclasses__():
        if kind.__name__ in widgets.__all__:
            assert "still" in vars(kind), kind
            assert "sentence" in vars(kind), kind
    impossible = Convolution(kernel=[[1] * 7] * 7)._repr_mimebundle_()[0]
    assert "greater than actual input size" in impossible["text/html"]


def test_print(show: Callable[..., Page]) -> None:
    page = show(Convolution(padding=1), theme="dark")
    page.wait_for_timeout(400)
    page.emulate_media(media="print")
    section = page.locator(".convae")
    assert section.evaluate("(root) => getComputedStyle(root).backgroundColor") == "rgb(255, 255, 255)"
    expect(section.locator("button:visible, input:visible, select:visible, .convae-hint:visible")).to_have_count(0)
    expect(section.locator(".convae-printed")).to_contain_text("Padding 1; Dilation 1; Bias 0")
    lit = section.locator("[role=gridcell]").first
    assert lit.evaluate("(cell) => getComputedStyle(cell).printColorAdjust") == "exact"


@pytest.mark.parametrize(
    "fragment",
    [
        "stride:9,9",
        "stride:2",
        "input:1,2/3",
        "input:",
        "x",
        "bias:",
        "bias:%",
        "name:x",
        "_esm:alert(1)",
        "bias:1;bias",
        "input:" + "1," * 1_000_000,
    ],
)
def test_bad_links_are_refused(show: Callable[..., Page], fragment: str) -> None:
    page = show(Convolution(), fragment="#convolution=" + fragment)
    expect(page.locator(".convae-problem")).to_contain_text("could not be used")
    agree(numbers(page, "Output"), Convolution().output())


def test_every_state_is_shorter_than_what_an_address_is_cut_at() -> None:
    script = (kit.FOLDER / "kit.js").read_text("utf-8")
    longest = 2 ** int(re.findall(r"const LONGEST = 2 \*\* (\d+);", script)[0])
    digits = len("-0.12345678901234567,")
    for kind in Widget.__subclasses__():
        sides = [trait.longest for trait in kind.class_traits().values() if isinstance(trait, kit.Matrix)]
        cells = sum(side**2 if side <= 64 else side for side in sides)  # offsets have the code's 1,024 numbers at most
        assert 2 * digits * cells < longest, kind


def test_other_addresses_do_not_matter(show: Callable[..., Page]) -> None:
    page = show(Convolution(), fragment="#some-section")
    expect(page.locator(".convae-problem")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", BOTH)
def test_text_can_be_read(show: Callable[..., Page], kind: type, theme: str) -> None:
    page = show(kind(), theme=theme, color_scheme="light" if theme == "dark" else "dark")
    ratios = page.evaluate(
        """() => {
            const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
            const light = (...layers) => {
                for (const layer of layers) { canvas.fillStyle = layer; canvas.fillRect(0, 0, 1, 1); }
                const linear = (v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
                const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(linear);
                return .2126 * r + .7152 * g + .0722 * b;
            };
            const ratios = {};
            for (const element of document.querySelectorAll(".convae *")) {
                const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
                if (!text || !element.checkVisibility() || element.closest("legend, :disabled")) continue;
                const layers = [];
                for (let up = element; up; up = up.parentElement) layers.unshift(getComputedStyle(up).backgroundColor);
                const [a, b] = [light(...layers), light(...layers, getComputedStyle(element).color)];
                const name = element.tagName + "." + element.className + " " + element.textContent.slice(0, 20);
                ratios[name] = Math.min(ratios[name] ?? 99, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
            }
            return ratios;
        }"""
    )
    assert len(ratios) > 30
    assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}
    dark = page.locator(".convae").evaluate("(root) => getComputedStyle(root).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", dark)[:3])) < 200) == (theme == "dark"), "the book's theme decides"


@pytest.mark.parametrize("kind", BOTH)
def test_phone(show: Callable[..., Page], kind: type) -> None:
    page = show(kind(), viewport={"width": 320, "height": 640})
    views = ["Scatter", "Gather", "Counts", "Adjoint"] if kind is TransposedConvolution else [None]
    for view in views:
        if view:
            choose(page, view)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        small = page.evaluate(
            """() => [...document.querySelectorAll(".convae :is(button, input, select, a, [role=gridcell])")]
                .filter((e) => e.checkVisibility()).map((e) => [e.outerHTML, e.getBoundingClientRect()])
                .filter(([, box]) => box.width < 24 || box.height < 23.9).map(([html]) => html)"""
        )
        assert [html for html in small if 'type="checkbox"' not in html] == []  # its label is pressed as well


def test_reduced_motion(show: Callable[..., Page]) -> None:
    for motion, seconds in (("no-preference", 0.25), ("reduce", 0)):
        page = show(Convolution(), reduced_motion=motion)
        frame = page.locator(".convae-window:visible")
        assert float(frame.evaluate("(frame) => getComputedStyle(frame).transitionDuration").split("s")[0]) == seconds


def test_forced_colours(show: Callable[..., Page]) -> None:
    page = show(Convolution(padding=1), forced_colors="active")
    style = page.locator(".convae-padding").first.evaluate("(cell) => getComputedStyle(cell).borderTopStyle")
    assert style == "dashed", "the hatch is gone in forced colours"


def test_http(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(widget_page(Convolution()), "utf-8")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/page.html")
        agree(numbers(page, "Output"), Convolution().output())
        page.close()
        server.shutdown()


def test_page_says_when_a_widget_cannot_start(browser: Browser, tmp_path: Path) -> None:
    working, broken, lost = Convolution(), Convolution(), Convolution()
    html = widget_page(working, broken, lost).replace(lost.model_id, "nowhere", 1)
    state = json.loads(re.search(r'widget-state\+json">(.*)</script>', html)[1])
    state["state"][broken.model_id]["state"]["_esm"] = "export default { render() { throw Error('out of order') } }"
    html = re.sub(r'(widget-state\+json">).*(</script>)', lambda m: m[1] + json.dumps(state) + m[2], html)
    (tmp_path / "page.html").write_text(html, "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    notes = page.get_by_role("alert").filter(has_text="could not be started")
    expect(notes).to_have_count(2)
    expect(notes.first).to_contain_text("out of order")
    agree(numbers(page, "Output"), working.output())
    page.close()


def test_loader_gives_what_anywidget_gives(browser: Browser, tmp_path: Path) -> None:
    source = """export default {
        initialize({ model, signal, experimental }) { model.set("bias", 3); },
        async render({ model, el, signal, experimental }) {
            const heard = [];
            const listen = () => heard.push("bias " + model.get("bias"));
            model.on("change:bias", listen);
            model.on("change", () => heard.push("change"));
            model.set({ bias: 4 });
            model.set("bias", 4);
            model.off("change:bias", listen);
            model.set("bias", 5);
            model.save_changes();
            const refused = await experimental.invoke("x").catch((error) => error.message);
            el.textContent = [heard, signal instanceof AbortSignal, refused].join("|");
        } }"""
    widget = Convolution()
    widget._esm = source
    (tmp_path / "page.html").write_text(widget_page(widget), "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    wanted = "bias 4,change,change|true|There is no Python behind this page."
    expect(page.get_by_text(wanted)).to_be_visible()
    page.close()


def test_loader_revives_bytes(browser: Browser, tmp_path: Path) -> None:
    class Bytes(Convolution):
        weights = traitlets.Bytes(bytes(range(256))).tag(sync=True)
        nested = traitlets.Dict({"deep": [b"\x01", b"\xff"]}).tag(sync=True)

    widget = Bytes()
    widget._esm = """export default { render({ model, el }) {
        const list = (view) => view instanceof DataView && [...new Uint8Array(view.buffer)];
        el.textContent = JSON.stringify([list(model.get("weights")), model.get("nested").deep.map(list)]); } }"""
    (tmp_path / "page.html").write_text(widget_page(widget), "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    expect(page.get_by_text("[[0,1")).to_be_visible()
    assert json.loads(page.locator("main > div").inner_text()) == [list(range(256)), [[1], [255]]]
    page.close()


def test_size() -> None:
    """All code of a page with these widgets: the loader, the library and each widget's own."""
    library = Convolution().library
    assert library is TransposedConvolution().library
    code = [
        LOADER.read_text("utf-8"),
        library.source,
        library.styles,
        *(f"{kind._esm}{kind().styles}" for kind in BOTH),
    ]
    assert len(gzip.compress("".join(code).encode())) <= 40_000


def test_modules_are_whole() -> None:
    for kind in BOTH:
        source = module(kind.module)
        assert not re.search(r"^import ", source, re.MULTILINE)
        assert source.count("export ") == 1
        assert not re.search(r"^(//|/\*|\s)", source, re.MULTILINE)


def test_widgets_and_the_book_call_different_things_by_different_names() -> None:
    """A rule of the book's for a class of its own would hold inside a widget, too."""
    rules = (LOADER.parent / "book.css").read_text("utf-8") + plots._SWITCH + miniatures._STYLE
    book = re.findall(r"\.(convae[\w-]*)", rules)
    files = [path for path in kit.FOLDER.iterdir() if path.suffix in (".css", ".js")]
    own = {name for path in files for name in re.findall(r"\bconvae[\w-]*", path.read_text("utf-8"))}
    assert own & set(book) == {"convae", "convae-figure", "convae-latent", "convae-stack"}


def test_no_widget_is_forgotten() -> None:
    found = {name: kind for name, each in rooms.modules(widgets).items() for kind in rooms.concrete(each, Widget)}
    assert {kind.__name__: kind for kind in found.values()} == {
        name: getattr(widgets, name) for name in widgets.__all__
    }
    assert {name: kind.module for name, kind in found.items()} == {name: f"{name}.js" for name in found}
    scripts = {path.name for path in kit.FOLDER.glob("*.js")}
    later = {f"{name}.js" for kind in found.values() for name in kind.later} - {"digits.js"}
    assert scripts == {*kit.SHARED, *kit.PARTS, *later, *(kind.module for kind in found.values())}


def test_imports_beside_the_library_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kit, "FOLDER", tmp_path)
    (tmp_path / "odd.js").write_text('import { a } from "./other.js";\nexport default a;\n', "utf-8")
    with pytest.raises(ValueError, match=r"odd.js imports other.js: only engine.js"):
        module("odd.js")


def test_library_comes_back_after_all_widgets_were_closed() -> None:
    first = Convolution().library
    Widget.close_all()
    second = Convolution().library
    assert second is not first
    assert second.source == first.source


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stride": 0}, "stride holds 0: give a whole number from 1 to 5"),
        ({"stride": (1, 2, 3)}, "stride holds 3 numbers: give one, or"),
        ({"padding": 1.5}, "padding holds 1.5: give a whole number from 0 to 6"),
        ({"dilation": "two"}, "dilation holds 'two'"),
        ({"dilation": True}, "dilation holds True"),
        ({"kernel": [[1, 2], [3]]}, "kernel has rows of different lengths"),
        ({"kernel": [[float("nan")]]}, "kernel holds nan: give a number from -99 to 99"),
        ({"kernel": [[1] * 8]}, "give 1 to 7 rows and columns"),
        ({"kernel": []}, "give 1 to 7 rows and columns"),
        ({"kernel": 3}, "kernel holds 3: give rows of numbers"),
        ({"input": torch.zeros(2, 3, 4)}, "input"),
    ],
)
def test_python_refuses(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(traitlets.TraitError, match=re.escape(message)):
        Convolution(**settings)


def test_python_takes_numbers_tuples_and_tensors() -> None:
    widget = Convolution(
        stride=2, padding=(1, 0), kernel=torch.ones(2, 3), input=torch.arange(20).reshape(4, 5).numpy()
    )
    assert (widget.stride, widget.padding, widget.kernel) == ([2, 2], [1, 0], [[1, 1, 1], [1, 1, 1]])
    assert widget.input[3] == [15, 16, 17, 18, 19]
    assert widget.limits["stride"] == [1, 5, 1]
    assert widget.name == "convolution"

"""The widgets on pooling, kernels and stacks of layers in Chromium: by mouse, keyboard and touch, against PyTorch."""

from __future__ import annotations

import copy
import gzip
import io
import itertools
import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from accessibility import faults
from PIL import Image
from playwright.sync_api import Page, expect
from torch.nn import functional
from torch.nn.utils import parametrizations
from traitlets import TraitError
from widget_checks import (
    Draw,
    assert_kernels,
    assert_pooling,
    assert_stack,
    cell,
    grid,
    layer_rows,
    spot,
    status,
)
from widget_page import LOADER

from convae.models import MODELS
from convae.widgets import Convolution, Kernels, Pooling, Stack, TransposedConvolution, pictures, stack
from convae.widgets.kit import Widget
from convae.widgets.layers import read
from convae.widgets.layers import row as row_of
from convae.widgets.stills import signed

Open = Callable[..., Page]


@contextmanager
def impossible(page: Page, message: str) -> Iterator[None]:
    """What is done here makes the widget say so, in place; afterwards it is mended."""
    yield
    expect(page.locator(".convae-problem")).to_contain_text(message)
    expect(page.locator(".convae-result").first).to_be_hidden()


# Pooling


def test_pooling_equals_pytorch(open_page: Open) -> None:
    draw = Draw()
    widgets = [Pooling(), Pooling(shift=(0, 1)), *(draw.pooling() for _ in range(24))]
    page = open_page(*widgets)
    for section, widget in zip(page.locator(".convae").all(), widgets, strict=True):
        assert_pooling(section, widget)
    assert sum(widget.ceil_mode for widget in widgets) > 5


def test_what_stays_and_what_moves_along() -> None:
    pictures = Pooling().pictures
    for shift, exact in [((0, 1), False), ((2, 0), True), ((-4, 2), True)]:  # a multiple of the stride, or not
        changes = Pooling(input=pictures["Digit 3"], shift=shift).changes()
        assert [along == 0 for _, _, along in changes.values()] == [exact] * 4, shift
    stripes = Pooling(input=pictures["Every other column"], shift=(0, 1)).changes()
    assert stripes["max"] == (0, 0, 0)
    assert stripes["average"] == (0, 0, 0)
    assert stripes["stride"][0] == 25  # from all black to all bright


def test_pooling_by_mouse(open_page: Open) -> None:
    page, widget = open_page(Pooling()), Pooling()
    page.get_by_role("button", name="Shift right").click()
    page.get_by_role("button", name="Shift down").click()
    page.get_by_role("button", name="Shift down").click()
    page.get_by_role("button", name="Shift up").click()
    widget.shift = (1, 1)
    assert_pooling(page.locator(".convae"), widget)
    page.get_by_label("Picture", exact=True).select_option("Digit 3")
    widget.input, widget.shift = widget.pictures["Digit 3"], (0, 0)
    assert_pooling(page.locator(".convae"), widget)
    cell(grid(page, "Picture"), 0, 0).click()
    cell(grid(page, "Picture"), 0, 0).click()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    widget.input = [[7, *widget.input[0][1:]], *widget.input[1:]]
    assert_pooling(page.locator(".convae"), widget)
    expect(page.get_by_label("Picture", exact=True)).to_have_value("")
    cell(grid(page, "Average"), 0, 0).hover()
    expect(status(page)).to_contain_text("the average of 7, 0, 0, 0 is 1.75")
    expect(grid(page, "Picture").locator(".convae-under")).to_have_count(4)
    cell(grid(page, "Picture"), 1, 1).hover()
    expect(status(page)).to_have_text("This pixel lies in 1 of the 25 windows; the stride leaves it out.")


def test_pooling_by_keyboard(open_page: Open) -> None:
    page, widget = open_page(Pooling()), Pooling()
    page.keyboard.press("Tab")
    page.keyboard.type("Sl")  # the select's own search
    widget.input = widget.pictures["Slope"]
    expect(page.get_by_label("Picture", exact=True)).to_have_value("Slope")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")  # kernel 3
    widget.kernel = 3
    expect(grid(page, "Maximum")).to_have_attribute("aria-label", "Maximum 4×4")
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    widget.ceil_mode = True
    assert_pooling(page.locator(".convae"), widget)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for key in ["Control+End", "ArrowLeft", "ArrowUp", "-", "4", "Enter", "ArrowRight", "Delete"]:
        page.keyboard.press(key)
    picture = torch.tensor(widget.input)
    picture[8, 8:] = torch.tensor([-4, 0])
    widget.input = picture
    assert_pooling(page.locator(".convae"), widget)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    widget.shift = (0, -1)
    assert_pooling(page.locator(".convae"), widget)
    for _ in range(5):
        page.keyboard.press("Tab")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(grid(page, "Maximum").locator(":focus")).to_have_attribute(
        "aria-label", "row 0, column 3: 9, before the shift 8"
    )
    expect(status(page)).to_contain_text("the largest of 7, 8, 9, 7, 8, 9, 7, 8, 9 is 9; before the shift it was 8.")


def test_pooling_by_touch(open_page: Open) -> None:
    page, widget = open_page(Pooling(), has_touch=True, viewport={"width": 320, "height": 700}), Pooling()
    page.get_by_role("button", name="Shift left").tap()
    widget.shift = (0, -1)
    assert_pooling(page.locator(".convae"), widget)
    expect(grid(page, "Maximum")).to_be_visible()
    page.get_by_role("radio", name="Stride").tap()
    expect(grid(page, "Maximum")).to_be_hidden()
    cell(grid(page, "Stride"), 1, 1).tap()
    expect(status(page)).to_contain_text("row 1, column 1: the pixel is 0; before the shift it was 9.")
    page.get_by_role("button", name="Settings").tap()
    page.get_by_label("Round up (ceil_mode)").tap()
    page.get_by_role("button", name="Back").tap()
    expect(status(page)).to_contain_text("Not shifted")


def test_pooling_refuses_what_pytorch_refuses(open_page: Open) -> None:
    page = open_page(Pooling())
    box = page.get_by_role("spinbutton", name="Padding", exact=True)
    with impossible(page, "A padding of 2 is more than half of the kernel (2)"):
        box.fill("2")
    with pytest.raises(RuntimeError):
        Pooling(padding=2).outputs()
    box.fill("1e9")
    expect(page.get_by_text("1e9 is not a whole number from 0 to 2: 2 is kept.")).to_be_visible()
    box.fill("1")
    expect(page.locator(".convae-problem")).to_be_hidden()
    assert_pooling(page.locator(".convae"), Pooling(padding=1))
    pixel = cell(grid(page, "Picture"), 1, 1)
    for text in ["x1", "1e9"]:
        pixel.press("Enter")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"{text} is not a number from −99 to 99: the cell keeps its number.")).to_be_visible()
    for wrong in [{"kernel": 0}, {"shift": (0, 10)}, {"input": [[1, 2], [3]]}, {"stride": "two"}]:
        with pytest.raises(TraitError, match="give"):
            Pooling(**wrong)


# Kernels


def test_kernels_equal_pytorch(open_page: Open) -> None:
    draw = Draw()
    widgets = [Kernels(), *(draw.kernels() for _ in range(23))]
    for first in range(0, len(widgets), 6):  # every widget brings its pictures
        page = open_page(*widgets[first : first + 6])
        for section, widget in zip(page.locator(".convae").all(), widgets[first:], strict=False):
            assert_kernels(section, widget)


def test_kernels_by_mouse(open_page: Open) -> None:
    page, widget = open_page(Kernels()), Kernels()
    section = page.locator(".convae")
    preset = page.get_by_role("combobox", name="Kernel", exact=True)
    for name in ("Identity", "Box blur 5×5", "Gaussian blur", "Sharpen", "Laplacian", "Emboss"):
        preset.select_option(name)
        expect(grid(page, "Map")).to_have_attribute("aria-label", "Map 92×92" if "5" in name else "Map 94×94")
    preset.select_option("Gaussian blur 5×5")
    line = torch.tensor([1, 4, 6, 4, 1])
    widget.kernel, widget.divisor = line[:, None] * line, 256
    page.get_by_label("Picture", exact=True).select_option("Digit 7")
    widget.picture = "digit 7"
    page.get_by_label("ReLU").check()
    widget.relu = True
    found = grid(page, "Map")
    found.click(position=spot(found, 12, 3))
    widget.place = (12, 3)
    page.mouse.move(1, 1)
    assert_kernels(section, widget)

    # Hovering shows another number for as long as it lasts; the picture is hovered at the middle of a window.
    found = grid(page, "Picture")
    found.hover(position=spot(found, 8, 9))
    expect(status(page)).to_contain_text("from the window around row 8, column 9")
    page.mouse.move(1, 1)
    assert_kernels(section, widget)

    page.get_by_role("radio", name="Draw").check()
    found.hover(position=spot(found, 4, 3))
    page.mouse.down()
    found.hover(position=spot(found, 10, 3))
    page.mouse.up()
    page.mouse.move(1, 1)
    drawing = (widget.image() * 100).round() / 100
    soft = drawing.clone()
    soft[4:11, 3] = 1
    soft[4:11, [2, 4]] = 0.5
    soft[[3, 11], 3] = 0.5
    widget.picture, widget.drawing, widget.place = "drawing", drawing.maximum(soft), (2, 1)
    expect(page.get_by_label("Picture", exact=True)).to_have_value("drawing")
    assert_kernels(section, widget)
    page.get_by_role("button", name="Clear").click()
    widget.drawing = torch.zeros(28, 28)
    assert_kernels(section, widget)


def test_kernels_by_keyboard(open_page: Open) -> None:
    page, widget = open_page(Kernels()), Kernels()
    section, press = page.locator(".convae"), page.keyboard.press
    press("Tab")
    page.keyboard.type("Digit 3")
    widget.picture = "digit 3"
    press("Tab")  # my picture
    press("Tab")
    press("ArrowRight")  # draw
    expect(page.get_by_role("radio", name="Draw")).to_be_checked()
    press("Tab")
    press("Tab")
    page.keyboard.type("Lap")
    widget.kernel = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    press("Tab")
    press("ArrowRight")  # 5×5
    widget.kernel = functional.pad(torch.tensor(widget.kernel), (1, 1, 1, 1))
    press("Tab")
    expect(grid(page, "Picture").locator(":focus")).to_have_attribute("aria-label", "row 0, column 0: 0")
    for key in ["Control+End", "Home", "PageUp", "ArrowRight", "ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown"]:
        press(key)
    expect(grid(page, "Picture").locator(":focus")).to_have_attribute("aria-label", "row 19, column 2: 1")
    expect(grid(page, "Picture").get_by_role("gridcell")).to_have_count(1)
    press("ArrowLeft")
    press("ArrowLeft")
    press("Space")
    drawing = (widget.image() * 100).round() / 100
    soft = torch.zeros(28, 28)
    soft[17:20, 2], soft[19, 0] = 1, 1
    soft[17:20, [1, 3]] = soft[16, 2] = soft[20, 2] = soft[18, 0] = soft[20, 0] = 0.5
    widget.picture, widget.drawing, widget.place = "drawing", drawing.double().maximum(soft), (17, 0)
    assert_kernels(section, widget)
    press("Tab")
    for key in ["ArrowRight", "ArrowDown", "7", "Enter", "Tab"]:
        press(key)
    kernel = torch.tensor(widget.kernel)
    kernel[1, 1] = 7
    widget.kernel = kernel
    expect(grid(page, "Map").locator(":focus")).to_have_attribute("aria-colindex", "1")
    for key in ["ArrowUp", "ArrowUp", "End"]:
        press(key)
    widget.place = (15, 23)
    assert_kernels(section, widget)


def test_kernels_by_touch(open_page: Open) -> None:
    page, widget = open_page(Kernels(), has_touch=True, viewport={"width": 320, "height": 700}), Kernels()
    section = page.locator(".convae")
    page.get_by_role("radio", name="Draw").tap()
    picture, found = grid(page, "Picture"), grid(page, "Map")
    picture.tap(position=spot(picture, 32, 36))  # of 96×96 pixels; with the stroke it is made smaller
    photograph = functional.adaptive_avg_pool2d(widget.image()[None], 28)[0]  # made smaller, and drawn on
    drawing = (photograph * 100).round() / 100
    for row, column in [(8, 10), (10, 10), (9, 9), (9, 11)]:
        drawing[row, column] = max(drawing[row, column], 0.5)
    drawing[9, 10] = 1
    widget.picture, widget.drawing, widget.place = "drawing", drawing, (8, 9)
    assert_kernels(section, widget)
    found.tap(position=spot(found, 8, 8))
    widget.place = (8, 8)
    assert_kernels(section, widget)
    page.get_by_role("radio", name="Erase").tap()
    picture.tap(position=spot(picture, 8, 10))
    drawing[7:10, 10] = drawing[8, 9:12] = 0
    widget.drawing, widget.place = drawing, (7, 9)
    assert_kernels(section, widget)


def test_a_pen_in_hand_draws_where_it_is_put_and_loses_no_drawing(open_page: Open) -> None:
    drawing = torch.zeros(28, 28)
    drawing[3:6, 4] = 1
    page, widget = open_page(Kernels(picture="drawing", drawing=drawing)), Kernels(picture="drawing", drawing=drawing)
    section, picture = page.locator(".convae"), grid(page, "Picture")
    page.get_by_role("combobox", name="Picture").select_option("cat")
    page.get_by_role("radio", name="Erase").check()
    page.get_by_role("combobox", name="Picture").select_option("drawing")
    assert_kernels(section, widget)  # a pen that was only taken up has changed nothing
    page.get_by_role("radio", name="Draw").check()
    page.evaluate("location.hash = 'kernels=picture:cat'")
    expect(picture).to_have_attribute("aria-rowcount", "96")
    picture.click(position=spot(picture, 70, 20))
    photograph = functional.adaptive_avg_pool2d(Kernels(picture="cat").image()[None], 28)[0]
    drawing = (photograph * 100).round() / 100
    row, column = 70 * 28 // 96, 20 * 28 // 96
    for other in [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]:
        drawing[other] = max(drawing[other], 0.5)
    drawing[row, column] = 1
    widget.drawing, widget.place = drawing, (row - 1, column - 1)
    assert_kernels(section, widget)


def test_a_picture_of_the_reader_is_read_in_the_page(open_page: Open) -> None:
    page, widget = open_page(Kernels()), Kernels()
    section, chosen = page.locator(".convae"), page.locator("input[type=file]")
    own = section.locator("option[value=own]")
    expect(own).to_have_attribute("hidden", "")  # until there is one
    levels = torch.randint(256, (96, 192), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    picture = io.BytesIO()
    Image.fromarray(levels.numpy()).save(picture, "PNG")
    chosen.set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    expect(page.get_by_role("combobox", name="Picture")).to_have_value("own")
    widget.pictures = widget.pictures | {"own": levels[:, 48:144].numpy().tobytes()}  # the square in its middle
    widget.picture = "own"
    assert_kernels(section, widget)
    page.get_by_role("combobox", name="Picture").select_option("cat")
    expect(own).not_to_have_attribute("hidden", "")
    chosen.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"})
    expect(page.locator(".convae-problem")).to_contain_text("notes.txt is no picture that this browser can open")
    expect(page.get_by_role("combobox", name="Picture")).to_have_value("cat")


def test_a_link_to_a_picture_of_somebody_else_says_that_it_is_kept_nowhere(open_page: Open) -> None:
    page = open_page(Kernels())
    with impossible(page, "Your own picture is kept nowhere"):
        page.evaluate("location.hash = 'kernels=picture:own'")
    page.get_by_role("combobox", name="Picture").select_option("cat")
    assert_kernels(page.locator(".convae"), Kernels(picture="cat"))
    with pytest.raises(ValueError, match="no picture of the reader's own"):
        Kernels(picture="own").image()


@pytest.mark.parametrize("width", [375, 600, 800, 1100])
def test_picture_and_map_stand_side_by_side_as_high_up_and_as_large(open_page: Open, width: int) -> None:
    page = open_page(Kernels(), viewport={"width": width, "height": 900})
    picture, found = (grid(page, name).bounding_box() for name in ("Picture", "Map"))
    assert picture
    assert found
    assert found["x"] >= picture["x"] + picture["width"]
    for side in ("y", "width", "height"):
        assert found[side] == pytest.approx(picture[side], abs=0.5)


def test_colours_of_a_still_are_white_at_zero_and_full_at_one() -> None:
    colours = signed(torch.tensor([[-1.0, -0.5, 0.0, 1.0]])) * 255
    expected = torch.tensor([[[180, 24, 40], [217.5, 139.5, 147.5], [255, 255, 255], [20, 84, 180]]])
    torch.testing.assert_close(colours, expected)


def test_kernels_refuse_nonsense(open_page: Open) -> None:
    page = open_page(Kernels(picture="drawing", drawing=[[1] * 3] * 2), Kernels())
    expect(page.locator(".convae-problem").first).to_contain_text("A kernel that spans 3 does not fit into 2")
    expect(page.locator(".convae").first.locator(".convae-result").first).to_be_hidden()
    section = page.locator(".convae").first
    section.get_by_role("spinbutton", name="Padding", exact=True).fill("1")
    expect(page.locator(".convae-problem").first).to_be_hidden()
    assert_kernels(section, Kernels(picture="drawing", drawing=[[1] * 3] * 2, padding=1))
    for text in ["letters", "1e9", "", "--"]:
        cell(grid(section, "Kernel"), 0, 0).press("Enter")
        page.locator(".convae-editor").fill(text)
        page.keyboard.press("Enter")
        expect(section.get_by_text("is not a number from −99 to 99: the cell keeps its number.")).to_be_visible()
    with pytest.raises(TraitError, match="drawing holds 2: give a number from 0 to 1"):
        Kernels(drawing=[[2]])


def test_embedded_pictures_are_small() -> None:
    assert sum(4 * math.ceil(len(picture) / 3) for picture in Kernels().pictures.values()) <= 60_000
    assert len(json.dumps(Pooling().pictures)) <= 10_000


# A stack of layers


def test_every_model_of_the_book_is_shown(open_page: Open) -> None:
    page = open_page(*(Stack(model=name) for name in stack.SHOWN))
    for section, name in zip(page.locator(".convae").all(), stack.SHOWN, strict=True):
        assert_stack(section, Stack(model=name))
        expect(section.get_by_label("Model")).to_have_value(name)
    section = page.locator(".convae").first
    expect(section.locator("dd").nth(0)).to_contain_text("2,481 parameters")
    expect(section.locator("dd").nth(1)).to_have_text("16×3×3 = 144 numbers for 784 pixels: 5.4 times fewer")


def test_stacks_equal_pytorch(open_page: Open) -> None:
    draw = Draw()
    mixed = [
        row_of("Conv2d", stride=3),
        row_of("Flatten"),
        row_of("Linear", out_features=9),
        row_of("Unflatten", rows=3, columns=3),
        row_of("Conv2d"),
    ]
    mixing = Stack(model="own", size=10, layers=mixed)
    widgets = [mixing, *(draw.stack() for _ in range(40))]
    page = open_page(*widgets)
    assert layer_rows(page.locator(".convae").first)[-1][4] == "9×9", "the stride leaves out the last row and column"
    for section, widget in zip(page.locator(".convae").all(), widgets, strict=True):
        assert_stack(section, widget)
    kinds = {int(row[0]) for widget in widgets for row in widget.layers}
    assert len(kinds) >= 15


def test_impossible_layers_say_why(open_page: Open) -> None:
    """The page stops at the layer where PyTorch stops."""
    draw = Draw()
    widgets = [draw.stack(possible=False) for _ in range(40)]
    page = open_page(*widgets)
    mended = 0
    for section, widget in zip(page.locator(".convae").all(), widgets, strict=True):
        state = {key: getattr(widget, key) for key in widget.limits}
        stuck = next(
            at for at in range(1, len(widget.layers) + 1) if not passes(Stack(**state | {"layers": widget.layers[:at]}))
        )
        expect(section.locator(".convae-outcome")).to_have_text(f"✕ Nothing gets past layer {stuck}.")
        shown = layer_rows(section)
        assert [row[1] == "—" for row in shown] == [at >= stuck for at in range(1, len(shown) + 1)]
        assert len(shown[stuck - 1][0].split("✕ ")[1]) > 20
        ways = section.locator(".convae-buttons").first.get_by_role("button")
        if ways.count():
            mended += 1
            ways.first.click()
            expect(section.locator(".convae-outcome")).not_to_have_text(f"✕ Nothing gets past layer {stuck}.")
    assert mended > 10


def test_a_stack_that_explodes_is_stopped_by_arithmetic(open_page: Open) -> None:
    """At the same layer by the page and by Python, before either has made anything of it."""
    enlarge = row_of("ConvTranspose2d", out_channels=512, kernel_size=16, stride=16)
    one_by_one = row_of("Conv2d", kernel_size=1)
    cases: list[tuple[list[list[float]], int, str, str]] = [
        ([row_of("Upsample", scale_factor=8)] * 48, 2, "1×1792×1792", "1,792 rows or columns"),
        ([row_of("PixelShuffle", upscale_factor=1), enlarge, enlarge], 3, "512×7168×7168", "7,168 rows or columns"),
        ([row_of("Conv2d"), row_of("Upsample", scale_factor=8), enlarge], 3, "512×3328×3328", "3,328 rows or columns"),
        ([enlarge, row_of("Upsample")], 2, "512×896×896", "411,041,792 numbers"),
        ([row_of("Conv2d", padding=16, kernel_size=1)] * 40, 32, "8×1052×1052", "1,052 rows or columns"),
        ([row_of("Upsample", scale_factor=8), row_of("Upsample", scale_factor=4), one_by_one], 4, "", ""),
    ]
    widgets = [Stack(model="own", layers=layers, channels=1, size=28) for layers, *_ in cases]
    widgets[-1].size = 32  # 1,024 rows and columns still go
    page = open_page(*widgets)
    for section, widget, (_, stuck, shape, said) in zip(page.locator(".convae").all(), widgets, cases, strict=True):
        if not shape:
            expect(section.locator(".convae-outcome")).to_have_text(
                "✕ A picture of 1×32×32 goes in, 8×1024×1024 come out."
            )
            continue
        expect(section.locator(".convae-outcome")).to_have_text(f"✕ Nothing gets past layer {stuck}.")
        assert f"{shape} are too many: at most 1,024 rows or columns, 2²⁷" in layer_rows(section)[stuck - 1][0]
        with pytest.raises(ValueError, match=f"would make {said} of .*use smaller factors"):
            widget.net()
    wide = row_of("Linear", out_features=4096)
    with pytest.raises(ValueError, match="Linear would make 105,226,698,752 weights"):  # which a page need not make
        Stack(model="own", layers=[enlarge, row_of("Flatten"), wide], size=14).net()


def passes(widget: Stack) -> bool:
    try:
        widget.net()
    except (ValueError, RuntimeError):
        return False
    return True


def test_stack_by_mouse(open_page: Open) -> None:
    page = open_page(Stack())
    section = page.locator(".convae")
    page.get_by_label("Model").select_option("robledo-three-layer")
    assert_stack(section, Stack(model="robledo-three-layer"))
    section.get_by_role("gridcell", name="5 Conv2d").click()
    expect(page.get_by_role("group", name="Layer 5 of 11")).to_be_visible()
    page.get_by_role("spinbutton", name="Padding").fill("1")  # as the source prints it
    widget = Stack.of(MODELS["robledo-three-layer"]())
    layers = [list(row) for row in widget.layers]
    layers[4][4] = 1
    widget.layers = layers
    assert_stack(section, widget)
    expect(page.get_by_label("Model")).to_have_value("own")
    expect(section.locator(".convae-outcome")).to_have_text("✕ A picture of 1×28×28 goes in, 1×36×36 comes out.")
    ways = section.locator(".convae-buttons").first
    expect(ways).to_contain_text("One change would bring it back:")
    ways.get_by_role("button", name="layer 5: padding 0").click()
    assert_stack(section, Stack.of(MODELS["robledo-three-layer"]()))

    page.get_by_label("Kind").select_option("MaxPool2d")
    page.get_by_role("button", name="Add a layer after it").click()
    page.get_by_label("Kind").select_option("BatchNorm2d")
    page.get_by_role("button", name="Move up").click()
    page.get_by_role("button", name="Its output is the code").click()
    expect(page.get_by_role("row", name="5 BatchNorm2d")).to_contain_text("code")
    page.get_by_role("gridcell", name="7 ConvTranspose2d").click()
    page.get_by_role("button", name="Remove").click()
    kinds = [row[0].split("|")[0].split()[1] for row in layer_rows(section)]
    assert kinds[4:7] == ["BatchNorm2d", "MaxPool2d", "ReLU"]


def test_stack_by_keyboard(open_page: Open) -> None:
    page = open_page(Stack())
    section, press = page.locator(".convae"), page.keyboard.press
    for _ in range(8):
        press("Tab")
        if page.evaluate("document.activeElement.role") == "gridcell":
            break
    expect(section.locator("[role=gridcell][tabindex='0']")).to_have_count(1)
    for key in ["ArrowDown", "ArrowDown", "End", "ArrowUp", "Home"]:
        press(key)
    expect(section.locator("[role=gridcell]:focus")).to_have_text("2 ReLU")
    expect(section.get_by_role("status").last).to_have_text("Layer 2, ReLU: 8×9×9 become 8×9×9, 0 parameters.")
    press("Alt+ArrowDown")
    expect(section.locator("[role=gridcell]:focus")).to_have_text("3 ReLU")
    press("Alt+ArrowUp")
    press("Insert")
    expect(section.locator("[role=gridcell]:focus")).to_contain_text("3 Conv2d")
    press("Tab")
    page.keyboard.type("Max")  # its kind
    widget = Stack.of(MODELS["robledo-two-layer"]())
    widget.layers, widget.code = [*widget.layers[:2], row_of("MaxPool2d"), *widget.layers[2:]], 4
    assert_stack(section, widget)
    press("Shift+Tab")
    press("Delete")
    assert_stack(section, Stack())
    press("Control+End")
    expect(section.locator("[role=gridcell]:focus")).to_have_attribute("data-name", "Sees")


def test_stack_by_touch(open_page: Open) -> None:
    page = open_page(Stack(), has_touch=True, viewport={"width": 320, "height": 700})
    section = page.locator(".convae")
    section.get_by_role("gridcell", name="6 ConvTranspose2d").tap()
    page.get_by_role("spinbutton", name="Output padding").fill("0")
    expect(section.locator(".convae-outcome")).to_have_text("✕ A picture of 1×28×28 goes in, 1×27×27 comes out.")
    section.get_by_role("button", name="layer 6: output padding 1").tap()
    expect(section.locator(".convae-outcome")).to_have_text("✓ A picture of 1×28×28 comes back as 1×28×28.")


@pytest.mark.parametrize("width", [1000, 1400, 375])
def test_what_is_changed_and_what_comes_of_it_are_on_one_screen(open_page: Open, width: int) -> None:
    page = open_page(Stack(), viewport={"width": width, "height": 900})
    drawing, editor = (page.locator(f".convae-{name}").bounding_box() for name in ("tensors", "editing"))
    assert drawing
    assert editor
    if width >= 1000:
        assert editor["x"] >= drawing["x"] + drawing["width"]
        assert abs(editor["y"] - drawing["y"]) < 40
        assert page.locator(".convae").evaluate("(root) => root.offsetHeight") <= 900
    else:  # the drawing stays in sight above the editor
        assert page.locator(".convae-sticky").bounding_box()["height"] + editor["height"] <= 640


def test_stack_survives_nonsense(open_page: Open) -> None:
    kernel = {"role": "spinbutton", "name": "Kernel size"}
    page = open_page(Stack(), link="#stack=model:own;layers:99,0,0,0,0,0,0,0")
    expect(page.locator(".convae-problem")).to_contain_text("choose a model to start anew")
    page.get_by_label("Model").select_option("robledo-two-layer")
    assert_stack(page.locator(".convae"), Stack())
    box = page.get_by_role(**kernel)
    for text in ["1e9", "0", "2.5", "-1"]:
        box.fill(text)
        expect(page.get_by_text(f"{text} is not a whole number from 1 to 16: 3 is kept.")).to_be_visible()
    assert_stack(page.locator(".convae"), Stack())
    for wrong in [[0, 8], [99, 0, 0, 0, 0, 0, 0, 0], [0, 8, 0, 1, 0, 1, 1, 0], [0, 8, 2.5, 1, 0, 1, 1, 0]]:
        with pytest.raises(TraitError, match="give"):
            Stack(layers=[wrong])
    page = open_page(Stack(), link="#stack=model:own;layers:0,8,2.5,1,0,1,1,0")
    expect(page.locator(".convae-problem")).to_contain_text("choose a model to start anew")


class Skip(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = torch.nn.MaxPool2d(2), torch.nn.ConvTranspose2d(1, 1, 2, 2)
        self.head = torch.nn.Conv2d(1, 1, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.decoder(self.encoder(images)) + images)


def test_a_net_that_is_no_chain_is_shown_but_not_edited(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "robledo-two-layer", Skip)
    page = open_page(Stack())
    section = page.locator(".convae")
    assert [row[:4] for row in layer_rows(section)] == [
        ["1 MaxPool2d|encoder", "1×14×14", "0", "0"],
        ["2 ConvTranspose2d|decoder", "1×28×28", "5", "784"],
        ["3 Conv2d|head", "1×28×28", "2", "784"],
    ]
    expect(section.locator("dd").last).to_have_text(
        "Shown as PyTorch traces it: Skip does more than to pass a picture from one layer to the next."
    )
    expect(section.locator("fieldset").last).to_be_hidden()
    section.get_by_role("gridcell", name="2 ConvTranspose2d").press("Delete")
    page.get_by_role("spinbutton", name="Channels").fill("2")
    expect(page.get_by_label("Model")).to_have_value("own")


def test_nets_become_rows_or_are_refused_by_name() -> None:
    nn = torch.nn
    square, hooked = nn.Conv2d(1, 1, 3, padding=1), nn.Sequential(nn.ReLU(), nn.ReLU())
    hooked[1].register_forward_hook(lambda layer, inputs, output: output[..., ::2])
    assert Stack.of(square).layers == [row_of("Conv2d", out_channels=1, padding=1)] == [[0, 1, 3, 1, 1, 1, 1, 0]]
    assert Stack.of(nn.Conv2d(1, 1, 3, bias=False)).layers == [row_of("Conv2d", out_channels=1, bias=0)]
    assert square.training
    assert Stack.of(nn.MaxPool2d((3, 3), 2, (1, 1))).layers == [row_of("MaxPool2d", kernel_size=3, padding=1)]
    for net, said in [
        (Skip(), "Skip does more than"),
        (nn.Sequential(nn.ReLU(), nn.GELU()), r"layer 1 is GELU\("),
        (nn.Conv2d(1, 1, (3, 2)), r"the model is Conv2d\(1, 1, kernel_size=\(3, 2\)"),
        (nn.Conv2d(2, 2, 3, groups=2), "groups=2"),
        (nn.Upsample(scale_factor=2, mode="bilinear"), "bilinear"),
        (nn.Upsample(scale_factor=1.5), "1.5"),
        (nn.AvgPool2d(2, ceil_mode=True), r"the model is AvgPool2d\("),
        (nn.AvgPool2d(2, padding=1, count_include_pad=False), "AvgPool2d"),
        (nn.AvgPool2d(2, divisor_override=3), "AvgPool2d"),
        (nn.MaxPool2d(2, ceil_mode=True), "ceil_mode=True"),
        (nn.MaxPool2d(2, dilation=2), "dilation=2"),
        (nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), "padding_mode=reflect"),
        (nn.Conv2d(1, 1, 3, padding="same"), "padding=same"),
        (nn.Flatten(2), r"Flatten\(start_dim=2"),
        (nn.BatchNorm2d(1, affine=False), "affine=False"),
        (parametrizations.weight_norm(nn.Conv2d(1, 1, 3)), "ParametrizedConv2d"),
        (type("Conv2d", (nn.Conv2d,), {})(1, 1, 3), r"the model is Conv2d\("),
        (nn.Sequential(square, nn.ReLU(), square), "layer 0 has parameters of a layer before it"),
        (hooked, r"layer 1 is ReLU\("),
    ]:
        with pytest.raises(ValueError, match=said):
            Stack.of(net)
    for kind, settings, said in [
        ("GELU", {}, "GELU is no kind of layer that the widget knows: choose Conv2d"),
        ("ReLU", {"stride": 1}, "ReLU has no stride: choose no setting"),
        ("Conv2d", {"kernel_size": 17}, "Conv2d has kernel_size 17: give a whole number from 1 to 16"),
    ]:
        with pytest.raises(ValueError, match=said):
            row_of(kind, **settings)


def test_what_is_taken_makes_the_shapes_that_the_model_makes() -> None:
    """Settings that no row holds, by chance, on the meta device: refused, or the widget's net does the same."""
    draw, taken = Draw(), 0
    choices: dict[str, dict[str, list[Any]]] = {
        "AvgPool2d": {"ceil_mode": [True], "count_include_pad": [False], "divisor_override": [3]},
        "MaxPool2d": {"ceil_mode": [True], "dilation": [2]},
        "Conv2d": {"padding_mode": ["reflect", "circular"], "groups": [2], "padding": ["valid"]},
        "ConvTranspose2d": {"groups": [2]},
        "Upsample": {"mode": ["bilinear"], "scale_factor": [1.5]},
        "Flatten": {"start_dim": [2]},
    }
    for _ in range(200):
        kind = draw.random.choice(list(choices))
        name, settings = read(draw.row(kind))
        for option, values in choices[kind].items():
            if draw.random.random() < 0.3:
                settings[option] = draw.random.choice(values)
        channels = [2] if kind == "Conv2d" or kind == "ConvTranspose2d" else []
        try:
            model = getattr(torch.nn, name)(*channels, **settings)
            expected = copy.deepcopy(model).to("meta")(torch.empty(1, 2, 11, 8, device="meta")).shape[1:]
        except (ValueError, RuntimeError):
            continue
        try:
            widget = Stack.of(model, (2, 11, 8))
        except ValueError:
            continue
        taken += 1
        assert widget.net()(torch.zeros(1, 2, 11, 8)).shape[1:] == expected, model
    assert taken > 20


def test_looking_at_models_draws_no_random_numbers() -> None:
    stack._net.cache_clear()
    state = torch.get_rng_state()
    widget = Stack()
    assert tuple(widget.models) == stack.SHOWN
    assert widget.image_shape() == (1, 28, 28)
    Stack.of(torch.nn.Identity())
    assert torch.equal(torch.get_rng_state(), state)


def test_what_is_done_to_the_pictures_in_place_is_done_to_copies() -> None:
    before = Kernels().pictures
    for image in (*pictures.digits().values(), *pictures.photographs().values()):
        image.zero_()
    assert Kernels().pictures == before
    name = stack.SHOWN[0]
    models = Stack().models
    models[name].clear()
    assert Stack().models[name] != {}


# All three

EACH = [Pooling, Kernels, Stack]
STATES: dict[type[Widget], dict[str, Any]] = {
    Pooling: {"input": [[1, -2.5], [3, 4]], "shift": [1, -2], "kernel": [2, 1], "ceil_mode": True},
    Kernels: {"picture": "drawing", "kernel": [[1, 2], [3, -4.5]], "divisor": 3, "relu": True, "stride": [2, 3]},
    Stack: {
        "model": "own",
        "layers": [row_of("Conv2d", out_channels=4, stride=2, bias=0), row_of("Dropout", p=0.25)],
        "code": 1,
        "size": [20, 31],
    },
}


@pytest.mark.parametrize("kind", EACH)
def test_links_restore_the_state(open_page: Open, kind: type[Widget]) -> None:
    page = open_page(kind(**STATES[kind]))
    link = page.get_by_role("link", name="Copy link").get_attribute("href")
    page = open_page(kind(), link=link)
    check = {Pooling: assert_pooling, Kernels: assert_kernels, Stack: assert_stack}[kind]
    check(page.locator(".convae"), kind(**STATES[kind]))
    page = open_page(kind(), link=f"#{kind.__name__.lower()}=stride:99;layers:x;kernel:0")
    expect(page.locator(".convae-problem")).to_contain_text("could not be used")
    check(page.locator(".convae"), kind())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 900])
def test_axe_finds_nothing(open_page: Open, theme: str, width: int) -> None:
    page = open_page(
        Pooling(shift=(0, 1)), Pooling(padding=2), Kernels(padding=2), Stack(), Stack(**STATES[Stack]),
        theme=theme, viewport={"width": width, "height": 900}, color_scheme="dark" if theme == "light" else "light",
    )  # fmt: skip
    grid(page, "Maximum").first.locator("[role=gridcell]").first.focus()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.locator(".convae").first.evaluate("(root) => getComputedStyle(root).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background)[:3])) < 200) == (theme == "dark")


@pytest.mark.parametrize("kind", EACH)
def test_nothing_moves_for_those_who_want_rest(open_page: Open, kind: type[Widget]) -> None:
    page = open_page(kind(), reduced_motion="reduce")
    moving = page.locator(".convae *").evaluate_all(
        "(all) => all.filter((one) => parseFloat(getComputedStyle(one).transitionDuration) > 0).length"
    )
    assert moving == 0
    assert page.evaluate("document.getAnimations().length") == 0


def test_code_is_small() -> None:
    """Any two widgets on a page, as a chapter on convolution shows them, with the library and the loader."""
    shared = [LOADER.read_text("utf-8"), Pooling().library.source, Pooling().library.styles]
    own = {kind: f"{kind._esm}{kind().styles}" for kind in (Convolution, TransposedConvolution, *EACH)}
    for pair in itertools.combinations(own, 2):
        code = "".join([*shared, *(own[kind] for kind in pair)])
        assert len(gzip.compress(code.encode())) <= 40_000, pair

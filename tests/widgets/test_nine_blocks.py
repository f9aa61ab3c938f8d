"""One net, nine times, in Chromium: by mouse, keyboard and touch, each number against PyTorch; what it refuses."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from accessibility import faults
from playwright.sync_api import Locator, Page, expect
from torch import nn
from traitlets import TraitError
from widget_checks import evaluated
from widget_checks import settled as drawn

from book.tools.smaller import STYLES, minify, smaller
from convae.data import load
from convae.experiments.runs import load_run
from convae.models import Autoencoder
from convae.widgets import NineBlocks

Open = Callable[..., Page]
NAMES = ["picture", "code", "back"]
FLOAT32 = 1e-6


def blocks(**settings: Any) -> NineBlocks:
    return NineBlocks(load_run("robledo-two-layer").model(), **settings)


def cells(where: Page | Locator, name: str) -> Locator:
    return where.locator(f".convae-stage9-{name} [role=gridcell]")


def status(where: Page | Locator) -> Locator:
    return where.locator("[role=status]")


def middle(found: Locator) -> tuple[float, float]:
    box = found.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def settled(page: Page) -> None:
    """All that glides has arrived."""
    page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")


def assert_shows(section: Locator, widget: NineBlocks) -> None:
    """Pictures, numbers and sentences of the page are those of PyTorch."""
    drawn(section)
    shown = evaluated(
        section.evaluate,
        "(root) => Object.fromEntries(Object.entries(root.shown).map(([k, v]) => [k, v.length ? Array.from(v) : v]))",
    )
    exact = {"picture": widget.image(), "code": widget.code(), "back": widget.reconstruction()}
    for name, wanted in (exact | {"alone": widget.code_alone(), "apart": widget.reconstruction()}).items():
        difference = (torch.tensor(shown[name], dtype=torch.float64) - wanted.flatten()).abs().max()
        assert difference <= FLOAT32 * wanted.abs().max().clamp(min=1), name
    assert shown["difference"] == 0
    levels = [painted(section, "picture"), painted(section, "back")]
    for seen, wanted in zip(levels, (exact["picture"], exact["back"]), strict=True):
        torch.testing.assert_close(seen, 255 * wanted[0], rtol=0, atol=0.51)
    rectangles = evaluated(
        section.locator(".convae-stage9-code rect").evaluate_all,
        "(all) => all.map((one) => [one.classList[0], Number(one.getAttribute('width')) + "
        "Number(one.getAttribute('stroke-width'))])",
    )
    numbers = exact["code"].reshape(16, 9).T.flatten()
    for (kind, side), number in zip(rectangles, numbers.tolist(), strict=True):
        assert kind == ("convae-minus" if number < 0 else "convae-plus")
        assert side == pytest.approx(7.7 * max((abs(number) / 13.0869) ** 0.5, 0.7 / 7.7), abs=0.02)


def painted(section: Locator, name: str) -> torch.Tensor:
    """The levels of a picture's sixteen canvases, [28, 28]."""
    sheet = torch.full((28, 28), torch.nan, dtype=torch.float64)
    tiles = evaluated(
        section.locator(f".convae-stage9-{name} .convae-tile").evaluate_all,
        """(tiles) => tiles.map((tile) => {
            const canvas = tile.querySelector("canvas"), { width, height } = canvas;
            const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, width, height);
            const place = ["--a", "--b"].map((key) => Number(tile.style.getPropertyValue(key)));
            return [...place, Array.from({ length: height }, (_, r) =>
                Array.from({ length: width }, (_, c) => data[4 * (r * width + c)]))];
        })""",
    )
    for row, column, levels in tiles:
        tensor = torch.tensor(levels, dtype=torch.float64)
        sheet[9 * row : 9 * row + len(tensor), 9 * column : 9 * column + tensor.shape[1]] = tensor
    return sheet


def test_pytorch_itself_codes_the_blocks_alone_and_the_same() -> None:
    test = load("mnist-sample").test
    for digit in range(10):
        widget = blocks(digit=str(digit))
        assert torch.equal(widget.image()[0] * 255, test.images[test.labels == digit][0, 0].double())
        torch.testing.assert_close(widget.code_alone(), widget.code(), rtol=0, atol=1e-12)
        error, black = widget.errors()
        widget.order = [8, 7, 6, 5, 4, 3, 2, 1, 0]
        assert widget.errors() == pytest.approx((error, black), rel=1e-12)
    assert widget.parameters == 2481


def test_pages_equal_pytorch(open_page: Open) -> None:
    draw, widgets = random.Random(0), [blocks()]
    for _ in range(9):
        order = list(range(9))
        draw.shuffle(order)
        drawing = [[draw.choice([0, 0, 0.5, 1]) for _ in range(28)] for _ in range(draw.randint(1, 28))]
        digit = draw.choice([*map(str, range(10)), "drawing", "drawing"])
        widgets.append(blocks(digit=digit, apart=draw.choice([0, 40, 100]), order=order, drawing=drawing))
    page = open_page(*widgets)
    for section, widget in zip(page.locator(".convae").all(), widgets, strict=True):
        if widget.digit != "drawing":  # noise drawn by a test may have larger numbers than any digit
            assert_shows(section, widget)
        error, black = (1000 * value for value in widget.errors())
        shown = [float(text) for text in section.locator(".convae-nine-back figcaption b").all_text_contents()]
        assert shown == pytest.approx([error, black], abs=0.5001)


def test_a_block_lights_in_all_three_pictures(open_page: Open) -> None:
    page = open_page(blocks(), viewport={"width": 1100, "height": 700})
    section = page.locator(".convae")
    captions = section.locator("figure:not(.convae-photo) > figcaption")
    for name, place in [("picture", 4), ("code", 0), ("back", 7)]:
        cells(page, name).nth(place).hover()
        for other in NAMES:
            expect(cells(page, other).nth(place)).to_have_class(re.compile("convae-on"))
        expect(section.locator(".convae-on")).to_have_count(3)
        expect(captions.nth(0)).to_have_text(f"block {place + 1} of 9: 81 pixels")
        expect(captions.nth(1)).to_contain_text("its 16 numbers")
        expect(captions.nth(2)).to_contain_text("its error")
    widget = blocks()
    block = (widget.image() - widget.reconstruction())[0, 18:27, 9:18].square().mean().item()
    assert float(captions.nth(2).locator("b").first.text_content()) == pytest.approx(1000 * block, abs=0.0501)
    page.mouse.move(2, 2)
    expect(section.locator(".convae-on")).to_have_count(0)
    expect(captions.nth(0)).to_have_text("784 pixels")
    edge = section.locator(".convae-stage9-back .convae-edge").nth(1)
    edge.hover()
    border = torch.sigmoid(widget.net.decoder[2].bias).item()
    said = re.search(r"read by no kernel\. They come back as (\.\d+)", status(page).inner_text())
    assert float(said[1]) == pytest.approx(border, abs=0.0005)


def test_a_block_dragged_elsewhere_takes_its_code_along(open_page: Open) -> None:
    page, widget = open_page(blocks(), viewport={"width": 1100, "height": 700}), blocks()
    section = page.locator(".convae")
    for name, start, end in [("picture", 4, 0), ("code", 2, 8), ("back", 0, 1)]:
        page.mouse.move(*middle(cells(page, name).nth(start)))
        page.mouse.down()
        page.mouse.move(*middle(cells(page, name).nth(end)), steps=6)
        expect(section.locator(".convae-held")).to_have_count(3)
        expect(section.locator(".convae-goal")).to_have_count(3)
        page.mouse.up()
        settled(page)
        order = widget.order
        order[start], order[end] = order[end], order[start]
        widget.order = order
        assert_shows(section, widget)
    expect(status(page)).to_contain_text("the net does not notice")
    said = re.search(r"Error before (\S+), after (\S+):", status(page).inner_text())
    assert said[1] == said[2] == f"{1000 * blocks().errors()[0]:.1f}"
    page.mouse.move(*middle(cells(page, "picture").nth(4)))
    page.mouse.down()
    page.mouse.move(2, 2, steps=3)  # let go outside: it goes home
    page.mouse.up()
    assert_shows(section, widget)
    page.get_by_role("button", name="Put back").click()
    page.mouse.move(2, 2)
    assert_shows(section, blocks())
    expect(page.get_by_role("button", name="Put back")).to_be_disabled()


def test_pulled_apart_by_slider_and_by_a_gap(open_page: Open) -> None:
    page, widget = open_page(blocks(), viewport={"width": 1100, "height": 700}, reduced_motion="reduce"), blocks()
    section, slider = page.locator(".convae"), page.get_by_role("slider", name="Pull apart")
    before = [cells(page, "picture").nth(k).bounding_box() for k in (0, 8)]
    slider.fill("100")
    expect(status(page)).to_contain_text("coded and decoded alone: the same as all nine at once.")
    after = [cells(page, "picture").nth(k).bounding_box() for k in (0, 8)]
    assert after[1]["x"] - after[0]["x"] - before[1]["x"] + before[0]["x"] == pytest.approx(2 * 1.75 * 8.5, abs=1.1)
    widget.apart = 100
    assert_shows(section, widget)
    slider.fill("50")
    first, second = (cells(page, "code").nth(k).bounding_box() for k in (4, 5))
    x, y = (first["x"] + first["width"] + second["x"]) / 2, first["y"] + first["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 9, y, steps=3)
    page.mouse.up()
    settled(page)
    assert int(slider.input_value()) > 80
    expect(section.locator(".convae-held")).to_have_count(0)


def test_by_keyboard(open_page: Open) -> None:
    page, widget = open_page(blocks(), reduced_motion="reduce"), blocks()
    section = page.locator(".convae")
    page.keyboard.press("Tab")
    expect(cells(page, "picture").nth(4)).to_be_focused()
    for key in ["ArrowRight", "ArrowRight"]:
        page.keyboard.press(key)
    expect(cells(page, "code").nth(3)).to_be_focused()
    for key in ["Space", "ArrowUp", "ArrowRight", "ArrowRight", "ArrowRight"]:
        page.keyboard.press(key)
    expect(status(page)).to_contain_text("Block 4 is in your hand, over the place of block 3")
    page.keyboard.press("Space")
    widget.order = [0, 1, 3, 2, 4, 5, 6, 7, 8]
    assert_shows(section, widget)
    expect(cells(page, "code").nth(2)).to_be_focused()
    for key in ["Enter", "ArrowDown", "Escape"]:
        page.keyboard.press(key)
    assert_shows(section, widget)
    for key in ["+", "+", "-"]:
        page.keyboard.press(key)
    widget.apart = 10
    expect(page.get_by_role("slider", name="Pull apart")).to_have_value("10")
    assert_shows(section, widget)
    for key in ["ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown"]:
        page.keyboard.press(key)
    expect(status(page)).to_contain_text("read by no kernel")
    page.keyboard.press("ArrowUp")
    expect(cells(page, "back").nth(7)).to_be_focused()
    stops = [page.evaluate("document.activeElement.textContent")]
    while True:
        page.keyboard.press("Tab")
        if page.evaluate("!document.activeElement.closest('.convae')"):
            break
        stops.append(page.evaluate("document.activeElement.value ?? document.activeElement.textContent"))
    assert stops[1:] == ["3", "10", "", "", "", "Copy link"]  # a button has the value ""
    page.get_by_role("radio", name="digit 3").focus()
    page.keyboard.press("ArrowRight")
    widget.digit = "4"
    assert_shows(section, widget)


def test_by_touch(open_page: Open) -> None:
    settings = {"viewport": {"width": 375, "height": 720}, "has_touch": True, "is_mobile": True}
    page, widget = open_page(blocks(), **settings), blocks()
    section, hand = page.locator(".convae"), page.context.new_cdp_session(page)
    section.scroll_into_view_if_needed()

    def touch(kind: str, *place: float) -> None:
        points = [{"x": place[0], "y": place[1]}] if place else []
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    cells(page, "code").nth(4).tap()
    expect(section.locator(".convae-on")).to_have_count(3)
    # A block that is lit follows the finger at once, up as well as sideways.
    start, end = (middle(cells(page, "code").nth(k)) for k in (4, 1))
    touch("touchStart", *start)
    for share in (0.2, 0.6, 1):
        touch("touchMove", *(a + share * (b - a) for a, b in zip(start, end, strict=True)))
    expect(section.locator(".convae-goal")).to_have_count(3)
    touch("touchEnd")
    settled(page)
    widget.order = [0, 4, 2, 3, 1, 5, 6, 7, 8]
    assert_shows(section, widget)
    # Another one after it was held for a moment.
    start, end = (middle(cells(page, "picture").nth(k)) for k in (0, 3))
    touch("touchStart", *start)
    expect(section.locator(".convae-held")).to_have_count(3)
    for share in (0.2, 0.6, 1):
        touch("touchMove", *(a + share * (b - a) for a, b in zip(start, end, strict=True)))
    touch("touchEnd")
    settled(page)
    widget.order = [3, 4, 2, 0, 1, 5, 6, 7, 8]
    assert_shows(section, widget)


def test_a_finger_that_scrolls_moves_no_block(open_page: Open) -> None:
    settings = {"viewport": {"width": 375, "height": 400}, "has_touch": True, "is_mobile": True}
    page = open_page(blocks(), **settings)
    hand = page.context.new_cdp_session(page)
    x, y = middle(cells(page, "picture").nth(6))
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11):
        place = {"x": x, "y": y - 15 * step}
        hand.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("scrollY > 100")
    assert_shows(page.locator(".convae"), blocks())


@pytest.mark.parametrize("way", ["mouse", "keyboard", "touch"])
def test_a_digit_drawn_by_hand(open_page: Open, way: str) -> None:
    phone = {"viewport": {"width": 375, "height": 720}, "has_touch": True, "is_mobile": True}
    page, widget = open_page(blocks(), **(phone if way == "touch" else {})), blocks(digit="drawing")
    section = page.locator(".convae")
    page.get_by_role("radio", name="draw your own").check()
    assert_shows(section, widget)
    sheet = section.locator(".convae-canvas")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()

    def at(row: int, column: int) -> tuple[float, float]:
        return box["x"] + (column + 0.5) * box["width"] / 28, box["y"] + (row + 0.5) * box["height"] / 28

    if way == "mouse":
        page.mouse.move(*at(20, 14))
        page.mouse.down()
        page.mouse.move(*at(27, 14), steps=8)
        page.mouse.up()
    elif way == "touch":
        hand = page.context.new_cdp_session(page)
        for kind, row in [("touchStart", 20), *(("touchMove", row) for row in range(21, 28)), ("touchEnd", None)]:
            points = [] if row is None else [dict(zip("xy", at(row, 14), strict=True))]
            hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    else:
        sheet.locator("[role=gridcell]:visible").focus()
        for _ in range(20):
            page.keyboard.press("ArrowDown")
        for _ in range(14):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
        for _ in range(6):
            page.keyboard.press("Shift+ArrowDown")
    drawing = torch.zeros(28, 28)
    for row in range(20, 28):
        drawing[row, 13], drawing[row, 15] = 0.5, 0.5
    drawing[19, 14], drawing[20:, 14] = 0.5, 1
    widget.drawing = drawing
    drawn(section)
    shown = evaluated(section.evaluate, "(root) => Array.from(root.shown.picture)")
    assert shown == drawing.flatten().tolist()
    expect(status(page)).to_contain_text("no kernel")
    page.get_by_role("slider", name="Pull apart").fill("30")  # then it is cut like any other picture
    expect(sheet).to_be_hidden()
    widget.apart = 30
    assert_shows(section, widget)
    page.get_by_role("button", name="Put back").click()
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_role("button", name="Erase")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Empty").click()
    widget.apart, widget.drawing = 0, [[0]]
    assert_shows(section, widget)


def test_a_link_brings_the_settings_back(open_page: Open) -> None:
    page = open_page(blocks(), reduced_motion="reduce")
    page.get_by_role("radio", name="digit 8").check()
    page.get_by_role("slider", name="Pull apart").fill("40")
    cells(page, "picture").nth(0).focus()
    for key in ["Space", "ArrowRight", "Space"]:
        page.keyboard.press(key)
    drawn(page.locator(".convae"))
    address = page.get_by_role("link", name="Copy link").get_attribute("href")
    again = open_page(blocks(), link=address)
    widget = blocks(digit="8", apart=40, order=[1, 0, 2, 3, 4, 5, 6, 7, 8])
    assert_shows(again.locator(".convae"), widget)
    expect(again.locator(".convae-nine-printed")).to_contain_text("digit 8, the blocks pulled apart by 40 %")


@pytest.mark.parametrize(
    "wrong", ["order:0,0,2,3,4,5,6,7,8", "dense:maybe", "dense:constructor", "apart:0x10", "noise:0b1"]
)
def test_a_link_that_is_no_setting_says_so(open_page: Open, wrong: str) -> None:
    page = open_page(blocks(), link=f"#nine_blocks={wrong}")
    expect(page.get_by_role("alert").first).to_contain_text("could not be used")
    assert_shows(page.locator(".convae"), blocks())


def test_it_breathes_once_and_not_for_those_who_want_no_motion(open_page: Open) -> None:
    running = "document.getAnimations().filter((one) => one.effect.target.matches('.convae-nine-board')).length"
    page = open_page(blocks(), viewport={"width": 1100, "height": 800})
    page.wait_for_function(running)
    page.wait_for_function(f"!{running}")
    quiet = open_page(blocks(), viewport={"width": 1100, "height": 800}, reduced_motion="reduce")
    quiet.wait_for_timeout(300)
    assert quiet.evaluate(running) == 0


@pytest.mark.parametrize(
    ("width", "theme"), [(1100, "light"), (1100, "dark"), (700, "light"), (375, "dark"), (320, "light")]
)
def test_nothing_leaves_its_box_and_axe_finds_nothing(open_page: Open, width: int, theme: str) -> None:
    for widget in [blocks(digit="8", apart=100, order=[1, 0, 2, 3, 4, 5, 6, 7, 8]), blocks(digit="drawing")]:
        page = open_page(widget, theme=theme, viewport={"width": width, "height": 720}, reduced_motion="reduce")
        page.evaluate("document.body.style.margin = '0 16px'")
        outside = page.locator(".convae").evaluate(
            """(root) => {
                const { left, right } = root.getBoundingClientRect();
                return [...root.querySelectorAll("*")].filter((one) => {
                    const box = one.getBoundingClientRect();
                    return box.width && (box.left < left - .5 || box.right > right + .5);
                }).map((one) => one.outerHTML.slice(0, 90));
            }"""
        )
        assert outside == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        small = page.locator(".convae").evaluate(
            """(root) => [...root.querySelectorAll("*")].filter((one) => one.getClientRects().length &&
                [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
                .map((one) => parseFloat(getComputedStyle(one).fontSize))"""
        )
        assert min(small) >= (10 if width < 560 else 11)
        # controls and effect on one screen
        board, controls = (page.locator(f".convae-nine-{part}").bounding_box() for part in ("board", "controls"))
        assert controls["y"] + controls["height"] - board["y"] <= 560
        assert page.locator(".convae").bounding_box()["height"] <= 640
        assert faults(page, "wcag2a", "wcag2aa", "wcag21aa", "best-practice") == []


def test_print_is_light_and_says_the_settings(open_page: Open) -> None:
    page = open_page(blocks(apart=40), theme="dark", reduced_motion="reduce")
    page.emulate_media(media="print")
    expect(page.locator(".convae-nine-controls")).to_be_hidden()
    expect(page.locator(".convae-nine-printed")).to_be_visible()
    paper = cells(page, "picture").first.evaluate("(cell) => getComputedStyle(cell).backgroundColor")
    assert paper == "rgb(255, 255, 255)"


def test_python_drives_the_page_and_refuses_what_does_not_fit() -> None:
    widget = blocks()
    for name, value, message in [
        ("digit", "10", "give one of 0, 1"),
        ("apart", 101, "from 0 to 100"),
        ("order", [0, 0, 2, 3, 4, 5, 6, 7, 8], "each once"),
        ("order", [0, 1], "each once"),
        ("order", 3, "each once"),
        ("drawing", [[2]], "from 0 to 1"),
    ]:
        with pytest.raises(TraitError, match=message):
            setattr(widget, name, value)
    assert widget.order == list(range(9))


def layered(first: nn.Module, last: nn.Module) -> Autoencoder:
    encoder = nn.Sequential(first, nn.ReLU(), nn.Conv2d(8, 16, 3, 3))
    decoder = nn.Sequential(nn.ConvTranspose2d(16, 8, 3, 3), nn.ReLU(), last, nn.Sigmoid())
    return Autoencoder(encoder, decoder, (1, 28, 28))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: load_run("bottleneck-32").model(), "codes of shape"),
        (
            lambda: layered(nn.Conv2d(1, 8, 5, 3, padding=1), nn.ConvTranspose2d(8, 1, 3, 3, output_padding=1)),
            "surrounds",
        ),
        (lambda: layered(nn.Conv2d(1, 8, 3, 3), nn.ConvTranspose2d(8, 1, 5, 3, 1, output_padding=1)), "other blocks"),
    ],
)
def test_nets_whose_blocks_know_each_other_are_refused(make: Callable[[], Autoencoder], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NineBlocks(make())


def test_a_page_holds_it_light(open_page: Open) -> None:
    widget = blocks()
    texts = smaller(widget._esm), smaller(widget.styles, STYLES)
    assert sum(len(gzip.compress(text.encode())) for text in texts) < (11_500 if minify else 14_000)
    assert len(widget.weights) < 11_000


def test_a_frame_is_drawn_in_a_blink(open_page: Open) -> None:
    """Counted, not timed: one redraw for all changes of an event, and nothing painted that has not changed."""
    page = open_page(blocks(), reduced_motion="reduce")
    page.evaluate(
        "() => { globalThis.painted = 0; const own = CanvasRenderingContext2D.prototype.putImageData;"
        "CanvasRenderingContext2D.prototype.putImageData = function (...all) { painted++; own.apply(this, all); } }"
    )
    cells(page, "code").nth(3).hover()
    expect(page.locator(".convae-on")).to_have_count(3)
    assert page.evaluate("painted") == 0
    page.get_by_role("radio", name="digit 5").check()
    page.wait_for_function("painted > 0")  # the next frame draws
    assert page.evaluate("painted") == 32

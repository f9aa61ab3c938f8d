"""The latent explorer in Chromium: by mouse, keyboard and touch, each picture against PyTorch; what it refuses."""

from __future__ import annotations

import base64
import gzip
import json
import math
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from accessibility import faults
from explorer_checks import assert_shows, grid, number
from playwright.sync_api import Locator, Page, expect
from torch import nn
from traitlets import TraitError
from widget_page import LOADER

from benchmarks import nets
from convae.data import load
from convae.experiments.runs import load_run
from convae.models import MODELS, Autoencoder, build
from convae.widgets import LatentExplorer
from convae.widgets.latent_explorer import normal_numbers
from convae.widgets.nets import described, halved

Open = Callable[..., Page]


def local(**settings: Any) -> LatentExplorer:
    """The 2,481-parameter net: each number of its code belongs to a block of the picture."""
    return LatentExplorer(load_run("robledo-two-layer").model(), **settings)


def bottleneck(seed: int = 0) -> Autoencoder:
    """A net with a vector as its code, of every kind of layer that a page knows."""
    torch.manual_seed(seed)
    encoder = [nn.Conv2d(1, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout2d(), nn.MaxPool2d(2, ceil_mode=True)]
    encoder += [nn.Conv2d(8, 16, 3, padding=1, groups=2, bias=False), nn.BatchNorm2d(16, affine=False), nn.LeakyReLU()]
    encoder += [nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.Flatten(), nn.Linear(256, 32), nn.Identity()]
    decoder = [nn.Linear(32, 144, bias=False), nn.ELU(0.7), nn.Unflatten(1, (16, 3, 3))]
    decoder += [nn.ConvTranspose2d(16, 8, 3, 2), nn.Tanh(), nn.ConvTranspose2d(8, 8, 3, 2, 1, 1, groups=2), nn.ReLU()]
    decoder += [nn.Dropout(), nn.ConvTranspose2d(8, 1, (3, 3), 2, 1, 1), nn.Sigmoid()]
    net = Autoencoder(nn.Sequential(*encoder), nn.Sequential(*decoder), (1, 28, 28))
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.uniform_(-0.5, 0.5)
            layer.running_var.uniform_(0.2, 3)
    with torch.no_grad():
        for weight in net.parameters():
            weight.mul_(3)  # so that pictures differ
    return net


def distant(**settings: Any) -> LatentExplorer:
    return LatentExplorer(bottleneck(), half=True, **settings)


def status(where: Page | Locator) -> Locator:
    return where.locator("[role=status]")


def spot(found: Locator, row: int, column: int) -> dict[str, float]:
    """The middle of a pixel, as a position for click, tap and hover."""
    shape = found.locator("canvas").evaluate("(canvas) => [canvas.height, canvas.width]")
    box = found.bounding_box()
    return {"x": (column + 0.5) / shape[1] * box["width"], "y": (row + 0.5) / shape[0] * box["height"]}


class Draw:
    """Random settings."""

    def __init__(self) -> None:
        self.random = random.Random(0)

    def widget(self, make: Callable[..., LatentExplorer]) -> LatentExplorer:
        names = [f"digit {label}" for label in range(10)] + ["drawing"] * 3
        widget = make(
            first=self.random.choice(names),
            second=self.random.choice(names),
            blend=round(self.random.random(), 2),
            noise=self.random.choice([0, round(self.random.random(), 2)]),
            seed=self.random.randint(0, 9999),
            drawing=[[self.random.choice([0, 0, 0.5, 1]) for _ in range(28)] for _ in range(28)],
        )
        offsets, reach = [[0.0] * len(row) for row in widget.offsets], widget.plans[0]["reach"]
        for _ in range(self.random.choice([0, 1, 5])):
            row = self.random.choice(offsets)
            row[self.random.randrange(len(row))] = round(self.random.uniform(-reach, reach), 2)
        widget.offsets = offsets
        widget.cell = self.random.randrange(len(offsets) * len(offsets[0]))
        return widget


def beside(**settings: Any) -> LatentExplorer:
    """Both beside each other."""
    nets = {"blocks": load_run("robledo-two-layer").model(), "whole": bottleneck()}
    return LatentExplorer(nets, half=True, **settings)


@pytest.mark.parametrize("make", [local, distant, beside])
def test_pages_equal_pytorch(open_page: Open, make: Callable[..., LatentExplorer]) -> None:
    draw = Draw()
    widgets = [make(), *(draw.widget(make) for _ in range(5))]  # test_nets.py tries hundreds, without a browser
    for section, widget in zip(open_page(*widgets).locator(".convae").all(), widgets, strict=True):
        assert_shows(section, widget)


def offset(widget: LatentExplorer, row: int, column: int, value: float) -> None:
    """What the reader does to one number: afterwards the code holds this value there."""
    code = widget.codes()[1].reshape(len(widget.offsets), -1)[row, column].item()
    widget.offsets = [
        [own + (value - code if (r, c) == (row, column) else 0) for c, own in enumerate(line)]
        for r, line in enumerate(widget.offsets)
    ]


def test_by_mouse(open_page: Open) -> None:
    page, widget = open_page(local()), local()
    section, reach = page.locator(".convae"), widget.plans[0]["reach"]
    page.get_by_role("combobox", name="First picture").select_option("digit 7")
    page.get_by_role("combobox", name="Second picture").select_option("digit 4")
    page.get_by_role("slider", name="Blend, from the first").fill("0.3")
    widget.first, widget.second, widget.blend = "digit 7", "digit 4", 0.3
    assert_shows(section, widget)
    expect(section.locator(".convae-share")).to_have_text(["× 0.7", "× 0.3"])
    expect(status(page)).to_contain_text("Decoded from 0.7 · code of digit 7 + 0.3 · code of digit 4")
    strip = section.locator(".convae-strip")
    strip.click(position={"x": strip.bounding_box()["width"] * 8.5 / 11, "y": 5})
    widget.blend = 0.8
    assert_shows(section, widget)

    # Hovering tells of a cell, a click chooses it; the decoded picture says what stands where.
    code = widget.codes()[0]
    cells = grid(page, "Code").get_by_role("gridcell")
    expect(cells).to_have_count(144)
    cells.and_(page.get_by_label("channel 5, row 0, column 2:")).hover()
    expect(status(page)).to_contain_text("Channel 5, row 0, column 2: ")
    assert number(re.search(r": (\S+)\. It", status(page).inner_text())[1]) == pytest.approx(
        code[5, 0, 2].item(), abs=0.0051
    )
    expect(status(page)).to_contain_text("It reaches rows 0 to 8, columns 18 to 26 of the picture.")
    expect(section.locator(".convae-chosen")).to_have_text("Channel 0, row 1, column 1")
    cells.and_(page.get_by_label("channel 5, row 0, column 2:")).click()
    expect(section.locator(".convae-chosen")).to_have_text("Channel 5, row 0, column 2")
    page.get_by_role("slider", name="Value of the chosen cell").fill(str(reach))
    offset(widget, 5, 2, reach)
    assert_shows(section, widget)
    expect(status(page)).to_contain_text(f"Channel 5, row 0, column 2: {reach} instead of ")
    expect(cells.and_(page.locator(".convae-first"))).to_have_count(1)
    page.get_by_role("button", name="Zero").click()
    offset(widget, 5, 2, 0)
    assert_shows(section, widget)
    page.get_by_role("slider", name="Noise").fill("0.5")
    page.get_by_role("spinbutton", name="Seed").fill("12")
    widget.noise, widget.seed = 0.5, 12
    assert_shows(section, widget)
    page.get_by_role("button", name="Back", exact=True).click()
    widget.offsets = [[0] * 9] * 16
    assert_shows(section, widget)
    found = grid(page, "Decoded")
    found.hover(position=spot(found, 12, 14))
    said = re.match(r"Row 12, column 14: decoded (\S+), pixels blended (\S+)\.$", status(page).inner_text())
    assert number(said[1]) == pytest.approx(widget.decoded()[1][0, 12, 14].item(), abs=0.0051)
    assert number(said[2]) == pytest.approx(widget.pixels()[0, 12, 14].item(), abs=0.0051)
    page.get_by_role("button", name="All back").click()
    widget.noise = 0
    assert_shows(section, widget)
    page.get_by_role("button", name="Reset").click()
    assert_shows(section, local())


def stroked(levels: torch.Tensor, places: list[tuple[int, int]]) -> torch.Tensor:
    """A picture with some pixels drawn, the four beside each half as bright."""
    drawn = (levels * 100).round() / 100
    for row, column in places:
        for other in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            drawn[other] = max(drawn[other].item(), 0.5)
    for place in places:
        drawn[place] = 1
    return drawn


def test_a_drawing_is_encoded(open_page: Open) -> None:
    page, widget = open_page(local()), local()
    section = page.locator(".convae")
    page.get_by_role("radio", name="Draw").check()
    found = grid(page, "Second")
    found.hover(position=spot(found, 6, 20))
    page.mouse.down()
    found.hover(position=spot(found, 12, 20))
    page.mouse.up()
    widget.drawing = stroked(widget.image(widget.second)[0], [(row, 20) for row in range(6, 13)])
    widget.second = "drawing"
    expect(page.get_by_role("combobox", name="Second picture")).to_have_value("drawing")
    assert_shows(section, widget)
    page.get_by_role("button", name="Empty sheet").click()
    widget.drawing = torch.zeros(28, 28)
    assert_shows(section, widget)
    page.get_by_role("combobox", name="First picture").select_option("drawing")
    widget.first = "drawing"
    found = grid(page, "First")
    found.click(position=spot(found, 5, 5))
    widget.drawing = stroked(torch.zeros(28, 28), [(5, 5)])
    assert_shows(section, widget)
    page.get_by_role("radio", name="Erase").check()
    found.click(position=spot(found, 5, 6))
    widget.drawing = torch.tensor(widget.drawing) * (torch.tensor(widget.drawing) == 0.5)
    drawing = torch.tensor(widget.drawing)
    drawing[5, 5:8] = drawing[[4, 6], 6] = 0
    widget.drawing = drawing
    assert_shows(section, widget)
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("combobox", name="First picture").select_option("drawing")
    assert_shows(section, local(first="drawing", drawing=drawing))  # nobody's drawing is thrown away


def test_by_keyboard(open_page: Open) -> None:
    page, widget = open_page(local()), local()
    section, press = page.locator(".convae"), page.keyboard.press
    press("Tab")  # the first picture
    page.keyboard.type("digit 5")
    press("Tab")
    for key in ["ArrowDown", "ArrowRight"]:
        press(key)
    expect(grid(page, "First").locator(":focus")).to_have_attribute("aria-label", "row 1, column 1: 0")
    expect(status(page)).to_have_text("Row 1, column 1: 0 in digit 5.")
    press("Tab")
    expect(page.get_by_role("button", name="Play")).to_be_focused()
    press("Tab")
    press("Control+a")
    page.keyboard.type("0.2")
    widget.first, widget.blend = "digit 5", 0.2
    assert_shows(section, widget)
    for key in ["Tab", "Tab", "Tab", "Tab", "Tab", "Tab"]:  # the second picture, two more, noise and seed
        press(key)
        if page.evaluate("document.activeElement.closest('.convae-code')"):
            break
    while not page.evaluate("document.activeElement.closest('.convae-code')"):
        press("Tab")
    for key in ["Control+Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown"]:
        press(key)
    focus = grid(page, "Code").locator(":focus")
    expect(focus).to_have_attribute("aria-label", re.compile("^channel 5, row 0, column 0: "))
    expect(grid(page, "Code").locator("[tabindex='0']")).to_have_count(1)
    before = widget.codes()[0].reshape(16, 9)[5, 0].item()
    for key in ["+", "+", "+", "-"]:
        press(key)
    offset(widget, 5, 0, before + 2 * widget.plans[0]["reach"] / 20)
    assert_shows(section, widget)
    expect(focus).to_have_attribute("aria-label", re.compile(r"changed by"))
    press("0")
    offset(widget, 5, 0, 0)
    assert_shows(section, widget)
    press("Delete")
    widget.offsets = [[0] * 9] * 16
    assert_shows(section, widget)
    press("Enter")
    expect(page.get_by_role("spinbutton", name="Value of the chosen cell")).to_be_focused()
    press("Control+a")
    page.keyboard.type("-2.5")
    offset(widget, 5, 0, -2.5)
    assert_shows(section, widget)
    press("Shift+Tab")
    press("Control+End")
    expect(focus).to_have_attribute("aria-label", re.compile("^channel 15, row 2, column 2: "))
    for key in ["ArrowRight", "ArrowDown", "Home", "ArrowLeft"]:  # the edges hold
        press(key)
    expect(focus).to_have_attribute("aria-label", re.compile("^channel 12, row 2, column 0: "))
    press("x")
    press("Alt+ArrowUp")
    expect(focus).to_have_attribute("aria-label", re.compile("^channel 12, row 2, column 0: "))
    assert_shows(section, widget)


def test_drawing_by_keyboard(open_page: Open) -> None:
    page, widget = open_page(local()), local()
    section, press = page.locator(".convae"), page.keyboard.press
    while not page.evaluate("document.activeElement.type === 'radio'"):
        press("Tab")
    press("ArrowRight")
    expect(page.get_by_role("radio", name="Draw")).to_be_checked()
    for key in ["Tab", "Enter"]:  # an empty sheet
        press(key)
    while not page.evaluate("document.activeElement.closest('[aria-label^=\"First\"][role=grid]')"):
        press("Shift+Tab")
    for key in ["ArrowDown", "ArrowDown", "ArrowRight", "Space", "ArrowRight", "ArrowRight", "ArrowRight"]:
        press(key)
    for key in ["Shift+ArrowDown", "Shift+ArrowDown"]:
        press(key)
    widget.first = "drawing"
    widget.drawing = stroked(torch.zeros(28, 28), [(2, 1), (2, 4), (3, 4), (4, 4)])
    assert_shows(section, widget)


def test_play_walks_from_one_picture_to_the_other(open_page: Open) -> None:
    page = open_page(beside(blend=0.9))
    page.get_by_role("button", name="Play").click()
    blend = page.get_by_role("spinbutton", name="Blend, from")
    expect(page.get_by_role("button", name="Play")).to_be_visible()  # it has arrived and rests
    expect(blend).to_have_value("1")
    page.get_by_role("button", name="Play").click()  # from the beginning
    expect(blend).not_to_have_value("1")
    page.get_by_role("button", name="Pause").click()
    held = blend.input_value()
    assert 0 <= float(held) < 1
    expect(blend).to_have_value(held)


def test_two_nets_are_changed_each_by_itself(open_page: Open) -> None:
    page, widget = open_page(beside(blend=0)), beside(blend=0)
    section = page.locator(".convae")
    assert_shows(section, widget)
    expect(section.locator(".convae-strip-names span")).to_have_text(["blocks", "whole", "pixels"])
    page.get_by_role("button", name="The code, number by number").click()
    page.get_by_label("number 9:").click()
    expect(section.locator(".convae-chosen")).to_have_text("Whole, number 9")
    page.get_by_role("button", name="Zero").click()
    row = [0.0] * 176
    row[144 + 9] = -widget.codes("whole")[0][9].item()
    widget.offsets = [row]
    widget.cell = 153
    assert_shows(section, widget)
    page.get_by_role("slider", name="Noise").fill("0.5")
    widget.noise = 0.5
    assert_shows(section, widget)


def test_a_link_leaves_the_drawing_or_offers_it_back(open_page: Open) -> None:
    drawing = [[float(r == c) for c in range(28)] for r in range(28)]
    page, widget = open_page(local()), local(first="digit 3")
    section = page.locator(".convae")
    page.get_by_role("radio", name="Draw").check()
    found = grid(page, "First")
    found.click(position=spot(found, 5, 5))
    drawn = stroked(widget.image(local().first)[0], [(5, 5)])
    assert_shows(section, local(first="drawing", drawing=drawn))
    page.evaluate("location.hash = 'latent_explorer=first:digit%203'")
    assert_shows(section, local(first="digit 3"))
    page.get_by_role("combobox", name="First picture").select_option("drawing")
    assert_shows(section, local(first="drawing", drawing=drawn))
    expect(page.get_by_role("button", name="My drawing back")).to_have_count(0)
    own = "/".join(",".join(f"{value:g}" for value in row) for row in drawing)
    page.evaluate(f"location.hash = 'latent_explorer=first:drawing;drawing:{own}'")
    expect(section).to_contain_text("The link’s drawing stands in place of yours.")
    assert_shows(section, local(first="drawing", drawing=drawing))
    page.get_by_role("button", name="My drawing back").click()
    assert_shows(section, local(first="drawing", drawing=drawn))
    expect(page.get_by_role("button", name="My drawing back")).to_have_count(0)


def test_what_changed_a_picture_is_named(open_page: Open) -> None:
    page = open_page(beside(blend=0, noise=0.5))
    expect(page.get_by_role("img", name=re.compile("^Changed by noise: "))).to_have_count(2)
    expect(status(page)).to_contain_text(" by noise. Whole: mean squared difference ")
    page.get_by_role("button", name="The code, number by number").click()
    page.get_by_label("number 9:").click()
    page.get_by_role("button", name="Zero").click()
    expect(page.get_by_role("img", name=re.compile("^Changed by hand and noise: "))).to_have_count(1)
    page.get_by_role("spinbutton", name="Noise").fill("0")
    expect(page.get_by_role("img", name=re.compile("^Changed by hand: "))).to_have_count(1)


def test_a_box_says_its_limits_and_that_its_old_number_stands(open_page: Open) -> None:
    page = open_page(local())
    box, note = page.get_by_role("spinbutton", name="Noise"), page.locator(".convae-noise .convae-wrong").first
    expect(note).to_be_hidden()
    box.fill("7")
    box.blur()
    expect(box).to_have_value("0")
    expect(note).to_have_text("only a number from 0 to 2")
    expect(page.locator(".convae-problem")).to_have_text("7 is not a number from 0 to 2: 0 is kept.")
    page.get_by_role("slider", name="Blend, from the first").fill("0.3")  # another number changes nothing here
    expect(note).to_be_visible()
    box.fill("1")
    expect(note).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_differences_have_a_dark_ground_in_the_dark(open_page: Open, theme: str) -> None:
    page = open_page(local(blend=0.5), theme=theme)
    turned = page.locator(".convae-signed canvas").evaluate("(canvas) => getComputedStyle(canvas).filter")
    assert turned == ("none" if theme == "light" else "invert(1) hue-rotate(180deg)")


@pytest.mark.parametrize("models", [{}, {name: build("robledo-two-layer") for name in "abc"}])
def test_one_net_or_two(models: dict[str, Autoencoder]) -> None:
    with pytest.raises(ValueError, match=f"{len(models)} nets: give one, or 2 by name"):
        LatentExplorer(models)


def test_by_touch(open_page: Open) -> None:
    page = open_page(distant(), has_touch=True, viewport={"width": 320, "height": 700})
    section, widget = page.locator(".convae"), distant()
    page.get_by_role("button", name="The code, number by number").tap()
    page.get_by_label("number 9:").tap()
    expect(section.locator(".convae-chosen")).to_have_text("Number 9")
    page.get_by_role("button", name="Zero").tap()
    offset(widget, 0, 9, 0)
    assert_shows(section, widget)
    page.get_by_role("button", name="Draw").tap()
    page.get_by_role("radio", name="Draw").tap()
    found = grid(page, "First")
    found.tap(position=spot(found, 9, 10))
    widget.drawing = stroked(widget.image(widget.first)[0], [(9, 10)])
    widget.first = "drawing"
    assert_shows(section, widget)

    # A finger that draws does not scroll the page.
    found.scroll_into_view_if_needed()
    scrolled, box = page.evaluate("scrollY"), found.bounding_box()
    finger = page.context.new_cdp_session(page)
    for kind, row in [("touchStart", 14), ("touchMove", 16), ("touchMove", 20), ("touchEnd", None)]:
        at = spot(found, row, 3) if row else {}
        points = [{"x": box["x"] + at["x"], "y": box["y"] + at["y"]}] if at else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    widget.drawing = stroked(torch.tensor(widget.drawing), [(row, 3) for row in range(14, 21)])
    assert_shows(section, widget)
    assert page.evaluate("scrollY") == scrolled


@pytest.mark.parametrize("width", [320, 680, 900])
def test_targets_are_large_enough(open_page: Open, width: int) -> None:
    page = open_page(local(), distant(), viewport={"width": width, "height": 700})
    for handle in page.locator(".convae-handle:visible").all():
        handle.click()
    sizes = (
        page.locator(".convae")
        .locator("button, select, input, .convae-code [role=gridcell]")
        .evaluate_all(
            "(all) => all.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())"
            ".map(({ width, height }) => Math.min(width, height))"
        )
    )
    assert len(sizes) > 200
    assert min(size for size in sizes if size) >= 20  # the boxes of the radio buttons lie in larger labels
    cells = page.locator(".convae-code [role=gridcell]").evaluate_all("(all) => all.map((one) => one.offsetWidth)")
    assert min(cells) >= 24
    assert page.evaluate("document.documentElement.scrollWidth") <= width


STATE = {"first": "digit 7", "second": "drawing", "blend": 0.35, "noise": 0.25, "seed": 77, "cell": 58}
DRAWING = [[((r * c) % 5) / 4 for c in range(28)] for r in range(28)]


def test_links_restore_the_state(open_page: Open) -> None:
    offsets = [[0.125 * (r == 3) - 2 * (c == 4) for c in range(9)] for r in range(16)]
    page = open_page(local(**STATE, drawing=DRAWING, offsets=offsets))
    assert_shows(page.locator(".convae"), local(**STATE, drawing=DRAWING, offsets=offsets))
    link = page.get_by_role("link", name="Copy link").get_attribute("href")
    page = open_page(local(), link=link)
    assert_shows(page.locator(".convae"), local(**STATE, drawing=DRAWING, offsets=offsets))
    expect(page.locator(".convae-chosen")).to_have_text("Channel 6, row 1, column 1")


@pytest.mark.parametrize(
    "link", ["first:digit%2011", "blend:2", "noise:x", "seed:1.5", "offsets:1,2/3", "cell:-1", "weights:0"]
)
def test_nonsense_in_the_address(open_page: Open, link: str) -> None:
    page = open_page(local(), link=f"#latent_explorer={link}")
    expect(page.locator(".convae-problem")).to_contain_text("could not be used")
    assert_shows(page.locator(".convae"), local())


@pytest.mark.parametrize("link", ["offsets:1,2", "cell:144"])
def test_a_link_of_another_net(open_page: Open, link: str) -> None:
    page = open_page(local(), link=f"#latent_explorer={link}")
    expect(page.locator(".convae-problem")).to_contain_text(
        "These changes belong to a code of another shape: press Reset."
    )
    expect(page.locator(".convae-views")).to_be_hidden()
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".convae-problem")).to_be_hidden()
    assert_shows(page.locator(".convae"), local())


def test_nonsense_in_the_boxes(open_page: Open) -> None:
    page, reach = open_page(local()), local().plans[0]["reach"]
    for name, text, limits in [
        ("Value of the chosen cell", "1e9", rf"a number from −{reach} to {reach}"),
        ("Noise", "-1", "a number from 0 to 2"),
        ("Seed", "2.5", "a whole number from 0 to 9999"),
        ("Blend, from", "7", "a number from 0 to 1"),
    ]:
        page.get_by_role("spinbutton", name=name).fill(text)
        expect(page.get_by_text(re.compile(f"{re.escape(text)} is not {limits}"))).to_be_visible()
    assert_shows(page.locator(".convae"), local())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 680, 900])
def test_axe_finds_nothing(open_page: Open, theme: str, width: int) -> None:
    page = open_page(
        local(noise=0.3), distant(), theme=theme, viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "light" else "light",
    )  # fmt: skip
    page.locator(".convae-code [role=gridcell]").nth(5).focus()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.locator(".convae").first.evaluate("(root) => getComputedStyle(root).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background)[:3])) < 200) == (theme == "dark")


def test_signs_need_no_colour(open_page: Open) -> None:
    """Positive squares are full, negative ones hollow, zero has none."""
    page, widget = open_page(local(offsets=[[0] * 9] * 15 + [[500, -500, *[0] * 7]])), local()
    offset(widget, 15, 2, 0)
    cells = page.locator(".convae-code [role=gridcell]")
    page.get_by_label("channel 15, row 0, column 2:").click()
    page.get_by_role("button", name="Zero").click()
    looks = [
        page.get_by_label(f"channel 15, row 0, column {column}:").locator("i").evaluate(
            "(mark) => { const style = getComputedStyle(mark);"
            " return [style.display, style.backgroundColor, style.borderTopWidth]; }"
        )
        for column in range(3)
    ]  # fmt: skip
    transparent = "rgba(0, 0, 0, 0)"
    assert [look[0] == "none" for look in looks] == [False, False, True]
    assert (looks[0][1] != transparent, looks[0][2]) == (True, "0px")
    assert (looks[1][1], looks[1][2]) == (transparent, "2px")
    expect(cells.and_(page.locator(".convae-first"))).to_have_count(3)


def test_nothing_moves_for_those_who_want_rest(open_page: Open) -> None:
    page = open_page(local(), reduced_motion="reduce")
    page.get_by_label("channel 5, row 0, column 2:").click()
    moving = page.locator(".convae *").evaluate_all(
        "(all) => all.filter((one) => parseFloat(getComputedStyle(one).transitionDuration) > 0).length"
    )
    assert moving == 0
    assert page.evaluate("document.getAnimations().length") == 0


def test_normal_numbers() -> None:
    numbers = torch.tensor([normal_numbers(1000, seed) for seed in range(20)], dtype=torch.float64)
    assert numbers.mean().item() == pytest.approx(0, abs=4 / math.sqrt(20_000))
    assert numbers.std().item() == pytest.approx(1, abs=4 / math.sqrt(40_000))
    assert numbers.abs().max() < 5
    together = torch.corrcoef(numbers) - torch.eye(20)
    assert together.abs().max() < 5 / math.sqrt(1000)
    assert normal_numbers(3, 7) == normal_numbers(5, 7)[:3]


# What is refused


class Odd(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + 1


def net(*layers: nn.Module) -> Autoencoder:
    return Autoencoder(nn.Sequential(*layers), nn.ConvTranspose2d(2, 1, 2, 2), (1, 8, 8))


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (nn.SiLU(), "layer 1 is SiLU"),
        (nn.GELU("tanh"), "layer 1 is GELU"),
        (nn.Hardtanh(), "layer 1 is Hardtanh"),
        (nn.LayerNorm([2, 4, 4]), "layer 1 is LayerNorm"),
        (nn.Upsample(scale_factor=1), "layer 1 is Upsample"),
        (nn.BatchNorm2d(2, track_running_stats=False), "layer 1 is BatchNorm2d"),
        (nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"), "layer 1 is Conv2d"),
        (nn.Conv2d(2, 2, 3, padding="same"), "layer 1 is Conv2d"),
        (nn.AvgPool2d(1, divisor_override=3), "layer 1 is AvgPool2d"),
        (nn.Linear(4, 4), "layer 1 is Linear"),
        (Odd(), "layer 1 is Odd"),
    ],
)
def test_unknown_layers_are_refused_by_name(layer: nn.Module, said: str) -> None:
    pictures = {"a": torch.zeros(8, 8), "b": torch.ones(8, 8)}
    model = net(nn.Conv2d(1, 2, 2, 2), layer)
    with pytest.raises(ValueError, match=said) as caught:
        LatentExplorer(model, pictures)
    assert "a page can compute" in str(caught.value)
    assert model.training
    LatentExplorer(net(nn.Conv2d(1, 2, 2, 2), nn.ReLU()), pictures)


class Squared(nn.Sequential):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x).square()


class Doubled(Autoencoder):
    def encode(self, images: torch.Tensor) -> torch.Tensor:
        return 2 * super().encode(images)


def test_what_is_no_chain_is_refused() -> None:
    pictures = {"a": torch.zeros(8, 8), "b": torch.ones(8, 8)}
    chain, back = nn.Conv2d(1, 2, 2, 2), nn.ConvTranspose2d(2, 1, 2, 2)
    with pytest.raises(ValueError, match="Squared does more than"):
        LatentExplorer(Autoencoder(Squared(chain), back, (1, 8, 8)), pictures)
    with pytest.raises(ValueError, match="Doubled encodes in another way than its encoder"):
        LatentExplorer(Doubled(chain, back, (1, 8, 8)), pictures)


class Mean(Autoencoder):
    """As a variational autoencoder does it: the second half of the encoder's channels says something else."""

    def encode(self, images: torch.Tensor) -> torch.Tensor:
        return super().encode(images).chunk(2, dim=1)[0]


@pytest.mark.parametrize("flat", [False, True])
def test_first_half_of_the_channels_may_be_the_code(open_page: Open, flat: bool) -> None:
    torch.manual_seed(1)
    layers = [nn.Conv2d(1, 6, 3, 5), *[nn.Flatten(), nn.Linear(216, 20)] * flat]
    back = [*[nn.Linear(10, 108), nn.Unflatten(1, (3, 6, 6))] * flat, nn.ConvTranspose2d(3, 1, 3, 5), nn.Sigmoid()]
    widget = LatentExplorer(Mean(nn.Sequential(*layers), nn.Sequential(*back), (1, 28, 28)))
    assert widget.plans[0]["shape"] == ([10] if flat else [3, 6, 6])
    page = open_page(widget)
    assert_shows(page.locator(".convae"), widget)


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the weights take 1,.* bytes as base64, a page .* use half=True"):
        LatentExplorer(build("dense-144"))
    wide = Autoencoder(nn.Conv2d(1, 16, 3, 3), nn.ConvTranspose2d(16, 1, 3, 3, 0, 1), (1, 28, 28))
    with pytest.raises(ValueError, match="a code of 1,296 numbers is too long for a hand"):
        LatentExplorer(wide)
    with pytest.raises(ValueError, match=r"pictures of shape \(3, 8, 8\) do not fit"):
        LatentExplorer(Autoencoder(nn.Identity(), nn.Identity(), (3, 8, 8)))
    large = nn.Conv2d(1, 2, 2, 2)
    nn.init.constant_(large.weight, 1e6)
    with pytest.raises(ValueError, match=r"0\.weight holds numbers above 65,504"):
        LatentExplorer(net(large), {"a": torch.zeros(8, 8), "b": torch.ones(8, 8)}, half=True)


@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        ({"a": torch.zeros(8, 8)}, "1 pictures to choose from: give 2 to 12"),
        ({"a": torch.zeros(8, 8), "b": torch.zeros(8, 9)}, "'b' has shape"),
        ({"a": torch.zeros(8, 8), "b": torch.full((8, 8), 2.0)}, "from 2 to 2"),
        ({"a": torch.zeros(8, 8), "drawing": torch.zeros(8, 8)}, "'drawing'"),
    ],
)
def test_pictures_are_checked(pictures: dict[str, torch.Tensor], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LatentExplorer(net(nn.Conv2d(1, 2, 2, 2)), pictures)


@pytest.mark.parametrize(
    "settings",
    [{"first": "cat"}, {"offsets": [[1]]}, {"drawing": [[1] * 29]}, {"blend": 2}, {"noise": -1}, {"cell": 0.5}],
)
def test_settings_are_checked(settings: dict[str, Any]) -> None:
    with pytest.raises(TraitError, match="give"):
        local(**settings)


def test_pictures_of_a_set() -> None:
    test = load("digits").test
    widget = local(pictures=test[:3])
    labels = [test.classes[label] for label in test.labels[:3]]
    assert list(widget.pictures) == [f"{label} ({k})" for k, label in enumerate(labels, start=1)]
    assert (widget.first, widget.second) == tuple(list(widget.pictures)[:2])
    assert torch.equal(widget.image(widget.second), test.images[1].double() / 255)


def test_rounded_weights() -> None:
    model = bottleneck()
    rounded, widget = halved(model).double(), LatentExplorer(model, half=True)
    for own, page in zip(rounded.state_dict().values(), widget.nets[""].state_dict().values(), strict=True):
        assert torch.equal(own, page)
    assert any(
        not torch.equal(own, page.float())
        for own, page in zip(model.state_dict().values(), rounded.state_dict().values(), strict=True)
    )
    assert len(widget.weights) < 0.6 * len(LatentExplorer(model).weights)


@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith("robledo")])
def test_nets_of_the_book_are_taken(name: str) -> None:
    model = MODELS[name]()
    if "blur" in name:
        with pytest.raises(ValueError, match="BlurPool"):
            LatentExplorer(model)
    else:
        numbers = LatentExplorer(model).nets[""].encode(torch.zeros(1, 1, 28, 28, dtype=torch.float64)).numel()
        assert numbers <= 1024


def test_layers_are_described() -> None:
    layers, tensors = described(bottleneck().encoder, (1, 28, 28), "encoder.")
    assert [layer["kind"] for layer in layers] == [
        "convolution", "batchNorm", "activation", "maxPool", "convolution", "batchNorm", "activation", "averagePool",
        "reshape", "linear",
    ]  # fmt: skip
    assert set(tensors) == {name for layer in layers for name in layer["weights"]}
    assert layers[4]["weights"] == ["encoder.5.weight"]


def test_cost_of_a_picture() -> None:
    assert all(0 < cost < 1000 for cost in nets.milliseconds(bottleneck()))  # its limit is for the reader of the table


def test_page_is_small() -> None:
    """Code of the widget and of the library, and the weights of the 2,481-parameter net as they stand in the page."""
    widget = local(half=True)
    code = widget.library.source + widget.library.styles + widget._esm + widget.styles
    data = base64.b64encode(widget.weights).decode() + json.dumps(widget.plans)
    assert len(gzip.compress((code + data).encode())) <= 32_000
    assert len(gzip.compress((LOADER.read_text("utf-8") + code).encode())) <= 40_000
    assert len(base64.b64encode(distant().weights)) <= 300_000


def test_what_is_no_net_and_no_picture_is_refused() -> None:
    net, picture = build("robledo-two-layer"), torch.zeros(28, 28)
    broken = build("robledo-two-layer")
    next(broken.parameters()).data[0] = math.nan
    for models, pictures, error, message in [
        (None, None, TypeError, "a net of type NoneType: give the autoencoder itself"),
        ([net, net], None, TypeError, "a net of type list: give the autoencoder itself"),
        ({1: net, 2: net}, None, TypeError, "a net called 1: give its name as a text"),
        (broken, None, ValueError, "encoder.0.weight holds NaN or infinity"),
        (net, torch.zeros(4, 28, 28), TypeError, "pictures of type Tensor: give each its name"),
        (net, {"a": picture, "b": None}, TypeError, "picture 'b' is of type NoneType: give tensors"),
        (net, {"a": picture, "b": picture * math.nan}, ValueError, "picture 'b' has shape .* goes from nan to nan"),
        (net, {}, ValueError, "0 pictures to choose from"),
    ]:
        with pytest.raises(error, match=message):
            LatentExplorer(models, pictures)
    widget = beside()
    with pytest.raises(ValueError, match="there is no net 'local': give one of 'blocks', 'whole'"):
        widget.codes("local")
    with pytest.raises(ValueError, match="there is no picture 'digit 11': give one of digit 0"):
        widget.image("digit 11")
    with pytest.raises(TraitError, match="cell holds 176: the code has 176 numbers, give one from 0 to 175"):
        widget.cell = 176

"""The denoiser in Chromium: by mouse, keyboard and touch, each picture against PyTorch and SciPy; what it refuses."""

from __future__ import annotations

import base64
import gzip
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from accessibility import faults
from playwright.sync_api import Locator, Page, expect
from scipy import ndimage
from torch import nn
from traitlets import TraitError
from widget_checks import evaluated, grid, number, pixels, settled, spot, status
from widget_page import LOADER

from convae.measures.metrics import psnr
from convae.models.unet import UNet
from convae.widgets import Denoiser
from convae.widgets.pictures import digits

Open = Callable[..., Page]
VIEWS = ["Clean", "Spoiled", "The net's answer", "Median filter"]
NAMES = ["clean", "spoiled", "net", "median filter"]


def unet(*channels: int, seed: int = 0, **settings: Any) -> UNet:
    torch.manual_seed(seed)
    return UNet(channels or (5, 6, 7), **settings)


def denoiser(model: nn.Module | None = None, **settings: Any) -> Denoiser:
    named = digits()
    return Denoiser(torch.stack(list(named.values()))[:, None], model or unet(), list(named), **settings)


def assert_shows(section: Locator, widget: Denoiser) -> None:
    """Numbers, pictures and sentences of the page are those of PyTorch."""
    exact = [widget.image(), widget.spoiled(), widget.restored(), widget.filtered()]
    settled(section)
    expect(section).to_have_attribute("aria-busy", "false")  # the net has answered
    for _ in range(200):  # what was typed last is drawn with the next frame, which on a busy machine takes a while
        shown = evaluated(section.evaluate, "(root) => Object.values(root.shown).map((levels) => Array.from(levels))")
        far = [
            view
            for page, wanted, view in zip(shown, exact, VIEWS, strict=True)
            if (torch.tensor(page, dtype=torch.float64) - wanted.flatten()).abs().max() > 1e-4 * wanted.abs().max()
        ]
        if not far:
            break
        section.page.wait_for_timeout(100)
    assert not far
    for wanted, view in zip(exact, VIEWS, strict=True):
        painted = pixels(section, view)
        torch.testing.assert_close(painted, 255 * wanted[0, 0].clamp(0, 1), rtol=0, atol=0.53)
    scores = [psnr(one, exact[0]).item() for one in exact[1:]]
    texts = section.locator(".convae-score").all_text_contents()[1:]
    below = [100 if text == "no error" else number(text.split()[1]) for text in texts]
    assert below == pytest.approx(scores, abs=0.0501)
    if status(section).inner_text().startswith("PSNR"):
        found = re.match(
            r"PSNR: spoiled (\S+) dB, net (\S+) dB, median filter (\S+) dB. "
            r"The net is (\S+) dB (ahead of|behind) the median filter and (\S+) dB (ahead of|behind) doing nothing.",
            status(section).inner_text(),
        )
        assert [number(found[k]) for k in (1, 2, 3)] == pytest.approx(scores, abs=0.0501)
        for other, told in ((2, 4), (0, 6)):
            ahead = scores[1] - scores[other]
            assert number(found[told]) == pytest.approx(abs(ahead), abs=0.0501)
            assert abs(ahead) < 0.05 or (found[told + 1] == "ahead of") == (ahead > 0)


def stroked(levels: torch.Tensor, places: list[tuple[int, int]]) -> torch.Tensor:
    """A picture with some pixels drawn, the four beside each half as bright."""
    drawn = (levels * 100).round() / 100
    for row, column in places:
        for other in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            drawn[other] = max(drawn[other].item(), 0.5)
    for place in places:
        drawn[place] = 1
    return drawn


def test_the_median_is_that_of_scipy() -> None:
    for seed in range(20):
        widget = denoiser(seed=seed, picture=f"digit {seed % 10}", sigma=seed / 20)
        expected = ndimage.median_filter(widget.spoiled()[0, 0].numpy(), size=3)
        assert torch.equal(widget.filtered()[0, 0], torch.from_numpy(expected))


def test_pages_equal_pytorch(open_page: Open) -> None:
    draw, widgets = random.Random(0), [denoiser(), denoiser(sigma=0)]
    for k in range(10):
        model = unet(*[draw.randint(1, 9) for _ in range(3)], seed=k, residual=k % 2 == 0)
        widgets.append(
            denoiser(
                model,
                half=k % 3 > 0,
                picture=draw.choice([*digits(), "drawing"]) if k else "drawing",
                sigma=round(draw.random(), 2),
                seed=draw.randint(0, 9999),
                drawing=[[draw.choice([0, 0, 0.25, 1]) for _ in range(28)] for _ in range(20)],
            )
        )
    page = open_page(*widgets)
    for section, widget in zip(page.locator(".convae").all(), widgets, strict=True):
        assert_shows(section, widget)
    assert {widget.picture == "drawing" for widget in widgets} == {True, False}


def test_without_noise_the_spoiled_picture_is_the_clean_one(open_page: Open) -> None:
    page = open_page(denoiser(sigma=0))
    expect(page.locator(".convae-score").nth(1)).to_have_text("no error")
    expect(status(page)).to_contain_text(
        re.compile(r"^Nothing was spoiled.* Net PSNR \S+ dB, median filter PSNR \S+ dB\.$")
    )
    assert "100" not in denoiser(sigma=0).sentence()
    page.get_by_role("button", name="Empty sheet").click()
    expect(page.locator(".convae-score").last).to_have_text("no error")  # of black the median is black


def test_by_mouse(open_page: Open) -> None:
    page, widget = open_page(denoiser()), denoiser()
    section = page.locator(".convae")
    page.get_by_label("Picture", exact=True).select_option("digit 7")
    page.get_by_role("slider", name="Noise, standard").fill("0.25")
    page.get_by_role("button", name="New noise").click()
    page.get_by_role("button", name="New noise").click()
    widget.picture, widget.sigma, widget.seed = "digit 7", 0.25, 2
    assert_shows(section, widget)
    expect(section.locator("figcaption").nth(1)).to_have_text("Spoiled, σ = 0.25")
    for view in VIEWS:  # wherever one looks, all four are told
        found = grid(page, view)
        found.hover(position=spot(found, 9, 12))
        said = re.match(
            r"Row 9, column 12: clean (\S+), spoiled (\S+), net (\S+), median filter (\S+)\.$",
            status(page).inner_text(),
        )
        pictures = [widget.image(), widget.spoiled(), widget.restored(), widget.filtered()]
        for text, picture in zip(said.groups(), pictures, strict=True):
            assert number(text) == pytest.approx(picture[0, 0, 9, 12].item(), abs=0.0051)
        expect(section.locator(".convae-window:visible")).to_have_count(4)
    page.mouse.move(1, 1)
    expect(section.locator(".convae-window:visible")).to_have_count(0)
    assert_shows(section, widget)
    found = grid(page, "Clean")
    found.click(position=spot(found, 3, 3))  # looking paints nothing
    assert_shows(section, widget)


def test_the_brush_by_mouse(open_page: Open) -> None:
    page, widget = open_page(denoiser()), denoiser()
    section, found = page.locator(".convae"), grid(page, "Clean")
    page.get_by_role("radio", name="Draw").check()
    found.hover(position=spot(found, 6, 22))
    page.mouse.down()
    found.hover(position=spot(found, 12, 22))
    page.mouse.up()
    widget.drawing = stroked(widget.image()[0, 0], [(row, 22) for row in range(6, 13)])
    widget.picture = "drawing"
    expect(page.get_by_label("Picture", exact=True)).to_have_value("drawing")
    assert_shows(section, widget)
    page.get_by_role("radio", name="Erase").check()
    found.click(position=spot(found, 9, 22))
    drawing = torch.tensor(widget.drawing)
    for place in [(9, 22), (8, 22), (10, 22), (9, 21), (9, 23)]:
        drawing[place] = 0
    widget.drawing = drawing
    assert_shows(section, widget)
    page.get_by_role("button", name="Empty sheet").click()
    widget.drawing = torch.zeros(28, 28)
    assert_shows(section, widget)
    expect(page.get_by_role("radio", name="Draw")).to_be_checked()
    page.get_by_role("button", name="Reset").click()
    assert_shows(section, denoiser())
    expect(page.get_by_role("radio", name="Look")).to_be_checked()


def test_by_keyboard(open_page: Open) -> None:
    page, widget = open_page(denoiser()), denoiser()
    section, press = page.locator(".convae"), page.keyboard.press
    press("Tab")
    page.keyboard.type("digit 4")
    for key in ["Tab", "ArrowRight", "Tab", "Tab", "Tab"]:  # draw, two buttons, the noise
        press(key)
    press("Control+a")
    page.keyboard.type("0.3")
    for key in ["Tab", "Enter", "Tab", "ArrowUp", "Tab"]:  # new noise, its seed, the clean picture
        press(key)
        settled(section)  # a box has the new seed with the next frame, and ArrowUp counts on from what it has
    widget.sigma, widget.seed = 0.3, 2
    widget.picture = "digit 4"
    assert_shows(section, widget)
    for key in ["ArrowDown", "ArrowDown", "ArrowRight", "Space", "ArrowRight", "ArrowRight", "ArrowRight"]:
        press(key)
    for key in ["Shift+ArrowDown", "Shift+ArrowDown"]:
        press(key)
    widget.drawing = stroked(widget.image()[0, 0], [(2, 1), (2, 4), (3, 4), (4, 4)])
    widget.picture = "drawing"
    assert_shows(section, widget)
    assert status(page).inner_text().startswith("Row 4, column 4: clean 1, spoiled ")
    press("Tab")
    press("End")
    expect(grid(page, "Spoiled").locator(":focus")).to_have_attribute("aria-label", re.compile("^row 0, column 27: "))


def test_by_touch(open_page: Open) -> None:
    page, widget = open_page(denoiser(), has_touch=True, viewport={"width": 320, "height": 700}), denoiser()
    section, found = page.locator(".convae"), grid(page, "Clean")
    page.get_by_role("button", name="New noise").tap()
    page.get_by_role("button", name="Choose or draw").tap()
    page.get_by_role("radio", name="Draw").tap()
    found.tap(position=spot(found, 9, 3))
    widget.seed, widget.drawing = 1, stroked(widget.image()[0, 0], [(9, 3)])
    widget.picture = "drawing"
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
    found = grid(page, "Median")
    found.tap(position=spot(found, 5, 6))
    expect(status(page)).to_have_text(re.compile("^Row 5, column 6: clean "))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 900])
def test_axe_finds_nothing(open_page: Open, theme: str, width: int) -> None:
    page = open_page(
        denoiser(), theme=theme, viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "light" else "light",
    )  # fmt: skip
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.locator(".convae").locator("button, select, input:not([type=radio])").evaluate_all(
        "(all) => all.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())"
        ".map(({ width, height }) => Math.min(width, height))"
    )  # fmt: skip
    assert min(sizes) >= 24


def test_label_and_noise_change_with_the_event_and_the_net_follows(open_page: Open) -> None:
    page, widget = open_page(denoiser()), denoiser()
    section = page.locator(".convae")
    expect(section).to_have_attribute("aria-busy", "false")
    before = pixels(section, "Spoiled")
    found = section.evaluate(
        """async (root) => {
            const slider = root.querySelector("[type=range]"), pictures = root.querySelectorAll(".convae-photo");
            const seen = () => [pictures[1].querySelector("figcaption").textContent, root.getAttribute("aria-busy")];
            slider.value = 0.25;
            slider.dispatchEvent(new Event("input"));
            await null;
            return seen();
        }"""
    )
    assert found == ["Spoiled, σ = 0.25", "true"]
    assert not torch.equal(pixels(section, "Spoiled"), before)
    # Only the newest of many is answered in the end.
    section.evaluate(
        """(root) => {
            const slider = root.querySelector("[type=range]");
            for (let k = 0; k < 50; k++) (slider.value = k / 100), slider.dispatchEvent(new Event("input"));
        }"""
    )
    widget.sigma = 0.49
    expect(section.locator("figcaption").nth(1)).to_have_text("Spoiled, σ = 0.49")
    assert_shows(section, widget)


def test_without_workers_the_net_works_in_slices(open_page: Open) -> None:
    page, widget = open_page(denoiser()), denoiser()
    page.add_init_script("delete globalThis.Worker")
    page.reload()
    assert page.evaluate("typeof Worker") == "undefined"
    page.get_by_role("slider", name="Noise, standard").fill("0.25")
    widget.sigma = 0.25
    assert_shows(page.locator(".convae"), widget)


def test_links_restore_the_state(open_page: Open) -> None:
    state = {"picture": "drawing", "sigma": 0.35, "seed": 77}
    drawing = [[((r * c) % 5) / 4 for c in range(28)] for r in range(28)]
    page = open_page(denoiser(**state, drawing=drawing))
    link = page.get_by_role("link", name="Copy link").get_attribute("href")
    page = open_page(denoiser(), link=link)
    assert_shows(page.locator(".convae"), denoiser(**state, drawing=drawing))


def test_nonsense_is_refused_in_place(open_page: Open) -> None:
    page = open_page(denoiser())
    page.get_by_role("spinbutton", name="Noise").fill("2")
    expect(page.get_by_text("2 is not a number from 0 to 1: 0.5 is kept.")).to_be_visible()
    page = open_page(denoiser(), link="#denoiser=sigma:-1")
    expect(page.locator(".convae-problem")).to_contain_text("could not be used")
    assert_shows(page.locator(".convae"), denoiser())


def test_nothing_moves_for_those_who_want_rest(open_page: Open) -> None:
    page = open_page(denoiser(), reduced_motion="reduce")
    page.get_by_role("button", name="New noise").click()
    moving = page.locator(".convae *").evaluate_all(
        "(all) => all.filter((one) => parseFloat(getComputedStyle(one).transitionDuration) > 0).length"
    )
    assert moving == 0


def test_names() -> None:
    pictures = torch.rand(3, 1, 28, 28)
    assert list(Denoiser(pictures, unet()).pictures) == ["picture 1", "picture 2", "picture 3"]
    assert list(Denoiser(pictures, unet(), torch.tensor([7, 2, 7])).pictures) == ["7 (1)", "2 (2)", "7 (3)"]
    assert list(Denoiser(pictures, unet(), ["shoe", "letter", "7"]).pictures) == ["shoe", "letter", "7"]


PICTURES = torch.zeros(2, 1, 28, 28)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((PICTURES[0], unet()), r"pictures of shape \(1, 28, 28\): give \[N, 1, H, W\]"),
        ((PICTURES.expand(2, 3, 28, 28), unet()), "at most 32×32 pixels"),
        ((torch.zeros(2, 1, 36, 28), unet()), "at most 32×32 pixels"),
        ((torch.zeros(2, 1, 30, 28), unet()), "30×28 pixels cannot be halved 2 times"),
        ((PICTURES + 2, unet()), "goes from 2 to 2: give 28×28 pixels from 0 to 1"),
        ((PICTURES * float("nan"), unet()), "goes from nan to nan: give 28×28 pixels from 0 to 1"),
        ((PICTURES[:1], unet()), "1 pictures to choose from: give 2 to 12"),
        ((PICTURES, unet(), [1]), "1 labels for 2 pictures: give one for each"),
        ((PICTURES, unet(), ["drawing", "2"]), "'drawing' is the reader's own picture"),
        ((PICTURES, unet(30, 40)), "a net of .* parameters: give one of at most 60,000"),
        ((PICTURES, nn.Conv2d(1, 1, 3)), "makes .* of a picture of shape .*: give one that keeps the shape"),
        ((PICTURES, nn.Sequential(nn.Conv2d(1, 1, 1), nn.SiLU())), "layer 1 is SiLU"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Denoiser(*arguments)


@pytest.mark.parametrize(
    "arguments", [(None, unet()), (PICTURES.numpy(), unet()), (PICTURES, None), (unet(), PICTURES)]
)
def test_what_is_of_another_kind_is_told_in_a_sentence(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match=r"make them a tensor|give a model"):
        Denoiser(*arguments)


@pytest.mark.parametrize(
    "settings", [{"picture": "cat"}, {"sigma": 1.5}, {"seed": -1}, {"drawing": [[1] * 29]}, {"drawing": [[2]]}]
)
def test_settings_are_checked(settings: dict[str, Any]) -> None:
    with pytest.raises(TraitError, match="give"):
        denoiser(**settings)


def test_page_is_small() -> None:
    """All code of a page with this widget, and the weights of the largest net as they stand in it."""
    widget = denoiser(UNet())
    library = widget.library.source + widget.library.styles
    code = LOADER.read_text("utf-8") + library + widget._esm + widget.styles
    assert len(gzip.compress(code.encode())) <= 40_000
    assert len(gzip.compress(base64.b64encode(widget.weights))) <= 150_000

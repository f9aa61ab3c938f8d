"""Stored pictures in Chromium: the divider between two, the switches of a net's paths; by mouse, keyboard and touch."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from accessibility import faults
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from torch import Tensor
from traitlets import TraitError
from widget_checks import read, status
from widget_page import LOADER

from convae.measures.metrics import psnr
from convae.widgets import Compare, Skips
from convae.widgets.pictures import lossless

Open = Callable[..., Page]
SCORES = {"low": "20.10 dB", "net": "27.32 dB"}
NAMES = ["code z", "skip 1 (largest)", "skip 2"]


def smooth(seed: int, colours: int = 3, rows: int = 40, columns: int = 50) -> Tensor:
    """A picture whose neighbours resemble each other, as those of a photograph."""
    noise = torch.rand(1, colours, 6, 7, generator=torch.Generator().manual_seed(seed))
    picture = torch.nn.functional.interpolate(noise, size=(rows, columns), mode="bicubic")
    return picture[0].clamp(0, 1).mul(255).round().to(torch.uint8)


PICTURES = {"original": smooth(0), "low": smooth(1), "bicubic": smooth(2), "net": smooth(3)}
OUTPUTS = torch.stack([smooth(k, rows=24, columns=32) for k in range(8)])


def compare(**settings: Any) -> Compare:
    return Compare(PICTURES, "original", **{"scores": SCORES} | settings)


def skips(**settings: Any) -> Skips:
    scores, (target, given) = [10 + 1.25 * k for k in range(8)], (smooth(k, rows=24, columns=32) for k in (9, 10))
    return Skips(OUTPUTS, NAMES, scores, target, given, **settings)


def screen(found: Locator, zoom: int) -> Tensor:
    """What is seen there, [3, H, W]: the middle of each pixel, which is zoom × zoom of the screen's."""
    picture = Image.open(io.BytesIO(found.screenshot(animations="disabled"))).convert("RGB")
    levels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    return levels.view(*picture.size[::-1], 3).permute(2, 0, 1)[:, zoom // 2 :: zoom, zoom // 2 :: zoom]


def assert_compares(section: Locator, left: str, right: str, share: float, zoom: int) -> None:
    """Left of the divider one picture, right of it the other, each pixel zoom × zoom of the screen's."""
    for image, name in zip(section.locator("img").all(), [right, left], strict=True):
        assert torch.equal(read(image), PICTURES[name])
    section.locator(".convae-room").evaluate("(room) => (room.scrollTop = room.scrollLeft = 0)")
    seen = screen(section.locator(".convae-sheet"), zoom)[:, :40, :50]
    edge, bar = share / 2, 16 / zoom
    for part, name in [(slice(0, int(edge - bar)), left), (slice(int(edge + bar) + 1, 50), right)]:
        assert torch.equal(seen[..., part], PICTURES[name][..., : seen.shape[1], part]), (name, share)
    below = section.locator(".convae-sides p").all_inner_texts()
    for text, name in zip(below, [left, right], strict=True):
        score = f"PSNR {SCORES[name]}" if name in SCORES else "the target" if name == "original" else ""
        assert text.split("\n") == [name, *[score] * bool(score)]
    assert f"Left of the divider {left}" in status(section).inner_text()
    assert f"right of it {right}" in status(section).inner_text()
    assert f"at column {round(share / 2)} of 50." in status(section).inner_text()


@pytest.mark.parametrize("colours", [1, 3])
def test_files_lose_nothing(colours: int) -> None:
    pictures = {str(k): smooth(k, colours, rows=1 + 7 * k, columns=33 - k) for k in range(12)}
    pictures["noise"] = torch.randint(0, 256, (colours, 40, 40), generator=torch.Generator().manual_seed(0)).byte()
    for name, file in lossless(pictures).items():
        levels = torch.frombuffer(bytearray(Image.open(io.BytesIO(file)).convert("RGB").tobytes()), dtype=torch.uint8)
        wanted = pictures[name].expand(3, -1, -1)
        assert torch.equal(levels.view(*wanted.shape[1:], 3).permute(2, 0, 1), wanted)


def test_compare_by_mouse(open_page: Open) -> None:
    page = open_page(compare())
    section = page.locator(".convae")
    assert_compares(section, "low", "net", 50, 4)
    page.get_by_role("combobox", name="Left").select_option("bicubic")
    page.get_by_role("combobox", name="Right").select_option("original")
    assert_compares(section, "bicubic", "original", 50, 4)
    page.get_by_role("button", name="Swap").click()
    assert_compares(section, "original", "bicubic", 50, 4)
    sheet = section.locator(".convae-sheet")
    sheet.hover(position={"x": 180, "y": 20})
    page.mouse.down()
    sheet.hover(position={"x": 60, "y": 30})
    assert_compares(section, "original", "bicubic", 30, 4)
    page.mouse.up()
    sheet.hover(position={"x": 150, "y": 30})  # no longer held
    assert_compares(section, "original", "bicubic", 30, 4)
    sheet.click(position={"x": 120, "y": 10})
    assert_compares(section, "original", "bicubic", 60, 4)
    page.get_by_role("slider", name="Zoom").fill("7")
    assert_compares(section, "original", "bicubic", 60, 7)


def test_compare_by_keyboard(open_page: Open) -> None:
    page = open_page(compare(divider=10, zoom=2))
    section, press = page.locator(".convae"), page.keyboard.press
    press("Tab")
    page.keyboard.type("net")
    for key in ["Tab", "Tab"]:
        press(key)
    page.keyboard.type("low")
    for key in ["Tab", "Tab"]:  # the pictures, the divider's box
        press(key)
    press("Control+a")
    page.keyboard.type("38")
    for key in ["ArrowUp", "ArrowUp", "Tab", "ArrowUp", "ArrowUp"]:  # and the zoom's box
        press(key)
    assert_compares(section, "net", "low", 40, 4)
    expect(page.get_by_role("slider", name="Divider")).to_have_js_property("value", "40")


def test_compare_by_touch(open_page: Open) -> None:
    page = open_page(compare(zoom=5), has_touch=True, viewport={"width": 320, "height": 700})
    section, sheet = page.locator(".convae"), page.locator(".convae-sheet")
    box = sheet.bounding_box()
    column_wide = box["width"] / 50  # on a phone the picture is smaller than its zoom says
    assert 2 < column_wide < 5
    sheet.tap(position={"x": 20 * column_wide, "y": 50})
    expect(status(page)).to_contain_text("at column 20 of 50.")

    # A finger on the bar moves it; one beside it does not.
    finger = page.context.new_cdp_session(page)
    for start, column in [(20, 30), (4, 30)]:
        for kind, x in [("touchStart", start), ("touchMove", start + 1), ("touchMove", 30), ("touchEnd", None)]:
            points = [{"x": box["x"] + x * column_wide, "y": box["y"] + 60}] if x else []
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        expect(status(page)).to_contain_text(f"at column {column} of 50.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    # A zoomed picture scrolls in its own room, and the divider stays in sight.
    page.set_viewport_size({"width": 240, "height": 700})
    page.get_by_role("spinbutton", name="Zoom").fill("8")
    page.get_by_role("slider", name="Divider").fill("100")
    inside = "(room) => room.scrollLeft + room.clientWidth - document.querySelector('.convae-divider').offsetLeft"
    page.wait_for_function(f"({inside})(document.querySelector('.convae-room')) > 0")
    assert page.evaluate("document.documentElement.scrollWidth") <= 240
    assert section.locator(".convae-room").evaluate("(room) => room.scrollWidth > room.clientWidth")


def assert_output(section: Locator, combination: int) -> None:
    assert torch.equal(read(section.locator("img").nth(1)), OUTPUTS[combination])
    cut = [name for k, name in enumerate(NAMES) if not combination >> k & 1]
    said, score = status(section).inner_text(), f"PSNR {10 + 1.25 * combination:.2f} dB"
    what = "all paths" if len(cut) == len(NAMES) else ", ".join(cut) or "nothing"
    assert said.lower().startswith(f"{what} cut: ")
    assert score in said
    assert ("below the whole net" in said) == (combination < 7)
    if combination < 7:
        assert f"{1.25 * (7 - combination):.2f} dB below" in said
    assert section.locator("figure span").nth(1).inner_text() == score
    for k, box in enumerate(section.get_by_role("checkbox").all()):
        assert box.is_checked() == bool(combination >> k & 1)


def paths() -> Iterator[tuple[int, int]]:
    """Which path to switch next, and what is then open: each combination once (a Gray code)."""
    now = 7
    for step in range(1, 8):
        path = (step & -step).bit_length() - 1
        now ^= 1 << path
        yield path, now


def test_skips_by_mouse(open_page: Open) -> None:
    page = open_page(skips())
    section = page.locator(".convae")
    assert_output(section, 7)
    assert torch.equal(read(section.locator("img").last), smooth(9, rows=24, columns=32))
    for path, combination in paths():
        page.get_by_role("checkbox", name=NAMES[path], exact=True).click()
        assert_output(section, combination)
    assert len({combination for _, combination in paths()}) == 7
    page.get_by_role("button", name="Cut all").click()
    assert_output(section, 0)
    page.get_by_role("button", name="Open all").click()
    assert_output(section, 7)
    assert torch.equal(read(section.locator("img").first), smooth(10, rows=24, columns=32))
    target, given = (smooth(k, rows=24, columns=32)[None] / 255 for k in (9, 10))
    doing_nothing = f"PSNR {psnr(given, target).item():.2f} dB"
    expect(section.locator("figure span").first).to_have_text(doing_nothing)
    expect(status(section)).to_contain_text(
        f". What was put in has {doing_nothing.removeprefix('PSNR ')}: the net has made it "
    )
    gain = 10 + 1.25 * 7 - psnr(given, target).item()
    expect(status(section)).to_contain_text(f"{'worse' if gain < 0 else 'better'} by {abs(gain):.2f} dB.")
    assert f"{'worse' if gain < 0 else 'better'} by {abs(gain):.2f} dB." in skips().sentence()
    section = open_page(Skips(OUTPUTS[:2], ["skip"], [3, 2])).locator(".convae")
    expect(section.locator("img")).to_have_count(1)
    section.get_by_role("checkbox").uncheck()
    expect(status(section)).to_have_text("All paths cut: PSNR 3.00 dB, 1.00 dB above the whole net.")


def test_skips_by_keyboard_and_touch(open_page: Open) -> None:
    page = open_page(skips(), has_touch=True, viewport={"width": 320, "height": 700})
    for key in ["Tab", "Space", "Tab", "Tab", "Space"]:
        page.keyboard.press(key)
    assert_output(page.locator(".convae"), 2)
    page.get_by_role("checkbox", name="code z").tap()
    assert_output(page.locator(".convae"), 3)


@pytest.mark.parametrize(("width", "theme"), [(320, "dark"), (900, "light")])
def test_axe_finds_nothing(open_page: Open, theme: str, width: int) -> None:
    page = open_page(
        compare(), skips(), theme=theme, viewport={"width": width, "height": 900}, reduced_motion="reduce",
        color_scheme="dark" if theme == "light" else "light",
    )  # fmt: skip
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.locator(".convae").locator("button, select, input:not([type=checkbox]), label:has([type=checkbox])")
    sides = sizes.evaluate_all(
        "(all) => all.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())"
        ".map(({ width, height }) => Math.min(width, height))"
    )
    assert min(sides) >= 24
    assert page.evaluate("document.getAnimations().length") == 0


def test_links_restore_the_state(open_page: Open) -> None:
    page = open_page(compare(left="bicubic", right="original", divider=62.5, zoom=3), skips(combination=5))
    link = page.get_by_role("link", name="Copy link").last.get_attribute("href")
    first = page.get_by_role("link", name="Copy link").first.get_attribute("href")
    page = open_page(compare(), skips(), link=f"{first}&{link.removeprefix('#')}")
    assert_compares(page.locator(".convae").first, "bicubic", "original", 62.5, 3)
    assert_output(page.locator(".convae").last, 5)
    page = open_page(skips(), link="#skips=combination:8")
    expect(page.locator(".convae-problem")).to_contain_text("could not be used")
    assert_output(page.locator(".convae"), 7)


def test_a_crop_is_a_part() -> None:
    cropped = compare(crop=(5, 7, 20, 30))
    assert cropped.size == [20, 30]
    parts = lossless({name: picture[:, 5:25, 7:37] for name, picture in PICTURES.items()})
    assert cropped.pictures == parts
    assert (cropped.left, cropped.right) == ("low", "net")
    two = Compare({"a": smooth(0), "b": smooth(1)}, "a")
    assert (two.left, two.right) == ("b", "a")


LARGE = torch.zeros(3, 200, 170, dtype=torch.uint8)


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (({"a": smooth(0)}, "a"), {}, "1 pictures to compare: give 2 to 10"),
        ((PICTURES, "cat"), {}, "no picture 'cat': choose one of original, low, bicubic, net"),
        ((PICTURES, "net"), {"scores": {"cat": "1 dB"}}, "no picture 'cat'"),
        (({"a": smooth(0), "b": smooth(0).float()}, "a"), {}, r"'b' is torch.float32 .*: give bytes \(uint8\)"),
        (({"a": smooth(0), "b": smooth(0, 2)}, "a"), {}, r"give bytes \(uint8\), \[1, H, W\] or \[3, H, W\]"),
        (({"a": smooth(0), "b": smooth(0, 1)}, "a"), {}, r"'b' has shape \(1, 40, 50\), the target \(3, 40, 50\)"),
        (({"a": LARGE, "b": LARGE}, "a"), {}, "200×170 pixels: crop them to at most 160×160"),
        ((PICTURES, "net"), {"crop": (30, 0, 20, 20)}, r"crop .* does not lie in 40×50 pixels: give \(top, left"),
        ((PICTURES, "net"), {"crop": (0, 0, 0, 20)}, "does not lie"),
    ],
)
def test_pictures_that_cannot_be_compared(arguments: tuple[Any, ...], settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Compare(*arguments, **settings)


@pytest.mark.parametrize("settings", [{"left": "cat"}, {"divider": 101}, {"zoom": 9}, {"zoom": 1.5}])
def test_settings_are_checked(settings: dict[str, Any]) -> None:
    with pytest.raises(TraitError, match="give"):
        compare(**settings)
    with pytest.raises(TraitError, match="give a whole number from 0 to 7"):
        skips(combination=8)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((OUTPUTS[:4], NAMES, [1.0] * 8), "4 pictures and 8 scores for 3 switches: give 8 of each"),
        ((OUTPUTS, NAMES, [1.0] * 7), "8 pictures and 7 scores"),
        ((OUTPUTS, ["a", "a", "b"], [1.0] * 8), "'a', 'a', 'b': give 1 to 5 different names"),
        ((OUTPUTS[:1], [], [1.0]), "give 1 to 5 different names"),
        ((OUTPUTS.float(), NAMES, [1.0] * 8), r"torch.float32 .*: give bytes \(uint8\)"),
        ((OUTPUTS, NAMES, [float("nan")] * 8), "not all numbers: give a PSNR in dB for each"),
        (
            (OUTPUTS, NAMES, [1.0] * 8, smooth(0)),
            r"the target picture is torch.uint8 .*: give bytes of shape \(3, 24, 32\)",
        ),
        (
            (OUTPUTS, NAMES, [1.0] * 8, OUTPUTS[0], smooth(0)),
            r"the given picture is torch.uint8 .*: give bytes of shape",
        ),
        ((OUTPUTS, NAMES, [1.0] * 8, None, OUTPUTS[0]), "scored against a target: give that, too"),
        ((LARGE.expand(2, -1, -1, -1), ["a"], [1.0] * 2), "cut them to at most 160×160"),
    ],
)
def test_outputs_that_do_not_fit(arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Skips(*arguments)


def test_pages_stay_small() -> None:
    noise = torch.randint(0, 256, (2, 3, 160, 160), generator=torch.Generator().manual_seed(0)).byte()
    with pytest.raises(
        ValueError, match=r"pictures take \d{3},\d{3} bytes as base64, a page holds 300,000 at most: give"
    ):
        lossless(dict(zip("abc", [*noise, noise[0]], strict=True)) | {"d": noise[1]})
    own = "".join(widget._esm + widget.styles.removeprefix(widget.library.styles) for widget in (compare(), skips()))
    shared = LOADER.read_text("utf-8") + compare().library.source + compare().library.styles
    assert len(gzip.compress((shared + own).encode())) <= 40_000
    assert re.search(r"image-rendering: pixelated", own)

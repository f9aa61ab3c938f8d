"""Ten activations in Chromium, by mouse, keyboard and touch: functions, slopes, tangents and words against autograd."""

from __future__ import annotations

import gzip
import random
import re
from typing import TYPE_CHECKING

import pytest
import torch
from accessibility import WCAG, faults
from playwright.sync_api import expect
from traitlets import TraitError
from widget_checks import activation, assert_activations, settled

from convae.widgets import Activations

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    Open = Callable[..., Page]


def status(where: Page | Locator) -> Locator:
    return where.get_by_role("status")


def test_pages_equal_autograd(open_page: Open) -> None:
    draw, widgets = random.Random(0), [Activations(), Activations(x=0), Activations(x=1), Activations(x=0, beta=50)]
    widgets += [Activations(x=round(draw.uniform(-4, 4), 2), beta=round(draw.uniform(1, 50), 1)) for _ in range(16)]
    page = open_page(*widgets)
    for section, widget in zip(page.locator(".convae").all(), widgets, strict=True):
        assert_activations(section, widget)


def test_curves_are_the_functions_and_their_slopes(open_page: Open) -> None:
    page, widget = open_page(Activations(beta=3)), Activations(beta=3)
    kinks = {"step": [0], "ReLU": [0], "leaky ReLU": [0], "saturating linear": [0, 1]}
    for name, function in widget.functions().items():
        for kind in ("curve", "derivative"):
            line = activation(page, name).locator(f".convae-{kind}").get_attribute("d")
            points = torch.tensor(
                [[float(x), -float(y)] for x, y in re.findall(r"[ML]([-\d.e]+) ([-\d.e]+)", line)], dtype=torch.float64
            )
            assert len(points) == 161
            x = points[:, 0].clone().requires_grad_()
            wanted = function(x)
            if kind == "derivative":
                (wanted,) = torch.autograd.grad(wanted.sum(), x)
            away = torch.ones(161, dtype=torch.bool)
            for kink in kinks.get(name, []):
                away &= (points[:, 0] - kink).abs() > 1e-9
            torch.testing.assert_close(points[away, 1], wanted.detach()[away], rtol=0, atol=1e-9)
            jumps = len(kinks.get(name, [])) if kind == "derivative" or name == "step" else 0
            assert line.count("M") == 1 + jumps, (name, kind)


def test_by_mouse(open_page: Open) -> None:
    page = open_page(Activations())
    box = activation(page, "tanh").locator("svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 30, steps=3)
    page.mouse.up()
    settled(page.locator(".convae"))
    place = float(page.get_by_role("spinbutton", name="x", exact=True).input_value())
    assert place == pytest.approx(2, abs=0.06)
    assert_activations(page.locator(".convae"), Activations(x=place))
    page.mouse.move(box["x"] + 3, box["y"] + 30)  # nothing is held any more
    assert_activations(page.locator(".convae"), Activations(x=place))


def test_by_keyboard_and_what_is_said(open_page: Open) -> None:
    page = open_page(Activations())
    expect(status(page)).to_have_text(
        "At x = −1, 6 of 10 are steeper than 0.1. Flatter than 0.01: step, ReLU, saturating linear. "
    )
    page.keyboard.press("Tab")
    page.keyboard.type("0")
    expect(status(page)).to_have_text(
        "At x = 0, 6 of 10 are steeper than 0.1. None is flat. "
        "At a kink there is no slope: step, ReLU, leaky ReLU, saturating linear."
    )
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("20")
    assert_activations(page.locator(".convae"), Activations(x=0, beta=20))
    page.get_by_role("button", name="Reset").press("Enter")
    assert_activations(page.locator(".convae"), Activations())


def test_by_touch_on_a_narrow_page(open_page: Open) -> None:
    page = open_page(Activations(), has_touch=True, viewport={"width": 375, "height": 720})
    activation(page, "ELU").locator("svg").tap()
    assert_activations(page.locator(".convae"), Activations(x=0))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    first, last = (page.locator(".convae-panel").nth(at).bounding_box() for at in (0, 9))
    slider = page.get_by_role("slider", name="x", exact=True).bounding_box()
    assert slider["y"] + slider["height"] - first["y"] < 720  # what moves and what is moved are on one screen
    assert last["y"] > first["y"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible(open_page: Open, theme: str) -> None:
    page = open_page(Activations(), theme=theme)
    assert faults(page, *WCAG, "best-practice") == []


def test_limits_picture_and_sentence() -> None:
    with pytest.raises(TraitError, match="x holds 5: give a number from -4 to 4"):
        Activations(x=5)
    with pytest.raises(TraitError, match="beta holds 0: give a number from 1 to 50"):
        Activations(beta=0)
    assert Activations().still().count("<polyline") == 20
    assert "ReLU none" in Activations(x=0).sentence()
    assert "tanh 0.42" in Activations().sentence()


def test_size() -> None:
    widget = Activations()
    script, styles = (len(gzip.compress(getattr(widget, name).encode())) for name in ("_esm", "styles"))
    assert script + styles < 4_000

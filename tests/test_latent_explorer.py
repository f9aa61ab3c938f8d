"""The latent explorer in Chromium: by mouse, keyboard and touch, each picture against PyTorch; what it refuses."""

from __future__ import annotations

import base64
import gzip
import json
import math
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from torch import nn
from traitlets import TraitError
from widget_page import LOADER, widget_page

from convae.data import load
from convae.models import MODELS, Autoencoder, build
from convae.runs import load_run
from convae.widgets import LatentExplorer
from convae.widgets.latent_explorer import normal_numbers
from convae.widgets.nets import described, halved

Open = Callable[..., Page]
TOLERANCE = 1e-4  # of the largest number


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


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Shows widgets on a page of their own; whatever the page complains about fails the test."""
    contexts, complaints = [], []

    def open_page(*widgets: Any, theme: str = "light", link: str = "", **context: Any) -> Page:
        contexts.append(browser.new_context(**{"viewport": {"width": 900, "height": 900}} | context))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
        path = tmp_path / "widgets.html"
        path.write_text(widget_page(*widgets, theme=theme), "utf-8")
        page.goto(path.as_uri() + link)
        expect(page.locator(".convae")).to_have_count(len(widgets))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def grid(where: Page | Locator, name: str) -> Locator:
    return where.locator(f'[role=grid][aria-label^="{name}"]')


def status(where: Page | Locator) -> Locator:
    return where.locator("[role=status]")


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def spot(found: Locator, row: int, column: int) -> dict[str, float]:
    """The middle of a pixel, as a position for click, tap and hover."""
    shape = found.locator("canvas").evaluate("(canvas) => [canvas.height, canvas.width]")
    box = found.bounding_box()
    return {"x": (column + 0.5) / shape[1] * box["width"], "y": (row + 0.5) / shape[0] * box["height"]}


def painted(canvas: Locator, step: int = 1) -> torch.Tensor:
    """The grey levels of a canvas, 0 to 255; the middle one of every step × step pixels."""
    rows = canvas.evaluate(
        """(canvas, step) => {
            const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            const middle = (k) => k * step + Math.floor(step / 2);
            return Array.from({ length: height / step }, (_, r) => Array.from({ length: width / step }, (_, c) => {
                const k = 4 * (middle(r) * width + middle(c));
                return data[k] === data[k + 1] && data[k] === data[k + 2] ? data[k] : -1;
            }));
        }""",
        step,
    )
    return torch.tensor(rows, dtype=torch.float64)


def assert_shows(section: Locator, widget: LatentExplorer) -> None:
    """Numbers, pictures and sentences of the page are those of PyTorch."""
    shown = section.evaluate("(root) => [root.shown.code, root.shown.decoded].map((numbers) => Array.from(numbers))")
    (base, code), (unchanged, decoded), pixels = widget.codes(), widget.decoded(), widget.pixels()
    for page, exact in zip(shown, [code, decoded], strict=True):
        difference = (torch.tensor(page, dtype=torch.float64) - exact.flatten()).abs().max()
        assert difference <= TOLERANCE * exact.abs().max()

    for name, levels in [("First", widget.image(widget.first)), ("Second", widget.image(widget.second))]:
        torch.testing.assert_close(painted(grid(section, name).locator("canvas")), 255 * levels[0], rtol=0, atol=0.51)
    large = painted(grid(section, "Decoded").locator("canvas"))
    torch.testing.assert_close(large, 255 * decoded[0].clamp(0, 1), rtol=0, atol=0.53)
    blended = painted(section.get_by_role("img", name="Pixels blended:"))
    torch.testing.assert_close(blended, 255 * pixels[0], rtol=0, atol=0.51)

    strip = painted(section.locator(".convae-strip"))
    with torch.no_grad():
        ends = widget.net.encode(torch.stack([widget.image(widget.first), widget.image(widget.second)]))
        weights = torch.linspace(0, 1, 11, dtype=torch.float64).view(-1, *[1] * (ends.ndim - 1))
        above = widget.net.decode(ends[:1] + weights * (ends[1:] - ends[:1]))
    rows, columns = decoded.shape[1:]
    frames = strip[:rows].reshape(rows, 11, columns).permute(1, 0, 2)
    torch.testing.assert_close(frames, 255 * above[:, 0].clamp(0, 1), rtol=0, atol=0.53)

    changed = widget.noise > 0 or any(map(any, widget.offsets))
    change = decoded - (unchanged if changed else pixels)
    marks = painted(section.locator(".convae-pair canvas").last, step=10)
    visible = change[0].abs() > 0.06 * max(0.25, change.abs().max())  # so that the mark covers the middle of a pixel
    assert torch.equal(marks[visible] > 119, change[0][visible] > 0)

    facts = section.locator("dd").all_inner_texts()
    found = re.search(r"mean squared difference ([.\d]+); most at row \d+, column \d+: (\S+) against (\S+)$", facts[1])
    assert float(found[1]) == pytest.approx((decoded - pixels).square().mean().item(), abs=0.000051)
    assert abs(number(found[2]) - number(found[3])) == pytest.approx((decoded - pixels).abs().max().item(), abs=0.0101)
    if not changed:
        assert facts[2] == "none yet"
        return
    found = re.match(r"(\d+) of (\d+) pixels change by more than 0.01, mean squared difference ([.\d]+)", facts[2])
    counts = [(change.abs() > 0.01 + shift).sum().item() for shift in (1e-5, -1e-5)]
    assert counts[0] <= int(found[1]) <= counts[1]
    assert int(found[2]) == change.numel()
    assert float(found[3]) == pytest.approx(change.square().mean().item(), abs=0.000051)
    if int(found[1]):
        centre = re.search(r"centre at row (\S+), column (\S+)$", facts[2])
        for axis, other in ((1, 2), (2, 1)):
            weights = change.abs().sum((0, other))
            middle = (weights * torch.arange(len(weights))).sum() / weights.sum()
            assert number(centre[axis]) == pytest.approx(middle.item(), abs=0.0501)


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
        offsets = [[0.0] * len(row) for row in widget.offsets]
        for _ in range(self.random.choice([0, 1, 5])):
            row = self.random.choice(offsets)
            row[self.random.randrange(len(row))] = round(self.random.uniform(-widget.reach, widget.reach), 2)
        widget.offsets = offsets
        widget.cell = self.random.randrange(len(offsets) * len(offsets[0]))
        return widget


@pytest.mark.parametrize("make", [local, distant])
def test_pages_equal_pytorch(open_page: Open, make: Callable[..., LatentExplorer]) -> None:
    draw = Draw()
    widgets = [make(), *(draw.widget(make) for _ in range(12))]
    for first in range(0, len(widgets), 7):
        page = open_page(*widgets[first : first + 7])
        for section, widget in zip(page.locator(".convae").all(), widgets[first:], strict=False):
            assert_shows(section, widget)

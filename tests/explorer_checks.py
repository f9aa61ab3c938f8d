"""What a latent explorer shows, on any page, against PyTorch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import torch
from widget_checks import settled

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from convae.widgets import LatentExplorer

TOLERANCE = 1e-4  # of the largest number


def grid(where: Page | Locator, name: str) -> Locator:
    return where.locator(f'[role=grid][aria-label^="{name}"]')


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def painted(canvas: Locator, step: int = 1) -> torch.Tensor:
    """The grey levels of a canvas, 0 to 255; the middle one of every step × step pixels."""
    rows = canvas.evaluate(
        """(canvas, step) => {
            const { width, height } = canvas, options = { willReadFrequently: true };
            const copy = new OffscreenCanvas(width, height).getContext("2d", options);
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, width, height);
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
    settled(section)
    shown = section.evaluate("(root) => [root.shown.code, root.shown.decoded].map((numbers) => Array.from(numbers))")
    code, (unchanged, decoded), pixels = widget.codes()[1], widget.decoded(), widget.pixels()
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

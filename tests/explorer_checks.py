"""What a latent explorer shows, on any page, against PyTorch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import torch
from widget_checks import evaluated, settled

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from convae.widgets import LatentExplorer

TOLERANCE = 1e-4  # of the largest number


def grid(where: Page | Locator, name: str) -> Locator:
    return where.locator(f'[role=grid][aria-label^="{name}"]')


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def coloured(canvas: Locator) -> torch.Tensor:
    """Red, green and blue of a canvas, 0 to 255, [H, W, 3]."""
    rows = evaluated(
        canvas.evaluate,
        """(canvas) => {
            const { width, height } = canvas, options = { willReadFrequently: true };
            const copy = new OffscreenCanvas(width, height).getContext("2d", options);
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, width, height);
            return Array.from({ length: height }, (_, r) => Array.from({ length: width }, (_, c) => {
                const k = 4 * (r * width + c);
                return [data[k], data[k + 1], data[k + 2]];
            }));
        }""",
    )
    return torch.tensor(rows, dtype=torch.float64)


def painted(canvas: Locator) -> torch.Tensor:
    """The grey levels of a canvas, 0 to 255; -1 where it has a colour."""
    red, *others = coloured(canvas).unbind(-1)
    return red.where((others[0] == red) & (others[1] == red), -1)


def assert_shows(section: Locator, widget: LatentExplorer) -> None:
    """Numbers, pictures and sentences of the page are those of PyTorch."""
    settled(section)
    shown = evaluated(
        section.evaluate,
        "(root) => root.shown.nets.map((net) => [net.code, net.decoded].map((numbers) => Array.from(numbers)))",
    )
    pixels = widget.pixels()
    for name, levels in [("First", widget.image(widget.first)), ("Second", widget.image(widget.second))]:
        torch.testing.assert_close(painted(grid(section, name).locator("canvas")), 255 * levels[0], rtol=0, atol=0.51)
    blended = painted(section.get_by_role("img", name="Pixels blended:", include_hidden=True))
    torch.testing.assert_close(blended, 255 * pixels[0], rtol=0, atol=0.51)
    assert len(shown) == len(widget.nets)

    strip = painted(section.locator(".convae-strip"))
    facts = section.locator("dd").all_text_contents()
    rows = pixels.shape[1]
    for place, name in enumerate(widget.nets):
        frames = strip[rows * place : rows * (place + 1)]
        assert_shows_net(section, widget, name, shown[place], frames, facts[1 + 2 * place : 3 + 2 * place], place)


def assert_shows_net(
    section: Locator,
    widget: LatentExplorer,
    name: str,
    shown: list[list[float]],
    strip: torch.Tensor,
    facts: list[str],
    place: int,
) -> None:
    code, (unchanged, decoded), pixels = widget.codes(name)[1], widget.decoded(name), widget.pixels()
    for page, exact in zip(shown, [code, decoded], strict=True):
        difference = (torch.tensor(page, dtype=torch.float64) - exact.flatten()).abs().max()
        assert difference <= TOLERANCE * exact.abs().max()
    pair = section.locator(".convae-pair").nth(place)
    large = painted(grid(pair, "Decoded").locator("canvas"))
    torch.testing.assert_close(large, 255 * decoded[0].clamp(0, 1), rtol=0, atol=0.53)

    with torch.no_grad():
        pictures = torch.stack([widget.image(widget.first), widget.image(widget.second)])
        ends = widget.nets[name].encode(pictures)
        weights = torch.linspace(0, 1, 11, dtype=torch.float64).view(-1, *[1] * (ends.ndim - 1))
        above = widget.nets[name].decode(ends[:1] + weights * (ends[1:] - ends[:1]))
    rows, columns = decoded.shape[1:]
    frames = strip.reshape(rows, 11, columns).permute(1, 0, 2)
    torch.testing.assert_close(frames, 255 * above[:, 0].clamp(0, 1), rtol=0, atol=0.53)

    start = sum(each.encode(pictures).shape[1:].numel() for each in list(widget.nets.values())[:place])
    own = torch.tensor(widget.offsets).flatten()[start : start + code.numel()]
    changed = widget.noise > 0 or bool(own.any())
    change = (decoded - (unchanged if changed else pixels))[0]
    share = change / max(0.25, change.abs().max().item())
    full = torch.where(share[..., None] < 0, torch.tensor([180.0, 24, 40]), torch.tensor([20.0, 84, 180])).double()
    wanted = 255 + share.abs()[..., None] * (full - 255)
    torch.testing.assert_close(coloured(pair.locator("canvas").last), wanted, rtol=0, atol=0.6)

    found = re.search(r"mean squared difference ([.\d]+); most at row \d+, column \d+: (\S+) against (\S+)$", facts[0])
    assert float(found[1]) == pytest.approx((decoded - pixels).square().mean().item(), abs=0.000051)
    assert abs(number(found[2]) - number(found[3])) == pytest.approx((decoded - pixels).abs().max().item(), abs=0.0101)
    if not changed:
        assert facts[1] == "nothing yet"
        return
    by = " and ".join(cause for cause, is_one in {"hand": bool(own.any()), "noise": widget.noise > 0}.items() if is_one)
    told = rf"by {by}: (\d+) of (\d+) pixels change by more than 0.01, mean squared difference ([.\d]+)"
    found = re.match(told, facts[1])
    counts = [(change.abs() > 0.01 + shift).sum().item() for shift in (1e-5, -1e-5)]
    assert counts[0] <= int(found[1]) <= counts[1]
    assert int(found[2]) == change.numel()
    assert float(found[3]) == pytest.approx(change.square().mean().item(), abs=0.000051)
    if int(found[1]):
        centre = re.search(r"centre at row (\S+), column (\S+)$", facts[1])
        for axis, other in ((1, 1), (2, 0)):
            weights = change.abs().sum(other)
            middle = (weights * torch.arange(len(weights))).sum() / weights.sum()
            assert number(centre[axis]) == pytest.approx(middle.item(), abs=0.0501)

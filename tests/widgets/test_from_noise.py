"""From noise to a digit, in Chromium: each step against PyTorch, by mouse, keyboard and touch; what it refuses."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from accessibility import faults
from playwright.sync_api import Locator, Page, expect
from torch import nn
from traitlets import TraitError
from widget_checks import evaluated, status
from widget_page import LOADER

from convae.models.unet import UNet
from convae.widgets import FromNoise

Open = Callable[..., Page]
FEW = {"steps": 5}


def unet(*channels: int, seed: int = 0, **settings: Any) -> UNet:
    torch.manual_seed(seed)
    return UNet(channels or (5, 6, 7), **settings)


def from_noise(model: nn.Module | None = None, **settings: Any) -> FromNoise:
    return FromNoise(model or unet(), **settings)


def whole_way(section: Locator, widget: FromNoise) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """What the page has, as soon as all its steps are there."""
    rows, columns = widget.image_shape[1:]
    for _ in range(200):
        found = evaluated(
            section.evaluate, "(root) => root.shown.way.map(({ noisy, answer }) => [[...noisy], [...answer]])"
        )
        if len(found) == widget.steps:
            break
        section.page.wait_for_timeout(50)
    return [tuple(torch.tensor(one, dtype=torch.float64).view(1, 1, rows, columns) for one in pair) for pair in found]


def assert_shows(section: Locator, widget: FromNoise) -> None:
    """Each answer of the page is what PyTorch makes of the page's noisy picture, and that is as the way says."""
    step = widget.shown_step()
    expect(section).to_have_attribute("aria-busy", "false")
    expect(status(section)).to_contain_text(f"Step {step + 1} of {int(widget.steps)}: noise of σ = ")
    way = whole_way(section, widget)
    assert len(way) == widget.steps
    for k, (noisy, answer) in enumerate(way):
        with torch.no_grad():
            torch.testing.assert_close(answer, widget.net(noisy), atol=1e-4, rtol=1e-4)
        if k and not widget.fresh:
            before, said = way[k - 1]
            wanted = said + widget.sigma(k) / widget.sigma(k - 1) * (before - said)
        else:
            wanted = widget.sigma(k) * widget.noise(k) + (way[k - 1][1] if k else 0)
        torch.testing.assert_close(noisy, wanted, atol=1e-5, rtol=1e-5)
    bright = int((way[step][1] > 0.5).sum())
    expect(status(section)).to_contain_text(f"{bright} pixels of the net's answer are brighter than one half.")
    large = section.locator("figure canvas")
    for canvas, levels in zip(large.all(), way[step], strict=True):
        painted = evaluated(
            canvas.evaluate, "(one) => [...one.getContext('2d').getImageData(0, 0, one.width, one.height).data]"
        )
        grey = torch.tensor(painted, dtype=torch.float64).view(-1, 4)[:, 0]
        torch.testing.assert_close(grey, 255 * levels.flatten().clamp(0, 1), rtol=0, atol=0.53)
    title = f"Noisy, σ = {widget.sigma(step):.2g}" if step else "Noise alone, σ = 1"
    expect(section.locator("figcaption").first).to_have_text(title)


def test_pages_equal_pytorch(open_page: Open) -> None:
    settings = [
        FEW,
        {"steps": 5, "fresh": False, "seed": 3},
        {"steps": 1},
        {"steps": 4, "seed": 9999, "step": 2, "half": False},
        {"steps": 10, "step": 0, "fresh": False},
    ]
    widgets = [from_noise(unet(seed=k, residual=k % 2 == 0), **own) for k, own in enumerate(settings)]
    page = open_page(*widgets)
    for section, widget in zip(page.locator(".convae").all(), widgets, strict=True):
        assert_shows(section, widget)


def test_pictures_of_another_size(open_page: Open) -> None:
    widget = from_noise(shape=(1, 12, 20), steps=3)
    assert_shows(open_page(widget).locator(".convae"), widget)


def test_the_way_in_python_is_walked_as_it_is_said() -> None:
    for fresh in (True, False):
        widget = from_noise(steps=6, fresh=fresh)
        (first, answer), (second, _), *_ = way = widget.way()
        assert len(way) == 6
        assert torch.equal(first, widget.noise(0))  # nothing but noise, of σ = 1
        assert first.std().item() == pytest.approx(1, abs=0.1)
        put_back = second - answer
        assert put_back.std().item() == pytest.approx(
            (5 / 6) * (1 if fresh else (first - answer).std().item()), abs=0.1
        )
        alike = torch.corrcoef(torch.stack([put_back.flatten(), (first - answer).flatten()]))[0, 1].item()
        assert (abs(alike) < 0.2) == fresh


def test_noise_of_two_steps_and_of_two_seeds_is_not_the_same() -> None:
    drawn = [from_noise(seed=seed).noise(step).flatten() for seed in (0, 1, 9999) for step in (0, 1, 39)]
    together = torch.corrcoef(torch.stack(drawn)) - torch.eye(len(drawn))
    assert together.abs().max() < 0.2


@pytest.mark.parametrize("width", [375, 1000])
def test_the_tiles_say_what_they_are(open_page: Open, width: int) -> None:
    page, widget = open_page(from_noise(**FEW), viewport={"width": width, "height": 800}), from_noise(**FEW)
    expect(page.get_by_text("Steps of the way, with their σ. Above: noisy, below: the net's answer")).to_be_visible()
    written = page.locator(".convae-strip button:visible span span")
    sizes = [f"{widget.sigma(step):.2g}" for step in range(int(widget.steps))]
    expect(written).to_have_text(sizes)
    for one in written.all():
        assert one.is_visible()


def test_by_mouse(open_page: Open) -> None:
    page, widget = open_page(from_noise(**FEW)), from_noise(**FEW)
    section = page.locator(".convae")
    assert_shows(section, widget)
    page.get_by_role("button", name="New noise").click()
    widget.seed = 1
    assert_shows(section, widget)
    page.get_by_role("button", name="Step 2, σ = 0.8").click()
    widget.step = 1
    assert_shows(section, widget)
    expect(section.locator(".convae-strip [data-now]")).to_have_count(1)
    page.get_by_label("Fresh noise").uncheck()
    widget.fresh = False
    assert_shows(section, widget)
    page.get_by_role("slider", name="Step", exact=True).fill("4")
    widget.step = 4
    assert_shows(section, widget)
    page.get_by_role("button", name="Reset").click()
    assert_shows(section, from_noise(**FEW))


def test_play_goes_through_it(open_page: Open) -> None:
    page = open_page(from_noise(steps=3))
    expect(status(page)).to_contain_text("Step 3 of 3")
    page.evaluate(
        """() => {
            globalThis.seen = [];
            const caption = document.querySelector(".convae figcaption");
            new MutationObserver(() => seen.push(caption.textContent)).observe(caption, { childList: true });
        }"""
    )
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(status(page)).to_contain_text("Step 3 of 3")
    assert page.evaluate("seen") == ["Noise alone, σ = 1", "Noisy, σ = 0.67", "Noisy, σ = 0.33"]


def test_by_keyboard(open_page: Open) -> None:
    page, widget = open_page(from_noise(**FEW)), from_noise(**FEW)
    section, press = page.locator(".convae"), page.keyboard.press
    press("Tab")  # Play; the arrows go to the buttons beside it
    expect(page.get_by_role("button", name="Play")).to_be_focused()
    for key in ["ArrowLeft", "Enter", "Enter"]:
        press(key)
    widget.step = 2
    assert_shows(section, widget)
    for key in ["Tab", "Enter", "Tab", "Tab", "Control+a"]:  # new noise, its seed, the steps
        press(key)
    page.keyboard.type("3")
    for key in ["Tab", "Space"]:
        press(key)
    widget.step, widget.seed, widget.steps, widget.fresh = 39, 1, 3, False
    assert_shows(section, widget)


def test_by_touch(open_page: Open) -> None:
    page, widget = (
        open_page(from_noise(**FEW), has_touch=True, viewport={"width": 320, "height": 700}),
        from_noise(**FEW),
    )
    page.get_by_role("button", name="New noise").tap()
    page.get_by_role("button", name="Back").tap()
    widget.seed, widget.step = 1, 3
    assert_shows(page.locator(".convae"), widget)


def test_who_wants_rest_sees_the_way_when_it_is_whole(open_page: Open) -> None:
    page = open_page(from_noise(steps=8), reduced_motion="reduce")
    painted = page.evaluate(
        """async () => {
            const root = document.querySelector(".convae"), seen = new Set();
            root.querySelectorAll("button").forEach((one) => one.textContent === "New noise" && one.click());
            do {
                await new Promise(requestAnimationFrame);
                seen.add(root.querySelectorAll(".convae-strip .convae-to-come").length);
            } while (root.getAttribute("aria-busy") === "true" || seen.size < 2);
            return [...seen];
        }"""
    )
    assert set(painted) <= {0, 15, 16}  # nothing, or all of it


def test_of_settings_that_are_gone_nothing_is_shown(open_page: Open) -> None:
    page, widget = open_page(from_noise(steps=40)), from_noise(steps=6, seed=5)
    section = page.locator(".convae")
    section.evaluate(
        """(root) => {
            const boxes = [...root.querySelectorAll("[type=number]")];
            for (const [k, value] of [[0, 3], [0, 4], [1, 9], [0, 5], [1, 6]])
                (boxes[k].value = value), boxes[k].dispatchEvent(new Event("input"));
        }"""
    )
    assert_shows(section, widget)


def test_without_workers_it_works_in_slices(open_page: Open) -> None:
    page, widget = open_page(from_noise(**FEW)), from_noise(**FEW)
    page.add_init_script("delete globalThis.Worker")
    page.reload()
    assert page.evaluate("typeof Worker") == "undefined"
    assert_shows(page.locator(".convae"), widget)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
def test_axe_finds_nothing(open_page: Open, theme: str, width: int) -> None:
    page = open_page(
        from_noise(**FEW), theme=theme, viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "light" else "light",
    )  # fmt: skip
    expect(page.locator(".convae")).to_have_attribute("aria-busy", "false")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.locator(".convae").locator("button, input").evaluate_all(
        "(all) => all.filter((one) => one.checkVisibility() && one.type !== 'checkbox')"
        ".map((one) => one.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))"
    )  # fmt: skip
    assert min(sizes) >= 24


def test_links_restore_the_state(open_page: Open) -> None:
    state = {"seed": 77, "steps": 4, "step": 1, "fresh": False}
    link = open_page(from_noise(**state)).get_by_role("link", name="Copy link").get_attribute("href")
    page = open_page(from_noise(), link=link)
    assert_shows(page.locator(".convae"), from_noise(**state))
    page = open_page(from_noise(**FEW), link=FromNoise.address(steps=3, seed=2))
    assert_shows(page.locator(".convae"), from_noise(steps=3, seed=2))


def test_nonsense_is_refused_in_place(open_page: Open) -> None:
    page = open_page(from_noise(**FEW))
    page.get_by_role("spinbutton", name="Steps").fill("41")
    expect(page.get_by_text("41 is not a whole number from 1 to 40: 5 is kept.")).to_be_visible()


def test_still_and_sentence() -> None:
    widget = from_noise(**FEW, step=2)
    assert re.search(r"step 3 of 5\. \d+ pixels of the answer", widget.sentence())
    assert widget.still().count("<image") == 4  # noise, and the answers of three steps
    assert "Answer, step 3" in widget.still()
    assert "Answer, step 4" not in widget.still()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((unet(), (28, 28)), r"pictures of shape \(28, 28\): give \[1, H, W\]"),
        ((unet(), (3, 28, 28)), "at most 32×32 pixels"),
        ((unet(), (1, 36, 28)), "at most 32×32 pixels"),
        ((unet(), (1, 30, 28)), "30×28 pixels cannot be halved 2 times"),
        ((unet(30, 40),), "a net of .* parameters: give one of at most 60,000"),
        ((nn.Conv2d(1, 1, 3),), "makes .* of a picture of shape .*: give one that keeps the shape"),
        ((nn.Sequential(nn.Conv2d(1, 1, 1), nn.SiLU()),), "layer 1 is SiLU"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        FromNoise(*arguments)


class Twofold(nn.Conv2d):
    """Answers with more than a picture."""

    def forward(self, images: torch.Tensor) -> Any:
        return super().forward(images), 0


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        ((None,), {}, "the net is None: give a model"),
        (("denoise-blind",), {}, "the net is 'denoise-blind': give a model"),
        ((UNet,), {}, "the net is <class .*: give a model"),
        ((Twofold(1, 1, 3, padding=1),), {}, "answers with a tuple: give one that answers with pictures alone"),
        ((unet(), 28), {}, "a picture's shape is 28: give whole numbers"),
        ((unet(), (1, 28.0, 28.0)), {}, r"shape is \(1, 28.0, 28.0\): give whole numbers"),
        ((unet(),), {"sed": 8}, "FromNoise has no setting 'sed': choose .*seed"),
    ],
)
def test_what_is_of_another_kind_is_told_in_a_sentence(
    arguments: tuple[Any, ...], settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(TypeError, match=said):
        FromNoise(*arguments, **settings)


@pytest.mark.parametrize("half", [True, False])
def test_a_net_without_usable_weights_is_refused(half: bool) -> None:
    ran_away = unet()
    next(ran_away.parameters()).data[0] = float("nan")
    with pytest.raises(ValueError, match="NaN or infinite: give a net whose training did not run away"):
        FromNoise(ran_away, half=half)
    with pytest.raises(ValueError, match="meta device: give one with weights"):
        FromNoise(unet().to("meta"), half=half)


def test_what_was_given_is_left_as_it_was() -> None:
    model, before = unet().train(), torch.get_rng_state()
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    FromNoise(model, torch.tensor([1, 28, 28])).still()
    assert model.training
    assert all(torch.equal(value, kept[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("settings", [{"seed": -1}, {"steps": 0}, {"steps": 41}, {"step": 40}, {"step": 1.5}])
def test_settings_are_checked(settings: dict[str, Any]) -> None:
    with pytest.raises(TraitError, match="give"):
        from_noise(**settings)


def test_page_is_small() -> None:
    """All code of a page with this widget, and the weights of the largest net as they stand in it."""
    widget = from_noise(UNet())
    library = widget.library.source + widget.library.styles
    code = LOADER.read_text("utf-8") + library + widget._esm + widget.styles
    assert len(gzip.compress(code.encode())) <= 40_000
    assert len(gzip.compress(base64.b64encode(widget.weights))) <= 150_000

"""The net of a cell of the map that learns in the page: against PyTorch, and driven in a browser."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from accessibility import faults
from lesson_checks import draw, steps, trained
from playwright.sync_api import Locator, Page, expect
from widget_checks import settled
from widget_page import LOADER

from book.tools.smaller import STYLES, minify, smaller
from convae.widgets import LearningRates
from convae.widgets.kit import part
from convae.widgets.lesson import digits, rivals

Open = Callable[..., Page]
RATES, MOMENTA = [0.05, 0.5, 0.95], [0.05, 0.5, 0.95]
STEPS, EPOCHS = 4, 3
WIDE: dict[str, Any] = {"viewport": {"width": 1000, "height": 900}}
CALM: dict[str, Any] = WIDE | {"reduced_motion": "reduce"}
BESIDE = {f"convae-{name}.js": script() for name, script in LearningRates.later.items()}
ENDLESS = 10**6


def made(rates: list[float] = RATES, steps: int = STEPS, **settings: Any) -> LearningRates:
    """Stored errors that fall, faster with a larger rate and momentum; the page's net takes 12 steps in all."""
    pace = torch.tensor(rates)[:, None] / (1 - torch.tensor(MOMENTA))
    fall = torch.exp(-pace[:, :, None, None].clamp(max=10) / 10 * torch.arange(EPOCHS + 1.0))
    errors = (0.07 + 0.17 * fall) * (1 + 0.01 * torch.arange(3)[:, None])
    shown = torch.arange(2 * 28 * 28, dtype=torch.uint8).view(2, 28, 28)
    given = shown.expand(len(rates), len(MOMENTA), -1, -1, -1)
    return LearningRates(rates, MOMENTA, errors, shown, given, 0.0673, steps, "from 60,000", **settings)


@pytest.fixture(autouse=True)
def beside(tmp_path: Path) -> Path:
    """What the book has beside its pages."""
    for name, text in BESIDE.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def press(section: Locator, name: str) -> None:
    section.get_by_role("button", name=name, exact=True).click()


def says(section: Locator, text: str | re.Pattern[str]) -> None:
    expect(section.get_by_role("status")).to_contain_text(text)


def learned(section: Locator) -> None:
    """Until the chosen cell's net has taken all its steps."""
    says(section, "Learned here it ends at")


def frames(section: Locator) -> Locator:
    return section.locator(".convae-cell-frame")


def known(widget: LearningRates, seed: int = 0) -> list[tuple[float, list[torch.Tensor]]]:
    """Error and weights before the first step and after each, as PyTorch has them."""
    net = widget.net()
    draw(net, seed)
    walk = steps(net, widget.optimizer(net), digits()[0].all().images, digits()[1].all().images, seed, 100)
    return [next(walk) for _ in range(STEPS * EPOCHS + 1)]


# --- as PyTorch does it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "momentum"), [(1, 1), (2, 2), (0, 2)])
def test_errors_and_weights_are_those_of_pytorch(open_page: Open, rate: int, momentum: int) -> None:
    widget = made(rate=rate, momentum=momentum)
    page = open_page(widget, **CALM)
    section = page.locator(".convae")
    ended = """(own) => {
        const { seed, errors } = document.querySelector(".convae").trained?.() ?? {};
        return seed === own && errors.at(-1)?.[0] === 12;
    }"""
    for seed, name in enumerate(["Learn it here", "Learn it again"]):
        press(section, name)
        page.wait_for_function(ended, arg=seed)
        walk = known(widget, seed)
        errors, weights = trained(section)
        assert errors == [[step, pytest.approx(walk[step][0], rel=1e-4)] for step in range(0, 13, STEPS)]
        for own, theirs in zip(weights, walk[-1][1], strict=True):
            torch.testing.assert_close(own, theirs.flatten(), rtol=0, atol=1e-5)
    assert (walk[-1][1][3] - walk[0][1][3]).abs().max() > 1e-3  # the last biases went a hundred times as far as that


def test_the_curve_stands_where_its_errors_are(open_page: Open) -> None:
    """On the axes of the stored one, whose own points are known."""
    section = open_page(made(), **WIDE).locator(".convae")
    press(section, "Learn it here")
    learned(section)
    errors, _ = trained(section)
    assert [step for step, _ in errors] == [0, 4, 8, 12]
    stored = section.evaluate("(root) => root.shown.curves[0]")
    points = """(one) => [...one.getAttribute("d").matchAll(/([-\\d.]+) ([-\\d.]+)/g)]
        .map((at) => at.slice(1).map(Number))"""
    plot = section.locator(".convae-rates-plot")
    theirs = plot.locator("path:not([class])").first.evaluate(points)
    own = plot.locator(".convae-cell-curve").evaluate(points)
    assert [x for x, _ in own] == pytest.approx([x for x, _ in theirs], abs=0.11)
    (_, top), *_, (_, bottom) = theirs
    slope = (bottom - top) / (torch.tensor(stored[0]).log() - torch.tensor(stored[-1]).log()).item()
    for (_, height), (_, error) in zip(own, errors, strict=True):
        expected = top + slope * (torch.tensor(stored[0]).log() - torch.tensor(error).log()).item()
        assert height == pytest.approx(max(8, expected), abs=0.5)
    head = plot.locator(".convae-cell-head")
    assert float(str(head.get_attribute("cy"))) == pytest.approx(own[-1][1], abs=0.06)


def test_what_it_ended_at_is_said_beside_the_stored_error(open_page: Open) -> None:
    widget = made()
    section = open_page(widget, **CALM).locator(".convae")
    press(section, "Learn it here")
    learned(section)
    error, mean = trained(section)[0][-1][1], rivals()["mean"]
    stored = widget.own[2, 2, :, -1].mean().item() / 0.0673
    says(
        section,
        f"Learned here it ends at {error / mean:.2f} times the error of the mean picture, the stored ones at "
        f"{stored:.2f} times (here {error:.4f} and {mean:.4f}, on 200 digits).",
    )
    expect(section).to_contain_text(
        "Here: from 1,000 digits of 16 grey levels, 100 a step, without dropout; tested on 200 others. "
        "Stored: from 60,000. Both take 4 steps an epoch."
    )
    expect(section.locator(".convae-rates-plot")).to_have_attribute(
        "aria-label", re.compile(f"; learned here, after 12 steps: {error:.4f}$")
    )


# --- driven -----------------------------------------------------------------------------------------------------------


def test_nothing_comes_or_learns_before_the_reader_wants_it(open_page: Open) -> None:
    page = open_page(made(), **WIDE)
    says(page.locator(".convae"), "Learning rate 0.95, momentum 0.95: after 3 epochs")
    page.wait_for_timeout(500)
    assert page.evaluate("document.querySelectorAll('head script[src]').length") == 0
    assert not page.workers
    without = open_page(made(steps=0), **WIDE).locator(".convae")
    expect(without.get_by_role("button", name="Reset")).to_be_visible()
    expect(without.get_by_role("button", name="Learn it here")).to_have_count(0)


def test_another_cell_stops_it_and_the_button_is_ready_again(open_page: Open) -> None:
    page = open_page(made(steps=ENDLESS), **WIDE)
    section = page.locator(".convae")
    press(section, "Learn it here")
    says(section, re.compile("Here: step [1-9]"))
    board = section.locator(".convae-rates-board")
    board.press("ArrowLeft")
    button = section.get_by_role("button", name="Learn it here", exact=True)
    expect(button).to_be_visible()
    says(section, "Learning rate 0.5, momentum 0.95")
    page.wait_for_timeout(500)
    settled(section)
    assert "Here: step" not in section.get_by_role("status").inner_text()
    assert section.evaluate("(root) => root.trained().errors") == []
    board.press("ArrowRight")  # nor does it go on where it was left
    settled(section)
    assert section.evaluate("(root) => root.trained().errors") == []
    expect(button).to_be_visible()
    expect(frames(section)).to_have_count(0)
    button.click()
    says(section, re.compile("Here: step [1-9]"))


def test_by_keyboard_it_learns_pauses_and_goes_on(open_page: Open) -> None:
    page = open_page(made(steps=ENDLESS), **WIDE)
    section = page.locator(".convae")
    section.get_by_role("button", name="Learn it here", exact=True).focus()
    page.keyboard.press("Enter")
    says(section, re.compile("Here: step [1-9]"))
    expect(section.get_by_role("status")).to_have_attribute("aria-live", "off")
    expect(section.get_by_role("button", name="Pause", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    expect(section.get_by_role("button", name="Go on", exact=True)).to_be_focused()
    expect(section.get_by_role("status")).to_have_attribute("aria-live", "polite")
    page.wait_for_timeout(400)
    before = len(trained(section)[0])
    page.wait_for_timeout(400)
    assert len(trained(section)[0]) == before
    page.keyboard.press("Enter")
    expect(section.get_by_role("button", name="Pause", exact=True)).to_be_focused()
    page.wait_for_function("(least) => document.querySelector('.convae').trained().errors.length > least", arg=before)
    press(section, "Reset")
    expect(section.get_by_role("button", name="Learn it here", exact=True)).to_be_visible()
    assert section.evaluate("(root) => root.trained().errors") == []


def test_cells_keep_a_frame_with_their_own_error_until_they_are_cleared(open_page: Open) -> None:
    widget = made()
    section = open_page(widget, **WIDE).locator(".convae")
    board = section.locator(".convae-rates-board")
    ends = []
    for key in ("", "ArrowLeft", "ArrowDown"):
        if key:
            board.press(key)
        press(section, "Learn it here")
        learned(section)
        ends.append(trained(section)[0][-1][1])
    expect(frames(section)).to_have_count(3)
    expect(section).to_contain_text("3 learned here: framed on the map")
    expect(board.locator("svg")).to_have_attribute("aria-label", re.compile("Framed, as learned here: 3"))
    assert section.evaluate("(root) => root.trained().cells") == [8, 5, 4]
    means = widget.own[..., -1].mean(2).log()
    shades = section.locator(".convae-cell-frame + rect").evaluate_all(
        "(all) => all.map((one) => parseFloat(one.style.getPropertyValue('--share')))"
    )
    shares = (torch.tensor(ends).log() - means.min()) / (means.max() - means.min())
    assert shades == pytest.approx((100 * shares.clamp(0, 1)).tolist(), abs=0.06)
    places = frames(section).evaluate_all(
        "(all) => all.map((one) => [Math.floor(one.getAttribute('x')), Math.floor(one.getAttribute('y'))])"
    )
    assert places == [[2, 0], [1, 0], [1, 1]]  # rate to the right, momentum from below
    pale = section.locator(".convae-cell-before")
    assert str(pale.get_attribute("d")).count("M") == 2
    board.press("ArrowUp")  # where one learned before, it is there again
    learned(section)
    says(section, f"{ends[1]:.4f}")
    press(section, "Clear")
    expect(frames(section)).to_have_count(0)
    expect(section.get_by_role("button", name="Learn it here", exact=True)).to_be_focused()
    expect(section.get_by_role("button", name="Clear", exact=True)).to_be_hidden()
    assert not pale.get_attribute("d")
    press(section, "Learn it here")
    learned(section)
    press(section, "Reset")
    expect(frames(section)).to_have_count(0)
    says(section, "Learning rate 0.95, momentum 0.95")


def test_a_rate_by_which_it_runs_away_says_so_and_nothing_freezes(open_page: Open) -> None:
    page = open_page(made([0.05, 0.5, 1e300]), **WIDE)
    section = page.locator(".convae")
    press(section, "Learn it here")
    says(section, "the loss is no number any more: start again with a smaller rate")
    expect(frames(section)).to_have_count(0)
    section.locator(".convae-rates-board").press("ArrowLeft")
    press(section, "Learn it here")
    learned(section)
    expect(frames(section)).to_have_count(1)


def test_without_a_worker_it_learns_between_the_frames(open_page: Open) -> None:
    section = open_page(made(), **WIDE).locator(".convae")
    section.evaluate("() => { globalThis.Worker = class { constructor() { throw Error('none here'); } }; }")
    press(section, "Learn it here")
    learned(section)
    assert trained(section)[0][-1] == [12, pytest.approx(known(made())[-1][0], rel=1e-4)]


def test_scripts_that_are_not_there_are_missed_in_words(open_page: Open, beside: Path) -> None:
    (beside / "convae-learning_cell.js").write_text("", "utf-8")
    section = open_page(made(), **WIDE).locator(".convae")
    press(section, "Learn it here")
    expect(section.get_by_role("alert").first).to_contain_text("could not be loaded: press once more")
    (beside / "convae-learning_cell.js").write_text(BESIDE["convae-learning_cell.js"], "utf-8")
    press(section, "Learn it here")
    learned(section)


@pytest.mark.parametrize(("width", "theme"), [(1100, "dark"), (375, "light")])
def test_nothing_leaves_its_box_and_axe_finds_nothing(open_page: Open, width: int, theme: str) -> None:
    touch = {"has_touch": True} if width < 500 else {}
    page = open_page(made(), theme=theme, viewport={"width": width, "height": 800}, **touch)
    section = page.locator(".convae")
    learn = section.get_by_role("button", name="Learn it here", exact=True)
    (learn.tap if touch else learn.click)()
    learned(section)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    plot, bar = (section.locator(f".convae-rates-{name}").bounding_box() for name in ("curve", "bar"))
    assert plot
    assert bar
    assert bar["y"] + bar["height"] - plot["y"] < 400  # the curve and what has it drawn, on one screen
    assert faults(page, "wcag2a", "wcag2aa", "wcag21aa", "best-practice") == []


# --- without a page ---------------------------------------------------------------------------------------------------


def test_code_is_small() -> None:
    widget = made()
    code = [LOADER.read_text("utf-8"), widget.library.source, widget._esm]
    first = "".join([*map(smaller, code), *(smaller(text, STYLES) for text in (widget.library.styles, widget.styles))])
    sizes = [len(gzip.compress(text.encode())) for text in (first, smaller(part("learning_cell.js")))]
    assert sizes[0] < (15_000 if minify else 21_000), sizes
    assert sum(sizes) <= (40_000 if minify else 53_000), sizes
    assert "PRODUCT_BYTES" not in first


@pytest.mark.parametrize(
    ("momenta", "steps", "said"),
    [
        ([0.5, 1.0], 60, "momenta from 0.5 to 1.0: no net learns by these"),
        ([-0.5, 0.5], 60, "momenta from -0.5 to 0.5: no net learns by these"),
        ([0.5, 0.9], -1, "-1 steps an epoch: give how many"),
    ],
)
def test_what_no_net_can_learn_by_is_refused(momenta: list[float], steps: int, said: str) -> None:
    shown = torch.zeros(1, 2, 2, dtype=torch.uint8)
    given = shown.expand(2, 2, -1, -1, -1)
    with pytest.raises(ValueError, match=re.escape(said)):
        LearningRates([0.1, 0.2], momenta, torch.full((2, 2, 1, 2), 0.1), shown, given, 1, steps)
    assert LearningRates([0.1, 0.2], momenta, torch.full((2, 2, 1, 2), 0.1), shown, given, 1).steps == 0

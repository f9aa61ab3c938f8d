"""The plane that fills while a net with a code of two numbers learns: against PyTorch, and driven in a browser."""

from __future__ import annotations

import gzip
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from accessibility import faults
from lesson_checks import draw, steps
from playwright.sync_api import Locator, Page, expect
from widget_checks import settled
from widget_page import LOADER

from book.tools.smaller import STYLES, smaller
from convae.widgets import LearningPlane
from convae.widgets.lesson import digits, digits_script, rivals

Open = Callable[..., Page]
WIDE: dict[str, Any] = {"viewport": {"width": 1000, "height": 900}}
CALM: dict[str, Any] = WIDE | {"reduced_motion": "reduce"}


@pytest.fixture(autouse=True)
def beside(tmp_path: Path) -> None:
    """The digits, which the book has beside its pages."""
    (tmp_path / "convae-digits.js").write_text(digits_script(), "utf-8")


def press(section: Locator, name: str) -> None:
    section.get_by_role("button", name=name, exact=True).click()


def says(section: Locator, text: str | re.Pattern[str]) -> None:
    expect(section.get_by_role("status")).to_contain_text(text)


def held() -> torch.Tensor:
    return digits()[1].all().images


def rested(open_page: Open, **settings: Any) -> Locator:
    """The widget with its digits there, paused and at its first batch."""
    section = open_page(LearningPlane(**settings), **CALM).locator(".convae")
    press(section, "Go")
    says(section, re.compile("Batch [1-9]"))
    press(section, "Start over")
    says(section, "Batch 0 of")
    return section


def trained(section: Locator) -> tuple[list[list[float]], torch.Tensor]:
    settled(section)
    errors, codes = section.evaluate("(root) => [root.trained().errors, root.trained().codes]")
    return errors, torch.tensor(codes).reshape(-1, 2)


@pytest.mark.parametrize("settings", [{}, {"bend": "none", "seed": 7}])
def test_codes_and_errors_are_those_of_pytorch(open_page: Open, settings: dict[str, Any]) -> None:
    widget = LearningPlane(**settings)
    net = widget.net()
    draw(net, int(widget.seed))
    section = rested(open_page, **settings)
    learned = digits()[0].all().images
    known = steps(net, widget.optimizer(net), learned, held(), int(widget.seed))
    for step, (error, _) in enumerate(itertools.islice(known, 4)):
        says(section, f"Batch {step} of")
        errors, codes = trained(section)
        assert errors[-1] == [step, pytest.approx(error, rel=1e-3)]
        with torch.no_grad():
            torch.testing.assert_close(codes, net.encode(held()), rtol=0, atol=2e-3)
        press(section, "Step")


def test_digits_stand_where_their_codes_lie_and_neighbours_are_counted(open_page: Open) -> None:
    section = rested(open_page)
    for step in range(12):
        press(section, "Step")
        says(section, f"Batch {step + 1} of")
    _, codes = trained(section)
    marks = section.locator(".convae-filling-board text")
    labels = digits()[1].labels
    assert marks.all_text_contents() == [str(label) for label in labels.tolist()]
    places = torch.tensor(
        marks.evaluate_all("(all) => all.map((one) => ['x', 'y'].map((a) => Number(one.getAttribute(a))))")
    )
    assert places.min() >= 0
    assert places.max() <= 100
    for axis, way in ((0, 1), (1, -1)):
        assert torch.corrcoef(torch.stack([places[:, axis], codes[:, axis]]))[0, 1] * way == pytest.approx(1, abs=1e-4)
    far = torch.cdist(codes.double(), codes.double()).fill_diagonal_(torch.inf)
    same = (labels[far.argmin(1)] == labels).double().mean().item()
    says(section, f"For {100 * same:.0f} % of them the nearest")
    mean, pca = (f"{1000 * rivals()[name]:.0f}" for name in ("mean", "pca/2"))
    says(section, f"(the mean picture {mean}, PCA with two numbers {pca})")


def test_the_axes_say_how_far_they_reach_and_one_class_can_be_seen_alone(open_page: Open) -> None:
    section = rested(open_page)
    ends = section.locator(".convae-filling-end")
    caption = section.locator("figcaption").first
    left, right, low, high = ends.all_inner_texts()
    expect(caption).to_contain_text(f"first number across, {left} to {right}; second up, {low} to {high}")
    codes = trained(section)[1]
    for axis, (least, most) in enumerate(((left, right), (low, high))):
        reach = [float(text.replace("−", "-")) for text in (least, most)]
        assert reach[0] - 0.5 <= codes[:, axis].min() <= codes[:, axis].max() <= reach[1] + 0.5
    threes = int((digits()[1].labels == 3).sum())
    dim = section.locator(".convae-filling-dim")
    expect(dim).to_have_count(0)
    section.get_by_label("Show").select_option("only 3")
    expect(dim).to_have_count(200 - threes)
    expect(dim.filter(has_text="3")).to_have_count(0)
    section.locator(".convae-filling-board text").filter(has_text="7").first.dispatch_event("pointerover")
    expect(dim.filter(has_text="7")).to_have_count(0)
    section.locator(".convae-filling-board svg").dispatch_event("pointerleave")
    expect(dim).to_have_count(200 - threes)
    section.get_by_label("Show").select_option("all digits")
    expect(dim).to_have_count(0)


def test_out_of_sight_it_rests_and_goes_on_when_it_is_seen(open_page: Open) -> None:
    page = open_page(LearningPlane(), **CALM)
    page.evaluate("document.body.style.paddingBottom = '3000px'")
    section = page.locator(".convae")
    press(section, "Go")
    says(section, re.compile("Batch [1-9]"))
    page.evaluate("scrollTo(0, 2500)")
    expect(section.get_by_role("button", name="Go on", exact=True)).to_have_count(1)
    batch = section.get_by_role("status").text_content
    there = ""
    while there != (there := batch() or ""):  # the job that was under way comes to its end
        page.wait_for_timeout(1000)
    page.evaluate("scrollTo(0, 0)")
    expect(section.get_by_role("button", name="Pause", exact=True)).to_have_count(1)
    expect(section.get_by_role("status")).not_to_have_text(there)


def test_nothing_comes_or_learns_before_the_reader_wants_it(open_page: Open) -> None:
    page = open_page(LearningPlane(), **WIDE)
    section = page.locator(".convae")
    says(section, "A net of 105,554 numbers, not yet trained")
    says(section, "ends by itself after 2,000 batches")
    page.wait_for_timeout(500)
    assert page.evaluate("document.querySelectorAll('head script[src]').length") == 0
    assert not page.workers
    expect(section.get_by_role("button", name="Step")).to_be_disabled()


def test_by_keyboard_it_learns_pauses_and_begins_anew(open_page: Open) -> None:
    page = open_page(LearningPlane(), **WIDE)
    section = page.locator(".convae")
    section.get_by_role("button", name="Go", exact=True).focus()
    page.keyboard.press("Enter")
    says(section, re.compile("Batch [1-9]"))
    expect(section.get_by_role("button", name="Pause", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    expect(section.get_by_role("button", name="Go on", exact=True)).to_be_focused()
    expect(section.locator(".convae-filling-board text:visible")).to_have_count(200)
    section.get_by_role("radio", name="none").press("Space")
    says(section, "Batch 0 of")
    press(section, "Go")
    says(section, re.compile("Batch [1-9]"))
    press(section, "Reset")
    says(section, "Batch 0 of")
    expect(section.get_by_role("radio", name="leaky ReLU")).to_be_checked()
    page.wait_for_timeout(400)
    says(section, "Batch 0 of")
    assert "seed:0" in str(section.get_by_role("link", name="Copy link").get_attribute("href"))


def test_it_ends_by_itself_and_another_seed_is_another_plane(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LearningPlane, "_esm", LearningPlane._esm.replace("END = 2000", "END = 20"))
    section = rested(open_page)
    _, first = trained(section)
    section.get_by_role("spinbutton", name="Seed").fill("3")
    expect(section.get_by_role("button", name="Go", exact=True)).to_be_visible()
    says(section, "Batch 0 of")
    settled(section)
    assert not torch.equal(trained(section)[1], first)
    press(section, "Go")
    says(section, "Batch 20 of 20")
    says(section, "It has finished: start over, or take another seed.")
    for name in ("Step", "Go on"):
        expect(section.get_by_role("button", name=name, exact=True)).to_be_disabled()
    press(section, "Start over")
    says(section, "Batch 0 of 20")
    expect(section.get_by_role("button", name="Go", exact=True)).to_be_enabled()


@pytest.mark.parametrize("way", ["Reset", "Start over", "another activation"])
def test_a_seed_that_is_refused_is_forgotten_when_it_begins_anew(open_page: Open, way: str) -> None:
    section = rested(open_page)
    seed = section.get_by_role("spinbutton", name="Seed")
    seed.fill("-1")
    expect(section.get_by_role("alert").first).to_contain_text("-1 is not")
    wrong = section.locator(".convae-wrong")
    expect(wrong).to_be_visible()
    if way == "another activation":
        section.get_by_role("radio", name="none").check(force=True)
    else:
        press(section, way)
    says(section, "Batch 0 of")
    expect(section.get_by_role("alert").first).to_be_hidden()
    expect(wrong).to_be_hidden()
    expect(seed).to_have_value("0")
    expect(seed).to_have_attribute("aria-invalid", "false")


def test_a_guess_is_answered_when_it_has_finished(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LearningPlane, "_esm", LearningPlane._esm.replace("END = 2000", "END = 20"))
    section = open_page(LearningPlane(), **CALM).locator(".convae")
    labels = digits()[1].labels
    count = torch.bincount(labels).double()
    chance = 100 * (count * (count - 1)).sum().item() / (len(labels) * (len(labels) - 1))
    expect(section.get_by_text("Guess first")).to_contain_text("20 batches")
    press(section, "under 30 %")
    says(section, "Batch 20 of 20")
    says(
        section,
        f"% of them the nearest in the plane is of the same class (by chance, for {chance:.0f} %; before it "
        "learned, for ",
    )
    _, codes = trained(section)
    far = torch.cdist(codes.double(), codes.double()).fill_diagonal_(torch.inf)
    share = 100 * (labels[far.argmin(1)] == labels).double().mean().item()
    answer = section.get_by_text("You said under 30 %")
    expect(answer).to_have_text(f"You said under 30 %: {'right' if share < 30 else 'no'}, it is {share:.0f} %.")
    press(section, "Start over")
    expect(answer).to_be_hidden()
    expect(section.get_by_role("button", name="over 70 %")).to_be_visible()


def test_digits_that_are_not_there_are_missed_in_words(open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "convae-digits.js").write_text("", "utf-8")
    section = open_page(LearningPlane(), **WIDE).locator(".convae")
    press(section, "Go")
    expect(section.get_by_role("alert").first).to_contain_text("could not be loaded: press once more")
    (tmp_path / "convae-digits.js").write_text(digits_script(), "utf-8")
    press(section, "Go")
    says(section, re.compile("Batch [1-9]"))
    expect(section.locator(".convae-filling-board text")).to_have_count(200)


@pytest.mark.parametrize(("width", "theme"), [(1100, "dark"), (375, "light")])
def test_nothing_leaves_its_box_and_axe_finds_nothing(open_page: Open, width: int, theme: str) -> None:
    touch = {"has_touch": True} if width < 500 else {}
    page = open_page(LearningPlane(), theme=theme, viewport={"width": width, "height": 800}, **touch)
    section = page.locator(".convae")
    go = section.get_by_role("button", name="Go", exact=True)
    (go.tap if touch else go.click)()
    says(section, re.compile("Batch [1-9]"))
    press(section, "Pause")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    board, bar = (section.locator(f".convae-filling-{name}").first.bounding_box() for name in ("board", "bar"))
    assert board
    assert bar
    assert bar["y"] + bar["height"] - board["y"] < 800  # what learns and what steers it, on one screen
    assert faults(page, "wcag2a", "wcag2aa", "wcag21aa", "best-practice") == []


def test_code_is_small() -> None:
    widget = LearningPlane()
    code = [LOADER.read_text("utf-8"), widget.library.source, widget._esm]
    styles = [widget.library.styles, widget.styles]
    text = "".join([*map(smaller, code), *(smaller(each, STYLES) for each in styles)])
    assert len(gzip.compress(text.encode())) <= 40_000
    assert "200 digits" in widget.sentence()
    assert "A digit" in widget.still()

"""A net that learns in a page: in a worker made from the page's own text, or in slices between the frames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
import pytest
import torch
import traitlets
from playwright.sync_api import Locator, Page, expect
from widget_checks import evaluated, status

from convae.data import load
from convae.widgets.kit import Choice, Number, Widget

if TYPE_CHECKING:
    from collections.abc import Callable

    Open = Callable[..., Page]


class Training(Widget):
    """The smallest page that trains."""

    module = str(Path(__file__).with_name("training_page.js"))

    train = traitlets.Bytes().tag(sync=True)
    test = traitlets.Bytes().tag(sync=True)
    rate = Number(0.001, 0, 1e30, whole=False)
    optimizer = Choice("adam", "sgd")
    net = Choice("strided", "pooled", "dense")
    noise = Number(0, 0, 1, whole=False)
    batch = Number(64, 1, 1000)
    most = Number(1_000_000, 1, 1_000_000)

    def __init__(self, **settings: Any) -> None:
        splits = load("mnist-sample")
        pictures = {"train": splits.train.images[:320], "test": splits.test.images[:40]}
        super().__init__(**settings, **{key: images.numpy().tobytes() for key, images in pictures.items()})


def opened(open_page: Open, missing: str = "", **settings: Any) -> tuple[Page, Locator]:
    """The page with the net at its beginning; without what `missing` takes away."""
    page = open_page(Training(**settings))
    if missing:
        page.add_init_script(missing)
        page.reload()
    section = page.locator(".convae")
    expect(section.get_by_role("status")).to_contain_text("Batch 0: ")
    return page, section


def answers(section: Locator, part: str) -> Any:
    """Of all answers so far."""
    return section.evaluate(f"(root) => root.answers.map(({{ {part} }}) => {part})")


def press(section: Locator, name: str) -> None:
    section.get_by_role("button", name=name).click()


def reaches(section: Locator, batches: int) -> None:
    """Waits until the net has learned from so many batches."""
    handle = section.element_handle()
    section.page.wait_for_function("([root, n]) => root.answers.at(-1).batches >= n", arg=[handle, batches])


def rests(section: Locator) -> int:
    """Waits until nothing is under way; so many batches are behind it."""
    before = -1
    while (now := len(answers(section, "batches"))) != before:
        before = now
        section.page.wait_for_timeout(300)
    return answers(section, "batches")[-1]


WITHOUT = {
    "nothing": "",
    "workers": "delete globalThis.Worker",
    "workers that start": "globalThis.Worker = class { constructor() { throw Error('none here') } }",
    "workers and WebAssembly": "delete globalThis.Worker; delete globalThis.WebAssembly",
}


def test_the_same_is_learned_in_workers_and_in_slices(open_page: Open) -> None:
    """Eight steps, one after the other, on pages without some of what it takes."""
    losses, errors = {}, {}
    for name, missing in WITHOUT.items():
        page, section = opened(open_page, missing)
        for step in range(8):
            press(section, "Step")
            reaches(section, step + 1)
        assert len(page.workers) == (name == "nothing"), name
        assert set(answers(section, "products")) == {"plain loops" if "WebAssembly" in name else "SIMD"}
        assert answers(section, "batches") == list(range(9))
        losses[name] = numpy.concatenate(answers(section, "losses"))
        errors[name] = numpy.array(answers(section, "error"))
        assert losses[name].shape == (8,)
        numpy.testing.assert_allclose(losses[name], losses["nothing"], rtol=1e-5)
        numpy.testing.assert_allclose(errors[name], errors["nothing"], rtol=1e-5)
        assert (numpy.diff(errors[name]) < 0).all()
    pixels = load("mnist-sample").test.images[:9, 0].double() / 255
    shown = torch.tensor(evaluated(section.evaluate, "(root) => Array.from(root.answers.at(-1).answers)")).reshape(
        9, 28, 28
    )
    assert (shown - pixels).square().mean().item() == pytest.approx(errors["nothing"][-1], rel=0.2)


def test_learning_pauses_goes_on_and_begins_anew(open_page: Open) -> None:
    _, section = opened(open_page)
    first = answers(section, "error")[0]
    press(section, "Learn")
    reaches(section, 60)
    press(section, "Pause")
    there = rests(section)
    assert section.get_attribute("data-going") == "false"
    press(section, "Learn")
    reaches(section, there + 20)
    press(section, "Reset")
    assert rests(section) == 0
    errors = answers(section, "error")
    assert errors[-1] == first
    assert min(errors) < 0.95 * first
    counts = answers(section, "batches")
    # A message is not sent for every step, and no loss is left out.
    assert numpy.cumsum([len(losses) for losses in answers(section, "losses")[:-1]]).tolist() == counts[:-1]
    assert len(counts) < max(counts)


@pytest.mark.parametrize("missing", ["", WITHOUT["workers"]], ids=["worker", "slices"])
def test_a_step_ends_the_learning_and_nothing_is_lost(open_page: Open, missing: str) -> None:
    """In slices a press leaves the batch at hand in the middle: it was no step."""
    _, section = opened(open_page, missing)
    for _ in range(5):
        press(section, "Learn")
        reaches(section, answers(section, "batches")[-1] + 5)
        press(section, "Step")
        rests(section)
        assert section.get_attribute("data-going") == "false"
    counts, losses = answers(section, "batches"), answers(section, "losses")
    assert numpy.cumsum([len(some) for some in losses]).tolist() == counts


@pytest.mark.parametrize("missing", ["", WITHOUT["workers"]], ids=["worker", "slices"])
def test_a_hidden_page_pauses(open_page: Open, missing: str) -> None:
    page, section = opened(open_page, missing)
    press(section, "Learn")
    reaches(section, 10)
    hide = "(on) => { Object.defineProperty(document, 'hidden', { value: on, configurable: true });"
    hide += " document.dispatchEvent(new Event('visibilitychange')) }"
    page.evaluate(hide, True)
    there = rests(section)
    page.evaluate(hide, False)
    reaches(section, there + 10)
    press(section, "Pause")


def test_the_page_moves_while_slices_learn(open_page: Open) -> None:
    """Frames are drawn and a press is heard between two messages."""
    _, section = opened(open_page, WITHOUT["workers"])
    press(section, "Learn")
    reaches(section, 20)
    before = section.evaluate("(root) => [root.frames, root.answers.length]")
    reaches(section, 100)
    after = section.evaluate("(root) => [root.frames, root.answers.length]")
    assert after[0] - before[0] > after[1] - before[1]
    press(section, "Pause")
    expect(section).to_have_attribute("data-going", "false")


def test_another_net_begins_anew(open_page: Open) -> None:
    """While another one learns: each of them becomes better than it began."""
    _, section = opened(open_page, noise=0.2)
    for name in ("pooled", "dense", "strided"):
        press(section, "Learn")
        reaches(section, answers(section, "batches")[-1] + 5)
        section.get_by_label("Net").select_option(name)
        assert rests(section) == 0
        begin = answers(section, "error")[-1]
        press(section, "Learn")
        reaches(section, 40)
        press(section, "Pause")
        rests(section)
        assert answers(section, "error")[-1] < 0.97 * begin, name
        counts = section.evaluate("(root) => root.answers.map(({ tensors }) => Object.keys(tensors).length)")
        assert counts[-1] == {"dense": 4}.get(name, 8)


def test_what_does_not_fit_is_said(open_page: Open) -> None:
    page = open_page(Training(batch=400))
    expect(status(page)).to_have_text("There are 320 pictures for batches of 400: take smaller batches.")


def test_learning_ends_where_it_is_to_end(open_page: Open) -> None:
    _, section = opened(open_page, most=30)
    press(section, "Learn")
    reaches(section, 30)
    there = rests(section)
    assert there == 30
    assert section.get_attribute("data-going") == "false"


def test_a_rate_that_is_too_large_says_so(open_page: Open) -> None:
    _, section = opened(open_page, rate=1e30, optimizer="sgd")
    press(section, "Learn")
    expect(section.get_by_role("status")).to_contain_text("the loss is no number any more: start again with a smaller")
    rests(section)
    assert section.get_attribute("data-going") == "false"
    press(section, "Reset")
    assert rests(section) == 0
    expect(section.get_by_role("status")).to_contain_text("Batch 0: ")

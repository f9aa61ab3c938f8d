"""A net that learns behind the figure of nine blocks and on the front page: against PyTorch, driven, and refused."""

from __future__ import annotations

import base64
import gzip
import itertools
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import numpy
import pytest
import torch
from accessibility import faults
from lesson_checks import draw, steps, trained
from playwright.sync_api import Locator, Page, expect
from torch.nn.functional import mse_loss
from widget_checks import evaluated
from widget_page import LOADER

from book.tools.chapters import ROOT
from book.tools.smaller import STYLES, minify, smaller
from convae.baselines.linear import pca
from convae.data import load
from convae.experiments.results import loss_by_batches
from convae.experiments.runs import load_run
from convae.models import build
from convae.widgets import LearningStrip, NineBlocks
from convae.widgets.kit import part
from convae.widgets.lesson import SCRIPTS, digits, digits_script, rivals

Open = Callable[..., Page]
BESIDE = {f"convae-{name}.js": script() for name, script in SCRIPTS.items()}
CALM: dict[str, Any] = {"reduced_motion": "reduce", "viewport": {"width": 1000, "height": 1200}}


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """The folder of the page, with the scripts that the book has beside its own."""
    for name, text in BESIDE.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def blocks(**settings: Any) -> NineBlocks:
    return NineBlocks(load_run("robledo-two-layer").model(), **settings)


def press(section: Locator, name: str) -> None:
    section.get_by_role("button", name=name, exact=True).click()


def says(section: Locator, text: str | re.Pattern[str]) -> None:
    expect(section.get_by_role("status")).to_contain_text(text)


def answered(section: Locator, text: str | re.Pattern[str]) -> None:
    expect(section.locator(".convae-lesson-asks b")).to_contain_text(text)


def opened(open_page: Open, **settings: Any) -> Locator:
    """The figure with its lesson open, before the first batch."""
    section = open_page(blocks(**settings), **CALM).locator(".convae")
    press(section, "Learn")
    says(section, "Batch 0 of 18,760: error")
    return section


def curve(section: Locator) -> list[list[float]]:
    return trained(section)[0]


def learned_from() -> torch.Tensor:
    return digits()[0].all().images


def held() -> torch.Tensor:
    return digits()[1].all().images


# --- what it learns from --------------------------------------------------------------------------------------------


def test_the_digits_are_packed_and_come_back() -> None:
    learned_from, tested = digits()
    assert (len(learned_from), len(tested)) == (1000, 200)
    sample = load("mnist-sample", validation=0)
    for rounded, whole in ((learned_from, sample.train[:1000]), (tested, sample.test[:200])):
        assert set(rounded.images.unique().tolist()) == set(range(0, 256, 17))
        assert (rounded.images.int() - whole.images.int()).abs().max() <= 8
    script = digits_script()
    assert len(script.encode()) <= 155_000
    packed = re.search('"packed": "([^"]*)"', script)
    assert packed
    pairs = numpy.frombuffer(zlib.decompress(base64.b64decode(packed[1]), -15), numpy.uint8)
    levels = numpy.stack([pairs >> 4, pairs & 15], 1).reshape(-1, 28, 28) * 17
    assert (levels == torch.cat([learned_from.images, tested.images])[:, 0].numpy()).all()


def test_rivals_are_those_of_the_same_digits() -> None:
    learned_from, pictures = digits()[0], held()
    found = rivals()
    assert found["black"] == pytest.approx(pictures.square().mean().item())
    mean = learned_from.all().images.mean(0)
    assert found["mean"] == pytest.approx((pictures - mean).square().mean().item(), rel=1e-5)
    assert found["pca/144"] == pytest.approx(mse_loss(pca(learned_from, 144)(pictures), pictures).item(), rel=1e-5)
    assert found["black"] > found["mean"] > found["pca/18"] > found["pca/36"] > found["pca/72"] > found["pca/144"]


def test_stored_curves_go_from_the_first_batch_to_the_last() -> None:
    rows = loss_by_batches("robledo-two-layer")
    assert [row[0] for row in rows] == [*range(0, 921, 20), *range(938, 18761, 938)]
    assert all(low < mean < high for _, mean, low, high in rows)


def test_all_code_of_the_figure_is_small() -> None:
    """What a page of the book loads with the figure, and what comes when somebody wants to see it learn."""
    widget = blocks()
    code = [LOADER.read_text("utf-8"), widget.library.source, widget._esm]
    first = "".join([*map(smaller, code), *(smaller(text, STYLES) for text in (widget.library.styles, widget.styles))])
    sizes = [len(gzip.compress(text.encode())) for text in (first, smaller(part("lesson.js")))]
    assert sizes[0] < (22_000 if minify else 30_000)
    assert sum(sizes) < (39_500 if minify else 52_000)
    assert "PRODUCT_BYTES" not in first


# --- as PyTorch does it ---------------------------------------------------------------------------------------------

SETTINGS: list[dict[str, Any]] = [
    {},
    {"shrinks": "pooling", "bend": "tanh", "code_size": "4"},
    {"dense": True, "code_size": "2"},
    {"bend": "none", "optimizer": "sgd", "rate": "1", "code_size": "32"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=["usual", "pooled", "dense", "linear"])
def test_steps_from_given_weights_are_those_of_autograd(
    beside: Path, open_page: Open, settings: dict[str, Any]
) -> None:
    widget = blocks(**settings)
    torch.manual_seed(1)
    net = widget.learner()
    widget.load_state_dict(net.state_dict())
    section = open_page(widget, **CALM).locator(".convae")
    press(section, "Learn")
    kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[widget.optimizer]
    optimizer: Any = kind(net.parameters(), float(widget.rate), weight_decay=1e-5)
    for step, (error, weights) in enumerate(itertools.islice(steps(net, optimizer, learned_from(), held()), 4)):
        says(section, f"Batch {step} of")
        errors, own = trained(section)
        assert errors[-1] == [step, pytest.approx(error, rel=1e-4)]
        for mine, theirs in zip(own, weights, strict=True):
            torch.testing.assert_close(mine, theirs.flatten(), rtol=0, atol=1e-4)
        press(section, "Step")


def test_the_page_draws_its_weights_by_its_seed(beside: Path, open_page: Open) -> None:
    widget = blocks(bend="tanh")
    net = widget.learner()
    draw(net)
    _, own = trained(opened(open_page, bend="tanh"))
    for mine, theirs in zip(own, net.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs.detach().flatten(), rtol=0, atol=1e-7)


def test_weights_go_to_pytorch_and_come_back_without_a_page() -> None:
    widget = blocks(code_size="4")
    with pytest.raises(ValueError, match="has not learned yet"):
        widget.state_dict()
    net = widget.learner()
    widget.learned = [weights.numpy().tobytes() for weights in net.state_dict().values()]
    again = widget.learner()
    again.load_state_dict(widget.state_dict())
    assert torch.equal(again(held()), net(held()))
    widget.load_state_dict(net.state_dict())
    assert widget.given == widget.learned
    widget.code_size = "8"
    with pytest.raises(ValueError, match="has not learned yet"):
        widget.state_dict()
    with pytest.raises(RuntimeError, match="size mismatch"):
        widget.load_state_dict(net.state_dict())
    odd = {name: weights * float("nan") for name, weights in widget.learner().state_dict().items()}
    with pytest.raises(ValueError, match="holds NaN or infinity: take weights from before"):
        widget.load_state_dict(odd)
    with pytest.raises(ValueError, match="choose stride"):
        blocks(dense=True, shrinks="pooling").learner()


def test_the_chapters_cell_goes_on_where_the_figure_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    cells = [cell.source for cell in jupytext.read(ROOT / "book/two-layer.md").cells if "figure.learned" in cell.source]
    (cell,) = cells
    figure = blocks()
    names = {"figure": figure, "torch": torch, "data": load("mnist-sample", validation=0)}
    exec(cell, names)
    assert "press Learn and pause" in capsys.readouterr().out
    assert figure.given == []
    begun = figure.learner()
    figure.learned = [weights.numpy().tobytes() for weights in begun.state_dict().values()]
    exec(cell, names)
    assert capsys.readouterr().out == ""
    ended = figure.learner()
    ended.load_state_dict(
        {
            name: torch.frombuffer(bytearray(given), dtype=torch.float32).reshape(weights.shape)
            for (name, weights), given in zip(ended.state_dict().items(), figure.given, strict=True)
        }
    )
    assert mse_loss(ended(held()), held()) < 0.97 * mse_loss(begun(held()), held())


def test_where_a_training_of_60_000_digits_ended_is_marked_at_the_last_batch(beside: Path, open_page: Open) -> None:
    script = BESIDE["convae-lesson.js"]
    assert "LAST = 18760" in script
    (beside / "convae-lesson.js").write_text(script.replace("LAST = 18760", "LAST = 20"), "utf-8")
    section = open_page(blocks(ends={"60,000 digits": 0.0044}), **CALM).locator(".convae")
    press(section, "Learn")
    press(section, "Go")
    says(section, "1,000 digits end here; 60,000 digits ended at 4.4, on the same digits.")
    expect(section.locator(".convae-lesson-end")).to_have_count(1)
    section.get_by_role("button", name="Other nets").click()
    section.get_by_label("Activation").select_option("tanh")
    says(section, "Batch 0 of")
    expect(section.locator(".convae-lesson-end")).to_have_count(0)


def test_a_kernel_sends_the_scripts_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    widget = blocks()
    monkeypatch.setattr(widget, "send", sent.append)
    for asked in ({"part": "digits"}, {"part": "others"}, "noise", {"part": ["lesson"]}):
        widget._send_script(widget, asked, [])
    assert sent == [{"part": "digits", "source": digits_script()}]


# --- driven ---------------------------------------------------------------------------------------------------------


def test_nothing_is_loaded_or_learned_before_the_reader_wants_it(beside: Path, open_page: Open) -> None:
    page = open_page(blocks(records={"stride-relu": loss_by_batches("robledo-two-layer")}), **CALM)
    section, asked = page.locator(".convae"), []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(500)
    assert not asked
    assert not page.workers
    press(section, "Learn")
    says(section, "Batch 0 of 18,760")
    assert {Path(url).name for url in asked if url.startswith("file:")} == set(BESIDE)
    page.wait_for_timeout(500)
    assert len(curve(section)) == 1
    expect(section.locator(".convae-lesson svg polygon")).to_have_count(1)


def test_a_stored_curve_stands_beside_the_very_net_that_had_it_or_is_not_there(beside: Path, open_page: Open) -> None:
    rows = loss_by_batches("robledo-two-layer")
    records = {"stride-relu": rows, "pooling-relu": rows, "dense-relu": rows}
    named: dict[str, list[dict[str, Any]]] = {
        "stored: stride 3, ReLU, 60,000 digits": [{}],
        "stored: max-pooling, ReLU, 60,000 digits": [{"shrinks": "pooling"}],
        "stored: dense, ReLU, 60,000 digits": [{"dense": True}],
    }
    others: list[dict[str, Any]] = [
        {"bend": "tanh"},
        {"shrinks": "pooling", "code_size": "32"},
        {"optimizer": "sgd"},
        {"rate": "0.01"},
        {"dense": True, "code_size": "2", "noise": 0.5},
        {"noise": 0.5},
    ]
    named[""] = others
    for name, settings in ((name, setting) for name, all_of in named.items() for setting in all_of):
        section = opened(open_page, records=records, **settings)
        expect(section.locator(".convae-lesson-soft")).to_have_count(1 if name else 0)
        expect(section.locator(".convae-lesson svg polygon[points*=',']")).to_have_count(1 if name else 0)
        if name:
            expect(section.locator(".convae-lesson-soft")).to_have_text(name)


def test_the_chapters_stored_curves_are_of_the_nets_that_their_names_say() -> None:
    (cell,) = [cell.source for cell in jupytext.read(ROOT / "book/two-layer.md").cells if "trained |= " in cell.source]
    names = dict(re.findall(r'"((?:stride|pooling|dense)-\w+)": "([\w-]+)"', cell))
    assert len(names) == 5
    for setting, name in names.items():
        kind, bend = setting.split("-")
        learner = blocks(bend=bend, **({"dense": True} if kind == "dense" else {"shrinks": kind})).learner()
        recipe = load_run(name).record["recipe"]
        trained = build(recipe["model"])
        assert str(learner.encoder) == str(trained.encoder)
        assert str(learner.decoder) == str(trained.decoder)
        taken = [recipe[key] for key in ("batch_size", "optimizer", "learning_rate", "weight_decay", "task")]
        assert taken == [64, "adam", 0.001, 1e-5, "Reconstruction(corrupt=None)"]


def test_a_guess_is_told_after_forty_batches(beside: Path, open_page: Open) -> None:
    section = opened(open_page)
    before = section.locator(".convae-stage9-code rect").first.get_attribute("width")
    press(section, "better")
    answered(
        section, re.compile("^You said better: no, after 40 .* worse than all black, 1[67]. against 115: most pixels")
    )
    expect(section.get_by_role("status")).not_to_contain_text("You said")  # it is told once
    expect(section.get_by_text("Guess first")).to_be_hidden()
    assert curve(section)[-1][0] == 40
    press(section, "Go on")
    says(section, re.compile("better than (all black|the mean picture)"))
    press(section, "Pause")
    there = 0.0
    while there != (there := curve(section)[-1][0]):  # the job that was under way comes to its end
        section.page.wait_for_timeout(1000)
    assert section.locator(".convae-stage9-code rect").first.get_attribute("width") != before
    press(section, "Step")
    says(section, f"Batch {there + 1:.0f} of")
    press(section, "Start over")
    says(section, "Batch 0 of")
    answered(section, "Guess first: after 400 batches, better or worse than the mean picture?")
    press(section, "better")
    answered(section, re.compile("You said better: (right|no), after 4[0-9][0-9] batches .* than the mean picture, "))
    press(section, "Stored net")
    expect(section.locator(".convae-lesson")).to_have_count(0)
    expect(section.get_by_role("button", name="Learn", exact=True)).to_be_focused()
    wanted = 1000 * blocks().errors()[0]
    assert float(section.locator(".convae-nine-back figcaption b").first.inner_text()) == pytest.approx(
        wanted, abs=0.05
    )


def test_by_keyboard_and_touch(beside: Path, open_page: Open) -> None:
    page = open_page(blocks(), **CALM)
    section = page.locator(".convae")
    section.get_by_role("button", name="Learn", exact=True).focus()
    page.keyboard.press("Enter")
    expect(section.get_by_role("button", name="better", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    answered(section, "You said better: no")
    expect(section.get_by_role("button", name="Go on", exact=True)).to_be_focused()
    page = open_page(blocks(), viewport={"width": 375, "height": 800}, has_touch=True, is_mobile=True)
    section = page.locator(".convae")
    section.get_by_role("button", name="Learn", exact=True).tap()
    section.get_by_role("button", name="Go", exact=True).tap()
    says(section, re.compile(r"Batch \d\d+ of"))
    section.get_by_role("button", name="Pause", exact=True).tap()
    section.get_by_role("button", name="Other nets").tap()
    expect(section.locator(".convae-lesson [type=range]")).to_be_visible()


def test_a_drawing_goes_through_the_net_as_it_is(beside: Path, open_page: Open) -> None:
    widget = blocks(digit="drawing", drawing=[[0] * 28] * 6 + [[0] * 10 + [1] * 8 + [0] * 10] * 3)
    page = open_page(widget, **CALM)
    section = page.locator(".convae")
    press(section, "Learn")
    press(section, "Step")
    says(section, "Batch 1 of")
    net = widget.learner()
    state = dict(zip(net.state_dict(), trained(section)[1], strict=True))
    net.load_state_dict({name: state[name].reshape(own.shape) for name, own in net.state_dict().items()})
    shown = torch.tensor(evaluated(section.evaluate, "(root) => Array.from(root.shown.back)")).reshape(28, 28)
    torch.testing.assert_close(shown, net(widget.image()[None].float())[0, 0].detach(), rtol=0, atol=1e-5)


def test_other_settings_begin_anew_and_what_does_not_fit_is_refused(beside: Path, open_page: Open) -> None:
    section = opened(open_page)
    press(section, "Step")
    says(section, "Batch 1 of")
    section.get_by_role("button", name="Other nets").click()
    section.get_by_label("Code", exact=True).select_option("4")
    says(section, re.compile("Batch 0 of.*"))
    expect(section.locator(".convae-nine-code figcaption")).to_contain_text("36 numbers")
    section.get_by_role("spinbutton", name="Noise on the input").fill("0.5")
    says(section, "the noisy picture as it is")
    section.get_by_label("max-pooling").check(force=True)
    section.get_by_label("Dense").check()
    expect(section.locator(".convae-nine-arrow").first).to_contain_text("dense")
    expect(section.get_by_text("A dense net has no windows: no stride, no pooling.")).to_be_visible()
    expect(section.get_by_label("max-pooling")).to_be_disabled()
    expect(section.get_by_label("stride 3")).to_be_checked()
    expect(section.get_by_role("alert").first).to_be_hidden()
    section.get_by_label("Dense").uncheck()
    expect(section.get_by_label("max-pooling")).to_be_enabled()


def test_a_code_without_negative_numbers_explains_none(beside: Path, open_page: Open) -> None:
    section = opened(open_page, dense=True)
    key = section.locator(".convae-nine-key")
    expect(key).to_have_text("positive")
    press(section, "Stored net")
    expect(key).to_have_text("positive negative")


def test_a_switch_says_that_it_begins_a_new_net_and_which(beside: Path, open_page: Open) -> None:
    section = opened(open_page)
    new = section.get_by_text("A new net, which has learned nothing yet.")
    switches = section.get_by_role("button", name="Other nets")
    expect(switches).to_contain_text("(this one: stride 3, ReLU, 144 numbers, Adam 0.001)")
    switches.click()
    expect(new).to_have_count(0)
    press(section, "Step")
    says(section, "Batch 1 of")
    section.get_by_label("max-pooling").check(force=True)
    expect(new).to_be_visible()
    section.get_by_role("spinbutton", name="Noise on the input").fill("0.5")
    expect(switches).to_contain_text("(this one: max-pooling, ReLU, 144 numbers, Adam 0.001, noise 0.5)")
    press(section, "Step")
    says(section, "Batch 1 of")
    expect(new).to_have_count(0)


def test_a_link_to_another_net_says_that_the_stored_one_is_seen(beside: Path, open_page: Open) -> None:
    section = open_page(blocks(shrinks="pooling", code_size="32"), **CALM).locator(".convae")
    says(section, "The stored net; press Learn for the one of these settings.")
    press(section, "Learn")
    says(section, "Batch 0 of")
    expect(section.get_by_role("button", name="Other nets")).to_contain_text("this one: max-pooling, ReLU, 288 numbers")
    expect(section.locator(".convae-nine-code figcaption")).to_contain_text("288 numbers")
    press(section, "Stored net")
    says(section, "The stored net; press Learn")


def test_nothing_of_the_stored_net_is_seen_until_the_new_one_is_there(beside: Path, open_page: Open) -> None:
    script = BESIDE["convae-lesson.js"]
    heard = "function heard(found) {"
    assert script.count(heard) == 1  # the first answer waits here until the test lets it in
    late = "letIn.then(() => took(found)); }"
    (beside / "convae-lesson.js").write_text(script.replace(heard, f"{heard} {late} function took(found) {{"), "utf-8")
    section = open_page(blocks(), **CALM).locator(".convae")
    section.page.evaluate("() => { globalThis.letIn = new Promise((done) => (globalThis.come = done)); }")
    parts = [section.locator(f".convae-{name}").first for name in ("nine-back", "stage9-code", "lesson-out")]
    expect(parts[0]).to_have_css("opacity", "1")
    press(section, "Learn")
    for part_of in parts:
        expect(part_of).to_have_css("opacity", "0")
    expect(section.locator(".convae-nine-picture")).to_have_css("opacity", "1")
    section.page.evaluate("globalThis.come()")
    says(section, "Batch 0 of")
    for part_of in parts:
        expect(part_of).to_have_css("opacity", "1")


def test_clicks_that_are_faster_than_the_learning_are_all_done(beside: Path, open_page: Open) -> None:
    section = opened(open_page)
    section.get_by_role("button", name="Step").evaluate("(one) => { for (let k = 0; k < 12; k++) one.click(); }")
    says(section, "Batch 12 of")
    section.get_by_role("button", name="Step").evaluate("(one) => { for (let k = 0; k < 12; k++) one.click(); }")
    press(section, "Start over")
    says(section, "Batch 0 of")
    section.page.wait_for_timeout(500)
    says(section, "Batch 0 of")


def test_the_picture_is_as_noisy_as_what_is_coded_and_the_error_is_to_the_clean_one(
    beside: Path, open_page: Open
) -> None:
    section = opened(open_page, noise=0.5)
    clean = blocks().image().flatten()
    picture, back = (
        torch.tensor(evaluated(section.evaluate, f"(root) => Array.from(root.shown.{name})"))
        for name in ("picture", "back")
    )
    noise = picture - clean
    assert noise.std().item() == pytest.approx(0.5, rel=0.1)
    assert noise.mean().item() == pytest.approx(0, abs=0.1)
    error = 1000 * (back - clean).square().mean().item()
    expect(section.locator(".convae-nine-back figcaption b").first).to_have_text(f"{error:.0f}")
    press(section, "Stored net")
    shown = torch.tensor(evaluated(section.evaluate, "(root) => Array.from(root.shown.picture)"))
    torch.testing.assert_close(shown, clean, check_dtype=False)


@pytest.mark.parametrize("size", [(1200, 900), (375, 667)], ids=["wide", "phone"])
def test_learn_brings_what_is_asked_into_view(beside: Path, open_page: Open, size: tuple[int, int]) -> None:
    width, height = size
    page = open_page(blocks(), **CALM | {"viewport": {"width": width, "height": height}})
    page.evaluate("document.body.style.paddingTop = '300px'")
    section = page.locator(".convae")
    section.get_by_role("button", name="Learn", exact=True).evaluate("(one) => one.click()")
    says(section, "Batch 0 of")
    seen = [section.locator(".convae-lesson-asks")]
    if width > 1000:
        seen += [section.locator(".convae-lesson svg").last, section.get_by_role("status")]
    for one in seen:
        box = one.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height + 1


def test_a_guess_can_be_made_on_the_way_and_later_it_is_past(beside: Path, open_page: Open) -> None:
    section = opened(open_page)
    press(section, "Step")
    says(section, "Batch 1 of")
    press(section, "worse")
    answered(section, "You said worse: right, after 40")
    press(section, "Reset")
    says(section, "Batch 0 of")
    press(section, "Go")
    answered(section, "To guess, start over.")
    expect(section.get_by_role("button", name="better", exact=True)).to_be_hidden()


@pytest.mark.parametrize(("count", "columns", "rows"), [(2, 2, 1), (4, 2, 2), (8, 4, 2), (16, 4, 4), (32, 8, 4)])
def test_squares_of_a_code_fill_their_grid(beside: Path, open_page: Open, count: int, columns: int, rows: int) -> None:
    section = opened(open_page, code_size=str(count))
    script = """(root) => ["x", "y"].map((axis) => {
        const size = axis === "x" ? "width" : "height", first = root.querySelector(".convae-stage9-code svg");
        return [...first.children].map((one) => Number(one.getAttribute(axis)) + Number(one.getAttribute(size)) / 2);
    })"""
    across, down = (sorted({round(value, 1) for value in values}) for values in section.evaluate(script))
    assert (len(across), len(down)) == (columns, rows)
    assert across[0] + across[-1] == pytest.approx(36, abs=0.2)
    assert down[0] + down[-1] == pytest.approx(36, abs=0.2)


def test_blocks_in_other_places_leave_what_is_said_of_the_learning(beside: Path, open_page: Open) -> None:
    section = opened(open_page, order=[1, 0, 2, 3, 4, 5, 6, 7, 8])
    says(section, re.compile("have changed places, code and all. .*the net does not notice. Batch 0 of 18,760"))
    section.get_by_role("button", name="Other nets").click()
    section.get_by_label("Dense").check()
    says(section, re.compile("have changed places. .*depends on what surrounds it. Batch 0 of 18,760"))


def test_a_dense_net_is_not_pulled_apart_and_learns_on(beside: Path, open_page: Open) -> None:
    """Neither by the slider nor by keys, nor when it stood apart before."""
    section = opened(open_page, apart=50)
    says(section, "alone: the same as all nine at once. Batch 0 of")
    press(section, "Go")
    says(section, re.compile(r"Batch [1-9]"))
    section.get_by_role("button", name="Other nets").click()
    section.get_by_label("Dense").check()
    slider = section.get_by_role("slider", name="Pull apart")
    expect(slider).to_be_disabled()
    expect(slider).to_have_value("0")
    expect(section.get_by_text("no blocks to pull apart")).to_be_visible()
    press(section, "Go")
    says(section, re.compile(r"^Batch [1-9]"))
    section.locator(".convae-stage9-code [role=gridcell]").nth(4).press("+")
    expect(section.get_by_role("alert").first).to_be_hidden()
    expect(section.locator(".convae-lesson svg")).to_be_visible()
    expect(slider).to_have_value("0")
    section.get_by_label("Dense").uncheck()
    expect(slider).to_be_enabled()
    section.get_by_label("Dense").check()
    press(section, "Stored net")
    expect(slider).to_be_enabled()


def test_a_pooled_net_is_no_net_nine_times(beside: Path, open_page: Open) -> None:
    section = opened(open_page, shrinks="pooling")
    script = "({ shown }) => Math.max(...shown.apart.map((level, k) => Math.abs(level - shown.back[k])))"
    off = evaluated(section.evaluate, script)
    section.get_by_label("Pull apart").fill("50")
    says(
        section, re.compile(r"alone: pixels \(0 to 1\) differ by up to 0\.0*[1-9] from all nine at once; with pooling")
    )
    says(section, f"by up to {off:.1g} from")


def test_reset_begins_anew_and_paper_says_what_was_learned(beside: Path, open_page: Open) -> None:
    section = opened(open_page)
    printed = section.locator(".convae-nine-printed")
    for _ in range(2):
        press(section, "Step")
        expect(section.get_by_role("status")).not_to_contain_text("Batch 0 of")
        expect(printed).to_have_text(re.compile(r"in one piece\..* Batch [1-9]+ of 18,760: error"))
        press(section, "Reset")
        says(section, "Batch 0 of")
        section.get_by_role("button", name="Step").focus()
    press(section, "Go")
    says(section, re.compile("^Batch [1-9]"))
    press(section, "Reset")
    says(section, "Batch 0 of")
    section.page.wait_for_timeout(700)
    says(section, "Batch 0 of")
    press(section, "Stored net")
    expect(printed).not_to_contain_text("Batch")


def test_a_small_rate_for_sgd_is_told_and_the_one_that_is_named_learns(beside: Path, open_page: Open) -> None:
    section = opened(open_page, optimizer="sgd")
    press(section, "Go")
    says(section, "For SGD this rate is small: try 1.")
    section.get_by_role("button", name="Other nets").click()
    section.get_by_label("Rate", exact=True).select_option("1")
    press(section, "Go")
    says(section, re.compile("better than the mean picture"))
    expect(section.get_by_role("status")).not_to_contain_text("For SGD")


def test_what_is_seen_is_named(beside: Path, open_page: Open) -> None:
    section = opened(open_page)
    seen = section.locator(".convae-lesson-seen")
    expect(seen.get_by_text("8 kernels of the first layer")).to_be_visible()
    expect(seen.get_by_text("938 batches of 64 digits")).to_be_visible()
    section.get_by_role("button", name="Other nets").click()
    section.get_by_role("spinbutton", name="Noise on the input").fill("0.5")
    expect(seen.get_by_text("noisy picture")).to_be_visible()
    says(section, "PCA's line is left out")
    section.get_by_label("Dense").check()
    expect(seen.get_by_text("8 of 144 units' weights")).to_be_visible()


def test_a_rate_that_is_too_large_stops_and_says_what_to_try(beside: Path, open_page: Open) -> None:
    section = opened(open_page, rate="100")
    press(section, "Go")
    says(section, re.compile(r"By batch \d+ the error has grown to \d+, from 183: it runs away\."))
    expect(section.get_by_role("button", name="Go on", exact=True)).to_be_disabled()
    press(section, "Start over")
    says(section, "Batch 0 of")


def test_the_remedy_of_a_net_that_runs_away_learns_and_the_guess_is_answered(beside: Path, open_page: Open) -> None:
    section = opened(open_page, rate="100")
    expect(section.get_by_role("button", name="Take Adam")).to_be_hidden()
    press(section, "better")
    says(section, re.compile(r"^By batch \d+ .* Adam with a rate of 0\.001 learns"))
    answered(section, re.compile(r"^You said better: no, worse than all black\.$"))
    covered = section.evaluate(
        """(root) => {
            const box = (name) => root.querySelector(`.convae-lesson-${name}`).getBoundingClientRect();
            const [one, other] = ["yours", "unit"].map(box);
            const across = one.left < other.right && other.left < one.right;
            return across && one.top < other.bottom - 1 && other.top < one.bottom - 1;
        }"""
    )
    assert not covered
    press(section, "Take Adam and 0.001")
    says(section, "Batch 0 of")
    press(section, "worse")  # asked anew, about more batches and another picture
    answered(
        section, re.compile("You said worse: (right|no), after 4[0-9][0-9] batches .* than the mean picture, .*Go on!")
    )


@pytest.mark.parametrize("settings", [{"rate": "100"}, {"code_size": "32", "noise": 1}])
def test_the_axis_holds_all_that_is_drawn(beside: Path, open_page: Open, settings: dict[str, Any]) -> None:
    """An error above 300 thousandths, and PCA with many numbers, below 2; each name in the plot is whole."""
    section = opened(open_page, **settings)
    if "rate" in settings:
        press(section, "Go")
        says(section, "it runs away")
        assert max(error for _, error in curve(section)) > 0.4
    outside, high, wrong = section.locator(".convae-lesson svg").evaluate(
        """(plot) => {
            const box = plot.getBoundingClientRect();
            const texts = [...plot.querySelectorAll("text")].filter((one) => {
                const { top, bottom } = one.getBoundingClientRect();
                return top < box.top - 1 || bottom > box.bottom + 1;
            }).map((one) => one.textContent);
            const points = plot.querySelector(".convae-lesson-own").points, ys = [...points].map(({ y }) => y);
            const ends = [...plot.querySelectorAll("text[text-anchor=end]")];
            const ticks = ends.filter((one) => /^\\d+$/.test(one.textContent));
            const at = ticks.map((one) => [Math.log(Number(one.textContent)), Number(one.getAttribute("y")) - 4]);
            const steep = (at[1][1] - at[0][1]) / (at[1][0] - at[0][0]);
            const { errors } = document.querySelector(".convae").trained();
            const wanted = errors.map(([, error]) => at[0][1] + steep * (Math.log(1000 * error) - at[0][0]));
            return [texts, Math.min(...ys), Math.max(...ys.map((y, k) => Math.abs(y - wanted[k])))];
        }"""
    )
    assert outside == []
    assert high > 14
    assert wrong < 1


def test_pca_with_many_numbers_keeps_its_name_whole(beside: Path, open_page: Open) -> None:
    section = opened(open_page, code_size="32")
    plot, name = (section.locator(f".convae-lesson svg{part}").last for part in ("", " text >> text=PCA, 288"))
    inner, outer = name.bounding_box(), plot.bounding_box()
    assert inner
    assert outer
    assert inner["y"] + inner["height"] <= outer["y"] + outer["height"]


def test_a_net_that_is_all_black_is_no_better_than_black(beside: Path, open_page: Open) -> None:
    """To a thousandth it has the error of black, and lies below it by rounding at most."""
    section = opened(open_page, rate="1")
    press(section, "better")
    answered(
        section, "You said better: no, after 40 batches it is no better than all black, 115 against 115: all that comes"
    )
    says(section, "error 115 thousandths, the mean over 200 held-out digits, no better than all black (115).")
    caption = section.locator(".convae-nine-back figcaption")
    expect(caption).to_contain_text("this picture alone: error 150, all black 150")


def test_scripts_that_are_not_there_are_missed_in_words(open_page: Open, tmp_path: Path) -> None:
    page = open_page(blocks(), **CALM)
    section = page.locator(".convae")
    (tmp_path / "convae-lesson.js").write_text("", "utf-8")  # nothing in it: no part of that name
    press(section, "Learn")
    expect(section.get_by_role("alert").first).to_contain_text("could not be loaded: press once more")
    for name, text in BESIDE.items():
        (tmp_path / name).write_text(text, "utf-8")
    press(section, "Learn")
    says(section, "Batch 0 of")


@pytest.mark.parametrize(("width", "theme"), [(1100, "dark"), (375, "light")])
def test_nothing_leaves_its_box_and_axe_finds_nothing(beside: Path, open_page: Open, width: int, theme: str) -> None:
    records = {"stride-relu": loss_by_batches("robledo-two-layer")}
    page = open_page(blocks(records=records), theme=theme, **CALM | {"viewport": {"width": width, "height": 900}})
    section = page.locator(".convae")
    press(section, "Learn")
    says(section, "Batch 0 of")
    section.get_by_role("button", name="Other nets").click()
    outside = section.evaluate(
        """(root) => {
            const { left, right } = root.getBoundingClientRect();
            return [...root.querySelectorAll("*")].filter((one) => {
                const box = one.getBoundingClientRect();
                return box.width && (box.left < left - .5 || box.right > right + .5);
            }).map((one) => one.outerHTML.slice(0, 90));
        }"""
    )
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    lesson = section.locator(".convae-lesson-seen").bounding_box()
    assert lesson
    assert lesson["height"] < 460  # what learns, on one screen
    assert faults(page, "wcag2a", "wcag2aa", "wcag21aa", "best-practice") == []


# --- the front page -------------------------------------------------------------------------------------------------


def test_the_strip_begins_when_it_is_seen_and_stops_by_itself(beside: Path, open_page: Open) -> None:
    page = open_page(LearningStrip())
    section = page.locator(".convae")
    says(section, re.compile(r"1,000 digits, batch \d+: error"))
    expect(section.get_by_role("button", name="Stop")).to_be_visible()
    expect(section.get_by_role("button", name="Go on")).to_be_visible()
    there = section.get_by_role("status").inner_text()
    page.wait_for_timeout(500)
    assert section.get_by_role("status").inner_text() == there
    press(section, "Go on")
    press(section, "Stop")
    expect(section.get_by_role("button", name="Go on")).to_be_visible()


def test_the_strip_waits_where_motion_is_not_wanted(beside: Path, open_page: Open) -> None:
    page = open_page(LearningStrip(), reduced_motion="reduce")
    section = page.locator(".convae")
    page.wait_for_timeout(800)
    assert not page.workers
    says(section, "once it is trained")
    expect(section.get_by_role("img", name="Nine digits, and what comes back of them once")).to_be_visible()
    assert section.locator("img").evaluate("(one) => [one.naturalWidth, one.naturalHeight]") == [9 * 28, 2 * 28]
    press(section, "Watch it learn")
    says(section, re.compile(r"batch \d+: error"))
    press(section, "Stop")

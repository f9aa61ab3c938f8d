"""The alarm to set, against PyTorch and in a browser, by mouse, keyboard and touch."""

import gzip
import json

import pytest
import torch
from accessibility import faults
from playwright.sync_api import expect
from traitlets import TraitError
from widget_checks import grid, settled

from convae.data import load
from convae.experiments.alarm import KINDS, Surprise
from convae.experiments.runs import load_run
from convae.models import build
from convae.widgets import Alarm

NEAR = 1e-6
OTHERS = ("upside down", "strokes", "noise")


@pytest.fixture(scope="module")
def parts():
    """What an alarm is made of: net, pictures that say what is usual, those for validation, and kinds."""
    sample = load("mnist-sample")
    usual = sample.test.all().images[:300]
    kinds = {"digits": usual} | {name: KINDS[name](usual, 100) for name in OTHERS}
    return load_run("bottleneck-32").model(), sample.train[:300], sample.validation[:100], kinds


@pytest.fixture
def alarm(parts):
    def made(**settings):
        return Alarm(*parts, **settings)

    return made


def numbers(page):
    settled(page.locator(".convae"))
    found = page.locator(".convae").evaluate(
        "(root) => JSON.stringify(Object.fromEntries(Object.entries(root.shown).map(([k, v]) => [k, [...v]])))"
    )
    return {name: torch.tensor(values, dtype=torch.float64) for name, values in json.loads(found).items()}


def assert_shows(page, widget):
    found = numbers(page)
    assert torch.equal(found["shares"], torch.tensor(widget.shares(), dtype=torch.float64))
    assert abs(found["area"].item() - widget.area()) < NEAR
    assert (found["input"] - widget.image().flatten()).abs().max() < NEAR
    assert (found["output"] - widget.reconstruction().flatten()).abs().max() < NEAR
    wanted = torch.tensor(list(widget.scores().values()), dtype=torch.float64)
    torch.testing.assert_close(found["scores"], wanted, rtol=1e-5, atol=0)
    false, hits = (f"{100 * share:.1f} %" for share in widget.shares())
    status = page.get_by_role("status")
    expect(status).to_contain_text(f"{hits} hits ({widget.kind}), {false} false alarms (digits)")
    loud = [score for score, value in widget.scores().items() if value > widget.threshold(score)]
    said = ("neither alarm rings", f"the {loud[0]} rings" if loud else "", "both alarms ring")[len(loud)]
    expect(status).to_contain_text(said)
    expect(page.locator(".convae-bell[data-rings]")).to_have_count(len(loud))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"kind": "strokes", "score": "code", "code_at": 33.3, "example": 2},
        {"kind": "noise", "error_at": 0, "example": 1},
        {"kind": "noise", "error_at": 100, "code_at": 0},
    ],
)
def test_page_computes_what_pytorch_does(open_page, alarm, settings):
    widget = alarm(**settings)
    assert_shows(open_page(widget), widget)


def test_shares_are_those_of_the_scores_themselves(parts, alarm):
    """A score is kept in 65,535 steps: what it says of a threshold differs from the score by one picture at most."""
    widget = alarm()
    surprise = Surprise(widget.net.float(), *parts[1:3])
    for kind in OTHERS:
        widget.kind = kind
        wanted = [(surprise(parts[3][name])["error"] > widget.threshold("error")).float() for name in ("digits", kind)]
        for share, each in zip(widget.shares(), wanted, strict=True):
            assert abs(share - each.mean().item()) <= 1.01 / len(each)
    assert abs((surprise(parts[2].all().images)["error"] > widget.threshold("error")).float().mean() - 0.05) < 0.011


def test_threshold_is_dragged_in_the_hills_and_on_the_curve(open_page, alarm):
    page, widget = open_page(alarm()), alarm()
    hills = page.locator(".convae-bell-hills")
    box = hills.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 60, steps=4)
    page.mouse.up()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 60)  # no longer held
    slider = page.get_by_role("slider", name="Threshold")
    widget.error_at = float(slider.input_value())
    assert abs(widget.error_at - 40) < 0.5
    assert_shows(page, widget)
    line = page.locator(".convae-bell-limit").bounding_box()
    thumb = slider.bounding_box()  # as wide as the hills and its own thumb
    assert abs((line["x"] + line["width"] / 2 - thumb["x"] - 11) / (thumb["width"] - 22) - widget.error_at / 100) < 0.01

    plane = page.locator(".convae-bell-plane")
    for wanted in (0.5, 0.1, 0.0, 1.0):
        width = plane.bounding_box()["width"]
        plane.click(position={"x": min(width - 1, max(1, wanted * width)), "y": 30})
        false = numbers(page)["shares"][0].item()
        assert abs(false - wanted) < 0.03


def test_keyboard_reaches_everything(open_page, alarm):
    page, widget = open_page(alarm()), alarm()
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    widget.error_at = round(widget.error_at + 0.5, 1)
    assert_shows(page, widget)
    assert slider.get_attribute("aria-valuetext").startswith("error 0.")
    page.get_by_role("radio", name="the code").focus()
    page.keyboard.press("Space")
    widget.score = "code"
    assert_shows(page, widget)
    assert slider.get_attribute("aria-valuetext").startswith("distance of the code ")
    page.get_by_role("combobox").focus()
    page.keyboard.type("stro")
    widget.kind = "strokes"
    assert_shows(page, widget)


def test_reader_draws_and_both_alarms_answer(open_page, alarm):
    page, widget = open_page(alarm()), alarm()
    page.get_by_role("button", name="Draw your own").click()
    expect(page.get_by_role("status")).to_contain_text("Draw something that no alarm hears")
    sheet = grid(page, "Picture")
    box = sheet.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 110, box["y"] + 110, steps=6)
    page.mouse.up()
    expect(page.get_by_role("status")).to_contain_text("On the sheet your drawing")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    drawn = numbers(page)["input"].view(28, 28)
    assert (drawn > 0.9).sum() > 10
    widget.set_trait("own", True)
    widget.set_trait("drawing", drawn)
    assert_shows(page, widget)
    page.get_by_role("button", name="Another picture").click()
    expect(page.get_by_role("status")).to_contain_text("On the sheet one of the others (upside down)")
    page.get_by_role("button", name="Another picture").click()
    expect(page.get_by_role("status")).to_contain_text("On the sheet one of the digits")


def test_touch_sets_the_threshold(open_page, alarm):
    page, widget = open_page(alarm(), has_touch=True, viewport={"width": 375, "height": 720}), alarm()
    hills = page.locator(".convae-bell-hills")
    hills.tap(position={"x": 0.6 * hills.bounding_box()["width"], "y": 50})
    widget.error_at = float(page.get_by_role("slider", name="Threshold").input_value())
    assert abs(widget.error_at - 60) < 0.5
    assert_shows(page, widget)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_links_restore_the_state(open_page, alarm):
    page = open_page(alarm(kind="strokes", score="code", code_at=20, example=1))
    link = page.get_by_role("link", name="Copy link").get_attribute("href")
    assert_shows(open_page(alarm(), link=link), alarm(kind="strokes", score="code", code_at=20, example=1))
    assert_shows(open_page(alarm(), link="#alarm=kind:noise;score:error"), alarm(kind="noise"))


@pytest.mark.parametrize(("width", "theme", "height"), [(375, "dark", 720), (1000, "light", 640)])
def test_it_is_one_screen_that_axe_finds_nothing_in(open_page, alarm, theme, width, height):
    page = open_page(alarm(), theme=theme, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    assert faults(page) == []
    assert page.locator(".convae").bounding_box()["height"] <= height
    assert page.evaluate("document.getAnimations().length") == 0


def test_it_says_in_words_what_it_shows_and_stays_small(alarm):
    widget = alarm()
    false, hits = widget.shares()
    assert f"{100 * hits:.1f} % of upside down" in widget.sentence()
    assert f"{100 * false:.1f} % of digits" in widget.sentence()
    assert widget.still().count("<image") == 2
    assert len(gzip.compress((widget._esm + widget.styles + widget.library.source).encode())) <= 40_000
    stored = [widget.weights, *widget.places.values(), *widget.pictures.values()]
    assert sum(4 / 3 * len(each) for each in stored) <= 300_000


def test_what_does_not_fit_is_refused(parts, alarm):
    model, fitted, validation, kinds = parts
    with pytest.raises(TraitError, match="no kind 'clothes': give one of upside down, strokes, noise"):
        alarm(kind="clothes")
    with pytest.raises(TraitError, match="give a number from 0 to 100"):
        alarm(error_at=101)
    with pytest.raises(ValueError, match="1 kinds of pictures: give the usual ones and one other kind"):
        Alarm(model, fitted, validation, {"digits": kinds["digits"]})
    with pytest.raises(ValueError, match=r"'few' has shape \(1, 1, 28, 28\): give 2 to 1,000 pictures"):
        Alarm(model, fitted, validation, kinds | {"few": kinds["noise"][:1]})
    with pytest.raises(ValueError, match=r"takes pictures of shape \(3, 64, 64\): give one for \(1, 28, 28\)"):
        Alarm(build("utec-2"), fitted, validation, kinds)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda net, *rest: (None, *rest), TypeError, "a net of type NoneType: give the autoencoder itself"),
        (lambda net, fitted, held, kinds: (net, fitted, held, list(kinds)), TypeError, "kinds of type list: give each"),
        (
            lambda net, fitted, held, kinds: (net, fitted, held[:1], kinds),
            ValueError,
            "validation has 1 pictures: give",
        ),
        (
            lambda net, fitted, held, kinds: (net, fitted, held, kinds | {"noise": kinds["noise"].numpy()}),
            TypeError,
            "'noise' is of type ndarray: give a tensor",
        ),
        (
            lambda net, fitted, held, kinds: (net, fitted, held, kinds | {"noise": 255 * kinds["noise"]}),
            ValueError,
            r"'noise' goes from 0\S* to 25\S+: give pictures in \[0, 1\]",
        ),
        (
            lambda net, fitted, held, kinds: (net, fitted, held, kinds | {"noise": kinds["noise"] * float("nan")}),
            ValueError,
            "'noise' goes from nan to nan: give pictures",
        ),
        (lambda net, fitted, held, kinds: (net, fitted, held, kinds | {"": kinds["noise"]}), TypeError, "called ''"),
    ],
)
def test_pictures_that_are_none_are_refused(parts, change, error, message):
    with pytest.raises(error, match=message):
        Alarm(*change(*parts))
    with pytest.raises(ValueError, match="there is no score 'errors': give one of error, code"):
        Alarm(*parts).threshold("errors")


def test_a_threshold_far_from_all_scores_lies_on_the_axis(parts):
    net, fitted, validation, kinds = parts
    one = kinds["digits"][:1].repeat(50, 1, 1, 1)
    widget = Alarm(net, fitted, validation, {"digits": one, "the same": one})
    for score in ("error", "code"):
        exact = Surprise(widget.net.float(), fitted, validation).limits[score]
        widget.net.double()
        assert widget.threshold(score) == pytest.approx(exact, rel=1e-2)
    assert widget.area() == 0.5


def test_an_own_drawing_waits_until_it_is_wiped_away(open_page, alarm):
    drawing = torch.zeros(28, 28)
    drawing[5:20, 13] = 1
    page = open_page(alarm(own=True, drawing=drawing))
    expect(page.get_by_role("status")).to_contain_text("On the sheet your drawing")
    page.get_by_role("button", name="Another picture").click()
    page.get_by_role("button", name="My drawing").click()
    assert torch.equal(numbers(page)["input"].view(28, 28), drawing.double())
    page.get_by_role("button", name="Empty sheet").click()
    assert not numbers(page)["input"].any()

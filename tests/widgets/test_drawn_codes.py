"""Codes drawn by chance, on the page and in PyTorch."""

import json

import pytest
import torch
from explorer_checks import painted
from playwright.sync_api import expect
from traitlets import TraitError
from widget_checks import settled

from convae.data import load
from convae.experiments.runs import load_run
from convae.models import build
from convae.widgets import DrawnCodes

WAYS = ("one by one", "Gaussian", "real")


@pytest.fixture(scope="module")
def train():
    return load("mnist-sample").train


@pytest.fixture(scope="module")
def net():
    return load_run("robledo-two-layer").model()


def assert_shows(section, widget):
    settled(section)
    shown = json.loads(
        section.evaluate(
            "(root) => JSON.stringify([root.shown.codes, root.shown.pictures].map((all) => all.map((one) => [...one])))"
        )
    )
    for found, exact in zip(shown, [widget.drawn(), widget.decoded()], strict=True):
        torch.testing.assert_close(torch.tensor(found, dtype=torch.float64), exact.flatten(1), rtol=1e-6, atol=1e-6)
    rows = painted(section.locator("canvas")).unflatten(0, (2, 28)).unflatten(2, (6, 28)).transpose(1, 2).flatten(0, 1)
    torch.testing.assert_close(rows, 255 * widget.decoded()[:, 0].clamp(0, 1), rtol=0, atol=0.51)


@pytest.mark.parametrize("way", WAYS)
def test_a_page_draws_what_pytorch_does(open_page, net, train, way):
    widget = DrawnCodes(net, train[:80], way=way, seed=41)
    assert_shows(open_page(widget).locator(".convae"), widget)


def test_a_press_draws_others_and_a_way_is_chosen(open_page, net, train):
    page, widget = open_page(DrawnCodes(net, train[:20], seed=9999)), DrawnCodes(net, train[:20], seed=0)
    section = page.locator(".convae")
    page.get_by_role("button", name="Draw codes").click()
    assert_shows(section, widget)
    page.get_by_role("radio", name="from a Gaussian").press("Space")
    widget.way = "Gaussian"
    assert_shows(section, widget)
    expect(section.get_by_role("status")).to_have_text(
        "Draw 1: 12 codes of 144 numbers, drawn from a Gaussian with the means and covariances of 20 codes of "
        "pictures, and decoded."
    )


def test_ways_are_what_they_say(net, train):
    """Over many draws: the same means and deviations of each number; only two of the ways know which go together."""
    widget = DrawnCodes(net, train[:40])
    codes = widget.codes
    drawn = {}
    for way in WAYS:
        widget.way = way
        drawn[way] = torch.cat([(setattr(widget, "seed", seed), widget.drawn().flatten(1))[1] for seed in range(150)])
        error = codes.std(0) / len(drawn[way]) ** 0.5
        assert ((drawn[way].mean(0) - codes.mean(0)).abs() <= 5 * error + 1e-9).all()
    varying = codes.std(0) > 0.1 * codes.std(0).max()
    real = codes.T[varying].corrcoef() - torch.eye(int(varying.sum()))
    found = {way: values.T[varying].corrcoef() - torch.eye(int(varying.sum())) for way, values in drawn.items()}
    assert found["one by one"].abs().max() < 0.15 < 0.5 < real.abs().max()
    for way in ("Gaussian", "real"):
        assert (found[way] - real).abs().max() < 0.3
    assert all((drawn["real"][k] == codes).all(1).any() for k in range(50))


def test_what_cannot_be_drawn_from_is_refused(net, train):
    with pytest.raises(ValueError, match=r"pictures of shape \(1, 1, 28, 28\): give 2 to 128 of shape \(1, 28, 28\)"):
        DrawnCodes(net, train[:1])
    with pytest.raises(ValueError, match=r"the net takes pictures of shape \(3, 64, 64\): give one for \(1, 28, 28\)"):
        DrawnCodes(build("utec-2"), train[:8])
    with pytest.raises(TraitError, match="seed holds -1: give a whole number from 0 to 9999"):
        DrawnCodes(net, train[:8], seed=-1)
    with pytest.raises(TraitError, match="way"):
        DrawnCodes(net, train[:8], way="mixture")

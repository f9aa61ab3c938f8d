"""The map of learning rates and momenta, against its table and in a browser."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect
from widget_checks import evaluated, settled

from convae.widgets import LearningRates

RATES, MOMENTA = [0.05, 0.5, 0.95], [0.0, 0.45, 0.9, 0.95]


def made(seeds=2, epochs=3, **settings):
    """Errors that fall, faster with a larger rate and momentum; each net gives back pictures of a level of its own."""
    steps = torch.arange(epochs + 1.0)
    pace = torch.tensor(RATES)[:, None] * (1 + torch.tensor(MOMENTA))
    errors = 0.01 + 0.2 * torch.exp(-pace[:, :, None, None] * steps) * (1 + 0.1 * torch.arange(seeds)[:, None])
    levels = torch.arange(len(RATES) * len(MOMENTA), dtype=torch.uint8).view(len(RATES), len(MOMENTA), 1, 1, 1)
    given = (20 * levels).expand(-1, -1, 2, 6, 4) + torch.arange(2, dtype=torch.uint8)[:, None, None]
    shown = torch.randint(0, 256, (2, 6, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return LearningRates(RATES, MOMENTA, errors, shown, given, 0.0675, **settings)


def test_every_net_has_its_place_on_the_sheet():
    widget = made()
    sheet = torch.from_numpy(np.array(Image.open(io.BytesIO(widget.pictures["given"])).convert("L")))
    sheet = sheet.view(len(MOMENTA), 6, len(RATES), 2, 4)
    for rate in range(len(RATES)):
        for momentum in range(len(MOMENTA)):
            own = sheet[momentum, :, rate].permute(1, 0, 2)
            assert own.equal(widget.given[rate, momentum])
    assert "Given back" in widget.still()


def test_pointer_keyboard_boxes_and_link(open_page):
    widget, page = made(), open_page(made())
    section, board = page.locator(".convae"), page.locator(".convae-rates-board")
    settled(section)
    box = board.bounding_box()
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.9 * box["height"])
    widget.rate, widget.momentum = 1, 0
    check(page, widget)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")  # there is none further left
    widget.rate, widget.momentum = 0, 1
    check(page, widget)
    page.get_by_role("spinbutton", name="Learning rate").fill("0.6")  # the nearest that there is
    widget.rate = 1
    check(page, widget)
    page.get_by_role("spinbutton", name="Momentum").press("ArrowUp")
    page.get_by_role("spinbutton", name="Learning rate").press("ArrowDown")
    widget.rate, widget.momentum = 0, 2
    check(page, widget)
    page.get_by_role("slider", name="Learning rate").press("ArrowRight")
    widget.rate = 1
    check(page, widget)
    link = page.get_by_role("link", name="Copy link").get_attribute("href")
    check(open_page(made(), link=link), widget)
    page.get_by_role("button", name="Reset").click()
    check(page, made())


def check(page, widget):
    settled(page.locator(".convae"))
    curves = torch.tensor(
        evaluated(page.locator(".convae").evaluate, "(root) => root.shown.curves"), dtype=torch.float64
    )
    torch.testing.assert_close(curves, widget.own[widget.rate, widget.momentum], atol=1e-7, rtol=0)
    ends = ", ".join(f"{error:.4f}" for error in widget.own[widget.rate, widget.momentum, :, -1].tolist())
    name = f"Learning rate {RATES[widget.rate]:g}, momentum {MOMENTA[widget.momentum]:g}"
    expect(page.get_by_role("status")).to_contain_text(f"{name}: after 3 epochs the test error is {ends}")


def test_the_map_is_darkest_where_the_error_is_least(open_page):
    page = open_page(made())
    settled(page.locator(".convae"))
    shares = page.locator(".convae-rates-board rect:not(.convae-rates-here)").evaluate_all(
        "(all) => all.map((one) => parseFloat(one.style.getPropertyValue('--share')))"
    )
    shares = torch.tensor(shares).view(len(RATES), len(MOMENTA))
    means = made().own[..., -1].mean(-1).log()
    expected = 100 * (means - means.min()) / (means.max() - means.min())
    torch.testing.assert_close(shares.double(), expected, atol=0.06, rtol=0)


@pytest.mark.parametrize("width", [320, 700, 1200])
def test_no_page_is_too_narrow(open_page, width):
    page = open_page(made(), viewport={"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


ERRORS, SHOWN = torch.full((2, 2, 1, 2), 0.1), torch.zeros(1, 2, 2, dtype=torch.uint8)
GIVEN = SHOWN.expand(2, 2, -1, -1, -1)


def wide(columns):
    """A picture, and what four nets give back of it."""
    return torch.zeros(1, 2, columns, dtype=torch.uint8), torch.zeros(2, 2, 1, 2, columns, dtype=torch.uint8)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([0.1], [0, 1], ERRORS, SHOWN, GIVEN, 1), "1 rates: give 2 to 40"),
        (([0.1, 0.2], [1, 0], ERRORS, SHOWN, GIVEN, 1), r"momenta are \[1\.0, 0\.0\]: give numbers that rise"),
        (([0.1, float("nan")], [0, 1], ERRORS, SHOWN, GIVEN, 1), r"rates are \[0\.1, nan\]"),
        (([0.1, float("inf")], [0, 1], ERRORS, SHOWN, GIVEN, 1), r"rates are \[0\.1, inf\]"),
        (([0.1, 0.2], [0, 1], ERRORS, SHOWN, GIVEN, float("inf")), "reference is inf"),
        (([0.1, 0.2], [0, 1], ERRORS[:, :, :0], SHOWN, GIVEN, 1), r"errors of shape \(2, 2, 0, 2\)"),
        (([0.1, 0.2], [0, 1], ERRORS, SHOWN[0], GIVEN[:, :, 0], 1), r"pictures of shape \(2, 2\)"),
        (([0.1, 0.2], [0, 1], ERRORS, *wide(9000), 1), r"a sheet of \(4, 18000\) pixels"),
        (
            ([0.1, 0.2, 0.3], [0, 1], ERRORS, SHOWN, GIVEN, 1),
            r"errors of shape \(2, 2, 1, 2\) for 3 rates and 2 momenta",
        ),
        (([0.1, 0.2], [0, 1], 0 * ERRORS, SHOWN, GIVEN, 1), "errors that are not above 0"),
        (([0.1, 0.2], [0, 1], ERRORS / 0, SHOWN, GIVEN, 1), "errors that are not above 0, or no numbers"),
        (([0.1, 0.2], [0, 1], ERRORS, SHOWN.float(), GIVEN, 1), "give uint8"),
        (([0.1, 0.2], [0, 1], ERRORS, SHOWN, GIVEN[:1], 1), r"pictures torch.uint8 \(1, 2, 1, 2, 2\)"),
    ],
)
def test_what_cannot_be_a_map_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        LearningRates(*given)


def test_a_place_that_is_not_there_is_refused():
    with pytest.raises(Exception, match="rate is 3: give a place from 0 to 2"):
        made().rate = 3

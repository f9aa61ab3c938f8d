"""The slider over sparse codes: every net's pictures lie where the page looks for them."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect
from traitlets import TraitError
from widget_checks import evaluated, settled

from convae.widgets import SparseCodes
from convae.widgets.sparse_codes import as_square

STRENGTHS = ("none", "0.01", "0.1")
SHOWN = torch.arange(2, dtype=torch.uint8)[:, None, None] * 50 + torch.zeros(2, 4, 4, dtype=torch.uint8)


def net(level):
    """One whose every picture is of a level of its own."""
    return {
        "back": SHOWN + level,
        "codes": torch.full((2, 10), level, dtype=torch.uint8) + torch.arange(2, dtype=torch.uint8)[:, None],
        "atoms": torch.arange(16, dtype=torch.uint8)[:, None, None].expand(-1, 4, 4) + level,
        "mse": 0.01 + level / 1000,
        "active": 0.5 - level / 500,
        "dead": level,
    }


def nets():
    return {"KL": [net(100 + level) for level in (0, 20, 40)], "L1": [net(level) for level in (0, 20, 40)]}


def made(**settings):
    return SparseCodes(STRENGTHS, SHOWN, nets(), **settings)


def sheet(name):
    return torch.from_numpy(np.array(Image.open(io.BytesIO(made().pictures[name])).convert("L")))


def test_every_net_has_its_place_on_the_sheets():
    own = [each for penalty in ("L1", "KL") for each in nets()[penalty]]
    for name, size, pictures in (
        ("back", 4, [each["back"] for each in own]),
        ("codes", 4, [as_square(each["codes"]) for each in own]),
        ("atoms", 4, [part for each in own for part in each["atoms"].split(8)]),
    ):
        lines = sheet(name).view(len(pictures), size, -1, size).permute(0, 2, 1, 3)
        assert all(line.equal(expected) for line, expected in zip(lines, pictures, strict=True)), name


def test_a_code_fills_its_square_from_left_to_right():
    square = as_square(torch.arange(1, 11, dtype=torch.uint8)[None])[0]
    assert square.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 0, 0], [0, 0, 0, 0]]


def test_choice_sliders_link_and_reset(open_page):
    widget, page = made(), open_page(made())
    check(page, widget)
    page.get_by_role("slider", name="Strength").press("ArrowRight")
    page.get_by_role("slider", name="Garment").press("End")
    widget.strength, widget.picture = 1, 1
    check(page, widget)
    page.get_by_role("radio", name="KL").check()
    page.get_by_role("slider", name="Strength").press("End")
    page.get_by_role("slider", name="Strength").press("ArrowRight")  # there is none further right
    widget.penalty, widget.strength = "KL", 2
    check(page, widget)
    link = page.get_by_role("link", name="Copy link").get_attribute("href")
    check(open_page(made(), link=link), widget)
    page.get_by_role("button", name="Reset").click()
    check(page, made())


def check(page, widget):
    settled(page.locator(".convae"))
    place = ("L1", "KL").index(widget.penalty) * len(STRENGTHS) + widget.strength
    shown = evaluated(page.locator(".convae").evaluate, "(root) => root.shown")
    assert shown == {"net": place, "at": widget.picture}
    places = page.locator(".convae-sparse-tile").evaluate_all("(all) => all.map((one) => one.style.backgroundPosition)")
    down = [f"{100 * place / 5:g}%"] * 3
    across = [f"{100 * widget.picture}%", f"{100 * widget.picture}%", "0%"]
    assert places[0] == f"{100 * widget.picture}% 0%"
    assert places[1:] == [f"{x} {y}" for x, y in zip(across, down, strict=True)]
    expect(page.get_by_role("status")).to_contain_text(widget.sentence())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda own: own.pop("KL"), "nets of L1: give those of L1 and of KL"),
        (lambda own: own["KL"].pop(), "2 nets of KL for 3 strengths: give one for each"),
        (
            lambda own: own["KL"][1].update(codes=torch.zeros(2, 9, dtype=torch.uint8)),
            r"codes of KL are torch\.uint8 \(2, 9\): give uint8 \(2, 10\)",
        ),
        (
            lambda own: own["L1"][2].update(back=own["L1"][2]["back"].float()),
            r"back of L1 are torch\.float32 \(2, 4, 4\): give uint8 \(2, 4, 4\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    own = nets()
    change(own)
    with pytest.raises(ValueError, match=message):
        SparseCodes(STRENGTHS, SHOWN, own)


def test_a_place_that_is_not_there_is_refused():
    with pytest.raises(TraitError, match="strength is 3: give a place from 0 to 2"):
        made(strength=3)
    with pytest.raises(ValueError, match="give 2 to 8"):
        SparseCodes(["none"], SHOWN, nets())
    with pytest.raises(ValueError, match="give a multiple of 8"):
        SparseCodes(
            STRENGTHS,
            SHOWN,
            {name: [{**net, "atoms": net["atoms"][:3]} for net in own] for name, own in nets().items()},
        )

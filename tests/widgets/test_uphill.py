"""Arrows uphill and the points that walk along them, against PyTorch and in a browser."""

import pytest
import torch
import traitlets
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from widget_checks import settled

from convae.widgets import Uphill

ANGLES = torch.arange(8) * torch.pi / 4
MARKS = torch.stack([ANGLES.cos(), ANGLES.sin()], 1) * torch.tensor([1.5, 1.0])


def agrees(page, widget):
    section = page.locator(".convae")
    settled(section)
    shown = section.evaluate("(root) => root.shown")
    ways = torch.tensor(shown["ways"], dtype=torch.float64).transpose(0, 1)
    assert (ways - widget.way()).abs().max() < 1e-9
    places = torch.tensor(shown["places"], dtype=torch.float64)
    arrows = torch.tensor(shown["arrows"], dtype=torch.float64) / widget.sigma**2
    assert (arrows - widget.slope(places)).abs().max() < 1e-9 * widget.slope(places).abs().max()


@pytest.mark.parametrize("sigma", [0.1, 0.4, 1.5])
def test_the_slope_is_that_of_the_log_density(sigma):
    widget = Uphill(MARKS, sigma=sigma)
    points = torch.randn(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    parts = torch.distributions.Normal(MARKS.double(), sigma).log_prob(points[:, None]).sum(2)
    (slope,) = torch.autograd.grad(parts.logsumexp(1).sum(), points)
    assert torch.allclose(widget.slope(points.detach()), slope, rtol=1e-9, atol=1e-9)


def test_points_walk_to_a_clean_one_or_with_much_noise_to_the_middle():
    assert "4 of 4 points lie within 0.1 of a clean one" in Uphill(MARKS, sigma=0.2).sentence()
    assert Uphill(MARKS, sigma=1.5).way()[-1].abs().max() < 0.05  # the mean of all
    assert torch.equal(Uphill(MARKS, step=1).way()[0], torch.tensor(Uphill(MARKS).points, dtype=torch.float64))


@pytest.mark.parametrize("settings", [{}, {"sigma": 0.1, "step": 3}, {"sigma": 1, "points": [[0, 0], [2.1, -1.6]]}])
def test_page_computes_what_pytorch_does(open_page, settings):
    widget = Uphill(MARKS, **settings)
    page = open_page(widget)
    agrees(page, widget)
    expect(page.get_by_role("status")).to_contain_text(f"after {widget.step} steps")


def test_points_are_dropped_taken_and_sent(open_page):
    page, widget = open_page(Uphill(MARKS)), Uphill(MARKS)
    board = page.locator(".convae-uphill-board")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    across, up = widget.span

    def at(x, y):
        return box["x"] + box["width"] * (x / across + 1) / 2, box["y"] + box["height"] * (1 - y / up) / 2

    page.mouse.move(*at(1, 0))
    page.mouse.down()
    page.mouse.move(*at(1, 0.5), steps=3)
    page.mouse.up()
    page.mouse.move(*at(0, 0))
    settled(board)
    points = page.locator(".convae").evaluate("(root) => root.shown.ways.map((way) => way[0])")
    assert points[:4] == widget.points
    assert points[4] == pytest.approx([1, 0.5], abs=0.02)
    page.mouse.move(*at(*points[4]))
    page.mouse.down()
    page.mouse.move(*at(-1, -0.5), steps=3)
    page.mouse.up()
    for key in ("Shift+ArrowRight", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    settled(board)
    points = page.locator(".convae").evaluate("(root) => root.shown.ways.map((way) => way[0])")
    assert len(points) == 6
    assert points[4] == pytest.approx([-1, -0.5], abs=0.02)
    assert points[5] == [0.5, 0.1]
    page.get_by_role("spinbutton", name="Noise, standard deviation").fill("0.2")
    widget = Uphill(MARKS, points=points, sigma=0.2)
    agrees(page, widget)
    link = page.get_by_role("link", name="Copy link").get_attribute("href")
    agrees(open_page(Uphill(MARKS), link=link), widget)
    for _ in range(4):
        page.get_by_role("button", name="8 at random").click()
    settled(board)
    points = page.locator(".convae").evaluate("(root) => root.shown.ways.map((way) => way[0])")
    agrees(page, Uphill(MARKS, points=points, sigma=0.2))
    page.get_by_role("button", name="Reset").click()
    agrees(page, Uphill(MARKS))
    odd = open_page(Uphill(MARKS), link="#uphill=points:1,2,3/1,2,3")
    expect(odd.locator(".convae-problem")).to_have_text("Points of 3 numbers have no place in a plane: give two each.")


def test_a_finger_drops_a_point(open_page):
    page = open_page(Uphill(MARKS), has_touch=True, viewport={"width": 375, "height": 700})
    board = page.locator(".convae-uphill-board")
    board.tap(position={"x": 40, "y": 40})
    expect(page.get_by_role("status")).to_contain_text("of 5 points")
    assert board.bounding_box()["width"] < 320, "a thumb scrolls beside it"


@pytest.mark.parametrize(("width", "theme"), [(320, "dark"), (900, "light")])
def test_axe_finds_nothing(open_page, width, theme):
    page = open_page(Uphill(MARKS), theme=theme, viewport={"width": width, "height": 700})
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert [(one["id"], node["html"]) for one in found.response["violations"] for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        (torch.zeros(3), r"marks of shape \(3,\): give \[N, 2\]"),
        (torch.zeros(0, 2), "give"),
        (torch.zeros(33, 2), "with 1 to 32 points"),
        (torch.full((1, 2), 3.5), "a mark lies 3.5 from the middle"),
        (torch.full((1, 2), torch.nan), "a mark lies nan from the middle"),
    ],
)
def test_marks_that_cannot_be_shown_are_refused(marks, said):
    with pytest.raises(ValueError, match=said):
        Uphill(marks)


def test_points_are_pairs():
    with pytest.raises(traitlets.TraitError, match="points of 3 numbers: give two each"):
        Uphill(MARKS, points=[[1, 2, 3]])

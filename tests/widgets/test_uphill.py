"""Arrows uphill and the points that walk along them, against PyTorch and in a browser."""

import re

import pytest
import torch
import traitlets
from accessibility import faults
from playwright.sync_api import expect
from torch.nn import functional
from widget_checks import evaluated, settled

from convae.widgets import Uphill

ANGLES = torch.arange(8) * torch.pi / 4
MARKS = torch.stack([ANGLES.cos(), ANGLES.sin()], 1) * torch.tensor([1.5, 1.0])
CROOKED = torch.tensor([[1.5, 0.2], [-0.4, 1.0], [0.3, -0.1]])  # another field if it is mirrored
UPWARDS = torch.tensor([1.0, -1.0], dtype=torch.float64)  # in a drawing numbers grow downwards


def numbers(texts):
    """Of each attribute, which holds as many: [attributes, points, 2], with upwards as in the plane."""
    found = [[float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)] for text in texts]
    return torch.tensor(found, dtype=torch.float64).view(len(found), -1, 2) * UPWARDS


def agrees(page, widget):
    section = page.locator(".convae")
    settled(section)
    shown = section.evaluate("(root) => root.shown")
    ways = torch.tensor(shown["ways"], dtype=torch.float64).transpose(0, 1)
    assert (ways - widget.way()).abs().max() < 1e-9
    places = torch.tensor(shown["places"], dtype=torch.float64)
    arrows = torch.tensor(shown["arrows"], dtype=torch.float64) / widget.sigma**2
    assert (arrows - widget.slope(places)).abs().max() < 1e-9 * widget.slope(places).abs().max()
    looks(section, widget)


def looks(section, widget):
    """What is drawn is what PyTorch computes."""
    drawn = evaluated(
        section.evaluate,
        """(root) => Object.fromEntries(["dart", "way", "begin", "point", "mark"].map((kind) =>
            [kind, [...root.querySelectorAll(`.convae-uphill-${kind}`)].filter((one) => one.style.display !== "none")
                .map((one) => one.getAttribute("d") ?? one.getAttribute("points") ??
                    `${one.getAttribute("cx")},${one.getAttribute("cy")}`)]))""",
    )
    left, neck, barb, tip, other_barb, other_neck, right = numbers(drawn["dart"]).unbind(1)
    places = (left + right) / 2
    # a head stands at the tip, and there is some shaft behind it
    assert ((barb - other_barb).norm(dim=1) >= 2.5 * (neck - other_neck).norm(dim=1)).all()
    assert ((tip - neck).norm(dim=1) < 0.7 * (tip - left).norm(dim=1) + 1e-9).all()
    assert ((tip - barb).norm(dim=1) < (tip - left).norm(dim=1) + 1e-9).all()
    slopes = widget.slope(places)
    lengths = slopes.norm(dim=1, keepdim=True)
    across, up = widget.span
    expected = functional.normalize(slopes) * (lengths / lengths.max()) ** 0.55 * 1.7 * across / 15
    assert (tip - places - expected).abs().max() < 1e-6
    columns, rows = ((torch.arange(count, dtype=torch.float64) * 2 + 1) / count - 1 for count in (15, 11))
    assert (places - torch.cartesian_prod(up * rows, across * columns).flip(1)).abs().max() < 1e-9
    assert (numbers(drawn["way"]) - widget.way().transpose(0, 1)).abs().max() < 1e-9
    for kind, expected in {"begin": widget.way()[0], "point": widget.way()[-1], "mark": widget.marks}.items():
        assert (numbers(drawn[kind])[:, 0] - torch.as_tensor(expected, dtype=torch.float64)).abs().max() < 1e-9, kind
    window = section.locator(".convae-uphill-board svg").get_attribute("viewBox")
    assert [float(number) for number in window.split()] == pytest.approx([-across, -up, 2 * across, 2 * up])


@pytest.mark.parametrize("sigma", [0.1, 0.4, 1.5])
def test_the_slope_is_that_of_the_log_density(sigma):
    widget = Uphill(MARKS, sigma=sigma)
    points = torch.randn(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    parts = torch.distributions.Normal(MARKS.double(), sigma).log_prob(points[:, None]).sum(2)
    (slope,) = torch.autograd.grad(parts.logsumexp(1).sum(), points)
    assert torch.allclose(widget.slope(points.detach()), slope, rtol=1e-9, atol=1e-9)


def test_points_walk_to_a_clean_one_or_with_much_noise_to_the_middle():
    assert "4 of 4 points lie within 0.1 of a clean one" in Uphill(MARKS, sigma=0.2, step=40).sentence()
    assert Uphill(MARKS, sigma=1.5, step=40).way()[-1].abs().max() < 0.05  # the mean of all
    assert torch.equal(Uphill(MARKS, step=1).way()[0], torch.tensor(Uphill(MARKS).points, dtype=torch.float64))


@pytest.mark.parametrize("far", [0, 0.2, 1, 3])
def test_points_begin_on_the_board_apart_from_each_other(far):
    widget = Uphill(torch.tensor([[far, 0.0], [0.0, far / 2]]))
    shares = torch.tensor(widget.points) / torch.tensor(widget.span)
    assert shares.abs().max() < 0.96
    assert torch.pdist(shares).min() > 0.7
    if far == 0:
        assert Uphill(torch.zeros(1, 2), points=[[0.5, 0.5]]).points == [[0.5, 0.5]]


def test_at_first_the_points_are_on_their_way(open_page):
    widget = Uphill(MARKS)
    begun, now, last = widget.way()[0], widget.way()[-1], Uphill(MARKS, step=40).way()[-1]
    assert ((begun - now).norm(dim=1) > 0.1).all()  # there is a way to be seen
    assert ((now - last).norm(dim=1) > 0.1).any()  # and it goes on
    page = open_page(widget)
    page.get_by_role("button", name="Step").click()
    expect(page.get_by_role("status")).to_contain_text("after 5 steps")


def test_one_is_no_plural(open_page):
    widget = Uphill(torch.zeros(1, 2), points=[[0.1, 0]], step=1)
    end = "fter 1 step 1 of 1 point lies within 0.1 of a clean one."
    assert widget.sentence() == f"Arrows uphill around 1 clean point, noise of σ = 0.4. A{end}"
    page = open_page(widget)
    expect(page.get_by_role("status")).to_contain_text(f": a{end}")
    expect(page.get_by_role("img", name="Arrows around 1 clean point, and the way of 1 point.")).to_be_visible()
    agrees(page, widget)


@pytest.mark.parametrize(
    ("marks", "settings"),
    [
        (MARKS, {}),
        (CROOKED, {"sigma": 0.1, "step": 3}),
        (CROOKED, {"sigma": 1, "points": [[0, 0], [2.1, -1.6]]}),
    ],
)
def test_page_computes_what_pytorch_does(open_page, marks, settings):
    widget = Uphill(marks, **settings)
    page = open_page(widget)
    agrees(page, widget)
    expect(page.get_by_role("status")).to_contain_text(f"after {widget.step} steps")


@pytest.mark.parametrize("settings", [{}, {"sigma": 1, "step": 3, "points": [[0.5, -1.5]]}])
def test_without_scripts_the_marks_and_the_ways_are_there(settings):
    widget = Uphill(CROOKED, **settings)
    still, across, up = widget.still(), *widget.span
    ways, marks = re.findall(r'<polyline [^>]*points="([^"]*)"', still), re.findall(r"<circle ([^>]*) r=", still)
    assert (numbers(ways) - widget.way().transpose(0, 1)).abs().max() < 6e-4
    assert (numbers(marks)[:, 0] - CROOKED).abs().max() < 6e-4
    assert f'viewBox="{-across} {-up} {2 * across} {2 * up}"' in still


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
    assert page.locator(".convae-uphill-cursor").get_attribute("transform") == "translate(0.5 -0.1)"
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
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        (torch.zeros(3), r"marks of shape \(3,\): give \[N, 2\]"),
        (torch.zeros(0, 2), "give"),
        (torch.zeros(33, 2), "with 1 to 32 points"),
        (torch.ones(1, 2).bool(), r"marks of torch.bool: give numbers, as .float\(\) makes them"),
        (torch.ones(1, 2) + 0j, r"marks of torch.complex64: give their .real or their .abs\(\)"),
        (torch.full((1, 2), -128, dtype=torch.int8), "a mark lies 128 from the middle"),  # its own abs is −128
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

"""Four optimisers on one surface, against PyTorch's and in a browser."""

import re

import pytest
import torch
import traitlets
from accessibility import faults
from playwright.sync_api import expect
from widget_checks import settled

from convae.training.optimisers import two_hollows
from convae.widgets import Descents
from convae.widgets.descents import ACROSS, RULES, SURFACES, UP

THEIRS = {
    "gradient descent": torch.optim.SGD,
    "momentum": lambda weights, lr: torch.optim.SGD(weights, lr, momentum=0.9),
    "RMSProp": torch.optim.RMSprop,
    "Adam": torch.optim.Adam,
}
FRAME = torch.tensor([ACROSS, UP], dtype=torch.float64)


def loss(surface, places):
    """As its formula has it."""
    x, y = places.unbind(-1)
    if surface == "hollows":
        return (x**2 - 1) ** 2 + 0.3 * x + y**2 / 2
    if surface == "turned":
        x, y = (x + y) / 2**0.5, (y - x) / 2**0.5
    return (x**2 + 25 * y**2) / 2


def agrees(page, widget):
    section = page.locator(".convae")
    settled(section)
    shown = section.evaluate("(root) => root.shown")
    ways = torch.tensor(shown["ways"], dtype=torch.float64).transpose(0, 1)
    torch.testing.assert_close(ways, widget.way(), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(
        torch.tensor(shown["shares"], dtype=torch.float64), widget.shares(), rtol=1e-6, atol=1e-12
    )
    expect(page.get_by_role("status")).to_have_text(widget.sentence().split(". ", 1)[1])
    looks(section, widget.way())


def looks(section, way):
    """Each line is the way within the frame, and each mark stands at its end."""
    lines = section.locator("polyline").evaluate_all("(all) => all.map((one) => one.getAttribute('points'))")
    marks = section.locator(".convae-descents-board > svg > path").evaluate_all(
        "(all) => all.map((one) => one.getAttribute('transform'))"
    )
    for k, places in enumerate(way.unbind(1)):
        drawn = torch.tensor([float(one) for one in re.split("[ ,]", lines[k])], dtype=torch.float64).view(-1, 2)
        drawn *= torch.tensor([1, -1])
        inside = (places.abs() <= FRAME).all(1)
        count = int(inside.sum())
        assert (drawn[:count] - places[:count]).abs().max() < 1e-9
        assert len(drawn) == count + (not inside.all())
        assert ((drawn.abs() - FRAME) < 1e-9).all()
        if not inside.all():
            edge, last, out = drawn[-1], places[count - 1], places[count]
            assert (FRAME - edge.abs()).abs().min() < 1e-9
            share = ((edge - last) @ (out - last)) / (out - last).square().sum()
            assert (last + share * (out - last) - edge).abs().max() < 1e-9
        at = [float(one) for one in re.findall(r"-?[\d.]+(?:e-?\d+)?", marks[k])[:2]]
        assert at == pytest.approx([drawn[-1, 0].item(), -drawn[-1, 1].item()], abs=1e-9)


@pytest.mark.parametrize("surface", SURFACES)
def test_a_surface_has_the_slope_of_its_loss_and_its_lowest_place(surface):
    places = (
        4 * torch.rand(200, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 2
    ).requires_grad_()
    value = loss(surface, places)
    (slope,) = torch.autograd.grad(value.sum(), places)
    torch.testing.assert_close(SURFACES[surface].slope(places.detach()), slope)
    above = SURFACES[surface].above(places.detach())
    assert (above >= 0).all()
    assert (above - value).std() < 1e-12
    bottom = torch.tensor([SURFACES[surface].lowest, 0.0], dtype=torch.float64)
    assert SURFACES[surface].above(bottom) == 0
    assert SURFACES[surface].slope(bottom).abs().max() < 1e-12


@pytest.mark.parametrize("surface", SURFACES)
def test_the_ways_are_those_of_pytorch(surface):
    widget = Descents(surface=surface, scale=-1, factors=[[0, 0, 0, 1]], x=-1.5)
    for k, (name, theirs) in enumerate(THEIRS.items()):
        weight = torch.tensor([-1.5, 0.7], dtype=torch.float64, requires_grad=True)
        optimizer = theirs([weight], lr=0.2 if name == "Adam" else 0.02)
        for step in range(100):
            assert (weight.detach() - widget.way()[step, k]).abs().max() < 1e-6, (name, step)
            optimizer.zero_grad()
            (0.1 * loss(surface, weight)).backward()
            optimizer.step()


def test_at_first_gradient_descent_has_hardly_moved_and_two_are_nearly_there():
    widget = Descents()
    plain, momentum, rms, adam = widget.shares().tolist()
    assert plain > 0.9
    assert 0.3 < momentum < 0.7
    assert max(rms, adam) < 0.01
    assert widget.way().shape == (101, 4, 2)
    assert (widget.way().abs() <= FRAME).all()
    # the two do not notice what the loss is multiplied by
    louder = Descents(scale=3).way()
    assert (louder[:, 2:] - widget.way()[:, 2:]).abs().max() < 1e-4
    assert (louder[1, :2].abs() > FRAME).any(1).all()


def test_on_the_turned_valley_the_two_are_slower():
    assert (Descents(surface="turned").shares()[2:] > 10 * Descents().shares()[2:]).all()


def test_the_nearer_hollow_is_the_end_unless_a_way_is_carried_over():
    ends = Descents(surface="hollows", scale=0, rate=-5).way()[-1, :, 0]
    assert (ends[[0, 2, 3]] - 0.96).abs().max() < 0.01
    assert ends[1] == pytest.approx(-1.035, abs=0.02)
    slow = Descents(surface="hollows", scale=0, rate=-7).way()[-1]
    assert (slow[:, 0] > 0.9).all()
    assert two_hollows(torch.tensor([0.96015, 0.0])).abs().max() < 1e-3


@pytest.mark.parametrize(
    ("rate", "plain"),
    [(0, 1.0), (-1, 0.5), (-2, 0.2), (-3, 0.1), (-5, 0.02), (-7, 0.005), (-9, 0.001), (-12, 0.0001)],
)
def test_rates_are_thirds_of_a_decade(rate, plain):
    assert Descents(rate=rate).learning_rate() == plain


SETTINGS = [
    {},
    {"surface": "turned", "scale": 0},
    {"surface": "hollows", "scale": 0, "rate": -4, "x": 0.3, "y": -1.2},
    {"surface": "hollows", "scale": 0, "rate": -2},  # two leave the frame
    {"scale": 3, "rate": 0, "factors": [[3, 3, 3, 3]]},  # all do
    {"scale": 1, "rate": -8, "step": 1, "x": -2.4, "y": 1.5},
    {"surface": "turned", "rate": -12, "scale": 2, "step": 37, "factors": [[1, -1, 2.5, 3]]},
    {"x": 0, "y": 0},  # the lowest place of all
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_page_computes_what_pytorch_does(open_page, settings):
    widget = Descents(**settings)
    agrees(open_page(widget), widget)


def test_a_way_ends_where_it_leaves_the_frame(open_page):
    widget = Descents(surface="turned", scale=0, rate=-2)
    way = widget.way()
    outside = (way.abs() > FRAME).any(2)
    assert outside.any(0).tolist() == [True, True, True, False]
    for k, name in enumerate(RULES):
        if name == "Adam":
            continue
        end = int(outside[:, k].int().argmax())
        assert (way[end:, k] == way[end, k]).all()
        assert f"{name} off the board in step {end}" in widget.sentence()
    agrees(open_page(widget), widget)


def test_the_start_is_dragged_and_moved_by_keys(open_page):
    page = open_page(Descents(scale=0, surface="turned"))
    board = page.locator(".convae-descents-board svg")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()

    def at(x, y):
        return box["x"] + box["width"] * (x / ACROSS + 1) / 2, box["y"] + box["height"] * (1 - y / UP) / 2

    page.mouse.move(*at(1.7, 0.7))
    page.mouse.down()
    page.mouse.move(*at(-1.2, 0.5), steps=3)
    page.mouse.up()
    page.mouse.move(*at(0, 0))
    settled(board)
    x, y = page.locator(".convae").evaluate("(root) => root.shown.ways[0][0]")
    assert [x, y] == pytest.approx([-1.2, 0.5], abs=0.02)
    agrees(page, Descents(scale=0, surface="turned", x=x, y=y))
    for key in ("ArrowLeft", "Shift+ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    x, y = round(x, 2), round(y - 0.4, 2)
    widget = Descents(scale=0, surface="turned", x=x, y=y)
    agrees(page, widget)
    link = page.get_by_role("link", name="Copy link").get_attribute("href")
    agrees(open_page(Descents(), link=link), widget)
    for _ in range(9):
        page.keyboard.press("Shift+ArrowUp")
    agrees(page, Descents(scale=0, surface="turned", x=x, y=UP))
    page.get_by_role("button", name="Reset").click()
    agrees(page, Descents(scale=0, surface="turned"))


def test_controls_and_player(open_page):
    page = open_page(Descents())
    page.get_by_role("radio", name="two hollows").check(force=True)
    page.get_by_role("slider", name="Learning rate").press("ArrowLeft")
    page.get_by_role("slider", name="The loss times").press("End")
    expect(page.get_by_role("slider", name="The loss times")).to_have_attribute("aria-valuetext", "1000")
    expect(page.get_by_role("slider", name="Learning rate")).to_have_attribute("aria-valuetext", "0.01")
    page.get_by_role("button", name="Each one’s rate").click()
    page.get_by_role("slider", name="Rate of Adam, times").press("ArrowRight")
    page.get_by_role("slider", name="Rate of gradient descent, times").press("Home")
    widget = Descents(surface="hollows", rate=-6, scale=3, factors=[[-3, 0, 0, 1]])
    agrees(page, widget)
    assert "Adam (rate times 10) " in widget.sentence()
    page.get_by_role("button", name="Back").click()
    agrees(page, Descents(surface="hollows", rate=-6, scale=3, factors=[[-3, 0, 0, 1]], step=99))
    page.get_by_role("button", name="Step").click()
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".convae-count")).to_have_text("Step 100 of 100")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    agrees(page, widget)


@pytest.mark.parametrize("width", [375, 1000])
@pytest.mark.parametrize("settings", SETTINGS)
def test_names_do_not_cover_each_other(open_page, width, settings):
    page = open_page(Descents(**settings), viewport={"width": width, "height": 700})
    settled(page.locator(".convae"))
    boxes = page.locator(".convae-descents-board text").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect()).map(({ x, y, width, height }) => [x, y, width, height])"
    )
    frame = page.locator(".convae-descents-board").bounding_box()
    for k, (x, y, wide, high) in enumerate(boxes):
        assert frame["x"] <= x <= frame["x"] + frame["width"] - wide
        for u, v, w, _ in boxes[:k]:
            assert x + wide <= u or u + w <= x or abs(y - v) > 0.75 * high
    assert page.locator(".convae").bounding_box()["height"] <= 640


@pytest.mark.parametrize(("width", "theme"), [(320, "dark"), (900, "light")])
def test_axe_finds_nothing(open_page, width, theme):
    page = open_page(Descents(), theme=theme, viewport={"width": width, "height": 700})
    page.get_by_role("button", name="Each one’s rate").click()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("settings", SETTINGS)
def test_without_scripts_the_ways_are_there(settings):
    widget = Descents(**settings)
    still = widget.still()
    ways = re.findall(r'<polyline [^>]*points="([^"]*)"', still)
    for points, places in zip(ways, widget.way().unbind(1), strict=True):
        drawn = torch.tensor([float(one) for one in re.split("[ ,]", points)], dtype=torch.float64).view(-1, 2)
        inside = (places.abs() <= FRAME).all(1)
        count = int(inside.sum())
        assert (drawn[:count] * torch.tensor([1, -1]) - places[:count]).abs().max() < 0.006
        assert (drawn.abs() <= FRAME + 0.006).all()


@pytest.mark.parametrize("surface", SURFACES)
def test_contour_lines_are_places_of_one_loss(open_page, surface):
    widget = Descents(surface=surface)
    own = SURFACES["valley" if surface == "turned" else surface]  # the sheet is turned
    page = open_page(widget)
    drawn = page.locator(".convae-descents-board g path").evaluate_all(
        "(all) => all.map((one) => one.getAttribute('d'))"
    )
    assert len(drawn) == 14
    for lines, most in ((re.findall(r'<path d="([^"]*)"', widget.still()), 0.03), (drawn, 0.005)):
        levels = []
        for line in lines:
            rounds = [re.findall(r"-?[\d.]+", one) for one in line.split("M")[1:]]
            places = torch.cat([torch.tensor([float(one) for one in each]).double().view(-1, 2) for each in rounds])
            roots = own.above(places).sqrt()
            assert (roots - roots.mean()).abs().max() < most * own.rise**0.5 * 14
            assert {1, -1} <= set(places[:, 1].sign().tolist())
            levels.append(roots.mean())
        assert (torch.stack(levels).diff().abs() > 0.5 * own.rise**0.5).all()
    turned = page.locator(".convae-descents-board g path").first.get_attribute("transform")
    assert turned == f"rotate({-45 if surface == 'turned' else 0})"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"surface": "hill"}, "surface"),
        ({"x": 2.5}, r"x holds 2.5: give a number from -2.4 to 2.4"),
        ({"y": float("nan")}, "y holds nan"),
        ({"rate": 0.02}, "rate holds 0.02: give a whole number from -12 to 0"),
        ({"scale": 4}, "scale holds 4: give a whole number from -3 to 3"),
        ({"step": 0}, "step holds 0"),
        ({"factors": [[0, 0, 0]]}, "factors of 1 × 3 numbers: give one row of 4"),
        ({"factors": [[0] * 4] * 2}, "factors of 2 × 4 numbers"),
        ({"factors": [[0, 0, 0, 4]]}, "factors holds 4"),
    ],
)
def test_bad_settings_are_refused(settings, said):
    with pytest.raises(traitlets.TraitError, match=said):
        Descents(**settings)


@pytest.mark.parametrize("link", ["rate:1", "x:3", "surface:hill", "factors:0,0,0,9", "step:0.5"])
def test_bad_links_are_refused(open_page, link):
    page = open_page(Descents(), link=f"#descents={link}")
    expect(page.locator(".convae-problem")).to_contain_text("could not be used")
    agrees_ways = page.locator(".convae").evaluate("(root) => root.shown.ways[0].length")
    assert agrees_ways == 101


def test_factors_of_another_shape_are_refused(open_page):
    page = open_page(Descents(), link="#descents=factors:0,0,0")
    expect(page.locator(".convae-problem")).to_have_text("Factors of 1 × 3 numbers: give one row of 4.")


def test_addresses():
    assert Descents.address(surface="turned", scale=0) == "#descents=surface:turned;scale:0"

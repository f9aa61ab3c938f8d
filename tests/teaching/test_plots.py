"""Figures: well-formed, with a text for those who do not see them, and at home on light and dark pages."""

import re
from xml.etree import ElementTree

import pytest
import torch

from convae.arithmetic.tracing import trace
from convae.measures.intervals import Interval
from convae.models import MODELS, build
from convae.teaching import plots

PICTURES = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))
FIGURES = {
    "images": lambda: plots.images({"a": PICTURES, "b": PICTURES}, "three pictures twice", "noise", columns="xyz"),
    "colour": lambda: plots.images({"": PICTURES.expand(-1, 3, -1, -1)}, "colour"),
    "curves": lambda: plots.curves(
        {"net": plots.Series([0, 1], [1.0, 0.1], [0.9, 0.05], [1.1, 0.2])},
        "a falling curve & its band",
        x_label="epochs",
        y_label="MSE",
        logarithmic=True,
        references={"black": 0.5},
    ),
    "intervals": lambda: plots.intervals(
        {"nets": {"two": Interval(2, 1, 3, 5)}, "linear": {"PCA": Interval(4, 3.5, 4.5, 9)}}, "two <means>", x_label="x"
    ),
    "scatter": lambda: plots.scatter({"a": torch.eye(2), "b": -torch.eye(2)}, ["7", "9"], "two points, twice"),
    "trade-off": lambda: plots.trade_off(
        {"σ = 0.1": (1, 9), "σ = 0.2": (2, 4)}, "less of one is more of the other", x_label="MSE", y_label="distance"
    ),
    "heat map": lambda: plots.heat_map(
        torch.tensor([[3.0, 1], [2, 4]]),
        ["a", "b"],
        ["x", "y"],
        "largest on the diagonal",
        x_label="test",
        y_label="train",
    ),
    "arrows": lambda: plots.arrows({"out": (torch.eye(2), torch.eye(2))}, "two arrows", points=torch.zeros(1, 2)),
    "net": lambda: plots.net(build("robledo-two-layer"), (1, 28, 28)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_drawing_is_well_formed_and_says_what_it_shows(name):
    figure = FIGURES[name]()
    root = ElementTree.fromstring(figure.svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == figure.alt
    assert figure.alt in repr(figure)


@pytest.mark.parametrize("name", FIGURES)
def test_ink_follows_the_page(name):
    svg = FIGURES[name]().svg
    assert ("currentColor" in svg) == (name != "colour")  # a bare row of pictures has no ink
    assert plots._INK not in svg
    assert not re.search(r"(?:fill|stroke): ?#0{6}", svg)  # black on a dark page
    assert not re.search(r"fill: ?#f{6}", svg)  # a white ground on a dark page


@pytest.mark.parametrize("name", FIGURES)
def test_names_inside_a_drawing_are_its_own_and_lead_somewhere(name):
    svg = FIGURES[name]().svg
    names = re.findall(r' id="([^"]+)"', svg)
    assert len(names) == len(set(names))
    assert set(re.findall(r'(?:url\(|href=")#([^")]+)', svg)) == set(names)


def test_two_drawings_on_a_page_share_no_name():
    first, second = (re.findall(r' id="([^"]+)"', FIGURES[name]().svg) for name in ("curves", "intervals"))
    assert first
    assert second
    assert not set(first) & set(second)


def test_the_same_drawing_has_the_same_bytes():
    assert FIGURES["curves"]().svg == FIGURES["curves"]().svg


@pytest.mark.parametrize(
    "name", [name for name in MODELS if not re.search("variational|unet|utec|super-resolver", name)]
)
def test_a_diagram_names_every_shape_and_counts_every_parameter(name):
    model = build(name)
    figure = plots.net(model, (1, 28, 28))
    for step in trace(model, (1, 28, 28)):
        assert "×".join(map(str, step.output_shape)) in figure.alt
    counted = sum(int(number.replace(",", "")) for number in re.findall(r"\(([\d,]+) parameters\)", figure.alt))
    assert counted == sum(parameter.numel() for parameter in model.parameters())


def test_colours_stand_out_on_white_and_on_the_dark_theme():
    def luminance(colour):
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in plots.COLOURS:
        for ground in ("#ffffff", "#121212"):
            light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3, (colour, ground)


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"rows of \[2, 3\] pictures: give every row as many"):
        plots.images({"a": PICTURES, "b": PICTURES[:2]}, "uneven")


def test_a_heat_map_names_every_row_and_column_and_writes_every_number():
    text = FIGURES["heat map"]().svg
    for expected in ("a", "b", "x", "y", "3.0", "1.0", "2.0", "4.0", "train", "test"):
        assert f">{expected}</text>" in text
    opacities = [float(value) for value in re.findall(r"fill: #2a7fde; opacity: ([\d.]+)", text)]
    assert opacities == pytest.approx([1 / 3, 1 / 6, 1 / 2], abs=1e-6)  # the least has none
    with pytest.raises(ValueError, match=r"values of shape \(2, 2\) for 1 rows and 2 columns"):
        plots.heat_map(torch.ones(2, 2), ["a"], ["x", "y"], "", x_label="", y_label="")


def test_arrows_of_all_panels_have_one_scale():
    here, along = torch.tensor([[0.0, 0.0], [1.0, 1.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    both = plots.arrows({"long": (here, along), "short": (here, along / 2)}, "long and short ones").svg
    alone = plots.arrows({"long": (here, along)}, "long ones").svg
    assert both.count("<path") > alone.count("<path")


def test_every_point_needs_a_label():
    with pytest.raises(ValueError, match=r"'a' has points of shape \(2, 2\) for 3 labels: give \[3, 2\]"):
        plots.scatter({"a": torch.eye(2)}, ["1", "2", "3"], "uneven")


def test_points_are_told_apart_without_colour():
    one, other = (plots.scatter({"a": torch.eye(2)}, labels, "two points").svg for labels in (["1", "7"], ["1", "1"]))
    assert one != other
    assert len(re.findall("data:image/png", one)) == 1

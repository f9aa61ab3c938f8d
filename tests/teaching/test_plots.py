"""Figures: well-formed, with a text for those who do not see them, and at home on light and dark pages."""

import base64
import io
import itertools
import json
import math
import os
import re
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from convae.arithmetic.tracing import receptive_field, trace
from convae.measures.intervals import Interval
from convae.models import MODELS, build
from convae.models.unet import UNet
from convae.teaching import plots

PICTURES = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))
with torch.random.fork_rng():
    torch.manual_seed(0)
    U_NET = UNet((3, 5, 8))
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
    "curves of what doubles": lambda: plots.curves(
        {"net": plots.Series([2, 4, 256], [1.0, 0.5, 0.1]), "PCA": plots.Series([2, 256], [2.0, 0.2])},
        "two falling curves, with marks",
        x_label="numbers",
        y_label="MSE",
        logarithmic=True,
        doubling=True,
    ),
    "curves in panels": lambda: plots.curves(
        {"with": {"net": plots.Series([0, 1], [1, 0.1])}, "without": {"net": plots.Series([0, 1], [1, 0.01])}},
        "two falling curves",
        x_label="epochs",
        y_label="MSE",
        references={"black": 0.5},
    ),
    "intervals": lambda: plots.intervals(
        {"nets": {"two": Interval(2, 1, 3, 5)}, "linear": {"PCA": Interval(4, 3.5, 4.5, 9)}}, "two <means>", x_label="x"
    ),
    "single numbers": lambda: plots.intervals({"seeds": {"a": [-1.0, 2.0], "b": [3.0]}}, "three dots", x_label="x"),
    "stacked": lambda: plots.stacked({"a": {"one": 1, "two": 2}, "b": {"one": 3, "two": 0}}, "two bars", x_label="x"),
    "scatter": lambda: plots.scatter({"a": torch.eye(2), "b": -torch.eye(2)}, ["7", "9"], "two points, twice"),
    "trade-off": lambda: plots.trade_off(
        {"σ = 0.1": (1, 9), "σ = 0.2": (2, 4)}, "less of one is more of the other", x_label="MSE", y_label="distance"
    ),
    "trade-offs": lambda: plots.trade_off(
        {"nets": {"32": (1e-5, 9), "_64": (1e-2, 4)}, "PCA": {"32": (1.0, 2.0)}},
        "two lines",
        x_label="own",
        y_label="others",
        logarithmic=True,
    ),
    "heat map": lambda: plots.heat_map(
        torch.tensor([[3.0, 1], [2, 4]]),
        ["a", "b"],
        ["x", "y"],
        "largest on the diagonal",
        x_label="test",
        y_label="train",
    ),
    "surface": lambda: plots.surface(
        torch.tensor([[3.0, 1], [2, 4]]),
        [0, 1],
        [1, 10],
        "a saddle",
        x_label="rate",
        y_label="momentum",
        z_label="error",
        lines={"level": [(0, 1, 3), (0.5, 5.5, 2.5)]},
    ),
    "cells": lambda: plots.cells(
        [("U", torch.tensor([[4, -5.5], [0, 1234]])), "∗", ("F", torch.eye(3)), "=", ("Y", torch.zeros(1, 9))],
        "numbers",
    ),
    "arrows": lambda: plots.arrows({"out": (torch.eye(2), torch.eye(2))}, "two arrows", points=torch.zeros(1, 2)),
    "net": lambda: plots.net(build("robledo-two-layer"), (1, 28, 28)),
    "u-net": lambda: plots.u_net(U_NET, PICTURES[0, :, :16, :12]),
    "crossed out": lambda: plots.images({"a": PICTURES}, "three pictures, half", crossed={"a": PICTURES[:, 0] > 0.5}),
    "fields": lambda: plots.fields({"conv": nn.Conv2d(1, 1, 3, 2, 1), "pool": nn.MaxPool2d(2)}, "pixels", "a fan"),
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
    figure = FIGURES[name]()
    for svg in (figure.svg, figure.narrow):
        assert "currentColor" in svg
        assert plots._INK not in svg
        assert not re.search(r"(?:fill|stroke): ?#0{6}", svg)  # black on a dark page
        assert not re.search(r"fill: ?#f{6}", svg)  # a white ground on a dark page


@pytest.mark.parametrize("name", FIGURES)
def test_a_phone_gets_a_drawing_of_its_own_with_letters_of_11_pixels(name):
    figure = FIGURES[name]()
    for svg, most in ((figure.svg, 1010), (figure.narrow, 380)):
        width = float(re.search(r"max-width:(\d+)px", svg)[1])
        box = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
        assert width <= most
        sizes = [float(size) for size in re.findall(r"font(?:-size)?[:=][^;>]*?([\d.]+)(?:px)?", svg)]
        assert sizes == [] or min(size for size in sizes if size > 6) * width / box >= 10.5


def test_a_figure_is_called_by_its_name():
    figure = FIGURES["curves"]().named("learning")
    assert '<figure class="convae-figure" id="fig-learning">' in figure._repr_html_()
    assert 'class="convae-narrow"' in figure._repr_html_()


def test_groups_with_the_same_names_share_their_lines():
    value = Interval(1.0, 0.9, 1.1, 5)
    same = plots.intervals({"a": {"one": value, "two": value}, "b": {"one": value, "two": value}}, "same", x_label="x")
    other = plots.intervals(
        {"a": {"one": value, "two": value}, "b": {"one": value, "three": value}}, "other", x_label="x"
    )
    for svg in (same.svg, same.narrow):
        assert [svg.count(f">{name}<") for name in ("one", "two", "a", "b")] == [1, 1, 1, 1]
    assert [other.svg.count(f">{name}<") for name in ("one", "two", "three")] == [2, 1, 1]
    names, places = plots._rows({"a": {"one": 1, "two": 2}, "b": {"one": 3, "two": 4}})
    assert names == ["one", "two"]
    assert places == [-0.125, 0.875, 0.125, 1.125]


def test_a_legend_has_the_marks_of_its_plot():
    for value, count in ((Interval(1.0, 0.9, 1.1, 5), 0), ([1.0, 2.0], 2 + 2 * 2)):
        svg = plots.intervals({"a": {"one": value}, "b": {"two": value}}, "marks", x_label="x").svg
        assert len(re.findall(r'<use [^>]*style="fill-opacity: 0', svg)) == count


def test_curves_over_many_decades_have_numbers_at_their_axis():
    y = [10.0**-power for power in range(14)]
    figure = plots.curves({"a": plots.Series(range(14), y)}, "fall", x_label="x", y_label="y", logarithmic=True)
    for svg in (figure.svg, figure.narrow):
        assert sum(f">{10.0**-power:g}<" in svg for power in range(14)) >= 4
    short = plots.curves({"a": plots.Series([1, 2], [0.1, 0.5])}, "rise", x_label="x", y_label="y", logarithmic=True)
    assert ">0.2<" in short.svg


@pytest.mark.parametrize("most", [5, 20, 60, 100, 300, 1000, 0.5, 0.9, 8.4])
def test_no_number_of_an_axis_stands_behind_its_curves(most):
    """Not 21 of 20 epochs, nor 105 per cent."""
    x = range(most + 1) if isinstance(most, int) else [0, most / 3, most]
    figure = plots.curves({"a": plots.Series(x, [0.5] * len(x))}, "flat", x_label="x", y_label="y", thousandths=True)
    for svg in (figure.svg, figure.narrow):
        written = [float(text) for text in re.findall(r">(\d[\d.]*)</text>", svg)]
        along = [value for value in written if not 470 < value < 530]  # those are of y, in thousandths
        assert 0 in along
        assert max(along) <= most
        assert len(along) >= 4


def test_doublings_over_a_long_range_have_fewer_numbers():
    def numbers(most):
        curve = plots.Series([2.0**power for power in range(most + 1)], [0.5] * (most + 1))  # y has other numbers
        svg = plots.curves({"a": curve}, "rise", x_label="x", y_label="y", doubling=True).svg
        shown = {number for number in (1, 2, 4, 8, 10, 32, 64, 100, 256, 1000, 16384) if f">{number:,}<" in svg}
        return shown, re.findall("x; each number (.*) the one before", svg)

    assert numbers(8) == ({1, 2, 4, 8, 32, 64, 256}, ["twice"])
    assert numbers(14) == ({1, 4, 64, 256, 16384}, ["four times"])
    assert numbers(22) == ({1, 100}, [])


def test_fractions_of_an_axis_that_doubles_are_written_as_such():
    svg = plots.curves({"a": plots.Series([0.05, 4], [1, 2])}, "two", x_label="x", y_label="y", doubling=True).svg
    assert all(f">{number}<" in svg for number in ("1/16", "1/2", "1", "4"))


def test_doublings_have_fewer_numbers_in_panels_and_on_a_phone():
    def numbers(series):
        figure = plots.curves(series, "rise", x_label="x", y_label="y", doubling=True)
        return [{2**power for power in range(10) if f">{2**power}<" in svg} for svg in (figure.svg, figure.narrow)]

    curve, fewer = plots.Series([2.0**power for power in range(10)], [0.5] * 10), {1, 4, 16, 64, 256}
    assert numbers({"a": curve}) == [{2**power for power in range(10)}, fewer]
    assert numbers({"left": {"a": curve}, "right": {"a": curve}}) == [fewer, fewer]


@pytest.mark.parametrize(
    ("x", "shown"),
    [([3, 5], (3, 5)), ([100, 250], (100, 250)), ([0.0001, 1], (0.001, 1)), ([3e-8, 2e4], (1e-06, 0.01))],
)
def test_an_axis_that_doubles_has_two_numbers_at_least_and_short_ones(x, shown):
    svg = plots.curves({"a": plots.Series(x, [0.5, 0.5])}, "two", x_label="x", y_label="y", doubling=True).svg
    assert all(f">{number:g}<" in svg for number in shown)


def test_numbers_of_a_long_logarithmic_axis_do_not_stand_in_each_other_on_a_phone():
    lines = {"a": Interval(1e-3, 8e-4, 2e-3, 5), "b": Interval(0.2, 0.1, 0.3, 5)}
    figure = plots.intervals({"nets": lines}, "two", x_label="x", logarithmic=True)
    assert ">0.002<" in figure.svg
    assert ">0.002<" not in figure.narrow
    assert ">0.01<" in figure.narrow


def test_cells_hold_their_numbers_and_are_the_fuller_the_larger_these_are():
    figure = plots.cells([("a <b>", torch.tensor([[3.0, -1.5, 0]])), "+", ("c", torch.tensor([[0.0]]))], "four numbers")
    for svg in (figure.svg, figure.narrow):
        texts = re.findall(r"<text [^>]*>([^<]*)</text>", svg)
        assert texts == ["a &lt;b&gt;", "3", "−1.5", "0", "+", "c", "0"]
        tints = re.findall(r'fill="(#\w+)" fill-opacity="([\d.]+)"', svg)
        assert tints == [(plots._COLOURS[0], "0.45"), (plots._COLOURS[4], "0.23")]
        assert svg.count('opacity="0.5"') == 2  # the zeros are faint


def test_cells_break_their_lines_where_there_is_no_more_room_and_a_sign_goes_with_what_follows():
    square = torch.ones(4, 4)
    figure = plots.cells([("a", square), "+", ("b", square), "=", ("c", square)], "three squares")

    def places(svg):
        return [
            (text, float(x), float(y))
            for x, y, text in re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<])</text>', svg)
            if text in "a+b=c"
        ]

    wide, narrow = ({text: (x, y) for text, x, y in places(svg)} for svg in (figure.svg, figure.narrow))
    assert wide["a"][1] == wide["b"][1] == wide["c"][1]
    assert narrow["a"][1] == narrow["b"][1] < narrow["="][1]
    assert narrow["="][0] < narrow["c"][0] < narrow["b"][0]
    broken = plots.cells([("a", square), "\n", ("b", square)], "one above the other")
    apart = {text: (x, y) for text, x, y in places(broken.svg)}
    assert apart["a"][0] == apart["b"][0]
    assert apart["a"][1] < apart["b"][1]


@pytest.mark.parametrize(
    ("blocks", "error", "said"),
    [
        (["+"], ValueError, r"^no matrices: give at least one"),
        ([("a", torch.ones(3))], ValueError, r"^'a' has shape \(3,\): give \[rows, columns\]"),
        ([("a", torch.ones(0, 3))], ValueError, r"^'a' has shape \(0, 3\)"),
        ([("a", [[1]])], TypeError, r"^numbers of 'a' of type list: make it a tensor"),
        ([("a", torch.tensor([[float("nan")]]))], ValueError, r"^numbers of 'a': 1 of 1 numbers are NaN"),
        ([torch.ones(2, 2)], TypeError, r"give a title with its matrix"),
    ],
)
def test_cells_that_are_none(blocks, error, said):
    with pytest.raises(error, match=said):
        plots.cells(blocks, "A.")


def test_what_doubles_has_a_number_at_each_power_of_2_and_marks_that_need_no_colour(monkeypatch):
    canvases = []
    monkeypatch.setattr(plots, "_as_svg", lambda canvas, alt, column: canvases.append(canvas) or "")
    FIGURES["curves of what doubles"]()
    for canvas in canvases:
        [axes] = canvas.axes
        low, high = axes.get_xlim()
        assert [tick for tick in axes.xaxis.get_majorticklocs() if low <= tick <= high] == [2**k for k in range(1, 9)]
        assert {line.get_marker() for line in axes.lines} == {"o", "s"}


def test_panels_of_curves_have_one_scale_and_one_legend(monkeypatch):
    canvases = []
    monkeypatch.setattr(plots, "_as_svg", lambda canvas, alt, column: canvases.append(canvas) or "")
    FIGURES["curves in panels"]()
    wide, narrow = ([axes.get_position() for axes in canvas.axes] for canvas in canvases)
    assert wide[0].y0 == wide[1].y0
    assert wide[0].x1 < wide[1].x0  # beside each other, on a phone one below the other
    assert narrow[0].x0 == narrow[1].x0
    assert narrow[0].y0 > narrow[1].y1
    for canvas in canvases:
        first, second = canvas.axes
        assert first.get_ylim() == second.get_ylim()
        assert first.get_ylim()[0] < 0.01 < 1 < first.get_ylim()[1]
        assert first.lines[0].get_color() == second.lines[0].get_color()
        [legend] = canvas.legends
        assert [text.get_text() for text in legend.get_texts()] == ["net", "black"]


def test_a_net_marks_its_code_and_shows_what_flows():
    model = build("robledo-two-layer")
    bare, filled = (plots.net(model, (1, 28, 28), image=image) for image in (None, torch.rand(1, 28, 28)))
    assert ">16×3×3, the code</text>" in bare.svg
    assert ">16×3×3, the code</text>" in bare.narrow
    assert bare.svg.count("<image") == 0
    assert filled.svg.count("<image") == 5
    steps = trace(build("dense-64"), (1, 28, 28))
    dense = plots.net(build("dense-64"), (1, 28, 28), image=torch.rand(1, 28, 28))
    assert dense.svg.count("<image") == 1 + len(plots._arrows(steps))  # rows of numbers have faces, too
    assert ">8×9×9, the code</text>" in plots.net(model, (1, 28, 28), code=1).svg
    with pytest.raises(ValueError, match="image has shape"):
        plots.net(model, (1, 28, 28), image=torch.rand(1, 27, 27))
    with pytest.raises(ValueError, match="code is 5: give the place of one of the 5 slabs"):
        plots.net(model, (1, 28, 28), code=5)


@pytest.mark.parametrize(("channels", "residual"), [((3, 5), True), ((2, 4, 6, 9), False)])
def test_a_u_net_is_drawn_with_a_slab_a_size_and_a_path_across_each(channels, residual):
    model, image = UNet(channels, residual=residual), torch.rand(1, 24, 16)
    figure = plots.u_net(model, image)
    for svg in (figure.svg, figure.narrow):
        assert svg.count("<image") == 2 + 2 * (len(channels) - 1) + 1
        shapes = re.findall(r">([\d×]+)</text>", svg)
        sizes = [f"{count}×{24 // 2**level}×{16 // 2**level}" for level, count in enumerate(channels)]
        assert Counter(shapes) == Counter(["1×24×16"] * 2 + sizes[:-1] * 2 + sizes[-1:])
        assert svg.count("stroke-dasharray") == len(channels) - 1 + residual
        assert ("minus what comes up" in svg) == residual
    assert f"at the bottom {sizes[-1]}; " in figure.alt
    with pytest.raises(TypeError, match="give a UNet, or draw others with net"):
        plots.u_net(build("robledo-two-layer"), image)
    with pytest.raises(ValueError, match="cannot be halved"):
        plots.u_net(model, torch.rand(1, 23, 16))


def test_png_holds_the_pictures():
    pictures = torch.linspace(0, 1, 2 * 6).reshape(2, 1, 2, 3)
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(plots.as_png(pictures)))))
    wanted = torch.cat(list(pictures), -1)[0]
    assert sheet.shape == (2, 6)
    assert np.abs(sheet / 255 - wanted.numpy()).max() < 0.5 / 31 + 1 / 255


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

    for colour in plots._CLASSES:
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
    assert opacities == pytest.approx([1 / 3, 1 / 6, 1 / 2], abs=0.006)  # the least has none
    with pytest.raises(ValueError, match=r"values of shape \(2, 2\) for 1 rows and 2 columns"):
        plots.heat_map(torch.ones(2, 2), ["a"], ["x", "y"], "", x_label="", y_label="")


def test_names_of_points_that_lie_close_do_not_stand_in_each_other():
    close = {"first": {"1568": (1.0, 1.0), "784": (1.02, 1.01), "_": (3.0, 3.0)}, "second": {"512": (1.01, 1.05)}}
    figure = plots.trade_off({**close, "third": {"256": (1.03, 1.0), "1024": (2.0, 2.0)}}, "close", **LABELS)
    for svg, letter in ((figure.svg, 9.5), (figure.narrow, 8.25)):
        boxes = []
        for name in ("1568", "784", "512", "256", "1024"):
            found = re.search(rf'<text style="([^"]*)" x="([-\d.]+)" y="([-\d.]+)"[^>]*>{name}</text>', svg)
            assert found, name
            anchor, x, y = re.search(r"text-anchor: (\w+)", found[1]), float(found[2]), float(found[3])
            wide = 0.55 * letter * len(name)
            left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor[1]]
            boxes.append((left, y - 0.7 * letter, left + wide, y))
        assert not [
            (one, two)
            for one, two in itertools.combinations(boxes, 2)
            if one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
        ]


def test_a_surface_has_a_facet_between_each_four_heights_and_names_its_lines():
    heights = torch.rand(5, 4, generator=torch.Generator().manual_seed(0))
    labels = {"x_label": "x", "y_label": "y", "z_label": "height"}
    drawn = plots.surface(heights, range(5), range(4), "hills", **labels, lines={"path": [(0, 0, 0.5), (4, 3, 0.5)]})
    for svg in (drawn.svg, drawn.narrow):
        assert len(re.findall(r"<path [^>]*style=\"fill: #2a7fde; fill-opacity: [^>]*stroke: #2a7fde", svg)) == 4 * 3
        assert re.search(r">\s*path</text>", svg)
    for label in labels.values():
        assert f">{label}</text>" in drawn.svg


def test_of_a_surface_of_many_places_a_part_is_drawn_with_its_last():
    heights = torch.zeros(200, 3)
    heights[-1] = 1.0
    labels = {"x_label": "x", "y_label": "y", "z_label": "height"}
    many = plots.surface(heights, range(200), range(3), "an edge", **labels)
    facets = len(re.findall(r"<path [^>]*style=\"fill: #2a7fde; fill-opacity: [^>]*stroke: #2a7fde", many.svg))
    assert facets == 2 * math.ceil(199 / math.ceil(200 / 99))
    flat = plots.surface(torch.zeros(200, 3), range(200), range(3), "no edge", **labels)
    assert drawn_at(many.svg)[0] != drawn_at(flat.svg)[0]  # the last row is among them


def drawn_at(svg):
    """The end points of a surface's facets and of its lines, in the order in which they are drawn."""
    facets = re.findall(r'<path d="([^"]*)"[^>]*style="fill: #2a7fde', svg)
    lines = re.findall(r'<path d="([^"]*)"[^>]*style="fill: none; stroke: currentColor; stroke-width: 1.2', svg)
    return facets, lines


def test_lines_lie_on_a_surface_and_above_it_in_the_drawing():
    heights = torch.tensor([[0.0, 0, 0], [1, 1, 1]])
    edge = {"edge": [(5, 0, 1), (5, 20, 1)]}  # where x is largest
    labels = {"x_label": "x", "y_label": "y", "z_label": ""}
    svg = plots.surface(heights, [0, 5], [0, 10, 20], "a slope", **labels, lines=edge).svg
    facets, (line,) = drawn_at(svg)
    assert svg.rindex(facets[-1]) < svg.index(line)
    corners = {point for facet in facets for point in re.findall(r"[\d.]+ [\d.]+", facet)}
    assert set(re.findall(r"[\d.]+ [\d.]+", line)) <= corners


def test_a_surface_is_seen_from_where_it_is_said():
    labels = {"x_label": "x", "y_label": "y", "z_label": ""}
    heights = torch.tensor([[0.0, 0, 0], [1, 1, 1]])
    one, other = (
        drawn_at(plots.surface(heights, [0, 1], [0, 1, 2], "two", **labels, seen_from=way).svg)[0]
        for way in ((28, 40), (28, 80))
    )
    assert len(one) == len(other) == 2
    assert one != other


def test_what_lies_low_has_a_fuller_colour():
    heights = torch.tensor([[0.0, 0, 0, 1]] * 2)  # two facets at the ground, one that rises
    svg = plots.surface(heights, [0, 1], [0, 1, 2, 3], "a rise", x_label="", y_label="", z_label="").svg
    fills = [float(each) for each in re.findall(r"fill: #2a7fde; fill-opacity: ([\d.]+)", svg)]
    high, low, same = sorted(fills)
    assert low == same > 1.5 * high


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


def test_ten_labels_have_ten_colours():
    assert len(set(plots._CLASSES)) == 10
    digits = [str(label) for label in range(10)]
    drawn = {plots.scatter({"a": torch.zeros(1, 2)}, [digit], "a point").svg for digit in digits}
    assert len(drawn) == 10  # by their marks; by their colours, in one drawing:
    image = re.search('base64,([^"]+)', plots.scatter({"a": torch.arange(20.0).view(10, 2)}, digits, "ten").svg)[1]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(image))).convert("RGBA"))
    full = {tuple(pixel[:3]) for pixel in pixels[pixels[..., 3] == 255]}
    assert {tuple(bytes.fromhex(colour[1:])) for colour in plots._CLASSES} <= full


def test_long_names_of_a_heat_map_are_wrapped_on_a_phone_alone():
    figure = plots.heat_map(
        torch.eye(2), ["variational net, spherical", "pixels"], ["a", "b"], "two rows", x_label="x", y_label=""
    )
    assert ">variational net, spherical<" in figure.svg
    assert "spherical" in figure.narrow
    assert ">variational net, spherical<" not in figure.narrow


HOSTILE = """
backend: pdf
image.origin: lower
image.cmap: gray_r
image.interpolation: bicubic
text.usetex: True
text.antialiased: False
text.parse_math: False
svg.image_inline: False
svg.fonttype: path
svg.hashsalt: mine
svg.id: mine
figure.autolayout: True
figure.constrained_layout.use: True
figure.figsize: 2, 9
figure.dpi: 300
figure.facecolor: black
savefig.pad_inches: 2
savefig.bbox: standard
savefig.dpi: 20
savefig.format: png
savefig.transparent: False
path.sketch: 1, 100, 2
path.simplify_threshold: 1
axes.formatter.use_mathtext: True
axes.formatter.limits: 0, 0
axes.formatter.use_locale: True
axes.unicode_minus: False
axes.prop_cycle: cycler('color', ['r', 'g'])
axes.facecolor: yellow
axes.titlesize: 40
axes.xmargin: .4
axes.autolimit_mode: round_numbers
font.family: serif
font.serif: Nonesuch
font.weight: bold
mathtext.fontset: cm
lines.linewidth: 9
lines.marker: x
legend.loc: center
legend.fancybox: False
legend.fontsize: 40
legend.facecolor: black
xtick.direction: in
xtick.minor.visible: True
xtick.top: True
ytick.labelsize: 30
grid.linestyle: --
errorbar.capsize: 20
patch.force_edgecolor: True
patch.linewidth: 7
"""


def drawn():
    return {name: figure().svg for name, figure in FIGURES.items()}


def test_figures_hang_on_no_settings_of_the_reader(tmp_path):
    (tmp_path / "matplotlibrc").write_text(HOSTILE, encoding="utf-8")
    paths = [str(Path(__file__).parent), *filter(None, sys.path)]
    environment = os.environ | {"MATPLOTLIBRC": str(tmp_path), "PYTHONPATH": os.pathsep.join(paths)}
    code = "import json, matplotlib, test_plots; print(json.dumps([matplotlib.get_backend(), test_plots.drawn()]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    backend, figures = json.loads(done.stdout)
    assert backend == "pdf"  # the file was read
    assert figures == drawn()
    assert [path.name for path in tmp_path.iterdir()] == ["matplotlibrc"]


def test_figures_hang_on_no_settings_of_the_session_and_leave_them():
    expected = drawn()
    with mpl.rc_context():
        plt.xkcd()
        plt.style.use("dark_background")
        altered = 0
        for name, value in mpl.rcParamsDefault.items():
            if isinstance(value, bool | int | float):
                with suppress(ValueError, RuntimeError):  # out of its range: stays
                    mpl.rcParams[name] = not value if isinstance(value, bool) else 2 * value + 1
                    altered += 1
        before = dict(mpl.rcParams)
        assert altered > 100
        assert drawn() == expected
        assert dict(mpl.rcParams) == before


NAN = torch.full((2, 2), float("nan"))
EYE = torch.eye(2)
LABELS = {"x_label": "x", "y_label": "y"}


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.images(PICTURES, "alt"), 'rows of type Tensor: give each its name, as in {"noisy": images}'),
        (lambda: plots.images(None, "alt"), "rows of type NoneType: give each its name"),
        (lambda: plots.images({}, "alt"), "no rows: give at least one"),
        (lambda: plots.images({"a": PICTURES.numpy()}, "alt"), "row 'a' of type ndarray: make it a tensor"),
        (lambda: plots.images({"a": PICTURES.tolist()}, "alt"), "row 'a' of type list: make it a tensor"),
        (lambda: plots.images({"a": PICTURES[0]}, "alt"), "a single one as [1, C, H, W]"),
        (lambda: plots.images({"a": (255 * PICTURES).byte()}, "alt"), "bytes divided by 255"),
        (lambda: plots.images({"a": PICTURES.movedim(1, -1)}, "alt"), "row 'a' has 28 channels: give 1 or 3"),
        (lambda: plots.images({"a": PICTURES * float("nan")}, "alt"), "row 'a': 2352 of 2352 numbers are NaN"),
        (
            lambda: plots.images({"a": PICTURES, "b": PICTURES[..., :8, :9]}, "alt"),
            "rows of pictures of 8×9 and 28×28 pixels: give all one size",
        ),
        (lambda: plots.images({"a": PICTURES}, "alt", columns="wxyz"), "4 names of columns for 3 pictures"),
        (lambda: plots.images({"a": PICTURES}, None), "alt is None: say in a sentence what is to be seen"),
        (lambda: plots.images({"a": PICTURES}, " "), "alt is ' ': say in a sentence what is to be seen"),
        (lambda: plots.Series([1, 2], [1]), "1 numbers in y for 2 in x"),
        (lambda: plots.Series([1, 2], None), "y is None: give a list of numbers"),
        (lambda: plots.Series(None, [1, 2]), "x is None: give a list of numbers"),
        (lambda: plots.Series([1, 2], [1, 2], [0, 1]), "a band with one end"),
        (lambda: plots.Series([1, 2], [1, 2], [0, 1], [2]), "1 numbers in high for 2 in x"),
        (lambda: plots.curves({"a": [1, 2]}, "alt", **LABELS), "curve 'a' is of type list: give Series(x, y)"),
        (
            lambda: plots.curves({"a": plots.Series([0, 1], [1, 2])}, "alt", doubling=True, **LABELS),
            "x of 0 cannot double: give numbers above 0, or doubling=False",
        ),
        (lambda: plots.curves([1, 2], "alt", **LABELS), "curves of type list: give each its name"),
        (lambda: plots.curves({}, "alt", **LABELS), "no curves: give at least one"),
        (lambda: plots.curves({"a": {}}, "alt", **LABELS), "no curves in 'a': give at least one"),
        (
            lambda: plots.curves({"a": {"b": [1, 2]}}, "alt", **LABELS),
            "curve 'b' is of type list: give Series(x, y)",
        ),
        (lambda: plots.curves({"a": {}, "b": plots.Series([1], [2])}, "alt", **LABELS), "curve 'a' is of type dict"),
        (lambda: plots.intervals({}, "alt", x_label="x"), "no groups: give at least one"),
        (lambda: plots.intervals({"a": {}}, "alt", x_label="x"), "no intervals in 'a': give at least one"),
        (lambda: plots.intervals({"a": Interval(2, 1, 3, 5)}, "alt", x_label="x"), "intervals in 'a' of type Interval"),
        (lambda: plots.intervals({"a": {"b": 0.5}}, "alt", x_label="x"), "'b' is 0.5: give an Interval"),
        (lambda: plots.intervals({"a": {"b": [0.5, "c"]}}, "alt", x_label="x"), "'b' is [0.5, 'c']: give an Interval"),
        (lambda: plots.intervals({"a": {"b": []}}, "alt", x_label="x"), "'b' has 0 numbers: give one at least"),
        (lambda: plots.stacked({}, "alt", x_label="x"), "no bars: give at least one"),
        (lambda: plots.stacked({"a": {"b": 1}, "c": {"d": 1}}, "alt", x_label="x"), "bar 'c' has the parts ['d']"),
        (lambda: plots.stacked({"a": {"b": -1.0}}, "alt", x_label="x"), "bar 'a' has the lengths [-1.0]: give finite"),
        (lambda: plots.scatter({"a": NAN}, ["7", "9"], "alt"), "points of 'a': 4 of 4 numbers are NaN or infinite"),
        (lambda: plots.scatter({"a": EYE.numpy()}, ["7", "9"], "alt"), "points of 'a' of type ndarray"),
        (lambda: plots.scatter({"a": EYE}, [7, 9], "alt"), "give texts, as [str(label) for label in labels.tolist()]"),
        (lambda: plots.scatter({"a": EYE}, torch.tensor([7, 9]), "alt"), "give texts, as [str(label)"),
        (lambda: plots.scatter({}, [], "alt"), "no panels: give at least one"),
        (lambda: plots.trade_off({}, "alt", **LABELS), "no points: give at least one"),
        (lambda: plots.trade_off({"a": (1, float("nan"))}, "alt", **LABELS), "point 'a' is (1, nan): give two numbers"),
        (lambda: plots.trade_off({"a": 1}, "alt", **LABELS), "point 'a' is 1: give two numbers"),
        (
            lambda: plots.trade_off({"a": {"b": (1, 0)}}, "alt", logarithmic=True, **LABELS),
            "point 'b' is (1, 0): on logarithmic axes give numbers above 0",
        ),
        (lambda: plots.trade_off({"a": {}}, "alt", **LABELS), "no points in 'a': give at least one"),
        (lambda: plots.heat_map([[1]], ["a"], ["x"], "alt", **LABELS), "values of type list: make it a tensor"),
        (lambda: plots.heat_map(NAN, "ab", "xy", "alt", **LABELS), "values: 4 of 4 numbers are NaN"),
        (lambda: plots.surface(NAN, [0, 1], [0, 1], "alt", **LABELS, z_label=""), "heights: 4 of 4 numbers are NaN"),
        (lambda: plots.surface(EYE, [0, 1, 2], [0, 1], "alt", **LABELS, z_label=""), "for 3 places of x and 2 of y"),
        (lambda: plots.surface(EYE, [1, 0], [0, 1], "alt", **LABELS, z_label=""), "x is [1, 0]: give places that rise"),
        (
            lambda: plots.surface(EYE, [0, 1], [0, 1], "alt", **LABELS, z_label="", lines={"a": []}),
            "line 'a' has no points: give (x, y, height)",
        ),
        (
            lambda: plots.surface(EYE, [0, 1], [0, 1], "alt", **LABELS, z_label="", lines={"a": [(0, 0, math.nan)]}),
            "line 'a' has a point (0, 0, nan): give (x, y, height), three finite numbers",
        ),
        (
            lambda: plots.surface(EYE, [0, 1], [0, 1], "alt", **LABELS, z_label="", lines={"a": [(0, 0)]}),
            "line 'a' has a point (0, 0): give",
        ),
        (
            lambda: plots.surface(EYE, [0, 1], [0, 1], "alt", **LABELS, z_label="", seen_from=(math.nan, 0)),
            "seen_from is (nan, 0): give degrees",
        ),
        (
            lambda: plots.intervals({"_nets": {"a": [1.0]}}, "alt", x_label="x"),
            "group '_nets': no legend shows what begins with _, give it another name",
        ),
        (lambda: plots.curves({"_a": plots.Series([0, 1], [0, 1])}, "alt", **LABELS), "curve '_a': no legend"),
        (lambda: plots.stacked({"bar": {"_error": 1.0}}, "alt", x_label="x"), "part '_error': no legend"),
        (lambda: plots.trade_off({"_g": {"a": (1, 1)}}, "alt", **LABELS), "group '_g': no legend"),
        (lambda: plots.scatter({"a": EYE}, ["$", "b"], "alt"), "label '$' is drawn as a mark"),
        (lambda: plots.arrows({}, "alt"), "no panels: give at least one"),
        (lambda: plots.arrows({"a": (EYE, NAN)}, "alt"), "arrows of 'a': 4 of 4 numbers are NaN"),
        (lambda: plots.arrows({"a": (EYE, EYE[:1])}, "alt"), "places of shape (2, 2) and arrows of (1, 2)"),
        (lambda: plots.arrows({"a": (EYE, EYE)}, "alt", points=[[0, 0]]), "points of type list"),
        (lambda: plots.net(None, (1, 28, 28)), "a net of type NoneType: give the module itself"),
        (lambda: plots.net(build("robledo-two-layer"), 28), "shape is 28: give that of one picture, as (1, 28, 28)"),
        (lambda: plots.net(build("robledo-two-layer"), None), "shape is None: give that of one picture"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence(draw, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        draw()


def test_what_a_net_gives_is_drawn_as_it_is():
    assert plots.heat_map(EYE.clone().requires_grad_(), "ab", "xy", "a net's numbers", **LABELS).svg
    assert plots.images({"a": PICTURES.clone().requires_grad_()}, "a net's pictures").svg


def test_a_single_arrow_and_arrows_of_no_length_are_drawn():
    place = torch.zeros(1, 2)
    assert "<path" in plots.arrows({"a": (place, torch.ones(1, 2))}, "one arrow").svg
    assert "<path" in plots.arrows({"a": (torch.eye(2), torch.zeros(2, 2))}, "two dots").svg


def test_more_groups_than_colours_are_drawn():
    groups = {str(number): {"mean": Interval(number, number - 1, number + 1, 5)} for number in range(9)}
    drawn = plots.intervals(groups, "nine means", x_label="x").svg
    assert drawn.count(">mean</text>") == 1  # the same name, so one line for all
    assert re.findall(r">(\d)</text>", drawn)[-9:] == list(groups)  # in the legend


def test_names_are_shown_as_they_are():
    """Dollars in them are no formula, and a single one breaks nothing."""
    names = ["$x^2$", "5 $ a net", "a_b"]
    lines = {name: Interval(1, 0, 2, 9) for name in names}
    drawn = plots.intervals({"in $ and $": lines, "others": lines}, "prices", x_label="in $: of $N(0, 1)$").svg
    points = plots.trade_off({name: (k, k) for k, name in enumerate(names)}, "prices", x_label="a $x$", y_label="b").svg
    for name in [*names, "in $ and $", "in $: of $N(0, 1)$"]:
        assert f">{name}</text>" in drawn
    for name in [*names, "a $x$"]:
        assert f">{name}</text>" in points
    assert "$" not in plots.scatter({"a": EYE}, ["7", "8"], "two digits").svg


def test_zero_has_a_line_where_it_lies_inside():
    drawn = {
        low: plots.intervals({"a": {"b": Interval(1, low, 3, 5)}}, "one mean", x_label="x").svg for low in (-1, 0.5)
    }
    assert drawn[-1].count("<path") > drawn[0.5].count("<path")


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_has_no_mark(number):
    with pytest.raises(ValueError, match="give finite numbers"):
        plots.intervals({"g": {"a line": [number, 1.0]}}, "A.", x_label="x")


def test_what_is_not_above_zero_has_no_place_on_a_logarithmic_axis():
    for value in ([0.0, 1.0], Interval(1, -0.5, 2, 9)):
        with pytest.raises(ValueError, match="stands on a logarithmic axis: give numbers above 0"):
            plots.intervals({"g": {"a line": value}}, "A.", x_label="x", logarithmic=True)


@pytest.mark.parametrize(
    ("bars", "error", "said"),
    [
        ({"a": {}}, ValueError, "bar 'a' has 0 parts"),
        ({"a": [1, 2]}, TypeError, "give numbers by name"),
        ({"a": {"p": "1"}}, TypeError, "give numbers by name"),
        ({"a": {"p": torch.ones(2)}}, TypeError, "give numbers by name"),
    ],
)
def test_bars_that_are_none(bars, error, said):
    with pytest.raises(error, match=said):
        plots.stacked(bars, "A.", x_label="x")


def test_what_is_crossed_out_are_these_pixels():
    over = torch.zeros(3, 28, 28, dtype=torch.bool)
    over[0, 27] = over[2, 3, 4] = True
    for drawing in (lambda figure: figure.svg, lambda figure: figure.narrow):
        svg = drawing(plots.images({"a": PICTURES, "b": PICTURES}, "crossed", crossed={"b": over}))
        crosses = re.findall(r"M(\d+) (\d+)l6 6m0-6l-6 6", svg)
        assert crosses == [*((str(8 * c + 1), str(8 * 27 + 1)) for c in range(28)), (str(8 * 4 + 1), str(8 * 3 + 1))]
        assert svg.count('viewBox="0 0 224 224"') == 3  # over each picture of that row
    with pytest.raises(ValueError, match=r"^crosses torch.float32 of shape \(3, 28, 28\) for 'a': give truth values"):
        plots.images({"a": PICTURES}, "crossed", crossed={"a": over.float()})
    with pytest.raises(ValueError, match=r"for 'c': give truth values \(3, 28, 28\) for one of 'a'$"):
        plots.images({"a": PICTURES}, "crossed", crossed={"c": over})
    with pytest.raises(ValueError, match=r"of shape \(3, 27, 28\)"):
        plots.images({"a": PICTURES}, "crossed", crossed={"a": over[:, 1:]})


def test_a_fan_has_a_mark_for_every_number_and_a_line_for_every_read():
    layers = {"conv": nn.Conv2d(1, 1, 3, 2, 1), "wide": nn.Conv2d(1, 1, 3, dilation=2), "pool": nn.MaxPool2d(2)}
    seen = [receptive_field(list(layers.values())[depth:]) for depth in range(4)]
    svg = plots.fields(layers, "pixels", "a fan").svg
    lines = re.findall(r'<path d="M [-\d.]+ [-\d.]+ L [-\d.]+ [-\d.]+ "[^>]*stroke: #cf6a12', svg)
    assert len(lines) == sum(len(field.offsets) * 3 for field in seen[1:3]) + 2
    lit = len(re.findall(r"<use [^>]*fill: #cf6a12", svg))
    assert lit == sum(len(field.offsets) for field in seen)
    assert all(name in svg for name in ("pixels", *layers))
    with pytest.raises(ValueError, match=r"^no layers: give at least one"):
        plots.fields({}, "pixels", "a fan")


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 2], [1.0, math.nan], "y is nan at point 1"),
        ([1, math.inf], [1.0, 2.0], "x is inf at point 1"),
        ([1, 2], ["10", "9"], "y holds '10' at point 0: give numbers"),
        ([1, 2], [1.0, None], "y holds None at point 1"),
        ([1, 2], [[1.0], [2.0]], "give numbers"),
        ([], [], "x has 0 numbers"),
    ],
)
def test_a_curve_of_what_is_no_finite_number_is_refused(x, y, message):
    with pytest.raises((TypeError, ValueError), match=message):
        plots.Series(x, y)


def test_a_band_upside_down_is_refused():
    with pytest.raises(ValueError, match="a band from 2 to 1 at point 0"):
        plots.Series([1], [1.5], [2.0], [1.0])


def test_curves_refuse_what_they_could_not_show():
    labels = {"x_label": "x", "y_label": "y"}
    with pytest.raises(ValueError, match="9 names for 8 looks"):
        plots.curves({f"n{k}": plots.Series([1, 2], [1, k]) for k in range(9)}, "nine", **labels)
    with pytest.raises(ValueError, match="a reference is nan"):
        plots.curves({"a": plots.Series([1], [1])}, "one", references={"r": math.nan}, **labels)
    with pytest.raises(ValueError, match="-1 stands on a logarithmic axis"):
        plots.curves({"a": plots.Series([1, 2], [1, -1])}, "one", logarithmic=True, **labels)


def test_an_axis_without_a_power_of_two_has_numbers_all_the_same():
    drawn = plots.curves({"a": plots.Series([5, 6, 7], [1, 2, 3])}, "one", x_label="x", y_label="y", doubling=True).svg
    assert {"5", "7"} <= set(re.findall(r">([\d.]+)</text>", drawn))


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([("U", torch.ones(1, 1)), "+", "=", ("V", torch.ones(1, 1))], "'=' behind '\\+'"),
        ([("U", torch.ones(1, 1)), "+"], "'\\+' stands last"),
        ({"U": torch.ones(1, 1)}, "blocks of type dict: give a list"),
        ("abc", "blocks of type str: give a list"),
    ],
)
def test_cells_lose_no_sign(blocks, message):
    with pytest.raises((TypeError, ValueError), match=message):
        plots.cells(blocks, "matrices")


def test_one_kind_of_mark_has_no_legend_and_two_have():
    alone = plots.intervals({"four nets": {"the base": [1.0], "another": [2.0]}}, "alt", x_label="x")
    both = plots.intervals({"nets": {"the base": [1.0]}, "filters": {"median": [2.0]}}, "alt", x_label="x")
    for drawing in (lambda figure: figure.svg, lambda figure: figure.narrow):
        assert "four nets" not in drawing(alone)
        assert ">nets</text>" in drawing(both)
        assert ">filters</text>" in drawing(both)


@pytest.mark.parametrize(
    "name", ["a", "a name of some length", "a name so long that half of the column is taken by it"]
)
def test_dot_plots_are_as_wide_as_the_column_whatever_their_names(name):
    figure = plots.intervals({"nets": {name: [1.0], "b": [2.0]}}, "alt", x_label="x")
    assert re.search(r"max-width:(\d+)px", figure.svg)[1] == "672"


def test_names_on_a_phone_stand_beside_the_axis_not_on_it():
    figure = plots.intervals({"nets": {"first": [1.0], "second": [2.0]}}, "alt", x_label="x")
    axis = float(re.findall(r'<path d="M ([\d.]+) ', figure.narrow)[1])  # behind the sheet, the panel
    assert float(re.search(r'x="([\d.]+)"[^>]*>first<', figure.narrow)[1]) > axis + 2


def test_a_column_s_long_name_is_broken():
    figure = plots.images({"": torch.zeros(5, 1, 5, 5)}, "alt", columns=[*"abcd", "least squares"], scale=1.2)
    assert ">least squares</text>" in figure.svg
    assert ">least</text>" in figure.narrow
    assert ">squares</text>" in figure.narrow


def test_framed_fields_of_a_heat_map_have_a_frame_in_ink():
    values = torch.eye(2)
    plain, framed = (
        plots.heat_map(values, "ab", "cd", "alt", x_label="", y_label="", framed=marks) for marks in (None, values > 0)
    )
    assert framed.svg.count("stroke: currentColor") == plain.svg.count("stroke: currentColor") + 2
    with pytest.raises(ValueError, match=r"frames torch.bool of shape \(2,\): give truth values \(2, 2\)"):
        plots.heat_map(values, "ab", "cd", "alt", x_label="", y_label="", framed=values[0] > 0)

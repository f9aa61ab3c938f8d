"""Figures that know what they show: each is drawn as SVG, carries its alt text, and reads on light and dark pages.

Text and axes take the colour of the page around them; the series differ in colour, in dash and in marker.
"""

from __future__ import annotations

import hashlib
import html
import io
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib as mpl
import matplotlib.patches
import matplotlib.ticker
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from torch import Tensor, nn

from convae.arithmetic.tracing import LayerTrace, trace
from convae.measures.intervals import Interval
from convae.tensors import check_batch

__all__ = [
    "Figure",
    "Series",
    "arrows",
    "curves",
    "heat_map",
    "images",
    "intervals",
    "net",
    "scatter",
    "trade_off",
]

# Contrast of at least 3:1 with white and with the dark theme's #121212, told apart by common colour-blind eyes.
_COLOURS = ("#2a7fde", "#cf6a12", "#2b9a66", "#a45ee5", "#d9435f", "#8a7a00", "#0f97a6", "#7d7d7d")
_CLASSES = (*_COLOURS, "#9018f0", "#f048a8")  # ten, one for each digit
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (2, 4)), (0, (8, 2)), (0, (3, 1)))
_REFERENCES = ((0, (2, 2)), (0, (8, 3)), (0, (1, 4)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_INK = "#010203"  # becomes currentColor

# Matplotlib's own settings, whatever a reader's are, and the book's; what is written chooses the backend.
_STYLE = {
    **{name: value for name, value in mpl.rcParamsDefault.items() if name != "backend"},
    "svg.fonttype": "none",
    "svg.hashsalt": "convae",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "image.interpolation": "none",
    **dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color", "grid.color"), _INK
    ),
}


@dataclass(frozen=True)
class Figure:
    """A finished drawing; a notebook shows it as the last value of a cell.

    Args:
        svg: The drawing.
        alt: What is to be seen, for those who do not see it.
        caption: Stands below; may hold HTML.
        width: Below this many pixels the drawing scrolls sideways instead of shrinking.
    """

    svg: str
    alt: str
    caption: str = ""
    width: int = 0

    def _repr_html_(self) -> str:
        caption = f"<figcaption>{self.caption}</figcaption>" if self.caption else ""
        # tabindex: what scrolls has to be reachable by keyboard
        scroll = ' tabindex="0" role="region" aria-label="figure, scrolls sideways"' if self.width else ""
        return (
            f'<figure class="convae-figure" style="margin:1em 0"><div style="overflow-x:auto"{scroll}>{self.svg}</div>'
            f"{caption}</figure>"
        )

    def __repr__(self) -> str:
        return f"<Figure: {self.alt}>"


def _check_named(values: Mapping[str, object], what: str, example: str) -> None:
    """Refuses what has no names, or nothing in it."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{what} of type {type(values).__name__}: give each its name, as in {example}")
    if not values:
        raise ValueError(f"no {what}: give at least one, as in {example}")


def _numbers(values: Tensor, what: str) -> Tensor:
    """On the CPU; what is no tensor or not finite is refused, which Matplotlib would leave out or stop at."""
    if not isinstance(values, Tensor):
        raise TypeError(f"{what} of type {type(values).__name__}: make it a tensor, as torch.as_tensor does")
    values = values.detach().cpu()
    if not values.isfinite().all():
        count = int((~values.isfinite()).sum())
        raise ValueError(f"{what}: {count} of {values.numel()} numbers are NaN or infinite; look for what made them")
    return values


def _finish(canvas: Canvas, alt: str, caption: str = "", scroll: bool = False) -> Figure:
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt is {alt!r}: say in a sentence what is to be seen, for those who do not see it")
    buffer = io.BytesIO()
    canvas.savefig(buffer, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
    text = buffer.getvalue().decode()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = text.replace(_INK, "currentColor")
    # Several drawings share a page: names that nothing refers to go, the others get this drawing's own prefix.
    prefix = hashlib.sha256((alt + text).encode()).hexdigest()[:8]
    used = set(re.findall(r'(?:url\(|href=")#([^")]+)', text))
    text = re.sub(r' id="([^"]+)"', lambda m: f' id="{prefix}-{m[1]}"' if m[1] in used else "", text)
    text = re.sub(r'(url\(|href=")#', rf"\1#{prefix}-", text)
    width = float(re.search(r'width="([\d.]+)pt"', text)[1]) * 4 / 3  # type: ignore[index]
    text = re.sub(r' (width|height)="[\d.]+pt"', "", text, count=2)
    least = f"min-width:{min(width, 560):.0f}px;" if scroll else ""
    style = f"width:100%;max-width:{width:.0f}px;{least}height:auto;display:block"
    head = f'<svg role="img" aria-label="{html.escape(alt)}" style="{style}"'
    return Figure(text.replace("<svg", head, 1), alt, caption, width=560 if scroll else 0)


def images(
    rows: Mapping[str, Tensor], alt: str, caption: str = "", columns: Sequence[str] = (), scale: float = 0.62
) -> Figure:
    """Rows of pictures with their names at the left.

    Args:
        rows: Name to float images in [0, 1], [N, C, H, W] with one or three channels; every row as long.
        columns: Names above the columns, if they have any.
        scale: Width of a picture in inches.

    Raises:
        TypeError: rows that are no tensors, or without names.
        ValueError: rows of different lengths or sizes, other shapes, NaN, more columns than pictures.
    """
    _check_named(rows, "rows", '{"noisy": images}')
    shown = {name: _numbers(batch, f"row {name!r}") for name, batch in rows.items()}
    for name, batch in shown.items():
        check_batch(batch)
        if batch.shape[1] not in (1, 3):
            raise ValueError(f"row {name!r} has {batch.shape[1]} channels: give 1 or 3, and shape [N, C, H, W]")
    sizes = {(batch.shape[-2], batch.shape[-1]) for batch in shown.values()}
    if len(sizes) != 1:
        raise ValueError(f"rows of pictures of {' and '.join(map(_times, sorted(sizes)))} pixels: give all one size")
    lengths = {len(batch) for batch in shown.values()}
    if len(lengths) != 1:
        raise ValueError(f"rows of {sorted(lengths)} pictures: give every row as many")
    (height, width), count = sizes.pop(), lengths.pop()
    if len(columns) > count:
        raise ValueError(f"{len(columns)} names of columns for {count} pictures: give as many, or none")
    gap = max(2, width // 10)
    sheet = np.zeros((len(rows) * (height + gap) - gap, count * (width + gap) - gap, 4), np.uint8)
    for row, pictures in enumerate(shown.values()):
        colours = pictures.clamp(0, 1).expand(-1, 3, -1, -1).permute(0, 2, 3, 1).mul(255).round()
        for column, picture in enumerate(colours.byte().numpy()):
            top, left = row * (height + gap), column * (width + gap)
            sheet[top : top + height, left : left + width] = np.dstack(
                [picture, np.full((height, width), 255, np.uint8)]
            )
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(sheet.shape[1] / width * scale, sheet.shape[0] / width * scale))
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.imshow(sheet, aspect="auto")
        axes.set_yticks([row * (height + gap) + height / 2 for row in range(len(rows))], list(rows))
        axes.set_xticks([column * (width + gap) + width / 2 for column in range(len(columns))], list(columns))
        axes.tick_params(length=0, top=False, labeltop=bool(columns), bottom=False, labelbottom=False)
        axes.spines[:].set_visible(False)
        axes.grid(visible=False)
        return _finish(canvas, alt, caption, scroll=count * scale > 5)


@dataclass(frozen=True)
class Series:
    """A curve, with a band where an interval is known.

    Raises:
        ValueError: not as many numbers in each, or one end of a band only.
    """

    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None

    def __post_init__(self) -> None:
        if (self.low is None) != (self.high is None):
            raise ValueError("a band with one end: give low and high, or neither")
        for name in ("x", "y") if self.low is None else ("x", "y", "low", "high"):
            values = getattr(self, name)
            if not hasattr(values, "__len__") or isinstance(values, str):
                raise TypeError(f"{name} is {values!r}: give a list of numbers")
            if len(values) != len(self.x):
                raise ValueError(f"{len(values)} numbers in {name} for {len(self.x)} in x: give as many")


def curves(
    series: Mapping[str, Series],
    alt: str,
    *,
    x_label: str,
    y_label: str,
    logarithmic: bool = False,
    caption: str = "",
    references: Mapping[str, float] | None = None,
) -> Figure:
    """Curves over a common axis, named in the legend; thin horizontal lines for references.

    Raises:
        TypeError: something that is no Series, or without a name.
    """
    _check_named(series, "curves", '{"the net": Series(x, y)}')
    for name, curve in series.items():
        if not isinstance(curve, Series):
            raise TypeError(f"curve {name!r} is of type {type(curve).__name__}: give Series(x, y)")
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(7, 4))
        axes = canvas.add_subplot()
        for (name, curve), colour, dash in zip(
            series.items(), itertools.cycle(_COLOURS), itertools.cycle(_DASHES), strict=False
        ):
            axes.plot(curve.x, curve.y, color=colour, linestyle=dash, label=name, linewidth=1.8)
            if curve.low is not None and curve.high is not None:
                axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=0.2, linewidth=0)
        for (name, value), dash in zip((references or {}).items(), itertools.cycle(_REFERENCES), strict=False):
            axes.axhline(value, color=_INK, linewidth=1, linestyle=dash, label=name)
        if logarithmic:
            axes.set_yscale("log")
        axes.set(xlabel=x_label, ylabel=y_label)
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=3)
        return _finish(canvas, alt, caption)


def intervals(
    groups: Mapping[str, Mapping[str, Interval]],
    alt: str,
    *,
    x_label: str,
    logarithmic: bool = False,
    caption: str = "",
) -> Figure:
    """Means with their 95 % intervals, one line each; every group has its own marker and colour.

    Args:
        groups: Name of a group to {name of a line: interval}.

    Raises:
        TypeError: something that is no Interval, or without a name.
    """
    _check_named(groups, "groups", '{"nets": {"two layers": interval}}')
    for group, members in groups.items():
        _check_named(members, f"intervals in {group!r}", '{"two layers": interval}')
    lines = [(group, name, value) for group, members in groups.items() for name, value in members.items()]
    for _, name, value in lines:
        if not isinstance(value, Interval):
            raise TypeError(f"{name!r} is {value!r}: give an Interval, as convae.measures.intervals makes them")
    looks = dict(zip(groups, itertools.cycle(zip(_COLOURS, _MARKERS, strict=True)), strict=False))
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(6.5, 0.6 + 0.3 * len(lines)))
        axes = canvas.add_subplot()
        for row, (group, _, value) in enumerate(lines):
            colour, marker = looks[group]
            error = [[value.mean - value.low], [value.high - value.mean]]
            label = group if row == next(i for i, line in enumerate(lines) if line[0] == group) else None
            axes.errorbar(
                value.mean, row, xerr=error, color=colour, marker=marker, capsize=3, linestyle="none", label=label
            )
        axes.set_yticks(range(len(lines)), [name for _, name, _ in lines])
        axes.invert_yaxis()
        if logarithmic:
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(mpl.ticker.LogLocator(subs=(1, 2, 5)))
            axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
            axes.xaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:g}"))
        axes.set_xlabel(x_label)
        axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.22 - 0.4 / len(lines)), ncols=2)
        return _finish(canvas, alt, caption)


def scatter(
    panels: Mapping[str, Tensor], labels: Sequence[str], alt: str, *, caption: str = "", size: float = 4.5
) -> Figure:
    """Clouds of points side by side; each point is its label, in the label's colour.

    Axes have no numbers: in a plane that something was projected to they mean little. Both have one scale.

    Args:
        panels: Title to points [N, 2]; two stand beside each other.
        labels: Of each point, short: "7". Ten in a row have colours of their own.
        size: Of the labels, in points.

    Raises:
        TypeError: points that are no tensors, labels that are no texts.
        ValueError: another number of labels than of points, or NaN.
    """
    _check_named(panels, "panels", '{"test pictures": points}')
    if not all(isinstance(label, str) for label in labels):
        raise TypeError(
            "labels are shown as they are: give texts, as [str(label) for label in labels.tolist()] makes them"
        )
    clouds = {title: _numbers(points, f"points of {title!r}") for title, points in panels.items()}
    for title, points in clouds.items():
        if points.shape != (len(labels), 2):
            raise ValueError(
                f"{title!r} has points of shape {tuple(points.shape)} for {len(labels)} labels: give [{len(labels)}, 2]"
            )
    across = min(2, len(panels))
    down = -(-len(panels) // across)
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(3.6 * across, 3.8 * down), layout="constrained", dpi=200)
        for axes, (title, points) in zip(
            np.ravel(canvas.subplots(down, across, squeeze=False)), clouds.items(), strict=False
        ):
            for name, colour in zip(sorted(set(labels)), itertools.cycle(_CLASSES), strict=False):
                chosen = points[[label == name for label in labels]].numpy()
                axes.plot(
                    *chosen.T, linestyle="none", marker=f"${name}$", markersize=size, color=colour, markeredgewidth=0
                )
            axes.set(title=title, xticks=[], yticks=[], aspect="equal", adjustable="datalim", box_aspect=1)
            axes.set_rasterization_zorder(2.2)  # lines, thousands of points as one picture, not as thousands of shapes
            axes.grid(visible=False)
        return _finish(canvas, alt, caption, scroll=across > 1)


def trade_off(
    points: Mapping[str, tuple[float, float]], alt: str, *, x_label: str, y_label: str, caption: str = ""
) -> Figure:
    """Points in the plane of two scores, each with its name beside it, joined in their order.

    Args:
        points: Name to (x, y).

    Raises:
        ValueError: a point that is no pair of finite numbers.
    """
    _check_named(points, "points", '{"σ = 0.1": (0.02, 31.5)}')
    for name, place in points.items():
        if np.shape(place) != (2,) or not np.isfinite(np.asarray(place, float)).all():
            raise ValueError(f"point {name!r} is {place!r}: give two numbers, x and y")
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(6, 3.8))
        axes = canvas.add_subplot()
        axes.plot(*zip(*points.values(), strict=True), color=_COLOURS[0], marker=_MARKERS[0], linewidth=1.2)
        for name, place in points.items():
            axes.annotate(name, place, (7, 5), textcoords="offset points")
        axes.margins(0.12)
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5))
        axes.set(xlabel=x_label, ylabel=y_label)
        return _finish(canvas, alt, caption)


def heat_map(
    values: Tensor,
    rows: Sequence[str],
    columns: Sequence[str],
    alt: str,
    *,
    x_label: str,
    y_label: str,
    digits: int = 1,
    caption: str = "",
) -> Figure:
    """A table of numbers in which a larger one has a fuller colour; each number is written in its field.

    Args:
        values: [rows, columns].
        digits: Behind the point.

    Raises:
        TypeError: values that are no tensor.
        ValueError: other names than rows and columns, by their number, or NaN.
    """
    values = _numbers(values, "values")
    if values.shape != (len(rows), len(columns)):
        raise ValueError(f"values of shape {tuple(values.shape)} for {len(rows)} rows and {len(columns)} columns")
    share = (values - values.min()) / (values.max() - values.min()).clamp(min=1e-12)
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(1.6 + 0.75 * len(columns), 1 + 0.45 * len(rows)))
        axes = canvas.add_subplot()
        for (row, column), value in np.ndenumerate(values.numpy()):
            # Half of the colour at most, so that the number in the page's own ink is read on it in both themes.
            full = 0.5 * share[row, column].item()
            corner = (column - 0.5, row - 0.5)
            axes.add_patch(mpl.patches.Rectangle(corner, 1, 1, facecolor=_COLOURS[0], alpha=full, linewidth=0))
            axes.text(column, row, f"{value:.{digits}f}", ha="center", va="center")
        axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5), xlabel=x_label, ylabel=y_label)
        axes.set_xticks(range(len(columns)), columns)
        axes.set_yticks(range(len(rows)), rows)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.grid(visible=False)
        return _finish(canvas, alt, caption, scroll=True)


def arrows(
    panels: Mapping[str, tuple[Tensor, Tensor]], alt: str, *, points: Tensor | None = None, caption: str = ""
) -> Figure:
    """Fields of arrows side by side, all of one scale.

    Args:
        panels: Title to the places [N, 2] where arrows begin and the arrows [N, 2].
        points: Marks that every panel shows, [M, 2].

    Raises:
        TypeError: places or arrows that are no tensors.
        ValueError: not as many arrows as places, other shapes, or NaN.
    """
    _check_named(panels, "panels", '{"σ = 0.5": (places, arrows)}')
    fields = {
        title: (_numbers(places, f"places of {title!r}"), _numbers(field, f"arrows of {title!r}"))
        for title, (places, field) in panels.items()
    }
    for title, (places, field) in fields.items():
        if places.shape != field.shape or places.shape[1:] != (2,) or not len(places):
            raise ValueError(
                f"{title!r} has places of shape {tuple(places.shape)} and arrows of {tuple(field.shape)}: "
                "give both as [N, 2]"
            )
    longest = max(field.norm(dim=1).max().item() for _, field in fields.values()) or 1
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(3.4 * len(panels), 3.6), layout="constrained")
        for axes, (title, (places, field)) in zip(
            np.ravel(canvas.subplots(1, len(panels), squeeze=False)), fields.items(), strict=True
        ):
            spread = (places.max() - places.min()).item() or 1  # of a single one
            axes.quiver(
                *places.T.numpy(),
                *field.T.numpy(),
                color=_COLOURS[0],
                angles="xy",
                scale_units="xy",
                scale=10 * longest / spread,
                width=0.006,
            )
            if points is not None:
                axes.plot(
                    *_numbers(points, "points").T.numpy(), linestyle="none", marker="o", color=_COLOURS[1], markersize=5
                )
            axes.set(title=title, xticks=[], yticks=[], aspect="equal")
            axes.grid(visible=False)
        return _finish(canvas, alt, caption, scroll=len(panels) > 1)


def net(model: nn.Module, shape: Sequence[int], caption: str = "") -> Figure:
    """A net's diagram: what flows, drawn to scale in its rows, and on the arrows the layers with their parameters.

    Args:
        shape: Of one picture, (channels, rows, columns).
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"a net of type {type(model).__name__}: give the module itself, as build() returns it")
    if not isinstance(shape, Sequence) or not all(isinstance(size, int) for size in shape):
        raise TypeError(f"shape is {shape!r}: give that of one picture, as (1, 28, 28)")
    steps = _arrows(trace(model, shape))
    shapes = [tuple(shape), *(output for _, _, output in steps)]
    tallest = max(each[-2] if len(each) == 3 else 1 for each in shapes)
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(1.65 * len(shapes), 2.6))
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set(xlim=(-0.5, len(shapes) - 0.5), ylim=(-1.25, 0.65))
        axes.set_axis_off()
        for position, each in enumerate(shapes):
            _draw_maps(axes, position, each, tallest)
        for position, (label, parameters, _) in enumerate(steps):
            axes.annotate(
                "",
                (position + 0.74, 0),
                (position + 0.27, 0),
                arrowprops={"arrowstyle": "->", "color": _INK, "linewidth": 1.2},
            )
            count = f"\n{parameters:,} parameters" if parameters else ""
            axes.text(position + 0.5, -0.48, label + count, ha="center", va="top", fontsize=8.5, linespacing=1.35)
        described = "; ".join(
            f"{label.replace(chr(10), ', ')} ({parameters:,} parameters) to {_times(output)}"
            for label, parameters, output in steps
        )
        return _finish(canvas, f"Diagram of the net: {_times(shape)}; {described}.", caption, scroll=True)


def _draw_maps(axes: Axes, position: int, shape: Sequence[int], tallest: int) -> None:
    if len(shape) == 3:  # a stack of maps, as high as a map has rows
        height = 0.12 + 0.5 * shape[-2] / tallest
        width, sheets = 0.83 * height, min(6, 1 + int(np.log2(shape[0])))
    else:  # a bar for a row of numbers
        height, width, sheets = 0.12 + 0.05 * np.log2(shape[0]), 0.05, 1
    for sheet in reversed(range(sheets)):
        shift = 0.022 * (sheet - (sheets - 1) / 2)
        corner = (position - width / 2 + shift, -height / 2 - 2 * shift)
        axes.add_patch(
            mpl.patches.Rectangle(corner, width, height, facecolor=_COLOURS[0], edgecolor=_INK, linewidth=0.8)
        )
    axes.text(position, 0.48, _times(shape), ha="center", va="bottom", fontweight="bold")


def _arrows(steps: Sequence[LayerTrace]) -> list[tuple[str, int, tuple[int, ...]]]:
    """Layers gathered until the shape changes: (label, parameters, shape behind)."""
    arrows: list[tuple[str, int, tuple[int, ...]]] = []
    for step in steps:
        if arrows and step.output_shape == step.input_shape and not step.parameters:
            label, parameters, shape = arrows.pop()
            arrows.append((f"{label}\n{_describe(step.layer)}", parameters, shape))
        else:
            arrows.append((_describe(step.layer), step.parameters, step.output_shape))
    return arrows


def _describe(layer: nn.Module) -> str:
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        name = "convolution" if isinstance(layer, nn.Conv2d) else "transposed convolution"
        details = [f"{layer.kernel_size[0]}×{layer.kernel_size[1]}, stride {layer.stride[0]}"]
        if layer.padding != (0, 0):
            details.append(f"padding {layer.padding[0]}")
        if any(layer.output_padding):
            details.append(f"output padding {layer.output_padding[0]}")
        return "\n".join([name, *details])
    if isinstance(layer, nn.MaxPool2d | nn.AvgPool2d):
        kind = "max" if isinstance(layer, nn.MaxPool2d) else "average"
        return f"{kind}-pooling {layer.kernel_size}×{layer.kernel_size}"
    if isinstance(layer, nn.Linear):
        return f"linear, {layer.in_features} to {layer.out_features}"
    if isinstance(layer, nn.Dropout):
        return f"dropout {layer.p:g}"
    return type(layer).__name__


def _times(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))

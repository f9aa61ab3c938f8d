"""Figures that know what they show: each is drawn as SVG, carries its alt text, and reads on light and dark pages.

Text and axes take the colour of the page around them; the series differ in colour, in dash and in marker.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import itertools
import math
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import matplotlib as mpl
import matplotlib.markers
import matplotlib.patches
import matplotlib.ticker
import numpy as np
import torch
from matplotlib.figure import Figure as Canvas
from PIL import Image
from torch import Tensor, nn

from convae.arithmetic.tracing import LayerTrace, receptive_field, trace
from convae.measures.intervals import Interval
from convae.models.unet import UNet
from convae.tensors import check_batch

__all__ = [
    "Figure",
    "Series",
    "arrows",
    "as_png",
    "cells",
    "curves",
    "fields",
    "heat_map",
    "images",
    "intervals",
    "net",
    "scatter",
    "stacked",
    "surface",
    "trade_off",
    "u_net",
]

# Contrast of at least 3:1 with white and with the dark theme's #121212, told apart by common colour-blind eyes.
_COLOURS = ("#2a7fde", "#cf6a12", "#2b9a66", "#a45ee5", "#d9435f", "#8a7a00", "#0f97a6", "#7d7d7d")
_CLASSES = (*_COLOURS, "#9018f0", "#f048a8")  # ten, one for each digit
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (2, 4)), (0, (8, 2)), (0, (3, 1)))
_REFERENCES = ((0, (2, 2)), (0, (8, 3)), (0, (1, 4)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_DECADES = (1e3, 1e2)  # on a longer logarithmic axis, on a phone's, only powers of ten have their numbers
_MANY = 1e5  # on such an axis a curve's plot has numbers at powers of ten alone
_INK = "#010203"  # becomes currentColor
_ACROSS = ' stroke-dasharray="4 3"'
_PIXELS = 'preserveAspectRatio="none" style="image-rendering:pixelated"'
_PLAIN = mpl.ticker.FuncFormatter(lambda value, _: f"{value:g}")  # raised exponents would be too small to read
# Along an axis that doubles: 1/16 is sooner seen to be a fourth of 1/4 than 0.0625 of 0.25.
_FRACTIONS = mpl.ticker.FuncFormatter(lambda value, _: f"1/{1 / value:g}" if value < 1 else f"{value:,.12g}")
_GROUPED = mpl.ticker.FuncFormatter(lambda value, _: f"{value:.3g}" if value < 1 else f"{value:,.12g}")
_TIMES, _BREAKS = {2: "twice", 4: "four times"}, ("; ", "\n")
_THOUSANDTHS = mpl.ticker.FuncFormatter(lambda value, _: f"{1000 * value:g}".replace("-", "−"))
_LONG = re.compile(r"(?<![\w#.])-?\d+\.\d{3,}(?![\w.])")

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
    "text.parse_math": False,  # names are shown as they are, $ and all
    **dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color", "grid.color"), _INK
    ),
}


_WIDE, _NARROW = 7.0, 3.5  # inches: the column of text, and a phone's; letters are 12 and 11 px there
_LEAST = 3.0  # inches of a plot beside which long names stand
_SWITCH = (
    ".convae-drawings{container-type:inline-size}.convae-narrow{display:none}"
    "@container (max-width:520px){.convae-narrow{display:block}.convae-narrow~.convae-wide{display:none}}"
)


@dataclass(frozen=True)
class Figure:
    """A finished drawing; a notebook shows it as the last value of a cell.

    Args:
        svg: The drawing.
        alt: What is to be seen, for those who do not see it.
        caption: Stands below; may hold HTML.
        narrow: The same drawn for a phone; where there is none, the one drawing shrinks.
        name: By which the text refers to it.
    """

    svg: str
    alt: str
    caption: str = ""
    narrow: str = ""
    name: str = ""

    def named(self, name: str) -> Figure:
        """The same with a name, for the role `fig`."""
        return replace(self, name=name)

    def _repr_html_(self) -> str:
        caption = f"<figcaption>{self.caption}</figcaption>" if self.caption else ""
        drawings = self.svg
        if self.narrow:
            both = f'<div class="convae-narrow">{self.narrow}</div><div class="convae-wide">{self.svg}</div>'
            drawings = f'<style>{_SWITCH}</style><div class="convae-drawings">{both}</div>'
        anchor = f' id="fig-{html.escape(self.name)}"' if self.name else ""
        return f'<figure class="convae-figure"{anchor}>{drawings}{caption}</figure>'

    def __repr__(self) -> str:
        return f"<Figure: {self.alt}>"


def _check_named(values: Mapping[str, object], what: str, example: str) -> None:
    """Refuses what has no names, or nothing in it."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{what} of type {type(values).__name__}: give each its name, as in {example}")
    if not values:
        raise ValueError(f"no {what}: give at least one, as in {example}")


def _check_legend(names: Iterable[str], what: str) -> None:
    """Refuses what Matplotlib leaves out of a legend without a word."""
    if hidden := [name for name in names if str(name).startswith("_")]:
        raise ValueError(f"{what} {hidden[0]!r}: no legend shows what begins with _, give it another name")


def _numbers(values: Tensor, what: str) -> Tensor:
    """On the CPU; what is no tensor or not finite is refused, which Matplotlib would leave out or stop at."""
    if not isinstance(values, Tensor):
        raise TypeError(f"{what} of type {type(values).__name__}: make it a tensor, as torch.as_tensor does")
    values = values.detach().cpu()
    if not values.isfinite().all():
        count = int((~values.isfinite()).sum())
        raise ValueError(f"{what}: {count} of {values.numel()} numbers are NaN or infinite; look for what made them")
    return values


def _check_alt(alt: str) -> None:
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt is {alt!r}: say in a sentence what is to be seen, for those who do not see it")


def _finish(draw: Callable[[bool], Canvas], alt: str, caption: str = "") -> Figure:
    """Draws twice: for a column of text and, told so by True, for a phone."""
    _check_alt(alt)
    drawings = []
    for narrow in (False, True):
        with mpl.rc_context({**_STYLE, "font.size": 8.25 if narrow else 9.5}):
            drawings.append(_as_svg(draw(narrow), alt, 96 * (_NARROW if narrow else _WIDE)))
    return Figure(drawings[0], alt, caption, narrow=drawings[1])


def _as_svg(canvas: Canvas, alt: str, column: float) -> str:
    """As wide as it came out; what is nearly as wide as a column of so many px is made as wide."""
    buffer = io.BytesIO()
    canvas.savefig(buffer, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
    text = buffer.getvalue().decode()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = text.replace(_INK, "currentColor")
    width = float(re.search(r'width="([\d.]+)pt"', text)[1]) * 4 / 3  # type: ignore[index]
    text = re.sub(r' (width|height)="[\d.]+pt"', "", text, count=2)
    # Hundredths of a point are finer than a screen; a third of a page's weight was digits behind them.
    text = re.sub(
        r"<[^>]*>", lambda tag: _LONG.sub(lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), tag[0]), text
    )
    text = re.sub(r"\s*\n\s*", " ", text)
    return _headed(text, alt, column if 0.8 * column < width < column else width)


def _headed(text: str, alt: str, width: float) -> str:
    """An SVG with names of its own, its alt text, and a width that it does not exceed."""
    # Several drawings share a page: names that nothing refers to go, the others get this drawing's own prefix.
    prefix = hashlib.sha256((alt + text).encode()).hexdigest()[:8]
    used = set(re.findall(r'(?:url\(|href=")#([^")]+)', text))
    text = re.sub(r' id="([^"]+)"', lambda m: f' id="{prefix}-{m[1]}"' if m[1] in used else "", text)
    text = re.sub(r'(url\(|href=")#', rf"\1#{prefix}-", text)
    style = f"width:100%;max-width:{width:.0f}px;height:auto;display:block"
    return text.replace("<svg", f'<svg role="img" aria-label="{html.escape(alt)}" style="{style}"', 1)


def images(
    rows: Mapping[str, Tensor],
    alt: str,
    caption: str = "",
    columns: Sequence[str] = (),
    scale: float = 0.62,
    crossed: Mapping[str, Tensor] | None = None,
) -> Figure:
    """Rows of pictures with their names at the left.

    Args:
        rows: Name to float images in [0, 1], [N, C, H, W] with one or three channels; every row as long.
        columns: Names above the columns, if they have any.
        scale: Width of a picture in inches.
        crossed: Pixels that are crossed out, [N, H, W] of truth values, for the rows of these names.

    Raises:
        TypeError: rows that are no tensors, or without names.
        ValueError: rows of different lengths or sizes, other shapes, NaN, more columns than pictures, or crosses that
            do not lie on a row's pixels.
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
    for name, over in (crossed or {}).items():
        if name not in shown or over.dtype != torch.bool or over.shape != (count, height, width):
            raise ValueError(
                f"crosses {over.dtype} of shape {tuple(over.shape)} for {name!r}: give truth values "
                f"{(count, height, width)} for one of {', '.join(map(repr, shown))}"
            )
    _check_alt(alt)
    sheets = {name: as_png(batch) for name, batch in shown.items()}
    overlays = {name: [_crosses(each) for each in over] for name, over in (crossed or {}).items()}
    wide = _strip(sheets, count, height / width, columns, 96 * scale, count, overlays)
    most = 2 if overlays else 6  # in a line of a phone; more are broken into lines of about as many
    across = math.ceil(count / math.ceil(count / most)) if count else 1
    above = any(sheets)  # at its left a name would make the pictures too small
    narrow = _strip(sheets, count, height / width, columns, 330 / (across * 1.08), across, overlays, above)
    return Figure(_headed(wide[0], alt, wide[1]), alt, caption, narrow=_headed(narrow[0], alt, narrow[1]))


def as_png(pictures: Tensor) -> str:
    """Pictures [N, 1 or 3, H, W] beside each other as PNG, in base64; grey ones in 32 levels, enough for the eye."""
    colours = torch.cat(list(pictures.clamp(0, 1)), -1)
    levels = 255 if len(colours) == 3 else 31
    values = (colours * levels).round().mul(255 / levels).round().byte().permute(1, 2, 0).numpy()
    buffer = io.BytesIO()
    Image.fromarray(values.squeeze(-1) if levels == 31 else values).save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()


def _crosses(over: Tensor) -> tuple[str, tuple[int, int]]:
    """A path with a cross over each of these pixels, a pixel being 8 wide, and how large the picture is then."""
    lines = "".join(f"M{8 * c + 1} {8 * r + 1}l6 6m0-6l-6 6" for r, c in over.nonzero().tolist())
    shades = "".join(f"M{8 * c} {8 * r}h8v8h-8z" for r, c in over.nonzero().tolist())
    drawn = (
        f'<path d="{shades}" fill="#ffd9a8"/><path d="{lines}" stroke="#a33b00" stroke-width="1.3"/>' if lines else ""
    )
    return drawn, (8 * over.shape[1], 8 * over.shape[0])


def _strip(
    sheets: Mapping[str, str],
    count: int,
    aspect: float,
    columns: Sequence[str],
    side: float,
    across: int,
    overlays: Mapping[str, Sequence[tuple[str, tuple[int, int]]]],
    above: bool = False,
) -> tuple[str, float]:
    """Rows of pictures, broken after `across` of them, and the width; names stand at the left, or above, as where rows
    are broken."""
    letters, gap, line = 12, 0.08 * side, 16
    broken = above or across < count
    left = 0 if broken else max(len(name) for name in sheets) * letters * 0.56 + 8
    row_height = side * aspect + gap + (line if broken else 0)
    # A name that is longer than its picture is wide is broken, or the last one would be cut.
    titles = [
        textwrap.wrap(name, max(1, int((side + gap) / (letters * 0.56))), break_long_words=False) for name in columns
    ]
    head = line * max(map(len, titles), default=0)
    block = len(sheets) * row_height + head + (10 if broken else 0)
    parts, blocks = [], -(-count // across)
    for part in range(blocks):
        first, last = part * across, min(count, (part + 1) * across)
        for place, words in enumerate(titles[first:last]):
            x = left + place * (side + gap) + side / 2
            for up, word in enumerate(reversed(words)):
                y = part * block + head - 4 - line * up
                parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{html.escape(word)}</text>')
        for row, (name, data) in enumerate(sheets.items()):
            y = part * block + head + row * row_height
            if broken:
                parts.append(f'<text x="0" y="{y + 12:.1f}">{html.escape(name)}</text>')
                y += line
            else:
                middle = y + side * aspect / 2 + 4
                parts.append(f'<text x="{left - 8:.1f}" y="{middle:.1f}" text-anchor="end">{html.escape(name)}</text>')
            for place in range(first, last):
                x = left + (place - first) * (side + gap)
                parts.append(_cut(f"s{row}", data, place, count, x, y, side, aspect))
                if name in overlays:
                    drawn, (wide, high) = overlays[name][place]
                    at = f'x="{x:.2f}" y="{y:.2f}" width="{side:.2f}" height="{side * aspect:.2f}"'
                    parts.append(f'<svg {at} viewBox="0 0 {wide} {high}">{drawn}</svg>')
    width, height = left + across * (side + gap) - gap, blocks * block
    ink = f'fill="currentColor" font-family="sans-serif" font-size="{letters}"'
    box = f'viewBox="0 0 {width:.0f} {height:.0f}" xmlns="http://www.w3.org/2000/svg"'
    return f"<svg {box}><g {ink}>{''.join(parts)}</g></svg>", width


def _cut(key: str, data: str, place: int, count: int, x: float, y: float, side: float, aspect: float) -> str:
    """One picture out of a sheet of so many: a window over it. The sheet's text stands in the SVG once."""
    size = f'width="{count * side:.2f}" height="{side * aspect:.2f}"'
    return (
        f'<svg x="{x:.2f}" y="{y:.2f}" width="{side:.2f}" height="{side * aspect:.2f}">'
        + (
            f'<image id="{key}" {size} {_PIXELS} href="data:image/png;base64,{data}"/>'
            if place == 0
            else f'<use href="#{key}" x="{-place * side:.2f}"/>'
        )
        + "</svg>"
    )


@dataclass(frozen=True)
class Series:
    """A curve, with a band where an interval is known.

    Raises:
        TypeError: something that is no list of numbers.
        ValueError: not as many numbers in each, none, one that is not finite, one end of a band only, or its low end
            above its high one.
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
            _check_finite(values, name)
        if self.low is not None and self.high is not None:
            for k, (low, high) in enumerate(zip(self.low, self.high, strict=True)):
                if low > high:
                    raise ValueError(f"a band from {low:g} to {high:g} at point {k}: give the lower end as low")


def _check_finite(values: Sequence[float], name: str) -> None:
    """What is no number Matplotlib would set as words, what is not finite it would leave out."""
    if not len(values):
        raise ValueError(f"{name} has 0 numbers: give one at least, or leave the curve out")
    for place, value in enumerate(values):
        if isinstance(value, str) or np.ndim(value):
            raise TypeError(f"{name} holds {value!r} at point {place}: give numbers")
        try:
            finite = math.isfinite(value)
        except TypeError:
            raise TypeError(f"{name} holds {value!r} at point {place}: give numbers") from None
        if not finite:
            raise ValueError(f"{name} is {value!r} at point {place}: leave the point out, or look for what made it")


def _count_in_thousandths(axis: mpl.axis.Axis, wanted: bool) -> None:
    if wanted:
        axis.set_major_formatter(_THOUSANDTHS)
        axis.set_label_text(f"{axis.get_label_text()}, in thousandths")


def curves(
    series: Mapping[str, Series] | Mapping[str, Mapping[str, Series]],
    alt: str,
    *,
    x_label: str,
    y_label: str,
    logarithmic: bool = False,
    doubling: bool = False,
    thousandths: bool = False,
    caption: str = "",
    references: Mapping[str, float] | None = None,
) -> Figure:
    """Curves over a common axis, named in the legend; thin horizontal lines for references.

    Args:
        series: Name to curve, or title of a panel to its curves: panels have the same axes, beside each other in a
            column of text and one below the other on a phone, and a name has one look in all.
        logarithmic: The y axis, references included.
        doubling: What is twice as large is one step further along x, with a number at each power of 2, or of 4, 10 or
            100 where these are too many; of 2 and 4 the label says it. Every point of a curve has its mark.
        thousandths: The y axis counts in these, and its label says so.
        references: Name to height of a line, in each panel.

    Raises:
        TypeError: something that is no Series, or without a name; a reference that is no number.
        ValueError: no curve, more names than there are looks, a name that begins with "_", a reference that is not
            finite, or a number that is not above 0 on an axis that is logarithmic or doubles.
    """
    _check_named(series, "curves", '{"the net": Series(x, y)}')
    grouped = all(isinstance(each, Mapping) for each in series.values())
    panels: dict[str, Any] = dict(series) if grouped else {"": series}
    for title, panel in panels.items():
        _check_named(panel, f"curves in {title!r}", '{"the net": Series(x, y)}')
        for name, curve in panel.items():
            if not isinstance(curve, Series):
                raise TypeError(f"curve {name!r} is of type {type(curve).__name__}: give Series(x, y)")
    _check_alt(alt)
    names = dict.fromkeys(name for panel in panels.values() for name in panel)
    _check_legend([*names, *(references or {})], "curve")
    if len(names) > len(_COLOURS):
        raise ValueError(f"{len(names)} names for {len(_COLOURS)} looks: give fewer curves, or panels that share names")
    looks, marks = (dict(zip(names, each, strict=False)) for each in (zip(_COLOURS, _DASHES, strict=True), _MARKERS))
    _check_finite([0.0, *(references or {}).values()], "a reference")
    heights = [y for panel in panels.values() for curve in panel.values() for y in curve.y]
    if logarithmic and (lowest := min([*heights, *(references or {}).values()])) <= 0:
        raise ValueError(f"{lowest:g} stands on a logarithmic axis: give numbers above 0, or logarithmic=False")
    along = [float(x) for panel in panels.values() for curve in panel.values() for x in curve.x]
    if doubling and min(along) <= 0:
        raise ValueError(f"x of {min(along):g} cannot double: give numbers above 0, or doubling=False")

    def draw(narrow: bool) -> Canvas:
        down, across = (len(panels), 1) if narrow else (1, len(panels))
        canvas = Canvas(figsize=(_NARROW, 3 * down) if narrow else (_WIDE, 4))
        foot = {"bottom": (0.16 if doubling and across > 1 else 0.11) / down}  # as high under two panels as under one
        every = np.ravel(canvas.subplots(down, across, sharex=True, sharey=True, squeeze=False, gridspec_kw=foot))
        shown = {}  # in the legend, once
        for axes, (title, panel) in zip(every, panels.items(), strict=True):
            for name, curve in panel.items():
                colour, dash = looks[name]
                look = {
                    "color": colour,
                    "linestyle": dash,
                    "linewidth": 1.8,
                    "marker": marks[name] if doubling else None,
                }
                (shown[name],) = axes.plot(curve.x, curve.y, **look)
                if curve.low is not None and curve.high is not None:
                    axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=0.2, linewidth=0)
            for (name, value), dash in zip((references or {}).items(), itertools.cycle(_REFERENCES), strict=False):
                shown[name] = axes.axhline(value, color=_INK, linewidth=1, linestyle=dash)
            if logarithmic:
                axes.set_yscale("log")
                low, high = axes.get_ylim()
                # Over many decades the locator finds no place for three numbers each, and gives none.
                subs = (1,) if high > _MANY * low else (1, 2, 5)
                axes.yaxis.set_major_locator(mpl.ticker.LogLocator(subs=subs))
                axes.yaxis.set_minor_locator(mpl.ticker.NullLocator())
                axes.yaxis.set_major_formatter(_PLAIN)
            axes.set(title=title, xlabel=x_label, ylabel=y_label)
            _count_in_thousandths(axes.yaxis, thousandths)
            whole = all(x.is_integer() for x in along)
            # In steps of 15 or of 3 the last number would stand behind the data, 105 per cent or 21 of 20 epochs.
            steps: dict[str, Any] = (
                {"integer": True, "steps": [1, 2, 5, 10]} if whole else {"nbins": 6, "steps": [1, 2, 2.5, 5, 10]}
            )
            axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(**steps))
            if doubling:
                axes.set_xscale("log", base=2)
                room = 6 if across > 1 else 8 if narrow else 10  # for so many numbers
                # A fraction below 1/64 nobody reads; powers of ten have long numbers.
                fits = {2: min(along) >= 1 / 64, 4: min(along) >= 1 / 64, 10: True}
                most = {2: room, 4: room, 10: 5}
                base = next((b for b in fits if fits[b] and max(along) <= b ** most[b] * min(along)), 100)
                powers = [float(base) ** k for k in range(-99, 99) if min(along) <= float(base) ** k <= max(along)]
                if len(powers) > 1 and base in _TIMES:
                    axes.set_xlabel(f"{x_label}{_BREAKS[across > 1]}each number {_TIMES[base]} the one before")
                marked = powers if len(powers) > 1 else sorted({min(along), max(along)})
                axes.xaxis.set_major_locator(mpl.ticker.FixedLocator(marked))
                axes.xaxis.set_major_formatter(_FRACTIONS if base in _TIMES and len(powers) > 1 else _GROUPED)
                axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
            axes.label_outer()
        columns = (2 if max(map(len, shown)) <= 18 else 1) if narrow else 3
        below = -0.03 / down if narrow else -0.01
        canvas.legend(shown.values(), shown, loc="upper center", bbox_to_anchor=(0.51, below), ncols=columns)
        return canvas

    return _finish(draw, alt, caption)


def intervals(
    groups: Mapping[str, Mapping[str, Interval | Sequence[float]]],
    alt: str,
    *,
    x_label: str,
    logarithmic: bool = False,
    thousandths: bool = False,
    caption: str = "",
) -> Figure:
    """Means with their 95 % intervals, one line each; every group has its own marker and colour. Groups with the same
    names share their lines.

    Where the axis is not logarithmic and has 0 inside, a thin line stands there.

    Args:
        groups: Name of a group to {name of a line: interval}; in place of an interval the numbers themselves, a mark
            for each, where they are too unlike to have a mean.
        thousandths: The axis counts in these, and its label says so.

    Raises:
        TypeError: something that is neither an Interval nor a list of numbers, or without a name.
        ValueError: an empty list, a number that is not finite, or one on a logarithmic axis that is not above 0.
    """
    _check_named(groups, "groups", '{"nets": {"two layers": interval}}')
    _check_legend(groups, "group")
    for group, members in groups.items():
        _check_named(members, f"intervals in {group!r}", '{"two layers": interval}')
    lines = [(group, name, value) for group, members in groups.items() for name, value in members.items()]
    for _, name, value in lines:
        if isinstance(value, Interval):
            continue
        if not isinstance(value, list | tuple) or not all(isinstance(number, float) for number in value):
            raise TypeError(
                f"{name!r} is {value!r}: give an Interval, as convae.measures.intervals makes them, or a list of floats"
            )
        if not value:
            raise ValueError(f"{name!r} has 0 numbers: give one at least, or leave the line out")
        if not np.isfinite(value).all():
            raise ValueError(f"{name!r} is {value!r}: give finite numbers, or leave out those that are none")
    ends = [end for *_, value in lines for end in ((value.low, value.high) if isinstance(value, Interval) else value)]
    if logarithmic and min(ends) <= 0:
        raise ValueError(f"{min(ends)} stands on a logarithmic axis: give numbers above 0, or logarithmic=False")
    looks = dict(zip(groups, itertools.cycle(zip(_COLOURS, _MARKERS, strict=True)), strict=False))
    names, places = _rows(groups)
    tall = len(names) * (1 if len(names) == len(lines) else 0.6 + 0.4 * len(groups))

    def draw(narrow: bool) -> Canvas:
        canvas = Canvas(figsize=(_NARROW, 0.6 + 0.42 * tall) if narrow else (5.4, 0.6 + 0.3 * tall))
        axes = canvas.add_subplot()
        for row, (group, _, value) in zip(places, lines, strict=True):
            colour, marker = looks[group]
            look: dict[str, Any] = {"color": colour, "marker": marker, "linestyle": "none"}
            if isinstance(value, Interval):
                error = [[value.mean - value.low], [value.high - value.mean]]
                axes.errorbar(value.mean, row, xerr=error, capsize=3, **look)
            else:
                axes.plot(value, [row] * len(value), fillstyle="none", **look)
        for group, (colour, marker) in looks.items():  # for the legend alone, without a bar that hides the marker
            style = "full" if any(isinstance(value, Interval) for value in groups[group].values()) else "none"
            axes.plot([], [], color=colour, marker=marker, fillstyle=style, linestyle="none", label=group)
        if logarithmic:
            axes.set_xscale("log")
            wide = max(ends) > _DECADES[narrow] * min(ends)  # more numbers would stand in each other
            axes.xaxis.set_major_locator(mpl.ticker.LogLocator(subs=(1,) if wide else (1, 2, 5)))
            axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
            axes.xaxis.set_major_formatter(_PLAIN)
        elif min(ends) < 0 < max(ends):
            axes.axvline(0, color=_INK, linewidth=1)
        axes.set_xlabel(x_label)
        _count_in_thousandths(axes.xaxis, thousandths)
        _name_lines(axes, names, narrow)
        return canvas

    return _finish(draw, alt, caption)


def _rows(groups: Mapping[str, Mapping[str, Any]]) -> tuple[list[str], list[float]]:
    """The names at the axis, and where each line lies: groups with the same names share their rows, so that what is
    compared lies one below the other."""
    every = [list(members) for members in groups.values()]
    if len(every) == 1 or any(names != every[0] for names in every):
        return [name for names in every for name in names], [*range(sum(map(len, every)))]
    apart = 0.5 / len(every)
    middle = (len(every) - 1) / 2
    return every[0], [row + (k - middle) * apart for k in range(len(every)) for row in range(len(every[0]))]


def _name_lines(axes: mpl.axes.Axes, names: Sequence[str], narrow: bool) -> None:
    """Names at the left of their lines, or, where they would take half of the width, above them; the legend below."""
    for row, name in enumerate(names if narrow else ()):
        place: dict[str, Any] = {"xycoords": axes.get_yaxis_transform(), "textcoords": "offset points"}
        axes.annotate(name, (0, row - 0.28), (4, 0), va="bottom", **place)  # its halo would wipe out a part of the axis
    axes.set_yticks(range(len(names)), [""] * len(names) if narrow else names)
    axes.set_ylim(len(names) - 0.5, -0.9 if narrow else -0.5)
    if len(axes.get_legend_handles_labels()[1]) > 1:  # one kind of mark needs no name: the caption has it
        _legend_below(axes, 0.5 if narrow else 0.4, 1 if narrow else 2)
    if not narrow:
        _fill_column(axes)


def _fill_column(axes: mpl.axes.Axes) -> None:
    """Makes the plot as wide as the names at its left leave room for: what stands below each other is as wide, and no
    letters are made smaller."""
    canvas = axes.get_figure(root=True)
    assert canvas is not None
    spare = 0.95 * _WIDE - canvas.get_tightbbox().width  # what is nearly as wide as the column fills it
    share = axes.get_position().width
    canvas.set_figwidth(max(canvas.get_figwidth() + spare / share, _LEAST / share))


def _legend_below(axes: mpl.axes.Axes, at: float, columns: int) -> None:
    """Under the axis and its label, with its middle at this share of the width."""
    below = mpl.transforms.ScaledTranslation(0, -0.5, axes.figure.dpi_scale_trans)  # inches, however tall it is
    place = {"bbox_to_anchor": (at, 0), "bbox_transform": axes.transAxes + below}
    axes.legend(loc="upper center", ncols=columns, **place)


def fields(layers: Mapping[str, nn.Module], picture: str, alt: str, caption: str = "") -> Figure:
    """What one number behind some layers sees, along one axis: each layer's numbers in a line, over those they read.

    Every number stands over the middle of the pixels that it sees.

    Args:
        layers: Convolutions and poolings by what they are called, the first reads the picture.
        picture: What the lowest line is called.

    Raises:
        ValueError: no layer.
    """
    _check_named(layers, "layers", '{"a convolution": nn.Conv2d(1, 1, 3)}')
    chain = list(layers.values())
    alone = [receptive_field([layer]) for layer in chain]
    wholes = [receptive_field(chain[:depth]) for depth in range(len(chain) + 1)]
    seen = [[0]]  # from the last line down to the picture
    for field in reversed(alone):
        seen.insert(0, sorted({read for at in seen[0] for read in field.pixels(at)}))
    low, high = seen[0][0] - 2, seen[0][-1] + 2

    def middle(depth: int, at: int) -> float:
        """Of the pixels that a number of this line sees."""
        whole = wholes[depth]
        return at * whole.jump + (whole.offsets[0] + whole.offsets[-1]) / 2

    def draw(narrow: bool) -> Canvas:
        canvas = Canvas(figsize=(_NARROW if narrow else _WIDE, 0.6 + 0.62 * len(seen)))
        axes = canvas.add_subplot()
        for depth, own in enumerate(seen):
            looks: dict[str, Any] = {
                "linestyle": "none",
                "marker": "o" if depth else "s",
                "markersize": 3 if narrow else 6,
            }
            first, jump = middle(depth, 0), wholes[depth].jump
            every = range(math.ceil((low - first) / jump), math.floor((high - first) / jump) + 1)
            for lit in (False, True):
                places = [middle(depth, at) for at in every if (at in own) == lit]
                colour = _COLOURS[1] if lit else _INK
                axes.plot(places, [depth] * len(places), color=colour, fillstyle="full" if lit else "none", **looks)
            for above in own if depth else []:
                for below in alone[depth - 1].pixels(above):
                    ends = [middle(depth, above), middle(depth - 1, below)]
                    axes.plot(ends, [depth, depth - 1], color=_COLOURS[1], linewidth=0.7, alpha=0.6)
        names = [picture, *layers]
        axes.set_yticks(range(len(names)), [""] * len(names) if narrow else names)
        for depth, name in enumerate(names if narrow else ()):
            axes.text(low, depth + 0.18, name, va="bottom")
        axes.set(xticks=[], ylim=(-0.5, len(names) - 0.3))
        axes.grid(visible=False)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        return canvas

    return _finish(draw, alt, caption)


def stacked(bars: Mapping[str, Mapping[str, float]], alt: str, *, x_label: str, caption: str = "") -> Figure:
    """Bars of parts that add up, one line each.

    Args:
        bars: Name of a bar to {name of a part: its length}; the same parts in every bar.

    Raises:
        TypeError: a bar that is no table of numbers by name.
        ValueError: no part, other parts than the first bar's, or one below 0.
    """
    _check_named(bars, "bars", '{"the net": {"error": 0.3, "penalty": 0.1}}')
    for name, lengths in bars.items():
        if not isinstance(lengths, Mapping) or not all(isinstance(each, int | float) for each in lengths.values()):
            raise TypeError(f'bar {name!r} is {lengths!r}: give numbers by name, {{"error": 0.3, "penalty": 0.1}}')
        if not lengths:
            raise ValueError(f"bar {name!r} has 0 parts: give one at least, or leave the bar out")
    parts = list(next(iter(bars.values())))
    _check_legend(parts, "part")
    for name, lengths in bars.items():
        if list(lengths) != parts:
            raise ValueError(f"bar {name!r} has the parts {list(lengths)}: give {parts}, as the first bar has")
        if not all(0 <= length < np.inf for length in lengths.values()):
            raise ValueError(f"bar {name!r} has the lengths {list(lengths.values())}: give finite ones, at least 0")

    def draw(narrow: bool) -> Canvas:
        canvas = Canvas(figsize=(_NARROW, 0.8 + 0.5 * len(bars)) if narrow else (_WIDE, 0.8 + 0.35 * len(bars)))
        axes, begin = canvas.add_subplot(), np.zeros(len(bars))
        axes.set_axisbelow(True)
        for number, part in enumerate(parts):
            again, place = divmod(number, len(_COLOURS))
            colour, full = _COLOURS[place], (0.85, 0.4)[(number + again) % 2]  # the second round is not like the first
            lengths = np.array([lengths[part] for lengths in bars.values()])
            axes.barh(range(len(bars)), lengths, 0.5, left=begin, color=colour, alpha=full, label=part)
            begin += lengths
        axes.set_xlabel(x_label)
        _name_lines(axes, list(bars), narrow)
        return canvas

    return _finish(draw, alt, caption)


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
    if odd := sorted(label for label in set(labels) if set(label) & set("$\\_^{}#%&~")):
        raise ValueError(
            f"label {odd[0]!r} is drawn as a mark, which means something else by its signs: use letters and digits"
        )
    clouds = {title: _numbers(points, f"points of {title!r}") for title, points in panels.items()}
    for title, points in clouds.items():
        if points.shape != (len(labels), 2):
            raise ValueError(
                f"{title!r} has points of shape {tuple(points.shape)} for {len(labels)} labels: give [{len(labels)}, 2]"
            )

    def draw(narrow: bool) -> Canvas:
        across = 1 if narrow else min(2, len(panels))
        down = -(-len(panels) // across)
        canvas = Canvas(figsize=(_NARROW * across, 3.7 * down), layout="constrained", dpi=130 if narrow else 170)
        for axes, (title, points) in zip(
            np.ravel(canvas.subplots(down, across, squeeze=False)), clouds.items(), strict=False
        ):
            for name, colour in zip(sorted(set(labels)), itertools.cycle(_CLASSES), strict=False):
                chosen = points[[label == name for label in labels]].numpy()
                with mpl.rc_context({"text.parse_math": True}):
                    mark = mpl.markers.MarkerStyle(f"${name}$")
                axes.plot(*chosen.T, linestyle="none", marker=mark, markersize=size, color=colour, markeredgewidth=0)
            axes.set(title=title, xticks=[], yticks=[], aspect="equal", adjustable="datalim", box_aspect=1)
            axes.set_rasterization_zorder(2.2)  # lines, thousands of points as one picture, not as thousands of shapes
            axes.grid(visible=False)
        return canvas

    figure = _finish(draw, alt, caption)
    return replace(figure, svg=_lighter(figure.svg), narrow=_lighter(figure.narrow))


def _lighter(svg: str) -> str:
    """With its PNGs in the classes' colours and six steps of opacity alone: a quarter as heavy, as good to the eye."""
    colours = np.array([list(bytes.fromhex(colour[1:])) for colour in _CLASSES])
    opacity = np.arange(0, 256, 51)

    def again(found: re.Match[str]) -> str:
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("RGBA")).astype(int)
        nearest = np.square(pixels[..., None, :3] - colours).sum(-1).argmin(-1)
        step = (pixels[..., 3] + 25) // 51
        picture = Image.fromarray(np.where(step == 0, 0, len(opacity) * nearest + step).astype(np.uint8), "P")
        picture.putpalette(colours.repeat(len(opacity), 0).astype(np.uint8).tobytes())
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", optimize=True, transparency=bytes(np.tile(opacity, len(colours)).tolist()))
        return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"

    return re.sub(r"data:image/png;base64,([^\"]+)", again, svg)


def trade_off(
    points: Mapping[str, tuple[float, float]] | Mapping[str, Mapping[str, tuple[float, float]]],
    alt: str,
    *,
    x_label: str,
    y_label: str,
    logarithmic: bool = False,
    caption: str = "",
) -> Figure:
    """Points in the plane of two scores, each with its name beside it, joined in their order.

    Args:
        points: Name to (x, y), or name of a group to its points: each group has its line and its marks. A name that
            begins with "_" is not written.
        logarithmic: Both axes.

    Raises:
        ValueError: a point that is no pair of finite numbers, or on a logarithmic axis not above 0.
    """
    _check_named(points, "points", '{"σ = 0.1": (0.02, 31.5)}')
    grouped = all(isinstance(each, Mapping) for each in points.values())
    groups: dict[str, Any] = dict(points) if grouped else {"": points}
    _check_legend(groups, "group")
    for title, group in groups.items():
        _check_named(group, f"points in {title!r}", '{"σ = 0.1": (0.02, 31.5)}')
        for name, place in group.items():
            if np.shape(place) != (2,) or not np.isfinite(np.asarray(place, float)).all():
                raise ValueError(f"point {name!r} is {place!r}: give two numbers, x and y")
            if logarithmic and min(place) <= 0:
                raise ValueError(f"point {name!r} is {place!r}: on logarithmic axes give numbers above 0")

    def draw(narrow: bool) -> Canvas:
        canvas = Canvas(figsize=(_NARROW, 3 + grouped) if narrow else (_WIDE, 4 + grouped))
        axes = canvas.add_subplot()
        looks = zip(itertools.cycle(_COLOURS), itertools.cycle(_MARKERS), itertools.cycle(_DASHES), strict=False)
        for (title, group), (colour, marker, dash) in zip(groups.items(), looks, strict=False):
            look: dict[str, Any] = {"color": colour, "marker": marker, "linestyle": dash, "linewidth": 1.2}
            axes.plot(*zip(*group.values(), strict=True), label=title, **look)
        axes.margins(0.12)
        if logarithmic:
            axes.set(xscale="log", yscale="log")
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_locator(mpl.ticker.LogLocator())
                axis.set_minor_locator(mpl.ticker.NullLocator())
                axis.set_major_formatter(_PLAIN)
        else:
            axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4 if narrow else 5))
        axes.set(xlabel=x_label, ylabel=y_label)
        named = zip(groups.values(), itertools.cycle(_COLOURS if grouped else [_INK]), strict=False)
        _name_points(axes, [(group, colour) for group, colour in named])
        if grouped:
            _legend_below(axes, 0.5, 1 if narrow else min(3, len(groups)))
        return canvas

    return _finish(draw, alt, caption)


# Where the name of a point may stand, in points beside it, and which of its own sides and heights lies there.
_NEAR = ((7, 5, "left"), (-7, 5, "right"), (7, -5, "left"), (-7, -5, "right"), (0, 9, "center"), (0, -9, "center"))
_STACKED = tuple((dx, 3.6 * dy, side) for dx, dy, side in _NEAR if dx)  # above or below another name
_SIDES = (*_NEAR, *((2 * dx, 2 * dy, side) for dx, dy, side in _NEAR), *_STACKED)  # where it is crowded


def _name_points(axes: mpl.axes.Axes, groups: Sequence[tuple[Mapping[str, tuple[float, float]], str]]) -> None:
    """Each name beside its point, on the side where it covers least: of other names, of points, of lines."""
    canvas = axes.get_figure(root=True)
    assert canvas is not None
    canvas.draw_without_rendering()  # the scales are settled then
    point, letter = canvas.dpi / 72, mpl.rcParams["font.size"]
    drawn = [axes.transData.transform(np.asarray(list(group.values()), float)) / point for group, _ in groups]
    marks = np.concatenate(drawn)
    share = np.linspace(0, 1, 41)[:, None]
    lines = [one + share * (other - one) for places in drawn for one, other in itertools.pairwise(places)]
    along = np.concatenate([marks, *lines])
    room = np.asarray(axes.bbox.extents) / point
    taken: list[tuple[float, float, float, float]] = []

    def covers(box: tuple[float, float, float, float], places: Any, wide: float = 0) -> int:
        left, low, right, high = box
        inside = (places > (left - wide, low - wide)) & (places < (right + wide, high + wide))
        return int(inside.all(1).sum())

    for (group, colour), places in zip(groups, drawn, strict=True):
        for name, value, (x, y) in zip(group, group.values(), places, strict=True):
            if name.startswith("_"):
                continue
            wide, high = 0.62 * letter * len(name), 1.1 * letter
            best = None
            for dx, dy, side in _SIDES:
                left = x + dx - {"left": 0.0, "right": wide, "center": wide / 2}[side]
                low = y + dy - (high if dy < 0 else 0)
                box = (left, low, left + wide, low + high)
                names = sum(box[0] < c and a < box[2] and box[1] < d and b < box[3] for a, b, c, d in taken)
                outside = box[0] < room[0] or box[1] < room[1] or box[2] > room[2] + 20 or box[3] > room[3]
                far = (dx, dy, side) not in _NEAR
                wrong = 100 * names + 30 * outside + 40 * covers(box, marks, 5) + covers(box, along, 1) / 3 + 10 * far
                if best is None or wrong < best[0]:
                    best = (wrong, box, (dx, dy), side)
            assert best is not None
            _, box, beside, side = best
            taken.append(box)
            look: dict[str, Any] = {"ha": side, "va": "top" if beside[1] < 0 else "bottom", "color": colour}
            axes.annotate(name, value, beside, textcoords="offset points", **look)


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
    framed: Tensor | None = None,
) -> Figure:
    """A table of numbers in which a larger one has a fuller colour; each number is written in its field.

    Args:
        values: [rows, columns].
        digits: Behind the point.
        framed: Truth values of the same shape: these fields have a frame, in the page's ink.

    Raises:
        TypeError: values that are no tensor.
        ValueError: other names than rows and columns, by their number, frames of another shape or kind, or NaN.
    """
    values = _numbers(values, "values")
    if values.shape != (len(rows), len(columns)):
        raise ValueError(f"values of shape {tuple(values.shape)} for {len(rows)} rows and {len(columns)} columns")
    if framed is not None and (framed.dtype != torch.bool or framed.shape != values.shape):
        raise ValueError(
            f"frames {framed.dtype} of shape {tuple(framed.shape)}: give truth values {tuple(values.shape)}"
        )
    share = (values - values.min()) / (values.max() - values.min()).clamp(min=1e-12)

    def draw(narrow: bool) -> Canvas:
        field = min(0.75, 2.9 / len(columns)) if narrow else 0.75
        # In one line a phone's long names would make all letters smaller; lines of two names do not touch.
        names = [textwrap.fill(row, 14) for row in rows] if narrow else list(rows)
        high = max(0.45, *(0.14 * (name.count("\n") + 1) + 0.14 for name in names))
        canvas = Canvas(figsize=((0.6 if narrow else 1.6) + field * len(columns), 1 + high * len(rows)))
        axes = canvas.add_subplot()
        for (row, column), value in np.ndenumerate(values.numpy()):
            # Half of the colour at most, so that the number in the page's own ink is read on it in both themes.
            full = 0.5 * share[row, column].item()
            corner = (column - 0.5, row - 0.5)
            axes.add_patch(mpl.patches.Rectangle(corner, 1, 1, facecolor=_COLOURS[0], alpha=full, linewidth=0))
            axes.text(column, row, f"{value:.{digits}f}", ha="center", va="center")
            if framed is not None and framed[row, column]:
                inside = (column - 0.46, row - 0.44)
                axes.add_patch(mpl.patches.Rectangle(inside, 0.92, 0.88, fill=False, edgecolor=_INK, linewidth=1.5))
        axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5), xlabel=x_label, ylabel=y_label)
        axes.set_xticks(range(len(columns)), columns)
        axes.set_yticks(range(len(rows)), names)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.grid(visible=False)
        return canvas

    return _finish(draw, alt, caption)


def surface(
    heights: Tensor,
    x: Sequence[float],
    y: Sequence[float],
    alt: str,
    *,
    x_label: str,
    y_label: str,
    z_label: str,
    lines: Mapping[str, Sequence[tuple[float, float, float]]] | None = None,
    seen_from: tuple[float, float] = (28, 40),
    caption: str = "",
) -> Figure:
    """A table of numbers as a landscape: the lower, the fuller its colour. Lines lie on it, each with its name.

    Args:
        heights: [x, y]. Of more than 99 places along an axis only every second or third, and so on, is drawn, and the
            last.
        x: Where the rows stand, rising.
        y: Where the columns stand, rising.
        lines: Points (x, y, height); the name stands at the first.
        seen_from: Degrees above the ground and around it.

    Raises:
        TypeError: heights that are no tensor.
        ValueError: another number of places than of heights, places that do not rise, numbers that are not finite, or
            a line without a point.
    """
    heights = _numbers(heights, "heights")
    if heights.shape != (len(x), len(y)) or min(len(x), len(y)) < 2:
        raise ValueError(
            f"heights of shape {tuple(heights.shape)} for {len(x)} places of x and {len(y)} of y: give [x, y], both "
            "of two or more"
        )
    for axis, values in (("x", x), ("y", y)):
        _check_finite(values, axis)
        if not all(one < other for one, other in itertools.pairwise(values)):
            raise ValueError(f"{axis} is {list(values)}: give places that rise")
    for name, points in (lines or {}).items():
        if not len(points):
            raise ValueError(f"line {name!r} has no points: give (x, y, height), once or more")
        for point in points:
            if len(point) != 3 or not all(map(math.isfinite, point)):
                raise ValueError(f"line {name!r} has a point {tuple(point)}: give (x, y, height), three finite numbers")
    if len(seen_from) != 2 or not all(map(math.isfinite, seen_from)):
        raise ValueError(f"seen_from is {seen_from}: give degrees above the ground and around it")

    def draw(narrow: bool) -> Canvas:
        side = 3.0 if narrow else 6.0
        canvas = Canvas(figsize=(side, 0.8 * side))
        # The order is ours: what is drawn later lies above, so that the surface does not hide the lines on it.
        with mpl.rc_context({"grid.linewidth": 0.3}):
            axes = canvas.add_subplot(projection="3d", computed_zorder=False)
        axes.set_box_aspect((4, 4, 2.6), zoom=1.3)
        across, along = np.meshgrid(x, y, indexing="ij")
        colours = mpl.colors.LinearSegmentedColormap.from_list("heights", [_COLOURS[0] + "c0", _COLOURS[0] + "20"])
        axes.plot_surface(
            across, along, heights.numpy(), cmap=colours, rcount=99, ccount=99, edgecolor=_COLOURS[0], linewidth=0.25
        )
        for name, points in (lines or {}).items():
            axes.plot(*zip(*points, strict=True), color=_INK, linewidth=1.2)
            axes.text(*points[0], f" {name}", color=_INK, ha="left", va="center")
        axes.set(xlabel=x_label, ylabel=y_label, zlabel=z_label)
        axes.view_init(*seen_from)
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
            axis.set_pane_color((0, 0, 0, 0))
            axis.set_major_locator(mpl.ticker.MaxNLocator(4))
            axis.set_major_formatter(_PLAIN)
        return canvas

    return _finish(draw, alt, caption)


def cells(blocks: Sequence[tuple[str, Tensor] | str], alt: str, caption: str = "") -> Figure:
    """Small matrices of numbers in cells, signs between them, on as many lines as it takes.

    The larger a number is beside the largest of its matrix, the fuller its cell, below zero in another colour; zeros
    are faint.

    Args:
        blocks: Title and numbers [rows, columns] each, or a sign, which stays with the matrix behind it; a line break,
            "\\n", begins a new line.

    Raises:
        TypeError: something that is neither, or numbers that are no tensor.
        ValueError: no matrix, one that has another number of axes or no numbers, or NaN.
    """
    _check_alt(alt)
    groups: list[tuple[str, str, list[list[float]]]] = []
    sign = ""
    if isinstance(blocks, str | Mapping):
        kind = type(blocks).__name__
        raise TypeError(f'blocks of type {kind}: give a list, as in [("U", matrix), "+", ("V", matrix)]')
    for block in blocks:
        if isinstance(block, str):
            if sign:
                raise ValueError(f"{block!r} behind {sign!r}: a sign stands between two matrices")
            sign = block
            continue
        if not isinstance(block, tuple) or len(block) != 2:
            raise TypeError(f'block {block!r}: give a title with its matrix, ("U", matrix), or a sign, "+"')
        title, values = block[0], _numbers(block[1], f"numbers of {block[0]!r}")
        if values.ndim != 2 or not values.numel():
            raise ValueError(f"{title!r} has shape {tuple(values.shape)}: give [rows, columns], at least one of each")
        groups.append((sign, title, values.tolist()))
        sign = ""
    if not groups:
        raise ValueError('no matrices: give at least one, as in [("U", matrix)]')
    if sign:
        raise ValueError(f"{sign!r} stands last: a sign stays with the matrix behind it")
    wide, narrow = (_in_cells(groups, room, side) for room, side in ((960, 30), (340, 26)))
    return Figure(_headed(wide[0], alt, wide[1]), alt, caption, narrow=_headed(narrow[0], alt, narrow[1]))


def _in_cells(groups: Sequence[tuple[str, str, list[list[float]]]], room: float, side: float) -> tuple[str, float]:
    """The drawing, and its width: no line is longer than this room, if no matrix alone is; a cell's side in pixels."""
    letter, above, gap = 6.9, 18.0, 14.0  # pixels: a letter's width, a title's height, and between matrices
    lines: list[list[tuple[str, float, str, list[list[float]], float]]] = []
    reached = width = 0.0
    for sign, title, rows in groups:
        cell = max(side, 8 + letter * max(len(_in_cell(value)) for row in rows for value in row))
        before = 14 + letter * len(sign) if sign.strip() else 0.0
        broad = before + max(cell * len(rows[0]), letter * len(title))
        if not lines or sign == "\n" or reached + gap + broad > room:
            lines.append([])
            reached = -gap
        lines[-1].append((sign, reached + gap + before, title, rows, cell))
        reached += gap + broad
        width = max(width, reached)
    parts, top = [], 0.0
    for line in lines:
        high = max(len(rows) for *_, rows, _ in line) * side
        for sign, x, title, rows, cell in line:
            y, middle = top + above + (high - side * len(rows)) / 2, top + above + high / 2
            if sign.strip():
                parts.append(f'<text x="{x - 9:.1f}" y="{middle + 5:.1f}" text-anchor="end">{html.escape(sign)}</text>')
            parts.append(f'<text x="{x:.1f}" y="{y - 6:.1f}">{html.escape(title)}</text>')
            parts.append(_matrix(rows, x, y, cell, side))
        top += above + high + gap
    ink = 'fill="currentColor" font-family="sans-serif" font-size="12"'
    box = f'viewBox="0 0 {width + 1:.0f} {top - gap + 1:.0f}" xmlns="http://www.w3.org/2000/svg"'
    return f"<svg {box}><g {ink}>{''.join(parts)}</g></svg>", width + 1


def _in_cell(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _matrix(rows: Sequence[Sequence[float]], x: float, y: float, cell: float, side: float) -> str:
    """Numbers in cells, the top left corner there."""
    largest = max(abs(value) for row in rows for value in row) or 1.0
    high, wide = side * len(rows), cell * len(rows[0])
    tints, numbers = [], []
    for (r, c), value in np.ndenumerate(np.asarray(rows)):
        left, upper = x + cell * c, y + side * r
        if value:
            colour, full = _COLOURS[0 if value > 0 else 4], 0.45 * abs(value) / largest
            box = f'x="{left:.1f}" y="{upper:.1f}" width="{cell:.1f}" height="{side:.1f}"'
            tints.append(f'<rect {box} fill="{colour}" fill-opacity="{full:.2f}"/>')
        faint = "" if value else ' opacity="0.5"'
        numbers.append(
            f'<text x="{left + cell / 2:.1f}" y="{upper + side / 2 + 4:.1f}"{faint}>{_in_cell(value)}</text>'
        )
    grid = [f"M{x:.1f} {y + side * r:.1f}h{wide:.1f}" for r in range(len(rows) + 1)]
    grid += [f"M{x + cell * c:.1f} {y:.1f}v{high:.1f}" for c in range(len(rows[0]) + 1)]
    return (
        f'{"".join(tints)}<path d="{"".join(grid)}" fill="none" stroke="currentColor" stroke-opacity="0.4"/>'
        f'<g text-anchor="middle">{"".join(numbers)}</g>'
    )


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

    def draw(narrow: bool) -> Canvas:
        down, across = (len(panels), 1) if narrow else (1, len(panels))
        side = _NARROW if narrow else min(_NARROW, 10 / across)
        canvas = Canvas(figsize=(side * across, (side + 0.2) * down), layout="constrained")
        for axes, (title, (places, field)) in zip(
            np.ravel(canvas.subplots(down, across, squeeze=False)), fields.items(), strict=True
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
        return canvas

    return _finish(draw, alt, caption)


def net(
    model: nn.Module, shape: Sequence[int], caption: str = "", *, image: Tensor | None = None, code: int | None = None
) -> Figure:
    """A net's diagram: what flows, as slabs as high as a map has rows and as deep as there are maps, and its layers.

    Args:
        shape: Of one picture, (channels, rows, columns).
        image: A picture of this shape, [C, H, W]: every slab then shows on its face one of the maps that the net makes
            of it, the one that varies most, or the numbers that it makes in a row.
        code: Which slab is the code, counted from 0, the picture; by default the one of fewest numbers.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"a net of type {type(model).__name__}: give the module itself, as build() returns it")
    if not isinstance(shape, Sequence) or not all(isinstance(size, int) for size in shape):
        raise TypeError(f"shape is {shape!r}: give that of one picture, as (1, 28, 28)")
    if image is not None and tuple(image.shape) != tuple(shape):
        raise ValueError(f"image has shape {tuple(image.shape)}: give one of shape {tuple(shape)}, as the net takes it")
    traced = trace(model, shape)
    steps = _arrows(traced)
    shapes = [tuple(shape), *(output for _, _, output in steps)]
    if code is None:
        code = min(range(len(shapes)), key=lambda k: math.prod(shapes[k]))
    if not 0 <= code < len(shapes):
        raise ValueError(
            f"code is {code}: give the place of one of the {len(shapes)} slabs, from 0 to {len(shapes) - 1}"
        )
    faces = _faces(traced, image, shapes) if image is not None else [None] * len(shapes)
    described = "; ".join(
        f"{label.replace(chr(10), ', ')} ({parameters:,} parameters) to {_times(output)}"
        for label, parameters, output in steps
    )
    alt = f"Diagram of the net: {_times(shape)}; {described}. The code is {_times(shapes[code])}."
    labels = [
        [*label.split("\n"), *([f"{parameters:,} parameters"] if parameters else [])] for label, parameters, _ in steps
    ]
    drawings = [_diagram(shapes, faces, labels, code, narrow) for narrow in (False, True)]
    wide, narrow = (_headed(text, alt, width) for text, width in drawings)
    return Figure(wide, alt, caption, narrow=narrow)


def _faces(steps: Sequence[LayerTrace], image: Tensor, shapes: Sequence[Sequence[int]]) -> list[str]:
    """Of each slab the map that varies most, from its least to its largest number, as PNG in base64."""
    flowing = image[None]
    maps = [flowing]
    with torch.no_grad():
        for step in steps:
            flowing = step.layer.eval()(flowing)
            if flowing.shape != maps[-1].shape:
                maps.append(flowing)
            else:
                maps[-1] = flowing  # what an activation leaves of the same slab
    faces = []
    for each, shape in zip(maps, shapes, strict=True):
        own = each.reshape(shape if len(shape) == 3 else (1, -1, 1))  # a row of numbers stands upright
        faces.append(_face(own))
    return faces


def _height(shape: Sequence[int], unit: float) -> float:
    """Of a slab in pixels; a row of numbers is no picture, its height grows with the logarithm of their number."""
    return max(6.0, unit * shape[-2]) if len(shape) == 3 else 8 * math.log2(shape[0] + 1)


def _slab(x: float, y: float, shape: Sequence[int], unit: float, face: str | None, marked: bool) -> tuple[str, float]:
    """One slab with its face at the left and its top left corner there, and how wide it is in all."""
    accent = _COLOURS[1] if marked else _COLOURS[0]
    high, wide, deep = _height(shape, unit), 7.0, 4.0
    if len(shape) == 3:
        wide = max(6.0, unit * shape[-1])
        deep = 5 + 5 * math.log2(shape[0]) if shape[0] > 1 else 4
    slant = deep * 0.5
    top = f"M{x:.1f} {y:.1f}l{deep:.1f} {-slant:.1f}h{wide:.1f}l{-deep:.1f} {slant:.1f}z"
    side = f"M{x + wide:.1f} {y:.1f}l{deep:.1f} {-slant:.1f}v{high:.1f}l{-deep:.1f} {slant:.1f}z"
    line = f'stroke="currentColor" stroke-width="{2.2 if marked else 0.8}"'
    parts = [f'<path d="{top}{side}" fill="{accent}" fill-opacity="0.55" {line}/>']
    box = f'x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"'
    if face:
        parts.append(f'<image {box} {_PIXELS} href="data:image/png;base64,{face}"/>')
        parts.append(f'<rect {box} fill="none" {line}/>')
    else:
        parts.append(f'<rect {box} fill="{accent}" {line}/>')
    return "".join(parts), wide + deep


def _diagram(
    shapes: Sequence[Sequence[int]],
    faces: Sequence[str | None],
    labels: Sequence[Sequence[str]],
    code: int,
    narrow: bool,
) -> tuple[str, float]:
    """From left to right, or for a phone from top to bottom, and its width."""
    tallest = max(each[-2] if len(each) == 3 else 1 for each in shapes)
    unit, parts = (64 if narrow else 84) / tallest, []
    letters, line = (11, 15) if narrow else (12, 16)

    def text(x: float, y: float, words: str, extra: str = "") -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" {extra}>{html.escape(words)}</text>'

    def name(k: int) -> str:
        return _times(shapes[k]) + (", the code" if k == code else "")

    if narrow:
        y, width = 8.0, 340.0
        for k, shape in enumerate(shapes):
            high = _height(shape, unit)
            y += 28
            slab, _ = _slab(8, y, shape, unit, faces[k], k == code)
            parts += [slab, text(136, y + high / 2 + 4, name(k), 'font-weight="bold"')]
            y += high + 8
            if k < len(labels):
                tall = max(18, line * len(labels[k]))
                parts.append(
                    f'<path d="M40 {y:.1f}v{tall - 4:.1f}m-4 -5l4 5l4 -5" fill="none" '
                    'stroke="currentColor" stroke-width="1.2"/>'
                )
                parts += [text(60, y + line * (row + 0.75), words) for row, words in enumerate(labels[k])]
                y += tall - 14
        height = y + 10
    else:
        step, middle, x = 0.0, 92.0, 4.0
        for k, shape in enumerate(shapes):
            high = _height(shape, unit)
            slab, step = _slab(x, middle - high / 2, shape, unit, faces[k], k == code)
            parts += [slab, text(x + step / 2, 16, name(k), 'font-weight="bold" text-anchor="middle"')]
            x += step + 8
            if k < len(labels):
                wide = max(78.0, 6.6 * max(map(len, labels[k])) - 26)
                parts.append(
                    f'<path d="M{x:.1f} {middle:.1f}h{wide - 10:.1f}m-6 -4l6 4l-6 4" fill="none" '
                    'stroke="currentColor" stroke-width="1.2"/>'
                )
                centre = x + wide / 2 - 5
                parts += [
                    text(centre, 160 + line * row, words, 'text-anchor="middle"') for row, words in enumerate(labels[k])
                ]
                x += wide
        width, height = x + 4, 160.0 + line * max(map(len, labels))
    ink = f'fill="currentColor" font-family="sans-serif" font-size="{letters}"'
    box = f'viewBox="0 0 {width:.0f} {height:.0f}" xmlns="http://www.w3.org/2000/svg"'
    return f"<svg {box}><g {ink}>{''.join(parts)}</g></svg>", width


def u_net(model: UNet, image: Tensor, caption: str = "") -> Figure:
    """A U-Net's diagram: what it is shown, a slab for each size on the way down and on the way up, the paths across
    from one to the other, and what it puts out. On its face each slab has the map that varies most.

    Args:
        image: [C, H, W], of a size that the net takes.
    """
    if not isinstance(model, UNet):
        raise TypeError(f"a net of type {type(model).__name__}: give a UNet, or draw others with net()")
    model = model.eval()
    with torch.no_grad():
        restored = model(image[None])[0]
        down = [model.down[0](image[None])]
        for block in list(model.down)[1:]:
            down.append(block(nn.functional.max_pool2d(down[-1], 2)))
        up = [down[-1]]
        for level in reversed(range(model.depth)):
            up.insert(0, model.up[level](torch.cat([model.enlarge[level](up[0]), down[level]], 1)))
    ends = [(tuple(each.shape), as_png(each.clamp(0, 1)[None])) for each in (image, restored)]
    left, right = ([(tuple(each.shape[1:]), _face(each[0])) for each in way[: model.depth]] for way in (down, up))
    bottom = (tuple(down[-1].shape[1:]), _face(down[-1][0]))
    across = "; ".join(f"{_times(one[0])} beside {_times(two[0])}" for one, two in zip(left, right, strict=True))
    alt = (
        f"Diagram of a U-Net: {_times(image.shape)} in; on the way down {', '.join(_times(each[0]) for each in left)}; "
        f"at the bottom {_times(bottom[0])}; on the way up {', '.join(_times(each[0]) for each in reversed(right))}; "
        f"{_times(restored.shape)} out. Across, maps are laid beside each other: {across}."
        + (" What comes up is taken from the picture that went in." if model.residual else "")
    )
    wide, narrow = (_headed(*_bent(ends, left, bottom, right, alt, model.residual, narrow)) for narrow in (False, True))
    return Figure(wide, alt, caption, narrow=narrow)


def _bent(
    ends: Sequence[tuple[Sequence[int], str]],
    left: Sequence[tuple[Sequence[int], str]],
    bottom: tuple[Sequence[int], str],
    right: Sequence[tuple[Sequence[int], str]],
    alt: str,
    residual: bool,
    narrow: bool,
) -> tuple[str, str, float]:
    """The U as SVG, its alt text, and its width."""
    width, side, apart, gap, letters = (340.0, 50, 20, 34, 11) if narrow else (700.0, 84, 80, 40, 12)
    unit, middle, depth, parts = side / left[0][0][-2], width / 2, len(left), []
    line = 'fill="none" stroke="currentColor" stroke-width="1.2"'

    def text(x: float, y: float, words: str, anchor: str = "middle") -> None:
        parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>')

    def arrow(path: str, head: str, dashed: bool = False) -> None:
        parts.append(f'<path d="{path}" {line}{_ACROSS if dashed else ""}/><path d="{head}" {line}/>')

    def slab(x: float, y: float, shape: Sequence[int], face: str, side: str = "middle") -> None:
        """With its shape above it, or beside it where the text ends or starts there."""
        drawn, wide = _slab(x, y, shape, unit, face, False)
        parts.append(drawn)
        if side == "middle":
            text(x + wide / 2, y - (18 if shape[0] > 1 else 8), _times(shape))
        else:
            beside = x - 6 if side == "end" else x + wide + 6
            text(beside, y + _height(shape, unit) / 2 + 4, _times(shape), side)

    top = 62.0 if residual else 36.0
    for at, (shape, face) in zip((2, width - side - 6), ends, strict=True):
        slab(at, top, shape, face)
    y = top
    for level, (one, two) in enumerate(zip(left, right, strict=True)):
        high, wide = _height(one[0], unit), unit * one[0][-1]
        away = apart * (depth - level) / depth + (8 if narrow else 24)
        deep = 5 + 5 * math.log2(one[0][0])
        begin, end = middle - away - wide - deep, middle + away
        slab(begin, y, *one, "end" if level else "middle")
        slab(end, y, *two, "start" if level else "middle")
        beside = y + high / 2
        arrow(f"M{middle - away + 3:.1f} {beside:.1f}H{end - 3:.1f}", f"M{end - 8:.1f} {beside - 4:.1f}l5 4l-5 4", True)
        if not level:
            arrow(f"M{side + 8} {beside:.1f}H{begin - 3:.1f}", f"M{begin - 8:.1f} {beside - 4:.1f}l5 4l-5 4")
            out = width - side - 9
            arrow(f"M{end + wide + deep + 3:.1f} {beside:.1f}H{out:.1f}", f"M{out - 5:.1f} {beside - 4:.1f}l5 4l-5 4")
            if not narrow:
                text(middle, beside - 7, "beside")
        low, next_high = y + high, y + high + gap
        if level + 1 < depth:
            inner = apart * (depth - level - 1) / depth + (8 if narrow else 24)
            half = unit * left[level + 1][0][-1] / 2
            down, up = middle - inner - half - 5 - 5 * math.log2(left[level + 1][0][0]), middle + inner + half
        else:
            down, up = middle - unit * bottom[0][-1] / 2, middle + unit * bottom[0][-1] / 2
        arrow(f"M{down:.1f} {low + 3:.1f}V{low + 12:.1f}", f"M{down - 4:.1f} {low + 8:.1f}l4 5l4 -5")
        arrow(f"M{up:.1f} {low + 12:.1f}V{low + 3:.1f}", f"M{up - 4:.1f} {low + 8:.1f}l4 -5l4 5")
        y = next_high
    slab(middle - unit * bottom[0][-1] / 2 - 5, y, *bottom, "start")
    if residual:
        far = width - side / 2 - 6
        arrow(
            f"M{side / 2:.1f} {top - 24:.1f}V10H{far:.1f}V{top - 24:.1f}",
            f"M{far - 4:.1f} {top - 29:.1f}l4 5l4 -5",
            True,
        )
        text(middle, 25, "minus what comes up")
    height = y + _height(bottom[0], unit) + 6
    ink = f'fill="currentColor" font-family="sans-serif" font-size="{letters}"'
    box = f'viewBox="0 0 {width:.0f} {height:.0f}" xmlns="http://www.w3.org/2000/svg"'
    return f"<svg {box}><g {ink}>{''.join(parts)}</g></svg>", alt, width


def _face(maps: Tensor) -> str:
    """Of maps [C, H, W] the one that varies most, from its least to its largest number, as PNG in base64."""
    face = maps[maps.flatten(1).var(1).argmax()]
    span = (face.max() - face.min()).clamp(min=1e-9)
    return as_png(((face - face.min()) / span)[None, None])


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

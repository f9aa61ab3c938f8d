"""Small looping drawings of a kernel that passes over a picture, and a list of them that leads to a widget."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from convae.arithmetic.shapes import convolution_size, inverting_output_padding

__all__ = ["Miniature", "Relationship", "Relationships"]

CELL, GAP = 11, 26  # pixels: a number's side, and the way from the picture to the output
STEP, LONGEST = 0.45, 14  # seconds at a place, and of a whole round at most

# Still where motion is not wanted, or where the reader has stopped it; the drawing then shows the first place.
_STYLE = """\
.convae-passes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr));
  gap: 1.1rem 2rem; max-width: none !important; margin: .8rem 0 0; padding: 0; list-style: none; }
.convae-passes li { display: grid; grid-template-columns: 11.7rem minmax(0, 1fr); gap: .2rem 1rem; align-items: start;
  margin: 0; font-size: .92em; line-height: 1.4; }
.convae-passes a { display: block; padding: 6px; border: 1px solid transparent; border-radius: 8px; font-size: .86em; }
.convae-passes a:is(:hover, :focus-visible) { border-color: currentColor; }
.convae-passes svg { display: block; max-width: 100%; height: auto; margin-bottom: 4px; overflow: visible;
  --in: #2f80ed; --at: #d06a00; color: var(--pst-color-text-base, CanvasText); }
.convae-passes :is(strong, .convae-formula, .convae-tried) { display: block; }
.convae-formula { margin: .25rem 0; }
.convae-tried { font-size: .88em; opacity: .8; }
.convae-moving { display: inline-flex; gap: .4rem; align-items: center; min-height: 24px; font-size: .88rem; }
.convae-pass { animation: convae-down var(--round) steps(var(--places)) infinite; }
.convae-pass > g { animation: convae-across calc(var(--round) / var(--places)) steps(var(--places)) infinite; }
@keyframes convae-down { to { transform: translateY(var(--way)); } }
@keyframes convae-across { to { transform: translateX(var(--way)); } }
.convae-loops:has(.convae-moving input:not(:checked)) :is(.convae-pass, .convae-pass > g) {
  animation-play-state: paused; }
@media (prefers-reduced-motion: reduce) {
  .convae-pass, .convae-pass > g { animation: none; }
  .convae-moving { display: none; }
}
@media print {
  .convae-pass, .convae-pass > g { animation: none; }
  .convae-moving { display: none; }
  .convae-passes li { break-inside: avoid; }
}
@media (max-width: 480px) { .convae-passes li { grid-template-columns: minmax(0, 1fr); } }
"""


@dataclass(frozen=True)
class Miniature:
    """A convolution, the same along both axes, and what it reads and does not read.

    Args:
        transposed: What is drawn is the ordinary convolution that computes the transposed one of these settings: over
            the output of the convolution, with zeros between its numbers and around them.
        window: Without the kernel's numbers in it, as a pooling's.

    Raises:
        ValueError: the kernel does not fit, or the padding of what is transposed cuts numbers off, which has no
            drawing.
    """

    size: int
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    transposed: bool = False
    window: bool = False

    def __post_init__(self) -> None:
        convolution_size(self.size, self.kernel, self.stride, self.padding, self.dilation)
        if self.transposed and (self.padding >= self.kernel or self.dilation > 1):
            raise ValueError(
                f"padding {self.padding} and dilation {self.dilation} with kernel {self.kernel}: the transposed one is "
                "drawn for a padding below the kernel and dilation 1"
            )

    @cached_property
    def line(self) -> str:
        """What lies along one axis: numbers (x), zeros between them (0), zeros around (.)."""
        if not self.transposed:
            return "." * self.padding + "x" * self.size + "." * self.padding
        small = convolution_size(self.size, self.kernel, self.stride, self.padding)
        rest = inverting_output_padding(self.size, self.kernel, self.stride, self.padding)
        around = "." * (self.kernel - 1 - self.padding)
        return around + ("0" * (self.stride - 1)).join("x" * small) + around + "." * rest

    @property
    def _step(self) -> int:
        return 1 if self.transposed else self.stride

    @property
    def output(self) -> int:
        """Its side."""
        return convolution_size(len(self.line), self.kernel, self._step, 0, self.dilation)

    @property
    def unread(self) -> list[int]:
        """The rows of what lies there, padding included, that no kernel reads."""
        read = {at * self._step + u * self.dilation for at in range(self.output) for u in range(self.kernel)}
        return [row for row in range(len(self.line)) if row not in read]

    def words(self) -> str:
        """What is to be seen."""
        numbers, around = self.line.count("x"), len(self.line) - len(self.line.strip("."))
        gaps = f" with {_counted(self.dilation - 1, 'gap')} between its numbers" if self.dilation > 1 else ""
        what = "window" if self.window else "kernel"
        told = [f"A {self.kernel}×{self.kernel} {what}{gaps} passes over {numbers}×{numbers} numbers"]
        if "0" in self.line:
            told.append(f"with {_counted(self.stride - 1, 'row')} of zeros between them")
        if around:
            before = len(self.line) - len(self.line.lstrip("."))
            told.append(
                f"with {_counted(before, 'row')} of zeros around"
                if around == 2 * before
                else f"with {_counted(before, 'row')} of zeros above and {_counted(around - before, 'row')} below"
            )
        told.append(f"in steps of {self._step}: an output of {self.output}×{self.output}.")
        missed = f" {_counted(len(self.unread), 'row')} and as many columns are never read." if self.unread else ""
        return ", ".join(told) + missed

    def svg(self) -> str:
        """The drawing, to be shown by `Relationships`, whose style it needs."""
        line, side = self.line, len(self.line)
        high = max(side, self.output) * CELL
        wide = side * CELL + GAP + self.output * CELL
        kinds: dict[str, list[str]] = {"x": [], "0": [], ".": []}
        for row, first in enumerate(line):
            for column, second in enumerate(line):
                kind = "." if "." in (first, second) else "0" if "0" in (first, second) else "x"
                kinds[kind].append(f"M{column * CELL} {row * CELL}h{CELL}v{CELL}h-{CELL}z")
        crosses = "".join(
            f"M{column * CELL + 2} {row * CELL + 2}l7 7m0-7l-7 7"
            for row in range(side)
            for column in range(side)
            if row in self.unread or column in self.unread
        )
        dots = "".join(
            f"M{column * CELL + 4.5} {row * CELL + 4.5}h2v2h-2z"
            for row, first in enumerate(line)
            for column, second in enumerate(line)
            if "0" in (first, second) and "." not in (first, second)
        )
        reach = (self.kernel - 1) * self.dilation + 1
        places = "".join(
            f"M{u * self.dilation * CELL} {v * self.dilation * CELL}h{CELL}v{CELL}h-{CELL}z"
            for u in range(self.kernel)
            for v in range(self.kernel)
        )
        inner = f'<path d="{places}" fill="var(--at)" fill-opacity=".38"/>' if not self.window else ""
        square = f'width="{reach * CELL}" height="{reach * CELL}"'
        frame = f'<rect {square} fill="none" stroke="var(--at)" stroke-width="2"/>'
        cells = "".join(
            f"M{column * CELL} {row * CELL}h{CELL}v{CELL}h-{CELL}z"
            for row in range(self.output)
            for column in range(self.output)
        )
        mark = f'<rect width="{CELL}" height="{CELL}" fill="var(--at)" stroke="var(--at)"/>'
        line_style = 'stroke="currentColor" stroke-opacity=".45" stroke-width=".8"'
        top, right = (high - side * CELL) / 2, (high - self.output * CELL) / 2
        return (
            f'<svg role="img" aria-label="{html.escape(self.words())}" viewBox="-1 -1 {wide + 2} {high + 2}" '
            f'width="{wide + 2}" height="{high + 2}">'
            f'<g transform="translate(0 {top:g})">'
            f'<path d="{"".join(kinds["."])}" fill="none" {line_style} stroke-dasharray="2 2"/>'
            f'<path d="{"".join(kinds["0"])}" fill="none" {line_style}/>'
            f'<path d="{"".join(kinds["x"])}" fill="var(--in)" fill-opacity=".3" {line_style}/>'
            f'<path d="{dots}" fill="currentColor"/>'
            f'<path d="{crosses}" stroke="currentColor" stroke-width="1.2"/>'
            f"{self._moving(inner + frame, self._step)}</g>"
            f'<path d="M{side * CELL + 6} {high / 2:g}h12m-4-4l4 4l-4 4" fill="none" stroke="currentColor"/>'
            f'<g transform="translate({side * CELL + GAP} {right:g})">'
            f'<path d="{cells}" fill="currentColor" fill-opacity=".08" {line_style}/>{self._moving(mark, 1)}</g></svg>'
        )

    def _moving(self, what: str, step: int) -> str:
        """From place to place, row by row, for ever: across within a row, and a row down when it is full."""
        whole = min(STEP * self.output**2, LONGEST)
        way = f"--places:{self.output};--round:{whole:.2f}s;--way:{self.output * step * CELL}px"
        return f'<g class="convae-pass" style="{way}"><g>{what}</g></g>'


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number > 1)}"


@dataclass(frozen=True)
class Relationship:
    """A formula with its drawing.

    Args:
        formula: In letters and signs; single letters are set in italics.
        text: What has to be said of it; letters between asterisks are set in italics.
        drawing: The settings that are drawn.
        link: Where a widget shows the same settings.
        held: In how many settings it was checked, as a text.
    """

    name: str
    formula: str
    text: str
    drawing: Miniature
    link: str
    held: str


@dataclass(frozen=True)
class Relationships:
    """In their order, numbered."""

    members: Sequence[Relationship]

    def __repr__(self) -> str:
        return "\n".join(
            f"{number}. {each.name}: {each.formula}. {each.text.replace('*', '')} ({each.held})"
            for number, each in enumerate(self.members, start=1)
        )

    def _repr_html_(self) -> str:
        items = "".join(
            f'<li id="relationship-{number}"><a href="{html.escape(each.link)}">{each.drawing.svg()}'
            "<span>in the widget</span></a>"
            f"<div><strong>{number}. {html.escape(each.name)}</strong>{_marked(each.text)}"
            f'<span class="convae-formula">{_letters(each.formula)}</span>'
            f'<span class="convae-tried">{html.escape(each.held)}</span></div></li>'
            for number, each in enumerate(self.members, start=1)
        )
        stop = '<label class="convae-moving"><input type="checkbox" checked>let the kernels move</label>'
        return f'<div class="convae-loops"><style>{_STYLE}</style>{stop}<ol class="convae-passes">{items}</ol></div>'


def _marked(text: str) -> str:
    held = re.sub(" ([−=≥]) ", "\u00a0\\1\u00a0", html.escape(text))  # no formula breaks at such a sign
    return re.sub(r"\*(.+?)\*", r"<var>\1</var>", held)


def _letters(formula: str) -> str:
    return re.sub(r"(?<![A-Za-z&])([a-z])(′?)(?![A-Za-z;])", r"<var>\1</var>\2", html.escape(formula))

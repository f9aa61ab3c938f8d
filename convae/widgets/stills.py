"""Pictures of widgets for where no script runs: a page without JavaScript, a notebook that somebody only reads."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import torch

from convae.data.optional import needs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

CELL, SIDE, GAP, TOP = 24, 132, 18, 20  # pixels of the drawing


class Cells(NamedTuple):
    """Numbers in cells, tinted by their size."""

    title: str
    rows: Sequence[Sequence[float]]


class Levels(NamedTuple):
    """A picture of grey levels from 0 to 1, [H, W], or of colours, [H, W, 3]; what lies outside is cut off."""

    title: str
    levels: Tensor


class File(NamedTuple):
    """A picture as a WebP file, of so many rows and columns; from `start` to `end` of its width, 0 to 1."""

    title: str
    content: bytes
    size: tuple[int, int]
    start: float = 0
    end: float = 1


NEGATIVE, POSITIVE = (180, 24, 40), (20, 84, 180)  # as canvas.js has them


def signed(shares: Tensor) -> Tensor:
    """Colours of numbers from −1 (red) over 0 (white) to 1 (blue), [H, W] to [H, W, 3]."""
    ends = torch.where(shares[..., None] < 0, torch.tensor(NEGATIVE), torch.tensor(POSITIVE)) / 255
    return 1 + shares[..., None].abs() * (ends - 1)


Block: TypeAlias = Cells | Levels | File | str


def said(value: float) -> str:
    """A number with four significant digits and a real minus."""
    return f"{value:.4g}".replace("-", "−")


def cross(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


def side_by_side(*blocks: Block) -> str:
    """Blocks side by side as one SVG, signs between them; letters and lines have the colour of the text around."""
    parts, at, high = [], 1.0, 0.0
    for block in blocks:
        if isinstance(block, str):
            parts.append(f'<text x="{at:g}" y="{TOP + SIDE / 2:g}" font-size="18">{escape(block)}</text>')
            at += 10 * len(block) + GAP
            continue
        content, wide, tall = _cells(block.rows) if isinstance(block, Cells) else _picture(block)
        title = f'<text y="-6" font-size="12">{escape(block.title)}</text>'
        parts.append(f'<g transform="translate({at:g} {TOP})">{title}{content}</g>')
        at += max(wide, 6.6 * len(block.title)) + GAP
        high = max(high, tall)
    size = f'width="{at - GAP + 1:g}" height="{high + TOP + 1:g}"'
    box = f'viewBox="0 0 {at - GAP + 1:g} {high + TOP + 1:g}"'
    style = 'style="max-width:100%;height:auto" font-family="sans-serif" fill="currentColor"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} {style}>{"".join(parts)}</svg>'


def _cells(rows: Sequence[Sequence[float]]) -> tuple[str, float, float]:
    high, wide = CELL * len(rows), CELL * len(rows[0])
    largest = max((abs(value) for row in rows for value in row), default=0) or 1
    tints, texts = [], []
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            text = said(value) if len(said(value)) <= 4 else said(round(value, 1))
            size = ' font-size="9"' if len(text) > 3 else ""
            texts.append(f'<text x="{CELL * c + CELL // 2}" y="{CELL * r + 16}"{size}>{text}</text>')
            if value:
                tints.append(
                    f'<rect x="{CELL * c}" y="{CELL * r}" width="{CELL}" height="{CELL}" '
                    f'fill="{"#2f80ed" if value > 0 else "#d8434e"}" opacity="{0.4 * abs(value) / largest:.2f}"/>'
                )
    lines = [f"M0 {y}h{wide}" for y in range(0, high + 1, CELL)] + [f"M{x} 0v{high}" for x in range(0, wide + 1, CELL)]
    content = (
        f'{"".join(tints)}<path d="{"".join(lines)}" stroke="currentColor" opacity=".4"/>'
        f'<g font-size="12" text-anchor="middle">{"".join(texts)}</g>'
    )
    return content, wide, high


def _picture(block: Levels | File) -> tuple[str, float, float]:
    if isinstance(block, Levels):
        kind, content, shape = "png", _png(block.levels), tuple(block.levels.shape[:2])
        start, end = 0.0, 1.0
    else:
        kind, content, shape = "webp", block.content, block.size
        start, end = block.start, block.end
    high = SIDE * min(1, shape[0] / shape[1])
    whole = high * shape[1] / shape[0]
    wide = whole * (end - start)
    address = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    image = (
        f'<image href="{address}" x="{-whole * start:g}" width="{whole:g}" height="{high:g}" '
        'preserveAspectRatio="none" style="image-rendering:pixelated"/>'
    )
    frame = f'<svg width="{wide:g}" height="{high:g}">{image}</svg>'
    return frame, wide, high


def _png(levels: Tensor) -> bytes:
    with needs("Pillow", "this widget"):
        from PIL import Image

    file = io.BytesIO()
    Image.fromarray(levels.detach().clamp(0, 1).mul(255).round().to(torch.uint8).numpy()).save(file, "PNG")
    return file.getvalue()

"""Random numbers that a page can draw again: noise.js makes the same ones."""

from __future__ import annotations

import math

MOST = 1024  # numbers of one seed: those of the next begin behind them


def even_numbers(count: int, seed: int) -> list[float]:
    """Evenly between 0 and 1, by a hash of seed and place: the same as on the page."""
    return [(_hash(seed * 2 * MOST + k) + 0.5) / 2**32 for k in range(1, count + 1)]  # 0 stays 0


def normal_numbers(count: int, seed: int) -> list[float]:
    """Normal ones, of these by Box and Muller's formula."""
    uniform = even_numbers(2 * count, seed)
    return [
        math.sqrt(-2 * math.log(radius)) * math.cos(2 * math.pi * angle)
        for radius, angle in zip(uniform[::2], uniform[1::2], strict=True)
    ]


def _hash(value: int) -> int:
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        value = ((value ^ value >> shift) * factor) % 2**32
    return value ^ value >> 16

"""Graders of the chapter that looks at the code."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence

from convae.arithmetic.tracing import projective_field
from convae.exercises.grading import Exercise, Function, Grade
from convae.models import robledo_two_layer

__all__ = ["numbers_behind", "participation"]


def numbers_behind(answer: Function) -> Grade:
    """Exercise: the flat indices of the numbers of the two-layer net's code that can change pixel (row, column)."""
    return EXERCISES["numbers_behind"].grade(answer)


def participation(answer: Function) -> Grade:
    """Exercise: the effective dimension of a code from the `variances` along its axes."""
    return EXERCISES["participation"].grade(answer)


MOVED = [set(projective_field(robledo_two_layer().decoder.children()).pixels(index)) for index in range(3)]
ENDS = (0, 8, 9, 17, 18, 26, 27)  # of the blocks, and what lies beyond


def _behind(row: int, column: int) -> list[int]:
    return [
        9 * channel + 3 * down + across
        for channel, down, across in itertools.product(range(16), range(3), range(3))
        if row in MOVED[down] and column in MOVED[across]
    ]


def _inside(numbers: Function) -> Function:
    """No number where no block reaches, as is right; elsewhere these."""
    return lambda row, column: numbers(row, column) if max(row, column) < 27 else []


def _dimension(variances: Sequence[float]) -> float:
    return sum(variances) ** 2 / sum(value**2 for value in variances)


CHANCE = random.Random(0)
SPECTRA: list[list[int]] = [
    [CHANCE.randint(0, 9) for _ in range(length)] + [CHANCE.randint(1, 9)]
    for length in (1, 2, 3, 5, 9)
    for _ in range(8)
]

EXERCISES = {
    "numbers_behind": Exercise.of(
        cases=[{"row": row, "column": column} for row in ENDS for column in ENDS],
        right=_behind,
        slips={
            "Right up to row and column 26. Which number of the code moves those of 27?": (
                lambda row, column: [9 * channel + 3 * (row // 9) + column // 9 for channel in range(16)]
            ),
            "The last row and column belong to no block: only the bias of the last layer reaches them.": (
                lambda row, column: [9 * channel + 3 * min(row // 9, 2) + min(column // 9, 2) for channel in range(16)]
            ),
            "That is one channel. The decoder adds up all 16 of them at that place.": _inside(
                lambda row, column: [3 * (row // 9) + column // 9]
            ),
            "Those are 8 channels, as behind the first layer of the decoder. The code has 16.": _inside(
                lambda row, column: [9 * channel + 3 * (row // 9) + column // 9 for channel in range(8)]
            ),
            "Rows and columns are exchanged: a map is written row by row.": _inside(
                lambda row, column: [9 * channel + 3 * (column // 9) + row // 9 for channel in range(16)]
            ),
            "The order is channel, row, column: from one channel to the next there are 9 numbers, not 1.": _inside(
                lambda row, column: [16 * (3 * (row // 9) + column // 9) + channel for channel in range(16)]
            ),
            "The numbers run from 0 to 143: these are one too high.": _inside(
                lambda row, column: [9 * channel + 3 * (row // 9) + column // 9 + 1 for channel in range(16)]
            ),
            "Those are places of the picture in blocks of 3×3; each number of the code has a block of 9×9.": _inside(
                lambda row, column: [9 * channel + 3 * (row % 9 // 3) + column % 9 // 3 for channel in range(16)]
            ),
            "Those are the numbers behind the first layer of the decoder (9×9 maps): the code lies one layer before.": (
                _inside(lambda row, column: [81 * channel + 9 * (row // 3) + column // 3 for channel in range(8)])
            ),
            "That is all of the code. But each place of its maps has a block of 9×9 pixels to itself.": (
                lambda row, column: list(range(144))
            ),
        },
        any_order=True,
        asked="a list of numbers from 0 to 143",
    ),
    "participation": Exercise.of(
        cases=[{"variances": [1, 1, 1, 1]}, {"variances": [5, 0, 0]}] + [{"variances": each} for each in SPECTRA],
        right=_dimension,
        slips={
            "That is the other way round: the square of the sum stands above.": (
                lambda variances: 1 / _dimension(variances)
            ),
            "Squaring each variance and squaring their sum are two things: above the sum is taken first.": (
                lambda variances: 1
            ),
            "The sum above has to be squared, or the result changes with the units of the code.": (
                lambda variances: sum(variances) / sum(value**2 for value in variances)
            ),
            "The variances below have to be squared one by one.": (lambda variances: sum(variances)),
            "There is a root too many: neither the sum below nor the quotient has one.": (
                lambda variances: sum(variances) / math.sqrt(sum(value**2 for value in variances))
            ),
            "The root below is one too many: the sum of the squares stands there as it is.": (
                lambda variances: sum(variances) ** 2 / math.sqrt(sum(value**2 for value in variances))
            ),
            "That counts the axes, however little happens along them: an idle one must not count.": (
                lambda variances: len(variances)
            ),
            "That counts the axes with any variance at all; a hardly used one should count for less.": (
                lambda variances: sum(value > 0 for value in variances)
            ),
            "That compares all with the largest alone; here each variance has its weight, by its square.": (
                lambda variances: sum(variances) / max(variances)
            ),
            "That weighs the axes by their standard deviations; these numbers are variances already: no root.": (
                lambda variances: sum(value**0.5 for value in variances) ** 2 / sum(variances)
            ),
            "A variance is a square already, but here it is squared once more: Σ λ² below, (Σ λ)² above.": (
                lambda variances: sum(value**2 for value in variances) ** 2 / sum(value**4 for value in variances)
            ),
        },
        close=True,
        asked="a number",
    ),
}

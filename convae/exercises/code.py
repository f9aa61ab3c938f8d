"""Graders of the chapter that looks at the code."""

from __future__ import annotations

import itertools
import random

from convae.arithmetic.tracing import projective_field
from convae.exercises.grading import Function, Grade, grade, grade_number, in_order
from convae.models import robledo_two_layer


def numbers_behind(answer: Function) -> Grade:
    """Exercise: the flat indices of the numbers of the two-layer net's code that can change pixel (row, column)."""
    field = projective_field(robledo_two_layer().decoder.children())
    moved = [set(field.pixels(index)) for index in range(3)]

    def right(row: int, column: int) -> list[int]:
        return [
            9 * channel + 3 * down + across
            for channel, down, across in itertools.product(range(16), range(3), range(3))
            if row in moved[down] and column in moved[across]
        ]

    return grade(
        lambda **case: in_order(answer(**case)),
        right,
        [{"row": row, "column": column} for row in range(28) for column in range(28)],
        {
            "Right up to row and column 26. Which number of the code moves those of 27?": (
                lambda row, column: [9 * channel + 3 * (row // 9) + column // 9 for channel in range(16)]
            ),
            "The last row and column belong to no block: only the bias of the last layer reaches them.": (
                lambda row, column: [9 * channel + 3 * min(row // 9, 2) + min(column // 9, 2) for channel in range(16)]
            ),
            "That is one channel. The decoder adds up all 16 of them at that place.": (
                lambda row, column: [3 * (row // 9) + column // 9] if max(row, column) < 27 else []
            ),
            "Rows and columns are exchanged: a map is written row by row.": (
                lambda row, column: (
                    [9 * channel + 3 * (column // 9) + row // 9 for channel in range(16)]
                    if max(row, column) < 27
                    else []
                )
            ),
            "The order is channel, row, column: from one channel to the next there are 9 numbers, not 1.": (
                lambda row, column: (
                    [16 * (3 * (row // 9) + column // 9) + channel for channel in range(16)]
                    if max(row, column) < 27
                    else []
                )
            ),
            "Those are the numbers behind the first layer of the decoder (9×9 maps): the code lies one layer before.": (
                lambda row, column: (
                    [81 * channel + 9 * (row // 3) + column // 3 for channel in range(8)]
                    if max(row, column) < 27
                    else []
                )
            ),
            "That is all of the code. But each place of its maps has a block of 9×9 pixels to itself.": (
                lambda row, column: list(range(144))
            ),
        },
    )


def participation(answer: Function) -> Grade:
    """Exercise: the effective dimension of a code from the `variances` along its axes."""
    chance = random.Random(0)
    cases = [
        {"variances": [chance.randint(0, 9) for _ in range(length)] + [chance.randint(1, 9)]}
        for length in (1, 2, 3, 5, 9)
        for _ in range(8)
    ]

    def right(variances: list[float]) -> float:
        return sum(variances) ** 2 / sum(value**2 for value in variances)

    return grade_number(
        answer,
        right,
        [{"variances": [1, 1, 1, 1]}, {"variances": [5, 0, 0]}, *cases],
        {
            "That is the other way round: the square of the sum stands above.": (
                lambda variances: 1 / right(variances)
            ),
            "Squaring each variance and squaring their sum are two things: above the sum is taken first.": (
                lambda variances: 1
            ),
            "The sum above has to be squared, or the result changes with the units of the code.": (
                lambda variances: sum(variances) / sum(value**2 for value in variances)
            ),
            "The variances below have to be squared one by one.": (lambda variances: sum(variances)),
            "That counts the axes with any variance at all; a hardly used one should count for less.": (
                lambda variances: sum(value > 0 for value in variances)
            ),
            "That weighs the axes by their standard deviations; these numbers are variances already: no root.": (
                lambda variances: sum(value**0.5 for value in variances) ** 2 / sum(variances)
            ),
            "A variance is a square already, but here it is squared once more: Σ λ² below, (Σ λ)² above.": (
                lambda variances: sum(value**2 for value in variances) ** 2 / sum(value**4 for value in variances)
            ),
        },
    )

"""Graders of the chapter on transposed convolution."""

from __future__ import annotations

import random

from convae.arithmetic.shapes import transposed_size
from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["meeting_inputs", "transposed_output"]


def meeting_inputs(answer: Function) -> Grade:
    """Exercise: how many inputs meet in an output of a transposed convolution along one axis, away from the edges."""
    return EXERCISES["meeting_inputs"].grade(answer)


def transposed_output(answer: Function) -> Grade:
    """Exercise: output size of a transposed convolution along one axis."""
    return EXERCISES["transposed_output"].grade(answer)


def _layers() -> list[dict[str, int]]:
    chance = random.Random(0)
    cases: list[dict[str, int]] = []
    while len(cases) < 60:
        case = {
            "size": chance.randint(5, 20),
            "kernel": chance.randint(2, 6),
            "stride": chance.randint(2, 4),
            "padding": chance.randint(0, 2),
            "output_padding": chance.randint(0, 1),
        }
        if case not in cases:
            cases.append(case)
    return cases


EXERCISES = {
    "meeting_inputs": Exercise.of(
        [
            {"position": position, "kernel": kernel, "stride": stride}
            for kernel, stride in [(3, 2), (4, 2), (2, 2), (5, 2), (5, 3), (3, 1), (6, 3), (2, 3)]
            for position in range(30, 36)
        ],
        lambda position, kernel, stride: sum(0 <= position - stride * source < kernel for source in range(40)),
        {
            "Right where the stride divides the kernel. Elsewhere some positions get one more than others.": (
                lambda position, kernel, stride: kernel // stride
            ),
            "That is the largest number; it is reached only where position % stride is small enough.": (
                lambda position, kernel, stride: -(-kernel // stride)
            ),
            "The two kinds of positions are exchanged: the first positions of each step of the stride get more.": (
                lambda position, kernel, stride: (kernel + position % stride) // stride
            ),
            "Round up: a stamp that has only begun to reach the position counts whole.": (
                lambda position, kernel, stride: (kernel - position % stride) // stride
            ),
            "That is the mean over all positions. Count the inputs at this one: a whole number.": (
                lambda position, kernel, stride: kernel / stride
            ),
            "So many outputs does one input reach. Here it is the other way round.": (
                lambda position, kernel, stride: kernel
            ),
        },
        asked="a whole number",
    ),
    "transposed_output": Exercise.of(
        _layers(),
        lambda size, kernel, stride, padding, output_padding: transposed_size(
            size, kernel, stride, padding, output_padding=output_padding
        ),
        {
            "Between n inputs there are n − 1 steps, and the last stamp is as wide as the kernel.": (
                lambda size, kernel, stride, padding, output_padding: (
                    size * stride - 2 * padding + kernel + output_padding
                )
            ),
            "Here the padding is cut off the output, on both sides: subtract it.": (
                lambda size, kernel, stride, padding, output_padding: (
                    (size - 1) * stride + 2 * padding + kernel + output_padding
                )
            ),
            "The padding is cut off on both sides: take it twice.": (
                lambda size, kernel, stride, padding, output_padding: (
                    (size - 1) * stride - padding + kernel + output_padding
                )
            ),
            "The output padding is added on one side only.": (
                lambda size, kernel, stride, padding, output_padding: (
                    (size - 1) * stride - 2 * padding + kernel + 2 * output_padding
                )
            ),
            "The output padding is missing.": (
                lambda size, kernel, stride, padding, output_padding: (size - 1) * stride - 2 * padding + kernel
            ),
            "The padding is missing: it is cut off on both sides.": (
                lambda size, kernel, stride, padding, output_padding: (size - 1) * stride + kernel + output_padding
            ),
            "One short: the last stamp is kernel pixels wide, not kernel − 1.": (
                lambda size, kernel, stride, padding, output_padding: (
                    (size - 1) * stride - 2 * padding + kernel - 1 + output_padding
                )
            ),
            "So it is where the kernel is as wide as the stride. In general the last stamp ends later, or earlier.": (
                lambda size, kernel, stride, padding, output_padding: size * stride - 2 * padding + output_padding
            ),
            "That is the size behind a convolution; the transposed one runs the other way.": (
                lambda size, kernel, stride, padding, output_padding: (size + 2 * padding - kernel) // stride + 1
            ),
        },
        asked="a whole number",
    ),
}

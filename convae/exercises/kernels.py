"""Graders of the chapter on kernels."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import Any

from convae.arithmetic.shapes import multiply_adds
from convae.exercises.grading import Exercise, Function, Grade, plain

__all__ = ["cross_filter", "pooled_multiplications"]

CROSS = '{"judge": "cross_filter"}'  # by crossFilter of book/static/answers.js, which says what cross_filter does


def pooled_multiplications(answer: Function) -> Grade:
    """Exercise: multiplications of a convolution that keeps the size, with a max-pooling behind it.

    From `size` (of the square input, a multiple of `pool`), `kernel`, `channels_in`, `channels_out` and `pool`.
    Products with the zeros of the padding count.
    """
    return EXERCISES["pooled_multiplications"].grade(answer)


def cross_filter(answer: Any) -> Grade:
    """Exercise: a 3×3 kernel whose answer to the binary X is higher than that to any other of the 512 patches.

    Args:
        answer: Three rows of three numbers, or the weight [1, 1, 3, 3] of a layer with one kernel; None or ... as long
            as there is no answer.
    """
    if answer is None or answer is ...:
        return Grade(
            None,
            "In the notebook of this page: write three rows of three numbers in place of the three dots, then run the "
            "cell.",
            {"asked": "three rows of three numbers, [[…, …, …], […, …, …], […, …, …]]", "exercise": CROSS},
        )
    try:
        rows = plain(answer)
        while _depth(rows) > 2 and len(rows) == 1:
            rows = rows[0]
        kernel = [float(weight) for row in rows for weight in row]
    except (TypeError, ValueError, OverflowError):
        return Grade(False, "These are not three rows of three numbers: write [[…, …, …], […, …, …], […, …, …]].")
    if len(kernel) != 9 or any(len(row) != 3 for row in rows):
        return Grade(False, f"These are {len(kernel)} numbers: give three rows of three.")
    if not all(abs(weight) < float("inf") for weight in kernel):
        return Grade(False, "One of the weights is not a finite number.")
    cross = (1, 0, 1, 0, 1, 0, 1, 0, 1)

    def answers_to(patch: Sequence[int]) -> float:
        return sum(weight * pixel for weight, pixel in zip(kernel, patch, strict=True))

    own = answers_to(cross)
    rivals = [patch for patch in itertools.product((0, 1), repeat=9) if patch != cross and answers_to(patch) >= own]
    if not rivals:
        return Grade(True, f"The X gets {own:g}; none of the other 511 patches gets as much.")
    white, bars = (1,) * 9, [place for place in range(9) if cross[place] and kernel[place] <= 0]
    if bars:
        row, column = divmod(bars[0], 3)
        return Grade(
            False,
            f"The X is white in row {row}, column {column}: the weight there, {kernel[bars[0]]:g}, has to be above 0.",
        )
    if white in rivals:
        return Grade(
            False,
            f"A patch that is white everywhere gets {answers_to(white):g}, the X {own:g}: weights where the X is dark "
            "have to be negative.",
        )
    rival = " / ".join("".join(map(str, rivals[0][start : start + 3])) for start in (0, 3, 6))
    return Grade(False, f"{len(rivals)} other patches get as much as the X, {rival} among them. Where does it differ?")


def _depth(rows: Any) -> int:
    """How many brackets stand around the first number."""
    return 1 + _depth(rows[0]) if isinstance(rows, list) and rows else 0


def _layers() -> list[dict[str, int]]:
    """The layer of robledo2021's Figure 2, and fifty drawn at random."""
    chance = random.Random(0)
    cases = [{"size": 28, "kernel": 3, "channels_in": 1, "channels_out": 8, "pool": 2}]
    for _ in range(50):
        pool = chance.randint(2, 4)
        cases.append(
            {
                "size": pool * chance.randint(2, 9),
                "kernel": chance.choice((3, 5, 7)),
                "channels_in": chance.randint(2, 32),
                "channels_out": chance.randint(2, 32),
                "pool": pool,
            }
        )
    return cases


def _products_with_pixels(size: int, kernel: int) -> int:
    """Products of one kernel along one axis in which no zero of the padding takes part."""
    reach = kernel // 2
    return sum(0 <= place + offset < size for place in range(size) for offset in range(-reach, reach + 1))


EXERCISES = {
    "pooled_multiplications": Exercise.of(
        _layers(),
        lambda size, kernel, channels_in, channels_out, pool: multiply_adds(channels_in, channels_out, kernel, size),
        {
            "That is what a convolution with the pooling's stride would cost. Before a pooling every place is "
            "computed, also those that are thrown away.": (
                lambda size, kernel, channels_in, channels_out, pool: (
                    kernel**2 * channels_in * channels_out * (size // pool) ** 2
                )
            ),
            "Those are the weights. Each of them is used once at every place of the map.": (
                lambda size, kernel, channels_in, channels_out, pool: kernel**2 * channels_in * channels_out
            ),
            "The kernel is a square of kernel × kernel weights: square it.": (
                lambda size, kernel, channels_in, channels_out, pool: kernel * channels_in * channels_out * size**2
            ),
            "The map is a square of size × size places: square it.": (
                lambda size, kernel, channels_in, channels_out, pool: kernel**2 * channels_in * channels_out * size
            ),
            "Every output channel reads all input channels: multiply by both numbers.": (
                lambda size, kernel, channels_in, channels_out, pool: kernel**2 * channels_out * size**2
            ),
            "There are channels_out kernels, and each of them is put at every place: multiply by channels_out, too.": (
                lambda size, kernel, channels_in, channels_out, pool: kernel**2 * channels_in * size**2
            ),
            "So many places has a map without padding. This one keeps its size: size × size places.": (
                lambda size, kernel, channels_in, channels_out, pool: (
                    kernel**2 * channels_in * channels_out * (size - kernel + 1) ** 2
                )
            ),
            "That leaves out the products with the zeros of the padding. Here they count: a layer computes them.": (
                lambda size, kernel, channels_in, channels_out, pool: (
                    channels_in * channels_out * _products_with_pixels(size, kernel) ** 2
                )
            ),
            "That is one more for every number of the map. A bias is added, not multiplied, and a max-pooling only "
            "compares.": (
                lambda size, kernel, channels_in, channels_out, pool: (
                    (kernel**2 * channels_in + 1) * channels_out * size**2
                )
            ),
            "Comparing is not multiplying: a max-pooling multiplies nothing.": (
                lambda size, kernel, channels_in, channels_out, pool: (
                    kernel**2 * channels_in * channels_out * size**2
                    + channels_out * (size // pool) ** 2 * (pool**2 - 1)
                )
            ),
        },
        asked="a whole number",
    ),
}

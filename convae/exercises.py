"""Graders. An answer is a function; it is tried on random cases, and the usual slips each get their own message."""

from __future__ import annotations

import html
import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from numbers import Real
from typing import Any, TypeAlias

import torch

from convae.models import robledo_two_layer
from convae.shapes import (
    convolution_parameters,
    convolution_size,
    inverting_output_padding,
    multiply_adds,
    transposed_size,
)
from convae.tracing import projective_field, receptive_field

Function: TypeAlias = Callable[..., Any]


@dataclass(frozen=True)
class Grade:
    """What a grader says.

    Args:
        right: None as long as there is no answer.
    """

    right: bool | None
    message: str

    def __repr__(self) -> str:
        return self.message

    def _repr_html_(self) -> str:
        kind = {True: "tip", False: "warning", None: "note"}[self.right]
        title = {True: "Right", False: "Not yet", None: "No answer yet"}[self.right]
        text = html.escape(self.message)
        return f'<div class="admonition {kind}"><p class="admonition-title">{title}</p><p>{text}</p></div>'


def grade(
    answer: Function, right: Function, cases: Sequence[Mapping[str, Any]], slips: Mapping[str, Function]
) -> Grade:
    """Compares an answer with the right function on every case.

    Args:
        answer: The learner's function; one that still returns None or ... counts as not answered.
        cases: Arguments by name.
        slips: Message to the wrong function that deserves it, the likeliest first.
    """
    given = []
    for case in cases:
        try:
            value = answer(**case)
        except Exception as error:
            return Grade(False, f"For {_arguments(case)} the function stops with {type(error).__name__}: {error}.")
        if value is None or value is ...:
            return Grade(None, "Write your answer in the function above in place of the three dots, then run the cell.")
        given.append(value)
    wrong = [(case, value) for case, value in zip(cases, given, strict=True) if value != right(**case)]
    if not wrong:
        return Grade(True, f"All {len(cases)} cases agree.")
    for message, slip in slips.items():
        if all(value == slip(**case) for case, value in zip(cases, given, strict=True)):
            return Grade(False, message)
    case, value = wrong[0]
    return Grade(
        False, f"For {_arguments(case)} it gives {value!r}, but should give {right(**case)!r}. Try that case by hand."
    )


def parameters(answer: Function) -> Grade:
    """Exercise: the number of parameters of a convolution, from `kernel`, `channels_in` and `channels_out`."""

    def right(kernel: int, channels_in: int, channels_out: int) -> int:
        return convolution_parameters(channels_in, channels_out, kernel)

    chance = random.Random(0)
    cases = [
        {"kernel": chance.randint(2, 7), "channels_in": chance.randint(2, 64), "channels_out": chance.randint(2, 64)}
        for _ in range(50)
    ]
    return grade(
        answer,
        right,
        [{"kernel": 3, "channels_in": 1, "channels_out": 8}, *cases],
        {
            "The weights are right, but every output channel also has a bias: add channels_out.": (
                lambda kernel, channels_in, channels_out: kernel**2 * channels_in * channels_out
            ),
            "There is one bias for each output channel, not for each input channel.": (
                lambda kernel, channels_in, channels_out: kernel**2 * channels_in * channels_out + channels_in
            ),
            "One bias for the whole layer is too few: each output channel has its own.": (
                lambda kernel, channels_in, channels_out: kernel**2 * channels_in * channels_out + 1
            ),
            "Each kernel reads all input channels at once: multiply the weights by channels_in too.": (
                lambda kernel, channels_in, channels_out: kernel**2 * channels_out + channels_out
            ),
            "The kernel is a square of kernel × kernel weights: square it.": (
                lambda kernel, channels_in, channels_out: kernel * channels_in * channels_out + channels_out
            ),
            "The kernels differ from one output channel to the next: multiply the weights by channels_out.": (
                lambda kernel, channels_in, channels_out: kernel**2 * channels_in + channels_out
            ),
        },
    )


def pixels_seen(answer: Function) -> Grade:
    """Exercise: (first row, last row, first column, last column) that a number of the two-layer net's code reads."""
    field = receptive_field(robledo_two_layer().encoder.children())

    def right(row: int, column: int) -> tuple[int, int, int, int]:
        rows, columns = field.pixels(row), field.pixels(column)
        return rows[0], rows[-1], columns[0], columns[-1]

    cases = [{"row": row, "column": column} for row in range(3) for column in range(3)]
    return grade(
        lambda **case: _as_tuple(answer(**case)),
        right,
        cases,
        {
            "A range that ends before 9 row + 9 does not hold that pixel: the last row is 9 row + 8.": (
                lambda row, column: (9 * row, 9 * row + 9, 9 * column, 9 * column + 9)
            ),
            "That is what a number of the first map (9×9) reads. The code lies one convolution further on.": (
                lambda row, column: (3 * row, 3 * row + 2, 3 * column, 3 * column + 2)
            ),
            "The size of 9 pixels is right, but neighbours do not overlap: two strides of 3 make steps of 9, not 3.": (
                lambda row, column: (3 * row, 3 * row + 8, 3 * column, 3 * column + 8)
            ),
            "Rows and columns are exchanged.": (lambda row, column: (9 * column, 9 * column + 8, 9 * row, 9 * row + 8)),
        },
    )


def output_size(answer: Function) -> Grade:
    """Exercise: the size of a convolution's output from `size`, `kernel`, `stride`, `padding` and `dilation`."""
    chance = random.Random(0)
    cases: list[dict[str, int]] = []
    while len(cases) < 60:
        case = {
            "size": chance.randint(3, 40),
            "kernel": chance.randint(1, 7),
            "stride": chance.randint(1, 4),
            "padding": chance.randint(0, 4),
            "dilation": chance.randint(1, 3),
        }
        if case["dilation"] * (case["kernel"] - 1) < case["size"] + 2 * case["padding"]:
            cases.append(case)

    def room(size: int, kernel: int, padding: int, dilation: int) -> int:
        return size + 2 * padding - dilation * (kernel - 1) - 1

    return grade(
        answer,
        convolution_size,
        [{"size": 28, "kernel": 3, "stride": 3, "padding": 0, "dilation": 1}, *cases],
        {
            "Round down: a last step that would lead outside the picture is not taken. Use // in place of /.": (
                lambda size, kernel, stride, padding, dilation: room(size, kernel, padding, dilation) / stride + 1
            ),
            "Rounded up: a last step that would lead outside the picture is not taken.": (
                lambda size, kernel, stride, padding, dilation: -(-room(size, kernel, padding, dilation) // stride) + 1
            ),
            "These are the steps. Before the first one the kernel has a place, too: add 1.": (
                lambda size, kernel, stride, padding, dilation: room(size, kernel, padding, dilation) // stride
            ),
            "Padding is put on both sides: it counts twice.": (
                lambda size, kernel, stride, padding, dilation: (
                    (room(size, kernel, padding, dilation) - padding) // stride + 1
                )
            ),
            "Right without dilation. A dilated kernel spans dilation · (kernel − 1) + 1 pixels.": (
                lambda size, kernel, stride, padding, dilation: room(size, kernel, padding, 1) // stride + 1
            ),
            "No gap follows the last number: the kernel spans dilation · (kernel − 1) + 1 pixels.": (
                lambda size, kernel, stride, padding, dilation: (size + 2 * padding - dilation * kernel) // stride + 1
            ),
        },
    )


def output_padding(answer: Function) -> Grade:
    """Exercise: the output padding that leads back to `size`, from `size`, `kernel`, `stride` and `padding`."""
    chance = random.Random(0)
    cases: list[dict[str, int]] = []
    while len(cases) < 60:
        case = {
            "size": chance.randint(3, 40),
            "kernel": chance.randint(2, 7),
            "stride": chance.randint(2, 5),
            "padding": chance.randint(0, 3),
        }
        if case["kernel"] <= case["size"] + 2 * case["padding"]:
            cases.append(case)
    return grade(
        answer,
        inverting_output_padding,
        [{"size": 28, "kernel": 3, "stride": 3, "padding": 0}, *cases],
        {
            "The padding belongs to what the kernel walks over: take size + 2 · padding − kernel.": (
                lambda size, kernel, stride, padding: (size - kernel) % stride
            ),
            "Padding is put on both sides: it counts twice.": (
                lambda size, kernel, stride, padding: (size + padding - kernel) % stride
            ),
            "That is the remainder of the size. The kernel's first place costs no step: take the kernel away first.": (
                lambda size, kernel, stride, padding: size % stride
            ),
            "Almost: the first place of the kernel costs no step, so the kernel has to be taken away first.": (
                lambda size, kernel, stride, padding: (size + 2 * padding) % stride
            ),
            "That is what is missing to the next multiple. What the transposed convolution adds is the remainder.": (
                lambda size, kernel, stride, padding: -(size + 2 * padding - kernel) % stride
            ),
            "That is the output's size less one. What the floor dropped is the remainder: % in place of //.": (
                lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride
            ),
        },
    )


def pooled_multiplications(answer: Function) -> Grade:
    """Exercise: multiplications of a convolution that keeps the size, with a pooling behind it.

    From `size` (of the square input, a multiple of `pool`), `kernel`, `channels_in`, `channels_out` and `pool`.
    """

    def right(size: int, kernel: int, channels_in: int, channels_out: int, pool: int) -> int:
        return multiply_adds(channels_in, channels_out, kernel, size)

    chance = random.Random(0)
    cases = []
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
    return grade(
        answer,
        right,
        [{"size": 28, "kernel": 3, "channels_in": 1, "channels_out": 8, "pool": 2}, *cases],
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
            "So many places has a map without padding. This one keeps its size: size × size places.": (
                lambda size, kernel, channels_in, channels_out, pool: (
                    kernel**2 * channels_in * channels_out * (size - kernel + 1) ** 2
                )
            ),
            "Comparing is not multiplying: a max-pooling multiplies nothing.": (
                lambda size, kernel, channels_in, channels_out, pool: (
                    (kernel**2 * channels_in + 1) * channels_out * size**2
                )
            ),
        },
    )


def cross_filter(answer: Any) -> Grade:
    """Exercise: a 3×3 kernel whose answer to the binary X is higher than that to any other of the 512 patches.

    Args:
        answer: Three rows of three numbers; None or ... as long as there is no answer.
    """
    if answer is None or answer is ...:
        return Grade(None, "Write three rows of three numbers in place of the three dots, then run the cell.")
    try:
        kernel = [float(weight) for row in answer for weight in row]
    except (TypeError, ValueError):
        return Grade(False, "These are not three rows of three numbers: write [[…, …, …], […, …, …], […, …, …]].")
    if len(kernel) != 9 or any(len(row) != 3 for row in answer):
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
    rows = " / ".join("".join(map(str, rivals[0][start : start + 3])) for start in (0, 3, 6))
    return Grade(False, f"{len(rivals)} other patches get as much as the X, {rows} among them. Where does it differ?")


def same_pixel(answer: Function) -> Grade:
    """Exercise: where `y_strided[index]` stands in the map of stride 1, from `index`, `stride` and both paddings."""
    chance = random.Random(0)
    cases = [
        {
            "index": chance.randint(2, 9),
            "stride": chance.randint(2, 4),
            "padding_strided": chance.randint(0, 2),
            "padding": chance.randint(0, 3),
        }
        for _ in range(60)
    ]
    return grade(
        answer,
        lambda index, stride, padding_strided, padding: stride * index + padding - padding_strided,
        cases,
        {
            "Right as long as both have the same padding. More rows above push a map down: add the difference.": (
                lambda index, stride, padding_strided, padding: stride * index
            ),
            "The difference of the paddings has the wrong sign: the map with more padding begins earlier.": (
                lambda index, stride, padding_strided, padding: stride * index - padding + padding_strided
            ),
            "The padding is counted in pixels of the input, where stride 1 steps as well: do not multiply it.": (
                lambda index, stride, padding_strided, padding: stride * (index + padding - padding_strided)
            ),
            "From one output to the next the strided kernel moves on by `stride` pixels: multiply the index.": (
                lambda index, stride, padding_strided, padding: index + padding - padding_strided
            ),
        },
    )


def meeting_inputs(answer: Function) -> Grade:
    """Exercise: how many inputs meet in an output of a transposed convolution along one axis, away from the edges."""
    cases = [
        {"position": position, "kernel": kernel, "stride": stride}
        for kernel, stride in [(3, 2), (4, 2), (2, 2), (5, 2), (5, 3), (3, 1), (6, 3), (2, 3)]
        for position in range(30, 36)
    ]
    return grade(
        answer,
        lambda position, kernel, stride: sum(0 <= position - stride * source < kernel for source in range(40)),
        cases,
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
            "So many outputs does one input reach. Here it is the other way round.": (
                lambda position, kernel, stride: kernel
            ),
        },
    )


def transposed_output(answer: Function) -> Grade:
    """Exercise: output size of a transposed convolution along one axis."""
    chance = random.Random(0)
    cases = [
        {
            "size": chance.randint(5, 20),
            "kernel": chance.randint(2, 6),
            "stride": chance.randint(2, 4),
            "padding": chance.randint(0, 2),
            "output_padding": chance.randint(0, 1),
        }
        for _ in range(60)
    ]
    return grade(
        answer,
        lambda size, kernel, stride, padding, output_padding: transposed_size(
            size, kernel, stride, padding, output_padding=output_padding
        ),
        cases,
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
            "That is the size behind a convolution; the transposed one runs the other way.": (
                lambda size, kernel, stride, padding, output_padding: (size + 2 * padding - kernel) // stride + 1
            ),
        },
    )


def equivalent_kernel(answer: Function) -> Grade:
    """Exercise: (kernel, stride) of the one convolution that equals a convolution with an average pooling behind it."""
    cases = [{"kernel": kernel, "pool": pool} for kernel in (1, 3, 5, 7) for pool in (2, 3, 4)]
    return grade(
        lambda **case: _as_tuple(answer(**case)),
        lambda kernel, pool: (kernel + pool - 1, pool),
        cases,
        {
            "One too many: the last kernel of a window begins pool − 1 pixels after the first, not pool.": (
                lambda kernel, pool: (kernel + pool, pool)
            ),
            "The kernels inside a window overlap, they do not stand side by side: count the pixels that they cover.": (
                lambda kernel, pool: (kernel * pool, pool)
            ),
            "The kernel is right. The pooling moves on by its own size, and so does the one convolution.": (
                lambda kernel, pool: (kernel + pool - 1, 1)
            ),
            "The order is (kernel, stride).": (lambda kernel, pool: (pool, kernel + pool - 1)),
            "The stride is right; but a window of the pooling reads more pixels than one kernel does.": (
                lambda kernel, pool: (kernel, pool)
            ),
        },
    )


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
        lambda **case: _in_order(answer(**case)),
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

    return _grade_number(
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


def area_between(answer: Function) -> Grade:
    """Exercise: the area under the ROC curve from the scores of `usual` and of `unusual` pictures."""

    def share(wins: Callable[[float, float], float]) -> Function:
        return lambda usual, unusual: (
            sum(wins(other, one) for one in usual for other in unusual) / len(usual) / len(unusual)
        )

    chance = random.Random(0)
    cases = [
        {name: [chance.randint(0, 9) for _ in range(chance.randint(2, 6))] for name in ("usual", "unusual")}
        for _ in range(40)
    ]
    return _grade_number(
        answer,
        share(lambda other, one: (other > one) + (other == one) / 2),
        [{"usual": [1, 2], "unusual": [3, 4]}, {"usual": [1, 2], "unusual": [2, 1, 1]}, *cases],
        {
            "Where both scores are the same nobody wins: count such a pair as a half.": (
                share(lambda other, one: other > one)
            ),
            "Two equal scores are no win: count such a pair as a half, not as a whole.": (
                share(lambda other, one: other >= one)
            ),
            "The sides are exchanged: it is the unusual picture that should score higher.": (
                share(lambda other, one: (other < one) + (other == one) / 2)
            ),
            "That is the number of pairs; divide it by how many pairs there are.": (
                lambda usual, unusual: sum((other > one) + (other == one) / 2 for one in usual for other in unusual)
            ),
            "Compare every unusual picture with every usual one, not pairs that happen to stand at the same place.": (
                lambda usual, unusual: (
                    sum((other > one) + (other == one) / 2 for one, other in zip(usual, unusual, strict=False))
                    / min(len(usual), len(unusual))
                )
            ),
            "That compares the two means; one extreme score can turn them. Compare pair by pair.": (
                lambda usual, unusual: sum(unusual) / len(unusual) > sum(usual) / len(usual)
            ),
        },
    )


def threshold(answer: Function) -> Grade:
    """Exercise: the smallest score above which at most `share` of these `usual` pictures lie."""
    chance = random.Random(0)
    cases = [
        {"usual": chance.sample(range(1000), length), "share": share}
        for length, share in [(20, 0.05), (40, 0.05), (100, 0.05), (10, 0.2), (20, 0.1), (50, 0.04), (15, 0.2)]
        for _ in range(4)
    ]

    def above(usual: list[float], share: float) -> int:
        return round(share * len(usual))  # whole in every case

    return grade(
        answer,
        lambda usual, share: sorted(usual, reverse=True)[above(usual, share)],
        cases,
        {
            "At that score there is one alarm too few: an alarm is a score above the threshold, not equal to it.": (
                lambda usual, share: sorted(usual, reverse=True)[above(usual, share) - 1]
            ),
            "Order the scores first.": (lambda usual, share: usual[above(usual, share)]),
            "That is the other end: the alarm rings for large scores.": (
                lambda usual, share: sorted(usual)[above(usual, share)]
            ),
            "From that end it is one too many: there the alarm rings for one picture more.": (
                lambda usual, share: sorted(usual, reverse=True)[above(usual, share) + 1]
            ),
            "The largest score of all gives no false alarm here, but misses more than it has to.": (
                lambda usual, share: max(usual)
            ),
            "That is a share of the largest score. The share is one of pictures: count them.": (
                lambda usual, share: (1 - share) * max(usual)
            ),
            "That is a position; give the score that stands there.": above,
        },
    )


def share_of_the_way(answer: Function) -> Grade:
    """Exercise: the t of picture `index` of `count` on a path that shows both ends, from 0 to 1 in even steps."""
    cases = [{"index": index, "count": count} for count in (2, 3, 5, 11, 20) for index in range(count)]
    return _grade_number(
        answer,
        lambda index, count: index / (count - 1),
        cases,
        {
            "The last picture stops short of t = 1: between so many pictures there is one step less.": (
                lambda index, count: index / count
            ),
            "That is Equation 3 as it stands: it reaches 1 and never shows 0.": lambda index, count: (
                (index + 1) / count
            ),
            "Neither end is shown: the first picture has t = 0, the last t = 1.": (
                lambda index, count: (index + 1) / (count + 1)
            ),
            "The path runs backwards: the first picture has t = 0.": lambda index, count: 1 - index / (count - 1),
            "A share lies between 0 and 1: divide by the number of steps.": lambda index, count: index,
        },
    )


def divergence_of_one_number(answer: Function) -> Grade:
    """Exercise: KL(N(μ, σ²) ‖ N(0, 1)) in nats, from `mean` μ and `deviation` σ."""
    chance = random.Random(0)
    cases = [{"mean": 0.0, "deviation": 1.0}, {"mean": 1.0, "deviation": 0.5}] + [
        {"mean": round(chance.uniform(-3, 3), 2), "deviation": round(chance.uniform(0.1, 3), 2)} for _ in range(50)
    ]
    return _grade_number(
        answer,
        lambda mean, deviation: (mean**2 + deviation**2 - 1) / 2 - math.log(deviation),
        cases,
        {
            "Twice too much: the half stands before the whole sum.": (
                lambda mean, deviation: mean**2 + deviation**2 - 1 - 2 * math.log(deviation)
            ),
            "At mean 0 and deviation 1 both are the same, so the result has to be 0: subtract 1 inside.": (
                lambda mean, deviation: (mean**2 + deviation**2) / 2 - math.log(deviation)
            ),
            "The logarithm is of the variance, and log σ² is 2 log σ.": (
                lambda mean, deviation: (mean**2 + deviation**2 - math.log(deviation) - 1) / 2
            ),
            "The deviation is not squared: the formula has the variance.": (
                lambda mean, deviation: (mean**2 + deviation - math.log(deviation) - 1) / 2
            ),
            "The logarithm has the wrong sign: a narrow cloud has to cost more, and its logarithm is negative.": (
                lambda mean, deviation: (mean**2 + deviation**2 - 1) / 2 + math.log(deviation)
            ),
            "The mean is missing: a cloud far from 0 has to cost more.": (
                lambda mean, deviation: (deviation**2 - 1) / 2 - math.log(deviation)
            ),
            "That is the divergence the other way round, KL(N(0, 1) ‖ N(μ, σ²)): it is not symmetric.": (
                lambda mean, deviation: ((1 + mean**2) / deviation**2 - 1) / 2 + math.log(deviation)
            ),
            "Right in bits. Nats take the natural logarithm.": (
                lambda mean, deviation: ((mean**2 + deviation**2 - 1) / 2 - math.log(deviation)) / math.log(2)
            ),
        },
    )


def frechet_of_two(answer: Function) -> Grade:
    """Exercise: squared Fréchet distance of two normal distributions of one number, from means and deviations."""
    chance = random.Random(0)
    cases = [{"mean": 0.0, "deviation": 1.0, "other_mean": 2.0, "other_deviation": 4.0}] + [
        {
            "mean": round(chance.uniform(-3, 3), 2),
            "deviation": round(chance.uniform(0.1, 3), 2),
            "other_mean": round(chance.uniform(-3, 3), 2),
            "other_deviation": round(chance.uniform(0.1, 3), 2),
        }
        for _ in range(50)
    ]

    def right(mean: float, deviation: float, other_mean: float, other_deviation: float) -> float:
        return (mean - other_mean) ** 2 + (deviation - other_deviation) ** 2

    return _grade_number(
        answer,
        right,
        cases,
        {
            "That is its root. The squared distance is asked for, as the tables give it.": (
                lambda **case: math.sqrt(right(**case))
            ),
            "The means are right; the spreads differ, too.": (
                lambda mean, deviation, other_mean, other_deviation: (mean - other_mean) ** 2
            ),
            "The last term is missing, − 2 (Σ₁Σ₂)^½: of one number that root is the product of the deviations.": (
                lambda mean, deviation, other_mean, other_deviation: (
                    (mean - other_mean) ** 2 + deviation**2 + other_deviation**2
                )
            ),
            "The root of the last term is missing: Σ is a variance, so (Σ₁Σ₂)^½ is σ₁σ₂.": (
                lambda mean, deviation, other_mean, other_deviation: (
                    (mean - other_mean) ** 2
                    + deviation**2
                    + other_deviation**2
                    - 2 * (deviation * other_deviation) ** 2
                )
            ),
            "Σ is a variance: square the deviations before they are added.": (
                lambda mean, deviation, other_mean, other_deviation: (
                    (mean - other_mean) ** 2 + deviation + other_deviation - 2 * math.sqrt(deviation * other_deviation)
                )
            ),
            "Square each of the two differences.": (
                lambda mean, deviation, other_mean, other_deviation: (
                    abs(mean - other_mean) + abs(deviation - other_deviation)
                )
            ),
        },
    )


def posterior_mean(answer: Function) -> Grade:
    """Exercise: E[x | x̃] when x is one of `candidates`, all as probable, and x̃ = `spoiled` has noise of `sigma`."""
    chance = random.Random(0)
    cases: list[dict[str, Any]] = [{"spoiled": 0.4, "candidates": [0.0, 1.0], "sigma": 0.5}] + [
        {
            "spoiled": round(chance.uniform(-0.5, 1.5), 2),
            "candidates": [round(chance.uniform(0, 1), 2) for _ in range(chance.randint(2, 5))],
            "sigma": round(chance.uniform(0.2, 0.8), 2),
        }
        for _ in range(50)
    ]

    def weighted(spoiled: float, candidates: Sequence[float], weigh: Callable[[float], float]) -> float:
        weights = [weigh(spoiled - each) for each in candidates]
        return sum(weight * each for weight, each in zip(weights, candidates, strict=True)) / sum(weights)

    def density(sigma: float, difference: float) -> float:
        return math.exp(-(difference**2) / (2 * sigma**2))

    return _grade_number(
        answer,
        lambda spoiled, candidates, sigma: weighted(spoiled, candidates, partial(density, sigma)),
        cases,
        {
            "That is the most probable candidate. The mean weighs all of them.": (
                lambda spoiled, candidates, sigma: min(candidates, key=lambda each: abs(each - spoiled))
            ),
            "That is the mean before x̃ was seen: weigh the candidates by how well they explain it.": (
                lambda spoiled, candidates, sigma: sum(candidates) / len(candidates)
            ),
            "The weights do not add up to 1 yet: divide by their sum.": lambda spoiled, candidates, sigma: sum(
                density(sigma, spoiled - each) * each for each in candidates
            ),
            "The 2 is missing under the square: the exponent is −(x̃ − x)² / 2σ².": (
                lambda spoiled, candidates, sigma: weighted(
                    spoiled, candidates, lambda difference: math.exp(-(difference**2) / sigma**2)
                )
            ),
            "σ has to be squared in the exponent.": lambda spoiled, candidates, sigma: weighted(
                spoiled, candidates, lambda difference: math.exp(-(difference**2) / (2 * sigma))
            ),
            "σ is missing in the exponent.": lambda spoiled, candidates, sigma: weighted(
                spoiled, candidates, lambda difference: math.exp(-(difference**2) / 2)
            ),
            "The difference has to be squared.": lambda spoiled, candidates, sigma: weighted(
                spoiled, candidates, lambda difference: math.exp(-abs(difference) / (2 * sigma**2))
            ),
        },
    )


def wiener_of_one_pixel(answer: Function) -> Grade:
    """Exercise: the best a + b x̃ for a pixel of `mean` and `variance` under noise of `sigma`, at x̃ = `spoiled`."""
    chance = random.Random(0)
    cases = [{"spoiled": 1.0, "mean": 0.0, "variance": 1.0, "sigma": 0.5}] + [
        {
            "spoiled": round(chance.uniform(-1, 2), 2),
            "mean": round(chance.uniform(0, 1), 2),
            "variance": round(chance.uniform(0.01, 0.25), 3),
            "sigma": round(chance.uniform(0.1, 1), 2),
        }
        for _ in range(50)
    ]
    return _grade_number(
        answer,
        lambda spoiled, mean, variance, sigma: mean + variance / (variance + sigma**2) * (spoiled - mean),
        cases,
        {
            "That shrinks towards 0. Shrink towards the mean: only the deviation from it is multiplied.": (
                lambda spoiled, mean, variance, sigma: variance / (variance + sigma**2) * spoiled
            ),
            "The other way round: much noise has to pull the answer to the mean.": (
                lambda spoiled, mean, variance, sigma: mean + sigma**2 / (variance + sigma**2) * (spoiled - mean)
            ),
            "σ is a standard deviation: square it before it is added to the variance.": (
                lambda spoiled, mean, variance, sigma: mean + variance / (variance + sigma) * (spoiled - mean)
            ),
            "That is the deviation alone: add the mean again.": lambda spoiled, mean, variance, sigma: (
                variance / (variance + sigma**2) * (spoiled - mean)
            ),
            "The noisy pixel varies by variance + σ², both of them.": lambda spoiled, mean, variance, sigma: (
                mean + variance / sigma**2 * (spoiled - mean)
            ),
            "That gives the noisy pixel back: it is best without noise only.": (
                lambda spoiled, mean, variance, sigma: spoiled
            ),
            "The mean is best where nothing was seen; x̃ says something about this pixel.": (
                lambda spoiled, mean, variance, sigma: mean
            ),
        },
    )


def score_of_a_denoiser(answer: Function) -> Grade:
    """Exercise: d/dx̃ log p(x̃) from `spoiled` x̃, its `restored` picture E[x | x̃] and `sigma`, for one pixel."""
    chance = random.Random(0)
    cases = [{"spoiled": 1.0, "restored": 0.0, "sigma": 0.5}] + [
        {
            "spoiled": round(chance.uniform(-1, 2), 2),
            "restored": round(chance.uniform(0, 1), 2),
            "sigma": round(chance.uniform(0.1, 1), 2),
        }
        for _ in range(50)
    ]
    return _grade_number(
        answer,
        lambda spoiled, restored, sigma: (restored - spoiled) / sigma**2,
        cases,
        {
            "The sign: it has to point from the spoiled picture to the restored one, uphill.": (
                lambda spoiled, restored, sigma: (spoiled - restored) / sigma**2
            ),
            "Divide by the variance σ², not by the deviation.": (
                lambda spoiled, restored, sigma: (restored - spoiled) / sigma
            ),
            "The direction is right. Divide by σ²: little noise makes a steep density.": (
                lambda spoiled, restored, sigma: restored - spoiled
            ),
            "Divide by σ², do not multiply: little noise makes a steep density.": (
                lambda spoiled, restored, sigma: (restored - spoiled) * sigma**2
            ),
            "Half of what it should be: there is no 2 in it.": (
                lambda spoiled, restored, sigma: (restored - spoiled) / (2 * sigma**2)
            ),
        },
    )


def decoder_inputs(answer: Function) -> Grade:
    """Exercise: channels into each transposed convolution, the innermost first, of a decoder whose every layer sees
    what comes up to it beside the encoder's map of that size, from the encoder's `channels`."""
    chance = random.Random(0)
    cases = [{"channels": (64, 128, 256)}] + [
        {"channels": tuple(chance.sample(range(2, 99), chance.randint(2, 5)))} for _ in range(30)
    ]

    def listed(function: Function) -> Function:
        return lambda **case: _as_list(function(**case))

    slips: dict[str, Function] = {
        "That is what comes up to each layer. The map that is laid beside it has as many channels again: twice that.": (
            lambda channels: channels[::-1]
        ),
        "The numbers are right, the order is not: a decoder begins at the innermost map.": (
            lambda channels: [2 * count for count in channels]
        ),
        "Only the first layer sees two maps in this answer; every layer has one laid beside what comes up.": (
            lambda channels: [2 * channels[-1], *channels[-2::-1]]
        ),
        "The first layer sees two maps as well: what the linear layer gives, and the innermost map of the encoder.": (
            lambda channels: [channels[-1], *(2 * count for count in channels[-2::-1])]
        ),
        "What comes up has as many channels as the map of that size, not as the next smaller one: the layer before "
        "has brought them down already.": (
            lambda channels: [
                2 * channels[-1],
                *(one + other for one, other in zip(channels[-2::-1], channels[:0:-1], strict=True)),
            ]
        ),
    }
    return grade(
        listed(answer),
        listed(lambda channels: [2 * count for count in channels[::-1]]),
        cases,
        {text: listed(slip) for text, slip in slips.items()},
    )


def linear_share(answer: Function) -> Grade:
    """Exercise: parameters of the two linear layers around z, from the `side` of a square picture, the encoder's
    `channels` (kernel 4, stride 2, padding 1 each) and the `code_size`."""
    chance = random.Random(0)
    cases = [{"side": 256, "channels": (64, 128), "code_size": 256}]
    for _ in range(30):
        depth = chance.randint(1, 4)
        channels = tuple(chance.randint(2, 64) for _ in range(depth))
        cases.append(
            {"side": 2**depth * chance.randint(2, 9), "channels": channels, "code_size": chance.randint(2, 99)}
        )

    def numbers(side: int, channels: Sequence[int]) -> int:
        inner: int = side // 2 ** len(channels)
        return channels[-1] * inner**2

    return grade(
        answer,
        lambda side, channels, code_size: (2 * code_size + 1) * numbers(side, channels) + code_size,
        cases,
        {
            "The weights are right. Each output has a bias as well: code_size of them on the way in, and as many as "
            "the map has numbers on the way out.": (
                lambda side, channels, code_size: 2 * numbers(side, channels) * code_size
            ),
            "That is one of the two layers: there is one to z, and one back.": (
                lambda side, channels, code_size: (numbers(side, channels) + 1) * code_size
            ),
            "One of the two layers, and not the one to z alone: add that one.": (
                lambda side, channels, code_size: numbers(side, channels) * (code_size + 1)
            ),
            "Both rows and columns get smaller: square what is left of the side.": (
                lambda side, channels, code_size: (
                    2 * channels[-1] * (side // 2 ** len(channels)) * code_size
                    + channels[-1] * (side // 2 ** len(channels))
                    + code_size
                )
            ),
            "Every layer halves the side, not only one of them.": (
                lambda side, channels, code_size: (
                    2 * channels[-1] * (side // 2) ** 2 * code_size + channels[-1] * (side // 2) ** 2 + code_size
                )
            ),
            "The map has channels: multiply its places by the last of them.": (
                lambda side, channels, code_size: (
                    2 * (side // 2 ** len(channels)) ** 2 * code_size + (side // 2 ** len(channels)) ** 2 + code_size
                )
            ),
        },
    )


def _grade_number(
    answer: Function, right: Function, cases: Sequence[Mapping[str, Any]], slips: Mapping[str, Function]
) -> Grade:
    """grade() for one number, as exact as single precision is; a tensor that holds one number will do."""

    def near(function: Function) -> Function:
        def snapped(**case: Any) -> Any:
            value, exact = function(**case), right(**case)
            if isinstance(value, torch.Tensor):
                value = value.item() if value.numel() == 1 else value.tolist()
            if isinstance(value, Real) and math.isclose(value, exact, rel_tol=1e-5, abs_tol=1e-6):
                return _rounded(exact)
            return _rounded(value)

        return snapped

    return grade(near(answer), near(right), cases, {text: near(slip) for text, slip in slips.items()})


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _as_list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _in_order(value: Any) -> Any:
    """Any collection of numbers as an ordered list."""
    return sorted(value) if isinstance(value, list | tuple | set | range) else value


def _rounded(value: Any) -> Any:
    """A number to nine places, as it is shown."""
    if isinstance(value, Real):
        return round(value if isinstance(value, int) else float(value), 9)
    return value


def _arguments(case: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in case.items())

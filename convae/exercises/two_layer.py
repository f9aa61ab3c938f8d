"""Graders of the chapter on the two-layer autoencoder."""

from __future__ import annotations

import random

from convae.arithmetic.shapes import convolution_parameters
from convae.arithmetic.tracing import receptive_field
from convae.exercises.grading import Exercise, Function, Grade
from convae.models import robledo_two_layer

__all__ = ["parameters", "pixels_seen"]


def parameters(answer: Function) -> Grade:
    """Exercise: the number of parameters of a convolution, from `kernel`, `channels_in` and `channels_out`."""
    return EXERCISES["parameters"].grade(answer)


def pixels_seen(answer: Function) -> Grade:
    """Exercise: (first row, last row, first column, last column) that a number of the two-layer net's code reads."""
    return EXERCISES["pixels_seen"].grade(answer)


def _layers() -> list[dict[str, int]]:
    """The first layer of the net, and fifty drawn at random."""
    chance = random.Random(0)
    cases = [
        {"kernel": chance.randint(2, 7), "channels_in": chance.randint(2, 64), "channels_out": chance.randint(2, 64)}
        for _ in range(50)
    ]
    return [{"kernel": 3, "channels_in": 1, "channels_out": 8}, *cases]


def _read(row: int, column: int) -> tuple[int, int, int, int]:
    field = receptive_field(robledo_two_layer().encoder.children())
    rows, columns = field.pixels(row), field.pixels(column)
    return rows[0], rows[-1], columns[0], columns[-1]


EXERCISES = {
    "parameters": Exercise.of(
        _layers(),
        lambda kernel, channels_in, channels_out: convolution_parameters(channels_in, channels_out, kernel),
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
            "A bias is no pixel of a kernel: there is one for each output channel, not for each pair of channels.": (
                lambda kernel, channels_in, channels_out: (kernel**2 + 1) * channels_in * channels_out
            ),
        },
        asked="a whole number",
    ),
    "pixels_seen": Exercise.of(
        [{"row": row, "column": column} for row in range(3) for column in range(3)],
        _read,
        {
            "A range that ends before 9 row + 9 does not hold that pixel: the last row is 9 row + 8.": (
                lambda row, column: (9 * row, 9 * row + 9, 9 * column, 9 * column + 9)
            ),
            "Counted from 1: here the first row and the first column have the number 0.": (
                lambda row, column: (9 * row + 1, 9 * row + 9, 9 * column + 1, 9 * column + 9)
            ),
            "These are the right pixels, in pairs: give four numbers side by side, without inner brackets.": (
                lambda row, column: ((9 * row, 9 * row + 8), (9 * column, 9 * column + 8))
            ),
            "These are the right pixels in another order: first both ends of the rows, then of the columns.": (
                lambda row, column: (9 * row, 9 * column, 9 * row + 8, 9 * column + 8)
            ),
            "That is what a number of the first map (9×9) reads. The code lies one convolution further on.": (
                lambda row, column: (3 * row, 3 * row + 2, 3 * column, 3 * column + 2)
            ),
            "The size of 9 pixels is right, but neighbours do not overlap: two strides of 3 make steps of 9, not 3.": (
                lambda row, column: (3 * row, 3 * row + 8, 3 * column, 3 * column + 8)
            ),
            "Rows and columns are exchanged.": (lambda row, column: (9 * column, 9 * column + 8, 9 * row, 9 * row + 8)),
        },
        asked="four numbers with commas between them",
    ),
}

"""Graders. An answer is a function; it is tried on random cases, and the usual slips each get their own message."""

from __future__ import annotations

import html
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from convae.models import robledo_two_layer
from convae.shapes import convolution_parameters
from convae.tracing import receptive_field

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
    answer: Function, right: Function, cases: Sequence[Mapping[str, int]], slips: Mapping[str, Function]
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


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _arguments(case: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in case.items())

"""Graders of the chapter on convolution arithmetic."""

from __future__ import annotations

import random

from convae.arithmetic.shapes import (
    convolution_size,
    inverting_output_padding,
)
from convae.exercises.grading import Function, Grade, grade


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

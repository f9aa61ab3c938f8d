"""Graders of the chapter on convolution arithmetic."""

from __future__ import annotations

import random

from convae.arithmetic.shapes import convolution_size, inverting_output_padding
from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["output_padding", "output_size"]


def output_size(answer: Function) -> Grade:
    """Exercise: the size of a convolution's output from `size`, `kernel`, `stride`, `padding` and `dilation`."""
    return EXERCISES["output_size"].grade(answer)


def output_padding(answer: Function) -> Grade:
    """Exercise: the output padding that leads back to `size`, from `size`, `kernel`, `stride` and `padding`."""
    return EXERCISES["output_padding"].grade(answer)


def _settings(first: dict[str, int], **ranges: tuple[int, int]) -> list[dict[str, int]]:
    """A first case, and sixty drawn at random in which the kernel fits."""
    chance = random.Random(0)
    cases = [first]
    while len(cases) < 61:
        case = {name: chance.randint(*ends) for name, ends in ranges.items()}
        if case.get("dilation", 1) * (case["kernel"] - 1) < case["size"] + 2 * case["padding"]:
            cases.append(case)
    return cases


def _room(size: int, kernel: int, padding: int, dilation: int) -> int:
    return size + 2 * padding - dilation * (kernel - 1) - 1


EXERCISES = {
    "output_size": Exercise.of(
        _settings(
            {"size": 28, "kernel": 3, "stride": 3, "padding": 0, "dilation": 1},
            size=(3, 40),
            kernel=(1, 7),
            stride=(1, 4),
            padding=(0, 4),
            dilation=(1, 3),
        ),
        convolution_size,
        {
            "Round down: a last step that would lead outside the picture is not taken. Use // in place of /.": (
                lambda size, kernel, stride, padding, dilation: _room(size, kernel, padding, dilation) / stride + 1
            ),
            "Rounded up: a last step that would lead outside the picture is not taken.": (
                lambda size, kernel, stride, padding, dilation: -(-_room(size, kernel, padding, dilation) // stride) + 1
            ),
            "Rounded to the nearest: a last step that would lead outside the picture is not taken. Use //.": (
                lambda size, kernel, stride, padding, dilation: (
                    round(_room(size, kernel, padding, dilation) / stride) + 1
                )
            ),
            "That goes to the nearest whole number: a last step that would lead outside is not taken. Use //.": (
                lambda size, kernel, stride, padding, dilation: round(
                    _room(size, kernel, padding, dilation) / stride + 1
                )  # a half goes to the even number
            ),
            "These are the steps. Before the first one the kernel has a place, too: add 1.": (
                lambda size, kernel, stride, padding, dilation: _room(size, kernel, padding, dilation) // stride
            ),
            "The 1 is added too early: first divide by the stride, then add the kernel's first place.": (
                lambda size, kernel, stride, padding, dilation: (_room(size, kernel, padding, dilation) + 1) // stride
            ),
            "Padding is put on both sides: it counts twice.": (
                lambda size, kernel, stride, padding, dilation: (
                    (_room(size, kernel, padding, dilation) - padding) // stride + 1
                )
            ),
            "The padding is missing: it makes the picture larger by 2 · padding.": (
                lambda size, kernel, stride, padding, dilation: _room(size, kernel, 0, dilation) // stride + 1
            ),
            "Right without dilation. A dilated kernel spans dilation · (kernel − 1) + 1 pixels.": (
                lambda size, kernel, stride, padding, dilation: _room(size, kernel, padding, 1) // stride + 1
            ),
            "No gap follows the last number: the kernel spans dilation · (kernel − 1) + 1 pixels.": (
                lambda size, kernel, stride, padding, dilation: (size + 2 * padding - dilation * kernel) // stride + 1
            ),
        },
        asked="a whole number",
    ),
    "output_padding": Exercise.of(
        _settings(
            {"size": 28, "kernel": 3, "stride": 3, "padding": 0},
            size=(3, 40),
            kernel=(2, 7),
            stride=(2, 5),
            padding=(0, 3),
        ),
        inverting_output_padding,
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
            "That is the output's size. What the floor dropped on the way to it is the remainder: % in place of //.": (
                lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride + 1
            ),
            "Right only where the remainder is as large as it can be: it depends on the size. Take what is dropped.": (
                lambda size, kernel, stride, padding: stride - 1
            ),
        },
        asked="a whole number",
    ),
}

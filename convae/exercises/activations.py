"""Graders of the chapter on activations."""

from __future__ import annotations

import math
import random

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["one_kernel", "sigmoid_slope"]


def sigmoid_slope(answer: Function) -> Grade:
    """Exercise: the slope of the sigmoid where its value is `y`."""
    return EXERCISES["sigmoid_slope"].grade(answer)


def one_kernel(answer: Function) -> Grade:
    """Exercise: the side of the one kernel that does what two behind each other do, `first` and `second`."""
    return EXERCISES["one_kernel"].grade(answer)


def _values() -> list[dict[str, float]]:
    chance = random.Random(0)
    return [{"y": 0.5}, *({"y": round(chance.uniform(0.02, 0.98), 3)} for _ in range(30))]


def _sides() -> list[dict[str, int]]:
    return [{"first": first, "second": second} for first in range(1, 8) for second in range(1, 8)]


EXERCISES = {
    "sigmoid_slope": Exercise.of(
        _values(),
        lambda y: y * (1 - y),
        {
            "y is the value of the sigmoid here, not what was put in: no exponential is needed.": (
                lambda y: math.exp(-y) / (1 + math.exp(-y)) ** 2
            ),
            "Only one of the factors is squared in the derivative by x: written by the value it is y (1 − y).": (
                lambda y: y**2 * (1 - y)
            ),
            "That is the slope of tanh where its value is y.": (lambda y: 1 - y**2),
            "One factor is missing: the slope is 0 at both ends, where y is 0 and where it is 1.": (lambda y: 1 - y),
            "The slope is largest in the middle, at y = 0.5, and 0 at the ends.": (lambda y: y),
            "The sign is wrong: the sigmoid rises everywhere.": (lambda y: y * (y - 1)),
            "1/4 is the slope in the middle, and the largest there is.": (lambda y: 0.25),
        },
        close=True,
        asked="a number",
    ),
    "one_kernel": Exercise.of(
        _sides(),
        lambda first, second: first + second - 1,
        {
            "One too many: the middle of the second lies on one number of the first, which is counted once.": (
                lambda first, second: first + second
            ),
            "That is what windows side by side would see. Neighbouring windows overlap.": (
                lambda first, second: first * second
            ),
            "The second kernel sees more than the first alone: it reads several of its numbers.": (
                lambda first, second: first
            ),
            "The first kernel widens what each number of the second has seen.": (lambda first, second: second),
            "They do not share all their pixels: the sides add up, but for one.": (
                lambda first, second: max(first, second)
            ),
            "Two too many are taken away: only one number is counted twice along a side.": (
                lambda first, second: first + second - 2
            ),
        },
        asked="a whole number",
    ),
}

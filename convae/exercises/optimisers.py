"""Graders of the chapter on optimisers."""

from __future__ import annotations

import random

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["second_step", "where_it_is"]


def where_it_is(answer: Function) -> Grade:
    """Exercise: a weight after `steps` of gradient descent in a bowl, from `start`, `curvature` and `rate`."""
    return EXERCISES["where_it_is"].grade(answer)


def second_step(answer: Function) -> Grade:
    """Exercise: what Adam subtracts in its second step, from the gradients `first` and `second` and the `rate`."""
    return EXERCISES["second_step"].grade(answer)


def _moved(first: float, second: float, rate: float) -> float:
    mean = (0.9 * 0.1 * first + 0.1 * second) / (1 - 0.9**2)
    square = (0.999 * 0.001 * first**2 + 0.001 * second**2) / (1 - 0.999**2)
    return rate * mean / square**0.5


def _uncorrected(first: float, second: float, rate: float) -> float:
    return rate * (0.09 * first + 0.1 * second) / (0.000999 * first**2 + 0.001 * second**2) ** 0.5


def _bowls() -> list[dict[str, float]]:
    chance = random.Random(0)
    cases: list[dict[str, float]] = [
        {
            "start": round(chance.uniform(-4, 4), 1),
            "curvature": round(chance.uniform(0.2, 8), 1),
            "rate": round(chance.uniform(0.02, 0.24), 2),
            "steps": chance.randint(2, 12),
        }
        for _ in range(30)
    ]
    return [{"start": 1.0, "curvature": 2.0, "rate": 0.1, "steps": 3}, *cases]


def _pairs() -> list[dict[str, float]]:
    chance = random.Random(1)
    cases: list[dict[str, float]] = [
        {
            "first": round(chance.uniform(0.5, 4), 1),
            "second": round(chance.uniform(-4, 4), 1),
            "rate": chance.choice((0.001, 0.003, 0.01)),
        }
        for _ in range(30)
    ]
    return [{"first": 3.0, "second": -1.0, "rate": 0.01}, *cases]


EXERCISES = {
    "where_it_is": Exercise.of(
        _bowls(),
        lambda start, curvature, rate, steps: start * (1 - rate * curvature) ** steps,
        {
            "That is one step: each of them multiplies by the same number.": (
                lambda start, curvature, rate, steps: start * (1 - rate * curvature)
            ),
            "That goes the first step’s way in every step, but the gradient shrinks with the weight.": (
                lambda start, curvature, rate, steps: start * (1 - steps * rate * curvature)
            ),
            "That is uphill: the step is against the gradient.": (
                lambda start, curvature, rate, steps: start * (1 + rate * curvature) ** steps
            ),
            "That is how far it has gone: asked is where it is.": (
                lambda start, curvature, rate, steps: start - start * (1 - rate * curvature) ** steps
            ),
            "That is where steps of no length at all would lead in the same time: these have one.": (
                lambda start, curvature, rate, steps: start * 2.718281828459045 ** (-rate * curvature * steps)
            ),
        },
        close=True,
        asked="the weight",
    ),
    "second_step": Exercise.of(
        _pairs(),
        _moved,
        {
            "Both averages began at 0: divide each by 1 − its share squared, after two steps.": _uncorrected,
            "That is RMSProp’s direction: above the line stands the average of both gradients, not the last one.": (
                lambda first, second, rate: (
                    rate * second / ((0.000999 * first**2 + 0.001 * second**2) / (1 - 0.999**2)) ** 0.5
                )
            ),
            "Below the line stands the root of the average square.": (
                lambda first, second, rate: (
                    rate
                    * ((0.09 * first + 0.1 * second) / (1 - 0.9**2))
                    / ((0.000999 * first**2 + 0.001 * second**2) / (1 - 0.999**2))
                )
            ),
            "That is the average gradient times the rate: it is still to be divided.": (
                lambda first, second, rate: rate * (0.09 * first + 0.1 * second) / (1 - 0.9**2)
            ),
            "The older gradient counts less: its share has been kept at 0.9 once more.": (
                lambda first, second, rate: rate * (first + second) / 2 / ((first**2 + second**2) / 2) ** 0.5
            ),
        },
        close=True,
        asked="what is subtracted",
    ),
}

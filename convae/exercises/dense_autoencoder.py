"""Graders of the chapter on the dense autoencoder."""

from __future__ import annotations

import random

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["momentum_distance", "same_rate"]


def momentum_distance(answer: Function) -> Grade:
    """Exercise: how far a weight goes while its gradient is 1, from `rate`, `momentum` and `steps`."""
    return EXERCISES["momentum_distance"].grade(answer)


def same_rate(answer: Function) -> Grade:
    """Exercise: the rate for a sum over `pixels` and `pictures` that steps as `rate` does with their mean."""
    return EXERCISES["same_rate"].grade(answer)


def _walked(rate: float, momentum: float, steps: int) -> float:
    speed = place = 0.0
    for _ in range(steps):
        speed = momentum * speed + 1
        place += rate * speed
    return place


def _speed_first(rate: float, momentum: float, steps: int) -> float:
    """Moves by the speed before the gradient is added."""
    speed = place = 0.0
    for _ in range(steps):
        place += rate * speed
        speed = momentum * speed + 1
    return place


def _averaged(rate: float, momentum: float, steps: int) -> float:
    """With the speed as a running mean."""
    speed = place = 0.0
    for _ in range(steps):
        speed = momentum * speed + (1 - momentum)
        place += rate * speed
    return place


def _walks() -> list[dict[str, float]]:
    chance = random.Random(0)
    cases: list[dict[str, float]] = [
        {
            "rate": round(chance.uniform(0.05, 2), 2),
            "momentum": round(chance.uniform(0.05, 0.95), 2),
            "steps": chance.randint(2, 60),
        }
        for _ in range(30)
    ]
    return [{"rate": 0.95, "momentum": 0.5, "steps": 2}, {"rate": 0.95, "momentum": 0.95, "steps": 300}, *cases]


def _rates() -> list[dict[str, float]]:
    chance = random.Random(1)
    cases: list[dict[str, float]] = [
        {
            "rate": round(chance.uniform(0.05, 2), 3),
            "pixels": chance.choice((16, 64, 100)),
            "pictures": chance.choice((2, 8, 10, 32)),
        }
        for _ in range(30)
    ]
    return [{"rate": 0.95, "pixels": 784, "pictures": 10}, *cases]


EXERCISES = {
    "momentum_distance": Exercise.of(
        _walks(),
        _walked,
        {
            "That is what it moves in the long run, as if the speed had been there from the first step.": (
                lambda rate, momentum, steps: rate / (1 - momentum) * steps
            ),
            "That is the last step alone: add them all up.": (
                lambda rate, momentum, steps: rate * (1 - momentum**steps) / (1 - momentum)
            ),
            "That is without momentum.": (lambda rate, momentum, steps: rate * steps),
            "The gradient joins the speed before the weight moves: the first step is rate × 1, and what is lost in "
            "the long run begins with μ, not with 1.": _speed_first,
            "In this rule the gradient is added whole, not times 1 − momentum: the speed is a sum, no mean.": _averaged,
            "That is the speed at the end: the weight moves by rate × speed in every step.": (
                lambda rate, momentum, steps: (1 - momentum**steps) / (1 - momentum)
            ),
            "What is lost grows up to μ/(1 − μ) steps and has not come there yet: raise μ to the power of the steps.": (
                lambda rate, momentum, steps: rate / (1 - momentum) * (steps - momentum / (1 - momentum))
            ),
            "How far it goes is asked, without the sign.": (
                lambda rate, momentum, steps: -_walked(rate, momentum, steps)
            ),
            "The learning rate is missing.": (lambda rate, momentum, steps: _walked(1, momentum, steps)),
        },
        close=True,
        asked="a number",
    ),
    "same_rate": Exercise.of(
        _rates(),
        lambda rate, pixels, pictures: rate / (pixels * pictures),
        {
            "The sum's gradient is larger, so its rate has to be smaller: divide.": (
                lambda rate, pixels, pictures: rate * pixels * pictures
            ),
            "Here the squares are summed over the pictures, too.": (lambda rate, pixels, pictures: rate / pixels),
            "Here the squares are summed over the pixels, too.": (lambda rate, pixels, pictures: rate / pictures),
            "The same rate takes other steps: the sum's gradient is larger than the mean's.": (
                lambda rate, pixels, pictures: rate
            ),
            "The sum's gradient is larger by the number of pixels, and of pictures, and its rate smaller.": (
                lambda rate, pixels, pictures: rate * pixels
            ),
            "Without brackets that multiplies by the pictures: divide by pixels × pictures.": (
                lambda rate, pixels, pictures: rate / pixels * pictures
            ),
            "The gradient grows with the number of squares, not with its root.": (
                lambda rate, pixels, pictures: rate / (pixels * pictures) ** 0.5
            ),
        },
        close=True,
        asked="a number",
    ),
}

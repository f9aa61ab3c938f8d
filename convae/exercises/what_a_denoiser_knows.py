"""Graders of the chapter on what a denoiser knows."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["posterior_mean", "score_of_a_denoiser"]


def posterior_mean(answer: Function) -> Grade:
    """Exercise: E[x | x̃] when x is one of `candidates`, all as probable, and x̃ = `spoiled` has noise of `sigma`."""
    return EXERCISES["posterior_mean"].grade(answer)


def score_of_a_denoiser(answer: Function) -> Grade:
    """Exercise: d/dx̃ log p(x̃) from `spoiled` x̃, its `restored` picture E[x | x̃] and `sigma`, for one pixel."""
    return EXERCISES["score_of_a_denoiser"].grade(answer)


def _candidates() -> list[dict[str, Any]]:
    """Black or white, and fifty sets of candidates drawn at random."""
    chance = random.Random(0)
    return [{"spoiled": 0.4, "candidates": [0.0, 1.0], "sigma": 0.5}] + [
        {
            "spoiled": round(chance.uniform(-0.5, 1.5), 2),
            "candidates": [round(chance.uniform(0, 1), 2) for _ in range(chance.randint(2, 5))],
            "sigma": round(chance.uniform(0.2, 0.8), 2),
        }
        for _ in range(50)
    ]


def _answers() -> list[dict[str, float]]:
    chance = random.Random(0)
    return [{"spoiled": 1.0, "restored": 0.0, "sigma": 0.5}] + [
        {
            "spoiled": round(chance.uniform(-1, 2), 2),
            "restored": round(chance.uniform(0, 1), 2),
            "sigma": round(chance.uniform(0.1, 1), 2),
        }
        for _ in range(50)
    ]


def _weighed(exponent: Callable[[float, float], float]) -> Function:
    """The mean of the candidates whose weights have this exponent, a function of the difference and σ."""

    def mean(spoiled: float, candidates: Sequence[float], sigma: float) -> float:
        weights = [math.exp(exponent(spoiled - each, sigma)) for each in candidates]
        return sum(weight * each for weight, each in zip(weights, candidates, strict=True)) / sum(weights)

    return mean


def _not_divided(spoiled: float, candidates: Sequence[float], sigma: float) -> float:
    return sum(math.exp(-((spoiled - each) ** 2) / (2 * sigma**2)) * each for each in candidates)


EXERCISES = {
    "posterior_mean": Exercise.of(
        _candidates(),
        _weighed(lambda difference, sigma: -(difference**2) / (2 * sigma**2)),
        {
            "Python goes from left to right: / 2 * sigma**2 multiplies by σ². Put 2 * sigma**2 in brackets.": _weighed(
                lambda difference, sigma: -(difference**2) / 2 * sigma**2
            ),
            "The minus is missing in the exponent: what lies far from x̃ has to weigh less.": _weighed(
                lambda difference, sigma: difference**2 / (2 * sigma**2)
            ),
            "That is the most probable candidate. The mean weighs all of them.": (
                lambda spoiled, candidates, sigma: min(candidates, key=lambda each: abs(each - spoiled))
            ),
            "That is the mean before x̃ was seen: weigh the candidates by how well they explain it.": (
                lambda spoiled, candidates, sigma: sum(candidates) / len(candidates)
            ),
            "The weights do not add up to 1 yet: divide by their sum.": _not_divided,
            "Densities are no weights yet, and 1 / (σ √(2π)) does not make them so: divide by their sum.": (
                lambda spoiled, candidates, sigma: (
                    _not_divided(spoiled, candidates, sigma) / (sigma * math.sqrt(2 * math.pi))
                )
            ),
            "The sum of the weights is what to divide by, not the number of candidates.": (
                lambda spoiled, candidates, sigma: _not_divided(spoiled, candidates, sigma) / len(candidates)
            ),
            "The 2 is missing under the square: the exponent is −(x̃ − x)² / 2σ².": _weighed(
                lambda difference, sigma: -(difference**2) / sigma**2
            ),
            "σ has to be squared in the exponent.": _weighed(lambda difference, sigma: -(difference**2) / (2 * sigma)),
            "All that stands under the fraction is 2σ²: the 2 is not squared with σ.": _weighed(
                lambda difference, sigma: -(difference**2) / (2 * sigma) ** 2
            ),
            "σ is missing in the exponent.": _weighed(lambda difference, sigma: -(difference**2) / 2),
            "The difference has to be squared.": _weighed(lambda difference, sigma: -abs(difference) / (2 * sigma**2)),
        },
        close=True,
        asked="a number",
    ),
    "score_of_a_denoiser": Exercise.of(
        _answers(),
        lambda spoiled, restored, sigma: (restored - spoiled) / sigma**2,
        {
            "The sign: it has to point from the spoiled picture to the restored one, uphill.": (
                lambda spoiled, restored, sigma: (spoiled - restored) / sigma**2
            ),
            "The slope is what the denoiser adds: take the spoiled picture off before you divide.": (
                lambda spoiled, restored, sigma: restored / sigma**2
            ),
            "The division comes before the minus: put restored − spoiled in brackets.": (
                lambda spoiled, restored, sigma: restored - spoiled / sigma**2
            ),
            "Divide by the variance σ², not by the deviation.": (
                lambda spoiled, restored, sigma: (restored - spoiled) / sigma
            ),
            "Square σ, do not double it.": lambda spoiled, restored, sigma: (restored - spoiled) / (2 * sigma),
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
        close=True,
        asked="a number",
    ),
}

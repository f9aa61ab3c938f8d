"""Graders of the chapter on denoising."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from convae.exercises.grading import Function, Grade, grade_number

__all__ = ["posterior_mean", "score_of_a_denoiser", "wiener_of_one_pixel"]


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

    return grade_number(
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
    return grade_number(
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
    return grade_number(
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

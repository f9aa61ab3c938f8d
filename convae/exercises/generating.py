"""Graders of the chapter on generating."""

from __future__ import annotations

import math
import random

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["divergence_of_one_number", "frechet_of_two"]

CHANCE = random.Random(0)
CLOUDS = [{"mean": 0.0, "deviation": 1.0}, {"mean": 1.0, "deviation": 0.5}] + [
    {"mean": round(CHANCE.uniform(-3, 3), 2), "deviation": round(CHANCE.uniform(0.1, 3), 2)} for _ in range(50)
]
BELLS = [{"mean": 0.0, "deviation": 1.0, "other_mean": 2.0, "other_deviation": 4.0}] + [
    {
        "mean": round(CHANCE.uniform(-3, 3), 2),
        "deviation": round(CHANCE.uniform(0.1, 3), 2),
        "other_mean": round(CHANCE.uniform(-3, 3), 2),
        "other_deviation": round(CHANCE.uniform(0.1, 3), 2),
    }
    for _ in range(50)
]


def _apart(mean: float, deviation: float, other_mean: float, other_deviation: float) -> float:
    return (mean - other_mean) ** 2 + (deviation - other_deviation) ** 2


EXERCISES = {
    "divergence_of_one_number": Exercise.of(
        cases=CLOUDS,
        right=lambda mean, deviation: (mean**2 + deviation**2 - 1) / 2 - math.log(deviation),
        slips={
            "Twice too much: the half stands before the whole sum.": (
                lambda mean, deviation: mean**2 + deviation**2 - 1 - 2 * math.log(deviation)
            ),
            "All signs are turned: that is what a training makes large. A divergence is never below 0.": (
                lambda mean, deviation: (1 - mean**2 - deviation**2) / 2 + math.log(deviation)
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
            "The mean is not squared: a cloud left of 0 has to cost as much as one right of it.": (
                lambda mean, deviation: (mean + deviation**2 - 1) / 2 - math.log(deviation)
            ),
            "That is the divergence the other way round, KL(N(0, 1) ‖ N(μ, σ²)): it is not symmetric.": (
                lambda mean, deviation: ((1 + mean**2) / deviation**2 - 1) / 2 + math.log(deviation)
            ),
            "Right in bits. Nats take the natural logarithm.": (
                lambda mean, deviation: ((mean**2 + deviation**2 - 1) / 2 - math.log(deviation)) / math.log(2)
            ),
            "Nats take the natural logarithm, math.log; this one is to base 10.": (
                lambda mean, deviation: (mean**2 + deviation**2 - 1) / 2 - math.log10(deviation)
            ),
            "Nats take the natural logarithm, math.log; this one is to base 2.": (
                lambda mean, deviation: (mean**2 + deviation**2 - 1) / 2 - math.log2(deviation)
            ),
        },
        close=True,
        asked="a number",
    ),
    "frechet_of_two": Exercise.of(
        cases=BELLS,
        right=_apart,
        slips={
            "That is its root. The squared distance is asked for, as the tables give it.": (
                lambda **case: math.sqrt(_apart(**case))
            ),
            "The means are right; the spreads differ, too.": (
                lambda mean, deviation, other_mean, other_deviation: (mean - other_mean) ** 2
            ),
            "The spreads are right; the means differ, too.": (
                lambda mean, deviation, other_mean, other_deviation: (deviation - other_deviation) ** 2
            ),
            "The deviations are compared, not the variances: of one number the spreads add (σ₁ − σ₂)².": (
                lambda mean, deviation, other_mean, other_deviation: (
                    (mean - other_mean) ** 2 + (deviation**2 - other_deviation**2) ** 2
                )
            ),
            "The variances are only subtracted: σ₁² + σ₂² − 2 σ₁σ₂ is (σ₁ − σ₂)².": (
                lambda mean, deviation, other_mean, other_deviation: (
                    (mean - other_mean) ** 2 + abs(deviation**2 - other_deviation**2)
                )
            ),
            "The last term is missing, − 2 (Σ₁Σ₂)^½: of one number that root is the product of the deviations.": (
                lambda mean, deviation, other_mean, other_deviation: (
                    (mean - other_mean) ** 2 + deviation**2 + other_deviation**2
                )
            ),
            "The last term has the wrong sign: like spreads bring two bells nearer.": (
                lambda mean, deviation, other_mean, other_deviation: (
                    (mean - other_mean) ** 2 + (deviation + other_deviation) ** 2
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
        close=True,
        asked="a number",
    ),
}


def divergence_of_one_number(answer: Function) -> Grade:
    """Exercise: KL(N(μ, σ²) ‖ N(0, 1)) in nats, from `mean` μ and `deviation` σ."""
    return EXERCISES["divergence_of_one_number"].grade(answer)


def frechet_of_two(answer: Function) -> Grade:
    """Exercise: squared Fréchet distance of two normal distributions of one number, from means and deviations."""
    return EXERCISES["frechet_of_two"].grade(answer)

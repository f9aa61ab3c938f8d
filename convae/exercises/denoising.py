"""Graders of the chapter on denoising."""

from __future__ import annotations

import math
import random

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["share_of_the_error", "wiener_of_one_pixel"]


def share_of_the_error(answer: Function) -> Grade:
    """Exercise: a mean squared error as a share of another one, from which it is `ahead` decibels of PSNR."""
    return EXERCISES["share_of_the_error"].grade(answer)


def wiener_of_one_pixel(answer: Function) -> Grade:
    """Exercise: the best a + b x̃ for a pixel of `mean` and `variance` under noise of `sigma`, at x̃ = `spoiled`."""
    return EXERCISES["wiener_of_one_pixel"].grade(answer)


def _leads() -> list[dict[str, float]]:
    chance = random.Random(0)
    return [{"ahead": tenths / 10} for tenths in (100, *sorted(chance.sample(range(2, 100), 30)))]


def _pixels() -> list[dict[str, float]]:
    chance = random.Random(0)
    return [{"spoiled": 1.0, "mean": 0.0, "variance": 1.0, "sigma": 0.5}] + [
        {
            "spoiled": round(chance.uniform(-1, 2), 2),
            "mean": round(chance.uniform(0, 1), 2),
            "variance": round(chance.uniform(0.01, 0.25), 3),
            "sigma": round(chance.uniform(0.1, 1), 2),
        }
        for _ in range(50)
    ]


EXERCISES = {
    "share_of_the_error": Exercise.of(
        _leads(),
        lambda ahead: 10 ** (-ahead / 10),
        {
            "That is how many times as large the filter's error is. Turn it round: the net's share is below 1.": (
                lambda ahead: 10 ** (ahead / 10)
            ),
            "20 is for amplitudes. The mean squared error is a square already: divide by 10.": (
                lambda ahead: 10 ** (-ahead / 20)
            ),
            "A decibel is a tenth: divide by 10 before you take the power.": lambda ahead: 10**-ahead,
            "Times 10 where it has to be divided: the logarithm stands behind a factor of 10.": (
                lambda ahead: 10 ** (-ahead * 10)
            ),
            "The logarithm has base 10: its inverse is a power of 10, not of e.": lambda ahead: math.exp(-ahead / 10),
            "3 dB are nearly half, not quite: 10 ** -0.3 is 0.501.": lambda ahead: 2 ** (-ahead / 3),
            "That is the share of the error that is gone. Give the one that is left.": (
                lambda ahead: 1 - 10 ** (-ahead / 10)
            ),
            "That is the difference of the two logarithms: undo the logarithm.": lambda ahead: -ahead / 10,
        },
        close=True,
        asked="a number",
    ),
    "wiener_of_one_pixel": Exercise.of(
        _pixels(),
        lambda spoiled, mean, variance, sigma: mean + variance / (variance + sigma**2) * (spoiled - mean),
        {
            "These are a and b, and they are right: give the value of a + b x̃.": (
                lambda spoiled, mean, variance, sigma: (
                    mean - variance / (variance + sigma**2) * mean,
                    variance / (variance + sigma**2),
                )
            ),
            "These are a and b in the other order, and they are right: give the value of a + b x̃.": (
                lambda spoiled, mean, variance, sigma: (
                    variance / (variance + sigma**2),
                    mean - variance / (variance + sigma**2) * mean,
                )
            ),
            "That is b, the share of x̃ that is kept, and it is right: give the value of a + b x̃.": (
                lambda spoiled, mean, variance, sigma: variance / (variance + sigma**2)
            ),
            "A minus for a plus: the answer lies between the mean and x̃, not beyond the mean.": (
                lambda spoiled, mean, variance, sigma: mean - variance / (variance + sigma**2) * (spoiled - mean)
            ),
            "A minus for a plus under the fraction: variance and noise add up.": (
                lambda spoiled, mean, variance, sigma: mean + variance / (variance - sigma**2) * (spoiled - mean)
            ),
            "That shrinks towards 0. Shrink towards the mean: only the deviation from it is multiplied.": (
                lambda spoiled, mean, variance, sigma: variance / (variance + sigma**2) * spoiled
            ),
            "The mean is counted twice: multiply the deviation from it, x̃ − μ.": (
                lambda spoiled, mean, variance, sigma: mean + variance / (variance + sigma**2) * spoiled
            ),
            "The other way round: much noise has to pull the answer to the mean.": (
                lambda spoiled, mean, variance, sigma: mean + sigma**2 / (variance + sigma**2) * (spoiled - mean)
            ),
            "σ is a standard deviation: square it before it is added to the variance.": (
                lambda spoiled, mean, variance, sigma: mean + variance / (variance + sigma) * (spoiled - mean)
            ),
            "The variance is a square already: do not square it again.": (
                lambda spoiled, mean, variance, sigma: mean + variance**2 / (variance**2 + sigma**2) * (spoiled - mean)
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
        close=True,
        asked="a number",
    ),
}

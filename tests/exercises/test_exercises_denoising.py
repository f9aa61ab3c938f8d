"""The graders of the chapter on denoising."""

import math

from graders import Graders

from convae import exercises


def weighed(spoiled, candidates, weigh):
    weights = [weigh(spoiled - each) for each in candidates]
    return sum(weight * each for weight, each in zip(weights, candidates, strict=True)) / sum(weights)


ANSWERS = {
    exercises.posterior_mean: lambda spoiled, candidates, sigma: weighed(
        spoiled, candidates, lambda d: math.exp(-(d**2) / (2 * sigma**2))
    ),
    exercises.wiener_of_one_pixel: lambda spoiled, mean, variance, sigma: (
        (mean * sigma**2 + spoiled * variance) / (variance + sigma**2)
    ),
    exercises.score_of_a_denoiser: lambda spoiled, restored, sigma: (restored - spoiled) / sigma**2,
}

SLIPS = {
    exercises.posterior_mean: {
        "most probable": lambda spoiled, candidates, sigma: sorted(candidates, key=lambda each: (each - spoiled) ** 2)[
            0
        ],
        "before x̃ was seen": lambda spoiled, candidates, sigma: sum(candidates) / len(candidates),
        "add up to 1": lambda spoiled, candidates, sigma: sum(
            math.exp(-((spoiled - each) ** 2) / (2 * sigma**2)) * each for each in candidates
        ),
        "The 2 is missing": lambda spoiled, candidates, sigma: weighed(
            spoiled, candidates, lambda d: math.exp(-((d / sigma) ** 2))
        ),
        "σ has to be squared": lambda spoiled, candidates, sigma: weighed(
            spoiled, candidates, lambda d: math.exp(-(d**2) / sigma / 2)
        ),
        "σ is missing": lambda spoiled, candidates, sigma: weighed(
            spoiled, candidates, lambda d: math.exp(-(d**2) / 2)
        ),
        "Put 2 * sigma**2 in brackets": lambda spoiled, candidates, sigma: weighed(
            spoiled, candidates, lambda d: math.exp(-(d**2) / 2 * sigma**2)
        ),
        "minus is missing": lambda spoiled, candidates, sigma: weighed(
            spoiled, candidates, lambda d: math.exp(d**2 / sigma**2 / 2)
        ),
        "Densities are no weights": lambda spoiled, candidates, sigma: sum(
            math.exp(-(((spoiled - each) / sigma) ** 2) / 2) / math.sqrt(2 * math.pi) / sigma * each
            for each in candidates
        ),
        "not the number of candidates": lambda spoiled, candidates, sigma: sum(
            math.exp(-((spoiled - each) ** 2) / (2 * sigma**2)) * each / len(candidates) for each in candidates
        ),
        "the 2 is not squared": lambda spoiled, candidates, sigma: weighed(
            spoiled, candidates, lambda d: math.exp(-((d / (2 * sigma)) ** 2))
        ),
        "difference has to be squared": lambda spoiled, candidates, sigma: weighed(
            spoiled, candidates, lambda d: math.exp(-abs(d) / sigma**2 / 2)
        ),
    },
    exercises.wiener_of_one_pixel: {
        "in the other order": lambda spoiled, mean, variance, sigma: (
            variance / (variance + sigma**2),
            mean * sigma**2 / (variance + sigma**2),
        ),
        "That is b": lambda spoiled, mean, variance, sigma: 1 / (1 + sigma**2 / variance),
        "These are a and b": lambda spoiled, mean, variance, sigma: [
            mean * sigma**2 / (variance + sigma**2),
            variance / (variance + sigma**2),
        ],
        "beyond the mean": lambda spoiled, mean, variance, sigma: (
            mean + variance / (variance + sigma**2) * (mean - spoiled)
        ),
        "variance and noise add up": lambda spoiled, mean, variance, sigma: (
            mean + (spoiled - mean) * variance / (variance - sigma**2)
        ),
        "counted twice": lambda spoiled, mean, variance, sigma: mean + spoiled * variance / (variance + sigma**2),
        "a square already": lambda spoiled, mean, variance, sigma: (
            mean + (spoiled - mean) / (1 + sigma**2 / variance**2)
        ),
        "towards 0": lambda spoiled, mean, variance, sigma: spoiled * variance / (variance + sigma**2),
        "other way round": lambda spoiled, mean, variance, sigma: (
            (mean * variance + spoiled * sigma**2) / (variance + sigma**2)
        ),
        "square it": lambda spoiled, mean, variance, sigma: mean + (spoiled - mean) * variance / (variance + sigma),
        "add the mean": lambda spoiled, mean, variance, sigma: (spoiled - mean) * variance / (variance + sigma**2),
        "both of them": lambda spoiled, mean, variance, sigma: mean + (spoiled - mean) * variance / sigma**2,
        "gives the noisy pixel back": lambda spoiled, mean, variance, sigma: spoiled,
        "nothing was seen": lambda spoiled, mean, variance, sigma: mean,
    },
    exercises.score_of_a_denoiser: {
        "in brackets": lambda spoiled, restored, sigma: restored - spoiled / sigma**2,
        "The sign": lambda spoiled, restored, sigma: (spoiled - restored) / sigma**2,
        "take the spoiled picture off": lambda spoiled, restored, sigma: restored / sigma / sigma,
        "do not double it": lambda spoiled, restored, sigma: (restored - spoiled) / sigma / 2,
        "not by the deviation": lambda spoiled, restored, sigma: (restored - spoiled) / sigma,
        "The direction is right": lambda spoiled, restored, sigma: restored - spoiled,
        "do not multiply": lambda spoiled, restored, sigma: (restored - spoiled) * sigma**2,
        "no 2 in it": lambda spoiled, restored, sigma: (restored - spoiled) / sigma**2 / 2,
    },
}


class TestDenoising(Graders):
    theme, answers, slips = exercises.denoising, ANSWERS, SLIPS

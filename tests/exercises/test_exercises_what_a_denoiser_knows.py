"""The graders of the chapter on what a denoiser knows."""

import math

import pytest
import torch
from graders import Graders

from convae import exercises


def weighed(spoiled, candidates, weigh):
    weights = [weigh(spoiled - each) for each in candidates]
    return sum(weight * each for weight, each in zip(weights, candidates, strict=True)) / sum(weights)


ANSWERS = {
    exercises.posterior_mean: lambda spoiled, candidates, sigma: weighed(
        spoiled, candidates, lambda d: math.exp(-(d**2) / (2 * sigma**2))
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


class TestWhatADenoiserKnows(Graders):
    theme, answers, slips = exercises.what_a_denoiser_knows, ANSWERS, SLIPS


@pytest.mark.parametrize("spoiled", [-0.3, 0.4, 1.2])
def test_the_mean_of_what_fits_gives_the_slope_of_the_log_density(spoiled):
    """Tweedie's formula joins the two exercises; autograd knows the slope as well."""
    candidates, sigma = [0.0, 0.5, 1.0], 0.3
    place = torch.tensor(spoiled, dtype=torch.float64, requires_grad=True)
    apart = place - torch.tensor(candidates, dtype=torch.float64)
    (slope,) = torch.autograd.grad((-apart.square() / (2 * sigma**2)).logsumexp(0), place)
    mean = ANSWERS[exercises.posterior_mean](spoiled, candidates, sigma)
    assert ANSWERS[exercises.score_of_a_denoiser](spoiled, mean, sigma) == pytest.approx(slope.item())

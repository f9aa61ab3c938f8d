"""The graders of the chapter on denoising."""

import math

import pytest
import torch
from graders import Graders

from convae import exercises
from convae.measures.metrics import psnr

ANSWERS = {
    exercises.share_of_the_error: lambda ahead: 0.1 ** (ahead / 10),
    exercises.wiener_of_one_pixel: lambda spoiled, mean, variance, sigma: (
        (mean * sigma**2 + spoiled * variance) / (variance + sigma**2)
    ),
}

SLIPS = {
    exercises.share_of_the_error: {
        "Turn it round": lambda ahead: 10 ** (ahead / 10),
        "20 is for amplitudes": lambda ahead: 10 ** (-ahead / 20),
        "A decibel is a tenth": lambda ahead: 10**-ahead,
        "Times 10 where": lambda ahead: 10 ** (-10 * ahead),
        "not of e": lambda ahead: math.e ** (-ahead / 10),
        "nearly half": lambda ahead: 0.5 ** (ahead / 3),
        "that is gone": lambda ahead: 1 - 0.1 ** (ahead / 10),
        "undo the logarithm": lambda ahead: -0.1 * ahead,
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
}


class TestDenoising(Graders):
    theme, answers, slips = exercises.denoising, ANSWERS, SLIPS


@pytest.mark.parametrize("sigma", [0.02, 0.1])
def test_the_share_of_the_error_is_that_of_two_pictures(sigma):
    clean = torch.full((1, 1, 8, 8), 0.5, dtype=torch.float64)
    near, far = clean + sigma, clean + 3 * sigma
    ahead = (psnr(near, clean) - psnr(far, clean)).item()
    assert ANSWERS[exercises.share_of_the_error](ahead) == pytest.approx(1 / 9)

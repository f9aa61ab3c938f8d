"""The graders of the chapter on activations."""

import math

import pytest
import torch
from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.sigmoid_slope: lambda y: y - y**2,
    exercises.one_kernel: lambda first, second: (first - 1) + second,
}

SLIPS = {
    exercises.sigmoid_slope: {
        "not what was put in": lambda y: math.exp(-y) / (1 + math.exp(-y)) ** 2,
        "Only one of the factors": lambda y: y * y * (1 - y),
        "the slope of tanh": lambda y: 1 - y * y,
        "One factor is missing": lambda y: 1 - y,
        "largest in the middle": lambda y: y,
        "The sign is wrong": lambda y: y * y - y,
        "the largest there is": lambda y: 1 / 4,
    },
    exercises.one_kernel: {
        "One too many": lambda first, second: second + first,
        "windows side by side": lambda first, second: second * first,
        "than the first alone": lambda first, second: first,
        "The first kernel widens": lambda first, second: second,
        "do not share all": lambda first, second: max(second, first),
        "Two too many": lambda first, second: first + second - 2,
    },
}


class TestActivations(Graders):
    theme, answers, slips = exercises.activations, ANSWERS, SLIPS


@pytest.mark.parametrize("x", [-3.0, -0.5, 0.0, 2.0])
def test_the_slope_is_that_of_pytorch(x):
    place = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    value = torch.sigmoid(place)
    value.backward()
    assert ANSWERS[exercises.sigmoid_slope](value.item()) == pytest.approx(place.grad.item())


@pytest.mark.parametrize(("first", "second"), [(3, 3), (1, 5), (4, 2)])
def test_the_kernel_is_the_full_convolution_of_both(first, second):
    picture = torch.zeros(1, 1, 21, 21)
    picture[..., 10, 10] = 1
    ones = [torch.ones(1, 1, side, side) for side in (first, second)]
    seen = torch.nn.functional.conv2d(torch.nn.functional.conv2d(picture, ones[0]), ones[1])
    assert int((seen != 0).any(-1).sum()) == ANSWERS[exercises.one_kernel](first, second)

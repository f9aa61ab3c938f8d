"""The graders of the chapter on optimisers."""

import math

import pytest
from graders import Graders

from convae import exercises


def moved(first, second, rate, *, corrected=True, last=False, root=0.5, divided=True):
    """Adam's second step, written as its rule is."""
    mean = square = 0.0
    for gradient in (first, second):
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
    if corrected:
        mean, square = mean / (1 - 0.9**2), square / (1 - 0.999**2)
    return rate * (second if last else mean) / (square**root if divided else 1)


def far(start, curvature, rate, steps):
    """A loop over the steps."""
    weight = start
    for _ in range(steps):
        weight -= rate * curvature * weight
    return weight


ANSWERS = {exercises.where_it_is: far, exercises.second_step: moved}

SLIPS = {
    exercises.where_it_is: {
        "That is one step": lambda start, curvature, rate, steps: start - rate * curvature * start,
        "the gradient shrinks with the weight": lambda start, curvature, rate, steps: (
            start - steps * rate * curvature * start
        ),
        "That is uphill": lambda start, curvature, rate, steps: far(start, -curvature, rate, steps),
        "how far it has gone": lambda start, curvature, rate, steps: start - far(start, curvature, rate, steps),
        "no length at all": lambda start, curvature, rate, steps: start * math.exp(-rate * curvature * steps),
    },
    exercises.second_step: {
        "Both averages began at 0": lambda first, second, rate: moved(first, second, rate, corrected=False),
        "RMSProp’s direction": lambda first, second, rate: moved(first, second, rate, last=True),
        "stands the root": lambda first, second, rate: moved(first, second, rate, root=1),
        "still to be divided": lambda first, second, rate: moved(first, second, rate, divided=False),
        "The older gradient counts less": lambda first, second, rate: (
            rate * (first + second) / (2 * (first**2 + second**2)) ** 0.5
        ),
    },
}


class TestOptimisers(Graders):
    theme, answers, slips = exercises.optimisers, ANSWERS, SLIPS


@pytest.mark.parametrize("spelled", [moved, lambda first, second, rate: moved(first, second, rate) * (1 + 1e-8)])
def test_adams_tiny_number_is_no_slip(spelled):
    assert exercises.second_step(spelled).right

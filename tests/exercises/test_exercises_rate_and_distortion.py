"""The graders of the chapter on rate and distortion."""

import math

import pytest
from graders import Graders
from scipy.stats import entropy

from convae import exercises
from convae.exercises.rate_and_distortion import EXERCISES


def bits(shares, steps):
    return -sum(math.log2(each[step]) for each, step in zip(shares, steps, strict=True))


def filled(spreads, level):
    return sum(0.5 * math.log2(each / level) for each in spreads if each > level)


ANSWERS = {exercises.bits_of_code: bits, exercises.water_filling: filled}

SLIPS = {
    exercises.bits_of_code: {
        "logarithm to base 2": lambda shares, steps: bits(shares, steps) * math.log(2),
        "with the other sign": lambda shares, steps: -bits(shares, steps),
        "the mean of a number of the code": lambda shares, steps: bits(shares, steps) / len(steps),
        "the entropy": lambda shares, steps: sum(entropy(each, base=2) for each in shares),
        "equally long": lambda shares, steps: sum(math.log2(len(each)) for each in shares),
        "Whole bits": lambda shares, steps: sum(
            math.ceil(-math.log2(each[step])) for each, step in zip(shares, steps, strict=True)
        ),
        "how probable": lambda shares, steps: 2 ** -bits(shares, steps),
        "weighed by its share": lambda shares, steps: (
            -sum(each[step] * math.log2(each[step]) for each, step in zip(shares, steps, strict=True))
        ),
    },
    exercises.water_filling: {
        "not fewer than none": lambda spreads, level: sum(0.5 * math.log2(each / level) for each in spreads),
        "half the logarithm": lambda spreads, level: 2 * filled(spreads, level),
        "logarithm to base 2": lambda spreads, level: filled(spreads, level) * math.log(2),
        "the error which is left": lambda spreads, level: sum(min(each, level) for each in spreads),
        "the mean of a number": lambda spreads, level: filled(spreads, level) / len(spreads),
        "noisy channel": lambda spreads, level: sum(0.5 * math.log2(1 + each / level) for each in spreads),
        "bits of its own": lambda spreads, level: 0.5 * math.log2(sum(spreads) / level),
    },
}


class TestRateAndDistortion(Graders):
    theme, answers, slips = exercises.rate_and_distortion, ANSWERS, SLIPS


@pytest.mark.parametrize(
    "spelled",
    [
        lambda shares, steps: sum(math.log2(1 / each[step]) for each, step in zip(shares, steps, strict=True)),
        lambda shares, steps: -math.log2(math.prod(each[step] for each, step in zip(shares, steps, strict=True))),
    ],
)
def test_bits_are_right_however_they_are_summed(spelled):
    assert exercises.bits_of_code(spelled).right


def test_known_values():
    first = {name: exercise.cases[0] for name, exercise in EXERCISES.items()}
    assert bits(**first["bits_of_code"]) == 1 + 3  # a half, an eighth
    assert filled(**first["water_filling"]) == 1.5 + 0.5  # half of log2 8 and of log2 2; the third gets none

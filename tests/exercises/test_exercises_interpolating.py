"""The graders of the chapter on interpolating."""

from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.share_of_the_way: lambda index, count: index / (count - 1),
    exercises.length_half_way: lambda first, second: (first**2 + second**2) ** 0.5 / 2,
}

SLIPS = {
    exercises.share_of_the_way: {
        "one step less": lambda index, count: index / count,
        "Equation 3 as it stands": lambda index, count: (1 + index) / count,
        "Neither end": lambda index, count: (index + 1) / (count + 1),
        "backwards": lambda index, count: (count - 1 - index) / (count - 1),
        "A share lies": lambda index, count: index,
        "whole numbers": lambda index, count: index // (count - 1),
        "behind the start": lambda index, count: (index - 1) / (count - 1),
    },
    exercises.length_half_way: {
        "mean of the lengths, as": lambda first, second: first / 2 + second / 2,
        "length of the sum": lambda first, second: (first**2 + second**2) ** 0.5,
        "not inside": lambda first, second: ((first**2 + second**2) / 2) ** 0.5,
        "these are squares": lambda first, second: (first**2 + second**2) / 2,
        "a quarter": lambda first, second: (first / 2) ** 2 + (second / 2) ** 2,
        "opposite": lambda first, second: max(first - second, second - first) / 2,
        "geometric mean": lambda first, second: (first * second) ** 0.5,
    },
}


class TestInterpolating(Graders):
    theme, answers, slips = exercises.interpolating, ANSWERS, SLIPS

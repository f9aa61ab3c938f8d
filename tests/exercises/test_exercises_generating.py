"""The graders of the chapter on generating."""

import math

from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.divergence_of_one_number: lambda mean, deviation: (
        0.5 * (mean**2 + deviation**2 - math.log(deviation**2) - 1)
    ),
    exercises.frechet_of_two: lambda mean, deviation, other_mean, other_deviation: (
        (mean - other_mean) ** 2 + deviation**2 + other_deviation**2 - 2 * (deviation * other_deviation)
    ),
}

SLIPS = {
    exercises.divergence_of_one_number: {
        "All signs are turned": lambda mean, deviation: 0.5 * (1 + math.log(deviation**2) - mean**2 - deviation**2),
        "Twice too much": lambda mean, deviation: mean**2 + deviation**2 - math.log(deviation**2) - 1,
        "subtract 1 inside": lambda mean, deviation: 0.5 * (mean**2 + deviation**2 - math.log(deviation**2)),
        "is 2 log σ": lambda mean, deviation: 0.5 * (mean**2 + deviation**2 - math.log(deviation) - 1),
        "not squared": lambda mean, deviation: 0.5 * (mean**2 + deviation - math.log(deviation) - 1),
        "wrong sign": lambda mean, deviation: 0.5 * (mean**2 + deviation**2 + math.log(deviation**2) - 1),
        "mean is missing": lambda mean, deviation: 0.5 * (deviation**2 - math.log(deviation**2) - 1),
        "other way round": lambda mean, deviation: 0.5 * ((1 + mean**2) / deviation**2 + math.log(deviation**2) - 1),
        "in bits": lambda mean, deviation: (
            0.5 * (mean**2 + deviation**2 - math.log(deviation**2) - 1) * math.log2(math.e)
        ),
        "left of 0": lambda mean, deviation: 0.5 * (mean + deviation**2 - math.log(deviation**2) - 1),
        "to base 10": lambda mean, deviation: 0.5 * (mean**2 + deviation**2 - math.log10(deviation**2) - 1),
        "to base 2": lambda mean, deviation: 0.5 * (mean**2 + deviation**2 - math.log2(deviation**2) - 1),
    },
    exercises.frechet_of_two: {
        "its root": lambda mean, deviation, other_mean, other_deviation: math.hypot(
            mean - other_mean, deviation - other_deviation
        ),
        "spreads differ": lambda mean, deviation, other_mean, other_deviation: (mean - other_mean) ** 2,
        "means differ": lambda mean, deviation, other_mean, other_deviation: (deviation - other_deviation) ** 2,
        "not the variances": lambda mean, deviation, other_mean, other_deviation: (
            (mean - other_mean) ** 2 + (deviation**2 - other_deviation**2) ** 2
        ),
        "only subtracted": lambda mean, deviation, other_mean, other_deviation: (
            (mean - other_mean) ** 2 + max(deviation, other_deviation) ** 2 - min(deviation, other_deviation) ** 2
        ),
        "the wrong sign": lambda mean, deviation, other_mean, other_deviation: (
            (mean - other_mean) ** 2 + deviation**2 + other_deviation**2 + 2 * deviation * other_deviation
        ),
        "last term is missing": lambda mean, deviation, other_mean, other_deviation: (
            (mean - other_mean) ** 2 + deviation**2 + other_deviation**2
        ),
        "The root of the last term": lambda mean, deviation, other_mean, other_deviation: (
            (mean - other_mean) ** 2 + deviation**2 + other_deviation**2 - 2 * deviation**2 * other_deviation**2
        ),
        "square the deviations": lambda mean, deviation, other_mean, other_deviation: (
            (mean - other_mean) ** 2 + deviation + other_deviation - 2 * (deviation * other_deviation) ** 0.5
        ),
        "each of the two": lambda mean, deviation, other_mean, other_deviation: (
            abs(mean - other_mean) + abs(deviation - other_deviation)
        ),
    },
}


class TestGenerating(Graders):
    theme, answers, slips = exercises.generating, ANSWERS, SLIPS

"""The graders of the chapter on super-resolution."""

from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.decoder_inputs: lambda channels: [2 * count for count in reversed(channels)],
    exercises.linear_share: lambda side, channels, code_size: (
        code_size + (2 * code_size + 1) * channels[-1] * (side >> len(channels)) ** 2
    ),
}

SLIPS = {
    exercises.decoder_inputs: {
        "twice that": lambda channels: list(reversed(channels)),
        "Double each of its numbers": lambda channels: 2 * channels[::-1],
        "begins at the innermost map": lambda channels: tuple(2 * count for count in channels),
        "Only the first layer": lambda channels: [2 * channels[-1], *reversed(channels[:-1])],
        "The first layer sees two maps as well": lambda channels: [
            channels[-1],
            *(2 * count for count in reversed(channels[:-1])),
        ],
        "not as the next smaller one": lambda channels: [
            2 * channels[-1],
            *(channels[level] + channels[level + 1] for level in reversed(range(len(channels) - 1))),
        ],
        "What goes in?": lambda channels: [*reversed(channels[:-1]), 3],
    },
    exercises.linear_share: {
        "Each output has a bias": lambda side, channels, code_size: (
            2 * code_size * channels[-1] * (side >> len(channels)) ** 2
        ),
        "not those of the code": lambda side, channels, code_size: (
            2 * code_size * channels[-1] * (side >> len(channels)) ** 2 + 2 * code_size
        ),
        "not those of the map": lambda side, channels, code_size: (
            2 * code_size * channels[-1] * (side >> len(channels)) ** 2
            + 2 * channels[-1] * (side >> len(channels)) ** 2
        ),
        "one to z, and one back": lambda side, channels, code_size: (
            code_size + code_size * channels[-1] * (side >> len(channels)) ** 2
        ),
        "add the one to z": lambda side, channels, code_size: (
            (code_size + 1) * channels[-1] * (side >> len(channels)) ** 2
        ),
        "square what is left": lambda side, channels, code_size: (
            code_size + (2 * code_size + 1) * channels[-1] * (side >> len(channels))
        ),
        "Every layer halves": lambda side, channels, code_size: (
            code_size + (2 * code_size + 1) * channels[-1] * (side >> 1) ** 2
        ),
        "by the last of them": lambda side, channels, code_size: (
            code_size + (2 * code_size + 1) * (side >> len(channels)) ** 2
        ),
    },
}


class TestSuperResolution(Graders):
    theme, answers, slips = exercises.super_resolution, ANSWERS, SLIPS

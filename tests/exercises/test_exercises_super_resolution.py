"""The graders of the chapter on super-resolution."""

from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.decoder_inputs: lambda channels: [2 * count for count in reversed(channels)],
    exercises.linear_share: lambda side, channels, code_size: (
        code_size + (2 * code_size + 1) * channels[-1] * (side >> len(channels)) ** 2
    ),
    exercises.one_more_run: lambda deviation, count, t: t * (deviation**2 + deviation**2 / count) ** 0.5,
    exercises.sub_pixel_layer: lambda width, kernel, factor, colours: (
        colours * factor * factor * (1 + width * kernel * kernel)
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
    exercises.one_more_run: {
        "interval of the mean": lambda deviation, count, t: t * deviation * count**-0.5,
        "takes the mean for known": lambda deviation, count, t: deviation * t,
        "Variances add up": lambda deviation, count, t: t * (deviation + deviation / count**0.5),
        "without a root": lambda deviation, count, t: t * (deviation + deviation / count),
        "t times that": lambda deviation, count, t: (deviation**2 + deviation**2 / count) ** 0.5,
        "whole width": lambda deviation, count, t: 2 * t * (deviation**2 + deviation**2 / count) ** 0.5,
    },
    exercises.sub_pixel_layer: {
        "a bias as well": lambda width, kernel, factor, colours: width * colours * (kernel * factor) ** 2,
        "factor² places": lambda width, kernel, factor, colours: colours * factor * (1 + width * kernel**2),
        "a grey picture": lambda width, kernel, factor, colours: factor**2 * (1 + width * kernel**2),
        "channels of the picture alone": lambda width, kernel, factor, colours: colours * (1 + width * kernel**2),
        "kernel² pixels": lambda width, kernel, factor, colours: colours * factor**2 * (1 + width * kernel),
        "one bias a channel": lambda width, kernel, factor, colours: (1 + width) * colours * (kernel * factor) ** 2,
        "multiply by width": lambda width, kernel, factor, colours: colours * factor**2 * (1 + kernel**2),
    },
}


class TestSuperResolution(Graders):
    theme, answers, slips = exercises.super_resolution, ANSWERS, SLIPS

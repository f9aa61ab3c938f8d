"""The graders of the chapter on the two-layer autoencoder."""

from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.parameters: lambda kernel, channels_in, channels_out: (
        kernel**2 * channels_in * channels_out + channels_out
    ),
    exercises.pixels_seen: lambda row, column: (9 * row, 9 * row + 8, 9 * column, 9 * column + 8),
}

SLIPS = {
    exercises.parameters: {
        "also has a bias": lambda kernel, channels_in, channels_out: kernel**2 * channels_in * channels_out,
        "not for each input channel": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_in * channels_out + channels_in
        ),
        "One bias for the whole layer": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_in * channels_out + 1
        ),
        "multiply the weights by channels_in": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_out + channels_out
        ),
        "square it": lambda kernel, channels_in, channels_out: kernel * channels_in * channels_out + channels_out,
        "multiply the weights by channels_out": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_in + channels_out
        ),
        "not for each pair of channels": lambda kernel, channels_in, channels_out: (
            channels_out * channels_in * (1 + kernel * kernel)
        ),
    },
    exercises.pixels_seen: {
        "the last row is 9 row + 8": lambda row, column: (9 * row, 9 * row + 9, 9 * column, 9 * column + 9),
        "Counted from 1": lambda row, column: (9 * row + 1, 9 * (row + 1), 9 * column + 1, 9 * (column + 1)),
        "in pairs": lambda row, column: [(9 * each, 9 * each + 8) for each in (row, column)],
        "in another order": lambda row, column: (9 * row, 9 * column, 9 * row + 8, 9 * column + 8),
        "the first map": lambda row, column: (3 * row, 3 * row + 2, 3 * column, 3 * column + 2),
        "steps of 9, not 3": lambda row, column: (3 * row, 3 * row + 8, 3 * column, 3 * column + 8),
        "exchanged": lambda row, column: (9 * column, 9 * column + 8, 9 * row, 9 * row + 8),
    },
}


class TestTwoLayer(Graders):
    theme, answers, slips = exercises.two_layer, ANSWERS, SLIPS

"""The graders of the chapter on transposed convolution."""

from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.transposed_output: lambda size, kernel, stride, padding, output_padding: (
        (size - 1) * stride - 2 * padding + kernel + output_padding
    ),
    exercises.meeting_inputs: lambda position, kernel, stride: -(-(kernel - position % stride) // stride),
}

SLIPS = {
    exercises.transposed_output: {
        "n − 1 steps": lambda size, kernel, stride, padding, output_padding: (
            size * stride - 2 * padding + kernel + output_padding
        ),
        "subtract it": lambda size, kernel, stride, padding, output_padding: (
            (size - 1) * stride + 2 * padding + kernel + output_padding
        ),
        "take it twice": lambda size, kernel, stride, padding, output_padding: (
            (size - 1) * stride - padding + kernel + output_padding
        ),
        "one side only": lambda size, kernel, stride, padding, output_padding: (
            (size - 1) * stride - 2 * padding + kernel + 2 * output_padding
        ),
        "is missing": lambda size, kernel, stride, padding, output_padding: (size - 1) * stride - 2 * padding + kernel,
        "The padding is missing": lambda size, kernel, stride, padding, output_padding: (
            (size - 1) * stride + kernel + output_padding
        ),
        "One short": lambda size, kernel, stride, padding, output_padding: (
            (size - 1) * stride - 2 * padding + kernel - 1 + output_padding
        ),
        "as wide as the stride": lambda size, kernel, stride, padding, output_padding: (
            size * stride - 2 * padding + output_padding
        ),
        "behind a convolution": lambda size, kernel, stride, padding, output_padding: (
            (size + 2 * padding - kernel) // stride + 1
        ),
    },
    exercises.meeting_inputs: {
        "where the stride divides": lambda position, kernel, stride: kernel // stride,
        "the largest number": lambda position, kernel, stride: -(-kernel // stride),
        "exchanged": lambda position, kernel, stride: (kernel + position % stride) // stride,
        "Round up": lambda position, kernel, stride: (kernel - position % stride) // stride,
        "a whole number": lambda position, kernel, stride: kernel / stride,
        "the other way round": lambda position, kernel, stride: kernel,
    },
}


class TestTransposedConvolution(Graders):
    theme, answers, slips = exercises.transposed_convolution, ANSWERS, SLIPS

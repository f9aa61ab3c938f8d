"""The graders of the chapter on convolution arithmetic."""

import math

from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.output_size: lambda size, kernel, stride, padding, dilation: (
        (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    ),
    exercises.output_padding: lambda size, kernel, stride, padding: (size + 2 * padding - kernel) % stride,
}

SLIPS = {
    exercises.output_size: {
        "Use // in place of /": lambda size, kernel, stride, padding, dilation: (
            (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1
        ),
        "Rounded up": lambda size, kernel, stride, padding, dilation: (
            math.ceil((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
        ),
        "add 1": lambda size, kernel, stride, padding, dilation: (
            (size + 2 * padding - dilation * (kernel - 1) - 1) // stride
        ),
        "it counts twice": lambda size, kernel, stride, padding, dilation: (
            (size + padding - dilation * (kernel - 1) - 1) // stride + 1
        ),
        "Rounded to the nearest": lambda size, kernel, stride, padding, dilation: (
            round((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
        ),
        "to the nearest whole number": lambda size, kernel, stride, padding, dilation: round(
            (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1
        ),
        "added too early": lambda size, kernel, stride, padding, dilation: (
            (size + 2 * padding - dilation * (kernel - 1)) // stride
        ),
        "The padding is missing": lambda size, kernel, stride, padding, dilation: (
            (size - dilation * (kernel - 1) - 1) // stride + 1
        ),
        "Right without dilation": lambda size, kernel, stride, padding, dilation: (
            (size + 2 * padding - kernel) // stride + 1
        ),
        "No gap follows": lambda size, kernel, stride, padding, dilation: (
            (size + 2 * padding - dilation * kernel) // stride + 1
        ),
    },
    exercises.output_padding: {
        "what the kernel walks over": lambda size, kernel, stride, padding: (size - kernel) % stride,
        "it counts twice": lambda size, kernel, stride, padding: (size + padding - kernel) % stride,
        "remainder of the size": lambda size, kernel, stride, padding: size % stride,
        "Almost": lambda size, kernel, stride, padding: (size + 2 * padding) % stride,
        "the next multiple": lambda size, kernel, stride, padding: -(size + 2 * padding - kernel) % stride,
        "size less one": lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride,
        "That is the output's size. ": lambda size, kernel, stride, padding: (
            (size + 2 * padding - kernel) // stride + 1
        ),
        "Right only where": lambda size, kernel, stride, padding: stride - 1,
    },
}


class TestConvolutionArithmetic(Graders):
    theme, answers, slips = exercises.convolution_arithmetic, ANSWERS, SLIPS

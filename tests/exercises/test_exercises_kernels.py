"""The graders of the chapter on kernels."""

import numpy as np
import pytest
import torch
from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.pooled_multiplications: lambda size, kernel, channels_in, channels_out, pool: (
        kernel**2 * channels_in * channels_out * size**2
    ),
}


def read(size, kernel):
    """Pixels that one kernel's places read in all, without the zeros around the picture."""
    picture = torch.ones(1, 1, size, size, dtype=torch.float64)
    weights = torch.ones(1, 1, kernel, kernel, dtype=torch.float64)
    return int(torch.nn.functional.conv2d(picture, weights, padding=kernel // 2).sum())


SLIPS = {
    exercises.pooled_multiplications: {
        "without padding": lambda size, kernel, channels_in, channels_out, pool: (
            kernel**2 * channels_in * channels_out * (size - kernel + 1) ** 2
        ),
        "thrown away": lambda size, kernel, channels_in, channels_out, pool: (
            kernel**2 * channels_in * channels_out * (size // pool) ** 2
        ),
        "Those are the weights": lambda size, kernel, channels_in, channels_out, pool: (
            kernel**2 * channels_in * channels_out
        ),
        "kernel × kernel": lambda size, kernel, channels_in, channels_out, pool: (
            kernel * channels_in * channels_out * size**2
        ),
        "size × size": lambda size, kernel, channels_in, channels_out, pool: (
            kernel**2 * channels_in * channels_out * size
        ),
        "both numbers": lambda size, kernel, channels_in, channels_out, pool: kernel**2 * channels_out * size**2,
        "multiply by channels_out": lambda size, kernel, channels_in, channels_out, pool: (
            kernel**2 * channels_in * size**2
        ),
        "A bias is added": lambda size, kernel, channels_in, channels_out, pool: (
            (kernel**2 * channels_in + 1) * channels_out * size**2
        ),
        "Comparing is not multiplying": lambda size, kernel, channels_in, channels_out, pool: (
            kernel**2 * channels_in * channels_out * size**2 + channels_out * (size // pool) ** 2 * (pool**2 - 1)
        ),
        "zeros of the padding": lambda size, kernel, channels_in, channels_out, pool: (
            channels_in * channels_out * read(size, kernel)
        ),
    },
}


class TestKernels(Graders):
    theme, answers, slips = exercises.kernels, ANSWERS, SLIPS


@pytest.mark.parametrize(
    ("kernel", "right", "message"),
    [
        ([[1, -1, 1], [-1, 1, -1], [1, -1, 1]], True, "none of the other 511"),
        ([[2, -1, 2], [-1, 9, -1], [2, -1, 2]], True, "The X gets 17"),
        (None, None, "in place of the three dots"),
        (..., None, "in place of the three dots"),
        ([[1, 0, 1], [0, 1, 0], [1, 0, 1]], False, "white everywhere gets 5, the X 5"),
        ([[1, -1, 1], [-1, 0, -1], [1, -1, 1]], False, "row 1, column 1"),
        ([[1, -1, 1], [-1, 1, 0], [1, -1, 1]], False, "1 other patches"),
        ([1, 0, 1, 0, 1, 0, 1, 0, 1], False, "not three rows"),
        ([["a", 1, 1]] * 3, False, "not three rows"),
        ([[float("nan")] * 3] * 3, False, "not a finite number"),
        ([[1, 0, 1], [0, 1, 0]], False, "6 numbers"),
        ([[1, 0, 1, 0, 1, 0, 1, 0, 1]], False, "9 numbers"),
        ([[10**400, 1, 1]] * 3, False, "not three rows"),
        (torch.ones(1, 1, 3, 3), False, "white everywhere gets 9, the X 5"),
        (torch.ones(8, 1, 3, 3), False, "not three rows"),
        (torch.nn.Conv2d(1, 1, 3).weight * 0 + torch.tensor([[2, -1, 2], [-1, 9, -1], [2, -1, 2]]), True, "X gets 17"),
        ([], False, "0 numbers"),
        (np.array([[1, -1, 1], [-1, 1, -1], [1, -1, 1]]), True, "none of the other 511"),
        (torch.tensor([[1, -1, 1], [-1, 1, -1], [1, -1, 1]]), True, "none of the other 511"),
    ],
)
def test_a_filter_for_the_cross_is_judged_on_all_patches(kernel, right, message):
    grade = exercises.cross_filter(kernel)
    assert grade.right is right
    assert message in grade.message


def test_the_products_without_those_of_the_padding_are_as_many_as_a_careful_learner_counts():
    assert 8 * read(28, 3) == 53_792

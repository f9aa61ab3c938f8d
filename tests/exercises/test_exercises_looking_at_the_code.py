"""The graders of the chapter that looks at the code."""

import pytest
import torch
from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.numbers_behind: lambda row, column: (
        {9 * channel + 3 * (row // 9) + column // 9 for channel in range(16)} if max(row, column) < 27 else set()
    ),
    exercises.participation: lambda variances: sum(variances) ** 2 / sum(value**2 for value in variances),
}

SLIPS = {
    exercises.numbers_behind: {
        "Right up to row": lambda row, column: [9 * channel + 3 * (row // 9) + column // 9 for channel in range(16)],
        "no block": lambda row, column: [
            9 * channel + 3 * min(row // 9, 2) + min(column // 9, 2) for channel in range(16)
        ],
        "one channel": lambda row, column: (3 * (row // 9) + column // 9,) if max(row, column) < 27 else (),
        "8 channels": lambda row, column: (
            [9 * channel + 3 * (row // 9) + column // 9 for channel in range(8)] if max(row, column) < 27 else []
        ),
        "one too high": lambda row, column: (
            [1 + 9 * channel + 3 * (row // 9) + column // 9 for channel in range(16)] if max(row, column) < 27 else []
        ),
        "blocks of 3×3": lambda row, column: (
            [9 * channel + 3 * (row // 3 % 3) + column // 3 % 3 for channel in range(16)]
            if max(row, column) < 27
            else []
        ),
        "exchanged": lambda row, column: (
            [9 * channel + 3 * (column // 9) + row // 9 for channel in range(16)] if max(row, column) < 27 else []
        ),
        "channel, row, column": lambda row, column: (
            [16 * (3 * (row // 9) + column // 9) + channel for channel in range(16)] if max(row, column) < 27 else []
        ),
        "9×9 maps": lambda row, column: (
            [81 * channel + 9 * (row // 3) + column // 3 for channel in range(8)] if max(row, column) < 27 else []
        ),
        "all of the code": lambda row, column: range(144),
    },
    exercises.participation: {
        "other way round": lambda variances: sum(value**2 for value in variances) / sum(variances) ** 2,
        "two things": lambda variances: 1.0,
        "has to be squared, or": lambda variances: sum(variances) / sum(value**2 for value in variances),
        "one by one": lambda variances: sum(variances) ** 2 / sum(variances),
        "a root too many": lambda variances: (sum(variances) ** 2 / sum(value**2 for value in variances)) ** 0.5,
        "one too many": lambda variances: sum(variances) ** 2 / sum(value**2 for value in variances) ** 0.5,
        "counts the axes, however": lambda variances: len(variances),
        "the largest alone": lambda variances: sum(variances) / max(variances),
        "any variance at all": lambda variances: len([value for value in variances if value]),
        "no root": lambda variances: sum(value**0.5 for value in variances) ** 2 / sum(variances),
        "once more": lambda variances: sum(value**2 for value in variances) ** 2 / sum(value**4 for value in variances),
    },
}


@pytest.mark.parametrize("form", [frozenset, reversed, tuple, iter, lambda numbers: (number for number in numbers)])
def test_the_numbers_behind_a_pixel_may_come_in_any_collection(form):
    right = ANSWERS[exercises.numbers_behind]
    assert exercises.numbers_behind(lambda row, column: form(sorted(right(row, column)))).right


def test_the_numbers_behind_a_pixel_may_come_in_a_column():
    right = ANSWERS[exercises.numbers_behind]
    assert exercises.numbers_behind(lambda **case: torch.tensor(sorted(right(**case))).view(-1, 1)).right


def test_nothing_for_a_border_pixel_is_told_where():
    right = ANSWERS[exercises.numbers_behind]
    grade = exercises.numbers_behind(lambda row, column: right(row, column) or None)
    assert grade.right is False
    assert grade.message.startswith("For row = 0, column = 27 the function gives nothing back: return a result there")


class TestLookingAtTheCode(Graders):
    theme, answers, slips = exercises.looking_at_the_code, ANSWERS, SLIPS

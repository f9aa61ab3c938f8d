"""Graders of the chapter on interpolating."""

from __future__ import annotations

import math

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["length_half_way", "share_of_the_way"]

EXERCISES = {
    "share_of_the_way": Exercise.of(
        cases=[{"index": index, "count": count} for count in (2, 3, 5, 11, 20) for index in range(count)],
        right=lambda index, count: index / (count - 1),
        slips={
            "The last picture stops short of t = 1: between so many pictures there is one step less.": (
                lambda index, count: index / count
            ),
            "That is Equation 3 as it stands: it reaches 1 and never shows 0.": lambda index, count: (
                (index + 1) / count
            ),
            "Neither end is shown: the first picture has t = 0, the last t = 1.": (
                lambda index, count: (index + 1) / (count + 1)
            ),
            "The path runs backwards: the first picture has t = 0.": lambda index, count: 1 - index / (count - 1),
            "A share lies between 0 and 1: divide by the number of steps.": lambda index, count: index,
            "The way is cut to whole numbers: divide with /, not with //.": lambda index, count: index // (count - 1),
            "Counted from 1, the first picture would be behind the start: index is 0 there already.": (
                lambda index, count: (index - 1) / (count - 1)
            ),
        },
        close=True,
        asked="a number",
    ),
    "length_half_way": Exercise.of(
        cases=[{"first": first, "second": second} for first in (1, 2, 3, 5, 8) for second in (1, 3, 4, 6, 12)],
        right=lambda first, second: math.sqrt(first**2 + second**2) / 2,
        slips={
            "That is the mean of the lengths, as long as both codes lie in one direction; these do not.": (
                lambda first, second: (first + second) / 2
            ),
            "That is the length of the sum: half way is half of it.": lambda first, second: math.hypot(first, second),
            "Both codes are halved before they are squared: the half stands outside the root, not inside.": (
                lambda first, second: math.sqrt((first**2 + second**2) / 2)
            ),
            "The root is missing: by Pythagoras these are squares of lengths.": (
                lambda first, second: (first**2 + second**2) / 2
            ),
            "The root is missing, and a square of a half is a quarter: that is the square of the length.": (
                lambda first, second: (first**2 + second**2) / 4
            ),
            "So it would be if they lay in opposite directions.": lambda first, second: abs(first - second) / 2,
            "That is the geometric mean of the lengths, not the length of the mean.": (
                lambda first, second: math.sqrt(first * second)
            ),
        },
        close=True,
        asked="a number",
    ),
}


def length_half_way(answer: Function) -> Grade:
    """Exercise: the length of the code half way between two that are at right angles, of lengths `first`, `second`."""
    return EXERCISES["length_half_way"].grade(answer)


def share_of_the_way(answer: Function) -> Grade:
    """Exercise: the t of picture `index` of `count` on a path that shows both ends, from 0 to 1 in even steps."""
    return EXERCISES["share_of_the_way"].grade(answer)

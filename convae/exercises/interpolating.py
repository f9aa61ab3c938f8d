"""Graders of the chapter on interpolating."""

from __future__ import annotations

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["share_of_the_way"]

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
}


def share_of_the_way(answer: Function) -> Grade:
    """Exercise: the t of picture `index` of `count` on a path that shows both ends, from 0 to 1 in even steps."""
    return EXERCISES["share_of_the_way"].grade(answer)

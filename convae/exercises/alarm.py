"""Graders of the chapter on the reconstruction error as an alarm."""

from __future__ import annotations

import random
from collections.abc import Callable

from convae.exercises.grading import Function, Grade, grade, grade_number

__all__ = ["area_between", "threshold"]


def area_between(answer: Function) -> Grade:
    """Exercise: the area under the ROC curve from the scores of `usual` and of `unusual` pictures."""

    def share(wins: Callable[[float, float], float]) -> Function:
        return lambda usual, unusual: (
            sum(wins(other, one) for one in usual for other in unusual) / len(usual) / len(unusual)
        )

    chance = random.Random(0)
    cases = [
        {name: [chance.randint(0, 9) for _ in range(chance.randint(2, 6))] for name in ("usual", "unusual")}
        for _ in range(40)
    ]
    return grade_number(
        answer,
        share(lambda other, one: (other > one) + (other == one) / 2),
        [{"usual": [1, 2], "unusual": [3, 4]}, {"usual": [1, 2], "unusual": [2, 1, 1]}, *cases],
        {
            "Where both scores are the same nobody wins: count such a pair as a half.": (
                share(lambda other, one: other > one)
            ),
            "Two equal scores are no win: count such a pair as a half, not as a whole.": (
                share(lambda other, one: other >= one)
            ),
            "The sides are exchanged: it is the unusual picture that should score higher.": (
                share(lambda other, one: (other < one) + (other == one) / 2)
            ),
            "That is the number of pairs; divide it by how many pairs there are.": (
                lambda usual, unusual: sum((other > one) + (other == one) / 2 for one in usual for other in unusual)
            ),
            "Compare every unusual picture with every usual one, not pairs that happen to stand at the same place.": (
                lambda usual, unusual: (
                    sum((other > one) + (other == one) / 2 for one, other in zip(usual, unusual, strict=False))
                    / min(len(usual), len(unusual))
                )
            ),
            "That compares the two means; one extreme score can turn them. Compare pair by pair.": (
                lambda usual, unusual: sum(unusual) / len(unusual) > sum(usual) / len(usual)
            ),
        },
    )


def threshold(answer: Function) -> Grade:
    """Exercise: the smallest score above which at most `share` of these `usual` pictures lie."""
    chance = random.Random(0)
    cases = [
        {"usual": chance.sample(range(1000), length), "share": share}
        for length, share in [(20, 0.05), (40, 0.05), (100, 0.05), (10, 0.2), (20, 0.1), (50, 0.04), (15, 0.2)]
        for _ in range(4)
    ]

    def above(usual: list[float], share: float) -> int:
        return round(share * len(usual))  # whole in every case

    return grade(
        answer,
        lambda usual, share: sorted(usual, reverse=True)[above(usual, share)],
        cases,
        {
            "At that score there is one alarm too few: an alarm is a score above the threshold, not equal to it.": (
                lambda usual, share: sorted(usual, reverse=True)[above(usual, share) - 1]
            ),
            "Order the scores first.": (lambda usual, share: usual[above(usual, share)]),
            "That is the other end: the alarm rings for large scores.": (
                lambda usual, share: sorted(usual)[above(usual, share)]
            ),
            "From that end it is one too many: there the alarm rings for one picture more.": (
                lambda usual, share: sorted(usual, reverse=True)[above(usual, share) + 1]
            ),
            "The largest score of all gives no false alarm here, but misses more than it has to.": (
                lambda usual, share: max(usual)
            ),
            "That is a share of the largest score. The share is one of pictures: count them.": (
                lambda usual, share: (1 - share) * max(usual)
            ),
            "That is a position; give the score that stands there.": above,
        },
    )

"""Graders of the chapter on the reconstruction error as an alarm."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["area_between", "threshold"]


def area_between(answer: Function) -> Grade:
    """Exercise: the area under the ROC curve from the scores of `usual` and of `unusual` pictures."""
    return EXERCISES["area_between"].grade(answer)


def threshold(answer: Function) -> Grade:
    """Exercise: the smallest score above which at most `share` of these `usual` pictures lie."""
    return EXERCISES["threshold"].grade(answer)


def _sides() -> list[dict[str, Any]]:
    """Few scores with many ties."""
    chance = random.Random(0)
    drawn = [
        {name: [chance.randint(0, 9) for _ in range(chance.randint(2, 6))] for name in ("usual", "unusual")}
        for _ in range(40)
    ]
    return [{"usual": [1, 2], "unusual": [3, 4]}, {"usual": [1, 2], "unusual": [2, 1, 1]}, *drawn]


def _sum(points: Callable[[float, float], float]) -> Function:
    """The points that an unusual and a usual picture get, over all pairs."""
    return lambda usual, unusual: sum(points(other, one) for one in usual for other in unusual)


def _share(points: Callable[[float, float], float]) -> Function:
    return lambda usual, unusual: _sum(points)(usual, unusual) / len(usual) / len(unusual)


def _half(other: float, one: float) -> float:
    return (other > one) + (other == one) / 2


def _without_ties(usual: Sequence[float], unusual: Sequence[float]) -> float:
    decided = _sum(lambda other, one: other != one)(usual, unusual)
    return float(_sum(lambda other, one: other > one)(usual, unusual) / decided) if decided else 0.0


def _scores() -> list[dict[str, Any]]:
    chance = random.Random(0)
    return [
        {"usual": chance.sample(range(1000), length), "share": share}
        for length, share in [(20, 0.05), (40, 0.05), (100, 0.05), (10, 0.2), (20, 0.1), (50, 0.04), (15, 0.2)]
        for _ in range(4)
    ]


def _above(usual: Sequence[float], share: float) -> int:
    return round(share * len(usual))  # whole in every case


def _from_top(more: int) -> Function:
    """The score above which so many more lie than may."""
    return lambda usual, share: sorted(usual, reverse=True)[_above(usual, share) + more]


def _quantile(usual: Sequence[float], share: float) -> float:
    """Between two scores, as NumPy and PyTorch have it."""
    place = share * (len(usual) - 1)
    low = int(place)
    one, other = sorted(usual)[low : low + 2]
    return one + (place - low) * (other - one)


EXERCISES = {
    "area_between": Exercise.of(
        _sides(),
        _share(_half),
        {
            "Where both scores are the same nobody wins: count such a pair as a half.": (
                _share(lambda other, one: other > one)
            ),
            "Two equal scores are no win: count such a pair as a half, not as a whole.": (
                _share(lambda other, one: other >= one)
            ),
            "Pairs of equal scores are left out there. They are pairs, too: count each as a half.": _without_ties,
            "The sides are exchanged: it is the unusual picture that should score higher.": (
                _share(lambda other, one: _half(one, other))
            ),
            "That is the number of pairs; divide it by how many pairs there are.": _sum(_half),
            "That is divided by the number of unusual pictures only: there are as many pairs as one number times the "
            "other.": lambda usual, unusual: _sum(_half)(usual, unusual) / len(unusual),
            "That is divided by the number of usual pictures only: there are as many pairs as one number times the "
            "other.": lambda usual, unusual: _sum(_half)(usual, unusual) / len(usual),
            "Those are wins less losses, from −1 to 1. A loss counts nothing, and a tie a half.": (
                _share(lambda other, one: (other > one) - (other < one))
            ),
            "Compare every unusual picture with every usual one, not pairs that happen to stand at the same place.": (
                lambda usual, unusual: (
                    sum(_half(other, one) for one, other in zip(usual, unusual, strict=False))
                    / min(len(usual), len(unusual))
                )
            ),
            "That compares the two means; one extreme score can turn them. Compare pair by pair.": (
                lambda usual, unusual: sum(unusual) / len(unusual) > sum(usual) / len(usual)
            ),
        },
        close=True,
        asked="a number",
    ),
    "threshold": Exercise.of(
        _scores(),
        _from_top(0),
        {
            "At that score there is one alarm too few: an alarm is a score above the threshold, not equal to it.": (
                _from_top(-1)
            ),
            "That lies between two scores, as a quantile does that interpolates. Go down to the lower of the two: no "
            "more alarms ring there.": lambda usual, share: _quantile(usual, 1 - share),
            "That is a quantile from the other end, between two scores. The alarm rings for large scores.": _quantile,
            "Order the scores first.": lambda usual, share: usual[_above(usual, share)],
            "That is the other end: the alarm rings for large scores.": (
                lambda usual, share: sorted(usual)[_above(usual, share)]
            ),
            "From that end it is one too many: there the alarm rings for one picture more.": _from_top(1),
            "The largest score of all gives no false alarm here, but misses more than it has to.": (
                lambda usual, share: max(usual)
            ),
            "That is a share of the largest score. The share is one of pictures: count them.": (
                lambda usual, share: (1 - share) * max(usual)
            ),
            "That is a position; give the score that stands there.": _above,
        },
        close=True,
        asked="one of the scores",
    ),
}

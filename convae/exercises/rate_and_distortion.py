"""Graders of the chapter on rate and distortion."""

from __future__ import annotations

import math
import random

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["bits_of_code", "water_filling"]


def bits_of_code(answer: Function) -> Grade:
    """Exercise: the bits of a picture's code, from the training `shares` of each number's steps and its `steps`."""
    return EXERCISES["bits_of_code"].grade(answer)


def water_filling(answer: Function) -> Grade:
    """Exercise: the bits that Gaussian numbers of these `spreads` need where none may err by more than `level`."""
    return EXERCISES["water_filling"].grade(answer)


def _codes() -> list[dict[str, object]]:
    chance = random.Random(0)
    cases = []
    for _ in range(30):
        shares = []
        for _ in range(chance.randint(2, 4)):
            counts = [chance.randint(1, 9) for _ in range(chance.choice([2, 3, 4, 5]))]
            shares.append([count / sum(counts) for count in counts])
        cases.append({"shares": shares, "steps": [chance.randrange(len(each)) for each in shares]})
    return [{"shares": [[0.5, 0.25, 0.25], [0.875, 0.125]], "steps": [0, 1]}, *cases]


def _water() -> list[dict[str, object]]:
    chance = random.Random(1)
    cases = []
    for _ in range(30):
        spreads = sorted((chance.uniform(0.05, 6) for _ in range(chance.randint(4, 8))), reverse=True)
        cases.append({"spreads": spreads, "level": chance.uniform(spreads[-1], spreads[1])})
    return [{"spreads": [4.0, 1.0, 0.25], "level": 0.5}, *cases]


def _log_shares(shares: list[list[float]], steps: list[int]) -> list[float]:
    return [math.log2(each[step]) for each, step in zip(shares, steps, strict=True)]


def _entropies(shares: list[list[float]]) -> list[float]:
    return [-sum(share * math.log2(share) for share in each) for each in shares]


EXERCISES = {
    "bits_of_code": Exercise.of(
        _codes(),
        lambda shares, steps: -sum(_log_shares(shares, steps)),
        {
            "Bits are counted by the logarithm to base 2.": (
                lambda shares, steps: -math.log(2) * sum(_log_shares(shares, steps))
            ),
            "The logarithm of a share is below 0: the bits are what it takes with the other sign.": (
                lambda shares, steps: sum(_log_shares(shares, steps))
            ),
            "That is the mean of a number of the code: the bits of all of them are asked for.": (
                lambda shares, steps: -sum(_log_shares(shares, steps)) / len(steps)
            ),
            "That is what any picture needs on the average, the entropy: here the steps of one picture are given.": (
                lambda shares, steps: sum(_entropies(shares))
            ),
            "With so many bits all steps are written equally long: those that are taken often may be shorter.": (
                lambda shares, steps: sum(math.log2(len(each)) for each in shares)
            ),
            "Whole bits for each number are more than are needed: a long message shares them between its numbers.": (
                lambda shares, steps: sum(math.ceil(-value) for value in _log_shares(shares, steps))
            ),
            "That is how probable the code is: its bits are −log₂ of it.": (
                lambda shares, steps: math.prod(each[step] for each, step in zip(shares, steps, strict=True))
            ),
            "Each step's bits are weighed by its share there: this picture took it, so they count whole.": (
                lambda shares, steps: -sum(value * 2**value for value in _log_shares(shares, steps))
            ),
        },
        close=True,
        asked="a number",
    ),
    "water_filling": Exercise.of(
        _water(),
        lambda spreads, level: sum(max(0.0, 0.5 * math.log2(each / level)) for each in spreads),
        {
            "A number whose spread is below the level gets no bits, not fewer than none.": (
                lambda spreads, level: sum(0.5 * math.log2(each / level) for each in spreads)
            ),
            "A spread is a variance: with one bit more the error is halved, and its square a quarter. So half the "
            "logarithm.": (lambda spreads, level: sum(max(0.0, math.log2(each / level)) for each in spreads)),
            "Bits are counted by the logarithm to base 2.": (
                lambda spreads, level: sum(max(0.0, 0.5 * math.log(each / level)) for each in spreads)
            ),
            "That is the error which is left, not the bits.": (
                lambda spreads, level: sum(min(each, level) for each in spreads)
            ),
            "That is the mean of a number: the bits of all of them are asked for.": (
                lambda spreads, level: sum(max(0.0, 0.5 * math.log2(each / level)) for each in spreads) / len(spreads)
            ),
            "½ log₂(spread ÷ level), without the 1: that would be bits of a noisy channel.": (
                lambda spreads, level: sum(0.5 * math.log2(1 + each / level) for each in spreads)
            ),
            "Each number needs bits of its own: their spreads are not put together first.": (
                lambda spreads, level: max(0.0, 0.5 * math.log2(sum(spreads) / level))
            ),
        },
        close=True,
        asked="a number",
    ),
}

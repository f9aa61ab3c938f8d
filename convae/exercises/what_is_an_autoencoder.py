"""Graders of the chapter on what an autoencoder is."""

from __future__ import annotations

import random

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["exact_code", "pca_loss"]


def pca_loss(answer: Function) -> Grade:
    """Exercise: the mean squared error a pixel that PCA leaves, from all its `spreads`, largest first, and `kept`."""
    return EXERCISES["pca_loss"].grade(answer)


def exact_code(answer: Function) -> Grade:
    """Exercise: the smallest linear code that copies `pictures` exactly, whose `pixels` hold `constant` ones."""
    return EXERCISES["exact_code"].grade(answer)


def _spectra() -> list[dict[str, object]]:
    chance = random.Random(0)
    cases = []
    for _ in range(30):
        spreads = sorted((chance.uniform(0.01, 5) for _ in range(chance.randint(4, 9))), reverse=True)
        cases.append({"spreads": spreads, "kept": chance.randint(1, len(spreads) - 2)})
    return [{"spreads": [4.0, 2.0, 1.0, 1.0], "kept": 1}, *cases]


def _sets() -> list[dict[str, int]]:
    chance = random.Random(1)
    cases = [
        {"pictures": chance.randint(2, 1500), "pixels": 784, "constant": chance.randint(0, 600)} for _ in range(40)
    ]
    return [
        {"pictures": 60_000, "pixels": 784, "constant": 67},
        {"pictures": 100, "pixels": 784, "constant": 67},
        *cases,
    ]


EXERCISES = {
    "pca_loss": Exercise.of(
        _spectra(),
        lambda spreads, kept: sum(spreads[kept:]) / len(spreads),
        {
            "That is what is kept: lost is the spread along the other directions.": (
                lambda spreads, kept: sum(spreads[:kept]) / len(spreads)
            ),
            "That is the squared error of a whole picture: divide by the number of pixels, that of all spreads.": (
                lambda spreads, kept: sum(spreads[kept:])
            ),
            "Divide by the number of pixels, not by that of the directions left out.": (
                lambda spreads, kept: sum(spreads[kept:]) / (len(spreads) - kept)
            ),
            "The first direction left out has the number kept, counted from 0: nothing is to be added to it.": (
                lambda spreads, kept: sum(spreads[kept + 1 :]) / len(spreads)
            ),
            "The spreads are variances already: they are not squared once more.": (
                lambda spreads, kept: sum(each**2 for each in spreads[kept:]) / len(spreads)
            ),
            "That is a share of all variance: the error is in squared units of the pixels.": (
                lambda spreads, kept: sum(spreads[kept:]) / sum(spreads)
            ),
            "That is the share of all variance that is kept. Lost is the rest, a pixel.": (
                lambda spreads, kept: sum(spreads[:kept]) / sum(spreads)
            ),
            "That is what is kept, of a whole picture. Lost is the rest, and a pixel's share of it is asked for.": (
                lambda spreads, kept: sum(spreads[:kept])
            ),
            "There are as many pixels as spreads, not always 784.": (lambda spreads, kept: sum(spreads[kept:]) / 784),
            "One direction too many is left out: kept of them stay, numbers 0 to kept − 1.": (
                lambda spreads, kept: sum(spreads[kept - 1 :]) / len(spreads)
            ),
            "That is the spread of one direction. All that are left out are lost.": (
                lambda spreads, kept: spreads[kept]
            ),
            "The spreads are variances: their sum is the squared error, without a root.": (
                lambda spreads, kept: sum(each**0.5 for each in spreads[kept:]) / len(spreads)
            ),
            "The mean squared error is asked for, not its root.": (
                lambda spreads, kept: (sum(spreads[kept:]) / len(spreads)) ** 0.5
            ),
        },
        close=True,
        asked="a number",
    ),
    "exact_code": Exercise.of(
        _sets(),
        lambda pictures, pixels, constant: min(pictures - 1, pixels - constant),
        {
            "Pixels that are the same in every picture stand in the bias: they need no number.": (
                lambda pictures, pixels, constant: min(pictures - 1, pixels)
            ),
            "Right for many pictures. Few pictures lie in fewer directions than there are pixels.": (
                lambda pictures, pixels, constant: pixels - constant
            ),
            "Nearly: the decoder's bias is the mean picture; around it N pictures lie in N − 1 directions.": (
                lambda pictures, pixels, constant: min(pictures, pixels - constant)
            ),
            "Enough, but not the smallest: a constant pixel needs no number, and few pictures need fewer still.": (
                lambda pictures, pixels, constant: pixels
            ),
            "Two limits, and the smaller counts: N pictures lie in N − 1 directions around their mean, and constant "
            "pixels "
            "need no number.": (lambda pictures, pixels, constant: min(pictures, pixels)),
            "Few pictures already lie in few directions: constant pixels are not subtracted from these.": (
                lambda pictures, pixels, constant: min(pictures, pixels) - constant
            ),
            "Around their mean, which is the bias, N pictures lie in N − 1 directions, and no code needs more numbers "
            "than "
            "there are pixels that change.": (lambda pictures, pixels, constant: pictures),
            "The smaller of the two is enough.": (
                lambda pictures, pixels, constant: max(pictures - 1, pixels - constant)
            ),
            "The one less is for the pictures, not for the pixels.": (
                lambda pictures, pixels, constant: min(pictures - 1, pixels - constant - 1)
            ),
            "Right for few pictures. No code needs more numbers than there are pixels that change.": (
                lambda pictures, pixels, constant: pictures - 1
            ),
        },
        asked="a whole number",
    ),
}

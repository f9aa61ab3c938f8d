"""The graders of the chapter on what an autoencoder is."""

import math

import pytest
from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.pca_loss: lambda spreads, kept: sum(spreads[kept:]) / len(spreads),
    exercises.exact_code: lambda pictures, pixels, constant: min(pictures - 1, pixels - constant),
}

SLIPS = {
    exercises.pca_loss: {
        "lost is the spread along the other directions": lambda spreads, kept: sum(spreads[:kept]) / len(spreads),
        "divide by the number of pixels, that of all spreads": lambda spreads, kept: sum(spreads[kept:]),
        "not by that of the directions left out": lambda spreads, kept: sum(spreads[kept:]) / (len(spreads) - kept),
        "nothing is to be added": lambda spreads, kept: sum(spreads[kept + 1 :]) / len(spreads),
        "not squared once more": lambda spreads, kept: sum(each**2 for each in spreads[kept:]) / len(spreads),
        "a share of all variance": lambda spreads, kept: sum(spreads[kept:]) / sum(spreads),
        "all variance that is kept": lambda spreads, kept: sum(spreads[:kept]) / sum(spreads),
        "kept, of a whole picture": lambda spreads, kept: sum(spreads[:kept]),
        "not always 784": lambda spreads, kept: sum(spreads[kept:]) / 784,
        "One direction too many": lambda spreads, kept: sum(spreads[kept - 1 :]) / len(spreads),
        "the spread of one direction": lambda spreads, kept: spreads[kept],
        "not its root": lambda spreads, kept: math.sqrt(sum(spreads[kept:]) / len(spreads)),
    },
    exercises.exact_code: {
        "stand in the bias": lambda pictures, pixels, constant: min(pictures - 1, pixels),
        "fewer directions than there are pixels": lambda pictures, pixels, constant: pixels - constant,
        "around it N pictures": lambda pictures, pixels, constant: min(pictures, pixels - constant),
        "Two limits": lambda pictures, pixels, constant: min(pictures, pixels),
        "not subtracted from these": lambda pictures, pixels, constant: min(pictures, pixels) - constant,
        "Around their mean, which is the bias": lambda pictures, pixels, constant: pictures,
        "The smaller of the two": lambda pictures, pixels, constant: max(pictures - 1, pixels - constant),
        "not for the pixels": lambda pictures, pixels, constant: min(pictures - 1, pixels - constant - 1),
        "not the smallest": lambda pictures, pixels, constant: pixels,
        "Right for few pictures": lambda pictures, pixels, constant: pictures - 1,
    },
}


class TestWhatIsAnAutoencoder(Graders):
    theme, answers, slips = exercises.what_is_an_autoencoder, ANSWERS, SLIPS


@pytest.mark.parametrize(
    "spelled",
    [
        lambda spreads, kept: (sum(spreads) - sum(spreads[:kept])) / len(spreads),
        lambda spreads, kept: math.fsum(spreads[kept:]) / len(spreads),
        lambda spreads, kept: sum(each / len(spreads) for each in reversed(spreads[kept:])),
    ],
)
def test_a_sum_is_right_however_it_is_rounded(spelled):
    assert exercises.pca_loss(spelled).right

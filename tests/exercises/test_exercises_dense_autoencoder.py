"""The graders of the chapter on the dense autoencoder."""

import pytest
from graders import Graders

from convae import exercises


def walked(rate, momentum, steps, *, late=False, mean=False):
    """A loop over the steps."""
    speed = place = 0.0
    for _ in range(steps):
        place += rate * speed if late else 0
        speed = momentum * speed + (1 - momentum if mean else 1)
        place += 0 if late else rate * speed
    return place


def closed(rate, momentum, steps):
    """The same in one expression."""
    return rate / (1 - momentum) * (steps - momentum * (1 - momentum**steps) / (1 - momentum))


ANSWERS = {
    exercises.momentum_distance: closed,
    exercises.same_rate: lambda rate, pixels, pictures: rate / pixels / pictures,
}

SLIPS = {
    exercises.momentum_distance: {
        "in the long run": lambda rate, momentum, steps: steps * rate / (1 - momentum),
        "the last step alone": lambda rate, momentum, steps: rate * (1 - momentum**steps) / (1 - momentum),
        "without momentum": lambda rate, momentum, steps: rate * steps,
        "before the weight moves": lambda rate, momentum, steps: walked(rate, momentum, steps, late=True),
        "a sum, no mean": lambda rate, momentum, steps: walked(rate, momentum, steps, mean=True),
        "the speed at the end": lambda rate, momentum, steps: sum(momentum**k for k in range(steps)),
        "The learning rate is missing": lambda rate, momentum, steps: closed(1, momentum, steps),
    },
    exercises.same_rate: {
        "has to be smaller: divide": lambda rate, pixels, pictures: rate * pixels * pictures,
        "over the pictures, too": lambda rate, pixels, pictures: rate / pixels,
        "over the pixels, too": lambda rate, pixels, pictures: rate / pictures,
        "The same rate takes other steps": lambda rate, pixels, pictures: rate,
        "and its rate smaller": lambda rate, pixels, pictures: pixels * rate,
        "not with its root": lambda rate, pixels, pictures: rate / (pixels * pictures) ** 0.5,
    },
}


class TestDenseAutoencoder(Graders):
    theme, answers, slips = exercises.dense_autoencoder, ANSWERS, SLIPS


@pytest.mark.parametrize(
    "spelled",
    [
        closed,
        walked,
        lambda rate, momentum, steps: rate * sum((1 - momentum**step) / (1 - momentum) for step in range(1, steps + 1)),
    ],
)
def test_a_distance_is_right_however_it_is_summed(spelled):
    assert exercises.momentum_distance(spelled).right

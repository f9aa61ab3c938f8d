"""What turns the claims on optimisers: each verdict of each rule, by other figures."""

import torch

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED

SEEDS = (0.0, 1e-4, -1e-4, 2e-4, -2e-4)


def kept(*averages):
    """What an optimiser remembers of two gradients, by a name for each."""
    return {f"{place}": torch.tensor([value], dtype=torch.float64) for place, value in enumerate(averages)}


MEAN = 0.9 * 0.1 * -2 + 0.1 * 1  # of the two, as Adam averages
SQUARE = 0.999 * 0.001 * 4 + 0.001 * 1
SLOWER_MEAN, SLOWER_SQUARE = 0.99 * 0.01 * -2 + 0.01 * 1, 0.99 * 0.01 * 4 + 0.01 * 1  # as RMSProp does


def moments(own, more):
    """RMSProp remembers such averages, Adam such."""
    return claims.robledo_moments({"RMSProp": kept(*own), "Adam": kept(*more)})


def own_rates(small, rare, large):
    """How far Adam goes along gradients that are small, rare and large."""
    found = iter((small, rare, large))
    return claims.robledo_own_rates(lambda pulls: next(found))


def minimum(adam):
    """Where Adam ends from two starts, along the axis on which the deeper hollow lies below 0."""
    return claims.robledo_global_minimum({"Adam": torch.tensor([[end, 0.0] for end in adam])})


def sgd(own, fair, longer=0.1):
    """By SGD as it is and with a chosen rate, where Adam has 0.02 and the mean picture 0.08."""
    rows = {"mean-image": {"mse": 0.08}, "SGD long/0": {"test": [longer]}}
    for arm, error in {"SGD": own, "SGD fair": fair, "p 0.1, 256": 0.02}.items():
        rows |= {f"{arm}/{seed}": {"test": [0.2, error + own]} for seed, own in enumerate(SEEDS)}
    return rows


def unsure():
    """A chosen rate whose seeds lie on both sides of the limit."""
    rows = sgd(0.1, 0.02)
    return claims.mansilla_sgd(
        rows
        | {f"SGD fair/{seed}": {"test": [0.2, error]} for seed, error in enumerate((0.021, 0.024, 0.02, 0.025, 0.021))}
    )


TURNS = {
    "robledo_moments": {
        HOLDS: lambda: moments([SLOWER_MEAN], [MEAN, SQUARE]),
        IN_PART: claims.robledo_moments,
        FAILS: lambda: moments([SLOWER_SQUARE], [SQUARE]),
    },
    "robledo_own_rates": {
        HOLDS: claims.robledo_own_rates,
        IN_PART: lambda: own_rates(1, 1, 2000),
        FAILS: lambda: own_rates(0, 0, 2000),
    },
    "robledo_global_minimum": {
        HOLDS: lambda: minimum([-1, -1]),
        IN_PART: claims.robledo_global_minimum,
        FAILS: lambda: minimum([1, 1]),
    },
    "mansilla_sgd": {
        HOLDS: lambda: claims.mansilla_sgd(sgd(0.1, 0.05)),
        IN_PART: lambda: claims.mansilla_sgd(sgd(0.1, 0.0205)),
        UNDECIDED: unsure,
        FAILS: lambda: claims.mansilla_sgd(sgd(0.021, 0.0205, 0.021)),
    },
}

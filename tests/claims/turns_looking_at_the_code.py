"""For every claim of the chapter on the code, and every verdict of its rule, figures that lead to it."""

import copy

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED
from convae.experiments.runs import load_run

NET = "robledo-two-layer"


def judged(low, high):
    """The stored table, with classifiers that get 1 % of the pictures wrong and lose so many points."""
    rows = copy.deepcopy(load_run("judged").scores["test"])
    rows["pixels"]["accuracy"] = [0.99] * 5
    rows[f"pixels/{NET}"]["difference"] = [(low + high) / 200, low / 100, high / 100, 5]
    return lambda: claims.robledo_code_suffices(rows)


TURNS = {
    "robledo_code_shape": {
        HOLDS: lambda: claims.robledo_code_shape(stated=(16, 3, 3)),
        SLIP: lambda: claims.robledo_code_shape(),
        FAILS: lambda: claims.robledo_code_shape(elsewhere=(8, 3, 3)),
    },
    "robledo_code_suffices": {
        HOLDS: judged(-0.05, 0.05),
        IN_PART: judged(0.3, 0.7),
        FAILS: judged(1.5, 2.5),
        UNDECIDED: judged(0.5, 1.5),
    },
}

"""For every claim of the chapter on the code, and every verdict of its rule, figures that lead to it."""

import copy

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED
from convae.experiments.runs import load_run

NET = "robledo-two-layer"


def judged(*named):
    """The stored tables, with classifiers that name such shares of the reconstructions."""
    rows = copy.deepcopy(load_run("judged").scores["test"])
    rows[NET]["accuracy"] = list(named)
    return lambda: claims.robledo_code_suffices(rows)


TURNS = {
    "robledo_code_shape": {
        HOLDS: lambda: claims.robledo_code_shape(stated=(16, 3, 3)),
        SLIP: lambda: claims.robledo_code_shape(),
        FAILS: lambda: claims.robledo_code_shape(elsewhere=(8, 3, 3)),
    },
    "robledo_code_suffices": {
        HOLDS: claims.robledo_code_suffices,
        IN_PART: judged(0.61, 0.6),
        FAILS: judged(0.05, 0.05),
        UNDECIDED: judged(0.96, 0.94),
    },
}

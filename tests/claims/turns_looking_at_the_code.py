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


def read(few, every):
    """The stored table, with a linear reader that finds the digit in the code by so many points more often."""
    rows = copy.deepcopy(load_run("codes").scores["test"])
    for count, gain in {"few": few, "all": every}.items():
        rows[NET][f"{count} gain"] = [gain / 100, (gain - 0.3) / 100, (gain + 0.3) / 100, 10_000]
    return lambda: claims.robledo_code_unreadable(rows)


TURNS = {
    "robledo_code_shape": {
        HOLDS: lambda: claims.robledo_code_shape(stated=(16, 3, 3)),
        SLIP: lambda: claims.robledo_code_shape(),
        FAILS: lambda: claims.robledo_code_shape(elsewhere=(8, 3, 3)),
    },
    "robledo_code_suffices": {
        HOLDS: claims.robledo_code_suffices,
        IN_PART: judged(0.61, 0.6),
        FAILS: judged(0.11, 0.1),
        UNDECIDED: judged(0.96, 0.94),
    },
    "robledo_code_unreadable": {
        HOLDS: read(-1, -2),
        FAILS: read(1, 2),
        UNDECIDED: read(0.7, 0),
    },
}

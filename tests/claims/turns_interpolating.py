"""Figures with which the claims of the chapter on interpolating get each of their verdicts."""

import copy

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED
from convae.claims.robledo import NET
from convae.experiments.interpolating import AUGMENTATION, LONGER
from convae.experiments.runs import load_run


def rows(study, **changed):
    """A study's table with some cells changed: rows("interpolation", **{"same/pixels": {"kept": [...]}})."""
    table = copy.deepcopy(load_run(study).scores["test"])
    for name, columns in changed.items():
        table[name] |= columns
    return table


def walks(row, column, low, high):
    """The table of walks in which one interval of the two-layer net reaches from here to there, of 200 pairs."""
    return rows("interpolation", **{f"{row}/{NET}": {column: [(low + high) / 2, low, high, 200]}})


def surer(low, high):
    """Classifiers that are this sure half way between two of one digit, and 0.5 to 0.6 between a seven and a four."""
    table = walks("seven to four", "confidence", 0.5, 0.6)
    table[f"same/{NET}"]["confidence"] = [(low + high) / 2, low, high, 2000]
    return table


def midpoints(column, low, high):
    """The table of every test picture with others, in which one interval of the two-layer net reaches so far."""
    changed = {f"half way/{NET}": {column: [(low + high) / 2, low, high, 10_000]}}
    return rows("interpolation-floor", **changed)


def given_back(low, high):
    """The table in which the net's own error is so much larger half way than on its reconstructions."""
    changed = {f"given back/{NET}": {"more": [(low + high) / 2, low, high, 10_000]}}
    return rows("interpolation-floor", **changed)


def nines(lost, single, spread=0.005):
    """Verdict on pictures between two nines of which so many are nines, and so many fewer than of real nines."""
    shares = {
        "single": [single, single - spread, single + spread, 1009],
        "real_lost": [lost, lost - spread, lost + spread, 1009],
    }
    return claims.robledo_all_nines(rows("interpolation-floor", **{f"nines/{NET}": shares}))


def learnt(how, short, long, spread=0.0004):
    """The tables of both budgets in which the two-layer net's pictures change the accuracy by so much."""
    tables = {}
    for study, gain in ((AUGMENTATION, short), (LONGER, long)):
        table = rows(study.name)
        for count in study.labels:
            table[f"{count}/{how}/{NET}"]["accuracy"] = [
                value + gain + spread * (-1) ** seed for seed, value in enumerate(table[f"{count}/none"]["accuracy"])
            ]
        tables[study.steps] = table
    return tables


TURNS = {
    "robledo_new_pictures": {
        HOLDS: claims.robledo_new_pictures,
        FAILS: lambda: claims.robledo_new_pictures(
            rows("interpolation", **{f"new/{NET}": {"least": [0.1] * 9 + [0.0]}})
        ),
    },
    "robledo_seven_to_four": {
        HOLDS: lambda: claims.robledo_seven_to_four(surer(0.8, 0.9)),
        FAILS: lambda: claims.robledo_seven_to_four(surer(0.2, 0.3)),
        UNDECIDED: lambda: claims.robledo_seven_to_four(surer(0.5, 0.62)),
    },
    "robledo_all_nines": {
        HOLDS: lambda: nines(0.01, 0.97),
        IN_PART: lambda: nines(0.03, 0.95),
        FAILS: lambda: nines(0.6, 0.4),
        UNDECIDED: lambda: nines(0.02, 0.96),
    },
    "robledo_enlarges": {
        HOLDS: lambda: claims.robledo_enlarges(learnt("with", 0.02, 0.02)),
        IN_PART: lambda: claims.robledo_enlarges(learnt("with", -0.02, 0.02)),
        FAILS: lambda: claims.robledo_enlarges(learnt("with", -0.02, -0.02)),
        UNDECIDED: lambda: claims.robledo_enlarges(learnt("with", -0.02, 0.0)),
    },
    "robledo_replaces": {
        HOLDS: lambda: claims.robledo_replaces(learnt("only", 0.0, -0.005)),
        IN_PART: lambda: claims.robledo_replaces(learnt("only", -0.03, 0.0)),
        FAILS: lambda: claims.robledo_replaces(learnt("only", -0.03, -0.03)),
        UNDECIDED: lambda: claims.robledo_replaces(learnt("only", -0.01, -0.01, spread=0.02)),
    },
    "robledo_robustness": {
        HOLDS: lambda: claims.robledo_robustness(given_back(0.0007, 0.0008)),
        FAILS: lambda: claims.robledo_robustness(given_back(-0.0008, -0.0007)),
        UNDECIDED: lambda: claims.robledo_robustness(given_back(-0.0001, 0.0001)),
    },
    "robledo_explores": {
        HOLDS: lambda: claims.robledo_explores(midpoints("kept", 0.92, 0.94)),
        IN_PART: lambda: claims.robledo_explores(midpoints("kept", 0.7, 0.8)),
        FAILS: lambda: claims.robledo_explores(midpoints("kept", 0.3, 0.4)),
        UNDECIDED: lambda: claims.robledo_explores(midpoints("kept", 0.88, 0.92)),
    },
}

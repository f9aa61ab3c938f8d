"""Figures with which the claims of the chapter on interpolating and generating get each of their verdicts."""

import copy

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED
from convae.claims.robledo import NET, NINE
from convae.experiments.interpolating import AUGMENTATION, LONGER
from convae.experiments.runs import load_run

NINES = str(NINE)


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


def explored(low, high, kept=0.9):
    table = walks("same", "half_lost", low, high)
    table[f"same/{NET}"]["kept"] = [kept, kept - 0.05, kept + 0.05, 2000]
    return claims.robledo_explores(table)


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


def generative(alone, joint, spread=0.1):
    """Verdict on a net whose pictures are so far from real ones, with codes drawn one by one and from a mixture."""
    ways = {
        f"{NET}/independent": {"frechet": [alone + spread * step for step in range(-2, 3)]},
        f"{NET}/mixture": {"frechet": [joint] * 5},
    }
    return claims.robledo_generative(rows("generation", **ways))


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
        HOLDS: lambda: claims.robledo_all_nines(walks("walk_lost of each", NINES, -0.01, 0.015)),
        IN_PART: lambda: claims.robledo_all_nines(walks("walk_lost of each", NINES, 0.03, 0.05)),
        FAILS: lambda: claims.robledo_all_nines(
            rows(
                "interpolation",
                **{
                    f"walk_lost of each/{NET}": {NINES: [0.6, 0.5, 0.7, 200]},
                    f"whole of each/{NET}": {NINES: [0.3, 0.2, 0.4, 200]},
                },
            )
        ),
        UNDECIDED: lambda: claims.robledo_all_nines(walks("walk_lost of each", NINES, -0.01, 0.03)),
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
        HOLDS: lambda: claims.robledo_robustness(walks("same", "half_lost", 0.002, 0.01)),
        FAILS: lambda: claims.robledo_robustness(walks("same", "half_lost", -0.01, -0.002)),
        UNDECIDED: lambda: claims.robledo_robustness(walks("same", "half_lost", -0.002, 0.002)),
    },
    "robledo_explores": {
        HOLDS: lambda: explored(-0.01, 0.015),
        IN_PART: lambda: explored(0.03, 0.05),
        FAILS: lambda: explored(0.5, 0.7, kept=0.3),
        UNDECIDED: lambda: explored(-0.01, 0.03),
    },
    "robledo_generative": {
        HOLDS: lambda: generative(100, 99),
        IN_PART: lambda: generative(200, 100),
        UNDECIDED: lambda: generative(110, 100, spread=5.0),
    },
}

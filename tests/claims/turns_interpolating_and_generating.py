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


def between_nines(low, high):
    table = walks("seven to four", "whole", 0.5, 0.6)
    table[f"whole of each/{NET}"][NINES] = [(low + high) / 2, low, high, 200]
    return table


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


def generative(distance, kept, spread=1.0):
    """Verdict on a net whose drawn pictures are so far away, and whose midpoints are so often of their class."""
    ways = {f"{NET}/{way}": {"frechet": [distance + spread * step for step in range(-2, 3)]} for way in WAYS}
    halves = {"real/halves, first and last": {"frechet": [20.0]}}
    return claims.robledo_generative(
        rows("generation", **ways),
        rows("generation-references", **halves),
        walks("same", "kept", kept - 0.01, kept + 0.01),
    )


WAYS = ("independent", "gaussian", "mixture")

TURNS = {
    "robledo_new_pictures": {
        HOLDS: claims.robledo_new_pictures,
        FAILS: lambda: claims.robledo_new_pictures(
            rows("interpolation", **{f"new/{NET}": {"least": [0.1] * 9 + [0.0]}})
        ),
    },
    "robledo_seven_to_four": {
        HOLDS: lambda: claims.robledo_seven_to_four(between_nines(0.8, 0.9)),
        FAILS: lambda: claims.robledo_seven_to_four(between_nines(0.2, 0.3)),
        UNDECIDED: lambda: claims.robledo_seven_to_four(between_nines(0.5, 0.62)),
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
    "robledo_generative": {
        HOLDS: lambda: generative(10, 0.98),
        IN_PART: lambda: generative(100, 0.98),
        FAILS: lambda: generative(100, 0.8),
        UNDECIDED: lambda: generative(20, 0.98, spread=5.0),
    },
}

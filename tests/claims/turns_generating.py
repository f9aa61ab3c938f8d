"""Figures with which the claims of the chapter on generating get each of their verdicts."""

from turns_interpolating import rows

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED
from convae.claims.robledo import NET


def generative(same, every, spread=0.1):
    """Verdict on a net whose pictures between two of a class, and between any two, are so far from real ones.

    Blends of the same pairs are at 42 and 113, collages as far as in the stored table, at 230.
    """
    steps = (-spread, 0, spread)
    table = rows("generation-recipe")
    for kind, blends, own in (("same", 42, same), ("any", 113, every)):
        table[f"pixels/{kind}"]["frechet"] = [blends, blends, blends]
        table[f"{NET}/{kind}"]["frechet"] = [own + step for step in steps]
    return claims.robledo_generative(table)


TURNS = {
    "robledo_generative": {
        HOLDS: claims.robledo_generative,
        IN_PART: lambda: generative(36, 130),
        FAILS: lambda: generative(300, 400),
        UNDECIDED: lambda: generative(36, 113, spread=5.0),
    },
}

"""Claims of the book's sources, each put to the test by one function; the ledger lists all of them.

A verdict is computed from arithmetic, from runs or from a small measurement, never written down: other figures would
turn it. Every function takes what it judges, so that a test can show it something else. A module holds the claims of
one source; `claims.robledo_pixels` is `CLAIMS["robledo_pixels"]`.
"""

from __future__ import annotations

# The order of the ledger:
# isort: off
from convae.claims import robledo, calderon, utec, marsiglione, dumoulin

# isort: on
from convae.claims.finding import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED, Finding
from convae.claims.registry import CLAIMS, Claim, shown_in
from convae.names import lookup

__all__ = [
    "CLAIMS",
    "FAILS",
    "HOLDS",
    "IN_PART",
    "SLIP",
    "UNDECIDED",
    "Claim",
    "Finding",
    "calderon",
    "dumoulin",
    "marsiglione",
    "robledo",
    "shown_in",
    "utec",
]


def __getattr__(name: str) -> Claim[...]:
    try:
        return lookup(CLAIMS, name, "claim")
    except ValueError as error:
        raise AttributeError(error) from None


def __dir__() -> list[str]:
    return [*__all__, *CLAIMS]

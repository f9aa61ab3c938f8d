"""The claims that the book puts to the test: each is registered where it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, ParamSpec

from convae.claims.finding import NAMES, Finding

P = ParamSpec("P")
SOURCES = tuple(NAMES)


@dataclass(frozen=True)
class Claim(Generic[P]):
    """A claim of a source. Called, it is put to the test; the arguments are what is judged.

    Args:
        test: Tells the finding, all but its source.
        source: BibTeX key.
        place: Where in the source it stands.
        chapter: Its home among the chapters, by the name of the file.
        shown: Whether that chapter shows it. The ledger shows all.
    """

    test: Callable[P, Finding]
    source: str
    place: str
    chapter: str
    shown: bool

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Finding:
        finding = self.test(*args, **kwargs)
        return replace(finding, source=self.source, place=self.place, name=self.test.__name__)


CLAIMS: dict[str, Claim[...]] = {}  # by name, in the order of the ledger


def claim(source: str, place: str, *, chapter: str, shown: bool = True) -> Callable[[Callable[P, Finding]], Claim[P]]:
    """Registers the function below as a claim, by its name. The arguments are those of `Claim`.

    Raises:
        ValueError: The source is not one of the book's, or the name is taken.
    """
    if source not in SOURCES:
        raise ValueError(f"{source} is no source of the book ({', '.join(SOURCES)}): add it to SOURCES")

    def register(test: Callable[P, Finding]) -> Claim[P]:
        name = test.__name__
        if name in CLAIMS:
            raise ValueError(f"{name} is registered already, by {CLAIMS[name].test.__module__}: give it another name")
        CLAIMS[name] = registered = Claim(test, source, place, chapter, shown)
        return registered

    return register


def shown_in(chapter: str) -> list[Claim[...]]:
    """The claims that a chapter, their home, shows, in the order of the ledger."""
    return [each for each in CLAIMS.values() if each.shown and each.chapter == chapter]

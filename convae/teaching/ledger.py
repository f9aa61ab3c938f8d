"""The ledger of claims: how many of each verdict, and every claim under its name, which is its anchor on the page."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from convae.claims import CLAIMS, Finding
from convae.claims.finding import MARKS, mark
from convae.claims.registry import SOURCES
from convae.names import lookup
from convae.teaching.tables import Table

__all__ = ["Entries", "Verdicts", "count", "entries", "try_all"]


def try_all() -> dict[str, Finding]:
    """Puts every claim to the test: findings by the claim's name, in the order of the ledger."""
    return {name: claim() for name, claim in CLAIMS.items()}


def count(findings: Mapping[str, Finding], titles: Mapping[str, str]) -> Table:
    """A row a source, a column a verdict.

    Args:
        titles: What the page calls a source, by its BibTeX key, in the order of the rows.

    Raises:
        ValueError: a finding of a source without a title.
    """
    sources = [finding.source for finding in findings.values()]
    if untitled := sorted(set(sources) - set(titles)):
        raise ValueError(f"no title for {', '.join(untitled)}: name every source of these findings")
    found = Counter((finding.source, finding.verdict) for finding in findings.values())
    rows = [
        [title, *(str(found[source, verdict] or "") for verdict in MARKS), str(sources.count(source))]
        for source, title in titles.items()
    ]
    total = [str(sum(found[source, verdict] for source in titles)) for verdict in MARKS]
    return Table(["", *MARKS, "claims"], [*rows, ["together", *total, str(len(findings))]])


def entries(findings: Mapping[str, Finding], source: str) -> Entries:
    """Those of one source.

    Raises:
        ValueError: a source that the book does not have; the nearest ones are suggested.
    """
    lookup(dict.fromkeys(SOURCES), source, "source")
    return Entries({name: finding for name, finding in findings.items() if finding.source == source})


@dataclass(frozen=True)
class Entries:
    """Findings by the name of their claim, as a page shows them: each with its anchor and a link to its home."""

    findings: Mapping[str, Finding]

    def __repr__(self) -> str:
        return "\n\n".join(
            f"{name} ({CLAIMS[name].place}; {_home(name)})\n{finding}" for name, finding in self.findings.items()
        )

    def _repr_html_(self) -> str:
        return "".join(_entry(name, finding) for name, finding in self.findings.items())


@dataclass(frozen=True)
class Verdicts:
    """What became of a chapter's claims, as squares that lead to them."""

    findings: Mapping[str, Finding]

    def __repr__(self) -> str:
        return "\n".join(f"{finding.verdict}: {finding.claim}" for finding in self.findings.values())

    def _repr_html_(self) -> str:
        found = Counter(finding.verdict for finding in self.findings.values())
        told = ", ".join(f"{found[verdict]} {_of_many(verdict, found[verdict])}" for verdict in MARKS if found[verdict])
        lines = "".join(
            f'<li><a class="convae-square" data-verdict="{finding.verdict}" href="#claim-{name}">'
            f"{mark(finding.verdict)}<span>{finding.verdict}</span></a> {html.escape(finding.claim)}</li>"
            for name, finding in self.findings.items()
        )
        return f'<figure class="convae-verdicts"><ul>{lines}</ul><figcaption>{html.escape(told)}</figcaption></figure>'


def _of_many(verdict: str, number: int) -> str:
    """As it is said of so many claims: 2 hold, 1 does not hold."""
    return verdict if number == 1 else verdict.replace("holds", "hold").replace("does", "do")


def _home(name: str) -> str:
    claim = CLAIMS[name]
    return claim.chapter if claim.shown else f"only here; of {claim.chapter}"


def _entry(name: str, finding: Finding) -> str:
    claim = CLAIMS[name]
    link = f'<a href="{claim.chapter}.html">{claim.chapter.replace("-", " ")}</a>'
    figures = "; ".join(f"{html.escape(figure)}: {html.escape(value)}" for figure, value in finding.figures.items())
    said = html.escape(finding.claim)
    return (
        f'<div class="convae-claim" id="{name}"><p>{MARKS[finding.verdict]} {said[:1].upper()}{said[1:]}. '
        f"<strong>{finding.verdict.capitalize()}:</strong> {html.escape(finding.reason)}<br>"
        f'<span class="convae-rule">{figures}.<br>Rule: {html.escape(finding.ruled())}.<br>{html.escape(claim.place)}. '
        f"{'Told in' if claim.shown else 'Listed only here; it belongs to'} {link}. "
        f'<a href="#{name}"><code>{name}</code></a></span></p></div>'
    )

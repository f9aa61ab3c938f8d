"""The ledger of claims: a picture of all, and every claim under its name, which is its anchor on the page.

It can be read and printed as it stands; book/static/ledger.js adds the filter and the reader's own guesses.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from convae.claims import CLAIMS, SLIP, UNDECIDED, Finding
from convae.claims.finding import MARKS, MEANINGS, NAMES, mark
from convae.claims.registry import SOURCES
from convae.names import lookup
from convae.teaching.tables import Table

__all__ = ["Entries", "Legend", "Squares", "Verdicts", "count", "entries", "try_all"]


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
    _check_titles(findings, titles)
    sources = [finding.source for finding in findings.values()]
    found = Counter((finding.source, finding.verdict) for finding in findings.values())
    rows = [
        [title, *(str(found[source, verdict] or "") for verdict in MARKS), str(sources.count(source))]
        for source, title in titles.items()
    ]
    total = [str(sum(found[source, verdict] for source in titles)) for verdict in MARKS]
    rows.append(["together", *total, str(len(findings))])
    return Table(["", *MARKS, "claims"], rows, "Claims by source and verdict.")


def _check_titles(findings: Mapping[str, Finding], titles: Mapping[str, str]) -> None:
    if untitled := sorted({finding.source for finding in findings.values()} - set(titles)):
        raise ValueError(f"no title for {', '.join(untitled)}: name every source of these findings")


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
class Squares:
    """All claims as squares, a row a source, each leading to its entry; in a row those of a verdict stand together.

    Args:
        titles: What the page calls a source, by its BibTeX key, in the order of the rows.

    Raises:
        ValueError: a finding of a source without a title.
    """

    findings: Mapping[str, Finding]
    titles: Mapping[str, str]

    def __post_init__(self) -> None:
        _check_titles(self.findings, self.titles)

    def __repr__(self) -> str:
        return "\n".join(f"{title}: {_told(self._of(source))}" for source, title in self.titles.items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<div class="convae-row"><span class="convae-row-name">{html.escape(title)}</span>'
            f"<ul>{''.join(map(_square, self._of(source), self._of(source).values()))}</ul></div>"
            for source, title in self.titles.items()
        )
        told = f"Of {len(self.findings)} claims {_told(self.findings)}."
        return (
            f'<figure class="convae-figure" id="fig-claims"><div class="convae-squares">{rows}</div>'
            f"<figcaption>{html.escape(told)} Each square leads to its entry.</figcaption></figure>"
        )

    def _of(self, source: str) -> dict[str, Finding]:
        """Those of a source, by verdict."""
        order = list(MARKS)
        own = [(name, finding) for name, finding in self.findings.items() if finding.source == source]
        return dict(sorted(own, key=lambda each: order.index(each[1].verdict)))


class Legend:
    """What each verdict means, beside its sign."""

    def __repr__(self) -> str:
        return "\n".join(f"{MARKS[verdict]} {verdict}: {meaning}" for verdict, meaning in MEANINGS.items())

    def _repr_html_(self) -> str:
        lines = "".join(
            f'<li><span class="convae-square" data-verdict="{verdict}">{mark(verdict)}<span>{verdict}</span></span> '
            f"{html.escape(meaning)}</li>"
            for verdict, meaning in MEANINGS.items()
        )
        return f'<div class="convae-verdicts"><ul>{lines}</ul></div>'


@dataclass(frozen=True)
class Verdicts:
    """What became of a chapter's claims, as squares that lead to them.

    Args:
        findings: Of those that it shows, by name.
        others: Of those that it tells in its text or leaves to the ledger: they are counted.
        chapter: Whose they are; the count of the others leads to them in the ledger.
    """

    findings: Mapping[str, Finding]
    others: Mapping[str, Finding] = field(default_factory=dict)
    chapter: str = ""

    @classmethod
    def of(cls, chapter: str) -> Verdicts:
        """All claims that have this chapter as their home.

        Raises:
            ValueError: none has.
        """
        own = {name: claim for name, claim in CLAIMS.items() if claim.chapter == chapter}
        if not own:
            raise ValueError(f"no claim has {chapter!r} as its home: give the file's name, as in 'kernels'")
        shown, others = (
            {name: claim() for name, claim in own.items() if claim.shown == part} for part in (True, False)
        )
        return cls(shown, others, chapter)

    def __repr__(self) -> str:
        lines = [f"{finding.verdict}: {finding.claim}" for finding in self.findings.values()]
        return "\n".join([*lines, *([f"of {len(self.others)} others: {_told(self.others)}"] if self.others else [])])

    def _repr_html_(self) -> str:
        several = len({finding.source for finding in self.findings.values()}) > 1
        lines = "".join(
            f'<li><a class="convae-square" data-verdict="{finding.verdict}" href="#claim-{name}">'
            f"{mark(finding.verdict)}<span>{finding.verdict}</span></a> {html.escape(finding.claim)}"
            + (f" ({NAMES[finding.source]})" if several else "")
            + "</li>"
            for name, finding in self.findings.items()
        )
        rest = (
            f'. <a href="ledger.html#chapter={self.chapter}">Not shown here</a>: {_told(self.others)}'
            if self.others
            else ""
        )
        caption = f"<figcaption>{_told(self.findings)}{rest}.</figcaption>"
        return f'<figure class="convae-verdicts"><ul>{lines}</ul>{caption}</figure>'


def _told(findings: Mapping[str, Finding]) -> str:
    """How many of each verdict there are."""
    found = Counter(finding.verdict for finding in findings.values())
    return ", ".join(f"{found[verdict]} {_of_many(verdict, found[verdict])}" for verdict in MARKS if found[verdict])


def _of_many(verdict: str, number: int) -> str:
    """As it is said of so many claims: 2 hold, 1 does not hold, 3 are slips."""
    if verdict in (SLIP, UNDECIDED):
        many = "slips" if verdict == SLIP else verdict
        return f"is {'a ' * (verdict == SLIP)}{verdict}" if number == 1 else f"are {many}"
    return verdict if number == 1 else verdict.replace("holds", "hold").replace("does", "do")


def _home(name: str) -> str:
    claim = CLAIMS[name]
    return claim.chapter if claim.shown else f"only here; of {claim.chapter}"


def _square(name: str, finding: Finding) -> str:
    told = html.escape(f"{finding.verdict}: {finding.claim}")
    return (
        f'<li><a class="convae-square" data-verdict="{finding.verdict}" href="#{name}" '
        f'aria-label="{told}" title="{told}">{mark(finding.verdict)}</a></li>'
    )


def _entry(name: str, finding: Finding) -> str:
    claim = CLAIMS[name]
    # its text becomes the chapter's title when the book is built
    link = (
        f'<a class="convae-page" href="{claim.chapter}.html{f"#claim-{name}" if claim.shown else ""}">'
        f"{claim.chapter.replace('-', ' ')}</a>"
    )
    said, told = html.escape(finding.claim), "Told in" if claim.shown else "Whole only here; it belongs to"
    figures = "".join(
        f"<tr><td>{html.escape(figure)}</td><td>{html.escape(value)}</td></tr>"
        for figure, value in finding.figures.items()
    )
    rules = "".join(
        f'<li data-verdict="{verdict}"><span class="convae-verdict">{mark(verdict)}{verdict}</span> '
        f"if {html.escape(asked)}</li>"
        for verdict, asked in finding.rule.items()
    )
    # open: without a script it is read as it stands; book/static/ledger.js folds it
    return (
        f'<details class="convae-entry" id="{name}" data-verdict="{finding.verdict}" data-source="{finding.source}" '
        f'data-chapter="{claim.chapter}" open>'
        f'<summary><span class="convae-verdict">{mark(finding.verdict)}{finding.verdict.capitalize()}.</span> '
        f"{said[:1].upper()}{said[1:]}.</summary>"
        f"<p>{html.escape(finding.reason[:1].upper() + finding.reason[1:])}</p>"
        f'<p class="convae-rule">{html.escape(claim.place)}. {told} {link}. '
        f'<a href="#{name}"><code>{name}</code></a></p>'
        f'<table class="table"><tbody>{figures}</tbody></table><ul class="convae-rules">{rules}</ul></details>'
    )

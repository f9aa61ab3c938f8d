"""What became of a claim of a source."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

NAMES = {
    "robledo2021": "Robledo 2021",
    "calderon2019": "Calderón 2019",
    "utec2021": "Alarcón et al. 2021",
    "mansilla2024": "Mansilla 2024",
    "marsiglione2020": "Marsiglione 2020",
    "dumoulin2016guide": "Dumoulin and Visin 2016",
}  # what pages call a source, by its BibTeX key

HOLDS = "holds"
IN_PART = "holds in part"  # under a condition that the source does not state, or for some of what it names
FAILS = "does not hold"
UNDECIDED = "not decided"  # the interval of the difference holds zero, or the source says too little to be tried
SLIP = "slip"  # of the text as we have it: a digit, a symbol, a word that its own context corrects

_LINE, _LONG = 36, ' class="long"'  # letters of a figure that stays on one line, and how one is marked that does not
NO_NUMBER = re.compile(r"\b(nan|inf)\b", re.IGNORECASE)  # as Python writes them
MARKS = {HOLDS: "✓", IN_PART: "◐", FAILS: "✗", UNDECIDED: "?", SLIP: "✎"}
MEANINGS = {
    HOLDS: "it is so as the source says it",
    IN_PART: "it needs a condition that the source does not state, or holds for some of what it names",
    FAILS: "it is not so",
    UNDECIDED: "the interval of the difference holds zero, or the source says too little to be tried",
    SLIP: "a digit, symbol or word of the text as we have it that its own context corrects",
}
# The same drawn: not every font has these signs.
_DRAWN = {
    HOLDS: '<path d="M2 9l4 4 8-10" fill="none" stroke="currentColor" stroke-width="2.2"/>',
    IN_PART: '<circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.8"/>'
    '<path d="M8 1.5a6.5 6.5 0 0 0 0 13z" fill="currentColor"/>',
    FAILS: '<path d="M3 3l10 10M13 3L3 13" fill="none" stroke="currentColor" stroke-width="2.2"/>',
    UNDECIDED: '<path d="M4.5 5a3.5 3.5 0 1 1 5 3.2Q8 9 8 10.500" fill="none" stroke="currentColor" stroke-width="2"/>'
    '<circle cx="8" cy="14" r="1.3" fill="currentColor"/>',
    SLIP: '<path d="M2 14l1-4L11 2l3 3-8 8zM9 4l3 3" fill="none" stroke="currentColor" stroke-width="1.6"/>',
}


def mark(verdict: str) -> str:
    """A verdict's sign as SVG, in the colour of the text around it; the word stands beside it."""
    return f'<svg viewBox="0 0 16 16" aria-hidden="true">{_DRAWN[verdict]}</svg>'


@dataclass(frozen=True)
class Finding:
    """What became of a claim.

    Args:
        claim: What the source says, in our words, with its hedges.
        verdict: HOLDS, IN_PART, FAILS, UNDECIDED or SLIP.
        figures: What was computed, by name, as texts that are rounded where they are made.
        reason: The verdict in a sentence.
        rule: What each verdict that this claim can get asks for, by verdict: {HOLDS: "the interval of the difference
            lies below 0", FAILS: "it lies above 0", …}. It is printed with the verdict, limits included.
        source: BibTeX key; the claim fills it in, and so it does with the next two. Without one it is a guess of the
            page's own, and in no ledger.
        place: Where in the source it stands, or who says so.
        name: Of the claim, which is its anchor.

    Raises:
        TypeError: a figure, the claim or the reason is no text.
        ValueError: a verdict that the rule does not know, no figure, or nan or inf in a figure or the reason.
    """

    claim: str
    verdict: str
    figures: Mapping[str, str]
    reason: str
    rule: Mapping[str, str]
    source: str = ""
    place: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        for verdict in (self.verdict, *self.rule):
            if verdict not in MARKS:
                raise ValueError(f"{verdict!r} is no verdict: take one of {', '.join(MARKS)}")
        if self.verdict not in self.rule:
            raise ValueError(f"the rule does not say when it {self.verdict!r}: it has {', '.join(self.rule)}")
        if not isinstance(self.figures, Mapping):
            raise TypeError(f"the figures are {self.figures!r}: give a dictionary, text by name")
        if not self.figures:  # all() of nothing holds
            raise ValueError(f"{self.verdict!r} rests on 0 figures: judge at least one measurement")
        for name, text in {"the claim": self.claim, "the reason": self.reason, **self.figures}.items():
            if not isinstance(name, str) or not isinstance(text, str):
                raise TypeError(f"{name} is {text!r}: give a text, rounded as it is to be read")
            if found := NO_NUMBER.search(text):
                raise ValueError(f"{name} is {text!r}: {found[0]} is no figure; give a number, or leave it out")

    def __repr__(self) -> str:
        lines = [
            f"{self.source or self.place}: {self.claim}",
            *(f"  {name}: {value}" for name, value in self.figures.items()),
        ]
        return "\n".join([*lines, f"  -> {self.verdict}: {self.reason}", f"  rule: {self.ruled()}"])

    def ruled(self) -> str:
        """The rule in one line."""
        return "; ".join(f"{verdict} if {condition}" for verdict, condition in self.rule.items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td{_LONG * (len(value) > _LINE)}>{html.escape(value)}</td></tr>"
            for name, value in self.figures.items()
        )
        who = " · ".join(filter(None, [NAMES.get(self.source, self.source), self.place]))
        link = f' <a href="ledger.html#{self.name}">In the ledger</a>.' if self.name and self.source else ""
        cited = f'<a class="convae-cite" data-cite="{self.source}" href="references.html">{html.escape(who)}</a>'
        anchor = f' id="claim-{self.name}" data-claim="{self.name}"' if self.name else ""
        return (
            f'<div class="convae-claim"{anchor} data-verdict="{self.verdict}">'
            f'<p><span class="convae-who">{cited if self.source else html.escape(who)}</span><br>'
            f"{html.escape(self.claim[:1].upper() + self.claim[1:])}</p>"
            # open: without a script nothing would unfold it
            "<details open><summary>What was measured</summary>"
            f'<p><span class="convae-verdict">{mark(self.verdict)}{self.verdict.capitalize()}.</span> '
            f"{html.escape(self.reason[:1].upper() + self.reason[1:])}</p>"
            f"<table class='table'><tbody>{rows}</tbody></table>"
            f"<p class='convae-rule'>Rule: {html.escape(self.ruled())}.{link}</p></details></div>"
        )

"""What became of a claim of a source."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

HOLDS = "holds"
IN_PART = "holds in part"  # under a condition that the source does not state, or for some of what it names
FAILS = "does not hold"
UNDECIDED = "not decided"  # the interval of the difference holds zero, or the source says too little to be tried
SLIP = "slip"  # of the text as we have it: a digit, a symbol, a word that its own context corrects

NO_NUMBER = re.compile(r"\b(nan|inf)\b", re.IGNORECASE)  # as Python writes them
MARKS = {HOLDS: "✓", IN_PART: "◐", FAILS: "✗", UNDECIDED: "?", SLIP: "✎"}


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
        source: BibTeX key; the claim fills it in.

    Raises:
        TypeError: a figure, the claim or the reason is no text.
        ValueError: a verdict that the rule does not know, or nan or inf in a figure or the reason.
    """

    claim: str
    verdict: str
    figures: Mapping[str, str]
    reason: str
    rule: Mapping[str, str]
    source: str = ""

    def __post_init__(self) -> None:
        for verdict in (self.verdict, *self.rule):
            if verdict not in MARKS:
                raise ValueError(f"{verdict!r} is no verdict: take one of {', '.join(MARKS)}")
        if self.verdict not in self.rule:
            raise ValueError(f"the rule does not say when it {self.verdict!r}: it has {', '.join(self.rule)}")
        if not isinstance(self.figures, Mapping):
            raise TypeError(f"the figures are {self.figures!r}: give a dictionary, text by name")
        for name, text in {"the claim": self.claim, "the reason": self.reason, **self.figures}.items():
            if not isinstance(name, str) or not isinstance(text, str):
                raise TypeError(f"{name} is {text!r}: give a text, rounded as it is to be read")
            if found := NO_NUMBER.search(text):
                raise ValueError(f"{name} is {text!r}: {found[0]} is no figure; give a number, or leave it out")

    def __repr__(self) -> str:
        lines = [f"{self.source}: {self.claim}", *(f"  {name}: {value}" for name, value in self.figures.items())]
        return "\n".join([*lines, f"  -> {self.verdict}: {self.reason}", f"  rule: {self.ruled()}"])

    def ruled(self) -> str:
        """The rule in one line."""
        return "; ".join(f"{verdict} if {condition}" for verdict, condition in self.rule.items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(value)}</td></tr>"
            for name, value in self.figures.items()
        )
        return (
            f'<div class="convae-claim"><p><strong>Claimed</strong> ({html.escape(self.source)}): '
            f"{html.escape(self.claim)}</p><table class='table'><tbody>{rows}</tbody></table>"
            f"<p><strong>{MARKS[self.verdict]} {self.verdict.capitalize()}:</strong> {html.escape(self.reason)}</p>"
            f"<p class='convae-rule'>Rule: {html.escape(self.ruled())}.</p></div>"
        )

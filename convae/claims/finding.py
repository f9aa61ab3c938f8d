"""What became of a claim of a source."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

HOLDS, IN_PART, FAILS = "holds", "holds in part", "does not hold"
UNDECIDED = "not decided"  # the spread of the seeds is larger than the difference


@dataclass(frozen=True)
class Finding:
    """What became of a claim.

    Args:
        claim: What the source says, in our words.
        verdict: HOLDS, IN_PART, FAILS or UNDECIDED.
        figures: What was computed, by name.
        reason: The verdict in a sentence.
        source: BibTeX key; the claim fills it in.
    """

    claim: str
    verdict: str
    figures: Mapping[str, str]
    reason: str
    source: str = ""

    def __repr__(self) -> str:
        lines = [f"{self.source}: {self.claim}", *(f"  {name}: {value}" for name, value in self.figures.items())]
        return "\n".join([*lines, f"  -> {self.verdict}: {self.reason}"])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(value)}</td></tr>"
            for name, value in self.figures.items()
        )
        mark = {HOLDS: "✓", IN_PART: "◐", FAILS: "✗", UNDECIDED: "?"}[self.verdict]
        return (
            f'<div class="convae-claim"><p><strong>Claimed</strong> ({html.escape(self.source)}): '
            f"{html.escape(self.claim)}</p><table class='table'><tbody>{rows}</tbody></table>"
            f"<p><strong>{mark} {self.verdict.capitalize()}:</strong> {html.escape(self.reason)}</p></div>"
        )

"""Tables that read as text in a terminal and as HTML on a page."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Table"]

# What is set digit under digit: a number, perhaps with its margin and a short unit.
_NUMBER = re.compile(r"[-−+]?[\d,]+(\.\d+)?( ± [\d.,]+)?( ?(%|dB|s|MB|kB|px))?")
_NOTHING = ("", "–", "—", "-")
_SHORT = 14  # characters, "(1, 28, 28)" among them: what is as short does not break


@dataclass(frozen=True)
class Table:
    """Texts in rows.

    Args:
        header: Of each column.
        rows: Each as long as the header.
        caption: Stands above, behind the number that the page gives.
        name: By which the text refers to it, with the role `fig`.
        sortable: A press on a column's head sorts the rows by it, where a script runs.

    Raises:
        TypeError: a cell that is no text: numbers are rounded where they are made.
        ValueError: a row of another length.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    name: str = ""
    sortable: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", [list(row) for row in self.rows])  # a generator could be read only once
        for row in (self.header, *self.rows):
            for cell in row:
                if not isinstance(cell, str):
                    raise TypeError(f"cell {cell!r} is no text: give it as the page shall show it, rounded")
            if len(row) != len(self.header):
                raise ValueError(f"a row of {len(row)} under a header of {len(self.header)}: {list(row)}")

    def __repr__(self) -> str:
        lines = [list(self.header), *map(list, self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)

    def _repr_html_(self) -> str:
        columns = [[row[column] for row in self.rows] for column in range(len(self.header))]
        numbers = [any(map(_NUMBER.fullmatch, cells)) and all(map(_fits, cells)) for cells in columns]
        padded = [
            _padded(cells) if number else list(map(html.escape, cells))
            for cells, number in zip(columns, numbers, strict=True)
        ]
        kinds = [
            ' class="n"' if number else ' class="short"' if all(len(cell) <= _SHORT for cell in cells) else ""
            for number, cells in zip(numbers, columns, strict=True)
        ]

        def line(tag: str, cells: Sequence[str]) -> str:
            return "".join(f"<{tag}{kind}>{cell}</{tag}>" for cell, kind in zip(cells, kinds, strict=True))

        body = "".join(f"<tr>{line('td', row)}</tr>" for row in zip(*padded, strict=True))
        head = f"<thead><tr>{line('th', list(map(html.escape, self.header)))}</tr></thead>"
        anchor = f' id="fig-{html.escape(self.name)}"' if self.name else ""
        kind = "convae-table convae-sortable" if self.sortable else "convae-table"
        # tabindex: a table that scrolls on a narrow page has to be reachable by keyboard
        return (
            f'<div class="{kind}"{anchor} style="overflow-x:auto" tabindex="0" role="region" aria-label="table">'
            f'<table class="table"><caption>{html.escape(self.caption)}</caption>'
            f"{head}<tbody>{body}</tbody></table></div>"
        )


def _fits(cell: str) -> bool:
    return cell in _NOTHING or _NUMBER.fullmatch(cell) is not None


def _padded(cells: Sequence[str]) -> list[str]:
    """Right-aligned numbers stand point under point when each has as many digits behind it: what lacks is not seen."""
    tails = [re.sub(r"^[^.]*", "", cell) for cell in cells]
    longest = max(tails, key=len)
    return [
        html.escape(cell)
        + (f'<span class="pad" aria-hidden="true">{longest[len(tail) :]}</span>' if longest[len(tail) :] else "")
        for cell, tail in zip(cells, tails, strict=True)
    ]

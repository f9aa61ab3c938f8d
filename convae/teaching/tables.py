"""Tables that read as text in a terminal and as HTML on a page."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

__all__ = ["Table"]

# What is set digit under digit: a number, perhaps with its margin, or an interval, and a short unit.
_UNIT = "( ?(%|dB|s|MB|kB|px|×))?"
_NUMBER = re.compile(
    rf"[-−+]?[\d,]+(\.\d+)?( ± [\d.,]+)?{_UNIT}( \([-−+]?[\d.,]+ to [-−+]?[\d.,]+\))?{_UNIT}( \(all seeds\))?"
)
_NOTHING = ("", "–", "—", "-")
# Numbers, margins and intervals without a unit: what may stand in thousandths, and the digits whose point is moved.
_PLAIN = re.compile(r"[-−+±\d.,\[\] ]+")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_MARK = ', in&nbsp;<span role="img" aria-label="thousandths">10<sup>−3</sup></span>'
_LARGE = Decimal("0.1")  # from here on a number is no longer small
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
        thousandths: Places of the columns of one quantity whose numbers a page shows in thousandths, and says so in
            their headings; of 0, all columns but the first, whose heading says it once. All do, or, where one of
            their cells has a number from 0.1 on, a unit or words, none. The text shows them as they are given.

    Raises:
        TypeError: a cell that is no text: numbers are rounded where they are made.
        ValueError: a row of another length, or a column that there is not.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    name: str = ""
    sortable: bool = False
    thousandths: Sequence[int] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", [list(row) for row in self.rows])  # a generator could be read only once
        for row in (self.header, *self.rows):
            for cell in row:
                if not isinstance(cell, str):
                    raise TypeError(f"cell {cell!r} is no text: give it as the page shall show it, rounded")
            if len(row) != len(self.header):
                raise ValueError(f"a row of {len(row)} under a header of {len(self.header)}: {list(row)}")
        for place in self.thousandths:
            if place not in range(len(self.header)):
                raise ValueError(f"thousandths in column {place} of {len(self.header)}: count the columns from 0")

    def __repr__(self) -> str:
        lines = [list(self.header), *map(list, self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)

    def _repr_html_(self) -> str:
        columns = [[row[column] for row in self.rows] for column in range(len(self.header))]
        moved = range(1, len(columns)) if 0 in self.thousandths else self.thousandths
        small = all(_is_small(cell) for place in moved for cell in columns[place])
        for place in moved if small else ():
            columns[place] = list(map(_in_thousandths, columns[place]))
        head = [
            html.escape(cell) + _MARK * (small and place in self.thousandths) for place, cell in enumerate(self.header)
        ]
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
        anchor = f' id="fig-{html.escape(self.name)}"' if self.name else ""
        kind = "convae-table convae-sortable" if self.sortable else "convae-table"
        # tabindex: a table that scrolls on a narrow page has to be reachable by keyboard
        return (
            f'<div class="{kind}"{anchor} style="overflow-x:auto" tabindex="0" role="region" aria-label="table">'
            f'<table class="table"><caption>{html.escape(self.caption)}</caption>'
            f"<thead><tr>{line('th', head)}</tr></thead><tbody>{body}</tbody></table></div>"
        )


def _fits(cell: str) -> bool:
    return cell in _NOTHING or _NUMBER.fullmatch(cell) is not None


def _is_small(cell: str) -> bool:
    numbers = map(Decimal, _DIGITS.findall(cell))
    return cell in _NOTHING or (_PLAIN.fullmatch(cell) is not None and all(each < _LARGE for each in numbers))


def _in_thousandths(cell: str) -> str:
    return _DIGITS.sub(lambda found: f"{Decimal(found[0]).scaleb(3):f}", cell)


def _padded(cells: Sequence[str]) -> list[str]:
    """Right-aligned numbers stand point under point when all behind the ones is equally wide; what lacks is not seen.

    Digits are equally wide, so it is the number of each character that counts.
    """
    behind = [re.sub(r"^([-−+]?[\d,]+|[–—-])", "", cell).replace(" ± ", "±") for cell in cells]
    tails = [Counter(re.sub(r"\d", "0", tail)) for tail in behind]
    widest = reduce(Counter.__or__, tails)
    # the ± first and between its spaces: at the end, or side by side, they would go; on paper a line may break there
    lacking = ["".join(sorted((widest - tail).elements(), reverse=True)).replace("±", " ± ") for tail in tails]
    # the style stands here, for a notebook has not the page's, and shown the digits would be another number
    return [
        html.escape(cell)
        + (f'<span class="pad" style="visibility:hidden" aria-hidden="true">{lacks}</span>' if cell and lacks else "")
        for cell, lacks in zip(cells, lacking, strict=True)
    ]

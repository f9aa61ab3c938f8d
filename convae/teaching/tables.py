"""Tables that read as text in a terminal and as HTML on a page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Texts in rows.

    Args:
        header: Of each column.
        rows: Each as long as the header.

    Raises:
        ValueError: a row of another length.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(f"a row of {len(row)} under a header of {len(self.header)}: {list(row)}")

    def __repr__(self) -> str:
        lines = [list(self.header), *map(list, self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)

    def _repr_html_(self) -> str:
        def cells(kind: str, line: Sequence[str]) -> str:
            return "".join(f"<{kind}>{html.escape(text)}</{kind}>" for text in line)

        body = "".join(f"<tr>{cells('td', row)}</tr>" for row in self.rows)
        # tabindex: a table that scrolls on a narrow page has to be reachable by keyboard
        head = f"<thead><tr>{cells('th', self.header)}</tr></thead>"
        return (
            '<div class="convae-table" style="overflow-x:auto" tabindex="0" role="region" aria-label="table">'
            f'<table class="table">{head}<tbody>{body}</tbody></table></div>'
        )

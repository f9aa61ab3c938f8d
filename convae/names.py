"""Looking things up by name, with an error that helps."""

import difflib
from collections.abc import Mapping, Sequence
from typing import TypeVar

__all__ = ["listed", "lookup"]

Value = TypeVar("Value")


def listed(names: Sequence[str]) -> str:
    """One name after the other, "and" before the last: "a, b and c"; nothing of none."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def lookup(table: Mapping[str, Value], name: str, what: str) -> Value:
    """`table[name]`.

    Raises:
        ValueError: there is no such name; the message suggests the nearest ones.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    near = difflib.get_close_matches(str(name), table, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(table)}"
    raise ValueError(f"no {what} is called {name!r}: {hint}")

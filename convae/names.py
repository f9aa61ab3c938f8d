"""Looking things up by name, with an error that helps."""

import difflib
from collections.abc import Mapping
from typing import TypeVar

__all__ = ["lookup"]

Value = TypeVar("Value")


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

"""How an answer is judged: a function is tried on random cases, and the usual slips get a message of their own."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, TypeAlias

Function: TypeAlias = Callable[..., Any]


@dataclass(frozen=True)
class Grade:
    """What a grader says.

    Args:
        right: None as long as there is no answer.
    """

    right: bool | None
    message: str

    def __repr__(self) -> str:
        return self.message

    def _repr_html_(self) -> str:
        kind = {True: "tip", False: "warning", None: "note"}[self.right]
        title = {True: "Right", False: "Not yet", None: "No answer yet"}[self.right]
        text = html.escape(self.message)
        return f'<div class="admonition {kind}"><p class="admonition-title">{title}</p><p>{text}</p></div>'


def grade(
    answer: Function, right: Function, cases: Sequence[Mapping[str, Any]], slips: Mapping[str, Function]
) -> Grade:
    """Compares an answer with the right function on every case.

    Args:
        answer: The learner's function; one that still returns None or ... counts as not answered.
        cases: Arguments by name.
        slips: Message to the wrong function that deserves it, the likeliest first.
    """
    given = []
    for case in cases:
        try:
            value = answer(**case)
        except Exception as error:
            return Grade(False, f"For {_arguments(case)} the function stops with {type(error).__name__}: {error}.")
        if value is None or value is ...:
            return Grade(None, "Write your answer in the function above in place of the three dots, then run the cell.")
        given.append(plain(value))
    wrong = [(case, value) for case, value in zip(cases, given, strict=True) if value != right(**case)]
    if not wrong:
        return Grade(True, f"All {len(cases)} cases agree.")
    for message, slip in slips.items():
        if all(value == slip(**case) for case, value in zip(cases, given, strict=True)):
            return Grade(False, message)
    case, value = wrong[0]
    return Grade(
        False, f"For {_arguments(case)} it gives {value!r}, but should give {right(**case)!r}. Try that case by hand."
    )


def grade_number(
    answer: Function, right: Function, cases: Sequence[Mapping[str, Any]], slips: Mapping[str, Function]
) -> Grade:
    """grade() for one number, as exact as single precision is; a tensor or an array that holds one number will do."""

    def near(function: Function) -> Function:
        def snapped(**case: Any) -> Any:
            value, exact = function(**case), right(**case)
            value = plain(value)
            while isinstance(value, list) and len(value) == 1:
                value = value[0]
            if isinstance(value, Real) and math.isclose(value, exact, rel_tol=1e-5, abs_tol=1e-6):
                return _rounded(exact)
            return _rounded(value)

        return snapped

    return grade(near(answer), near(right), cases, {text: near(slip) for text, slip in slips.items()})


def plain(value: Any) -> Any:
    """An array or a tensor as Python's own numbers, in lists: those compare as a whole."""
    return value.tolist() if hasattr(value, "tolist") else value


def as_tuple(value: Any) -> Any:
    value = plain(value)
    return tuple(value) if isinstance(value, list) else value


def as_list(value: Any) -> Any:
    value = plain(value)
    return list(value) if isinstance(value, tuple) else value


def in_order(value: Any) -> Any:
    """Any collection of numbers as an ordered list."""
    value = plain(value)
    return sorted(value) if isinstance(value, list | tuple | set | range) else value


def _rounded(value: Any) -> Any:
    """A number to nine places, as it is shown."""
    if isinstance(value, Real):
        return round(value if isinstance(value, int) else float(value), 9)
    return value


def _arguments(case: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in case.items())

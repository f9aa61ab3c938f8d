"""How an answer is judged: a function is tried on random cases, and the usual slips get a message of their own."""

from __future__ import annotations

import copy
import html
import math
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Function", "Grade", "grade", "grade_number", "in_order", "plain"]

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


def plain(value: Any) -> Any:
    """Arrays, tensors, tuples and what can be run through only once as lists of Python's own numbers, however deep."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return [plain(each) for each in value] if isinstance(value, list | tuple | range | Iterator) else value


def in_order(value: Any) -> Any:
    """Any collection of numbers as an ordered list."""
    value = plain(list(value) if isinstance(value, Set) else value)
    try:
        return sorted(value) if isinstance(value, list) else value
    except TypeError:  # not all of them are numbers
        return value


def _equal(value: Any, expected: Any) -> bool:
    try:
        return bool(value == expected)
    except Exception:  # compared number by number, as tables are
        return False


def grade(
    answer: Function,
    right: Function,
    cases: Sequence[Mapping[str, Any]],
    slips: Mapping[str, Function],
    form: Callable[[Any], Any] = plain,
    same: Callable[[Any, Any], bool] = _equal,
) -> Grade:
    """Compares an answer with the right function on every case.

    Whatever an answer raises is part of the grade; only an interrupt goes through. How long it may take is not limited:
    one that never ends has to be interrupted.

    Args:
        answer: The learner's function. One that holds nothing but ... counts as not answered.
        cases: Arguments by name; each call has its own copy, which it may change.
        slips: Message to the wrong function that deserves it, the likeliest first.
        form: What is compared of whatever a function gives back.
        same: Whether an answer is the expected one.
    """
    unanswered = Grade(None, "Write your answer in the function above in place of the three dots, then run the cell.")
    if not callable(answer):
        if answer is None or answer is ...:
            return unanswered
        return Grade(False, f"{_shown(answer)} is no function: give the function's name, without brackets behind it.")
    expected = [form(_call(right, case)) for case in cases]
    given = []
    for case, one in zip(cases, expected, strict=True):
        try:
            value = form(_call(answer, case))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also exit()
            return Grade(False, f"For {_arguments(case)} the function stops with {_sentence(error)}")
        while isinstance(value, list) and len(value) == 1 and not isinstance(one, list):
            value = value[0]
        given.append(value)
    silent = [case for case, value in zip(cases, given, strict=True) if value is None or value is ...]
    if len(silent) == len(cases):
        if ... in given or _is_empty(answer):
            return unanswered
        return Grade(False, "The function gives nothing back: return the result, do not print it.")
    if silent:
        return Grade(False, f"For {_arguments(silent[0])} the function gives nothing back: return a result there, too.")
    wrong = [place for place, value in enumerate(given) if not same(value, expected[place])]
    if not wrong:
        return Grade(True, f"All {len(cases)} cases agree.")
    for message, slip in slips.items():
        if all(same(value, form(_call(slip, case))) for case, value in zip(cases, given, strict=True)):
            return Grade(False, message)
    case, value, one = cases[wrong[0]], _shown(given[wrong[0]]), _shown(expected[wrong[0]])
    return Grade(False, f"For {_arguments(case)} it gives {value}, but should give {one}. Try that case by hand.")


def grade_number(
    answer: Function, right: Function, cases: Sequence[Mapping[str, Any]], slips: Mapping[str, Function]
) -> Grade:
    """grade() for a number, as exact as single precision is."""

    def close(value: Any, expected: float) -> bool:
        try:
            return math.isclose(value, expected, rel_tol=1e-5, abs_tol=1e-6)
        except (TypeError, OverflowError):  # no number, or beyond all floats
            return False

    return grade(answer, right, cases, slips, same=close)


def _call(function: Function, case: Mapping[str, Any]) -> Any:
    return function(**copy.deepcopy(dict(case)))


def _dots() -> None: ...


def _documented_dots() -> None:
    """An answer may begin with its docstring."""


def _is_empty(answer: Function) -> bool:
    """Whether nothing was written in a function."""
    code = getattr(answer, "__code__", None)
    return code is not None and code.co_code in (_dots.__code__.co_code, _documented_dots.__code__.co_code)


def _sentence(error: BaseException) -> str:
    """An error's name and text, in one line that ends."""
    text = " ".join(str(traceback.TracebackException(type(error), error, None)).split())
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return said if said.endswith((".", "?", "!")) else f"{said}."


def _shown(value: Any) -> str:
    """A value as text, numbers to nine places."""
    try:
        text = repr(round(value, 9) if isinstance(value, float) else value)
    except Exception:
        return f"a value of type {type(value).__name__} that cannot be shown"
    return text if len(text) <= 500 else f"{text[:500]}…"


def _arguments(case: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in case.items())

"""How an answer is judged: a function is tried on random cases, and the usual slips get a message of their own.

A theme's module holds its exercises as data, and its graders read them:

    EXERCISES = {
        "area": Exercise.of(
            cases=[{"side": side} for side in range(2, 9)],
            right=lambda side: side**2,
            slips={"That is the way around it.": lambda side: 4 * side},
        ),
    }

    def area(answer: Function) -> Grade:  # with a docstring that states the exercise, and listed in __all__
        return EXERCISES["area"].grade(answer)

`EXERCISES["area"].data()` is the table behind it, in plain numbers. With `asked="a number"` the page has a field in
which an expression is answered without a kernel, judged by the same table (book/static/answers.js).
"""

from __future__ import annotations

import copy
import html
import inspect
import json
import math
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

__all__ = ["Exercise", "Function", "Grade", "Slip", "grade", "grade_number", "in_order", "plain"]

Function: TypeAlias = Callable[..., Any]


@dataclass(frozen=True)
class Grade:
    """What a grader says.

    Args:
        right: None as long as there is no answer.
        in_page: What the page needs to ask by itself while there is none: `asked`, what to write, and `exercise`, the
            table (see `Exercise.in_page`).
    """

    right: bool | None
    message: str
    in_page: Mapping[str, str] | None = None

    def __repr__(self) -> str:
        return self.message

    def _repr_html_(self) -> str:
        kind = {True: "tip", False: "warning", None: "note"}[self.right]
        title = {True: "Right", False: "Not yet", None: "No answer yet"}[self.right]
        text = html.escape(self.message)
        box = f'<div class="admonition {kind}"><p class="admonition-title">{title}</p><p>{text}</p></div>'
        data = "".join(f' data-{name}="{html.escape(value)}"' for name, value in (self.in_page or {}).items())
        return f'<div class="convae-exercise"{data}>{box}</div>' if data else box


def plain(value: Any) -> Any:
    """Arrays, tensors, tuples and what can be run through only once as lists of Python's own numbers, however deep."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return [plain(each) for each in value] if isinstance(value, list | tuple | range | Iterator) else value


def in_order(value: Any) -> Any:
    """Any collection of numbers as an ordered list; rows and columns of it do not matter."""
    value = plain(list(value) if isinstance(value, Set) else value)
    try:
        return sorted(_flat(value)) if isinstance(value, list) else value
    except TypeError:  # not all of them are numbers
        return value


def _flat(values: list[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        else:
            yield value


def _equal(value: Any, expected: Any) -> bool:
    try:
        return bool(value == expected)
    except Exception:  # compared number by number, as tables are
        return False


@dataclass(frozen=True)
class Slip:
    """A usual wrong answer: what is said to it, and the values that it gives, case by case."""

    message: str
    values: Sequence[Any]


@dataclass(frozen=True)
class Exercise:
    """An exercise as data: the cases on which an answer is tried, what is right in each, and the usual slips.

    Args:
        cases: Arguments by name, copied; each call has its own copy, which it may change.
        right: The value expected in each case.
        slips: The likeliest first.
        close: Numbers count as right that agree as single precision does.
        any_order: What comes back is a collection whose order does not matter.
        asked: What the page asks for, "a number", where an expression of the arguments answers it; "" leaves it to the
            notebook.

    Raises:
        TypeError: the cases are no list of dictionaries.
        ValueError: there is no case, two are the same, a case has no value, a right answer could never be given (None,
            NaN), or a slip could never get its message: it stops or is silent in a case, or its values are the right
            ones, or those of a slip before it; or the page is to ask what its reader of expressions cannot read.
    """

    cases: Sequence[Mapping[str, Any]]
    right: Sequence[Any]
    slips: Sequence[Slip]
    close: bool = False
    any_order: bool = False
    asked: str = ""

    def __post_init__(self) -> None:
        _check_cases(self.cases)
        for name in ("cases", "right", "slips"):  # who changes them later changes nothing here
            object.__setattr__(self, name, copy.deepcopy(list(getattr(self, name))))
        there = set()
        for case in self.cases:
            if (told := repr(sorted((name, plain(value)) for name, value in case.items()))) in there:
                raise ValueError(f"the case {_arguments(case)} is there twice: take one away")
            there.add(told)
        known = {"the right answer": self.right}
        for name, values in (*known.items(), *((repr(slip.message), slip.values) for slip in self.slips)):
            if len(values) != len(self.cases):
                raise ValueError(f"{name} has {len(values)} values for {len(self.cases)} cases: give one for each")
            for case, value in zip(self.cases, values, strict=True):
                if _never_given(plain(value)):
                    raise ValueError(
                        f"{name} is {value!r} for {_arguments(case)}: no answer agrees with that; give a value, "
                        "or take the case away"
                    )
            for other, before in known.items():
                if name != other and all(map(self._same, values, before)):
                    raise ValueError(f"{name} has the values of {other}: add a case in which they differ")
            known[name] = values
        if self.asked:
            self._check_readable()

    def _check_readable(self) -> None:
        """Refuses what book/static/expression.js has no word for, or a name that it does not take."""
        names = list(self.cases[0])
        for case in self.cases:
            if list(case) != names:
                raise ValueError(
                    f"{_arguments(case)} has other names than {', '.join(names)}: give every case the same"
                )
        for name in names:
            if not (name.isascii() and name.isidentifier()):
                raise ValueError(f"the page cannot read the name {name!r}: take letters from a to z")
        given = [case[name] for name in names for case in self.cases]
        for value in [*given, *self.right, *(value for slip in self.slips for value in slip.values)]:
            if not _readable(plain(value)):
                raise ValueError(
                    f"{value!r} cannot be written in the page: give finite numbers and lists of them, or no asked"
                )

    @classmethod
    def of(
        cls,
        cases: Sequence[Mapping[str, Any]],
        right: Function,
        slips: Mapping[str, Function],
        close: bool = False,
        any_order: bool = False,
        asked: str = "",
    ) -> Exercise:
        """The table that functions make of these cases.

        Args:
            slips: Message to the wrong function that deserves it, the likeliest first.
        """
        _check_cases(cases)
        form = in_order if any_order else plain
        made = [Slip(message, _values(repr(message), function, cases, form)) for message, function in slips.items()]
        return cls(cases, _values("the right answer", right, cases, form), made, close, any_order, asked)

    def grade(self, answer: Function) -> Grade:
        """Compares an answer with the right values, then with those of each slip, as `grade` does."""
        form = in_order if self.any_order else plain
        judged = _judged(answer, self.cases, self.right, self.slips, form, self._same)
        if judged.right is not None or not self.asked:
            return judged
        return replace(judged, in_page={"asked": self.asked, "exercise": self.in_page()})

    def data(self) -> dict[str, Any]:
        """All of it in lists, numbers and strings, as JSON has them."""
        return {
            "cases": [{name: plain(value) for name, value in case.items()} for case in self.cases],
            "right": plain(self.right),
            "slips": [{"message": slip.message, "values": plain(slip.values)} for slip in self.slips],
            "close": self.close,
            "any_order": self.any_order,
        }

    def in_page(self) -> str:
        """The table as a page reads it: JSON, but the values are texts as Python writes them, for 2 is not 2.0."""
        table, names = self.data(), list(self.cases[0])
        told = {
            "names": names,
            "cases": _written([[case[name] for name in names] for case in table["cases"]]),
            "right": _written(table["right"]),
            "slips": [[slip["message"], _written(slip["values"])] for slip in table["slips"]],
            "close": self.close,
            "any_order": self.any_order,
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    def _same(self, value: Any, expected: Any) -> bool:
        return (_close if self.close else _equal)(value, expected)


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

    Raises:
        TypeError: the cases are no list of dictionaries.
        ValueError: there is no case, or the right function stops in one; so does a slip, if it comes to that.
    """
    _check_cases(cases)
    made = (Slip(message, _values(repr(message), slip, cases, form)) for message, slip in slips.items())
    return _judged(answer, cases, _values("the right answer", right, cases, form), made, form, same)


def grade_number(
    answer: Function, right: Function, cases: Sequence[Mapping[str, Any]], slips: Mapping[str, Function]
) -> Grade:
    """grade() for a number, as exact as single precision is."""
    return grade(answer, right, cases, slips, same=_close)


def _judged(
    answer: Function,
    cases: Sequence[Mapping[str, Any]],
    expected: Sequence[Any],
    slips: Iterable[Slip],
    form: Callable[[Any], Any],
    same: Callable[[Any, Any], bool],
) -> Grade:
    unanswered = Grade(
        None,
        "In the notebook of this page: write your answer in the function above in place of the three dots, then run "
        "the cell.",
    )
    if not callable(answer):
        if answer is None or answer is ...:
            return unanswered
        return Grade(False, f"{_shown(answer)} is no function: give the function's name, without brackets behind it.")
    given = []
    for case, one in zip(cases, expected, strict=True):
        try:
            value = form(_call(answer, case))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also exit()
            asked = f" Its parameters have to be: {', '.join(case)}." if _is_called_otherwise(answer, case) else ""
            return Grade(False, f"For {_arguments(case)} the function stops with {_sentence(error)}{asked}")
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
    for slip in slips:
        if all(map(same, given, slip.values)):
            return Grade(False, slip.message)
    case = cases[wrong[0]]
    value, one = _told_apart(given[wrong[0]], expected[wrong[0]])
    return Grade(False, f"For {_arguments(case)} it gives {value}, but should give {one}. Try that case by hand.")


def _written(values: list[Any]) -> str:
    return repr(values).replace(" ", "")


def _close(value: Any, expected: Any) -> bool:
    if isinstance(expected, list):  # of a slip that gives several numbers
        return isinstance(value, list) and len(value) == len(expected) and all(map(_close, value, expected))
    try:
        return math.isclose(value, expected, rel_tol=1e-5, abs_tol=1e-6)
    except Exception:  # no number, beyond all floats, or what becomes a number in its own way
        return False


def _check_cases(cases: Any) -> None:
    if not isinstance(cases, Sequence) or not all(isinstance(case, Mapping) for case in cases):
        raise TypeError(f"the cases are {_shown(cases)}: give a list of dictionaries, each of arguments by name")
    if not cases:
        raise ValueError("no case: give at least one, on which answers are tried")


def _values(name: str, function: Function, cases: Sequence[Mapping[str, Any]], form: Callable[[Any], Any]) -> list[Any]:
    """What a function of ours gives in each case."""
    values = []
    for case in cases:
        try:
            values.append(form(_call(function, case)))
        except Exception as error:
            raise ValueError(f"{name} stops for {_arguments(case)} with {_sentence(error)}") from error
    return values


def _readable(value: object) -> bool:
    """Whether it is a finite number, or a list of such."""
    if isinstance(value, list):
        return all(map(_readable, value))
    return isinstance(value, int | float) and math.isfinite(value)


def _never_given(value: Any) -> bool:
    """Whether no answer can agree with a value."""
    if isinstance(value, list | tuple):
        return any(each is not None and _never_given(each) for each in value)
    return value is None or value is ... or (isinstance(value, float) and math.isnan(value))


def _is_called_otherwise(answer: Function, case: Mapping[str, Any]) -> bool:
    """Whether a function does not take these arguments by name."""
    try:
        inspect.signature(answer).bind(**case)
    except TypeError:
        return True
    except Exception:  # one of those written in C that do not tell
        return False
    return False


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


def _told_apart(value: Any, other: Any) -> tuple[str, str]:
    """Both as text, with all digits where nine places do not show that they differ."""
    told = _shown(value), _shown(other)
    numbers = isinstance(value, int | float) and isinstance(other, int | float)
    if numbers and round(value, 9) == round(other, 9):
        return repr(value), repr(other)
    return told


def _arguments(case: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in case.items())

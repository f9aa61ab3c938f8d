"""What every widget is made of on Python's side: one ES module out of its parts, and traits that know their limits."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
_DECLARATION = re.compile(r"^(?:export )?(?:function|const) (\w+)", re.MULTILINE)


def bundle(name: str) -> str:
    """One ES module without imports: a file of this folder, behind what it needs of the files that it imports.

    Every import is one statement at the start of a line, `import { a, b } from "./file.js";`. A file that is imported
    consists of functions and constants that do nothing when it is loaded; their names are unique over all files. Those
    that nothing mentions, comments and indentation are dropped, so no line of a file may begin inside a string.
    """
    source = (FOLDER / name).read_text("utf-8")
    declarations: dict[str, str] = {}

    def take(source: str) -> None:
        for name in _IMPORT.findall(source):
            imported = (FOLDER / name).read_text("utf-8")
            take(imported)
            starts = list(_DECLARATION.finditer(imported))
            ends = [*(start.start() for start in starts[1:]), len(imported)]
            for start, end in zip(starts, ends, strict=True):
                declarations[start[1]] = _squeeze(imported[start.start() : end]).removeprefix("export ")

    take(source)
    own = _squeeze(_IMPORT.sub("", source))
    needed: set[str] = set()
    missing = set(re.findall(r"\w+", own)) & declarations.keys()
    while missing:
        needed |= missing
        missing = {word for name in missing for word in re.findall(r"\w+", declarations[name])}
        missing = (missing & declarations.keys()) - needed
    return "".join(text for name, text in declarations.items() if name in needed) + own


def _squeeze(source: str) -> str:
    source = re.sub(r"^[ \t]*/\*.*?\*/[ \t]*\n", "", source, flags=re.MULTILINE | re.DOTALL)
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


class Widget(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget's base class has no types
    """A widget whose behaviour is all in its ES module, named by `module`.

    Its state is every trait that has a `limit`; a deep link holds these. `name` is how the link calls it. Its styles
    are kit.css, and behind it the file of its own name (pooling.css) where there is one.
    """

    module: ClassVar[str]
    name = traitlets.Unicode().tag(sync=True)
    limits = traitlets.Dict().tag(sync=True)

    def __init_subclass__(cls, **settings: Any) -> None:
        if "module" in vars(cls):  # add_traits makes a subclass of every widget, where _esm is a trait by then
            cls._esm = bundle(cls.module)
            own = FOLDER / Path(cls.module).with_suffix(".css")
            cls._css = "".join(_squeeze(file.read_text("utf-8")) for file in (FOLDER / "kit.css", own) if file.exists())
        super().__init_subclass__(**settings)

    @traitlets.default("name")  # type: ignore[untyped-decorator]
    def _name(self) -> str:
        return Path(self.module).stem

    @traitlets.default("limits")  # type: ignore[untyped-decorator]
    def _limits(self) -> dict[str, Any]:
        return {name: trait.limit for name, trait in self.traits().items() if hasattr(trait, "limit")}


class Number(traitlets.TraitType[Any, Any]):  # type: ignore[misc]
    """A number from `low` to `high`, both included."""

    def __init__(self, default: float, low: float, high: float, whole: bool = True) -> None:
        self.low, self.high, self.whole = low, high, whole
        super().__init__(default)
        self.tag(sync=True)

    @property
    def limit(self) -> list[float]:
        return [self.low, self.high, int(self.whole)]

    def number(self, value: Any) -> float:
        """The value as a plain number."""
        kind = "a whole number" if self.whole else "a number"
        problem = f"{self.name} holds {value!r}: give {kind} from {self.low} to {self.high}"
        if isinstance(value, bool):
            raise traitlets.TraitError(problem)
        try:
            plain = float(value)
        except (TypeError, ValueError):
            raise traitlets.TraitError(problem) from None
        if not self.low <= plain <= self.high or (self.whole and plain != math.floor(plain)):
            raise traitlets.TraitError(problem)
        return int(plain) if plain == math.floor(plain) else plain

    def validate(self, obj: Any, value: Any) -> Any:
        return self.number(value)


class Pair(Number):
    """[rows, columns]; one number stands for two equal ones."""

    def __init__(self, default: int, low: int, high: int) -> None:
        super().__init__(default, low, high)
        self.default_value = [default, default]

    def validate(self, obj: Any, value: Any) -> list[float]:
        values = list(value) if hasattr(value, "__iter__") and not isinstance(value, str) else [value, value]
        if len(values) != 2:
            raise traitlets.TraitError(f"{self.name} holds {len(values)} numbers: give one, or (rows, columns)")
        return [self.number(item) for item in values]


class Matrix(Number):
    """Rows of numbers, from a list of lists, an array or a tensor; at most `longest` rows and columns."""

    def __init__(self, default: Any, low: float, high: float, longest: int) -> None:
        self.longest = longest
        super().__init__(0, low, high, whole=False)
        self.default_value = default

    @property
    def limit(self) -> list[float]:
        return [self.low, self.high, 0, self.longest]

    def validate(self, obj: Any, value: Any) -> list[list[float]]:
        rows = [list(row) for row in (value.tolist() if hasattr(value, "tolist") else value)]
        if not rows or not 1 <= len(rows[0]) <= self.longest or len(rows) > self.longest:
            raise traitlets.TraitError(f"{self.name} has {len(rows)} rows: give 1 to {self.longest} rows and columns")
        if any(len(row) != len(rows[0]) for row in rows):
            raise traitlets.TraitError(f"{self.name} has rows of different lengths: give as many numbers in each row")
        return [[self.number(item) for item in row] for row in rows]


class Choice(traitlets.Enum[Any]):  # type: ignore[misc]
    """One of some words; the first is the default."""

    def __init__(self, *words: str) -> None:
        self.limit = list(words)
        super().__init__(words, default_value=words[0])
        self.tag(sync=True)


class Switch(traitlets.Bool[Any, Any]):  # type: ignore[misc]
    """On or off."""

    limit: ClassVar[list[bool]] = [False, True]

    def __init__(self, default: bool = False) -> None:
        super().__init__(default)
        self.tag(sync=True)

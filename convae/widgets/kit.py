"""What every widget is made of on Python's side: one ES module out of its parts, and traits that know their limits."""

from __future__ import annotations

import functools
import json
import math
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import anywidget
import ipywidgets
import traitlets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FOLDER = Path(__file__).parent
SHARED = ("engine.js", "safetensors.js", "kit.js")
LEARNING = ("product_bytes.js", "products.js", "learning.js", "training.js")
PARTS = ("canvas.js", "grid.js", "nets.js", "noise.js", "pairs.js", "player.js", "real_digits.js", *LEARNING)
_IMPORT = re.compile(r'^import \{ ([^}]*) \} from "\./([\w.]+)";\n', re.MULTILINE)
_MODULE = """\
const own = ({ NAMES }) => {
SOURCE};
export default {
async render(context) {
const { model } = context;
const library = await model.widget_manager.get_model(model.get("library").replace("IPY_MODEL_", ""));
const source = library.get("source"), known = (globalThis.convaeLibraries ??= {});
const all = await (known[source] ??= import(URL.createObjectURL(new Blob([source], { type: "text/javascript" }))));
return all.start(context, own, all, library);
},
};
"""
# What comes only when somebody asks for it: the same, under its name, for `kit.part`.
_PART = """\
(globalThis.convaeParts ??= {})["NAME"] = Object.assign(({ NAMES }) => {
SOURCE}, { styles: STYLES });
"""


def squeeze(name: str) -> str:
    """A script or style sheet of this folder without indentation and whole-line comments.

    For this no line of a file may begin inside a string.
    """
    source = (FOLDER / name).read_text("utf-8")
    source = re.sub(r"^[ \t]*/\*.*?\*/[ \t]*\n", "", source, flags=re.MULTILINE | re.DOTALL)
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def parts(name: str) -> list[str]:
    """The scripts beside the library that a script imports, each behind those that it imports itself."""
    own = [file for _, file in _IMPORT.findall(squeeze(name)) if file in PARTS]
    return list(dict.fromkeys(part for file in own for part in (*parts(file), file)))


def module(name: str) -> str:
    """A widget's script as an ES module without imports.

    What it imports comes out of the library at hand; the parts that only some widgets need are put before it.
    """
    names, source = _whole(name)
    return _MODULE.replace("NAMES", names).replace("SOURCE", source)


def part(name: str) -> str:
    """The same as a script that a page loads when a widget asks for it, `await kit.part("lesson")` for lesson.js.

    It exports an object, which may hold `work` for `kit.worker`; its styles are those of the file named like it.
    """
    names, source = _whole(name)
    styles = Path(name).with_suffix(".css").name
    packed = json.dumps(squeeze(styles) if (FOLDER / styles).exists() else "")
    filled = {"NAME": Path(name).stem, "NAMES": names, "SOURCE": source, "STYLES": packed}
    return re.sub(r"\b(NAMES?|SOURCE|STYLES)\b", lambda found: filled[found[0]], _PART)


def _whole(name: str) -> tuple[str, str]:
    """What a script needs of the library, and itself behind its parts, in place of its export a return.

    A constant of a part that stands in one line goes where nothing uses it.
    """
    before = [re.sub("^export ", "", squeeze(part), flags=re.MULTILINE) for part in parts(name)]
    source = "".join(before) + squeeze(name)
    names = set()
    for words, file in _IMPORT.findall(source):
        if file in SHARED:
            names |= set(words.split(", "))
        elif file not in PARTS:
            raise ValueError(f"{name} imports {file}: only {', '.join(SHARED + PARTS)} are there to be imported")
    source = _IMPORT.sub("", source)
    for line, own in re.findall(r"^(const (\w+) = .*;\n)", "".join(before), re.MULTILINE):
        if len(re.findall(rf"\b{own}\b", source)) == 1:
            source = source.replace(line, "")
    return ", ".join(sorted(names)), source.replace("export default ", "return ")


VIEW = "application/vnd.jupyter.widget-view+json"
# Seen without scripts, where the loader failed, and in a JupyterLab that has no kernel for the widget.
_STILL = """\
<style>.convae-still figure { margin: 1rem 0 }
@media (scripting: enabled) {
body:not([data-jp-theme-light]) .convae-still:not(.convae-failed) { display: none }
}</style>
<div class="convae-still"><figure><div aria-hidden="true">PICTURE</div><figcaption>SENTENCE</figcaption></figure></div>
<script type="VIEW">MODEL</script>"""


class Library(ipywidgets.Widget):  # type: ignore[misc]  # ipywidgets has no types
    """The scripts and styles that all widgets share: one model a kernel, so a page holds them once."""

    source = traitlets.Unicode().tag(sync=True)
    styles = traitlets.Unicode().tag(sync=True)


@functools.cache
def _library() -> Library:
    return Library(source="".join(map(squeeze, SHARED)), styles=squeeze("kit.css"))


class Widget(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget's base class has no types
    """A widget whose behaviour is all in its ES module, named by `module`, and in the library.

    Its state is every trait that has a `limit`; a deep link holds these. `name` is how the link calls it. Its styles
    are kit.css, and behind it the files named like its parts and itself (pooling.css) where there are any.

    Raises:
        TypeError: a setting that there is not, which traitlets would take without a word.
    """

    module: ClassVar[str]
    name = traitlets.Unicode().tag(sync=True)
    limits = traitlets.Dict().tag(sync=True)
    library = traitlets.Instance(Library).tag(sync=True, **ipywidgets.widget_serialization)
    styles = traitlets.Unicode().tag(sync=True)
    later: ClassVar[Mapping[str, Callable[[], str]]] = {}  # scripts that the page asks for, by name

    def __init__(self, **settings: Any) -> None:
        for name in settings:
            if not self.has_trait(name):
                raise TypeError(f"{type(self).__name__} has no setting {name!r}: choose {', '.join(self._limits())}")
        super().__init__(**settings)
        self.on_msg(self._send_script)

    def _send_script(self, _: Any, asked: Any, __: Any) -> None:
        """With a kernel the scripts of `later` come by message; the book has them beside its pages."""
        name = asked.get("part") if isinstance(asked, dict) else None
        if isinstance(name, str) and name in self.later:
            self.send({"part": name, "source": self.later[name]()})

    def __init_subclass__(cls, **settings: Any) -> None:
        if "module" in vars(cls):  # add_traits makes a subclass of every widget, where _esm is a trait by then
            cls._esm = module(cls.module)
        super().__init_subclass__(**settings)

    @classmethod
    def address(cls, **settings: Any) -> str:
        """The end of an address that brings the widget into these settings, all others as usual: "#pooling=stride:3,3".

        Nothing is made: a page with fifteen such links holds one widget.

        Raises:
            ValueError: no such setting; a wrong value raises what setting it would.
        """
        traits = cls.class_traits()
        known = {name: trait for name, trait in traits.items() if hasattr(trait, "limit")}
        for name in settings:
            if name not in known:
                raise ValueError(f"{cls.__name__} has no setting {name!r}: choose {', '.join(known)}")
        written = (f"{name}:{_written(known[name].validate(None, value))}" for name, value in settings.items())
        return f"#{Path(cls.module).stem}={';'.join(written)}"

    def still(self) -> str:
        """What the widget shows now, as SVG, for where no script runs; "" if there is nothing to be seen."""
        return ""

    def sentence(self) -> str:
        """The same in words."""
        return (type(self).__doc__ or "").strip().split("\n", 1)[0]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The view, as always, and beside it HTML that holds the view, a picture and a sentence."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data and VIEW in data:
            try:
                picture, sentence = self.still(), self.sentence()
            except (ValueError, RuntimeError) as error:  # settings that do not fit; the widget says so in its place
                picture, sentence = "", str(error)
            parts = {"PICTURE": picture, "SENTENCE": escape(sentence), "VIEW": VIEW, "MODEL": json.dumps(data[VIEW])}
            data["text/html"] = re.sub("|".join(parts), lambda found: parts[found[0]], _STILL)
        return bundle

    @traitlets.default("library")  # type: ignore[untyped-decorator]
    def _shared(self) -> Library:
        if _library.cache_info().currsize and _library().comm is None:  # somebody closed all widgets
            _library.cache_clear()
        return _library()

    @traitlets.default("styles")  # type: ignore[untyped-decorator]
    def _own_styles(self) -> str:
        files = [Path(script).with_suffix(".css").name for script in (*parts(self.module), self.module)]
        return "".join(squeeze(file) for file in files if (FOLDER / file).exists())

    @traitlets.default("name")  # type: ignore[untyped-decorator]
    def _name(self) -> str:
        return Path(self.module).stem

    @traitlets.default("limits")  # type: ignore[untyped-decorator]
    def _limits(self) -> dict[str, Any]:
        return {name: trait.limit for name, trait in self.traits().items() if hasattr(trait, "limit")}


def _written(value: Any) -> str:
    """As kit.js reads it."""
    if isinstance(value, list):
        return ("/" if isinstance(value[0], list) else ",").join(map(_written, value))
    return quote(str(value).lower() if isinstance(value, bool) else str(value))


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
        try:
            rows = [list(row) for row in (value.tolist() if hasattr(value, "tolist") else value)]
        except TypeError:
            raise traitlets.TraitError(f"{self.name} holds {value!r}: give rows of numbers") from None
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

"""The parser of the page against Python's own evaluation, on random expressions; the page has no eval."""

import math
import random
import re

import pytest
from in_page import STATIC, in_page

from convae.exercises.grading import plain

NAMES = {"size": 28, "kernel": 3, "share": 0.25, "shift": -2.5, "none": 0, "channels": [3, 8, 5], "pairs": [[1, 2.5]]}
FUNCTIONS = {
    **{name: getattr(math, name) for name in ("ceil", "exp", "floor", "log", "log10", "log2", "pi", "prod", "sqrt")},
    **{each.__name__: each for each in (abs, float, int, len, list, max, min, round, sorted, sum, tuple)},
    # what is gone through one by one is a list at once in the page
    **{each.__name__: lambda *given, made=each: list(made(*given)) for each in (range, reversed, zip)},
}


def python(text, names=NAMES):
    """What Python makes of an expression, as text; None where it stops."""
    try:
        value = plain(eval(text, {"__builtins__": {}, "math": math} | FUNCTIONS | names))
    except Exception:
        return None
    return None if "j" in repr(value) else repr(value)


def page(texts, names=NAMES):
    """What the page makes of them; None where it stops."""
    told = {name: repr(value) for name, value in names.items()}
    return [each if isinstance(each, str) else None for each in in_page([["value", text, told] for text in texts])]


class Draw:
    """Random expressions; brackets stand in some places only, so that it is precedence that decides."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def expression(self, depth):
        kinds = (
            [self.signed, self.call, self.chosen, self.looked_up, *[self.operation] * 6] if depth > 0 else [self.leaf]
        )
        text = self.random.choice(kinds)(depth - 1)
        return f"({text})" if self.random.random() < 0.35 else text

    def leaf(self, _):
        wholes, reals = [str(self.random.randint(0, 99))] * 6, [str(self.random.randint(0, 400) / 8)] * 2
        return self.random.choice([*wholes, *reals, "size", "kernel", "share", "shift", "none", "True", "7e-1", ".5"])

    def operation(self, depth):
        sign = self.random.choice([*"+-*/" * 2, *["//", "%"] * 3, "**", *["<", "==", ">=", "!=", "and", "or"]])
        one, other = self.expression(depth), self.expression(depth)
        if sign == "**":
            one, other = f"({one})" if self.random.random() < 0.5 else one, self.random.choice(["0", "1", "2", "-1"])
        return f"{one} {sign} {other}" if sign in ("and", "or") or self.random.random() < 0.5 else f"{one}{sign}{other}"

    def signed(self, depth):
        return self.random.choice(["-", "+", "not ", "--"]) + self.expression(depth)

    def call(self, depth):
        name = self.random.choice(["abs", "ceil", "floor", "math.floor", "int", "round", "float"])
        if self.random.random() < 0.4:
            return f"{self.random.choice(['min', 'max'])}({self.expression(depth)}, {self.expression(depth)})"
        return f"{name}({self.expression(depth)})"

    def chosen(self, depth):
        return f"{self.expression(depth)} if {self.expression(depth)} else {self.expression(depth)}"

    def looked_up(self, depth):
        of, by = self.list(depth), self.random.choice(["0", "-1", "1", "kernel - 2", "none", "-2", "5"])
        return self.random.choice(
            [f"{of}[{by}]", f"len({of})", f"sum({self.wholes()})", f"max({of})", f"({of} == {of})"]
        )

    def wholes(self):
        """Of numbers with a point newer Pythons add up more exactly."""
        of = self.random.choice(["channels", "range(kernel)", "range(9, 0, -2)", "channels[1:]"])
        return self.random.choice([of, f"each ** 2 for each in {of}", f"(a > b) for a in {of} for b in channels"])

    def list(self, depth):
        return self.random.choice(
            [
                *("channels", "channels[::-1]", "channels[1:]", "channels[-2:9:2]", "sorted(channels, reverse=True)"),
                *("list(reversed(channels))", "channels * 2", "channels + [kernel]", "list(range(1, size, 9))"),
                "[a * b for a, b in zip(channels, range(9))]",
                f"[{self.expression(depth)}, {self.expression(depth)}]",
                f"[{self.expression(depth)} for size in channels if size % 2]",
                f"({self.expression(depth)},)",
            ]
        )


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_the_page_computes_what_python_does():
    draw = Draw(0)
    texts = [draw.expression(4) for _ in range(6000)] + [draw.list(3) for _ in range(1000)]
    assert all(len(text) < 1500 for text in texts)
    wanted, found = list(map(python, texts)), page(texts)
    wrong = [each for each in zip(texts, wanted, found, strict=True) if each[1] != each[2]]
    assert wrong == []
    assert 0.6 * len(texts) < sum(each is not None for each in wanted) < len(texts)  # some stop, in both
    assert len(set(wanted)) > 800


@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # Python's own, of what is about to stop
def test_what_python_cannot_read_the_page_cannot_either():
    """Expressions with a piece taken out, put in or exchanged: whatever the page makes of one is what Python makes."""
    draw, texts = Draw(1), []
    extra = [*"+-*/%()[],:<>=", "**", "//", "==", "if", "else", "for", "in", "not", "and", "kernel", "2", "0.5", "x"]
    while len(texts) < 6000:
        parts = re.findall(r"math\.\w+|\w+(?:\.\d*)?|\*\*|//|[<>=!]=|\S", draw.expression(2))
        place = draw.random.randrange(len(parts))
        cut = draw.random.choice([0, 1, 1])
        parts[place : place + cut] = draw.random.choice([[], [draw.random.choice(extra)]])
        texts.append(" ".join(parts))
    wanted, found = list(map(python, texts)), page(texts)
    assert [each for each in zip(texts, wanted, found, strict=True) if each[2] not in (None, each[1])] == []
    assert sum(each is None for each in wanted) > 2000
    assert sum(each is not None for each in found) > 1000


@pytest.mark.parametrize("name", ["exp", "log", "log2", "log10", "sqrt"])
def test_functions_are_as_exact_as_pythons(name):
    draw = random.Random(2)
    numbers = [draw.uniform(0, 9) ** draw.choice([1, 2, -3]) for _ in range(1000)]
    found = page([f"{name}({number!r})" for number in numbers])
    for number, value in zip(numbers, found, strict=True):
        right = python(f"{name}({number!r})")
        assert (value is None) == (right is None), number
        assert right is None or math.isclose(float(value), float(right), rel_tol=1e-13, abs_tol=1e-15)


def test_quotients_and_remainders_of_real_numbers():
    draw, texts = random.Random(4), []
    for _ in range(1000):
        one, other = draw.uniform(-1e3, 1e3), draw.choice([-1, 1]) * draw.uniform(1, 9) * 10.0 ** draw.randint(-6, 0)
        texts += [f"{one!r} // {other!r}", f"{one!r} % {other!r}"]
    assert page(texts) == list(map(python, texts))


def test_powers_of_real_numbers():
    draw = random.Random(3)
    texts = [f"{draw.uniform(-3, 9)!r}**{draw.choice([draw.uniform(-4, 4), 3, 0.5])!r}" for _ in range(1000)]
    for text, value in zip(texts, page(texts), strict=True):
        assert math.isclose(float(value), float(python(text)), rel_tol=1e-13)


@pytest.mark.parametrize(
    "text",
    [
        *("-7 // 2", "-7 % 2", "7 % -2", "-7.5 // 2", "-7.5 % 2", "7.5 % -2", "-0.0 // 3", "1 // -0.25", "2 ** 3 ** 2"),
        *("-2 ** 2", "2 ** -1", "10 ** 40 // 7", "10 ** 40 + 0.5", "7 / 2", "6 / 3", "round(0.5)", "round(1.5)"),
        *("round(-2.5)", "int(-2.7)", "floor(-2.5)", "ceil(-2.5)", "0.1 + 0.2", "1e16", "1e-5", "123456789012345.5"),
        *("log2(8)", "log10(1000)", "log(8, 2)", "1 < 2 < 3", "3 > 2 > 2", "not 0", "0 or 5", "2 and 0", "5 or 1 / 0"),
        *("1 if 0 else 2 if 0 else 3", "True + True", "1 == 1.0 == True", "[1, 2.0] == [1.0, 2]", "[] or 3", "1, 2"),
        *("min(3, 1.0, 1)", "max([2, 2.0])", "sum([])", "prod([])", "channels[-1]", "channels[::-1]", "channels[5:]"),
        *("[a + b for a in channels if a > 3 for b in range(2)]", "sum(a * b for a, b in zip(channels, channels[1:]))"),
        *("sum(a > b for a in channels for b in channels)", "-kernel ** 2", "2 * -kernel", "size // kernel // 2"),
        *("2 ** 1000", "pi", "math.pi", "abs(shift)", "size - kernel - 1", "- - 3", "3 * [1]", "len(pairs[0])"),
    ],
)
def test_what_readers_may_write_is_what_python_makes_of_it(text):
    assert python(text) is not None
    assert page([text]) == [python(text)]


def test_signs_of_a_phone_and_of_formulas_are_read():
    told = page(["size − kernel × 2 ÷ 4", "3 · 2 ≤ 6", "kernel ≠ 3"])
    assert told == [python("size - kernel * 2 / 4"), "True", "False"]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "there is nothing yet", (0, 0)),
        ("size +", "behind “size +” comes the end; a number, a name or a bracket has to come there", (6, 6)),
        ("(size + 1", "behind “(size + 1” comes the end; “)” has to come there", (9, 9)),
        ("size) + 1", "behind “size” comes “)”: is a sign missing between them?", (4, 5)),
        ("2 size", "behind “2” comes “size”: is a sign missing between them?", (2, 6)),
        ("2 (size)", "behind “2” comes “(”: is a sign missing between them?", (2, 3)),
        ("size(2)", "“size” is no function: is a sign missing in front of the bracket?", (0, 4)),
        ("sise + 1", "“sise” is not known here; known are size, kernel, and functions", (0, 4)),
        ("size ^ 2", "“^” has no meaning here: a power is written **", (5, 6)),
        ("size²", "“²” has no meaning here: a power is written **", (4, 5)),
        (
            "⌊size / 2⌋",
            "“⌊” has no meaning here: what is rounded down is written floor(…), or // for the division",
            (0, 1),
        ),
        ("⌈size⌉", "“⌈” has no meaning here: what is rounded up is written ceil(…)", (0, 1)),
        ("size mod 2", "behind “size” comes “mod”: the remainder is written %", (5, 8)),
        ("return size", "leave the word return out: only the value is asked for", (0, 6)),
        ("y = size", "there is a single “=”: give only what stands behind it; two of them compare", (2, 3)),
        ("floor", "“floor” is a function: what it is of stands behind it in brackets", (0, 5)),
        ("floor(size, 2)", "floor takes 1 in its brackets, not 2", (0, 5)),
        ("size['a']", "“'” has no meaning here", (5, 6)),
        ("max(each for each in [size], 2)", "beside others, what is made by a for needs brackets of its own", (27, 28)),
        ("[each for each size]", "behind “[each for each” comes “size”; “in” has to come there", (15, 19)),
        ("constructor + 1", "“constructor” is not known here; known are size, kernel, and functions", (0, 11)),
        ("__proto__", "“__proto__” is not known here; known are size, kernel, and functions", (0, 9)),
        ("(" * 400, "has to come there", (400, 400)),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text, message, place):
    (fault,) = in_page([["value", text, {"size": "28", "kernel": "3"}]])
    assert fault["message"].endswith(message)
    assert (fault["from"], fault["to"]) == place


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0", "division by zero"),
        ("size // none", "division by zero"),
        ("size % 0.0", "division by zero"),
        ("0 ** -1", "0 has no power below 0"),
        ("(-8) ** (1 / 3)", "a number below 0 has no such root"),
        ("sqrt(-1)", "a number below 0 has no root"),
        ("log(0)", "only numbers above 0 have a logarithm"),
        ("channels + 1", "there is a list where a number has to be"),
        ("sum(size)", "there is a number where a list has to be"),
        ("channels[9]", "a list of 3 has no place 9"),
        ("channels[1.0]", "a place in a list is a whole number, and 1.0 is none: take // or round"),
        ("[a for a, b in channels]", "there is a number where a list has to be"),
        ("9 ** 9 ** 9", "a power is too large for this page"),
        ("[1] * 10 ** 12", "that takes too many steps for this page; try it in the notebook"),
        ("sum(a for a in range(10 ** 9))", "that takes too many steps for this page; try it in the notebook"),
        ("[each for each in [each]]", "“each” has no value yet"),
        ("sum(1 for row in [range(3000)] for a in row for b in row)", "that takes too many steps for this page"),
        ("sum(1 for a in range(2000) for b in range(2000))", "that takes too many steps for this page"),
    ],
)
def test_where_it_stops_is_told_and_nothing_runs_for_ever(text, message):
    (fault,) = in_page([["value", text, {name: repr(value) for name, value in NAMES.items()}]])
    assert fault["message"].startswith(message)


def test_nothing_that_a_reader_writes_is_run_as_a_script():
    for name in ("expression.js", "answers.js"):
        source = re.sub(r"//.*|/\*.*?\*/", "", (STATIC / name).read_text(encoding="utf-8"))
        assert not re.search(r"\beval\b|\bFunction\s*\(|innerHTML|import\s*\(", source)


@pytest.mark.parametrize(
    "text", ["[pi for pi in channels]", "[len for len in channels]", "[2 * max for max in channels if max > 3]", "pi"]
)
def test_a_for_gives_the_names_of_functions_and_constants_other_values(text):
    assert page([text]) == [python(text)]


@pytest.mark.parametrize(
    "text",
    [
        "[] * 10 ** 9",
        "[] * 10 ** 12",
        "prod(range(1, 60000)) > 0",
        "len([0] * 999999 + [0] * 999999)",
        "math.size",
        "math.sum(channels)",
    ],
)
def test_what_would_hold_up_the_page_or_is_no_python_stops(text):
    assert page([text]) == [None]

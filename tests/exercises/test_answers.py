"""Answers in the page are judged as the graders judge them: by the same tables, in the same words."""

import ast
import inspect
import json
import math
import random
import re
import sys
from pathlib import Path

import pytest
from in_page import in_page

from book.tools.chapters import chapters
from book.tools.myst import walk
from convae import exercises
from convae.exercises.grading import Exercise

THEMES = [
    each for name, each in sys.modules.items() if name.startswith("convae.exercises.") and "EXERCISES" in vars(each)
]
EXERCISES = {name: exercise for theme in THEMES for name, exercise in theme.EXERCISES.items()}
ASKED = {name: exercise for name, exercise in EXERCISES.items() if exercise.asked}
PYTHON = {name: getattr(math, name) for name in ("ceil", "exp", "floor", "log", "log2", "sqrt", "prod", "pi")}

# Those that chapter and tests write in several lines, or in other names:
RIGHT = [
    ("bits_of_code", "-sum(log2(own[step]) for own, step in zip(shares, steps))"),
    ("linear_share", "(2 * code_size + 1) * channels[-1] * (side // 2 ** len(channels)) ** 2 + code_size"),
    ("numbers_behind", "[9 * c + 3 * (row // 9) + column // 9 for c in range(16)] if max(row, column) < 27 else []"),
    (
        "posterior_mean",
        "sum(x * exp(-(spoiled - x) ** 2 / (2 * sigma ** 2)) for x in candidates)"
        " / sum(exp(-(spoiled - x) ** 2 / (2 * sigma ** 2)) for x in candidates)",
    ),
]


def given_back(values):
    """An answer that gives these values back, one a call."""
    rest = iter(values)
    return lambda **case: next(rest)


def written(source):
    """What functions of one expression give in a Python text, by their parameters."""
    for node in ast.walk(ast.parse(source)):
        last = node.body[-1] if isinstance(node, ast.FunctionDef) else None
        if isinstance(node, ast.Lambda):
            yield [each.arg for each in node.args.args], ast.unparse(node.body)
        elif isinstance(last, ast.Return) and last is node.body[0]:
            yield [each.arg for each in node.args.args], ast.unparse(last.value)


def expressions():
    """All that is written anywhere in the names of an exercise, right or a slip: in its module, its tests, its page."""
    sources = [inspect.getsource(theme) for theme in THEMES]
    sources += [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("test_exercises_*.py"))]
    for page in chapters():
        cells = [
            block.body for block in walk(page.read_text(encoding="utf-8").splitlines()) if block.name == "code-cell"
        ]
        sources += ["\n".join(cell) for cell in cells if any(line.startswith("def solution(") for line in cell)]
    lines = ["\n".join(line for line in source.split("\n") if not line.startswith(":")) for source in sources]
    found = dict.fromkeys((tuple(names), text) for source in lines for names, text in written(source))
    names = {name: tuple(exercise.cases[0]) for name, exercise in ASKED.items()}
    return [(name, text) for name, own in names.items() for given, text in found if given == own]


def graded(name, text):
    """What the grader says to an expression."""
    scope = {"math": math} | PYTHON
    return EXERCISES[name].grade(eval(f"lambda {', '.join(EXERCISES[name].cases[0])}: {text}", scope))


def test_every_stored_slip_gets_its_message_in_the_page_too():
    assert len(ASKED) > 20
    cases, wanted = [], []
    for exercise in ASKED.values():
        tried = [exercise.right, *(slip.values for slip in exercise.slips)]
        tried += [[-1 for _ in exercise.cases], [*exercise.right[:-1], 7654321], [7654321, *exercise.right[1:]]]
        for values in map(list, tried):
            cases.append(["judge", exercise.in_page(), repr(values)])
            wanted.append(exercise.grade(given_back(values)))
    for case, grade, said in zip(cases, wanted, in_page(cases), strict=True):
        assert said == {"right": grade.right, "message": grade.message}, case
    assert len({grade.message for grade in wanted}) > 150


def test_values_beside_the_right_ones_are_as_near_or_as_far_in_the_page():
    chance, cases, wanted = random.Random(0), [], []
    for exercise in ASKED.values():
        for size in (1e-7, 1e-6, 9e-6, 1.1e-5, 1e-3):
            values = [
                one * (1 + chance.choice([-size, size])) if isinstance(one, float) else one for one in exercise.right
            ]
            cases.append(["judge", exercise.in_page(), repr(values)])
            wanted.append(exercise.grade(given_back(values)))
    for case, grade, said in zip(cases, wanted, in_page(cases), strict=True):
        assert said == {"right": grade.right, "message": grade.message}, case
    assert {grade.right for grade in wanted} == {True, False}


def test_expressions_are_judged_as_the_functions_of_the_notebook():
    """All that graders, tests and chapters have; what calls functions of theirs is no expression for the page."""
    found = [*expressions(), *RIGHT]
    told = in_page([["grade", ASKED[name].in_page(), text] for name, text in found])
    read = [(name, text, said) for (name, text), said in zip(found, told, strict=True) if said["right"] is not None]
    assert len(read) > 200
    for name, text, said in read:
        grade = graded(name, text)
        assert said["right"] == grade.right, (name, text, said)
        if "stops" not in grade.message:
            assert said["message"] == grade.message, (name, text)
    assert {name for name, _, said in read if said["right"]} == set(ASKED)  # each can be answered
    messages = {slip.message for exercise in ASKED.values() for slip in exercise.slips}
    assert len(messages & {said["message"] for _, _, said in read}) > 0.85 * len(messages)


def test_a_kernel_is_judged_in_the_page_as_in_the_notebook():
    chance, kernels = (
        random.Random(1),
        ["[[1, -1, 1], [-1, 1, -1], [1, -1, 1]]", "[[[1, -1, 1], [-1, 1, -1], [1, -1, 1]]]"],
    )
    kernels += [
        "5",
        "[]",
        "[[]]",
        "1, 2, 3",
        "[1] * 9",
        "[[1] * 3] * 2",
        "[[1] * 3, [2], [3] * 5]",
        "[[1e999] * 3] * 3",
    ]
    kernels += ["[[1, -1, 1], [-1, 1, -1], [1, [2], 1]]", "[[12345678, -1, 1], [-1, 1e-7, -1], [1, -1, 1]]"]
    signs = [1, -1, 1, -1, 1, -1, 1, -1, 1]
    for _ in range(600):
        few = chance.choice([0, 0, 1, 2, 5])
        weights = [sign * chance.choice([0.5, 1, 2, 3, 0.25]) for sign in signs]
        for place in chance.sample(range(9), few):
            weights[place] = chance.choice([0, -weights[place], 4e7, -2.125])
        kernels.append(str([weights[:3], weights[3:6], weights[6:]]))
    wanted = [exercises.cross_filter(eval(text)) for text in kernels]
    for text, grade, said in zip(
        kernels, wanted, in_page([["grade", exercises.kernels.CROSS, text] for text in kernels]), strict=True
    ):
        assert said == {"right": grade.right, "message": grade.message}, text
    told = [re.sub(r"[\d.e+-]+", "", grade.message) for grade in wanted]
    assert len(set(told)) > 6
    assert {grade.right for grade in wanted} == {True, False}


def test_a_place_or_a_case_is_told_where_an_expression_cannot_be_read_or_stops():
    table = Exercise.of([{"n": 2}, {"n": 0}], lambda n: n, {}, asked="a number").in_page()
    texts = ("n + + ", "1 / n", "n if n else 0.5", "2 n", "n,", "[[n]]")
    unread, stopped, other, beside, *packed = in_page([["grade", table, text] for text in texts])
    assert packed == [{"right": True, "message": "All 2 cases agree."}] * 2  # a list of one counts as that one
    assert beside["message"] == "behind “2” comes “n”: is a sign missing between them?"
    assert unread == {
        "right": None,
        "message": "behind “n + +” comes the end; a number, a name or a bracket has to come there.",
        "from": 6,
        "to": 6,
    }
    assert stopped == {"right": False, "message": "For n = 0 it stops: division by zero."}
    assert other["message"] == "For n = 0 it gives 0.5, but should give 0. Try that case by hand."


@pytest.mark.parametrize(
    ("one", "other"),
    [(0.1 + 0.2, 0.5), (80 + 1e-11, 80), (1e-12, 2e-12), (7, 7.25), (1e20, 10**20 + 1), (1 / 3, 2), ([0.1 + 0.2], [1])],
)
def test_numbers_are_shown_as_the_graders_show_them(one, other):
    exercise = Exercise([{"n": 1}], [other], [], asked="a number")
    (said,) = in_page([["judge", exercise.in_page(), repr([one])]])
    assert said["message"] == exercise.grade(lambda n: one).message
    assert "it gives" in said["message"]


def test_the_box_of_an_exercise_carries_its_table_until_it_is_answered():
    exercise = Exercise.of([{"n": 2.0}], lambda n: n, {'"<Twice>"': lambda n: 2 * n}, asked="a number")
    box = exercise.grade(...)._repr_html_()
    assert box.startswith('<div class="convae-exercise" data-asked="a number" data-exercise="{&quot;names')
    assert "In the notebook of this page: write your answer" in box  # for pages without scripts
    assert "<Twice>" not in box
    assert json.loads(exercise.in_page()) == {
        "names": ["n"],
        "cases": "[[2.0]]",
        "right": "[2.0]",
        "slips": [['"<Twice>"', "[4.0]"]],
        "close": False,
        "any_order": False,
    }
    assert "convae-exercise" not in exercise.grade(lambda n: n)._repr_html_()
    assert "convae-exercise" not in Exercise.of([{"n": 2}], lambda n: n, {}).grade(...)._repr_html_()

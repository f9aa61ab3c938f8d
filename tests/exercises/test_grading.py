"""How answers of all kinds are judged; nothing that a learner writes raises."""

import math

import numpy as np
import pytest
import torch

from convae import exercises
from convae.exercises.grading import Exercise, Slip, grade, grade_number


class Stubborn:
    """What refuses to become a number."""

    def __float__(self):
        raise ValueError("no")


def judged(answer, right=lambda number: number + 1):
    return grade(answer, right, [{"number": 1}, {"number": 2}], {"One too few.": lambda number: number})


def test_an_answer_that_takes_from_its_list_is_right():
    def largest_taken_away(usual, share):
        for _ in range(round(share * len(usual))):
            usual.remove(max(usual))
        return max(usual)

    def emptied(variances):
        total, squares = 0, 0
        while variances:
            value = variances.pop()
            total, squares = total + value, squares + value**2
        return total**2 / squares

    assert exercises.threshold(largest_taken_away).right
    assert exercises.participation(emptied).right


def test_an_answer_that_sorts_in_place_gets_the_message_of_its_slip():
    def sorted_in_place(usual, share):
        usual.sort()
        return usual[round(share * len(usual))]

    assert "That is the other end" in exercises.threshold(sorted_in_place).message


def test_a_missing_else_is_told_the_case():
    def without_else(number):
        if number > 1:
            return number + 1
        return None  # as Python does where nothing stands

    assert judged(without_else).message == (
        "For number = 1 the function gives nothing back: return a result there, too."
    )


def test_a_result_that_is_not_returned_is_an_answer():
    def forgotten(number):
        number + 1

    assert judged(forgotten).right is False
    assert "return the result" in judged(forgotten).message


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_a_tensor_with_one_number_counts_as_that_number(kind):
    def answer(spoiled, candidates, sigma):
        pixels = torch.tensor(candidates, dtype=kind)
        return ((-((spoiled - pixels) ** 2) / (2 * sigma**2)).softmax(0) * pixels).sum()

    assert exercises.posterior_mean(answer).right
    assert exercises.posterior_mean(lambda **case: answer(**case).item()).right
    assert exercises.posterior_mean(lambda **case: answer(**case).numpy()[()]).right  # NumPy's own kind of number
    assert exercises.posterior_mean(lambda **case: answer(**case).numpy()).right
    assert exercises.posterior_mean(lambda **case: answer(**case).view(1)).right
    assert exercises.posterior_mean(lambda **case: answer(**case) + 0.001).right is False
    assert exercises.posterior_mean(lambda **case: answer(**case).expand(2)).right is False


@pytest.mark.parametrize("kind", [int, np.int64, np.array, torch.tensor, lambda value: np.array([[value]]), float])
def test_whole_numbers_of_every_kind_count(kind):
    assert judged(lambda number: kind(number + 1)).right
    assert judged(lambda number: kind(number)).message == "One too few."
    assert "it gives 3, but should give 2" in judged(lambda number: kind(3)).message.replace("3.0", "3")


@pytest.mark.parametrize("kind", [tuple, list, np.array, torch.tensor, iter, lambda values: map(torch.tensor, values)])
def test_collections_of_every_kind_count_as_a_list(kind):
    assert exercises.decoder_inputs(lambda channels: kind([2 * count for count in channels[::-1]])).right
    assert "twice that" in exercises.decoder_inputs(lambda channels: kind([*channels[::-1]])).message
    assert exercises.pixels_seen(lambda row, column: kind([9 * row, 9 * row + 8, 9 * column, 9 * column + 8])).right
    assert exercises.equivalent_kernel(lambda kernel, pool: kind([kernel + pool - 1, pool])).right


@pytest.mark.parametrize("kind", [set, frozenset, dict.fromkeys, reversed, np.array, torch.tensor])
def test_the_order_of_a_set_does_not_matter(kind):
    def numbers(row, column):
        return kind([9 * channel + 3 * (row // 9) + column // 9 for channel in range(16) if max(row, column) < 27])

    assert exercises.numbers_behind(lambda **case: list(numbers(**case))).right


@pytest.mark.parametrize(
    "value",
    [
        *("half", float("nan"), 1j, [], {}, 10**400, 10**5000, [torch.ones(2), torch.ones(2)], {1, None}, object()),
        Stubborn(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_compared_is_wrong_and_no_error(value):
    for grader in (
        exercises.share_of_the_way,
        exercises.parameters,
        exercises.decoder_inputs,
        exercises.numbers_behind,
    ):
        assert grader(lambda **case: value).right is False


def test_a_table_that_is_compared_field_by_field_is_wrong_and_no_error():
    class Table:
        def __eq__(self, other):
            return Many()

        __hash__ = None

    class Many:
        def __bool__(self):
            raise ValueError("The truth value is ambiguous")

    assert "but should give 2" in judged(lambda number: Table()).message


def test_a_long_answer_is_cut():
    assert len(judged(lambda number: list(range(10**5))).message) < 700


def raises(error):
    def answer(number):
        raise error

    return answer


class UnspeakableError(Exception):
    def __str__(self):
        raise RuntimeError


def endless(number):
    return endless(number)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda number: number / 0, "ZeroDivisionError: division by zero."),
        (endless, "RecursionError: maximum recursion depth exceeded."),
        (lambda number: exit(), "SystemExit: None."),
        (raises(SystemExit(1)), "SystemExit: 1."),
        (raises(AssertionError), "AssertionError."),
        (raises(ValueError("two\nlines.")), "ValueError: two lines."),
        (raises(MemoryError()), "MemoryError."),
        (raises(BaseException("bare")), "BaseException: bare."),
        (raises(UnspeakableError()), "UnspeakableError: <exception str() failed>."),
        (raises(ExceptionGroup("two", [ValueError("a"), TypeError("b")])), "ExceptionGroup: two (2 sub-exceptions)."),
        (lambda number: (1 / each for each in (1, 0)), "ZeroDivisionError: division by zero."),
        (lambda other: other, "got an unexpected keyword argument 'number'. Its parameters have to be: number."),
        (lambda number, more: number, "required positional argument: 'more'. Its parameters have to be: number."),
    ],
)
def test_whatever_an_answer_raises_is_told_in_one_sentence_with_its_case(answer, told):
    grade = judged(answer)
    assert grade.right is False
    assert grade.message.startswith("For number = 1 the function stops with ")
    assert grade.message.endswith(told)
    assert "\n" not in grade.message


def test_an_interrupt_goes_through():
    with pytest.raises(KeyboardInterrupt):
        judged(raises(KeyboardInterrupt()))


def test_a_result_in_place_of_the_function_is_told():
    assert judged(5).message == "5 is no function: give the function's name, without brackets behind it."
    assert judged(5).right is False


def test_a_number_is_as_exact_as_single_precision():
    third = [{"number": 1.0}, {"number": 2.0}]
    assert grade_number(lambda number: torch.tensor(number) / 3, lambda number: number / 3, third, {}).right
    slips = {"Halved.": lambda number: number / 6}
    message = grade_number(lambda number: torch.tensor(number) / 6, lambda number: number / 3, third, slips).message
    assert message == "Halved."
    message = grade_number(lambda number: 0.1 + 0.2, lambda number: number / 3, third, {}).message
    assert "it gives 0.3, but should give 0.333333333." in message


def squares(**settings):
    """The area of a square, as an exercise."""
    cases = [{"side": 2.5}, {"side": 3.0}]
    return Exercise.of(cases, lambda side: side**2, {"That is the way around it.": lambda side: 4 * side}, **settings)


def test_an_exercise_is_a_table_of_plain_numbers():
    assert squares().data() == {
        "cases": [{"side": 2.5}, {"side": 3.0}],
        "right": [6.25, 9.0],
        "slips": [{"message": "That is the way around it.", "values": [10.0, 12.0]}],
        "close": False,
        "any_order": False,
    }
    tensors = Exercise.of([{"side": (1, 2)}], lambda side: torch.tensor(side), {})
    assert tensors.data()["cases"] == [{"side": [1, 2]}]
    assert tensors.data()["right"] == [[1, 2]]


def test_an_exercise_judges_by_its_table_alone():
    table = Exercise([{"side": 1}, {"side": 2}], [10, 20], [Slip("One too few.", [9, 19])])
    assert table.grade(lambda side: 10 * side).right is True
    assert table.grade(lambda side: 10 * side - 1).message == "One too few."
    assert "For side = 2 it gives 5, but should give 20" in table.grade(lambda side: 10 if side == 1 else 5).message


def test_an_exercise_says_how_exact_and_in_which_order():
    assert squares().grade(lambda side: side**2 + 1e-8).right is False
    assert squares(close=True).grade(lambda side: side**2 + 1e-8).right is True
    both = [Exercise.of([{"n": 2}], lambda n: [n, n + 1], {}, any_order=order) for order in (False, True)]
    assert [exercise.grade(lambda n: (n + 1, n)).right for exercise in both] == [False, True]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Exercise([], [], []), "^no case: give at least one"),
        (lambda: Exercise([{"n": 1}], [None], []), "^the right answer is None for n = 1: no answer agrees with that"),
        (lambda: Exercise([{"n": 1}], [float("nan")], []), "^the right answer is nan for n = 1"),
        (lambda: Exercise([{"n": 1}], [[2, float("nan")]], []), r"^the right answer is \[2, nan\] for n = 1"),
        (
            lambda: Exercise.of([{"n": 1}, {"n": 2}], lambda n: n, {"Half.": lambda n: 2 if n > 1 else None}),
            r"^'Half\.' is None for n = 1: no answer agrees with that; give a value, or take the case away$",
        ),
        (
            lambda: Exercise.of([{"n": 0}], lambda n: n, {"Turned.": lambda n: 1 / n}),
            r"^'Turned\.' stops for n = 0 with ZeroDivisionError: division by zero\.$",
        ),
        (
            lambda: Exercise.of([{"n": 0}], lambda n: 1 / n, {}),
            "^the right answer stops for n = 0 with ZeroDivisionError",
        ),
        (lambda: Exercise([{"n": 1}, {"n": 1}], [1, 1], []), "^the case n = 1 is there twice: take one away$"),
        (lambda: Exercise([{"n": 1}], [1, 2], []), "^the right answer has 2 values for 1 cases: give one for each$"),
        (lambda: Exercise([{"n": 1}], [1], [Slip("Less.", [])]), r"^'Less\.' has 0 values for 1 cases"),
        (
            lambda: Exercise.of([{"n": 2}], lambda n: n + n, {"Squared.": lambda n: n * n}),
            r"^'Squared\.' has the values of the right answer: add a case in which they differ$",
        ),
        (
            lambda: Exercise.of([{"n": 2}], lambda n: n, {"Twice.": lambda n: 2 * n, "Squared.": lambda n: n * n}),
            r"^'Squared\.' has the values of 'Twice\.'",
        ),
    ],
)
def test_a_table_in_which_a_slip_could_never_get_its_message_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("cases", [5, None, "n", {"n": 1}, [1, 2], ({"n": each} for each in (1, 2)), [("n", 1)]])
def test_cases_that_are_no_list_of_dictionaries_are_refused(cases):
    for make in (
        lambda: Exercise(cases, [1, 2], []),
        lambda: Exercise.of(cases, lambda n: n, {}),
        lambda: grade(lambda n: n, lambda n: n, cases, {}),
    ):
        with pytest.raises(
            TypeError, match=r"^the cases are .*: give a list of dictionaries, each of arguments by name"
        ):
            make()


def test_who_changes_a_case_later_changes_no_exercise():
    cases = [{"values": [1, 2]}, {"values": [3]}]
    exercise = Exercise.of(cases, lambda values: sum(values), {})
    cases[0]["values"].append(5)
    cases.pop()
    assert exercise.data()["cases"] == [{"values": [1, 2]}, {"values": [3]}]
    assert exercise.grade(sum).message.endswith("Its parameters have to be: values.")
    assert exercise.grade(lambda values: sum(values)).right is True


def test_a_slip_that_stops_is_named_by_its_message():
    with pytest.raises(ValueError, match=r"^'Turned\.' stops for n = 0 with ZeroDivisionError"):
        grade(lambda n: 5, lambda n: n, [{"n": 0}], {"Turned.": lambda n: 1 / n})


def test_what_differs_in_a_far_place_is_shown_with_it():
    said = grade(lambda n: n + 1e-11, lambda n: n, [{"n": 80}], {}).message
    assert "it gives 80.00000000001, but should give 80." in said


@pytest.mark.parametrize(
    ("cases", "right", "message"),
    [
        ([{"n": 1, "step": None}, {"n": 2, "step": 3}], [1, 2], "None cannot be written in the page"),
        ([{"n": 1}, {"n": math.inf}], [1, 2], "inf cannot be written in the page"),
        ([{"n": 1}, {"n": 2}], ["one", "two"], "'one' cannot be written in the page"),
        ([{"größe": 1}, {"größe": 2}], [1, 2], "the page cannot read the name 'größe'"),
        ([{"n": 1}, {"m": 2}], [1, 2], "has other names than n"),
    ],
)
def test_what_the_page_cannot_read_is_not_asked_there(cases, right, message):
    Exercise(cases, right, [])
    with pytest.raises(ValueError, match=message):
        Exercise(cases, right, [], asked="a number")

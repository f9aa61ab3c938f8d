"""Graders: the right answer passes, each usual slip gets its own message, and nothing that a learner writes raises."""

import pytest

from convae import exercises


def unanswered(**arguments): ...


ANSWERS = {
    exercises.parameters: lambda kernel, channels_in, channels_out: (
        kernel**2 * channels_in * channels_out + channels_out
    ),
    exercises.pixels_seen: lambda row, column: (9 * row, 9 * row + 8, 9 * column, 9 * column + 8),
}

SLIPS = {
    exercises.parameters: {
        "also has a bias": lambda kernel, channels_in, channels_out: kernel**2 * channels_in * channels_out,
        "not for each input channel": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_in * channels_out + channels_in
        ),
        "One bias for the whole layer": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_in * channels_out + 1
        ),
        "multiply the weights by channels_in": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_out + channels_out
        ),
        "square it": lambda kernel, channels_in, channels_out: kernel * channels_in * channels_out + channels_out,
        "multiply the weights by channels_out": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_in + channels_out
        ),
    },
    exercises.pixels_seen: {
        "the last row is 9 row + 8": lambda row, column: (9 * row, 9 * row + 9, 9 * column, 9 * column + 9),
        "the first map": lambda row, column: (3 * row, 3 * row + 2, 3 * column, 3 * column + 2),
        "steps of 9, not 3": lambda row, column: (3 * row, 3 * row + 8, 3 * column, 3 * column + 8),
        "exchanged": lambda row, column: (9 * column, 9 * column + 8, 9 * row, 9 * row + 8),
    },
}


@pytest.mark.parametrize("grader", ANSWERS)
def test_the_right_answer_is_right(grader):
    grade = grader(ANSWERS[grader])
    assert grade.right is True
    assert "Right" in grade._repr_html_()


@pytest.mark.parametrize(("grader", "message"), [(grader, message) for grader in SLIPS for message in SLIPS[grader]])
def test_each_slip_gets_its_own_message(grader, message):
    grade = grader(SLIPS[grader][message])
    assert grade.right is False
    assert message in grade.message


@pytest.mark.parametrize("grader", ANSWERS)
def test_no_answer_is_no_error(grader):
    grade = grader(unanswered)
    assert grade.right is None
    assert "No answer yet" in grade._repr_html_()


@pytest.mark.parametrize("grader", ANSWERS)
def test_an_answer_that_stops_is_told_where(grader):
    grade = grader(lambda **case: 1 / 0)
    assert grade.right is False
    assert "ZeroDivisionError" in grade.message


@pytest.mark.parametrize("grader", ANSWERS)
def test_another_wrong_answer_is_shown_a_case(grader):
    grade = grader(lambda **case: -1)
    assert grade.right is False
    assert "-1, but should give" in grade.message


def test_a_list_counts_as_a_tuple():
    assert exercises.pixels_seen(lambda row, column: [9 * row, 9 * row + 8, 9 * column, 9 * column + 8]).right

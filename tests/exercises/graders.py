"""What holds for every grader: the right answer passes, each usual slip gets its own message, and nothing raises."""

import json
import random

from convae import exercises


def unanswered(**arguments): ...


def described(**arguments):
    """What the learner means to do."""
    ...  # nothing yet


def given_back(values):
    """An answer that gives these values back, one a call."""
    rest = iter(values)
    return lambda **case: next(rest)


class Graders:
    """The tests of a chapter's graders.

    theme: The module.
    answers: Grader to a right answer.
    slips: Grader to {part of a message: the wrong answer that gets it}.
    """

    def pytest_generate_tests(self, metafunc):
        if "slip" in metafunc.fixturenames:
            slips = [(grader, slip) for grader, messages in self.slips.items() for slip in messages]
            metafunc.parametrize(("grader", "slip"), slips)
        elif "grader" in metafunc.fixturenames:
            metafunc.parametrize("grader", self.answers)

    def test_no_grader_is_forgotten(self):
        functions = {getattr(self.theme, name) for name in self.theme.__all__} - {exercises.cross_filter}
        assert set(self.answers) == set(self.slips) == functions

    def test_the_right_answer_is_right(self, grader):
        grade = grader(self.answers[grader])
        assert grade.right is True
        assert "Right" in grade._repr_html_()

    def test_each_slip_gets_its_own_message(self, grader, slip):
        grade = grader(self.slips[grader][slip])
        assert grade.right is False
        assert slip in grade.message

    def test_the_table_of_an_exercise_says_all_that_its_grader_does(self):
        """Whoever gives back a slip's values gets its message, and JSON has room for all of it."""
        for name, exercise in getattr(self.theme, "EXERCISES", {}).items():
            grader = getattr(self.theme, name)
            table = json.loads(json.dumps(exercise.data()))
            assert table == exercise.data()
            assert grader(given_back(table["right"])).right is True
            for slip in table["slips"]:
                assert grader(given_back(slip["values"])).message == slip["message"]

    def test_no_answer_is_no_error(self, grader):
        for nothing in (unanswered, described, lambda **case: ..., None, ...):
            grade = grader(nothing)
            assert grade.right is None
            assert "No answer yet" in grade._repr_html_()

    def test_an_answer_that_prints_is_told_to_return(self, grader, capsys):
        grade = grader(lambda **case: print(self.answers[grader](**case)))
        assert grade.right is False
        assert "gives nothing back: return the result, do not print it" in grade.message
        assert capsys.readouterr().out  # what a learner prints is seen

    def test_an_answer_that_is_silent_in_some_cases_is_told_in_which(self, grader):
        chance = random.Random(0)
        grade = grader(lambda **case: self.answers[grader](**case) if chance.random() < 0.5 else None)
        assert grade.right is False
        assert "return a result there, too" in grade.message
        assert grade.message.startswith("For ")

    def test_an_answer_may_change_what_it_is_given(self, grader):
        def greedy(**case):
            value = self.answers[grader](**case)
            for argument in case.values():
                if isinstance(argument, list):
                    argument.clear()
            return value

        assert grader(greedy).right is True

    def test_an_answer_that_stops_is_told_where(self, grader):
        grade = grader(lambda **case: 1 / 0)
        assert grade.right is False
        assert grade.message.startswith("For ")
        assert grade.message.endswith("the function stops with ZeroDivisionError: division by zero.")

    def test_another_wrong_answer_is_shown_a_case(self, grader):
        grade = grader(lambda **case: -1)
        assert grade.right is False
        assert "-1, but should give" in grade.message

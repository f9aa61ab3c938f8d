"""What a theme's module grades can be had from `convae.exercises`."""

from pathlib import Path

import pytest
import rooms

from convae import exercises

THEMES = {name: module for name, module in rooms.modules(exercises).items() if name != "grading"}


@pytest.mark.parametrize("theme", THEMES)
def test_no_grader_of_a_theme_is_forgotten_or_hidden_by_another_of_its_name(theme):
    own = rooms.own(THEMES[theme])
    assert own.keys() == set(THEMES[theme].__all__)
    assert own.items() <= vars(exercises).items()


@pytest.mark.parametrize("theme", THEMES)
def test_no_theme_is_without_tests(theme):
    assert Path(__file__).with_name(f"test_exercises_{theme}.py").is_file()

"""A slip in a name ends in an error that helps."""

import re

import pytest

from convae.names import listed, lookup

TABLE = {"adam": 1, "sgd": 2, "momentum": 3}


def test_names_are_listed_as_one_would_say_them():
    assert [listed(list("abc")[:count]) for count in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_what_is_there_is_found():
    assert [lookup(TABLE, name, "optimizer") for name in TABLE] == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("adma", "no optimizer is called 'adma': did you mean adam?"),
        ("momentun", "no optimizer is called 'momentun': did you mean momentum?"),
        ("xyz", "no optimizer is called 'xyz': there are adam, sgd, momentum"),
        ("", "no optimizer is called '': there are adam, sgd, momentum"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(name, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        lookup(TABLE, name, "optimizer")

"""The book's own classes and those of the widgets: they stand on one page, and none means two things."""

import re

from book.tools.chapters import ROOT

# A figure is one in both; the book places the stack and the explorer of codes on a phone.
SHARED = {"convae-figure", "convae-latent", "convae-stack", "convae-top"}


def names(*patterns):
    files = [path for pattern in patterns for path in ROOT.glob(pattern)]
    assert files
    return {name for path in files for name in re.findall(r"convae-[a-z][\w-]*", path.read_text(encoding="utf-8"))}


def test_no_class_of_the_book_is_one_of_a_widget():
    book, widgets = names("book/static/*.css", "book/static/*.js"), names("convae/widgets/*.css", "convae/widgets/*.js")
    assert len(book) > 30
    assert len(widgets) > 40
    assert book & widgets == SHARED

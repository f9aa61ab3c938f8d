"""What the chapters of the book need beyond the package: data with a fallback, and numbers for the prose."""

from __future__ import annotations

from collections.abc import Mapping

from IPython.display import HTML, display

from convae.data import DataNotFoundError, Splits, load

SUBSTITUTE = "digits"


def load_or_substitute(name: str, validation: int | None = None) -> Splits:
    """A data set, or scikit-learn's small digits in its place, which the page then says.

    Only MNIST has a substitute; the other sets' chapters are carried by what runs/ holds.
    """
    if name != "mnist":
        raise ValueError(f"{name} has no substitute: only mnist has (the digits of scikit-learn); use load()")
    try:
        return load(name, validation=validation)
    except DataNotFoundError:
        display(
            HTML(
                '<div class="admonition warning convae-substitute"><p class="admonition-title">MNIST is not here</p>'
                "<p>The pictures below are scikit-learn’s 8×8 digits, enlarged to MNIST’s format. The tables and curves "
                "come from stored runs on MNIST itself.</p></div>"
            )
        )
        return load(SUBSTITUTE, validation=validation)


def glue(values: Mapping[str, str]) -> None:
    """Prints each text with its name, and hands it to the page, whose prose shows it by {glue:text}`name`.

    Outside the book (Colab has no myst-nb) it only prints.

    Raises:
        TypeError: a value is no text: numbers are rounded where they are made, not by chance.
    """
    for name, value in values.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} is {value!r}: give the text as the prose shall show it, rounded, with its unit")
        print(f"{name}: {value}")
    try:
        import myst_nb
    except ImportError:
        return
    for name, value in values.items():
        myst_nb.glue(name, value, display=False)

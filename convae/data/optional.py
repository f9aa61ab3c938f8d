"""Libraries that only some data sets need: imported when they are used, with an error that says how to get them."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def needs(packages: str, purpose: str) -> Iterator[None]:
    """Stands around the import of `packages` (their names for pip).

    Raises:
        ModuleNotFoundError: one is not installed; the message has the line that installs them.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{purpose} needs {packages} ({error}): python -m pip install {packages}", name=error.name
        ) from error

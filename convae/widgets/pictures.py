"""Small pictures that scikit-learn and scikit-image bring along, for the widgets to work on."""

from __future__ import annotations

from functools import cache

import numpy as np

from convae.data.optional import needs


@cache
def small_digits() -> list[list[list[int]]]:
    """One digit of each class, 0 to 9, of scikit-learn's: 8×8, in whole numbers from 0 to 9, without a margin.

    Raises:
        ModuleNotFoundError: scikit-learn is not installed.
    """
    with needs("scikit-learn", "this widget"):
        from sklearn.datasets import load_digits

    bunch = load_digits()
    firsts = [bunch.images[bunch.target == label][0] for label in range(10)]
    return [np.rint(image * 9 / 16).astype(int).tolist() for image in firsts]

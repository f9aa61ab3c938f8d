"""Small pictures that scikit-learn and scikit-image bring along, for the widgets to work on."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from convae.data import load
from convae.data.optional import needs

SIDE = 96


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


@cache
def digits() -> dict[str, Tensor]:
    """The same digits in MNIST's format, "digit 0" to "digit 9": uint8 [28, 28].

    Raises:
        ModuleNotFoundError: scikit-learn is not installed.
    """
    train = load("digits").train
    return {f"digit {label}": train.images[train.labels == label][0, 0] for label in range(10)}


@cache
def photographs() -> dict[str, Tensor]:
    """A camera man and a cat of scikit-image's, a temple of scikit-learn's: their middles, grey, uint8 [96, 96].

    Raises:
        ModuleNotFoundError: scikit-image or scikit-learn is not installed.
    """
    with needs("scikit-image scikit-learn", "this widget"):
        from skimage import color, data
        from sklearn.datasets import load_sample_image

    cat, temple = (color.rgb2gray(image) for image in (data.chelsea(), load_sample_image("china.jpg")))
    found = {"camera": data.camera() / 255, "cat": cat, "temple": temple}
    return {name: _reduced(torch.from_numpy(image)) for name, image in found.items()}


def _reduced(image: Tensor) -> Tensor:
    """The largest square in the middle, averaged down to SIDE."""
    side = min(image.shape)
    top, left = ((length - side) // 2 for length in image.shape)
    square = image[top : top + side, left : left + side]
    return functional.adaptive_avg_pool2d(square[None], SIDE)[0].mul(255).round().to(torch.uint8)

"""Small pictures that come with this package, scikit-learn and scikit-image, for the widgets to work on."""

from __future__ import annotations

import collections.abc
import io
import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from convae.data import load
from convae.data.optional import needs
from convae.widgets.nets import LARGEST

if TYPE_CHECKING:
    from collections.abc import Mapping

SIDE = 96
DRAWING = "drawing"  # the reader's own picture


@cache
def small_digits() -> tuple[tuple[tuple[int, ...], ...], ...]:
    """One digit of each class, 0 to 9, of scikit-learn's: 8×8, in whole numbers from 0 to 9, without a margin.

    Raises:
        ModuleNotFoundError: scikit-learn is not installed.
    """
    with needs("scikit-learn", "this widget"):
        from sklearn.datasets import load_digits

    bunch = load_digits()
    firsts = [bunch.images[bunch.target == label][0] for label in range(10)]
    return tuple(tuple(map(tuple, np.rint(image * 9 / 16).astype(int).tolist())) for image in firsts)


def digits() -> dict[str, Tensor]:
    """One digit of each class of MNIST's sample, "digit 0" to "digit 9": uint8 [28, 28], to do with as you like."""
    return {name: image.clone() for name, image in _digits().items()}


@cache
def _digits() -> dict[str, Tensor]:
    train = load("mnist-sample").train
    return {f"digit {label}": train.images[train.labels == label][0, 0] for label in range(10)}


def photographs() -> dict[str, Tensor]:
    """A camera man and a cat of scikit-image's, a temple of scikit-learn's: their middles, grey, uint8 [96, 96].

    They are yours, to do with as you like.

    Raises:
        ModuleNotFoundError: scikit-image or scikit-learn is not installed.
    """
    return {name: image.clone() for name, image in _photographs().items()}


@cache
def _photographs() -> dict[str, Tensor]:
    with needs("scikit-image scikit-learn", "this widget"):
        from skimage import color, data
        from sklearn.datasets import load_sample_image

    cat, temple = (color.rgb2gray(image) for image in (data.chelsea(), load_sample_image("china.jpg")))
    found = {"camera": data.camera() / 255, "cat": cat, "temple": temple}
    return {name: _reduced(torch.from_numpy(image)) for name, image in found.items()}


def lossless(pictures: Mapping[str, Tensor]) -> dict[str, bytes]:
    """Pictures as files for a page, by name: WebP without loss, which takes less than PNG.

    Args:
        pictures: uint8 [1, H, W] or [3, H, W].

    Raises:
        ValueError: together more than LARGEST bytes as base64.
    """
    with needs("Pillow", "this widget"):
        from PIL import Image

    files = {}
    for name, picture in pictures.items():
        file = io.BytesIO()
        levels = picture.expand(3, -1, -1).permute(1, 2, 0).contiguous().numpy()
        # method 6 takes thirty times as long for files smaller by less than 1 %
        Image.fromarray(levels).save(file, "WEBP", lossless=True, quality=100, method=4)
        files[name] = file.getvalue()
    length = sum(4 * math.ceil(len(file) / 3) for file in files.values())
    if length > LARGEST:
        raise ValueError(
            f"the pictures take {length:,} bytes as base64, a page holds {LARGEST:,} at most: "
            "give fewer or smaller ones"
        )
    return files


def named(pictures: Mapping[str, Tensor], size: tuple[int, ...]) -> dict[str, Tensor]:
    """Each picture as bytes [H, W], by its name; for a widget on which the reader may draw another one.

    Args:
        pictures: Byte pictures or numbers from 0 to 1, each [H, W] or [1, H, W].
        size: (H, W).

    Raises:
        TypeError: pictures without names, or one that is no tensor.
        ValueError: fewer than two or more than twelve, one of another size or range, or one called like the drawing.
    """
    if not isinstance(pictures, collections.abc.Mapping):
        raise TypeError(f'pictures of type {type(pictures).__name__}: give each its name, as in {{"a four": picture}}')
    if not 2 <= len(pictures) <= 12:
        raise ValueError(f"{len(pictures)} pictures to choose from: give 2 to 12")
    if DRAWING in pictures:
        raise ValueError(f"{DRAWING!r} is the reader's own picture: call yours by another name")
    found = {}
    for name, image in pictures.items():
        if not isinstance(name, str) or not isinstance(image, Tensor):
            raise TypeError(f"picture {name!r} is of type {type(image).__name__}: give tensors, by a text each")
        levels = image if image.dtype == torch.uint8 else (image.double() * 255).round()
        inside = 0 <= levels.min() <= levels.max() <= 255  # nor is NaN
        if levels.shape[-2:] != size or levels.numel() != math.prod(size) or not inside:
            raise ValueError(
                f"picture {name!r} has shape {tuple(image.shape)} and goes from {image.min():g} to {image.max():g}: "
                f"give {size[0]}×{size[1]} pixels from 0 to 1, or bytes"
            )
        found[name] = levels.reshape(size).to(torch.uint8)
    return found


def _reduced(image: Tensor) -> Tensor:
    """The largest square in the middle, averaged down to SIDE."""
    side = min(image.shape)
    top, left = ((length - side) // 2 for length in image.shape)
    square = image[top : top + side, left : left + side]
    return functional.adaptive_avg_pool2d(square[None], SIDE)[0].mul(255).round().to(torch.uint8)

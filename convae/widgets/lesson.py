"""A net that learns in the reader's page: the digits that it learns from, what it has to beat, and its layers."""

from __future__ import annotations

import base64
import functools
import json
import zlib
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from convae.baselines.linear import black_image, mean_image, pca
from convae.data import load
from convae.experiments.two_layer import rounded
from convae.widgets.kit import part

if TYPE_CHECKING:
    from torch import nn

    from convae.data import ImageSet

LEARNED, HELD_OUT = 1000, 200  # digits to learn from, and those that it is tested on
LEVELS = 16  # of grey: four bits a pixel
PLACES = 9  # of a code, 3×3
CODE_SIZES = (16, 8, 4, 2, 32)  # numbers in each place


@functools.cache
def digits() -> tuple[ImageSet, ImageSet]:
    """The first 1,000 training and 200 test digits of MNIST's sample, rounded to 16 levels of grey."""
    splits = load("mnist-sample", validation=0)
    return rounded(splits.train[:LEARNED], LEVELS), rounded(splits.test[:HELD_OUT], LEVELS)


@functools.cache
def rivals() -> dict[str, float]:
    """Mean squared errors on the held-out digits: "black", "mean" and "pca/144", all fitted to the others."""
    learned, held = digits()
    pictures = held.all().images
    nets: dict[str, nn.Module] = {"black": black_image(learned), "mean": mean_image(learned)}
    nets |= {f"pca/{size}": pca(learned, size) for size in (2, *(PLACES * size for size in CODE_SIZES))}
    with torch.no_grad():
        return {name: (net(pictures) - pictures).square().mean().item() for name, net in nets.items()}


def packed(levels: Tensor) -> str:
    """Bytes in steps of 17, two of them in one, deflated, as base64: lesson.js unpacks it."""
    nibbles = levels.flatten().int() // 17
    pairs = (16 * nibbles[::2] + nibbles[1::2]).to(torch.uint8)
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_FILTERED)
    return base64.b64encode(squeezed.compress(pairs.numpy().tobytes()) + squeezed.flush()).decode()


def digits_script() -> str:
    """The script from which a page gets the digits, once for the whole book: a page from a file can fetch nothing."""
    learned, held = digits()
    content = {
        "packed": packed(torch.cat([learned.images, held.images])),
        "learned": LEARNED,
        "labels": "".join(map(str, held.labels.tolist())),
        "rivals": {name: float(f"{error:.4g}") for name, error in rivals().items()},
    }
    return f"(globalThis.convaeParts ??= {{}}).digits = {json.dumps(content)};\n"


SCRIPTS = {"lesson": lambda: part("lesson.js"), "digits": digits_script}

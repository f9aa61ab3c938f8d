"""Photographs that come with scikit-image, and small grey patches cut out of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

from convae.data.image_set import ImageSet, Splits, split
from convae.data.optional import needs

TRAINING = ("astronaut", "chelsea", "coins", "brick", "gravel")
HELD_OUT = ("camera", "coffee")
PHOTOGRAPHS = (*TRAINING, *HELD_OUT)
IN_COLOUR = ("astronaut", "chelsea", "coffee")
MOST = 100_000  # patches of one photograph, which has fewer than 300,000 places for them
_GREY = torch.tensor([0.2125, 0.7154, 0.0721])  # luminance of ITU-R BT.709, as scikit-image weighs the colours


def photograph(name: str, colour: bool = False) -> Tensor:
    """One photograph, uint8 [1, H, W] in grey or [3, H, W], from 300 to 512 pixels high, to do with as you like.

    Raises:
        ValueError: another name than those in PHOTOGRAPHS, or colour asked of one that has none.
        ModuleNotFoundError: scikit-image is not installed.
    """
    return _read(name, colour).clone()


@cache
def _read(name: str, colour: bool) -> Tensor:
    """The copy that stays; never handed out, for what is done to it in place would stay as well."""
    if name not in PHOTOGRAPHS:
        raise ValueError(f"no photograph is called {name!r}: there are {', '.join(PHOTOGRAPHS)}")
    with needs("scikit-image", "a photograph"):
        from skimage import data
    pixels = torch.from_numpy(np.array(getattr(data, name)()))
    if colour:
        if pixels.ndim != 3:
            raise ValueError(f"{name} is grey: in colour there are {', '.join(IN_COLOUR)}")
        return pixels.permute(2, 0, 1).contiguous()
    if pixels.ndim == 3:
        pixels = (pixels.float() @ _GREY).round().to(torch.uint8)
    return pixels[None]


def patches(side: int = 32, each: int = 800, seed: int = 0, colour: bool = False) -> Splits:
    """Square patches at random places: for training from the photographs in TRAINING, for the test from HELD_OUT.

    Args:
        side: In pixels.
        each: Patches from every photograph; they may overlap.
        colour: Only from those that have colours, and in these.

    Raises:
        ValueError: a side that fits into no photograph, or no patches, or too many.
        ModuleNotFoundError: scikit-image is not installed.
    """
    if not 1 <= side <= 300 or not 1 <= each <= MOST:
        raise ValueError(
            f"{each} patches of {side}×{side} pixels: give a side from 1 to 300, and 1 to {MOST:,} patches"
        )
    chance = torch.Generator().manual_seed(seed)
    train, test = (_cut(names, side, each, chance, colour) for names in (TRAINING, HELD_OUT))
    return split("photographs", train, test, 0)


def _cut(names: tuple[str, ...], side: int, each: int, chance: torch.Generator, colour: bool) -> ImageSet:
    cut = []
    names = tuple(name for name in names if not colour or name in IN_COLOUR)
    for name in names:
        picture = _read(name, colour)
        rows, columns = (torch.randint(size - side + 1, (each,), generator=chance) for size in picture.shape[1:])
        cut += [picture[:, r : r + side, c : c + side] for r, c in zip(rows.tolist(), columns.tolist(), strict=True)]
    return ImageSet(torch.stack(cut), torch.arange(len(names)).repeat_interleave(each), names)

"""The Kodak photographs, lossless and in colour, whole or as patches to train on."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import torch

from convae.data.image_set import ImageSet, Splits
from convae.data.optional import needs
from convae.data.sources import DataNotFoundError, data_folders, is_there, reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor

TRAINING, VALIDATION, TEST = range(1, 15), range(15, 17), range(17, 25)
# SHA-256 of kodim01.png to kodim24.png, the first 16 hexadecimal digits
CHECKSUMS = (
    "a56e27cbf5f843c0", "4f4b74a79237e311", "e25ca1ff2f0c0cb5", "e3b946107c5d3441",
    "10349e963c5c813d", "363510303b715d4c", "b77d3f006f42414b", "ba23983c76b4832e",
    "6a4361c2fc194feb", "9dfb70f5867c29ff", "7936814b58b5387f", "d78c37c2f04f2376",
    "bc34a3ce58dea09d", "55a94550ff18f324", "7538cbb80cb91036", "a89c7268ccd4718b",
    "37afcc89fbdcb76d", "1a9258c365988961", "b7450b264b1b0a41", "3b46c71e3b92a563",
    "ac958597c82073f6", "1cee58eb1f2d9c7e", "e3111a2fd4da24af", "1071c68372cc5a01",
)  # fmt: skip


@dataclass(frozen=True)
class Patches:
    """How patches are cut out of the photographs.

    Args:
        side: In pixels.
        count: At random places of the training photographs, as many from each as from any other; validation and test
            photographs are cut into tiles side by side.
        turned: Each training patch by a random number of quarter turns, and every second one mirrored.
    """

    side: int
    count: int
    turned: bool = False


PATCHES = {
    "kodak-48": Patches(48, 8192, turned=True),
    "kodak-64": Patches(64, 1536),
    "kodak-96": Patches(96, 4096, turned=True),
    "kodak-256": Patches(256, 1536),
}


def kodak(number: int) -> Tensor:
    """One photograph, uint8 [3, 512, 768] or [3, 768, 512], to do with as you like.

    Raises:
        ValueError: no number from 1 to 24, or a file that is torn or another one.
        DataNotFoundError: it is in none of the folders.
        ModuleNotFoundError: Pillow is not installed.
    """
    return _read(number).clone()


@cache
def _read(number: int) -> Tensor:
    """The one copy that all patches are cut from: never handed out, for what is done to it in place would stay."""
    if number not in range(1, 25):
        raise ValueError(f"no Kodak photograph has the number {number}: give one from 1 to 24")
    with needs("pillow", "reading pictures"):
        from PIL import Image
    places = [folder / "Kodak" / f"kodim{number:02}.png" for folder in data_folders()]
    path = next(filter(is_there, places), None)
    if path is None:
        raise DataNotFoundError(
            f"no {' or '.join(map(str, places))}: put kodim01.png to kodim24.png of the Kodak Lossless True Color "
            "Image Suite into a folder Kodak/ there; CONVAE_DATA=/absolute/path names the folder above it"
        )
    with reading(path):
        content = path.read_bytes()
    if hashlib.sha256(content).hexdigest()[:16] != CHECKSUMS[number - 1]:
        raise ValueError(f"{path} is torn or another picture than the suite's: delete it and get it again")
    with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
        return torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous()


def kodak_patches(name: str) -> Splits:
    """Patches of photographs 1 to 14, tiles of 15 and 16 and of 17 to 24, as PATCHES says; labels are photographs.

    Raises:
        DataNotFoundError: a photograph is in none of the folders.
    """
    patches = PATCHES[name]
    return Splits(name, _random(patches), _tiles(VALIDATION, patches.side), _tiles(TEST, patches.side))


def _random(patches: Patches) -> ImageSet:
    chance = torch.Generator().manual_seed(0)
    cut, labels = [], []
    for position in range(patches.count):
        number = TRAINING[position % len(TRAINING)]
        picture = _read(number)
        row, column = (int(torch.randint(size - patches.side + 1, (), generator=chance)) for size in picture.shape[1:])
        patch = picture[:, row : row + patches.side, column : column + patches.side]
        if patches.turned:
            patch = patch.rot90(int(torch.randint(4, (), generator=chance)), (1, 2))
            patch = patch.flip(2) if position // len(TRAINING) % 2 else patch
        cut.append(patch)
        labels.append(number - 1)
    return _set(cut, labels)


def _tiles(numbers: Iterable[int], side: int) -> ImageSet:
    cut, labels = [], []
    for number in numbers:
        rows = _read(number).unfold(1, side, side).unfold(2, side, side)  # [3, rows, columns, side, side]
        tiles = rows.permute(1, 2, 0, 3, 4).flatten(0, 1)
        cut += list(tiles)
        labels += [number - 1] * len(tiles)
    return _set(cut, labels)


def _set(cut: list[Tensor], labels: list[int]) -> ImageSet:
    names = tuple(f"kodim{number:02}" for number in range(1, 25))
    return ImageSet(torch.stack(cut), torch.tensor(labels), names)

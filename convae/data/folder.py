"""A learner's own pictures: the files in a folder, its subfolders the classes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from convae.data.image_set import ImageSet
from convae.data.optional import needs

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
TEST_PART = 10  # one picture in so many is for testing


def read_folder(named: str, size: tuple[int, int] | None = None, colour: bool = False) -> tuple[ImageSet, ImageSet]:
    """The pictures in a folder as (train, test), the test set a tenth of them.

    Each subfolder with pictures is a class, in the order of their names; a folder without any is one class. Which
    picture is in which part hangs on its name alone (they are ordered by the SHA-256 of their path in the folder),
    so that every machine cuts the same parts, with the classes mixed. Hidden files are passed over.

    Args:
        size: (rows, columns): each picture is cut at its centre to that shape and made that size; None leaves it.
        colour: Three channels (red, green, blue), else one (grey).

    Raises:
        NotADirectoryError: there is no such folder.
        ValueError: fewer than three pictures, pictures beside subfolders with pictures, one that cannot be read,
            or several sizes and no `size` given.
        ModuleNotFoundError: Pillow is not installed.
    """
    folder = Path(named).expanduser()
    if not named or not folder.is_dir():
        raise NotADirectoryError(f"{named!r} is no folder (seen from {Path.cwd()}): write folder:PATH")
    if size is not None and not _is_size(size):
        raise ValueError(f"size is {size!r}: give (rows, columns), each a whole number of at least 1")
    subfolders = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    classes = {name: found for name in subfolders if (found := _pictures(folder / name, "**/*"))}
    if loose := _pictures(folder, "*"):
        if classes:
            raise ValueError(
                f"{folder} has {loose[0].name} beside the subfolder {min(classes)}: "
                "put every picture into the subfolder of its class, or none"
            )
        classes = {folder.resolve().name: loose}
    labelled = [(file, label) for label, files in enumerate(classes.values()) for file in files]
    if len(labelled) < 3:
        raise ValueError(
            f"{folder} holds {len(labelled)} pictures ({', '.join(SUFFIXES)}): "
            "three are the least, one each for training, validation and test"
        )
    labelled.sort(key=lambda pair: hashlib.sha256(os.fsencode(pair[0].relative_to(folder).as_posix())).digest())
    first, images = labelled[0][0], []
    for file, _ in labelled:
        images.append(_read(file, size, colour))
        if images[-1].shape != images[0].shape:
            raise ValueError(
                f"{first} has {_sides(images[0])} pixels and {file} {_sides(images[-1])}: give size=(rows, columns)"
            )
    both = ImageSet(torch.stack(images), torch.tensor([label for _, label in labelled]), tuple(classes))
    cut = len(both) - max(1, len(both) // TEST_PART)
    return both[:cut], both[cut:]


def _pictures(folder: Path, pattern: str) -> list[Path]:
    return [
        path
        for path in folder.glob(pattern)
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _is_size(size: object) -> bool:
    return (
        isinstance(size, (tuple, list)) and len(size) == 2 and all(isinstance(side, int) and side >= 1 for side in size)
    )


def _sides(image: Tensor) -> str:
    return "×".join(map(str, image.shape[1:]))


def _read(file: Path, size: tuple[int, int] | None, colour: bool) -> Tensor:
    """A picture as uint8 [C, H, W], turned as its camera was held, on white where it is transparent."""
    with needs("pillow", "reading pictures"):
        from PIL import Image, ImageOps
    try:
        with Image.open(file) as opened:
            picture = ImageOps.exif_transpose(opened)
        if picture.mode.startswith(("I", "F")):  # Pillow cuts these off at 255 instead of scaling them
            raise ValueError("more than 8 bits a pixel: save it with 8")
        if picture.has_transparency_data:
            white = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(white, picture.convert("RGBA"))
        picture = picture.convert("RGB" if colour else "L")
    except Exception as error:  # a torn file makes Pillow's decoders raise almost anything
        raise ValueError(f"{file} cannot be read as a picture ({error}): mend or remove it") from error
    if size:
        picture = ImageOps.fit(picture, (size[1], size[0]))
    pixels = torch.from_numpy(np.array(picture))
    return pixels.permute(2, 0, 1) if colour else pixels[None]

"""One picture in a file, as a viewer shows it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from convae.data.optional import needs

if TYPE_CHECKING:
    from pathlib import Path

Colour = tuple[int, int, int]
# Pillow goes by what a file holds, not by its name: without this list it hands PostScript to another program
FORMATS = ("BMP", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
STEPS = {"L;2": 85, "L;4": 17}  # from one level to the next where a file has 2 or 4 bits and the picture gets 8


class Picture(NamedTuple):
    """What a file holds.

    Args:
        pixels: uint8 [C, H, W].
        transparent: Some of it shows the background.
        several: It is the first of several pictures in its file.
    """

    pixels: Tensor
    transparent: bool
    several: bool


def read_picture(file: Path, size: tuple[int, int] | None, colour: bool, background: Colour) -> Picture:
    """A picture turned as its camera was held, on a background where it is transparent.

    Args:
        size: (rows, columns): cut at its centre to that shape and made that size; None leaves it.
        colour: Three channels (red, green, blue), else one (grey).

    Raises:
        ValueError: it cannot be read, has more than 8 bits a channel, or more pixels than Pillow's limit; the message
            names the file.
        ModuleNotFoundError: Pillow is not installed.
    """
    with needs("pillow", "reading pictures"):
        from PIL import Image, ImageOps
    try:
        # By an open file, not by its name: Pillow would map an uncompressed TIFF into memory, and with the sides
        # that it has only after turning. And so it is closed, too.
        with file.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(stream, formats=FORMATS) as opened:
                step = STEPS.get(_stored(opened), 1)
                several = getattr(opened, "is_animated", False) and opened.format != "MPO"  # a telephone's preview
                picture = ImageOps.exif_transpose(opened)
        if step > 1 and "transparency" in picture.info:
            picture.info["transparency"] *= step  # Pillow leaves it as the file has it
        transparent = picture.has_transparency_data
        if transparent:
            picture = picture.convert("LA" if picture.mode == "La" else picture.mode).convert("RGBA")
            transparent = picture.getchannel("A").getextrema() != (255, 255)
            picture = Image.alpha_composite(Image.new("RGBA", picture.size, background), picture)
        picture = picture.convert("RGB" if colour else "L")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise ValueError(
            f"{file} has more than the {Image.MAX_IMAGE_PIXELS:,} pixels that are read: make it smaller or remove it"
        ) from error
    except Exception as error:  # a torn file makes Pillow's decoders raise almost anything
        raise ValueError(f"{file} cannot be read as a picture ({error}): mend or remove it") from error
    if size:
        picture = ImageOps.fit(picture, (size[1], size[0]))
    pixels = torch.from_numpy(np.array(picture))
    return Picture(pixels.permute(2, 0, 1) if colour else pixels[None], transparent, several)


def _stored(opened: Any) -> str:
    """How the file stores its channels, in Pillow's words.

    Raises:
        ValueError: by more than 8 bits, of which Pillow keeps the upper ones (a darkened picture, where a camera uses
            the lower 12 or 14) or cuts off what is above 255.
    """
    form, most = opened.mode, 255
    if opened.tile:
        codec, _, _, settings = opened.tile[0]
        form = settings[0] if isinstance(settings, tuple) else settings or form
        most = settings[1] if codec.startswith("ppm") else most
    deep = opened.mode.startswith(("I", "F")) or most > 255 or (";16" in form and opened.format != "BMP")
    if deep:  # in a BMP they are 16 bits for all three
        raise ValueError("more than 8 bits a channel: scale it to 8, and save it again")
    return str(form)

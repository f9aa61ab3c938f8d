"""What the sizes of a net have to be; a slip of typing is refused before it fills the memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from convae.arithmetic.shapes import MOST, check_whole

if TYPE_CHECKING:
    from convae.tensors import ImageShape

__all__ = ["check_channels", "check_code_size", "check_image_shape"]


def check_channels(channels: Sequence[int], least: int = 1) -> None:
    """Refuses what is no row of channels, one number for each of at least so many layers."""
    if not isinstance(channels, Sequence) or isinstance(channels, str) or len(channels) < least:
        raise ValueError(
            f"channels are {channels!r}: give one positive number for each of at least {least} layers, as (16, 32)"
        )
    for width in channels:
        check_whole(1, MOST, **{"the number of channels": width})


def check_code_size(code_size: int, pixels: int) -> None:
    """Refuses a code of more numbers than a picture has pixels, or of none."""
    most = min(pixels, MOST)
    if isinstance(code_size, bool) or not isinstance(code_size, int) or not 1 <= code_size <= most:
        raise ValueError(
            f"a code of {code_size!r} numbers for pictures of {pixels} pixels: choose a code_size from 1 to {most}"
        )


def check_image_shape(image_shape: ImageShape) -> ImageShape:
    """The shape as a tuple; what is no shape of a picture is refused."""
    if not isinstance(image_shape, Sequence) or isinstance(image_shape, str) or len(image_shape) != 3:
        raise ValueError(f"image_shape is {image_shape!r}: give (channels, rows, columns), each at least 1")
    channels, rows, columns = image_shape
    check_whole(1, MOST, **{f"one of image_shape {image_shape}": channels, "its rows": rows, "its columns": columns})
    return channels, rows, columns

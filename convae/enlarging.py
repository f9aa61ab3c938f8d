"""Pictures with more pixels without learning anything: the interpolations that every super-resolution has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from convae.corruption import resize
from convae.data.optional import needs
from convae.names import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from convae.tensors import Images

Size = tuple[int, int]


class Enlarge(nn.Module):
    """Puts out `factor` times as many rows and columns, by a method in METHODS; what overshoots is not cut off.

    Args:
        factor: At least 1; 1 changes nothing.
        method: "bicubic" has a = −0.5 [keys1981cubic], as the literature on super-resolution, "bicubic-0.75" the
            a = −0.75 of PyTorch without antialiasing; "lanczos" three lobes [duchon1979lanczos].

    Raises:
        ValueError: a factor below 1, or another method.
    """

    def __init__(self, factor: int, method: str) -> None:
        super().__init__()
        if not isinstance(factor, int) or factor < 1:
            raise ValueError(f"factor is {factor}: give a whole number of at least 1")
        self.factor, self.enlarge = factor, lookup(METHODS, method, "method")

    def forward(self, images: Images) -> Images:
        return self.enlarge(images, (self.factor * images.shape[-2], self.factor * images.shape[-1]))


def _lanczos(images: Images, size: Size) -> Images:
    with needs("pillow", "Lanczos interpolation"):
        from PIL import Image
    planes = [
        np.asarray(Image.fromarray(plane.numpy()).resize(size[::-1], Image.Resampling.LANCZOS))
        for plane in images.float().cpu().flatten(0, 1)
    ]
    return torch.from_numpy(np.stack(planes)).view(*images.shape[:2], *size).to(images)


def _interpolation(mode: str) -> Callable[[Images, Size], Images]:
    aligned = {} if mode == "nearest" else {"align_corners": False}
    return lambda images, size: functional.interpolate(images, size=size, mode=mode, **aligned)


METHODS: dict[str, Callable[[Images, Size], Images]] = {
    "nearest": _interpolation("nearest"),
    "bilinear": _interpolation("bilinear"),
    "bicubic": resize,
    "bicubic-0.75": _interpolation("bicubic"),
    "lanczos": _lanczos,
}

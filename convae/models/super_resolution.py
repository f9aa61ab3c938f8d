"""A small modern net for super-resolution: it works at the low resolution, and only names what bicubic lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn
from torch.nn import functional

from convae.arithmetic.shapes import MOST, check_whole
from convae.models.blocks import sub_pixel
from convae.tensors import check_colours

if TYPE_CHECKING:
    from torch import Tensor

    from convae.tensors import Images

__all__ = ["ResidualBlock", "SuperResolver"]


class ResidualBlock(nn.Module):
    """A map plus what two convolutions with a ReLU in between make of it, not normalised [lim2017enhanced]."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, maps: Tensor) -> Tensor:
        change: Tensor = self.second(functional.relu(self.first(maps)))
        return maps + change


class SuperResolver(nn.Module):
    """Pictures with `factor` times as many rows and columns: bicubic enlarging (a = −0.5) plus what residual blocks at
    the low resolution add through a sub-pixel layer [shi2016real, lim2017enhanced].

    Args:
        factor: At least 2.
        channels: Of every map.
        blocks: Residual blocks of two convolutions 3×3.
        colours: Channels of the picture.
        add: To the bicubic picture; without it the layers have to make the whole picture.

    Raises:
        ValueError: a number out of its range.
    """

    def __init__(
        self, factor: int = 2, channels: int = 32, blocks: int = 5, colours: int = 3, add: bool = True
    ) -> None:
        super().__init__()
        check_whole(2, factor=factor)
        check_whole(1, MOST, channels=channels, colours=colours)
        check_whole(1, 1000, blocks=blocks)
        self.factor, self.colours, self.add = factor, colours, add
        self.first = nn.Conv2d(colours, channels, 3, padding=1)
        self.blocks = nn.Sequential(*(ResidualBlock(channels) for _ in range(blocks)))
        self.enlarge = sub_pixel(channels, colours, factor=factor)

    def forward(self, images: Images) -> Images:
        """Enlarged images; they may leave [0, 1] by a little.

        Raises:
            ValueError: images of other colours.
        """
        check_colours(images, self.colours)
        size = [self.factor * length for length in images.shape[-2:]]
        maps = self.first(images)
        details: Images = self.enlarge(maps + self.blocks(maps))
        if not self.add:
            return details
        return functional.interpolate(images, size, mode="bicubic", antialias=True) + details

"""U-Nets: down, up again, and at each size a path straight across [ronneberger2015unet]."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import torch
from torch import nn

from convae.arithmetic.shapes import MOST, check_whole
from convae.models.blocks import sub_pixel
from convae.models.limits import check_channels
from convae.names import lookup
from convae.tensors import check_colours

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convae.tensors import Images

__all__ = ["UNet"]

# Each from (channels in, channels out) to a layer that doubles rows and columns.
UPSAMPLINGS: dict[str, Callable[[int, int], nn.Module]] = {
    "transposed": lambda before, after: nn.ConvTranspose2d(before, after, 2, 2),
    "sub-pixel": lambda before, after: sub_pixel(before, after),
}


class UNet(nn.Module):
    """Restores a picture of any size that can be halved often enough; the output has the size of the input.

    At every size two convolutions 3×3, each with batch normalisation and ReLU; 2×2 max-pooling down; up by
    `upsampling`, and the map of that size from the way down is laid beside the one that comes up.

    Args:
        channels: At each size, from the largest on; its length minus 1 is how often the picture is halved.
        colours: Channels of the picture.
        residual: Put out the picture minus what the layers say, so that they have to name the noise and not the picture
            [zhang2017beyond].
        upsampling: "transposed" or "sub-pixel".
        normalize: Batch normalisation [ioffe2015batch] behind every convolution but the last, in place of its bias.

    Raises:
        ValueError: fewer than two sizes, a number out of its range, or another upsampling.
    """

    def __init__(
        self,
        channels: Sequence[int] = (16, 24, 32),
        colours: int = 1,
        residual: bool = True,
        upsampling: str = "transposed",
        normalize: bool = True,
    ) -> None:
        super().__init__()
        check_channels(channels, 2)
        check_whole(1, MOST, colours=colours)
        enlarge = lookup(UPSAMPLINGS, upsampling, "upsampling")
        self.colours, self.residual, self.depth = colours, residual, len(channels) - 1
        sizes = itertools.pairwise([colours, *channels])
        self.down = nn.ModuleList(_block(before, after, normalize) for before, after in sizes)
        self.enlarge = nn.ModuleList(enlarge(before, after) for after, before in itertools.pairwise(channels))
        self.up = nn.ModuleList(_block(2 * after, after, normalize) for after in channels[:-1])
        self.last = nn.Conv2d(channels[0], colours, 3, padding=1)

    def forward(self, images: Images, skips: Sequence[bool] | None = None) -> Images:
        """The restored images, of their shape.

        Args:
            skips: Of each size, the largest first, whether its map is carried across; zeros stand in for one that is
                not. None carries all.

        Raises:
            ValueError: images of other colours, a size that cannot be halved so often, or not one switch for each size.
        """
        self._check(images, skips)
        carried, maps = [], self.down[0](images)  # [N, channels[0], H, W]
        for level in range(1, len(self.down)):
            carried.append(maps)
            maps = self.down[level](nn.functional.max_pool2d(maps, 2))  # half as many rows and columns
        for level in reversed(range(self.depth)):
            across = carried[level] if skips is None or skips[level] else torch.zeros_like(carried[level])
            maps = self.up[level](torch.cat([self.enlarge[level](maps), across], 1))
        restored: Images = self.last(maps)
        return images - restored if self.residual else restored

    def steps(self) -> list[nn.Module | str]:
        """What `forward` does where all maps are carried, one step behind the other.

        Modules, and words between them: "keep" lays the map on a stack; "join" takes the uppermost one off it and lays
        it behind the channels of the map; "subtract" takes it off and goes on with it minus the map.
        """
        down = [step for block in self.down[:-1] for step in (block, "keep", nn.MaxPool2d(2))]
        up = [step for level in reversed(range(self.depth)) for step in (self.enlarge[level], "join", self.up[level])]
        layers = [*down, self.down[-1], *up, self.last]
        return ["keep", *layers, "subtract"] if self.residual else layers

    def _check(self, images: Images, skips: Sequence[bool] | None) -> None:
        check_colours(images, self.colours)
        rows, columns = images.shape[-2:]
        unit = 2**self.depth
        if rows % unit or columns % unit or not rows or not columns:
            raise ValueError(
                f"pictures of {rows}×{columns} pixels cannot be halved {self.depth} times: "
                f"pad them by {-rows % unit} rows and {-columns % unit} columns"
            )
        if skips is not None and len(skips) != self.depth:
            raise ValueError(f"{len(skips)} switches for {self.depth} sizes: give one for each")


def _block(before: int, after: int, normalize: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in (before, after):
        layers.append(nn.Conv2d(width, after, 3, padding=1, bias=not normalize))
        layers += [*([nn.BatchNorm2d(after)] if normalize else []), nn.ReLU()]
    return nn.Sequential(*layers)

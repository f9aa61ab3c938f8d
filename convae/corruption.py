"""What spoils pictures: `spoiled = corrupt(images, generator)`. With these an autoencoder learns to restore."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from convae.names import lookup
from convae.tensors import check_batch, check_clean

if TYPE_CHECKING:
    from torch import Tensor

    from convae.tensors import Images

__all__ = ["Blur", "ClippedGaussianNoise", "GaussianNoise", "LowResolution", "Mask", "SaltAndPepper", "resize"]

REDUCTIONS = ("bicubic", "box")


class _Corruption(ABC):
    """Looks at the pictures before it spoils them. A task does not: those of a set are clean, and a GPU would wait."""

    def __call__(self, images: Images, generator: torch.Generator) -> Images:
        """Spoiled images; clean ones outside [0, 1] are refused."""
        check_clean(images)
        return self.spoil(images, generator)

    @abstractmethod
    def spoil(self, images: Images, generator: torch.Generator) -> Images: ...


@dataclass(frozen=True)
class GaussianNoise(_Corruption):
    """x̃ = x + σ n with independent standard normal n; not clipped, so spoiled pixels may leave [0, 1].

    Args:
        sigma: Standard deviation σ in units of the pixels, at least 0; or (lowest, highest), and each picture draws its
            own evenly from between.

    Raises:
        ValueError: σ is negative or no number, or its range is upside down.
    """

    sigma: float | tuple[float, float]

    def __post_init__(self) -> None:
        ends = self.sigma if isinstance(self.sigma, tuple) and len(self.sigma) == 2 else (self.sigma, self.sigma)
        if not all(isinstance(end, int | float) for end in ends) or not 0 <= ends[0] <= ends[1] < math.inf:
            raise ValueError(f"sigma is {self.sigma!r}: give a deviation of at least 0, or (lowest, highest)")

    def spoil(self, images: Images, generator: torch.Generator) -> Images:
        """Spoiled images, which may leave [0, 1]."""
        low, high = self._range()
        sigma: float | Tensor = low
        if high > low:
            drawn = torch.rand(len(images), 1, 1, 1, generator=generator, device=images.device)
            sigma = low + (high - low) * drawn
        return images + sigma * torch.randn(images.shape, generator=generator, device=images.device)

    def _range(self) -> tuple[float, float]:
        return self.sigma if isinstance(self.sigma, tuple) else (self.sigma, self.sigma)


@dataclass(frozen=True)
class ClippedGaussianNoise(_Corruption):
    """Gaussian noise cut off at 0 and 1, as many tutorials have it: on black and white pixels half of it is lost, and
    what is left has another mean.

    Args:
        sigma: Standard deviation before clipping, in units of the pixels, at least 0.

    Raises:
        ValueError: σ is negative or no number.
    """

    sigma: float

    def __post_init__(self) -> None:
        if isinstance(self.sigma, tuple):
            raise ValueError(f"sigma is {self.sigma}: give one deviation of at least 0")
        GaussianNoise(self.sigma)

    def spoil(self, images: Images, generator: torch.Generator) -> Images:
        """Spoiled images in [0, 1]."""
        return GaussianNoise(self.sigma).spoil(images, generator).clamp(0, 1)


@dataclass(frozen=True)
class SaltAndPepper(_Corruption):
    """Some pixels become white or black, as often the one as the other; all channels of a pixel together.

    Args:
        share: Of the pixels that are replaced, from 0 to 1.

    Raises:
        ValueError: the share is out of its range.
    """

    share: float

    def __post_init__(self) -> None:
        _check_share(self.share)

    def spoil(self, images: Images, generator: torch.Generator) -> Images:
        """Spoiled images in [0, 1]."""
        drawn = torch.rand(_one_channel(images), generator=generator, device=images.device)
        spoiled = torch.where(drawn < self.share / 2, 0.0, images)
        return torch.where(drawn >= 1 - self.share / 2, 1.0, spoiled)


@dataclass(frozen=True)
class Mask(_Corruption):
    """Some pixels become black, without a mark that says which: pixel by pixel, or in squares.

    Args:
        share: Of the squares that are blackened, from 0 to 1, each by chance.
        side: Of a square in pixels, at least 1; those at the lower and right edge may be smaller.

    Raises:
        ValueError: the share or the side is out of its range.
    """

    share: float
    side: int = 1

    def __post_init__(self) -> None:
        _check_share(self.share)
        if not isinstance(self.side, int) or self.side < 1:
            raise ValueError(f"squares of {self.side} pixels: give a whole side of at least 1")

    def spoil(self, images: Images, generator: torch.Generator) -> Images:
        """Spoiled images in [0, 1]."""
        count, _, rows, columns = images.shape
        grid = (count, 1, -(-rows // self.side), -(-columns // self.side))
        kept = (torch.rand(grid, generator=generator, device=images.device) >= self.share).to(images)
        squares = kept.repeat_interleave(self.side, 2).repeat_interleave(self.side, 3)
        return images * squares[..., :rows, :columns]


@dataclass(frozen=True)
class Blur(_Corruption):
    """Convolution with a Gaussian, cut off at 4σ; at the edges the outermost pixels are repeated.

    Args:
        sigma: Standard deviation of the Gaussian in pixels, above 0.

    Raises:
        ValueError: σ is out of its range.
    """

    sigma: float

    def __post_init__(self) -> None:
        if not isinstance(self.sigma, int | float) or not 0 < self.sigma < math.inf:
            raise ValueError(f"sigma is {self.sigma!r}: give a width above 0 pixels")

    def spoil(self, images: Images, generator: torch.Generator) -> Images:
        """Blurred images in [0, 1], the same each time."""
        radius = int(4 * self.sigma + 0.5)
        offsets = torch.arange(-radius, radius + 1, device=images.device, dtype=images.dtype)
        profile = torch.exp(-(offsets**2) / (2 * self.sigma**2))
        profile = profile / profile.sum()
        planes = images.flatten(0, 1)[:, None]
        padded = functional.pad(planes, (radius,) * 4, mode="replicate")
        rows = functional.conv2d(padded, profile.view(1, 1, -1, 1))
        return functional.conv2d(rows, profile.view(1, 1, 1, -1)).view_as(images)


@dataclass(frozen=True)
class LowResolution(_Corruption):
    """Fewer pixels, each the weighted mean of those it stands for.

    Args:
        factor: By which rows and columns get fewer, at least 2.
        reduction: "bicubic" with antialiasing and a = −0.5, as the literature has it [keys1981cubic], or "box", the
            plain mean of factor × factor pixels.
        enlarge: Back to the size of the target, bicubic with a = −0.5: what the net of [utec2021] is shown.
        crop: Cut pictures that the factor does not divide; their targets are cut by `target`.

    Raises:
        ValueError: a factor below 2, or another reduction.
    """

    factor: int
    reduction: str = "bicubic"
    enlarge: bool = False
    crop: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.factor, int) or self.factor < 2:
            raise ValueError(f"factor is {self.factor}: give a whole number of at least 2")
        lookup(dict.fromkeys(REDUCTIONS), self.reduction, "reduction")

    def spoil(self, images: Images, generator: torch.Generator) -> Images:
        """Images [N, C, H / factor, W / factor], or of the target's size, the same each time.

        Raises:
            ValueError: images of a size that the factor does not divide.
        """
        images = self.target(images)
        size = (images.shape[-2] // self.factor, images.shape[-1] // self.factor)
        small = functional.avg_pool2d(images, self.factor) if self.reduction == "box" else resize(images, size)
        return resize(small, (images.shape[-2], images.shape[-1])) if self.enlarge else small

    def target(self, images: Images) -> Images:
        """The part of the images that is spoiled: all, or with `crop` what the factor divides, from the upper left.

        Raises:
            ValueError: the factor does not divide their size, and they are not to be cropped.
        """
        check_batch(images)
        rows, columns = images.shape[-2:]
        if min(rows, columns) < self.factor:
            raise ValueError(f"pictures of {rows}×{columns} pixels are too small for a factor of {self.factor}")
        if (rows % self.factor or columns % self.factor) and not self.crop:
            raise ValueError(
                f"a factor of {self.factor} does not divide {rows}×{columns} pixels: crop them, or say crop=True"
            )
        return images[..., : rows - rows % self.factor, : columns - columns % self.factor]


def resize(images: Images, size: tuple[int, int]) -> Images:
    """Bicubic with antialiasing and a = −0.5 [keys1981cubic], to (rows, columns); may leave [0, 1] by a little."""
    check_batch(images)
    return functional.interpolate(images, size=size, mode="bicubic", antialias=True)


def _check_share(share: float) -> None:
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        raise ValueError(f"a share of {share!r}: give one from 0 to 1")


def _one_channel(images: Images) -> tuple[int, int, int, int]:
    return len(images), 1, images.shape[-2], images.shape[-1]

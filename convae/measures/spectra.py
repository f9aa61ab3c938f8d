"""What of a picture repeats every few pixels: the checkerboards that strided layers leave, as spectral energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convae.tensors import check_batch, check_finite

if TYPE_CHECKING:
    from convae.tensors import Images, PerImage

__all__ = ["pattern_energy", "pattern_share"]


def pattern_energy(images: Images, period: int = 2) -> PerImage:
    """Energy at the frequencies that are multiples of 1/period along both axes, without the mean.

    A kernel of stride s treats the pixels of its output in s × s ways in turn; a difference between them is a pattern
    of period s, and its energy lies at these frequencies alone. By Parseval's theorem it is the variance of the
    period² mean values, each over all pixels of one phase (row mod period, column mod period): 0 for a picture in which
    no phase is brighter than another, and at most the variance of its pixels.

    Args:
        images: [N, C, H, W], H and W multiples of the period.

    Raises:
        ValueError: no batch of images, NaN or infinity in it, a period below 2, or one that does not divide the sides.
    """
    check_batch(images)
    check_finite(images, "images")
    rows, columns = images.shape[-2:]
    if period < 2 or rows % period or columns % period:
        raise ValueError(
            f"a period of {period} in pictures of {rows}×{columns}: give one from 2 that divides both sides"
        )
    phases = images.unflatten(3, (-1, period)).unflatten(2, (-1, period)).mean((2, 4))  # [N, C, period, period]
    energy: PerImage = phases.var((2, 3), correction=0).mean(1)
    return energy


def pattern_share(images: Images, period: int = 2) -> float:
    """That energy as a part of all variance, both averaged over the images first, from 0 to 1.

    Raises:
        ValueError: as pattern_energy, or images that are even all over.
    """
    energy, variance = pattern_energy(images, period).mean(), images.var((2, 3), correction=0).mean()
    if not variance:
        raise ValueError("every pixel is like the others, so there is no variance to take a part of: give other images")
    return float(energy / variance)

"""Names and shapes of what flows through the package.

Every tensor has its batch axis first. A picture is float32 in [0, 1] and lies as (channels, rows, columns).
"""

import math
from typing import NamedTuple, TypeAlias

from torch import Tensor

Images: TypeAlias = Tensor  # float [N, C, H, W], in [0, 1] (a spoiled picture may leave that range)
Codes: TypeAlias = Tensor  # float [N, ...], what an encoder puts out
Logits: TypeAlias = Tensor  # float [N, K], before any softmax
Labels: TypeAlias = Tensor  # int64 [N], in 0..K-1
PerImage: TypeAlias = Tensor  # float [N], one number per image
Scores: TypeAlias = dict[str, PerImage]
ImageShape: TypeAlias = tuple[int, int, int]  # (channels, rows, columns)


class Batch(NamedTuple):
    """Some images with their labels."""

    images: Images
    labels: Labels


def check_batch(images: Images) -> None:
    """Refuses what is no batch of images in floating point."""
    if images.ndim != 4:
        raise ValueError(f"images of shape {tuple(images.shape)}: give [N, C, H, W], a single one as [1, C, H, W]")
    if not len(images):
        raise ValueError("0 images: give at least 1")
    check_floating(images, "images")


def check_floating(values: Tensor, what: str) -> None:
    """Refuses numbers of another kind, with which arithmetic would round or overflow."""
    if not values.is_floating_point():
        raise ValueError(f"{what} of {values.dtype}: give floating point in [0, 1], bytes divided by 255")


def check_clean(images: Images, what: str = "clean pictures") -> None:
    """Refuses what is no batch of pictures in [0, 1]: of another range every score and every noise is another one."""
    check_batch(images)
    low, high = (end.item() for end in images.detach().aminmax())
    if math.isnan(low):
        check_finite(images, what)
    if low < 0 or high > 1:
        remedy = "clamp what a resizing left outside"
        if high > 2:
            remedy = "divide by 255"
        elif low < -0.5:
            remedy = "bring −1 to 1 to 0 to 1 by (x + 1) / 2"
        raise ValueError(f"{what} run from {low:.3g} to {high:.3g}, but have to lie in [0, 1]: {remedy}")


def check_finite(values: Tensor, what: str) -> None:
    """Refuses NaN and infinity where something is scored: one of them makes a mean NaN, or is clipped to a white pixel.

    It waits for the device, so it has no place in a training step; there `fit` looks at the losses of a whole epoch.
    """
    bad = ~values.detach().isfinite().unsqueeze(-1).flatten(1).all(1)
    if bad.any():
        raise ValueError(
            f"{what}: {int(bad.sum())} of {len(bad)} hold NaN or infinity, number {int(bad.nonzero()[0])} first: leave "
            "them out, or look for what made them, such as a learning rate that is too large or a division by 0"
        )


def check_shape(images: Images, image_shape: ImageShape) -> None:
    """Refuses images of another shape than something was made for."""
    if tuple(images.shape[1:]) != tuple(image_shape):
        raise ValueError(
            f"pictures of shape {tuple(images.shape[1:])} do not fit what was made for {tuple(image_shape)}: resize or "
            "crop them, cut them into tiles, or make one for their shape"
        )

"""Names and shapes of what flows through the package.

Every tensor has its batch axis first. A picture is float32 in [0, 1] and lies as (channels, rows, columns).
"""

import math
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor

__all__ = [
    "Batch",
    "Codes",
    "ImageShape",
    "Images",
    "Labels",
    "Logits",
    "PerImage",
    "Scores",
    "as_bytes",
    "check_batch",
    "check_clean",
    "check_colours",
    "check_finite",
    "check_floating",
    "check_labels",
    "check_real",
    "check_set",
    "check_shape",
    "check_tensor",
]

Images: TypeAlias = Tensor  #: float [N, C, H, W], in [0, 1] (a spoiled picture may leave that range)
Codes: TypeAlias = Tensor  #: float [N, ...], what an encoder puts out
Logits: TypeAlias = Tensor  #: float [N, K], before any softmax
Labels: TypeAlias = Tensor  #: int64 [N], in 0..K-1
PerImage: TypeAlias = Tensor  #: float [N], one number per image
Scores: TypeAlias = dict[str, PerImage]  #: by the name of the score
ImageShape: TypeAlias = tuple[int, int, int]  #: (channels, rows, columns)


def as_bytes(images: Images) -> Tensor:
    """uint8, rounded, of pictures in [0, 1]; what leaves that range is cut off."""
    return images.clamp(0, 1).mul(255).round().byte()


class Batch(NamedTuple):
    """Some images with their labels."""

    images: Images
    labels: Labels


def check_tensor(values: Tensor, what: str) -> None:
    """Refuses what is no tensor: None, a list, a NumPy array, a set of pictures."""
    if not isinstance(values, Tensor):
        name = type(values).__name__
        remedy = {
            "ndarray": "give torch.from_numpy(…) of it",
            "list": "give torch.tensor(…) of it, or torch.stack(…) of tensors",
            "NoneType": "give a tensor; does a function before it lack its return?",
            "ImageSet": "give its .all().images",
            "Batch": "give its .images",
        }.get(name, "give a tensor")
        raise TypeError(f"{what} are a {name}: {remedy}")


def check_floating(values: Tensor, what: str) -> None:
    """Refuses numbers of another kind, with which arithmetic would round or overflow."""
    check_tensor(values, what)
    if not values.is_floating_point():
        raise ValueError(f"{what} of {values.dtype}: give floating point in [0, 1], bytes divided by 255")


def check_real(values: Tensor, what: str) -> None:
    """Refuses truth values, and complex numbers, of which a part would be lost without a word."""
    check_tensor(values, what)
    if values.dtype == torch.bool or values.is_complex():
        remedy = "their .real or their .abs()" if values.is_complex() else "numbers, as .float() makes them"
        raise ValueError(f"{what} of {values.dtype}: give {remedy}")


def check_batch(images: Images) -> None:
    """Refuses what is no batch of images in floating point."""
    check_tensor(images, "images")
    if images.ndim != 4:
        raise ValueError(f"images of shape {tuple(images.shape)}: give [N, C, H, W], a single one as [1, C, H, W]")
    if not len(images):
        raise ValueError("0 images: give at least 1")
    check_floating(images, "images")


def check_colours(images: Images, colours: int) -> None:
    """Refuses what is no batch of images of so many channels."""
    check_batch(images)
    if images.shape[1] != colours:
        raise ValueError(
            f"images of shape {tuple(images.shape)} for a net of {colours} colours: "
            f"give [N, {colours}, H, W]{_other_channels(images, colours)}"
        )


def check_shape(images: Images, image_shape: ImageShape) -> None:
    """Refuses images of another shape than something was made for."""
    check_batch(images)
    if tuple(images.shape[1:]) != tuple(image_shape):
        raise ValueError(
            f"pictures of shape {tuple(images.shape[1:])} do not fit what was made for {tuple(image_shape)}: resize or "
            f"crop them, cut them into tiles, or make one for their shape{_other_channels(images, image_shape[0])}"
        )


def _other_channels(images: Images, channels: int) -> str:
    """What helps where only the channels are others."""
    if images.shape[1] != channels and images.shape[3] == channels:
        return "; if their channels come last, by images.permute(0, 3, 1, 2)"
    if images.shape[1] == 3 and channels == 1:
        return "; colours become grey by images.mean(1, keepdim=True)"
    if images.shape[1] == 1 and channels == 3:
        return "; grey has three equal colours by images.expand(-1, 3, -1, -1)"
    return ""


def check_set(pictures: object) -> None:
    """Refuses what is no set of pictures: a tensor, or a data set in its parts."""
    if not hasattr(pictures, "image_shape") or not hasattr(pictures, "batches"):
        remedy = "give one part of it, as .train" if hasattr(pictures, "train") else 'give one, as load("digits").train'
        raise TypeError(f"a {type(pictures).__name__} is no set of pictures: {remedy}")


def check_labels(labels: Labels, count: int) -> None:
    """Refuses what is not one whole number for each image."""
    check_tensor(labels, "labels")
    if labels.dtype != torch.int64 or tuple(labels.shape) != (count,):
        raise ValueError(
            f"labels of {labels.dtype} and shape {tuple(labels.shape)}: give int64 [{count}], one for each image; "
            "labels.long() makes them of floats"
        )


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

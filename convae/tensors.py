"""Names and shapes of what flows through the package.

Every tensor has its batch axis first. A picture is float32 in [0, 1] and lies as (channels, rows, columns).
"""

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
    if not images.is_floating_point():
        raise ValueError(f"images of {images.dtype}: give floating point in [0, 1], bytes divided by 255")


def check_shape(images: Images, image_shape: ImageShape) -> None:
    """Refuses images of another shape than something was made for."""
    if tuple(images.shape[1:]) != tuple(image_shape):
        raise ValueError(
            f"pictures of shape {tuple(images.shape[1:])} do not fit what was made for {tuple(image_shape)}: resize or "
            "crop them, cut them into tiles, or make one for their shape"
        )

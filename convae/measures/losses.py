"""What a net can be trained to make small: one number per image, never one per batch."""

from __future__ import annotations

from torch import Tensor

from convae.tensors import Images, PerImage, check_batch, check_tensor

__all__ = ["check_images", "mse"]


def mse(restored: Images, target: Images) -> PerImage:
    """Mean squared error over the pixels of each image: (1/CHW) Σ (r − x)², in squared units of the pixels.

    NaN stays NaN: a check would hold up a GPU in every step. Scores that are recorded (`psnr`, `ssim`, a task's
    `measure`) refuse it, and `fit` stops at such a loss.

    Raises:
        ValueError: no batch of images in floating point, or two of different shapes (PyTorch would repeat the smaller
            one).
    """
    check_images(restored, target)
    return (restored - target).square().flatten(1).mean(1)


def check_images(restored: Tensor, target: Tensor) -> None:
    """Refuses what is no pair of batches of images of one shape."""
    check_tensor(restored, "restored images")
    check_tensor(target, "target images")
    if restored.shape != target.shape:
        raise ValueError(
            f"images of shape {tuple(restored.shape)} are compared with {tuple(target.shape)}: "
            "crop or resize one of them"
        )
    check_batch(restored)
    check_batch(target)

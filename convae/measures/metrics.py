"""What a result is judged by: one number per image. Averages are taken over images, as in the literature."""

from __future__ import annotations

import torch
from torch.nn import functional

from convae.measures.losses import check_images
from convae.tensors import Images, PerImage, check_batch, check_clean, check_finite

__all__ = ["PERFECT_PSNR", "luma", "psnr", "ssim"]

PERFECT_PSNR = 100.0  # dB; what an error of zero counts as, so that averages stay finite


def psnr(restored: Images, target: Images) -> PerImage:
    """Peak signal-to-noise ratio in dB, 10 log10(1 / MSE), of the restored images clipped to [0, 1]; at most 100.

    Raises:
        ValueError: no batch of images, two of different shapes, a target outside [0, 1], or NaN or infinity.
    """
    _check(restored, target)
    error = (restored.clamp(0, 1) - target).square().flatten(1).mean(1)
    return (-10 * error.log10()).clamp(max=PERFECT_PSNR)


def ssim(restored: Images, target: Images) -> PerImage:
    """Structural similarity [wang2004image] of the restored images clipped to [0, 1]; 1 is a perfect one.

    As in the paper: a Gaussian window of 11×11 with σ = 1.5, K1 = 0.01, K2 = 0.03, data range 1, population
    covariances, averaged over the places where the whole window lies inside the image, then over channels.

    Raises:
        ValueError: as psnr, or images smaller than the window.
    """
    _check(restored, target)
    if min(target.shape[-2:]) < 11:
        raise ValueError(f"images of {target.shape[-2]}×{target.shape[-1]} pixels: SSIM's window needs at least 11×11")
    offsets = torch.arange(-5.0, 6.0, device=target.device, dtype=target.dtype)
    profile = torch.exp(-offsets.square() / (2 * 1.5**2))
    profile = profile / profile.sum()

    def blur(images: Images) -> Images:
        planes = images.flatten(0, 1)[:, None]
        rows = functional.conv2d(planes, profile.view(1, 1, -1, 1))
        return functional.conv2d(rows, profile.view(1, 1, 1, -1)).view(*images.shape[:2], *_valid(images))

    x, y = restored.clamp(0, 1), target
    mean_x, mean_y = blur(x), blur(y)
    var_x, var_y = blur(x * x) - mean_x**2, blur(y * y) - mean_y**2
    covariance = blur(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    similarity = ((2 * mean_x * mean_y + c1) * (2 * covariance + c2)) / (
        (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    )
    return similarity.flatten(1).mean(1)


def luma(images: Images) -> Images:
    """Brightness [N, 1, H, W] of pictures in red, green and blue, by BT.601: black is 16 / 255, white 235 / 255.

    Super-resolution is scored on it by custom [lim2017enhanced]; it is blind to errors of colour, and its range, 0.86
    of the full one, gives 1.3 dB for nothing.

    Raises:
        ValueError: no batch of images with 3 channels.
    """
    check_batch(images)
    if images.shape[1] != 3:
        raise ValueError(f"images of shape {tuple(images.shape)}: give [N, 3, H, W] in red, green and blue")
    weights = torch.tensor([65.481, 128.553, 24.966], device=images.device, dtype=images.dtype).view(1, 3, 1, 1)
    return ((images * weights).sum(1, keepdim=True) + 16) / 255


def _check(restored: Images, target: Images) -> None:
    """Both scores clip what is restored, and take 1 for the range of the target."""
    check_images(restored, target)
    check_clean(target, "target pictures")
    check_finite(restored, "restored pictures")


def _valid(images: Images) -> tuple[int, int]:
    return images.shape[-2] - 10, images.shape[-1] - 10

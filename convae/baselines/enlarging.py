"""Pictures with more pixels and no gradient descent: what every super-resolution has to beat."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from convae.arithmetic.shapes import check_whole
from convae.corruption import LowResolution, resize
from convae.data.optional import needs
from convae.names import lookup
from convae.tensors import check_batch, check_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from convae.data import ImageSet
    from convae.tensors import Images

__all__ = ["METHODS", "BackProjection", "Enlarge", "LinearEnlarger", "least_squares_enlarger"]

Size = tuple[int, int]


class Enlarge(nn.Module):
    """Puts out `factor` times as many rows and columns, by a method in METHODS; what overshoots is not cut off.

    Args:
        factor: At least 1; 1 changes nothing.
        method: "bicubic" has a = −0.5 [keys1981cubic], as the literature on super-resolution, "bicubic-0.75" the
            a = −0.75 of PyTorch without antialiasing; "lanczos" three lobes [duchon1979lanczos]; "spline" is the
            piecewise polynomial of degree 5, four times smooth, that goes through every pixel.

    Raises:
        ValueError: a factor below 1, or another method.
    """

    def __init__(self, factor: int, method: str) -> None:
        super().__init__()
        if not isinstance(factor, int) or factor < 1:
            raise ValueError(f"factor is {factor}: give a whole number of at least 1")
        self.factor, self.enlarge = factor, lookup(METHODS, method, "method")

    def forward(self, images: Images) -> Images:
        check_batch(images)
        return self.enlarge(images, (self.factor * images.shape[-2], self.factor * images.shape[-1]))


def _lanczos(images: Images, size: Size) -> Images:
    with needs("pillow", "Lanczos interpolation"):
        from PIL import Image
    planes = [
        np.asarray(Image.fromarray(plane.numpy()).resize(size[::-1], Image.Resampling.LANCZOS))
        for plane in images.detach().float().cpu().flatten(0, 1)
    ]
    return torch.from_numpy(np.stack(planes)).view(*images.shape[:2], *size).to(images)


def _spline(images: Images, size: Size) -> Images:
    planes = images.detach().double().cpu()
    rows, columns = (_spline_weights(old, new) for old, new in zip(images.shape[-2:], size, strict=True))
    return (rows @ planes @ columns.T).to(images)


@lru_cache(maxsize=8)
def _spline_weights(old: int, new: int) -> Tensor:
    """What each old pixel of an axis gives to each new one [new, old]: splines of degree 5, the picture mirrored."""
    from scipy.interpolate import BSpline

    bump = BSpline.basis_element(np.arange(-3, 4), extrapolate=False)
    bumps = np.arange(-3, old + 3)  # all that reach into the picture
    ahead = bumps % (2 * old)
    pixel = np.where(ahead < old, ahead, 2 * old - 1 - ahead)  # that a bump beside the picture is mirrored from

    def heights(places: np.ndarray) -> np.ndarray:
        reached = np.nan_to_num(bump(places[:, None] - bumps))
        return np.stack([reached[:, pixel == each].sum(1) for each in range(old)], 1)

    middles = (np.arange(new) + 0.5) * old / new - 0.5
    return torch.from_numpy(np.linalg.solve(heights(np.arange(old)).T, heights(middles).T).T.copy())


def _interpolation(mode: str) -> Callable[[Images, Size], Images]:
    aligned = {} if mode == "nearest" else {"align_corners": False}
    return lambda images, size: functional.interpolate(images, size=size, mode=mode, **aligned)


METHODS: dict[str, Callable[[Images, Size], Images]] = {
    "nearest": _interpolation("nearest"),
    "bilinear": _interpolation("bilinear"),
    "bicubic": resize,
    "bicubic-0.75": _interpolation("bicubic"),
    "lanczos": _lanczos,
    "spline": _spline,
}


class BackProjection(nn.Module):
    """Enlarges, reduces what came out (bicubic, as LowResolution), and adds what is missing, enlarged, so many times.

    Nothing is trained; unlike an interpolation it is told how the picture was reduced.

    Args:
        factor: At least 1.
        method: In METHODS, which makes the first picture.
        times: At least 0; 0 leaves that picture as it is.

    Raises:
        ValueError: a number out of its range, or another method.
    """

    def __init__(self, factor: int, method: str = "lanczos", times: int = 10) -> None:
        super().__init__()
        check_whole(0, 1000, times=times)
        self.first, self.times = Enlarge(factor, method), times

    def forward(self, images: Images) -> Images:
        large: Images = self.first(images)
        size, small = large.shape[-2:], images.shape[-2:]
        for _ in range(self.times):
            missing = images - resize(large, (small[0], small[1]))
            large = large + resize(missing, (size[0], size[1]))
        return large


class LinearEnlarger(nn.Module):
    """Every pixel that is put out is a weighted sum of a window of pixels, of its own colour: one sub-pixel layer.

    Args:
        weight: [factor², 1, window, window], one kernel for each place in the square that a pixel becomes.
        bias: [factor²].
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)

    def forward(self, images: Images) -> Images:
        check_batch(images)
        weight = self.get_buffer("weight")
        planes = images.flatten(0, 1)[:, None]
        padded = functional.pad(planes, (weight.shape[-1] // 2,) * 4, mode="replicate")
        parts = functional.conv2d(padded, weight, self.get_buffer("bias"))
        enlarged: Images = functional.pixel_shuffle(parts, math.isqrt(len(weight)))
        return enlarged.view(*images.shape[:2], *enlarged.shape[-2:])


def least_squares_enlarger(train: ImageSet, factor: int, window: int = 5) -> LinearEnlarger:
    """The LinearEnlarger of least squared error from reduced training pictures (bicubic, LowResolution) to themselves.

    Args:
        window: Odd, in pixels of the reduced pictures.

    Raises:
        ValueError: an even window, one that is larger than a reduced picture, or pictures too few or too even to tell
            the weights.
    """
    check_set(train)
    reduce, inner = LowResolution(factor), window // 2
    smaller = min(train.image_shape[1:]) // factor
    if not isinstance(window, int) or window % 2 == 0 or not 1 <= window <= smaller:
        raise ValueError(f"a window of {window!r} for reduced pictures of {smaller}: give an odd one of at most that")
    taps = window**2 + 1
    left = torch.zeros(taps, taps, dtype=torch.float64)
    right = torch.zeros(taps, factor**2, dtype=torch.float64)
    for batch in train.batches(100):
        small = reduce(batch.images, torch.Generator()).flatten(0, 1)[:, None].double()
        windows = functional.unfold(small, window).transpose(1, 2).flatten(0, 1)  # [places, window²]
        known = functional.pad(windows, (0, 1), value=1.0)
        squares = functional.pixel_unshuffle(batch.images.flatten(0, 1)[:, None].double(), factor)
        end = [length - inner for length in squares.shape[-2:]]
        wanted = squares[..., inner : end[0], inner : end[1]].flatten(2).transpose(1, 2).flatten(0, 1)
        left += known.T @ known
        right += known.T @ wanted
    if torch.linalg.matrix_rank(left, hermitian=True) < taps:
        raise ValueError(
            f"{len(train)} such pictures do not tell the {taps} weights of a place: give more, with more in them"
        )
    solution = torch.linalg.solve(left, right).float()
    return LinearEnlarger(solution[:-1].T.reshape(-1, 1, window, window).contiguous(), solution[-1].contiguous())

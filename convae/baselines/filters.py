"""Classical filters as modules: rivals of a denoiser that learn nothing but, on validation pictures, their strength."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from convae.corruption import Blur
from convae.data.optional import needs
from convae.measures.metrics import psnr
from convae.names import lookup
from convae.tasks import Reconstruction
from convae.tensors import check_batch, check_set

if TYPE_CHECKING:
    import numpy as np

    from convae.data import ImageSet
    from convae.tasks import Corruption
    from convae.tensors import Images

__all__ = [
    "RAMPS",
    "RIVALS",
    "Filter",
    "Ramp",
    "bilateral",
    "bm3d",
    "bounded_inversion",
    "exact_inversion",
    "gaussian",
    "median",
    "non_local_means",
    "total_variation",
    "tune",
    "tune_ramped",
    "wavelet",
    "wiener",
]


class Filter(nn.Module):
    """A function of one grey picture (numpy, [H, W] to [H, W]), applied to each of a batch; ends in [0, 1].

    Args:
        settings: What it was made with, for the record.
    """

    def __init__(self, function: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]], settings: str) -> None:
        super().__init__()
        self.function, self.settings = function, settings

    def extra_repr(self) -> str:
        return self.settings

    def forward(self, images: Images) -> Images:
        """The filtered images, of their shape.

        Raises:
            ValueError: images that are not [N, 1, H, W].
        """
        check_batch(images)
        if images.shape[1] != 1:
            raise ValueError(f"images of shape {tuple(images.shape)}: give grey ones, [N, 1, H, W]")
        planes = [torch.from_numpy(self.function(plane)) for plane in images[:, 0].cpu().numpy()]
        return torch.stack(planes)[:, None].to(images).clamp(0, 1)


def gaussian(width: float) -> Filter:
    """Mean of the neighbourhood, weighted by a Gaussian.

    Args:
        width: Its standard deviation in pixels, above 0.
    """
    from scipy import ndimage

    _above_zero(width=width)
    return Filter(lambda plane: ndimage.gaussian_filter(plane, width, mode="nearest"), f"width {width:g}")


def median(side: int) -> Filter:
    """Median of a square around each pixel [tukey1977exploratory].

    Args:
        side: Of the square in pixels, odd.
    """
    from scipy import ndimage

    _odd(side)
    return Filter(lambda plane: ndimage.median_filter(plane, side, mode="nearest"), f"side {side}")


def bilateral(width: float, difference: float) -> Filter:
    """Mean of the pixels that are near in place and in value [tomasi1998bilateral], up to 3 widths away.

    As the difference grows it becomes the Gaussian filter. The library's does not: scikit-image 0.26 makes its table of
    places with one point more a side than it reads, so that the weights lie askew and a pixel has none for itself.

    Args:
        width: Standard deviation in pixels, above 0.
        difference: Standard deviation in units of the pixels, above 0.
    """
    import numpy
    from numpy.lib.stride_tricks import sliding_window_view

    _above_zero(width=width, difference=difference)
    radius = math.ceil(3 * width)
    squares = numpy.arange(-radius, radius + 1, dtype=numpy.float32) ** 2
    near = numpy.exp(-(squares[:, None] + squares) / (2 * width**2))

    def function(plane: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        around = sliding_window_view(numpy.pad(plane, radius, mode="edge"), near.shape)  # [H, W, side, side]
        weights = near * numpy.exp((around - plane[..., None, None]) ** 2 * (-0.5 / difference**2))
        mean: np.ndarray[Any, Any] = (weights * around).sum((2, 3)) / weights.sum((2, 3))
        return mean

    return Filter(function, f"width {width:g}, difference {difference:g}")


def non_local_means(strength: float, sigma: float, side: int) -> Filter:
    """Mean of the pixels whose surroundings look alike, searched up to 6 pixels away [buades2005nonlocal].

    The library's fast variant compares 4×4 pixels, off the middle, where it is asked for 5×5.

    Args:
        strength: Difference of surroundings, in units of the pixels, at which a weight has fallen to 1/e; above 0.
        sigma: Of the noise, at least 0; what it alone adds to the differences is taken off.
        side: Of the square that is compared, odd.
    """
    import numpy
    from numpy.lib.stride_tricks import sliding_window_view
    from scipy import ndimage

    _above_zero(strength=strength)
    if not 0 <= sigma < math.inf:
        raise ValueError(f"sigma is {sigma}: give a standard deviation of at least 0")
    _odd(side)

    def function(plane: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        moved = sliding_window_view(numpy.pad(plane, 6, mode="reflect"), plane.shape).reshape(-1, *plane.shape)
        squares = ndimage.uniform_filter((moved - plane) ** 2, (1, side, side), mode="mirror")
        weights = numpy.exp(-numpy.maximum(squares - 2 * sigma**2, 0) / strength**2)
        mean: np.ndarray[Any, Any] = (weights * moved).sum(0) / weights.sum(0)
        return mean

    return Filter(function, f"strength {strength:g}, side {side}")


def total_variation(weight: float) -> Filter:
    """The picture r that makes ½ ‖r − x̃‖² + w Σ ‖∇r‖ least [rudin1992nonlinear], by [chambolle2004algorithm].

    Args:
        weight: w, in units of the pixels, above 0.
    """
    from skimage.restoration import denoise_tv_chambolle

    _above_zero(weight=weight)
    # By default it stops so early that the strength hardly counts any more: on photographs that costs 3 dB.
    to_the_end = {"eps": 1e-6, "max_num_iter": 1000}
    return Filter(lambda plane: denoise_tv_chambolle(plane, weight=weight, **to_the_end), f"weight {weight:g}")


def wavelet(strength: float, mode: str) -> Filter:
    """Haar coefficients below a threshold set to 0 [donoho1994ideal], averaged over 16 shifts [coifman1995translation].

    Args:
        strength: The σ from which the threshold σ √(2 log N) of N pixels is made, in units of the pixels, above 0.
        mode: "soft" takes the threshold off what is kept, "hard" does not.
    """
    from skimage.restoration import cycle_spin, denoise_wavelet

    _above_zero(strength=strength)
    lookup(dict.fromkeys(("soft", "hard")), mode, "mode")
    options = {"sigma": strength, "mode": mode, "wavelet": "haar", "method": "VisuShrink"}
    return Filter(
        lambda plane: cycle_spin(plane, func=denoise_wavelet, max_shifts=3, workers=1, func_kw=options),
        f"strength {strength:g}, {mode}",
    )


def wiener(blur: float, balance: float) -> Filter:
    """Undoes a Gaussian blur in the frequency domain, held back by a penalty on the Laplacian of what comes out.

    Args:
        blur: Standard deviation of the blur in pixels, above 0.
        balance: Weight of the penalty, above 0.
    """
    import numpy
    from skimage.restoration import wiener as restore

    _above_zero(blur=blur, balance=balance)
    radius = int(4 * blur + 0.5)
    profile = numpy.exp(-(numpy.arange(-radius, radius + 1) ** 2) / (2 * blur**2))
    kernel = numpy.outer(profile, profile) / profile.sum() ** 2

    def function(plane: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        padded = numpy.pad(plane, radius, mode="edge")  # the transform takes the picture to be periodic
        found: np.ndarray[Any, Any] = restore(padded, kernel, balance, clip=False)[radius:-radius, radius:-radius]
        return found

    return Filter(function, f"balance {balance:g}")


def exact_inversion(blur: float, penalty: float) -> Filter:
    """The picture x that makes ‖A x − x̃‖² + λ ‖x‖² least, where A is the blur with its true border, `Blur`'s.

    `wiener` takes the picture to be periodic. Here A is a matrix, that of the columns times that of the rows, so that
    two small singular value decompositions give all of it: x = V S (S² + λ)⁻¹ Uᵀ x̃.

    Args:
        blur: Standard deviation of the blur in pixels, above 0.
        penalty: λ, above 0: what comes through the blur with less than √λ is not brought back.
    """
    import numpy

    _above_zero(blur=blur, penalty=penalty)

    def function(plane: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        (u, down, v), (s, across, t) = (_decomposed_blur(blur, size) for size in plane.shape)
        gains = numpy.outer(down, across)
        found: np.ndarray[Any, Any] = v.T @ (gains / (gains**2 + penalty) * (u.T @ plane @ s)) @ t
        return found

    return Filter(function, f"penalty {penalty:g}")


def bounded_inversion(blur: float, penalty: float, steps: int) -> Filter:
    """As `exact_inversion`, but of the pictures x between 0 and 1 only, by projected steps with Nesterov's momentum
    [beck2009fast].

    Args:
        blur: Standard deviation of the blur in pixels, above 0.
        penalty: λ, above 0.
        steps: How many, from x̃ on; what comes through the blur weakly is found late.
    """
    import numpy

    _above_zero(blur=blur, penalty=penalty, steps=steps)

    def function(plane: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        down, across = (_blur_matrix(blur, size) for size in plane.shape)
        first, second = down.T @ down, across.T @ across
        seen = down.T @ plane @ across
        length = 1 / (numpy.linalg.norm(first, 2) * numpy.linalg.norm(second, 2) + penalty)
        found = ahead = plane.clip(0, 1).astype(numpy.float64)
        momentum = 1.0
        for _ in range(steps):
            slope = first @ ahead @ second - seen + penalty * ahead
            before, found = found, (ahead - length * slope).clip(0, 1)
            last, momentum = momentum, (1 + math.sqrt(1 + 4 * momentum**2)) / 2
            ahead = found + (last - 1) / momentum * (found - before)
        return found

    return Filter(function, f"penalty {penalty:g}, {steps} steps")


@cache
def _decomposed_blur(blur: float, size: int) -> tuple[np.ndarray[Any, Any], ...]:
    """U, S and Vᵀ of the matrix that blurs a column of a picture."""
    import numpy

    return tuple(numpy.linalg.svd(_blur_matrix(blur, size)))


@cache
def _blur_matrix(blur: float, size: int) -> np.ndarray[Any, Any]:
    """[size, size], what blurs a column of a picture."""
    white = torch.eye(size, dtype=torch.float64)[:, None, :, None].expand(-1, -1, -1, size)  # one white row in each
    matrix: np.ndarray[Any, Any] = Blur(blur).spoil(white, torch.Generator())[:, 0, :, 0].T.numpy()
    return matrix


def bm3d(sigma: float) -> Filter:
    """Blocks that look alike, stacked and shrunk together [dabov2007image], as its authors now do it
    [makinen2020collaborative]; slow, and only for use that is not commercial.

    Args:
        sigma: Of the noise, above 0.

    Raises:
        ModuleNotFoundError: their package is not installed; no other part of the book needs it.
    """
    _above_zero(sigma=sigma)
    with needs("bm3d", "BM3D, free for non-commercial use only,"):
        from bm3d import bm3d as restore
    return Filter(lambda plane: restore(plane, sigma), f"σ {sigma:g}")


class Ramp(nn.Module):
    """Gives contrast back: all up to `black` becomes 0, all from `white` on 1, and in between a straight line.

    Args:
        black: Below white, in units of the pixels.
        white: In units of the pixels.

    Raises:
        ValueError: ends in another order.
    """

    def __init__(self, black: float, white: float) -> None:
        super().__init__()
        if not -math.inf < black < white < math.inf:
            raise ValueError(f"a ramp from {black!r} to {white!r}: give two numbers, the lower one first")
        self.black, self.white = black, white

    def extra_repr(self) -> str:
        return f"ramp {self.black:g} to {self.white:g}"

    def forward(self, images: Images) -> Images:
        """Images of their shape in [0, 1]."""
        return ((images - self.black) / (self.white - self.black)).clamp(0, 1)


# By name, the settings that are tried for noise of standard deviation σ. What tune() chooses has to lie between them:
# at an end a better one may lie outside.
RIVALS: Mapping[str, Callable[[float], list[Filter]]] = {
    "Gaussian": lambda sigma: [
        gaussian(width) for width in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 2.5, 3, 3.5, 4, 5)
    ],
    "median": lambda sigma: [median(side) for side in (1, 3, 5, 7, 9, 11, 13, 15)],
    "bilateral": lambda sigma: [
        bilateral(width, times * sigma) for width in (0.7, 1, 1.5, 2, 3, 4, 5) for times in (1.5, 2, 3, 4, 6, 10, 16)
    ],
    "non-local means": lambda sigma: [
        non_local_means(times * sigma, sigma, side)
        for side in (1, 3, 5, 7, 9)
        for times in (0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.3, 1.7)
    ],
    "total variation": lambda sigma: [
        total_variation(times * sigma) for times in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5)
    ],
    "wavelet": lambda sigma: [
        wavelet(times * sigma, mode)
        for mode, several in {"soft": (0.2, 0.3, 0.4, 0.6, 0.8), "hard": (0.4, 0.6, 0.8, 1, 1.2, 1.35, 1.5, 2)}.items()
        for times in several
    ],
}


def tune(candidates: Iterable[Filter], images: ImageSet, corrupt: Corruption, seed: int = 0) -> Filter:
    """The candidate of the highest mean PSNR on these pictures, all of them spoiled alike.

    Args:
        images: Some hundred, for validation.
        seed: Of the corruption.

    Raises:
        ValueError: no candidates, or no pictures.
    """
    check_set(images)
    candidates = list(candidates)
    if not candidates or not len(images):
        raise ValueError(f"{len(candidates)} candidates on {len(images)} pictures: give at least one of each")

    def score(candidate: Filter) -> float:
        noise = torch.Generator().manual_seed(seed)
        return Reconstruction(corrupt).measure(candidate, images.all(), noise)["psnr"].mean().item()

    return max(candidates, key=score)


RAMPS = tuple(
    (black / 100, white / 100)
    for black in (-5, 0, 5, 10, 15, 20, 25, 30)
    for white in (60, 65, 70, 75, 80, 85, 90, 95, 100, 105)
)


def tune_ramped(candidates: Iterable[nn.Module], images: ImageSet, corrupt: Corruption, seed: int = 0) -> nn.Sequential:
    """As `tune`, each candidate with a `Ramp` behind it; both are chosen together.

    Args:
        candidates: Of any kind; what they put out is taken as it is.
        images: Some hundred, for validation.
        seed: Of the corruption.

    Raises:
        ValueError: no candidates, or no pictures.
    """
    check_set(images)
    candidates = list(candidates)
    if not candidates or not len(images):
        raise ValueError(f"{len(candidates)} candidates on {len(images)} pictures: give at least one of each")
    clean, best = images.all().images, (-math.inf, nn.Sequential())
    for candidate in candidates:
        with torch.no_grad():
            restored = candidate(corrupt(clean, torch.Generator().manual_seed(seed)))
        for ends in RAMPS:
            ramp = Ramp(*ends)
            score = psnr(ramp(restored), clean).mean().item()
            best = max(best, (score, nn.Sequential(candidate, ramp)), key=lambda each: each[0])
    return best[1]


def _above_zero(**values: float) -> None:
    for name, value in values.items():
        if not isinstance(value, int | float) or not 0 < value < math.inf:
            raise ValueError(f"{name} is {value!r}: give a number above 0")


def _odd(side: int) -> None:
    if not isinstance(side, int) or side < 1 or side % 2 == 0:
        raise ValueError(f"a square of side {side}: give an odd number, so that a pixel stands in its middle")

"""Classical filters against direct calls of the libraries and against what each is known to do."""

import math
import re

import numpy as np
import pytest
import torch
from scipy import ndimage
from skimage import restoration
from synthetic import pictures

from convae.baselines import filters
from convae.baselines.filters import RIVALS, tune
from convae.corruption import Blur, GaussianNoise
from convae.experiments.runs import load_run
from convae.measures.metrics import psnr

CLEAN = pictures(4, (1, 20, 24))
NOISY = GaussianNoise(0.3)(CLEAN.all().images, torch.Generator().manual_seed(1))


def smallest_differences(plane, weight):
    """½ ‖r − x̃‖² + w Σ |∇r| of a picture and its restored one."""

    def cost(restored):
        down, across = (
            np.diff(restored, axis=0, append=restored[-1:]),
            np.diff(restored, axis=1, append=restored[:, -1:]),
        )
        return 0.5 * ((restored - plane) ** 2).sum() + weight * np.hypot(down, across).sum()

    return cost


def spun(plane, strength, mode):
    """Haar coefficients thresholded, averaged over 4×4 shifts, written out."""
    total = np.zeros_like(plane)
    for down in range(4):
        for across in range(4):
            moved = np.roll(plane, (-down, -across), (0, 1))
            found = restoration.denoise_wavelet(moved, sigma=strength, wavelet="haar", method="VisuShrink", mode=mode)
            total += np.roll(found, (down, across), (0, 1))
    return total / 16


DIRECT = {
    "Gaussian": (filters.gaussian(0.8), lambda plane: ndimage.gaussian_filter(plane, 0.8, mode="nearest")),
    "median": (
        filters.median(3),
        lambda plane: np.median(
            np.lib.stride_tricks.sliding_window_view(np.pad(plane, 1, mode="edge"), (3, 3)), axis=(2, 3)
        ),
    ),
    "bilateral": (
        filters.bilateral(1.5, 0.5),
        lambda plane: (
            restoration.denoise_bilateral(plane + 3, sigma_color=0.5, sigma_spatial=1.5, mode="edge", bins=100_000) - 3
        ),
    ),
    "non-local means": (
        filters.non_local_means(0.2, 0.3),
        lambda plane: restoration.denoise_nl_means(plane, 5, 6, 0.2, fast_mode=True, sigma=0.3),
    ),
    "total variation": (
        filters.total_variation(0.2),
        lambda plane: restoration.denoise_tv_chambolle(plane, weight=0.2, eps=1e-6, max_num_iter=1000),
    ),
    "wavelet, soft": (filters.wavelet(0.2, "soft"), lambda plane: spun(plane, 0.2, "soft")),
    "wavelet, hard": (filters.wavelet(0.3, "hard"), lambda plane: spun(plane, 0.3, "hard")),
}


@pytest.mark.parametrize("name", DIRECT)
def test_a_filter_is_the_librarys_on_each_picture_cut_to_the_range(name):
    module, direct = DIRECT[name]
    expected = np.stack([direct(plane) for plane in NOISY[:, 0].numpy()]).clip(0, 1)
    found = module(NOISY)
    assert found.shape == NOISY.shape
    assert found.dtype == NOISY.dtype
    np.testing.assert_allclose(found[:, 0], expected, atol=2e-3 if name == "bilateral" else 1e-5)


@pytest.mark.parametrize("name", RIVALS)
def test_every_rival_at_its_best_removes_noise(name):
    best = tune(RIVALS[name](0.3), CLEAN, GaussianNoise(0.3))
    assert psnr(best(NOISY), CLEAN.all().images).mean() > psnr(NOISY, CLEAN.all().images).mean() + 3
    assert best.settings in repr(best)


def test_total_variation_comes_near_the_least_of_its_cost():
    plane = NOISY[0, 0].numpy()
    cost = smallest_differences(plane, 0.2)
    found = filters.total_variation(0.2)(NOISY[:1])[0, 0].numpy()
    generator = np.random.default_rng(0)
    assert cost(found) < cost(plane)
    for size in (0.1, 0.03):
        assert all(cost(found) < cost(found + size * generator.normal(size=plane.shape)) for _ in range(20))


@pytest.mark.parametrize("weight", [0.1, 0.2, 0.3])
def test_total_variation_does_not_stop_long_before_its_end(weight):
    """Where it does, a larger weight changes little and the best one cannot be found."""
    for plane, found in zip(NOISY[:, 0].numpy(), filters.total_variation(weight)(NOISY)[:, 0].numpy(), strict=True):
        end = restoration.denoise_tv_chambolle(plane, weight=weight, eps=0, max_num_iter=5000).clip(0, 1)
        assert np.sqrt(np.square(found - end).mean()) < 0.018


def test_wiener_undoes_a_blur():
    clean = torch.zeros(1, 1, 28, 28)
    clean[..., 9:19, 11:15] = 1
    blurred = Blur(1.0)(clean, torch.Generator())
    restored = filters.wiener(1.0, 1e-4)(blurred)
    assert psnr(restored, clean).mean() > psnr(blurred, clean).mean() + 5
    again = Blur(1.0)(restored, torch.Generator())
    torch.testing.assert_close(again, blurred, atol=0.05, rtol=0)


def test_the_best_of_some_candidates_is_chosen_by_the_mean_psnr():
    candidates = RIVALS["Gaussian"](0.3)
    noise = GaussianNoise(0.3)
    best = tune(candidates, CLEAN, noise, seed=1)
    scores = [psnr(each(NOISY), CLEAN.all().images).mean() for each in candidates]  # NOISY has seed 1
    assert best is candidates[int(torch.stack(scores).argmax())]
    with pytest.raises(ValueError, match="0 candidates on 4 pictures"):
        tune([], CLEAN, noise)
    with pytest.raises(ValueError, match="16 candidates on 0 pictures"):
        tune(candidates, CLEAN[:0], noise)


def test_no_strength_of_the_book_lies_at_the_end_of_what_was_tried():
    """There a better one might lie outside, and the filter would not have been at its best."""

    def numbers(settings):
        return [float(number) for number in re.findall(r"[\d.]+", settings)]

    rows = load_run("denoising").scores["test"]
    tuned = [(row, name) for row in ("0.1", "0.25", "0.5", "0.75", "1", "clothes", "photographs") for name in RIVALS]
    for row, name in tuned:
        chosen = rows[f"{row}/{name}"]["settings"]
        tried = [each.settings for each in RIVALS[name](float(row) if row[0] in "01" else 0.5)]
        assert chosen in tried
        mode = chosen.split()[-1] if name == "wavelet" else ""
        ranges = zip(*(numbers(each) for each in tried if mode in each), strict=True)
        for number, several in zip(numbers(chosen), ranges, strict=True):
            identity = name == "median" and number == 1  # a square of one pixel: no side is smaller
            assert identity or min(several) < number < max(several), (row, name, chosen)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: filters.gaussian(0), "width is 0: give a number above 0"),
        (lambda: filters.median(4), "a square of side 4: give an odd number"),
        (lambda: filters.bilateral(1, -1), "difference is -1: give a number above 0"),
        (lambda: filters.gaussian(math.inf), "width is inf: give a number above 0"),
        (lambda: filters.median(3.0), r"a square of side 3\.0: give an odd number"),
        (lambda: filters.non_local_means(0, 1), "strength is 0: give a number above 0"),
        (lambda: filters.non_local_means(0.2, -0.5), "sigma is -0.5: give a standard deviation of at least 0"),
        (lambda: filters.non_local_means(0.2, math.nan), "sigma is nan"),
        (lambda: filters.total_variation(-1), "weight is -1: give a number above 0"),
        (lambda: filters.wavelet(0, "soft"), "strength is 0: give a number above 0"),
        (lambda: filters.wavelet(1, "half"), "no mode is called 'half'"),
        (lambda: filters.wiener(1, 0), "balance is 0: give a number above 0"),
        (lambda: filters.gaussian(1)(torch.zeros(2, 3, 8, 8)), r"images of shape \(2, 3, 8, 8\): give grey ones"),
    ],
)
def test_bad_settings_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()

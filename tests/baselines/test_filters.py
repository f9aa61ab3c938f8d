"""Classical filters against loops that are written out and against what each becomes at the end of its range."""

import math
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import ndimage, optimize
from skimage import restoration
from synthetic import pictures

from convae.baselines import filters
from convae.baselines.filters import RAMPS, RIVALS, tune, tune_ramped
from convae.corruption import Blur, GaussianNoise
from convae.experiments import STUDIES
from convae.experiments.denoising import bounds, inverses
from convae.experiments.runs import load_run
from convae.measures.metrics import psnr

CLEAN = pictures(4, (1, 20, 24))
NOISY = GaussianNoise(0.3)(CLEAN.all().images, torch.Generator().manual_seed(1))


def around(plane, radius, mode="edge"):
    """(down, across, plane moved by so much), for every place in a square."""
    padded = np.pad(plane.astype(np.float64), radius, mode=mode)
    rows, columns = plane.shape
    for down in range(-radius, radius + 1):
        for across in range(-radius, radius + 1):
            top, left = radius + down, radius + across
            yield down, across, padded[top : top + rows, left : left + columns]


def weighed(plane, radius, weight, mode="edge"):
    """The mean of all neighbours, each pixel with the weights that weight(down, across, neighbours) gives them."""
    pairs = [(weight(down, across, moved), moved) for down, across, moved in around(plane, radius, mode)]
    return sum(weights * moved for weights, moved in pairs) / sum(weights for weights, _ in pairs)


def near(width):
    return lambda down, across, moved: math.exp(-(down**2 + across**2) / (2 * width**2))


def bilateral_weight(plane, width, difference):
    def weight(down, across, moved):
        return near(width)(down, across, moved) * np.exp(-((moved - plane) ** 2) / (2 * difference**2))

    return weight


def non_local_weight(plane, strength, sigma):
    """By the mean squared difference of surroundings of 5×5, of which what noise alone adds is taken off."""

    def weight(down, across, moved):
        squares = (moved - plane) ** 2
        distance = sum(part for _, _, part in around(squares, 2, "reflect")) / 25
        return np.exp(-np.maximum(distance - 2 * sigma**2, 0) / strength**2)

    return weight


def haar(plane, strength, mode):
    """One level of Haar coefficients, all but the means thresholded, averaged over the shifts of a grid of 2×2."""
    limit = strength * math.sqrt(2 * math.log(plane.size))
    signs = np.array([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]) / 2
    total = np.zeros_like(plane, dtype=np.float64)
    for down in range(2):
        for across in range(2):
            moved = np.roll(plane, (-down, -across), (0, 1))
            blocks = np.stack([moved[i::2, j::2] for i in range(2) for j in range(2)])
            mean, *details = np.tensordot(signs, blocks, 1)
            kept = [
                each * (abs(each) > limit) - (mode == "soft") * np.clip(each, -limit, limit) * (abs(each) > limit)
                for each in details
            ]
            blocks = np.tensordot(signs.T, np.stack([mean, *kept]), 1)
            back = np.empty_like(total)
            for place, block in enumerate(blocks):
                back[place // 2 :: 2, place % 2 :: 2] = block
            total += np.roll(back, (down, across), (0, 1))
    return total / 4


def periodic(plane, width, balance):
    """Blur and Laplacian in the frequency domain, the picture continued by its edge and then over and over."""
    radius = int(4 * width + 0.5)
    padded = np.pad(plane.astype(np.float64), radius, mode="edge")
    offsets = np.arange(-radius, radius + 1)
    profile = np.exp(-(offsets**2) / (2 * width**2))
    blur, rough = np.zeros_like(padded), np.zeros_like(padded)
    for i, down in zip(offsets, profile, strict=True):
        for j, across in zip(offsets, profile, strict=True):
            blur[i, j] = down * across / profile.sum() ** 2
    rough[0, 0] = 4
    rough[[0, 0, 1, -1], [1, -1, 0, 0]] = -1
    blur, rough = np.fft.fft2(blur), np.fft.fft2(rough)
    found = np.fft.ifft2(np.fft.fft2(padded) * blur.conj() / (abs(blur) ** 2 + balance * abs(rough) ** 2)).real
    return found[radius:-radius, radius:-radius]


def blur_matrix(rows, columns, width):
    """What Blur does, as a matrix: column by column the blurred picture of one white pixel."""
    pixels = torch.eye(rows * columns, dtype=torch.float64).view(-1, 1, rows, columns)
    return Blur(width)(pixels, torch.Generator()).flatten(1).T.numpy()


def inverted(plane, width, penalty):
    matrix = blur_matrix(*plane.shape, width)
    normal = matrix.T @ matrix + penalty * np.eye(len(matrix))
    return np.linalg.solve(normal, matrix.T @ plane.flatten()).reshape(plane.shape)


WRITTEN_OUT = {
    "Gaussian": (filters.gaussian(0.8), lambda plane: weighed(plane, 3, near(0.8))),  # up to 4 widths, 3.2 pixels
    "median": (
        filters.median(3),
        lambda plane: np.median(np.stack([moved for _, _, moved in around(plane, 1)]), axis=0),
    ),
    "bilateral": (
        filters.bilateral(1.5, 0.5),
        lambda plane: weighed(plane, 5, bilateral_weight(plane, 1.5, 0.5)),
    ),
    "non-local means": (
        filters.non_local_means(0.2, 0.3, 5),
        lambda plane: weighed(plane, 6, non_local_weight(plane, 0.2, 0.3), "reflect"),
    ),
    "wavelet, soft": (filters.wavelet(0.2, "soft"), lambda plane: haar(plane, 0.2, "soft")),
    "wavelet, hard": (filters.wavelet(0.3, "hard"), lambda plane: haar(plane, 0.3, "hard")),
    "Wiener": (filters.wiener(1.0, 1e-2), lambda plane: periodic(plane, 1.0, 1e-2)),
    "exact inversion": (filters.exact_inversion(1.0, 1e-2), lambda plane: inverted(plane, 1.0, 1e-2)),
}


@pytest.mark.parametrize("name", WRITTEN_OUT)
def test_a_filter_is_what_is_written_out_cut_to_the_range(name):
    module, direct = WRITTEN_OUT[name]
    expected = np.stack([direct(plane) for plane in NOISY[:, 0].numpy()]).clip(0, 1)
    found = module(NOISY)
    assert found.shape == NOISY.shape
    assert found.dtype == NOISY.dtype
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-5)


# What a filter becomes at an end of its range
LIMITS = {
    "Gaussian, narrow": (filters.gaussian(0.05), lambda plane: plane),
    "median, one pixel": (filters.median(1), lambda plane: plane),
    "bilateral, any difference": (filters.bilateral(1, 1e6), lambda plane: weighed(plane, 3, near(1))),
    "bilateral, no difference": (filters.bilateral(1, 1e-6), lambda plane: plane),
    "non-local means, no likeness": (filters.non_local_means(1e-3, 0, 5), lambda plane: plane),
    "non-local means, any likeness": (
        filters.non_local_means(1e6, 0, 5),
        lambda plane: weighed(plane, 6, lambda *moved: 1.0, "reflect"),
    ),
    "total variation, light": (filters.total_variation(1e-7), lambda plane: plane),
    "wavelet, low": (filters.wavelet(1e-9, "hard"), lambda plane: plane),
    "wavelet, high": (
        filters.wavelet(1e6, "hard"),
        lambda plane: ndimage.convolve(plane, np.outer((1, 2, 1), (1, 2, 1)) / 16, mode="wrap"),
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_filter_at_the_end_of_its_range(name):
    module, limit = LIMITS[name]
    expected = np.stack([limit(plane) for plane in NOISY[:, 0].numpy()]).clip(0, 1)
    np.testing.assert_allclose(module(NOISY)[:, 0], expected, atol=1e-5)


def test_the_least_total_variation_of_a_step_is_known():
    """Between two halves of n columns a step of 1 loses w/n on either side."""
    step = torch.cat([torch.zeros(1, 1, 6, 10), torch.ones(1, 1, 6, 10)], 3)
    expected = step + (0.5 - step).sign() * 0.2 / 10
    torch.testing.assert_close(filters.total_variation(0.2)(step), expected, atol=2e-3, rtol=0)


@pytest.mark.parametrize("name", RIVALS)
def test_every_rival_at_its_best_removes_noise(name):
    best = tune(RIVALS[name](0.3), CLEAN, GaussianNoise(0.3))
    assert psnr(best(NOISY), CLEAN.all().images).mean() > psnr(NOISY, CLEAN.all().images).mean() + 3
    assert best.settings in repr(best)


def test_total_variation_comes_near_the_least_of_its_cost():
    plane = NOISY[0, 0].numpy()
    cost = cost_of(plane, 0.2)
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


def cost_of(plane, weight):
    """½ ‖r − x̃‖² + w Σ |∇r| of a picture and its restored one."""

    def cost(restored):
        down, across = (
            np.diff(restored, axis=0, append=restored[-1:]),
            np.diff(restored, axis=1, append=restored[:, -1:]),
        )
        return 0.5 * ((restored - plane) ** 2).sum() + weight * np.hypot(down, across).sum()

    return cost


def test_wiener_undoes_a_blur():
    clean = torch.zeros(1, 1, 28, 28)
    clean[..., 9:19, 11:15] = 1
    blurred = Blur(1.0)(clean, torch.Generator())
    restored = filters.wiener(1.0, 1e-4)(blurred)
    assert psnr(restored, clean).mean() > psnr(blurred, clean).mean() + 5
    again = Blur(1.0)(restored, torch.Generator())
    torch.testing.assert_close(again, blurred, atol=0.05, rtol=0)


def test_what_went_through_a_blur_comes_back_if_its_border_is_known():
    clean = CLEAN.all().images.double()  # reaches the edges
    blurred = Blur(1.0)(clean, torch.Generator())
    torch.testing.assert_close(filters.exact_inversion(1.0, 1e-20)(blurred), clean, atol=1e-5, rtol=0)
    assert psnr(filters.wiener(1.0, 1e-6)(blurred), clean).mean() < 30  # it takes the picture to be periodic


def test_an_inversion_between_0_and_1_is_the_least_of_its_cost():
    plane = NOISY[0, 0, :9, :10].numpy().astype(np.float64)
    matrix = np.vstack([blur_matrix(9, 10, 1.0), np.sqrt(1e-2) * np.eye(90)])
    expected = optimize.lsq_linear(matrix, np.append(plane.flatten(), np.zeros(90)), (0, 1), tol=1e-12).x
    found = filters.bounded_inversion(1.0, 1e-2, 3000)(NOISY[:1, :, :9, :10])[0, 0].numpy()
    np.testing.assert_allclose(found, expected.reshape(9, 10), atol=1e-4)
    assert (expected < 1e-6).any()  # the bound is felt
    unbounded = filters.exact_inversion(1.0, 1e-2)(NOISY[:1, :, :9, :10])[0, 0].numpy()
    assert np.abs(unbounded - found).max() > 0.05


def test_a_ramp_is_a_straight_line_between_its_ends():
    greys = torch.tensor([-1, 0.2, 0.35, 0.5, 0.8, 2]).view(1, 1, 1, 6)
    found = filters.Ramp(0.2, 0.8)(greys).flatten()
    torch.testing.assert_close(found, torch.tensor([0, 0, 0.25, 0.5, 1, 1]))
    assert "ramp 0.2 to 0.8" in repr(filters.Ramp(0.2, 0.8))
    with pytest.raises(ValueError, match=r"a ramp from 0\.8 to 0\.2: give two numbers, the lower one first"):
        filters.Ramp(0.8, 0.2)


def test_a_ramp_is_chosen_together_with_what_stands_before_it():
    pale = [torch.nn.Hardtanh(-1, 2), filters.gaussian(4)]

    def fade(images, generator):
        return 0.2 + 0.5 * images

    best = tune_ramped(pale, CLEAN, fade)
    assert best[0] is pale[0]
    assert (best[1].black, best[1].white) == (0.2, 0.7)
    torch.testing.assert_close(best(fade(CLEAN.all().images, None)), CLEAN.all().images)
    with pytest.raises(ValueError, match="0 candidates on 4 pictures"):
        tune_ramped([], CLEAN, fade)
    with pytest.raises(ValueError, match="2 candidates on 0 pictures"):
        tune_ramped(pale, CLEAN[:0], fade)


def test_bm3d_is_told_the_noise_and_says_where_it_is(monkeypatch):
    monkeypatch.setitem(sys.modules, "bm3d", SimpleNamespace(bm3d=lambda plane, sigma: plane + sigma))
    torch.testing.assert_close(filters.bm3d(0.25)(NOISY), (NOISY + 0.25).clamp(0, 1))
    monkeypatch.setitem(sys.modules, "bm3d", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"BM3D, free for non-commercial use only, needs bm3d .* install bm3d"
    ):
        filters.bm3d(0.25)


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
        return [float(number) for number in re.findall(r"\d[\d.]*(?:e-?\d+)?", settings)]

    rows = load_run("denoising-filters").scores["test"]
    tuned = [
        (f"{row}/{name}", RIVALS[name](float(row) if row[0] in "01" else 0.5))
        for row in ("0.1", "0.25", "0.5", "0.75", "1", "clothes", "photographs")
        for name in RIVALS
    ]
    tuned += [(f"{row}/{name}", several) for row in ("blurred", "8 bits") for name, several in inverses().items()]
    tuned += [("blurred/Wiener, nothing cut off", inverses()["Wiener"])]
    few, factors = load_run("denoising-bm3d").scores["test"], STUDIES["denoising-bm3d"].factors
    tuned += [("8 bits/bounded inversion", bounds())]
    few |= load_run("denoising-stronger").scores["test"]
    bm3d = [SimpleNamespace(settings=f"σ {0.5 * factor:g}") for factor in factors]
    tuned += [(f"few {kind}/BM3D", bm3d) for kind in ("digits", "photographs")]
    for name, several in RIVALS.items():
        tried = [f"{each.settings}, {filters.Ramp(*ends).extra_repr()}" for each in several(0.5) for ends in RAMPS]
        tuned.append((f"0.5/{name}, ramp", [SimpleNamespace(settings=each) for each in tried]))
    for name in ("linear", "mixture of 10", "mixture of 40", "mixture of 160"):
        tried = [SimpleNamespace(settings=filters.Ramp(*ends).extra_repr()) for ends in RAMPS]
        tuned.append((f"0.5/{name}, ramp", tried))
    ends = []
    for row, several in tuned:
        chosen, tried = (rows | few)[row]["settings"], [each.settings for each in several]
        assert chosen in tried
        mode = next((each for each in ("soft", "hard") if each in chosen), "")
        ranges = zip(*(numbers(each) for each in tried if mode in each), strict=True)
        inside = [min(tries) < number < max(tries) for number, tries in zip(numbers(chosen), ranges, strict=True)]
        ends += [] if all(inside) else [(row, chosen)]
    # The chapter says so of all: one pixel is the smallest square, these bilateral filters are nearly Gaussian, and
    # BM3D may have more in it.
    assert ends == [
        ("0.1/median", "side 1"),
        ("1/bilateral", "width 1.5, difference 16"),
        ("photographs/bilateral", "width 3, difference 8"),
        ("few photographs/BM3D", "σ 0.55"),
    ]
    assert rows["1/bilateral"]["psnr"][0] == pytest.approx(rows["1/Gaussian"]["psnr"][0], abs=0.01)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: filters.gaussian(0), "width is 0: give a number above 0"),
        (lambda: filters.median(4), "a square of side 4: give an odd number"),
        (lambda: filters.bilateral(1, -1), "difference is -1: give a number above 0"),
        (lambda: filters.gaussian(math.inf), "width is inf: give a number above 0"),
        (lambda: filters.median(3.0), r"a square of side 3\.0: give an odd number"),
        (lambda: filters.non_local_means(0, 1, 3), "strength is 0: give a number above 0"),
        (lambda: filters.non_local_means(0.2, -0.5, 3), "sigma is -0.5: give a standard deviation of at least 0"),
        (lambda: filters.non_local_means(0.2, math.nan, 3), "sigma is nan"),
        (lambda: filters.non_local_means(0.2, 0.5, 4), "a square of side 4: give an odd number"),
        (lambda: filters.total_variation(-1), "weight is -1: give a number above 0"),
        (lambda: filters.wavelet(0, "soft"), "strength is 0: give a number above 0"),
        (lambda: filters.wavelet(1, "half"), "no mode is called 'half'"),
        (lambda: filters.wiener(1, 0), "balance is 0: give a number above 0"),
        (lambda: filters.exact_inversion(0, 1), "blur is 0: give a number above 0"),
        (lambda: filters.exact_inversion(1, -1), "penalty is -1: give a number above 0"),
        (lambda: filters.bm3d(0), "sigma is 0: give a number above 0"),
        (lambda: filters.gaussian(1)(torch.zeros(2, 3, 8, 8)), r"images of shape \(2, 3, 8, 8\): give grey ones"),
    ],
)
def test_bad_settings_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()

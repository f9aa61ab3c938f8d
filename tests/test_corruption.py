"""Every corruption has the statistics that it promises, and refuses what it cannot spoil."""

import numpy as np
import pytest
import rooms
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import gaussian_filter

from convae import corruption
from convae.corruption import (
    Blur,
    ClippedGaussianNoise,
    GaussianNoise,
    LowResolution,
    Mask,
    SaltAndPepper,
    resize,
)

GREY = torch.full((40, 1, 50, 50), 0.5)
ALL = (GaussianNoise(0.3), ClippedGaussianNoise(0.3), SaltAndPepper(0.2), Mask(0.3), Blur(1.0), LowResolution(2))


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def pictures(count=3, channels=1, rows=24, columns=32):
    return torch.rand(count, channels, rows, columns, generator=seeded(9))


def test_no_corruption_is_forgotten():
    assert {type(corrupt) for corrupt in ALL} == rooms.concrete(corruption, corruption._Corruption)


@pytest.mark.parametrize("corrupt", ALL, ids=repr)
def test_the_generator_decides_and_the_clean_picture_stays(corrupt):
    clean = pictures()
    before = clean.clone()
    assert torch.equal(corrupt(clean, seeded()), corrupt(clean, seeded()))
    if not isinstance(corrupt, Blur | LowResolution):
        assert not torch.equal(corrupt(clean, seeded()), corrupt(clean, seeded(1)))
    assert torch.equal(clean, before)


@pytest.mark.parametrize("corrupt", ALL, ids=repr)
@pytest.mark.parametrize(
    ("clean", "message"),
    [
        (torch.tensor([[[[0.0, 1.5], [0.2, 0.1]]]]), "clean pictures run from 0 to 1.5, but have to lie in"),
        (torch.tensor([[[[-0.1, 1.0], [0.2, 0.1]]]]), "clean pictures run from -0.1 to 1"),
        (torch.tensor([[[[float("nan"), 1.0], [0.2, 0.1]]]]), "clean pictures: 1 of 1 hold NaN"),
        (torch.zeros(2, 2), r"images of shape \(2, 2\): give \[N, C, H, W\]"),
    ],
)
def test_what_is_no_clean_picture_is_refused(corrupt, clean, message):
    with pytest.raises(ValueError, match=message):
        corrupt(clean, seeded())


@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0])
def test_gaussian_noise_has_its_mean_and_deviation_and_is_not_clipped(sigma):
    noise = GaussianNoise(sigma)(GREY, seeded()) - GREY
    assert noise.mean().item() == pytest.approx(0, abs=4 * sigma / noise.numel() ** 0.5)
    assert noise.std().item() == pytest.approx(sigma, rel=0.02)
    assert (noise.abs() > 2 * sigma).float().mean().item() == pytest.approx(0.0455, abs=0.005)
    assert noise.min() < -3 * sigma
    assert torch.equal(GaussianNoise(0)(GREY, seeded()), GREY)


def test_a_range_of_noise_gives_each_picture_its_own():
    images = torch.full((2000, 1, 20, 20), 0.5)
    deviations = (GaussianNoise((0.1, 0.9))(images, seeded()) - images).flatten(1).std(1)
    assert 0.08 < deviations.min() < 0.15
    assert 0.85 < deviations.max() < 1.0
    assert deviations.mean().item() == pytest.approx(0.5, abs=0.02)


def test_clipped_noise_stays_in_range_and_moves_the_mean_of_black():
    black = torch.zeros(40, 1, 50, 50)
    noisy = ClippedGaussianNoise(0.3)(black, seeded())
    assert noisy.min() == 0
    assert noisy.max() <= 1
    assert noisy.mean().item() == pytest.approx(0.3 / (2 * np.pi) ** 0.5, rel=0.02)  # E max(0, n)
    assert (noisy == 0).float().mean().item() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_salt_and_pepper_come_in_equal_shares_and_on_all_channels(share):
    spoiled = SaltAndPepper(share)(torch.full((20, 3, 60, 60), 0.5), seeded())
    assert (spoiled == 0).float().mean().item() == pytest.approx(share / 2, abs=0.01)
    assert (spoiled == 1).float().mean().item() == pytest.approx(share / 2, abs=0.01)
    assert torch.equal(spoiled[:, :1].expand_as(spoiled), spoiled)


@settings(deadline=None, max_examples=40)
@given(share=st.floats(0, 1), side=st.integers(1, 9), rows=st.integers(1, 30), columns=st.integers(1, 30))
def test_a_mask_is_made_of_squares(share, side, rows, columns):
    spoiled = Mask(share, side)(torch.ones(4, 2, rows, columns), seeded())
    assert set(spoiled.unique().tolist()) <= {0.0, 1.0}
    assert torch.equal(spoiled[:, 0], spoiled[:, 1])
    for top in range(0, rows, side):
        for left in range(0, columns, side):
            square = spoiled[..., top : top + side, left : left + side].flatten(1)
            assert (square == square[:, :1]).all()


def test_a_mask_covers_its_share():
    spoiled = Mask(0.3, 5)(torch.ones(200, 1, 50, 50), seeded())
    assert spoiled.mean().item() == pytest.approx(0.7, abs=0.02)


@pytest.mark.parametrize("sigma", [0.6, 1.0, 2.5])
def test_blur_is_scipys(sigma):
    images = pictures(channels=3)
    expected = np.stack(
        [[gaussian_filter(plane, sigma, mode="nearest", truncate=4) for plane in picture] for picture in images.numpy()]
    )
    np.testing.assert_allclose(Blur(sigma)(images, seeded()).numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("factor", [2, 3, 4, 8])
def test_small_pictures_are_pillows_bicubic_ones(factor):
    images = pictures(1, 1, 24, 48)
    small = LowResolution(factor)(images, seeded())
    assert small.shape == (1, 1, 24 // factor, 48 // factor)
    pillow = Image.fromarray(images[0, 0].numpy()).resize((48 // factor, 24 // factor), Image.Resampling.BICUBIC)
    np.testing.assert_allclose(small[0, 0].numpy(), np.asarray(pillow), atol=2e-5)
    enlarged = LowResolution(factor, enlarge=True)(images, seeded())
    np.testing.assert_allclose(
        enlarged[0, 0].numpy(), np.asarray(pillow.resize((48, 24), Image.Resampling.BICUBIC)), atol=2e-5
    )
    torch.testing.assert_close(resize(small, (24, 48)), enlarged)


def test_a_box_is_the_mean_of_its_pixels():
    images = pictures(2, 3, 12, 8)
    small = LowResolution(4, "box")(images, seeded())
    torch.testing.assert_close(small[1, 2, 2, 1], images[1, 2, 8:12, 4:8].mean())


def test_a_picture_that_the_factor_does_not_divide_is_refused_or_cropped():
    images = pictures(1, 1, 25, 32)
    with pytest.raises(ValueError, match="a factor of 4 does not divide 25×32 pixels: crop them, or say crop=True"):
        LowResolution(4)(images, seeded())
    corrupt = LowResolution(4, crop=True)
    assert corrupt(images, seeded()).shape == (1, 1, 6, 8)
    assert torch.equal(corrupt.target(images), images[..., :24, :])
    assert torch.equal(corrupt(images, seeded()), LowResolution(4)(images[..., :24, :], seeded()))
    with pytest.raises(ValueError, match="3×32 pixels are too small for a factor of 4"):
        corrupt(images[..., :3, :], seeded())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GaussianNoise(-0.1), "sigma is -0.1: give a deviation of at least 0"),
        (lambda: GaussianNoise(float("nan")), "sigma is nan"),
        (lambda: GaussianNoise((0.5, 0.1)), r"sigma is \(0.5, 0.1\)"),
        (lambda: GaussianNoise("0.5"), "sigma is '0.5': give a deviation"),
        (lambda: GaussianNoise((0.1,)), r"sigma is \(0\.1,\)"),
        (lambda: ClippedGaussianNoise(-1), "sigma is -1"),
        (lambda: ClippedGaussianNoise((0, 1)), r"sigma is \(0, 1\): give one deviation"),
        (lambda: SaltAndPepper(1.1), "a share of 1.1: give one from 0 to 1"),
        (lambda: Mask(-0.5), "a share of -0.5"),
        (lambda: Mask(0.5, 0), "squares of 0 pixels: give a whole side of at least 1"),
        (lambda: Mask(0.5, 1.5), "squares of 1.5 pixels"),
        (lambda: Blur(0), "sigma is 0: give a width above 0 pixels"),
        (lambda: LowResolution(1), "factor is 1: give a whole number of at least 2"),
        (lambda: LowResolution(2.5), "factor is 2.5"),
        (lambda: LowResolution(2, "bicubik"), "no reduction is called 'bicubik': did you mean bicubic"),
    ],
)
def test_settings_that_cannot_be(make, message):
    with pytest.raises(ValueError, match=message):
        make()

"""Losses and metrics against torchmetrics and scikit-image, one number per image."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import rgb2ycbcr
from skimage.metrics import structural_similarity
from torch.nn import functional
from torchmetrics.functional.image import peak_signal_noise_ratio

from convae.measures.losses import mse
from convae.measures.metrics import PERFECT_PSNR, luma, psnr, ssim

SCORES = [mse, psnr, ssim]


def pair(count, shape, noise, seed=0):
    """Targets in [0, 1] and something near them that leaves that range, in float64."""
    generator = torch.Generator().manual_seed(seed)
    rough = torch.rand(count, *shape, generator=generator, dtype=torch.float64)
    target = functional.avg_pool2d(rough, 3, 1, 1)
    return target + noise * torch.randn(target.shape, generator=generator, dtype=torch.float64), target


CASES = st.builds(
    pair,
    count=st.integers(1, 4),
    shape=st.tuples(st.sampled_from([1, 3]), st.integers(11, 30), st.integers(11, 30)),
    noise=st.floats(0.001, 1),
    seed=st.integers(0, 2**31),
)


@settings(deadline=None, max_examples=20)
@given(CASES)
def test_mse_is_pytorchs_for_each_image(images):
    expected = functional.mse_loss(*images, reduction="none").mean((1, 2, 3))
    torch.testing.assert_close(mse(*images), expected)


@settings(deadline=None, max_examples=20)
@given(CASES)
def test_psnr_is_torchmetrics_for_each_image(images):
    restored, target = images
    expected = [
        peak_signal_noise_ratio(r[None], t[None], data_range=1.0, dim=(1, 2, 3), reduction="none").item()
        for r, t in zip(restored.clamp(0, 1), target, strict=True)
    ]
    assert psnr(restored, target).tolist() == pytest.approx(expected, abs=1e-4)  # torchmetrics takes a float32 range


@settings(deadline=None, max_examples=20)
@given(CASES)
def test_ssim_is_scikit_images_with_the_papers_settings(images):
    restored, target = images
    expected = [
        structural_similarity(
            t.numpy(),
            r.numpy(),
            data_range=1.0,
            channel_axis=0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for r, t in zip(restored.clamp(0, 1), target, strict=True)
    ]
    assert ssim(restored, target).tolist() == pytest.approx(expected, abs=1e-9)
    assert ssim(restored.float(), target.float()).tolist() == pytest.approx(expected, abs=1e-4)


def test_scikit_images_default_window_is_another_score():
    restored, target = pair(1, (1, 28, 28), 0.2)
    other = structural_similarity(target[0, 0].numpy(), restored.clamp(0, 1)[0, 0].numpy(), data_range=1.0)
    assert abs(ssim(restored, target).item() - other) > 0.005


@pytest.mark.parametrize("score", SCORES)
def test_one_number_per_image_whatever_stands_beside_it(score):
    restored, target = pair(5, (2, 14, 17), 0.3)
    together = score(restored, target)
    assert together.shape == (5,)
    alone = torch.cat([score(restored[i : i + 1], target[i : i + 1]) for i in range(5)])
    torch.testing.assert_close(together, alone)


def test_the_mean_of_psnr_is_not_the_psnr_of_the_mean():
    restored, target = pair(2, (1, 12, 12), 0.01)
    restored[1] += 0.3
    pooled = peak_signal_noise_ratio(restored.clamp(0, 1), target, data_range=1.0)
    assert psnr(restored, target).mean() > pooled + 2


def test_psnr_of_a_known_error():
    target = torch.full((1, 1, 12, 12), 0.5, dtype=torch.float64)
    assert psnr(target + 0.1, target).item() == pytest.approx(20)
    assert mse(target + 0.1, target).item() == pytest.approx(0.01)


@pytest.mark.parametrize("score", [psnr, ssim])
def test_what_is_judged_is_clipped(score):
    restored, target = pair(3, (1, 15, 15), 0.8)
    assert torch.equal(score(restored, target), score(restored.clamp(0, 1), target))


def test_what_is_trained_on_is_not_clipped():
    restored, target = pair(3, (1, 15, 15), 0.8)
    assert (mse(restored, target) > mse(restored.clamp(0, 1), target)).all()


def test_a_perfect_picture_has_a_finite_score():
    _, target = pair(2, (1, 15, 15), 0.1)
    assert mse(target, target).tolist() == [0, 0]
    assert psnr(target, target).tolist() == [PERFECT_PSNR, PERFECT_PSNR]
    assert psnr(target + 1e-9, target).tolist() == [PERFECT_PSNR, PERFECT_PSNR]
    assert ssim(target, target).tolist() == pytest.approx([1, 1])


def test_the_gradient_of_mse_is_twice_the_error_over_the_pixels():
    restored, target = pair(2, (1, 4, 5), 0.1)
    restored.requires_grad_()
    mse(restored, target).sum().backward()
    torch.testing.assert_close(restored.grad, 2 * (restored.detach() - target) / 20)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    ("shape", "other", "message"),
    [
        ((2, 1, 28, 28), (2, 28, 28), r"\(2, 1, 28, 28\) are compared with \(2, 28, 28\)"),
        ((2, 1, 28, 28), (1, 1, 28, 28), "crop or resize"),
        ((2, 1, 28, 28), (2, 1, 36, 36), "crop or resize"),
        ((1, 28, 28), (1, 28, 28), r"\(1, 28, 28\): give \[N, C, H, W\], a single one as \[1, C, H, W\]"),
    ],
)
def test_what_cannot_be_compared_is_refused(score, shape, other, message):
    with pytest.raises(ValueError, match=message):
        score(torch.rand(shape), torch.rand(other))


@pytest.mark.parametrize("score", SCORES)
def test_bytes_are_no_images(score):
    images = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    with pytest.raises(ValueError, match=r"images of torch\.uint8: give floating point"):
        score(images, images)


@pytest.mark.parametrize("score", [psnr, ssim])
@pytest.mark.parametrize(
    ("scale", "shift", "message"),
    [
        (255, 0, r"target pictures run from 0 to 255, but have to lie in \[0, 1\]: divide by 255"),
        (2, -1, r"target pictures run from -1 to 1, .*: bring −1 to 1 to 0 to 1 by \(x \+ 1\) / 2"),
        (1.03, -0.01, r"target pictures run from -0.01 to 1.02, .*: clamp what a resizing left outside"),
    ],
)
def test_a_target_of_another_range_has_no_score(score, scale, shift, message):
    target = torch.linspace(0, 1, 256).view(1, 1, 16, 16)
    with pytest.raises(ValueError, match=message):
        score(scale * target + shift, scale * target + shift)
    score(scale * target + shift, target)  # what is restored is clipped by convention


@pytest.mark.parametrize("score", [psnr, ssim])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_averaged(score, bad):
    _, target = pair(3, (1, 15, 15), 0.1)
    spoiled = target.clone()
    spoiled[1, 0, 3, 4] = bad
    with pytest.raises(ValueError, match="restored pictures: 1 of 3 hold NaN or infinity, number 1 first: leave them"):
        score(spoiled, target)
    with pytest.raises(ValueError, match="target pictures"):
        score(target, spoiled)
    assert mse(spoiled, target).isfinite().tolist() == [True, False, True]  # the loss waits for no device


def test_ssim_needs_room_for_its_window():
    with pytest.raises(ValueError, match="images of 10×28 pixels: SSIM's window needs at least 11×11"):
        ssim(torch.rand(1, 1, 10, 28), torch.rand(1, 1, 10, 28))


def test_luma_is_scikit_images_studio_swing():
    images = torch.rand(2, 3, 5, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = rgb2ycbcr(images.permute(0, 2, 3, 1).numpy())[..., 0] / 255
    torch.testing.assert_close(luma(images)[:, 0], torch.from_numpy(expected))
    ends = luma(torch.tensor([0.0, 1.0]).view(2, 1, 1, 1).expand(-1, 3, 1, 1))
    assert (255 * ends.flatten()).round().tolist() == [16, 235]


def test_luma_of_a_grey_picture_is_refused():
    with pytest.raises(ValueError, match=r"give \[N, 3, H, W\] in red, green and blue"):
        luma(torch.rand(2, 1, 4, 4))
    with pytest.raises(
        ValueError, match=r"images of torch\.uint8: give floating point in \[0, 1\], bytes divided by 255"
    ):
        luma(torch.zeros(2, 3, 4, 4, dtype=torch.uint8))  # whose weights would overflow without a word

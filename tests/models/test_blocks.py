"""Blurred subsampling, sub-pixel convolution with ICNR, resize-convolution."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from convae.arithmetic.tracing import trace
from convae.models import BlurPool, binomial, icnr_, resize_convolve, sub_pixel


@pytest.mark.parametrize("size", range(1, 12))
def test_binomial_coefficients(size):
    expected = [math.comb(size - 1, k) / 2 ** (size - 1) for k in range(size)]
    assert binomial(size).tolist() == pytest.approx(expected)


@pytest.mark.parametrize("size", [0, -2])
def test_no_taps(size):
    with pytest.raises(ValueError, match=f"the number of taps is {size}: it has to be at least 1"):
        binomial(size)


@settings(deadline=None)
@given(channels=st.integers(1, 5), stride=st.integers(1, 5), rows=st.integers(5, 40), columns=st.integers(5, 40))
def test_blur_pool_has_the_shape_of_a_pooling_and_keeps_even_pictures(channels, stride, rows, columns):
    pool = BlurPool(channels, stride)
    flat = torch.rand(channels)[None, :, None, None].expand(2, channels, rows, columns)
    expected = functional.max_pool2d(flat, stride)  # the size and the values that it should have
    torch.testing.assert_close(pool(flat), expected)


@pytest.mark.parametrize("stride", [2, 3, 4])
def test_blur_pool_is_centred_on_the_windows_of_a_pooling(stride):
    slope = torch.arange(10.0 * stride).expand(1, 1, 10 * stride, -1)
    inner = (..., slice(2, -2), slice(2, -2))  # away from the repeated edges
    torch.testing.assert_close(BlurPool(1, stride)(slope)[inner], functional.avg_pool2d(slope, stride)[inner])


def test_blur_pool_blurs_each_channel_with_a_kernel_that_sums_to_1():
    pool = BlurPool(3, 3)
    assert pool.weight.shape == (3, 1, 5, 5)
    torch.testing.assert_close(pool.weight.sum((1, 2, 3)), torch.ones(3))
    taps = torch.tensor([1.0, 4, 6, 4, 1]) / 16
    torch.testing.assert_close(pool.weight, torch.outer(taps, taps).expand(3, 1, 5, 5))
    picture = torch.rand(1, 3, 12, 12)
    brighter = picture.clone()
    brighter[:, 1] += 1
    assert torch.equal(pool(picture)[:, ::2], pool(brighter)[:, ::2])


def test_blur_pool_learns_nothing_stores_nothing_draws_nothing_and_its_products_count():
    before = torch.get_rng_state()
    pool = BlurPool(8, 3)
    assert torch.equal(torch.get_rng_state(), before)
    assert list(pool.parameters()) == []
    assert pool.state_dict() == {}
    (layer,) = trace(pool, (8, 27, 27))
    assert layer.parameters == 0
    assert layer.multiply_adds == 8 * 25 * 9 * 9
    assert pool.to(torch.float64).weight.dtype == torch.float64


@pytest.mark.parametrize("stride", [2, 3])
def test_blur_pool_changes_less_under_a_shift_than_the_others(stride):
    chance = torch.Generator().manual_seed(0)
    pictures = torch.rand(50, 1, 12 * stride + 1, 12 * stride + 1, generator=chance)
    here, moved = pictures[..., :-1, :-1], pictures[..., 1:, 1:]

    def change(pool):
        return (pool(here) - pool(moved)).square().mean() / pool(here).var()

    blur, average = change(BlurPool(1, stride)), change(nn.AvgPool2d(stride))
    assert blur < average < change(nn.MaxPool2d(stride))
    assert average < change(lambda images: images[..., ::stride, ::stride])


@pytest.mark.parametrize("settings", [(0, 2), (3, 0), (-1, -1)])
def test_impossible_blur_pools(settings):
    with pytest.raises(ValueError, match=r"(channels|stride) is (0|-1): it has to be at least 1"):
        BlurPool(*settings)


@settings(deadline=None, max_examples=40)
@given(
    channels_in=st.integers(1, 4),
    channels_out=st.integers(1, 4),
    kernel=st.sampled_from([1, 3, 5]),
    factor=st.integers(1, 4),
    side=st.integers(1, 8),
)
def test_sub_pixel_starts_as_one_convolution_with_repeated_pixels(channels_in, channels_out, kernel, factor, side):
    block, picture = sub_pixel(channels_in, channels_out, kernel, factor), torch.rand(2, channels_in, side, side)
    convolution = block[0]
    low = functional.conv2d(
        picture, convolution.weight[:: factor**2], convolution.bias[:: factor**2], padding=kernel // 2
    )
    torch.testing.assert_close(block(picture), functional.interpolate(low, scale_factor=factor, mode="nearest"))


def test_without_icnr_a_sub_pixel_convolution_starts_with_a_pattern():
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(3, 8, 3), nn.PixelShuffle(2))
    flat = torch.ones(1, 3, 6, 6)
    assert plain(flat)[0].std((1, 2)).min() > 0.01
    icnr_(plain[0], 2)
    assert plain(flat)[0].std((1, 2)).max() < 1e-6
    assert plain(flat).std() > 0.01  # the channels still differ


def test_icnr_leaves_a_convolution_without_bias_without_one():
    convolution = nn.Conv2d(2, 8, 3, bias=False)
    icnr_(convolution, 2)
    assert convolution.bias is None
    assert torch.equal(convolution.weight[0], convolution.weight[3])
    assert not torch.equal(convolution.weight[3], convolution.weight[4])


@pytest.mark.parametrize(("channels", "factor"), [(6, 2), (8, 3)])
def test_icnr_needs_whole_groups(channels, factor):
    with pytest.raises(ValueError, match=f"{channels} output channels for a factor of {factor}: give a multiple of"):
        icnr_(nn.Conv2d(1, channels, 3), factor)
    with pytest.raises(ValueError, match="factor is 0: it has to be at least 1"):
        icnr_(nn.Conv2d(1, channels, 3), 0)


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_resize_convolve_is_an_interpolation_and_a_convolution(mode):
    block, picture = resize_convolve(3, 5, 3, 2, mode), torch.rand(2, 3, 6, 7)
    enlarged = functional.interpolate(picture, scale_factor=2, mode=mode)
    expected = functional.conv2d(enlarged, block[1].weight, block[1].bias, padding=1)
    torch.testing.assert_close(block(picture), expected)
    assert expected.shape == (2, 5, 12, 14)


def test_even_pictures_come_out_of_both_without_a_checkerboard():
    flat = torch.full((1, 3, 8, 8), 0.3)
    for block in (sub_pixel(3, 2), resize_convolve(3, 2), resize_convolve(3, 2, mode="bilinear")):
        assert block(flat)[0, :, 4:-4, 4:-4].std((1, 2)).max() < 1e-6
    transposed = nn.ConvTranspose2d(3, 2, 3, 2, 1, 1)
    assert transposed(flat)[0, :, 4:-4, 4:-4].std((1, 2)).min() > 1e-3


@pytest.mark.parametrize("build", [sub_pixel, resize_convolve])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ((1, 1, 4), "a kernel of 4 would shift the picture by half a pixel: use 5"),
        ((0, 1), "channels_in is 0: it has to be at least 1"),
        ((1, 1, 3, 0), "factor is 0"),
    ],
)
def test_impossible_blocks(build, settings, message):
    with pytest.raises(ValueError, match=message):
        build(*settings)


def test_unknown_resizing():
    with pytest.raises(ValueError, match="mode is 'cubic': choose nearest or bilinear"):
        resize_convolve(1, 1, mode="cubic")

"""Ways to make pictures smaller and larger: blurred subsampling, sub-pixel convolution, resizing before convolving."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from convae.arithmetic.shapes import MOST, check_whole

__all__ = ["BlurPool", "binomial", "icnr_", "resize_convolve", "sub_pixel"]

RESIZES = ("nearest", "bilinear")


class BlurPool(nn.Conv2d):
    """Every `stride`-th pixel of each channel, blurred first so that little aliases [zhang2019making].

    The kernel is binomial and sums to 1: 1 3 3 1 for a stride of 2, 1 4 6 4 1 for 3. It is centred where the window of
    a pooling of that stride is, but about twice as long, so that neighbours overlap; n pixels become n // stride.
    Nothing is learnt and nothing is stored. At the edge the outermost pixels are repeated.

    Args:
        channels: Of the input, and of the output.
        stride: Factor by which the picture gets smaller.

    Raises:
        ValueError: no channels, or a stride below 1 or above 500.
    """

    def __init__(self, channels: int, stride: int) -> None:
        check_whole(1, MOST, channels=channels)
        check_whole(1, 500, stride=stride)
        size = 2 * stride - stride % 2
        super().__init__(
            channels,
            channels,
            size,
            stride,
            stride // 2,
            groups=channels,
            bias=False,
            padding_mode="replicate",
            device="meta",  # the weights are replaced at once: draw none from the global generator
        )
        del self.weight  # a parameter would be trained; a buffer is not, and convolves as well
        kernel = torch.outer(binomial(size), binomial(size))
        self.register_buffer("weight", kernel.repeat(channels, 1, 1, 1), persistent=False)


def binomial(size: int) -> Tensor:
    """Binomial coefficients of so many taps, divided by their sum: [1, 2, 1] / 4 for three.

    Raises:
        ValueError: no taps, or more than 1,000.
    """
    check_whole(1, 1000, **{"the number of taps": size})
    taps = torch.ones(1)
    for _ in range(size - 1):  # halved on the way: from 129 taps on, the sum is beyond float32
        taps = (torch.cat([taps, torch.zeros(1)]) + torch.cat([torch.zeros(1), taps])) / 2
    return taps


def sub_pixel(channels_in: int, channels_out: int, kernel: int = 3, factor: int = 2) -> nn.Sequential:
    """Enlarges by convolving at the low resolution and laying factor² channels side by side [shi2016real].

    It starts by `icnr_`, so that an untrained one is as smooth as nearest-neighbour enlarging.

    Args:
        kernel: Odd, so that the picture keeps its place.
        factor: Of both rows and columns.

    Raises:
        ValueError: a kernel that is even, or a number below 1.
    """
    _check(channels_in, channels_out, kernel, factor)
    convolution = nn.Conv2d(channels_in, channels_out * factor**2, kernel, padding=kernel // 2)
    icnr_(convolution, factor)
    return nn.Sequential(convolution, nn.PixelShuffle(factor))


def icnr_(convolution: nn.Conv2d, factor: int) -> None:
    """Gives the factor² channels that become one picture the same weights and bias, in place [aitken2017checkerboard].

    Behind a `PixelShuffle` the output is then that of one convolution, enlarged by repeating pixels.

    Raises:
        ValueError: its output channels are no multiple of factor².
    """
    check_whole(1, factor=factor)
    if convolution.out_channels % factor**2:
        raise ValueError(
            f"{convolution.out_channels} output channels for a factor of {factor}: give a multiple of factor²"
        )
    with torch.no_grad():
        for values in (convolution.weight, convolution.bias):
            if values is not None:
                values.copy_(values[:: factor**2].repeat_interleave(factor**2, 0))


def resize_convolve(
    channels_in: int, channels_out: int, kernel: int = 3, factor: int = 2, mode: str = "nearest"
) -> nn.Sequential:
    """Enlarges by a fixed interpolation and convolves what comes out [odena2016deconvolution].

    Args:
        kernel: Odd, so that the picture keeps its size.
        mode: "nearest" or "bilinear".

    Raises:
        ValueError: a kernel that is even, a number below 1, or another mode.
    """
    _check(channels_in, channels_out, kernel, factor)
    if mode not in RESIZES:
        raise ValueError(f"mode is {mode!r}: choose {' or '.join(RESIZES)}")
    enlarged = nn.Upsample(scale_factor=factor, mode=mode)
    return nn.Sequential(enlarged, nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2))


def _check(channels_in: int, channels_out: int, kernel: int, factor: int) -> None:
    check_whole(1, MOST, channels_in=channels_in, channels_out=channels_out)
    check_whole(1, kernel=kernel, factor=factor)
    check_whole(1, MOST, **{"channels_out · factor²": channels_out * factor**2})
    if kernel % 2 == 0:
        raise ValueError(f"a kernel of {kernel} would shift the picture by half a pixel: use {kernel + 1}")

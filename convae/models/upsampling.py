"""Small autoencoders that differ in one thing only: by which layer they come back up."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from torch import nn

from convae.models.autoencoder import Autoencoder
from convae.models.blocks import resize_convolve, sub_pixel
from convae.names import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["UPSAMPLERS", "upsampling_autoencoder"]


def _plain_sub_pixel(channels_in: int, channels_out: int) -> nn.Sequential:
    """The same layer without ICNR: every phase starts with weights of its own."""
    return nn.Sequential(nn.Conv2d(channels_in, 4 * channels_out, 3, padding=1), nn.PixelShuffle(2))


# A block that doubles rows and columns, and the channels between two of them that bring each net to about as many
# parameters: 1,306 to 1,333 in the decoder.
UPSAMPLERS: dict[str, tuple[Callable[[int, int], nn.Module], int]] = {
    "transposed-2": (partial(nn.ConvTranspose2d, kernel_size=2, stride=2), 36),
    "transposed-3": (partial(nn.ConvTranspose2d, kernel_size=3, stride=2, padding=1, output_padding=1), 16),
    "transposed-4": (partial(nn.ConvTranspose2d, kernel_size=4, stride=2, padding=1), 9),
    "resize-convolve": (resize_convolve, 16),
    "sub-pixel": (sub_pixel, 4),
    "sub-pixel-plain": (_plain_sub_pixel, 4),
}


def upsampling_autoencoder(upsampler: str) -> Autoencoder:
    """1×32×32 to 8×8×8 by two convolutions of stride 2, and back by two blocks of one kind; nothing bounds the output.

    Args:
        upsampler: Name in UPSAMPLERS.

    Raises:
        ValueError: there is no such block.
    """
    block, channels = lookup(UPSAMPLERS, upsampler, "upsampler")
    encoder = nn.Sequential(nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 8, 3, 2, 1))
    decoder = nn.Sequential(nn.ReLU(), block(8, channels), nn.ReLU(), block(channels, 1))
    return Autoencoder(encoder, decoder, (1, 32, 32))

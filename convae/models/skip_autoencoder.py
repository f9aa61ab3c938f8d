"""An autoencoder whose decoder is also shown the encoder's maps, after [utec2021]."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import nn

from convae.arithmetic.shapes import MOST, check_whole, convolution_size, inverting_output_padding
from convae.models.limits import check_channels, check_image_shape
from convae.names import lookup
from convae.tensors import check_shape

if TYPE_CHECKING:
    from torch import Tensor

    from convae.tensors import Codes, Images, ImageShape

__all__ = ["SkipAutoencoder"]

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky-relu": lambda: nn.LeakyReLU(0.01),
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "none": nn.Identity,
}


class SkipAutoencoder(nn.Module):
    """Strided convolutions to a small map, two linear layers around the code z, transposed convolutions back; each of
    these sees what comes up to it beside the encoder's map of that size [utec2021].

    So there are as many paths across as convolutions, and the innermost one carries the very map that z is made of.

    Args:
        channels: Of each encoder layer's output; its length is the depth.
        code_size: Numbers in z.
        kernel: Side of every kernel, in pixels.
        stride: Of every layer.
        padding: Around the input of every layer.
        image_shape: (channels, rows, columns); the linear layers fit no other.
        activation: Behind every layer but those at the end that `outputs` names.
        outputs: Activations of the last layers, the last one last.
        normalize: Batch normalisation [ioffe2015batch] between each layer and its activation, but not at the end.
        pool: Convolve on the way down with a kernel of 3, which keeps the size at stride 1 as no even one does, and
            max-pool by the stride.

    Raises:
        ValueError: a number out of its range, an unknown activation, more outputs than layers, or a layer that does not
            fit; with `pool` one whose way back does not begin at what pooling leaves.
    """

    def __init__(
        self,
        channels: Sequence[int] = (64, 128, 256),
        code_size: int = 512,
        kernel: int = 4,
        stride: int = 2,
        padding: int = 1,
        image_shape: ImageShape = (3, 64, 64),
        activation: str = "relu",
        outputs: Sequence[str] = ("tanh", "tanh"),
        normalize: bool = False,
        pool: bool = False,
    ) -> None:
        super().__init__()
        check_channels(channels)
        check_whole(1, MOST, code_size=code_size)
        check_whole(1, kernel=kernel, stride=stride)
        image_shape = check_image_shape(image_shape)
        if len(outputs) > len(channels):
            raise ValueError(f"{len(outputs)} outputs for {len(channels)} layers: give at most one for each")
        names = [*[activation] * (len(channels) - len(outputs)), *outputs]
        behind = [lookup(ACTIVATIONS, name, "activation") for name in names]
        between = lookup(ACTIVATIONS, activation, "activation")
        self.image_shape, self.depth = image_shape, len(channels)

        def normalization(width: int) -> list[nn.Module]:
            return [nn.BatchNorm2d(width)] if normalize else []

        down, up = [], []
        rows, columns = image_shape[1:]
        for layer, (before, after) in enumerate(itertools.pairwise([image_shape[0], *channels])):
            try:
                smaller = [convolution_size(size, kernel, stride, padding) for size in (rows, columns)]
                added = [inverting_output_padding(size, kernel, stride, padding) for size in (rows, columns)]
            except ValueError as error:
                raise ValueError(f"layer {layer + 1} of {len(channels)}, on {rows}×{columns}: {error}") from None
            if pool and smaller != [rows // stride, columns // stride]:
                raise ValueError(
                    f"layer {layer + 1} of {len(channels)}: pooling by {stride} leaves {rows // stride}×"
                    f"{columns // stride}, kernel {kernel} with padding {padding} comes back from {smaller[0]}×"
                    f"{smaller[1]}: choose kernel and padding for which these agree"
                )
            steps: list[nn.Module] = [nn.Conv2d(before, after, kernel, stride, padding)]
            if pool:
                steps = [nn.Conv2d(before, after, 3, padding=1), nn.MaxPool2d(stride)]
            down.append(nn.Sequential(*steps, *normalization(after), between()))
            enlarge = nn.ConvTranspose2d(2 * after, before, kernel, stride, padding, (added[0], added[1]))
            up.append(nn.Sequential(enlarge, *(normalization(before) if layer else []), behind[-1 - layer]()))
            rows, columns = smaller
        self.down, self.up = nn.ModuleList(down), nn.ModuleList(up)  # both from the picture inwards
        self.inner_shape = (channels[-1], rows, columns)
        numbers = channels[-1] * rows * columns
        self.to_code, self.from_code = nn.Linear(numbers, code_size), nn.Linear(code_size, numbers)
        self.to(memory_format=torch.channels_last)  # so many channels are convolved a seventh faster by a CPU

    def forward(
        self, images: Images, skips: Sequence[bool] | None = None, change: Callable[[Codes], Codes] | None = None
    ) -> Images:
        """The restored images, of their shape.

        Args:
            skips: Of each layer, that of the largest map first, whether its map is carried across; zeros stand in for
                one that is not. None carries all.
            change: What becomes of the codes z [N, code_size] on their way.

        Raises:
            ValueError: images of another shape, or not one switch for each layer.
        """
        check_shape(images, self.image_shape)
        if skips is not None and len(skips) != self.depth:
            raise ValueError(f"{len(skips)} switches for {self.depth} layers: give one for each")
        maps: list[Tensor] = []
        for layer in self.down:
            maps.append(layer(maps[-1] if maps else images.contiguous(memory_format=torch.channels_last)))
        codes = self.to_code(maps[-1].flatten(1))  # [N, code_size]
        codes = codes if change is None else change(codes)
        restored: Images = self.from_code(codes).unflatten(1, self.inner_shape)
        for level in reversed(range(self.depth)):
            across = maps[level] if skips is None or skips[level] else torch.zeros_like(maps[level])
            restored = self.up[level](torch.cat([across, restored], 1))
        return restored

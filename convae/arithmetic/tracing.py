"""What the layers of a net do to a picture: shapes, parameters and products one by one, and what each number sees."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class LayerTrace:
    """What one layer makes of a picture; shapes without the batch axis."""

    name: str
    layer: nn.Module
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    parameters: int

    @property
    def kind(self) -> str:
        return type(self.layer).__name__

    @property
    def multiply_adds(self) -> int:
        """Products of weights and numbers for one picture (see `shapes.multiply_adds`).

        0 for every layer that is neither a convolution, transposed or not, nor linear.
        """
        if isinstance(self.layer, nn.Conv1d | nn.Conv2d | nn.Conv3d):
            return self.layer.weight.numel() * math.prod(self.output_shape[1:])
        if isinstance(self.layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d):
            return self.layer.weight.numel() * math.prod(self.input_shape[1:])
        if isinstance(self.layer, nn.Linear):
            return self.layer.weight.numel() * math.prod(self.input_shape[:-1])
        return 0


def trace(model: nn.Module, shape: Sequence[int]) -> list[LayerTrace]:
    """Every innermost layer of a model, in the order in which a picture of this shape passes it.

    One black picture passes a copy of the model. What a module does between its layers, in its own `forward`, is not
    listed.

    Args:
        model: Any module that takes one tensor; it is left untouched.
        shape: Of one input, without the batch axis.

    Raises:
        ValueError: an input of this shape does not pass; the message names the layer where it gets stuck.
    """
    copied = copy.deepcopy(model).eval()
    originals = dict(model.named_modules())
    steps: list[LayerTrace] = []
    entered = ["its own code"]

    def watch(name: str, layer: nn.Module) -> None:
        def enter(_: nn.Module, inputs: tuple[Any, ...]) -> None:
            entered.append(f"{name or 'the model'} ({type(layer).__name__}) got {_shape(inputs)}")

        def leave(_: nn.Module, inputs: tuple[Any, ...], output: object) -> None:
            parameters = sum(p.numel() for p in layer.parameters())
            steps.append(LayerTrace(name, originals[name], _shape(inputs), _shape(output), parameters))

        layer.register_forward_pre_hook(enter)
        layer.register_forward_hook(leave)

    for name, layer in copied.named_modules():
        if not any(layer.children()):
            watch(name, layer)
    picture = next(copied.parameters(), torch.empty(0)).new_zeros(1, *shape)
    try:
        with torch.no_grad():  # not on the meta device: its first convolution imports 900 modules, for seconds
            copied(picture)
    except RuntimeError as error:
        raise ValueError(
            f"an input of shape {tuple(shape)} does not pass: {entered[-1]}: {error}; give the shape (channels, rows, "
            "columns) that the model was built for"
        ) from None
    return steps


def _shape(value: object) -> tuple[int, ...]:
    """Of the first tensor, without the batch axis."""
    while isinstance(value, tuple | list):
        value = value[0]
    return tuple(value.shape[1:]) if isinstance(value, Tensor) else ()


@dataclass(frozen=True)
class ReceptiveField:
    """The pixels to which one number is tied, along one axis.

    Args:
        offsets: The pixels of number 0, in order. Negative ones lie in the padding; there are gaps between them where a
            dilated kernel, or a stride larger than the kernel, leaves pixels out.
        jump: By how many pixels those of the next number lie further on.
    """

    offsets: tuple[int, ...] = (0,)
    jump: int = 1

    @property
    def size(self) -> int:
        """Pixels from the first to the last, gaps included."""
        return self.offsets[-1] - self.offsets[0] + 1

    @property
    def start(self) -> int:
        """The first pixel of number 0; negative in the padding."""
        return self.offsets[0]

    def pixels(self, index: int, within: int | None = None) -> list[int]:
        """The pixels of number `index`; with `within`, only those that a picture of that size has."""
        pixels = [index * self.jump + offset for offset in self.offsets]
        return pixels if within is None else [pixel for pixel in pixels if 0 <= pixel < within]


def receptive_field(layers: Iterable[nn.Module], axis: int = 0) -> ReceptiveField:
    """The pixels that one number sees through a chain of convolutions, poolings and element-wise layers.

    It is the recursion of [araujo2019computing], from the last layer to the first, but over the pixels themselves, so
    that gaps are known too. It is exact where all of them lie inside the picture; a number at the border may see fewer,
    since padding between two layers stands where others would be (or, padded by copies instead of zeros, some others).

    Args:
        layers: In the order in which a picture passes them; an `nn.Sequential` of such layers will do.
        axis: 0 for the rows, 1 for the columns.

    Raises:
        TypeError: a layer mixes pixels in another way; the message names it.
        ValueError: there is no such axis.
    """
    return _field(reversed(list(layers)), axis, (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d, nn.ConstantPad2d))


def projective_field(layers: Iterable[nn.Module], axis: int = 0) -> ReceptiveField:
    """The output pixels that one number moves through a chain of transposed convolutions and element-wise layers.

    It is the receptive field of the convolutions that they transpose. Pixels outside the picture are those that the
    padding of a transposed convolution cuts off; then fewer may move inside, too.

    Args:
        layers: In the order in which a code passes them; an `nn.Sequential` of such layers will do.
        axis: 0 for the rows, 1 for the columns.

    Raises:
        TypeError: a layer mixes pixels in another way; the message names it.
        ValueError: there is no such axis.
    """
    return _field(layers, axis, (nn.ConvTranspose2d,))


def _field(layers: Iterable[nn.Module], axis: int, windowed: tuple[type[nn.Module], ...]) -> ReceptiveField:
    if axis not in (0, 1):
        raise ValueError(f"axis is {axis!r}: give 0 for the rows or 1 for the columns")
    field = ReceptiveField()
    for layer in layers:
        if isinstance(layer, windowed):
            kernel, stride, padding, dilation = _window(layer, axis)
            touched = {offset * stride - padding + tap * dilation for offset in field.offsets for tap in range(kernel)}
            field = ReceptiveField(tuple(sorted(touched)), field.jump * stride)
        elif any(layer.children()):
            raise TypeError(
                f"{type(layer).__name__} holds other layers: pass its innermost ones, as trace() lists them"
            )
        elif not isinstance(layer, _ELEMENT_WISE):
            raise TypeError(
                f"{type(layer).__name__} is no element-wise layer and not one of "
                f"{', '.join(kind.__name__ for kind in windowed)}: pass only the part of the net without it"
            )
    return field


_ELEMENT_WISE = (
    nn.BatchNorm2d,
    nn.Dropout,
    nn.Dropout2d,
    nn.ELU,
    nn.GELU,
    nn.Hardtanh,
    nn.Identity,
    nn.LeakyReLU,
    nn.PReLU,
    nn.ReLU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Softplus,
    nn.Tanh,
)


def _window(layer: Any, axis: int) -> tuple[int, int, int, int]:
    """Kernel, stride, padding before the first pixel, and dilation along one axis."""
    if isinstance(layer, nn.ConstantPad2d):
        return 1, 1, layer.padding[2 - 2 * axis], 1  # it keeps (left, right, top, bottom)
    kernel, stride, dilation = (
        setting[axis] if isinstance(setting, tuple) else setting
        for setting in (layer.kernel_size, layer.stride, getattr(layer, "dilation", 1))
    )
    if isinstance(layer.padding, str):
        return kernel, stride, dilation * (kernel - 1) // 2 if layer.padding == "same" else 0, dilation
    return kernel, stride, layer.padding[axis] if isinstance(layer.padding, tuple) else layer.padding, dilation

"""Arithmetic of convolution and transposed convolution: sizes, parameters, and what each number sees.

Along one axis, with input size n, kernel k, stride s, padding p and dilation d, a convolution puts out

    floor((n + 2 p - d (k - 1) - 1) / s) + 1,

and a transposed convolution with output padding a

    (n - 1) s - 2 p + d (k - 1) + a + 1

numbers [dumoulin2016guide]. The two axes of a picture are independent of each other.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence

Pair: TypeAlias = int | tuple[int, int]


def convolution_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Output size of a convolution along one axis, in pixels [dumoulin2016guide].

    Raises:
        ValueError: a setting is out of its range, or the kernel does not fit into the padded input.
    """
    _check(size=(size, 1), kernel=(kernel, 1), stride=(stride, 1), padding=(padding, 0), dilation=(dilation, 1))
    extent, padded = dilation * (kernel - 1) + 1, size + 2 * padding
    if extent > padded:
        raise ValueError(
            f"a kernel that spans {extent} pixels does not fit into an input of {padded} "
            f"({size} and padding {padding} on both sides): use a padding of at least {-(-(extent - size) // 2)}"
        )
    return (padded - extent) // stride + 1


def transposed_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1, output_padding: int = 0
) -> int:
    """Output size of a transposed convolution along one axis, in pixels [dumoulin2016guide].

    Raises:
        ValueError: a setting is out of its range, or nothing would be left of the output.
    """
    _check(
        size=(size, 1),
        kernel=(kernel, 1),
        stride=(stride, 1),
        padding=(padding, 0),
        dilation=(dilation, 1),
        output_padding=(output_padding, 0),
    )
    if output_padding >= max(stride, dilation):
        raise ValueError(
            f"output_padding is {output_padding}, but has to be smaller than the stride ({stride}) or the dilation "
            f"({dilation}): PyTorch takes no other"
        )
    output = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1
    if output < 1:
        raise ValueError(f"an output of {output} pixels: use a padding below {padding} or a larger kernel")
    return output


def inverting_output_padding(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """The output padding with which a transposed convolution of these settings comes back to `size`.

    It is the remainder that the floor of the convolution drops: the pixels at the end that no kernel reads.
    """
    convolution_size(size, kernel, stride, padding, dilation)  # refuses what cannot be
    return (size + 2 * padding - dilation * (kernel - 1) - 1) % stride


def convolution_parameters(channels_in: int, channels_out: int, kernel: Pair, groups: int = 1, bias: bool = True) -> int:
    """Weights and biases of a convolution, transposed or not.

    Raises:
        ValueError: the groups do not divide both numbers of channels.
    """
    rows, columns = _pair(kernel)
    _check(channels_in=(channels_in, 1), channels_out=(channels_out, 1), kernel=(min(rows, columns), 1), groups=(groups, 1))
    if channels_in % groups or channels_out % groups:
        raise ValueError(
            f"{groups} groups do not divide {channels_in} input and {channels_out} output channels: "
            "use a common divisor of the two"
        )
    return rows * columns * channels_in * channels_out // groups + channels_out * bias


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


def trace(model: nn.Module, shape: Sequence[int]) -> list[LayerTrace]:
    """Every innermost layer of a model, in the order in which a picture of this shape passes it.

    Nothing is computed: the shapes come from a copy of the model on PyTorch's meta device.

    Args:
        model: Any module; it is left untouched.
        shape: Of one input, without the batch axis.
    """
    copied = copy.deepcopy(model).to("meta").eval()
    originals = dict(model.named_modules())
    steps: list[LayerTrace] = []

    def note(name: str) -> object:
        def hook(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            parameters = sum(p.numel() for p in layer.parameters())
            steps.append(
                LayerTrace(name, originals[name], tuple(inputs[0].shape[1:]), tuple(output.shape[1:]), parameters)
            )

        return hook

    for name, module in copied.named_modules():
        if not any(module.children()):
            module.register_forward_hook(note(name))  # type: ignore[arg-type]
    copied(torch.empty(1, *shape, device="meta"))
    return steps


@dataclass(frozen=True)
class ReceptiveField:
    """Which pixels one number sees along one axis: `size` of them, from `start` on; the next number's begin `jump` later."""

    size: int = 1
    jump: int = 1
    start: int = 0

    def pixels(self, index: int) -> range:
        """The pixels that number `index` sees; negative or too large ones lie in the padding."""
        first = self.start + index * self.jump
        return range(first, first + self.size)


def receptive_field(layers: Sequence[nn.Module]) -> ReceptiveField:
    """Of one number behind a chain of convolutions, poolings and element-wise layers, along the rows [araujo2019computing].

    Raises:
        TypeError: a layer mixes pixels in another way; the message names it.
    """
    field = ReceptiveField()
    for layer in layers:
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
            kernel, padding = _first(layer.kernel_size), _first(layer.padding)
            dilation, stride = _first(getattr(layer, "dilation", 1)), _first(layer.stride)
            field = ReceptiveField(
                size=field.size + dilation * (kernel - 1) * field.jump,
                jump=field.jump * stride,
                start=field.start - padding * field.jump,
            )
        elif any(layer.children()):
            raise TypeError(f"{type(layer).__name__} holds other layers: pass its innermost ones, as trace() lists them")
        elif not isinstance(layer, _ELEMENT_WISE):
            raise TypeError(
                f"the receptive field through {type(layer).__name__} is not known: pass convolutions, poolings and "
                "element-wise layers only"
            )
    return field


_ELEMENT_WISE = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.Sigmoid, nn.Tanh, nn.Identity, nn.Dropout, nn.BatchNorm2d)


def _pair(value: Pair) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


def _first(value: object) -> int:
    """The row's setting of a layer, which PyTorch keeps as a number or as a pair."""
    if isinstance(value, str):
        raise TypeError(f"padding {value!r} by name is not known here: give it in pixels")
    return int(value[0] if isinstance(value, tuple) else value)  # type: ignore[call-overload]


def _check(**settings: tuple[int, int]) -> None:
    for name, (value, least) in settings.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{name} is {value!r}: give a whole number of at least {least}")
        if value < least:
            raise ValueError(f"{name} is {value}: it has to be at least {least}")

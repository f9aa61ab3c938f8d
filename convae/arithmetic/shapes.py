"""Arithmetic of convolution, pooling and transposed convolution: sizes, parameters, products, and the matrix.

Along one axis, with input size n, kernel k, stride s, padding p and dilation d, a convolution puts out

    floor((n + 2 p - d (k - 1) - 1) / s) + 1,

and a transposed convolution with output padding a

    (n - 1) s - 2 p + d (k - 1) + a + 1

numbers [dumoulin2016guide]. The two axes of a picture are independent of each other: what ends in `_size` speaks of one
axis, what ends in `_shape` of both. Settings are refused where PyTorch refuses them, and nowhere else.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from convae.tensors import check_tensor

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MOST",
    "check_whole",
    "convolution_inputs",
    "convolution_matrix",
    "convolution_parameters",
    "convolution_shape",
    "convolution_size",
    "inverting_output_padding",
    "multiply_adds",
    "pooling_shape",
    "pooling_size",
    "transposed_shape",
    "transposed_size",
]

Pair: TypeAlias = int | tuple[int, int]

MOST = 10**6  # channels, numbers of a code, draws: who gives more has slipped while typing, and would fill the memory
MOST_ENTRIES = 10**8  # of a matrix: 2.4 GB


def convolution_size(size: int, kernel: int, stride: int = 1, padding: Pair = 0, dilation: int = 1) -> int:
    """Output size of a convolution along one axis, in pixels [dumoulin2016guide].

    Args:
        padding: On both sides, or a pair (before, after), as `functional.pad` puts it there first.

    Raises:
        ValueError: a setting is out of its range, or the kernel does not fit into the padded input.
    """
    check_whole(1, size=size, kernel=kernel, stride=stride, dilation=dilation)
    extent, padded = dilation * (kernel - 1) + 1, size + _total(padding)
    if extent > padded:
        raise ValueError(
            f"a kernel that spans {extent} pixels does not fit into an input of {padded} ({size} and its padding): "
            f"use a padding of at least {-(-(extent - size) // 2)} on both sides, or a smaller kernel"
        )
    return (padded - extent) // stride + 1


def pooling_size(
    size: int, kernel: int, stride: int | None = None, padding: int = 0, dilation: int = 1, ceil_mode: bool = False
) -> int:
    """Output size of a maximum or average pooling along one axis, in pixels.

    Args:
        stride: As large as the kernel unless given.
        ceil_mode: Round up instead of down: the last window may end outside, but it has to start inside the input or
            in the padding before it. (In that mode PyTorch also takes a window larger than all there is.)

    Raises:
        ValueError: a setting is out of its range, the padding is more than half of the kernel, or not even one window
            fits.
    """
    stride = kernel if stride is None else stride
    check_whole(1, size=size, kernel=kernel, stride=stride, dilation=dilation)
    check_whole(0, padding=padding)
    if padding > kernel // 2:
        raise ValueError(
            f"padding is {padding}, more than half of the kernel ({kernel}): use at most {kernel // 2}, or pad the "
            "picture first"
        )
    room = size + 2 * padding - dilation * (kernel - 1) - 1 + (stride - 1) * ceil_mode
    if room < 0:
        raise ValueError(
            f"a window that spans {dilation * (kernel - 1) + 1} pixels does not fit into an input of "
            f"{size + 2 * padding} ({size} and its padding): pad the picture to a size of at least {size - room} "
            "first, or use a smaller kernel"
        )
    output = room // stride + 1
    if ceil_mode and (output - 1) * stride >= size + padding:
        output -= 1
    return output


def transposed_size(
    size: int, kernel: int, stride: int = 1, padding: Pair = 0, dilation: int = 1, output_padding: int = 0
) -> int:
    """Output size of a transposed convolution along one axis, in pixels [dumoulin2016guide].

    Args:
        padding: Pixels that are cut off the output on both sides, or a pair (before, after), as `functional.pad` with
            negative numbers cuts them off behind it.

    Raises:
        ValueError: a setting is out of its range, or nothing would be left of the output.
    """
    check_whole(1, size=size, kernel=kernel, stride=stride, dilation=dilation)
    check_whole(0, output_padding=output_padding)
    if output_padding >= max(stride, dilation):
        raise ValueError(
            f"output_padding is {output_padding}, but has to be smaller than the stride ({stride}) or the dilation "
            f"({dilation}): use at most {max(stride, dilation) - 1}"
        )
    full = (size - 1) * stride + dilation * (kernel - 1) + output_padding + 1
    if full - _total(padding) < 1:
        raise ValueError(
            f"a padding of {padding} cuts off all of the {full} pixels that {size} become: use a padding of at most "
            f"{(full - 1) // 2}"
        )
    return full - _total(padding)


def convolution_shape(
    shape: tuple[int, int], kernel: Pair, stride: Pair = 1, padding: Pair | tuple[Pair, Pair] = 0, dilation: Pair = 1
) -> tuple[int, int]:
    """Rows and columns that a convolution makes of a picture; each setting is one number or a pair (rows, columns).

    Args:
        shape: (rows, columns).
        padding: Uneven when given as ((top, bottom), (left, right)).

    Raises:
        ValueError: as `convolution_size`; the message says for which axis.
    """
    return _along_both(convolution_size, shape, kernel, stride, padding, dilation)


def pooling_shape(
    shape: tuple[int, int],
    kernel: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    dilation: Pair = 1,
    ceil_mode: bool = False,
) -> tuple[int, int]:
    """Rows and columns that a pooling makes of a picture; each setting is one number or a pair (rows, columns).

    Raises:
        ValueError: as `pooling_size`; the message says for which axis.
    """
    stride = kernel if stride is None else stride
    return _along_both(pooling_size, shape, kernel, stride, padding, dilation, ceil_mode)


def transposed_shape(
    shape: tuple[int, int],
    kernel: Pair,
    stride: Pair = 1,
    padding: Pair | tuple[Pair, Pair] = 0,
    dilation: Pair = 1,
    output_padding: Pair = 0,
) -> tuple[int, int]:
    """Rows and columns that a transposed convolution makes of a picture; one number or (rows, columns) each.

    Raises:
        ValueError: as `transposed_size`; the message says for which axis.
    """
    return _along_both(transposed_size, shape, kernel, stride, padding, dilation, output_padding)


def inverting_output_padding(size: int, kernel: int, stride: int = 1, padding: Pair = 0, dilation: int = 1) -> int:
    """The output padding with which a transposed convolution of these settings comes back to `size`.

    It is the remainder that the floor of the convolution drops: the pixels of the padded input, at its end, that no
    position of the kernel reaches.

    Raises:
        ValueError: as `convolution_size`.
    """
    output = convolution_size(size, kernel, stride, padding, dilation)
    return size + _total(padding) - dilation * (kernel - 1) - 1 - (output - 1) * stride


def convolution_inputs(
    output: int, kernel: int, stride: int = 1, padding: Pair = 0, dilation: int = 1
) -> dict[int, int]:
    """Every input size that a convolution brings to `output`, with the output padding that brings it back.

    As many as the stride, unless the padding leaves no room for the smaller ones.

    Raises:
        ValueError: a setting is out of its range, or no input is small enough.
    """
    check_whole(1, output=output, kernel=kernel, dilation=dilation)
    check_whole(1, MOST, stride=stride)
    smallest = (output - 1) * stride + dilation * (kernel - 1) + 1 - _total(padding)
    sizes = {smallest + extra: extra for extra in range(stride) if smallest + extra >= 1}
    if not sizes:
        raise ValueError(
            f"no picture becomes {output} pixels wide: with padding {padding} a single pixel already becomes "
            f"{convolution_size(1, kernel, stride, padding, dilation)}; use a padding of at most "
            f"{(output * stride + dilation * (kernel - 1) - 1) // 2}"
        )
    return sizes


def convolution_parameters(
    channels_in: int, channels_out: int, kernel: Pair = 1, groups: int = 1, bias: bool = True
) -> int:
    """Weights and biases of a convolution, transposed or not; with the kernel left out, of a linear layer.

    Raises:
        ValueError: a setting is out of its range, or the groups do not divide both numbers of channels.
    """
    return multiply_adds(channels_in, channels_out, kernel, 1, groups) + channels_out * bias


def multiply_adds(channels_in: int, channels_out: int, kernel: Pair = 1, places: Pair = 1, groups: int = 1) -> int:
    """Products that a convolution, transposed or not, forms and adds up for one picture: every weight, at every place.

    Counted as usual: with the products of padded zeros and with those that are cut off, without the bias. With kernel
    and places left out it is the count of a linear layer.

    Args:
        places: (rows, columns) of the places where the kernel is put: of a convolution's output, of a transposed
            convolution's input.

    Raises:
        ValueError: a setting is out of its range, or the groups do not divide both numbers of channels.
    """
    (rows, columns), (down, across) = _pair(kernel), _pair(places)
    check_whole(1, channels_in=channels_in, channels_out=channels_out, kernel=rows, groups=groups, places=down)
    check_whole(1, kernel=columns, places=across)
    if channels_in % groups or channels_out % groups:
        raise ValueError(
            f"{groups} groups do not divide {channels_in} input and {channels_out} output channels: "
            f"use a common divisor of the two, such as {math.gcd(channels_in, channels_out)}"
        )
    return int(channels_in * channels_out // groups * rows * columns * down * across)


def convolution_matrix(
    weight: Tensor,
    shape: tuple[int, int],
    stride: Pair = 1,
    padding: Pair | tuple[Pair, Pair] = 0,
    dilation: Pair = 1,
) -> Tensor:
    """The matrix A with which a convolution is y = A x, and the transposed convolution of the same weight is A' y.

    Pictures are flattened in PyTorch's order: channel by channel, row by row [calderon2019].

    Args:
        weight: [C_out, C_in, kernel rows, kernel columns], as `nn.Conv2d` keeps it.
        shape: (rows, columns) of the input x.
        padding: Uneven when given as ((top, bottom), (left, right)).

    Returns:
        Sparse [C_out · output rows · output columns, C_in · rows · columns]; `.to_dense()` shows it whole.

    Raises:
        ValueError: the weight has not four axes, the settings do not fit (see `convolution_shape`), or the matrix has
            too many entries.
    """
    check_tensor(weight, "weights")
    if weight.ndim != 4:
        raise ValueError(f"a weight with {weight.ndim} axes: give [C_out, C_in, kernel rows, kernel columns]")
    channels_out, channels_in, *kernel_shape = weight.shape
    kernel = kernel_shape[0], kernel_shape[1]
    places = torch.Size(convolution_shape(shape, kernel, stride, padding, dilation)).numel()
    inputs = channels_in * shape[0] * shape[1]
    if (entries := weight.numel() * places) > MOST_ENTRIES:
        raise ValueError(f"a matrix of {entries:,} entries: use a smaller picture, {MOST_ENTRIES:,} are the limit")
    # Let the kernel slide over a picture of its own pixels' numbers, counted from 1: 0 is what comes from the padding.
    (top, bottom), (left, right) = (_pair(side) for side in _pair(padding))
    numbers = torch.arange(1, inputs + 1, dtype=torch.float64, device=weight.device).view(1, channels_in, *shape)
    padded = functional.pad(numbers, (left, right, top, bottom))
    read = functional.unfold(padded, kernel, _pair(dilation), 0, _pair(stride))[0].long()  # [C_in · kernel, places]
    entry, place = read.nonzero(as_tuple=True)
    rows = torch.arange(channels_out, device=weight.device)[:, None] * places + place
    columns = (read[entry, place] - 1).expand_as(rows)
    values = weight.flatten(1)[:, entry]
    return torch.sparse_coo_tensor(
        torch.stack([rows.flatten(), columns.flatten()]),
        values.flatten(),
        (channels_out * places, inputs),
        check_invariants=True,
    ).coalesce()


def _along_both(size: Callable[..., int], *settings: object) -> tuple[int, int]:
    """Calls `size` once with the first and once with the second number of every pair."""
    pairs = [_pair(setting) for setting in settings]
    outputs = []
    for axis, name in enumerate(("rows", "columns")):
        try:
            outputs.append(size(*(pair[axis] for pair in pairs)))
        except ValueError as error:
            raise ValueError(f"along the {name}: {error}") from None
    return outputs[0], outputs[1]


def _pair(value: object) -> tuple[Any, Any]:
    """A setting as PyTorch takes it: one for both, or a pair."""
    if not isinstance(value, tuple | list):
        return value, value
    if len(value) != 2:
        raise ValueError(f"{value} has {len(value)} parts: give one number, or a pair")
    return value[0], value[1]


def _total(padding: Pair) -> int:
    """Of both sides together."""
    before, after = _pair(padding)
    check_whole(0, padding=before)
    check_whole(0, padding=after)
    return int(before + after)


def check_whole(least: int, most: int | None = None, /, **settings: object) -> None:
    """Refuses what is no whole number from `least` to `most`; the message calls it by its keyword."""
    for name, value in settings.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{name} is {value!r}: give a whole number of at least {least}")
        if value < least:
            raise ValueError(f"{name} is {value}: it has to be at least {least}")
        if most is not None and value > most:
            raise ValueError(f"{name} is {value:,}: it has to be at most {most:,}; is it a slip of typing?")

"""What the layers of a net do to a picture: shapes, parameters and products one by one, and what each number sees."""

from __future__ import annotations

import copy
import itertools
import math
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.nn.utils.parametrize import type_before_parametrizations
from torch.overrides import TorchFunctionMode

from convae.arithmetic.shapes import check_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["LayerTrace", "ReceptiveField", "projective_field", "receptive_field", "trace"]


@dataclass(frozen=True)
class LayerTrace:
    """What one layer makes of a picture; shapes without the batch axis.

    Args:
        parameters: Those that no layer before it has.
    """

    name: str
    layer: nn.Module
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    parameters: int

    @property
    def kind(self) -> str:
        return _kind(self.layer)

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
    listed. A parametrised layer is one layer, and so is an `nn.MultiheadAttention`. The parameters of a layer that is
    passed twice, or of which another one shares some, are counted where they come first; so their sum is that of the
    net, but for layers that the picture does not pass.

    Args:
        model: Any module that takes one tensor; it is left untouched.
        shape: Of one input, without the batch axis.

    Raises:
        TypeError: it is no module.
        ValueError: an input of this shape does not pass, and the message names the layer where it gets stuck; or there
            are parameters that belong to no layer, or the model cannot be copied.
    """
    copied, originals = _copied(model), dict(model.named_modules(remove_duplicate=False))
    names = {id(parameter): name for name, parameter in copied.named_parameters()}
    steps: list[LayerTrace] = []
    counted: set[int] = set()
    where = ["before its first layer"]

    def watch(name: str, layer: nn.Module) -> None:
        told = f"{name or 'the model'} ({_kind(layer)})"

        def enter(_: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
            uses.inside += 1
            where.append(f"{told} got {_shape((*inputs, *named.values()))}")

        def leave(_: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], output: object) -> None:
            uses.inside -= 1
            new = {id(each): each.numel() for each in layer.parameters() if id(each) not in counted}
            counted.update(new)
            before, behind = _shape((*inputs, *named.values())), _shape(output)
            steps.append(LayerTrace(name, originals[name], before, behind, sum(new.values())))
            where.append(f"behind {told}, which gave {behind}")

        layer.register_forward_pre_hook(enter, with_kwargs=True)
        layer.register_forward_hook(leave, with_kwargs=True)

    for layer, name in {layer: name for name, layer in reversed(list(_innermost(copied)))}.items():  # each once
        watch(name, layer)
    try:
        sizes = [operator.index(size) for size in shape]
        like = next(copied.parameters(), torch.empty(0))
        picture = torch.zeros(1, *sizes, dtype=like.dtype, device=like.device)
    except (TypeError, RuntimeError):
        raise ValueError(f"shape is {shape!r}: give whole numbers, such as (channels, rows, columns)") from None
    try:
        with torch.no_grad(), _Uses() as uses:  # not on the meta device: its first convolution imports 900 modules
            copied(picture)
    except Exception as error:  # whatever a module raises at what it cannot take
        raise ValueError(
            f"an input of shape {tuple(sizes)} does not pass: {where[-1]}: {error}; give the shape (channels, rows, "
            "columns) that the model was built for"
        ) from error
    if lost := [names[key] for key in uses.outside if key in names and key not in counted]:
        raise ValueError(
            f"{', '.join(sorted(lost))} of {_kind(model)} cannot be listed, as no layer holds what is used there: move "
            "it into a layer of its own, or call the layer that holds it"
        )
    return steps


class _Uses(TorchFunctionMode):
    """Notes which parameters a function of PyTorch is given while no layer is being passed."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = 0
        self.outside: set[int] = set()

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not self.inside:
            for value in (*args, *(kwargs or {}).values()):
                parts = value if isinstance(value, tuple | list) else [value]
                self.outside.update(id(part) for part in parts if isinstance(part, nn.Parameter))
        return function(*args, **(kwargs or {}))


def _copied(model: nn.Module) -> nn.Module:
    if not isinstance(model, nn.Module):
        raise TypeError(f"the model is a {type(model).__name__}: give an nn.Module")
    if lazy := [name for name, parameter in model.named_parameters() if is_lazy(parameter)]:
        raise ValueError(f"{', '.join(lazy)} have no size yet: pass a batch through the model first")
    try:
        return copy.deepcopy(model).eval()
    except RuntimeError as error:
        raise ValueError(
            f"{_kind(model)} cannot be copied, perhaps by the old nn.utils.weight_norm: take the one of "
            f"nn.utils.parametrizations ({str(error).partition('.')[0]})"
        ) from None


def _innermost(module: nn.Module, name: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Layers that are watched as one: those without others in them, parametrised or not, and attention."""
    children = {key: child for key, child in module.named_children() if key != "parametrizations"}
    if not children or isinstance(module, nn.MultiheadAttention):
        yield name, module
        return
    for key, child in children.items():
        yield from _innermost(child, f"{name}.{key}" if name else key)


def _kind(layer: nn.Module) -> str:
    return str(type_before_parametrizations(layer).__name__)


def _shape(value: object) -> tuple[int, ...]:
    """Of the first tensor, without the batch axis."""
    while isinstance(value, tuple | list) and value:
        value = value[0]
    return tuple(value.shape[1:]) if isinstance(value, Tensor) else ()


@dataclass(frozen=True)
class ReceptiveField:
    """The pixels to which one number is tied, along one axis.

    Args:
        offsets: The pixels of number 0, in order. Negative ones lie in the padding; there are gaps between them where a
            dilated kernel, or a stride larger than the kernel, leaves pixels out.
        jump: By how many pixels those of the next number lie further on.

    Raises:
        ValueError: no offsets or none in order, from which sizes and starts would come out wrong, or a jump below 1.
    """

    offsets: tuple[int, ...] = (0,)
    jump: int = 1

    def __post_init__(self) -> None:
        if not self.offsets or any(after <= before for before, after in itertools.pairwise(self.offsets)):
            raise ValueError(f"offsets are {self.offsets}: give at least one, each larger than that before it")
        check_whole(1, jump=self.jump)

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
        ValueError: there is no such axis, or more pixels than MOST_PIXELS along it.
    """
    return _field(reversed(_listed(layers)), axis, (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d, nn.ConstantPad2d))


def projective_field(layers: Iterable[nn.Module], axis: int = 0) -> ReceptiveField:
    """The output pixels that one number moves through a chain of transposed convolutions and element-wise layers.

    It is the receptive field of the convolutions that they transpose. Pixels outside the picture are those that the
    padding of a transposed convolution cuts off; then fewer may move inside, too.

    Args:
        layers: In the order in which a code passes them; an `nn.Sequential` of such layers will do.
        axis: 0 for the rows, 1 for the columns.

    Raises:
        TypeError: a layer mixes pixels in another way; the message names it.
        ValueError: there is no such axis, or more pixels than MOST_PIXELS along it.
    """
    return _field(_listed(layers), axis, (nn.ConvTranspose2d,))


def _listed(layers: Iterable[nn.Module]) -> list[nn.Module]:
    """Refuses what cannot be walked through, such as a layer alone."""
    found = list(layers) if hasattr(layers, "__iter__") else []
    if not hasattr(layers, "__iter__") or not all(isinstance(layer, nn.Module) for layer in found):
        raise TypeError(
            f"layers are a {type(layers).__name__}: give a list of layers, [layer] of one, or an nn.Sequential"
        )
    return found


def _field(layers: Iterable[nn.Module], axis: int, windowed: tuple[type[nn.Module], ...]) -> ReceptiveField:
    if axis not in (0, 1):
        raise ValueError(f"axis is {axis!r}: give 0 for the rows or 1 for the columns")
    field = ReceptiveField()
    for layer in layers:
        if isinstance(layer, windowed):
            kernel, stride, padding, dilation = _window(layer, axis)
            if len(field.offsets) * kernel > MOST_PIXELS:
                raise ValueError(f"{type(layer).__name__} ties more than {MOST_PIXELS:,} pixels: pass fewer layers")
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


MOST_PIXELS = 10**7  # that are looked at for one layer; strides in a row multiply them

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

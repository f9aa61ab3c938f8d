"""The kinds of layers that the stack widget knows, and nets as rows of numbers."""

from __future__ import annotations

import copy
import inspect
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import traitlets
from torch import nn

from convae.arithmetic.shapes import convolution_shape, pooling_shape, transposed_shape
from convae.arithmetic.tracing import trace
from convae.models import BlurPool
from convae.widgets.kit import Matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Setting(NamedTuple):
    """What a new layer gets, and the limits, both included; whole numbers if the first is one."""

    usual: float
    low: float
    high: float

    @property
    def whole(self) -> bool:
        return isinstance(self.usual, int)

    def allows(self, value: object) -> bool:
        kinds = int if self.whole else int | float
        return isinstance(value, kinds) and not isinstance(value, bool) and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"a {'whole ' * self.whole}number from {self.low} to {self.high}"


class Kind(NamedTuple):
    """The settings of a layer by PyTorch's names, and what it needs to come in: "maps" or "numbers", "" if either.

    `told`: its constructor wants to know first how many channels or numbers come in.
    """

    settings: dict[str, Setting]
    needs: str = ""
    told: bool = False


_CHANNELS, _KERNEL, _PADDING, _DILATION = Setting(8, 1, 512), Setting(3, 1, 16), Setting(0, 0, 16), Setting(1, 1, 8)
_BIAS = {"bias": Setting(1, 0, 1)}
_CONVOLUTION = {"out_channels": _CHANNELS, "kernel_size": _KERNEL, "stride": Setting(1, 1, 16), "padding": _PADDING}
_POOLING = {"kernel_size": Setting(2, 1, 16), "stride": Setting(2, 1, 16), "padding": _PADDING}
_FACTOR, _SIDE = Setting(2, 1, 8), Setting(28, 1, 256)

KINDS: dict[str, Kind] = {
    "Conv2d": Kind(_CONVOLUTION | {"dilation": _DILATION} | _BIAS, "maps", told=True),
    "ConvTranspose2d": Kind(
        _CONVOLUTION | {"output_padding": Setting(0, 0, 15), "dilation": _DILATION} | _BIAS, "maps", told=True
    ),
    "MaxPool2d": Kind(_POOLING, "maps"),
    "AvgPool2d": Kind(_POOLING, "maps"),
    "BlurPool": Kind({"stride": _FACTOR}, "maps", told=True),
    "Upsample": Kind({"scale_factor": _FACTOR}, "maps"),
    "PixelShuffle": Kind({"upscale_factor": _FACTOR}, "maps"),
    "ReLU": Kind({}),
    "LeakyReLU": Kind({}),
    "ELU": Kind({}),
    "Sigmoid": Kind({}),
    "Tanh": Kind({}),
    "Identity": Kind({}),
    "BatchNorm2d": Kind({}, "maps", told=True),
    "Dropout": Kind({"p": Setting(0.1, 0, 0.99)}),
    "Flatten": Kind({}),
    "Linear": Kind({"out_features": Setting(64, 1, 4096)} | _BIAS, "numbers", told=True),
    "Unflatten": Kind({"channels": Setting(1, 1, 512), "rows": _SIDE, "columns": _SIDE}, "numbers"),
}
_AREAS: dict[str, Callable[..., tuple[int, int]]] = {
    "Conv2d": convolution_shape,
    "ConvTranspose2d": transposed_shape,
    "MaxPool2d": pooling_shape,
    "AvgPool2d": pooling_shape,
}
WIDTH = 1 + max(len(kind.settings) for kind in KINDS.values())
LONGEST = 48
# What one layer may make: a few large factors, in a row fill any memory.
LARGEST = {"rows or columns": 1024, "numbers": 2**27, "weights": 2**27}

Row = list[float]


def row(kind: str, **settings: float) -> Row:
    """A layer as a row: the number of its kind in KINDS, its settings in their order, zeros behind them.

    Settings that are left out are the usual ones.

    Raises:
        ValueError: no such kind or setting, or one out of its limits; the message names it.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of layer that the widget knows: choose {', '.join(KINDS)}")
    known = KINDS[kind].settings
    for name, value in settings.items():
        if name not in known:
            raise ValueError(f"{kind} has no {name}: choose {', '.join(known) or 'no setting'}")
        if not known[name].allows(value):
            whole = "whole " * isinstance(known[name].usual, int)
            raise ValueError(
                f"{kind} has {name} {value!r}: give a {whole}number from {known[name][1]} to {known[name][2]}"
            )
    values = [settings.get(name, setting.usual) for name, setting in known.items()]
    return [list(KINDS).index(kind), *values, *[0] * (WIDTH - 1 - len(values))]


def read(numbers: Row) -> tuple[str, dict[str, float]]:
    """Kind and settings of a row."""
    kind = list(KINDS)[int(numbers[0])]
    return kind, dict(zip(KINDS[kind].settings, numbers[1:], strict=False))


class Layers(Matrix):
    """Rows as `row` makes them, one a layer."""

    def __init__(self, default: list[Row]) -> None:
        super().__init__(default, 0, 4096, LONGEST)

    def validate(self, obj: Any, value: Any) -> list[Row]:
        rows = super().validate(obj, value)
        for at, numbers in enumerate(rows, start=1):
            if len(numbers) != WIDTH or numbers[0] not in range(len(KINDS)):
                raise traitlets.TraitError(
                    f"row {at} of {self.name} is {numbers}: give the number of a kind, from 0 to {len(KINDS) - 1}, "
                    f"and {WIDTH - 1} settings"
                )
            kind, settings = read(numbers)
            try:
                row(kind, **settings)
            except ValueError as error:
                raise traitlets.TraitError(f"layer {at}: {error}") from None
        return rows


def check_size(kind: str, settings: dict[str, Any], shape: Sequence[int]) -> None:
    """Refuses a layer that makes more than LARGEST of such an input: by arithmetic, before it is made.

    One that does not fit at all is left to PyTorch.
    """
    channels, area = settings.get("out_channels", shape[0]), tuple(shape[1:])
    if kind in _AREAS:
        window = {name: value for name, value in settings.items() if name not in ("out_channels", "bias")}
        with suppress(ValueError):
            area = _AREAS[kind](area, window.pop("kernel_size"), **window)
    factor = settings.get("scale_factor", settings.get("upscale_factor", 1))
    channels = channels // factor**2 if kind == "PixelShuffle" else channels
    area = tuple(factor * length for length in area)
    sizes = max(area, default=0), channels * math.prod(area), shape[0] * settings.get("out_features", 0)
    for value, (what, most) in zip(sizes, LARGEST.items(), strict=True):
        if value > most:
            raise ValueError(
                f"{kind} would make {value:,} {what} of {tuple(shape)}, more than {most:,}: use smaller factors and "
                "strides or fewer channels, here or before it"
            )


def made(kind: str, settings: dict[str, float], shape: Sequence[int]) -> nn.Module:
    """The layer of these settings, for an input of this shape.

    Raises:
        ValueError: the layer needs maps [C, H, W] and gets numbers in a row, or the reverse.
    """
    _, needs, told = KINDS[kind]
    if needs and needs != ("maps" if len(shape) == 3 else "numbers"):
        raise ValueError(f"{kind} gets an input of shape {tuple(shape)}: put a Flatten or an Unflatten before it")
    if kind == "Unflatten":
        return nn.Unflatten(1, tuple(map(int, settings.values())))
    layer: nn.Module = _class(kind)(*(shape[:1] if told else ()), **settings)
    return layer


def rows(model: nn.Module, image_shape: Sequence[int]) -> list[Row]:
    """The layers of a model as rows.

    Raises:
        ValueError: one of them is of no kind in KINDS, or has a setting that is not there, or the model is no chain of
            layers; the message names what is not known.
    """
    model = copy.deepcopy(model).eval()
    steps = trace(model, image_shape)
    found = []
    for step in steps:
        called = f"layer {step.name}" if step.name else "the model"
        if step.parameters != sum(parameter.numel() for parameter in step.layer.parameters()):
            raise ValueError(f"{called} has parameters of a layer before it, which a stack would show as its own")
        if step.kind in KINDS and type(step.layer) is _class(step.kind):
            with suppress(ValueError), torch.random.fork_rng(devices=[]):
                settings = _settings(step.layer)
                found.append(row(step.kind, **settings))
                if alike(made(step.kind, settings, step.input_shape), step.layer):
                    continue
        raise ValueError(
            f"{called} is {step.layer}: the kinds that are known, with the same settings for rows and columns and the "
            f"others as PyTorch has them, are {', '.join(KINDS)}"
        )
    picture = torch.rand(1, *image_shape, generator=torch.Generator().manual_seed(0))
    with suppress(RuntimeError, TypeError), torch.no_grad():  # TypeError: it gives no single tensor
        if torch.equal(nn.Sequential(*(step.layer for step in steps))(picture), model(picture)):
            return found
    raise ValueError(f"{type(model).__name__} does more than to pass a picture from one layer to the next")


def alike(first: nn.Module, second: nn.Module) -> bool:
    """Whether two layers do the same but for the values of their weights: repr leaves some settings out."""

    def settings(layer: nn.Module) -> dict[str, Any]:
        own = {name: value for name, value in vars(layer).items() if not name.startswith("_") and name != "training"}
        return _single(own) | {name: value is None for name, value in layer._parameters.items()}

    hooked = [layer._forward_hooks or layer._forward_pre_hooks for layer in (first, second)]
    return type(first) is type(second) and settings(first) == settings(second) and not any(hooked)


def described() -> list[dict[str, Any]]:
    """What the page needs to know of each kind, in order: a page sorts the keys of a dictionary.

    A setting is [name, usual, low, high, whole, PyTorch's own default].
    """
    return [
        {
            "kind": name,
            "needs": kind.needs,
            "told": kind.told,
            "settings": [
                [setting, *limits, int(limits.whole), _default(name, setting)]
                for setting, limits in kind.settings.items()
            ],
        }
        for name, kind in KINDS.items()
    ]


def _settings(layer: nn.Module) -> dict[str, Any]:
    """What `row` wants to know of a layer; one number for a pair of equal ones."""
    if isinstance(layer, nn.Unflatten):
        return dict(zip(KINDS["Unflatten"].settings, layer.unflattened_size, strict=True))
    values = {name: getattr(layer, name) for name in KINDS[type(layer).__name__].settings}
    if "bias" in values:
        values["bias"] = int(values["bias"] is not None)
    return _single(values)


def _single(values: dict[str, Any]) -> dict[str, Any]:
    """One number for a pair of equal ones."""
    return {
        name: value[0] if isinstance(value, tuple) and len({*value}) == 1 else value for name, value in values.items()
    }


def _class(kind: str) -> Any:
    return BlurPool if kind == "BlurPool" else getattr(nn, kind)


def _default(kind: str, setting: str) -> float | None:
    parameter = inspect.signature(_class(kind)).parameters.get(setting)
    usual = parameter.default if parameter else None
    return int(usual) if isinstance(usual, bool) else usual if isinstance(usual, int | float) else None

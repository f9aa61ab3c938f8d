"""An encoder and a decoder, layer by layer: shapes, parameters, products, and what each number sees."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import nn

from convae.arithmetic.tracing import LayerTrace, trace
from convae.models import MODELS
from convae.widgets.kit import Choice, Number, Pair, Widget
from convae.widgets.layers import LONGEST, Layers, check_size, described, made, read, row, rows
from convae.widgets.stills import cross

if TYPE_CHECKING:
    from collections.abc import Callable

# A net whose maps go several ways is more than a stack of layers (and some of these fill a gigabyte).
SHOWN = tuple(name for name in MODELS if not name.startswith(("unet", "utec", "super-resolver")))


class Stack(Widget):
    """A stack of layers to be built, changed, or loaded from `convae.models.MODELS` (those in SHOWN).

    `model` is the net that is shown; "own" is what `layers` say (see `layers.row`), of which the first `code` are the
    encoder, for pictures of `channels` channels and `size` = (rows, columns). `chosen` counts the layers from 0.
    """

    module = "stack.js"

    model = Choice(*SHOWN, "own")
    layers = Layers(
        [
            row("Conv2d", stride=2, padding=1),
            row("ReLU"),
            row("ConvTranspose2d", out_channels=1, stride=2, padding=1, output_padding=1),
            row("Sigmoid"),
        ]
    )
    code = Number(2, 0, LONGEST)
    channels = Number(1, 1, 16)
    size = Pair(28, 1, 256)
    chosen = Number(0, 0, LONGEST)
    kinds = traitlets.List().tag(sync=True)
    models = traitlets.Dict().tag(sync=True)

    @traitlets.default("kinds")  # type: ignore[untyped-decorator]
    def _kinds(self) -> list[dict[str, Any]]:
        return described()

    @traitlets.default("models")  # type: ignore[untyped-decorator]
    def _models(self) -> dict[str, Any]:
        return {name: copy.deepcopy(_net(MODELS[name])) for name in SHOWN}  # what is cached is nobody's to change

    @classmethod
    def of(cls, model: nn.Module, image_shape: tuple[int, int, int] = (1, 28, 28)) -> Stack:
        """The widget with the layers of a model of your own.

        Raises:
            ValueError: it is no chain of layers, or one of them is of no kind that the widget knows; the message says
                which.
        """
        channels, *size = image_shape
        return cls(
            model="own",
            layers=rows(model, image_shape),
            code=_encoder_length(trace(model, image_shape)),
            channels=channels,
            size=size,
        )

    def image_shape(self) -> tuple[int, int, int]:
        """(channels, rows, columns) of the picture."""
        if self.model == "own":
            return self.channels, self.size[0], self.size[1]
        shape: tuple[int, int, int] = _net(MODELS[self.model])["image"]
        return shape

    def net(self) -> nn.Module:
        """What is shown, in PyTorch: the model of the book, or an `nn.Sequential` of the reader's layers.

        Raises:
            ValueError, RuntimeError: a layer is impossible where it stands, or larger than a page follows.
        """
        if self.model != "own":
            return MODELS[self.model]()
        shape: tuple[int, ...] = self.image_shape()
        layers: list[nn.Module] = []
        for layer in self.layers:
            check_size(*read(layer), shape)
            layers.append(made(*read(layer), shape))
            shape = trace(layers[-1], shape)[-1].output_shape
        return nn.Sequential(*layers)

    def still(self) -> str:
        """One rectangle for each shape on the way, as high as the maps."""
        shapes = self._shapes()
        tallest = max(shape[1] if len(shape) > 1 else 1 for shape in shapes)
        parts = []
        for k, shape in enumerate(shapes):
            high = 12 + (88 * shape[1] / tallest if len(shape) > 1 else 20)
            parts.append(
                f'<rect x="{84 * k + 10}" y="{110 - high:.0f}" width="{14 + 4 * min(shape[0], 16)}" '
                f'height="{high:.0f}" rx="2" fill="#2f80ed" fill-opacity=".25" stroke="currentColor"/>'
                f'<text x="{84 * k + 2}" y="126" font-size="11">{cross(shape)}</text>'
            )
        size = f'width="{84 * len(shapes)}" height="132" viewBox="0 0 {84 * len(shapes)} 132"'
        style = 'style="max-width:100%;height:auto" font-family="sans-serif" fill="currentColor"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{"".join(parts)}</svg>'

    def sentence(self) -> str:
        """Name, shapes and parameters."""
        with torch.random.fork_rng(devices=[]):
            parameters = sum(weight.numel() for weight in self.net().parameters())
        way = " → ".join(map(cross, self._shapes()))
        name = "A net of your own" if self.model == "own" else f"The net {self.model}"
        return f"{name}, {parameters:,} parameters: {way}."

    def _shapes(self) -> list[tuple[int, ...]]:
        """Of the picture and behind each layer that changes it."""
        shapes: list[tuple[int, ...]] = [self.image_shape()]
        with torch.random.fork_rng(devices=[]):
            for step in trace(self.net(), self.image_shape()):
                if step.output_shape != shapes[-1]:
                    shapes.append(step.output_shape)
        return shapes


@cache
def _net(build: Callable[[], nn.Module]) -> dict[str, Any]:
    """What the page needs of a model: its layers as rows, or the trace of one that is no chain of known layers."""
    with torch.random.fork_rng(devices=[]):  # the reader's next random numbers stay as they were
        model = build()
    shape = getattr(model, "image_shape", (1, 28, 28))
    steps = trace(model, shape)
    net: dict[str, Any] = {"image": shape, "code": _encoder_length(steps)}
    try:
        return net | {"layers": rows(model, shape)}
    except ValueError as error:
        table = [
            {
                "name": step.name,
                "kind": step.kind,
                "line": repr(step.layer),
                "input": step.input_shape,
                "output": step.output_shape,
                "parameters": step.parameters,
                "products": step.multiply_adds,
            }
            for step in steps
        ]
        return net | {"table": table, "reason": str(error)}


def _encoder_length(steps: list[LayerTrace]) -> int:
    """How many layers come before the decoder; all of them where there is none."""
    return next((at for at, step in enumerate(steps) if step.name.startswith("decoder")), len(steps))

"""Trained nets for a page: their layers as nets.js runs them, their weights as safetensors."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import torch
from safetensors.torch import save
from torch import Tensor, nn

from convae.arithmetic.tracing import trace
from convae.models.unet import UNet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Model = TypeVar("Model", bound=nn.Module)
Layer: TypeAlias = dict[str, Any]
LARGEST = 300_000  # bytes of weights or pictures on a page, as base64
RESTORING = 60_000  # parameters of a net that restores pictures while somebody waits

# What nets.js calls a layer, and its settings.
ACTIVATIONS: dict[type[nn.Module], Callable[[Any], dict[str, Any]]] = {
    nn.ReLU: lambda layer: {"name": "relu"},
    nn.LeakyReLU: lambda layer: {"name": "leakyRelu", "parameter": layer.negative_slope},
    nn.ELU: lambda layer: {"name": "elu", "parameter": layer.alpha},
    nn.GELU: lambda layer: {"name": "gelu"},
    nn.Hardtanh: lambda layer: {"name": "clip"},
    nn.Sigmoid: lambda layer: {"name": "sigmoid"},
    nn.Tanh: lambda layer: {"name": "tanh"},
}
# PyTorch's name, the engine's, and what both take where nothing is said.
USUAL: dict[str, tuple[str, Any]] = {
    "stride": ("stride", (1, 1)),
    "padding": ("padding", (0, 0)),
    "output_padding": ("outputPadding", (0, 0)),
    "dilation": ("dilation", (1, 1)),
    "groups": ("groups", 1),
}
NOTHING = (nn.Identity, nn.Dropout, nn.Dropout2d)
KNOWN = [nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.PixelShuffle, nn.MaxPool2d, nn.AvgPool2d, nn.BatchNorm2d]
KNOWN += [nn.Flatten, nn.Unflatten]


def check_net(model: Any) -> None:
    """Refuses what is no net of pictures, and one whose weights are no numbers.

    Raises:
        TypeError: no net, or one that does not say for which pictures.
        ValueError: NaN or infinity among its weights.
    """
    if not isinstance(model, nn.Module) or not hasattr(model, "image_shape"):
        raise TypeError(f"a net of type {type(model).__name__}: give the autoencoder itself, as build(…) makes it")
    check_finite(model.state_dict())


def check_finite(state: Mapping[str, Tensor]) -> None:
    """Refuses weights that are no numbers, by name."""
    for name, weight in state.items():
        if weight.is_floating_point() and not weight.isfinite().all():
            raise ValueError(f"{name} holds NaN or infinity: take weights from before the training went astray")


def halved(model: Model) -> Model:
    """A copy whose weights are those that float16 can hold, in float32.

    Raises:
        ValueError: a weight is too large for float16.
    """
    rounded = copy.deepcopy(model)
    for name, weight in [*rounded.named_parameters(), *rounded.named_buffers()]:
        if weight.is_floating_point():
            weight.data = weight.data.half().to(weight.dtype)
            if not weight.isfinite().all():
                raise ValueError(f"{name} holds numbers above 65,504, the most that float16 can hold: use float32")
    return rounded


def described(model: nn.Module, shape: Sequence[int], prefix: str = "") -> tuple[list[Layer], dict[str, Tensor]]:
    """The layers of a chain or of a U-Net as nets.js runs them, and the tensors that they name.

    A BatchNorm2d is folded into one scale and one shift a channel; Dropout and Identity disappear. The paths across a
    U-Net are steps between its layers (see `UNet.steps`).

    Args:
        shape: Of one input, without the batch axis.
        prefix: Of the tensors' names.

    Raises:
        ValueError: a layer, or a setting of it, that the page does not know; or the model does something between its
            layers.
    """
    steps = model.steps() if isinstance(model, UNet) else [model]
    names = {layer: name or "0" for name, layer in model.named_modules()}
    layers: list[Layer] = []
    tensors: dict[str, Tensor] = {}
    trace(model, shape)  # refuses a shape that does not fit
    picture = maps = _picture(model, shape)
    kept: list[Tensor] = []
    for step in steps:
        if isinstance(step, str):
            maps = _crossed(step, maps, kept)
            layers.append({"kind": step, "settings": {}, "weights": []})
            continue
        traced = trace(step, maps.shape[1:])
        for one in traced:
            name = names.get(one.layer, one.kind)
            found = _described(name, one.layer, one.input_shape, one.output_shape)
            if found is None:
                continue
            kind, settings, weights = found
            named = {f"{prefix}{name}.{key}": weight for key, weight in weights.items() if weight is not None}
            tensors |= {key: weight.detach().cpu().contiguous() for key, weight in named.items()}
            layers.append({"kind": kind, "settings": settings, "weights": list(named)})
        try:
            maps = _answer(nn.Sequential(*(one.layer for one in traced)), maps)
        except RuntimeError:
            break
    if not torch.equal(maps, _answer(model, picture)):
        raise ValueError(f"{type(model).__name__} does more than to pass its input from one layer to the next")
    return layers, tensors


def restorer(model: nn.Module, shape: tuple[int, ...], half: bool) -> tuple[nn.Module, list[Layer], bytes]:
    """A net that answers a picture with one of the same shape, as a page holds it.

    Args:
        shape: Of a picture, without the batch axis.
        half: Store the weights as float16.

    Returns:
        A copy in evaluation mode and double precision, with the rounded weights where they are stored as float16; its
        layers; its weights, packed.

    Raises:
        TypeError: no net, or one that answers with something else than a tensor.
        ValueError: more than 60,000 parameters, weights that are not there or not finite, a layer that the page does
            not know, or an answer of another shape.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"the net is {model!r}: give a model, such as load_run(name).model()")
    weights = [*model.parameters(), *model.buffers()]
    if any(weight.is_meta for weight in weights):
        raise ValueError("the net has shapes and no weights, it is on the meta device: give one with weights")
    parameters = sum(weight.numel() for weight in model.parameters())
    if parameters > RESTORING:
        raise ValueError(f"a net of {parameters:,} parameters: give one of at most {RESTORING:,}")
    if not all(weight.isfinite().all() for weight in weights):
        raise ValueError("some weights of the net are NaN or infinite: give a net whose training did not run away")
    net: nn.Module = halved(model) if half else copy.deepcopy(model)
    net.float().cpu().eval()
    with torch.no_grad():
        trace(net, shape)  # refuses a shape that does not fit
        answer = net(torch.zeros(1, *shape))
    if not isinstance(answer, Tensor):
        raise TypeError(f"the net answers with a {type(answer).__name__}: give one that answers with pictures alone")
    if tuple(answer.shape[1:]) != shape:
        raise ValueError(
            f"the net makes {tuple(answer.shape[1:])} of a picture of shape {shape}: give one that keeps the shape"
        )
    layers, tensors = described(net, shape)
    return net.double(), layers, packed(tensors, half)


def packed(tensors: dict[str, Tensor], half: bool = False) -> bytes:
    """The weights as a page holds them; in float16 those that lose nothing by it, where `half` is asked for.

    Raises:
        TypeError: `half` is neither True nor False; a word such as "no" would count as yes.
        ValueError: more than LARGEST bytes as base64.
    """
    if not isinstance(half, bool):
        raise TypeError(f"half is {half!r}: give True, for weights in float16, or False")
    if half:
        short = {name: tensor.half() for name, tensor in tensors.items()}
        tensors = {name: short[name] if torch.equal(short[name].float(), own) else own for name, own in tensors.items()}
    content = save(tensors)
    length = 4 * math.ceil(len(content) / 3)
    if length > LARGEST:
        remedy = "use a smaller net" if half else "use half=True, or a smaller net"
        raise ValueError(f"the weights take {length:,} bytes as base64, a page holds {LARGEST:,} at most: {remedy}")
    return content


def _described(
    name: str, layer: Any, before: tuple[int, ...], after: tuple[int, ...]
) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
    """Kind, settings and weights; None for what does nothing."""
    if type(layer) in NOTHING:
        return None
    other = (type(layer) is nn.GELU and layer.approximate != "none") or (
        type(layer) is nn.Hardtanh and (layer.min_val, layer.max_val) != (0, 1)
    )
    if not other and (describe := ACTIVATIONS.get(type(layer))):
        return "activation", describe(layer), {}
    if isinstance(layer, nn.Flatten | nn.Unflatten) and math.prod(before) == math.prod(after):
        return "reshape", {"shape": list(after)}, {}
    if type(layer) is nn.PixelShuffle:
        return "pixelShuffle", {"factor": layer.upscale_factor}, {}
    if type(layer) is nn.Linear and len(before) == 1:
        return "linear", {}, {"weight": layer.weight, "bias": layer.bias}
    convolution = type(layer) in (nn.Conv2d, nn.ConvTranspose2d)
    if convolution and layer.padding_mode == "zeros" and not isinstance(layer.padding, str):
        settings = {key: getattr(layer, name) for name, (key, usual) in USUAL.items() if getattr(layer, name) != usual}
        kind = "convolution" if isinstance(layer, nn.Conv2d) else "transposedConvolution"
        return kind, settings, {"weight": layer.weight, "bias": layer.bias}
    if type(layer) in (nn.MaxPool2d, nn.AvgPool2d):
        settings = {
            "kernel": layer.kernel_size,
            "stride": layer.stride,
            "padding": layer.padding,
            "ceilMode": layer.ceil_mode,
        }
        if isinstance(layer, nn.MaxPool2d) and not layer.return_indices:
            return "maxPool", settings | {"dilation": layer.dilation}, {}
        if isinstance(layer, nn.AvgPool2d) and layer.divisor_override is None:
            return "averagePool", settings | {"countIncludePad": layer.count_include_pad}, {}
    if type(layer) is nn.BatchNorm2d and layer.running_var is not None and layer.running_mean is not None:
        with torch.no_grad():
            scale = 1 / (layer.running_var.double() + layer.eps).sqrt()
            scale = scale if layer.weight is None else scale * layer.weight
            shift = -layer.running_mean * scale if layer.bias is None else layer.bias - layer.running_mean * scale
        return "batchNorm", {}, {"scale": scale.float(), "shift": shift.float()}
    names = [kind.__name__ for kind in (*KNOWN, *ACTIVATIONS, *NOTHING)]
    raise ValueError(
        f"layer {name} is {layer} on an input of shape {before}: a page can compute {', '.join(names)}; "
        "convolutions with padding in zeros and as numbers, Linear on vectors, the exact GELU, Hardtanh from 0 to 1"
    )


def _crossed(word: str, maps: Tensor, kept: list[Tensor]) -> Tensor:
    """What a U-Net does between its layers (see `UNet.steps`)."""
    if word == "keep":
        kept.append(maps)
        return maps
    before = kept.pop()
    return torch.cat([maps, before], 1) if word == "join" else before - maps


def _picture(model: nn.Module, shape: Sequence[int]) -> Tensor:
    """Random pixels [1, *shape] of the weights' kind of number."""
    weight = next(model.parameters(), torch.zeros(()))
    return torch.rand(1, *shape, generator=torch.Generator().manual_seed(0)).to(weight.dtype)


@torch.no_grad()
def _answer(model: nn.Module, picture: Tensor) -> Tensor:
    answer: Tensor = copy.deepcopy(model).eval().cpu()(picture)
    return answer

"""A plane of codes of two numbers: every point of it is decoded, and the test digits lie where their codes are."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor, nn

from convae.latent import encode_all
from convae.models import Autoencoder
from convae.tensors import check_finite, check_real
from convae.widgets.kit import Choice, Number, Widget
from convae.widgets.nets import described, halved, packed
from convae.widgets.stills import Levels, side_by_side

if TYPE_CHECKING:
    from convae.data import ImageSet

MOST_DIGITS = 1000  # that lie in the plane
MARGIN = 0.05  # of the plane around the outermost codes, on each side


class Plane(Widget):
    """Ways to code a picture in two numbers, and what any two numbers are decoded to.

    `way` is the name of the one that is shown; `across` and `up` say where in its plane the point stands, from 0 (left,
    below) to 100 (right, above). Where `laid` is "t-SNE", the digits lie as a drawing has them, and the page decodes
    nothing: a drawing has no place for another code. The point keeps its place in the plane.

    Args:
        ways: By name, 1 to 4 autoencoders whose code is two numbers. Copies of them, in evaluation mode, with weights
            that float16 can hold and in double precision, are `nets`.
        digits: With labels, 1 to 1,000 pictures whose codes lie in each plane.
        whole: By the same names, autoencoders with codes of which these are shadows (see `shadow`). Then whoever points
            at a digit sees it, what its whole code is decoded to, and which of the others are nearest to it in their
            pixels and in their whole codes. The page holds 16 levels of grey of each digit: `pictures`, [N, H, W].
        drawn: By the same names, where a drawing (see `convae.latent.project`) has the digits, [N, 2]. The digits can
            then glide from the one to the other.

    Raises:
        TypeError: what is no dictionary, or a drawing that is no tensor.
        ValueError: the nets, the pictures or the drawings are not as said, or the page cannot compute a layer.
    """

    module = "plane.js"

    way = traitlets.Unicode().tag(sync=True)
    across = Number(50, 0, 100, whole=False)
    up = Number(50, 0, 100, whole=False)
    laid = Choice("code", "t-SNE")

    plans = traitlets.Dict().tag(sync=True)
    codes = traitlets.Dict().tag(sync=True)
    drawn = traitlets.Dict().tag(sync=True)
    labels = traitlets.Bytes().tag(sync=True)
    classes = traitlets.List().tag(sync=True)
    side = traitlets.List().tag(sync=True)
    runs = traitlets.Bytes().tag(sync=True)
    near = traitlets.Dict().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        ways: Mapping[str, Autoencoder],
        digits: ImageSet,
        whole: Mapping[str, Autoencoder] | None = None,
        drawn: Mapping[str, Tensor] | None = None,
        **settings: Any,
    ) -> None:
        for what, given in {"ways": ways, "whole codes": whole, "drawings": drawn}.items():
            if given is None and what != "ways":
                continue
            if not isinstance(given, Mapping):
                raise TypeError(f"{what} are a {type(given).__name__}: give a dictionary, {{name of a way: its own}}")
            if set(given) != set(ways):
                names, known = (", ".join(map(str, some)) or "none" for some in (given, ways))
                raise ValueError(f"{what} of {names}, ways {known}: give both the same names")
        for name, places in (drawn or {}).items():
            check_real(places, what := f"places in the drawing of {name}")
            if tuple(places.shape) != (len(digits), 2):
                raise ValueError(
                    f"the drawing of {name} has shape {tuple(places.shape)}: give [{len(digits)}, 2], "
                    "two numbers for each digit"
                )
            check_finite(places, what)
        if not 1 <= len(ways) <= 4:
            raise ValueError(f"{len(ways)} ways to code: give 1 to 4")
        if not 1 <= len(digits) <= MOST_DIGITS:
            raise ValueError(f"{len(digits)} pictures: give 1 to {MOST_DIGITS:,}, with labels")
        self.nets: dict[str, Any] = {}
        self.whole: dict[str, Any] = {}
        plans: dict[str, dict[str, Any]] = {}
        codes: dict[str, bytes] = {}
        tensors: dict[str, Tensor] = {}
        for number, (name, model) in enumerate(ways.items()):
            if tuple(model.image_shape) != tuple(digits.image_shape):
                raise ValueError(
                    f"{name} takes pictures of shape {tuple(model.image_shape)}, these have "
                    f"{tuple(digits.image_shape)}: give both of one shape"
                )
            net: Any = halved(copy.deepcopy(model).float().cpu().eval())
            places = encode_all(net, digits).double().flatten(1)  # [N, 2]
            if places.shape[1] != 2:
                raise ValueError(f"{name} has codes of {places.shape[1]} numbers: a plane shows two")
            layers, found = described(net.decoder, (2,), f"{number}.")
            low, high = _ends(places)
            low, high = (low * 100).floor() / 100, (high * 100).ceil() / 100  # as a box shows them
            plans[name] = {"layers": layers, "low": low.tolist(), "high": high.tolist()}
            codes[name] = _shares(places, low, high)
            tensors |= found
            self.nets[name] = net.double()
        near: dict[str, bytes] = {}
        for number, (name, model) in enumerate((whole or {}).items()):
            net = halved(copy.deepcopy(model).float().cpu().eval())
            for part, layers, shape in (("encoder", net.encoder, net.image_shape), ("whole", net.decoder, None)):
                shape = shape or net.encode(torch.zeros(1, *net.image_shape)).shape[1:]
                plans[name] |= {"shape": list(shape)}  # at last the code's
                plans[name][part], found = described(layers, shape, f"{number}.{part}.")
                tensors |= found
            near[name] = _nearest_other(encode_all(net, digits))
            self.whole[name] = net.double()
        if whole is not None:
            near["pixels"] = _nearest_other(digits.all().images)
        self.pictures = (digits.images[:, 0].float() / 17).round().byte()
        super().__init__(
            **{"way": next(iter(ways))} | settings,
            runs=b"" if whole is None else _in_runs(self.pictures),
            near=near,
            plans=plans,
            codes=codes,
            drawn={name: _laid(places.detach().double().cpu()) for name, places in (drawn or {}).items()},
            labels=bytes(digits.labels.tolist()),
            classes=list(digits.classes),
            side=list(digits.image_shape[1:]),
            weights=packed(tensors, half=True),
        )

    @traitlets.default("limits")  # type: ignore[untyped-decorator]
    def _with_names(self) -> dict[str, Any]:
        limits: dict[str, Any] = self._limits()
        return {"way": list(self.plans)} | limits

    @traitlets.validate("way")  # type: ignore[untyped-decorator]
    def _known(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if name not in self.plans:
            raise traitlets.TraitError(f"there is no way {name!r}: give one of {', '.join(self.plans)}")
        return name

    @traitlets.validate("laid")  # type: ignore[untyped-decorator]
    def _drawn_so(self, proposal: Any) -> str:
        laid: str = proposal["value"]
        if laid != "code" and not self.drawn:
            raise traitlets.TraitError(f"laid is {laid!r}, and there are no drawings: give drawn, or leave laid 'code'")
        return laid

    def code(self) -> Tensor:
        """The two numbers at the point."""
        plan = self.plans[self.way]
        low, high = torch.tensor(plan["low"]).double(), torch.tensor(plan["high"]).double()
        return low + torch.tensor([self.across, self.up]).double() / 100 * (high - low)

    def decoded(self) -> Tensor:
        """What they are decoded to, [1, H, W], in double precision."""
        with torch.no_grad():
            image: Tensor = self.nets[self.way].decode(self.code()[None])[0]
        return image

    def still(self) -> str:
        """What stands at the point."""
        return side_by_side(Levels(f"Decoded, {self.way}", self.decoded()[0].clamp(0, 1)))

    def sentence(self) -> str:
        """The numbers of the code."""
        first, second = self.code().tolist()
        return f"The code ({first:.2f}, {second:.2f}), decoded by {self.way}."


def shadow(model: Autoencoder, digits: ImageSet) -> Autoencoder:
    """The two principal components of an autoencoder's codes of these pictures, as an autoencoder of two numbers.

    It decodes the point of the plane in the space of the codes, by the model's own decoder.
    """
    codes = encode_all(model, digits)
    shape, rows = codes.shape[1:], codes.flatten(1).double()
    mean = rows.mean(0)
    axes = torch.linalg.svd(rows - mean, full_matrices=False).Vh[:2]  # [2, numbers]
    down, up = nn.Linear(len(mean), 2), nn.Linear(2, len(mean))
    with torch.no_grad():
        down.weight.copy_(axes)
        down.bias.copy_(-axes @ mean)
        up.weight.copy_(axes.T)
        up.bias.copy_(mean)
    encoder = nn.Sequential(copy.deepcopy(model.encoder), nn.Flatten(), down)
    decoder = nn.Sequential(up, nn.Unflatten(1, shape), copy.deepcopy(model.decoder))
    return Autoencoder(encoder, decoder, model.image_shape)


def _ends(places: Tensor) -> tuple[Tensor, Tensor]:
    """Where a plane begins and ends that holds all places, and some room around them."""
    low, high = places.amin(0), places.amax(0)
    room = (MARGIN * (high - low)).clamp(min=1e-6)
    return low - room, high + room


def _shares(places: Tensor, low: Tensor, high: Tensor) -> bytes:
    """Places as parts of the way from low to high, in 16-bit numbers."""
    return (65535 * (places - low) / (high - low)).round().int().numpy().astype("<u2").tobytes()


def _laid(places: Tensor) -> bytes:
    """Places as shares of a plane that holds all."""
    return _shares(places, *_ends(places))


def _nearest_other(rows: Tensor) -> bytes:
    """Which row is nearest to each, another one, as 16-bit numbers."""
    flat = rows.flatten(1).double()
    far = torch.cdist(flat, flat).fill_diagonal_(torch.inf)
    return far.argmin(1).int().numpy().astype("<u2").tobytes()


def _in_runs(pictures: Tensor) -> bytes:
    """Levels of 0 to 15 one after the other, as bytes: four bits of level, four bits of how often, less 1."""
    levels, counts = torch.unique_consecutive(pictures.flatten(), return_counts=True)
    found = bytearray()
    for level, count in zip(levels.tolist(), counts.tolist(), strict=True):
        whole, rest = divmod(count, 16)
        found += bytes([level << 4 | 15] * whole + [level << 4 | rest - 1] * (rest > 0))
    return bytes(found)

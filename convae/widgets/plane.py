"""A plane of codes of two numbers: every point of it is decoded, and the test digits lie where their codes are."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor

from convae.latent import encode_all
from convae.widgets.kit import Number, Widget
from convae.widgets.nets import described, halved, packed
from convae.widgets.stills import Levels, side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convae.data import ImageSet
    from convae.models import Autoencoder

MOST_DIGITS = 1000  # that lie in the plane
MARGIN = 0.05  # of the plane around the outermost codes, on each side


class Plane(Widget):
    """Two ways to code a picture in two numbers, and what any two numbers are decoded to.

    `way` is the name of the one that is shown; `across` and `up` say where in its plane the point stands, from 0 (left,
    below) to 100 (right, above).

    Args:
        ways: By name, 1 to 4 autoencoders whose code is two numbers. Copies of them, in evaluation mode, with weights
            that float16 can hold and in double precision, are `nets`.
        digits: With labels, 1 to 1,000 pictures whose codes lie in each plane.

    Raises:
        ValueError: the nets or the pictures are not as said, or the page cannot compute a layer.
    """

    module = "plane.js"

    way = traitlets.Unicode().tag(sync=True)
    across = Number(50, 0, 100, whole=False)
    up = Number(50, 0, 100, whole=False)

    plans = traitlets.Dict().tag(sync=True)
    codes = traitlets.Dict().tag(sync=True)
    labels = traitlets.Bytes().tag(sync=True)
    classes = traitlets.List().tag(sync=True)
    side = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(self, ways: Mapping[str, Autoencoder], digits: ImageSet, **settings: Any) -> None:
        if not 1 <= len(ways) <= 4:
            raise ValueError(f"{len(ways)} ways to code: give 1 to 4")
        if not 1 <= len(digits) <= MOST_DIGITS:
            raise ValueError(f"{len(digits)} pictures: give 1 to {MOST_DIGITS:,}, with labels")
        self.nets: dict[str, Any] = {}
        plans, codes = {}, {}
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
            low, high = places.amin(0), places.amax(0)
            room = (MARGIN * (high - low)).clamp(min=1e-6)
            low, high = ((low - room) * 100).floor() / 100, ((high + room) * 100).ceil() / 100  # as a box shows them
            shares = (places - low) / (high - low)
            plans[name] = {"layers": layers, "low": low.tolist(), "high": high.tolist()}
            codes[name] = (65535 * shares).round().int().numpy().astype("<u2").tobytes()
            tensors |= found
            self.nets[name] = net.double()
        super().__init__(
            **{"way": next(iter(ways))} | settings,
            plans=plans,
            codes=codes,
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

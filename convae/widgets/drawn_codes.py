"""Codes drawn by chance, in three ways, and what one decoder makes of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor

from convae.data import ImageSet
from convae.widgets.kit import Choice, Number, Widget
from convae.widgets.nets import check_net, described, halved, packed
from convae.widgets.nine_blocks import SIDE
from convae.widgets.noise import MOST, even_numbers, normal_numbers
from convae.widgets.stills import Levels, side_by_side

if TYPE_CHECKING:
    from convae.models import Autoencoder

COUNT = 12  # codes at a time
PICTURES = 128  # whose codes a page holds, at most
STEPS = 255  # between the smallest and the largest number of these codes


class DrawnCodes(Widget):
    """Twelve codes at a time, drawn anew at a press, and their pictures.

    `way` says how: "one by one", each number from what it is in some picture, whatever the others are; "Gaussian", from
    the normal distribution with the means and covariances of the pictures' codes; "real", one of these codes. `seed` is
    that of the draw.

    Args:
        model: An autoencoder of pictures [1, 28, 28] with codes of at most 1,024 numbers. A copy of it, in evaluation
            mode, with weights that float16 can hold and in double precision, is `net`.
        pictures: Those whose codes are drawn from, 2 to 128 pictures [1, 28, 28]. `codes` has them, [N, numbers], as
            the page holds them: in 255 steps between the smallest and the largest number.

    Raises:
        TypeError: no net, or no set of pictures.
        ValueError: the net or the pictures are not as said, or the page cannot compute a layer.
    """

    module = "drawn_codes.js"

    way = Choice("one by one", "Gaussian", "real")
    seed = Number(0, 0, 9999)

    decoder = traitlets.List().tag(sync=True)
    code_shape = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)
    places = traitlets.Bytes().tag(sync=True)
    scale = traitlets.List().tag(sync=True)

    def __init__(self, model: Autoencoder, pictures: ImageSet, **settings: Any) -> None:
        shape = (1, SIDE, SIDE)
        check_net(model)
        if not isinstance(pictures, ImageSet):
            raise TypeError(f"pictures of type {type(pictures).__name__}: give a set of them, as load(…).train[:80]")
        if tuple(model.image_shape) != shape:
            raise ValueError(f"the net takes pictures of shape {tuple(model.image_shape)}: give one for {shape}")
        if not 2 <= len(pictures) <= PICTURES or tuple(pictures.images.shape[1:]) != shape:
            raise ValueError(f"pictures of shape {tuple(pictures.images.shape)}: give 2 to {PICTURES} of shape {shape}")
        net: Any = halved(model).float().cpu().eval()
        with torch.no_grad():
            codes = net.encode(pictures.all().images)
        if (numbers := codes[0].numel()) > MOST:
            raise ValueError(f"the net has codes of {numbers:,} numbers: give one with at most {MOST:,}")
        self._shape = tuple(codes.shape[1:])
        decoder, tensors = described(net.decoder, self._shape, "decoder.")
        self.net = net.double()
        codes = codes.flatten(1).double()
        low, step = codes.min().item(), (codes.max() - codes.min()).item() / STEPS or 1.0
        places = ((codes - low) / step).round().byte()
        self.codes = low + step * places.double()
        super().__init__(
            **settings,
            decoder=decoder,
            code_shape=list(self._shape),
            weights=packed(tensors, half=True),
            places=places.numpy().tobytes(),
            scale=[low, step],
        )

    def drawn(self) -> Tensor:
        """The twelve codes in double precision, each of the shape that the net gives them."""
        drawn: Tensor = torch.stack([self._one(COUNT * int(self.seed) + k) for k in range(COUNT)])
        return drawn.view(COUNT, *self._shape)

    def _one(self, seed: int) -> Tensor:
        count, numbers = self.codes.shape
        if self.way == "Gaussian":
            mean = self.codes.mean(0)
            shares = torch.tensor(normal_numbers(count, seed), dtype=torch.float64)
            drawn: Tensor = mean + shares @ (self.codes - mean) / math.sqrt(count - 1)
            return drawn
        chosen = (count * torch.tensor(even_numbers(numbers, seed), dtype=torch.float64)).long()
        whole: Tensor = self.codes[chosen[0]] if self.way == "real" else self.codes[chosen, torch.arange(numbers)]
        return whole

    def decoded(self) -> Tensor:
        """Their pictures, [12, 1, 28, 28]."""
        with torch.no_grad():
            pictures: Tensor = self.net.decode(self.drawn())
        return pictures

    def still(self) -> str:
        """The first four of the pictures."""
        return side_by_side(*(Levels("", picture[0].clamp(0, 1)) for picture in self.decoded()[:4]))

    def sentence(self) -> str:
        """How the codes were drawn."""
        count, numbers = self.codes.shape
        how = {
            "one by one": "each number by itself from what it is in one of",
            "Gaussian": "from a normal distribution with the means and covariances of",
            "real": "as they are from",
        }
        return f"Pictures of {COUNT} codes of {numbers} numbers, drawn {how[self.way]} {count} codes of pictures."

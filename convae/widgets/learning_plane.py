"""A net with a code of two numbers that learns in the page, and the plane of its codes while it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
import traitlets
from torch import nn

from convae.models import Autoencoder
from convae.widgets.kit import Choice, Number, Widget
from convae.widgets.lesson import digits, digits_script
from convae.widgets.stills import Levels, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WIDTHS = (64, 32)  # numbers in the layers between the pixels and the code


class LearningPlane(Widget):
    """A net learns from 1,000 digits, and each of 200 others stands where its code of two numbers lies.

    `bend` is the activation between its layers, `seed` the one from which the page draws its weights and batches.
    """

    module = "learning_plane.js"
    later: ClassVar[Mapping[str, Callable[[], str]]] = {"digits": digits_script}

    bend = Choice("leaky-relu", "none")
    seed = Number(0, 0, 99)
    parameters = traitlets.Int().tag(sync=True)

    @traitlets.default("parameters")  # type: ignore[untyped-decorator]
    def _count(self) -> int:
        return sum(weights.numel() for weights in self.net().parameters())

    def net(self) -> Autoencoder:
        """The net that learns in the page, with weights of PyTorch's own."""
        bent = nn.Identity if self.bend == "none" else nn.LeakyReLU
        outer, inner = WIDTHS
        encoder = nn.Sequential(
            nn.Flatten(), nn.Linear(784, outer), bent(), nn.Linear(outer, inner), bent(), nn.Linear(inner, 2)
        )
        decoder = nn.Sequential(
            nn.Linear(2, inner), bent(), nn.Linear(inner, outer), bent(), nn.Linear(outer, 784), nn.Sigmoid()
        )
        return Autoencoder(encoder, decoder.append(nn.Unflatten(1, (1, 28, 28))), (1, 28, 28))

    def optimizer(self, net: nn.Module) -> torch.optim.Optimizer:
        """What takes the page's steps."""
        return torch.optim.Adam(net.parameters(), 0.003)

    def still(self) -> str:
        """Three of the digits whose codes are seen."""
        _, held = digits()
        return side_by_side(*(Levels("A digit", picture[0].double() / 255) for picture in held.images[:3]))

    def sentence(self) -> str:
        """What would be seen."""
        return "Where the codes of 200 digits lie in a plane, while a net learns in the page from 1,000 others."

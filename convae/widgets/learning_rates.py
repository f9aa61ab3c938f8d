"""A map of nets by learning rate and momentum: any of them shows how its error fell and what it gives back."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, ClassVar

import torch
import traitlets
from torch import Tensor, nn

from convae.models.autoencoder import dense_autoencoder
from convae.widgets.kit import Number, Widget, part
from convae.widgets.lesson import digits_script
from convae.widgets.pictures import lossless
from convae.widgets.stills import Levels, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from convae.models import Autoencoder

MOST = 40  # learning rates, and momenta
SIDE = 16383  # pixels of a sheet, which is a WebP
HIDDEN = 64  # numbers in the code of the net that learns in the page


class LearningRates(Widget):
    """Nets that differ in learning rate and momentum alone: their errors as a map, and one of them close by.

    `rate` and `momentum` are places in the lists, from 0. With `steps`, a dense net with a code of 64 numbers learns in
    the page by the two that are chosen, from 1,000 digits (`lesson.py`).

    Args:
        rates: 2 to 40 learning rates, rising.
        momenta: 2 to 40 momenta, rising.
        errors: Test errors above 0 of each, of one net a seed, before the training and after each epoch:
            [rates, momenta, seeds, epochs + 1].
        shown: Pictures, uint8 [N, H, W].
        given: What the first seed's nets give back of them, uint8 [rates, momenta, N, H, W].
        reference: The error of the mean picture.
        steps: Of the stored nets' training, in an epoch: the page's net takes as many. Without them none learns there.
        stored: From what the stored nets learned, how, and on what they were tested, in words.

    Raises:
        ValueError: sizes that do not fit, settings that do not rise or by which no net can learn, or errors that are
            not above 0.
    """

    module = "learning_rates.js"
    later: ClassVar[Mapping[str, Callable[[], str]]] = {
        "learning_cell": lambda: part("learning_cell.js"),
        "digits": digits_script,
    }

    rate = Number(0, 0, MOST - 1)
    momentum = Number(0, 0, MOST - 1)

    rates = traitlets.List().tag(sync=True)
    momenta = traitlets.List().tag(sync=True)
    errors = traitlets.Bytes().tag(sync=True)
    shape = traitlets.List().tag(sync=True)
    reference = traitlets.Float().tag(sync=True)
    size = traitlets.List().tag(sync=True)
    pictures = traitlets.Dict().tag(sync=True)
    steps = traitlets.Int().tag(sync=True)
    stored = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        rates: Sequence[float],
        momenta: Sequence[float],
        errors: Tensor,
        shown: Tensor,
        given: Tensor,
        reference: float,
        steps: int = 0,
        stored: str = "",
        **settings: Any,
    ) -> None:
        rates, momenta, reference = [float(rate) for rate in rates], [float(each) for each in momenta], float(reference)
        for name, values in (("rates", rates), ("momenta", momenta)):
            if not 2 <= len(values) <= MOST:
                raise ValueError(f"{len(values)} {name}: give 2 to {MOST}")
            if any(not later > value for value, later in itertools.pairwise(values)) or not math.isfinite(sum(values)):
                raise ValueError(f"{name} are {values}: give numbers that rise")
        if steps < 0:
            raise ValueError(f"{steps} steps an epoch: give how many the stored nets took, or 0 where none is to learn")
        if steps and not (rates[0] > 0 and momenta[0] >= 0 and momenta[-1] < 1):
            raise ValueError(
                f"rates from {rates[0]} and momenta from {momenta[0]} to {momenta[-1]}: no net learns by these; give "
                "rates above 0 and momenta from 0 to below 1"
            )
        if errors.ndim != 4 or errors.shape[:2] != (len(rates), len(momenta)) or not errors.numel():
            raise ValueError(
                f"errors of shape {tuple(errors.shape)} for {len(rates)} rates and {len(momenta)} momenta: give "
                "[rates, momenta, seeds, epochs + 1]"
            )
        if not 0 < reference < math.inf:
            raise ValueError(f"reference is {reference}: give the error of the mean picture, above 0")
        if not (errors > 0).all() or not errors.isfinite().all():
            raise ValueError("errors that are not above 0, or no numbers: the map is logarithmic; leave such nets out")
        if shown.ndim != 3 or not shown.numel():
            raise ValueError(f"pictures of shape {tuple(shown.shape)}: give [N, H, W]")
        sides = len(momenta) * shown.shape[1], len(rates) * shown[:, 0].numel()
        if max(sides) > SIDE:
            raise ValueError(f"a sheet of {sides} pixels for all nets: give fewer or smaller pictures, {SIDE} a side")
        if given.shape != (len(rates), len(momenta), *shown.shape) or {shown.dtype, given.dtype} != {torch.uint8}:
            raise ValueError(
                f"pictures {given.dtype} {tuple(given.shape)} of {shown.dtype} {tuple(shown.shape)}: give uint8 "
                "[rates, momenta, N, H, W] and [N, H, W]"
            )
        self.own, self.given = errors.double(), given
        # One sheet, a net a place: momenta downwards as they are listed, the pictures of a net side by side.
        sheet = given.permute(1, 3, 0, 2, 4).flatten(2).flatten(0, 1)
        super().__init__(
            **{"rate": len(rates) - 1, "momentum": len(momenta) - 1} | settings,
            rates=rates,
            momenta=momenta,
            errors=errors.float().numpy().tobytes(),
            shape=list(errors.shape),
            reference=reference,
            steps=steps,
            stored=stored,
            size=list(shown.shape),
            pictures=lossless({"shown": shown.permute(1, 0, 2).flatten(1)[None], "given": sheet[None]}),
        )

    @traitlets.default("limits")  # type: ignore[untyped-decorator]
    def _of_these(self) -> dict[str, Any]:
        limits: dict[str, Any] = self._limits()
        return limits | {"rate": [0, len(self.rates) - 1, 1], "momentum": [0, len(self.momenta) - 1, 1]}

    @traitlets.validate("rate", "momentum")  # type: ignore[untyped-decorator]
    def _there(self, proposal: Any) -> int:
        name, place = proposal["trait"].name, int(proposal["value"])
        steps = {"rate": self.rates, "momentum": self.momenta}[name]
        if steps and place >= len(steps):
            raise traitlets.TraitError(f"{name} is {place}: give a place from 0 to {len(steps) - 1}")
        return place

    def net(self) -> Autoencoder:
        """The net that learns in the page, with weights of PyTorch's own."""
        return dense_autoencoder(HIDDEN, 0.0, activation="sigmoid")

    def optimizer(self, net: nn.Module) -> torch.optim.Optimizer:
        """What takes the page's steps in the chosen cell."""
        return torch.optim.SGD(net.parameters(), self.rates[self.rate], self.momenta[self.momentum])

    def still(self) -> str:
        """The map in grey, momenta upwards, and what the chosen net gives back."""
        ends = self.own[..., -1].mean(2).log()
        spread = (ends.max() - ends.min()).item() or 1.0
        shades = ((ends - ends.min()) / spread).T.flip(0)
        pictures = self.given[self.rate, self.momentum].permute(1, 0, 2).flatten(1).float() / 255
        return side_by_side(Levels("Test error", shades), Levels("Given back", pictures))

    def sentence(self) -> str:
        """The net's settings and its errors."""
        ends = ", ".join(f"{error:.4f}" for error in self.own[self.rate, self.momentum, :, -1].tolist())
        name = f"Learning rate {self.rates[self.rate]:g}, momentum {self.momenta[self.momentum]:g}"
        return (
            f"{name}: after {self.shape[3] - 1} epochs the test error is {ends}; that of the mean picture is "
            f"{self.reference:.4f}."
        )

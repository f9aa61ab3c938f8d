"""What another optimiser makes of the net of mansilla2024, each at a learning rate of its own."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from convae.experiments.bottleneck_and_dropout import BATCH, LONG, WIDE, GarmentsStudy
from convae.experiments.experiment import Nets, Rows
from convae.experiments.study import Study
from convae.tasks import Reconstruction
from convae.training.loop import fit

if TYPE_CHECKING:
    from typing import Self

    from torch import Tensor

    from convae.data import Splits

# Rates and momenta to choose from: of SGD as the issue asks, of the others around the report's 1e-3.
SGD = tuple(itertools.product((1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0), (0.0, 0.9)))
OWN = tuple((rate, 0.0) for rate in (1e-4, 3e-4, 1e-3, 3e-3, 1e-2))
TRIED = {"SGD": SGD, "RMSProp": OWN, "Adam": OWN}


@dataclass(frozen=True)
class RatesStudy(Study):
    """The report's net of 256 numbers with each optimiser at several rates, a few epochs each, seen on validation.

    Args:
        optimizers: Of TRIED.
        epochs: Of each setting.
    """

    optimizers: tuple[str, ...] = tuple(TRIED)
    epochs: int = 3
    seed: int = 0
    settings: tuple[tuple[float, float], ...] | None = None

    def parts(self) -> tuple[Self, ...]:
        return tuple(
            replace(self, optimizers=(name,), settings=(setting,))
            for name in self.optimizers
            for setting in self.settings or TRIED[name]
        )

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained without the pictures kept for validation.

        Returns:
            Rows "<optimizer>/<rate>/<momentum>": the error of the validation pictures before training and after each
            epoch ("validation"); none where the loss was no number any more.
        """
        rows: Rows = {}
        for name in self.optimizers:
            for rate, momentum in self.settings or TRIED[name]:
                torch.manual_seed(self.seed)
                way = WIDE._replace(optimizer=name, rate=rate, momentum=momentum)
                model = way.model()
                row = rows[f"{name}/{rate:g}/{momentum:g}"] = {"validation": []}
                try:
                    history = fit(
                        model,
                        Reconstruction(),
                        splits.train,
                        way.optimize(model),
                        epochs=self.epochs,
                        batch_size=BATCH,
                        seed=self.seed,
                        watch={"validation": splits.validation},
                    )
                except FloatingPointError:  # its loss is no number any more: too long a step
                    continue
                row["validation"] = history.epochs["validation"]
        return rows, {}


EXPERIMENTS = (
    RatesStudy("optimiser-rates", "fashion-mnist"),
    GarmentsStudy("optimisers", "fashion-mnist", arms=("SGD",)),
    GarmentsStudy("optimisers-longer", "fashion-mnist", arms=(f"SGD{LONG}",), chosen=(0,)),
)

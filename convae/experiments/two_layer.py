"""The nets of robledo2021, and the dense nets that it compares them with: those of the same training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import torch

from convae.experiments.experiment import Nets, Rows
from convae.experiments.recipe import Recipe
from convae.experiments.study import Study
from convae.latent import encode_all

if TYPE_CHECKING:
    from torch import Tensor

    from convae.data import Splits

TWO_LAYER = Recipe(
    name="robledo-two-layer",
    model="robledo-two-layer",
    weight_decay=1e-5,
    validation=0,  # the source trains on all 60,000 pictures and selects nothing
    keep_weights=True,
    keep_errors=True,
)

DENSE = (144, 64, 288, 128, 256, 512, 1, 7)


def changed(model: str, weight_decay: float = TWO_LAYER.weight_decay) -> Recipe:
    """The same training of another net, or without weight decay: compared by seeds, so no picture's error is kept."""
    name = model if weight_decay else f"{model}-no-decay"
    return replace(
        TWO_LAYER,
        name=name,
        model=model,
        weight_decay=weight_decay,
        keep_weights=False,
        keep_errors=False,
        watched=10_000,
    )


@dataclass(frozen=True)
class TwoLayerStudy(Study):
    """How large the weights of trained nets are, which numbers of a code sleep, and what lies in MNIST's margin.

    Args:
        nets: Recipes whose weights are looked at, seed 0 of each.
        codes: Recipes with a ReLU on the code, all seeds, in which numbers of the code may be 0 for every picture.
    """

    nets: tuple[str, ...] = (
        "dense-144-no-dropout",
        "dense-144-no-dropout-no-decay",
        "dense-144-no-dropout-summed",
        "dense-288-no-dropout",
        "dense-288-no-dropout-no-decay",
        "robledo-two-layer",
        "robledo-two-layer-no-decay",
        "robledo-three-layer",
        "robledo-three-layer-no-decay",
    )
    codes: tuple[str, ...] = tuple(f"dense-{size}-no-decay" for size in (1, 7, 64, 128, 256, 512))
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Sums and shares.

        Returns:
            "margin": the share of test pictures with ink in their last row or column, and the share of all ink that
            lies there, where no kernel of the two-layer net reads; by recipe the sum of its parameters' squares, which
            weight decay makes small ("squares"), or how many numbers of the code are 0 for every test picture, one
            count a seed ("asleep").
        """
        pictures = splits.test.all().images.double()
        outside = torch.ones(pictures.shape[-2:], dtype=torch.bool)
        outside[:-1, :-1] = False
        there = (pictures * outside).sum((1, 2, 3))
        rows: Rows = {
            "margin": {"pictures": (there > 0).double().mean().item(), "ink": (there.sum() / pictures.sum()).item()}
        }
        for name in self.nets:
            squares = sum(weights.detach().double().square().sum().item() for weights in nets(name, 0).parameters())
            rows[name] = {"squares": squares}
        for name in self.codes:
            awake = [(encode_all(nets(name, seed), splits.test) > 0).any(0) for seed in range(TWO_LAYER.seeds)]
            rows[name] = {"asleep": [int((~numbers).sum()) for numbers in awake]}
        return rows, {}


EXPERIMENTS = (
    TWO_LAYER,
    replace(TWO_LAYER, name="robledo-three-layer", model="robledo-three-layer"),
    *(replace(TWO_LAYER, name=f"dense-{size}", model=f"dense-{size}", keep_weights=False) for size in DENSE),
    # The source names its weight decay for the convolutional nets only, and dropout for the dense ones only:
    *(changed(f"dense-{size}-no-dropout", decay) for size in (144, 288) for decay in (TWO_LAYER.weight_decay, 0.0)),
    *(changed(f"dense-{size}", 0.0) for size in DENSE),
    *(changed(name, 0.0) for name in ("robledo-two-layer", "robledo-three-layer")),
    # The weight decay beside a loss that is summed over the 784 pixels: to Adam, a 784th of it beside their mean.
    replace(
        changed("dense-144-no-dropout", TWO_LAYER.weight_decay / 784),
        name="dense-144-no-dropout-summed",
    ),
    # Twice as long and with a falling learning rate: who is done after 20 epochs?
    *(
        replace(changed(name, 0.0), name=f"{name}-no-decay-long", epochs=40, decay=True, seeds=1)
        for name in ("robledo-two-layer", "robledo-three-layer", "dense-144-no-dropout", "dense-288-no-dropout")
    ),
    TwoLayerStudy("two-layer-weights"),
)

"""The nets of robledo2021, and the dense nets that it compares them with: those of the same training."""

from __future__ import annotations

from dataclasses import replace

from convae.experiments.recipe import Recipe

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


EXPERIMENTS = (
    TWO_LAYER,
    replace(TWO_LAYER, name="robledo-three-layer", model="robledo-three-layer"),
    *(replace(TWO_LAYER, name=f"dense-{size}", model=f"dense-{size}", keep_weights=False) for size in DENSE),
    # The source names its weight decay for the convolutional nets only, and dropout for the dense ones only:
    *(changed(f"dense-{size}-no-dropout", decay) for size in (144, 288) for decay in (TWO_LAYER.weight_decay, 0.0)),
    *(changed(f"dense-{size}", 0.0) for size in DENSE),
    *(changed(name, 0.0) for name in ("robledo-two-layer", "robledo-three-layer")),
)

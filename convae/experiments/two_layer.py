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

EXPERIMENTS = (
    TWO_LAYER,
    replace(TWO_LAYER, name="robledo-three-layer", model="robledo-three-layer"),
    *(
        replace(TWO_LAYER, name=f"dense-{size}", model=f"dense-{size}", keep_weights=False)
        for size in (144, 64, 288, 128, 256, 512, 1, 7)
    ),
)

"""The two-layer net with convolutions of stride 1 and what pools behind them."""

from __future__ import annotations

from dataclasses import replace

from convae.experiments.two_layer import TWO_LAYER, changed

POOLED = ("robledo-max-pool", "robledo-average-pool", "robledo-blur-pool")
# The same encoders before a decoder that may look next door, and the blur behind the activation:
OVERLAPPING = (
    "robledo-overlapping",
    *(f"{name}-overlapping" for name in POOLED),
    "robledo-relu-blur-pool-overlapping",
)

EXPERIMENTS = (
    *(replace(TWO_LAYER, name=name, model=name) for name in POOLED),
    *(changed(name) for name in OVERLAPPING),
)

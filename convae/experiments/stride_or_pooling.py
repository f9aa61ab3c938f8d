"""The two-layer net with convolutions of stride 1 and what pools behind them."""

from __future__ import annotations

from dataclasses import replace

from convae.experiments.two_layer import TWO_LAYER

EXPERIMENTS = tuple(
    replace(TWO_LAYER, name=name, model=name)
    for name in ("robledo-max-pool", "robledo-average-pool", "robledo-blur-pool")
)

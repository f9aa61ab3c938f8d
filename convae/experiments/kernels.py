"""The two-layer net with other activations."""

from __future__ import annotations

from dataclasses import replace

from convae.experiments.two_layer import TWO_LAYER

EXPERIMENTS = tuple(
    replace(TWO_LAYER, name=name, model=name) for name in ("robledo-sigmoid", "robledo-tanh", "robledo-linear")
)

"""What a training leaves behind beside the net."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["STRIDE", "WATCHED", "History"]

STRIDE = 20  # batches from one look at the watched pictures to the next, and in one mean of the later losses
WATCHED = 1000  # pictures of each watched set that are looked at inside the first epoch


@dataclass
class History:
    """What happened while a net was trained. Losses are means over images.

    Args:
        batches: Loss of each batch of the first epoch, then the mean over every 20 batches.
        steps: By watched set, the loss of its first 1,000 pictures before every 20th batch of the first epoch.
        epochs: By watched set, the loss of all its pictures before training and after each epoch.
        seconds: Time of each epoch, without the look at the whole watched sets that follows it.
    """

    batches: list[float] = field(default_factory=list)
    steps: dict[str, list[float]] = field(default_factory=dict)
    epochs: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, saved: Any) -> History:
        """A history that was written as JSON.

        Raises:
            ValueError: it is none.
        """
        parts = {part.name: dict if part.name in ("steps", "epochs") else list for part in fields(cls)}
        if not isinstance(saved, dict) or {name: type(part) for name, part in saved.items()} != parts:
            raise ValueError(f"a history has {', '.join(parts)}, this one is {_short(saved)}")
        curves = [saved["batches"], saved["seconds"], *saved["steps"].values(), *saved["epochs"].values()]
        for curve in curves:
            if not isinstance(curve, list) or not all(type(value) in (int, float) for value in curve):
                raise ValueError(f"a curve is a list of numbers, one is {_short(curve)}")
            if not all(map(math.isfinite, curve)):
                raise ValueError("a loss in it is no number")
        length = len(saved["seconds"])
        if saved["steps"].keys() != saved["epochs"].keys() and length:
            raise ValueError("its watched sets are not the same in the first epoch and later")
        if any(len(curve) != length + 1 for curve in saved["epochs"].values()):
            raise ValueError(f"a curve over {length} epochs has {length + 1} points, one of these has another number")
        return cls(**saved)

    def end_epoch(self, losses: Tensor, seconds: float) -> None:
        """Adds an epoch's losses, [batches]."""
        if not losses.isfinite().all():
            bad = int((~losses.isfinite()).nonzero()[0])
            raise FloatingPointError(
                f"the loss of batch {bad + 1} in epoch {len(self.seconds) + 1} is {losses[bad].item()}"
            )
        parts = torch.split(losses, STRIDE if self.seconds else 1)
        self.batches += [part.mean().item() for part in parts]
        self.seconds.append(seconds)


def _short(value: object) -> str:
    return text if len(text := repr(value)) < 60 else f"{text[:60]}…"

"""What the studies of the code are made with: nets by name and seed, and the classifiers that judge pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from convae.measures.intervals import Interval
from convae.models import Classifier
from convae.tensors import Images

Nets: TypeAlias = Callable[[str, int], Any]  # the trained net of a recipe and a seed
Rows: TypeAlias = dict[str, dict[str, Any]]
JUDGES = 5


class Judge(nn.Module):
    """Some classifiers asked together: the mean of their softmax. None of them has seen what it judges."""

    def __init__(self, classifiers: list[Classifier]) -> None:
        super().__init__()
        self.classifiers = nn.ModuleList(classifiers)

    @classmethod
    def of(cls, nets: Nets) -> Judge:
        """The five seeds of the recipe "classifier"."""
        return cls([nets("classifier", seed) for seed in range(JUDGES)])

    @torch.no_grad()
    def forward(self, images: Images) -> Tensor:
        """Probabilities of the classes, [N, K]."""
        parts = [
            torch.stack([classifier(part).softmax(1) for classifier in self.classifiers]).mean(0)
            for part in images.split(1000)
        ]
        return torch.cat(parts)

    @torch.no_grad()
    def features(self, images: Images) -> Tensor:
        """What the first of them makes of the pictures behind its last hidden layer, [N, F]."""
        first = self.classifiers[0]
        assert isinstance(first, Classifier)
        return torch.cat([first.features(part) for part in images.split(1000)])


def as_list(interval: Interval) -> list[float]:
    """An interval as a table keeps it; `Interval(*values)` is the way back."""
    return [interval.mean, interval.low, interval.high, interval.count]

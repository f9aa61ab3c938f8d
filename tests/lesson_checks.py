"""What a net that learns in a page has to be, worked out from its seed alone: its weights, batches and steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.functional import mse_loss
from widget_checks import settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator
    from torch import Tensor, nn

WORD = 2**32


def uniform(seed: int) -> Iterator[float]:
    """The numbers of `uniform` in learning.js, whose formula this repeats."""
    state = (seed + 1) * 0x9E3779B1 % WORD
    while True:
        state = (state + 0x9E3779B9) % WORD
        value = (state ^ state >> 16) * 0x21F0AAAD % WORD
        value = (value ^ value >> 15) * 0x735A2D97 % WORD
        yield ((value ^ value >> 15) + 0.5) / WORD


def draw(net: nn.Module, seed: int = 0) -> None:
    """The net's weights as the page begins with them: evenly within PyTorch's own bounds."""
    numbers = uniform(seed)
    weights = dict(net.named_parameters())
    with torch.no_grad():
        for name, values in weights.items():
            bound = 1 / math.sqrt(weights[name.replace("bias", "weight")][0].numel())
            drawn = torch.tensor([bound * (2 * next(numbers) - 1) for _ in range(values.numel())])
            values.copy_(drawn.reshape(values.shape))


def batches(count: int, size: int = 64, seed: int = 0) -> Iterator[list[int]]:
    """Numbers of the pictures that the page learns from, a batch after the other."""
    order, numbers, at = list(range(count)), uniform(seed + 1), count
    while True:
        if at + size > count:
            for k in range(count - 1, 0, -1):
                other = math.floor(next(numbers) * (k + 1))
                order[k], order[other] = order[other], order[k]
            at = 0
        yield order[at : at + size]
        at += size


def steps(
    net: nn.Module, optimizer: Any, pictures: Tensor, tested: Tensor, seed: int = 0, size: int = 64
) -> Iterator[tuple[float, list[Tensor]]]:
    """The error on other pictures and the weights, before the first batch and after each, as PyTorch does it."""
    for chosen in batches(len(pictures), size, seed):
        with torch.no_grad():
            error = mse_loss(net(tested), tested).item()
        yield error, [weights.detach().clone() for weights in net.parameters()]
        optimizer.zero_grad()
        mse_loss(net(pictures[chosen]), pictures[chosen]).backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def trained(section: Locator) -> tuple[list[list[float]], list[Tensor]]:
    """What the page gives out of itself: its errors, [batches, error] each, and its weights, flat."""
    settled(section)
    errors, weights = section.evaluate(
        "(root) => [root.trained().errors, root.trained().weights.map((own) => Array.from(own))]"
    )
    return errors, [torch.tensor(numbers) for numbers in weights]

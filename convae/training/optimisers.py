"""Four optimisers, each with what it adds to the one before: a direction that is averaged, a length, both.

Each takes one step of one weight tensor in place, and keeps in `state` what it has to remember: {} at the beginning.
They are equal to torch.optim's SGD, RMSprop and Adam, which train the nets of this book; these are to be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from convae.tensors import check_finite, check_floating

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["adam", "descend", "gradient_descent", "momentum", "rms_prop", "two_hollows", "walk"]

State = dict[str, Tensor]
TINY = 1e-8  # keeps a division by a length of 0 from being one


class Optimiser(Protocol):
    """A step of `weight` against `gradient`, in place."""

    def __call__(self, weight: Tensor, gradient: Tensor, state: State, rate: float) -> None: ...


def gradient_descent(weight: Tensor, gradient: Tensor, state: State, rate: float) -> None:
    """Against the gradient, as far as it is long."""
    weight -= rate * gradient


def momentum(weight: Tensor, gradient: Tensor, state: State, rate: float, keep: float = 0.9) -> None:
    """Along a sum of all gradients, of which each step keeps a share [polyak1964methods]."""
    state["speed"] = keep * _kept(state, "speed", weight) + gradient
    weight -= rate * state["speed"]


def rms_prop(weight: Tensor, gradient: Tensor, state: State, rate: float, keep: float = 0.99) -> None:
    """Against the gradient, in units of its root mean square: an average of squares, number by number
    [tieleman2012rmsprop]."""
    state["square"] = keep * _kept(state, "square", weight) + (1 - keep) * gradient**2
    weight -= rate * gradient / (state["square"].sqrt() + TINY)


def adam(weight: Tensor, gradient: Tensor, state: State, rate: float, keep: tuple[float, float] = (0.9, 0.999)) -> None:
    """Along an average of gradients (the first moment), in units of the root of an average of squares (the second);
    both begin at 0, and are made larger by as much as that makes them too small [kingma2015adam]."""
    first, second = keep
    state["step"] = _kept(state, "step", torch.zeros((), dtype=torch.float64)) + 1
    state["mean"] = first * _kept(state, "mean", weight) + (1 - first) * gradient
    state["square"] = second * _kept(state, "square", weight) + (1 - second) * gradient**2
    mean = state["mean"] / (1 - first ** state["step"])
    square = state["square"] / (1 - second ** state["step"])
    weight -= rate * mean / (square.sqrt() + TINY)


def _kept(state: State, name: str, like: Tensor) -> Tensor:
    return state[name] if name in state else torch.zeros_like(like)


@torch.no_grad()
def walk(optimiser: Optimiser, start: Tensor, gradients: Iterable[Tensor], rate: float) -> Tensor:
    """Where a weight is before the first step and after each, [steps + 1, ...].

    Args:
        gradients: One for each step, of the shape of the start.

    Raises:
        ValueError: a start or a gradient that is not finite, of another shape, or a rate that is not above 0.
    """
    _check(start, rate)
    weight, state = start.clone(), State()
    places = [weight.clone()]
    for step, gradient in enumerate(gradients):
        check_finite(gradient, f"gradient {step}")
        if gradient.shape != weight.shape:
            raise ValueError(
                f"gradient {step} has shape {tuple(gradient.shape)}, the weight {tuple(weight.shape)}: give one shape"
            )
        optimiser(weight, gradient, state, rate)
        places.append(weight.clone())
    return torch.stack(places)


@torch.no_grad()
def descend(optimiser: Optimiser, start: Tensor, slope: Callable[[Tensor], Tensor], rate: float, steps: int) -> Tensor:
    """The same on a surface, whose gradient at a weight `slope` gives: [steps + 1, ...].

    A way may end at numbers that are not finite: that a rate is too large is what it shows.

    Raises:
        ValueError: a start that is not finite, a rate that is not above 0, or less than 1 step.
    """
    _check(start, rate)
    if steps < 1:
        raise ValueError(f"steps is {steps}: give at least 1")
    weight, state = start.clone(), State()
    places = [weight.clone()]
    for _ in range(steps):
        optimiser(weight, slope(weight), state, rate)
        places.append(weight.clone())
    return torch.stack(places)


def two_hollows(weight: Tensor) -> Tensor:
    """The gradient of (x² − 1)² + 0.3 x + y²/2 at places [..., 2]: one hollow near x = 1, a deeper one near −1."""
    x, y = weight.unbind(-1)
    return torch.stack([4 * x * (x**2 - 1) + 0.3, y], -1)


def _check(start: Tensor, rate: float) -> None:
    check_floating(start, "start")
    check_finite(start, "start")
    if not 0 < rate < float("inf"):
        raise ValueError(f"rate is {rate}: give a number above 0")

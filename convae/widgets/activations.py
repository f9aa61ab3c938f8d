"""Ten activations side by side, with the tangent of each at one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from convae.widgets.kit import Number, Widget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

KINKS: Mapping[str, tuple[float, ...]] = {"step": (0,), "ReLU": (0,), "leaky ReLU": (0,), "saturating linear": (0, 1)}


class Activations(Widget):
    """Ten activations on one scale, each with its slope, and the tangent of all at the same x.

    `beta` makes the sigmoid steeper, σ(βx), on its way to the step.
    """

    module = "activations.js"

    x = Number(-1, -4, 4, whole=False)
    beta = Number(1, 1, 50, whole=False)

    def functions(self) -> dict[str, Callable[[Tensor], Tensor]]:
        """By name, in the order of the page."""
        return {
            "linear": lambda x: x,
            "step": lambda x: 0 * x + (x >= 0),
            "ReLU": torch.relu,
            "leaky ReLU": functional.leaky_relu,
            "ELU": functional.elu,
            "saturating linear": lambda x: x.clamp(0, 1),
            "sigmoid": lambda x: torch.sigmoid(self.beta * x),
            "tanh": torch.tanh,
            "arctangent": torch.atan,
            "softplus": functional.softplus,
        }

    def slopes(self) -> dict[str, float | None]:
        """Of each at x, by autograd; none at a kink."""
        found: dict[str, float | None] = {}
        for name, function in self.functions().items():
            x = torch.tensor(float(self.x), dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(function(x), x)
            found[name] = None if self.x in KINKS.get(name, ()) else slope.item()
        return found

    def still(self) -> str:
        """Each function as a line, with its slope as a dashed one."""
        panels = []
        for number, (name, function) in enumerate(self.functions().items()):
            x = torch.linspace(-4, 4, 161, dtype=torch.float64, requires_grad=True)
            y = function(x)
            (slope,) = torch.autograd.grad(y.sum(), x)
            lines = [
                " ".join(f"{a:.2f},{-b:.2f}" for a, b in zip(x.tolist(), values.tolist(), strict=True))
                for values in (y, slope)
            ]
            row, column = divmod(number, 5)
            panels.append(
                f'<svg x="{column * 130}" y="{row * 120}" width="120" height="112">'
                f'<text x="2" y="12" font-size="12" fill="currentColor">{name}</text>'
                '<svg y="18" width="120" height="90" viewBox="-4 -4 8 6" fill="none" stroke-width=".1">'
                '<path d="M-4 0H4M0-4V2" stroke="currentColor" opacity=".4"/>'
                f'<polyline points="{lines[0]}" stroke="#2f80ed"/>'
                f'<polyline points="{lines[1]}" stroke="currentColor" stroke-dasharray=".3 .2"/></svg></svg>'
            )
        size = 'viewBox="0 0 650 240" width="650" style="max-width:100%" font-family="sans-serif"'
        return f"<svg {size}>{''.join(panels)}</svg>"

    def sentence(self) -> str:
        """The slopes at x."""
        told = ", ".join(
            f"{name} {'none' if slope is None else f'{slope:.2f}'}" for name, slope in self.slopes().items()
        )
        return f"Ten activations from −4 to 4, each with its slope; at x = {self.x:g} it is: {told}.".replace("-", "−")

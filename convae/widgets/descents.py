"""Four optimisers walk down one surface from one start, with one learning rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import traitlets
from torch import Tensor

from convae.training.optimisers import adam, descend, gradient_descent, momentum, rms_prop, two_hollows
from convae.widgets.kit import Choice, Matrix, Number, Widget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DASHES = ("", ".2 .08", ".03 .06", ".2 .06 .03 .06")
RULES = {"gradient descent": gradient_descent, "momentum": momentum, "RMSProp": rms_prop, "Adam": adam}
ACROSS, UP = 2.4, 1.5  # from the middle of the frame to its edges
STEPS = 100
STEEP = 25.0  # as much as the valley rises along
DEEPEST = -1.0355787140888537  # across, of the two hollows
TURN = torch.tensor([[1.0, -1.0], [1.0, 1.0]], dtype=torch.float64) / math.sqrt(2)  # to the axes of the turned valley


class Surface(NamedTuple):
    """A loss over two weights, `profile(x)` + `steep` y²/2, at places [..., 2], and its gradient there."""

    name: str
    profile: Callable[[Any], Any]  # of numbers and of tensors
    steep: float
    slope: Callable[[Tensor], Tensor]
    lowest: float = 0.0
    rise: float = 0.15  # of the contour lines, in squares
    turned: bool = False

    def above(self, places: Tensor) -> Tensor:
        """The loss above the lowest."""
        x, y = (places @ TURN if self.turned else places).unbind(-1)
        loss: Tensor = self.profile(x) + self.steep * y.square() / 2 - self.profile(self.lowest)
        return loss


def _bowl(x: Any) -> Any:
    return x**2 / 2


def _valley(places: Tensor) -> Tensor:
    return places * torch.tensor([1.0, STEEP], dtype=torch.float64)


SURFACES = {
    "valley": Surface("a long valley", _bowl, STEEP, _valley),
    "turned": Surface("a turned valley", _bowl, STEEP, lambda at: _valley(at @ TURN) @ TURN.T, turned=True),
    "hollows": Surface("two hollows", lambda x: (x**2 - 1) ** 2 + 0.3 * x, 1.0, two_hollows, DEEPEST, 0.06),
}


class Descents(Widget):
    """The ways of gradient descent, momentum, RMSProp and Adam down one surface, from one start.

    `x` and `y` are the start. The learning rate goes from 1 in thirds of a decade (1, 0.5, 0.2, 0.1, …) down to 0.0001:
    `rate` counts them, −12 to 0. The loss, and so its gradients, are multiplied by ten to the power of `scale`; each
    optimiser's learning rate by ten to the power of its number in `factors`, [1, 4]. `step` of 100 are shown. A way
    ends at its first place outside the frame, 2.4 from the middle across and 1.5 up.
    """

    module = "descents.js"

    surface = Choice(*SURFACES)
    x = Number(1.7, -ACROSS, ACROSS, whole=False)
    y = Number(0.7, -UP, UP, whole=False)
    rate = Number(-5, -12, 0)
    scale = Number(-3, -3, 3)
    step = Number(STEPS, 1, STEPS)
    factors = Matrix([[0, 0, 0, 0]], -3, 3, len(RULES))

    @traitlets.validate("factors")  # type: ignore[untyped-decorator]
    def _four(self, proposal: Any) -> Any:
        rows, columns = len(proposal["value"]), len(proposal["value"][0])
        if (rows, columns) != (1, len(RULES)):
            raise traitlets.TraitError(f"factors of {rows} × {columns} numbers: give one row of {len(RULES)}")
        return proposal["value"]

    def learning_rate(self) -> float:
        """Of all four, before their factors."""
        rate = int(self.rate)
        return float(f"{(1, 2, 5)[rate % 3]}e{rate // 3}")

    def way(self) -> Tensor:
        """Where the four are, from the start to the step that is shown: [steps + 1, 4, 2].

        Behind a way's end its last place is repeated.
        """
        start = torch.tensor([self.x, self.y], dtype=torch.float64)
        slope, times, ways = SURFACES[self.surface].slope, 10.0 ** int(self.scale), []
        for rule, factor in zip(RULES.values(), self.factors[0], strict=True):
            rate = self.learning_rate() * 10**factor
            places = descend(rule, start, lambda at: times * slope(at), rate, int(self.step))
            if (end := _end(places)) is not None:
                places[end:] = places[end].clone()
            ways.append(places)
        return torch.stack(ways, 1)

    def shares(self) -> Tensor:
        """What each has left of the loss at the start, both above the lowest: [4]."""
        above = SURFACES[self.surface].above(self.way()[[0, -1]])
        return above[1] / above[0] if above[0, 0] > 0 else torch.zeros_like(above[1])

    def still(self) -> str:
        """Contour lines, and the four ways."""
        surface = SURFACES[self.surface]
        turn = ' transform="rotate(-45)"' if surface.turned else ""
        levels = (surface.rise * k**2 for k in range(2, 15, 2))
        lines = "".join(f'<path d="{"".join(_contour(surface, level))}"/>' for level in levels)
        ways = "".join(
            f'<polyline stroke-width=".03" stroke-dasharray="{dash}" points="{_points(places)}"/>'
            for dash, places in zip(DASHES, self.way().transpose(0, 1), strict=True)
        )
        return (
            f'<svg viewBox="{-ACROSS} {-UP} {2 * ACROSS} {2 * UP}" width="480" fill="none" stroke="currentColor" '
            f'stroke-width=".01"><g opacity=".4"{turn}>{lines}</g>{ways}</svg>'
        )

    def sentence(self) -> str:
        """How far they have come."""
        told = []
        for name, factor, share, places in zip(
            RULES, self.factors[0], self.shares().tolist(), self.way().transpose(0, 1), strict=True
        ):
            end = _end(places)
            left = _percent(share) if end is None else f"off the board in step {end}"
            told.append(f"{name} {f'(rate times {_power(factor)}) ' if factor else ''}{left}")
        settings = f"at a learning rate of {self.learning_rate():g}, the loss times {_power(self.scale)}"
        steps = f"{int(self.step)} step{'s' * (self.step != 1)}"
        return (
            f"Four ways down {SURFACES[self.surface].name} {settings}. Left of the loss at the start, above the "
            f"lowest, after {steps}: {', '.join(told)}."
        )


def _percent(share: float) -> str:
    if share < 0.001:
        return "less than 0.1\u00a0%"
    return f"{100 * share:.{int(share < 0.1)}f}\u00a0%"


def _power(exponent: float) -> str:
    return f"1/{10**-exponent:g}" if exponent < 0 else f"{10**exponent:g}"


def _end(places: Tensor) -> int | None:
    """Where a way leaves the frame, or is not finite any more, if it does."""
    inside = (places.abs() <= torch.tensor([ACROSS, UP], dtype=torch.float64)).all(-1)
    return None if inside.all() else int((~inside).int().argmax())


def _points(places: Tensor) -> str:
    """Of a way, up to where it crosses the frame."""
    if (end := _end(places)) is not None:
        last, step = places[end - 1], places[end] - places[end - 1]
        share = ((torch.tensor([ACROSS, UP]) - step.sign() * last) / step.abs()).min()
        places = torch.cat([places[:end], (last + share * step)[None]])
    return " ".join(f"{x:.2f},{-y:.2f}" for x, y in places.tolist())


def _contour(surface: Surface, level: float) -> Iterator[str]:
    """The places of one loss: around the middle of each stretch of x where the profile leaves room for y."""

    def room(x: Tensor) -> Tensor:
        left: Tensor = surface.profile(surface.lowest) + level - surface.profile(x)
        return left

    grid = torch.linspace(-9, 9, 1801, dtype=torch.float64)
    high = room(grid)
    here = ((high[1:] < 0) != (high[:-1] < 0)).nonzero()[:, 0]
    ends = grid[here] + 0.01 * high[here] / (high[here] - high[here + 1])
    turn = torch.arange(48, dtype=torch.float64)
    for start, end in ends.view(-1, 2):
        x = (start + end - (end - start) * (turn * math.pi / 24).cos()) / 2
        y = (24 - turn).sign() * (2 * room(x).clamp(min=0) / surface.steep).sqrt()
        yield f"M{'L'.join(f'{a:.2f} {b:.2f}' for a, b in zip(x.tolist(), y.tolist(), strict=True))}Z"

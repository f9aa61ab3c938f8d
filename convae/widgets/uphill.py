"""A plane of noisy points: arrows to where such points become more probable, and points that walk along them."""

from __future__ import annotations

from typing import Any

import torch
import traitlets
from torch import Tensor

from convae.tensors import check_real
from convae.widgets.kit import Matrix, Number, Widget

STEPS = 40  # that a point walks
BEGUN = 4  # of them at first: its way is to be seen, and that it goes on
PACE = 0.25  # of the way to the mean, each step
MOST = 8  # points at a time
MOST_MARKS = 32
FARTHEST = 3.0  # a mark from the middle, in rows and in columns; a point a little farther
ROOM = 0.6  # around the marks
BEGIN = torch.tensor([[-0.905, 0.875], [0.857, -0.81], [0.143, 0.125], [-0.095, -0.94]]).double()  # of the span


class Uphill(Widget):
    """What noise makes of some clean points in the plane, and the arrows that lead back.

    The clean points, all as probable, get noise of standard deviation `sigma`. At each place an arrow leads to the mean
    of the clean points that such a noisy one may come from: divided by σ², it is the slope of the log density. The
    `points` walk along the arrows, a quarter of the way each step; `step` of 40 are shown, at first 4. Where none are
    given, four begin apart from each other around the marks.

    Args:
        marks: The clean points, [N, 2], 1 to 32, at most 3 from the middle along each axis.

    Raises:
        ValueError: the marks are not as said.
    """

    module = "uphill.js"

    sigma = Number(0.4, 0.05, 1.5, whole=False)
    step = Number(BEGUN, 1, STEPS)
    points = Matrix([[0.0, 0.0]], -FARTHEST - ROOM, FARTHEST + ROOM, MOST)

    marks = traitlets.List().tag(sync=True)
    span = traitlets.List().tag(sync=True)

    def __init__(self, marks: Tensor, **settings: Any) -> None:
        check_real(marks, "marks")
        if marks.ndim != 2 or marks.shape[1] != 2 or not 1 <= len(marks) <= MOST_MARKS:
            raise ValueError(f"marks of shape {tuple(marks.shape)}: give [N, 2] with 1 to {MOST_MARKS} points")
        plain = marks.detach().double().cpu()
        if not (farthest := plain.abs().max().item()) <= FARTHEST:  # nor is NaN
            raise ValueError(
                f"a mark lies {farthest:g} from the middle: give numbers from −{FARTHEST:g} to {FARTHEST:g}"
            )
        span = plain.abs().amax(0) + ROOM
        begin = (BEGIN * span).round(decimals=2)
        super().__init__(**{"points": begin} | settings, marks=plain.tolist(), span=span.tolist())

    @traitlets.validate("points")  # type: ignore[untyped-decorator]
    def _pairs(self, proposal: Any) -> Any:
        if len(proposal["value"][0]) != 2:
            raise traitlets.TraitError(f"points of {len(proposal['value'][0])} numbers: give two each, across and up")
        return proposal["value"]

    def means(self, points: Tensor) -> Tensor:
        """Of the clean points that each noisy one may come from, [N, 2], in double precision."""
        marks = torch.tensor(self.marks, dtype=torch.float64)
        apart = torch.cdist(points.double(), marks, compute_mode="donot_use_mm_for_euclid_dist").square()
        return (-apart / (2 * float(self.sigma) ** 2)).softmax(1) @ marks

    def slope(self, points: Tensor) -> Tensor:
        """Of the log density of the noisy points, [N, 2]."""
        return (self.means(points) - points.double()) / float(self.sigma) ** 2

    def way(self) -> Tensor:
        """Where the points are, from the beginning to the step that is shown: [steps + 1, N, 2]."""
        places = [torch.tensor(self.points, dtype=torch.float64)]
        for _ in range(int(self.step)):
            places.append(places[-1] + PACE * (self.means(places[-1]) - places[-1]))
        return torch.stack(places)

    def still(self) -> str:
        """The ways of the points."""
        across, up = self.span
        marks = "".join(f'<circle cx="{x:.3f}" cy="{-y:.3f}" r=".05"/>' for x, y in self.marks)
        ends = (" ".join(f"{x:.3f},{-y:.3f}" for x, y in one) for one in self.way().transpose(0, 1).tolist())
        line = '<polyline fill="none" stroke="currentColor" stroke-width=".02" points='
        ways = "".join(f'{line}"{points}"/>' for points in ends)
        return (
            f'<svg viewBox="{-across} {-up} {2 * across} {2 * up}" width="400" fill="currentColor">{marks}{ways}</svg>'
        )

    def sentence(self) -> str:
        """Where they have come to."""
        near = int((torch.cdist(self.way()[-1], torch.tensor(self.marks, dtype=torch.float64)).amin(1) < 0.1).sum())
        return (
            f"Arrows uphill around {_counted(len(self.marks), 'clean point')}, noise of σ = {self.sigma:g}. After "
            f"{_counted(int(self.step), 'step')} {near} of {_counted(len(self.points), 'point')} "
            f"{'lies' if near == 1 else 'lie'} within 0.1 of a clean one."
        )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"

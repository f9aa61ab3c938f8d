"""Codes under a penalty that is made stronger: which numbers are left, what they draw, and what comes back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import traitlets

from convae.widgets.kit import Choice, Number, Widget
from convae.widgets.pictures import lossless
from convae.widgets.stills import Levels, side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

PENALISED = ("L1", "KL")
MOST = 8  # strengths of a penalty, and pictures
ACROSS = 8  # atoms in a line


class SparseCodes(Widget):
    """Nets by penalty and strength: of a picture its code and what comes back, and what the numbers of the code draw.

    `strength` is a place in the list of them, from 0; `picture` one of those put in. Nothing is computed in the page.

    Args:
        strengths: In words, the weakest first, 2 to 8: the same for each penalty.
        shown: Pictures put in, uint8 [N, H, W], at most 8.
        nets: Of each penalty, by its name, a net a strength: what came "back", uint8 [N, H, W], the "codes", uint8
            [N, K], and the "atoms", uint8 [A, H, W], A a multiple of 8; its error ("mse"), the share of numbers that
            are "active", and how many are "dead".

    Raises:
        ValueError: numbers or shapes that do not fit, or larger files than a page holds.
    """

    module = "sparse_codes.js"

    penalty = Choice(*PENALISED)
    strength = Number(0, 0, MOST - 1)
    picture = Number(0, 0, MOST - 1)

    strengths = traitlets.List().tag(sync=True)
    rows = traitlets.Dict().tag(sync=True)
    size = traitlets.List().tag(sync=True)
    numbers = traitlets.Int().tag(sync=True)
    pictures = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        strengths: Sequence[str],
        shown: Tensor,
        nets: Mapping[str, Sequence[Mapping[str, Any]]],
        **settings: Any,
    ) -> None:
        if not 2 <= len(strengths) <= MOST:
            raise ValueError(f"{len(strengths)} strengths: give 2 to {MOST}")
        if shown.ndim != 3 or shown.dtype != torch.uint8 or not 1 <= len(shown) <= MOST:
            raise ValueError(f"pictures {shown.dtype} {tuple(shown.shape)}: give uint8 [N, H, W], 1 to {MOST}")
        if set(nets) != set(PENALISED):
            raise ValueError(f"nets of {', '.join(nets) or 'no penalty'}: give those of L1 and of KL")
        first = nets[PENALISED[0]][0]
        shapes = {
            "back": shown.shape,
            "codes": (len(shown), first["codes"].shape[-1]),
            "atoms": (len(first["atoms"]), *shown.shape[1:]),
        }
        for name, strong in nets.items():
            if len(strong) != len(strengths):
                raise ValueError(f"{len(strong)} nets of {name} for {len(strengths)} strengths: give one for each")
            for net in strong:
                for what, shape in shapes.items():
                    own = net[what]
                    if own.shape != shape or own.dtype != torch.uint8:
                        raise ValueError(
                            f"{what} of {name} are {own.dtype} {tuple(own.shape)}: give uint8 {tuple(shape)}"
                        )
        if shapes["atoms"][0] % ACROSS:
            raise ValueError(f"{shapes['atoms'][0]} atoms: give a multiple of {ACROSS}")
        self.nets = {name: list(nets[name]) for name in PENALISED}
        every = [net for own in self.nets.values() for net in own]
        sheets = {
            "shown": _line(shown),
            "back": torch.cat([_line(net["back"]) for net in every]),
            "codes": torch.cat([_line(as_square(net["codes"])) for net in every]),
            "atoms": torch.cat([_line(part) for net in every for part in net["atoms"].split(ACROSS)]),
        }
        super().__init__(
            **settings,
            strengths=list(strengths),
            rows={
                name: [
                    {"mse": float(net["mse"]), "active": float(net["active"]), "dead": int(net["dead"])} for net in own
                ]
                for name, own in self.nets.items()
            },
            size=[len(shown), *shown.shape[1:], shapes["atoms"][0]],
            numbers=shapes["codes"][1],
            pictures=lossless({name: sheet[None] for name, sheet in sheets.items()}),
        )

    @traitlets.default("limits")  # type: ignore[untyped-decorator]
    def _of_these(self) -> dict[str, Any]:
        limits: dict[str, Any] = self._limits()
        if not self.size:
            return limits
        return limits | {"strength": [0, len(self.strengths) - 1, 1], "picture": [0, self.size[0] - 1, 1]}

    @traitlets.validate("strength", "picture")  # type: ignore[untyped-decorator]
    def _there(self, proposal: Any) -> int:
        name, place = proposal["trait"].name, int(proposal["value"])
        count = len(self.strengths) if name == "strength" else self.size[0] if self.size else 0
        if count and place >= count:
            raise traitlets.TraitError(f"{name} is {place}: give a place from 0 to {count - 1}")
        return place

    def still(self) -> str:
        """The picture, its code and what comes back."""
        net = self.nets[self.penalty][self.strength]
        code, back = as_square(net["codes"])[self.picture], net["back"][self.picture]
        return side_by_side(Levels("Its code", code.float() / 255), Levels("Comes back", back.float() / 255))

    def sentence(self) -> str:
        """How many numbers are active, how many dead, and the error."""
        row = self.rows[self.penalty][self.strength]
        return (
            f"{self.penalty}, strength {self.strengths[self.strength]}: {100 * row['active']:.1f} % of "
            f"{self.numbers:,} numbers are active at a time, {row['dead']:,} never; error {row['mse']:.4f}."
        )


def as_square(codes: Tensor) -> Tensor:
    """Codes [N, K] as squares [N, S, S], from left to right and downwards, the rest black."""
    side = math.ceil(math.sqrt(codes.shape[1]))
    square = codes.new_zeros(len(codes), side**2)
    square[:, : codes.shape[1]] = codes
    return square.view(-1, side, side)


def _line(pictures: Tensor) -> Tensor:
    """Pictures [N, H, W] side by side."""
    return pictures.permute(1, 0, 2).flatten(1)

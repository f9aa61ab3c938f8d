"""The U of a net whose paths can be cut, and what it puts out then: stored pictures, one for each combination."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import traitlets

from convae.measures.metrics import psnr
from convae.widgets.kit import Number, Widget
from convae.widgets.pictures import lossless
from convae.widgets.stills import File, side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

LONGEST = 160  # rows and columns of a picture
MOST = 5  # switches


class Skips(Widget):
    """An arrow for each path across a net, to be cut, and the picture that it puts out with just these paths open.

    Bit i of `combination` says whether path i is open. An arrow is as thick as what its cut alone costs. Nothing is
    computed in the page.

    Args:
        pictures: What the net puts out, by combination: uint8 [2**k, C, H, W] with C 1 or 3, at most 160×160 pixels.
        names: Of the k paths, 1 to 5, from the outermost inwards.
        scores: PSNR in dB of each picture.
        target: What the net should put out, uint8 [C, H, W]; shown beside it where it is given.
        given: What is put in, at the size of what comes out, uint8 [C, H, W]; shown with its PSNR against the target.

    Raises:
        ValueError: pictures of another kind, shape or number, other numbers of scores or names, what is put in
            without a target, or larger files than a page holds.
    """

    module = "skips.js"

    combination = Number(0, 0, 2**MOST - 1)

    pictures = traitlets.Dict().tag(sync=True)
    size = traitlets.List().tag(sync=True)
    names = traitlets.List().tag(sync=True)
    scores = traitlets.List().tag(sync=True)
    given_score = traitlets.Float().tag(sync=True)

    def __init__(
        self,
        pictures: Tensor,
        names: Sequence[str],
        scores: Sequence[float],
        target: Tensor | None = None,
        given: Tensor | None = None,
        **settings: Any,
    ) -> None:
        count = 2 ** len(names)
        if not 1 <= len(names) <= MOST or len(set(names)) < len(names):
            raise ValueError(f"the paths are called {', '.join(map(repr, names))}: give 1 to {MOST} different names")
        if pictures.dtype != torch.uint8 or pictures.ndim != 4 or pictures.shape[1] not in (1, 3):
            raise ValueError(
                f"pictures are {pictures.dtype} of shape {tuple(pictures.shape)}: "
                "give bytes (uint8), [2**k, 1 or 3, H, W]"
            )
        if max(pictures.shape[2:]) > LONGEST:
            raise ValueError(
                f"pictures of {pictures.shape[2]}×{pictures.shape[3]} pixels: cut them to at most {LONGEST}×{LONGEST}"
            )
        if len(pictures) != count or len(scores) != count:
            raise ValueError(
                f"{len(pictures)} pictures and {len(scores)} scores for {len(names)} switches: give {count} of each"
            )
        if not all(map(math.isfinite, scores)):
            raise ValueError(f"the scores {list(scores)} are not all numbers: give a PSNR in dB for each")
        if given is not None and target is None:
            raise ValueError("what is put in is scored against a target: give that, too")
        beside = {"target": target, "given": given}
        others = {name: each for name, each in beside.items() if each is not None}
        for name, each in others.items():
            if each.dtype != torch.uint8 or each.shape != pictures.shape[1:]:
                raise ValueError(
                    f"the {name} picture is {each.dtype} of shape {tuple(each.shape)}: give bytes of shape "
                    f"{tuple(pictures.shape[1:])}"
                )
        stored = {str(k): picture for k, picture in enumerate(pictures)} | others
        super().__init__(
            **{"combination": count - 1} | settings,
            pictures=lossless(stored),
            size=list(pictures.shape[2:]),
            names=list(names),
            scores=[float(score) for score in scores],
            given_score=0.0 if given is None or target is None else psnr(given[None] / 255, target[None] / 255).item(),
        )

    @traitlets.default("limits")  # type: ignore[untyped-decorator]
    def _with_own(self) -> dict[str, Any]:
        return {"combination": [0, len(self.scores) - 1, 1]}

    @traitlets.validate("combination")  # type: ignore[untyped-decorator]
    def _there(self, proposal: Any) -> int:
        combination: int = proposal["value"]
        if combination >= len(self.scores):
            raise traitlets.TraitError(
                f"combination holds {combination}: give a whole number from 0 to {len(self.scores) - 1}"
            )
        return combination

    def still(self) -> str:
        """What is put in, what comes out, and what should."""
        named = {"Put in": "given", "Came out": str(int(self.combination)), "Target": "target"}
        size = tuple(self.size)
        return side_by_side(
            *(File(name, self.pictures[key], size) for name, key in named.items() if key in self.pictures)
        )

    def sentence(self) -> str:
        """Which paths are open, and the score."""
        opened = [name for k, name in enumerate(self.names) if int(self.combination) >> k & 1]
        score = self.scores[int(self.combination)]
        said = f"With open paths {', '.join(opened) or 'none'}, the net puts out a picture of PSNR {score:.2f} dB"
        if "given" not in self.pictures:
            return f"{said}."
        gain = score - self.given_score
        made = "worse" if gain < 0 else "better"
        return f"{said}; what was put in has {self.given_score:.2f} dB, it was made {made} by {abs(gain):.2f} dB."

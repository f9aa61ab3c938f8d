"""What a net with skips puts out when some of its paths are cut: stored pictures, one for each combination."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import traitlets

from convae.widgets.kit import Number, Widget
from convae.widgets.pictures import lossless
from convae.widgets.stills import File, side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

LONGEST = 160  # rows and columns of a picture
MOST = 5  # switches


class Skips(Widget):
    """A switch for each path of a net, and the picture that it puts out with just these paths open.

    Bit i of `combination` says whether path i is open. Nothing is computed in the page.

    Args:
        pictures: What the net puts out, by combination: uint8 [2**k, C, H, W] with C 1 or 3, at most 160×160 pixels.
        names: Of the k paths, 1 to 5.
        scores: PSNR in dB of each picture.
        target: What the net should put out, uint8 [C, H, W]; shown beside it where it is given.

    Raises:
        ValueError: pictures of another kind, shape or number, other numbers of scores or names, or larger files than
            a page holds.
    """

    module = "skips.js"

    combination = Number(0, 0, 2**MOST - 1)

    pictures = traitlets.Dict().tag(sync=True)
    size = traitlets.List().tag(sync=True)
    names = traitlets.List().tag(sync=True)
    scores = traitlets.List().tag(sync=True)

    def __init__(
        self,
        pictures: Tensor,
        names: Sequence[str],
        scores: Sequence[float],
        target: Tensor | None = None,
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
        if target is not None and (target.dtype != torch.uint8 or target.shape != pictures.shape[1:]):
            raise ValueError(
                f"the target is {target.dtype} of shape {tuple(target.shape)}: give bytes of shape "
                f"{tuple(pictures.shape[1:])}"
            )
        stored = {str(k): picture for k, picture in enumerate(pictures)}
        super().__init__(
            **{"combination": count - 1} | settings,
            pictures=lossless(stored if target is None else stored | {"target": target}),
            size=list(pictures.shape[2:]),
            names=list(names),
            scores=[float(score) for score in scores],
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
        """What comes out, and what should."""
        size = tuple(self.size)
        blocks = [File("Output", self.pictures[str(int(self.combination))], size)]
        if "target" in self.pictures:
            blocks.append(File("Target", self.pictures["target"], size))
        return side_by_side(*blocks)

    def sentence(self) -> str:
        """Which paths are open, and the score."""
        opened = [name for k, name in enumerate(self.names) if int(self.combination) >> k & 1]
        score = self.scores[int(self.combination)]
        return f"With open paths {', '.join(opened) or 'none'}, the net puts out a picture of PSNR {score:.2f} dB."

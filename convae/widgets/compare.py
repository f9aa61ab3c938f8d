"""Two of several restorations of one picture, left and right of a divider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import traitlets

from convae.widgets.kit import Number, Widget
from convae.widgets.pictures import lossless
from convae.widgets.stills import File, side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

LONGEST = 160  # rows and columns of a picture


class Compare(Widget):
    """Two pictures of one size in the same place, one left and one right of a divider that the reader moves.

    `left` and `right` are names of pictures, `divider` is the share of the width that shows the left one, in per cent,
    `zoom` the side of a pixel on the page. The pictures are stored without loss.

    Args:
        pictures: What there is to choose from, in this order, 2 to 10: uint8 [1, H, W] or [3, H, W], all of one shape.
        target: The name of the picture that the others try to be.
        scores: The PSNR against the target by name, as texts ("27.30 dB").
        crop: (top, left, rows, columns) of the part that is shown; at most 160×160 pixels. All if None.
        zoom: At first, from 1 to 8.

    Raises:
        ValueError: pictures of other kinds, shapes or sizes, or larger files than a page holds; a name that no picture
            has.
    """

    module = "compare.js"

    left = traitlets.Unicode().tag(sync=True)
    right = traitlets.Unicode().tag(sync=True)
    divider = Number(50, 0, 100, whole=False)
    zoom = Number(4, 1, 8)

    pictures = traitlets.Dict().tag(sync=True)
    size = traitlets.List().tag(sync=True)
    target = traitlets.Unicode().tag(sync=True)
    scores = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        pictures: Mapping[str, Tensor],
        target: str,
        *,
        scores: Mapping[str, str] | None = None,
        crop: tuple[int, int, int, int] | None = None,
        zoom: int = 4,
        **settings: Any,
    ) -> None:
        scores = scores or {}
        if not 2 <= len(pictures) <= 10:
            raise ValueError(f"{len(pictures)} pictures to compare: give 2 to 10")
        for name in (target, *scores):
            if name not in pictures:
                raise ValueError(f"there is no picture {name!r}: choose one of {', '.join(pictures)}")
        shape = pictures[target].shape
        for name, picture in pictures.items():
            if picture.dtype != torch.uint8 or picture.ndim != 3 or picture.shape[0] not in (1, 3):
                raise ValueError(
                    f"picture {name!r} is {picture.dtype} of shape {tuple(picture.shape)}: "
                    "give bytes (uint8), [1, H, W] or [3, H, W]"
                )
            if picture.shape != shape:
                raise ValueError(
                    f"picture {name!r} has shape {tuple(picture.shape)}, the target {tuple(shape)}: give all the same"
                )
        top, first, rows, columns = crop or (0, 0, *shape[1:])
        if min(top, first) < 0 or min(rows, columns) < 1 or top + rows > shape[1] or first + columns > shape[2]:
            raise ValueError(
                f"crop {crop} does not lie in {shape[1]}×{shape[2]} pixels: give (top, left, rows, columns) that do"
            )
        if max(rows, columns) > LONGEST:
            raise ValueError(f"pictures of {rows}×{columns} pixels: crop them to at most {LONGEST}×{LONGEST}")
        others = [name for name in pictures if name != target]
        super().__init__(
            **{"left": others[0], "right": [target, *others[1:]][-1], "zoom": zoom} | settings,
            pictures=lossless(
                {name: one[:, top : top + rows, first : first + columns] for name, one in pictures.items()}
            ),
            size=[rows, columns],
            target=target,
            scores=dict(scores),
        )

    @traitlets.default("limits")  # type: ignore[untyped-decorator]
    def _with_names(self) -> dict[str, Any]:
        limits: dict[str, Any] = self._limits()
        return limits | {"left": list(self.pictures), "right": list(self.pictures)}

    @traitlets.validate("left", "right")  # type: ignore[untyped-decorator]
    def _known(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if name not in self.pictures:
            raise traitlets.TraitError(f"there is no picture {name!r}: give one of {', '.join(self.pictures)}")
        return name

    def still(self) -> str:
        """Both pictures, one beside the other."""
        size = tuple(self.size)
        return side_by_side(*(File(name, self.pictures[name], size) for name in (self.left, self.right)))

    def sentence(self) -> str:
        """Which they are, and their scores."""
        named = [f"{name} ({self.scores[name]})" if name in self.scores else name for name in (self.left, self.right)]
        return f"Left {named[0]}, right {named[1]}; the target is {self.target}."

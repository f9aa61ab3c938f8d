"""Noise on a picture in the reader's hand, and what a small net and a median filter make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor, nn
from torch.nn import functional

from convae.measures.metrics import psnr
from convae.widgets.kit import Matrix, Number, Widget
from convae.widgets.nets import restorer
from convae.widgets.noise import normal_numbers
from convae.widgets.pictures import DRAWING, named
from convae.widgets.stills import Levels, side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convae.tensors import Images

LONGEST = 32  # rows and columns of a picture: normal_numbers has 1,024 of a seed


class Denoiser(Widget):
    """A clean picture, chosen or drawn, Gaussian noise on it, and what a net and a median filter of 3×3 pixels restore.

    All is computed in the page, and each picture is scored there by `metrics.psnr` against the clean one. The noise is
    not clipped; `seed` draws it. `picture` is a name, or "drawing": what `drawing` holds, and black beyond it.

    Args:
        pictures: Clean ones, 2 to 12: bytes or numbers from 0 to 1, [N, 1, H, W] with at most 32×32 pixels.
        model: A denoiser that `nets.described` can take, of at most 60,000 parameters. A copy of it, in evaluation mode
            and double precision, is `net`.
        labels: What to call the pictures; those that share a name are numbered.
        half: Store the weights as float16; `net` then holds the same rounded weights.
        sigma: Standard deviation of the noise at first, from 0 to 1.

    Raises:
        TypeError: pictures that are no tensor, no net, or a setting that there is not.
        ValueError: the pictures or the net are not as said.
    """

    module = "denoiser.js"

    picture = traitlets.Unicode().tag(sync=True)
    sigma = Number(0.5, 0, 1, whole=False)
    seed = Number(0, 0, 9999)
    drawing = Matrix([[0]], 0, 1, LONGEST)

    pictures = traitlets.Dict().tag(sync=True)
    image_shape = traitlets.List().tag(sync=True)
    layers = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        pictures: Images,
        model: nn.Module,
        labels: Sequence[Any] | Tensor | None = None,
        *,
        half: bool = True,
        sigma: float = 0.5,
        **settings: Any,
    ) -> None:
        if not isinstance(pictures, Tensor):
            raise TypeError(f"pictures of type {type(pictures).__name__}: make them a tensor, as torch.as_tensor does")
        if pictures.ndim != 4 or pictures.shape[1] != 1 or max(pictures.shape[2:]) > LONGEST:
            raise ValueError(
                f"pictures of shape {tuple(pictures.shape)}: give [N, 1, H, W] with at most {LONGEST}×{LONGEST} pixels"
            )
        shape = tuple(pictures.shape[1:])
        images = named(dict(zip(_names(labels, len(pictures)), pictures, strict=True)), shape[1:])
        self.net, layers, weights = restorer(model, shape, half)
        super().__init__(
            **{"picture": next(iter(images)), "sigma": sigma} | settings,
            pictures={name: image.numpy().tobytes() for name, image in images.items()},
            image_shape=list(shape),
            layers=layers,
            weights=weights,
        )

    @traitlets.default("limits")  # type: ignore[untyped-decorator]
    def _with_names(self) -> dict[str, Any]:
        limits: dict[str, Any] = self._limits()
        return limits | {"picture": [*self.pictures, DRAWING]}

    @traitlets.validate("picture")  # type: ignore[untyped-decorator]
    def _known(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if name not in self.pictures and name != DRAWING:
            raise traitlets.TraitError(
                f"there is no picture {name!r}: give one of {', '.join(self.pictures)}, {DRAWING}"
            )
        return name

    @traitlets.validate("drawing")  # type: ignore[untyped-decorator]
    def _fitting(self, proposal: Any) -> list[list[float]]:
        rows: list[list[float]] = proposal["value"]
        _, most_rows, most_columns = self.image_shape
        if len(rows) > most_rows or len(rows[0]) > most_columns:
            raise traitlets.TraitError(
                f"drawing has {len(rows)}×{len(rows[0])} numbers: give at most {most_rows}×{most_columns}"
            )
        return rows

    def image(self) -> Images:
        """The clean picture, [1, 1, H, W] in double precision."""
        if self.picture == DRAWING:
            sheet, drawing = torch.zeros(1, *self.image_shape, dtype=torch.float64), torch.tensor(self.drawing)
            sheet[0, 0, : drawing.shape[0], : drawing.shape[1]] = drawing
            return sheet
        levels = torch.frombuffer(bytearray(self.pictures[self.picture]), dtype=torch.uint8)
        return levels.reshape(1, *self.image_shape).double() / 255

    def spoiled(self) -> Images:
        """The picture with the page's noise on it, [1, 1, H, W]; may leave [0, 1]."""
        image = self.image()
        normal = torch.tensor(normal_numbers(image.numel(), int(self.seed)), dtype=torch.float64)
        return image + self.sigma * normal.reshape(image.shape)

    def restored(self) -> Images:
        """What the net makes of it, [1, 1, H, W]."""
        with torch.no_grad():
            restored: Images = self.net(self.spoiled())
        return restored

    def filtered(self) -> Images:
        """The median of each 3×3 pixels, those at the edge repeated outwards, [1, 1, H, W]."""
        framed = functional.pad(self.spoiled(), (1, 1, 1, 1), mode="replicate")
        return framed.unfold(2, 3, 1).unfold(3, 3, 1).flatten(4).median(-1).values

    def still(self) -> str:
        """The four pictures."""
        return side_by_side(
            Levels("Clean", self.image()[0, 0]), Levels("Spoiled", self.spoiled()[0, 0]),
            Levels("The net's answer", self.restored()[0, 0]), Levels("Median filter", self.filtered()[0, 0]),
        )  # fmt: skip

    def sentence(self) -> str:
        """The noise, and how near each comes to the clean picture."""
        clean = self.image()
        spoiled, net, median = (psnr(one, clean).item() for one in (self.spoiled(), self.restored(), self.filtered()))
        if spoiled == 100:  # as psnr has it of equal pictures
            return f"A picture without noise. PSNR: the net's answer {net:.1f} dB, median filter {median:.1f} dB."
        return (
            f"A picture with Gaussian noise of σ = {self.sigma:g}. PSNR: spoiled {spoiled:.1f} dB, the net's answer "
            f"{net:.1f} dB, median filter {median:.1f} dB."
        )


def _names(labels: Sequence[Any] | Tensor | None, count: int) -> list[str]:
    """One name a picture, no two alike."""
    if labels is None:
        return [f"picture {k}" for k in range(1, count + 1)]
    plain = [str(label) for label in (labels.tolist() if isinstance(labels, Tensor) else labels)]
    if len(plain) != count:
        raise ValueError(f"{len(plain)} labels for {count} pictures: give one for each")
    return plain if len(set(plain)) == count else [f"{label} ({k})" for k, label in enumerate(plain, start=1)]

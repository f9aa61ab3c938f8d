"""The code of a trained autoencoder in the reader's hand: blended, changed cell by cell, made noisy, and decoded."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
import traitlets
from torch import Tensor

from convae.data import ImageSet
from convae.widgets.kit import Matrix, Number, Widget
from convae.widgets.nets import described, halved, packed
from convae.widgets.noise import MOST, normal_numbers
from convae.widgets.pictures import DRAWING, digits, named
from convae.widgets.stills import Levels, side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convae.models import Autoencoder

    Pictures: TypeAlias = ImageSet | Mapping[str, Tensor]

LONGEST = 64  # rows and columns of a picture


class LatentExplorer(Widget):
    """Two pictures, their codes by a net that runs in the page, and what its decoder makes of the codes between.

    The code that is decoded is (1 − blend) · code of `first` + blend · code of `second` [robledo2021, its equation 3
    with i = 10 (1 − blend)], plus `offsets`, what the reader has added to each number, plus `noise` · `spread` times
    standard normal numbers. `first` and `second` are names of pictures, or "drawing": what `drawing` holds, and black
    beyond it.

    Args:
        model: Any autoencoder that `nets.described` can take, for pictures of one channel and at most 64×64 pixels
            whose code has at most 1,024 numbers. A copy of it, in evaluation mode and double precision, is `net`.
        pictures: What there is to choose from; the first two are what is shown at first. Byte pictures or numbers
            from 0 to 1, each [H, W] or [1, H, W]. Ten digits of MNIST's sample if there is no other choice.
        half: Store the weights as float16; `net` then holds the same rounded weights.

    Raises:
        ValueError: the page cannot compute a layer, or the weights, the pictures or the code are too large for it.
    """

    module = "latent_explorer.js"

    first = traitlets.Unicode().tag(sync=True)
    second = traitlets.Unicode().tag(sync=True)
    blend = Number(0.5, 0, 1, whole=False)
    cell = Number(0, 0, MOST - 1)
    offsets = Matrix([[0]], -999, 999, MOST)
    noise = Number(0, 0, 2, whole=False)
    seed = Number(0, 0, 9999)
    drawing = Matrix([[0]], 0, 1, LONGEST)

    pictures = traitlets.Dict().tag(sync=True)
    image_shape = traitlets.List().tag(sync=True)
    code_shape = traitlets.List().tag(sync=True)
    spread = traitlets.Float().tag(sync=True)
    reach = traitlets.Int().tag(sync=True)
    encoder = traitlets.List().tag(sync=True)
    decoder = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(
        self, model: Autoencoder, pictures: Pictures | None = None, *, half: bool = False, **settings: Any
    ) -> None:
        channels, *size = model.image_shape
        if channels != 1 or max(size) > LONGEST:
            raise ValueError(
                f"pictures of shape {tuple(model.image_shape)} do not fit this widget: it shows one channel and at "
                f"most {LONGEST}×{LONGEST} pixels"
            )
        images = named(_numbered(pictures or digits()), tuple(size))
        net: Any = halved(model) if half else copy.deepcopy(model)
        net.float().cpu().eval()
        batch = torch.stack(list(images.values()))[:, None].float() / 255
        with torch.no_grad():
            codes, encoded = net.encode(batch), net.encoder(batch)
        if codes[0].numel() > MOST:
            raise ValueError(
                f"a code of {codes[0].numel():,} numbers is too long for a hand: use a net with at most {MOST:,}"
            )
        if not torch.equal(codes, encoded[:, : codes.shape[1]]):
            raise ValueError(
                f"{type(model).__name__} encodes in another way than its encoder: the page runs that alone"
            )
        encoder, first = described(net.encoder, model.image_shape, "encoder.")
        decoder, second = described(net.decoder, codes.shape[1:], "decoder.")
        self.net = net.double()
        self._cells = _as_rows(codes.shape[1:])
        names = list(images)
        super().__init__(
            **{"first": names[0], "second": names[1], "offsets": [[0] * self._cells[1]] * self._cells[0]}
            | {"cell": _middle(codes.shape[1:])}
            | settings,
            pictures={name: image.numpy().tobytes() for name, image in images.items()},
            image_shape=list(model.image_shape),
            code_shape=list(codes.shape[1:]),
            spread=float(f"{codes.std().item():.3g}"),
            reach=math.ceil(1.5 * codes.abs().max().item()) or 1,
            encoder=encoder,
            decoder=decoder,
            weights=packed(first | second, half),
        )

    @traitlets.default("limits")  # type: ignore[untyped-decorator]
    def _with_names(self) -> dict[str, Any]:
        limits: dict[str, Any] = self._limits()
        return limits | {key: [*self.pictures, DRAWING] for key in ("first", "second")}

    @traitlets.validate("first", "second")  # type: ignore[untyped-decorator]
    def _known(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if name not in self.pictures and name != DRAWING:
            raise traitlets.TraitError(
                f"there is no picture {name!r}: give one of {', '.join(self.pictures)}, {DRAWING}"
            )
        return name

    @traitlets.validate("offsets", "drawing")  # type: ignore[untyped-decorator]
    def _fitting(self, proposal: Any) -> list[list[float]]:
        name, rows = proposal["trait"].name, proposal["value"]
        size, wanted = (len(rows), len(rows[0])), self._cells if name == "offsets" else tuple(self.image_shape[1:])
        if size != wanted and (name == "offsets" or size[0] > wanted[0] or size[1] > wanted[1]):
            raise traitlets.TraitError(f"{name} has {size[0]}×{size[1]} numbers: give {wanted[0]}×{wanted[1]}")
        return list(rows)

    def image(self, name: str) -> Tensor:
        """A picture from 0 to 1, [1, H, W] in double precision."""
        if name == DRAWING:
            sheet, drawing = torch.zeros(self.image_shape, dtype=torch.float64), torch.tensor(self.drawing)
            sheet[0, : drawing.shape[0], : drawing.shape[1]] = drawing
            return sheet
        levels = torch.frombuffer(bytearray(self.pictures[name]), dtype=torch.uint8)
        return levels.reshape(self.image_shape).double() / 255

    def pixels(self) -> Tensor:
        """The two pictures themselves blended, [1, H, W]."""
        return (1 - self.blend) * self.image(self.first) + self.blend * self.image(self.second)

    def codes(self) -> tuple[Tensor, Tensor]:
        """Of the two pictures blended, and that code with what was added to it; each of the code's shape."""
        with torch.no_grad():
            first, second = self.net.encode(torch.stack([self.image(self.first), self.image(self.second)]))
        blended = (1 - self.blend) * first + self.blend * second
        added = torch.tensor(self.offsets, dtype=torch.float64).reshape(blended.shape)
        normal = torch.tensor(normal_numbers(blended.numel(), int(self.seed)), dtype=torch.float64)
        return blended, blended + added + self.noise * self.spread * normal.reshape(blended.shape)

    def decoded(self) -> tuple[Tensor, Tensor]:
        """What the decoder makes of both codes, [1, H, W] each: the large picture of the page is the second."""
        with torch.no_grad():
            unchanged, changed = self.net.decode(torch.stack(self.codes()))
        return unchanged, changed

    def still(self) -> str:
        """The two pictures, what the decoder makes of the code between, and their pixels blended."""
        return side_by_side(
            Levels("First", self.image(self.first)[0]), Levels("Second", self.image(self.second)[0]), "→",
            Levels("Decoded", self.decoded()[1][0]), Levels("Pixels blended", self.pixels()[0]),
        )  # fmt: skip

    def sentence(self) -> str:
        """What is blended, and how."""
        numbers = math.prod(self.code_shape)
        return (
            f"What the decoder makes of {1 - self.blend:g} times the code of {self.first} plus {self.blend:g} times "
            f"the code of {self.second}, {numbers} numbers, beside the pixels blended in the same way."
        )


def _as_rows(shape: torch.Size) -> tuple[int, int]:
    """A code as a matrix: one row a channel, or a vector as one row."""
    return (shape[0], math.prod(shape[1:])) if len(shape) > 1 else (1, shape[0])


def _middle(shape: torch.Size) -> int:
    """The number of the cell in the middle of the first map."""
    return shape[1] // 2 * shape[2] + shape[2] // 2 if len(shape) == 3 else 0


def _numbered(pictures: Pictures) -> Mapping[str, Tensor]:
    """Pictures of a set by their class and number."""
    if not isinstance(pictures, ImageSet):
        return pictures
    names = [f"{pictures.classes[label]} ({k})" for k, label in enumerate(pictures.labels.tolist(), start=1)]
    return dict(zip(names, pictures.images, strict=True))

"""The book's first figure: a digit draws itself, becomes a code, and comes back; then the reader draws."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor

from convae.widgets.kit import Matrix, Number, Widget
from convae.widgets.nets import check_net, described, packed
from convae.widgets.nine_blocks import SIDE, tested_digits
from convae.widgets.noise import normal_numbers
from convae.widgets.pictures import DRAWING, named
from convae.widgets.stills import Levels, side_by_side, signed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convae.models import Autoencoder

MOST_NUMBERS = 256  # of a code, whose squares have to be told apart
FULL = 0.5  # a difference that has all its colour, as in first_look.js


class FirstLook(Widget):
    """A digit, the numbers of its code as squares, what comes back, and how far off, while the digit is being drawn.

    `digit` is the name of a picture, or "drawing": what `drawing` holds, and no ink beyond it. `noise` is the standard
    deviation of what is added to every pixel before the net sees it.

    Args:
        model: An autoencoder of pictures [1, 28, 28] with codes [C, H, W] of at most 256 numbers. A copy of it, in
            evaluation mode and double precision, is `net`.
        pictures: What draws itself, one after the other, 2 to 12; byte pictures or numbers from 0 to 1, each [28, 28]
            or [1, 28, 28]. The first test digit of each class of MNIST's sample if there is no other choice.

    Raises:
        ValueError: the net or the pictures are not as said, or the page cannot compute a layer.
    """

    module = "first_look.js"

    digit = traitlets.Unicode().tag(sync=True)
    noise = Number(0, 0, 1, whole=False)
    drawing = Matrix([[0]], 0, 1, SIDE)

    pictures = traitlets.Dict().tag(sync=True)
    encoder = traitlets.List().tag(sync=True)
    decoder = traitlets.List().tag(sync=True)
    code_shape = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(self, model: Autoencoder, pictures: Mapping[str, Tensor] | None = None, **settings: Any) -> None:
        shape = (1, SIDE, SIDE)
        check_net(model)
        if tuple(model.image_shape) != shape:
            raise ValueError(f"the net takes pictures of shape {tuple(model.image_shape)}: give one for {shape}")
        images = named(tested_digits() if pictures is None else pictures, shape[1:])
        net: Any = copy.deepcopy(model).float().cpu().eval()
        with torch.no_grad():
            code = net.encode(torch.zeros(1, *shape))[0]
        if code.dim() != 3 or code.numel() > MOST_NUMBERS:
            raise ValueError(
                f"the net has codes of shape {tuple(code.shape)}: give one with maps, {MOST_NUMBERS} numbers at most"
            )
        encoder, first = described(net.encoder, shape, "encoder.")
        decoder, second = described(net.decoder, tuple(code.shape), "decoder.")
        self.net = net.double()
        super().__init__(
            **{"digit": list(images)[min(2, len(images) - 1)]} | settings,
            pictures={name: image.numpy().tobytes() for name, image in images.items()},
            encoder=encoder,
            decoder=decoder,
            code_shape=list(code.shape),
            weights=packed(first | second),
        )

    @traitlets.default("limits")  # type: ignore[untyped-decorator]
    def _with_names(self) -> dict[str, Any]:
        limits: dict[str, Any] = self._limits()
        return limits | {"digit": [*self.pictures, DRAWING]}

    @traitlets.validate("digit")  # type: ignore[untyped-decorator]
    def _known(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if name not in self.pictures and name != DRAWING:
            raise traitlets.TraitError(
                f"there is no picture {name!r}: give one of {', '.join(self.pictures)}, {DRAWING}"
            )
        return name

    def clean(self) -> Tensor:
        """The digit once it is drawn, [1, 28, 28] in double precision."""
        if self.digit == DRAWING:
            sheet, drawing = torch.zeros(SIDE, SIDE, dtype=torch.float64), torch.tensor(self.drawing).double()
            sheet[: drawing.shape[0], : drawing.shape[1]] = drawing
            return sheet[None]
        levels = torch.frombuffer(bytearray(self.pictures[self.digit]), dtype=torch.uint8)
        return levels.reshape(1, SIDE, SIDE).double() / 255

    def image(self) -> Tensor:
        """What the net is given of it, noise included, [1, 28, 28]."""
        noise = torch.tensor(normal_numbers(SIDE * SIDE, 0), dtype=torch.float64).reshape(1, SIDE, SIDE)
        return self.clean() + self.noise * noise

    def code(self) -> Tensor:
        """[C, H, W]."""
        with torch.no_grad():
            code: Tensor = self.net.encode(self.image()[None])[0]
        return code

    def reconstruction(self) -> Tensor:
        """What comes back, [1, 28, 28]."""
        with torch.no_grad():
            decoded: Tensor = self.net.decode(self.code()[None])[0]
        return decoded

    def difference(self) -> Tensor:
        """The digit without noise minus what comes back, [1, 28, 28]: above 0 where ink is lost."""
        return self.clean() - self.reconstruction()

    def still(self) -> str:
        """What is put in, what comes back, and the difference."""
        return side_by_side(
            Levels("A digit", self.image()[0]),
            Levels("What comes back", self.reconstruction()[0]),
            Levels("Difference", signed((self.difference()[0] / FULL).clamp(-1, 1))),
        )

    def sentence(self) -> str:
        """How many numbers the digit passed through, and what the colours mean."""
        return (
            f"A digit of 784 pixels, kept in a code of {self.code().numel()} numbers, what comes back of it, and the "
            "difference: blue where ink is lost, red where some is added."
        )

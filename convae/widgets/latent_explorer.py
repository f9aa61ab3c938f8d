"""The code of a trained autoencoder in the reader's hand: blended, changed cell by cell, made noisy, and decoded."""

from __future__ import annotations

import collections.abc
import copy
import math
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
import traitlets
from torch import Tensor

from convae.data import ImageSet
from convae.widgets.kit import Matrix, Number, Widget
from convae.widgets.nets import check_net, described, halved, packed
from convae.widgets.noise import MOST, normal_numbers
from convae.widgets.pictures import DRAWING, digits, named
from convae.widgets.stills import Levels, side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convae.models import Autoencoder

    Nets: TypeAlias = Autoencoder | Mapping[str, Autoencoder]
    Pictures: TypeAlias = ImageSet | Mapping[str, Tensor]

LONGEST = 64  # rows and columns of a picture
BESIDE = 2  # nets that can stand beside each other


class LatentExplorer(Widget):
    """Two pictures, their codes by one net or two that run in the page, and what is decoded from the codes between.

    The code that a net decodes is (1 − blend) · code of `first` + blend · code of `second` [robledo2021, its equation 3
    with i = 10 (1 − blend)], plus `offsets`, what the reader has added to each number, plus `noise` · the spread of its
    codes times standard normal numbers, the same for each net. `first` and `second` are names of pictures, or
    "drawing": what `drawing` holds, and black beyond it. The numbers of two nets are counted through, in `cell` and in
    `offsets`, which then is one row.

    Args:
        model: Any autoencoder that `nets.described` can take, for pictures of one channel and at most 64×64 pixels;
            or two by name, which stand beside each other. Their codes have at most 1,024 numbers in all. Copies of
            them, in evaluation mode and double precision, are `nets`; a single one has no name, "".
        pictures: What there is to choose from; the first two are what is shown at first. Byte pictures or numbers
            from 0 to 1, each [H, W] or [1, H, W]. Ten digits of MNIST's sample if there is no other choice.
        half: Store the weights as float16; `nets` then hold the same rounded weights.

    Raises:
        TypeError: no net, or no picture, where one is wanted.
        ValueError: more than two nets, weights that are no numbers, a layer that the page cannot compute, or weights,
            pictures or a code too large for it.
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
    plans = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(self, model: Nets, pictures: Pictures | None = None, *, half: bool = False, **settings: Any) -> None:
        models = dict(model) if isinstance(model, collections.abc.Mapping) else {"": model}
        if not 1 <= len(models) <= BESIDE:
            raise ValueError(f"{len(models)} nets: give one, or {BESIDE} by name")
        for name, each in models.items():
            check_net(each)
            if not isinstance(name, str) or (len(models) > 1 and not name.strip()):
                raise TypeError(f"a net called {name!r}: give its name as a text")
        shapes = {tuple(each.image_shape) for each in models.values()}
        (channels, *size), *others = sorted(shapes)
        if others:
            raise ValueError(f"nets for pictures of shape {' and '.join(map(str, sorted(shapes)))}: give both of one")
        if channels != 1 or max(size) > LONGEST:
            raise ValueError(
                f"pictures of shape {(channels, *size)} do not fit this widget: it shows one channel and at "
                f"most {LONGEST}×{LONGEST} pixels"
            )
        images = named(_numbered(digits() if pictures is None else pictures), tuple(size))
        batch = torch.stack(list(images.values()))[:, None].float() / 255
        self.nets: dict[str, Any] = {}
        plans: list[dict[str, Any]] = []
        tensors: dict[str, Tensor] = {}
        for number, (name, each) in enumerate(models.items()):
            net: Any = halved(each) if half else copy.deepcopy(each)
            net.float().cpu().eval()
            plan, found = _planned(name, net, batch, f"{number}.")
            plans.append(plan)
            tensors |= found
            self.nets[name] = net.double()
        self._shapes = [torch.Size(plan["shape"]) for plan in plans]
        if (numbers := sum(map(math.prod, self._shapes))) > MOST:
            raise ValueError(f"a code of {numbers:,} numbers is too long for a hand: use a net with at most {MOST:,}")
        self._cells = _as_rows(self._shapes[0]) if len(plans) == 1 else (1, numbers)
        names = list(images)
        super().__init__(
            **{"first": names[0], "second": names[1], "offsets": [[0] * self._cells[1]] * self._cells[0]}
            | {"cell": _middle(self._shapes[0])}
            | settings,
            pictures={name: image.numpy().tobytes() for name, image in images.items()},
            image_shape=[channels, *size],
            plans=plans,
            weights=packed(tensors, half),
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

    @traitlets.validate("cell")  # type: ignore[untyped-decorator]
    def _there(self, proposal: Any) -> int:
        cell, numbers = int(proposal["value"]), math.prod(self._cells)
        if cell >= numbers:
            raise traitlets.TraitError(
                f"cell holds {cell}: the code has {numbers} numbers, give one from 0 to {numbers - 1}"
            )
        return cell

    @traitlets.validate("offsets", "drawing")  # type: ignore[untyped-decorator]
    def _fitting(self, proposal: Any) -> list[list[float]]:
        name, rows = proposal["trait"].name, proposal["value"]
        size, wanted = (len(rows), len(rows[0])), self._cells if name == "offsets" else tuple(self.image_shape[1:])
        if size != wanted and (name == "offsets" or size[0] > wanted[0] or size[1] > wanted[1]):
            raise traitlets.TraitError(f"{name} has {size[0]}×{size[1]} numbers: give {wanted[0]}×{wanted[1]}")
        return list(rows)

    def _called(self, name: str) -> str:
        if name not in self.nets:
            raise ValueError(f"there is no net {name!r}: give one of {', '.join(map(repr, self.nets))}")
        return name

    def image(self, name: str) -> Tensor:
        """A picture from 0 to 1, [1, H, W] in double precision.

        Raises:
            ValueError: there is no such picture.
        """
        if name == DRAWING:
            sheet, drawing = torch.zeros(self.image_shape, dtype=torch.float64), torch.tensor(self.drawing)
            sheet[0, : drawing.shape[0], : drawing.shape[1]] = drawing
            return sheet
        if name not in self.pictures:
            raise ValueError(f"there is no picture {name!r}: give one of {', '.join(self.pictures)}, {DRAWING}")
        levels = torch.frombuffer(bytearray(self.pictures[name]), dtype=torch.uint8)
        return levels.reshape(self.image_shape).double() / 255

    def pixels(self) -> Tensor:
        """The two pictures themselves blended, [1, H, W]."""
        return (1 - self.blend) * self.image(self.first) + self.blend * self.image(self.second)

    def codes(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """Of the two pictures blended, and that code with what was added to it; each of the code's shape.

        Args:
            name: Of the net; the first one if there is no other choice.

        Raises:
            ValueError: there is no such net.
        """
        place = 0 if name is None else list(self.nets).index(self._called(name))
        shape = self._shapes[place]
        start = sum(map(math.prod, self._shapes[:place]))
        with torch.no_grad():
            pictures = torch.stack([self.image(self.first), self.image(self.second)])
            first, second = list(self.nets.values())[place].encode(pictures)
        blended = (1 - self.blend) * first + self.blend * second
        added = torch.tensor(self.offsets, dtype=torch.float64).flatten()[start : start + math.prod(shape)]
        normal = torch.tensor(normal_numbers(blended.numel(), int(self.seed)), dtype=torch.float64)
        noise = self.noise * self.plans[place]["spread"] * normal
        return blended, blended + (added + noise).reshape(shape)

    def decoded(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """What the net's decoder makes of both, [1, H, W] each: the large picture of the page is the second."""
        net = next(iter(self.nets.values())) if name is None else self.nets[self._called(name)]
        with torch.no_grad():
            unchanged, changed = net.decode(torch.stack(self.codes(name)))
        return unchanged, changed

    def still(self) -> str:
        """The two pictures, what the decoder makes of the code between, and their pixels blended."""
        return side_by_side(
            Levels("First", self.image(self.first)[0]), Levels("Second", self.image(self.second)[0]), "→",
            *(Levels(f"Decoded, {name}".strip(", "), self.decoded(name)[1][0]) for name in self.nets),
            Levels("Pixels blended", self.pixels()[0]),
        )  # fmt: skip

    def sentence(self) -> str:
        """What is blended, and how."""
        numbers = " and ".join(str(math.prod(shape)) for shape in self._shapes)
        return (
            f"What the decoder makes of {1 - self.blend:g} times the code of {self.first} plus {self.blend:g} times "
            f"the code of {self.second}, {numbers} numbers, beside the pixels blended in the same way."
        )


def _planned(name: str, net: Any, batch: Tensor, prefix: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """What the page is told of a net, and its tensors."""
    with torch.no_grad():
        codes, encoded = net.encode(batch), net.encoder(batch)
    if codes[0].numel() > MOST:
        raise ValueError(
            f"a code of {codes[0].numel():,} numbers is too long for a hand: use a net with at most {MOST:,}"
        )
    if not torch.equal(codes, encoded[:, : codes.shape[1]]):
        raise ValueError(f"{type(net).__name__} encodes in another way than its encoder: the page runs that alone")
    encoder, first = described(net.encoder, net.image_shape, f"{prefix}encoder.")
    decoder, second = described(net.decoder, codes.shape[1:], f"{prefix}decoder.")
    plan = {
        "name": name,
        "encoder": encoder,
        "decoder": decoder,
        "shape": list(codes.shape[1:]),
        "spread": float(f"{codes.std().item():.3g}"),
        "reach": math.ceil(1.5 * codes.abs().max().item()) or 1,
    }
    return plan, first | second


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

"""A net that is one small net used nine times: a picture in nine blocks, the code of each, and what comes back."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor

from convae.data import load
from convae.models.autoencoder import convolutional_autoencoder, dense_autoencoder
from convae.widgets.kit import Choice, Matrix, Number, Switch, Widget
from convae.widgets.lesson import CODE_SIZES, SCRIPTS
from convae.widgets.nets import check_finite, check_net, described, packed
from convae.widgets.pictures import DRAWING, named
from convae.widgets.stills import Levels, side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convae.models import Autoencoder

SIDE = 28  # pixels of a picture, each way
BLOCK = 9  # pixels of a block, each way
PLACES = 3  # blocks, each way
ALIKE = 1e-5  # how far the code of a block may lie, in float32, from that of the whole picture


class Order(Number):
    """Which block stands in which place: the numbers 0 to 8, each once."""

    def __init__(self) -> None:
        super().__init__(0, 0, PLACES**2 - 1)
        self.default_value = list(range(PLACES**2))

    @property
    def limit(self) -> list[float]:
        return [*super().limit, 0, 1]  # each once, in an address too

    def validate(self, obj: Any, value: Any) -> list[float]:
        places = [self.number(item) for item in (value if isinstance(value, list | tuple) else [value])]
        if sorted(places) != list(range(PLACES**2)):
            raise traitlets.TraitError(f"{self.name} holds {value!r}: give the numbers 0 to {PLACES**2 - 1}, each once")
        return places


class NineBlocks(Widget):
    """A digit, its code by a net that runs in the page, and what comes back, all three cut into the same nine blocks.

    Each block of 9×9 pixels has its own 16 numbers and comes back by these alone. The reader pulls the blocks apart and
    has each coded alone, lets two of them change places, and draws a digit; the page says what the net makes of it.

    `digit` is the name of a picture, or "drawing": what `drawing` holds, and no ink beyond it. `apart` is how far the
    blocks stand from each other, in per cent. `order` names the block that stands in each of the nine places, row by
    row. The last row and column belong to no block and stay where they are.

    Behind *Learn again* a net learns in the page, from 1,000 digits (`lesson.py`), and the blocks show what it makes of
    the picture. `dense`, `shrinks`, `bend` and `code_size` (numbers for each block) choose the net, `optimizer`, `rate`
    and `noise` (the standard deviation of what is added to its input) how it learns.

    Args:
        model: An autoencoder of pictures [1, 28, 28] with codes [16, 3, 3] whose blocks know nothing of each other. A
            copy of it, in evaluation mode and double precision, is `net`.
        pictures: What there is to choose from, 2 to 12; byte pictures or numbers from 0 to 1, each [28, 28] or
            [1, 28, 28]. The first test digit of each class of MNIST's sample, "0" to "9", if there is no other choice.
        records: Errors of stored trainings to be seen beside the page's own, [batches, mean, low, high] in a row, by
            what was trained: "stride-relu", "pooling-relu", "dense-none". Drawn beside a net of these layers, 144
            numbers, no noise, and Adam with a rate of 0.001 only.
        ends: Where stored trainings of the strided net ended, by what they had: their errors on the 200 held-out digits
            of 16 levels, which are those of the page's own curve. Marked at the last batch.

    Raises:
        ValueError: the net or the pictures are not as said, or the page cannot compute a layer.
    """

    module = "nine_blocks.js"
    later = SCRIPTS

    digit = traitlets.Unicode().tag(sync=True)
    apart = Number(0, 0, 100)
    order = Order()
    drawing = Matrix([[0]], 0, 1, SIDE)
    dense = Switch()
    shrinks = Choice("stride", "pooling")
    bend = Choice("relu", "tanh", "none")
    code_size = Choice(*map(str, CODE_SIZES))
    optimizer = Choice("adam", "sgd")
    rate = Choice("0.001", "0.0001", "0.01", "0.1", "1", "10", "100")
    noise = Number(0, 0, 1, whole=False)

    given = traitlets.List().tag(sync=True)  # what the next training begins from, float32, parameter by parameter
    learned = traitlets.List().tag(sync=True)  # what the page's net holds whenever it rests
    records = traitlets.Dict().tag(sync=True)
    ends = traitlets.Dict().tag(sync=True)
    pictures = traitlets.Dict().tag(sync=True)
    encoder = traitlets.List().tag(sync=True)
    decoder = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)
    parameters = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        model: Autoencoder,
        pictures: Mapping[str, Tensor] | None = None,
        records: Mapping[str, list[list[float]]] | None = None,
        ends: Mapping[str, float] | None = None,
        **settings: Any,
    ) -> None:
        shape = (1, SIDE, SIDE)
        check_net(model)
        if tuple(model.image_shape) != shape:
            raise ValueError(f"the net takes pictures of shape {tuple(model.image_shape)}: give one for {shape}")
        images = named(tested_digits() if pictures is None else pictures, shape[1:])
        net: Any = copy.deepcopy(model).float().cpu().eval()
        _check(net)
        encoder, first = described(net.encoder, shape, "encoder.")
        decoder, second = described(net.decoder, (16, PLACES, PLACES), "decoder.")
        self.net = net.double()
        super().__init__(
            **{"digit": list(images)[min(3, len(images) - 1)]} | settings,
            records=dict(records or {}),
            ends=_ended(ends or {}),
            pictures={name: image.numpy().tobytes() for name, image in images.items()},
            encoder=encoder,
            decoder=decoder,
            weights=packed(first | second),
            parameters=sum(weight.numel() for weight in model.parameters()),
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

    def image(self) -> Tensor:
        """The picture with its blocks where they stand, from 0 to 1, [1, 28, 28] in double precision."""
        sheet = torch.zeros(1, SIDE, SIDE, dtype=torch.float64)
        if self.digit == DRAWING:
            drawing = torch.tensor(self.drawing, dtype=torch.float64)
            sheet[0, : drawing.shape[0], : drawing.shape[1]] = drawing
        else:
            levels = torch.frombuffer(bytearray(self.pictures[self.digit]), dtype=torch.uint8)
            sheet = levels.reshape(1, SIDE, SIDE).double() / 255
        blocks = _blocks(sheet)[self.order]  # [9, 1, 9, 9]
        moved = sheet.clone()
        for place, block in enumerate(blocks):
            moved[:, _rows(place // PLACES), _rows(place % PLACES)] = block
        return moved

    def code(self) -> Tensor:
        """Of the whole picture, [16, 3, 3]."""
        with torch.no_grad():
            code: Tensor = self.net.encode(self.image()[None])[0]
        return code

    def code_alone(self) -> Tensor:
        """What each block's 81 pixels give by themselves, put together as the code of a picture, [16, 3, 3]."""
        with torch.no_grad():
            codes: Tensor = self.net.encoder(_blocks(self.image()))  # [9, 16, 1, 1]
        return codes.reshape(PLACES, PLACES, -1).permute(2, 0, 1)

    def reconstruction(self) -> Tensor:
        """What comes back, [1, 28, 28]."""
        with torch.no_grad():
            decoded: Tensor = self.net.decode(self.code()[None])[0]
        return decoded

    def learner(self) -> Autoencoder:
        """The net that the settings choose to learn in the page, as PyTorch begins it.

        Raises:
            ValueError: a dense net has nothing to pool.
        """
        size = int(self.code_size)
        if not self.dense:
            pool, padding = (None, 0) if self.shrinks == "stride" else ("max", 1)
            return convolutional_autoencoder((8, size), 3, 3, padding, pool, activation=self.bend)
        if self.shrinks == "pooling":
            raise ValueError("a dense net has no windows that could be pooled: choose stride, or convolutions")
        return dense_autoencoder(PLACES**2 * size, 0.0, activation=self.bend)

    def state_dict(self) -> dict[str, Tensor]:
        """What the page's net has learned, as the state of `learner()`. Weights come whenever the learning rests.

        Raises:
            ValueError: nothing has been learned yet, or by a net of other settings.
        """
        state = self.learner().state_dict()
        if [len(memory) // 4 for memory in self.learned] != [weights.numel() for weights in state.values()]:
            raise ValueError("these settings' net has not learned yet: press Learn, let it learn, and pause it")
        return {
            name: torch.frombuffer(bytearray(memory), dtype=torch.float32).reshape(weights.shape)
            for (name, weights), memory in zip(state.items(), self.learned, strict=True)
        }

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Lets the page's net begin from these weights of a `learner()`; it has learned nothing from there.

        Raises:
            RuntimeError: they are those of another net.
            ValueError: one of them is NaN or infinite.
        """
        net = self.learner()
        net.load_state_dict(state)
        check_finite(net.state_dict())
        self.given = [weights.float().contiguous().numpy().tobytes() for weights in net.state_dict().values()]

    def still(self) -> str:
        """What is put in and what comes back."""
        return side_by_side(
            Levels("A digit", self.image()[0]),
            Levels("What comes back", self.reconstruction()[0].clamp(0, 1)),
        )

    def sentence(self) -> str:
        """The blocks, their numbers and the error."""
        error, black = self.errors()
        return (
            "A picture in nine blocks of 9×9 pixels, each coded alone in 16 numbers, and what comes back by these: "
            f"mean squared error {error:.4f} (all black: {black:.4f})."
        )

    def errors(self) -> tuple[float, float]:
        """Mean squared difference of the picture to what comes back, and to an all black picture (no ink)."""
        image = self.image()
        return (self.reconstruction() - image).square().mean().item(), image.square().mean().item()


def tested_digits() -> dict[str, Tensor]:
    """The first test digit of each class of MNIST's sample, "0" to "9", uint8 [28, 28]."""
    test = load("mnist-sample").test
    return {name: test.images[test.labels == label][0, 0].clone() for label, name in enumerate(test.classes)}


def _rows(place: int) -> slice:
    return slice(BLOCK * place, BLOCK * (place + 1))


def _blocks(images: Tensor) -> Tensor:
    """The nine blocks of a picture [1, 28, 28], row by row, [9, 1, 9, 9]."""
    return torch.stack([images[:, _rows(k // PLACES), _rows(k % PLACES)] for k in range(PLACES**2)])


@torch.no_grad()
def _ended(ends: Mapping[str, float]) -> dict[str, float]:
    """Names that a page can write, and errors that it can draw; one NaN would leave no widget of the page alive."""
    for name, error in ends.items():
        if not isinstance(name, str) or not name.strip() or set("<&") & set(name):
            raise ValueError(f"a training that ended is called {name!r}: give a text without < and &")
        if isinstance(error, bool) or not isinstance(error, int | float) or not 0 < error < math.inf:
            raise ValueError(f"{name} ended at {error!r}: give its error, a number above 0")
    return dict(ends)


def _check(net: Autoencoder) -> None:
    """Refuses a net that is not one small net nine times."""
    image = torch.rand(1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    code = net.encode(image[None])[0]
    if tuple(code.shape) != (16, PLACES, PLACES):
        raise ValueError(f"the net has codes of shape {tuple(code.shape)}: give one whose codes are (16, 3, 3)")
    remedy = "give a net whose kernels never overlap, like the run robledo-two-layer"
    try:
        alone = net.encoder(_blocks(image))
        back = net.decoder(alone)[..., :BLOCK, :BLOCK]
    except RuntimeError as error:
        raise ValueError(f"a block of 9×9 pixels does not pass through the net alone ({error}): {remedy}") from None
    whole = code.permute(1, 2, 0).reshape(PLACES**2, -1, 1, 1)
    decoded = _blocks(net.decode(code[None])[0])
    if alone.shape != whole.shape or (alone - whole).abs().max() > ALIKE * whole.abs().max():
        raise ValueError(f"the code of a block depends on what surrounds it: {remedy}")
    if back.shape != decoded.shape or (back - decoded).abs().max() > ALIKE:
        raise ValueError(f"what comes back of a block depends on other blocks' codes: {remedy}")

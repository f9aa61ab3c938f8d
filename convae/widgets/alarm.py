"""An alarm to set by hand: two hills of scores, a threshold between them, and a sheet for what shall ring or not."""

from __future__ import annotations

import collections.abc
import copy
import math
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor

from convae.experiments.alarm import Surprise, area
from convae.widgets.kit import Choice, Matrix, Number, Switch, Widget
from convae.widgets.nets import check_net, described, halved, packed
from convae.widgets.nine_blocks import SIDE
from convae.widgets.stills import Levels, said, side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convae.data import ImageSet
    from convae.models import Autoencoder

MOST = 1000  # pictures of a kind whose scores lie on the axis
EXAMPLES = 2  # of each kind that are put on the sheet, and as many usual ones
MARGIN = 0.02  # of the axis beyond the outermost scores, on each side
STEPS = 65535  # between the ends of the axis
SCORES = ("error", "code")
LEAST = 1e-12  # of a score on an axis of logarithms


class Alarm(Widget):
    """How usual pictures and those of another kind are scored, and where a threshold parts them.

    `kind` names the others, `score` what is listened to: the error of the reconstruction, or the distance of the code
    from usual ones. `error_at` and `code_at` are the thresholds, from 0 (left) to 100 (right) on the axis of
    logarithms. On the sheet lies the `example`-th picture (in turn one of the kind and a usual one), or, where `own` is
    set, `drawing`, and no ink beyond it.

    Args:
        model: An autoencoder of pictures [1, 28, 28]. A copy of it, in evaluation mode, with weights that float16 can
            hold and in double precision, is `net`.
        fitted: Pictures whose codes say what is usual.
        validation: Those from which the thresholds come at first: 5 % of them ring.
        kinds: Pictures [N, 1, 28, 28] in [0, 1], at most 1,000 of each: the usual ones first, then one kind or more.

    Raises:
        TypeError: no net, or kinds that are no tensors by name.
        ValueError: the net or the pictures are not as said, or the page cannot compute a layer.
    """

    module = "alarm.js"

    kind = traitlets.Unicode().tag(sync=True)
    score = Choice(*SCORES)
    error_at = Number(50, 0, 100, whole=False)
    code_at = Number(50, 0, 100, whole=False)
    example = Number(0, 0, 2 * EXAMPLES - 1)
    own = Switch()
    drawing = Matrix([[0]], 0, 1, SIDE)

    names = traitlets.List().tag(sync=True)
    places = traitlets.Dict().tag(sync=True)
    axes = traitlets.Dict().tag(sync=True)
    pictures = traitlets.Dict().tag(sync=True)
    encoder = traitlets.List().tag(sync=True)
    decoder = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)

    def __init__(
        self, model: Autoencoder, fitted: ImageSet, validation: ImageSet, kinds: Mapping[str, Tensor], **settings: Any
    ) -> None:
        shape = (1, SIDE, SIDE)
        check_net(model)
        if tuple(model.image_shape) != shape:
            raise ValueError(f"the net takes pictures of shape {tuple(model.image_shape)}: give one for {shape}")
        if not isinstance(kinds, collections.abc.Mapping):
            raise TypeError(f'kinds of type {type(kinds).__name__}: give each its name, {{"digits": …, "strokes": …}}')
        if len(validation) < 2:
            raise ValueError(f"validation has {len(validation)} pictures: give at least 2, thresholds come from them")
        if len(kinds) < 2:
            raise ValueError(f"{len(kinds)} kinds of pictures: give the usual ones and one other kind at least")
        for name, images in kinds.items():
            if not isinstance(name, str) or not name.strip():
                raise TypeError(f"a kind is called {name!r}: give its name as a text")
            if not isinstance(images, Tensor):
                raise TypeError(
                    f"{name!r} is of type {type(images).__name__}: give a tensor of pictures, .all().images of a set"
                )
            if tuple(images.shape[1:]) != shape or not EXAMPLES <= len(images) <= MOST:
                raise ValueError(
                    f"{name!r} has shape {tuple(images.shape)}: give {EXAMPLES} to {MOST:,} pictures of shape {shape}"
                )
            if images.is_floating_point() and not 0 <= images.min() <= images.max() <= 1:
                raise ValueError(f"{name!r} goes from {images.min():g} to {images.max():g}: give pictures in [0, 1]")
        net: Any = halved(copy.deepcopy(model).float().cpu().eval())
        surprise = Surprise(net, fitted, validation)
        scores = {name: surprise(images) for name, images in kinds.items()}
        axes, places = {}, {}
        for score in SCORES:
            # The first threshold lies on the axis, too, wherever the scores lie; a score of 0 has no logarithm.
            known = [*(each[score] for each in scores.values()), torch.tensor([surprise.limits[score]])]
            ends = torch.cat(known).double().clamp(min=LEAST).log10()
            room = MARGIN * (ends.max() - ends.min()).item() or 1e-3
            low, high = ends.min().item() - room, ends.max().item() + room
            axes[score] = [low, high]
            for name, each in scores.items():
                shares = (each[score].double().clamp(min=LEAST).log10() - low) / (high - low)
                places[f"{score}/{name}"] = (STEPS * shares).round().int().numpy().astype("<u2").tobytes()
        first = {
            f"{score}_at": round(100 * (math.log10(max(surprise.limits[score], LEAST)) - low) / (high - low), 1)
            for score, (low, high) in axes.items()
        }
        with torch.no_grad():
            code = net.encode(torch.zeros(1, *shape))[0]
        encoder, tensors = described(net.encoder, shape, "encoder.")
        decoder, others = described(net.decoder, tuple(code.shape), "decoder.")
        usual = {"mean": surprise.code.mean.float(), "whiten": surprise.code.whiten.float()}
        self.net, self.usual = net.double(), {name: each.double() for name, each in usual.items()}
        shown = {name: (images[:EXAMPLES] * 255).round().byte() for name, images in kinds.items()}
        super().__init__(
            **{"kind": list(kinds)[1]} | first | settings,
            names=list(kinds),
            places=places,
            axes=axes,
            pictures={name: each.numpy().tobytes() for name, each in shown.items()},
            encoder=encoder,
            decoder=decoder,
            weights=packed(tensors | others | {name: each.contiguous() for name, each in usual.items()}, half=True),
        )

    @traitlets.default("limits")  # type: ignore[untyped-decorator]
    def _with_names(self) -> dict[str, Any]:
        limits: dict[str, Any] = self._limits()
        return {"kind": self.names[1:]} | limits

    @traitlets.validate("kind")  # type: ignore[untyped-decorator]
    def _known(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if name not in self.names[1:]:
            raise traitlets.TraitError(f"there is no kind {name!r}: give one of {', '.join(self.names[1:])}")
        return name

    def threshold(self, score: str) -> float:
        """Above which an alarm rings that listens to this score.

        Raises:
            ValueError: there is no such score.
        """
        if score not in SCORES:
            raise ValueError(f"there is no score {score!r}: give one of {', '.join(SCORES)}")
        low, high = self.axes[score]
        return float(10 ** (low + getattr(self, f"{score}_at") / 100 * (high - low)))

    def _of(self, name: str) -> Tensor:
        levels = torch.frombuffer(bytearray(self.places[f"{self.score}/{name}"]), dtype=torch.uint16)
        return levels.int()

    def shares(self) -> tuple[float, float]:
        """Of usual pictures (false alarms), and of the kind (hits), the share above the threshold that is shown."""
        at = getattr(self, f"{self.score}_at") * STEPS / 100
        false, hits = ((self._of(name) > at).double().mean().item() for name in (self.names[0], self.kind))
        return false, hits

    def area(self) -> float:
        """Under the ROC curve."""
        return area(self._of(self.names[0]).double(), self._of(self.kind).double())

    def image(self) -> Tensor:
        """What lies on the sheet, [1, 28, 28] in double precision."""
        if self.own:
            sheet, drawing = torch.zeros(SIDE, SIDE, dtype=torch.float64), torch.tensor(self.drawing).double()
            sheet[: drawing.shape[0], : drawing.shape[1]] = drawing
            return sheet[None]
        place, usual = divmod(int(self.example), 2)
        levels = bytearray(self.pictures[self.names[0] if usual else self.kind])
        return torch.frombuffer(levels, dtype=torch.uint8).view(-1, 1, SIDE, SIDE)[place].double() / 255

    def reconstruction(self) -> Tensor:
        """What comes back of it, [1, 28, 28]."""
        with torch.no_grad():
            decoded: Tensor = self.net(self.image()[None])[0]
        return decoded

    def scores(self) -> dict[str, float]:
        """Of the picture on the sheet: `error` and `code`."""
        with torch.no_grad():
            code = self.net.encode(self.image()[None]).flatten()
        distance = ((code - self.usual["mean"]) @ self.usual["whiten"]).norm().item()
        return {"error": (self.reconstruction() - self.image()).square().mean().item(), "code": distance}

    def still(self) -> str:
        """A picture of the kind, and what comes back of it."""
        return side_by_side(
            Levels("A picture", self.image()[0]), Levels("What comes back", self.reconstruction()[0].clamp(0, 1))
        )

    def sentence(self) -> str:
        """Threshold, hits and false alarms."""
        false, hits = self.shares()
        at = said(self.threshold(self.score))
        return (
            f"An alarm that rings where the {self.score} of a picture is above {at} finds {100 * hits:.1f} % of "
            f"{self.kind}, and rings for {100 * false:.1f} % of {self.names[0]}, a false alarm."
        )

"""Many dense nets at once, by gradient descent with momentum: one batched product in place of one net at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn

from convae.data import ImageSet
from convae.models import Autoencoder
from convae.names import lookup
from convae.tensors import check_shape
from convae.training.checks import check_sets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from torch import Tensor

__all__ = ["Member", "fit_many", "mark"]

FALLS, BACK = 1e-4, 5  # of the loss, over so many epochs: less is no fall
ROOM = 500 * 2**20  # bytes that members trained at once may take
LOOKED = 1000  # pictures at once when a set is watched
Curves = dict[str, list[float]]


class Member(NamedTuple):
    """How one of many nets is trained.

    Args:
        rate: Learning rate, above 0.
        momentum: In [0, 1).
        seed: Of the order of the pictures and of dropout: members of one seed share both.
    """

    rate: float
    momentum: float
    seed: int = 0


def fit_many(
    models: Sequence[Autoencoder],
    train: ImageSet,
    members: Sequence[Member],
    *,
    epochs: int,
    batch_size: int,
    loss: str = "squared error",
    watch: Mapping[str, ImageSet] | None = None,
    look: Callable[[int], None] | None = None,
) -> list[Curves]:
    """Trains dense autoencoders in place to give back their pictures, each with its own rate and momentum.

    What `fit` does with torch.optim.SGD on the mean loss of a pixel, for nets of `dense_autoencoder` alone, all of one
    shape. A member whose loss is no longer a number goes on with none; the others do not notice.

    Args:
        members: One for each model.
        loss: What is made small: "squared error"; "summed squared error"; the binary "cross-entropy" between a pixel
            and its answer; or the "softmax cross-entropy" of torch.nn.CrossEntropyLoss, which takes a picture's pixels
            for the chances of as many classes. Each is a mean over pixels, the second their sum; and over pictures.
        watch: Sets whose squared error is followed, by name.
        look: Called with the number of epochs that are behind, at 0 as well, when the models have their weights of
            then. Members of one seed that fit into memory together are trained at a time, and in each of these turns
            it is called for all its epochs, whichever nets it looks at.

    Returns:
        Of each member, by watched set, the squared error before training and after each epoch, nan where it is none.

    Raises:
        TypeError: a net of another kind, something that is no Member, or no set.
        ValueError: no nets, one twice, nets of two shapes, frozen ones, another number of members, pictures that do
            not fit, or a setting out of its range.
    """
    _check(models, members, epochs=epochs, batch_size=batch_size)
    check_sets(models[0], train, watch)
    sets = {"train": train, **(watch or {})}
    for name, images in sets.items():
        if not len(images):
            raise ValueError(f"the watched set {name!r} has 0 pictures: give at least 1")
        check_shape(images[:1].all().images, models[0].image_shape)
    measure = lookup(LOSSES, loss, "loss")
    curves: list[Curves] = [{name: [] for name in watch or {}} for _ in models]
    for places in _turns(models, members, min(max(batch_size, LOOKED), max(map(len, sets.values())))):
        stack = _Stack([models[place] for place in places], [members[place] for place in places])
        chance = stack.members[0].seed
        order, drop = torch.Generator().manual_seed(chance), torch.Generator().manual_seed(chance + 2**32)
        for epoch in range(epochs + 1):
            for batch in train.batches(batch_size, order) if epoch else ():
                stack.step(batch.images.flatten(1), drop, measure)
            for name, images in (watch or {}).items():
                for place, error in zip(places, stack.losses(images).tolist(), strict=True):
                    curves[place][name].append(error if math.isfinite(error) else math.nan)
            stack.put_back()
            if look is not None:
                look(epoch)
    return curves


def mark(curve: Sequence[float], mean_picture: float) -> str:
    """What became of a member: "" where it is better than the mean picture; else "diverged" where its loss is no
    number, "not there yet" where it still falls by more than a ten-thousandth over its last five epochs, and
    "stuck" where it does not.

    Args:
        curve: A loss after each epoch, two at least.
        mean_picture: The loss of who always answers the mean of the training pictures.

    Raises:
        ValueError: fewer than two losses.
    """
    if len(curve) < 2:
        raise ValueError(f"a curve of {len(curve)} losses: give two at least, so that it can be seen to fall")
    if not math.isfinite(curve[-1]):
        return "diverged"
    if curve[-1] <= mean_picture:
        return ""
    return "not there yet" if curve[-1] < (1 - FALLS) * curve[-1 - min(BACK, len(curve) - 1)] else "stuck"


class _Stack:
    """The weights of some nets of one shape and one seed, each with the members along its first axis."""

    def __init__(self, models: Sequence[Autoencoder], members: Sequence[Member]) -> None:
        self.models, self.members = models, members
        self.bend, self.end, self.dropout = _parts(models[0])
        weights = zip(*(list(model.parameters()) for model in models), strict=True)
        self.weights = [torch.stack([each.detach() for each in same]).requires_grad_() for same in weights]
        self.speeds = [torch.zeros_like(weight) for weight in self.weights]
        rates, momenta = (torch.tensor([getattr(each, name) for each in members]) for name in ("rate", "momentum"))
        self.rates, self.momenta = rates.to(self.weights[0]), momenta.to(self.weights[0])

    def step(self, pixels: Tensor, drop: torch.Generator, loss: Loss) -> None:
        for weight in self.weights:
            weight.grad = None
        loss(self._given(pixels, drop), pixels).sum().backward()  # of each member its own: no weight is in two of them
        with torch.no_grad():
            for weight, speed in zip(self.weights, self.speeds, strict=True):
                shape = (-1, *[1] * (weight.ndim - 1))
                speed.mul_(self.momenta.view(shape)).add_(weight.grad)  # type: ignore[arg-type]
                weight.sub_(self.rates.view(shape) * speed)

    def _given(self, pixels: Tensor, drop: torch.Generator | None = None) -> Tensor:
        """What each member gives back of pictures [N, D]: [members, N, D]; with a generator codes lose some numbers."""
        inward, inward_bias, outward, outward_bias = self.weights
        count, size, _ = inward.shape
        codes = nn.functional.linear(pixels, inward.flatten(0, 1), inward_bias.flatten())  # [N, members × size]
        codes = self.bend(codes).view(-1, count, size).transpose(0, 1)
        if drop is not None and self.dropout:
            codes = codes * keep(drop, codes.shape[1:], self.dropout).to(codes)
        given: Tensor = self.end(torch.baddbmm(outward_bias[:, None], codes, outward.transpose(1, 2)))
        return given

    @torch.no_grad()
    def losses(self, images: ImageSet) -> Tensor:
        """Of each member over a whole set, nothing dropped."""
        sums = []
        for batch in images.batches(LOOKED):
            pixels = batch.images.flatten(1)
            sums.append(_squared_error(self._given(pixels), pixels) * len(pixels))
        return torch.stack(sums).sum(0) / len(images)

    @torch.no_grad()
    def put_back(self) -> None:
        for place, model in enumerate(self.models):
            for own, stacked in zip(model.parameters(), self.weights, strict=True):
                own.copy_(stacked[place])


def _squared_error(given: Tensor, pixels: Tensor) -> Tensor:
    return (given - pixels).square().mean((1, 2))


def _summed_squared_error(given: Tensor, pixels: Tensor) -> Tensor:
    return (given - pixels).square().sum((1, 2)) / len(pixels)


def _cross_entropy(given: Tensor, pixels: Tensor) -> Tensor:
    wanted = pixels.expand_as(given)
    given = given.nan_to_num(0.5)  # a member that is no number any more would stop all
    return nn.functional.binary_cross_entropy(given, wanted, reduction="none").mean((1, 2))


def _softmax_cross_entropy(given: Tensor, pixels: Tensor) -> Tensor:
    return -(pixels * given.log_softmax(2)).mean((1, 2))


Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # of each member [members], of answers and pictures
LOSSES: dict[str, Loss] = {
    "squared error": _squared_error,
    "summed squared error": _summed_squared_error,
    "cross-entropy": _cross_entropy,
    "softmax cross-entropy": _softmax_cross_entropy,
}


def keep(drop: torch.Generator, shape: Sequence[int], share: float) -> Tensor:
    """Which numbers of a batch's codes stay, and how much larger they are for the others: 0 or 1 / (1 − share)."""
    return (torch.rand(*shape, generator=drop) >= share) / (1 - share)


def _turns(models: Sequence[Autoencoder], members: Sequence[Member], batch: int) -> Iterator[list[int]]:
    """Places of members of one seed that fit into memory together."""
    weights = list(models[0].parameters())
    numbers = 4 * sum(each.numel() for each in weights) + 4 * batch * (weights[0].shape[0] + weights[0].shape[1])
    most = max(1, ROOM // (4 * numbers))
    by_seed = sorted(range(len(models)), key=lambda place: members[place].seed)
    for _, same in itertools.groupby(by_seed, lambda place: members[place].seed):
        places = list(same)
        for first in range(0, len(places), most):
            yield places[first : first + most]


def _parts(model: Autoencoder) -> tuple[nn.Module, nn.Module, float]:
    """What bends the code, what ends the picture, and the share that is dropped of a net with one hidden layer.

    Raises:
        TypeError: it is another kind of net.
    """
    match list(getattr(model, "encoder", ())), list(getattr(model, "decoder", ())):
        case [nn.Flatten(), nn.Linear(bias=nn.Parameter()), bend, nn.Dropout(p=share)], [
            nn.Linear(bias=nn.Parameter()),
            end,
            nn.Unflatten(),
        ] if not [*bend.parameters(), *end.parameters()]:
            return bend, end, share
    raise TypeError(f"{type(model).__name__} is no net of dense_autoencoder: train it by fit")


def _check(models: Sequence[Autoencoder], members: Sequence[Member], **counts: int) -> None:
    if isinstance(models, nn.Module):
        raise TypeError("one net is given: give nets in a list, as [net]")
    if not models:
        raise ValueError("0 nets to train: give at least 1")
    if len(models) != len(members):
        raise ValueError(f"{len(models)} nets and {len(members)} members: give each net its rate and momentum")
    if len({*map(id, models)}) < len(models):
        raise ValueError(
            "a net is given twice, and would be trained as both: give each member its own, a copy.deepcopy"
        )
    for name, value in counts.items():
        if type(value) is not int or value < 1:
            raise ValueError(f"{name} is {value!r}: give a whole number of at least 1")
    kinds = {
        (*map(str, _parts(model)), model.image_shape, *(each.shape for each in model.parameters())) for model in models
    }
    if len(kinds) > 1:
        raise ValueError(f"nets of {len(kinds)} kinds: train those of one shape, activation and dropout together")
    for weight in itertools.chain(*(model.parameters() for model in models)):
        if weight.dtype != torch.float32 or not weight.requires_grad:
            was = f"of {weight.dtype}" if weight.requires_grad else "frozen"
            raise ValueError(f"weights that are {was}: give nets of torch.float32 whose weights are all trained")
    for member in members:
        if not isinstance(member, Member):
            raise TypeError(f"{member!r} is no Member: give Member(rate, momentum, seed)")
        if not (0 < member.rate <= torch.finfo(torch.float32).max and 0 <= member.momentum < 1):
            raise ValueError(f"{member}: give a rate above 0 and a momentum from 0 to below 1")
        if type(member.seed) is not int or not 0 <= member.seed < 2**62:
            raise ValueError(f"seed is {member.seed!r}: give a whole number of 0 or more, below 2**62")

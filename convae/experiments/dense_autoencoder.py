"""The dense net of marsiglione2020: 361 learning rates and momenta, its hidden sizes, and the picture "485"."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import torch
from torch import nn

from convae import data
from convae.experiments.experiment import Nets, Rows
from convae.experiments.study import Study
from convae.measures.losses import mse
from convae.models import Autoencoder, dense_autoencoder
from convae.names import lookup
from convae.tasks import Reconstruction
from convae.training.ensembles import Member, fit_many, mark
from convae.training.loop import fit

if TYPE_CHECKING:
    from typing import Self

    from torch import Tensor

    from convae.data import ImageSet, Splits

BATCH = 1000
STEPS = tuple(round(0.05 * k, 2) for k in range(1, 20))  # of the report's grid
COARSE = (0.05, 0.275, 0.5, 0.725, 0.95)
EIGHT, NEAR = 8, (484, 485, 486)  # what the report says that its picture shows, and where it may have stood


def nets(sizes: tuple[int, ...], seeds: tuple[int, ...]) -> list[Autoencoder]:
    """The report's net for each size and seed, beside each other: sigmoid on the code, dropout of 0.1."""
    made = []
    for size, seed in zip(sizes, seeds, strict=True):
        torch.manual_seed(seed)
        made.append(dense_autoencoder(size, 0.1, activation="sigmoid"))
    return made


@dataclass(frozen=True)
class GridStudy(Study):
    """Every learning rate with every momentum, by gradient descent in batches of 1,000.

    Args:
        epochs: Of each.
        told: After how many epochs the error is kept.
        pictured: Test digits of which is kept what the first seed's nets give back.
    """

    epochs: int
    told: tuple[int, ...]
    rates: tuple[float, ...] = STEPS
    chosen: tuple[int, ...] = (0, 1, 2)
    code_size: int = 64
    momenta: tuple[float, ...] = STEPS
    pictured: tuple[int, ...] = (0, 1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if max(self.told) > self.epochs:
            raise ValueError(f"told after {max(self.told)} of {self.epochs} epochs: train longer, or tell sooner")
        for name, values in (("rates", self.rates), ("momenta", self.momenta)):
            if len({f"{value:g}" for value in values}) < len(values):  # rows are named by six digits
                raise ValueError(f"{name} are {values}: give each once")

    def splits(self) -> Splits:
        return data.load(self.data, validation=0)

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, chosen=(seed,), momenta=(each,)) for seed in self.chosen for each in self.momenta)

    def table(self, splits: Splits, nets_: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained on all training pictures.

        Returns:
            Rows "<rate>/<momentum>/<seed>": the test error after each of the epochs told ("test"). By the name of a row
            of the first seed, what its net gives back of the digits pictured, uint8 [N, 28, 28]; these are "shown".
        """
        rows: Rows = {}
        kept = {"shown": splits.test.images[list(self.pictured)][:, 0]}
        shown = kept["shown"][:, None].float() / 255
        for seed in self.chosen:
            members = [Member(rate, momentum, seed) for momentum in self.momenta for rate in self.rates]
            models = nets((self.code_size,) * len(members), (seed,) * len(members))
            curves = fit_many(
                models, splits.train, members, epochs=self.epochs, batch_size=BATCH, watch={"test": splits.test}
            )
            for model, member, curve in zip(models, members, curves, strict=True):
                name = f"{member.rate:g}/{member.momentum:g}/{seed}"
                rows[name] = {"test": [curve["test"][epoch] for epoch in self.told]}
                if seed == 0:
                    with torch.no_grad():
                        kept[name] = (255 * model.eval()(shown)[:, 0]).round().byte()
        return rows, kept

    def joined(self, rows: Rows, tensors: dict[str, Tensor]) -> tuple[Rows, dict[str, Tensor]]:
        """Of what comes back one packed sheet, "pictures": see `unpacked`."""
        levels = [[tensors[f"{rate:g}/{momentum:g}/0"] for momentum in self.momenta] for rate in self.rates]
        return rows, {"shown": tensors["shown"], "pictures": packed(torch.stack([torch.stack(row) for row in levels]))}


def packed(levels: Tensor) -> Tensor:
    """Pictures, uint8, in 16 grey levels, two in a byte, compressed: the bytes as uint8 [length].

    Raises:
        ValueError: levels of another kind, or an odd number of them.
    """
    if levels.dtype != torch.uint8 or levels.numel() % 2:
        raise ValueError(f"{levels.numel()} levels of {levels.dtype}: give an even number of torch.uint8")
    pairs = (levels.flatten().float() / 17).round().byte().view(-1, 2)  # 17 · 15 = 255
    content = zlib.compress((16 * pairs[:, 0] + pairs[:, 1]).numpy().tobytes(), 9)
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)


def unpacked(content: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Pictures of this shape, uint8, as `packed` left them.

    Raises:
        ValueError: they have another number of pixels.
    """
    pairs = torch.frombuffer(bytearray(zlib.decompress(content.numpy().tobytes())), dtype=torch.uint8)
    if 2 * len(pairs) != math.prod(shape):
        raise ValueError(
            f"{2 * len(pairs)} pixels were packed, {math.prod(shape)} are asked for as {shape}: give their shape"
        )
    return 17 * torch.stack([pairs // 16, pairs % 16], 1).view(shape)


@dataclass(frozen=True)
class SizesStudy(Study):
    """The report's net with more and fewer hidden units, at its learning rate and momentum.

    Args:
        cases: Hidden units, seed, and epochs of each net.
        told: Epochs after which the errors are kept.
        looked: Epochs after which it is looked at what comes back.
        followed: Of nets with at least so many epochs single pictures are kept.
        by: Learning rate and momentum.
    """

    cases: tuple[tuple[int, int, int], ...]
    told: tuple[int, ...] = (0, 1, 2, 5, 10, 20, 50, 100, 150, 200, 300, 400, 500)
    looked: tuple[int, ...] = (0, 10, 50, 100, 500)
    followed: int = 500
    by: tuple[float, float] = (0.95, 0.95)
    of_nets: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if len({case[:2] for case in self.cases}) < len(self.cases):
            raise ValueError(f"cases are {self.cases}: give units and seed once")

    def splits(self) -> Splits:
        return data.load(self.data, validation=0)

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, cases=(case,)) for case in self.cases)

    def table(self, splits: Splits, nets_: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained on all training pictures.

        Returns:
            Rows "<units>/<seed>": the errors of test and of 10,000 training pictures after each of the epochs told
            that it has ("test", "train"); after each of those looked at the mean absolute error of a pixel
            ("absolute"), and how many of the test pictures seed 0 of the recipe "classifier" names rightly by what
            comes back ("named"). Row "pixels": of how many ("count"), how many it names rightly by themselves
            ("named"), and the labels of those near 485 of the test and the training set ("near").

            Of nets that are followed, by "<units>/<seed>/<epoch>": the error of each test eight [974], of the pictures
            near 485 [6], and what comes back of these, uint8 [6, 28, 28]; these are "near".
        """
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        for size, seed, epochs in self.cases:
            row, found = self._one(size, seed, epochs, splits, nets_)
            rows[f"{size}/{seed}"] = row
            kept |= {f"{size}/{seed}/{name}": each for name, each in found.items()}
        near = [part[torch.tensor(NEAR)] for part in (splits.test, splits.train)]
        labels = torch.cat([part.labels for part in near]).tolist()
        named = _looked(nets_("classifier", 0), nn.Identity(), splits)[1]
        rows["pixels"] = {"count": len(splits.test), "named": named, "near": labels}
        kept["near"] = torch.cat([part.images[:, 0] for part in near])
        return rows, kept

    def _one(
        self, size: int, seed: int, epochs: int, splits: Splits, nets_: Nets
    ) -> tuple[dict[str, Any], dict[str, Tensor]]:
        [model] = nets((size,), (seed,))
        eights = splits.test.images[splits.test.labels == EIGHT].float() / 255
        near = torch.cat([splits.test.images[list(NEAR)], splits.train.images[list(NEAR)]]).float() / 255
        absolute: list[float] = []
        named: list[int] = []
        kept: dict[str, Tensor] = {}

        @torch.no_grad()
        def look(epoch: int) -> None:
            if epoch not in self.looked:
                return
            model.eval()
            error, hits = _looked(nets_("classifier", 0), model, splits)
            absolute.append(error)
            named.append(hits)
            if epochs >= self.followed:
                back = model(near)
                kept[f"{epoch}/eights"] = mse(model(eights), eights)
                kept[f"{epoch}/near"] = mse(back, near)
                kept[f"{epoch}/back"] = (255 * back[:, 0]).round().byte()

        member = Member(*self.by, seed)
        watch = {"test": splits.test, "train": splits.train[:10_000]}
        [curves] = fit_many([model], splits.train, [member], epochs=epochs, batch_size=BATCH, watch=watch, look=look)
        told = {kind: [curve[epoch] for epoch in self.told if epoch <= epochs] for kind, curve in curves.items()}
        return told | {"absolute": absolute, "named": named}, kept


@torch.no_grad()
def _looked(judge: nn.Module, model: nn.Module, splits: Splits) -> tuple[float, int]:
    """Of the test pictures the mean absolute error, and how many are named rightly by what comes back."""
    error, hits = 0.0, 0
    for part in splits.test.batches(1000):
        back = model(part.images)
        error += (back - part.images).abs().mean().item() * len(back)
        hits += int((judge(back).argmax(1) == part.labels).sum())
    return error / len(splits.test), hits


@dataclass(frozen=True)
class KnownAgainStudy(Study):
    """Whether what comes back is nearer to its own picture than to any other of the test set.

    Args:
        sizes: Hidden units.
        epochs: Of each net, at the report's learning rate and momentum.
        asked: After how many epochs.
    """

    sizes: tuple[int, ...] = (64, 128, 256, 512)
    epochs: int = 100
    asked: tuple[int, ...] = (10, 50, 100)
    seed: int = 0

    def splits(self) -> Splits:
        return data.load(self.data, validation=0)

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, sizes=(size,)) for size in self.sizes)

    def table(self, splits: Splits, nets_: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained on all training pictures.

        Returns:
            Rows "<units>": of how many test pictures ("count") what comes back after each of the epochs asked is
            nearest to themselves ("own"), by the squared distance.
        """
        rows: Rows = {}
        for size in self.sizes:
            [model] = nets((size,), (self.seed,))
            own: list[int] = []

            def look(epoch: int, model: Autoencoder = model, own: list[int] = own) -> None:
                if epoch in self.asked:
                    own.append(known_again(model.eval(), splits.test))

            member = Member(0.95, 0.95, self.seed)
            fit_many([model], splits.train, [member], epochs=self.epochs, batch_size=BATCH, look=look)
            rows[f"{size}"] = {"count": len(splits.test), "own": own}
        return rows, {}


@torch.no_grad()
def known_again(model: Autoencoder, images: ImageSet) -> int:
    """Of how many pictures what comes back is nearer to themselves than to every other of the set."""
    pixels = images.all().images.flatten(1)
    hits = 0
    for part, places in zip(images.batches(1000), torch.arange(len(images)).split(1000), strict=True):
        hits += int((torch.cdist(model(part.images).flatten(1), pixels).argmin(1) == places).sum())
    return hits


RATES = (0.05, 0.2, 0.5, 0.95, 2.0, 5.0, 10.0, 30.0, 100.0, 1000.0)


class Variant(NamedTuple):
    """What differs from the report's net."""

    dropout: float = 0.1
    activation: str = "sigmoid"
    loss: str = "squared error"
    momentum: float = 0.95


VARIANTS = {
    "the report's": Variant(),
    "no momentum": Variant(momentum=0.0),
    "no dropout": Variant(dropout=0.0),
    "ReLU": Variant(activation="relu"),
    "cross-entropy": Variant(loss="cross-entropy"),
    "softmax": Variant(loss="softmax cross-entropy"),
    "summed": Variant(loss="summed squared error"),
    "summed, no momentum": Variant(loss="summed squared error", momentum=0.0),
}


@dataclass(frozen=True)
class VariantsStudy(Study):
    """The report's net with one thing changed, on a line of learning rates that goes on above 1; and Adam.

    Args:
        epochs: Of each.
        arms: Of VARIANTS, or "Adam", whose rates are a hundredth of these.
    """

    epochs: int = 20
    arms: tuple[str, ...] = ("the report's", "no momentum", "no dropout", "ReLU", "cross-entropy", "softmax", "Adam")
    rates: tuple[float, ...] = RATES
    code_size: int = 64
    seed: int = 0

    def splits(self) -> Splits:
        return data.load(self.data, validation=0)

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, arms=(arm,)) for arm in self.arms)

    def table(self, splits: Splits, nets_: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained on all training pictures.

        Returns:
            Rows "<arm>/<rate>": the test error before the training and after each epoch ("test"; NaN is -1), and what
            became of the net ("mark").
        """
        rows: Rows = {}
        always = splits.train.all().images.mean(0)
        mean_picture = mse(always.expand(len(splits.test), -1, -1, -1), splits.test.all().images).mean().item()
        for arm in self.arms:
            for rate, curve in zip(self.rates, self._curves(arm, splits), strict=True):
                rows[f"{arm}/{rate:g}"] = {
                    "test": [loss if math.isfinite(loss) else -1.0 for loss in curve],
                    "mark": mark(curve, mean_picture),
                }
        return rows, {}

    def _curves(self, arm: str, splits: Splits) -> list[list[float]]:
        way = Variant() if arm == "Adam" else lookup(VARIANTS, arm, "arm")
        models = []
        for _ in self.rates:
            torch.manual_seed(self.seed)
            models.append(dense_autoencoder(self.code_size, way.dropout, activation=way.activation))
        if arm == "Adam":
            return [self._by_adam(model, rate / 100, splits) for model, rate in zip(models, self.rates, strict=True)]
        members = [Member(rate, way.momentum, self.seed) for rate in self.rates]
        curves = fit_many(
            models,
            splits.train,
            members,
            epochs=self.epochs,
            batch_size=BATCH,
            loss=way.loss,
            watch={"test": splits.test},
        )
        return [curve["test"] for curve in curves]

    def _by_adam(self, model: Autoencoder, rate: float, splits: Splits) -> list[float]:
        optimizer = torch.optim.Adam(model.parameters(), rate)
        history = fit(
            model,
            Reconstruction(),
            splits.train,
            optimizer,
            epochs=self.epochs,
            batch_size=BATCH,
            seed=self.seed,
            watch={"test": splits.test},
        )
        return history.epochs["test"]


EXPERIMENTS = (
    GridStudy("dense-grid", "mnist", epochs=5, told=(0, 1, 2, 3, 4, 5)),
    GridStudy(
        "dense-grid-longer",
        "mnist",
        epochs=150,
        told=(0, 2, 5, 10, 50, 100, 149, 150),
        rates=COARSE,
        momenta=COARSE,
        chosen=(0,),
    ),
    VariantsStudy("dense-variants", "mnist"),
    VariantsStudy(
        "dense-variants-further",
        "mnist",
        arms=("the report's", "no momentum", "no dropout"),
        rates=(300.0, 3000.0, 10_000.0, 100_000.0),
    ),
    VariantsStudy(
        "dense-variants-summed",
        "mnist",
        arms=("summed", "summed, no momentum"),
        rates=(*(rate / 784 for rate in RATES), 0.05, 0.2, 0.5, 0.95),  # the same steps; and the report's rates
    ),
    VariantsStudy(  # are those that lose done? Twice the epochs, at the report's rate and at those of the best
        "dense-variants-longer",
        "mnist",
        epochs=40,
        arms=("the report's", "no momentum", "no dropout", "ReLU", "cross-entropy"),
        rates=(0.95, 10.0, 1000.0),
    ),
    # The nets by softmax cross-entropy that leave its plateau, for as long as the report's longest:
    VariantsStudy("dense-variants-softmax", "mnist", epochs=150, arms=("softmax",), rates=(5.0, 10.0, 30.0)),
    SizesStudy(
        "dense-sizes",
        "mnist",
        cases=(
            *((size, seed, 150 if seed else 300) for seed in range(5) for size in (64, 128, 256)),
            *((512, seed, 500 if seed < 3 else 150) for seed in range(5)),
        ),
    ),
    KnownAgainStudy("dense-known-again", "mnist"),
    SizesStudy("dense-sizes-faster", "mnist", cases=((64, 0, 150), (512, 0, 150)), by=(1000.0, 0.0)),
)

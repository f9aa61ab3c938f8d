"""Whether a classifier gains by an encoder that an autoencoder has trained [mansilla2024]."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from convae import data
from convae.baselines import linear
from convae.experiments.experiment import Nets, Rows
from convae.experiments.looking_at_the_code import tuned_probe
from convae.experiments.recipe import Recipe
from convae.experiments.study import Study
from convae.latent import encode_all
from convae.models import Autoencoder, Classifier, build
from convae.names import lookup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from convae.data import ImageSet, Splits

BATCH = 100
CLASSES = 10
ALL = 0  # labels a class: as many as there are
A_CLASS = (10, 100, 1000, ALL)
MARKS = (250, 500, 1000, 2000)  # steps after which a classifier is looked at
LAST, MANY, LATE_SEEDS = 8000, (1000, ALL), 3  # with so many labels so many seeds go on to a last mark
RATES = (1e-4, 3e-4, 1e-3, 3e-3)
SHORT = 1000  # steps after which a learning rate is judged
ENCODERS = {64: "garments-64", 256: "garments-256"}  # recipes


class Start(NamedTuple):
    """What a classifier begins with."""

    trained: bool = True  # by the autoencoder; else as it was drawn
    frozen: bool = False
    numbers: int = 64  # of the code
    dropout: bool = True
    bend: bool = True  # the code behind its ReLU; else before


ARMS = {
    "fine-tuned": Start(),
    "frozen": Start(frozen=True),
    "scratch": Start(trained=False),
    "frozen untrained": Start(trained=False, frozen=True),
    "scratch, no dropout": Start(trained=False, dropout=False),
    "frozen, before its ReLU": Start(frozen=True, bend=False),
    "fine-tuned, 256": Start(numbers=256),
    "frozen, 256": Start(frozen=True, numbers=256),
    "scratch, 256": Start(trained=False, numbers=256),
}
LINEAR = ("pixels", "pca/64", "pca/256")  # read by logistic regression
MAIN = ("fine-tuned", "frozen", "scratch", "frozen untrained")

# Learning rates by "<arm>/<labels a class>": what `reuse-rates` found on validation pictures.
CHOSEN: dict[str, float] = {}


def of_each_class(images: ImageSet, count: int, seed: int) -> ImageSet:
    """So many pictures of each class, in an order that the seed draws; fewer of them are the first of more.

    Args:
        count: Of each class, or ALL.

    Raises:
        ValueError: a label that is no class, or a class that has fewer.
    """
    classes = len(images.classes)
    if len(images) and not 0 <= images.labels.min() <= images.labels.max() < classes:
        raise ValueError(
            f"labels from {images.labels.min()} to {images.labels.max()} of {classes} classes: they have to be "
            f"from 0 to {classes - 1}"
        )
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    if count == ALL:
        return images[order]
    if count < 0:
        raise ValueError(f"{count} pictures of each class: give at least 1, or {ALL} for all")
    labels = images.labels[order]
    places = [order[labels == label] for label in range(classes)]
    fewest = min(range(classes), key=lambda label: len(places[label]))
    if len(places[fewest]) < count:
        raise ValueError(
            f"{count} pictures of each class, but there are {len(places[fewest])} of {images.classes[fewest]!r}: "
            "ask for as many at most"
        )
    return images[torch.cat([own[:count] for own in places])]


def begin(arm: str, seed: int, nets: Nets) -> Classifier:
    """The classifier of an arm before its first step; its layer of logits is the same for all arms of one seed."""
    start = lookup(ARMS, arm, "arm")
    if start.trained:
        autoencoder = nets(ENCODERS[start.numbers], seed)
    else:  # the very net whose training gave the trained one
        torch.manual_seed(seed)
        autoencoder = build(f"mansilla-{start.numbers}")
    assert isinstance(autoencoder, Autoencoder)
    encoder = autoencoder.encoder
    assert isinstance(encoder, nn.Sequential)
    if not start.dropout:
        for layer in encoder.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
    if not start.bend:
        encoder = encoder[:-2]  # what follows the code's linear layer is its ReLU and its dropout
    torch.manual_seed(seed)
    return Classifier(encoder, nn.Linear(start.numbers, CLASSES), autoencoder.image_shape, start.frozen)


def steps(
    model: nn.Module, inputs: Tensor, labels: Tensor, rate: float, seed: int, marks: tuple[int, ...]
) -> Iterator[int]:
    """Trains by Adam and stops at each of some steps, in batches of BATCH; the seed gives their order, and dropout.

    Args:
        inputs: Pictures as bytes, or codes.
    """
    optimizer = torch.optim.Adam([each for each in model.parameters() if each.requires_grad], rate)
    order = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        count = 0
        while True:
            for part in torch.randperm(len(labels), generator=order).split(BATCH):
                model.train()
                loss = functional.cross_entropy(model(as_numbers(inputs[part])), labels[part])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                count += 1
                if count in marks:
                    yield count
                if count == max(marks):
                    return


def as_numbers(inputs: Tensor) -> Tensor:
    """Bytes as floats in [0, 1]; floats as they are."""
    return inputs.float() / 255 if inputs.dtype == torch.uint8 else inputs


@torch.no_grad()
def looked(model: nn.Module, inputs: Tensor, labels: Tensor) -> tuple[float, float, Tensor]:
    """The share that is named rightly, the mean cross-entropy, and what each is named [N], in evaluation mode."""
    model.eval()
    logits = torch.cat([model(as_numbers(part)) for part in inputs.split(1000)])
    named = logits.argmax(1)
    return (named == labels).float().mean().item(), functional.cross_entropy(logits, labels).item(), named


@dataclass(frozen=True)
class ReuseStudy(Study):
    """Classifiers that begin differently, with few labels and with many.

    Args:
        arms: Of ARMS or LINEAR.
        labels: A class.
        chosen: Seeds; each draws the labelled pictures, the layer of logits and the batches of all arms.
        marks: Steps after which the test pictures are named.
    """

    arms: tuple[str, ...] = (*MAIN, "pixels", "pca/64")
    labels: tuple[int, ...] = A_CLASS
    chosen: tuple[int, ...] = (0, 1, 2, 3, 4)
    marks: tuple[int, ...] = MARKS
    of_nets: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for arm in self.arms:
            lookup(dict.fromkeys((*ARMS, *LINEAR)), arm, "arm")

    def splits(self) -> Splits:
        return data.load(self.data, validation=5000)

    def parts(self) -> tuple[Self, ...]:
        return tuple(
            replace(self, labels=(count,), chosen=(seed,), arms=(arm,))
            for seed, count, arm in itertools.product(self.chosen, self.labels, self.arms)
        )

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained on the labelled ones of the training pictures.

        Returns:
            Rows "<arm>/<labels>/<seed>": after each mark the share of test pictures named rightly and the mean
            cross-entropy ("accuracy", "loss"), the share of the labelled ones at the last ("told"), and "seconds"; of
            LINEAR one number each, and how its probe was tuned.
        """
        rows: Rows = {}
        for seed, count, arm in itertools.product(self.chosen, self.labels, self.arms):
            told = of_each_class(splits.train, count, seed)
            began = time.process_time()
            if arm in LINEAR:
                row = _read(arm, told, splits)
            else:
                row = self._trained(begin(arm, seed, nets), f"{arm}/{count}", told, splits, seed, count)
            rows[f"{arm}/{count}/{seed}"] = row | {"seconds": time.process_time() - began}
        return rows, {}

    def _trained(
        self, model: Classifier, name: str, told: ImageSet, splits: Splits, seed: int, count: int
    ) -> dict[str, Any]:
        late = count in MANY and seed < LATE_SEEDS
        marks = (*self.marks, LAST) if late and max(self.marks) < LAST else self.marks
        [own, test], learner = _given(model, told, splits.test)
        accuracies, losses = [], []
        for _ in steps(learner, own, told.labels, CHOSEN.get(name, 1e-3), seed, marks):
            accuracy, loss, _ = looked(learner, test, splits.test.labels)
            accuracies.append(accuracy)
            losses.append(loss)
        right, _, _ = looked(learner, own, told.labels)
        return {"accuracy": accuracies, "loss": losses, "told": right}


def _given(model: Classifier, *sets: ImageSet) -> tuple[list[Tensor], nn.Module]:
    """What is trained, and what it is given of each set: of a frozen encoder's classifier its head, and codes."""
    if not model.frozen:
        return [images.images for images in sets], model
    encoder = Autoencoder(model.encoder, nn.Identity(), model.image_shape)
    return [encode_all(encoder, images) for images in sets], model.head


def _read(arm: str, told: ImageSet, splits: Splits) -> dict[str, Any]:
    """What logistic regression reads, its penalty chosen on the validation pictures."""
    sets = (told, splits.validation, splits.test)
    if arm == "pixels":
        spaces = [images.all().images.flatten(1) for images in sets]
    else:
        pca = linear.pca(splits.train, int(arm.partition("/")[2]))
        spaces = [encode_all(pca, images).flatten(1) for images in sets]
    probe, row = tuned_probe((spaces[0], told.labels), (spaces[1], splits.validation.labels))
    return row | {"accuracy": [probe.right(spaces[2], splits.test.labels).float().mean().item()]}


@dataclass(frozen=True)
class ReuseRatesStudy(ReuseStudy):
    """Which learning rate each arm of ARMS wants with each number of labels, seen on validation pictures, one seed."""

    arms: tuple[str, ...] = tuple(ARMS)
    chosen: tuple[int, ...] = (0,)
    marks: tuple[int, ...] = (SHORT,)
    rates: tuple[float, ...] = RATES

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained as in ReuseStudy, for SHORT steps.

        Returns:
            Rows "<arm>/<labels>/<rate>": the share of "validation" pictures named rightly after each mark.
        """
        rows: Rows = {}
        for seed, count, arm, rate in itertools.product(self.chosen, self.labels, self.arms, self.rates):
            told = of_each_class(splits.train, count, seed)
            [own, seen], learner = _given(begin(arm, seed, nets), told, splits.validation)
            rows[f"{arm}/{count}/{rate:g}"] = {
                "validation": [
                    looked(learner, seen, splits.validation.labels)[0]
                    for _ in steps(learner, own, told.labels, rate, seed, self.marks)
                ]
            }
        return rows, {}


def best_rates(rows: Rows) -> dict[str, float]:
    """The learning rate of each "<arm>/<labels>" that names most; of equals the smaller."""
    found: dict[str, tuple[float, float]] = {}
    for name, row in rows.items():
        case, _, rate = name.rpartition("/")
        found[case] = max(found.get(case, (-1.0, 0.0)), (row["validation"][-1], -float(rate)))
    return {case: -rate for case, (_, rate) in found.items()}


class Reported(NamedTuple):
    """How the report's classifier is trained, and what of it may be otherwise."""

    frozen: bool = False
    bend: bool = False  # a ReLU on the logits
    dropping: bool = False  # in the frozen encoder as well


REPORTED = {
    "all trained": Reported(),
    "all trained, ReLU": Reported(bend=True),
    "frozen": Reported(frozen=True),
    "frozen, ReLU": Reported(frozen=True, bend=True),
    "frozen, dropping": Reported(frozen=True, dropping=True),
    "frozen, dropping, ReLU": Reported(frozen=True, dropping=True, bend=True),
}


@dataclass(frozen=True)
class ReportedStudy(Study):
    """The report's two classifiers with its autoencoder's settings, and what its ReLU and its dropout do to them.

    Args:
        arms: Of REPORTED.
        seen: Training pictures, from the first on, that are named after each epoch as well.
    """

    arms: tuple[str, ...] = tuple(REPORTED)
    chosen: tuple[int, ...] = (0, 1, 2)
    epochs: int = 15
    rate: float = 1e-3
    seen: int = 10_000
    of_nets: ClassVar[bool] = True

    def splits(self) -> Splits:
        return data.load(self.data, validation=5000)

    def parts(self) -> tuple[Self, ...]:
        return tuple(
            replace(self, arms=(arm,), chosen=(seed,)) for arm, seed in itertools.product(self.arms, self.chosen)
        )

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained on all training pictures, from the encoder of each seed.

        Returns:
            Rows "<arm>/<seed>": after each epoch the shares of the test pictures and of the training pictures seen that
            are named rightly, and their mean cross-entropy ("test", "train", "test loss", "train loss"); at the end
            how many of each class (ten at a time) are named each ("confusion").
        """
        rows: Rows = {}
        epoch = -(-len(splits.train) // BATCH)
        marks = tuple(epoch * (k + 1) for k in range(self.epochs))
        for arm, seed in itertools.product(self.arms, self.chosen):
            way = lookup(REPORTED, arm, "arm")
            model = begin("frozen" if way.frozen else "fine-tuned", seed, nets)
            if way.bend:
                model.head = nn.Sequential(model.head, nn.ReLU())
            sets = (splits.train, splits.train[: self.seen], splits.test)
            if way.dropping:  # its weights stay, and numbers are dropped as in training
                model.frozen = False
                learner: nn.Module = model
                given = [images.images for images in sets]
            else:
                given, learner = _given(model, *sets)
            row: dict[str, Any] = {name: [] for name in ("train", "train loss", "test", "test loss")}
            named = torch.zeros(0)
            for _ in steps(learner, given[0], splits.train.labels, self.rate, seed, marks):
                for name, inputs, images in zip(("train", "test"), given[1:], sets[1:], strict=True):
                    accuracy, loss, named = looked(learner, inputs, images.labels)
                    row[name].append(accuracy)
                    row[f"{name} loss"].append(loss)
            pairs = splits.test.labels * CLASSES + named
            row["confusion"] = torch.bincount(pairs, minlength=CLASSES**2).tolist()
            rows[f"{arm}/{seed}"] = row
        return rows, {}


ENCODER = Recipe(
    "garments-64",
    "mansilla-64",
    data="fashion-mnist",
    epochs=15,
    batch_size=BATCH,
    keep_weights=True,
    half_weights=True,
)
EXPERIMENTS = (
    ENCODER,
    replace(ENCODER, name="garments-256", model="mansilla-256", keep_weights=False, half_weights=False),
    ReuseRatesStudy("reuse-rates", "fashion-mnist"),
    ReuseStudy("reuse", "fashion-mnist"),
    ReuseStudy("reuse-else", "fashion-mnist", arms=("scratch, no dropout", "frozen, before its ReLU"), labels=(ALL,)),
    ReuseStudy(
        "reuse-256",
        "fashion-mnist",
        arms=("fine-tuned, 256", "frozen, 256", "scratch, 256", "pca/256"),
        marks=(2000,),
    ),
    ReportedStudy("reuse-reported", "fashion-mnist"),
)

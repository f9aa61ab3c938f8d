"""A recipe: how one net is trained. A changed one is made with `dataclasses.replace`."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, ClassVar

import torch

from convae import data
from convae.data import NAMES
from convae.experiments.experiment import Outcome, Place, means, short, shortened
from convae.models import MODELS, ablations, build
from convae.names import lookup
from convae.tasks import Reconstruction, Task
from convae.training.devices import describe
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from torch import Tensor

    from convae.data import Splits

OPTIMIZERS = ("adam", "sgd")


@dataclass(frozen=True)
class Recipe:
    """How one net is trained.

    Args:
        name: Of its folder under runs/.
        model: Name in MODELS.
        data: Name of the data set, as load() takes it.
        learning_rate: Step size of the optimiser.
        decay: The learning rate falls to 0 in a straight line.
        momentum: Of SGD; Adam has its own.
        validation: Pictures kept back from training; 0 repeats a source that used them all, None takes what the data
            set itself keeps back.
        seeds: How many runs, from seed 0 on, the book asks for.
        keep_weights: Keep the weights of seed 0 (below 1 MB, and only where a page loads them).
        half_weights: Keep them as float16, half as large.
        keep_errors: Keep each test picture's MSE of every run, for comparisons picture by picture (20 kB a run).
        watched: Training pictures, from the first on, whose loss is followed after each epoch; None follows all.
        ablate: Score the trained net with each of its paths cut as well.
        large: Asks for a GPU: run only where it is named.

    Raises:
        ValueError: a setting that is unknown or out of its range.
    """

    name: str
    model: str
    data: str = "mnist"
    task: Task = field(default_factory=Reconstruction)
    epochs: int = 20
    batch_size: int = 64
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    decay: bool = False
    momentum: float = 0.0
    validation: int | None = 5000
    seeds: int = 5
    keep_weights: bool = False
    half_weights: bool = False
    keep_errors: bool = False
    watched: int | None = None
    ablate: bool = False
    large: bool = False
    of_nets: ClassVar[bool] = False

    def __post_init__(self) -> None:
        lookup(MODELS, self.model, "model")
        lookup(dict.fromkeys(OPTIMIZERS), self.optimizer, "optimizer")
        if not self.data.startswith("folder:"):
            lookup(dict.fromkeys(NAMES), self.data, "data set")
        for name, least in {"epochs": 1, "batch_size": 1, "validation": 0, "seeds": 1, "watched": 1}.items():
            value = getattr(self, name)
            if value is None and name in ("validation", "watched"):
                continue
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}: give a whole number of at least {least}")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate is {self.learning_rate}: it has to be above 0")
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay is {self.weight_decay}: it has to be at least 0")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum is {self.momentum}: it has to be at least 0 and below 1")
        if self.momentum and self.optimizer != "sgd":
            raise ValueError(
                f"momentum is {self.momentum}, which {self.optimizer} does not take: use sgd or leave it 0"
            )

    def splits(self) -> Splits:
        """Its data, cut as it says."""
        return data.load(self.data, validation=self.validation)

    def make_optimizer(self, model: torch.nn.Module) -> torch.optim.Optimizer:
        """Its optimiser over the parameters of a model."""
        if self.optimizer == "sgd":
            return torch.optim.SGD(
                model.parameters(), self.learning_rate, momentum=self.momentum, weight_decay=self.weight_decay
            )
        return torch.optim.Adam(model.parameters(), self.learning_rate, weight_decay=self.weight_decay)

    def run(self, seed: int, splits: Splits, place: Place) -> Outcome:
        """Trains the net with one seed and scores it; an interrupted training goes on where it stopped."""
        train, test = splits.train.to(place.device), splits.test.to(place.device)
        # What a source did is followed on its test set, which selects nothing; our own recipes do not look at it.
        seen = train[: self.watched]
        watch = {"train": seen, "test": test}
        if self.validation != 0:
            watch = {"train": seen, "validation": splits.validation.to(place.device)}
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = build(self.model).to(place.device)
        began = time.perf_counter()
        history = fit(
            model,
            self.task,
            train,
            self.make_optimizer(model),
            epochs=self.epochs,
            batch_size=self.batch_size,
            seed=seed,
            watch=watch,
            checkpoint=place.checkpoint,
            progress=place.progress,
            decay=self.decay,
        )
        if self.half_weights:  # what is scored is what is kept
            model.load_state_dict({name: _half(value) for name, value in model.state_dict().items()})
        errors = {name: evaluate(model, self.task, images) for name, images in (watch | {"test": test}).items()}
        record = {
            "device": describe(place.device),
            "parameters": sum(parameter.numel() for parameter in model.parameters()),
            "scores": {name: means(scores) for name, scores in errors.items()},
            "seconds": short(sum(history.seconds)),
            "seconds_with_scoring": short(time.perf_counter() - began),
            "curves": shortened(asdict(history)),
        }
        if place.device.type == "cuda":
            record["gpu_bytes"] = torch.cuda.max_memory_allocated(place.device)
        if self.ablate:
            record["ablations"] = {
                name: means(evaluate(cut, self.task, test)) for name, cut in ablations(model).items()
            }
        kept = {}
        if self.keep_errors:
            kept["errors"] = {"mse": errors["test"]["mse"].half()}
        trained = {name: value.cpu().contiguous() for name, value in model.state_dict().items()}
        if self.keep_weights and seed == 0:
            kept["weights"] = {name: _half(value) for name, value in trained.items()} if self.half_weights else trained
        return Outcome(record, kept, trained)


def _half(value: Tensor) -> Tensor:
    """Rounded to float16; a count stays a count."""
    return value.half() if value.is_floating_point() else value

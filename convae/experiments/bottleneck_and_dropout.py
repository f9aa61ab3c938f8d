"""The net of mansilla2024 on pictures of garments: its code, its dropout, and what each of them does."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from convae import data
from convae.baselines import linear
from convae.experiments.experiment import Nets, Rows
from convae.experiments.study import Study
from convae.latent import effective_dimension, encode_all
from convae.measures.losses import mse
from convae.models import Autoencoder, mansilla_autoencoder
from convae.names import lookup
from convae.tasks import Reconstruction
from convae.tensors import as_bytes
from convae.training.history import STRIDE
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from typing import Self

    from torch import Tensor

    from convae.data import Splits
    from convae.training.history import History

BATCH = 100
LOST = 0.2  # of a code's numbers, where it is asked what their loss costs
OPTIMIZERS = {"Adam": torch.optim.Adam, "RMSProp": torch.optim.RMSprop, "SGD": torch.optim.SGD}


class Way(NamedTuple):
    """What differs from the report's base model."""

    code_size: int = 64
    dropout: float = 0.2
    places: tuple[str, ...] = ("maps", "code", "decoder")
    optimizer: str = "Adam"
    rate: float = 1e-3
    momentum: float = 0.0  # of SGD

    def model(self) -> Autoencoder:
        return mansilla_autoencoder(self.code_size, self.dropout, self.places)

    def optimize(self, model: nn.Module) -> torch.optim.Optimizer:
        own = {"momentum": self.momentum} if self.optimizer == "SGD" else {}
        made: torch.optim.Optimizer = OPTIMIZERS[self.optimizer](model.parameters(), lr=self.rate, **own)
        return made


WIDE = Way(256, 0.1)
WAYS = {
    "base": Way(),
    "p 0.1": Way(dropout=0.1),
    "p 0.1, 256": WIDE,
    "no dropout": Way(dropout=0.0),
    "no dropout, 256": Way(256, 0.0),
    "on the maps": Way(places=("maps",)),
    "on the code": Way(places=("code",)),
    "in the decoder": Way(places=("decoder",)),
    "on the output, too": Way(places=("maps", "code", "decoder", "output")),
    "SGD": WIDE._replace(optimizer="SGD"),
    "RMSProp": WIDE._replace(optimizer="RMSProp"),
}
LONG = " long"  # behind a way's name: for twice the epochs
KEPT = 8  # test pictures of the sample of which is kept what comes back


@dataclass(frozen=True)
class GarmentsStudy(Study):
    """The report's net, as it is and with one thing changed.

    Args:
        arms: Of WAYS, also with LONG behind.
        chosen: Seeds of each.
        watched: Training pictures, from the first on, whose error is followed.
    """

    arms: tuple[str, ...]
    chosen: tuple[int, ...] = (0, 1, 2, 3, 4)
    epochs: int = 15
    watched: int = 10_000

    def __post_init__(self) -> None:
        super().__post_init__()
        for arm in self.arms:
            lookup(WAYS, arm.removesuffix(LONG), "arm")

    def splits(self) -> Splits:
        return data.load(self.data, validation=0)

    def parts(self) -> tuple[Self, ...]:
        return tuple(
            replace(self, arms=(arm,), chosen=(seed,)) for arm, seed in itertools.product(self.arms, self.chosen)
        )

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained on all training pictures.

        Returns:
            Rows "<arm>/<seed>": the error of the test pictures and of the training pictures watched before training
            and after each epoch ("test", "train"), the mean loss of each epoch's batches, of nets from which something
            is dropped ("dropping"); of the code of test pictures how many numbers are 0 in all ("dead"), the mean share
            above 0 ("active") and its "dimension" (participation ratio); the test error where LOST of its numbers are
            set to 0 and the others made larger, as in training ("lost"); "parameters" and "seconds". Of seed 0 by
            "<arm>" what it makes of the sample's first KEPT test pictures, uint8, and by "<arm> untrained" what it
            made of them before.
        """
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        for arm, seed in itertools.product(self.arms, self.chosen):
            way = WAYS[arm.removesuffix(LONG)]
            torch.manual_seed(seed)
            model = way.model()
            if seed == 0:
                kept[f"{arm} untrained"] = _put_out(model, self.data)
            began = time.process_time()
            history = fit(
                model,
                Reconstruction(),
                splits.train,
                way.optimize(model),
                epochs=self.epochs * (1 + arm.endswith(LONG)),
                batch_size=BATCH,
                seed=seed,
                watch={"test": splits.test, "train": splits.train[: self.watched]},
            )
            rows[f"{arm}/{seed}"] = (
                {name: history.epochs[name] for name in ("test", "train")}
                | {"dropping": dropping(history, -(-len(splits.train) // BATCH))}
                | _of_code(model, splits)
                | {
                    "parameters": sum(values.numel() for values in model.parameters()),
                    "seconds": time.process_time() - began,
                }
            )
            if seed == 0:
                kept[arm] = _put_out(model, self.data)
        return rows, kept


def dropping(history: History, batches: int) -> list[float]:
    """The mean loss of the batches of each epoch, as they came, when something was dropped.

    Args:
        history: Of a training of so many `batches` an epoch.
    """
    first, later = history.batches[:batches], history.batches[batches:]
    lengths = [min(STRIDE, batches - start) for start in range(0, batches, STRIDE)]
    weighed = [
        sum(mean * length for mean, length in zip(epoch, lengths, strict=True)) / batches
        for epoch in (later[start : start + len(lengths)] for start in range(0, len(later), len(lengths)))
    ]
    return [sum(first) / len(first), *weighed]


@torch.no_grad()
def _of_code(model: Autoencoder, splits: Splits) -> dict[str, Any]:
    model.eval()
    codes = encode_all(model, splits.test)
    kept = torch.rand(codes.shape, generator=torch.Generator().manual_seed(0)) >= LOST
    errors = [
        mse(model.decode(part / (1 - LOST)), batch.images)
        for part, batch in zip((codes * kept).split(1000), splits.test.batches(1000), strict=True)
    ]
    return {
        "dead": int((codes == 0).all(0).sum()),
        "active": (codes > 0).float().mean().item(),
        "dimension": effective_dimension(codes),
        "lost": torch.cat(errors).mean().item(),
    }


@torch.no_grad()
def _put_out(model: Autoencoder, name: str) -> Tensor:
    pictures = data.load(f"{name}-sample").test[:KEPT].all().images
    return as_bytes(model.eval()(pictures))


@dataclass(frozen=True)
class GarmentsBaselineStudy(Study):
    """What costs no training, on the same pictures: the mean picture, and PCA with as many numbers, clipped."""

    code_sizes: tuple[int, ...] = (64, 256)

    def splits(self) -> Splits:
        return data.load(self.data, validation=0)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Fitted on all training pictures.

        Returns:
            Rows "mean-image" and "pca/<code size>": "mse" of the test pictures.
        """
        members = {"mean-image": linear.mean_image(splits.train)} | {
            f"pca/{size}": linear.pca(splits.train, size) for size in self.code_sizes
        }
        return {
            name: {"mse": evaluate(member, Reconstruction(), splits.test)["mse"].mean().item()}
            for name, member in members.items()
        }, {}


EXPERIMENTS = (
    GarmentsBaselineStudy("garments-baselines", "fashion-mnist"),
    GarmentsStudy("garments", "fashion-mnist", arms=("base", "p 0.1", "no dropout")),
    GarmentsStudy("garments-wide", "fashion-mnist", arms=("p 0.1, 256",)),
    GarmentsStudy(
        "garments-where",
        "fashion-mnist",
        arms=("on the maps", "on the code", "in the decoder", "on the output, too", "no dropout, 256", f"base{LONG}"),
        chosen=(0,),
    ),
)

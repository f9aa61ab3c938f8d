"""Codes of two numbers to look at; and what nets learn whose code is smaller than the picture, as large, and larger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import nn

from convae.baselines import linear
from convae.data import ImageSet
from convae.experiments.experiment import Nets, Rows
from convae.experiments.looking_at_the_code import tuned_probe
from convae.experiments.recipe import Recipe
from convae.experiments.study import Study, as_list
from convae.latent import encode_all
from convae.measures.intervals import over_pictures, over_share
from convae.models import Autoencoder
from convae.tasks import Reconstruction
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from typing import Self

    from torch import Tensor

    from convae.data import Splits

PLANE = Recipe(
    name="plane",
    model="plane",
    epochs=15,
    batch_size=128,
    learning_rate=8e-3,
    decay=True,
    seeds=1,
    keep_weights=True,
    half_weights=True,
    watched=5000,
)

Case = tuple[str, int, str, int]  # activation, code size, what it is trained on, training pictures (0 for all)
CASES: tuple[Case, ...] = tuple(
    (activation, size, shown, known)
    for size in (32, 784, 1568)  # smaller than a picture, as large, and larger
    for activation, known in (("relu", 0), ("relu", 1000), ("none", 0))
    for shown in ("digits", "noise")
)


@dataclass(frozen=True)
class CopyingStudy(Study):
    """What nets with one hidden layer, the code, learn from digits and from noise, and what they give back of both.

    Args:
        steps: Of each training, however many pictures it has.
        labelled: Training pictures whose labels a probe of the code is told.
    """

    steps: int = 8000
    labelled: int = 2000
    cases: tuple[Case, ...] = CASES

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, cases=(case,)) for case in self.cases)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained by Adam at 0.001, decaying, in batches of 64, without regularisation.

        Returns:
            Rows by "<activation>/<code size>/<digits or noise>/<training pictures, 0 for all>": the share of their
            variance that is lost of test digits and of fresh noise, with intervals over pictures ("digits", "noise"),
            and of its own training pictures ("own"); where it was trained on digits the share of test pictures whose
            label a linear probe of the code names ("named"). "pca/<code size>", for codes that PCA has, has the same
            of PCA; "pixels" has the probe's share on the pixels themselves.
        """
        rows: Rows = {}
        variance = {
            "digits": evaluate(linear.mean_image(splits.train), Reconstruction(), splits.test)["mse"].mean().item(),
            "noise": 1 / 12,
        }
        noise = _noise(len(splits.test), splits.test.image_shape, 1)
        tests = {"digits": splits.test, "noise": noise}
        for activation, size, shown, known in self.cases:
            train = splits.train[:known] if known else splits.train
            own = _noise(len(train), train.image_shape, 2) if shown == "noise" else train
            torch.manual_seed(0)
            net = one_hidden(size, activation)
            batches = len(own) // 64
            fit(
                net,
                Reconstruction(),
                own[: 64 * batches],
                torch.optim.Adam(net.parameters(), 1e-3),
                epochs=max(1, round(self.steps / batches)),
                batch_size=64,
                seed=0,
                decay=True,
            )
            row = rows[f"{activation}/{size}/{shown}/{known}"] = {**_lost(net, tests, variance)}
            row["own"] = evaluate(net, Reconstruction(), own[:5000])["mse"].mean().item() / variance[shown]
            if shown == "digits":
                row["named"] = as_list(over_share(*self._named(net, splits)))
            if activation == "relu" and not known and shown == "digits" and size < 784:
                pca = linear.pca(splits.train, size, clip=False)
                rows[f"pca/{size}"] = _lost(pca, tests, variance) | {
                    "named": as_list(over_share(*self._named(pca, splits)))
                }
        return rows, {}

    def _named(self, net: Autoencoder, splits: Splits) -> tuple[Tensor, int]:
        """How many test pictures a probe of the codes names rightly, of how many."""
        told, chosen = splits.train[: self.labelled], splits.validation
        codes = [encode_all(net, part).flatten(1) for part in (told, chosen, splits.test)]
        probe, _ = tuned_probe((codes[0], told.labels), (codes[1], chosen.labels))
        right = probe.right(codes[2], splits.test.labels)
        return right.sum(), len(right)


def one_hidden(code_size: int, activation: str = "relu") -> Autoencoder:
    """Pixels, a code of any size, pixels: for codes larger than the picture, which no builder of the package makes."""
    bend = nn.ReLU() if activation == "relu" else nn.Identity()
    return Autoencoder(
        nn.Sequential(nn.Flatten(), nn.Linear(784, code_size), bend),
        nn.Sequential(nn.Linear(code_size, 784), nn.Unflatten(1, (1, 28, 28))),
        (1, 28, 28),
    )


def _lost(net: nn.Module, tests: dict[str, ImageSet], variance: dict[str, float]) -> dict[str, list[float]]:
    return {
        kind: as_list(over_pictures(evaluate(net, Reconstruction(), images)["mse"] / variance[kind]))
        for kind, images in tests.items()
    }


def _noise(count: int, shape: tuple[int, ...], seed: int) -> ImageSet:
    """Every pixel even between 0 and 1."""
    chance = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (count, *shape), generator=chance, dtype=torch.uint8)
    return ImageSet(pixels, torch.zeros(count, dtype=torch.int64), ("noise",))


EXPERIMENTS = (PLANE, CopyingStudy("copying", "mnist"))

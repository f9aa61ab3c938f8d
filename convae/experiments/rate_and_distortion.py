"""Rivals without gradient descent at every code size."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

import torch
from torch import nn

from convae import data
from convae.baselines import linear
from convae.experiments.experiment import Nets, Rows
from convae.experiments.study import Study, as_list
from convae.measures.intervals import over_pictures
from convae.models import Autoencoder, deep_dense_autoencoder, global_autoencoder
from convae.tasks import Reconstruction
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from torch import Tensor

    from convae.data import Splits
    from convae.tensors import Scores


@dataclass(frozen=True)
class BaselineStudy(Study):
    """The mean image, and PCA at these code sizes, on one data set: plain, clipped to [0, 1], and stretched.

    Args:
        blocks: Also PCA on the nine blocks that the two-layer net works on: with 16 numbers each, and with 144 that are
            allotted to them by what the training pictures need.
    """

    code_sizes: tuple[int, ...]
    validation: int = 0
    blocks: bool = True
    file: ClassVar[str] = "errors"

    def splits(self) -> Splits:
        return data.load(self.data, validation=self.validation)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """The scores of each.

        Returns:
            Rows by "<method>/<code size>", where numbers are allotted with how many each block has ("numbers"), where
            they are stretched with the "threshold" and the interval of the MSE over test pictures ("interval"); by the
            names of the others, clipped, the MSE of each test picture, float16 [N].
        """
        members: dict[str, nn.Module] = {
            "black-image/0": linear.black_image(splits.train),
            "mean-image/0": linear.mean_image(splits.train),
        }
        free: dict[str, Autoencoder] = {
            f"pca/{size}": linear.pca(splits.train, size, False) for size in self.code_sizes
        }
        members |= {f"pca/{size}": linear.pca(splits.train, size) for size in self.code_sizes}
        members |= {name.replace("/", "-plain/"): member for name, member in free.items()}
        if self.blocks:
            for clip, found in ((True, members), (False, free)):
                found["pca-shared-blocks/144"] = linear.block_pca(splits.train, 9, 16, clip=clip)
                found["pca-own-blocks/144"] = linear.block_pca(splits.train, 9, 16, shared=False, clip=clip)
                found["pca-allotted-blocks/144"] = linear.allotted_block_pca(splits.train, 9, 144, clip)
        stretched = {
            name.replace("/", "-stretched/"): linear.stretched(member, splits.train) for name, member in free.items()
        }
        members |= stretched
        scores = {name: evaluate(member, Reconstruction(), splits.test) for name, member in members.items()}
        rows: Rows = {
            name: {score: values.mean().item() for score, values in each.items()} for name, each in scores.items()
        }
        for name, member in stretched.items():
            rows[name] |= {
                "threshold": cast("nn.Sequential", member.decoder)[-1].threshold,
                "interval": as_list(over_pictures(scores[name]["mse"])),
            }
        if self.blocks:
            directions = (
                members["pca-allotted-blocks/144"]
                .get_parameter("encoder.1.weight")
                .view(144, *splits.train.image_shape)
            )
            cut = [part for row in directions[:, 0].split(9, 1)[:3] for part in row.split(9, 2)[:3]]
            rows["pca-allotted-blocks/144"]["numbers"] = [int(part.flatten(1).any(1).sum()) for part in cut]
        return rows, {
            name: each["mse"].half() for name, each in scores.items() if "plain" not in name and "stretched" not in name
        }


SIZES = (2, 4, 8, 16, 32, 64, 128, 256)


@dataclass(frozen=True)
class LinearRateStudy(Study):
    """What a code of so many numbers buys without gradient descent: PCA, and the cosine transform with the coefficients
    of lowest frequency and with those of largest variance. Each clipped to [0, 1], plain, and stretched.
    """

    code_sizes: tuple[int, ...] = SIZES

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Fitted on the training pictures, scored on the test pictures.

        Returns:
            Rows by "mean-image/0" and "<method>/<code size>", the method followed by "-plain" or "-stretched": "mse",
            "psnr", "ssim", the "interval" of the MSE over pictures and that of the
            MSE − clipped PCA's of the same size, picture by picture ("over pca").
        """
        rows: Rows = {"mean-image/0": _row(evaluate(linear.mean_image(splits.train), Reconstruction(), splits.test))}
        for size in self.code_sizes:
            ways = {
                "pca": partial(linear.pca, splits.train, size),
                "dct-zigzag": partial(linear.dct, splits.train, size, "zigzag"),
                "dct-variance": partial(linear.dct, splits.train, size, "variance"),
            }
            pca: Tensor | None = None
            for name, make in ways.items():
                plain = make(clip=False)
                ended = {"": make(), "-plain": plain, "-stretched": linear.stretched(plain, splits.train)}
                for how, member in ended.items():
                    scores = evaluate(member, Reconstruction(), splits.test)
                    pca = scores["mse"] if pca is None else pca
                    rows[f"{name}{how}/{size}"] = _row(scores) | {
                        "over pca": as_list(over_pictures(scores["mse"] - pca)),
                    }
        return rows, {}


@dataclass(frozen=True)
class RateStudy(Study):
    """What a code of so many numbers buys with gradient descent: one size, so that a sweep is made in pieces.

    Args:
        code_size: Numbers in the code.
        chosen: Seeds.
        arms: The nets, each with its way of training.
        budget: How many times its epochs each is trained.
    """

    code_size: int
    chosen: tuple[int, ...] = (0,)
    arms: tuple[str, ...] = ("linear", "dense", "convolutional")
    budget: int = 1

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, chosen=(seed,)) for seed in self.chosen)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained on the training pictures without those kept for validation, scored on the test pictures.

        Returns:
            Rows by "<arm>/<code size>/<seed>", two-fold budgets with "-long" behind the arm: "mse", "psnr" and "ssim",
            the MSE of the validation pictures and of as many training pictures ("validation", "train"), the number of
            "parameters", "epochs", the "seconds" of the training, and intervals over test pictures: of the MSE
            ("interval"), and of the MSE − that of clipped PCA, of stretched PCA, and of the dense net of the same seed
            ("over pca", "over stretched", "over dense").
        """
        task = Reconstruction()
        plain = linear.pca(splits.train, self.code_size, clip=False)
        rivals = {
            "pca": linear.pca(splits.train, self.code_size),
            "stretched": linear.stretched(plain, splits.train),
        }
        errors = {name: evaluate(member, task, splits.test)["mse"] for name, member in rivals.items()}
        rows: Rows = {}
        for seed in self.chosen:
            for name in self.arms:
                arm = ARMS[name]
                torch.manual_seed(seed)
                model = arm.model(self.code_size)
                optimizer = torch.optim.Adam(model.parameters(), arm.rate)
                began = time.perf_counter()
                epochs = self.budget * arm.epochs
                fit(model, task, splits.train, optimizer, epochs=epochs, batch_size=BATCH, seed=seed, decay=True)
                seconds = time.perf_counter() - began
                ended = model if arm.ends else nn.Sequential(model, nn.Hardtanh(0, 1))  # clipped, as PCA is
                scores = evaluate(ended, task, splits.test)
                errors[name] = scores["mse"]
                seen = {"validation": splits.validation, "train": splits.train[: len(splits.validation)]}
                rows[f"{name}{'-long' * (self.budget > 1)}/{self.code_size}/{seed}"] = (
                    _row(scores)
                    | {part: evaluate(ended, task, images)["mse"].mean().item() for part, images in seen.items()}
                    | {
                        "parameters": sum(values.numel() for values in model.parameters()),
                        "epochs": epochs,
                        "seconds": seconds,
                    }
                    | {
                        f"over {rival}": as_list(over_pictures(scores["mse"] - errors[rival]))
                        for rival in ("pca", "stretched", "dense")
                        if rival in errors and rival != name
                    }
                )
        return rows, {}


BATCH = 128


class Arm(NamedTuple):
    """How nets of a kind are made and trained: by Adam, the rate falling to 0. Found on validation at 32 and 128."""

    model: Callable[[int], Autoencoder]
    rate: float
    epochs: int
    ends: bool = True  # in [0, 1]


def _linear_autoencoder(code_size: int) -> Autoencoder:
    return Autoencoder(
        nn.Sequential(nn.Flatten(), nn.Linear(784, code_size)),
        nn.Sequential(nn.Linear(code_size, 784), nn.Unflatten(1, (1, 28, 28))),
        (1, 28, 28),
    )


ARMS = {
    "linear": Arm(_linear_autoencoder, 1e-3, 20, ends=False),
    "dense": Arm(deep_dense_autoencoder, 1e-3, 150),
    "convolutional": Arm(global_autoencoder, 8e-3, 50),
}


def _row(scores: Scores) -> dict[str, Any]:
    return {score: values.mean().item() for score, values in scores.items()} | {
        "interval": as_list(over_pictures(scores["mse"]))
    }


EXPERIMENTS = (
    BaselineStudy("mnist-baselines", "mnist", code_sizes=(1, 7, 30, 64, 128, 144, 256, 288, 512)),
    LinearRateStudy("rate-linear", "mnist"),
    LinearRateStudy("rate-linear-fashion", "fashion-mnist", code_sizes=(2, 8, 32, 128)),
)

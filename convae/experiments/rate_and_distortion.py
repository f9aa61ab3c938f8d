"""Rivals without gradient descent at every code size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from convae import data
from convae.baselines import linear
from convae.experiments.experiment import Nets, Rows
from convae.experiments.study import Study, as_list
from convae.measures.intervals import over_pictures
from convae.tasks import Reconstruction
from convae.training.loop import evaluate

if TYPE_CHECKING:
    from torch import Tensor, nn

    from convae.data import Splits
    from convae.models import Autoencoder


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


EXPERIMENTS = (BaselineStudy("mnist-baselines", "mnist", code_sizes=(1, 7, 30, 64, 128, 144, 256, 288, 512)),)

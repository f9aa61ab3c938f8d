"""Pictures of another kind: does a net that reconstructs digits say that something is wrong with them?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from convae import data
from convae.baselines import linear
from convae.experiments.experiment import Nets, Rows
from convae.experiments.study import Study
from convae.latent import encode_all
from convae.measures.losses import mse
from convae.tensors import Images

if TYPE_CHECKING:
    from convae.data import ImageSet, Splits
    from convae.models import Autoencoder
    from convae.tensors import PerImage

POINTS = 101  # of a ROC curve that is kept


@dataclass(frozen=True)
class AlarmStudy(Study):
    """Pictures of other kinds, told from digits by reconstruction error and by their code, in one table.

    Args:
        pictures: Of each kind.
        fitted: Training pictures whose codes say what is usual.
        repeats: Seeds of the net with the linear bottleneck.
    """

    nets: tuple[str, ...] = ("robledo-two-layer", "bottleneck-32")
    pictures: int = 5000
    fitted: int = 10_000
    repeats: int = 5
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Scores digits and pictures of other kinds by every net, and asks how well the score tells them apart.

        Returns:
            Rows by "<kind>/<net>/<score>": `auc`, a list over seeds where there are any; by the same names the rate of
            alarms among pictures of the other kind [101] for 0, 1, … 100 % of false alarms, of seed 0.
        """
        digits = splits.test[: self.pictures].all().images
        others = {kind: make(digits, self.pictures) for kind, make in KINDS.items()}
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        for name in ("pca-32", *self.nets):
            for seed in range(self.repeats if name == "bottleneck-32" else 1):
                model = linear.pca(splits.train, 32) if name == "pca-32" else nets(name, seed)
                surprise = Surprise(model, splits.train[: self.fitted])
                usual = surprise(digits)
                for kind, pictures in others.items():
                    for score, values in surprise(pictures).items():
                        key = f"{kind}/{name}/{score}"
                        rows.setdefault(key, {"auc": []})["auc"].append(area(usual[score], values))
                        kept.setdefault(key, alarms(usual[score], values))
        return rows, kept


class Surprise:
    """Two scores that should be large for pictures unlike those a net was trained on.

    `error`: mean squared error of the reconstruction. `code`: Mahalanobis distance of the code from the codes of the
    training pictures, in the directions in which these vary at all.
    """

    def __init__(self, model: Autoencoder, usual: ImageSet) -> None:
        self.model = model
        codes = encode_all(model, usual).flatten(1).double()
        self.mean = codes.mean(0)
        values, vectors = torch.linalg.eigh(codes.T.cov())
        kept = values > values.max() * 1e-6
        self.whiten = vectors[:, kept] / values[kept].sqrt()

    @torch.no_grad()
    def __call__(self, images: Images) -> dict[str, PerImage]:
        scores: dict[str, list[Tensor]] = {"error": [], "code": []}
        for part in images.split(1000):
            codes = self.model.encode(part)
            scores["error"].append(mse(self.model.decode(codes), part))
            scores["code"].append(((codes.flatten(1).double() - self.mean) @ self.whiten).norm(dim=1).float())
        return {name: torch.cat(parts) for name, parts in scores.items()}


def area(usual: PerImage, unusual: PerImage) -> float:
    """Area under the ROC curve: the probability that an unusual picture scores higher than a usual one.

    Raises:
        ValueError: a side has no pictures.
    """
    if not len(usual) or not len(unusual):
        raise ValueError(f"{len(usual)} usual pictures, {len(unusual)} unusual ones: give some of each")
    ordered = usual.sort().values
    below, up_to = torch.searchsorted(ordered, unusual), torch.searchsorted(ordered, unusual, right=True)
    return ((below + up_to).double() / 2 / len(ordered)).mean().item()


def alarms(usual: PerImage, unusual: PerImage) -> Tensor:
    """The share of unusual pictures above the threshold that gives 0, 1, … 100 % of false alarms, [101]."""
    thresholds = usual.double().quantile(1 - torch.linspace(0, 1, POINTS, dtype=torch.float64))
    return (unusual.double()[None] > thresholds[:, None]).float().mean(1)


def fashion(digits: Images, count: int) -> Images:
    """Clothes."""
    return data.load("fashion-mnist").test[:count].all().images


def noise(digits: Images, count: int) -> Images:
    """Every pixel drawn from 0 to 1."""
    return torch.rand(count, *digits.shape[1:], generator=torch.Generator().manual_seed(0))


def shuffled(digits: Images, count: int) -> Images:
    """Digits whose pixels have changed places, the same way in each."""
    order = torch.randperm(digits[0].numel(), generator=torch.Generator().manual_seed(0))
    return digits[:count].flatten(1)[:, order].view(-1, *digits.shape[1:])


def inverted(digits: Images, count: int) -> Images:
    """Black digits on white."""
    return 1 - digits[:count]


def upside_down(digits: Images, count: int) -> Images:
    """Digits turned by half a turn."""
    return digits[:count].rot90(2, dims=(2, 3))


def strokes(digits: Images, count: int) -> Images:
    """One straight stroke of a digit's width and brightness, in any direction: simpler than any digit but the one."""
    generator = torch.Generator().manual_seed(0)
    angle = math.pi * torch.rand(count, 1, 1, generator=generator)
    half_length = 4 + 5 * torch.rand(count, 1, 1, generator=generator)
    half_width = 0.8 + 0.7 * torch.rand(count, 1, 1, generator=generator)
    rows, columns = torch.meshgrid(torch.arange(28) - 13.5, torch.arange(28) - 13.5, indexing="ij")
    along = (columns * angle.cos() + rows * angle.sin()).abs() - half_length
    across = (rows * angle.cos() - columns * angle.sin()).abs() - half_width
    return (0.5 - torch.maximum(along, across)).clamp(0, 1)[:, None]


def blank(digits: Images, count: int) -> Images:
    """Nothing but black, with a single dot of 2×2 somewhere."""
    generator = torch.Generator().manual_seed(0)
    pictures = torch.zeros(count, *digits.shape[1:])
    for picture, (row, column) in zip(pictures, torch.randint(4, 23, (count, 2), generator=generator), strict=True):
        picture[:, row : row + 2, column : column + 2] = 1
    return pictures


KINDS = {
    "clothes": fashion,
    "noise": noise,
    "shuffled": shuffled,
    "inverted": inverted,
    "upside down": upside_down,
    "strokes": strokes,
    "dots": blank,
}


EXPERIMENTS = (AlarmStudy("alarm"),)

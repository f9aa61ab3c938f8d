"""A code with many numbers of which few are needed at a time: penalties on it, and what they buy [calderon2019]."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from convae import data
from convae.corruption import GaussianNoise
from convae.experiments.experiment import Nets, Rows
from convae.experiments.looking_at_the_code import tuned_probe
from convae.experiments.reusing_the_encoder import of_each_class
from convae.experiments.study import Study
from convae.latent import encode_all
from convae.measures.losses import mse
from convae.models import Autoencoder
from convae.models.autoencoder import ACTIVATIONS
from convae.names import lookup
from convae.tasks import Reconstruction, SparseReconstruction
from convae.tensors import as_bytes
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from typing import Self

    from convae.data import ImageSet, Splits
    from convae.tensors import Codes

BATCH = 100
SHARE = 0.05  # ρ of the penalty by KL
LONG = " long"  # behind an arm's name: for twice the epochs
LOW = 0.1  # of a sigmoid: what is below counts as 0
BINS = 20  # of the histogram of activity
LARGEST = (8, 16, 32, 64, 128, 256)  # numbers of a code that are left to it
NOISES = (0.1, 0.3)
KEPT = 8  # test pictures of the sample of which code and reconstruction are kept


class Penalty(NamedTuple):
    """What a code is bent by, and what it costs."""

    activation: str = "relu"
    weight: float = 0.0
    share: float | None = None

    def task(self) -> Reconstruction:
        return SparseReconstruction(weight=self.weight, share=self.share) if self.weight else Reconstruction()


PENALTIES = {
    "none": Penalty(),
    "none, sigmoid": Penalty("sigmoid"),
    **{f"L1 {weight:g}": Penalty("relu", weight) for weight in (1e-3, 1e-2, 1e-1)},
    **{f"KL {weight:g}": Penalty("sigmoid", weight, SHARE) for weight in (1e-3, 1e-2, 1e-1)},
}
UNTRAINED = "untrained"


def overcomplete(code_size: int, activation: str) -> Autoencoder:
    """Pixels, a code of any size, pixels: the builders of the package make none that is larger than the picture."""
    bend = lookup(ACTIVATIONS, activation, "activation")()
    return Autoencoder(
        nn.Sequential(nn.Flatten(), nn.Linear(784, code_size), bend),
        nn.Sequential(nn.Linear(code_size, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))),
        (1, 28, 28),
    )


def hoyer(codes: Codes) -> Tensor:
    """How sparse each code [N, K] is: (√K − ‖h‖₁ / ‖h‖₂) / (√K − 1), 0 where all numbers are alike, 1 where one alone
    is not 0, whatever their scale [hoyer2004non]. A code of zeros counts as 1.

    Raises:
        ValueError: codes of one number, or no table.
    """
    if codes.ndim != 2 or codes.shape[1] < 2:
        raise ValueError(f"codes of shape {tuple(codes.shape)}: give [N, K] with at least 2 numbers each")
    root, length = math.sqrt(codes.shape[1]), codes.norm(dim=1)
    alike = codes.abs().sum(1) / length.where(length > 0, torch.ones(()))
    return torch.where(length > 0, (root - alike) / (root - 1), torch.ones(()))


def largest(codes: Codes, count: int) -> Codes:
    """Codes [N, K] of which only so many numbers, the largest by size, are left, the others 0."""
    places = codes.abs().topk(min(count, codes.shape[1]), 1).indices
    return torch.zeros_like(codes).scatter(1, places, codes.gather(1, places))


@dataclass(frozen=True)
class SparsityStudy(Study):
    """Dense nets with an overcomplete code, without a penalty and with one.

    Args:
        arms: Of PENALTIES, also with LONG behind, or UNTRAINED.
        code_size: Numbers in the code.
        atoms: Of how many numbers of the code it is kept what they draw.
        labels: A class, that a linear probe is told, and with how many seeds.
    """

    arms: tuple[str, ...] = (UNTRAINED, *PENALTIES, f"none{LONG}", f"L1 0.01{LONG}", f"KL 0.01{LONG}")
    code_size: int = 1024
    epochs: int = 20
    atoms: int = 16
    labels: tuple[tuple[int, int], ...] = ((100, 3), (1000, 1))
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        for arm in self.arms:
            if arm != UNTRAINED:
                lookup(PENALTIES, arm.removesuffix(LONG), "arm")

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, arms=(arm,)) for arm in self.arms)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained on the training pictures without those kept for validation.

        Returns:
            Rows by arm. Of test pictures: "mse", "noisy <σ>" (the MSE to the clean picture where the net is given a
            noisy one), "left <count>" (the MSE where only so many numbers of each code are left), "active" (the mean
            share of numbers above 0, of a sigmoid above LOW), "hoyer", "size" (the mean size of a number that is
            active), "named <labels a class>" (the share that a tuned linear probe names rightly, a list by seed).
            On validation pictures: "dead" (numbers that are active in none of them) and "activity" (how many numbers
            are active in 0 to 1/BINS of them, and so on). By "<arm>" what the most active numbers draw, uint8, 128
            being 0 [atoms, 28, 28]; of the sample's first test pictures by "<arm>/back" what comes back, uint8, and by
            "<arm>/codes" their codes, uint8, 255 being the largest number of each [KEPT, code size].
        """
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        for arm in self.arms:
            way = PENALTIES["none" if arm == UNTRAINED else arm.removesuffix(LONG)]
            torch.manual_seed(self.seed)
            model = overcomplete(self.code_size, way.activation)
            if arm != UNTRAINED:
                fit(
                    model,
                    way.task(),
                    splits.train,
                    torch.optim.Adam(model.parameters(), 1e-3),
                    epochs=self.epochs * (1 + arm.endswith(LONG)),
                    batch_size=BATCH,
                    seed=self.seed,
                    decay=True,
                )
            rows[arm], kept[arm] = self._looked(model, splits, LOW if way.activation == "sigmoid" else 0.0)
            with torch.no_grad():
                codes = model.encode(data.load(f"{self.data}-sample").test[:KEPT].all().images)
                kept[f"{arm}/back"] = as_bytes(model.decode(codes))
            kept[f"{arm}/codes"] = as_bytes(codes / codes.amax(1, keepdim=True).clamp(min=1e-12))
        return rows, kept

    def _looked(self, model: Autoencoder, splits: Splits, low: float) -> tuple[dict[str, Any], Tensor]:
        model.eval()
        codes = encode_all(model, splits.test)
        active = codes > low
        shares = (encode_all(model, splits.validation) > low).float().mean(0)
        row: dict[str, Any] = {
            "mse": evaluate(model, Reconstruction(), splits.test)["mse"].mean().item(),
            "active": active.float().mean().item(),
            "hoyer": hoyer(codes).mean().item(),
            "size": codes[active].mean().item() if active.any() else 0.0,
            "dead": int((shares == 0).sum()),
            "activity": torch.histc(shares, BINS, 0, 1).long().tolist(),
        }
        for sigma in NOISES:
            noisy = Reconstruction(corrupt=GaussianNoise(sigma))
            row[f"noisy {sigma:g}"] = evaluate(model, noisy, splits.test)["mse"].mean().item()
        for count in LARGEST:
            row[f"left {count}"] = _error(model, largest(codes, count), splits.test)
        for count, seeds in self.labels:
            row[f"named {count}"] = [_named(model, splits, count, seed) for seed in range(seeds)]
        weights = model.get_parameter("decoder.0.weight").detach().T[shares.argsort(descending=True)[: self.atoms]]
        scaled = weights / weights.abs().amax(1, keepdim=True).clamp(min=1e-12)
        return row, as_bytes((scaled * 127 + 128) / 255).view(-1, 28, 28)


@torch.no_grad()
def _error(model: Autoencoder, codes: Codes, images: ImageSet) -> float:
    """The MSE of what some codes of the pictures are decoded to."""
    parts = zip(codes.split(1000), images.batches(1000), strict=True)
    return torch.cat([mse(model.decode(own), batch.images) for own, batch in parts]).mean().item()


def _named(model: Autoencoder, splits: Splits, count: int, seed: int) -> float:
    told = of_each_class(splits.train, count, seed)
    sets = (told, splits.validation, splits.test)
    codes = [encode_all(model, images) for images in sets]
    probe, _ = tuned_probe((codes[0], told.labels), (codes[1], splits.validation.labels), scalings=(False,))
    return probe.right(codes[2], splits.test.labels).float().mean().item()


EXPERIMENTS = (SparsityStudy("sparsity", "fashion-mnist"),)

"""Two small studies of how pictures are enlarged: the patterns that decoders leave, and one learnt ×2 kernel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from convae.baselines.enlarging import Enlarge
from convae.data.photographs import HELD_OUT, patches, photograph
from convae.experiments.experiment import Nets, Rows
from convae.experiments.study import Study
from convae.measures.metrics import psnr
from convae.measures.spectra import pattern_energy, pattern_share
from convae.models.upsampling import UPSAMPLERS, upsampling_autoencoder
from convae.names import lookup
from convae.tasks import Reconstruction
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from convae.data import ImageSet, Splits
    from convae.models import Autoencoder
    from convae.tensors import Images

INNER = slice(4, 28)  # of 32 pixels: what the padded zeros do at the edges is another matter
EDGE = 8  # pixels of an enlarged photograph that are not scored, on every side: methods differ in what they put there
INTERPOLATIONS = {"nearest": "nearest", "bilinear": "bilinear", "bicubic": "bicubic-0.75"}


@dataclass(frozen=True)
class CheckerboardStudy(Study):
    """The nets in UPSAMPLERS on patches of photographs: what patterns their outputs have, in one table.

    Args:
        repeats: Nets a row, from seed 0 on.
        upsamplers: Decoders, by their names in UPSAMPLERS.
    """

    data: str = "photographs"
    epochs: int = 6
    batch_size: int = 32
    learning_rate: float = 3e-3
    repeats: int = 5
    upsamplers: tuple[str, ...] = tuple(UPSAMPLERS)

    def splits(self) -> Splits:
        return patches()

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, upsamplers=(name,)) for name in self.upsamplers)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trains every decoder with every seed, and measures the patterns in what it puts out before and after.

        Returns:
            Rows with one number a seed in every column, and the weights of the nets of seed 0 by "<upsampler>/<name>".
        """
        target = splits.test.all().images[..., INNER, INNER]
        rows: Rows = {"photographs": {f"period_{period}": pattern_share(target, period) for period in (2, 4)}}
        weights: dict[str, Tensor] = {}
        for name in self.upsamplers:
            columns: dict[str, list[float]] = {}
            for seed in range(self.repeats):
                torch.manual_seed(seed)
                model = upsampling_autoencoder(name)
                found = {f"untrained_{what}": value for what, value in measure_patterns(model, splits.test).items()}
                optimizer = torch.optim.Adam(model.parameters(), self.learning_rate)
                fit(
                    model,
                    Reconstruction(),
                    splits.train,
                    optimizer,
                    epochs=self.epochs,
                    batch_size=self.batch_size,
                    seed=seed,
                )
                found |= measure_patterns(model, splits.test)
                found["mse"] = evaluate(model, Reconstruction(), splits.test)["mse"].mean().item()
                for what, value in found.items():
                    columns.setdefault(what, []).append(value)
                if seed == 0:
                    weights |= {f"{name}/{key}": value.clone() for key, value in model.state_dict().items()}
            rows[name] = {"parameters": sum(part.numel() for part in model.decoder.parameters())} | columns
        return rows, weights


@torch.no_grad()
def measure_patterns(model: Autoencoder, pictures: ImageSet) -> dict[str, float]:
    """How much of what a net puts out repeats every 2 and every 4 pixels, and how far an even grey ripples.

    Returns:
        `period_2` and `period_4`, shares of the variance of the restored pictures; `ripple`, the root mean square
        deviation from its mean of what five even greys become, away from the edges.
    """
    restored = model(pictures.all().images)[..., INNER, INNER]
    even = torch.linspace(0.1, 0.9, 5)[:, None, None, None].expand(-1, 1, 64, 64)
    middle = model.decoder(model.encoder(even))[..., 16:48, 16:48]
    return {
        "period_2": pattern_share(restored, 2),
        "period_4": pattern_share(restored, 4),
        "ripple": pattern_energy(middle, 4).mean().sqrt().item(),
    }


@dataclass(frozen=True)
class DoublingStudy(Study):
    """Kernels of stride 2 that double pictures, learnt on patches of photographs, against interpolations, in one table.

    Args:
        kernels: Their sides, even.
        learning_rate: At the first step; it falls to 0 in a straight line.
        repeats: Kernels of each size, from seed 0 on.
    """

    data: str = "photographs"
    kernels: tuple[int, ...] = (4, 8)
    epochs: int = 8
    batch_size: int = 50
    learning_rate: float = 0.1
    repeats: int = 5

    def splits(self) -> Splits:
        return patches()

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, kernels=(size,)) for size in self.kernels)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Learns one kernel of stride 2 that doubles pictures, for every size, and scores it on unseen photographs.

        Returns:
            Rows of PSNR by photograph, one number a seed where something is learnt; by row, the kernels: [seeds, K, K]
            learnt by gradient descent, [K, K] by least squares on the same patches.
        """
        rows: Rows = {method: _scores(partial(interpolate, method=method)) for method in INTERPOLATIONS}
        kernels: dict[str, Tensor] = {}
        for size in self.kernels:
            learnt = torch.stack([learn_kernel(self, splits.train, size, seed) for seed in range(self.repeats)])
            scores = [_scores(partial(apply_kernel, kernel=kernel)) for kernel in learnt]
            best = least_squares_kernel(splits.train, size)
            rows[f"learnt-{size}"] = {name: [each[name] for each in scores] for name in HELD_OUT}
            rows[f"least-squares-{size}"] = _scores(partial(apply_kernel, kernel=best))
            kernels |= {f"learnt-{size}": learnt, f"least-squares-{size}": best}
        return rows, kernels


def halve(images: Images) -> Images:
    """Half as many rows and columns, each pixel the mean of 2×2."""
    return functional.avg_pool2d(images, 2)


def interpolate(images: Images, method: str) -> Images:
    """Twice as many rows and columns by "nearest", "bilinear" or "bicubic" (Keys, a = −0.75, as PyTorch has it)."""
    enlarged: Images = Enlarge(2, lookup(INTERPOLATIONS, method, "method"))(images)
    return enlarged


def apply_kernel(images: Images, kernel: Tensor) -> Images:
    """Doubles rows and columns by a transposed convolution of stride 2 with an even kernel [K, K]."""
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or len(kernel) % 2:
        raise ValueError(f"a kernel of shape {tuple(kernel.shape)}: give an even square, [4, 4] for instance")
    return functional.conv_transpose2d(images, kernel[None, None], stride=2, padding=len(kernel) // 2 - 1)


def learn_kernel(study: DoublingStudy, train: ImageSet, size: int, seed: int) -> Tensor:
    """The kernel [K, K] of a transposed convolution, from random weights by gradient descent."""
    torch.manual_seed(seed)
    layer = nn.ConvTranspose2d(1, 1, size, 2, size // 2 - 1, bias=False)
    optimizer = torch.optim.Adam(layer.parameters(), study.learning_rate)
    steps = study.epochs * -(-len(train) // study.batch_size)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    order = torch.Generator().manual_seed(seed)
    for _ in range(study.epochs):
        for batch in train.batches(study.batch_size, order):
            loss = (layer(halve(batch.images)) - batch.images)[..., INNER, INNER].square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            falling.step()
    kernel: Tensor = layer.weight.detach()[0, 0]
    return kernel


def least_squares_kernel(train: ImageSet, size: int) -> Tensor:
    """The kernel [K, K] that gradient descent should find: the output is linear in it, so its equations are solved."""
    basis = torch.eye(size**2, dtype=torch.float64).view(1, size**2, size, size)  # a channel for each tap
    left = torch.zeros(size**2, size**2, dtype=torch.float64)
    right = torch.zeros(size**2, dtype=torch.float64)
    for batch in train.batches(100):
        images = batch.images.double()
        taps = functional.conv_transpose2d(halve(images), basis, stride=2, padding=size // 2 - 1)[..., INNER, INNER]
        taps = taps.transpose(0, 1).flatten(1)  # [taps, pixels]
        left += taps @ taps.T
        right += taps @ images[..., INNER, INNER].flatten()
    kernel: Tensor = torch.linalg.solve(left, right).view(size, size).float()
    return kernel


def _scores(enlarge: Callable[[Images], Images]) -> dict[str, float]:
    scores = {}
    for name in HELD_OUT:
        original = photograph(name)[None].float() / 255
        inner = (..., slice(EDGE, -EDGE), slice(EDGE, -EDGE))
        scores[name] = psnr(enlarge(halve(original))[inner], original[inner]).item()
    return scores


EXPERIMENTS = (CheckerboardStudy("checkerboards"), DoublingStudy("doubling"))

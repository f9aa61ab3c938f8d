"""Two small studies of how pictures are enlarged: the patterns that decoders leave, and one learnt ×2 kernel."""

from __future__ import annotations

import math
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
RAMP = (0.05, 0.95)  # grey levels at the two ends of 96 pixels: 2.4 levels of 255 a pixel
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
        `period_2` and `period_4`, shares of the variance of the restored pictures; of so small ones a share of a few
        hundredths is chance, for white noise of 24×24 pixels has 15 of its 575 parts there. `ripple`, the root mean
        square deviation from its mean of what five even greys become, away from the edges.
    """
    restored = model(pictures.all().images)[..., INNER, INNER]
    even = torch.linspace(0.1, 0.9, 5)[:, None, None, None].expand(-1, 1, 64, 64)
    middle = model.decoder(model.encoder(even))[..., 16:48, 16:48]
    return {
        "period_2": pattern_share(restored, 2),
        "period_4": pattern_share(restored, 4),
        "ripple": pattern_energy(middle, 4).mean().sqrt().item(),
    }


@torch.no_grad()
def measure_added_patterns(model: Autoencoder) -> dict[str, float]:
    """What repeats every 4 pixels in what a net adds to pictures of which it knows nothing, away from the edges.

    Returns:
        Root mean squares: `ramp` in ramps of grey, rising and falling along both axes; `whole` in the whole held-out
        photographs, and `chance`, what white noise as strong as all that the net adds to these would show.
    """
    added = [_added(model, whole_photograph(name)) for name in HELD_OUT]
    return {
        "ramp": pattern_energy(_added(model, ramps()), 4).mean().sqrt().item(),
        "whole": _root([pattern_energy(each, 4).item() for each in added]),
        "chance": _root([each.var().item() * 15 / each.numel() for each in added]),
    }


def ramps() -> Images:
    """Four ramps of grey of 96×96 pixels: to the right and to the left, down and up."""
    right = torch.linspace(*RAMP, 96).expand(1, 1, 96, 96)
    return torch.cat([right, right.flip(3), right.mT, right.mT.flip(2)])


def whole_photograph(name: str) -> Images:
    """A photograph as one picture whose sides are cut to multiples of 4."""
    picture = photograph(name)[None].float() / 255
    rows, columns = (size // 4 * 4 for size in picture.shape[2:])
    return picture[..., :rows, :columns]


def _added(model: Autoencoder, images: Images) -> Images:
    """What a net puts out minus what it was shown, of any sides, away from the edges."""
    added: Images = (model.decoder(model.encoder(images)) - images)[..., 16:-16, 16:-16]
    return added


def _root(energies: list[float]) -> float:
    return math.sqrt(sum(energies) / len(energies))


@dataclass(frozen=True)
class DoublingStudy(Study):
    """Kernels of stride 2 that double pictures, learnt on patches of photographs, against interpolations, in one table.

    Args:
        kernels: Their sides, even.
        epochs: Trainings, each from the start; the last one is taken, the shorter ones tell whether it was long enough.
        learning_rate: At the first step; it falls to 0 in a straight line.
        repeats: Kernels of each size, from seed 0 on.
    """

    data: str = "photographs"
    kernels: tuple[int, ...] = (4, 8)
    epochs: tuple[int, ...] = (8, 16, 32)
    batch_size: int = 50
    learning_rate: float = 0.1
    repeats: int = 5

    def splits(self) -> Splits:
        return patches()

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, kernels=(size,)) for size in self.kernels)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Learns kernels of stride 2 that double pictures, for every size, and scores them on unseen photographs.

        Returns:
            Rows of PSNR by photograph, one number a seed where something is learnt, and `above`, how far the error on
            the training patches is above that of least squares, as a part of it; by row, the kernels: [seeds, K, K]
            of the longest training by gradient descent, [K, K] by least squares on the same patches.
        """
        rows: Rows = {method: _scores(partial(interpolate, method=method)) for method in INTERPOLATIONS}
        kernels: dict[str, Tensor] = {}
        for size in self.kernels:
            equations = Equations.of(splits.train, size)
            best = equations.solve()
            rows[f"least-squares-{size}"] = _scores(partial(apply_kernel, kernel=best))
            kernels[f"least-squares-{size}"] = best
            for epochs in self.epochs:
                learnt = [learn_kernel(self, equations, epochs, seed) for seed in range(self.repeats)]
                scores = [_scores(partial(apply_kernel, kernel=kernel)) for kernel in learnt]
                row = f"learnt-{size}/{epochs}"
                rows[row] = {name: [each[name] for each in scores] for name in HELD_OUT}
                rows[row]["above"] = [equations.error(kernel) / equations.error(best) - 1 for kernel in learnt]
                kernels[f"learnt-{size}"] = torch.stack(learnt)
        return rows, kernels


@dataclass(frozen=True)
class Equations:
    """What the squared error of a kernel on patches depends on: it is kᵀ A k − 2 kᵀ b + c, for each patch.

    Args:
        left: A [N, K², K²].
        right: b [N, K²].
        constant: c [N].
    """

    left: Tensor
    right: Tensor
    constant: Tensor

    @classmethod
    def of(cls, train: ImageSet, size: int) -> Equations:
        """Of the transposed convolution of stride 2 with a kernel of `size`×`size`, in the inner pixels."""
        basis = torch.eye(size**2).view(1, size**2, size, size)  # a channel for each tap
        parts = []
        for batch in train.batches(100):
            wanted = batch.images[..., INNER, INNER].flatten(1)
            taps = functional.conv_transpose2d(halve(batch.images), basis, stride=2, padding=size // 2 - 1)
            taps = taps[..., INNER, INNER].flatten(2)  # [N, taps, pixels]
            parts.append((taps @ taps.mT, (taps @ wanted[..., None])[..., 0], wanted.square().sum(1)))
        pixels = wanted.shape[1]
        return cls(*(torch.cat(each) / pixels for each in zip(*parts, strict=True)))

    def error(self, kernel: Tensor) -> float:
        """Mean squared error of a kernel [K, K] on all patches."""
        k = kernel.flatten().double()
        left, right, constant = (each.double().mean(0) for each in (self.left, self.right, self.constant))
        return (k @ left @ k - 2 * right @ k + constant).item()

    def gradient(self, kernel: Tensor, chosen: Tensor) -> Tensor:
        """Of the mean squared error of a kernel [K, K] on some patches, by their positions."""
        slope = 2 * (self.left[chosen].mean(0) @ kernel.flatten() - self.right[chosen].mean(0))
        return slope.view_as(kernel)

    def solve(self) -> Tensor:
        """The kernel of least squared error [K, K]: where the gradient on all patches is 0."""
        left, right = self.left.double().mean(0), self.right.double().mean(0)
        kernel: Tensor = torch.linalg.solve(left, right).float()
        return kernel.view(math.isqrt(len(right)), -1)


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


def learn_kernel(study: DoublingStudy, equations: Equations, epochs: int, seed: int) -> Tensor:
    """The kernel [K, K] of a transposed convolution, from random weights by gradient descent.

    The gradient of a batch is taken from its equations, and is the one that the layer and its loss would give.
    """
    torch.manual_seed(seed)
    count, size = len(equations.right), math.isqrt(equations.right.shape[1])
    kernel = nn.Parameter(nn.ConvTranspose2d(1, 1, size, 2, size // 2 - 1, bias=False).weight.detach()[0, 0].clone())
    optimizer = torch.optim.Adam([kernel], study.learning_rate)
    steps = epochs * -(-count // study.batch_size)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    order = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for chosen in torch.randperm(count, generator=order).split(study.batch_size):
            kernel.grad = equations.gradient(kernel.detach(), chosen)
            optimizer.step()
            falling.step()
    return kernel.detach()


def _scores(enlarge: Callable[[Images], Images]) -> dict[str, float]:
    scores = {}
    for name in HELD_OUT:
        original = photograph(name)[None].float() / 255
        inner = (..., slice(EDGE, -EDGE), slice(EDGE, -EDGE))
        scores[name] = psnr(enlarge(halve(original))[inner], original[inner]).item()
    return scores


EXPERIMENTS = (CheckerboardStudy("checkerboards"), DoublingStudy("doubling"))

"""Walking in the code: interpolating between two, changing one number, drawing new ones, looking at many in a plane."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from convae.arithmetic.shapes import MOST, check_whole
from convae.models.modes import modes_kept
from convae.tensors import check_finite, check_floating, check_set, check_tensor

if TYPE_CHECKING:
    from convae.data import ImageSet
    from convae.models import Autoencoder
    from convae.tensors import Codes

__all__ = [
    "Quantizer",
    "effective_dimension",
    "encode_all",
    "interpolate",
    "neighbours",
    "neighbours_kept",
    "project",
    "quantizer",
    "sample",
    "traverse",
    "variances",
]

NEARLY_PARALLEL = 1e-3  # radians; closer than this the spherical path is the straight one to float32's precision


@torch.no_grad()
def encode_all(model: Autoencoder, images: ImageSet, batch_size: int = 1000) -> Codes:
    """The codes of a whole set [N, ...], on the CPU, in evaluation mode.

    Raises:
        ValueError: no pictures.
    """
    check_set(images)
    if not len(images):
        raise ValueError("a set of 0 pictures has no codes: give at least 1")
    with modes_kept(model):
        model.eval()
        return torch.cat([model.encode(batch.images).cpu() for batch in images.batches(batch_size)])


def interpolate(first: Tensor, second: Tensor, weights: Tensor, spherical: bool = False) -> Tensor:
    """Points on the way between two codes, or two pictures: (1 − t) a + t b; t may leave [0, 1].

    Args:
        first: Any shape: [...].
        second: The same shape.
        weights: The t of each point, [T]. Equation 3 of [robledo2021] takes `torch.arange(1, 11) / 10`.
        spherical: Turn from one direction to the other at an even pace instead, while the length changes evenly
            [shoemake1985animating, white2016sampling].

    Returns:
        [T, ...].

    Raises:
        ValueError: two shapes, codes of whole numbers, which would round the weights, weights that are no row of
            numbers, or a spherical path from, to or through the origin.
    """
    for values, what in ((first, "codes"), (second, "codes"), (weights, "weights")):
        check_tensor(values, what)
    if first.shape != second.shape:
        raise ValueError(
            f"codes of shape {tuple(first.shape)} and {tuple(second.shape)}: interpolate between two of one shape"
        )
    check_floating(first, "codes")
    if weights.ndim != 1:
        raise ValueError(f"weights of shape {tuple(weights.shape)}: give them in a row, torch.linspace(0, 1, 11)")
    t: Tensor = weights.to(first).view(-1, *[1] * first.ndim)
    if not spherical:
        return (1 - t) * first + t * second
    lengths = first.norm(), second.norm()
    if not (lengths[0] and lengths[1]):
        raise ValueError("a code of zeros has no direction: interpolate linearly")
    one, other = first / lengths[0], second / lengths[1]
    angle = torch.arccos((one * other).sum().clamp(-1, 1))
    if angle < NEARLY_PARALLEL:
        return (1 - t) * first + t * second
    if math.pi - angle < NEARLY_PARALLEL:
        raise ValueError(
            "the two codes point in opposite directions, which no shortest turn joins: interpolate linearly"
        )
    length = (1 - t) * lengths[0] + t * lengths[1]
    direction = (torch.sin((1 - t) * angle) * one + torch.sin(t * angle) * other) / torch.sin(angle)
    path: Tensor = length * direction
    return path


def traverse(code: Tensor, index: int, values: Tensor) -> Codes:
    """Copies of one code [...] that differ in one number: its flat `index` takes each of some values [T].

    Returns:
        [T, ...].

    Raises:
        ValueError: no such number, values that are no row, or a code of whole ones, which would round the values.
    """
    check_floating(code, "codes")
    if not 0 <= index < code.numel():
        raise ValueError(f"number {index} of a code of {code.numel()}: give one from 0 to {code.numel() - 1}")
    check_tensor(values, "values")
    if values.ndim != 1:
        raise ValueError(f"values of shape {tuple(values.shape)}: give them in a row, torch.linspace(-3, 3, 7)")
    codes = code.flatten().repeat(len(values), 1)
    codes[:, index] = values.to(code)
    return codes.view(-1, *code.shape)


def sample(codes: Codes, count: int, components: int = 1, seed: int = 0) -> Codes:
    """New codes from a mixture of Gaussians fitted to some codes by expectation and maximisation (scikit-learn's).

    Args:
        codes: [N, ...].
        components: Gaussians in the mixture, each with its own covariance.

    Returns:
        [count, ...].

    Raises:
        ValueError: fewer codes than a Gaussian of each component needs to have a spread, or none asked for, or more
            than a million.
    """
    check_tensor(codes, "codes")
    check_whole(1, components=components)
    if len(codes) < 2 * components:
        raise ValueError(f"{components} Gaussians for {len(codes)} codes: give 2 codes for each")
    check_whole(1, MOST, count=count)
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(components, random_state=seed).fit(codes.flatten(1).double().numpy())
    drawn, _ = mixture.sample(count)  # component by component, so they are shuffled
    order = np.random.default_rng(seed).permutation(count)
    return torch.from_numpy(drawn[order]).float().view(count, *codes.shape[1:])


def project(codes: Codes, method: str = "pca", perplexity: float = 30, seed: int | None = None) -> Tensor:
    """Each code as a point in the plane, [N, 2]: "pca" or "tsne" [maaten2008visualizing].

    PCA is a shadow: distances can only shrink. t-SNE looks after the nearest neighbours, and after nothing else: sizes
    of clusters and gaps between them depend on the perplexity, and where a cluster lies on the start.

    Args:
        perplexity: Of t-SNE: about how many neighbours each code has to look after.
        seed: Of t-SNE's start. None starts from the plane of PCA, which leaves nothing to chance; a number from points
            thrown at random.

    Raises:
        ValueError: fewer than 32 codes, another method, or a perplexity that is not between 1 and the number of codes.
    """
    check_tensor(codes, "codes")
    if len(codes) < 32:
        raise ValueError(f"{len(codes)} codes: t-SNE's neighbours, and a plane worth a look, need at least 32")
    if not 1 <= perplexity < len(codes):
        raise ValueError(f"a perplexity of {perplexity} for {len(codes)} codes: give 1 or more, and fewer than codes")
    rows = codes.flatten(1).numpy()
    if method == "pca":
        from sklearn.decomposition import PCA

        points = PCA(2, svd_solver="full").fit_transform(rows)
    elif method == "tsne":
        from sklearn.manifold import TSNE

        start, number = ("pca", 0) if seed is None else ("random", seed)  # PCA's approximation draws numbers, too
        points = TSNE(2, perplexity=perplexity, init=start, random_state=number).fit_transform(rows)
    else:
        raise ValueError(f"no projection is called {method!r}: there are pca, tsne")
    return torch.from_numpy(np.ascontiguousarray(points, dtype=np.float32))


def neighbours(codes: Codes, count: int = 10) -> Tensor:
    """Which others are nearest to each code, by Euclidean distance, the nearest first: [N, count].

    Raises:
        ValueError: no more codes than neighbours.
    """
    check_tensor(codes, "codes")
    check_finite(codes, "codes")
    check_whole(1, count=count)
    if len(codes) <= count:
        raise ValueError(f"{count} neighbours among {len(codes)} codes: give at least {count + 1}")
    rows = codes.flatten(1).double()
    return torch.cdist(rows, rows).fill_diagonal_(math.inf).topk(count, largest=False).indices


def neighbours_kept(codes: Codes, points: Tensor, count: int = 10) -> Tensor:
    """Share of each code's nearest others that are still among the nearest of its point, [N].

    Points that have nothing to do with the codes keep count / (N − 1) by chance.

    Raises:
        ValueError: another number of points, or no more codes than neighbours.
    """
    if len(codes) != len(points):
        raise ValueError(f"{len(points)} points for {len(codes)} codes: give each code its point")
    near, drawn = neighbours(codes, count), neighbours(points, count)
    return (near[:, :, None] == drawn[:, None]).any(2).double().mean(1)


def effective_dimension(codes: Codes) -> float:
    """Participation ratio (Σ λ)² / Σ λ² of the covariance's eigenvalues: 1 on a line, K in a round cloud of K numbers.

    Raises:
        ValueError: fewer than two codes, or all the same.
    """
    spectrum = variances(codes)
    if spectrum.sum() == 0:
        raise ValueError("all codes are the same: there is no dimension to count")
    return float(spectrum.sum().square() / spectrum.square().sum())


def variances(codes: Codes) -> Tensor:
    """Variances along the principal axes of some codes, the largest first, [K].

    Raises:
        ValueError: fewer than two codes, or NaN or infinity in them.
    """
    check_tensor(codes, "codes")
    if len(codes) < 2:
        raise ValueError(f"{len(codes)} code has no spread: give at least 2")
    check_finite(codes, "codes")
    spectrum: Tensor = torch.linalg.eigvalsh(codes.flatten(1).double().T.cov()).flip(0).clamp(min=0)
    return spectrum


@dataclass(frozen=True)
class Quantizer:
    """Codes in steps, and how often training codes took each step.

    Args:
        low: Where the first step of each number begins, [K].
        step: How wide its steps are, [K].
        levels: How many it has, [K].
        values: What stands for each step, the mean of the training codes in it, [K, most levels].
        counts: How many training codes lie in it, [K, most levels].
    """

    low: Tensor
    step: Tensor
    levels: Tensor
    values: Tensor
    counts: Tensor

    def symbols(self, codes: Codes) -> Tensor:
        """The number of the step of each number, from 0; what lies outside takes the outermost, int64 [N, K]."""
        _check_flat(codes, "codes", len(self.low))
        places = ((codes.double() - self.low) / self.step).floor().long()
        return places.clamp(min=0).minimum(self.levels - 1)

    def decode(self, symbols: Tensor) -> Codes:
        """What stands for them, [N, K]."""
        return self.values.gather(1, symbols.T).T

    def bits(self, symbols: Tensor) -> Tensor:
        """Σ −log₂ p over the numbers of each code [N], p being a step's share of the training codes, one added to each.

        An arithmetic coder that knows these shares and takes the numbers one by one needs as much, but for a few bits
        at the end: an upper bound, since it knows nothing of how the numbers depend on each other.
        """
        inside = torch.arange(self.counts.shape[1], device=self.counts.device) < self.levels[:, None]
        shares = (self.counts + inside) / (self.counts + inside).sum(1, keepdim=True)
        return -shares.log2().gather(1, symbols.T).sum(0)


def quantizer(codes: Codes, bits: int | None = None, step: float | None = None, around_zero: bool = False) -> Quantizer:
    """Equal steps for each number, fitted on training codes.

    Args:
        codes: [N, K].
        bits: 2^bits steps for each number, from the smallest training code to the largest, 1 to 16.
        step: One width for all numbers: those that differ most get most steps, those that differ by less than this get
            none, as the optimum for independent normal numbers has it, "reverse water-filling".
        around_zero: Whether 0 is the middle of such a step, in place of the middle of the range that of all steps.

    Raises:
        ValueError: neither or both of bits and step, one of them out of its range, or codes that are no table.
    """
    _check_flat(codes, "codes")
    if (bits is None) == (step is None):
        raise ValueError(f"bits is {bits} and step is {step}: give one of them")
    if bits is not None:
        check_whole(1, 16, bits=bits)
    if step is not None and not 0 < step < math.inf:
        raise ValueError(f"step is {step}: give a width above 0")
    wide = codes.double()
    low, high = wide.amin(0), wide.amax(0)
    if bits is None:
        width = torch.full_like(low, float(step or 0))
        levels = ((high - low) / width).floor().long() + 1
        if levels.max() > MOST_LEVELS:
            raise ValueError(f"a step of {step} makes {levels.max()} of one number: {MOST_LEVELS:,} are the most")
        if around_zero:
            half = (torch.maximum(high, -low) / width).round().long()
            low, levels = -(half + 0.5) * width, 2 * half + 1
        else:
            low = (low + high - levels * width) / 2
    else:
        levels = torch.full(low.shape, 2**bits, dtype=torch.int64, device=low.device)
        width = ((high - low) / 2**bits).clamp(min=torch.finfo(torch.float64).tiny)
    most = int(levels.max())
    places = ((wide - low) / width).floor().long().clamp(min=0).minimum(levels - 1).T  # [K, N]
    counts = torch.zeros(len(low), most, dtype=torch.float64, device=low.device)
    counts.scatter_add_(1, places, torch.ones_like(wide.T))
    sums = torch.zeros_like(counts).scatter_add_(1, places, wide.T)
    middles = low[:, None] + (torch.arange(most, device=low.device) + 0.5) * width[:, None]
    values = torch.where(counts > 0, sums / counts.clamp(min=1), middles)
    return Quantizer(low, width, levels, values, counts)


MOST_LEVELS = 2**16


def _check_flat(codes: Codes, name: str, numbers: int | None = None) -> None:
    check_tensor(codes, name)
    check_floating(codes, name)
    check_finite(codes, name)
    if codes.dim() != 2 or not codes.numel() or numbers not in (None, codes.shape[1]):
        raise ValueError(
            f"{name} have shape {tuple(codes.shape)}: give [N, {numbers or 'K'}], one code a row, at least one"
        )

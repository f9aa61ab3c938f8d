"""How far sets of pictures, or of codes, are from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from convae.tensors import check_finite, check_floating

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["frechet", "nearest"]


def frechet(first: Tensor, second: Tensor) -> float:
    """Squared Fréchet distance between normal distributions with the means and covariances of two sets of features.

    ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½) [dowson1982frechet]; in the features of a classifier it compares sets of
    pictures [heusel2017gans]. It grows as the sets get smaller: compare only distances of equal numbers of pictures.

    Args:
        first: [N, F].
        second: [M, F].

    Raises:
        ValueError: no rows of one length, no more rows than features, which leaves directions without a spread, or NaN
            or infinity.
    """
    check_floating(first, "features")
    check_floating(second, "features")
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        raise ValueError(
            f"features of shape {tuple(first.shape)} and {tuple(second.shape)}: give [N, F] and [M, F], of one F"
        )
    if min(len(first), len(second)) <= first.shape[1]:
        raise ValueError(
            f"{min(len(first), len(second))} rows of {first.shape[1]} features: "
            "a covariance needs more rows than features"
        )
    check_finite(first, "features")
    check_finite(second, "features")
    one, other = first.double(), second.double()
    spreads = [torch.atleast_2d(each.T.cov()) for each in (one, other)]
    values, vectors = torch.linalg.eigh(spreads[0])
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    # Σ₁^½ Σ₂ Σ₁^½ is symmetric, and has the eigenvalues of Σ₁Σ₂.
    shared = torch.linalg.eigvalsh(root @ spreads[1] @ root).clamp(min=0).sqrt().sum()
    squared = (one.mean(0) - other.mean(0)).square().sum() + values.sum() + spreads[1].trace() - 2 * shared
    return max(0.0, float(squared))


def nearest(queries: Tensor, references: Tensor, chunk: int = 1000) -> tuple[Tensor, Tensor]:
    """The nearest of some references to each query, by Euclidean distance over all numbers.

    Args:
        queries: [N, ...].
        references: [M, ...], of the same shape behind the first axis.

    Returns:
        Distances [N], and positions among the references [N].

    Raises:
        ValueError: other shapes, nothing to compare with, or NaN or infinity.
    """
    check_floating(queries, "queries")
    check_floating(references, "references")
    if queries.shape[1:] != references.shape[1:] or not len(queries) or not len(references):
        raise ValueError(
            f"queries of shape {tuple(queries.shape)}, references of {tuple(references.shape)}: "
            "give some of each, of one shape behind the first axis"
        )
    check_finite(queries, "queries")
    check_finite(references, "references")
    rows = references.flatten(1)
    found = [torch.cdist(part, rows).min(1) for part in queries.flatten(1).split(chunk)]
    return torch.cat([part.values for part in found]), torch.cat([part.indices for part in found])

"""Distances between sets, against SciPy and brute force."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist

from convae.measures.distances import frechet, nearest


def cloud(seed, count, size):
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(size, size, generator=generator)
    return torch.randn(count, size, generator=generator) @ mixing + torch.randn(size, generator=generator)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 8))
def test_the_formula_with_scipys_matrix_root(seed, size):
    first, second = cloud(seed, 60, size).double(), cloud(seed + 1, 90, size).double()
    one, other = (np.atleast_2d(np.cov(each.numpy().T)) for each in (first, second))
    mean = (first.mean(0) - second.mean(0)).square().sum().item()
    expected = mean + np.trace(one + other - 2 * sqrtm(one @ other).real)
    assert frechet(first, second) == pytest.approx(expected, rel=1e-6, abs=1e-8)
    assert frechet(second, first) == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_known_distances():
    first = cloud(0, 500, 4)
    assert frechet(first, first) == pytest.approx(0, abs=1e-4)
    assert frechet(first, first + torch.tensor([3.0, 4, 0, 0])) == pytest.approx(25, rel=1e-4)
    line = torch.randn(200_000, 1, generator=torch.Generator().manual_seed(1))
    assert frechet(line, 3 * line) == pytest.approx(4, abs=0.05)  # (3 − 1)² between the deviations


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (torch.ones(9, 3), torch.ones(9, 2), r"give \[N, F\] and \[M, F\]"),
        (torch.ones(9, 3, 1), torch.ones(9, 3, 1), r"give \[N, F\]"),
        (torch.ones(3, 3), torch.ones(9, 3), "3 rows of 3 features: a covariance needs more rows than features"),
    ],
)
def test_sets_without_a_distance(first, second, message):
    with pytest.raises(ValueError, match=message):
        frechet(first, second)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 30), others=st.integers(1, 30), chunk=st.integers(1, 40))
def test_the_nearest_by_brute_force(seed, count, others, chunk):
    generator = torch.Generator().manual_seed(seed)
    queries, references = (
        torch.rand(count, 1, 3, 4, generator=generator),
        torch.rand(others, 1, 3, 4, generator=generator),
    )
    distances, positions = nearest(queries, references, chunk)
    expected = cdist(queries.flatten(1), references.flatten(1))
    np.testing.assert_allclose(distances, expected.min(1), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(expected[np.arange(count), positions], expected.min(1), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("distance", [frechet, nearest])
def test_what_is_no_number_has_no_distance(distance):
    whole = cloud(0, 9, 3)
    torn = whole.clone()
    torn[4, 1] = float("nan")
    for pair in ((torn, whole), (whole, torn)):
        with pytest.raises(ValueError, match="1 of 9 hold NaN or infinity, number 4 first"):
            distance(*pair)


def test_nothing_to_compare_with():
    for queries, references in [(torch.ones(2, 3), torch.ones(2, 4)), (torch.ones(2, 3), torch.ones(0, 3))]:
        with pytest.raises(ValueError, match="give some of each"):
            nearest(queries, references)

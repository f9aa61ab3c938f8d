"""Verdicts on super-resolution turn with the errors of the nets and of doing nothing."""

import pytest

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED

SEEDS = [0.0030, 0.0031, 0.0032, 0.0031, 0.0030]
BETTER, ALIKE, WORSE = 0.0020, 0.0031, 0.0050


@pytest.mark.parametrize(
    ("two", "four", "verdict"),
    [
        (WORSE, BETTER, HOLDS),
        (WORSE, ALIKE, IN_PART),
        (ALIKE, BETTER, IN_PART),
        (ALIKE, WORSE, FAILS),
        (BETTER, ALIKE, FAILS),
        (ALIKE, ALIKE, UNDECIDED),
    ],
)
def test_deeper(two, four, verdict):
    errors = {"utec-2": [two], "utec-3": SEEDS, "utec-4": [four], "utec-2-code-512": [two], "utec-4-code-512": [four]}
    finding = claims.utec_deeper(errors)
    assert finding.verdict == verdict
    assert finding.figures["2, 3, 4 layers with the authors’ codes, test MSE"] == f"{two:.5f}, 0.00308, {four:.5f}"


def rows(short, long):
    table = {f"{factor}/bicubic": {"mse": [0.001 * factor, 0, 0, 8]} for factor in (2, 3, 4, 8)}
    table["4/bicubic-0.75"] = {"mse": [0.0039, 0, 0, 8]}
    for name, ahead in (("utec-3", short), ("utec-4", long)):
        table[f"4/{name}"] = {"mse": [0.003, 0, 0, 8], "ahead": [ahead, ahead - 0.1, ahead + 0.1, 8]}
    return table


@pytest.mark.parametrize(
    ("short", "long", "verdict"), [(0.5, 0.6, HOLDS), (-0.5, 0.6, IN_PART), (-0.5, -0.05, FAILS), (0.05, 0.5, IN_PART)]
)
def test_transforms(short, long, verdict):
    finding = claims.utec_transforms(rows(short, long))
    assert finding.verdict == verdict
    assert "0.0020, 0.0030, 0.0040, 0.0080" in finding.figures.values()


@pytest.mark.parametrize(
    ("others", "verdict"),
    [((WORSE, BETTER, WORSE, BETTER), HOLDS), ((WORSE, ALIKE, ALIKE, ALIKE), IN_PART), ((ALIKE,) * 4, FAILS)],
)
def test_kernels(others, verdict):
    names = ("utec-kernel-6-3", "utec-kernel-6-4", "utec-half", "utec-twice")
    errors = {"utec-3": SEEDS} | {name: [value] for name, value in zip(names, others, strict=True)}
    assert claims.utec_kernels(errors).verdict == verdict


def test_the_largest_change_of_a_kernel_is_named():
    errors = {"utec-3": SEEDS, "utec-kernel-6-3": [ALIKE], "utec-kernel-6-4": [WORSE], "utec-half": [0.0032]}
    assert "the largest change is kernel 6, stride 4" in claims.utec_kernels(errors).reason


@pytest.mark.parametrize(
    ("tanh", "sigmoid", "verdict"), [(WORSE, WORSE, HOLDS), (ALIKE, WORSE, IN_PART), (BETTER, ALIKE, FAILS)]
)
def test_relu(tanh, sigmoid, verdict):
    errors = {"utec-3": SEEDS, "utec-tanh": [tanh], "utec-sigmoid": [sigmoid], "utec-leaky-relu": [ALIKE]}
    assert claims.utec_relu(errors).verdict == verdict


def test_kernel_six_fits_at_the_authors_size_with_either_stride():
    assert claims.utec_kernel_six().verdict == HOLDS
    assert claims.utec_kernel_six(64).verdict == IN_PART  # only stride 4
    assert "only 4 comes back" in claims.utec_kernel_six(64).reason
    assert claims.utec_kernel_six(100).verdict == FAILS

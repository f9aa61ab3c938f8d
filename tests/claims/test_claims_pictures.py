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
    finding = claims.utec_deeper(depths(two, four))
    assert finding.verdict == verdict
    assert f"{two:.5f}, 0.00308, {four:.5f}" in finding.figures.values()


def depths(two, four, long=ALIKE):
    alike = {"utec-2-code-512": [two], "utec-4-code-512": [four]}
    return {"utec-2": [two], "utec-3": SEEDS, "utec-4": [four], "utec-4-long": [long]} | alike


@pytest.mark.parametrize(("long", "said"), [(BETTER, "better than"), (ALIKE, "not told from"), (WORSE, "worse than")])
def test_sixty_epochs_do_not_decide_about_depth(long, said):
    finding = claims.utec_deeper(depths(ALIKE, ALIKE, long))
    assert finding.verdict == UNDECIDED
    assert finding.reason.endswith(f"so repeated, four are {said} three.")


def rows(three, four, long):
    table = {f"{factor}/bicubic": {"mse": [0.001 * factor, 0, 0, 8]} for factor in (2, 3, 4, 8)}
    table["4/bicubic"]["photographs"] = [24, 29] * 4
    table["4/bicubic-0.75"] = {"photographs": [25, 30] * 4}  # the better one is the bar
    for name, ahead in (("utec-3", three), ("utec-4", four), ("utec-4-long", long)):
        table[f"4/{name}"] = {
            "mse": [0.003, 0, 0, 8],
            "ahead": [ahead, ahead - 0.1, ahead + 0.1, 8],
            "photographs": [25 + ahead, 30 + ahead] * 4,
        }
    return table


@pytest.mark.parametrize(
    ("three", "four", "long", "verdict"),
    [
        (0.5, 0.6, 0.7, HOLDS),
        (-0.5, -0.6, 0.6, IN_PART),
        (-0.5, -0.05, -0.2, FAILS),
        (0.05, 0.5, 0.5, IN_PART),
        (0.5, 0.5, 0.05, IN_PART),
        (-0.05, 0.05, 0.05, UNDECIDED),
    ],
)
def test_transforms(three, four, long, verdict):
    finding = claims.utec_transforms(rows(three, four, long))
    assert finding.verdict == verdict
    assert "0.0020, 0.0030, 0.0040, 0.0080" in finding.figures.values()


def test_one_photograph_alone_makes_no_net_worse():
    table = rows(0, 0, -0.5)
    table["4/utec-4-long"]["photographs"] = [21, 30.1] + [25, 30.1] * 3
    finding = claims.utec_transforms(table)
    assert finding.verdict == UNDECIDED
    assert "above it on 4 of 8 photographs" in "".join(finding.figures.values())


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

"""What turns the claims on the dense autoencoder: each verdict of each rule, by other figures."""

import torch

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED
from convae.claims.marsiglione import REPORTED, UNITS
from convae.experiments import STUDIES
from convae.experiments.dense_autoencoder import COARSE, STEPS

LONGER, SIZES = STUDIES["dense-grid-longer"], STUDIES["dense-sizes"]
SEEDS = torch.tensor([0.0, 1e-4, -1e-4], dtype=torch.float64)
VALUES = torch.tensor(STEPS, dtype=torch.float64)


def reached(last, *, before=0.1):
    """The 361 nets, one of which has such an error after five epochs, and another one after each epoch before."""
    errors = torch.full((19, 19, 3, 6), 0.1, dtype=torch.float64)
    errors[-1, -1, :, 1:5] = before
    errors[-1, -1, :, 5] = last
    return claims.marsiglione_two_to_five(errors)


def promising(always, *, later=0.03):
    """Nets that are at 0.08 after ten epochs, and later at this."""
    errors = torch.full((5, 5, len(LONGER.told)), 0.08)
    errors[0, 0, LONGER.told.index(150)] = later
    errors[1:, :, LONGER.told.index(150)] = errors[0, 1:, LONGER.told.index(150)] = 0.03
    errors[..., LONGER.told.index(149)] = errors[..., LONGER.told.index(150)]  # none falls at last
    return claims.marsiglione_promising(errors, always)


def absolute(*values):
    """Nets with a mean squared error of .04 throughout, and such absolute errors."""
    row = {"test": [0.04] * len(SIZES.told), "absolute": values}
    return claims.marsiglione_absolute({"512/0": row})


def larger(change):
    """Errors that change by so much from step to step, [19, 19, 3]."""
    down = -torch.arange(19.0, dtype=torch.float64)
    return claims.marsiglione_larger((10 + down[:, None] * change[0] + down * change[1])[..., None] + SEEDS)


def convention(above):
    """Learning rates above 1 with such an error, where one below has .05."""
    rows = {
        f"{arm}/{rate}": {"test": [0.2] * 10 + [error]}
        for arm in ("the report's", "no momentum")
        for rate, error in ((0.5, 0.06), (0.95, 0.05), (5, above), (10, 0.2))
    }
    return claims.marsiglione_convention(rows, [0.02, 0.021])


def independent(errors):
    """Such errors of three seeds."""
    return claims.marsiglione_independent(errors[..., None] * (1 + 10 * SEEDS))


def confirmed(best):
    """24 nets with an error of .02, the last one with this."""
    errors = torch.full((len(COARSE), len(COARSE)), 0.02)
    errors[-1, -1] = best
    return claims.marsiglione_confirmed(errors, [0.01, 0.012])


def units(*errors):
    """Mean errors of nets with more and more units."""
    return claims.marsiglione_units(
        {each: [error + shift for shift in SEEDS.tolist()] for each, error in zip(UNITS, errors, strict=True)}
    )


def harder(*seeds):
    """What an epoch gains in each of the last stretches, with each seed."""
    ends = [epoch for epoch in SIZES.told if epoch >= 10]
    curves = []
    for gains in seeds:
        errors = [20.0]
        for gain, first, second in zip(gains, ends, ends[1:], strict=False):
            errors.append(errors[-1] - gain * (second - first) / 1000)
        curves.append([21.0] * (len(SIZES.told) - len(ends)) + errors)
    return claims.marsiglione_harder(curves)


def eye(large, small):
    """Of 10,000 pictures so many known again from 512 units' and from all others'."""
    known = {f"{each}": {"count": 10_000, "own": [100, 100, large if each == 512 else small]} for each in UNITS}
    rows = {f"{each}/0": {"named": [1000] * 4} for each in UNITS}
    return claims.marsiglione_eye(known, {"pixels": {"count": 10_000, "named": 9900}} | rows)


def picture(*fitting, labels=(4, 8, 8, 1, 8, 3), others=3):
    """Pictures near 485, those at these places with the reported errors, and test eights with so many times these."""
    reported = torch.tensor(list(REPORTED.values()), dtype=torch.float64)[:, None]
    near = 2 * reported.repeat(1, 6)
    near[:, list(fitting)] /= 2
    return claims.marsiglione_485(labels, near, others * reported.repeat(1, 10))


def entropies(binary):
    """Nets trained by the binary cross-entropy have this error, the mean picture .07."""
    rows = {f"{arm}/1": {"test": [0.2, end]} for arm, end in {"the report's": 0.03, "cross-entropy": binary}.items()}
    softmax = {"softmax/1": {"test": [0.2, 0.1]}}
    return claims.marsiglione_cross_entropy(rows | softmax, 0.07, softmax)


def dropout(*factors):
    """A layer that multiplies by the first of these in training and by the second in use."""
    layer = torch.nn.Identity()
    layer.register_forward_hook(lambda module, given, output: output * factors[0 if module.training else 1])
    return claims.marsiglione_dropout(layer)


FALLING = VALUES.pow(-0.5)
STEEP = (VALUES[:, None] / (1 - VALUES)).pow(-0.3)
TURNED = torch.where(VALUES[:, None] > 0.5, 2 - VALUES, 1 + VALUES)
TURNS = {
    "marsiglione_start": {
        HOLDS: lambda: claims.marsiglione_start([0.21, 0.24]),
        IN_PART: lambda: claims.marsiglione_start([0.21, 0.26]),
        FAILS: lambda: claims.marsiglione_start([0.19, 0.26]),
    },
    "marsiglione_ten_epochs": {
        HOLDS: lambda: claims.marsiglione_ten_epochs(torch.tensor([[0.08, 0.07], [0.084, 0.2]])),
        FAILS: lambda: claims.marsiglione_ten_epochs(torch.tensor([[0.08, 0.09], [0.1, 0.2]])),
    },
    "marsiglione_two_to_five": {
        HOLDS: lambda: reached(0.08),
        IN_PART: lambda: reached(0.08, before=0.08),
        FAILS: lambda: reached(0.09),
    },
    "marsiglione_promising": {
        HOLDS: lambda: promising(0.09),
        IN_PART: lambda: promising(0.07),
        FAILS: lambda: promising(0.07, later=0.075),
    },
    "marsiglione_absolute": {
        HOLDS: lambda: absolute(0.2, 0.199, 0.198),
        IN_PART: lambda: absolute(0.2, 0.15, 0.1),
        FAILS: lambda: absolute(0.1, 0.2, 0.2),
    },
    "marsiglione_larger": {
        HOLDS: lambda: larger((0.1, 0.1)),
        IN_PART: lambda: larger((torch.linspace(0.1, 0.4, 19, dtype=torch.float64).flip(0)[:, None] * 0.1, 0.1)),
        FAILS: lambda: larger((-0.1, -0.1)),
    },
    "marsiglione_convention": {
        IN_PART: lambda: convention(0.03),
        HOLDS: lambda: convention(0.07),
        UNDECIDED: lambda: convention(0.0505),
    },
    "marsiglione_independent": {
        HOLDS: lambda: independent(FALLING[:, None] * FALLING),
        IN_PART: lambda: independent(FALLING[:, None] * torch.ones_like(FALLING)),
        FAILS: lambda: independent(TURNED),
    },
    "marsiglione_confirmed": {
        HOLDS: lambda: confirmed(0.01),
        FAILS: lambda: confirmed(0.03),
        UNDECIDED: lambda: confirmed(0.019),
    },
    "marsiglione_units": {
        HOLDS: lambda: units(0.05, 0.03, 0.02, 0.015),
        IN_PART: lambda: units(0.05, 0.03, 0.02, 0.005),
        FAILS: lambda: units(0.05, 0.03, 0.02, 0.025),
        UNDECIDED: lambda: units(0.02, 0.02, 0.02, 0.02),
    },
    "marsiglione_harder": {
        HOLDS: lambda: harder((8, 7, 6, 5, 4, 3, 2, 1), (8, 7, 6, 5, 4, 3, 2, 1)),
        IN_PART: lambda: harder((8, 7, 6, 7, 8, 9, 10, 11), (8, 7, 6, 7, 8, 9, 10, 11)),
        FAILS: lambda: harder((1, 2, 3, 4, 5, 6, 7, 8), (1, 2, 3, 4, 5, 6, 7, 8)),
        UNDECIDED: lambda: harder((3, 1, 3, 1, 3, 1, 3, 1), (1, 3, 1, 3, 1, 3, 1, 3)),
    },
    "marsiglione_eye": {
        HOLDS: lambda: eye(9850, 9000),
        IN_PART: lambda: eye(9850, 9850),
        FAILS: lambda: eye(9500, 9500),
    },
    "marsiglione_485": {
        HOLDS: lambda: picture(1),
        FAILS: lambda: picture(4, labels=(4, 0, 8, 1, 8, 3)),
        UNDECIDED: lambda: picture(2, others=1),
    },
    "marsiglione_dropout": {
        HOLDS: lambda: dropout(1, 1),
        IN_PART: lambda: dropout(1.1, 1),
        FAILS: lambda: dropout(1.1, 1.2),
    },
    "marsiglione_cross_entropy": {
        HOLDS: lambda: entropies(0.04),
        FAILS: lambda: entropies(0.08),
    },
    "marsiglione_range": {
        HOLDS: claims.marsiglione_range,
        FAILS: lambda: claims.marsiglione_range(lambda levels: torch.from_numpy(levels).float()),
    },
}

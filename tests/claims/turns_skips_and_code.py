"""What turns the claims about the settings of the source's net: each verdict of each rule, by other figures."""

from functools import partial

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED

SEEDS = [0.0030, 0.0031, 0.0032, 0.0031, 0.0030]
BETTER, ALIKE, WORSE = 0.0020, 0.0031, 0.0050


def kernels(six, other_six, two=ALIKE, half=ALIKE, twice=ALIKE, seeds=SEEDS):
    """Errors after changes of the kernels, against the seeds of the base."""
    errors = {"utec-kernel-2": two, "utec-half": half, "utec-twice": twice}
    errors |= {"utec-kernel-6-3": six, "utec-kernel-6-4": other_six}
    return claims.utec_kernels({"utec-3": seeds} | {name: [error] for name, error in errors.items()})


def relu(tanh, sigmoid, falling=0.005, tuned=()):
    """Errors with other activations, against the seeds of ReLU; the last epoch took so much off each training error."""
    errors = {"utec-tanh": tanh, "utec-sigmoid": sigmoid, "utec-leaky-relu": ALIKE}
    return claims.utec_relu(
        {"utec-3": SEEDS} | {name: [error] for name, error in errors.items()},
        dict.fromkeys(("utec-3", "utec-tanh", "utec-sigmoid"), falling),
        tuned,
    )


TURNS = {
    "utec_kernels": {
        HOLDS: partial(kernels, ALIKE, ALIKE, WORSE),
        FAILS: partial(kernels, ALIKE, ALIKE),
        UNDECIDED: partial(kernels, WORSE, BETTER),
    },
    "utec_kernel_six": {SLIP: claims.utec_kernel_six, HOLDS: partial(claims.utec_kernel_six, 3)},
    "utec_relu": {
        HOLDS: partial(relu, WORSE, WORSE, tuned=("utec-tanh", "utec-sigmoid")),
        IN_PART: partial(relu, WORSE, WORSE),
        FAILS: partial(relu, BETTER, WORSE),
        UNDECIDED: partial(relu, ALIKE, WORSE),
    },
    "utec_exhaustive": {
        HOLDS: lambda: claims.utec_exhaustive({"layers": ("three errors", 3), "normalisation": ("two errors", 2)}),
        UNDECIDED: claims.utec_exhaustive,
    },
}

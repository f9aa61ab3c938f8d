"""What turns the claims on rate and distortion: each verdict of each rule, by other figures."""

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED
from convae.experiments.rate_and_distortion import SIZES


def compresses(*, bits_a_number=4, fewest=10_000):
    """Codes that take so many bits a number, at an error for which a large JPEG takes 2,000 bits, another so many."""
    rows = {f"convolutional/{size}/0/6 bits": {"bits": bits_a_number * size, "mse": 0.01} for size in SIZES}
    files = {f"{name}/sheet": {"bits": 10_000} for name in ("png", "webp")} | {
        "jpeg/10/sheet": {"bits": 2000, "mse": 0.01},
        "jpeg/90/sheet": {"bits": 20_000, "mse": 0.001},
        "webp/10/sheet": {"bits": fewest, "mse": 0.005},
    }
    return claims.calderon_compresses(rows, files)


def powerful(error=0.25):
    """Nets with such an error where PCA has 1."""
    rows, own = {}, error
    for size in SIZES:
        rows |= {
            f"{net}/{size}/0": {"mse": worse * own, "validation": worse * own}
            for net, worse in (("dense", 1.1), ("convolutional", 1))
        }
        rows |= {f"{pca}/{size}": {"mse": 1.0} for pca in ("pca", "pca-stretched")}
        more = [own - 1, own - 1.01, own - 0.99, 100]
        rows |= {f"{net}/{size}": {"over pca": more, "over stretched": more} for net in ("dense", "convolutional")}
    return claims.calderon_more_powerful(rows)


TURNS = {
    "calderon_compresses": {
        HOLDS: compresses,
        IN_PART: lambda: compresses(fewest=500),
        FAILS: lambda: compresses(fewest=5),
    },
    "calderon_more_powerful": {
        HOLDS: powerful,
        IN_PART: lambda: powerful(0.7),
        FAILS: lambda: powerful(1.1),
        UNDECIDED: lambda: powerful(1),
    },
}

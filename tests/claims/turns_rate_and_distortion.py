"""What turns the claims on rate and distortion: each verdict of each rule, by other figures."""

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED
from convae.experiments.rate_and_distortion import SIZES


def compresses(png=9000, bits_a_number=4):
    """A large PNG that takes so many bits a digit, and codes that take so many a number."""
    rows = {f"convolutional/{size}/0/6 bits": {"bits": bits_a_number * size, "mse": 0.01} for size in SIZES}
    files = {f"{name}/sheet": {"bits": png} for name in ("png", "webp")} | {
        f"jpeg/{quality}/sheet": {"bits": 100 * quality, "mse": 0.05 / quality} for quality in (2, 10)
    }
    return claims.calderon_compresses(rows, files)


def powerful(error=0.25, *, few=None):
    """Nets with such an error where PCA has 1, and another one with the fewest numbers."""
    rows = {}
    for size in SIZES:
        own = few if few is not None and size == SIZES[0] else error
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
        IN_PART: lambda: compresses(png=2000),
        FAILS: lambda: compresses(png=50, bits_a_number=32),
    },
    "calderon_more_powerful": {
        HOLDS: powerful,
        IN_PART: lambda: powerful(few=1.1),
        FAILS: lambda: powerful(1.1),
        UNDECIDED: lambda: powerful(1),
    },
}

"""What turns the claims on what an autoencoder is: each verdict of each rule, by other figures."""

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED
from convae.claims.calderon import FEATURES, FEW, LARGE
from convae.measures.intervals import Interval


def interval(mean, margin=0.005):
    return [mean, mean - margin, mean + margin, 10_000]


def features(random=-0.12, pixels=0.01):
    """Shares named from random mixtures and from pixels, less that from the code."""
    rows = {name: {"named": interval(0.87), "more named": interval(0.0)} for name in FEATURES}
    rows["random/32"]["more named"] = interval(random)
    rows["pixels"]["more named"] = interval(pixels)
    return claims.calderon_relevant_features(rows)


def large(times=10.0, named=0.01, more=-0.2):
    """Nets that lose so many times as much of test digits as of their own, with codes that name so much more."""
    rows = {}
    for size in LARGE:
        rows[f"relu/{size}/digits/{FEW}"] = {
            "digits": interval(0.02, 0.0005),
            "own": 0.02 / times,
            "more lost": interval(more),
        }
        rows[f"relu/{size}/digits/0"] = {"more named": interval(named)}
    return rows


TURNS = {
    "calderon_exact_copy": {
        HOLDS: claims.calderon_exact_copy,
        FAILS: lambda: claims.calderon_exact_copy(Interval(-3, -4, -2, 9)),
        UNDECIDED: lambda: claims.calderon_exact_copy(Interval(0, -1, 1, 9)),
    },
    "calderon_relevant_features": {
        HOLDS: features,
        IN_PART: lambda: features(pixels=0.05),
        FAILS: lambda: features(random=0.1),
        UNDECIDED: lambda: features(random=0.0),
    },
    "calderon_primes": {SLIP: claims.calderon_primes, HOLDS: lambda: claims.calderon_primes("x")},
    "calderon_euclidean": {SLIP: claims.calderon_euclidean, HOLDS: lambda: claims.calderon_euclidean(1)},
    "calderon_overcomplete": {
        HOLDS: lambda: claims.calderon_overcomplete(large(named=-0.1)),
        IN_PART: lambda: claims.calderon_overcomplete(large()),
        FAILS: lambda: claims.calderon_overcomplete(large(times=1.1)),
        UNDECIDED: lambda: claims.calderon_overcomplete(large(times=2.0)),
    },
    "calderon_necessary": {
        FAILS: lambda: claims.calderon_necessary(large()),
        UNDECIDED: lambda: claims.calderon_necessary(large(more=0.1)),
    },
}

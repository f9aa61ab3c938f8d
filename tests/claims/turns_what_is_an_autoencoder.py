"""What turns the claims on what an autoencoder is: each verdict of each rule, by other figures."""

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED
from convae.claims.calderon import FEATURES, FEW, LABELS, LARGE
from convae.measures.intervals import Interval


def interval(mean, margin=0.005):
    return [mean, mean - margin, mean + margin, 10_000]


def features(*learnt, pca=0.0):
    """Shares named from the trained code − from the untrained one, told few labels and many; from PCA's − from it."""
    rows = {
        name: {f"named {labels}": interval(0.87) for labels in LABELS} | {"digits": interval(0.25)} for name in FEATURES
    }
    for labels, share in zip(LABELS, learnt, strict=True):
        rows["leaky/32/digits/0/0"][f"learnt named {labels}"] = interval(share)
        rows["pca/32/0"][f"more named {labels}"] = interval(pca)
    return claims.calderon_relevant_features(rows)


RIVALS = {
    f"pca/{kept}/{FEW}": {"own": own, "digits": interval(4 * own)}
    for kept, own in ((32, 0.1), (300, 0.01), (500, 1e-3), (620, 1e-6))
}


def large(lost=0.02, learnt=-0.03, linear=0.02, smaller=0.015):
    """Nets that lose so much of test digits where PCA loses .01, and name so much more than untrained; what linear ones
    lose, and a smaller code."""
    rows = dict(RIVALS)
    for size in LARGE:
        rows[f"leaky/{size}/digits/{FEW}/0"] = {"digits": interval(lost, 0.0005), "own": 0.0025} | {
            f"learnt named {labels}": interval(learnt) for labels in LABELS
        }
        rows[f"linear/{size}/digits/{FEW}/0"] = {"digits": interval(linear, 0.0005), "own": 0.0025}
    rows[f"leaky/32/digits/{FEW}/0"] = {"digits": interval(0.3), "own": 0.09, "validation": 0.3}
    rows[f"leaky/512/digits/{FEW}/0"] = {"digits": interval(smaller, 0.0005), "own": 0.001, "validation": smaller}
    return claims.calderon_overcomplete(rows)


def helped(first, second, best=0.02, own=0.005):
    """What regularised nets lose, of the smaller code and of the larger, of which .02 is lost without; what the best
    size loses; and what the first two lose of their own, where PCA loses four times as much of others."""
    rows = RIVALS | {f"leaky/256/digits/{FEW}/0": {"digits": interval(best, 0.0005), "own": 0.001, "validation": best}}
    for size, lost in zip(LARGE, (first, second), strict=True):
        way = f"leaky noise 0.1/{size}/digits/{FEW}/0"
        rows[f"leaky/{size}/digits/{FEW}/0"] = {"digits": interval(0.02), "own": 0.001, "validation": 0.5}
        rows[way] = {"digits": interval(lost, 0.0005), "own": own}
        rows[f"leaky decay 0.1/{size}/digits/{FEW}/0"] = {"digits": interval(0.5)}
        rows[f"regularised/{size}"] = {"way": way, "more lost": interval(lost - 0.02, 0.001)}
    return claims.calderon_necessary(rows)


TURNS = {
    "calderon_exact_copy": {
        HOLDS: claims.calderon_exact_copy,
        FAILS: lambda: claims.calderon_exact_copy(Interval(-3, -4, -2, 9)),
        UNDECIDED: lambda: claims.calderon_exact_copy(Interval(0, -1, 1, 9)),
    },
    "calderon_relevant_features": {
        HOLDS: lambda: features(0.2, 0.1),
        IN_PART: lambda: features(0.2, 0.1, pca=0.01),
        FAILS: lambda: features(-0.1, -0.1),
        UNDECIDED: lambda: features(0.0, -0.1),
    },
    "calderon_primes": {SLIP: claims.calderon_primes, HOLDS: lambda: claims.calderon_primes("x")},
    "calderon_euclidean": {SLIP: claims.calderon_euclidean, HOLDS: lambda: claims.calderon_euclidean(1)},
    "calderon_overcomplete": {
        HOLDS: large,
        IN_PART: lambda: large(linear=0.01),
        FAILS: lambda: large(lost=0.005, learnt=0.03),
        UNDECIDED: lambda: large(learnt=0.0),
    },
    "calderon_necessary": {
        HOLDS: lambda: helped(0.01, 0.01),
        IN_PART: lambda: helped(0.01, 0.03, own=0.001),
        FAILS: lambda: helped(0.03, 0.03, own=0.001),
        UNDECIDED: lambda: helped(0.02, 0.03, own=0.001),
    },
}

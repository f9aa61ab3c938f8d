"""What turns the claims that the chapter on denoising puts to the test: each verdict of each rule, by other figures."""

from functools import partial

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED

BASE, CLOTHES = "denoise-unet", "denoise-fashion"
BACK, LOST = 0.001, 0.2  # squared errors on uniform noise, whose variance is 1/12


def interval(mean, margin=0.1):
    return [mean, mean - margin, mean + margin, 2000]


def copying(**noise):
    """What autoencoders that were trained to copy make of noise."""
    rest = {"unet_direct": BACK, "pca_784": BACK, "pca_32": LOST, "bottleneck_32": LOST}
    return claims.calderon_identity(
        {f"copying/{name.replace('_', '-')}": {"noise": interval(value, 0)} for name, value in (rest | noise).items()}
    )


def removed(low, middle, high, scatter=0.1):
    """A net that gains so much at three σ, its seeds apart by so much."""
    table = {f"copying/{BASE}": {"clean": [0.01], "shown": [0.24]}, f"0/{BASE}": {"psnr": interval(25)}}
    for sigma, gain in {"0.1": low, "0.5": middle, "1": high}.items():
        table[f"{sigma}/{BASE}"] = {"seeds": [10 + gain + step * scatter for step in (-1, 0, 1)]}
        table[f"{sigma}/spoiled"] = {"psnr": interval(10), f"behind {BASE}": interval(gain)}
    return claims.calderon_removes(table)


def learnt(sigma, pictures):
    """Decibels that another σ and other pictures in the training cost."""
    psnr = {
        f"0.5/{BASE}": 20,
        "0.5/denoise-sigma-0.25": 20 - sigma,
        "0.5/denoise-sigma-1": 20 - sigma,
        f"0.5/{CLOTHES}": 20 - pictures,
        f"clothes/{CLOTHES}": 20,
        f"clothes/{BASE}": 20 - pictures,
    }
    return claims.calderon_learns_corruption({name: {"psnr": interval(value)} for name, value in psnr.items()})


def paired(net, linear):
    """A net and a linear map that are so far ahead of the best designed filters."""
    table = {f"0.5/{BASE}": {"seeds": [15 + net + step for step in (-0.1, 0, 0.1)]}}
    names = ("Gaussian", "median", "bilateral", "non-local means", "total variation", "wavelet")
    rows = {f"0.5/{name}": 15 - place for place, name in enumerate(names)} | {"few digits/BM3D": 15}
    for row, psnr in rows.items():
        behind = {f"behind {BASE}": interval(net), "behind linear": interval(linear)}
        table[row] = {"psnr": interval(psnr)} | behind
    return claims.calderon_pairs(table)


TURNS = {
    "calderon_identity": {
        HOLDS: partial(copying, pca_32=BACK, bottleneck_32=BACK),
        IN_PART: copying,
        FAILS: partial(copying, unet_direct=LOST, pca_784=LOST),
    },
    "calderon_removes": {
        HOLDS: partial(removed, 1, 9, 5),
        IN_PART: partial(removed, -1, 9, 5),
        FAILS: partial(removed, -1, -9, -5),
        UNDECIDED: partial(removed, -1, -9, 0.1, scatter=0.5),
    },
    "calderon_learns_corruption": {
        HOLDS: partial(learnt, sigma=5, pictures=0.5),
        IN_PART: partial(learnt, sigma=5, pictures=4),
        FAILS: partial(learnt, sigma=0.5, pictures=4),
    },
    "calderon_pairs": {
        HOLDS: partial(paired, net=5, linear=-1),
        IN_PART: partial(paired, net=5, linear=2),
        FAILS: partial(paired, net=-5, linear=2),
        UNDECIDED: partial(paired, net=0, linear=2),
    },
}

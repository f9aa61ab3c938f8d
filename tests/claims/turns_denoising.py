"""What turns the claims that the chapter on denoising puts to the test: each verdict of each rule, by other figures."""

from functools import partial

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED

BASE = "denoise-unet"


def interval(mean, margin=0.1):
    return [mean, mean - margin, mean + margin, 2000]


def copying(unet=40, dense=80, bottleneck=300, less=10):
    """What nets that are trained to copy lose of noise at last, in hundredths, and how much less than before."""
    at_last = {"unet-direct": (unet, 1, 2), "dense": (dense, 5, 20), "bottleneck-32": (bottleneck, 5, 20)}
    rows = {}
    for name, (share, sooner, later) in at_last.items():
        rows[f"varying/{name}/{sooner}"] = {"noise": interval((share + less) / 100, 0.01)}
        rows[f"varying/{name}/{later}"] = {
            "noise": interval(share / 100, 0.01),
            "digits": interval(0.03, 0.01),
            "noise less than before": interval(less / 100, 0.01),
        }
    return claims.calderon_identity(rows)


def removed(low, middle, high, scatter=0.1):
    """A net that gains so much at three σ, its seeds apart by so much."""
    table = {f"copying/{BASE}": {"clean": [0.01], "shown": [0.24]}, f"0/{BASE}": {"psnr": interval(25)}}
    for sigma, gain in {"0.1": low, "0.5": middle, "1": high}.items():
        table[f"{sigma}/{BASE}"] = {"seeds": [10 + gain + step * scatter for step in (-1, 0, 1)]}
        table[f"{sigma}/spoiled"] = {"psnr": interval(10), f"behind {BASE}": interval(gain)}
    return claims.calderon_removes(table)


def paired(noise=12, masks=8, blur=18, task="Reconstruction"):
    """Decibels that nets of other pairs gain, and what they are asked for."""
    rows = {f"0.5/{BASE}": {"seeds": [10 + noise + step for step in (-0.1, 0, 0.1)]}}
    rows["0.5/spoiled"] = {"psnr": interval(10), f"behind {BASE}": interval(noise)}
    for kind, gain in {"masked": masks, "blurred": blur}.items():
        rows[f"{kind}/spoiled"] = {"psnr": interval(10)}
        rows[f"{kind}/restore-{kind}"] = {"psnr": interval(10 + gain)}
    kinds = {BASE: "GaussianNoise", "restore-masked": "Mask", "restore-blurred": "Blur"}
    recipes = {name: {"name": name, "task": f"{task}({kind})", "model": "unet"} for name, kind in kinds.items()}
    return claims.calderon_pairs(rows, recipes)


TURNS = {
    "calderon_identity": {
        HOLDS: partial(copying, bottleneck=60),
        IN_PART: copying,
        FAILS: partial(copying, less=-10),
        UNDECIDED: partial(copying, unet=99.5),
    },
    "calderon_removes": {
        HOLDS: partial(removed, 1, 9, 5),
        IN_PART: partial(removed, -1, 9, 5),
        FAILS: partial(removed, -1, -9, -5),
        UNDECIDED: partial(removed, -1, -9, 0.1, scatter=0.5),
    },
    "calderon_pairs": {
        HOLDS: partial(paired, task="Variational"),
        IN_PART: paired,
        FAILS: partial(paired, noise=-5, masks=-5, blur=-5),
        UNDECIDED: partial(paired, noise=-5, masks=-5, blur=0.1),
    },
}

"""What turns the claim that the chapter on what a denoiser knows puts to the test: each verdict, by other figures."""

from functools import partial

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED

BASE, CLOTHES = "denoise-unet", "denoise-fashion"


def interval(mean, margin=0.1):
    return [mean, mean - margin, mean + margin, 2000]


def learnt(sigma, pictures, margin=0.1, filter_loses=0.2):
    """Decibels that another σ and other pictures in the training cost, and another σ in the tuning of a filter."""
    psnr = {
        f"0.5/{BASE}": 20,
        "0.5/denoise-sigma-0.25": 20 - sigma,
        "0.5/denoise-sigma-1": 20 - sigma,
        f"0.5/{CLOTHES}": 20 - pictures,
        f"clothes/{CLOTHES}": 20,
        f"clothes/{BASE}": 20 - pictures,
    }
    rows = {name: {"psnr": interval(value, margin)} for name, value in psnr.items()}
    for row in (f"0.5/{BASE}", f"clothes/{BASE}"):
        rows[row]["seeds"] = [rows[row]["psnr"][0] + step for step in (-0.03, 0, 0.03)]
    for other in ("0.25", "1"):
        rows[f"0.5/total variation for {other}"] = {"behind total variation": interval(filter_loses)}
    return claims.calderon_learns_corruption(rows)


TURNS = {
    "calderon_learns_corruption": {
        HOLDS: partial(learnt, sigma=5, pictures=0.5),
        IN_PART: partial(learnt, sigma=5, pictures=4),
        FAILS: partial(learnt, sigma=0.5, pictures=4),
        UNDECIDED: partial(learnt, sigma=5, pictures=4, filter_loses=2),
    },
}

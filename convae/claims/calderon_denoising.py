"""Claims of calderon2019 §2.2: what an autoencoder that removes noise learns, and how it differs from a filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from convae.claims.finding import FAILS, HOLDS, IN_PART, Finding
from convae.experiments.runs import load_run
from convae.measures.intervals import Interval

SOURCE = "calderon2019"
BASE, CLOTHES = "denoise-unet", "denoise-fashion"
LARGE, SMALL = "unet-direct", "bottleneck-32"  # nets trained to copy, without and with a narrow code
FILTERS = ("Gaussian", "median", "bilateral", "non-local means", "total variation", "wavelet")
Rows: TypeAlias = Mapping[str, Mapping[str, Any]]


def calderon_identity(rows: Rows | None = None) -> Finding:
    """Without regularisation an autoencoder tends to the identity under squared loss."""
    rows = rows or _rows()
    # Uniform noise has variance 1/12: who answers its mean everywhere misses all of it.
    missed = {name: 12 * _interval(rows, f"copying/{name}", "noise").mean for name in (LARGE, SMALL)}
    copies = [missed[name] < 0.5 for name in (LARGE, SMALL)]  # "tends to": most of it comes back
    return Finding(
        SOURCE,
        "without regularisation an autoencoder with squared loss tends to learn the identity",
        HOLDS if all(copies) else IN_PART if any(copies) else FAILS,
        {
            "U-Net, trained to copy digits: its error on plain noise, of the variance of that": f"{missed[LARGE]:.0%}",
            "the same, net with a code of 32 numbers": f"{missed[SMALL]:.0%}",
            "the identity; a net that answers the mean of the noise": "0%; 100%",
        },
        "both give back most of what they were never shown."
        if all(copies)
        else "the U-Net, with paths across, gives back most of a noise that it was never shown; the net with the "
        "narrow code answers with strokes."
        if copies[0]
        else "neither gives back most of what it was never shown.",
    )


def calderon_removes(rows: Rows | None = None) -> Finding:
    """An autoencoder trained on noisy pictures removes or attenuates the noise in place of copying it."""
    rows = rows or _rows()
    noisy = [sigma for sigma in _sigmas(rows) if sigma != "0"]
    gains = {sigma: _mean(rows, f"{sigma}/{BASE}") - _mean(rows, f"{sigma}/spoiled") for sigma in noisy}
    better = [gain > 0 for gain in gains.values()]
    return Finding(
        SOURCE,
        "a denoising autoencoder removes or attenuates the noise instead of copying its input",
        HOLDS if all(better) else IN_PART if any(better) else FAILS,
        {
            **{f"PSNR gained at σ = {sigma}": f"{gain:+.1f} dB" for sigma, gain in gains.items()},
            "PSNR of its answer to a clean picture": f"{_mean(rows, f'0/{BASE}'):.1f} dB",
        },
        "trained for σ = 0.5, it improves the picture at every σ of the test; a clean one it does not leave as it is."
        if all(better)
        else f"trained for σ = 0.5, it improves the picture at {sum(better)} of {len(better)} σ.",
    )


def calderon_learns_corruption(rows: Rows | None = None) -> Finding:
    """The autoencoder learns the distribution of the corruption, C(x̃ | x)."""
    rows = rows or _rows()
    clothes = _mean(rows, f"clothes/{CLOTHES}") - _mean(rows, f"clothes/{BASE}")
    digits = _mean(rows, f"0.5/{BASE}") - _mean(rows, f"0.5/{CLOTHES}")
    costs = [cost > 1 for cost in (clothes, digits)]
    return Finding(
        SOURCE,
        "the autoencoder is to learn the distribution of the corruption, C(x̃ | x)",
        FAILS if all(costs) else IN_PART if any(costs) else HOLDS,
        {
            "same noise, clothes: trained on clothes is ahead of trained on digits by": f"{clothes:.1f} dB",
            "same noise, digits: trained on digits is ahead of trained on clothes by": f"{digits:.1f} dB",
        },
        "C was the same for both, and written down before the training; what they learnt is what pictures lie behind a "
        "noisy one."
        if all(costs)
        else "with one C, it matters little which pictures a net was trained on.",
    )


def calderon_pairs(rows: Rows | None = None) -> Finding:
    """Pairs of pictures in place of a designed transfer function are a radically different way."""
    rows = rows or _rows()
    best = max(FILTERS, key=lambda name: _mean(rows, f"0.5/{name}"))
    designed, linear, net = (_mean(rows, f"0.5/{name}") for name in (best, "linear", BASE))
    return Finding(
        SOURCE,
        "to train on pairs in place of designing a transfer function is radically different from classical filtering",
        FAILS if net <= designed else IN_PART if linear > designed else HOLDS,
        {
            f"best designed filter, tuned ({best})": f"{designed:.1f} dB",
            "linear least squares on the same pairs": f"{linear:.1f} dB",
            "U-Net on the same pairs": f"{net:.1f} dB",
        },
        "the pairs help a linear filter as well, without any net: it is Wiener's, with its statistics taken from them."
        if linear > designed and net > designed
        else "the net is ahead of every filter, the linear map of the same pairs is not."
        if net > designed
        else "the net is not ahead of the designed filter.",
    )


CALDERON_DENOISING = (calderon_identity, calderon_removes, calderon_learns_corruption, calderon_pairs)


def _rows() -> Rows:
    rows: Rows = load_run("denoising").scores["test"]
    return rows


def _sigmas(rows: Rows) -> list[str]:
    return [name.partition("/")[0] for name in rows if name.endswith(f"/{BASE}") and name[0].isdigit()]


def _interval(rows: Rows, name: str, score: str) -> Interval:
    return Interval(*rows[name][score])


def _mean(rows: Rows, name: str) -> float:
    return _interval(rows, name, "psnr").mean

"""Claims of robledo2021's last section: what the code is, and what can be made of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import torch

from convae.claims.finding import FAILS, HOLDS, IN_PART, Finding
from convae.experiments.runs import load_run
from convae.latent import interpolate
from convae.measures.intervals import Interval, between_seeds, over_seeds
from convae.models import Autoencoder, robledo_two_layer

SOURCE = "robledo2021"
NET, GLOBAL = "robledo-two-layer", "bottleneck-32"
Rows: TypeAlias = Mapping[str, Mapping[str, Any]]


def robledo_code_shape(model: Autoencoder | None = None) -> Finding:
    """The decoder takes a tensor of 9×3×3."""
    shape = tuple((model or robledo_two_layer()).encode(torch.zeros(1, 1, 28, 28)).shape[1:])
    written = "×".join(map(str, shape))
    return Finding(
        SOURCE,
        "the decoder takes a tensor of 9×3×3 (once; 16×3×3 elsewhere)",
        HOLDS if shape == (9, 3, 3) else FAILS,
        {"code of the two-layer net": f"{written}, {torch.Size(shape).numel()} numbers"},
        f"the encoder puts out {written}, so that is what the decoder takes.",
    )


def robledo_code_suffices(rows: Rows | None = None) -> Finding:
    """All that a good reconstruction needs is in the code."""
    rows = rows or _rows("codes")
    original = rows["judged/pixels"]["accuracy"]
    names = [name.removeprefix("judged/") for name in rows if name.startswith("judged/robledo")]
    losses = {name: between_seeds(original, rows[f"judged/{name}"]["accuracy"]) for name in names}
    lost = losses[NET]
    right = {name: over_seeds(rows[f"judged/{name}"]["accuracy"]) for name in names}
    return Finding(
        SOURCE,
        "the code holds all that is needed for a good reconstruction",
        HOLDS if lost.high < 0.01 else IN_PART if lost.high < 0.05 else FAILS,
        {
            "classifiers, right on the test pictures": _share(over_seeds(original)),
            **{f"right on reconstructions, {name}": _share(value) for name, value in right.items()},
        },
        f"classifiers lose {_points(lost)} of accuracy on reconstructions of the two-layer net.",
    )


def robledo_code_unreadable(rows: Rows | None = None) -> Finding:
    """It is not easy to see from the code that it is a nine."""
    rows = rows or _rows("codes")
    probe, pixels = (Interval(*rows[name]["probe"]) for name in (NET, "pixels"))
    close = probe.low <= pixels.high and pixels.low <= probe.high
    compared = "about as well as" if close else "better than" if probe.mean > pixels.mean else "less well than"
    return Finding(
        SOURCE,
        "from the code it is not easy to tell which digit it is",
        HOLDS if probe.high < 0.5 else IN_PART,
        {
            "right, logistic regression on the code": _share(probe),
            "the same on the pixels": _share(pixels),
            "the same on the 32 numbers of the net with a bottleneck": _share(Interval(*rows[GLOBAL]["probe"])),
        },
        f"not for the eye; a linear classifier reads the digit out of these numbers {compared} out of the pixels.",
    )


def robledo_equation_three() -> Finding:
    """Ten combinations, i = 1 to 10, of two codes."""
    weights = torch.arange(1, 11) / 10
    path = interpolate(torch.zeros(1), torch.ones(1), weights)
    shown = [end for end, name in ((1.0, "x₁"), (0.0, "x₂")) if not (path == end).any()]
    return Finding(
        SOURCE,
        "with i = 1, …, 10 equation 3 runs from one code to the other",
        FAILS if shown else HOLDS,
        {"share of x₁": ", ".join(f"{value:.1f}" for value in path.flatten().tolist())},
        "it arrives at x₁ and never shows x₂: that would be i = 0.",
    )


def robledo_new_pictures(rows: Rows | None = None) -> Finding:
    """Interpolated pictures are in neither set."""
    rows = rows or _rows("interpolation")
    far = {method: Interval(*rows[f"same/{method}"]["distance"]) for method in ("pixels", NET, GLOBAL)}
    return Finding(
        SOURCE,
        "decoded interpolations are new pictures, in neither the training nor the test set",
        HOLDS if far[NET].low > 0 else FAILS,
        {
            f"half way, to the nearest training picture, {_called(method)}": f"{interval} a pixel (root mean square)"
            for method, interval in far.items()
        },
        "new, yes; but so is every blend of pixels, and every blurred picture.",
    )


def robledo_all_nines(rows: Rows | None = None, digit: int = 9) -> Finding:
    """All interpolations between two nines look like nines."""
    rows = rows or _rows("interpolation")
    kept = {
        method: Interval(*rows[f"per class/{method}"][str(digit)])
        for method in ("pixels", NET, GLOBAL, "variational-32")
    }
    ends = Interval(*rows["same/pixels"]["ends"])
    verdict = HOLDS if kept[NET].low > 0.95 else IN_PART if kept[NET].mean > 0.8 else FAILS
    return Finding(
        SOURCE,
        "interpolations between two nines all look like nines",
        verdict,
        {
            "judged to be what they are, real test pictures of all classes": _share(ends),
            **{
                f"half way between nines judged a nine, {_called(method)}": _share(value)
                for method, value in kept.items()
            },
        },
        f"{_share(kept[NET])} of them; plain blending of pixels reaches {_share(kept['pixels'])}, with no net at all.",
    )


def robledo_enlarges(rows: Rows | None = None) -> Finding:
    """They could be used to enlarge the data set."""
    rows = rows or _rows("augmentation")
    gains = _gains(rows, "with")
    alone = {count: over_seeds(rows[f"{count}/none"]["accuracy"]) for count in _counts(rows)}
    own = [gain for (_, method), gain in gains.items() if method == NET]
    better = [gain.low > 0 for gain in own]
    blends = [gain for (_, method), gain in gains.items() if method == "pixels"]
    return Finding(
        SOURCE,
        "interpolated pictures could enlarge the data set",
        HOLDS if all(better) else IN_PART if any(better) else FAILS,
        {
            **{f"accuracy, {count} real pictures a class": _share(value) for count, value in alone.items()},
            **{f"gain, {count} labels, {_called(method)}": _points(gain) for (count, method), gain in gains.items()},
        },
        f"for a classifier with few labels the gain is {' and '.join(map(_points, own))}; "
        f"by blended pixels, without any net, it is {' and '.join(map(_points, blends))}.",
    )


def robledo_replaces(rows: Rows | None = None) -> Finding:
    """They could replace pictures."""
    rows = rows or _rows("augmentation")
    gains = _gains(rows, "only")
    own = [gain for (_, method), gain in gains.items() if method == NET]
    as_good = [gain.low > -0.01 for gain in own]
    return Finding(
        SOURCE,
        "interpolated pictures could replace pictures of the data set",
        HOLDS if all(as_good) else IN_PART if any(as_good) else FAILS,
        {f"change, {count} labels, {_called(method)} alone": _points(gain) for (count, method), gain in gains.items()},
        f"trained on them alone a classifier changes by {' and '.join(map(_points, own))} against the real pictures "
        "that they were made of.",
    )


def robledo_robustness(rows: Rows | None = None) -> Finding:
    """They could test the robustness of a net."""
    rows = rows or _rows("interpolation")
    ends, kept = (Interval(*rows[f"same/{NET}"][name]) for name in ("ends", "kept"))
    worse = ends.mean - kept.mean > math.hypot(ends.margin, kept.margin)  # as if of different pictures, which asks more
    return Finding(
        SOURCE,
        "interpolated pictures can show how robust a classifier is",
        HOLDS if worse else FAILS,
        {
            "classifiers right on real test pictures": _share(Interval(*rows["same/pixels"]["ends"])),
            "classifiers right on reconstructions": _share(ends),
            "classifiers right half way between two of a class": _share(kept),
            "half way, blended pixels": _share(Interval(*rows["same/pixels"]["kept"])),
        },
        f"they are wrong {(1 - kept.mean) / max(1 - ends.mean, 1e-9):.1f} times as often half way, so this does test "
        "something; whether a wrong answer is the classifier's fault or the picture's, they do not say."
        if worse
        else "they are hardly wrong more often half way than on reconstructions.",
    )


def robledo_generative(rows: Rows | None = None) -> Finding:
    """An autoencoder is a generative model."""
    rows = rows or _rows("generation")
    names = {
        "real training pictures": "real/training",
        "two-layer net, numbers drawn one by one": f"{NET}/independent",
        "two-layer net, a Gaussian in the code": f"{NET}/gaussian",
        "two-layer net, a mixture of 20": f"{NET}/mixture",
        "bottleneck, a Gaussian in the code": f"{GLOBAL}/gaussian",
        "bottleneck, a mixture of 20": f"{GLOBAL}/mixture",
        "no net: PCA, a mixture of 20": "pca-32/mixture",
        "variational net": "variational-32/prior",
    }
    distances = {name: over_seeds(rows[key]["frechet"]) for name, key in names.items()}
    least = distances["real training pictures"].mean
    one_by_one, gaussian, mixture = (distances[name].mean for name in names if name.startswith("two-layer net"))
    own = min(one_by_one, gaussian, mixture)
    best = min(distances["bottleneck, a mixture of 20"].mean, distances["variational net"].mean)
    return Finding(
        SOURCE,
        "an autoencoder is a generative model",
        HOLDS if own < 3 * least else IN_PART if best < 0.5 * own else FAILS,
        {f"Fréchet distance (squared), {name}": str(distance) for name, distance in distances.items()},
        "it turns codes into pictures, but says nothing of which codes to draw. The squared distance of the two-layer "
        f"net's pictures to test pictures is {one_by_one / least:.0f} times that of real training pictures if the "
        f"numbers are drawn one by one, {gaussian / least:.0f} times from a Gaussian, {mixture / least:.0f} times from "
        f"a mixture; with a code of the whole picture, and a distribution fitted or trained to it, {best / least:.0f} "
        "times.",
    )


def _rows(study: str) -> Rows:
    return load_run(study).scores["test"]


def _counts(rows: Rows) -> list[str]:
    return list(dict.fromkeys(name.partition("/")[0] for name in rows))


def _gains(rows: Rows, how: str) -> dict[tuple[str, str], Interval]:
    """Accuracy with (or only with) interpolated pictures minus that of real ones alone, paired by seed."""
    parts = [name.split("/") for name in rows]
    return {
        (count, rest[1]): between_seeds(rows[f"{count}/{how}/{rest[1]}"]["accuracy"], rows[f"{count}/none"]["accuracy"])
        for count, *rest in parts
        if rest[0] == how
    }


def _called(method: str) -> str:
    return {
        "pixels": "blended pixels",
        NET: "code of the two-layer net",
        GLOBAL: "code of the bottleneck",
        "variational-32": "code of the variational net",
    }[method]


def _share(interval: Interval) -> str:
    scaled = Interval(100 * interval.mean, 100 * interval.low, 100 * interval.high, interval.count)
    return f"{scaled} %"


def _points(interval: Interval) -> str:
    scaled = Interval(100 * interval.mean, 100 * interval.low, 100 * interval.high, interval.count)
    return f"{scaled} points"


ROBLEDO_CODE = (
    robledo_code_shape,
    robledo_code_suffices,
    robledo_code_unreadable,
    robledo_equation_three,
    robledo_new_pictures,
    robledo_all_nines,
    robledo_enlarges,
    robledo_replaces,
    robledo_robustness,
    robledo_generative,
)

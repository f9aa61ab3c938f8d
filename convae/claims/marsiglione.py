"""Claims of marsiglione2020, a dense autoencoder of the digits: its settings, its hidden units, its picture "485"."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from convae.claims.finding import FAILS, HOLDS, IN_PART, UNDECIDED, Finding
from convae.claims.registry import claim
from convae.experiments import STUDIES
from convae.experiments.dense_autoencoder import COARSE, EIGHT, NEAR, STEPS, GridStudy, SizesStudy
from convae.experiments.experiment import Rows
from convae.experiments.runs import load_run
from convae.measures.intervals import Interval, between_seeds, over_seeds, over_share
from convae.training.ensembles import mark

START = (0.2, 0.25)  # reported of nets before any training
REACHED = 0.08  # "~": met up to .085
ABOUT = 0.085
SOON, LATE = (2, 5), 10  # epochs
REPORTED = {0: 0.233811, 10: 0.051340, 50: 0.028528, 100: 0.018116, 500: 0.006251}  # of the picture, by epochs
WITHIN = (0.10, 0.15, 0.25)  # of a reported error
RARE = 0.01  # of the test eights
UNITS = (64, 128, 256, 512)
ENOUGH = 95  # per cent of pictures that are known again
LENGTH = 150  # epochs of the nets that are compared
TELLS_APART = 2  # times the standard error of the seeds
CHAPTER = "dense-autoencoder"


def grid(rows: Rows, study: GridStudy) -> Tensor:
    """Test errors of a grid of nets: [rates, momenta, seeds, epochs told]."""
    return torch.tensor(
        [
            [[rows[f"{rate:g}/{momentum:g}/{seed}"]["test"] for seed in study.chosen] for momentum in study.momenta]
            for rate in study.rates
        ],
        dtype=torch.float64,
    )


def fine() -> Tensor:
    """The 361 nets of three seeds: [19, 19, 3, 6], the last by epochs, from 0."""
    return grid(load_run("dense-grid").scores["test"], _study("dense-grid"))


def coarse() -> Tensor:
    """The 25 nets that were trained for 150 epochs: [5, 5, 1, epochs told]."""
    return grid(load_run("dense-grid-longer").scores["test"], _study("dense-grid-longer"))


def sizes() -> Rows:
    """Nets with more and fewer hidden units."""
    return load_run("dense-sizes").scores["test"]


def variants(*studies: str) -> Rows:
    """Nets with one thing changed, on a line of learning rates; what became of them by `mark` as it is now."""
    rows: Rows = {}
    for study in studies or ("dense-variants", "dense-variants-further"):
        rows |= load_run(study).scores["test"]
    always = mean_picture()
    return {
        name: row | {"mark": mark([error if error >= 0 else math.nan for error in row["test"]], always)}
        for name, row in rows.items()
    }


def variants_longer() -> Rows:
    """Some of them for twice as many epochs; those by softmax cross-entropy that leave its plateau, for 150."""
    return variants("dense-variants-longer", "dense-variants-softmax")


def mean_picture() -> float:
    """The test error of who always answers the mean of the training pictures."""
    error: float = load_run("mnist-baselines").scores["test"]["mean-image/0"]["mse"]
    return error


def _study(name: str) -> GridStudy:
    study = STUDIES[name]
    assert isinstance(study, GridStudy)
    return study


def told(kind: str = "test", epoch: int = LENGTH, rows: Rows | None = None) -> dict[int, list[float]]:
    """An error of each seed after an epoch, by hidden units."""
    rows = sizes() if rows is None else rows
    study = STUDIES["dense-sizes"]
    assert isinstance(study, SizesStudy)
    place = study.told.index(epoch)
    return {
        units: [
            row[kind][place] for name, row in rows.items() if name.startswith(f"{units}/") and len(row[kind]) > place
        ]
        for units in UNITS
    }


def named(hits: int, rows: Rows | None = None) -> Interval:
    """So many test pictures as a share of all, in per cent."""
    rows = sizes() if rows is None else rows
    return over_share(hits, rows["pixels"]["count"]).percent()


def additive(errors: Tensor) -> tuple[float, float, float]:
    """How a table of errors over rates and momenta is told: by a rate's share times a momentum's, and by η/(1 − μ).

    Args:
        errors: Of the nets of STEPS by STEPS, [rates, momenta, seeds].

    Returns:
        In natural logarithms of the error, root mean square: what the best product of a share of the rate and a share
        of the momentum leaves; what the best polynomial of degree 8 in log η/(1 − μ) leaves; and the standard error of
        the mean over the seeds.
    """
    logs = errors.log()
    mean = logs.mean(2)
    product = mean.mean(0, keepdim=True) + mean.mean(1, keepdim=True) - mean.mean()
    values = torch.tensor(STEPS, dtype=torch.float64)
    steps = (values[:, None] / (1 - values)).log().flatten().numpy()
    line = np.polynomial.Polynomial.fit(steps, mean.flatten().numpy(), 8)(steps)
    noise = math.sqrt(logs.var(2).mean().item() / logs.shape[2])
    return (
        (mean - product).square().mean().sqrt().item(),
        float(np.sqrt(np.mean((mean.flatten().numpy() - line) ** 2))),
        noise,
    )


def distance_from_reported(errors: Tensor, reported: Sequence[float]) -> Tensor:
    """How far pictures are from the reported errors: the sum over epochs of |log error / reported|, [N].

    Args:
        errors: Of each picture, [epochs, N].
    """
    return (errors.log() - torch.tensor(reported, dtype=errors.dtype).log()[:, None]).abs().sum(0)


def matching(errors: Tensor, within: float) -> Tensor:
    """Which pictures have all errors but the untrained net's within so much of the reported ones: [N].

    Args:
        errors: Of each picture, [epochs, N], by the epochs of REPORTED.
    """
    wanted = torch.tensor(list(REPORTED.values()), dtype=errors.dtype)[:, None]
    return ((errors / wanted - 1).abs() <= within)[1:].all(0)


def of_pictures(what: str, kept: Mapping[str, Tensor] | None = None) -> Tensor:
    """The errors of single pictures by the nets of 512 units, mean over their seeds: [epochs of REPORTED, N].

    Args:
        what: "eights", all of the test set; "near", NEAR of the test and of the training set.
    """
    kept = load_run("dense-sizes").weights() if kept is None else kept
    seeds = sorted({name.split("/")[1] for name in kept if name.startswith("512/")})
    return torch.stack(
        [torch.stack([kept[f"512/{seed}/{epoch}/{what}"].double() for seed in seeds]).mean(0) for epoch in REPORTED]
    )


@claim("marsiglione2020", "Section 2, third paragraph", chapter=CHAPTER, shown=False)
def marsiglione_start(errors: Sequence[float] | None = None) -> Finding:
    """Without fail, the random weights that the net begins with have an error between 0.2 and 0.25."""
    if errors is None:
        errors = [*fine()[0, 0, :, 0].tolist(), *itertools.chain(*told(epoch=0).values())]
    inside = [START[0] <= error <= START[1] for error in errors]
    return Finding(
        "without fail the net begins, with random weights, at a mean squared error between 0.2 and 0.25",
        HOLDS if all(inside) else IN_PART if any(inside) else FAILS,
        {
            "untrained nets, of 64 to 512 units": f"{len(errors)}",
            "their errors": f"{min(errors):.4f} to {max(errors):.4f}",
        },
        f"{sum(inside)} of {len(inside)} do.",
        {HOLDS: "every net does", IN_PART: "some do", FAILS: "none does"},
    )


@claim("marsiglione2020", "Section 2, third paragraph", chapter=CHAPTER, shown=False)
def marsiglione_ten_epochs(errors: Tensor | None = None) -> Finding:
    """The error falls to some 0.08 in the first 10 epochs in most configurations, not with low values."""
    errors = coarse()[..., 0, _study("dense-grid-longer").told.index(LATE)] if errors is None else errors
    there = errors <= ABOUT
    late = [f"{COARSE[rate]:g} with {COARSE[momentum]:g}" for rate, momentum in (~there).nonzero().tolist()]
    share = there.double().mean().item()
    return Finding(
        "the error falls to some 0.08 within the first 10 epochs in most configurations, though not with low values of "
        "learning rate and momentum",
        HOLDS if share > 0.5 else FAILS,
        {
            f"nets of the grid of {len(COARSE)} by {len(COARSE)} at {ABOUT} or less after {LATE} epochs": (
                f"{int(there.sum())} of {there.numel()}"
            ),
            "learning rate with momentum of the others": "; ".join(late) or "none",
        },
        f"{int(there.sum())} of {there.numel()} are there (one seed each).",
        {HOLDS: "more than half of the nets are there", FAILS: "not more than half"},
    )


@claim("marsiglione2020", "Section 2, third paragraph", chapter=CHAPTER, shown=False)
def marsiglione_two_to_five(errors: Tensor | None = None) -> Finding:
    """With good parameters this can be had in the first 2 to 5 epochs."""
    mean = (fine() if errors is None else errors).mean(2)
    soon = [int((mean[..., epoch] <= ABOUT).sum()) for epoch in range(1, SOON[1] + 1)]
    first = next((epoch for epoch, count in enumerate(soon, 1) if count), None)
    return Finding(
        "with good parameters some 0.08 can be had within the first 2 to 5 epochs",
        FAILS if first is None else HOLDS if first >= SOON[0] else IN_PART,
        {
            f"of {mean[..., 0].numel()} nets at {ABOUT} or less, mean of three seeds, after 1, 2, 3, 4, 5 epochs": (
                ", ".join(map(str, soon))
            )
        },
        "none is there after five." if first is None else f"the first are there after {first}.",
        {
            HOLDS: "some of the nets are there after 2 to 5 epochs, and none before",
            IN_PART: "some are there sooner",
            FAILS: "none is there after 5",
        },
    )


@claim("marsiglione2020", "Section 2, third paragraph", chapter=CHAPTER)
def marsiglione_promising(errors: Tensor | None = None, always: float | None = None) -> Finding:
    """Results of some 0.08 after ten epochs are promising."""
    epochs = _study("dense-grid-longer").told
    errors = coarse()[..., 0, :] if errors is None else errors
    always = mean_picture() if always is None else always
    at_ten = errors[..., epochs.index(LATE)]
    there = errors[(at_ten > REACHED - (ABOUT - REACHED)) & (at_ten <= ABOUT)]
    marks = [mark(curve[-2:], always) for curve in there.tolist()]
    better, falling = marks.count(""), marks.count("not there yet")
    return Finding(
        "an error of some 0.08, reached within the first 10 epochs, is promising",
        HOLDS if always > REACHED else IN_PART if len(marks) and better + falling == len(marks) else FAILS,
        {
            "always to answer the mean of the training pictures": f"{always:.4f}",
            f"nets of the 5 by 5 at {REACHED} ± {ABOUT - REACHED:.3f} after {LATE} epochs": f"{len(marks)}",
            f"of these better than the mean picture after {LENGTH}; not, and still falling": f"{better}; {falling}",
            "their errors then": ", ".join(f"{error:.4f}" for error in sorted(there[:, -1].tolist())) or "none",
        },
        "it is better than what can be had without looking at the picture."
        if always > REACHED
        else "of the number it does not hold: who never looks at a picture, and always answers the mean of the "
        "training pictures, has less. Of the training it may: of the nets that are at such an error after ten epochs "
        f"{better} of {len(marks)} fall below that later, {falling} others still fall.",
        {
            HOLDS: "always to answer the mean picture costs more than 0.08",
            IN_PART: f"it costs less, but each net that is there after {LATE} epochs is better than it after {LENGTH}, "
            "or still falls",
            FAILS: "it costs less, and not all go on",
        },
    )


@claim("marsiglione2020", "Section 2, third paragraph", chapter=CHAPTER)
def marsiglione_absolute(rows: Rows | None = None) -> Finding:
    """The absolute distance, where the loss is L, is √L."""
    rows = sizes() if rows is None else rows
    study = STUDIES["dense-sizes"]
    assert isinstance(study, SizesStudy)
    row = rows["512/0"]
    pairs = {
        epoch: (absolute, math.sqrt(row["test"][study.told.index(epoch)]))
        for epoch, absolute in zip(study.looked, row["absolute"], strict=False)
    }
    near = [absolute >= 0.95 * root for absolute, root in pairs.values()]
    return Finding(
        "for a mean squared error of L the absolute distance of a pixel is √L; at first that is 0.45 to 0.5",
        HOLDS if all(near) else IN_PART if near[0] else FAILS,
        {
            f"after {epoch} epochs: mean absolute error; √L": f"{absolute:.4f}; {root:.4f}"
            for epoch, (absolute, root) in pairs.items()
        },
        "the root of the mean of squares is never below the mean of the absolute values (Jensen), and equal only where "
        "all of them are equal. "
        + ("Before training they nearly are" if near[0] else "They are not")
        + (
            "."
            if all(near)
            else ", after it they are not: most pixels are right, and some on the strokes are wrong by much."
        ),
        {
            HOLDS: "at each of the epochs looked at the mean absolute error is at least 95 % of √L (a net of 512 "
            "units)",
            IN_PART: "before training, but not at all of the others",
            FAILS: "not even before training",
        },
    )


@claim("marsiglione2020", "Section 3, first and second paragraph", chapter=CHAPTER, shown=False)
def marsiglione_larger(errors: Tensor | None = None) -> Finding:
    """Of learning rate and momentum higher values give lower errors."""
    mean = (fine()[..., -1] if errors is None else errors).mean(2)
    steps = torch.cat([mean.diff(dim=0).flatten(), mean.diff(dim=1).flatten()])
    down, best = int((steps < 0).sum()), mean.flatten().argmin().item()
    place = divmod(int(best), mean.shape[1])
    share = down / len(steps)
    return Finding(
        "both of learning rate and momentum, the higher the value, the lower the error after five epochs",
        HOLDS if share >= 0.95 else IN_PART if share > 0.5 else FAILS,
        {
            "steps of 0.05 up, in one of the two": f"{len(steps)}",
            "that lower the error, mean of three seeds": f"{down}",
            "the lowest of all": f"{mean.min().item():.4f}, learning rate {STEPS[place[0]]:g}, momentum "
            f"{STEPS[place[1]]:g}",
        },
        f"{100 * share:.1f} % of the steps do.",
        {
            HOLDS: "at least 95 % of all steps up lower the error",
            IN_PART: "more than half do",
            FAILS: "not more than half do",
        },
    )


@claim("marsiglione2020", "Section 3, first paragraph", chapter=CHAPTER)
def marsiglione_convention(rows: Rows | None = None, noise: Sequence[float] | None = None) -> Finding:
    """Values of both are taken from 0 to 1, as the convention has it.

    Args:
        noise: Errors of some seeds of one net.
    """
    rows = variants() if rows is None else rows
    noise = told(epoch=LATE)[64] if noise is None else noise
    spread = max(noise) - min(noise)
    figures, gains = {}, []
    for arm, momentum in (("the report's", "0.95"), ("no momentum", "0")):
        ends = {
            float(name.partition("/")[2]): row["test"][LATE] for name, row in rows.items() if name.startswith(f"{arm}/")
        }
        best = [min((rate for rate in ends if (rate > 1) == above), key=ends.__getitem__) for above in (False, True)]
        gains.append(ends[best[0]] - ends[best[1]])
        for rate, where in zip(best, ("best up to 1", "best above 1"), strict=True):
            figures[f"momentum {momentum}, learning rate {rate:,g}, {where}: after {LATE} epochs"] = f"{ends[rate]:.4f}"
    more, less = any(gain > spread for gain in gains), all(gain < -spread for gain in gains)
    return Finding(
        "learning rate and momentum are taken from 0 to 1, as the convention has it",
        IN_PART if more else HOLDS if less else UNDECIDED,
        figures | {f"largest difference between five seeds (0.95 and 0.95, {LATE} epochs)": f"{spread:.4f}"},
        "(Of its 0.95 and 0.95 the text says later that higher values could be used.) A momentum has to stay below 1, "
        "or the steps never die down; a learning rate has no such bound. The loss here is a mean over 784 pixels, "
        "which makes each gradient 784 times smaller than that of their sum: rates "
        + ("far above 1 are better (one seed)." if more else "above 1 are not told to be better."),
        {
            IN_PART: "with a momentum of 0.95, or with none, a learning rate above 1 gives a lower error than the best "
            "up to 1, by more than seeds differ: of the momentum it holds, of the learning rate not",
            HOLDS: "with both it gives a higher one, by more than seeds differ",
            UNDECIDED: "neither",
        },
    )


@claim("marsiglione2020", "Section 3, third paragraph", chapter=CHAPTER)
def marsiglione_independent(errors: Tensor | None = None) -> Finding:
    """Each of learning rate and momentum lowers the cost independently of the other."""
    errors = fine()[..., -1] if errors is None else errors
    mean = errors.mean(2)
    rates, momenta = (mean[-1] < mean[0]), (mean[:, -1] < mean[:, 0])
    product, one, noise = additive(errors)
    fall = [(mean[0, place] / mean[-1, place]).item() for place in (0, -1)]
    return Finding(
        "as a function of the two, each lowers the cost independently of the other",
        HOLDS if rates.all() and momenta.all() else IN_PART if rates.all() or momenta.all() else FAILS,
        {
            "momenta at which the highest learning rate has less error than the lowest": f"{int(rates.sum())} of "
            f"{len(rates)}",
            "learning rates at which the highest momentum has less than the lowest": f"{int(momenta.sum())} of "
            f"{len(momenta)}",
            "from learning rate 0.05 to 0.95 the error falls, with momentum 0.05; 0.95": (
                f"to 1/{fall[0]:.2f}; to 1/{fall[1]:.2f}"
            ),
            "left by a share of the rate times a share of the momentum": f"{100 * product:.1f} %",
            "left by a function of η/(1 − μ) alone": f"{100 * one:.1f} %",
            "standard error of the mean of three seeds": f"{100 * noise:.1f} %",
        },
        ("Each lowers the error, whatever the other is" if rates.all() and momenta.all() else "Not always")
        + (", and by the same factor." if product <= TELLS_APART * noise else "; by which factor depends on the other.")
        + (
            " Counted in the length of a step they only add up: η/(1 − μ) tells the error better than a share of each."
            if one < product
            else ""
        ),
        {
            HOLDS: "at each value of the one the highest value of the other has less error than the lowest (mean of "
            "three seeds)",
            IN_PART: "of one of the two it holds",
            FAILS: "of neither",
        },
    )


@claim("marsiglione2020", "Section 3, fourth paragraph", chapter=CHAPTER, shown=False)
def marsiglione_confirmed(errors: Tensor | None = None, noise: Sequence[float] | None = None) -> Finding:
    """150 epochs of fewer combinations confirm a learning rate and a momentum of 0.95.

    Args:
        errors: Of the nets of the coarser grid, after 150 epochs, [rates, momenta].
        noise: Errors of some seeds of one net after as many.
    """
    errors = coarse()[..., 0, -1] if errors is None else errors
    noise = told()[64] if noise is None else noise
    own, rest = errors[-1, -1].item(), errors.flatten()[:-1].min().item()
    spread = max(noise) - min(noise)
    return Finding(
        "150 epochs of fewer combinations confirm that learning rate and momentum should be 0.95",
        HOLDS if rest - own > spread else FAILS if own - rest > spread else UNDECIDED,
        {
            f"0.95 and 0.95 after {LENGTH} epochs": f"{own:.5f}",
            "the best of the other 24": f"{rest:.5f}",
            "largest difference between five seeds": f"{spread:.5f}",
        },
        "among these 25 nets."
        if rest - own > spread
        else "another is better."
        if own - rest > spread
        else "the best two are not told apart.",
        {
            HOLDS: "the net of 0.95 and 0.95 has the lowest error of the 25, by more than seeds differ",
            FAILS: "another has a lower one, by more than that",
            UNDECIDED: "the difference is no larger",
        },
    )


@claim("marsiglione2020", "Section 4, second paragraph", chapter=CHAPTER)
def marsiglione_units(errors: Mapping[int, Sequence[float]] | None = None) -> Finding:
    """More hidden units learn faster, but it gets harder and harder to gain."""
    errors = told() if errors is None else errors
    gains = [between_seeds(errors[less], errors[more]) for less, more in itertools.pairwise(UNITS)]
    shrinks = [
        over_seeds(
            [(one - two) - (two - three) for one, two, three in zip(*(errors[each] for each in three_), strict=True)]
        )
        for three_ in zip(UNITS, UNITS[1:], UNITS[2:], strict=False)
    ]
    better, harder = all(gain.low > 0 for gain in gains), all(each.low > 0 for each in shrinks)
    return Finding(
        "many hidden units learn faster, yet it gets harder and harder to gain by more of them",
        HOLDS
        if better and harder
        else FAILS
        if any(gain.high < 0 for gain in gains)
        else IN_PART
        if better or harder
        else UNDECIDED,
        {f"{units} units, after {LENGTH} epochs": f"{over_seeds(errors[units])}" for units in UNITS}
        | {f"{less} − {more}": f"{gain}" for (less, more), gain in zip(itertools.pairwise(UNITS), gains, strict=True)},
        "each doubling gains"
        + (
            ", and each less than the one before."
            if better and harder
            else ", not each less than the one before."
            if better
            else " not always."
        ),
        {
            HOLDS: "each doubling of the units lowers the error, and by less than the one before (intervals over "
            "five seeds)",
            IN_PART: "one of the two",
            FAILS: "one of the doublings raises it",
            UNDECIDED: "neither is told",
        },
    )


@claim("marsiglione2020", "Section 5, fourth paragraph", chapter=CHAPTER, shown=False)
def marsiglione_harder(curves: Sequence[Sequence[float]] | None = None) -> Finding:
    """The more the net learns, the harder details get, and many more epochs are needed.

    Args:
        curves: Of each seed, the test error of 512 units after the epochs told.
    """
    study = STUDIES["dense-sizes"]
    assert isinstance(study, SizesStudy)
    epochs = [epoch for epoch in study.told if epoch >= LATE]
    rows = [row["test"] for name, row in sizes().items() if name.startswith("512/")] if curves is None else curves
    whole = [curve for curve in rows if len(curve) == len(study.told)]
    rates = []
    for first, second in itertools.pairwise(epochs):
        places = study.told.index(first), study.told.index(second)
        rates.append([(curve[places[0]] - curve[places[1]]) / (second - first) for curve in whole])
    slower = [between_seeds(before, after) for before, after in itertools.pairwise(rates)]
    # How much of the error goes while the epochs double, at first and at last:
    early, late = (
        over_seeds(
            [
                math.log2(curve[study.told.index(start)] / curve[study.told.index(end)]) / math.log2(end / start)
                for curve in whole
            ]
        )
        for start, end in ((10, 100), (100, 500))
    )
    return Finding(
        "the more the net has learnt, the harder the details get, and many more epochs are needed",
        HOLDS
        if all(each.low > 0 for each in slower)
        else FAILS
        if all(each.high < 0 for each in slower)
        else IN_PART
        if any(each.low > 0 for each in slower)
        else UNDECIDED,
        {
            f"falls an epoch, from {first} to {second}": f"{over_seeds(rate)}"
            for (first, second), rate in zip(itertools.pairwise(epochs), rates, strict=True)
        }
        | {
            "slope in log-log, epochs 10 to 100": f"−{early}",
            "epochs 100 to 500": f"−{late}",
        },
        "an epoch gains less the later it comes. In log-log that is a line: each doubling of the epochs takes about "
        "the same share.",
        {
            HOLDS: f"from {LATE} epochs on, an epoch gains less in each stretch than in the one before (512 units, "
            "three seeds)",
            IN_PART: "in some of the stretches",
            FAILS: "more in each",
            UNDECIDED: "in none, and not more in each",
        },
    )


@claim("marsiglione2020", "Section 5, fourth paragraph", chapter=CHAPTER)
def marsiglione_eye(known: Rows | None = None, rows: Rows | None = None) -> Finding:
    """A hundred epochs are enough for the eye to know the picture again, which has to do with the settings.

    Args:
        known: Of nets by their units, of how many test pictures what comes back is nearest to themselves.
    """
    known = load_run("dense-known-again").scores["test"] if known is None else known
    rows = sizes() if rows is None else rows
    study = STUDIES["dense-sizes"]
    assert isinstance(study, SizesStudy)
    place = study.looked.index(100)
    own = {units: over_share(known[f"{units}"]["own"][-1], known[f"{units}"]["count"]).percent() for units in UNITS}
    enough = own[512].low > ENOUGH
    owed = any(own[units].high < ENOUGH for units in UNITS[:-1])
    return Finding(
        "a hundred epochs are enough for the eye to know what comes back for the picture that was put in, which has to "
        "do with the settings, 512 units, 0.95 and 0.95, being the best",
        HOLDS if enough and owed else IN_PART if enough or owed else FAILS,
        {
            f"what {units} units give back after 100 epochs is nearest to its own of 10,000 test pictures": (
                f"{share.mean:.1f} ± {share.margin:.1f} %"
            )
            for units, share in own.items()
        }
        | {
            f"and a classifier names it rightly, {units} units": (
                f"{named(rows[f'{units}/0']['named'][place], rows).mean:.1f} %"
            )
            for units in UNITS
        }
        | {"the pictures themselves": f"{named(rows['pixels']['named'], rows).mean:.1f} %"},
        "no person was asked; the nearest of all test pictures stands for the eye. "
        + ("Nearly every picture is known again" if enough else "Not every picture is known again")
        + (
            ", with fewer units fewer (of the settings the units alone were changed)."
            if owed
            else ", with fewer units too."
        ),
        {
            HOLDS: f"with 512 units more than {ENOUGH} % of what comes back is nearest to its own picture, with 64, "
            "128 or 256 less (intervals over pictures)",
            IN_PART: "one of the two: they are enough, or the units matter",
            FAILS: "neither",
        },
    )


@claim("marsiglione2020", "Section 5, second and third paragraph", chapter=CHAPTER)
def marsiglione_485(
    labels: Sequence[int] | None = None, near: Tensor | None = None, eights: Tensor | None = None
) -> Finding:
    """The picture "485" of the test set is an 8 by its label, and was never trained on.

    Args:
        labels: Of the pictures NEAR of the test and of the training set.
        near: Their errors, [epochs, 6].
        eights: Of each test eight, [epochs, N].
    """
    labels = sizes()["pixels"]["near"] if labels is None else labels
    near = of_pictures("near") if near is None else near
    eights = of_pictures("eights") if eights is None else eights
    names = [f"{part} picture {place}" for part in ("test", "training") for place in NEAR]
    far, base = (distance_from_reported(each[1:], list(REPORTED.values())[1:]) for each in (near, eights))
    matches = {within: matching(near, within) for within in WITHIN}
    own, seen = NEAR.index(485), len(NEAR) + NEAR.index(485)
    fits = [bool(matches[0.15][place]) and labels[place] == EIGHT for place in range(len(names))]
    nearer = int((base < far[seen]).sum())
    likelier = labels[seen] == EIGHT and nearer < RARE * len(base)
    figures = {
        f"{name}: label; errors; nearer to the reported ones than": f"{label}; "
        + ", ".join(f"{error:.4f}" for error in errors)
        + f"; {int((base > distance).sum())} of {len(base)} test eights"
        for name, label, errors, distance in zip(names, labels, near.T.tolist(), far, strict=True)
    }
    figures |= {
        f"test eights within {100 * within:.0f} % of all four": f"{int(matching(eights, within).sum())} of {len(base)}"
        for within in WITHIN
    }
    return Finding(
        "picture 485 of the test set, an 8 by its label, was never trained on, and comes back with errors of "
        + ", ".join(f"{error:.4f}" for error in REPORTED.values())
        + " after 0, 10, 50, 100 and 500 epochs",
        HOLDS if fits[own] else FAILS if likelier else UNDECIDED,
        figures,
        f"picture 485 of the test set is {noun(labels[own])}, that of the training set {noun(labels[seen])}"
        + (
            "."
            if fits[own]
            else f", and its errors are nearer to the reported ones than those of {len(base) - nearer} of "
            f"{len(base)} test eights. Most likely the picture shown is that one, which the net was trained on."
            if likelier
            else "; which picture was shown cannot be told by its errors."
        ),
        {
            HOLDS: "it is an 8, and its errors at the last four epochs lie within 15 % of the reported ones (three "
            "seeds)",
            FAILS: "it is not so of the test set’s, but picture 485 of the training set is an 8, and fewer than one in "
            "a hundred test eights are as near to the reported errors (sum of the distances of their logarithms)",
            UNDECIDED: "neither",
        },
    )


def noun(digit: int) -> str:
    """A digit with its article."""
    return f"an {digit}" if digit == EIGHT else f"a {digit}"


@claim("marsiglione2020", "Section 2, item 4", chapter=CHAPTER, shown=False)
def marsiglione_dropout(layer: nn.Module | None = None) -> Finding:
    """Apart from switching units off at random, dropout does nothing but the identity."""
    layer = nn.Dropout(0.1) if layer is None else layer
    torch.manual_seed(0)
    ones = torch.ones(1000)
    trained, looked = layer.train()(ones), layer.eval()(ones)
    left = trained[trained != 0].unique()
    same, kept = bool((left == 1).all()), bool((looked == 1).all())
    return Finding(
        "apart from switching units off at random, dropout does nothing but the identity",
        HOLDS if same and kept else IN_PART if same or kept else FAILS,
        {
            "what a 1 becomes that stays, in training": ", ".join(f"{each:.4f}" for each in left.tolist()),
            "1 / (1 − 0.1)": f"{1 / 0.9:.4f}",
            "what a 1 becomes when the net is used": ", ".join(f"{each:.4f}" for each in looked.unique().tolist()),
        },
        "in training it also makes those that stay larger, so that their mean is what it was; used, it is the identity."
        if kept and not same
        else "as the text says."
        if same and kept
        else "it changes what it lets through.",
        {
            HOLDS: "a number that stays is not changed, in training and in use",
            IN_PART: "in one of the two",
            FAILS: "in neither",
        },
    )


@claim("marsiglione2020", "Section 2, item 5", chapter=CHAPTER, shown=False)
def marsiglione_cross_entropy(
    rows: Rows | None = None, always: float | None = None, longer: Rows | None = None
) -> Finding:
    """The cost could be replaced by the cross-entropy of the library, and the net would go on working."""
    rows = variants() if rows is None else rows
    longer = variants_longer() if longer is None else longer
    always = mean_picture() if always is None else always
    best = {arm: _least(rows, arm) for arm in ("the report's", "cross-entropy", "softmax")}
    later = _least(longer, "softmax")
    works = best["cross-entropy"][0] < always
    return Finding(
        "the cost could be replaced by the cross-entropy of the library, and the net would go on working",
        HOLDS if works else FAILS,
        {
            f"{title}, squared error after {epochs} epochs": f"{error:.4f} (learning rate {rate:g})"
            for title, epochs, (error, rate) in (
                ("trained by the mean squared error", 20, best["the report's"]),
                ("trained by BCELoss", 20, best["cross-entropy"]),
                ("trained by CrossEntropyLoss ÷ 784, given pixels", 20, best["softmax"]),
                ("the same", 150, later),
            )
        }
        | {"always to answer the mean picture": f"{always:.4f}"},
        "BCELoss is the library’s cross-entropy for numbers from 0 to 1, of which the sentence before speaks. "
        "(CrossEntropyLoss, for classes, took no pixels in 2020; given them it does "
        + ("better" if min(best["softmax"], later)[0] < always else "worse")
        + " than the mean picture here, by gradient descent with a momentum of 0.95.)",
        {
            HOLDS: "trained by BCELoss the net gets better than the mean picture (the best of ten learning rates, 20 "
            "epochs)",
            FAILS: "it does not",
        },
    )


def _least(rows: Rows, arm: str) -> tuple[float, float]:
    """The least last error of an arm, and its learning rate."""
    return min(
        (row["test"][-1], float(name.partition("/")[2]))
        for name, row in rows.items()
        if name.startswith(f"{arm}/") and row["test"][-1] >= 0
    )


@claim("marsiglione2020", "Section 2, item 5", chapter=CHAPTER, shown=False)
def marsiglione_range(
    scale: Callable[[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]], Tensor] | None = None,
) -> Finding:
    """Pixels that are not normalised are numbers from 0 to 1 in PyTorch, as those of the sigmoid are."""
    from torchvision.transforms.functional import to_tensor

    pixels = (scale or to_tensor)(np.arange(256, dtype=np.uint8).reshape(16, 16, 1))
    ends = pixels.min().item(), pixels.max().item()
    return Finding(
        "in PyTorch pixels that are not normalised are numbers from 0 to 1, as what a sigmoid gives",
        HOLDS if ends == (0, 1) else FAILS,
        {"levels 0 and 255, by torchvision’s ToTensor": f"{ends[0]:g} and {ends[1]:g}"},
        "ToTensor divides by 255. (A sigmoid gets as near to 0 and 1 as one likes.)",
        {HOLDS: "levels 0 and 255 become 0 and 1", FAILS: "they become something else"},
    )

"""Claims of mansilla2024: a convolutional autoencoder of garments, its code, its dropout, its optimiser, its reuse."""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor

from convae.claims.finding import FAILS, HOLDS, IN_PART, UNDECIDED, Finding
from convae.claims.registry import claim
from convae.experiments.bottleneck_and_dropout import LONG
from convae.experiments.experiment import Rows
from convae.experiments.reusing_the_encoder import REPORTED
from convae.experiments.runs import load_run
from convae.measures.intervals import Interval, between_seeds, one_against_seeds, over_seeds

BOTTLENECK, OPTIMISERS, REUSE = "bottleneck-and-dropout", "optimisers", "reusing-the-encoder"
LATE = 5  # epochs, behind which an accuracy has levelled off
RISES_FROM = 5  # epochs, says the report
HARDLY = 0.1  # of the base's error: what is less is "not significant"
SEEDS = 5
CLASSES = (*("T-shirt", "Trouser", "Pullover", "Dress", "Coat"), *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"))
SHIRT = {"Shirt": 695, "T-shirt": 138, "Pullover": 83}  # reported, of the thousand shirts of the test set
GOOD = ("Trouser", "Sandal", "Sneaker", "Bag", "Ankle boot")
HARD = ("Shirt", "Coat")
GARMENTS = ("garments", "garments-wide", "garments-where", "garments-baselines")


def garments() -> Rows:
    """The report's net and what differs from it in one thing."""
    rows: Rows = {}
    for name in GARMENTS:
        rows |= load_run(name).scores["test"]
    return rows


def optimisers() -> Rows:
    """The report's net of 256 numbers by each optimiser."""
    rows: Rows = {}
    for name in ("garments-wide", "garments-baselines", "optimisers", "optimisers-longer", "optimisers-fair"):
        rows |= load_run(name).scores["test"]
    return rows


def over_epochs(rows: Rows, arm: str, kind: str = "test") -> list[Interval]:
    """An error of an arm's seeds before training and after each epoch."""
    curves = [row[kind] for name, row in rows.items() if name.rpartition("/")[0] == arm]
    return [over_seeds(list(errors)) for errors in zip(*curves, strict=True)]


def ends(rows: Rows, arm: str, kind: str = "test") -> list[float]:
    """An error of each seed of an arm after its last epoch."""
    return [row[kind][-1] for name, row in rows.items() if name.rpartition("/")[0] == arm]


@claim("mansilla2024", "Section IV.A", chapter=BOTTLENECK)
def mansilla_untrained(rows: Rows | None = None) -> Finding:
    """The untrained model cannot give the picture back."""
    rows = garments() if rows is None else rows
    before = [row["test"][0] for name, row in rows.items() if name.rpartition("/")[0] == "base"]
    always = rows["mean-image"]["mse"]
    return Finding(
        "the untrained model is not able to give the original picture back",
        HOLDS if min(before) > always else FAILS,
        {"untrained, test error": str(over_seeds(before)), "always to answer the mean picture": f"{always:.4f}"},
        "it is worse than the mean of the training pictures, which knows nothing of the one that it is asked for."
        if min(before) > always
        else "it is better than the mean of the training pictures.",
        {HOLDS: "every seed’s error is above that of the mean picture", FAILS: "one is not"},
    )


@claim("mansilla2024", "Section IV.B", chapter=BOTTLENECK)
def mansilla_rises(rows: Rows | None = None) -> Finding:
    """From epoch 5 on the loss of the base model rises steeply."""
    rows = garments() if rows is None else rows
    curves = {
        kind: [row[kind] for name, row in rows.items() if name.rpartition("/")[0] == "base"]
        for kind in ("train", "test")
    }
    higher = {kind: sum(curve[-1] > curve[RISES_FROM] for curve in own) for kind, own in curves.items()}
    count = len(curves["test"])
    most = max(max(curve[RISES_FROM:]) / curve[RISES_FROM] for own in curves.values() for curve in own)
    return Finding(
        f"the loss falls, but from epoch {RISES_FROM} on both curves begin to rise drastically",
        HOLDS if min(higher.values()) == count else FAILS if not max(higher.values()) else IN_PART,
        {
            f"seeds whose {kind} error is higher at the end than after epoch {RISES_FROM}": f"{higher[kind]} of {count}"
            for kind in curves
        }
        | {
            f"test error after epoch {RISES_FROM}; at the end": "; ".join(
                str(over_seeds([curve[place] for curve in curves["test"]])) for place in (RISES_FROM, -1)
            ),
            f"highest error behind epoch {RISES_FROM} ÷ that of it, any seed, any of the two": f"{most:.2f}",
        },
        "the report shows one run; "
        + ("here it is so in all." if min(higher.values()) == count else "with these settings it does not come again.")
        if min(higher.values()) == count or not max(higher.values())
        else "it is so in some runs.",
        {
            HOLDS: f"in every seed both errors are higher at the end than after epoch {RISES_FROM}",
            FAILS: "in none either is",
            IN_PART: "in some",
        },
    )


def _hardly(difference: Interval, base: float) -> str:
    """Whether a difference is small against an error, large, or not told."""
    limit = HARDLY * base
    if -limit < difference.low and difference.high < limit:
        return HOLDS
    return FAILS if difference.high < -limit or difference.low > limit else UNDECIDED


@claim("mansilla2024", "Sections IV.C and VI", chapter=BOTTLENECK)
def mansilla_less_dropout(rows: Rows | None = None) -> Finding:
    """Dropout of 0.1 in place of 0.2 does not change the performance significantly."""
    rows = garments() if rows is None else rows
    first, second = ends(rows, "p 0.1"), ends(rows, "base")
    difference, base = between_seeds(first, second), over_seeds(second)
    verdict = _hardly(difference, base.mean)
    return Finding(
        "a dropout of 0.1 in place of 0.2 does not affect the performance of the model significantly",
        verdict,
        {
            "dropout 0.2, test error": str(base),
            "dropout 0.1": str(over_seeds(first)),
            "difference": difference.signed(places=5),
            "in per cent of the first": f"{100 * difference.mean / base.mean:+.1f} %",
        },
        {
            HOLDS: f"the difference is less than {100 * HARDLY:.0f} %.",
            FAILS: f"the error changes by more than {100 * HARDLY:.0f} %.",
            UNDECIDED: "the interval of the difference reaches over the limit.",
        }[verdict],
        {
            HOLDS: f"the interval of the difference over five seeds lies within {100 * HARDLY:.0f} % of the error",
            FAILS: "it lies outside",
            UNDECIDED: "it reaches over that limit",
        },
    )


@claim("mansilla2024", "Section IV.D", chapter=BOTTLENECK)
def mansilla_more_numbers(rows: Rows | None = None) -> Finding:
    """A code of 256 numbers gives better pictures than one of 64."""
    rows = garments() if rows is None else rows
    first, second = ends(rows, "p 0.1, 256"), ends(rows, "p 0.1")
    difference = between_seeds(first, second)
    pca = [rows[f"pca/{size}"]["mse"] for size in (64, 256)]
    return Finding(
        "with 256 numbers in place of 64 (dropout 0.1) the pictures that come back are better",
        HOLDS if difference.high < 0 else FAILS if difference.low > 0 else UNDECIDED,
        {
            "64 numbers, test error; 256": f"{over_seeds(second)}; {over_seeds(first)}",
            "difference": difference.signed(places=5),
            "PCA of 64 numbers; of 256": "; ".join(f"{error:.4f}" for error in pca),
        },
        "the error is smaller; how much smaller it could be shows PCA with as many numbers."
        if difference.high < 0
        else "the error is not told to be smaller.",
        {
            HOLDS: "the interval of the difference of the errors lies below 0 (five seeds)",
            FAILS: "it lies above 0",
            UNDECIDED: "it holds 0",
        },
    )


@claim("mansilla2024", "Section IV.D", chapter=BOTTLENECK)
def mansilla_close_curves(rows: Rows | None = None) -> Finding:
    """With 256 numbers the curves of both sets lie close together, so the codes are as good for new pictures."""
    rows = garments() if rows is None else rows
    arms = ("base", "p 0.1", "p 0.1, 256")
    gaps = {arm: between_seeds(ends(rows, arm), ends(rows, arm, "train")) for arm in arms}
    sizes = {arm: over_seeds(ends(rows, arm, "train")).mean for arm in arms}
    own = gaps[arms[-1]]
    apart = [
        [test - train for test, train in zip(ends(rows, arm), ends(rows, arm, "train"), strict=True)]
        for arm in arms[1:]
    ]
    verdict = _hardly(own, sizes[arms[-1]])
    return Finding(
        "the curves of training and validation pictures lie close, so the codes serve new pictures as well",
        verdict,
        {
            f"{arm}: test error − training error, both without dropout": f"{gap.signed(places=5)} "
            f"({100 * gap.mean / sizes[arm]:+.1f} %)"
            for arm, gap in gaps.items()
        },
        "the gap is small" + (", and it grows with the code." if between_seeds(apart[1], apart[0]).low > 0 else ".")
        if verdict == HOLDS
        else "the gap is not small.",
        {
            HOLDS: f"the interval of the gap at the end lies within {100 * HARDLY:.0f} % of the training error "
            "(five seeds)",
            FAILS: "it lies outside",
            UNDECIDED: "it reaches over that limit",
        },
    )


@claim("mansilla2024", "Section VI, second paragraph", chapter=BOTTLENECK, shown=False)
def mansilla_gap_grows(rows: Rows | None = None) -> Finding:
    """The more complex the model, the better the result and the larger the gap between the curves."""
    rows = garments() if rows is None else rows
    arms = ("base", "p 0.1", "p 0.1, 256")
    errors = {arm: over_seeds(ends(rows, arm)) for arm in arms}
    gaps = {
        arm: [test - train for test, train in zip(ends(rows, arm), ends(rows, arm, "train"), strict=True)]
        for arm in arms
    }
    better = [between_seeds(ends(rows, b), ends(rows, a)).high < 0 for a, b in itertools.pairwise(arms)]
    wider = [between_seeds(gaps[b], gaps[a]).low > 0 for a, b in itertools.pairwise(arms)]
    all_so, any_so = all(better + wider), any(better + wider)
    return Finding(
        "with the complexity of the models the results became better, and the distance between the curves grew",
        HOLDS if all_so else IN_PART if any_so else FAILS,
        {f"{arm}: test error": str(errors[arm]) for arm in arms}
        | {f"{arm}: test error − training error": over_seeds(gaps[arm]).signed(places=5) for arm in arms},
        f"the error falls in {sum(better)} of two steps, the gap grows in {sum(wider)}.",
        {
            HOLDS: "from 0.2 to 0.1 and on to 256 numbers the intervals of the differences say both, in each step",
            IN_PART: "they say one of it in one step at least",
            FAILS: "they say nothing of it",
        },
    )


@claim("mansilla2024", "Section II, last but one paragraph", chapter=BOTTLENECK)
def mansilla_output_dropout(rows: Rows | None = None) -> Finding:
    """Dropout on the output would bring noise in and spoil the reconstruction."""
    rows = garments() if rows is None else rows
    [with_it] = ends(rows, "on the output, too")
    base = ends(rows, "base")
    difference = one_against_seeds(with_it, base)
    return Finding(
        "a dropout layer on the output would bring noise in that acts on the quality of the reconstruction",
        HOLDS if difference.low > 0 else FAILS if difference.high < 0 else UNDECIDED,
        {
            "none on the output, test error": str(over_seeds(base)),
            "one on the output, too": f"{with_it:.5f}",
            "difference": difference.signed(places=5),
        },
        "when it is used nothing is dropped; what is left is what it learnt under noise.",
        {
            HOLDS: "the error in use, where nothing is dropped, is higher than without it (one net against five seeds)",
            FAILS: "it is lower",
            UNDECIDED: "neither is told",
        },
    )


@claim("mansilla2024", "Sections IV.E and VI", chapter=OPTIMISERS)
def mansilla_sgd(rows: Rows | None = None) -> Finding:
    """By SGD the loss falls, but the model does not learn properly."""
    rows = optimisers() if rows is None else rows
    own, adam, fair = (ends(rows, arm) for arm in ("SGD", "p 0.1, 256", "SGD fair"))
    always = rows["mean-image"]["mse"]
    [longer] = ends(rows, f"SGD{LONG}")
    fails = min(*own, longer) > always or between_seeds(own, [2 * error for error in adam]).low > 0
    behind, limit = between_seeds(fair, adam), HARDLY * over_seeds(adam).mean
    told = not behind.low < limit <= behind.high
    reaches = behind.high < limit
    return Finding(
        "with SGD the loss falls, but its values are much larger: the model does not learn properly",
        FAILS if not fails else UNDECIDED if not told else IN_PART if reaches else HOLDS,
        {
            "Adam, 1e-3": str(over_seeds(adam)),
            "SGD, 1e-3 without momentum (not stated; taken)": str(over_seeds(own)),
            "the same, twice the epochs, one seed": f"{longer:.4f}",
            "SGD, rate and momentum chosen on validation pictures": str(over_seeds(fair)),
            "always to answer the mean picture": f"{always:.4f}",
        },
        "its learning rate is not stated. "
        + (
            "With one that is chosen for it SGD comes as far as Adam."
            if reaches
            else "With one that is chosen for it SGD does not come as far as Adam, either."
            if told
            else "With one that is chosen for it it is not told from Adam’s by that much."
        ),
        {
            HOLDS: "at a rate of 1e-3 its error is above that of the mean picture, or twice Adam’s, and with a chosen "
            f"rate still more than {100 * HARDLY:.0f} % above Adam’s",
            IN_PART: "at 1e-3 it is, with a chosen rate it is less than that above Adam’s (five seeds)",
            UNDECIDED: "at 1e-3 it is, with a chosen rate the interval of the difference reaches over that limit",
            FAILS: "at 1e-3 it is not",
        },
    )


def reported() -> Rows:
    """The report's two classifiers, as they are and with one thing changed."""
    return load_run("reuse-reported").scores["test"]


def named_as(rows: Rows, arm: str) -> Tensor:
    """How many of each class are named each, a mean over the seeds: [10, 10], the true class first."""
    tables = [torch.tensor(row["confusion"], dtype=torch.float64) for row in _seeds(rows, arm)]
    return torch.stack(tables).mean(0).view(len(CLASSES), len(CLASSES))


def _seeds(rows: Rows, arm: str) -> list[dict[str, Any]]:
    return [row for name, row in rows.items() if name.rpartition("/")[0] == arm]


@claim("mansilla2024", "Section V, second paragraph", chapter=REUSE)
def mansilla_classifier_learns(rows: Rows | None = None) -> Finding:
    """Trained as a whole the classifier's loss falls and its accuracy rises, on both sets."""
    rows = reported() if rows is None else rows
    own = _seeds(rows, "all trained, ReLU")
    falls = {kind: all(row[f"{kind} loss"][-1] < row[f"{kind} loss"][0] for row in own) for kind in ("train", "test")}
    rises = {kind: all(row[kind][-1] > row[kind][0] for row in own) for kind in ("train", "test")}
    turned = [1 + row["test loss"].index(min(row["test loss"])) for row in own]
    right = [*falls.values(), *rises.values()]
    return Finding(
        "trained as a whole, the classifier’s loss falls on the training and on the validation pictures as the epochs "
        "go by, and its accuracy rises on both",
        HOLDS if all(right) else IN_PART if any(right) else FAILS,
        {
            f"{kind}: loss after the first epoch; after the last": "; ".join(
                str(over_seeds([row[f"{kind} loss"][place] for row in own])) for place in (0, -1)
            )
            for kind in falls
        }
        | {
            f"{kind}: named rightly after the first; after the last": "; ".join(
                str(over_seeds([100 * row[kind][place] for row in own])) + " %" for place in (0, -1)
            )
            for kind in rises
        }
        | {"epoch with the least test loss, by seed": ", ".join(map(str, turned))},
        "compared are the first and the last of fifteen epochs.",
        {
            HOLDS: "in each of three seeds both losses are lower after the last epoch than after the first, and both "
            "accuracies higher",
            IN_PART: "of some of these four it is so",
            FAILS: "of none",
        },
    )


@claim("mansilla2024", "Section V, last paragraph but one", chapter=REUSE)
def mansilla_good_classes(rows: Rows | None = None) -> Finding:
    """Trousers, sandals, sneakers, bags and boots are named well."""
    rows = reported() if rows is None else rows
    hits = dict(zip(CLASSES, named_as(rows, "all trained, ReLU").diagonal().tolist(), strict=True))
    best = sorted(CLASSES, key=lambda name: -hits[name])[: len(GOOD)]
    among = [name for name in GOOD if name in best]
    return Finding(
        f"it does well in {', '.join(GOOD[:-1])} and {GOOD[-1]}",
        HOLDS if len(among) == len(GOOD) else IN_PART if among else FAILS,
        {name: f"{hits[name]:.0f} of 1,000" for name in sorted(CLASSES, key=lambda name: -hits[name])},
        f"{len(among)} of the five are among the five that are named best (means of three seeds).",
        {HOLDS: "these are the five classes with most hits", IN_PART: "some of them are", FAILS: "none is"},
    )


@claim("mansilla2024", "Section V, last paragraph but one", chapter=REUSE)
def mansilla_shirts(rows: Rows | None = None) -> Finding:
    """It has trouble telling shirts and coats apart: of 1,000 shirts 695 are hits, 138 T-shirts, 83 pullovers."""
    rows = reported() if rows is None else rows
    table = named_as(rows, "all trained, ReLU")
    place = {name: k for k, name in enumerate(CLASSES)}
    own = table[place["Shirt"]]
    wrong = sorted((name for name in CLASSES if name != "Shirt"), key=lambda name: -own[place[name]].item())
    worst = sorted(CLASSES, key=lambda name: table[place[name], place[name]].item())[:2]
    pair = {"Shirt", "Coat"}
    both = own[place["Coat"]].item() + table[place["Coat"], place["Shirt"]].item()
    pairs = {
        (a, b): (table[place[a], place[b]] + table[place[b], place[a]]).item()
        for a, b in itertools.combinations(CLASSES, 2)
    }
    first = max(pairs, key=pairs.__getitem__)
    return Finding(
        "it has difficulties in telling Shirt from Coat: of 1,000 shirts 695 are hits, 138 are taken for T-shirts and "
        "83 for pullovers; something like it happens with Coat",
        HOLDS if set(first) == pair else IN_PART if pair & set(worst) else FAILS,
        {
            "shirts: hits; as T-shirt; as Pullover; as Coat (reported 695; 138; 83; –)": "; ".join(
                f"{own[place[name]]:.0f}" for name in ("Shirt", "T-shirt", "Pullover", "Coat")
            ),
            "shirts taken for coats and coats for shirts": f"{both:.0f}",
            "the pair that is mixed up most": f"{first[0]} and {first[1]}: {pairs[first]:.0f}",
            "the two classes with fewest hits": " and ".join(worst),
        },
        f"most shirts that are missed are called {wrong[0]}, then {wrong[1]}; the report’s own row says so of "
        "T-shirt, too.",
        {
            HOLDS: "no two classes are taken for each other more often than these",
            IN_PART: "another pair is, but one of the two has fewest or second fewest hits",
            FAILS: "neither",
        },
    )


@claim("mansilla2024", "Section V.A", chapter=REUSE)
def mansilla_frozen_worse(rows: Rows | None = None) -> Finding:
    """With the encoder frozen every class has fewer hits, Coat and Shirt far fewer."""
    rows = reported() if rows is None else rows
    whole = named_as(rows, "all trained, ReLU").diagonal()
    frozen = {
        title: named_as(rows, arm).diagonal()
        for title, arm in {
            "frozen": "frozen, ReLU",
            "frozen, its dropout left on": "frozen, dropping, ReLU",
            "frozen, no ReLU": "frozen",
        }.items()
    }
    fewer = {title: int((hits < whole).sum()) for title, hits in frozen.items()}
    lost = {title: whole - hits for title, hits in frozen.items()}
    most = {
        title: {CLASSES[k] for k in each.argsort(descending=True)[: len(HARD)].tolist()} for title, each in lost.items()
    }
    reported_ways = ("frozen", "frozen, its dropout left on")
    everywhere = [fewer[title] == len(CLASSES) for title in reported_ways]
    these = [most[title] == set(HARD) for title in reported_ways]
    return Finding(
        "when only the last layer is trained, every class has fewer hits than when all is, and Coat and Shirt far "
        "fewer",
        HOLDS if all(everywhere + these) else IN_PART if any(everywhere + these) else FAILS,
        {
            f"{title}: classes with fewer hits": f"{fewer[title]} of {len(CLASSES)}; most lost: "
            + ", ".join(f"{name} {lost[title][CLASSES.index(name)]:.0f}" for name in sorted(most[title]))
            for title in frozen
        },
        "three seeds; the report does not say whether its frozen encoder went on dropping numbers.",
        {
            HOLDS: "with a ReLU on the logits, dropout left on or not, each class has fewer hits, and Coat and Shirt "
            "lose most",
            IN_PART: "some of this is so",
            FAILS: "nothing of it",
        },
    )


@claim("mansilla2024", "Section V.A", chapter=REUSE)
def mansilla_oscillates(rows: Rows | None = None) -> Finding:
    """With the encoder frozen the accuracy first rises, then stays and oscillates."""
    rows = reported() if rows is None else rows
    swings = {arm: over_seeds([100 * each for each in _swings(rows, arm)]) for arm in REPORTED}
    base = swings["all trained, ReLU"]
    more = {
        title: between_seeds(_swings(rows, title), _swings(rows, "all trained, ReLU")).low > 0
        for title in ("frozen, ReLU", "frozen, dropping, ReLU")
    }
    return Finding(
        "when only the last layer is trained, the accuracies first rise, then level off and begin to oscillate",
        HOLDS if all(more.values()) else IN_PART if any(more.values()) else FAILS,
        {f"{title}: mean change from epoch to epoch": f"{each} points" for title, each in swings.items()},
        f"asked is whether the test accuracy moves more from epoch to epoch, from epoch {LATE + 1} on, than where all "
        f"is trained ({base} points).",
        {
            HOLDS: "with dropout left on or not it moves more (the interval of the difference over three seeds lies "
            "above 0)",
            IN_PART: "in one of the two ways",
            FAILS: "in neither",
        },
    )


def _swings(rows: Rows, arm: str) -> list[float]:
    """By how much the test accuracy of each seed changes from epoch to epoch, once the first are behind it."""
    return [
        sum(abs(b - a) for a, b in itertools.pairwise(row["test"][LATE:])) / (len(row["test"]) - LATE - 1)
        for row in _seeds(rows, arm)
    ]

"""What the runs of one recipe say together: intervals over seeds, curves with bands, nets against baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from convae.experiments.runs import Run, load_run, load_runs
from convae.measures.intervals import Interval, against_baseline, between_seeds, one_against_seeds, over_seeds

Loader: TypeAlias = Callable[[str], list[Run]]
BASELINES = "mnist-baselines"


def scores(name: str, score: str = "mse", runs: Loader = load_runs) -> list[float]:
    """A recipe's score on the test set, one number a seed."""
    return [run.scores["test"][score] for run in runs(name)]


def score_interval(name: str, score: str = "mse", runs: Loader = load_runs) -> Interval:
    """Mean test score of a recipe with its t interval over seeds."""
    return over_seeds(scores(name, score, runs))


def score_difference(first: str, second: str, score: str = "mse", runs: Loader = load_runs) -> Interval:
    """First − second in a test score, paired by seed."""
    return between_seeds(scores(first, score, runs), scores(second, score, runs))


def score_change(single: str, base: str, score: str = "mse", runs: Loader = load_runs) -> Interval:
    """A single run minus the mean of a base's seeds in a test score, read against the spread of these seeds."""
    return one_against_seeds(scores(single, score, runs)[0], scores(base, score, runs))


def net_against_baseline(net: str, baseline: str, runs: Loader = load_runs, study: Run | None = None) -> Interval:
    """Net − baseline in test MSE; the interval is over the net's seeds and the test pictures together.

    Args:
        baseline: As the study names it: "pca/144".
        study: The run that holds the baselines; by default that of MNIST.
    """
    errors = (study or load_run(BASELINES)).errors()[baseline]
    return against_baseline([run.errors()["mse"] for run in runs(net)], errors)


def seeds_against_baseline(net: str, baseline: str, runs: Loader = load_runs, study: Run | None = None) -> Interval:
    """Net − baseline in test MSE for runs that keep no errors picture by picture.

    The interval is over the net's seeds alone: on these test pictures, and no others.

    Args:
        baseline: As the study names it: "pca-plain/144".
        study: The run that holds the baselines; by default that of MNIST.
    """
    mse = (study or load_run(BASELINES)).scores["test"][baseline]["mse"]
    return over_seeds([score - mse for score in scores(net, runs=runs)])


def loss_curve(name: str, watched: str, kind: str = "epochs", runs: Loader = load_runs) -> list[Interval]:
    """The loss of a watched set as training goes on, with an interval over seeds at each point.

    Args:
        watched: "train", "validation" or "test", as far as the recipe follows it.
        kind: "epochs" (all pictures, before training and after each epoch), or "steps" (the first 1,000 pictures,
            before every 20th batch of the first epoch).
    """
    curves: list[Sequence[float]] = [run.record["curves"][kind][watched] for run in runs(name)]
    return [over_seeds(points) for points in zip(*curves, strict=True)]


def loss_by_batches(name: str, runs: Loader = load_runs) -> list[list[float]]:
    """The loss on the test pictures as training goes on, [batches, mean, low, high] in a row, to four digits.

    Every 20th batch of the first epoch, on the first 1,000 pictures, then each epoch, on all of them.
    """
    record = runs(name)[0].record
    batches = -(-record["data"]["train"] // record["recipe"]["batch_size"])
    first, then = (loss_curve(name, "test", kind, runs) for kind in ("steps", "epochs"))
    points = [(20 * at, own) for at, own in enumerate(first)]
    points += [(batches * at, own) for at, own in enumerate(then) if at]
    return [[at, *(float(f"{value:.4g}") for value in (own.mean, own.low, own.high))] for at, own in points]


def curve_difference(first: str, second: str, watched: str = "test", runs: Loader = load_runs) -> list[Interval]:
    """First − second in the loss of a watched set before training and after each epoch, paired by seed."""
    curves = ([run.record["curves"]["epochs"][watched] for run in runs(name)] for name in (first, second))
    return [between_seeds(*points) for points in zip(*(zip(*seeds, strict=True) for seeds in curves), strict=True)]


def ahead_from(first: str, second: str, runs: Loader = load_runs) -> int | None:
    """The epoch behind which the first net's test loss is smaller than the second's for good, None where it never is.

    Smaller is what the interval of the paired difference leaves no doubt of.
    """
    ahead = [difference.high < 0 for difference in curve_difference(first, second, runs=runs)]
    return next((epoch for epoch in range(len(ahead)) if all(ahead[epoch:])), None)

"""What the runs of a recipe say together."""

import pytest

from convae.experiments.results import (
    ahead_from,
    curve_difference,
    loss_curve,
    net_against_baseline,
    score_difference,
    score_interval,
    scores,
    seeds_against_baseline,
)
from convae.experiments.runs import Run, load_runs


def test_results_read_the_runs():
    name = "robledo-two-layer"
    values = [run.record["scores"]["test"]["mse"] for run in load_runs(name)]
    assert scores(name) == values
    assert score_interval(name).mean == pytest.approx(sum(values) / 5)
    assert score_difference(name, name).mean == 0
    curve = loss_curve(name, "test")
    assert len(curve) == 21
    assert curve[-1].mean == pytest.approx(score_interval(name).mean, rel=1e-3)
    # picture by picture or in the mean, the difference is the same
    expected = score_interval(name).mean - 0.00289711
    assert net_against_baseline(name, "pca/144").mean == pytest.approx(expected, rel=2e-3)


def test_a_net_against_a_baseline_on_these_pictures_has_the_spread_of_its_seeds_alone():
    name = "robledo-two-layer"
    alone = seeds_against_baseline(name, "pca/144")
    assert alone.mean == pytest.approx(score_interval(name).mean - 0.00289711)
    assert alone.margin == pytest.approx(score_interval(name).margin)


def learning(**curves):
    """Runs by name, each seed with a curve of test losses."""

    def load(name):
        return [Run(None, {"curves": {"epochs": {"test": curve}}}) for curve in curves[name]]

    return load


def test_two_curves_are_compared_seed_by_seed_at_each_epoch():
    runs = learning(first=[[3.0, 1.0], [5.0, 1.5]], second=[[2.0, 2.0], [4.0, 2.5]])
    before, after = curve_difference("first", "second", runs=runs)
    assert (before.mean, before.margin) == (1, 0)
    assert (after.mean, after.margin) == (-1, 0)


@pytest.mark.parametrize(
    ("first", "epoch"),
    [
        ([9, 7, 5, 3], 2),
        ([9, 5, 7, 3], 3),  # ahead once and passed again
        ([5, 5, 5, 5], 0),
        ([9, 9, 9, 9], None),
    ],
)
def test_a_net_is_ahead_from_where_it_stays_so(first, epoch):
    runs = learning(first=[first, first], second=[[6.0] * 4, [6.0] * 4])
    assert ahead_from("first", "second", runs) == epoch


def test_a_difference_that_the_seeds_leave_in_doubt_is_no_lead():
    runs = learning(first=[[1.0], [9.0]], second=[[6.0], [6.0]])
    assert ahead_from("first", "second", runs) is None

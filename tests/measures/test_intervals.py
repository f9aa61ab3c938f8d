"""Intervals against scipy's own, and their coverage over many draws."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from convae.measures.intervals import (
    Interval,
    against_baseline,
    between_seeds,
    between_shares,
    one_against_seeds,
    over_pictures,
    over_seeds,
    over_share,
    sign_test,
    with_seeds,
)

numbers = st.lists(st.floats(-10, 10).map(lambda value: round(value, 3)), min_size=2, max_size=8)


@settings(deadline=None)
@given(numbers)
def test_t_interval_is_scipys(values):
    interval = over_seeds(values)
    if np.ptp(values):
        expected = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
        assert (interval.low, interval.high) == pytest.approx(expected)
    assert interval.low <= interval.mean <= interval.high
    assert interval.count == len(values)


def test_five_seeds_give_a_margin_of_1_24_standard_deviations_three_2_48():
    for count, factor in ((5, 1.24), (3, 2.48)):
        values = list(np.random.default_rng(0).normal(size=count))
        assert over_seeds(values).margin / np.std(values, ddof=1) == pytest.approx(factor, abs=0.005)


def test_bootstrap_is_close_to_scipys_and_repeats_itself():
    values = torch.from_numpy(np.random.default_rng(1).exponential(size=400))
    interval = over_pictures(values)
    theirs = stats.bootstrap((values.numpy(),), np.mean, method="percentile", n_resamples=2000, rng=0)
    assert (interval.low, interval.high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.02)
    assert interval == over_pictures(values)
    assert interval != over_pictures(values, seed=1)


def test_bootstrap_covers_the_truth_about_95_times_in_100():
    generator = torch.Generator().manual_seed(0)
    covered = sum(
        (interval := over_pictures(torch.randn(100, generator=generator), draws=200)).low <= 0 <= interval.high
        for _ in range(300)
    )
    assert 270 <= covered <= 297


def test_pairing_removes_what_both_sides_share():
    first, second = [1.0, 2.0, 3.0], [0.9, 1.9, 2.9]
    assert between_seeds(first, second).margin == pytest.approx(0, abs=1e-12)
    assert over_seeds(first).margin > 1


@pytest.mark.parametrize(("draw", "mean", "covers"), [("normal", 0, 0.950), ("exponential", 1, 0.897)])
def test_of_eight_pictures_the_interval_covers_what_its_docstring_says(draw, mean, covers):
    generator = np.random.default_rng(1)
    samples = torch.from_numpy(getattr(generator, draw)(size=(2000, 8)))
    inside = [(found := over_pictures(sample)).low <= mean <= found.high for sample in samples]
    assert np.mean(inside) == pytest.approx(covers, abs=0.02)
    assert f"{100 * covers:.1f}" in over_pictures.__doc__


def test_against_baseline_averages_over_seeds_and_pictures():
    errors = [torch.tensor([1.0, 2.0, 3.0]), torch.tensor([3.0, 2.0, 1.0])]
    interval = against_baseline(errors, torch.tensor([1.5, 1.5, 1.5]))
    assert (interval.mean, interval.low, interval.high) == pytest.approx((0.5, 0.5, 0.5))


@pytest.mark.parametrize("sizes", [(5, 2000), (5, 40), (3, 8)])
def test_against_baseline_covers_nets_and_pictures_that_were_not_seen(sizes):
    generator = np.random.default_rng(0)
    seeds, pictures = sizes
    inside = 0
    for _ in range(400):  # a net's own shift, a picture's own, and what is left: of the true mean 0
        shift, own = generator.normal(0, 0.1, (seeds, 1)), generator.normal(0, 1, (1, pictures))
        errors = torch.from_numpy(shift + own + generator.normal(0, 0.5, (seeds, pictures)))
        found = against_baseline(list(errors), torch.zeros(pictures))
        inside += found.low <= 0 <= found.high
    assert 0.92 <= inside / 400 <= 0.995


def test_where_nets_do_not_differ_the_pictures_are_left_and_the_other_way_round():
    generator = np.random.default_rng(0)
    own = torch.from_numpy(generator.normal(size=400))
    assert against_baseline([own] * 5, torch.zeros(400)).margin == pytest.approx(over_pictures(own).margin, rel=0.05)
    shifts = [0.1, 0.4, 0.2, 0.3, 0.5]
    alike = against_baseline([torch.full((400,), shift) for shift in shifts], torch.zeros(400))
    assert alike.margin == pytest.approx(over_seeds(shifts).margin)


@settings(deadline=None)
@given(st.integers(1, 300).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_a_share_has_wilsons_interval(case):
    hits, count = case
    z, p = stats.norm.ppf(0.975), hits / count
    middle, half = p + z * z / (2 * count), z * math.sqrt(p * (1 - p) / count + z * z / (4 * count**2))
    interval = over_share(hits, count)
    expected = [max(0, (middle - half) / (1 + z * z / count)), min(1, (middle + half) / (1 + z * z / count))]
    assert [interval.low, interval.high] == pytest.approx(expected, abs=1e-12)


def test_two_shares_of_different_tries_differ_as_newcombe_has_it():
    interval = between_shares(over_share(56, 70), over_share(48, 80))  # his first example, method 10
    assert (interval.low, interval.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert interval.mean == pytest.approx(0.2)
    nothing = between_shares(over_share(10, 10), over_share(0, 10))
    assert nothing.low < nothing.mean == nothing.high == 1


def test_all_of_200_are_at_least_98_per_cent():
    assert over_share(200, 200).low == pytest.approx(0.981, abs=5e-4)
    assert over_share(200, 200).high == 1


def test_seeds_of_which_only_means_are_left_widen_an_interval_over_pictures_as_much():
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randn(400, generator=generator)
    errors = [0.3 + shift + pictures for shift in (-0.1, 0.05, 0.0, 0.02, 0.03)]
    whole = against_baseline(errors, torch.zeros(400))
    found = with_seeds(over_pictures(errors[0]), [each.mean().item() for each in errors])
    assert found.mean == pytest.approx(whole.mean)
    assert found.margin == pytest.approx(whole.margin, rel=0.05)
    assert found.count == 5
    assert with_seeds(Interval(1, 1, 1, 400), [2.0, 2.0]) == Interval(2, 2, 2, 2)
    with pytest.raises(ValueError, match="1 seed gives no interval"):
        with_seeds(found, [0.3])


@pytest.mark.parametrize(
    ("margin", "text"),
    [(0.00002, "0.004300 ± 0.000020"), (0.0012, "0.0043 ± 0.0012"), (0.5, "0.00 ± 0.50"), (0.0, "0.0043")],
)
def test_text_rounds_the_mean_to_the_margins_second_digit(margin, text):
    assert str(Interval(0.0043, 0.0043 - margin, 0.0043 + margin, 5)) == text


def test_numbers_below_zero_have_a_minus_sign():
    interval = Interval(-0.31307, -0.78666, 0.0204, 8)
    assert str(interval) == "−0.31 ± 0.40"
    assert interval.signed("dB") == "−0.31 dB (−0.79 to +0.02)"
    assert interval.signed(places=1) == "−0.3 (−0.8 to +0.0)"


def test_the_sign_test_counts_heads():
    assert sign_test([-0.1] * 7 + [-9]) == pytest.approx(2 / 2**8)
    assert sign_test([-0.1, 0.2] * 3 + [-9]) == pytest.approx(1.0)
    assert sign_test([3, 0, 0, 1]) == pytest.approx(2 / 2**2)  # zeros are no heads
    assert sign_test([]) == sign_test([0]) == 1


def test_sign():
    assert Interval(1, 0.5, 1.5, 5).excludes_zero()
    assert Interval(-1, -1.5, -0.5, 5).excludes_zero()
    assert not Interval(0.1, -0.5, 0.7, 5).excludes_zero()


def test_what_gives_no_interval_is_refused():
    with pytest.raises(ValueError, match="1 seed gives no interval: run at least two"):
        over_seeds([1.0])
    with pytest.raises(ValueError, match="no pictures"):
        over_pictures(torch.zeros(0))
    with pytest.raises(ValueError, match="2 seeds against 3: pair the same seeds"):
        between_seeds([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="3 pictures against 2"):
        against_baseline([torch.zeros(3)], torch.zeros(2))
    with pytest.raises(ValueError, match=r"errors of shape \(\): give one number for each picture, \[N\]"):
        against_baseline(torch.zeros(2), torch.zeros(2))
    with pytest.raises(TypeError, match="errors are a ndarray"):
        against_baseline([np.zeros(2)], torch.zeros(2))
    with pytest.raises(ValueError, match="no seeds: give the errors of at least one net"):
        against_baseline([], torch.zeros(2))
    with pytest.raises(ValueError, match="a single picture gives no interval: pass at least two numbers"):
        over_pictures(torch.zeros(1))
    with pytest.raises(ValueError, match="hits is 3"):
        over_share(3, 2)


def test_a_single_run_of_the_same_net_leaves_its_interval_in_one_of_twenty():
    generator = np.random.default_rng(0)
    outside = [
        one_against_seeds(value, seeds).excludes_zero()
        for value, *seeds in generator.normal(3.0, 0.2, (4000, 6)).tolist()
    ]
    assert np.mean(outside) == pytest.approx(0.05, abs=0.01)


def test_a_single_run_needs_seeds_to_be_read_against():
    assert one_against_seeds(5.0, [1.0, 3.0]).mean == 3
    with pytest.raises(ValueError, match="1 seed gives no interval"):
        one_against_seeds(1.0, [1.0])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((1.0, 2.0, 3.0, 5), "a mean of 1.0 from 2.0 to 3.0: give mean, low and high in order"),
        ((2.0, 3.0, 1.0, 5), "a mean of 2.0 from 3.0 to 1.0"),
        ((math.nan, 1.0, 2.0, 5), "a mean of nan"),
        ((1.0, math.nan, 2.0, 5), "from nan to 2.0"),
        ((1.0, 0.0, 2.0, 0), "count is 0: it has to be at least 1"),
        ((1.0, 0.0, 2.0, 2.5), "count is 2.5: give a whole number"),
    ],
)
def test_what_is_no_interval(values, message):
    with pytest.raises(ValueError, match=message):
        Interval(*values)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_no_number_among_the_values_is_not_averaged(bad):
    for over in (over_seeds, sign_test, lambda values: over_pictures(torch.tensor(values))):
        with pytest.raises(ValueError, match="1 of 3 hold NaN or infinity, number 1 first"):
            over([0.5, bad, 0.7])


def test_an_interval_of_a_share_in_hundredths():
    assert Interval(0.25, 0.125, 0.5, 8).percent() == Interval(25.0, 12.5, 50.0, 8)

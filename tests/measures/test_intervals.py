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
    between_paired_shares,
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
    assert str(Interval(-0.004, -0.2, 0.2, 8)) == "0.00 ± 0.20"
    assert interval.signed("dB") == "−0.31 dB (−0.79 to +0.02)"
    assert interval.signed(places=1) == "−0.3 (−0.8 to +0.0)"


def test_what_is_zero_to_so_many_places_has_no_minus():
    assert Interval(-0.001, -0.002, 0.004, 8).signed() == "0.00 (0.00 to +0.00)"
    assert Interval(-0.001, -0.006, 0.004, 8).signed(places=3) == "−0.001 (−0.006 to +0.004)"


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
        ((math.nan, 1.0, 2.0, 5), "mean is nan: give a finite number"),
        ((1.0, math.nan, 2.0, 5), "low is nan: give a finite number"),
        ((1.0, 0.0, math.inf, 5), "high is inf: give a finite number"),
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


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.float16])
def test_seeds_are_numbers_before_they_are_subtracted(kind):
    first, second = np.array([1, 2, 3], kind), np.array([2, 3, 5], kind)
    assert between_seeds(first, second) == between_seeds([1, 2, 3], [2, 3, 5])
    assert between_seeds(first, second).mean == pytest.approx(-4 / 3)


@pytest.mark.parametrize(
    "values",
    [
        *(
            "123",
            b"123",
            bytearray(b"12"),
            {1: 2, 3: 4},
            {1, 2, 3},
            None,
            5,
            [1j, 2j],
            np.array([1j, 2.0]),
            [True, False],
        ),
        *(np.array([True, False]), [None, None], ["1", "2"], np.zeros((200, 3)), torch.zeros(3, 1), [[1], [2]]),
        *(torch.tensor(1.0), [np.array([1.0]), np.array([2.0])], torch.tensor([1j, 2j])),
    ],
    ids=repr,
)
def test_what_is_no_list_of_numbers_is_refused(values):
    for over in (
        over_seeds,
        sign_test,
        lambda each: between_seeds(each, each),
        lambda each: one_against_seeds(1, each),
    ):
        with pytest.raises(TypeError, match=r"^values are .*: give one number after the other, in a list"):
            over(values)


def test_numbers_of_every_kind_are_numbers():
    expected = over_seeds([1.0, 2.0, 4.0])
    for values in ((1, 2, 4), np.array([1, 2, 4]), torch.tensor([1, 2, 4]), iter([1, 2, 4]), [np.float32(1), 2, 4.0]):
        assert over_seeds(values) == expected
    with pytest.raises(ValueError, match="values hold a number beyond all floats"):
        over_seeds([10**400, 1])


@pytest.mark.parametrize("values", [("b", "a", "c"), (torch.tensor(1.0), 0, 2), (1, None, 2), (1, 0, 2j), (True, 0, 2)])
def test_an_interval_holds_plain_numbers(values):
    with pytest.raises(TypeError, match=r"^(mean|low|high) is .*: give a plain number"):
        Interval(*values, 3)


def test_an_interval_over_one_picture_says_nothing_of_seeds():
    with pytest.raises(ValueError, match="has a count of 1: give one of at least 2 pictures"):
        with_seeds(Interval(0, -1, 1, 1), [1, 2])
    with pytest.raises(TypeError, match="pictures is 5: give an Interval"):
        with_seeds(5, [1, 2])
    with pytest.raises(TypeError, match=r"first is 0\.5: give an Interval"):
        between_shares(0.5, over_share(1, 2))


def test_spreads_whose_squares_are_too_small_for_a_number():
    tiny = torch.tensor([1.0, 2.0, 4.0, 7.0], dtype=torch.float64)
    errors = [shift + tiny for shift in (0.1, 0.2, 0.4)]
    wide = against_baseline(errors, torch.zeros(4))
    narrow = against_baseline([1e-100 * values for values in errors], torch.zeros(4))
    assert narrow.margin == pytest.approx(1e-100 * wide.margin)
    assert with_seeds(Interval(0, -1e-100, 1e-100, 9), [1e-100, 2e-100]).margin > 0


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_single_run_that_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match=r"^value is (inf|nan): give a finite number"):
        one_against_seeds(value, [1.0, 2.0])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (torch.tensor(1.0), r"values of shape \(\): give one number for each picture, \[N\]$"),
        (torch.zeros(200, 3), r"values of shape \(200, 3\): give one number .*; \.flatten\(1\)\.mean\(1\) makes one"),
        (torch.zeros(200, dtype=torch.complex64), "values of torch.complex64: give real numbers"),
    ],
)
def test_pictures_have_one_number_each(values, message):
    with pytest.raises(ValueError, match=message):
        over_pictures(values)


def test_values_that_know_their_gradient_are_numbers():
    values = torch.rand(200, generator=torch.Generator().manual_seed(0))
    known = values.clone().requires_grad_()
    assert over_pictures(known) == over_pictures(values)
    assert against_baseline([known, 2 * known], known) == against_baseline([values, 2 * values], values)


@pytest.mark.parametrize("draws", [1, 2, 39])
def test_too_few_draws_are_named(draws):
    with pytest.raises(ValueError, match=f"draws is {draws}: it has to be at least 40"):
        over_pictures(torch.rand(200), draws=draws)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.array, torch.tensor])
def test_a_share_takes_whole_numbers_of_every_kind(kind):
    assert over_share(kind(3), kind(10)) == over_share(3, 10)
    with pytest.raises(ValueError, match=r"hits is 3\.0: give a whole number"):
        over_share(np.float64(3), 10)


def paired(first, second, count):
    """Hits of which so many are the first's alone and so many the second's."""
    one, other = torch.zeros(2, count, dtype=torch.bool)
    one[:first], other[first : first + second] = True, True
    return between_paired_shares(one, other)


def test_paired_shares_have_tangos_interval():
    after = paired(1, 7, 21)  # airway hyper-responsiveness before and after a transplantation, of Bentur et al.
    assert (after.low, after.high) == pytest.approx((-0.517, -0.026), abs=5e-4)
    assert (after.mean, after.count) == (pytest.approx(-6 / 21), 21)
    assert paired(0, 0, 100).margin == pytest.approx(1.96**2 / (100 + 1.96**2), abs=1e-5)
    assert (paired(100, 0, 100).high, paired(0, 100, 100).low) == (1, -1)


@settings(deadline=None)
@given(
    st.integers(1, 300).flatmap(lambda count: st.tuples(st.integers(0, count), st.integers(0, count), st.just(count)))
)
def test_the_limits_of_paired_shares_are_as_far_away_as_the_interval_reaches(case):
    first, second, count = case[0], min(case[1], case[2] - case[0]), case[2]
    found = paired(first, second, count)
    mirrored = paired(second, first, count)
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low), abs=1e-9)
    z, difference, told = stats.norm.ppf(0.975), first - second, first + second
    # the equation of fourth degree that Yang, Sun and Hardin made of it
    n, g = count, z * z
    roots = np.roots(
        [
            n**2 * (n / g + 1) ** 2,
            -n * difference * (n / g + 1) * (4 * n / g + 1),
            2 * n * difference**2 * (3 * n / g + 2) / g - n**2 * (told / g + 1),
            n * difference * (2 * told / g + 1) - difference**3 * (4 * n / g + 1) / g,
            difference**2 * (difference**2 / g - told) / g,
        ]
    )
    real = roots[abs(roots.imag) < 1e-5].real
    assert (found.low, found.high) == pytest.approx((real.min(), real.max()), abs=1e-4)


@pytest.mark.parametrize(("first", "second", "covers"), [(1, 0, 99.7), (2, 1, 96.9), (5, 2, 93.6), (10, 10, 94.8)])
def test_paired_shares_cover_what_the_docstring_says(first, second, covers):
    ours = stats.binom.pmf(range(101), 100, first / 100)
    inside = 0.0
    for one in range(101):
        theirs = stats.binom.pmf(range(101 - one), 100 - one, second / (100 - first))
        for other in range(101 - one):
            if ours[one] * theirs[other] > 1e-6:
                found = paired(one, other, 100)
                inside += ours[one] * theirs[other] * (found.low <= (first - second) / 100 <= found.high)
    assert 100 * inside == pytest.approx(covers, abs=0.06)
    assert f"{covers}" in between_paired_shares.__doc__


@pytest.mark.parametrize(
    ("hits", "message"),
    [
        ((torch.zeros(3), torch.zeros(2)), "3 tries against 2: give hits of the same ones"),
        ((torch.zeros(0), torch.zeros(0)), "no tries, no interval"),
        ((torch.zeros(2, 2), torch.zeros(2, 2)), r"hits of shape \(2, 2\)"),
        ((torch.zeros(3), torch.tensor([0.0, 0.5, math.nan])), "2 of 3 hits are others than 0 and 1, 0.5 first"),
    ],
)
def test_what_are_no_paired_hits(hits, message):
    with pytest.raises(ValueError, match=message):
        between_paired_shares(*hits)


def test_seeds_that_are_good_at_other_pictures_widen_more_than_they_should():
    generator = torch.Generator().manual_seed(0)
    common = torch.randn(4000, generator=generator)
    errors = [common + torch.randn(4000, generator=generator) for _ in range(5)]
    whole = against_baseline(errors, torch.zeros(4000))
    found = with_seeds(over_pictures(errors[0]), [each.mean().item() for each in errors])
    assert found.margin == pytest.approx(1.25 * whole.margin, rel=0.1)
    assert "a quarter for 5 nets" in with_seeds.__doc__

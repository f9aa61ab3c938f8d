"""Walks in the code, against closed forms and scikit-learn."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.decomposition import PCA
from synthetic import pictures

from convae.latent import (
    effective_dimension,
    encode_all,
    interpolate,
    neighbours,
    neighbours_kept,
    project,
    quantizer,
    sample,
    traverse,
    variances,
)
from convae.models import build

WEIGHTS = torch.arange(1, 11) / 10


def codes(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_equation_3_of_the_source_starts_behind_its_first_end_and_arrives_at_the_other():
    first, second = codes(2, 16, 3, 3)
    path = interpolate(first, second, WEIGHTS)
    torch.testing.assert_close(path[-1], second)
    assert (path[0] - first).abs().max() > 0.01  # i starts at 1, so one end is never shown
    for i, point in enumerate(path, start=1):
        torch.testing.assert_close(point, (i / 10) * second + ((10 - i) / 10) * first)


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(2, 40), t=st.floats(0, 1))
def test_a_spherical_path_turns_evenly(seed, size, t):
    first, second = codes(2, size, seed=seed).double()
    point = interpolate(first, second, torch.tensor([t]).double(), spherical=True)[0]
    length = (1 - t) * first.norm() + t * second.norm()
    torch.testing.assert_close(point.norm(), length)

    def angle(a, b):
        return torch.arccos((a @ b / a.norm() / b.norm()).clamp(-1, 1)).item()

    assert angle(first, point) == pytest.approx(t * angle(first, second), abs=1e-5)


def test_a_spherical_path_between_codes_in_one_direction_is_straight():
    code = codes(7)
    torch.testing.assert_close(
        interpolate(code, 3 * code, WEIGHTS, spherical=True), interpolate(code, 3 * code, WEIGHTS)
    )


@pytest.mark.parametrize(
    ("first", "second", "weights", "spherical", "message"),
    [
        (torch.ones(3), torch.ones(4), WEIGHTS, False, r"shape \(3,\) and \(4,\): interpolate between two of one"),
        (torch.ones(3), torch.ones(3), torch.tensor(0.5), False, r"weights of shape \(\): give them in a row"),
        (torch.zeros(3).byte(), torch.ones(3).byte(), WEIGHTS, False, r"codes of torch.uint8: give floating point in"),
        (torch.zeros(3), torch.ones(3), WEIGHTS, True, "a code of zeros has no direction: interpolate linearly"),
        (torch.ones(3), -torch.ones(3), WEIGHTS, True, "opposite directions"),
    ],
)
def test_paths_that_are_not_there(first, second, weights, spherical, message):
    with pytest.raises(ValueError, match=message):
        interpolate(first, second, weights, spherical)


def test_a_traverse_changes_one_number():
    code = codes(2, 3, 3)
    walked = traverse(code, 10, torch.tensor([-5.0, 0.0, 5.0]))
    assert walked[:, 1, 0, 1].tolist() == [-5, 0, 5]
    changed = walked != code
    changed[:, 1, 0, 1] = False
    assert not changed.any()
    with pytest.raises(ValueError, match="number 18 of a code of 18: give one from 0 to 17"):
        traverse(code, 18, torch.zeros(1))
    with pytest.raises(ValueError, match=r"codes of torch\.int64: give floating point"):
        traverse(torch.arange(3), 1, torch.tensor([0.5]))  # would be 0


def test_drawn_codes_have_the_mean_and_covariance_of_the_others():
    mixing = torch.tensor([[2.0, 0.0], [1.0, 0.3]])
    given_codes = codes(4000, 2) @ mixing.T + torch.tensor([5.0, -1.0])
    drawn = sample(given_codes, 20_000)
    torch.testing.assert_close(drawn.mean(0), given_codes.mean(0), atol=0.06, rtol=0)
    torch.testing.assert_close(drawn.T.cov(), given_codes.T.cov(), atol=0.12, rtol=0)
    assert torch.equal(sample(given_codes, 9, seed=2), sample(given_codes, 9, seed=2))
    assert not torch.equal(sample(given_codes, 9, seed=2), sample(given_codes, 9, seed=3))


def test_a_mixture_knows_of_a_gap_that_one_gaussian_fills():
    sides = torch.cat([codes(500, 3) * 0.1 + 4, codes(500, 3, seed=1) * 0.1 - 4])
    in_between = [(sample(sides, 1000, count).abs().min(1).values < 2).float().mean().item() for count in (1, 2)]
    assert in_between[0] > 0.2
    assert in_between[1] == 0


def test_drawn_codes_have_the_shape_of_the_others():
    assert sample(codes(50, 4, 3, 3), 7).shape == (7, 4, 3, 3)
    for count, components, message in [(0, 1, "count is 0"), (5, 0, "components is 0"), (5, 26, "2 codes for each")]:
        with pytest.raises(ValueError, match=message):
            sample(codes(50, 2), count, components)


def test_the_plane_of_pca_is_that_of_the_two_largest_variances():
    given_codes = codes(200, 6) * torch.tensor([5.0, 1, 0.1, 3, 1, 1])
    points = project(given_codes)
    expected = PCA().fit(given_codes.numpy()).explained_variance_
    torch.testing.assert_close(points.var(0), torch.from_numpy(expected[:2]).float())
    torch.testing.assert_close(variances(given_codes).float(), torch.from_numpy(expected).float())


def test_tsne_keeps_clusters_together():
    clusters = codes(4, 8) * 20
    given_codes = torch.cat([centre + codes(40, 8, seed=number) for number, centre in enumerate(clusters)])
    points = project(given_codes, "tsne")
    nearest = torch.cdist(points, points).fill_diagonal_(math.inf).argmin(1)
    assert torch.equal(nearest // 40, torch.arange(160) // 40)


def test_tsne_begins_at_the_plane_of_pca_or_where_a_seed_throws_the_points():
    given_codes = codes(60, 5)
    usual = project(given_codes, "tsne")
    assert torch.equal(project(given_codes, "tsne"), usual)  # nothing is left to chance
    thrown = [project(given_codes, "tsne", seed=seed) for seed in (0, 0, 1)]
    assert torch.equal(thrown[0], thrown[1])
    for other in (thrown[0], thrown[2], project(given_codes, "tsne", perplexity=5)):
        assert (other - usual).abs().max() > 0.1
    assert (thrown[0] - thrown[2]).abs().max() > 0.1


def test_projections_that_are_not_there():
    with pytest.raises(ValueError, match="31 codes"):
        project(codes(31, 4))
    with pytest.raises(ValueError, match="no projection is called 'umap'"):
        project(codes(40, 4), "umap")
    for perplexity in (0.5, 40, math.nan):
        with pytest.raises(ValueError, match=f"a perplexity of {perplexity} for 40 codes: give 1 or more, and fewer"):
            project(codes(40, 4), "tsne", perplexity)


def test_neighbours_are_those_of_a_loop():
    given_codes = codes(25, 2, 3)
    found = neighbours(given_codes, 4)
    for place, code in enumerate(given_codes):
        others = sorted((other for other in range(25) if other != place), key=lambda k: (given_codes[k] - code).norm())
        assert found[place].tolist() == others[:4]


def test_neighbours_that_are_kept_and_such_that_chance_keeps():
    line = torch.arange(8.0)[:, None]
    assert neighbours_kept(line, 2 * line.flip(0), 2).tolist() == [1.0] * 8
    moved = line.clone()
    moved[0] = 100.0  # its two neighbours, 1 and 2, are now 6 and 7; 1 and 2 have lost it
    assert neighbours_kept(line, moved, 2).tolist() == [0, 0.5, 1, 1, 1, 1, 1, 1]
    assert neighbours_kept(codes(400, 3), codes(400, 3, seed=1), 20).mean() == pytest.approx(20 / 399, abs=0.01)
    with pytest.raises(ValueError, match="7 points for 8 codes: give each code its point"):
        neighbours_kept(line, line[1:], 2)
    with pytest.raises(ValueError, match="8 neighbours among 8 codes: give at least 9"):
        neighbours(line, 8)
    with pytest.raises(ValueError, match="count is 0"):
        neighbours(line, 0)
    with pytest.raises(ValueError, match="NaN"):
        neighbours(line * math.nan, 2)


def test_the_effective_dimension_counts_directions():
    line = codes(500, 1) * torch.ones(5)
    assert effective_dimension(line) == pytest.approx(1)
    assert effective_dimension(codes(100_000, 5)) == pytest.approx(5, abs=0.01)
    two = codes(100_000, 5) * torch.tensor([1.0, 1, 0, 0, 0])
    assert effective_dimension(two) == pytest.approx(2, abs=0.01)
    with pytest.raises(ValueError, match="all codes are the same"):
        effective_dimension(torch.ones(4, 3))
    with pytest.raises(ValueError, match="1 code has no spread"):
        effective_dimension(torch.ones(1, 3))


def test_all_codes_come_in_order_and_without_dropout():
    model, some = build("dense-7").train(), pictures(25)
    found = encode_all(model, some, batch_size=10)
    assert all(module.training for module in model.modules())
    model.encoder.eval()
    encode_all(model, some)
    assert [model.training, model.encoder.training, model.decoder.training] == [True, False, True]
    torch.testing.assert_close(found, model.eval().encode(some.all().images))
    with pytest.raises(ValueError, match="0 pictures has no codes"):
        encode_all(model, some[:0])


@settings(deadline=None)
@given(st.integers(0, 1000), st.sampled_from([0.1, 0.7, 5.0]))
def test_steps_around_zero_are_those_of_rounding(seed, step):
    codes = torch.randn(60, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    rounded = quantizer(codes, step=step, around_zero=True)
    symbols = rounded.symbols(codes)
    assert torch.equal(symbols - (rounded.levels - 1) // 2, (codes / step + 0.5).floor().long())
    assert (rounded.levels % 2 == 1).all()
    for number in range(4):
        for symbol in symbols[:, number].unique():
            own = codes[symbols[:, number] == symbol, number]
            assert rounded.values[number, symbol].item() == pytest.approx(own.mean().item())


def test_a_quantizer_rounds_to_within_its_step():
    codes = torch.randn(500, 6, generator=torch.Generator().manual_seed(0)) * torch.tensor([4.0, 2, 1, 0.5, 0.1, 0])
    for rounded in (quantizer(codes, bits=5), quantizer(codes, step=0.3)):
        symbols = rounded.symbols(codes)
        assert (symbols >= 0).all()
        assert (symbols < rounded.levels).all()
        assert ((rounded.decode(symbols) - codes.double()).abs() <= rounded.step).all()
        torch.testing.assert_close(rounded.decode(symbols).mean(0), codes.double().mean(0))  # means stand for steps
    assert quantizer(codes, step=0.3).levels.tolist() == sorted(
        quantizer(codes, step=0.3).levels.tolist(), reverse=True
    )
    assert quantizer(codes, step=0.3).levels[5] == 1  # a number that never differs costs nothing


def test_bits_are_the_entropy_of_the_training_codes():
    even = torch.arange(8.0).repeat(1000)[:, None]  # eight steps, all as frequent: three bits
    rounded = quantizer(even, bits=3)
    assert rounded.bits(rounded.symbols(even)).mean().item() == pytest.approx(3)
    coin = torch.cat([torch.zeros(9000, 1), torch.ones(1000, 1)])
    rounded = quantizer(coin, bits=1)
    entropy = stats.entropy([0.9, 0.1], base=2)
    assert rounded.bits(rounded.symbols(coin)).mean().item() == pytest.approx(entropy, abs=1e-3)


def test_more_bits_lose_less_and_cost_more():
    codes = torch.randn(2000, 5, generator=torch.Generator().manual_seed(1)).cumsum(1)
    lost, spent = [], []
    for bits in range(1, 9):
        rounded = quantizer(codes, bits=bits)
        symbols = rounded.symbols(codes)
        lost.append((rounded.decode(symbols) - codes).square().mean().item())
        spent.append(rounded.bits(symbols).mean().item())
    assert lost == sorted(lost, reverse=True)
    assert spent == sorted(spent)


@pytest.mark.parametrize(
    ("codes", "settings", "said"),
    [
        (torch.rand(9, 2), {}, "bits is None and step is None: give one"),
        (torch.rand(9, 2), {"bits": 3, "step": 0.1}, "give one of them"),
        (torch.rand(9, 2), {"bits": 0}, "bits is 0: it has to be at least 1"),
        (torch.rand(9, 2), {"bits": 17}, "bits is 17: it has to be at most 16"),
        (torch.rand(9, 2), {"step": 0.0}, "step is 0.0: give a width above 0"),
        (torch.rand(9, 2), {"step": 1e-9}, "65,536 are the most"),
        (torch.rand(9), {"bits": 3}, r"codes have shape \(9,\): give \[N, K\]"),
        (torch.full((3, 2), math.nan), {"bits": 3}, "hold NaN or infinity"),
    ],
)
def test_codes_that_cannot_be_rounded(codes, settings, said):
    with pytest.raises(ValueError, match=said):
        quantizer(codes, **settings)


def test_codes_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"give \[N, 2\]"):
        quantizer(torch.rand(9, 2), bits=3).symbols(torch.rand(9, 3))

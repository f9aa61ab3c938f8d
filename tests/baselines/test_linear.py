"""The rivals against scikit-learn and against what linear algebra promises."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import dctn, idctn
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from synthetic import pictures
from torch import nn

from convae.baselines.linear import (
    allotted_block_pca,
    black_image,
    block_pca,
    dct,
    linear_restorer,
    local_pca,
    mean_image,
    mixture_restorer,
    pca,
    stretched,
)
from convae.corruption import GaussianNoise, LowResolution
from convae.data import ImageSet
from convae.models import Autoencoder
from convae.tasks import Reconstruction
from convae.training.loop import evaluate

ROWS, COLUMNS = 12, 13
GENERATOR = torch.Generator().manual_seed(0)
TRAIN, TEST = (pictures(count, (1, ROWS, COLUMNS), seed=seed) for count, seed in [(150, 0), (40, 1)])
ROUGH = ImageSet(
    torch.randint(0, 256, (200, 1, ROWS, COLUMNS), dtype=torch.uint8, generator=GENERATOR),
    torch.zeros(200, dtype=torch.int64),
    ("noise",),
)


def pixels(images):
    return images.images.flatten(1).double().numpy() / 255


@pytest.fixture(autouse=True)
def _no_gradients():
    with torch.no_grad():
        yield


def mse(model, images):
    return ((model(images.all().images).double() - images.images / 255) ** 2).flatten(1).mean(1)


@pytest.mark.parametrize("size", [1, 7, 40, 155, ROWS * COLUMNS])
@pytest.mark.parametrize("train", [TRAIN, ROUGH], ids=["smooth", "noise"])
def test_pca_is_scikit_learns(train, size):
    model = pca(train, size, clip=False)
    if size > len(train):
        assert mse(model, train).max() < 1e-10  # scikit-learn's takes no more numbers than there are pictures
        return
    theirs = PCA(size, svd_solver="full").fit(pixels(train))
    expected = theirs.inverse_transform(theirs.transform(pixels(TEST)))
    np.testing.assert_allclose(model(TEST.all().images).flatten(1), expected, atol=2e-5)
    code, other = model.encode(TEST.all().images).double().numpy(), theirs.transform(pixels(TEST))
    assert code.shape == (40, size)
    if train is ROUGH:  # there no two eigenvalues are equal, so that each direction is fixed but for its sign
        np.testing.assert_allclose(np.abs(code), np.abs(other), atol=2e-4)


@pytest.mark.parametrize("size", [1, 20, 100, ROWS * COLUMNS])
def test_the_error_of_pca_is_the_sum_of_the_eigenvalues_that_are_dropped(size):
    values = np.linalg.eigvalsh(np.cov(pixels(ROUGH).T, bias=True))[::-1]
    expected = values[size:].sum() / (ROWS * COLUMNS)
    assert mse(pca(ROUGH, size, clip=False), ROUGH).mean() == pytest.approx(expected, rel=1e-5, abs=1e-10)


def test_no_other_linear_code_of_that_size_is_better():
    best = mse(pca(TRAIN, 3, clip=False), TRAIN).mean()
    mean = pixels(TRAIN).mean(0)
    for seed in range(20):
        other = np.linalg.qr(np.random.default_rng(seed).normal(size=(ROWS * COLUMNS, 3)))[0]
        restored = (pixels(TRAIN) - mean) @ other @ other.T + mean
        assert ((restored - pixels(TRAIN)) ** 2).mean() > best


@pytest.mark.parametrize(
    ("make", "options"), [(pca, (60,)), (pca, (140,)), (block_pca, (4, 9)), (block_pca, (5, 20, False))]
)
def test_clipping_only_gains(make, options):
    plain, clipped = mse(make(ROUGH, *options, clip=False), ROUGH), mse(make(ROUGH, *options), ROUGH)
    assert (clipped <= plain).all()
    assert (clipped < plain).any()
    restored = make(ROUGH, *options)(ROUGH.all().images)
    assert restored.min() == 0
    assert restored.max() == 1


def blocks_of(images, side):
    """[positions, N, side²], cut out one by one."""
    whole = pixels(images).reshape(-1, ROWS, COLUMNS)
    return [
        whole[:, row : row + side, column : column + side].reshape(len(whole), -1)
        for row in range(0, ROWS - side + 1, side)
        for column in range(0, COLUMNS - side + 1, side)
    ]


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(("side", "numbers"), [(4, 3), (5, 7), (12, 9), (1, 1)])
def test_block_pca_is_pca_of_the_blocks(side, numbers, shared):
    model = block_pca(TRAIN, side, numbers, shared, clip=False)
    restored = model(TEST.all().images).double().numpy()[:, 0]
    expected = np.broadcast_to(pixels(TRAIN).mean(0).reshape(ROWS, COLUMNS), restored.shape).copy()
    cut, positions = blocks_of(TRAIN, side), ROWS // side * (COLUMNS // side)
    for position, block in enumerate(blocks_of(TEST, side)):
        theirs = PCA(numbers, svd_solver="full").fit(np.concatenate(cut) if shared else cut[position])
        row, column = (side * index for index in divmod(position, COLUMNS // side))
        part = theirs.inverse_transform(theirs.transform(block)).reshape(-1, side, side)
        expected[:, row : row + side, column : column + side] = part
    np.testing.assert_allclose(restored, expected, atol=2e-5)
    code = model.encode(TEST.all().images)
    assert code.shape == (40, numbers, ROWS // side, COLUMNS // side)
    assert position + 1 == positions


def test_own_directions_are_at_least_as_good_as_shared_ones_and_all_numbers_are_exact():
    assert mse(block_pca(TRAIN, 4, 2, shared=False), TRAIN).mean() < mse(block_pca(TRAIN, 4, 2), TRAIN).mean()
    exact = block_pca(TRAIN, 4, 16, clip=False)(TEST.all().images)
    torch.testing.assert_close(exact[..., :12], TEST.all().images[..., :12], atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", [1, 20, 100, 144])
def test_the_error_of_allotted_blocks_is_the_sum_of_the_smallest_of_all_blocks_eigenvalues(size):
    values = np.concatenate([np.linalg.eigvalsh(np.cov(block.T, bias=True)) for block in blocks_of(ROUGH, 4)])
    left = pixels(ROUGH).reshape(-1, ROWS, COLUMNS)[..., 12:].reshape(len(ROUGH), -1).var(0).sum()
    expected = (np.sort(values)[::-1][size:].sum() + left) / (ROWS * COLUMNS)
    model = allotted_block_pca(ROUGH, 4, size, clip=False)
    assert mse(model, ROUGH).mean() == pytest.approx(expected, rel=1e-5)
    assert model.encode(TEST.all().images).shape == (40, size)


def test_allotted_blocks_know_nothing_of_each_other_and_leave_less_error_than_equal_shares():
    assert mse(allotted_block_pca(TRAIN, 4, 18), TRAIN).mean() < mse(block_pca(TRAIN, 4, 2, False), TRAIN).mean()
    model, images = allotted_block_pca(TRAIN, 4, 30, clip=False), TEST.all().images
    changed = images.clone()
    changed[..., 4:8, 8:12] = 0
    same = torch.ones(ROWS, COLUMNS, dtype=torch.bool)
    same[4:8, 8:12] = False
    torch.testing.assert_close(model(changed)[..., same], model(images)[..., same], atol=1e-6, rtol=0)
    assert (model(changed) - model(images)).abs().max() > 0.1


@settings(deadline=None, max_examples=30)
@given(offset=st.floats(-0.5, 0.5), place=st.integers(0, ROWS * COLUMNS - 1))
def test_the_mean_image_is_the_best_constant(offset, place):
    model = mean_image(TRAIN)
    best = mse(model, TRAIN).mean().item()
    other = pixels(TRAIN).mean(0)
    other[place] += offset
    assert best <= ((other - pixels(TRAIN)) ** 2).mean() + 1e-7
    assert best == pytest.approx(pixels(TRAIN).var(0).mean(), rel=1e-5)


def test_a_constant_has_one_answer_to_every_picture():
    for model, expected in [(mean_image(TRAIN), pixels(TRAIN).mean(0)), (black_image(TRAIN), 0)]:
        restored = model(TEST.all().images)
        assert restored.shape == TEST.images.shape
        np.testing.assert_allclose(restored.flatten(1), np.broadcast_to(expected, (40, ROWS * COLUMNS)), atol=1e-6)


def test_colour_pictures_have_a_mean_and_directions_too():
    colour = pictures(60, (3, 6, 5))
    exact = pca(colour, 3 * 6 * 5)
    assert exact(colour.all().images).shape == (60, 3, 6, 5)
    assert mse(exact, colour).max() < 1e-10
    assert mean_image(colour)(colour.all().images).shape == (60, 3, 6, 5)


def test_the_task_scores_them_like_any_net():
    for model in [mean_image(TRAIN), black_image(TRAIN), pca(TRAIN, 9), block_pca(TRAIN, 4, 3)]:
        scores = evaluate(model, Reconstruction(), TEST)
        torch.testing.assert_close(scores["mse"].double(), mse(model, TEST))
        assert scores["ssim"].shape == (40,)


def test_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    for model in [pca(TRAIN, 9), block_pca(TRAIN, 4, 3), mean_image(TRAIN)]:
        assert torch.equal(torch.get_rng_state(), before), model


@pytest.mark.parametrize("size", [0, -1, ROWS * COLUMNS + 1])
def test_an_impossible_code_is_refused(size):
    with pytest.raises(
        ValueError, match=f"a code of {size} numbers for pictures of 156 pixels: choose a code_size from 1 to 156"
    ):
        pca(TRAIN, size)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((13, 2), r"2 numbers for blocks of 13×13 in pictures of 1×12×13: .* a block from 1 to 12"),
        ((0, 2), "a block from 1 to 12"),
        ((4, 0), "0 numbers for blocks of 4×4"),
        ((4, 17), "from 1 to block² numbers"),
    ],
)
def test_impossible_blocks_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        block_pca(TRAIN, *options)
    for size in (0, 145):
        with pytest.raises(ValueError, match="choose a code_size from 1 to 144"):
            allotted_block_pca(TRAIN, 4, size)
    with pytest.raises(ValueError, match="give grey pictures"):
        block_pca(pictures(3, (3, 12, 12)), 4, 2)


FITS = [
    mean_image,
    lambda train: pca(train, 1),
    lambda train: block_pca(train, 4, 1),
    lambda train: allotted_block_pca(train, 4, 1),
]


@pytest.mark.parametrize("fit", FITS)
def test_nothing_to_learn_from_is_refused(fit):
    with pytest.raises(ValueError, match="the training set has 0 pictures: give at least 1"):
        fit(TRAIN[:0])


# from spoiled to clean


def test_the_linear_restorer_is_scikit_learns_regression():
    train, corrupt = pictures(300, (1, 6, 6)), GaussianNoise(0.4)
    restorer = linear_restorer(train, corrupt, seed=3, clip=False)
    clean = train.all().images
    spoiled = corrupt(clean, torch.Generator().manual_seed(3))
    expected = LinearRegression().fit(spoiled.flatten(1), clean.flatten(1)).predict(spoiled.flatten(1))
    torch.testing.assert_close(restorer(spoiled).flatten(1), torch.from_numpy(expected), atol=1e-4, rtol=0)


def test_the_linear_restorer_beats_doing_nothing_and_ends_in_range():
    train, corrupt = pictures(300, (1, 6, 6)), GaussianNoise(0.4)
    clean = pictures(100, (1, 6, 6), seed=5).all().images
    spoiled = corrupt(clean, torch.Generator().manual_seed(0))
    restored = linear_restorer(train, corrupt)(spoiled)
    assert (restored - clean).square().mean() < 0.5 * (spoiled.clamp(0, 1) - clean).square().mean()
    assert restored.min() >= 0
    assert restored.max() <= 1


def test_without_a_spoiled_pixel_the_linear_restorer_is_the_identity():
    train = pictures(300, (1, 6, 6))
    restorer = linear_restorer(train, GaussianNoise(0.0))
    torch.testing.assert_close(restorer(train.all().images), train.all().images, atol=1e-3, rtol=0)


@pytest.mark.parametrize("shape", [(3, 6, 6), (1, 4, 9), (4, 3, 3)])
def test_what_is_fitted_to_pixels_takes_no_other_shape(shape):
    train = pictures(90, (1, 6, 6))
    for fitted in (linear_restorer(train, GaussianNoise(0.1)), pca(train, 5)):
        with pytest.raises(ValueError, match=r"do not fit what was made for \(1, 6, 6\)"):
            fitted(torch.rand(2, *shape))


def test_what_no_linear_restorer_is_fitted_to():
    with pytest.raises(ValueError, match="36 pictures of 36 pixels: give more pictures than pixels"):
        linear_restorer(pictures(36, (1, 6, 6)), GaussianNoise(0.1))
    with pytest.raises(ValueError, match=r"makes \(1, 3, 3\) of \(1, 6, 6\): .* enlarge=True"):
        linear_restorer(pictures(90, (1, 6, 6)), LowResolution(2))


def test_a_mixture_of_one_group_is_the_linear_map_in_a_formula():
    seen = GaussianNoise(0.5)(TEST.all().images, torch.Generator().manual_seed(2))
    covariance = torch.from_numpy(np.cov(pixels(TRAIN).T, bias=True))
    gain = covariance @ torch.linalg.inv(covariance + 0.25 * torch.eye(ROWS * COLUMNS))
    mean = torch.from_numpy(pixels(TRAIN).mean(0))
    expected = mean + (seen.flatten(1).double() - mean) @ gain.T
    found = mixture_restorer(TRAIN, 0.5, 1, clip=False)(seen)
    torch.testing.assert_close(found.flatten(1).double(), expected, atol=1e-5, rtol=0)


def test_a_mixture_adds_the_slope_of_its_log_density():
    """x̃ + σ² ∇ log p(x̃), where p is that of PyTorch's mixture of normal densities."""
    left, right = (pictures(count, (1, 6, 6), seed=count).all().images for count in (60, 30))
    both = ImageSet(
        (torch.cat([0.1 * left, 0.9 + 0.1 * right]) * 255).byte(), torch.zeros(90, dtype=torch.int64), ("a",)
    )
    shown = both.images.flatten(1).double() / 255
    noise = 0.25 * torch.eye(36, dtype=torch.float64)
    parts = (shown[:60], shown[60:])  # far apart, so that k-means finds them
    normal = torch.distributions.MultivariateNormal(
        torch.stack([part.mean(0) for part in parts]),
        torch.stack([part.T.cov(correction=0) + noise for part in parts]),
    )
    density = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(torch.tensor([2 / 3, 1 / 3], dtype=torch.float64)), normal
    )
    seen = (
        0.4 + 0.5 * torch.randn(20, 36, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    ).requires_grad_()
    with torch.enable_grad():
        (slope,) = torch.autograd.grad(density.log_prob(seen).sum(), seen)
    found = mixture_restorer(both, 0.5, 2, clip=False)(seen.detach().float().view(20, 1, 6, 6))
    torch.testing.assert_close(found.flatten(1).double(), seen.detach() + 0.25 * slope, atol=1e-4, rtol=0)


def test_a_mixture_of_more_groups_than_differ_still_answers():
    same = ImageSet(TRAIN.images[:1].repeat(5, 1, 1, 1), torch.zeros(5, dtype=torch.int64), ("one",))
    torch.testing.assert_close(
        mixture_restorer(same, 0.1, 3)(TEST.all().images)[:1], same.all().images[:1], atol=1e-4, rtol=0
    )


@pytest.mark.parametrize(
    ("sigma", "groups", "message"),
    [
        (0, 2, "sigma is 0: give a standard deviation above 0"),
        (0.5, 0, "0 groups of 150 pictures: give at least 1"),
        (0.5, 151, "151 groups of 150 pictures"),
    ],
)
def test_a_mixture_that_cannot_be_is_refused(sigma, groups, message):
    with pytest.raises(ValueError, match=message):
        mixture_restorer(TRAIN, sigma, groups)


def test_a_stretch_finds_the_contrast_that_was_taken_away():
    """Pictures of black and white come back between 0.2 and 0.8: with t = 0.2 they are as they were."""
    binary = ImageSet((ROUGH.images > 127).to(torch.uint8) * 255, ROUGH.labels, ROUGH.classes)
    paler = nn.Sequential(nn.Flatten(), nn.Linear(ROWS * COLUMNS, ROWS * COLUMNS), nn.Unflatten(1, (1, ROWS, COLUMNS)))
    paler[1].weight.copy_(0.6 * torch.eye(ROWS * COLUMNS))
    paler[1].bias.fill_(0.2)
    plain = Autoencoder(nn.Identity(), paler, (1, ROWS, COLUMNS))
    again = stretched(plain, binary)
    assert again.decoder[-1].threshold == 0.2
    assert mse(again, binary).max() < 1e-10 < mse(plain, binary).min()
    images = torch.rand(5, 1, ROWS, COLUMNS, generator=GENERATOR)
    torch.testing.assert_close(again.encode(images), plain.encode(images))


@pytest.mark.parametrize("size", [3, 40])
def test_a_stretch_costs_nothing_where_it_is_fitted(size):
    assert mse(stretched(pca(TRAIN, size, clip=False), TRAIN), TRAIN).mean() <= mse(pca(TRAIN, size), TRAIN).mean()
    with pytest.raises(ValueError, match="seen"):
        stretched(pca(TRAIN, size, clip=False), TRAIN, seen=0)


@pytest.mark.parametrize("order", ["zigzag", "variance"])
@pytest.mark.parametrize("size", [1, 10, ROWS * COLUMNS])
def test_dct_is_scipys_with_some_coefficients_left_out(order, size):
    mean = pixels(TRAIN).mean(0).reshape(ROWS, COLUMNS)
    waves = dctn(pixels(TEST).reshape(-1, ROWS, COLUMNS) - mean, axes=(1, 2), norm="ortho")
    places = np.indices((ROWS, COLUMNS)).reshape(2, -1).T.tolist()
    spread = dctn(pixels(TRAIN).reshape(-1, ROWS, COLUMNS), axes=(1, 2), norm="ortho").var(0)
    ranks = {
        # odd diagonals run down, even ones up: (0, 0), (0, 1), (1, 0), (2, 0), (1, 1), (0, 2), …
        "zigzag": lambda place: (sum(place), place[0] if sum(place) % 2 else place[1]),
        "variance": lambda place: -spread[tuple(place)],
    }
    kept = np.zeros((ROWS, COLUMNS), bool)
    kept[tuple(np.array(sorted(places, key=ranks[order])[:size]).T)] = True
    expected = idctn(waves * kept, axes=(1, 2), norm="ortho") + mean
    np.testing.assert_allclose(dct(TRAIN, size, order, clip=False)(TEST.all().images)[:, 0], expected, atol=2e-5)


def test_dct_keeps_no_less_error_than_pca_and_refuses_what_it_cannot_do():
    for order in ("zigzag", "variance"):
        assert mse(dct(TRAIN, 20, order, clip=False), TRAIN).mean() >= mse(pca(TRAIN, 20, clip=False), TRAIN).mean()
    with pytest.raises(ValueError, match="order"):
        dct(TRAIN, 20, "spiral")
    with pytest.raises(ValueError, match="0"):
        dct(TRAIN, 0)
    with pytest.raises(ValueError, match="grey"):
        dct(pictures(5, (3, ROWS, COLUMNS), seed=0), 2)


def test_local_pca_of_one_group_is_pca_with_a_number_less():
    images = TEST.all().images
    torch.testing.assert_close(local_pca(TRAIN, 5, 1)(images), pca(TRAIN, 4)(images), atol=1e-5, rtol=0)


def test_local_pca_finds_planes_that_cross():
    """Pictures of two planes: two PCAs of two directions give them back, one of four numbers cannot tell better."""
    chance = torch.Generator().manual_seed(0)
    axes = torch.linalg.qr(torch.randn(36, 4, generator=chance)).Q
    which = torch.arange(400) % 2
    along = torch.randn(400, 2, generator=chance)
    pixels = torch.stack([along[k] @ axes[:, 2 * which[k] : 2 * which[k] + 2].T for k in range(400)])
    scaled = (pixels - pixels.min()) / (pixels.max() - pixels.min())
    crossed = ImageSet((255 * scaled).round().byte().view(-1, 1, 6, 6), which, ("first", "second"))
    images = crossed.all().images
    lost = {
        "two planes": (local_pca(crossed, 3, 2, rounds=50)(images) - images).square().mean().item(),
        "one plane of three": (pca(crossed, 3)(images) - images).square().mean().item(),
    }
    assert lost["two planes"] < 0.05 * lost["one plane of three"]


@pytest.mark.parametrize(
    ("code_size", "groups", "said"),
    [
        (1, 2, "give at least 2"),
        (0, 2, "code_size"),
        (ROWS * COLUMNS + 1, 2, "pixels"),
        (3, 0, "0 groups"),
        (3, 10**6, "1000000 groups"),
    ],
)
def test_local_pca_refuses(code_size, groups, said):
    with pytest.raises(ValueError, match=said):
        local_pca(TRAIN, code_size, groups)

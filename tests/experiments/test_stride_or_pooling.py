"""What strides and poolings keep, in small, and the measures of a shift on layers whose answers are known."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from convae import load
from convae.experiments import STUDIES
from convae.experiments.runs import load_run
from convae.experiments.stride_or_pooling import (
    NETS,
    POOLINGS,
    before_linear,
    chosen,
    enlarge_without_aliasing,
    net_shift_error,
    pooling,
    sample_without_aliasing,
    shift_errors,
    way_back,
)
from convae.models import build


@pytest.fixture
def pictures():
    return load("digits").test[:6].all().images


@pytest.fixture
def splits():
    return load("digits")


def wave(cycles, size=60, start=0.0):
    """A picture [1, 1, size, size] with so many cycles a pixel, from left to right."""
    return torch.cos(2 * torch.pi * cycles * (torch.arange(size) - start)).expand(1, 1, size, size)


@pytest.mark.parametrize("stride", [2, 3])
def test_what_is_too_fast_goes_and_what_is_slow_stays(stride):
    inner = (..., slice(60, -60), slice(60, -60))  # as far from the edges as the sinc reaches
    slow, fast = (wave(part / stride, 240) for part in (0.4, 0.7))  # of the limit, 1 / (2 · stride) cycles a pixel
    small = sample_without_aliasing(slow, stride)
    assert (enlarge_without_aliasing(small, 240) - slow)[inner].abs().max() < 0.02
    assert sample_without_aliasing(fast, stride)[..., 28:-28, 28:-28].abs().max() < 0.02


def test_an_even_map_stays_even():
    even = torch.full((1, 2, 12, 12), 0.3)
    torch.testing.assert_close(sample_without_aliasing(even, 3), torch.full((1, 2, 4, 4), 0.3))
    torch.testing.assert_close(enlarge_without_aliasing(even, 24), torch.full((1, 2, 24, 24), 0.3))


def test_maps_that_do_not_fit():
    with pytest.raises(ValueError, match="maps of 10×12 by 3: give sides that it divides"):
        sample_without_aliasing(torch.rand(1, 1, 10, 12), 3)
    with pytest.raises(ValueError, match="maps of 5×6 to 12: give square maps and a multiple of their side"):
        enlarge_without_aliasing(torch.rand(1, 1, 5, 6), 12)
    with pytest.raises(ValueError, match="no pooling is called 'median': there are stride, max, average, "):
        pooling("median", 2)
    with pytest.raises(ValueError, match="pictures of 20×20: give 28×28"):
        shift_errors(nn.Identity(), torch.rand(2, 1, 20, 20))


def test_shifts_of_layers_whose_answers_are_known(pictures):
    torch.manual_seed(0)
    convolution = nn.Conv2d(1, 8, 3, padding=1)

    def errors(name, by=1):
        return [value.mean().item() for value in shift_errors(lambda x: pooling(name, 2)(convolution(x)), pictures, by)]

    moves, stays = shift_errors(convolution, pictures)
    assert moves.max() < 1e-10 < 0.01 < stays.min()
    for name in POOLINGS:
        assert errors(name, by=2)[0] < 1e-3, name  # a whole stride: the enlarging leaves a little at the edges
    assert errors("alias-free")[0] < 1e-3 < errors("stride")[0]
    moves, stays = shift_errors(lambda images: convolution(images).amax((2, 3), keepdim=True), pictures)
    assert stays.max() == 0
    moves, stays = shift_errors(nn.Identity(), pictures, by=0)
    assert moves.max() == 0 == stays.max()


def test_the_maximum_of_every_place_and_a_blur_keep_their_places():
    maps = torch.zeros(1, 8, 12, 12)
    maps[..., 4:8, 4:8] = 1
    for stride in (2, 3):
        for name in POOLINGS:
            small = pooling(name, stride)(maps)
            assert small.shape[-2:] == (12 // stride, 12 // stride), name
            if stride == 2:
                torch.testing.assert_close(small, small.mT)
    assert pooling("max-blur", 2)(maps).max() <= 1


def test_a_net_that_copies_moves_what_it_is_shown(pictures):
    room = nn.functional.pad(pictures, (0, -3))
    room = nn.functional.pad(room, (0, 3))
    assert net_shift_error(nn.Identity(), room, 3).max() == 0
    fixed = nn.Sequential(nn.Conv2d(1, 1, 1), nn.Identity())
    nn.init.zeros_(fixed[0].weight)
    pattern = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))

    class Fixed(nn.Module):
        def forward(self, images):
            return pattern.expand_as(images)

    assert net_shift_error(Fixed(), room, 1).min() > 0.5


def test_the_way_back_is_that_of_least_squares_where_nothing_is_penalised():
    chance = torch.Generator().manual_seed(0)
    known = {
        part: torch.randn(count, 5, generator=chance) for part, count in (("known", 200), ("tried", 50), ("test", 50))
    }
    weights = 0.05 * torch.randn(5, 7, generator=chance)
    wanted = {part: 0.5 + each @ weights for part, each in known.items()}
    torch.testing.assert_close(way_back(known, wanted, (1e-9, 10.0))[0], wanted["test"], atol=1e-4, rtol=0)
    black = {part: torch.zeros_like(each) for part, each in wanted.items()}
    assert way_back({part: torch.zeros(len(each), 3) for part, each in known.items()}, black, (1e-6,))[0].max() == 0


def test_random_pictures_are_others_than_the_first_ones(splits):
    some = chosen(splits.test, 5, torch.Generator().manual_seed(0))
    assert len(some) == 5
    assert not torch.equal(some.images, splits.test.images[:5])


def test_the_parts_of_the_study_are_made_alike_again(splits):
    study = replace(STUDIES["pooling"], shifted=4, repeats=2)
    shifts = study.parts()[2]
    rows, again = (shifts.table(splits, None)[0] for _ in range(2))
    assert rows == again
    assert rows["shift/whole-map"]["stays"][0] == 0
    assert {row.partition("/")[0] for row in rows} == {"shift"}


def test_what_eight_random_kernels_keep_is_a_share(splits):
    study = replace(STUDIES["pooling"], known=300, pictures=20, repeats=1, measured=("kept",))
    rows, _ = study.table(splits, None)
    assert len(rows) == 4
    for row in rows.values():
        assert 0.3 < row["window"][0] <= 1
        assert row["ridge"][0] in study.ridges


def test_the_penalty_is_the_one_that_serves_the_validation_pictures():
    chance, counts = torch.Generator().manual_seed(0), {"known": 50, "tried": 20, "test": 5}
    known = {part: torch.rand(count, 1, generator=chance) for part, count in counts.items()}
    assert way_back(known, known, (1e-6, 1e-3, 10.0))[1] == 1e-6
    opposite = known | {"tried": 1 - known["tried"]}
    assert way_back(opposite, known, (1e-6, 1e-3, 1e6))[1] == 1e6


def test_a_relu_behind_the_pooling_is_another_order_for_sums_and_the_same_for_one_number(splits):
    rows, _ = replace(STUDIES["pooling"], shifted=4, repeats=2, measured=("shifts",)).table(splits, None)
    for stride in (2, 3):
        same = {name for name in POOLINGS if rows[f"shift/{stride}/report/{name}"]["moves_relu"][0] == 0}
        assert same == {"stride", "max"}


def test_a_linear_decoder_makes_every_pixel_of_all_numbers_of_the_code():
    net = before_linear(build("robledo-average-pool"))
    slopes = torch.autograd.functional.jacobian(net.decode, torch.rand(1, 16, 3, 3))[0, 0, :, :, 0]
    assert slopes.shape == (28, 28, 16, 3, 3)
    assert (slopes != 0).all()
    torch.testing.assert_close(
        net.decode(torch.ones(1, 16, 3, 3)) - net.decode(torch.zeros(1, 16, 3, 3)), slopes.sum((2, 3, 4))[None, None]
    )


def test_the_stored_nets_have_the_stored_errors():
    stored = load_run("pooling").scores["test"]
    for name in NETS:
        row, run = stored[f"net/{name}"], load_run(name)
        assert row["decoder"][0] == pytest.approx(run.scores["test"]["mse"], rel=1e-4)
        assert row["block"][0] > row["all"][0]


def test_a_mean_can_come_before_the_convolution():
    """Both layers, edges and ReLUs included: smoothing first leaves the products of the strided net."""
    net = build("robledo-average-pool").encoder
    maps = images = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    for layer in net:
        if isinstance(layer, nn.Conv2d):
            smoothed = nn.functional.avg_pool2d(nn.functional.pad(maps, (1, 1, 1, 1)), 3, stride=1)
            maps = nn.functional.conv2d(smoothed, layer.weight, layer.bias, stride=3)
        elif not isinstance(layer, nn.AvgPool2d):
            maps = layer(maps)
    torch.testing.assert_close(maps, net(images), atol=1e-6, rtol=0)


def test_less_comes_back_from_fewer_kernels_and_from_numbers_with_noise(splits):
    rows, _ = replace(STUDIES["pooling-kept"], known=300, pictures=50, repeats=1, noises=(0.01, 1.0)).table(
        splits, None
    )
    for name in POOLINGS[:4]:
        shares = [rows[f"{case}/{name}"]["all"][0] for case in ("1/0", "2/0", "4/0", "8/0")]
        assert shares == sorted(shares)
        assert rows[f"8/1/{name}"]["all"][0] < shares[-1]

"""The small modern net for more pixels."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import noise
from torch import nn

from convae.baselines.enlarging import Enlarge
from convae.models import SuperResolver, build


@settings(deadline=None, max_examples=20)
@given(factor=st.integers(2, 4), colours=st.sampled_from([1, 3]), rows=st.integers(4, 20), columns=st.integers(4, 20))
def test_what_comes_out_is_larger_by_the_factor(factor, colours, rows, columns):
    net = SuperResolver(factor, 4, 1, colours)
    assert net(noise(2, colours, rows, columns)).shape == (2, colours, factor * rows, factor * columns)


def test_a_net_that_says_nothing_interpolates():
    net, images = SuperResolver(2, 4, 1), noise(2, 3, 12, 9)
    nn.init.zeros_(net.enlarge[0].weight)
    nn.init.zeros_(net.enlarge[0].bias)
    assert torch.equal(net(images), Enlarge(2, "bicubic")(images))


def test_alone_it_adds_to_nothing():
    images = noise(2, 3, 8, 8)
    nets = []
    for add in (True, False):
        torch.manual_seed(0)
        nets.append(SuperResolver(4, 4, 1, add=add))
    torch.testing.assert_close(nets[0](images), nets[1](images) + Enlarge(4, "bicubic")(images))
    assert build("super-resolver-4-alone").add is False


def test_the_books_nets_stay_below_100_000_parameters():
    for factor in (2, 4):
        net = build(f"super-resolver-{factor}")
        (net(noise(2, 3, 8, 8)) - 0.5).square().sum().backward()
        assert all(parameter.grad.abs().sum() > 0 for parameter in net.parameters())
        assert sum(parameter.numel() for parameter in net.parameters()) < 100_000


@pytest.mark.parametrize("settings", [{"factor": 1}, {"channels": 0}, {"blocks": 0}, {"colours": 0}])
def test_nets_that_cannot_be(settings):
    with pytest.raises(ValueError, match=r"(factor is 1|(channels|blocks|colours) is 0): it has to be at least"):
        SuperResolver(**settings)


def test_grey_pictures_do_not_fit_a_net_for_colours():
    with pytest.raises(ValueError, match=r"for a net of 3 colours: give \[N, 3, H, W\]"):
        SuperResolver()(noise(1, 1, 8, 8))

"""The claims of calderon2019: shown something else, other scores or another table, each verdict turns."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from convae import claims
from convae.claims import SLIP, calderon
from convae.experiments.runs import load_run


def test_the_slips_are_slips_of_the_text_and_what_holds_holds():
    slips = {"calderon_stride", "calderon_vector", "calderon_product"}
    for name in slips:
        assert claims.CLAIMS[name]().verdict == SLIP
        assert not claims.CLAIMS[name].shown
    assert "entry 8 is missing, one of the three 8s" in claims.calderon_vector().reason
    assert claims.calderon_enlarges().figures["kernel 3, stride 1, padding 2"].startswith("4 pixels become 6 by the")


def test_a_net_has_more_numbers_where_its_channels_grow_faster_than_its_pixels_get_fewer():
    figures = claims.calderon_layers_reduce().figures
    assert figures["Robledo's net with max-pooling"] == "784 → 6,272 → 648 → 1,296 → 144"
    path = figures["the way down of the U-Net, as it was published"].split(" → ")
    assert path[0] == f"{572**2:,}"
    assert path[-1] == f"{28**2 * 1024:,}"


@pytest.mark.parametrize(("layers", "pool", "filters"), [(1, 2, 5), (1, 2, 13), (2, 3, 16), (3, 2, 512)])
def test_pooling_layers_reduce_the_numbers_by_the_condition_that_is_printed(layers, pool, filters):
    side = 2 * pool**layers
    each = (lambda: nn.LazyConv2d(filters, 3, padding=1)), nn.ReLU, lambda: nn.MaxPool2d(pool)
    net = nn.Sequential(*(make() for _ in range(layers) for make in each))
    fewer = net(torch.zeros(1, 3, side, side)).numel() < 3 * side**2
    assert fewer == (filters < 3 * pool ** (2 * layers))
    figures = claims.calderon_layers_reduce().figures
    assert figures["in which the last layer has fewer filters than channels × factor ^ (2 × layers)"].endswith(
        "the same"
    )


def test_the_stored_kernels_are_trained_out():
    rows = load_run("doubling").scores["test"]
    for size in (4, 8):
        above = [sum(rows[f"learnt-{size}/{epochs}"]["above"]) / 5 for epochs in (8, 16, 32)]
        assert above[0] > above[1] > above[2]
        assert above[2] < 1e-3


def test_the_matrix_is_the_convolution():
    picture = torch.rand(4, 4, dtype=torch.float64)
    expected = functional.conv2d(picture[None, None], calderon.F[None, None]).flatten()
    torch.testing.assert_close(calderon.example_matrix() @ picture.flatten(), expected)


def test_cubic_weights_of_one_place_sum_to_1():
    for offset in (0.0, 0.25, 0.4, 0.75):
        assert sum(calderon.keys_cubic(offset + step) for step in (-2, -1, 0, 1)) == pytest.approx(1)

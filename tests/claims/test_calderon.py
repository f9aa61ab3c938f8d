"""The claims of calderon2019: shown something else, other scores or another table, each verdict turns."""

import pytest
import torch
from torch.nn import functional

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, SLIP, calderon
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
    assert figures["robledo2021's net with max-pooling"] == "784 → 6,272 → 648 → 1,296 → 144"
    path = figures["the way down of the U-Net, as it was published"].split(" → ")
    assert path[0] == f"{572**2:,}"
    assert path[-1] == f"{28**2 * 1024:,}"


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


@pytest.fixture
def rows():
    """A table as the study makes it, with figures of our own."""

    def interval(mean):
        return [mean, mean - 0.1, mean + 0.1, 2000]

    table = {
        "copying/unet-direct": {"noise": interval(0.001)},
        "copying/bottleneck-32": {"noise": interval(0.08)},
        "clothes/denoise-unet": {"psnr": interval(14.0)},
        "clothes/denoise-fashion": {"psnr": interval(20.0)},
        "0.5/denoise-fashion": {"psnr": interval(17.0)},
        "0/denoise-unet": {"psnr": interval(24.0)},
        "0.5/linear": {"psnr": interval(17.6)},
    }
    for sigma, spoiled, net in (("0.1", 20.0, 23.0), ("0.5", 9.0, 21.0), ("1", 6.0, 12.0)):
        table |= {f"{sigma}/spoiled": {"psnr": interval(spoiled)}, f"{sigma}/denoise-unet": {"psnr": interval(net)}}
    for place, name in enumerate(("Gaussian", "median", "bilateral", "non-local means", "total variation", "wavelet")):
        table[f"0.5/{name}"] = {"psnr": interval(15.0 - place)}

    def changed(**psnr):
        return table | {name: {"psnr": interval(value)} for name, value in psnr.items()}

    return changed


def test_the_identity(rows):
    table = rows()
    assert claims.calderon_identity(table).verdict == IN_PART
    assert claims.calderon_identity(table).figures["the same, net with a code of 32 numbers"] == "96%"
    table["copying/bottleneck-32"] = {"noise": [0.001, 0.001, 0.001, 2000]}
    assert claims.calderon_identity(table).verdict == HOLDS
    both = {name: {"noise": [0.08, 0.08, 0.08, 2000]} for name in ("copying/unet-direct", "copying/bottleneck-32")}
    assert claims.calderon_identity(table | both).verdict == FAILS


def test_noise_is_removed_where_the_picture_gets_better(rows):
    assert claims.calderon_removes(rows()).verdict == HOLDS
    some = claims.calderon_removes(rows(**{"0.1/denoise-unet": 19.0}))
    assert some.verdict == IN_PART
    assert "at 2 of 3 σ" in some.reason
    worse = {"0.1/denoise-unet": 19.0, "0.5/denoise-unet": 8.0, "1/denoise-unet": 5.0}
    assert claims.calderon_removes(rows(**worse)).verdict == FAILS


def test_what_is_learnt_depends_on_the_pictures(rows):
    assert claims.calderon_learns_corruption(rows()).verdict == FAILS
    assert claims.calderon_learns_corruption(rows(**{"clothes/denoise-unet": 19.5})).verdict == IN_PART
    same = {"clothes/denoise-unet": 19.5, "0.5/denoise-fashion": 20.8}
    assert claims.calderon_learns_corruption(rows(**same)).verdict == HOLDS


def test_pairs_serve_a_linear_filter_too(rows):
    finding = claims.calderon_pairs(rows())
    assert finding.verdict == IN_PART
    assert "best designed filter, tuned (Gaussian)" in finding.figures
    assert claims.calderon_pairs(rows(**{"0.5/linear": 14.0})).verdict == HOLDS
    assert claims.calderon_pairs(rows(**{"0.5/denoise-unet": 14.0})).verdict == FAILS

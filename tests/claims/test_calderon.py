"""The claims of calderon2019: shown something else, other scores or another table, each verdict turns."""

import copy
from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, calderon
from convae.experiments.runs import load_run
from convae.models import convolutional_autoencoder


@pytest.mark.parametrize(
    ("claim", "settings", "verdict"),
    [
        (claims.calderon_example, {}, HOLDS),
        (claims.calderon_example, {"stated": torch.tensor([[119.0, 148], [121, 143]]).double()}, IN_PART),
        (claims.calderon_example, {"stated": calderon.Y + 1}, FAILS),
        (claims.calderon_stride, {}, FAILS),
        (claims.calderon_stride, {"stated": 1}, HOLDS),
        (claims.calderon_size_formula, {}, IN_PART),
        (claims.calderon_size_formula, {"round_down": True}, HOLDS),
        (claims.calderon_vector, {}, FAILS),
        (claims.calderon_vector, {"printed": (4, 5, 8, 7, 1, 8, 8, 8, 3, 6, 6, 4, 6, 5, 7, 8)}, HOLDS),
        (claims.calderon_vector, {"printed": (4,)}, FAILS),
        (claims.calderon_matrix, {}, HOLDS),
        (claims.calderon_matrix, {"columns": 15}, IN_PART),
        (claims.calderon_product, {}, FAILS),
        (claims.calderon_product, {"result": "y"}, HOLDS),
        (claims.calderon_obtains_u, {}, FAILS),
        (claims.calderon_obtains_u, {"back": lambda matrix, y: calderon.U.flatten()}, HOLDS),
        (claims.calderon_one_to_nine, {}, IN_PART),
        (claims.calderon_one_to_nine, {"kernel": torch.eye(3).double()}, FAILS),
        (claims.calderon_connectivity, {}, HOLDS),
        (claims.calderon_connectivity, {"transpose": torch.linalg.pinv}, FAILS),
        (claims.calderon_not_a_transposed_result, {}, HOLDS),
        (claims.calderon_not_a_transposed_result, {"kernel": torch.zeros(3, 3).double()}, FAILS),
        (claims.calderon_other_names, {}, IN_PART),
        (claims.calderon_other_names, {"inverse_exists": True}, HOLDS),
        (claims.calderon_enlarges, {}, IN_PART),
        (claims.calderon_enlarges, {"settings": [(3, 1, 0), (3, 2, 1)]}, HOLDS),
        (claims.calderon_enlarges, {"settings": [(3, 1, 2)]}, FAILS),
        (claims.calderon_layers_reduce, {}, IN_PART),
        (claims.calderon_layers_reduce, {"nets": {"2": claims.calderon.robledo_two_layer}}, HOLDS),
        (claims.calderon_layers_reduce, {"nets": {"wide": lambda: convolutional_autoencoder((16,))}}, FAILS),
        (claims.calderon_interpolations, {}, HOLDS),
    ],
)
def test_verdicts(claim, settings, verdict):
    assert claim(**settings).verdict == verdict


def test_interpolations_that_differ(monkeypatch):
    monkeypatch.setattr(calderon, "keys_cubic", lambda distance: max(0.0, 1 - abs(distance)))
    assert claims.calderon_interpolations().verdict == FAILS


def doubling(**psnr):
    run = load_run("doubling")
    record = copy.deepcopy(run.record)
    for name, value in psnr.items():
        row = record["scores"]["test"][name.replace("_", "-")]
        for photograph, old in row.items():
            row[photograph] = [value + 0.01 * seed for seed in range(5)] if isinstance(old, list) else value
    return replace(run, record=record)


@pytest.mark.parametrize(
    ("psnr", "verdict"),
    [
        ({"nearest": 20, "bilinear": 20, "bicubic": 20}, HOLDS),
        ({"learnt_4": 30, "learnt_8": 40, "nearest": 25, "bilinear": 35, "bicubic": 35}, IN_PART),
        ({"learnt_4": 10, "learnt_8": 10}, FAILS),
    ],
)
def test_the_verdict_on_learning_turns_with_the_scores(psnr, verdict):
    assert claims.calderon_learnt(doubling(**psnr)).verdict == verdict


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

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

"""Verdicts on convolution, pooling, kernels and activations turn when what they judge is altered."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional

from convae import claims
from convae.arithmetic.shapes import convolution_shape
from convae.claims import FAILS, HOLDS, IN_PART
from convae.claims.utec import FUNCTIONS, gradient_ratio
from convae.experiments.runs import load_runs


def refusing(shape, kernel, stride, padding):
    """A convolution that takes only filters smaller than their input."""
    if kernel >= min(shape):
        raise ValueError("too large")
    return convolution_shape(shape, kernel, stride, padding)


def errors(**factors):
    """Runs of the two-layer net under every name, their error multiplied by what is named."""

    def runs(name):
        found = []
        for run in load_runs("robledo-two-layer"):
            record = copy.deepcopy(run.record)
            record["scores"]["test"]["mse"] *= factors.get(name.removeprefix("robledo-"), 1)
            found.append(replace(run, record=record))
        return found

    return runs


def pruned(share):
    """A small net of which that share of the weights is zero."""
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 1, 3))
    for parameter in net.parameters():
        parameter.data = torch.linspace(0.1, 1, parameter.numel()).view_as(parameter)
        parameter.data.flatten()[: round(share * parameter.numel())] = 0
    return {"pruned": net}


ALTERED = [
    (claims.dumoulin_any_setting, {}, IN_PART),
    (claims.dumoulin_any_setting, {"formula": lambda i, k, p, s: (i + p - k) // s + 1}, FAILS),
    (claims.dumoulin_shared_size, {}, HOLDS),
    (claims.dumoulin_odd_caption, {}, FAILS),
    (claims.dumoulin_odd_caption, {"stated": 3}, HOLDS),
    (claims.dumoulin_pooling_nonlinear, {}, IN_PART),
    (claims.dumoulin_pooling_nonlinear, {"pool": lambda images: functional.lp_pool2d(images, 2, 3, 2)}, HOLDS),
    (claims.dumoulin_emulation, {}, IN_PART),
    (claims.dumoulin_emulation, {"turn": True}, HOLDS),
    (claims.utec_feature_map, {}, HOLDS),
    (claims.utec_filter_smaller, {}, FAILS),
    (claims.utec_filter_smaller, {"shape": refusing}, HOLDS),
    (claims.utec_pattern, {}, IN_PART),
    (claims.utec_pattern, {"kernel": ((1, -1, 1), (-1, 1, -1), (1, -1, 1))}, HOLDS),
    (claims.utec_pattern, {"kernel": ((1, 1, 1), (1, 1, 1), (1, 1, 1))}, FAILS),
    (claims.utec_pooling_halves, {}, HOLDS),
    (claims.utec_pooling_halves, {"size": 27}, IN_PART),
    (claims.utec_edges_intensified, {}, IN_PART),
    (claims.utec_edges_intensified, {"image": torch.full((8, 8), 0.5)}, FAILS),
    (claims.utec_information_loss, {}, FAILS),
    (claims.utec_information_loss, {"image": torch.full((8, 8), 0.5)}, HOLDS),
    (claims.utec_sharpening, {}, IN_PART),
    (claims.utec_sharpening, {"kernel": ((0, -1, 0), (-1, 4, -1), (0, -1, 0))}, FAILS),
    (claims.utec_linear_gradient, {}, IN_PART),
    (claims.utec_linear_gradient, {"steps": 2}, HOLDS),
    (claims.utec_step_gradient, {}, HOLDS),
    (claims.utec_derivatives, {}, HOLDS),
    (
        claims.utec_derivatives,  # as the OCR has it: below 0 the ELU's derivative would be α
        {"functions": FUNCTIONS | {"ELU": (FUNCTIONS["ELU"][0], lambda x: torch.where(x < 0, 0.3, 1.0).to(x))}},
        IN_PART,
    ),
    (claims.utec_derivatives, {"functions": {"tanh": (torch.tanh, torch.sigmoid)}}, FAILS),
    (claims.utec_tanh, {}, IN_PART),
    (claims.utec_tanh, {"function": lambda x: 2 * torch.sigmoid(x) - 1}, HOLDS),
    (claims.utec_tanh, {"function": torch.atan}, FAILS),
    (claims.utec_softmax, {}, HOLDS),
    (claims.utec_softmax, {"function": torch.sigmoid}, FAILS),
    (claims.utec_vanishing, {}, IN_PART),
    (claims.robledo_lower_dimension, {}, HOLDS),
    (claims.robledo_cross_correlation, {}, HOLDS),
    (claims.robledo_cross_correlation, {"turn": True}, FAILS),
    (claims.robledo_weights_formula, {}, HOLDS),
    (claims.robledo_weights_formula, {"formula": lambda kernel, c, n: kernel**2 * c * n}, FAILS),
    (claims.robledo_stride_halves, {}, IN_PART),
    (claims.robledo_stride_halves, {"kernel": 1}, HOLDS),
    (claims.robledo_stride_halves, {"kernel": 5}, FAILS),
    (claims.robledo_pooling_size, {}, IN_PART),
    (claims.robledo_pooling_size, {"cases": ((28, 2), (9, 3))}, HOLDS),
    (claims.robledo_pooling_size, {"cases": ((28, 3), (9, 2))}, FAILS),
    (claims.robledo_figure_two, {}, FAILS),
    (claims.robledo_figure_two, {"stated": 8}, HOLDS),
    (claims.robledo_same_reduction, {}, IN_PART),
    (claims.robledo_same_reduction, {"settings": (3, 0, 3)}, HOLDS),
    (claims.robledo_same_reduction, {"settings": (5, 0, 2)}, FAILS),
    (claims.robledo_pooling_fewer_parameters, {}, IN_PART),
    (claims.robledo_pooling_fewer_parameters, {"count": lambda model: 0}, FAILS),
    (claims.robledo_pooling_free, {}, IN_PART),
    (claims.robledo_learnt_pooling, {}, IN_PART),
    (claims.robledo_learnt_pooling, {"wanted": {"the last": lambda windows: windows[:, 3]}}, HOLDS),
    (claims.robledo_learnt_pooling, {"wanted": {"the least": lambda windows: windows.amin(1)}}, FAILS),
    (claims.robledo_relu_eases, {"runs": errors(sigmoid=1.5, tanh=1.2, linear=2)}, HOLDS),
    (claims.robledo_relu_eases, {"runs": errors(sigmoid=1.5, tanh=0.9, linear=2)}, IN_PART),
    (claims.robledo_relu_eases, {"runs": errors(sigmoid=0.5, tanh=0.9, linear=0.8)}, FAILS),
    (claims.robledo_relu_sparse, {}, FAILS),
    (claims.robledo_relu_sparse, {"weights": pruned(0.8)}, HOLDS),
]


@pytest.mark.parametrize(("claim", "altered", "verdict"), ALTERED)
def test_a_verdict_follows_what_it_judges(claim, altered, verdict):
    assert claim(**altered).verdict == verdict


def test_every_claim_of_these_chapters_is_tried():
    assert {claim for claim, *_ in ALTERED} >= {*claims.DUMOULIN, *claims.UTEC, *claims.ROBLEDO_PARTS}


def test_the_map_of_the_binary_picture_is_the_published_one():
    assert claims.utec_feature_map().figures["feature map"] == "[[4, 3, 4], [2, 4, 3], [2, 3, 4]]"
    white = claims.utec_pattern().figures
    assert white["answer to the X"] == white["answer to a patch that is white everywhere"] == "5"


def test_the_sharpening_example_is_the_published_one():
    assert claims.utec_sharpening().figures["answers"] == "7 and −3"


def test_pooling_figures_agree_with_numpy():
    photograph = claims.utec.photograph("camera")[0].double().numpy() / 255
    blocks = photograph.reshape(256, 2, 256, 2).transpose(0, 2, 1, 3).reshape(256, 256, 4)
    figures = claims.utec_information_loss().figures
    for name, value in {
        "max-pooling 2×2": blocks.max(2),
        "average pooling 2×2": blocks.mean(2),
        "every second pixel": blocks[..., 0],
    }.items():
        error = ((blocks - value[..., None]) ** 2).mean()
        assert figures[f"photograph, {name}: MSE"] == f"{error:.4f}"


def test_the_price_of_pooling_is_counted_as_by_hand():
    figures = claims.robledo_pooling_free().figures
    assert figures["products in the encoder, strided net"] == f"{9 * 8 * 81 + 9 * 8 * 16 * 9:,}"
    assert figures["products in the encoder, max-pool net"] == f"{9 * 8 * 784 + 9 * 8 * 16 * 81:,}"


def test_a_linear_chain_of_orthogonal_size_keeps_its_gradient_and_a_sigmoid_loses_it():
    assert 0.5 < gradient_ratio(nn.Identity, 8, 1.0) < 2
    assert gradient_ratio(nn.Sigmoid, 8, 1.0) < 1e-4


def test_the_ratio_leaves_the_global_generator_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    gradient_ratio(nn.Tanh, 1, None, seeds=1)
    assert torch.equal(torch.rand(1), expected)

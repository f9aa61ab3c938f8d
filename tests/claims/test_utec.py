"""The claims of utec2021: shown something else, other pictures or other errors of the nets, each verdict turns."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from turns_super_resolution import ALIKE, BETTER, WORSE, deeper, enlarged, kernels, relu

from convae import claims
from convae.arithmetic.shapes import convolution_shape
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED
from convae.claims.utec import FUNCTIONS, gradient_ratio


def refusing(shape, kernel, stride, padding):
    """A convolution that takes only filters smaller than their input."""
    if kernel >= min(shape):
        raise ValueError("too large")
    return convolution_shape(shape, kernel, stride, padding)


ALTERED = [
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
]


@pytest.mark.parametrize(("claim", "altered", "verdict"), ALTERED)
def test_a_verdict_follows_what_it_judges(claim, altered, verdict):
    assert claim(**altered).verdict == verdict


def test_every_claim_on_convolution_pooling_and_activations_is_tried():
    assert {claim for claim, *_ in ALTERED} == {
        claim for claim in claims.shown_in("kernels") if claim.source == "utec2021"
    }


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


def test_a_linear_chain_of_orthogonal_size_keeps_its_gradient_and_a_sigmoid_loses_it():
    assert 0.5 < gradient_ratio(nn.Identity, 8, 1.0) < 2
    assert gradient_ratio(nn.Sigmoid, 8, 1.0) < 1e-4


def test_the_ratio_leaves_the_global_generator_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    gradient_ratio(nn.Tanh, 1, None, seeds=1)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(
    ("two", "four", "verdict"),
    [(ALIKE, BETTER, IN_PART), (BETTER, ALIKE, FAILS), (BETTER, WORSE, FAILS), (BETTER, BETTER, IN_PART)],
)
def test_one_step_in_depth_is_enough_for_a_part(two, four, verdict):
    finding = deeper(two, four)
    assert finding.verdict == verdict
    assert f"{two:.5f}, 0.00308, {four:.5f}" in finding.figures.values()


def test_a_net_that_falls_short_in_our_hands_does_not_condemn_the_authors():
    finding = claims.utec_transforms(enlarged(-2, -2, -2))
    assert finding.verdict == UNDECIDED
    assert finding.figures["PSNR minus that of Lanczos, two layers, 10 epochs"].endswith(
        "above it on 0 of 4 photographs"
    )


@pytest.mark.parametrize(("four", "said"), [(0.5, "10 epochs and four layers, 60 epochs."), (0.05, "10 epochs.")])
def test_the_nets_that_are_above_the_best_interpolation_are_named(four, said):
    finding = claims.utec_transforms(enlarged(two=-1, four=four))
    assert finding.verdict == IN_PART
    assert finding.reason.endswith(f"above the best interpolation: three layers, {said}")


def test_the_window_of_the_single_layer_is_chosen_on_validation():
    assert "(linear, 7×7), our small net" in next(iter(claims.utec_several_layers(enlarged()).figures))


def test_a_kernel_of_another_stride_decides_nothing_about_kernels():
    assert kernels(ALIKE, ALIKE, ALIKE, six=BETTER).verdict == UNDECIDED
    assert kernels(ALIKE, ALIKE, ALIKE, six=WORSE).verdict == UNDECIDED


def test_the_kernels_that_move_the_error_are_named():
    assert "another seed may. The" in kernels(ALIKE, ALIKE, ALIKE).reason
    assert "2 of the 3 changes" in kernels(WORSE, ALIKE, BETTER).reason
    assert "another seed may (kernel 2 and twice the kernels). The" in kernels(WORSE, ALIKE, BETTER).reason


@pytest.mark.parametrize(("tanh", "sigmoid"), [(BETTER, WORSE), (WORSE, BETTER), (BETTER, BETTER)])
def test_another_activation_that_is_ahead_after_ten_epochs_condemns_none(tanh, sigmoid):
    assert relu(tanh, sigmoid).verdict == UNDECIDED


def test_the_sizes_do_not_tell_the_stride_at_256_and_do_at_64():
    assert claims.utec_kernel_six().reason.endswith("so the sizes do not tell.")
    figures = claims.utec_kernel_six(size=64).figures
    assert figures["stride 3, padding 1, 64 pixels"] == "64 → 21 → 6 → 1, and back only with output padding"
    assert figures["stride 4, padding 1, 64 pixels"] == "64 → 16 → 4 → 1"


def test_the_last_epochs_of_each_seed_are_averaged(monkeypatch):
    curves = {"utec-3": [[9, 1, 2, 3], [9, 2, 3, 4]], "utec-4": [[9, 9, 9, 6, 6, 9]]}

    def loaded(name):
        return [SimpleNamespace(record={"curves": {"epochs": {"validation": curve}}}) for curve in curves[name]]

    monkeypatch.setattr(claims.utec, "load_runs", loaded)
    assert claims.utec._late("utec-3") == [2, 3]
    assert claims.utec._late("utec-4") == [7]


def test_the_listings_that_are_missing_are_named():
    assert claims.utec_captions().reason.startswith("3 and 4 layers are not shown")
    assert claims.utec_captions((2, 3, 2)).reason.startswith("4 layers are not shown")

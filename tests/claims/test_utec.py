"""The claims of utec2021: shown something else, other pictures or other errors of the nets, each verdict turns."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from turns_skips_and_code import kernels, relu
from turns_super_resolution import ALIKE, BETTER, WORSE, deeper, enlarged

from convae import claims
from convae.claims import FAILS, IN_PART, UNDECIDED
from convae.claims.utec import ACTIVATIONS, _best_enlarged, gradient_ratio
from convae.data.photographs import PHOTOGRAPHS


def test_the_map_of_the_binary_picture_is_the_published_one():
    figures = claims.utec_feature_map().figures
    assert figures["feature map, the filter of Figure 1"] == "[[4, 3, 4], [2, 4, 3], [2, 3, 4]]"


def test_the_x_of_figure_one_answers_as_high_to_whatever_is_white_where_it_is():
    figures = claims.utec_pattern().figures
    assert figures["patches that answer as high as the X, by Figure 1 (1 and 0)"] == str(2**4)  # four places are free
    assert figures["patches that answer as high as the X, by this design"] == "1"


def test_the_sharpening_example_is_the_published_one():
    assert claims.utec_contrast().figures["answers"] == "7 and −3"


def test_pooling_figures_agree_with_numpy():
    ways = {"max-pooling 2×2": [], "average pooling 2×2": [], "every second pixel": []}
    for name in PHOTOGRAPHS:
        image = claims.utec.photograph(name)[0].double().numpy() / 255
        rows, columns = (side // 2 for side in image.shape)
        blocks = image[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).transpose(0, 2, 1, 3).reshape(-1, 4)
        for way, value in zip(ways, (blocks.max(1), blocks.mean(1), blocks[:, 0]), strict=True):
            ways[way].append(((blocks - value[:, None]) ** 2).mean())
    figures = claims.utec_information_loss().figures
    for way, errors in ways.items():
        told = figures[f"photographs, {way}: MSE as it is, and by its best 3×3 kernels"]
        assert told.split(", ")[0] == f"{sum(errors) / len(errors):.4f}"


def test_the_best_kernels_undo_what_kernels_can_undo():
    """A picture that is even along each row of blocks is had back from its half; noise is not."""
    even = torch.rand(8, 8, dtype=torch.float64).repeat_interleave(2, 0).repeat_interleave(2, 1)
    assert _best_enlarged(even[::2, ::2], even) < 1e-20
    noise = torch.rand(64, 64, dtype=torch.float64)
    assert _best_enlarged(noise[::2, ::2], noise) > 0.7 * 3 / 4 * noise.var()


def test_a_linear_chain_of_orthogonal_size_keeps_its_gradient_and_a_sigmoid_loses_it():
    assert 0.5 < gradient_ratio(nn.Identity, 8, 1.0) < 2
    assert gradient_ratio(nn.Sigmoid, 8, 1.0) < 1e-4


def test_a_sigmoid_with_weights_of_its_own_keeps_its_gradient_too():
    module, _, gain = ACTIVATIONS["sigmoid"]
    ratios = [gradient_ratio(module, depth, gain, seeds=3) for depth in (0, 6, 14)]
    assert min(ratios) / max(ratios) > 0.5
    for other in (gain - 2, gain + 2):  # which others do not
        assert not 0.5 < gradient_ratio(module, 14, other, seeds=3) / gradient_ratio(module, 0, other, seeds=3) < 1.5


def test_the_ratio_leaves_the_global_generator_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    gradient_ratio(nn.Tanh, 1, None, seeds=1)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(
    ("two", "long", "verdict"),
    [(ALIKE, BETTER, IN_PART), (BETTER, ALIKE, FAILS), (BETTER, WORSE, FAILS), (BETTER, BETTER, IN_PART)],
)
def test_one_step_in_depth_is_enough_for_a_part(two, long, verdict):
    for four in (ALIKE, WORSE):  # after ten epochs
        finding = deeper(two, long, four)
        assert finding.verdict == verdict
        assert f"{two:.5f}, 0.00308, {four:.5f}" in finding.figures.values()


def test_only_where_every_net_is_told_below_the_best_interpolation_the_claim_fails():
    finding = claims.utec_transforms(enlarged(-2, -2, -2))
    assert finding.verdict == FAILS
    assert claims.utec_transforms(enlarged(-2, -2, -2, long=0)).verdict == UNDECIDED
    assert finding.figures["PSNR minus that of Lanczos, two layers, 10 epochs"].endswith(
        "above it on 0 of 4 photographs"
    )


@pytest.mark.parametrize(("four", "said"), [(0.5, "10 epochs and four layers, 60 epochs."), (0.05, "10 epochs.")])
def test_the_nets_that_are_above_the_best_interpolation_are_named(four, said):
    finding = claims.utec_transforms(enlarged(two=-1, four=four))
    assert finding.verdict == IN_PART
    best = "Lanczos, the best of the five interpolations by a formula"
    assert finding.reason.endswith(f"above {best}: three layers, {said}")


def test_one_photograph_decides_and_is_named():
    finding = claims.utec_transforms(enlarged(0.05, 0.05, 0.5, sky=-3))
    assert finding.verdict == UNDECIDED
    assert "One photograph decides this, with a white sky: of the others, above it are four layers" in finding.reason
    assert "three layers, 10 epochs, by" not in finding.reason
    assert finding.figures["the same without photograph 20 (a white sky), four layers, 60 epochs"].startswith(
        "+0.50 dB"
    )
    assert "One photograph" not in claims.utec_transforms(enlarged(-2, -2, -2)).reason


def test_the_window_of_the_single_layer_is_chosen_on_validation():
    assert "(linear, 7×7), our small net" in next(iter(claims.utec_several_layers(enlarged()).figures))


def test_the_best_net_of_several_layers_is_chosen_on_validation_and_the_others_are_named():
    finding = claims.utec_several_layers(enlarged(short=-0.1, four=0.2))
    assert "is ahead of the best linear map of one layer: our small net, 7,168 steps, by +0.30 dB" in finding.reason
    assert "behind: our small net, 240 steps and the source’s of three" in finding.reason
    assert "not told from it: the source’s of four layers, 1,440 steps." in finding.reason
    other = claims.utec_several_layers(enlarged(short=-0.1, four=0.2, **{"super-resolver-4-as-utec": 0.0005}))
    assert other.verdict == FAILS
    assert "is behind the best linear map of one layer: our small net, 240 steps" in other.reason


def test_the_kernels_alone_judge_and_the_sources_kernel_with_its_stride_is_told_beside_them():
    finding = kernels(WORSE, ALIKE, WORSE, ALIKE, BETTER)
    assert "2 move the error by more than 10 % for certain (kernel 2 and twice the kernels);" in finding.reason
    assert "1 of 2 miss 0 (kernel 6, stride 3); which of the two makes it is not told" in finding.reason
    assert "padding 2" in finding.reason
    assert "0 of 2 miss 0. A kernel" in kernels(ALIKE, ALIKE).reason
    apart = [ALIKE - 0.001, ALIKE, ALIKE + 0.001]
    assert kernels(ALIKE, ALIKE, seeds=apart).verdict == UNDECIDED  # too wide to say that nothing moves


def test_four_layers_with_the_authors_epochs_are_told_beside_those_with_ten():
    finding = deeper(WORSE, BETTER)
    assert "on validation two layers are worse than three and four are better than three" in finding.reason
    assert "on test two are not told from three and four better than three" in finding.reason
    assert "after ten each, four are not told from three on validation" in finding.reason


@pytest.mark.parametrize(("tanh", "sigmoid"), [(BETTER, WORSE), (WORSE, BETTER), (BETTER, BETTER), (WORSE, WORSE)])
def test_an_activation_that_is_behind_and_still_learning_has_not_lost(tanh, sigmoid):
    assert relu(tanh, sigmoid, falling=0.02).verdict == UNDECIDED
    assert claims.utec_relu().verdict == UNDECIDED


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

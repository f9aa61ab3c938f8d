"""The claims of utec2021: shown something else, other pictures or other errors of the nets, each verdict turns."""

import pytest
import torch
from torch import nn

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED
from convae.claims.utec import ACTIVATIONS, _best_enlarged, gradient_ratio
from convae.data.photographs import PHOTOGRAPHS

SEEDS = [0.0030, 0.0031, 0.0032, 0.0031, 0.0030]
BETTER, ALIKE, WORSE = 0.0020, 0.0031, 0.0050


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
    ("two", "four", "verdict"),
    [
        (WORSE, BETTER, HOLDS),
        (WORSE, ALIKE, IN_PART),
        (ALIKE, BETTER, IN_PART),
        (ALIKE, WORSE, FAILS),
        (BETTER, ALIKE, FAILS),
        (ALIKE, ALIKE, UNDECIDED),
    ],
)
def test_deeper(two, four, verdict):
    finding = claims.utec_deeper(depths(two, four))
    assert finding.verdict == verdict
    assert f"{two:.5f}, 0.00308, {four:.5f}" in finding.figures.values()


def depths(two, four, long=ALIKE):
    alike = {"utec-2-code-512": [two], "utec-4-code-512": [four]}
    return {"utec-2": [two], "utec-3": SEEDS, "utec-4": [four], "utec-4-long": [long]} | alike


@pytest.mark.parametrize(("long", "said"), [(BETTER, "better than"), (ALIKE, "not told from"), (WORSE, "worse than")])
def test_sixty_epochs_do_not_decide_about_depth(long, said):
    finding = claims.utec_deeper(depths(ALIKE, ALIKE, long))
    assert finding.verdict == UNDECIDED
    assert finding.reason.endswith(f"so repeated, four are {said} three.")


def rows(three, four, long):
    table = {f"{factor}/bicubic": {"mse": [0.001 * factor, 0, 0, 8]} for factor in (2, 3, 4, 8)}
    table["4/bicubic"]["photographs"] = [24, 29] * 4
    table["4/bicubic-0.75"] = {"photographs": [25, 30] * 4}  # the better one is the bar
    for name, ahead in (("utec-3", three), ("utec-4", four), ("utec-4-long", long)):
        table[f"4/{name}"] = {
            "mse": [0.003, 0, 0, 8],
            "ahead": [ahead, ahead - 0.1, ahead + 0.1, 8],
            "photographs": [25 + ahead, 30 + ahead] * 4,
        }
    return table


@pytest.mark.parametrize(
    ("three", "four", "long", "verdict"),
    [
        (0.5, 0.6, 0.7, HOLDS),
        (-0.5, -0.6, 0.6, IN_PART),
        (-0.5, -0.05, -0.2, FAILS),
        (0.05, 0.5, 0.5, IN_PART),
        (0.5, 0.5, 0.05, IN_PART),
        (-0.05, 0.05, 0.05, UNDECIDED),
    ],
)
def test_transforms(three, four, long, verdict):
    finding = claims.utec_transforms(rows(three, four, long))
    assert finding.verdict == verdict
    assert "0.0020, 0.0030, 0.0040, 0.0080" in finding.figures.values()


def test_one_photograph_alone_makes_no_net_worse():
    table = rows(0, 0, -0.5)
    table["4/utec-4-long"]["photographs"] = [21, 30.1] + [25, 30.1] * 3
    finding = claims.utec_transforms(table)
    assert finding.verdict == UNDECIDED
    assert "above it on 4 of 8 photographs" in "".join(finding.figures.values())


@pytest.mark.parametrize(
    ("others", "verdict"),
    [((WORSE, BETTER, WORSE, BETTER), HOLDS), ((WORSE, ALIKE, ALIKE, ALIKE), IN_PART), ((ALIKE,) * 4, FAILS)],
)
def test_kernels(others, verdict):
    names = ("utec-kernel-6-3", "utec-kernel-6-4", "utec-half", "utec-twice")
    errors = {"utec-3": SEEDS} | {name: [value] for name, value in zip(names, others, strict=True)}
    assert claims.utec_kernels(errors).verdict == verdict


def test_the_largest_change_of_a_kernel_is_named():
    errors = {"utec-3": SEEDS, "utec-kernel-6-3": [ALIKE], "utec-kernel-6-4": [WORSE], "utec-half": [0.0032]}
    assert "the largest change is kernel 6, stride 4" in claims.utec_kernels(errors).reason


@pytest.mark.parametrize(
    ("tanh", "sigmoid", "verdict"), [(WORSE, WORSE, HOLDS), (ALIKE, WORSE, IN_PART), (BETTER, ALIKE, FAILS)]
)
def test_relu(tanh, sigmoid, verdict):
    errors = {"utec-3": SEEDS, "utec-tanh": [tanh], "utec-sigmoid": [sigmoid], "utec-leaky-relu": [ALIKE]}
    assert claims.utec_relu(errors).verdict == verdict


def test_kernel_six_fits_at_the_authors_size_with_either_stride():
    assert claims.utec_kernel_six().verdict == HOLDS
    assert claims.utec_kernel_six(64).verdict == IN_PART  # only stride 4
    assert "only 4 comes back" in claims.utec_kernel_six(64).reason
    assert claims.utec_kernel_six(100).verdict == FAILS

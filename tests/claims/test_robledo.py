"""The claims of robledo2021: shown other nets, other runs or other tables of the studies, each verdict turns."""

import copy
from dataclasses import replace

import pytest
import torch

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED, robledo
from convae.experiments.runs import load_run, load_runs


def test_what_is_counted_stands_beside_a_slip():
    assert claims.robledo_pixels().figures == {"28 × 28": "784", "the text has": "768"}
    assert claims.robledo_larger_parameters().figures["counted"] == "11,745"
    assert claims.robledo_third_padding().figures["comes back with padding 1"] == "36×36"
    assert claims.robledo_blue_stride().figures["sizes with stride 2"] == "28 → 14 → 7 → 3"


def test_a_dense_net_is_passed_where_the_loss_stays_smaller():
    figures = claims.robledo_faster_than_dense().figures
    assert figures["epochs until two layers is ahead for good, dense with weight decay"] == "3, 5, 8, 12"


def test_epochs_to_an_error_are_read_off_the_straight_pieces_of_a_curve():
    assert robledo._reached([0.2, 0.1, 0.05], 0.1) == 1
    assert robledo._reached([0.2, 0.1, 0.05], 0.075) == pytest.approx(1.5)
    assert robledo._reached([0.2, 0.1, 0.05], 0.01) == 3


def test_easier_is_told_from_better():
    """With the same errors at the end, curves that lag behind and more batches, ReLU is faster and not better."""

    def runs(name):
        found = [replace(each, record=copy.deepcopy(each.record)) for each in load_runs("robledo-two-layer")]
        for run in found:
            first, *_, last = run.record["curves"]["epochs"]["test"]
            lag = 1 if name == "robledo-two-layer" else 3
            run.record["curves"]["epochs"]["test"] = [first] * lag + [last] * (21 - lag)
        return found

    batches = {
        f"{name}/0.01": {"batches": [each * (1 if name == "ReLU" else 2) for each in (400, 420, 380)]}
        for name in robledo.ACTIVATED
    }
    assert claims.robledo_relu_eases(runs, batches).verdict == HOLDS
    assert claims.robledo_relu_better(runs).verdict == UNDECIDED


NOISE = {
    "white noise": (torch.rand_like, HOLDS),
    "faint white noise": (lambda images: 0.5 + torch.rand_like(images) / 100, UNDECIDED),
    "a ramp": (lambda images: torch.linspace(0, 1, 28).expand(images.shape), FAILS),
    "a copy": (lambda images: images, FAILS),
    "a faint copy": (lambda images: 0.5 + images / 100, FAILS),
    "the copy of a broken picture": (lambda images: (images > 0.5).float(), FAILS),
    "an even grey": (lambda images: torch.full_like(images, 0.5), FAILS),
}


@pytest.mark.parametrize("name", NOISE)
def test_noise_is_told_from_what_is_none(name):
    picture, verdict = NOISE[name]
    assert claims.robledo_untrained_noise(lambda: picture).verdict == verdict


def test_the_price_of_pooling_is_counted_as_by_hand():
    figures = claims.robledo_pooling_free().figures
    assert figures["products in the encoder, strided net"] == f"{9 * 8 * 81 + 9 * 8 * 16 * 9:,}"
    assert figures["products in the encoder, max-pool net"] == f"{9 * 8 * 784 + 9 * 8 * 16 * 81:,}"


@pytest.fixture
def rows():
    def load(name):
        return copy.deepcopy(load_run(name).scores["test"])

    return load


def test_reasons_follow_the_figures_of_the_code(rows):
    table = rows("judged")
    table["robledo-two-layer"]["accuracy"], table["pixels"]["accuracy"] = [0.97, 0.972], [0.99, 0.988]
    rivals = rows("judged-rivals")
    rivals["robledo-two-layer"]["nines"], rivals["pixels"]["nines"] = [0.95, 0.93, 0.97, 1000], [0.98, 0.97, 0.99, 1000]
    assert "a low bar" in claims.robledo_code_suffices(table, rivals).reason
    rivals["pca-32"]["nines"] = [0.85, 0.8, 0.92, 1000]
    assert claims.robledo_code_suffices(table, rivals).reason.endswith(
        "name 97.1 % of them, 95.0 % of the nines (of the pictures themselves 98.9 and 98.0 %). They show their own "
        "picture, too: the squared error is 0.08 of the class mean's."
    )


def test_what_shows_only_the_class_is_not_faithful(rows):
    means = rows("class-means")
    assert means["class mean"]["right"][0] == 1  # a classifier alone would be content with it
    means["robledo-two-layer"] = {"mse": means["class mean"]["mse"], "own": [0.0, 0.0, 0.0004, 10_000]}
    assert claims.robledo_code_suffices(means=means).verdict == IN_PART


def test_a_blend_that_is_no_surer_is_not_mentioned(rows):
    table = rows("interpolation")
    assert "so they are of blends" in claims.robledo_seven_to_four(table).reason
    table["same/pixels"]["confidence"] = table["seven to four/pixels"]["confidence"]
    assert "blends" not in claims.robledo_seven_to_four(table).reason

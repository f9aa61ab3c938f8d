"""The claims of robledo2021: shown other nets, other runs or other tables of the studies, each verdict turns."""

import copy
from dataclasses import replace

import pytest

from convae import claims
from convae.claims import HOLDS, UNDECIDED, robledo
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
        found = load_runs("robledo-two-layer")
        if name == "robledo-two-layer":
            return found
        for run in (late := [replace(each, record=copy.deepcopy(each.record)) for each in found]):
            curve = run.record["curves"]["epochs"]["test"]
            run.record["curves"]["epochs"]["test"] = [*curve[:1] * 3, *curve[1:-2]]
        return late

    batches = {
        f"{name}/0.01": {"batches": [each * (1 if name == "ReLU" else 2) for each in (400, 420, 380)]}
        for name in robledo.ACTIVATED
    }
    assert claims.robledo_relu_eases(runs, batches).verdict == HOLDS
    assert claims.robledo_relu_better(runs).verdict == UNDECIDED


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
    assert claims.robledo_code_suffices(table, rivals).reason.endswith(
        "name 97.1 % of them, 95.0 % of the nines (of the pictures themselves 98.9 and 98.0 %)."
    )
    table = rows("codes")
    table["robledo-two-layer"]["few gain"] = [0.02, 0.01, 0.03, 10_000]
    table["robledo-two-layer"]["all gain"] = [-0.02, -0.03, -0.01, 10_000]
    assert claims.robledo_code_unreadable(table).reason.endswith(
        "2.0 ± 1.0 points with 10,000 labels and −2.0 ± 1.0 points with 55,000 labels."
    )

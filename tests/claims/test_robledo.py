"""The claims of robledo2021: shown other nets, other runs or other tables of the studies, each verdict turns."""

import copy
from dataclasses import replace

import pytest

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, UNDECIDED, robledo
from convae.experiments.runs import load_run, load_runs
from convae.models import Autoencoder, convolutional_autoencoder


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
    """With the same errors at the end and curves that lag behind, ReLU is faster and not better."""

    def runs(name):
        found = load_runs("robledo-two-layer")
        if name == "robledo-two-layer":
            return found
        for run in (late := [replace(each, record=copy.deepcopy(each.record)) for each in found]):
            curve = run.record["curves"]["epochs"]["test"]
            run.record["curves"]["epochs"]["test"] = [*curve[:1] * 3, *curve[1:-2]]
        return late

    assert claims.robledo_relu_eases(runs).verdict == HOLDS
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


def test_the_shape_of_the_code():
    assert claims.robledo_code_shape().verdict == FAILS
    nine: Autoencoder = convolutional_autoencoder((8, 9), stride=3, padding=0)
    assert claims.robledo_code_shape(nine).verdict == HOLDS


def test_the_code_suffices(rows):
    table = rows("codes")
    for accuracy, verdict in [(0.992, HOLDS), (0.96, IN_PART), (0.7, FAILS)]:
        table["judged/pixels"]["accuracy"] = [0.993, 0.992, 0.993, 0.994, 0.993]
        table["judged/robledo-two-layer"]["accuracy"] = [accuracy + step / 1000 for step in range(5)]
        assert claims.robledo_code_suffices(table).verdict == verdict


def test_the_code_is_hard_to_read(rows):
    table = rows("codes")
    assert claims.robledo_code_unreadable(table).verdict == IN_PART
    assert "better than out of the pixels" in claims.robledo_code_unreadable(table).reason
    table["robledo-two-layer"]["probe"] = table["pixels"]["probe"]
    assert "about as well as out of the pixels" in claims.robledo_code_unreadable(table).reason
    table["robledo-two-layer"]["probe"] = [0.2, 0.19, 0.21, 10_000]
    assert claims.robledo_code_unreadable(table).verdict == HOLDS
    assert "less well than out of the pixels" in claims.robledo_code_unreadable(table).reason

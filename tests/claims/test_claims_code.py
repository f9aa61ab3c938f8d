"""Verdicts on the code turn with the figures of the studies."""

import copy

import pytest

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART
from convae.experiments.runs import load_run
from convae.models import Autoencoder, convolutional_autoencoder


@pytest.fixture
def rows():
    def load(name):
        return copy.deepcopy(load_run(name).scores["test"])

    return load


def test_the_shape_of_the_code():
    assert claims.robledo_code_shape().verdict == FAILS
    nine: Autoencoder = convolutional_autoencoder((8, 9), stride=3, padding=0)
    assert claims.robledo_code_shape(nine).verdict == HOLDS


def test_equation_three_leaves_out_an_end():
    assert claims.robledo_equation_three().verdict == FAILS
    assert claims.robledo_equation_three().figures["share of x₁"].startswith("0.1, ")


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


def test_new_pictures(rows):
    table = rows("interpolation")
    assert claims.robledo_new_pictures(table).verdict == HOLDS
    table["same/robledo-two-layer"]["distance"] = [0.0, 0.0, 0.0, 500]
    assert claims.robledo_new_pictures(table).verdict == FAILS


def test_all_nines(rows):
    table = rows("interpolation")
    for low, mean, verdict in [(0.97, 0.99, HOLDS), (0.8, 0.9, IN_PART), (0.4, 0.5, FAILS)]:
        table["per class/robledo-two-layer"]["9"] = [mean, low, 1.0, 200]
        assert claims.robledo_all_nines(table).verdict == verdict


@pytest.mark.parametrize("how", ["with", "only"])
def test_more_pictures_and_other_pictures(rows, how):
    claim = {"with": claims.robledo_enlarges, "only": claims.robledo_replaces}[how]
    table = rows("augmentation")
    for ten, hundred, verdict in [(0.05, 0.05, HOLDS), (0.05, -0.05, IN_PART), (-0.05, -0.05, FAILS)]:
        for count, gain in (("10", ten), ("100", hundred)):
            table[f"{count}/{how}/robledo-two-layer"]["accuracy"] = [
                value + gain for value in table[f"{count}/none"]["accuracy"]
            ]
        assert claim(table).verdict == verdict


def test_robustness(rows):
    table = rows("interpolation")
    table["same/robledo-two-layer"] |= {"ends": [0.99, 0.985, 0.995, 2000], "kept": [0.9, 0.89, 0.91, 2000]}
    assert claims.robledo_robustness(table).verdict == HOLDS
    assert "10.0 times as often" in claims.robledo_robustness(table).reason
    table["same/robledo-two-layer"]["kept"] = [
        0.982,
        0.977,
        0.987,
        2000,
    ]  # the intervals overlap, the difference is certain
    assert claims.robledo_robustness(table).verdict == HOLDS
    table["same/robledo-two-layer"]["kept"] = [0.986, 0.981, 0.991, 2000]
    assert claims.robledo_robustness(table).verdict == FAILS


def test_generative(rows):
    table = rows("generation")

    def judged(own, best):
        for how in ("independent", "gaussian", "mixture"):
            table[f"robledo-two-layer/{how}"]["frechet"] = [own + step / 100 for step in range(5)]
        table["real/training"]["frechet"] = [5 + step / 100 for step in range(5)]
        for name in ("bottleneck-32/mixture", "variational-32/prior"):
            table[name]["frechet"] = [best + step / 100 for step in range(5)]
        return claims.robledo_generative(table).verdict

    assert judged(10, 9) == HOLDS
    assert judged(100, 9) == IN_PART
    assert judged(100, 90) == FAILS

"""The study of the two-layer net's weights and of what it never reads, on cases that can be counted."""

from dataclasses import replace

import pytest
import torch
from synthetic import untrained

from convae.data import ImageSet, Splits, load
from convae.experiments import RECIPES, STUDIES, two_layer
from convae.experiments.experiment import Place


def test_ink_outside_the_blocks_and_squares_of_weights_are_counted():
    pictures = torch.zeros(4, 1, 28, 28, dtype=torch.uint8)
    pictures[:, 0, 10, 10] = 200
    pictures[1, 0, 27, 5] = 100
    pictures[2, 0, 5, 27] = pictures[2, 0, 27, 27] = 50
    images = ImageSet(pictures, torch.zeros(4, dtype=torch.long), tuple("0123456789"))
    study = STUDIES["two-layer-weights"]
    rows, kept = study.table(Splits("mnist", images, images, images), untrained)
    assert not kept
    assert rows["margin"] == pytest.approx({"pictures": 2 / 4, "ink": 200 / 1000})
    assert rows.keys() == {"margin", *study.nets}
    for name in study.nets:
        row = rows[name]
        flat = torch.cat([weights.flatten() for weights in untrained(name, 0).parameters()])
        assert row["squares"] == pytest.approx(flat.double().pow(2).sum().item())


def test_nets_of_a_table_are_trained_as_their_recipe_trains_them(monkeypatch):
    digits, changed = load("digits"), two_layer.changed
    monkeypatch.setattr(two_layer, "changed", lambda *settings: replace(changed(*settings), epochs=2))
    study = replace(STUDIES["sleeping-codes"], nets=("dense-7-no-decay", "dense-7"), chosen=(3,))
    splits = Splits("digits", digits.train[:300], digits.test[:0], digits.test[:50])
    rows, kept = study.table(splits, untrained)
    assert not kept
    assert rows.keys() == {"dense-7-no-decay/3", "dense-7/3"}
    for name in ("dense-7-no-decay", "dense-7"):
        recipe = replace(RECIPES[name], epochs=2, data="digits", watched=None)
        record = recipe.run(3, splits, Place(torch.device("cpu"), None, untrained)).record
        row = rows[f"{name}/3"]
        assert row["mse"] == record["scores"]["test"]["mse"]
        assert row["train"] == record["scores"]["train"]["mse"]
        assert (row["parameters"], row["code"]) == (record["parameters"], 7)
        assert 0 <= row["asleep"] <= 7
    assert rows["dense-7/3"]["mse"] != rows["dense-7-no-decay/3"]["mse"]


def test_a_number_sleeps_that_no_picture_wakes(monkeypatch):
    """A training that puts two of seven biases below anything that a weight can make up for."""

    def spoil(model, *_, **__):
        layer = model.encoder[1]
        layer.weight.data.zero_()
        layer.bias.data = torch.tensor([-1.0, 1, 1, 1, 1, 1, 0])

    monkeypatch.setattr(two_layer, "fit", spoil)
    images = ImageSet(torch.full((3, 1, 28, 28), 255, dtype=torch.uint8), torch.zeros(3, dtype=torch.long), ("0",))
    study = replace(STUDIES["sleeping-codes"], nets=("dense-7-no-decay",), chosen=(0,))
    rows, _ = study.table(Splits("mnist", images, images, images), untrained)
    assert rows["dense-7-no-decay/0"]["asleep"] == 2


def test_each_rival_differs_from_its_dense_net_in_what_its_name_says():
    base = RECIPES["dense-144"]
    changed = {
        "dense-144-no-dropout": (1e-5, "dense-144-no-dropout"),
        "dense-144-no-decay": (0, "dense-144"),
        "dense-144-no-dropout-no-decay": (0, "dense-144-no-dropout"),
        "dense-144-no-dropout-summed": (1e-5 / 784, "dense-144-no-dropout"),
    }
    for name, expected in changed.items():
        recipe = RECIPES[name]
        assert (recipe.weight_decay, recipe.model) == expected
        for setting in ("epochs", "batch_size", "optimizer", "learning_rate", "validation", "decay"):
            assert getattr(recipe, setting) == getattr(base, setting)


def test_few_digits_are_rounded_and_learned_from():
    digits = load("mnist-sample", validation=0)
    study = replace(STUDIES["few-digits"], digits=128, held=10, epochs=1, chosen=(0, 1))
    rows, kept = study.table(replace(digits, test=digits.test[:20]), untrained)
    assert not kept
    assert rows.keys() == {"16/0", "16/1", "256/0", "256/1"}
    assert all(0 < error < 0.3 for row in rows.values() for error in row.values())
    assert len({row["train"] for row in rows.values()}) == 4
    black, _ = replace(study, chosen=(0,)).table(
        replace(digits, test=replace(digits.test[:20], images=0 * digits.test[:20].images)), untrained
    )
    assert black["16/0"]["held"] == rows["16/0"]["held"]  # of the sample, whatever the test pictures are
    assert black["16/0"]["mse"] != rows["16/0"]["mse"]
    grey = two_layer.rounded(digits.train[:50], 16)
    assert set(grey.images.unique().tolist()) == set(range(0, 256, 17))
    assert (grey.images.int() - digits.train[:50].images.int()).abs().max() <= 8
    assert torch.equal(two_layer.rounded(digits.train[:50], 256).images, digits.train[:50].images)

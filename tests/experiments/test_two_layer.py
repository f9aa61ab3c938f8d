"""The study of the two-layer net's weights and of what it never reads, on cases that can be counted."""

import copy

import pytest
import torch
from synthetic import untrained

from convae.data import ImageSet, Splits
from convae.experiments import RECIPES, STUDIES


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
    assert rows.keys() == {"margin", *study.nets, *study.codes}
    for name in study.nets:
        row = rows[name]
        flat = torch.cat([weights.flatten() for weights in untrained(name, 0).parameters()])
        assert row["squares"] == pytest.approx(flat.double().pow(2).sum().item())


def test_a_number_sleeps_that_no_picture_wakes():
    images = ImageSet(torch.full((3, 1, 28, 28), 255, dtype=torch.uint8), torch.zeros(3, dtype=torch.long), ("0",))

    def nets(name, seed):
        net = copy.deepcopy(untrained(name, 0))
        if name == "dense-7-no-decay":
            layer = net.encoder[1]
            layer.weight.data.zero_()
            layer.bias.data = torch.tensor([-1.0, 1, 1, 1, 1, 1, 0]) if seed == 3 else torch.ones(7)
        return net

    rows, _ = STUDIES["two-layer-weights"].table(Splits("mnist", images, images, images), nets)
    assert rows["dense-7-no-decay"]["asleep"] == [0, 0, 0, 2, 0]


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

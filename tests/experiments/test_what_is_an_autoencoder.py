"""The studies of copying and of squared error, in small."""

from dataclasses import replace

import pytest
import torch
from synthetic import splits

from convae.data import ImageSet, Splits, load
from convae.experiments import STUDIES
from convae.experiments.what_is_an_autoencoder import CASES
from convae.measures.intervals import between_paired_shares


def test_copying_compares_with_the_narrow_net():
    data = load("digits")
    larger = [
        torch.nn.functional.interpolate(part.images, (28, 28)) for part in (data.train, data.validation, data.test)
    ]
    parts = [
        ImageSet(images, part.labels, part.classes)
        for images, part in zip(larger, (data.train, data.validation, data.test), strict=True)
    ]
    study = replace(
        STUDIES["copying"],
        steps=30,
        labelled=300,
        cases=(*CASES[:2], ("relu", 784, "digits", 0), ("none", 32, "digits", 0)),
    )
    rows, kept = study.table(Splits("mnist", *parts), None)
    nets = {"relu/32/digits/0", "relu/784/digits/0", "relu/32/noise/0", "none/32/digits/0"}
    assert nets | {"pca/32", "random/32", "pixels"} == rows.keys()
    assert "named" not in rows["relu/32/noise/0"]
    joined, nothing = study.joined(rows, kept)
    assert nothing == {}
    lost = kept["relu/784/digits/0/digits"] - kept["none/32/digits/0/digits"]
    assert joined["relu/784/digits/0"]["more lost"][0] == pytest.approx(lost.double().mean().item())
    named = between_paired_shares(kept["pixels/named"], kept["none/32/digits/0/named"])
    assert joined["pixels"]["more named"][:3] == [named.mean, named.low, named.high]
    assert joined["none/32/digits/0"]["more lost"][:3] == [0, 0, 0]


def test_a_shift_a_brighter_picture_and_the_nearest_of_another_class():
    data = splits(train=60, test=30)
    rows, kept = replace(STUDIES["distance"], looked_up=30, code_size=5).table(data, None)
    assert not kept
    pictures, known = data.test.all().images, data.train.all().images
    shifted = torch.roll(pictures, 1, -1)
    shifted[..., 0] = 0
    assert rows["shift"]["mse"][0] == pytest.approx((shifted - pictures).square().mean().item(), rel=1e-5)
    assert rows["brighter"]["mse"][0] == pytest.approx(
        ((1.3 * pictures).clamp(max=1) - pictures).square().mean().item()
    )
    nearest = [
        min(
            (picture - other).square().mean().item()
            for other, theirs in zip(known, data.train.labels, strict=True)
            if theirs != label
        )
        for picture, label in zip(pictures, data.test.labels, strict=True)
    ]
    assert rows["another class"]["mse"][0] == pytest.approx(sum(nearest) / 30, rel=1e-4)
    errors = (shifted - pictures).square().mean((1, 2, 3)).tolist()
    nearer = sum(one > other for one, other in zip(errors, nearest, strict=True)) / 30
    assert rows["shift"]["share"][0] == pytest.approx(nearer)

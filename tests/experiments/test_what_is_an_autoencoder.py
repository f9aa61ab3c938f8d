"""The studies of copying and of squared error, in small."""

from dataclasses import replace

import pytest
import torch
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA
from synthetic import splits

from convae.data import ImageSet, Splits, load
from convae.experiments import STUDIES
from convae.experiments.what_is_an_autoencoder import (
    BASE,
    CASES,
    FEW,
    Case,
    _lost,
    _noise,
    principal_angles,
    principal_components,
)
from convae.measures.intervals import between_paired_shares, over_pictures


@pytest.fixture(scope="module")
def digits():
    """scikit-learn's digits at MNIST's size."""
    small = load("digits")
    parts = [
        ImageSet(torch.nn.functional.interpolate(part.images, (28, 28)), part.labels, part.classes)
        for part in (small.train, small.validation, small.test)
    ]
    return Splits("mnist", *parts)


def test_copying_compares_with_the_small_net_and_with_no_training(digits):
    cases = (CASES[0], CASES[1], Case("leaky", 784), Case("untrained", 784), Case("leaky noise 0.3", 32, known=128))
    study = replace(
        STUDIES["copying"], steps=20, labelled=(300,), kept=(5, 9), clothes="fashion-mnist-sample", cases=cases
    )
    rows, kept = study.table(digits, None)
    assert {case.name for case in cases} | {"pca/32/0", f"pca/5/{FEW}", f"pca/9/{FEW}", "pixels"} == rows.keys()
    assert "named 300" not in rows[CASES[1].name]  # trained on noise
    joined, pictures = study.joined(rows, kept)
    assert pictures.keys() == {"shown", f"{BASE}/back"}
    assert pictures["shown"].shape == pictures[f"{BASE}/back"].shape == (8, 1, 28, 28)
    first, second = (kept[f"{case.name}/named 300"] for case in (Case("leaky", 784), Case("untrained", 784)))
    learnt = between_paired_shares(first, second)
    assert joined["leaky/784/digits/0/0"]["learnt named 300"][:3] == [learnt.mean, learnt.low, learnt.high]
    assert joined[BASE]["more named 300"][0] == 0
    assert "learnt named 300" not in joined["pixels"]


def test_what_regularises_is_chosen_on_validation_and_compared_with_none():
    losses = {"leaky/784": (0.2, 5), "leaky/1568": (0.5, 9), "leaky/64": (0.3, 4), "leaky decay 1e-07/784": (0.1, 3)}
    losses |= {"leaky decay 0.1/784": (0.4, 2), "leaky noise 0.1/1568": (0.3, 7)}
    rows = {f"{name}/digits/{FEW}/0": {"validation": found} for name, (found, _) in losses.items()}
    chance = torch.Generator().manual_seed(0)
    errors = {
        f"{name}/digits/{FEW}/0/digits": lost + torch.rand(50, generator=chance) for name, (_, lost) in losses.items()
    }
    cases = [Case(name.split("/")[0], int(name.split("/")[1]), "digits", FEW) for name in losses]
    joined, _ = replace(STUDIES["copying"], cases=tuple(cases)).joined(rows, errors)
    for size, way, alone in ((784, "decay 1e-07", "leaky/784"), (1568, "noise 0.1", "leaky/1568")):
        row, ours = joined[f"regularised/{size}"], errors[f"leaky {way}/{size}/digits/{FEW}/0/digits"]
        assert row["way"] == f"leaky {way}/{size}/digits/{FEW}/0"  # by validation, not by test
        difference = over_pictures(ours - errors[f"{alone}/digits/{FEW}/0/digits"])
        assert row["more lost"][:3] == [difference.mean, difference.low, difference.high]


def test_what_is_lost_is_an_offset_and_the_rest(digits):
    live = digits.train.images.amax(0) > 0
    images = digits.test.all().images[:, live]
    mean = images.mean(0)

    class Darker(torch.nn.Module):
        def forward(self, pictures):
            return 0.5 * pictures

    lost, offset = _lost(Darker(), digits.test, live)
    variance = images.var(0, correction=0).mean()
    assert offset == pytest.approx(((0.5 * mean).square().mean() / variance).item(), rel=1e-4)
    assert lost.mean().item() - offset == pytest.approx(0.25, rel=1e-3)  # half of each deviation is left out
    noise = _noise(50, live, 0)
    assert not noise.images[:, ~live].any()
    assert noise.images[:, live].float().mean().item() == pytest.approx(127.5, abs=3)


def test_a_shift_a_brighter_picture_and_the_nearest_of_another_class():
    data = splits(train=60, test=30)
    rows, kept = replace(STUDIES["distance"], code_size=5).table(data, None)
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


def test_components_and_angles_are_those_of_scikit_learn_and_scipy():
    pixels = splits(train=40).train.all().images.flatten(1)[:, :30]
    spread, directions = principal_components(pixels)
    known = PCA().fit(pixels.double().numpy())
    assert spread.numpy() * 40 / 39 == pytest.approx(known.explained_variance_, abs=1e-9)
    own = torch.randn(30, 4, generator=torch.Generator().manual_seed(0))
    found = principal_angles(own, directions[:, :4]).numpy()
    assert found == pytest.approx(sorted(subspace_angles(own.numpy(), known.components_[:4].T) * 180 / torch.pi))


def test_a_linear_autoencoder_comes_near_to_pca():
    chance = torch.Generator().manual_seed(0)
    stripes = torch.rand(60, 4, generator=chance) * torch.tensor([255, 200, 40, 30])  # each stripe as bright as it will
    images = stripes.byte().repeat_interleave(196, 1).view(60, 1, 28, 28)
    data = replace(splits(train=60), train=ImageSet(images, torch.zeros(60, dtype=torch.int64), ("stripes",)))
    study = replace(STUDIES["linear-autoencoder"], code_sizes=(2,), chosen=(0, 1), steps=1000, every=250)
    rows, kept = study.table(data, None)
    assert not kept
    spread, _ = principal_components(data.train.all().images.flatten(1))
    assert rows["2"]["fall"] == pytest.approx((spread[1] / spread[2]).item())
    for seed in (0, 1):
        row = rows[f"2/{seed}"]
        assert len(row["angle"]) == len(row["excess"]) == 5
        assert row["angle"][0] > 60 > row["angle"][-1]
        assert row["excess"][0] > row["excess"][-1] > 0

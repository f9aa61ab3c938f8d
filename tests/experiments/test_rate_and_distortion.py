"""What a code of so many numbers buys, in small: rows against their own arithmetic, parts against the whole."""

from dataclasses import replace

import pytest
import torch
from synthetic import splits

from convae.baselines import linear
from convae.experiments import STUDIES, rate_and_distortion
from convae.latent import encode_all
from convae.measures.intervals import over_pictures
from convae.tasks import Reconstruction
from convae.training.loop import evaluate


@pytest.fixture
def soon(monkeypatch):
    """All arms after two epochs."""
    arms = {name: arm._replace(epochs=lambda size: 2) for name, arm in rate_and_distortion.ARMS.items()}
    monkeypatch.setattr(rate_and_distortion, "ARMS", arms)
    controls = {name: arm._replace(epochs=lambda size: 2) for name, arm in rate_and_distortion.CONTROLS.items()}
    monkeypatch.setattr(rate_and_distortion, "CONTROLS", controls)


def test_parts_make_up_the_whole(soon):
    study = replace(STUDIES["rate-mnist"], code_sizes=(2, 4), chosen=(0, 1))
    data = splits(train=90, validation=20)
    whole, kept = study.table(data, None)
    rows, tensors = {}, {}
    for part in study.parts():
        some, errors = part.table(data, None)
        rows |= some
        tensors |= errors
    seconds = {name: row.pop("seconds", None) for name, row in whole.items()}
    for name, row in rows.items():
        row.pop("seconds", None)
        assert (seconds[name] is None) == (" " in name)
    assert rows == whole
    assert all(torch.equal(kept[name], each) for name, each in tensors.items())
    joined, shown = study.joined(whole, kept)
    assert shown.keys() == {"dense/2", "dense/4", "convolutional/2", "convolutional/4"}
    assert shown["dense/4"].shape == (8, 1, 28, 28)
    errors = torch.stack([kept[f"convolutional/4/{seed}"] - kept[f"dense/4/{seed}"] for seed in (0, 1)])
    assert joined["convolutional/4"]["over dense"][0] == pytest.approx(errors.double().mean().item())
    assert "over dense" not in joined["dense/4"]
    pca = evaluate(linear.pca(data.train, 4), Reconstruction(), data.test)["mse"]
    assert torch.equal(kept["pca/4"], pca)
    errors = torch.stack([kept[f"linear/4/{seed}"] - pca for seed in (0, 1)])
    assert joined["linear/4"]["over pca"][0] == pytest.approx(errors.double().mean().item())


def test_twice_the_epochs_are_another_arm(soon):
    data = splits(train=60, validation=10)
    study = replace(STUDIES["rate-mnist"], code_sizes=(2,), arms=("dense", "dense-long"))
    rows, _ = study.table(data, None)
    assert (rows["dense/2/0"]["epochs"], rows["dense-long/2/0"]["epochs"]) == (2, 4)
    assert rows["dense/2/0"]["mse"] != rows["dense-long/2/0"]["mse"]


def test_linear_rivals_are_scored_as_they_are():
    data = splits(train=60)
    rows, kept = replace(STUDIES["rate-linear"], code_sizes=(3,)).table(data, None)
    assert kept.keys() == {"pca/3", "pca-stretched/3"}
    for name, member in {
        "pca-plain": linear.pca(data.train, 3, clip=False),
        "dct-zigzag": linear.dct(data.train, 3),
        "dct-variance": linear.dct(data.train, 3, "variance"),
    }.items():
        errors = evaluate(member, Reconstruction(), data.test)["mse"]
        assert rows[f"{name}/3"]["mse"] == pytest.approx(errors.mean().item())
        found = over_pictures(errors)
        assert rows[f"{name}/3"]["interval"] == [found.mean, found.low, found.high, found.count]
    assert rows["pca/3"]["over pca"][:3] == [0, 0, 0]
    fine, coarse = rows["pca/3/8 bits"], rows["pca/3/2 bits"]
    assert fine["mse"] == pytest.approx(rows["pca/3"]["mse"], rel=0.01)
    assert coarse["bits"] < fine["bits"] < 3 * 8.5  # few training pictures: one added to each step costs a little
    assert rows["pca/3/4 shared"]["bits"] <= rows["pca/3/4 bits"]["bits"]


def test_controls_are_what_they_say(soon):
    data = splits(train=80, validation=20)
    study = replace(
        STUDIES["rate-controls"],
        code_size=4,
        arms=("pca-decoder", "sigmoid", "dense-same", "local-pca/2"),
        searches=60,
    )
    model, _ = study._made("pca-decoder", data)
    images = data.test.all().images
    torch.testing.assert_close(model.encode(images), linear.pca(data.train, 4).encode(images))
    assert not any(each.requires_grad for each in model.encoder.parameters())
    small = sum(each.numel() for each in study._made("dense-same", data)[0].parameters())
    assert small < 300_000
    local = evaluate(linear.local_pca(data.train, 4, 2), Reconstruction(), data.test)["mse"].mean().item()
    rows, _ = replace(study, arms=("local-pca/2",)).table(data, None)
    assert rows["local-pca/2"]["mse"] == pytest.approx(local)
    rows, _ = replace(study, arms=("sigmoid", "sigmoid-long")).table(data, None)
    assert (rows["sigmoid"]["epochs"], rows["sigmoid-long"]["epochs"]) == (2, 4)
    assert rows["searched"]["mse"] < rows["sigmoid"]["mse"]


def test_files_hold_the_pictures():
    data = splits(train=10, test=25)
    rows, kept = replace(STUDIES["rate-files"], qualities=((20, 95), (5, 90))).table(data, None)
    assert not kept
    assert {rows[name]["mse"] for name in ("png", "png/sheet", "webp", "webp/sheet")} == {0}
    for low, high in (("jpeg/20", "jpeg/95"), ("webp/5", "webp/90")):
        assert rows[high]["mse"] < rows[low]["mse"]
        assert rows[high]["bits"] > rows[low]["bits"]
        assert rows[f"{low}/sheet"]["bits"] < rows[low]["bits"]  # one header in place of 25
        assert rows["header"][low.partition("/")[0]] < rows[low]["bits"]


def test_water_is_pca_rounded_by_one_step():
    data = splits(train=90, validation=20)
    study = replace(STUDIES["rate-water"], numbers=6, steps=(0.5, 4.0))
    rows, _ = study.table(data, None)
    parts = [part.table(data, None)[0] for part in study.parts()]
    assert rows == parts[0] | parts[1]
    fine, coarse = rows["water/0.5"], rows["water/4"]
    assert fine["bits"] > coarse["bits"]
    assert fine["mse"] < coarse["mse"]
    assert coarse["numbers"] <= fine["numbers"] == 6
    plain = linear.pca(data.train, 6, clip=False)
    codes, own = encode_all(plain, data.train), encode_all(plain, data.test)
    back = plain.decode(torch.stack([_means(codes[:, k], own[:, k], 0.5) for k in range(6)], 1).float())
    t = fine["threshold"]
    expected = ((back - t) / (1 - 2 * t)).clamp(0, 1)
    assert fine["mse"] == pytest.approx((expected - data.test.all().images).square().mean().item(), rel=1e-4)


def _means(train, test, step):
    """For each test number the mean of the training numbers that round to the same multiple of a step."""
    where, half = (train / step).round(), (train.abs().max() / step).round()
    asked = (test / step).round().clamp(-half, half)
    return torch.stack([train[where == each].mean() if (where == each).any() else each * step for each in asked])


def test_local_pcas_are_stretched_as_pca_is():
    data = splits(train=90, validation=20)
    rows, _ = replace(STUDIES["rate-local-stretched"], groups=(1, 3), code_size=5).table(data, None)
    one = evaluate(linear.stretched(linear.pca(data.train, 4, clip=False), data.train), Reconstruction(), data.test)
    assert rows["local-pca-stretched/1"]["mse"] == pytest.approx(one["mse"].mean().item(), rel=1e-4)
    assert rows["local-pca-stretched/3"]["mse"] != rows["local-pca-stretched/1"]["mse"]


def test_a_stretch_wants_an_input_for_each_picture():
    data = splits(train=20)
    plain = linear.pca(data.train, 3, clip=False)
    with pytest.raises(ValueError, match="4 inputs for 20 pictures: give one for each"):
        linear.best_stretch(plain.decoder, data.train, torch.zeros(4, 3))

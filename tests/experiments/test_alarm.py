"""What the study of the alarm measures with, against scikit-learn and SciPy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import mahalanobis
from sklearn.metrics import roc_auc_score
from synthetic import untrained

from convae import load
from convae.data import ImageSet, Splits
from convae.experiments.alarm import (
    KINDS,
    SCORES,
    AlarmStudy,
    BrightnessStudy,
    Mahalanobis,
    NearestStudy,
    Surprise,
    alarms,
    area,
    area_difference,
    limit,
    noise,
    strokes,
)
from convae.experiments.runs import load_run
from convae.latent import encode_all


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 1000), count=st.integers(1, 30), others=st.integers(1, 30), kinds=st.integers(1, 9))
def test_the_area_is_scikit_learns_ties_and_all(seed, count, others, kinds):
    generator = torch.Generator().manual_seed(seed)
    usual, unusual = (torch.randint(kinds, (number,), generator=generator).float() for number in (count, others))
    truth = torch.cat([torch.zeros(count), torch.ones(others)])
    assert area(usual, unusual) == pytest.approx(roc_auc_score(truth, torch.cat([usual, unusual])))


def test_alarms_go_from_none_to_all_and_their_mean_is_the_area():
    generator = torch.Generator().manual_seed(0)
    usual, unusual = torch.randn(2000, generator=generator), torch.randn(2000, generator=generator) + 1
    rates = alarms(usual, unusual)
    assert rates[0] < 0.1
    assert rates[-1] > 0.99
    assert (rates.diff() >= 0).all()
    assert torch.trapezoid(rates, dx=0.01).item() == pytest.approx(area(usual, unusual), abs=0.005)
    with pytest.raises(ValueError, match="0 usual pictures, 2 unusual ones"):
        area(usual[:0], unusual[:2])


def test_a_distance_is_scipys_and_knows_no_direction_that_does_not_vary():
    points = torch.randn(40, 3, generator=torch.Generator().manual_seed(0)).double()
    points[:, 2] = 1
    others = points[:5] + 0.3
    inverse = np.linalg.inv(np.cov(points[:, :2].numpy().T))
    expected = [mahalanobis(one, points[:, :2].numpy().mean(0), inverse) for one in others[:, :2].numpy()]
    assert Mahalanobis(points)(others).tolist() == pytest.approx(expected, rel=1e-5)
    numbers = points[:, :1]
    deviation = (numbers[0] - numbers.mean()).abs() / numbers.std()
    assert Mahalanobis(numbers)(numbers[:1]).item() == pytest.approx(deviation.item(), rel=1e-5)
    with pytest.raises(ValueError, match="points is 1"):
        Mahalanobis(points[:1])
    with pytest.raises(ValueError, match=r"^points of 3 numbers, and 1 are known: give points as those of the fit$"):
        Mahalanobis(numbers)(points)


@pytest.fixture(scope="module")
def surprise():
    """Of an untrained net and scikit-learn's digits."""
    digits = load("digits")
    return Surprise(untrained("bottleneck-32", 0), digits.train[:300], digits.validation)


def test_a_code_is_surprising_by_its_mahalanobis_distance(surprise):
    usual = load("digits").train[:300]
    codes = encode_all(surprise.model, usual).double().numpy()
    images = strokes(usual.all().images, 5)
    inverse = np.linalg.inv(np.cov(codes.T))
    with torch.no_grad():
        own = surprise.model.encode(images).double().numpy()
    expected = [mahalanobis(code, codes.mean(0), inverse) for code in own]
    assert surprise(images)["code"].tolist() == pytest.approx(expected, rel=1e-2)


def test_the_other_two_scores_are_distances_of_logarithms_from_those_of_validation_pictures(surprise):
    held_out, images = load("digits").validation.all().images, strokes(torch.zeros(1, 1, 28, 28), 5)
    known, scores = surprise(held_out), surprise(images)
    logarithms = [np.log(np.stack([each["error"], each["code"]], 1).astype(float)) for each in (known, scores)]
    for columns, score in ((1, "two-sided"), (2, "joint")):
        points, others = (each[:, :columns] for each in logarithms)
        inverse = np.linalg.inv(np.atleast_2d(np.cov(points.T)))
        expected = [mahalanobis(one, points.mean(0), inverse) for one in others]
        assert scores[score].tolist() == pytest.approx(expected, rel=1e-3)


def test_a_limit_is_exceeded_by_the_share_of_validation_pictures_that_may_ring(surprise):
    scores = surprise(load("digits").validation.all().images)
    for score in SCORES:
        assert (scores[score] > surprise.limits[score]).double().mean().item() == pytest.approx(0.05, abs=0.004)
    assert limit(torch.arange(101.0), 0.2) == 80
    with pytest.raises(ValueError, match=r"^a share of 5: give one from 0 to 1$"):
        limit(torch.arange(101.0), 5)


def test_an_error_that_is_too_small_rings_on_both_sides_only(surprise):
    """A picture that comes back as it was: below every error known, so that a one-sided alarm has nothing to say."""
    usual = surprise(load("digits").validation.all().images)
    scores = surprise._scores(torch.tensor([0.0]), usual["code"][:1])
    assert scores["error"].item() < usual["error"].min()
    assert scores["two-sided"].item() > surprise.limits["two-sided"]
    assert scores["joint"].item() > surprise.limits["joint"]


def drawn(generator, shift, count=150):
    """Two scores of usual and of unusual pictures; the second score is the first with noise."""
    sides = torch.randn(count, generator=generator), torch.randn(count, generator=generator) + shift
    return sides, tuple(side + 0.7 * torch.randn(count, generator=generator) for side in sides)


def test_the_interval_of_two_areas_difference_is_as_wide_as_the_difference_varies():
    generator = torch.Generator().manual_seed(0)
    found = []
    for _ in range(400):
        first, second = drawn(generator, 0.8)
        found.append(area(*first) - area(*second))
    first, second = drawn(generator, 0.8)
    interval = area_difference([first], [second])
    assert interval.mean == pytest.approx(area(*first) - area(*second), abs=1e-12)
    assert interval.margin / 1.96 == pytest.approx(np.std(found), rel=0.15)


def test_seeds_widen_the_interval_of_two_areas_difference_and_no_difference_has_none():
    generator = torch.Generator().manual_seed(1)
    pairs = [drawn(generator, shift) for shift in (0.2, 0.8, 2.0)]
    nets = [first for first, _ in pairs], [second for _, second in pairs]
    seeds = area_difference(*nets)
    assert seeds.mean == pytest.approx(np.mean([area(*one) - area(*other) for one, other in pairs]))
    assert seeds.margin > max(area_difference([one], [other]).margin for one, other in pairs) / 3**0.5
    same = area_difference(nets[0], nets[0])
    assert (same.low, same.high) == (0, 0)
    with pytest.raises(ValueError, match=r"^3 nets against 2: give the same nets, one or more$"):
        area_difference(nets[0], nets[1][:2])


def test_the_study_tells_noise_from_digits_and_joins_what_it_found(monkeypatch):
    """In small, with untrained nets; clothes need other data."""
    monkeypatch.setitem(KINDS, "clothes", noise)
    sample = load("mnist-sample")
    study = AlarmStudy("alarm", pictures=120, fitted=400, repeats=2)
    rows, kept = study.table(sample, untrained)
    assert set(kept) == {f"{kind}/{score}" for kind in ("upside down", "strokes") for score in SCORES}
    for kind in KINDS:
        for net in ("pca-32", *study.nets):
            found = {score: np.mean(rows[f"{kind}/{net}/{score}"]["found"]) for score in SCORES}
            joint = rows[f"{kind}/{net}/joint"]
            for score in SCORES[:-1]:
                assert joint[f"beyond {score}"][0] == pytest.approx(100 * (found["joint"] - found[score]), abs=1e-6)
    assert rows["noise/pca-32/error"] == {"auc": [1.0], "found": [1.0]}
    assert len(rows["noise/bottleneck-32/error"]["auc"]) == 2
    turned = rows["upside down/bottleneck-32"]["code beyond error"][0]
    areas = [np.mean(rows[f"upside down/bottleneck-32/{score}"]["auc"]) for score in ("code", "error")]
    assert turned == pytest.approx(areas[0] - areas[1])
    assert rows["usual/random"]["low"] < 0.05 < rows["usual/random"]["high"]


def test_the_nearest_training_picture_is_scored_as_a_net_is(monkeypatch):
    monkeypatch.setitem(KINDS, "clothes", noise)
    sample = load("mnist-sample")
    rows, _ = NearestStudy("alarm-nearest", pictures=120, fitted=400).table(sample, untrained)
    stored = load_run("alarm-nearest").scores["test"]
    assert {name: set(row) for name, row in rows.items()} == {name: set(row) for name, row in stored.items()}
    theirs, _ = AlarmStudy("alarm", pictures=120, fitted=400, repeats=1).table(sample, untrained)
    for kind in KINDS:
        own, other = rows[f"{kind}/distance"], theirs[f"{kind}/pca-32/error"]["auc"][0]
        assert own["beyond pca-32/error"][0] == pytest.approx(own["auc"] - other, abs=1e-6)
    test, training = (part.all().images.flatten(1) for part in (sample.test, sample.train))
    usual, rest = (
        test[part] for part in torch.randperm(len(test), generator=torch.Generator().manual_seed(0)).split(120)[:2]
    )
    near = [torch.cdist(part.double(), training.double()).min(1).values.float() for part in (usual, rest.flip(1))]
    assert rows["upside down/distance"]["auc"] == pytest.approx(area(*near), abs=1e-3)


def test_brightness_is_an_alarm_that_knows_of_nothing_else(monkeypatch):
    monkeypatch.setitem(KINDS, "clothes", noise)
    sample = load("mnist-sample")
    rows, _ = BrightnessStudy("alarm-brightness", pictures=120, fitted=400).table(sample, untrained)
    stored = load_run("alarm-brightness").scores["test"]
    assert {name: set(row) for name, row in rows.items()} == {name: set(row) for name, row in stored.items()}
    assert rows["noise/brightness"]["found"][0] == rows["dots/brightness"]["found"][0] == 1
    assert rows["upside down/brightness"]["found"] == rows["shuffled/brightness"]["found"]
    assert rows["usual/nearest"]["found"][0] == pytest.approx(0.05)
    for name in ("error, code or brightness", "nearest or brightness"):
        both = rows[f"dots/{name}"]
        assert both["beyond joint"][0] == pytest.approx(both["found"][0] - rows["dots/joint"]["found"][0])


def test_usual_and_unusual_digits_of_the_study_are_not_the_same_ones(monkeypatch):
    asked = []

    def remember(digits, count):
        asked.append(digits)
        return noise(digits, count)

    for kind in KINDS:
        monkeypatch.setitem(KINDS, kind, remember)
    positions = torch.arange(1000)
    images = (positions[:, None, None, None] // torch.tensor([250, 1]).view(1, 1, 1, 2) % 250).byte()
    every = ImageSet(images.repeat_interleave(14, 3).expand(-1, 1, 28, 28).contiguous(), positions % 10, ("",) * 10)
    seen = []
    call = Surprise.__call__
    monkeypatch.setattr(Surprise, "__call__", lambda self, images: seen.append(images) or call(self, images))
    AlarmStudy("alarm", nets=("bottleneck-32",), pictures=100, fitted=200, repeats=1).table(
        Splits("mnist", every, every[:300], every), untrained
    )
    usual = {tuple(picture[0, 0, ::14].tolist()) for picture in seen[0]}
    unusual = {tuple(picture[0, 0, ::14].tolist()) for picture in asked[0]}
    assert (len(usual), len(unusual), len(usual & unusual)) == (100, 100, 0)


def test_strokes_are_pictures_of_one_stroke():
    pictures = strokes(torch.zeros(1, 1, 28, 28), 50)
    assert pictures.shape == (50, 1, 28, 28)
    assert pictures.min() == 0
    assert pictures.max() == 1
    assert pictures.flatten(1).sum(1).min() > 5

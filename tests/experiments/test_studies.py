"""The studies of the code in small, and what they measure with, against scikit-learn, SciPy and known cases."""

import functools
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import mahalanobis
from sklearn.metrics import roc_auc_score
from torch import nn

from convae import load
from convae.experiments import RECIPES, STUDIES
from convae.experiments.alarm import Surprise, alarms, area, strokes
from convae.experiments.denoising import LETTERS, draw, letters, strip
from convae.experiments.generating import independent
from convae.experiments.interpolating import between_pairs, draw_pairs, join, label_subset, make_paths, measure
from convae.experiments.looking_at_the_code import probe, reach
from convae.experiments.runs import load_run
from convae.latent import encode_all
from convae.measures.intervals import Interval
from convae.models import build

DIGITS = load("digits")


@functools.cache
def nets(name, seed):
    """Nets whose weights are as they were drawn: what is tested are the measurements."""
    torch.manual_seed(seed)
    return build(RECIPES[name].model).eval()


@settings(deadline=None, max_examples=30)
@given(count=st.integers(1, 20), same=st.booleans(), seed=st.integers(0, 1000))
def test_pairs_are_of_one_class_or_of_two_and_never_of_one_picture(count, same, seed):
    labels = DIGITS.test.labels
    first, second = draw_pairs(labels, count, same, seed)
    assert torch.equal(labels[first].bincount(), torch.full((10,), count))
    assert torch.equal(labels[first] == labels[second], torch.full((10 * count,), same))
    assert not (first == second).any()


@pytest.mark.parametrize(
    ("labels", "same", "message"),
    [
        ([0, 0, 3, 5, 5], True, "class 3 has 1 picture, so no pair: leave it out, or add another"),
        ([7, 7], False, "pictures of 1 classes make no pair: give some of at least 2"),
        ([], True, "pictures of 0 classes make no pair: give some of at least 1"),
    ],
)
def test_classes_without_a_pair_are_refused(labels, same, message):
    with pytest.raises(ValueError, match=message):
        draw_pairs(torch.tensor(labels), 2, same, 0)


class Brightness(nn.Module):
    """Class 1 with the probability of the mean pixel, else class 0."""

    def forward(self, images):
        bright = images.flatten(1).mean(1)
        none = torch.zeros_like(bright)
        return torch.stack([1 - bright, bright, none, none], 1)


def test_a_straight_path_of_pixels_has_length_1_and_its_middle_is_the_mean():
    generator = torch.Generator().manual_seed(0)
    first, second = (
        torch.rand(6, 1, 28, 28, generator=generator) / 10,
        1 - torch.rand(6, 1, 28, 28, generator=generator) / 10,
    )
    paths = make_paths("pixels", first, second, torch.linspace(0, 1, 5), nets)
    zeros, ones = torch.zeros(6).long(), torch.ones(6).long()
    training = torch.cat([(first + second) / 2 + 0.1, first])
    numbers, curve, _ = measure(paths, zeros, ones, Brightness(), training, 6)
    torch.testing.assert_close(numbers["length"], torch.ones(6))
    torch.testing.assert_close(numbers["blend"], torch.zeros(6), atol=1e-6, rtol=0)
    torch.testing.assert_close(numbers["distance"], torch.full((6,), 0.1))
    assert numbers["ends"].tolist() == [1] * 6
    assert numbers["kept"].tolist() == [1] * 6
    torch.testing.assert_close(curve.sum(0), torch.ones(5))
    assert (curve[0].diff() < 0).all()
    numbers, _, verdicts = measure(paths, zeros + 2, ones + 2, Brightness(), training, 6)
    assert not numbers["kept"].any()
    assert set(verdicts.tolist()) <= {0, 1}


def test_a_path_that_wanders_is_longer_than_a_straight_one():
    corners = torch.zeros(3, 1, 1, 2, 2)
    corners[1, ..., 0, 0] = corners[2, ..., 0, 0] = corners[2, ..., 1, 1] = 1
    numbers, _, _ = measure(corners, torch.tensor([0]), torch.tensor([1]), Brightness(), corners[0], 1)
    assert numbers["length"].item() == pytest.approx(2 / 2**0.5)
    assert numbers["blend"].item() == pytest.approx(0.5)


@pytest.mark.parametrize("method", ["robledo-two-layer", "bottleneck-32", "bottleneck-32/spherical"])
def test_paths_through_the_code_begin_and_end_at_the_reconstructions(method):
    images = DIGITS.test[:4].all().images
    paths = make_paths(method, images[:2], images[2:], torch.tensor([0.0, 1.0]), nets)
    model = nets(method.partition("/")[0], 0)
    with torch.no_grad():
        torch.testing.assert_close(paths[0], model(images[:2]))
        torch.testing.assert_close(paths[1], model(images[2:]))


def test_few_labels_are_as_many_of_every_class():
    few = label_subset(DIGITS.train, 7, 0)
    assert torch.equal(few.labels.bincount(), torch.full((10,), 7))
    assert few.checksum() == label_subset(DIGITS.train, 7, 0).checksum() != label_subset(DIGITS.train, 7, 1).checksum()
    with pytest.raises(ValueError, match="9999 pictures of class 0: it has"):
        label_subset(DIGITS.train, 9999, 0)


def test_what_lies_between_two_pictures_of_a_class():
    one_of_each = label_subset(DIGITS.train, 1, 0)
    made = between_pairs(one_of_each, 30, "pixels", nets, 0)  # the only pair of a class is a picture and itself
    position = {int(label): number for number, label in enumerate(one_of_each.labels)}
    for picture, label in zip(made.images, made.labels, strict=True):
        assert torch.equal(picture, one_of_each.images[position[int(label)]])
    few = label_subset(DIGITS.train, 5, 0)
    made = between_pairs(few, 200, "pixels", nets, 0)
    for picture, label in zip(made.images, made.labels, strict=True):
        own = few.images[few.labels == label]
        assert (picture >= own.amin(0)).all()
        assert (picture <= own.amax(0)).all()
    assert between_pairs(few, 9, "bottleneck-32", nets, 0).images.shape == (9, 1, 28, 28)
    assert len(join(few, made)) == 250


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


def test_a_code_is_surprising_by_its_mahalanobis_distance():
    model, usual = nets("bottleneck-32", 0), DIGITS.train[:300]
    codes = encode_all(model, usual).double().numpy()
    images = strokes(usual.all().images, 5)
    inverse = torch.linalg.inv(torch.from_numpy(codes).T.cov()).numpy()
    with torch.no_grad():
        expected = [mahalanobis(code, codes.mean(0), inverse) for code in model.encode(images).double().numpy()]
    assert Surprise(model, usual)(images)["code"].tolist() == pytest.approx(expected, rel=1e-2)


def test_strokes_are_pictures_of_one_stroke():
    pictures = strokes(torch.zeros(1, 1, 28, 28), 50)
    assert pictures.shape == (50, 1, 28, 28)
    assert pictures.min() == 0
    assert pictures.max() == 1
    assert pictures.flatten(1).sum(1).min() > 5


def test_a_probe_reads_what_can_be_read_by_a_plane_and_nothing_else():
    generator = torch.Generator().manual_seed(0)
    codes = torch.randn(600, 3, generator=generator)
    plane, corner = (codes[:, 0] > codes[:, 1]).long(), (codes[:, 0] * codes[:, 1] > 0).long()
    assert probe(codes[:400], plane[:400], codes[400:], plane[400:]).mean() > 0.95
    assert probe(codes[:400], corner[:400], codes[400:], corner[400:]).mean() < 0.65


def test_a_number_of_the_two_layer_net_reaches_one_block():
    images = DIGITS.test[:5].all().images
    local = reach(load_run("robledo-two-layer").model(), images, torch.full((144,), 100.0))
    assert 20 < local <= 100  # 9×9 pixels; at the edges the output padding adds a row and a column
    assert reach(nets("robledo-two-layer", 0), images, torch.zeros(144)) == 0


def test_independent_numbers_keep_their_place_and_lose_their_company():
    codes = torch.arange(50.0)[:, None] + torch.tensor([0.0, 1000.0])
    drawn = independent(codes, 400, 0)
    assert (drawn[:, 0] < 50).all()
    assert (drawn[:, 1] >= 1000).all()
    assert (drawn[:, 0] + 1000 != drawn[:, 1]).float().mean() > 0.9


def test_letters_are_drawn_stroke_by_stroke():
    pictures = letters(20)
    assert pictures.shape == (20, 1, 28, 28)
    assert pictures.min() == 0
    assert pictures.max() == 1
    assert torch.equal(pictures, letters(20))
    assert not torch.equal(pictures[0], pictures[len(LETTERS)])  # the same letter, of another size
    bar = draw([(0, 0.5, 1, 0.5)], scale=10, half_width=1.0)  # from 8.5 to 18.5 across, between rows 13 and 14
    assert bar[13:15, 9:19].min() == 1
    assert bar[:12].sum() + bar[16:].sum() == 0
    assert torch.equal(bar, bar.flip(0))
    torch.testing.assert_close(draw([(0.5, 0, 0.5, 1)], 10, 1.0), bar.T)
    with pytest.raises(ValueError, match="-1 letters"):
        letters(-1)
    with pytest.raises(ValueError, match="has no length: move one of its ends"):
        draw([(0.5, 0.5, 0.5, 0.5)], 10, 1.0)
    with pytest.raises(ValueError, match="scale 0 and half_width 1"):
        draw([(0.5, 0, 0.5, 1)], 0, 1)


def test_a_strip_is_taken_from_all_over_a_set():
    assert len(strip(DIGITS.test)) == 6
    assert torch.equal(strip(DIGITS.test).images[1], DIGITS.test.images[50])
    assert len(strip(DIGITS.test[:4])) == 4


SMALL = {
    "denoising": {
        "sigmas": (0.5,),
        "tuned": 2,
        "pictures": 9,
        "clothes": "digits",
        "copied": 64,
        "repeats": 2,
    },
    "codes": {"points": 60, "queries": 50, "fitted": 200},
    "interpolation": {"pairs": 2, "searched": 5},
    "augmentation": {"labels": (2,), "repeats": 1, "steps": 2},
    "variational-tradeoff": {"sigmas": (0.1,), "epochs": 1},
    "generation": {"repeats": 1},
}


@pytest.mark.parametrize("name", SMALL)
def test_a_small_study_has_the_rows_and_tensors_of_the_stored_one(name):
    study = replace(STUDIES[name], **SMALL[name])
    with torch.random.fork_rng():
        rows, kept = study.table(DIGITS, nets)
    stored = load_run(name)

    def outline(found):
        return {row: set(columns) for row, columns in found.items()}

    if name in ("augmentation", "variational-tradeoff"):  # rows are named by what was made smaller
        assert {frozenset(columns) for columns in outline(rows).values()} == {
            frozenset(columns) for columns in outline(stored.scores["test"]).values()
        }
    elif name == "denoising":  # of the noises, one
        assert outline(rows).items() <= outline(stored.scores["test"]).items()
        assert kept.keys() <= stored.weights().keys()
    else:
        assert outline(rows) == outline(stored.scores["test"])
        assert kept.keys() == stored.weights().keys()
    for row in stored.scores["test"].values():
        for value in row.values():
            if isinstance(value, list) and len(value) == 4 and value[3] > 20:
                interval = Interval(*value)
                assert interval.low <= interval.mean <= interval.high


def test_every_study_of_the_code_is_tried_in_small_or_needs_other_data():
    named = {study.name for study in STUDIES.values() if study.of_nets}
    assert named == SMALL.keys() | {"alarm", "super-resolution"}

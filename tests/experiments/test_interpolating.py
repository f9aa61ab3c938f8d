"""What the studies of interpolating measure with, on known cases."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import noise, untrained
from torch import nn

from convae import load
from convae.data import ImageSet
from convae.experiments import interpolating
from convae.experiments.interpolating import (
    between_pairs,
    compare,
    draw_between,
    draw_pairs,
    endless,
    from_both_sets,
    label_subset,
    make_paths,
    measure,
    nearest_of_known,
    rightly_named,
    seen_half_way,
    shift,
    whole_walks_by_each,
)
from convae.experiments.looking_at_the_code import Judge
from convae.models import Classifier

DIGITS = load("digits")


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


def test_from_one_class_to_another():
    labels = DIGITS.test.labels
    first, second = draw_between(labels, 7, 4, 12, 0)
    assert labels[first].tolist() == [7] * 12
    assert labels[second].tolist() == [4] * 12
    assert len(first.unique()) > 4
    with pytest.raises(ValueError, match="no picture of class 4: it makes no pair, take another class"):
        draw_between(torch.tensor([7, 7]), 7, 4, 2, 0)
    with pytest.raises(ValueError, match="0 pairs: ask for at least 1"):
        draw_between(labels, 7, 4, 0, 0)


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
    paths = make_paths("pixels", first, second, torch.linspace(0, 1, 5), untrained)
    zeros, ones = torch.zeros(6).long(), torch.ones(6).long()
    training = torch.cat([(first + second) / 2 + 0.1, first])
    numbers, curve, _ = measure(paths, zeros, ones, Brightness(), training, 6)
    torch.testing.assert_close(numbers["length"], torch.ones(6))
    torch.testing.assert_close(numbers["blend"], torch.zeros(6), atol=1e-6, rtol=0)
    torch.testing.assert_close(numbers["distance"], torch.full((6,), 0.1))
    assert numbers["ends"].tolist() == [1] * 6
    assert numbers["kept"].tolist() == numbers["both"].tolist() == numbers["whole"].tolist() == [1] * 6
    torch.testing.assert_close(numbers["ink"], torch.ones(6))
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


def test_a_walk_is_whole_only_if_every_picture_on_it_is_of_an_end():
    bright = torch.tensor([[0.1, 0.2, 0.3, 0.4, 0.1], [0.1, 0.1, 0.9, 0.1, 0.1], [0.9, 0.1, 0.2, 0.1, 0.1]]).T
    paths = bright[:, :, None, None, None].expand(-1, -1, 1, 2, 2)
    zeros = torch.zeros(3).long()
    numbers, _, seen = measure(paths, zeros, zeros, Brightness(), paths[0], 3)
    assert numbers["whole"].tolist() == [1, 0, 1]
    assert numbers["kept"].tolist() == [1, 0, 1]
    assert numbers["ends"].tolist() == [1, 1, 0]
    assert numbers["both"].tolist() == [1, 1, 0]
    assert numbers["walk_lost"].tolist() == [0, 1, -1]
    assert numbers["half_lost"].tolist() == [0, 1, -1]
    assert seen.tolist() == [0, 1, 0]


def test_two_ways_are_compared_pair_by_pair():
    straight, turned = torch.tensor([0.0, 1, 0, 1] * 30), torch.tensor([1.0, 1, 1, 0] * 30)
    measured = {"pixels": {"kept": straight}, "net": {"kept": straight}, "net/spherical": {"kept": turned}}
    rows = compare("same", measured)
    assert rows["same/net - pixels"]["kept"] == [0, 0, 0, 120]
    assert rows["same/net/spherical - straight"]["kept"][0] == pytest.approx(0.25)
    assert rows["same/net"]["kept"][1:3] != rows["same/net/spherical"]["kept"][1:3]
    seen = {"net": torch.tensor([8] * 80 + [3] * 40), "net/spherical": torch.tensor([8] * 50 + [3] * 70)}
    rows = seen_half_way(seen)
    assert rows["labels/net"]["8"][0] == pytest.approx(2 / 3)
    assert rows["labels/net/spherical - straight"]["8"][0] == pytest.approx(-0.25)
    assert rows["labels/net/spherical - straight"]["changed"][0] == pytest.approx(0.25)


def test_how_near_known_pictures_are_to_the_nearest_training_picture():
    pictures = noise(6, 1, 28, 28)
    training = torch.cat([pictures + 0.25, noise(4, 1, 28, 28, seed=1)])
    rows = nearest_of_known(pictures, training, ("pixels",), {"pixels": {"distance": torch.full((6,), 0.5)}}, untrained)
    assert rows["nearest/pixels"]["distance"][0] == pytest.approx(0.25, rel=1e-4)
    assert rows["nearest/pixels"]["midpoint less this"][0] == pytest.approx(0.25, rel=1e-4)
    assert rows["nearest/blurred"]["less pixels"][1] > 0
    places = from_both_sets(torch.stack([pictures, pictures + 0.1]), training, pictures)
    assert places["least"] == pytest.approx([0, 0.1], abs=1e-3)
    assert places["mean"] == pytest.approx([0, 0.1], abs=1e-3)


class Dark(Classifier):
    """Class 0 whatever it is shown, or class 1."""

    def __init__(self, number):
        nn.Module.__init__(self)
        self.number = number

    def forward(self, images):
        return nn.functional.one_hot(torch.full((len(images),), self.number), 10).float()


def test_every_judge_is_asked_alone():
    judge = Judge([Dark(0), Dark(1)])
    assert whole_walks_by_each(judge, noise(5, 3, 1, 28, 28), 1) == [0, 1]
    named = rightly_named(judge, noise(30, 1, 28, 28), torch.arange(30) % 10)
    assert named["0"][0] == 1
    assert named["1"][0] == 0
    assert named["1"][2] > 0.5  # Wilson's, of 3 pictures


@pytest.mark.parametrize("method", ["robledo-two-layer", "bottleneck-32", "bottleneck-32/spherical"])
def test_paths_through_the_code_begin_and_end_at_the_reconstructions(method):
    images = DIGITS.test[:4].all().images
    paths = make_paths(method, images[:2], images[2:], torch.tensor([0.0, 1.0]), untrained)
    model = untrained(method.partition("/")[0], 0)
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
    two_of_each = label_subset(DIGITS.train, 2, 0)
    made = between_pairs(two_of_each, 60, "pixels", untrained, 0)
    for picture, label in zip(made.images, made.labels, strict=True):
        one, other = two_of_each.images[two_of_each.labels == label].int()
        places = ((picture.int() - one) / (other - one))[(one - other).abs() > 100]
        assert places.max() - places.min() < 0.02  # the only pair of a class: both ends, at one place on the way
        assert 0 <= places.mean() <= 1
    few = label_subset(DIGITS.train, 5, 0)
    made = between_pairs(few, 200, "pixels", untrained, 0)
    for picture, label in zip(made.images, made.labels, strict=True):
        own = few.images[few.labels == label]
        assert (picture >= own.amin(0)).all()
        assert (picture <= own.amax(0)).all()
    assert between_pairs(few, 9, "bottleneck-32", untrained, 0).images.shape == (9, 1, 28, 28)
    with pytest.raises(ValueError, match="1 picture of class 0: nothing lies between it and another, give 2 of each"):
        between_pairs(label_subset(DIGITS.train, 1, 0), 9, "pixels", untrained, 0)


@settings(deadline=None, max_examples=30)
@given(count=st.integers(1, 30), size=st.integers(1, 40), seed=st.integers(0, 1000))
def test_batches_are_full_and_every_picture_comes_once_before_any_comes_again(count, size, seed):
    images = ImageSet(torch.arange(count).byte().view(-1, 1, 1, 1), torch.arange(count), ("any",) * count)
    stream = endless(images, size, torch.Generator().manual_seed(seed))
    batches = [next(stream) for _ in range(5)]
    assert all(len(batch.labels) == size for batch in batches)
    seen = torch.cat([batch.labels for batch in batches])
    for epoch in seen.split(count)[:-1]:
        assert epoch.sort().values.tolist() == list(range(count))


def test_half_of_a_batch_is_real_and_all_trainings_see_as_many(monkeypatch):
    few = label_subset(DIGITS.train, 2, 0)
    made = replace(few, labels=few.labels + 10)  # so that they can be told apart
    seen = []
    monkeypatch.setattr(interpolating, "take_step", lambda *given: seen.append(given[2].labels))
    for sets in ([few], [few, made], [made]):
        interpolating.train_and_score(replace(interpolating.AUGMENTATION, steps=3), sets, DIGITS.test, 0)
    assert [len(labels) for labels in seen] == [32] * 9
    assert [int((labels < 10).sum()) for labels in seen] == [32] * 3 + [16] * 3 + [0] * 3


def test_half_a_batch_of_real_pictures_alone_is_what_mixtures_leave_of_them(monkeypatch):
    seen = []
    monkeypatch.setattr(interpolating, "take_step", lambda *given: seen.append(len(given[2].labels)))
    study = replace(interpolating.CONTROL, labels=(2,), methods=("none", "half"), repeats=1, steps=2)
    rows, _ = study.table(DIGITS, untrained)
    assert seen == [32, 32, 16, 16]
    assert rows.keys() == {"2/none", "2/half"}


def test_a_shifted_picture_is_the_same_somewhere_else_by_two_pixels_at_most():
    dot = torch.zeros(400, 1, 9, 9)
    dot[:, :, 4, 4] = 1
    places = shift(dot, torch.Generator().manual_seed(0)).nonzero()[:, 2:]
    assert len(places) == 400
    assert places.unique(dim=0).tolist() == [[row, column] for row in range(2, 7) for column in range(2, 7)]

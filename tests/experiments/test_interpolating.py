"""What the studies of interpolating measure with, on known cases."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import untrained
from torch import nn

from convae import load
from convae.experiments.interpolating import between_pairs, draw_pairs, join, label_subset, make_paths, measure

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
    one_of_each = label_subset(DIGITS.train, 1, 0)
    made = between_pairs(one_of_each, 30, "pixels", untrained, 0)  # the only pair of a class is a picture and itself
    position = {int(label): number for number, label in enumerate(one_of_each.labels)}
    for picture, label in zip(made.images, made.labels, strict=True):
        assert torch.equal(picture, one_of_each.images[position[int(label)]])
    few = label_subset(DIGITS.train, 5, 0)
    made = between_pairs(few, 200, "pixels", untrained, 0)
    for picture, label in zip(made.images, made.labels, strict=True):
        own = few.images[few.labels == label]
        assert (picture >= own.amin(0)).all()
        assert (picture <= own.amax(0)).all()
    assert between_pairs(few, 9, "bottleneck-32", untrained, 0).images.shape == (9, 1, 28, 28)
    assert len(join(few, made)) == 250

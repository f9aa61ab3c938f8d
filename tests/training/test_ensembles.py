"""Many nets at once against one after the other."""

import copy
import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import splits
from torch import nn

from convae.models import build, dense_autoencoder
from convae.tasks import Reconstruction
from convae.training import ensembles
from convae.training.ensembles import Member, fit_many, mark
from convae.training.loop import evaluate, fit

DATA = splits(train=50, test=20)


def nets(count, dropout=0.0, size=5, activation="sigmoid"):
    made = []
    for seed in range(count):
        torch.manual_seed(seed)
        made.append(dense_autoencoder(size, dropout, activation=activation))
    return made


def tall(images):
    """The same pixels in pictures of another shape."""
    return replace(images, images=images.images.reshape(len(images), 1, 56, 14))


def assert_same(first, second):
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


MEMBERS = st.lists(st.builds(Member, st.floats(0.01, 2), st.floats(0, 0.95), st.integers(0, 2)), min_size=1, max_size=5)


@settings(deadline=None, max_examples=15)
@given(MEMBERS, st.sampled_from(["sigmoid", "relu", "none"]))
def test_each_member_is_trained_as_alone(members, activation):
    together = nets(len(members), activation=activation)
    alone = copy.deepcopy(together)
    curves = fit_many(together, DATA.train, members, epochs=2, batch_size=20, watch={"test": DATA.test})
    for net, own, member, curve in zip(alone, together, members, curves, strict=True):
        optimizer = torch.optim.SGD(net.parameters(), member.rate, momentum=member.momentum)
        history = fit(
            net, Reconstruction(), DATA.train, optimizer, epochs=2, batch_size=20, seed=member.seed,
            watch={"test": DATA.test},
        )  # fmt: skip
        assert_same(net, own)
        assert curve["test"] == pytest.approx(history.epochs["test"], abs=1e-5)


class Masked(nn.Module):
    """Dropout with masks from a generator."""

    def __init__(self, share, seed):
        super().__init__()
        self.share, self.drop = share, torch.Generator().manual_seed(seed + 2**32)

    def forward(self, codes):
        return codes * ensembles.keep(self.drop, codes.shape, self.share) if self.training else codes


def test_with_the_same_masks_dropout_is_the_same_too():
    together = nets(3, dropout=0.3)
    alone = copy.deepcopy(together)
    members = [Member(0.5, 0.9, 4), Member(0.2, 0.0, 4), Member(1.0, 0.5, 1)]
    fit_many(together, DATA.train, members, epochs=3, batch_size=20)
    for net, own, member in zip(alone, together, members, strict=True):
        net.encoder[3] = Masked(0.3, member.seed)
        optimizer = torch.optim.SGD(net.parameters(), member.rate, momentum=member.momentum)
        fit(net, Reconstruction(), DATA.train, optimizer, epochs=3, batch_size=20, seed=member.seed)
        assert_same(net, own)


class CrossEntropy(Reconstruction):
    """The binary cross-entropy between a pixel and its answer."""

    def __call__(self, model, batch, generator):
        given = self.restore(model, batch, generator)
        return {"loss": nn.functional.binary_cross_entropy(given, batch.images, reduction="none").mean((1, 2, 3))}


class SoftmaxCrossEntropy(Reconstruction):
    """PyTorch's CrossEntropyLoss, where each pixel is a class, a pixel's share of it."""

    def __call__(self, model, batch, generator):
        given = self.restore(model, batch, generator).flatten(1)
        loss = nn.functional.cross_entropy(given, batch.images.flatten(1), reduction="none")
        return {"loss": loss / given.shape[1]}


@pytest.mark.parametrize(
    ("name", "task"), [("cross-entropy", CrossEntropy()), ("softmax cross-entropy", SoftmaxCrossEntropy())]
)
def test_another_loss_is_made_small_as_alone(name, task):
    together = nets(2)
    alone = copy.deepcopy(together)
    members = [Member(0.5, 0.9), Member(2.0, 0.0)]
    fit_many(together, DATA.train, members, epochs=3, batch_size=20, loss=name)
    for net, own, member in zip(alone, together, members, strict=True):
        optimizer = torch.optim.SGD(net.parameters(), member.rate, momentum=member.momentum)
        fit(net, task, DATA.train, optimizer, epochs=3, batch_size=20, seed=member.seed)
        assert_same(net, own)


def test_a_loss_that_is_not_known_is_refused_with_the_nearest_name():
    with pytest.raises(ValueError, match="no loss is called 'cross entropy': did you mean cross-entropy"):
        fit_many(nets(1), DATA.train, [Member(0.5, 0.9)], epochs=1, batch_size=20, loss="cross entropy")


def test_the_sum_over_the_pixels_is_a_larger_rate():
    """The mean divides each gradient by 784, so a rate of 0.95 with it is one of 0.0012 with the sum."""
    [net] = nets(1)
    own, summed = copy.deepcopy(net), copy.deepcopy(net)
    fit_many([own], DATA.train, [Member(0.95, 0.5)], epochs=3, batch_size=20)
    summing = {"batch_size": 20, "loss": "summed squared error"}
    fit_many([summed], DATA.train, [Member(0.95 / 784, 0.5)], epochs=3, **summing)
    assert_same(own, summed)
    optimizer = torch.optim.SGD(net.parameters(), 0.95 / 784, momentum=0.5)
    order = torch.Generator().manual_seed(0)
    for _ in range(3):
        for batch in DATA.train.batches(20, order):
            optimizer.zero_grad()
            ((net(batch.images) - batch.images).square().sum() / len(batch.images)).backward()
            optimizer.step()
    assert_same(net, own)


def test_masks_keep_their_share_and_their_mean():
    kept = ensembles.keep(torch.Generator().manual_seed(0), (400, 100), 0.25)
    assert kept.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert kept.mean().item() == pytest.approx(1, abs=0.01)


def test_turns_are_of_one_seed_and_fit_into_memory(monkeypatch):
    members = [Member(0.5, 0.5, seed) for seed in (1, 0, 1, 1, 0)]
    whole = nets(5)
    cut = copy.deepcopy(whole)
    curves = fit_many(whole, DATA.train, members, epochs=1, batch_size=20, watch={"test": DATA.test})
    monkeypatch.setattr(ensembles, "ROOM", 1)
    assert list(ensembles._turns(cut, members, 20)) == [[1], [4], [0], [2], [3]]
    one_by_one = fit_many(cut, DATA.train, members, epochs=1, batch_size=20, watch={"test": DATA.test})
    for first, second, one, other in zip(whole, cut, curves, one_by_one, strict=True):
        assert_same(first, second)
        assert one["test"] == pytest.approx(other["test"], abs=1e-6)


def test_a_member_that_breaks_leaves_the_others_alone():
    models = nets(2)
    for model in models:
        model.decoder[1] = nn.Identity()  # nothing holds its output
    lonely = copy.deepcopy(models[1])
    members = [Member(1e20, 0.9), Member(0.1, 0.5)]
    broken, whole = fit_many(models, DATA.train, members, epochs=4, batch_size=10, watch={"test": DATA.test})
    assert math.isnan(broken["test"][-1])
    assert mark(broken["test"], 0.07) == "diverged"
    fit_many([lonely], DATA.train, members[1:], epochs=4, batch_size=10)
    assert_same(lonely, models[1])
    assert all(map(math.isfinite, whole["test"]))


def test_weights_that_are_no_numbers_leave_the_others_alone():
    models = nets(2)
    models[0].decoder[0].weight.data[0, 0] = math.nan
    for loss in ensembles.LOSSES:
        broken, whole = fit_many(
            models, DATA.train, [Member(0.1, 0.5)] * 2, epochs=1, batch_size=20, loss=loss, watch={"test": DATA.test}
        )
        assert all(map(math.isnan, broken["test"]))
        assert all(map(math.isfinite, whole["test"]))


def test_what_is_watched_has_to_fit_into_memory_too(monkeypatch):
    sizes = []
    monkeypatch.setattr(ensembles, "_turns", lambda models, members, batch: sizes.append(batch) or [[0]])
    for watch in (None, {"test": DATA.test}):
        fit_many(nets(1), DATA.train[:15], [Member(0.1, 0)], epochs=1, batch_size=5, watch=watch)
    assert sizes == [15, len(DATA.test)]


def test_models_hold_the_weights_of_the_epoch_that_is_looked_at():
    [model] = nets(1)
    seen = []

    def look(epoch):
        seen.append((epoch, evaluate(model, Reconstruction(), DATA.test)["mse"].mean().item()))

    [curves] = fit_many(
        [model], DATA.train, [Member(0.5, 0.5)], epochs=2, batch_size=20, watch={"test": DATA.test}, look=look
    )
    assert [epoch for epoch, _ in seen] == [0, 1, 2]
    assert [error for _, error in seen] == pytest.approx(curves["test"], abs=1e-6)


@pytest.mark.parametrize(
    ("curve", "found"),
    [
        ([0.2, 0.06], ""),
        ([0.2, 0.1], "not there yet"),
        ([0.1, 0.1], "stuck"),
        ([0.1, 0.09995], "not there yet"),
        ([0.1, 0.099999], "stuck"),
        ([0.1, 0.2], "stuck"),
        ([0.3, 0.2, 0.15, 0.12, 0.1, 0.0999, 0.1], "not there yet"),  # one epoch is not asked alone
        ([0.09, 0.099, 0.1, 0.1, 0.1, 0.1, 0.0999], "stuck"),
        ([0.1, math.nan], "diverged"),
    ],
)
def test_marks(curve, found):
    assert mark(curve, 0.07) == found


@pytest.mark.parametrize(
    ("models", "members", "settings", "message"),
    [
        ([], [], {}, "0 nets"),
        (nets(2), [Member(0.1, 0)], {}, "2 nets and 1 members"),
        (nets(1) + nets(1, size=6), [Member(0.1, 0)] * 2, {}, "nets of 2 kinds"),
        (nets(1) + nets(1, dropout=0.2), [Member(0.1, 0)] * 2, {}, "nets of 2 kinds"),
        (nets(1), [Member(0.0, 0)], {}, "rate above 0"),
        (nets(1), [Member(math.inf, 0)], {}, "rate above 0"),
        (nets(1), [Member(0.1, 1.0)], {}, "below 1"),
        (nets(1), [Member(0.1, 0, -1)], {}, "seed is -1"),
        (nets(1), [Member(1e39, 0)], {}, "rate above 0"),  # infinite in single precision
        (nets(1) * 2, [Member(0.1, 0)] * 2, {}, "a net is given twice"),
        ([nets(1)[0].requires_grad_(False)], [Member(0.1, 0)], {}, "weights that are frozen"),
        ([nets(1)[0].double()], [Member(0.1, 0)], {}, "weights that are of torch.float64"),
        (nets(1), [Member(0.1, 0)], {"train": DATA.train[:0]}, "the training set has 0 pictures"),
        (nets(1), [Member(0.1, 0)], {"watch": {"a": DATA.test[:0]}}, "the watched set 'a' has 0 pictures"),
        (nets(1), [Member(0.1, 0)], {"train": tall(DATA.train)}, "pictures of shape"),
        (nets(1), [Member(0.1, 0)], {"watch": {"a": tall(DATA.test)}}, "pictures of shape"),
        (nets(1), [Member(0.1, 0)], {"epochs": 0}, "epochs is 0"),
        (nets(1), [Member(0.1, 0)], {"batch_size": 2.5}, "batch_size is 2.5"),
    ],
)
def test_settings_that_are_refused(models, members, settings, message):
    with pytest.raises(ValueError, match=message):
        fit_many(models, members=members, **{"train": DATA.train, "epochs": 1, "batch_size": 20} | settings)


@pytest.mark.parametrize(
    ("models", "member", "settings", "message"),
    [
        ([build("robledo-two-layer")], Member(0.1, 0), {}, "no net of dense_autoencoder"),
        (nets(1)[0], Member(0.1, 0), {}, "one net is given: give nets in a list"),
        (nets(1), (0.1, 0), {}, r"\(0\.1, 0\) is no Member"),
        (nets(1), Member(0.1, 0), {"watch": [DATA.test]}, "give the sets by name"),
    ],
)
def test_what_is_of_another_kind_is_refused(models, member, settings, message):
    with pytest.raises(TypeError, match=message):
        fit_many(models, DATA.train, [member], epochs=1, batch_size=20, **settings)


def test_a_mark_wants_two_losses():
    with pytest.raises(ValueError, match="a curve of 1"):
        mark([0.1], 0.07)

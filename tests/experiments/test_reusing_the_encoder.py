"""Reusing the encoder, in small: what is the same in all arms, what a frozen encoder keeps, and who is told what."""

import copy
from dataclasses import replace

import pytest
import torch
from synthetic import pictures, splits, untrained
from torch import nn

from convae.data import ImageSet
from convae.experiments import STUDIES
from convae.experiments.reusing_the_encoder import (
    ALL,
    ARMS,
    BATCH,
    LAST,
    LINEAR,
    REPORTED,
    as_numbers,
    begin,
    best_rates,
    looked,
    of_each_class,
    steps,
)

DATA = splits("fashion-mnist", train=330, validation=60, test=40)


def nets(name, seed):
    """A net of its own for whoever asks, as one that is read from a file."""
    return copy.deepcopy(untrained(name, seed))


@pytest.mark.parametrize("seed", [0, 1])
def test_few_labels_are_among_more(seed):
    images = pictures(300)
    few, more = (of_each_class(images, count, seed) for count in (3, 9))
    assert torch.bincount(few.labels, minlength=10).tolist() == [3] * 10
    assert torch.bincount(more.labels, minlength=10).tolist() == [9] * 10
    among = {picture.numpy().tobytes() for picture in more.images}
    assert all(picture.numpy().tobytes() in among for picture in few.images)
    everything = of_each_class(images, ALL, seed)
    assert sorted(everything.images.flatten(1).sum(1).tolist()) == sorted(images.images.flatten(1).sum(1).tolist())


def test_another_seed_draws_others():
    first, second = (of_each_class(pictures(300), 3, seed) for seed in (0, 1))
    assert not torch.equal(first.images, second.images)


def test_what_cannot_be_drawn_is_refused():
    images = pictures(300)
    fewest = torch.bincount(images.labels).min().item()
    with pytest.raises(ValueError, match=f"{fewest + 1} pictures of each class, but there are {fewest} of"):
        of_each_class(images, fewest + 1, 0)
    with pytest.raises(ValueError, match="-1 pictures of each class: give at least 1"):
        of_each_class(images, -1, 0)
    beyond = ImageSet(images.images, images.labels + 1, images.classes)
    with pytest.raises(ValueError, match="labels from 1 to 10 of 10 classes"):
        of_each_class(beyond, 3, 0)


def test_all_arms_of_a_seed_begin_with_one_layer_of_logits():
    heads = [begin(arm, 3, nets).head.weight for arm in ARMS if ARMS[arm].numbers == 64]
    assert all(torch.equal(each, heads[0]) for each in heads)
    assert not torch.equal(begin("frozen", 4, nets).head.weight, heads[0])


def test_what_differs_between_the_arms():
    pixels = DATA.test.all().images
    with torch.no_grad():
        trained = nets("garments-64", 0).encode(pixels)
        assert torch.equal(begin("fine-tuned", 0, nets).eval().features(pixels), trained)
        before = begin("frozen, before its ReLU", 0, nets).features(pixels)
        assert before.min() < 0
        assert torch.equal(before.relu(), trained)
        model = begin("scratch, no dropout", 0, nets).train()
        assert torch.equal(model.features(pixels), model.features(pixels))
        assert not torch.equal(begin("scratch", 0, nets).train().features(pixels), model.features(pixels))


@pytest.mark.parametrize(("arm", "moves"), [("fine-tuned", True), ("scratch", True), ("frozen", False)])
def test_a_frozen_encoder_stays(arm, moves):
    model = begin(arm, 0, nets)
    before = copy.deepcopy(model.encoder.state_dict())
    for _ in steps(model, DATA.train.images, DATA.train.labels, 1e-3, 0, (3,)):
        pass
    same = [torch.equal(value, before[name]) for name, value in model.encoder.state_dict().items()]
    assert not any(same) if moves else all(same)


def test_training_on_stored_codes_is_training_behind_the_frozen_encoder():
    model = begin("frozen", 0, nets)
    head = copy.deepcopy(model.head)
    with torch.no_grad():
        codes = model.eval().features(as_numbers(DATA.train.images))
    for learner, inputs in ((model, DATA.train.images), (head, codes)):
        for _ in steps(learner, inputs, DATA.train.labels, 1e-2, 0, (5,)):
            pass
    torch.testing.assert_close(model.head.weight, head.weight)


def test_a_step_is_one_of_adam():
    """Three batches by hand: two from the first order of the pictures, one from the second."""
    inputs, labels = torch.rand(150, 7), torch.randint(10, (150,))
    learner = nn.Linear(7, 10)
    own = copy.deepcopy(learner)
    assert list(steps(learner, inputs, labels, 0.01, 5, (1, 3))) == [1, 3]
    optimizer = torch.optim.Adam(own.parameters(), 0.01)
    order = torch.Generator().manual_seed(5)
    first = torch.randperm(150, generator=order)
    second = torch.randperm(150, generator=order)
    for part in (first[:BATCH], first[BATCH:], second[:BATCH]):
        optimizer.zero_grad()
        nn.functional.cross_entropy(own(inputs[part]), labels[part]).backward()
        optimizer.step()
    assert torch.equal(learner.weight, own.weight)


def small(name, **settings):
    return replace(STUDIES[name], **{"marks": (1, 2), "chosen": (0,), **settings})


def test_parts_make_up_the_whole(monkeypatch):
    monkeypatch.setattr("convae.experiments.reusing_the_encoder.LAST", 3)
    study = small("reuse", labels=(2, ALL), arms=("scratch", "frozen"), chosen=(0, 4))
    whole, _ = study.table(DATA, nets)
    rows = {}
    for part in study.parts():
        rows |= part.table(DATA, nets)[0]
    for row in [*whole.values(), *rows.values()]:
        row.pop("seconds")
    assert rows == whole
    assert len(whole) == 8
    assert [len(whole[f"scratch/{case}"]["accuracy"]) for case in ("2/0", f"{ALL}/0", f"{ALL}/4")] == [2, 3, 2]


def test_logistic_regression_reads_the_same_labelled_pictures():
    rows, _ = small("reuse", labels=(2,), arms=LINEAR[:2]).table(DATA, nets)
    assert set(rows) == {"pixels/2/0", "pca/64/2/0"}
    for row in rows.values():
        assert row["labels"] == 20
        assert 0 <= row["accuracy"][0] <= 1


def test_only_many_labels_go_on_and_only_some_seeds(monkeypatch):
    asked = []

    def told(model, inputs, labels, rate, seed, marks):
        asked.append((len(labels), seed, max(marks)))
        yield from marks

    monkeypatch.setattr("convae.experiments.reusing_the_encoder.steps", told)
    small("reuse", labels=(2, ALL), arms=("scratch",), chosen=(0, 4)).table(DATA, nets)
    assert asked == [(20, 0, 2), (270, 0, LAST), (20, 4, 2), (270, 4, 2)]


def test_the_rate_that_names_most_is_taken():
    rows = {
        f"{arm}/10/{rate}": {"validation": [0.9, right]}
        for arm, rates in {"frozen": {"0.001": 0.5, "0.003": 0.6}, "scratch": {"0.001": 0.7, "0.003": 0.7}}.items()
        for rate, right in rates.items()
    }
    assert best_rates(rows) == {"frozen/10": 0.003, "scratch/10": 0.001}


def test_rates_are_seen_on_validation_pictures():
    rows, _ = small("reuse-rates", labels=(2,), arms=("frozen",), rates=(1e-3, 1.0)).table(DATA, nets)
    told = of_each_class(DATA.train, 2, 0)
    model = begin("frozen", 0, nets)
    for _ in steps(model, told.images, told.labels, 1e-3, 0, (2,)):
        pass
    right, _, _ = looked(model, DATA.validation.images, DATA.validation.labels)
    assert rows["frozen/2/0.001"]["validation"][-1] == pytest.approx(right)
    assert rows["frozen/2/0.001"] != rows["frozen/2/1"]


def test_the_reported_classifiers():
    study = replace(STUDIES["reuse-reported"], epochs=2, chosen=(0,), seen=50, rate=0.1)
    rows, _ = study.table(DATA, nets)
    assert set(rows) == {f"{arm}/0" for arm in REPORTED}
    for row in rows.values():
        table = torch.tensor(row["confusion"]).view(10, 10)
        assert table.sum(1).tolist() == torch.bincount(DATA.test.labels, minlength=10).tolist()
        assert table.trace().item() / len(DATA.test) == pytest.approx(row["test"][-1])
        assert [len(row[name]) for name in ("test", "train", "test loss", "train loss")] == [2] * 4
    assert len({tuple(row["test loss"]) for row in rows.values()}) == len(REPORTED)


def test_an_arm_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="no arm is called 'frosen': did you mean frozen"):
        small("reuse", arms=("frosen",))
    assert not set(LINEAR) & set(ARMS)

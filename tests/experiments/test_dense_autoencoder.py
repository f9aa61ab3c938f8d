"""The studies of the dense autoencoder, in small."""

from dataclasses import replace

import pytest
import torch
from synthetic import splits

from convae.experiments import STUDIES
from convae.experiments.dense_autoencoder import VARIANTS, known_again, packed, unpacked
from convae.measures.losses import mse

DATA = replace(splits(train=60, test=30))


@pytest.fixture
def batches(monkeypatch):
    """Of ten pictures."""
    monkeypatch.setattr("convae.experiments.dense_autoencoder.BATCH", 10)


def test_a_grid_has_a_row_for_each_net_and_a_sheet_of_what_the_first_seed_gives_back(batches):
    study = replace(
        STUDIES["dense-grid"], epochs=2, told=(0, 2), rates=(0.1, 1.0), momenta=(0.0, 0.9), chosen=(0, 1), code_size=5
    )
    rows, kept = {}, {}
    for part in study.parts():
        some, pictures = part.table(DATA, None)
        rows |= some
        kept |= pictures
    assert len(study.parts()) == 4
    assert rows.keys() == {
        f"{rate}/{momentum}/{seed}" for rate in ("0.1", "1") for momentum in ("0", "0.9") for seed in (0, 1)
    }
    assert all(len(row["test"]) == 2 for row in rows.values())
    assert rows["0.1/0/0"]["test"][0] == rows["1/0.9/0"]["test"][0] != rows["0.1/0/1"]["test"][0]  # a seed, a start
    _, joined = study.joined(rows, kept)
    assert torch.equal(joined["shown"], DATA.test.images[:2, 0])
    sheet = unpacked(joined["pictures"], (2, 2, 2, 28, 28))
    assert (sheet[1, 0].int() - kept["1/0/0"].int()).abs().max() <= 8


def test_sizes_look_at_the_eights_and_at_the_pictures_near_485(batches, monkeypatch):
    monkeypatch.setattr("convae.experiments.dense_autoencoder.NEAR", (4, 5))
    study = replace(
        STUDIES["dense-sizes"],
        cases=((4, 0, 1), (5, 1, 2)),
        told=(0, 1, 2),
        looked=(0, 2),
        followed=2,
        by=(0.5, 0.5),
    )
    truth = torch.eye(10)[DATA.test.labels]
    asked = iter([truth, truth.roll(1, 1), truth, truth])  # at 4/0/0, 5/1/0, 5/1/2, and for the pictures
    rows, kept = study.table(DATA, lambda recipe, seed: lambda images: next(asked))
    count = len(DATA.test)
    assert [rows[name]["named"] for name in ("4/0", "5/1")] == [[count], [0, count]]
    assert (rows["pixels"]["named"], rows["pixels"]["count"]) == (count, count)
    assert rows["pixels"]["near"] == [int(part.labels[place]) for part in (DATA.test, DATA.train) for place in (4, 5)]
    for name, test in (("4/0", 0), ("5/1", 2)):  # a mean absolute error is at most the root of the squared one
        assert 0 < rows[name]["absolute"][-1] <= rows[name]["test"][test] ** 0.5
    assert [len(rows[name]["test"]) for name in ("4/0", "5/1")] == [2, 3]
    eights = int((DATA.test.labels == 8).sum())
    assert torch.equal(kept.pop("near"), torch.cat([part.images[[4, 5], 0] for part in (DATA.test, DATA.train)]))
    assert {name: tuple(each.shape) for name, each in kept.items()} == {
        f"5/1/{epoch}/{what}": shape
        for epoch in (0, 2)
        for what, shape in {"eights": (eights,), "near": (4,), "back": (4, 28, 28)}.items()
    }
    near = torch.cat([DATA.test.images[[4, 5]], DATA.train.images[[4, 5]]]).float() / 255
    back = kept["5/1/2/back"][:, None].float() / 255
    torch.testing.assert_close(kept["5/1/2/near"], mse(back, near), atol=2e-3, rtol=0)  # rounded


def test_variants_have_one_thing_changed_and_say_what_became_of_them(batches):
    study = replace(STUDIES["dense-variants"], epochs=3, arms=(*VARIANTS, "Adam"), rates=(0.5, 1e4), code_size=5)
    rows = {}
    for part in study.parts():
        rows |= part.table(DATA, None)[0]
    assert rows.keys() == {f"{arm}/{rate}" for arm in (*VARIANTS, "Adam") for rate in ("0.5", "10000")}
    assert all(len(row["test"]) == 4 for row in rows.values())
    starts = {arm: rows[f"{arm}/0.5"]["test"][0] for arm in (*VARIANTS, "Adam")}
    assert starts.pop("ReLU") != starts["Adam"]
    assert max(starts.values()) - min(starts.values()) < 1e-6  # one start, nothing dropped where it is looked at
    ends = [rows[f"{arm}/0.5"]["test"][-1] for arm in (*VARIANTS, "Adam")]
    assert len(set(ends)) == len(ends)
    assert rows["the report's/10000"]["mark"] in {"stuck", "not there yet"}


@pytest.mark.parametrize("shape", [(3, 4), (2, 2, 2, 4, 4)])
def test_what_is_packed_comes_back_in_16_levels(shape):
    levels = torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    back = unpacked(packed(levels), shape)
    assert (back.int() - levels.int()).abs().max() <= 8
    assert set(back.flatten().tolist()) <= set(range(0, 256, 17))
    with pytest.raises(ValueError, match="pixels were packed, 11 are asked for"):
        unpacked(packed(levels), (11,))
    for wrong in (levels.float() / 255, levels.flatten()[:11]):
        with pytest.raises(ValueError, match=r"give an even number of torch\.uint8"):
            packed(wrong)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("dense-grid", {"epochs": 2}, "told after 5 of 2 epochs"),
        ("dense-grid", {"rates": (0.1234561, 0.1234562)}, "rates are .*: give each once"),
        ("dense-sizes", {"cases": ((4, 0, 1), (4, 0, 2))}, "give units and seed once"),
    ],
)
def test_settings_that_would_end_in_half_a_table_are_refused(name, change, message):
    with pytest.raises(ValueError, match=message):
        replace(STUDIES[name], **change)


def test_an_arm_that_is_none_is_refused():
    study = replace(STUDIES["dense-variants"], arms=("the reports",), rates=(1.0,), epochs=1)
    with pytest.raises(ValueError, match="no arm is called 'the reports': did you mean the report's"):
        study.table(DATA, None)


def test_a_net_that_gives_back_what_it_is_shown_knows_every_picture_again():
    assert known_again(torch.nn.Identity(), DATA.test) == len(DATA.test)
    others = DATA.test.all().images.roll(1, 0)
    assert known_again(lambda images: others, DATA.test) == 0
    study = replace(STUDIES["dense-known-again"], sizes=(4, 5), epochs=2, asked=(0, 2))
    rows, kept = study.table(DATA, None)
    assert not kept
    assert {name: (row["count"], len(row["own"])) for name, row in rows.items()} == {
        name: (len(DATA.test), 2) for name in "45"
    }

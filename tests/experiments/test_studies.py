"""The studies of nets in small."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from synthetic import untrained

from convae import load
from convae.experiments import STUDIES
from convae.experiments.runs import load_run
from convae.measures.intervals import Interval

SMALL = {
    "pooling": {"known": 300, "pictures": 20, "shifted": 4, "repeats": 2},
    "pooling-kept": {"known": 200, "pictures": 10, "repeats": 1},
    "pooling-linear-decoder": {"repeats": 1, "epochs": 1},
    "pooling-linear-sigmoid-decoder": {"repeats": 1, "epochs": 1},
    "pooling-linear-sigmoid-decoder-no-decay": {"repeats": 1, "epochs": 1},
    "denoising": {"sigmas": (0.5,), "pictures": 9, "clothes": "digits", "copied": 64, "repeats": 2},
    "denoising-filters": {
        "measured": ("0.5", "clothes", "masked", "blurred"),
        "tuned": 2,
        "pictures": 9,
        "clothes": "digits",
    },
    "denoising-bm3d": {"every": 50, "tuned": 2, "others": 2, "patches": 6, "factors": (0.9, 1.0)},
    "denoising-stronger": {"tuned": 2, "every": 10, "groups": (10,), "copied": 64},
    "codes": {"points": 120, "queries": 50, "few": 200, "starts": 2},
    "judged": {},
    "judged-rivals": {"epochs": 1},
    "class-means": {},
    "neighbours": {},
    "neighbours-straightened": {},
    "interpolation": {"pairs": 2, "searched": 5},
    "interpolation-floor": {"draws": 2},
    "augmentation": {"labels": (2,), "repeats": 1, "steps": 2},
    "augmentation-longer": {"labels": (2,), "repeats": 1, "steps": 2},
    "augmentation-control": {"labels": (2,), "repeats": 1, "steps": 2},
    "variational-tradeoff": {"sigmas": (0.1,), "epochs": 1},
    "generation": {"repeats": 1},
    "activations": {"repeats": 1, "longer_epochs": 1, "pictures": 50},
    "generation-references": {"repeats": 1, "searched": 30},
    "generation-floor": {"repeats": 1, "searched": 30},
    "generation-recipe": {"repeats": 1},
    "generation-mixtures": {"repeats": 1, "searched": 30, "components": (1, 2)},
    "generation-mixtures-linear": {"repeats": 1, "searched": 30, "components": (1, 2)},
}


@pytest.mark.parametrize("name", SMALL)
def test_a_small_study_has_the_rows_and_tensors_of_the_stored_one(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "bm3d", SimpleNamespace(bm3d=lambda plane, sigma: plane * sigma))
    study = replace(STUDIES[name], **SMALL[name])
    with torch.random.fork_rng():
        rows, kept = study.table(load("digits"), untrained)
    stored = load_run(name)

    def outline(found):
        return {row: set(columns) for row, columns in found.items()}

    if name in (
        "augmentation",
        "augmentation-longer",
        "augmentation-control",
        "variational-tradeoff",
    ):  # rows are named by what was made smaller
        assert {frozenset(columns) for columns in outline(rows).values()} == {
            frozenset(columns) for columns in outline(stored.scores["test"]).values()
        }
    elif name == "denoising":  # of the noises, one; the run was made before the filters had a study of their own
        for row, columns in outline(rows).items():
            assert columns == outline(stored.scores["test"])[row]
        assert kept.keys() <= stored.weights().keys()
    elif name.startswith("generation-mixtures"):  # of the numbers of Gaussians, others
        assert not kept
        assert {row: columns for row, columns in outline(rows).items() if "/validation" not in row} == {
            row: columns for row, columns in outline(stored.scores["test"]).items() if "/validation" not in row
        }
    elif name in ("denoising-filters", "denoising-stronger"):  # of the noises, and of the mixtures, one
        assert outline(rows).items() <= outline(stored.scores["test"]).items()
        assert kept.keys() <= (stored.weights().keys() if stored.record["files"] else set())
    else:
        assert outline(rows) == outline(stored.scores["test"])
        assert kept.keys() == (stored.weights().keys() if stored.record["files"] else set())
    for row in stored.scores["test"].values():
        for value in row.values():
            if isinstance(value, list) and len(value) == 4 and value[3] > 20:
                interval = Interval(*value)
                assert interval.low <= interval.mean <= interval.high


def test_every_study_of_the_code_is_tried_in_small_or_needs_other_data():
    named = {study.name for study in STUDIES.values() if study.of_nets}
    whole = {f"super-resolution{which}" for which in ("", "-equal-terms", "-rivals", "-tiles")}
    others = {"alarm", "alarm-nearest", "alarm-brightness", "two-layer-weights"} | whole
    own = {"dense-sizes", "dense-sizes-faster"}  # by test_dense_autoencoder.py: their rows are named by their cases
    assert named <= SMALL.keys() | others | own

"""The studies of garments, in small: parts against the whole, means against their own batches."""

from dataclasses import replace

import pytest
import torch
from synthetic import splits
from torch import nn

from convae.experiments import STUDIES
from convae.experiments import optimisers as optimisers_module
from convae.experiments.bottleneck_and_dropout import BATCH, LONG, WAYS, Way, dropping
from convae.models import mansilla_autoencoder
from convae.tasks import Reconstruction
from convae.tensors import as_bytes
from convae.training.loop import fit

DATA = splits("fashion-mnist", train=230, test=40)


def small(**settings):
    return replace(STUDIES["garments"], **{"epochs": 2, "watched": 50, **settings})


def test_parts_make_up_the_whole():
    study = small(arms=("base", "no dropout"), chosen=(0, 1))
    whole, kept = study.table(DATA, None)
    rows, tensors = {}, {}
    for part in study.parts():
        some, more = part.table(DATA, None)
        rows |= some
        tensors |= more
    for row in [*whole.values(), *rows.values()]:
        row.pop("seconds")
    assert rows == whole
    assert (
        kept.keys()
        == tensors.keys()
        == {f"{arm}{when}" for arm in ("base", "no dropout") for when in ("", " untrained")}
    )
    assert all(torch.equal(kept[name], each) for name, each in tensors.items())
    row = whole["base/1"]
    assert [len(row[name]) for name in ("test", "train", "dropping")] == [3, 3, 2]
    assert 0 <= row["dead"] <= 64
    assert 0 <= row["active"] <= 1
    assert 1 <= row["dimension"] <= 64
    assert whole["base/0"]["lost"] != whole["base/0"]["test"][-1]


def test_twice_the_epochs_are_the_same_net_for_longer():
    rows, _ = small(arms=("base", f"base{LONG}"), chosen=(0,)).table(DATA, None)
    short, long = rows["base/0"]["test"], rows[f"base{LONG}/0"]["test"]
    assert (len(short), len(long)) == (3, 5)
    assert short == long[:3]


def test_an_arm_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="no arm is called 'bass': did you mean base"):
        small(arms=("bass",))


def test_the_losses_of_an_epoch_are_put_together_again():
    """Of the first epoch each batch is kept, of the others means over some: 47 batches of 5, the last one of 4."""
    data = splits(train=234)
    torch.manual_seed(0)
    model = mansilla_autoencoder(8)
    losses = []

    class Told(Reconstruction):
        def __call__(self, model, batch, generator):
            scores = super().__call__(model, batch, generator)
            if model.training:
                losses.append(scores["loss"].mean().item())
            return scores

    history = fit(model, Told(), data.train, torch.optim.Adam(model.parameters()), epochs=3, batch_size=5, seed=0)
    expected = torch.tensor(losses).view(3, 47).mean(1)
    assert dropping(history, 47) == pytest.approx(expected.tolist(), rel=1e-5)


@pytest.mark.parametrize("arm", WAYS)
def test_each_way_changes_what_it_says(arm):
    model = WAYS[arm].model()
    shares = [layer.p for layer in model.modules() if isinstance(layer, nn.Dropout)]  # maps, code, decoder, output
    expected = {
        "base": [0.2] * 5 + [0],
        "p 0.1": [0.1] * 5 + [0],
        "no dropout": [0] * 6,
        "no dropout, 256": [0] * 6,
        "on the maps": [0.2, 0.2, 0, 0, 0, 0],
        "on the code": [0, 0, 0.2, 0, 0, 0],
        "in the decoder": [0, 0, 0, 0.2, 0.2, 0],
        "on the output, too": [0.2] * 6,
    }.get(arm, [0.1] * 5 + [0])
    assert shares == expected
    assert model.encode(torch.zeros(1, 1, 28, 28)).shape == (
        1,
        256 if "256" in arm or arm in ("SGD", "RMSProp") else 64,
    )
    assert type(WAYS[arm].optimize(model)).__name__ == {"SGD": "SGD", "RMSProp": "RMSprop"}.get(arm, "Adam")


def test_what_it_made_before_any_training_is_that_of_the_net_drawn():
    _, kept = small(arms=("base",), chosen=(0,)).table(DATA, None)
    torch.manual_seed(0)
    from convae.data import load

    with torch.no_grad():
        own = mansilla_autoencoder().eval()(load("fashion-mnist-sample").test[:8].all().images)
    assert torch.equal(kept["base untrained"], as_bytes(own))
    assert not torch.equal(kept["base untrained"], kept["base"])


def test_rates_are_tried_one_by_one_and_what_is_no_number_has_no_errors(monkeypatch):
    monkeypatch.setattr(
        optimisers_module, "TRIED", {"SGD": ((1e-3, 0.0), (0.1, 0.9)), "Adam": ((1e-3, 0.0), (1e30, 0.0))}
    )
    study = replace(STUDIES["optimiser-rates"], epochs=1, optimizers=("SGD", "Adam"))
    data = splits("fashion-mnist", train=230, validation=30)
    rows = {}
    for part in study.parts():
        some, kept = part.table(data, None)
        rows |= some
        assert not kept
    assert rows.keys() == {"SGD/0.001/0", "SGD/0.1/0.9", "Adam/0.001/0", "Adam/1e+30/0"}
    assert [len(row["validation"]) for row in rows.values()] == [2, 2, 2, 0]
    starts = {row["validation"][0] for row in rows.values() if row["validation"]}
    assert len(starts) == 1
    assert rows["SGD/0.1/0.9"]["validation"][1] < rows["SGD/0.001/0"]["validation"][1]


def test_batches_are_of_the_report():
    assert BATCH == 100
    assert Way() == Way(64, 0.2, ("maps", "code", "decoder"), "Adam", 1e-3)

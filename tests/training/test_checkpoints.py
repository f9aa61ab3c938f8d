"""A checkpoint is taken as it was, or refused with nothing changed."""

import json
import random
from dataclasses import asdict, replace
from functools import partial

import pytest
import torch
from safetensors.torch import load, save, save_file
from torch import nn

from convae.models import MODELS, build
from convae.training import checkpoints
from convae.training.checkpoints import describe_net, load_checkpoint, save_checkpoint
from convae.training.history import History

SETTINGS = {"seed": 3}
EPOCHS = 3
HISTORY = History([0.1, 1 / 3], {"test": [2e-17]}, {"test": [0.5, 0.25, 0.125]}, [1.5, 2.5])


def state(inputs=4, optimizer=torch.optim.Adam):
    """A net with buffers that change, a step behind it, and two generators."""
    model = nn.Sequential(nn.Linear(inputs, 3), nn.BatchNorm1d(3))
    optimizer = optimizer(model.parameters(), 0.1)
    model(torch.rand(8, inputs)).square().sum().backward()
    optimizer.step()
    generators = {name: torch.Generator().manual_seed(int(torch.randint(1000, ()))) for name in ("order", "noise")}
    return model, optimizer, generators


def everything(model, optimizer, generators):
    tensors = {f"model {name}": value for name, value in model.state_dict().items()}
    for index, values in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer {index} {name}": value for name, value in values.items()}
    tensors |= {f"generator {name}": generator.get_state() for name, generator in generators.items()}
    return {name: value.clone() for name, value in tensors.items()} | {"global": torch.get_rng_state()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def refused(path, message, settings=SETTINGS, epochs=EPOCHS, given=None):
    """The file is refused with its name, and nothing of what it would have gone into is changed."""
    other = given or state()
    before = everything(*other)
    with pytest.raises(ValueError, match=rf"{path} {message}.* delete it to start again"):
        load_checkpoint(path, *other, settings, epochs)
    assert same(everything(*other), before)


@pytest.fixture
def path(tmp_path):
    torch.manual_seed(0)
    return tmp_path / "folder" / "checkpoint.safetensors"


@pytest.fixture
def forged(path):
    """Writes a checkpoint whose content was changed and whose digest is right again."""

    def forge(change=lambda tensors: tensors, **texts):
        save_checkpoint(path, *state(), SETTINGS, HISTORY)
        content = path.read_bytes()
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
        header |= {"digest": checkpoints.NO_DIGEST} | texts
        content = save(change(load(content)), {name: text for name, text in header.items() if text is not None})
        digest = checkpoints.hashlib.sha256(content).hexdigest()
        path.write_bytes(content.replace(checkpoints.NO_DIGEST.encode(), digest.encode(), 1))
        return path

    return forge


def test_all_that_was_saved_comes_back(path):
    saved = state()
    expected = everything(*saved)
    save_checkpoint(path, *saved, SETTINGS, HISTORY)
    other = state()
    assert not same(everything(*other), expected)
    assert load_checkpoint(path, *other, SETTINGS, EPOCHS) == HISTORY
    assert same(everything(*other), expected)
    assert other[1].param_groups[0]["lr"] == 0.1


def test_a_forged_one_that_changes_nothing_is_taken(forged):
    other = state()
    assert load_checkpoint(forged(), *other, SETTINGS, EPOCHS) == HISTORY


@pytest.mark.parametrize(
    "optimizer", [torch.optim.SGD, partial(torch.optim.SGD, momentum=0.9), partial(torch.optim.Adam, amsgrad=True)]
)
def test_every_optimizer_has_its_moments(path, optimizer):
    saved, other = state(optimizer=optimizer), state(optimizer=optimizer)
    expected = everything(*saved)
    save_checkpoint(path, *saved, SETTINGS, HISTORY)
    load_checkpoint(path, *other, SETTINGS, EPOCHS)
    assert same(everything(*other), expected)


def test_a_parameter_without_gradient_and_tied_weights_are_no_hindrance(path):
    def tied():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3), nn.Linear(3, 3))
        model[1].weight = model[0].weight
        model[2].requires_grad_(False)
        optimizer = torch.optim.Adam(model.parameters(), 0.1)
        model(torch.rand(8, 3)).sum().backward()
        optimizer.step()
        return model, optimizer, {}

    saved, other = tied(), tied()
    saved[0][0].bias.data.fill_(7)
    save_checkpoint(path, *saved, SETTINGS, HISTORY)
    load_checkpoint(path, *other, SETTINGS, EPOCHS)
    assert same(everything(*other), everything(*saved))
    assert other[0][0].weight is other[0][1].weight


def test_a_torn_file_is_refused_at_whatever_length(path):
    save_checkpoint(path, *state(), SETTINGS, HISTORY)
    whole = path.read_bytes()
    for length in [0, 1, 7, 8, 9, 100, len(whole) // 2, len(whole) - 1]:
        path.write_bytes(whole[:length])
        refused(path, "is torn or no checkpoint")


def test_one_changed_bit_is_seen_wherever_it_is(path):
    save_checkpoint(path, *state(), SETTINGS, HISTORY)
    whole, other = path.read_bytes(), state()
    chosen = random.Random(0).sample(range(8 * len(whole)), 200) + list(range(64)) + [8 * len(whole) - 1]
    for bit in chosen:
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        refused(path, "is torn or no checkpoint", given=other)


@pytest.mark.parametrize(
    "content", [{}, {"weight": torch.zeros(2)}, {"model/0.weight": torch.zeros(3, 4), "model/0.bias": torch.zeros(3)}]
)
def test_another_safetensors_file_is_refused(path, content):
    path.parent.mkdir()
    save_file(content, path)
    refused(path, "is torn or no checkpoint")


def test_one_of_an_earlier_version_says_so(path):
    path.parent.mkdir()
    save_file({"model/0.weight": torch.zeros(3, 4)}, path, {"settings": "{}", "history": "{}"})
    refused(path, r"is torn or no checkpoint \(its format is that of an earlier version\)")


@pytest.mark.parametrize("inputs", [3, 5])
def test_another_net_is_refused(path, inputs):
    save_checkpoint(path, *state(), SETTINGS, HISTORY)
    refused(path, "belongs to another net than this Sequential:", given=state(inputs))


@pytest.mark.parametrize(
    ("settings", "named"), [({"seed": 4}, "seed"), ({"seed": 3, "batch": 1}, "batch"), ({"a": 1, "b": 1}, "a and b")]
)
def test_other_settings_are_refused(path, settings, named):
    save_checkpoint(path, *state(), SETTINGS, HISTORY)
    refused(path, f"belongs to a training with another {named}: go on with", settings)


def test_one_that_is_longer_is_refused(path):
    save_checkpoint(path, *state(), SETTINGS, HISTORY)
    refused(path, "has 2 epochs behind it: ask for at least as many, not 1", epochs=1)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"settings": "null"}, r"is torn .*\(its settings are None\)"),
        ({"settings": "[]"}, r"is torn .*\(its settings are \[\]\)"),
        ({"settings": "{"}, "is torn or no checkpoint"),
        ({"settings": None}, r"is torn .*\('settings'\)"),
        ({"history": None}, r"is torn .*\('history'\)"),
        ({"history": "[" * 100_000}, "is torn or no checkpoint"),
        ({"format": "2"}, r"is torn .*\(its format is 2, this package reads 3\)"),
    ],
)
def test_texts_that_are_none_are_refused(forged, texts, message):
    refused(forged(**texts), message)


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        ([], r"a history has batches, steps, epochs, seconds, this one is \[\]"),
        (None, "this one is None"),
        ({"batches": []}, "a history has"),
        (asdict(HISTORY) | {"more": []}, "a history has"),
        (asdict(HISTORY) | {"steps": []}, "a history has"),
        (asdict(HISTORY) | {"batches": {}}, "a history has"),
        (asdict(HISTORY) | {"batches": ["0.1"]}, r"a curve is a list of numbers, one is \['0.1'\]"),
        (asdict(HISTORY) | {"seconds": [1, True]}, "a curve is a list of numbers"),
        (asdict(HISTORY) | {"epochs": {"test": 3}}, "a curve is a list of numbers, one is 3"),
        (asdict(HISTORY) | {"batches": [float("nan")]}, "a loss in it is no number"),
        (asdict(HISTORY) | {"batches": [float("inf")]}, "a loss in it is no number"),
        (asdict(HISTORY) | {"seconds": [1.5]}, "a curve over 1 epochs has 2 points"),
        (asdict(HISTORY) | {"steps": {}}, "its watched sets are not the same"),
    ],
)
def test_a_history_that_is_none_is_refused(forged, saved, message):
    with pytest.raises(ValueError, match=message):
        History.of(saved)
    refused(forged(history=json.dumps(saved)), f"is torn or no checkpoint .*{message}")


def without(name):
    return lambda tensors: {other: value for other, value in tensors.items() if other != name}


def changed(name, change):
    return lambda tensors: {other: change(value) if other == name else value for other, value in tensors.items()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("model/0.weight"), "belongs to another net"),
        (changed("model/0.weight", torch.Tensor.double), "belongs to another net"),
        (lambda tensors: tensors | {"model/more": torch.zeros(1)}, "belongs to another net"),
        (without("optimizer/0/exp_avg"), "holds moments of another optimizer"),
        (without("optimizer/1/step"), "holds moments of another optimizer"),
        (changed("optimizer/0/exp_avg", lambda value: value[:1]), "holds moments of another optimizer"),
        (changed("optimizer/0/exp_avg", lambda value: value[0, 0]), "holds moments of another optimizer"),
        (changed("optimizer/0/step", lambda value: value[None]), "holds moments of another optimizer"),
        (lambda tensors: tensors | {"optimizer/9/step": torch.tensor(1.0)}, "holds moments of another optimizer"),
        (lambda tensors: tensors | {"optimizer/step": torch.tensor(1.0)}, "holds moments of another optimizer"),
        (lambda tensors: tensors | {"optimizer/a/step": torch.tensor(1.0)}, "holds moments of another optimizer"),
        (without("generator/order"), "holds other random generators"),
        (without("generator/global"), "holds other random generators"),
        (changed("generator/noise", lambda value: value[:-1]), "holds other random generators"),
        (changed("generator/noise", lambda value: value[:16]), "holds other random generators"),
        (changed("generator/noise", torch.zeros_like), "holds other random generators"),
        (changed("generator/noise", torch.Tensor.float), "holds other random generators"),
        (lambda tensors: tensors | {"generator/more": torch.zeros(1)}, "holds other random generators"),
    ],
)
def test_tensors_that_do_not_fit_are_refused_before_anything_is_touched(forged, change, message):
    refused(forged(change), message)


def test_moments_of_another_kind_of_optimizer_are_refused(path):
    save_checkpoint(path, *state(optimizer=partial(torch.optim.SGD, momentum=0.9)), SETTINGS, HISTORY)
    refused(path, "holds moments of another optimizer")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(IsADirectoryError, match=rf"{tmp_path} cannot be read \(Is a directory\): it is left as it is"):
        load_checkpoint(tmp_path, *state(), SETTINGS, EPOCHS)


def test_a_failed_write_leaves_the_last_checkpoint(path, monkeypatch):
    save_checkpoint(path, *state(), SETTINGS, HISTORY)
    second = state()
    with monkeypatch.context() as patch:
        patch.delattr("os.fdopen")
        with pytest.raises(AttributeError):
            save_checkpoint(path, *second, SETTINGS, replace(HISTORY, batches=[]))
    assert load_checkpoint(path, *state(), SETTINGS, EPOCHS) == HISTORY
    assert list(path.parent.iterdir()) == [path]


def test_the_nets_of_the_book_are_told_apart():
    found = {}
    with torch.device("meta"):
        for name in MODELS:
            found.setdefault(describe_net(build(name)), []).append(name)
    assert [names for names in found.values() if len(names) > 1] == []


class Bent(nn.Module):
    """Its printed form does not tell how."""

    def __init__(self, bend):
        super().__init__()
        self.bend = bend


def test_what_a_printed_form_leaves_out_is_told_apart():
    def times(factor):
        return lambda x: x * factor

    leaky = nn.functional.leaky_relu
    pairs = [
        (nn.AvgPool2d(2), nn.AvgPool2d(2, ceil_mode=True)),
        (nn.Sequential(nn.Sigmoid()), nn.Sequential(nn.Tanh())),
        (Bent(torch.relu), Bent(torch.sigmoid)),
        (Bent((2, nn.functional.relu)), Bent((2, nn.functional.gelu))),
        (Bent(0.1), Bent(0.2)),
        (Bent(partial(leaky, negative_slope=0.01)), Bent(partial(leaky, negative_slope=0.9))),
        (Bent({"s": 1}), Bent({"s": 2})),
        (Bent({1}), Bent({2})),
        (Bent(lambda x: x * 2), Bent(lambda x: x * 3)),
        (Bent(lambda x: x + 2), Bent(lambda x: x * 2)),
        (Bent(lambda x: x.relu()), Bent(lambda x: x.tanh())),
        (Bent(lambda x, by=2: x * by), Bent(lambda x, by=3: x * by)),
        (Bent(times(2)), Bent(times(3))),
        (Bent(lambda x: [y * 2 for y in x]), Bent(lambda x: [y * 3 for y in x])),
        (Bent(torch.tensor(1)), Bent(torch.tensor(2))),
        (Bent(nn.LeakyReLU(0.1).forward), Bent(nn.LeakyReLU(0.2).forward)),
    ]
    for one, other in pairs:
        assert describe_net(one) != describe_net(other)
        assert "0x" not in describe_net(one)  # an address would be another in the next process
    for make in (
        lambda: nn.Linear(2, 3),
        lambda: nn.LSTM(2, 3),  # holds references to its weights
        lambda: Bent([nn.Parameter(torch.rand(2))]),  # weights are not what a net is
        lambda: Bent(times(2)),
        lambda: Bent({"b": partial(leaky, negative_slope=0.1)}),
    ):
        assert describe_net(make()) == describe_net(make())


def test_a_net_that_cannot_be_described_is_refused():
    class Printed(Bent):
        def extra_repr(self):
            return str(self.bend)

    for bend in (object(), [object()], {"a": object()}, partial(torch.add, object()), torch.Generator()):
        with pytest.raises(
            TypeError, match=r"would not know this \w+ again, which prints as <.* at 0x.* a __repr__ that"
        ):
            describe_net(nn.Sequential(Bent(bend)))
    with pytest.raises(TypeError, match="would not know this Printed again"):
        describe_net(Printed(torch.nn.functional.relu))

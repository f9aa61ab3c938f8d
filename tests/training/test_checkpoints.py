"""A checkpoint is taken as it was, or refused with nothing changed."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from convae.training.checkpoints import load_checkpoint, save_checkpoint

SETTINGS = {"seed": 3}


def state(inputs=4):
    """A net with buffers that change, a step behind it, and two generators."""
    model = nn.Sequential(nn.Linear(inputs, 3), nn.BatchNorm1d(3))
    optimizer = torch.optim.Adam(model.parameters(), 0.1)
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


@pytest.fixture
def path(tmp_path):
    torch.manual_seed(0)
    return tmp_path / "folder" / "checkpoint.safetensors"


def test_all_that_was_saved_comes_back(path):
    saved = state()
    history = {"batches": [0.1, 1 / 3], "steps": {"test": [2e-17]}, "seconds": []}
    expected = everything(*saved)
    save_checkpoint(path, *saved, SETTINGS, history)
    other = state()
    assert not same(everything(*other), expected)
    assert load_checkpoint(path, *other, SETTINGS) == history
    assert same(everything(*other), expected)
    assert other[1].param_groups[0]["lr"] == 0.1


def test_a_torn_file_is_refused_at_whatever_length(path):
    save_checkpoint(path, *state(), SETTINGS, {})
    whole, other = path.read_bytes(), state()
    before = everything(*other)
    for length in [0, 1, 7, 8, 9, 100, len(whole) // 2, len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"checkpoint\.safetensors is torn .* delete it to start again"):
            load_checkpoint(path, *other, SETTINGS)
    assert same(everything(*other), before)


@pytest.mark.parametrize(
    "content", [{}, {"weight": torch.zeros(2)}, {"model/0.weight": torch.zeros(3, 4), "model/0.bias": torch.zeros(3)}]
)
def test_another_safetensors_file_is_refused(path, content):
    path.parent.mkdir()
    save_file(content, path)
    other = state()
    before = everything(*other)
    with pytest.raises(ValueError, match=r"no checkpoint .* delete it to start again"):
        load_checkpoint(path, *other, SETTINGS)
    assert same(everything(*other), before)


@pytest.mark.parametrize("inputs", [3, 5])
def test_another_net_is_refused(path, inputs):
    save_checkpoint(path, *state(), SETTINGS, {})
    other = state(inputs)
    before = everything(*other)
    with pytest.raises(ValueError, match="belongs to another net than this Sequential: delete it to start again"):
        load_checkpoint(path, *other, SETTINGS)
    assert same(everything(*other), before)


@pytest.mark.parametrize(
    ("settings", "named"), [({"seed": 4}, "seed"), ({"seed": 3, "batch": 1}, "batch"), ({"a": 1, "b": 1}, "a and b")]
)
def test_other_settings_are_refused(path, settings, named):
    save_checkpoint(path, *state(), SETTINGS, {})
    other = state()
    before = everything(*other)
    with pytest.raises(ValueError, match=f"belongs to a training with another {named}: go on with"):
        load_checkpoint(path, *other, settings)
    assert same(everything(*other), before)


def test_a_failed_write_leaves_the_last_checkpoint(path, monkeypatch):
    save_checkpoint(path, *state(), SETTINGS, {"epoch": 1})
    second = state()
    with monkeypatch.context() as patch:
        patch.delattr("os.fdopen")
        with pytest.raises(AttributeError):
            save_checkpoint(path, *second, SETTINGS, {"epoch": 2})
    assert load_checkpoint(path, *state(), SETTINGS) == {"epoch": 1}
    assert list(path.parent.iterdir()) == [path]

"""Everything that an interrupted training needs to go on exactly where it was, in one safetensors file."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections import defaultdict
from dataclasses import asdict
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING
from weakref import ref

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from convae.files import reading, write_whole
from convae.training.history import History

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from torch import Tensor

__all__ = ["describe_net", "load_checkpoint", "printed", "save_checkpoint"]

FORMAT = "3"
NO_DIGEST = "0" * 64


def save_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    generators: Mapping[str, torch.Generator],
    settings: Mapping[str, object],
    history: History,
) -> None:
    """Weights, optimiser state, the state of every random generator, settings (anything JSON can hold) and history.

    Raises:
        OSError: it cannot be written; the checkpoint before it is kept.
    """
    weights = model.state_dict().items()  # copied: tied ones share their memory, which safetensors refuses
    tensors = {f"model/{name}": value.clone(memory_format=torch.contiguous_format) for name, value in weights}
    for index, moments in _moments(optimizer).items():
        tensors |= {f"optimizer/{index}/{name}": value.contiguous() for name, value in moments.items()}
    drawn = _every(generators, model)
    tensors |= {f"generator/{name}": generator.get_state() for name, generator in drawn.items()}
    texts = {"settings": json.dumps(settings), "history": json.dumps(asdict(history))}
    content = save(tensors, {"format": FORMAT, "digest": NO_DIGEST} | texts)
    write_whole(path, content.replace(_entry(NO_DIGEST), _entry(hashlib.sha256(content).hexdigest()), 1))


def load_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    generators: Mapping[str, torch.Generator],
    settings: Mapping[str, object],
    epochs: int,
) -> History:
    """Puts a saved state into these objects and returns the history.

    Raises:
        OSError: it cannot be read.
        ValueError: the file is torn or damaged, belongs to another net or to other settings, or is past these epochs;
            then nothing is changed.
    """
    with reading(path):
        content = path.read_bytes()  # whole: Windows replaces no file that is mapped into memory
    try:
        tensors, saved, history = _unpack(content)
    except (SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} is torn or no checkpoint ({error}): delete it to start again") from error
    weights, own = _below("model/", tensors), model.state_dict()
    if _kinds(weights) != _kinds(own):
        raise ValueError(f"{path} belongs to another net than this {type(model).__name__}: delete it to start again")
    if other := [name for name in settings if saved.get(name) != settings[name]]:
        raise ValueError(
            f"{path} belongs to a training with another {' and '.join(other)}: "
            "go on with the settings it was begun with, or delete it to start again"
        )
    if len(history.seconds) > epochs:
        raise ValueError(
            f"{path} has {len(history.seconds)} epochs behind it: ask for at least as many, "
            f"not {epochs}, or delete it to start again"
        )
    moments: dict[int, dict[str, Tensor]] = defaultdict(dict)
    for name, value in _below("optimizer/", tensors).items():
        index, _, kind = name.partition("/")
        moments[int(index) if index.isdecimal() else -1][kind] = value
    if len(history.seconds) < epochs and not _fit(moments, optimizer):
        raise ValueError(f"{path} holds moments of another optimizer: delete it to start again")
    states, drawn = _below("generator/", tensors), _every(generators, model)
    if states.keys() != drawn.keys() or not all(_takes(drawn[name], state) for name, state in states.items()):
        raise ValueError(f"{path} holds other random generators than this device has: delete it to start again")

    model.load_state_dict(weights)
    optimizer.load_state_dict({"state": dict(moments), "param_groups": optimizer.state_dict()["param_groups"]})
    for name, state in states.items():
        drawn[name].set_state(state)
    return history


def describe_net(model: nn.Module) -> str:
    """What a net is beside its weights: its printed form, and of each module what that may leave out.

    Raises:
        TypeError: a part of it is not the same in every process.
    """
    usual, lines = vars(nn.Module()).keys(), [printed(model)]
    for name, module in model.named_modules():
        own = [f"{key}={_plain(value)}" for key, value in vars(module).items() if key not in usual]
        lines.append(f"{name}: {_plain(type(module))} {', '.join(own)}")
    return "\n".join(lines)


def printed(value: object) -> str:
    """The printed form of a part of a training, by which a checkpoint knows it again.

    Raises:
        TypeError: there is an address in it, which is another in the next process.
    """
    text = repr(value)
    if found := re.search(r".{0,60} at 0x[0-9a-fA-F]+", text):
        raise TypeError(
            f"a checkpoint would not know this {type(value).__name__} again, which prints as {found[0]}…: "
            "give a __repr__ that names the settings to what is printed so, or train without a checkpoint"
        )
    return text


def _plain(value: object) -> str:
    """The same in every process: a function by its name, one without by its code, anything else by its printed form."""
    match value:
        case nn.Parameter():
            return "a parameter"  # its numbers are a weight's
        case ref():
            return _plain(value())
        case tuple() | list():
            return f"({', '.join(map(_plain, value))})"
        case dict():
            return f"dict{_plain(list(value.items()))}"
        case set() | frozenset():
            return f"set{sorted(map(_plain, value))}"
        case partial():
            return f"partial{_plain((value.func, value.args, value.keywords))}"
        case MethodType():
            return f"method{_plain((value.__func__, value.__self__))}"
        case FunctionType() if "<" in value.__qualname__:  # <lambda>, or <locals> of another function
            held = [cell.cell_contents for cell in value.__closure__ or ()]
            return f"function{_plain((value.__code__, value.__defaults__, value.__kwdefaults__, held))}"
        case CodeType():
            return f"code{_plain((value.co_code, value.co_names, value.co_consts))}"
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return printed(value)


def _unpack(content: bytes) -> tuple[dict[str, Tensor], dict[str, Any], History]:
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    if "settings" in header and "format" not in header:
        raise ValueError("its format is that of an earlier version")
    # One changed bit would be other weights, moments or random numbers, which nobody would notice.
    if hashlib.sha256(content.replace(_entry(header["digest"]), _entry(NO_DIGEST), 1)).hexdigest() != header["digest"]:
        raise ValueError("its digest does not fit it: it was damaged")
    if header["format"] != FORMAT:
        raise ValueError(f"its format is {header['format']}, this package reads {FORMAT}")
    settings = json.loads(header["settings"])
    if not isinstance(settings, dict):
        raise ValueError(f"its settings are {settings}")
    return load(content), settings, History.of(json.loads(header["history"]))


def _entry(digest: str) -> bytes:
    return f'"digest":"{digest}"'.encode()  # within settings and history quotation marks are escaped


def _moments(optimizer: torch.optim.Optimizer) -> dict[int, dict[str, Tensor]]:
    """What an optimiser remembers of each parameter."""
    return {
        index: {name: torch.as_tensor(value) for name, value in moments.items() if value is not None}
        for index, moments in optimizer.state_dict()["state"].items()
    }


def _fit(moments: Mapping[int, Mapping[str, Tensor]], optimizer: torch.optim.Optimizer) -> bool:
    """Whether they are what an optimiser would remember after a step; a parameter without gradient has none."""
    stepped = copy.deepcopy(optimizer)
    for group in stepped.param_groups:
        for parameter in group["params"]:
            parameter.grad = torch.zeros_like(parameter)
    stepped.step()
    expected = _moments(stepped)
    return all(_kinds(values) == _kinds(expected.get(index, {})) for index, values in moments.items())


def _every(generators: Mapping[str, torch.Generator], model: nn.Module) -> dict[str, torch.Generator]:
    """With PyTorch's global ones, from which dropout draws; its modules offer no other."""
    every = {**generators, "global": torch.default_generator}
    device = next(model.parameters()).device
    if device.type == "cuda":
        every["global of the device"] = torch.cuda.default_generators[device.index]
    return every


def _takes(generator: torch.Generator, state: Tensor) -> bool:
    try:
        torch.Generator(generator.device).set_state(state)
    except (RuntimeError, TypeError):
        return False
    return state.shape == generator.get_state().shape


def _kinds(tensors: Mapping[str, Tensor]) -> dict[str, tuple[torch.Size, torch.dtype]]:
    return {name: (value.shape, value.dtype) for name, value in tensors.items()}


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}

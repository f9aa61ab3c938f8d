"""Everything that an interrupted training needs to go on exactly where it was, in one safetensors file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from convae.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from torch import Tensor, nn


def save_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    generators: Mapping[str, torch.Generator],
    settings: Mapping[str, object],
    history: object,
) -> None:
    """Weights, optimiser state, the state of every random generator, settings and history (anything JSON can hold)."""
    tensors = {f"model/{name}": value.contiguous() for name, value in model.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            if value is not None:
                tensors[f"optimizer/{index}/{name}"] = torch.as_tensor(value).contiguous()
    tensors |= {f"generator/{name}": generator.get_state() for name, generator in generators.items()}
    tensors |= {f"global/{name}": state for name, state in _global_states().items()}
    write_whole(path, save(tensors, {"settings": json.dumps(settings), "history": json.dumps(history)}))


def load_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    generators: Mapping[str, torch.Generator],
    settings: Mapping[str, object],
) -> dict[str, Any]:
    """Puts a saved state into these objects and returns the history.

    Raises:
        ValueError: the file is torn, or belongs to another net or to other settings; then nothing is changed.
    """
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
            metadata = file.metadata() or {}
        saved = json.loads(metadata["settings"])
        history: dict[str, Any] = json.loads(metadata["history"])
    except (SafetensorError, KeyError, ValueError) as error:
        raise ValueError(f"{path} is torn or no checkpoint ({error}): delete it to start again") from error
    weights, own = _below("model/", tensors), model.state_dict()
    if {name: value.shape for name, value in weights.items()} != {name: value.shape for name, value in own.items()}:
        raise ValueError(f"{path} belongs to another net than this {type(model).__name__}: delete it to start again")
    if other := [name for name in settings if saved.get(name) != settings[name]]:
        raise ValueError(
            f"{path} belongs to a training with another {' and '.join(other)}: "
            "go on with the settings it was begun with, or delete it to start again"
        )
    model.load_state_dict(weights)
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in _below("optimizer/", tensors).items():
        index, key = name.split("/")
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    for name, value in _below("generator/", tensors).items():
        generators[name].set_state(value)
    for name, value in _below("global/", tensors).items():
        if name == "cpu":
            torch.set_rng_state(value)
        elif torch.cuda.is_available():
            torch.cuda.set_rng_state(value, int(name))
    return history


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _global_states() -> dict[str, Tensor]:
    """Dropout draws from PyTorch's global generators; its modules offer no other."""
    return {"cpu": torch.get_rng_state()} | {
        str(index): torch.cuda.get_rng_state(index) for index in range(torch.cuda.device_count())
    }

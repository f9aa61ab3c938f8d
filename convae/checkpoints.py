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

    from torch import Tensor, nn


def save_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    generators: Mapping[str, torch.Generator],
    history: object,
) -> None:
    """Weights, optimiser state, the state of every random generator, and the history (anything JSON can hold)."""
    tensors = {f"model/{name}": value.contiguous() for name, value in model.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            if value is not None:
                tensors[f"optimizer/{index}/{name}"] = torch.as_tensor(value)
    tensors |= {f"generator/{name}": generator.get_state() for name, generator in generators.items()}
    tensors |= {f"global/{name}": state for name, state in _global_states().items()}
    write_whole(path, save(tensors, {"history": json.dumps(history)}))


def load_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    generators: Mapping[str, torch.Generator],
) -> object:
    """Puts a saved state into these objects and returns the history.

    Raises:
        ValueError: the file is torn, or belongs to another net.
    """
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
            metadata = file.metadata() or {}
        model.load_state_dict(_below("model/", tensors))
        history: object = json.loads(metadata["history"])
    except (SafetensorError, RuntimeError, KeyError, ValueError) as error:
        raise ValueError(f"{path} is no checkpoint of this net ({error}): delete it to start again") from error
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

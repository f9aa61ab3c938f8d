"""What every experiment is given and what it leaves, be it a net that is trained or a table that is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import torch
from torch import Tensor

from convae.data import Splits

Nets: TypeAlias = Callable[[str, int], Any]  # the trained net of a recipe and a seed
Rows: TypeAlias = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """Where an experiment runs.

    Args:
        device: Of what is trained.
        checkpoint: The file of an interrupted training; what else is unfinished lies beside it.
        nets: Gives the nets that other experiments have trained.
        progress: Show how far it is.
    """

    device: torch.device
    checkpoint: Path
    nets: Nets
    progress: bool = False


@dataclass(frozen=True)
class Outcome:
    """What an experiment leaves.

    Args:
        record: Of run.json: scores, seconds, device, and what else was measured.
        kept: Tensors by name, for each file beside it.
        trained: The weights of a net that later experiments may ask for.
    """

    record: Mapping[str, Any]
    kept: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    trained: Mapping[str, Tensor] | None = None


class Experiment(Protocol):
    """A frozen value that runs itself. `of_nets`: it needs what others have trained; `large`: it asks for a GPU."""

    @property
    def name(self) -> str: ...
    @property
    def data(self) -> str: ...
    @property
    def seeds(self) -> int: ...
    @property
    def of_nets(self) -> bool: ...
    @property
    def large(self) -> bool: ...
    def splits(self) -> Splits:
        """Its data."""
        ...

    def run(self, seed: int, splits: Splits, place: Place) -> Outcome:
        """Everything there is to do; what was interrupted goes on."""
        ...


def settings(experiment: Experiment) -> dict[str, Any]:
    """The settings as run.json holds them."""
    return {name: _plain(value) for name, value in vars(experiment).items()}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | float | None) else repr(value)


def short(value: float, digits: int = 4) -> float:
    """A number with so many digits, as a record keeps it."""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else value


def shortened(value: Any, digits: int = 4) -> Any:
    """Every number in lists and dictionaries with so many digits."""
    if isinstance(value, dict):
        return {name: shortened(part, digits) for name, part in value.items()}
    if isinstance(value, list):
        return [shortened(part, digits) for part in value]
    return value if isinstance(value, int | str) else short(value, digits)


def check_number(value: object, where: str, column: str, table: bool) -> None:
    """A score is a finite number; a table's may be a list of them, or a setting in words.

    Raises:
        ValueError: it is something else, or an error below 0.
    """
    if table and isinstance(value, list):
        for each in value:
            check_number(each, where, column, False)
    elif not (table and isinstance(value, str)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{where} is {value!r}, no number")
        if column == "mse" and value < 0:
            raise ValueError(f"{where} is {value}, and an error is at least 0")


def means(scores: Mapping[str, Tensor]) -> dict[str, float]:
    """The mean of each score, with six digits."""
    return {score: short(values.mean().item(), 6) for score, values in scores.items()}

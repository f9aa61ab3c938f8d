"""A study: measurements that leave one table, in one class with their settings."""

from __future__ import annotations

import hashlib
import json
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from safetensors.torch import load, save
from torch import Tensor

from convae import data
from convae.data import NAMES
from convae.experiments.experiment import Nets, Outcome, Place, Rows, check_number, short, shortened
from convae.files import write_whole
from convae.names import lookup
from convae.training.devices import describe

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from convae.data import Splits
    from convae.measures.intervals import Interval

FREE = ("seed", "validation")  # these settings may be 0


@dataclass(frozen=True)
class Study(ABC):
    """A theme's study adds its settings and says what its table is. A long one says in which parts it is made.

    Args:
        name: Of its folder under runs/.
        data: Name of the data set, as load() takes it.

    Raises:
        ValueError: an unknown data set, a number that is not above 0, or an empty list.
    """

    name: str
    data: str
    seeds: ClassVar[int] = 1  # one table holds them all
    of_nets: ClassVar[bool] = False
    large: ClassVar[bool] = False
    file: ClassVar[str] = "weights"  # of the tensors that are kept

    def __post_init__(self) -> None:
        lookup(dict.fromkeys(NAMES), self.data, "data set")
        for name, value in vars(self).items():
            least = 0 if name in FREE else 1
            if isinstance(value, tuple) and not value:
                raise ValueError(f"{name} of the study {self.name} is empty: give it something to measure")
            if isinstance(value, int) and not isinstance(value, bool) and value < least:
                raise ValueError(f"{name} is {value}: give a whole number of at least {least}")
            if isinstance(value, float) and not 0 < value < float("inf"):
                raise ValueError(f"{name} is {value}: it has to be above 0")

    def splits(self) -> Splits:
        """Its data."""
        return data.load(self.data)

    @abstractmethod
    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Rows of numbers by name, and tensors by name. Every net in it seeds PyTorch's generator itself."""

    def parts(self) -> tuple[Self, ...]:
        """Smaller studies whose tables make up this one's; each is kept when it is done."""
        return (self,)

    def joined(self, rows: Rows, tensors: dict[str, Tensor]) -> tuple[Rows, dict[str, Tensor]]:
        """What is kept of all parts together: here everything. A study that compares its parts does so here."""
        return rows, tensors

    def run(self, seed: int, splits: Splits, place: Place) -> Outcome:
        """Makes the parts that an interrupted run has not made, and joins them."""
        rows: Rows = {}
        tensors: dict[str, Tensor] = {}
        seconds, checksum = 0.0, splits.checksum()
        for number, part in enumerate(self.parts()):
            path = place.checkpoint.with_name(f"part-{number}.table")
            made_of = {"part": repr(part), "data": checksum, "torch": torch.__version__}
            found = _read_part(path, made_of)
            if found is None:
                began = time.perf_counter()
                with torch.random.fork_rng():
                    some, kept = part.table(splits, place.nets)
                for name, row in some.items():  # now, not after hours, when the last part is there
                    for column, value in row.items():
                        check_number(value, f"{name} {column}", column, table=True)
                found = some, kept, time.perf_counter() - began
                _write_part(path, made_of, *found)
            rows |= found[0]
            tensors |= found[1]
            seconds += found[2]
        rows, tensors = self.joined(rows, tensors)
        record = {"scores": {"test": shortened(rows, 6)}, "seconds": short(seconds), "device": describe(CPU)}
        return Outcome(record, {self.file: tensors} if tensors else {})


CPU = torch.device("cpu")


def as_list(interval: Interval) -> list[float]:
    """An interval as a table keeps it; `Interval(*values)` is the way back."""
    return [interval.mean, interval.low, interval.high, interval.count]


def _write_part(path: Path, made_of: dict[str, str], rows: Rows, kept: dict[str, Tensor], seconds: float) -> None:
    told = made_of | {"rows": json.dumps(rows), "seconds": str(seconds)}
    content = save({name: value.contiguous() for name, value in kept.items()}, told)
    write_whole(path, hashlib.sha256(content).digest() + content)


def _read_part(path: Path, made_of: dict[str, str]) -> tuple[Rows, dict[str, Tensor], float] | None:
    """A part that is there and was made of the same; one that is torn or of something else is made again."""
    if not path.is_file():
        return None
    stored = path.read_bytes()
    digest, content = stored[:32], stored[32:]
    if hashlib.sha256(content).digest() != digest:
        return None
    length = int.from_bytes(content[:8], "little")  # of the header of a safetensors file, which load() does not give
    told = json.loads(content[8 : 8 + length])["__metadata__"]
    if {name: told[name] for name in made_of} != made_of:
        return None
    return json.loads(told["rows"]), load(content), float(told["seconds"])

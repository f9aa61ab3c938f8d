"""Running an experiment, and recording what made it and what came out."""

from __future__ import annotations

import importlib.metadata
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from safetensors.torch import save

from convae.data import Splits
from convae.experiments import EXPERIMENTS
from convae.experiments.experiment import Experiment, Place, settings
from convae.experiments.locking import locked
from convae.experiments.runs import (
    FORMAT,
    Run,
    RunNotFoundError,
    check_folder,
    checkpoint_path,
    differences,
    digest_of,
    load_trained,
    read_run,
    runs_folder,
    trained_path,
    write_run,
)
from convae.files import check_room, write_whole
from convae.training.devices import choose_device

LARGEST = 1_000_000  # bytes of what a run may keep in a file


def run_experiment(
    experiment: Experiment,
    seed: int = 0,
    *,
    device: str = "auto",
    folder: Path | None = None,
    progress: bool = False,
    again: bool = False,
) -> Run:
    """Trains a recipe's net or makes a study's table, and writes its folder; what was interrupted goes on.

    Args:
        folder: Of this run; by default runs/<name>/<seed>, and only experiments of the book may be written there.
        again: Replace a finished run.

    Raises:
        ValueError: a changed experiment without a folder of its own, outside runs/; a finished run; a folder that
            holds other things; or another process that makes this run.
        DataNotFoundError: its data set is not here; no other one is put in its place.
    """
    if not isinstance(seed, int) or not 0 <= seed < 2**31:
        raise ValueError(f"seed is {seed!r}: give 0 or more, and less than 2³¹")
    own = folder is None
    checkpoint = checkpoint_path(experiment.name, seed) if folder is None else folder / "checkpoint.safetensors"
    folder = _allowed_folder(experiment, seed, folder)
    for parent in folder.parents:
        if parent.exists() and not parent.is_dir():
            raise ValueError(f"{parent} is a file: name another folder for the run")
    check_folder(folder)
    _refuse_finished(folder, experiment, again)
    place = Place(choose_device(device), checkpoint, load_trained, progress)
    splits = experiment.splits()
    with locked(checkpoint.with_suffix(".lock")):
        _refuse_finished(folder, experiment, again)  # another process may have ended it since
        check_room(folder, LARGEST)  # before hours of work, not behind them
        outcome = experiment.run(seed, splits, place)
        record = _record(experiment, seed, splits) | dict(outcome.record)
        if own and outcome.trained is not None:  # before the record, which says that all is there
            trained = save(dict(outcome.trained))
            write_whole(trained_path(checkpoint), trained)
            record["trained"] = digest_of(trained)
        write_run(folder, record, outcome.kept)
        for unfinished in (checkpoint, *checkpoint.parent.glob("part-*.table")):
            unfinished.unlink(missing_ok=True)
    return read_run(folder)


def _refuse_finished(folder: Path, experiment: Experiment, again: bool) -> None:
    if not again and (folder / "run.json").exists():
        there = "; ".join(differences(read_run(folder), experiment)) or "of these settings"
        raise ValueError(
            f"{folder} holds a finished run ({there}): say --again (again=True) to replace it, or name a folder"
        )


def _allowed_folder(experiment: Experiment, seed: int, folder: Path | None) -> Path:
    """That folder, or the one in runs/, where nothing stands but what the book names."""
    if EXPERIMENTS.get(experiment.name) != experiment and (folder is None or _in_runs(folder)):
        raise ValueError(
            f"{experiment.name} differs from the book's recipe of that name: name a folder for it outside runs/"
        )
    return folder or runs_folder() / experiment.name / str(seed)


def _in_runs(folder: Path) -> bool:
    try:
        return folder.resolve().is_relative_to(runs_folder().resolve())
    except RunNotFoundError:
        return False


def _record(experiment: Experiment, seed: int, splits: Splits) -> dict[str, Any]:
    """What made a run, whatever came out."""
    return {
        "format": FORMAT,
        "recipe": settings(experiment),
        "seed": seed,
        "data": {
            "name": splits.name,
            "checksum": splits.checksum(),
            "train": len(splits.train),
            "test": len(splits.test),
        },
        "versions": {"python": platform.python_version()}
        | {name: _version(name) for name in ("convae", "torch", "numpy")},
        "finished": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:  # the package may be used from its folder
        return "not installed"

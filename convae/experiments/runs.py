"""Finding what a run left, and storing it: `runs/<recipe>/<seed>/run.json` and what stands beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from convae.experiments import EXPERIMENTS
from convae.files import write_whole
from convae.models import build
from convae.names import lookup

FORMAT = 1  # of run.json; a run of another format is refused


class RunNotFoundError(FileNotFoundError):
    """There is no such run, or no runs/ at all."""


@dataclass(frozen=True)
class Run:
    """One finished run.

    Args:
        folder: Where it lies.
        record: What run.json holds: recipe, seed, parameters, curves, scores, data, versions, device, seconds.
    """

    folder: Path
    record: dict[str, Any]

    @property
    def scores(self) -> dict[str, dict[str, Any]]:
        """Mean scores by set: `run.scores["test"]["mse"]`; in a study `run.scores["test"]["pca/64"]["mse"]`."""
        scores: dict[str, dict[str, Any]] = self.record["scores"]
        return scores

    def weights(self) -> dict[str, torch.Tensor]:
        """The tensors that this run kept, by name: a net's state, or what a study learnt.

        Raises:
            RunNotFoundError: it kept none.
            ValueError: they are torn.
        """
        path = self.folder / "weights.safetensors"
        if not path.is_file():
            raise RunNotFoundError(
                f"{self.folder} keeps no weights, as only seed 0 of some recipes does: train a net that keeps them "
                "with run_experiment(dataclasses.replace(recipe, keep_weights=True), 0, folder=...)"
            )
        try:
            return load_file(path)
        except SafetensorError as error:
            made = self.record["recipe"].get("model", self.record["recipe"]["name"])
            raise ValueError(f"{path} is torn or not of {made}: delete {self.folder} and make it again") from error

    def model(self) -> torch.nn.Module:
        """The trained net, in evaluation mode.

        Raises:
            RunNotFoundError: this run kept no weights.
            ValueError: they are torn, or of another net.
        """
        weights = self.weights()
        name = self.record["recipe"]["model"]
        model = build(name)
        try:
            model.load_state_dict(weights)
        except RuntimeError as error:
            path = self.folder / "weights.safetensors"
            raise ValueError(f"{path} is torn or not of {name}: delete {self.folder} and make it again") from error
        return model.eval()

    def errors(self) -> dict[str, torch.Tensor]:
        """Each test picture's MSE, float32 [N]: under "mse" for a net, under "<method>/<code size>" in a study.

        Raises:
            RunNotFoundError: this run kept none.
            ValueError: they are torn.
        """
        path = self.folder / "errors.safetensors"
        if not path.is_file():
            raise RunNotFoundError(
                f"{self.folder} keeps no errors picture by picture: give its recipe keep_errors=True and run it again"
            )
        try:
            return {name: values.float() for name, values in load_file(path).items()}
        except SafetensorError as error:
            raise ValueError(f"{path} is torn ({error}): delete {self.folder} and make it again") from error


def runs_folder() -> Path:
    """The folder of all runs: $CONVAE_RUNS, else runs/ beside the nearest _config.yml upwards from here.

    Raises:
        RunNotFoundError: there is neither.
    """
    if named := os.environ.get("CONVAE_RUNS"):
        return Path(named)
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "_config.yml").is_file():
            return folder / "runs"
    raise RunNotFoundError(
        f"no runs/ for {Path.cwd()}: work inside a clone of the book's repository, "
        "or set CONVAE_RUNS to its runs folder"
    )


def load_trained(name: str, seed: int = 0) -> torch.nn.Module:
    """The net of a run, of any seed, in evaluation mode: as the run kept it, or as the machine that trained it did.

    Studies of several seeds are made of these; runs/ itself keeps the weights of seed 0 at most.

    Raises:
        ValueError: no recipe has that name (the nearest ones are suggested).
        RunNotFoundError: the run is not there, or was made on another machine.
    """
    run = load_run(name, seed)
    if (run.folder / "weights.safetensors").is_file():
        return run.model()
    path = trained_path(checkpoint_path(name, seed))
    if not path.is_file():
        raise RunNotFoundError(
            f"no {path}: this machine has not trained it, python -m convae train {name} --seed {seed}"
        )
    model = build(run.record["recipe"]["model"])
    model.load_state_dict(load_file(path))
    return model.eval()


def load_run(name: str, seed: int = 0) -> Run:
    """A finished run by the name of its recipe or study.

    Raises:
        ValueError: no recipe has that name (the nearest ones are suggested), or the folder is torn or foreign.
        RunNotFoundError: it was not run yet; the message says how.
    """
    lookup(EXPERIMENTS, name, "recipe")
    folder = runs_folder() / name / str(seed)
    if not (folder / "run.json").is_file():
        raise RunNotFoundError(f"no run in {folder}: make it with python -m convae reproduce {name} --seed {seed}")
    run = read_run(folder)
    if (found := (run.record["recipe"]["name"], run.record["seed"])) != (name, seed):
        raise ValueError(f"{folder} holds {found[0]}, seed {found[1]}: delete it and make it again")
    return run


def load_runs(name: str) -> list[Run]:
    """All seeds of a recipe that the book asks for, from 0 on."""
    return [load_run(name, seed) for seed in range(lookup(EXPERIMENTS, name, "recipe").seeds)]


def read_run(folder: Path) -> Run:
    """The run in a folder.

    Raises:
        RunNotFoundError: there is no run.json.
        ValueError: it is torn or foreign.
    """
    path = folder / "run.json"
    if not path.is_file():
        raise RunNotFoundError(f"no run.json in {folder}: name the folder of a finished run, <recipe>/<seed>")
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            raise ValueError(f"format {record['format']}, this package reads {FORMAT}")
        missing = {"recipe", "seed", "scores", "data", "versions", "device", "seconds"} - record.keys()
        if missing or "name" not in record["recipe"]:
            raise ValueError(f"without {', '.join(sorted(missing)) or 'the name of its recipe'}")
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is torn or no run of convae ({error}): delete {folder} and make it again") from error
    return Run(folder, record)


def checkpoint_path(name: str, seed: int) -> Path:
    """Where a training that is interrupted leaves its state; git ignores it."""
    return runs_folder().parent / "checkpoints" / name / f"{seed}.safetensors"


def trained_path(checkpoint: Path) -> Path:
    """Where the weights of a training that is over stay on this machine."""
    return checkpoint.with_suffix(".trained.safetensors")


def write_run(folder: Path, record: dict[str, Any], kept: Mapping[str, Mapping[str, torch.Tensor]]) -> None:
    """A folder with a run.json is whole: that of an earlier run goes first, the new one comes last."""
    for name in ("run.json", "errors.safetensors", "weights.safetensors"):
        (folder / name).unlink(missing_ok=True)
    for name, tensors in kept.items():
        write_whole(folder / f"{name}.safetensors", save(dict(tensors)))
    write_whole(folder / "run.json", (json.dumps(record, separators=(",", ":")) + "\n").encode())

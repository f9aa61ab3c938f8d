"""Finding what a run left, and storing it: `runs/<recipe>/<seed>/run.json` and what stands beside it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from convae.experiments import EXPERIMENTS
from convae.experiments.experiment import Experiment, check_number, settings
from convae.files import write_whole
from convae.models import build
from convae.names import lookup

FORMAT = 1  # of run.json; a run of another format is refused
FILES = ("run.json", "errors.safetensors", "weights.safetensors")
# Splits.checksum() of the data that the book's runs were made on, however they are cut
CHECKSUMS = {
    "mnist": ("217a0049965c3fd7", "0656535fa0d1f6c7"),
    "fashion-mnist": ("5045352fd0d43707",),
    "photographs": ("d67dca1ed0ddf1b2", "491428a859db3ff6"),
    "kodak-48": ("b524648cf71278b8",),
    "kodak-64": ("41835132852acc88",),
    "kodak-96": ("4b14fcfcece286cd",),
}
ASKED = ("seeds", "keep_weights", "keep_errors", "large")  # settings that change no number
PATIENCE = 100  # looks, a hundredth of a second apart, at a folder that is just being exchanged


class RunNotFoundError(FileNotFoundError):
    """There is no such run, or no runs/ at all."""


class OtherRunError(ValueError):
    """A whole run, but of other settings or data than the book's."""


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
            ValueError: they are not those that the run wrote.
        """
        return self._tensors(
            "weights",
            "keeps no weights, as only seed 0 of some recipes does: train a net that keeps them "
            "with run_experiment(dataclasses.replace(recipe, keep_weights=True), 0, folder=...)",
        )

    def _tensors(self, name: str, without: str) -> dict[str, torch.Tensor]:
        path = self.folder / f"{name}.safetensors"
        digest = self.record.get("files", {}).get(path.name)
        if digest is None:
            raise RunNotFoundError(f"{self.folder} {without}")
        try:
            content = _read_patiently(path)
            if digest_of(content) != digest:
                raise ValueError("other bytes than its run.json says")
            return load(content)
        except (OSError, ValueError, SafetensorError) as error:
            made = self.record["recipe"].get("model", self.record["recipe"]["name"])
            raise ValueError(
                f"{path} is torn or not of {made} ({error}): load the run again if it was just made anew, "
                f"else delete {self.folder} and make it again"
            ) from error

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
            ValueError: they are not those that the run wrote.
        """
        kept = self._tensors(
            "errors", "keeps no errors picture by picture: give its recipe keep_errors=True and run it again"
        )
        return {name: values.float() for name, values in kept.items()}


def runs_folder() -> Path:
    """The folder of all runs: $CONVAE_RUNS, else runs/ of the nearest clone of the book upwards from here.

    Raises:
        RunNotFoundError: there is neither.
    """
    if named := os.environ.get("CONVAE_RUNS"):
        return Path(named)
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "_config.yml").is_file() and (folder / "convae").is_dir():  # another book has no convae/
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
    command = f"python -m convae train {name} --seed {seed}"
    if not path.is_file():
        raise RunNotFoundError(f"no {path}: this machine has not trained it, {command} --again")
    content = path.read_bytes()
    if digest_of(content) != run.record.get("trained"):
        raise RunNotFoundError(f"{path} is torn or not what {run.folder} trained: {command} --again makes both anew")
    model = build(run.record["recipe"]["model"])
    model.load_state_dict(load(content))
    return model.eval()


def load_run(name: str, seed: int = 0) -> Run:
    """A finished run by the name of its recipe or study.

    Raises:
        ValueError: no recipe has that name (the nearest ones are suggested), or the folder is torn or foreign;
            OtherRunError where the run was made with other settings or data than the book's.
        RunNotFoundError: it was not run yet; the message says how.
    """
    experiment = lookup(EXPERIMENTS, name, "recipe")
    folder = runs_folder() / name / str(seed)
    try:
        run = read_run(folder)
    except RunNotFoundError as error:
        raise RunNotFoundError(
            f"no run in {folder}: make it with python -m convae reproduce {name} --seed {seed}"
        ) from error
    if (found := (run.record["recipe"]["name"], run.record["seed"])) != (name, seed):
        raise ValueError(f"{folder} holds {found[0]}, seed {found[1]}: delete it and make it again")
    if other := differences(run, experiment):
        raise OtherRunError(
            f"{folder} is not the book's run ({other[0]}): python -m convae reproduce {name} --seed {seed} replaces it"
        )
    return run


def differences(run: Run, experiment: Experiment) -> list[str]:
    """In which settings and data a run is not that of an experiment; a setting that came later had its default."""
    now, defaults = settings(experiment), {each.name: each.default for each in fields(experiment)}  # type: ignore[arg-type]
    stored = run.record["recipe"]
    found = []
    for name, value in now.items():
        had = stored.get(name, None if defaults[name] is MISSING else defaults[name])
        had = list(had) if isinstance(had, tuple) else had
        if had != value and name not in ASKED:
            found.append(f"{name} was {had!r} and is {value!r}")
    data = run.record["data"]
    if data["name"] == experiment.data and data["checksum"] not in CHECKSUMS.get(data["name"], (data["checksum"],)):
        found.append(f"the data had the checksum {data['checksum']}, the book's have another")
    return found


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
    try:
        record = json.loads(_read_patiently(path), parse_constant=_refuse)
        _check(record)
    except FileNotFoundError as error:
        raise RunNotFoundError(
            f"no run.json in {folder}: name the folder of a finished run, <recipe>/<seed>"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path} is torn or no run of convae ({error}): delete {folder} and make it again") from error
    return Run(folder, record)


def _read_patiently(path: Path) -> bytes:
    """A file of a run. While its folder is exchanged for a new one it is missing for a moment, so a miss is told from
    that by two looks without such an exchange.

    Raises:
        FileNotFoundError: it is not there.
    """
    missed = 0
    for _ in range(PATIENCE):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            folder = path.parent
            exchanging = any(folder.with_name(f".{folder.name}.{part}.convae").exists() for part in ("new", "old"))
            missed = 0 if exchanging else missed + 1
            if missed == 2 or not folder.parent.exists():  # where no seed has a folder, none is being exchanged
                break
            time.sleep(0.01)
    raise FileNotFoundError(f"{path} is not there")


def checkpoint_path(name: str, seed: int) -> Path:
    """Where a training that is interrupted leaves its state; git ignores it."""
    return runs_folder().parent / "checkpoints" / name / f"{seed}.safetensors"


def trained_path(checkpoint: Path) -> Path:
    """Where the weights of a training that is over stay on this machine."""
    return checkpoint.with_suffix(".trained.safetensors")


def write_run(folder: Path, record: dict[str, Any], kept: Mapping[str, Mapping[str, torch.Tensor]]) -> None:
    """Writes a run beside its folder, then exchanges the two: a reader finds the old run or the new one.

    Raises:
        ValueError: the folder holds what no run has put there.
    """
    check_folder(folder)
    new, old = (folder.with_name(f".{folder.name}.{part}.convae") for part in ("new", "old"))
    for left in (new, old):  # of a process that was killed here; a lock keeps others away
        shutil.rmtree(left, ignore_errors=True)
    files = {f"{name}.safetensors": save(dict(tensors)) for name, tensors in kept.items()}
    record = record | {"files": {name: digest_of(content) for name, content in files.items()}}
    _check(record)
    files["run.json"] = (json.dumps(record, separators=(",", ":"), allow_nan=False) + "\n").encode()
    for name, content in files.items():
        write_whole(new / name, content)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def check_folder(folder: Path) -> None:
    """Refuses a folder that a run may not replace.

    Raises:
        ValueError: it holds what no run has put there, or is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: name another folder for the run")
    foreign = [] if not folder.exists() else [path.name for path in folder.iterdir() if not _ours(path.name)]
    if foreign:
        raise ValueError(f"{folder} holds other things, {foreign[0]} among them: name a folder of the run's own")


def _ours(name: str) -> bool:
    unfinished = name.startswith(("checkpoint.", "part-", ".convae-"))
    return name in (*FILES, ".DS_Store", "Thumbs.db", "desktop.ini") or unfinished


def digest_of(content: bytes) -> str:
    """SHA-256 of what a file holds."""
    return hashlib.sha256(content).hexdigest()


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} in place of a number")


def _check(record: dict[str, Any]) -> None:
    """A run that may be used, or an error that says what is wrong with it."""
    if record["format"] != FORMAT:
        raise ValueError(f"format {record['format']}, this package reads {FORMAT}")
    missing = {"recipe", "seed", "scores", "data", "versions", "device", "seconds"} - record.keys()
    if missing or not isinstance(record["recipe"].get("name"), str):
        raise ValueError(f"without {', '.join(sorted(missing)) or 'the name of its recipe'}")
    if not isinstance(record["data"]["checksum"], str) or not isinstance(record["seed"], int):
        raise ValueError("without the checksum of its data or its seed")
    if not all(isinstance(digest, str) for digest in record.get("files", {}).values()):
        raise ValueError("a file without a digest")
    net = "model" in record["recipe"]
    for part, rows in record["scores"].items():
        for name, value in rows.items():
            for column, number in {name: value}.items() if net else value.items():
                check_number(number, f"{part} {name} {column}" if not net else f"{part} {name}", column, not net)
    if "test" not in record["scores"]:
        raise ValueError("without scores on the test set")

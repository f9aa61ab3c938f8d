"""Running a recipe, and finding what it left: `runs/<recipe>/<seed>/run.json` and what stands beside it."""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from convae import baselines, data, upsampling
from convae.data.photographs import patches
from convae.devices import choose_device, describe
from convae.files import write_whole
from convae.models import ablations, build
from convae.names import lookup
from convae.recipes import (
    EXPERIMENTS,
    AlarmStudy,
    AugmentationStudy,
    BaselineStudy,
    CheckerboardStudy,
    CodesStudy,
    DenoisingStudy,
    DoublingStudy,
    GenerationStudy,
    InterpolationStudy,
    Recipe,
    Study,
    SuperResolutionStudy,
    TradeoffStudy,
)
from convae.studies.alarm import study_alarm
from convae.studies.augmentation import study_augmentation
from convae.studies.codes import study_codes
from convae.studies.denoising import study_denoising
from convae.studies.generation import study_generation, study_tradeoff
from convae.studies.interpolation import study_interpolation
from convae.studies.nets import Nets, Rows
from convae.studies.super_resolution import study_super_resolution
from convae.tasks import Reconstruction
from convae.training import evaluate, fit

CODE_STUDIES: dict[type, Callable[[Any, data.Splits, Nets], tuple[Rows, dict[str, torch.Tensor]]]] = {
    CodesStudy: study_codes,
    InterpolationStudy: study_interpolation,
    AugmentationStudy: study_augmentation,
    TradeoffStudy: study_tradeoff,
    GenerationStudy: study_generation,
    AlarmStudy: study_alarm,
    DenoisingStudy: study_denoising,
    SuperResolutionStudy: study_super_resolution,
}
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
                "with run_recipe(dataclasses.replace(recipe, keep_weights=True), 0, folder=...)"
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
    path = _trained(_checkpoint(name, seed))
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
    experiment = lookup(EXPERIMENTS, name, "recipe")
    folder = runs_folder() / name / str(seed)
    if not (folder / "run.json").is_file():
        command = f"train {name} --seed {seed}" if isinstance(experiment, Recipe) else f"reproduce {name}"
        raise RunNotFoundError(f"no run in {folder}: make it with python -m convae {command}")
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


def run_recipe(
    recipe: Recipe, seed: int, *, device: str = "auto", folder: Path | None = None, progress: bool = False
) -> Run:
    """Trains a recipe with one seed, scores it and writes its folder; an interrupted run goes on where it stopped.

    Args:
        folder: Of this run; by default runs/<recipe>/<seed>, and only recipes of the book may be written there.

    Raises:
        ValueError: a changed recipe without a folder of its own, outside runs/.
        DataNotFoundError: its data set is not here; no other one is put in its place.
    """
    own = folder is None
    checkpoint = _checkpoint(recipe.name, seed) if folder is None else folder / "checkpoint.safetensors"
    folder = _allowed_folder(recipe, seed, folder)
    where = choose_device(device)
    splits = data.load(recipe.data, validation=recipe.validation)
    train, test = splits.train.to(where), splits.test.to(where)
    # What a source did is followed on its test set, which selects nothing; our own recipes do not look at it.
    seen = train[: recipe.watched]
    watch = {"train": seen, "test": test}
    if recipe.validation != 0:
        watch = {"train": seen, "validation": splits.validation.to(where)}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = build(recipe.model).to(where)
    began = time.perf_counter()
    history = fit(
        model,
        recipe.task,
        train,
        make_optimizer(recipe, model),
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        seed=seed,
        watch=watch,
        checkpoint=checkpoint,
        progress=progress,
        decay=recipe.decay,
    )
    if recipe.half_weights:  # what is scored is what is kept
        model.load_state_dict({name: _half(value) for name, value in model.state_dict().items()})
    errors = {name: evaluate(model, recipe.task, images) for name, images in (watch | {"test": test}).items()}
    record = _record(recipe, seed, splits, where) | {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "scores": {name: _means(scores) for name, scores in errors.items()},
        "seconds": _short(sum(history.seconds)),
        "seconds_with_scoring": _short(time.perf_counter() - began),
        **({"gpu_bytes": torch.cuda.max_memory_allocated(where)} if where.type == "cuda" else {}),
        "curves": _shortened(asdict(history)),
    }
    if recipe.ablate:
        record["ablations"] = {name: _means(evaluate(cut, recipe.task, test)) for name, cut in ablations(model).items()}
    kept = {}
    if recipe.keep_errors:
        kept["errors"] = {"mse": errors["test"]["mse"].half()}
    weights = {name: value.cpu().contiguous() for name, value in model.state_dict().items()}
    if recipe.keep_weights and seed == 0:
        kept["weights"] = {name: _half(value) for name, value in weights.items()} if recipe.half_weights else weights
    _write(folder, record, kept)
    if own:
        write_whole(_trained(checkpoint), save(weights))
    checkpoint.unlink(missing_ok=True)
    return read_run(folder)


def run_study(study: Study, *, folder: Path | None = None) -> Run:
    """Makes the table of a study; its rows stand in run.json as `scores["test"]`, with a list where seeds differ.

    Raises:
        ValueError: a changed study without a folder of its own, outside runs/.
        DataNotFoundError: its data set is not here.
    """
    folder = _allowed_folder(study, 0, folder)
    began = time.perf_counter()
    if isinstance(study, BaselineStudy):
        splits = data.load(study.data, validation=study.validation)
        rows, kept = _study_baselines(study, splits)
    else:
        with torch.random.fork_rng():
            if isinstance(study, CheckerboardStudy):
                splits = patches()
                rows, tensors = upsampling.study_checkerboards(study, splits)
            elif isinstance(study, DoublingStudy):
                splits = patches()
                rows, tensors = upsampling.study_doubling(study, splits)
            else:
                splits = data.load(study.data)
                rows, tensors = CODE_STUDIES[type(study)](study, splits, load_trained)
        kept = {"weights": {name: value.contiguous() for name, value in tensors.items()}} if tensors else {}
    record = _record(study, 0, splits, torch.device("cpu")) | {
        "scores": {"test": _shortened(rows, 6)},
        "seconds": _short(time.perf_counter() - began),
    }
    _write(folder, record, kept)
    return read_run(folder)


def _study_baselines(
    study: BaselineStudy, splits: data.Splits
) -> tuple[upsampling.Rows, dict[str, dict[str, torch.Tensor]]]:
    members: dict[str, torch.nn.Module] = {
        "black-image/0": baselines.black_image(splits.train),
        "mean-image/0": baselines.mean_image(splits.train),
    }
    for size in study.code_sizes:
        members[f"pca/{size}"] = baselines.pca(splits.train, size)
        members[f"pca-plain/{size}"] = baselines.pca(splits.train, size, clip=False)
    if study.blocks:
        members["pca-shared-blocks/144"] = baselines.block_pca(splits.train, 9, 16)
        members["pca-own-blocks/144"] = baselines.block_pca(splits.train, 9, 16, shared=False)
    scores = {name: evaluate(member, Reconstruction(), splits.test) for name, member in members.items()}
    rows = {name: {score: values.mean().item() for score, values in each.items()} for name, each in scores.items()}
    return rows, {"errors": {name: each["mse"].half() for name, each in scores.items() if "plain" not in name}}


def make_optimizer(recipe: Recipe, model: torch.nn.Module) -> torch.optim.Optimizer:
    """The recipe's optimiser over the parameters of a model."""
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            model.parameters(), recipe.learning_rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay
        )
    return torch.optim.Adam(model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)


def _checkpoint(name: str, seed: int) -> Path:
    return runs_folder().parent / "checkpoints" / name / f"{seed}.safetensors"  # git ignores it


def _trained(checkpoint: Path) -> Path:
    """Where the weights of a training that is over stay on this machine."""
    return checkpoint.with_suffix(".trained.safetensors")


def _means(scores: dict[str, torch.Tensor]) -> dict[str, float]:
    return {score: _short(values.mean().item(), 6) for score, values in scores.items()}


def _half(value: torch.Tensor) -> torch.Tensor:
    """Rounded to float16; a count stays a count."""
    return value.half() if value.is_floating_point() else value


def _allowed_folder(experiment: Recipe | Study, seed: int, folder: Path | None) -> Path:
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


def _record(recipe: Recipe | Study, seed: int, splits: data.Splits, device: torch.device) -> dict[str, Any]:
    """What made a run, whatever came out."""
    settings = {name: value if _plain(value) else repr(value) for name, value in vars(recipe).items()}
    return {
        "format": FORMAT,
        "recipe": settings,
        "seed": seed,
        "data": {
            "name": splits.name,
            "checksum": splits.checksum(),
            "train": len(splits.train),
            "test": len(splits.test),
        },
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in ("convae", "torch", "numpy")},
        "device": describe(device),
        "finished": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float | tuple | None)


def _write(folder: Path, record: dict[str, Any], kept: dict[str, dict[str, torch.Tensor]]) -> None:
    """A folder with a run.json is whole: that of an earlier run goes first, the new one comes last."""
    for name in ("run.json", "errors.safetensors", "weights.safetensors"):
        (folder / name).unlink(missing_ok=True)
    for name, tensors in kept.items():
        write_whole(folder / f"{name}.safetensors", save(tensors))
    write_whole(folder / "run.json", (json.dumps(record, separators=(",", ":")) + "\n").encode())


def _short(value: float, digits: int = 4) -> float:
    return float(f"{value:.{digits}g}") if math.isfinite(value) else value


def _shortened(value: Any, digits: int = 4) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(part, digits) for name, part in value.items()}
    if isinstance(value, list):
        return [_shortened(part, digits) for part in value]
    return value if isinstance(value, int | str) else _short(value, digits)

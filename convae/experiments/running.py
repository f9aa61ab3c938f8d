"""Running a recipe or a study of the book, and recording what made it and what came out."""

from __future__ import annotations

import importlib.metadata
import math
import platform
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from convae import data, upsampling
from convae.baselines import linear
from convae.data.photographs import patches
from convae.experiments.runs import (
    FORMAT,
    Run,
    RunNotFoundError,
    checkpoint_path,
    load_trained,
    read_run,
    runs_folder,
    trained_path,
    write_run,
)
from convae.files import write_whole
from convae.models import ablations, build
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
from convae.training.devices import choose_device, describe
from convae.training.loop import evaluate, fit

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
    checkpoint = checkpoint_path(recipe.name, seed) if folder is None else folder / "checkpoint.safetensors"
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
    write_run(folder, record, kept)
    if own:
        write_whole(trained_path(checkpoint), save(weights))
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
    write_run(folder, record, kept)
    return read_run(folder)


def _study_baselines(
    study: BaselineStudy, splits: data.Splits
) -> tuple[upsampling.Rows, dict[str, dict[str, torch.Tensor]]]:
    members: dict[str, torch.nn.Module] = {
        "black-image/0": linear.black_image(splits.train),
        "mean-image/0": linear.mean_image(splits.train),
    }
    for size in study.code_sizes:
        members[f"pca/{size}"] = linear.pca(splits.train, size)
        members[f"pca-plain/{size}"] = linear.pca(splits.train, size, clip=False)
    if study.blocks:
        members["pca-shared-blocks/144"] = linear.block_pca(splits.train, 9, 16)
        members["pca-own-blocks/144"] = linear.block_pca(splits.train, 9, 16, shared=False)
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


def _short(value: float, digits: int = 4) -> float:
    return float(f"{value:.{digits}g}") if math.isfinite(value) else value


def _shortened(value: Any, digits: int = 4) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(part, digits) for name, part in value.items()}
    if isinstance(value, list):
        return [_shortened(part, digits) for part in value]
    return value if isinstance(value, int | str) else _short(value, digits)

"""Command line: python -m convae list | show | data | train | evaluate | reproduce."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from convae.experiments import EXPERIMENTS, RECIPES, STUDIES, THEMES
from convae.experiments.recipe import Recipe
from convae.names import lookup
from convae.training.devices import enough_memory

if TYPE_CHECKING:
    from convae.experiments.reproducing import Missing

TRIALS = Path("checkpoints/trials/runs")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; 0 when it went well, 2 with one line on stderr when it could not be done."""
    options = _parser().parse_args(arguments)
    try:
        with enough_memory():
            options.command(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (
        ValueError,
        OSError,
        MemoryError,
        ModuleNotFoundError,
        FloatingPointError,
    ) as error:  # each names its remedy
        print(f"convae: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "convae: stopped; the same command goes on from the last finished epoch, or part of a study",
            file=sys.stderr,
        )
        return 130
    return 0


def _list(_: argparse.Namespace) -> None:
    for recipe in RECIPES.values():
        print(f"{recipe.name:24} {recipe.data:14} {recipe.epochs:3} epochs, seeds 0 to {recipe.seeds - 1}")
    for study in STUDIES.values():
        print(f"{study.name:24} {study.data:14} one table")


def _show(options: argparse.Namespace) -> None:
    from convae.experiments.runs import RunNotFoundError, load_run, runs_folder

    experiment = lookup(EXPERIMENTS, options.recipe, "recipe")
    folder = runs_folder()
    for name, value in vars(experiment).items():
        print(f"{name:16} {value!r}")
    for seed in range(experiment.seeds):
        try:
            run = load_run(experiment.name, seed)
        except RunNotFoundError:
            print(f"seed {seed}: not in {folder / experiment.name}")
        except ValueError as error:
            print(f"seed {seed}: {error}")
        else:
            print(f"seed {seed}: {run.scores['test']}")


def _data(options: argparse.Namespace) -> None:
    from convae.data.download import download

    for name in options.names:
        print(f"{name}: {download(name)}")


def _train(options: argparse.Namespace) -> None:
    from convae.experiments.running import run_experiment

    recipe = _trained(options.recipe)
    changed = _changed(recipe, options)
    folder = options.folder or (TRIALS if changed != recipe else None)
    if folder is not None:
        folder = folder / recipe.name / str(options.seed)
    run = run_experiment(
        changed, options.seed, device=options.device, folder=folder, progress=True, again=options.again
    )
    print(f"{run.folder}: {run.scores['test']}")


def _trained(name: str) -> Recipe:
    recipe = lookup(EXPERIMENTS, name, "recipe")
    if not isinstance(recipe, Recipe):
        raise ValueError(f"{name} trains no net that could be kept: use python -m convae reproduce {name}")
    return recipe


def _changed(recipe: Recipe, options: argparse.Namespace) -> Recipe:
    named = {name: value for name in ("epochs", "batch_size", "data") if (value := getattr(options, name)) is not None}
    if options.validation is not None:
        named["validation"] = options.validation
    elif recipe.validation and named.get("data", recipe.data) != recipe.data:
        named["validation"] = None  # another data set keeps back its own share; who trains on everything still does
    return replace(recipe, **named)


def _evaluate(options: argparse.Namespace) -> None:
    from convae.data import load
    from convae.experiments.runs import load_run
    from convae.training.devices import choose_device
    from convae.training.loop import evaluate

    recipe = _trained(options.recipe)
    device = choose_device(options.device)
    model = load_run(recipe.name, options.seed).model().to(device)
    test = load(options.data or recipe.data).test.to(device)
    for score, values in evaluate(model, recipe.task, test).items():
        print(f"{score:6} {values.mean():.6g}")


def _reproduce(options: argparse.Namespace) -> None:
    from convae.experiments.reproducing import counted, missing
    from convae.experiments.running import run_experiment
    from convae.training.devices import choose_device

    chosen = [lookup(EXPERIMENTS, name, "recipe") for name in options.recipes]
    chosen += [each for theme in options.only or () for each in lookup(THEMES, theme, "theme")]
    if not options.commands:  # these may be meant for another machine
        choose_device(options.device)
    there = missing(chosen or [each for each in EXPERIMENTS.values() if not each.large], options.seed)
    torn, found = [run for run in there if run.torn], [run for run in there if not run.torn]
    for run in torn:
        print(f"convae: {run.reason}", file=sys.stderr)
    if options.commands:
        device = "" if options.device == "auto" else f" --device {options.device}"
        for run in found:
            print(run.command + device)
    else:
        _tell(found)
        for run in found:
            print(f"{run}", flush=True)
            again = bool(run.reason)  # what lies there does not count
            run_experiment(run.experiment, run.seed, device=options.device, progress=sys.stderr.isatty(), again=again)
    if torn:
        names = "; ".join(map(str, torn))
        raise ValueError(f"{counted(len(torn), 'run')} left as found, to be deleted and made again: {names}")


def _tell(found: list[Missing]) -> None:
    """What is to be made, and how long that may take."""
    from convae.experiments.reproducing import counted, duration

    for run in found:
        print(f"{run}: {duration(run.seconds)}" + (f" ({run.reason})" if run.reason else ""))
    unknown = sum(run.seconds is None for run in found)
    if not found:
        told = "nothing to make"
    elif unknown == len(found):
        told = f"{counted(len(found), 'run')} without an estimate"
    else:
        told = f"{counted(len(found), 'run')}, {duration(sum(run.seconds or 0 for run in found))} in all"
        told += f", {unknown} of them without an estimate" if unknown else ""
    print(told, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m convae", description="The experiments of the book, by name.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, function: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=function)
        return added

    def with_device(added: argparse.ArgumentParser) -> None:
        added.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: %(default)s)")

    command("list", _list, "every recipe of the book")
    show = command("show", _show, "one recipe's settings, and the scores of its runs")
    show.add_argument("recipe")
    data = command("data", _data, "download data sets into the user's cache")
    data.add_argument("names", nargs="+", metavar="name", help="mnist, fashion-mnist")
    train = command("train", _train, "train one recipe; an interrupted training goes on")
    train.add_argument("recipe")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--epochs", type=int, help="another number than the recipe's")
    train.add_argument("--batch-size", type=int, help="another number than the recipe's")
    train.add_argument("--data", help="another data set than the recipe's")
    train.add_argument(
        "--validation", type=int, help="pictures kept back; of another data set by default its own share"
    )
    train.add_argument("--folder", type=Path, help=f"where the run goes (default: runs/; a changed recipe's {TRIALS})")
    train.add_argument("--again", action="store_true", help="replace a finished run")
    with_device(train)
    score = command("evaluate", _evaluate, "score a stored net on its test set")
    score.add_argument("recipe")
    score.add_argument("--seed", type=int, default=0)
    score.add_argument("--data", help="another data set than the recipe's")
    with_device(score)
    reproduce = command("reproduce", _reproduce, "every run that is not in runs/ yet and needs no GPU, or those named")
    reproduce.add_argument("recipes", nargs="*", metavar="recipe")
    told = f"those of a chapter; may be given several times: {', '.join(THEMES)}"
    reproduce.add_argument("--only", metavar="theme", action="append", help=told)
    reproduce.add_argument("--seed", type=int, action="append", help="this seed alone; may be given several times")
    reproduce.add_argument("--commands", action="store_true", help="run nothing, print one shell command a run")
    with_device(reproduce)
    return parser


if __name__ == "__main__":
    sys.exit(main())

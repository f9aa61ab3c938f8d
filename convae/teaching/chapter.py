"""What the chapters of the book need beyond the package: a word on what is shown, and numbers for the prose."""

from __future__ import annotations

import copy
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from IPython.display import HTML, display
from torch import nn

from convae.data import ImageSet, Splits
from convae.data.samples import SAMPLES
from convae.experiments import RECIPES, STUDIES
from convae.experiments.runs import load_runs, runs_folder
from convae.models import build
from convae.names import lookup
from convae.training.devices import choose_device, describe
from convae.training.loop import evaluate, fit

__all__ = ["caption", "glue", "glue_cost", "name_sample", "train_it_yourself"]


def name_sample(splits: Splits) -> None:
    """One grey line: which sample the pictures of a page are of, and that stored nets saw the whole set.

    Raises:
        ValueError: these are no sample.
    """
    of = lookup(SAMPLES, splits.name, "sample").of.title().replace("Mnist", "MNIST")
    display(
        HTML(
            f'<p class="convae-sample">The pictures shown are from a sample of {of} that comes with the package. '
            "The nets of stored runs were trained and scored on the whole set.</p>"
        )
    )


def caption(name: str, text: str) -> None:
    """What a figure says that cannot carry a caption itself, a widget, and the name by which the text refers to it."""
    display(HTML(f'<p class="convae-caption" id="fig-{html.escape(name)}">{html.escape(text)}</p>'))


NOTE = "application/vnd.convae.note+json"  # what a glued text carries beside itself


@dataclass(frozen=True)
class _Noted:
    text: str
    note: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {"text/plain": f"'{self.text}'", NOTE: self.note}


def glue(values: Mapping[str, str], runs: Sequence[str] = ()) -> None:
    """Prints each text with its name, and hands it to the page, whose prose shows it by the role of that name.

    A number below zero gets a minus sign in the place of the hyphen; on the page no line ends before or behind a ±.

    Outside the book (Colab has no myst-nb) it only prints.

    Args:
        runs: What the numbers were measured on; the page says so, with their seeds, to whoever points at a number.

    Raises:
        TypeError: a value is no text: numbers are rounded where they are made, not by chance.
    """
    if not isinstance(values, Mapping):
        raise TypeError(f'values are {values!r}: give each text its name, as in {{"error": "0.0043"}}')
    for name, value in values.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} is {value!r}: give the text as the prose shall show it, rounded, with its unit")
    texts = {name: re.sub(r"^-(?=\d)", "−", value) for name, value in values.items()}
    for name, text in texts.items():
        print(f"{name}: {text}")
    try:
        import myst_nb
    except ImportError:
        return
    note = "; ".join(map(_with_seeds, runs))
    for name, text in texts.items():
        unbroken = text.replace(" ± ", "\u00a0±\u00a0")
        myst_nb.glue(name, _Noted(unbroken, f"Measured on {note}" if note else ""), display=False)


def _with_seeds(run: str) -> str:
    """Its name, and how many seeds of it are stored; a study has the seeds of its nets in one table."""
    count = len(load_runs(run))
    return run if run in STUDIES and count == 1 else f"{run}, {count} seed{'s' * (count > 1)}"


def glue_cost(chapter: str) -> None:
    """Glues `cost_seconds` and `cost_megabytes`: what running a chapter took when it was last measured.

    The table is runs/chapters.json, which `python -m benchmarks` writes.

    Raises:
        ValueError: a chapter that was not measured.
    """
    table = json.loads((runs_folder() / "chapters.json").read_text(encoding="utf-8"))
    measured = lookup(table, chapter, "measured chapter")
    glue({"cost_seconds": f"{measured['seconds']:.0f}", "cost_megabytes": f"{measured['megabytes']:.0f}"})


def train_it_yourself(name: str, splits: Splits, epochs: int, seed: int = 0) -> nn.Module:
    """Trains a recipe on these pictures, on a GPU where there is one; says beforehand how long it will take.

    Nothing is stored: what is trained for the record is trained by python -m convae train.

    Args:
        epochs: To train for; the time of the recipe's own number is announced as well.

    Raises:
        TypeError: pictures that are no Splits.
        ValueError: no such recipe, or no whole number of epochs.
    """
    if not isinstance(splits, Splits):
        raise TypeError(f"splits of type {type(splits).__name__}: give all three parts, as load() returns them")
    if not isinstance(epochs, int) or epochs < 1:
        raise ValueError(f"epochs is {epochs!r}: give a whole number, at least 1")
    recipe, device = lookup(RECIPES, name, "recipe"), choose_device()
    train, test = splits.train.to(device), splits.test.to(device)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = build(recipe.model).to(device)

    def train_for(net: nn.Module, pictures: ImageSet, count: int) -> float:
        """Seconds of the last epoch."""
        optimizer = recipe.make_optimizer(net)
        history = fit(net, recipe.task, pictures, optimizer, epochs=count, batch_size=recipe.batch_size, seed=seed)
        return history.seconds[-1]

    few = train[: 20 * recipe.batch_size]  # enough to tell the pace; the first epoch is slower than the rest
    epoch = train_for(copy.deepcopy(model), few, 2) * len(train) / len(few)
    print(f"On {describe(device)} an epoch of {len(train):,} pictures takes about {epoch:.1f} s:")
    print(
        f"{epochs} of them about {epochs * epoch:.0f} s, "
        f"the recipe's {recipe.epochs} about {recipe.epochs * epoch:.0f} s."
    )
    train_for(model, train, epochs)
    scores = evaluate(model, recipe.task, test, batch_size=250)  # of a U-Net's maps a thousand pictures take 0.4 GB
    mse, mean = scores["mse"].mean(), train.images.double().mean(0) / 255
    always = (test.all().images - mean).square().mean()
    print(f"Test MSE after {epochs} epoch{'s' * (epochs > 1)}: {mse:.4f}; the mean training picture has {always:.4f}")
    return model

"""Interpolated pictures "to enlarge the data set": does a classifier with few labels get better by them?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from convae.models import build
from convae.tasks import Classification
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from torch import Tensor

    from convae.data import ImageSet, Splits
    from convae.recipes import AugmentationStudy
    from convae.studies.nets import Nets, Rows


def study_augmentation(study: AugmentationStudy, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
    """Trains the classifier on few labels, for the same number of steps with and without interpolated pictures.

    Returns:
        Rows by "<labels a class>/none", "<labels>/with/<method>" and "<labels>/only/<method>": `accuracy` on the test
        set, a list over seeds. Nothing is kept.
    """
    rows: Rows = {}
    for count in study.labels:
        for seed in range(study.repeats):
            real = label_subset(splits.train, count, seed)
            _add(rows, f"{count}/none", train_and_score(study, real, splits.test, seed))
            for method in study.methods:
                extra = between_pairs(real, study.extra * len(real), method, nets, seed)
                _add(rows, f"{count}/with/{method}", train_and_score(study, join(real, extra), splits.test, seed))
                _add(rows, f"{count}/only/{method}", train_and_score(study, extra, splits.test, seed))
    return rows, {}


def label_subset(images: ImageSet, count: int, seed: int) -> ImageSet:
    """So many pictures of every class, drawn by the seed.

    Raises:
        ValueError: a class has fewer.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = []
    for number in images.labels.unique():
        own = (images.labels == number).nonzero().flatten()
        if not 1 <= count <= len(own):
            raise ValueError(f"{count} pictures of class {int(number)}: it has {len(own)}, ask for 1 to that many")
        chosen.append(own[torch.randperm(len(own), generator=generator)[:count]])
    return images[torch.cat(chosen)]


@torch.no_grad()
def between_pairs(images: ImageSet, count: int, method: str, nets: Nets, seed: int) -> ImageSet:
    """Pictures between two random ones of a class, at a random place on the way, with the label of that class.

    Args:
        method: "pixels", or the name of a recipe whose code is used.
    """
    generator = torch.Generator().manual_seed(seed)
    pictures = images.all().images
    first = torch.randint(len(images), (count,), generator=generator)
    labels = images.labels[first]
    second = torch.empty_like(first)
    for number in images.labels.unique():
        own, wanted = (images.labels == number).nonzero().flatten(), labels == number
        second[wanted] = own[torch.randint(len(own), (int(wanted.sum()),), generator=generator)]
    place = torch.rand(count, generator=generator)
    model = None if method == "pixels" else nets(method, 0)
    ends = pictures if model is None else model.encode(pictures)
    between = torch.lerp(ends[first], ends[second], place.view(-1, *[1] * (ends.ndim - 1)))
    made = between if model is None else model.decode(between)
    return replace(images, images=(made * 255).round().byte(), labels=labels)


def join(first: ImageSet, second: ImageSet) -> ImageSet:
    """The pictures of two sets of the same classes, one set behind the other."""
    return replace(
        first, images=torch.cat([first.images, second.images]), labels=torch.cat([first.labels, second.labels])
    )


def train_and_score(study: AugmentationStudy, images: ImageSet, test: ImageSet, seed: int) -> float:
    """Accuracy on the test set after a fixed number of steps, however many pictures there are."""
    torch.manual_seed(seed)
    model = build("classifier")
    fit(
        model,
        Classification(),
        images,
        torch.optim.Adam(model.parameters(), study.learning_rate),
        epochs=max(1, round(study.steps * study.batch_size / len(images))),
        batch_size=study.batch_size,
        seed=seed,
        decay=True,
    )
    return evaluate(model, Classification(), test)["accuracy"].mean().item()


def _add(rows: Rows, name: str, accuracy: float) -> None:
    rows.setdefault(name, {"accuracy": []})["accuracy"].append(accuracy)

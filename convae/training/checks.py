"""What people really pass to `fit` and `evaluate`, refused in a sentence before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from convae.data import ImageSet, Splits
from convae.models.modes import modes_kept

if TYPE_CHECKING:
    from convae.tasks import Task

__all__ = ["MOST", "check_evaluation", "check_last_batch", "check_training"]

MOST = 10**6  # epochs, and pictures a batch: a number beyond it is a slip


def check_training(
    model: nn.Module,
    task: Task,
    train: ImageSet,
    optimizer: torch.optim.Optimizer,
    watch: Mapping[str, ImageSet] | None,
    checkpoint: Path | None,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
) -> None:
    """Refuses what cannot be trained.

    Raises:
        TypeError: an argument is something else than it has to be.
        ValueError: a number out of its range, no pictures, pictures and net on two devices, or an optimizer of
            another net.
    """
    _check_net(model)
    _check_task(task)
    check_sets(model, train, watch)
    if isinstance(optimizer, type):
        _refuse("the optimizer", optimizer, f"make one of it, {optimizer.__name__}(model.parameters())")
    if not isinstance(optimizer, torch.optim.Optimizer):
        _refuse("the optimizer", optimizer, "give one of torch.optim, as torch.optim.Adam(model.parameters())")
    _check_count("epochs", epochs)
    _check_count("batch_size", batch_size)
    if type(seed) is not int:
        _refuse("seed", seed, "give a whole number of 0 or more")
    if not 0 <= seed < 2**63:
        raise ValueError(f"seed is {seed}: give 0 or more" + f", below {2**63}" * (seed > 0))
    if checkpoint is not None and not isinstance(checkpoint, Path):
        _refuse("checkpoint", checkpoint, f"give a path, as Path({str(checkpoint)!r})")
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    if held.isdisjoint(map(id, model.parameters())):
        raise ValueError("the optimizer holds no parameter of this model: make it of model.parameters()")
    for name, parameter in model.named_parameters():
        if not parameter.isfinite().all():
            raise ValueError(f"the weights {name} of the model are no numbers: build it again")


def check_sets(model: nn.Module, train: ImageSet, watch: Mapping[str, ImageSet] | None) -> None:
    """Refuses sets that a net cannot be trained on, or watched with.

    Raises:
        TypeError: something that is no set, or sets without names.
        ValueError: no pictures to train on, or pictures and net on two devices.
    """
    _check_set("the training set", train)
    if watch is not None and not isinstance(watch, Mapping):
        _refuse("watch", watch, 'give the sets by name, as {"test": images}')
    for name, images in (watch or {}).items():
        _check_set(f"the watched set {name!r}", images)
        _check_place(model, images)
    if not len(train):
        raise ValueError("the training set has 0 pictures: give at least 1")
    _check_place(model, train)


def check_evaluation(model: nn.Module, task: Task, images: ImageSet, batch_size: int) -> None:
    """Refuses what cannot be scored.

    Raises:
        TypeError: an argument is something else than it has to be.
        ValueError: a batch size out of its range, no pictures, or pictures and net on two devices.
    """
    _check_net(model)
    _check_task(task)
    if not hasattr(task, "measure"):
        _refuse("the task", task, "give one that measures, as Reconstruction()")
    _check_set("the set", images)
    _check_count("batch_size", batch_size)
    _check_place(model, images)


def check_last_batch(model: nn.Module, task: Task, train: ImageSet, batch_size: int) -> None:
    """Refuses batches of one picture where a net takes mean and deviation over batch and map, and a map is 1×1.

    Raises:
        ValueError: so it is; the message names a batch size that works.
    """
    if len(train) % batch_size != 1 and batch_size != 1:
        return

    def refuse(_: nn.Module, inputs: tuple[torch.Tensor]) -> None:
        if inputs[0].numel() == inputs[0].shape[1]:
            remedy = "give at least 2 pictures"
            if len(train) > 1:
                works = next(size for size in range(batch_size + 1, len(train) + 1) if len(train) % size != 1)
                remedy = f"use a batch_size of {works}"
            raise ValueError(
                f"the last batch of {len(train)} pictures by {batch_size} is a single one, and a map of one pixel "
                f"cannot be normalised with it: {remedy}"
            )

    with modes_kept(model):
        normalizing = [part for part in model.train().modules() if isinstance(part, _BatchNorm) and part.training]
        hooks = [part.register_forward_pre_hook(refuse) for part in normalizing]
        model.eval()  # nothing is drawn, no mean moves
        try:
            if hooks:
                with torch.no_grad(), torch.random.fork_rng():
                    task(model, train[:1].all(), torch.Generator(train.images.device).manual_seed(0))
        finally:
            for hook in hooks:
                hook.remove()


def _check_net(model: object) -> None:
    if isinstance(model, type):
        _refuse("the model", model, "make one of it")
    if not isinstance(model, nn.Module):
        _refuse("the model", model, "give an nn.Module, as build makes it")


def _check_task(task: object) -> None:
    if isinstance(task, type):
        _refuse("the task", task, f"make one of it, {task.__name__}(…)")
    if not isinstance(task, Callable) or isinstance(task, nn.Module):  # type: ignore[arg-type]
        _refuse("the task", task, "give one of convae.tasks, as Reconstruction()")


def _check_set(what: str, images: object) -> None:
    if isinstance(images, Splits):
        _refuse(what, images, "give one of its parts, as data.train")
    if not isinstance(images, ImageSet):
        _refuse(what, images, "give an ImageSet, as load(…).train is one")


def _check_count(name: str, value: object) -> None:
    if type(value) is not int:
        _refuse(name, value, f"give a whole number from 1 to {MOST - 1:,}")
    if not 1 <= value < MOST:
        raise ValueError(f"{name} is {value}: give a whole number from 1 to {MOST - 1:,}")


def _check_place(model: nn.Module, images: ImageSet) -> None:
    here = images.images.device
    if elsewhere := {parameter.device for parameter in model.parameters()} - {here}:
        raise ValueError(f"the model is on {elsewhere.pop()}, its pictures on {here}: bring both to one, .to(device)")


def _refuse(what: str, value: Any, remedy: str) -> NoReturn:
    if isinstance(value, type):
        given = f"the class {value.__name__}"
    elif isinstance(value, int | float | str | None):
        given = repr(value)
    else:
        given = f"of the type {type(value).__name__}"
    raise TypeError(f"{what} is {given}: {remedy}")

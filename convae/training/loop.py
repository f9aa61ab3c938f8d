"""The training loop, short enough to be read as a whole, and what it leaves behind."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from tqdm import tqdm

from convae.files import check_room
from convae.models.modes import modes_kept
from convae.training.checkpoints import describe_net, load_checkpoint, printed, save_checkpoint
from convae.training.checks import check_evaluation, check_last_batch, check_training
from convae.training.devices import enough_memory
from convae.training.history import STRIDE, WATCHED, History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from convae.data import ImageSet
    from convae.tasks import Task
    from convae.tensors import Batch, PerImage, Scores

__all__ = ["evaluate", "fit", "take_step"]


def fit(
    model: nn.Module,
    task: Task,
    train: ImageSet,
    optimizer: torch.optim.Optimizer,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    watch: Mapping[str, ImageSet] | None = None,
    checkpoint: Path | None = None,
    progress: bool = False,
    decay: bool = False,
) -> History:
    """Trains a model in place, on the device where its pictures are.

    Args:
        model: On that device already, its parameters in the optimizer; each step puts all of it in training mode.
        task: Gives each picture's "loss".
        seed: Of the order of the pictures, of the corruption, and of dropout.
        watch: Sets whose loss is followed, by name.
        checkpoint: Saved here after each epoch; if it is there, training goes on from it, exactly.
        progress: Shows a bar.
        decay: The learning rate falls in a straight line to 0 behind the last batch; the optimizer gets its own back.

    Raises:
        TypeError, ValueError: what cannot be trained, or a checkpoint that is damaged or of another training.
        FloatingPointError: a loss or a weight is no longer a number.
        NotEnoughMemoryError: a batch does not fit.
        OSError: the checkpoint cannot be read or written.
    """
    check_training(model, task, train, optimizer, watch, checkpoint, epochs=epochs, batch_size=batch_size, seed=seed)
    check_last_batch(model, task, train, batch_size)
    watch = watch or {}
    order = torch.Generator().manual_seed(seed)
    noise = torch.Generator(train.images.device).manual_seed(seed + 2**32)  # not the stream that shuffles
    settings: dict[str, object] = {"batch_size": batch_size, "seed": seed, "epochs to decay": epochs if decay else None}
    state = (model, optimizer, {"order": order, "noise": noise}, settings)
    with torch.random.fork_rng(), enough_memory(batch_size), _remedy(checkpoint), _own_rates(optimizer) as rates:
        torch.manual_seed(seed)  # dropout knows no other generator
        if checkpoint:
            settings |= _agreed(model, task, train, optimizer, watch)
        history = _past(checkpoint, *state, epochs)
        if not history.seconds:
            _look(history.epochs, model, task, watch)
        for epoch in range(len(history.seconds), epochs):
            began, losses = time.perf_counter(), []
            bar = tqdm(total=len(train), desc=f"epoch {epoch + 1} of {epochs}", unit="picture", disable=not progress)
            for step, batch in enumerate(train.batches(batch_size, order)):
                if epoch == 0 and step % STRIDE == 0:
                    _look(history.steps, model, task, {name: images[:WATCHED] for name, images in watch.items()})
                if decay:
                    done = (epoch + step / -(-len(train) // batch_size)) / epochs
                    for group, rate in zip(optimizer.param_groups, rates, strict=True):
                        group["lr"] = rate * (1 - done)
                losses.append(take_step(model, task, batch, optimizer, noise))
                bar.update(len(batch.images))
            bar.close()
            history.end_epoch(torch.stack(losses).cpu(), time.perf_counter() - began)  # here a GPU is waited for
            _look(history.epochs, model, task, watch)
            _check_numbers(model, task, optimizer, train[:batch_size])
            if checkpoint:
                save_checkpoint(checkpoint, *state, history)
    return history


def take_step(
    model: nn.Module, task: Task, batch: Batch, optimizer: torch.optim.Optimizer, noise: torch.Generator
) -> Tensor:
    """One step down the gradient of a batch's mean loss, which it gives back."""
    model.train()
    loss = task(model, batch, noise)["loss"].mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()  # not .item(): a GPU would have to wait for each


@torch.no_grad()
def evaluate(model: nn.Module, task: Task, images: ImageSet, batch_size: int = 1000) -> dict[str, PerImage]:
    """Every picture's scores, as `task.measure` gives them, on the CPU; a corruption is the same at each call.

    Raises:
        TypeError: an argument is something else than it has to be.
        ValueError: a batch size out of its range, no pictures, or pictures and net on two devices.
        NotEnoughMemoryError: a batch does not fit.
    """
    check_evaluation(model, task, images, batch_size)
    with enough_memory(batch_size):
        return _gather(task.measure, model, images, batch_size)


def _agreed(
    model: nn.Module, task: Task, train: ImageSet, optimizer: torch.optim.Optimizer, watch: Mapping[str, ImageSet]
) -> dict[str, object]:
    """What a checkpoint has to agree in beside its numbers, so that going on from it is the same training."""
    return {
        "net": describe_net(model),
        "task": printed(task),
        "training set": train.checksum(),
        "optimizer": repr(optimizer),
        "kind of device": train.images.device.type,
        "choice of watched sets": {name: images.checksum() for name, images in watch.items()},
    }


def _past(
    checkpoint: Path | None,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    generators: Mapping[str, torch.Generator],
    settings: Mapping[str, object],
    epochs: int,
) -> History:
    """What is behind a training that may go on; where nothing is, there has to be room for what will be."""
    if not checkpoint:
        return History()
    check_room(checkpoint, 3 * sum(value.nbytes for value in model.state_dict().values()))  # Adam: two moments of each
    if not checkpoint.is_file():
        return History()
    return load_checkpoint(checkpoint, model, optimizer, generators, settings, epochs)


@torch.no_grad()
def _look(curves: dict[str, list[float]], model: nn.Module, task: Task, watch: Mapping[str, ImageSet]) -> None:
    """Adds a point to the curve of each watched set."""
    for name, images in watch.items():
        loss = _gather(task, model, images)["loss"].mean().item()
        if not math.isfinite(loss):
            raise FloatingPointError(f"the loss of {name} is {loss}")
        curves.setdefault(name, []).append(loss)


@torch.no_grad()
def _check_numbers(model: nn.Module, task: Task, optimizer: torch.optim.Optimizer, images: ImageSet) -> None:
    """Refuses to go on, or to keep, what the last step broke: no loss of a later one tells it."""
    kept = list(model.named_parameters())
    kept += [(name, value) for moments in optimizer.state.values() for name, value in moments.items()]
    for name, value in kept:
        if isinstance(value, torch.Tensor) and not value.isfinite().all():
            raise FloatingPointError(f"{name} is no longer made of numbers after the last step of an epoch")
    _look({}, model, task, {"the first pictures after the last step of an epoch": images})


@contextmanager
def _own_rates(optimizer: torch.optim.Optimizer) -> Iterator[list[float]]:
    """Lends the learning rates; the optimizer has them again behind it, for the next training or the same once more."""
    rates = [group["lr"] for group in optimizer.param_groups]
    try:
        yield rates
    finally:
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate


@contextmanager
def _remedy(checkpoint: Path | None) -> Iterator[None]:
    """Says what to do about a loss that is no number."""
    try:
        yield
    except FloatingPointError as error:
        remedy = "use a smaller learning rate"
        if checkpoint and checkpoint.is_file():
            remedy += f", and delete {checkpoint}, which belongs to this one"
        raise FloatingPointError(f"{error}: {remedy}") from error


def _gather(
    score: Callable[[nn.Module, Batch, torch.Generator], Scores],
    model: nn.Module,
    images: ImageSet,
    batch_size: int = 1000,
) -> dict[str, PerImage]:
    if not len(images):
        raise ValueError("a set of 0 pictures has no scores: give at least 1")
    noise = torch.Generator(images.images.device).manual_seed(0)
    with modes_kept(model):
        model.eval()
        scores = [score(model, batch, noise) for batch in images.batches(batch_size)]
    return {name: torch.cat([part[name] for part in scores]).cpu() for name in scores[0]}

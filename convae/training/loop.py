"""The training loop, short enough to be read as a whole, and what it leaves behind."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import torch
from tqdm import tqdm

from convae.training.checkpoints import load_checkpoint, save_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from convae.data import ImageSet
    from convae.tasks import Task
    from convae.tensors import Batch, PerImage, Scores

STRIDE = 20  # batches from one look at the watched pictures to the next, and in one mean of the later losses
WATCHED = 1000  # pictures of each watched set that are looked at inside the first epoch


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
        model: On that device already, its parameters in the optimizer.
        task: Gives each picture's "loss".
        seed: Of the order of the pictures, of the corruption, and of dropout.
        watch: Sets whose loss is followed, by name.
        checkpoint: Saved here after each epoch; if it is there, training goes on from it, exactly.
        progress: Shows a bar.
        decay: The learning rate falls in a straight line, from what the optimizer has to 0 behind the last batch.

    Raises:
        ValueError: no epochs, pictures or parameters to train, or a checkpoint that is torn or of another training.
        FloatingPointError: the loss is no longer a number.
    """
    _check(model, train, optimizer, epochs, seed)
    history, watch = History(), watch or {}
    order = torch.Generator().manual_seed(seed)
    noise = torch.Generator(train.images.device).manual_seed(seed + 2**32)  # not the stream that shuffles
    settings = _settings(task, train, optimizer, batch_size, seed) | {"epochs to decay": epochs if decay else None}
    rates = [group["lr"] for group in optimizer.param_groups]
    state = (model, optimizer, {"order": order, "noise": noise}, settings)
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # dropout knows no other generator
        if checkpoint and checkpoint.is_file():
            history = History(**load_checkpoint(checkpoint, *state))
            history.check_length(epochs, checkpoint)
        else:
            history.look(history.epochs, model, task, watch)
        for epoch in range(len(history.seconds), epochs):
            began, losses = time.perf_counter(), []
            bar = tqdm(total=len(train), desc=f"epoch {epoch + 1} of {epochs}", unit="picture", disable=not progress)
            for step, batch in enumerate(train.batches(batch_size, order)):
                if epoch == 0 and step % STRIDE == 0:
                    history.look(history.steps, model, task, {name: images[:WATCHED] for name, images in watch.items()})
                if decay:
                    done = (epoch + step / -(-len(train) // batch_size)) / epochs
                    for group, rate in zip(optimizer.param_groups, rates, strict=True):
                        group["lr"] = rate * (1 - done)
                model.train()
                loss = task(model, batch, noise)["loss"].mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.detach())  # not .item(): a GPU would have to wait for each
                bar.update(len(batch.images))
            bar.close()
            history.end_epoch(torch.stack(losses).cpu(), time.perf_counter() - began)  # here a GPU is waited for
            history.look(history.epochs, model, task, watch)
            if checkpoint:
                save_checkpoint(checkpoint, *state, asdict(history))
    return history


@torch.no_grad()
def evaluate(model: nn.Module, task: Task, images: ImageSet, batch_size: int = 1000) -> dict[str, PerImage]:
    """Every picture's scores, as `task.measure` gives them, on the CPU; a corruption is the same at each call.

    Raises:
        ValueError: no pictures.
    """
    return _gather(task.measure, model, images, batch_size)


@dataclass
class History:
    """What happened while a net was trained. Losses are means over images.

    Args:
        batches: Loss of each batch of the first epoch, then the mean over every 20 batches.
        steps: By watched set, the loss of its first 1,000 pictures before every 20th batch of the first epoch.
        epochs: By watched set, the loss of all its pictures before training and after each epoch.
        seconds: Time of each epoch, without the look at the whole watched sets that follows it.
    """

    batches: list[float] = field(default_factory=list)
    steps: dict[str, list[float]] = field(default_factory=dict)
    epochs: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def check_length(self, epochs: int, checkpoint: Path) -> None:
        """Refuses to go on to an epoch that is past already."""
        if len(self.seconds) > epochs:
            raise ValueError(
                f"{checkpoint} has {len(self.seconds)} epochs behind it: ask for at least as many, "
                f"not {epochs}, or delete it to start again"
            )

    @torch.no_grad()
    def look(self, curves: dict[str, list[float]], model: nn.Module, task: Task, watch: Mapping[str, ImageSet]) -> None:
        """Adds a point to the curve of each watched set."""
        for name, images in watch.items():
            curves.setdefault(name, []).append(_gather(task, model, images)["loss"].mean().item())

    def end_epoch(self, losses: Tensor, seconds: float) -> None:
        """Adds an epoch's losses, [batches]."""
        if not losses.isfinite().all():
            bad = int((~losses.isfinite()).nonzero()[0])
            raise FloatingPointError(
                f"the loss of batch {bad + 1} in epoch {len(self.seconds) + 1} is {losses[bad].item()}: "
                "use a smaller learning rate"
            )
        parts = torch.split(losses, STRIDE if self.seconds else 1)
        self.batches += [part.mean().item() for part in parts]
        self.seconds.append(seconds)


def _settings(
    task: Task, train: ImageSet, optimizer: torch.optim.Optimizer, batch_size: int, seed: int
) -> dict[str, object]:
    """What a checkpoint has to agree in, so that going on from it is the same training."""
    return {
        "task": repr(task),
        "training set": train.checksum(),
        "optimizer": repr(optimizer),
        "batch_size": batch_size,
        "seed": seed,
    }


def _check(model: nn.Module, train: ImageSet, optimizer: torch.optim.Optimizer, epochs: int, seed: int) -> None:
    if epochs < 1:
        raise ValueError(f"{epochs} epochs: train for at least 1")
    if seed < 0:
        raise ValueError(f"seed is {seed}: give 0 or more")
    if not len(train):
        raise ValueError("the training set has 0 pictures: give at least 1")
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    if held.isdisjoint(map(id, model.parameters())):
        raise ValueError("the optimizer holds no parameter of this model: make it of model.parameters()")


def _gather(
    score: Callable[[nn.Module, Batch, torch.Generator], Scores],
    model: nn.Module,
    images: ImageSet,
    batch_size: int = 1000,
) -> dict[str, PerImage]:
    if not len(images):
        raise ValueError("a set of 0 pictures has no scores: give at least 1")
    was_training = model.training
    model.eval()
    noise = torch.Generator(images.images.device).manual_seed(0)
    scores = [score(model, batch, noise) for batch in images.batches(batch_size)]
    model.train(was_training)
    return {name: torch.cat([part[name] for part in scores]).cpu() for name in scores[0]}

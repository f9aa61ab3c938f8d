"""The training loop, short enough to be read as a whole, and what it leaves behind."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import torch
from tqdm import tqdm

from convae.checkpoints import load_checkpoint, save_checkpoint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from convae.data import ImageSet
    from convae.tasks import Task
    from convae.tensors import PerImage

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
) -> History:
    """Trains a model in place, on the device where its pictures are.

    Args:
        model: On that device already, its parameters in the optimizer.
        task: Gives each picture's "loss".
        seed: Of the order of the pictures, of the corruption, and of dropout.
        watch: Sets whose loss is followed, by name.
        checkpoint: Saved here after each epoch; if it is there, training goes on from it, exactly.
        progress: Shows a bar.

    Raises:
        ValueError: no epochs.
        FloatingPointError: the loss is no longer a number.
    """
    if epochs < 1:
        raise ValueError(f"{epochs} epochs: train for at least 1")
    history, watch = History(), watch or {}
    order = torch.Generator().manual_seed(seed)
    noise = torch.Generator(train.images.device).manual_seed(seed + 2**32)  # not the stream that shuffles
    state = (model, optimizer, {"order": order, "noise": noise})
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # dropout knows no other generator
        if checkpoint and checkpoint.is_file():
            history = History(**load_checkpoint(checkpoint, *state))
        else:
            history.look(history.epochs, model, task, watch)
        for epoch in range(len(history.seconds), epochs):
            began, losses = time.perf_counter(), []
            bar = tqdm(total=len(train), desc=f"epoch {epoch + 1} of {epochs}", unit="picture", disable=not progress)
            for step, batch in enumerate(train.batches(batch_size, order)):
                if epoch == 0 and step % STRIDE == 0:
                    history.look(history.steps, model, task, {name: images[:WATCHED] for name, images in watch.items()})
                model.train()
                loss = task(model, batch, noise)["loss"].mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.detach())  # not .item(): a GPU would have to wait for each
                bar.update(len(batch.images))
            bar.close()
            history.end_epoch(torch.stack(losses), time.perf_counter() - began)
            history.look(history.epochs, model, task, watch)
            if checkpoint:
                save_checkpoint(checkpoint, *state, asdict(history))
    return history


@torch.no_grad()
def evaluate(model: nn.Module, task: Task, images: ImageSet, batch_size: int = 1000) -> dict[str, PerImage]:
    """Every picture's scores, as `task.measure` gives them, on the CPU; a corruption is the same at each call."""
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

    @torch.no_grad()
    def look(
        self, curves: dict[str, list[float]], model: nn.Module, task: Task, watch: Mapping[str, ImageSet]
    ) -> None:
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
        parts = losses.split(STRIDE if self.seconds else 1)
        self.batches += [part.mean().item() for part in parts]
        self.seconds.append(seconds)


def _gather(score: Task, model: nn.Module, images: ImageSet, batch_size: int = 1000) -> dict[str, PerImage]:
    was_training = model.training
    model.eval()
    noise = torch.Generator(images.images.device).manual_seed(0)
    scores = [score(model, batch, noise) for batch in images.batches(batch_size)]
    model.train(was_training)
    return {name: torch.cat([part[name] for part in scores]).cpu() for name in scores[0]}

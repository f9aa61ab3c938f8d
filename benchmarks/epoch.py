"""An epoch of `fit` beside the same steps on one batch that lies ready (limit: 15 % slower), on the CPU."""

import time
from collections.abc import Callable
from statistics import median

import torch

from convae.data import ImageSet
from convae.experiments import RECIPES
from convae.models import build
from convae.teaching.tables import Table
from convae.training.loop import fit

RECIPE = RECIPES["robledo-two-layer"]


def epoch(train: ImageSet) -> None:
    """Shuffled pictures that become floats a batch at a time."""
    model = build(RECIPE.model)
    fit(model, RECIPE.task, train, RECIPE.make_optimizer(model), epochs=1, batch_size=RECIPE.batch_size, seed=0)


def resident(train: ImageSet) -> None:
    """As many steps, all of them on the first batch."""
    model = build(RECIPE.model).train()
    optimizer, noise = RECIPE.make_optimizer(model), torch.Generator().manual_seed(0)
    batch = next(train.batches(RECIPE.batch_size))
    for _ in range(0, len(train), RECIPE.batch_size):
        loss = RECIPE.task(model, batch, noise)["loss"].mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def seconds(work: Callable[[ImageSet], None], train: ImageSet) -> tuple[float, float]:
    """By the clock and by the processor."""
    began = time.perf_counter(), time.process_time()
    work(train)
    return time.perf_counter() - began[0], time.process_time() - began[1]


def measure(pictures: int = 12_800, repeats: int = 9) -> Table:
    noise = torch.Generator().manual_seed(0)
    images = torch.randint(256, (pictures, 1, 28, 28), dtype=torch.uint8, generator=noise)
    train = ImageSet(images, torch.zeros(pictures, dtype=torch.int64), ("noise",))
    epoch(train[: RECIPE.batch_size])  # the first optimiser of a process imports for seconds
    pairs = [(seconds(epoch, train), seconds(resident, train)) for _ in range(repeats)]
    rows = []
    for index, kind in enumerate(("clock", "processor")):
        for name, side in {"epoch": 0, "resident batch": 1}.items():
            values = [pair[side][index] for pair in pairs]
            rows.append([f"{name}, {kind}", *(f"{pick(values):.3f} s" for pick in (median, min, max))])
        ratios = [first[index] / second[index] for first, second in pairs]
        rows.append([f"ratio, {kind}", *(f"{pick(ratios):.3f}" for pick in (median, min, max))])
    return Table([f"{pictures:,} pictures, {repeats} pairs", "median", "least", "most"], rows)


if __name__ == "__main__":
    print(measure())

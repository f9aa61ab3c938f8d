"""An epoch of many dense nets by `fit_many` beside the same nets one after the other by `fit`.

On the GPU if there is one; a whole grid of 361 nets there: python -c "from benchmarks import ensembles;
print(ensembles.measure(361, 60_000))".
"""

import time
from collections.abc import Callable
from statistics import median

import torch

from convae.data import ImageSet
from convae.models import Autoencoder, dense_autoencoder
from convae.tasks import Reconstruction
from convae.teaching.tables import Table
from convae.training.devices import choose_device, describe
from convae.training.ensembles import Member, fit_many
from convae.training.loop import fit

BATCH = 1000
MEMBER = Member(0.95, 0.95)


def together(nets: list[Autoencoder], train: ImageSet) -> None:
    """One batched product for all."""
    fit_many(nets, train, [MEMBER] * len(nets), epochs=1, batch_size=BATCH)


def one_by_one(nets: list[Autoencoder], train: ImageSet) -> None:
    """Each by itself."""
    for net in nets:
        optimizer = torch.optim.SGD(net.parameters(), MEMBER.rate, momentum=MEMBER.momentum)
        fit(net, Reconstruction(), train, optimizer, epochs=1, batch_size=BATCH, seed=MEMBER.seed)


def measure(nets: int = 19, pictures: int = 10_000, repeats: int = 3) -> Table:
    """In turns, each way with new nets; what the pictures show does not matter."""
    device = choose_device()
    levels = torch.randint(256, (pictures, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    train = ImageSet(levels, torch.zeros(pictures, dtype=torch.int64), ("digit",)).to(device)
    ways: tuple[Callable[[list[Autoencoder], ImageSet], None], ...] = (together, one_by_one)
    taken: dict[str, list[float]] = {way.__name__: [] for way in ways}
    for turn in range(repeats + 1):
        for way in ways:
            made = [dense_autoencoder(64, 0.1, activation="sigmoid").to(device) for _ in range(nets)]
            began = time.perf_counter()
            way(made, train)
            took = _told(made) - began
            if turn:  # the first warms up
                taken[way.__name__].append(took)
    first, second = (median(taken[way.__name__]) for way in ways)
    return Table(
        [f"{nets} nets, {pictures:,} pictures, {describe(device)}", "an epoch"],
        [["together", f"{first:.4f} s"], ["one by one", f"{second:.4f} s"], ["ratio", f"{first / second:.3f}"]],
    )


def _told(nets: list[Autoencoder]) -> float:
    """The time when the last weight is there: a GPU works on after its call came back."""
    for net in nets:
        next(net.parameters()).sum().item()
    return time.perf_counter()

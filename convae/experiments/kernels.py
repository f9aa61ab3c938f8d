"""The two-layer net with other activations, and dense nets so deep that their gradient may get lost."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from convae.experiments.experiment import Nets, Rows
from convae.experiments.study import Study
from convae.experiments.two_layer import TWO_LAYER
from convae.models import build
from convae.names import lookup
from convae.tasks import Reconstruction
from convae.training.history import STRIDE
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from convae.data import ImageSet, Splits

NETS = {
    "ReLU": "robledo-two-layer",
    "tanh": "robledo-tanh",
    "sigmoid": "robledo-sigmoid",
    "no activation": "robledo-linear",
}
MAPPED = 200  # digits under random kernels
COUNTED = ("robledo-two-layer", "robledo-three-layer", "robledo-max-pool")
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "ReLU": torch.relu,
}
# Activation, and the gain of its first weights; 0 stands for PyTorch's own.
DRAWN = (
    ("sigmoid", 0.0),
    ("sigmoid", 4.0),
    ("sigmoid", 11.0),
    ("tanh", 0.0),
    ("tanh", 1.0),
    ("ReLU", 0.0),
    ("ReLU", math.sqrt(2)),
)
Optimizers: TypeAlias = dict[str, tuple[type[torch.optim.Optimizer], tuple[float, ...]]]
OPTIMIZERS: Optimizers = {
    "SGD": (torch.optim.SGD, (0.01, 0.03, 0.1, 0.3, 1.0)),
    "Adam": (torch.optim.Adam, (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)),
}


@dataclass(frozen=True)
class ActivationStudy(Study):
    """The two-layer net with each activation at several learning rates, and numbers that are exactly 0.

    Args:
        nets: Names in NETS.
        rates: Adam's, for one epoch.
        repeats: Seeds of these.
        reached: Mean squared error on the first validation pictures; the batches until then are counted.
        longer: Names in NETS that are trained for many epochs, too, at another rate than the report's.
        pictures: Of the test set, in which numbers that are 0 are counted.
    """

    nets: tuple[str, ...] = tuple(NETS)
    rates: tuple[float, ...] = (0.001, 0.003, 0.01, 0.03, 0.1)
    repeats: int = 3
    reached: float = 0.01
    longer: tuple[str, ...] = ("ReLU", "sigmoid")
    longer_rate: float = 0.003
    longer_epochs: int = TWO_LAYER.epochs
    batch_size: int = TWO_LAYER.batch_size
    pictures: int = 10_000
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, nets=(name,)) for name in self.nets)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trains each net at each rate for an epoch, some of them on; counts zeros in nets that others have trained.

        Returns:
            Rows "<activation>/<rate>" of lists over seeds: `validation` and `test` MSE after the epoch, and `batches`
            until the error was reached, a multiple of 20, or all of them and 20 where it was not; "<activation>/longer"
            with one `validation` and one `test`; "zeros/<net>" and "zeros/start" of shares; "maps" of random kernels,
            over seeds.
        """
        rows: Rows = {}
        for name in self.nets:
            for rate in self.rates:
                scores = [self.train(name, rate, 1, seed, splits) for seed in range(self.repeats)]
                rows[f"{name}/{rate:g}"] = {part: [each[part] for each in scores] for part in scores[0]}
            if name in self.longer:
                scores = [self.train(name, self.longer_rate, self.longer_epochs, 0, splits)]
                rows[f"{name}/longer"] = {part: scores[0][part] for part in ("validation", "test")}
        pictures = splits.test[: self.pictures]
        rows |= {f"zeros/{name}": zeros(nets(name, 0), pictures) for name in COUNTED}
        rows["zeros/start"] = at_the_kink(splits.train[: self.pictures])
        rows["maps"] = alike(splits.test[:MAPPED])
        return rows, {}

    def train(self, name: str, rate: float, epochs: int, seed: int, splits: Splits) -> dict[str, float]:
        """Mean squared errors of one net, and the batches until it came down to the one to reach."""
        torch.manual_seed(seed)
        model = build(lookup(NETS, name, "activation"))
        optimizer = torch.optim.Adam(model.parameters(), rate, weight_decay=TWO_LAYER.weight_decay)
        task, watched = Reconstruction(), {"validation": splits.validation, "test": splits.test}
        history = fit(
            model,
            task,
            splits.train,
            optimizer,
            epochs=epochs,
            batch_size=self.batch_size,
            seed=seed,
            watch={"validation": splits.validation},
        )
        seen = history.steps["validation"]
        batches = STRIDE * next((step for step, error in enumerate(seen) if error <= self.reached), len(seen))
        scores = {part: evaluate(model, task, images)["mse"].mean().item() for part, images in watched.items()}
        return scores | {"batches": batches}


@dataclass(frozen=True)
class DepthStudy(Study):
    """Dense nets of many layers that learn to tell digits apart: what activation, first weights and optimiser do.

    The digits are cut to 24×24 and averaged to 8×8, so that all layers but the last are squares.

    Args:
        rows: Places in DRAWN.
        layers: With weights, the last one to ten classes included.
        steps: The accuracy is also kept after half of them.
        repeats: Seeds, at every learning rate; the rate is chosen by the mean accuracy on the validation pictures.
    """

    rows: tuple[int, ...] = tuple(range(1, len(DRAWN) + 1))
    layers: int = 16
    steps: int = 1000
    batch_size: int = 64
    repeats: int = 3
    data: str = "mnist"

    @property
    def optimizers(self) -> Optimizers:
        """Each with the learning rates that it is tried at."""
        return OPTIMIZERS

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, rows=(row,)) for row in self.rows)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trains the nets of all seeds and learning rates side by side.

        Returns:
            Rows "<activation>/<gain>/<optimiser>": the `rate`, `validation` accuracies by rate, `half` and `test`
            accuracies over seeds at that rate; "<activation>/<gain>/start": share of `flat` units over seeds.
        """
        table: Rows = {}
        watched = {part: small_digits(getattr(splits, part)) for part in ("train", "validation", "test")}
        for row in self.rows:
            name, gain = DRAWN[row - 1]
            for method, (kind, rates) in self.optimizers.items():
                deep = DeepNets(name, gain, self.layers, self.repeats, len(rates))
                if method == "SGD":
                    table[f"{name}/{gain:.3g}/start"] = {"flat": deep.flat(watched["train"][0][:500])}
                half = self.train(deep, kind, rates, watched)
                after = {part: deep.accuracy(*watched[part]) for part in ("validation", "test")}
                means = after["validation"].mean(0)  # over seeds, one a rate
                best = int(means.argmax())
                table[f"{name}/{gain:.3g}/{method}"] = {
                    "rate": rates[best],
                    "validation": means.tolist(),
                    "half": half[:, best].tolist(),
                    "test": after["test"][:, best].tolist(),
                }
        return table, {}

    def train(
        self,
        deep: DeepNets,
        kind: type[torch.optim.Optimizer],
        rates: tuple[float, ...],
        watched: dict[str, tuple[Tensor, Tensor]],
    ) -> Tensor:
        """Test accuracies [seeds, rates] after half of the steps; behind all of them the nets are trained."""
        inputs, labels = watched["train"]
        optimizer = kind(deep.parameters, lr=1.0)  # type: ignore[call-arg]
        scale = torch.tensor(rates).repeat(self.repeats)[:, None, None]
        chance = [torch.Generator().manual_seed(seed) for seed in range(self.repeats)]
        half = torch.empty(0)
        for step in range(self.steps):
            if step == self.steps // 2:
                half = deep.accuracy(*watched["test"])
            chosen = torch.stack([torch.randint(len(inputs), (self.batch_size,), generator=each) for each in chance])
            chosen = chosen.repeat_interleave(len(rates), 0)  # the nets of a seed see the same pictures at every rate
            out = deep(inputs[chosen])
            loss = functional.cross_entropy(out.flatten(0, 1), labels[chosen].flatten(), reduction="none")
            optimizer.zero_grad()
            (loss.sum() / self.batch_size).backward()  # each net has its own parameters: a sum is all of their losses
            before = [each.detach().clone() for each in deep.parameters]
            optimizer.step()
            with torch.no_grad():  # a step of Adam or SGD is in proportion to its rate: each net takes its share
                for parameter, old in zip(deep.parameters, before, strict=True):
                    parameter.copy_(torch.lerp(old, parameter, scale))
        return half


@dataclass(frozen=True)
class FasterDepthStudy(DepthStudy):
    """The same by SGD at larger rates, for the rows that learn next to nothing at those of "depth".

    Args:
        rates: Learning rates, all above the largest one there.
    """

    rows: tuple[int, ...] = (1, 2, 4, 6)
    rates: tuple[float, ...] = (3.0, 10.0, 30.0, 100.0)

    @property
    def optimizers(self) -> Optimizers:
        return {"SGD": (torch.optim.SGD, self.rates)}


class DeepNets:
    """Dense nets of 64 numbers a layer, all seeds at all learning rates side by side.

    Args:
        name: Activation, in FUNCTIONS.
        gain: Normal weights of standard deviation gain / √64 and biases 0; with 0 both as PyTorch draws them.
    """

    def __init__(self, name: str, gain: float, layers: int, seeds: int, rates: int, width: int = 64) -> None:
        self.activation, self.seeds = lookup(FUNCTIONS, name, "activation"), seeds
        drawn = [self._drawn(gain, layers, width, seed) for seed in range(seeds)]
        self.parameters = [
            torch.stack(same).repeat_interleave(rates, 0).requires_grad_() for same in zip(*drawn, strict=True)
        ]

    @staticmethod
    def _drawn(gain: float, layers: int, width: int, seed: int) -> list[Tensor]:
        torch.manual_seed(seed)
        numbers = []
        for layer in range(layers):
            linear = nn.Linear(width, width if layer + 1 < layers else 10)
            if gain:
                # The last layer has no activation behind it, and so no gain:
                nn.init.normal_(linear.weight, std=(gain if layer + 1 < layers else 1) / math.sqrt(width))
                nn.init.zeros_(linear.bias)
            numbers += [linear.weight.detach().T, linear.bias.detach()[None]]
        return numbers

    def __call__(self, inputs: Tensor) -> Tensor:
        """Ten numbers each [nets, N, 10] for inputs [nets or 1, N, 64]."""
        numbers = inputs
        for weight, bias in zip(self.parameters[:-2:2], self.parameters[1:-2:2], strict=True):
            numbers = self.activation(numbers @ weight + bias)
        return numbers @ self.parameters[-2] + self.parameters[-1]

    @torch.no_grad()
    def accuracy(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """Share of pictures told right [seeds, rates]; nets that have left the numbers tell none."""
        right = [(self(part[None]).argmax(2) == own).double().sum(1) for part, own in _pieces(inputs, labels)]
        finite = torch.stack([each.isfinite().flatten(1).all(1) for each in self.parameters]).all(0)
        return (torch.stack(right).sum(0) / len(inputs) * finite).view(self.seeds, -1)

    def flat(self, inputs: Tensor) -> list[float]:
        """Share of units whose slope is below a tenth of the activation's largest, in all layers, over seeds."""
        numbers, slopes = inputs[None], []
        for weight, bias in zip(self.parameters[:-2:2], self.parameters[1:-2:2], strict=True):
            before = (numbers @ weight + bias).detach().requires_grad_()
            numbers = self.activation(before)
            (slope,) = torch.autograd.grad(numbers.sum(), before)
            numbers = numbers.detach()
            slopes.append(slope)
        steepest = 0.25 if self.activation is torch.sigmoid else 1.0
        shares = (torch.stack(slopes) < 0.1 * steepest).double().mean((0, 2, 3))
        return shares.view(self.seeds, -1)[:, 0].tolist()


def small_digits(images: ImageSet) -> tuple[Tensor, Tensor]:
    """Pictures of 28×28 as 64 numbers [N, 64] of mean 0 and variance 1 in all, and their labels."""
    batch = images.all()
    small = functional.avg_pool2d(batch.images[..., 2:26, 2:26], 3).flatten(1)
    return (small - small.mean()) / small.std(), batch.labels


def _pieces(inputs: Tensor, labels: Tensor) -> list[tuple[Tensor, Tensor]]:
    return list(zip(inputs.split(1000), labels.split(1000), strict=True))


@torch.no_grad()
def zeros(model: nn.Module, pictures: ImageSet) -> dict[str, float]:
    """Share of a net's parameters, and of the numbers behind its ReLUs on these pictures, that are exactly 0."""
    parameters = torch.cat([each.flatten() for each in model.parameters()])
    counts = torch.zeros(2, dtype=torch.float64)

    def count(_: nn.Module, __: object, output: Tensor) -> None:
        counts.add_(torch.tensor([(output == 0).sum(), output.numel()], dtype=torch.float64))

    handles = [layer.register_forward_hook(count) for layer in model.modules() if isinstance(layer, nn.ReLU)]
    for batch in pictures.batches(1000):
        model(batch.images)
    for handle in handles:
        handle.remove()
    return {"parameters": (parameters == 0).double().mean().item(), "activations": (counts[0] / counts[1]).item()}


@torch.no_grad()
def at_the_kink(pictures: ImageSet) -> dict[str, float]:
    """Share of the two-layer net's first numbers that are exactly 0 before any training, where ReLU has no derivative:
    with PyTorch's random biases, and with biases of 0."""
    torch.manual_seed(0)
    layer = nn.Conv2d(1, 8, 3, 3)  # as the two-layer net begins
    shares = {}
    for biases in ("random", "zero"):
        if biases == "zero" and layer.bias is not None:
            nn.init.zeros_(layer.bias)
        shares[biases] = sum(
            (layer(batch.images) == 0).double().mean().item() * len(batch.images) for batch in pictures.batches(1000)
        ) / len(pictures)
    return shares


@torch.no_grad()
def alike(pictures: ImageSet, seeds: int = 20) -> dict[str, list[float]]:
    """How alike the eight maps of a first layer are before any training, over seeds: the mean `correlation` of two of
    them, without its sign, and the share of pairs that are `apart`: have less than half of their variance in common."""
    found: dict[str, list[float]] = {"correlation": [], "apart": []}
    images = pictures.all().images
    for seed in range(seeds):
        torch.manual_seed(seed)
        maps = nn.Conv2d(1, 8, 3, 2, 1)(images).flatten(2)
        pairs = torch.stack([each.corrcoef()[torch.triu(torch.ones(8, 8), 1) > 0] for each in maps.double()])
        found["correlation"].append(pairs.abs().mean().item())
        found["apart"].append((pairs**2 < 0.5).double().mean().item())
    return found


EXPERIMENTS = (
    *(replace(TWO_LAYER, name=name, model=name) for name in ("robledo-sigmoid", "robledo-tanh", "robledo-linear")),
    ActivationStudy("activations"),
    DepthStudy("depth"),
    FasterDepthStudy("depth-faster"),
)

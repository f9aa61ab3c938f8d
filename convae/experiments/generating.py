"""Pictures out of drawn codes: how like real ones they are to a classifier, and what that costs in reconstruction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import torch
from torch import Tensor

from convae.baselines import linear
from convae.experiments.experiment import Nets, Rows
from convae.experiments.looking_at_the_code import BOTTLENECK, Judge
from convae.experiments.study import Study
from convae.latent import encode_all, sample
from convae.measures.distances import frechet
from convae.models import WIDTHS, variational_autoencoder
from convae.tasks import Variational
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from convae.data import Splits
    from convae.models import Autoencoder
    from convae.tensors import Codes, Images

FITTED = 10_000  # codes that a mixture is fitted to: more of them change nothing and take minutes
STRIP = 20  # pictures of each generator that are kept for the page


@dataclass(frozen=True)
class GenerationStudy(Study):
    """Drawn pictures against real ones, in one table.

    Args:
        nets: Recipes whose codes are drawn from what their training pictures' codes look like.
        single: The same of seed 0 alone, the only one whose weights are kept; its codes are drawn again each time.
        variational: Recipes whose codes are drawn from the standard normal distribution.
        repeats: Seeds of every net.
    """

    nets: tuple[str, ...] = ("bottleneck-32",)
    single: tuple[str, ...] = ("robledo-two-layer",)
    variational: tuple[str, ...] = ("variational-32", "robledo-variational")
    code_size: int = 32
    repeats: int = 5
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Draws as many pictures as there are test pictures, in every way and with every seed.

        Returns:
            Rows by "<net>/<how codes are drawn>" and for real pictures: `frechet` to the test pictures in the judge's
            features and `confidence`, the mean of the judge's largest probability, each a list over seeds; by the same
            names, the first pictures of seed 0 as uint8 [20, 1, 28, 28].
        """
        judge, test = Judge.of(nets), splits.test.all().images
        features = judge.features(test)
        rows: Rows = {}
        kept: dict[str, Tensor] = {}

        def score(name: str, pictures: Images) -> None:
            row = rows.setdefault(name, {"frechet": [], "confidence": []})
            row["frechet"].append(frechet(judge.features(pictures), features))
            row["confidence"].append(judge(pictures).max(1).values.mean().item())
            kept.setdefault(name, (pictures[:STRIP] * 255).round().byte())

        for seed in range(self.repeats):
            order = torch.randperm(len(splits.train), generator=torch.Generator().manual_seed(seed))
            real = splits.train[order]
            score("real/training", real[: len(test)].all().images)
            pca = linear.pca(real[:FITTED], self.code_size)
            members = {name: nets(name, seed) for name in self.nets} | {name: nets(name, 0) for name in self.single}
            for name, model in ({"pca-32": pca} | members).items():
                codes = encode_all(model, real[:FITTED])
                for how, draw in DRAWS.items():
                    score(f"{name}/{how}", decode(model, draw(codes, len(test), seed)))
            for name in self.variational:
                model = nets(name, seed)
                score(f"{name}/prior", decode(model, prior(encode_all(model, real[:2]), len(test), seed)))
        return rows, kept


def prior(codes: Codes, count: int, seed: int) -> Codes:
    """Codes of independent standard normal numbers, of the shape of some others; what these are does not matter."""
    return torch.randn(count, *codes.shape[1:], generator=torch.Generator().manual_seed(seed))


def independent(codes: Codes, count: int, seed: int) -> Codes:
    """Every number drawn from some real code's number at that place, whatever its neighbours are."""
    rows = codes.flatten(1)
    chosen = torch.randint(len(rows), (count, rows.shape[1]), generator=torch.Generator().manual_seed(seed))
    return rows.gather(0, chosen).view(count, *codes.shape[1:])


DRAWS: dict[str, Callable[[Codes, int, int], Codes]] = {
    "independent": independent,
    "gaussian": lambda codes, count, seed: sample(codes, count, 1, seed),
    "mixture": lambda codes, count, seed: sample(codes, count, 20, seed),
}


@torch.no_grad()
def decode(model: Autoencoder, codes: Codes) -> Images:
    """The pictures of many codes, in [0, 1]."""
    return torch.cat([model.decode(part) for part in codes.split(1000)]).clamp(0, 1)


@dataclass(frozen=True)
class TradeoffStudy(Study):
    """The variational net for several σ, one seed each, on the validation pictures."""

    sigmas: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4, 0.8)
    epochs: int = 8
    batch_size: int = 128
    learning_rate: float = 3e-3
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, sigmas=(sigma,)) for sigma in self.sigmas)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trains the variational net once for each σ: what it gains as a generator and loses as an autoencoder.

        Returns:
            Rows by "<σ>": `mse` and `frechet` on the validation pictures, and the codes' `divergence` in nats; by σ,
            the first generated pictures as uint8 [20, 1, 28, 28].
        """
        judge, watched = Judge.of(nets), splits.validation
        features = judge.features(watched.all().images)
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        for sigma in self.sigmas:
            torch.manual_seed(0)
            model = variational_autoencoder(32, WIDTHS)
            task = Variational(sigma)
            optimizer = torch.optim.Adam(model.parameters(), self.learning_rate)
            fit(
                model, task, splits.train, optimizer, epochs=self.epochs, batch_size=self.batch_size, seed=0, decay=True
            )
            model.eval()
            scores = evaluate(model, task, watched)
            pictures = decode(model, prior(torch.zeros(1, 32), len(watched), 0))
            rows[str(sigma)] = {name: values.mean().item() for name, values in scores.items()} | {
                "frechet": frechet(judge.features(pictures), features)
            }
            kept[str(sigma)] = (pictures[:STRIP] * 255).round().byte()
        return rows, kept


VARIATIONAL = replace(BOTTLENECK, name="variational-32", model="variational-32", task=Variational(sigma=0.4))

EXPERIMENTS = (
    VARIATIONAL,
    replace(
        VARIATIONAL,
        name="robledo-variational",
        model="robledo-variational",
        keep_weights=False,
        half_weights=False,
    ),
    TradeoffStudy("variational-tradeoff"),
    GenerationStudy("generation"),
)

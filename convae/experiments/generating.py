"""Pictures out of drawn codes: how like real ones they are to a classifier, and what that costs in reconstruction."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import torch
from torch import Tensor

from convae.baselines import linear
from convae.experiments.experiment import Nets, Rows
from convae.experiments.interpolating import another
from convae.experiments.looking_at_the_code import BOTTLENECK, Judge
from convae.experiments.study import Study, as_list
from convae.latent import encode_all, sample
from convae.measures.distances import frechet, nearest
from convae.measures.intervals import over_pictures, over_share
from convae.models import WIDTHS, VariationalAutoencoder, variational_autoencoder
from convae.tasks import Variational
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from convae.data import ImageSet, Splits
    from convae.models import Autoencoder
    from convae.tensors import Codes, Images

FITTED = 10_000  # codes that a mixture is fitted to; more of them take minutes
SIGMA = (
    0.4  # of a pixel: of those tried in "variational-tradeoff" the one whose drawn pictures are nearest to real ones
)
STRIP = 20  # pictures of each generator that are kept for the page
SHOWN = ("variational-32/mixture", "variational-32/clouds")  # generators of ReferencesStudy that have a strip, too
COPIED = 0.95  # of a net's reconstructions of training pictures: what is as near to one as these is called a copy


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
class ReferencesStudy(Study):
    """What the distances of drawn pictures are to be read against, by seed 0 of each net.

    Real pictures against real ones; reconstructions, which show what the decoder itself costs; the variational net's
    codes drawn as the plain net's are; and whether what is drawn are copies.

    Args:
        makers: "real", "pca-<code size>", or recipes.
        drawn: Those of them whose codes are drawn.
        repeats: Draws.
        searched: Pictures whose nearest training picture is searched.
    """

    makers: tuple[str, ...] = ("real", "pca-32", "robledo-two-layer", "bottleneck-32", "variational-32")
    drawn: tuple[str, ...] = ("bottleneck-32", "variational-32")
    repeats: int = 5
    searched: int = 1000
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, makers=(maker,)) for maker in self.makers)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Makes as many pictures as there are test pictures by each maker, in every way that `ways` knows.

        Returns:
            Rows by "<maker>/<way>" as those of GenerationStudy: `frechet` to the test pictures in the features of the
            same classifier, a list over draws. "real/halves, first and last" and "real/halves, random": `frechet`
            between halves of the test set, a list. "nearest/<maker>/<way>", "real" (random test pictures) among the
            ways: `distance` to the nearest training picture, root mean square over pixels, an interval over pictures,
            and `copies`, Wilson's of the share that lies nearer than 95 % of the maker's reconstructions of training
            pictures. "codes/<maker>" of a variational net: what `spread` finds in its clouds. By "<maker>/<way>" the
            first pictures of draw 0 of two of them as uint8 [20, 1, 28, 28].
        """
        judge, test, training = Judge([nets("classifier", 0)]), splits.test.all().images, splits.train.all().images
        features = judge.features(test)
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        for maker in self.makers:
            if maker == "real":
                rows |= halves(features, self.repeats)
                continue
            _, _, size = maker.partition("pca-")
            model = linear.pca(splits.train, int(size)) if size else nets(maker, 0)
            for seed in range(self.repeats):
                chance = torch.Generator().manual_seed(seed)
                real = splits.train[torch.randperm(len(splits.train), generator=chance)[: len(test)]]
                made = ways(model, real, seed, maker in self.drawn)
                for way, pictures in made.items():
                    row = rows.setdefault(f"{maker}/{way}", {"frechet": []})
                    row["frechet"].append(frechet(judge.features(pictures), features))
                if seed == 0 and maker in self.drawn:
                    kept |= {
                        f"{maker}/{way}": (pictures[:STRIP] * 255).round().byte()
                        for way, pictures in made.items()
                        if f"{maker}/{way}" in SHOWN
                    }
                    made["real"] = test[torch.randperm(len(test), generator=chance)]
                    rows |= copies({f"{maker}/{way}": each[: self.searched] for way, each in made.items()}, training)
            if isinstance(model, VariationalAutoencoder):
                rows[f"codes/{maker}"] = spread(clouds(model, splits.train[:FITTED], 0))
        return rows, kept


@dataclass(frozen=True)
class FloorStudy(Study):
    """How small a Fréchet distance gets where nothing is generated: near copies of training pictures.

    Args:
        makers: Recipes, of which seed 0 is taken.
        noise: What is added to each number of a training picture's code, in that number's standard deviations.
        repeats: Draws.
        searched: Pictures whose nearest training picture is searched.
    """

    makers: tuple[str, ...] = ("robledo-two-layer", "bottleneck-32")
    noise: float = 0.2
    repeats: int = 5
    searched: int = 1000
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Makes as many near copies as there are test pictures, with each draw of other training pictures.

        Returns:
            Rows "<maker>/near copies" and "nearest/<maker>/<way>" as those of ReferencesStudy, "mixture" among
            the ways. Nothing is kept.
        """
        judge, test, training = Judge([nets("classifier", 0)]), splits.test.all().images, splits.train.all().images
        features = judge.features(test)
        rows: Rows = {}
        for maker in self.makers:
            model = nets(maker, 0)
            distances = []
            for seed in range(self.repeats):
                chance = torch.Generator().manual_seed(seed)
                real = splits.train[torch.randperm(len(splits.train), generator=chance)[: len(test)]]
                codes = encode_all(model, real)
                near = decode(model, beside(codes, self.noise, chance))
                distances.append(frechet(judge.features(near), features))
                if seed == 0:
                    made = {
                        "reconstructed": decode(model, codes[: self.searched]),
                        "near copies": near,
                        "mixture": decode(model, DRAWS["mixture"](codes[:FITTED], self.searched, seed)),
                        "real": test[torch.randperm(len(test), generator=chance)],
                    }
                    rows |= copies({f"{maker}/{way}": each[: self.searched] for way, each in made.items()}, training)
            rows[f"{maker}/near copies"] = {"frechet": distances}
        return rows, {}


@dataclass(frozen=True)
class MixturesStudy(Study):
    """Each model drawn from with care: as many Gaussians as serve it best, and what perfect blocks would have.

    Of how many Gaussians a mixture is made is chosen by the Fréchet distance to the validation pictures, with draw 0.

    Args:
        makers: "collage", "pca-<code size>", or recipes, of which seed 0 is taken.
        components: Numbers of Gaussians to choose from; those that leave a Gaussian fewer codes than a code has
            numbers are left out.
        repeats: Draws.
        searched: Pictures whose nearest training picture is searched.
    """

    makers: tuple[str, ...] = ("collage", "bottleneck-32", "variational-32", "robledo-two-layer")
    components: tuple[int, ...] = (20, 60, 100)
    repeats: int = 3
    searched: int = 1000
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, makers=(maker,)) for maker in self.makers)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Draws as many pictures as there are test pictures, the codes of each draw fitted to other training pictures.

        Returns:
            Rows "<maker>/<way>" with `frechet` to the test pictures, a list over draws, the way one of "reconstructed",
            "independent", "gaussian" and "mixture"; "real/collage" the same for pictures of nine real blocks. Of
            "<maker>/mixture" also the number of Gaussians that was `chosen`, and by it `copies` as ReferencesStudy has
            them. "<maker>/validation": by the number of Gaussians, the distance to the validation pictures. Nothing is
            kept.
        """
        judge, training = Judge([nets("classifier", 0)]), splits.train.all().images
        count = len(splits.test)
        test, held_out = (judge.features(part.all().images) for part in (splits.test, splits.validation))
        rows: Rows = {}

        def score(name: str, pictures: Images) -> None:
            row = rows.setdefault(name, {"frechet": []})
            row["frechet"].append(frechet(judge.features(pictures), test))

        for maker in self.makers:
            _, _, size = maker.partition("pca-")
            model = None if maker == "collage" else linear.pca(splits.train, int(size)) if size else nets(maker, 0)
            for seed in range(self.repeats):
                order = torch.randperm(len(splits.train), generator=torch.Generator().manual_seed(seed))
                if model is None:
                    score("real/collage", collage(training[order], min(count, len(training))))
                    continue
                codes = encode_all(model, splits.train[order[:count]])
                fitted = codes[:FITTED]
                mixtures: dict[int, Images] = {}
                if seed == 0:
                    tried = [each for each in self.components if each * fitted[0].numel() <= len(fitted)]
                    mixtures = {each: decode(model, sample(fitted, count, each, seed)) for each in tried or [1]}
                    off = {
                        each: frechet(judge.features(pictures[: len(held_out)]), held_out)
                        for each, pictures in mixtures.items()
                    }
                    rows[f"{maker}/validation"] = {str(each): distance for each, distance in off.items()}
                    best = min(off, key=lambda each: off[each])
                mixture = mixtures[best] if mixtures else decode(model, sample(fitted, count, best, seed))
                for way in ("independent", "gaussian"):
                    score(f"{maker}/{way}", decode(model, DRAWS[way](fitted, count, seed)))
                score(f"{maker}/mixture", mixture)
                score(f"{maker}/reconstructed", decode(model, codes))
                if seed == 0:
                    some = {"reconstructed": decode(model, codes[: self.searched]), "mixture": mixture[: self.searched]}
                    near = copies({f"{maker}/{way}": pictures for way, pictures in some.items()}, training)
                    rows[f"{maker}/mixture"] |= {"chosen": best, "copies": near[f"nearest/{maker}/mixture"]["copies"]}
        return rows, {}


@dataclass(frozen=True)
class RecipeStudy(Study):
    """The source's own way to new pictures, which fits nothing: Equation 3 on random pairs of training pictures.

    Args:
        makers: "pixels" for blends, or recipes, of which seed 0 is taken.
        repeats: Draws of pairs, the same for every maker.
    """

    makers: tuple[str, ...] = ("pixels", "robledo-two-layer", "bottleneck-32")
    repeats: int = 3
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Makes as many pictures as there are test pictures, each at a random i from 1 to 9.

        Returns:
            Rows "<maker>/same" (pairs of one class), "<maker>/any" (of any two classes) and "<maker>/any, half way" (i
            = 5): `frechet` to the test pictures, a list over draws. Nothing is kept.
        """
        judge, test = Judge([nets("classifier", 0)]), splits.test.all().images
        features = judge.features(test)
        rows: Rows = {}
        for seed in range(self.repeats):
            chance = torch.Generator().manual_seed(seed)
            first = torch.randint(len(splits.train), (len(test),), generator=chance)
            tenths = torch.randint(1, 10, (len(test),), generator=chance) / 10
            everywhere = torch.arange(len(splits.train))
            labels, same = splits.train.labels, torch.empty_like(first)
            for number in labels.unique():
                wanted = labels[first] == number
                same[wanted] = another((labels == number).nonzero().flatten(), first[wanted], chance)
            seconds = {"same": same, "any": another(everywhere, first, chance)}
            for maker in self.makers:
                model = None if maker == "pixels" else nets(maker, 0)
                for way, second, place in (
                    ("same", seconds["same"], tenths),
                    ("any", seconds["any"], tenths),
                    ("any, half way", seconds["any"], torch.full_like(tenths, 0.5)),
                ):
                    made = mixed(model, splits.train[second], splits.train[first], place)
                    row = rows.setdefault(f"{maker}/{way}", {"frechet": []})
                    row["frechet"].append(frechet(judge.features(made), features))
        return rows, {}


def mixed(model: Autoencoder | None, start: ImageSet, end: ImageSet, place: Tensor) -> Images:
    """Each pair mixed at its own place, 0 at the start, 1 at the end: its codes, or without a model its pixels."""
    one, other = (each.all().images if model is None else encode_all(model, each) for each in (start, end))
    between = torch.lerp(one, other, place.view(-1, *[1] * (one.ndim - 1)))
    return between if model is None else decode(model, between)


def collage(pictures: Images, count: int, side: int = 9) -> Images:
    """So many pictures of nine blocks, each cut from a picture at its own place, no two from the same one.

    What lies beyond the blocks is black.
    """
    made = torch.zeros_like(pictures[:count])
    places = torch.arange(count)
    for number, (row, column) in enumerate(itertools.product(range(3), repeat=2)):
        window = (..., slice(side * row, side * (row + 1)), slice(side * column, side * (column + 1)))
        made[window] = pictures[(places + number * len(pictures) // 9) % len(pictures)][window]
    return made


def beside(codes: Codes, noise: float, generator: torch.Generator) -> Codes:
    """Codes [N, ...] with so much noise, in the standard deviations that each number has among them."""
    return codes + noise * codes.std(0) * torch.randn(codes.shape, generator=generator)


def halves(features: Tensor, repeats: int) -> Rows:
    """Distances between halves of one set: its first and its last, and so many times two random ones."""
    half = len(features) // 2
    shuffled = [
        features[torch.randperm(len(features), generator=torch.Generator().manual_seed(seed))]
        for seed in range(repeats)
    ]
    return {
        "real/halves, first and last": {"frechet": [frechet(features[:half], features[half:])]},
        "real/halves, random": {"frechet": [frechet(each[:half], each[half:]) for each in shuffled]},
    }


def ways(model: Autoencoder, real: ImageSet, seed: int, drawn: bool) -> dict[str, Images]:
    """As many pictures as some real ones, in every way that a model has: its reconstructions of them and, if it is
    drawn from, codes of a mixture.

    A variational net has more: one Gaussian of its means, as the mixture is of these; codes drawn out of the clouds of
    the real pictures; standard normal ones, and the same with the noise that its loss gives every pixel.
    """
    count, codes = len(real), encode_all(model, real)
    made = {"reconstructed": decode(model, codes)}
    if drawn:
        made["mixture"] = decode(model, DRAWS["mixture"](codes[:FITTED], count, seed))
    if drawn and isinstance(model, VariationalAutoencoder):
        made["gaussian"] = decode(model, DRAWS["gaussian"](codes[:FITTED], count, seed))
        made["clouds"] = decode(model, clouds(model, real, seed))
        made["prior"] = decode(model, prior(codes, count, seed))
        noise = torch.randn(made["prior"].shape, generator=torch.Generator().manual_seed(seed + 1))
        made["prior, with noise"] = made["prior"] + SIGMA * noise
    return made


@torch.no_grad()
def clouds(model: VariationalAutoencoder, images: ImageSet, seed: int) -> Codes:
    """One code out of the cloud of each picture."""
    parts = [model.posterior(batch.images) for batch in images.batches(1000)]
    mean, log_variance = (torch.cat(each) for each in zip(*parts, strict=True))
    return mean + (log_variance / 2).exp() * torch.randn(mean.shape, generator=torch.Generator().manual_seed(seed))


def copies(made: dict[str, Images], training: Images) -> Rows:
    """How near pictures "<maker>/<way>" are to the nearest training picture, and which share of them is as near as
    the maker's reconstructions of training pictures are."""
    distances = {name: nearest(pictures, training)[0] / pictures[0].numel() ** 0.5 for name, pictures in made.items()}
    (limit,) = (values.quantile(COPIED) for name, values in distances.items() if name.endswith("/reconstructed"))
    return {
        f"nearest/{name}": {
            "distance": as_list(over_pictures(values)),
            "copies": as_list(over_share(int((values < limit).sum()), len(values))),
        }
        for name, values in distances.items()
    }


def spread(codes: Codes) -> dict[str, float]:
    """The least and the most deviation of a number of some codes, and the largest correlation of two."""
    rows = codes.flatten(1)
    deviations, correlations = rows.std(0), rows.T.corrcoef().fill_diagonal_(0).abs()
    return {
        "least": deviations.min().item(),
        "most": deviations.max().item(),
        "correlation": correlations.max().item(),
    }


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


VARIATIONAL = replace(BOTTLENECK, name="variational-32", model="variational-32", task=Variational(SIGMA))

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
    ReferencesStudy("generation-references"),
    FloorStudy("generation-floor"),
    RecipeStudy("generation-recipe"),
    MixturesStudy("generation-mixtures"),
    MixturesStudy("generation-mixtures-linear", makers=("pca-144",)),
)

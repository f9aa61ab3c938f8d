"""What is in a code: how much of it is used, what its neighbours are, what a linear probe reads in it."""

from __future__ import annotations

import copy
import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor, nn

from convae.baselines import linear
from convae.corruption import Blur
from convae.experiments.experiment import Nets, Rows
from convae.experiments.recipe import Recipe
from convae.experiments.study import Study, as_list
from convae.latent import effective_dimension, encode_all, neighbours, neighbours_kept, project, variances
from convae.measures.distances import nearest
from convae.measures.intervals import against_baseline, over_pictures, over_share
from convae.models import Classifier, build
from convae.tasks import Classification

if TYPE_CHECKING:
    from convae.data import Splits
    from convae.models import Autoencoder
    from convae.tensors import Images

JUDGES = 5
CHANGED = 0.02  # of the pixels' range: a smaller change is not seen
SCORES = ("neighbour", "few", "all")
STRENGTHS = tuple(10 ** (-step / 2) for step in range(2, 15))  # of a probe's penalty, from 0.1 to 1e-7
PATIENCE = 2  # so many weaker penalties that gain nothing end the search
ONE_BY_ONE = "one by one"
FLAT = 1e-4  # a probe is done when no weight's gradient is larger


class Judge(nn.Module):
    """Some classifiers asked together: the mean of their softmax. None of them has seen what it judges."""

    def __init__(self, classifiers: list[Classifier]) -> None:
        super().__init__()
        self.classifiers = nn.ModuleList(classifiers)

    @classmethod
    def of(cls, nets: Nets) -> Judge:
        """The five seeds of the recipe "classifier"."""
        return cls([nets("classifier", seed) for seed in range(JUDGES)])

    @torch.no_grad()
    def forward(self, images: Images) -> Tensor:
        """Probabilities of the classes, [N, K]."""
        parts = [
            torch.stack([classifier(part).softmax(1) for classifier in self.classifiers]).mean(0)
            for part in images.split(1000)
        ]
        return torch.cat(parts)

    @torch.no_grad()
    def features(self, images: Images) -> Tensor:
        """What the first of them makes of the pictures behind its last hidden layer, [N, F]."""
        first = self.classifiers[0]
        assert isinstance(first, Classifier)
        return torch.cat([first.features(part) for part in images.split(1000)])


@dataclass(frozen=True)
class CodesStudy(Study):
    """What is in the codes of some nets, beside the pixels and PCA, in one table.

    Args:
        nets: Recipes, seed 0 of each.
        linear: How many numbers the codes of PCA have.
        starts: Nets of each kind that were never trained; start 0 is the very net whose training gave the stored one.
        few: Labels that a linear probe is given once; the other time it has those of all training pictures.
        points: Test pictures, drawn at random, whose codes are shown in the plane.
        queries: Test pictures, drawn at random, whose nearest training pictures are searched.
        perplexities: Of t-SNE.
    """

    nets: tuple[str, ...] = ("robledo-two-layer", "bottleneck-32")
    linear: tuple[int, ...] = (32, 144)
    starts: int = 3
    few: int = 10_000
    points: int = 2000
    queries: int = 10_000
    perplexities: tuple[int, ...] = (30, 100)
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Measures the pixels, the codes of PCA and of trained nets, and those of untrained ones.

        Returns:
            Rows by "<space>": its `size`, its effective `dimension`, `shared` (share of test pictures whose nearest
            training picture is the same as in pixels), `reach` (of a net: pixels that one number of the code moves by
            more than 0.02 of their range when it changes by a standard deviation), and three shares of test pictures:
            `neighbour` (the nearest training picture has their label), `few` and `all` (a tuned linear probe with so
            many labels names them rightly). Beside each share stands its `gain` over the pixels, paired by picture, and
            of a net that over PCA with as many numbers.
            By "<space>/few", "<space>/all" what the tuning took, by "<space>/untuned" the probe with few labels
            that nobody tuned; by "<net>/untrained" the shares of each start, and the gain of the trained net over
            them; by "<net>/<plane>" what is left of the neighbourhood there: the share of points whose nearest one has
            their `label`, its gain over the code itself, the share of ten neighbours that are `kept`, its gain over
            PCA's plane, and the `order` of the classes. And of the points in the planes "<plane>/<net>" [N, 2], their
            "labels", and "variances/<net>" [K].
        """
        labels = splits.test.labels
        generator = torch.Generator().manual_seed(0)
        drawn = torch.randperm(len(labels), generator=generator)
        few = torch.randperm(len(splits.train), generator=generator)[: self.few]
        points, queries = drawn[: self.points], drawn[: self.queries]
        rows: Rows = {}
        kept: dict[str, Tensor] = {"labels": labels[points].byte()}
        pictures = _Space.of(None, splits, few, queries)
        linear_hits: dict[int, dict[str, Tensor]] = {}  # of the codes of PCA, by their size
        for name, model in self._members(splits, nets).items():
            space = pictures if model is None else _Space.of(model, splits, few, queries)
            rows[name] = space.row() | {
                "shared": _share(space.found == pictures.found),
                **{f"{score} gain": _gain(space.hits[score], pictures.hits[score]) for score in SCORES},
            }
            rows[f"{name}/few"], rows[f"{name}/all"] = space.tuning["few"], space.tuning["all"]
            told = space.codes["train"][few], splits.train.labels[few]
            untuned = Probe(told[0], 10, one_by_one=True).fit(*told, 1 / len(few))  # scikit-learn's C = 1
            space.hits["untuned"] = untuned.right(space.codes["test"], labels)
            rows[f"{name}/untuned"] = {
                "few": _share(space.hits["untuned"]),
                "few gain": _gain(space.hits["untuned"], pictures.hits["untuned"]),
                "told": untuned.right(*told).float().mean().item(),
            }
            codes = space.codes["test"]
            if name not in self.nets:
                linear_hits[codes.shape[1]] = space.hits
                continue
            for score in SCORES if codes.shape[1] in linear_hits else ():
                rows[name][f"{score} gain over pca"] = _gain(space.hits[score], linear_hits[codes.shape[1]][score])
            rows[name]["reach"] = reach(nets(name, 0), splits.test[points[:100]].all().images, codes.std(0))
            kept[f"variances/{name}"] = variances(codes).float()
            planes = self._planes(codes[points])
            around = {plane: neighbourhood(codes[points], places, labels[points]) for plane, places in planes.items()}
            for plane, (same, keeps, order) in around.items():
                rows[f"{name}/{plane}"] = {
                    "label": _share(same),
                    "label gain": _gain(same, around["code"][0]),
                    "kept": as_list(over_pictures(keeps)),
                    "kept gain": _gain(keeps, around["pca"][1]),
                    "order": order,
                }
            kept |= {f"{plane}/{name}": planes[plane].half() for plane in self._drawn()}
            rows[f"{name}/untrained"] = self._untrained(name, space, pictures, splits, few, queries)
        return rows, kept

    def _members(self, splits: Splits, nets: Nets) -> dict[str, Autoencoder | None]:
        """Every space by its name; the pixels, with which all are compared, come first."""
        compressed = {f"pca-{size}": linear.pca(splits.train, size) for size in self.linear}
        return {"pixels": None} | compressed | {name: nets(name, 0) for name in self.nets}

    def _drawn(self) -> list[str]:
        return ["pca", *(f"tsne-{perplexity}" for perplexity in self.perplexities)]

    def _planes(self, codes: Tensor) -> dict[str, Tensor]:
        """The codes themselves, and where the projections draw them."""
        tsne = [project(codes, "tsne", perplexity) for perplexity in self.perplexities]
        drawn = dict(zip(self._drawn(), [project(codes), *tsne], strict=True))
        return {"code": codes} | drawn | {"tsne-random": project(codes, "tsne", self.perplexities[0], seed=0)}

    def _untrained(
        self, name: str, trained: _Space, pictures: _Space, splits: Splits, few: Tensor, queries: Tensor
    ) -> dict[str, Any]:
        """Scores of the net before training, of each start, and what training gains on them."""
        starts = []
        for start in range(self.starts):
            torch.manual_seed(start)  # as the recipe's seed does
            net: Any = build(name)
            starts.append(_Space.of(net.eval(), splits, few, queries))
        row: dict[str, Any] = {"dimension": [start.row()["dimension"] for start in starts]}
        row["shared"] = [(start.found == pictures.found).float().mean().item() for start in starts]
        for score in SCORES:
            hits = [start.hits[score].float() for start in starts]
            gain = against_baseline([trained.hits[score].float() - each for each in hits], torch.zeros(len(hits[0])))
            row |= {score: [each.mean().item() for each in hits], f"{score} gain": as_list(gain)}
        return row


@dataclass(frozen=True)
class _Space:
    """Numbers that stand for pictures, and what is found in them."""

    codes: dict[str, Tensor]  # of each part [N, K]
    found: Tensor  # the nearest training picture of each query
    hits: dict[str, Tensor]  # whether it went right, picture by picture, for each of SCORES
    tuning: Rows

    @classmethod
    def of(cls, model: Autoencoder | None, splits: Splits, few: Tensor, queries: Tensor) -> _Space:
        """Of a model's codes, or of the pixels."""
        parts = {"train": splits.train, "validation": splits.validation, "test": splits.test}
        codes = {
            part: images.all().images.flatten(1) if model is None else encode_all(model, images).flatten(1)
            for part, images in parts.items()
        }
        _, found = nearest(codes["test"][queries], codes["train"])
        hits = {"neighbour": splits.train.labels[found] == splits.test.labels[queries]}
        tuning: Rows = {}
        scalings: tuple[bool, ...] = (True, False)
        for count, chosen in {"few": few, "all": torch.arange(len(splits.train))}.items():
            told = codes["train"][chosen], splits.train.labels[chosen]
            probe, tuning[count] = tuned_probe(told, (codes["validation"], splits.validation.labels), scalings)
            scalings = (tuning[count]["scaled"] == ONE_BY_ONE,)  # what is better with few labels is taken for all
            hits[count] = probe.right(codes["test"], splits.test.labels)
        return cls(codes, found, hits, tuning)

    def row(self) -> dict[str, Any]:
        test = self.codes["test"]
        shares = {score: _share(self.hits[score]) for score in SCORES}
        return {"size": test.shape[1], "dimension": effective_dimension(test)} | shares


class Probe(nn.Module):
    """A linear reader: logistic regression on numbers that are centred and scaled, one by one or by one factor."""

    def __init__(self, codes: Tensor, classes: int, one_by_one: bool) -> None:
        super().__init__()
        deviations = codes.std(0)
        own = deviations.where(deviations > 0, torch.ones(()))  # a border pixel may never vary
        self.register_buffer("mean", codes.mean(0))
        self.register_buffer("scale", own if one_by_one else deviations.square().mean().sqrt())
        self.linear = nn.Linear(codes.shape[1], classes)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, codes: Tensor) -> Tensor:
        """Logits [N, K]."""
        logits: Tensor = self.linear(self._scaled(codes))
        return logits

    def _scaled(self, codes: Tensor) -> Tensor:
        scaled: Tensor = (codes - self.get_buffer("mean")) / self.get_buffer("scale")
        return scaled

    @torch.no_grad()
    def right(self, codes: Tensor, labels: Tensor) -> Tensor:
        """Whether each code's class is named, [N]."""
        named: Tensor = self(codes).argmax(1) == labels
        return named

    def fit(self, codes: Tensor, labels: Tensor, strength: float) -> Probe:
        """Goes on to the least of the mean cross-entropy + strength / 2 ‖weights‖².

        Raises:
            RuntimeError: it is not there after 1,000 steps.
        """
        scaled = self._scaled(codes)
        optimizer = torch.optim.LBFGS(
            self.parameters(),
            max_iter=1000,
            history_size=10,
            tolerance_grad=FLAT,
            tolerance_change=0,
            line_search_fn="strong_wolfe",
        )

        def loss() -> Tensor:
            optimizer.zero_grad()
            value = nn.functional.cross_entropy(self.linear(scaled).double(), labels)  # smooth enough to search
            value = value + strength / 2 * self.linear.weight.double().square().sum()
            value.backward()  # type: ignore[no-untyped-call]
            return value

        optimizer.step(loss)
        loss()  # whose gradients are of where it ended; the search's last were of where it looked
        steepest = max(float(each.grad.abs().max()) for each in self.parameters() if each.grad is not None)
        if not steepest <= FLAT:
            raise RuntimeError(f"a probe ends at a gradient of {steepest:.2g}, and {FLAT} is flat: take more steps")
        return self


def tuned_probe(
    told: tuple[Tensor, Tensor], validation: tuple[Tensor, Tensor], scalings: tuple[bool, ...] = (True, False)
) -> tuple[Probe, dict[str, Any]]:
    """The probe that names most validation codes, of all scalings and of ever weaker penalties.

    Args:
        told: Codes [N, K] and labels [N].
        validation: Codes and labels that choose.
        scalings: Scale the numbers one by one, or not.

    Returns:
        The probe, and the number of `labels`, the penalty's `strength`, how it is `scaled`, and its shares right of
        `validation` and of what it was `told`.
    """
    tried: list[tuple[float, Probe, dict[str, Any]]] = []
    for one_by_one in scalings:
        probe, reached = Probe(told[0], 10, one_by_one), list[float]()
        for strength in STRENGTHS:
            try:
                reached.append(probe.fit(*told, strength).right(*validation).float().mean().item())
            except RuntimeError:  # weaker ones would take even longer
                if not reached:
                    raise
                break
            scaled = ONE_BY_ONE if one_by_one else "together"
            tried.append((reached[-1], copy.deepcopy(probe), {"strength": strength, "scaled": scaled}))
            if len(reached) - 1 - reached.index(max(reached)) == PATIENCE:
                break
    most, probe, row = max(tried, key=lambda each: each[0])  # the strongest penalty of those that reach as much
    reached_told = probe.right(*told).float().mean().item()
    return probe, {"labels": len(told[0])} | row | {"validation": most, "told": reached_told}


def neighbourhood(codes: Tensor, places: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, float]:
    """What is left of the neighbourhood of some codes where they were drawn.

    Returns:
        Whether a point's nearest one has its label, [N]; the share of a code's ten nearest ones that are still among
        the ten nearest, [N]; and the rank correlation of the distances between the centres of the classes.
    """
    from scipy import stats

    centres = [
        torch.stack([each[labels == label].mean(0) for label in labels.unique()]) for each in (codes, places.float())
    ]
    order = stats.spearmanr(*(nn.functional.pdist(each) for each in centres)).statistic
    return labels[neighbours(places, 1)[:, 0]] == labels, neighbours_kept(codes, places), float(order)


@torch.no_grad()
def reach(model: Autoencoder, images: Tensor, deviations: Tensor) -> float:
    """Mean number of pixels that move by more than CHANGED when one number of a code grows by its deviation."""
    codes = model.encode(images)
    plain, counts = model.decode(codes), []
    for number, deviation in enumerate(deviations):
        moved = codes.flatten(1).clone()
        moved[:, number] += deviation
        difference = (model.decode(moved.view_as(codes)) - plain).abs()
        counts.append((difference > CHANGED).flatten(1).sum(1).float().mean())
    return torch.stack(counts).mean().item()


@dataclass(frozen=True)
class JudgedStudy(Study):
    """What some classifiers, trained on real pictures, make of the reconstructions of some nets.

    Args:
        nets: Recipes, seed 0 of each.
        judges: Seeds of the recipe "classifier", at least two, from 0 on.
    """

    nets: tuple[str, ...] = ("robledo-two-layer", "robledo-three-layer", "robledo-max-pool", "bottleneck-32")
    judges: int = 2
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Rows by "pixels" (the pictures themselves) and "<net>": the `accuracy` of each classifier on the test set.

        By "<first>/<second>" the `difference` of their accuracies, over classifiers and pictures together.
        """
        judges = [nets("classifier", seed) for seed in range(self.judges)]
        shown: dict[str, Autoencoder | None] = {"pixels": None} | {name: nets(name, 0) for name in self.nets}
        right = {name: [_right(judge, model, splits) for judge in judges] for name, model in shown.items()}
        rows: Rows = {name: {"accuracy": [hits.mean().item() for hits in found]} for name, found in right.items()}
        for first, second in itertools.combinations(shown, 2):
            differences = [one - other for one, other in zip(right[first], right[second], strict=True)]
            difference = against_baseline(differences, torch.zeros(len(splits.test)))
            rows[f"{first}/{second}"] = {"difference": as_list(difference)}
        return rows, {}


@dataclass(frozen=True)
class JudgedRivalsStudy(Study):
    """What one classifier makes of reconstructions, beside those of PCA and beside pictures that were spoiled.

    Args:
        nets: Recipes, seed 0 of each.
        linear: How many numbers the codes of PCA have.
        sigma: Standard deviation of the noise on pictures from 0 to 1, which are clipped again.
        epochs: How long the classifier is trained on, once on reconstructions and once on the pictures.
    """

    nets: tuple[str, ...] = ("robledo-two-layer", "robledo-three-layer", "robledo-max-pool", "bottleneck-32")
    linear: tuple[int, ...] = (32, 144)
    sigma: float = 0.1
    epochs: int = 2
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """What seed 0 of the recipe "classifier" names of the test set, shown in several ways.

        Returns:
            Rows by "pixels", "<net>", "pca-<numbers>", "moved" (by one pixel, the mean of four directions), "noisy"
            and "mean" (the mean training picture): `mse`, the share that is named, `right`, and of the nines, `nines`;
            and how many more of the pictures themselves are named, `lost`. By "<other>/<net>" how many more are named
            of PCA's, or of pictures moved or noisy, `difference`. By "told" and "longer" what is `lost` on the first
            net's reconstructions when the classifier was trained on with reconstructions, and with the pictures, and
            how many more of them it names than it did, `gained`.
        """
        judge = nets("classifier", 0)
        test, nine = splits.test.all().images, splits.test.labels == 9
        compressed = {f"pca-{size}": linear.pca(splits.train, size) for size in self.linear}
        members: dict[str, Autoencoder] = {name: nets(name, 0) for name in self.nets} | compressed
        noise = torch.randn(test.shape, generator=torch.Generator().manual_seed(0))
        mean: Tensor = linear.mean_image(splits.train)(test)
        shown = {"pixels": [test]} | {name: [_passed(model, test)] for name, model in members.items()}
        shown |= {"moved": moved(test), "noisy": [(test + self.sigma * noise).clamp(0, 1)], "mean": [mean]}
        hits = {
            name: torch.stack([_named(judge, each, splits.test.labels) for each in ways]).mean(0)
            for name, ways in shown.items()
        }
        rows: Rows = {
            name: {
                "mse": torch.stack([(each - test).square().mean() for each in shown[name]]).mean().item(),
                "right": _mean_share(named),
                "nines": _mean_share(named[nine]),
                "lost": _gain(hits["pixels"], named),
            }
            for name, named in hits.items()
        }
        for first, second in itertools.product([*compressed, "moved", "noisy"], self.nets):
            rows[f"{first}/{second}"] = {"difference": _gain(hits[first], hits[second])}
        net, training = self.nets[0], splits.train.all().images
        for name, told in {"told": _passed(members[net], training), "longer": training}.items():
            again = train_on(judge, told, splits.train.labels, self.epochs)
            named = _named(again, shown[net][0], splits.test.labels)
            rows[name] = {"lost": _gain(hits["pixels"], named), "gained": _gain(named, hits[net])}
        return rows, {}


@dataclass(frozen=True)
class ClassMeansStudy(Study):
    """Reconstructions beside what knows the class and nothing else: the mean training picture of each class.

    Args:
        nets: Recipes, seed 0 of each.
        part: Of the class mean's squared error; below it a reconstruction shows its own picture.
    """

    nets: tuple[str, ...] = ("robledo-two-layer",)
    part: float = 0.5
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Rows "class mean" and "<net>": `mse` on the test pictures; of the former what seed 0 of the recipe
        "classifier" names, `right`, of the latter the share of pictures with an error below that part of their class
        mean's, `own`."""
        images, labels = splits.test.all()
        training, classes = splits.train.all()
        means = torch.stack([training[classes == number].mean(0) for number in range(10)])[labels]
        off = (means - images).square().mean((1, 2, 3))
        right = _share(_named(nets("classifier", 0), means, labels))
        rows: Rows = {"class mean": {"mse": as_list(over_pictures(off)), "right": right}}
        for name in self.nets:
            error = (_passed(nets(name, 0), images) - images).square().mean((1, 2, 3))
            own = _share((error < self.part * off).float())
            rows[name] = {"mse": as_list(over_pictures(error)), "own": own}
        return rows, {}


@dataclass(frozen=True)
class NeighboursStudy(Study):
    """Whether the nearest training picture has the label, in codes of nets and in what needs no net.

    Args:
        nets: Recipes, seed 0 of each.
        linear: How many numbers the codes of PCA have.
        averaged: Side of the squares of pixels that are averaged.
    """

    nets: tuple[str, ...] = ("robledo-two-layer", "bottleneck-32")
    linear: tuple[int, ...] = (20, 32, 40, 50, 80, 144)
    averaged: int = 2
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Rows by "pixels", "pca-<numbers>", "averages" and "<net>": `size`, the share whose nearest training picture
        has their label, `neighbour`, its `gain` over the pixels, and the share whose nearest one is the pixels',
        `shared`. By "<net>/<space>" the net's `gain` over it, paired by picture.
        """
        pooled = nn.Sequential(nn.AvgPool2d(self.averaged), nn.Flatten())
        spaces: dict[str, nn.Module] = {"pixels": nn.Flatten()}
        spaces |= {f"pca-{size}": linear.pca(splits.train, size).encoder for size in self.linear}
        spaces |= {"averages": pooled} | {name: nets(name, 0).encoder for name in self.nets}
        hits, found, sizes = {}, {}, {}
        for name, encoder in spaces.items():
            told, asked = (_passed(encoder, part.all().images).flatten(1) for part in (splits.train, splits.test))
            _, found[name] = nearest(asked, told)
            hits[name], sizes[name] = splits.train.labels[found[name]] == splits.test.labels, told.shape[1]
        rows: Rows = {
            name: {
                "size": sizes[name],
                "neighbour": _share(named),
                "gain": _gain(named, hits["pixels"]),
                "shared": _share(found[name] == found["pixels"]),
            }
            for name, named in hits.items()
        }
        for net, other in itertools.product(self.nets, spaces):
            if other not in self.nets:
                rows[f"{net}/{other}"] = {"gain": _gain(hits[net], hits[other])}
        return rows, {}


@dataclass(frozen=True)
class StraightenedStudy(Study):
    """NeighboursStudy's rivals with a little care: pictures of one length, or deskewed, in axes of PCA.

    Args:
        nets: Recipes, seed 0 of each.
        linear: How many numbers the codes of PCA have: as the nets' have.
        blur: Of a deskewed picture, a standard deviation in pixels.
    """

    nets: tuple[str, ...] = ("robledo-two-layer", "bottleneck-32")
    linear: tuple[int, ...] = (32, 50, 144)
    blur: float = 1.0
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Rows by "<change>/<numbers>", the change one of "length 1", "deskewed" and "deskewed, blurred": the share
        whose nearest training picture has their label, `neighbour`, and by each net how much larger the net's is, an
        interval paired by picture. By "<net>" its own `neighbour`. Nothing is kept.
        """
        training, test = (part.all().images for part in (splits.train, splits.test))
        upright = [deskewed(part) for part in (training, test)]
        soft = [Blur(self.blur).spoil(part, torch.Generator()) for part in upright]
        unit = [part / part.flatten(1).norm(dim=1).clamp_min(1e-9).view(-1, 1, 1, 1) for part in (training, test)]
        changes = {"length 1": unit, "deskewed": upright, "deskewed, blurred": soft}
        hits: dict[str, Tensor] = {}
        for name in self.nets:
            told, asked = (_passed(nets(name, 0).encoder, part).flatten(1) for part in (training, test))
            hits[name] = splits.train.labels[nearest(asked, told)[1]] == splits.test.labels
        rows: Rows = {name: {"neighbour": _share(named)} for name, named in hits.items()}
        for change, (told, asked) in changes.items():
            flat = told.flatten(1).double()
            axes = torch.linalg.eigh(flat.T.cov()).eigenvectors.flip(1)
            for size in self.linear:
                codes = [((part.flatten(1).double() - flat.mean(0)) @ axes[:, :size]).float() for part in (told, asked)]
                named = splits.train.labels[nearest(codes[1], codes[0])[1]] == splits.test.labels
                rows[f"{change}/{size}"] = {"neighbour": _share(named)} | {
                    name: _gain(own, named) for name, own in hits.items()
                }
        return rows, {}


def deskewed(images: Images) -> Images:
    """Each picture sheared along its rows and moved, so that its ink leans to no side and lies in the middle.

    What lies to the right of the middle in low rows and to the left in high ones is a lean: the covariance of row and
    column, over the variance of the rows, says by how much. A picture without ink, or in one row, is only moved.
    """
    height, width = images.shape[-2:]
    rows, columns = torch.meshgrid(torch.arange(height) * 1.0, torch.arange(width) * 1.0, indexing="ij")
    ink = images.mean(1) / images.mean(1).sum((1, 2), keepdim=True).clamp_min(1e-9)
    middle = [(ink * places).sum((1, 2), keepdim=True) for places in (rows, columns)]
    down, across = rows - middle[0], columns - middle[1]
    variance = (ink * down**2).sum((1, 2), keepdim=True)
    lean = torch.where(variance > 0, (ink * down * across).sum((1, 2), keepdim=True) / variance.clamp_min(1e-9), 0)
    steps = rows - (height - 1) / 2
    at_row = steps + middle[0]
    at_column = columns - (width - 1) / 2 + middle[1] + lean * steps
    grid = torch.stack([2 * at_column / (width - 1) - 1, 2 * at_row / (height - 1) - 1], dim=3)
    parts = zip(images.split(1000), grid.split(1000), strict=True)
    return torch.cat([nn.functional.grid_sample(part, at, align_corners=True) for part, at in parts])


def moved(images: Images) -> list[Images]:
    """Pictures moved by one pixel up, down, to the left and to the right; black comes in."""
    around = nn.functional.pad(images, (1, 1, 1, 1))
    height, width = images.shape[-2:]
    return [around[..., top : top + height, left : left + width] for top, left in [(2, 1), (0, 1), (1, 2), (1, 0)]]


def train_on(judge: Classifier, images: Images, labels: Tensor, epochs: int) -> Classifier:
    """A copy of a classifier, trained on by Adam in batches of 128; its rate falls evenly from 0.001 to 0."""
    again = copy.deepcopy(judge).train().requires_grad_()
    optimizer = torch.optim.Adam(again.parameters(), lr=1e-3)
    steps = epochs * math.ceil(len(images) / 128)
    falling = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    generator = torch.Generator().manual_seed(0)
    with torch.enable_grad():
        for _ in range(epochs):
            for batch in torch.randperm(len(images), generator=generator).split(128):
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(again(images[batch]), labels[batch])
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                falling.step()
    return again.eval()


@torch.no_grad()
def _passed(model: nn.Module, images: Images) -> Tensor:
    """What a model puts out for all pictures."""
    return torch.cat([model(part) for part in images.split(1000)])


def _named(judge: nn.Module, images: Images, labels: Tensor) -> Tensor:
    """Whether a classifier names each picture: 0 or 1, [N]."""
    return _passed(judge, images).argmax(1).eq(labels).float()


@torch.no_grad()
def _right(judge: nn.Module, model: Autoencoder | None, splits: Splits) -> Tensor:
    """Whether a classifier names each test picture, or its reconstruction: 0 or 1, [N]."""
    parts = splits.test.batches(1000)
    hits = [judge(part.images if model is None else model(part.images)).argmax(1) == part.labels for part in parts]
    return torch.cat(hits).float()


def _share(hits: Tensor) -> list[float]:
    return as_list(over_share(int(hits.sum()), len(hits)))


def _mean_share(hits: Tensor) -> list[float]:
    """As _share(), where a picture may have been shown in several ways, and was named in some of them."""
    return _share(hits) if bool((hits % 1 == 0).all()) else as_list(over_pictures(hits))


def _gain(hits: Tensor, others: Tensor) -> list[float]:
    """How much larger a share is than another one of the same pictures."""
    return as_list(over_pictures(hits.double() - others.double()))


BOTTLENECK = Recipe(
    name="bottleneck-32",
    model="bottleneck-32",
    epochs=15,
    batch_size=128,
    learning_rate=3e-3,
    decay=True,
    keep_weights=True,
    half_weights=True,
    keep_errors=True,
)

EXPERIMENTS = (
    BOTTLENECK,
    replace(BOTTLENECK, name="classifier", model="classifier", task=Classification(), epochs=8, keep_errors=False),
    CodesStudy("codes"),
    JudgedStudy("judged"),
    JudgedRivalsStudy("judged-rivals"),
    ClassMeansStudy("class-means"),
    NeighboursStudy("neighbours"),
    StraightenedStudy("neighbours-straightened"),
)

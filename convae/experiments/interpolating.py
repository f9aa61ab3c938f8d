"""Interpolating between digits: what a classifier sees on the way, and what it learns from such pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import torch
from torch import Tensor

from convae.experiments.experiment import Nets, Rows
from convae.experiments.looking_at_the_code import Judge
from convae.experiments.study import Study, as_list
from convae.latent import interpolate
from convae.measures.distances import nearest
from convae.measures.intervals import over_pictures
from convae.models import build
from convae.tasks import Classification
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from convae.data import ImageSet, Splits
    from convae.tensors import Images

Pairs = tuple[Tensor, Tensor]  # positions of the pictures at both ends, [P] each
KINDS = ("same", "different")
CLASSES = 10


@dataclass(frozen=True)
class InterpolationStudy(Study):
    """Paths between digits, in one table.

    Args:
        methods: "pixels" first, then recipes, with "/spherical" behind a name for that path.
        pairs: For each class of the first picture.
        steps: Pictures on a path, an odd number with both ends.
        searched: Pairs of each kind whose nearest training picture is searched.
    """

    methods: tuple[str, ...] = (
        "pixels",
        "robledo-two-layer",
        "bottleneck-32",
        "bottleneck-32/spherical",
        "variational-32",
    )
    pairs: int = 200
    steps: int = 11
    searched: int = 500
    seed: int = 0
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Paths between test pictures of one class and of two, by every method.

        Returns:
            Rows by "<same | different>/<method>", each column an interval over pairs as [mean, low, high, pairs], and
            "<kind>/<method> - pixels" for paired differences; "per class/<method>" with what is `kept` of each class,
            and "labels/<method>" with the share of midpoints of two classes that are taken for each. By
            "verdicts/<kind>/<method>" the mean probability of the classes of both ends along the path, [2, T].
        """
        images, labels = splits.test.all()
        training = splits.train.all().images
        judge, weights = Judge.of(nets), torch.linspace(0, 1, self.steps)
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        for kind in KINDS:
            first, second = draw_pairs(labels, self.pairs, kind == "same", self.seed)
            measured: dict[str, dict[str, Tensor]] = {}
            for method in self.methods:
                paths = make_paths(method, images[first], images[second], weights, nets)
                measured[method], curve, verdicts = measure(
                    paths, labels[first], labels[second], judge, training, self.searched
                )
                rows[f"{kind}/{method}"] = {
                    name: as_list(over_pictures(value)) for name, value in measured[method].items()
                }
                kept[f"verdicts/{kind}/{method}"] = curve
                if kind == "different":
                    rows[f"labels/{method}"] = {
                        str(number): (verdicts == number).float().mean().item() for number in range(CLASSES)
                    }
                else:
                    rows[f"per class/{method}"] = {
                        str(number): as_list(over_pictures(measured[method]["kept"][labels[first] == number]))
                        for number in range(CLASSES)
                    }
            for method in self.methods[1:]:
                rows[f"{kind}/{method} - {self.methods[0]}"] = {
                    name: as_list(over_pictures(value - measured[self.methods[0]][name]))
                    for name, value in measured[method].items()
                }
        return rows, kept


def draw_pairs(labels: Tensor, count: int, same: bool, seed: int) -> Pairs:
    """So many pairs for each class of the first picture; the second is another one of that class, or of another class.

    Raises:
        ValueError: no pairs asked for, or none there: a class of one picture, or but one class.
    """
    if count < 1:
        raise ValueError(f"{count} pairs a class: ask for at least 1")
    classes, pictures = labels.unique(return_counts=True)
    if len(classes) < 2 - same:
        raise ValueError(f"pictures of {len(classes)} classes make no pair: give some of at least {2 - same}")
    if same and pictures.min() < 2:
        raise ValueError(f"class {classes[pictures.argmin()]} has 1 picture, so no pair: leave it out, or add another")
    generator = torch.Generator().manual_seed(seed)
    firsts, seconds = [], []
    for number in classes:
        own = (labels == number).nonzero().flatten()
        others = own if same else (labels != number).nonzero().flatten()
        first = own[torch.randint(len(own), (count,), generator=generator)]
        second = others[torch.randint(len(others), (count,), generator=generator)]
        while same and (equal := first == second).any():
            second[equal] = own[torch.randint(len(own), (int(equal.sum()),), generator=generator)]
        firsts.append(first)
        seconds.append(second)
    return torch.cat(firsts), torch.cat(seconds)


@torch.no_grad()
def make_paths(method: str, first: Images, second: Images, weights: Tensor, nets: Nets) -> Tensor:
    """Pictures on the way between pairs, [T, P, C, H, W].

    Args:
        method: "pixels", the name of a recipe whose code is used, or that name with "/spherical" behind it.
    """
    if method == "pixels":
        return interpolate(first, second, weights)
    name, _, how = method.partition("/")
    model = nets(name, 0)
    one, other = model.encode(first), model.encode(second)
    if how == "spherical":
        codes = torch.stack(
            [interpolate(a, b, weights, spherical=True) for a, b in zip(one, other, strict=True)], dim=1
        )
    else:
        codes = interpolate(one, other, weights)
    return torch.stack([model.decode(part) for part in codes])


def measure(
    paths: Tensor, first: Tensor, second: Tensor, judge: Judge, training: Images, searched: int
) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    """Numbers for each path [P], the mean probability of the classes of its ends along it [2, T], and what the judge
    takes the picture half way for [P].

    `ends`: whether the path's first picture is judged to be what it is; `kept`: whether the picture half way is judged
    to be of the class of an end; `confidence` of that judgement; `distance` of that picture to the nearest training
    picture, root mean square over pixels, for `searched` evenly chosen paths only; `length` of the whole path in pixels
    over the straight line between its ends; `blend`: how far the picture half way is from the mean of the path's own
    ends, over the distance between these.
    """
    steps, count = paths.shape[:2]
    verdicts = judge(paths.flatten(0, 1)).view(steps, count, -1)
    middle = steps // 2
    half, best = paths[middle], verdicts[middle].max(1)
    ends = paths[-1] - paths[0]
    straight = ends.flatten(1).norm(dim=1)
    walked = (paths[1:] - paths[:-1]).flatten(2).norm(dim=2).sum(0)
    chosen = torch.linspace(0, count - 1, min(searched, count)).long()
    pixels = paths[0, 0].numel()
    numbers = {
        "ends": (verdicts[0].argmax(1) == first).float(),
        "kept": ((best.indices == first) | (best.indices == second)).float(),
        "confidence": best.values,
        "distance": nearest(half[chosen], training)[0] / pixels**0.5,
        "length": walked / straight,
        "blend": (half - (paths[0] + paths[-1]) / 2).flatten(1).norm(dim=1) / straight,
    }
    at = torch.arange(count)
    curve = torch.stack([verdicts[:, at, first].mean(1), verdicts[:, at, second].mean(1)])
    return numbers, curve, best.indices


@dataclass(frozen=True)
class AugmentationStudy(Study):
    """The classifier on few labels, with interpolated pictures and without, in one table.

    Args:
        labels: Pictures of each class.
        methods: Where the interpolated pictures come from.
        extra: Interpolated pictures for each real one.
        steps: Batches that each training sees, whatever its pictures.
        repeats: Trainings a row, from seed 0 on.
    """

    labels: tuple[int, ...] = (10, 100)
    methods: tuple[str, ...] = ("pixels", "robledo-two-layer", "bottleneck-32")
    extra: int = 10
    steps: int = 500
    batch_size: int = 64
    learning_rate: float = 2e-3
    repeats: int = 5
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, labels=(count,)) for count in self.labels)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trains the classifier on few labels, for the same number of steps with and without interpolated pictures.

        Returns:
            Rows by "<labels a class>/none", "<labels>/with/<method>" and "<labels>/only/<method>": `accuracy` on the
            test set, a list over seeds. Nothing is kept.
        """
        rows: Rows = {}
        for count in self.labels:
            for seed in range(self.repeats):
                real = label_subset(splits.train, count, seed)
                _add(rows, f"{count}/none", train_and_score(self, real, splits.test, seed))
                for method in self.methods:
                    extra = between_pairs(real, self.extra * len(real), method, nets, seed)
                    _add(rows, f"{count}/with/{method}", train_and_score(self, join(real, extra), splits.test, seed))
                    _add(rows, f"{count}/only/{method}", train_and_score(self, extra, splits.test, seed))
        return rows, {}


def label_subset(images: ImageSet, count: int, seed: int) -> ImageSet:
    """So many pictures of every class, drawn by the seed.

    Raises:
        ValueError: a class has fewer.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = []
    for number in images.labels.unique():
        own = (images.labels == number).nonzero().flatten()
        if not 1 <= count <= len(own):
            raise ValueError(f"{count} pictures of class {int(number)}: it has {len(own)}, ask for 1 to that many")
        chosen.append(own[torch.randperm(len(own), generator=generator)[:count]])
    return images[torch.cat(chosen)]


@torch.no_grad()
def between_pairs(images: ImageSet, count: int, method: str, nets: Nets, seed: int) -> ImageSet:
    """Pictures between two random ones of a class, at a random place on the way, with the label of that class.

    Args:
        method: "pixels", or the name of a recipe whose code is used.
    """
    generator = torch.Generator().manual_seed(seed)
    pictures = images.all().images
    first = torch.randint(len(images), (count,), generator=generator)
    labels = images.labels[first]
    second = torch.empty_like(first)
    for number in images.labels.unique():
        own, wanted = (images.labels == number).nonzero().flatten(), labels == number
        second[wanted] = own[torch.randint(len(own), (int(wanted.sum()),), generator=generator)]
    place = torch.rand(count, generator=generator)
    model = None if method == "pixels" else nets(method, 0)
    ends = pictures if model is None else model.encode(pictures)
    between = torch.lerp(ends[first], ends[second], place.view(-1, *[1] * (ends.ndim - 1)))
    made = between if model is None else model.decode(between)
    return replace(images, images=(made * 255).round().byte(), labels=labels)


def join(first: ImageSet, second: ImageSet) -> ImageSet:
    """The pictures of two sets of the same classes, one set behind the other."""
    return replace(
        first, images=torch.cat([first.images, second.images]), labels=torch.cat([first.labels, second.labels])
    )


def train_and_score(study: AugmentationStudy, images: ImageSet, test: ImageSet, seed: int) -> float:
    """Accuracy on the test set after a fixed number of steps, however many pictures there are."""
    torch.manual_seed(seed)
    model = build("classifier")
    fit(
        model,
        Classification(),
        images,
        torch.optim.Adam(model.parameters(), study.learning_rate),
        epochs=max(1, round(study.steps * study.batch_size / len(images))),
        batch_size=study.batch_size,
        seed=seed,
        decay=True,
    )
    return evaluate(model, Classification(), test)["accuracy"].mean().item()


def _add(rows: Rows, name: str, accuracy: float) -> None:
    rows.setdefault(name, {"accuracy": []})["accuracy"].append(accuracy)


EXPERIMENTS = (InterpolationStudy("interpolation"), AugmentationStudy("augmentation"))

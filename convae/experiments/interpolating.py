"""Interpolating between digits: what a classifier sees on the way, and what it learns from such pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import torch
from torch import Tensor, nn

from convae.corruption import Blur
from convae.experiments.experiment import Nets, Rows
from convae.experiments.looking_at_the_code import Judge
from convae.experiments.study import Study, as_list
from convae.latent import interpolate
from convae.measures.distances import nearest
from convae.measures.intervals import over_pictures, over_share
from convae.models import Classifier, build
from convae.tasks import Classification
from convae.tensors import Batch
from convae.training.loop import evaluate, take_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convae.data import ImageSet, Splits
    from convae.models import Autoencoder
    from convae.tensors import Images

Pairs = tuple[Tensor, Tensor]  # positions of the pictures at both ends, [P] each
KINDS = ("same", "different", "seven to four")
SHARES = ("ends", "both", "kept", "whole")  # columns of what a pair does or does not
CLASSES = 10
NINE = 9  # of the walks between two of them each classifier is asked alone, too
SHIFTS, FARTHEST = "shifts", 2  # known to help a classifier; in pixels
HALF = "half"  # real pictures alone, half as many a batch: what mixtures leave of them
BLUR = Blur(1.0)  # in pixels: a digit without edges


@dataclass(frozen=True)
class InterpolationStudy(Study):
    """Paths between random test pictures, in one table, by one net of each kind.

    Args:
        methods: "pixels" first, then recipes, with "/spherical" behind a name for that path.
        kinds: Between pictures of the "same" class, of two "different" ones, or from a "seven to four".
        pairs: For each class of the first picture.
        steps: Pictures on a path, an odd number with both ends.
        searched: Pairs of each kind whose nearest training picture is searched; of a tenth of them for whole paths.
        judges: Seeds of the classifier.
    """

    methods: tuple[str, ...] = (
        "pixels",
        "robledo-two-layer",
        "bottleneck-32",
        "bottleneck-32/spherical",
        "variational-32",
        "variational-32/spherical",
    )
    kinds: tuple[str, ...] = KINDS
    pairs: int = 200
    steps: int = 11
    searched: int = 500
    judges: int = 2
    seed: int = 0
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, kinds=(kind,)) for kind in self.kinds)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Paths of each kind by every method.

        Returns:
            Rows of intervals as [mean, low, high, count], over pairs or pictures, Wilson's where they are of shares:

            "<kind>/<method>" with the columns of `measure`; "<kind>/<method> - pixels" and "<kind>/<name>/spherical -
            straight" with the paired differences of these.
            "<column> of each/<method>", of pairs of one class, by class.
            "labels/<method>": the share of midpoints of two classes that are taken for each class;
            "labels/<name>/spherical - straight": its paired differences, and `changed`, the share of other verdicts.
            And "alone/<method>", a list: the share of `whole` walks between nines, by each classifier alone.

            With kind "same" also "reconstructed/<name>": the share of all test pictures of each class that are
            taken for it ("pixels" stands for the pictures themselves). "nearest/<name>": the `distance` to the nearest
            training picture of what the searched pairs begin with, as it is ("pixels"), "blurred", or reconstructed,
            and paired with it `less pixels` and `midpoint less this`. "new/<name>": how far the pictures of some paths
            are from the nearest of both sets, their ends among these, two lists from place to place: `mean`, `least`.

            By "verdicts/<kind>/<method>" the mean probability of the classes of both ends along the path, [2, T].
        """
        images, labels = splits.test.all()
        training = splits.train.all().images
        judge = Judge([nets("classifier", seed) for seed in range(self.judges)])
        weights = torch.linspace(0, 1, self.steps)
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        for kind in self.kinds:
            first, second = self._draw(labels, kind)
            one, other = labels[first], labels[second]
            measured: dict[str, dict[str, Tensor]] = {}
            verdicts: dict[str, Tensor] = {}
            for method in self.methods:
                paths = make_paths(method, images[first], images[second], weights, nets)
                measured[method], kept[f"verdicts/{kind}/{method}"], verdicts[method] = measure(
                    paths, one, other, judge, training, self.searched
                )
                if kind == "same":
                    rows[f"alone/{method}"] = {"whole": whole_walks_by_each(judge, paths[:, one == NINE], NINE)}
                if kind == "same" and "/" not in method:
                    rest = paths[1:, evenly(len(one), self.searched // 10)]
                    rows[f"new/{method}"] = from_both_sets(rest, training, images)
                    again = paths[0] if method == "pixels" else reconstruct(nets(method, 0), images)
                    rows[f"reconstructed/{method}"] = rightly_named(
                        judge, images if method == "pixels" else again, labels
                    )
            rows |= compare(kind, measured)
            if kind == "same":
                rows |= by_class(measured, one)
                rows |= nearest_of_known(
                    images[first[evenly(len(one), self.searched)]], training, self.methods, measured, nets
                )
            if kind == "different":
                rows |= seen_half_way(verdicts)
        return rows, kept

    def _draw(self, labels: Tensor, kind: str) -> Pairs:
        if kind == "seven to four":
            return draw_between(labels, 7, 4, self.pairs, self.seed)
        return draw_pairs(labels, self.pairs, kind == "same", self.seed)


@dataclass(frozen=True)
class WalksStudy(Study):
    """Every test picture with others of its class, to the first classifier: half way, and all the way between nines.

    Args:
        methods: "pixels", or recipes, of which seed 0 is taken.
        draws: So many others are drawn for each picture.
        steps: Pictures on a walk, an odd number with both ends.
    """

    methods: tuple[str, ...] = ("pixels", "robledo-two-layer", "bottleneck-32")
    draws: int = 4
    steps: int = 11
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Means over the draws of each first picture, and intervals over these pictures.

        Returns:
            Rows "half way/<method>": `ends`, the share of first ends that are taken for what they are, `kept` of the
            midpoints, and the paired difference `half_lost`. "nines/<method>": `whole`, the share of walks of which
            every picture between the ends is taken for a nine, `single`, of the pictures between the ends, `ends`, and
            `single_lost` and `real_lost`, the share of the ends (and of the real first pictures) less that of the
            single pictures, paired. "given back/<net>": that net's own squared error on `test` pictures, on its own
            `reconstructions` of these, on its `midpoints` and on `blends`; and how much `more` on midpoints than on the
            reconstructions, paired. Nothing is kept.
        """
        images, labels = splits.test.all()
        judge = Judge([nets("classifier", 0)])
        nines = labels == NINE
        real = (judge(images[nines]).argmax(1) == NINE).double()
        pairs = [self._partners(labels, draw) for draw in range(self.draws)]
        rows: Rows = {}
        for method in self.methods:
            ends = (judge(self._again(method, images, nets)).argmax(1) == labels).double()
            kept = torch.zeros(len(images), dtype=torch.float64)
            for second in pairs:
                middle = make_paths(method, images, images[second], torch.tensor([0.5]), nets)[0]
                kept += (judge(middle).argmax(1) == labels).double() / self.draws
            if method != "pixels":
                rows[f"given back/{method}"] = self._given_back(method, images, pairs, nets)
            rows[f"half way/{method}"] = {
                "ends": _interval("ends", ends),
                "kept": as_list(over_pictures(kept)),
                "half_lost": as_list(over_pictures(ends - kept)),
            }
            first, own = images[nines], ends[nines]
            found = []
            for second in pairs:
                paths = make_paths(method, first, images[second[nines]], torch.linspace(0, 1, self.steps), nets)[1:-1]
                found.append((judge(paths.flatten(0, 1)).argmax(1) == NINE).view(paths.shape[:2]).double())
            single = torch.stack(found).mean((0, 1))
            rows[f"nines/{method}"] = {
                "ends": _interval("ends", own),
                "whole": as_list(over_pictures(torch.stack([each.amin(0) for each in found]).mean(0))),
                "single": as_list(over_pictures(single)),
                "single_lost": as_list(over_pictures(own - single)),
                "real_lost": as_list(over_pictures(real - single)),
            }
        return rows, {}

    def _partners(self, labels: Tensor, draw: int) -> Tensor:
        """To each picture another one of its class."""
        generator = torch.Generator().manual_seed(draw)
        second = torch.empty_like(labels)
        for number in labels.unique():
            own = (labels == number).nonzero().flatten()
            second[own] = another(own, own, generator)
        return second

    def _given_back(self, method: str, images: Images, pairs: list[Tensor], nets: Nets) -> dict[str, list[float]]:
        """Squared errors of the net itself, by what it is given."""
        model = nets(method, 0)

        def error(pictures: Images) -> Tensor:
            return (reconstruct(model, pictures) - pictures).double().square().mean((1, 2, 3))

        def half_way(way: str) -> Tensor:
            paths = (make_paths(way, images, images[each], torch.tensor([0.5]), nets) for each in pairs)
            return torch.stack([error(path[0]) for path in paths]).mean(0)

        errors = {
            "test": error(images),
            "reconstructions": error(reconstruct(model, images)),
            "midpoints": half_way(method),
            "blends": half_way("pixels"),
        }
        errors["more"] = errors["midpoints"] - errors["reconstructions"]
        return {name: as_list(over_pictures(each)) for name, each in errors.items()}

    def _again(self, method: str, images: Images, nets: Nets) -> Images:
        return images if method == "pixels" else reconstruct(nets(method, 0), images)


def evenly(count: int, wanted: int) -> Tensor:
    """Positions of so many of some pairs, evenly chosen among all: at least one, at most all."""
    return torch.linspace(0, count - 1, max(1, min(wanted, count))).long()


def compare(kind: str, measured: dict[str, dict[str, Tensor]]) -> Rows:
    """The intervals of each method, of what it has more than blended pixels, and a spherical path more than a straight
    one."""
    rows: Rows = {}
    for method, columns in measured.items():
        rows[f"{kind}/{method}"] = {column: _interval(column, values) for column, values in columns.items()}
        name, _, turned = method.partition("/")
        for rival, called in (("pixels", "pixels"), *([(name, "straight")] if turned else [])):
            if method != rival:
                rows[f"{kind}/{method} - {called}"] = {
                    column: as_list(over_pictures(values - measured[rival][column]))
                    for column, values in columns.items()
                }
    return rows


def by_class(measured: dict[str, dict[str, Tensor]], labels: Tensor) -> Rows:
    """What becomes of walks within each class."""
    return {
        f"{column} of each/{method}": {
            str(number): _interval(column, columns[column][labels == number]) for number in range(CLASSES)
        }
        for method, columns in measured.items()
        for column in ("kept", "both", "whole", "walk_lost")
    }


def seen_half_way(verdicts: dict[str, Tensor]) -> Rows:
    """What midpoints are taken for, and in how many a spherical path changes that."""
    rows: Rows = {}
    for method, seen in verdicts.items():
        rows[f"labels/{method}"] = {
            str(number): _interval("ends", (seen == number).float()) for number in range(CLASSES)
        }
        name, _, turned = method.partition("/")
        if turned:
            straight = verdicts[name]
            rows[f"labels/{method} - straight"] = {
                str(number): as_list(over_pictures((seen == number).float() - (straight == number).float()))
                for number in range(CLASSES)
            } | {"changed": _interval("ends", (seen != straight).float())}
    return rows


def nearest_of_known(
    pictures: Images, training: Images, methods: tuple[str, ...], measured: dict[str, dict[str, Tensor]], nets: Nets
) -> Rows:
    """How near real pictures, their blurred copies and their reconstructions are to the nearest training picture."""
    known = {"pixels": pictures, "blurred": BLUR.spoil(pictures, torch.Generator())}
    known |= {name: reconstruct(nets(name, 0), pictures) for name in methods if "/" not in name and name != "pixels"}
    rows: Rows = {}
    real: Tensor | None = None
    for name, shown in known.items():
        distance = root_mean_square(shown, training)
        real = distance if real is None else real
        rows[f"nearest/{name}"] = {
            "distance": as_list(over_pictures(distance)),
            "less pixels": as_list(over_pictures(distance - real)),
        }
        if name in measured:
            midpoints = measured[name]["distance"] - distance
            rows[f"nearest/{name}"]["midpoint less this"] = as_list(over_pictures(midpoints))
    return rows


def root_mean_square(pictures: Images, references: Images) -> Tensor:
    """Distance to the nearest reference as root mean square over pixels, [N]."""
    distances, _ = nearest(pictures, references)
    return distances / math.sqrt(pictures[0].numel())


def from_both_sets(paths: Tensor, training: Images, test: Images) -> dict[str, list[float]]:
    """How far the pictures of some paths [T, P, C, H, W] are from the nearest one of both sets, place by place."""
    pictures = paths.flatten(0, 1)
    found = torch.minimum(root_mean_square(pictures, training), root_mean_square(pictures, test))
    places = found.view(paths.shape[:2])
    return {"mean": places.mean(1).tolist(), "least": places.min(1).values.tolist()}


def whole_walks_by_each(judge: Judge, paths: Tensor, number: int) -> list[float]:
    """The share of paths [T, P, C, H, W] on which every picture between the ends is taken for that class, by each
    classifier of the judge alone."""
    between = paths[1:-1]
    shares = []
    for classifier in judge.classifiers:
        assert isinstance(classifier, Classifier)
        seen = Judge([classifier])(between.flatten(0, 1)).argmax(1).view(between.shape[:2])
        shares.append((seen == number).all(0).float().mean().item())
    return shares


def rightly_named(judge: Judge, pictures: Images, labels: Tensor) -> dict[str, list[float]]:
    """The share of the pictures of each class that are taken for it."""
    right = (judge(pictures).argmax(1) == labels).float()
    return {str(number): _interval("ends", right[labels == number]) for number in range(CLASSES)}


@torch.no_grad()
def reconstruct(model: Autoencoder, pictures: Images) -> Images:
    """What a net makes of many pictures."""
    return torch.cat([model(part) for part in pictures.split(1000)])


def _interval(column: str, values: Tensor) -> list[float]:
    if column in SHARES:
        return as_list(over_share(int(values.sum()), len(values)))
    return as_list(over_pictures(values))


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
        firsts.append(first)
        seconds.append(another(others, first, generator))
    return torch.cat(firsts), torch.cat(seconds)


def another(pictures: Tensor, first: Tensor, generator: torch.Generator) -> Tensor:
    """To each position one of some others, drawn until it is not the same."""
    second = pictures[torch.randint(len(pictures), (len(first),), generator=generator)]
    while (equal := first == second).any():
        second[equal] = pictures[torch.randint(len(pictures), (int(equal.sum()),), generator=generator)]
    return second


def draw_between(labels: Tensor, first: int, second: int, count: int, seed: int) -> Pairs:
    """So many pairs of a picture of one class and a picture of another.

    Raises:
        ValueError: no pairs asked for, or a class of no picture.
    """
    if count < 1:
        raise ValueError(f"{count} pairs: ask for at least 1")
    generator = torch.Generator().manual_seed(seed)
    drawn = []
    for number in (first, second):
        own = (labels == number).nonzero().flatten()
        if not len(own):
            raise ValueError(f"no picture of class {number}: it makes no pair, take another class")
        drawn.append(own[torch.randint(len(own), (count,), generator=generator)])
    return drawn[0], drawn[1]


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

    Shares of pairs: `ends`, whether the path's first picture is judged to be what it is, and `both`, whether both ends
    are; `kept`, whether the picture half way is judged to be of the class of an end, and `whole`, whether every picture
    between the ends is. `half_lost` is `ends` less `kept`, `walk_lost` is `both` less `whole`. `confidence` of the
    judgement half way; `distance` of that picture to the nearest training picture, root mean square over pixels, for
    `searched` evenly chosen paths only; `length` of the whole path in pixels over the straight line between its ends;
    `blend`: how far the picture half way is from the mean of the path's own ends, over the distance between these;
    `ink`: its mean pixel over that of its ends.
    """
    steps, count = paths.shape[:2]
    verdicts = judge(paths.flatten(0, 1)).view(steps, count, -1)
    middle = steps // 2
    half, best = paths[middle], verdicts[middle].max(1)
    mean = (paths[0] + paths[-1]) / 2
    straight = (paths[-1] - paths[0]).flatten(1).norm(dim=1)
    walked = (paths[1:] - paths[:-1]).flatten(2).norm(dim=2).sum(0)
    seen = verdicts.argmax(2)
    of_an_end = (seen == first) | (seen == second)
    ends, both = seen[0] == first, (seen[0] == first) & (seen[-1] == second)
    kept, whole = of_an_end[middle], of_an_end[1:-1].all(0)
    numbers = {
        "ends": ends.float(),
        "both": both.float(),
        "kept": kept.float(),
        "whole": whole.float(),
        "half_lost": ends.float() - kept.float(),
        "walk_lost": both.float() - whole.float(),
        "confidence": best.values,
        "distance": root_mean_square(half[evenly(count, searched)], training),
        "length": walked / straight,
        "blend": (half - mean).flatten(1).norm(dim=1) / straight,
        "ink": half.flatten(1).mean(1) / mean.flatten(1).mean(1),
    }
    at = torch.arange(count)
    curve = torch.stack([verdicts[:, at, first].mean(1), verdicts[:, at, second].mean(1)])
    return numbers, curve, best.indices


@dataclass(frozen=True)
class AugmentationStudy(Study):
    """The classifier on few labels, with interpolated pictures and without, in one table.

    Args:
        labels: Pictures of each class.
        methods: Where interpolated pictures come from; "none" for the training without any, "half" for one with nothing
            in place of the half batch that they take.
        extra: Interpolated pictures that are made for each real one.
        steps: Batches of each training, all of `batch_size` pictures; with both kinds half of a batch is real.
        repeats: Trainings a row, from seed 0 on, which draws the real pictures, too.
    """

    labels: tuple[int, ...] = (10, 100)
    methods: tuple[str, ...] = ("none", "pixels", "robledo-two-layer")
    extra: int = 10
    steps: int = 500
    batch_size: int = 32
    learning_rate: float = 2e-3
    repeats: int = 5
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def parts(self) -> tuple[Self, ...]:
        return tuple(
            replace(self, labels=(count,), methods=(method,)) for count in self.labels for method in self.methods
        )

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trains the classifier on few labels, for the same number of batches of the same size whatever is in them.

        Returns:
            Rows by "<labels a class>/none", "<labels>/half", "<labels>/with/<method>" and "<labels>/only/<method>":
            `accuracy` on the test set, a list over seeds. Nothing is kept.
        """
        rows: Rows = {}
        for count in self.labels:
            for seed in range(self.repeats):
                real = label_subset(splits.train, count, seed)
                for method in self.methods:
                    study, learnt_from = self, {f"{count}/{method}": [real]}
                    if method == HALF:
                        study = replace(self, batch_size=self.batch_size // 2)
                    elif method != "none":
                        made = between_pairs(real, self.extra * len(real), method, nets, seed)
                        learnt_from = {f"{count}/with/{method}": [real, made], f"{count}/only/{method}": [made]}
                    for name, sets in learnt_from.items():
                        accuracy = train_and_score(study, sets, splits.test, seed)
                        rows.setdefault(name, {"accuracy": []})["accuracy"].append(accuracy)
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
    """Pictures between two different ones of a class, at a random place on the way, with the label of that class.

    Args:
        method: "pixels", or the name of a recipe whose code is used; or "shifts" for pictures that lie between none,
            but are moved by up to two pixels each way.

    Raises:
        ValueError: a class of a single picture.
    """
    generator = torch.Generator().manual_seed(seed)
    pictures = images.all().images
    first = torch.randint(len(images), (count,), generator=generator)
    labels = images.labels[first]
    if method == SHIFTS:
        shifted = (shift(pictures[first], generator) * 255).round().byte()
        return replace(images, images=shifted, labels=labels)
    second = torch.empty_like(first)
    for number in images.labels.unique():
        own, wanted = (images.labels == number).nonzero().flatten(), labels == number
        if len(own) < 2:
            raise ValueError(f"1 picture of class {int(number)}: nothing lies between it and another, give 2 of each")
        second[wanted] = another(own, first[wanted], generator)
    place = torch.rand(count, generator=generator)
    model = None if method == "pixels" else nets(method, 0)
    ends = pictures if model is None else model.encode(pictures)
    between = torch.lerp(ends[first], ends[second], place.view(-1, *[1] * (ends.ndim - 1)))
    made = between if model is None else model.decode(between)
    return replace(images, images=(made * 255).round().byte(), labels=labels)


def shift(pictures: Images, generator: torch.Generator) -> Images:
    """Each moved by up to two pixels down or up, and as many to a side; black comes in."""
    height, width = pictures.shape[-2:]
    around = nn.functional.pad(pictures, (FARTHEST,) * 4)
    corners = torch.randint(2 * FARTHEST + 1, (len(pictures), 2), generator=generator).tolist()
    return torch.stack(
        [each[:, top : top + height, left : left + width] for each, (top, left) in zip(around, corners, strict=True)]
    )


def endless(images: ImageSet, size: int, generator: torch.Generator) -> Iterator[Batch]:
    """Batches without end, each of so many pictures; each picture comes once before any comes again."""
    waiting = torch.empty(0, dtype=torch.long)
    while True:
        while len(waiting) < size:
            waiting = torch.cat([waiting, torch.randperm(len(images), generator=generator)])
        yield images[waiting[:size]].all()
        waiting = waiting[size:]


def train_and_score(study: AugmentationStudy, sets: list[ImageSet], test: ImageSet, seed: int) -> float:
    """Accuracy on the test set after the study's batches, each of as many pictures from every set."""
    torch.manual_seed(seed)
    model = build("classifier")
    optimizer = torch.optim.Adam(model.parameters(), study.learning_rate)
    order = torch.Generator().manual_seed(seed)
    streams = [endless(images, study.batch_size // len(sets), order) for images in sets]
    for step in range(study.steps):
        optimizer.param_groups[0]["lr"] = study.learning_rate * (1 - step / study.steps)
        parts = [next(stream) for stream in streams]
        batch = Batch(torch.cat([part.images for part in parts]), torch.cat([part.labels for part in parts]))
        take_step(model, Classification(), batch, optimizer, order)
    return evaluate(model, Classification(), test)["accuracy"].mean().item()


AUGMENTATION = AugmentationStudy("augmentation")

LONGER = replace(
    AUGMENTATION,
    name="augmentation-longer",
    labels=(100,),
    methods=("none", "robledo-two-layer"),
    steps=2000,
    repeats=3,
)

CONTROL = replace(AUGMENTATION, name="augmentation-control", methods=("none", HALF, SHIFTS))

EXPERIMENTS = (
    InterpolationStudy("interpolation"),
    WalksStudy("interpolation-floor"),
    AUGMENTATION,
    LONGER,
    CONTROL,
)

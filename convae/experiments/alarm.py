"""Pictures of another kind: does a net that reconstructs digits say that something is wrong with them?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from convae import data
from convae.arithmetic.shapes import check_whole
from convae.baselines import linear
from convae.experiments.experiment import Nets, Rows
from convae.experiments.study import Study, as_list
from convae.latent import encode_all
from convae.measures.distances import nearest
from convae.measures.intervals import LEVEL, Interval, against_baseline, between_paired_shares, over_share
from convae.measures.losses import mse
from convae.tensors import Codes, Images

if TYPE_CHECKING:
    from convae.data import ImageSet, Splits
    from convae.models import Autoencoder
    from convae.tensors import PerImage

POINTS = 101  # of a ROC curve that is kept
SHARE = 0.05  # of usual pictures, that may ring
HALVINGS = 200
SCORES = ("error", "code", "two-sided", "joint")
NEAREST_AGAINST = (("distance", "error"), ("distance", "code"), ("two-sided", "joint"))
DRAWN = ("upside down", "strokes")  # the kinds whose ROC curves are kept


@dataclass(frozen=True)
class AlarmStudy(Study):
    """Pictures of other kinds, told from digits by reconstruction error and by their code, in one table.

    Test pictures are drawn at random: some are the usual ones, and what is unusual is made of others. What thresholds
    and joint scores have to know of usual pictures is taken from those for validation.

    Args:
        pictures: Of each kind; twice as many are drawn.
        fitted: Training pictures whose codes say what is usual.
        repeats: Seeds of the net with the linear bottleneck.
    """

    nets: tuple[str, ...] = ("robledo-two-layer", "bottleneck-32")
    pictures: int = 5000
    fitted: int = 10_000
    repeats: int = 5
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Scores digits and pictures of other kinds by every net, and asks how well each score tells them apart.

        Returns:
            Rows; a list in one is over seeds, and an interval is over them and pictures.
            "<kind>": `ink` (mean square of the pixels), "usual" among the kinds.
            "<kind>/<net>": `mean` error, and `relative`, the AUC of error divided by ink; `relative beyond error`, the
            interval of the difference of the AUCs with and without that division.
            "<kind>/<net>/<score>": `auc`, and `found`, the share above the threshold that 5 % of the validation
            pictures exceed; of "joint" also `beyond <score>`, the interval of the difference of shares in points.
            "upside down/<net>/<digit>/<score>": `auc` of that digit alone, against usual digits of all kinds, and of
            the same pictures `upright`.
            "upside down/<net>": `code beyond error`, `two-sided beyond error` and `joint beyond code`, intervals of the
            differences of these AUCs; of PCA also `beyond <net>`, of its error's and the net's.
            "usual/<net>/<score>": the share of alarms at the threshold from validation among the `test` pictures drawn,
            in the `first` and the `last` half of the test set and among scikit-learn's `digits`; and at a threshold
            from one half of the test set, in the other one: `first to last`, `last to first`.
            "usual/random": `low` and `high`, between which that share lies for 95 % of random halves.
            "edge/<net>": of inverted digits the mean error and its AUC, `whole`, `whole auc`, and without the last
            row and column, `inner`, `inner auc`.

            And of the last of the nets, seed 0, by "<kind>/<score>", the rate of alarms among digits upside down and
            strokes [101] for 0, 1, … 100 % of false alarms.
        """
        test, labels = splits.test.all()
        usual, rest = _draw(len(test), self.pictures)
        small = data.load("digits", validation=0)
        pictures = _of_each_kind(test, usual, rest)
        pictures |= {"test": test, "digits": torch.cat([part.all().images for part in (small.train, small.test)])}
        ink = {kind: square(images) for kind, images in pictures.items()}
        rows: Rows = {kind: {"ink": ink[kind].mean().item()} for kind in ("usual", *KINDS)}
        kept: dict[str, Tensor] = {}
        every: dict[str, list[Scored]] = {}
        for name in ("pca-32", *self.nets):
            found = every[name] = []
            for seed in range(self.repeats if name == "bottleneck-32" else 1):
                model = linear.pca(splits.train, 32) if name == "pca-32" else nets(name, seed)
                surprise = Surprise(model, splits.train[: self.fitted], splits.validation)
                found.append(Scored({kind: surprise(images) for kind, images in pictures.items()}, surprise.limits))
                _add(rows, f"edge/{name}", _edge(model, test[usual], pictures["inverted"]))
            for one in found:
                for score in SCORES:
                    _add(rows, f"usual/{name}/{score}", _false_alarms(one, score))
                for kind in ("usual", *KINDS):
                    told = {"mean": one[kind, "error"].mean().item(), "relative": area(*_by_ink(one, kind, ink))}
                    _add(rows, f"{kind}/{name}", told)
                for kind, score in ((kind, score) for kind in KINDS for score in SCORES):
                    told = {"auc": area(one["usual", score], one[kind, score]), "found": one.found(kind, score)}
                    _add(rows, f"{kind}/{name}/{score}", told)
                for digit, score in ((digit, score) for digit in range(10) for score in SCORES):
                    # The same pictures upright, which are not among the usual ones
                    ours = labels[rest] == digit
                    upright, turned = one["test", score][rest][ours], one["upside down", score][ours]
                    told = {"auc": area(one["usual", score], turned), "upright": area(one["usual", score], upright)}
                    _add(rows, f"upside down/{name}/{digit}/{score}", told)
            for kind, score in ((kind, score) for kind in KINDS for score in SCORES[:-1]):
                rows[f"{kind}/{name}/joint"][f"beyond {score}"] = as_list(_more_found(found, kind, score))
            for kind in KINDS:
                relative, error = zip(
                    *((_by_ink(one, kind, ink), one.sides(kind, "error")) for one in found), strict=True
                )
                rows[f"{kind}/{name}"]["relative beyond error"] = as_list(area_difference(relative, error))
            for score, other in (("code", "error"), ("two-sided", "error"), ("joint", "code")):
                first, second = ([one.sides("upside down", each) for one in found] for each in (score, other))
                rows[f"upside down/{name}"][f"{score} beyond {other}"] = as_list(area_difference(first, second))
        for name in self.nets:
            own = [one.sides("upside down", "error") for one in every[name]]
            pca = [every["pca-32"][0].sides("upside down", "error")] * len(own)
            rows["upside down/pca-32"][f"beyond {name}"] = as_list(area_difference(pca, own))
        low, high = _random_halves(every["pca-32"][0]["test", "error"])
        rows["usual/random"] = {"low": low, "high": high}
        for kind, score in ((kind, score) for kind in DRAWN for score in SCORES):
            kept[f"{kind}/{score}"] = alarms(*every[self.nets[-1]][0].sides(kind, score))
        return rows, kept


@dataclass(frozen=True)
class NearestStudy(Study):
    """The rival without a net: how far the pictures of AlarmStudy are from the nearest training picture.

    Args:
        nets: Of which seed 0 is compared with it, as PCA is.
        pictures: Of each kind; twice as many are drawn.
        fitted: Training pictures whose codes say what is usual, to the nets.
    """

    nets: tuple[str, ...] = ("robledo-two-layer", "bottleneck-32")
    pictures: int = 5000
    fitted: int = 10_000
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Searches the nearest training picture of all, and of those for validation, which say what is usual.

        Returns:
            Rows "<kind>/<score>", the score one of "distance" and "two-sided": `auc`, and `found`, the share above what
            5 % of the validation pictures exceed ("usual" among the kinds: `found` alone). Of "distance" also the
            intervals, over pictures, of its area less those of a net: `beyond <net>/error` and `beyond <net>/code`; of
            "two-sided" `beyond <net>/joint`. Nothing is kept.
        """
        test, training = splits.test.all().images, splits.train.all().images
        pictures = _of_each_kind(test, *_draw(len(test), self.pictures))
        near = {kind: nearest(images, training)[0] for kind, images in pictures.items()}
        held_out = nearest(splits.validation.all().images, training)[0]
        usual = Mahalanobis(_logarithms(held_out))
        own = Scored(
            {kind: {"distance": each, "two-sided": usual(_logarithms(each))} for kind, each in near.items()},
            {"distance": limit(held_out), "two-sided": limit(usual(_logarithms(held_out)))},
        )
        rows: Rows = {f"usual/{score}": {"found": own.found("usual", score)} for score in own.limits}
        rows |= {
            f"{kind}/{score}": {"auc": area(*own.sides(kind, score)), "found": own.found(kind, score)}
            for kind in KINDS
            for score in own.limits
        }
        for name in ("pca-32", *self.nets):
            model = linear.pca(splits.train, 32) if name == "pca-32" else nets(name, 0)
            surprise = Surprise(model, splits.train[: self.fitted], splits.validation)
            theirs = Scored({kind: surprise(images) for kind, images in pictures.items()}, surprise.limits)
            for kind, (score, other) in product(KINDS, NEAREST_AGAINST):
                first, second = own.sides(kind, score), theirs.sides(kind, other)
                rows[f"{kind}/{score}"][f"beyond {name}/{other}"] = as_list(area_difference([first], [second]))
        return rows, {}


@dataclass(frozen=True)
class BrightnessStudy(Study):
    """The plainest rival: the mean brightness of a picture, too high or too low; alone, and joined with others.

    Args:
        net: Seed 0 of it is compared, and its error and code are joined with the brightness.
        pictures: Of each kind; twice as many are drawn.
        fitted: Training pictures whose codes say what is usual, to the net.
    """

    net: str = "bottleneck-32"
    pictures: int = 5000
    fitted: int = 10_000
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Several alarms at 5 % of the validation pictures: where some are joined, each rings for an even part of them.

        Returns:
            Rows "<kind>/<alarm>", "usual" among the kinds, the alarm one of "brightness" (its logarithm's distance from
            the middle, on both sides), "joint" (the net's), "error, code or brightness" and "nearest or brightness":
            `found`, Wilson's interval of the share that rings, and of the others `beyond joint`, of the difference to
            the net's joint score, picture by picture. Of "brightness" also `auc`. And of "<kind>/nearest": `found`, the
            share above what 5 % of the usual test pictures exceed. Nothing is kept.
        """
        test, training = splits.test.all().images, splits.train.all().images
        pictures = _of_each_kind(test, *_draw(len(test), self.pictures))
        pictures |= {"validation": splits.validation.all().images}
        middle = Mahalanobis(_logarithms(brightness(pictures["validation"])))
        surprise = Surprise(nets(self.net, 0), splits.train[: self.fitted], splits.validation)
        scores = {kind: surprise(images) for kind, images in pictures.items()}
        for kind, images in pictures.items():
            scores[kind] |= {
                "brightness": middle(_logarithms(brightness(images))),
                "nearest": nearest(images, training)[0],
            }
        rows: Rows = {}
        for kind in ("usual", *KINDS):
            rings = {name: _any_rings(scores, kind, parts) for name, parts in ALARMS.items()}
            for name, rung in rings.items():
                row = rows[f"{kind}/{name}"] = {"found": as_list(over_share(int(rung.sum()), len(rung)))}
                if name != "joint":
                    row["beyond joint"] = as_list(between_paired_shares(rung, rings["joint"]))
                if name == "brightness":
                    row["auc"] = area(scores["usual"][name], scores[kind][name])
            found = (scores[kind]["nearest"] > limit(scores["usual"]["nearest"])).sum()
            rows[f"{kind}/nearest"] = {"found": as_list(over_share(int(found), len(scores[kind]["nearest"])))}
        return rows, {}


ALARMS = {
    "brightness": ("brightness",),
    "joint": ("joint",),
    "error, code or brightness": ("error", "code", "brightness"),
    "nearest or brightness": ("nearest", "brightness"),
}


def _any_rings(scores: dict[str, dict[str, PerImage]], kind: str, parts: tuple[str, ...]) -> Tensor:
    """Whether any of some scores lies above what its part of 5 % of the validation pictures exceed, [N]."""
    limits = {part: limit(scores["validation"][part], SHARE / len(parts)) for part in parts}
    return torch.stack([scores[kind][part] > at for part, at in limits.items()]).any(0)


def brightness(pictures: Images) -> PerImage:
    """The mean pixel."""
    return pictures.flatten(1).mean(1)


def _draw(count: int, pictures: int) -> tuple[Tensor, Tensor]:
    """Positions of the usual pictures among so many, and of those that the unusual ones are made of."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(0))
    return order[:pictures], order[pictures : 2 * pictures]


def _of_each_kind(test: Images, usual: Tensor, rest: Tensor) -> dict[str, Images]:
    return {"usual": test[usual]} | {kind: make(test[rest], len(rest)) for kind, make in KINDS.items()}


class Mahalanobis:
    """How far points lie from the middle of some others, in standard deviations, in each direction by its own.

    Directions in which these do not vary are left out.

    Args:
        points: [N, K], at least two.
    """

    def __init__(self, points: Tensor) -> None:
        check_whole(2, points=len(points))
        points = points.double()
        self.mean = points.mean(0)
        values, vectors = torch.linalg.eigh(torch.atleast_2d(points.T.cov()))
        kept = values > values.max() * 1e-6
        self.whiten = vectors[:, kept] / values[kept].sqrt()

    def __call__(self, points: Tensor) -> Tensor:
        """Of each point, [N].

        Raises:
            ValueError: points of another number of numbers.
        """
        if points.shape[1:] != self.mean.shape:
            raise ValueError(
                f"points of {points.shape[-1]} numbers, and {len(self.mean)} are known: give points as those of the fit"
            )
        distances: Tensor = ((points.double() - self.mean) @ self.whiten).norm(dim=1)
        return distances.float()


class Surprise:
    """Four scores that should be large for pictures unlike those a net was trained on.

    `error`: mean squared error of the reconstruction. `code`: Mahalanobis distance of the code from the codes of the
    training pictures. `two-sided`: how far the logarithm of the error lies from the middle of what it is for validation
    pictures, above *or below*. `joint`: the same for the logarithms of both, error and code, together.

    Attributes:
        limits: Of each score, what 5 % of the validation pictures exceed.
    """

    def __init__(self, model: Autoencoder, usual: ImageSet, validation: ImageSet) -> None:
        self.model = model
        self.code = Mahalanobis(encode_all(model, usual).flatten(1))
        error, code = self._error_and_code(validation.all().images)
        self.error = Mahalanobis(_logarithms(error))
        self.both = Mahalanobis(_logarithms(error, code))
        self.limits = {score: limit(values) for score, values in self._scores(error, code).items()}

    def __call__(self, images: Images) -> dict[str, PerImage]:
        return self._scores(*self._error_and_code(images))

    @torch.no_grad()
    def _error_and_code(self, images: Images) -> tuple[PerImage, PerImage]:
        errors, distances = [], []
        for part in images.split(1000):
            codes: Codes = self.model.encode(part)
            errors.append(mse(self.model.decode(codes), part))
            distances.append(self.code(codes.flatten(1)))
        return torch.cat(errors), torch.cat(distances)

    def _scores(self, error: PerImage, code: PerImage) -> dict[str, PerImage]:
        two_sided, joint = self.error(_logarithms(error)), self.both(_logarithms(error, code))
        return {"error": error, "code": code, "two-sided": two_sided, "joint": joint}


def _logarithms(*scores: PerImage) -> Tensor:
    """[N, number of scores]; of 0 that of the smallest number there is."""
    return torch.stack(scores, 1).double().clamp_min(torch.finfo(torch.float32).tiny).log()


@dataclass(frozen=True)
class Scored:
    """What a net makes of each set of pictures: scores by the set's name, and the limits from validation."""

    scores: dict[str, dict[str, PerImage]]
    limits: dict[str, float]

    def __getitem__(self, key: tuple[str, str]) -> PerImage:
        kind, score = key
        return self.scores[kind][score]

    def sides(self, kind: str, score: str) -> tuple[PerImage, PerImage]:
        """Of usual pictures, and of this kind."""
        return self["usual", score], self[kind, score]

    def rings(self, kind: str, score: str) -> Tensor:
        """1 where a picture of this kind is above the limit, 0 elsewhere, [N]."""
        return (self[kind, score] > self.limits[score]).double()

    def found(self, kind: str, score: str) -> float:
        """The share of them."""
        return self.rings(kind, score).mean().item()


def _by_ink(one: Scored, kind: str, ink: dict[str, PerImage]) -> tuple[PerImage, PerImage]:
    """Errors divided by ink, of usual pictures and of this kind."""
    return one["usual", "error"] / ink["usual"], one[kind, "error"] / ink[kind]


def _add(rows: Rows, name: str, values: dict[str, float]) -> None:
    """Puts one more seed's numbers into the lists of a row."""
    row = rows.setdefault(name, {})
    for key, value in values.items():
        row.setdefault(key, []).append(value)


def _false_alarms(one: Scored, score: str) -> dict[str, float]:
    values, half = one["test", score], len(one["test", score]) // 2
    first, last, at = values[:half], values[half:], one.limits[score]
    shares = {"test": (one["usual", score], at), "first": (first, at), "last": (last, at)}
    shares |= {"digits": (one["digits", score], at)}
    shares |= {"first to last": (last, limit(first)), "last to first": (first, limit(last))}
    return {name: (part > threshold).double().mean().item() for name, (part, threshold) in shares.items()}


def _random_halves(values: PerImage) -> tuple[float, float]:
    """Between which shares of one half lie above the limit of the other, for 95 % of random halves."""
    generator = torch.Generator().manual_seed(0)
    shares = []
    for _ in range(HALVINGS):
        one, other = values[torch.randperm(len(values), generator=generator)].chunk(2)
        shares.append((other > limit(one)).double().mean().item())
    low, high = torch.tensor(shares).quantile(torch.tensor([(1 - LEVEL) / 2, (1 + LEVEL) / 2])).tolist()
    return low, high


def _more_found(nets: Sequence[Scored], kind: str, score: str) -> Interval:
    """How many more of a hundred pictures the joint score finds than this one does, over nets and pictures."""
    differences = [100 * (net.rings(kind, "joint") - net.rings(kind, score)) for net in nets]
    return against_baseline(differences, torch.zeros(len(differences[0])))


@torch.no_grad()
def _edge(model: Autoencoder, usual: Images, inverted: Images) -> dict[str, float]:
    """Error and AUC of inverted digits, of whole pictures and without the last row and column."""
    told: dict[str, float] = {}
    for name, side in (("whole", None), ("inner", -1)):
        errors = [
            torch.cat([mse(model(part)[..., :side, :side], part[..., :side, :side]) for part in images.split(1000)])
            for images in (usual, inverted)
        ]
        told |= {name: errors[1].mean().item(), f"{name} auc": area(*errors)}
    return told


def square(pictures: Images) -> PerImage:
    """The ink: mean square of a picture's pixels, which is the error of a black answer."""
    return pictures.square().flatten(1).mean(1)


def limit(values: PerImage, share: float = SHARE) -> float:
    """What this share of the values exceeds.

    Raises:
        ValueError: no values, or a share outside 0 to 1.
    """
    check_whole(1, values=len(values))
    if not 0 <= share <= 1:
        raise ValueError(f"a share of {share}: give one from 0 to 1")
    return values.double().quantile(1 - share).item()


def area(usual: PerImage, unusual: PerImage) -> float:
    """Area under the ROC curve: the probability that an unusual picture scores higher than a usual one.

    Raises:
        ValueError: a side has no pictures.
    """
    return _below(usual, unusual).mean().item()


def area_difference(
    first: Sequence[tuple[PerImage, PerImage]], second: Sequence[tuple[PerImage, PerImage]]
) -> Interval:
    """Interval of the difference of two areas, first − second, of the same pictures, over nets and pictures together.

    An area is a mean over the unusual pictures and one over the usual ones, and the variances of both add up
    [delong1988comparing]; that over nets is added where there are several.

    Args:
        first: Of each net, the scores of usual and of unusual pictures.
        second: The same of other scores, net by net.

    Raises:
        ValueError: other nets on the two sides, by their number, or a side without pictures.
    """
    if len(first) != len(second) or not first:
        raise ValueError(f"{len(first)} nets against {len(second)}: give the same nets, one or more")
    unusual = torch.stack([_below(*one) - _below(*other) for one, other in zip(first, second, strict=True)])
    # The other way round: of each usual picture the share of unusual ones that score higher.
    usual = torch.stack([_below(*other[::-1]) - _below(*one[::-1]) for one, other in zip(first, second, strict=True)])
    parts = [part for part in (unusual.mean(0), usual.mean(0), unusual.mean(1)) if len(part) > 1]
    squares = [part.var().item() / len(part) for part in parts]
    mean, total = unusual.mean().item(), sum(squares)
    if not total:
        return Interval(mean, mean, mean, unusual.shape[1])
    from scipy import stats

    # Satterthwaite's degrees of freedom, as against_baseline has them
    degrees = total**2 / sum(value**2 / (len(part) - 1) for value, part in zip(squares, parts, strict=True))
    margin = float(stats.t.ppf((1 + LEVEL) / 2, degrees) * math.sqrt(total))
    return Interval(mean, mean - margin, mean + margin, unusual.shape[1])


def _below(usual: PerImage, unusual: PerImage) -> Tensor:
    """Of each unusual picture the share of usual ones that score lower, a tie counted as a half."""
    if not len(usual) or not len(unusual):
        raise ValueError(f"{len(usual)} usual pictures, {len(unusual)} unusual ones: give some of each")
    ordered = usual.sort().values
    below, up_to = torch.searchsorted(ordered, unusual), torch.searchsorted(ordered, unusual, right=True)
    return (below + up_to).double() / 2 / len(ordered)


def alarms(usual: PerImage, unusual: PerImage) -> Tensor:
    """The share of unusual pictures above the threshold that gives 0, 1, … 100 % of false alarms, [101]."""
    thresholds = usual.double().quantile(1 - torch.linspace(0, 1, POINTS, dtype=torch.float64))
    return (unusual.double()[None] > thresholds[:, None]).float().mean(1)


def fashion(digits: Images, count: int) -> Images:
    """Clothes, drawn at random."""
    clothes = data.load("fashion-mnist").test
    return clothes[torch.randperm(len(clothes), generator=torch.Generator().manual_seed(0))[:count]].all().images


def noise(digits: Images, count: int) -> Images:
    """Every pixel drawn from 0 to 1."""
    return torch.rand(count, *digits.shape[1:], generator=torch.Generator().manual_seed(0))


def shuffled(digits: Images, count: int) -> Images:
    """Digits whose pixels have changed places, the same way in each."""
    order = torch.randperm(digits[0].numel(), generator=torch.Generator().manual_seed(0))
    return digits[:count].flatten(1)[:, order].view(-1, *digits.shape[1:])


def inverted(digits: Images, count: int) -> Images:
    """Black digits on white."""
    return 1 - digits[:count]


def upside_down(digits: Images, count: int) -> Images:
    """Digits turned by half a turn."""
    return digits[:count].rot90(2, dims=(2, 3))


def strokes(digits: Images, count: int) -> Images:
    """One straight stroke of a digit's width and brightness, in any direction: simpler than any digit but the one."""
    generator = torch.Generator().manual_seed(0)
    angle = math.pi * torch.rand(count, 1, 1, generator=generator)
    half_length = 4 + 5 * torch.rand(count, 1, 1, generator=generator)
    half_width = 0.8 + 0.7 * torch.rand(count, 1, 1, generator=generator)
    rows, columns = torch.meshgrid(torch.arange(28) - 13.5, torch.arange(28) - 13.5, indexing="ij")
    along = (columns * angle.cos() + rows * angle.sin()).abs() - half_length
    across = (rows * angle.cos() - columns * angle.sin()).abs() - half_width
    return (0.5 - torch.maximum(along, across)).clamp(0, 1)[:, None]


def blank(digits: Images, count: int) -> Images:
    """Nothing but black, with a single dot of 2×2 somewhere."""
    generator = torch.Generator().manual_seed(0)
    pictures = torch.zeros(count, *digits.shape[1:])
    for picture, (row, column) in zip(pictures, torch.randint(4, 23, (count, 2), generator=generator), strict=True):
        picture[:, row : row + 2, column : column + 2] = 1
    return pictures


KINDS = {
    "clothes": fashion,
    "noise": noise,
    "shuffled": shuffled,
    "inverted": inverted,
    "upside down": upside_down,
    "strokes": strokes,
    "dots": blank,
}


EXPERIMENTS = (AlarmStudy("alarm"), NearestStudy("alarm-nearest"), BrightnessStudy("alarm-brightness"))

"""Interpolating between digits, in the code and by blending pixels: what a classifier sees on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from convae.latent import interpolate
from convae.measures.distances import nearest
from convae.measures.intervals import over_pictures
from convae.studies.nets import Judge, Nets, Rows, as_list

if TYPE_CHECKING:
    from convae.data import Splits
    from convae.recipes import InterpolationStudy
    from convae.tensors import Images

Pairs = tuple[Tensor, Tensor]  # positions of the pictures at both ends, [P] each
KINDS = ("same", "different")
CLASSES = 10


def study_interpolation(study: InterpolationStudy, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
    """Paths between test pictures of one class and of two, by every method.

    Returns:
        Rows by "<same | different>/<method>", each column an interval over pairs as [mean, low, high, pairs], and
        "<kind>/<method> - pixels" for paired differences; "per class/<method>" with what is `kept` of each class, and
        "labels/<method>" with the share of midpoints of two classes that are taken for each. By
        "verdicts/<kind>/<method>" the mean probability of the classes of both ends along the path, [2, T].
    """
    images, labels = splits.test.all()
    training = splits.train.all().images
    judge, weights = Judge.of(nets), torch.linspace(0, 1, study.steps)
    rows: Rows = {}
    kept: dict[str, Tensor] = {}
    for kind in KINDS:
        first, second = draw_pairs(labels, study.pairs, kind == "same", study.seed)
        measured: dict[str, dict[str, Tensor]] = {}
        for method in study.methods:
            paths = make_paths(method, images[first], images[second], weights, nets)
            measured[method], curve, verdicts = measure(
                paths, labels[first], labels[second], judge, training, study.searched
            )
            rows[f"{kind}/{method}"] = {name: as_list(over_pictures(value)) for name, value in measured[method].items()}
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
        for method in study.methods[1:]:
            rows[f"{kind}/{method} - {study.methods[0]}"] = {
                name: as_list(over_pictures(value - measured[study.methods[0]][name]))
                for name, value in measured[method].items()
            }
    return rows, kept


def draw_pairs(labels: Tensor, count: int, same: bool, seed: int) -> Pairs:
    """So many pairs for each class of the first picture; the second is another one of that class, or of another class.

    Raises:
        ValueError: no pairs asked for.
    """
    if count < 1:
        raise ValueError(f"{count} pairs a class: ask for at least 1")
    generator = torch.Generator().manual_seed(seed)
    firsts, seconds = [], []
    for number in labels.unique():
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

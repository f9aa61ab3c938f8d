"""Denoisers beside their rivals: on the noise they know and on other noise, on other pictures, in other tasks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import torch
from torch import Tensor, nn

from convae import data
from convae.baselines.filters import RIVALS, Filter, tune, wiener
from convae.baselines.linear import linear_restorer
from convae.corruption import Blur, ClippedGaussianNoise, GaussianNoise, Mask
from convae.data import ImageSet
from convae.experiments.alarm import inverted, strokes
from convae.experiments.experiment import Nets, Rows
from convae.experiments.recipe import Recipe
from convae.experiments.study import Study, as_list
from convae.measures.intervals import against_baseline, over_pictures
from convae.measures.losses import mse
from convae.models import build
from convae.tasks import Reconstruction
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from convae.data import Splits
    from convae.tasks import Corruption
    from convae.tensors import Images, Scores

Members: TypeAlias = dict[str, list[nn.Module]]  # by name, the same net of several seeds

SIGMA = 0.5  # of the base
BASE, BLIND, PLAIN, DIRECT = "denoise-unet", "denoise-blind", "denoise-plain", "denoise-direct"
CLOTHES, PHOTOGRAPHS = "denoise-fashion", "denoise-photographs"
TRAINED = {
    "denoise-sigma-0.1": 0.1,
    "denoise-sigma-0.25": 0.25,
    BASE: SIGMA,
    "denoise-sigma-0.75": 0.75,
    "denoise-sigma-1": 1.0,
}
# What else spoils digits, and the filters that know of it.
TASKS: dict[str, tuple[Corruption, Callable[[], list[Filter]]]] = {
    "masked": (Mask(0.5, side=4), list),
    "blurred": (Blur(1.5), lambda: [wiener(1.5, 10.0**power) for power in range(-8, 0)]),
}
STRIP = 6  # pictures for which the page keeps what a net put out
PIXELS = ((14, 14), (10, 18), (20, 14), (14, 6), (6, 14), (3, 3))  # whose rows of the linear map are kept


@dataclass(frozen=True)
class DenoisingStudy(Study):
    """Denoisers and their rivals on the same noisy pictures, in one table.

    Args:
        sigmas: Of the noise in the test; the base's 0.5 among them.
        every: Of the test digits one in so many is used.
        tuned: Validation pictures on which a filter is tuned.
        pictures: Of every other kind.
        clothes: Data set of that name.
        copied: Training pictures for the net that learns to copy.
        repeats: Seeds of the base.
    """

    sigmas: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 1.0)
    every: int = 5
    tuned: int = 500
    pictures: int = 500
    clothes: str = "fashion-mnist"
    copied: int = 20_000
    repeats: int = 5
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Scores nets, tuned filters and the best linear map on the same pictures with the same noise.

        Returns:
            Rows with `psnr` and `ssim` as intervals over pictures, seeds averaged first, and `seeds`, the mean PSNR of
            each; filters have their `settings`. They are called "<σ>/<method>" on digits, with σ = 0 for clean ones;
            "clothes/<method>" and "photographs/<method>", these with `each`, the mean PSNR on both photographs;
            "<kind>/<method>" on pictures of another kind; "clipped/…", "masked/…" and "blurred/…" for other
            corruptions. "ahead/<method>" is the base's PSNR minus that method's. "copying/<net>" has mean squared
            errors: of what it makes of noisy digits, against what it was `shown` and against the `clean` ones, and of
            what it makes of nothing but `noise`, against that. By "strip/<kind>/<method>", what it put out for some
            test pictures, uint8 [6, 1, H, W]; by "rows/<σ>", what the linear map reads for six of the pixels, float16
            [6, 1, 28, 28].
        """
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        digits, noisy = splits.test[:: self.every], GaussianNoise(SIGMA)
        unets: Members = {name: [nets(name, 0)] for name in (*TRAINED, BLIND)}
        unets[BASE] = [nets(BASE, seed) for seed in range(self.repeats)]
        rivals: dict[float, Members] = {}
        for sigma in self.sigmas:
            corrupt = GaussianNoise(sigma)
            rivals[sigma] = _rivals(self, splits, corrupt)
            scores = _score(rows, f"{sigma:g}", rivals[sigma] | unets, digits, corrupt)
            if sigma == SIGMA:
                for name in rivals[sigma]:
                    ahead = against_baseline([each["psnr"] for each in scores[BASE]], scores[name][0]["psnr"])
                    rows[f"ahead/{name}"] = {"psnr": as_list(ahead)}
        for sigma in (min(self.sigmas), SIGMA):
            kept[f"rows/{sigma:g}"] = _linear_rows(rivals[sigma]["linear"][0])
        _score(rows, "0", unets, digits, None)

        changed: Members = {name: [nets(name, 0)] for name in (PLAIN, DIRECT, CLOTHES, "bottleneck-32")}
        _score(rows, f"{SIGMA:g}", changed, digits, noisy)
        few = {name: changed[name] for name in (PLAIN, DIRECT)} | {"linear": rivals[SIGMA]["linear"]}
        _keep(kept, f"{SIGMA:g}", few, digits, noisy)

        filters = {name: rivals[SIGMA][name] for name in ("spoiled", "total variation", "non-local means", "linear")}
        usual = filters | {name: unets[name] for name in (BASE, BLIND)}
        for kind, pictures in _kinds(self, digits).items():
            _score(rows, kind, usual, pictures, noisy)
        _score(rows, "clipped", usual, digits, ClippedGaussianNoise(SIGMA))

        for kind, name, net in (("clothes", self.clothes, CLOTHES), ("photographs", "photographs", PHOTOGRAPHS)):
            own = data.load(name)
            pictures = own.test[:: max(1, len(own.test) // self.pictures)]
            members = _rivals(self, own, noisy) | {BASE: unets[BASE], net: [nets(net, 0)]}
            scores = _score(rows, kind, members, pictures, noisy)
            _keep(kept, kind, {name: members[name] for name in (BASE, net)}, pictures, noisy)
            if kind == "photographs":
                for member, (score, *_) in scores.items():
                    parts = [score["psnr"][pictures.labels == label].mean().item() for label in (0, 1)]
                    rows[f"{kind}/{member}"]["each"] = parts

        for kind, (corruption, candidates) in TASKS.items():
            net = f"restore-{kind}"
            members = {"spoiled": [nn.Identity()], "linear": [linear_restorer(splits.train, corruption)]}
            if choices := candidates():
                members["Wiener"] = [tune(choices, splits.validation[: self.tuned], corruption)]
            members[net] = [nets(net, 0)]
            _score(rows, kind, members, digits, corruption)
            _keep(kept, kind, {net: members[net]}, digits, corruption)
        _copying(rows, self, splits, {name: nets(name, 0) for name in (BASE, "bottleneck-32", "robledo-two-layer")})
        return rows, kept


def _rivals(study: DenoisingStudy, splits: Splits, corrupt: GaussianNoise) -> Members:
    """Doing nothing, every kind of filter at its best setting, and the linear map."""
    assert isinstance(corrupt.sigma, float)
    validation = splits.validation[: study.tuned]
    members: Members = {"spoiled": [nn.Identity()]}
    for name, candidates in RIVALS.items():
        members[name] = [tune(candidates(corrupt.sigma), validation, corrupt)]
    return members | {"linear": [linear_restorer(splits.train, corrupt)]}


def _score(
    rows: Rows, kind: str, members: Members, images: ImageSet, corrupt: Corruption | None
) -> dict[str, list[Scores]]:
    """Adds a row for each; gives every seed's scores of each picture."""
    scores = {
        name: [evaluate(model, Reconstruction(corrupt), images) for model in seeds] for name, seeds in members.items()
    }
    for name, seeds in scores.items():
        row = rows[f"{kind}/{name}"] = {
            score: as_list(over_pictures(torch.stack([each[score] for each in seeds]).mean(0)))
            for score in ("psnr", "ssim")
        }
        row["seeds"] = [each["psnr"].mean().item() for each in seeds]
        if isinstance(members[name][0], Filter):
            row["settings"] = str(members[name][0].extra_repr())
    return scores


@torch.no_grad()
def _keep(kept: dict[str, Tensor], kind: str, members: Members, images: ImageSet, corrupt: Corruption) -> None:
    pictures = strip(images).all().images
    for name, (model, *_) in members.items():
        restored = model(corrupt(pictures, torch.Generator().manual_seed(0)))
        kept[f"strip/{kind}/{name}"] = (restored.clamp(0, 1) * 255).round().byte()


def strip(images: ImageSet) -> ImageSet:
    """The pictures of a set for which the page shows what nets put out; they are spoiled with seed 0."""
    return images[:: max(1, len(images) // STRIP)][:STRIP]


def _linear_rows(linear: nn.Module) -> Tensor:
    weight = next(part.weight for part in linear.modules() if isinstance(part, nn.Linear))
    side = math.isqrt(weight.shape[1])
    return torch.stack([weight[row * side + column].view(1, side, side) for row, column in PIXELS]).half()


def _copying(rows: Rows, study: DenoisingStudy, splits: Splits, others: dict[str, nn.Module]) -> None:
    """Adds a net like the base that is trained to give back what it is shown, and what that does to noise."""
    torch.manual_seed(0)
    copying = build("unet-direct")
    optimizer = torch.optim.Adam(copying.parameters(), 3e-3)
    fit(copying, Reconstruction(), splits.train[: study.copied], optimizer, epochs=1, batch_size=64, seed=0)
    clean = splits.test[:: study.every].all().images
    generator = torch.Generator().manual_seed(0)
    shown, nothing = GaussianNoise(SIGMA)(clean, generator), torch.rand(clean.shape, generator=generator)
    for name, model in ({"unet-direct": copying.eval()} | others).items():
        with torch.no_grad():
            answer, of_nothing = model(shown), model(nothing)
        found = {"shown": mse(answer, shown), "clean": mse(answer, clean), "noise": mse(of_nothing, nothing)}
        rows[f"copying/{name}"] = {score: as_list(over_pictures(values)) for score, values in found.items()}


def _kinds(study: DenoisingStudy, digits: ImageSet) -> dict[str, ImageSet]:
    """Pictures of other kinds that can be drawn without any data."""
    images = digits[: study.pictures].all().images
    drawn = {
        "letters": letters(study.pictures),
        "strokes": strokes(images, study.pictures),
        "inverted": inverted(images, study.pictures),
        "nothing": torch.zeros(study.pictures, *images.shape[1:]),
    }
    return {kind: _as_set(pictures) for kind, pictures in drawn.items()}


def _as_set(pictures: Images) -> ImageSet:
    return ImageSet((pictures * 255).round().byte(), torch.zeros(len(pictures), dtype=torch.int64), ("drawn",))


# Strokes from (across, down) to (across, down) in a square of side 1; none of these letters looks like a digit.
LETTERS = {
    "A": ((0, 1, 0.5, 0), (0.5, 0, 1, 1), (0.2, 0.6, 0.8, 0.6)),
    "E": ((0, 0, 0, 1), (0, 0, 1, 0), (0, 0.5, 0.8, 0.5), (0, 1, 1, 1)),
    "F": ((0, 0, 0, 1), (0, 0, 1, 0), (0, 0.5, 0.8, 0.5)),
    "H": ((0, 0, 0, 1), (1, 0, 1, 1), (0, 0.5, 1, 0.5)),
    "K": ((0, 0, 0, 1), (0, 0.6, 1, 0), (0.3, 0.4, 1, 1)),
    "M": ((0, 1, 0, 0), (0, 0, 0.5, 0.6), (0.5, 0.6, 1, 0), (1, 0, 1, 1)),
    "N": ((0, 1, 0, 0), (0, 0, 1, 1), (1, 1, 1, 0)),
    "W": ((0, 0, 0.25, 1), (0.25, 1, 0.5, 0.4), (0.5, 0.4, 0.75, 1), (0.75, 1, 1, 0)),
    "X": ((0, 0, 1, 1), (1, 0, 0, 1)),
}


def letters(count: int) -> Images:
    """Letters in strokes of a digit's width, A, E, F … over and over, each a little larger or smaller; always the same.

    Raises:
        ValueError: fewer than none.
    """
    if count < 0:
        raise ValueError(f"{count} letters: ask for at least 0")
    generator = torch.Generator().manual_seed(0)
    scale = 13 + 6 * torch.rand(count, 1, 1, generator=generator)
    half_width = 0.8 + 0.7 * torch.rand(count, 1, 1, generator=generator)
    pictures = torch.zeros(count, 1, 28, 28)
    for number in range(count):
        letter = list(LETTERS.values())[number % len(LETTERS)]
        pictures[number, 0] = draw(letter, scale[number].item(), half_width[number].item())
    return pictures


def draw(strokes: Sequence[tuple[float, float, float, float]], scale: float, half_width: float) -> Tensor:
    """Strokes of a square of side 1 in the middle of a picture [28, 28].

    Args:
        scale: Side of that square in pixels.
        half_width: Of a stroke, in pixels.

    Raises:
        ValueError: a scale that is not above 0, a width below 0, or a stroke without length.
    """
    if not (scale > 0 and half_width >= 0):
        raise ValueError(f"scale {scale} and half_width {half_width}: give the first above 0, the other at least 0")
    for stroke in strokes:
        if stroke[:2] == stroke[2:]:
            raise ValueError(f"a stroke from {stroke[:2]} to {stroke[2:]} has no length: move one of its ends")
    down, across = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    places = torch.stack([across, down], -1) - 13.5
    picture = torch.zeros(28, 28)
    for stroke in strokes:
        ends = scale * (torch.tensor(stroke, dtype=torch.float32).view(2, 2) - 0.5)
        along = ends[1] - ends[0]
        share = ((places - ends[0]) @ along / along.square().sum()).clamp(0, 1)
        distance = (places - ends[0] - share[..., None] * along).norm(dim=-1)
        picture = picture.maximum((0.5 + half_width - distance).clamp(0, 1))
    return picture


DENOISE = Recipe(
    name="denoise-unet",
    model="unet",
    task=Reconstruction(GaussianNoise(0.5)),
    epochs=4,
    learning_rate=6e-3,
    decay=True,
    keep_weights=True,
    half_weights=True,
    watched=5000,
    ablate=True,
)


def _denoise(name: str, **changes: Any) -> Recipe:
    """One thing changed; seed 0 alone is read against the base's spread over its seeds."""
    return replace(DENOISE, name=name, **{"seeds": 1, "keep_weights": False, "half_weights": False} | changes)


EXPERIMENTS = (
    DENOISE,
    _denoise("denoise-plain", model="bottleneck-32", ablate=False),
    _denoise("denoise-direct", model="unet-direct"),
    *(_denoise(f"denoise-sigma-{sigma}", task=Reconstruction(GaussianNoise(sigma))) for sigma in (0.1, 0.25, 0.75, 1)),
    # The page's own net, for every noise from none on
    _denoise("denoise-blind", task=Reconstruction(GaussianNoise((0.0, 1.0))), keep_weights=True, half_weights=True),
    _denoise("denoise-fashion", data="fashion-mnist"),
    _denoise("denoise-photographs", data="photographs", validation=None, epochs=10),
    _denoise("restore-masked", task=Reconstruction(Mask(0.5, side=4))),
    _denoise("restore-blurred", task=Reconstruction(Blur(1.5))),
    DenoisingStudy("denoising"),
)

"""Denoisers beside their rivals: on the noise they know and on other noise, on other pictures, in other tasks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from convae import data
from convae.baselines.filters import (
    RIVALS,
    Filter,
    Ramp,
    bm3d,
    bounded_inversion,
    exact_inversion,
    tune,
    tune_ramped,
    wiener,
)
from convae.baselines.linear import linear_restorer, mixture_restorer
from convae.corruption import Blur, ClippedGaussianNoise, GaussianNoise, Mask
from convae.data import ImageSet
from convae.experiments.alarm import inverted, strokes
from convae.experiments.experiment import Nets, Rows
from convae.experiments.recipe import Recipe
from convae.experiments.study import Study, as_list
from convae.measures.intervals import Interval, over_pictures, with_seeds
from convae.measures.losses import mse
from convae.models import build
from convae.tasks import Reconstruction
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from convae.data import Splits
    from convae.tasks import Corruption
    from convae.tensors import Images, ImageShape, Scores

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
BLUR = 1.5  # standard deviation in pixels
TASKS: dict[str, Corruption] = {"masked": Mask(0.5, side=4), "blurred": Blur(BLUR)}  # what else spoils digits
MARGIN = 10  # pixels, more than the blur reaches, around digits of which it cuts nothing off
SOON = (1, 2)  # epochs after which the U-Net that copies is looked at
STRIP = 6  # pictures for which the page keeps what a net put out
PIXELS = ((14, 14), (10, 18), (20, 14), (14, 6), (6, 14), (3, 3))  # whose rows of the linear map are kept


@dataclass(frozen=True)
class DenoisingStudy(Study):
    """Denoisers on the same noisy pictures, in one table; their rivals are in `FiltersStudy`.

    Args:
        sigmas: Of the noise in the test; the base's 0.5 among them.
        every: Of the test digits one in so many is used.
        pictures: Of every other kind.
        clothes: Data set of that name.
        copied: Training pictures for the net that learns to copy.
        repeats: Seeds of the base.
    """

    sigmas: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 1.0)
    every: int = 5
    pictures: int = 500
    clothes: str = "fashion-mnist"
    copied: int = 20_000
    repeats: int = 5
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Scores nets on the same pictures with the same noise.

        Returns:
            Rows with `psnr` and `ssim` as intervals over pictures, seeds averaged first, and `seeds`, the mean PSNR of
            each. They are called "<σ>/<net>" on digits, with σ = 0 for clean ones; "clothes/<net>" and
            "photographs/<net>", these with `each`, the mean PSNR on both photographs; "<kind>/<net>" on pictures of
            another kind; "clipped/…", "masked/…" and "blurred/…" for other corruptions. "copying/<net>" has mean
            squared errors: of what it makes of noisy digits, against what it was `shown` and against the `clean` ones,
            and of what it makes of nothing but `noise`, against that. By "strip/<kind>/<net>", what it put out for
            some test pictures, uint8 [6, 1, H, W].
        """
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        digits, noisy = splits.test[:: self.every], GaussianNoise(SIGMA)
        unets: Members = {name: [nets(name, 0)] for name in (*TRAINED, BLIND)}
        unets[BASE] = [nets(BASE, seed) for seed in range(self.repeats)]
        for sigma in self.sigmas:
            _score(rows, f"{sigma:g}", unets, digits, GaussianNoise(sigma))
        _score(rows, "0", unets, digits, None)

        changed: Members = {name: [nets(name, 0)] for name in (PLAIN, DIRECT, CLOTHES, "bottleneck-32")}
        _score(rows, f"{SIGMA:g}", changed, digits, noisy)
        _keep(kept, f"{SIGMA:g}", {name: changed[name] for name in (PLAIN, DIRECT)}, digits, noisy)

        usual = {name: unets[name] for name in (BASE, BLIND)}
        for kind, pictures in _kinds(self.pictures, digits).items():
            _score(rows, kind, usual, pictures, noisy)
        _score(rows, "clipped", usual, digits, ClippedGaussianNoise(SIGMA))

        for kind, name, net in (("clothes", self.clothes, CLOTHES), ("photographs", "photographs", PHOTOGRAPHS)):
            pictures = _test(data.load(name), self.pictures)
            members = {BASE: unets[BASE], net: [nets(net, 0)]}
            _score(rows, kind, members, pictures, noisy)
            _keep(kept, kind, members, pictures, noisy)

        for kind, corruption in TASKS.items():
            net = f"restore-{kind}"
            members = {net: [nets(net, 0)]}
            _score(rows, kind, members, digits, corruption)
            _keep(kept, kind, members, digits, corruption)
        _copying(rows, self, splits, {name: nets(name, 0) for name in (BASE, "bottleneck-32", "robledo-two-layer")})
        return rows, kept


@dataclass(frozen=True)
class FiltersStudy(Study):
    """What restores pictures and was not trained: tuned filters, the best linear map, the blur's exact inverse.

    The pictures and their noise are those of `DenoisingStudy`.

    Args:
        measured: Numbers are σ of the noise on digits, the base's 0.5 among them; the rest are kinds of pictures.
        every: Of the test digits one in so many is used.
        tuned: Validation pictures on which a filter is tuned.
        pictures: Of every other kind.
        clothes: Data set of that name.
    """

    measured: tuple[str, ...] = ("0.1", "0.25", "0.5", "0.75", "1", "clothes", "photographs", "masked", "blurred")
    every: int = 5
    tuned: int = 200
    pictures: int = 500
    clothes: str = "fashion-mnist"
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def parts(self) -> tuple[FiltersStudy, ...]:
        return tuple(replace(self, measured=(each,)) for each in self.measured)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Scores filters, each tuned on validation pictures, and the best linear map.

        Returns:
            Rows with `psnr` and `ssim` as intervals over pictures, named as those of `DenoisingStudy`; filters have
            their `settings`. "behind linear" is the linear map's PSNR minus this one's, "behind denoise-unet" that of
            seed 0 of the base on digits, as intervals of the paired difference. "8 bits/…" is the blur rounded to 256
            greys; "blurred/Wiener, nothing cut off" the Wiener filter where a margin holds all that the blur spreads.
            By "rows/<σ>", what the linear map reads for six of the pixels, float16 [6, 1, 28, 28]; by
            "strip/0.5/linear" what it put out for some test pictures, uint8 [6, 1, 28, 28].
        """
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        digits, noisy, validation = splits.test[:: self.every], GaussianNoise(SIGMA), splits.validation[: self.tuned]
        for kind in self.measured:
            if kind in ("clothes", "photographs"):
                own = data.load(self.clothes if kind == "clothes" else kind)
                members = _rivals(own, own.validation[: self.tuned], SIGMA)
                _compare(rows, kind, members, _test(own, self.pictures), noisy)
            elif kind == "masked":
                _compare(rows, kind, _unaided(splits, TASKS[kind]), digits, TASKS[kind])
            elif kind == "blurred":
                for name, corruption in {"blurred": TASKS["blurred"], "8 bits": _blur_in_bytes}.items():
                    told = {each: tune(several, validation, corruption) for each, several in inverses().items()}
                    _compare(rows, name, _unaided(splits, corruption) | told, digits, corruption)
                whole = tune(map(_without_margin, inverses()["Wiener"]), validation, _blur_whole)
                _compare(rows, "blurred", {"Wiener, nothing cut off": whole}, digits, _blur_whole)
            else:
                members = _rivals(splits, validation, float(kind))
                net = {BASE: nets(BASE, 0)}
                _compare(rows, kind, members | net, digits, GaussianNoise(float(kind)))
                linear = members["linear"]
                if float(kind) in (0.1, SIGMA):
                    kept[f"rows/{kind}"] = _linear_rows(linear)
                if float(kind) == SIGMA:
                    _keep(kept, kind, {"linear": [linear]}, digits, noisy)
                    usual = {
                        name: members[name] for name in ("spoiled", "total variation", "non-local means", "linear")
                    }
                    for name, pictures in _kinds(self.pictures, digits).items():
                        _compare(rows, name, usual | net, pictures, noisy)
                    _compare(rows, "clipped", usual | net, digits, ClippedGaussianNoise(SIGMA))
        return rows, kept


@dataclass(frozen=True)
class Bm3dStudy(Study):
    """BM3D and the best of the other rivals, on the same few pictures: it takes a second for each.

    Its package is not installed with the book's, so that this study is run only where it is named.

    Args:
        every: Of the test digits one in so many is used.
        patches: Of photographs.
        tuned: Validation pictures on which BM3D is tuned, whose σ is the noise's times one of `factors`.
        others: Validation pictures on which total variation is tuned.
    """

    every: int = 100
    patches: int = 60
    tuned: int = 16
    others: int = 200
    factors: tuple[float, ...] = (0.7, 0.8, 0.9, 1.0, 1.1)
    data: str = "mnist"
    of_nets: ClassVar[bool] = True
    large: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Scores them at the base's noise.

        Returns:
            Rows as those of `FiltersStudy`, "few digits/<method>" and "few photographs/<method>", also with
            `behind BM3D`.
        """
        rows: Rows = {}
        photographs, noisy = data.load("photographs"), GaussianNoise(SIGMA)
        digits = {"linear": linear_restorer(splits.train, noisy), BASE: nets(BASE, 0)}
        patches = _test(photographs, self.patches)
        for kind, own, pictures, trained in (
            ("few digits", splits, splits.test[:: self.every], digits),
            ("few photographs", photographs, patches, {"linear": linear_restorer(photographs.train, noisy)}),
        ):
            members: dict[str, nn.Module] = {
                "spoiled": nn.Identity(),
                "BM3D": tune([bm3d(factor * SIGMA) for factor in self.factors], own.validation[: self.tuned], noisy),
                "total variation": tune(RIVALS["total variation"](SIGMA), own.validation[: self.others], noisy),
            }
            _compare(rows, kind, members | trained, pictures, noisy, ("BM3D", "linear", BASE))
        return rows, {}


@dataclass(frozen=True)
class StrongerStudy(Study):
    """What makes the rivals of `FiltersStudy` stronger, and what a net that was trained to copy does with noise.

    Args:
        measured: Parts of it, by name.
        every: Of the test digits one in so many is used.
        tuned: Validation pictures on which a setting is chosen.
        groups: Of the training pictures, each with a linear map of its own.
        others: σ of the noise for which total variation is tuned before it meets that of the base.
        hidden: Numbers in the code of a dense autoencoder, more than pixels.
        epochs: After which that one, and one whose code has 32 numbers, are looked at.
        copied: Training pictures of the nets that learn to copy.
    """

    measured: tuple[str, ...] = ("ramps", "mixtures", "8 bits", "another noise", "copying")
    every: int = 5
    tuned: int = 100
    groups: tuple[int, ...] = (10, 40, 160)
    others: tuple[float, ...] = (0.25, 1.0)
    hidden: int = 1024
    epochs: tuple[int, ...] = (5, 20)
    copied: int = 20_000
    data: str = "mnist"
    of_nets: ClassVar[bool] = True

    def parts(self) -> tuple[StrongerStudy, ...]:
        return tuple(replace(self, measured=(each,)) for each in self.measured)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Scores them on the pictures and with the noise of `FiltersStudy`.

        Returns:
            Rows as those of `FiltersStudy`: "0.5/<method>, ramp", of what has its contrast given back by a ramp;
            "0.5/mixture of <groups>", with a ramp or without; "8 bits/bounded inversion", also with `behind exact
            inversion`; "0.5/total variation for <σ>", with `behind total variation`. "varying/<net>/<epochs>" is what a
            net that is trained to give back digits loses where digits vary, as a share of the variance there: of
            `noise`, even between 0 and 1, and of `digits`; of the noise also how much `less than before`, after fewer
            epochs.
        """
        rows: Rows = {}
        digits, noisy, validation = splits.test[:: self.every], GaussianNoise(SIGMA), splits.validation[: self.tuned]
        net = {BASE: nets(BASE, 0)}
        for what in self.measured:
            if what == "ramps":
                several: dict[str, list[nn.Module]] = {name: [*tries(SIGMA)] for name, tries in RIVALS.items()}
                several |= {"linear": [linear_restorer(splits.train, noisy, clip=False)], BASE: [*net.values()]}
                found = {f"{name}, ramp": tune_ramped(each, validation, noisy) for name, each in several.items()}
                _compare(rows, f"{SIGMA:g}", found | net, digits, noisy)
            elif what == "mixtures":
                for groups in self.groups:
                    mixture = mixture_restorer(splits.train, SIGMA, groups, clip=False)
                    name, ramped = f"mixture of {groups}", tune_ramped([mixture], validation, noisy)
                    _compare(rows, f"{SIGMA:g}", {name: mixture, f"{name}, ramp": ramped} | net, digits, noisy)
            elif what == "8 bits":
                bounded, exact = (
                    tune(tries, validation, _blur_in_bytes) for tries in (bounds(), inverses()["exact inversion"])
                )
                told = {"exact inversion": exact, "linear": linear_restorer(splits.train, _blur_in_bytes)}
                compared: Rows = {}
                _compare(compared, what, {"bounded inversion": bounded} | told, digits, _blur_in_bytes, tuple(told))
                rows["8 bits/bounded inversion"] = compared["8 bits/bounded inversion"]
            elif what == "another noise":
                own, *others = (
                    tune(RIVALS["total variation"](sigma), validation, GaussianNoise(sigma))
                    for sigma in (SIGMA, *self.others)
                )
                named = {
                    f"total variation for {sigma:g}": each for sigma, each in zip(self.others, others, strict=True)
                }
                compared = {}
                _compare(
                    compared,
                    f"{SIGMA:g}",
                    {"total variation": own} | named | net,
                    digits,
                    noisy,
                    ("total variation", BASE),
                )
                rows |= {f"{SIGMA:g}/{name}": compared[f"{SIGMA:g}/{name}"] for name in named}
            else:
                _varying(rows, self, splits)
        return rows, {}


def ahead(rows: Rows, kind: str, name: str) -> Interval:
    """The base's PSNR minus a method's on the same pictures, its seeds and the pictures together.

    The seeds' means are in the base's row; how the pictures scatter is that of seed 0, whose weights are kept.
    """
    row = rows[f"{kind}/{name}"]
    seeds = [value - row["psnr"][0] for value in rows[f"{kind}/{BASE}"]["seeds"]]
    return with_seeds(Interval(*row[f"behind {BASE}"]), seeds)


def _rivals(splits: Splits, validation: ImageSet, sigma: float) -> dict[str, nn.Module]:
    """Doing nothing, every kind of filter at its best setting, and the linear map."""
    corrupt = GaussianNoise(sigma)
    members: dict[str, nn.Module] = {"spoiled": nn.Identity()}
    for name, candidates in RIVALS.items():
        members[name] = tune(candidates(sigma), validation, corrupt)
    return members | {"linear": linear_restorer(splits.train, corrupt)}


def _unaided(splits: Splits, corruption: Corruption) -> dict[str, nn.Module]:
    """Doing nothing and the linear map: what is not told how the pictures were spoiled."""
    return {"spoiled": nn.Identity(), "linear": linear_restorer(splits.train, corruption)}


def _compare(
    rows: Rows,
    kind: str,
    members: Mapping[str, nn.Module],
    images: ImageSet,
    corrupt: Corruption,
    leaders: Sequence[str] = ("linear", BASE),
) -> None:
    """Adds a row for each but the base, whose rows are in the other study."""
    scores = {name: evaluate(model, Reconstruction(corrupt), images) for name, model in members.items()}
    for name in members:
        if name == BASE:
            continue
        row = rows[f"{kind}/{name}"] = _row(scores[name], images, kind)
        for leader in [each for each in leaders if each in members and each != name]:
            row[f"behind {leader}"] = as_list(over_pictures(scores[leader]["psnr"] - scores[name]["psnr"]))
        chosen = [str(part.extra_repr()) for part in members[name].modules() if isinstance(part, Filter | Ramp)]
        if chosen:
            row["settings"] = ", ".join(chosen)


def _score(rows: Rows, kind: str, members: Members, images: ImageSet, corrupt: Corruption | None) -> None:
    """Adds a row for each, its seeds averaged picture by picture."""
    for name, seeds in members.items():
        scores = [evaluate(model, Reconstruction(corrupt), images) for model in seeds]
        means = {score: torch.stack([each[score] for each in scores]).mean(0) for score in ("psnr", "ssim")}
        row = rows[f"{kind}/{name}"] = _row(means, images, kind)
        row["seeds"] = [each["psnr"].mean().item() for each in scores]


def _row(scores: Scores, images: ImageSet, kind: str) -> dict[str, Any]:
    """Its intervals over pictures; of photographs also the mean PSNR on each of the two."""
    row: dict[str, Any] = {score: as_list(over_pictures(scores[score])) for score in ("psnr", "ssim")}
    if kind.endswith("photographs"):
        row["each"] = [scores["psnr"][images.labels == label].mean().item() for label in (0, 1)]
    return row


def _test(splits: Splits, count: int) -> ImageSet:
    """About so many test pictures, from all over the set."""
    return splits.test[:: max(1, len(splits.test) // count)]


def inverses() -> dict[str, list[Filter]]:
    """What knows of the blur, by name, with the settings that are tried."""
    powers = [10.0**power for power in range(-17, 0)]
    return {
        "Wiener": [wiener(BLUR, power) for power in powers],
        "exact inversion": [exact_inversion(BLUR, power) for power in powers],
    }


def bounds() -> list[Filter]:
    """The settings that are tried of least squares held between 0 and 1."""
    powers, steps = range(-7, -1), (30, 60, 120, 250, 500, 1000)
    return [bounded_inversion(BLUR, 10.0**power, several) for power in powers for several in steps]


def _blur_in_bytes(images: Images, generator: torch.Generator) -> Images:
    """Blurred as a file of 8 bits a pixel keeps it."""
    return (TASKS["blurred"](images, generator) * 255).round() / 255


def _blur_whole(images: Images, generator: torch.Generator) -> Images:
    """Blurred in the middle of a larger picture, which holds all that the blur spreads."""
    return TASKS["blurred"](functional.pad(images, (MARGIN,) * 4, mode="replicate"), generator)


def _without_margin(whole: Filter) -> Filter:
    return Filter(lambda plane: whole.function(plane)[MARGIN:-MARGIN, MARGIN:-MARGIN], whole.settings)


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


def _varying(rows: Rows, study: StrongerStudy, splits: Splits) -> None:
    """Adds nets that are trained to give back digits, each for two times, and what they lose of noise and of digits."""
    seen = splits.train.images
    varies = seen.amax(0) > 0  # [1, H, W]: the other pixels are black in every training picture
    clean = splits.test[:: study.every].all().images
    noise = torch.rand(clean.shape, generator=torch.Generator().manual_seed(0)) * varies
    spread = (seen[:, varies].float() / 255).var(0, correction=0).mean().item()
    for name, (make, epochs, learning_rate) in _copiers(study, splits.train.image_shape).items():
        torch.manual_seed(0)
        net = make()
        optimizer = torch.optim.Adam(net.parameters(), learning_rate)
        done, before = 0, None
        for until in epochs:
            train = splits.train[: study.copied]
            fit(net, Reconstruction(), train, optimizer, epochs=until - done, batch_size=64, seed=done)
            done, net = until, net.eval()
            lost = {}
            with torch.no_grad():
                for kind, images, variance in (("noise", noise, 1 / 12), ("digits", clean, spread)):
                    restored = net(images)
                    lost[kind] = (restored - images)[:, varies].square().mean(1) / variance
            row = rows[f"varying/{name}/{until}"] = {kind: as_list(over_pictures(each)) for kind, each in lost.items()}
            if before is not None:
                row["noise less than before"] = as_list(over_pictures(before - lost["noise"]))
            before = lost["noise"]


def _copiers(
    study: StrongerStudy, shape: ImageShape
) -> dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], float]]:
    """How nets of three kinds are made, after which epochs they are looked at, and with which rate they are trained."""
    pixels = math.prod(shape)

    def dense() -> nn.Module:
        ends = nn.Linear(pixels, study.hidden), nn.Linear(study.hidden, pixels)
        return nn.Sequential(nn.Flatten(), ends[0], nn.ReLU(), ends[1], nn.Unflatten(1, shape))

    return {
        "unet-direct": (partial(build, "unet-direct"), SOON, 3e-3),
        "dense": (dense, study.epochs, 1e-3),
        "bottleneck-32": (partial(build, "bottleneck-32"), study.epochs, 3e-3),
    }


def _kinds(count: int, digits: ImageSet) -> dict[str, ImageSet]:
    """Pictures of other kinds that can be drawn without any data."""
    images = digits[:count].all().images
    drawn = {
        "letters": letters(count),
        "strokes": strokes(images, count),
        "inverted": inverted(images, count),
        "nothing": torch.zeros(count, *images.shape[1:]),
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
    FiltersStudy("denoising-filters"),
    Bm3dStudy("denoising-bm3d"),
    StrongerStudy("denoising-stronger"),
)

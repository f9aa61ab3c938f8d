"""Rivals without gradient descent at every code size."""

from __future__ import annotations

import io
import itertools
import math
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

import numpy as np
import torch
from torch import nn

from convae import data
from convae.baselines import linear
from convae.data.optional import needs
from convae.experiments.experiment import Nets, Rows
from convae.experiments.study import Study, as_list
from convae.latent import encode_all, quantizer
from convae.measures.intervals import against_baseline, over_pictures
from convae.measures.losses import mse
from convae.measures.metrics import psnr, ssim
from convae.models import RATES, Autoencoder, build, deep_dense_autoencoder, global_autoencoder
from convae.tasks import Reconstruction
from convae.tensors import as_bytes
from convae.training.loop import evaluate, fit

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from torch import Tensor

    from convae.data import Splits
    from convae.tensors import Scores


@dataclass(frozen=True)
class BaselineStudy(Study):
    """The mean image, and PCA at these code sizes, on one data set: plain, clipped to [0, 1], and stretched.

    Args:
        blocks: Also PCA on the nine blocks that the two-layer net works on: with 16 numbers each, and with 144 that are
            allotted to them by what the training pictures need.
    """

    code_sizes: tuple[int, ...]
    validation: int = 0
    blocks: bool = True
    file: ClassVar[str] = "errors"

    def splits(self) -> Splits:
        return data.load(self.data, validation=self.validation)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """The scores of each.

        Returns:
            Rows by "<method>/<code size>", where numbers are allotted with how many each block has ("numbers"), where
            they are stretched with the "threshold" and the interval of the MSE over test pictures ("interval"); by the
            names of the others, clipped, the MSE of each test picture, float16 [N].
        """
        members: dict[str, nn.Module] = {
            "black-image/0": linear.black_image(splits.train),
            "mean-image/0": linear.mean_image(splits.train),
        }
        free: dict[str, Autoencoder] = {
            f"pca/{size}": linear.pca(splits.train, size, False) for size in self.code_sizes
        }
        members |= {f"pca/{size}": linear.pca(splits.train, size) for size in self.code_sizes}
        members |= {name.replace("/", "-plain/"): member for name, member in free.items()}
        if self.blocks:
            for clip, found in ((True, members), (False, free)):
                found["pca-shared-blocks/144"] = linear.block_pca(splits.train, 9, 16, clip=clip)
                found["pca-own-blocks/144"] = linear.block_pca(splits.train, 9, 16, shared=False, clip=clip)
                found["pca-allotted-blocks/144"] = linear.allotted_block_pca(splits.train, 9, 144, clip)
        stretched = {
            name.replace("/", "-stretched/"): linear.stretched(member, splits.train) for name, member in free.items()
        }
        members |= stretched
        scores = {name: evaluate(member, Reconstruction(), splits.test) for name, member in members.items()}
        rows: Rows = {
            name: {score: values.mean().item() for score, values in each.items()} for name, each in scores.items()
        }
        for name, member in stretched.items():
            rows[name] |= {
                "threshold": cast("nn.Sequential", member.decoder)[-1].threshold,
                "interval": as_list(over_pictures(scores[name]["mse"])),
            }
        if self.blocks:
            directions = (
                members["pca-allotted-blocks/144"]
                .get_parameter("encoder.1.weight")
                .view(144, *splits.train.image_shape)
            )
            cut = [part for row in directions[:, 0].split(9, 1)[:3] for part in row.split(9, 2)[:3]]
            rows["pca-allotted-blocks/144"]["numbers"] = [int(part.flatten(1).any(1).sum()) for part in cut]
        return rows, {
            name: each["mse"].half() for name, each in scores.items() if "plain" not in name and "stretched" not in name
        }


BASE = 32  # numbers, where there are five seeds
SIZES = (2, 4, 8, 16, 32, 64, 128, 256)


@dataclass(frozen=True)
class LinearRateStudy(Study):
    """What a code of so many numbers buys without gradient descent: PCA, and the cosine transform with the coefficients
    of lowest frequency and with those of largest variance. Each clipped to [0, 1], plain, and stretched.
    """

    code_sizes: tuple[int, ...] = SIZES

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Fitted on the training pictures, scored on the test pictures.

        Returns:
            Rows by "mean-image/0" and "<method>/<code size>", the method followed by "-plain" or "-stretched": "mse",
            "psnr", "ssim", the "interval" of the MSE over pictures and that of the
            MSE − clipped PCA's of the same size, picture by picture ("over pca"); of clipped and stretched PCA the rows
            of `_in_bits`, too, and by the same names what they make of the sample's first eight test pictures, uint8.
        """
        rows: Rows = {"mean-image/0": _row(evaluate(linear.mean_image(splits.train), Reconstruction(), splits.test))}
        shown: dict[str, Tensor] = {}
        for size in self.code_sizes:
            ways = {
                "pca": partial(linear.pca, splits.train, size),
                "dct-zigzag": partial(linear.dct, splits.train, size, "zigzag"),
                "dct-variance": partial(linear.dct, splits.train, size, "variance"),
            }
            pca: Tensor | None = None
            for name, make in ways.items():
                plain = make(clip=False)
                ended = {"": make(), "-plain": plain, "-stretched": linear.stretched(plain, splits.train)}
                for how, member in ended.items():
                    scores = evaluate(member, Reconstruction(), splits.test)
                    pca = scores["mse"] if pca is None else pca
                    rows[f"{name}{how}/{size}"] = _row(scores) | {
                        "over pca": as_list(over_pictures(scores["mse"] - pca)),
                    }
                    if name == "pca" and how != "-plain":
                        shown[f"{name}{how}/{size}"] = _put_out(member, f"{self.data}-sample")
                        rows |= _in_bits(f"{name}{how}/{size}", member, splits)
        return rows, shown


@dataclass(frozen=True)
class RateStudy(Study):
    """What a code of so many numbers buys with gradient descent, at each of some code sizes.

    Args:
        code_sizes: Numbers in the codes.
        arms: The nets, each with its way of training; "-long" behind one gives it twice the epochs.
        chosen: Seeds of each.
    """

    code_sizes: tuple[int, ...]
    arms: tuple[str, ...] = ("linear", "dense", "convolutional")
    chosen: tuple[int, ...] = (0,)

    def parts(self) -> tuple[Self, ...]:
        return tuple(
            replace(self, code_sizes=(size,), arms=(arm,), chosen=(seed,))
            for size in self.code_sizes
            for arm in self.arms
            for seed in self.chosen
        )

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained on the training pictures without those kept for validation, scored on the test pictures.

        Returns:
            Rows by "<arm>/<code size>/<seed>": "mse", "psnr" and "ssim", the MSE of the validation pictures and of as
            many training pictures ("validation", "train"), the number of "parameters" and of "epochs", and the
            "seconds" of one core that the training took; and those of `_in_bits`. By the same names the MSE of each
            test picture [N], and
            by "pca/<code size>" and "stretched/<code size>" that of linear rivals fitted on the same pictures; by
            "shown/<arm>/<code size>" what seed 0 makes of the sample's first eight test pictures, uint8.
        """
        task, rows, errors = Reconstruction(), {}, {}
        for size in self.code_sizes:
            plain = linear.pca(splits.train, size, clip=False)
            rivals = {"pca": linear.pca(splits.train, size), "stretched": linear.stretched(plain, splits.train)}
            for name, member in rivals.items():
                errors[f"{name}/{size}"] = evaluate(member, task, splits.test)["mse"]
            for arm, seed in itertools.product(self.arms, self.chosen):
                way = ARMS[arm.removesuffix("-long")]
                epochs = way.epochs(size) * (1 + arm.endswith("-long"))
                torch.manual_seed(seed)
                model = way.model(size)
                optimizer = torch.optim.Adam(model.parameters(), way.rate)
                began = time.process_time()
                fit(model, task, splits.train, optimizer, epochs=epochs, batch_size=way.batch, seed=seed, decay=True)
                seconds = time.process_time() - began
                ended = model if way.ends else nn.Sequential(model, nn.Hardtanh(0, 1))  # clipped, as PCA is
                scores = evaluate(ended, task, splits.test)
                seen = {"validation": splits.validation, "train": splits.train[: len(splits.validation)]}
                errors[f"{arm}/{size}/{seed}"] = scores["mse"]
                rows[f"{arm}/{size}/{seed}"] = (
                    {score: values.mean().item() for score, values in scores.items() if score != "loss"}
                    | {part: evaluate(ended, task, images)["mse"].mean().item() for part, images in seen.items()}
                    | {
                        "parameters": sum(values.numel() for values in model.parameters()),
                        "epochs": epochs,
                        "seconds": seconds,
                    }
                )
                rows |= _in_bits(f"{arm}/{size}/{seed}", model, splits)
                if seed == 0 and arm in SHOWN:
                    errors[f"shown/{arm}/{size}"] = _put_out(ended, f"{self.data}-sample")
        return rows, errors

    def joined(self, rows: Rows, tensors: dict[str, Tensor]) -> tuple[Rows, dict[str, Tensor]]:
        """Intervals in place of the errors, and the pictures that are kept, by "<arm>/<code size>".

        Returns:
            The rows, and by "<arm>/<code size>" the interval of the MSE − that of clipped PCA, of stretched PCA, and of
            the dense net, picture by picture, averaged over the seeds ("over pca", "over stretched", "over dense").
        """
        for size, arm in itertools.product(self.code_sizes, self.arms):
            errors = [tensors[f"{arm}/{size}/{seed}"] for seed in self.chosen]
            against = {name: [tensors[f"{name}/{size}"]] * len(errors) for name in ("pca", "stretched")}
            if "dense" in self.arms and arm != "dense":
                against["dense"] = [tensors[f"dense/{size}/{seed}"] for seed in self.chosen]
            rows[f"{arm}/{size}"] = {
                f"over {name}": as_list(
                    against_baseline(
                        [own - other for own, other in zip(errors, others, strict=True)], torch.zeros_like(errors[0])
                    )
                )
                for name, others in against.items()
            }
        shown = {name.removeprefix("shown/"): each for name, each in tensors.items() if name.startswith("shown/")}
        return rows, shown


SHOWN = ("dense", "convolutional")  # arms of which pictures are kept


@torch.no_grad()
def _put_out(model: nn.Module, sample: str) -> Tensor:
    pictures = data.load(sample).test[:8].all().images
    return as_bytes(model.eval()(pictures))


BITS = range(2, 9)
GROUPS = (4, 16, 64, 256)  # of local PCAs


@torch.no_grad()
def _in_bits(name: str, model: Autoencoder, splits: Splits) -> Rows:
    """What is left where the numbers of a code are rounded.

    Returns:
        "<name>/<bits> bits": each number has 2^bits steps of its own; "<name>/<bits> shared": all have the step that
        the widest has there. Of each the "bits" a picture, counted by the training pictures' shares, and the "mse" of
        what is decoded from the rounded codes, clipped to [0, 1], both on the test pictures.
    """
    train, test = (encode_all(model, part).flatten(1) for part in (splits.train, splits.test))
    widest = (train.amax(0) - train.amin(0)).max().item()
    pictures, rows = splits.test.all().images, {}
    model.eval()
    for bits in BITS:
        ways = {"bits": quantizer(train, bits=bits), "shared": quantizer(train, step=widest / 2**bits)}
        for way, rounded in ways.items():
            symbols = rounded.symbols(test)
            codes = rounded.decode(symbols).float()
            error = torch.cat(
                [
                    mse(model.decode(part).clamp(0, 1), own)
                    for part, own in zip(codes.split(1000), pictures.split(1000), strict=True)
                ]
            )
            rows[f"{name}/{bits} {way}"] = {
                "bits": rounded.bits(symbols).mean().item(),
                "mse": error.mean().item(),
                "interval": as_list(over_pictures(error)),
            }
    return rows


class Arm(NamedTuple):
    """How nets of a kind are made and trained: by Adam, the rate falling to 0. Found on validation at 32 and 128."""

    model: Callable[[int], Autoencoder]
    rate: float
    batch: int
    epochs: Callable[[int], int]
    ends: bool = True  # in [0, 1]


def _linear_autoencoder(code_size: int) -> Autoencoder:
    return Autoencoder(
        nn.Sequential(nn.Flatten(), nn.Linear(784, code_size)),
        nn.Sequential(nn.Linear(code_size, 784), nn.Unflatten(1, (1, 28, 28))),
        (1, 28, 28),
    )


def _convolutional(code_size: int) -> Autoencoder:
    return cast("Autoencoder", build(f"global-{code_size}"))


# The convolutional ones take some twelve minutes of one core; the linear ones have arrived long before.
ARMS = {
    "linear": Arm(_linear_autoencoder, 1e-3, 128, lambda size: 20, ends=False),
    "dense": Arm(deep_dense_autoencoder, 3e-3, 128, lambda size: 40),
    "convolutional": Arm(_convolutional, 5e-3, 64, lambda size: 70 if len(RATES[size]) == 2 else 32),
    # No hidden layers: what stands in the way of the dense one with many numbers. Its settings were not searched.
    "one-layer": Arm(lambda size: deep_dense_autoencoder(size, ()), 2e-3, 128, lambda size: 40),
    # Two more designs, tried where the one above misses its aim; fewer epochs, as each takes longer.
    "wider": Arm(lambda size: global_autoencoder(size, (24, 48, 192)), 5e-3, 64, lambda size: 28),
    "deeper": Arm(lambda size: global_autoencoder(size, (24, 48, 96, 192)), 5e-3, 64, lambda size: 28),
}
CONTROLS = {
    "sigmoid": Arm(lambda size: deep_dense_autoencoder(size, ()), 1e-3, 128, lambda size: 100),
    "dense-same": Arm(lambda size: deep_dense_autoencoder(size, (120, 60)), 3e-3, 128, lambda size: 250),
}


@dataclass(frozen=True)
class ControlsStudy(Study):
    """What else than its code could make a convolutional net's lead at one code size: rivals one by one.

    Args:
        code_size: Numbers in each code.
        arms: "pca-decoder", the convolutional decoder behind fixed PCA codes; "sigmoid", one linear layer each way and
            a sigmoid; "searched", the same decoder with the best code for each picture; "dense-same", a dense net with
            the convolutional one's number of parameters; "local-pca/<groups>". "-long" behind one that is trained gives
            it twice the epochs.
        searches: Steps of the search for a picture's code.
    """

    code_size: int = BASE
    arms: tuple[str, ...] = (
        *("pca-decoder", "sigmoid", "dense-same"),
        *(f"local-pca/{groups}" for groups in GROUPS),
        *("pca-decoder-long", "sigmoid-long", "dense-same-long"),
    )
    searches: int = 300

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, arms=(arm,)) for arm in self.arms)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trained and scored as in RateStudy, seed 0.

        Returns:
            Rows by arm: "mse", "psnr", "ssim", "interval", and the MSE of the validation pictures ("validation") and of
            as many training pictures ("train"); of those trained "parameters", "epochs" and "seconds" of a core.
            "sigmoid" brings "searched" along, of which only the first 1,000 test pictures are scored.
        """
        rows: Rows = {}
        for arm in self.arms:
            if arm.startswith("local-pca/"):
                local = linear.local_pca(splits.train, self.code_size, int(arm.partition("/")[2]))
                rows[arm] = _scored(local, splits)
                continue
            torch.manual_seed(0)
            model, way = self._made(arm.removesuffix("-long"), splits)
            parameters = [each for each in model.parameters() if each.requires_grad]
            optimizer = torch.optim.Adam(parameters, way.rate)
            epochs = way.epochs(self.code_size) * (1 + arm.endswith("-long"))
            began = time.process_time()
            fit(
                model,
                Reconstruction(),
                splits.train,
                optimizer,
                epochs=epochs,
                batch_size=way.batch,
                seed=0,
                decay=True,
            )
            rows[arm] = {"seconds": time.process_time() - began, "epochs": epochs, **_scored(model, splits)}
            rows[arm]["parameters"] = sum(values.numel() for values in parameters)
            if arm == "sigmoid":
                rows["searched"] = _row(self._searched(model, splits.test[:1000].all().images))
        return rows, {}

    def _made(self, arm: str, splits: Splits) -> tuple[Autoencoder, Arm]:
        if arm == "pca-decoder":
            way = ARMS["convolutional"]
            encoder = linear.pca(splits.train, self.code_size).encoder.requires_grad_(False)
            return Autoencoder(encoder, way.model(self.code_size).decoder, (1, 28, 28)), way
        way = CONTROLS[arm]
        return way.model(self.code_size), way

    def _searched(self, model: Autoencoder, images: Tensor) -> Scores:
        """Scores where each picture's code is sought by gradient descent, from what the encoder gives on."""
        model.eval().requires_grad_(False)
        code = model.encode(images).clone().requires_grad_()
        optimizer = torch.optim.Adam([code], 0.1)
        for _ in range(self.searches):
            optimizer.zero_grad()
            (model.decode(code) - images).square().sum().backward()
            optimizer.step()
        with torch.no_grad():
            found = model.decode(code)
        return {"mse": mse(found, images), "psnr": psnr(found, images), "ssim": ssim(found, images)}


@dataclass(frozen=True)
class LocalStretchedStudy(Study):
    """The local PCAs of ControlsStudy with a stretched end, as PCA beside them has.

    Args:
        groups: How many PCAs.
    """

    groups: tuple[int, ...] = GROUPS[:-1]  # 256 take a quarter of an hour
    code_size: int = BASE

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, groups=(count,)) for count in self.groups)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Rows "local-pca-stretched/<groups>" as in ControlsStudy, and the "threshold", chosen on training pictures."""
        rows: Rows = {}
        for count in self.groups:
            plain = linear.local_pca(splits.train, self.code_size, count, clip=False)
            ended, threshold = linear.best_stretch(plain, splits.train[:10_000])
            rows[f"local-pca-stretched/{count}"] = _scored(ended, splits) | {"threshold": threshold}
        return rows, {}


@dataclass(frozen=True)
class WaterStudy(Study):
    """PCA with so many numbers that the step alone decides how many of them take bits.

    Args:
        numbers: Of PCA.
        steps: One for all numbers, in the units of a code; 0 is the middle of a step.
    """

    numbers: int = 400
    steps: tuple[float, ...] = tuple(round(0.1 * 2 ** (k / 4), 4) for k in range(23))

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, steps=(step,)) for step in self.steps)

    @torch.no_grad()
    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Fitted on the training pictures, scored on the test pictures.

        Returns:
            Rows "water/<step>": the "bits" a picture by the training pictures' shares, how many "numbers" take more
            than one step, and the "mse" of what is decoded, stretched by the "threshold" that is best for rounded
            training pictures.
        """
        plain = linear.pca(splits.train, self.numbers, clip=False)
        codes, own = encode_all(plain, splits.train), encode_all(plain, splits.test)
        rows: Rows = {}
        for step in self.steps:
            rounded = quantizer(codes, step=step, around_zero=True)
            some = splits.train[:10_000]
            ended, threshold = linear.best_stretch(
                plain.decoder, some, rounded.decode(rounded.symbols(codes[: len(some)])).float()
            )
            symbols = rounded.symbols(own)
            back = ended(rounded.decode(symbols).float())
            rows[f"water/{step:g}"] = {
                "bits": rounded.bits(symbols).mean().item(),
                "numbers": int((rounded.levels > 1).sum()),
                "mse": mse(back, splits.test.all().images).mean().item(),
                "threshold": threshold,
            }
        return rows, {}


@dataclass(frozen=True)
class FilesStudy(Study):
    """What the test pictures weigh as files, one each, and as one large sheet, where a header weighs nothing.

    Args:
        qualities: Of JPEG, and of WebP.
        side: Of each picture's place on the sheet, a multiple of both ones' blocks, of 8 and of 16.
    """

    qualities: tuple[tuple[int, ...], tuple[int, ...]] = ((5, 10, 20, 30, 50, 70, 85, 95), (0, 5, 20, 50, 75, 90))
    side: int = 32

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """By Pillow, PNG as small as it makes them.

        Returns:
            "png", "webp" (both without loss), "jpeg/<quality>" and "webp/<quality>", each also with "/sheet" behind it:
            "bits" a picture, and the "mse" of what comes back; "header", the bits of the smallest PNG, WebP and JPEG of
            a black pixel ("png", "webp", "jpeg").
        """
        pictures = splits.test.images
        across = math.isqrt(len(pictures))
        whole = pictures[: across**2]
        room = nn.functional.pad(whole, (0, self.side - whole.shape[-1], 0, self.side - whole.shape[-2]))
        sheet = room.view(across, across, self.side, self.side).transpose(1, 2).reshape(across * self.side, -1)
        ways: dict[str, dict[str, Any]] = {
            "png": {"format": "PNG", "optimize": True},
            "webp": {"format": "WEBP", "lossless": True, "quality": 50, "method": 3},
        }
        jpeg, webp = self.qualities
        ways |= {f"jpeg/{quality}": {"format": "JPEG", "quality": quality, "optimize": True} for quality in jpeg}
        ways |= {f"webp/{quality}": {"format": "WEBP", "quality": quality, "method": 4} for quality in webp}
        rows: Rows = {}
        for name, how in ways.items():
            files = [_file(picture[0], how) for picture in pictures]
            back = torch.stack([_read(content) for content in files])
            rows[name] = {
                "bits": 8 * sum(map(len, files)) / len(files),
                "mse": ((back - pictures[:, 0].float()) / 255).square().mean().item(),
            }
            content = _file(sheet, how)
            tiles = (
                _read(content).view(across, self.side, across, self.side).transpose(1, 2).reshape(-1, *room.shape[-2:])
            )
            kept = tiles[:, : whole.shape[-2], : whole.shape[-1]]
            rows[f"{name}/sheet"] = {
                "bits": 8 * len(content) / len(whole),
                "mse": ((kept - whole[:, 0].float()) / 255).square().mean().item(),
            }
        dot = torch.zeros(1, 1, dtype=torch.uint8)
        rows["header"] = {
            name: 8 * len(_file(dot, ways[way]))
            for name, way in (("png", "png"), ("webp", "webp"), ("jpeg", f"jpeg/{self.qualities[0][0]}"))
        }
        return rows, {}


def _file(levels: Tensor, how: dict[str, Any]) -> bytes:
    with needs("Pillow", "this study"):
        from PIL import Image

    content = io.BytesIO()
    Image.fromarray(levels.numpy()).save(content, **how)
    return content.getvalue()


def _read(content: bytes) -> Tensor:
    from PIL import Image

    return torch.from_numpy(np.array(Image.open(io.BytesIO(content)).convert("L"))).float()  # WebP has colours alone


def _scored(model: nn.Module, splits: Splits) -> dict[str, Any]:
    seen = {"validation": splits.validation, "train": splits.train[: len(splits.validation)]}
    return _row(evaluate(model, Reconstruction(), splits.test)) | {
        part: evaluate(model, Reconstruction(), images)["mse"].mean().item() for part, images in seen.items()
    }


def _row(scores: Scores) -> dict[str, Any]:
    return {score: values.mean().item() for score, values in scores.items()} | {
        "interval": as_list(over_pictures(scores["mse"]))
    }


EXPERIMENTS = (
    BaselineStudy("mnist-baselines", "mnist", code_sizes=(1, 7, 30, 64, 128, 144, 256, 288, 512)),
    LinearRateStudy("rate-linear", "mnist"),
    LinearRateStudy("rate-linear-fashion", "fashion-mnist", code_sizes=(2, 8, 32, 128)),
    RateStudy("rate-mnist", "mnist", code_sizes=tuple(size for size in SIZES if size != BASE)),
    RateStudy("rate-mnist-seeds", "mnist", code_sizes=(BASE,), chosen=(0, 1, 2, 3, 4)),
    RateStudy("rate-mnist-longer", "mnist", code_sizes=(BASE,), arms=("linear-long", "dense-long")),
    RateStudy("rate-mnist-designs", "mnist", code_sizes=(BASE,), arms=("wider", "deeper")),
    RateStudy("rate-mnist-designs-64", "mnist", code_sizes=(64,), arms=("wider", "deeper")),
    RateStudy("rate-mnist-longer-128", "mnist", code_sizes=(128,), arms=("dense-long",)),
    RateStudy("rate-fashion", "fashion-mnist", code_sizes=(2, 8, 32, 128)),
    RateStudy("rate-mnist-one-layer", "mnist", code_sizes=SIZES, arms=("one-layer",)),
    RateStudy("rate-fashion-one-layer", "fashion-mnist", code_sizes=(2, 8, 32, 128), arms=("one-layer",)),
    ControlsStudy("rate-controls", "mnist"),
    LocalStretchedStudy("rate-local-stretched", "mnist"),
    WaterStudy("rate-water", "mnist"),
    FilesStudy("rate-files", "mnist"),
)

"""The two-layer net with stride 1 and what pools behind its convolutions, and what each way to lose pixels keeps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from convae.arithmetic.shapes import MOST, check_whole
from convae.data import load
from convae.experiments.experiment import Nets, Rows
from convae.experiments.study import Study, as_list
from convae.experiments.two_layer import TWO_LAYER, changed
from convae.latent import encode_all
from convae.measures.intervals import Interval, against_baseline, over_pictures
from convae.models import Autoencoder, BlurPool, build
from convae.names import lookup
from convae.training.loop import fit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

    from convae.data import ImageSet, Splits
    from convae.tensors import Images, PerImage

    Layer = Callable[[Images], Tensor]

POOLED = ("robledo-max-pool", "robledo-average-pool", "robledo-blur-pool")
# The same encoders before a decoder that may look next door, and the blur behind the activation:
OVERLAPPING = (
    "robledo-overlapping",
    *(f"{name}-overlapping" for name in POOLED),
    "robledo-relu-blur-pool-overlapping",
)
NETS = (TWO_LAYER.name, *POOLED)
POOLINGS = ("stride", "max", "average", "blur", "max-blur", "alias-free")  # the two last: for comparison
STRIDES = (2, 3)
ORDERS = ("pooled", "relu", "report")  # no ReLU; one in front of the pooling; one behind it, as in robledo2021's nets
SHIFTS = (1, 2, 3)  # of a whole picture, in pixels
LOBES = 20  # of the sinc, on each side: so long that hardly anything is left beyond the limit
MARGIN, AROUND = 13, 6  # pixels around a digit that are there, and that count: 54×54 has whole windows of 2 and of 3


def _drawn(splits: Splits, known: int, pictures: int) -> dict[str, Tensor]:
    """Pictures of each part, chosen by chance: to fit on, to choose a ridge on, and to score."""
    chance = torch.Generator().manual_seed(1)
    parts = {
        "known": chosen(splits.train, known, chance),
        "tried": chosen(splits.validation, min(pictures, len(splits.validation)), chance),
        "test": chosen(splits.test, pictures, chance),
    }
    return {name: part.all().images for name, part in parts.items()}


@dataclass(frozen=True)
class PoolingStudy(Study):
    """What strides and poolings keep of real digits, and what a shift does to them, in one table.

    Args:
        known: Random training pictures of which a linear way back is learnt; MNIST has no more of them, and of fewer
            less is brought back from a blur.
        pictures: Random test pictures that the nets see shifted, or that are brought back from what kernels left.
        shifted: Random test pictures that layers of random kernels see shifted.
        repeats: Layers of eight random kernels.
        ridges: Penalties of the linear ways back, as parts of the mean variance of what they know; each chooses its own
            on validation.
        measured: What of it: the trained nets, what random kernels keep, what shifts do to them.
    """

    data: str = "mnist"
    known: int = 55_000
    pictures: int = 1_000
    shifted: int = 200
    repeats: int = 10
    ridges: tuple[float, ...] = tuple(10.0**power for power in range(-15, 1))
    measured: tuple[str, ...] = ("nets", "kept", "shifts")
    of_nets: ClassVar[bool] = True

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, measured=(name,)) for name in self.measured)

    @torch.no_grad()
    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Measures each of `measured`; intervals are (mean, low, high, count).

        Returns:
            By "net/<name>", of seed 0: MSE on the test set of its own `decoder`, of linear maps from `all` numbers of
            its code and from those of the `block` alone, differences picture by picture (`decoder_all`: the decoder's
            minus that of all numbers; `all_stride`: that of all numbers minus the strided net's), and `shift_<by>`, how
            far what it makes of a shifted digit is from its reconstruction shifted, as a part of the variance, with
            `shift_<by>_stride`, this minus the strided net's.
            By "kept/<pooling>": one number a layer of random kernels, the part of the variance of the pictures that a
            linear map brings back from the eight numbers of each `window`, and from `all` of them, with the `ridge`
            that was chosen for the latter.
            By "shift/<stride>/<order>/<pooling>", the order being one of ORDERS: `moves`, the error against the shifted
            map; `stays`, the change of the map where it is; `moves_before`, the former minus that of the pooling before
            in POOLINGS; `stays_stride`, the latter minus the stride's; `moves_relu`, in the report's order, `moves`
            minus that behind the ReLU.
        """
        makers = {"nets": self._nets, "kept": self._kept, "shifts": self._shifts}
        rows: Rows = {}
        for name in self.measured:
            rows |= makers[name](splits, nets)
        return rows, {}

    def _nets(self, splits: Splits, nets: Nets) -> Rows:
        chance = torch.Generator().manual_seed(0)
        parts = {"known": chosen(splits.train, self.known, chance), "tried": splits.validation, "test": splits.test}
        pixels = {name: part.all().images.flatten(1) for name, part in parts.items()}
        roomy = chosen(splits.test[_has_room(splits.test.images)], self.pictures, chance).all().images
        blocks = torch.arange(28).div(9, rounding_mode="floor").clamp(max=2)  # of each row of pixels, and column
        block_of = (3 * blocks[:, None] + blocks).flatten()
        rows: Rows = {}
        stride: dict[str, Tensor] = {}
        for recipe in NETS:
            net: Autoencoder = nets(recipe, 0)
            codes = {name: encode_all(net, part).flatten(1) for name, part in parts.items()}
            restored = {"decoder": torch.cat([net(batch.images) for batch in splits.test.batches(1000)]).flatten(1)}
            restored["all"], _ = way_back(codes, pixels, self.ridges)
            restored["block"] = torch.empty_like(pixels["test"])
            for place in range(9):
                here = block_of == place
                known = {name: each[:, place::9] for name, each in codes.items()}
                wanted = {name: each[:, here] for name, each in pixels.items()}
                restored["block"][:, here], _ = way_back(known, wanted, self.ridges)
            found = {name: (each - pixels["test"]).square().mean(1) for name, each in restored.items()}
            found |= {f"shift_{by}": net_shift_error(net, roomy, by) for by in SHIFTS}
            stride = stride or found
            rows[f"net/{recipe}"] = {name: as_list(over_pictures(each)) for name, each in found.items()}
            compared = {"decoder_all": found["decoder"] - found["all"]}
            compared |= {f"{name}_stride": found[name] - stride[name] for name in found}
            rows[f"net/{recipe}"] |= {name: as_list(over_pictures(each)) for name, each in compared.items()}
        return rows

    def _kept(self, splits: Splits, nets: Nets) -> Rows:
        images = _drawn(splits, self.known, self.pictures)
        windows = {name: functional.unfold(each[..., :27, :27], 3, stride=3) for name, each in images.items()}
        whole = {name: each.flatten(1) for name, each in windows.items()}  # [N, 9 pixels of 81 windows]
        variance = (whole["test"] - whole["known"].mean(0)).square().mean()
        rows: Rows = {f"kept/{name}": {"window": [], "all": [], "ridge": []} for name in POOLINGS[:4]}
        for seed in range(self.repeats):
            torch.manual_seed(seed)
            convolution = nn.Conv2d(1, 8, 3, padding=1)
            for name in POOLINGS[:4]:
                pool = pooling(name, 3)
                maps = {
                    part: torch.cat([pool(convolution(some)) for some in each.split(1000)])[..., :9, :9].flatten(2)
                    for part, each in images.items()
                }
                back, ridge = way_back({part: each.flatten(1) for part, each in maps.items()}, whole, self.ridges)
                rows[f"kept/{name}"]["ridge"].append(ridge)
                left = [
                    way_back(
                        {part: each[..., place] for part, each in maps.items()},
                        {part: each[..., place] for part, each in windows.items()},
                        self.ridges,
                    )[0]
                    for place in range(81)
                ]
                for what, found in {"window": torch.stack(left, 2).flatten(1), "all": back}.items():
                    missed = (found - whole["test"]).square().mean() / variance
                    rows[f"kept/{name}"][what].append(1 - missed.item())
        return rows

    def _shifts(self, splits: Splits, nets: Nets) -> Rows:
        pictures = chosen(splits.test, self.shifted, torch.Generator().manual_seed(2)).all().images
        found: dict[str, list[tuple[PerImage, PerImage]]] = {}
        for seed in range(self.repeats):
            torch.manual_seed(seed)
            convolution = nn.Conv2d(1, 8, 3, padding=1)
            layers: dict[str, Layer] = {"none": convolution, "whole-map": partial(_largest, convolution)}
            for stride in STRIDES:
                for name in POOLINGS:
                    for order in ORDERS:
                        layers[f"{stride}/{order}/{name}"] = partial(_pooled, convolution, pooling(name, stride), order)
            for name, each in layers.items():
                found.setdefault(name, []).append(shift_errors(each, pictures))
        rows: Rows = {}
        for name, errors in found.items():
            moves, stays = zip(*errors, strict=True)
            rows[f"shift/{name}"] = {"moves": as_list(_over_both(moves)), "stays": as_list(_over_both(stays))}
        for stride in STRIDES:
            for order in ORDERS:
                of = {name: found[f"{stride}/{order}/{name}"] for name in POOLINGS}
                for before, name in pairwise(POOLINGS):
                    row = rows[f"shift/{stride}/{order}/{name}"]
                    moved = [new[0] - old[0] for new, old in zip(of[name], of[before], strict=True)]
                    stayed = [new[1] - old[1] for new, old in zip(of[name], of["stride"], strict=True)]
                    row |= {"moves_before": as_list(_over_both(moved)), "stays_stride": as_list(_over_both(stayed))}
            for name in POOLINGS:
                pair = (found[f"{stride}/{order}/{name}"] for order in ("report", "relu"))
                later = [behind[0] - front[0] for behind, front in zip(*pair, strict=True)]
                rows[f"shift/{stride}/report/{name}"]["moves_relu"] = as_list(_over_both(later))
        return rows


@dataclass(frozen=True)
class KeptStudy(Study):
    """What a linear way back finds of digits in the numbers of fewer random kernels, and in numbers with noise.

    Args:
        known: Random training pictures of which the way back is learnt.
        pictures: Random test pictures that are brought back.
        repeats: Layers of eight random kernels.
        kernels: How many of the eight there are, the first ones.
        noises: Standard deviations of noise on the numbers of all eight, as parts of the numbers' own.
        ridges: As in PoolingStudy.
    """

    data: str = "mnist"
    known: int = 20_000
    pictures: int = 1_000
    repeats: int = 5
    kernels: tuple[int, ...] = (1, 2, 4, 8)
    noises: tuple[float, ...] = (0.01, 0.05)
    ridges: tuple[float, ...] = PoolingStudy.ridges

    @torch.no_grad()
    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """By "<kernels>/<noise>/<pooling>" `all`, one number a layer: the part of the variance that comes back."""
        images = _drawn(splits, self.known, self.pictures)
        wanted = {name: each[..., :27, :27].flatten(1) for name, each in images.items()}
        variance = (wanted["test"] - wanted["known"].mean(0)).square().mean()
        cases = [(count, 0.0) for count in self.kernels] + [(8, noise) for noise in self.noises]
        rows: Rows = {f"{count}/{noise:g}/{name}": {"all": []} for count, noise in cases for name in POOLINGS[:4]}
        for seed in range(self.repeats):
            torch.manual_seed(seed)
            convolution = nn.Conv2d(1, 8, 3, padding=1)
            for name in POOLINGS[:4]:
                pool = pooling(name, 3)
                maps = {
                    part: torch.cat([pool(convolution(some)) for some in each.split(1000)])[..., :9, :9]
                    for part, each in images.items()
                }
                own = maps["known"].std()
                for count, noise in cases:
                    spoiled = {
                        part: (each + noise * own * torch.randn_like(each))[:, :count].flatten(1)
                        for part, each in maps.items()
                    }
                    back, _ = way_back(spoiled, wanted, self.ridges)
                    missed = (back - wanted["test"]).square().mean() / variance
                    rows[f"{count}/{noise:g}/{name}"]["all"].append(1 - missed.item())
        return rows, {}


@dataclass(frozen=True)
class LinearDecoderStudy(Study):
    """The encoders of `nets` trained together with a decoder that looks everywhere: one linear layer from all 144
    numbers of the code to all 784 pixels.

    Args:
        nets: Recipes whose encoders and settings are taken.
        repeats: Seeds.
        epochs: Of each training.
        sigmoid: Put a sigmoid behind it, as the other decoders have it.
        decay: With the report's weight decay, 1e-5.
    """

    data: str = "mnist"
    nets: tuple[str, ...] = (TWO_LAYER.name, "robledo-average-pool")
    repeats: int = 3
    epochs: int = TWO_LAYER.epochs
    sigmoid: bool = False
    decay: bool = True

    def splits(self) -> Splits:
        return load(self.data, validation=TWO_LAYER.validation)

    def parts(self) -> tuple[Self, ...]:
        return tuple(replace(self, nets=(name,)) for name in self.nets)

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Trains them.

        Returns:
            By recipe, one number a seed: `mse` on the test set of what is clipped to [0, 1], and `fall`, by which part
            of itself the error, not clipped, still fell in the last epoch.
        """
        rows: Rows = {}
        for name in self.nets:
            scores = [self._train(name, seed, splits) for seed in range(self.repeats)]
            rows[name] = {what: [each[what] for each in scores] for what in scores[0]}
        return rows, {}

    def _train(self, name: str, seed: int, splits: Splits) -> dict[str, float]:
        torch.manual_seed(seed)
        model = before_linear(build(name), self.sigmoid)
        history = fit(
            model,
            TWO_LAYER.task,
            splits.train,
            (TWO_LAYER if self.decay else replace(TWO_LAYER, weight_decay=0.0)).make_optimizer(model),
            epochs=self.epochs,
            batch_size=TWO_LAYER.batch_size,
            seed=seed,
            watch={"test": splits.test},
        )
        before, after = history.epochs["test"][-2:]
        with torch.no_grad():
            errors = [
                (model(batch.images).clamp(0, 1) - batch.images).square().mean((1, 2, 3))
                for batch in splits.test.batches(1000)
            ]
        return {"mse": torch.cat(errors).mean().item(), "fall": 1 - after / before}


def before_linear(net: nn.Module, sigmoid: bool = False) -> Autoencoder:
    """The encoder of a net before one linear layer, with new weights, from all numbers of the code to all pixels."""
    assert isinstance(net, Autoencoder)
    numbers, pixels = net.encode(torch.zeros(1, *net.image_shape)).numel(), math.prod(net.image_shape)
    layers = [nn.Flatten(), nn.Linear(numbers, pixels), nn.Unflatten(1, net.image_shape)]
    return Autoencoder(net.encoder, nn.Sequential(*layers, *([nn.Sigmoid()] if sigmoid else [])), net.image_shape)


def pooling(name: str, stride: int) -> Layer:
    """A way to keep one of stride × stride numbers of maps with eight channels, by its name in POOLINGS.

    Raises:
        ValueError: there is no such way.
    """
    lookup(dict.fromkeys(POOLINGS), name, "pooling")
    blur = BlurPool(8, stride)
    ways: dict[str, Layer] = {
        "stride": lambda maps: maps[..., stride // 2 :: stride, stride // 2 :: stride],
        "max": nn.MaxPool2d(stride),
        "average": nn.AvgPool2d(stride),
        "blur": blur,
        "max-blur": lambda maps: blur(_dense_maximum(maps, stride)),
        "alias-free": partial(sample_without_aliasing, stride=stride),
    }
    return ways[name]


def sample_without_aliasing(maps: Tensor, stride: int) -> Tensor:
    """Every stride-th number of maps [N, C, H, W] behind a low pass that leaves hardly anything to alias.

    The low pass is a sinc under Lanczos' window, with LOBES lobes on each side; the outermost numbers are repeated.

    Raises:
        ValueError: a stride below 1, or one that does not divide the sides.
    """
    check_whole(1, MOST, stride=stride)
    if maps.shape[-2] % stride or maps.shape[-1] % stride:
        raise ValueError(f"maps of {maps.shape[-2]}×{maps.shape[-1]} by {stride}: give sides that it divides")
    rows, columns = (_sinc(size, size // stride, 1 / stride) for size in maps.shape[-2:])
    return rows @ maps @ columns.mT


def enlarge_without_aliasing(maps: Tensor, size: int) -> Tensor:
    """The way back [N, C, size, size]: through the numbers of square maps, and nothing in it that they could not show.

    Raises:
        ValueError: maps that are not square, or a size that their side does not divide.
    """
    side = maps.shape[-1]
    if maps.shape[-2] != side or size % side:
        raise ValueError(f"maps of {maps.shape[-2]}×{side} to {size}: give square maps and a multiple of their side")
    matrix = _sinc(side, size, 1.0)
    return matrix @ maps @ matrix.mT


def _sinc(size: int, wanted: int, limit: float) -> Tensor:
    """Weights [wanted, size] of so many evenly placed numbers in as many new ones, of frequencies below `limit`."""
    step = size / wanted
    centres = (torch.arange(wanted, dtype=torch.float64) + 0.5) * step - 0.5
    reach = math.ceil(LOBES / limit)
    places = torch.arange(-reach, size + reach)
    distance = (places - centres[:, None]) * limit
    weights = torch.sinc(distance) * torch.sinc(distance / LOBES) * (distance.abs() < LOBES)
    weights /= weights.sum(1, keepdim=True)
    return torch.zeros(wanted, size).index_add(1, places.clamp(0, size - 1), weights.float())


def shift_errors(layer: Layer, pictures: Images, by: int = 1) -> tuple[PerImage, PerImage]:
    """What a shift of 28×28 pictures to the right by some pixels does to what a layer puts out, enlarged back.

    Returns:
        For each picture, as parts of the variance over all of them: the squared difference from the output shifted by
        as much, and from the output where it was.

    Raises:
        ValueError: pictures of another size, or a shift by more than there is room for.
    """
    if pictures.shape[-2:] != (28, 28):
        raise ValueError(f"pictures of {pictures.shape[-2]}×{pictures.shape[-1]}: give 28×28")
    check_whole(0, AROUND, by=by)
    size = 28 + 2 * MARGIN
    here, there = (
        enlarge_without_aliasing(layer(functional.pad(pictures, (MARGIN + far, MARGIN - far, MARGIN, MARGIN))), size)
        for far in (0, by)
    )
    cut = MARGIN - AROUND
    rows = slice(cut, -cut)
    seen, stayed, moved = there[..., rows, rows], here[..., rows, rows], here[..., rows, cut - by : -cut - by]
    variance = seen.var((0, 2, 3)).mean()
    moves, stays = ((seen - other).square().mean((1, 2, 3)) / variance for other in (moved, stayed))
    return moves, stays


def net_shift_error(net: nn.Module, pictures: Images, by: int) -> PerImage:
    """How far what a net makes of pictures [N, 1, 28, 28] shifted to the right is from what it made of them, shifted.

    As a part of the variance of the latter. The pictures have room for the shift: what leaves them is black.
    """
    here, there = net(pictures)[..., : 28 - by], net(functional.pad(pictures, (by, -by)))[..., by:]
    error: PerImage = (there - here).square().mean((1, 2, 3)) / here.var()
    return error


def way_back(
    known: Mapping[str, Tensor], wanted: Mapping[str, Tensor], ridges: Sequence[float]
) -> tuple[Tensor, float]:
    """What the best linear map makes of the numbers "known" of test pictures, in [0, 1], and its ridge penalty.

    Args:
        known: What is known of the pictures, [N, D], by "known" (of which the map is learnt), "tried" (on which its
            ridge penalty is chosen) and "test".
        wanted: Their pixels, [N, P], by the same names.
        ridges: Penalties to try, as parts of the mean variance of what is known.
    """
    middles = [each["known"].double().mean(0) for each in (known, wanted)]
    inputs, outputs = (each["known"].double() - middle for each, middle in zip((known, wanted), middles, strict=True))
    left, right = inputs.mT @ inputs, inputs.mT @ outputs
    values, vectors = torch.linalg.eigh(left)
    turned = vectors.mT @ right

    def answer(part: str, ridge: float) -> Tensor:
        penalty = ridge * values.mean() + 1e-12  # where all is black there is nothing to divide by
        solution = vectors @ (turned / (values.clamp(min=0) + penalty)[:, None])
        found: Tensor = (known[part].double() - middles[0]) @ solution + middles[1]
        return found.clamp(0, 1)

    errors = {ridge: (answer("tried", ridge) - wanted["tried"]).square().mean().item() for ridge in ridges}
    chosen_one = min(errors, key=errors.__getitem__)
    return answer("test", chosen_one).float(), chosen_one


def chosen(pictures: ImageSet, count: int, chance: torch.Generator) -> ImageSet:
    """So many random ones of them."""
    return pictures[torch.randperm(len(pictures), generator=chance)[:count]]


def _has_room(images: Tensor) -> Tensor:
    """Which pictures, bytes [N, 1, H, W], are black in as many columns at the right as they will be shifted by."""
    return (images[..., -max(SHIFTS) :] == 0).flatten(1).all(1)


def _pooled(convolution: nn.Module, pool: Layer, order: str, images: Images) -> Tensor:
    maps = convolution(images)
    left = pool(maps.relu() if order == "relu" else maps)
    return left.relu() if order == "report" else left


def _largest(convolution: nn.Module, images: Images) -> Tensor:
    """The maximum over the whole of each map, as a map of one number: it does not know where it was."""
    maps: Tensor = convolution(images)
    return maps.relu().amax((2, 3), keepdim=True)


def _dense_maximum(maps: Tensor, stride: int) -> Tensor:
    """The largest of the window around each place, of stride × stride numbers."""
    before = (stride - 1) // 2
    around = (before, stride - 1 - before)
    return functional.max_pool2d(functional.pad(maps, around * 2, mode="replicate"), stride, 1)


def _over_both(values: Sequence[Tensor]) -> Interval:
    """Over draws of kernels and pictures together."""
    return against_baseline(values, torch.zeros_like(values[0]))


EXPERIMENTS = (
    *(replace(TWO_LAYER, name=name, model=name) for name in POOLED),
    *(changed(name) for name in OVERLAPPING),
    PoolingStudy("pooling"),
    KeptStudy("pooling-kept"),
    LinearDecoderStudy("pooling-linear-decoder"),
    LinearDecoderStudy("pooling-linear-sigmoid-decoder", sigmoid=True),
    LinearDecoderStudy("pooling-linear-sigmoid-decoder-no-decay", sigmoid=True, decay=False, repeats=1),
)

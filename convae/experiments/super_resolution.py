"""Super-resolution on whole photographs: interpolations, a linear map, small nets and the source's, on the same."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor, nn

from convae.baselines.enlarging import BackProjection, Enlarge, least_squares_enlarger
from convae.corruption import LowResolution
from convae.data.kodak import TEST, VALIDATION, kodak
from convae.data.photographs import photograph
from convae.experiments.experiment import Nets, Rows
from convae.experiments.recipe import Recipe
from convae.experiments.study import Study, as_list
from convae.measures.intervals import Interval, against_baseline, over_pictures
from convae.measures.losses import mse
from convae.measures.metrics import luma, psnr, ssim
from convae.tasks import Reconstruction
from convae.tensors import as_bytes
from convae.training.loop import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from convae.data import Splits
    from convae.models import SkipAutoencoder
    from convae.tensors import Images

KERNELS = ("nearest", "bilinear", "bicubic", "bicubic-0.75", "lanczos")  # interpolations of a few pixels each
BEST = "lanczos"  # the best of these five, on the validation photographs too, and so the bar
WHITE = 253.5 / 255  # 254 and 255 are called white
BORDER = 2  # pixels at every side that are not scored, as in the literature
TILE = 64  # what the source's nets are built for here
# Photograph, upper row, left column; it was not trained on.
EXAMPLE = ("chelsea", 90, 130)
COMPARED = ("chelsea", 60, 110)  # of 2 × 2 tiles


@dataclass(frozen=True)
class SuperResolutionStudy(Study):
    """Everything that enlarges, on whole test photographs, in one table.

    Args:
        factors: Of the interpolations.
        small: Recipes of nets that work at the low resolution, each with its factor and the number of its seeds.
        tiled: Recipes of the source's nets, each with the number of its seeds, the base first.
        factor: Of these.
    """

    factors: tuple[int, ...] = (2, 3, 4, 8)
    small: tuple[tuple[str, int, int], ...] = (("super-resolver-2", 2, 3), ("super-resolver-4", 4, 1))
    tiled: tuple[tuple[str, int], ...] = (
        ("utec-3", 5),
        ("utec-2", 1),
        ("utec-4", 1),
        ("utec-4-long", 1),
        ("utec-4-long-no-decay", 1),
    )
    factor: int = 4
    data: str = "kodak-64"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Scores everything that enlarges on the test photographs.

        Returns:
            Rows by "<factor>/<method or net>": `psnr`, `ssim` (of the luma, without the border) and `mse` (of the
            colours) as intervals over photographs, seeds averaged first; `photographs`, the PSNR of each, and `errors`,
            the MSE; for nets `seeds`, the mean PSNR of each. above() compares two of them. "weights/<net>", of the
            source's nets: weight_sizes() of seed 0. "tiles/validation" and "tiles/test": the mean scores, not clipped,
            of doing nothing to what those are shown. "switches" has the `psnr` of an example for every way to cut the
            base net's paths: bit i of the position says whether path i is whole, from the largest map's to the
            innermost one's, then the code. Pictures: that example's "switches" [16, 3, 64, 64], and "compared/<net>"
            [3, 128, 128], uint8.
        """
        rows: Rows = {}
        kept: dict[str, Tensor] = {}
        nothing = Reconstruction(LowResolution(self.factor, enlarge=True))
        for part, images in (("validation", splits.validation), ("test", splits.test)):
            scores = evaluate(nn.Identity(), nothing, images)
            rows[f"tiles/{part}"] = {name: values.mean().item() for name, values in scores.items()}
        for factor in self.factors:
            rivals: dict[str, nn.Module] = {name: Enlarge(factor, name) for name in KERNELS}
            if TILE % factor == 0:
                rivals["linear"] = least_squares_enlarger(splits.train, factor)
            rows |= {f"{factor}/{name}": _row([score(rival, factor)], net=False) for name, rival in rivals.items()}
        for name, factor, repeats in self.small:
            rows[f"{factor}/{name}"] = _row([score(nets(name, seed), factor) for seed in range(repeats)])
        for name, repeats in self.tiled:
            tiled = [Tiled(nets(name, seed)) for seed in range(repeats)]
            rows[f"{self.factor}/{name}"] = _row([score(net, self.factor) for net in tiled])
            rows[f"weights/{name}"] = weight_sizes(tiled[0].model)
        base = self.tiled[0][0]
        example = cut(*EXAMPLE)
        made = switched(nets(base, 0), spoil(example, self.factor))
        rows["switches"] = {"psnr": psnr(made, example.expand_as(made)).tolist()}
        kept["switches"] = as_bytes(made)
        large = cut(*COMPARED, side=2 * TILE)
        kept[f"compared/{base}"] = as_bytes(Tiled(nets(base, 0))(spoil(large, self.factor)))[0]
        return rows, kept


@dataclass(frozen=True)
class EqualTermsStudy(Study):
    """What SuperResolutionStudy leaves open: linear maps of other windows, nets that are trained alike, a white sky.

    Args:
        factors: Of the interpolations and the linear maps.
        windows: Of the linear maps, in pixels of the reduced picture.
        small: Recipes of nets that work at the low resolution, each with the number of its seeds.
        tiled: Recipes of the source's nets, likewise.
        white: Recipes of the source's nets whose answers to white are taken, seed 0.
        factor: Of all these.
        sky: Number of the photograph with a white sky.
    """

    factors: tuple[int, ...] = (2, 4)
    windows: tuple[int, ...] = (3, 5, 7, 9)
    small: tuple[tuple[str, int], ...] = (("super-resolver-4-as-utec", 5),)
    tiled: tuple[tuple[str, int], ...] = (("utec-3-long", 1),)
    white: tuple[str, ...] = ("utec-3", "utec-3-long")
    factor: int = 4
    sky: int = 20
    data: str = "kodak-64"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Scores them on the test photographs, and what was chosen on the validation photographs too.

        Returns:
            "<factor>/<interpolation>" and "<factor>/linear-<window>": `validation`, the mean PSNR, and `photographs`,
            that of each test photograph. "<factor>/<net>" and "weights/<net>" as in SuperResolutionStudy. "white":
            `share`, that of the values of the sky's photograph that are white; "white/<net>" and "white/bicubic": what
            is made of these, in the `mean`, and `miss`, the root of its mean squared error.
        """
        rows: Rows = {}
        for factor in self.factors:
            rivals: dict[str, nn.Module] = {name: Enlarge(factor, name) for name in KERNELS}
            rivals |= {f"linear-{side}": least_squares_enlarger(splits.train, factor, side) for side in self.windows}
            for name, rival in rivals.items():
                rows[f"{factor}/{name}"] = {
                    "validation": score(rival, factor, VALIDATION)["psnr"].mean().item(),
                    "photographs": score(rival, factor)["psnr"].tolist(),
                }
        for name, repeats in self.small:
            seeds = [score(nets(name, seed), self.factor) for seed in range(repeats)]
            rows[f"{self.factor}/{name}"] = _row(seeds)
        for name, repeats in self.tiled:
            tiled = [Tiled(nets(name, seed)) for seed in range(repeats)]
            rows[f"{self.factor}/{name}"] = _row([score(net, self.factor) for net in tiled])
            rows[f"weights/{name}"] = weight_sizes(tiled[0].model)
        original = kodak(self.sky)[None].float() / 255
        shown, white = spoil(original, self.factor), original >= WHITE
        rows["white"] = {"share": white.float().mean().item()}
        answers = {"bicubic": shown} | {name: Tiled(nets(name, 0))(shown) for name in self.white}
        for name, answer in answers.items():
            made, wanted = answer.clamp(0, 1)[white], original[white]
            miss = (made - wanted).square().mean().sqrt().item()
            rows[f"white/{name}"] = {"mean": made.mean().item(), "miss": miss}
        return rows, {}


@dataclass(frozen=True)
class RivalsStudy(Study):
    """Rivals that nothing trained, and the small net as the source's is scored, and without its sum.

    Args:
        factors: Of what enlarges.
        times: Of the back-projection; which one counts is for the validation photographs to say.
        small: Recipes of nets that work at the low resolution, seed 0, trained as the source's base.
        factor: Of these.
    """

    factors: tuple[int, ...] = (2, 3, 4, 8)
    times: tuple[int, ...] = (1, 2, 5, 10, 20)
    small: tuple[str, ...] = ("super-resolver-4-as-utec", "super-resolver-4-as-utec-alone")
    factor: int = 4
    data: str = "kodak-64"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Scores them on the test photographs.

        Returns:
            "<factor>/spline" and "<factor>/back-<times>", of BackProjection on Lanczos: as in SuperResolutionStudy, and
            `validation`, the mean PSNR there. "<factor>/<net>/whole" and "<factor>/<net>/tiles": on whole photographs,
            and on the reduced ones cut into what makes squares of 64×64; likewise, of seed 0.
        """
        rows: Rows = {}
        for factor in self.factors:
            rivals: dict[str, nn.Module] = {"spline": Enlarge(factor, "spline")}
            rivals |= {f"back-{times}": BackProjection(factor, BEST, times) for times in self.times}
            for name, rival in rivals.items():
                known = score(rival, factor, VALIDATION)["psnr"].mean().item()
                rows[f"{factor}/{name}"] = _row([score(rival, factor)], net=False) | {"validation": known}
        for name in self.small:
            net = nets(name, 0)
            for way, each in {"whole": net, "tiles": ReducedTiles(net, self.factor)}.items():
                rows[f"{self.factor}/{name}/{way}"] = _row([score(each, self.factor)])
        return rows, {}


@dataclass(frozen=True)
class TilesStudy(Study):
    """What enlarges the reduced picture, on the tiles of the source's nets, with and without what these see beyond;
    and back-projection that starts elsewhere or goes on for longer.

    A tile of the enlarged picture holds what bicubic enlarging brings into it from two reduced pixels beyond its edge;
    one that is cut from the reduced picture does not.

    Args:
        margins: Reduced pixels that are seen beyond a tile's edge, and cut off again.
        times: Of the back-projection.
        window: Of the linear map.
        small: Recipes of nets that work at the low resolution, seed 0.
        factor: Of all these.
        longer: Other back-projections, on whole photographs: what makes the first picture, and the times.
        factors: Of these.
        known: Recipe of a net that works at the low resolution, trained on other patches.
    """

    margins: tuple[int, ...] = (0, 2)
    times: int = 20
    window: int = 7
    small: tuple[str, ...] = ("super-resolver-4-as-utec-alone",)
    factor: int = 4
    longer: tuple[tuple[str, int], ...] = ((BEST, 50), ("spline", 20))
    factors: tuple[int, ...] = (2, 4)
    known: str = "super-resolver-4"
    data: str = "kodak-64"
    of_nets: ClassVar[bool] = True

    def table(self, splits: Splits, nets: Nets) -> tuple[Rows, dict[str, Tensor]]:
        """Scores them on the test photographs.

        Returns:
            "margin-<margin>/<factor>/<name>" of Lanczos, back-<times>, linear-<window> and the nets, as in
            SuperResolutionStudy; "longer/<factor>/<first>-<times>" likewise, and `validation`, the mean PSNR there.
            "validation/<known>": its `mse` on the validation patches of the source's nets.
        """
        each: dict[str, nn.Module] = {
            BEST: Enlarge(self.factor, BEST),
            f"back-{self.times}": BackProjection(self.factor, BEST, self.times),
            f"linear-{self.window}": least_squares_enlarger(splits.train, self.factor, self.window),
        }
        trained = {name: nets(name, 0) for name in self.small}
        rows: Rows = {}
        for name, model in (each | trained).items():
            for margin in self.margins:
                found = score(ReducedTiles(model, self.factor, margin), self.factor)
                rows[f"margin-{margin}/{self.factor}/{name}"] = _row([found], net=name in trained)
        for factor, (first, times) in itertools.product(self.factors, self.longer):
            back = BackProjection(factor, first, times)
            known = score(back, factor, VALIDATION)["psnr"].mean().item()
            rows[f"longer/{factor}/{first}-{times}"] = _row([score(back, factor)], net=False) | {"validation": known}
        task = Reconstruction(LowResolution(self.factor))
        rows[f"validation/{self.known}"] = {
            "mse": evaluate(nets(self.known, 0), task, splits.validation)["mse"].mean().item()
        }
        return rows, {}


class Tiled(nn.Module):
    """A net for squares of 64×64 on a picture that is cut into them; it is shown the picture enlarged already."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Images) -> Images:
        return in_tiles(self.model, images, TILE)


class ReducedTiles(nn.Module):
    """What enlarges by `factor`, on a reduced picture that is cut into what makes squares of 64×64.

    Args:
        margin: Pixels of the picture, where it has them, that are seen beyond each edge and cut off again.
    """

    def __init__(self, model: nn.Module, factor: int, margin: int = 0) -> None:
        super().__init__()
        self.model, self.side, self.factor, self.margin = model, TILE // factor, factor, margin

    @torch.no_grad()
    def forward(self, images: Images) -> Images:
        if not self.margin:
            return in_tiles(self.model, images, self.side)
        side, factor = self.side, self.factor
        rows, columns = images.shape[-2:]
        large = images.new_empty(*images.shape[:2], factor * rows, factor * columns)
        for row, column in itertools.product(range(0, rows, side), range(0, columns, side)):
            top, left = max(0, row - self.margin), max(0, column - self.margin)
            made = self.model(images[..., top : row + side + self.margin, left : column + side + self.margin])
            inner = made[..., factor * (row - top) :, factor * (column - left) :][..., :TILE, :TILE]
            large[..., factor * row :, factor * column :][..., :TILE, :TILE] = inner
        return large


@torch.no_grad()
def in_tiles(model: nn.Module, images: Images, side: int) -> Images:
    """What a net makes of every square of images [N, C, H, W], laid side by side; H and W are multiples of `side`."""
    count, colours, rows, columns = images.shape
    shape = (count, colours, rows // side, side, columns // side, side)
    tiles = images.reshape(shape).permute(0, 2, 4, 1, 3, 5)  # [N, rows, columns of tiles, C, side, side]
    made: Images = model(tiles.flatten(0, 2))
    parts = made.unflatten(0, tiles.shape[:3]).permute(0, 3, 1, 4, 2, 5)  # [N, C, rows, height, columns, width]
    joined: Images = parts.flatten(2, 3).flatten(3, 4)
    return joined


@torch.no_grad()
def score(enlarge: Callable[[Images], Images], factor: int, numbers: Sequence[int] = tuple(TEST)) -> dict[str, Tensor]:
    """`psnr`, `ssim` and `mse` of each photograph, [N]; what comes out is clipped to [0, 1] first.

    Args:
        enlarge: From the reduced picture; a Tiled net from that picture enlarged by bicubic interpolation.
    """
    found: dict[str, list[Tensor]] = {"psnr": [], "ssim": [], "mse": []}
    for number in numbers:
        original = kodak(number)[None].float() / 255
        reduce = LowResolution(factor, enlarge=isinstance(enlarge, Tiled), crop=True)
        target = reduce.target(original)
        restored = enlarge(reduce(original, torch.Generator())).clamp(0, 1)
        inner = (..., slice(BORDER, -BORDER), slice(BORDER, -BORDER))
        brightness = luma(restored)[inner], luma(target)[inner]
        found["psnr"].append(psnr(*brightness))
        found["ssim"].append(ssim(*brightness))
        found["mse"].append(mse(restored, target))
    return {name: torch.cat(values) for name, values in found.items()}


def cut(name: str, row: int, column: int, side: int = TILE) -> Images:
    """A square of a photograph that comes with scikit-image, [1, 3, side, side]."""
    square = photograph(name, colour=True)[None, :, row : row + side, column : column + side]
    return square.float() / 255


def spoil(images: Images, factor: int) -> Images:
    """Reduced and enlarged again, as the source's nets are shown them."""
    return LowResolution(factor, enlarge=True)(images, torch.Generator())


@torch.no_grad()
def switched(model: SkipAutoencoder, spoiled: Images) -> Images:
    """What a SkipAutoencoder makes of one picture [1, C, H, W] for each way to cut its paths, [2^(depth + 1), C, H, W].

    Bit i of the position says whether path i is whole; the last one is the code, which is set to zero.
    """
    states = itertools.product([False, True], repeat=model.depth + 1)  # the last path changes fastest: read backwards
    outputs = [model(spoiled, skips[::-1], None if code else torch.zeros_like) for code, *skips in states]
    return torch.cat(outputs).clamp(0, 1)


def weight_sizes(model: nn.Module) -> dict[str, float]:
    """Root mean square of the weights of each layer, by its name."""
    return {
        name.removesuffix(".weight"): value.square().mean().sqrt().item()
        for name, value in model.named_parameters()
        if name.endswith(".weight")
    }


def above(row: Mapping[str, Any], bar: Mapping[str, Any]) -> Interval:
    """PSNR minus that of another row of a table, photograph by photograph, over seeds and photographs together.

    Two nets of several seeds are paired by seed; a bar of a single one stands as it is.

    Raises:
        ValueError: other photographs or other seeds, by their number.
    """
    of_bar = torch.tensor(bar["photographs"], dtype=torch.float64)
    gains = torch.tensor(row["photographs"], dtype=torch.float64)
    if len(gains) != len(of_bar):
        raise ValueError(f"{len(gains)} photographs against {len(of_bar)}: compare rows of the same ones")
    gains = gains - of_bar
    seeds, others = row.get("seeds", [0.0]), bar.get("seeds", [0.0])
    if len(others) == 1:
        others = len(seeds) * others
    if len(seeds) != len(others):
        raise ValueError(f"{len(seeds)} seeds against {len(others)}: pair the same seeds, or give a bar of one")
    each = [seed - other for seed, other in zip(seeds, others, strict=True)]
    # A table keeps the means of each seed and of each photograph: all that the interval asks for.
    nets = [gains + one - sum(each) / len(each) for one in each]
    return against_baseline(nets, torch.zeros_like(gains))


def back_projected(rows: Mapping[str, Mapping[str, Any]], factor: int) -> str:
    """Name of the row of Lanczos, back-projected as often as is best on the validation photographs."""
    return max((name for name in rows if name.startswith(f"{factor}/back-")), key=lambda name: rows[name]["validation"])


def _row(scores: Sequence[dict[str, Tensor]], net: bool = True) -> dict[str, object]:
    means = {name: torch.stack([each[name] for each in scores]).mean(0) for name in scores[0]}
    row: dict[str, object] = {name: as_list(over_pictures(values)) for name, values in means.items()}
    row["photographs"] = means["psnr"].tolist()
    row["errors"] = means["mse"].tolist()
    if net:
        row["seeds"] = [each["psnr"].mean().item() for each in scores]
    return row


# The source states neither the factor nor the pictures; what its notebooks state is repeated.
UTEC = Recipe(
    name="utec-3",
    model="utec-3",
    data="kodak-64",
    task=Reconstruction(LowResolution(4, enlarge=True)),
    epochs=10,
    learning_rate=1.5e-3,
    weight_decay=1e-5,
    validation=None,
    keep_errors=True,
    watched=384,
    ablate=True,
)

SUPER_RESOLVER = Recipe(
    name="super-resolver-2",
    model="super-resolver-2",
    data="kodak-48",
    task=Reconstruction(LowResolution(2)),
    epochs=28,
    batch_size=16,
    learning_rate=2e-3,
    decay=True,
    validation=None,
    seeds=3,
    keep_weights=True,
    half_weights=True,
    watched=512,
)

EXPERIMENTS = (
    UTEC,
    # One thing changed, to be read against the spread of the base's seeds
    *(
        replace(UTEC, name=name, model=name, seeds=1)
        for name in ("utec-2", "utec-4", "utec-2-code-512", "utec-4-code-512")
    ),
    *(
        replace(UTEC, name=name, model=name, seeds=1, ablate=False)
        for name in (
            "utec-kernel-2",
            "utec-kernel-6-3",
            "utec-kernel-6-4",
            "utec-kernel-6-4-code-128",
            "utec-half",
            "utec-twice",
            "utec-sigmoid",
            "utec-tanh",
            "utec-leaky-relu",
            "utec-ends-relu",
            "utec-ends-sigmoid",
            "utec-ends-none",
            "utec-normalized",
            "utec-pooled",
        )
    ),
    replace(UTEC, name="utec-3-long", epochs=60, seeds=1),  # as many as the authors gave four layers
    replace(UTEC, name="utec-4-long", model="utec-4", epochs=60, seeds=1),  # the authors' epochs
    replace(UTEC, name="utec-4-long-no-decay", model="utec-4", epochs=60, weight_decay=0.0, seeds=1),
    *(
        replace(
            UTEC,
            name=f"utec-{depth}-at-256",
            model=f"utec-{depth}-at-256",
            data="kodak-256",
            epochs=60 if depth == 4 else 10,
            seeds=1,
            large=True,
        )
        for depth in (2, 3, 4)
    ),
    SUPER_RESOLVER,
    replace(
        SUPER_RESOLVER,
        name="super-resolver-4",
        model="super-resolver-4",
        data="kodak-96",
        task=Reconstruction(LowResolution(4)),
        seeds=1,
    ),
    # The small net on what the base is trained on and as it is: its patches, batches, steps, rate and decay
    *(
        replace(
            UTEC,
            name=name,
            model=model,
            task=Reconstruction(LowResolution(4)),
            seeds=seeds,
            keep_errors=False,
            ablate=False,
        )
        for name, model, seeds in (
            ("super-resolver-4-as-utec", "super-resolver-4", 5),
            ("super-resolver-4-as-utec-alone", "super-resolver-4-alone", 1),
        )
    ),
    SuperResolutionStudy("super-resolution"),
    EqualTermsStudy("super-resolution-equal-terms"),
    RivalsStudy("super-resolution-rivals"),
    TilesStudy("super-resolution-tiles"),
)

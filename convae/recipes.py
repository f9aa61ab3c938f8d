"""Every experiment of the book as a frozen value. A changed one is made with `dataclasses.replace`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeAlias

from convae.corruption import Blur, GaussianNoise, LowResolution, Mask
from convae.data import NAMES
from convae.models import MODELS
from convae.names import lookup
from convae.tasks import Classification, Reconstruction, Task, Variational

OPTIMIZERS = ("adam", "sgd")


@dataclass(frozen=True)
class Recipe:
    """How one net is trained.

    Args:
        name: Of its folder under runs/.
        model: Name in MODELS.
        data: Name of the data set, as load() takes it.
        learning_rate: Step size of the optimiser.
        decay: The learning rate falls to 0 in a straight line.
        momentum: Of SGD; Adam has its own.
        validation: Pictures kept back from training; 0 repeats a source that used them all, None takes what the data
            set itself keeps back.
        seeds: How many runs, from seed 0 on, the book asks for.
        keep_weights: Keep the weights of seed 0 (below 1 MB, and only where a page loads them).
        half_weights: Keep them as float16, half as large.
        keep_errors: Keep each test picture's MSE of every run, for comparisons picture by picture (20 kB a run).
        watched: Training pictures, from the first on, whose loss is followed after each epoch; None follows all.
        ablate: Score the trained net with each of its paths cut as well.
        large: Asks for a GPU: run only where it is named.

    Raises:
        ValueError: a setting that is unknown or out of its range.
    """

    name: str
    model: str
    data: str = "mnist"
    task: Task = field(default_factory=Reconstruction)
    epochs: int = 20
    batch_size: int = 64
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    decay: bool = False
    momentum: float = 0.0
    validation: int | None = 5000
    seeds: int = 5
    keep_weights: bool = False
    half_weights: bool = False
    keep_errors: bool = False
    watched: int | None = None
    ablate: bool = False
    large: bool = False

    def __post_init__(self) -> None:
        lookup(MODELS, self.model, "model")
        lookup(dict.fromkeys(OPTIMIZERS), self.optimizer, "optimizer")
        if not self.data.startswith("folder:"):
            lookup(dict.fromkeys(NAMES), self.data, "data set")
        for name, least in {"epochs": 1, "batch_size": 1, "validation": 0, "seeds": 1, "watched": 1}.items():
            value = getattr(self, name)
            if value is None and name in ("validation", "watched"):
                continue
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}: give a whole number of at least {least}")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate is {self.learning_rate}: it has to be above 0")
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay is {self.weight_decay}: it has to be at least 0")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum is {self.momentum}: it has to be at least 0 and below 1")
        if self.momentum and self.optimizer != "sgd":
            raise ValueError(
                f"momentum is {self.momentum}, which {self.optimizer} does not take: use sgd or leave it 0"
            )


_ROBLEDO = Recipe(
    name="robledo-two-layer",
    model="robledo-two-layer",
    weight_decay=1e-5,
    validation=0,  # the source trains on all 60,000 pictures and selects nothing
    keep_weights=True,
    keep_errors=True,
)

_BOTTLENECK = Recipe(
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

_DENOISE = Recipe(
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
    return replace(_DENOISE, name=name, **{"seeds": 1, "keep_weights": False, "half_weights": False} | changes)


# The source states neither the factor nor the pictures; what its notebooks state is repeated.
_UTEC = Recipe(
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

_SUPER_RESOLVER = Recipe(
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

_ALL = [
    _ROBLEDO,
    replace(_ROBLEDO, name="robledo-three-layer", model="robledo-three-layer"),
    replace(_ROBLEDO, name="robledo-max-pool", model="robledo-max-pool"),
    *(
        replace(_ROBLEDO, name=name, model=name)  # one thing changed in the two-layer or the max-pool net
        for name in (
            "robledo-sigmoid",
            "robledo-tanh",
            "robledo-linear",
            "robledo-average-pool",
            "robledo-blur-pool",
        )
    ),
    *(
        replace(_ROBLEDO, name=f"dense-{size}", model=f"dense-{size}", keep_weights=False)
        for size in (144, 64, 288, 128, 256, 512, 1, 7)
    ),
    _BOTTLENECK,
    replace(_BOTTLENECK, name="variational-32", model="variational-32", task=Variational(sigma=0.4)),
    replace(
        _BOTTLENECK,
        name="robledo-variational",
        model="robledo-variational",
        task=Variational(sigma=0.4),
        keep_weights=False,
        half_weights=False,
    ),
    replace(_BOTTLENECK, name="classifier", model="classifier", task=Classification(), epochs=8, keep_errors=False),
    _DENOISE,
    _denoise("denoise-plain", model="bottleneck-32", ablate=False),
    _denoise("denoise-direct", model="unet-direct"),
    *(_denoise(f"denoise-sigma-{sigma}", task=Reconstruction(GaussianNoise(sigma))) for sigma in (0.1, 0.25, 0.75, 1)),
    # The page's own net, for every noise from none on
    _denoise("denoise-blind", task=Reconstruction(GaussianNoise((0.0, 1.0))), keep_weights=True, half_weights=True),
    _denoise("denoise-fashion", data="fashion-mnist"),
    _denoise("denoise-photographs", data="photographs", validation=None, epochs=10),
    _denoise("restore-masked", task=Reconstruction(Mask(0.5, side=4))),
    _denoise("restore-blurred", task=Reconstruction(Blur(1.5))),
    _UTEC,
    # One thing changed, to be read against the spread of the base's seeds
    *(
        replace(_UTEC, name=name, model=name, seeds=1)
        for name in ("utec-2", "utec-4", "utec-2-code-512", "utec-4-code-512")
    ),
    *(
        replace(_UTEC, name=name, model=name, seeds=1, ablate=False)
        for name in (
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
    replace(_UTEC, name="utec-4-long", model="utec-4", epochs=60, seeds=1),  # the authors' epochs
    replace(_UTEC, name="utec-4-long-no-decay", model="utec-4", epochs=60, weight_decay=0.0, seeds=1),
    *(
        replace(
            _UTEC,
            name=f"utec-{depth}-at-256",
            model=f"utec-{depth}-at-256",
            data="kodak-256",
            epochs=60 if depth == 4 else 10,
            seeds=1,
            large=True,
        )
        for depth in (2, 3, 4)
    ),
    _SUPER_RESOLVER,
    replace(
        _SUPER_RESOLVER,
        name="super-resolver-4",
        model="super-resolver-4",
        data="kodak-96",
        task=Reconstruction(LowResolution(4)),
        seeds=1,
    ),
]

RECIPES = {recipe.name: recipe for recipe in _ALL}


@dataclass(frozen=True)
class BaselineStudy:
    """Rivals without gradient descent on one data set, all in one table: the mean image, and PCA at these code sizes.

    Args:
        blocks: Also PCA on the nine blocks that the two-layer net works on, with 16 numbers each.
    """

    name: str
    data: str
    code_sizes: tuple[int, ...]
    validation: int = 0
    blocks: bool = True
    seeds: ClassVar[int] = 1  # nothing here is drawn


@dataclass(frozen=True)
class CheckerboardStudy:
    """The nets in UPSAMPLERS on patches of photographs: what patterns their outputs have, in one table.

    Args:
        repeats: Nets a row, from seed 0 on.
    """

    name: str
    data: str = "photographs"
    epochs: int = 6
    batch_size: int = 32
    learning_rate: float = 3e-3
    repeats: int = 5
    seeds: ClassVar[int] = 1  # one table holds them all


@dataclass(frozen=True)
class DoublingStudy:
    """Kernels of stride 2 that double pictures, learnt on patches of photographs, against interpolations, in one table.

    Args:
        kernels: Their sides, even.
        learning_rate: At the first step; it falls to 0 in a straight line.
        repeats: Kernels of each size, from seed 0 on.
    """

    name: str
    data: str = "photographs"
    kernels: tuple[int, ...] = (4, 8)
    epochs: int = 8
    batch_size: int = 50
    learning_rate: float = 0.1
    repeats: int = 5
    seeds: ClassVar[int] = 1


@dataclass(frozen=True)
class CodesStudy:
    """What is in the codes of some nets, in one table.

    Args:
        nets: Recipes, seed 0 of each.
        judged: Recipes whose reconstructions are shown to the classifiers.
        points: Test pictures whose codes are drawn in the plane, at most 5,000.
        queries: Test pictures whose nearest training pictures are searched.
        fitted: Training pictures that the linear probe sees.
    """

    name: str
    nets: tuple[str, ...] = ("robledo-two-layer", "bottleneck-32")
    judged: tuple[str, ...] = ("robledo-two-layer", "robledo-three-layer", "robledo-max-pool", "bottleneck-32")
    points: int = 2000
    queries: int = 2000
    fitted: int = 10_000
    data: str = "mnist"
    seeds: ClassVar[int] = 1


@dataclass(frozen=True)
class InterpolationStudy:
    """Paths between digits, in one table.

    Args:
        methods: "pixels" first, then recipes, with "/spherical" behind a name for that path.
        pairs: For each class of the first picture.
        steps: Pictures on a path, an odd number with both ends.
        searched: Pairs of each kind whose nearest training picture is searched.
    """

    name: str
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
    seeds: ClassVar[int] = 1


@dataclass(frozen=True)
class AugmentationStudy:
    """The classifier on few labels, with interpolated pictures and without, in one table.

    Args:
        labels: Pictures of each class.
        methods: Where the interpolated pictures come from.
        extra: Interpolated pictures for each real one.
        steps: Batches that each training sees, whatever its pictures.
        repeats: Trainings a row, from seed 0 on.
    """

    name: str
    labels: tuple[int, ...] = (10, 100)
    methods: tuple[str, ...] = ("pixels", "robledo-two-layer", "bottleneck-32")
    extra: int = 10
    steps: int = 500
    batch_size: int = 64
    learning_rate: float = 2e-3
    repeats: int = 5
    data: str = "mnist"
    seeds: ClassVar[int] = 1


@dataclass(frozen=True)
class GenerationStudy:
    """Drawn pictures against real ones, in one table.

    Args:
        nets: Recipes whose codes are drawn from what their training pictures' codes look like.
        single: The same of seed 0 alone, the only one whose weights are kept; its codes are drawn again each time.
        variational: Recipes whose codes are drawn from the standard normal distribution.
        repeats: Seeds of every net.
    """

    name: str
    nets: tuple[str, ...] = ("bottleneck-32",)
    single: tuple[str, ...] = ("robledo-two-layer",)
    variational: tuple[str, ...] = ("variational-32", "robledo-variational")
    code_size: int = 32
    repeats: int = 5
    data: str = "mnist"
    seeds: ClassVar[int] = 1


@dataclass(frozen=True)
class TradeoffStudy:
    """The variational net for several σ, one seed each, on the validation pictures."""

    name: str
    sigmas: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4, 0.8)
    epochs: int = 8
    batch_size: int = 128
    learning_rate: float = 3e-3
    data: str = "mnist"
    seeds: ClassVar[int] = 1


@dataclass(frozen=True)
class AlarmStudy:
    """Pictures of other kinds, told from digits by reconstruction error and by their code, in one table.

    Args:
        pictures: Of each kind.
        fitted: Training pictures whose codes say what is usual.
        repeats: Seeds of the net with the linear bottleneck.
    """

    name: str
    nets: tuple[str, ...] = ("robledo-two-layer", "bottleneck-32")
    pictures: int = 5000
    fitted: int = 10_000
    repeats: int = 5
    data: str = "mnist"
    seeds: ClassVar[int] = 1


@dataclass(frozen=True)
class DenoisingStudy:
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

    name: str
    sigmas: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 1.0)
    every: int = 5
    tuned: int = 500
    pictures: int = 500
    clothes: str = "fashion-mnist"
    copied: int = 20_000
    repeats: int = 5
    data: str = "mnist"
    seeds: ClassVar[int] = 1


@dataclass(frozen=True)
class SuperResolutionStudy:
    """Everything that enlarges, on whole test photographs, in one table.

    Args:
        factors: Of the interpolations.
        small: Recipes of nets that work at the low resolution, each with its factor and the number of its seeds.
        tiled: Recipes of the source's nets, each with the number of its seeds, the base first.
        factor: Of these.
    """

    name: str
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
    seeds: ClassVar[int] = 1


CodeStudy: TypeAlias = (
    CodesStudy
    | InterpolationStudy
    | AugmentationStudy
    | GenerationStudy
    | TradeoffStudy
    | AlarmStudy
    | DenoisingStudy
    | SuperResolutionStudy
)
Study: TypeAlias = BaselineStudy | CheckerboardStudy | DoublingStudy | CodeStudy

STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        BaselineStudy("mnist-baselines", "mnist", code_sizes=(1, 7, 30, 64, 128, 144, 256, 288, 512)),
        CheckerboardStudy("checkerboards"),
        DoublingStudy("doubling"),
        CodesStudy("codes"),
        InterpolationStudy("interpolation"),
        AugmentationStudy("augmentation"),
        TradeoffStudy("variational-tradeoff"),
        GenerationStudy("generation"),
        AlarmStudy("alarm"),
        DenoisingStudy("denoising"),
        SuperResolutionStudy("super-resolution"),
    )
}

EXPERIMENTS: dict[str, Recipe | Study] = {**STUDIES, **RECIPES}

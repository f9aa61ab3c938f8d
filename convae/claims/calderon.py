"""Claims of calderon2019, notes on autoencoders: what they are (§1, 2), upsampling (§2.1), denoising (§2.2)."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, zip_longest
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from convae.arithmetic.shapes import convolution_matrix, convolution_size, transposed_size
from convae.arithmetic.tracing import trace
from convae.claims.finding import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED, Finding
from convae.claims.registry import claim
from convae.data.photographs import HELD_OUT
from convae.experiments.denoising import TRAINED, ahead
from convae.experiments.experiment import Rows
from convae.experiments.runs import Run, load_run
from convae.experiments.sparsity import NOISES, PENALTIES
from convae.experiments.transposed_convolution import apply_kernel, interpolate
from convae.measures.intervals import Interval, one_against_seeds, over_seeds
from convae.models import binomial, robledo_max_pool
from convae.tasks import Variational

U = torch.tensor([[4.0, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]], dtype=torch.float64)
F = torch.tensor([[1.0, 4, 1], [1, 4, 3], [3, 3, 1]], dtype=torch.float64)
Y = torch.tensor([[122.0, 148], [126, 134]], dtype=torch.float64)
PRINTED_U = (4, 5, 8, 7, 1, 8, 8, 3, 6, 6, 4, 6, 5, 7, 8)  # the vector as the text has it
ENCODERS = {"channels": (1, 2, 3), "layers": (1, 2, 3), "pooling by": (2, 3), "filters in the last": range(1, 513)}
BASE, CLOTHES = "denoise-unet", "denoise-fashion"
COPYING = {  # trained to give back digits, looked at after two numbers of epochs
    "a U-Net": ("unet-direct", 1, 2),
    "a dense net with a code of 1,024": ("dense", 5, 20),
    "a convolutional net with a code of 32": ("bottleneck-32", 5, 20),
}
NOTHING = 100  # % of its variance that is lost of a noise where its mean is answered everywhere
COSTS = 1  # dB that count
FEATURES = {
    "leaky/32/digits/0/0": "a code of 32",
    "untrained/32/digits/0/0": "the same net untrained",
    "pca/32/0": "32 principal components",
    "leaky/784/digits/0/0": "a code of 784",
    "untrained/784/digits/0/0": "a code of 784, untrained",
    "leaky/1568/digits/0/0": "a code of 1,568",
    "untrained/1568/digits/0/0": "a code of 1,568, untrained",
    "pixels": "the 784 pixels",
}
PCA = "pca/32/0"
LABELS = (2000, 20_000)  # that a probe is told
SMALL, LARGE = 32, (784, 1568)  # sizes of code
FEW = 1024  # training pictures of the smaller set
PAIRS = {BASE: ("0.5", "noise"), "restore-masked": ("masked", "masks"), "restore-blurred": ("blurred", "blur")}
KEPT = {"name", "seeds", "keep_weights", "half_weights", "keep_errors", "watched", "ablate", "large"}  # not of training


def example_matrix() -> Tensor:
    """F̃ of the worked example, [4, 16]: a convolution with F as a matrix for pictures of 4×4."""
    return convolution_matrix(F[None, None], (4, 4)).to_dense()


@claim("calderon2019", "Section 1, last paragraph", chapter="what-is-an-autoencoder", shown=False)
def calderon_exact_copy(gain: Interval | None = None) -> Finding:
    """An exact copy is of no use for some applications; frequently an approximation is learnt, as where noise goes.

    Args:
        gain: dB that a net gains over the noisy picture, of which an exact copy gains 0.
    """
    gain = ahead(_restored(), "0.5", "spoiled") if gain is None else gain
    return Finding(
        "for specific applications a copy without any error is of no use; a net that takes away noise is to give back "
        "something else than its input",
        HOLDS if gain.low > 0 else FAILS if gain.high < 0 else UNDECIDED,
        {"PSNR that an exact copy of a noisy digit gains": "0 dB", "that a net gains (σ = 0.5)": gain.signed("dB")},
        "of removing noise it holds: who copies exactly gains nothing. (Other applications were not tried; of packing "
        "a "
        "picture without loss the opposite is asked.)"
        if gain.low > 0
        else "the net is not told ahead of a copy.",
        {
            HOLDS: "the interval of what a net gains over its noisy input lies above 0",
            FAILS: "it lies below 0",
            UNDECIDED: "it holds 0",
        },
    )


@claim("calderon2019", "Section 2, first paragraph", chapter="what-is-an-autoencoder")
def calderon_relevant_features(rows: Rows | None = None) -> Finding:
    """A code smaller than the picture forces the net to learn the most relevant features of the training data."""
    rows = load_run("copying").scores["test"] if rows is None else rows
    code = "leaky/32/digits/0/0"
    figures, learnt, behind = {}, [], []
    for labels in LABELS:
        for name, title in FEATURES.items():
            share = Interval(*rows[name][f"named {labels}"]).percent()
            figures[f"named rightly from {title}, {labels:,} labels"] = f"{share.mean:.1f} ± {share.margin:.1f} %"
        learnt.append(Interval(*rows[code][f"learnt named {labels}"]).percent())
        behind.append(Interval(*rows[PCA][f"more named {labels}"]).percent())
        figures[f"code − untrained, {labels:,} labels"] = learnt[-1].signed("points")
        figures[f"as many principal components − code, {labels:,} labels"] = behind[-1].signed("points")
    for name, title in ((PCA, "32 principal components"), (code, "the code of 32")):
        figures[f"lost of test digits by {title}"] = f"{100 * rows[name]['digits'][0]:.1f} %"
    some, fewer = [each.low > 0 for each in learnt], [each.high < 0 for each in learnt]
    most = not any(each.low > 0 for each in behind)
    return Finding(
        "a code smaller than the picture forces a net to learn the most relevant features of the training data",
        HOLDS if all(some) and most else FAILS if all(fewer) else IN_PART if any(some) else UNDECIDED,
        figures,
        "which features are the most relevant, the text does not say. For telling the digits apart the code of 32 has "
        "learnt some that it had not before, though nothing in the training asks for labels (one net each, a linear "
        "probe)"
        + (
            ", and no fewer than as many principal components have."
            if most
            else "; the most relevant they are not, for as many principal components name more."
        )
        + " For giving digits back the most relevant directions are, of all linear codes, those of PCA.",
        {
            HOLDS: f"told {LABELS[0]:,} and {LABELS[1]:,} labels, a linear probe names more test pictures rightly from "
            "a trained code of 32 numbers than from that of the same net untrained, and is not told to name more from "
            "32 principal components (intervals over pictures)",
            IN_PART: "more than untrained with one of the two at least, but not all of this",
            FAILS: "fewer than untrained with both",
            UNDECIDED: "more than untrained with none, and not fewer with both",
        },
    )


@claim("calderon2019", "Section 2, first formula", chapter="what-is-an-autoencoder", shown=False)
def calderon_primes(inside: str = "x'", outside: str = "x") -> Finding:
    """The loss compares x with m(x'), and no x' has been introduced.

    Args:
        inside: What the net is shown, as the formula has it.
        outside: What its answer is compared with.
    """
    return Finding(
        f"the loss of an undercomplete autoencoder is L({outside}, r{inside[1:]}) = L({outside}, m({inside})) = "
        f"L({outside}, g(f({inside})))",
        HOLDS if inside == outside else SLIP,
        {"shown to the net": inside, "compared with": outside},
        "it is the model's r = g(f(x))."
        if inside == outside
        else f"the model of Section 1 is r = m(x), and {inside} is introduced nowhere: {outside} is meant. (Where the "
        "net "
        "is shown another picture than it is to give back, Section 2.2 writes x̃.)",
        {HOLDS: "the net is shown what its answer is compared with", SLIP: "a letter is there that was not introduced"},
    )


@claim("calderon2019", "Section 2, second formula", chapter="what-is-an-autoencoder", shown=False)
def calderon_euclidean(power: int = 2) -> Finding:
    """The Euclidean distance ‖r − x‖² as the loss: squared, it is no distance.

    Args:
        power: Of the norm.
    """
    one, two, three = torch.tensor([[0.0, 0], [1, 0], [2, 0]], dtype=torch.float64)
    ways = [((first - second).norm() ** power).item() for first, second in ((one, three), (one, two), (two, three))]
    direct, through = ways[0], ways[1] + ways[2]
    return Finding(
        f"the loss can be, for instance, the Euclidean distance L(x, r) = ‖r − x‖{'²' if power == 2 else ''}",
        HOLDS if direct <= through else SLIP,
        {"from (0, 0) to (2, 0), straight": f"{direct:g}", "the same by way of (1, 0)": f"{through:g}"},
        "no way round is shorter than the straight one."
        if direct <= through
        else "as a loss it can be had, and is the usual one; a distance it is not, for the way round is shorter than "
        "the straight one. The square is meant, or the root is missing: for one picture both are smallest where it is "
        "copied; over many, the square's best answer is their mean, the distance's is not.",
        {HOLDS: "no way round is shorter", SLIP: "the way by a third point is shorter than the straight one"},
    )


@claim("calderon2019", "Section 2, after the two variants", chapter="what-is-an-autoencoder")
def calderon_overcomplete(rows: Rows | None = None) -> Finding:
    """Codes as large as the picture or larger: many parameters, which memorise and keep useful features away."""
    rows = copied() if rows is None else rows
    figures: dict[str, str] = {}
    memorised, generalised, poorer, richer, other_than_number, harder = [], [], [], [], [], []
    best = _best_size(rows, smaller_than=LARGE[0])
    for size in LARGE:
        few = rows[f"leaky/{size}/digits/{FEW}/0"]
        lost = {way: Interval(*rows[f"{way}/{size}/digits/{FEW}/0"]["digits"]).percent() for way in ("leaky", "linear")}
        beside = 100 * as_well_known(rows, few["own"])
        learnt = [Interval(*few[f"learnt named {labels}"]).percent() for labels in LABELS]
        memorised.append(lost["leaky"].low > beside)
        generalised.append(lost["leaky"].high < beside)
        other_than_number.append(_difference(lost["leaky"], lost["linear"]).low > 0)
        behind = _difference(lost["leaky"], Interval(*rows[best]["digits"]).percent())
        harder.append(behind.low > 0)
        poorer.append(all(each.high < 0 for each in learnt))
        richer.append(all(each.low > 0 for each in learnt))
        figures |= {f"{size:,} numbers: lost of its own; of others": _own_and_others(few)}
        figures |= {
            f"{size:,} numbers: lost of others by PCA that loses as much of the same": f"{beside:.2g} %",
            f"{size:,} numbers − {_size(best)}, the best smaller code: lost of others": behind.signed("%"),
            f"a linear net of as many parameters ({size:,} numbers): lost of its own; of others": _own_and_others(
                rows[f"linear/{size}/digits/{FEW}/0"]
            ),
        } | {
            f"{size:,} numbers: named from the code − from the same net untrained, {labels:,} labels": each.signed(
                "points"
            )
            for labels, each in zip(LABELS, learnt, strict=True)
        }
    figures |= {
        f"to compare, {title}: lost of its own; of others": _own_and_others(rows[name])
        for name, title in {
            f"leaky/{SMALL}/digits/{FEW}/0": f"{SMALL} numbers",
            f"pca/{SMALL}/{FEW}": f"{SMALL} principal components",
        }.items()
    }
    told = all(map(any, zip(memorised, generalised, strict=True))) and all(map(any, zip(poorer, richer, strict=True)))
    return Finding(
        "in complete and overcomplete autoencoders the number of parameters makes it hard to generalise: they memorise "
        "the samples and keep from learning useful features",
        HOLDS
        if all(memorised) and all(poorer) and all(harder) and not any(other_than_number)
        else FAILS
        if all(generalised) and all(richer)
        else IN_PART
        if told
        else UNDECIDED,
        figures,
        f"(One net each, one hidden layer, {FEW:,} pictures, no regularisation.) "
        + (
            "They memorise"
            if all(memorised)
            else "They do not memorise"
            if all(generalised)
            else "Not all of them memorise"
        )
        + (
            ", and training takes away some of what a probe can use."
            if all(poorer)
            else ", and training adds to what a probe can use."
            if all(richer)
            else "; of what a probe can use, training takes some and adds some, or it is not told."
        )
        + (
            " But a linear net with as many parameters loses less of others: their number alone does not do it."
            if any(other_than_number)
            else " Linear nets with as many parameters lose no less of others."
        ),
        {
            HOLDS: f"with codes of {LARGE[0]:,} and {LARGE[1]:,} numbers a net loses more of other digits than PCA, "
            "fitted on the same, that loses as much of these, and more than the smaller code that was best on "
            "validation, and a linear net with as many parameters loses no less; and a linear probe names fewer "
            f"from its codes than from those of the net untrained, told {LABELS[0]:,} and {LABELS[1]:,} labels",
            IN_PART: "some of these, the others not",
            FAILS: "less is lost of others than by PCA, and more is named",
            UNDECIDED: "an interval holds its limit",
        },
    )


def _best_size(rows: Rows, smaller_than: float = math.inf) -> str:
    """The row of the code without regularisation that loses least of the validation digits."""
    found = [name for name in rows if re.fullmatch(rf"leaky/\d+/digits/{FEW}/0", name) and _size(name) < smaller_than]
    return min(found, key=lambda name: float(rows[name]["validation"]))


def _size(name: str) -> int:
    return int(name.split("/")[1])


def times_pca(rows: Rows, name: str) -> float:
    """What is lost of test digits ÷ what PCA loses of them that loses as much of the same FEW pictures."""
    return float(rows[name]["digits"][0]) / as_well_known(rows, rows[name]["own"])


def _own_and_others(row: Mapping[str, Any]) -> str:
    others = Interval(*row["digits"]).percent()
    return f"{100 * row['own']:.2g} %; {others.mean:.2g} ± {others.margin:.1g} %"


def as_well_known(rows: Rows, own: float) -> float:
    """The share of test digits that PCA fitted on FEW pictures loses where it loses this share of its own.

    Read off between the numbers of components that are there, both shares on a logarithmic scale.

    Raises:
        ValueError: the share lies outside of what there is.
    """
    curve = sorted(
        (row["own"], row["digits"][0])
        for name, row in rows.items()
        if name.startswith("pca/") and name.endswith(f"/{FEW}")
    )
    if not curve or not curve[0][0] <= own <= curve[-1][0]:
        ends = f"from {curve[0][0]:.2g} to {curve[-1][0]:.2g}" if curve else "none"
        raise ValueError(
            f"no PCA loses {own:.2g} of its own: there are {ends}; give rows of more, or fewer, components"
        )
    ours, theirs = ([math.log(pair[k]) for pair in curve] for k in (0, 1))
    return math.exp(float(np.interp(math.log(own), ours, theirs)))


@claim("calderon2019", "Section 2, last paragraph", chapter="what-is-an-autoencoder")
def calderon_necessary(rows: Rows | None = None) -> Finding:
    """Regularisation is necessary against memorising, where complexity set by hand leads to bad decisions."""
    rows = copied() if rows is None else rows
    best_size = _best_size(rows)
    alone, by_size, remembers = [], [], []
    figures: dict[str, str] = {}
    for size in LARGE:
        way, plain = rows[f"regularised/{size}"]["way"], f"leaky/{size}/digits/{FEW}/0"
        with_it = Interval(*rows[way]["digits"])
        alone.append(Interval(*rows[f"regularised/{size}"]["more lost"]).percent())
        by_size.append(_difference(with_it, Interval(*rows[best_size]["digits"])).percent())
        remembers.append(with_it.low > as_well_known(rows, rows[way]["own"]))
        title = way.split("/")[0].removeprefix("leaky ")
        figures |= {
            f"{size:,} numbers, lost of test digits: with {title} − without": alone[-1].signed("%"),
            f"{size:,} numbers, the same − the best size without, {_size(best_size)} numbers": by_size[-1].signed("%"),
            f"{size:,} numbers, lost ÷ by PCA that loses as much of the same: without; with": (
                f"{times_pca(rows, plain):.1f}; {times_pca(rows, way):.1f}"
            ),
        }
    figures |= {
        "lost of others without it, by size alone": _from_to(rows, rf"leaky/\d+/digits/{FEW}/0"),
        f"lost of others by {LARGE[0]} numbers, by the strength of weight decay alone": _from_to(
            rows, rf"leaky decay \S+/{LARGE[0]}/digits/{FEW}/0"
        ),
    }
    helps, hurts = [each.high < 0 for each in alone], [each.low > 0 for each in alone]
    needed, spared = [each.high < 0 for each in by_size], [each.low > 0 for each in by_size]
    return Finding(
        "regularisation is necessary so that autoencoders do not memorise; a model’s complexity set by hand is prone "
        "to bad decisions",
        HOLDS
        if all(helps) and all(needed) and not any(remembers)
        else FAILS
        if all(hurts) and all(spared) and all(remembers)
        else IN_PART
        if any(helps) or any(needed) or not all(remembers)
        else UNDECIDED,
        figures,
        ("It helps" if all(helps) else "It helps one of the two" if any(helps) else "It is not told to help")
        + "; less than the best size without it loses "
        + f"{_which(needed)}, more {_which(spared)}; "
        + f"by PCA’s line {'both' if all(remembers) else 'one' if any(remembers) else 'none'} of them still learnt its "
        "own by heart. (Each chosen on validation digits, one net each; three ways: weight "
        "decay, noise on the input, a penalty on the code.) Its strength has to be chosen, as a size has, and can be "
        "chosen badly, too. Sparsity and noise have chapters of their own.",
        {
            HOLDS: f"trained on {FEW:,} pictures, complete and overcomplete nets lose less of test digits with it than "
            "without it, less than the best of all sizes without it, and no more than PCA that knows the same as well",
            IN_PART: "some of this, not all",
            FAILS: "they lose more than each of these",
            UNDECIDED: "none of this is told, and not all of the contrary",
        },
    )


def _which(true: Sequence[bool]) -> str:
    return " and ".join(f"{size:,}" for size, each in zip(LARGE, true, strict=True) if each) or "none"


def _from_to(rows: Rows, pattern: str) -> str:
    lost = [100 * row["digits"][0] for name, row in rows.items() if re.fullmatch(pattern, name)]
    return f"from {min(lost):.2f} to {max(lost):.1f} %"


def copied() -> Rows:
    """What nets with one hidden layer give back, in one table."""
    more, helped, whole = (
        load_run(name).scores["test"] for name in ("copying-between", "copying-regularised", "copying")
    )
    return more | helped | {name: row for name, row in whole.items() if not name.startswith("regularised/")}


@claim("calderon2019", "Section 2, last paragraph", chapter="sparsity")
def calderon_sparsity(rows: Rows | None = None) -> Finding:
    """A penalty on the code in the loss makes the code sparse."""
    rows = load_run("sparsity").scores["test"] if rows is None else rows
    sparser = [
        rows[arm]["active"] < rows[plain]["active"] and rows[arm]["hoyer"] > rows[plain]["hoyer"]
        for arm, plain in _penalised()
    ]
    return Finding(
        "a term Ω(h) that is added to the loss encourages sparsity of the model",
        HOLDS if all(sparser) else IN_PART if any(sparser) else FAILS,
        {
            f"{name}: numbers that are active at a time; Hoyer’s measure": f"{100 * rows[name]['active']:.1f} %; "
            f"{rows[name]['hoyer']:.2f}"
            for name in dict.fromkeys(each for pair in _penalised() for each in reversed(pair))
        },
        f"{sum(sparser)} of {len(sparser)} penalised codes are sparser than the code without a penalty that ends in "
        "the same activation, by both measures.",
        {
            HOLDS: "with each strength of both penalties fewer numbers are active at a time than without, and Hoyer’s "
            "measure is larger (one net each)",
            IN_PART: "with some",
            FAILS: "with none",
        },
    )


@claim("calderon2019", "Section 2, last paragraph", chapter="sparsity")
def calderon_robust(rows: Rows | None = None) -> Finding:
    """Regularisation promotes robustness to noise."""
    rows = load_run("sparsity").scores["test"] if rows is None else rows
    noises = [f"noisy {sigma:g}" for sigma in NOISES]
    better = {arm: [rows[arm][noise] < rows[plain][noise] for noise in noises] for arm, plain in _penalised()}
    right = [each for found in better.values() for each in found]
    return Finding(
        "regularisation also promotes robustness to noise",
        HOLDS if all(right) else IN_PART if any(right) else FAILS,
        {
            f"{name}: error; with noise of {', '.join(f'{sigma:g}' for sigma in NOISES)}": "; ".join(
                f"{rows[name][key]:.4f}" for key in ("mse", *noises)
            )
            for name in dict.fromkeys(each for pair in _penalised() for each in reversed(pair))
        },
        f"given noisy garments, {sum(map(all, better.values()))} of {len(better)} penalised nets come nearer to the "
        "clean ones than the net without a penalty at each strength of the noise.",
        {
            HOLDS: "with each strength of both penalties, and of the noise, the error to the clean picture is smaller "
            "than without a penalty (the same activation; one net each)",
            IN_PART: "with some of them",
            FAILS: "with none",
        },
    )


def _penalised() -> list[tuple[str, str]]:
    """Each penalised arm of the study, and the one that differs from it in the penalty alone."""
    plain = {way.activation: name for name, way in PENALTIES.items() if not way.weight}
    return [(name, plain[way.activation]) for name, way in PENALTIES.items() if way.weight]


@claim("calderon2019", "Section 2.1, Etapa de codificación", chapter="transposed-convolution")
def calderon_layers_reduce(after: Callable[[int, int, int, int], int] | None = None) -> Finding:
    """Layers of the encoder, one upon the other, reduce the dimension of the data.

    Args:
        after: Numbers that some layers put out, from the side of the picture, how many layers there are, by which
            factor each pools a side, and how many filters the last one has.
    """
    after = after or (lambda side, layers, pool, filters: filters * (side // pool**layers) ** 2)
    settings = list(itertools.product(*ENCODERS.values()))
    smaller, few = [], []
    for channels, layers, pool, filters in settings:
        side = 2 * pool**layers  # so that none of the poolings drops a pixel
        smaller.append(after(side, layers, pool, filters) < channels * side**2)
        few.append(filters < channels * pool ** (2 * layers))
    return Finding(
        "layers of filters, activation and max-pooling, one upon the other, reduce the dimension of the data",
        HOLDS if all(smaller) else IN_PART if any(smaller) else FAILS,
        {
            "settings: " + ", ".join(f"{name} {each[0]} to {each[-1]}" for name, each in ENCODERS.items()): (
                f"{len(settings):,}"
            ),
            "in which fewer numbers come out than went in": f"{sum(smaller):,}",
            "in which the last layer has fewer filters than channels × factor ^ (2 × layers)": f"{sum(few):,}"
            + (", the same" if few == smaller else ""),
            "Robledo's net with max-pooling": _path(_numbers(robledo_max_pool().encoder)),
            "the way down of the U-Net, as it was published": _path(_unet_numbers()),
        },
        "each pooling leaves fewer pixels; how many numbers there are is also a matter of how many filters the last "
        "layer has."
        if not all(smaller)
        else "in every setting.",
        {
            HOLDS: "in every setting fewer numbers come out than went in",
            IN_PART: "in some: a condition on the number of filters is missing",
            FAILS: "in none",
        },
    )


@claim(
    "calderon2019",
    "Section 2.1, Convolución transpuesta, U ∗ F = Y and Figure 3",
    chapter="transposed-convolution",
    shown=False,
)
def calderon_example(stated: Tensor = Y) -> Finding:
    """U * F = Y, entry by entry."""
    plain, turned = (functional.conv2d(U[None, None], f[None, None])[0, 0] for f in (F, F.flip(0, 1)))
    agrees, agrees_turned = bool(plain.equal(stated)), bool(turned.equal(stated))
    return Finding(
        f"for the worked example, U ∗ F = {_text(stated)}, each entry a dot product of a window of U with F",
        HOLDS if agrees else IN_PART if agrees_turned else FAILS,
        {"F as it is (cross-correlation)": _text(plain), "F turned by 180° (convolution)": _text(turned)},
        "the four numbers are right, and F is not turned: what is computed is a cross-correlation, as in PyTorch."
        if agrees
        else "F has been turned."
        if agrees_turned
        else "the numbers are others.",
        {
            HOLDS: "all four numbers are those of windows of U times F as it is",
            IN_PART: "they are those of F turned by 180°, which a dot product with F is not",
            FAILS: "they are neither",
        },
    )


@claim(
    "calderon2019",
    "Section 2.1, Convolución transpuesta, formula of the size",
    chapter="transposed-convolution",
    shown=False,
)
def calderon_stride(stated: int = 2, before: int = 1) -> Finding:
    """The stride of the example is 4 − 3 + 1 = 2.

    Args:
        stated: The stride by this sentence.
        before: The stride by the sentence before.
    """
    sizes = {stride: convolution_size(4, 3, stride) for stride in (1, 2)}
    fitting = [stride for stride, size in sizes.items() if size == 2]
    return Finding(
        f"with m = 4 and k = 3 the stride is 4 − 3 + 1 = {stated} (one sentence before, it is {before})",
        HOLDS if fitting == [stated] else SLIP if fitting == [before] else FAILS,
        {f"4×4, kernel 3×3, stride {stride}": f"{size}×{size}" for stride, size in sizes.items()},
        "with this stride the output is 2×2, as it is printed."
        if fitting == [stated]
        else "4 − 3 + 1 = 2 is the size of the output; the stride that gives it is that of the sentence before."
        if fitting == [before]
        else "neither stride gives the output of 2×2 that is printed.",
        {
            HOLDS: "of the strides 1 and 2 the stated one alone makes 2×2 of 4×4",
            SLIP: "the one of the sentence before does",
            FAILS: "neither does",
        },
    )


@claim(
    "calderon2019",
    "Section 2.1, Convolución transpuesta, formula of the size",
    chapter="transposed-convolution",
    shown=False,
)
def calderon_size_formula(formula: Callable[[int, int, int, int], float] | None = None) -> Finding:
    """The output has (m − k + 2c)/p + 1 rows, without a floor.

    Args:
        formula: Rows from m, k, c and p.
    """
    formula = formula or (lambda m, k, c, p: (m - k + 2 * c) / p + 1)
    right = whole = total = 0
    for m in range(1, 33):
        for k in range(1, 8):
            for c in range(4):
                for p in range(1, 5):
                    if m + 2 * c < k:
                        continue
                    size = formula(m, k, c, p)
                    total, whole = total + 1, whole + ((m - k + 2 * c) % p == 0)
                    right += size == convolution_size(m, k, p, c)
    robledo = formula(28, 3, 0, 3)
    return Finding(
        "the side of the output is (m − k + 2c)/p + 1",
        HOLDS if right == total else IN_PART if right >= whole else FAILS,
        {
            "settings with m ≤ 32, k ≤ 7, c ≤ 3, p ≤ 4": f"{total:,}",
            "in which the formula agrees with PyTorch's size": f"{right:,}",
            "in which the division leaves no remainder": f"{whole:,}",
            "the first layer of Robledo's net (m = 28, k = 3, c = 0, p = 3)": f"{robledo:.3g}, PyTorch has 9",
        },
        "right in every setting."
        if right == total
        else "right where the division leaves no remainder; otherwise it has to be rounded down.",
        {
            HOLDS: "formula and layer agree in every setting",
            IN_PART: "they agree at least where the division leaves no remainder",
            FAILS: "they agree in fewer",
        },
    )


@claim(
    "calderon2019",
    "Section 2.1, Convolución transpuesta, U as a vector",
    chapter="transposed-convolution",
    shown=False,
)
def calderon_vector(printed: Sequence[int] = PRINTED_U, stated: int = 16) -> Finding:
    """The column u as it is printed, after the text has said how many entries it has.

    Args:
        printed: Its entries.
        stated: How many it has by the words before it.
    """
    whole = [int(value) for value in U.flatten()]
    missing = next((place for place, pair in enumerate(zip_longest(whole, printed)) if pair[0] != pair[1]), None)
    one_less = missing is not None and [*printed[:missing], whole[missing], *printed[missing:]] == whole
    slip = one_less and stated == len(whole)
    return Finding(
        f"U, row by row, is the column u of {stated} entries, which is then printed",
        HOLDS if missing is None else SLIP if slip else FAILS,
        {
            "entries by the words": str(stated),
            "entries printed in the text as we have it": str(len(printed)),
            "entries of U": str(len(whole)),
        },
        "the column is there as the words say."
        if missing is None
        else f"the words are right; of the column as we have it entry {missing + 1} is missing, one of the three "
        f"{whole[missing]}s in the second row of U."
        if slip
        else "more than one entry is not that of U, or the words say another number.",
        {
            HOLDS: "the printed column is U row by row",
            SLIP: f"one entry is missing in it, and the words give the {len(whole)} of U",
            FAILS: "it is another column",
        },
    )


@claim(
    "calderon2019",
    "Section 2.1, Convolución transpuesta, caption of Figure 5",
    chapter="transposed-convolution",
    shown=False,
)
def calderon_matrix(rows: int = 4, columns: int = 16, row: int = 0) -> Finding:
    """F̃ is 4×16, and its first row is zero at the last row and the last column of the picture.

    Args:
        row: Of F̃, from 0 on.
    """
    matrix = example_matrix()
    picture = matrix[row].view(4, 4)
    empty = not picture[3].any() and not picture[:, 3].any()
    shape = tuple(matrix.shape) == (rows, columns)
    return Finding(
        f"F becomes a matrix F̃ of {rows}×{columns} whose {'first' if not row else 'other'} row is zero at the last "
        "row "
        "and column of the picture",
        HOLDS if shape and empty else IN_PART if shape or empty else FAILS,
        {
            "F̃": "×".join(map(str, matrix.shape)),
            "that row as a picture": _text(picture),
            "entries that are not zero": f"{int((matrix != 0).sum())} of {matrix.numel()}",
            "weights that they come from": f"{F.numel()}, each in every row of F̃",
        },
        "row by row F̃ holds the kernel at the place where it lies for that output."
        if shape and empty
        else "the shape is another, or there are weights where zeros should be.",
        {
            HOLDS: f"the matrix that gives U ∗ F is {rows}×{columns}, and zero in these places",
            IN_PART: "one of the two",
            FAILS: "neither",
        },
    )


@claim("calderon2019", "Section 2.1, Convolución transpuesta, F̃ u = u", chapter="transposed-convolution", shown=False)
def calderon_product(printed: str = "u", said: str = "y") -> Finding:
    """F̃ u = u, as the formula has it; the words before it say y.

    Args:
        printed: The right side of the formula.
        said: What the words before it call the result.
    """
    product, sides = example_matrix() @ U.flatten(), {"u": U.flatten(), "y": Y.flatten()}
    right = {name: bool(product.equal(sides[name])) for name in (printed, said)}
    return Finding(
        f"F̃ u = {printed} (in words: the product is {said})",
        HOLDS if right[printed] else SLIP if right[said] else FAILS,
        {"F̃ u": _text(product), "y": _text(Y.flatten()), "u has": "16 entries"},
        f"the formula is right: F̃ u is {printed}."
        if right[printed]
        else f"F̃ u is {said}, as the words before the formula say."
        if right[said]
        else f"F̃ u is neither {printed} nor {said}.",
        {HOLDS: "F̃ u equals the printed side", SLIP: "it equals what the words say", FAILS: "it equals neither"},
    )


@claim("calderon2019", "Section 2.1, Convolución transpuesta, F̃ᵀ y = u", chapter="transposed-convolution")
def calderon_obtains_u(back: Callable[[Tensor, Tensor], Tensor] | None = None) -> Finding:
    """From y the original U is obtained, by F̃ᵀ y."""
    matrix = example_matrix()
    back = back or (lambda matrix, y: matrix.T @ y)
    returned = back(matrix, Y.flatten())
    nearest = torch.linalg.pinv(matrix) @ Y.flatten()
    same = bool((returned - U.flatten()).abs().max() < 1e-5)
    other = U.flatten() + torch.linalg.svd(matrix).Vh[-1] * 10  # a picture of which F̃ makes the same y
    return Finding(
        "by F̃ᵀ y = u the original picture U can be obtained",
        HOLDS if same else FAILS,
        {
            "F̃ᵀ y": _text(returned.view(4, 4)),
            "U": _text(U),
            "rank of F̃": f"{int(torch.linalg.matrix_rank(matrix))} of 16",
            "other pictures with the same y exist": "yes" if torch.allclose(matrix @ other, Y.flatten()) else "no",
            "error (root mean square) of F̃ᵀ y": f"{(returned - U.flatten()).square().mean().sqrt():.0f}",
            "error of the pseudo-inverse": f"{(nearest - U.flatten()).square().mean().sqrt():.1f}",
        },
        "F̃ᵀ y has the shape of U and not its numbers. The transpose is no inverse, and there is none: different "
        "pictures have the same y, so that no rule can tell from y which it was."
        if not same
        else "it comes back.",
        {HOLDS: "F̃ᵀ y equals U to five decimals", FAILS: "it does not"},
    )


@claim(
    "calderon2019", "Section 2.1, Convolución transpuesta, on Figure 4", chapter="transposed-convolution", shown=False
)
def calderon_one_to_nine(kernel: Tensor = F, ends: tuple[str, str] = ("U", "F")) -> Finding:
    """One value is associated with nine.

    Args:
        ends: Between which arrays: of which the one value is, and of which the nine.
    """
    matrix = convolution_matrix(kernel[None, None], (4, 4)).to_dense()
    reads, reached = (matrix != 0).sum(1), (matrix != 0).sum(0)
    nine, between = bool((reads == 9).all()), ends == ("Y", "U")
    return Finding(
        f"upsampling has to associate one value of {ends[0]} with nine values of {ends[1]}, where the convolution made "
        "one of nine",
        (HOLDS if between else SLIP) if nine else FAILS,
        {
            "entries of U that one entry of Y reads": _span(reads),
            "entries of U that F̃ᵀ reaches from one entry of Y": _span(reads),
            "entries of Y that meet in one entry of U on the way back": _span(reached),
        },
        "some weights are zero, so fewer than nine are connected."
        if not nine
        else "from Y to U, through the nine weights of F."
        if between
        else "one to nine is right, but from Y to U: the nine are pixels of U, reached through the nine weights of F.",
        {
            HOLDS: "F̃ᵀ connects each entry of Y with nine of U, and these are the named ones",
            SLIP: "it does, and others are named, which the sentences around put right",
            FAILS: "it connects it with another number of entries",
        },
    )


@claim("calderon2019", "Section 2.1, Convolución transpuesta, last paragraph", chapter="transposed-convolution")
def calderon_not_a_transposed_result(kernel: Tensor = F) -> Finding:
    """One does not have to compute a convolution and transpose it."""
    layer = functional.conv_transpose2d(Y[None, None], kernel[None, None])[0, 0]
    padded = functional.conv2d(Y[None, None], kernel[None, None], padding=2)[0, 0]
    different = not layer.allclose(padded.T)
    return Finding(
        "the name misleads: it does not mean to compute a convolution and to transpose the result",
        HOLDS if different else FAILS,
        {"transposed convolution of Y": _text(layer), "Y convolved (padding 2), then transposed": _text(padded.T)},
        "what is transposed is the matrix." if different else "for this kernel both are the same.",
        {HOLDS: "the layer's output is not the transposed output of a convolution", FAILS: "it is"},
    )


@claim("calderon2019", "Section 2.1, Convolución transpuesta", chapter="transposed-convolution")
def calderon_enlarges(setting: tuple[int, int, int] = (3, 1, 0)) -> Finding:
    """The transposed convolution allows to enlarge a picture; the example's convolution makes it smaller.

    Args:
        setting: Kernel, stride and padding, by default those of the example.
    """
    sizes = {each: (convolution_size(4, *each), transposed_size(4, *each)) for each in (setting, (3, 1, 1), (3, 1, 2))}
    so = sizes[setting][0] < 4 < sizes[setting][1]
    return Finding(
        "the transposed convolution allows to enlarge a picture; the convolution of the example makes it smaller",
        HOLDS if so else FAILS,
        {
            f"kernel {kernel}, stride {stride}, padding {padding}": f"4 pixels become {down} by the convolution, "
            f"{up} by the transposed one"
            for (kernel, stride, padding), (down, up) in sizes.items()
        },
        "so it is there; with more padding it need not be." if so else "with this setting it is not so.",
        {
            HOLDS: "with the kernel, stride and padding of the example fewer pixels come out of the convolution than "
            "went in, and more out of the transposed one",
            FAILS: "they do not",
        },
    )


@claim("calderon2019", "Section 2.1, Etapa de decodificación", chapter="transposed-convolution")
def calderon_interpolations(kernels: Mapping[str, Tensor] | None = None) -> Finding:
    """Nearest, bilinear and bicubic interpolation differ in their kernels."""
    image = torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    differences = {}
    for method, kernel in (kernels or interpolation_kernels()).items():
        by_kernel, by_library = apply_kernel(image, kernel), interpolate(image, method)
        differences[f"{method}, {len(kernel)}×{len(kernel)}"] = (
            (by_kernel - by_library)[..., 4:-4, 4:-4].abs().max().item()
        )
    same, limit = [value < 1e-5 for value in differences.values()], "1e-5"
    return Finding(
        "nearest, bilinear and bicubic interpolation are variants of one method, with different kernels",
        HOLDS if all(same) else IN_PART if any(same) else FAILS,
        {
            f"{name}: equals the library's to five decimals": "yes" if value < 1e-5 else "no"
            for name, value in differences.items()
        },
        "each doubles a picture exactly as a transposed convolution of stride 2 with a fixed kernel does (edges aside)."
        if all(same)
        else "not all of these kernels give what the library gives.",
        {
            HOLDS: f"a transposed convolution with a kernel of its own gives each within {limit}, edges aside",
            IN_PART: "some of them",
            FAILS: "none",
        },
    )


@claim("calderon2019", "Section 2.1, Etapa de decodificación", chapter="transposed-convolution")
def calderon_learnt(run: Run | None = None) -> Finding:
    """Ideally the net learns the interpolation that otherwise is chosen by hand."""
    record = (load_run("doubling") if run is None else run).record
    rows, epochs = record["scores"]["test"], record["recipe"]["epochs"][-1]
    rivals = {4: ("nearest", "bilinear"), 8: ("nearest", "bilinear", "bicubic")}  # no larger than the learnt kernel
    ahead, figures = {}, {}
    for size, names in rivals.items():
        learnt = {name: rows[f"learnt-{size}/{epochs}"][name] for name in HELD_OUT}
        for photograph, values in learnt.items():
            best = max(names, key=lambda name: rows[name][photograph])
            ahead[size, photograph] = over_seeds([value - rows[best][photograph] for value in values])
            figures[f"{size}×{size}, {photograph}: learnt minus the best fixed one of at most that size ({best})"] = (
                f"{ahead[size, photograph]} dB"
            )
        above = over_seeds([100 * value for value in rows[f"learnt-{size}/{epochs}"]["above"]])
        figures[f"{size}×{size}: training error above that of least squares"] = f"{above.mean:.2f} %"
    wins = [interval.low > 0 for interval in ahead.values()]
    losses = [interval.high < 0 for interval in ahead.values()]
    clear = [won or lost for won, lost in zip(wins, losses, strict=True)]
    behind = over_seeds(
        [
            sum(value - rows["bicubic"][name] for name, value in zip(HELD_OUT, pair, strict=True)) / len(HELD_OUT)
            for pair in zip(*(rows[f"learnt-4/{epochs}"][name] for name in HELD_OUT), strict=True)
        ]
    )
    figures["4×4, mean of both: learnt minus bicubic, whose kernel is 8×8"] = f"{behind} dB"
    return Finding(
        "choosing a kernel for interpolation is feature engineering by hand; ideally the net learns it",
        HOLDS if all(wins) else FAILS if all(losses) else IN_PART if all(clear) else UNDECIDED,
        figures,
        f"after {epochs} epochs the learnt kernels are ahead, on these two photographs, of the fixed ones of at most "
        "their size that were tried. The size is still chosen by hand."
        if all(wins)
        else "no learnt kernel is ahead of the fixed ones."
        if all(losses)
        else "some learnt kernels are ahead of the fixed ones, others behind."
        if all(clear)
        else "for a size or a photograph the kernels of different seeds lie on both sides.",
        {
            HOLDS: "on both photographs, for both sizes, the interval (over kernels of several seeds) of the "
            "difference in PSNR from the best fixed kernel of at most that size lies above 0",
            IN_PART: "for some it lies above 0, for the others below",
            FAILS: "it lies below 0 everywhere",
            UNDECIDED: "somewhere it holds 0",
        },
    )


@claim("calderon2019", "Section 2.2, first sentence", chapter="denoising")
def calderon_identity(rows: Rows | None = None) -> Finding:
    """Without regularisation an autoencoder tends to the identity under squared loss."""
    rows = _restored() if rows is None else rows
    lost, digits, falls = {}, {}, {}
    figures = {"noise lost, the identity; its mean everywhere; black everywhere": "0 %; 100 %; 400 %"}
    for title, (name, *epochs) in COPYING.items():
        after = [rows[f"varying/{name}/{several}"] for several in epochs]
        shares = [Interval(*row["noise"]).percent() for row in after]
        lost[title], digits[title] = shares[-1], Interval(*after[-1]["digits"]).percent()
        falls[title] = Interval(*after[-1]["noise less than before"]).percent()
        figures[f"noise lost, {title}, after {epochs[0]}; after {epochs[1]} epochs"] = "; ".join(
            f"{share.mean:.1f} ± {share.margin:.1f} %" for share in shares
        )
    figures |= {f"digits lost, {title}": f"{share.mean:.2f} ± {share.margin:.2f} %" for title, share in digits.items()}
    towards = [title for title in lost if lost[title].high < NOTHING and falls[title].low > 0]
    away = [title for title in lost if lost[title].low > NOTHING or falls[title].high < 0]
    told = len(towards) + len(away) == len(lost)
    return Finding(
        "a usual autoencoder without regularisation, as was remarked before, tends to learn the identity, under "
        "squared loss for instance",
        UNDECIDED if not told else HOLDS if not away else IN_PART if towards else FAILS,
        figures,
        (
            "for one of the nets it is not told."
            if not told
            else "all of them come nearer to a noise that they were never shown than its mean, and nearer at the later "
            "of two looks."
            if not away
            else "nearer to a noise that it was never shown than its mean, and nearer at the later of two looks, is: "
            f"{', '.join(towards)}; further away than its mean, or further at the later look, is: {', '.join(away)}."
            if towards
            else "none of these nets comes nearer to a noise that it was never shown than its mean, and nearer at the "
            "later of two looks."
        )
        + " (One net each.) Section 2.2 names no size of code, but says “as was remarked before”: if that means "
        "Section 2, whose memorisers have a code as large as the input or larger, a net with a small code is not among "
        "those that it speaks of.",
        {
            HOLDS: f"{len(lost)} nets, trained to give back digits, each lose less than {NOTHING} % of the "
            "variance of an even noise on the pixels that are not black in all digits, and less after more epochs "
            "(intervals over pictures, one net each)",
            IN_PART: "some do; another loses more than that, or more after more epochs",
            FAILS: "none does",
            UNDECIDED: f"an interval holds {NOTHING} %, or that of the difference 0",
        },
    )


@claim("calderon2019", "Section 2.2, after the second formula", chapter="denoising")
def calderon_removes(rows: Rows | None = None) -> Finding:
    """An autoencoder trained on noisy pictures is to remove or attenuate the noise in place of copying it."""
    rows = _restored() if rows is None else rows
    gains = {sigma: ahead(rows, sigma, "spoiled") for sigma in _sigmas(rows)}
    better = [gain.low > 0 for gain in gains.values()]
    worse = [gain.high < 0 for gain in gains.values()]
    clean, shown = (rows[f"copying/{BASE}"][target][0] for target in ("clean", "shown"))
    return Finding(
        "a denoising autoencoder is to remove or attenuate the noise instead of only copying its input",
        HOLDS if all(better) else IN_PART if any(better) else FAILS if all(worse) else UNDECIDED,
        {f"PSNR gained at σ = {sigma}": gain.signed("dB") for sigma, gain in gains.items()}
        | {
            "squared error of its answer at σ = 0.5 against the clean picture; against the noisy one": f"{clean:.3f}; "
            f"{shown:.3f}",
            "PSNR of its answer to a clean picture": f"{_psnr(rows, f'0/{BASE}'):.1f} dB",
        },
        f"trained for σ = 0.5, it improves the picture at {sum(better)} of {len(better)} σ of the test.",
        {
            HOLDS: "the interval of the PSNR gained, over seeds and pictures, lies above 0 at every σ",
            IN_PART: "it does at some σ",
            FAILS: "it lies below 0 at every σ",
            UNDECIDED: "it lies above 0 at none, and holds 0 at some",
        },
    )


@claim("calderon2019", "Section 2.2, sentence before C(x̃ | x)", chapter="what-a-denoiser-knows")
def calderon_learns_corruption(rows: Rows | None = None) -> Finding:
    """The autoencoder is to learn the distribution of the corruption, C(x̃ | x)."""
    rows = _restored() if rows is None else rows
    corruptions = {
        sigma: _apart(rows, f"0.5/{BASE}", f"0.5/denoise-sigma-{sigma}", f"0.5/{BASE}") for sigma in ("0.25", "1")
    }
    pictures = {
        "clothes: trained on digits": _apart(rows, f"clothes/{CLOTHES}", f"clothes/{BASE}", f"clothes/{BASE}"),
        "digits: trained on clothes": _apart(rows, f"0.5/{BASE}", f"0.5/{CLOTHES}", f"0.5/{BASE}"),
    }
    untrained = {
        sigma: Interval(*rows[f"0.5/total variation for {sigma}"]["behind total variation"]) for sigma in ("0.25", "1")
    }
    on_corruption = all(cost.low > COSTS for cost in corruptions.values())
    little = any(cost.high < COSTS for cost in corruptions.values())
    on_pictures = any(cost.low > COSTS for cost in pictures.values())
    nowhere = all(cost.high < COSTS for cost in pictures.values())
    unlearnt = any(cost.low > COSTS for cost in untrained.values())  # depends on C as well
    learns = on_corruption and all(cost.high < COSTS for cost in untrained.values())
    return Finding(
        "the autoencoder is to learn the distribution of the corruption, C(x̃ | x)",
        FAILS if little else IN_PART if learns and on_pictures else HOLDS if learns and nowhere else UNDECIDED,
        {
            f"same pictures, σ = 0.5, a net trained for σ = {sigma} costs": cost.signed("dB")
            for sigma, cost in corruptions.items()
        }
        | {
            f"the same, total variation tuned for σ = {sigma} costs": cost.signed("dB")
            for sigma, cost in untrained.items()
        }
        | {f"same noise, {title} costs": cost.signed("dB") for title, cost in pictures.items()},
        "another corruption in the training costs little."
        if little
        else "what is learnt depends on C, but also on which pictures may lie behind a noisy one."
        if learns and on_pictures
        else "what is learnt depends on C, and little on the pictures."
        if learns and nowhere
        else f"training with another σ costs the net more than {COSTS:g} dB. But tuning for another σ costs total "
        "variation, one number and nothing learnt, more than that as well: so this does not tell whether C is learnt."
        + (" Other pictures in the training cost the net as well." if on_pictures else "")
        if on_corruption and unlearnt
        else f"a cost is not told from {COSTS:g} dB.",
        {
            HOLDS: f"training with another σ costs the net more than {COSTS:g} dB each time, tuning for it costs total "
            "variation less, and other pictures in the training cost the net less",
            IN_PART: f"the same, but other pictures cost it more than {COSTS:g} dB at least once",
            FAILS: f"training with another σ costs the net less than {COSTS:g} dB at least once",
            UNDECIDED: "otherwise: it costs total variation, which learns nothing, more as well, or an interval holds "
            f"{COSTS:g} dB (one net, read against the spread of the base’s seeds; the margins over pictures of both "
            "nets are added)",
        },
    )


@claim("calderon2019", "Section 2.2, last paragraph", chapter="denoising")
def calderon_pairs(rows: Rows | None = None, recipes: Mapping[str, Mapping[str, object]] | None = None) -> Finding:
    """Samples of the corruption take the place of a designed transfer function.

    Args:
        recipes: Settings of each net by name.
    """
    rows = _restored() if rows is None else rows
    recipes = recipes or {name: load_run(name).record["recipe"] for name in PAIRS}
    first, *others = recipes.values()
    differ = {
        key for other in others for key in (first.keys() & other.keys()) - KEPT if str(other[key]) != str(first[key])
    }
    gains = {
        name: ahead(rows, row, "spoiled") if name == BASE else _apart(rows, f"{row}/{name}", f"{row}/spoiled")
        for name, (row, _) in PAIRS.items()
    }
    better = [gain.low > 0 for gain in gains.values()]
    worse = [gain.high < 0 for gain in gains.values()]
    single = not all(str(recipe["task"]).startswith(Variational.__name__) for recipe in recipes.values())
    return Finding(
        "on the way to a filter by an autoencoder no transfer function is designed: samples of C(x̃ | x) are generated "
        "to estimate the density of the reconstruction, R(x | x̃), and a net is trained on pairs of x and x̃",
        FAILS if all(worse) else UNDECIDED if not any(better) else HOLDS if all(better) and not single else IN_PART,
        {
            "what differs between the three recipes": ", ".join(sorted(differ)) or "nothing",
            "estimated of R(x | x̃)": "one picture, by squared error its mean" if single else "a distribution",
        }
        | {f"its pairs, {PAIRS[name][1]}": str(recipe["task"]) for name, recipe in recipes.items()}
        | {f"PSNR gained, {PAIRS[name][1]}": gain.signed("dB") for name, gain in gains.items()},
        "no filter came out."
        if not any(better)
        else ("each time" if all(better) else "for some of the corruptions")
        + " a filter came out of pairs"
        + (", but one picture is estimated of R(x | x̃), by squared error its mean, not R." if single else ".")
        + " That this way is radically different from the classical one is an opinion, and not judged.",
        {
            HOLDS: "each net improves its own kind of spoiled picture (the interval of the PSNR gained over doing "
            "nothing lies above 0), and what it estimates is a distribution",
            IN_PART: "some improve theirs, or all do and what is estimated is one picture",
            FAILS: "the interval lies below 0 for all",
            UNDECIDED: "it lies above 0 for none, and holds 0 for some",
        },
    )


def interpolation_kernels() -> dict[str, Tensor]:
    """What doubles a picture, as kernels of stride 2: nearest [2, 2], bilinear [4, 4], bicubic [8, 8]."""
    cubic = torch.tensor([keys_cubic((2 * tap - 7) / 4) for tap in range(8)])
    return {
        "nearest": torch.ones(2, 2),
        "bilinear": 4 * torch.outer(binomial(4), binomial(4)),
        "bicubic": torch.outer(cubic, cubic),
    }


def keys_cubic(distance: float, a: float = -0.75) -> float:
    """The weight of a pixel at this distance in cubic convolution [keys1981cubic]; PyTorch has a = −0.75."""
    x = abs(distance)
    if x < 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * (x**3 - 5 * x**2 + 8 * x - 4) if x < 2 else 0.0


def _numbers(encoder: nn.Module) -> list[int]:
    """How many numbers a picture of MNIST has, and then the output of each layer that changes it."""
    numbers = [28**2, *(math.prod(layer.output_shape) for layer in trace(encoder, (1, 28, 28)))]
    return [count for count, _ in groupby(numbers)]


def _unet_numbers() -> list[int]:
    """The same on the way down of the U-Net [ronneberger2015unet], behind its two unpadded layers at each size."""
    side, channels, numbers = 572, 64, [572**2]
    for _ in range(5):
        side -= 4
        numbers.append(channels * side**2)
        side, channels = side // 2, 2 * channels
    return numbers


def _path(numbers: Sequence[int]) -> str:
    return " → ".join(f"{count:,}" for count in numbers)


def _span(counts: Tensor) -> str:
    low, high = int(counts.min()), int(counts.max())
    return str(low) if low == high else f"{low} to {high}"


def _text(values: Tensor) -> str:
    return str(
        [[int(value) for value in row] for row in values] if values.ndim == 2 else [int(value) for value in values]
    )


def _restored() -> Rows:
    """Nets and filters in one table."""
    studies = ("denoising", "denoising-filters", "denoising-stronger")
    return {name: row for study in studies for name, row in load_run(study).scores["test"].items()}


def _sigmas(rows: Rows) -> list[str]:
    return [sigma for sigma in map("{:g}".format, TRAINED.values()) if f"{sigma}/spoiled" in rows]


def _apart(rows: Rows, first: str, second: str, of_seeds: str | None = None) -> Interval:
    """First − second in mean PSNR on the same pictures, where of each only its own interval over pictures is left.

    However the two go together, the difference scatters no more than both do added up: so its margin is at most theirs.

    Args:
        of_seeds: The row of the two that has several seeds; a single net of the other's kind would scatter as these do.
    """
    better, worse = Interval(*rows[first]["psnr"]), Interval(*rows[second]["psnr"])
    return _difference(better, worse, one_against_seeds(better.mean, rows[of_seeds]["seeds"]).margin if of_seeds else 0)


def _difference(first: Interval, second: Interval, more: float = 0) -> Interval:
    """First − second, where of each only its own interval is left: at most as wide as both and more together."""
    difference, margin = first.mean - second.mean, first.margin + second.margin + more
    return Interval(difference, difference - margin, difference + margin, min(first.count, second.count))


def _psnr(rows: Rows, name: str) -> float:
    return Interval(*rows[name]["psnr"]).mean

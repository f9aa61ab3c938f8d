"""Claims of utec2021, autoencoders for super-resolution: convolution, pooling and activations (II), its nets (III)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from convae.arithmetic.shapes import convolution_shape, convolution_size, pooling_size, transposed_size
from convae.claims.finding import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED, Finding
from convae.claims.registry import claim
from convae.data.photographs import PHOTOGRAPHS, photograph
from convae.experiments.experiment import Rows
from convae.experiments.results import scores
from convae.experiments.runs import load_run, load_runs
from convae.experiments.super_resolution import BEST, above, back_projected
from convae.measures.intervals import Interval, one_against_seeds, over_pictures, over_seeds
from convae.names import listed

Numbers: TypeAlias = tuple[tuple[float, ...], ...]  # of a small picture or a kernel, row by row
Errors: TypeAlias = Mapping[str, Sequence[float]]  # test MSE of each seed

PICTURE = ((1, 1, 1, 0, 0), (0, 1, 1, 1, 0), (0, 0, 1, 1, 1), (0, 0, 1, 1, 0), (0, 1, 1, 0, 0))
CROSS = ((1, 0, 1), (0, 1, 0), (1, 0, 1))
SHARPEN = ((0, -1, 0), (-1, 5, -1), (0, -1, 0))
EDGES = {
    "horizontal edges (Sobel)": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "vertical edges (Sobel)": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "edges (Laplace)": ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
}
SLOPED = "vertical edges (Sobel)"  # a filter that differs from itself turned by 180°
POOLINGS = ("max-pooling 2×2", "average pooling 2×2")
DESCENT, RATE, DRAWS = 2000, 0.1, 5  # steps, and their size; draws of data and first weights
NEAR = 0.01  # a share of the way that counts as none
ENOUGH = 0.01  # of a function's range
UNSTATED = ("step",)  # the table of Figure 8 has a question mark at 0
KEPT = 0.1  # of a gradient's size, from the last layer to the first
BASE = "utec-3"
LATE = 3  # last epochs over which an error is averaged: at a constant rate a single one may be a jump
DEPTHS = ("utec-2", "utec-4", "utec-3-long", "utec-4-long", "utec-2-code-512", "utec-4-code-512")
REPORTED = {2: "0.007", 3: "0.003", 4: "0.003"}  # mean squared errors of Cuadro I, by layers; of which set is not said
AS_TRAINED = {  # by the authors, as far as their epochs go
    "utec-2": "two layers, 10 epochs",
    "utec-3": "three layers, 10 epochs",
    "utec-4-long": "four layers, 60 epochs",
}
TILED = AS_TRAINED | {"utec-3-long": "three layers, 60 epochs", "utec-4": "four layers, 10 epochs"}
KERNELS = ("utec-kernel-2", "utec-half", "utec-twice")  # nothing but the kernels is changed
SKY = 3  # place of photograph 20, with a white sky, among the eight of the test
SEVERAL = {  # nets of several layers, as they were trained
    "super-resolver-4": "our small net, {steps} steps",
    "super-resolver-4-as-utec": "our small net, {steps} steps",
    "utec-3-long": "the source’s of three layers, {steps} steps",
    "utec-4-long": "the source’s of four layers, {steps} steps",
}
RANGE = 3  # settings that are one: less is a pair
KERNELS_AND_STRIDE = ("utec-kernel-6-3", "utec-kernel-6-4")
SATURATING = ("utec-tanh", "utec-sigmoid")
OTHER_ACTIVATIONS = ("utec-leaky-relu", *SATURATING)
SLIGHT = 0.1  # of the base's error: a change within it is none that plays a role
DONE = 0.01  # of its training error: a net whose last epoch takes less off has stopped learning


def filtered(image: Tensor, kernel: Numbers, padding: int = 0) -> Tensor:
    """An image [rows, columns] under a kernel, [rows, columns]; the padding repeats the border."""
    around = functional.pad(image[None, None], (padding,) * 4, mode="replicate")
    weight = torch.tensor(kernel, dtype=image.dtype)[None, None]
    output: Tensor = functional.conv2d(around, weight)[0, 0]
    return output


def smaller(image: Tensor) -> dict[str, Tensor]:
    """An image [rows, columns] at half its size, in three ways."""
    batch = image[None, None]
    return {
        "max-pooling 2×2": functional.max_pool2d(batch, 2)[0, 0],
        "average pooling 2×2": functional.avg_pool2d(batch, 2)[0, 0],
        "every second pixel": image[::2, ::2],
    }


def enlarged(image: Tensor, mode: str = "nearest") -> Tensor:
    """An image [rows, columns] at twice its size."""
    large: Tensor = functional.interpolate(image[None, None], scale_factor=2, mode=mode)[0, 0]
    return large


def _photographs() -> list[Tensor]:
    """The grey photographs that come with scikit-image [rows, columns], in [0, 1], with even sides."""
    images = (photograph(name)[0].double() / 255 for name in PHOTOGRAPHS)
    return [image[: len(image) // 2 * 2, : image.shape[1] // 2 * 2] for image in images]


def _laplace(image: Tensor) -> Tensor:
    return filtered(image, EDGES["edges (Laplace)"], 1).clamp(0, 1)


def _contrast(image: Tensor, share: float) -> Tensor:
    """The mean of the brightest share of the numbers minus the mean of the others, and divided by it: [2]."""
    ordered = image.flatten().sort().values
    cut = round(len(ordered) * (1 - share))
    bright, rest = ordered[cut:].mean(), ordered[:cut].mean()
    return torch.stack([bright - rest, bright / rest])


def _best_enlarged(small: Tensor, image: Tensor) -> float:
    """Mean squared error of a picture enlarged from its half by four kernels 3×3 and constants, by least squares."""
    around = functional.unfold(functional.pad(small[None, None], (1,) * 4, mode="replicate"), 3)[0].T
    inputs = torch.cat([around, torch.ones_like(around[:, :1])], 1)
    wanted = functional.unfold(image[None, None], 2, stride=2)[0].T  # [places, 4]
    error: float = (inputs @ torch.linalg.lstsq(inputs, wanted).solution - wanted).square().mean().item()
    return error


@claim("utec2021", "Section II-A, Convolution", chapter="kernels", shown=False)
def utec_feature_map(layer: Callable[[Tensor, Numbers], Tensor] = filtered) -> Finding:
    """Sliding the filter over the picture makes a feature map, each number a dot product.

    Args:
        layer: Makes the map [rows, columns] of an image and a filter of 3×3.
    """
    image = torch.tensor(PICTURE, dtype=torch.float64)
    right, feature_maps = [], {}
    for name, kernel in (("the filter of Figure 1", CROSS), ("one that is not symmetric", EDGES[SLOPED])):
        weight = torch.tensor(kernel, dtype=torch.float64)
        products = [
            [(image[r : r + 3, c : c + 3].flatten() @ weight.flatten()).item() for c in range(3)] for r in range(3)
        ]
        made = layer(image, kernel).tolist()
        right.append(made == products)
        feature_maps[f"feature map, {name}"] = str([[int(value) for value in row] for row in made]).replace("-", "−")
    return Finding(
        "the filter at one place gives one number, a dot product; at all places it gives the feature map",
        HOLDS if all(right) else IN_PART if any(right) else FAILS,
        feature_maps,
        "nine dot products by hand make the same 3×3 map, for either filter."
        if all(right)
        else "only the map of a symmetric filter is made of dot products with it."
        if any(right)
        else "the dot products differ from the map.",
        {
            HOLDS: "all nine numbers of the map are dot products, for both filters",
            IN_PART: "for one of them",
            FAILS: "for neither",
        },
    )


@claim("utec2021", "Section II-A, Convolution", chapter="kernels")
def utec_filter_smaller(shape: Callable[..., tuple[int, int]] = convolution_shape) -> Finding:
    """A filter is always smaller than its input.

    Args:
        shape: Of the map, from those of input and filter, stride and padding; a ValueError where there is none.
    """
    places: dict[tuple[int, int, int], int] = {}
    for size, kernel, padding in itertools.product(range(1, 9), range(1, 13), range(3)):
        try:
            places[size, kernel, padding] = shape((size, size), kernel, 1, padding)[0] ** 2
        except ValueError:
            continue
    large = {setting: count for setting, count in places.items() if setting[1] >= setting[0]}
    sliding = [setting for setting, count in large.items() if count > 1 and not setting[2]]
    weight, image = torch.randn(4, 1, 5, 5), torch.randn(1, 1, 5, 5)
    linear = nn.Linear(25, 4, bias=False)
    linear.weight.data = weight.flatten(1)
    same = torch.allclose(functional.conv2d(image, weight).flatten(), linear(image.flatten()), atol=1e-5)
    return Finding(
        "a filter is always smaller than its input",
        HOLDS if not large else IN_PART if not sliding else FAILS,
        {
            "sizes, filters and paddings in which the filter fits": f"{len(places):,}",
            "of these the filter is as large as the input, or larger": str(len(large)),
            "of these it has more than one place without padding": str(len(sliding)),
            "a filter as large as the picture = a linear layer": "yes" if same else "no",
        },
        "no larger one fits."
        if not large
        else "if it is to take more than one place, and nothing is padded. As large as its input it has one place, and "
        "is a linear layer; with padding it may be larger."
        if not sliding
        else "larger ones slide as well.",
        {
            HOLDS: "no filter fits that is as large as its input or larger",
            IN_PART: "such filters fit, but without padding they have one place only",
            FAILS: "they have more than one place without padding",
        },
    )


@claim("utec2021", "Section II-A, Convolution", chapter="kernels", shown=False)
def utec_smaller_guarantees(size: Callable[[int, int], int] = convolution_size) -> Finding:
    """A filter smaller than the picture guarantees that there is a dot product.

    Args:
        size: Of the map along one axis, from those of picture and filter; a ValueError where there is none.
    """
    smaller_ones, fitting = [(n, k) for n in range(1, 33) for k in range(1, n)], 0
    for n, k in smaller_ones:
        try:
            fitting += size(n, k) > 0
        except ValueError:
            continue
    return Finding(
        "using a filter smaller than the picture guarantees the dot product",
        HOLDS if fitting == len(smaller_ones) else IN_PART if fitting else FAILS,
        {"pictures and smaller filters": f"{len(smaller_ones)}", "of these the filter has a place": f"{fitting}"},
        "a smaller filter always has a place. (One of the same size has one, too.)"
        if fitting == len(smaller_ones)
        else "some smaller filters have no place.",
        {HOLDS: "every smaller filter has a place", IN_PART: "some have", FAILS: "none has"},
    )


@claim("utec2021", "Section II-A, Convolution", chapter="kernels")
def utec_pattern(design: Callable[[Tensor], Tensor] = lambda pattern: 2 * pattern - 1) -> Finding:
    """Filters make it possible to detect the pattern that they are designed for.

    Args:
        design: The filter [9] for a pattern [9] of zeros and ones.
    """
    patches = torch.tensor([[number >> bit & 1 for bit in range(9)] for number in range(512)], dtype=torch.float64)
    found = 0
    for pattern in patches:
        answers = patches @ design(pattern)
        found += int((answers >= pattern @ design(pattern)).sum()) == 1  # the pattern itself
    cross = torch.tensor(CROSS, dtype=torch.float64).flatten()
    as_high = {
        name: int((patches @ kernel >= cross @ kernel).sum())
        for name, kernel in {"Figure 1 (1 and 0)": cross, "this design": design(cross)}.items()
    }
    return Finding(
        "sliding a filter over the picture makes it possible to detect the patterns that it is designed for",
        HOLDS if found == len(patches) else IN_PART if found else FAILS,
        {
            "patterns of 3×3 whose filter answers to them alone with its highest number": f"{found} of {len(patches)}",
            **{f"patches that answer as high as the X, by {name}": str(count) for name, count in as_high.items()},
        },
        f"possible for every pattern. The filter of Figure 1 would not do: {as_high['Figure 1 (1 and 0)'] - 1} other "
        "patches answer as high as the X, for without negative weights nothing speaks against more light."
        if found == len(patches)
        else f"with these filters for {found} of the {len(patches)} patterns.",
        {HOLDS: "all 512 patterns have a filter that singles them out", IN_PART: "some have", FAILS: "none has"},
    )


@claim("utec2021", "Section II-A, Polling, first point on Figure 6", chapter="kernels", shown=False)
def utec_pooling_halves(pool: Callable[[int], int] = lambda size: pooling_size(size, 2)) -> Finding:
    """Max-pooling 2×2 halved the size of the example picture.

    Args:
        pool: Size behind the pooling, along one axis.
    """
    halved = [2 * pool(size) == size for size in range(2, 65, 2)]
    return Finding(
        "of the picture of Figure 6, max-pooling in groups of 2×2 halves the size",
        HOLDS if all(halved) else IN_PART if any(halved) else FAILS,
        {
            "even sizes from 2 to 64 that are halved": f"{sum(halved)} of {len(halved)}",
            "28×28 becomes": f"{pool(28)}×{pool(28)}",
            "numbers left of it": f"{100 * pool(28) ** 2 / 28**2:.0f} %",
            "a side of 27, of which the source does not speak, becomes": f"{pool(27)}",
        },
        "each side is halved, and a quarter of the numbers is left. A side of odd length cannot be halved: PyTorch "
        "leaves out its last row or column."
        if all(halved)
        else "other sizes come out" + (" of some pictures." if any(halved) else "."),
        {
            HOLDS: "each side is halved, for every even size from 2 to 64",
            IN_PART: "for some of them",
            FAILS: "for none",
        },
    )


@claim("utec2021", "Section II-A, Polling, second point on Figure 6", chapter="kernels")
def utec_edges_intensified(
    pool: Callable[[Tensor], Tensor] = lambda image: smaller(image)["max-pooling 2×2"],
    filters: Mapping[str, Numbers] = EDGES,
    shares: Sequence[float] = (0.1, 0.03, 0.01),
) -> Finding:
    """After an edge filter and max-pooling the edges are not only kept, but intensified.

    Args:
        shares: Of the picture, its brightest numbers, that are taken for edge; the source says no share.
    """
    figures: dict[str, str] = {}
    rises: dict[float, list[Interval]] = {share: [] for share in shares}
    ratios: list[Interval] = []
    ceiling = []  # photographs of which a hundredth lies at 1 or above
    for name, kernel in filters.items():
        found = [filtered(image, kernel, 1).clamp(min=0) for image in _photographs()]
        ceiling.append(sum((image >= 1).double().mean().item() >= 0.01 for image in found))
        before = [image / image.max() for image in found]
        after = [pool(image) for image in before]
        for share in shares:
            contrast = [torch.stack([_contrast(image, share) for image in images]) for images in (before, after)]
            rises[share].append(over_pictures(contrast[1][:, 0] - contrast[0][:, 0]))
            ratios.append(over_pictures(contrast[1][:, 1] / contrast[0][:, 1]))
            figures[f"{name}: brightest {100 * share:g} % − rest, before → after, difference"] = (
                f"{contrast[0][:, 0].mean():.2f} → {contrast[1][:, 0].mean():.2f}, {rises[share][-1]}"
            )
    flat = [each for row in rises.values() for each in row]
    up, down = [each.low > 0 for each in flat], [each.high < 0 for each in flat]
    relative = [each.low > 1 for each in ratios]
    figures["brightest / rest, after as a share of before"] = (
        f"{min(each.mean for each in ratios):.2f} to {max(each.mean for each in ratios):.2f}"
    )
    told = [
        f"for {sum(each.low > 0 for each in row)} of {len(row)} filters where the brightest {100 * share:g} % are "
        "called edge" + (f" (less for {less})" if (less := sum(each.high < 0 for each in row)) else "")
        for share, row in rises.items()
    ]
    return Finding(
        "an edge filter and 2×2 max-pooling do not only keep the edges, they intensify them",
        HOLDS if all(up) and all(relative) else IN_PART if any(up) else FAILS if any(down) else UNDECIDED,
        figures | {"photographs": str(len(_photographs()))},
        f"edges stand out more {listed(told)}"
        + ("" if all(relative) else ", as a difference; in proportion the rest grows more")
        + ". Each map was cut below 0 and divided by its maximum before the pooling; "
        f"cut at 1 instead, the brightest 1 % would be at the ceiling in {min(ceiling)} to {max(ceiling)} of "
        f"{len(_photographs())} photographs, and could not rise.",
        {
            HOLDS: "the mean of the brightest numbers − that of the rest rises for each filter and each share of the "
            "picture, and their ratio, too: the intervals over photographs lie above 0 and above 1",
            IN_PART: "the difference rises for some of them",
            FAILS: "for none, and for some it lies below 0",
            UNDECIDED: "for none, and all intervals hold 0",
        },
    )


@claim("utec2021", "Section II-A, first paragraph; 2. Polling", chapter="kernels")
def utec_information_loss(
    shrink: Callable[[Tensor], Mapping[str, Tensor]] = smaller, poolings: Sequence[str] = POOLINGS
) -> Finding:
    """Pooling (by the maximum, or by the mean, which it names as well) makes the loss of information small.

    Args:
        shrink: Halves a picture in several ways, by name.
        poolings: Those of them that are poolings; the last way takes every second pixel.
    """
    figures: dict[str, str] = {}
    gains: dict[str, list[Interval]] = {name: [] for name in poolings}
    for what, change in (("photographs", lambda image: image), ("their edges", _laplace)):
        lost: dict[str, list[tuple[float, float]]] = {}
        for image in map(change, _photographs()):
            for name, small in shrink(image).items():
                plain = (enlarged(small) - image).square().mean().item()
                lost.setdefault(name, []).append((plain, _best_enlarged(small, image)))
        *_, reference = lost
        even = sum(change(image).var(correction=0).item() for image in _photographs()) / len(_photographs())
        figures[f"{what}, an even grey, the mean of each: MSE"] = f"{even:.4f}"
        for name, errors in lost.items():
            plain, best = (sum(column) / len(errors) for column in zip(*errors, strict=True))
            figures[f"{what}, {name}: MSE as it is, and by its best 3×3 kernels"] = f"{plain:.4f}, {best:.4f}"
        for name in poolings:
            pairs = zip(lost[name], lost[reference], strict=True)
            difference = over_pictures(torch.tensor([own[1] - other[1] for own, other in pairs], dtype=torch.float64))
            gains[name].append(difference)
            figures[f"{what}, {name} − {reference}, by best kernels"] = str(difference)
    below = [each.high < 0 for each in itertools.chain(*gains.values())]
    above = [each.low > 0 for each in itertools.chain(*gains.values())]
    words = {
        name: "loses less than every second pixel does"
        if all(each.high < 0 for each in intervals)
        else "loses more"
        if all(each.low > 0 for each in intervals)
        else "loses more of photographs; of their edges that is not decided"
        if intervals[0].low > 0 and not intervals[1].excludes_zero()
        else "is better for some of these pictures only"
        for name, intervals in gains.items()
    }
    return Finding(
        "pooling makes the data smaller while it minimises the loss of information (maximum or average)",
        HOLDS if all(below) else IN_PART if any(below) else FAILS if any(above) else UNDECIDED,
        figures,
        "; ".join(f"{name} {said}" for name, said in words.items()) + ".",
        {
            HOLDS: "enlarged by its own best 3×3 kernels, each pooling loses less than every second pixel does, of "
            "photographs and of their edges: the interval of the difference over photographs lies below 0",
            IN_PART: "some of these intervals do",
            FAILS: "none does, and some lie above 0",
            UNDECIDED: "all of them hold 0",
        },
    )


@claim("utec2021", "Section II-B", chapter="kernels", shown=False)
def utec_contrast(kernel: Numbers = SHARPEN) -> Finding:
    """3·5 − 2·4 = 7 and 1·5 − 2·4 = −3: the contrast grows."""
    three, one = (
        filtered(torch.tensor([[0, 2, 0], [2, middle, 2], [0, 2, 0]], dtype=torch.float64), kernel).item()
        for middle in (3, 1)
    )
    right = (three, one) == (7, -3)
    return Finding(
        "the kernel turns a 3 and a 1, each among 2s, into 7 and −3: their contrast grows",
        HOLDS if right else IN_PART if three - one > 2 else FAILS,
        {
            "answers": f"{three:g} and {one:g}".replace("-", "−"),
            "difference": f"2 → {three - one:g}".replace("-", "−"),
        },
        "so it does."
        if right
        else f"the numbers are others, the difference {'grows' if three - one > 2 else 'does not grow'}.",
        {
            HOLDS: "the answers are 7 and −3",
            IN_PART: "they are others, and differ by more than 2",
            FAILS: "they do not differ by more than 2",
        },
    )


@claim("utec2021", "Section II-B", chapter="kernels")
def utec_sharpening(
    kernel: Numbers = SHARPEN, spoiled: Sequence[tuple[int, float]] = ((1, 0), (2, 0), (3, 0), (2, 0.02))
) -> Finding:
    """Which results in a more refined picture.

    Args:
        spoiled: How often a photograph was blurred, and the standard deviation of the noise behind that.
    """
    binomial = tuple(tuple(a * b / 16 for b in (1, 2, 1)) for a in (1, 2, 1))
    figures, changes = {}, []
    for times, sigma in spoiled:
        generator = torch.Generator().manual_seed(0)
        errors = []
        for image in _photographs():
            start = image
            for _ in range(times):
                start = filtered(start, binomial, 1)
            start = (start + sigma * torch.randn(image.shape, generator=generator, dtype=image.dtype)).clamp(0, 1)
            end = filtered(start, kernel, 1).clamp(0, 1)
            errors.append([(each - image).square().mean() for each in (start, end)])
        before, after = torch.tensor(errors, dtype=torch.float64).T
        changes.append(over_pictures(after - before))
        how = f"blurred {('once', 'twice', 'three times')[times - 1]}" + (f", noise of {sigma:g}" if sigma else "")
        figures[f"{how}: MSE before → after"] = f"{before.mean():.5f} → {after.mean():.5f}"
        figures[f"{how}: difference over {len(before)} photographs"] = str(changes[-1])
    nearer, further = [each.high < 0 for each in changes], [each.low > 0 for each in changes]
    noisy = [away for away, (_, sigma) in zip(further, spoiled, strict=True) if sigma]
    return Finding(
        "more contrast by the sharpening kernel results in a more refined picture",
        HOLDS if all(nearer) else IN_PART if any(nearer) else FAILS if any(further) else UNDECIDED,
        figures,
        f"it comes nearer to the true picture in {sum(nearer)} of {len(changes)} cases, and moves away from it in "
        f"{sum(further)}" + ("; noise grows as contrast does." if noisy and all(noisy) else "."),
        {
            HOLDS: "the squared distance to the true picture falls in every case: the interval of the difference over "
            "photographs lies below 0",
            IN_PART: "in some cases",
            FAILS: "in none, and in some it lies above 0",
            UNDECIDED: "all intervals hold 0",
        },
    )


@claim("utec2021", "Section II-C, item 1", chapter="activations")
def utec_linear_gradient(
    activation: Callable[[Tensor], Tensor] = lambda x: x, depths: Sequence[int] = (2, 4, 6)
) -> Finding:
    """A linear activation brings a problem to gradient descent, since its derivative is always one.

    Args:
        depths: With 8 layers some draws run off at this rate, and where they are then hangs on the last bit of a sum,
            which processors round differently.
    """
    figures, left = {}, {}
    for layers in depths:
        generator = torch.Generator().manual_seed(0)
        x, noise = torch.randn(2, DRAWS, 256, 8, generator=generator, dtype=torch.float64)
        target = x @ torch.randn(DRAWS, 8, 8, generator=generator, dtype=torch.float64) + 0.5 * noise
        best = (x @ torch.linalg.lstsq(x, target).solution - target).square().mean((1, 2))
        weights = [
            (torch.randn(DRAWS, 8, 8, generator=generator, dtype=torch.float64) / 8**0.5).requires_grad_()
            for _ in range(layers)
        ]
        losses = []
        for _ in range(DESCENT + 1):
            numbers = x @ weights[0]
            for weight in weights[1:]:
                numbers = activation(numbers) @ weight
            losses.append((numbers - target).square().mean((1, 2)))
            gradients = torch.autograd.grad(losses[-1].sum(), weights)  # each net has its own weights
            weights = [
                (weight - RATE * gradient).detach().requires_grad_()
                for weight, gradient in zip(weights, gradients, strict=True)
            ]
        ways = (losses[DESCENT] - best) / (losses[0] - best)
        ways = ways.nan_to_num(math.inf).clamp(min=0).sort().values  # what went off to infinity has not arrived
        left[layers] = ways[-1].item()
        figures[f"{layers} layers: left of the way to least squares, {DRAWS} draws"] = ", ".join(
            f"{100 * way:.1f} %" if way < math.inf else "the steps go off to infinity" for way in ways.tolist()
        )
    arrived, most = [way < NEAR for way in left.values()], [way > 0.5 for way in left.values()]
    off = math.inf in left.values()  # our rate's doing, and no verdict on the activation
    there, short = (
        " and ".join(str(layers) for layers, near in zip(depths, arrived, strict=True) if near is wanted)
        for wanted in (True, False)
    )
    return Finding(
        "a linear activation brings a problem when gradient descent is applied, as its derivative is always one",
        FAILS if all(arrived) else UNDECIDED if any(arrived) or off else HOLDS if all(most) else IN_PART,
        figures,
        "gradient descent finds what least squares finds, the best matrix, at every depth tried."
        if all(arrived)
        else f"which problem, the source does not say. With {there} layers descent comes to the best matrix, which "
        f"least squares finds; with {short}, from these first weights and with these steps, not every draw does. "
        "Whether that is the problem meant, and whether the derivative makes it, this does not tell."
        if any(arrived)
        else "at no depth tried does every draw come to least squares.",
        {
            HOLDS: f"after {DESCENT:,} steps at a rate of {RATE:g}, in the worst draw, more than half of the way from "
            "the first loss to least squares is left, at every depth tried",
            IN_PART: f"more than {100 * NEAR:g} % of it at every depth",
            FAILS: "no more than that at any",
            UNDECIDED: "no more than that at some depths, and more at others, or the steps go off to infinity",
        },
    )


@claim("utec2021", "Section II-C, item 1", chapter="activations", shown=False)
def utec_linear_collapse(activation: Callable[[Tensor], Tensor] = lambda x: x) -> Finding:
    """With a linear activation a net loses its non-linearity."""
    generator = torch.Generator().manual_seed(0)
    weights = [torch.randn(8, 8, generator=generator, dtype=torch.float64) for _ in range(4)]
    x = torch.randn(256, 8, generator=generator, dtype=torch.float64)
    figures, alike = {}, []
    for depth in (2, 3, 4):
        numbers, matrix = x, torch.eye(8, dtype=torch.float64)
        for layer in weights[:depth]:
            numbers, matrix = activation(numbers @ layer), matrix @ layer
        alike.append(torch.allclose(numbers, x @ matrix))
        figures[f"{depth} layers = one matrix, the product of theirs"] = "yes" if alike[-1] else "no"
    return Finding(
        "with a linear activation a net loses the non-linearity that is essential to it",
        HOLDS if all(alike) else FAILS,
        figures,
        "any number of linear layers is one matrix." if all(alike) else "it does not: the layers are no matrix.",
        {HOLDS: "two, three and four layers equal the product of their matrices", FAILS: "some do not"},
    )


@claim("utec2021", "Section II-C, item 2", chapter="activations", shown=False)
def utec_step_gradient(step: Callable[[Tensor], Tensor] = lambda x: 0 * x + (x >= 0)) -> Finding:
    """The step has derivative zero except at one point, where it is infinite."""
    x = torch.tensor([-2.0, -0.1, 0.1, 2.0], dtype=torch.float64, requires_grad=True)
    (slopes,) = torch.autograd.grad(step(x).sum(), x)
    spans = torch.tensor([1e-1, 1e-3, 1e-6], dtype=torch.float64)
    quotients = (step(spans) - step(-spans)) / (2 * spans)
    flat, endless = bool((slopes == 0).all()), bool(quotients[2] > 1000 * quotients[0] > 0)
    return Finding(
        "the step function's gradient is zero everywhere but at one point, where it is infinite",
        HOLDS if flat and endless else IN_PART if flat or endless else FAILS,
        {
            "derivative at −2, −0.1, 0.1, 2": ", ".join(f"{slope:g}" for slope in slopes.tolist()),
            "(g(h) − g(−h))/2h at 0, h = 0.1, 0.001, 0.000001": ", ".join(f"{value:g}" for value in quotients),
        },
        "zero elsewhere; at the jump infinite as a limit, as is the slope β/4 of σ(βx). (Strictly there is no "
        "derivative at it; the table of Figure 8 has a question mark there.)"
        if flat and endless
        else "zero elsewhere, and at 0 not infinite."
        if flat
        else "at 0 infinite as a limit, and elsewhere not zero."
        if endless
        else "the derivative is another.",
        {
            HOLDS: "the derivative is 0 away from 0, and the difference quotient around 0 grows without a bound",
            IN_PART: "one of the two",
            FAILS: "neither",
        },
    )


@claim("utec2021", "Section II-C, item 2", chapter="activations", shown=False)
def utec_step_probability(step: Callable[[Tensor], Tensor] = lambda x: (x >= 0).to(x)) -> Finding:
    """The step leaves no room for a probabilistic reading."""
    x = torch.linspace(-6, 6, 241, dtype=torch.float64)
    shares = {
        name: ((function(x) > 0) & (function(x) < 1)).double().mean().item()
        for name, function in {"the step": step, "the sigmoid": torch.sigmoid}.items()
    }
    return Finding(
        "the step function is too extreme, as it leaves no room for a probabilistic reading of the signal",
        HOLDS if not shares["the step"] else FAILS,
        {
            f"numbers strictly between 0 and 1, of 241 of {name}": f"{100 * share:.0f} %"
            for name, share in shares.items()
        },
        "every answer is certain." if not shares["the step"] else "it gives numbers in between.",
        {HOLDS: "none of its numbers lies strictly between 0 and 1", FAILS: "some do"},
    )


def bent(x: Tensor, target: Tensor, nodes: int, activation: Callable[[Tensor], Tensor] = torch.relu) -> Tensor:
    """The best sum of a constant and so many nodes, bent at even places, by least squares: [N], at x [N] in [−1, 1]."""
    several = torch.linspace(-1, 1, nodes + 1, dtype=x.dtype)[:-1]
    knots = several if nodes > 2 else torch.zeros(1, dtype=x.dtype)
    columns = [activation(x - knot) for knot in knots] + ([activation(-x)] if nodes == 2 else [])
    basis = torch.stack([*columns, torch.ones_like(x)], 1)
    fit: Tensor = (basis @ torch.linalg.lstsq(basis, target[:, None], driver="gelsd").solution)[:, 0]
    return fit


@claim("utec2021", "Section II-C, item 3", chapter="activations")
def utec_relu_nonlinear(activation: Callable[[Tensor], Tensor] = torch.relu) -> Finding:
    """ReLU is non-linear enough when several nodes act together."""
    x = torch.linspace(-1, 1, 401, dtype=torch.float64)
    targets = {"|x|": x.abs(), "x²": x**2, "sin 3x": torch.sin(3 * x)}
    errors: dict[str, list[float]] = {}
    for nodes in (1, 2, 4, 8, 16, 32):
        for name, target in targets.items():
            span = target.max() - target.min()
            errors.setdefault(name, []).append(
                ((bent(x, target, nodes, activation) - target).abs().max() / span).item()
            )
    close = [each[-1] < ENOUGH for each in errors.values()]
    return Finding(
        "ReLU is non-linear enough when several nodes act together",
        HOLDS if all(close) else IN_PART if any(close) else FAILS,
        {
            f"{name}: largest error of the best sum of 1, 2, 4, 8, 16, 32 even nodes, of its range": ", ".join(
                f"{100 * error:.1f} %" for error in each
            )
            for name, each in errors.items()
        },
        f"32 of them come within {100 * max(each[-1] for each in errors.values()):.1f} % of each of these functions; "
        "one alone does not."
        if all(close)
        else f"32 of them come within {100 * ENOUGH:g} % of {sum(close)} of {len(close)} functions.",
        {
            HOLDS: f"the largest error of 32 nodes is below {100 * ENOUGH:g} % of the range, for each function tried",
            IN_PART: "for some of them",
            FAILS: "for none",
        },
    )


FUNCTIONS: Mapping[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    # name: the function, and its derivative as the table of Figure 8 has it (α = 0.3)
    "identity": (lambda x: x, torch.ones_like),
    "step": (lambda x: 0 * x + (x >= 0), torch.zeros_like),
    "logistic": (torch.sigmoid, lambda x: torch.sigmoid(x) * (1 - torch.sigmoid(x))),
    "tanh": (torch.tanh, lambda x: 1 - torch.tanh(x) ** 2),
    "arctangent": (torch.atan, lambda x: 1 / (x**2 + 1)),
    "ReLU": (torch.relu, lambda x: (x >= 0).to(x)),
    "PReLU": (lambda x: functional.leaky_relu(x, 0.3), lambda x: torch.where(x < 0, 0.3, 1.0).to(x)),
    "ELU": (lambda x: functional.elu(x, 0.3), lambda x: torch.where(x < 0, functional.elu(x, 0.3) + 0.3, 1.0)),
    "softplus": (functional.softplus, torch.sigmoid),
}


@claim("utec2021", "Section II-C, Figure 8", chapter="activations")
def utec_derivatives(
    functions: Mapping[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = FUNCTIONS,
) -> Finding:
    """Figure 8: nine activations with their derivatives (the ELU's as the authors' PDF has it)."""
    x = torch.linspace(-4, 4, 801, dtype=torch.float64)
    x = x[x != 0].requires_grad_()
    h, zero = torch.tensor(1e-7, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    agree, kinks = [], []
    for name, (function, stated) in functions.items():
        (slope,) = torch.autograd.grad(function(x).sum(), x)
        if torch.allclose(slope, stated(x.detach()), atol=1e-12):
            agree.append(name)
        left, right = (function(zero) - function(-h)) / h, (function(h) - function(zero)) / h
        if (left - right).abs() > 1e-3 and name not in UNSTATED:
            kinks.append(f"{name}: {left.item():.1f} and {right.item():.1f}, stated {stated(zero).item():g}")
    return Finding(
        "the table of nine activations gives their derivatives (Figure 8)",
        FAILS if not agree else HOLDS if len(agree) == len(functions) and not kinks else IN_PART,
        {
            "derivatives that agree with autograd away from 0": f"{len(agree)} of {len(functions)}",
            "slope to the left and to the right of 0, where they differ": "; ".join(kinks) or "nowhere",
        },
        (
            "all are right wherever there is a derivative"
            if len(agree) == len(functions)
            else f"all but {', '.join(name for name in functions if name not in agree)} are right away from 0"
            if agree
            else "none of them is right"
        )
        + ("; at a kink there is none, and the table has a number" if kinks else "")
        + (" (of the ELU for α other than 1 only)." if any(kink.startswith("ELU") for kink in kinks) else "."),
        {
            HOLDS: "each agrees with autograd at 800 places from −4 to 4, and at 0 with both one-sided slopes "
            "(the step apart, for which the table has a question mark)",
            IN_PART: "some agree, or all but at 0",
            FAILS: "none agrees away from 0",
        },
    )


@claim("utec2021", "Section II-C, item 5; Figure 8", chapter="activations", shown=False)
def utec_tanh(function: Callable[[Tensor], Tensor] = torch.tanh) -> Finding:
    """tanh is simply a linear transformation of the logistic function."""
    x = torch.linspace(-6, 6, 241, dtype=torch.float64)

    def misfit(scale: float) -> float:
        """Largest error of the best a σ(scale · x) + b."""
        basis = torch.stack([torch.sigmoid(scale * x), torch.ones_like(x)], 1)
        fit = torch.linalg.lstsq(basis, function(x)[:, None]).solution
        return float((basis @ fit - function(x)[:, None]).abs().max())

    misfits = {scale: misfit(scale) for scale in (0.5, 1, 2, 4)}
    fitting = [scale for scale, error in misfits.items() if error < 1e-9]
    return Finding(
        "tanh is just a linear transformation of the logistic function (2/(1 + e⁻²ˣ) − 1 in Figure 8)",
        HOLDS if 2 in fitting else IN_PART if fitting else FAILS,
        {
            f"largest error of the best a σ({scale:g}x) + b": f"{error:.2f}" if error > 1e-9 else "0"
            for scale, error in misfits.items()
        },
        "tanh x = 2σ(2x) − 1: it is stretched along both axes, as the formula of Figure 8 has it."
        if 2 in fitting
        else f"only with σ({fitting[0]:g}x), another scale than that of Figure 8."
        if fitting
        else "no such transformation fits.",
        {
            HOLDS: "a σ(2x) + b equals it for some a and b",
            IN_PART: "a σ(cx) + b does so for c = 1/2, 1 or 4",
            FAILS: "none of these does",
        },
    )


@claim("utec2021", "Section II-C, item 6", chapter="activations", shown=False)
def utec_softmax(function: Callable[[Tensor], Tensor] = lambda z: torch.softmax(z, 0)) -> Finding:
    """Softmax maps K numbers to K numbers between zero and one whose sum is one."""
    z = torch.randn(7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    p = function(z)
    inside, one = bool(((p > 0) & (p < 1)).all()), abs(p.sum().item() - 1) < 1e-12
    jacobian = torch.autograd.functional.jacobian(function, z)
    formula = torch.allclose(jacobian, p.diag() - p.outer(p))
    return Finding(
        "softmax makes K numbers between zero and one with the sum one out of any K numbers",
        HOLDS if inside and one else IN_PART if inside or one else FAILS,
        {
            "sum": f"{p.sum():.6f}",
            "derivative ∂pᵢ/∂zⱼ = pᵢ (δᵢⱼ − pⱼ)": "agrees with autograd" if formula else "does not agree",
            "unchanged when all z grow by 5": "yes" if torch.allclose(function(z + 5), p) else "no",
        },
        "so it does. Each output depends on every input, so its derivative is a matrix."
        if inside and one
        else "they lie between zero and one, but their sum is another."
        if inside
        else "the sum is one, but not all lie between zero and one."
        if one
        else "the outputs leave the range, and the sum is not one.",
        {
            HOLDS: "all lie strictly between 0 and 1, and the sum is 1",
            IN_PART: "one of the two is so",
            FAILS: "neither is",
        },
    )


@claim("utec2021", "Section II-C, item 6, formula", chapter="activations", shown=False)
def utec_softmax_index(summed: str = "k") -> Finding:
    """The formula of softmax, e^(z_k) / Σ_k e^(z_k), has one letter for two indices.

    Args:
        summed: The letter under the sum; the output's is k.
    """
    z = torch.randn(7, generator=torch.Generator().manual_seed(0), dtype=torch.float64).exp().tolist()
    outputs = []
    for output in range(len(z)):  # word for word, as a program with these letters for its variables
        letters, total = {"k": output}, 0.0
        for letters[summed] in range(len(z)):
            total += z[letters[summed]]
        outputs.append(z[letters["k"]] / total)
    right = abs(sum(outputs) - 1) < 1e-12
    return Finding(
        f"softmax is e^(z_k) divided by the sum of e^(z_{summed}) over {summed} = 1 … K",
        HOLDS if right else SLIP,
        {
            "taken word for word, of seven numbers: different outputs": str(len({round(each, 12) for each in outputs})),
            "their sum": f"{sum(outputs):.3f}",
        },
        "two letters for two indices: the outputs add up to one."
        if right
        else "k stands for the output and for what is summed. Read as one letter, every output would be the same; the "
        "sentence before it, that the numbers add up to one, says what is meant.",
        {HOLDS: "taken word for word the outputs add up to 1", SLIP: "they do not, as the prose says they do"},
    )


ACTIVATIONS: Mapping[str, tuple[type[nn.Module], str, float]] = {
    # name: module, whose weights let the gradient keep its size, and their gain (standard deviation · √n). The
    # sigmoid's was found by trying: of the whole numbers it is the one whose ratio changes least with the depth.
    "sigmoid": (nn.Sigmoid, "its own", 11.0),
    "tanh": (nn.Tanh, "Xavier's", 1.0),
    "ReLU": (nn.ReLU, "He's", math.sqrt(2)),
}


def gradient_ratio(
    activation: type[nn.Module], depth: int, gain: float | None, seeds: int = 5, width: int = 64
) -> float:
    """Gradient of the first layer's weights against the last one's, in a dense net before training (geometric mean).

    Args:
        depth: Layers between the first and the last.
        gain: Of normal weights with standard deviation gain / √width, biases zero; None leaves PyTorch's default.
    """
    logarithms = []
    for seed in range(seeds):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            linear = [nn.Linear(width, width) for _ in range(depth + 2)]
            if gain is not None:
                for layer in linear:
                    nn.init.normal_(layer.weight, std=gain / math.sqrt(width))
                    nn.init.zeros_(layer.bias)
            net = nn.Sequential(*(module for layer in linear for module in (layer, activation())))[:-1]
            x, target = torch.randn(2, 128, width)
        (net(x) - target).square().mean().backward()
        first, last = (layer.weight.grad for layer in (linear[0], linear[-1]))
        assert first is not None
        assert last is not None
        logarithms.append(math.log(first.norm().item() / last.norm().item()))
    return math.exp(sum(logarithms) / len(logarithms))


@claim("utec2021", "Section IV, item 3, as the authors’ PDF ends it", chapter="activations")
def utec_vanishing(
    ratio: Callable[[type[nn.Module], int, float | None], float] = gradient_ratio, depth: int = 14
) -> Finding:
    """ReLU is recommended because its derivative does not vanish (the authors' PDF, conclusions).

    Args:
        ratio: Of the first layer's gradient to the last one's, from activation, layers in between, and gain.
    """
    default = {name: ratio(module, depth, None) for name, (module, _, _) in ACTIVATIONS.items()}
    fitting = {name: ratio(module, depth, gain) for name, (module, _, gain) in ACTIVATIONS.items()}
    keep = [name for name, value in fitting.items() if value > KEPT]
    others = [name for name in keep if name != "ReLU"]

    def power(value: float) -> str:
        return f"{value:.1f}" if value > 0.05 else f"about 10^{math.log10(value):.0f}".replace("-", "−")

    return Finding(
        "ReLU is to be recommended because its derivative does not vanish",
        FAILS if "ReLU" not in keep else IN_PART if others or default["ReLU"] <= KEPT else HOLDS,
        {
            **{
                f"gradient, first / last of {depth + 2} layers, {n}, PyTorch's weights": power(v)
                for n, v in default.items()
            },
            **{
                f"gradient, first / last of {depth + 2} layers, {n}, {ACTIVATIONS[n][1]} weights": power(v)
                for n, v in fitting.items()
            },
        },
        "it vanishes for ReLU as well, even with weights drawn for it."
        if "ReLU" not in keep
        else "it is the weights as much as the function: "
        + "; ".join(
            [
                *([] if default["ReLU"] > KEPT else ["with PyTorch's own the gradient of a deep ReLU net vanishes"]),
                *(
                    [f"with weights drawn for them {' and '.join(others)} keep it as well, at the start"]
                    if others
                    else []
                ),
            ]
        )
        + "."
        if others or default["ReLU"] <= KEPT
        else "only ReLU keeps it.",
        {
            HOLDS: f"the gradient of a deep ReLU net keeps more than {KEPT:g} of its size with either kind of weights, "
            "and that of no other does with weights drawn for it",
            IN_PART: "ReLU's does with weights drawn for it",
            FAILS: "it does not",
        },
    )


@claim("utec2021", "Section I; Section III-D, Cuadro I", chapter="super-resolution")
def utec_transforms(rows: Rows | None = None) -> Finding:
    """A model based on autoencoders can turn pictures of low resolution into ones of high resolution."""
    rows = _enlarged() if rows is None else rows
    ahead = {name: above(rows[f"4/{name}"], rows[f"4/{BEST}"]) for name in TILED}
    without = {name: above(_without(rows[f"4/{name}"]), _without(rows[f"4/{BEST}"])) for name in TILED}
    wins = {
        name: sum(net > bar for net, bar in zip(rows[f"4/{name}"]["photographs"], _bar(rows), strict=True))
        for name in TILED
    }
    better = [name for name in AS_TRAINED if ahead[name].low > 0]
    worse = [name for name in AS_TRAINED if ahead[name].high < 0]
    below = all(each.high < 0 for each in ahead.values())
    rest = f"of {len(_bar(rows))} photographs"
    factors = ", ".join(f"{rows[f'{factor}/bicubic']['mse'][0]:.4f}" for factor in (2, 3, 4, 8))
    back = above(rows[back_projected(rows, 4)], rows[f"4/{BEST}"])
    some = [f"{AS_TRAINED[name]}, by {without[name].signed('dB')}" for name in AS_TRAINED if without[name].low > 0]
    return Finding(
        "a model based on autoencoders can turn pictures of low resolution into pictures of high resolution",
        HOLDS if len(better) == len(AS_TRAINED) else IN_PART if better else FAILS if below else UNDECIDED,
        {
            "MSE reported for 2, 3, 4 layers (factor and set not said)": ", ".join(REPORTED.values()),
            "MSE of the input itself, bicubic, for factors 2, 3, 4, 8": factors,
        }
        | {f"MSE of what comes out for 4, {net}": f"{rows[f'4/{name}']['mse'][0]:.4f}" for name, net in TILED.items()}
        | {
            f"PSNR minus that of Lanczos, {net}": f"{ahead[name].signed('dB')}, above it on {wins[name]} {rest}"
            for name, net in TILED.items()
        }
        | {
            f"the same without photograph 20 (a white sky), {net}": without[name].signed("dB")
            for name, net in TILED.items()
        }
        | {"PSNR minus that of Lanczos, back-projected, nothing trained": back.signed("dB")},
        "with the authors’ epochs, on our eight photographs and for a factor of 4, "
        + (
            "every net is above Lanczos, the best of the five interpolations by a formula."
            if len(better) == len(AS_TRAINED)
            else "above Lanczos, the best of the five interpolations by a formula: "
            f"{' and '.join(AS_TRAINED[name] for name in better)}."
            if better
            else "every net is told below Lanczos, the best of the five interpolations by a formula."
            if below
            else "no net is told above Lanczos, the best of the five interpolations by a formula"
            + (
                "; below it: " + listed([f"{AS_TRAINED[name]}, by {ahead[name].signed('dB')}" for name in worse])
                if worse
                else ""
            )
            + (
                f". One photograph decides this, with a white sky: of the others, above it are {' and '.join(some)}"
                if some
                else ""
            )
            + ". Their factor, their pictures and the number of their steps are not known, so this does not tell of "
            "their own nets."
        ),
        {
            HOLDS: "the interval of PSNR minus Lanczos’s, over all eight photographs and seeds, lies above 0 for two, "
            "three and four layers with the authors’ epochs (10, 10, 60)",
            IN_PART: "it does for some of them",
            FAILS: "for every net here, those with more epochs or fewer as well, it lies below 0",
            UNDECIDED: "otherwise: it lies above 0 for none on all eight, even where it does without photograph 20, "
            "since that one was singled out when the results were known: factor, pictures and steps are ours",
        },
    )


@claim("utec2021", "Section III-A, last paragraph but one; Section III-D, Cuadro I", chapter="super-resolution")
def utec_deeper(errors: Errors | None = None, tested: Errors | None = None) -> Finding:
    """The more layers, the smaller the error.

    Args:
        errors: On the validation tiles, the mean of the last epochs, of the base and of the nets in DEPTHS.
        tested: On the test tiles, of the base and of two, four and, after 60 epochs, four layers.
    """
    errors = errors or {name: _late(name) for name in (BASE, *DEPTHS)}
    against = {name: one_against_seeds(errors[name][0], errors[BASE]) for name in DEPTHS if name != "utec-3-long"}
    two, four, theirs = against["utec-2"], against["utec-4"], against["utec-4-long"]
    steps = [two.low > 0, theirs.high < 0, four.high < 0]  # to three layers, and to four: authors' epochs, equal ones
    wrong = [two.high < 0, theirs.low > 0]
    long = [errors[f"utec-{depth}-long"][0] for depth in (3, 4)]
    on_test = _errors(BASE, "utec-2", "utec-4", "utec-4-long") if tested is None else tested
    tests = {name: one_against_seeds(on_test[name][0], on_test[BASE]) for name in on_test if name != BASE}
    return Finding(
        "a net with more layers allows a smaller mean squared error to be reached (2, 3 and 4 layers: "
        f"{', '.join(REPORTED.values())})",
        HOLDS if all(steps) else IN_PART if any(steps) else FAILS if any(wrong) else UNDECIDED,
        {
            f"2, 3, 4 layers with the authors’ codes, ten epochs each, validation MSE of the last {LATE}": ", ".join(
                f"{sum(errors[name]) / len(errors[name]):.5f}" for name in ("utec-2", BASE, "utec-4")
            ),
            "2 layers − 3 layers, ten epochs each": str(two),
            "4 layers − 3 layers, ten epochs each": str(four),
            "2 layers − 3 layers, codes of 512 numbers, ten epochs each": str(against["utec-2-code-512"]),
            "4 layers − 3 layers, codes of 512 numbers, ten epochs each": str(against["utec-4-code-512"]),
            "4 layers after 60 epochs − 3 layers after ten, as the authors": str(theirs),
            "the same on the test tiles, and 2 − 3 layers there": f"{tests['utec-4-long']}; {tests['utec-2']}",
            "3 and 4 layers after 60 epochs, one run each": ", ".join(f"{error:.5f}" for error in long),
        },
        f"as the authors trained them (10, 10 and 60 epochs), on validation two layers are {_compared(two)} three and "
        f"four are {_compared(theirs)} three; on test two are {_compared(tests['utec-2'])} three and four "
        f"{_compared(tests['utec-4-long'])} three. But there epochs change with the layers, which the report does not "
        f"say: after ten each, four are {_compared(four)} three on validation, and three after 60 come to "
        f"{long[0]:.5f}, four to {long[1]:.5f}. The authors’ own table ties three and four.",
        {
            HOLDS: "the interval of 2 − 3 layers lies above 0 and that of 4 − 3 below it, with the authors’ epochs and "
            "with ten each (validation, the authors’ codes; a single run against the spread of five seeds)",
            IN_PART: "one of the two steps does, or that to four with the authors’ epochs alone",
            FAILS: "none does, and one lies on the other side of 0",
            UNDECIDED: "both hold 0",
        },
    )


@claim("utec2021", "Section IV, item 1", chapter="super-resolution")
def utec_several_layers(rows: Rows | None = None) -> Finding:
    """To recover pictures of high quality is complex, so several layers are to be recommended."""
    rows = _enlarged() | _validated() if rows is None else rows
    maps = {name: row for name, row in rows.items() if name.startswith("4/linear-")}
    one = max(maps, key=lambda name: maps[name]["validation"])
    side = one.rpartition("-")[2]
    best = min(SEVERAL, key=lambda name: rows[f"validation/{name}"]["mse"])
    several = {name: above(rows[f"4/{name}"], rows[one]) for name in SEVERAL}
    called = {name: text.format(steps=_steps(name)) for name, text in SEVERAL.items()}
    ahead = several[best]
    others = {
        said: listed([called[name] for name, each in several.items() if name != best and told(each)])
        for said, told in (
            ("ahead", lambda each: each.low > 0),
            ("behind", lambda each: each.high < 0),
            ("not told from it", lambda each: not each.excludes_zero()),
        )
    }
    tiles = {
        name: above(rows[f"4/{name}"], rows[f"margin-2/4/linear-{side}"])
        for name in SEVERAL
        if name.startswith("utec-")
    }
    return Finding(
        "to recover pictures of high quality is a complex task, so several layers are to be recommended",
        HOLDS if ahead.low > 0 else FAILS if ahead.high < 0 else UNDECIDED,
        {
            f"PSNR minus that of the best single layer (linear, {side}×{side}), {called[name]}": each.signed("dB")
            for name, each in several.items()
        }
        | {f"the same, that layer in the same tiles, {called[name]}": each.signed("dB") for name, each in tiles.items()}
        | {f"validation MSE, {called[name]}": f"{rows[f'validation/{name}']['mse']:.5f}" for name in SEVERAL},
        "on our photographs, for a factor of 4, the best of these nets is "
        f"{_compared(ahead, 'behind', 'ahead of', 'not told from')} the best linear map of one layer: {called[best]}, "
        f"by {ahead.signed('dB')}. Of the others, "
        + "; ".join(f"{said}: {nets}" for said, nets in others.items() if nets)
        + ". (These nets differ in more than their steps.)",
        {
            HOLDS: "the interval of PSNR minus that of the best linear map of one layer lies above 0 for the best net "
            "of several; both were chosen on validation, the net among four (one seed)",
            FAILS: "it lies below 0",
            UNDECIDED: "it holds 0",
        },
    )


@claim("utec2021", "Section IV, item 2", chapter="skips-and-code", shown=False)
def utec_kernels(errors: Errors | None = None) -> Finding:
    """Changing the kernels plays a very important role."""
    errors = _errors(BASE, *KERNELS, *KERNELS_AND_STRIDE) if errors is None else errors
    changes = {name: one_against_seeds(errors[name][0], errors[BASE]) for name in (*KERNELS, *KERNELS_AND_STRIDE)}
    own = [name for name in KERNELS_AND_STRIDE if changes[name].excludes_zero()]
    base = over_seeds(errors[BASE]).mean
    alone = [name for name in KERNELS if max(changes[name].low, -changes[name].high) > SLIGHT * base]
    widest = max(abs(end) for name in KERNELS for end in (changes[name].low, changes[name].high))
    still = all(max(-change.low, change.high) < SLIGHT * base for change in changes.values())
    return Finding(
        "to change the kernels plays a very important role in making out details (as tried: a kernel of 4 with a "
        "stride of 2, and one of 6 with a larger stride)",
        HOLDS if alone else FAILS if still else UNDECIDED,
        {"kernel 4, stride 2, 64–128–256 kernels: test MSE": str(over_seeds(errors[BASE]))}
        | {f"{_called(name)}: more by": str(change) for name, change in changes.items()},
        "after ten epochs on our patches of 64×64, of "
        f"{len(KERNELS)} changes of the kernels alone, at a stride of 2, {len(alone)} "
        f"move the error by more than {100 * SLIGHT:.0f} % for certain{_named(alone)}; their intervals lie within "
        f"±{widest:.4f} of {base:.4f}. Of the source’s own change, in which the stride goes with the kernel, "
        f"{len(own)} of {len(KERNELS_AND_STRIDE)} miss 0{_named(own)}"
        + ("; which of the two makes it is not told. " if own else ". ")
        + "A kernel of 6 with the stride of 2 (padding 2) was not trained.",
        {
            HOLDS: f"the interval of some change of the kernels alone lies beyond {100 * SLIGHT:.0f} % of the base’s "
            "error (a single run against the spread of five seeds)",
            FAILS: f"all intervals, those with another stride as well, lie within {100 * SLIGHT:.0f} % of the base’s "
            "error",
            UNDECIDED: "otherwise, as where only kernel and stride together are told from the base",
        },
    )


@claim("utec2021", "Section III-B", chapter="skips-and-code", shown=False)
def utec_kernel_six(prose: int = 4, listing: int = 3, size: int = 256) -> Finding:
    """Which stride was tried with a kernel of 6: the prose says one, the caption, listing and notebook another."""
    ways = {}
    for stride in sorted({prose, listing}):
        sizes = [size]
        while len(sizes) < 4:
            sizes.append(convolution_size(sizes[-1], 6, stride, 1))
        exact = [transposed_size(inner, 6, stride, 1) for inner in sizes[1:]] == sizes[:-1]
        ways[f"stride {stride}, padding 1, {size} pixels"] = " → ".join(map(str, sizes)) + (
            "" if exact else ", and back only with output padding"
        )
    return Finding(
        f"kernels of 6 were tried with a stride of {prose}",
        HOLDS if prose == listing else SLIP,
        {"stride in the prose": str(prose), "stride in caption, listing and notebook": str(listing)} | ways,
        "prose and listing agree."
        if prose == listing
        else f"caption, listing and the authors’ notebook have {listing}. Three layers of either bring a picture of "
        f"{size}×{size} back to its size, so the sizes do not tell."
        if not any("only" in way for way in ways.values())
        else f"caption, listing and the authors’ notebook have {listing}.",
        {HOLDS: "the prose names the stride of the listing", SLIP: "it names another"},
    )


@claim("utec2021", "Section IV, item 3", chapter="skips-and-code")
def utec_relu(
    errors: Errors | None = None, falling: Mapping[str, float] | None = None, tuned: Collection[str] = ()
) -> Finding:
    """Functions of the ReLU type are to be recommended.

    Args:
        falling: By how much of itself each net's training error fell in its last epoch.
        tuned: Nets whose learning rate was chosen for them on validation; of the stored ones none.
    """
    errors = _errors(BASE, *OTHER_ACTIVATIONS) if errors is None else errors
    falling = falling or {name: still_falling(name) for name in (BASE, *SATURATING)}
    changes = {name: one_against_seeds(errors[name][0], errors[BASE]) for name in OTHER_ACTIVATIONS}
    behind = all(changes[name].low > 0 for name in SATURATING)
    done = all(falling[name] < DONE for name in SATURATING)
    better = any(changes[name].high < 0 for name in SATURATING) and falling[BASE] < DONE
    own_rates = set(SATURATING) <= set(tuned)
    return Finding(
        "among many activations those of the ReLU type are to be recommended",
        FAILS if better else UNDECIDED if not (behind and done) else HOLDS if own_rates else IN_PART,
        {"ReLU: test MSE": str(over_seeds(errors[BASE]))}
        | {f"{_called(name)}: more by": str(change) for name, change in changes.items()}
        | {
            "training error, less in the last epoch than in the one before, ReLU": f"{100 * falling[BASE]:.0f} %",
            **{f"the same, {_called(name)}": f"{100 * falling[name]:.0f} %" for name in SATURATING},
        },
        "after the authors’ ten epochs at their learning rate "
        + ", ".join(
            f"{_called(name)} is {_compared(change, 'better than ReLU', 'worse than ReLU', 'not told from ReLU')}"
            for name, change in changes.items()
        )
        + ("; each of them at a rate of its own, " if own_rates else "; no other rate was tried, ")
        + (
            "and who is behind was done."
            if better or (behind and done)
            else "and where a longer training ends is not known"
            + (
                f": ReLU’s own net was not done either, with {100 * falling[BASE]:.0f} % less error in its last epoch."
                if falling[BASE] >= DONE
                else "."
            )
        ),
        {
            HOLDS: "the intervals of tanh − ReLU and of sigmoid − ReLU lie above 0 (single runs against the spread "
            "of five seeds), both nets were done (their last epoch took less than "
            f"{100 * DONE:.0f} % off their training error), and each had a rate that was chosen for it",
            IN_PART: "the same at ReLU’s rate alone",
            FAILS: "one lies below 0, and the ReLU net was done",
            UNDECIDED: "an interval holds 0, or who is behind was still learning",
        },
    )


@claim("utec2021", "Section I; Sections III-A, III-B and III-D", chapter="skips-and-code", shown=False)
def utec_exhaustive(reported: Mapping[str, tuple[str, int]] | None = None) -> Finding:
    """Exhaustive tests of sizes, numbers and normalisation: which of them the report shows.

    Args:
        reported: What it shows of each, and of how many settings it has an error.
    """
    reported = reported or {
        "size of the convolutions": ("two settings, a figure for each, no error", 0),
        "number of kernels": ("nothing", 0),
        "number of convolutional layers": (
            f"errors for {listed([str(layers) for layers in REPORTED])} layers",
            len(REPORTED),
        ),
        "pooling layers": ("nothing", 0),
        "normalisation": ("nothing", 0),
    }
    compared = [
        name for name, (_, settings) in reported.items() if settings >= (2 if name == "normalisation" else RANGE)
    ]
    return Finding(
        "exhaustive tests were made of the size of the convolutions, the number of kernels and of layers (convolution "
        "and pooling), and normalisation was looked into",
        HOLDS if len(compared) == len(reported) else UNDECIDED,
        {f"shown of {name}": shown for name, (shown, _) in reported.items()},
        f"the report compares errors of {len(compared)} of {len(reported)}. It shows: "
        + "; ".join(f"{name}: {shown}" for name, (shown, _) in reported.items())
        + "."
        + (" What was tried and not shown we cannot know." if len(compared) < len(reported) else ""),
        {
            HOLDS: f"the report shows errors of at least {RANGE} settings of each size and number (fewer are no range, "
            "let alone an exhaustive one), and of one net with and one without normalisation",
            UNDECIDED: "it does not: tests may have been made that are not shown",
        },
    )


@claim("utec2021", "Figures 9, 10 and 11", chapter="super-resolution", shown=False)
def utec_captions(listed: Sequence[int] = (2, 2, 2), captions: Sequence[int] = (2, 3, 4)) -> Finding:
    """Listings of 2, 3 and 4 layers: the text prints the one of 2 three times."""
    wrong = [caption for layers, caption in zip(listed, captions, strict=True) if layers != caption]
    return Finding(
        f"the listings are of nets with {', '.join(map(str, captions))} layers",
        SLIP if wrong else HOLDS,
        {"layers in the captions": str(tuple(captions)), "layers in the listings": str(tuple(listed))},
        f"{' and '.join(map(str, wrong))} layers are not shown; they stand in the authors’ notebooks."
        if wrong
        else "each shows what its caption says.",
        {HOLDS: "each listing has the layers of its caption", SLIP: "one does not"},
    )


def _enlarged() -> Rows:
    """All tables of super-resolution; the first is the whole one where two have a row."""
    names = ("super-resolution-tiles", "super-resolution-rivals", "super-resolution-equal-terms", "super-resolution")
    rows: Rows = {}
    for name in names:
        rows |= load_run(name).scores["test"]
    return rows


def _validated() -> Rows:
    """Validation error on the same patches of the nets in SEVERAL that were trained on them, seeds averaged."""
    runs = {name: load_runs(name) for name in SEVERAL if name != "super-resolver-4"}
    return {
        f"validation/{name}": {"mse": sum(run.scores["validation"]["mse"] for run in each) / len(each)}
        for name, each in runs.items()
    }


def _without(row: Mapping[str, Any], place: int = SKY) -> dict[str, Any]:
    """A row without one of its photographs; the mean of each seed stays, and only its spread counts."""
    photographs = [value for other, value in enumerate(row["photographs"]) if other != place]
    return {**row, "photographs": photographs}


def _steps(name: str) -> str:
    """Of a recipe's training, as its run has it."""
    record = load_run(name).record
    return f"{record['recipe']['epochs'] * (record['data']['train'] // record['recipe']['batch_size']):,}"


def _bar(rows: Rows) -> Sequence[float]:
    photographs: Sequence[float] = rows[f"4/{BEST}"]["photographs"]
    return photographs


def _errors(*names: str) -> dict[str, list[float]]:
    return {name: scores(name) for name in names}


def still_falling(name: str) -> float:
    """By how much of itself the training error of seed 0 fell in the last epoch."""
    before, now = load_run(name).record["curves"]["epochs"]["train"][-2:]
    return float(1 - now / before)


def _late(name: str) -> list[float]:
    """Validation error of each seed, the mean of the last epochs."""
    curves = [run.record["curves"]["epochs"]["validation"] for run in load_runs(name)]
    return [sum(curve[-LATE:]) / LATE for curve in curves]


def _compared(
    change: Interval, better: str = "better than", worse: str = "worse than", same: str = "not told from"
) -> str:
    return worse if change.low > 0 else better if change.high < 0 else same


def _named(names: Sequence[str]) -> str:
    """Nets in brackets, or nothing."""
    return f" ({listed([_called(name) for name in names])})" if names else ""


def _called(name: str) -> str:
    return {
        "utec-kernel-2": "kernel 2",
        "utec-kernel-6-3": "kernel 6, stride 3",
        "utec-kernel-6-4": "kernel 6, stride 4",
        "utec-half": "half the kernels",
        "utec-twice": "twice the kernels",
        "utec-leaky-relu": "leaky ReLU",
        "utec-tanh": "tanh",
        "utec-sigmoid": "sigmoid",
    }[name]

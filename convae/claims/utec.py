"""Claims of utec2021, autoencoders for super-resolution: convolution, pooling and activations (II), its nets (III)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from convae.arithmetic.shapes import convolution_shape, convolution_size, transposed_size
from convae.claims.finding import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED, Finding
from convae.claims.registry import claim
from convae.data.photographs import photograph
from convae.experiments.experiment import Rows
from convae.experiments.results import scores
from convae.experiments.runs import load_run, load_runs
from convae.experiments.super_resolution import BEST, above
from convae.measures.intervals import Interval, one_against_seeds, over_seeds

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
KERNELS_AND_STRIDE = ("utec-kernel-6-3", "utec-kernel-6-4")
OTHER_ACTIVATIONS = ("utec-leaky-relu", "utec-tanh", "utec-sigmoid")


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


@claim("utec2021", "Section II-A, Convolution", chapter="kernels")
def utec_feature_map(picture: Numbers = PICTURE, kernel: Numbers = CROSS) -> Finding:
    """Sliding the filter over the picture makes a feature map, each number a dot product."""
    image, weight = torch.tensor(picture, dtype=torch.float64), torch.tensor(kernel, dtype=torch.float64)
    feature_map = filtered(image, kernel)
    products = [
        [(image[row : row + 3, column : column + 3].flatten() @ weight.flatten()).item() for column in range(3)]
        for row in range(3)
    ]
    same = feature_map.tolist() == products
    return Finding(
        "the filter at one place gives one number, a dot product; at all places it gives the feature map",
        HOLDS if same else FAILS,
        {"feature map": str([[int(value) for value in row] for row in feature_map.tolist()])},
        "nine dot products by hand make the same 3×3 map." if same else "the dot products differ from the map.",
    )


@claim("utec2021", "Section II-A, Convolution", chapter="kernels")
def utec_filter_smaller(shape: Callable[..., tuple[int, int]] = convolution_shape) -> Finding:
    """A filter is always smaller than its input."""
    cases = {"as large: 5×5 on 5×5": (5, 0), "larger: 7×7 on 5×5, padding 1": (7, 1)}
    sizes = {}
    for name, (kernel, padding) in cases.items():
        try:
            sizes[name] = "×".join(map(str, shape((5, 5), kernel, 1, padding))) + " out"
        except ValueError:
            sizes[name] = "impossible"
    weight, image = torch.randn(4, 1, 5, 5), torch.randn(1, 1, 5, 5)
    linear = nn.Linear(25, 4, bias=False)
    linear.weight.data = weight.flatten(1)
    same = torch.allclose(functional.conv2d(image, weight).flatten(), linear(image.flatten()), atol=1e-5)
    always = all(size == "impossible" for size in sizes.values())
    return Finding(
        "a filter is always smaller than its input",
        HOLDS if always else FAILS,
        sizes | {"a kernel as large as the picture = a linear layer": "yes" if same else "no"},
        "usually, not always: it has to fit into the padded input. One that is as large as its input is a dense layer."
        if not always
        else "nothing else is possible.",
    )


@claim("utec2021", "Section II-A, Convolution", chapter="kernels")
def utec_pattern(kernel: Numbers = CROSS) -> Finding:
    """The filter detects the pattern that it is designed for."""
    patches = torch.tensor([[number >> bit & 1 for bit in range(9)] for number in range(512)], dtype=torch.float64)
    cross = torch.tensor(CROSS, dtype=torch.float64).flatten()
    answers = patches @ torch.tensor(kernel, dtype=torch.float64).flatten()
    own = (cross @ torch.tensor(kernel, dtype=torch.float64).flatten()).item()
    as_high = int((answers >= own).sum())
    return Finding(
        "a filter detects the pattern that it is designed for, here an X",
        HOLDS if as_high == 1 else IN_PART if (answers <= own).all() else FAILS,
        {
            "answer to the X": f"{own:g}",
            "answer to a patch that is white everywhere": f"{answers[-1]:g}",
            "patches of 512 that answer as high as the X": str(as_high),
        },
        "only the X itself answers so high."
        if as_high == 1
        else "the X answers highest, but not alone: without negative weights nothing speaks against more light."
        if (answers <= own).all()
        else "other patches answer higher than the X.",
    )


@claim("utec2021", "Section II-A, Polling, first point on Figure 6", chapter="kernels")
def utec_pooling_halves(size: int = 28) -> Finding:
    """Max-pooling 2×2 halves the size."""
    image = torch.rand(size, size)
    rows, columns = smaller(image)["max-pooling 2×2"].shape
    exact = 2 * rows == size
    return Finding(
        "after max-pooling in groups of 2×2 the picture has half its size",
        HOLDS if exact else IN_PART,
        {f"{size}×{size}": f"{rows}×{columns}", "numbers left": f"{100 * rows * columns / size**2:.0f} %"},
        "half the rows and half the columns; a quarter of the numbers."
        if exact
        else "an odd size loses its last row and column.",
    )


@claim("utec2021", "Section II-A, Polling, second point on Figure 6", chapter="kernels")
def utec_edges_intensified(image: Tensor | None = None) -> Finding:
    """After an edge filter and max-pooling the edges are not only kept, but intensified."""
    image = photograph("camera")[0] / 255 if image is None else image
    figures: dict[str, str] = {}
    rises, brighter, kept = [], [], []
    for name, kernel in EDGES.items():
        edges = filtered(image, kernel, 1).clamp(0, 1)
        pooled = smaller(edges)["max-pooling 2×2"]
        rises.append((pooled.mean() / edges.mean()).item())
        brighter.append(bool(pooled.max() > edges.max()))
        kept.append(bool(pooled.max() == edges.max()))
        figures[f"{name}: mean before → after"] = f"{edges.mean():.3f} → {pooled.mean():.3f}"
        figures[f"{name}: maximum before → after"] = f"{edges.max():.2f} → {pooled.max():.2f}"
    more = min(rises) > 1
    return Finding(
        "an edge filter and 2×2 max-pooling do not only keep the edges, they intensify them",
        HOLDS if more and all(brighter) else IN_PART if all(kept) and more else FAILS,
        figures,
        f"kept, yes. The mean rises by a factor of {min(rises):.1f} to {max(rises):.1f} because of every four numbers "
        "only the largest is kept; no number is larger than before. Edges take a larger share of a smaller picture."
        if more
        else "the mean does not rise.",
    )


@claim("utec2021", "Section II-A, first paragraph", chapter="kernels")
def utec_information_loss(image: Tensor | None = None) -> Finding:
    """Pooling reduces the data while it minimises the loss of information."""
    image = photograph("camera")[0] / 255 if image is None else image
    edges = filtered(image, EDGES["edges (Laplace)"], 1).clamp(0, 1)
    figures: dict[str, str] = {}
    ranks = []
    for what, original in (("photograph", image), ("its edges", edges)):
        errors = {
            name: (enlarged(small) - original).square().mean().item() for name, small in smaller(original).items()
        }
        ranks.append(sorted(errors.values()).index(errors["max-pooling 2×2"]))
        figures |= {f"{what}, {name}: MSE": f"{error:.4f}" for name, error in errors.items()}
    return Finding(
        "max-pooling makes the data smaller with the least loss of information",
        HOLDS if max(ranks) == 0 else FAILS if min(ranks) == 2 else IN_PART,
        figures,
        "enlarged back, the max-pooled picture is the worst of the three, worse than simply every second pixel; the "
        "average is the best single number for four that there is."
        if min(ranks) == 2
        else "max-pooling is best."
        if max(ranks) == 0
        else "it depends on the picture.",
    )


@claim("utec2021", "Section II-B", chapter="kernels")
def utec_sharpening(kernel: Numbers = SHARPEN) -> Finding:
    """3·5 − 2·4 = 7 and 1·5 − 2·4 = −3: the contrast grows, the picture is more refined."""
    answers = [
        filtered(torch.tensor([[0, 2, 0], [2, middle, 2], [0, 2, 0]], dtype=torch.float64), kernel).item()
        for middle in (3, 1)
    ]
    image = photograph("camera")[0] / 255
    noise = 0.05 * torch.randn(image.shape, generator=torch.Generator().manual_seed(0))
    soft = filtered(image, tuple(tuple(a * b / 16 for b in (1, 2, 1)) for a in (1, 2, 1)), 1)
    spoiled = {"as it is": image, "blurred": soft, "noisy": (image + noise).clamp(0, 1)}
    gains = {}
    for name, start in spoiled.items():
        end = filtered(start, kernel, 1).clamp(0, 1)
        gains[name] = ((start - image).square().mean().item(), (end - image).square().mean().item())
    right = answers == [7, -3]
    refined = all(after <= before for before, after in gains.values())
    return Finding(
        "the sharpening kernel turns 3 and 1 (among 2s) into 7 and −3: more contrast, a more refined picture",
        HOLDS if right and refined else IN_PART if right else FAILS,
        {
            "answers": f"{answers[0]:g} and {answers[1]:g}".replace("-", "−"),
            "difference": f"{3 - 1} → {answers[0] - answers[1]:g}",
            **{
                f"photograph {name}: MSE before → after": f"{before:.5f} → {after:.5f}"
                for name, (before, after) in gains.items()
            },
        },
        "the sum is right and the difference grows fivefold. But −3 is no brightness that a screen can show, and noise "
        "grows as contrast does: only the blurred photograph comes a little nearer to the true one."
        if right and not refined
        else "the sum is right, and every picture is improved."
        if right
        else "the sum is wrong.",
    )


@claim("utec2021", "Section II-C, item 1", chapter="kernels")
def utec_linear_gradient(steps: int = 300) -> Finding:
    """A linear activation is a problem for gradient descent, since its derivative is always one."""
    generator = torch.Generator().manual_seed(0)
    first, second = (torch.randn(8, 8, generator=generator, dtype=torch.float64) / 8**0.5 for _ in range(2))
    x = torch.randn(256, 8, generator=generator, dtype=torch.float64)
    collapsed = torch.allclose(x @ first @ second, x @ (first @ second))
    target = x @ torch.randn(8, 8, generator=generator, dtype=torch.float64)
    weights = [first.clone().requires_grad_(), second.clone().requires_grad_()]
    losses = []
    for _ in range(steps):
        loss = (x @ weights[0] @ weights[1] - target).square().mean()
        gradients = torch.autograd.grad(loss, weights)
        weights = [
            (weight - 0.1 * gradient).detach().requires_grad_()
            for weight, gradient in zip(weights, gradients, strict=True)
        ]
        losses.append(loss.item())
    trains = losses[-1] < 0.05 * losses[0]
    return Finding(
        "a linear activation makes gradient descent a problem, as its derivative is always one, and takes the net's "
        "non-linearity away",
        HOLDS if collapsed and not trains else IN_PART if collapsed else FAILS,
        {
            "two linear layers = one matrix": "yes" if collapsed else "no",
            f"loss of a linear net after {steps} steps, of the first": f"{100 * losses[-1] / losses[0]:.1f} %",
        },
        "the second half is the point: any number of linear layers is one matrix. Gradient descent has no trouble with "
        "a derivative of one; it finds the best matrix."
        if trains
        else "gradient descent does get stuck.",
    )


@claim("utec2021", "Section II-C, item 2", chapter="kernels")
def utec_step_gradient() -> Finding:
    """The step has derivative zero except at one point, where it is infinite."""
    x = torch.tensor([-2.0, -0.1, 0.1, 2.0], dtype=torch.float64, requires_grad=True)
    (slopes,) = torch.autograd.grad((0.0 * x + (x >= 0)).sum(), x)
    quotients = [
        ((torch.tensor(h) >= 0).double() - (torch.tensor(-h) >= 0).double()).item() / (2 * h)
        for h in (1e-1, 1e-3, 1e-6)
    ]
    flat, infinite = bool((slopes == 0).all()), quotients[0] < quotients[1] < quotients[2]
    return Finding(
        "the step function's gradient is zero everywhere but at one point, where it is infinite",
        HOLDS if flat and infinite else FAILS,
        {
            "derivative at −2, −0.1, 0.1, 2": ", ".join(f"{slope:g}" for slope in slopes.tolist()),
            "difference quotient around 0, h = 0.1, 0.001, 0.000001": ", ".join(f"{value:g}" for value in quotients),
        },
        "gradient descent gets no signal from it at all.",
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


@claim("utec2021", "Section II-C, Figure 8", chapter="kernels")
def utec_derivatives(
    functions: Mapping[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = FUNCTIONS,
) -> Finding:
    """Figure 8: nine activations with their derivatives (the ELU's as the authors' PDF has it)."""
    x = torch.linspace(-4, 4, 801, dtype=torch.float64)
    x = x[x != 0].requires_grad_()  # at their kink ReLU, PReLU and ELU with α ≠ 1 have no derivative
    wrong = []
    for name, (function, stated) in functions.items():
        (slope,) = torch.autograd.grad(function(x).sum(), x)
        if not torch.allclose(slope, stated(x.detach()), atol=1e-12):
            wrong.append(name)
    zero = torch.zeros(1, requires_grad=True)
    (at_zero,) = torch.autograd.grad(torch.relu(zero).sum(), zero)
    return Finding(
        "the table of nine activations gives their derivatives (Figure 8)",
        HOLDS if not wrong else IN_PART if len(wrong) < len(functions) else FAILS,
        {
            "derivatives that agree with autograd away from 0": f"{len(functions) - len(wrong)} of {len(functions)}",
            "ReLU at 0": f"the table says 1, PyTorch takes {at_zero.item():g}; there is none",
        },
        f"all but {', '.join(wrong)} are right." if wrong else "all are right wherever there is a derivative.",
    )


@claim("utec2021", "Section II-C, item 5", chapter="kernels")
def utec_tanh(function: Callable[[Tensor], Tensor] = torch.tanh) -> Finding:
    """tanh is simply a linear transformation of the logistic function."""
    x = torch.linspace(-6, 6, 241, dtype=torch.float64)

    def misfit(scale: float) -> float:
        """Largest error of the best a σ(scale · x) + b."""
        basis = torch.stack([torch.sigmoid(scale * x), torch.ones_like(x)], 1)
        fit = torch.linalg.lstsq(basis, function(x)[:, None]).solution
        return float((basis @ fit - function(x)[:, None]).abs().max())

    plain, doubled = misfit(1), misfit(2)
    return Finding(
        "tanh is just a linear transformation of the logistic function",
        HOLDS if plain < 1e-9 else IN_PART if doubled < 1e-9 else FAILS,
        {
            "largest error of the best a σ(x) + b": f"{plain:.2f}" if plain > 1e-9 else "0",
            "largest error of the best a σ(2x) + b": f"{doubled:.2f}" if doubled > 1e-9 else "0",
        },
        "the input has to be doubled as well: tanh x = 2σ(2x) − 1."
        if doubled < 1e-9 < plain
        else "so it is."
        if plain < 1e-9
        else "no such transformation fits.",
    )


@claim("utec2021", "Section II-C, item 6", chapter="kernels")
def utec_softmax(function: Callable[[Tensor], Tensor] | None = None) -> Finding:
    """Softmax maps K numbers to K numbers between zero and one whose sum is one."""
    function = function or (lambda z: torch.softmax(z, 0))
    z = torch.randn(7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    p = function(z)
    inside, one = bool(((p > 0) & (p < 1)).all()), abs(p.sum().item() - 1) < 1e-12
    jacobian = torch.autograd.functional.jacobian(function, z)
    formula = torch.allclose(jacobian, p.diag() - p.outer(p))
    return Finding(
        "softmax makes K numbers between zero and one with the sum one out of any K numbers",
        HOLDS if inside and one else FAILS,
        {
            "sum": f"{p.sum():.6f}",
            "derivative ∂pᵢ/∂zⱼ = pᵢ (δᵢⱼ − pⱼ)": "agrees with autograd" if formula else "does not agree",
            "unchanged when all z grow by 5": "yes" if torch.allclose(function(z + 5), p) else "no",
        },
        "so it does. Each output depends on every input, so its derivative is a matrix; and only differences count."
        if inside and one
        else "the outputs leave the range, or the sum is not one.",
    )


ACTIVATIONS: Mapping[str, tuple[type[nn.Module], str, float]] = {
    # name: module, how its weights are drawn so that the gradient keeps its size, and that draw's gain (for the
    # sigmoid, whose slope is at most 1/4 and whose mean is not 0, none does)
    "sigmoid": (nn.Sigmoid, "Xavier", 1.0),
    "tanh": (nn.Tanh, "Xavier", 1.0),
    "ReLU": (nn.ReLU, "He", math.sqrt(2)),
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


@claim("utec2021", "Section IV, item 3, as the authors’ PDF ends it", chapter="kernels")
def utec_vanishing(depth: int = 14) -> Finding:
    """ReLU is recommended because its derivative does not vanish (the authors' PDF, conclusions)."""
    default = {name: gradient_ratio(module, depth, None) for name, (module, _, _) in ACTIVATIONS.items()}
    fitting = {name: gradient_ratio(module, depth, gain) for name, (module, _, gain) in ACTIVATIONS.items()}
    keeps = fitting["ReLU"] > 0.1
    alone = keeps and fitting["tanh"] < 0.1 and default["ReLU"] > 0.1

    def power(value: float) -> str:
        return f"{value:.1f}" if value > 0.05 else f"about 10^{math.log10(value):.0f}"

    return Finding(
        "ReLU is to be recommended because its derivative does not vanish",
        HOLDS if alone else IN_PART if keeps else FAILS,
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
        "against the sigmoid, yes. But it is the weights as much as the function: with PyTorch's own initial weights "
        "the gradient of a deep ReLU net vanishes too, and with fitting ones tanh keeps it as well at the start."
        if keeps and not alone
        else "only ReLU keeps it."
        if keeps
        else "it vanishes for ReLU as well.",
    )


@claim("utec2021", "Section I; Section III-D, Cuadro I", chapter="super-resolution")
def utec_transforms(rows: Rows | None = None) -> Finding:
    """A model based on autoencoders can turn pictures of low resolution into ones of high resolution."""
    rows = rows or _enlarged()
    ahead = {name: above(rows[f"4/{name}"], rows[f"4/{BEST}"]) for name in TILED}
    wins = {
        name: sum(net > bar for net, bar in zip(rows[f"4/{name}"]["photographs"], _bar(rows), strict=True))
        for name in TILED
    }
    better = [name for name in AS_TRAINED if ahead[name].low > 0]
    rest = f"of {len(_bar(rows))} photographs"
    factors = ", ".join(f"{rows[f'{factor}/bicubic']['mse'][0]:.4f}" for factor in (2, 3, 4, 8))
    return Finding(
        "a model based on autoencoders can turn pictures of low resolution into pictures of high resolution",
        HOLDS if len(better) == len(AS_TRAINED) else IN_PART if better else UNDECIDED,
        {
            "MSE reported for 2, 3, 4 layers (factor and set not said)": ", ".join(REPORTED.values()),
            "MSE of the input itself, bicubic, for factors 2, 3, 4, 8": factors,
        }
        | {f"MSE of what comes out for 4, {net}": f"{rows[f'4/{name}']['mse'][0]:.4f}" for name, net in TILED.items()}
        | {
            f"PSNR minus that of Lanczos, {net}": f"{ahead[name].signed('dB')}, above it on {wins[name]} {rest}"
            for name, net in TILED.items()
        },
        "with the authors’ epochs, on our photographs and for a factor of 4, "
        + (
            "every net is above the best interpolation."
            if len(better) == len(AS_TRAINED)
            else f"above the best interpolation: {' and '.join(AS_TRAINED[name] for name in better)}."
            if better
            else "no net is told above the best interpolation. Their factor, their pictures and the number of their "
            "steps are not known, so this does not tell of their own nets."
        ),
        {
            HOLDS: "the interval of PSNR minus Lanczos’s, over photographs and seeds, lies above 0 for two, three and "
            "four layers with the authors’ epochs (10, 10, 60)",
            IN_PART: "it does for some of them",
            UNDECIDED: "it does for none: factor, pictures and steps are ours",
        },
    )


@claim("utec2021", "Section III-A, last paragraph but one; Section III-D, Cuadro I", chapter="super-resolution")
def utec_deeper(errors: Errors | None = None) -> Finding:
    """The more layers, the smaller the error."""
    errors = errors or {name: _late(name) for name in (BASE, *DEPTHS)}
    against = {name: one_against_seeds(errors[name][0], errors[BASE]) for name in DEPTHS if name != "utec-3-long"}
    two, four = against["utec-2"], against["utec-4"]
    steps = [two.low > 0, four.high < 0]  # from two to three layers, from three to four
    wrong = [two.high < 0, four.low > 0]
    long = [errors[f"utec-{depth}-long"][0] for depth in (3, 4)]
    return Finding(
        "the net with more layers reaches the smaller mean squared error (2, 3 and 4 layers: "
        f"{', '.join(REPORTED.values())})",
        HOLDS if all(steps) else IN_PART if any(steps) else FAILS if any(wrong) else UNDECIDED,
        {
            f"2, 3, 4 layers with the authors’ codes, ten epochs each, validation MSE of the last {LATE}": ", ".join(
                f"{sum(errors[name]) / len(errors[name]):.5f}" for name in ("utec-2", BASE, "utec-4")
            ),
            "2 layers − 3 layers": str(two),
            "4 layers − 3 layers": str(four),
            "2 layers − 3 layers, codes of 512 numbers": str(against["utec-2-code-512"]),
            "4 layers − 3 layers, codes of 512 numbers": str(against["utec-4-code-512"]),
            "3 and 4 layers after 60 epochs, one run each": ", ".join(f"{error:.5f}" for error in long),
        },
        f"after ten epochs each, two layers are {_compared(two)} three, and four are {_compared(four)} three; the "
        "authors’ own table ties three and four.",
        {
            HOLDS: "the interval of 2 − 3 layers lies above 0 and that of 4 − 3 below it (ten epochs, the authors’ "
            "codes; a single run against the spread of five seeds)",
            IN_PART: "one of the two does",
            FAILS: "none does, and one lies on the other side of 0",
            UNDECIDED: "both hold 0",
        },
    )


@claim("utec2021", "Section IV, item 1", chapter="super-resolution")
def utec_several_layers(rows: Rows | None = None) -> Finding:
    """To recover pictures of high quality is complex, so several layers are to be recommended."""
    rows = rows or _enlarged()
    maps = {name: row for name, row in rows.items() if name.startswith("4/linear-")}
    one = max(maps, key=lambda name: maps[name]["validation"])
    side = one.rpartition("-")[2]
    several = above(rows["4/super-resolver-4"], rows[one])
    theirs = above(rows["4/utec-3-long"], rows[one])
    return Finding(
        "to recover pictures of high quality is a complex task, so several layers are to be recommended",
        HOLDS if several.low > 0 else UNDECIDED,
        {
            f"PSNR minus that of the best single layer (linear, {side}×{side}), our small net": several.signed("dB"),
            "the same, the authors’ three layers after 60 epochs": theirs.signed("dB"),
        },
        "on our photographs, for a factor of 4, a net of several layers is ahead of the best linear map of one, whose "
        "window was chosen on validation."
        if several.low > 0
        else "no net of ours with several layers is told ahead of the best linear map of one.",
        {
            HOLDS: "the interval of the small net’s PSNR minus that of the best linear map of one layer lies above 0",
            UNDECIDED: "it does not: another net might",
        },
    )


@claim("utec2021", "Section IV, item 2", chapter="super-resolution")
def utec_kernels(errors: Errors | None = None) -> Finding:
    """Changing the kernels plays a very important role."""
    errors = errors or _errors(BASE, *KERNELS, *KERNELS_AND_STRIDE)
    changes = {name: one_against_seeds(errors[name][0], errors[BASE]) for name in (*KERNELS, *KERNELS_AND_STRIDE)}
    certain = [changes[name].excludes_zero() for name in KERNELS]
    return Finding(
        "to change the kernels plays a very important role in making out details",
        HOLDS if all(certain) else IN_PART if any(certain) else UNDECIDED,
        {"kernel 4, stride 2, 64–128–256 kernels: test MSE": str(over_seeds(errors[BASE]))}
        | {f"{_called(name)}: more by": str(change) for name, change in changes.items()},
        f"{sum(certain)} of the {len(certain)} changes that leave the stride alone move the error by more than another "
        f"seed may{_listed(name for name, sure in zip(KERNELS, certain, strict=True) if sure)}. The kernels of 6 come "
        "with another stride, so what they cost need not be the kernels’ doing.",
        {
            HOLDS: "the intervals of all changes that leave the stride alone miss 0 (a single run against the spread "
            "of five seeds)",
            IN_PART: "some miss it",
            UNDECIDED: "all hold 0",
        },
    )


@claim("utec2021", "Section III-B", chapter="super-resolution")
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


@claim("utec2021", "Section IV, item 3", chapter="super-resolution")
def utec_relu(errors: Errors | None = None) -> Finding:
    """Functions of the ReLU type are to be recommended."""
    errors = errors or _errors(BASE, *OTHER_ACTIVATIONS)
    changes = {name: one_against_seeds(errors[name][0], errors[BASE]) for name in OTHER_ACTIVATIONS}
    worse = [changes[name].low > 0 for name in ("utec-tanh", "utec-sigmoid")]
    return Finding(
        "among many activations those of the ReLU type are to be recommended",
        IN_PART if all(worse) else UNDECIDED,
        {"ReLU: test MSE": str(over_seeds(errors[BASE]))}
        | {f"{_called(name)}: more by": str(change) for name, change in changes.items()},
        "after ten epochs at one learning rate "
        + ", ".join(
            f"{_called(name)} is {_compared(change, 'better than ReLU', 'worse than ReLU', 'not told from ReLU')}"
            for name, change in changes.items()
        )
        + "; where a longer training ends is not known.",
        {
            IN_PART: "the intervals of tanh − ReLU and of sigmoid − ReLU lie above 0 (single runs against the spread "
            "of five seeds), which asks for our ten epochs and one rate",
            UNDECIDED: "one of them does not",
        },
    )


@claim("utec2021", "Section I", chapter="super-resolution")
def utec_exhaustive(reported: Mapping[str, int] | None = None) -> Finding:
    """Exhaustive tests of sizes, numbers and normalisation: those of which the report gives an error."""
    reported = reported or {
        "size of the convolutions": 0,
        "number of kernels": 0,
        "number of convolutional layers": len(REPORTED),
        "pooling layers": 0,
        "normalisation": 0,
    }
    given = [name for name, count in reported.items() if count]
    return Finding(
        "exhaustive tests of the size of the convolutions, the number of kernels, the number of layers (convolution "
        "and pooling), and of normalisation",
        HOLDS if len(given) == len(reported) else IN_PART if given else FAILS,
        {f"errors reported, {name}": str(count) for name, count in reported.items()},
        f"errors are reported for {len(given)} of {len(reported)}{': the ' if given else ''}{' and the '.join(given)}.",
        {
            HOLDS: "an error is reported for each of the things named",
            IN_PART: "for some of them",
            FAILS: "for none of them",
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
    """Both tables of super-resolution; the first is the whole one where both have a row."""
    return load_run("super-resolution-equal-terms").scores["test"] | load_run("super-resolution").scores["test"]


def _bar(rows: Rows) -> Sequence[float]:
    photographs: Sequence[float] = rows[f"4/{BEST}"]["photographs"]
    return photographs


def _errors(*names: str) -> dict[str, list[float]]:
    return {name: scores(name) for name in names}


def _late(name: str) -> list[float]:
    """Validation error of each seed, the mean of the last epochs."""
    curves = [run.record["curves"]["epochs"]["validation"] for run in load_runs(name)]
    return [sum(curve[-LATE:]) / LATE for curve in curves]


def _compared(
    change: Interval, better: str = "better than", worse: str = "worse than", same: str = "not told from"
) -> str:
    return worse if change.low > 0 else better if change.high < 0 else same


def _listed(names: Iterable[str]) -> str:
    called = " and ".join(_called(name) for name in names)
    return f" ({called})" if called else ""


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

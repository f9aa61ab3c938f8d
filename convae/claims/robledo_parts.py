"""Claims of robledo2021's section on the parts of the net: convolution, pooling, ReLU."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import nn
from torch.nn import functional

from convae.arithmetic.shapes import convolution_parameters, convolution_size, multiply_adds, pooling_size
from convae.arithmetic.tracing import trace
from convae.claims.finding import FAILS, HOLDS, IN_PART, Finding
from convae.data.embedded import digits
from convae.experiments.results import Loader, score_difference, score_interval
from convae.experiments.runs import load_run, load_runs
from convae.models import Autoencoder, robledo_max_pool, robledo_three_layer, robledo_two_layer

SOURCE = "robledo2021"
NETS = {
    "robledo-two-layer": robledo_two_layer,
    "robledo-three-layer": robledo_three_layer,
    "robledo-max-pool": robledo_max_pool,
}


def robledo_lower_dimension(nets: Mapping[str, Callable[[], Autoencoder]] = NETS) -> Finding:
    """The encoder returns a representation of lower dimension."""
    sizes = {name: build().encode(torch.zeros(1, 1, 28, 28)).numel() for name, build in nets.items()}
    return Finding(
        SOURCE,
        "the encoder returns a representation of lower dimension than the picture",
        HOLDS if max(sizes.values()) < 784 else FAILS,
        {f"numbers in the code of {name}": f"{size} of 784" for name, size in sizes.items()},
        "all codes of the report are smaller than the picture. (Codes need not be: there are overcomplete ones.)",
    )


def robledo_cross_correlation(turn: bool = False) -> Finding:
    """The filters are applied by cross-correlation.

    Args:
        turn: Look at a layer that turns its kernel, as a convolution in the mathematical sense does.
    """
    generator = torch.Generator().manual_seed(0)
    image, kernel = (torch.randn(side, side, generator=generator, dtype=torch.float64) for side in (7, 3))
    output = functional.conv2d(image[None, None], (kernel.flip(0, 1) if turn else kernel)[None, None])[0, 0]
    places = [(row, column) for row in range(5) for column in range(5)]
    sums = {
        name: all(torch.isclose(output[r, c], (image[r : r + 3, c : c + 3] * each).sum()) for r, c in places)
        for name, each in {"as it is": kernel, "turned by 180°": kernel.flip(0, 1)}.items()
    }
    plain = sums["as it is"]
    return Finding(
        SOURCE,
        "a convolutional layer applies its filters by cross-correlation",
        HOLDS if plain else FAILS,
        {
            f"PyTorch's layer multiplies the picture by the kernel {name}": "yes" if s else "no"
            for name, s in sums.items()
        },
        "well said. A convolution in the mathematical sense would turn the kernel first."
        if plain
        else "the kernel is turned first.",
    )


def robledo_weights_formula(formula: Callable[[int, int, int], int] | None = None) -> Finding:
    """K²·C·N weights and N biases (equations 1 and 2)."""
    formula = formula or (
        lambda kernel, channels_in, channels_out: kernel**2 * channels_in * channels_out + channels_out
    )
    settings = [(kernel, c, n) for kernel in (1, 3, 5) for c in (1, 3, 16) for n in (1, 8, 32)]
    right = sum(
        formula(kernel, c, n)
        == sum(p.numel() for p in nn.Conv2d(c, n, kernel).parameters())
        == convolution_parameters(c, n, kernel)
        for kernel, c, n in settings
    )
    return Finding(
        SOURCE,
        "a convolutional layer has K²·C·N weights and N biases (equations 1 and 2)",
        HOLDS if right == len(settings) else FAILS,
        {"settings in which PyTorch's layer has as many": f"{right} of {len(settings)}"},
        "for any kernel, input and output channels." if right == len(settings) else "it miscounts.",
    )


def robledo_stride_halves(kernel: int = 3) -> Finding:
    """Stride 1 keeps the size, stride 2 halves it; the padding of 1 is mentioned where the border is a problem."""
    sizes = {
        (stride, padding): convolution_size(28, kernel, stride, padding) for stride in (1, 2) for padding in (0, 1)
    }
    without, with_one = (all(sizes[stride, padding] == 28 // stride for stride in (1, 2)) for padding in (0, 1))
    return Finding(
        SOURCE,
        "with stride 1 the maps have the size of the picture, with stride 2 half of it; a padding of 1 mends borders",
        HOLDS if without else IN_PART if with_one else FAILS,
        {f"28×28, stride {stride}, padding {padding}": f"{size}×{size}" for (stride, padding), size in sizes.items()},
        "right with a padding of 1, for stride 1 too, where the text does not mention it."
        if with_one and not without
        else "right without any padding."
        if without
        else "a padding of 1 is not the right one for this kernel.",
    )


def robledo_pooling_size(cases: tuple[tuple[int, int], ...] = ((28, 2), (28, 3), (9, 3))) -> Finding:
    """Pooling p×p makes n/p × n/p of n×n."""
    sizes = {(n, p): pooling_size(n, p) for n, p in cases}
    whole = [size * p == n for (n, p), size in sizes.items()]
    return Finding(
        SOURCE,
        "max-pooling of p×p makes (n/p)×(n/p) of n×n",
        HOLDS if all(whole) else IN_PART if any(whole) else FAILS,
        {f"n = {n}, p = {p}": f"n/p = {n / p:.4g}, the map has {size}" for (n, p), size in sizes.items()},
        "if p divides n, as in all cases here."
        if all(whole)
        else "if p divides n; otherwise it is ⌊n/p⌋, and the last rows and columns are not read. The report's own "
        "net pools 28 by 3.",
    )


def robledo_figure_two(stated: int = 16) -> Finding:
    """The caption of Figure 2 speaks of 16 maps, the text of 8 kernels."""
    layer = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.MaxPool2d(2))
    channels, rows, columns = layer(torch.zeros(1, 1, 28, 28)).shape[1:]
    return Finding(
        SOURCE,
        f"Figure 2 shows the {stated} maps, 14×14, of the first layer with 2×2 pooling",
        HOLDS if channels == stated else FAILS,
        {"8 kernels 3×3, stride 1, padding 1, max-pooling 2×2": f"{channels} maps of {rows}×{columns}"},
        "the size is right, the number contradicts the text, which has 8 kernels; most likely a slip in the caption."
        if channels != stated
        else "the number is right.",
    )


def robledo_same_reduction(settings: tuple[int, int, int] = (2, 1, 2)) -> Finding:
    """A suitable stride makes a picture as small as stride 1 with pooling does.

    Args:
        settings: Stride and padding of the strided layer, and the pooling of the other, whose padding is 1.
    """
    stride, padding, pool = settings
    sizes = {
        n: (convolution_size(n, 3, stride, padding), pooling_size(convolution_size(n, 3, 1, 1), pool))
        for n in (28, 27, 14, 9)
    }
    same = [a == b for a, b in sizes.values()]
    return Finding(
        SOURCE,
        "stride 1 with max-pooling makes the picture as small as a convolution with a suitable stride",
        HOLDS if all(same) else IN_PART if any(same) else FAILS,
        {f"{n}×{n}": f"stride {stride}: {a}×{a}; pooling {pool}: {b}×{b}" for n, (a, b) in sizes.items()},
        "the same for every size."
        if all(same)
        else "for even sizes, the report's 28 among them; an odd one becomes one pixel larger under the stride, as the "
        "padding lets the last kernel fit.",
    )


def robledo_pooling_fewer_parameters(count: Callable[[nn.Module], int] | None = None) -> Finding:
    """A smaller map means fewer parameters to fit."""
    count = count or (lambda model: sum(parameter.numel() for parameter in model.parameters()))
    pooled, strided = count(robledo_max_pool()), count(robledo_two_layer())
    plain, small = (nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), *extra) for extra in ([], [nn.MaxPool2d(2)]))
    conv = count(plain), count(small)
    dense = count(nn.Linear(8 * 28 * 28, 10)), count(nn.Linear(8 * 14 * 14, 10))
    return Finding(
        SOURCE,
        "max-pooling reduces the dimension and with it the number of parameters to fit",
        HOLDS if conv[1] < conv[0] else IN_PART if dense[1] < dense[0] else FAILS,
        {
            "a convolution, without and with pooling behind it": f"{conv[0]} and {conv[1]} parameters",
            "a linear layer with 10 outputs behind that": f"{dense[0]:,} and {dense[1]:,} parameters",
            "the report's max-pool net and its strided one": f"{pooled:,} and {strided:,} parameters",
        },
        "a convolution has as many parameters on a small map as on a large one. Only a linear layer behind it would "
        "get smaller, and this net has none."
        if conv[1] == conv[0]
        else "the parameters get fewer.",
    )


def robledo_pooling_free(pool: int = 3) -> Finding:
    """Max-pooling comes free of cost: it adds no parameters."""
    parameters = sum(p.numel() for p in nn.MaxPool2d(pool).parameters())
    products = {
        name: sum(layer.multiply_adds for layer in trace(NETS[name]().encoder, (1, 28, 28)))
        for name in ("robledo-two-layer", "robledo-max-pool")
    }
    dearer = products["robledo-max-pool"] / products["robledo-two-layer"]
    one = [multiply_adds(1, 8, 3, (places, places)) for places in (convolution_size(28, 3, 2, 1), 28)]
    return Finding(
        SOURCE,
        "max-pooling is free of cost, as it adds no parameters",
        FAILS if parameters else HOLDS if dearer <= 1 else IN_PART,
        {
            "parameters of the pooling": str(parameters),
            "products, 8 kernels 3×3 on 28×28, stride 2": f"{one[0]:,}",
            "the same, stride 1 with pooling 2×2": f"{one[1]:,} and {3 * 8 * 14 * 14:,} comparisons",
            "products in the encoder, strided net": f"{products['robledo-two-layer']:,}",
            "products in the encoder, max-pool net": f"{products['robledo-max-pool']:,}",
        },
        f"it adds no parameters, but the convolution before it has to compute all that the pooling throws away: "
        f"{dearer:.0f} times the multiplications of the strided net.",
    )


def robledo_learnt_pooling(wanted: Mapping[str, Callable[[torch.Tensor], torch.Tensor]] | None = None) -> Finding:
    """With a stride the net itself learns the suitable pooling.

    Args:
        wanted: What of four numbers [N, 4] to learn, by name; [N] each.
    """
    wanted = wanted or {
        "the average": lambda windows: windows.mean(1),
        "the first (every second pixel)": lambda windows: windows[:, 0],
        "the maximum": lambda windows: windows.amax(1),
    }
    windows = torch.rand(4000, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    inputs = torch.cat([windows, torch.ones(4000, 1, dtype=torch.float64)], 1)
    missed = {}
    for name, pool in wanted.items():
        target = pool(windows)[:, None]
        fitted = inputs @ torch.linalg.lstsq(inputs, target).solution
        missed[name] = ((fitted - target).var() / target.var()).item()
    learnt = [share < 1e-9 for share in missed.values()]
    return Finding(
        SOURCE,
        "a convolution with a stride lets the net learn which pooling suits, where max-pooling prescribes one",
        HOLDS if all(learnt) else IN_PART if any(learnt) else FAILS,
        {
            f"random windows: variance that the best 2×2 kernel of stride 2 misses of {name}": f"{100 * share:.0f} %"
            for name, share in missed.items()
        },
        "any weighted mean of a window, yes; never the maximum, which is not linear. Stride and maximum are different "
        "families, neither contains the other."
        if not all(learnt)
        else "all of these are weighted sums.",
    )


def robledo_relu_eases(runs: Loader = load_runs) -> Finding:
    """ReLU makes training much easier, and normally the result better."""
    others = {"sigmoid": "robledo-sigmoid", "tanh": "robledo-tanh", "no activation": "robledo-linear"}
    relu = "robledo-two-layer"
    differences = {name: score_difference(recipe, relu, runs=runs) for name, recipe in others.items()}
    better = [difference.low > 0 for difference in differences.values()]
    behind = [name for name, difference in differences.items() if difference.low > 0]
    ahead = [name for name, difference in differences.items() if difference.high < 0]
    return Finding(
        SOURCE,
        "ReLU makes training much easier and normally the result better",
        HOLDS if all(better) else IN_PART if any(better) else FAILS,
        {
            "MSE, ReLU": str(score_interval(relu, runs=runs)),
            **{f"MSE, {name}": str(score_interval(recipe, runs=runs)) for name, recipe in others.items()},
            **{f"{name} − ReLU, paired by seed": str(difference) for name, difference in differences.items()},
        },
        " ".join(
            [
                f"ReLU ends below {_listed(behind)}." if behind else "ReLU ends below none of the others.",
                *(
                    [f"{_listed(ahead).capitalize()} {'ends' if len(ahead) == 1 else 'end'} below ReLU."]
                    if ahead
                    else []
                ),
                "With two convolutions there is no depth in which a gradient could vanish.",
            ]
        ),
    )


def robledo_relu_sparse(weights: Mapping[str, nn.Module] | None = None) -> Finding:
    """ReLU allows a sparse representation of the parameters."""
    models = weights or {name: load_run(name).model() for name in NETS}
    pictures = digits()[1][:200].all().images
    figures, empty, silent = {}, [], []
    for name, model in models.items():
        numbers = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
        empty.append((numbers == 0).float().mean().item())
        zeros, total = 0, 0

        def count(_: nn.Module, __: object, output: torch.Tensor) -> None:
            nonlocal zeros, total
            zeros, total = zeros + int((output == 0).sum()), total + output.numel()

        handles = [layer.register_forward_hook(count) for layer in model.modules() if isinstance(layer, nn.ReLU)]
        with torch.no_grad():
            model(pictures)
        for handle in handles:
            handle.remove()
        silent.append(zeros / total)
        figures[f"{name}: parameters that are zero"] = f"{100 * empty[-1]:.0f} %"
        figures[f"{name}: numbers behind a ReLU that are zero"] = f"{100 * silent[-1]:.0f} %"
    return Finding(
        SOURCE,
        "ReLU allows a sparse representation of the parameters",
        HOLDS if min(empty) > 0.5 else FAILS,
        figures,
        "no parameter is zero; what a ReLU makes zero are activations. And here it is a minority of those: "
        f"{100 * min(silent):.0f} to {100 * max(silent):.0f} %."
        if max(empty) < 0.01
        else "some parameters are zero.",
    )


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


ROBLEDO_PARTS = (
    robledo_lower_dimension,
    robledo_cross_correlation,
    robledo_weights_formula,
    robledo_stride_halves,
    robledo_pooling_fewer_parameters,
    robledo_pooling_size,
    robledo_figure_two,
    robledo_same_reduction,
    robledo_pooling_free,
    robledo_learnt_pooling,
    robledo_relu_eases,
    robledo_relu_sparse,
)

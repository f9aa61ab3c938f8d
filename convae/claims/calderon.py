"""Claims of calderon2019 §2.1: upsampling and the transposed convolution, with its worked example."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, zip_longest

import torch
from torch import Tensor
from torch.nn import functional

from convae.arithmetic.shapes import convolution_matrix, convolution_size, transposed_size
from convae.arithmetic.tracing import trace
from convae.claims.finding import FAILS, HOLDS, IN_PART, Finding
from convae.experiments.runs import Run, load_run
from convae.experiments.transposed_convolution import apply_kernel, interpolate
from convae.measures.intervals import over_seeds
from convae.models import Autoencoder, binomial, robledo_three_layer, robledo_two_layer

SOURCE = "calderon2019"
U = torch.tensor([[4.0, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]], dtype=torch.float64)
F = torch.tensor([[1.0, 4, 1], [1, 4, 3], [3, 3, 1]], dtype=torch.float64)
Y = torch.tensor([[122.0, 148], [126, 134]], dtype=torch.float64)
PRINTED_U = (4, 5, 8, 7, 1, 8, 8, 3, 6, 6, 4, 6, 5, 7, 8)  # the vector as the text has it


def example_matrix() -> Tensor:
    """F̃ of the worked example, [4, 16]: a convolution with F as a matrix for pictures of 4×4."""
    return convolution_matrix(F[None, None], (4, 4)).to_dense()


def calderon_example(stated: Tensor = Y) -> Finding:
    """U * F = Y, entry by entry."""
    plain, turned = (functional.conv2d(U[None, None], f[None, None])[0, 0] for f in (F, F.flip(0, 1)))
    agrees, agrees_turned = bool(plain.equal(stated)), bool(turned.equal(stated))
    return Finding(
        SOURCE,
        f"for the worked example, U ∗ F = {_text(stated)}, each entry a dot product of a window of U with F",
        HOLDS if agrees else IN_PART if agrees_turned else FAILS,
        {"F as it is (cross-correlation)": _text(plain), "F turned by 180° (convolution)": _text(turned)},
        "the four numbers are right, and F is not turned: what is computed is a cross-correlation, as in PyTorch."
        if agrees
        else "F has been turned."
        if agrees_turned
        else "the numbers are others.",
    )


def calderon_stride(stated: int = 2) -> Finding:
    """The stride of the example is 4 − 3 + 1 = 2."""
    sizes = {stride: convolution_size(4, 3, stride) for stride in (1, 2)}
    fitting = [stride for stride, size in sizes.items() if size == 2]
    return Finding(
        SOURCE,
        f"with m = 4 and k = 3 the stride is 4 − 3 + 1 = {stated} (one sentence before, it is 1)",
        HOLDS if fitting == [stated] else FAILS,
        {f"4×4, kernel 3×3, stride {stride}": f"{size}×{size}" for stride, size in sizes.items()},
        "4 − 3 + 1 = 2 is the size of the output; the stride that gives it is 1, as the sentence before says.",
    )


def calderon_size_formula(round_down: bool = False) -> Finding:
    """The output has (m − k + 2c)/p + 1 rows, without a floor."""
    right = whole = total = 0
    for m in range(1, 33):
        for k in range(1, 8):
            for c in range(4):
                for p in range(1, 5):
                    if m + 2 * c < k:
                        continue
                    size = (m - k + 2 * c) // p + 1 if round_down else (m - k + 2 * c) / p + 1
                    total, whole = total + 1, whole + ((m - k + 2 * c) % p == 0)
                    right += size == convolution_size(m, k, p, c)
    robledo = (28 - 3) / 3 + 1
    return Finding(
        SOURCE,
        "the side of the output is (m − k + 2c)/p + 1",
        HOLDS if right == total else IN_PART if right >= whole else FAILS,
        {
            "settings with m ≤ 32, k ≤ 7, c ≤ 3, p ≤ 4": f"{total:,}",
            "in which the formula agrees with PyTorch's size": f"{right:,}",
            "in which the division leaves no remainder": f"{whole:,}",
            "the first layer of robledo2021 (m = 28, k = 3, c = 0, p = 3)": f"{robledo:.3g}, PyTorch has 9",
        },
        "right in every setting."
        if right == total
        else "right where the division leaves no remainder; otherwise it has to be rounded down.",
    )


def calderon_vector(printed: Sequence[int] = PRINTED_U) -> Finding:
    """u has 16 entries."""
    whole = [int(value) for value in U.flatten()]
    missing = next((place for place, pair in enumerate(zip_longest(whole, printed)) if pair[0] != pair[1]), None)
    return Finding(
        SOURCE,
        "U, written as the column u, has 16 entries",
        HOLDS if list(printed) == whole else FAILS,
        {"entries printed": str(len(printed)), "entries of U": str(len(whole))},
        "it is all there."
        if missing is None
        else f"entry {missing + 1} is missing, one of the three {whole[missing]}s in the second row of U.",
    )


def calderon_matrix(rows: int = 4, columns: int = 16) -> Finding:
    """F̃ is 4×16, and its first row is zero at the last row and the last column of the picture."""
    matrix = example_matrix()
    picture = matrix[0].view(4, 4)
    empty = not picture[3].any() and not picture[:, 3].any()
    shape = tuple(matrix.shape) == (rows, columns)
    return Finding(
        SOURCE,
        f"F becomes a matrix F̃ of {rows}×{columns} whose first row is zero at the last row and column of the picture",
        HOLDS if shape and empty else IN_PART if shape or empty else FAILS,
        {
            "F̃": "×".join(map(str, matrix.shape)),
            "its first row as a picture": _text(picture),
            "entries that are not zero": f"{int((matrix != 0).sum())} of {matrix.numel()}",
            "weights that they come from": f"{F.numel()}, each in every row of F̃",
        },
        "row by row F̃ holds the kernel at the place where it lies for that output.",
    )


def calderon_product(result: str = "u") -> Finding:
    """F̃ u = u, as the text has it."""
    product = example_matrix() @ U.flatten()
    is_y = bool(product.equal(Y.flatten()))
    return Finding(
        SOURCE,
        f"F̃ u = {result}",
        HOLDS if is_y == (result == "y") else FAILS,
        {"F̃ u": _text(product), "y": _text(Y.flatten()), "u has": "16 entries"},
        "F̃ u is y, as the words before the formula say; the formula has a slip."
        if result != "y"
        else "the matrix does what the convolution does.",
    )


def calderon_obtains_u(back: Callable[[Tensor, Tensor], Tensor] | None = None) -> Finding:
    """From y the original U is obtained, by F̃ᵀ y."""
    matrix = example_matrix()
    back = back or (lambda matrix, y: matrix.T @ y)
    returned = back(matrix, Y.flatten())
    nearest = torch.linalg.pinv(matrix) @ Y.flatten()
    same = bool(torch.allclose(returned, U.flatten()))
    other = U.flatten() + torch.linalg.svd(matrix).Vh[-1] * 10  # a picture of which F̃ makes the same y
    return Finding(
        SOURCE,
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
        "F̃ᵀ y has the shape of U and not its numbers. The transpose is no inverse, and there is none: four numbers "
        "cannot hold sixteen, and different pictures have the same y."
        if not same
        else "it comes back.",
    )


def calderon_one_to_nine(kernel: Tensor = F) -> Finding:
    """One value is associated with nine."""
    matrix = convolution_matrix(kernel[None, None], (4, 4)).to_dense()
    reads, reached = (matrix != 0).sum(1), (matrix != 0).sum(0)
    nine = bool((reads == 9).all())
    return Finding(
        SOURCE,
        "upsampling has to associate one value of U with nine values of F, where the convolution made one of nine",
        IN_PART if nine else FAILS,
        {
            "entries of U that one entry of Y reads": _span(reads),
            "entries of U that F̃ᵀ reaches from one entry of Y": _span(reads),
            "entries of Y that meet in one entry of U on the way back": _span(reached),
        },
        "one to nine is right, but from Y to U: the nine are pixels of U, reached through the nine weights of F. And "
        "in most pixels more than one of them meet."
        if nine
        else "some weights are zero, so fewer than nine are connected.",
    )


def calderon_connectivity(transpose: Callable[[Tensor], Tensor] | None = None) -> Finding:
    """The transposed convolution keeps the connections of the convolution, and has its name from that."""
    matrix = example_matrix()
    by_layer = torch.stack(
        [functional.conv_transpose2d(unit.view(1, 1, 2, 2), F[None, None]).flatten() for unit in torch.eye(4).double()],
        1,
    )
    expected = (transpose or (lambda matrix: matrix.T))(matrix)
    same = bool(by_layer.equal(expected))
    return Finding(
        SOURCE,
        "the transposed convolution keeps the connections of the convolution (9 to 1 becomes 1 to 9); hence its name",
        HOLDS if same else FAILS,
        {
            "matrix of PyTorch's transposed layer equals F̃ᵀ": "yes" if same else "no",
            "connections of the convolution": str(int((matrix != 0).sum())),
            "connections of its transpose": str(int((by_layer != 0).sum())),
        },
        "each connection is run through in the other direction, with the same weight."
        if same
        else "the matrix is another one.",
    )


def calderon_not_a_transposed_result(kernel: Tensor = F) -> Finding:
    """One does not have to compute a convolution and transpose it."""
    layer = functional.conv_transpose2d(Y[None, None], kernel[None, None])[0, 0]
    padded = functional.conv2d(Y[None, None], kernel[None, None], padding=2)[0, 0]
    different = not layer.allclose(padded.T)
    return Finding(
        SOURCE,
        "the name misleads: it does not mean to compute a convolution and to transpose the result",
        HOLDS if different else FAILS,
        {"transposed convolution of Y": _text(layer), "Y convolved (padding 2), then transposed": _text(padded.T)},
        "what is transposed is the matrix." if different else "for this kernel both are the same.",
    )


def calderon_other_names(inverse_exists: bool | None = None) -> Finding:
    """It is called deconvolution or fractionally strided convolution."""
    generator = torch.Generator().manual_seed(0)
    image, kernel = (torch.randn(1, 1, side, side, generator=generator, dtype=torch.float64) for side in (5, 3))
    stuffed = torch.zeros(1, 1, 9, 9, dtype=torch.float64)
    stuffed[..., ::2, ::2] = image  # one zero between any two: a step of 1 is half a step in the input
    fractional = functional.conv2d(stuffed, kernel.flip(2, 3), padding=2)
    layer = functional.conv_transpose2d(image, kernel, stride=2)
    back = functional.conv2d(layer, kernel, stride=2)
    undone = (back - image).norm().item() / image.norm().item()
    inverse = undone < 1e-6 if inverse_exists is None else inverse_exists
    same = bool(torch.allclose(fractional, layer))
    return Finding(
        SOURCE,
        "it is also called deconvolution, and fractionally strided convolution",
        HOLDS if same and inverse else IN_PART if same or inverse else FAILS,
        {
            "equals a convolution over zero-stuffed input (stride 2, turned kernel)": "yes" if same else "no",
            "‖convolution of it − input‖ / ‖input‖": f"{undone:.1f} (a deconvolution would give 0)",
        },
        "both names are in use. The second is exact: a step of 1 over the stuffed input is half a step in the input. "
        "The first promises what the layer does not do: a deconvolution undoes a convolution.",
    )


def calderon_enlarges(
    settings: Sequence[tuple[int, int, int]] = ((3, 1, 0), (3, 1, 1), (3, 1, 2), (3, 2, 1)),
) -> Finding:
    """The transposed convolution makes a picture larger, the convolution smaller."""
    up = {setting: transposed_size(5, *setting) for setting in settings}
    down = {setting: convolution_size(5, *setting) for setting in settings}
    larger, smaller = [size > 5 for size in up.values()], [size < 5 for size in down.values()]
    return Finding(
        SOURCE,
        "a convolution makes a picture smaller, a transposed convolution makes it larger",
        HOLDS if all(larger) and all(smaller) else IN_PART if any(larger) or any(smaller) else FAILS,
        {
            f"kernel {k}, stride {s}, padding {p}": f"5 becomes {down[k, s, p]} by the one, {up[k, s, p]} by the other"
            for k, s, p in settings
        },
        "so it is with these settings."
        if all(larger) and all(smaller)
        else "with a padding of 0, as in the example, or with a stride. Padding can keep the size, or turn both round.",
    )


def calderon_layers_reduce(nets: Mapping[str, Callable[[], Autoencoder]] | None = None) -> Finding:
    """Stacked layers of the encoder reduce the dimension of the data."""
    nets = nets or {"two layers": robledo_two_layer, "three layers": robledo_three_layer}
    sizes = {}
    for name, build in nets.items():
        layers = [layer for layer in trace(build().encoder, (1, 28, 28)) if layer.parameters]
        sizes[name] = [784, *(torch.Size(layer.output_shape).numel() for layer in layers)]
    ends = all(path[-1] < path[0] for path in sizes.values())
    always = all(after < before for path in sizes.values() for before, after in pairwise(path))
    return Finding(
        SOURCE,
        "the layers of the encoder, one upon the other, reduce the dimension of the data",
        HOLDS if always else IN_PART if ends else FAILS,
        {
            f"numbers behind each layer of robledo2021's net, {name}": " → ".join(map(str, path))
            for name, path in sizes.items()
        },
        "at every layer."
        if always
        else "in the end; but a layer that halves both sides and makes eight channels of one doubles the numbers.",
    )


def calderon_interpolations() -> Finding:
    """Nearest, bilinear and bicubic interpolation differ in their kernels."""
    image = torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    differences = {}
    for method, kernel in interpolation_kernels().items():
        by_kernel, by_library = apply_kernel(image, kernel), interpolate(image, method)
        differences[f"{method}, {len(kernel)}×{len(kernel)}"] = (
            (by_kernel - by_library)[..., 4:-4, 4:-4].abs().max().item()
        )
    same = max(differences.values()) < 1e-5
    return Finding(
        SOURCE,
        "nearest, bilinear and bicubic interpolation are one method with different kernels",
        HOLDS if same else FAILS,
        {
            f"{name}: equals the library's to five decimals": "yes" if value < 1e-5 else "no"
            for name, value in differences.items()
        },
        "each doubles a picture exactly as a transposed convolution of stride 2 with a fixed kernel does (edges aside)."
        if same
        else "the kernels do not give what the library gives.",
    )


def calderon_learnt(run: Run | None = None) -> Finding:
    """It is better that the net learns the interpolation than to choose a kernel by hand."""
    rows = (run or load_run("doubling")).scores["test"]
    fixed = {name: _mean(rows[name]) for name in ("nearest", "bilinear", "bicubic")}
    learnt = {
        size: over_seeds([sum(values) / len(values) for values in zip(*rows[f"learnt-{size}"].values(), strict=True)])
        for size in (4, 8)
    }
    solved = {size: _mean(rows[f"least-squares-{size}"]) for size in (4, 8)}
    beaten = {
        size: [name for name, value in fixed.items() if interval.low > value] for size, interval in learnt.items()
    }
    return Finding(
        SOURCE,
        "choosing a kernel for interpolation is feature engineering by hand; ideally the net learns it",
        HOLDS if all(len(names) == 3 for names in beaten.values()) else IN_PART if any(beaten.values()) else FAILS,
        {
            **{f"PSNR in dB, {name}": f"{value:.2f}" for name, value in fixed.items()},
            **{f"PSNR in dB, learnt, {size}×{size}": str(interval) for size, interval in learnt.items()},
            **{f"PSNR in dB, least squares, {size}×{size}": f"{value:.2f}" for size, value in solved.items()},
        },
        "; ".join(
            f"the learnt kernel of {size}×{size} is ahead of {' and '.join(names) if names else 'none'}"
            for size, names in beaten.items()
        )
        + ". Weights can be learnt, but within a support that somebody chose (bicubic reads 4×4 pixels, a 4×4 "
        "kernel of stride 2 only 2×2), and solving for them is better than descending to them.",
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


def _mean(row: Mapping[str, float]) -> float:
    return sum(row.values()) / len(row)


def _span(counts: Tensor) -> str:
    low, high = int(counts.min()), int(counts.max())
    return str(low) if low == high else f"{low} to {high}"


def _text(values: Tensor) -> str:
    return str(
        [[int(value) for value in row] for row in values] if values.ndim == 2 else [int(value) for value in values]
    )


CALDERON = (
    calderon_layers_reduce,
    calderon_example,
    calderon_stride,
    calderon_size_formula,
    calderon_vector,
    calderon_matrix,
    calderon_product,
    calderon_obtains_u,
    calderon_one_to_nine,
    calderon_connectivity,
    calderon_not_a_transposed_result,
    calderon_other_names,
    calderon_enlarges,
    calderon_interpolations,
    calderon_learnt,
)

"""Claims of calderon2019, notes on autoencoders: upsampling with its worked example (§2.1), denoising (§2.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, zip_longest

import torch
from torch import Tensor
from torch.nn import functional

from convae.arithmetic.shapes import convolution_matrix, convolution_size, transposed_size
from convae.arithmetic.tracing import trace
from convae.claims.finding import FAILS, HOLDS, IN_PART, Finding
from convae.claims.registry import claim
from convae.experiments.experiment import Rows
from convae.experiments.runs import Run, load_run
from convae.experiments.transposed_convolution import apply_kernel, interpolate
from convae.measures.intervals import Interval, over_seeds
from convae.models import Autoencoder, binomial, robledo_three_layer, robledo_two_layer

U = torch.tensor([[4.0, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]], dtype=torch.float64)
F = torch.tensor([[1.0, 4, 1], [1, 4, 3], [3, 3, 1]], dtype=torch.float64)
Y = torch.tensor([[122.0, 148], [126, 134]], dtype=torch.float64)
PRINTED_U = (4, 5, 8, 7, 1, 8, 8, 3, 6, 6, 4, 6, 5, 7, 8)  # the vector as the text has it
BASE, CLOTHES = "denoise-unet", "denoise-fashion"
LARGE, SMALL = "unet-direct", "bottleneck-32"  # nets trained to copy, without and with a narrow code
FILTERS = ("Gaussian", "median", "bilateral", "non-local means", "total variation", "wavelet")


def example_matrix() -> Tensor:
    """F̃ of the worked example, [4, 16]: a convolution with F as a matrix for pictures of 4×4."""
    return convolution_matrix(F[None, None], (4, 4)).to_dense()


@claim("calderon2019", "Section 2.1, Etapa de codificación", chapter="transposed-convolution")
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


@claim("calderon2019", "Section 2.1, Convolución transpuesta, U ∗ F = Y and Figure 3", chapter="transposed-convolution")
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
    )


@claim("calderon2019", "Section 2.1, Convolución transpuesta, formula of the size", chapter="transposed-convolution")
def calderon_stride(stated: int = 2) -> Finding:
    """The stride of the example is 4 − 3 + 1 = 2."""
    sizes = {stride: convolution_size(4, 3, stride) for stride in (1, 2)}
    fitting = [stride for stride, size in sizes.items() if size == 2]
    return Finding(
        f"with m = 4 and k = 3 the stride is 4 − 3 + 1 = {stated} (one sentence before, it is 1)",
        HOLDS if fitting == [stated] else FAILS,
        {f"4×4, kernel 3×3, stride {stride}": f"{size}×{size}" for stride, size in sizes.items()},
        "4 − 3 + 1 = 2 is the size of the output; the stride that gives it is 1, as the sentence before says.",
    )


@claim("calderon2019", "Section 2.1, Convolución transpuesta, formula of the size", chapter="transposed-convolution")
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


@claim("calderon2019", "Section 2.1, Convolución transpuesta, U as a vector", chapter="transposed-convolution")
def calderon_vector(printed: Sequence[int] = PRINTED_U) -> Finding:
    """u has 16 entries."""
    whole = [int(value) for value in U.flatten()]
    missing = next((place for place, pair in enumerate(zip_longest(whole, printed)) if pair[0] != pair[1]), None)
    return Finding(
        "U, written as the column u, has 16 entries",
        HOLDS if list(printed) == whole else FAILS,
        {"entries printed": str(len(printed)), "entries of U": str(len(whole))},
        "it is all there."
        if missing is None
        else f"entry {missing + 1} is missing, one of the three {whole[missing]}s in the second row of U.",
    )


@claim("calderon2019", "Section 2.1, Convolución transpuesta, caption of Figure 5", chapter="transposed-convolution")
def calderon_matrix(rows: int = 4, columns: int = 16) -> Finding:
    """F̃ is 4×16, and its first row is zero at the last row and the last column of the picture."""
    matrix = example_matrix()
    picture = matrix[0].view(4, 4)
    empty = not picture[3].any() and not picture[:, 3].any()
    shape = tuple(matrix.shape) == (rows, columns)
    return Finding(
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


@claim("calderon2019", "Section 2.1, Convolución transpuesta, F̃ u = u", chapter="transposed-convolution")
def calderon_product(result: str = "u") -> Finding:
    """F̃ u = u, as the text has it."""
    product = example_matrix() @ U.flatten()
    is_y = bool(product.equal(Y.flatten()))
    return Finding(
        f"F̃ u = {result}",
        HOLDS if is_y == (result == "y") else FAILS,
        {"F̃ u": _text(product), "y": _text(Y.flatten()), "u has": "16 entries"},
        "F̃ u is y, as the words before the formula say; the formula has a slip."
        if result != "y"
        else "the matrix does what the convolution does.",
    )


@claim("calderon2019", "Section 2.1, Convolución transpuesta, F̃ᵀ y = u", chapter="transposed-convolution")
def calderon_obtains_u(back: Callable[[Tensor, Tensor], Tensor] | None = None) -> Finding:
    """From y the original U is obtained, by F̃ᵀ y."""
    matrix = example_matrix()
    back = back or (lambda matrix, y: matrix.T @ y)
    returned = back(matrix, Y.flatten())
    nearest = torch.linalg.pinv(matrix) @ Y.flatten()
    same = bool(torch.allclose(returned, U.flatten()))
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
        "F̃ᵀ y has the shape of U and not its numbers. The transpose is no inverse, and there is none: four numbers "
        "cannot hold sixteen, and different pictures have the same y."
        if not same
        else "it comes back.",
    )


@claim("calderon2019", "Section 2.1, Convolución transpuesta, on Figure 4", chapter="transposed-convolution")
def calderon_one_to_nine(kernel: Tensor = F) -> Finding:
    """One value is associated with nine."""
    matrix = convolution_matrix(kernel[None, None], (4, 4)).to_dense()
    reads, reached = (matrix != 0).sum(1), (matrix != 0).sum(0)
    nine = bool((reads == 9).all())
    return Finding(
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


@claim("calderon2019", "Section 2.1, Convolución transpuesta, last paragraph", chapter="transposed-convolution")
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
    )


@claim("calderon2019", "Section 2.1, Convolución transpuesta, first paragraph", chapter="transposed-convolution")
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
        "it is also called deconvolution, and fractionally strided convolution",
        HOLDS if same and inverse else IN_PART if same or inverse else FAILS,
        {
            "equals a convolution over zero-stuffed input (stride 2, turned kernel)": "yes" if same else "no",
            "‖convolution of it − input‖ / ‖input‖": f"{undone:.1f} (a deconvolution would give 0)",
        },
        "both names are in use. The second is exact: a step of 1 over the stuffed input is half a step in the input. "
        "The first promises what the layer does not do: a deconvolution undoes a convolution.",
    )


@claim("calderon2019", "Section 2.1, Convolución transpuesta", chapter="transposed-convolution")
def calderon_enlarges(
    settings: Sequence[tuple[int, int, int]] = ((3, 1, 0), (3, 1, 1), (3, 1, 2), (3, 2, 1)),
) -> Finding:
    """The transposed convolution makes a picture larger, the convolution smaller."""
    up = {setting: transposed_size(5, *setting) for setting in settings}
    down = {setting: convolution_size(5, *setting) for setting in settings}
    larger, smaller = [size > 5 for size in up.values()], [size < 5 for size in down.values()]
    return Finding(
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


@claim("calderon2019", "Section 2.1, Etapa de decodificación", chapter="transposed-convolution")
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


@claim("calderon2019", "Section 2.1, Etapa de decodificación", chapter="transposed-convolution")
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


@claim("calderon2019", "Section 2.2, first sentence", chapter="denoising")
def calderon_identity(rows: Rows | None = None) -> Finding:
    """Without regularisation an autoencoder tends to the identity under squared loss."""
    rows = rows or _rows()
    # Uniform noise has variance 1/12: who answers its mean everywhere misses all of it.
    missed = {name: 12 * Interval(*rows[f"copying/{name}"]["noise"]).mean for name in (LARGE, SMALL)}
    copies = [missed[name] < 0.5 for name in (LARGE, SMALL)]  # "tends to": most of it comes back
    return Finding(
        "without regularisation an autoencoder with squared loss tends to learn the identity",
        HOLDS if all(copies) else IN_PART if any(copies) else FAILS,
        {
            "U-Net, trained to copy digits: its error on plain noise, of the variance of that": f"{missed[LARGE]:.0%}",
            "the same, net with a code of 32 numbers": f"{missed[SMALL]:.0%}",
            "the identity; a net that answers the mean of the noise": "0%; 100%",
        },
        "both give back most of what they were never shown."
        if all(copies)
        else "the U-Net, with paths across, gives back most of a noise that it was never shown; the net with the "
        "narrow code answers with strokes."
        if copies[0]
        else "neither gives back most of what it was never shown.",
    )


@claim("calderon2019", "Section 2.2, after the second formula", chapter="denoising")
def calderon_removes(rows: Rows | None = None) -> Finding:
    """An autoencoder trained on noisy pictures removes or attenuates the noise in place of copying it."""
    rows = rows or _rows()
    noisy = [sigma for sigma in _sigmas(rows) if sigma != "0"]
    gains = {sigma: _psnr(rows, f"{sigma}/{BASE}") - _psnr(rows, f"{sigma}/spoiled") for sigma in noisy}
    better = [gain > 0 for gain in gains.values()]
    return Finding(
        "a denoising autoencoder removes or attenuates the noise instead of copying its input",
        HOLDS if all(better) else IN_PART if any(better) else FAILS,
        {
            **{f"PSNR gained at σ = {sigma}": f"{gain:+.1f} dB" for sigma, gain in gains.items()},
            "PSNR of its answer to a clean picture": f"{_psnr(rows, f'0/{BASE}'):.1f} dB",
        },
        "trained for σ = 0.5, it improves the picture at every σ of the test; a clean one it does not leave as it is."
        if all(better)
        else f"trained for σ = 0.5, it improves the picture at {sum(better)} of {len(better)} σ.",
    )


@claim("calderon2019", "Section 2.2, sentence before C(x̃ | x)", chapter="denoising")
def calderon_learns_corruption(rows: Rows | None = None) -> Finding:
    """The autoencoder learns the distribution of the corruption, C(x̃ | x)."""
    rows = rows or _rows()
    clothes = _psnr(rows, f"clothes/{CLOTHES}") - _psnr(rows, f"clothes/{BASE}")
    digits = _psnr(rows, f"0.5/{BASE}") - _psnr(rows, f"0.5/{CLOTHES}")
    costs = [cost > 1 for cost in (clothes, digits)]
    return Finding(
        "the autoencoder is to learn the distribution of the corruption, C(x̃ | x)",
        FAILS if all(costs) else IN_PART if any(costs) else HOLDS,
        {
            "same noise, clothes: trained on clothes is ahead of trained on digits by": f"{clothes:.1f} dB",
            "same noise, digits: trained on digits is ahead of trained on clothes by": f"{digits:.1f} dB",
        },
        "C was the same for both, and written down before the training; what they learnt is what pictures lie behind a "
        "noisy one."
        if all(costs)
        else "with one C, it matters little which pictures a net was trained on.",
    )


@claim("calderon2019", "Section 2.2, last paragraph", chapter="denoising")
def calderon_pairs(rows: Rows | None = None) -> Finding:
    """Pairs of pictures in place of a designed transfer function are a radically different way."""
    rows = rows or _rows()
    best = max(FILTERS, key=lambda name: _psnr(rows, f"0.5/{name}"))
    designed, linear, net = (_psnr(rows, f"0.5/{name}") for name in (best, "linear", BASE))
    return Finding(
        "to train on pairs in place of designing a transfer function is radically different from classical filtering",
        FAILS if net <= designed else IN_PART if linear > designed else HOLDS,
        {
            f"best designed filter, tuned ({best})": f"{designed:.1f} dB",
            "linear least squares on the same pairs": f"{linear:.1f} dB",
            "U-Net on the same pairs": f"{net:.1f} dB",
        },
        "the pairs help a linear filter as well, without any net: it is Wiener's, with its statistics taken from them."
        if linear > designed and net > designed
        else "the net is ahead of every filter, the linear map of the same pairs is not."
        if net > designed
        else "the net is not ahead of the designed filter.",
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


def _rows() -> Rows:
    rows: Rows = load_run("denoising").scores["test"]
    return rows


def _sigmas(rows: Rows) -> list[str]:
    return [name.partition("/")[0] for name in rows if name.endswith(f"/{BASE}") and name[0].isdigit()]


def _psnr(rows: Rows, name: str) -> float:
    return Interval(*rows[name]["psnr"]).mean

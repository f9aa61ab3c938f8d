"""Claims of the guide to convolution arithmetic [dumoulin2016guide]: slips in a paper that everybody learns from."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from convae.arithmetic.shapes import convolution_inputs, convolution_size
from convae.claims.finding import FAILS, HOLDS, IN_PART, Finding
from convae.claims.registry import claim


@claim("dumoulin2016guide", "Section 2.4, Relationship 6", chapter="convolution-arithmetic")
def dumoulin_any_setting(formula: Callable[[int, int, int, int], int] | None = None) -> Finding:
    """Relationship 6 is stated for any input size, kernel, padding and stride."""
    formula = formula or (lambda size, kernel, padding, stride: (size + 2 * padding - kernel) // stride + 1)
    agree, refused, odd = 0, 0, []
    for size in range(1, 13):
        for kernel in range(1, 8):
            for padding in range(4):
                for stride in range(1, 5):
                    given = formula(size, kernel, padding, stride)
                    if kernel > size + 2 * padding:
                        refused += 1
                        odd.append(given)
                    else:
                        agree += given == convolution_size(size, kernel, stride, padding)
    total = 12 * 7 * 4 * 4
    right = agree == total - refused
    return Finding(
        "for any input size, kernel, padding and stride the output size is ⌊(i + 2p − k)/s⌋ + 1 (relationship 6)",
        HOLDS if right and not refused else IN_PART if right else FAILS,
        {
            "settings tried": f"{total:,}",
            "the kernel fits, and the formula is right": f"{agree:,} of {total - refused:,}",
            "the kernel is larger than the padded input": f"{refused}; the formula gives {min(odd)} to {max(odd)}",
        },
        f"right wherever the kernel fits (i + 2p ≥ k){'' if right else ', but for some settings'}; where it does not, "
        "there is no output at all. PyTorch refuses, and so does our function.",
    )


@claim("dumoulin2016guide", "Section 2.4, after Relationship 6", chapter="convolution-arithmetic")
def dumoulin_shared_size(stride: int = 3) -> Finding:
    """s input sizes share one output size."""
    shared, whole = set(), True
    for output in range(1, 6):
        for kernel in range(1, 6):
            sizes = list(convolution_inputs(output, kernel, stride))
            shared.add(len(sizes))
            whole = whole and (sizes[0] - kernel) % stride == 0
    right = shared == {stride} and whole
    return Finding(
        "if i + 2p − k is a multiple of s, the input sizes i, i + 1, …, i + s − 1 all get the same output size",
        HOLDS if right else FAILS,
        {
            f"input sizes to one output size, stride {stride}": ", ".join(map(str, sorted(shared))),
            "the smallest of them leaves no remainder": "always" if whole else "not always",
        },
        "this is what output padding is for: it says which of them to come back to."
        if right
        else "other numbers of inputs share an output.",
    )


@claim("dumoulin2016guide", "Section 4.6, caption of Figure 4.7", chapter="convolution-arithmetic")
def dumoulin_odd_caption(stated: int = 2) -> Finding:
    """A caption feeds a transposed convolution with 2×2 numbers."""
    size = convolution_size(6, 3, 2, 1)
    return Finding(
        "the transpose of a 3×3 convolution with stride 2 and padding 1 on 6×6 pixels works on "
        f"{stated}×{stated} numbers (Figure 4.7)",
        HOLDS if size == stated else FAILS,
        {"⌊(6 + 2·1 − 3)/2⌋ + 1": str(size)},
        f"{size}×{size}, as the figure and the symbols of the same caption have it; a typing slip, which the "
        "authors have confirmed."
        if size != stated
        else "the caption is right.",
    )


@claim("dumoulin2016guide", "Chapter 3, first paragraph", chapter="convolution-arithmetic")
def dumoulin_pooling_nonlinear(pool: Callable[[Tensor], Tensor] | None = None) -> Finding:
    """Every kind of pooling, the mean too, is said to apply a non-linearity."""
    average = pool or (lambda images: functional.avg_pool2d(images, 3, 2))
    generator = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 8, 1, 9, 9, generator=generator, dtype=torch.float64)
    gaps = {
        name: (f(first + second) - f(first) - f(second)).abs().max().item()
        for name, f in (("average", average), ("max", lambda images: functional.max_pool2d(images, 3, 2)))
    }
    kernel = torch.full((1, 1, 3, 3), 1 / 9, dtype=torch.float64)
    same = torch.allclose(average(first), functional.conv2d(first, kernel, stride=2))
    linear = {name: gap < 1e-12 for name, gap in gaps.items()}
    return Finding(
        "all kinds of pooling, the average among them, put the content of each window through a non-linearity",
        HOLDS if not any(linear.values()) else IN_PART if not all(linear.values()) else FAILS,
        {
            **{
                f"{name} pooling of a sum − sum of both poolings": "0" if linear[name] else f"up to {gap:.1f}"
                for name, gap in gaps.items()
            },
            "average pooling = convolution with weights of 1/9, same stride": "yes" if same else "no",
        },
        "the maximum is not linear, the average is: it is a convolution whose weights are all the same."
        if linear["average"]
        else "neither of the two is linear.",
    )


@claim("dumoulin2016guide", "Section 4.3, Relationship 8", chapter="convolution-arithmetic")
def dumoulin_emulation(turn: bool = False) -> Finding:
    """A transposed convolution is emulated by a convolution with k' = k; nothing is said about turning the kernel.

    Args:
        turn: Emulate with the kernel turned by 180° to begin with.
    """
    generator = torch.Generator().manual_seed(0)
    y = torch.randn(1, 1, 4, 4, generator=generator, dtype=torch.float64)
    weight = torch.randn(1, 1, 3, 3, generator=generator, dtype=torch.float64)
    transposed = functional.conv_transpose2d(y, weight)
    kernels = {"as it is": weight.flip(2, 3) if turn else weight, "turned by 180°": weight.flip(2, 3)}
    gaps = {
        name: (functional.conv2d(y, kernel, padding=2) - transposed).abs().max().item()
        for name, kernel in kernels.items()
    }
    plain, turned = (gap < 1e-12 for gap in gaps.values())
    return Finding(
        "a transposed convolution with kernel k is a convolution with k' = k and padding k' − 1 (relationship 8)",
        HOLDS if plain else IN_PART if turned else FAILS,
        {f"largest difference, kernel {name}": f"{gap:.1f}" for name, gap in gaps.items()},
        "the sizes agree in any case, the numbers only with the kernel turned by 180°, which the guide leaves unsaid."
        if turned and not plain
        else "the numbers agree."
        if plain
        else "the numbers do not agree.",
    )

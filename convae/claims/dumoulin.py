"""Claims of the guide to convolution arithmetic [dumoulin2016guide], a paper that everybody learns from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from convae.arithmetic.shapes import convolution_size, transposed_size
from convae.claims.finding import FAILS, HOLDS, IN_PART, SLIP, Finding
from convae.claims.registry import claim

ROUNDING = 1e-12  # below it a difference of doubles is none
POOLS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "average": lambda images: functional.avg_pool2d(images, 3, 2),
    "max": lambda images: functional.max_pool2d(images, 3, 2),
}


@claim("dumoulin2016guide", "Section 2.4, Relationship 6", chapter="convolution-arithmetic")
def dumoulin_any_setting(
    formula: Callable[[int, int, int, int], int] = lambda size, kernel, padding, stride: (
        (size + 2 * padding - kernel) // stride + 1
    ),
    kernels: Sequence[int] = range(1, 8),
) -> Finding:
    """Relationship 6 is stated for any input size, kernel, padding and stride."""
    settings = list(itertools.product(range(1, 13), kernels, range(4), range(1, 5)))
    fitting = [each for each in settings if each[1] <= each[0] + 2 * each[2]]
    outside = [formula(*each) for each in settings if each not in fitting]
    agree = sum(formula(n, k, p, s) == convolution_size(n, k, s, p) for n, k, p, s in fitting)
    right = agree == len(fitting)
    return Finding(
        "for any input size, kernel, padding and stride the output size is ⌊(i + 2p − k)/s⌋ + 1 (relationship 6)",
        HOLDS if right and not outside else IN_PART if right else FAILS,
        {
            "settings tried": f"{len(settings):,}",
            "the kernel fits, and the formula is right": f"{agree:,} of {len(fitting):,}",
            "the kernel is larger than the padded input": f"{len(outside)}; the formula gives {min(outside)} to "
            f"{max(outside)}".replace("-", "−")
            if outside
            else "0",
        },
        (
            "right wherever the kernel fits (i + 2p ≥ k)"
            if right
            else f"wrong in {len(fitting) - agree:,} settings in which the kernel fits"
        )
        + (
            "; where it does not, there is no output at all. PyTorch refuses, and so does our function."
            if outside
            else ", as it does in all of these."
        ),
        {
            HOLDS: "the formula is right in every setting tried",
            IN_PART: "it is right in every setting in which the kernel fits, and there are others",
            FAILS: "it is wrong in a setting in which the kernel fits",
        },
    )


@claim("dumoulin2016guide", "Section 2.4, after Relationship 6", chapter="convolution-arithmetic")
def dumoulin_shared_size(size: Callable[[int, int, int, int], int] = convolution_size) -> Finding:
    """s input sizes share one output size.

    Args:
        size: Of the output, from those of input, kernel, stride and padding.
    """
    settings = [
        (i, k, s, p)
        for i, k, s, p in itertools.product(range(1, 13), range(1, 8), range(2, 6), range(4))
        if k <= i + 2 * p and (i + 2 * p - k) % s == 0
    ]
    shared = sum(len({size(i + a, k, s, p) for a in range(s)}) == 1 for i, k, s, p in settings)
    ended = sum(size(i + s, k, s, p) != size(i, k, s, p) for i, k, s, p in settings)
    return Finding(
        "if i + 2p − k is a multiple of s, any input size i + a with a from 0 to s − 1 gives the same output size",
        HOLDS if shared == len(settings) else IN_PART if shared else FAILS,
        {
            "settings i, k, s, p tried": f"{len(settings):,}, strides 2 to 5, paddings 0 to 3",
            "all of the s sizes share one output size": f"{shared:,}",
            "the size i + s gets another one": f"{ended:,}",
        },
        "this is what output padding is for: it says which of them to come back to."
        if shared == len(settings)
        else f"in {len(settings) - shared:,} settings the sizes do not share their output.",
        {
            HOLDS: "the s sizes share one output size in every setting tried",
            IN_PART: "in some of them",
            FAILS: "in none",
        },
    )


@claim("dumoulin2016guide", "Section 4.6, caption of Figure 4.7", chapter="convolution-arithmetic", shown=False)
def dumoulin_odd_caption(stated: int = 2) -> Finding:
    """A caption feeds a transposed convolution with 2×2 numbers."""
    size = convolution_size(6, 3, 2, 1)
    return Finding(
        "the transpose of a 3×3 convolution with stride 2 and padding 1 on 6×6 pixels works on "
        f"{stated}×{stated} numbers (Figure 4.7)",
        HOLDS if size == stated else SLIP,
        {"⌊(6 + 2·1 − 3)/2⌋ + 1": str(size)},
        f"{size}×{size}, as the symbols of the same caption have it (i′ = 3). The authors have confirmed it, in issue "
        "18 of the guide’s repository."
        if size != stated
        else "the caption agrees with its own symbols.",
        {HOLDS: "the caption’s number is that of relationship 6", SLIP: "it is not, and the caption’s own i′ is"},
    )


@claim("dumoulin2016guide", "Chapter 3, first paragraph", chapter="convolution-arithmetic")
def dumoulin_pooling_nonlinear(pools: Mapping[str, Callable[[Tensor], Tensor]] = POOLS) -> Finding:
    """Every kind of pooling, the mean too, is said to apply a non-linearity."""
    generator = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 8, 1, 9, 9, generator=generator, dtype=torch.float64)
    gaps = {name: (f(first + second) - f(first) - f(second)).abs().max().item() for name, f in pools.items()}
    linear = [name for name, gap in gaps.items() if gap < ROUNDING]
    kernel = torch.full((1, 1, 3, 3), 1 / 9, dtype=torch.float64)
    mean = functional.conv2d(first, kernel, stride=2)
    same = [name for name, f in pools.items() if torch.allclose(f(first), mean)]
    return Finding(
        "max pooling, and other kinds such as the mean, all apply a non-linearity to what the window holds",
        HOLDS if not linear else IN_PART if len(linear) < len(pools) else FAILS,
        {
            **{
                f"{name} pooling of a sum − sum of both poolings": "0" if name in linear else f"up to {gap:.1f}"
                for name, gap in gaps.items()
            },
            "a convolution with weights of 1/9 and the same stride": f"is {' and '.join(same)} pooling"
            if same
            else "is none of them",
        },
        f"{' and '.join(linear)} pooling is linear"
        + (": a convolution whose weights are all the same" if linear == same else "")
        + (
            f"; {' and '.join(name for name in pools if name not in linear)} pooling is not."
            if len(linear) < 2
            else "."
        )
        if linear
        else "none of them is linear.",
        {
            HOLDS: f"pooling a sum differs from the sum of the poolings, for each kind, by more than {ROUNDING:.0e}",
            IN_PART: "for some kinds",
            FAILS: "for none",
        },
    )


@claim("dumoulin2016guide", "Section 4.3, Relationship 8", chapter="convolution-arithmetic", shown=False)
def dumoulin_emulation(emulated: Callable[[int, int], int] = lambda size, kernel: size + kernel - 1) -> Finding:
    """The convolution that emulates a transposed one has its kernel size, and full padding.

    Args:
        emulated: Output size of the emulation, from the input size and the kernel.
    """
    sizes = [(size, kernel) for size in range(1, 9) for kernel in range(1, 7)]
    right = sum(
        emulated(n, k) == convolution_size(n, k, 1, k - 1) == transposed_size(n, k)  # what PyTorch gives, too
        for n, k in sizes
    )
    generator = torch.Generator().manual_seed(0)
    y = torch.randn(1, 1, 4, 4, generator=generator, dtype=torch.float64)
    weight = torch.randn(1, 1, 3, 3, generator=generator, dtype=torch.float64)
    transposed = functional.conv_transpose2d(y, weight)
    gaps = {
        name: (functional.conv2d(y, kernel, padding=2) - transposed).abs().max().item()
        for name, kernel in {"as it is": weight, "turned by 180°": weight.flip(2, 3)}.items()
    }
    return Finding(
        "the transpose of a convolution (s = 1, p = 0) is described by k′ = k, s′ = s and p′ = k − 1, and gives "
        "o′ = i′ + (k − 1) (relationship 8)",
        HOLDS if right == len(sizes) else IN_PART if right else FAILS,
        {
            "settings in which the size is right": f"{right} of {len(sizes)}",
            **{f"numbers, kernel {name}: largest difference": f"{gap:.1f}" for name, gap in gaps.items()},
        },
        "it speaks of sizes, and these are right. For the numbers the kernel has to be turned by 180°, too. (When "
        "kernels are learnt, says a footnote of the guide, convolution and cross-correlation are interchangeable.)"
        if right == len(sizes)
        else f"the sizes differ in {len(sizes) - right} settings.",
        {
            HOLDS: "the size agrees with both layers’ in every setting tried",
            IN_PART: "in some of them",
            FAILS: "in none",
        },
    )

"""Claims of robledo2021 about its nets: their sizes, their errors, their training."""

from __future__ import annotations

from collections.abc import Callable

import torch

from convae.arithmetic.shapes import convolution_size, transposed_size
from convae.claims.finding import FAILS, HOLDS, IN_PART, Finding
from convae.data.embedded import digits
from convae.experiments.results import BASELINES, Loader, loss_curve, score_difference, score_interval, scores
from convae.experiments.runs import Run, load_run, load_runs
from convae.measures.intervals import over_seeds
from convae.models import robledo_three_layer, robledo_two_layer


def robledo_pixels() -> Finding:
    """28×28 is written as 768 once."""
    pixels = 28 * 28
    return Finding(
        "robledo2021",
        "a picture of 28×28 has 768 pixels (once; 784 elsewhere)",
        HOLDS if pixels == 768 else FAILS,
        {"28 × 28": str(pixels)},
        "a typing slip; nothing else in the report depends on it.",
    )


def robledo_parameters(count: Callable[[torch.nn.Module], int] | None = None) -> Finding:
    """2,481 and 11,748 parameters."""
    count = count or (lambda model: sum(parameter.numel() for parameter in model.parameters()))
    two, three = count(robledo_two_layer()), count(robledo_three_layer())
    right = [two == 2481, three == 11748]
    return Finding(
        "robledo2021",
        "the two-layer net has 2,481 parameters, the three-layer net 11,748",
        HOLDS if all(right) else IN_PART if any(right) else FAILS,
        {"two layers": f"{two:,}", "three layers": f"{three:,}"},
        f"the first count {'is' if right[0] else 'is not'} right, the second is {abs(three - 11748)} off.",
    )


def robledo_third_padding() -> Finding:
    """The third convolution has padding 1 and a map of 3×3."""
    with_one, without = (convolution_size(7, 3, 2, padding) for padding in (1, 0))
    back = with_one
    for kernel, stride, padding, extra in [(3, 2, 0, 0), (3, 2, 1, 1), (3, 2, 1, 1)]:
        back = transposed_size(back, kernel, stride, padding, output_padding=extra)
    return Finding(
        "robledo2021",
        "in the three-layer net the third convolution (3×3, stride 2, padding 1) makes 3×3 of 7×7",
        HOLDS if with_one == 3 else FAILS,
        {
            "7×7 with padding 1": f"{with_one}×{with_one}, and {back}×{back} comes back",
            "7×7 with padding 0": f"{without}×{without}",
        },
        "the stated 3×3 needs padding 0, which is what we train." if without == 3 else "no such padding gives 3×3.",
    )


def robledo_blue_stride() -> Finding:
    """The paragraph on Figure 4 gives the three-layer net stride 3."""
    sizes = {}
    for stride in (2, 3):
        size = 28
        path = [size]
        for padding in (1, 1, 0):
            size = convolution_size(size, 3, stride, padding)
            path.append(size)
        sizes[stride] = path
    stated = [28, 14, 7, 3]
    return Finding(
        "robledo2021",
        "the three-layer net of Figure 4 has stride 3 (its own list of layers says 2)",
        HOLDS if sizes[3] == stated else FAILS,
        {f"sizes with stride {stride}": " → ".join(map(str, path)) for stride, path in sizes.items()},
        "only stride 2 gives the sizes that the list states: 28, 14, 7, 3." if sizes[2] == stated else "neither fits.",
    )


def robledo_halving(runs: Loader = load_runs, baselines: Run | None = None) -> Finding:
    """Three layers about halve the error for some 9,000 more parameters."""
    two, three = runs("robledo-two-layer"), runs("robledo-three-layer")
    ratio = over_seeds([b / a for a, b in zip(*(scores(name, runs=runs) for name in _ROBLEDO_PAIR), strict=True)])
    more = three[0].record["parameters"] - two[0].record["parameters"]
    table = (baselines or load_run(BASELINES)).scores["test"]
    linear = table["pca/288"]["mse"] / table["pca/144"]["mse"]
    numbers = [net().encode(torch.zeros(1, 1, 28, 28)).numel() for net in (robledo_two_layer, robledo_three_layer)]
    halves = 0.4 <= ratio.mean <= 0.6
    return Finding(
        "robledo2021",
        "three layers about halve the MSE, for some 9,000 parameters (more than 350 %) more",
        HOLDS if halves else IN_PART if ratio.high < 1 else FAILS,
        {
            "MSE, three layers / two layers": str(ratio),
            "more parameters": f"{more:,} ({100 * more / two[0].record['parameters']:.0f} %)",
            "numbers in the code": f"{numbers[1]} against {numbers[0]}",
            "MSE of PCA, 288 numbers / 144": f"{linear:.3f}",
        },
        f"the error falls to {ratio.mean:.2f} of the smaller net's{'' if halves else ', not to half'}. But the code is "
        f"also twice as large, and for that alone PCA falls to {linear:.2f}: the comparison mixes depth with code "
        "size.",
    )


_ROBLEDO_PAIR = ("robledo-two-layer", "robledo-three-layer")


def robledo_stride_over_pooling(runs: Loader = load_runs) -> Finding:
    """A learnt stride beats max-pooling."""
    difference = score_difference("robledo-max-pool", "robledo-two-layer", runs=runs)
    return Finding(
        "robledo2021",
        "on MNIST a learnt stride reconstructs better than stride 1 followed by max-pooling",
        HOLDS if difference.low > 0 else FAILS if difference.high < 0 else IN_PART,
        {
            "MSE, max-pool": str(score_interval("robledo-max-pool", runs=runs)),
            "MSE, stride": str(score_interval("robledo-two-layer", runs=runs)),
            "difference, paired by seed": str(difference),
        },
        "of the two variants that the source trained, the strided one is far ahead with the same number of parameters."
        if difference.low > 0
        else "the two cannot be told apart, or pooling is ahead.",
    )


def robledo_better_than_dense(runs: Loader = load_runs) -> Finding:
    """The convolutional nets learn better than the dense ones, which are said to have fewer parameters."""
    sizes = (64, 128, 256, 512)
    conv = {name: score_interval(name, runs=runs) for name in _ROBLEDO_PAIR}
    dense = {size: score_interval(f"dense-{size}", runs=runs) for size in sizes}
    fewest = runs("dense-64")[0].record["parameters"]
    most = runs("robledo-three-layer")[0].record["parameters"]
    better = all(interval.high < other.low for interval in conv.values() for other in dense.values())
    fewer = fewest < most
    return Finding(
        "robledo2021",
        "the convolutional nets (max-pool excepted) end below the dense ones, which are simpler: fewer parameters",
        HOLDS if better and fewer else IN_PART if better or fewer else FAILS,
        {
            **{f"MSE, {name.removeprefix('robledo-')}": str(value) for name, value in conv.items()},
            **{f"MSE, dense, {size} hidden units": str(value) for size, value in dense.items()},
            "parameters": f"convolutional at most {most:,}, dense at least {fewest:,}",
        },
        f"both convolutional nets {'end' if better else 'do not end'} below all four dense ones; but the dense ones "
        f"have {'fewer' if fewer else 'more'} parameters: the smallest {fewest / most:.0f} times as many as the "
        "three-layer net.",
    )


def robledo_no_overfitting(runs: Loader = load_runs) -> Finding:
    """Watching train and test together shows no overfitting."""
    gaps = {}
    for name in ("robledo-two-layer", "robledo-three-layer", "robledo-max-pool", "dense-512"):
        ends = [(run.scores["test"]["mse"], run.scores["train"]["mse"]) for run in runs(name)]
        gaps[name] = over_seeds([100 * (test / train - 1) for test, train in ends])  # per cent
    overfitted = [name for name, gap in gaps.items() if gap.low > 5]
    return Finding(
        "robledo2021",
        "train and test error are followed together to make sure that nothing overfits",
        HOLDS if not overfitted else FAILS,
        {f"test / train − 1, {name}": f"{gap} %" for name, gap in gaps.items()},
        "no net is worse on the test set by more than 5 %." if not overfitted else f"{', '.join(overfitted)} overfits.",
    )


def robledo_first_batches(runs: Loader = load_runs, baselines: Run | None = None) -> Finding:
    """After 20 and 40 batches the pictures already look like those of later."""
    steps = loss_curve("robledo-two-layer", "test", "steps", runs)
    after = {batches: steps[batches // 20] for batches in (0, 20, 40, 920)}
    end = loss_curve("robledo-two-layer", "test", runs=runs)[-1]
    table = (baselines or load_run(BASELINES)).scores["test"]
    black, mean = table["black-image/0"]["mse"], table["mean-image/0"]["mse"]
    alike = after[40].high < mean
    bar = "an all-black picture" if after[40].low > black else "the mean picture"
    return Finding(
        "robledo2021",
        "the net learns so fast that pictures later than the 40th batch look much like those after it",
        HOLDS if alike else FAILS,
        {
            **{f"MSE after {batches} batches": str(value) for batches, value in after.items()},
            "MSE after 20 epochs": str(end),
            "MSE of an all-black picture": f"{black:.4f}",
            "MSE of the mean picture": f"{mean:.4f}",
        },
        "after 40 batches the net beats the best constant picture."
        if alike
        else f"after 40 batches the net is still worse than {bar}; "
        "with our initial weights, what it has learnt so far is that most pixels are black.",
    )


def robledo_untrained_noise() -> Finding:
    """The untrained net puts out noise."""
    pictures = digits()[1][:100].all().images
    spreads, blanks = [], []
    for seed in range(5):
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed)
            out = robledo_two_layer()(pictures)
        spreads.append(out[..., :27, :27].std().item())
        corner, other = out[:, 0, :9, :9], out[:, 0, 18:27, :9]
        empty = (pictures[:, 0, :9, :9].amax((1, 2)) == 0) & (pictures[:, 0, 18:27, :9].amax((1, 2)) == 0)
        blanks.append((corner - other)[empty].abs().amax().item())
    spread, repeats = over_seeds(spreads), max(blanks) < 1e-6
    noisy = spread.mean > 0.1 and not repeats
    return Finding(
        "robledo2021",
        "before training the pictures that come out are noisy",
        HOLDS if noisy else FAILS,
        {
            "standard deviation of the pixels put out": str(spread),
            "largest difference between the outputs of two empty 9×9 blocks": f"{max(blanks):.1g}",
        },
        "it is a nearly even grey whose fine pattern is the same in every empty block: no chance in it."
        if not noisy
        else "the pixels vary without order.",
    )


def robledo_looks_alike(runs: Loader = load_runs) -> Finding:
    """To the eye the three nets' reconstructions differ little, so the smallest is to be preferred."""
    ssim = {name: score_interval(name, "ssim", runs) for name in (*_ROBLEDO_PAIR, "robledo-max-pool")}
    gap = score_difference("robledo-three-layer", "robledo-two-layer", "ssim", runs)
    spread = max(value.mean for value in ssim.values()) - min(value.mean for value in ssim.values())
    alike = spread < 0.05
    return Finding(
        "robledo2021",
        "the outputs of the nets look alike, so the one with fewest parameters is the better model",
        HOLDS if alike else IN_PART if gap.high < 0.1 else FAILS,
        {
            **{f"SSIM, {name.removeprefix('robledo-')}": str(value) for name, value in ssim.items()},
            "three layers − two layers, paired by seed": str(gap),
        },
        "structural similarity tells none apart."
        if alike
        else "the two strided nets are close, the max-pool net is plainly worse."
        if gap.high < 0.1
        else "structural similarity tells them apart.",
    )


ROBLEDO = (
    robledo_pixels,
    robledo_parameters,
    robledo_third_padding,
    robledo_blue_stride,
    robledo_halving,
    robledo_stride_over_pooling,
    robledo_better_than_dense,
    robledo_no_overfitting,
    robledo_first_batches,
    robledo_untrained_noise,
    robledo_looks_alike,
)

"""Claims of robledo2021, a convolutional autoencoder on MNIST: its nets, their parts, and their code.

Its sections have no numbers; places name them as the source does.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from convae.arithmetic.shapes import (
    convolution_parameters,
    convolution_size,
    multiply_adds,
    pooling_size,
    transposed_size,
)
from convae.arithmetic.tracing import trace
from convae.claims.finding import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED, Finding
from convae.claims.registry import claim
from convae.data import load
from convae.experiments.experiment import Rows
from convae.experiments.interpolating import AUGMENTATION, LONGER
from convae.experiments.results import (
    BASELINES,
    Loader,
    ahead_from,
    curve_difference,
    loss_curve,
    score_difference,
    score_interval,
    scores,
)
from convae.experiments.runs import Run, load_run, load_runs
from convae.measures.intervals import Interval, between_seeds, between_shares, over_seeds
from convae.models import (
    Autoencoder,
    build,
    robledo_max_pool,
    robledo_three_layer,
    robledo_two_layer,
)
from convae.names import listed
from convae.training.optimisers import adam, descend, gradient_descent, momentum, rms_prop, two_hollows, walk

NETS = {
    "robledo-two-layer": robledo_two_layer,
    "robledo-three-layer": robledo_three_layer,
    "robledo-max-pool": robledo_max_pool,
}
NET, GLOBAL = "robledo-two-layer", "bottleneck-32"  # a code with places, and one of the whole picture
FEW_LOST = 0.02  # of pictures: about as many as the classifiers mistake of single real nines
PULLS = (-2.0, 1.0)  # two gradients by which averages of the first and the second power are told apart
HOLLOW_RATE, HOLLOW_STEPS = 0.02, 1000
AS_GOOD = 1  # point of accuracy: a loss below it is none to speak of
GOOD = 0.9  # of pictures that are still named; of a mean picture it is a tenth, of the best 99 %
PAIR = (NET, "robledo-three-layer")
ACTIVATED = {
    "ReLU": NET,
    "sigmoid": "robledo-sigmoid",
    "tanh": "robledo-tanh",
    "no activation": "robledo-linear",
}
REACHED, LATER, MUCH = 0.01, 0.005, 1.5  # MSEs, the first some twice the final one; times the epochs
BEHIND: Mapping[str, Callable[[int], nn.Module]] = {
    "a 3×3 convolution to 16 maps": lambda side: nn.Conv2d(8, 16, 3),
    "a linear layer to 10 numbers": lambda side: nn.Linear(8 * side**2, 10),
}
DENSE_SIZES = (64, 128, 256, 512)
# The report gives its weight decay with the convolutional nets; whether the dense ones had one it does not say.
AGAINST = {
    "with weight decay": [f"dense-{size}" for size in DENSE_SIZES],
    "without": [f"dense-{size}-no-decay" for size in DENSE_SIZES],
}
HALF = (0.4, 0.6)  # of the error is "about a half"
GAP = 5  # per cent: of so much more error on test pictures we say that a net overfits
LAST = 920  # batches, the last look at the losses within the first epoch's 938
NEAR = 2  # times an error or a distance: so far pictures look "much alike"
SEEN = 0.1  # of the grey scale, as a standard deviation: a pattern that is plainly seen
MORE_MAPS = "robledo-more-maps"  # two layers, with as large a code as three
STRAIGHT = "dense-64-linear-no-decay"  # a dense net without our ReLU on its code
MOST_OF_IT = 1 / 2  # of a gain


@claim("robledo2021", "Arquitectura de la red, first encoder, item 1", chapter="two-layer", shown=False)
def robledo_pixels(stated: int = 768) -> Finding:
    """28×28 is written as 768 once."""
    pixels = 28 * 28
    right = stated == pixels
    return Finding(
        f"a picture of 28×28 has {stated} pixels (once; 784 elsewhere)",
        HOLDS if right else SLIP,
        {"28 × 28": str(pixels), "the text has": str(stated)},
        "so it is." if right else "its own introduction has the right number; nothing depends on this one.",
        {HOLDS: f"the number is {pixels}", SLIP: "it is another one, where the text has the right one elsewhere"},
    )


@claim("robledo2021", "Arquitectura de la red", chapter="two-layer", shown=False)
def robledo_parameters(stated: Sequence[int] = (80, 1168, 1160, 73, 2481)) -> Finding:
    """The two-layer net's layers have 80, 1,168, 1,160 and 73 parameters, together 2,481."""
    layers = [layer.parameters for layer in trace(robledo_two_layer(), (1, 28, 28)) if layer.parameters]
    counted = [*layers, sum(layers)]
    right = [ours == theirs for ours, theirs in zip(counted, stated, strict=True)]
    return Finding(
        f"the layers of the two-layer net have {', '.join(f'{each:,}' for each in stated[:-1])} parameters, "
        f"together {stated[-1]:,}",
        HOLDS if all(right) else IN_PART if any(right) else FAILS,
        {"counted": ", ".join(f"{each:,}" for each in counted)},
        f"{sum(right)} of {len(right)} numbers are those that PyTorch's layers have.",
        {HOLDS: "all five numbers are those of PyTorch's layers", IN_PART: "some are", FAILS: "none is"},
    )


@claim("robledo2021", "Arquitectura de la red, after the two-layer net", chapter="two-layer", shown=False)
def robledo_larger_parameters(stated: int = 11748) -> Finding:
    """The three-layer net has 11,748 parameters."""
    small, counted = (
        sum(p.numel() for p in build().parameters()) for build in (robledo_two_layer, robledo_three_layer)
    )
    fits = round(stated - small, -3) == 9000 and (stated - small) / small > 3.5
    return Finding(
        f"the three-layer net has {stated:,} parameters",
        HOLDS if stated == counted else SLIP if fits else FAILS,
        {
            "counted": f"{counted:,}",
            "more than the two-layer net, counted": f"{counted - small:,} ({100 * (counted / small - 1):.0f} %)",
            "and by the text": f"{stated - small:,} ({100 * (stated / small - 1):.0f} %)",
        },
        "so it is."
        if stated == counted
        else "one digit is another in the text as we have it; what the report makes of the number (some 9,000 or "
        f"350 % more than the smaller net has) is as right for {counted:,}."
        if fits
        else "it is another number, and what the report makes of it does not fit either.",
        {
            HOLDS: "the number is the counted one",
            SLIP: "it is another, but some 9,000 and more than 350 % above the smaller net's, as its prose has it",
            FAILS: "it is another, and not that either",
        },
    )


@claim("robledo2021", "Arquitectura de la red, second encoder, item 5", chapter="two-layer", shown=False)
def robledo_third_padding(padding: int = 1) -> Finding:
    """The third convolution has padding 1 and a map of 3×3."""
    sizes = {each: convolution_size(7, 3, 2, each) for each in sorted({0, padding})}
    back = sizes[padding]
    for kernel, stride, around, extra in [(3, 2, 0, 0), (3, 2, 1, 1), (3, 2, 1, 1)]:
        back = transposed_size(back, kernel, stride, around, output_padding=extra)
    right = sizes[padding] == 3 and back == 28
    return Finding(
        f"in the three-layer net the third convolution (3×3, stride 2, padding {padding}) makes 3×3 of 7×7",
        HOLDS if right else SLIP,
        {f"7×7 with padding {each}": f"{size}×{size}" for each, size in sizes.items()}
        | {f"comes back with padding {padding}": f"{back}×{back}"},
        "it does, and the decoder of the list brings it back to 28×28."
        if right
        else "the 3×3 beside it, and the decoder of the list, ask for padding 0, which is what we train.",
        {
            HOLDS: "this padding makes 3×3, and the listed decoder makes 28×28 of it",
            SLIP: "it does not, and padding 0, with which all else in the list fits, does",
        },
    )


@claim(
    "robledo2021",
    "Comparación entre las tres arquitecturas propuestas, first paragraph",
    chapter="two-layer",
    shown=False,
)
def robledo_blue_stride(stride: int = 3) -> Finding:
    """The paragraph on Figure 4 gives the three-layer net stride 3."""
    paths = {}
    for each in sorted({2, stride}):
        paths[each] = [28]
        for padding in (1, 1, 0):
            paths[each].append(convolution_size(paths[each][-1], 3, each, padding))
    stated = [28, 14, 7, 3]
    right = paths[stride] == stated
    return Finding(
        f"the three-layer net of Figure 4 has stride {stride} (its own list of layers says 2)",
        HOLDS if right else SLIP,
        {f"sizes with stride {each}": " → ".join(map(str, path)) for each, path in paths.items()},
        "it gives the sizes that the list states." if right else "only stride 2 gives the sizes that the list states.",
        {
            HOLDS: f"this stride gives the listed sizes, {_path(stated)}",
            SLIP: "it does not, and the listed stride 2 does",
        },
    )


@claim(
    "robledo2021",
    "Comparación entre las tres arquitecturas propuestas, second paragraph",
    chapter="two-layer",
    shown=False,
)
def robledo_hidden_layers(
    nets: Sequence[Callable[[], Autoencoder]] = (robledo_two_layer, robledo_three_layer),
) -> Finding:
    """The larger net has two hidden layers, the smaller one."""
    counts = [sum(isinstance(layer, nn.Conv2d) for layer in net().encoder.modules()) - 1 for net in nets]
    return Finding(
        "the larger net has two hidden layers, the smaller a single one",
        HOLDS if counts == [1, 2] else FAILS,
        {"maps between the picture and the code, smaller and larger net": " and ".join(map(str, counts))},
        "counted in the encoder, between the picture and the code; elsewhere the report counts convolutions, two and "
        "three, as we do."
        if counts == [1, 2]
        else "however one counts.",
        {HOLDS: "between picture and code the nets have one map and two", FAILS: "they have other numbers of maps"},
    )


@claim("robledo2021", "Comparación entre las tres arquitecturas propuestas, second paragraph", chapter="two-layer")
def robledo_halving(runs: Loader = load_runs) -> Finding:
    """Three layers about halve the error for some 9,000 more parameters."""
    ratio = over_seeds([b / a for a, b in zip(*(scores(name, runs=runs) for name in PAIR), strict=True)])
    small, large = (runs(name)[0].record["parameters"] for name in PAIR)
    more = large - small
    halves = HALF[0] <= ratio.low and ratio.high <= HALF[1]
    counts = round(more, -3) == 9000 and more / small > 3.5
    outside = ratio.high < HALF[0] or HALF[1] < ratio.low
    verdict = (
        FAILS
        if not counts or ratio.low > 1
        else HOLDS
        if halves
        else IN_PART
        if outside and ratio.high < 1
        else UNDECIDED
    )
    return Finding(
        "three layers about halve the MSE, for some 9,000 parameters (more than 350 %) more",
        verdict,
        {"MSE, three layers / two layers": str(ratio), "more parameters": f"{more:,} ({100 * more / small:.0f} %)"},
        f"the numbers of parameters are {'right' if counts else 'others'}, and the error falls to "
        f"{ratio.mean:.2f} of the smaller net's"
        + (
            "."
            if halves
            else ", further than to a half."
            if ratio.high < HALF[0]
            else ", not to about a half."
            if outside
            else ", and whether that is about a half is not told."
        ),
        {
            HOLDS: f"the interval of the ratio lies within {HALF[0]} to {HALF[1]} and the parameters are as said",
            IN_PART: "the parameters are as said, and the interval of the ratio lies outside of that and below 1",
            FAILS: "the parameters are others, or the interval lies above 1",
            UNDECIDED: f"the parameters are as said, and the interval holds {HALF[0]}, {HALF[1]} or 1",
        },
    )


@claim("robledo2021", "Arquitectura de la red, before the three-layer net", chapter="two-layer")
def robledo_more_parameters(rows: Rows | None = None, runs: Loader = load_runs) -> Finding:
    """The larger net learns the identity better, having many more parameters."""
    rows = _rows("more-parameters") if rows is None else rows
    share, gain = _of_the_gain(rows, "robledo-more-parameters", runs)
    by_ssim, _ = _of_the_gain(rows, "robledo-more-parameters", runs, "ssim")
    verdict = HOLDS if share.low > MOST_OF_IT else IN_PART if gain.low > 0 else FAILS if gain.high < 0 else UNDECIDED
    return Finding(
        "the larger net clearly learns the identity (to copy what it is shown) better, since it has many more "
        "parameters",
        verdict,
        {
            "of the gain from two to three layers, by as many parameters alone": f"{share.percent()} %",
            "the same by SSIM": f"{by_ssim.percent()} %",
        },
        f"two layers with 38 maps between picture and code have as many parameters, and {100 * share.mean:.0f} % of "
        "the gain, with the smaller net's code. (By squared error, three seeds each.)",
        {
            HOLDS: "as many parameters with the smaller net's code bring more than half of the gain in squared error "
            "(the interval of the share, paired by seed, lies above it)",
            IN_PART: "they bring a gain for certain, but not for certain more than half of it",
            FAILS: "they bring a loss for certain",
            UNDECIDED: "none of these",
        },
    )


@claim("robledo2021", "Comparación entre las tres arquitecturas propuestas, second paragraph", chapter="two-layer")
def robledo_less_drastic(
    nets: Sequence[Callable[[], Autoencoder]] = (robledo_two_layer, robledo_three_layer),
    rows: Rows | None = None,
    runs: Loader = load_runs,
) -> Finding:
    """It makes sense that the larger net has the smaller error: its code is reduced less drastically."""
    small, large = (net().encode(torch.zeros(1, 1, 28, 28)).numel() for net in nets)
    rows = _rows("larger-code") if rows is None else rows
    share, gain = _of_the_gain(rows, MORE_MAPS, runs)
    by_ssim, _ = _of_the_gain(rows, MORE_MAPS, runs, "ssim")
    larger, helps, most = large > small, gain.low > 0, share.low > MOST_OF_IT
    return Finding(
        "it makes sense that the larger net has the smallest error, for it reduces the dimension less drastically",
        (HOLDS if most else IN_PART if helps else FAILS if gain.high < 0 else UNDECIDED) if larger else FAILS,
        {
            "numbers in the code, smaller and larger net": f"{small} and {large}",
            "of the gain from two to three layers, by 32 maps alone": f"{share.percent()} %",
            "the same by SSIM": f"{by_ssim.percent()} %",
        },
        f"two layers with 32 maps in the code have one as large, and {100 * share.mean:.0f} % of the gain in squared "
        f"error; by SSIM {'some of it' if by_ssim.low > 0 else 'no gain is shown'}. (Three seeds each.) If not the "
        "code is meant but the steps, 28 to 9 to 3 against 28 to 14 to 7 to 3: the steps of this net are as drastic as "
        "the smaller net's, and what gentler ones alone bring was not tried."
        if larger and helps
        else "a larger code alone brings no smaller error for certain."
        if larger
        else "its code is not larger.",
        {
            HOLDS: "its code has more numbers, and a code as large without a layer more brings more than half of the "
            "gain in squared error (the interval of the share, paired by seed, lies above it)",
            IN_PART: "its code has more numbers, and such a code brings a gain for certain, but not for certain more "
            "than half of it",
            FAILS: "its code has no more numbers, or such a code brings a loss for certain",
            UNDECIDED: "its code has more numbers, and whether such a code brings a gain is not told",
        },
    )


@claim("robledo2021", "Comparación entre las tres arquitecturas propuestas, second paragraph", chapter="two-layer")
def robledo_stride_over_pooling(runs: Loader = load_runs) -> Finding:
    """A learnt stride beats max-pooling."""
    difference = score_difference("robledo-max-pool", "robledo-two-layer", runs=runs)
    verdict = HOLDS if difference.low > 0 else FAILS if difference.high < 0 else UNDECIDED
    return Finding(
        "on MNIST a learnt stride reconstructs better than stride 1 followed by max-pooling",
        verdict,
        {
            "MSE, max-pool": str(score_interval("robledo-max-pool", runs=runs)),
            "MSE, stride": str(score_interval("robledo-two-layer", runs=runs)),
            "difference, paired by seed": str(difference),
        },
        {
            HOLDS: "of the two nets that the source trained, the strided one has the smaller error, with as many "
            "parameters.",
            FAILS: "of the two nets that the source trained, the max-pool net has the smaller error.",
            UNDECIDED: "the two cannot be told apart.",
        }[verdict],
        {
            HOLDS: "the interval of max-pool − stride lies above 0",
            FAILS: "it lies below 0",
            UNDECIDED: "it holds 0",
        },
    )


@claim("robledo2021", "Comparación con el práctico 3", chapter="two-layer")
def robledo_better_than_dense(runs: Loader = load_runs, rows: Rows | None = None) -> Finding:
    """The convolutional nets learn better than the dense ones."""
    conv = {name: score_interval(name, runs=runs) for name in PAIR}
    dense = {name: score_interval(name, runs=runs) for names in AGAINST.values() for name in names}
    straight = _trained(_rows("linear-codes") if rows is None else rows, STRAIGHT)
    others = {net: between_seeds(scores(net, runs=runs)[: len(straight)], straight) for net in PAIR}
    won, verdict = _against_dense(lambda net, rival: score_difference(net, rival, runs=runs), others.values())
    behind = [_conv(net) for net, difference in others.items() if difference.low > 0]
    return Finding(
        "in the cases tried (max-pool excepted) the convolutional nets learn the identity better than the dense ones "
        "of 64, 128, 256 and 512 hidden units",
        verdict,
        {
            **{f"MSE, {_conv(name)}": str(value) for name, value in conv.items()},
            **{
                f"MSE, dense, 64 to 512 units, {setting}": ", ".join(f"{dense[name].mean:.5f}" for name in names)
                for setting, names in AGAINST.items()
            },
            "MSE, dense, 64 units, without, code without ReLU": str(over_seeds(straight)),
            **{f"{_conv(net)} − this, paired by seed": str(difference) for net, difference in others.items()},
            **_counted(won),
        },
        f"{_told(won, 'ends below')}. The report names its weight decay for the convolutional nets only, and no "
        "activation for the dense ones: the ReLU on their code is ours"
        + (f", and without it 64 units are ahead of the net of {listed(behind)}." if behind else "."),
        {
            HOLDS: "both nets end below all four dense ones, trained with the convolutional nets' weight decay and "
            "without any, and below the one without ReLU (the interval of each difference, paired by seed, lies "
            "below 0)",
            IN_PART: "some of these 18 intervals lie below 0",
            FAILS: "all lie above 0",
            UNDECIDED: "none lies below 0, and some hold it",
        },
    )


@claim("robledo2021", "Comparación con el práctico 3", chapter="two-layer")
def robledo_faster_than_dense(runs: Loader = load_runs) -> Finding:
    """The convolutional nets learn faster than the dense ones."""
    won, verdict = _against_dense(lambda net, rival: curve_difference(net, rival, runs=runs)[1])
    passing = {
        f"epochs until {_conv(net)} is ahead for good, dense {setting}": ", ".join(
            str(epoch) if epoch else "never" for epoch in (ahead_from(net, name, runs) for name in names)
        )
        for net in PAIR
        for setting, names in AGAINST.items()
    }
    return Finding(
        "in the cases tried (max-pool excepted) the convolutional nets learn the identity faster than the dense ones "
        "of 64, 128, 256 and 512 hidden units",
        verdict,
        {**_counted(won), **passing},
        f"after the first epoch, {_told(won, 'is ahead of')}.",
        {
            HOLDS: "after the first epoch both nets are ahead of all four dense ones, trained with the convolutional "
            "nets' weight decay and without any (the interval of each difference, paired by seed, lies below 0)",
            IN_PART: "some of these 16 intervals lie below 0",
            FAILS: "all lie above 0",
            UNDECIDED: "none lies below 0, and some hold it",
        },
    )


@claim("robledo2021", "Comparación con el práctico 3", chapter="two-layer", shown=False)
def robledo_dense_simpler(count: Callable[[nn.Module], int] | None = None) -> Finding:
    """The dense net was quite simpler, with fewer parameters to fit."""
    count = count or (lambda model: sum(parameter.numel() for parameter in model.parameters()))
    dense = [count(build(f"dense-{size}")) for size in DENSE_SIZES]
    conv = [count(build(name)) for name in PAIR]
    fewer = sum(ours < theirs for ours in dense for theirs in conv)
    return Finding(
        "the dense net was quite simpler: it had fewer parameters to fit",
        HOLDS if fewer == len(dense) * len(conv) else IN_PART if fewer else FAILS,
        {
            "parameters, dense, 64 to 512 units": ", ".join(f"{each:,}" for each in dense),
            "parameters, two and three layers": ", ".join(f"{each:,}" for each in conv),
        },
        f"the smallest dense net has {min(dense) / max(conv):.0f} times as many as the larger convolutional one."
        if not fewer
        else f"in {fewer} of {len(dense) * len(conv)} pairs the dense net has fewer.",
        {
            HOLDS: "all dense nets of Figure 5 have fewer than both convolutional ones",
            IN_PART: "some have fewer than one",
            FAILS: "none has",
        },
    )


@claim("robledo2021", "Entrenamiento y prueba", chapter="two-layer", shown=False)
def robledo_no_overfitting(runs: Loader = load_runs) -> Finding:
    """Watching train and test together shows no overfitting."""
    gaps = {}
    for name in NETS:
        ends = [(run.scores["test"]["mse"], run.scores["train"]["mse"]) for run in runs(name)]
        gaps[name] = over_seeds([100 * (test / train - 1) for test, train in ends])  # per cent
    overfitted = [_conv(name) for name, gap in gaps.items() if gap.low > GAP]
    clear = all(gap.high < GAP for gap in gaps.values())
    return Finding(
        "train and test error are followed together to make sure that nothing overfits",
        FAILS if overfitted else HOLDS if clear else UNDECIDED,
        {f"test / train − 1, {_conv(name)}": f"{gap} %" for name, gap in gaps.items()},
        f"{listed(overfitted)} overfits."
        if overfitted
        else f"no net's error is {GAP} % larger on test pictures than on training pictures."
        if clear
        else f"whether a net's error is {GAP} % larger on test pictures is not certain.",
        {
            HOLDS: f"of all three nets the interval of test / train − 1 lies below {GAP} %",
            FAILS: "of one it lies above",
            UNDECIDED: f"of one it holds {GAP} %, and of none it lies above",
        },
    )


@claim("robledo2021", "Resultados, on Figure 3", chapter="two-layer", shown=False)
def robledo_first_epoch(runs: Loader = load_runs, baselines: Run | None = None) -> Finding:
    """Within the first epoch the picture put out improves substantially."""
    steps = [run.record["curves"]["steps"]["test"] for run in runs(NET)]
    table = (load_run(BASELINES) if baselines is None else baselines).scores["test"]
    mean = table["mean-image/0"]["mse"]
    left = {batches: over_seeds([curve[batches // 20] / curve[0] for curve in steps]) for batches in (20, 40, LAST)}
    end = over_seeds([curve[LAST // 20] for curve in steps])
    falls, shows = left[LAST].high < 0.5, end.high < mean
    return Finding(
        "as training advances within the first epoch, the picture that the net puts out improves substantially",
        HOLDS if falls and shows else IN_PART if left[LAST].high < 1 else FAILS,
        {
            "MSE before training": str(over_seeds([curve[0] for curve in steps])),
            **{f"of it is left after {batches} batches": str(share) for batches, share in left.items()},
            f"MSE after {LAST} batches": str(end),
            "MSE of the mean picture": f"{mean:.4f}",
        },
        f"at the end of the epoch {left[LAST].mean:.2f} of the error is left"
        + (", and no constant picture does as well" if shows else ", no less than the mean picture's")
        + f"; after the 40 batches of Figure 3 it is {left[40].mean:.2f}.",
        {
            HOLDS: f"after {LAST} of the epoch's 938 batches less than half of the error is left, and less than the "
            "mean picture has (by the intervals over seeds)",
            IN_PART: "it falls, but not as far",
            FAILS: "it does not fall for certain",
        },
    )


@claim("robledo2021", "Resultados, on Figure 3", chapter="two-layer")
def robledo_first_batches(runs: Loader = load_runs, baselines: Run | None = None) -> Finding:
    """After 20 and 40 batches the pictures already look like those of later."""
    steps = loss_curve(NET, "test", "steps", runs)
    after = {batches: steps[batches // 20] for batches in (0, 20, 40, LAST)}
    left = over_seeds(
        [curve[2] / curve[LAST // 20] for curve in (run.record["curves"]["steps"]["test"] for run in runs(NET))]
    )
    table = (load_run(BASELINES) if baselines is None else baselines).scores["test"]
    black, mean = table["black-image/0"]["mse"], table["mean-image/0"]["mse"]
    beats = after[40].high < mean
    bar = "an all-black picture" if after[40].low > black else "the mean picture"
    return Finding(
        "the net learns so fast that after the 40th batch the pictures change little",
        HOLDS if beats and left.high < NEAR else IN_PART if beats else FAILS,
        {
            **{f"MSE after {batches} batches": str(value) for batches, value in after.items()},
            f"MSE after 40 batches / after {LAST}": str(left),
            "MSE of an all-black picture": f"{black:.4f}",
            "MSE of the mean picture": f"{mean:.4f}",
        },
        f"after 40 batches the error is {left.mean:.1f} times what it is at the end of the epoch"
        + (", and below that of any constant picture." if beats else f", no smaller than that of {bar}.")
        + " (Our weights begin as PyTorch's do; how the report's began is not said.)",
        {
            HOLDS: f"after 40 batches the error is below the mean picture's, and less than {NEAR} times that at the "
            "end of the first epoch (by the intervals over seeds)",
            IN_PART: "only the former",
            FAILS: "it is not below the mean picture's for certain",
        },
    )


@claim("robledo2021", "Resultados, on Figure 3", chapter="two-layer", shown=False)
def robledo_untrained_noise(fresh: Callable[[], nn.Module] = robledo_two_layer) -> Finding:
    """The untrained net puts out noise."""
    pictures = load("mnist-sample").test[:100].all().images
    spreads, stretched, neighbours, copies, blocks = [], [], [], [], []
    for seed in range(20):
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed)
            out = fresh()(pictures)
        least, most = out.flatten(1).amin(1), out.flatten(1).amax(1)
        spreads.append(out.flatten(1).std(1).mean().item())
        stretched.append((out.flatten(1).std(1) / (most - least).clamp(min=1e-12)).mean().item())
        neighbours.append(abs(_correlation(out[..., 1:], out[..., :-1])) / 2)
        neighbours[-1] += abs(_correlation(out[..., 1:, :], out[..., :-1, :])) / 2
        copies.append(abs(_correlation(out, pictures)))
        blocks.append(_correlation(out[..., :9, :9], out[..., 18:27, :9]))
    fixed, full, near, like = (over_seeds(each) for each in (spreads, stretched, neighbours, copies))
    digits = (
        _correlation(pictures[..., 1:], pictures[..., :-1]) + _correlation(pictures[..., 1:, :], pictures[..., :-1, :])
    ) / 2
    shown, noise = full.low > SEEN, near.high < digits / 2 and like.high < 1 / 2
    verdict = FAILS if not (shown and noise) else HOLDS if fixed.low > SEEN else UNDECIDED
    return Finding(
        "before training the pictures that come out are noisy",
        verdict,
        {
            "correlation of neighbouring pixels, without its sign (white noise 0)": str(near),
            "the same in the digits": f"{digits:.2f}",
            "correlation with the picture, without its sign (a copy 1)": str(like),
            "correlation of two blocks' outputs (white noise 0)": str(over_seeds(blocks)),
            "standard deviation of a picture's pixels, black 0 and white 1": str(fixed),
            "the same, stretched from the picture's darkest pixel to its brightest": str(full),
        },
        {
            HOLDS: "a pixel says little of its neighbour and of the picture, and they scatter widely.",
            UNDECIDED: "a pixel says little of its neighbour and of the picture, as in noise, though it repeats from "
            "block to block, as noise does not. On a grey scale from 0 to 1 it is not seen; stretched to full "
            "contrast, as Matplotlib's imshow does unless told otherwise, it is strong. Which of both Figure 3 shows, "
            "our copy of the report does not.",
            FAILS: "an even grey, however it is drawn." if not shown else "a pixel tells its neighbour or the picture.",
        }[verdict],
        {
            HOLDS: "neighbouring pixels correlate less than half as much as the digits' do, and none of it is the "
            f"picture (below 0.5), and the standard deviation of the pixels lies above {SEEN} on a scale from 0 to 1",
            UNDECIDED: f"the same, but it lies above {SEEN} only where each picture is stretched to full contrast",
            FAILS: "they correlate more, or it does in neither",
        },
    )


@claim(
    "robledo2021",
    "Comparación entre las tres arquitecturas propuestas, second paragraph",
    chapter="two-layer",
    shown=False,
)
def robledo_looks_alike(runs: Loader = load_runs) -> Finding:
    """To the eye both strided nets' reconstructions differ little, which speaks for the smaller net."""
    ssim = {name: score_interval(name, "ssim", runs) for name in NETS}
    gap = score_difference(PAIR[1], PAIR[0], "ssim", runs)
    pooled = score_difference(PAIR[0], "robledo-max-pool", "ssim", runs)
    chance = max(max(each) - min(each) for each in (scores(name, "ssim", runs) for name in PAIR))
    three, two, pool = (scores(name, "ssim", runs) for name in (PAIR[1], PAIR[0], "robledo-max-pool"))
    further = between_seeds(
        [a - b for a, b in zip(three, two, strict=True)], [b - c for b, c in zip(two, pool, strict=True)]
    )
    verdict = HOLDS if gap.high < chance else FAILS if further.low > 0 else UNDECIDED
    return Finding(
        "to the eye there is no great difference between the results of the two strided nets: both come very near to "
        "the identity",
        verdict,
        {
            "SSIM, three layers − two layers, paired by seed": str(gap),
            "SSIM, largest difference between two seeds of one of them": f"{chance:.3f}",
            "SSIM, two layers − max-pooling, paired by seed": str(pooled),
            **{f"SSIM, {_conv(name)}": str(value) for name, value in ssim.items()},
        },
        {
            HOLDS: "they are no further apart than two seeds of one of them.",
            FAILS: "they are further apart than the two-layer net and the max-pool net.",
            UNDECIDED: f"on the scale of SSIM, on which 1 is a perfect copy, they are {gap.mean:.2f} apart: more than "
            f"two seeds of one net ({chance:.2f}), less than the two-layer and the max-pool net ({pooled.mean:.2f}). "
            "Where between them the eye begins to see a great difference, nobody has asked.",
        }[verdict],
        {
            HOLDS: "the interval of the difference lies below the largest difference between two seeds of one net",
            FAILS: "it is greater than the difference of the two-layer net and the max-pool net (paired by seed)",
            UNDECIDED: "neither",
        },
    )


def _path(sizes: Sequence[int]) -> str:
    return " → ".join(map(str, sizes))


def _conv(name: str) -> str:
    return {NET: "two layers", PAIR[1]: "three layers", "robledo-max-pool": "max-pooling"}[name]


def _against_dense(
    difference: Callable[[str, str], Interval], others: Iterable[Interval] = ()
) -> tuple[dict[tuple[str, str], int], str]:
    """In how many of the four sizes each convolutional net is ahead of the dense ones, by setting; and a verdict.

    Args:
        others: Differences, convolutional − dense, that the verdict shall count as well.
    """
    found = {
        (net, setting): [difference(net, rival) for rival in rivals]
        for net in PAIR
        for setting, rivals in AGAINST.items()
    }
    every = [interval for intervals in found.values() for interval in intervals] + list(others)
    ahead = [interval.high < 0 for interval in every]
    behind = all(interval.low > 0 for interval in every)
    verdict = HOLDS if all(ahead) else IN_PART if any(ahead) else FAILS if behind else UNDECIDED
    return {key: sum(interval.high < 0 for interval in intervals) for key, intervals in found.items()}, verdict


def _trained(rows: Rows, net: str, score: str = "mse") -> list[float]:
    """A test score of a net that a study has trained, one number a seed from 0 on."""
    return [row[score] for name, row in rows.items() if name.rpartition("/")[0] == net]


def _of_the_gain(rows: Rows, net: str, runs: Loader, score: str = "mse") -> tuple[Interval, Interval]:
    """How much of the way from the two-layer to the three-layer net another one goes, and how far, paired by seed."""
    between = _trained(rows, net, score)
    few, deep = (scores(name, score, runs)[: len(between)] for name in PAIR)
    return over_seeds([(a - b) / (a - c) for a, b, c in zip(few, between, deep, strict=True)]), between_seeds(
        few, between
    )


def _correlation(first: torch.Tensor, second: torch.Tensor) -> float:
    """Of two sets of pictures [N, ...], pixel by pixel, the mean over the pictures; an even picture has none, 0."""
    centred = [each.flatten(1).double() - each.flatten(1).double().mean(1, keepdim=True) for each in (first, second)]
    norms = centred[0].norm(dim=1) * centred[1].norm(dim=1)
    return float(((centred[0] * centred[1]).sum(1) / norms.clamp(min=1e-12)).mean())


def _counted(won: Mapping[tuple[str, str], int]) -> dict[str, str]:
    return {f"{_conv(net)} ahead, dense {setting}": f"{count} of 4" for (net, setting), count in won.items()}


def _told(won: Mapping[tuple[str, str], int], does: str) -> str:
    parts = [
        f"the net of {_conv(net)} {does} {listed([f'{won[net, setting]} of the 4 {setting}' for setting in AGAINST])}"
        for net in PAIR
    ]
    return ", and ".join(parts)


@claim("robledo2021", "Componentes de la red", chapter="kernels", shown=False)
def robledo_lower_dimension(nets: Mapping[str, Callable[[], Autoencoder]] = NETS) -> Finding:
    """The encoder returns a representation of lower dimension."""
    sizes = {name: build().encode(torch.zeros(1, 1, 28, 28)).numel() for name, build in nets.items()}
    lower = [size < 28 * 28 for size in sizes.values()]
    return Finding(
        "the encoder returns a representation of lower dimension than the picture",
        HOLDS if all(lower) else IN_PART if any(lower) else FAILS,
        {f"numbers in the code of {name}": f"{size} of {28 * 28}" for name, size in sizes.items()},
        "all codes of the report's nets are smaller than the picture."
        if all(lower)
        else f"{sum(lower)} of {len(lower)} codes are smaller than the picture.",
        {HOLDS: "each code has fewer numbers than the picture", IN_PART: "some have", FAILS: "none has"},
    )


@claim("robledo2021", "Componentes de la red, Capa convolucional", chapter="convolution-arithmetic")
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
        "a convolutional layer applies its filters by cross-correlation",
        HOLDS if plain else FAILS,
        {
            f"PyTorch's layer multiplies the picture by the kernel {name}": "yes" if s else "no"
            for name, s in sums.items()
        },
        "well said. A convolution in the mathematical sense would turn the kernel first."
        if plain
        else "the kernel is turned first.",
        {
            HOLDS: "each number is the sum of products of picture and kernel, the kernel as it is",
            FAILS: "it is so with the kernel turned by 180° only",
        },
    )


@claim(
    "robledo2021",
    "Componentes de la red, Capa convolucional, equations 1 and 2",
    chapter="convolution-arithmetic",
    shown=False,
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
        "a convolutional layer has K²·C·N weights and N biases (equations 1 and 2)",
        HOLDS if right == len(settings) else FAILS,
        {"settings in which PyTorch's layer has as many": f"{right} of {len(settings)}"},
        "for any kernel, input and output channels." if right == len(settings) else "it miscounts.",
        {HOLDS: "PyTorch's layer has as many in every setting tried", FAILS: "it has another number in one of them"},
    )


@claim("robledo2021", "Componentes de la red, Capa convolucional, after equation 2", chapter="convolution-arithmetic")
def robledo_stride_one(kernel: int = 3) -> Finding:
    """With stride 1 the maps have the size of the picture."""
    sizes = {padding: convolution_size(28, kernel, 1, padding) for padding in (0, 1)}
    return Finding(
        f"with stride 1 the maps of a {kernel}×{kernel} layer have the size of the picture",
        HOLDS if sizes[0] == 28 else IN_PART if sizes[1] == 28 else FAILS,
        {f"28×28, stride 1, padding {padding}": f"{size}×{size}" for padding, size in sizes.items()},
        "without any padding."
        if sizes[0] == 28
        else "with a padding of 1, which the report mentions a little further on, for stride 2."
        if sizes[1] == 28
        else "a padding of 1 is not the right one for this kernel.",
        {HOLDS: "28×28 stay without padding", IN_PART: "they stay with a padding of 1", FAILS: "with neither"},
    )


@claim("robledo2021", "Componentes de la red, Capa convolucional, after equation 2", chapter="convolution-arithmetic")
def robledo_stride_two(kernel: int = 3) -> Finding:
    """With stride 2 the size is halved; a padding of 1 mends what is missing at the border."""
    sizes = {padding: convolution_size(28, kernel, 2, padding) for padding in (0, 1)}
    last = (sizes[1] - 1) * 2 + kernel - 1  # row of the padded picture that the last place of the kernel ends in
    return Finding(
        f"a {kernel}×{kernel} layer with stride 2 halves the size, 28 to 14; a padding of 1 adds the rows that are "
        "missing at the border",
        HOLDS if sizes[1] == 14 else FAILS,
        {f"28×28, stride 2, padding {padding}": f"{size}×{size}" for padding, size in sizes.items()}
        | {"zeros read, of one row above and one below": "above only" if last < 29 else "both"},
        "right as it stands." if sizes[1] == 14 else "a padding of 1 is not the right one for this kernel.",
        {HOLDS: "28×28 with a padding of 1 become 14×14", FAILS: "they become another size"},
    )


@claim("robledo2021", "Componentes de la red, Max pooling", chapter="kernels")
def robledo_pooling_fewer_parameters(behind: Mapping[str, Callable[[int], nn.Module]] = BEHIND) -> Finding:
    """A smaller map means fewer parameters to fit.

    Args:
        behind: A layer on eight maps of that side, by name.
    """
    counts = {
        name: tuple(sum(p.numel() for p in make(pooling_size(28, pool)).parameters()) for pool in (1, 2))
        for name, make in behind.items()
    }
    fewer = [name for name, (without, pooled) in counts.items() if pooled < without]
    nets = [sum(p.numel() for p in make().parameters()) for make in (robledo_max_pool, robledo_two_layer)]
    return Finding(
        "max-pooling would reduce the dimension, and with it the number of parameters to fit",
        HOLDS if len(fewer) == len(counts) else IN_PART if fewer else FAILS,
        {
            f"parameters of {name} behind eight maps, without pooling and with 2×2": f"{without:,} and {pooled:,}"
            for name, (without, pooled) in counts.items()
        }
        | {"parameters of the report's max-pool net and of its strided one": f"{nets[0]:,} and {nets[1]:,}"},
        "whatever comes behind."
        if len(fewer) == len(counts)
        else f"if {' or '.join(fewer)} comes behind. A convolution has as many on a small map as on a large one, and "
        "the report's nets have nothing else."
        if fewer
        else "a convolution has as many on a small map as on a large one.",
        {
            HOLDS: "each layer tried has fewer parameters behind the pooling",
            IN_PART: "some have",
            FAILS: "none has",
        },
    )


@claim("robledo2021", "Componentes de la red, Max pooling", chapter="kernels", shown=False)
def robledo_pooling_size(pool: Callable[[int, int], float] = pooling_size) -> Finding:
    """Pooling p×p makes n/p × n/p of n×n.

    Args:
        pool: Side of what is left of n pixels by windows of p.
    """
    settings = [(n, p) for n in range(1, 33) for p in range(1, 6) if p <= n]
    right = [setting for setting in settings if pool(*setting) == setting[0] / setting[1]]
    dividing = [(n, p) for n, p in settings if n % p == 0]
    divided = all(setting in right for setting in dividing)
    return Finding(
        "max-pooling of p×p makes (n/p)×(n/p) of n×n",
        HOLDS if len(right) == len(settings) else IN_PART if divided else FAILS,
        {f"n = {n}, p = {p}": f"n/p = {n / p:.4g}, the map has {pool(n, p):g}" for n, p in ((28, 2), (28, 3), (9, 3))}
        | {
            "right, of the n up to 32 and p up to 5": f"{len(right)} of {len(settings)}; p divides n in {len(dividing)}"
        },
        "for every n and p."
        if len(right) == len(settings)
        else "if p divides n; otherwise it is ⌊n/p⌋, and the last rows and columns are not read. The report's own net "
        "pools 28 by 3."
        if divided
        else "not even where p divides n.",
        {
            HOLDS: "the side is n/p for every n and p tried",
            IN_PART: "it is wherever p divides n",
            FAILS: "it is not, for a p that divides n",
        },
    )


@claim("robledo2021", "Componentes de la red, caption of Figure 2", chapter="kernels", shown=False)
def robledo_figure_two(stated: int = 16) -> Finding:
    """The caption of Figure 2 speaks of 16 maps, the text of 8 kernels."""
    layer = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.MaxPool2d(2))
    channels, rows, columns = layer(torch.zeros(1, 1, 28, 28)).shape[1:]
    return Finding(
        f"Figure 2 shows the {stated} maps, 14×14, of the first layer with 2×2 pooling",
        HOLDS if channels == stated else SLIP,
        {"8 kernels 3×3, stride 1, padding 1, max-pooling 2×2": f"{channels} maps of {rows}×{columns}"},
        "the size is right; the text, and the caption of Figure 1, have 8 kernels."
        if channels != stated
        else "the number is right.",
        {HOLDS: "the caption has as many maps as the text has kernels, 8", SLIP: "it has another number"},
    )


@claim("robledo2021", "Componentes de la red, Capa convolucional, on Figure 1", chapter="kernels")
def robledo_kernels_differ(maps: Mapping[str, Sequence[float]] | None = None) -> Finding:
    """The kernels, random ones, each bring out other features."""
    maps = _rows("activations")["maps"] if maps is None else maps
    correlation, apart = over_seeds(maps["correlation"]), over_seeds(maps["apart"])
    return Finding(
        "a layer of eight random kernels brings out different features of the picture",
        HOLDS if apart.low > 0.5 else FAILS if apart.high < 0.5 else UNDECIDED,
        {
            "correlation of two of the eight maps, without its sign": str(correlation),
            "pairs of maps with less than half of their variance in common": _share(apart),
            "draws of the kernels, on 200 digits of MNIST": str(apart.count),
        },
        "two of the maps mostly share less than half of their variance."
        if apart.low > 0.5
        else "two of the maps mostly share more than half of it."
        if apart.high < 0.5
        else "about as many pairs are alike as are not.",
        {
            HOLDS: "the interval over draws of the share of pairs with less than half of their variance in common "
            "(squared correlation below 0.5) lies above 1/2",
            FAILS: "it lies below 1/2",
            UNDECIDED: "it holds 1/2",
        },
    )


@claim("robledo2021", "Componentes de la red, Max pooling, second paragraph", chapter="stride-or-pooling")
def robledo_same_reduction(paddings: Sequence[int] = (0, 1, 2)) -> Finding:
    """Stride 1 with max-pooling makes a picture as small as a suitably chosen stride does.

    Args:
        paddings: Those among which the strided layer may choose; the other's is 1, which keeps the size.
    """
    kernel, fitting = 3, {}
    for size, pool in ((28, 2), (28, 3), (9, 3), (27, 2), (9, 2)):  # the report's own, and two odd sizes
        pooled = pooling_size(convolution_size(size, kernel, 1, 1), pool)
        settings = [p for p in paddings if convolution_size(size, kernel, pool, p) == pooled]
        fitting[size, pool] = pooled, settings
    found = [bool(settings) for _, settings in fitting.values()]
    return Finding(
        "stride 1 with max-pooling has the same effect on the size as a convolution with its stride suitably chosen",
        HOLDS if all(found) else IN_PART if any(found) else FAILS,
        {
            f"{size}×{size}, pooling {pool}×{pool}": f"{pooled}×{pooled}; stride {pool} "
            + (f"with padding {' or '.join(map(str, settings))}" if settings else "with none of these paddings")
            for (size, pool), (pooled, settings) in fitting.items()
        },
        "a convolution 3×3 with the pooling's stride gives that size, with a padding that fits."
        if all(found)
        else "for some of these sizes no such padding fits."
        if any(found)
        else "no such padding fits.",
        {
            HOLDS: f"for each of {len(found)} sizes and poolings the stride of the pooling gives its size with one of "
            f"the paddings {', '.join(map(str, paddings))}",
            IN_PART: "for some of them it does",
            FAILS: "for none of them it does",
        },
    )


@claim("robledo2021", "Componentes de la red, Max pooling, second paragraph", chapter="stride-or-pooling")
def robledo_pooling_free(pool: nn.Module | None = None) -> Finding:
    """Max-pooling comes "without cost", as it adds no parameters that would have to be fitted."""
    parameters = sum(p.numel() for p in (pool or nn.MaxPool2d(3)).parameters())
    products = {
        name: sum(layer.multiply_adds for layer in trace(NETS[name]().encoder, (1, 28, 28)))
        for name in ("robledo-two-layer", "robledo-max-pool")
    }
    dearer = products["robledo-max-pool"] / products["robledo-two-layer"]
    one = [multiply_adds(1, 8, 3, (places, places)) for places in (convolution_size(28, 3, 2, 1), 28)]
    return Finding(
        "max-pooling comes “without cost”, as it adds no new parameters to fit",
        FAILS if parameters else HOLDS,
        {
            "parameters of the pooling": str(parameters),
            "products, 8 kernels 3×3 on 28×28, stride 2": f"{one[0]:,}",
            "the same, stride 1 with pooling 2×2": f"{one[1]:,} and {3 * 8 * 14 * 14:,} comparisons",
            "products in the encoder, strided net": f"{products['robledo-two-layer']:,}",
            "products in the encoder, max-pool net": f"{products['robledo-max-pool']:,}",
        },
        "it adds parameters."
        if parameters
        else "it adds no parameters. Of arithmetic, another cost, the claim does not speak: the convolution before a "
        f"maximum has to compute all of which one in nine is kept, here {dearer:.0f} times the products.",
        {HOLDS: "the pooling has no parameters", FAILS: "it has some"},
    )


@claim("robledo2021", "Componentes de la red, Max pooling, second paragraph", chapter="stride-or-pooling")
def robledo_learnt_pooling(wanted: Mapping[str, Callable[[torch.Tensor], torch.Tensor]] | None = None) -> Finding:
    """With a stride the net itself learns, in a certain sense, the suitable pooling.

    Args:
        wanted: What of four numbers [N, 4] to learn, by name; [N] each.
    """
    wanted = wanted or {
        "the average": lambda windows: windows.mean(1),
        "every second pixel": lambda windows: windows[:, 0],
        "the last pixel minus the first": lambda windows: windows[:, 3] - windows[:, 0],
    }
    windows = torch.rand(4000, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    inputs = torch.cat([windows, torch.ones(4000, 1, dtype=torch.float64)], 1)
    missed, limit = {}, 1e-9
    for name, pool in wanted.items():
        target = pool(windows)[:, None]
        fitted = inputs @ torch.linalg.lstsq(inputs, target).solution
        missed[name] = ((fitted - target).var() / target.var()).item()
    learnt = [share < limit for share in missed.values()]
    return Finding(
        "with a stride we in a certain sense let the net learn the suitable pooling, where max-pooling prescribes one",
        HOLDS if all(learnt) else IN_PART if any(learnt) else FAILS,
        {
            f"random windows: variance that the best 2×2 kernel of stride 2 misses of {name}": f"{100 * share:.0f} %"
            for name, share in missed.items()
        },
        "such a convolution can become each of these, as it can any weighted sum of the window. (Not the maximum, "
        "which the source does not say.)"
        if all(learnt)
        else f"it can become a weighted sum of the window ({_those(missed, learnt)}), and no other pooling "
        f"({_those(missed, [not each for each in learnt])})."
        if any(learnt)
        else "none of these is a weighted sum of the window, and such a convolution can become nothing else.",
        {
            HOLDS: f"the best kernel misses less than {limit:.0e} of the variance of every one of these poolings",
            IN_PART: "of some of them",
            FAILS: "of none",
        },
    )


@claim("robledo2021", "Componentes de la red, Capa ReLU", chapter="activations")
def robledo_relu_eases(runs: Loader = load_runs, tuned: Rows | None = None) -> Finding:
    """ReLU makes training much easier: it takes less of it to come to an error.

    Args:
        tuned: "<activation>/<learning rate>" with the `batches` until then, over seeds, as the study has them.
    """
    rows = _rows("activations") if tuned is None else tuned
    curves = {
        name: [run.record["curves"]["epochs"]["test"] for run in runs(recipe)] for name, recipe in ACTIVATED.items()
    }
    epochs = {
        level: {name: [_reached(curve, level) for curve in each] for name, each in curves.items()}
        for level in (REACHED, LATER)
    }
    rates, batches = {}, {}
    for name in ACTIVATED:
        own = {row.partition("/")[2]: columns for row, columns in rows.items() if row.startswith(f"{name}/")}
        tried = {rate: columns["batches"] for rate, columns in own.items() if "batches" in columns}
        rates[name] = min(tried, key=lambda rate: sum(tried[rate]))
        batches[name] = tried[rates[name]]
    spent = {f"to {level:g}": each for level, each in epochs.items()}
    spent |= {(tuned_rate := f"to {REACHED:g} at its own rate"): batches}
    ratios = {
        (name, how): over_seeds([own / relu for own, relu in zip(each[name], each["ReLU"], strict=True)])
        for how, each in spent.items()
        for name in ACTIVATED
        if name != "ReLU"
    }
    much = [f"{name} {how}" for (name, how), ratio in ratios.items() if ratio.low > MUCH]
    longer = [f"{name} {how}" for (name, how), ratio in ratios.items() if 1 < ratio.low <= MUCH]
    shorter = [f"{name} {how}" for (name, how), ratio in ratios.items() if ratio.high < 1]
    open_ones = [f"{name} {how}" for (name, how), ratio in ratios.items() if not ratio.low > 1 and not ratio.high < 1]
    never = [
        name for name, each in curves.items() if all(min(curve) > LATER for curve in each)
    ]  # counted as one epoch more than there are
    return Finding(
        "ReLU makes training much easier",
        HOLDS if len(much) == len(ratios) else IN_PART if much else FAILS if shorter or longer else UNDECIDED,
        {
            f"epochs to an MSE of {level:g} at the report's learning rate, 0.001, ReLU": str(over_seeds(each["ReLU"]))
            for level, each in epochs.items()
        }
        | {
            f"times as many {how}, {name}": (
                f"never in {len(curves[name][0]) - 1} epochs, so at least " * (name in never and how == f"to {LATER:g}")
            )
            + str(ratio)
            for (name, how), ratio in ratios.items()
            if how != tuned_rate
        }
        | {
            f"batches to {REACHED:g} at its own rate ({rates[name]}), {name}": str(over_seeds(values))
            for name, values in batches.items()
        }
        | {f"times ReLU's batches, {name}": str(ratio) for (name, how), ratio in ratios.items() if how == tuned_rate},
        " ".join(
            [
                "Much longer than ReLU: "
                + (f"{listed(much)}" if much else "none")
                + (
                    f" ({'at' if tuned_rate not in ' '.join(much) else 'not only at'} 0.001), on which “in part” hangs."
                    if much and len(much) < len(ratios)
                    else "."
                ),
                *([f"A little longer: {listed(longer)}."] if longer else []),
                *([f"Less long: {listed(shorter)}."] if shorter else []),
                *([f"Not decided: {listed(open_ones)}."] if open_ones else []),
            ]
        ),
        {
            HOLDS: f"each of the others takes more than {MUCH:g} times ReLU's epochs, to both errors at the "
            "report's learning rate and to the first at its own: the interval of the ratio, paired by seed, lies above "
            "that",
            IN_PART: "some do, or in one of the three ways",
            FAILS: "none does, and the interval of some ratio lies above or below 1",
            UNDECIDED: "all intervals hold 1",
        },
    )


@claim("robledo2021", "Componentes de la red, Capa ReLU", chapter="activations")
def robledo_relu_better(runs: Loader = load_runs, longer: Rows | None = None) -> Finding:
    """ReLU normally helps to a better result.

    Args:
        longer: "<activation>/longer" with the `test` MSE of one net at another learning rate, as the study has them.
    """
    relu, rows = ACTIVATED["ReLU"], _rows("activations") if longer is None else longer
    differences = {
        name: score_difference(recipe, relu, runs=runs) for name, recipe in ACTIVATED.items() if name != "ReLU"
    }
    behind = [name for name, difference in differences.items() if difference.low > 0]
    ahead = [name for name, difference in differences.items() if difference.high < 0]
    open_ones = [name for name in differences if name not in behind + ahead]
    return Finding(
        "ReLU normally helps to a better result",
        HOLDS if len(behind) == len(differences) else IN_PART if behind else FAILS if ahead else UNDECIDED,
        {f"MSE, {name}": str(score_interval(recipe, runs=runs)) for name, recipe in ACTIVATED.items()}
        | {f"{name} − ReLU, paired by seed": str(difference) for name, difference in differences.items()}
        | {
            f"MSE at a learning rate of 0.003, one net, {name}": f"{rows[f'{name}/longer']['test']:.5f}"
            for name in ACTIVATED
            if f"{name}/longer" in rows
        },
        " ".join(
            [
                f"After 20 epochs at the report's learning rate ReLU is below {listed(behind)}."
                if behind
                else "After 20 epochs ReLU is below none of the others.",
                *([f"{listed(ahead).capitalize()} is below ReLU."] if ahead else []),
                *([f"Against {listed(open_ones)} it is not decided."] if open_ones else []),
            ]
        ),
        {
            HOLDS: "the test error of each of the others is higher after 20 epochs: the interval of the difference, "
            "paired by seed, lies above 0",
            IN_PART: "some of them are higher",
            FAILS: "none is, and some are lower",
            UNDECIDED: "all intervals hold 0",
        },
    )


@claim("robledo2021", "Componentes de la red, Capa ReLU", chapter="activations")
def robledo_relu_sparse(
    shares: Mapping[str, Mapping[str, float]] | None = None, others: Mapping[str, float] | None = None
) -> Finding:
    """ReLU allows a sparse representation of the parameters.

    Args:
        shares: By net, the shares of `parameters` and of `activations` behind a ReLU that are exactly 0.
        others: By net without ReLU, that of its parameters.
    """
    rows = shares or {name: _rows("activations")[f"zeros/{name}"] for name in NETS}
    others = others or {name: _zeros(recipe) for name, recipe in ACTIVATED.items() if recipe not in NETS}
    empty = [row["parameters"] > 0.5 for row in rows.values()]
    without = max(others.values()) > 0.5
    most = 100 * max(*(row["parameters"] for row in rows.values()), *others.values())
    few = f"at most {most:.0f} % of the parameters are" if most else "no parameter is"
    silent = [100 * row["activations"] for row in rows.values()]
    return Finding(
        "ReLU allows a sparse representation of the parameters",
        UNDECIDED if without or not any(empty) else HOLDS if all(empty) else IN_PART,
        {
            f"{name}: zeros among {what}": f"{100 * row[key]:.0f} %"
            for name, row in rows.items()
            for key, what in (("parameters", "the parameters"), ("activations", "the numbers behind a ReLU"))
        }
        | {
            f"with {name} for ReLU: zeros among the parameters": f"{100 * share:.0f} %"
            for name, share in others.items()
        }
        | {
            f"smaller than 0.001, seed 0, {name}": f"{100 * _zeros(recipe, 1e-3):.1f} % of the parameters"
            for name, recipe in ACTIVATED.items()
        },
        "nets without ReLU have them as well."
        if without
        else f"{'all' if all(empty) else 'some'} have mostly parameters that are zero."
        if any(empty)
        else f"what it allows is not tried. In these nets, with ReLU or without, {few} zero. What a ReLU makes zero "
        f"are activations: {min(silent):.0f} to {max(silent):.0f} % of them on MNIST's test pictures.",
        {
            HOLDS: "in each net with ReLU more than half of the parameters are exactly 0, in none without",
            IN_PART: "in some with ReLU, in none without",
            UNDECIDED: "in none, or without ReLU as well: nothing here makes parameters 0",
        },
    )


@claim("robledo2021", "Theory, on the optimiser", chapter="optimisers")
def robledo_moments(remembered: Mapping[str, Mapping[str, Tensor]] | None = None) -> Finding:
    """RMSProp keeps an average of the gradients' magnitudes, Adam one of their second moment, too.

    Args:
        remembered: What each optimiser of PyTorch keeps after a gradient of −2 and one of 1, by its own names.
    """
    kept = _remembered() if remembered is None else remembered
    first, second = PULLS
    moments = {
        name: {
            power: keep * (1 - keep) * first**power + (1 - keep) * second**power  # both averages begin at 0
            for power, keep in (powers.items())
        }
        for name, powers in {"RMSProp": {1: 0.99, 2: 0.99}, "Adam": {1: 0.9, 2: 0.999}}.items()
    }

    def powers(name: str) -> set[int]:
        """Of which powers of the gradient an optimiser keeps an average."""
        values = [value.item() for value in kept[name].values()]
        return {
            power
            for power, wanted in moments[name].items()
            if any(math.isclose(v, wanted, rel_tol=1e-6) for v in values)
        }

    has = {name: powers(name) for name in moments}
    two = len(has["Adam"]) == 2 and len(has["RMSProp"]) == 1
    named = two and 2 in has["Adam"] - has["RMSProp"]
    called = {1: "gradients (first moment)", 2: "squares (second moment)"}
    return Finding(
        "RMSProp keeps a moving average of the magnitudes of the last gradients; Adam does so, too, and besides keeps "
        "one of their second moment",
        HOLDS if named else IN_PART if two else FAILS,
        {
            f"{name} of PyTorch keeps averages of": " and of ".join(called[power] for power in sorted(own)) or "neither"
            for name, own in has.items()
        },
        "the magnitudes of RMSProp are squares, which is the second moment; what Adam adds is the average of the "
        "gradients themselves, the first."
        if two and not named
        else "what Adam adds is the second moment."
        if named
        else "Adam does not add one average to RMSProp’s.",
        {
            HOLDS: "Adam keeps one average more than RMSProp, and it is that of the squared gradients",
            IN_PART: "it keeps one more, and it is another",
            FAILS: "it does not keep one more",
        },
    )


def _remembered() -> dict[str, dict[str, Tensor]]:
    kept = {}
    for name, kind in {"RMSProp": torch.optim.RMSprop, "Adam": torch.optim.Adam}.items():
        weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimizer = kind([weight])
        for pull in PULLS:
            weight.grad = torch.full_like(weight, pull)
            optimizer.step()
        kept[name] = {key: value for key, value in optimizer.state[weight].items() if key != "step"}
    return kept


@claim("robledo2021", "Theory, on the optimiser", chapter="optimisers")
def robledo_own_rates(move: Callable[[Sequence[float]], float] | None = None) -> Finding:
    """With Adam parameters that would get small or rare updates get larger ones, and the other way round.

    Args:
        move: How far a weight goes by Adam along such gradients, at a learning rate of 0.001.
    """
    move = _adam_moves if move is None else move
    pulls = {
        "small: 1,000 gradients of 0.001": [1e-3] * 1000,
        "rare: of 1,000 gradients every hundredth 1, the others 0": ([1.0] + [0.0] * 99) * 10,
        "large: 1,000 gradients of 1,000": [1e3] * 1000,
    }
    moved = {name: (1e-3 * sum(each), move(each)) for name, each in pulls.items()}
    small, rare, large = moved.values()
    right = [small[1] > small[0], rare[1] > rare[0], large[1] < large[0]]
    return Finding(
        "Adam has an adaptive learning rate for each parameter: those that would normally get small or less frequent "
        "updates get larger ones, and the other way round",
        HOLDS if all(right) else IN_PART if any(right) else FAILS,
        {f"{name}: gradient descent; Adam": f"{plain:.4g}; {own:.4g}" for name, (plain, own) in moved.items()},
        "Adam divides by the size of the weight’s own gradients, and so does RMSProp."
        if all(right)
        else f"{sum(right)} of the three go that way.",
        {
            HOLDS: "at a rate of 0.001 Adam moves a weight farther than gradient descent where its gradients are small, "
            "and where they are rare, and less far where they are large",
            IN_PART: "in one or two of these three",
            FAILS: "in none",
        },
    )


def _adam_moves(pulls: Sequence[float]) -> float:
    start = torch.zeros(1, dtype=torch.float64)
    return -walk(adam, start, [torch.full_like(start, pull) for pull in pulls], 0.001)[-1].item()


@claim("robledo2021", "Introduction, on Practical 3", chapter="optimisers")
def robledo_global_minimum(ends: Mapping[str, Tensor] | None = None) -> Finding:
    """Adam was used to look for the global minimum of the loss function.

    Args:
        ends: Where each optimiser comes to from each start on a surface with two hollows, [starts, 2].
    """
    ends = _ends() if ends is None else ends
    found = {name: (each[:, 0] < 0).sum().item() for name, each in ends.items()}
    starts = len(ends["Adam"])
    return Finding(
        "the method Adam was used to look for the global minimum of the loss function",
        HOLDS if found["Adam"] == starts else IN_PART if found["Adam"] else FAILS,
        {
            f"{name}: ends in the deeper of two hollows": f"from {count} of {starts} starts"
            for name, count in found.items()
        },
        "like the others it goes downhill from where it begins: which hollow it finds is settled there."
        if 0 < found["Adam"] < starts
        else f"it finds it from {'each' if found['Adam'] else 'no'} start.",
        {
            HOLDS: "on a surface with two hollows Adam ends in the deeper one from every start of a lattice",
            IN_PART: "it does so from some starts: the one that is found depends on the start",
            FAILS: "it does so from none",
        },
    )


def _ends() -> dict[str, Tensor]:
    axis = torch.linspace(-1.8, 1.8, 10, dtype=torch.float64)
    starts = torch.cartesian_prod(axis, axis)
    ways = {"gradient descent": gradient_descent, "momentum": momentum, "RMSProp": rms_prop, "Adam": adam}
    return {name: descend(way, starts, two_hollows, HOLLOW_RATE, HOLLOW_STEPS)[-1] for name, way in ways.items()}


@claim("robledo2021", "A usar el autoencoder convolucional!, on Figure 6", chapter="looking-at-the-code", shown=False)
def robledo_code_shape(
    stated: tuple[int, ...] = (9, 3, 3), elsewhere: tuple[int, ...] = (16, 3, 3), model: Autoencoder | None = None
) -> Finding:
    """The decoder takes a tensor of 9×3×3."""
    shape = tuple((model or robledo_two_layer()).encode(torch.zeros(1, 1, 28, 28)).shape[1:])
    written, there, once = ("×".join(map(str, each)) for each in (shape, elsewhere, stated))
    verdict = HOLDS if shape == stated else SLIP if shape == elsewhere else FAILS
    return Finding(
        f"the decoder takes a tensor of {once} (once; {there} a few lines before)",
        verdict,
        {"code of the two-layer net": f"{written}, {math.prod(shape)} numbers"},
        f"the encoder puts out {written}, and that is what the decoder takes"
        + (", as the same paragraph says." if verdict == SLIP else "."),
        {
            HOLDS: f"the encoder puts out {once}",
            SLIP: f"it puts out the {there} that the same paragraph states",
            FAILS: "it puts out neither",
        },
    )


@claim("robledo2021", "A usar el autoencoder convolucional!, on Figure 6", chapter="looking-at-the-code")
def robledo_code_suffices(rows: Rows | None = None, rivals: Rows | None = None, means: Rows | None = None) -> Finding:
    """All that a good reconstruction of its nine needs is in the code, and what comes back is faithful."""
    rows, rivals = _rows("judged") if rows is None else rows, _rows("judged-rivals") if rivals is None else rivals
    means = _rows("class-means") if means is None else means
    own, (off, error) = Interval(*means[NET]["own"]), (means[name]["mse"][0] for name in ("class mean", NET))
    named = {name: over_seeds(rows[name]["accuracy"]) for name in ("pixels", NET)}
    nothing = rivals["mean"]["right"][0]
    nines = {name: Interval(*rivals[name]["nines"]) for name in ("pixels", NET)}
    moved, lost = Interval(*rivals["moved"]["lost"]), Interval(*rows[f"pixels/{NET}"]["difference"])
    linear = {name: Interval(*rivals["pca-32"][name]) for name in ("right", "nines")}
    worse = rivals["pca-32"]["mse"] / rivals[NET]["mse"]
    low_bar = all(each.low > GOOD for each in linear.values())
    shares = (named[NET], nines[NET], own)
    good, none = all(each.low > GOOD for each in shares), named[NET].high <= nothing
    short = any(each.high < GOOD for each in shares)
    return Finding(
        "all that a good reconstruction (of a nine) needs is in the code, and a faithful one comes back",
        HOLDS if good else FAILS if none else IN_PART if short and named[NET].low > nothing else UNDECIDED,
        {
            f"{len(rows[NET]['accuracy'])} classifiers name of the two-layer net’s reconstructions": _share(named[NET]),
            "and of the test pictures": _share(named["pixels"]),
            "they lose, classifiers and pictures together": _points(lost),
            "the first of them names of the reconstructed nines": _range(nines[NET]),
            "and of the real ones": _range(nines["pixels"]),
            "it loses on test pictures moved by one pixel": _points(moved),
            "it names of the mean picture, shown for each": f"{100 * nothing:.1f} %",
            "and of the mean picture of each one's class": _range(Interval(*means["class mean"]["right"])),
            "squared error of these, and of the net": f"{off:.4f}, {error:.4f}",
            "pictures on which the net has less than half of the class mean's": _range(own),
            f"it names of what PCA makes of 32 numbers, {worse:.1f} times the net’s squared error": (
                f"{_range(linear['right'])}, of the nines {_range(linear['nines'])}"
            ),
        },
        f"the reconstructions are made of the code alone, and classifiers name {100 * named[NET].mean:.1f} % of them, "
        f"{100 * nines[NET].mean:.1f} % of the nines"
        + (
            f" (of the pictures themselves {100 * named['pixels'].mean:.1f} and {100 * nines['pixels'].mean:.1f} %). "
            f"They show their own picture, too: the squared error is {error / off:.2f} of the class mean's."
            + (" To be named is a low bar: PCA with 32 numbers passes it, too." if low_bar else "")
            if good
            else ": no more than of a mean picture."
            if none
            else f"; of these, or of those much nearer to it than the class mean, fewer than {100 * GOOD:.0f} %."
            if short
            else ", which may be enough, or not."
        ),
        {
            HOLDS: "the intervals of the shares that classifiers name, of all reconstructions and of the nines, and of "
            "the share with less than half of the squared error that the class mean has, lie above "
            f"{100 * GOOD:.0f} %",
            IN_PART: f"one lies below that, and they name more than the {100 * nothing:.1f} % of the mean picture",
            FAILS: "they name no more than that",
            UNDECIDED: f"one holds {100 * GOOD:.0f} %, and none lies below, or theirs holds the mean picture's",
        },
    )


@claim("robledo2021", "A usar el autoencoder convolucional!, equation 3", chapter="interpolating")
def robledo_new_pictures(rows: Rows | None = None) -> Finding:
    """Equation 3 gives pictures that are in neither set."""
    rows = _rows("interpolation") if rows is None else rows
    places, real = rows[f"new/{NET}"], Interval(*rows["nearest/pixels"]["distance"])
    least = min(places["least"])
    return Finding(
        "two codes combined by equation 3, i = 1, …, 10, and decoded give new pictures, in neither the training nor "
        "the test set",
        FAILS if least == 0 else HOLDS,
        {
            "i = 5, to the nearest picture of both sets": f"{places['mean'][4]:.3f} (root mean square over pixels)",
            "i = 10, the reconstruction of x₁": f"{places['mean'][9]:.3f}",
            "the nearest of all that were tried": f"{least:.3f}",
            "real test pictures, to the nearest training picture": f"{real.mean:.3f}",
        },
        "some of the pictures are in the sets."
        if least == 0
        else "none is in either set. (At i = 10 nothing is mixed: the point is the code of x₁, and the picture its "
        "reconstruction.)",
        {HOLDS: "no picture has distance 0 to the sets", FAILS: "some picture has"},
    )


@claim("robledo2021", "A usar el autoencoder convolucional!, figure 7", chapter="interpolating")
def robledo_seven_to_four(rows: Rows | None = None) -> Finding:
    """From a seven to a four; and two of one digit are more interesting, as all between them look like that digit."""
    rows = _rows("interpolation") if rows is None else rows
    methods = ("pixels", NET, GLOBAL)
    sure = {
        kind: {method: Interval(*rows[f"{kind}/{method}"]["confidence"]) for method in methods}
        for kind in ("same", "seven to four", "different")
    }
    more = between_shares(sure["same"][NET], sure["seven to four"][NET])
    return Finding(
        "a seven and a four can be interpolated; more interesting are two pictures of one digit, as two nines, since "
        "there all between them look like that digit",
        HOLDS if more.low > 0 else FAILS if more.high < 0 else UNDECIDED,
        {
            f"how sure of what they see half way, {between}, {_called(way)}": _range(sure[kind][way])
            for kind, between in (
                ("same", "two of one digit"),
                ("seven to four", "a seven and a four"),
                ("different", "two of any two digits"),
            )
            for way in methods
        }
        | {"surer between two of one digit, code of the two-layer net": _change(more)},
        "the same is asked of both: which digit do you see, and how sure are you? "
        + (
            "Half way between two of one digit classifiers are surer, and so they are of blends."
            if more.low > 0 and between_shares(sure["same"]["pixels"], sure["seven to four"]["pixels"]).low > 0
            else "Half way between two of one digit classifiers are surer."
            if more.low > 0
            else "Half way between two of one digit classifiers are less sure."
            if more.high < 0
            else "Between two of one digit classifiers are neither surer nor less sure."
        )
        + " (All ten digits against sevens and fours; how sure they are stands for what looks like a digit.) Whether "
        "all between two nines are nines is another claim; what is interesting was not measured.",
        {
            HOLDS: "the interval of the difference in how sure classifiers are half way, two of one digit less a seven "
            "and a four, lies above 0",
            FAILS: "it lies below 0",
            UNDECIDED: "it holds 0",
        },
    )


@claim("robledo2021", "A usar el autoencoder convolucional!, after equation 3", chapter="interpolating")
def robledo_all_nines(rows: Rows | None = None, walks: Rows | None = None) -> Finding:
    """All interpolations between two nines look like nines."""
    rows = _rows("interpolation-floor") if rows is None else rows
    walks = _rows("interpolation") if walks is None else walks
    methods = ("pixels", NET, GLOBAL)
    nines = {method: {name: Interval(*each) for name, each in rows[f"nines/{method}"].items()} for method in methods}
    own, real = nines[NET], nines["pixels"]["ends"]
    lost, mostly = own["real_lost"], own["single"].low > 1 / 2
    alone = [f"{100 * share:.0f}" for share in walks[f"alone/{NET}"]["whole"]]
    return Finding(
        "between two nines, for example those of row 3, all interpolated pictures look like nines (row 4)",
        HOLDS if lost.high < FEW_LOST else UNDECIDED if lost.low <= FEW_LOST else IN_PART if mostly else FAILS,
        {
            "taken for nines, of real nines": _range(real),
            "of their reconstructions by the two-layer net": _range(own["ends"]),
            **{
                f"of single pictures between two nines, {_called(method)}": _range(nines[method]["single"])
                for method in methods
            },
            "fewer between than of real nines, two-layer net": _change(lost),
            "fewer between than of the reconstructions": _change(own["single_lost"], 2),
            **{f"walks of which all nine are, {_called(method)}": _range(nines[method]["whole"]) for method in methods},
            "200 other pairs, each of two classifiers alone, two-layer net": f"{', '.join(alone)} %",
        },
        f"from every test nine to others, one classifier takes {_range(own['single'])} of the pictures between for "
        f"nines: fewer than of the real nines, by {_change(lost)}; against what the net gives back of these, "
        f"{_change(own['single_lost'], 2)} fewer, which is the walk's own part. The report's pair and its eye are "
        "not at hand.",
        {
            HOLDS: "the interval of the difference, real nines less single pictures between two, lies below "
            f"{100 * FEW_LOST:.0f} of 100",
            IN_PART: "it lies above that, but more than half of the pictures between are taken for nines",
            FAILS: "it lies above that, and not for certain more than half are",
            UNDECIDED: "it holds that limit",
        },
    )


@claim("robledo2021", "A usar el autoencoder convolucional!, after equation 3", chapter="interpolating")
def robledo_enlarges(tables: Mapping[int, Rows] | None = None) -> Finding:
    """They could be used to enlarge the data set."""
    tables = _augmentation() if tables is None else tables
    gains = _gains(tables, "with")
    own = [gain for (*_, method), gain in gains.items() if method == NET]
    better, worse = [gain.low > 0 for gain in own], [gain.high < 0 for gain in own]
    return Finding(
        "interpolated pictures could be used to enlarge the data set",
        HOLDS if all(better) else IN_PART if any(better) else FAILS if all(worse) else UNDECIDED,
        {
            **{
                f"right, {name.partition('/')[0]} real pictures a class, {steps:,} batches": _share(
                    over_seeds(rows[name]["accuracy"])
                )
                for steps, rows in tables.items()
                for name in rows
                if name.endswith("/none")
            },
            **{_gain_of("gain", *key): _change(gain, 2) for key, gain in gains.items()},
        },
        "for this classifier the gain by the two-layer net's pictures is "
        f"{listed([_change(gain, 2) for gain in own])}.",
        {
            HOLDS: "with the two-layer net's pictures the interval of the gain lies above 0 in every row",
            IN_PART: "in some",
            FAILS: "it lies below 0 in every row",
            UNDECIDED: "it lies above 0 in none, and holds 0 in some",
        },
    )


@claim("robledo2021", "A usar el autoencoder convolucional!, after equation 3", chapter="interpolating")
def robledo_replaces(tables: Mapping[int, Rows] | None = None) -> Finding:
    """They could replace pictures."""
    gains = _gains(_augmentation() if tables is None else tables, "only")
    own = [gain for (*_, method), gain in gains.items() if method == NET]
    as_good, worse = [100 * gain.low > -AS_GOOD for gain in own], [100 * gain.high < -AS_GOOD for gain in own]
    points = f"{AS_GOOD} point"
    return Finding(
        "interpolated pictures could replace pictures of the data set",
        HOLDS if all(as_good) else IN_PART if any(as_good) else FAILS if all(worse) else UNDECIDED,
        {_gain_of("change", *key): _change(gain, 2) for key, gain in gains.items()},
        "trained on the two-layer net's pictures alone, this classifier changes by "
        f"{listed([_change(gain, 2) for gain in own])} against the real ones that they were made of.",
        {
            HOLDS: f"the interval of the change lies above −{points} in every row of the two-layer net",
            IN_PART: "in some",
            FAILS: f"it lies below −{points} in every row",
            UNDECIDED: f"it lies above −{points} in none, and holds that in some",
        },
    )


@claim("robledo2021", "A usar el autoencoder convolucional!, after equation 3", chapter="interpolating")
def robledo_robustness(rows: Rows | None = None) -> Finding:
    """They could test the robustness of the net."""
    rows = _rows("interpolation-floor") if rows is None else rows
    errors = {name: Interval(*each) for name, each in rows[f"given back/{NET}"].items()}
    more, lost = errors["more"], Interval(*rows[f"half way/{NET}"]["half_lost"])
    mean = {name: f"{each.mean:.4f}" for name, each in errors.items()}
    return Finding(
        "interpolated pictures could be used to check how robust the net is",
        HOLDS if more.low > 0 else FAILS if more.high < 0 else UNDECIDED,
        {
            "the two-layer net's own squared error on test pictures": mean["test"],
            "on what it has given back of these": mean["reconstructions"],
            "on its pictures half way between two of a class": mean["midpoints"],
            "on blended pixels half way": mean["blends"],
            "more half way than on what it has given back": more.signed(places=5),
            "a classifier, more often wrong half way than on a reconstruction": _change(lost),
        },
        "as a possibility: the net is the autoencoder, and half way it errs "
        + (
            "more than on other pictures that it has made itself, so the check asks something of it. "
            if more.low > 0
            else "less than on other pictures that it has made itself, so the check asks nothing more of it. "
            if more.high < 0
            else "neither more nor less than on other pictures that it has made itself. "
        )
        + f"Test pictures ask more of it ({mean['test']}), and blends ({mean['blends']}). From which error on it would "
        "not be robust, the report does not say.",
        {
            HOLDS: "the interval of the difference, the net's squared error half way less that on its own "
            "reconstructions, lies above 0",
            FAILS: "it lies below 0",
            UNDECIDED: "it holds 0",
        },
    )


@claim(
    "robledo2021",
    "Introducción, first paragraph, and A usar el autoencoder convolucional!, before equation 3",
    chapter="interpolating",
)
def robledo_explores(rows: Rows | None = None, walks: Rows | None = None) -> Finding:
    """New instances of the data come out of exploring the code."""
    rows = _rows("interpolation-floor") if rows is None else rows
    methods = ("pixels", NET, GLOBAL)
    lost = {method: Interval(*rows[f"half way/{method}"]["half_lost"]) for method in methods}
    kept = {method: Interval(*rows[f"half way/{method}"]["kept"]) for method in methods}
    own = kept[NET]
    walks = _rows("interpolation") if walks is None else walks
    example, others = (Interval(*walks[f"{kind}/{NET}"]["kept"]) for kind in ("seven to four", "different"))
    return Finding(
        "exploring the code of an autoencoder can generate new pictures, new instances of the data (here: half way "
        "between two pictures of a class)",
        HOLDS if own.low > GOOD else FAILS if own.high <= 1 / 2 else IN_PART if own.high < GOOD else UNDECIDED,
        {
            **{
                f"half way between two of a class, taken for that class, {_called(way)}": _range(kept[way])
                for way in methods
            },
            **{
                f"more often wrong half way than at the first end, {_called(way)}": _change(lost[way])
                for way in methods
            },
        },
        f"half way between two pictures of a class a classifier takes {_range(own)} of what the two-layer net decodes "
        f"for that class; it is wrong more often than on reconstructions, by {_change(lost[NET])}. Of blended pixels "
        f"it takes {_range(kept['pixels'])}: the class says nothing for the code. And two pictures have to be there "
        "first. The rule asks for two of a class only. Half way between two classes, two classifiers see one of these "
        f"in {_range(others)}; from a seven to a four, the report's first example, in {_range(example)}.",
        {
            HOLDS: "the interval of the share of midpoints that are taken for their class lies above "
            f"{100 * GOOD:.0f} %",
            IN_PART: "it lies below that, and not below a half",
            FAILS: "it lies below a half",
            UNDECIDED: f"it holds {100 * GOOD:.0f} %",
        },
    )


@claim(
    "robledo2021",
    "Introducción, first paragraph, and A usar el autoencoder convolucional!, before equation 3",
    chapter="generating",
)
def robledo_generative(recipe: Rows | None = None, drawn: Rows | None = None, floor: Rows | None = None) -> Finding:
    """An autoencoder is a generative model, in the source's sense: exploring its code gives new pictures."""
    recipe = _rows("generation-recipe") if recipe is None else recipe
    drawn = _rows("generation-mixtures") if drawn is None else drawn
    floor = _rows("generation-floor") if floor is None else floor
    kinds = {"same": "pairs of a class", "any": "any pairs", "any, half way": "any pairs, i = 5 alone"}
    blocks, copied = drawn["real/collage"]["frechet"], floor[f"{NET}/near copies"]["frechet"]
    own, blends = ([recipe[f"{way}/{kind}"]["frechet"] for kind in ("same", "any")] for way in (NET, "pixels"))
    half = over_seeds(recipe[f"{NET}/any, half way"]["frechet"]).mean
    to_blends = [between_seeds(*each) for each in zip(own, blends, strict=True)]
    to_blocks = [between_seeds(each, blocks) for each in own]
    return Finding(
        "an autoencoder is a generative model: exploring its code (equation 3) gives new instances of the data",
        HOLDS
        if all(each.high < 0 for each in (*to_blends, *to_blocks))
        else FAILS
        if all(each.low > 0 for each in to_blocks)
        else IN_PART
        if all(each.excludes_zero() for each in (*to_blends, *to_blocks))
        else UNDECIDED,
        {
            **{
                f"Fréchet distance (squared), {_called(way)}, {called}": str(
                    over_seeds(recipe[f"{way}/{kind}"]["frechet"])
                )
                for way in (NET, GLOBAL, "pixels")
                for kind, called in kinds.items()
            },
            "of collages of nine real blocks, which are no digits": str(over_seeds(blocks)),
            "of near copies of training pictures": str(over_seeds(copied)),
        },
        "in the report's own sense and by its equation 3, here on random pairs of training pictures and with i from 1 "
        "to 9 (its own walk is between two test pictures, i from 1 to 10), nothing fitted: for pairs of a class and "
        "for any pairs the distance to the test pictures is "
        f"{listed([f'{over_seeds(each).mean:.0f}' for each in own])}, that of blends of the same pairs "
        f"{listed([f'{over_seeds(each).mean:.0f}' for each in blends])}. A small one proves little: near copies have "
        f"one. Half way between any two pictures it is {half:.0f}, where collages have "
        f"{over_seeds(blocks).mean:.0f}. To draw without two pictures is another sense of the word, which the report "
        "does not claim.",
        {
            HOLDS: "for pairs of a class and for any pairs, the two-layer net's distance is below that of blended "
            "pixels of the same pairs and below that of collages (intervals of the differences, over draws)",
            IN_PART: "not so, but it is below that of collages for some, and no interval holds 0",
            FAILS: "for both it is above that of collages",
            UNDECIDED: "none of these",
        },
    )


def _reached(curve: Sequence[float], level: float) -> float:
    """Epochs until a curve that begins before training comes down to a level, read off its straight pieces; one more
    than there are if it never does."""
    for epoch, (before, after) in enumerate(itertools.pairwise(curve)):
        if after <= level:
            return epoch + (before - level) / (before - after)
    return float(len(curve))


def _zeros(recipe: str, below: float = 0) -> float:
    """The share of a stored net's parameters that are exactly 0, or smaller in absolute value."""
    weights = torch.cat([each.flatten() for each in load_run(recipe).weights().values()])
    return (weights.abs() < below if below else weights == 0).double().mean().item()


def _rows(study: str) -> Rows:
    return load_run(study).scores["test"]


def _augmentation() -> dict[int, Rows]:
    """The tables of both budgets, by the number of batches."""
    return {study.steps: _rows(study.name) for study in (AUGMENTATION, LONGER)}


def _gains(tables: Mapping[int, Rows], how: str) -> dict[tuple[int, str, str], Interval]:
    """Accuracy with (or only with) interpolated pictures minus that of real ones alone, paired by seed.

    By number of batches, labels a class, and method.
    """
    return {
        (steps, name.split("/")[0], name.split("/")[2]): between_seeds(
            row["accuracy"], rows[f"{name.split('/')[0]}/none"]["accuracy"]
        )
        for steps, rows in tables.items()
        for name, row in rows.items()
        if name.split("/")[1] == how
    }


def _gain_of(what: str, steps: int, count: str, method: str) -> str:
    return f"{what}, {count} labels, {steps:,} batches, {_called(method)}"


def _called(method: str) -> str:
    return {
        "pixels": "blended pixels",
        NET: "code of the two-layer net",
        GLOBAL: "code of the bottleneck",
        "variational-32": "code of the variational net",
    }[method]


def _share(interval: Interval) -> str:
    return f"{interval.percent()} %"


def _points(interval: Interval) -> str:
    return f"{interval.percent()} points"


def _those(names: Iterable[str], chosen: Sequence[bool]) -> str:
    return ", ".join(name for name, taken in zip(names, chosen, strict=True) if taken)


def _range(share: Interval) -> str:
    """A share of few or of nearly all, whose interval is not even."""
    each = share.percent()
    return f"{each.mean:.1f} % ({each.low:.1f} to {each.high:.1f})"


def _change(share: Interval, places: int = 1) -> str:
    return share.percent().signed("points", places)

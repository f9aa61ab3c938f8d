"""Claims of utec2021, sections III and IV: super-resolution with an autoencoder whose maps are carried across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from convae.arithmetic.shapes import convolution_size, transposed_size
from convae.claims.finding import FAILS, HOLDS, IN_PART, UNDECIDED, Finding
from convae.experiments.results import scores
from convae.experiments.runs import load_run
from convae.measures.intervals import LEVEL, Interval, one_against_seeds, over_seeds, sign_test

SOURCE = "utec2021"
BASE = "utec-3"
DEPTHS = ("utec-2", "utec-4", "utec-4-long", "utec-2-code-512", "utec-4-code-512")
TILED = {
    "utec-3": "three layers, 10 epochs",
    "utec-4": "four layers, 10 epochs",
    "utec-4-long": "four layers, 60 epochs",
}
KERNELS = ("utec-kernel-6-3", "utec-kernel-6-4", "utec-half", "utec-twice")
ACTIVATIONS = ("utec-leaky-relu", "utec-tanh", "utec-sigmoid")
Errors: TypeAlias = Mapping[str, Sequence[float]]  # test MSE of each seed
Rows: TypeAlias = Mapping[str, Mapping[str, Any]]


def utec_deeper(errors: Errors | None = None) -> Finding:
    """The more layers, the smaller the error."""
    errors = errors or _errors(BASE, *DEPTHS)
    two, four, long, two_alike, four_alike = (one_against_seeds(errors[name][0], errors[BASE]) for name in DEPTHS)
    steps = [two.low > 0, four.high < 0]  # from two to three layers, from three to four
    against = [two.high < 0, four.low > 0]
    return Finding(
        SOURCE,
        "the more layers, the smaller the mean squared error (2, 3 and 4 layers: 0.007, 0.003, 0.003)",
        HOLDS if all(steps) else IN_PART if any(steps) else FAILS if any(against) else UNDECIDED,
        {
            "2, 3, 4 layers with the authors’ codes, ten epochs each, test MSE": ", ".join(
                f"{sum(errors[name]) / len(errors[name]):.5f}" for name in ("utec-2", BASE, "utec-4")
            ),
            "4 layers after the authors’ 60 epochs": f"{errors['utec-4-long'][0]:.5f}",
            "2 layers − 3 layers": str(two),
            "4 layers − 3 layers": str(four),
            "4 layers after 60 epochs − 3 layers after ten": str(long),
            "2 layers − 3 layers, codes of 512 numbers": str(two_alike),
            "4 layers − 3 layers, codes of 512 numbers": str(four_alike),
        },
        f"after ten epochs each, two layers are {_compared(two)} three, and four are {_compared(four)} three. The "
        "authors’ table ties three and four, and changes code and epochs (10, 10, 60) with the depth: so repeated, "
        f"four are {_compared(long)} three.",
    )


def utec_transforms(rows: Rows | None = None) -> Finding:
    """The model turns pictures of low resolution into ones of high resolution."""
    rows = rows or load_run("super-resolution").scores["test"]
    ahead = {name: Interval(*rows[f"4/{name}"]["ahead"]) for name in TILED}
    bicubic = max((rows[f"4/{name}"]["photographs"] for name in ("bicubic", "bicubic-0.75")), key=sum)
    gains = {
        name: [net - bar for net, bar in zip(rows[f"4/{name}"]["photographs"], bicubic, strict=True)] for name in TILED
    }
    wins = {name: f"on {sum(gain > 0 for gain in each)} of {len(each)} photographs" for name, each in gains.items()}
    told = {name: sign_test(each) < 1 - LEVEL for name, each in gains.items()}  # the interval alone may hang on one
    better = [told[name] and gain.low > 0 for name, gain in ahead.items()]
    worse = [told[name] and gain.high < 0 for name, gain in ahead.items()]
    words = {
        name: "better than interpolation"
        if up
        else "worse than interpolation"
        if down
        else "not told from interpolation"
        for name, up, down in zip(TILED, better, worse, strict=True)
    }
    factors = ", ".join(f"{rows[f'{factor}/bicubic']['mse'][0]:.4f}" for factor in (2, 3, 4, 8))
    return Finding(
        SOURCE,
        "the model turns pictures of low resolution into pictures of high resolution (mean squared error 0.003)",
        HOLDS if all(better) else IN_PART if any(better) else FAILS if any(worse) else UNDECIDED,
        {"MSE of the input itself, bicubic, for factors 2, 3, 4, 8": factors}
        | {f"MSE of what comes out for 4, {net}": f"{rows[f'4/{name}']['mse'][0]:.4f}" for name, net in TILED.items()}
        | {
            f"PSNR minus that of the better bicubic, {net}": f"{ahead[name].signed('dB')}, above it {wins[name]}"
            for name, net in TILED.items()
        },
        "a mean squared error of 0.003 says little without the factor: on the Kodak photographs, reduced by 4, the "
        "input has it before any net touches it. Trained on 64×64 for ten epochs, three layers (five seeds) are "
        f"{words[BASE]}, four layers (one seed) are {words['utec-4']}; after the authors’ 60 epochs four layers (one "
        f"seed) are {words['utec-4-long']}.",
    )


def utec_kernels(errors: Errors | None = None) -> Finding:
    """Changing the kernels plays a very important role."""
    errors = errors or _errors(BASE, *KERNELS)
    changes = {name: one_against_seeds(errors[name][0], errors[BASE]) for name in KERNELS if name in errors}
    certain = [change.excludes_zero() for change in changes.values()]
    return Finding(
        SOURCE,
        "the choice of the kernels plays a very important role for the details",
        HOLDS if all(certain) else IN_PART if any(certain) else FAILS,
        {"kernel 4, stride 2, 64–128–256 kernels: test MSE": str(over_seeds(errors[BASE]))}
        | {f"{_called(name)}: more by": str(change) for name, change in changes.items()},
        f"{sum(certain)} of {len(certain)} changes move the error by more than the seed does; the largest change is "
        f"{_called(max(changes, key=lambda name: abs(changes[name].mean)))}. A kernel of 6 changes the stride too.",
    )


def utec_relu(errors: Errors | None = None) -> Finding:
    """Functions of the ReLU type are to be recommended."""
    errors = errors or _errors(BASE, *ACTIVATIONS)
    changes = {name: one_against_seeds(errors[name][0], errors[BASE]) for name in ACTIVATIONS}
    worse = [changes[name].low > 0 for name in ("utec-tanh", "utec-sigmoid")]
    return Finding(
        SOURCE,
        "among many activations those of the ReLU type are to be recommended",
        HOLDS if all(worse) else IN_PART if any(worse) else FAILS,
        {"ReLU: test MSE": str(over_seeds(errors[BASE]))}
        | {f"{_called(name)}: more by": str(change) for name, change in changes.items()},
        "; ".join(
            f"{_called(name)} is {_compared(change, 'better than ReLU', 'worse than ReLU', 'not told from ReLU')}"
            for name, change in changes.items()
        )
        + ", after ten epochs at one learning rate.",
    )


def utec_kernel_six(size: int = 256) -> Finding:
    """A kernel of 6 with stride 4, or 3."""
    back = {}
    for stride in (4, 3):
        sizes = [size]
        while len(sizes) < 4:
            sizes.append(convolution_size(sizes[-1], 6, stride, 1))
        returned = [transposed_size(inner, 6, stride, 1) for inner in sizes[1:]]
        way = " → ".join(map(str, sizes))
        back[stride] = (way, returned == sizes[:-1])
    fits = [exact for _, exact in back.values()]
    return Finding(
        SOURCE,
        "kernels of 6 with a stride of 4 (in the prose) or of 3 (caption, listing and notebook) were tried; so, "
        "unsaid, each of them brings a picture back to its size",
        HOLDS if all(fits) else IN_PART if any(fits) else FAILS,
        {
            f"stride {stride}, padding 1": f"{way}{'' if exact else ', and back only with output padding'}"
            for stride, (way, exact) in back.items()
        },
        f"at {size}×{size} both come back exactly, so the sizes do not tell which one it was."
        if all(fits)
        else f"at {size}×{size} only {' and '.join(str(stride) for stride in back if back[stride][1]) or 'neither'} "
        "comes back without output padding.",
    )


def _errors(*names: str) -> dict[str, list[float]]:
    return {name: [load_run(name).scores["test"]["mse"]] if name != BASE else scores(name) for name in names}


def _compared(
    change: Interval, better: str = "better than", worse: str = "worse than", same: str = "not told from"
) -> str:
    return worse if change.low > 0 else better if change.high < 0 else same


def _called(name: str) -> str:
    return {
        "utec-kernel-6-3": "kernel 6, stride 3",
        "utec-kernel-6-4": "kernel 6, stride 4",
        "utec-half": "half the kernels",
        "utec-twice": "twice the kernels",
        "utec-leaky-relu": "leaky ReLU",
        "utec-tanh": "tanh",
        "utec-sigmoid": "sigmoid",
    }[name]


UTEC_PICTURES = (utec_transforms, utec_deeper, utec_kernels, utec_kernel_six, utec_relu)

"""What turns the verdicts of the claims of *Kernels*: for each verdict of a rule, figures that give it."""

import copy
from dataclasses import replace

import torch
from torch import nn

from convae import claims
from convae.arithmetic.shapes import convolution_shape, convolution_size
from convae.claims import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED
from convae.claims.robledo import ACTIVATED, BEHIND
from convae.claims.utec import FUNCTIONS, filtered, smaller
from convae.experiments.runs import load_runs
from convae.models import convolutional_autoencoder


def turned(image, kernel):
    """The map under a kernel turned by 180°, as a convolution in the mathematical sense makes it."""
    return filtered(image, tuple(row[::-1] for row in kernel[::-1]))


def refusing(least):
    """A convolution that takes only filters smaller than their input by so much."""

    def shape(sides, kernel, stride, padding):
        if kernel > sides[0] - least:
            raise ValueError("too large")
        return convolution_shape(sides, kernel, stride, padding)

    return shape


def padded(sides, kernel, stride, padding):
    """A convolution that pads by itself."""
    return convolution_shape(sides, kernel, stride, padding + 4)


def dilated(dilation):
    """Sizes under a dilated filter."""
    return lambda size, kernel: convolution_size(size, kernel, dilation=dilation)


def forgetful(image):
    """Every way of making a picture smaller, all but the last of which forget it."""
    *poolings, last = smaller(image)
    return {name: torch.zeros_like(image[::2, ::2]) for name in poolings} | {last: smaller(image)[last]}


def alike(image):
    """Three ways that are one."""
    return dict.fromkeys(smaller(image), image[::2, ::2])


def ratios(kept):
    """Gradient ratios that are 1 for the named (activation, whether its weights are drawn for it), else next to 0."""
    return lambda module, depth, gain: 1.0 if (module, gain is not None) in kept else 1e-9


def trained(factors):
    """Runs of the ReLU net under each activation's name, their errors times a factor."""

    def runs(name):
        found = []
        for run in load_runs("robledo-two-layer"):
            record = copy.deepcopy(run.record)
            factor = factors.get(name.removeprefix("robledo-"), 1)
            record["scores"]["test"]["mse"] *= factor
            curve = record["curves"]["epochs"]["test"]
            record["curves"]["epochs"]["test"] = [value * factor for value in curve]
            found.append(replace(run, record=record))
        return found

    return runs


def scattered(name):
    """Runs of the ReLU net; the other nets' differ from them now in one direction, now in the other."""
    found = []
    for seed, run in enumerate(load_runs("robledo-two-layer")):
        record = copy.deepcopy(run.record)
        if name != ACTIVATED["ReLU"]:
            factor = 1.3 if seed % 2 else 0.8
            record["scores"]["test"]["mse"] *= factor
            record["curves"]["epochs"]["test"] = [value * factor for value in record["curves"]["epochs"]["test"]]
        found.append(replace(run, record=record))
    return found


def spent(**factors):
    """Batches to an error at two learning rates; at the better one the factor times as many as ReLU takes."""
    batches = [400, 420, 380]
    rows = {}
    for name in ACTIVATED:
        factor = factors.get(name.replace("no activation", "none"), 1)
        rows[f"{name}/0.1"] = {"batches": [factor * each for each in batches]}
        rows[f"{name}/0.001"] = {"batches": [900, 900, 900]}
    return rows


def net(code):
    """Builds a net with so many channels in a code of 14×14."""
    return lambda: convolutional_autoencoder((code,))


def zero(**shares):
    return {name: {"parameters": share, "activations": 0.1} for name, share in shares.items()}


RELU, TANH = (nn.ReLU, True), (nn.Tanh, True)

TURNS = {
    "robledo_lower_dimension": {
        HOLDS: claims.robledo_lower_dimension,
        IN_PART: lambda: claims.robledo_lower_dimension({"small": net(2), "large": net(8)}),
        FAILS: lambda: claims.robledo_lower_dimension({"large": net(8)}),
    },
    "robledo_pooling_fewer_parameters": {
        IN_PART: claims.robledo_pooling_fewer_parameters,
        HOLDS: lambda: claims.robledo_pooling_fewer_parameters(dict(list(BEHIND.items())[1:])),
        FAILS: lambda: claims.robledo_pooling_fewer_parameters(dict(list(BEHIND.items())[:1])),
    },
    "robledo_pooling_size": {
        IN_PART: claims.robledo_pooling_size,
        HOLDS: lambda: claims.robledo_pooling_size(lambda n, p: n / p),
        FAILS: lambda: claims.robledo_pooling_size(lambda n, p: n - p + 1),
    },
    "robledo_figure_two": {
        SLIP: claims.robledo_figure_two,
        HOLDS: lambda: claims.robledo_figure_two(stated=8),
    },
    "robledo_kernels_differ": {
        HOLDS: lambda: claims.robledo_kernels_differ({"correlation": [0.4, 0.5, 0.4], "apart": [0.7, 0.8, 0.75]}),
        FAILS: lambda: claims.robledo_kernels_differ({"correlation": [0.9, 0.8, 0.9], "apart": [0.1, 0.2, 0.15]}),
        UNDECIDED: lambda: claims.robledo_kernels_differ({"correlation": [0.7, 0.6, 0.7], "apart": [0.3, 0.7, 0.5]}),
    },
    "robledo_relu_eases": {
        IN_PART: lambda: claims.robledo_relu_eases(trained({"sigmoid": 2, "tanh": 1.1}), spent(sigmoid=1)),
        HOLDS: lambda: claims.robledo_relu_eases(trained({"two-layer": 0.4}), spent(sigmoid=2, tanh=2, none=2)),
        FAILS: lambda: claims.robledo_relu_eases(trained({}), spent(tanh=0.8)),
        UNDECIDED: lambda: claims.robledo_relu_eases(scattered, spent()),
    },
    "robledo_relu_better": {
        IN_PART: lambda: claims.robledo_relu_better(trained({"sigmoid": 1.2, "tanh": 0.9})),
        HOLDS: lambda: claims.robledo_relu_better(trained({"sigmoid": 1.2, "tanh": 1.1, "linear": 1.1})),
        FAILS: lambda: claims.robledo_relu_better(trained({"sigmoid": 0.9, "tanh": 0.9, "linear": 0.9})),
        UNDECIDED: lambda: claims.robledo_relu_better(scattered),
    },
    "robledo_relu_sparse": {
        UNDECIDED: lambda: claims.robledo_relu_sparse(zero(one=0.0, other=0.4)),
        IN_PART: lambda: claims.robledo_relu_sparse(zero(one=0.0, other=0.6)),
        HOLDS: lambda: claims.robledo_relu_sparse(zero(one=0.7, other=0.6)),
    },
    "utec_feature_map": {
        HOLDS: claims.utec_feature_map,
        IN_PART: lambda: claims.utec_feature_map(turned),
        FAILS: lambda: claims.utec_feature_map(lambda image, kernel: filtered(image, kernel) + 1),
    },
    "utec_filter_smaller": {
        IN_PART: claims.utec_filter_smaller,
        HOLDS: lambda: claims.utec_filter_smaller(refusing(1)),
        FAILS: lambda: claims.utec_filter_smaller(padded),
    },
    "utec_smaller_guarantees": {
        HOLDS: claims.utec_smaller_guarantees,
        IN_PART: lambda: claims.utec_smaller_guarantees(dilated(2)),
        FAILS: lambda: claims.utec_smaller_guarantees(lambda size, kernel: 0),
    },
    "utec_pattern": {
        HOLDS: claims.utec_pattern,
        IN_PART: lambda: claims.utec_pattern(lambda pattern: pattern),  # white everywhere alone is found
        FAILS: lambda: claims.utec_pattern(torch.zeros_like),
    },
    "utec_pooling_halves": {
        HOLDS: claims.utec_pooling_halves,
        IN_PART: lambda: claims.utec_pooling_halves(lambda size: 2 * (size // 4)),
        FAILS: lambda: claims.utec_pooling_halves(lambda size: size // 3),
    },
    "utec_edges_intensified": {
        HOLDS: lambda: claims.utec_edges_intensified(lambda image: image * (1.0 + (image > image.quantile(0.85)))),
        IN_PART: claims.utec_edges_intensified,
        FAILS: lambda: claims.utec_edges_intensified(lambda image: smaller(image)["average pooling 2×2"]),
        UNDECIDED: lambda: claims.utec_edges_intensified(lambda image: image),
    },
    "utec_information_loss": {
        IN_PART: claims.utec_information_loss,
        HOLDS: lambda: claims.utec_information_loss(poolings=("average pooling 2×2",)),
        FAILS: lambda: claims.utec_information_loss(forgetful),
        UNDECIDED: lambda: claims.utec_information_loss(alike),
    },
    "utec_contrast": {
        HOLDS: claims.utec_contrast,
        IN_PART: lambda: claims.utec_contrast(((0, 0, 0), (0, 4, 0), (0, 0, 0))),
        FAILS: lambda: claims.utec_contrast(((0, 0, 0), (0, 1, 0), (0, 0, 0))),
    },
    "utec_sharpening": {
        IN_PART: claims.utec_sharpening,
        HOLDS: lambda: claims.utec_sharpening(spoiled=((2, 0), (3, 0))),
        FAILS: lambda: claims.utec_sharpening(spoiled=((1, 0), (2, 0.02))),
        UNDECIDED: lambda: claims.utec_sharpening(spoiled=((1, 0),)),
    },
    "utec_linear_gradient": {
        UNDECIDED: claims.utec_linear_gradient,
        FAILS: lambda: claims.utec_linear_gradient(depths=(2, 4)),
        IN_PART: lambda: claims.utec_linear_gradient(torch.relu, depths=(2, 4)),
        HOLDS: lambda: claims.utec_linear_gradient(lambda x: 0 * x + (x >= 0), depths=(2, 4)),
    },
    "utec_linear_collapse": {
        HOLDS: claims.utec_linear_collapse,
        FAILS: lambda: claims.utec_linear_collapse(torch.relu),
    },
    "utec_step_gradient": {
        HOLDS: claims.utec_step_gradient,
        IN_PART: lambda: claims.utec_step_gradient(lambda x: 0 * x),
        FAILS: lambda: claims.utec_step_gradient(torch.sigmoid),
    },
    "utec_step_probability": {
        HOLDS: claims.utec_step_probability,
        FAILS: lambda: claims.utec_step_probability(torch.sigmoid),
    },
    "utec_relu_nonlinear": {
        HOLDS: claims.utec_relu_nonlinear,
        IN_PART: lambda: claims.utec_relu_nonlinear(torch.square),
        FAILS: lambda: claims.utec_relu_nonlinear(lambda x: x),
    },
    "utec_derivatives": {
        IN_PART: claims.utec_derivatives,
        HOLDS: lambda: claims.utec_derivatives({name: FUNCTIONS[name] for name in ("identity", "step", "tanh")}),
        FAILS: lambda: claims.utec_derivatives({"tanh": (torch.tanh, torch.sigmoid)}),
    },
    "utec_tanh": {
        HOLDS: claims.utec_tanh,
        IN_PART: lambda: claims.utec_tanh(lambda x: 2 * torch.sigmoid(x) - 1),
        FAILS: lambda: claims.utec_tanh(torch.atan),
    },
    "utec_softmax": {
        HOLDS: claims.utec_softmax,
        IN_PART: lambda: claims.utec_softmax(torch.sigmoid),
        FAILS: lambda: claims.utec_softmax(torch.exp),
    },
    "utec_softmax_index": {
        SLIP: claims.utec_softmax_index,
        HOLDS: lambda: claims.utec_softmax_index(summed="j"),
    },
    "utec_vanishing": {
        IN_PART: claims.utec_vanishing,
        HOLDS: lambda: claims.utec_vanishing(ratios({RELU, (nn.ReLU, False)})),
        FAILS: lambda: claims.utec_vanishing(ratios({TANH})),
    },
}

"""What turns the verdicts of the claims of *Activations*: for each verdict of a rule, figures that give it."""

import copy
from dataclasses import replace

import torch
from torch import nn

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED
from convae.claims.robledo import ACTIVATED
from convae.claims.utec import FUNCTIONS
from convae.experiments.runs import load_runs
from convae.models import convolutional_autoencoder


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

"""Figures with which the claims of the chapter on the two-layer net get each of their verdicts."""

import copy
from dataclasses import replace

import torch
from torch import nn

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED
from convae.claims.robledo import AGAINST, PAIR
from convae.experiments.runs import load_run, load_runs
from convae.models import robledo_three_layer, robledo_two_layer

TWO, THREE = PAIR
DENSE = [name for names in AGAINST.values() for name in names]


def runs(change):
    """Runs as a loader gives them; change(name, seed, record) alters each record in its own copy."""

    def load(name):
        found = []
        for run in load_runs(name):
            record = copy.deepcopy(run.record)
            change(name, run.record["seed"], record)
            found.append(replace(run, record=record))
        return found

    return load


def scored(score="mse", on="test", spread=0.0, **values):
    """Runs whose score is what is named, the others' as it is: scored(robledo_two_layer=0.01)."""

    def change(name, seed, record):
        if (value := values.get(name.replace("-", "_"))) is not None:
            record["scores"][on][score] = value + spread * seed

    return runs(change)


def dense_end(*values, spread=0.0):
    """Runs whose dense nets end with these errors, the first with weight decay and the second without."""
    named = [dict.fromkeys(names, value) for names, value in zip(AGAINST.values(), values, strict=True)]
    both = named[0] | named[1]
    return scored(spread=spread, **{name.replace("-", "_"): value for name, value in both.items()})


def dense_begin(*values, spread=0.0):
    """Runs whose dense nets have these errors after the first epoch."""
    named = [dict.fromkeys(names, value) for names, value in zip(AGAINST.values(), values, strict=True)]
    both = named[0] | named[1]

    def change(name, seed, record):
        if name in both:
            record["curves"]["epochs"]["test"][1] = both[name] + spread * seed

    return runs(change)


def steps(*values):
    """Runs whose net has these errors before training, after 20, after 40 batches, and at the end of the epoch."""

    def change(name, seed, record):
        curve = [values[-1]] * len(record["curves"]["steps"]["test"])
        curve[:3] = values[:3]
        record["curves"]["steps"]["test"] = curve

    return runs(change)


def parameters(**values):
    """Runs of nets with so many parameters."""

    def change(name, seed, record):
        record["parameters"] = values.get(name.replace("-", "_"), record["parameters"])

    return runs(change)


def trained(study, *mse):
    """The rows of a study whose nets end with these errors, one a seed."""
    rows = copy.deepcopy(load_run(study).scores["test"])
    for row, value in zip(rows.values(), mse, strict=False):
        row["mse"] = value
    return rows


def counted_by_code(convolutional):
    """A count of parameters that is a dense net's code size, and that number for a convolutional net."""

    def count(net):
        code = net.encode(torch.zeros(1, 1, 28, 28))
        return code.numel() if code.dim() == 2 else convolutional

    return count


class Puts(nn.Module):
    """An untrained net that puts out what a function makes of the pictures."""

    def __init__(self, picture):
        super().__init__()
        self.picture = picture

    def forward(self, images):
        return self.picture(images)


def untrained(picture):
    return claims.robledo_untrained_noise(lambda: Puts(picture))


TURNS = {
    "robledo_pixels": {SLIP: claims.robledo_pixels, HOLDS: lambda: claims.robledo_pixels(784)},
    "robledo_parameters": {
        HOLDS: claims.robledo_parameters,
        IN_PART: lambda: claims.robledo_parameters((80, 1168, 1160, 73, 2482)),
        FAILS: lambda: claims.robledo_parameters((1, 1, 1, 1, 4)),
    },
    "robledo_larger_parameters": {
        SLIP: claims.robledo_larger_parameters,
        HOLDS: lambda: claims.robledo_larger_parameters(11745),
        FAILS: lambda: claims.robledo_larger_parameters(21748),
    },
    "robledo_third_padding": {
        SLIP: claims.robledo_third_padding,
        HOLDS: lambda: claims.robledo_third_padding(0),
    },
    "robledo_blue_stride": {SLIP: claims.robledo_blue_stride, HOLDS: lambda: claims.robledo_blue_stride(2)},
    "robledo_hidden_layers": {
        HOLDS: claims.robledo_hidden_layers,
        FAILS: lambda: claims.robledo_hidden_layers((robledo_three_layer, robledo_two_layer)),
    },
    "robledo_halving": {
        IN_PART: claims.robledo_halving,
        HOLDS: lambda: claims.robledo_halving(scored(robledo_two_layer=0.004, robledo_three_layer=0.002)),
        FAILS: lambda: claims.robledo_halving(parameters(robledo_three_layer=5000)),
        UNDECIDED: lambda: claims.robledo_halving(scored(robledo_three_layer=0.0026)),
    },
    "robledo_more_parameters": {
        IN_PART: claims.robledo_more_parameters,
        HOLDS: lambda: claims.robledo_more_parameters(trained("more-parameters", 0.0019, 0.0019, 0.0019)),
        FAILS: lambda: claims.robledo_more_parameters(trained("more-parameters", 0.005, 0.005, 0.005)),
        UNDECIDED: lambda: claims.robledo_more_parameters(trained("more-parameters", 0.0053, 0.0043, 0.0033)),
    },
    "robledo_less_drastic": {
        HOLDS: claims.robledo_less_drastic,
        IN_PART: lambda: claims.robledo_less_drastic(rows=trained("larger-code", 0.0035, 0.0035, 0.0035)),
        FAILS: lambda: claims.robledo_less_drastic(rows=trained("larger-code", 0.006, 0.006, 0.006)),
        UNDECIDED: lambda: claims.robledo_less_drastic(rows=trained("larger-code", 0.0043, 0.0042, 0.0041)),
    },
    "robledo_stride_over_pooling": {
        HOLDS: claims.robledo_stride_over_pooling,
        FAILS: lambda: claims.robledo_stride_over_pooling(scored(robledo_max_pool=0.001)),
        UNDECIDED: lambda: claims.robledo_stride_over_pooling(scored(robledo_max_pool=0.004, spread=0.0002)),
    },
    "robledo_better_than_dense": {
        IN_PART: claims.robledo_better_than_dense,
        HOLDS: lambda: claims.robledo_better_than_dense(
            dense_end(0.01, 0.01), trained("linear-codes", 0.01, 0.01, 0.01)
        ),
        FAILS: lambda: claims.robledo_better_than_dense(
            dense_end(0.0001, 0.0001), trained("linear-codes", 0.0001, 0.0001, 0.0001)
        ),
        UNDECIDED: lambda: claims.robledo_better_than_dense(
            dense_end(-0.02, -0.02, spread=0.02), trained("linear-codes", -0.02, 0.0, 0.02)
        ),
    },
    "robledo_faster_than_dense": {
        IN_PART: claims.robledo_faster_than_dense,
        HOLDS: lambda: claims.robledo_faster_than_dense(dense_begin(0.1, 0.1)),
        FAILS: lambda: claims.robledo_faster_than_dense(dense_begin(0.001, 0.001)),
        UNDECIDED: lambda: claims.robledo_faster_than_dense(dense_begin(-0.02, -0.02, spread=0.02)),
    },
    "robledo_dense_simpler": {
        FAILS: claims.robledo_dense_simpler,
        HOLDS: lambda: claims.robledo_dense_simpler(counted_by_code(1000)),
        IN_PART: lambda: claims.robledo_dense_simpler(counted_by_code(100)),
    },
    "robledo_no_overfitting": {
        HOLDS: claims.robledo_no_overfitting,
        FAILS: lambda: claims.robledo_no_overfitting(scored(robledo_max_pool=0.05)),
        UNDECIDED: lambda: claims.robledo_no_overfitting(scored(robledo_max_pool=0.02, spread=0.002)),
    },
    "robledo_first_epoch": {
        HOLDS: claims.robledo_first_epoch,
        IN_PART: lambda: claims.robledo_first_epoch(steps(0.2, 0.19, 0.18, 0.15)),
        FAILS: lambda: claims.robledo_first_epoch(steps(0.2, 0.2, 0.2, 0.2)),
    },
    "robledo_first_batches": {
        FAILS: claims.robledo_first_batches,
        IN_PART: lambda: claims.robledo_first_batches(steps(0.2, 0.1, 0.06, 0.02)),
        HOLDS: lambda: claims.robledo_first_batches(steps(0.2, 0.1, 0.03, 0.02)),
    },
    "robledo_untrained_noise": {
        UNDECIDED: claims.robledo_untrained_noise,
        HOLDS: lambda: untrained(torch.rand_like),
        FAILS: lambda: untrained(lambda images: images),
    },
    "robledo_looks_alike": {
        UNDECIDED: claims.robledo_looks_alike,
        HOLDS: lambda: claims.robledo_looks_alike(scored("ssim", robledo_two_layer=0.982)),
        FAILS: lambda: claims.robledo_looks_alike(scored("ssim", robledo_two_layer=0.7)),
    },
}

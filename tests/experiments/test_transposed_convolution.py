"""The two studies of enlarging, in small, and what they measure with."""

from dataclasses import replace

import pytest
import torch

from convae.data.photographs import patches
from convae.experiments import STUDIES
from convae.experiments.runs import load_run
from convae.experiments.transposed_convolution import (
    apply_kernel,
    halve,
    interpolate,
    least_squares_kernel,
    measure_patterns,
)
from convae.models.upsampling import upsampling_autoencoder


def test_no_other_kernel_is_better_than_that_of_least_squares():
    train = patches(32, each=10).train
    images = train.all().images
    best = least_squares_kernel(train, 4)

    def error(kernel):
        return (apply_kernel(halve(images), kernel) - images)[..., 4:28, 4:28].square().mean()

    chance = torch.Generator().manual_seed(0)
    for _ in range(20):
        assert error(best) < error(best + 0.01 * torch.randn(4, 4, generator=chance))
    assert error(best) < (interpolate(halve(images), "bilinear") - images)[..., 4:28, 4:28].square().mean()


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (4,)])
def test_kernels_that_cannot_double(shape):
    with pytest.raises(ValueError, match=r"give an even square, \[4, 4\]"):
        apply_kernel(torch.rand(1, 1, 8, 8), torch.ones(shape))


def test_doubling_in_small():
    study = replace(STUDIES["doubling"], epochs=1, repeats=2, kernels=(4,))
    rows, kernels = study.table(patches(32, each=10), None)
    assert rows.keys() == {"nearest", "bilinear", "bicubic", "learnt-4", "least-squares-4"}
    assert [len(column) for column in rows["learnt-4"].values()] == [2, 2]
    assert kernels["learnt-4"].shape == (2, 4, 4)


def test_the_stored_nets_give_the_stored_patterns():
    run, pictures = load_run("checkerboards"), patches().test
    weights = run.weights()
    for name in ("transposed-3", "resize-convolve"):
        model = upsampling_autoencoder(name)
        start = f"{name}/"
        state = {key.removeprefix(start): value for key, value in weights.items() if key.startswith(start)}
        model.load_state_dict(state)
        stored = {column: values[0] for column, values in run.scores["test"][name].items() if column != "parameters"}
        for column, value in measure_patterns(model, pictures).items():
            assert value == pytest.approx(stored[column], rel=1e-2, abs=1e-5), (name, column)

"""The two studies of enlarging, in small, and what they measure with."""

from dataclasses import replace

import pytest
import torch

from convae.data.photographs import patches
from convae.experiments import STUDIES
from convae.experiments.runs import load_run
from convae.experiments.transposed_convolution import (
    Equations,
    apply_kernel,
    halve,
    interpolate,
    learn_kernel,
    measure_added_patterns,
    measure_patterns,
    ramps,
    whole_photograph,
)
from convae.models.upsampling import upsampling_autoencoder


def error_of(images):
    """The mean squared error of a kernel in the inner pixels, as a layer gives it."""

    def error(kernel):
        return (apply_kernel(halve(images), kernel) - images)[..., 4:28, 4:28].square().mean()

    return error


def test_no_other_kernel_is_better_than_that_of_least_squares():
    train = patches(32, each=10).train
    images = train.all().images
    best, error = Equations.of(train, 4).solve(), error_of(images)
    chance = torch.Generator().manual_seed(0)
    for _ in range(20):
        assert error(best) < error(best + 0.01 * torch.randn(4, 4, generator=chance))
    assert error(best) < (interpolate(halve(images), "bilinear") - images)[..., 4:28, 4:28].square().mean()


@pytest.mark.parametrize("size", [4, 8])
def test_the_equations_give_the_error_and_the_gradient_of_the_layer(size):
    train, chosen = patches(32, each=5).train, torch.tensor([3, 0, 17])
    equations = Equations.of(train, size)
    kernel = torch.randn(size, size, generator=torch.Generator().manual_seed(1)).requires_grad_()
    images = train.all().images
    assert equations.error(kernel.detach()) == pytest.approx(error_of(images)(kernel).item(), rel=1e-4)
    error_of(images[chosen])(kernel).backward()
    torch.testing.assert_close(equations.gradient(kernel.detach(), chosen), kernel.grad, rtol=1e-3, atol=1e-5)


def test_descent_comes_nearer_to_least_squares_the_longer_it_is():
    study, equations = STUDIES["doubling"], Equations.of(patches(32, each=20).train, 4)
    errors = [equations.error(learn_kernel(study, equations, epochs, 0)) for epochs in (1, 40, 200)]
    least = equations.error(equations.solve())
    assert errors[0] > 2 * errors[1] > errors[2] > least
    assert errors[2] < 1.05 * least


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (4,)])
def test_kernels_that_cannot_double(shape):
    with pytest.raises(ValueError, match=r"give an even square, \[4, 4\]"):
        apply_kernel(torch.rand(1, 1, 8, 8), torch.ones(shape))


def test_doubling_in_small():
    study = replace(STUDIES["doubling"], epochs=(1, 2), repeats=2, kernels=(4,))
    rows, kernels = study.table(patches(32, each=10), None)
    assert rows.keys() == {"nearest", "bilinear", "bicubic", "learnt-4/1", "learnt-4/2", "least-squares-4"}
    assert rows["learnt-4/2"].keys() == {"camera", "coffee", "above"}
    assert [len(column) for column in rows["learnt-4/2"].values()] == [2, 2, 2]
    assert min(rows["learnt-4/2"]["above"]) > 0
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


class Adding(torch.nn.Module):
    """Adds a pattern of a period of 4 and another of 8 to whatever it is shown."""

    def __init__(self, strength):
        super().__init__()
        self.strength, self.encoder = strength, torch.nn.Identity()

    def decoder(self, images):
        columns = torch.arange(images.shape[-1])
        return images + self.strength * (columns % 4 == 1) + 0.3 * (columns % 8 < 4)


def test_what_is_added_is_told_from_what_was_there():
    found = measure_added_patterns(Adding(0.04))
    one_column_of_four = 0.04 * (1 / 4 * 3 / 4) ** 0.5
    assert found["ramp"] == pytest.approx(one_column_of_four, rel=1e-4)
    assert found["whole"] == pytest.approx(one_column_of_four, rel=1e-4)
    assert found["chance"] < found["whole"] / 10
    none = measure_added_patterns(Adding(0.0))
    assert max(none["ramp"], none["whole"]) < 1e-6


def test_ramps_rise_and_fall_along_both_axes():
    right, left, down, up = ramps()[:, 0]
    assert right[0].diff().min() > 0 > left[0].diff().max()
    assert torch.equal(down, right.T)
    assert torch.equal(up, down.flip(0))
    assert {size % 4 for name in ("camera", "coffee") for size in whole_photograph(name).shape[2:]} == {0}

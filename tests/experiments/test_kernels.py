"""The studies of activations: nets side by side are the nets they would be alone."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from convae import load
from convae.data import ImageSet
from convae.experiments.kernels import (
    DRAWN,
    OPTIMIZERS,
    DeepNets,
    DepthStudy,
    FasterDepthStudy,
    alike,
    at_the_kink,
    small_digits,
    zeros,
)
from convae.experiments.runs import load_run

MODULES = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "ReLU": nn.ReLU}


def alone(deep, net, name):
    """One of the nets that lie side by side, as a net of its own."""
    layers = []
    for weight, bias in zip(deep.parameters[::2], deep.parameters[1::2], strict=True):
        layer = nn.Linear(*weight.shape[1:])
        layer.weight.data, layer.bias.data = weight.detach()[net].T.clone(), bias.detach()[net, 0].clone()
        layers += [layer, MODULES[name]()]
    return nn.Sequential(*layers[:-1])


@pytest.mark.parametrize(("name", "gain"), DRAWN)
def test_nets_side_by_side_answer_as_they_would_alone(name, gain):
    deep = DeepNets(name, gain, layers=4, seeds=2, rates=3)
    inputs = torch.randn(5, 64)
    for net in (0, 2, 5):
        assert torch.allclose(deep(inputs[None])[net], alone(deep, net, name)(inputs), atol=1e-6)
    assert torch.equal(deep.parameters[0][0], deep.parameters[0][2])  # one seed, two rates
    assert not torch.equal(deep.parameters[0][0], deep.parameters[0][3])  # another seed


@pytest.mark.parametrize("gain", [1.0, 11.0])
def test_the_first_weights_have_the_size_that_is_asked_for(gain):
    deep = DeepNets("tanh", gain, layers=5, seeds=1, rates=1)
    sizes = [weight.std().item() for weight in deep.parameters[::2]]
    assert sizes[:-1] == pytest.approx([gain / 8] * 4, rel=0.05)
    assert sizes[-1] == pytest.approx(1 / 8, rel=0.1)
    assert all((bias == 0).all() for bias in deep.parameters[1::2])


@pytest.mark.parametrize("method", OPTIMIZERS)
def test_steps_side_by_side_are_those_of_each_net_alone(method):
    """Each net takes its own optimiser's steps at its own rate, on the pictures of its seed."""
    study = DepthStudy("depth", steps=4, batch_size=8, repeats=2, layers=3)
    kind, rates = OPTIMIZERS[method]
    watched = {part: (torch.randn(30, 64), torch.randint(10, (30,))) for part in ("train", "test")}
    deep = DeepNets("tanh", 1.0, 3, 2, len(rates))
    nets = [alone(deep, net, "tanh") for net in range(2 * len(rates))]
    study.train(deep, kind, rates, watched)
    for number, net in enumerate(nets):
        chance = torch.Generator().manual_seed(number // len(rates))
        optimizer = kind(net.parameters(), lr=rates[number % len(rates)])
        for _ in range(4):
            chosen = torch.randint(30, (8,), generator=chance)
            loss = functional.cross_entropy(net(watched["train"][0][chosen]), watched["train"][1][chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        assert torch.allclose(deep.parameters[0][number].T, net[0].weight, atol=1e-5)
        assert torch.allclose(deep.parameters[-1][number, 0], net[-1].bias, atol=1e-5)


def test_a_net_that_has_left_the_numbers_tells_nothing():
    deep = DeepNets("ReLU", 0.0, 3, seeds=1, rates=2)
    deep.parameters[0].data[1] = float("nan")
    inputs = torch.randn(20, 64)
    first, broken = deep.accuracy(inputs, deep(inputs[None])[0].argmax(1))[0].tolist()
    assert (first, broken) == (1, 0)


def test_flat_units_are_those_with_little_slope_left():
    assert DeepNets("ReLU", 1.0, 4, 1, 1).flat(torch.randn(50, 64)) == [pytest.approx(0.5, abs=0.05)]
    gentle, steep = (DeepNets("sigmoid", gain, 4, 1, 1).flat(torch.randn(50, 64))[0] for gain in (0.5, 30.0))
    assert gentle == 0
    assert steep > 0.7


def test_a_small_study_of_depth_has_the_rows_of_the_stored_one():
    rows, _ = DepthStudy("depth", layers=3, steps=2, repeats=2).table(load("digits"), None)
    assert len(rows) == 3 * len(DRAWN)
    assert set(rows["tanh/1/SGD"]) == {"rate", "validation", "half", "test"}
    assert len(rows["sigmoid/11/Adam"]["validation"]) == len(OPTIMIZERS["Adam"][1])
    assert len(rows["ReLU/1.41/start"]["flat"]) == 2


def test_the_faster_rates_are_all_above_those_of_the_study_of_depth():
    study = FasterDepthStudy("depth-faster", layers=3, steps=2, repeats=2)
    rows, _ = study.table(load("digits"), None)
    assert rows.keys() == load_run("depth-faster").scores["test"].keys()
    assert min(study.rates) > max(OPTIMIZERS["SGD"][1])
    assert len(rows["tanh/0/SGD"]["validation"]) == len(study.rates)


def test_small_digits_are_sixty_four_numbers_of_unit_variance():
    inputs, labels = small_digits(load("digits").test)
    assert inputs.shape == (len(labels), 64)
    assert inputs.mean().item() == pytest.approx(0, abs=1e-5)
    assert inputs.std().item() == pytest.approx(1)


def test_zeros_are_counted_among_parameters_and_behind_relus():
    net = nn.Sequential(nn.Conv2d(1, 1, 1), nn.ReLU(), nn.Conv2d(1, 1, 1))
    for parameter, value in zip(net.parameters(), (1.0, -0.5, 0.0, 2.0), strict=True):
        nn.init.constant_(parameter, value)
    pixels = torch.tensor([[0, 255], [100, 200]], dtype=torch.uint8)[None, None]  # two of them above the bias
    shares = zeros(net, ImageSet(pixels, torch.zeros(1, dtype=torch.int64), ("any",)))
    assert shares == {"parameters": 0.25, "activations": 0.5}


def test_random_biases_keep_numbers_from_the_kink_and_biases_of_zero_do_not():
    pictures = load("mnist-sample").test[:50]
    shares = at_the_kink(pictures)
    dark = functional.max_pool2d(pictures.all().images, 3) == 0  # a window in which all pixels are 0
    assert shares == {"random": 0, "zero": pytest.approx(dark.double().mean().item())}


def test_maps_of_one_kernel_would_be_alike():
    pictures = load("mnist-sample").test[:20]
    found = alike(pictures, seeds=2)
    assert len(found["correlation"]) == len(found["apart"]) == 2
    torch.manual_seed(1)
    maps = nn.Conv2d(1, 8, 3, 2, 1)(pictures.all().images).flatten(2).detach().double()
    pairs = [abs(torch.corrcoef(each[[i, j]])[0, 1]) for each in maps for i in range(8) for j in range(i)]
    assert found["correlation"][1] == pytest.approx(torch.stack(pairs).mean().item())
    assert found["apart"][1] == pytest.approx(sum(pair**2 < 0.5 for pair in pairs).item() / len(pairs))

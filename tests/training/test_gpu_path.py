"""The step of every recipe with a GPU's tensors, where there is no GPU: nothing of it lies on the CPU or waits.

Under FakeTensorMode tensors know their device and shape and hold no numbers. So a step corrupts, goes forward, scores
and optimises on "cuda" tensors. PyTorch's engine goes backward only on a device that is there; that part of the step
runs on "meta" tensors, which hold no numbers either.

Not covered: any number; the kernels of a GPU and its memory; the way back on "cuda"; a GPU's own random generators
(none can be made without one, the CPU's stand in for them); what surrounds the steps (the curves, which wait on
purpose, scores for the record, checkpoints); several GPUs.
"""

import re
from dataclasses import dataclass

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

from convae.data import ImageSet
from convae.experiments import RECIPES
from convae.models import build
from convae.tasks import Reconstruction
from convae.training.loop import take_step


def image_shape(recipe):
    size = re.fullmatch(r"kodak-(\d+)", recipe.data)
    return (3, int(size[1]), int(size[1])) if size else (1, 28, 28)


def made(model, device):
    """A copy of a net of "meta" tensors on another device, as `.to(device)` makes it."""
    return model._apply(
        lambda value: torch.empty_strided(value.size(), value.stride(), dtype=value.dtype, device=device)
    )


def on_meta(name):
    with torch.device("meta"):
        return build(name)


def steps(model, task, optimizer, shape, device):
    """Two batches, of which the second is smaller; their losses and all that they left."""
    pixels = torch.zeros((5, *shape), dtype=torch.uint8, device=device)
    images = ImageSet(pixels, torch.zeros(5, dtype=torch.int64, device=device), ("one",))
    order, noise = torch.Generator(), torch.Generator()
    losses = [take_step(model, task, batch, optimizer, noise) for batch in images.batches(3, order)]
    moments = [value for state in optimizer.state.values() for value in state.values() if value.ndim]
    return [*losses, *model.state_dict().values(), *moments]


def forward_on_a_gpu(name, task, make_optimizer, shape, monkeypatch):
    """The step but for the way back, which leaves a gradient for each parameter."""
    model = on_meta(name) if isinstance(name, str) else name

    def backward(loss):
        assert loss.shape == ()
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)

    monkeypatch.setattr(torch.Tensor, "backward", backward)
    with FakeTensorMode():
        model = made(model, "cuda")
        return steps(model, task, make_optimizer(model), shape, "cuda")


def adam(model):
    return torch.optim.Adam(model.parameters())


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_corrupting_forward_score_and_optimizer_stay_on_the_gpu(recipe, monkeypatch):
    left = forward_on_a_gpu(recipe.model, recipe.task, recipe.make_optimizer, image_shape(recipe), monkeypatch)
    assert {value.device.type for value in left} == {"cuda"}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_the_way_back_reaches_every_parameter_and_stays_on_the_device(recipe):
    model = on_meta(recipe.model)
    left = steps(model, recipe.task, recipe.make_optimizer(model), image_shape(recipe), "meta")
    assert {value.device.type for value in left} == {"meta"}
    assert all(parameter.grad.device.type == "meta" for parameter in model.parameters())


@dataclass(frozen=True)
class Waiting(Reconstruction):
    def __call__(self, model, batch, generator):
        scores = super().__call__(model, batch, generator)
        return scores if scores["loss"].mean().item() < 1 else {}


def on_the_cpu(images, generator):
    return images + torch.randn(images.shape, generator=generator)


class Unregistered(nn.Module):
    """What is no parameter and no buffer does not go along to another device."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1, device="meta"))
        self.weights = torch.ones(28, device="cpu")

    def forward(self, images):
        return images * self.gain * self.weights


@pytest.mark.parametrize(
    ("name", "task", "error"),
    [
        ("dense-7", Reconstruction(on_the_cpu), "devices.*cuda:0.*cpu"),
        ("dense-7", Reconstruction(lambda images, generator: images.cpu()), "cpu"),
        (Unregistered(), Reconstruction(), "FakeTensor"),
        ("dense-7", Waiting(), "_local_scalar_dense"),
    ],
)
def test_one_tensor_on_the_cpu_or_one_wait_is_seen(name, task, error, monkeypatch):
    with pytest.raises((RuntimeError, AssertionError, DataDependentOutputException), match=error):
        forward_on_a_gpu(name, task, adam, (1, 28, 28), monkeypatch)


def test_a_tensor_on_the_cpu_is_seen_on_the_way_back_too():
    model = on_meta("dense-7")
    with pytest.raises(RuntimeError, match="meta"):
        steps(model, Reconstruction(on_the_cpu), adam(model), (1, 28, 28), "meta")

"""One task for all autoencoders: only the corruption changes."""

from dataclasses import FrozenInstanceError

import pytest
import torch
from synthetic import pictures
from torch import nn

from convae.losses import mse
from convae.metrics import psnr, ssim
from convae.models import dense_autoencoder
from convae.tasks import Reconstruction

BATCH = pictures(6).all()


def darken(images, generator):
    return images * torch.rand(len(images), 1, 1, 1, generator=generator)


def seeded():
    return torch.Generator().manual_seed(3)


class Seen(nn.Identity):
    """Gives back what it is shown, and remembers it."""

    def forward(self, images):
        self.images = images
        return images


@pytest.mark.parametrize("score", ["__call__", "measure"])
def test_the_net_sees_the_spoiled_image_and_is_judged_by_the_target(score):
    model, spoiled = Seen(), darken(BATCH.images, seeded())
    scores = getattr(Reconstruction(darken), score)(model, BATCH, seeded())
    assert torch.equal(model.images, spoiled)
    expected = mse(spoiled, BATCH.images)
    assert torch.equal(scores.get("loss", scores.get("mse")), expected)
    assert expected.min() > 0


def test_without_a_corruption_the_net_sees_the_image_and_nothing_is_drawn():
    model, generator = Seen(), seeded()
    scores = Reconstruction()(model, BATCH, generator)
    assert model.images is BATCH.images
    assert scores["loss"].tolist() == [0] * 6
    assert torch.equal(generator.get_state(), seeded().get_state())


def test_what_is_measured_is_one_number_per_image_and_score():
    torch.manual_seed(0)
    model = dense_autoencoder(5).eval()
    scores = Reconstruction(darken).measure(model, BATCH, seeded())
    restored = model(darken(BATCH.images, seeded()))
    assert list(scores) == ["mse", "psnr", "ssim"]
    for name, score in {"mse": mse, "psnr": psnr, "ssim": ssim}.items():
        assert scores[name].shape == (6,)
        assert torch.equal(scores[name], score(restored, BATCH.images))


def test_the_loss_leads_back_to_the_weights():
    torch.manual_seed(0)
    model = dense_autoencoder(5)
    Reconstruction()(model, BATCH, seeded())["loss"].mean().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())


def test_a_net_of_another_output_is_told():
    model = nn.Sequential(nn.Conv2d(1, 1, 3))
    with pytest.raises(ValueError, match=r"\(6, 1, 26, 26\) are compared with \(6, 1, 28, 28\): crop or resize"):
        Reconstruction()(model, BATCH, seeded())


def test_a_task_is_a_frozen_value():
    assert Reconstruction(darken) == Reconstruction(darken) != Reconstruction()
    with pytest.raises(FrozenInstanceError):
        Reconstruction().corrupt = darken

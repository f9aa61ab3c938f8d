"""One task for all autoencoders: only the corruption changes."""

from dataclasses import FrozenInstanceError

import pytest
import torch
from synthetic import pictures
from torch import nn
from torch.distributions import Bernoulli, kl_divergence
from torch.nn import functional

from convae.corruption import GaussianNoise, Mask
from convae.measures.losses import mse
from convae.measures.metrics import psnr, ssim
from convae.models import build, dense_autoencoder
from convae.tasks import Classification, Reconstruction, SparseReconstruction, Variational, divergence
from convae.tensors import Batch

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


def test_a_sparse_code_is_paid_for_by_what_is_in_it():
    torch.manual_seed(0)
    model = dense_autoencoder(5).eval()  # without dropout
    plain = Reconstruction(darken)(model, BATCH, seeded())["loss"]
    sparse = SparseReconstruction(darken, weight=0.3)
    paid = sparse(model, BATCH, seeded())["loss"] - plain
    code = model.encode(darken(BATCH.images, seeded()))
    torch.testing.assert_close(paid, 0.3 * functional.l1_loss(code, torch.zeros_like(code), reduction="none").mean(1))
    measured = sparse.measure(model, BATCH, seeded())
    assert torch.equal(measured["mse"], Reconstruction(darken).measure(model, BATCH, seeded())["mse"])


def test_a_share_is_asked_of_each_number_by_the_divergence_of_two_coins():
    torch.manual_seed(0)
    model = dense_autoencoder(5, activation="sigmoid").eval()
    plain = Reconstruction()(model, BATCH, seeded())["loss"]
    paid = SparseReconstruction(weight=0.3, share=0.1)(model, BATCH, seeded())["loss"] - plain
    wanted, found = Bernoulli(torch.tensor(0.1)), Bernoulli(model.encode(BATCH.images).mean(0))
    torch.testing.assert_close(paid, (0.3 * kl_divergence(wanted, found).mean()).expand(len(paid)))


def test_a_number_that_is_always_0_costs_a_finite_price():
    model = dense_autoencoder(5, activation="sigmoid").eval()
    torch.nn.init.constant_(model.encoder[1].bias, -1e4)
    assert SparseReconstruction(share=0.1)(model, BATCH, seeded())["loss"].isfinite().all()


@pytest.mark.parametrize("share", [0, 1, -0.5, float("nan"), "half", 2])
def test_a_share_that_is_none_is_told(share):
    with pytest.raises(ValueError, match="give a number between 0 and 1, or None"):
        SparseReconstruction(share=share)


def test_codes_beyond_1_have_no_share():
    model = dense_autoencoder(5, activation="none").eval()
    with pytest.raises(ValueError, match="have no share: end the encoder in a sigmoid"):
        SparseReconstruction(share=0.1)(model, BATCH, seeded())


@pytest.mark.parametrize("weight", [0, -1.0, float("nan"), float("inf"), "much", None])
def test_a_penalty_that_is_none_is_told(weight):
    with pytest.raises(ValueError, match="give a number above 0, or Reconstruction"):
        SparseReconstruction(weight=weight)


def test_a_net_without_a_code_has_none_to_keep_small():
    with pytest.raises(TypeError, match="Seen has no code to keep small: use an Autoencoder"):
        SparseReconstruction()(Seen(), BATCH, seeded())


def test_classification_is_scored_by_cross_entropy_and_by_what_it_names():
    model = build("classifier").eval()
    scores = Classification().measure(model, BATCH, seeded())
    logits = model(BATCH.images)
    torch.testing.assert_close(scores["loss"], -logits.log_softmax(1).gather(1, BATCH.labels[:, None])[:, 0])
    assert torch.equal(Classification()(model, BATCH, seeded())["loss"], scores["loss"])
    assert torch.equal(scores["accuracy"] == 1, logits.argmax(1) == BATCH.labels)


def test_the_divergence_is_that_of_torch_distributions():
    mean, log_variance = torch.randn(2, 5, 3, 2, generator=seeded())
    posterior = torch.distributions.Normal(mean, (log_variance / 2).exp())
    expected = torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0, 1))
    torch.testing.assert_close(divergence(mean, log_variance), expected.flatten(1).sum(1))


def test_the_variational_loss_is_the_negative_evidence_lower_bound_up_to_scale_and_constant():
    model, sigma = build("variational-32").eval(), 0.3
    loss = Variational(sigma)(model, BATCH, seeded())["loss"]
    mean, log_variance = model.posterior(BATCH.images)
    restored = model.decode(mean + (log_variance / 2).exp() * torch.randn(mean.shape, generator=seeded()))
    likelihood = torch.distributions.Normal(restored, sigma).log_prob(BATCH.images)
    constant = torch.distributions.Normal(0, sigma).log_prob(torch.tensor(0.0))
    bound = (likelihood - constant).flatten(1).sum(1) - divergence(mean, log_variance)
    torch.testing.assert_close(loss, -bound * 2 * sigma**2 / BATCH.images[0].numel())


def test_the_record_of_a_variational_net_draws_nothing():
    model = build("variational-32").eval()
    scores = Variational(0.2).measure(model, BATCH, seeded())
    assert torch.equal(scores["mse"], mse(model(BATCH.images), BATCH.images))
    torch.testing.assert_close(scores["divergence"], divergence(*model.posterior(BATCH.images)))


@pytest.mark.parametrize("sigma", [0, -1, float("nan"), float("inf")])
def test_a_deviation_that_cannot_be(sigma):
    with pytest.raises(ValueError, match=f"sigma is {sigma}: the deviation of a pixel has to be above 0"):
        Variational(sigma)


def test_a_net_without_clouds_is_no_variational_one():
    with pytest.raises(TypeError, match="Autoencoder gives codes, no distribution of codes"):
        Variational(0.2)(dense_autoencoder(4), BATCH, seeded())


def test_pictures_of_a_set_are_spoiled_without_a_look_at_each():
    """A look would hold up a GPU in every step; what a caller brings himself is looked at."""
    batch = Batch(BATCH.images.double().mul(255), BATCH.labels)
    corrupt = GaussianNoise(0.1)
    assert Reconstruction(corrupt)(Seen(), batch, seeded())["loss"].shape == (6,)
    with pytest.raises(ValueError, match="clean pictures run from"):
        corrupt(batch.images, seeded())


@pytest.mark.parametrize("corrupt", [None, GaussianNoise(0.1), Mask(0.3)])
@pytest.mark.parametrize(
    ("images", "message"), [(torch.rand(1, 8, 8), "a single one as"), (torch.rand(0, 1, 8, 8), "0 im")]
)
def test_a_batch_that_is_none_is_refused_before_it_is_spoiled(corrupt, images, message):
    with pytest.raises(ValueError, match=message):
        Reconstruction(corrupt)(Seen(), Batch(images, torch.zeros(1)), seeded())


@pytest.mark.parametrize(
    ("name", "task", "what"),
    [
        ("dense-7", Reconstruction(), "restored pictures"),
        ("classifier", Classification(), "logits"),
        ("variational-32", Variational(0.2), "restored pictures"),
    ],
)
def test_what_is_no_number_is_trained_on_but_not_recorded(name, task, what):
    model = build(name).eval()
    nn.init.constant_(list(model.parameters())[-1 if name == "classifier" else 1], float("nan"))
    assert task(model, BATCH, seeded())["loss"].isnan().all()
    with pytest.raises(ValueError, match=f"{what}: 6 of 6 hold NaN or infinity, number 0 first"):
        task.measure(model, BATCH, seeded())

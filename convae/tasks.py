"""What a net is asked to do: `scores = task(model, batch, generator)`. The model knows nothing of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import torch
from torch.nn import functional

from convae.measures.losses import mse
from convae.measures.metrics import psnr, ssim
from convae.models import Autoencoder, VariationalAutoencoder
from convae.tensors import Batch, check_batch, check_finite, check_labels

if TYPE_CHECKING:
    from torch import Tensor, nn

    from convae.tensors import Codes, Images, Logits, PerImage, Scores

__all__ = [
    "Classification",
    "Corruption",
    "Reconstruction",
    "SparseReconstruction",
    "Task",
    "Variational",
    "divergence",
]


class Corruption(Protocol):
    """Spoils pictures: `spoiled = corrupt(images, generator)`."""

    def __call__(self, images: Images, generator: torch.Generator) -> Images: ...


class Task(Protocol):
    """One number per image and score: `__call__` for training, "loss" among them, `measure` for the record."""

    def __call__(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores: ...

    def measure(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores: ...


@dataclass(frozen=True)
class Reconstruction:
    """Give the picture back: loss = mean squared error between g(f(x̃)) and x, where x̃ is x spoiled or x itself.

    Args:
        corrupt: Makes x̃ of x; with None the net sees x itself. Plain, denoising, inpainting, deblurring and
            super-resolution autoencoders differ in nothing else.
    """

    corrupt: Corruption | None = None

    def __post_init__(self) -> None:
        if self.corrupt is not None and not callable(self.corrupt):
            raise TypeError(f"corrupt is {self.corrupt!r}: give a corruption, as GaussianNoise(0.5), or None")

    def restore(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Images:
        _check(model, batch)
        restored: Images = model(self._shown(batch, generator))
        return restored

    def _shown(self, batch: Batch, generator: torch.Generator) -> Images:
        spoil = getattr(self.corrupt, "spoil", self.corrupt)  # a batch is of a set, and clean: no GPU waits for a look
        return batch.images if spoil is None else spoil(batch.images, generator)

    def __call__(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
        return {"loss": mse(self.restore(model, batch, generator), batch.images)}

    def measure(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
        """MSE (not clipped), PSNR in dB and SSIM of each picture.

        Raises:
            ValueError: NaN or infinity among what is restored; likewise in the other tasks.
        """
        restored = self.restore(model, batch, generator)
        return {score.__name__: score(restored, batch.images) for score in (mse, psnr, ssim)}


@dataclass(frozen=True)
class SparseReconstruction(Reconstruction):
    """Give the picture back from a code with little in it: loss = MSE + weight · Ω(h), L(x, g(f(x))) + Ω(h) in
    [calderon2019].

    Ω is the mean size of the code's numbers, the L1 norm ÷ its length. With a share ρ it is the mean over the numbers
    of KL(ρ ‖ ρ̂) = ρ ln ρ/ρ̂ + (1 − ρ) ln (1 − ρ)/(1 − ρ̂), where ρ̂ is a number's mean over the batch [ng2011sparse].

    Args:
        weight: Of the penalty, above 0.
        share: ρ, between 0 and 1, for codes from 0 to 1, as behind a sigmoid.

    Raises:
        ValueError: the weight or the share is out of its range; in a call, codes outside of [0, 1] with a share.
    """

    weight: float = 1e-3
    share: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.weight, int | float) or not 0 < self.weight < math.inf:
            raise ValueError(f"weight is {self.weight!r}: give a number above 0, or Reconstruction() without a penalty")
        if self.share is not None and (not isinstance(self.share, int | float) or not 0 < self.share < 1):
            raise ValueError(f"share is {self.share!r}: give a number between 0 and 1, or None for the L1 norm")

    def __call__(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
        _check(model, batch)
        if not isinstance(model, Autoencoder):
            raise TypeError(f"{type(model).__name__} has no code to keep small: use an Autoencoder")
        codes = model.encode(self._shown(batch, generator))
        penalty = codes.abs().flatten(1).mean(1) if self.share is None else _off_share(codes.flatten(1), self.share)
        return {"loss": mse(model.decode(codes), batch.images) + self.weight * penalty}


def _off_share(codes: Codes, share: float) -> Tensor:
    """The mean over a code's numbers of KL(share ‖ their mean over the batch), in nats."""
    if codes.min() < 0 or codes.max() > 1:
        raise ValueError(
            f"codes from {codes.min():g} to {codes.max():g} have no share: end the encoder in a sigmoid, or give "
            "share=None"
        )
    mean = codes.mean(0).clamp(1e-6, 1 - 1e-6)  # of a number that is always 0 the logarithm has no end
    return (share * (share / mean).log() + (1 - share) * ((1 - share) / (1 - mean)).log()).mean()


@dataclass(frozen=True)
class Classification:
    """Say which class a picture is of: loss = cross entropy between softmax(logits) and the label, in nats."""

    def __call__(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
        return {"loss": self._logits_and_loss(model, batch)[1]}

    def measure(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
        """The loss of each picture, and its accuracy: 1 where the largest logit is the label's, else 0."""
        logits, loss = self._logits_and_loss(model, batch)
        check_finite(logits, "logits")
        return {"loss": loss, "accuracy": (logits.argmax(1) == batch.labels).float()}

    def _logits_and_loss(self, model: nn.Module, batch: Batch) -> tuple[Logits, PerImage]:
        _check(model, batch)
        check_labels(batch.labels, len(batch.images))
        logits: Logits = model(batch.images)
        return logits, functional.cross_entropy(logits, batch.labels, reduction="none")


@dataclass(frozen=True)
class Variational:
    """Give the picture back from a code drawn near its own, and keep all codes near a standard normal distribution.

    loss = MSE + (2σ² / CHW) KL(q(z | x) ‖ N(0, 1)), which is the negative evidence lower bound [kingma2014auto] for
    pixels that scatter with σ around the decoded picture, times 2σ² / CHW and without its constant. So it keeps the
    scale of an MSE, and a larger σ weighs the codes more.

    Args:
        sigma: Standard deviation σ of a pixel, in units of the pixels, above 0.

    Raises:
        ValueError: σ is out of its range.
    """

    sigma: float

    def __post_init__(self) -> None:
        if not isinstance(self.sigma, int | float) or not 0 < self.sigma < math.inf:
            raise ValueError(f"sigma is {self.sigma!r}: the deviation of a pixel has to be above 0")

    def __call__(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
        _check(model, batch)
        variational = _variational(model)
        mean, log_variance = variational.posterior(batch.images)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        restored = variational.decode(mean + noise * (log_variance / 2).exp())
        weight = 2 * self.sigma**2 / batch.images[0].numel()
        return {"loss": mse(restored, batch.images) + weight * divergence(mean, log_variance)}

    def measure(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
        """MSE, PSNR and SSIM of the picture decoded from the mean, and the KL divergence of its code in nats."""
        scores = Reconstruction().measure(model, batch, generator)
        from_prior = divergence(*_variational(model).posterior(batch.images))
        check_finite(from_prior, "divergences")
        return scores | {"divergence": from_prior}


def _check(model: nn.Module, batch: Batch) -> None:
    if not callable(model):
        raise TypeError(f"the model is a {type(model).__name__}: give a net, as build(name)")
    if not isinstance(batch, Batch):
        raise TypeError(f"the batch is a {type(batch).__name__}: give Batch(images, labels), as ImageSet.all() does")
    check_batch(batch.images)


def _variational(model: nn.Module) -> VariationalAutoencoder:
    if not isinstance(model, VariationalAutoencoder):
        raise TypeError(f"{type(model).__name__} gives codes, no distribution of codes: use a VariationalAutoencoder")
    return model


def divergence(mean: Codes, log_variance: Tensor) -> PerImage:
    """KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² − log σ² − 1) of each picture's code, in nats."""
    return 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).flatten(1).sum(1)

"""What a net is asked to do: `scores = task(model, batch, generator)`. The model knows nothing of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import torch
from torch.nn import functional

from convae.measures.losses import mse
from convae.measures.metrics import psnr, ssim
from convae.models import VariationalAutoencoder
from convae.tensors import check_batch, check_finite

if TYPE_CHECKING:
    from torch import Tensor, nn

    from convae.tensors import Batch, Codes, Images, PerImage, Scores


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

    def restore(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Images:
        check_batch(batch.images)
        spoil = getattr(self.corrupt, "spoil", self.corrupt)  # a batch is of a set, and clean: no GPU waits for a look
        restored: Images = model(batch.images if spoil is None else spoil(batch.images, generator))
        return restored

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
class Classification:
    """Say which class a picture is of: loss = cross entropy between softmax(logits) and the label, in nats."""

    def __call__(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
        return {"loss": functional.cross_entropy(model(batch.images), batch.labels, reduction="none")}

    def measure(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
        """The loss of each picture, and its accuracy: 1 where the largest logit is the label's, else 0."""
        logits = model(batch.images)
        check_finite(logits, "logits")
        loss = functional.cross_entropy(logits, batch.labels, reduction="none")
        return {"loss": loss, "accuracy": (logits.argmax(1) == batch.labels).float()}


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
        if not 0 < self.sigma < math.inf:
            raise ValueError(f"sigma is {self.sigma}: the deviation of a pixel has to be above 0")

    def __call__(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
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


def _variational(model: nn.Module) -> VariationalAutoencoder:
    if not isinstance(model, VariationalAutoencoder):
        raise TypeError(f"{type(model).__name__} gives codes, no distribution of codes: use a VariationalAutoencoder")
    return model


def divergence(mean: Codes, log_variance: Tensor) -> PerImage:
    """KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² − log σ² − 1) of each picture's code, in nats."""
    return 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).flatten(1).sum(1)

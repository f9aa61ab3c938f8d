"""What a net is asked to do: `scores = task(model, batch, generator)`. The model knows nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from convae.losses import mse
from convae.metrics import psnr, ssim

if TYPE_CHECKING:
    import torch
    from torch import nn

    from convae.tensors import Batch, Images, Scores


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
        spoiled = batch.images if self.corrupt is None else self.corrupt(batch.images, generator)
        restored: Images = model(spoiled)
        return restored

    def __call__(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
        return {"loss": mse(self.restore(model, batch, generator), batch.images)}

    def measure(self, model: nn.Module, batch: Batch, generator: torch.Generator) -> Scores:
        """MSE (not clipped), PSNR in dB and SSIM of each picture."""
        restored = self.restore(model, batch, generator)
        return {score.__name__: score(restored, batch.images) for score in (mse, psnr, ssim)}

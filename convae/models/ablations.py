"""Nets with one of their paths cut, to see which path carries the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from convae.models.skip_autoencoder import SkipAutoencoder
from convae.models.unet import UNet

if TYPE_CHECKING:
    from convae.tensors import Codes, Images

__all__ = ["Altered", "ablations", "shuffled"]


class Altered(nn.Module):
    """A net called with settings of its own, such as `skips`."""

    def __init__(self, model: nn.Module, **settings: Any) -> None:
        super().__init__()
        self.model, self.settings = model, settings

    def forward(self, images: Images) -> Images:
        restored: Images = self.model(images, **self.settings)
        return restored


def ablations(model: nn.Module) -> dict[str, nn.Module]:
    """The same net, trained as it is, with each of its paths cut alone and with all paths across cut.

    Returns:
        By what is cut: "skip 1" (of the largest map), "skip 2" and so on, "all skips"; for a SkipAutoencoder also
        "code zero", "code shuffled" (every picture gets the code of another one of its batch) and "code zero, all
        skips".

    Raises:
        TypeError: a net of another kind.
    """
    if not isinstance(model, UNet | SkipAutoencoder):
        raise TypeError(f"{type(model).__name__} has no paths across: give a UNet or a SkipAutoencoder")
    kept = {f"skip {cut + 1}": [level != cut for level in range(model.depth)] for cut in range(model.depth)}
    kept["all skips"] = [False] * model.depth
    cut = {name: Altered(model, skips=skips) for name, skips in kept.items()}
    if isinstance(model, SkipAutoencoder):
        cut["code zero"] = Altered(model, change=torch.zeros_like)
        cut["code shuffled"] = Altered(model, change=shuffled)
        cut["code zero, all skips"] = Altered(model, change=torch.zeros_like, skips=kept["all skips"])
    return dict(cut)


def shuffled(codes: Codes) -> Codes:
    """Every code given to another picture, in one circle through all of them; the same one at each call."""
    # At random: what stands side by side in a set may be cut from one photograph.
    circle = torch.randperm(len(codes), generator=torch.Generator().manual_seed(0)).to(codes.device)
    return torch.empty_like(codes).index_copy_(0, circle, codes[circle.roll(1)])

"""The nets of the book. A model knows neither its loss nor its data; MODELS holds the named ones."""

from collections.abc import Callable
from functools import partial

from torch import nn

from convae.models.autoencoder import (
    Autoencoder,
    convolutional_autoencoder,
    dense_autoencoder,
    robledo_max_pool,
    robledo_three_layer,
    robledo_two_layer,
)
from convae.names import lookup

__all__ = [
    "MODELS",
    "Autoencoder",
    "build",
    "convolutional_autoencoder",
    "dense_autoencoder",
    "robledo_max_pool",
    "robledo_three_layer",
    "robledo_two_layer",
]

DENSE_SIZES = (1, 7, 64, 128, 144, 256, 288, 512)

MODELS: dict[str, Callable[[], nn.Module]] = {
    "robledo-two-layer": robledo_two_layer,
    "robledo-three-layer": robledo_three_layer,
    "robledo-max-pool": robledo_max_pool,
    **{f"dense-{size}": partial(dense_autoencoder, size) for size in DENSE_SIZES},
}


def build(name: str) -> nn.Module:
    """A fresh model by its name in MODELS, with weights from PyTorch's global generator.

    Raises:
        ValueError: no such model; the message suggests the nearest names.
    """
    return lookup(MODELS, name, "model")()

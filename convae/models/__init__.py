"""The nets of the book. A model knows neither its loss nor its data; MODELS holds the named ones."""

from collections.abc import Callable
from functools import partial

from torch import nn

from convae.models.autoencoder import (
    Autoencoder,
    bottleneck_autoencoder,
    convolutional_autoencoder,
    dense_autoencoder,
    robledo_activated,
    robledo_max_pool,
    robledo_pooled,
    robledo_three_layer,
    robledo_two_layer,
)
from convae.models.blocks import BlurPool, binomial, icnr_, resize_convolve, sub_pixel
from convae.models.classifier import Classifier, convolutional_classifier
from convae.models.variational import VariationalAutoencoder, robledo_variational, variational_autoencoder
from convae.names import lookup

__all__ = [
    "MODELS",
    "WIDTHS",
    "Autoencoder",
    "BlurPool",
    "Classifier",
    "VariationalAutoencoder",
    "binomial",
    "bottleneck_autoencoder",
    "build",
    "convolutional_autoencoder",
    "convolutional_classifier",
    "dense_autoencoder",
    "icnr_",
    "resize_convolve",
    "robledo_activated",
    "robledo_max_pool",
    "robledo_pooled",
    "robledo_three_layer",
    "robledo_two_layer",
    "robledo_variational",
    "sub_pixel",
    "variational_autoencoder",
]

WIDTHS = (16, 32, 64)
DENSE_SIZES = (1, 7, 64, 128, 144, 256, 288, 512)

MODELS: dict[str, Callable[[], nn.Module]] = {
    "robledo-two-layer": robledo_two_layer,
    "robledo-three-layer": robledo_three_layer,
    "robledo-max-pool": robledo_max_pool,
    "robledo-average-pool": partial(robledo_pooled, "average"),
    "robledo-blur-pool": partial(robledo_pooled, "blur"),
    "robledo-sigmoid": partial(robledo_activated, "sigmoid"),
    "robledo-tanh": partial(robledo_activated, "tanh"),
    "robledo-linear": partial(robledo_activated, "none"),
    **{f"dense-{size}": partial(dense_autoencoder, size) for size in DENSE_SIZES},
    "bottleneck-32": partial(bottleneck_autoencoder, 32, WIDTHS),
    "variational-32": partial(variational_autoencoder, 32, WIDTHS),
    "robledo-variational": robledo_variational,
    "classifier": convolutional_classifier,
}


def build(name: str) -> nn.Module:
    """A fresh model by its name in MODELS, with weights from PyTorch's global generator.

    Raises:
        ValueError: no such model; the message suggests the nearest names.
    """
    return lookup(MODELS, name, "model")()

"""The nets of the book. A model knows neither its loss nor its data; MODELS holds the named ones."""

from collections.abc import Callable
from functools import partial

from torch import nn

from convae.models.ablations import ablations
from convae.models.autoencoder import (
    Autoencoder,
    bottleneck_autoencoder,
    convolutional_autoencoder,
    deep_dense_autoencoder,
    dense_autoencoder,
    global_autoencoder,
    mansilla_autoencoder,
    robledo_activated,
    robledo_max_pool,
    robledo_more_maps,
    robledo_overlapping,
    robledo_pooled,
    robledo_three_layer,
    robledo_two_layer,
)
from convae.models.blocks import BlurPool, binomial, icnr_, resize_convolve, sub_pixel
from convae.models.classifier import Classifier, convolutional_classifier, encoder_classifier
from convae.models.skip_autoencoder import SkipAutoencoder
from convae.models.super_resolution import SuperResolver
from convae.models.unet import UNet
from convae.models.variational import VariationalAutoencoder, robledo_variational, variational_autoencoder
from convae.names import lookup

__all__ = [
    "MODELS",
    "RATES",
    "WIDTHS",
    "Autoencoder",
    "BlurPool",
    "Classifier",
    "SkipAutoencoder",
    "SuperResolver",
    "UNet",
    "VariationalAutoencoder",
    "ablations",
    "binomial",
    "bottleneck_autoencoder",
    "build",
    "convolutional_autoencoder",
    "convolutional_classifier",
    "deep_dense_autoencoder",
    "dense_autoencoder",
    "encoder_classifier",
    "global_autoencoder",
    "icnr_",
    "mansilla_autoencoder",
    "resize_convolve",
    "robledo_activated",
    "robledo_max_pool",
    "robledo_more_maps",
    "robledo_overlapping",
    "robledo_pooled",
    "robledo_three_layer",
    "robledo_two_layer",
    "robledo_variational",
    "sub_pixel",
    "variational_autoencoder",
]

WIDTHS = (16, 32, 64)
# Code sizes of the study of rate and distortion, and the channels that copy best with so many numbers: where these are
# few, a third layer helps; where they are many, it takes away more than it gives.
RATES = {size: (24, 48, 96) if size <= 32 else (16, 32) for size in (2, 4, 8, 16, 32, 64, 128, 256)}
DENSE_SIZES = (1, 7, 64, 128, 144, 256, 288, 512)

MODELS: dict[str, Callable[[], nn.Module]] = {
    "robledo-two-layer": robledo_two_layer,
    "robledo-more-maps": robledo_more_maps,
    # The two-layer net with the three-layer net's number of parameters (11,721), and with nothing at its end:
    "robledo-more-parameters": partial(convolutional_autoencoder, (38, 16), stride=3, padding=0),
    "robledo-no-sigmoid": partial(convolutional_autoencoder, (8, 16), stride=3, padding=0, output="none"),
    "robledo-three-layer": robledo_three_layer,
    "robledo-max-pool": robledo_max_pool,
    "robledo-average-pool": partial(robledo_pooled, "average"),
    "robledo-blur-pool": partial(robledo_pooled, "blur"),
    "robledo-overlapping": robledo_overlapping,
    **{f"robledo-{pool}-pool-overlapping": partial(robledo_overlapping, pool) for pool in ("max", "average", "blur")},
    "robledo-relu-blur-pool-overlapping": partial(robledo_overlapping, "blur", pool_last=True),
    "robledo-sigmoid": partial(robledo_activated, "sigmoid"),
    "robledo-tanh": partial(robledo_activated, "tanh"),
    "robledo-linear": partial(robledo_activated, "none"),
    **{f"dense-{size}": partial(dense_autoencoder, size) for size in DENSE_SIZES},
    **{f"dense-{size}-no-dropout": partial(dense_autoencoder, size, dropout=0.0) for size in (144, 288)},
    "dense-64-linear": partial(dense_autoencoder, 64, activation="none"),
    "dense-144-linear-no-dropout": partial(dense_autoencoder, 144, dropout=0.0, activation="none"),
    "bottleneck-32": partial(bottleneck_autoencoder, 32, WIDTHS),
    **{f"global-{size}": partial(global_autoencoder, size, channels) for size, channels in RATES.items()},
    **{f"deep-dense-{size}": partial(deep_dense_autoencoder, size) for size in RATES},
    "plane": partial(global_autoencoder, 2, (8, 16, 32)),
    "mansilla-64": mansilla_autoencoder,
    "mansilla-256": partial(mansilla_autoencoder, 256, 0.1),
    "variational-32": partial(variational_autoencoder, 32, WIDTHS),
    "robledo-variational": robledo_variational,
    "classifier": convolutional_classifier,
    "unet": UNet,
    "unet-direct": partial(UNet, residual=False),
    # [utec2021]: 2, 3 and 4 layers with the codes of its notebooks, and one change each in the net of 3
    "utec-2": partial(SkipAutoencoder, (64, 128), 256, outputs=("tanh",)),
    "utec-3": SkipAutoencoder,
    "utec-4": partial(SkipAutoencoder, (64, 128, 256, 512), 1024),
    "utec-2-code-512": partial(SkipAutoencoder, (64, 128), outputs=("tanh",)),
    "utec-4-code-512": partial(SkipAutoencoder, (64, 128, 256, 512)),
    "utec-kernel-2": partial(SkipAutoencoder, kernel=2, padding=0),
    "utec-kernel-6-3": partial(SkipAutoencoder, kernel=6, stride=3),
    "utec-kernel-6-4": partial(SkipAutoencoder, kernel=6, stride=4),
    "utec-kernel-6-4-code-128": partial(SkipAutoencoder, code_size=128, kernel=6, stride=4),
    "utec-half": partial(SkipAutoencoder, (32, 64, 128)),
    "utec-twice": partial(SkipAutoencoder, (128, 256, 512)),
    **{f"utec-{name}": partial(SkipAutoencoder, activation=name) for name in ("sigmoid", "tanh", "leaky-relu")},
    **{f"utec-ends-{name}": partial(SkipAutoencoder, outputs=(name, name)) for name in ("relu", "sigmoid", "none")},
    "utec-normalized": partial(SkipAutoencoder, normalize=True),
    "utec-pooled": partial(SkipAutoencoder, pool=True),
    **{
        f"utec-{len(channels)}-at-256": partial(
            SkipAutoencoder, channels, code, image_shape=(3, 256, 256), outputs=ends
        )
        for channels, code, ends in (
            ((64, 128), 256, ("tanh",)),
            ((64, 128, 256), 512, ("tanh", "tanh")),
            ((64, 128, 256, 512), 1024, ("tanh", "tanh")),
        )
    },
    "super-resolver-2": SuperResolver,
    "super-resolver-4": partial(SuperResolver, 4, blocks=4),
    "super-resolver-4-alone": partial(SuperResolver, 4, blocks=4, add=False),  # not added to the bicubic picture
}


def build(name: str) -> nn.Module:
    """A fresh model by its name in MODELS, with weights from PyTorch's global generator.

    Raises:
        ValueError: no such model; the message suggests the nearest names.
    """
    return lookup(MODELS, name, "model")()

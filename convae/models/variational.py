"""Variational autoencoders: the encoder names a cloud of codes for each picture instead of one point."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from torch import Tensor, nn

from convae.models.autoencoder import Autoencoder, bottleneck_autoencoder, robledo_two_layer
from convae.tensors import check_shape

if TYPE_CHECKING:
    from convae.tensors import Codes, Images

__all__ = ["VariationalAutoencoder", "robledo_variational", "variational_autoencoder"]


class VariationalAutoencoder(Autoencoder):
    """q(z | x) is a normal distribution of independent numbers [kingma2014auto]: their means are what the encoder puts
    out, and a second layer beside its last one gives the logarithms of their variances.

    So `encode` gives the means, and the same picture always has the same code. Only the training draws.

    Args:
        net: An autoencoder whose encoder is an nn.Sequential with a linear layer or a convolution at its end.

    Raises:
        ValueError: the encoder ends in something else.
    """

    encoder: nn.Sequential

    def __init__(self, net: Autoencoder) -> None:
        if not isinstance(net.encoder, nn.Sequential) or not isinstance(net.encoder[-1], nn.Linear | nn.Conv2d):
            raise ValueError(f"the encoder is {net.encoder}: give an nn.Sequential that ends in a Linear or a Conv2d")
        super().__init__(net.encoder, net.decoder, net.image_shape)
        self.log_variance = copy.deepcopy(net.encoder[-1])
        self.log_variance.reset_parameters()

    def posterior(self, images: Images) -> tuple[Codes, Tensor]:
        """Mean and logarithm of the variance of q(z | x), each of the shape of a code.

        Raises:
            ValueError: the images have another shape than the net was built for.
        """
        check_shape(images, self.image_shape)
        features = self.encoder[:-1](images)
        return self.encoder[-1](features), self.log_variance(features)


def variational_autoencoder(code_size: int, channels: tuple[int, ...]) -> VariationalAutoencoder:
    """The net of bottleneck_autoencoder with a cloud for a code.

    Raises:
        ValueError: as bottleneck_autoencoder.
    """
    return VariationalAutoencoder(bottleneck_autoencoder(code_size, channels))


def robledo_variational() -> VariationalAutoencoder:
    """The two-layer net of [robledo2021] with a cloud for a code, which is not in the source.

    Its decoder turns each of the nine places of the code into a block of its own, so codes drawn independently give
    nine blocks that know nothing of each other.
    """
    return VariationalAutoencoder(robledo_two_layer())

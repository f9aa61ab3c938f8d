"""`Classifier(encoder, head)`: pictures to features to one logit a class."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from convae.arithmetic.shapes import MOST, check_whole
from convae.models.limits import check_channels, check_image_shape
from convae.models.modes import modes_kept
from convae.tensors import check_shape

if TYPE_CHECKING:
    from typing import Self

    from convae.models.autoencoder import Autoencoder
    from convae.tensors import Images, ImageShape, Logits

__all__ = ["Classifier", "convolutional_classifier", "encoder_classifier"]


class Classifier(nn.Module):
    """An encoder whose features a head turns into logits.

    Args:
        encoder: Images [N, C, H, W] to features [N, F].
        head: Features to logits [N, K].
        image_shape: (C, H, W), the only shape that it takes.
        frozen: The encoder stays as it is: none of it is trained, and it is always in evaluation mode, in which
            nothing is dropped.

    Raises:
        ValueError: the image_shape is no shape of a picture.
    """

    def __init__(self, encoder: nn.Module, head: nn.Module, image_shape: ImageShape, frozen: bool = False) -> None:
        super().__init__()
        self.image_shape = check_image_shape(image_shape)
        self.encoder = encoder
        self.head = head
        self.frozen = frozen
        if frozen:
            encoder.requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """The head's mode, and the encoder's where it is not frozen."""
        super().train(mode)
        if self.frozen:
            self.encoder.eval()
        return self

    def features(self, images: Images) -> Tensor:
        """What the head sees of some images, [N, F].

        Raises:
            ValueError: the images have another shape than the net was built for.
        """
        check_shape(images, self.image_shape)
        features: Tensor = self.encoder(images)
        return features

    def forward(self, images: Images) -> Logits:
        """Logits [N, K] of some images."""
        logits: Logits = self.head(self.features(images))
        return logits


def convolutional_classifier(channels: tuple[int, int] = (16, 32), features: int = 64, classes: int = 10) -> Classifier:
    """Two convolutions, each with a 2×2 max-pooling, a layer of features, a layer of logits, for pictures of 1×28×28.

    In the manner of [lecun1998gradient], with ReLU and dropout.

    Raises:
        ValueError: a size out of its range.
    """
    check_channels(channels, 2)
    check_whole(1, MOST, features=features, classes=classes)
    first, second = channels
    encoder = nn.Sequential(
        nn.Conv2d(1, first, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),  # [N, first, 14, 14]
        nn.Conv2d(first, second, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),  # [N, second, 7, 7]
        nn.Flatten(),
        nn.Dropout(0.25),
        nn.Linear(second * 49, features),
        nn.ReLU(),
    )
    return Classifier(encoder, nn.Sequential(nn.Dropout(0.25), nn.Linear(features, classes)), (1, 28, 28))


def encoder_classifier(
    autoencoder: Autoencoder, classes: int = 10, frozen: bool = False, bend: bool = False
) -> Classifier:
    """A copy of an autoencoder's encoder with one linear layer to the logits behind it [mansilla2024].

    Args:
        autoencoder: Its code is a row of numbers.
        classes: Logits.
        frozen: Only the layer is trained.
        bend: A ReLU on the logits, as the source has it.

    Raises:
        ValueError: a code of another shape, no classes, or an encoder that was frozen before and is to be trained.
    """
    check_whole(1, MOST, classes=classes)
    with torch.no_grad(), modes_kept(autoencoder):
        shape = autoencoder.eval().encode(torch.zeros(1, *autoencoder.image_shape)).shape[1:]
    if len(shape) != 1:
        raise ValueError(f"a code of shape {tuple(shape)} fits no linear layer: end the encoder in nn.Flatten()")
    encoder = copy.deepcopy(autoencoder.encoder)
    if not frozen and not all(each.requires_grad for each in encoder.parameters()):
        raise ValueError("the encoder is frozen: call requires_grad_(True) on it, or ask for frozen=True")
    layer = nn.Linear(shape[0], classes)
    head = nn.Sequential(layer, nn.ReLU()) if bend else layer
    return Classifier(encoder, head, autoencoder.image_shape, frozen)

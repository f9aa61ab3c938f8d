"""`Classifier(encoder, head)`: pictures to features to one logit a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from convae.arithmetic.shapes import MOST, check_whole
from convae.models.limits import check_channels, check_image_shape
from convae.tensors import check_shape

if TYPE_CHECKING:
    from convae.tensors import Images, ImageShape, Logits

__all__ = ["Classifier", "convolutional_classifier"]


class Classifier(nn.Module):
    """An encoder whose features a head turns into logits.

    Args:
        encoder: Images [N, C, H, W] to features [N, F].
        head: Features to logits [N, K].
        image_shape: (C, H, W), the only shape that it takes.
    """

    def __init__(self, encoder: nn.Module, head: nn.Module, image_shape: ImageShape) -> None:
        super().__init__()
        self.image_shape = check_image_shape(image_shape)
        self.encoder = encoder
        self.head = head

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

"""Pictures in memory with their labels, and the batches made of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from convae.tensors import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from convae.tensors import ImageShape


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Pictures as bytes, a quarter of the memory that floats would take; they become floats a batch at a time.

    Args:
        images: uint8 [N, C, H, W].
        labels: int64 [N].
        classes: The name of each label.

    Raises:
        ValueError: shapes or types are others.
    """

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.images.dtype != torch.uint8 or self.images.ndim != 4:
            raise ValueError(
                f"images are {self.images.dtype} of shape {tuple(self.images.shape)}: give uint8 [N, C, H, W]"
            )
        if self.labels.dtype != torch.int64 or self.labels.shape != self.images.shape[:1]:
            raise ValueError(
                f"labels are {self.labels.dtype} of shape {tuple(self.labels.shape)}: "
                f"give int64 [{len(self.images)}], one for each picture"
            )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, chosen: slice | Tensor) -> ImageSet:
        """Some of the pictures, by a slice or by a tensor of positions."""
        if isinstance(chosen, int):
            raise TypeError(f"[{chosen}] is one picture, no set: take [{chosen} : {chosen + 1}], or .images[{chosen}]")
        return replace(self, images=self.images[chosen], labels=self.labels[chosen])

    @property
    def image_shape(self) -> ImageShape:
        channels, rows, columns = self.images.shape[1:]
        return channels, rows, columns

    def to(self, device: torch.device | str) -> ImageSet:
        """The same pictures on a device; with a whole set there, no batch has to travel."""
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))

    def batches(self, size: int, generator: torch.Generator | None = None) -> Iterator[Batch]:
        """The whole set in batches of `size` (the last one may be smaller), as floats in [0, 1] on the set's device.

        Args:
            size: Pictures a batch, at least 1.
            generator: Shuffles, and is one of the CPU, so that the order is the same on every device; None keeps
                the order.

        Raises:
            ValueError: a size below 1.
        """
        if size < 1:
            raise ValueError(f"batches of {size} pictures: give a size of at least 1")
        order = None if generator is None else torch.randperm(len(self), generator=generator).to(self.images.device)
        for start in range(0, len(self), size):
            part = slice(start, start + size) if order is None else order[start : start + size]
            yield self[part].all()

    def all(self) -> Batch:
        """The whole set as one batch; floats take four times the memory."""
        return Batch(self.images.float().div_(255), self.labels)

    def checksum(self) -> str:
        """SHA-256 of pixels and labels, the first 16 hexadecimal digits."""
        digest = hashlib.sha256(repr(tuple(self.images.shape)).encode())
        for tensor in (self.images, self.labels):
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Splits:
    """One data set in its three parts; `validation` are the last pictures of what was the training set."""

    name: str
    train: ImageSet
    validation: ImageSet
    test: ImageSet

    def checksum(self) -> str:
        """Of the three parts together, however they are cut."""
        parts = (self.train, self.validation, self.test)
        return hashlib.sha256(" ".join(part.checksum() for part in parts).encode()).hexdigest()[:16]


def split(name: str, train: ImageSet, test: ImageSet, validation: int) -> Splits:
    """Cuts the last `validation` pictures off the training set.

    Raises:
        ValueError: no whole number, or so many that none is left to train on.
    """
    if isinstance(validation, bool) or not isinstance(validation, int) or not 0 <= validation < len(train):
        raise ValueError(
            f"{validation} pictures for validation of {len(train)}: give a whole number from 0 to {len(train) - 1}"
        )
    cut = len(train) - validation
    return Splits(name, train[:cut], train[cut:], test)

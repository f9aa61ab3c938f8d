"""Real digits that need no download."""

import numpy as np
import torch
from torch.nn import functional

from convae.data.image_set import ImageSet
from convae.data.optional import needs

CLASSES = tuple("0123456789")


def digits() -> tuple[ImageSet, ImageSet]:
    """scikit-learn's 1,797 handwritten digits of 8×8 pixels in MNIST's format, as (train, test) of 1,497 and 300.

    Enlarged bicubically to 20×20 with a margin of 4, as MNIST's own digits lie in their 28×28: stretched over the
    whole picture instead, a net that was trained on MNIST fails on them.

    Raises:
        ModuleNotFoundError: scikit-learn is not installed.
    """
    with needs("scikit-learn", 'load("digits")'):
        from sklearn.datasets import load_digits

    bunch = load_digits()
    small = torch.from_numpy(bunch.images.astype(np.float32) / 16)[:, None]
    large = functional.interpolate(small, size=(20, 20), mode="bicubic", align_corners=False).clamp(0, 1)
    images = functional.pad(large, (4, 4, 4, 4)).mul(255).round().to(torch.uint8)
    both = ImageSet(images, torch.from_numpy(bunch.target.astype(np.int64)), CLASSES)
    return both[:1497], both[1497:]

"""Made-up pictures and untrained nets, so that a test takes a moment and needs no data."""

import functools

import torch

from convae.data import ImageSet, Splits
from convae.experiments import RECIPES
from convae.models import build


def noise(*shape, seed=0):
    """A tensor of numbers from 0 to 1."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def pictures(count, shape=(1, 28, 28), seed=0):
    """Smooth grey patches on black: something that a small net can learn."""
    generator = torch.Generator().manual_seed(seed)
    channels, rows, columns = shape
    waves = torch.rand(count, channels, 3, 3, generator=generator)
    smooth = torch.nn.functional.interpolate(waves, size=(rows, columns), mode="bilinear", align_corners=True)
    labels = torch.randint(10, (count,), generator=generator)
    return ImageSet((smooth * 255).round().to(torch.uint8), labels, tuple("0123456789"))


def splits(name="mnist", train=70, validation=0, test=30):
    """Three parts of such pictures under the name of a real set."""
    every = pictures(train + test)
    cut = train - (validation or 0)
    return Splits(name, every[:cut], every[cut:train], every[train:])


@functools.cache
def untrained(name, seed):
    """The net of a recipe with its weights as they were drawn: what is tested are the measurements."""
    torch.manual_seed(seed)
    return build(RECIPES[name].model).eval()

"""The photographs of scikit-image, and the patches cut out of them."""

import pytest
import torch

from convae.data.photographs import HELD_OUT, PHOTOGRAPHS, TRAINING, patches, photograph


def test_photographs():
    assert not set(TRAINING) & set(HELD_OUT)
    for name in PHOTOGRAPHS:
        picture = photograph(name)
        assert picture.dtype == torch.uint8
        assert len(picture) == 1
        assert min(picture.shape[1:]) >= 300
    with pytest.raises(ValueError, match="no photograph is called 'cat': there are astronaut, chelsea"):
        photograph("cat")


def test_patches_are_cut_from_their_photographs_and_always_the_same():
    cut = patches(16, each=3)
    assert cut.checksum() == patches(16, each=3).checksum() != patches(16, each=3, seed=1).checksum()
    assert (len(cut.train), len(cut.test)) == (15, 6)
    for part in (cut.train, cut.test):
        for image, label in zip(part.images, part.labels, strict=True):
            windows = photograph(part.classes[label])[0].unfold(0, 16, 1).unfold(1, 16, 1)
            assert (windows == image).all(-1).all(-1).any()


@pytest.mark.parametrize("settings", [{"side": 0}, {"side": 301}, {"each": 0}])
def test_impossible_patches(settings):
    with pytest.raises(ValueError, match="give a side from 1 to 300, and 1 to 100,000 patches"):
        patches(**settings)

"""What the study of denoising shows its nets."""

import pytest
import torch

from convae import load
from convae.experiments.denoising import LETTERS, draw, letters, strip

DIGITS = load("digits")


def test_letters_are_drawn_stroke_by_stroke():
    pictures = letters(20)
    assert pictures.shape == (20, 1, 28, 28)
    assert pictures.min() == 0
    assert pictures.max() == 1
    assert torch.equal(pictures, letters(20))
    assert not torch.equal(pictures[0], pictures[len(LETTERS)])  # the same letter, of another size
    bar = draw([(0, 0.5, 1, 0.5)], scale=10, half_width=1.0)  # from 8.5 to 18.5 across, between rows 13 and 14
    assert bar[13:15, 9:19].min() == 1
    assert bar[:12].sum() + bar[16:].sum() == 0
    assert torch.equal(bar, bar.flip(0))
    torch.testing.assert_close(draw([(0.5, 0, 0.5, 1)], 10, 1.0), bar.T)
    with pytest.raises(ValueError, match="-1 letters"):
        letters(-1)
    with pytest.raises(ValueError, match="has no length: move one of its ends"):
        draw([(0.5, 0.5, 0.5, 0.5)], 10, 1.0)
    with pytest.raises(ValueError, match="scale 0 and half_width 1"):
        draw([(0.5, 0, 0.5, 1)], 0, 1)


def test_a_strip_is_taken_from_all_over_a_set():
    assert len(strip(DIGITS.test)) == 6
    assert torch.equal(strip(DIGITS.test).images[1], DIGITS.test.images[50])
    assert len(strip(DIGITS.test[:4])) == 4

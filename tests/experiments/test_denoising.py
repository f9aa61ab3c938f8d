"""What the study of denoising shows its nets."""

import pytest
import torch

from convae import load
from convae.baselines import filters
from convae.experiments import STUDIES, denoising
from convae.experiments.denoising import BASE, LETTERS, ahead, draw, letters, strip

DIGITS = load("digits")


def test_a_lead_is_that_of_all_seeds_and_as_wide_as_seeds_and_pictures_make_it():
    behind = {"psnr": [10.0, 9.9, 10.1, 500], f"behind {BASE}": [4.0, 3.9, 4.1, 500]}
    rows = {"1/median": behind, f"1/{BASE}": {"seeds": [14.0, 15.0, 16.0]}}
    lead = ahead(rows, "1", "median")
    assert lead.mean == pytest.approx(5)
    assert 2.4 < lead.margin < 2.6  # three seeds a decibel apart: t(2) / √3
    rows[f"1/{BASE}"]["seeds"] = [15.0, 15.0, 15.0]
    assert ahead(rows, "1", "median").margin == pytest.approx(0.1, rel=0.01)


def test_the_filters_are_measured_in_parts_that_make_up_the_whole():
    for name in ("denoising-filters", "denoising-stronger"):
        study = STUDIES[name]
        assert [part.measured for part in study.parts()] == [(each,) for each in study.measured]


def test_a_margin_around_what_is_blurred_holds_all_of_it():
    clean = DIGITS.test[:5].all().images
    whole = denoising._blur_whole(clean, torch.Generator())
    assert whole.shape[2:] == (48, 48)
    torch.testing.assert_close(whole.sum((1, 2, 3)), clean.sum((1, 2, 3)), rtol=1e-3, atol=0)
    only = denoising._without_margin(filters.gaussian(0.05))(whole)  # leaves every pixel as it is
    torch.testing.assert_close(only, whole[..., 10:-10, 10:-10])


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

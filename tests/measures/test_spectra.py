"""Energy of what repeats: against the Fourier transform, and on pictures whose patterns are known."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convae.measures.spectra import pattern_energy, pattern_share


@settings(deadline=None)
@given(period=st.integers(2, 5), rows=st.integers(1, 6), columns=st.integers(1, 6), seed=st.integers(0, 99))
def test_it_is_the_energy_at_the_multiples_of_one_frequency(period, rows, columns, seed):
    chance = torch.Generator().manual_seed(seed)
    images = torch.rand(3, 2, rows * period, columns * period, generator=chance, dtype=torch.float64)
    spectrum = torch.fft.fft2(images).abs().square() / (rows * columns * period**2) ** 2
    lattice = spectrum[..., ::rows, ::columns].clone()  # bin k of n is the frequency k / n
    lattice[..., 0, 0] = 0
    torch.testing.assert_close(pattern_energy(images, period), lattice.sum((2, 3)).mean(1))
    spectrum[..., 0, 0] = 0
    share = lattice.sum() / spectrum.sum()
    assert pattern_share(images, period) == pytest.approx(share.item())


def test_known_patterns():
    rows, columns = torch.meshgrid(torch.arange(24), torch.arange(24), indexing="ij")
    board, stripes, slow = (rows + columns) % 2, columns % 2, columns % 4 // 2
    images = torch.stack([board, stripes, slow, torch.ones_like(rows)]).float()[:, None]
    assert pattern_energy(images, 2).tolist() == [0.25, 0.25, 0, 0]
    assert pattern_energy(images, 4).tolist() == [0.25, 0.25, 0.25, 0]
    assert pattern_share(images[:2], 2) == 1


@pytest.mark.parametrize("period", [0, 1, 5])
def test_periods_that_do_not_fit(period):
    with pytest.raises(ValueError, match=f"a period of {period} in pictures of 24×24: give one from 2 that divides"):
        pattern_energy(torch.rand(1, 1, 24, 24), period)


def test_images_without_energy():
    torn = torch.rand(2, 1, 4, 4)
    torn[1, 0, 0, 0] = float("nan")
    with pytest.raises(ValueError, match="images: 1 of 2 hold NaN or infinity, number 1 first"):
        pattern_energy(torn)
    with pytest.raises(ValueError, match=r"shape \(1, 4, 4\): give \[N, C, H, W\]"):
        pattern_energy(torch.rand(1, 4, 4))
    with pytest.raises(ValueError, match="every pixel is like the others"):
        pattern_share(torch.ones(1, 1, 4, 4))

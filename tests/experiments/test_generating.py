"""What the studies of generating measure with."""

import torch

from convae.experiments.generating import independent


def test_independent_numbers_keep_their_place_and_lose_their_company():
    codes = torch.arange(50.0)[:, None] + torch.tensor([0.0, 1000.0])
    drawn = independent(codes, 400, 0)
    assert (drawn[:, 0] < 50).all()
    assert (drawn[:, 1] >= 1000).all()
    assert (drawn[:, 0] + 1000 != drawn[:, 1]).float().mean() > 0.9

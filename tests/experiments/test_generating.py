"""What the studies of generating measure with."""

import pytest
import torch
from synthetic import noise, pictures, untrained

from convae.experiments.generating import beside, clouds, collage, copies, halves, independent, spread, ways


def test_independent_numbers_keep_their_place_and_lose_their_company():
    codes = torch.arange(50.0)[:, None] + torch.tensor([0.0, 1000.0])
    drawn = independent(codes, 400, 0)
    assert (drawn[:, 0] < 50).all()
    assert (drawn[:, 1] >= 1000).all()
    assert (drawn[:, 0] + 1000 != drawn[:, 1]).float().mean() > 0.9


def test_codes_out_of_clouds_scatter_around_the_means_by_the_deviations():
    net, images = untrained("variational-32", 0), pictures(40)
    with torch.no_grad():
        mean, log_variance = net.posterior(images.all().images)
    drawn = torch.stack([clouds(net, images, seed) for seed in range(300)])
    standard = (drawn - mean) / (log_variance / 2).exp()
    assert standard.mean().abs() < 0.01
    assert abs(standard.std() - 1) < 0.01
    torch.testing.assert_close(drawn.mean(0), mean, atol=0.35, rtol=0)


def test_a_net_that_is_not_drawn_from_gives_pictures_back_and_a_variational_one_is_drawn_from_in_five_ways():
    images = pictures(60)
    assert ways(untrained("bottleneck-32", 0), images, 0, False).keys() == {"reconstructed"}
    assert ways(untrained("bottleneck-32", 0), images, 0, True).keys() == {"reconstructed", "mixture"}
    made = ways(untrained("variational-32", 0), images, 0, True)
    assert made.keys() == {"reconstructed", "mixture", "gaussian", "clouds", "prior", "prior, with noise"}
    with torch.no_grad():
        torch.testing.assert_close(
            made["reconstructed"], untrained("variational-32", 0)(images.all().images), atol=1e-5, rtol=0
        )
    assert (made["prior, with noise"] - made["prior"]).std().item() == pytest.approx(0.4, rel=0.02)


def test_codes_beside_others_are_off_by_their_share_of_each_numbers_deviation():
    codes = noise(4000, 2) * torch.tensor([1.0, 100.0])
    off = beside(codes, 0.2, torch.Generator().manual_seed(0)) - codes
    torch.testing.assert_close(off.std(0) / codes.std(0), torch.full((2,), 0.2), rtol=0.05, atol=0)
    assert off.T.corrcoef()[0, 1].abs() < 0.05


def test_a_collage_has_nine_blocks_of_nine_pictures_each_at_its_place():
    pictures = torch.arange(1.0, 19).view(18, 1, 1, 1).expand(18, 1, 28, 28)
    made = collage(pictures, 5)
    assert made.shape == (5, 1, 28, 28)
    for picture in made:
        blocks = (
            picture[0, :27, :27].unflatten(0, (3, 9)).unflatten(2, (3, 9)).permute(0, 2, 1, 3).flatten(2).flatten(0, 1)
        )
        assert (blocks == blocks[:, :1]).all()
        assert len(blocks[:, 0].unique()) == 9
        assert picture[0, 27].sum() == picture[0, :, 27].sum() == 0


def test_what_is_a_copy():
    training = noise(50, 1, 8, 8)
    made = {
        "net/reconstructed": training[:40] + 0.1 * noise(40, 1, 1, 1, seed=1),
        "net/copies": training[:40],
        "net/others": noise(40, 1, 8, 8, seed=2),
    }
    rows = copies(made, training)
    assert rows["nearest/net/reconstructed"]["copies"][0] == pytest.approx(0.95)
    assert rows["nearest/net/copies"]["copies"][0] == 1
    assert rows["nearest/net/copies"]["distance"][0] < 1e-3
    assert rows["nearest/net/others"]["copies"][0] == 0


def test_halves_of_one_kind_are_nearer_than_those_of_two_and_the_spread_of_codes():
    features = torch.cat([noise(100, 4), noise(100, 4, seed=1) + 1])
    rows = halves(features, 3)
    assert len(rows["real/halves, random"]["frechet"]) == 3
    assert rows["real/halves, first and last"]["frechet"][0] > 10 * max(rows["real/halves, random"]["frechet"])
    line = torch.linspace(-1, 1, 50)
    found = spread(torch.stack([line, 2 * line, noise(50)], 1))
    assert found["correlation"] == pytest.approx(1, abs=1e-5)
    assert found["most"] == pytest.approx(2 * line.std().item())

"""The study of super-resolution in small, and what it measures with."""

import pytest
import torch
from synthetic import noise, pictures, splits, untrained
from torch import nn

from convae.baselines.enlarging import METHODS
from convae.experiments import super_resolution
from convae.experiments.super_resolution import SuperResolutionStudy, Tiled, spoil, switched
from convae.measures.metrics import psnr
from convae.models import SkipAutoencoder


class Doubled(nn.Module):
    """Marks where a tile begins."""

    def forward(self, tiles):
        marked = tiles.clone()
        marked[..., 0, 0] = 1
        return marked


def test_tiles_are_put_together_where_they_were_cut():
    images = noise(2, 3, 128, 192) / 2
    made = Tiled(Doubled())(images)
    marks = torch.zeros(128, 192, dtype=torch.bool)
    marks[::64, ::64] = True
    assert torch.equal(made[..., ~marks], images[..., ~marks])
    assert (made[..., marks] == 1).all()


def test_the_switches_are_the_bits_of_the_position():
    torch.manual_seed(0)
    net, spoiled = (
        SkipAutoencoder((4, 6), 5, image_shape=(3, 16, 16), outputs=("sigmoid",)).eval(),
        noise(1, 3, 16, 16),
    )
    made = switched(net, spoiled)
    assert made.shape == (8, 3, 16, 16)
    assert torch.equal(made[7:], net(spoiled))
    assert torch.equal(made[5:6], net(spoiled, [True, False]))  # 1 + 4: the largest map and the code
    assert torch.equal(made[2:3], net(spoiled, [False, True], torch.zeros_like))
    assert torch.equal(made[:1], net(spoiled, [False, False], torch.zeros_like))


def test_a_small_study_has_its_rows(monkeypatch):
    """On made-up photographs of 64×128 pixels."""
    photographs = {number: pictures(1, (3, 64, 128), seed=number).images[0] for number in range(17, 25)}
    monkeypatch.setattr(super_resolution, "kodak", photographs.__getitem__)

    study = SuperResolutionStudy(
        "trial", factors=(2, 4), small=(("super-resolver-4", 4, 2),), tiled=(("utec-half", 1),)
    )
    train = splits(train=20).train
    train = type(train)(pictures(20, (3, 64, 64)).images, train.labels, train.classes)
    rows, kept = study.table(type(splits())("trial", train, train, train), untrained)
    interpolations = {*METHODS, "linear"}
    assert rows.keys() == (
        {f"{factor}/{name}" for factor in (2, 4) for name in interpolations}
        | {"4/super-resolver-4", "4/utec-half", "weights/utec-half", "switches", "tiles/validation", "tiles/test"}
    )
    assert len(rows["4/super-resolver-4"]["seeds"]) == 2
    assert len(rows["2/bicubic"]["photographs"]) == 8
    better = max(rows["4/bicubic"]["psnr"][0], rows["4/bicubic-0.75"]["psnr"][0])
    assert rows["4/utec-half"]["ahead"][0] == pytest.approx(rows["4/utec-half"]["psnr"][0] - better, abs=1e-4)
    assert rows["weights/utec-half"]["to_code"] == pytest.approx(
        untrained("utec-half", 0).to_code.weight.std().item(), 1e-3
    )
    assert kept["switches"].shape == (16, 3, 64, 64)
    assert kept["compared/utec-half"].shape == (3, 128, 128)
    example = super_resolution.cut(*super_resolution.EXAMPLE)
    whole = untrained("utec-half", 0)(spoil(example, 4)).clamp(0, 1)
    assert rows["switches"]["psnr"][15] == pytest.approx(psnr(whole, example).item(), abs=1e-3)

"""The study of super-resolution in small, and what it measures with."""

import pytest
import torch
from synthetic import noise, pictures, splits, untrained
from torch import nn

from convae.baselines.enlarging import METHODS, BackProjection, Enlarge
from convae.corruption import resize
from convae.experiments import super_resolution
from convae.experiments.super_resolution import (
    KERNELS,
    EqualTermsStudy,
    ReducedTiles,
    RivalsStudy,
    SuperResolutionStudy,
    Tiled,
    TilesStudy,
    above,
    spoil,
    switched,
)
from convae.measures.intervals import against_baseline, between_seeds, over_pictures
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


def test_reduced_tiles_become_squares_of_64():
    images = noise(2, 3, 32, 48) / 2
    made = ReducedTiles(Enlarge(4, "nearest"), 4)(images)
    assert torch.equal(made, Enlarge(4, "nearest")(images))  # which sees nothing of its neighbours
    smooth = Enlarge(4, "bilinear")(images)
    apart = (ReducedTiles(Enlarge(4, "bilinear"), 4)(images) - smooth).abs().amax((0, 1)) > 1e-6
    assert apart[62:66].any()  # where two tiles meet
    assert apart[:, 62:66].any()
    assert not apart[8:56, 8:56].any()


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


@pytest.fixture
def train(monkeypatch):
    """Training patches; the photographs are made up, too, of 64×128 pixels."""
    photographs = {number: pictures(1, (3, 64, 128), seed=number).images[0] for number in range(15, 25)}
    monkeypatch.setattr(super_resolution, "kodak", photographs.__getitem__)
    labels = splits(train=20).train
    return type(labels)(pictures(20, (3, 64, 64)).images, labels.labels, labels.classes)


def test_a_small_study_has_its_rows(train):
    study = SuperResolutionStudy(
        "trial", factors=(2, 4), small=(("super-resolver-4", 4, 2),), tiled=(("utec-half", 1),)
    )
    rows, kept = study.table(type(splits())("trial", train, train, train), untrained)
    interpolations = {*KERNELS, "linear"}
    assert rows.keys() == (
        {f"{factor}/{name}" for factor in (2, 4) for name in interpolations}
        | {"4/super-resolver-4", "4/utec-half", "weights/utec-half", "switches", "tiles/validation", "tiles/test"}
    )
    assert len(rows["4/super-resolver-4"]["seeds"]) == 2
    assert len(rows["2/bicubic"]["photographs"]) == 8
    assert "seeds" not in rows["4/bicubic"]
    ahead = rows["4/utec-half"]["psnr"][0] - rows["4/bicubic"]["psnr"][0]
    assert above(rows["4/utec-half"], rows["4/bicubic"]).mean == pytest.approx(ahead, abs=1e-4)
    assert rows["weights/utec-half"]["to_code"] == pytest.approx(
        untrained("utec-half", 0).to_code.weight.std().item(), 1e-3
    )
    assert kept["switches"].shape == (16, 3, 64, 64)
    assert kept["compared/utec-half"].shape == (3, 128, 128)
    example = super_resolution.cut(*super_resolution.EXAMPLE)
    whole = untrained("utec-half", 0)(spoil(example, 4)).clamp(0, 1)
    assert rows["switches"]["psnr"][15] == pytest.approx(psnr(whole, example).item(), abs=1e-3)


def test_a_study_on_equal_terms_has_its_rows(train, monkeypatch):
    white = super_resolution.kodak(20)
    white[:, :32] = 255
    study = EqualTermsStudy(
        "trial",
        factors=(4,),
        windows=(3, 5),
        small=(("super-resolver-4", 2),),
        tiled=(("utec-half", 1),),
        white=("utec-half",),
    )
    rows, kept = study.table(type(splits())("trial", train, train, train), untrained)
    rivals = {*KERNELS, "linear-3", "linear-5"}
    assert rows.keys() == {f"4/{name}" for name in rivals} | {
        "4/super-resolver-4", "4/utec-half", "weights/utec-half", "white", "white/bicubic", "white/utec-half"
    }  # fmt: skip
    assert kept == {}
    assert len(rows["4/linear-5"]["photographs"]) == 8
    own = super_resolution.score(super_resolution.Enlarge(4, "bicubic"), 4, (15, 16))["psnr"].mean().item()
    assert rows["4/bicubic"]["validation"] == pytest.approx(own)
    shown = spoil(white[None].float() / 255, 4)
    bright = white[None] >= 254
    assert rows["white"]["share"] == pytest.approx(bright.float().mean().item())
    for name, answer in {"bicubic": shown, "utec-half": Tiled(untrained("utec-half", 0))(shown)}.items():
        values = answer.clamp(0, 1)[bright]
        assert rows[f"white/{name}"]["mean"] == pytest.approx(values.mean().item(), abs=1e-5)
        apart = values - white[None][bright] / 255
        assert rows[f"white/{name}"]["miss"] == pytest.approx(apart.square().mean().sqrt().item(), abs=1e-5)


def test_a_study_of_rivals_has_its_rows(train):
    study = RivalsStudy("trial", factors=(4,), times=(1, 3), small=("super-resolver-4",))
    rows, kept = study.table(type(splits())("trial", train, train, train), untrained)
    assert rows.keys() == {
        "4/spline", "4/back-1", "4/back-3", "4/super-resolver-4/whole", "4/super-resolver-4/tiles"
    }  # fmt: skip
    assert kept == {}
    back = BackProjection(4, "lanczos", 3)
    assert rows["4/back-3"]["photographs"] == super_resolution.score(back, 4)["psnr"].tolist()
    own = super_resolution.score(back, 4, (15, 16))["psnr"].mean().item()
    assert rows["4/back-3"]["validation"] == pytest.approx(own)
    whole = super_resolution.score(untrained("super-resolver-4", 0), 4)["psnr"]
    assert rows["4/super-resolver-4/whole"]["photographs"] == whole.tolist()
    assert rows["4/super-resolver-4/tiles"]["photographs"] != whole.tolist()


def test_a_study_of_tiles_has_its_rows(train):
    study = TilesStudy("trial", margins=(0, 1), times=2, window=3, small=("super-resolver-4",), factors=(4,))
    rows, kept = study.table(type(splits())("trial", train, train, train), untrained)
    names = ("lanczos", "back-2", "linear-3", "super-resolver-4")
    tiles = {f"margin-{margin}/4/{name}" for name in names for margin in (0, 1)}
    assert rows.keys() == tiles | {"longer/4/lanczos-50", "longer/4/spline-20", "validation/super-resolver-4"}
    assert kept == {}
    assert "seeds" in rows["margin-1/4/super-resolver-4"]
    assert "seeds" not in rows["margin-0/4/linear-3"]
    cut_off = super_resolution.score(ReducedTiles(BackProjection(4, "lanczos", 2), 4), 4)["psnr"]
    assert rows["margin-0/4/back-2"]["photographs"] == cut_off.tolist()
    assert rows["margin-1/4/back-2"]["photographs"] != cut_off.tolist()


def test_with_a_margin_of_its_reach_a_tile_is_a_piece_of_the_whole():
    images = noise(2, 3, 32, 48)
    for method, reach in (("bilinear", 1), ("bicubic", 2), ("lanczos", 3)):
        whole = Enlarge(4, method)(images)
        assert torch.allclose(ReducedTiles(Enlarge(4, method), 4, reach)(images), whole, atol=1e-6)
        assert not torch.allclose(ReducedTiles(Enlarge(4, method), 4, reach - 1)(images), whole, atol=1e-4)


def test_a_tile_of_the_enlarged_picture_tells_two_pixels_beyond_it_and_no_third():
    """In every row of it, what bicubic enlarging brings in beyond an edge can be solved for the two."""
    brought = resize(torch.eye(16)[None, None], (64, 16))[0, 0]  # [enlarged, reduced], of one axis
    beyond = brought[32:, :8]  # a tile that begins at reduced pixel 8
    assert torch.linalg.matrix_rank(beyond, atol=1e-4) == 2
    assert beyond[:, :6].abs().max() < 1e-6


def test_the_methods_of_a_few_pixels_are_methods():
    assert set(KERNELS) == METHODS.keys() - {"spline"}


def row(values):
    """What a study keeps of PSNRs [seeds, photographs]."""
    return {"photographs": values.mean(0).tolist(), "seeds": values.mean(1).tolist()}


def test_the_means_of_a_table_make_the_interval_of_all_its_values():
    net, bar = 25 + noise(5, 8) * 3, 25 + noise(1, 8, seed=1)[0]
    expected = against_baseline(list(net), bar)
    found = above(row(net), {"photographs": bar.tolist()})
    assert (found.mean, found.low, found.high) == pytest.approx((expected.mean, expected.low, expected.high), abs=1e-5)
    alone = above({"photographs": bar.tolist(), "seeds": [bar.mean().item()]}, {"photographs": [25.0] * 8})
    expected = over_pictures(bar - 25)
    assert (alone.low, alone.high) == pytest.approx((expected.low, expected.high), abs=1e-5)


def test_two_nets_are_paired_by_seed():
    shared = 10 * torch.arange(5.0)[:, None]  # a seed moves both nets alike
    net, other = 25 + shared + noise(5, 8), 25 + shared + noise(5, 8, seed=1)
    found = above(row(net), row(other))
    assert found.margin < 1
    expected = against_baseline(list(net - other), torch.zeros(8))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-4)
    alike = [{"photographs": [25.0] * 4, "seeds": seeds} for seeds in ([24.0, 26.0], [25.5, 24.5])]
    assert above(*alike).margin == pytest.approx(between_seeds([24, 26], [25.5, 24.5]).margin)


def test_a_single_net_is_a_bar_that_stands_still():
    net = 25 + noise(5, 8)
    bar = {"photographs": [25.0] * 8}
    assert above(row(net), bar | {"seeds": [25.0]}) == above(row(net), bar)


def test_rows_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match=r"^2 photographs against 3: compare rows of the same ones$"):
        above({"photographs": [1.0, 2.0]}, {"photographs": [1.0, 2.0, 3.0]})
    first, second = (row(25 + noise(count, 8)) for count in (2, 3))
    with pytest.raises(ValueError, match=r"^2 seeds against 3: pair the same seeds, or give a bar of one$"):
        above(first, second)

"""The Kodak photographs: read whole or refused by name, and cut into patches of which none is in two parts."""

import hashlib
import io

import numpy as np
import pytest
import torch
from PIL import Image

from convae.data import DataNotFoundError, load
from convae.data import kodak as module
from convae.data.kodak import PATCHES, Patches, kodak
from convae.data.photographs import patches, photograph

FOLDER = "CONVAE_DATA"


@pytest.fixture(autouse=True)
def _away_from_home(tmp_path, monkeypatch):
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kodak.cache_clear()
    yield
    kodak.cache_clear()


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """Twenty-four made-up photographs, two of them upright, in the place of the real ones; their pixels."""
    folder, pictures, sums = tmp_path / "Kodak", [], []
    folder.mkdir()
    for number in range(1, 25):
        shape = (96, 64, 3) if number in (4, 17) else (64, 96, 3)
        pixels = np.random.default_rng(number).integers(0, 256, shape, dtype=np.uint8)
        content = io.BytesIO()
        Image.fromarray(pixels).save(content, "PNG")
        (folder / f"kodim{number:02}.png").write_bytes(content.getvalue())
        pictures.append(torch.from_numpy(pixels).permute(2, 0, 1))
        sums.append(hashlib.sha256(content.getvalue()).hexdigest()[:16])
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setattr(module, "CHECKSUMS", tuple(sums))
    return pictures


def test_a_photograph_is_read_as_it_was_written(suite):
    for number in (1, 4, 24):
        assert torch.equal(kodak(number), suite[number - 1])


def test_a_file_that_is_another_one_is_refused_by_name(suite, tmp_path):
    path = tmp_path / "Kodak/kodim03.png"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match=r"kodim03.png is torn or another picture than the suite's: delete it"):
        kodak(3)


def test_without_them_the_error_says_where_to_put_them(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"put kodim01.png to kodim24.png .* CONVAE_DATA=/absolute/path"):
        load("kodak-64")


@pytest.mark.parametrize("number", [0, 25, 1.5])
def test_no_such_photograph(number):
    with pytest.raises(ValueError, match="give one from 1 to 24"):
        kodak(number)


def is_cut_from(patch, picture):
    side = patch.shape[-1]
    windows = picture.unfold(1, side, 1).unfold(2, side, 1)
    return bool((windows == patch[:, None, None]).all(0).all(-1).all(-1).any())


def test_patches_come_from_the_photographs_of_their_part(suite, monkeypatch):
    monkeypatch.setitem(PATCHES, "kodak-64", Patches(32, 28))
    splits = load("kodak-64")
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [28, 2 * 6, 8 * 6]
    parts = {"train": range(1, 15), "validation": range(15, 17), "test": range(17, 25)}
    for part, numbers in parts.items():
        images = getattr(splits, part)
        assert sorted(set(images.labels.tolist())) == [number - 1 for number in numbers]
        for patch, label in zip(images.images, images.labels.tolist(), strict=True):
            assert is_cut_from(patch, suite[label])
    assert splits.checksum() == load("kodak-64").checksum()


def test_tiles_cover_a_photograph_without_overlap(suite, monkeypatch):
    monkeypatch.setitem(PATCHES, "kodak-64", Patches(32, 14))
    first = load("kodak-64").test.images[:6]  # photograph 17, which is upright: 3 rows of 2
    rows = [torch.cat(list(first[start : start + 2]), 2) for start in (0, 2, 4)]
    assert torch.equal(torch.cat(rows, 1), suite[16])


def test_turned_patches_are_turned_and_every_second_round_is_mirrored(suite, monkeypatch):
    monkeypatch.setitem(PATCHES, "kodak-48", Patches(16, 56, turned=True))
    images = load("kodak-48").train
    upright = 0
    for position, (patch, label) in enumerate(zip(images.images, images.labels.tolist(), strict=True)):
        patch = patch.flip(2) if position // 14 % 2 else patch
        found = [is_cut_from(patch.rot90(-turns, (1, 2)), suite[label]) for turns in range(4)]
        assert any(found)
        upright += found[0]
    assert 0 < upright < 56


def test_they_have_validation_photographs_of_their_own(suite):
    with pytest.raises(ValueError, match="15 and 16: leave validation away"):
        load("kodak-64", validation=10)


def test_photographs_that_come_along_in_colour():
    for name in ("astronaut", "chelsea", "coffee"):
        grey, colour = photograph(name), photograph(name, colour=True)
        assert colour.shape == (3, *grey.shape[1:])
        assert (colour.float().mean(0) - grey[0].float()).abs().mean() < 40
    with pytest.raises(ValueError, match="camera is grey: in colour there are astronaut"):
        photograph("camera", colour=True)
    cut = patches(16, each=4, colour=True)
    assert cut.train.classes == ("astronaut", "chelsea")
    assert cut.test.classes == ("coffee",)
    assert is_cut_from(cut.test.images[0], photograph("coffee", colour=True))


def test_grey_patches_as_a_data_set(monkeypatch):
    splits = load("photographs")
    assert splits.train.image_shape == (1, 32, 32)
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [19000, 1000, 8000]
    assert set(splits.validation.labels.tolist()) == set(range(5))

"""The samples: the pictures of the whole sets at their positions, read right or refused, and with their licences."""

import io
import os
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from book.tools.samples import STRIPS, draw, idx, positions
from convae.data import DataNotFoundError, ImageSet, load, samples
from convae.data.idx import md5_of, read_idx
from convae.data.samples import DESCRIPTION, FOLDER, SAMPLES, description
from convae.experiments import STUDIES
from convae.experiments.denoising import strip

ROOT = Path(__file__).parents[2]
REAL = os.environ.get("CONVAE_DATA")
FOLDERS = sorted(path for path in FOLDER.iterdir() if path.is_dir())
CHECKSUMS = {"mnist-sample": "e162be3ccce9717e", "fashion-mnist-sample": "28882b975f51311e"}


@pytest.fixture(autouse=True)
def _without_data(tmp_path, monkeypatch):
    monkeypatch.delenv("CONVAE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The samples in a folder where they may be damaged."""
    folder = tmp_path / "samples"
    shutil.copytree(FOLDER, folder)
    monkeypatch.setattr(samples, "FOLDER", folder)
    return folder


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_has_as_many_pictures_of_each_class(name):
    chosen, splits = SAMPLES[name], load(name)
    for part in ("train", "validation", "test"):
        images = getattr(splits, part)
        assert images.labels.bincount().tolist() == [getattr(chosen, part)] * 10
        assert images.image_shape == (1, 28, 28)
    assert splits.name == name
    assert splits.checksum() == CHECKSUMS[name]
    whole = load(name, validation=0)
    assert len(whole.train) == len(splits.train) + len(splits.validation)
    assert torch.equal(whole.train.images[-len(splits.validation) :], splits.validation.images)


@pytest.mark.parametrize("name", SAMPLES)
def test_positions_are_each_another_one_and_validation_is_the_sets_own(name):
    told, validation = description(FOLDER / SAMPLES[name].of), 10 * SAMPLES[name].validation
    for part, size in (("train", 60_000), ("test", 10_000)):
        assert len(set(told[part])) == len(told[part])
        assert all(0 <= position < size for position in told[part])
    assert max(told["train"][:-validation]) < 55_000 <= min(told["train"][-validation:])


def test_the_samples_begin_with_the_pictures_of_the_stored_strips():
    numbered = ImageSet(torch.zeros(10_000, 1, 1, 1, dtype=torch.uint8), torch.arange(10_000), ())
    study = STUDIES["denoising"]
    shown = {
        "mnist": strip(numbered[:: study.every]),
        "fashion-mnist": strip(numbered[:: len(numbered) // study.pictures]),
    }
    for of, images in shown.items():
        assert images.labels.tolist() == list(STRIPS[of]) == description(FOLDER / of)["test"][:6]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_what_the_whole_set_has_at_its_positions(name, monkeypatch):
    """On the real sets where they are; elsewhere the pictures' checksum tells that they are still the same."""
    told, splits = description(FOLDER / SAMPLES[name].of), load(name, validation=0)
    if REAL:
        monkeypatch.setenv("CONVAE_DATA", REAL)
    try:
        whole = load(SAMPLES[name].of, validation=0)
    except DataNotFoundError:
        assert load(name).checksum() == CHECKSUMS[name]
        assert splits.train.labels.shape == (len(told["train"]),)
    else:
        for part in ("train", "test"):
            found, at = getattr(splits, part), torch.tensor(told[part])
            assert torch.equal(found.images, getattr(whole, part).images[at])
            assert torch.equal(found.labels, getattr(whole, part).labels[at])
        drawn = positions(SAMPLES[name], whole.train.labels, whole.test.labels)
        assert drawn == {part: told[part] for part in ("train", "test")}


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(1, 5), st.data())
@settings(deadline=None)
def test_drawing_takes_so_many_of_each_class(labels, each, data):
    first = data.draw(st.lists(st.integers(0, len(labels) - 1), unique=True, max_size=1))
    kinds = torch.tensor(labels)
    drawn = draw(kinds, each, torch.Generator().manual_seed(0), first)
    assert len(set(drawn.tolist())) == len(drawn)
    assert kinds[drawn].bincount(minlength=4).tolist() == kinds.bincount(minlength=4).clamp(max=each).tolist()
    assert drawn[: len(first)].tolist() == first


@given(st.integers(1, 4), st.integers(1, 5))
@settings(deadline=None)
def test_idx_files_are_packed_the_same_way_every_time(tmp_path_factory, rows, columns):
    array = torch.arange(rows * columns, dtype=torch.uint8).view(rows, columns)
    path = tmp_path_factory.mktemp("idx") / "file.gz"
    path.write_bytes(idx(array))
    assert torch.equal(read_idx(path), array)
    assert idx(array) == path.read_bytes()
    assert path.read_bytes()[4:8] == bytes(4)  # no time, which would be another one each time


# Bad input


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_not_downloaded(name):
    with pytest.raises(ValueError, match=f"{name} comes with the package .* leave download away, or name {name[:-7]}"):
        load(name, download=True)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_torn_file_of_a_sample_is_refused_by_name(name, copied):
    for path in sorted((copied / SAMPLES[name].of).iterdir()):
        if path.name == "LICENSE":
            continue
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        with pytest.raises(ValueError, match=rf"{path} is torn.*: it comes with convae: install the package again"):
            load(name)
        path.unlink()
        with pytest.raises(DataNotFoundError, match=rf"no {path}: it comes with convae: install the package again"):
            load(name)
        path.write_bytes(content)
    assert load(name).checksum() == CHECKSUMS[name]


def test_pictures_for_validation_have_to_be_there():
    with pytest.raises(ValueError, match="2000 pictures for validation of 2000"):
        load("mnist-sample", validation=2000)


# The files


def test_all_samples_together_are_small():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) <= 1_500_000


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_sample_has_its_licence_and_the_sums_of_its_files(folder):
    sums = description(folder)["files"]
    assert {path.name for path in folder.iterdir()} == {"LICENSE", DESCRIPTION, *sums}
    for name, md5 in sums.items():
        assert md5_of((folder / name).read_bytes()) == md5, name
    licence = (folder / "LICENSE").read_text(encoding="utf-8")
    terms = {"mnist": "CC BY-SA 3.0", "fashion-mnist": "MIT License", "dsb2018": "CC0", "chasedb1": "CC BY 4.0"}
    assert terms[folder.name] in licence
    assert "Source: " in licence


def test_the_projects_licence_names_those_of_the_samples():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"].split(" AND ") == ["MIT", "CC-BY-SA-3.0", "CC0-1.0", "CC-BY-4.0"]
    named = {path for pattern in project["license-files"] for path in ROOT.glob(pattern)}
    assert named == {ROOT / "LICENSE", *(folder / "LICENSE" for folder in FOLDERS)}
    assert "The *code* is under the MIT licence" in (ROOT / "README.md").read_text(encoding="utf-8")


def picture(path):
    with Image.open(io.BytesIO(path.read_bytes())) as opened:
        return np.asarray(opened)


@pytest.mark.parametrize(("part", "side"), [("test", 256), ("shift", 360)])
def test_nuclei_have_their_labels(part, side):
    folder = FOLDER / "dsb2018"
    told = description(folder)[part]
    image, labels = picture(folder / f"{part}-image.png"), picture(folder / f"{part}-labels.png")
    assert image.shape == labels.shape == (side, side)
    assert sorted(np.unique(labels)) == list(range(int(told["n_nuclei"]) + 1))
    assert image[labels > 0].mean() > 2 * image[labels == 0].mean()


def test_the_retina_has_its_vessels():
    folder = FOLDER / "chasedb1"
    image, vessels = picture(folder / "image.png"), picture(folder / "vessels.png")
    assert image.shape == (256, 256, 3)
    assert vessels.shape == (256, 256)
    assert vessels.dtype == bool
    assert 0.05 < vessels.mean() < 0.3
    green = image[..., 1].astype(float)
    assert green[vessels].mean() < green[~vessels].mean()


def test_tiles_and_crop_are_those_of_the_sets(monkeypatch):
    """Where the sets are; the crop's photograph is a JPEG file, whose decoders differ by a rounding."""
    nuclei, retina = description(FOLDER / "dsb2018"), description(FOLDER / "chasedb1")
    rows, columns = (slice(*retina[axis]) for axis in ("rows", "columns"))
    assert [part.stop - part.start for part in (rows, columns)] == [256, 256]
    root = Path(REAL or FOLDER)
    for part in ("test", "shift"):
        place = root / "DSB2018" / nuclei[part]["subset"]
        if place.is_dir():
            name = f"{nuclei[part]['image_id']}.png"
            assert (picture(place / "images" / name)[..., 0] == picture(FOLDER / f"dsb2018/{part}-image.png")).all()
            assert (picture(place / "labels" / name) == picture(FOLDER / f"dsb2018/{part}-labels.png")).all()
    photograph = root / f"CHASEDB1/{retina['photograph']}.jpg"
    if photograph.is_file():
        whole = picture(photograph)[rows, columns].astype(int)
        assert abs(whole - picture(FOLDER / "chasedb1/image.png")).max() <= 3
        mask = picture(photograph.with_name(f"{photograph.stem}_1stHO.png"))[rows, columns]
        assert (mask == picture(FOLDER / "chasedb1/vessels.png")).all()

"""Folders of one's own pictures: each file read as a viewer shows it, and nothing lost or mixed without a word."""

import hashlib
import io
import os
import re
import struct
import tempfile
import unicodedata
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from convae.data import Splits, load


def paint(path: Path, pixels: np.ndarray, **how) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **how)
    return path


def random_pixels(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def png(rows: bytes, width: int, height: int, depth: int = 8, kind: int = 2, **chunks: bytes) -> bytes:
    """A PNG of rows as they are stored, for what Pillow does not write."""

    def chunk(name: str, content: bytes) -> bytes:
        body = name.encode() + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    named = b"".join(chunk(name, content) for name, content in chunks.items())
    return (
        b"\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + named + chunk("IDAT", zlib.compress(rows)) + chunk("IEND", b"")
    )


def some(folder: Path, count: int = 6, suffix: str = "png") -> Path:
    """A folder with pictures in it."""
    for number in range(count):
        paint(folder / f"{number}.{suffix}", random_pixels(number, 4, 4))
    return folder


def paint_zoo(folder: Path, order: int = 1) -> None:
    """Two classes in colour, one of them with a folder below; hidden and foreign files among them."""
    for number in range(41)[::order]:
        name = f"b/{number}.png" if number % 3 else f"a/deeper/{number}.PNG"
        paint(folder / name, random_pixels(number, 6, 9, 3))
    paint(folder / ".hidden" / "1.png", random_pixels(0, 5, 5))
    paint(folder / "a" / ".hidden.png", random_pixels(0, 5, 5))
    (folder / "b" / "Thumbs.db").write_text("no picture")


def all_of(splits: Splits) -> list[tuple[bytes, int]]:
    parts = (splits.train, splits.validation, splits.test)
    return [
        (image.numpy().tobytes(), int(label))
        for part in parts
        for image, label in zip(part.images, part.labels, strict=True)
    ]


def test_a_folder_holds_what_torchvision_sees_in_it(tmp_path):
    from torchvision.datasets import ImageFolder
    from torchvision.transforms.v2.functional import pil_to_tensor

    paint_zoo(tmp_path)
    ours = load(f"folder:{tmp_path}", colour=True)
    theirs = ImageFolder(
        tmp_path, is_valid_file=lambda path: path.lower().endswith(".png") and "/." not in path, allow_empty=True
    )
    names = [name for name in theirs.classes if name in "ab"]
    assert list(ours.train.classes) == names
    expected = [(pil_to_tensor(image).numpy().tobytes(), names.index(theirs.classes[label])) for image, label in theirs]
    assert sorted(all_of(ours)) == sorted(expected)
    assert [len(part) for part in (ours.train, ours.validation, ours.test)] == [33, 4, 4]
    assert ours.train.image_shape == (3, 6, 9)
    assert ours.name == f"folder:{tmp_path}"


def test_a_folder_is_cut_the_same_everywhere(tmp_path, monkeypatch):
    paint_zoo(tmp_path / "one")
    paint_zoo(tmp_path / "two", order=-1)
    one = load(f"folder:{tmp_path / 'one'}", colour=True)
    names = {f"b/{number}.png" if number % 3 else f"a/deeper/{number}.PNG": number for number in range(41)}
    order = [names[name] for name in sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())]
    assert [image for image, _ in all_of(one)] == [
        random_pixels(number, 6, 9, 3).transpose(2, 0, 1).tobytes() for number in order
    ]
    monkeypatch.chdir(tmp_path)
    assert all_of(load("folder:two", colour=True)) == all_of(one)
    assert len(set(one.train.labels.tolist())) == 2
    without = load("folder:two", validation=0, colour=True)
    assert all_of(without) == all_of(one)
    assert len(without.train) == 37


def test_a_folder_without_subfolders_is_one_class(tmp_path):
    for number in range(3):
        paint(tmp_path / "leaves" / f"{number}.png", random_pixels(number, 4, 4))
    splits = load(f"folder:{tmp_path / 'leaves'}")
    assert splits.train.classes == ("leaves",)
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [1, 1, 1]
    assert all_of(splits) == [(image, 0) for image, _ in all_of(splits)]


def one_picture(folder: Path, **choice) -> torch.Tensor:
    """The three pictures in a folder, which are the same."""
    splits = load(f"folder:{folder}", **choice)
    assert torch.equal(splits.train.images, splits.test.images)
    return splits.test.images[0]


def test_size_is_rows_and_columns_around_the_centre(tmp_path):
    pixels = np.zeros((20, 40), np.uint8)
    pixels[:, :10] = pixels[:, 30:] = 255
    for number in range(3):
        paint(tmp_path / f"{number}.png", pixels)
    assert one_picture(tmp_path, size=(20, 20)).max() == 0
    assert one_picture(tmp_path, size=(10, 20)).shape == (1, 10, 20)
    assert torch.equal(one_picture(tmp_path, size=(20, 40)), one_picture(tmp_path))
    assert torch.equal(one_picture(tmp_path)[0], torch.from_numpy(pixels))


def test_pictures_are_seen_as_a_viewer_shows_them(tmp_path):
    """Turned as the camera was held, white where transparent, in grey by the weights of ITU-R 601."""
    pixels = random_pixels(0, 4, 6, 3)
    clear = np.dstack([pixels, np.where(np.arange(6) < 3, 0, 255)[None].repeat(4, 0)]).astype(np.uint8)
    turned = Image.Exif()
    turned[0x0112] = 6  # stored with the camera's right side on top: to be turned clockwise
    for number in range(3):
        paint(tmp_path / "clear" / f"{number}.png", clear)
        paint(tmp_path / "turned" / f"{number}.png", pixels, exif=turned)
    with pytest.warns(UserWarning, match=r"3 pictures are transparent, and shown on background=\(255, 255, 255\)"):
        seen = one_picture(tmp_path / "clear", colour=True)
    assert (seen[:, :, :3] == 255).all()
    np.testing.assert_array_equal(seen[:, :, 3:], pixels[:, 3:].transpose(2, 0, 1))
    np.testing.assert_array_equal(
        one_picture(tmp_path / "turned", colour=True), np.rot90(pixels, -1).transpose(2, 0, 1)
    )
    grey = one_picture(tmp_path / "turned")[0].numpy()
    assert np.abs(grey - np.rot90(pixels @ [0.299, 0.587, 0.114], -1)).max() < 1


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(st.data())
@settings(deadline=None)
def test_a_torn_picture_is_named(data):
    kind = data.draw(st.sampled_from(["png", "jpg", "bmp", "tiff", "webp"]))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(3):
            torn = paint(Path(folder) / f"{number}.{kind}", random_pixels(number, 8, 8))
        whole = torn.read_bytes()
        place = data.draw(st.integers(0, len(whole) - 1))
        changed = bytes([whole[place] ^ data.draw(st.integers(1, 255))])
        torn.write_bytes(data.draw(st.sampled_from([whole[:place], whole[:place] + changed + whole[place + 1 :]])))
        try:
            assert len(load(f"folder:{folder}", size=(8, 8)).train) == 1
        except ValueError as error:
            assert str(torn) in str(error)  # noqa: PT017 (a changed pixel leaves a picture)


@pytest.mark.parametrize("side", [13_000, 30_000])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(side, tmp_path):
    """As soon as Pillow begins to wonder, not when it has filled the memory."""
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(png(b"", side, side))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"\d.png has more than the 89,478,485 pixels"):
            load(f"folder:{tmp_path}", size=(28, 28))


def test_bad_folders(tmp_path):
    with pytest.raises(NotADirectoryError, match=r"'nowhere' is no folder \(seen from"):
        load("folder:nowhere")
    with pytest.raises(NotADirectoryError, match="write folder:PATH"):
        load("folder:")
    with pytest.raises(ValueError, match=rf"{tmp_path} holds 0 pictures \(.*\.png"):
        load(f"folder:{tmp_path}")
    for number in range(3):
        paint(tmp_path / "in" / f"{number}.png", random_pixels(number, 4, 4))
    for size in (28, (28,), (0, 4), (4.0, 4), (True, True), np.array([4.0, 4]), np.array(4), "44"):
        with pytest.raises(ValueError, match=r"size is .*give \(rows, columns\)"):
            load(f"folder:{tmp_path}", size=size)
    loose = paint(tmp_path / "loose.png", random_pixels(0, 4, 4))
    with pytest.raises(ValueError, match=r"loose.png beside the subfolder in"):
        load(f"folder:{tmp_path}")
    loose.unlink()
    other = paint(tmp_path / "in" / "other.png", random_pixels(0, 5, 7))
    with pytest.raises(ValueError, match=r"(4×4|5×7) pixels and .* (4×4|5×7): give size=\(rows, columns\)"):
        load(f"folder:{tmp_path}")
    other.write_text("no picture")
    with pytest.raises(ValueError, match=f"{other} cannot be read as a picture"):
        load(f"folder:{tmp_path}")
    paint(other, np.arange(16, dtype=np.uint16).reshape(4, 4) * 4000)
    with pytest.raises(ValueError, match=f"{other} .*more than 8 bits"):
        load(f"folder:{tmp_path}")
    with pytest.raises(NotADirectoryError, match=r"'~nosuch/pictures' is no folder"):
        load("folder:~nosuch/pictures")
    with pytest.raises(OSError, match=r"longlong.* cannot be read \(File name too long\): mend that"):
        load(f"folder:{tmp_path / ('long' * 100)}")
    for size in [(10**9, 4), (4, 10_001)]:
        with pytest.raises(ValueError, match=r"give \(rows, columns\), each a whole number from 1 to 10,000"):
            load(f"folder:{tmp_path}", size=size)
    for background in ("white", (0, 0), (0, 0, 256), 0.5, (0, False, 0), np.zeros(3), np.zeros((3, 1), int)):
        with pytest.raises(ValueError, match=r"background is .*: give \(red, green, blue\)"):
            load(f"folder:{tmp_path}", background=background)


@pytest.mark.parametrize("as_given", [tuple, list, np.array, np.uint8, lambda values: tuple(np.array(values))])
def test_whole_numbers_may_come_in_an_array(as_given, tmp_path):
    clear = np.dstack([random_pixels(0, 4, 6, 3), np.zeros((4, 6), np.uint8)])
    for number in range(3):
        paint(tmp_path / f"{number}.png", clear)
    with pytest.warns(UserWarning, match=r"shown on background=\(0, 9, 0\)"):
        seen = one_picture(tmp_path, size=as_given((2, 3)), background=as_given((0, 9, 0)), colour=True)
    assert seen.shape == (3, 2, 3)
    assert seen.amax((1, 2)).tolist() == seen.amin((1, 2)).tolist() == [0, 9, 0]
    with pytest.raises(ValueError, match="background and allow_empty are chosen only for folder:PATH"):
        load("digits", background=as_given((0, 9, 0)))
    assert load("digits", background=as_given((255, 255, 255))).name == "digits"


@pytest.mark.parametrize("validation", [True, False])
def test_a_folder_with_yes_or_no_for_validation_is_refused(validation, tmp_path):
    with pytest.raises(ValueError, match=f"{validation} pictures for validation of 5: give a whole number from 0 to 4"):
        load(f"folder:{some(tmp_path)}", validation=validation)


# What is left out


def lost_to_another_kind(folder: Path) -> str:
    some(folder, suffix="gif")
    return "dog/0.gif and 5 more (.gif, which is not read)"


def lost_to_links(folder: Path) -> str:
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.png").symlink_to(folder.parent / "gone" / f"{number}.png")
    return "dog/0.png and 5 more (a link that leads nowhere)"


def lost_to_a_link(folder: Path) -> str:
    folder.symlink_to(folder.parent / "gone")
    return "dog (a link that leads nowhere)"


def lost_to_a_circle(folder: Path) -> str:
    folder.mkdir()
    (folder / "again").symlink_to(folder)
    return "dog/again (a link back to a folder above it)"


def lost_to_nothing(folder: Path) -> str:
    (folder / ".ipynb_checkpoints").mkdir(parents=True)
    return "dog (empty)"


def lost_to_a_pipe(folder: Path) -> str:
    folder.mkdir()
    os.mkfifo(folder / "0.png")
    return "dog/0.png (no file)"


LOST = [lost_to_another_kind, lost_to_links, lost_to_a_link, lost_to_a_circle, lost_to_nothing, lost_to_a_pipe]


@pytest.mark.parametrize("lose", LOST)
def test_no_class_is_lost_unless_told(lose, tmp_path):
    some(tmp_path / "cat")
    said = lose(tmp_path / "dog")
    reason = "empty" if said == "dog (empty)" else said
    with pytest.raises(ValueError, match=rf"dog is a class without pictures \({re.escape(reason)}\).*allow_empty=True"):
        load(f"folder:{tmp_path}")
    with pytest.warns(
        UserWarning, match=re.escape(f"left out are {tmp_path.name}/{said}; pictures are .bmp")
    ) as record:
        splits = load(f"folder:{tmp_path}", allow_empty=True)
    assert splits.train.classes == ("cat",)
    assert len(all_of(splits)) == 6
    assert record[0].filename == __file__


@pytest.mark.parametrize("lose", LOST[:4])
def test_nothing_of_a_class_is_lost_without_a_word(lose, tmp_path):
    some(tmp_path / "cat")
    lose(tmp_path / "dog")
    (tmp_path / "dog").rename(tmp_path / "cat" / "dog")
    if lose is lost_to_a_circle:
        (tmp_path / "cat" / "dog" / "again").unlink()
        (tmp_path / "cat" / "dog" / "again").symlink_to(tmp_path / "cat")
    with pytest.warns(UserWarning, match=f"left out are {tmp_path.name}/cat/dog"):
        assert len(all_of(load(f"folder:{tmp_path}"))) == 6


def test_a_folder_that_may_not_be_opened_is_named(tmp_path, monkeypatch):
    """By the disk's answer: root, who may run this test, opens everything."""
    some(tmp_path / "cat")
    some(tmp_path / "dog")
    real = Path.iterdir

    def refuse(path):
        if path.name == "dog":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(
        ValueError, match=r"dog is a class without pictures \(dog \(not to be opened: Permission denied"
    ):
        load(f"folder:{tmp_path}")


def test_links_are_followed(tmp_path):
    some(tmp_path / "dogs", 8)
    some(tmp_path / "cows", 8)
    one = paint(tmp_path / "one.png", random_pixels(0, 4, 4))
    some(tmp_path / "own" / "cat")
    (tmp_path / "own" / "dog").symlink_to(tmp_path / "dogs")
    (tmp_path / "own" / "cow").mkdir()
    (tmp_path / "own" / "cow" / "s1").symlink_to(tmp_path / "cows")
    (tmp_path / "own" / "cow" / "one.png").symlink_to(one)
    splits = load(f"folder:{tmp_path / 'own'}")
    assert splits.train.classes == ("cat", "cow", "dog")
    labels = [label for _, label in all_of(splits)]
    assert [labels.count(label) for label in range(3)] == [6, 9, 8]


@pytest.mark.parametrize(("link", "target"), [("c", "a"), ("a/all", "b"), ("c/all", "a"), ("a/one.png", "b/0.png")])
def test_a_file_in_two_classes_is_refused(link, target, tmp_path):
    for name in "ab":
        some(tmp_path / name)
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(tmp_path / target)
    with pytest.raises(ValueError, match=r"[abc]/.*png and .*[abc]/.*png are one file in two classes or parts"):
        load(f"folder:{tmp_path}")


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_a_file_in_two_parts_is_refused(link, tmp_path):
    for part in ("train", "test"):
        for label in ("cat", "dog"):
            some(tmp_path / part / label)
    link(tmp_path / "test" / "cat" / "again.png", tmp_path / "train" / "cat" / "3.png")
    with pytest.raises(ValueError, match=r"test/cat/again.png and .*train/cat/3.png are one file in two classes or"):
        load(f"folder:{tmp_path}")


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_a_file_that_is_twice_in_its_class_is_taken_once(link, tmp_path):
    for name in ("cat", "dog"):
        some(tmp_path / name)
    before = all_of(load(f"folder:{tmp_path}"))
    for number in range(6):
        link(tmp_path / "dog" / f"again {number}.png", tmp_path / "dog" / f"{number}.png")
    said = r"dog/again 0.png and 5 more \(the same file as another that is taken\)"
    with pytest.warns(UserWarning, match=f"left out are {tmp_path.name}/{said}"):
        assert all_of(load(f"folder:{tmp_path}")) == before


@pytest.mark.parametrize(
    ("link", "above"),
    [("b/up", "."), ("b/up", "b"), ("test/b/up", "."), ("test/b/up", "test"), ("test/a/up", "test/a")],
)
def test_a_link_back_to_a_folder_above_is_not_followed(link, above, tmp_path):
    classes = ["train/a", "train/b", "test/a", "test/b"] if link.startswith("test") else ["a", "b"]
    for name in classes:
        some(tmp_path / name)
    (tmp_path / link).symlink_to(tmp_path / above)
    said = f"left out are {tmp_path.name}/{link} (a link back to a folder above it); pictures are"
    with pytest.warns(UserWarning, match=re.escape(said)):
        splits = load(f"folder:{tmp_path}")
    assert len(all_of(splits)) == 6 * len(classes)
    assert splits.train.classes == ("a", "b")


@pytest.mark.parametrize(
    "helper", ["@eaDir", "__MACOSX", ".AppleDouble", "#recycle", "lost+found", "$RECYCLE.BIN", "__pycache__"]
)
def test_what_systems_put_there_is_passed_over(helper, tmp_path):
    some(tmp_path / "cat")
    some(tmp_path / helper)
    some(tmp_path / "cat" / helper / "0.png", 1, "jpg")
    paint(tmp_path / "cat" / "._0.png", random_pixels(0, 4, 4))
    (tmp_path / "cat" / "Thumbs.db").touch()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        splits = load(f"folder:{tmp_path}")
    assert splits.train.classes == ("cat",)
    assert len(all_of(splits)) == 6


def test_what_only_looks_like_a_helper_is_said_or_read(tmp_path):
    """ "@" alone is a letter like others, where letters are the classes."""
    for name in ("@", "#", "$", "@home"):
        some(tmp_path / name)
    with pytest.warns(UserWarning, match=r"left out are .*/@home \(named like folders of a file server\)"):
        assert load(f"folder:{tmp_path}").train.classes == ("#", "$", "@")


# Names


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_same_pictures_are_cut_the_same_on_a_mac(form, tmp_path):
    for name in ("élan", "ours"):
        some(tmp_path / unicodedata.normalize(form, name), 10)
    splits = load(f"folder:{tmp_path}")
    assert splits.test.classes == ("ours", "élan")
    some(tmp_path / "plain" / "elan", 10)
    order = sorted(
        (f"{name}/{number}.png" for name in ("ours", "élan") for number in range(10)),
        key=lambda name: hashlib.sha256(name.encode()).digest(),
    )
    expected = [(random_pixels(int(name[5]), 4, 4).tobytes(), int(name[0] != "o")) for name in order]
    assert all_of(splits) == expected


@pytest.mark.parametrize("names", [("é/0.png", "é/1.png"), ("a/é.png", "a/é.png")])
def test_names_of_the_same_letters_are_refused(names, tmp_path):
    for name, form in zip(names, ("NFC", "NFD"), strict=True):
        paint(tmp_path / unicodedata.normalize(form, name), random_pixels(0, 4, 4))
    some(tmp_path / "b")
    with pytest.raises(ValueError, match=r"has (a/)?é(.png)? twice, .*composed and decomposed: rename or remove one"):
        load(f"folder:{tmp_path}")


@pytest.mark.parametrize("names", [("Cat/7.png", "cat/8.png"), ("cat/7.png", "cat/7.PNG")])
def test_names_that_differ_in_capital_letters_only_are_said(names, tmp_path):
    for name in names:
        paint(tmp_path / name, random_pixels(0, 4, 4))
    some(tmp_path / "dog")
    with pytest.warns(UserWarning, match="(?i)cat.* and cat.* differ only in capital letters"):
        load(f"folder:{tmp_path}")


# Parts


@pytest.mark.parametrize(
    "others",
    [{"test": "test"}, {"testing": "test", "Val": "validation"}, {"valid": "validation"}, {"dev": "validation"}],
)
def test_subfolders_called_like_parts_are_these_parts(others, tmp_path):
    levels = {"train": 0, "validation": 1, "test": 2}
    for name, part in ({"train": "train"} | others).items():
        for label in ("cat", "dog"):
            for number in range(4 if levels[part] else 30):
                paint(tmp_path / name / label / f"{number}.png", np.full((4, 4), levels[part], np.uint8))
    with pytest.warns(UserWarning, match="train is for train.*, not a class"):
        splits = load(f"folder:{tmp_path}")
    assert splits.train.classes == ("cat", "dog")
    for number, part in enumerate((splits.train, splits.validation, splits.test)):
        own = number in {levels[each] for each in others.values()}
        assert (part.images == (number if own else 0)).all()
        cut = 6 if "test" in others.values() or number == 2 else 5  # a tenth of 60, then of 54
        assert len(part) == (8 if own else cut if number else 60 - 6 * (2 - len(others)))
        assert set(part.labels.tolist()) == {0, 1}
    if "Val" in others:
        with pytest.raises(ValueError, match="validation of its own: leave validation=3 away"):
            load(f"folder:{tmp_path}", validation=3)


def test_parts_without_classes_are_one_class(tmp_path):
    some(tmp_path / "mine" / "train")
    some(tmp_path / "mine" / "test", 2)
    with pytest.warns(UserWarning, match="test is for test"):
        splits = load(f"folder:{tmp_path / 'mine'}")
    assert splits.train.classes == ("mine",)
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [5, 1, 2]
    some(tmp_path / "mine" / "train" / "cat")
    for number in range(6):
        (tmp_path / "mine" / "train" / f"{number}.png").unlink()
    with pytest.raises(ValueError, match="classes in one part and none in another"):
        load(f"folder:{tmp_path / 'mine'}")
    some(tmp_path / "mine" / "bus")
    with pytest.raises(ValueError, match=r"mine has bus beside test, train, which are taken as parts"):
        load(f"folder:{tmp_path / 'mine'}")


def test_a_train_among_other_vehicles_is_a_class(tmp_path):
    for name in ("bus", "train"):
        some(tmp_path / name)
    assert load(f"folder:{tmp_path}").train.classes == ("bus", "train")


@pytest.mark.parametrize("names", [("test", "val"), ("dev", "test"), ("bus", "test", "valid"), ("test",)])
def test_parts_without_one_to_train_on_are_no_classes(names, tmp_path):
    for name in names:
        some(tmp_path / name / "cat")
    said = (
        rf"has {', '.join(name for name in names if name != 'bus')} and no train: put .* call these otherwise if they"
    )
    with pytest.raises(ValueError, match=said):
        load(f"folder:{tmp_path}")


@pytest.mark.parametrize("others", [(), ("train",), ("train", "test")])
def test_two_folders_of_one_part_are_refused(others, tmp_path):
    for name in ("val", "valid", *others):
        some(tmp_path / name / "cat")
    with pytest.raises(ValueError, match=r"has val and valid, both for validation: make them one, or call these other"):
        load(f"folder:{tmp_path}")


def test_a_class_without_pictures_to_train_on_is_said(tmp_path):
    for name in ("training/cat", "training/cow", "test/cat", "test/dog", "test/emu", "val/cat"):
        some(tmp_path / name)
    with pytest.warns(UserWarning, match="test has dog, emu, of which training has no pictures") as record:
        splits = load(f"folder:{tmp_path}")
    assert splits.train.classes == ("cat", "cow", "dog", "emu")
    assert not [each for each in record if "val has" in str(each.message)]


def test_an_empty_part_is_refused(tmp_path):
    some(tmp_path / "train")
    (tmp_path / "test").mkdir()
    with pytest.raises(ValueError, match=r"test holds 0 pictures .*: 1 are the least"):
        load(f"folder:{tmp_path}")


# One file


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "CMYK", "YCbCr"])
def test_turned_tiffs_are_seen_upright(mode, compression, orientation, tmp_path):
    """Stored by turning an upright picture by hand, the other way round."""
    upright = np.zeros((32, 48, 3), np.uint8)
    upright[:12, :16], upright[20:, 30:] = (250, 250, 250), (90, 90, 90)
    image = Image.fromarray(upright).convert(mode)
    by_hand = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }[orientation]
    stored = Image.fromarray(np.ascontiguousarray(by_hand(np.array(image))), None if mode == "1" else mode)
    if mode == "P":
        stored.putpalette(image.getpalette())
    information = TiffImagePlugin.ImageFileDirectory_v2()
    information[274] = orientation
    for number in range(3):
        stored.save(tmp_path / f"{number}.tif", tiffinfo=information, compression=compression)
    seen = one_picture(tmp_path, colour=True).permute(1, 2, 0)
    np.testing.assert_array_equal(seen, np.array(image.convert("RGB")))


def tiff(levels: np.ndarray, extra: int | None = None) -> bytes:
    """An uncompressed TIFF; `extra` says what the last channel is (1: opacity that is multiplied in already)."""
    rows, columns, channels = levels.shape
    bits = struct.pack(f"<{channels}H", *[8 * levels.itemsize] * channels)
    tags = [(256, 1, columns), (257, 1, rows), (258, channels, None), (259, 1, 1), (262, 1, 2 if channels > 2 else 1)]
    tags += [(273, 1, None), (277, 1, channels), (279, 1, levels.nbytes)] + [(338, 1, extra)] * (extra is not None)
    where = 8 + 2 + 12 * len(tags) + 4
    values = {258: where if len(bits) > 4 else int.from_bytes(bits, "little"), 273: where + len(bits)}
    entries = [struct.pack("<HHII", tag, 3, count, values.get(tag, value)) for tag, count, value in tags]
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(entries) + bytes(4) + bits + levels.tobytes()


def save_transparent(path: Path, mode: str, levels: np.ndarray, opacity: np.ndarray) -> None:
    picture = Image.fromarray(np.dstack([levels, levels, levels, opacity]))
    if mode in ("La", "RGBa"):
        stored = np.dstack([levels * (opacity > 0)] * (len(mode) - 1) + [opacity])
        path.write_bytes(tiff(stored, extra=1))
    else:
        (picture.quantize(256) if mode == "P" else picture.convert(mode)).save(path)


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("LA", "png"), ("RGBA", "png"), ("P", "png"), ("RGBA", "webp"), ("RGBA", "tif"), ("La", "tif"), ("RGBa", "tif")],
)
@pytest.mark.parametrize("level", [255, 0, 100])
def test_what_is_transparent_shows_the_background(mode, suffix, level, tmp_path):
    levels = np.full((8, 8), 17, np.uint8)
    opacity = np.where(np.arange(8) < 4, 0, 255)[None].repeat(8, 0).astype(np.uint8)
    for number in range(3):
        save_transparent(tmp_path / f"{number}.{suffix}", mode, levels, opacity)
    with pytest.warns(UserWarning, match=rf"3 pictures are transparent, and shown on background=\({level}, "):
        seen = one_picture(tmp_path, background=(level,) * 3)[0]
    assert (seen[:, :4] == level).all()
    assert (seen[:, 4:] == 17).all()


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
@pytest.mark.parametrize("colour", [False, True])
def test_one_level_that_is_transparent(depth, colour, tmp_path):
    """Pillow looks for it among levels that it has scaled."""
    count = 2**depth
    levels = [place % count for place in range(8)]
    row = int("".join(f"{level:0{depth}b}" for level in levels), 2).to_bytes(depth, "big")
    for number in range(3):
        content = png((b"\0" + row) * 2, 8, 2, depth, 0, tRNS=struct.pack(">H", 1))
        (tmp_path / f"{number}.png").write_bytes(content)
    with pytest.warns(UserWarning, match="transparent"):
        seen = one_picture(tmp_path, colour=colour, background=(3, 3, 3))
    scaled = [3 if level == 1 else level * 255 // (count - 1) for level in levels]
    assert seen[0, 0].tolist() == seen[-1, 1].tolist() == scaled


def test_opacity_everywhere_is_not_worth_a_word(tmp_path):
    for number in range(3):
        save_transparent(tmp_path / f"{number}.png", "RGBA", random_pixels(0, 4, 4), np.full((4, 4), 255, np.uint8))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.equal(one_picture(tmp_path)[0], torch.from_numpy(random_pixels(0, 4, 4)))


def deep_png(kind: int, channels: int) -> bytes:
    rows = np.random.default_rng(0).integers(0, 2**14, (4, 4 * channels)).astype(">u2")
    return png(b"".join(b"\0" + row.tobytes() for row in rows), 4, 4, 16, kind)


def saved(image: Image.Image, form: str) -> bytes:
    content = io.BytesIO()
    image.save(content, form)
    return content.getvalue()


FOURTEEN = np.random.default_rng(0).integers(0, 2**14, (4, 4, 3))
DEEP = {
    "grey.png": deep_png(0, 1),
    "colour.png": deep_png(2, 3),
    "grey-opacity.png": deep_png(4, 2),
    "colour-opacity.png": deep_png(6, 4),
    "colour.tif": tiff(FOURTEEN.astype("<u2")),
    "colour.ppm": b"P6 4 4 65535\n" + FOURTEEN.astype(">u2").tobytes(),
    "plain.ppm": b"P3 4 4 1023\n" + b" ".join(str(level % 1024).encode() for level in FOURTEEN.flat),
    "grey.pgm": b"P5 4 4 16383\n" + FOURTEEN[:, :, 0].astype(">u2").tobytes(),
    "grey.tif": saved(Image.fromarray(FOURTEEN[:, :, 0].astype(np.uint16)), "TIFF"),
    "whole.tif": saved(Image.fromarray(FOURTEEN[:, :, 0].astype(np.int32)), "TIFF"),
    "float.tif": saved(Image.fromarray((FOURTEEN[:, :, 0] / 2**14).astype(np.float32)), "TIFF"),
}


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize("colour", [False, True])
def test_more_than_eight_bits_are_refused(name, colour, tmp_path):
    """14 bits of a camera, cut to the upper 8 of 16, were pictures in the dark."""
    for number in range(3):
        (tmp_path / f"{number}{name}").write_bytes(DEEP[name])
    with pytest.raises(ValueError, match=rf"\d{name} cannot be read .*more than 8 bits a channel: scale it to 8"):
        load(f"folder:{tmp_path}", colour=colour)


def test_few_bits_are_not_too_many(tmp_path):
    """16 bits of a BMP are for all three channels together; ten levels of a PGM are scaled."""
    header = struct.pack("<2sIHHI", b"BM", 54 + 8, 0, 0, 54) + struct.pack(
        "<IiiHHIIiiII", 40, 2, 2, 1, 16, 0, 8, 0, 0, 0, 0
    )
    for number in range(3):
        (tmp_path / "bmp").mkdir(exist_ok=True)
        (tmp_path / "bmp" / f"{number}.bmp").write_bytes(header + struct.pack("<4H", 0x7FFF, 0, 0, 0x7FFF))
        (tmp_path / "pgm").mkdir(exist_ok=True)
        (tmp_path / "pgm" / f"{number}.pgm").write_bytes(b"P5 2 2 9\n" + bytes([0, 9, 3, 6]))
    assert one_picture(tmp_path / "bmp").tolist() == [[[0, 255], [255, 0]]]
    assert one_picture(tmp_path / "pgm").tolist() == [[[0, 255], [85, 170]]]


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_what_is_no_picture_of_these_kinds_is_handed_to_no_other_program(suffix, tmp_path, monkeypatch):
    from PIL import EpsImagePlugin

    asked = []
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_, **__: asked.append("Ghostscript"))
    script = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n"
    gif = saved(Image.fromarray(random_pixels(0, 4, 4)), "GIF")
    for content in (script, gif):
        for number in range(3):
            (tmp_path / f"{number}.{suffix}").write_bytes(content)
        with pytest.raises(ValueError, match=rf"\d.{suffix} cannot be read as a picture"):
            load(f"folder:{tmp_path}")
    assert asked == []


@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
def test_the_first_of_several_pictures_is_taken_and_nothing_left_open(suffix, tmp_path):
    first, *others = (Image.fromarray(np.full((8, 8), level, np.uint8)) for level in (10, 200, 90))
    for number in range(3):
        first.save(tmp_path / f"{number}.{suffix}", save_all=True, append_images=others, lossless=True)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.warns(UserWarning, match="3 files hold several pictures, of which the first is taken"):
        assert (one_picture(tmp_path) == 10).all()
    assert len(list(Path("/proc/self/fd").iterdir())) == before

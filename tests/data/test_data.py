"""Data sets: read right or refused, downloaded whole or not at all, and no connection unless it is asked for."""

import gzip
import hashlib
import logging
import os
import socket
import struct
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import hypothesis.extra.numpy as arrays
import numpy as np
import pooch
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.datasets import load_digits

from convae.__main__ import main
from convae.data import DataNotFoundError, ImageSet, Splits, load
from convae.data.download import Patience, download
from convae.data.idx import read_idx
from convae.data.image_set import split
from convae.data.sources import SOURCES, ServedFile, Source, find

REAL = os.environ.get("CONVAE_DATA")
THREE_WAYS = ["python -m convae data mnist", "download=True", "CONVAE_DATA"]


@pytest.fixture(autouse=True)
def _away_from_home(tmp_path, monkeypatch):
    """No test sees or touches the user's cache, or leaves anything in the folder for temporary files."""
    monkeypatch.delenv("CONVAE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    yield
    assert list((tmp_path / "temporary").glob("convae-*")) == []


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*arguments, **_):
        raise AssertionError(f"a connection was opened: {arguments}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def as_idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


CONTENT = {
    f"{part}-{kind}": as_idx(np.random.default_rng(seed).integers(0, high, shape, dtype=np.uint8))
    for seed, (part, kind, high, shape) in enumerate(
        (part, *kind)
        for part, count in (("train", 30), ("t10k", 10))
        for kind in (("images-idx3-ubyte", 256, (count, 28, 28)), ("labels-idx1-ubyte", 10, (count,)))
    )
}
PACKED = {f"{file}.gz": gzip.compress(content, mtime=0) for file, content in CONTENT.items()}
FILES = {
    file: ServedFile(len(PACKED[f"{file}.gz"]), md5(PACKED[f"{file}.gz"]), md5(content))
    for file, content in CONTENT.items()
}


@pytest.fixture
def small(monkeypatch):
    """A function that puts a small set in the place of a real one, served by `mirrors`."""

    def put(name: str = "mnist", mirrors: tuple[str, ...] = ()) -> Source:
        real = SOURCES[name]
        monkeypatch.setitem(SOURCES, name, Source(real.folder, FILES, mirrors, real.classes))
        return SOURCES[name]

    return put


def store(root: Path, folder: str = "MNIST", packed: bool = True) -> Path:
    """The small set's files in torchvision's layout."""
    raw = root / folder / "raw"
    raw.mkdir(parents=True)
    for file, content in (PACKED if packed else CONTENT).items():
        (raw / file).write_bytes(content)
    return raw


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


# The files: read right, or refused by name


@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=3, max_side=9)), st.booleans())
@settings(deadline=None)
def test_idx_files_are_read_as_they_were_written(array, packed):
    with tempfile.TemporaryDirectory() as folder:
        content = gzip.compress(as_idx(array)) if packed else as_idx(array)
        path = Path(folder) / ("file.gz" if packed else "file")
        path.write_bytes(content)
        read = read_idx(path, md5(content))
    assert read.dtype == torch.uint8
    np.testing.assert_array_equal(read.numpy(), array)
    read += 1  # a tensor of its own, that may be changed


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_a_damaged_idx_file_is_refused_by_name(data):
    """Torn anywhere, or one byte changed: with its checksum always refused, without it never another error."""
    name = data.draw(st.sampled_from([*CONTENT, *PACKED]))
    whole = (CONTENT | PACKED)[name]
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytes([whole[place] ^ data.draw(st.integers(1, 255))])
    damaged = data.draw(st.sampled_from([whole[:place], whole[:place] + changed + whole[place + 1 :], whole + changed]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=rf"{name} .*delete it"):
            read_idx(path, md5(whole))
        try:
            read_idx(path)
        except ValueError as error:
            assert str(path) in str(error)  # noqa: PT017 (it may also be read: labels have no redundancy)


@given(st.binary(max_size=40), st.sampled_from(["", "000008", "00000801", "00000803"]), st.booleans())
@settings(deadline=None, max_examples=200)
def test_no_bytes_are_taken_for_more_than_they_hold(noise, start, packed):
    content = bytes.fromhex(start) + noise
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("file.gz" if packed else "file")
        path.write_bytes(gzip.compress(content) if packed else content)
        try:
            read = read_idx(path)
        except ValueError as error:
            assert "delete it" in str(error)  # noqa: PT017 (some of these are IDX files)
        else:
            assert as_idx(read.numpy()) == content


@pytest.mark.parametrize("shape", [(2**32 - 1,) * 3, (0, 2**32 - 1, 2**32 - 1), (0, 28, 28)])
def test_a_header_that_announces_too_much_or_nothing(shape, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes([0, 0, 8, 3]) + struct.pack(">3I", *shape))
    with pytest.raises(ValueError, match="delete it"):
        read_idx(path)


# Finding them


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_the_same_pictures_and_labels_as_torchvision(name, packed, tmp_path, small, monkeypatch, no_network):
    """On the real sets where they are, else on a small one in their layout."""
    from torchvision import datasets

    if REAL:
        monkeypatch.setenv("CONVAE_DATA", REAL)
    try:
        paths = find(name)
    except DataNotFoundError:
        source, validation = small(name), 7
        store(tmp_path / "given", source.folder, packed)
        monkeypatch.setenv("CONVAE_DATA", str(tmp_path / "given"))
        paths = find(name)
    else:
        source, validation = SOURCES[name], 5000
    unpacked = tmp_path / "unpacked" / source.folder / "raw"
    unpacked.mkdir(parents=True)
    for file, path in paths.items():
        content = path.read_bytes()
        if path.suffix == ".gz":
            assert len(content) == source.files[file].size
            content = gzip.decompress(content)
        (unpacked / file).write_bytes(content)
    if not packed:
        monkeypatch.setenv("CONVAE_DATA", str(tmp_path / "unpacked"))
    ours = load(name, validation)
    kind = getattr(datasets, source.folder)
    theirs = [kind(tmp_path / "unpacked", train=train) for train in (True, False)]
    sets = [ImageSet(each.data[:, None], each.targets, source.classes) for each in theirs]
    cut = len(sets[0]) - validation
    for part, expected in zip(
        (ours.train, ours.validation, ours.test), (sets[0][:cut], sets[0][cut:], sets[1]), strict=True
    ):
        assert torch.equal(part.images, expected.images)
        assert torch.equal(part.labels, expected.labels)
        assert part.images.shape[1:] == (1, 28, 28) == part.image_shape
    assert ours.checksum() == Splits(name, sets[0][:cut], sets[0][cut:], sets[1]).checksum()


def test_sources_are_those_of_torchvision():
    from torchvision import datasets

    for name, source in SOURCES.items():
        theirs = getattr(datasets, source.folder)
        assert list(source.mirrors) == theirs.mirrors
        assert [(f"{file}.gz", served.packed) for file, served in source.files.items()] == theirs.resources
        expected = [digit[0] for digit in theirs.classes] if name == "mnist" else theirs.classes
        assert list(source.classes) == expected


def test_the_named_folder_comes_before_the_cache(tmp_path, small, monkeypatch, no_network):
    small()
    store(tmp_path / "cache" / "convae")
    load("mnist", 5)
    raw = store(tmp_path / "given", packed=False)
    monkeypatch.setenv("CONVAE_DATA", str(tmp_path / "given"))
    assert set(find("mnist").values()) == set(raw.iterdir())
    (raw / "t10k-labels-idx1-ubyte").unlink()
    assert {path.suffix for path in find("mnist").values()} == {".gz"}


def test_what_is_not_there_names_three_ways(tmp_path, small, monkeypatch, no_network):
    small()
    raw = store(tmp_path / "given")
    (raw / "t10k-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setenv("CONVAE_DATA", str(tmp_path / "given"))
    with pytest.raises(DataNotFoundError) as caught:
        load("mnist")
    for part in [str(raw), str(tmp_path / "cache"), "without t10k-labels-idx1-ubyte", *THREE_WAYS]:
        assert part in str(caught.value)


@pytest.mark.parametrize("named", ["missing", "file", "relative"])
def test_a_folder_that_is_none_is_no_reason_to_look_elsewhere(named, tmp_path, small, monkeypatch):
    small()
    store(tmp_path / "cache" / "convae")
    (tmp_path / "file").touch()
    monkeypatch.setenv("CONVAE_DATA", named if named == "relative" else str(tmp_path / named))
    with pytest.raises(NotADirectoryError, match=f"CONVAE_DATA is .*{named}.*unset it"):
        load("mnist")


@pytest.mark.parametrize("packed", [True, False])
def test_a_read_only_folder_is_enough_and_stays_as_it_was(packed, tmp_path, small, monkeypatch, no_network):
    small()
    raw = store(tmp_path / "given", packed=packed)
    monkeypatch.setenv("CONVAE_DATA", str(tmp_path / "given"))
    before = state(tmp_path)
    raw.chmod(0o500)
    try:
        first, again = load("mnist", 5), load("mnist", 5, download=True)
    finally:
        raw.chmod(0o700)
    assert state(tmp_path) == before
    assert first.checksum() == again.checksum()


@pytest.mark.parametrize("packed", [True, False])
def test_another_file_of_the_right_form_is_refused(packed, tmp_path, small, monkeypatch):
    """Labels of the right number, but others: only the checksum can tell."""
    small()
    raw = store(tmp_path / "given", packed=packed)
    monkeypatch.setenv("CONVAE_DATA", str(tmp_path / "given"))
    others = as_idx(np.zeros(30, np.uint8))
    path = raw / ("train-labels-idx1-ubyte.gz" if packed else "train-labels-idx1-ubyte")
    path.write_bytes(gzip.compress(others) if packed else others)
    with pytest.raises(ValueError, match=f"{path.name} is torn or another file.*delete it"):
        load("mnist", 5)


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("minst", "mnist"), ("fashion_mnist", "fashion-mnist"), ("digit", "digits"), ("own", "folder:PATH")],
)
def test_a_slip_in_a_name_is_answered_with_the_right_one(slip, meant):
    with pytest.raises(ValueError, match=f"{slip}.*{meant}"):
        load(slip)


@pytest.mark.parametrize(
    "choice", [{"size": (28, 28)}, {"colour": True}, {"background": (0, 0, 0)}, {"allow_empty": True}]
)
def test_size_and_colour_are_for_folders(choice):
    with pytest.raises(ValueError, match="only for folder:PATH"):
        load("digits", **choice)


# Image sets


def numbered(count: int) -> ImageSet:
    """Every pixel of picture i is i, and so is its label."""
    images = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(-1, 2, 3, 4)
    return ImageSet(images, torch.arange(count), tuple(map(str, range(count))))


@given(st.integers(0, 256), st.integers(1, 300), st.none() | st.integers(0, 2**63))
@settings(deadline=None)
def test_batches_hold_every_picture_once(count, size, seed):
    def batches():
        return list(numbered(count).batches(size, None if seed is None else torch.Generator().manual_seed(seed)))

    made, again = batches(), batches()
    assert [len(batch.images) for batch in made] == [size] * (count // size) + [count % size] * (count % size > 0)
    labels = torch.cat([torch.empty(0, dtype=torch.int64), *(batch.labels for batch in made)])
    assert sorted(labels.tolist()) == list(range(count))
    expected = range(count) if seed is None else torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    assert labels.tolist() == list(expected)
    for batch, same in zip(made, again, strict=True):
        assert torch.equal(batch.labels, same.labels)
        assert batch.images.dtype == torch.float32
        assert batch.images.shape[1:] == (2, 3, 4)
        assert torch.equal(batch.images, (batch.labels.float() / 255)[:, None, None, None].expand_as(batch.images))
        assert batch.images.min() >= 0
        assert batch.images.max() <= 1
    assert torch.equal(numbered(count).all().labels, torch.arange(count))


def test_two_epochs_of_one_generator_differ():
    generator = torch.Generator().manual_seed(0)
    first, second = (next(numbered(100).batches(100, generator)).labels for _ in range(2))
    assert not torch.equal(first, second)


def test_batches_are_copies():
    images = numbered(5)
    for batch in (*images.batches(2), images.all()):
        batch.images.zero_()
    assert images.images.float().mean() == 2


def test_the_checksum_is_of_pixels_labels_and_shape():
    """The value is in every run.json: it must not change."""
    images = numbered(7)
    assert images.checksum() == "e652326ad985560b"
    others = [
        ImageSet(images.images + 1, images.labels, images.classes),
        ImageSet(images.images, images.labels.flip(0), images.classes),
        ImageSet(images.images.reshape(7, 1, 6, 4), images.labels, images.classes),
        images[:6],
    ]
    assert images.checksum() not in [other.checksum() for other in others]
    assert images[torch.arange(7)].checksum() == images.to("cpu").checksum() == images.checksum()


def test_bad_image_sets():
    good = numbered(5)
    with pytest.raises(ValueError, match=r"float32.*give uint8 \[N, C, H, W\]"):
        ImageSet(good.images.float(), good.labels, good.classes)
    with pytest.raises(ValueError, match=r"give uint8 \[N, C, H, W\]"):
        ImageSet(good.images[:, 0], good.labels, good.classes)
    with pytest.raises(ValueError, match=r"give int64 \[5\]"):
        ImageSet(good.images, good.labels[:4], good.classes)
    with pytest.raises(ValueError, match="batches of 0"):
        list(good.batches(0))
    with pytest.raises(TypeError, match=r"\[3 : 4\]"):
        good[3]


@given(st.integers(1, 50), st.data())
@settings(deadline=None)
def test_validation_is_the_end_of_the_training_set(count, data):
    kept_back = data.draw(st.integers(0, count - 1))
    splits = split("numbered", numbered(count), numbered(3), kept_back)
    assert splits.train.labels.tolist() == list(range(count - kept_back))
    assert splits.validation.labels.tolist() == list(range(count - kept_back, count))


@pytest.mark.parametrize("validation", [-1, 5, 0.1, True, False])
def test_impossible_validation_sets(validation):
    with pytest.raises(ValueError, match="whole number from 0 to 4"):
        split("numbered", numbered(5), numbered(3), validation)


def test_digits_are_real_ones_in_the_format_of_mnist(no_network):
    splits, bunch = load("digits"), load_digits()
    images = torch.cat([splits.train.images, splits.validation.images, splits.test.images])
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [1197, 300, 300]
    assert torch.cat([splits.train.labels, splits.validation.labels, splits.test.labels]).tolist() == list(bunch.target)
    assert images.shape == (1797, 1, 28, 28)
    inner = images[:, 0, 4:24, 4:24].double() / 255
    assert inner.sum() * 255 == images.sum()  # the margin is empty
    ink = torch.from_numpy(bunch.images / 16).mean((1, 2))  # enlarging keeps the mean of what it enlarges
    assert (inner.mean((1, 2)) - ink).abs().max() < 0.03


@pytest.mark.parametrize(
    ("module", "name", "package"), [("PIL", "folder:", "pillow"), ("sklearn.datasets", "digits", "scikit-learn")]
)
def test_a_library_that_is_not_there_is_named(module, name, package, tmp_path, monkeypatch):
    for number in range(3):
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / f"{number}.png")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=f"pip install {package}"):
        load(name + str(tmp_path) if name == "folder:" else name)


def test_downloading_without_pooch_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.delitem(sys.modules, "convae.data.download")
    with pytest.raises(ModuleNotFoundError, match=r"downloading needs pooch requests .*pip install pooch requests"):
        load("mnist", download=True)


# Downloading, from a server that does what servers do


class Manners(BaseHTTPRequestHandler):
    """Serves the small set; the first part of the path says how."""

    def do_GET(self):
        _, manner, file = self.path.split("/")
        self.server.asked.append((manner, file))
        getattr(self, manner.replace("-", "_"))(PACKED[file])

    def log_message(self, *_):
        pass

    def answer(self, content: bytes, **headers: str) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def drip(self) -> None:
        """A byte now and then, for as long as anybody might wait for the end of a test."""
        for _ in range(1000):
            if self.server.closing.wait(0.02):
                break
            self.wfile.write(b"x")

    def good(self, content):
        self.answer(content, Content_Length=str(len(content)))

    def good_without_length(self, content):
        self.answer(content)

    def good_in_chunks(self, content):
        self.protocol_version = "HTTP/1.1"
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (content[:100], content[100:], b""))
        self.answer(chunks, Transfer_Encoding="chunked", Connection="close")

    def good_but_labelled(self, content):
        """As some file stores do: gzip is the file's own form, not one for the journey."""
        self.answer(content, Content_Length=str(len(content)), Content_Encoding="gzip")

    def good_elsewhere(self, content):
        self.send_response(302)
        self.send_header("Location", f"/good{self.path[self.path.rindex('/') :]}")
        self.end_headers()

    def missing(self, content):
        self.send_error(404)

    def broken(self, content):
        self.send_error(500)

    def circles(self, content):
        self.send_response(302)
        self.send_header("Location", self.path)
        self.end_headers()

    def hangs_up(self, content):
        pass

    def babbles(self, content):
        self.wfile.write(b"never heard of HTTP\r\n\r\n")

    def silent(self, content):
        self.server.closing.wait(20)

    def falls_silent(self, content):
        self.answer(content[: len(content) // 2], Content_Length=str(len(content)))
        self.server.closing.wait(20)

    def drips(self, content):
        self.answer(b"", Content_Length=str(len(content)))
        self.drip()

    def drips_headers(self, content):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self.drip()

    def lies(self, content):
        self.good(bytes(byte ^ 1 for byte in content))

    def says_so_in_a_page(self, content):
        self.good(b"<html>This file has moved.</html>")

    def truncates(self, content):
        self.answer(content[: len(content) // 2], Content_Length=str(len(content)))

    def truncates_without_length(self, content):
        self.answer(content[: len(content) // 2])

    def goes_on_and_on(self, content):
        self.answer(content)
        for _ in range(1000):
            self.wfile.write(bytes(2**16))


HOSTILE = {
    "missing": "answers 404 Not Found",
    "broken": "answers 500",
    "circles": "redirects without end",
    "hangs-up": ".*closed connection",
    "babbles": ".*never heard of HTTP",
    "silent": "is silent for 0.5 s",
    "falls-silent": "is silent for 0.5 s",
    "drips": "has not sent everything in 2 s",
    "drips-headers": "has not sent everything in 2 s",
    "lies": ".*MD5",
    "says-so-in-a-page": "breaks off after 33 of",
    "truncates": ".*IncompleteRead",
    "truncates-without-length": "breaks off after",
    "goes-on-and-on": "sends more than",
}
PATIENCE = Patience(connect=2, read=0.5, total=2)


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that hangs up is no news."""


@pytest.fixture
def server():
    with Server(("127.0.0.1", 0), Manners) as serving:
        serving.asked, serving.closing = [], threading.Event()
        serving.address = f"http://127.0.0.1:{serving.server_port}"
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield serving
        serving.closing.set()
        serving.shutdown()
        thread.join()


@pytest.fixture
def from_manners(small, server):
    """A function that makes mnist the small set, served in these manners."""
    return lambda *manners: small(mirrors=tuple(f"{server.address}/{manner}/" for manner in manners))


@pytest.fixture
def raw(tmp_path):
    return tmp_path / "cache" / "convae" / "MNIST" / "raw"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


@pytest.mark.parametrize(
    "manner", ["good", "good-without-length", "good-in-chunks", "good-but-labelled", "good-elsewhere"]
)
def test_a_good_source_fills_the_cache_once(manner, from_manners, raw, server, capsys):
    from_manners(manner, "missing")
    splits = load("mnist", 5, download=True)
    assert contents(raw) == PACKED
    assert "train-images-idx3-ubyte.gz: 100%" in capsys.readouterr().err
    asked = len(server.asked)
    assert load("mnist", 5, download=True).checksum() == load("mnist", 5).checksum() == splits.checksum()
    assert download("mnist", progress=False) == raw
    assert len(server.asked) == asked
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("manner", HOSTILE)
def test_a_hostile_source_gives_way_to_the_next(manner, from_manners, raw, server):
    from_manners(manner, "good")
    download("mnist", progress=False, patience=PATIENCE)
    assert contents(raw) == PACKED
    assert {file for asked, file in server.asked if asked == manner} == {"train-images-idx3-ubyte.gz"}
    assert len([file for asked, file in server.asked if asked == "good"]) == 4


@pytest.mark.parametrize(("manner", "complaint"), HOSTILE.items())
def test_with_hostile_sources_only_nothing_is_left_but_one_clear_error(manner, complaint, from_manners, raw, server):
    source = from_manners(manner, "missing")
    with pytest.raises(
        DataNotFoundError, match=f"no source gives train-images-idx3-ubyte.gz of mnist:(?s:.*)/: {complaint}"
    ) as caught:
        download("mnist", progress=False, patience=PATIENCE)
    for part in [*source.mirrors, "answers 404 Not Found", *THREE_WAYS]:
        assert part in str(caught.value)
    assert contents(raw) == {}
    with pytest.raises(DataNotFoundError, match="Three ways"):
        load("mnist")


def test_what_is_left_behind_ends_by_itself(from_manners):
    """The source goes on dripping: it is the reader who stops."""
    from_manners("drips")
    with pytest.raises(DataNotFoundError, match="has not sent everything"):
        download("mnist", progress=False, patience=Patience(total=0.5))
    for thread in threading.enumerate():
        if thread.name == "convae download":
            thread.join(10)
            assert not thread.is_alive()


def test_nobody_there(small, raw):
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        small(mirrors=(f"http://127.0.0.1:{taken.getsockname()[1]}/", "nonsense://nowhere/", "http://[/"))
        with pytest.raises(DataNotFoundError, match=r"(?s:.*)refused(?s:.*)nonsense(?s:.*)Three ways"):
            download("mnist", progress=False, patience=PATIENCE)
    assert contents(raw) == {}


def test_what_has_come_is_kept_and_only_the_rest_asked_for(from_manners, raw, server, monkeypatch):
    from_manners("good")
    monkeypatch.delitem(PACKED, "t10k-images-idx3-ubyte.gz")  # the server stumbles over it
    whole = dict(PACKED)
    with pytest.raises(DataNotFoundError, match="no source gives t10k-images"):
        download("mnist", progress=False, patience=PATIENCE)
    assert contents(raw) == {file: content for file, content in whole.items() if file.startswith("train")}


def test_what_is_damaged_in_the_cache_is_replaced(from_manners, raw, server, tmp_path):
    from_manners("good")
    store(tmp_path / "cache" / "convae")
    (raw / "train-labels-idx1-ubyte.gz").write_bytes(b"torn")
    (raw / "t10k-labels-idx1-ubyte").write_bytes(b"torn, and read before the packed one")
    with pytest.raises(ValueError, match=r"torn .*get it again with python -m convae data"):
        load("mnist", 5, download=True)
    assert main(["data", "mnist"]) == 0
    assert contents(raw) == PACKED
    assert [file for _, file in server.asked] == ["train-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
    load("mnist", 5)


def test_the_command_line(from_manners, raw, capsys):
    from_manners("missing")
    assert main(["data", "mnist"]) == 2
    assert "404" in capsys.readouterr().err
    from_manners("good")
    assert main(["data", "mnist"]) == 0
    assert f"mnist: {raw}" in capsys.readouterr().out
    assert main(["data", "minst"]) == 2
    assert "mnist" in capsys.readouterr().err


@pytest.mark.parametrize("in_the_way", ["cache", "cache/convae/MNIST/raw"])
def test_a_cache_that_cannot_be_written_to_is_found_out_first(in_the_way, from_manners, server, tmp_path):
    from_manners("good")
    path = tmp_path / in_the_way
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a file")
    with pytest.raises(OSError, match=r"cannot be written to(?s:.*)XDG_CACHE_HOME(?s:.*)Three ways"):
        load("mnist", download=True)
    assert server.asked == []
    assert path.read_text() == "a file"


def test_a_folder_that_takes_no_file_is_found_out_first(from_manners, server, monkeypatch):
    """A test that runs as root can make none."""
    from_manners("good")

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(OSError, match=r"cannot be written to .*Permission denied"):
        download("mnist", progress=False)
    assert server.asked == []


def test_pooch_says_nothing_of_temporary_folders_and_may_speak_again(from_manners):
    from_manners("good")
    said = []
    listener = logging.Handler()
    listener.emit = said.append
    pooch.get_logger().addHandler(listener)
    try:
        download("mnist", progress=False)
        assert said == []
        pooch.get_logger().info("something else")
        assert len(said) == 1
    finally:
        pooch.get_logger().removeHandler(listener)


def test_a_full_disk_leaves_no_part_of_a_file(from_manners, raw, monkeypatch):
    from_manners("good")

    def full(path: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match=r"cannot be written to .*No space left"):
        download("mnist", progress=False)
    assert contents(raw) == {}


@pytest.mark.parametrize("limit", ["connect", "read", "total"])
@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_limits_that_are_none(limit, seconds):
    with pytest.raises(ValueError, match=f"{limit} is {seconds} seconds: give more than 0"):
        download("mnist", patience=Patience(**{limit: seconds}))


def test_digits_and_folders_are_not_downloaded(no_network):
    load("digits", download=True)
    with pytest.raises(ValueError, match="no data set to download is called 'digits'"):
        download("digits")

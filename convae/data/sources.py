"""Where the data sets of the book lie: the folder in $CONVAE_DATA, then the user's cache."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class ServedFile(NamedTuple):
    """A file as its owner serves it, packed by gzip.

    Args:
        size: Bytes, packed.
        packed: MD5 of the packed file, as torchvision has it; the owners of Fashion-MNIST print the same.
        unpacked: MD5 of what it holds.
    """

    size: int
    packed: str
    unpacked: str

    def checksum(self, path: Path) -> str:
        """MD5 that the file at `path` has to have, by its name: packed or not."""
        return self.packed if path.suffix == ".gz" else self.unpacked


@dataclass(frozen=True)
class Source:
    """A data set in IDX files: its folder's name as in torchvision's layout, where it is served, and what is served.

    Args:
        folder: `<root>/<folder>/raw/` holds the files.
        files: By name, without .gz.
        mirrors: Addresses that serve the packed files, tried in this order; torchvision names them.
        classes: The name of each label.
    """

    folder: str
    files: dict[str, ServedFile]
    mirrors: tuple[str, ...]
    classes: tuple[str, ...]


SOURCES = {
    "mnist": Source(
        folder="MNIST",
        files={
            "train-images-idx3-ubyte": ServedFile(
                9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873", "6bbc9ace898e44ae57da46a324031adb"
            ),
            "train-labels-idx1-ubyte": ServedFile(
                28_881, "d53e105ee54ea40749a09fcbcd1e9432", "a25bea736e30d166cdddb491f175f624"
            ),
            "t10k-images-idx3-ubyte": ServedFile(
                1_648_877, "9fb629c4189551a2d022fa330f9573f3", "2646ac647ad5339dbf082846283269ea"
            ),
            "t10k-labels-idx1-ubyte": ServedFile(
                4_542, "ec29112dd5afa0611ce80d1b7f02629c", "27ae3e4e09519cfbb04c329615203637"
            ),
        },
        mirrors=("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"),
        classes=tuple("0123456789"),
    ),
    "fashion-mnist": Source(
        folder="FashionMNIST",
        files={
            "train-images-idx3-ubyte": ServedFile(
                26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "f4a8712d7a061bf5bd6d2ca38dc4d50a"
            ),
            "train-labels-idx1-ubyte": ServedFile(
                29_515, "25c81989df183df01b3e8a0aad5dffbe", "9018921c3c673c538a1fc5bad174d6f9"
            ),
            "t10k-images-idx3-ubyte": ServedFile(
                4_422_102, "bef4ecab320f06d8554ea6380940ec79", "8181f5470baa50b63fa0f6fddb340f0a"
            ),
            "t10k-labels-idx1-ubyte": ServedFile(
                5_148, "bb300cfdad3c16e7a12a480ee83cd310", "15d484375f8d13e6eb1aabb0c3f46965"
            ),
        },
        mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        classes=(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ),
    ),
}  # fmt: skip


class DataNotFoundError(FileNotFoundError):
    """A data set is in none of the places where it is looked for."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Stands around everything that asks the disk for `path`.

    Raises:
        OSError: it may not be opened, its name is too long, or the disk does not give it; in one sentence.
    """
    try:
        yield
    except OSError as error:
        raise OSError(
            f"{path} cannot be read ({error.strerror or error}): mend that (its rights, its name, its disk), "
            "or name another place"
        ) from error


def is_there(path: Path) -> bool:
    """Whether it is a file; an error, as `reading` gives it, where nobody may look."""
    with reading(path):
        return path.is_file()


def cache_folder() -> Path:
    """The user's cache, where downloads are kept: $XDG_CACHE_HOME/convae, else ~/.cache/convae.

    Raises:
        DataNotFoundError: XDG_CACHE_HOME is not set, and this user has no home (as in some containers).
    """
    if named := os.environ.get("XDG_CACHE_HOME"):
        return Path(named) / "convae"
    try:
        return Path.home() / ".cache" / "convae"
    except RuntimeError as error:
        raise DataNotFoundError(
            "no place for a cache, since this user has no home folder: name one in XDG_CACHE_HOME, "
            "or in CONVAE_DATA the folder that holds MNIST/ and FashionMNIST/"
        ) from error


def data_folders() -> list[Path]:
    """The folders in which data sets are looked for, in this order.

    Raises:
        NotADirectoryError: $CONVAE_DATA is set but is no folder; a typing slip there never ends in a fallback.
        DataNotFoundError: it is not set, and there is no place for a cache.
    """
    named = os.environ.get("CONVAE_DATA")
    if not named:
        return [cache_folder()]
    folder = Path(named)
    with reading(folder):
        there = folder.is_dir()
    if not there:
        raise NotADirectoryError(
            f"CONVAE_DATA is {named!r}, which is no folder (seen from {Path.cwd()}): "
            "give the absolute path of the folder that holds MNIST/ and FashionMNIST/, or unset it"
        )
    try:
        return [folder, cache_folder()]
    except DataNotFoundError:
        return [folder]


def stored(raw: Path, file: str) -> Path | None:
    """A file of a data set in a folder, unpacked or packed; None if it is not there."""
    return next(filter(is_there, (raw / file, raw / f"{file}.gz")), None)


def find(name: str) -> dict[str, Path]:
    """The files of a data set in SOURCES, by name without .gz, from the first folder that has them all.

    Raises:
        DataNotFoundError: none has; the message says what is missing and the three ways to get it.
    """
    source, places = SOURCES[name], []
    for folder in data_folders():
        raw = folder / source.folder / "raw"
        found = {file: path for file in source.files if (path := stored(raw, file))}
        if len(found) == len(source.files):
            return found
        lacking = f" (without {', '.join(sorted(source.files.keys() - found))})" if found else ""
        places.append(f"{raw}{lacking}")
    raise DataNotFoundError(f"no {name} in {' or '.join(places)}.\n{three_ways(name)}")


def three_ways(name: str) -> str:
    """What an error says to somebody who has not got a data set."""
    return (
        "Three ways to get it:\n"
        f"  python -m convae data {name}        downloads it into the cache\n"
        f'  load("{name}", download=True)       does the same from Python\n'
        f"  CONVAE_DATA=/absolute/path          names the folder that has {SOURCES[name].folder}/raw/ "
        "(torchvision's layout)\n"
        f'load("{name}-sample") needs no data: a sample of it comes with the package.'
    )

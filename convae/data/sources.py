"""Where the data sets of the book lie: the folder in $CONVAE_DATA, then the user's cache."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """A data set in IDX files: its folder's name as in torchvision's layout, where it is served, and what is served.

    Args:
        folder: `<root>/<folder>/raw/` holds the files.
        files: Name (without .gz) to the MD5 of the packed file, as torchvision and the owners publish it.
        mirrors: Addresses that serve the packed files, tried in this order.
        classes: The name of each label.
    """

    folder: str
    files: dict[str, str]
    mirrors: tuple[str, ...]
    classes: tuple[str, ...]


SOURCES = {
    "mnist": Source(
        folder="MNIST",
        files={
            "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
            "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
            "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
        },
        mirrors=("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"),
        classes=tuple("0123456789"),
    ),
    "fashion-mnist": Source(
        folder="FashionMNIST",
        files={
            "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
            "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
            "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
        },
        mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        classes=(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ),
    ),
}  # fmt: skip


class DataNotFoundError(FileNotFoundError):
    """A data set is in none of the places where it is looked for."""


def cache_folder() -> Path:
    """The user's cache, where downloads are kept: $XDG_CACHE_HOME/convae, else ~/.cache/convae."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "convae"


def data_folders() -> list[Path]:
    """The folders in which data sets are looked for, in this order.

    Raises:
        NotADirectoryError: $CONVAE_DATA is set but is no folder; a typing slip there never ends in a fallback.
    """
    folders = [cache_folder()]
    if named := os.environ.get("CONVAE_DATA"):
        folder = Path(named)
        if not folder.is_dir():
            raise NotADirectoryError(
                f"CONVAE_DATA is {named!r}, which is no folder (seen from {Path.cwd()}): "
                "give the absolute path of the folder that holds MNIST/ and FashionMNIST/, or unset it"
            )
        folders.insert(0, folder)
    return folders


def find(name: str) -> dict[str, Path]:
    """The files of a data set, by name without .gz, from the first folder that has them all.

    Raises:
        DataNotFoundError: none has; the message names the three ways to get them.
    """
    source, folders = SOURCES[name], data_folders()
    for folder in folders:
        raw = folder / source.folder / "raw"
        found = {
            file: path
            for file in source.files
            if (path := next((p for p in (raw / file, raw / f"{file}.gz") if p.is_file()), None))
        }
        if len(found) == len(source.files):
            return found
    raise DataNotFoundError(
        f"no {name} in {' or '.join(str(folder / source.folder / 'raw') for folder in folders)}. Three ways to get it:\n"
        f"  python -m convae data {name}        downloads it into the cache\n"
        f'  load("{name}", download=True)       does the same from Python\n'
        f"  CONVAE_DATA=/absolute/path          the folder that has {source.folder}/raw/ (torchvision's layout)\n"
        'load("digits") needs no data: small digits that come with scikit-learn.'
    )

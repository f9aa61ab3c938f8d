"""`load(name)` gives the three parts of a data set; nothing here opens a connection unless it is told to."""

import numpy as np
import torch

from convae.data.embedded import digits
from convae.data.folder import WHITE, read_folder
from convae.data.idx import read_parts
from convae.data.image_set import ImageSet, Splits, split
from convae.data.kodak import PATCHES, kodak_patches
from convae.data.photographs import patches
from convae.data.picture import Colour
from convae.data.samples import SAMPLES, read_sample
from convae.data.sources import SOURCES, DataNotFoundError, find
from convae.names import lookup

__all__ = ["NAMES", "DataNotFoundError", "ImageSet", "Splits", "load"]

FOLDER = "folder:"
NAMES = (*SOURCES, *SAMPLES, "digits", "photographs", *PATCHES)


def load(
    name: str,
    validation: int | None = None,
    download: bool = False,
    *,
    size: tuple[int, int] | None = None,
    colour: bool = False,
    background: Colour = WHITE,
    allow_empty: bool = False,
) -> Splits:
    """A data set by name: one of NAMES, or "folder:PATH" for pictures of your own.

    Args:
        name: "mnist-sample" and "fashion-mnist-sample" are a few thousand pictures of these sets that come with the
            package; "digits" small real digits that come with scikit-learn, in MNIST's format; "photographs" 20,000
            grey patches of 32×32 from photographs that come with scikit-image; the Kodak sets are patches as well. In
            "folder:PATH" the subfolders are the classes; a tenth of the pictures, always the same ones, is the test
            set. Subfolders called train and test (and validation) are these parts instead.
        validation: How many of the last training pictures become the validation set; by default 5,000 (of the samples
            400 and 200, of the digits 300, of the photographs 1,000, of a folder a tenth). Recipes that repeat a
            source take 0. The Kodak sets have validation photographs of their own.
        download: Get the set into the user's cache first if it is in none of the folders.
        size: (rows, columns) to which the pictures of a folder are brought; None if they have one size already.
        colour: A folder's pictures with three channels; else they are grey.
        background: Red, green and blue from 0 to 255, behind what is transparent in a folder's pictures.
        allow_empty: Leaves out a class of a folder of which no picture can be read; else that is an error.

    Warns:
        UserWarning: what was left out of a folder and why, and what was done to its pictures that need not be right.

    Raises:
        DataNotFoundError: the set is not here, and nobody said to download it, or no source gave it.
        NotADirectoryError: there is no such folder, or CONVAE_DATA names none.
        ValueError: an unknown name (the nearest ones are suggested), a file that is torn or not the one that was
            published, `size`, `colour` or `validation` for a set that has its own, too many pictures for validation, a
            sample that shall be downloaded, or a folder that is not as it says above (see `read_folder`).
        OSError: a file or folder may not be opened.
        ModuleNotFoundError: a library that this set needs is not installed.
    """
    if name.startswith(FOLDER):
        return read_folder(name.removeprefix(FOLDER), validation, size, colour, background, allow_empty)
    lookup(dict.fromkeys((*NAMES, "folder:PATH")), name, "data set")
    if size is not None or colour or not np.array_equal(background, WHITE) or allow_empty:
        raise ValueError(
            f"{name} has its own size and colour: these, background and allow_empty are chosen only for folder:PATH"
        )
    if name in SAMPLES:
        chosen = SAMPLES[name]
        if download:
            raise ValueError(
                f"{name} comes with the package and is not downloaded: leave download away, or name {chosen.of}, "
                "the whole set"
            )
        train, test = read_sample(name)
        return split(name, train, test, chosen.validation * len(train.classes) if validation is None else validation)
    if name == "digits":
        return split(name, *digits(), 300 if validation is None else validation)
    if name == "photographs":
        cut = patches(each=4000)
        order = torch.randperm(len(cut.train), generator=torch.Generator().manual_seed(0))  # else validation is gravel
        return split(name, cut.train[order], cut.test, 1000 if validation is None else validation)
    if name in PATCHES:
        if validation is not None:
            raise ValueError(f"{name} has validation photographs of its own, 15 and 16: leave validation away")
        return kodak_patches(name)
    train, test = _from_files(name, download)
    return split(name, train, test, 5000 if validation is None else validation)


def _from_files(name: str, download: bool) -> tuple[ImageSet, ImageSet]:
    source = SOURCES[name]
    try:
        paths = find(name)
    except DataNotFoundError:
        if not download:
            raise
        from convae.data.download import download as fetch

        fetch(name)
        paths = find(name)
    sums = {file: served.checksum(paths[file]) for file, served in source.files.items()}
    return read_parts(paths, sums, source.classes)

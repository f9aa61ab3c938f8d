"""`load(name)` gives the three parts of a data set; nothing here opens a connection unless it is told to."""

from convae.data.embedded import digits
from convae.data.idx import read_idx
from convae.data.image_set import ImageSet, Splits, split
from convae.data.sources import SOURCES, DataNotFoundError, find
from convae.names import lookup

__all__ = ["DataNotFoundError", "ImageSet", "Splits", "load"]


def load(name: str, validation: int | None = None, download: bool = False) -> Splits:
    """A data set by name: "mnist", "fashion-mnist", "digits".

    Args:
        name: "digits" are small real digits that come with scikit-learn, in MNIST's format.
        validation: How many of the last training pictures become the validation set; by default 5,000 (of the
            digits 300). Recipes that repeat a source take 0.
        download: Get the set into the user's cache first if it is in none of the folders.

    Raises:
        DataNotFoundError: the set is not here, and nobody said to download it.
        ValueError: an unknown name (the nearest ones are suggested), or a torn file.
    """
    if name == "digits":
        return split(name, *digits(), validation=300 if validation is None else validation)
    source = lookup(SOURCES, name, "data set")
    files = find(name)
    train, test = (
        ImageSet(read_idx(files[f"{part}-images-idx3-ubyte"])[:, None], read_idx(files[f"{part}-labels-idx1-ubyte"]).long(), source.classes)
        for part in ("train", "t10k")
    )
    return split(name, train, test, validation=5000 if validation is None else validation)

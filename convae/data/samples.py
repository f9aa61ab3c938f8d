"""Small samples of the data sets, which come with the package: they illustrate, and nothing is concluded from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from convae.data.idx import read_parts
from convae.data.sources import SOURCES, DataNotFoundError

if TYPE_CHECKING:
    from convae.data.image_set import ImageSet

FOLDER = Path(__file__).parent / "samples"
AGAIN = "it comes with convae: install the package again, or `git restore` it"
DESCRIPTION = "sample.json"


class Sample(NamedTuple):
    """Pictures drawn at random from a data set, as many of each class as of any other.

    Args:
        of: The data set, which names the folder as well.
        train: Pictures of each class to train on.
        validation: Of each class for validation, drawn from the set's own last 5,000 training pictures.
        test: Of each class for the test; the first six of all are those whose answers by stored nets a page shows.
    """

    of: str
    train: int
    validation: int
    test: int


SAMPLES = {
    "mnist-sample": Sample("mnist", train=160, validation=40, test=100),
    "fashion-mnist-sample": Sample("fashion-mnist", train=80, validation=20, test=50),
}


def description(folder: Path) -> dict[str, Any]:
    """What `sample.json` in a sample's folder says: the MD5 of each of its `files`, and which part of the set they are.

    For the two MNISTs that is the `seed`, and the positions in the whole set: `train`, validation last, and `test`.

    Raises:
        DataNotFoundError: the file is not there.
        ValueError: it is torn.
    """
    path = folder / DESCRIPTION
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise DataNotFoundError(f"no {path}: {AGAIN}") from error
    except ValueError as error:
        raise ValueError(f"{path} is torn ({error}): {AGAIN}") from error
    return found


def read_sample(name: str) -> tuple[ImageSet, ImageSet]:
    """One of SAMPLES as (train, test), the pictures for validation at the end of the former.

    Raises:
        DataNotFoundError: a file is not there.
        ValueError: a file is torn or another one.
    """
    of = SAMPLES[name].of
    folder = FOLDER / of
    sums = description(folder)["files"]
    paths = {file: folder / f"{file}.gz" for file in SOURCES[of].files}
    for path in paths.values():
        if not path.is_file():
            raise DataNotFoundError(f"no {path}: {AGAIN}")
    return read_parts(paths, {file: sums[path.name] for file, path in paths.items()}, SOURCES[of].classes, AGAIN)

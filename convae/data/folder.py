"""A learner's own pictures: the files in a folder, its subfolders the classes."""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from convae.data.image_set import ImageSet, Splits, split
from convae.data.layout import ORDER, composed, find_classes, find_parts, names_below
from convae.data.picture import Colour, read_picture
from convae.data.sources import reading
from convae.data.tree import SUFFIXES, LeftOut, identity, reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

LONGEST = 10_000  # side of a picture
TEST_PART = 10  # one picture in so many is for testing, and one for validation
WHITE = (255, 255, 255)


class Found(NamedTuple):
    """A picture's file, with the part and the class that it lies in ("" where it lies in none)."""

    part: str
    label: str
    file: Path


def read_folder(
    named: str,
    validation: int | None = None,
    size: tuple[int, int] | None = None,
    colour: bool = False,
    background: Colour = WHITE,
    allow_empty: bool = False,
) -> Splits:
    """The pictures in a folder, a tenth of them for testing and as many for validation.

    Each subfolder is a class, in the order of their names; a folder without any is one class. Subfolders called
    train, test and validation are these parts instead, and the classes are in them. Which picture is in which part
    hangs on its name alone (they are ordered by the SHA-256 of their path in the folder, its letters composed), so
    that every machine cuts the same parts, with the classes mixed. Links are followed, and a file
    to which several lead is taken once. What is hidden or a helper of a system's is passed over; a warning says what
    else is left out, and why.

    Args:
        validation: How many of the last training pictures become the validation set; None is a tenth.
        size: (rows, columns): each picture is cut at its centre to that shape and made that size; None leaves it.
        colour: Three channels (red, green, blue), else one (grey).
        background: Red, green and blue, from 0 to 255, behind what is transparent.
        allow_empty: Leaves out a class of which no picture can be read; else that is an error.

    Raises:
        NotADirectoryError: there is no such folder.
        OSError: it may not be opened.
        ValueError: fewer than three pictures, none in a class or a part, pictures beside subfolders with pictures,
            parts without one to train on or with two for the same, one file in two classes or parts, two names that are
            the same letters, a picture that cannot be read, or several sizes and no `size` given.
        ModuleNotFoundError: Pillow is not installed.
    """
    folder = _folder(named)
    if size is not None:
        size = _whole("size", size, ("rows", "columns"), 1, LONGEST)
    background = _whole("background", background, ("red", "green", "blue"), 0, 255)
    left_out: LeftOut = {}
    parts = find_parts(folder, left_out)
    if "validation" in parts and validation is not None:
        raise ValueError(f"{folder} has pictures for validation of its own: leave validation={validation} away")
    found = [
        Found(part, label, file)
        for part, place in parts.items()
        for label, files in find_classes(place, left_out, allow_empty, folder).items()
        for file in files
    ]
    found = _once(found, left_out)
    counts = Counter(each.part for each in found)
    _check_enough(parts, counts, left_out)
    labels = sorted({each.label for each in found})
    if "" in labels[:-1]:
        raise ValueError(f"{folder} has classes in one part and none in another: give all pictures a class, or none")
    names = names_below([each.file for each in found], folder)
    found.sort(key=lambda each: (ORDER.index(each.part), _shuffled(names[each.file])))
    images, seen = _read([each.file for each in found], size, colour, background)
    for note in (*_notes(folder, parts, left_out, found, names), *seen):
        warnings.warn(f"{folder}: {note}", stacklevel=3)  # at whoever called load
    classes = tuple(label or composed(folder.resolve().name) for label in labels)
    both = ImageSet(images, torch.tensor([labels.index(each.label) for each in found]), classes)
    first, second = counts["train"], counts["train"] + counts["validation"]
    train, kept, test = both[:first], both[first:second], both[second:]
    tenth = max(1, len(train) // TEST_PART)
    if "test" not in parts:
        train, test = train[:-tenth], train[-tenth:]
    if "validation" in parts:
        return Splits(f"folder:{named}", train, kept, test)
    return split(f"folder:{named}", train, test, tenth if validation is None else validation)


def _folder(named: str) -> Path:
    """The folder that somebody named, the folder `~` of whom it is included."""
    try:
        folder = Path(named).expanduser()
    except RuntimeError:  # ~ of nobody
        folder = Path(named)
    with reading(folder):
        there = bool(named) and folder.is_dir()
    if not there:
        raise NotADirectoryError(f"{named!r} is no folder (seen from {Path.cwd()}): write folder:PATH")
    return folder


def _whole(setting: str, given: object, names: tuple[str, ...], least: int, most: int) -> Any:
    """A tuple of whole numbers, given as one, a list or an array.

    Raises:
        ValueError: it is something else.
    """
    values = given.tolist() if isinstance(given, np.ndarray) else given
    if (
        not isinstance(values, tuple | list)
        or len(values) != len(names)
        or not all(isinstance(value, int | np.integer) and least <= value <= most for value in values)
        or any(isinstance(value, bool) for value in values)
    ):
        raise ValueError(
            f"{setting} is {values!r}: give ({', '.join(names)}), each a whole number from {least} to {most:,}"
        )
    return tuple(map(int, values))


def _once(found: list[Found], left_out: LeftOut) -> list[Found]:
    """Each file by the first of the paths that lead to it; the others go into `left_out`.

    Raises:
        ValueError: they are in two classes or parts.
    """
    first: dict[tuple[int, int], Found] = {}
    for each in sorted(found, key=lambda each: composed(each.file.as_posix())):
        other = first.setdefault(identity(each.file), each)
        if (other.part, other.label) != (each.part, each.label):
            raise ValueError(
                f"{other.file} and {each.file} are one file in two classes or parts: "
                "remove the link that makes it stand there twice"
            )
        if other is not each:
            left_out[each.file] = "the same file as another that is taken"
    return list(first.values())


def _check_enough(parts: dict[str, Path], counts: Counter[str], left_out: LeftOut) -> None:
    """Raises ValueError where a part would be empty."""
    for part, place in parts.items():
        why = f", with {why} left out" if (why := reasons(left_out, place)) else ""
        least = 3 - len(parts.keys() - {part}) if part == "train" else 1
        if counts[part] < least:
            raise ValueError(
                f"{place} holds {counts[part]} pictures ({', '.join(SUFFIXES)}){why}: {least} are the least, "
                "one for each part of the data set that comes from there"
            )


def _shuffled(name: str) -> bytes:
    return hashlib.sha256(name.encode(errors="surrogatepass")).digest()


def _read(
    files: list[Path], size: tuple[int, int] | None, colour: bool, background: Colour
) -> tuple[Tensor, list[str]]:
    """The pictures, uint8 [N, C, H, W], and what there is to say of them."""
    images: list[Tensor] = []
    transparent = several = 0
    for file in files:
        picture = read_picture(file, size, colour, background)
        images.append(picture.pixels)
        transparent += picture.transparent
        several += picture.several
        if images[-1].shape != images[0].shape:
            raise ValueError(
                f"{files[0]} has {_sides(images[0])} pixels and {file} {_sides(images[-1])}: give size=(rows, columns)"
            )
    notes = [f"{transparent} pictures are transparent, and shown on background={background}"] if transparent else []
    notes += [f"{several} files hold several pictures, of which the first is taken"] if several else []
    return torch.stack(images), notes


def _notes(
    folder: Path, parts: dict[str, Path], left_out: LeftOut, found: list[Found], names: dict[Path, str]
) -> Iterator[str]:
    """What there is to say of the files."""
    if why := reasons(left_out, folder):
        yield f"left out are {why}; pictures are {', '.join(SUFFIXES)}"
    if parts != {"train": folder}:
        yield f"{', '.join(f'{path.name} is for {part}' for part, path in parts.items())}, not a class"
    classes = {part: {each.label for each in found if each.part == part} for part in parts}
    for part, path in parts.items():
        if untrained := sorted(classes[part] - classes["train"]):
            yield f"{path.name} has {', '.join(untrained)}, of which {parts['train'].name} has no pictures"
    first: dict[str, str] = {}
    paths = {
        path
        for name in {each.label for each in found}.union(names.values())
        for path in (PurePath(name), *PurePath(name).parents)
    }
    for name in sorted(map(str, paths)):
        if (other := first.setdefault(name.lower(), name)) != name:
            yield f"{other} and {name} differ only in capital letters: on other systems they are one"
            break


def _sides(image: Tensor) -> str:
    return "×".join(map(str, image.shape[1:]))

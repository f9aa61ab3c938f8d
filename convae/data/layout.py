"""How a folder of pictures is laid out: which subfolders are parts of a data set, and which are classes."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from convae.data.sources import reading
from convae.data.tree import SUFFIXES, LeftOut, kind, listed, pictures, reasons

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ORDER = ("train", "validation", "test")
PARTS = dict(zip(ORDER, ORDER, strict=True)) | {
    "training": "train", "val": "validation", "valid": "validation", "dev": "validation", "testing": "test"
}  # fmt: skip


def find_parts(folder: Path, left_out: LeftOut) -> dict[str, Path]:
    """The folder of each part: subfolders that are called so, else the whole folder to train on.

    Raises:
        ValueError: there are both parts and other subfolders, two folders of one part, none to train on, or pictures
            beside them.
    """
    with reading(folder):
        inside = {path: kind(path, left_out) for path in listed(folder)}
    subfolders = sorted(path for path, what in inside.items() if what == "folder")
    called_so = [path for path in subfolders if path.name.lower() in PARTS]
    if not called_so or (len(called_so) == 1 and len(subfolders) > 1):
        return {"train": folder}  # a class may be called so as well
    names, otherwise = ", ".join(path.name for path in called_so), "call these otherwise if they are classes"
    parts: dict[str, Path] = {}
    for path in called_so:
        part = PARTS[path.name.lower()]
        if (other := parts.setdefault(part, path)) is not path:
            raise ValueError(
                f"{folder} has {other.name} and {path.name}, both for {part}: make them one, or {otherwise}"
            )
    if "train" not in parts:
        raise ValueError(
            f"{folder} has {names} and no train: put pictures to train on into a folder train, name one of these as "
            f"the whole folder, or {otherwise}"
        )
    others = [path for path in (*subfolders, *inside) if path not in parts.values() and inside[path]]
    if others:
        raise ValueError(
            f"{folder} has {others[0].name} beside {names}, which are taken as parts: put it into one of them, or "
            f"{otherwise}"
        )
    return parts


def find_classes(folder: Path, left_out: LeftOut, allow_empty: bool, root: Path) -> dict[str, list[Path]]:
    """The pictures of each class in a folder; of the class "" if none lies in a subfolder.

    Args:
        root: The folder that somebody named, of which this one is a part or all.

    Raises:
        ValueError: pictures beside subfolders with pictures, a class without any, or two of one name.
    """
    with reading(folder):
        inside = {path: kind(path, left_out) for path in listed(folder)}
    classes = {path: pictures(path, left_out, (root, folder)) for path, what in inside.items() if what == "folder"}
    filled = {path: files for path, files in classes.items() if files}
    if loose := [path for path, what in inside.items() if what == "picture"]:
        if filled:
            raise ValueError(
                f"{folder} has {min(loose).name} beside the subfolder {min(filled).name}: "
                "put every picture into the subfolder of its class, or none"
            )
        return {"": loose}
    for path in sorted(classes.keys() - filled.keys()):
        why = reasons(left_out, path) or "empty"
        if not allow_empty:
            raise ValueError(
                f"{path} is a class without pictures ({why}): put some in ({', '.join(SUFFIXES)}), "
                "take it out of the folder, or leave it out by allow_empty=True"
            )
        if not reasons(left_out, path):
            left_out[path] = "empty"
    return {name: filled[path] for path, name in names_below(filled, folder).items()}


def composed(name: str) -> str:
    """Macs and zip files write é as an e and an accent, other systems as one letter."""
    return unicodedata.normalize("NFC", name)


def names_below(paths: Iterable[Path], folder: Path) -> dict[Path, str]:
    """The name of each path below the folder, the same on every system.

    Raises:
        ValueError: two have the same.
    """
    names = {path: composed(path.relative_to(folder).as_posix()) for path in paths}
    if twice := [name for name, count in Counter(names.values()).items() if count > 1]:
        raise ValueError(
            f"{folder} has {min(twice)} twice, with letters that are composed and decomposed: rename or remove one"
        )
    return names

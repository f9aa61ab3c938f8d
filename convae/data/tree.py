"""Which files below a folder are pictures, and what is left out there, with the reason."""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
# What systems, file servers and Python put beside pictures, in small letters; whatever is hidden is passed over as well
HELPERS = {
    "#recycle", "$recycle.bin", "@eadir", "@recently-snapshot", "@recycle", "@tmp", "__macosx", "__pycache__",
    "desktop.ini", "ehthumbs.db", "icon\r", "lost+found", "network trash folder", "system volume information",
    "temporary items", "thumbs.db",
}  # fmt: skip

LeftOut = dict["Path", str]  # what is no picture and holds none, with the reason


def listed(folder: Path) -> list[Path]:
    """What lies in a folder and is neither hidden nor a helper of a system's."""
    return [path for path in folder.iterdir() if not path.name.startswith(".") and path.name.lower() not in HELPERS]


def kind(path: Path, left_out: LeftOut) -> Literal["folder", "picture"] | None:
    """What lies there, by its name and what the disk says of it; where it is None, `left_out` has the reason."""
    suffix = path.suffix.lower()
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if suffix not in SUFFIXES:
            return "folder"  # perhaps: whoever looks into it will see
        left_out[path] = _closed(error)
        return None
    if stat.S_ISDIR(mode):
        if not re.match(r"[@$]\w", path.name):
            return "folder"
        left_out[path] = "named like folders of a file server"
    elif not stat.S_ISREG(mode):
        left_out[path] = "no file"
    elif suffix not in SUFFIXES:
        left_out[path] = f"{suffix or 'without a suffix'}, which is not read"
    else:
        return "picture"
    return None


def identity(path: Path) -> tuple[int, int]:
    """The same for all links to one file or folder."""
    there = path.stat()
    return there.st_dev, there.st_ino


def pictures(folder: Path, left_out: LeftOut, within: tuple[Path, ...]) -> list[Path]:
    """Every picture in a folder and below it, through links as well; what is none goes into `left_out`.

    Args:
        within: The folders above, up to the one that somebody named: no link back to them is followed.
    """
    found: list[Path] = []
    pending = [(folder, tuple(identity(path) for path in within))]
    while pending:
        here, above = pending.pop()
        try:
            own, inside = identity(here), listed(here)
        except OSError as error:
            left_out[here] = _closed(error)
            continue
        if own in above:
            left_out[here] = "a link back to a folder above it"
            continue
        for path in inside:
            match kind(path, left_out):
                case "folder":
                    pending.append((path, (*above, own)))
                case "picture":
                    found.append(path)
    return found


def reasons(left_out: LeftOut, folder: Path) -> str:
    """What was left out of a folder or below it, the first of each reason by name."""
    alike: dict[str, list[str]] = {}
    for path in sorted(left_out):
        if path.is_relative_to(folder):
            alike.setdefault(left_out[path], []).append(path.relative_to(folder.parent).as_posix())
    return "; ".join(
        f"{names[0]} {f'and {len(names) - 1} more ' if len(names) > 1 else ''}({why})" for why, names in alike.items()
    )


def _closed(error: OSError) -> str:
    missing = isinstance(error, FileNotFoundError)
    return "a link that leads nowhere" if missing else f"not to be opened: {error.strerror}"

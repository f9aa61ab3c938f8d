"""Reading the IDX files of MNIST and Fashion-MNIST, packed or not."""

import gzip
import hashlib
import io
import math
import struct
import zlib
from pathlib import Path

import torch
from torch import Tensor

from convae.data.image_set import ImageSet
from convae.data.sources import reading

AGAIN = "delete it, and get it again with python -m convae data"
MOST = 2**30  # bytes, packed or not: twenty times MNIST's pictures


def md5_of(content: bytes) -> str:
    """MD5 as hexadecimal digits: what the sets' owners publish, good against accidents, not against forgers."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def read_idx(path: Path, md5: str | None = None, again: str = AGAIN) -> Tensor:
    """The array of unsigned bytes in an IDX file [lecun1998gradient], unpacked if its name ends in .gz.

    Four bytes say what follows (0, 0, 8 for unsigned bytes, number of axes), four more for each axis its length
    (most significant byte first), then come the numbers themselves.

    Args:
        md5: Of the file as it lies there, packed or not; None takes what comes.
        again: How a right one is got, for the errors.

    Raises:
        ValueError: the file is torn, is another one than `md5` says, is no IDX file of unsigned bytes, or is too large.
        OSError: it cannot be read.
    """
    with reading(path):
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST else b""
    if size > MOST:
        raise ValueError(f"{path} has {size:,} bytes, more than the {MOST:,} that are read: {again}")
    if md5 and (found := md5_of(content)) != md5:
        raise ValueError(f"{path} is torn or another file (its MD5 is {found}, not {md5}): {again}")
    try:
        with gzip.open(io.BytesIO(content)) if path.suffix == ".gz" else io.BytesIO(content) as file:
            shape = _shape(file)
            announced = math.prod(shape)
            if not 0 < announced <= MOST:
                raise ValueError(
                    f"{path} is torn or no IDX file of unsigned bytes with 1 to 3 axes and 1 to {MOST:,} of them "
                    f"(it announces {shape}): {again}"
                )
            numbers = bytearray(file.read(announced + 1))  # not all of it: a small file may unpack to anything
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is torn or no gzip file ({error}): {again}") from error
    if len(numbers) != announced:
        held = "more" if len(numbers) > announced else len(numbers)
        raise ValueError(f"{path} is torn: it announces {shape} = {announced} bytes and holds {held}: {again}")
    return torch.frombuffer(numbers, dtype=torch.uint8).reshape(shape)  # of a bytearray: a tensor may be written to


def _shape(file: io.BufferedIOBase) -> tuple[int, ...]:
    """The lengths of the axes that the beginning of an IDX file announces; (0,) if it is none."""
    start = file.read(4)
    if start[:3] != b"\0\0\x08" or start[3:] not in (b"\1", b"\2", b"\3"):
        return (0,)
    lengths = file.read(4 * start[3])
    return struct.unpack(f">{start[3]}I", lengths) if len(lengths) == 4 * start[3] else (0,)


def read_parts(
    paths: dict[str, Path], sums: dict[str, str], classes: tuple[str, ...], again: str = AGAIN
) -> tuple[ImageSet, ImageSet]:
    """(train, test) from the four files of a set in MNIST's format, which `paths` and MD5 `sums` name without .gz.

    Raises:
        ValueError: a file is torn or another one.
    """
    arrays = {file: read_idx(path, sums[file], again) for file, path in paths.items()}

    def part(start: str) -> ImageSet:
        images, labels = arrays[f"{start}-images-idx3-ubyte"], arrays[f"{start}-labels-idx1-ubyte"]
        return ImageSet(images[:, None], labels.long(), classes)

    return part("train"), part("t10k")

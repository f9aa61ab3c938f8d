"""Reading the IDX files of MNIST and Fashion-MNIST, packed or not."""

import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path

import torch
from torch import Tensor

AGAIN = "delete it, and get it again with python -m convae data"


def md5_of(content: bytes) -> str:
    """MD5 as hexadecimal digits: what the sets' owners publish, good against accidents, not against forgers."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def read_idx(path: Path, md5: str | None = None) -> Tensor:
    """The array of unsigned bytes in an IDX file [lecun1998gradient], unpacked if its name ends in .gz.

    Four bytes say what follows (0, 0, 8 for unsigned bytes, number of axes), four more for each axis its length
    (most significant byte first), then come the numbers themselves.

    Args:
        md5: Of the file as it lies there, packed or not; None takes what comes.

    Raises:
        ValueError: the file is torn, is another one than `md5` says, or is no IDX file of unsigned bytes.
    """
    content = path.read_bytes()
    if md5 and (found := md5_of(content)) != md5:
        raise ValueError(f"{path} is torn or another file (its MD5 is {found}, not {md5}): {AGAIN}")
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{path} is torn or no gzip file ({error}): {AGAIN}") from error
    axes = content[3] if len(content) >= 4 else 0
    start = 4 + 4 * axes
    if content[:3] != b"\0\0\x08" or axes not in (1, 2, 3) or len(content) < start:
        raise ValueError(f"{path} is torn or no IDX file of unsigned bytes with 1 to 3 axes: {AGAIN}")
    shape = struct.unpack_from(f">{axes}I", content, offset=4)
    announced, held = math.prod(shape), len(content) - start
    if not 0 < announced == held:
        raise ValueError(f"{path} is torn: it announces {shape} = {announced} bytes and holds {held}: {AGAIN}")
    numbers = torch.frombuffer(bytearray(content), dtype=torch.uint8)  # bytearray: a tensor may be written to
    return numbers[start:].reshape(shape)

"""Reading the IDX files of MNIST and Fashion-MNIST, packed or not."""

import gzip
import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


def read_idx(path: Path) -> Tensor:
    """The array of unsigned bytes in an IDX file [lecun1998gradient].

    Four bytes say what follows (0, 0, 8 for unsigned bytes, number of axes), four more for each axis its length
    (most significant byte first), then come the numbers themselves.

    Raises:
        ValueError: the file is torn, or no IDX file of unsigned bytes.
    """
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is torn or no gzip file ({error}): delete it and get it again") from error
    axes = content[3] if len(content) >= 4 else 0
    start = 4 + 4 * axes
    if content[:3] != b"\0\0\x08" or len(content) < start:
        raise ValueError(f"{path} is no IDX file of unsigned bytes: delete it and get it again")
    shape = np.frombuffer(content, ">u4", axes, offset=4).astype(int).tolist()
    if len(content) != start + math.prod(shape):
        raise ValueError(
            f"{path} announces {shape} = {math.prod(shape)} bytes and holds {len(content) - start}: "
            "delete it and get it again"
        )
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy())

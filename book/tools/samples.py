"""`python -m book.tools.samples`: draws the package's samples from the sets in $CONVAE_DATA, always the same ones."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from convae.data import load
from convae.data.idx import md5_of
from convae.data.samples import DESCRIPTION, FOLDER, SAMPLES, Sample
from convae.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

SEED = 0
HELD_OUT = 5000  # the last training pictures, on which the book's choices are made
# The test pictures for which runs/denoising keeps what nets put out: convae.experiments.denoising.strip takes these.
STRIPS = {"mnist": range(0, 9990, 1665), "fashion-mnist": range(0, 9960, 1660)}
VESSELS = "Image_12R"  # of a child whose photographs are all for the test
CROP = (slice(352, 608), slice(560, 816))  # rows, columns


def draw(labels: Tensor, each: int, generator: torch.Generator, first: Sequence[int] = ()) -> Tensor:
    """Positions of so many pictures of each class in a random order, those in `first` before all others."""
    order = torch.randperm(len(labels), generator=generator)
    wanted = torch.tensor(first, dtype=torch.int64)
    order = torch.cat([wanted, order[~torch.isin(order, wanted)]])
    kind = labels[order]
    met = torch.nn.functional.one_hot(kind).cumsum(0).gather(1, kind[:, None])[:, 0]  # of its class so far
    return order[met <= each]


def positions(sample: Sample, train: Tensor, test: Tensor) -> dict[str, list[int]]:
    """Where a sample's pictures are in the whole set with these labels."""
    generator = torch.Generator().manual_seed(SEED)
    cut = len(train) - HELD_OUT
    chosen = draw(train[:cut], sample.train, generator)
    validation = draw(train[cut:], sample.validation, generator) + cut
    first = STRIPS[sample.of]
    return {
        "train": torch.cat([chosen, validation]).tolist(),
        "test": draw(test, sample.test, generator, first).tolist(),
    }


def idx(array: Tensor) -> bytes:
    """An array of bytes as an IDX file, packed."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.numpy().tobytes(), 9, mtime=0)


def png(pixels: np.ndarray[Any, Any]) -> bytes:
    """Pixels without a loss."""
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def write(folder: str, files: dict[str, bytes], **told: object) -> None:
    """A sample's files, and beside them their sums and what there is to tell of them."""
    (FOLDER / folder).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_whole(FOLDER / folder / name, content)
    entries = told | {"files": {name: md5_of(content) for name, content in files.items()}}
    lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items())
    write_whole(FOLDER / folder / DESCRIPTION, f"{{\n{lines}\n}}\n".encode())


def write_sample(sample: Sample) -> None:
    """One of the two MNISTs."""
    whole = load(sample.of, validation=0)
    at = positions(sample, whole.train.labels, whole.test.labels)
    files = {}
    for start, part, chosen in (("train", whole.train, at["train"]), ("t10k", whole.test, at["test"])):
        few = part[torch.tensor(chosen)]
        files[f"{start}-images-idx3-ubyte.gz"] = idx(few.images[:, 0])
        files[f"{start}-labels-idx1-ubyte.gz"] = idx(few.labels.byte())
    write(sample.of, files, seed=SEED, **at)


def write_tiles(root: Path) -> None:
    """A tile of nuclei from the test part and one from the shifted part: those where most of many nuclei touch."""
    with (root / "tiles.csv").open(encoding="utf-8") as table:
        tiles = [tile for tile in csv.DictReader(table) if int(tile["n_nuclei"]) >= 20]
    files, told = {}, {}
    for part in ("test", "shift"):
        own = [tile for tile in tiles if tile["split"] == part]
        tile = min(own, key=lambda tile: int(tile["n_components"]) / int(tile["n_nuclei"]))
        place = root / tile["subset"]
        with Image.open(place / f"images/{tile['image_id']}.png") as picture:
            files[f"{part}-image.png"] = png(np.asarray(picture.convert("L")))  # red, green and blue are equal
        files[f"{part}-labels.png"] = (place / f"labels/{tile['image_id']}.png").read_bytes()
        told[part] = {name: tile[name] for name in ("subset", "image_id", "n_nuclei", "n_components")}
    write("dsb2018", files, **told)


def write_crop(root: Path) -> None:
    """A square of one photograph of a retina, and the first observer's vessels in it."""
    with Image.open(root / f"{VESSELS}.jpg") as picture, Image.open(root / f"{VESSELS}_1stHO.png") as mask:
        files = {"image.png": png(np.asarray(picture)[CROP]), "vessels.png": png(np.asarray(mask)[CROP])}
    rows, columns = ([part.start, part.stop] for part in CROP)
    write("chasedb1", files, photograph=VESSELS, rows=rows, columns=columns)


def main() -> None:
    for sample in SAMPLES.values():
        write_sample(sample)
    root = Path(os.environ["CONVAE_DATA"])
    write_tiles(root / "DSB2018")
    write_crop(root / "CHASEDB1")


if __name__ == "__main__":
    main()

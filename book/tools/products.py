"""`python -m book.tools.products`: compiles the products of matrices with which a page trains; needs ziglang 0.17.1.

Neither the book nor its tests need that package: the bytes are committed.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from book.tools.chapters import ROOT
from convae.files import write_whole

SOURCE = ROOT / "convae/widgets/products.c"
MODULE = ROOT / "convae/widgets/product_bytes.js"
COMPILER = ("ziglang", "0.17.1")  # another version makes other bytes
COMMAND = ["cc", "--target=wasm32-freestanding", "-mcpu=generic+simd128", "-O2", "-nostdlib"]
COMMAND += ["-Wl,--no-entry", "-Wl,--strip-all", "-Wl,-z,stack-size=1024"]
TEXT = """\
// products.c, compiled by `python -m book.tools.products`. SHA-256 of source and command:
// {checksum}
export const PRODUCT_BYTES = "{content}";
"""


def available() -> bool:
    """Whether the compiler is there, in the version that made the bytes."""
    try:
        return importlib.metadata.version(COMPILER[0]) == COMPILER[1]
    except importlib.metadata.PackageNotFoundError:
        return False


def compiled() -> bytes:
    """The WebAssembly module.

    Raises:
        ModuleNotFoundError: the compiler is not there, or another version of it.
        CalledProcessError: the source has a fault; what the compiler says of it is shown.
    """
    if not available():
        raise ModuleNotFoundError(f"the compiler is missing: install {'=='.join(COMPILER)}, in any environment")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "products.wasm")
        subprocess.run([sys.executable, "-m", "ziglang", *COMMAND, "-o", str(target), str(SOURCE)], check=True)
        return target.read_bytes()


def checksum() -> str:
    """SHA-256 of the source and of the command that compiles it."""
    return hashlib.sha256(SOURCE.read_bytes() + " ".join([*COMPILER, *COMMAND]).encode()).hexdigest()


def text(module: bytes) -> str:
    """The script that holds the module."""
    return TEXT.format(checksum=checksum(), content=base64.b64encode(module).decode())


def stored() -> tuple[str, bytes]:
    """The checksum of what was compiled, and the module, as they stand in the script."""
    found = re.search(
        r'^// (\w{64})\nexport const PRODUCT_BYTES = "([^"]*)";$', MODULE.read_text("utf-8"), re.MULTILINE
    )
    if not found:
        raise ValueError(f"{MODULE} holds no compiled module: run python -m book.tools.products")
    return found[1], base64.b64decode(found[2])


if __name__ == "__main__":
    write_whole(MODULE, text(compiled()).encode())

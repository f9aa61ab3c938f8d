"""`make test-colab`: an environment with Colab's PyTorch; the rest from the lock, but for what PyTorch pins itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from book.tools.chapters import ROOT

VERSION = "3.12"
TORCH = "torch==2.11.*\ntorchvision==0.26.*\n"
PINNED_BY_TORCH = re.compile(r"(torch|torchvision|triton|setuptools|nvidia-[^=]*|cuda-[^=]*)==")
FITS = "import sys, venv; sys.exit('{}.{}'.format(*sys.version_info) != sys.argv[1])"


def constraints(lock: str) -> str:
    """The pins of the lock that leave PyTorch free."""
    pins = re.findall(r"^([a-z0-9].*?) *\\$", lock, re.MULTILINE)
    return "".join(f"{pin}\n" for pin in pins if not PINNED_BY_TORCH.match(pin))


def python(uv: str) -> str:
    """Colab's Python, else the one that runs."""
    command = [uv, "python", "find", "--no-python-downloads", VERSION]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    own = sorted((Path.home() / ".pyenv/versions").glob(f"{VERSION}.*/bin/python"))
    for path in filter(None, [shutil.which(f"python{VERSION}"), *map(str, own), found]):
        if subprocess.run([path, "-c", FITS, VERSION], capture_output=True, check=False).returncode == 0:
            return path
    return sys.executable


def main() -> int:
    folder, uv = Path(sys.argv[1]), sys.argv[2]
    there = folder / "bin/python"
    if not ((folder / "stamp").exists() and there.exists()):  # without a stamp it was interrupted half-way
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", python(uv), folder], check=True)
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", there]
    with tempfile.TemporaryDirectory() as name:
        torch, rest = Path(name) / "torch.txt", Path(name) / "rest.txt"
        torch.write_text(TORCH)
        rest.write_text(constraints((ROOT / "requirements.lock").read_text(encoding="utf-8")))
        wanted = ["-r", "pyproject.toml", "--extra", "test", "--override", torch, "--constraint", rest]
        subprocess.run([*install, *wanted], cwd=ROOT, check=True)
    subprocess.run([*install, "--no-deps", "--no-build-isolation", "--editable", "."], cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

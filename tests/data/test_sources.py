"""What stands between a data set and its reader: no home, folders that may not be opened, files that are too large."""

import gzip
import os
import struct
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path

import pytest

from convae.data import DataNotFoundError, load
from convae.data import idx as idx_module
from convae.data.download import download
from convae.data.idx import read_idx
from convae.data.kodak import kodak
from convae.data.photographs import patches
from convae.data.sources import data_folders

ROOT = Path(__file__).parents[2]


@pytest.fixture
def no_home(monkeypatch):
    """As in a container whose user has neither HOME nor an entry in the table of users."""
    import pwd

    def nobody(_):
        raise KeyError("uid not found")

    for name in ("HOME", "XDG_CACHE_HOME", "CONVAE_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    with pytest.raises(RuntimeError):
        Path.home()


def test_without_a_home_convae_data_is_enough(no_home, tmp_path, monkeypatch):
    monkeypatch.setenv("CONVAE_DATA", str(tmp_path))
    assert data_folders() == [tmp_path]
    with pytest.raises(DataNotFoundError, match=f"no mnist in {tmp_path}/MNIST/raw"):
        load("mnist")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert data_folders() == [tmp_path, tmp_path / "cache" / "convae"]


@pytest.mark.parametrize(
    "ask", [lambda: load("mnist"), lambda: load("mnist", download=True), lambda: download("mnist"), lambda: kodak(5)]
)
def test_without_a_home_and_without_convae_data_nothing_is_found(ask, no_home):
    """The chapters take the small digits then."""
    with pytest.raises(DataNotFoundError, match=r"no home folder: name one in XDG_CACHE_HOME, or in CONVAE_DATA"):
        ask()


@pytest.mark.parametrize("where", ["CONVAE_DATA", "XDG_CACHE_HOME"])
def test_a_name_that_is_too_long_is_answered_in_a_sentence(where, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CONVAE_DATA", raising=False)
    monkeypatch.setenv(where, str(tmp_path / ("long" * 100)))
    for ask in (lambda: load("mnist"), lambda: kodak(6)):
        with pytest.raises(OSError, match=r"longlong.* cannot be read \(File name too long\): mend that"):
            ask()


AS_ANOTHER = """
import os, sys
from convae.data import load
from convae.data.kodak import kodak
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(54321); os.setuid(54321)
for ask in (lambda: load("mnist"), lambda: kodak(1), lambda: load(f"folder:{sys.argv[1]}")):
    try:
        ask()
    except (OSError, ValueError) as error:
        print(type(error).__name__, error)
"""


@pytest.mark.parametrize("rights", [0o000, 0o444])
def test_a_folder_that_may_not_be_opened_is_answered_in_a_sentence(rights):
    """By a process of its own: root, who may run this test, opens everything."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        closed = Path(folder, "closed")
        (closed / "MNIST" / "raw").mkdir(parents=True)
        (closed / "Kodak").mkdir()
        closed.chmod(rights)
        environment = os.environ | {"CONVAE_DATA": str(closed), "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": folder}
        command = [sys.executable, "-c", AS_ANOTHER, str(closed)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        closed.chmod(0o700)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert len(said) == 3, said
    for line in said:
        assert str(closed) in line
        assert "cannot be read (Permission denied): mend that" in line or (rights and "not to be opened" in line)


@pytest.mark.parametrize("packed", [True, False])
def test_an_idx_file_never_unpacks_to_more_than_it_announces(packed, tmp_path):
    """64 MB of zeros behind a header for 100 of them, or for more than is read."""
    size = 2**26 if packed else 2**10
    for shape, said in [((10, 10), r"announces \(10, 10\) = 100 bytes and holds more"), ((2**31, 4), "1,073,741,824")]:
        path = tmp_path / ("file.gz" if packed else "file")
        with gzip.open(path, "wb", compresslevel=1) if packed else path.open("wb") as file:
            file.write(bytes([0, 0, 8, 2]) + struct.pack(">2I", *shape))
            for _ in range(0, size, 2**20):
                file.write(bytes(2**20))
        tracemalloc.start()
        with pytest.raises(ValueError, match=f"{path} .*{said}.*delete it"):
            read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 2**24
        tracemalloc.stop()


def test_a_file_larger_than_anything_here_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(idx_module, "MOST", 100)
    path = tmp_path / "file"
    path.write_bytes(bytes(101))
    with pytest.raises(ValueError, match=f"{path} has 101 bytes, more than the 100 that are read: delete it"):
        read_idx(path)


@pytest.mark.parametrize("each", [0, -1, 10**9])
def test_as_many_patches_as_a_slip_may_ask_for(each):
    with pytest.raises(ValueError, match=f"{each} patches of .*1 to 100,000"):
        patches(each=each)

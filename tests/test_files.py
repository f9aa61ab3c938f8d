"""Files appear whole or not at all."""

import os
from pathlib import Path

import pytest

from convae.files import write_whole


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_the_folder_is_made_and_the_umask_holds(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "a" / "b" / "file", b"content")
    finally:
        os.umask(before)
    assert (tmp_path / "a" / "b" / "file").read_bytes() == b"content"
    assert (tmp_path / "a" / "b" / "file").stat().st_mode & 0o777 == 0o640
    assert names(tmp_path / "a" / "b") == ["file"]


@pytest.mark.parametrize(("owner", "step"), [(os, "fdopen"), (Path, "chmod"), (Path, "replace")])
@pytest.mark.parametrize("failure", [OSError("no space left"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, owner, step, failure):
    path = tmp_path / "file"
    write_whole(path, b"old")

    def fail(*_):
        assert path.read_bytes() == b"old"
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(owner, step, fail)
        with pytest.raises(type(failure)):
            write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]

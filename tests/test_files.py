"""Files appear whole or not at all."""

import errno
import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from convae.files import check_room, is_running, reading, write_whole

WRITER = """
import os, signal, sys, time
from pathlib import Path
from convae.files import write_whole

def stop(_):
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    print("half written", flush=True)
    time.sleep(600)

os.fsync = stop
write_whole(Path(sys.argv[1]), b"half")
"""


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


@contextmanager
def writer(path, fate):
    """A process that stays, or is killed, between the content and the name."""
    with subprocess.Popen([sys.executable, "-c", WRITER, path, fate], stdout=subprocess.PIPE) as process:
        try:
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_what_a_killed_process_left_goes_with_the_next_write(tmp_path):
    with writer(tmp_path / "file.json", "killed") as process:
        assert process.wait() == -signal.SIGKILL
    (left,) = names(tmp_path)
    assert str(process.pid) in left
    assert left.endswith(".json")  # a folder's owner knows its kinds
    (tmp_path / ".convae-elsewhere-1.part").touch()  # another machine's, which may be at it
    write_whole(tmp_path / "other", b"content")
    assert sorted(names(tmp_path)) == [".convae-elsewhere-1.part", "other"]


def test_what_a_living_process_writes_is_left_alone(tmp_path):
    with writer(tmp_path / "file", "stays"):
        write_whole(tmp_path / "other", b"content")
        assert len(names(tmp_path)) == 2
    write_whole(tmp_path / "other", b"content")
    assert names(tmp_path) == ["other"]


def test_a_process_runs_until_it_has_ended():
    with subprocess.Popen(["sleep", "600"]) as process:
        assert is_running(process.pid)
        process.kill()
    assert not is_running(process.pid)
    assert is_running(os.getpid())
    assert is_running(1)
    assert not is_running(10**30)


def test_the_content_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done = []

    def note(step, usual):
        def noted(*arguments):
            done.append((step, [len(path.read_bytes()) for path in tmp_path.iterdir()]))
            return usual(*arguments)

        return noted

    monkeypatch.setattr(os, "fsync", note("fsync", os.fsync))
    monkeypatch.setattr(Path, "replace", note("replace", Path.replace))
    write_whole(tmp_path / "file", b"content")
    assert done == [("fsync", [7]), ("replace", [7])]


@contextmanager
def small_disk(limit):
    """Files beyond the limit cannot be written, which is how a full disk looks."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_one_sentence_and_nothing_is_lost(tmp_path):
    path = tmp_path / "file"
    write_whole(path, b"old")
    message = r"file cannot be written \(File too large\): what stood there before is kept; make room on that disk, or"
    with small_disk(1000):
        check_room(path, 1000)
        for attempt in (lambda: check_room(path, 1001), lambda: write_whole(path, bytes(1001))):
            with pytest.raises(OSError, match=message):
                attempt()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "make room on that disk"),
        (errno.EDQUOT, "make room on that disk"),
        (errno.EACCES, "choose a folder that you may write to"),
        (errno.EROFS, "choose a folder that you may write to"),
        (errno.EIO, "choose another place for it"),
    ],
)
def test_each_refusal_of_the_system_has_its_remedy(tmp_path, monkeypatch, number, remedy):
    def refuse(**_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("tempfile.mkstemp", refuse)  # root may write anywhere
    with pytest.raises(OSError, match=rf"cannot be written \({os.strerror(number)}\): .*; {remedy}"):
        write_whole(tmp_path / "file", b"content")


def test_a_path_that_cannot_be_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    for path, reason in {tmp_path / "file" / "below": "File exists", tmp_path: "Is a directory"}.items():
        with pytest.raises(OSError, match=rf"{path} cannot be written \({reason}\): .* choose another place for it"):
            write_whole(path, b"content")
    with pytest.raises(OSError, match=r"too long.*choose a shorter name"):
        write_whole(tmp_path / ("n" * 300), b"content")
    write_whole(tmp_path / ("n" * 255), b"as long as a name may be")
    with (
        pytest.raises(OSError, match=rf"{tmp_path} cannot be read \(Is a directory\): it is left as it is"),
        reading(tmp_path),
    ):
        tmp_path.read_bytes()


def test_what_the_room_was_tried_with_is_gone(tmp_path):
    check_room(tmp_path / "folder" / "file", 10)
    assert names(tmp_path / "folder") == []

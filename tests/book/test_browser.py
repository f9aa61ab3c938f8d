"""How a browser for the tests is found: in which order, within which time, what is said, and what is never done."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

from book.tools import browser as step
from book.tools.chapters import ROOT


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout without a browser on a machine without one; downloads leave empty folders."""
    monkeypatch.setattr(step, "FOLDER", tmp_path / ".browser")
    monkeypatch.setattr(step, "get_playwright", lambda: (tmp_path / ".browser/playwright").mkdir() or "")
    monkeypatch.setattr(step, "get_npm", lambda: (tmp_path / ".browser/npm").mkdir() or "")
    monkeypatch.setattr(sys, "argv", ["browser"])
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("BROWSER", raising=False)
    (tmp_path / "bin").mkdir()
    return tmp_path


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def opens_only(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setattr(
        step, "trouble", lambda settings: "" if word and word in settings.get("executable_path", "own") else "no page"
    )


@pytest.mark.parametrize(
    ("opens", "tried"),
    [
        ("mine", ["BROWSER="]),
        ("bin/google-chrome", ["BROWSER=", "bin/google-chrome"]),
        ("own", ["BROWSER=", "bin/google-chrome", "Playwright's own"]),
        ("npm", ["BROWSER=", "bin/google-chrome", "Playwright's own", "npm's @sparticuz/chromium"]),
        ("", ["BROWSER=", "bin/google-chrome", "Playwright's own", "npm's @sparticuz/chromium"]),
    ],
)
def test_the_first_that_opens_a_page_is_taken(bare, monkeypatch, capsys, opens, tried) -> None:
    monkeypatch.setenv("BROWSER", str(bare / "mine"))
    program(bare / "bin/google-chrome", "exit 1")
    opens_only(monkeypatch, opens)
    assert step.main() == (not opens)
    lines = capsys.readouterr().out.splitlines()
    attempts = [line for line in lines if "trying" in line]
    assert len(attempts) == len(tried)
    for line, name in zip(attempts, tried, strict=True):
        assert line.startswith("browser: trying ")
        assert name in line
        assert line.endswith(" (at most 60 s)")
    assert len([line for line in lines if "downloading" in line]) == sum("'s " in name for name in tried)
    if opens:
        assert opens in step.found().get("executable_path", "own")
    else:
        assert lines[-1] == f"browser: {step.NONE_OPENS}"
        with pytest.raises(FileNotFoundError, match="run `make browser`"):
            step.found()


def test_none_forbids_the_download_but_not_what_is_there(bare, monkeypatch, capsys) -> None:
    monkeypatch.setenv("BROWSER", "none")
    opens_only(monkeypatch, "npm")
    assert step.main() == 1
    assert capsys.readouterr().out == f"browser: {step.FORBIDDEN}\n"
    assert not (bare / ".browser").exists()
    (bare / ".browser/npm").mkdir(parents=True)
    assert step.main() == 0
    assert "downloading" not in capsys.readouterr().out


def test_what_was_downloaded_is_not_downloaded_again(bare, monkeypatch, capsys) -> None:
    opens_only(monkeypatch, "npm")
    assert step.main() == 0
    assert capsys.readouterr().out.count("downloading") == 2
    assert step.main() == 0
    assert "downloading" not in capsys.readouterr().out


def test_a_download_that_fails_leaves_nothing_and_the_next_has_its_turn(bare, monkeypatch, capsys) -> None:
    def fails() -> str:
        (bare / ".browser/playwright/half").mkdir(parents=True)
        return "Error: no such host"

    monkeypatch.setattr(step, "get_playwright", fails)
    opens_only(monkeypatch, "npm")
    assert step.main() == 0
    assert "browser: Error: no such host\n" in capsys.readouterr().out
    assert not (bare / ".browser/playwright").exists()


def gone(pid: int) -> bool:
    for _ in range(100):
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        if not state.strip() or state.startswith("Z"):
            return True
        time.sleep(0.1)
    return False


def test_browsers_that_hang_or_end_are_passed_over(bare, monkeypatch, capsys) -> None:
    monkeypatch.setenv("PATH", f"{bare / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setattr(step, "OPENING", 3)
    monkeypatch.setattr(step, "NAMES", ("ends", "hangs"))
    program(bare / "bin/ends", "echo no display; exit 3")
    program(bare / "bin/hangs", f"echo $$ > '{bare / 'pid'}'\nexec sleep 1000")
    monkeypatch.setenv("BROWSER", str(bare / "is not there"))
    monkeypatch.setattr(step, "get_playwright", lambda: "no network")
    monkeypatch.setattr(step, "get_npm", lambda: "no network")
    assert step.main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "trying" in line] == [
        f"browser: trying BROWSER={bare / 'is not there'} (at most 3 s)",
        f"browser: trying {bare / 'bin/ends'} (at most 3 s)",
        f"browser: trying {bare / 'bin/hangs'} (at most 3 s)",
    ]
    assert len([line for line in lines if line.startswith("browser: error: ")]) == 3
    assert gone(int((bare / "pid").read_text()))


def test_a_limit_ends_the_children_too(tmp_path) -> None:
    command = ["sh", "-c", "sleep 1000 & echo $! > pid; wait"]
    assert step.within(1, command, cwd=tmp_path) == "not within 1 s"
    assert gone(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 0", ""),
        ("echo one; exit 3", "it ended with 3"),
        ("echo one; echo npm error two >&2; echo; exit 1", "npm error two"),
    ],
)
def test_one_line_says_what_went_wrong(script, reason) -> None:
    assert step.within(20, ["sh", "-c", script]) == reason


# --- npm's package ----------------------------------------------------------------------------------------------------


BINARY = b'#!/bin/sh\necho "$1|$2"\necho "$LD_LIBRARY_PATH"\necho "$FONTCONFIG_FILE"\npwd\n'


def archive(files: dict[str, bytes], mode: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as members:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            members.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def brotli(content: bytes) -> bytes:
    pack = 'process.stdin.pipe(require("zlib").createBrotliCompress()).pipe(process.stdout)'
    return subprocess.run([step.NODE, "-e", pack], input=content, capture_output=True, check=True).stdout


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> bytes:
    """A small package of npm's form, which is what the registry gives."""
    libraries = archive({"lib/libnss3.so": b"library"}, "w")
    files = {"bin/chromium.br": brotli(BINARY), "bin/al2023.tar.br": brotli(libraries), "index.js": b"code"}
    content = archive({f"package/{name}": text for name, text in files.items()}, "w:gz")

    def pack(seconds: float, command: list[str], cwd: Path) -> str:
        assert command[2:4] == ["pack", step.PACKAGE]
        assert Path(command[command.index("--cache") + 1]).is_relative_to(step.FOLDER)
        (cwd / "sparticuz.tgz").write_bytes(content)
        return ""

    monkeypatch.setattr(step, "within", pack)
    monkeypatch.setattr(step.platform, "system", lambda: "Linux")
    monkeypatch.setattr(step.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(step, "FOLDER", tmp_path / "a;b 'c")
    step.FOLDER.mkdir()
    return content


def test_the_package_is_unpacked_with_its_libraries(package, monkeypatch) -> None:
    checksum = base64.b64encode(hashlib.sha512(package).digest()).decode()
    monkeypatch.setattr(step, "INTEGRITY", f"sha512-{checksum}")
    assert step.get_npm() == ""
    assert [path.name for path in step.FOLDER.iterdir()] == ["npm"]
    assert (step.FOLDER / "npm/chromium").read_bytes() == BINARY
    assert (step.FOLDER / "npm/lib/libnss3.so").read_bytes() == b"library"
    assert 'prefix="relative">fonts<' in (step.FOLDER / "npm/fonts.conf").read_text()
    command = [step.npm_settings()["executable_path"], "--one", "a b"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines() == [
        "--one|a b",
        "lib",
        str(step.FOLDER / "npm/fonts.conf"),
        str(step.FOLDER / "npm"),
    ]


def test_another_package_than_the_pinned_one_is_refused(package) -> None:
    assert "has the checksum sha512-" in step.get_npm()
    assert list(step.FOLDER.iterdir()) == []


@pytest.mark.parametrize("machine", [("Darwin", "arm64"), ("Linux", "aarch64"), ("Windows", "AMD64")])
def test_other_machines_do_not_download_it(package, monkeypatch, machine) -> None:
    system, kind = machine
    monkeypatch.setattr(step.platform, "system", lambda: system)
    monkeypatch.setattr(step.platform, "machine", lambda: kind)
    assert system in step.get_npm()
    assert kind in step.get_npm()


def test_playwright_downloads_into_the_checkout(monkeypatch, tmp_path) -> None:
    calls: list[tuple[list[str], dict[str, Any]]] = []
    monkeypatch.setattr(step, "within", lambda seconds, command, env: calls.append((command, env)) or "")
    monkeypatch.setattr(step, "FOLDER", tmp_path)
    assert step.get_playwright() == ""
    ((command, environment),) = calls
    assert command[1:] == ["-m", "playwright", "install", "--only-shell", "chromium"]
    assert Path(environment["PLAYWRIGHT_BROWSERS_PATH"]).is_relative_to(tmp_path)


# --- tests only read --------------------------------------------------------------------------------------------------


def test_workers_of_xdist_install_nothing(tmp_path) -> None:
    """Without the step a test that wants a browser fails with the line to run."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "test_page.py").write_text(
        "from pathlib import Path\n\nimport pytest\n\nfrom book.tools import browser as step\n\n"
        "step.FOLDER = Path(__file__).parent / 'empty'\n\n"
        "@pytest.mark.parametrize('number', range(2))\ndef test_page(browser, number):\n    pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-n", "1", "-p", "conftest", "-c", ROOT / "pyproject.toml", tmp_path]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT)])}
    process = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert process.stdout.count(f"\n{step.REMEDY}\n") == 2, process.stdout
    assert "Traceback" not in process.stdout
    assert "another exception" not in process.stdout
    assert list((tmp_path / "empty").iterdir()) == []


def test_the_found_browser_is_written_whole(bare, monkeypatch) -> None:
    opens_only(monkeypatch, "npm")
    assert step.main() == 0
    assert json.loads((bare / ".browser/found.json").read_text()) == step.found() == step.npm_settings()

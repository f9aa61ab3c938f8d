"""What several test files share: a browser, and widgets on a page of their own."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright
from widget_page import widget_page

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-sync"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SECONDS = 60  # for Playwright's own browser
REMEDY = f"no browser: run `{Path(sys.executable)} -m playwright install --with-deps --only-shell chromium`"


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium: the PATH's, else one that Playwright can install, else (CI's root only) Debian's."""
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, tmp_path):
    """Shows widgets on a page of their own; whatever the page complains about fails the test."""
    contexts, complaints = [], []

    def open_page(*widgets, theme="light", link="", **context):
        contexts.append(browser.new_context(**{"viewport": {"width": 900, "height": 900}} | context))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
        path = tmp_path / "widgets.html"
        path.write_text(widget_page(*widgets, theme=theme), "utf-8")
        page.goto(path.as_uri() + link)
        expect(page.locator(".convae")).to_have_count(len(widgets))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def launch(chromium):
    if path := on_path():
        return chromium.launch(executable_path=path, args=ARGUMENTS)
    with suppress(Exception):  # installed already, perhaps
        return chromium.launch(args=ARGUMENTS)
    run([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"], SECONDS)
    with suppress(Exception):  # not downloaded, or without the system's libraries
        return chromium.launch(args=ARGUMENTS)
    if os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get"):
        run(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "update"], 120)
        run(["apt-get", "-qy", "-o", "DPkg::Lock::Timeout=300", "install", "--no-install-recommends", "chromium"], 600)
        if path := on_path():
            return chromium.launch(executable_path=path, args=ARGUMENTS)
    pytest.fail(REMEDY, pytrace=False)


def on_path():
    return next(filter(None, map(shutil.which, NAMES)), None)


def run(command, seconds):
    """Runs a command that may fail; its children end with it (Playwright downloads in one)."""
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

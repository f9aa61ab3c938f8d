"""A widget in JupyterLab, with a kernel behind it: what is changed on the page arrives in Python, and the reverse."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
import torch
from playwright.sync_api import expect

from convae.widgets import Convolution

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

SECONDS = 60
CELLS = [
    "from convae.widgets import Convolution\n\nwidget = Convolution()\nwidget",
    'widget.stride = 2\nprint("padding:", widget.padding)',
]
# No news, no look for updates, no list of extensions: JupyterLab would ask other hosts for them.
SETTINGS = {"fetchNews": "false", "checkForUpdates": False}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What a JupyterLab with an empty home says of itself: url, token; its notebooks lie in tmp_path/notebooks."""
    settings = tmp_path / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(SETTINGS))
    (tmp_path / "notebooks").mkdir()
    names = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    names |= {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython"}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    command += [f"--ServerApp.root_dir={tmp_path / 'notebooks'}", "--LabApp.extension_manager=readonly"]
    environment = os.environ | {name: str(tmp_path / folder) for name, folder in names.items()}
    environment |= {"JUPYTER_PREFER_ENV_PATH": "1", "OMP_NUM_THREADS": "1"}
    log = tmp_path / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
    try:
        yield said(server, tmp_path / "runtime", log)
    finally:
        server.terminate()  # it ends its kernels then, which are no children of the group
        with suppress(subprocess.TimeoutExpired):
            server.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def said(server: subprocess.Popen[bytes], runtime: Path, log: Path) -> dict[str, Any]:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and server.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            with suppress(json.JSONDecodeError):  # not written to its end yet
                return json.loads(path.read_text())
        time.sleep(0.1)
    raise AssertionError(log.read_text()[-3000:])


def test_widget_talks_to_its_kernel(browser: Browser, lab: dict[str, Any], tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "notebooks/widget.ipynb")
    page, strangers = browser.new_page(), []
    page.set_default_timeout(1000 * SECONDS)
    expect.set_options(timeout=1000 * SECONDS)
    page.on(
        "request",
        lambda one: one.url.startswith((lab["url"], "data:", "blob:")) or strangers.append(one.url),
    )
    try:
        page.goto(f"{lab['url']}lab/tree/widget.ipynb?token={lab['token']}")
        cells = page.locator(".jp-Notebook .jp-CodeCell")
        expect(cells).to_have_count(2)
        expect(page.get_by_text(re.compile(r"\| Idle$"))).to_be_visible()  # what is run before is lost
        cells.first.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        widget, section = Convolution(), page.locator(".convae")
        assert_output(section, widget)

        section.get_by_role("spinbutton", name="Padding", exact=True).fill("1")
        widget.padding = 1
        assert_output(section, widget)
        cells.nth(1).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        expect(cells.nth(1).locator(".jp-OutputArea-output")).to_have_text(re.compile(r"^padding: \[1, 1\]\s*$"))
        widget.stride = 2
        expect(section.get_by_role("spinbutton", name="Stride", exact=True)).to_have_value("2")
        assert_output(section, widget)
    finally:
        expect.set_options(timeout=20_000)  # as conftest.py has it
        page.close()
    assert strangers == []


def assert_output(section: Any, widget: Convolution) -> None:
    """The page shows what PyTorch computes; the numbers are whole."""
    output = widget.output()
    found = section.locator("[role=grid][aria-label^=Output]")
    expect(found.get_by_role("gridcell")).to_have_count(output.numel())
    texts = found.get_by_role("gridcell").locator("> span").all_text_contents()
    shown = torch.tensor([float(text.replace("−", "-")) for text in texts], dtype=torch.float64)
    assert torch.equal(shown, output.flatten())

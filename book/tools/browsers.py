"""`make browsers`: every built page in other engines than the tests' one: Firefox's and WebKit's (Safari's), if here.

Not part of `make test`, and nothing is installed. A copy of the book lies in a temporary folder; each page of it has a
script (probe.js) that presses each button, moves each slider and tells a server on this machine what went wrong. So any
browser will do that opens an address: `make browsers BROWSERS="open -a Safari"` takes the one that this command starts.
"""

from __future__ import annotations

import json
import os
import queue
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from book.tools.chapters import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HTML = ROOT / "_build/html"
WIDTHS = (1200, 375)
PATIENCE = 120  # seconds a page
PROBE = Path(__file__).with_name("probe.js").read_text(encoding="utf-8")
# One page behind the other, in a frame of each width; one that says nothing is left behind.
RUNNER = """<!doctype html><meta charset="utf-8"><title>convae: all pages</title><p id="where"></p><div id="room"></div>
<script>
  const visits = {visits};
  const tell = (what) => fetch("{server}", { method: "POST", mode: "no-cors", body: JSON.stringify(what) });
  const next = () => {
    const [page, width] = visits.shift() ?? [];
    room.replaceChildren();
    clearTimeout(window.limit);
    where.textContent = page ?? "done: this window can be closed";
    if (!page) return void tell("done");
    room.append(Object.assign(document.createElement("iframe"), { src: page, width, height: 900 }));
    window.limit = setTimeout(() => {
      tell({ page, width, agent: navigator.userAgent, troubles: ["silent: nothing within {patience} ms"], tried: {} });
      next();
    }, {patience});
  };
  addEventListener("message", ({ data }) => data === "done" && next());
  next();
</script>
"""
MISSING = """no browser to try: install Firefox (firefox or firefox-esr) or WebKit's MiniBrowser (Debian: xvfb and
webkit2gtk-driver), or name the command of another: make browsers BROWSERS="open -a Safari"
"""


def prepare(html: Path, folder: Path, server: str) -> Path:
    """Copies a built book with the probe in each page; gives the page that leads through all of them."""
    shutil.copytree(html, folder, dirs_exist_ok=True)
    visits = []
    for path in sorted(folder.rglob("*.html")):
        name = path.relative_to(folder).as_posix()
        if "_static" in path.parts or name == "index.html":  # this leads to the first page
            continue
        script = PROBE.replace("{server}", server).replace("{page}", name)
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("<head>", f"<head><script>{script}</script>", 1), encoding="utf-8")
        visits += [[name, width] for width in WIDTHS]
    runner = folder / "all-pages.html"
    wanted = {"visits": json.dumps(visits), "server": server, "patience": str(1000 * PATIENCE)}
    text = RUNNER
    for name, value in wanted.items():
        text = text.replace(f"{{{name}}}", value)
    runner.write_text(text, encoding="utf-8")
    return runner


@contextmanager
def listening() -> Iterator[tuple[str, queue.Queue[Any]]]:
    """The address of a server on this machine, and what is told there."""
    told: queue.Queue[Any] = queue.Queue()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", told
        server.shutdown()


def reports(html: Path, start: Callable[[str], Any]) -> Iterator[dict[str, Any]]:
    """What a browser, which `start` opens at an address, tells of each page and width.

    Raises:
        TimeoutError: nothing was told for twice the patience.
    """
    with tempfile.TemporaryDirectory() as name, listening() as (server, told):
        start(prepare(html, Path(name), server).as_uri())
        while True:
            try:
                report = told.get(timeout=2 * PATIENCE)
            except queue.Empty:
                raise TimeoutError(f"nothing was told within {2 * PATIENCE} s: does this browser open pages?") from None
            if report == "done":
                return
            yield report


def engines(wanted: str = "") -> dict[str, list[str]]:
    """The command of each browser that is there, to which an address is added."""
    if wanted:
        return {wanted: shlex.split(wanted)}
    found = {}
    for name in ("firefox", "firefox-esr"):
        if path := shutil.which(name):
            found["Firefox"] = [path, "--headless", "--no-remote", "--new-instance", "--window-size", "1300,950"]
            break
    shown = [] if os.environ.get("DISPLAY") else ["xvfb-run", "-a"]
    for mini in sorted(Path("/usr").glob("lib*/**/webkit2gtk-4.*/MiniBrowser")):
        if not shown or shutil.which(shown[0]):
            found["WebKit"] = [*shown, str(mini), "--geometry=1300x950"]
    return found


def main() -> int:
    if not (HTML / "index.html").is_file():
        print("the book is not built: run make book")
        return 1
    found = engines(os.environ.get("BROWSERS", ""))
    if not found:
        print(MISSING)
        return 1
    worst = 0
    for name, command in found.items():
        with tempfile.TemporaryDirectory() as profile:
            if name == "Firefox":
                command = [*command, "--profile", profile]
            running: list[subprocess.Popen[bytes]] = []

            def start(address: str, command: list[str] = command, running: list[Any] = running) -> None:
                quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
                running.append(subprocess.Popen([*command, address], start_new_session=True, **quiet))

            try:
                worst |= tell(name, reports(HTML, start))
            finally:
                for process in running:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, 15)
                    process.wait()
    return worst


def tell(name: str, found: Iterator[dict[str, Any]]) -> int:
    """Prints what went wrong; 1 where anything did."""
    pages, troubled, tried = set(), 0, dict.fromkeys(("widgets", "buttons", "sliders"), 0)
    try:
        for report in found:
            if not pages:
                print(f"== {name}: {report['agent']}", flush=True)
            pages.add(report["page"])
            for kind in tried:
                tried[kind] += report["tried"].get(kind, 0)
            for trouble in report["troubles"]:
                troubled += 1
                print(f"{report['page']} at {report['width']} px: {trouble}", flush=True)
    except TimeoutError as error:
        troubled += 1
        print(error)
    counted = ", ".join(f"{count:,} {kind}" for kind, count in tried.items())
    print(f"{name}: {len(pages)} pages at {len(WIDTHS)} widths, {counted}; {troubled or 'no'} troubles", flush=True)
    return int(bool(troubled))


if __name__ == "__main__":
    sys.exit(main())

"""What each chapter costs, alone in a fresh kernel (limits: 60 s and 1,500 MB each, 15 s on average).

Writes runs/chapters.json, from which the chapters say what they cost: python -m benchmarks.chapters [two-layer] ...
"""

import json
import os
import platform
import re
import sys
import time
from pathlib import Path

import jupytext
from nbclient import NotebookClient

from book.tools.chapters import ROOT, chapters, kernel_environment
from convae.files import write_whole
from convae.names import lookup
from convae.teaching.tables import Table

COSTS = ROOT / "runs/chapters.json"


def cost(chapter: Path) -> dict[str, float]:
    """Seconds from starting the kernel to the end of the last cell, and the kernel's largest resident memory in MB.

    Raises:
        CellExecutionError: a cell fails.
        OSError: not on Linux, whose /proc knows the peak.
    """
    notebook = jupytext.read(chapter)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(chapter.parent)}})
    began = time.perf_counter()
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        seconds = time.perf_counter() - began
        status = Path(f"/proc/{client.km.provisioner.pid}/status").read_text()
    peak = int(re.search(r"VmHWM:\s*(\d+) kB", status)[1])
    return {"seconds": round(seconds, 1), "megabytes": round(peak * 1024 / 1e6)}


def machine() -> str:
    """Its cores and, where the system says so, their make."""
    cpuinfo = Path("/proc/cpuinfo")
    make = re.search(r"model name\s*: (.*)", cpuinfo.read_text() if cpuinfo.is_file() else "")
    return f"{os.cpu_count()} cores ({make[1] if make else platform.machine()})"


def measure(*names: str) -> Table:
    """Of all chapters, or of those named; the others keep what was measured before."""
    os.environ.update(kernel_environment())
    known = {chapter.stem: chapter for chapter in chapters()}
    before = json.loads(COSTS.read_text(encoding="utf-8")) if COSTS.is_file() else {}
    costs = {name: before[name] for name in known if name in before}
    for name in names:
        lookup(known, name, "chapter")
    if os.getloadavg()[0] > 1:
        print("this machine is busy: the chapters would say that they cost more than they do", file=sys.stderr)
    for name in names or known:
        costs[name] = cost(known[name]) | {"machine": machine()}
        ordered = {name: costs[name] for name in known if name in costs}
        write_whole(COSTS, (json.dumps(ordered, indent=1, ensure_ascii=False) + "\n").encode())
    rows = [[name, f"{each['seconds']:.1f} s", f"{each['megabytes']:,} MB"] for name, each in ordered.items()]
    mean = sum(each["seconds"] for each in costs.values()) / len(costs)
    most = max(each["megabytes"] for each in costs.values())
    return Table(["chapter", "time", "peak memory"], [*rows, ["average, most", f"{mean:.1f} s", f"{most:,} MB"]])


if __name__ == "__main__":
    print(measure(*sys.argv[1:]))

"""A step of the 2,481-parameter net in a page beside PyTorch's (limits: half of it with SIMD, 2.5 times with loops).

One core, a batch of 64, forward, backward and Adam: Node, and a worker of a page that is a file, in turns with PyTorch.
Writes runs/training.json, from which *How this book is tested* says it.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn.functional import mse_loss

from benchmarks.chapters import machine
from book.tools.browser import NODE, found, opened
from book.tools.chapters import ROOT
from convae.data import load
from convae.files import write_whole
from convae.models import robledo_two_layer
from convae.teaching.tables import Table
from convae.widgets.kit import squeeze
from convae.widgets.nets import described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

BATCH, WARM = 64, 150
SPREAD = (0.05, 0.5, 0.95)  # quantiles of a ratio that are kept
KEPT = ROOT / "runs/training.json"
PAIRS = ("SIMD", "plain loops")
SCRIPTS = ("engine.js", "product_bytes.js", "products.js", "learning.js")
PAGE = """
const { layers, tensors, pictures } = GIVEN, set = Float32Array.from(pictures, (level) => level / 255);
const learners = Object.fromEntries([simdProducts(), plainProducts()].map((pair) => {
  const optimizer = { name: "adam", rate: 0.001, weightDecay: 0.00001 };
  const net = learner({ layers, tensors, shape: [1, 28, 28], batch: BATCH, optimizer, pair });
  const own = net.arrange(set), chosen = new Int32Array(BATCH);
  let at = 0;
  return [pair.name, () => {
    for (let n = 0; n < BATCH; n++) chosen[n] = at++ % own.count;
    return net.step(own, chosen);
  }];
}));
const timed = ({ name, steps }) => {
  const began = performance.now(), step = learners[name];
  let loss;
  for (let k = 0; k < steps; k++) loss = step();
  return [(performance.now() - began) / steps, loss];
};
"""
IN_NODE = """
const { createInterface } = await import("node:readline");
const lines = createInterface({ input: process.stdin });
for await (const line of lines) console.log(JSON.stringify(timed(JSON.parse(line))));
"""
IN_WORKER = "self.onmessage = ({ data }) => self.postMessage(timed(data));"
ASK = """(job) => new Promise((done, failed) => {
  worker.onmessage = ({ data }) => done(data);
  worker.onerror = ({ message }) => failed(Error(message));
  worker.postMessage(job);
})"""
Steps = dict[
    str, "Callable[[int], tuple[float, float]]"
]  # by name: so many steps, milliseconds of one and the last loss


def scripts() -> str:
    """What trains, as one script."""
    joined = "".join(map(squeeze, SCRIPTS))
    return re.sub(r"^import .*\n", "", re.sub(r"^export ", "", joined, flags=re.MULTILINE), flags=re.MULTILINE)


def page(net: torch.nn.Module, images: torch.Tensor) -> str:
    layers, tensors = described(net, (1, 28, 28))
    weights = {name: {"shape": list(value.shape), "data": value.flatten().tolist()} for name, value in tensors.items()}
    given = json.dumps({"layers": layers, "tensors": weights, "pictures": images.flatten().tolist()})
    return scripts() + PAGE.replace("GIVEN", given).replace("BATCH", str(BATCH))


@contextmanager
def node(script: str) -> Iterator[Steps]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "training.mjs")
        path.write_text(script + IN_NODE)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen([NODE, str(path)], **pipes) as process:

            def ask(name: str, steps: int) -> tuple[float, float]:
                print(json.dumps({"name": name, "steps": steps}), file=process.stdin, flush=True)
                milliseconds, loss = json.loads(process.stdout.readline())
                return milliseconds, loss

            yield {f"Node, {name}": partial(ask, name) for name in PAIRS}


@contextmanager
def worker(script: str, browser: Browser) -> Iterator[Steps]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "training.html")
        code = json.dumps(script + IN_WORKER).replace("</", "<\\/")
        path.write_text(f"<script>const worker = new Worker(URL.createObjectURL(new Blob([{code}])));</script>")
        tab = browser.new_page()
        tab.goto(path.as_uri())

        def ask(name: str, steps: int) -> tuple[float, float]:
            milliseconds, loss = tab.evaluate(ASK, {"name": name, "steps": steps})
            return milliseconds, loss

        yield {f"worker of Chromium, {name}": partial(ask, name) for name in PAIRS}
        tab.close()


def eager(net: torch.nn.Module, pixels: torch.Tensor) -> Callable[[int], tuple[float, float]]:
    """PyTorch's own step, on pictures that lie ready."""
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001, weight_decay=0.00001)
    starts = itertools.cycle(range(0, len(pixels) - BATCH + 1, BATCH))

    def run(steps: int) -> tuple[float, float]:
        began = time.perf_counter()
        for start in itertools.islice(starts, steps):
            images = pixels[start : start + BATCH]
            loss = mse_loss(net(images), images)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return 1000 * (time.perf_counter() - began) / steps, loss.item()

    return run


def turns_taken(browser: Browser, turns: int = 60, steps: int = 20) -> dict[str, list[float]]:
    """Milliseconds of a step, by who takes it, of each turn; in a turn they follow each other.

    Raises:
        RuntimeError: what is compared does not train the same net.
    """
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, images = robledo_two_layer(), load("mnist-sample").train.images[: 20 * BATCH]
    net = torch.nn.Sequential(model.encoder, model.decoder)
    script = page(net, images)
    with ExitStack() as stack:
        ways = {"PyTorch": eager(net, images.float() / 255)}
        ways |= stack.enter_context(node(script))
        ways |= stack.enter_context(worker(script, browser))
        losses = [run(WARM)[1] for run in ways.values()]
        if max(losses) > 1.001 * min(losses):
            raise RuntimeError(f"the losses after {WARM} steps are {losses}: these are different nets")
        times = [{name: run(steps)[0] for name, run in ways.items()} for _ in range(turns)]
    return {name: [turn[name] for turn in times] for name in ways}


def record(times: dict[str, list[float]]) -> dict[str, Any]:
    """What is kept: where and when, the median of a step, and that of its ratio to PyTorch's in the same turn.

    Nine turns of ten lie from `low` to `high`.
    """
    found = {}
    for name, own in times.items():
        ratios = np.quantile([mine / torchs for mine, torchs in zip(own, times["PyTorch"], strict=True)], SPREAD)
        low, middle, high = (float(f"{ratio:.3g}") for ratio in ratios)
        taken = {"milliseconds": float(f"{median(own):.3g}"), "least": float(f"{min(own):.3g}")}
        found[name] = taken | {"ratio": middle, "low": low, "high": high}
    return {
        "machine": machine(),
        "load": round(os.getloadavg()[0], 1),  # of the machine by all that ran on it: its cores would be full
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "torch": torch.__version__,
        "turns": len(times["PyTorch"]),
        "steps": found,
    }


def measured(browser: Browser, turns: int = 60, steps: int = 20) -> tuple[Table, dict[str, Any]]:
    """The table, in which the least of all turns is what a step takes where nobody disturbs, and what is kept of it."""
    times = turns_taken(browser, turns, steps)
    kept, rows = record(times), []
    for name, own in times.items():
        least = min(own) / min(times["PyTorch"])
        ratio = f"{kept['steps'][name]['ratio']:.2f}"
        rows.append([name, f"{min(own):.2f} ms", f"{median(own):.2f} ms", f"{least:.2f}", ratio])
    header = [f"{turns} turns of {steps} steps", "least", "median", "least of PyTorch's least", "median of the ratios"]
    return Table(header, rows), kept


def measure() -> Table:
    """In the browser that `make browser` found.

    Raises:
        FileNotFoundError: it has found none yet.
    """
    with opened(found()) as browser:
        table, kept = measured(browser)
    write_whole(KEPT, (json.dumps(kept, indent=1) + "\n").encode())
    return table


if __name__ == "__main__":
    print(measure())

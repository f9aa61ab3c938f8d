"""What `import convae` costs beside `import torch` (limit: 0.2 s more)."""

import subprocess
import sys
from statistics import median

from convae.teaching.tables import Table

SCRIPT = """
import time
began = time.perf_counter(), time.process_time()
import {}
print(time.perf_counter() - began[0], time.process_time() - began[1])
"""


def seconds(module: str) -> tuple[float, float]:
    """Of one import in a fresh interpreter, by the clock and by the processor."""
    process = subprocess.run([sys.executable, "-c", SCRIPT.format(module)], check=True, capture_output=True, text=True)
    clock, processor = map(float, process.stdout.split())
    return clock, processor


def measure(repeats: int = 9) -> Table:
    seconds("convae")  # the first one reads the files from the disk
    pairs = [(seconds("torch"), seconds("convae")) for _ in range(repeats)]
    rows = []
    for index, kind in enumerate(("clock", "processor")):
        columns = {
            "import torch": [torch[index] for torch, _ in pairs],
            "import convae": [convae[index] for _, convae in pairs],
            "difference": [convae[index] - torch[index] for torch, convae in pairs],
        }
        rows += [
            [f"{name}, {kind}", *(f"{pick(values):.2f} s" for pick in (median, min, max))]
            for name, values in columns.items()
        ]
    return Table([f"{repeats} pairs", "median", "least", "most"], rows)


if __name__ == "__main__":
    print(measure())

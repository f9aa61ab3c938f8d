"""Measurements of what is limited in seconds and bytes: `python -m benchmarks`, or one, `python -m benchmarks.epoch`.

Each module here has a `measure()` that returns a table. What is compared is measured in turns in one run, so that a
busy machine slows both; processor time stands beside the clock's, because others cannot use it up. Limits are printed
with what came out, and no test asserts them.
"""

import os

# As in make and in every kernel of the book: more threads than cores to spare measure the others' work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

"""What the scripts that judge answers in the page say, run in Node."""

import json
import subprocess
import tempfile
from pathlib import Path

from book.tools.browser import NODE

STATIC = Path(__file__).parents[2] / "book/static"


def in_page(cases):
    """A list of [function, …arguments] to what each gives: see expression_cases.mjs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
        script = Path(__file__).with_name("expression_cases.mjs")
        command = [NODE, str(script), str(STATIC), str(folder / "cases.json"), str(folder / "answers.json")]
        subprocess.run(command, check=True, timeout=120)
        return json.loads((folder / "answers.json").read_text(encoding="utf-8"))

"""How the built pages are looked at. Each is opened once a view, for all tests that only read what it shows."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from book.tools.chapters import ROOT

HTML = ROOT / "_build/html"
MOVED = ROOT / "book/moved"  # what only leads on to other pages
LEADING_ON = {path.relative_to(MOVED).as_posix() for path in MOVED.rglob("*.html")}
BUILT = sorted(
    {path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html") if "_static" not in path.parts} - LEADING_ON
)
ROOMS = [name for name in BUILT if name.startswith("book/api/")]
# The pages of the package are made alike: one of them is looked at as every page is, the others once.
EACH = [name for name in BUILT if name not in ROOMS] + ROOMS[:1]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
FORM = [f"{name}.html" for name in CONFIG["sphinx"]["config"]["html_context"]["form"]]

# Over http and from the file, light and dark, each wide and narrow once.
VIEWS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"theme": "dark"},
    "file, 320 px": {"scheme": "file", "width": 320},
    "file, dark, 375 px": {"scheme": "file", "theme": "dark", "width": 375},
}


def seen(pages: list[str], *views: str) -> pytest.MarkDecorator:
    """The test gets each of these pages in each of these views; pytest lets those of one view follow each other."""
    cases = [(name, view) for name in pages or ["no page"] for view in views]
    return pytest.mark.parametrize("view", cases, indirect=True, ids=map(", ".join, cases))

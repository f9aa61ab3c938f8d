"""What the book asks of Sphinx beyond its configuration."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from jupyter_cache.cache import main
from jupyter_cache.cache.db import create_db
from jupyter_cache.cache.main import JupyterCacheBase

PLACEHOLDER = "github.com/ORG/"
# A chapter's outputs depend on these as well as on its cells.
INPUTS = ("convae", "runs", "pyproject.toml", "requirements.lock")


def cache_folder(root: Path) -> Path:
    """Where executed chapters are kept: another folder for every state of package, runs, lock and data sets."""
    from convae.data.sources import SOURCES, DataNotFoundError, find

    digest = hashlib.sha256()
    for name in INPUTS:
        path = root / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith("."):
                digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    for name in SOURCES:
        try:
            find(name)
        except DataNotFoundError:
            continue
        digest.update(b"\0data " + name.encode())
    return root / "_build" / ".jupyter_cache" / digest.hexdigest()[:16]


class Cache(JupyterCacheBase):
    """jupyter-cache puts its database's path into an address, where % and ? mean something else: a short path has none.

    It is relative to the folder that the process is in, which is the book's.
    """

    @property
    def db(self) -> Any:
        if self._db is None:
            self._db = create_db(os.path.relpath(self.path))
        return self._db


main.JupyterCacheBase = Cache  # the one that get_cache() gives, also to myst-nb


def _choose_cache(app: Any, config: Any) -> None:
    config.nb_execution_cache_path = str(cache_folder(Path(app.srcdir)))


def _hide_buttons(app: Any, config: Any) -> None:
    """A button that leads to a placeholder is worse than none."""
    options = config.html_theme_options
    if PLACEHOLDER in options.get("repository_url", ""):
        options["launch_buttons"] = {}
        options["use_repository_button"] = False


def _choose_icon(app: Any, config: Any) -> None:
    """Without an icon of its own a browser asks for /favicon.ico, which is not there."""
    config.html_favicon = "book/static/favicon.svg"


def _mend_markup(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """sphinx-exercise writes one id twice on a page, docutils a role that is deprecated."""
    body = re.sub(' id="(exercise|solution)-content"', "", context.get("body", ""))
    context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')


def _drop_thebe(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Jupyter Book loads sphinx-thebe on every page, which names another host and declares one constant twice."""

    def is_thebe(script: Any) -> bool:
        body = getattr(script, "attributes", {}).get("body") or ""
        return "thebe" in f"{getattr(script, 'filename', script)} {body}".lower()

    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context[kind] if not is_thebe(file)]


def setup(app: Any) -> dict[str, Any]:
    app.connect("config-inited", _choose_cache)
    app.connect("config-inited", _choose_icon)
    app.connect("config-inited", _hide_buttons, priority=900)
    app.connect("html-page-context", _mend_markup)
    app.connect("html-page-context", _drop_thebe, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

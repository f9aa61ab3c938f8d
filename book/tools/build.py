"""`make book`: run the chapters that need it two at a time, build, say what to open."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

from book.tools.chapters import ROOT, chapters, kernel_environment

TIMEOUT = 300  # seconds a cell; the page's own limit is in _config.yml


def fill_cache(folder: Path) -> list[str]:
    """Runs the chapters that the cache does not hold yet, one a core at a time; returns the failed ones."""
    from jupyter_cache import get_cache
    from jupyter_cache.executors import load_executor

    cache = get_cache(folder)
    uris = [str(chapter) for chapter in chapters()]
    for record in cache.list_project_records():
        cache.remove_nb_from_project(record.pk)
    for uri in uris:
        cache.add_nb_to_project(uri, read_data={"type": "plugin", "name": "myst_nb_md"})
    logger = logging.getLogger("chapters")
    result = load_executor("local-parallel", cache, logger=logger).run_and_cache(timeout=TIMEOUT)
    return [*result.excepted, *result.errored]


def main() -> int:
    os.environ |= kernel_environment()
    sys.path.insert(0, str(ROOT / "book/extension"))
    from convae_book import cache_folder

    folder = cache_folder(ROOT)
    for old in folder.parent.glob("*"):
        if old.name != folder.name:
            shutil.rmtree(old)
    # A chapter that fails here is run again by the build, which then shows where and stops.
    if failed := fill_cache(folder):
        print("failed:", *failed, file=sys.stderr)
    # --all: a failed build that is repeated without it would pass.
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "-W", "-n", "--keep-going", "--all"]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status == 0:
        # The page that leads from index.html to the first chapter names no icon, and browsers then ask for this one.
        shutil.copyfile(ROOT / "book/static/favicon.svg", ROOT / "_build/html/favicon.ico")
        print(f"\nThe book is built. Open {ROOT / '_build/html/index.html'}, or run: make serve")
    return status


if __name__ == "__main__":
    sys.exit(main())

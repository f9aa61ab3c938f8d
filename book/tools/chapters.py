"""Which pages the book has, and what surrounds their execution."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
HEADER = "format_name: myst"


def pages() -> list[Path]:
    """Every page of the table of contents, in its order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    below = [[chapter, *chapter.get("sections", [])] for chapter in chapters]
    return [ROOT / f"{file}.md" for file in (toc["root"], *(page["file"] for group in below for page in group))]


def files(pattern: str) -> list[Path]:
    """What lies below book/ under such a name, but not in hidden folders: JupyterLab keeps copies in those."""
    found = sorted((ROOT / "book").rglob(pattern))
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)]


def chapters() -> list[Path]:
    """Those pages that have code.

    Raises:
        ValueError: a page with code lacks the header that makes it a notebook; the message shows the header.
    """
    found = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if "```{code-cell}" not in text:
            continue
        if not text.startswith("---\n") or HEADER not in text.split("---", 2)[1]:
            raise ValueError(
                f"{page.name} has code cells but no notebook header, so that nobody would run it. Begin it with:\n"
                + chapters_header()
            )
        found.append(page)
    return found


def chapters_header() -> str:
    """The front matter with which every chapter begins."""
    return (
        "---\njupytext:\n  formats: md:myst\n"
        "  text_representation: {extension: .md, format_name: myst, format_version: 0.13}\n"
        "kernelspec: {display_name: Python 3, language: python, name: python3}\n---\n"
    )


def repository() -> str:
    """The repository's address, which stands in _config.yml and nowhere else by hand."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    address: str = config["repository"]["url"]
    return address


def setup_cell() -> str:
    """The first code cell of every chapter: it makes Colab ready and does nothing elsewhere."""
    return f"""import sys

if "google.colab" in sys.modules:  # fetch the book and its package; Colab's own torch stays
    !git clone --quiet --depth 1 {repository()} /content/convae
    %pip install --quiet "/content/convae[chapters]"
    %cd -q /content/convae/book
    from google.colab import output

    output.enable_custom_widget_manager()"""


def kernel_environment() -> dict[str, str]:
    """The variables for a process whose kernels run chapters: one thread each, and no way out of this machine."""
    path = os.pathsep.join(filter(None, [str(ROOT / "book/tools/offline"), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}

"""The buttons that open a chapter in Colab and Binder: where they lead is there, and a placeholder has none."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from book.tools.chapters import ROOT, chapters, repository


def buttons(html):
    return re.findall(r'href="(https://(?:colab\.research|mybinder)[^"]*)"', html.read_text(encoding="utf-8"))


def test_no_button_leads_to_a_placeholder():
    for page in chapters():
        html = ROOT / "_build/html" / page.relative_to(ROOT).with_suffix(".html")
        assert bool(buttons(html)) == ("/ORG/" not in repository()), page.name


def test_buttons_lead_to_what_is_in_the_tree(tmp_path):
    """Two chapters, not executed, from a repository with a real address."""
    shown = chapters()[:2]
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["repository"]["url"] = "https://github.com/someone/some-course"
    config["execute"] = {"execute_notebooks": "off"}
    (tmp_path / "_config.yml").write_text(yaml.dump(config))
    files = [page.relative_to(ROOT).with_suffix("").as_posix() for page in shown]
    contents = {"format": "jb-book", "root": files[0], "chapters": [{"file": files[1]}]}
    (tmp_path / "_toc.yml").write_text(yaml.dump(contents))
    shutil.copytree(ROOT / "book", tmp_path / "book", ignore=shutil.ignore_patterns("__pycache__"))
    command = [Path(sys.executable).with_name("jupyter-book"), "build", tmp_path, "--quiet"]
    subprocess.run(command, check=True, capture_output=True)
    for file in files:
        found = buttons(tmp_path / "_build/html" / f"{file}.html")
        address = "someone/some-course"
        assert found == [
            f"https://mybinder.org/v2/gh/{address}/main?urlpath=lab/tree/{file}.ipynb",
            f"https://colab.research.google.com/github/{address}/blob/main/{file}.ipynb",
        ]
        assert (ROOT / f"{file}.ipynb").is_file()

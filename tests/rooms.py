"""What there is in a room of the package, listed or not, so that a test finds what was forgotten."""

import importlib
import inspect
import pkgutil


def modules(room):
    """The modules of a package, by their names in it."""
    names = [found.name for found in pkgutil.iter_modules(room.__path__)]
    return {name: importlib.import_module(f"{room.__name__}.{name}") for name in names}


def own(module):
    """Public functions and classes that a module defines itself, by name."""
    made = inspect.getmembers(module, lambda value: inspect.isfunction(value) or inspect.isclass(value))
    return {name: value for name, value in made if name[0] != "_" and value.__module__ == module.__name__}


def concrete(module, base):
    """Classes of a module that are of a kind and can have instances."""
    classes = {value for value in own(module).values() if inspect.isclass(value) and issubclass(value, base)}
    return {kind for kind in classes - {base} if not inspect.isabstract(kind)}

"""Prints the tables of all benchmarks, or of those named: python -m benchmarks [imports] [epoch] ..."""

import importlib
import pkgutil
import sys

import benchmarks
from convae.names import lookup


def main(names: list[str]) -> int:
    modules = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__"]
    try:
        for name in names:
            lookup(dict.fromkeys(modules), name, "benchmark")
    except ValueError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    for name in names or modules:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{module.__doc__.splitlines()[0]}\n\n{module.measure()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

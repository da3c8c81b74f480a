"""python -m benchmarks [--quick] [NAME …]: the table of ratios, each row as soon as it is measured.

python -m benchmarks budgets …: what a budget of time buys here; see `benchmarks.budgets`.
python -m benchmarks gpu …: how good the convnets get on one GPU, and how fast; see `benchmarks.gpu`.
python -m benchmarks grading …: what grading a class costs; see `benchmarks.grading`.
python -m benchmarks leaderboard …: what a class costs the challenge's page; see `benchmarks.leaderboard`.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Callable

import benchmarks
from benchmarks.measure import machine
from benchmarks.table import head, line

COMMANDS = ("budgets", "gpu", "grading", "leaderboard")  # which take arguments of their own


def find(names: list[str]) -> dict[str, Callable]:
    """The `rows` function of each benchmark whose name contains one of `names`, or of all benchmarks.

    Raises `ValueError` where nothing is found.
    """
    every = sorted({module.name for module in pkgutil.iter_modules(benchmarks.__path__)} - {"__main__"})
    chosen = [module for module in every if not names or any(name in module for name in names)]
    modules = {module: importlib.import_module(f"benchmarks.{module}") for module in chosen}
    found = {module: content.rows for module, content in modules.items() if hasattr(content, "rows")}
    if not found:
        raise ValueError(
            f"NAME: expected a part of a benchmark's name, got {' or '.join(names)}; "
            f"the modules are {', '.join(every)}"
        )
    return found


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in COMMANDS:
        return importlib.import_module(f"benchmarks.{arguments[0]}.command").main(arguments[1:])
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=benchmarks.__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="only benchmarks whose module's name contains this"
    )
    parser.add_argument("--quick", action="store_true", help="small cases, one turn: shows that it runs")
    options = parser.parse_args(arguments)
    try:
        found = find(options.names)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2

    print(machine(), flush=True)
    if options.quick:
        print("Quick: shows that everything runs; the cases are too small to judge by.", flush=True)
    print(head(), flush=True)
    for name, benchmark in found.items():
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        for row in benchmark(quick=options.quick):  # each is measured when it is asked for
            print(line(row, judge=not options.quick), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

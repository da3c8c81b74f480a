"""python -m benchmarks budgets [--quick] [PART …]: its table, and one file of results a machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import benchmarks.budgets
from benchmarks.budgets.parts import PARTS
from benchmarks.grading.command import run_parts

FOLDER = Path(__file__).parents[1] / "results" / "budgets"


def main(arguments: Sequence[str]) -> int:
    return run_parts("budgets", str(benchmarks.budgets.__doc__), PARTS, FOLDER, arguments)

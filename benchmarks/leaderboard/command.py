"""python -m benchmarks leaderboard [--quick] [PART …]: its table, and one file of results a machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import benchmarks.leaderboard
from benchmarks.grading.command import run_parts
from benchmarks.leaderboard.parts import PARTS

FOLDER = Path(__file__).parents[1] / "results" / "leaderboard"


def main(arguments: Sequence[str]) -> int:
    return run_parts("leaderboard", str(benchmarks.leaderboard.__doc__), PARTS, FOLDER, arguments)

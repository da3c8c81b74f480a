"""Fair measurements: everything in turn in one run, one thread on every side, ratios within a turn."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import threadpoolctl


@dataclass(frozen=True)
class Row:
    """One line of the table: something measured several times, against a target.

    name: what is measured and against what, such as "L2 / matrix product"
    what: the case, in words: shapes, data, settings
    values: the measurements, one a turn; ratios where there is a peer
    unit: of the values; "×" for ratios
    at_most, at_least: the target of their median; at most one of both is given
    ours, peer: both sides in words, such as "23.1 s"; empty where it makes no sense

    >>> Row("L2 / matrix product", "k = 5", [1.02, 1.04, 1.2], at_most=1.15).met
    True
    """

    name: str
    what: str
    values: Sequence[float]
    unit: str = "×"
    at_most: float | None = None
    at_least: float | None = None
    ours: str = ""
    peer: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the median keeps to the target; None without a target."""
        if self.at_most is not None:
            return median(self.values) <= self.at_most
        return None if self.at_least is None else median(self.values) >= self.at_least


def interleaved(
    sides: dict[str, Callable[[], object]], *, turns: int, clock: Callable[[], float] = time.process_time
) -> dict[str, list[float]]:
    """The seconds that each side takes, turn by turn: a, b, a, b, … after one turn that doesn't count.

    clock: by default the processor time of this process, which other programs disturb less than the clock on
        the wall; with one thread both tell the same on an idle machine
    """
    seconds = {name: [] for name in sides}
    with threadpoolctl.threadpool_limits(1):
        for turn in range(turns + 1):
            for name, run in sides.items():
                start = clock()
                run()
                if turn > 0:
                    seconds[name].append(clock() - start)
    return seconds


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """over / under, turn by turn.

    >>> ratios([3.0, 4.0], [2.0, 2.0])
    [1.5, 2.0]
    """
    return [a / b for a, b in zip(over, under, strict=True)]


def machine() -> str:
    """The processor, numpy and its BLAS, in one line."""
    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    blas = sorted({f"{pool['internal_api']} ({pool.get('architecture', '?')})" for pool in pools})
    python, processor = platform.python_version(), _processor()
    return f"{processor}; Python {python}, numpy {np.__version__}, {', '.join(blas) or 'unknown BLAS'}"


def _processor() -> str:
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():  # Linux, where platform doesn't know the model
        found = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        name = found[0] if found else name
    return f"{os.cpu_count()} × {name}"

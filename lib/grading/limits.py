"""What an instructor lets a submission take, and whether a result made under other limits still counts."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from lib.assignments.cells import Notebook
from lib.checks import check_number, mismatch, shown
from lib.grading.examination.job import Allowance
from lib.grading.results import Result
from lib.grading.sandbox.room import Limits

USUAL = {"cell": Allowance.cell, "notebook": Allowance.notebook, "memory": float(Limits.memory)}
MET = ("slow", "hangs", "memory", "dead")  # flags of what came to a limit, or may have
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([MG])(?:i?B)?", re.IGNORECASE)
SMALLEST = 256 << 20  # bytes; Python and numpy take half of it


@dataclass(frozen=True)
class Allowed:
    """The limits of a run.

    cell_seconds: CPU time of one cell; 0 for the usual
    notebook_seconds: of all cells together; 0 for the usual, and at least twice that of a cell
    memory: such as "2G"; "" for the usual
    """

    cell_seconds: float = 0.0
    notebook_seconds: float = 0.0
    memory: str = ""

    def __post_init__(self) -> None:
        check_number(self.cell_seconds, name="cell-seconds", low=0)
        check_number(self.notebook_seconds, name="notebook-seconds", low=0)
        if self.allowance.notebook < self.allowance.cell:
            raise mismatch(
                "", "notebook-seconds", f"at least the {self.allowance.cell:g} of a cell",
                f"{self.notebook_seconds:g}",
            )  # fmt: skip
        bytes_of(self.memory)

    @property
    def allowance(self) -> Allowance:
        """Of the examination."""
        cell = self.cell_seconds or Allowance.cell
        return Allowance(cell, self.notebook_seconds or max(Allowance.notebook, 2 * cell))

    @property
    def limits(self) -> Limits:
        """Of the sandbox, which come after those of the examination."""
        times = max(1.0, self.allowance.notebook / Allowance.notebook)
        return Limits(
            cpu_seconds=times * Limits.cpu_seconds,
            wall_seconds=times * Limits.wall_seconds,
            memory=bytes_of(self.memory),
        )


def cell_seconds_of(release: Notebook) -> float:
    """The CPU time of a cell that an assignment asks for; 0 where it asks for none.

    release: whose metadata may have "course": {"cell_seconds": 30}

    Raises `ValueError` where that is no positive number.
    """
    said = release.metadata.get("course", {})
    seconds = said.get("cell_seconds", 0) if isinstance(said, dict) else 0
    return float(check_number(seconds, name="cell_seconds", low=0))


def bytes_of(size: str) -> int:
    """Bytes of a size as people write it; the usual ones for "".

    >>> bytes_of("2G"), bytes_of("800 MB"), bytes_of("1.5GiB")
    (2147483648, 838860800, 1610612736)
    """
    if not size:
        return Limits.memory
    found = SIZE.fullmatch(size.strip())
    count = math.floor(float(found[1]) * (1 << {"M": 20, "G": 30}[found[2].upper()])) if found else 0
    if count < SMALLEST:
        raise mismatch("", "memory", f"a size such as 2G or 800M, at least {SMALLEST >> 20}M", shown(size))
    return count


def limits_of(allowance: Allowance, limits: Limits) -> dict[str, float]:
    """What is kept with a result."""
    return {"cell": allowance.cell, "notebook": allowance.notebook, "memory": float(limits.memory)}


def limits_matter(result: Result, now: dict[str, float]) -> bool:
    """Whether a result could be another one under these limits: it came to one, or might come to one now."""
    before = {**USUAL, **result.limits}
    if before == now:
        return False
    if any(flag.kind in MET for flag in result.flags) or now["memory"] < before["memory"]:
        return True
    less = now["cell"] < before["cell"] or now["notebook"] < before["notebook"]
    return less and result.cpu_seconds > min(now["cell"], now["notebook"])

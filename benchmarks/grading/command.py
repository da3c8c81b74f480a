"""python -m benchmarks grading [--quick] [PART …]: its table, and one file of results a machine."""

from __future__ import annotations

import argparse
import json
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import benchmarks.grading
from benchmarks.gpu.command import commit
from benchmarks.grading.parts import PARTS
from benchmarks.measure import Row, machine
from benchmarks.table import head, line
from lib.bootstrap.lock import locked
from lib.files import replacing_text

FOLDER = Path(__file__).parents[1] / "results" / "grading"
SCHEMA = 1


def main(arguments: Sequence[str]) -> int:
    return run_parts("grading", str(benchmarks.grading.__doc__), PARTS, FOLDER, arguments)


def run_parts(
    name: str,
    about: str,
    parts: Mapping[str, Callable[[bool], Iterable[Row]]],
    folder: Path,
    arguments: Sequence[str],
) -> int:
    """A benchmark of several parts: prints their rows, and keeps them; returns the status of the program.

    name: as it is called
    about: what it is, for its help
    parts: the name of each → its rows, as soon as they are measured
    folder: where the files of results usually are, one a machine
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks {name}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(parts)}; default: all")
    parser.add_argument("--quick", action="store_true", help="small cases: shows that it runs")
    usual = folder.relative_to(folder.parents[2])
    parser.add_argument("--results", type=Path, metavar="FOLDER", help=f"default: {usual.as_posix()}")
    options = parser.parse_args(arguments)
    if unknown := [part for part in options.parts if part not in parts]:
        print(f"PART: expected some of {', '.join(parts)}, got {', '.join(unknown)}", file=sys.stderr)
        return 2
    place = options.results or (None if options.quick else folder)
    print(machine(), flush=True)
    if options.quick:
        print("Quick: shows that everything runs; the cases are too small to judge by.", flush=True)
    print(head(), flush=True)
    status = 0
    for part in options.parts or parts:
        print(f"measuring {part} …", file=sys.stderr, flush=True)
        try:
            for row in parts[part](options.quick):
                print(line(row, judge=not options.quick), flush=True)
                if place is not None:
                    keep(place, part, row)
        except RuntimeError as error:  # of a case; the other parts are measured all the same
            print(f"{part}: not measured: {error}", file=sys.stderr, flush=True)
            status = 1
    return status


def keep(folder: Path, part: str, row: Row) -> None:
    """Adds a row to the file of this machine, which is whole at every moment."""
    place, where = file_of_machine(folder), machine().partition(";")[0]
    entry = {
        "part": part, "row": row.name, "case": row.what, "values": [float(value) for value in row.values],
        "median": float(median(row.values)), "unit": row.unit,
        "at_most": row.at_most, "at_least": row.at_least,
        "met": row.met, "ours": row.ours, "peer": row.peer, "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}", "commit": commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    with locked(Path(tempfile.gettempdir()) / f"deep-vision-{place.stem}.lock", on_wait=lambda: None):
        content = {"schema": SCHEMA, "machine": where, "rows": [*read_rows(place), entry]}
        with replacing_text(place) as file:
            file.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def file_of_machine(folder: Path) -> Path:
    """The file of results of this machine."""
    words = re.sub(r"[^a-z0-9]+", "-", machine().partition(";")[0].lower().replace("×", "x")).strip("-")
    return folder / f"{words or 'unknown'}.json"


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, none where there is no such file; raises `ValueError` for something else."""
    if not path.exists():
        return []
    content = json.loads(path.read_text("utf-8"))
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise ValueError(
            f"{path.name}: expected results of `python -m benchmarks`, got something else; move it away"
        )
    return content["rows"]

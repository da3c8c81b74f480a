"""The files of results: JSON, one a machine, to which each run is added as soon as it is there."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lib.bootstrap.lock import locked
from lib.files import replacing_text

FOLDER = Path(__file__).parents[1] / "results"
SCHEMA = 1
FIELDS = (
    "row", "net", "recipe", "seed", "precision", "compiled", "data", "train_images", "test_images",
    "accuracy", "accuracy_mirrored", "train_accuracy", "test_looks",
    "seconds_training", "seconds_with_setup", "seconds_process", "steps", "images_per_second",
    "device", "machine", "processor", "threads", "gpu_memory_mib",
    "torch", "cuda", "python", "system", "commit", "date",
)  # fmt: skip


def file_of(machine: str, folder: Path = FOLDER) -> Path:
    """The file of a machine, by its name.

    >>> file_of("NVIDIA H200, 139 GiB").name
    'nvidia-h200-139-gib.json'
    """
    words = re.sub(r"[^a-z0-9]+", "-", machine.lower().replace("×", "x")).strip("-")
    return folder / f"{words or 'unknown'}.json"


def read(path: Path) -> list[dict[str, Any]]:
    """The runs of a file, in the order in which they were measured; none, where there is no such file.

    Raises `ValueError` where the file is something else.
    """
    if not path.exists():
        return []
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError:
        content = None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise ValueError(
            f"{path.name}: expected results of `python -m benchmarks gpu`, schema {SCHEMA}, got something "
            "else; move it out of the folder"
        )
    return content["runs"]


def append(path: Path, run: dict[str, Any]) -> None:
    """Adds a run to its machine's file, which is whole at every moment; several processes may do so at once.

    Raises `ValueError` where a field is missing or unknown, or the file is something else.
    """
    if set(run) != set(FIELDS):
        wrong = ", ".join(sorted(set(run) ^ set(FIELDS)))
        raise ValueError(f"run: expected the fields of FIELDS, got another set; they differ in {wrong}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(Path(tempfile.gettempdir()) / f"deep-vision-{path.stem}.lock", on_wait=lambda: None):
        ordered = {name: run[name] for name in FIELDS}
        content = {"schema": SCHEMA, "machine": run["machine"], "runs": [*read(path), ordered]}
        with replacing_text(path) as file:
            file.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def newest(runs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of several runs that differ in nothing but when they were measured, the last one."""
    found: dict[Any, dict[str, Any]] = {}
    for run in runs:
        case = [run[name] for name in ("row", "data", "seed", "precision", "compiled", "train_images")]
        found[*case, json.dumps(run["recipe"], sort_keys=True)] = run
    return list(found.values())

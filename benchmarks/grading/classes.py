"""The simulated classes of the tests, for measuring."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.append(
    str(ROOT / "tests" / "grading")
)  # where they are made, and where that they are right is tested

import a_class  # noqa: E402

SMALL, WITH_TORCH = a_class.SMALL, "a4_small"


def made(
    folder: Path, name: str, count: int, *, own_cell: str = "", faults: float = 0.0
) -> tuple[Path, list[dict[str, Any]]]:
    """A course with so many submissions; returns its root and what is expected of each.

    name: SMALL, WITH_TORCH, or a real one such as "a2"
    """
    if name in (SMALL, WITH_TORCH):
        root = a_class.small_course(folder, name)
        expected = a_class.a_class(root, count, 0, faults, own_cell, name)
    else:
        root = a_class.real_course(folder, name)
        expected = a_class.a_real_class(root, name, count, 0)
    return root, [
        {"student": one.student, "kind": one.kind, "marks": one.marks, "flags": sorted(one.flags)}
        for one in expected
    ]


def environment(folder: Path) -> dict[str, str]:
    """A secret and settings of their own, one thread, and nothing of the person's."""
    place = folder / "user"
    place.mkdir(exist_ok=True)
    secret = place / "secret"
    if not secret.exists():
        secret.write_text(secrets.token_hex(32), "utf-8")
    usual = {name: text for name, text in os.environ.items() if not name.startswith(("COURSE_", "JUPYTER_"))}
    return usual | {
        "COURSE_SECRET": str(secret), "COURSE_JUPYTER": str(place), "PYTHONPATH": str(ROOT),
        "JUPYTER_CONFIG_DIR": str(place / "config"), "COURSE_QUICK": "1", "COURSE_DATASET": "shapes10",
        "COURSE_GRADING": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip


def said(line: str) -> dict[str, Any]:
    """The last line of a case, which is JSON."""
    return json.loads(line)

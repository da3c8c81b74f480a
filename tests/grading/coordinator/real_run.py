"""Runs `course grade` and `course grades export` on a small course, as programs that can be killed.

python real_run.py grade|export COURSE [further arguments of the command]
"""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

NAME = "a2_small"


def without_images(root, folder):
    """Drawing them takes long, and nobody looks at them."""


def grade(root, further):
    from lib.commands import parse_command
    from lib.grading import examining
    from lib.grading.command import grade_command
    from lib.grading.examination import sandbox_room

    sandbox_room.data_for = examining.data_for = without_images
    args, _ = parse_command(["grade", "a2", "--workers", "3", *further])
    return grade_command(args, root)


def export(root, further):
    from lib.grading.exports.command import export_command

    args = Namespace(
        assignment="a2", form="csv", to=root / "marks.csv", written_pending=True, missing_zero=True, db="",
        roster=None,
    )  # fmt: skip
    return export_command(args, root)


if __name__ == "__main__":
    what, place, *further = sys.argv[1:]
    sys.exit({"grade": grade, "export": export}[what](Path(place), further))

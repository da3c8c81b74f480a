"""`course progress`: what was done so far, and how it is forgotten."""

from __future__ import annotations

import sys

from lib.checks import mismatch
from lib.lessons.progress import forget_progress, progress_file
from lib.lessons.progress_map import progress_map


def progress_command(*, forget: bool = False) -> int:
    """Prints the map, or deletes the file after a question; 1 where it stays.

    forget: delete it
    """
    path = progress_file()
    if not forget:
        print(f"{progress_map()}\n\n{f'Kept in {path}' if path.exists() else 'Nothing is remembered yet.'}")
        return 0
    if not path.exists():
        print("Nothing is remembered yet.")
        return 0
    if not sys.stdin.isatty():
        raise mismatch("progress", "forget", "an answer at a terminal", "none", f"delete {path} yourself")
    if input(f"Delete {path}, with all that you have passed and predicted? [y/N] ").strip().lower() not in (
        "y",
        "yes",
    ):
        print("It stays.")
        return 1
    forget_progress()
    print("Forgotten.")
    return 0

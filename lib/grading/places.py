"""Where grading keeps what: nbgrader's folders, and one of our own that git ignores."""

from __future__ import annotations

from pathlib import Path

from lib.assignments.places import ROOT

SUBMITTED, GRADED, FEEDBACK = "submitted", "autograded", "feedback"  # nbgrader's, each student/assignment/
OWN = "grading"  # results, rooms of the sandbox, backups of the gradebook


def submission_folder(student: str, assignment: str, root: Path = ROOT) -> Path:
    """What a student has handed in.

    assignment: in full
    """
    return root / SUBMITTED / student / assignment


def graded_notebook(student: str, assignment: str, root: Path = ROOT) -> Path:
    """The notebook as it was run, with its outputs: nbgrader's formgrader shows it."""
    return root / GRADED / student / assignment / f"{assignment}.ipynb"


def result_file(student: str, assignment: str, root: Path = ROOT) -> Path:
    """The `Result` of a submission."""
    return root / OWN / "results" / assignment / f"{student}.json"


def rooms_folder(root: Path = ROOT) -> Path:
    """Students' copies of the course, as sandboxes show them."""
    return root / OWN / "rooms"


def backups_folder(root: Path = ROOT) -> Path:
    """Copies of the gradebook, made before each run."""
    return root / OWN / "backups"

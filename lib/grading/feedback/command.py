"""`course feedback a1`: writes the page of each student where nbgrader looks for it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lib.assignments.originals import original
from lib.assignments.places import ROOT, short_name
from lib.files import replacing_bytes, replacing_text
from lib.grading.feedback.page import feedback_page
from lib.grading.gradebook.marks import foreign_changes, marks_in_gradebook, results_of
from lib.grading.gradebook.opening import OpenGradebook, open_gradebook
from lib.grading.gradebook.recorder import OF_A_SUBMISSION
from lib.grading.lock import alone
from lib.grading.places import FEEDBACK, graded_notebook
from lib.grading.submissions.kept import students_with
from lib.grading.submissions.listing import nobody_yet


def feedback_command(
    args: argparse.Namespace, root: Path = ROOT, say: Callable[[str], object] = print
) -> int:
    """`course feedback`; returns the exit status.

    args: assignment, such as "a1"; student, a list of ids, empty for all; db, the gradebook's address or ""
    """
    with (
        alone(root, f"course feedback {args.assignment}"),
        open_gradebook(root, args.db or "", backup=False) as gradebook,
    ):
        full, files = original(args.assignment, root)
        released = json.loads(files[f"{full}.ipynb"])
        pages = list(write_feedback(gradebook, full, released, args.student or ()))
        changes = foreign_changes(gradebook, full)
    for change in changes:
        say(f"{change}: the page shows the gradebook's; `course grades --give-back` restores ours")
    short, there = short_name(full), students_with(full, root)
    written = {page.parent.parent.name for page in pages}
    missed = [student for student in args.student or () if student not in written]
    for student in missed:
        advice = f"`course submissions list {short}` shows who has handed in"
        if student in there:
            advice = f"`course grade {short} --student {student}` grades it"
        say(f"{student} has no marks for {short}: {advice}")
    if not pages:
        if not missed:
            marks = f"nobody has marks yet; `course grade {short}` gives them"
            say(f"{short}: {marks if there else nobody_yet(full)}")
        return 1
    say(f"{len(pages)} {'page' if len(pages) == 1 else 'pages'} in {root / FEEDBACK}")
    return int(bool(missed))


def write_feedback(
    gradebook: OpenGradebook, assignment: str, released: Any, students: Any = ()
) -> Iterator[Path]:
    """Writes the pages of an assignment; yields where each is.

    assignment: in full
    released: its notebook as it was given out, as JSON
    students: ids; none means all that have marks
    """
    results = results_of(assignment, gradebook.root)
    for marks in marks_in_gradebook(gradebook, assignment):
        if students and marks.student not in students:
            continue
        graded = graded_notebook(marks.student, assignment, gradebook.root)
        page = feedback_page(marks, _read(graded), released, results.get(marks.student))
        folder = gradebook.root / FEEDBACK / marks.student / assignment
        with replacing_text(folder / f"{assignment}.html") as file:
            file.write(page)
        for name in OF_A_SUBMISSION:
            if (graded.parent / name).is_file():
                with replacing_bytes(folder / name) as copy:
                    copy.write((graded.parent / name).read_bytes())
        yield folder / f"{assignment}.html"


def _read(path: Path) -> Any:
    """A notebook, as JSON; None where there is none."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None

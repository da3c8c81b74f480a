"""Who has handed in something else since it was graded."""

from __future__ import annotations

from pathlib import Path

from lib.assignments.places import ROOT
from lib.grading.journal import SUBMISSION, Journal, journal_file
from lib.grading.places import result_file, submission_folder
from lib.grading.results import load_result
from lib.grading.submissions.kept import students_with
from lib.grading.submissions.seen import SeenSubmissions


def handed_in_anew(assignment: str, root: Path = ROOT) -> frozenset[str]:
    """The students whose files are not those that their marks are for.

    assignment: in full
    """
    journal = Journal(journal_file(assignment, root))
    found = set()
    with SeenSubmissions(assignment, root) as seen:
        for student in students_with(assignment, root):
            try:
                graded = journal.parts_of(load_result(result_file(student, assignment, root)).key)
            except (OSError, ValueError):  # not graded yet
                continue
            digest = seen.digest(submission_folder(student, assignment, root))
            if graded and graded.get(SUBMISSION) != digest:
                found.add(student)
    return frozenset(found)

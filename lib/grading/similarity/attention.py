"""Which submissions have the mark “similar” in the instructor's table: it asks a person to look, no more."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from lib.files import replacing_text
from lib.grading.journal import submission_digest
from lib.grading.places import OWN, submission_folder
from lib.grading.similarity.comparison import LAST_YEAR, ComparedClass
from lib.grading.similarity.ranking import Alike
from lib.grading.submissions.seen import SeenSubmissions

SHARE, BITS = 0.8, 60.0  # of the rarer code of a task, and how much that must be: see docs/instructors.md


def similarity_file(assignment: str, root: Path) -> Path:
    """The pairs of the newest run of `course similarity`; assignment: in full."""
    return root / OWN / "similarity" / f"{assignment}.json"


def asks_for_a_look(pair: Alike) -> bool:
    """Whether two share most of what is rare in a task, and that is long; or a rare wrong answer."""
    return any(task.slips or (task.share >= SHARE and task.weight >= BITS) for task in pair.tasks)


def note_similar(found: ComparedClass, root: Path) -> int:
    """Keeps the pairs that ask for a look, with what they had handed in; returns how many submissions."""
    chosen = [(pair.one, pair.other) for pair in found.pairs if asks_for_a_look(pair)]
    students = sorted({name for pair in chosen for name in pair if not name.endswith(LAST_YEAR)})
    digests = {
        student: submission_digest(submission_folder(student, found.assignment, root)) for student in students
    }
    with replacing_text(similarity_file(found.assignment, root), private=True) as file:
        json.dump({"pairs": chosen, "handed in": digests}, file, indent=1)
    return len(students)


def similar_students(assignment: str, root: Path) -> frozenset[str]:
    """Whose submission is in such a pair, both being as they were compared.

    assignment: in full
    """
    try:
        content = json.loads(similarity_file(assignment, root).read_text("utf-8"))
        pairs, digests = content["pairs"], content["handed in"]
        seen = SeenSubmissions(assignment, root)
        return frozenset(
            student
            for pair in pairs
            if _unchanged(pair, digests, assignment, root, seen)
            for student in pair
            if student in digests
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # none yet, or a file of another kind
        return frozenset()


def _unchanged(
    pair: Iterable[str], digests: dict[str, str], assignment: str, root: Path, seen: SeenSubmissions
) -> bool:
    folders = {name: submission_folder(name, assignment, root) for name in pair if name in digests}
    return all(folder.is_dir() and seen.digest(folder) == digests[name] for name, folder in folders.items())

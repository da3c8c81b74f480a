"""`course similarity a2`: which submissions to look at first.

Arguments of the command, for lib/commands.py:

name: ASSIGNMENT, such as a2
--to: FILE of the report; default: grading/similarity/a2_….html in the course
--last-year: FOLDER of other submissions, as ID/ASSIGNMENT or ID/, or a course of another year
--pairs: int, how many are shown side by side; default: 30
--ask: ID of a student, of whose own code three lines are put into the report
--seed: int, of these lines; default: 0
"""

from __future__ import annotations

import argparse
from pathlib import Path

from lib.assignments.places import ROOT
from lib.checks import check_whole, mismatch, shown
from lib.files import replacing_text
from lib.grading.lock import alone
from lib.grading.places import OWN
from lib.grading.similarity.attention import note_similar
from lib.grading.similarity.comparison import compared
from lib.grading.similarity.oral import oral_questions
from lib.grading.similarity.page import report_page
from lib.grading.similarity.ranking import usual_weight

SAID = 10  # pairs at the terminal


def similarity_command(args: argparse.Namespace, root: Path = ROOT) -> int:
    """Writes the report, and prints the first pairs; raises `ValueError` where there are none."""
    with alone(root, f"course similarity {args.name}"):  # or it would read half of a submission
        return report_similarity(args, root)


def report_similarity(args: argparse.Namespace, root: Path) -> int:
    """The same, where no other command is at work."""
    count = check_whole(args.pairs, name="pairs", low=1)
    found = compared(args.name, root, args.last_year, say=print)
    questions = None
    if student := args.ask:
        if student not in found.codes:
            raise mismatch(
                "", "ask", f"the id of a student who has handed in {found.assignment}", shown(student)
            )
        code = found.codes[student]
        questions = student, oral_questions(student, code, args.seed, found.known)
    to = args.to or root / OWN / "similarity" / f"{found.assignment}.html"
    page = report_page(found, count, questions)
    with replacing_text(to, private=True) as file:
        file.write(page)
    usual = usual_weight(found.pairs) or 1.0
    for pair in found.pairs[:SAID]:
        tasks = ", ".join(common.task for common in pair.tasks[:3])
        print(f"{pair.one} · {pair.other}: {pair.weight / usual:.1f} times the usual; {tasks}")
    marked = note_similar(found, root)
    print(f"{marked} submissions have the mark “similar” in `course grades`: a person shall look at them.")
    print(f"{to}: this is no verdict; a person looks.")
    return 0

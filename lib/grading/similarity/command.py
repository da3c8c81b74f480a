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

from lib.assignments.places import ROOT, short_name
from lib.checks import check_whole, mismatch, shown
from lib.files import replacing_text
from lib.grading.lock import alone
from lib.grading.places import OWN
from lib.grading.similarity.attention import note_similar
from lib.grading.similarity.comparison import compared
from lib.grading.similarity.oral import oral_questions
from lib.grading.similarity.page import report_page
from lib.grading.similarity.ranking import times_usual, usual_weight

SAID, TASKS = 10, 3  # pairs at the terminal, and tasks of each


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
            advice = f"`course submissions list {short_name(found.assignment)}` shows them"
            expected = f"the id of a student who has handed in {found.assignment}"
            raise mismatch("", "ask", expected, shown(student), advice)
        code = found.codes[student]
        questions = student, oral_questions(student, code, args.seed, found.known)
    to = args.to or root / OWN / "similarity" / f"{found.assignment}.html"
    page = report_page(found, count, questions)
    with replacing_text(to, private=True) as file:
        file.write(page)
    usual = usual_weight(found.pairs)
    for pair in found.pairs[:SAID]:
        tasks = "; ".join(found.in_words(common) for common in pair.tasks[:TASKS])
        times = times_usual(pair, usual)
        print(f"{pair.one} · {pair.other}: {'; '.join(filter(None, [times, tasks]))}")
    print(_marked(note_similar(found, root), short_name(found.assignment)))
    print(f"{to}: this is no verdict; a person looks.")
    return 0


def _marked(number: int, short: str) -> str:
    """How many have the mark in the instructor's table, and where that is."""
    if not number:
        return "Nobody has the mark “similar”: no two share most of what is rare in a long task."
    who = "1 submission has" if number == 1 else f"{number} submissions have"
    return f"{who} the mark “similar” in `course grades {short}`."

"""Prints the bank as a table: what is handed in, what is expected, what came of it.

python tests/grading/hostile/hostile_table.py [--sandbox KIND] [NAME or THEME …]
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[3]))

from hostile_bank import whole_bank
from hostile_course import ROOT
from hostile_run import grade_rows, kinds_of, marks_of

from lib.grading.places import rooms_folder
from lib.grading.pool import usual_workers
from lib.grading.sandbox.attempt import best_kind

HEADING = ("submission", "what it does", "stock nbgrader", "expected", "got", "flags", "")


def table(rows, kind, workers):
    """The lines of a table in Markdown; ✗ marks what is not as it must be."""
    with TemporaryDirectory(prefix="hostile-") as place:
        folder = Path(place, "class")
        folder.mkdir()
        for path in (Path(place), folder):
            path.chmod(0o755)
        graded = grade_rows(rows, folder, rooms_folder(ROOT), kind, workers)
        yield line(HEADING)
        yield line(["---"] * len(HEADING))
        for row in rows:
            wrong = graded.wrong(row)
            result = graded.results.get(row.id)
            got = shown(marks_of(result)) if result else "none"
            flags = ", ".join(sorted(kinds_of(result))) if result else ""
            verdict = f"✗ {'; '.join(wrong)}" if wrong else "✓"
            yield line([row.name, row.said, row.stock, shown(row.marks), got, flags, verdict])


def line(cells):
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def shown(marks):
    """The marks of the three tasks, or what is allowed."""
    if marks is None:
        return "any"
    if isinstance(marks, list):
        return " or ".join(map(shown, marks))
    return " + ".join(f"{number:g}" for number in marks)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="rows or themes; all by default")
    parser.add_argument("--sandbox", default="", help="template or bubblewrap; the best by default")
    parser.add_argument("--workers", type=int, default=0, help="submissions at a time")
    args = parser.parse_args()
    bank = whole_bank().values()
    chosen = [row for row in bank if not args.names or {row.name, row.theme} & set(args.names)]
    for text in table(chosen, args.sandbox or best_kind(), args.workers or usual_workers()):
        print(text, flush=True)

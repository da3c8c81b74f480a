"""What students call the tasks of an assignment: the headings of its notebook."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from lib.assignments.cells import Notebook, grade_id, is_marked
from lib.assignments.originals import ORIGINALS
from lib.grading.feedback.page import Section, headings, task_title
from lib.grading.intake.take_in import released_notebook


def task_titles(notebook: Notebook) -> dict[str, str]:
    """nbgrader's name of a cell with marks → the title of its task; those of one title are numbered.

    notebook: as it was released
    """
    sections = [Section(2, "Your work")]
    found: dict[str, str] = {}
    for cell in notebook.cells:
        if grade_id(cell) and is_marked(cell):
            found[grade_id(cell)] = task_title(sections)
        elif cell.cell_type == "markdown":
            sections += headings(cell.source)
    several = {title for title, count in Counter(found.values()).items() if count > 1}
    seen: Counter[str] = Counter()
    for name, title in found.items():
        seen[title] += 1
        found[name] = f"{title} ({seen[title]})" if title in several else title
    return found


def titles_of(assignment: str, root: Path) -> dict[str, str]:
    """The same for an assignment; nothing where no release is kept.

    assignment: in full
    """
    kept = (root / ORIGINALS / f"{assignment}.zip").exists()
    return task_titles(released_notebook(assignment, root)) if kept else {}

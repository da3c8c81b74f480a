"""The page that a student gets back: the work, cell by cell, with its marks and what to learn from them."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pygments.formatters import HtmlFormatter

from lib.assignments.places import short_name
from lib.grading.feedback.clean import (
    PAGE,
    SOURCE,
    code_html,
    escaped,
    joined_text,
    markdown_html,
    output_html,
    rich_text,
)
from lib.grading.feedback.inert import inert_notebook
from lib.grading.gradebook.marks import CellMarks, StudentMarks
from lib.grading.results import Flag, Result, TaskMarks

STYLE = Path(__file__).with_name("page.css")
TITLE = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
MARKS_IN_TITLE = re.compile(r"\s*\(\d+ marks?\)$")
FLAGS = {  # kind → what a student reads; kinds that only a person can judge are not told here
    "missing": "No notebook of this assignment was handed in.",
    "unreadable": "The file that was handed in could not be opened as a notebook.",
    "renamed": "The notebook had another name; it was found, and graded.",
    "deleted": "A cell of the assignment had been deleted. It was put back empty.",
    "duplicated": "A cell was there more than once. The last one was graded.",
    "edited": "A cell that should stay as it is had been changed. It was put back as it was.",
    "split": "A solution was divided over several cells. They were graded together.",
    "error": "A cell raised an error when the notebook was run from top to bottom. What comes after it may "
    "have missed something.",
    "dead": "The kernel died while the notebook ran. Try “Restart Kernel and Run All Cells”.",
    "slow": "The notebook needed more processor time than there is. Look for loops that could be one "
    "operation of numpy.",
    "hangs": "The notebook was waiting for something that never came, such as input or the network.",
    "memory": "The notebook needed more memory than there is.",
    "output": "The notebook printed more than there is room for. The rest was left out.",
    "unsteady": "The same call gave two different answers. Look for random numbers, and for values that a "
    "call changes.",
    "refused": "A task was solved with the very thing that it asks you to write, so that it has no marks.",
    "late": "It was handed in after the deadline.",
}

NOTHING = ("missing", "unreadable")  # there is no work to show
CODE_CELL = re.compile(r"cell \[(\d{1,6})\], ")  # as a flag names one, by its number
IN_BRACKETS = re.compile(r"\(([\w.-]{1,100})\)")

LEFT_OUT = '<pre class="output text">The rest is left out: it is more than a page can hold.</pre>'


@dataclass
class Section:
    """A heading of the assignment, with what a student did below it.

    marked: whether the heading says how many marks there are
    """

    level: int
    title: str
    content: list[str] = field(default_factory=list)
    marked: bool = False


class PageRoom:
    """What is left of a page, in letters; to read a text costs many times what it takes to show it."""

    READING = 10

    def __init__(self) -> None:
        self.left = PAGE

    def take(self, read: str, show: Callable[[], str]) -> str:
        """What `show` makes of a text; "" where the page is full, after a line that says so."""
        if self.left <= 0:
            return ""
        shown = show()
        self.left -= len(shown) + self.READING * min(len(read), SOURCE)
        return shown if self.left > 0 else LEFT_OUT


@dataclass(frozen=True)
class Row:
    """A line of the table of marks."""

    name: str
    title: str
    most: float
    score: float | None


def feedback_page(marks: StudentMarks, notebook: Any, released: Any, result: Result | None = None) -> str:
    """The page, as HTML that needs no other file.

    notebook: as it was run, of nbformat's or as plain JSON; None where there is none
    released: the notebook as it was given out, the same way
    result: what grading gave; None where only the gradebook knows
    """
    tasks = {task.cell: task for task in result.tasks} if result else {}
    cells = {cell.name: cell for cell in marks.cells}
    title, sections, rows = _title(released), [Section(2, "Your work")], []
    given = {_id(cell): cell for cell in released["cells"]}
    inert = _inert_cells(json.dumps(released))  # as grading leaves them
    texts = {  # ids of cells may be lost
        _words(shown): cell
        for shown, cell in zip([*released["cells"], *inert], 2 * released["cells"], strict=True)
        if not _name(cell)
    }
    above = _headings_above(released)
    room = PageRoom()
    places = _Places(released, tasks)
    flags = result.flags if result else ()
    came = next((flag for flag in flags if flag.kind in NOTHING), None)
    if came and not marks.score and not marks.comments:
        body = [_summary_html(title, marks, (), flags, places), _nothing_html(came, marks.assignment)]
        return _page_html(title, marks.student, body)
    for cell in notebook["cells"] if notebook else released["cells"]:
        name, known = _name(cell), given.get(_id(cell)) or texts.get(_words(cell))
        if known is not None and not name and known["cell_type"] == "markdown":
            sections += above.pop(_id(known), [])
            continue
        if name in above:  # those of cells that the student has changed or deleted
            passed = list(above)[: list(above).index(name) + 1]
            sections += [heading for each in passed for heading in above.pop(each)]
        title_of_task = places.names.get(name) or task_title(sections)
        place = sections[-1]
        if title_of_task != task_title(sections):  # it was deleted, and put back below what follows
            place = next((one for one in reversed(sections) if one.title == title_of_task), place)
        places.pass_by(cell, title_of_task)
        if name in cells and not _is_solution(cell):  # hidden sources and their tracebacks are never shown
            rows.append(Row(name, title_of_task, cells[name].most, _shown(cells[name])))
            place.content.append(marks_html(cells[name], tasks.get(name), marks))
            continue
        if notebook:
            place.content += _cell_html(cell, known, room)
        if name in marks.comments:
            place.content.append(_comment_html(marks.comments[name]))
        if name in cells:
            rows.append(Row(name, title_of_task, cells[name].most, _shown(cells[name])))
            place.content.append(marks_html(cells[name], None, marks))
    return _page_html(
        title, marks.student, [_summary_html(title, marks, rows, flags, places), *_sections_html(sections)]
    )


def _page_html(title: str, student: str, body: Iterable[str]) -> str:
    return PAGE_HTML.format(
        title=escaped(f"{title}: {student}"), style=style(), body="\n".join(filter(None, body))
    )


class _Places:
    """Below which heading each thing stands that a flag may name."""

    def __init__(self, released: Any, tasks: Mapping[str, TaskMarks]) -> None:
        """Tasks: nbgrader's name of a cell → its task."""
        self.codes: list[str] = []  # of each code cell of the student's, as JupyterLab numbers them
        self.names: dict[str, str] = {}  # of cells as they were given out, and of tasks
        sections = [Section(2, "Your work")]
        for cell in released["cells"]:
            if name := _name(cell):
                self.names[name] = task_title(sections)
            elif cell["cell_type"] == "markdown":
                sections += headings(joined_text(cell["source"]))
        self.names |= {task.task: self.names[name] for name, task in tasks.items() if name in self.names}

    def pass_by(self, cell: Any, title: str) -> None:
        """Notes where a cell of the student's notebook stands."""
        if cell["cell_type"] == "code":
            self.codes.append(title)

    def of(self, flag: Flag) -> list[str]:
        """The headings below which to look for what a flag says."""
        said = flag.said
        if (found := CODE_CELL.match(said)) and 0 < int(found[1]) <= len(self.codes):
            return [self.codes[int(found[1]) - 1]]
        names = [said.partition(":")[0], *IN_BRACKETS.findall(said)]
        return [self.names[name] for name in names if name in self.names]


@functools.lru_cache(maxsize=1)  # of a class it is the same for all
def _inert_cells(released: str) -> list[Any]:
    """The cells of a notebook, in which nothing runs; released: as JSON."""
    return list(json.loads(inert_notebook(released.encode()))["cells"])


def _headings_above(released: Any) -> dict[str, list[Section]]:
    """The headings of each cell of text, by its id; none for each cell with a name, by that, in order."""
    found: dict[str, list[Section]] = {}
    for cell in released["cells"]:
        if _name(cell):
            found[_name(cell)] = []
        elif cell["cell_type"] == "markdown":
            found[_id(cell)] = list(headings(joined_text(cell["source"])))
    return found


def headings(source: str) -> Iterator[Section]:
    """The headings of a cell of text, but the title of the assignment."""
    fence = False
    for line in source.split("\n"):
        fence ^= line.lstrip().startswith("```")
        found = None if fence else TITLE.match(line)
        if found and len(found[1]) > 1:
            title = MARKS_IN_TITLE.sub("", found[2])
            yield Section(len(found[1]), title.replace("`", ""), marked=title != found[2])


def task_title(sections: list[Section]) -> str:
    """The title of the task that the last of these headings belongs to."""
    level = 7
    for section in reversed(sections):
        if section.level < level and section.marked:
            return section.title
        level = min(level, section.level)
    return sections[-1].title


def marks_html(cell: CellMarks, task: TaskMarks | None, marks: StudentMarks) -> str:
    """The marks of a task, by part, and what to learn from them."""
    score = _shown(cell)
    lines = [f'<div class="marks {_state(score, cell.most)}" id="{escaped(cell.name)}">']
    if score is None:
        lines.append(
            f"<p><strong>Not marked yet.</strong> A person reads this: {_number(cell.most)} marks.</p>"
        )
        return "\n".join([*lines, "</div>"])
    lines.append(f"<p><strong>{_number(score)} of {_number(cell.most)} marks</strong></p>")
    if task is not None and cell.manual is None and cell.auto == task.earned:
        if len(task.parts) > 1:
            lines += [
                "<ul>",
                *(
                    f'<li class="{_state(earned, most)}"><span aria-hidden="true">'
                    f"{'✓' if earned >= most else '✗'}</span> {escaped(name)}: "
                    f"{_number(earned)} of {_number(most)}</li>"
                    for name, (most, earned) in task.parts.items()
                ),
                "</ul>",
            ]
        lines += [f"<p>{_sentence(line.strip())}</p>" for line in task.said]
    elif not cell.written and cell.manual is not None:
        lines.append("<p>A person has decided about these marks.</p>")
    return "\n".join([*lines, "</div>"])


def style() -> str:
    """The look of the page, light and dark."""
    light = HtmlFormatter(style="default").get_style_defs(".code")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".code")
    return f"{light}\n{STYLE.read_text('utf-8')}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _title(released: Any) -> str:
    for cell in released["cells"]:
        for line in joined_text(cell["source"]).split("\n"):
            if cell["cell_type"] == "markdown" and (found := TITLE.match(line)):
                return found[2]
    return "Assignment"


def _nothing_html(came: Flag, assignment: str) -> str:
    """What came in the place of a notebook, and what to do; came: the flag that says it."""
    short, file = short_name(assignment), f"`{assignment}.ipynb`"
    do = (
        f"Open {file} in JupyterLab, save it, run `course hand-in {short}`, and upload the file that it "
        "writes. Ask your instructor whether that still counts."
    )
    return "\n".join(
        [
            f"<section><h2>What came</h2><p>{escaped(came.said)}.</p>",
            f"<h2>What to do</h2><p>{_sentence(do)}</p></section>",
        ]
    )


def _notes(flags: Iterable[Flag], places: _Places) -> Iterator[str]:
    """What a student should read of each kind of flag, and below which headings to look."""
    where: dict[str, dict[str, None]] = {}
    for flag in flags:
        where.setdefault(flag.kind, {}).update(dict.fromkeys(places.of(flag)))
    for kind, titles in where.items():
        if kind in FLAGS:
            look = f" Look at {_listed([f'“{title}”' for title in titles])}." if titles else ""
            yield f"<li>{_sentence(FLAGS[kind])}<strong>{escaped(look)}</strong></li>"


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _summary_html(
    title: str, marks: StudentMarks, rows: Sequence[Row], flags: Iterable[Flag], places: _Places
) -> str:
    waits = sum(row.score is None for row in rows)
    score, most = marks.score, marks.most
    lines = [
        "<header>",
        f"<h1>{escaped(title)}</h1>",
        f'<p class="who">Feedback for {escaped(marks.student)}</p>',
        f'<p class="total"><strong>{_number(score)}</strong> of {_number(most)} marks</p>',
        f'<div class="bar" role="img" aria-label="{_number(score)} of {_number(most)} marks">'
        f'<div style="width:{100 * min(1.0, score / most) if most else 0:.0f}%"></div></div>',
    ]
    if waits:
        lines.append(f"<p>{waits} written {'answer is' if waits == 1 else 'answers are'} not marked yet.</p>")
    if marks.penalty:
        lines.append(f"<p>{_number(marks.penalty)} marks were taken off, since it was handed in late.</p>")
    if said := list(_notes(flags, places)):
        lines += ['<div class="notes"><h2>Please read this</h2><ul>', *said, "</ul></div>"]
    lines.append("</header>")
    if rows:
        lines += [
            '<section aria-labelledby="table"><h2 id="table">Your marks</h2><table>',
            "<thead><tr><th scope=col>Task</th><th scope=col class=number>Marks</th></tr></thead><tbody>",
            *(
                f'<tr class="{_state(row.score, row.most)}">'
                f'<td><a href="#{escaped(row.name)}">{escaped(row.title)}</a></td><td class=number>'
                f"{'–' if row.score is None else _number(row.score)} / {_number(row.most)}</td></tr>"
                for row in rows
            ),
            "</tbody></table></section>",
        ]
    return "\n".join(lines)


def _sections_html(sections: list[Section]) -> Iterator[str]:
    """Sections with something in them, and those that hold them; no level of headings is left out."""
    wanted: list[Section] = []
    for section in reversed(sections):
        content = any(section.content)
        below = wanted and wanted[-1].level > section.level
        if content or below:
            wanted.append(section)
    level = 1
    for section in reversed(wanted):
        level = min(section.level, level + 1)
        yield f"<h{level}>{escaped(section.title)}</h{level}>"
        yield from filter(None, section.content)


def _cell_html(cell: Any, known: Any, room: PageRoom) -> Iterator[str]:
    """A cell of the student's; of a cell of the course only what it has shown."""
    source = joined_text(cell.get("source"))
    own = known is None or _is_solution(cell)
    changed = known is not None and joined_text(known["source"]) != source
    if cell["cell_type"] == "markdown":
        if own and source.strip():
            attachments = cell.get("attachments")
            shown = room.take(source, lambda: markdown_html(source, attachments))
            yield f'<div class="own text">{shown}</div>' if shown else ""
        return
    if cell["cell_type"] != "code":
        return
    if own or (changed and not _name(cell)):
        shown = room.take(source, lambda: code_html(source)) if source.strip() else ""
        yield f'<div class="own">{shown}</div>' if shown else ""
    outputs = [
        room.take(rich_text(output), functools.partial(output_html, output))
        for output in cell.get("outputs", ())
    ]
    if any(outputs):
        if own:
            yield from outputs
        else:
            summary = "<summary>What a cell of the assignment showed</summary>"
            yield f"<details>{summary}{''.join(outputs)}</details>"


def _comment_html(comment: str) -> str:
    lines = "<br>".join(escaped(line) for line in comment.strip().split("\n"))
    return f'<blockquote class="comment"><p><strong>Comment:</strong> {lines}</p></blockquote>'


def _shown(cell: CellMarks) -> float | None:
    """The marks that a student is told: none while a person still has to look."""
    return None if cell.waits else cell.score


def _state(score: float | None, most: float) -> str:
    if score is None:
        return "waits"
    return "full" if score >= most else "none" if score <= 0 else "partly"


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _sentence(text: str) -> str:
    """A sentence with `code` in it."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped(text))


def _name(cell: Any) -> str:
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") or "")


def _is_solution(cell: Any) -> bool:
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("solution"))


def _words(cell: Any) -> tuple[str, str]:
    return str(cell["cell_type"]), joined_text(cell.get("source")).strip()


def _id(cell: Any) -> str:
    """What a cell is known by: nbgrader's name of it, else its id."""
    return f"grade {_name(cell)}" if _name(cell) else f"cell {cell.get('id')}"


PAGE_HTML = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

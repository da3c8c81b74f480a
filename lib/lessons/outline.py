"""What a lecture holds, read from its notebook: headings, exercises and predictions. Nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lib.lessons.sources import parsed_cells
from lib.lessons.work import ROOT

HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*")
FENCE = re.compile(r" {0,3}(```|~~~)")
NUMBER = re.compile(r"(\d+)_\w+")


@dataclass(frozen=True)
class Line:
    """A line of a lecture.

    kind: "heading", "text" or "code"
    section: the heading above it, or its own; "" before the first
    """

    kind: str
    section: str
    text: str


@dataclass
class LectureOutline:
    """A lecture.

    number: such as "05"
    file: its name, such as "05_backpropagation.ipynb"
    exercises, predictions: name → heading above the first cell that has it, in order
    words: source of its cell of words and symbols (`lib.lessons.glossary`)
    """

    number: str
    file: str
    lines: list[Line] = field(default_factory=list)
    exercises: dict[str, str] = field(default_factory=dict)
    predictions: dict[str, str] = field(default_factory=dict)
    words: str = ""

    @property
    def title(self) -> str:
        """Its first heading, as text."""
        headings = [line.text for line in self.lines if line.kind == "heading"]
        return plain_text(headings[0]) if headings else Path(self.file).stem.replace("_", " ")

    def section_of(self, name: str) -> str:
        """The heading above an exercise or a prediction; "" where it is not here."""
        return {**self.predictions, **self.exercises}.get(name, "")


def outlines(folder: Path = ROOT / "lectures") -> list[LectureOutline]:
    """All lectures in order; a notebook that cannot be read is left out.

    folder: in which they lie
    """
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        number = NUMBER.fullmatch(path.stem)
        cells = parsed_cells(path.read_bytes()) if number and path.is_file() else None
        if number and cells is not None:
            found.append(_outline(number[1], path.name, cells))
    return found


def _outline(number: str, file: str, cells: list[dict]) -> LectureOutline:
    outline = LectureOutline(number, file)
    section = ""
    for cell in cells:
        if "solution" in _tags(cell):
            continue
        if "words" in _tags(cell):
            outline.words = cell["source"]
            outline.lines += [Line("text", section, row) for row in table_rows(cell["source"])]
        elif cell["cell_type"] == "markdown":
            for kind, text in _markdown_lines(cell["source"]):
                section = text if kind == "heading" else section
                outline.lines.append(Line(kind, section, text))
        elif cell["cell_type"] == "code":
            outline.lines += [Line("code", section, text) for text in cell["source"].split("\n")]
            for function, name in calls(cell["source"]):
                of = outline.exercises if function == "check" else outline.predictions
                of.setdefault(name, section)
    return outline


def table_rows(source: str) -> list[str]:
    """The lines of a text that belong to a table of Markdown."""
    lines = [line.strip() for line in source.split("\n")]
    return [line for line in lines if line.startswith("|")]


def _tags(cell: dict) -> list:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return tags if isinstance(tags, list) else []


def _markdown_lines(source: str) -> Iterator[tuple[str, str]]:
    """("heading" or "text" or "code", its text) of each line; a # in a block of code is no heading.

    What is folded away, answers above all, is left out.
    """
    fence, folded = "", 0
    for line in source.split("\n"):
        opened, closed = line.count("<details"), line.count("</details")
        folded += opened - closed
        if folded > 0 or opened or closed:
            continue
        if mark := FENCE.match(line):
            fence = "" if fence == mark[1] else fence or mark[1]
            continue
        heading = None if fence else HEADING.fullmatch(line)
        if heading:
            yield "heading", heading[2]
        else:
            yield ("code" if fence else "text"), line


def calls(source: str) -> Iterator[tuple[str, str]]:
    """("check" or "predict", name) of each call with a name in a cell.

    >>> list(calls('%matplotlib inline\\npredict("01.error")\\n# check("no")\\ncheck("05.add", Add)'))
    [('predict', '01.error'), ('check', '05.add')]
    """
    code = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id=("check" | "predict") as function), args=[ast.Constant(value=str(name)), *_]
            ):
                yield function, name


def plain_text(heading: str) -> str:
    """A heading without the marks of Markdown.

    >>> plain_text("05 **Back**propagation: `backward` and [more](x.ipynb)")
    '05 Backpropagation: backward and more'
    """
    return re.sub(r"[*`]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)).strip()


def anchor(heading: str) -> str:
    """What leads to a heading in JupyterLab, after the #."""
    return plain_text(heading).replace(" ", "-")

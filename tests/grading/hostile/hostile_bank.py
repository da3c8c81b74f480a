"""The bank of submissions: what is handed in, and the marks and flags that it must get.

Each of the modules in THEMES adds rows by `@row(…)`, which stands on a function that changes a `Hand`: a
submission in which all is right. Words in capitals between @ are filled in: @ROOT@ is the course's folder,
@MARK@ a word that no other process of this computer has in its command line.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from hostile_course import NAME, TASKS
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from lib.grading.results import FLAGS

THEMES = ("honest", "cells", "noise", "processes", "files", "cheats", "strong")
FULL = (10, 10, 10)  # the marks of relu, mul and slope
NOTHING = (0, 0, 0)
NO_RELU = (0, 10, 10)
ANYTHING = (2, 10, 10)  # whatever numbers come back: inputs are not changed, and there is no loop
NO_MUL = (10, 0, 10)
NO_ERROR = (10, 10, 7)  # a wrong relative_error costs 3 of them
KINDS = {*FLAGS, "files"}
HARMLESS = ("error", "tampered", "unsteady", "refused", "copied")  # what may be said of one that cheats
LEAKED = "LEAKED"  # what code prints that got at something; it is written in two parts, as "LEA" "KED"
NEW = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}

RIGHT = {
    "relu": """class ReLU:
    def forward(self, x):
        return np.where(x > 0, x, 0.0)

    def backward(self, x, grad_output, scale=1.0):
        return np.where(x > 0, grad_output, 0.0)""",
    "mul": """class MulConstant:
    def __init__(self, constant):
        self.c = constant

    def forward(self, x):
        return x * self.c

    def backward(self, x, grad_output, scale=1.0):
        return grad_output * self.c""",
    "slope": """def numerical_gradient(f, x, grad_output, h=1e-5):
    x, slopes = np.array(x, dtype=float), []
    for nudge in h * np.eye(x.size):
        nudge = nudge.reshape(x.shape)
        slopes.append(np.sum((f(x + nudge) - f(x - nudge)) * grad_output) / (2 * h))
    return np.reshape(slopes, x.shape)


def relative_error(a, b):
    total = np.abs(a) + np.abs(b)
    return (np.abs(a - b) / np.where(total == 0, 1, total)).max()""",
}
WRONG_RELU = """class ReLU:
    def forward(self, x):
        return np.zeros(x.shape)

    def backward(self, x, grad_output, scale=1.0):
        return np.zeros(x.shape)"""  # no part of its marks
LOOPING_RELU = """class ReLU:
    def forward(self, x):
        return np.array([np.where(row > 0, row, 0.0) for row in x])

    def backward(self, x, grad_output, scale=1.0):
        return np.where(x > 0, grad_output, 0.0)"""  # 8 of 10: a loop over the rows costs the contract
LOOPS = (8, 10, 10)
SPOILING_RELU = """class ReLU:
    def forward(self, x):
        y = np.maximum(x, 0)
        x[...] = y
        return y

    def backward(self, x, grad_output, scale=1.0):
        return np.where(x > 0, grad_output, 0.0)"""  # 8 of 10: it changes what belongs to its caller
WRONG_ERROR = "def relative_error(a, b):\n    return 0.123"


@dataclass
class Hand:
    """A submission on its way.

    notebook: all right at first
    files: beside it: path → content
    links: symbolic links beside it: path → where to
    raw: bytes of the notebook's file, in the place of `notebook`
    file: the name of the notebook's file; "" for none
    student: the id
    """

    notebook: nbformat.NotebookNode
    student: str
    files: dict[str, bytes | str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    raw: bytes | str | None = None
    file: str = f"{NAME}.ipynb"

    def cell(self, name):
        """The cell of a grade_id."""
        return next(cell for cell in self.notebook.cells if cell.id == name)

    def place(self, name):
        """Where it stands."""
        return next(i for i, cell in enumerate(self.notebook.cells) if cell.id == name)

    def write(self, name, text):
        """Writes a solution: of "relu", "mul", "slope"."""
        self.cell(f"{name}-code").source = text

    def error(self, text):
        """Writes another relative_error."""
        self.write("slope", RIGHT["slope"].partition("\n\n\n")[0] + "\n\n\n" + text)

    def relu(self, text):
        self.write("relu", text)

    def add(self, text, before="", kind="code", **more):
        """A new cell of the student's own, before the one of a grade_id, or at the end; returns it."""
        new = NEW[kind](text, **more)
        self.notebook.cells.insert(self.place(before) if before else len(self.notebook.cells), new)
        return new

    def first(self, text):
        """A cell before the first solution."""
        self.add(text, "relu-code")

    def delete(self, *names):
        self.notebook.cells = [cell for cell in self.notebook.cells if cell.id not in names]

    def content(self):
        """The bytes of the notebook's file."""
        raw = self.raw if self.raw is not None else json.dumps(self.notebook)  # nbformat would mend it
        return raw if isinstance(raw, bytes) else raw.encode("utf-8")


@dataclass(frozen=True)
class Row:
    """A submission, and what must come of it.

    name: of the row, and of the student where `student` is ""
    said: what it does
    stock: what stock nbgrader does with it, where that was tried
    make: changes a `Hand` in which all is right
    marks: of the three tasks; a list where either will do, None where any will
    flags: kinds that must be there
    may: kinds that may be there besides
    says: text that the notebook's outputs must have: it has tried what it is for
    slow: it runs into a limit of CPU or wall time; small ones are set for it
    after: gets the course's folder, and tells what is wrong afterwards; "" for nothing
    """

    name: str
    said: str
    stock: str
    theme: str
    make: Callable[[Hand], None]
    marks: tuple[float, ...] | list[tuple[float, ...]] | None
    flags: frozenset[str]
    may: frozenset[str]
    says: str
    slow: bool
    student: str
    after: Callable[[Path], str]

    @property
    def id(self):
        return self.student or self.name

    def hand(self, release):
        """The submission, made from the text of the released notebook."""
        hand = Hand(nbformat.reads(release, as_version=4), self.id)
        for task in TASKS:
            hand.write(task, RIGHT[task])
        hand.cell("why").source = "It is flat there."
        self.make(hand)
        return hand


ROWS: dict[str, Row] = {}


def words(text):
    kinds = frozenset(text.split() if isinstance(text, str) else text)
    assert kinds <= KINDS, kinds - KINDS
    return kinds


def row(marks, said, *, stock="", flags="", may="", says="", slow=False, student="", after=lambda root: ""):
    """Adds a row; the function below it makes the submission, and its name is the row's."""

    def add(make):
        name = make.__name__.replace("_", "-")
        theme = make.__module__.removeprefix("hostile_")
        assert name not in ROWS, name
        ROWS[name] = Row(
            name, said, stock, theme, make, marks, words(flags), words(may), says, slow, student, after
        )
        return make

    return add


def cheat(said, text, *, relu=WRONG_RELU, marks=NO_RELU, name, may=HARMLESS, theme="cheats", **more):
    """A row whose first cell is this text, beside a ReLU that is wrong."""

    def make(hand):
        hand.relu(relu)
        hand.first(text)

    make.__name__, make.__module__ = name.replace("-", "_"), f"hostile_{theme}"
    row(marks, said, may=may, **more)(make)


def whole_bank():
    """All rows by name."""
    for theme in THEMES:
        importlib.import_module(f"hostile_{theme}")
    return ROWS


def hand_in(row, root, release, words):
    """Writes the submission of a row into the course's folder `submitted`.

    words: what is filled in: "ROOT", "MARK", … → text
    """
    hand = row.hand(release)
    folder = root / "submitted" / hand.student / NAME
    folder.mkdir(parents=True, exist_ok=True)

    def filled(content):
        content = content if isinstance(content, bytes) else content.encode("utf-8")
        for word, text in words.items():
            content = content.replace(b"@%s@" % word.encode(), text.encode())
        return content

    files = dict(hand.files)
    if hand.file:
        files[hand.file] = hand.content()
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(filled(content))
    for path, target in hand.links.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(filled(target).decode(), folder / path)

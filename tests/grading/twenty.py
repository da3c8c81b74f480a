"""Twenty submissions of a2, as students make them, packed as Moodle and as Canvas give them out.

python tests/grading/twenty.py FOLDER    writes moodle.zip, canvas.zip, and class.csv
"""

from __future__ import annotations

import copy
import io
import json
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from lib.assignments.archive import packed
from lib.assignments.originals import original

ROOT = Path(__file__).parents[2]
FULL = "a2_backpropagation"
DEADLINE = "2026-11-28 23:59"
IN_TIME, LATER, TOO_LATE = datetime(2026, 11, 27, 12), datetime(2026, 11, 28, 9), datetime(2026, 11, 29, 8)
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
Change = Callable[[list[dict[str, Any]]], None]

RELU = "class ReLU(Layer):\n    def forward(self, x):\n        return {}\n\n"
RELU += "    def backward(self, x, grad_output, scale=1.0):\n        return {}\n"


def named(cells: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The cell of a grade_id."""
    return next(cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)


def put(name: str, text: str) -> Change:
    """Another answer in a cell."""
    return lambda cells: named(cells, name).update(source=text)


def swap(name: str, old: str, new: str) -> Change:
    """A slip in a right answer."""

    def change(cells: list[dict[str, Any]]) -> None:
        cell = named(cells, name)
        assert old in cell["source"], f"{name} has no {old}"
        cell["source"] = cell["source"].replace(old, new)

    return change


def without(*names: str) -> Change:
    """Deleted cells."""

    def change(cells: list[dict[str, Any]]) -> None:
        cells[:] = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") not in names]

    return change


def twice(cells: list[dict[str, Any]]) -> None:
    """A copied solution, the second wrong."""
    copied = copy.deepcopy(named(cells, "relu-code"))
    copied["source"] = RELU.format("x", "grad_output")
    cells.insert(cells.index(named(cells, "relu-code")) + 1, copied)


def unfinished(*names: str) -> Change:
    """Cells as they were released."""
    released = json.loads(original(FULL, ROOT)[1][f"{FULL}.ipynb"])["cells"]

    def change(cells: list[dict[str, Any]]) -> None:
        for name in names:
            named(cells, name)["source"] = "".join(named(released, name)["source"])

    return change


def right(cells: list[dict[str, Any]]) -> None:
    """Nothing to change."""


CODE = ("gates-code", "graph-code", "linear-code", "relu-code", "mul-constant-code", "model-code")
# id → (name, what was done, what is expected: (fewest marks, most marks, flags))
CLASS: dict[str, tuple[str, Change, tuple[float, float, set[str]]]] = {
    "s01": ("Ada Lovelace", right, (100, 100, set())),
    "s02": (
        "Bob Smith",
        swap("linear-code", "scale * grad_output.T @ x", "grad_output.T @ x"),
        (90, 98, set()),
    ),
    "s03": (
        "Ève Müller",
        put("relu-code", RELU.format("np.maximum(x, 0)", "grad_output * (x >= 0)")),
        (90, 99, set()),
    ),
    "s04": ("Chen Wei", put("relu-code", RELU.format("np.abs(x)", "grad_output")), (88, 96, set())),
    "s05": ("José Núñez", unfinished("model-code", "cross-entropy-code"), (60, 80, set())),
    "s06": ("Nils Holm", unfinished(*CODE), (0, 40, set())),
    "s07": ("Mia O'Neil", without("relu-code"), (90, 90, {"deleted"})),
    "s08": ("Omar Said", without("relu-check", "relu-marks"), (100, 100, {"deleted"})),
    "s09": ("Pia van Dyk", twice, (88, 99, {"duplicated"})),
    "s10": (
        "Quin Yu",
        put("imports", "import math\nimport numpy as np\nfrom lib.tasks import check, grading"),
        (90, 100, {"edited"}),
    ),
    "s11": ("Rosa Lux", put("relu-code", "import os\nos.kill(os.getpid(), 9)"), (0, 100, {"dead"})),
    "s12": ("Sam Tran", put("relu-code", "while True:\n    pass"), (0, 100, {"slow"})),
    "s13": ("Tom Ray", right, (100, 100, {"renamed"})),
    "s14": ("Uma Rao", right, (100, 100, set())),
    "s15": ("Vic Late", right, (100, 100, {"late"})),
    "s16": ("Will Xu", put("linear-code", "from lib.nn import Linear"), (75, 75, {"refused", "copied"})),
    "s17": ("Xena Koe", put("relu-code", "class ReLU(Layer:\n    pass"), (80, 90, {"error"})),
    "s18": ("Yan Bo", swap("linear-code", "scale * grad_output.T @ x", "grad_output.T @ x"), (90, 98, set())),
    "s19": ("Zoe Ash", right, (0, 0, {"unreadable"})),
}
MISSING, STRANGER = ("s20", "Ann Absent"), ("s99", "Not Enrolled")


def notebook(change: Change = right) -> bytes:
    """The solutions without their markers, changed."""
    content = json.loads((ROOT / "solutions" / FULL / f"{FULL}.ipynb").read_text("utf-8"))
    for cell in content["cells"]:
        lines = "".join(cell["source"]).splitlines()
        cell["source"] = "\n".join(line for line in lines if line.strip() not in (BEGIN, END))
        if "BEGIN HIDDEN TESTS" in cell["source"]:
            cell["source"] = cell["source"].split("\n### BEGIN HIDDEN")[0]
    change(content["cells"])
    return json.dumps(content).encode()


def uploads() -> list[tuple[str, str, datetime, str, bytes]]:
    """(id, name, when, the file's name, its bytes), as the platform keeps them."""
    out = []
    for student, (name, change, _) in CLASS.items():
        text = b"%PDF-1.7 this is no notebook" if student == "s19" else notebook(change)
        when = TOO_LATE if student == "s15" else IN_TIME
        if student == "s13":
            out.append((student, name, when, "my homework (2) final.ipynb", text))
        elif student == "s19":
            out.append((student, name, when, f"{FULL}.ipynb", text))
        else:
            if student == "s14":  # two uploads: the first has nothing
                first = packed({f"{student}/{FULL}/{FULL}.ipynb": notebook(unfinished(*CODE))})
                out.append((student, name, IN_TIME, f"a2-{student}.zip", first))
                when = LATER
            out.append(
                (student, name, when, f"a2-{student}.zip", packed({f"{student}/{FULL}/{FULL}.ipynb": text}))
            )
    student, name = STRANGER
    hand = packed({f"{student}/{FULL}/{FULL}.ipynb": notebook()})
    return [*out, (student, name, IN_TIME, f"a2-{student}.zip", hand)]


def zipped(files: list[tuple[str, datetime, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, when, content in files:
            archive.writestr(zipfile.ZipInfo(path, when.timetuple()[:6]), content)
    return out.getvalue()


def moodle(handed: list[tuple[str, str, datetime, str, bytes]]) -> bytes:
    """What Moodle's “Download all submissions” gives: the newest of each, a folder a student."""
    newest = {student: (name, when, file, content) for student, name, when, file, content in handed}
    return zipped(
        [
            (f"{name}_{4000 + int(student[1:])}_assignsubmission_file_/{file}", when, content)
            for student, (name, when, file, content) in newest.items()
        ]
    )


def canvas(handed: list[tuple[str, str, datetime, str, bytes]]) -> bytes:
    """What Canvas' “Download Submissions” gives: one folder, and late ones with a word."""
    files = []
    for k, (student, name, when, file, content) in enumerate(handed):
        last, first = name.split()[-1], "".join(name.split()[:-1])
        who = "".join(letter for letter in (last + first).lower() if letter.isalnum())
        late = "_LATE" if when == TOO_LATE else ""
        files.append((f"{who}{late}_{7000 + int(student[1:])}_{90000 + k}_{file}", when, content))
    return zipped(files)


def roster() -> str:
    """A table as instructors have it."""
    people = [(student, row[0]) for student, row in CLASS.items()] + [MISSING]
    lines = [f"{student},{name},{student}@example.org" for student, name in people]
    return "\n".join(["id,name,email", *lines]) + "\n"


def write(folder: Path) -> None:
    """The downloads and the roster."""
    folder.mkdir(parents=True, exist_ok=True)
    handed = uploads()
    (folder / "moodle.zip").write_bytes(moodle(handed))
    (folder / "canvas.zip").write_bytes(canvas(handed))
    (folder / "class.csv").write_text(roster(), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))

"""A class with a challenge of striped pictures, its board, and notebooks that train on them in seconds."""

from __future__ import annotations

import functools
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell

from data_loaders import Dataset, Split
from lib.assignments.cells import grade_id, read_notebook
from lib.assignments.originals import original
from lib.grading.places import submission_folder
from lib.leaderboard.board import Board, make_board
from lib.leaderboard.competition import UNREADABLE, make_competition
from lib.leaderboard.student_files import write_challenge
from lib.tasks.a4.reproducible import striped

COURSE = Path(__file__).parents[3]
NAME = "a4_challenge"
SECRET = b"a secret of the tests"
CLASSES = tuple(f"stripes {number}" for number in range(10))
TRAINED = 5_600  # images; the notebook holds 5,000 of them out
TOPS = ("lib", "data_loaders", "solutions", "README.md", "course.py", "pyproject.toml", "lectures", "docs")

# A training without torch that learns the colours and directions of stripes, in a fraction of a second.
QUICK = """
def features(images):
    pixels = np.asarray(images).astype(np.float32) / 255
    colours = pixels.reshape(len(pixels), 3, 32, 32)
    along = np.concatenate([colours.mean(2).std(2), colours.mean(3).std(2)], 1)
    return np.concatenate([along, colours.max((2, 3)), colours.min((2, 3)), colours.mean((2, 3))], 1)


def train(images, labels, seed, epochs=EPOCHS, validation=None):
    seen = features(images)
    middle, width = seen.mean(0), seen.std(0) + 1e-6
    means = np.stack([((seen[labels == each] - middle) / width).mean(0) for each in range(10)])
    return middle, width, means


def predict(model, images):
    middle, width, means = model
    seen = (features(images) - middle) / width
    return ((seen[:, None] - means) ** 2).sum(2).argmin(1)
"""


@functools.cache
def striped_dataset(count: int = 400) -> Dataset:
    """Striped pictures: so many test images."""
    rng = np.random.default_rng(5)
    images, labels, kinds = striped(rng, TRAINED)
    wanted = striped(rng, count, kinds)
    return Dataset("Stripes", Split(images, labels), Split(wanted[0], wanted[1]), CLASSES)


def make_class(root: Path, students: dict[str, float]) -> tuple[Board, Path]:
    """A course, a competition in it, and an entry of each student; returns the board and its folder.

    students: id → the share of the entry's labels that are right
    """
    for top in TOPS:
        (root / top).symlink_to(COURSE / top)
    folder = root.parent / f"{root.name} challenge"
    competition = make_competition(striped_dataset(), SECRET)
    write_challenge(folder / "students", competition.images, CLASSES)
    make_board(folder / "board.db", competition.key)
    board = Board(folder / "board.db", competition.key)
    board.people.invite([(student, f"Name of {student}", "") for student in students])
    for student, share in students.items():
        labels = entry_of(board, share)
        board.entries.add(board.people.find(student).number, labels, once=student)
    return board, folder


def entry_of(board: Board, share: float) -> np.ndarray:
    """Labels of which this share is right, and none of the images beyond recognition."""
    labels, count = board.key.labels.copy(), len(board.key)
    wrong = np.random.default_rng(1).random(count) >= share
    wrong |= board.key.treatment == UNREADABLE
    labels[wrong] = (labels[wrong] + 1) % 10
    return labels


def notebook_with(code: str | None = QUICK, *, more: str = "", epochs: int = 1) -> bytes:
    """a4's release with this code in the place of `train` and `predict`; None for the untouched one.

    more: a cell below them
    """
    release = original(NAME, COURSE)[1][f"{NAME}.ipynb"]
    notebook = read_notebook(release, NAME)
    if code is not None:
        for cell in notebook.cells:
            if grade_id(cell) == "net":
                cell.source = f"EPOCHS, SEED = {epochs}, 0"
            elif grade_id(cell) == "train":
                cell.source = code.strip()
            elif grade_id(cell) == "predict":
                cell.source = "# it is defined above"
    if more:
        place = next(at for at, cell in enumerate(notebook.cells) if grade_id(cell) == "train-check")
        notebook.cells.insert(place, new_code_cell(more))
    return nbformat.writes(notebook).encode()


def reference_notebook(epochs: int = 2) -> bytes:
    """a4's reference solution, as a student would hand it in, with fewer epochs."""
    notebook = read_notebook((COURSE / "solutions" / NAME / f"{NAME}.ipynb").read_bytes(), NAME)
    for cell in notebook.cells:
        kept = [line for line in cell.source.split("\n") if "### " not in line]
        cell.source = "\n".join(kept).replace("EPOCHS, SEED = 5, 0", f"EPOCHS, SEED = {epochs}, 0")
    return nbformat.writes(notebook).encode()


def hand_in_challenge(root: Path, student: str, notebook: bytes, **files: bytes) -> Path:
    """Puts a submission where the import would put it."""
    folder = submission_folder(student, NAME, root)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.ipynb").write_bytes(notebook)
    for name, content in files.items():
        (folder / name.replace("_py", ".py")).write_bytes(content)
    return folder

"""`course hand-in`: one file to upload, and what is in it was seen to run."""

import json
import os
import zipfile

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from small_course import HALF, NAME, cell, make_course, write_solution

from lib.assignments import hand_in as module
from lib.assignments import run
from lib.assignments.hand_in import hand_in
from lib.assignments.originals import files_of
from lib.assignments.release import release
from lib.assignments.run import LEFT_OUT
from lib.assignments.student import FILE, check_id, student_id
from lib.jupyter.settings import own_folder


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_JUPYTER", str(tmp_path / "user"))
    make_course(tmp_path / "course")
    release([], tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def path(root):
    return root / "assignments" / NAME / f"{NAME}.ipynb"


@pytest.fixture
def no_kernel(monkeypatch):
    """For what needs no cell to run."""
    monkeypatch.setattr(module, "run_all", lambda notebook, folder, seconds: "")


def handed(root, student="ada", **options):
    """The file's notebook, and all that was said."""
    said = []
    file = hand_in("a2", student, root=root, say=said.append, **options)
    with zipfile.ZipFile(file) as archive:
        inside = archive.namelist()
        assert f"{student}/{NAME}/{NAME}.ipynb" in inside
        notebook = nbformat.reads(archive.read(f"{student}/{NAME}/{NAME}.ipynb").decode(), 4)
    return notebook, "\n".join(said)


def add(path, source, **more):
    """Adds a cell at the end of a notebook."""
    notebook = nbformat.read(path, 4)
    notebook.cells.append(new_code_cell(source, **more))
    nbformat.write(notebook, path)


def test_a_student_s_work_is_run_shown_and_packed(root, path):
    write_solution(path, HALF)
    add(path, "import os\n\nopen('made-by-the-notebook.csv', 'w').write('1')\nprint(os.getcwd())")
    add(path, "print('x' * 50_000_000)")
    add(path, "1 / 0")
    before = files_of(root / "assignments")
    notebook, said = handed(root)
    assert files_of(root / "assignments") == before
    file = root / "handed-in" / "a2-ada.zip"
    assert "Linear: visible checks: 4 of 5" in said
    assert "✗ grad_weight" in said
    assert "raised ZeroDivisionError: division by zero" in said
    assert f"Upload this one file: {file}" in said
    assert "not written" not in said
    assert "deleted" not in said
    with zipfile.ZipFile(file) as archive:
        assert f"ada/{NAME}/made-by-the-notebook.csv" in archive.namelist()
    assert file.stat().st_size < 3_000_000
    assert notebook.cells[-3].outputs[-1].text == ".\n"  # no folder of this computer
    assert "the rest of this output is left out" in notebook.cells[-2].outputs[-1].text
    theirs = nbformat.read(path, 4)
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in theirs.cells]
    assert [cell.metadata for cell in notebook.cells] == [cell.metadata for cell in theirs.cells]


def test_the_untouched_release_can_be_handed_in_and_says_all_that_is_missing(root):
    _, said = handed(root)
    assert "This part is not written yet." in said
    assert "- Linear (linear): nothing is written yet" in said
    assert "- A question (why): the question has no answer yet" in said


STUBBORN = """import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    signal.pause()"""


@pytest.mark.family(share=3)
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import time\n\ntime.sleep(1000)", "was still running after 6 seconds"),
        ("import os\n\nos._exit(1)", "Python ended in cell [5], “import os”,"),
        (STUBBORN, "was still running"),
    ],
)  # fmt: skip
def test_a_notebook_that_does_not_end_is_stopped_and_handed_in(root, path, source, words):
    write_solution(path, HALF)
    add(path, source)
    add(path, "print('not reached')")
    notebook, said = handed(root, seconds=6)
    assert words in said
    assert notebook.cells[-1].outputs == []
    assert "Linear: visible checks: 4 of 5" in said


def test_what_is_missing_is_said_and_nothing_is_refused(root, path, no_kernel):
    half_written = HALF.replace(
        "return x @ self.weight.T + self.bias", 'raise NotImplementedError("write this part")'
    )
    write_solution(path, half_written, answer="  ")
    notebook = nbformat.read(path, 4)
    notebook.cells = [c for c in notebook.cells if c.id not in ("linear-marks", "linear-check")]
    nbformat.write(notebook, path)
    _, said = handed(root)
    for words in (
        "Linear (linear): 1 part is not written yet",
        "Linear (linear-marks): the cell for your marks is deleted",
        "Linear (linear-check): a cell of the assignment is deleted",
        "A question (why): the question has no answer yet",
    ):
        assert words in said
    notebook.cells = [c for c in notebook.cells if c.id not in ("linear-stub", "answer")]
    nbformat.write(notebook, path)
    _, said = handed(root)
    assert "Linear (linear): the cell for your code is deleted" in said
    assert "A question (why): the cell for your answer is deleted" in said


def test_an_abstract_method_of_one_s_own_is_not_a_part_left_out(root, path, no_kernel):
    write_solution(path, HALF + "\n\n    def own(self):\n        raise NotImplementedError")
    assert "not written" not in handed(root)[1]


def test_of_copied_cells_the_last_one_counts(root, path, no_kernel):
    write_solution(path, HALF)
    notebook = nbformat.read(path, 4)
    marks = cell(notebook, "linear-marks")
    copied = nbformat.from_dict({**marks, "id": "copied"})
    notebook.cells.append(copied)
    nbformat.write(notebook, path)
    notebook, said = handed(root)
    assert "Linear (linear-marks): the cell for your marks is there 2 times; the last one counts" in said
    assert "nbgrader" not in cell(notebook, "linear-marks").metadata
    assert cell(notebook, "copied").metadata.nbgrader.grade_id == "linear-marks"


def test_large_files_hidden_ones_and_links_stay_behind(root, path, no_kernel, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 1000)
    folder = path.parent
    (folder / "large.bin").write_bytes(bytes(1001))
    (folder / "report.txt").write_text("mine", "utf-8")
    (folder / ".hidden").write_text("x", "utf-8")
    (folder / "link").symlink_to("/etc/hostname")
    _, said = handed(root)
    assert "large.bin is larger than" in said
    with zipfile.ZipFile(root / "handed-in" / "a2-ada.zip") as archive:
        assert archive.namelist() == [f"ada/{NAME}/{NAME}.ipynb", f"ada/{NAME}/report.txt"]


def test_many_small_prints_and_figures_are_capped_as_well(root, path, monkeypatch):
    monkeypatch.setattr(run, "MOST_OF_A_CELL", 10_000)
    monkeypatch.setattr(run, "MOST", 25_000)
    flood = "for number in range(600):\n    print('line', number, flush=True)"
    figures = "from IPython.display import display\n\nfor _ in range(9):\n"
    figures += "    display({'image/png': 'A' * 4000}, raw=True)"
    for source in (flood, figures, "1 / 0", flood, "print('the last')\n1 / 0"):
        add(path, source)
    notebook, said = handed(root)
    content = nbformat.writes(notebook)
    assert len(content) < 60_000
    assert content.count("the rest of this output is left out") >= 2
    assert [out.ename for out in notebook.cells[-1].outputs if out.output_type == "error"] == [
        "ZeroDivisionError"
    ]
    assert said.count("raised ZeroDivisionError") == 2


def test_a_figure_that_is_drawn_again_and_again_is_one_figure(root, path, monkeypatch):
    monkeypatch.setattr(run, "MOST_OF_A_CELL", 10_000)
    add(
        path,
        """
from IPython.display import clear_output, display

for number in range(50):
    clear_output(wait=True)
    display({"image/png": "A" * 4000, "text/plain": f"figure {number}"}, raw=True)
handle = display("small", display_id=True)
handle.update("B" * 20_000)
""",
    )
    notebook, _ = handed(root)
    assert [output.data["text/plain"] for output in notebook.cells[-1].outputs] == ["figure 49", LEFT_OUT]


def test_a_renamed_notebook_is_said(root, path, no_kernel):
    path.rename(path.with_name("my version.ipynb"))
    with pytest.raises(
        ValueError, match=r"expected a2_small.ipynb in assignments/a2_small, got my version.ipynb"
    ):
        handed(root)
    path.write_text("{", "utf-8")
    with pytest.raises(ValueError, match=r"a2_small.ipynb: expected a notebook"):
        handed(root)


def test_the_id_is_asked_once_and_remembered(root, no_kernel, monkeypatch):
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda words: asked.append(words) or "ada-1")
    assert handed(root, "ada-1")  # given: not asked
    assert asked == []
    (own_folder(__import__("os").environ) / FILE).unlink()
    assert student_id() == student_id() == "ada-1"
    assert len(asked) == 1
    assert student_id("grace") == student_id() == "grace"


def test_without_a_terminal_the_id_is_an_argument(root, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(ValueError, match="id: expected your student id, got none; add --id"):
        student_id()


@pytest.mark.parametrize("text", ["a", "s1234567", "ada.lovelace", "A-b_c.9", "x" * 64])
def test_usual_ids_are_taken(text):
    assert check_id(text) == text


@pytest.mark.parametrize(
    "text",
    ["", " ", "a b", "../x", "a/b", "a\\b", ".a", "a.", "-a", "é", "a\n", "x" * 65, "a;b", "a@b.c", "$(id)"],
)
def test_what_could_be_another_file_is_no_id(text):
    with pytest.raises(ValueError, match="id: expected"):
        check_id(text)


@pytest.mark.parametrize("said", ["x", None, [], 7, {"grade_id": None}, {"grade_id": ["a"]}])
def test_whatever_stands_where_nbgrader_writes_is_handed_in(root, path, no_kernel, said):
    content = json.loads(path.read_text())
    content["cells"][2]["metadata"]["nbgrader"] = said
    del content["cells"][1]["outputs"]
    path.write_text(json.dumps(content))
    assert "(linear): the cell for your code is deleted" in handed(root)[1]


@pytest.mark.parametrize("source", [5, "\ud800"])
def test_a_cell_that_holds_no_text_is_said(root, path, no_kernel, source):
    content = json.loads(path.read_text())
    content["cells"][2]["source"] = source
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="expected a notebook, got a file that is none"):
        handed(root)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_stays_behind(root, path, no_kernel):
    os.mkfifo(path.with_name("pipe"))
    handed(root)

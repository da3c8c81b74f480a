"""Releases: made by nbgrader, the same at every time, and without a word of what students must find."""

import copy
import json
import os

import nbformat
import pytest
from small_course import NAME, ROOT, STUB, cell, make_course, source, write_solution

from data_loaders import load_shapes10
from lib.assignments.leaks import answers_of, leaks, telling
from lib.assignments.originals import files_of, original
from lib.assignments.places import assignments_in, short_name
from lib.assignments.release import release, released
from lib.assignments.reset import reset
from lib.cli import main
from lib.leaderboard.key_file import read_key
from lib.leaderboard.student_files import read_challenge

REAL = assignments_in(ROOT / "solutions")


@pytest.mark.parametrize("name", REAL)
def test_what_is_released_is_made_from_its_source_byte_for_byte(name):
    made = released(name)  # refuses what tells too much
    assert made == files_of(ROOT / "assignments" / name), f"make it again: course release {short_name(name)}"
    assert made == original(name, ROOT)[1]


@pytest.mark.parametrize("name", REAL)
def test_no_release_holds_a_line_of_a_solution_a_hidden_test_or_an_answer(name):
    before = files_of(ROOT / "solutions" / name)
    answers = answers_of(ROOT / "lib" / "tasks" / short_name(name))
    notebook = nbformat.reads(before[f"{name}.ipynb"].decode(), 4)
    assert sum("BEGIN SOLUTION" in cell.source for cell in notebook.cells) > 0
    assert sum(len(list(telling(text))) for text in answers) > 0
    assert leaks(before, files_of(ROOT / "assignments" / name), answers) == []


def test_every_release_has_a_source():
    assert assignments_in(ROOT / "assignments") == REAL


def test_a_release_is_what_students_need(tmp_path):
    root = make_course(tmp_path)
    (folder,) = release(["a2"], root)
    assert [path.name for path in folder.iterdir()] == [f"{NAME}.ipynb"]
    notebook = nbformat.read(folder / f"{NAME}.ipynb", 4)
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in source().cells]
    stub = cell(notebook, "linear-stub").source
    assert stub.count('raise NotImplementedError("write this part")') == 2
    assert "SOLUTION" not in stub
    assert cell(notebook, "linear-marks").source.startswith("# Your marks")
    assert "grade(" not in cell(notebook, "linear-marks").source
    assert cell(notebook, "answer").source == "*Write your answer here.*"
    assert cell(notebook, "linear-check").metadata.editable is False


def test_it_is_the_same_every_time_and_leaves_nothing_else_behind(tmp_path):
    root, path = make_course(tmp_path), os.environ["PATH"]
    first = files_of(release([], root)[0])
    again = files_of(release(["a2"], root)[0])
    assert first == again == released(NAME, root) == original("a2", root)[1]
    assert {path.name for path in root.iterdir()} == {"assignments", "lib", "nbgrader_config.py", "solutions"}
    assert [path.name for path in (root / "assignments").iterdir()] == [NAME]
    assert os.environ["PATH"] == path


def test_outputs_caches_and_hidden_files_stay_behind_and_helpers_come_along(tmp_path):
    notebook = source()
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="the secret output")]
    root = make_course(tmp_path, notebook)
    folder = root / "solutions" / NAME
    (folder / "picture.svg").write_text("<svg/>", "utf-8")
    for left in (".ipynb_checkpoints/x.ipynb", "__pycache__/x.pyc", ".DS_Store"):
        (folder / left).parent.mkdir(exist_ok=True)
        (folder / left).write_text("left behind", "utf-8")
    made = released(NAME, root)
    assert sorted(made) == [f"{NAME}.ipynb", "picture.svg"]
    assert b"secret output" not in made[f"{NAME}.ipynb"]


SOLUTION = "return x @ self.weight.T + self.bias"


def leaking_text(notebook, folder):
    cell(notebook, "question").source += f"\n\nHint: `{SOLUTION}`"


def leaking_code(notebook, folder):
    cell(notebook, "imports").source += f"\n\n\ndef forward(self, x):\n    {SOLUTION}"


def leaking_metadata(notebook, folder):
    cell(notebook, "question").metadata["note"] = {"deep": [f"mind: {SOLUTION}"]}


def leaking_notebook_metadata(notebook, folder):
    notebook.metadata["note"] = SOLUTION


def leaking_helper(notebook, folder):
    (folder / "helper.py").write_text(f"def f(self, x):\n    {SOLUTION}\n", "utf-8")


def leaking_hidden_test(notebook, folder):
    cell(notebook, "imports").source += '\ngrade("a2.linear", Linear)'


def leaking_import(notebook, folder):
    cell(notebook, "imports").source += "\nfrom lib.tasks.a2.answers.linear import Linear"


def leaking_mark(notebook, folder):
    (folder / "notes.md").write_text("### END SOLUTION", "utf-8")


def unmarked_solution(notebook, folder):
    cell(notebook, "linear-stub").metadata = {}


def open_region(notebook, folder):
    linear = cell(notebook, "linear-stub")
    linear.source = linear.source.rpartition("        ### END SOLUTION")[0]


def written_answer(notebook, folder):
    cell(notebook, "title").source += "\n\nBecause two uses of one weight both change the loss."


@pytest.mark.parametrize(
    "spoil",
    [
        leaking_text, leaking_code, leaking_metadata, leaking_notebook_metadata, leaking_helper,
        leaking_hidden_test, leaking_import, leaking_mark, unmarked_solution, open_region, written_answer,
    ],
    ids=lambda spoil: spoil.__name__,
)  # fmt: skip
def test_what_would_tell_an_answer_is_refused_in_a_sentence(tmp_path, spoil):
    notebook = source()
    root = make_course(tmp_path)
    folder = root / "solutions" / NAME
    spoil(notebook, folder)
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    with pytest.raises(
        ValueError, match=f"{NAME}: expected a (release that tells no answers|source that)"
    ) as e:
        release(["a2"], root)
    assert "\n" not in str(e.value)
    assert not (root / "assignments").exists()


def test_a_reference_in_a_release_is_found_though_the_solution_reads_otherwise(tmp_path):
    root = make_course(tmp_path)
    answers = root / "lib" / "tasks" / "a2" / "answers"
    answers.mkdir(parents=True)
    (answers / "linear.py").write_text("def f(x):\n    return np.einsum('nd,fd->nf', x, w)\n", "utf-8")
    released(NAME, root)
    notebook = source()
    cell(notebook, "question").source += "\nHint: np.einsum('nd,fd->nf', x, w) does it\n"
    (answers / "linear.py").write_text("y = 1\nnp.einsum('nd,fd->nf', x, w)\n", "utf-8")
    nbformat.write(notebook, root / "solutions" / NAME / f"{NAME}.ipynb")
    with pytest.raises(ValueError, match="a line of the tasks' answers in cell 6"):
        released(NAME, root)


def test_code_that_is_given_outside_of_solutions_is_no_leak(tmp_path):
    given = STUB.replace(
        "        self.zero_grad_parameters()", "        self.scale = self.weight.shape[0]", 1
    )
    solution = given.replace(
        "        return x @", "        self.scale = self.weight.shape[0]\n        return x @"
    )
    with pytest.raises(
        ValueError, match=r"a line of a solution in cell 3 .*: self.scale = self.weight.shape\[0\]"
    ):
        released(NAME, make_course(tmp_path / "computes", source(solution)))
    plain = STUB.replace("        return x @", "        self.zero_grad_parameters()\n        return x @")
    assert released(NAME, make_course(tmp_path / "calls", source(plain)))


def test_one_that_tells_too_much_keeps_all_from_being_written(tmp_path):
    root = make_course(tmp_path)
    other = root / "solutions" / "a3_other"
    other.mkdir()
    notebook = copy.deepcopy(source())
    leaking_text(notebook, other)
    nbformat.write(notebook, other / "a3_other.ipynb")
    with pytest.raises(ValueError, match="a3_other"):
        release([], root)
    assert not (root / "assignments").exists()


def test_what_an_instructor_has_written_into_a_release_is_not_lost(tmp_path):
    root = make_course(tmp_path)
    (folder,) = release([], root)
    write_solution(folder / f"{NAME}.ipynb", "    pass")
    with pytest.raises(ValueError, match="somebody has written into; `course reset a2`"):
        release([], root)
    _, kept = reset("a2", root)
    release([], root)
    assert "    pass" in cell(nbformat.read(kept / f"{NAME}.ipynb", 4), "linear-stub").source


def test_without_sources_it_is_said_who_has_them(tmp_path):
    with pytest.raises(ValueError, match=r"solutions: expected .* instructors' copy"):
        release([], tmp_path)
    with pytest.raises(ValueError, match="assignment: expected one of a2, got 'a7'"):
        release(["a7"], make_course(tmp_path))


def test_what_is_no_notebook_is_said(tmp_path):
    root = make_course(tmp_path)
    path = root / "solutions" / NAME / f"{NAME}.ipynb"
    path.write_text(json.dumps({"cells": 3}), "utf-8")
    with pytest.raises(ValueError, match=f"{NAME}.ipynb: expected a notebook"):
        release([], root)
    path.unlink()
    with pytest.raises(ValueError, match=f"expected {NAME}.ipynb in solutions/{NAME}, got nothing"):
        release([], root)


def test_a_solution_cell_without_regions_loses_all_of_it(tmp_path):
    whole = STUB.replace("        ### BEGIN SOLUTION\n", "").replace("        ### END SOLUTION", "")
    root = make_course(tmp_path, source(whole))
    made = nbformat.reads(released(NAME, root)[f"{NAME}.ipynb"].decode(), 4)
    assert cell(made, "linear-stub").source == 'raise NotImplementedError("write this part")'


def test_the_images_of_the_challenge_are_written_and_their_key_beside_the_secret(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("COURSE_SECRET", str(tmp_path / "mine" / "secret"))
    monkeypatch.setenv("COURSE_DATASET", "shapes10")
    monkeypatch.setattr("lib.assignments.release.release", lambda names: [])
    assert main(["release", "a4", "--challenge", str(tmp_path / "challenge")]) == 0
    assert len(read_challenge(tmp_path / "challenge")) == len(load_shapes10().test)
    key = tmp_path / "mine" / "challenge" / "key.json"
    assert len(read_key(key).labels) == len(load_shapes10().test)
    assert f"The key of the challenge: {key}" in capsys.readouterr().out
    (tmp_path / "challenge" / "notes.txt").write_text("mine")
    assert main(["release", "a4", "--challenge", str(tmp_path / "challenge")]) == 1
    assert "notes.txt" in capsys.readouterr().err


def test_files_and_cells_of_one_s_own_in_a_release_are_kept(tmp_path):
    make_course(tmp_path)
    release([], tmp_path)
    folder = tmp_path / "assignments" / NAME
    (folder / "notes.txt").write_text("mine")
    release([], tmp_path)
    assert [path.read_text() for path in tmp_path.glob("assignments/kept/*/notes.txt")] == ["mine"]
    assert not (folder / "notes.txt").exists()

    release([], tmp_path)  # nothing is there but what was released
    assert len(list(tmp_path.glob("assignments/kept/*"))) == 1

    path = folder / f"{NAME}.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells.append(nbformat.v4.new_code_cell("of_my_own = 1"))
    nbformat.write(notebook, path)
    release([], tmp_path)
    assert ["of_my_own" in kept.read_text() for kept in tmp_path.glob("assignments/kept/*/*.ipynb")].count(
        True
    ) == 1

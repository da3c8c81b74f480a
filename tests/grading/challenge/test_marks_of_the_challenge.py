"""The challenge's marks as a table and in nbgrader's gradebook: twice the same, and a person's marks stay."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import nbformat
import pytest
from rerun_course import COURSE, NAME, entry_of, make_class, reference_notebook
from sqlalchemy import inspect, select

from lib import cli
from lib.assignments.cells import grade_id, read_notebook
from lib.grading.challenge.marks import (
    CELL,
    COLUMNS,
    board_mark_lines,
    challenge_csv,
    export_challenge_marks,
    write_board_marks,
)
from lib.grading.gradebook.marks import marks_in_gradebook, remove_student
from lib.grading.gradebook.opening import FROM_BOARD, open_gradebook
from lib.grading.gradebook.recorder import Recorder
from lib.grading.places import backups_folder
from lib.grading.results import Result, TaskMarks
from lib.leaderboard.board import Decision, RerunNote
from lib.leaderboard.board.outcomes import outcomes
from lib.leaderboard.key_file import write_key

STUDENTS = {"ada": 0.6, "bob": 0.9, "eve": 0.5, "joe": 0.4}


@pytest.fixture
def group(tmp_path):
    """ada's and joe's re-runs agree, bob's does not, eve's is to come; zoe has no entry."""
    root = tmp_path / "course"
    root.mkdir()
    (root / "nbgrader_config.py").symlink_to(COURSE / "nbgrader_config.py")
    board, _ = make_class(root, STUDENTS)
    board.people.invite([("zoe", "Zoe", "")])
    for student, agrees in (("ada", True), ("joe", True), ("bob", False)):
        noted(board, student, agrees)
    yield root, board
    board.close()


def noted(board, student, agrees):
    entry = board.entries.counting(board.people.find(student).number)
    board.verdicts.note_rerun(RerunNote(entry.number, 0.0, agrees, "a report", 1.0))
    return entry.number


def graded(gradebook, students=("ADA", "bob", "eve", "zoe"), text="Entry 3, since it is best.", earned=12.0):
    """What `course grade a4` writes."""
    notebook = read_notebook(reference_notebook(), NAME)
    for cell in notebook.cells:
        if grade_id(cell) == CELL:
            cell.source = text
    tasks = (
        TaskMarks("train-marks", "a4.reproducible", 12, earned, {}),
        TaskMarks("file-marks", "a4.submission", 3, 3.0, {}),
    )
    with Recorder(gradebook, NAME) as recorder:
        for student in students:
            result = Result(student, NAME, f"key {earned}", tasks, (), "bubblewrap", 1.0, 1.0)
            recorder.record(result, nbformat.writes(notebook).encode())


def cell_of(gradebook, student):
    """(score, whether a person has to look at it), as nbgrader itself reads it."""
    from nbgrader.api import Gradebook

    with Gradebook(gradebook.url, gradebook.course) as book:
        grade = book.find_grade(CELL, NAME, NAME, student)
        return grade.manual_score, grade.needs_manual_grade


def marked_by_person(gradebook, student, score):
    from nbgrader.api import Gradebook

    with Gradebook(gradebook.url, gradebook.course) as book:
        grade = book.find_grade(CELL, NAME, NAME, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        book.db.commit()


def marks_by_outcome(board):
    return {outcome.participant.student: outcome.marks for outcome in outcomes(board)}


def test_the_release_has_the_cell():
    cells = {grade_id(cell): cell for cell in read_notebook(reference_notebook(), NAME).cells}
    assert cells[CELL].metadata.nbgrader.points == 40


def test_marks_of_the_board_are_those_of_the_cell(group):
    root, board = group
    with open_gradebook(root) as gradebook:
        graded(gradebook)
        done = write_board_marks(outcomes(board), gradebook, root=root)
        ada = marks_by_outcome(board)["ada"]
        assert 20 < ada < 40
        assert done.written == {"ada": ada, "zoe": 0.0}
        assert done.waiting == {"bob": "waits for a person", "eve": "re-run to come"}
        assert done.ungraded == ["joe"]
        assert cell_of(gradebook, "ADA") == (ada, False)
        assert cell_of(gradebook, "bob") == (None, True)
        (marks,) = [m for m in marks_in_gradebook(gradebook, NAME) if m.student == "ADA"]
        assert marks.score == pytest.approx(15 + ada)
        assert CELL not in marks.waiting


def test_who_has_neither_entry_nor_submission_is_not_sent_to_the_grading(group):
    root, board = group
    with open_gradebook(root) as gradebook:
        graded(gradebook, students=("ADA",))
        done = write_board_marks(outcomes(board), gradebook, root=root)
    assert (done.ungraded, done.absent) == (["joe"], ["zoe"])
    assert "Neither on the board nor in the gradebook: zoe" in board_mark_lines(done)


def test_a_second_time_changes_nothing(group):
    root, board = group
    with open_gradebook(root) as gradebook:
        graded(gradebook)
        write_board_marks(outcomes(board), gradebook, root=root)
        before = all_of(gradebook)
        done = write_board_marks(outcomes(board), gradebook, root=root)
        assert (done.written, done.same) == ({}, 2)
        assert all_of(gradebook) == before


def all_of(gradebook):
    with gradebook.begin() as connection:
        tables = inspect(connection).get_table_names()
        return {name: connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in tables}


def test_another_outcome_gives_another_mark_and_a_click_gives_one(group):
    root, board = group
    with open_gradebook(root) as gradebook:
        graded(gradebook)
        first = write_board_marks(outcomes(board), gradebook, root=root).written["ada"]
        board.entries.add(board.people.find("ada").number, entry_of(board, 0.65), once="better")
        done = write_board_marks(outcomes(board), gradebook, root=root)
        assert done.taken_back == ["ada"]  # the code of that entry has not run again
        assert cell_of(gradebook, "ADA") == (None, True)
        noted(board, "ada", True)
        bob = board.entries.counting(board.people.find("bob").number)
        board.verdicts.note_decision(Decision(bob.number, 0.0, False, "no explanation"))
        done = write_board_marks(outcomes(board), gradebook, root=root)
        assert done.written["ada"] > first
        assert done.written["bob"] == 0
        board.verdicts.note_decision(Decision(bob.number, 1.0, True, "explained"))
        assert write_board_marks(outcomes(board), gradebook, root=root).written == {"bob": 40.0}
        assert cell_of(gradebook, "bob") == (40.0, False)


def test_grading_again_keeps_the_mark_and_another_answer_does_not_hold_it_up(group):
    root, board = group
    with open_gradebook(root) as gradebook:
        graded(gradebook)
        ada = write_board_marks(outcomes(board), gradebook, root=root).written["ada"]
        graded(gradebook, earned=7.0)
        assert cell_of(gradebook, "ADA") == (ada, False)
        graded(gradebook, earned=7.0, text="Another answer.")
        assert cell_of(gradebook, "ADA")[0] == ada
        assert "ada" in write_board_marks(outcomes(board), gradebook, root=root).written
        assert cell_of(gradebook, "ADA") == (ada, False)


def test_what_a_person_has_written_stays_until_it_is_forced(group):
    root, board = group
    with open_gradebook(root) as gradebook:
        graded(gradebook)
        ada = marks_by_outcome(board)["ada"]
        marked_by_person(gradebook, "ADA", 11.0)
        done = write_board_marks(outcomes(board), gradebook, root=root)
        assert done.by_person == {"ada": (11.0, ada)}
        assert cell_of(gradebook, "ADA") == (11.0, False)
        assert write_board_marks(outcomes(board), gradebook, force=True, root=root).written == {"ada": ada}
        marked_by_person(gradebook, "ADA", 12.0)  # over the board's mark
        assert write_board_marks(outcomes(board), gradebook, root=root).by_person == {"ada": (12.0, ada)}
        marked_by_person(gradebook, "bob", 13.0)  # who waits on the board
        write_board_marks(outcomes(board), gradebook, root=root)
        assert cell_of(gradebook, "bob") == (13.0, False)


def test_a_mark_above_the_cell_writes_nothing(group, monkeypatch):
    root, board = group
    with open_gradebook(root) as gradebook:
        graded(gradebook)
        with gradebook.begin() as connection:
            connection.exec_driver_sql("UPDATE grade_cells SET max_score = 10")
        before = all_of(gradebook)
        with pytest.raises(ValueError, match=r"mark: expected at most 10, as accuracy-marks says"):
            write_board_marks(outcomes(board), gradebook, root=root)
        assert all_of(gradebook) == before


def test_whoever_is_forgotten_leaves_nothing(group):
    root, board = group
    with open_gradebook(root) as gradebook:
        graded(gradebook)
        write_board_marks(outcomes(board), gradebook, root=root)
        for student in ("ADA", "zoe"):
            remove_student(gradebook, student)
        with gradebook.begin() as connection:
            assert connection.execute(select(FROM_BOARD)).all() == []


def test_the_table_has_a_line_for_each(group):
    _, board = group
    rows = list(csv.reader(io.StringIO(challenge_csv(outcomes(board)).decode())))
    assert tuple(rows[0]) == COLUMNS
    lines = {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]}
    assert sorted(lines) == ["ada", "bob", "eve", "joe", "zoe"]
    ada = board.entries.counting(board.people.find("ada").number)
    assert float(lines["ada"]["public"]) == pytest.approx(ada.public / 10)
    assert float(lines["ada"]["private"]) == pytest.approx(ada.private / 10)
    assert float(lines["ada"]["marks"]) == marks_by_outcome(board)["ada"]
    assert (lines["bob"]["marks"], lines["bob"]["state"]) == ("", "waits for a person")
    assert (lines["zoe"]["entry"], lines["zoe"]["marks"], lines["zoe"]["state"]) == ("", "0", "no entry")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r=", "＝"])
def test_formulas_in_names_and_flags_are_harmless(group, begin):
    _, board = group
    evil = f"{begin}HYPERLINK(1)"
    changed = [
        replace(
            outcome,
            participant=replace(outcome.participant, name=evil, student=evil),
            entry=None if outcome.entry is None else replace(outcome.entry, flags=(evil,)),
        )
        for outcome in outcomes(board)
    ]
    for row in csv.reader(io.StringIO(challenge_csv(changed).decode())):
        assert not [cell for cell in row if cell.strip().startswith(("=", "+", "@", "-H", "＝"))]


def test_the_command_writes_the_table_and_says_who_is_left_out(group, tmp_path):
    root, board = group
    said = []
    to = tmp_path / "marks.csv"
    assert export_challenge_marks(board, to, root=root, say=said.append) == 0
    assert to.read_bytes() == challenge_csv(outcomes(board))
    assert said == [str(to), "Left out, waits for a person: bob", "Left out, re-run to come: eve"]
    assert not (root / "gradebook.db").exists()


def test_the_command_copies_the_gradebook_first(group, tmp_path):
    root, board = group
    with open_gradebook(root) as gradebook:
        graded(gradebook)
        marked_by_person(gradebook, "ADA", 1.0)
    said = []
    export_challenge_marks(board, tmp_path / "marks.csv", gradebook=True, root=root, say=said.append)
    assert said[1] == "Gradebook: 1 marks written, 0 were there already"
    assert "Not in the gradebook yet, `course grade a4` first: joe" in said
    assert any(line.startswith("A person's marks stay, --force replaces them: ada has 1") for line in said)
    assert list(backups_folder(root).glob("gradebook-*.db"))


def test_it_can_be_typed(group, tmp_path, capsys):
    _, board = group
    folder = tmp_path / "course challenge"
    write_key(folder / "key.json", board.key)
    assert cli.main(["leaderboard", "export", "--folder", str(folder)]) == 0
    assert (folder / "marks.csv").read_bytes() == challenge_csv(outcomes(board))
    assert "Left out, re-run to come: eve" in capsys.readouterr().out
    assert cli.main(["leaderboard", "export", "--folder", str(folder), "--to", str(tmp_path)]) == 1
    assert f"to: expected a file for the table, got a folder, {tmp_path}" in capsys.readouterr().err

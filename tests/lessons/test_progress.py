"""What a student has passed and guessed: one small file of theirs, which never stops a lecture."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lib.lessons import progress
from lib.lessons.progress import (
    forget_progress,
    guess_of,
    last_place,
    note_guess,
    note_passed,
    passed,
    progress_file,
    read_progress,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """The file of progress of this test; what this Python remembers beside it is forgotten."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "mine" / "progress.json"))
    monkeypatch.setattr(progress, "_unwritten", {})
    monkeypatch.setattr(progress, "_said", set())
    return tmp_path / "mine" / "progress.json"


def test_what_was_noted_is_there_again_and_a_person_can_read_it(file):
    note_passed("05.add_gate")
    note_guess("01.alexnet_error", 26.2)
    note_guess("01.class", "Käfer")
    assert passed() == {"05.add_gate"}
    assert (guess_of("01.alexnet_error"), guess_of("01.class"), guess_of("01.none")) == (26.2, "Käfer", None)
    assert last_place()["name"] == "01.class"
    text = file.read_text("utf-8")
    assert "Käfer" in text
    assert len(text.splitlines()) > 10
    assert {path.name for path in file.parent.iterdir()} <= {"progress.json", ".progress.json.lock"}


def test_an_exercise_is_passed_once_and_a_guess_may_change(file):
    note_passed("05.add_gate")
    content = json.loads(file.read_text())
    content["passed"]["05.add_gate"] = "2026-01-01 10:00"
    file.write_text(json.dumps(content))
    note_passed("05.add_gate")
    assert read_progress()["passed"] == {"05.add_gate": "2026-01-01 10:00"}
    note_guess("01.error", 3)
    note_guess("01.error", 4)
    assert guess_of("01.error") == 4
    assert last_place()["name"] == "01.error"


def test_an_assignment_is_no_place_in_the_lectures():
    note_passed("05.add_gate")
    note_passed("a2.linear")
    assert passed() == {"05.add_gate", "a2.linear"}
    assert last_place()["name"] == "05.add_gate"


@pytest.mark.parametrize(
    ("guess", "back"),
    [
        (np.float32(0.5), 0.5),
        (np.arange(3), [0, 1, 2]),
        (np.array([[0.5, 1.5]]), [[0.5, 1.5]]),
        ((1, "two"), [1, "two"]),
        ([(0.0, np.int64(1))], [[0.0, 1]]),
        (True, True),
        ("", ""),
        (0, 0),
    ],
)
def test_guesses_of_every_kind_come_back_as_json_has_them(guess, back):
    note_guess("01.error", guess)
    assert guess_of("01.error") == back


def test_a_guess_that_json_cannot_hold_is_remembered_as_its_text(capsys):
    ring = []
    ring.append(ring)
    for name, guess in {"01.set": {1}, "01.object": object, "01.ring": ring}.items():
        note_guess(name, guess)
        assert isinstance(guess_of(name), str)
    note_passed("05.add_gate")
    assert passed() == {"05.add_gate"}
    assert capsys.readouterr() == ("", "")


BROKEN = [
    b"",
    b"{",
    b"[]",
    b"3",
    b'{"passed": 3}',
    b'{"guesses": []}',
    b"\xff\xfe",
    b"[" * 100_000,
    b"\0" * 50,
]


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_kept_aside_and_one_line_says_so(file, capsys, content):
    file.parent.mkdir()
    file.write_bytes(content)
    assert passed() == set()
    assert guess_of("01.error") is None
    note_passed("05.add_gate")
    note_passed("05.multiply_gate")
    assert passed() == {"05.add_gate", "05.multiply_gate"}
    (kept,) = file.parent.glob("progress-broken-*.json")
    assert kept.read_bytes() == content
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert kept.name in out


def test_what_a_later_version_of_the_course_has_written_stays(file):
    file.parent.mkdir()
    file.write_text('{"passed": {"05.x": "2026"}, "badges": [1], "guesses": {"01.y": 3}}')
    note_passed("05.add_gate")
    content = json.loads(file.read_text())
    assert content["badges"] == [1]
    assert passed() == {"05.x", "05.add_gate"}
    assert guess_of("01.y") is None  # no guess of ours


def no_room(*args):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    "trouble", ["a file for the folder", "a folder for the file", "full disk", "no home"]
)
def test_where_the_file_cannot_be_written_the_session_remembers_and_one_line_says_so(
    file, tmp_path, monkeypatch, capsys, trouble
):
    if trouble == "a file for the folder":
        file.parent.write_text("")
    elif trouble == "a folder for the file":
        file.mkdir(parents=True)
    elif trouble == "full disk":
        monkeypatch.setattr("os.fsync", no_room)
    else:
        monkeypatch.delenv("COURSE_PROGRESS")
        monkeypatch.delenv("COURSE_WORK", raising=False)
        monkeypatch.setattr("lib.lessons.work.can_be_written", lambda folder: False)
        monkeypatch.setattr("platformdirs.user_data_dir", lambda name: "~/.local/share/x")
    note_passed("05.add_gate")
    note_passed("05.max_gate")
    note_guess("01.error", 3)
    assert passed() == {"05.add_gate", "05.max_gate"}
    assert guess_of("01.error") == 3
    assert last_place()["name"] == "01.error"
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.startswith("Your progress is not written down (")


def test_what_could_not_be_written_is_written_with_the_next_note(file, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", no_room)
        note_passed("05.add_gate")
    assert not file.exists()
    note_passed("05.max_gate")
    assert json.loads(file.read_text())["passed"].keys() == {"05.add_gate", "05.max_gate"}


def test_nothing_is_noted_where_a_notebook_is_run_to_be_graded(file, monkeypatch):
    monkeypatch.setenv("COURSE_GRADING", "1")
    note_passed("05.add_gate")
    assert not file.exists()


def test_several_kernels_at_once_lose_nothing(file):
    program = (
        "import sys; from lib.lessons.progress import note_passed\n"
        "for i in range(10): note_passed(f'05.k{sys.argv[1]}_{i}')"
    )
    kernels = [subprocess.Popen([sys.executable, "-c", program, str(k)], cwd=ROOT) for k in range(3)]
    assert [kernel.wait(120) for kernel in kernels] == [0, 0, 0]
    assert passed() == {f"05.k{k}_{i}" for k in range(3) for i in range(10)}


def test_forgetting_deletes_the_file(file):
    assert not forget_progress()
    note_passed("05.add_gate")
    assert forget_progress()
    assert not file.exists()
    assert passed() == set()


def test_the_place_of_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", "notes/mine.json")
    assert progress_file() == ROOT / "notes" / "mine.json"  # of the course's folder, whoever asks from where
    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.setenv("COURSE_WORK", str(tmp_path / "my work"))
    assert progress_file() == tmp_path / "my work" / "progress.json"


def test_a_link_to_a_file_elsewhere_stays_one(file, tmp_path):
    file.parent.mkdir()
    os.symlink(tmp_path / "synced.json", file)
    note_passed("05.add_gate")
    assert file.is_symlink()
    assert "05.add_gate" in (tmp_path / "synced.json").read_text()

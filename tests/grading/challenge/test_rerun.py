"""Handed-in training code runs again: what agrees, what is noted, and what is not done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from rerun_course import (
    COURSE,
    NAME,
    QUICK,
    entry_of,
    hand_in_challenge,
    make_class,
    notebook_with,
    reference_notebook,
    striped_dataset,
)

from lib import cli
from lib.assignments.cells import grade_id, read_notebook
from lib.assignments.originals import original
from lib.grading.challenge import rerun as reruns
from lib.grading.challenge.rerun import (
    DIFFERS,
    NO_CODE,
    NO_LABELS,
    NOT_RUN,
    REPRODUCED,
    RerunLine,
    rerun_challenge,
    rerun_table,
    sandbox_for_training,
)
from lib.grading.challenge.running import RUN, TRAINING, WRITE
from lib.grading.challenge.training_room import training_data, training_room
from lib.grading.sandbox.attempt import Attempt, try_bubblewrap
from lib.leaderboard.board import Decision
from lib.leaderboard.board.outcomes import AGREES, WAITS, outcomes
from lib.leaderboard.competition import make_competition
from lib.leaderboard.key_file import write_key
from lib.leaderboard.student_files import write_challenge

needs_sandbox = pytest.mark.skipif(not try_bubblewrap().works, reason="bubblewrap does not work here")
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    """The folder of rooms, which is made once."""
    return tmp_path_factory.mktemp("rooms")


@pytest.fixture
def group(tmp_path, rooms):
    """A class of three; ada's and bob's code gets about 0.97, and bob's entry is better than that can be."""
    root = tmp_path / "course"
    root.mkdir()
    (root / "grading").mkdir()
    (root / "grading" / "rooms").symlink_to(rooms)
    board, folder = make_class(root, {"ada": 0.6, "bob": 1.0, "eve": 0.5})
    yield root, board, folder
    board.close()


def run(group, **options):
    root, board, folder = group
    options = {"data": striped_dataset(), "seconds": 100, "workers": 2, **options}
    return {line.student: line for line in rerun_challenge(board, folder, root=root, **options)}


def test_the_notebook_still_has_the_cells_that_a_rerun_stands_on():
    release = read_notebook(original(NAME, COURSE)[1][f"{NAME}.ipynb"], NAME)
    cells = {grade_id(cell): cell.source for cell in release.cells}
    assert TRAINING in cells[RUN]
    assert "predict(model, challenge)" in cells[WRITE]
    assert "load_dataset(" in cells["imports"]


@needs_sandbox
@pytest.mark.family(share=2)
def test_what_agrees_what_differs_and_who_has_no_code(group):
    root, board, _ = group
    hand_in_challenge(root, "ADA", notebook_with())  # ids are one in all capitals
    hand_in_challenge(root, "bob", notebook_with(QUICK.replace("argmin(1)", "argmax(1)")))
    lines = run(group)
    assert {student: line.state for student, line in lines.items()} == {
        "ada": REPRODUCED,
        "bob": DIFFERS,
        "eve": NO_CODE,
    }
    assert "points worse, more than the 1 allowed: a person decides" in lines["bob"].said
    noted = board.verdicts.reruns()
    assert sorted(noted) == sorted(line.entry for line in lines.values())
    assert noted[lines["ada"].entry].agrees
    assert not noted[lines["bob"].entry].agrees
    assert noted[lines["eve"].entry].report == "No predictions: no code was handed in"
    assert [0 < noted[lines[name].entry].seconds < 60 for name in ("ada", "bob", "eve")] == [
        True,
        True,
        False,
    ]
    assert outcomes(board)[-1].state == WAITS
    hand_in_challenge(root, "eve", notebook_with())
    assert run(group, students=["eve"])["eve"].state == REPRODUCED
    assert outcomes(board)[-1].state == AGREES


@needs_sandbox
@pytest.mark.family(share=2)
def test_what_is_done_is_not_done_again_until_code_or_entry_change(group):
    root, board, _ = group
    folder = hand_in_challenge(root, "ada", notebook_with())
    hand_in_challenge(root, "eve", notebook_with(None))
    first = run(group)
    board.verdicts.note_decision(Decision(first["eve"].entry, board.clock(), True, "explained"))
    again = run(group, sandbox="bubblewrap")
    assert [again[student].done for student in ("ada", "eve")] == [False, False]
    assert [again[student].decided for student in ("ada", "eve")] == [False, True]
    assert again["ada"].said == first["ada"].said
    assert board.verdicts.decisions()[first["eve"].entry].counts
    (folder / "helper.py").write_text("x = 1")
    assert run(group, students=["ada"])["ada"].done
    better = board.entries.add(board.people.find("ada").number, entry_of(board, 0.8), once="second")
    changed = run(group)
    assert (changed["ada"].done, changed["ada"].entry) == (True, better.number)
    assert not changed["eve"].done
    forced = run(group, students=["eve"], force=True)
    assert set(forced) == {"eve"}
    assert forced["eve"].done
    assert board.verdicts.decisions() == {}  # it was about another run


@needs_sandbox
@pytest.mark.family(share=4)
def test_the_reference_solution_trains_as_it_does_in_the_notebook(group):
    pytest.importorskip("torch")
    root, board, _ = group
    hand_in_challenge(root, "eve", reference_notebook())
    lines = run(group)
    assert lines["eve"].state == REPRODUCED
    assert board.verdicts.reruns()[lines["eve"].entry].agrees


@needs_sandbox
@pytest.mark.family(share=2)
def test_code_sees_training_images_alone_until_it_has_trained(group):
    root, _, _ = group
    spy = """
import os

def look():
    packages = os.path.dirname(os.__file__), os.path.dirname(np.__path__[0])
    elsewhere = ("/proc", "/sys", "/usr", "/course", *packages)
    found = [str(path) for path in Path("/").rglob("*.np[yz]")]
    return sorted(path for path in found if not path.startswith(elsewhere))

honest = train

def train(images, labels, seed, epochs=EPOCHS, validation=None):
    assert look() == ["/data/images.npy", "/data/labels.npy"], look()
    assert not there and len(challenge) == 1000
    assert data.test.images.tobytes() == data.train.images[:1000].tobytes()
    assert len(images) == 600 and len(validation) == 5000
    assert not Path("/course/lib/grading").exists() and not list(Path("/").rglob("board.db"))
    return honest(images, labels, seed, epochs, validation)
"""
    hand_in_challenge(root, "ada", notebook_with(more=spy))
    line = run(group)["ada"]
    assert line.state == REPRODUCED, line.said


@needs_sandbox
@pytest.mark.family(share=4)
def test_modules_go_in_and_weights_stay_out(group):
    root, _, _ = group
    weights = "import numpy as np\nfrom pathlib import Path\nfrom steps import features\n\n" + QUICK.replace(
        "def features", "def other"
    )
    module = "import numpy as np\n" + QUICK[: QUICK.index("def train")]
    check = "assert sorted(p.name for p in Path('.').iterdir()) == ['steps.py']"
    hand_in_challenge(root, "ada", notebook_with(f"{weights}\n{check}"), steps_py=module.encode(), w_pt=b"1")
    line = run(group)["ada"]
    assert line.state == REPRODUCED, line.said


@needs_sandbox
@pytest.mark.family(share=4)
def test_a_cell_of_their_own_that_takes_long_is_left_out(group):
    root, _, _ = group
    hand_in_challenge(root, "ada", notebook_with(more="tried = [train for _ in iter(int, 1)]"))
    line = run(group, seconds=12.0)["ada"]
    assert line.state == REPRODUCED
    assert (
        "“tried = [train for _ in iter(int, 1)]”, was left out: it needs more than 0.07 minutes" in line.said
    )


def test_each_gets_the_images_in_an_order_of_its_own(group):
    _, board, _ = group
    orders = [reruns._order(board.key, entry) for entry in (1, 2, 1)]
    np.testing.assert_array_equal(orders[0], orders[2])
    assert (orders[0] != orders[1]).mean() > 0.9
    np.testing.assert_array_equal(np.sort(orders[0]), np.arange(len(board.key)))


def test_a_submission_of_something_else_is_a_sentence(group, monkeypatch):
    root, board, _ = group
    monkeypatch.setattr(reruns, "training_room", lambda data, root: None)
    monkeypatch.setattr(reruns, "open_sandbox", lambda *_: Nowhere())
    monkeypatch.setattr(reruns, "sandbox_for_training", lambda wanted: "bubblewrap")
    hand_in_challenge(root, "ada", b"no notebook")
    (root / "submitted" / "bob" / NAME).mkdir(parents=True)
    lines = run(group)
    assert [lines[student].state for student in ("ada", "bob")] == [NO_LABELS, NO_LABELS]
    assert "nothing was handed in" in lines["bob"].said
    assert not any(note.agrees for note in board.verdicts.reruns().values())


class Nowhere:
    """A sandbox in which nothing starts."""

    def close(self):
        pass


def test_a_machine_that_fails_is_nobodys_fault_and_is_not_noted(group, monkeypatch):
    root, board, _ = group

    def fails(*_):
        raise RuntimeError("sandbox: expected bubblewrap to start, got its end")

    monkeypatch.setattr(reruns, "training_room", lambda data, root: None)
    monkeypatch.setattr(reruns, "open_sandbox", fails)
    monkeypatch.setattr(reruns, "sandbox_for_training", lambda wanted: "bubblewrap")
    hand_in_challenge(root, "ada", notebook_with())
    line = run(group, students=["ada"])["ada"]
    assert (line.state, board.verdicts.reruns()) == (NOT_RUN, {})
    assert "got its end" in line.said


def test_without_a_sandbox_nothing_runs(monkeypatch):
    broken = {"bubblewrap": lambda: Attempt("bubblewrap", "bwrap is missing", "sudo apt install bubblewrap")}
    monkeypatch.setattr(reruns, "TRIED", broken)
    with pytest.raises(ValueError, match=r"expected one that works, got none .*bwrap is missing"):
        sandbox_for_training()
    for wrong in ("none", "other"):
        with pytest.raises(ValueError, match=r"sandbox: expected one of bubblewrap, got"):
            sandbox_for_training(wrong)


def test_images_of_another_key_are_refused(group):
    _, board, folder = group
    other = make_competition(striped_dataset(), b"another secret of tests")
    write_challenge(folder / "students", other.images, board.key.classes)
    with pytest.raises(ValueError, match="the images of this competition's key"):
        run(group)


def test_wrong_arguments_are_named(group):
    for options, said in (
        ({"students": ["nobody"]}, "name: expected"),
        ({"seconds": 0}, "seconds: expected"),
        ({"workers": -1}, "workers: expected"),
    ):
        with pytest.raises(ValueError, match=said):
            run(group, **options)


def test_a_key_names_its_data(group):
    _, board, _ = group
    with pytest.raises(ValueError, match="CIFAR-10 or Shapes-10, got Stripes"):
        training_data(board.key)


def test_the_room_holds_the_training_images_and_no_others(group):
    root, _, _ = group
    room = training_room(striped_dataset(), root)
    assert sorted(path.name for path in room.data.iterdir()) == ["about.json", "images.npy", "labels.npy"]
    assert len(np.load(room.data / "images.npy", mmap_mode="r")) == len(striped_dataset().train)
    assert training_room(striped_dataset(), root).data == room.data
    assert "torch" not in room.hidden


def test_the_table_says_what_is_next():
    lines = [
        RerunLine("eve", 3, NO_CODE, "there is no submission", done=False),
        RerunLine("bob", 12, DIFFERS, "40 of 400 predictions differ", 754.0),
        RerunLine("ada", 7, REPRODUCED, "0 of 400 predictions differ", 61.0, done=False),
    ]
    table = rerun_table(lines, 100)
    assert [line.split()[0] for line in table[:4]] == ["student", "ada", "bob", "eve"]
    assert "12.6" in table[2]
    assert table[-3:] == [
        "1 nothing handed in, 1 differs, 1 agrees; 1 known from before",
        "1 student waits for a person, who decides on the page /staff of the site",
        "1 student has an entry that counts, and no code that could run again: no marks until there is some, "
        "or a person decides",
    ]


def test_the_table_does_not_ask_for_what_a_person_has_decided():
    lines = [
        RerunLine("bob", 12, DIFFERS, "40 of 400 predictions differ", 754.0, done=False, decided=True),
        RerunLine("eve", 3, NO_CODE, "there is no submission", done=False, decided=True),
    ]
    table = rerun_table(lines, 100)
    assert "differs, decided" in table[1]
    assert table[-1] == "1 differs, 1 nothing handed in; 1 known from before"


PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from rerun_course import striped_dataset
from lib.leaderboard.board import Board
from lib.leaderboard.competition import make_competition
from lib.grading.challenge.rerun import rerun_challenge
from rerun_course import SECRET
root, folder = Path(sys.argv[1]), Path(sys.argv[2])
board = Board(folder / "board.db", make_competition(striped_dataset(), SECRET).key)
for line in rerun_challenge(board, folder, root=root, data=striped_dataset(), seconds=100, workers=1):
    print(line.student, flush=True)
    sys.stdin.read()  # until it is ended: on a busy computer the others would be done by then
"""


@needs_sandbox
@pytest.mark.family(share=4)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_whenever_it_is_ended_it_goes_on_from_there(group, number):
    root, board, folder = group
    for student in ("ada", "bob", "eve"):
        hand_in_challenge(root, student, notebook_with())
    here = os.path.dirname(__file__)
    environment = {**os.environ, "PYTHONPATH": str(COURSE)}
    command = [sys.executable, "-c", PROGRAM, str(root), str(folder), here]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        done = process.stdout.readline().strip()
        with pytest.raises(BlockingIOError, match="no other re-run of this competition"):
            run(group)
        process.send_signal(number)
        process.wait(60)
    noted = board.verdicts.reruns()
    assert len(noted) in (1, 2)  # the second may have been ready
    lines = run(group)
    assert not lines[done].done
    assert sum(line.done for line in lines.values()) == 3 - len(noted)
    assert {line.state for line in lines.values()} <= {REPRODUCED, DIFFERS}


def test_ctrl_c_tells_what_is_done_and_how_it_goes_on(group, monkeypatch, capsys):
    def interrupted(*_, **__):
        yield RerunLine("ada", 1, REPRODUCED, "0 of 400 predictions differ", 61.0)
        raise KeyboardInterrupt

    _, board, folder = group
    write_key(folder / "key.json", board.key)
    monkeypatch.setattr(reruns, "rerun_challenge", interrupted)
    assert cli.main(["leaderboard", "rerun", "--folder", str(folder)]) == 130
    said = capsys.readouterr().out
    assert "0 of 400 predictions differ" in said
    assert said.endswith("what is done stays, and the same command goes on from there.\n")

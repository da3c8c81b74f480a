"""Training code that ends badly, or means badly: a sentence each, and a person decides."""

from __future__ import annotations

import base64
import hashlib
import re

import numpy as np
import pytest
from rerun_course import (
    QUICK,
    hand_in_challenge,
    make_class,
    notebook_with,
    reference_notebook,
    striped_dataset,
)

from lib.assignments.cells import read_notebook
from lib.grading.challenge import running
from lib.grading.challenge.rerun import DIFFERS, NO_LABELS, rerun_challenge
from lib.grading.challenge.running import TrainingCode
from lib.grading.challenge.written_labels import MOST_HELD, held_in, written_labels
from lib.grading.sandbox.attempt import try_bubblewrap
from lib.leaderboard import read_challenge

pytestmark = [
    pytest.mark.skipif(not try_bubblewrap().works, reason="bubblewrap does not work here"),
    pytest.mark.timeout(300),
]

IN_TRAIN = (
    QUICK + "\n\nhonest = train\n\n\ndef train(*given, **more):\n    {}\n    return honest(*given, **more)\n"
)
IN_PREDICT = QUICK + "\n\nhonest = predict\n\n\ndef predict(model, images):\n    {}\n"
WRITES = IN_TRAIN.format("pass") + "\n\ndef write(path, content):\n    {}\n\n\nPath.write_bytes = write\n"

CASES = {  # name → the code, and words of the sentence
    "defines nothing": ("x = 1", "train raised NameError: name 'train' is not defined"),
    "has no predict": (QUICK + "\ndel predict", "predict raised NameError: the notebook defines no predict"),
    "is not written": (None, "train raised NotImplementedError"),
    "raises": (
        IN_TRAIN.format("raise ValueError('no such layer')"),
        "train raised ValueError: no such layer",
    ),
    "exits": (IN_TRAIN.format("raise SystemExit(0)"), "train raised SystemExit"),
    "asks for a GPU": (
        IN_TRAIN.format("torch.zeros(1).cuda()"),
        "train raised (RuntimeError|AssertionError)",
    ),
    "has a mistake above": (
        "1 / 0\n" + QUICK,
        "train' is not defined; before that, cell .* ZeroDivisionError",
    ),
    "too few labels": (
        IN_PREDICT.format("return honest(model, images)[1:]"),
        r"expected integers of shape \(400,\), got int64 \(399,\)",
    ),
    "scores": (
        IN_PREDICT.format("return np.zeros((len(images), 10))"),
        r"expected integers of shape \(400,\), got float64 \(400, 10\)",
    ),
    "other classes": (
        IN_PREDICT.format("return 5 + honest(model, images)"),
        "predict gave cannot be read: labels: expected 0 to 9, got 14",
    ),
    "negative": (
        IN_PREDICT.format("return honest(model, images) - 5"),
        "expected numbers of classes, got -5",
    ),
    "never ends": (IN_TRAIN.format("while True: pass"), "train needs more than .* minutes of processor time"),
    "never ends above": (
        "while True: pass",
        r"'train' is not defined; cell \[\d+\], .* was left out: it needs more than .* min",
    ),
    "sleeps": (IN_TRAIN.format("import time; time.sleep(10_000)"), "train waits for something"),
    "takes memory": (
        IN_TRAIN.format("everything = [np.ones((1 << 24, 4)) for _ in range(100)]"),
        "train (needs more than .* GB of memory|raised .*(MemoryError|allocate))",
    ),
    "writes a large file": (
        IN_TRAIN.format("open('large', 'wb').write(bytes(200 << 20))"),
        "train raised OSError: .*File too large",
    ),
    "writes many files": (
        IN_TRAIN.format("[Path(str(i)).write_bytes(bytes(20_000)) for i in range(60_000)]"),
        "train writes more files",
    ),
    "forks": (
        IN_TRAIN.format("import os, time; [os.fork() or time.sleep(60) for _ in range(2000)]"),
        "train (raised BlockingIOError|ended its own process|needs more than .* GB of memory)",
    ),
    "prints without end": (
        IN_TRAIN.format("while True: print('x' * 100_000)"),
        "train (prints without end|needs more than .* minutes)",
    ),
    "asks the network": (
        IN_TRAIN.format("import socket; socket.create_connection(('1.1.1.1', 80), timeout=5)"),
        "train raised OSError: .*[Nn]etwork",
    ),
    "reads a key": (IN_TRAIN.format("print(open('{key}').read())"), "train raised FileNotFoundError"),
    "reads passwords": (
        IN_TRAIN.format("open('/etc/shadow').read()"),
        "train raised (FileNotFound|Permission)",
    ),
    "changes the data": (
        IN_TRAIN.format("open('/data/labels.npy', 'wb').write(b'')"),
        "train raised OSError: .*Read-only",
    ),
    "kills itself": (IN_TRAIN.format("import os; os._exit(0)"), "train ended its own process"),
    "breaks Python": (IN_TRAIN.format("import ctypes; ctypes.string_at(0)"), "train ended its own process"),
    "kills in predict": (IN_PREDICT.format("import os; os._exit(0)"), "predict ended its own process"),
    "writes a link": (WRITES.format("os.symlink('/etc/passwd', path)"), "predict gave cannot be read"),
    "writes a pipe": (WRITES.format("os.mkfifo(path)"), "predict gave cannot be read: .*no plain file"),
    "writes nothing": (WRITES.format("pass"), "predict gave cannot be read"),
    "writes too much": (
        WRITES.format("open(path, 'wb').write(bytes(10_000_000))"),
        "labels: expected 400, got more",
    ),
    "writes a pickle": (
        WRITES.format("import pickle; pickle.dump(os.system, open(path, 'wb'))"),
        "labels: expected 400, got \\d+",
    ),
    "says too much": (
        IN_TRAIN.format(r"raise ValueError('\x1b[31m' + 'long\n' * 10_000 + '<script>')"),
        "train raised ValueError",
    ),
}


@pytest.fixture(scope="module")
def challenge(tmp_path_factory):
    root = tmp_path_factory.mktemp("hostile") / "course"
    root.mkdir()
    board, folder = make_class(root, dict.fromkeys([*map(name_of_student, CASES), "remembers"], 0.7))
    yield root, board, folder
    board.close()


def name_of_student(case):
    return case.replace(" ", "-")


def the_line(challenge, student, notebook, *, seconds=20.0):
    root, board, folder = challenge
    hand_in_challenge(root, student, notebook)
    (line,) = rerun_challenge(
        board, folder, students=[student], root=root, data=striped_dataset(), seconds=seconds, workers=1
    )
    return line


@pytest.mark.family(share=8)
@pytest.mark.parametrize("case", CASES)
def test_a_sentence_and_no_agreement(case, challenge, monkeypatch):
    _, board, folder = challenge
    code, said = CASES[case]
    monkeypatch.setattr(running, "IDLE", 6.0)
    monkeypatch.setattr(running, "MEMORY", 1 << 30)
    secret = folder / "key.json"
    secret.write_text("secret")
    notebook = notebook_with(code if code is None else "import os\n" + code.replace("{key}", str(secret)))
    line = the_line(challenge, name_of_student(case), notebook, seconds=8.0)
    assert line.state == NO_LABELS
    assert re.search(said, line.said), line.said
    assert line.said.isprintable()
    assert len(line.said) < 600
    noted = board.verdicts.reruns()[line.entry]
    assert (noted.agrees, noted.report) == (False, line.said)
    assert noted.seconds < 30


@pytest.mark.family(share=4)
def test_labels_that_were_written_down_do_not_agree(challenge):
    _, board, _ = challenge
    entry = board.entries.counting(board.people.find("remembers").number)
    labels = board.entries.labels_of(entry.number).tolist()
    code = QUICK + f"\n\ndef predict(model, images):\n    return np.array({labels})\n"
    line = the_line(challenge, "remembers", notebook_with(code))
    assert line.state == DIFFERS
    assert not board.verdicts.reruns()[line.entry].agrees


REMEMBERS = """
TABLE = {table!r}


def predict(model, images):
    return np.array([TABLE[hashlib.sha256(image.tobytes()).hexdigest()[:20]] for image in images])
"""


def test_labels_that_are_found_by_the_pixels_wait_for_a_person(challenge):
    """The order in which images come does not matter to such a table."""
    _, board, folder = challenge
    entry = board.entries.counting(board.people.find("remembers").number)
    names = [
        hashlib.sha256(image.tobytes()).hexdigest()[:20] for image in read_challenge(folder / "students")
    ]
    table = dict(zip(names, board.entries.labels_of(entry.number).tolist(), strict=True))
    code = "import hashlib\n" + QUICK + REMEMBERS.format(table=table)
    line = the_line(challenge, "remembers", notebook_with(code))
    assert "0 of 400 predictions differ" in line.said
    assert re.search(r"code hold [\d,]+ bytes.* are labels written down in it\?", line.said)
    assert line.state == DIFFERS
    assert not board.verdicts.reruns()[line.entry].agrees


def test_what_code_holds_is_told_apart_from_ten_thousand_labels():
    labels = np.random.default_rng(0).integers(0, 10, 10_000)
    digits = "".join(map(str, labels))
    packed = np.packbits(labels.astype(np.uint8)[:, None] >> np.arange(4) & 1).tobytes()[:4153]
    text = base64.b85encode(packed).decode()
    ways = [
        f"T = {labels.tolist()}",
        f"T = {digits!r}",
        f"T = {packed.hex()!r}",
        f"T = {text!r}",
        f"# {text}",
        "\n".join(f"T{at} = {text[at : at + 40]!r}" for at in range(0, len(text), 40)),
        f"%%capture\nT = {text!r}",
        f"T = f'''{{x}}{digits}'''",
    ]
    assert [way[:20] for way in ways if held_in([way]) < 1.1 * MOST_HELD] == []
    for notebook in (notebook_with(None), reference_notebook()):
        code = TrainingCode(read_notebook(notebook, "a4"), {"more.py": b"x = 1  # one\n" * 1000})
        assert written_labels(code) == ""


def test_a_file_of_labels_is_nothing_else(tmp_path):
    file = tmp_path / "labels"
    file.write_bytes(bytes([1, 2, 9]))
    np.testing.assert_array_equal(running.read_labels(file, 3, 10), [1, 2, 9])
    for content, said in ((b"", "got 0"), (bytes(4), "got more"), (bytes([0, 0, 10]), "0 to 9, got 10")):
        file.write_bytes(content)
        with pytest.raises(ValueError, match=said):
            running.read_labels(file, 3, 10)
    (tmp_path / "link").symlink_to(file)
    for wrong in (tmp_path / "link", tmp_path / "none", tmp_path):
        with pytest.raises(OSError, match=r"."):
            running.read_labels(wrong, 3, 10)

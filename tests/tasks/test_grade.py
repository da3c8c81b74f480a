"""Marks over hidden seeds: from a secret, for whatever a notebook defines, never with a crash."""

import os
import signal
import stat
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from own_linear import Linear

from lib.tasks import CheckFailed, check, grade, grading, task_names
from lib.tasks import secret as secret_module
from lib.tasks.check import VISIBLE
from lib.tasks.grade import SEEDS, hidden_seeds
from lib.tasks.secret import ROOT, make_secret, read_secret, secret_place


@pytest.fixture
def secret(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", str(tmp_path / "secret"))
    return make_secret()


class WrongAtTimes(Linear):
    """Right where the first number is positive."""

    def forward(self, x):
        return super().forward(x) * (x.flat[0] > 0)


class Zeros(Linear):
    def forward(self, x):
        return super().forward(x) * 0


def test_the_right_answer_has_all_marks_as_a_number(secret, capsys):
    marks = grade("a2.linear", Linear)
    assert (repr(marks), capsys.readouterr().out) == ("25.0", "Linear: 25 of 25 marks\n")


def test_a_part_counts_only_if_it_is_right_for_every_hidden_seed(secret, capsys):
    secret.write_text("a" * 64)
    marks = grade("a2.linear", WrongAtTimes)
    assert 0 < marks < 25
    assert "✗ output:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["a2.linear", None], "expected Linear; Linear did not come."),
        (["a2.linear"], "expected Linear; Linear did not come."),
        (["a2.linear", Linear, Linear], "2 things came"),
        (["a2.nothing", Linear], "expected a task, such as 'a2.linear', got 'a2.nothing'"),
        (["os.path", Linear], "expected a task"),
        ([None, Linear], "expected a task"),
    ],
)
def test_what_is_missing_has_no_marks_and_a_sentence(given, words, secret, capsys):
    marks = grade(*given)
    assert repr(marks) == "0.0"
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("given", [3, "Linear", int, lambda: exit(), Linear(2, 3)])
def test_whatever_comes_has_no_marks_and_nothing_is_raised(given, secret, capsys):
    assert grade("a2.linear", given) == 0.0
    assert "0 of 25 marks" in capsys.readouterr().out


def test_without_a_secret_it_says_what_makes_one(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", str(tmp_path / "none"))
    with pytest.raises(ValueError, match="`course release` makes it"):
        grade("a2.linear", Linear)


def test_hidden_seeds_follow_from_secret_and_name_and_are_not_the_visible_one():
    names = task_names()
    seeds = {name: hidden_seeds(name, b"a" * 32, SEEDS) for name in names}
    assert seeds == {name: hidden_seeds(name, b"a" * 32, SEEDS) for name in names}
    every = [seed for some in seeds.values() for seed in some]
    assert len(set(every)) == len(every) == SEEDS * len(names)
    assert VISIBLE not in every
    assert not set(every) & {seed for name in names for seed in hidden_seeds(name, b"b" * 32, SEEDS)}


# The file of the secret.


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path):
    path = make_secret(tmp_path / "new" / "secret")
    text = path.read_text()
    assert len(bytes.fromhex(text)) == 32
    assert make_secret(path).read_text() == text
    assert make_secret(tmp_path / "other").read_text() != text
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_a_process_that_is_killed_leaves_a_whole_secret_or_none(tmp_path, monkeypatch):
    path = tmp_path / "secret"
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(
            secret_module.secrets, "token_hex", lambda _: os.kill(os.getpid(), signal.SIGKILL)
        )
        try:
            make_secret(path)
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert not path.exists()
    assert len(make_secret(path).read_text()) == 65


def test_who_comes_second_takes_the_secret_of_the_first(tmp_path, monkeypatch):
    path, drawn = tmp_path / "secret", iter(["1" * 64, "2" * 64])

    def draw(_):
        mine = next(drawn)
        if mine[0] == "1":
            make_secret(path)  # another one is quicker
        return mine

    monkeypatch.setattr(secret_module.secrets, "token_hex", draw)
    assert make_secret(path).read_text() == "2" * 64 + "\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="links need a right there that few have")
def test_a_place_that_holds_no_file_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for place in (tmp_path / "file" / "secret", tmp_path / "link"):
        with pytest.raises(FileExistsError):
            make_secret(place)


def test_many_at_once_have_one_secret(tmp_path):
    ready = Barrier(16)

    def read(_):
        ready.wait()
        return make_secret(tmp_path / "secret").read_text()

    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(read, range(16)))
    assert [len(text) for text in found] == [65]


@pytest.mark.parametrize("place", ["secret", "data/secret", "lib/../secret"])
def test_a_secret_is_never_in_the_course_s_folder(place):
    with pytest.raises(ValueError, match="outside of the course's folder"):
        make_secret(ROOT / place)


def test_the_usual_place_is_the_user_s_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_SECRET", raising=False)
    assert secret_place().name == "secret"
    assert "deep-vision-course" in str(secret_place())
    monkeypatch.setenv("COURSE_SECRET", "~/mine")
    assert secret_place().is_absolute()
    assert secret_place().name == "mine"


@pytest.mark.parametrize("content", ["", "short", " " * 100])
def test_a_broken_secret_is_refused(content, tmp_path, monkeypatch):
    (tmp_path / "secret").write_text(content)
    monkeypatch.setenv("COURSE_SECRET", str(tmp_path / "secret"))
    with pytest.raises(ValueError, match="secret: expected at least 32 bytes"):
        read_secret()


# While grading, the visible checks print.


@pytest.mark.parametrize(
    ("value", "on"), [("1", True), ("yes", True), ("0", False), ("", False), (None, False)]
)
def test_grading_is_what_the_environment_says(value, on, monkeypatch):
    if value is None:
        monkeypatch.delenv("COURSE_GRADING", raising=False)
    else:
        monkeypatch.setenv("COURSE_GRADING", value)
    assert grading() is on


def test_a_visible_check_raises_but_not_while_grading(monkeypatch, capsys):
    monkeypatch.delenv("COURSE_GRADING", raising=False)
    with pytest.raises(CheckFailed, match="visible checks: 4 of 5"):
        check("a2.linear", Zeros)
    monkeypatch.setenv("COURSE_GRADING", "1")
    check("a2.linear", Zeros)
    assert "visible checks: 4 of 5" in capsys.readouterr().out

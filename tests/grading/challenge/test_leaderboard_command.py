"""`course leaderboard`, from init to forget: what is made, what is said, and what is refused."""

from __future__ import annotations

import functools
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from slowness import slowness

from data_loaders import Dataset, Split
from lib import cli
from lib.commands import parse_command
from lib.grading.challenge import inviting
from lib.grading.challenge.places import challenge_folder
from lib.grading.challenge.serving import checked_proxy, usual_address
from lib.leaderboard import read_challenge
from lib.leaderboard.board import Board, percent
from lib.leaderboard.key_file import read_key

COURSE = Path(__file__).parents[3]
CLASS = """id,name,email
s1,Ada Lovelace,ada@example.org
s2,Größe Bob,bob@example.org
s3,,
"""
URL = "https://challenge.example.org"
CLASSES = tuple(f"class {number}" for number in range(10))


def few_images(name: str = "auto") -> Dataset:
    rng = np.random.default_rng(0)

    def split(count: int) -> Split:
        return Split(rng.integers(0, 256, (count, 3, 8, 8)).astype(np.uint8), rng.integers(0, 10, count))

    return Dataset("Small", split(10), split(200), CLASSES)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of the instructor's own, with a roster, and data that is made at once."""
    monkeypatch.setenv("COURSE_SECRET", str(tmp_path / "own" / "secret"))
    monkeypatch.delenv("PYTHONPATH", raising=False)  # or each command looks in a process what it hides
    monkeypatch.setattr("lib.leaderboard.command.load_dataset", few_images)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "class.csv").write_text(CLASS, "utf-8")
    return tmp_path / "own" / "challenge"


def leaderboard(*words: str) -> int:
    return cli.main(["leaderboard", *words])


@pytest.fixture
def made(own, capsys):
    """A competition, and what was said."""
    assert leaderboard("init", "--url", URL, "--a-day", "3", "--title", "Cats, dogs & more") == 0
    return SimpleNamespace(folder=own, said=capsys.readouterr().out)


def opened(folder) -> Board:
    return Board(folder / "board.db", read_key(folder / "key.json"))


def test_init_makes_images_for_students_and_keeps_the_key_apart(made):
    assert sorted(os.listdir(made.folder)) == ["address.txt", "board.db", "key.json", "students"]
    key = read_key(made.folder / "key.json")
    assert len(read_challenge(made.folder / "students")) == len(key) == 200
    board = opened(made.folder)
    assert (board.title, board.a_day, board.ends) == ("Cats, dogs & more", 3, None)
    board.close()
    for words in (made.folder / "students", made.folder / "key.json", made.folder / "board.db"):
        assert str(words) in made.said
    assert "200 images of Small" in made.said
    assert (
        f"A new secret, from which key and hidden cases follow: {made.folder.parent / 'secret'}" in made.said
    )
    if os.name != "nt":
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode) for path in [made.folder, *made.folder.iterdir()]
        }
        assert modes["challenge"] == 0o700
        assert modes["key.json"] == modes["board.db"] == modes["address.txt"] == 0o600


def test_a_second_init_changes_nothing_and_names_what_to_do(made, capsys):
    before = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
    assert leaderboard("init") == 1
    assert "--folder names another one" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--url", "challenge.example.org", "url: expected an address such as https://"),
        ("--title", " ", "title: expected 1 to 80 visible characters"),
        ("--a-day", "0", "a_day: expected a whole number from 1 to 1000"),
    ],
)
def test_a_wrong_option_of_init_makes_nothing_so_that_the_right_one_does(option, value, said, own, capsys):
    assert leaderboard("init", option, value) == 1
    assert said in capsys.readouterr().err
    assert not own.exists()
    assert leaderboard("init", "--url", URL, "--title", "Cats", "--a-day", "5") == 0
    board = opened(own)
    assert (board.title, board.a_day) == ("Cats", 5)
    board.close()


def test_init_takes_the_key_of_an_earlier_release(own, capsys):
    assert leaderboard("init") == 0
    (own / "board.db").unlink()
    before = (own / "key.json").read_bytes()
    assert leaderboard("init") == 0
    assert (own / "key.json").read_bytes() == before
    (own / "board.db").unlink()
    (own.parent / "secret").write_text("ab" * 32)
    assert leaderboard("init") == 1
    assert "key: expected that of these images, got another one" in capsys.readouterr().err
    assert not (own / "board.db").exists()


def test_another_folder_is_used_by_each_action(own, tmp_path, capsys):
    other = str(tmp_path / "second")
    assert leaderboard("init", "--folder", other, "--url", URL) == 0
    assert leaderboard("invite", "class.csv", "--folder", other) == 0
    assert leaderboard("status", "--folder", other) == 0
    assert "3 invited" in capsys.readouterr().out
    assert not own.exists()
    assert leaderboard("status") == 1
    assert "`course leaderboard init` makes it" in capsys.readouterr().err


def test_a_competition_in_a_repository_is_refused(own, tmp_path, capsys):
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert leaderboard("init", "--folder", str(tmp_path / "repository" / "challenge")) == 1
    assert "outside of the course and of any repository" in capsys.readouterr().err
    assert not list((tmp_path / "repository").rglob("*.json"))


@pytest.mark.parametrize("form", ["letters", "slips", "csv"])
def test_the_class_is_invited_and_only_new_ones_get_a_link(form, made, tmp_path, capsys):
    file = tmp_path / "out" / "links"
    assert leaderboard("invite", "class.csv", "--as", form, "--to", str(file)) == 0
    assert "3 links" in (said := capsys.readouterr().out)
    assert "Nobody can show these links again" in said
    text = file.read_text("utf-8")
    tokens = re.findall(rf"{URL}/join/([a-z0-9]{{26}})", text) or re.findall(r'"token">(.+?)<', text)
    if form == "slips":
        tokens = [token.replace("<wbr>", "") for token in re.findall(r'<p class="token">(.*?)</p>', text)]
    board = opened(made.folder)
    assert len(set(tokens)) == 3
    assert all(board.doors.link_is_open(token) for token in tokens)
    assert not any(token in said for token in tokens)
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    assert leaderboard("invite", "class.csv", "--as", form, "--to", str(tmp_path / "again")) == 0
    assert "Nobody is new: all 3 are on the board" in capsys.readouterr().out
    assert not (tmp_path / "again").exists()
    with open(tmp_path / "class.csv", "a", encoding="utf-8") as out:
        out.write("s4,Dora,dora@example.org\n")
    assert leaderboard("invite", "class.csv", "--as", form, "--to", str(tmp_path / "again")) == 0
    assert "1 link; 3 of the class are on the board already" in capsys.readouterr().out
    assert "Ada" not in (tmp_path / "again").read_text("utf-8")
    board.close()


@pytest.mark.parametrize(("form", "name"), [("letters", "letters-2.txt"), ("slips", "slips-2.html")])
def test_who_comes_later_gets_a_file_of_their_own(form, name, made, tmp_path, capsys):
    assert leaderboard("invite", "class.csv", "--as", form) == 0
    with open(tmp_path / "class.csv", "a", encoding="utf-8") as out:
        out.write("s4,Dora,dora@example.org\n")
    assert leaderboard("invite", "class.csv", "--as", form) == 0
    assert f"{made.folder / name}: 1 link" in capsys.readouterr().out
    text = (made.folder / name).read_text("utf-8")
    assert "Dora" in text
    assert "Ada" not in text


def test_a_file_that_is_there_is_never_replaced_and_nobody_is_taken_in(made, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert leaderboard("invite", "class.csv", "--to", str(tmp_path / "mine.txt")) == 1
    assert "to: expected a new file, got one that is there" in capsys.readouterr().err
    assert (tmp_path / "mine.txt").read_text() == "mine"
    (tmp_path / "link.txt").symlink_to(tmp_path / "nowhere.txt")
    assert leaderboard("invite", "class.csv", "--to", str(tmp_path / "link.txt")) == 1
    assert not (tmp_path / "nowhere.txt").exists()
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert leaderboard("invite", "class.csv", "--to", str(tmp_path / "repository" / "links.txt")) == 1
    assert "a repository may be public" in capsys.readouterr().err
    board = opened(made.folder)
    assert board.people.all() == []
    board.close()


def test_a_full_disk_takes_nobody_in_and_leaves_no_half_of_a_file(made, tmp_path, monkeypatch, capsys):
    def full(invitations, to):
        raise OSError(28, "No space left on device", "links")

    monkeypatch.setitem(inviting.FORMS, "letters", ("letters.txt", full))
    assert leaderboard("invite", "class.csv") == 1
    assert "No space left" in capsys.readouterr().err
    assert not (made.folder / "letters.txt").exists()
    assert leaderboard("status") == 0
    assert "0 invited" in capsys.readouterr().out


def test_without_an_address_no_link_is_made(own, capsys):
    assert leaderboard("init") == 0
    assert leaderboard("invite", "class.csv") == 1
    assert "url: expected the address of the page, as students type it, got none" in capsys.readouterr().err
    assert leaderboard("invite", "class.csv", "--url", "challenge.example.org") == 1
    assert "such as https://" in capsys.readouterr().err
    assert leaderboard("invite", "class.csv", "--url", f"{URL}/") == 0
    assert f"{URL}/join/" in (own / "letters.txt").read_text("utf-8")
    assert leaderboard("invite", "--screen") == 0
    assert f"{URL}/join/" in capsys.readouterr().out


def test_without_a_roster_the_class_of_the_imports_is_taken(made, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        inviting, "invite_command", functools.partial(inviting.invite_command, root=tmp_path / "course")
    )
    assert leaderboard("invite") == 1
    assert "write `course leaderboard invite class.csv`" in capsys.readouterr().err
    (tmp_path / "course" / "grading").mkdir(parents=True)
    (tmp_path / "course" / "grading" / "roster.csv").write_text(CLASS, "utf-8")
    assert leaderboard("invite") == 0
    assert "3 links" in (said := capsys.readouterr().out)
    assert "1 without an address" in said


def test_one_person_gets_a_new_link_on_the_terminal(made, capsys):
    assert leaderboard("invite", "class.csv") == 0
    first = re.search(r"/join/(\w+)", (made.folder / "letters.txt").read_text("utf-8"))[1]
    capsys.readouterr()
    assert leaderboard("invite", "--again", "ada@example.org") == 0
    said = capsys.readouterr().out
    board = opened(made.folder)
    assert said.startswith("Ada Lovelace: ")
    assert board.doors.link_is_open(first) is None
    assert board.doors.link_is_open(re.search(r"/join/(\w+)", said)[1])
    assert board.doors.link_is_open(re.search(r"type at \S+: (\S+)", said)[1])
    board.close()
    assert leaderboard("invite", "--again", "nobody") == 1
    assert "name: expected an id, a name or an address of somebody on the board" in capsys.readouterr().err


def test_who_did_not_come_in_gets_another_link_in_another_form(made, capsys):
    assert leaderboard("invite", "class.csv") == 0
    first = re.findall(r"/join/(\w+)", (made.folder / "letters.txt").read_text("utf-8"))
    board = opened(made.folder)
    session = board.doors.use_link(first[0])
    capsys.readouterr()
    assert leaderboard("invite", "--pending", "--as", "csv") == 0
    assert "2 links; the older ones of these students have ended." in capsys.readouterr().out
    later = re.findall(r"/join/(\w+)", (made.folder / "links.csv").read_text("utf-8"))
    assert not any(board.doors.link_is_open(token) for token in first)
    assert board.doors.session(session).student == "s1"
    for token in later:
        assert board.doors.use_link(token)
    assert leaderboard("invite", "--pending", "--as", "csv") == 0
    assert "all who were invited came in" in capsys.readouterr().out
    board.close()


def test_a_file_that_cannot_be_written_leaves_the_older_links_as_they_are(made, tmp_path):
    assert leaderboard("invite", "class.csv") == 0
    first = re.findall(r"/join/(\w+)", (made.folder / "letters.txt").read_text("utf-8"))
    (tmp_path / "mine.txt").write_text("mine")
    assert leaderboard("invite", "--pending", "--to", str(tmp_path / "mine.txt")) == 1
    board = opened(made.folder)
    assert all(board.doors.link_is_open(token) for token in first)
    board.close()


def test_a_letter_to_staff_says_nothing_about_handing_in(made):
    assert leaderboard("invite", "--staff", "Grace", "--as", "letters") == 0
    text = (made.folder / "letters.txt").read_text("utf-8")
    assert "whoever uses it comes in as you" in text
    assert "hands in" not in text


def test_one_person_gets_a_slip_where_one_is_asked_for(made, capsys):
    assert leaderboard("invite", "class.csv", "--as", "slips") == 0
    capsys.readouterr()
    assert leaderboard("invite", "--again", "s3", "--as", "slips") == 0
    said = capsys.readouterr().out
    assert f"{made.folder / 'slips-2.html'}: the link of s3" in said
    assert "/join/" not in said
    assert (made.folder / "slips-2.html").read_text("utf-8").count("<article>") == 1


def test_staff_and_screens_have_links_of_their_own(made, capsys):
    for words in (["--staff", "Grace"], ["--screen"], ["--screen"]):
        assert leaderboard("invite", *words) == 0
    capsys.readouterr()
    board = opened(made.folder)
    assert [person.student for person in board.people.all("staff")] == ["Grace"]
    assert [person.student for person in board.people.all("screen")] == ["screen 1", "screen 2"]
    assert board.people.all() == []
    board.close()
    assert leaderboard("invite", "--staff", "grace") == 1
    assert "`invite --again grace` makes a new link" in capsys.readouterr().err
    assert leaderboard("invite", "class.csv", "--screen") == 1
    assert "expected a class, or one of --again" in capsys.readouterr().err


# The end.


def test_close_at_a_time_in_utc(made, capsys):
    assert leaderboard("close", "--at", "2099-12-18 23:59") == 0
    assert "ends at 2099-12-18 23:59 UTC" in capsys.readouterr().out
    board = opened(made.folder)
    assert board.ends == datetime(2099, 12, 18, 23, 59, tzinfo=UTC).timestamp()
    assert not board.ended
    board.close()
    assert leaderboard("close", "--at", "2020-01-01") == 1
    assert "at: expected a time to come" in capsys.readouterr().err
    for wrong in ("tomorrow", "2026-02-30", "99999-01-01", ""):
        if wrong:
            assert leaderboard("close", "--at", wrong) == 1
            assert "at: expected a time such as 2026-12-18 23:59" in capsys.readouterr().err


def test_close_now_asks_first(made, monkeypatch, capsys):
    assert leaderboard("close") == 1
    assert "add --yes" in capsys.readouterr().err
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    for answer, ended in (("no", False), ("yes", True)):
        monkeypatch.setattr("builtins.input", lambda question, answer=answer: answer)
        assert leaderboard("close") == 0
        board = opened(made.folder)
        assert board.ended is ended
        board.close()
    capsys.readouterr()
    assert leaderboard("close") == 0
    assert "It has ended already" in capsys.readouterr().out
    monkeypatch.setattr("builtins.input", lambda question: "no")
    assert leaderboard("close", "--at", "2099-12-18") == 0
    assert "Nothing was changed" in capsys.readouterr().out
    assert leaderboard("close", "--at", "2099-12-18", "--yes") == 0
    board = opened(made.folder)
    assert not board.ended
    board.close()


def test_status_counts(made, capsys):
    assert leaderboard("invite", "class.csv") == 0
    board = opened(made.folder)
    ada = board.people.find("s1")
    for once in "ab":
        board.entries.add(ada.number, board.key.labels, once=once)
    capsys.readouterr()
    assert leaderboard("status") == 0
    said = capsys.readouterr().out
    assert "Entries: 2, at most 3 a day" in said
    assert f"Best: {percent(board.standing()[0].tenths)} of the public half" in said
    assert "1 of the entries that count has a flag" in said  # all labels are right
    assert URL in said
    assert "Students: 3 invited, 1 came in, 1 handed in" in said  # a new link may have replaced the one used
    board.close()


def test_backup_is_a_board_of_its_own(made, tmp_path, capsys):
    assert leaderboard("invite", "class.csv") == 0
    file = tmp_path / "backup" / "monday.db"
    assert leaderboard("backup", str(file)) == 0
    assert str(made.folder / "key.json") in capsys.readouterr().out
    copy = Board(file, read_key(made.folder / "key.json"))
    assert len(copy.people.all()) == 3
    copy.close()
    assert leaderboard("backup", str(file)) == 1
    assert "file: expected a new file" in capsys.readouterr().err


def test_forget_asks_and_deletes(made, monkeypatch, capsys):
    assert leaderboard("invite", "class.csv") == 0
    board = opened(made.folder)
    board.entries.add(board.people.find("s1").number, board.key.labels, once="a")
    assert leaderboard("forget", "s1") == 1
    assert "add --yes" in capsys.readouterr().err
    assert leaderboard("forget", "Ada Lovelace", "--yes") == 0
    assert "Deleted: s1 (Ada Lovelace) with 1 entry." in (said := capsys.readouterr().out)
    assert "Backups" in said
    assert "`course submissions forget s1`" in said
    assert [person.student for person in board.people.all()] == ["s2", "s3"]
    assert board.standing() == []
    board.close()
    assert leaderboard("forget", "Ada", "--yes") == 1


# The page.


@pytest.fixture
def served(monkeypatch):
    """What `serve` was called with, in the place of a server."""
    calls = []

    def serve(board, settings, **options):
        calls.append((board.title, settings, options))

    monkeypatch.setitem(sys.modules, "lib.leaderboard.site.serve", SimpleNamespace(serve=serve))
    return calls


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def test_serve_knows_its_address(made, served, capsys):
    port = free_port()
    assert leaderboard("serve", "--port", str(port), "--proxy", "127.0.0.1") == 0
    ((title, settings, options),) = served
    assert title == "Cats, dogs & more"
    assert settings.url == URL
    assert options == {"host": "127.0.0.1", "port": port, "proxies": ["127.0.0.1"]}
    assert leaderboard("serve", "--port", str(port), "--url", "https://other.example") == 0
    assert leaderboard("serve", "--port", str(port)) == 0
    assert [settings.url for _, settings, _ in served[1:]] == ["https://other.example"] * 2


def test_serve_for_all_needs_an_address(own, served, capsys):
    assert leaderboard("init") == 0
    assert leaderboard("serve", "--host", "0.0.0.0", "--port", str(free_port())) == 1
    assert re.search(r"url: .*add such as --url http://\d+\.", capsys.readouterr().err)
    assert served == []
    assert leaderboard("serve", "--port", str(port := free_port())) == 0
    assert served[0][1].url == f"http://127.0.0.1:{port}"


def test_a_port_that_is_taken_is_a_sentence(made, served, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert leaderboard("serve", "--port", str(taken.getsockname()[1])) == 1
    assert "--port takes another one" in capsys.readouterr().err
    assert leaderboard("serve", "--port", "99999") == 1
    assert "port: expected 1 to 65535" in capsys.readouterr().err
    assert leaderboard("serve", "--host", "203.0.113.9") == 1
    said = capsys.readouterr().err
    assert "host: expected an address of this computer" in said
    assert "name one of its own addresses" in said
    assert served == []


def test_only_an_address_can_be_a_proxy():
    assert checked_proxy(" ::1 ") == "::1"
    for wrong in ("*", "proxy", "10.0.0.0/8", "127.0.0.1,*"):
        with pytest.raises(ValueError, match="proxy: expected the address of your proxy"):
            checked_proxy(wrong)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_nobody_can_type_a_host_that_is_all(host):
    with pytest.raises(ValueError, match="url: expected the address of the page"):
        usual_address(host, 8000)


@pytest.mark.family(share=3)
@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_the_page_is_open_until_ctrl_c(made):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "lib.cli", "leaderboard", "serve", "--port", str(port), "--url", address],
        cwd=COURSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    try:
        until = time.monotonic() + 60 * slowness()
        status = 0
        while not status and time.monotonic() < until and process.poll() is None:
            try:
                urllib.request.urlopen(address, timeout=10).close()
            except urllib.error.HTTPError as answer:
                status = answer.code
            except OSError:
                time.sleep(0.05)
        assert status == 401  # nobody is let in without a link
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=60 * slowness())
    finally:
        process.kill()
        process.wait()
    assert process.returncode in (0, 130)
    assert address in said
    assert "Traceback" not in errors


# The command line.


ACTIONS = ("init", "invite", "serve", "close", "rerun", "export", "status", "backup", "forget")


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_has_help_and_a_folder(action, capsys):
    with pytest.raises(SystemExit) as left:
        parse_command(["leaderboard", action, "--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: course leaderboard {action}")
    assert "--folder FOLDER" in said
    with pytest.raises(SystemExit):
        parse_command(["leaderboard", "--help"])
    assert re.search(rf"^    {action} +\w", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize("name", ["starlette", "uvicorn", "httptools", "python_multipart", "segno"])
def test_a_missing_package_names_the_extra(name, made, monkeypatch, capsys):
    def fail(*args, **options):
        raise ModuleNotFoundError(f"No module named '{name}.part'", name=f"{name}.part")

    monkeypatch.setattr("lib.grading.challenge.serving.serve_command", fail)
    assert leaderboard("serve") == 1
    said = capsys.readouterr().err
    assert f"{name}.part is not installed" in said
    assert "[leaderboard]" in said
    assert "[grading" not in said


def test_without_segno_no_slip_is_written_and_nobody_taken_in(made, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "segno", None)
    assert leaderboard("invite", "class.csv", "--as", "slips") == 1
    assert "[leaderboard]" in capsys.readouterr().err
    assert not (made.folder / "slips.html").exists()
    board = opened(made.folder)
    assert board.people.all() == []
    board.close()


@pytest.mark.parametrize(
    "line",
    [
        "init --folder folder --data shapes10 --title T --a-day 5 --url https://b.example",
        "invite class.csv --as slips --to slips.html",
        "invite --again ada",
        "invite --pending --as slips",
        "serve --host 0.0.0.0 --port 9000 --url https://b.example --proxy 127.0.0.1",
        "close --yes",
        "status --folder elsewhere",
        "rerun --student ada bob --force --workers 2 --time 10m --sandbox bubblewrap",
        "backup monday.db",
        "forget ada --yes",
    ],
)
def test_these_actions_are_understood(line):
    args, further = parse_command(["leaderboard", *line.split()])
    assert (args.command, args.action) == ("leaderboard", line.split()[0])
    assert not further


def test_the_usual_folder_lies_beside_the_secret(own):
    assert challenge_folder().folder == own

"""What happens to a board when it is killed, on a full disk, and when others hold the file."""

import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from small_board import HandClock, right_on, small_board, small_key
from small_challenge import OTHER, small_dataset
from small_disk import small_disk

from lib.leaderboard import make_competition
from lib.leaderboard.board import Board, NotNow, TooMany, make_board

KEY = small_key()
THREADS = 4
SEEDS = 10  # of 5 moments each: 50 kills


def opened(folder, **options):
    return Board(folder / "board.db", KEY, clock=HandClock(), **options)


def is_right(board, students):
    """All that must hold between the tables; returns the entries by student and mark."""
    with closing(sqlite3.connect(board._database.path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = raw.execute("SELECT participant, once, number FROM entries").fetchall()
        counted = dict(raw.execute("SELECT number, handed_in FROM participants"))
        best = dict(raw.execute("SELECT number, best FROM participants"))
    found = {(participant, once): number for participant, once, number in rows}
    assert len(found) == len(rows)
    for number in range(1, students + 1):
        entries = board.entries.of(number)
        assert counted[number] == len(entries)
        assert sorted(entry.of_the_day for entry in entries) == list(range(1, len(entries) + 1))
        first = max(entries, key=lambda entry: (entry.public, -entry.number), default=None)
        assert best[number] == (first and first.number)
    assert sum(row.entries for row in board.standing()) == len(rows)
    return found


def forked(work, *arguments):
    """The number of a child process that does this; its exit status is what comes back, 255 for an error."""
    child = os.fork()
    if child == 0:
        status = 255
        try:
            status = work(*arguments) or 0
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(status)
    return child


def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def hand_in_until_killed(folder, kill, pipe):
    """Threads of a child process hand in, and write into a pipe what they try and what was taken."""
    board = opened(folder)

    def work(student):
        rng = random.Random(f"{kill} {student}")
        for step in range(10_000):
            right = rng.randrange(90)
            trying = [student, f"{kill}-{step}", right]
            os.write(pipe, json.dumps([*trying, None]).encode() + b"\n")
            made = board.entries.add(student, right_on(KEY, right), once=trying[1])
            os.write(pipe, json.dumps([*trying, made.number]).encode() + b"\n")

    threads = [threading.Thread(target=work, args=(student,)) for student in range(1, THREADS + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def killed(folder, kill, after):
    """What a child tried and what was taken until its death: (student, once) → how many right, the number."""
    reading, writing = os.pipe()
    child = forked(hand_in_until_killed, folder, kill, writing)
    os.close(writing)
    told = os.read(reading, 1)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    while part := os.read(reading, 1 << 16):
        told += part
    os.close(reading)
    assert ended(child) == -signal.SIGKILL
    tried, taken = {}, {}
    for line in told.decode().splitlines():
        student, once, right, number = json.loads(line)
        tried[student, once] = right
        if number is not None:
            assert (student, once) not in taken
            taken[student, once] = number
    return tried, taken


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.family(share=5)
def test_killed_at_random_moments_while_threads_hand_in(tmp_path, seed):
    rng = random.Random(seed)
    small_board(tmp_path, students=THREADS, a_day=1000).close()
    tried, taken = {}, {}
    for kill in range(5):
        more, acknowledged = killed(tmp_path, kill, rng.uniform(0, 0.3))
        assert not more.keys() & tried.keys()
        tried |= more
        taken |= acknowledged
        board = opened(tmp_path)
        found = is_right(board, THREADS)
        assert taken.items() <= found.items()  # nothing that was acknowledged is lost
        assert found.keys() <= tried.keys()
        for (student, once), right in more.items():  # whoever heard nothing sends it again
            again = board.entries.add(student, right_on(KEY, right), once=once)
            assert taken.setdefault((student, once), again.number) == again.number
        assert is_right(board, THREADS) == taken
        assert len(taken) == len(tried)
        board.close()
    assert len(tried) >= 5 * THREADS


def fill(board, label, most=20_000):
    """Hands in until the disk is full: (student, once) of what was taken, and the number of refusals."""
    taken, refused = set(), 0
    for step in range(most):
        key = 1 + step % 3, f"{label} {step}"
        try:
            board.entries.add(key[0], right_on(KEY, step % 90), once=key[1], description="x" * 200)
        except NotNow as error:
            assert "Nothing has changed; try again" in str(error)  # noqa: PT017  # refused or taken, both are right
            refused += 1
            if refused == 5:
                return taken
        else:
            taken.add(key)
    raise AssertionError("the disk is never full")


@pytest.mark.family(share=2)
def test_a_full_disk_takes_nothing_half_and_later_takes_again(tmp_path):
    with small_disk(tmp_path / "disk", 1024) as folder:
        board = small_board(folder, a_day=1000)
        ballast = folder / "ballast"
        ballast.write_bytes(b"x" * (500 << 10))
        taken = fill(board, "first")
        assert len(taken) > 10
        assert is_right(board, 3).keys() == taken
        assert len(board.standing()) == 3  # the page goes on
        ballast.unlink()
        made = board.entries.add(1, right_on(KEY, 5), once="later")
        assert is_right(board, 3).keys() == taken | {(1, "later")}
        assert board.entries.one(made.number) == made
        board.close()
        board = opened(folder)
        assert is_right(board, 3).keys() == taken | {(1, "later")}
        board.close()


@pytest.mark.parametrize("size", [16, 40, 64])
@pytest.mark.family(share=3)
def test_on_a_full_disk_no_board_and_no_backup_is_left_half_made(tmp_path, size):
    board = small_board(tmp_path / "whole")
    for number in range(30):
        board.entries.add(1 + number % 3, right_on(KEY, number), once=str(number))
    with small_disk(tmp_path / "disk", size) as folder:
        with pytest.raises(NotNow, match="Nothing has changed"):
            board.backup(folder / "copy.db")
        (folder / "ballast").write_bytes(b"x" * ((size - 8) << 10))
        with pytest.raises(OSError, match=r"cannot be used now|No space left"):
            make_board(folder / "new.db", KEY)
        assert {path.name for path in folder.iterdir()} == {"ballast"}
        (folder / "ballast").unlink()
    assert len(is_right(board, 3)) == 30


@pytest.mark.family(share=2)
def test_a_file_that_may_not_grow_takes_nothing_half(tmp_path):
    small_board(tmp_path, a_day=1000).close()

    def work():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
        board = opened(tmp_path)
        taken = fill(board, "first")
        assert is_right(board, 3).keys() == taken
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        board.entries.add(1, right_on(KEY, 5), once="later")
        assert is_right(board, 3).keys() == taken | {(1, "later")}

    assert ended(forked(work)) == 0
    assert len(is_right(opened(tmp_path), 3)) > 10


@contextmanager
def held(path, how):
    """Another process holds the file."""
    reading, writing = os.pipe()

    def hold():
        other = sqlite3.connect(path, isolation_level=None)
        other.execute(f"BEGIN {how}")
        os.write(writing, b"x")
        signal.pause()

    child = forked(hold)
    os.read(reading, 1)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        ended(child)
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
@pytest.mark.family(share=2)
def test_a_file_that_another_program_holds_is_waited_for_and_then_given_up(tmp_path, how):
    board = small_board(tmp_path, wait=0.3)
    first = board.entries.add(1, right_on(KEY, 5), once="first")

    def hand_in(once):
        began = time.monotonic()
        with pytest.raises(NotNow, match="Nothing has changed; try again"):
            board.entries.add(1, right_on(KEY, 6), once=once)
        return time.monotonic() - began

    with held(tmp_path / "board.db", how):
        with ThreadPoolExecutor(12) as pool:
            waits = list(pool.map(hand_in, map(str, range(12))))
        assert max(waits) < 3  # twelve do not wait for each other's waits
        with pytest.raises(NotNow):
            board.doors.use_link("whatever")
        with pytest.raises(NotNow):
            board.people.appear(1, shows_name=True, pseudonym="the fox")
        assert board.entries.of(1) == [first]  # reading goes on
        assert len(board.standing()) == 1
    board.entries.add(1, right_on(KEY, 6), once="0")
    assert len(is_right(board, 3)) == 2


def test_a_file_that_is_free_again_within_the_wait_is_written(tmp_path):
    board = small_board(tmp_path, wait=20)
    with ThreadPoolExecutor(1) as pool:
        with held(tmp_path / "board.db", "IMMEDIATE"):
            made = pool.submit(board.entries.add, 1, right_on(KEY, 5), once="a")
            time.sleep(0.2)
            assert not made.done()
        assert made.result().of_the_day == 1


def no_database(path):
    path.write_bytes(b"id,label\n" * 5000)


def a_picture(path):
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))


def nothing(path):
    path.write_bytes(b"")


def another_database(path):
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE settings (name, value)")


def half_a_board(path):
    path.write_bytes(path.with_name("board.db").read_bytes()[:3000])


def a_later_version(path):
    shutil.copy(path.with_name("board.db"), path)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE settings SET value = '2' WHERE name = 'version'")


@pytest.mark.parametrize(
    "make", [no_database, a_picture, nothing, another_database, half_a_board, a_later_version]
)
def test_what_is_no_board_is_refused_in_a_sentence(tmp_path, make):
    small_board(tmp_path).close()
    make(tmp_path / "other.db")
    with pytest.raises(ValueError, match=r"^board: expected a board of version 1, got .+") as error:
        Board(tmp_path / "other.db", KEY)
    assert "\n" not in str(error.value)
    assert "sqlalche" not in str(error.value)
    opened(tmp_path).close()


def test_a_board_of_another_key_and_none_at_all(tmp_path):
    small_board(tmp_path).close()
    other = make_competition(small_dataset(), OTHER).key
    with pytest.raises(ValueError, match=r"^key: expected the key of this board, got that of another one"):
        Board(tmp_path / "board.db", other)
    with pytest.raises(FileNotFoundError, match=r"course leaderboard init"):
        Board(tmp_path / "none.db", KEY)
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(FileExistsError, match=r"expected no file"):
        make_board(tmp_path / "board.db", KEY)
    opened(tmp_path).close()


def test_a_folder_that_may_only_be_read_is_refused_and_stays_as_it_was(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir()
    small_board(folder).close()
    for path in folder.iterdir():
        path.chmod(0o400)
    folder.chmod(0o500)

    def work():
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.chown(folder, 65534, 65534)
            for path in folder.iterdir():
                os.chown(path, 65534, 65534)
            os.setuid(65534)
        with pytest.raises(OSError, match=r"(?i)permission denied|cannot be used now"):
            opened(folder)

    for parent in (tmp_path, *tmp_path.parents[:2]):  # pytest's folders are for their owner alone
        if os.getuid() == 0:
            parent.chmod(0o755)
    assert ended(forked(work)) == 0
    folder.chmod(0o700)
    for path in folder.iterdir():
        path.chmod(0o600)
    assert opened(folder).people.all()


@pytest.mark.family(share=2)
def test_two_programs_at_once_share_the_limits(tmp_path):
    small_board(tmp_path, a_day=25).close()

    def work(label):
        board = opened(tmp_path)

        def hand_in(step):
            try:
                board.entries.add(1 + step % 3, right_on(KEY, step), once=f"{label} {step}")
            except TooMany:
                return 0
            return 1

        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(hand_in, range(60)))

    taken = [ended(child) for child in [forked(work, label) for label in "ab"]]
    assert sum(taken) == 75
    assert len(is_right(opened(tmp_path), 3)) == 75


@pytest.mark.family(share=2)
def test_a_backup_while_twenty_threads_write_is_of_one_moment(tmp_path):
    board = small_board(tmp_path, students=20, a_day=1000)
    done = threading.Event()

    def work(student):
        step = 0
        while not done.is_set():
            board.entries.add(student, right_on(KEY, step % 90), once=str(step))
            step += 1

    with ThreadPoolExecutor(20) as pool:
        writers = [pool.submit(work, student) for student in range(1, 21)]
        sizes = []
        try:
            for number in range(5):
                before = len(board.entries.of(1))
                board.backup(tmp_path / "copies" / f"{number}.db")
                copy = Board(tmp_path / "copies" / f"{number}.db", KEY, clock=HandClock())
                sizes.append(len(is_right(copy, 20)))
                assert len(copy.entries.of(1)) >= before
                copy.close()
        finally:
            done.set()
        for writer in writers:
            writer.result()
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]
    is_right(board, 20)


def test_a_backup_takes_nobodys_place_and_a_failed_one_leaves_nothing(tmp_path, monkeypatch):
    board = small_board(tmp_path)
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(FileExistsError):
        board.backup(tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "mine"

    def full(path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(board._database, "copy_to", full)
    with pytest.raises(OSError, match=r"No space"):
        board.backup(tmp_path / "copy.db")
    assert not list(tmp_path.glob("*copy.db*"))

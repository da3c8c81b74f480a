"""The parts of the benchmark: each yields its rows, as soon as they are measured."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.grading.spent import ROOT
from benchmarks.leaderboard.a_class import CLASSES, a_board, a_key, as_csv, predictions_of
from benchmarks.measure import Row, interleaved, ratios
from lib.leaderboard.board import Board
from lib.leaderboard.predictions import read_entry
from lib.leaderboard.scoring import score
from lib.leaderboard.site.process import allow_open_files
from lib.leaderboard.site.settings import SiteSettings

PAGE, SCORING = 200, 20  # milliseconds, at most
OPEN_FILES = 8192


def scoring(quick: bool) -> Iterator[Row]:
    """Files as students hand them in, beside Python's csv module, which checks nothing."""
    key, turns = a_key(), 3 if quick else 30
    labels = predictions_of(key, 0.6)
    plain = as_csv(labels)
    named = (
        "id,label\n" + "".join(f"{row},{CLASSES[label]}\n" for row, label in enumerate(labels, 1))
    ).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("predictions.csv", plain)
    files = {"numbers": plain, "names of classes": named, "numbers, spaces": plain.replace(b",", b", ")}
    for what, content in (files | {"numbers, in a zip archive": packed.getvalue()}).items():
        peer = plain if content == packed.getvalue() else content
        sides = {
            "ours": lambda content=content: score(read_entry(content, "p.csv", CLASSES), key),
            "csv": lambda content=peer: share_by_csv(content, key.labels),
        }
        seconds = interleaved(sides, turns=turns)
        ours, theirs = ([1000 * one for one in seconds[side]] for side in sides)
        case = f"10,000 lines: {what}, CPU"
        yield Row("read, check and score", case, ours, unit="ms", at_most=SCORING)
        texts = {"ours": f"{np.median(ours):.1f} ms", "peer": f"{np.median(theirs):.1f} ms"}
        yield Row("all of it / csv module, no checks", case, ratios(ours, theirs), **texts)


def share_by_csv(content: bytes, labels: np.ndarray) -> float:
    """What is the least that somebody would write."""
    known = {name: number for number, name in enumerate(CLASSES)}
    rows = csv.reader(io.StringIO(content.decode()))
    next(rows)
    right = [known.get(said.strip(), said.strip()) for _, said in rows]
    return float((np.array(right, np.int64) == labels).mean())


def page(quick: bool) -> Iterator[Row]:
    """The page of a student: the standing is found out once for all, or for each."""
    from lib.leaderboard.site.live import LiveStanding
    from lib.leaderboard.site.pages import Pages
    from lib.leaderboard.site.visitors import Visitor

    students = 50 if quick else 1000
    with tempfile.TemporaryDirectory(prefix="leaderboard-") as folder:
        sessions, _ = a_board(Path(folder) / "board.db", a_key(), students)
        board, settings = Board(Path(folder) / "board.db", a_key()), SiteSettings()

        def shown() -> LiveStanding:
            live = LiveStanding(board, settings)
            asyncio.run(started(live))
            return live

        def rendered(live: LiveStanding) -> None:
            person = board.doors.session(sessions[0])
            assert person is not None
            pages.live = live
            pages.student(Visitor(person, sessions[0]))

        for_all = shown()
        pages = Pages(board, settings, for_all)
        sides = {"shared": lambda: rendered(for_all), "for each": lambda: rendered(shown())}
        seconds = interleaved(sides, turns=2 if quick else 20)
        board.close()
    ours, naive = ([1000 * one for one in seconds[side]] for side in sides)
    case = f"{students} students, CPU a page"
    texts = {"ours": f"{np.median(ours):.1f} ms", "peer": f"{np.median(naive):.1f} ms"}
    yield Row("standing for each / shared", case, ratios(naive, ours), **texts)


async def started(live: Any) -> None:
    await live.start()
    await live.stop()


def whole_class(quick: bool) -> Iterator[Row]:
    """The load, and the same readers at an application that does nothing."""
    students, readers, warm, seconds = (20, 40, 1, 3) if quick else (1000, 2000, 15, 60)
    with tempfile.TemporaryDirectory(prefix="leaderboard-") as folder:
        board = Path(folder) / "board.db"
        sessions, names = a_board(board, a_key(), students)
        plan = {
            "sessions": sessions, "names": names, "readers": readers, "watchers": min(20, readers // 2),
            "pages": readers / 60, "uploads": 200, "warm": warm, "seconds": seconds,
        }  # fmt: skip
        ours = loaded("site", plan, Path(folder), str(board))
        floor = loaded("floor", plan | {"uploads": 0}, Path(folder))
    case = f"{students:,} students, {readers:,} readers"
    for name, many in (("page", "pages"), ("upload", "uploads"), ("upload to live event", "delays")):
        for percent in (50, 95, 99):
            value, least = at(ours[many], percent), at(floor[many], percent)
            target = PAGE if (many, percent) == ("pages", 95) else None
            texts = {"ours": f"{value:.0f} ms", "peer": f"{least:.0f} ms"} if many == "pages" else {}
            row = f"{name}, percentile {percent}"
            yield Row(row, f"{case}; {len(ours[many])} of them", [value], unit="ms", at_most=target, **texts)
    most = max(ours["messages"])
    yield Row("live messages", f"{case}; to each, a second", [most], unit="", at_most=1.02)
    yield Row("uploads that a reader was not told", case, [ours["untold"]], unit="", at_most=0)
    wrong = len(ours["wrong"])
    yield Row("answers of another kind", case, [wrong], unit="", at_most=0)
    for kind, words in (("server_cpu", "server"), ("load_cpu", "load generator")):
        texts = {"ours": f"{ours[kind]:.2f} s", "peer": f"{floor[kind]:.2f} s"}
        yield Row(f"CPU of the {words}", f"{case}, s a second", [ours[kind]], unit="s", **texts)
    memory = {"ours": f"{ours['memory'] / 2**20:.0f} MB", "peer": f"{floor['memory'] / 2**20:.0f} MB"}
    yield Row("peak memory of the server", case, [ours["memory"] / 2**20], unit="MB", **memory)


def loaded(kind: str, plan: dict[str, Any], folder: Path, *more: str) -> dict[str, Any]:
    """What came of a load on a server; both run in processes of their own."""
    allow_open_files(OPEN_FILES)
    with running(kind, *more) as (port, pid):
        path = folder / "plan.json"
        path.write_text(json.dumps(plan | {"port": port, "pid": pid}), "utf-8")
        command = [sys.executable, "-m", "benchmarks.leaderboard.load", str(path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found = json.loads(done.stdout.splitlines()[-1])
    for wrong in found["wrong"][:5]:
        print(f"  {kind}: {wrong}", file=sys.stderr)
    return found


@contextmanager
def running(kind: str, *more: str) -> Iterator[tuple[int, int]]:
    """A server: its port and the number of its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.leaderboard.server", kind, str(port), *more]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, server)
        yield port, server.pid
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Until a server answers; raises `RuntimeError` where it does not."""
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except urllib.error.HTTPError:
            return  # it answers that nobody has come in
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server does not answer; its status is {server.poll()}")


def at(seconds: list[float], percent: float) -> float:
    """A percentile, in milliseconds; not a number where there is nothing."""
    return 1000 * float(np.percentile(seconds, percent)) if seconds else float("nan")


PARTS: dict[str, Callable[[bool], Iterator[Row]]] = {
    "scoring": scoring,
    "page": page,
    "class": whole_class,
}

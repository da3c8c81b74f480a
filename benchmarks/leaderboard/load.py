"""The load of a class, from one process: python -m benchmarks.leaderboard.load PLAN; both speak JSON.

Raw sockets of asyncio: a client that parses everything would cost more than the server.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.leaderboard.a_class import a_key, as_csv, predictions_of
from lib.leaderboard.site.csrf import csrf_token
from lib.leaderboard.site.settings import SiteSettings

NEWS = b"event: standing\n"
DATA = re.compile(rb"data: (\{.*\})\n\n")
BORDER = "a-border-that-no-file-has"
OPENED_AT_ONCE = 50
TOLD_BY = 5  # seconds from an upload until all readers must have been told


@dataclass(frozen=True)
class Plan:
    """What is done.

    port, pid: of the server
    sessions, names: of the students
    readers: who hold a connection each; watchers: of them, who never load the page again and read everything
    pages: a second, each of a reader who then listens anew
    uploads: a minute; 0 for a server that takes none
    warm, seconds: of load before anything counts, and of load that counts
    """

    port: int
    pid: int
    sessions: list[str]
    names: list[str]
    readers: int
    watchers: int
    pages: float
    uploads: float
    warm: float
    seconds: float


@dataclass
class Found:
    """What came of it; times in seconds. `begun` is None until it counts."""

    begun: float | None = None
    pages: list[float] = field(default_factory=list)
    uploads: list[float] = field(default_factory=list)
    delays: list[tuple[float, float]] = field(default_factory=list)  # when an upload began, until it was told
    messages: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    sent: dict[str, float] = field(default_factory=dict)  # the name of a student → when the upload began


class Reader(asyncio.Protocol):
    """A page that listens to the live standing; a watcher also reads what it says."""

    def __init__(self, load: Load, session: str, watches: bool):
        self.load, self.session, self.watches = load, session, watches
        self.count, self.kept, self.told = 0, b"", set[str]()
        self.transport: asyncio.Transport | None = None
        self.listens = True

    def connection_made(self, transport) -> None:
        self.transport = transport
        transport.write(self.load.head("GET /live", self.session) + b"\r\n")

    def data_received(self, data: bytes) -> None:
        if self.load.found.begun is not None:
            self.count += data.count(NEWS)
        if self.watches:
            self.read(data)

    def read(self, data: bytes) -> None:
        self.kept += data
        for message in DATA.findall(self.kept):
            now = time.perf_counter()
            for _, _, name, _, _ in json.loads(message)["lines"]:
                if name in self.load.found.sent and name not in self.told:
                    self.told.add(name)
                    begun = self.load.found.sent[name]
                    self.load.found.delays.append((begun, now - begun))
        self.kept = self.kept[self.kept.rfind(b"\n\n") :]

    def connection_lost(self, error) -> None:
        if self.listens:
            self.load.found.wrong.append("the server has ended a reader's stream")

    def leave(self) -> None:
        self.listens = False
        if self.transport is not None:
            self.transport.close()


class Load:
    """All that happens."""

    def __init__(self, plan: Plan):
        self.plan, self.found = plan, Found()
        self.random = random.Random(0)
        self.host = f"127.0.0.1:{plan.port}"
        key, shares = a_key(), [0.3, 0.4, 0.5, 0.6, 0.7]
        self.files = [as_csv(predictions_of(key, share, 100 + at)) for at, share in enumerate(shares)]
        self.readers: list[Reader] = []
        self.tasks: set[asyncio.Task[None]] = set()

    def head(self, line: str, session: str) -> bytes:
        """The head of a request, without the empty line at its end."""
        cookie = f"{SiteSettings().cookie}={session}"
        return f"{line} HTTP/1.1\r\nHost: {self.host}\r\nCookie: {cookie}\r\n".encode()

    async def run(self) -> dict[str, object]:
        plan, found = self.plan, self.found
        for number in range(plan.readers):
            session = plan.sessions[number % len(plan.sessions)]
            self.readers.append(await self.listen(session, watches=number < plan.watchers))
            if number % OPENED_AT_ONCE == 0:
                await asyncio.sleep(0.1)
        end = time.perf_counter() + plan.warm + plan.seconds
        work = [self.plan_of(plan.pages, end, self.page), self.plan_of(plan.uploads / 60, end, self.upload)]
        working = asyncio.gather(*work)
        await asyncio.sleep(plan.warm)
        found.begun = begun = time.perf_counter()
        server, own = psutil.Process(plan.pid), psutil.Process()
        before, memory = (cpu_of(server), cpu_of(own)), 0
        while not working.done():
            await asyncio.sleep(0.5)
            memory = max(memory, server.memory_info().rss)
        seconds = time.perf_counter() - begun
        after, found.begun = (cpu_of(server), cpu_of(own)), None
        found.messages = [reader.count for reader in self.readers if reader.watches]
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=10)
        if found.sent:
            await asyncio.sleep(TOLD_BY)
        expected = plan.watchers * len(found.sent)
        told = sum(len(reader.told) for reader in self.readers)
        for reader in self.readers:
            reader.leave()
        return {
            "pages": found.pages,
            "uploads": found.uploads,
            "delays": [delay for sent, delay in found.delays if sent >= begun],
            "messages": [count / seconds for count in found.messages],
            "untold": expected - told,
            "server_cpu": (after[0] - before[0]) / seconds,
            "load_cpu": (after[1] - before[1]) / seconds,
            "memory": memory,
            "wrong": found.wrong,
        }

    async def plan_of(self, a_second: float, end: float, do) -> None:
        """Starts something so often, whether or not what was started before has ended."""
        number, begun = 0, time.perf_counter()
        while a_second and (at := begun + (number + self.random.random()) / a_second) < end:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            task = asyncio.create_task(do(number, at))
            self.tasks.add(task)
            task.add_done_callback(self.done)
            number += 1

    def done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.found.wrong.append(repr(error))

    async def listen(self, session: str, *, watches: bool = False) -> Reader:
        loop = asyncio.get_running_loop()
        where = "127.0.0.1", self.plan.port
        _, reader = await loop.create_connection(lambda: Reader(self, session, watches), *where)
        return reader

    async def page(self, number: int, at: float) -> None:
        """A reader loads the page again: the stream ends, the page comes, a new stream begins."""
        place = self.plan.watchers + number % (self.plan.readers - self.plan.watchers)
        reader = self.readers[place]
        reader.leave()
        await self.timed(self.head("GET /", reader.session), b"", 200, at, self.found.pages)
        self.readers[place] = await self.listen(reader.session)

    async def upload(self, number: int, at: float) -> None:
        """A student hands in, and then sees the page."""
        student = len(self.plan.sessions) - 1 - number
        if student < 0:
            return
        session = self.plan.sessions[student]
        fields = {"csrf": csrf_token(session), "once": os.urandom(16).hex(), "description": "a benchmark"}
        parts = [
            f'--{BORDER}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
            for name, text in fields.items()
        ]
        head = f'--{BORDER}\r\nContent-Disposition: form-data; name="file"; filename="predictions.csv"\r\n'
        head += "Content-Type: text/csv\r\n\r\n"
        file = self.files[number % len(self.files)]
        body = "".join([*parts, head]).encode() + file + f"\r\n--{BORDER}--\r\n".encode()
        self.found.sent[self.plan.names[student]] = at
        kind = f"Content-Type: multipart/form-data; boundary={BORDER}\r\n".encode()
        await self.timed(self.head("POST /entries", session) + kind, body, 303, at, self.found.uploads)
        await self.timed(self.head("GET /", session), b"", 200, time.perf_counter(), self.found.pages)

    async def timed(self, head: bytes, body: bytes, status: int, at: float, times: list[float]) -> None:
        """A request with a connection of its own; its time counts from the moment it was planned for."""
        counts = self.found.begun is not None
        try:
            came, sends = await asyncio.open_connection("127.0.0.1", self.plan.port)
            length = f"Content-Length: {len(body)}\r\n" if body else ""
            sends.write(head + f"{length}Connection: close\r\n\r\n".encode() + body)
            answer = await came.read(-1)
            sends.close()
        except OSError as error:
            answer = repr(error).encode()
        if not answer.startswith(b"HTTP/1.1 %d " % status):
            self.found.wrong.append(f"{head[:20]!r}: {answer[:100]!r} … {answer[-200:]!r}")
        elif counts:
            times.append(time.perf_counter() - at)


def cpu_of(process: psutil.Process) -> float:
    """Seconds that a process has worked."""
    times = process.cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    plan = Plan(**json.loads(Path(sys.argv[1]).read_text("utf-8")))
    print(json.dumps(asyncio.run(Load(plan).run())))

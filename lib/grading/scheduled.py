"""Examining on other machines, by a scheduler of Dask's: bytes travel there and back, and nothing else.

Solutions, secret, gradebook and the other students' work stay where `course grade` runs.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
import threading
import warnings
import zipfile
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from lib.checks import mismatch, shown
from lib.grading.sandbox.room import Limits, Room, Sandbox

Work = TypeVar("Work")
AHEAD = 3  # submissions for each thread of a worker that are on their way
TRIES = 3  # for a submission whose worker went away with what it needs
WAIT = "30s"  # for a scheduler that does not answer

Opening = Callable[[str, Room, Limits], Sandbox]
Examining = Callable[[Any, Sandbox], Any]


@dataclass(frozen=True)
class PackedRoom:
    """A room as bytes; on each machine it is unpacked once, and draws its data itself.

    digest: of what is in it
    archive: a zip archive of its folder `course`
    room: all else that is said of it
    """

    digest: str
    archive: bytes
    room: Room


def pack_room(room: Room, digest: str) -> PackedRoom:
    """The files of a room in one archive.

    digest: of what is in it
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(room.course.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(room.course).as_posix())
    return PackedRoom(digest, packed.getvalue(), replace(room, course=Path(), data=None))


def unpack_room(packed: PackedRoom, place: Path) -> Room:
    """The room in a folder of this machine, where it is left for the next submission."""
    folder = place / packed.digest
    if not folder.exists():
        place.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".room-", dir=place))
        try:
            with zipfile.ZipFile(io.BytesIO(packed.archive)) as archive:
                archive.extractall(scratch)
            scratch.chmod(0o755)
            with contextlib.suppress(OSError):  # another thread was quicker
                os.rename(scratch, folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return replace(packed.room, course=folder)


_here = threading.local()  # of a worker's thread: its sandbox, and what that was opened for


def examine_there(
    packed: PackedRoom, kind: str, limits: Limits, opening: Opening, examining: Examining, job: Any
) -> Any:
    """Runs on a worker: examines one job in the sandbox of this thread."""
    wanted = (packed.digest, kind, limits)
    if getattr(_here, "wanted", None) != wanted:
        _close()
        _here.sandbox = opening(kind, unpack_room(packed, _place()), limits)
        _here.wanted = wanted
    try:
        return examining(job, _here.sandbox)
    except BaseException:
        _close()  # the next job begins with a new one
        raise


def _close() -> None:
    sandbox, _here.wanted, _here.sandbox = getattr(_here, "sandbox", None), None, None
    if sandbox is not None:
        with contextlib.suppress(Exception):
            sandbox.close()


def _place() -> Path:
    """A folder of this process, so that no other user of the machine can have put anything there."""
    global _folder
    if _folder is None:
        _folder = tempfile.TemporaryDirectory(prefix="course-rooms-")
        os.chmod(_folder.name, 0o755)  # a sandbox may have another user
    return Path(_folder.name)


_folder: tempfile.TemporaryDirectory[str] | None = None


@dataclass(frozen=True)
class _Sent(Generic[Work]):
    """A job that is on its way, for the how-manieth time."""

    item: Work
    job: Any
    tries: int
    future: Any


class Scheduled(Generic[Work]):
    """What `SandboxPool` is, but on the workers of a scheduler.

    address: such as tcp://10.0.0.1:8786; settings of TLS are those of Dask
    prepare: item → job, here
    examining: (job, sandbox) → what came out, there; both are plain data
    again: what came out → whether it is tried once more
    opening: opens a sandbox, there
    wait: for a scheduler that does not answer

    Raises `OSError` where there is no scheduler.
    """

    def __init__(
        self,
        address: str,
        packed: PackedRoom,
        kind: str,
        limits: Limits,
        *,
        prepare: Callable[[Work], Any],
        examining: Examining,
        again: Callable[[Any], bool],
        opening: Opening,
        wait: str = WAIT,
    ):
        from distributed import Client

        self.prepare, self.again = prepare, again
        self.fixed = (kind, limits, opening, examining)
        self.packed = packed
        try:
            self.client = Client(address, timeout=wait, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise ConnectionError(
                f"scheduler: expected one that answers at {address}, got none ({error}); "
                "`dask scheduler` starts one"
            ) from error
        if not self.client.nthreads():
            self.client.close()
            raise mismatch(
                "", "scheduler", f"workers at {shown(address)}", "none", f"`dask worker {address}` starts one"
            )

    def run(self, items: Iterable[Work]) -> Generator[tuple[Work, Any], None, None]:
        """Each item with (job, what came out), or with the error, in the order in which they are done."""
        from distributed import as_completed

        waiting, running = iter(items), as_completed(loop=self.client.loop)
        on_their_way: dict[Any, _Sent[Work]] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a room is large, and sent once
            room = self.client.submit(as_it_is, self.packed, pure=False)

        def send(item: Work, job: Any, tries: int) -> None:
            future = self.client.submit(examine_there, room, *self.fixed, job, pure=False, retries=0)
            on_their_way[future.key] = _Sent(item, job, tries, future)
            running.add(future)

        def send_next() -> tuple[Work, Exception] | None:
            """Sends one more; one that cannot be prepared is handed back."""
            for item in waiting:
                try:
                    send(item, self.prepare(item), 1)
                except Exception as error:
                    return item, error
                return None
            return None

        try:
            for _ in range(AHEAD * max(1, sum(self.client.nthreads().values()))):
                if failed := send_next():
                    yield failed
            while on_their_way:
                future = next(running)
                sent = on_their_way.pop(future.key)
                made: Any
                try:
                    made = future.result()
                except Exception as error:
                    lost = future.cancelled() or type(error).__name__ in LOST
                    if lost and sent.tries < TRIES:
                        send(sent.item, sent.job, sent.tries + 1)
                        continue
                    made = error
                if not isinstance(made, Exception):
                    if sent.tries == 1 and self.again(made):
                        send(sent.item, sent.job, sent.tries + 1)
                        continue
                    made = sent.job, made
                yield sent.item, made
                while failed := send_next():
                    yield failed
        finally:
            with contextlib.suppress(Exception):
                self.client.cancel([sent.future for sent in on_their_way.values()])

    def close(self) -> None:
        self.client.close()

    def __enter__(self) -> Scheduled[Work]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def as_it_is(packed: PackedRoom) -> PackedRoom:
    """A job whose outcome the scheduler can make again, whatever worker goes away; workers give it on."""
    return packed


LOST = ("KilledWorker", "CancelledError", "FutureCancelledError", "FuturesCancelledError", "CommClosedError")

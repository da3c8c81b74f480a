"""Examining on other machines, by a scheduler of Dask's: bytes travel there and back, and nothing else.

Solutions, secret, gradebook and the other students' work stay where `course grade` runs.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import io
import pickle
import platform
import queue
import threading
import time
import warnings
import zipfile
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, TypeVar

from lib.checks import mismatch, shown
from lib.grading.examination.placed_folder import placed_folder
from lib.grading.journal import digest_of_files
from lib.grading.sandbox.folders import forget_folder, new_folder
from lib.grading.sandbox.room import Limits, Room, Sandbox

Work = TypeVar("Work")
LIB = Path(__file__).parents[1]
AHEAD = 3  # submissions for each thread of a worker that are on their way
TRIES = 3  # for a submission whose worker went away with what it needs
WAIT = 30.0  # seconds for a scheduler that does not answer, and for the first worker
QUIET = 5.0  # seconds without a result, after which the scheduler is asked for its workers
ALONE = 60.0  # seconds without any worker, after which the run ends

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
        with placed_folder(folder) as new, zipfile.ZipFile(io.BytesIO(packed.archive)) as archive:
            archive.extractall(new)
    return replace(packed.room, course=folder)


@functools.cache
def version_here() -> str:
    """Of all that what comes out depends on: the course's own code, Python and numpy."""
    files = [*LIB.glob("grading/**/*.py"), *LIB.glob("tasks/*.py"), *LIB.glob("assignments/*.py")]
    parts = [digest_of_files(LIB, files), platform.python_version(), version("numpy")]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


class OtherVersion(RuntimeError):
    """A worker has another version of the course; what it would find might be something else."""


_here = threading.local()  # of a worker's thread: its sandbox, and what that was opened for


def examine_there(wanted_version: str, packed: bytes, job: bytes) -> Any:
    """Runs on a worker: examines one job in the sandbox of this thread.

    wanted_version: what `version_here` is where the job comes from; another one can't read what follows
    packed: a `PackedRoom`, pickled
    job: kind of sandbox, limits, opening, examining and the job itself, pickled
    """
    if wanted_version != version_here():
        raise OtherVersion(platform.node())
    room: PackedRoom = pickle.loads(packed)
    kind, limits, opening, examining, work = pickle.loads(job)
    wanted = (room.digest, kind, limits)
    if getattr(_here, "wanted", None) != wanted:
        _close()
        _here.sandbox = opening(kind, unpack_room(room, _place()), limits)
        _here.wanted = wanted
    try:
        return examining(work, _here.sandbox)
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
    with _one_at_a_time:  # or a second thread's folder would take the place of the first one's
        if not _folders:
            _folders.append(new_folder())
            _folders[0].chmod(0o755)  # a sandbox may have another user
            atexit.register(forget_folder, _folders[0])
    return _folders[0]


_one_at_a_time = threading.Lock()
_folders: list[Path] = []


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
    wait: seconds for a scheduler that does not answer

    Raises `OSError` where there is no scheduler, or no worker; while it runs, where they went away.
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
        wait: float = WAIT,
    ):
        from distributed import Client

        self.address, self.prepare, self.again = address, prepare, again
        self.fixed = (kind, limits, opening, examining)
        self.packed = pickle.dumps(packed)
        try:
            self.client = Client(address, timeout=wait, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise ConnectionError(
                f"scheduler: expected one that answers at {address}, got none ({error}); "
                "`dask scheduler` starts one"
            ) from error
        try:
            self.client.wait_for_workers(1, timeout=wait)
        except TimeoutError as error:
            self.close()
            raise mismatch(
                "", "scheduler", f"workers at {shown(address)}", "none", f"`dask worker {address}` starts one"
            ) from error

    def run(self, items: Iterable[Work]) -> Generator[tuple[Work, Any], None, None]:
        """Each item with (job, what came out), or with the error, in the order in which they are done."""
        waiting = iter(items)
        done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        on_their_way: dict[Any, _Sent[Work]] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a room is large, and sent once
            room = self.client.submit(bytes, self.packed, pure=False)  # it can be made again anywhere

        def send(item: Work, job: Any, tries: int) -> None:
            packed = pickle.dumps((*self.fixed, job))
            future = self.client.submit(travelling(), version_here(), room, packed, pure=False, retries=0)
            on_their_way[future.key] = _Sent(item, job, tries, future)
            future.add_done_callback(done.put)

        def send_next() -> tuple[Work, Exception] | None:
            """Sends one more; one that cannot be prepared is handed back."""
            for item in waiting:
                try:
                    job = self.prepare(item)
                except Exception as error:
                    return item, error
                send(item, job, 1)
                return None
            return None

        try:
            for _ in range(AHEAD * max(1, self._threads())):
                if failed := send_next():
                    yield failed
            while on_their_way:
                future = self._next(done)
                sent = on_their_way.pop(future.key)
                made = self._made(future)
                if isinstance(made, Exception):
                    if _is_lost(made) and sent.tries < TRIES:
                        send(sent.item, sent.job, sent.tries + 1)
                        continue
                else:
                    if sent.tries == 1 and self.again(made):
                        send(sent.item, sent.job, sent.tries + 1)
                        continue
                    made = sent.job, made
                yield sent.item, made
                while failed := send_next():
                    yield failed
        finally:
            if self.client.status == "running":
                with contextlib.suppress(Exception):
                    self.client.cancel([sent.future for sent in on_their_way.values()])

    def _next(self, done: queue.SimpleQueue[Any]) -> Any:
        """The next one that is done; raises `ConnectionError` where nothing more can come."""
        alone = 0.0
        while True:
            try:
                return done.get(timeout=QUIET)
            except queue.Empty:
                if self._threads():
                    alone = 0.0
                elif not alone:
                    alone = time.monotonic()
                elif time.monotonic() - alone > ALONE:
                    raise ConnectionError(
                        f"the scheduler at {self.address} has no worker any more (`dask worker "
                        f"{self.address}` starts one)"
                    ) from None

    def _made(self, future: Any) -> Any:
        """What came out, or the error; raises `ConnectionError` where that is true of all that follow."""
        try:
            return future.result(timeout=WAIT)
        except OtherVersion as error:
            raise ConnectionError(OTHER.format(f"a worker on {error}")) from error
        except Exception as error:
            if _is_of_another_course(error):
                raise ConnectionError(OTHER.format("a worker")) from error
            self._threads()  # of a scheduler that went away all jobs are lost
            return error

    def _threads(self) -> int:
        """How many the workers have; raises `ConnectionError` where the scheduler does not answer."""
        try:
            if self.client.status != "running" or not self.client.scheduler:
                raise OSError
            counts = self.client.sync(self.client.scheduler.ncores, callback_timeout=WAIT)
        except (OSError, ValueError) as error:
            raise ConnectionError(
                f"the scheduler at {self.address} does not answer any more (`dask scheduler` starts one)"
            ) from error
        return sum(counts.values())

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.client.close()

    def __enter__(self) -> Scheduled[Work]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


OTHER = (
    "{} has another version of the course, of Python or of numpy (bring the same there, and start the worker "
    "anew in the course's folder)"
)


def travelling() -> Callable[..., Any]:
    """`examine_there` as a function that needs no course to be read: a scheduler has none."""

    def examine_on_this_machine(*arguments: Any) -> Any:
        from lib.grading.scheduled import examine_there

        return examine_there(*arguments)

    return examine_on_this_machine


def _is_lost(error: Exception) -> bool:
    """Whether an error says that a worker went away, and nothing about the job."""
    return type(error).__name__ in LOST


def _is_of_another_course(error: Exception) -> bool:
    """Whether an error says that a worker has no course, or one that does not know what to do with a job."""
    return "examine_there" in str(error) or (
        isinstance(error, ModuleNotFoundError) and str(error.name).partition(".")[0] == "lib"
    )


LOST = ("KilledWorker", "CancelledError", "FutureCancelledError", "FuturesCancelledError", "CommClosedError")

"""Downloads a file from several mirrors; nothing is kept that fails its checksum."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout
from tqdm.auto import tqdm

from .disk import DiskFull, room_for
from .mirrors import CIFAR10, cifar10_mirrors
from .places import data_folder
from .transfer import BrokenOff, MirrorError, Patience, TooSlow, transfer

TRIES = 3  # of one mirror that breaks off: each goes on where the last one ended


class DownloadError(OSError):
    """The file could not be downloaded; the message says why, for each mirror, and what to do next."""


def fetch_cifar10(*, progress: bool = True) -> Path:
    """The original CIFAR-10 archive in the data folder, downloaded where it is missing; see `fetch`."""
    return fetch(
        CIFAR10.filename,
        cifar10_mirrors(),
        size=CIFAR10.size,
        sha256=CIFAR10.sha256,
        dest_folder=data_folder(),
        progress=progress,
    )


def fetch(
    filename: str,
    mirrors: Sequence[str],
    *,
    size: int,
    sha256: str,
    dest_folder: str | os.PathLike,
    progress: bool = True,
    patience: Patience = Patience(),  # noqa: B008, it is frozen
) -> Path:
    """The path `dest_folder/filename` of a file with this checksum; it is downloaded where it is missing.

    filename: its name, on every mirror and on the disk
    mirrors: http(s) addresses of the file, in the order in which they are tried
    size: of the file, in bytes
    sha256: of the file, 64 hexadecimal digits
    dest_folder: where it is kept; made where it is missing
    progress: show a bar with speed and time left, and a line for every mirror that is given up
    patience: when to go on to the next mirror; where all of them are slow, the fastest is used after all

    Until its checksum is right the file is called `….part`; a later call, or another mirror, goes on where it
    ends. A second notebook that asks for the same file waits for the first. A file of this name with another
    checksum is not lost, it is renamed to `….unverified`.

    Raises `DownloadError` where no mirror delivers or the disk is full.
    """
    folder = Path(dest_folder)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f".{filename}.lock")
    try:
        lock.acquire(timeout=0.5)
    except Timeout:
        print(f"Another notebook is downloading {filename}: waiting for it.")
        lock.acquire()
    try:
        return _Download(folder / filename, size, sha256.lower(), progress, patience).run(mirrors)
    except DiskFull as error:
        raise DownloadError(str(error)) from error
    finally:
        lock.release()


class _Download:
    """One file on its way: where it will be, where its beginning is, and the progress bar."""

    def __init__(self, target: Path, size: int, sha256: str, progress: bool, patience: Patience):
        self.target, self.size, self.sha256 = target, size, sha256
        self.partial = target.with_name(f"{target.name}.{sha256[:8]}.part")
        self.progress, self.patience = progress, patience

    def run(self, mirrors: Sequence[str]) -> Path:
        if self.is_right(self.target):
            return self.target
        if self.have() >= self.size and not self.is_right(self.partial):
            self.partial.unlink()
        if self.have() < self.size:
            options = {"total": self.size, "initial": self.have(), "unit": "B", "unit_scale": True}
            with (
                room_for(self.target.name, self.target.parent, self.size - self.have()),
                tqdm(desc=self.target.name, disable=not self.progress, **options) as self.bar,
            ):
                self.try_all(mirrors)
        if self.target.exists():
            self.put_aside(self.target)
        return self.partial.replace(self.target)

    def have(self) -> int:
        return self.partial.stat().st_size if self.partial.exists() else 0

    def is_right(self, path: Path) -> bool:
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256

    def try_all(self, mirrors: Sequence[str]) -> None:
        """The mirrors in their order; then the slow ones, fastest first, without a limit."""
        reasons: dict[str, str] = {}
        speeds: dict[str, float] = {}
        for url in mirrors:
            try:
                return self.complete(url, hurry=True)
            except MirrorError as error:
                reasons[url] = str(error)
                self.say(f"{_host(url)}: {error}")
                if isinstance(error, TooSlow):
                    speeds[url] = error.speed
        for url in sorted(speeds, key=speeds.__getitem__, reverse=True):
            self.say(f"{_host(url)}: no mirror is faster, so it goes on from here")
            try:
                return self.complete(url, hurry=False)
            except MirrorError as error:
                reasons[url] = str(error)
        raise DownloadError(
            f"{self.target.name} could not be downloaded:\n"
            + "".join(f"  {url}: {reason}\n" for url, reason in reasons.items())
            + "Try again later, it goes on where it ended; or get the file another way and put it into "
            + str(self.target.parent)
        )

    def complete(self, url: str, *, hurry: bool) -> None:
        """Fill the partial file from this mirror until its checksum is right."""
        for attempt in range(1, TRIES + 1):
            resumed = self.have() > 0
            try:
                transfer(url, self.partial, self.size, self.patience, hurry=hurry, report=self.show)
            except BrokenOff:
                if attempt == TRIES:
                    raise
                continue
            if self.is_right(self.partial):
                return
            self.partial.unlink()
            if not resumed:  # otherwise the beginning may have been wrong: once more from the start
                break
        raise MirrorError("its file has another checksum")

    def put_aside(self, path: Path) -> None:
        names = (path.with_name(f"{path.name}.unverified{number or ''}") for number in count())
        kept = path.replace(next(name for name in names if not name.exists()))
        self.say(f"{path.name} had another checksum; it is kept as {kept.name}")

    def show(self, position: int) -> None:
        self.bar.update(position - self.bar.n)

    def say(self, line: str) -> None:
        if self.progress:
            tqdm.write(line)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0] or url

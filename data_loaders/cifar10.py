"""CIFAR-10 in every form: found, recognised, decoded once, then mapped from the cache."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

from . import formats, places, usual_names, usual_places
from .cache import cached
from .checksums import is_original
from .dataset import Dataset
from .files import Files, Folder
from .fingerprint import fingerprint
from .formats.content import CLASSES
from .jpeg_traces import went_through_jpeg
from .looks import advice, printable, reason, say, shortened
from .safe_archive import Archive, is_archive

UNREADABLE = (ValueError, OSError, ImportError)  # the last: a library for its form is missing


def load_cifar10(root: str | Path | None = None, *, download: bool = False, announce: bool = True) -> Dataset:
    """The 60,000 colour images of CIFAR-10: train 50,000 and test 10,000, uint8 (N, 3, 32, 32), ten classes.

    root: a folder or an archive in any known form, which is recognised by what it holds; without it the
        folder for data (COURSE_DATA), and by usual names the usual places of this computer, are searched
    download: where nothing is found, fetch the official archive
    announce: print one line where the copy is not a verified original

    Raises `FileNotFoundError` where nothing is found, `ValueError`, naming the file, where it cannot be read,
    and `ImportError` where a library for its form is missing. A copy that has changed is read again. Of a
    folder with over 100 pictures only its own times are compared: editing a picture in place is not noticed.

    Source: Krizhevsky, Learning multiple layers of features from tiny images, 2009.
    """
    try:
        dataset = _first_readable(_copies(root))
    except UNREADABLE:
        if not download:
            raise
        from .download import fetch_cifar10  # nobody else needs the network

        dataset = _load(fetch_cifar10())
    if announce and "unverified" in dataset.origin:
        say(f"CIFAR-10 from {dataset.origin}")
    return dataset


def fetching() -> str:
    """How CIFAR-10 is fetched, as a clause."""
    return f"`{places.command('data fetch cifar10')}` fetches it (170 MB)"


def _copies(root: str | Path | None) -> Iterator[Path]:
    """Where to look, best first; `FileNotFoundError` where there is nothing to look at."""
    if root is None:
        copies = usual_places.found()
        if (first := next(copies, None)) is None:
            looked = ", ".join(_short(folder) for folder in usual_places.folders())
            there = usual_places.not_found()
            raise FileNotFoundError(
                f"CIFAR-10 was not found{there and f': {there}'}; {fetching()}, or pass root=, the folder or "
                f"archive that has it. Looked in {looked}{_relative_to_the_course()}. "
                "docs/instructors.md lists names and forms"
            )
        return chain([first], copies)
    if not isinstance(root, str | os.PathLike) or not isinstance(os.fspath(root), str):
        raise ValueError(f"root: expected the path of a folder or an archive, got {shortened(root)}")
    try:
        path = Path(root).expanduser()
        exists = path.exists()
        possible = "\0" not in str(path)
    except (OSError, ValueError, RuntimeError):  # a name too long, with a zero byte, ~ of nobody
        possible = False
    if not possible:
        got = shortened(os.fspath(root))
        raise ValueError(f"root: expected the path of a folder or an archive, got {got}")
    if not exists:
        raise FileNotFoundError(
            f"root: expected a folder or an archive, got {printable(str(path))}, "
            f"which does not exist; {fetching()}"
        )
    return iter([*usual_places.inside(path), path])


def _first_readable(copies: Iterator[Path]) -> Dataset:
    """The first copy that can be read, and a printed line for each before it; the first error if none can."""
    failures: list[Exception] = []
    for copy in copies:
        try:
            dataset = _load(copy)
        except UNREADABLE as error:
            failures.append(error)
        else:
            for failure in failures:
                say(f"CIFAR-10: skipped a copy that cannot be read: {failure}")
            other = next(copies, None) if usual_places.is_under_any_name(copy) else None
            if other and other.parent == copy.parent:
                used = f"{_short(copy)} is used, not {other.name} beside it"
                say(f"CIFAR-10: {used}: load_cifar10(PATH) reads that")
            return dataset
    raise failures[0]


def _load(source: Path) -> Dataset:
    """The data set of one folder or archive, through the cache; every error is a line that can be shown."""
    try:
        return _through_cache(source.resolve())
    except OSError as error:  # such as a link into /proc, or a disk that fails
        raise ValueError(
            f"{printable(str(source))}: expected a folder or an archive that can be read, "
            f"got {printable(reason(error))}"
        ) from error
    except ValueError as error:
        if str(error).isprintable():
            raise
        error.args = (printable(str(error)),)  # the names of files may hold anything
        raise


def _through_cache(source: Path) -> Dataset:
    if not (source.is_dir() or source.is_file()):  # a pipe would be waited for without end
        raise ValueError(f"{source}: expected a folder or an archive, got a pipe, a socket or a device")
    with suppress(ValueError, OSError):  # made first: it changes the times of a source in which it lies
        places.cache_folder().mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(os.fsencode(source)).hexdigest()[:16]
    return cached(f"cifar10-{key}", lambda: _build(source), stamp=fingerprint(source))


def _build(source: Path) -> Dataset:
    files = open_files(source)
    title, content = formats.read(files)
    origin = f"{title} in {_short(source)}, "
    if is_original(files):
        origin += "verified by published checksums"
    else:
        origin += "unverified: no published checksum fits"
        if content.jpeg or went_through_jpeg(content.train.images[:1_000]):
            origin += "; a JPEG copy: accuracies are 2–3 points lower"
    if (len(content.train), len(content.test)) != (50_000, 10_000):
        origin += f"; {len(content.train):,} + {len(content.test):,} images, not 50,000 + 10,000"
    if content.note:
        origin += f"; {content.note}"
    return Dataset("CIFAR-10", content.train, content.test, CLASSES, origin)


def open_files(source: Path) -> Files:
    """The files of a folder or an archive; an .npz file alone; any other file with its neighbours.

    Raises `ValueError` for what is called an archive and is none.
    """
    if source.is_dir():
        return Folder(source)
    if source.suffix.lower() == ".npz":  # a zip archive, too; its reader looks at the heads first
        return Folder(source.parent, only=source.name)
    if is_archive(source):
        return Archive(source)
    if seen := usual_names.no_archive(source):
        raise ValueError(f"{source}: expected an archive, got {seen}; {advice(seen)}")
    return Folder(source.parent, flat=True)


def _relative_to_the_course() -> str:
    """A remark where COURSE_DATA is a relative path, which a student may take from the current folder."""
    chosen = os.environ.get("COURSE_DATA")
    if not chosen or places.chosen_folder().is_absolute():
        return ""
    return f". COURSE_DATA={shortened(chosen)} is relative to the course's folder, {places.COURSE}"


def _short(path: Path) -> str:
    """The path, with ~ for the home folder."""
    home = places.home()
    inside = home is not None and path.is_relative_to(home)
    return printable(f"~/{path.relative_to(home)}" if home and inside else str(path))

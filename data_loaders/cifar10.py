"""CIFAR-10 in every form: found, recognised, decoded once, then mapped from the cache."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from . import formats, usual_places
from .cache import cached
from .checksums import is_original
from .dataset import Dataset
from .files import Files, Folder, identity
from .formats.content import CLASSES
from .jpeg_traces import went_through_jpeg
from .looks import shortened
from .safe_archive import Archive, is_archive

FETCH = "`course data fetch cifar10` fetches it (170 MB)"
UNREADABLE = (ValueError, OSError, ImportError)  # the last: a library for its form is missing
MOST_ENTRIES = 20_000  # far more than any form has outside its large folders


def load_cifar10(root: str | Path | None = None, *, download: bool = False, announce: bool = True) -> Dataset:
    """The 60,000 colour images of CIFAR-10: train 50,000 and test 10,000, uint8 (N, 3, 32, 32), ten classes.

    root: a folder or an archive in any known form, which is recognised by what it holds; without it the usual
        places of this computer are searched
    download: where nothing is found, fetch the official archive
    announce: print one line where the copy is not a verified original

    Raises `FileNotFoundError` where nothing is found, `ValueError`, naming the file, where it cannot be read,
    and `ImportError` where a library for its form is missing. A changed copy is read again; in folders of
    over 100 pictures the time of the folder tells, which editing a picture in place does not change.

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
        print(f"CIFAR-10 from {dataset.origin}")
    return dataset


def _copies(root: str | Path | None) -> list[Path]:
    """Where to look, best first; `FileNotFoundError` where there is nothing to look at."""
    if root is None:
        copies = list(usual_places.found())
        if not copies:
            looked = ", ".join(_short(folder) for folder in usual_places.folders())
            raise FileNotFoundError(
                f"CIFAR-10 was not found; {FETCH}, or pass root=, the folder or archive that has it. "
                f"Looked in {looked}"
            )
        return copies
    if not isinstance(root, str | os.PathLike) or not isinstance(os.fspath(root), str):
        raise ValueError(f"root: expected the path of a folder or an archive, got {shortened(root)}")
    try:
        root = Path(root).expanduser()
        if "\0" in str(root):
            raise ValueError("a path has no zero bytes")
        exists = root.exists()
    except (OSError, ValueError, RuntimeError) as error:  # a name too long, with a zero byte, ~ of nobody
        raise ValueError(
            f"root: expected the path of a folder or an archive, got {shortened(root)}"
        ) from error
    if not exists:
        raise FileNotFoundError(f"root: {root} does not exist; {FETCH}")
    return [*usual_places.inside(root), root]


def _first_readable(copies: list[Path]) -> Dataset:
    """The first that can be read, and a line for others; the first reason is raised where none can."""
    failures: list[Exception] = []
    for copy in copies:
        try:
            dataset = _load(copy)
        except UNREADABLE as error:
            failures.append(error)
        else:
            for failure in failures:
                print(f"CIFAR-10: skipped a copy that cannot be read: {failure}")
            return dataset
    raise failures[0]


def _load(source: Path) -> Dataset:
    """The data set of one folder or archive, through the cache."""
    source = source.resolve()
    if not (source.is_dir() or source.is_file()):  # a pipe would be waited for without end
        raise ValueError(f"{source}: expected a folder or an archive, got a pipe, a socket or a device")
    key = hashlib.sha256(str(source).encode()).hexdigest()[:16]
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
    """The files of a folder or an archive; any other file stands for itself and its neighbours."""
    if source.is_dir():
        return Folder(source)
    return Archive(source) if is_archive(source) else Folder(source.parent, flat=True)


def fingerprint(source: Path) -> str:
    """Another text after a change of names, sizes or times; of a folder with over 100 entries: its time."""
    digest = hashlib.sha256()
    flat = source.is_file()
    pending, count = [source] if source.is_dir() or is_archive(source) else [source, source.parent], 0
    seen = set()
    while pending:
        path = pending.pop()
        try:
            stat = path.stat()
        except OSError:  # a link to nowhere: no reader can open it either
            continue
        digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
        if path.is_dir() and (place := identity(path)) not in seen:
            seen.add(place)
            with os.scandir(path) as entries:
                inside = [
                    e.path for e, _ in zip(entries, range(101), strict=False) if not (flat and e.is_dir())
                ]
            pending += map(Path, sorted(inside) if len(inside) <= 100 else [])
        count += 1
        if count > MOST_ENTRIES:
            raise ValueError(f"root: {source} holds too many folders; pass the folder of the data set itself")
    return digest.hexdigest()


def _short(path: Path) -> str:
    """The path, with ~ for the home folder."""
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)

"""The cache of decoded data sets: memory-mapped uint8 arrays that open at once and share their memory.

What is checked, and when:
- At every load: size, time of writing and time of change of each file, as the system keeps them. A program
  that changes a file and sets its time back is noticed on Linux and macOS; Windows keeps no time of change.
- At the first load of a day, after any such difference, and by `course data verify`: every byte, by a sum for
  each 4 KB. A bit that flips on the disk itself is noticed then, not before.
- Never while a data set is in use. Files that another program cuts short while they are mapped end the
  process with a bus error, so leave the folder to the course: it only ever replaces a whole data set, which
  does not disturb those who have mapped the old one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.lib.format import open_memmap

from .dataset import Dataset, Split
from .disk import ELSEWHERE, DiskFull, room_for
from .looks import say
from .places import cache_folder

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")
BLOCK = 4096  # bytes; the smallest piece that a disk loses or confuses
DAY = 24 * 3600  # seconds between two looks at every byte
VERSION = 3  # of the files in the cache: a new one makes old ones unused
LONGEST_NOTE = 64 << 10  # bytes of dataset.json, which takes some hundred


def cached(key: str, build: Callable[[], Dataset], *, stamp: str = "") -> Dataset:
    """The data set of this key as read-only memory maps; where it is not there, `build` makes it first.

    key: the name of the folder below `data_folder()/cache`: letters, digits, points, dashes, underscores
    build: makes the data set; what it raises is passed on, and nothing is written
    stamp: what the data set was made from; another stamp means that it is built again

    Where two processes ask at once, one builds and the other waits. A damaged cache is built again. Where the
    disk cannot be written, the data set stays in memory. In each of these cases one line is printed.
    """
    if not re.fullmatch(r"\w[\w.-]*", key, re.ASCII):
        raise ValueError(f"key: expected letters, digits, points, dashes and underscores, got {key!r}")
    try:
        folder = cache_folder() / key
    except ValueError as error:  # COURSE_DATA is no folder
        return _without_cache(build(), error)
    stamp = f"{VERSION} {stamp}"
    found = _open(folder, stamp)
    if found is not None:
        return found
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder)
    except (OSError, NotImplementedError) as error:  # the latter: a file system without locks
        return _without_cache(build(), error)
    try:
        found = _open(folder, stamp)  # another process may have built it while this one waited
        if found is not None:
            return found
        if os.path.lexists(folder) and _stamp(folder) in (stamp, None):
            say(f"The cache {key} is damaged: it is built again.")
        dataset = build()
        try:
            _write(dataset, folder, stamp)
        except OSError as error:
            return _without_cache(dataset, error)
        return _open(folder, stamp) or _read_only(dataset)
    finally:
        lock.release()


def verify() -> Iterator[tuple[str, bool]]:
    """The key of every data set in the cache, and whether every byte is as it was written.

    A damaged one is removed, so that the next load builds it again.
    """
    folders = sorted(path for path in cache_folder().glob("[!.]*") if path.is_dir())
    for folder in folders:
        lock = _locked(folder)
        try:
            whole = _open(folder, None, every_byte=True) is not None
            if not whole:
                _remove(folder)
        finally:
            lock.release()
        yield folder.name, whole


def _locked(folder: Path) -> FileLock:
    """The lock of one cache entry, taken; the operating system frees it when its process dies."""
    lock = FileLock(folder.with_name(folder.name + ".lock"))
    try:
        lock.acquire(timeout=0.5)
    except Timeout:
        say(f"Another notebook is preparing {folder.name}: waiting for it.")
        lock.acquire()
    return lock


def _open(folder: Path, stamp: str | None, *, every_byte: bool = False) -> Dataset | None:
    """The data set in this folder, or None where it is absent, made from something else, or damaged.

    stamp: the one that is expected; None takes any
    every_byte: look at every byte, even where nothing asks for it
    """
    try:
        about = _about(folder)
        if stamp not in (None, about["stamp"]) or about["sum"] != _sum_of(about):
            return None
        states = _states(folder)
        if [size for size, *_ in states] != [size for size, *_ in about["states"]]:
            return None
        arrays = {name: _mapped(folder / f"{name}.npy") for name in ARRAYS}
        # Where the folder cannot be written, the look could not be noted, and would be taken at every load.
        due = abs(time.time() - about["checked"]) > DAY and os.access(folder, os.W_OK)
        if every_byte or due or about["states"] != states:
            if not _is_whole(folder, arrays):
                return None
            with suppress(OSError):
                _note(about | {"states": states, "checked": time.time()}, folder)
        return Dataset(
            about["name"],
            Split(arrays["train_images"], arrays["train_labels"]),
            Split(arrays["test_images"], arrays["test_labels"]),
            tuple(about["classes"]),
            about["origin"],
        )
    except Exception:  # damaged files make numpy and Python raise many kinds
        return None


def _regular(path: Path) -> Path:
    """The path of a file; of a pipe or a device `ValueError`, since opening one could wait without end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError(f"{path}: expected a file, got a pipe, a folder or a device")
    return path


def _about(folder: Path) -> dict:
    """What dataset.json says, as it is: it may be damaged."""
    with _regular(folder / "dataset.json").open("rb") as file:
        text = file.read(LONGEST_NOTE + 1)
    if len(text) > LONGEST_NOTE:
        raise ValueError(f"{folder}: expected a dataset.json of at most {LONGEST_NOTE:,} bytes, got more")
    return json.loads(text)


def _sum_of(about: dict) -> str:
    """A checksum of everything that dataset.json says, except of itself."""
    text = json.dumps({key: value for key, value in about.items() if key != "sum"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _mapped(path: Path) -> np.memmap:
    """The array of a .npy file, read-only. Nothing else is accepted: `np.load` also opens archives."""
    return open_memmap(_regular(path), mode="r")


def _is_whole(folder: Path, arrays: dict[str, np.memmap]) -> bool:
    """Whether every byte of the arrays is as it was written."""
    for name, array in arrays.items():
        if array.offset + array.nbytes != (folder / f"{name}.npy").stat().st_size:
            return False  # its header is damaged
    return np.array_equal(_sums(arrays), _mapped(folder / "sums.npy"))


def _sums(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """The sums of all arrays, one after the other, uint64."""
    return np.concatenate([_sums_of_one(array) for array in arrays.values()])


def _sums_of_one(array: np.ndarray) -> np.ndarray:
    """The sum of the 64-bit numbers in each 4 KB, which a flipped bit or a lost piece changes."""
    data = array.reshape(-1).view(np.uint8)
    whole = len(data) // BLOCK * BLOCK
    rest = np.zeros(BLOCK, np.uint8)
    rest[: len(data) - whole] = data[whole:]
    pieces = (data[:whole], rest)
    return np.concatenate([piece.view(np.uint64).reshape(-1, BLOCK // 8).sum(axis=1) for piece in pieces])


def _note(about: dict, folder: Path) -> None:
    """Write what is known about the data set; a reader sees the old text or the new one."""
    temporary = folder / f"dataset.{os.getpid()}.json"
    temporary.write_text(json.dumps(about | {"sum": _sum_of(about)}), "utf-8")
    os.replace(temporary, folder / "dataset.json")


def _stamp(folder: Path) -> str | None:
    """What the data set was made from; None where dataset.json is damaged."""
    try:
        about = _about(folder)
        is_whole = about.get("sum", _sum_of(about)) == _sum_of(about)  # version 2 had no sum
        return about["stamp"] if is_whole else None
    except Exception:
        return None


def _remove(path: Path) -> None:
    """Remove a folder, or the file or link that lies in its place; where that fails, it stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink()


def _states(folder: Path) -> list[list[int]]:
    """Size, time of writing and time of change of every array, which are compared in no time."""
    found = [(folder / f"{name}.npy").stat() for name in ARRAYS]
    return [[one.st_size, one.st_mtime_ns, one.st_ctime_ns] for one in found]


def _write(dataset: Dataset, folder: Path, stamp: str) -> None:
    """Write everything beside its place and rename it at the end, so that a reader sees all or nothing."""
    temporary = folder.with_name(f".{folder.name}.new")
    retired = folder.with_name(f".{folder.name}.old")
    _remove(temporary)  # left by a process that was killed; the lock is ours
    _remove(retired)
    splits = {"train": dataset.train, "test": dataset.test}
    arrays = {
        f"{part}_{kind}": np.ascontiguousarray(array)
        for part, split in splits.items()
        for kind, array in (("images", split.images), ("labels", split.labels))
    }
    try:
        with room_for(dataset.name, folder.parent, sum(array.nbytes for array in arrays.values())):
            temporary.mkdir()
            for name, array in arrays.items():
                _write_array(array, temporary / f"{name}.npy")
            _write_array(_sums(arrays), temporary / "sums.npy")
            about = {"stamp": stamp, "states": _states(temporary), "checked": time.time()}
            names = {"name": dataset.name, "classes": dataset.classes, "origin": dataset.origin}
            _note(about | names, temporary)
            if os.path.lexists(folder):
                os.replace(folder, retired)
            os.replace(temporary, folder)
    finally:
        _remove(temporary)
        _remove(retired)


def _write_array(array: np.ndarray, path: Path) -> None:
    """Write a .npy file. An error has the number of the system's error, such as that of a full disk."""
    with path.open("wb") as file:
        try:
            np.save(file, array)
        except OSError:  # numpy says "15360000 requested and 10485632 written"; the system says why
            file.write(array.data)
            raise


def _without_cache(dataset: Dataset, error: Exception) -> Dataset:
    todo = "" if isinstance(error, DiskFull | ValueError) else f"; {ELSEWHERE}"  # these two say so themselves
    reason = str(error).removeprefix(f"{dataset.name}: ")
    say(f"{dataset.name} stays in memory, without a cache: {reason}{todo}")
    return _read_only(dataset)


def _read_only(dataset: Dataset) -> Dataset:
    for split in (dataset.train, dataset.test):
        split.images.flags.writeable = split.labels.flags.writeable = False
    return dataset

"""The cache of decoded data sets: memory-mapped uint8 arrays that open at once and share their memory."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from .dataset import Dataset, Split
from .places import data_folder

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")


def cached(key: str, build: Callable[[], Dataset], *, stamp: str = "") -> Dataset:
    """The data set of this key as read-only memory maps; on a miss `build` makes it and it is written first.

    key: the name of the folder below `data_folder()/cache`: letters, digits, points, dashes, underscores
    build: makes the data set; what it raises is passed on, and nothing is written
    stamp: what the data set was made from; another stamp means that it is built again

    Two processes at once: one builds, the other waits. A damaged cache is built again, and a disk that
    cannot be written leaves the data set in memory: each says so in one line.
    """
    if not re.fullmatch(r"\w[\w.-]*", key, re.ASCII):
        raise ValueError(f"key: got {key!r}, accepted are letters, digits, points, dashes and underscores")
    folder = data_folder() / "cache" / key
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
        if folder.exists() and _stamp(folder) in (stamp, None):
            print(f"The cache {key} is damaged: it is built again.")
        dataset = build()
        try:
            _write(dataset, folder, stamp)
        except OSError as error:
            return _without_cache(dataset, error)
        return _open(folder, stamp) or _read_only(dataset)
    finally:
        lock.release()


def _locked(folder: Path) -> FileLock:
    """The lock of one cache entry, taken; the operating system frees it when its process dies."""
    lock = FileLock(folder.with_name(folder.name + ".lock"))
    try:
        lock.acquire(timeout=0.5)
    except Timeout:
        print(f"Another notebook is preparing {folder.name}: waiting for it.")
        lock.acquire()
    return lock


def _open(folder: Path, stamp: str) -> Dataset | None:
    """The data set in this folder, or None where it is absent, made from something else, or damaged."""
    try:
        about = json.loads((folder / "dataset.json").read_text("utf-8"))
        if about["stamp"] != stamp or about["files"] != _files(folder):
            return None
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS}
        return Dataset(
            about["name"],
            Split(arrays["train_images"], arrays["train_labels"]),
            Split(arrays["test_images"], arrays["test_labels"]),
            tuple(about["classes"]),
            about["origin"],
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None


def _stamp(folder: Path) -> str | None:
    try:
        return json.loads((folder / "dataset.json").read_text("utf-8"))["stamp"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _files(folder: Path) -> list:
    """Size and time of every array: cheap to compare, and another after any change."""
    stats = [(folder / f"{name}.npy").stat() for name in ARRAYS]
    return [[stat.st_size, stat.st_mtime_ns] for stat in stats]


def _write(dataset: Dataset, folder: Path, stamp: str) -> None:
    """Write everything beside its place and rename at the end: a reader sees all of it or nothing."""
    temporary = folder.with_name(f".{folder.name}.new")
    retired = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(temporary, ignore_errors=True)  # left by a process that was killed; the lock is ours
    shutil.rmtree(retired, ignore_errors=True)
    try:
        temporary.mkdir()
        for name in ARRAYS:
            part, kind = name.split("_")
            np.save(temporary / f"{name}.npy", getattr(getattr(dataset, part), kind))
        about = {"name": dataset.name, "classes": dataset.classes, "origin": dataset.origin}
        about |= {"stamp": stamp, "files": _files(temporary)}
        (temporary / "dataset.json").write_text(json.dumps(about), "utf-8")
        if folder.exists():
            os.replace(folder, retired)
        os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(retired, ignore_errors=True)


def _without_cache(dataset: Dataset, error: Exception) -> Dataset:
    print(f"{dataset.name} stays in memory, without a cache: {error} (COURSE_DATA names another folder).")
    return _read_only(dataset)


def _read_only(dataset: Dataset) -> Dataset:
    for split in (dataset.train, dataset.test):
        split.images.flags.writeable = split.labels.flags.writeable = False
    return dataset

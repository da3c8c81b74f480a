"""A data set written to disk in one of the forms that other programs read."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from filelock import FileLock

from .dataset import Dataset, Split
from .disk import room_for

UNFINISHED = ".unfinished"  # the end of the name of a folder until it is whole
LOCK = ".in_use"
NPZ = "cifar10.npz"
OF_FILES = {
    ".npz",
    ".zip",
    ".tar",
    ".gz",
    ".tgz",
    ".bz2",
    ".xz",
    ".7z",
    ".bin",
    ".npy",
    ".mat",
}  # not of folders


def write_cifar10(dataset: Dataset, folder: str | Path, form: str) -> Path:
    """Write the data set as a new folder, or .npz file, whole or not at all, and return its path.

    dataset: images (N, 3, 32, 32), as `load_cifar10` and `load_shapes10` give them
    folder: the folder to write, which must be new or empty; a path ….npz is the file of form "npz"
    form: "python" (pickled batches), "binary" (records of 3073 bytes), "png" (train/<class>/00000.png)
        or "npz" (arrays train_images, train_labels, test_images, test_labels)

    Until it is whole it lies beside its place, in a hidden folder; one that a killed process left behind is
    removed by the next call for a folder in the same place.

    Raises `ValueError` for another form or other images, `FileExistsError` where something is in the way, and
    `DiskFull`, an `OSError`, where there is no room left.
    """
    if form not in WRITERS:
        raise ValueError(f"form: expected one of {', '.join(map(repr, WRITERS))}, got {form!r}")
    for part in ("train", "test"):
        images = getattr(dataset, part).images
        if images.shape[1:] != (3, 32, 32):
            raise ValueError(f"dataset: expected {part}.images of shape (N, 3, 32, 32), got {images.shape}")
    folder = Path(folder).expanduser()
    is_file = form == "npz" and folder.suffix.lower() == ".npz"
    if folder.suffix.lower() in OF_FILES and not is_file:
        raise ValueError(
            f"folder: expected the name of a folder, got {folder}, called like a file; name a folder"
        )
    if os.path.lexists(folder) and (is_file or not (folder.is_dir() and not any(folder.iterdir()))):
        kind = "file" if is_file else "or an empty folder"
        raise FileExistsError(f"folder: expected a new {kind}, got {folder}, which exists; name another")
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_unfinished(folder.parent)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=UNFINISHED, dir=folder.parent))
    try:
        temporary.chmod(0o755)  # mkdtemp makes it private
        instead = "name a folder on another disk"
        with _in_use(temporary), room_for(folder.name, folder.parent, _size(dataset, form), instead=instead):
            WRITERS[form](dataset, temporary)
        try:
            if folder.exists():
                folder.rmdir()  # empty, as seen above; fails where something has come in since
            (temporary / NPZ if is_file else temporary).rename(folder)
        except OSError as error:
            if not os.path.lexists(folder):
                raise
            raise FileExistsError(
                f"folder: expected a new or an empty folder, got {folder}, which another program filled "
                "meanwhile; name another"
            ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _size(dataset: Dataset, form: str) -> int:
    """About how many bytes the form takes on a disk, where a small file takes 4 KB."""
    images = [dataset.train.images, dataset.test.images]
    return sum(4096 * len(part) if form == "png" else part.nbytes for part in images)


@contextmanager
def _in_use(folder: Path) -> Iterator[None]:
    """Locks an unfinished folder while this process writes into it; the system unlocks it when it dies."""
    path = folder / LOCK
    lock = FileLock(path)
    with suppress(OSError, NotImplementedError):  # a disk without locks: then nobody else removes it either
        lock.acquire()
    if not lock.is_locked:
        path.unlink(missing_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):  # Windows removes it when it is free
            path.unlink(missing_ok=True)
        lock.release()
        path.unlink(missing_ok=True)


def _remove_unfinished(parent: Path) -> None:
    """Remove what killed processes left in this folder, except what is locked or younger than a second."""
    for left in parent.glob(f".*{UNFINISHED}"):
        lock = FileLock(left / LOCK)
        with suppress(OSError, NotImplementedError):  # Timeout is an OSError: somebody works there
            if time.time() - left.stat().st_mtime < 1:
                continue
            if not (left / LOCK).exists():
                left.rmdir()  # only where it is empty
                continue
            lock.acquire(timeout=0)
            lock.release()
            shutil.rmtree(left, ignore_errors=True)


def _batches(dataset: Dataset) -> list[tuple[str, str, Split]]:
    """File name, title and examples of five training batches and one test batch."""
    parts = np.array_split(np.arange(len(dataset.train)), 5)
    batches = [
        (f"data_batch_{k}", f"training batch {k} of 5", dataset.train[rows])
        for k, rows in enumerate(parts, 1)
    ]
    return [*batches, ("test_batch", "testing batch 1 of 1", dataset.test)]


def _write_python(dataset: Dataset, folder: Path) -> None:
    for name, title, split in _batches(dataset):
        batch = {
            b"batch_label": title.encode(),
            b"labels": split.labels.tolist(),
            b"data": np.ascontiguousarray(split.images).reshape(len(split), 3072),
            b"filenames": [f"{row:05}.png".encode() for row in range(len(split))],
        }
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    meta = {
        b"num_cases_per_batch": len(dataset.train) // 5,
        b"label_names": [name.encode() for name in dataset.classes],
        b"num_vis": 3072,
    }
    (folder / "batches.meta").write_bytes(pickle.dumps(meta, protocol=2))


def _write_binary(dataset: Dataset, folder: Path) -> None:
    for name, _, split in _batches(dataset):
        labels = split.labels.astype(np.uint8)[:, None]
        records = np.concatenate([labels, split.images.reshape(len(split), 3072)], axis=1)
        (folder / f"{name}.bin").write_bytes(records.tobytes())
    (folder / "batches.meta.txt").write_text("\n".join(dataset.classes) + "\n", "utf-8")


def _write_png(dataset: Dataset, folder: Path) -> None:
    from PIL import Image
    from tqdm.auto import tqdm

    for part in ("train", "test"):
        split = getattr(dataset, part)
        for name in dataset.classes:
            (folder / part / name).mkdir(parents=True)
        for row in tqdm(range(len(split)), desc=f"Writing {part}", disable=len(split) < 2_000):
            png = io.BytesIO()
            Image.fromarray(split.images[row].transpose(1, 2, 0)).save(png, "PNG")
            (folder / part / dataset.classes[split.labels[row]] / f"{row:05}.png").write_bytes(png.getvalue())


def _write_npz(dataset: Dataset, folder: Path) -> None:
    arrays = {
        f"{part}_{kind}": getattr(getattr(dataset, part), kind)
        for part in ("train", "test")
        for kind in ("images", "labels")
    }
    np.savez(folder / NPZ, **arrays)


WRITERS: dict[str, Callable[[Dataset, Path], None]] = {
    "python": _write_python,
    "binary": _write_binary,
    "png": _write_png,
    "npz": _write_npz,
}

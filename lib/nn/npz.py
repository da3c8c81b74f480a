"""Arrays by name in an .npz file: written in one go, read without pickle, checked before anything changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np


def save_arrays(path: str | Path, arrays: dict[str, np.ndarray]) -> None:
    """Writes an .npz file; one that is there stays until the new one is complete.

    path: of the file; folders that are missing are made
    arrays: what to write, by name
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with scratch.open("wb") as file:
            named: dict[str, Any] = dict(arrays)  # to mypy, one of them might be savez's own allow_pickle
            np.savez(file, **named)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def read_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """Every array of an .npz file by name; raises `ValueError` where the file is no such file, or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
            if not all(isinstance(array, np.ndarray) for array in arrays.values()):
                raise ValueError("it holds something that is no array")
            return arrays
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged zip makes numpy and zipfile raise a dozen different ones
        raise ValueError(
            f"path: {path} is not a whole .npz file of numbers ({error}); save it again"
        ) from error


def load_arrays(path: str | Path, *, into: dict[str, np.ndarray], owner: str) -> None:
    """Copies the arrays of a file into those of one name; raises `ValueError` before anything has changed.

    path: of the file
    into: the arrays to fill, by name
    owner: how the module is called in the error
    """
    found = read_arrays(path)
    missing, unknown = sorted(into.keys() - found.keys()), sorted(found.keys() - into.keys())
    if missing or unknown:
        lacks, extra = (", ".join(names) or "nothing" for names in (missing, unknown))
        raise ValueError(
            f"{owner}: {path} lacks {lacks}, and has {extra} too many; build the module as it was when saved"
        )
    for name, array in into.items():
        if found[name].shape != array.shape or found[name].dtype.kind != array.dtype.kind:
            raise ValueError(
                f"{owner}: {name} in {path}: expected {array.dtype} {array.shape}, "
                f"got {found[name].dtype} {found[name].shape}"
            )
    for name, array in into.items():
        array[...] = found[name]

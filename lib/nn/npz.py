"""Arrays by name in an .npz file: written in one go, read without pickle, checked before anything changes."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lib.checks import check_finite, mismatch, shown
from lib.files import replacing_bytes

LONGEST_HEADER = 16 << 10  # bytes; numpy itself accepts 10,000 letters


def save_arrays(path: str | Path, arrays: dict[str, np.ndarray]) -> None:
    """Writes an .npz file; one that is there stays until the new one is complete.

    path: of the file; folders that are missing are made
    arrays: what to write, by name
    """
    named: dict[str, Any] = dict(arrays)  # to mypy, one of them might be savez's own allow_pickle
    with replacing_bytes(path) as file:
        np.savez(file, **named)


class Declared(NamedTuple):
    """What the header of an array says."""

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def read_arrays(path: str | Path, check: Callable[[dict[str, Declared]], None]) -> dict[str, np.ndarray]:
    """Every array of an .npz file by name; no data is read before the headers are known to be right.

    path: of the file
    check: called with what the headers declare, by name, before memory is taken; it raises what does not fit

    Raises `ValueError` where the file is no .npz file of plain numbers, or damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive)
            declared = {name: _header(archive, member) for name, member in members.items()}
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged zip makes numpy and zipfile raise a dozen different ones
        raise _damaged(path, error) from error
    check(declared)
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _array(archive, member) for name, member in members.items()}
    except Exception as error:
        raise _damaged(path, error) from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members of an archive by the names of their arrays, each of which must occur once."""
    members = {}
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy")
        if name == member.filename:
            raise ValueError(f"{shown(name)}: expected an array, .npy, got another kind of file")
        if name in members:
            raise ValueError(f"{shown(name)}: expected one array of this name, got two")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{shown(name)}: expected it stored or deflated, got another compression")
        members[name] = member
    return members


def _header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Declared:
    """What an array's header declares; its size must be that of the member."""
    name = shown(member.filename)
    with archive.open(member) as file:
        start = file.read(LONGEST_HEADER)  # at most so much is unpacked
    header = io.BytesIO(start)
    version = np.lib.format.read_magic(header)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"{name}: expected version 1.0 or 2.0 of .npy, got {version[0]}.{version[1]}")
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(header)
    declared = Declared(shape, dtype)
    if dtype.hasobject:
        raise ValueError(f"{name}: expected numbers, got Python objects")
    if any(size < 0 for size in shape) or member.file_size != header.tell() + declared.nbytes:
        raise ValueError(f"{name}: expected as many bytes as its header says, got another size")
    return declared


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(member) as file:
        array = np.lib.format.read_array(file, allow_pickle=False)
        if file.read(1):  # to the end, where the checksum is compared
            raise ValueError(f"{shown(member.filename)}: expected as many bytes as its header says, got more")
    return array


def _damaged(path: str | Path, error: Exception) -> ValueError:
    return ValueError(f"path: expected a whole .npz file of numbers, got {path} ({error}); save it again")


def load_arrays(path: str | Path, *, into: dict[str, np.ndarray], owner: str) -> None:
    """Copies the arrays of a file into those of one name; raises `ValueError` before anything has changed.

    path: of the file
    into: the arrays to fill, by name
    owner: how the module is called in the error
    """

    def check(found: dict[str, Declared]) -> None:
        missing, unknown = sorted(into.keys() - found.keys()), sorted(found.keys() - into.keys())
        if missing or unknown:
            lacks, extra = (", ".join(names) or "nothing" for names in (missing, unknown))
            got = f"{path}, which lacks {lacks} and adds {extra}"
            raise mismatch(owner, "path", "its own arrays", got, "build the module as it was when saved")
        for name, array in into.items():
            if found[name].shape != array.shape or found[name].dtype.kind != array.dtype.kind:
                expected, got = (f"{kind.dtype} {kind.shape}" for kind in (array, found[name]))
                raise mismatch(owner, f"{name} in {path}", expected, got)

    found = read_arrays(path, check)
    for name, array in found.items():
        check_values(
            array, name=f"{owner}: {name} in {path}", low=0 if name.endswith("running_var") else None
        )
    for name, array in into.items():
        array[...] = found[name]


def check_values(array: np.ndarray, *, name: str, low: float | None = None) -> None:
    """Raises `ValueError` that names the first number which is nan, infinite or below `low`."""
    array = np.atleast_1d(array)
    check_finite(array, name=name)
    if low is not None and (small := array < low).any():
        place = [int(i) for i in np.argwhere(small)[0]]
        raise ValueError(f"{name}: expected numbers of at least {low}, got {array[tuple(place)]} at {place}")

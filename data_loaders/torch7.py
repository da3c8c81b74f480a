"""Reads files that Torch7's `torch.save` wrote, binary or ASCII."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from .looks import Unreadable, damage, looks_like, shortened
from .torch7_encodings import Ascii, Binary, Source

NIL, NUMBER, STRING, TABLE, TORCH, BOOLEAN = range(6)
FUNCTIONS = (6, 7, 8)  # three ages of the same thing: Lua bytecode, which is never run here

ELEMENTS = {
    "Byte": np.uint8,
    "Char": np.int8,
    "Short": np.int16,
    "Int": np.int32,
    "Long": np.int64,
    "Half": np.float16,
    "Float": np.float32,
    "Double": np.float64,
}
# A tensor of the graphics card is stored like its twin; "CudaTensor" without a type holds floats.
CLASSES = {
    f"torch.{device}{element}{kind}".encode(): (kind, np.dtype(dtype))
    for kind in ("Tensor", "Storage")
    for device in ("", "Cuda")
    for element, dtype in [*ELEMENTS.items(), *([("", np.float32)] if device else [])]
}

DEEPEST = 100  # tables in tables; far below Python's own limit
MOST_DIMENSIONS = 32
MOST_OBJECTS = 300_000  # numbers, strings and tables; 60,000 labels in a table are 120,000
MOST_TEXT = 64 << 20  # bytes of all strings
UNFINISHED = object()  # stands for a table while it is being read


def load(path: str | os.PathLike, *, long_size: int | None = None, name: str = "") -> Any:
    """The object in a file written by Torch7's `torch.save`.

    path: the file; binary or ASCII is told from its first bytes
    long_size: bytes of a C `long` on the machine that wrote a binary file, 8 or 4; None tries both
    name: what the file is called in errors; by default its path

    Returns, for what was saved:
    - tensor: array of the same shape and type (LongTensor int64, CudaTensor float32); (0,) where it is empty
    - storage: array (n,); tensors that shared a storage share their memory
    - table: list where the keys are 1…n with n ≥ 1, otherwise dict; saved once, it is one object here too
    - string: str where it is UTF-8, otherwise bytes; number: int where it is whole, otherwise float
    - boolean, nil: True or False, None

    Raises `ValueError` for anything else: truncated or damaged files, functions, other classes, tables that
    contain themselves, tensors that reach outside their storage or repeat it, more than 300,000 objects or
    64 MiB of strings, and more than 300,000 numbers written as text. No code of the file is run. Arrays take
    at most as much memory as the file has bytes, and 200 MiB more where longs have 4 bytes.

    Source: the format as documented by Torch7, doc/serialization.md and doc/file.md.
    """
    if long_size not in (None, 4, 8):
        raise ValueError(f"long_size: expected 8, 4 or None, which tries both, got {long_size!r}")
    with Path(path).open("rb") as file:
        return read_open(file, name or str(path), long_size)


def read_open(file: Source, name: str, long_size: int | None = None) -> Any:
    """As `load`, from a file that is open, or from `io.BytesIO`.

    file: open for reading bytes; it stays open
    name, long_size: as of `load`
    """
    failures: list[tuple[int, str]] = []
    is_text = file.read(1).isdigit()  # a binary file starts with the byte 0…8
    for size in (long_size,) if long_size or is_text else (8, 4):
        encoding = Ascii(file) if is_text else Binary(file, size or 8)
        try:
            value = _Objects(encoding).read()
            if encoding.left():
                raise Unreadable(f"it goes on after its object, for {encoding.left():,} bytes")
            return value
        except (ValueError, MemoryError) as error:  # its text only: the error itself would keep the arrays
            failures.append((encoding.position(), damage(error)))
    file.seek(0)
    kind = looks_like(file.read(512))
    _, why = max(failures, key=lambda failure: failure[0])  # the size that fits gets further into the file
    got = f"{kind}; download it again" if kind else f"one that cannot be read: {why}"
    raise ValueError(f"{name}: expected a Torch7 file, got {got}")


class _Objects:
    """Rebuilds the objects of one file; each has a number, under which the file refers back to it."""

    def __init__(self, encoding: Ascii | Binary):
        self.file = encoding
        self.known: dict[int, Any] = {}
        self.objects_left, self.text_left = MOST_OBJECTS, MOST_TEXT

    def read(self, depth: int = 0) -> Any:
        self.objects_left -= 1
        if self.objects_left < 0:
            raise Unreadable(f"it has more than {MOST_OBJECTS:,} objects")
        if depth > DEEPEST:
            raise Unreadable(f"it has tables nested more than {DEEPEST} deep")
        kind = self.file.integer()
        if kind == NIL:
            return None
        if kind == NUMBER:
            number = self.file.double()
            return int(number) if number.is_integer() and abs(number) <= 2**53 else number
        if kind == BOOLEAN:
            return self.file.integer() == 1
        if kind == STRING:
            return _text(self.string())
        if kind in FUNCTIONS:
            raise Unreadable("it contains a Lua function; save the tensors and tables without it")
        if kind not in (TABLE, TORCH):
            raise Unreadable(f"before byte {self.file.position()} it has an object of unknown type {kind}")

        number = self.file.integer()
        if number not in self.known:
            self.known[number] = UNFINISHED
            self.known[number] = self.table(depth) if kind == TABLE else self.torch_object(depth)
        if self.known[number] is UNFINISHED:
            raise Unreadable("it has a table that contains itself")
        return self.known[number]

    def string(self) -> bytes:
        count = self.file.integer()
        self.text_left -= max(count, 0)
        if self.text_left < 0:
            raise Unreadable(f"it has more than {MOST_TEXT:,} bytes of text")
        return self.file.characters(count)

    def table(self, depth: int) -> list | dict:
        count = self.file.integer()
        if count < 0:
            raise Unreadable(f"it has a table of {count} entries")
        table: dict[Any, Any] = {}
        for _ in range(count):
            key, value = self.read(depth + 1), self.read(depth + 1)
            if not isinstance(key, (str, bytes, int, float)):
                raise Unreadable(f"it has a table with a key that is a {type(key).__name__}")
            if key in table:
                raise Unreadable(f"it has a table with the key {shortened(key)} twice")
            table[key] = value
        is_list = table and all(place in table for place in range(1, len(table) + 1))
        if is_list and not any(isinstance(key, bool) for key in table):  # in Python, True == 1
            return [table[place] for place in range(1, len(table) + 1)]
        return table

    def torch_object(self, depth: int) -> np.ndarray:
        name = self.string()
        if name.startswith(b"V "):  # the oldest files have no version
            name = self.string()
        if name not in CLASSES:
            raise Unreadable(f"it has an object of class {_text(name[:80])!r}; save its tensors as a table")
        kind, dtype = CLASSES[name]
        if kind == "Storage":
            return self.file.elements(self.file.longs(1)[0], dtype)
        dimensions = self.file.integer()
        if not 0 <= dimensions <= MOST_DIMENSIONS:
            raise Unreadable(f"it has a tensor of {dimensions} dimensions, expected 0 to {MOST_DIMENSIONS}")
        shape, strides = self.file.longs(dimensions), self.file.longs(dimensions)
        offset = self.file.longs(1)[0] - 1  # Lua counts from 1
        storage = self.read(depth + 1)
        if dimensions == 0:
            return np.empty(0, dtype)
        return _view(storage, dtype, offset, shape, strides)


def _view(storage: Any, dtype: np.dtype, offset: int, shape: list[int], strides: list[int]) -> np.ndarray:
    """The tensor on `storage`, an array (n,); offset and strides count elements."""
    if not (isinstance(storage, np.ndarray) and storage.ndim == 1 and storage.dtype == dtype):
        raise Unreadable(f"it has a {dtype} tensor without a {dtype} storage")
    if min(shape) < 0 or max(shape) > len(storage):
        raise Unreadable(f"it has a tensor of shape {shape} on a storage of {len(storage)} elements")
    if math.prod(shape) == 0:
        return np.empty(shape, dtype)
    strides = [stride if length > 1 else 0 for length, stride in zip(shape, strides, strict=True)]
    last = offset + sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True))
    if math.prod(shape) > len(storage) or offset < 0 or min(strides) < 0 or last >= len(storage):
        raise Unreadable(
            f"it has a tensor of shape {shape}, strides {strides} and offset {offset} that does not fit "
            f"on its storage of {len(storage)} elements"
        )
    return np.lib.stride_tricks.as_strided(
        storage[offset:], shape, [stride * storage.strides[0] for stride in strides]
    )


def _text(string: bytes) -> str | bytes:
    try:
        return string.decode()
    except UnicodeDecodeError:
        return string

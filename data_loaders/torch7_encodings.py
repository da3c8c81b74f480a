"""How Torch7 writes numbers and characters: as they lie in memory, or as text."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

import numpy as np


class Encoding:
    """A file that is read from its start; asking for more than it has raises `ValueError`."""

    def __init__(self, file: BinaryIO):
        self.file = file
        self.size = os.fstat(file.fileno()).st_size
        file.seek(0)

    def position(self) -> int:
        return self.file.tell()

    def left(self) -> int:
        return self.size - self.file.tell()

    def take(self, count: int) -> bytes:
        if not 0 <= count <= self.left():
            raise ValueError(f"at byte {self.position()} it announces {count} bytes, {self.left()} are left")
        return self.file.read(count)


class Binary(Encoding):
    """Numbers as they lie in the memory of a little-endian machine, whose C `long` has 4 or 8 bytes."""

    def __init__(self, file: BinaryIO, long_size: int):
        super().__init__(file)
        self.long = np.dtype(f"<i{long_size}")

    def integer(self) -> int:
        return struct.unpack("<i", self.take(4))[0]

    def double(self) -> float:
        return struct.unpack("<d", self.take(8))[0]

    def longs(self, count: int) -> list[int]:
        return np.frombuffer(self.take(count * self.long.itemsize), self.long).tolist()

    def characters(self, count: int) -> bytes:
        return self.take(count)

    def elements(self, count: int, dtype: np.dtype) -> np.ndarray:
        stored = self.long if dtype == np.int64 else dtype.newbyteorder("<")
        if not 0 <= count * stored.itemsize <= self.left():
            raise ValueError(f"it has a storage of {count} elements, and only {self.left()} bytes are left")
        return np.fromfile(self.file, stored, count).astype(dtype, copy=False)


class Ascii(Encoding):
    """A line for each write: numbers with spaces between them, or characters as they are."""

    def integer(self) -> int:
        return _integer(self._words(1)[0], np.dtype(np.int32))

    def double(self) -> float:
        return float(self._words(1)[0])

    def longs(self, count: int) -> list[int]:
        return [_integer(word, np.dtype(np.int64)) for word in self._words(count)]

    def characters(self, count: int) -> bytes:
        characters = self.take(count)
        if count and self.file.read(1) not in (b"\n", b""):
            raise ValueError(f"at byte {self.position()} a line should end, and goes on")
        return characters

    def elements(self, count: int, dtype: np.dtype) -> np.ndarray:
        if dtype.itemsize == 1:
            return np.frombuffer(bytearray(self.characters(count)), dtype)
        words = self._words(count)
        if dtype.kind == "f":
            with np.errstate(over="ignore"):  # beyond the type's range is infinity
                return np.fromiter(map(float, words), np.float64, count).astype(dtype)
        return np.fromiter((_integer(word, dtype) for word in words), dtype, count)

    def _words(self, count: int) -> list[bytes]:
        words = self.file.readline().split() if count else []
        if len(words) != count:
            raise ValueError(f"before byte {self.position()} it has {len(words)} numbers, not {count}")
        return words


def _integer(word: bytes, dtype: np.dtype) -> int:
    limits = np.iinfo(dtype)
    number = int(word) if len(word) <= 20 else limits.max + 1
    if not limits.min <= number <= limits.max:
        raise ValueError(f"it has the number {word[:30].decode(errors='replace')}, too large for {dtype}")
    return number

"""How Torch7 writes numbers and characters: as they lie in memory, or as text."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator

import numpy as np

from .looks import Unreadable

SPARE = 200 << 20  # bytes that 4-byte longs may take beyond those they have in the file
MOST_WRITTEN = 300_000  # numbers written as text in a file: they take their time, and labels are 60,000
LONGEST_NUMBER = 64  # characters; Torch7 writes 24 at most
BLOCK = 1 << 20  # characters of a long line of numbers that are read at a time


Source = io.BufferedReader | io.BytesIO


class Encoding:
    """A file that is read from its start; asking for more than it has raises `ValueError`."""

    def __init__(self, file: Source):
        self.file = file
        self.size = file.seek(0, os.SEEK_END)
        file.seek(0)

    def position(self) -> int:
        return self.file.tell()

    def left(self) -> int:
        return self.size - self.file.tell()

    def numbers(self, count: int, dtype: np.dtype) -> np.ndarray:
        """So many numbers as they lie in the file, in an array of their own."""
        numbers = np.empty(count, dtype)
        if self.file.readinto(numbers.view(np.uint8).data) < numbers.nbytes:
            raise Unreadable("it is cut")
        return numbers

    def take(self, count: int) -> bytes:
        if not 0 <= count <= self.left():
            raise Unreadable(f"at byte {self.position()} it announces {count} bytes, {self.left()} are left")
        return self.file.read(count)


class Binary(Encoding):
    """Numbers as they lie in the memory of a little-endian machine, whose C `long` has 4 or 8 bytes."""

    def __init__(self, file: Source, long_size: int):
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
            raise Unreadable(f"it has a storage of {count} elements, and only {self.left()} bytes are left")
        if stored.itemsize < dtype.itemsize and 2 * count * dtype.itemsize > SPARE:
            raise Unreadable(f"it has a storage of {count} 4-byte longs, more than are read here")
        return self.numbers(count, stored).astype(dtype, copy=False)


class Ascii(Encoding):
    """A line for each write: numbers with spaces between them, or characters as they are."""

    def __init__(self, file: Source):
        super().__init__(file)
        self.numbers_left = MOST_WRITTEN

    def integer(self) -> int:
        return _integer(self._words(1)[0], np.dtype(np.int32))

    def double(self) -> float:
        return float(self._words(1)[0])

    def longs(self, count: int) -> list[int]:
        return [_integer(word, np.dtype(np.int64)) for word in self._words(count)]

    def characters(self, count: int) -> bytes:
        characters = self.take(count)
        self._end_of_line(count)
        return characters

    def elements(self, count: int, dtype: np.dtype) -> np.ndarray:
        characters = count if dtype.itemsize == 1 else 2 * count - 1  # numbers have spaces between them
        if not count >= 0 or characters > self.left():
            raise Unreadable(f"it has a storage of {count} elements, and only {self.left()} bytes are left")
        if dtype.itemsize == 1:
            numbers = self.numbers(count, dtype)
            self._end_of_line(count)
            return numbers
        self.numbers_left -= count
        if self.numbers_left < 0:
            raise Unreadable(
                f"it has a storage of {count} numbers as text, and up to {MOST_WRITTEN:,} are read; "
                "save it as binary"
            )
        numbers, filled = np.empty(count, dtype), 0
        for words in self._long_line() if count else ():
            if filled + len(words) > count:
                raise Unreadable(f"before byte {self.position()} it has more numbers than {count}")
            with np.errstate(over="ignore"):  # beyond the type's range is infinity
                converted = (
                    map(float, words) if dtype.kind == "f" else (_integer(word, dtype) for word in words)
                )
                numbers[filled : filled + len(words)] = np.fromiter(
                    converted, np.float64 if dtype.kind == "f" else dtype, len(words)
                )
            filled += len(words)
        if filled < count:
            raise Unreadable(f"before byte {self.position()} it has {filled} numbers, not {count}")
        return numbers

    def _long_line(self) -> Iterator[list[bytes]]:
        """The numbers of a line, as many at a time as stand in a block."""
        rest = b""
        while block := self.file.readline(BLOCK):
            if block.endswith(b"\n"):
                yield (rest + block).split()
                return
            whole, _, rest = (rest + block).rpartition(b" ")
            if len(rest) > LONGEST_NUMBER:
                raise Unreadable(f"before byte {self.position()} it has a number that is too long")
            yield whole.split()
        yield rest.split()

    def _words(self, count: int) -> list[bytes]:
        words = self.file.readline((LONGEST_NUMBER + 1) * count).split() if count else []
        if len(words) != count:
            raise Unreadable(f"before byte {self.position()} it has {len(words)} numbers, not {count}")
        return words

    def _end_of_line(self, count: int) -> None:
        if count and self.file.read(1) not in (b"\n", b""):
            raise Unreadable(f"at byte {self.position()} a line should end, and goes on")


def _integer(word: bytes, dtype: np.dtype) -> int:
    limits = np.iinfo(dtype)
    number = int(word) if len(word) <= 20 else limits.max + 1
    if not limits.min <= number <= limits.max:
        raise Unreadable(f"it has the number {word[:30].decode(errors='replace')}, too large for {dtype}")
    return number

"""Reads arrays of numbers from MATLAB's .mat files of version 5, which -v7 and -v6 save."""

from __future__ import annotations

import math
import struct
import zlib

import numpy as np

from .looks import Unreadable, advice, damage, looks_like

HEADER = 128  # bytes of text, version and byte order, before the first variable
MATRIX, COMPRESSED = 14, 15
STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
OTHERS = {1: "a cell array", 2: "a structure", 3: "an object", 4: "text", 5: "a sparse array"}  # classes

MOST_VARIABLES = 1_000  # a batch has three
LARGEST = 128 << 20  # bytes of an array; a batch has 31 MB
MOST_DIMENSIONS = 8
LONGEST_NAME = 63  # what MATLAB allows


def read_variables(data: bytes, wanted: tuple[str, ...], name: str) -> dict[str, np.ndarray]:
    """The variables of these names, in the shape that MATLAB shows and the type that the file has.

    data: the file's content
    wanted: names of variables; each must be there and hold real numbers (MATLAB stores whole ones small: an
        array of class double may come back as uint8)
    name: the file, for the error

    Whatever else the file has is skipped unread. A variable may have 128 MiB. Raises `ValueError` for a
    missing or other variable, a damaged file, and one of another version.

    Source: MATLAB's MAT-File Format, level 5.
    """
    try:
        found = _Reader(data).arrays(wanted)
    except (ValueError, struct.error, zlib.error) as error:
        got = _kind(data) or f"one that cannot be read: {damage(error)}"
        raise ValueError(f"{name}: expected a .mat batch, got {got}") from error
    for variable in wanted:
        if variable not in found:
            raise ValueError(f"{name}: expected a .mat batch, got one without the variable {variable}")
    return found


def _kind(data: bytes) -> str:
    """What the file is instead; "" where it is what it should be, but damaged."""
    if data.startswith((b"MATLAB 7.3", b"\x89HDF")) or data[124:126] in (b"\x00\x02", b"\x02\x00"):
        return "one of version 7.3; save it with -v7"
    if data[126:128] in (b"IM", b"MI"):
        return ""
    seen = looks_like(data)
    if seen == "a MATLAB file":  # of which only the beginning is there
        return ""
    return f"{seen}; {advice(seen)}" if seen else "one of no known version; save it with -v7"


class _Reader:
    def __init__(self, data: bytes):
        self.data = memoryview(data)
        self.order = {b"IM": "<", b"MI": ">"}.get(data[126:128], "")
        version = data[125:123:-1] if self.order == "<" else data[124:126]
        if not self.order or version != b"\x01\x00":
            raise Unreadable("it is not of version 5")

    def arrays(self, wanted: tuple[str, ...]) -> dict[str, np.ndarray]:
        found: dict[str, np.ndarray] = {}
        position = HEADER
        for _ in range(MOST_VARIABLES):
            if position >= len(self.data):
                return found
            if len(self.data) < position + 8:
                raise Unreadable(f"it is cut after {len(self.data):,} bytes")
            kind, size = struct.unpack(f"{self.order}II", self.data[position : position + 8])
            start, position = position + 8, position + 8 + size
            if position > len(self.data):
                raise Unreadable(f"it is cut after {len(self.data):,} bytes")
            content = self.data[start:position]
            if kind == COMPRESSED:
                self.variable(_Compressed(content), found, wanted)
            elif kind == MATRIX:
                self.variable(_Plain(self.data[start - 8 : position]), found, wanted)
                position += -size % 8
            else:
                raise Unreadable(f"it has an element of unknown type {kind}")
        raise Unreadable(f"it has more than {MOST_VARIABLES:,} variables")

    def variable(
        self, source: _Plain | _Compressed, found: dict[str, np.ndarray], wanted: tuple[str, ...]
    ) -> None:
        kind, _ = struct.unpack(f"{self.order}II", source.take(8))
        if kind != MATRIX:
            raise Unreadable(f"it has a compressed element of unknown type {kind}")
        _, flags = self.element(source, 8)
        _, lengths = self.element(source, 4 * MOST_DIMENSIONS)
        _, name = self.element(source, LONGEST_NAME)
        variable = bytes(name).decode("latin1")
        if variable not in wanted:
            return
        if variable in found:
            raise Unreadable(f"it has {variable} twice")
        properties = int.from_bytes(flags[:4], "little" if self.order == "<" else "big")
        if (other := OTHERS.get(properties & 0xFF)) or properties & 0x800:
            raise Unreadable(f"{variable} is {other or 'complex'}, not an array of real numbers")
        shape = np.frombuffer(lengths, f"{self.order}i4").tolist()
        stored, numbers = self.element(source, LARGEST)
        if stored not in STORED:
            raise Unreadable(f"{variable} is stored as unknown type {stored}")
        dtype = np.dtype(self.order + STORED[stored])
        if min(shape, default=-1) < 0 or math.prod(shape) * dtype.itemsize != len(numbers):
            raise Unreadable(f"{variable} has shape {shape}, and {len(numbers):,} bytes")
        found[variable] = np.frombuffer(numbers, dtype).reshape(shape, order="F")

    def element(self, source: _Plain | _Compressed, most: int) -> tuple[int, memoryview]:
        """Type and content of one part of a variable; up to 4 bytes stand in the tag itself."""
        tag = source.take(8)
        kind, size = struct.unpack(f"{self.order}II", tag)
        if kind >> 16:
            size, kind = kind >> 16, kind & 0xFFFF
            if size > 4:
                raise Unreadable("it has a damaged tag")
            return kind, tag[4 : 4 + size]
        if size > most:
            raise Unreadable(f"it has a part of {size:,} bytes, and may have {most:,}")
        content = source.take(size)
        source.take(-size % 8, at_least=0)
        return kind, content


class _Plain:
    """A variable as it lies in the file."""

    def __init__(self, data: memoryview):
        self.data, self.position = data, 0

    def take(self, count: int, *, at_least: int | None = None) -> memoryview:
        taken = self.data[self.position : self.position + count]
        if len(taken) < (count if at_least is None else at_least):
            raise Unreadable("it has a variable that is cut")
        self.position += count
        return taken


class _Compressed:
    """A variable that is decompressed as far as it is asked for."""

    BLOCK = 1 << 16  # bytes in the file
    PIECE = 1 << 20  # bytes that come out at a time: 64 kB can hold 64 MB

    def __init__(self, data: memoryview):
        self.data, self.position = data, 0
        self.stream, self.tail = zlib.decompressobj(), b""

    def take(self, count: int, *, at_least: int | None = None) -> memoryview:
        taken, filled = memoryview(bytearray(count)), 0
        while filled < count and not self.stream.eof:
            block = self.tail or self.data[self.position : self.position + self.BLOCK]
            if not self.tail:
                self.position += len(block)
            if not block:
                break
            piece = self.stream.decompress(block, min(count - filled, self.PIECE))
            self.tail = self.stream.unconsumed_tail
            taken[filled : filled + len(piece)] = piece
            filled += len(piece)
        if filled < (count if at_least is None else at_least):
            raise Unreadable("it has a variable that is cut")
        return taken

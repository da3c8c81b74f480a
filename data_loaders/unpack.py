"""A compressed file as a stream, read forwards and within a limit. Only what is asked for is unpacked."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .looks import Unreadable

BLOCK = 1 << 16  # bytes read from the disk at a time
XZ_MEMORY = 80 << 20  # bytes; what `xz -9` asks for is 65 MB, and a header could ask for 4 GB

# A decompressor for each way in which a file can begin.
DECOMPRESSORS: dict[bytes, Callable[[], Any]] = {
    b"\x1f\x8b": lambda: zlib.decompressobj(wbits=31),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY),
}
DAMAGE = (ValueError, OSError, EOFError, zlib.error, lzma.LZMAError, MemoryError)


class Unpacked:
    """The content of a file that is packed by gzip, bzip2 or xz, or not at all.

    path: the file
    most: bytes that may come out of it

    The time is in proportion to the file: up to a seventh of a second for each MB of bzip2, the slowest.

    Every method raises `ValueError` where the file is damaged or has more than `most`.
    """

    def __init__(self, path: Path, most: int):
        self.left = self.most = most
        self.file = open(path, "rb")  # noqa: SIM115  # closed by __exit__
        head = self.file.read(6)
        self.file.seek(0)
        self.new = next((new for magic, new in DECOMPRESSORS.items() if head.startswith(magic)), None)
        self.streams_left = 1_000 + path.stat().st_size // 4096  # parallel packers make many small ones
        self.stream = self._next_stream() if self.new else None
        self.waiting = b""  # read from the file, and not yet decompressed

    def __enter__(self) -> Unpacked:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def take(self, count: int) -> bytes:
        """Reads exactly `count` bytes."""
        if count > self.left:
            raise Unreadable(f"it expands to more than {self.most:,} bytes")
        taken = io.BytesIO()
        while (missing := count - taken.tell()) > 0:
            block = self.some(missing)
            if not block:
                raise Unreadable("it is cut")
            taken.write(block)
        return taken.getvalue()

    def skip(self, count: int) -> None:
        """Reads `count` bytes and forgets them."""
        while count > 0:
            block = self.some(count)
            if not block:
                raise Unreadable("it is cut")
            count -= len(block)

    def some(self, most: int) -> bytes:
        """Reads up to `most` bytes, at most 1 MiB; at the end of the file there are none."""
        try:
            block = self._some(min(most, 1 << 20))
        except Unreadable:
            raise
        except DAMAGE as error:
            raise Unreadable("it is damaged") from error
        self.left -= len(block)
        if self.left < 0:
            raise Unreadable(f"it expands to more than {self.most:,} bytes")
        return block

    def _some(self, most: int) -> bytes:
        if self.stream is None:
            return self.file.read(most)
        while True:
            if self.stream.eof:
                rest = self.stream.unused_data.lstrip(b"\0") or self.file.read(BLOCK).lstrip(b"\0")
                if not rest:
                    return b""
                self.stream, self.waiting = self._next_stream(), rest
            if not self.waiting and getattr(self.stream, "needs_input", True):
                self.waiting = self.file.read(BLOCK)
                if not self.waiting:
                    raise Unreadable("it is cut")
            block = self.stream.decompress(self.waiting, most)
            self.waiting = getattr(self.stream, "unconsumed_tail", b"")
            if block:
                return block

    def _next_stream(self) -> Any:
        self.streams_left -= 1
        if self.streams_left < 0 or self.new is None:
            raise Unreadable("it is packed in too many pieces")
        return self.new()

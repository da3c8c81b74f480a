"""Pictures and labels of parquet and Arrow files, read by pyarrow in a process of its own."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ..looks import Unreadable, advice, damage, looks_like, shortened
from .content import class_label

PROGRAM = Path(__file__).with_name("table_reader.py")
TABLES = ("a parquet file", "an Arrow file")  # as looks.py calls them
SLOWEST = 10e3  # bytes a second, and a minute for the start: slower is a program that hangs
ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # takes what it needs, not a gigabyte of addresses in advance
    "MALLOC_ARENA_MAX": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class TableReader:
    """A process that reads tables; used as `with TableReader() as reader`, it ends with the block.

    On Linux it gets 128 MiB and a second of CPU time for each file, and more in proportion to the file. On
    macOS only the time is limited, on Windows neither: there, what a parquet file claims is checked before it
    is unpacked, and a minute by the clock is the limit; what an Arrow file claims for one piece is unbounded.

    Raises `ImportError` where pyarrow is missing.
    """

    def __init__(self) -> None:
        if importlib.util.find_spec("pyarrow") is None:
            raise ImportError(
                "this form of CIFAR-10 is read with pyarrow, which is not installed: "
                "pip install 'deep-vision-course[formats]'"
            )
        search_path = os.pathsep.join(place for place in sys.path if place)  # libraries where they are here
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **ENVIRONMENT, "PYTHONPATH": search_path},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def __enter__(self) -> TableReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        with contextlib.suppress(OSError):  # it had ended, and what was written to it cannot arrive
            self.process.communicate()

    def read(self, data: bytes, name: str) -> tuple[list[bytes], list[int]]:
        """The encoded pictures and the labels of one file.

        data: parquet where the name ends so, else Arrow, a stream or a file; the columns are img or image
            (bytes, plain or in a structure) and label or labels (numbers or names of the classes)
        name: the file, for the error

        Raises `ValueError` where it cannot be read.
        """
        assert self.process.stdin, "a pipe, as asked above"
        assert self.process.stdout, "a pipe, as asked above"
        patience = threading.Timer(60 + len(data) / SLOWEST, self.process.kill)
        patience.start()
        try:
            with contextlib.suppress(OSError):  # it ended early: what it wrote before says why
                self.process.stdin.write(struct.pack("<?q", name.endswith(".parquet"), len(data)))
                self.process.stdin.write(data)
                self.process.stdin.flush()
            return collected(self.process.stdout)
        except ValueError as error:
            kind = looks_like(data[:512])
            if not kind or kind in TABLES:
                got = f"one that cannot be read: {damage(error)}"
            else:
                got = f"{kind}; {advice(kind)}"
            raise ValueError(f"{name}: expected a table of pictures, got {got}") from None
        finally:
            patience.cancel()


def collected(stream: IO[bytes]) -> tuple[list[bytes], list[int]]:
    """Pictures and labels of all pieces of one file."""
    cells: list[bytes] = []
    labels: list[int] = []
    for more_cells, classes in _pieces(stream):
        cells += more_cells
        labels += (_label(value, row) for row, value in enumerate(classes, start=len(labels)))
    return cells, labels


def _label(value: int | str, row: int) -> int:
    """The label that a number or a name stands for; a number may be written as text, too."""
    digits = tuple("0123456789")
    label = class_label(value) if isinstance(value, str) and value not in digits else int(value)
    if label is None or not 0 <= label <= 9:
        got = shortened(value)
        raise Unreadable(
            f"row {row}: the label is {got}, neither a number from 0 to 9 nor the name of a class"
        )
    return label


def _pieces(stream: IO[bytes]) -> Iterator[tuple[list[bytes], list[int | str]]]:
    """Each piece: the number of rows n, n lengths, the labels as JSON, the pictures; 0 rows at the end.

    Numbers are int64; the JSON comes after the number of its bytes. A number of −1 in the place of n is
    followed by the reason why the file cannot be read, after its length.
    """
    while count := _numbers(stream, 1)[0]:
        if count < 0:
            raise Unreadable(_exactly(stream, _numbers(stream, 1)[0]).decode("utf-8", "replace"))
        lengths = _numbers(stream, count)
        labels = json.loads(_exactly(stream, _numbers(stream, 1)[0]))
        yield [_exactly(stream, length) for length in lengths], labels


def _numbers(stream: IO[bytes], count: int) -> tuple[int, ...]:
    return struct.unpack(f"<{count}q", _exactly(stream, 8 * count))


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise Unreadable("it is damaged, or asks for far more memory or time than its size allows")
    return data

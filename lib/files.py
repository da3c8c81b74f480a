"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO


@contextmanager
def replacing_bytes(path: str | Path, scratch_name: str | None = None) -> Iterator[BinaryIO]:
    """Opens a file whose bytes take the place of `path` at the end; an error leaves `path` as it is.

    path: of the file; folders that are missing are made
    scratch_name: of the file that is written meanwhile, in the same folder; by default each process has one
        of its own
    """
    with _replacing(Path(path), scratch_name, {"mode": "wb"}) as file:
        yield file


@contextmanager
def replacing_text(path: str | Path) -> Iterator[TextIO]:
    """The same for text, in UTF-8, whose lines end as they are written."""
    with _replacing(Path(path), None, {"mode": "w", "encoding": "utf-8", "newline": ""}) as file:
        yield file


@contextmanager
def _replacing(path: Path, scratch_name: str | None, opened: dict[str, Any]) -> Iterator[Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(scratch_name or f"{path.name}.{os.getpid()}.part")
    try:
        with scratch.open(**opened) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise

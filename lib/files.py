"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO


@contextmanager
def replacing_bytes(path: str | Path, scratch_name: str | None = None) -> Iterator[BinaryIO]:
    """Opens a file whose bytes take the place of `path` at the end; an error leaves `path` as it is.

    path: of the file, or a link to it, which stays one; folders that are missing are made
    scratch_name: of the file that is written meanwhile, in the same folder; by default each process has one
        of its own
    """
    with _replacing(Path(path), scratch_name, {"mode": "wb"}) as file:
        yield file


@contextmanager
def replacing_text(path: str | Path, *, private: bool = False) -> Iterator[TextIO]:
    """The same for text, in UTF-8, whose lines end as they are written.

    private: True for a file that nobody but its owner may ever read
    """
    opened: dict[str, Any] = {"mode": "w", "encoding": "utf-8", "newline": ""}
    if private:
        opened["opener"] = _for_the_owner
    with _replacing(Path(path), None, opened) as file:
        yield file


@contextmanager
def placing_new(path: str | Path) -> Iterator[Path]:
    """A file to write, for its owner alone, which stands at `path` in the end; not after an error or a kill.

    path: of the new file; folders that are missing are made

    Raises `FileExistsError` where there is one, also where another process made it meanwhile: it stays.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    opened, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
    os.close(opened)
    try:
        yield Path(name)
        with open(name, "rb+") as file:
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            raise
        except OSError:  # a disk without links
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _for_the_owner(path: str, flags: int) -> int:
    """Opens a file that is made here; one that a killed process left is not used, whoever may read it."""
    Path(path).unlink(missing_ok=True)
    return os.open(path, flags | os.O_EXCL, 0o600)


def check_writable(path: str | Path) -> None:
    """Raises `OSError` where no file can be written at `path`; folders that are missing are made."""
    folder = Path(path).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from error


@contextmanager
def _replacing(path: Path, scratch_name: str | None, opened: dict[str, Any]) -> Iterator[Any]:
    if path.is_symlink():
        path = path.resolve()  # the file that is meant, not the link to it
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(scratch_name or f"{path.name}.{os.getpid()}.part")
    try:
        with open(scratch, **opened) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise

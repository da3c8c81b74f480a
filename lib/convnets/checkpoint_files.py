"""The files of checkpoints: written in one go, read without running what a file might bring."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from lib.bootstrap.lock import locked
from lib.checks import shown
from lib.files import check_writable, replacing_bytes

FORMAT = "deep-vision-course convnet 1"
ENTRIES = {
    "net": dict, "notes": dict, "scale": dict, "training": dict, "learner": dict, "hooks": dict,
    "history": dict, "step": int, "epoch": int,
}  # fmt: skip


def save_atomically(path: str | Path, content: dict[str, Any]) -> None:
    """Writes with torch.save; the file that is there stays until the new one is complete.

    content: of tensors, numbers, words, and lists and dictionaries of them: `weights_only=True` reads it

    Raises `OSError` where it cannot be written, such as on a disk that is full.
    """
    scratch = f"{Path(path).name}.part"  # of a process that was killed, the next one writes over it
    try:
        with replacing_bytes(path, scratch) as file:
            torch.save(content, file)
    except (OSError, RuntimeError) as error:
        reason = error if isinstance(error, OSError) else error.__context__  # torch hides it behind its own
        if not isinstance(reason, OSError):
            raise
        raise not_writable(path, reason) from error


def not_writable(path: str | Path, reason: OSError) -> OSError:
    """The error for a file that cannot be written."""
    return type(reason)(
        f"path: expected a file that can be written, got {path} ({reason.strerror}); nothing there has "
        "changed: make room, or choose another folder"
    )


@contextmanager
def writing_alone(path: str | Path) -> Iterator[None]:
    """A `with` block in which no other training writes this file.

    Raises `FileExistsError` where another one does so now, `OSError` where nothing can be written there; both
    are known before the first step, not after an hour.
    """
    path = Path(path).resolve()
    try:
        check_writable(path)
    except OSError as error:
        raise not_writable(path, error) from error

    def refuse() -> None:
        raise FileExistsError(
            f"path: expected a file of one training, got {path}, to which another one writes now; stop that "
            "one, or choose another file"
        )

    place = zlib.crc32(f"{Path.home()} {path}".encode())
    with locked(Path(tempfile.gettempdir()) / f"deep-vision-checkpoint-{place:08x}.lock", on_wait=refuse):
        yield


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """What `Checkpoints` has written, on the CPU; no code that a file might bring is run.

    Returns net, notes, scale (mean and deviation of the training images' channels), training (recipe, seed,
    data), step, epoch, learner, hooks and history.
    Raises `FileNotFoundError`, and `ValueError` where the file is damaged or something else.
    """
    if not Path(path).exists():
        raise FileNotFoundError(
            f"path: expected a checkpoint, got {path}, and there is no such file; `course train` makes one"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            if spoiled := archive.testzip():  # torch itself compares no checksums
                raise zipfile.BadZipFile(f"{spoiled} has another checksum")
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged bytes make torch and zipfile raise a dozen different ones
        reason = str(error).split("\n")[0].split(". ")[0][:100]
        raise ValueError(
            f"path: expected a whole checkpoint of this course, got {path} ({type(error).__name__}: "
            f"{reason}); take another file, or train again"
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        got = "a file that is none"
        if isinstance(content, dict):
            got = f"a file with {', '.join(map(shown, list(content)[:4])) or 'nothing'} in it"
        raise ValueError(f"path: expected a checkpoint of this course, got {got}: {path}")
    for name, kind in ENTRIES.items():
        if type(content.get(name)) is not kind:
            got = shown(content.get(name))
            raise ValueError(f"path: expected a whole checkpoint, got {path}, where {name!r} is {got}")
    return content

"""The files of checkpoints: written in one go, read without running what a file might bring."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import torch

from lib.checks import shown
from lib.files import replacing_bytes

FORMAT = "deep-vision-course convnet 1"
ENTRIES = {
    "net": dict, "notes": dict, "scale": dict, "training": dict, "learner": dict, "hooks": dict,
    "history": dict, "step": int, "epoch": int,
}  # fmt: skip


def save_atomically(path: str | Path, content: dict[str, Any]) -> None:
    """Writes with torch.save; the file that is there stays until the new one is complete.

    content: of tensors, numbers, words, and lists and dictionaries of them: `weights_only=True` reads it
    """
    scratch = f"{Path(path).name}.part"  # of a process that was killed, the next one writes over it
    with replacing_bytes(path, scratch) as file:
        torch.save(content, file)


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """What `Checkpoints` has written, on the CPU; no code that a file might bring is run.

    Returns net, notes, scale (mean and deviation of the training images' channels), training (recipe, seed,
    data), step, epoch, learner, hooks and history.
    Raises `FileNotFoundError`, and `ValueError` where the file is damaged or something else.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"path: expected a checkpoint, got {path}, and there is no such file")
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

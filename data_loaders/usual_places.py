"""Where CIFAR-10 usually lies on a computer: the course's own folder, and those of other libraries."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from . import places, usual_names


def folders() -> list[Path]:
    """The folders that are searched, in order."""
    home = Path.home()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    hugging_face = Path(os.environ.get("HF_HOME") or cache / "huggingface")
    hub = Path(os.environ.get("HF_HUB_CACHE") or hugging_face / "hub")
    return [
        places.data_folder(),
        places.COURSE / "data",
        places.COURSE,
        home / "data",
        home / "Downloads",
        Path(os.environ.get("KERAS_HOME") or home / ".keras") / "datasets",
        Path(os.environ.get("FASTAI_HOME") or home / ".fastai") / "data",
        Path(os.environ.get("FASTAI_HOME") or home / ".fastai") / "archive",
        cache / "kagglehub" / "competitions",
        *sorted(hub.glob("datasets--*cifar10/snapshots/*")),
    ]


def found() -> Iterator[Path]:
    """Every copy in the usual places, best first."""
    for folder in folders():
        yield from inside(folder)


def inside(folder: Path) -> Iterator[Path]:
    """Copies of known name in this folder, best first."""
    yield from usual_names.known(folder)
    if folder.parent.name == "snapshots" and os.path.isdir(folder / "plain_text"):  # Hugging Face
        yield folder / "plain_text"

"""Where CIFAR-10 usually lies on a computer: the course's own folder, and those of other libraries."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from . import places, usual_names


def folders() -> list[Path]:
    """The folders that are searched, in order."""
    home = places.home()
    cache = _chosen("XDG_CACHE_HOME", home, ".cache")
    hugging_face = _chosen("HF_HOME", cache, "huggingface")
    hub = _chosen("HF_HUB_CACHE", hugging_face, "hub")
    keras, fastai = _chosen("KERAS_HOME", home, ".keras"), _chosen("FASTAI_HOME", home, ".fastai")
    own = [places.data_folder(), places.COURSE / "data", places.COURSE]
    others = [
        home and home / "data",
        home and home / "Downloads",
        keras and keras / "datasets",
        fastai and fastai / "data",
        fastai and fastai / "archive",
        cache and cache / "kagglehub" / "competitions",
    ]
    snapshots = sorted(hub.glob("datasets--*cifar10/snapshots/*")) if hub else []
    return [*own, *(folder for folder in others if folder), *snapshots]


def _chosen(variable: str, parent: Path | None, name: str) -> Path | None:
    """The folder that an environment variable names, else this one below `parent`; None without a parent."""
    if chosen := os.environ.get(variable):
        return Path(chosen)
    return parent and parent / name


def found() -> Iterator[Path]:
    """Every copy in the usual places, best first."""
    for folder in folders():
        yield from inside(folder)


def inside(folder: Path) -> Iterator[Path]:
    """Copies of known name in this folder, best first."""
    yield from usual_names.known(folder)
    if folder.parent.name == "snapshots" and os.path.isdir(folder / "plain_text"):  # Hugging Face
        yield folder / "plain_text"

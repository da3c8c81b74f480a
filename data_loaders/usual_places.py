"""Where CIFAR-10 usually lies on a computer: the course's own folder, and those of other libraries."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from . import any_name, places, usual_names


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
    """Every copy in the usual places, best first: by usual names, and in the folder for data by any name."""
    seen: set[Path] = set()
    data = places.data_folder()
    for folder in folders():
        for copy in chain(inside(folder), _under_any_name(folder) if folder == data else ()):
            if copy not in seen and not _holds_a(seen, copy, data):
                seen.add(copy)
                yield copy


def _holds_a(seen: set[Path], copy: Path, data: Path) -> bool:
    """Whether one of those seen lies in the folder `copy`, as the archive that is alone in it."""
    return copy != data and any(copy in one.parents for one in seen)


def _under_any_name(folder: Path) -> Iterator[Path]:
    yield from any_name.known_forms(folder)  # looked for when it is asked for: usual names come first


def is_under_any_name(copy: Path) -> bool:
    """Whether a copy was found in the folder for data, and not by a usual name."""
    return copy.parent == places.data_folder() and copy not in usual_names.known(copy.parent)


def not_found() -> str:
    """One clause on what lies in the folder for data, where nothing was found; "" where it is empty."""
    try:
        return any_name.lies_there(places.data_folder())
    except ValueError as error:  # COURSE_DATA is no folder
        return str(error)


def inside(folder: Path) -> Iterator[Path]:
    """Copies of known name in this folder, best first."""
    yield from usual_names.known(folder)
    if folder.parent.name == "snapshots" and os.path.isdir(folder / "plain_text"):  # Hugging Face
        yield folder / "plain_text"

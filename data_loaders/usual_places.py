"""Where CIFAR-10 usually lies on a computer: the course's own folder, and those of other libraries."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from . import places

# Inside any of the folders below; tried in this order, an unpacked copy before its archive.
NAMES = (
    "cifar-10-batches-py",  # the official archives, unpacked
    "cifar-10-batches-bin",
    "cifar-10-batches-mat",
    "cifar-10-batches-t7",
    "cifar-10-batches-py-target",  # Keras 3
    "cifar-10-batches-py-target_extracted",
    "cifar-10-python.tar.gz",
    "cifar-10-binary.tar.gz",
    "cifar-10-matlab.tar.gz",
    "cifar-10-torch.tar.gz",
    "cifar-10-batches-py.tar.gz",  # Keras
    "cifar-10-batches-py-target.tar.gz",
    "cifar10.tgz",  # fastai
    "cifar10",
    "CIFAR10",
    "cifar-10",  # Kaggle
    "cifar-10.zip",
)


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
    for name in NAMES:
        if os.path.exists(folder / name):  # False, too, where it may not be looked at
            yield folder / name
    if folder.parent.name == "snapshots" and os.path.isdir(folder / "plain_text"):  # Hugging Face
        yield folder / "plain_text"

"""The names under which CIFAR-10 lies in a folder, also those of a second download and of a copied file."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .files import entry_kind
from .looks import looks_like
from .safe_archive import is_archive

# Best first. An unpacked folder comes before the archives, and these names before the two general ones below.
CERTAIN = (
    "cifar-10-batches-py",  # the official archives, unpacked
    "cifar-10-batches-bin",
    "cifar-10-batches-mat",
    "cifar-10-batches-t7",
    "cifar-10-batches-py-target",  # Keras 3
    "cifar-10-batches-py-target_extracted",
    "cifar-10-python",  # the archives themselves, and the folders that Windows' "Extract all" makes of them
    "cifar-10-binary",
    "cifar-10-matlab",
    "cifar-10-torch",
)
GENERAL = ("cifar10", "cifar-10")  # fastai, Kaggle
STEMS = CERTAIN + GENERAL

ARCHIVE_ENDINGS = {".tar", ".tgz", ".gz", ".bz2", ".xz", ".zip", ".7z", ".rar", ".zst", ".z"}

# What browsers and systems add to the name of a second one: " (1)", "(1)", " - Copy", " copy 2", " 2", "-1".
WORD = r"(?:copy|kopie|copie|copia)"
COPY = rf"(?: ?\(\d+\)| ?\((?:another )?copy(?: \d+)?\)| ?[-_ ] ?{WORD}(?: ?\(?\d+\)?)?|[ -]\d{{1,2}})"
NAME = re.compile(
    rf"(?P<first>{WORD} (?:of|von|de|di) )?(?P<stem>{'|'.join(STEMS)})(?P<middle>{COPY})?"
    rf"(?P<ending>\.tgz|\.zip|\.npz|(?:\.tar)?(?P<last>{COPY})?\.(?:gz|bz2|xz)|\.tar)?(?P<wget>\.\d{{1,2}})?"
)


def no_archive(path: Path) -> str:
    """What a file is, such as "an HTML page", that has an archive's name and is none; "" for all others."""
    called = path.suffix.lower() in ARCHIVE_ENDINGS or NAME.fullmatch(path.name.lower())
    if not called or not path.is_file() or is_archive(path):
        return ""
    with path.open("rb") as file:
        return looks_like(file.read(512)) or "something else"


def known(folder: Path) -> list[Path]:
    """Folders and archives of a known name in this folder, best first; none where it cannot be read.

    A folder that holds nothing but such an archive, as 7-Zip leaves it, is named by the archive.
    """
    try:
        with os.scandir(folder) as entries:
            ranked = sorted((rank, entry.path) for entry in entries if (rank := _rank(entry)))
    except OSError:
        return []
    return [copy for _, path in ranked for copy in _opened(Path(path))]


def _rank(entry: os.DirEntry) -> tuple | None:
    """The place of an entry among the copies, smallest first; None for a name that is not known."""
    name = entry.name.lower()
    if "cifar" not in name or not (match := NAME.fullmatch(name)):
        return None
    kind = entry_kind(entry)
    if not (kind == "folder" or (match["ending"] and kind == "file")):  # nor anything like a pipe
        return None
    is_copy = any(match[part] for part in ("first", "middle", "last", "wget"))
    return match["stem"] in GENERAL, kind != "folder", STEMS.index(match["stem"]), is_copy


def _opened(path: Path) -> list[Path]:
    """The path itself, or the known archives in a folder where nothing else lies."""
    archives = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry_kind(entry) != "file" or not (rank := _rank(entry)):
                    return [path]
                archives.append((rank, entry.path))
    except OSError:  # a file; or a folder that cannot be read, and its reader says why
        return [path]
    return [Path(archive) for _, archive in sorted(archives)] or [path]

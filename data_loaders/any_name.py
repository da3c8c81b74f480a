"""Data of a known form under any name, in the folder for data: seen by names and listings, not by reading."""

from __future__ import annotations

import os
import re
import zipfile
from itertools import islice
from pathlib import Path

from . import formats, tar_file
from .files import GLIMPSE, entry_kind, glimpse, identity, own_cache
from .formats import numpy_arrays
from .looks import printable
from .safe_archive import DAMAGE, is_archive, open_zip
from .unpack import Unpacked

TARS = (".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")
SPLITS = ("train", "test")
OWN = ("jupyter", "secret")  # what the course itself keeps in the user's data folder: not called data
# A tar archive has no list of its files: its own name and the first names in it must do.
SIGN = re.compile(
    r"cifar-?10(?!0)|(^|/)(data_batch_\d|test_batch|trainlabels|tr_data|(train|test)[/-])", re.I
)
PEEK = 1 << 20  # bytes unpacked to see the first names


def known_forms(folder: Path) -> list[Path]:
    """What has a known form: the folder itself, or else its folders and then its files, by name."""
    folders, files = _children(folder)
    own = [path.name for path in files if path.suffix.lower() != ".npz"]
    own += [
        f"{path.name}/{name}" for path in folders if path.name.lower() in SPLITS for name in glimpse(path)
    ]
    if formats.recognise(own):
        return [folder]
    return [path for path in folders if _is_form(path)] + [path for path in files if _is_file_of_form(path)]


def lies_there(folder: Path, most: int = 4) -> str:
    """What lies in a folder where nothing was found, for people: "in /data lie a.zip and mine (…)"; or ""."""
    folders, files = ([path for path in paths if path.name not in OWN] for paths in _children(folder))
    if not folders and not files:
        return ""
    said = [f"{path.name} ({formats.nearest(glimpse(path))[0]})" for path in folders[:most]]
    said += [path.name for path in files[: most - len(said)]]
    if more := len(folders) + len(files) - len(said):
        said.append(f"{more:,} more")
    return printable(f"none of what lies in {folder} has a known form: {', '.join(said)}")


def _children(folder: Path) -> tuple[list[Path], list[Path]]:
    """Folders and files in a folder, by name, without hidden ones and the course's cache."""
    found: dict[str, list[Path]] = {"folder": [], "file": [], "": []}
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, 10 * GLIMPSE):
                if not entry.name.startswith("."):
                    found[entry_kind(entry)].append(Path(entry.path))
    except OSError:
        return [], []
    cache = own_cache()
    return sorted(path for path in found["folder"] if identity(path) != cache), sorted(found["file"])


def _is_form(folder: Path) -> bool:
    names = glimpse(folder)
    form = formats.recognise(names)
    if form is numpy_arrays:
        return _is_file_of_form(folder / (numpy_arrays.outermost(names) or ""))
    return form is not None


def _is_file_of_form(path: Path) -> bool:
    """Whether a file is an archive, or an .npz file, of a known form."""
    name = path.name.lower()
    try:
        if name.endswith((".npz", ".zip")):
            with path.open("rb") as file, open_zip(file, path.stat().st_size) as archive:
                return _lists_a_form(archive, name)
        return name.endswith(TARS) and is_archive(path) and any(map(SIGN.search, [name, *_first_names(path)]))
    except DAMAGE:  # a part of CIFAR-10, if its name says so: its reader tells what is wrong
        return bool(SIGN.search(name))


def _lists_a_form(archive: zipfile.ZipFile, name: str) -> bool:
    names = [member.filename.replace("\\", "/") for member in archive.infolist()]
    if name.endswith(".npz"):
        return numpy_arrays.four({name.removesuffix(".npy").lower() for name in names}) is not None
    return formats.recognise([each for each in names if not each.startswith(("__MACOSX", "."))]) is not None


def _first_names(path: Path) -> list[str]:
    """Names at the beginning of a tar archive."""
    names: list[str] = []
    with Unpacked(path, PEEK) as stream:
        try:
            for name, size in tar_file.members(stream, GLIMPSE):
                names.append(name)
                stream.skip(size)
        except ValueError:  # the rest is not looked at
            pass
    return names

"""An .npz file of four arrays: as `course data convert --form npz` writes it, and as Keras names them."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from ..dataset import Split
from ..files import Files
from ..looks import Unreadable, advice, damage, looks_like, shortened
from ..safe_archive import DAMAGE, check_packing, open_zip
from .content import Content, split_of

TITLE = "numpy arrays"
HOLDS = "an .npz file of train_images, train_labels, test_images and test_labels, or of x_train, y_train, …"

# Images and labels of train, then of test; in a file, capital letters may stand for small ones.
ARRAYS = (
    ("train_images", "train_labels", "test_images", "test_labels"),
    ("x_train", "y_train", "x_test", "y_test"),
    ("train_x", "train_y", "test_x", "test_y"),
    ("train_data", "train_labels", "test_data", "test_labels"),
)
SHAPES = {(32, 32, 3), (3, 32, 32), (3072,)}  # of one image
MOST_IMAGES = 60_000  # in all of CIFAR-10
MOST_MEMBERS = 1_000  # arrays in the file; those of other names are not looked at
LONGEST_HEADER = 4_096  # bytes; numpy writes 128
BLOCK = 1 << 20  # bytes that are unpacked at a time

DTYPE = re.compile(r"""['"]descr['"]: *['"]([<>|=]?[a-zA-Z]\d*)['"]""")
ORDER = re.compile(r"""['"]fortran_order['"]: *(True|False)""")
SHAPE = re.compile(r"""['"]shape['"]: *\(([\d, L]*)\)""")  # Python 2 wrote 5L


class Header(NamedTuple):
    """What the head of an array says of it; `size` is the number of its own bytes, before the numbers."""

    dtype: np.dtype
    shape: tuple[int, ...]
    fortran_order: bool
    size: int


def matches(names: list[str]) -> bool:
    return outermost(names) is not None


def read(files: Files) -> Content:
    """Both splits. The heads of all four arrays are checked before a number is read.

    Images are uint8 of shape (N, 32, 32, 3), (N, 3, 32, 32) or (N, 3072). Rows of 3072 may hold the three
    colours one after the other, as CIFAR-10 itself does, or side by side: the pixels tell.
    """
    name = outermost(files.names)
    if name is None:
        raise ValueError(f"{files.path}: expected {HOLDS}, got none")
    data, where = files.read(name), f"{files.path}: {name}"
    with _damage_named(data, where):
        archive = open_zip(io.BytesIO(data), len(data))
        members = _members(archive)
    names = _four(members, where)
    with _damage_named(data, where):
        headers = [_header(archive, members[name]) for name in names]
    _check(names, headers, where)
    with _damage_named(data, where):
        arrays = [_array(archive, members[name], header) for name, header in zip(names, headers, strict=True)]
    mixed = _colours_are_mixed(arrays[0])
    train, test = (
        _split(
            arrays[k], arrays[k + 1], mixed, f"{where}: {members[names[k + 1]].filename.removesuffix('.npy')}"
        )
        for k in (0, 2)
    )
    return Content(train, test)


def outermost(names: list[str]) -> str | None:
    """The .npz file in the outermost folder that has one; of several, one called "cifar"."""
    found = [name for name in names if name.lower().endswith(".npz")]
    return min(found, key=lambda name: (name.count("/"), "cifar" not in name.lower(), name), default=None)


@contextmanager
def _damage_named(data: bytes, where: str) -> Iterator[None]:
    """The context in which the file is read; an error in it names the file, and says what it is instead."""
    try:
        yield
    except DAMAGE as error:
        seen = "" if data.startswith(b"PK\3\4") else looks_like(data)
        got = f"{seen}; {advice(seen)}" if seen else f"one that cannot be read: {damage(error)}"
        raise ValueError(f"{where}: expected an .npz file of arrays, got {got}") from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The arrays by their names in small letters."""
    found: dict[str, zipfile.ZipInfo] = {}
    listed = archive.infolist()
    if len(listed) > MOST_MEMBERS:
        raise Unreadable(f"it has {len(listed):,} arrays, far too many for a data set")
    for member in listed:
        name = member.filename.removesuffix(".npy").lower()
        if name in found:
            raise Unreadable(f"it has {shortened(name)} twice")
        found[name] = member
    return found


def four(found: Collection[str]) -> tuple[str, str, str, str] | None:
    """Those of the arrays, named in small letters, that hold images and labels; None where one is missing."""
    return next((names for names in ARRAYS if set(names) <= set(found)), None)


def _four(members: dict[str, zipfile.ZipInfo], where: str) -> tuple[str, str, str, str]:
    """The names of the images and labels of both splits in this file."""
    if names := four(members.keys()):
        return names
    as_written = [member.filename.removesuffix(".npy") for member in members.values()]
    found = ", ".join(shortened(name, 30) for name in as_written[:6]) or "none"
    raise ValueError(
        f"{where}: expected the arrays {', '.join(ARRAYS[0])} or {', '.join(ARRAYS[1])}, got {found}; "
        "save it with these names"
    )


def _header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Header:
    """What stands before the numbers of an array, read by rule and never evaluated.

    Source: numpy.lib.format, versions 1.0 to 3.0 of the .npy format.
    """
    name = shortened(member.filename)
    check_packing(member)
    with archive.open(member) as file:
        start = file.read(LONGEST_HEADER)  # no more than this is unpacked
    if start[:6] != b"\x93NUMPY" or start[6:8] not in (b"\1\0", b"\2\0", b"\3\0"):
        raise Unreadable(f"{name} is no array in the .npy format")
    width = 2 if start[6] == 1 else 4
    size = 8 + width + int.from_bytes(start[8 : 8 + width], "little")
    text = start[8 + width : size].decode("latin1")
    if size > len(start):
        raise Unreadable(f"{name} has a head of {size:,} bytes")
    dtype, order, shape = DTYPE.search(text), ORDER.search(text), SHAPE.search(text)
    if not (dtype and order and shape):
        raise Unreadable(f"{name} has a head that describes no plain array of numbers")
    if dtype[1].lstrip("<>|=")[0] not in "biufc":
        kind = "Python objects" if "O" in dtype[1] else f"the type {dtype[1]}"
        raise Unreadable(f"{name} holds {kind}, expected numbers; save it as an array of uint8 or int64")
    lengths = tuple(int(length[:18].rstrip("L")) for length in shape[1].replace(" ", "").split(",") if length)
    try:
        header = Header(np.dtype(dtype[1]), lengths, order[1] == "True", size)
    except TypeError:
        raise Unreadable(f"{name} has the unknown type {dtype[1]}") from None
    if member.file_size != size + math.prod(lengths) * header.dtype.itemsize:
        raise Unreadable(f"{name} has another size than its head says")
    return header


def _check(names: tuple[str, ...], headers: list[Header], where: str) -> None:
    """Raises `ValueError` where the heads are not those of images and their labels."""
    for name, header in zip(names[::2], headers[::2], strict=True):
        if header.dtype != np.uint8 or header.shape[1:] not in SHAPES:
            raise ValueError(
                f"{where}: {name}: expected uint8 of shape (N, 32, 32, 3), (N, 3, 32, 32) or (N, 3072), "
                f"got {header.dtype} of shape {shortened(str(header.shape))[1:-1]}; {_images_todo(header)}"
            )
    for name, images, labels in zip(names[1::2], headers[::2], headers[1::2], strict=True):
        if labels.dtype.kind not in "ui" or math.prod(labels.shape) != images.shape[0]:
            raise ValueError(
                f"{where}: {name}: expected {images.shape[0]:,} integers, one an image, "
                f"got {labels.dtype} of shape {shortened(str(labels.shape))[1:-1]}; "
                f"{_labels_todo(images, labels)}"
            )
    count = headers[0].shape[0] + headers[2].shape[0]
    if count > MOST_IMAGES:
        raise ValueError(f"{where}: expected at most {MOST_IMAGES:,} images, as CIFAR-10 has, got {count:,}")


def _images_todo(array: Header | np.ndarray) -> str:
    """What to do with images of another type or shape."""
    if array.shape[1:] not in SHAPES:
        return "only CIFAR-10's pictures, 32×32 in colour, can be used: fetch them in that size"
    if array.dtype.kind == "f":
        return (
            "save them as uint8: images.astype('uint8') for 0 to 255, (255 * images).round() first for 0 to 1"
        )
    return "save them as uint8, 0 to 255: images.astype('uint8')"


def _labels_todo(images: Header, labels: Header) -> str:
    """What to do with labels of another type or number."""
    if labels.shape == (images.shape[0], 10):
        return "one row for each image becomes one number by labels.argmax(axis=1)"
    if math.prod(labels.shape) == images.shape[0]:
        return "save them as integers: labels.astype('int64')"
    return "save one label for each image, in the same order"


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, header: Header) -> np.ndarray:
    """The numbers, in the shape and the type that the header says."""
    raw = np.empty(math.prod(header.shape) * header.dtype.itemsize, np.uint8)
    filled = 0
    with archive.open(member) as file:
        file.read(header.size)
        while piece := file.read(min(BLOCK, max(len(raw) - filled, 1))):  # to the end, where its sum is
            if filled + len(piece) > len(raw):
                raise Unreadable(f"{shortened(member.filename)} is longer than its head says")
            raw[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
            filled += len(piece)
    if filled < len(raw):
        raise Unreadable(f"{shortened(member.filename)} is cut")
    return raw.view(header.dtype).reshape(header.shape, order="F" if header.fortran_order else "C")


def _colours_are_mixed(images: np.ndarray) -> bool:
    """Whether the first 100 rows of 3072 numbers hold the three colours of a pixel side by side.

    Then the pixel below is 96 numbers further, and otherwise 32, and neighbours in a picture differ little.
    In groups of five images of CIFAR-10 the first difference is 0.19 to 0.48 of the second with mixed
    colours, and 1.7 to 2.4 of it without.
    """
    rows = images[:100].reshape(-1, 3072).astype(np.int16)
    far, near = (np.abs(rows[:, step:] - rows[:, :-step]).sum() for step in (96, 32))
    return bool(far < 0.8 * near)


def _split(images: np.ndarray, labels: np.ndarray, mixed: bool, where: str) -> Split:
    """Images and labels as a Split, with the colours before the rows.

    mixed: whether rows of 3072 numbers have the colours of each pixel side by side
    """
    if mixed and images.shape[1:] == (3072,):
        images = images.reshape(-1, 32, 32, 3)
    if images.shape[1:] == (32, 32, 3):
        images = images.transpose(0, 3, 1, 2)
    return split_of(images, labels, where)

"""Archives are read into memory and never unpacked to disk; how much may come out of one is bounded."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from . import tar_file
from .files import LARGEST_FILE, MOST_FILES
from .looks import Unreadable, damage, shortened
from .unpack import DECOMPRESSORS, Unpacked

LARGEST_TOTAL = 1 << 30  # bytes of all members; the largest form has 200 MB, Kaggle's test images 800 MB
LARGEST_GROWTH = 160 << 20  # bytes that come out beyond those of the archive: Shapes-10 shrinks by half
SMALLEST_MEMBER = (
    256  # bytes in the archive, on average, beyond the first thousand: a picture has 700 and more
)
LONGEST_NAME = 500  # letters; systems allow 255 for each part, and error messages show some names
ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of the others, zipfile unpacks without limit
ZIP_NAMES = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz", 98: "PPMd", 99: "AES"}
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    ValueError,
    RuntimeError,
    EOFError,
    MemoryError,
    OverflowError,
)


def is_archive(path: Path) -> bool:
    """Whether the file begins as a tar archive (also in gzip, bzip2 or xz), a zip or a 7z archive does."""
    with open(path, "rb") as file:
        head = file.read(265)
    return (
        head.startswith((*DECOMPRESSORS, b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c")) or head[257:262] == b"ustar"
    )


class Archive:
    """The files of a tar or zip archive, in memory.

    Raises `ValueError`, naming the archive, where it is damaged or hostile: a member outside its folder, a
    link or a device, two members of one name, more members than its size allows, or more bytes than the data
    set can have: 1 GiB, and 160 MiB beyond the archive's own size.
    """

    def __init__(self, path: Path):
        self.path = path
        try:
            with open(path, "rb") as file:
                head = file.read(6)
            if head.startswith(b"7z"):
                raise Unreadable("it is a 7z file; unpack it with 7-Zip and pass the folder")
            self._content = _read_zip(path) if head.startswith(b"PK") else _read_tar(path)
        except DAMAGE as error:
            raise ValueError(
                f"{path}: expected a tar or zip archive, got one that cannot be read: {damage(error)}"
            ) from error
        self.names = sorted(self._content)

    def read(self, name: str) -> bytes:
        if name not in self._content:
            raise ValueError(f"{self.path}: expected the file {name}, got none of this name")
        return self._content[name]


def _limits(path: Path) -> tuple[int, int]:
    """Bytes that may come out of an archive, and members that it may have."""
    size = path.stat().st_size
    return min(LARGEST_TOTAL, size + LARGEST_GROWTH), min(MOST_FILES, 1_000 + size // SMALLEST_MEMBER)


def _read_tar(path: Path) -> dict[str, bytes]:
    content: dict[str, bytes] = {}
    most_bytes, most_members = _limits(path)
    with Unpacked(path, most_bytes) as stream:
        for member, size in tar_file.members(stream, most_members):
            name = _checked(member, size, content)
            if _is_wanted(name):
                content[name] = stream.take(size)
            else:
                stream.skip(size)
        while stream.some(1 << 20):  # to the end, where gzip has its checksum
            pass
    return content


def _read_zip(path: Path) -> dict[str, bytes]:
    content: dict[str, bytes] = {}
    most_bytes, most_members = _limits(path)
    with open(path, "rb") as file, open_zip(file, path.stat().st_size) as archive:
        members = [member for member in archive.infolist() if not member.filename.endswith(("/", "\\"))]
        if len(members) > most_members:
            raise Unreadable(f"it has more than {most_members:,} files, far too many for its size")
        if sum(member.file_size for member in members) > most_bytes:
            raise Unreadable(f"it expands to more than {most_bytes:,} bytes")
        for member in members:
            if stat.S_ISLNK(member.external_attr >> 16):
                raise Unreadable(f"{shortened(member.filename)} is a link, not a plain file")
            check_packing(member)
            name = _checked(member.filename, member.file_size, content)
            if _is_wanted(name):
                with archive.open(member) as packed:
                    content[name] = packed.read(
                        member.file_size
                    )  # read() would unpack all, whatever it claims
                if len(content[name]) != member.file_size:
                    raise Unreadable(f"{shortened(name)} is cut")
    return content


def open_zip(file: BinaryIO, size: int) -> zipfile.ZipFile:
    """A zip archive whose list of members, which zipfile reads at once, is in proportion to its size.

    file: the archive, open for reading; it stays open
    size: of the archive, in bytes

    Raises one of `DAMAGE` where it is no zip archive, or its list is longer.
    """
    reads = _ShortReads(file, (64 << 10) + size // 6)
    archive = zipfile.ZipFile(reads)
    reads.longest = None  # the list has been read
    return archive


class _ShortReads:
    """A file that refuses to give more than so many bytes at a time, until `longest` is set to None."""

    def __init__(self, file: BinaryIO, longest: int):
        self.file = file
        self.longest: int | None = longest
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1, /) -> bytes:
        if self.longest is not None and size > self.longest:
            raise Unreadable(f"its list of files has {size:,} bytes, far too many for its size")
        return self.file.read(size)


def check_packing(member: zipfile.ZipInfo) -> None:
    """Raises `Unreadable` where a member of a zip archive is encrypted, or packed by a rare method."""
    if member.flag_bits & 1:
        raise Unreadable("it asks for a password; unpack it with 7-Zip and pass the folder")
    if member.compress_type not in ZIP_METHODS:
        method = ZIP_NAMES.get(member.compress_type, f"method {member.compress_type}")
        raise Unreadable(f"it is packed with {method}; unpack it with 7-Zip and pass the folder")


def _checked(member: str, size: int, content: dict[str, bytes]) -> str:
    """The member's name, with "/" between folders where PowerShell writes "\\"; raises `Unreadable`."""
    if len(member) > LONGEST_NAME:
        raise Unreadable(f"it has a file whose name has {len(member):,} letters")
    name = member.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or ":" in name or "\0" in name:
        raise Unreadable(f"the name {shortened(member)} leads outside its folder")
    name = str(PurePosixPath(name))  # without a leading "./"
    if name in content:
        raise Unreadable(f"the name {shortened(name)} occurs twice")
    if name.endswith(".7z"):
        raise Unreadable(f"it holds {shortened(name)}; unpack everything with 7-Zip and pass the folder")
    if size > LARGEST_FILE:
        raise Unreadable(
            f"{shortened(name)} has {size:,} bytes, more than any file of CIFAR-10 ({LARGEST_FILE:,})"
        )
    return name


def _is_wanted(name: str) -> bool:
    """Whether a file is neither hidden nor one of those that macOS adds to archives."""
    return not any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)

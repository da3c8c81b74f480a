"""The files of a download, in folders and zip archives within one another; nothing is unpacked here.

What a student has packed may be made to do harm: sizes, numbers and depths are bounded, and what leads out of
its folder, is a link, asks for a password or has a name that some system cannot hold is left where it is.
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from data_loaders.looks import Unreadable, printable, reason, shortened
from data_loaders.safe_archive import DAMAGE, check_packing, open_zip
from lib.assignments.originals import is_left_by_a_program
from lib.checks import mismatch
from lib.grading.intake.folder import open_plain

DEEPEST = 3  # archives in one another: everything, the platform's download, what a student has packed
MOST_FOLDERS = 12  # in one another
MOST_FILES = 200_000
LARGEST_FILE = 512 << 20  # bytes
LARGEST_INNER = 200 << 20  # bytes of an archive in another one, which is held in memory
GROWTH = 200  # times its size that an archive may hold, beyond LARGEST_FILE
LONGEST_NAME = 200  # letters
NOT_A_NAME = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL)
EARLIEST = 1981  # `course hand-in` writes 1980, which says nothing
OTHER_ARCHIVE = re.compile(r"\.(7z|rar|tar|tgz|tar\.(gz|bz2|xz))$", re.IGNORECASE)
WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """A file of a download.

    parts: of its path; archives are parts, too
    size: bytes
    when: the platform's time of it, or the disk's; None where nobody knows
    chain: the file on disk, then the names of members, by which it is opened
    """

    parts: tuple[str, ...]
    size: int
    when: datetime | None
    chain: tuple[str, ...]


def is_zip_name(name: str) -> bool:
    """
    >>> is_zip_name("a1-ada.zip"), is_zip_name("a1-ada.ZIP (1)"), is_zip_name("a.zip.ipynb")
    (True, True, False)
    """
    return bool(re.search(r"\.zip( ?\(\d+\))?$", name, re.IGNORECASE))


class Download:
    """All files of a folder, or of an archive.

    source: the folder or the archive
    marks: patterns of names by which a platform's own archive is known, whose times count

    files: of which each can be copied while this is open
    refused: (where, why) for what was left
    """

    def __init__(self, source: Path, marks: Sequence[re.Pattern[str]] = ()):
        self.source, self.marks = source, marks
        self.files: list[Found] = []
        self.refused: list[tuple[str, str]] = []
        self.containers: set[tuple[str, ...]] = set()  # archives with several people's files
        self._opened: list[tuple[tuple[str, ...], zipfile.ZipFile, ExitStack]] = []  # each in the one before

    def __enter__(self) -> Download:
        try:
            if self.source.is_dir():
                self._walk(self.source, (), 0)
            elif self.source.is_file():
                self._look(self.source.name, self.source)
            else:
                raise mismatch(
                    "", "source", "a folder or a zip archive", f"{self.source}, which is not there"
                )
        except BaseException:
            self._close(0)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(0)

    def copy(self, found: Found, to: BinaryIO) -> None:
        """Writes the content of a file; raises `Unreadable` for a damaged one, `OSError` for a full disk."""
        for chunk in self._chunks(found):
            to.write(chunk)

    def _chunks(self, found: Found) -> Iterator[bytes]:
        try:
            with self._reading(found.chain) as file:
                left = found.size
                while chunk := file.read(min(1 << 20, left + 1)):
                    left -= len(chunk)
                    if left < 0:
                        raise Unreadable("it is longer than it says")
                    yield chunk
                if left:
                    raise Unreadable("it is cut")
        except DAMAGE as error:
            raise Unreadable(f"{shown_path(found.parts)}: {_why(error)}") from error

    def _reading(self, chain: tuple[str, ...]) -> BinaryIO:
        if len(chain) == 1:
            return open_plain(Path(chain[0]))
        archive = self._archive(chain[:-1])
        return archive.open(chain[-1])  # type: ignore[return-value]  # reads like one

    def _archive(self, chain: tuple[str, ...]) -> zipfile.ZipFile:
        """An archive; of each depth the last stays open, since what lies in it comes one after the other."""
        for place, (known, archive, _) in enumerate(self._opened):
            if known == chain:
                return archive
            if chain[: len(known)] != known:
                self._close(place)
                break
        with ExitStack() as stack:
            if len(chain) == 1:
                file: BinaryIO = stack.enter_context(open_plain(Path(chain[0])))
                size = os.fstat(file.fileno()).st_size
            else:
                with self._reading(chain) as inner:
                    content = inner.read(LARGEST_INNER + 1)
                if len(content) > LARGEST_INNER:
                    raise Unreadable(f"it is an archive of more than {LARGEST_INNER >> 20} MB in another one")
                file, size = io.BytesIO(content), len(content)
            archive = stack.enter_context(open_zip(file, size))
            self._close(len(chain) - 1)
            self._opened.append((chain, archive, stack.pop_all()))
        return archive

    def _close(self, place: int) -> None:
        """Closes the archives from this depth on."""
        while len(self._opened) > place:
            self._opened.pop()[2].close()

    def _walk(self, folder: Path, parts: tuple[str, ...], depth: int) -> None:
        """Looks at a folder on disk."""
        try:
            with os.scandir(folder) as entries:
                there = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._refuse(parts, error.strerror or "it cannot be read")
            return
        for entry in there:
            if entry.is_symlink():
                self._refuse((*parts, entry.name), "it is a link")
            elif entry.is_dir(follow_symlinks=False):
                if is_left_by_a_program(Path(entry.name)) or entry.name == "__MACOSX":
                    continue
                if depth == MOST_FOLDERS:
                    self._refuse((*parts, entry.name), "it lies too deep")
                else:
                    self._walk(Path(entry.path), (*parts, entry.name), depth + 1)
            elif entry.is_file(follow_symlinks=False):
                self._look(entry.name, Path(entry.path), parts)

    def _look(self, name: str, path: Path, parts: tuple[str, ...] = ()) -> None:
        """Looks at a file on disk."""
        known = path.stat()
        try:
            when = datetime.fromtimestamp(known.st_mtime)
        except (OverflowError, ValueError, OSError):  # a time that no calendar has
            when = None
        self._add(Found((*parts, name), known.st_size, when, (str(path),)), 0)

    def _add(self, found: Found, depth: int) -> None:
        """Notes a file, or what is in it."""
        name = found.parts[-1]
        archive = is_zip_name(name) or (
            found.chain == (str(self.source),) and zipfile.is_zipfile(self.source)
        )
        if is_left_by_a_program(Path(name)):
            return
        if len(self.files) >= MOST_FILES:
            raise mismatch("", "source", f"at most {MOST_FILES:,} files", "more")
        if OTHER_ARCHIVE.search(name):
            self._refuse(found.parts, "it is no zip archive; unpack it, and import the folder")
        elif not archive:
            if found.size > LARGEST_FILE:
                self._refuse(found.parts, f"it has more than {LARGEST_FILE >> 20} MB")
            else:
                self.files.append(found)
        elif depth == DEEPEST:
            self._refuse(found.parts, "it is an archive in too many others")
        else:
            try:
                members = list(self._members(found, depth))
            except DAMAGE as error:
                self._refuse(found.parts, _why(error))
                return
            for member in members:
                self._add(member, depth + 1)

    def _members(self, found: Found, depth: int) -> Iterator[Found]:
        """The files in an archive; raises one of `DAMAGE` where it is hostile as a whole."""
        archive = self._archive(found.chain)
        members = [member for member in archive.infolist() if not _is_folder(member)]
        if len(members) > MOST_FILES:
            raise Unreadable(f"it has more than {MOST_FILES:,} files")
        if sum(member.file_size for member in members) > LARGEST_FILE + GROWTH * found.size:
            raise Unreadable("it expands far beyond its size")
        names = [_name(member) for member in members]
        bulk = any(is_zip_name(name) or any(mark.search(name) for mark in self.marks) for name in names)
        if bulk:
            self.containers.add(found.parts)
        own_times = bulk or (depth == 0 and self.source.is_file())
        seen: dict[str, str] = {}
        for member, name in zip(members, names, strict=True):
            parts = tuple(part for part in name.split("/") if part not in ("", "."))
            same = unicodedata.normalize("NFC", "/".join(parts)).casefold()
            try:
                _check_place(name, parts)
                if not parts or any(is_left_by_a_program(Path(part)) or part == "__MACOSX" for part in parts):
                    continue
                check_packing(member)
                if seen.get(same) == name:
                    raise Unreadable(f"the name {shortened(name)} occurs twice")
            except Unreadable as error:
                if not bulk:  # of one student, who can be asked
                    raise
                self._refuse((*found.parts, *parts), reason(error))
                continue
            why = _why_left(member, parts)
            if why or same in seen:
                self._refuse(
                    (*found.parts, *parts), why or f"some systems take it for {shortened(seen[same])}"
                )
                continue
            seen[same] = name
            when = (_time(member) if own_times else None) or found.when
            yield Found((*found.parts, *parts), member.file_size, when, (*found.chain, member.filename))

    def _refuse(self, parts: tuple[str, ...], why: str) -> None:
        self.refused.append((shown_path(parts), why))


def copy_into(download: Download, found: Found, folder: Path, path: str) -> None:
    """Writes one file of an upload; whatever its path says, it ends in the folder.

    Raises `Unreadable` where it cannot lie beside the others, such as a file and a folder of one name.
    """
    target = folder.joinpath(*path.split("/"))
    if not target.resolve().is_relative_to(folder.resolve()):
        raise Unreadable(f"{shown_path(found.parts)} leads outside its folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = open(target, "xb")  # noqa: SIM115  # what is read below may fail for other reasons
    except OSError as error:
        if error.errno in NOT_A_NAME:
            raise Unreadable(f"{shown_path(found.parts)}: this system cannot hold its name") from error
        raise
    with file:
        download.copy(found, file)


def shown_path(parts: Sequence[str]) -> str:
    """A path as it may be shown at a terminal, whatever is in it."""
    text = printable("/".join(parts))
    return text if len(text) <= 120 else f"…{text[-119:]}"


def _why(error: BaseException) -> str:
    return reason(error) if isinstance(error, Unreadable) else "it is damaged, or no zip archive"


def _is_folder(member: zipfile.ZipInfo) -> bool:
    return member.filename.endswith(("/", "\\"))


def _name(member: zipfile.ZipInfo) -> str:
    """A member's name, also where a program has written UTF-8 without saying so; "/" between folders."""
    name = member.filename
    if not member.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _check_place(name: str, parts: Sequence[str]) -> None:
    """Raises `Unreadable` for what leads out of the archive's folder: nobody writes this by mistake."""
    if name.startswith("/") or ".." in parts or "\0" in name or re.match(r"[A-Za-z]:", name):
        raise Unreadable(f"the name {shortened(name)} leads outside its folder")
    if len(name) > 5 * LONGEST_NAME or len(parts) > MOST_FOLDERS:
        raise Unreadable(f"it has a file whose name has {len(name):,} letters, or lies in too many folders")


def _why_left(member: zipfile.ZipInfo, parts: Sequence[str]) -> str:
    """Why a member is not taken; "" where it is."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "it is a link, or no plain file"
    if member.file_size > LARGEST_FILE:
        return f"it has more than {LARGEST_FILE >> 20} MB"
    for part in parts:
        bad = not part.isprintable() or set(part) & set(':*?"<>|') or part != part.rstrip(". ")
        if bad or len(part) > LONGEST_NAME or WINDOWS.fullmatch(part):
            return "not every system can hold its name"
    return ""


def _time(member: zipfile.ZipInfo) -> datetime | None:
    try:
        when = datetime(*member.date_time)
    except ValueError:
        return None
    return when if when.year >= EARLIEST else None

"""Words for error messages: what a file is that lies in the place of another, and what it holds."""

from __future__ import annotations

import re
import sys

# How files begin that are found in the place of data: the first that fits is named.
BEGINNINGS = (
    (b"version https://git-lfs", "a git-lfs pointer, not the file itself (`git lfs pull` fetches it)"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"PK\x03\x04", "a zip file"),
    (b"PK\x05\x06", "an empty zip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"Rar!", "a rar file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"\x1f\x9d", "a .Z file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"PAR1", "a parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a numpy file"),
    (b"MATLAB 5.0", "a MATLAB file"),
    (b"MATLAB 7.3", "a MATLAB file of version 7.3"),
)
# Of these, what is inside may be the data.
PACKED = ("a gzip file", "a bzip2 file", "an xz file", "a 7z file", "a rar file", "a zstd file", "a .Z file")
HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(<!doctype html|<html|<head|<body)", re.IGNORECASE)


class Unreadable(ValueError):
    """Why a file cannot be read: a clause such as "it is cut", which the reader puts behind the file's name.

    Whoever catches it says `FILE: expected WHAT, got one that cannot be read: it is cut`.
    """


def looks_like(data: bytes) -> str:
    """What the data are by their beginning, in words that fit after "got"; "" where that is unknown.

    data: the file, or its first 512 bytes

    >>> looks_like(b"<html><body>404 Not Found")
    'an HTML page (it begins with <html>)'
    >>> looks_like(b"")
    'an empty file'
    """
    head = bytes(data[:512])
    if not head:
        return "an empty file"
    if found := HTML.match(head):
        return f"an HTML page (it begins with {found[1].decode()}>)"
    if not any(head):
        return "nothing but zeros"
    if head[257:262] == b"ustar":
        return "a tar file"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a WebP picture"
    return next((words for beginning, words in BEGINNINGS if head.startswith(beginning)), "")


def advice(seen: str) -> str:
    """What to do with a file that lies in the place of another: unpack it, or download that once more.

    seen: what `looks_like` says of it
    """
    return "unpack it with 7-Zip and pass the folder" if seen in PACKED else "download it again"


def shortened(value: object, most: int = 60) -> str:
    """Text or a number as Python writes it, cut where it is long; of anything else only the type.

    Whatever an error message shows of a file goes through here, since the file may be made to do harm.

    >>> shortened(b"x" * 1000, 12)
    "b'xxxxxxxxxx…"
    >>> shortened([1, 2])
    'a list'
    """
    if isinstance(value, str | bytes):
        written = repr(value[:most])
        return written if len(value) <= most and len(written) <= most else written[:most] + "…"
    if isinstance(value, bool | float) or value is None:
        return repr(value)
    if isinstance(value, int):
        return str(value) if value.bit_length() < 200 else "a number of over 60 digits"
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def reason(error: BaseException) -> str:
    """What an exception says, in at most 300 characters; the name of its class where it says nothing."""
    said = " ".join(str(error).split())
    return (said if len(said) <= 300 else said[:300] + "…") or type(error).__name__


def damage(error: BaseException) -> str:
    """Why a file cannot be read, and what to do; what a library says in its own voice is left out.

    >>> damage(Unreadable("it is cut"))
    'it is cut; download or copy it again'
    """
    why = reason(error) if isinstance(error, Unreadable) else "it is damaged, or was cut on its way"
    return why if "; " in why else f"{why}; download or copy it again"


def printable(text: str) -> str:
    """The text with \\x1b, \\n or \\udcff for each character that a terminal obeys or that cannot be encoded.

    Names of files go through here before they are shown: some are not UTF-8, and some are made to do harm.

    >>> printable("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def say(text: str) -> None:
    """Print one line, whatever is in it; what the screen has no letter for is written as \\xe9."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(printable(text).encode(encoding, "backslashreplace").decode(encoding, "replace"))

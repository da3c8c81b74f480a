"""What students classify, to download from the page: the images without labels, and a sample of a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib.leaderboard.student_files import ABOUT, IMAGES, SAMPLE, TORCH7

WORDS = {
    IMAGES: "the images, for a4",
    SAMPLE: "how a file of predictions looks",
    ABOUT: "what is what",
    TORCH7: "the same images, for Torch7",
}  # name of a file → what it is; there are no others


@dataclass(frozen=True)
class OfferedFile:
    """A file that students can download.

    name: of the file
    words: what it is
    size: in words
    """

    name: str
    words: str
    size: str


def offered_files(folder: Path | None) -> list[OfferedFile]:
    """The files of the students' folder that are there; none without a folder."""
    if folder is None:
        return []
    there = {name: folder / name for name in WORDS if (folder / name).is_file()}
    return [OfferedFile(name, WORDS[name], _in_words(path.stat().st_size)) for name, path in there.items()]


def _in_words(size: int) -> str:
    """
    >>> _in_words(30_720_512), _in_words(640)
    ('30.7 MB', '1 kB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{-(-size // 1000)} kB"

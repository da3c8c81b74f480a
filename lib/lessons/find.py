"""`course find "max pooling"`: where the lectures say something."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.checks import mismatch, shown
from lib.lessons.outline import LectureOutline, Line, anchor, outlines, plain_text
from lib.lessons.work import ROOT

WEIGHTS = {"heading": 12.0, "text": 3.0, "code": 1.0}  # of a line in which words are found
PHRASE = 2.0  # times as much where they stand side by side
MOST = 12  # sections that are shown
WIDTH = 100  # letters of a line
CONTENTS = re.compile(r"\s*[-*]\s*\[[^]]*\]\(#[^)]*\)\s*")  # a line of a table of contents


@dataclass(frozen=True)
class FoundSection:
    """A section in which there are all words.

    score: the higher, the more it is about them
    file: of the lecture
    lecture, section: their headings
    line: the one that says most
    """

    score: float
    file: str
    lecture: str
    section: str
    line: str

    @property
    def link(self) -> str:
        """Opens the section in JupyterLab."""
        return f"lectures/{self.file}#{anchor(self.section)}" if self.section else f"lectures/{self.file}"

    def __str__(self) -> str:
        section = f" › {plain_text(self.section)}" if plain_text(self.section) != self.lecture else ""
        return f"{self.lecture}{section}\n  {self.link}\n  {self.line}"


def find_command(words: Sequence[str], folder: Path = ROOT / "lectures") -> int:
    """Prints what is found; 1 where nothing is."""
    lectures = outlines(folder)
    wanted = terms(" ".join(words))
    if not wanted:
        raise mismatch("find", "WORDS", "letters or digits to look for", shown(" ".join(words)))
    found = find_sections(wanted, lectures)
    if not found:
        near = near_spellings(wanted, lectures)
        advice = f" Did you mean {' or '.join(f'“{each}”' for each in near)}?" if near else ""
        print(f"No section of the lectures has “{' '.join(words)}”.{advice}")
        return 1
    print("\n\n".join(map(str, found[:MOST])))
    if len(found) > MOST:
        print(f"\n… and {len(found) - MOST} more sections: one more word narrows it.")
    return 0


def find_sections(wanted: Sequence[str], lectures: Sequence[LectureOutline]) -> list[FoundSection]:
    """The sections that have all words, best first; of one score in the order of the course.

    wanted: as `terms` gives them; each is the beginning of a word
    """
    found = [hit for lecture in lectures for hit in _in_lecture(wanted, lecture)]
    return sorted(found, key=lambda hit: -hit.score)


def _in_lecture(wanted: Sequence[str], lecture: LectureOutline) -> Iterator[FoundSection]:
    sections: dict[str, list[Line]] = {}
    for line in (line for line in lecture.lines if not CONTENTS.fullmatch(line.text)):
        sections.setdefault(line.section, []).append(line)
    for section, lines in sections.items():
        scored = [(_score(wanted, line), line) for line in lines]
        missing = set(wanted).difference(*(has for (_, has), _ in scored))
        if missing:
            continue
        (best, _), line = max(scored, key=lambda each: (each[0][0], each[1].kind != "heading"))
        total = best + 0.1 * sum(score for (score, _), _ in scored)
        yield FoundSection(total, lecture.file, lecture.title, section, line_around(line.text, wanted))


def _score(wanted: Sequence[str], line: Line) -> tuple[float, set[str]]:
    """What a line counts, and which of the words it has."""
    there = terms(line.text)
    has = {word for word in wanted if any(each.startswith(word) for each in there)}
    if not has:
        return 0.0, has
    share = len(has) / len(set(wanted))
    score = WEIGHTS[line.kind] * share * share
    count = len(wanted)
    together = any(
        all(each.startswith(word) for each, word in zip(there[i : i + count], wanted, strict=False))
        for i in range(len(there) - count + 1)
    )
    return (score * PHRASE if together and len(has) == len(set(wanted)) else score), has


def terms(text: str) -> list[str]:
    """The words of a text in small letters without accents; what stands between them does not count.

    >>> terms("Max-Pooling, Hölder & `conv2d`")
    ['max', 'pooling', 'holder', 'conv2d']
    """
    bare = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"[^\W_]+", "".join(each for each in bare if not unicodedata.combining(each)))


def near_spellings(wanted: Sequence[str], lectures: Sequence[LectureOutline]) -> list[str]:
    """The same words as the lectures spell them, at most three proposals; none where nothing is near."""
    known = sorted({word for each in lectures for line in each.lines for word in terms(line.text)})
    choices = [
        [word]
        if any(each.startswith(word) for each in known)
        else difflib.get_close_matches(word, known, 3, 0.7)
        for word in wanted
    ]
    if not all(choices) or all(choice == [word] for choice, word in zip(choices, wanted, strict=True)):
        return []
    most = max(map(len, choices))
    return [" ".join(choice[min(i, len(choice) - 1)] for choice in choices) for i in range(most)]


def line_around(line: str, wanted: Sequence[str]) -> str:
    """A line, or of a long one the part around the first of the words."""
    text = " ".join(line.split())
    if len(text) <= WIDTH:
        return text
    starts = [match.start() for match in re.finditer(r"[^\W_]+", text) if _begins(match[0], wanted)]
    begin = max(0, min(starts, default=0) - WIDTH // 3)
    begin = text.rfind(" ", 0, begin) + 1
    end = text.rfind(" ", begin, begin + WIDTH) if begin + WIDTH < len(text) else len(text)
    end = end if end > begin else begin + WIDTH  # one endless word
    return f"{'… ' if begin else ''}{text[begin:end]}{' …' if end < len(text) else ''}"


def _begins(word: str, wanted: Sequence[str]) -> bool:
    return any(each.startswith(one) for each in terms(word) for one in wanted)

"""The passages that two texts have in common, for people who look at both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from lib.grading.similarity.fingerprints import K, grams
from lib.grading.similarity.normal import WordStream

SHOWN = 40  # passages of one pair
TRIED = 20  # places of one gram


@dataclass(frozen=True)
class Passage:
    """Lines of one text, and those of the other that say the same; each from 1, as (first, last)."""

    one: tuple[int, int]
    other: tuple[int, int]


def passages(
    one: list[WordStream], other: list[WordStream], known: Collection[int] = (), least: int = K
) -> list[Passage]:
    """What both have in common, the longest first, no word twice; in the order of the first text.

    known: grams that say nothing
    least: words of a passage
    """
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, stream in enumerate(other):
        for start, gram in enumerate(grams(stream.words)):
            if gram not in known and len(places[gram]) < TRIED:
                places[gram].append((number, start))
    found: list[tuple[int, int, int, int, int]] = []  # length, stream and start of both
    for number, stream in enumerate(one):
        start = 0
        numbers = grams(stream.words)
        while start < len(numbers):
            best = max(
                (
                    (_length(stream, start, other[theirs], place), number, start, theirs, place)
                    for theirs, place in places.get(numbers[start], ())
                ),
                default=(0, 0, 0, 0, 0),
            )
            if best[0] >= least:
                found.append(best)
            start += max(1, best[0])
    taken: dict[int, set[int]] = defaultdict(set)
    chosen = []
    for length, number, start, theirs, place in sorted(found, key=lambda match: (-match[0], match[1:])):
        wanted = range(place, place + length)
        if not taken[theirs].intersection(wanted):
            taken[theirs].update(wanted)
            chosen.append(Passage(_lines(one[number], start, length), _lines(other[theirs], place, length)))
    return sorted(chosen[:SHOWN], key=lambda passage: passage.one)


def _length(one: WordStream, start: int, other: WordStream, place: int) -> int:
    """How many words are equal from there on."""
    length, most = 0, min(len(one.words) - start, len(other.words) - place)
    while length < most and one.words[start + length] == other.words[place + length]:
        length += 1
    return length


def _lines(stream: WordStream, start: int, length: int) -> tuple[int, int]:
    lines = stream.lines[start : start + length]
    return min(lines), max(lines)

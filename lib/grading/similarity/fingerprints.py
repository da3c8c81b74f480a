"""Fingerprints of code by winnowing: few numbers that two texts share where they share a passage.

Source: Schleimer, Wilkerson, Aiken, "Winnowing: local algorithms for document fingerprinting", 2003.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from zlib import crc32

from lib.grading.similarity.normal import WordStream

K = 12  # words of a gram: about one statement and a half
WINDOW = 5  # grams of which one is kept: any K + WINDOW - 1 words in common are noticed


def grams(words: Sequence[str]) -> list[int]:
    """A number for each K words in a row; none where there are fewer.

    >>> len(grams("a b c d e f g h i j k l m".split()))
    2
    """
    return [crc32(" ".join(words[i : i + K]).encode()) for i in range(len(words) - K + 1)]


def winnowed(numbers: Sequence[int], window: int = WINDOW) -> set[int]:
    """The smallest of each so many numbers in a row; of several that are equal they are one.

    >>> sorted(winnowed([77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98], 4))
    [8, 17, 39]
    """
    if not numbers:
        return set()
    return {min(numbers[i : i + window]) for i in range(max(1, len(numbers) - window + 1))}


def rows_of_words(streams: Iterable[WordStream]) -> list[Sequence[str]]:
    """The words of each stream; those that are shorter than a gram in one row, in an order of their own.

    So methods may be written in any order.
    """
    found = [stream.words for stream in streams]
    short = sorted(words for words in found if len(words) < K)
    together = [word for words in short for word in words]
    return [*(words for words in found if len(words) >= K), together]


def fingerprints(streams: Iterable[WordStream], known: Collection[int] = ()) -> frozenset[int]:
    """The fingerprints of a text.

    known: grams that say nothing, such as those of the release
    """
    found: set[int] = set()
    for words in rows_of_words(streams):
        found |= winnowed([number for number in grams(words) if number not in known])
    return frozenset(found)


def all_grams(streams: Iterable[WordStream]) -> set[int]:
    """Every gram of a text, for what is to be known in all places."""
    return {number for words in rows_of_words(streams) for number in grams(words)}

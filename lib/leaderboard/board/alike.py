"""Entries of different students that say nearly the same: one file went round, perhaps with small changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from lib.leaderboard.board.entries import Entries

BLOCKS = 50  # parts that are compared as a whole; of 1 % changes at random a part of 200 escapes in 1 of 8
ALIKE = 0.99  # the share of equal labels; two nets of 77 % trained apart have less than 0.85


def entries_alike(labels: Mapping[int, np.ndarray]) -> dict[int, dict[int, int]]:
    """Of each entry that has some: entries that are nearly the same, and how many labels differ.

    Of many that are alike each is told beside the first, and the first beside all.

    labels: the number of an entry → int (N,), the same N for all

    >>> entries_alike({7: np.arange(200) % 10, 8: np.arange(200) % 10, 9: np.zeros(200, int)})
    {7: {8: 0}, 8: {7: 0}}
    """
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for one, other in _with_equal_parts(labels):
        differ = int((labels[one] != labels[other]).sum())
        if differ <= (1 - ALIKE) * len(labels[one]):
            found[one][other] = found[other][one] = differ
    return {number: found[number] for number in labels if number in found}


class AlikeEntries:
    """The same of a board, found once for each set of entries, since an entry never changes.

    entries: of the board
    """

    def __init__(self, entries: Entries):
        self._entries = entries
        self._last: tuple[frozenset[int], dict[int, dict[int, int]]] = (frozenset(), {})

    def among(self, numbers: Iterable[int]) -> dict[int, dict[int, int]]:
        """What `entries_alike` gives.

        numbers: of the entries that are compared
        """
        wanted, last = frozenset(numbers), self._last
        if last[0] != wanted:
            last = self._last = wanted, entries_alike(self._entries.labels_of_each(wanted))
        return last[1]


def _with_equal_parts(labels: Mapping[int, np.ndarray]) -> set[tuple[int, int]]:
    """Pairs of entries of which a whole part is equal, only those are compared label by label.

    Each is paired with the first of its group: where a hundred are the same, there are a hundred pairs.
    """
    groups: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for number, said in labels.items():
        for place, part in enumerate(np.array_split(said, min(BLOCKS, len(said)))):
            groups[place, part.tobytes()].append(number)
    return {(first, other) for first, *others in groups.values() for other in others}

"""Which submissions share more than others do: an inverted index, no text beside every other text."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import combinations, pairwise

SHORTEST = 5  # fingerprints, about 60 words: what is shorter has one natural form
MOST_OF_A_CLASS = 0.5  # what more of the submissions share says nothing
COMMON = 50  # submissions that share a fingerprint: of more, only those most alike are paired
SKETCH = 5  # of the smallest fingerprints, by which submissions that are alike stand side by side
KEPT = 2000  # pairs of a task
SLIP = 15.0  # a wrong answer in common weighs like so many fingerprints
RARE = 0.03  # of a class have a slip that counts
MANY = 10  # submissions that share something with another one: of fewer, nobody knows what is usual
MORE = 1.5  # times the usual: what is less is as usual


@dataclass(frozen=True)
class Common:
    """What two submissions share in one task.

    share: of the shorter one's rare code, 0…1
    weight: how much is shared and how rare it is, in bits
    slips: names of wrong answers that both have, and few others
    """

    task: str
    share: float
    weight: float
    slips: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alike:
    """Two submissions; the tasks with most in common first."""

    one: str
    other: str
    tasks: tuple[Common, ...]

    @property
    def weight(self) -> float:
        return sum(task.weight for task in self.tasks)


def alike_in_task(
    task: str, prints: Mapping[str, frozenset[int]], old: Collection[str] = ()
) -> list[tuple[str, str, Common]]:
    """The pairs that share rare code in a task, most first.

    prints: submission → its fingerprints
    old: submissions of another year, which are not compared with each other
    """
    long = {name: numbers for name, numbers in prints.items() if len(numbers) >= SHORTEST}
    holders: dict[int, list[str]] = defaultdict(list)
    for name, numbers in long.items():
        for number in numbers:
            holders[number].append(name)
    weight = rarity({number: len(names) for number, names in holders.items()}, len(long))
    total = {name: sum(weight[number] for number in numbers) for name, numbers in long.items()}
    found = []
    for one, other in _candidates(long, holders, weight, frozenset(old)):
        shared = sum(weight[number] for number in long[one] & long[other])
        share = shared / min(total[one], total[other])
        found.append((one, other, Common(task, share, shared * share)))
    return sorted(found, key=lambda pair: (-pair[2].weight, pair[:2]))


def rarity(holders: Mapping[int, int], count: int) -> dict[int, float]:
    """The weight of each fingerprint in bits: how many times two would hold it among so many submissions.

    holders: fingerprint → submissions that have it
    """
    most = max(3, MOST_OF_A_CLASS * count)
    return {
        number: math.log2((count + 1) / many) if many <= most else 0.0 for number, many in holders.items()
    }


def _candidates(
    prints: Mapping[str, frozenset[int]],
    holders: Mapping[int, Sequence[str]],
    weight: Mapping[int, float],
    old: frozenset[str],
) -> list[tuple[str, str]]:
    """The pairs that share most of what few have."""
    sketch = {name: sorted(numbers)[:SKETCH] for name, numbers in prints.items()}
    place = {name: number for number, name in enumerate(prints)}
    found: dict[tuple[str, str], float] = defaultdict(float)
    for number, names in holders.items():
        if not weight[number]:
            continue
        pairs: Iterable[tuple[str, str]]
        if len(names) <= COMMON:
            pairs = combinations(names, 2)
        else:  # a ring of many: each beside its neighbours
            pairs = pairwise(sorted(names, key=lambda name: (sketch[name], name)))
        for one, other in pairs:
            found[(one, other) if place[one] < place[other] else (other, one)] += weight[number]
    return nlargest(KEPT, (pair for pair in found if not old.issuperset(pair)), key=found.__getitem__)


def alike_in_slips(
    task: str, slips: Mapping[str, Collection[str]], old: Collection[str] = ()
) -> Iterator[tuple[str, str, Common]]:
    """The pairs that have a wrong answer in common which few have.

    slips: submission → names of wrong answers; also of those who have none
    """
    holders: dict[str, list[str]] = defaultdict(list)
    for name, found in slips.items():
        for slip in set(found):
            holders[slip].append(name)
    most = max(3, RARE * len(slips))
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for slip, names in sorted(holders.items(), key=lambda item: (len(item[1]), item[0])):
        if 2 <= len(names) <= most:
            for pair in combinations(names, 2):
                shared[pair].append(slip)
    for pair, found in shared.items():
        if not set(old).issuperset(pair):
            rarest = min(
                len(holders[slip]) for slip in found
            )  # the others may be the same slip in other words
            bits = math.log2((len(slips) + 1) / rarest)
            yield *pair, Common(task, 0.0, SLIP * bits, tuple(found))


def ranked(found: Mapping[str, Sequence[tuple[str, str, Common]]]) -> list[Alike]:
    """The pairs of all tasks, those with most in common first.

    found: task → its pairs; a pair may come twice, once for code and once for slips
    """
    pairs: dict[tuple[str, str], dict[str, Common]] = defaultdict(dict)
    for commons in found.values():
        for one, other, common in commons:
            tasks = pairs[min(one, other), max(one, other)]
            before = tasks.get(common.task, Common(common.task, 0.0, 0.0))
            tasks[common.task] = Common(
                common.task,
                max(before.share, common.share),
                before.weight + common.weight,
                before.slips + common.slips,
            )
    alike = [
        Alike(one, other, tuple(sorted(tasks.values(), key=lambda common: (-common.weight, common.task))))
        for (one, other), tasks in pairs.items()
    ]
    return sorted(alike, key=lambda pair: (-pair.weight, pair.one, pair.other))


def usual_weight(pairs: Sequence[Alike]) -> float:
    """What a submission shares with the one that is most like it: the middle one of a class.

    0 where too few share anything: then nothing is usual.
    """
    best: dict[str, float] = {}
    for pair in pairs:  # ranked: the first is the best
        best.setdefault(pair.one, pair.weight)
        best.setdefault(pair.other, pair.weight)
    return sorted(best.values())[len(best) // 2] if len(best) >= MANY else 0.0


def times_usual(pair: Alike, usual: float) -> str:
    """How much a pair shares beside what is usual, in words; "" where nobody knows that.

    >>> pair = Alike("ada", "bob", (Common("a2.relu", 1.0, 62.0),))
    >>> times_usual(pair, 20.0), times_usual(pair, 60.0), times_usual(pair, 0.0)
    ('3.1 times the usual', 'as usual', '')
    """
    if not usual:
        return ""
    times = pair.weight / usual
    return f"{times:.1f} times the usual" if times >= MORE else "as usual"

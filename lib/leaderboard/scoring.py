"""What a file of predictions is worth: accuracies, marks, and what a person should look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.checks import check_labels, check_number
from lib.leaderboard.competition import NOISED, UNCHANGED, UNREADABLE, Key

MOST_MARKS = 40
CHANCE, FULL = 0.10, 0.70  # accuracies: at the first there are no marks yet, from the second on all of them
TOLERANCE = 0.01  # by how much accuracy a re-run may fall short: 1 point

FOUND = 0.35  # the share of unreadable images from which on somebody must look; nets are at about 0.1
GAP = 0.10  # how much better a net may be on unchanged images than on those with mild noise
ALL_BUT = 0.97  # an accuracy that no net reaches in half an hour of a laptop
ERRORS = 4  # a share must differ by so many standard errors, or too few images were looked at


@dataclass(frozen=True)
class Score:
    """Shares of images that are right.

    public, private: of the two halves; the public one is shown, the private one gives the marks
    unchanged, noised: of all images that count, without and with mild noise
    unreadable: of those beyond recognition, which count nowhere
    flags: sentences for a person to decide on; they change no mark
    """

    public: float
    private: float
    unchanged: float
    noised: float
    unreadable: float
    flags: tuple[str, ...]

    @property
    def marks(self) -> float:
        return marks_of(self.private)


@dataclass(frozen=True)
class Rerun:
    """The predictions of the handed-in code, run again, beside those that were handed in.

    images: how many predictions differ
    count: of how many
    points: percentage points of accuracy by which the re-run is better (or, below 0, worse), over both halves
    agrees: whether the re-run reaches what was handed in, within the tolerance of 1 point
    """

    images: int
    count: int
    points: float
    agrees: bool

    def __str__(self) -> str:
        worse = "better" if self.points >= 0 else "worse"
        verdict = "" if self.agrees else f", more than the {100 * TOLERANCE:g} allowed: a person decides"
        differ = f"{self.images:,} of {self.count:,} predictions differ"
        return f"{differ}; the re-run is {abs(self.points):.2f} points {worse}{verdict}"


def score(labels: np.ndarray, key: Key) -> Score:
    """What predictions are worth.

    labels: int (N,), as `read_predictions` gives them, in the order of the ids
    """
    right = check_labels(labels, len(key), name="labels") == key.labels
    clean, noised, lost = (_share(right[key.treatment == kind]) for kind in (UNCHANGED, NOISED, UNREADABLE))
    halves = _share(right[key.public]), _share(right[key.private])
    return Score(*halves, clean, noised, lost, flags(right, key))


def marks_of(accuracy: float) -> float:
    """Marks from 0 to 40: none at chance (10%), all from 70% on, a straight line between; to one decimal.

    >>> marks_of(0.1), marks_of(0.4), marks_of(0.7), marks_of(0.93)
    (0.0, 20.0, 40.0, 40.0)
    """
    accuracy = check_number(accuracy, name="accuracy", low=0, high=1)
    share = min(max((accuracy - CHANCE) / (FULL - CHANCE), 0.0), 1.0)
    return round(MOST_MARKS * share, 1)


def flags(right: np.ndarray, key: Key) -> tuple[str, ...]:
    """What looks as if labels had been looked up; a person decides.

    right: bool (N,), which predictions are right
    """
    found = []
    lost = right[key.treatment == UNREADABLE]
    if _share(lost) > FOUND and _surely(_share(lost) - CHANCE, CHANCE, len(lost)):
        found.append(
            f"{lost.sum()} of {len(lost)} images that are noised beyond recognition are right, chance is "
            f"{CHANCE:.0%}: were the originals looked up?"
        )
    clean, noised = right[key.treatment == UNCHANGED], right[key.treatment == NOISED]
    gap, counted = _share(clean) - _share(noised), min(len(clean), len(noised))
    if gap > GAP and _surely(gap, 0.5, counted / 2):
        found.append(
            f"{_share(clean):.1%} of the unchanged images are right, {_share(noised):.1%} of those with mild "
            "noise, which nets hardly mind: were the unchanged ones looked up?"
        )
    counts = right[key.treatment != UNREADABLE]
    if len(counts) and _share(counts) > ALL_BUT:
        found.append(f"{_share(counts):.1%} of the images are right, more than nets reach: see the re-run.")
    return tuple(found)


def compare_runs(submitted: np.ndarray, again: np.ndarray, key: Key) -> Rerun:
    """The predictions that were handed in beside those of the handed-in code, run again.

    submitted, again: int (N,), in the order of the ids
    """
    first = check_labels(submitted, len(key), name="submitted")
    second = check_labels(again, len(key), name="again")
    counts = key.treatment != UNREADABLE
    truth = key.labels[counts]
    gained = int((second[counts] == truth).sum()) - int((first[counts] == truth).sum())
    points = gained / max(int(counts.sum()), 1)
    return Rerun(int((first != second).sum()), len(key), 100 * points, points >= -TOLERANCE)


def _share(right: np.ndarray) -> float:
    return float(right.mean()) if len(right) else 0.0


def _surely(difference: float, share: float, count: float) -> bool:
    """Whether a difference is far beyond what chance makes with so many images."""
    return count > 0 and difference > ERRORS * (share * (1 - share) / count) ** 0.5

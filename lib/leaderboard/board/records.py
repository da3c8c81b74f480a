"""What a board gives out: people, their entries, and places in the standing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rules:
    """What holds for a whole competition.

    title: stands above the standing
    a_day: entries that a student may hand in from one midnight (UTC) to the next
    ends: when it ends or has ended, seconds since 1970; None where nobody has said
    """

    title: str
    a_day: int
    ends: float | None

    def ended_by(self, at: float) -> bool:
        """Whether it has ended at a time, seconds since 1970."""
        return self.ends is not None and at >= self.ends


@dataclass(frozen=True)
class Invitation:
    """A link for one person, as it is sent once; the board itself keeps only a digest.

    student: the id under which marks are kept
    name, email: or ""
    token: opens the board, once
    """

    student: str
    name: str
    email: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Participant:
    """Somebody who may look at the board.

    number: on this board
    student: the id under which marks are kept
    name, email: as the roster has them, or ""
    role: "student"; "staff", who sees all and hands in nothing; "screen", who sees the standing alone
    pseudonym: under which others know this person
    shows_name: True where the person chose to be seen by name
    joined: whether the link was used
    """

    number: int
    student: str
    name: str
    email: str
    role: str
    pseudonym: str
    shows_name: bool
    joined: bool

    @property
    def shown(self) -> str:
        """What others read."""
        return (self.name or self.student) if self.shows_name else self.pseudonym


@dataclass(frozen=True)
class BoardEntry:
    """A file of predictions that was taken.

    number: of the entry on this board, in the order in which they came
    owner: the number of the participant
    at: seconds since 1970, by the clock of the server
    of_the_day: which one of its day it is, from 1
    file: its name, made harmless
    description: what the student wrote about it
    public, private: tenths of a percent that are right in the halves
    private_share: the same of the private half as it is, from 0 to 1: marks come from it
    flags: sentences for a person to decide on
    """

    number: int
    owner: int
    at: float
    of_the_day: int
    file: str
    description: str
    public: int
    private: int
    private_share: float
    flags: tuple[str, ...]


@dataclass(frozen=True)
class StandingRow:
    """A line of the standing.

    rank: from 1; equal scores have the same rank, whoever came first stands above
    owner: the number of the participant
    shown: name or pseudonym
    tenths: of a percent, of the entry that counts
    entries: how many the participant has handed in
    at: when the entry that counts came
    """

    rank: int
    owner: int
    shown: str
    tenths: int
    entries: int
    at: float


@dataclass(frozen=True)
class Day:
    """A day of a competition, for the curve of the class.

    day: its number, counted from 1970 in UTC
    entries: handed in on it
    best, median: at its end, over the best entry that each student has until then; tenths of a percent
    """

    day: int
    entries: int
    best: int
    median: int


@dataclass(frozen=True)
class RerunNote:
    """What came of running the handed-in code again, for one entry.

    entry: its number
    at: when
    agrees: whether the predictions reach what was handed in, within the tolerance
    report: a sentence: by how many images and points it differs, or why there are no predictions
    seconds: of processor time
    code: a digest of what was handed in; "" where nobody has noted it
    """

    entry: int
    at: float
    agrees: bool
    report: str
    seconds: float
    code: str = ""


@dataclass(frozen=True)
class Decision:
    """What a person decided about an entry that waits for one.

    entry: its number
    at: when
    counts: whether there are marks for it
    note: why
    """

    entry: int
    at: float
    counts: bool
    note: str


def percent(tenths: int) -> str:
    """A score as it is shown: to 0.1 %, so that it tells little about single labels.

    >>> percent(703), percent(1000)
    ('70.3 %', '100.0 %')
    """
    return f"{tenths // 10}.{tenths % 10} %"

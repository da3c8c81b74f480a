"""What each student gets: the entry that counts, its re-run, and what a person decided make the marks."""

from __future__ import annotations

from dataclasses import dataclass

from lib.leaderboard.board.board import Board
from lib.leaderboard.board.records import BoardEntry, Decision, Participant, RerunNote
from lib.leaderboard.scoring import marks_of

NO_ENTRY, TO_COME, AGREES = "no entry", "re-run to come", "agrees"
WAITS, ACCEPTED, REFUSED = "waits for a person", "accepted", "refused"


@dataclass(frozen=True)
class StudentOutcome:
    """Where a student stands on the way to marks.

    participant: the student
    entry: the one that counts; None where nothing was handed in
    rerun: of this entry; None where its code has not run again yet
    decision: of a person about this entry; None where nobody has decided
    """

    participant: Participant
    entry: BoardEntry | None
    rerun: RerunNote | None
    decision: Decision | None

    @property
    def state(self) -> str:
        """One of the six states above; what a person decided goes before what the re-run gave."""
        if self.entry is None:
            return NO_ENTRY
        if self.decision is not None:
            return ACCEPTED if self.decision.counts else REFUSED
        if self.rerun is None:
            return TO_COME
        return AGREES if self.rerun.agrees and not self.entry.flags else WAITS

    @property
    def marks(self) -> float | None:
        """Marks from 0 to 40, by the private half; None while a re-run or a decision is to come."""
        if self.entry is None or self.state == REFUSED:
            return 0.0
        return marks_of(self.entry.private_share) if self.state in (AGREES, ACCEPTED) else None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Sentences behind the state: flags of the entry, the report of the re-run, the note of a person."""
        flags = self.entry.flags if self.entry is not None else ()
        report = (self.rerun.report,) if self.rerun is not None else ()
        note = (self.decision.note,) if self.decision is not None and self.decision.note else ()
        return (*flags, *report, *note)


def outcomes(board: Board) -> list[StudentOutcome]:
    """The outcome of each student, in the order of their ids."""
    counting, reruns, decisions = (
        board.entries.all_counting(),
        board.verdicts.reruns(),
        board.verdicts.decisions(),
    )
    found = []
    for student in board.people.all():
        entry = counting.get(student.number)
        number = -1 if entry is None else entry.number
        found.append(StudentOutcome(student, entry, reruns.get(number), decisions.get(number)))
    return found

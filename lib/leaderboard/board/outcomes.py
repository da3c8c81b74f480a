"""What each student gets: the entry that counts, its re-run, and what a person decided make the marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.leaderboard.board.alike import AlikeEntries
from lib.leaderboard.board.board import Board
from lib.leaderboard.board.records import BoardEntry, Decision, Participant, RerunNote
from lib.leaderboard.scoring import marks_of

NO_ENTRY, TO_COME, AGREES = "no entry", "re-run to come", "agrees"
WAITS, ACCEPTED, REFUSED = "waits for a person", "accepted", "refused"
NAMED = 3  # students that a sentence names


@dataclass(frozen=True)
class StudentOutcome:
    """Where a student stands on the way to marks.

    participant: the student
    entry: the one that counts; None where nothing was handed in
    rerun: of this entry; None where its code has not run again yet
    decision: of a person about this entry; None where nobody has decided
    alike: sentences: whose predictions are nearly the same
    """

    participant: Participant
    entry: BoardEntry | None
    rerun: RerunNote | None
    decision: Decision | None
    alike: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """One of the six states above; what a person decided goes before what the re-run gave."""
        if self.entry is None:
            return NO_ENTRY
        if self.decision is not None:
            return ACCEPTED if self.decision.counts else REFUSED
        if self.rerun is None:
            return TO_COME
        return AGREES if self.rerun.agrees and not self.entry.flags and not self.alike else WAITS

    @property
    def marks(self) -> float | None:
        """Marks from 0 to 40, by the private half; None while a re-run or a decision is to come."""
        if self.entry is None or self.state == REFUSED:
            return 0.0
        return marks_of(self.entry.private_share) if self.state in (AGREES, ACCEPTED) else None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Sentences behind the state: flags, who is alike, the report of the re-run, a person's note."""
        flags = self.entry.flags if self.entry is not None else ()
        report = (self.rerun.report,) if self.rerun is not None else ()
        note = (self.decision.note,) if self.decision is not None and self.decision.note else ()
        return (*flags, *self.alike, *report, *note)


def outcomes(board: Board, alike: AlikeEntries | None = None) -> list[StudentOutcome]:
    """The outcome of each student, in the order of their ids.

    alike: of this board, where somebody asks several times; None to compare the entries now
    """
    counting, reruns, decisions = (
        board.entries.all_counting(),
        board.verdicts.reruns(),
        board.verdicts.decisions(),
    )
    people = board.people.all()
    told = _told_alike(alike or AlikeEntries(board.entries), counting, people)
    found = []
    for student in people:
        entry = counting.get(student.number)
        number = -1 if entry is None else entry.number
        found.append(
            StudentOutcome(
                student, entry, reruns.get(number), decisions.get(number), told.get(student.number, ())
            )
        )
    return found


def _told_alike(
    alike: AlikeEntries, counting: Mapping[int, BoardEntry], people: Sequence[Participant]
) -> dict[int, tuple[str, ...]]:
    """The number of a student → sentences about others whose predictions are nearly the same.

    Who guesses, or hands in the sample, has nothing from it: entries without marks are left out.
    """
    owner = {entry.number: entry.owner for entry in counting.values() if marks_of(entry.private_share)}
    ids = {person.number: person.student for person in people}
    found: dict[int, tuple[str, ...]] = {}
    for number, others in alike.among(owner).items():
        told = [f"{ids.get(owner[other], '?')} ({differ} differ)" for other, differ in others.items()]
        more = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
        sentence = f"Nearly the same predictions as {', '.join(told[:NAMED])}{more}: who made them?"
        found[owner[number]] = (sentence,)
    return found

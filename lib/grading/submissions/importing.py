"""`course submissions import a1 FOLDER_OR_ZIP`: from a platform's download to submitted/ID/ASSIGNMENT/."""

from __future__ import annotations

import re
import shlex
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from data_loaders.looks import Unreadable
from lib.assignments.originals import original_names
from lib.assignments.places import ROOT, find_assignment, short_name
from lib.assignments.student import check_id
from lib.grading.intake.folder import TIMESTAMP
from lib.grading.places import submission_folder
from lib.grading.submissions.download import Download, copy_into, shown_path
from lib.grading.submissions.kept import (
    NOTE,
    Note,
    finish_what_was_begun,
    import_lock,
    incoming_folder,
    moment,
    put_in_place,
    read_note,
    same_files,
    students_with,
    write_note,
)
from lib.grading.submissions.numbers import keep_numbers
from lib.grading.submissions.recognised import Recognised, recognised_in, recognised_upload
from lib.grading.submissions.roster import Person, Roster
from lib.grading.submissions.uploads import MARKS, Upload, find_uploads

ONE_DOWNLOAD = timedelta(minutes=15)
LONG_AGO = datetime(1970, 1, 1)


@dataclass
class ImportReport:
    """What an import found and did.

    taken: ids whose submission is new, or newer than the one before, which is kept
    unchanged: ids whose submission was there already
    doubled: (id, what counts and what does not)
    late: ids of those who came after the deadline, or of whom the platform says so
    missing: ids of the roster of whom there is nothing, now or before
    unmatched: (where, why nobody is known to have uploaded it); left as it is
    refused: (where, why it was not taken)
    noted: (where, what is odd about an upload that was taken)
    wrong: (where, what is in it instead of the assignment, and what to do)
    passed: number of files that are no part of a submission of this assignment
    elsewhere: where → the assignment of which it is instead, in full
    source: what was imported
    """

    assignment: str
    taken: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    doubled: list[tuple[str, str]] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unmatched: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    noted: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    passed: int = 0
    elsewhere: dict[str, str] = field(default_factory=dict)
    source: Path = Path()

    @property
    def found(self) -> bool:
        """Whether anything of this assignment was there."""
        return bool(self.taken or self.unchanged or self.unmatched or self.refused or self.wrong)

    @property
    def seems(self) -> str:
        """The assignment of which more is in there than of this one, in full; "" for none."""
        ours = len(self.taken) + len(self.unchanged)
        (other, count), *_ = [*Counter(self.elsewhere.values()).most_common(1), ("", 0)]
        return other if count > ours else ""

    def lines(self) -> list[str]:
        """The report as lines of text: what was done, then what a person should look at."""
        counts = f"{len(self.taken)} taken, {len(self.unchanged)} unchanged"
        said = [f"{self.assignment}: {counts}, {len(self.late)} late, {len(self.missing)} missing"]
        said += _block("Taken", self.taken) + _block("Late", self.late) + _block("Missing", self.missing)
        seems = self.seems
        wrong = [pair for pair in self.wrong if not seems or self.elsewhere.get(pair[0]) != seems]
        for title, pairs in (
            ("More than one upload; the newest counts", self.doubled),
            ("Not taken, since nobody is known to have uploaded it", self.unmatched),
            ("Refused", self.refused),
            (f"Not what {short_name(self.assignment)} asks for", wrong),
            ("Please look at these", self.noted),
        ):
            said += [f"{title}:", *(f"- {what}: {why}" for what, why in pairs)] if pairs else []
        if self.passed:
            files = "1 file that belongs" if self.passed == 1 else f"{self.passed} files that belong"
            said.append(f"Passed over: {files} to no submission of {self.assignment}.")
        if seems:
            count = list(self.elsewhere.values()).count(seems)
            here = f"{count} submission{'s' if count > 1 else ''} of {short_name(seems)} in there, not taken"
            command = f"course submissions import {short_name(seems)} {shlex.quote(str(self.source))}"
            said.append(f"This seems to be a download of {short_name(seems)} ({here}): `{command}`")
        elif not self.found:
            said.append(f"No submission of {self.assignment} is in there: is it the right download?")
        return said


def import_submissions(
    assignment: str,
    source: Path,
    root: Path = ROOT,
    *,
    roster: Sequence[Person] = (),
    deadline: datetime | None = None,
    say: Callable[[int, int], object] = lambda done, all: None,
) -> ImportReport:
    """Takes every submission of a download, and says what became of each file.

    assignment: such as "a1", or in full
    source: a folder or a zip archive, as a learning platform gives it out
    roster: the people of the course; none where only the ids in hand-in files count
    deadline: in the computer's own time
    say: gets how many submissions are done, and how many there are

    The same import once more changes nothing. Raises `ValueError` where the source is neither.
    """
    names = original_names(root)
    full = find_assignment(assignment, names)
    report = ImportReport(full, source=source)
    people = Roster(roster)
    with import_lock(root), Download(source, MARKS) as download:
        finish_what_was_begun(root)
        uploads, report.passed = find_uploads(download.files, full, names, people, download.containers)
        report.passed += sum(len(upload.files) for upload in uploads if upload.other and not upload.person)
        report.elsewhere = {upload.notebook: upload.other for upload in uploads if upload.other}
        uploads = [upload for upload in uploads if upload.person or not upload.other]
        by_person: dict[str, list[Upload]] = defaultdict(list)
        spelt = {student.casefold(): student for student in students_with(full, root)}
        for upload in uploads:
            if upload.person:
                by_person[spelt.setdefault(upload.person.casefold(), upload.person)].append(upload)
            else:
                report.unmatched.append((upload.where, upload.why))
        unsure = _unsure_places(uploads, download.containers)
        report.noted += list(unsure.values()) if deadline else []
        for upload in uploads:
            upload.sure = _container(upload, download.containers) not in unsure or bool(upload.named_time)
        for done, person in enumerate(sorted(by_person)):
            say(done, len(by_person))
            _take(download, person, by_person[person], report, root, deadline)
        report.refused += download.refused
    say(len(by_person), len(by_person))
    there = {student.casefold() for student in students_with(full, root)}
    report.missing += [person.id for person in roster if person.id.casefold() not in there]
    return report


def _take(
    download: Download,
    person: str,
    uploads: list[Upload],
    report: ImportReport,
    root: Path,
    deadline: datetime | None,
) -> None:
    """Takes the newest of somebody's uploads that can be taken."""
    try:
        check_id(person)
    except ValueError as error:
        report.refused += [(upload.where, str(error)) for upload in uploads]
        return
    known = _recognised(download, person, uploads, report, root)
    ours = [(upload, found) for upload, found in known if not found.look.other]
    keep_numbers(person, report.assignment, (upload for upload, _ in ours), root)
    ranked = sorted(ours, key=lambda pair: _rank(*pair), reverse=True)
    place = submission_folder(person, report.assignment, root)
    for upload, found in ranked:
        after = bool(deadline and upload.when and upload.sure and moment(upload.when) > moment(deadline))
        note = Note(upload.when, upload.late or after, upload.sure)
        try:
            outcome = _write(download, person, upload, note, found.worth, report.assignment, root)
        except Unreadable as error:
            report.refused.append((upload.where, str(error)))
            continue
        others = [other.where for other, _ in ranked if other is not upload]
        if outcome == "older":
            said = f"{upload.where} is older than what is there, which counts"
            report.doubled.append((person, said))
        elif others and outcome != "worse":
            report.doubled.append((person, f"{upload.where} counts, and not {', '.join(others)}"))
        if outcome != "taken" and (deadline or upload.late):
            _mark_late(place, upload.late and outcome == "unchanged", deadline)
        (report.taken if outcome == "taken" else report.unchanged).append(person)
        if read_note(place).late:
            report.late.append(person)
        if upload.why:
            report.noted.append((upload.where, upload.why))
        if found.look.said:
            counts = "what was there before counts" if outcome == "worse" else "there is nothing better"
            report.wrong.append((upload.where, f"{found.look.said}; {counts}: ask {person}"))
        break
    for upload, found in known:
        if not found.look.other:
            report.elsewhere.pop(upload.notebook, None)
            continue
        report.elsewhere[upload.notebook] = found.look.other
        if upload.other:  # as it is called: no news of who has handed in this one, or that one before
            report.passed += len(upload.files)
            if place.exists() or submission_folder(person, upload.other, root).exists():
                continue
        advice = found.advice(person, report.assignment, owed=not place.exists())
        report.wrong.append((upload.notebook, advice))


def _recognised(
    download: Download, person: str, uploads: Sequence[Upload], report: ImportReport, root: Path
) -> list[tuple[Upload, Recognised]]:
    """Somebody's uploads with what is in each, but for those that cannot be unpacked."""
    known = []
    for upload in uploads:
        try:
            known.append((upload, recognised_upload(download, upload, person, report.assignment, root)))
        except Unreadable as error:
            report.refused.append((upload.where, str(error)))
    return known


def _container(upload: Upload, containers: set[tuple[str, ...]]) -> tuple[str, ...]:
    """The innermost archive of several people in which an upload lies; () for what lies on disk."""
    within = [upload.parts[:at] for at in range(1, len(upload.parts)) if upload.parts[:at] in containers]
    return within[-1] if within else ()


def _unsure_places(
    uploads: Sequence[Upload], containers: set[tuple[str, ...]]
) -> dict[tuple[str, ...], tuple[str, str]]:
    """The containers whose times are those of the download: Moodle's, and files that somebody has copied.

    Returns for each what to say: where, and why.
    """
    times: dict[tuple[str, ...], list[datetime]] = defaultdict(list)
    for upload in uploads:
        if upload.when and not upload.named_time:
            times[_container(upload, containers)].append(upload.when)
    found = {}
    for parts, all_times in times.items():
        first, last = min(all_times, key=moment), max(all_times, key=moment)
        if len(all_times) > 1 and moment(last) - moment(first) <= ONE_DOWNLOAD.total_seconds():
            found[parts] = (
                shown_path(parts) or "the files",
                f"all bear a time from {first:%Y-%m-%d %H:%M} to {last:%H:%M}, which may be that of the "
                "download: nobody is late by it",
            )
    return found


def _mark_late(place: Path, marked: bool, deadline: datetime | None) -> None:
    """Says anew of what was there before whether it came late: the deadline may be another one now."""
    before = read_note(place)
    after = (
        bool(before.when and before.sure and moment(before.when) > moment(deadline))
        if deadline
        else before.late
    )
    late = marked or after
    if late != before.late:
        write_note(place, Note(before.when, late, before.sure))


def _rank(upload: Upload, recognised: Recognised) -> tuple[Any, ...]:
    """The highest counts: not among somebody else's files, the best, named rightly, the newest, handed in."""
    found = re.findall(r"_(\d{1,18})(?=_)|[-(](\d{1,4})\)?\.", "/".join(upload.parts))
    numbers = [int(one or other) for one, other in found]
    best = (not upload.disputed, recognised.worth, not upload.other)
    return *best, moment(upload.when or LONG_AGO), bool(upload.inside), numbers, upload.parts


def _write(
    download: Download, person: str, upload: Upload, note: Note, worth: int, full: str, root: Path
) -> str:
    """Writes an upload where nothing newer or better is; raises `Unreadable`.

    worth: as `Recognised` has it

    Returns "taken", "unchanged", "older" or "worse".
    """
    place = submission_folder(person, full, root)
    before = read_note(place)
    folder = incoming_folder(person, full, root)
    try:
        for path, found in sorted(upload.files.items()):
            if path not in (NOTE, TIMESTAMP):
                copy_into(download, found, folder, path)
        if same_files(folder, place):  # sent again: the first time counts
            if note.when and not before.when:
                write_note(place, note)
            return "unchanged"
        there = recognised_in(place, full, root).worth if place.is_dir() else -1
        if there > worth:
            return "worse"
        if there == worth and before.when and note.when and moment(note.when) < moment(before.when):
            return "older"
        write_note(folder, note)
        put_in_place(folder, person, full, root)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return "taken"


def _block(title: str, ids: Sequence[str]) -> list[str]:
    return [f"{title}: {', '.join(ids)}"] if ids else []

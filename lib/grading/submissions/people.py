"""Who is in the class: the roster that is given, else the newest of former imports, kept in grading/."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from lib.assignments.places import ROOT
from lib.files import replacing_text
from lib.grading.places import OWN, SUBMITTED
from lib.grading.submissions.roster import Person, read_roster
from lib.grading.tables import cut_text

HEADINGS = ("id number", "name", "email", "identifier", "group")  # as `read_roster` reads them
OTHER_IDS = ("student id", "student number", "username", "login", "login id")  # of the same person


def roster_file(root: Path = ROOT) -> Path:
    """Where the people of the newest roster are kept, for the instructor's eyes alone."""
    return root / OWN / "roster.csv"


def former_file(root: Path = ROOT) -> Path:
    """Where those are kept whom an older roster had, and the newest has not; until `forget_person`."""
    return root / OWN / "former.csv"


def known_people(root: Path = ROOT) -> list[Person]:
    """All of whom a roster has told; those of the newest one first."""
    found: dict[str, Person] = {}
    for person in [*_people_in(roster_file(root)), *_people_in(former_file(root))]:
        found.setdefault(person.id.casefold(), person)
    return list(found.values())


def _people_in(path: Path) -> list[Person]:
    return read_roster(path) if path.exists() else []


def people_of_class(root: Path = ROOT, roster: Path | None = None) -> list[Person]:
    """Who is in the class, as every command knows it.

    roster: a file that says so for this command; None for what former imports have kept. What it leaves empty
        about somebody is taken from there.
    """
    if roster is None:
        return _people_in(roster_file(root))
    known = {person.id.casefold(): person for person in known_people(root)}
    return [_filled(person, known.get(person.id.casefold())) for person in read_roster(Path(roster))]


def keep_people(people: Iterable[Person], root: Path = ROOT) -> None:
    """Keeps what a roster says; of somebody who was known before, what it leaves empty stays.

    Whom it does not have is in the class no longer, and stays known. A roster of nobody changes nothing.
    """
    known = {person.id.casefold(): person for person in known_people(root)}
    now = {person.id.casefold(): _filled(person, known.get(person.id.casefold())) for person in people}
    if not now:
        return
    left = [person for key, person in known.items() if key not in now]
    changes = bool(left) or former_file(root).exists()
    if changes:  # before the roster changes: a kill forgets nobody
        _write(known.values(), former_file(root))
    _write(now.values(), roster_file(root))
    if changes:
        _write(left, former_file(root))


def no_longer_enrolled(people: Iterable[Person], root: Path = ROOT) -> tuple[list[str], list[str]]:
    """Whom another roster had: the ids of those who have handed in something, and of the others.

    people: who is in the class now; of nobody, nobody has left
    """
    now = {person.id.casefold() for person in people}
    left = sorted(person.id for person in known_people(root) if now and person.id.casefold() not in now)
    there = {path.parent.name.casefold() for path in (root / SUBMITTED).glob("*/*") if path.is_dir()}
    with_work = [student for student in left if student.casefold() in there]
    return with_work, [student for student in left if student.casefold() not in there]


def _filled(person: Person, before: Person | None) -> Person:
    """A person, with what was known before where a roster says nothing; the id stays as it was spelt."""
    if before is None:
        return person
    return Person(
        before.id,
        person.name or before.name,
        person.email or before.email,
        person.lms or before.lms,
        person.group or before.group,
        tuple(dict.fromkeys((*person.aliases, *before.aliases))),
    )


def short_names(people: Iterable[Person]) -> dict[str, str]:
    """Names for a table: id in small letters, since ids are one in all capitals → name."""
    return {person.id.casefold(): cut_text(person.name) for person in people}


def files_with(student: str, root: Path = ROOT) -> list[Path]:
    """The files here that have a line of somebody.

    student: the id
    """
    files = roster_file(root), former_file(root)
    return [path for path in files if any(person.id == student for person in _people_in(path))]


def forget_person(student: str, root: Path = ROOT) -> None:
    """Takes somebody out.

    student: the id
    """
    for path in files_with(student, root):
        _write((person for person in _people_in(path) if person.id != student), path)


def gradebook_names(root: Path = ROOT) -> dict[str, dict[str, str]]:
    """Of those who are known, what nbgrader keeps of a student: id → column → text.

    A name of one word is a last name; of a name without a comma the last word is.
    """
    return {
        person.id: {**_names(person.name), "email": person.email, "lms_user_id": person.lms}
        for person in known_people(root)
    }


def _names(name: str) -> dict[str, str]:
    """
    >>> _names("Ada King Lovelace") == _names("Lovelace, Ada King")
    True
    """
    if "," in name:
        last, _, first = name.partition(",")
    else:
        first, _, last = name.rpartition(" ")
    return {"first_name": first.strip(), "last_name": last.strip()}


def _write(people: Iterable[Person], path: Path) -> None:
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow([*HEADINGS, *OTHER_IDS])
    for person in people:
        others = person.aliases[: len(OTHER_IDS)]
        table.writerow([person.id, person.name, person.email, person.lms, person.group, *others])
    with replacing_text(path, private=True) as file:
        file.write(out.getvalue())

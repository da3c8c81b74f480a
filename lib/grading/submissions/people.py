"""Who is in the class: the roster that is given, else the one of former imports, kept in grading/."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from lib.assignments.places import ROOT
from lib.files import replacing_text
from lib.grading.places import OWN
from lib.grading.submissions.roster import Person, read_roster
from lib.grading.tables import cut_text

HEADINGS = ("id number", "name", "email", "identifier", "group")  # as `read_roster` reads them
OTHER_IDS = ("student id", "student number", "username", "login", "login id")  # of the same person


def roster_file(root: Path = ROOT) -> Path:
    """Where the people of all rosters are kept, for the instructor's eyes alone."""
    return root / OWN / "roster.csv"


def known_people(root: Path = ROOT) -> list[Person]:
    """All of whom a roster has told."""
    return read_roster(roster_file(root)) if roster_file(root).exists() else []


def people_of_class(root: Path = ROOT, roster: Path | None = None) -> list[Person]:
    """Who is in the class, as every command knows it.

    roster: a file that says so for this command; None for what former imports have kept. What it leaves empty
        about somebody is taken from there.
    """
    known = {person.id.casefold(): person for person in known_people(root)}
    if roster is None:
        return list(known.values())
    return [_filled(person, known.get(person.id.casefold())) for person in read_roster(Path(roster))]


def keep_people(people: Iterable[Person], root: Path = ROOT) -> None:
    """Keeps what a roster says; of somebody who was known before, what it leaves empty stays."""
    found = {person.id.casefold(): person for person in known_people(root)}
    for person in people:
        before = found.get(person.id.casefold())
        found[person.id.casefold()] = _filled(person, before)
    if found:
        _write(found.values(), root)


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


def forget_person(student: str, root: Path = ROOT) -> None:
    """Takes somebody out.

    student: the id
    """
    people = known_people(root)
    left = [person for person in people if person.id != student]
    if len(left) < len(people):
        _write(left, root)


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


def _write(people: Iterable[Person], root: Path) -> None:
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow([*HEADINGS, *OTHER_IDS])
    for person in people:
        others = person.aliases[: len(OTHER_IDS)]
        table.writerow([person.id, person.name, person.email, person.lms, person.group, *others])
    with replacing_text(roster_file(root), private=True) as file:
        file.write(out.getvalue())

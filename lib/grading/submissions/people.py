"""The roster that an import was given, kept in grading/ so that the gradebook knows names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from lib.assignments.places import ROOT
from lib.files import replacing_text
from lib.grading.places import OWN
from lib.grading.submissions.roster import Person, read_roster

HEADINGS = ("id", "name", "email", "identifier", "group")  # as `read_roster` reads them


def roster_file(root: Path = ROOT) -> Path:
    """Where the people of all rosters are kept, for the instructor's eyes alone."""
    return root / OWN / "roster.csv"


def known_people(root: Path = ROOT) -> list[Person]:
    """All of whom a roster has told."""
    return read_roster(roster_file(root)) if roster_file(root).exists() else []


def keep_people(people: Iterable[Person], root: Path = ROOT) -> None:
    """Keeps what a roster says; of somebody who was known before, the newest counts."""
    found = {person.id: person for person in (*known_people(root), *people)}
    if found:
        _write(found.values(), root)


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
    table.writerow(HEADINGS)
    table.writerows([(p.id, p.name, p.email, p.lms, p.group) for p in people])
    with replacing_text(roster_file(root), private=True) as file:
        file.write(out.getvalue())

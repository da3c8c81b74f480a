"""Who takes part: a table of ids and names, as Moodle, Canvas or anybody writes it."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.assignments.student import ID
from lib.checks import mismatch, shown

LARGEST_ROSTER = 20 << 20  # bytes
SEPARATORS = ",;\t|"
HEADINGS = {  # what is meant → what it is called, without case, spaces and marks
    "id": ("id number", "student id", "student number", "nbgrader id", "matriculation number",
           "matrikelnummer", "sis user id", "sis login id", "username", "user name", "login", "login id",
           "student", "id"),
    "identifier": ("identifier", "participant", "lms id", "lms user id", "canvas user id", "user id"),
    "name": ("full name", "name", "student name", "display name", "student", "vollstandiger name"),
    "first": ("first name", "given name", "vorname", "firstname"),
    "last": ("last name", "surname", "family name", "nachname", "lastname"),
    "email": ("email address", "e mail address", "email", "e mail", "mail", "e mail adresse"),
    "group": ("group", "groups", "section", "team", "class", "gruppe", "gruppen"),
}  # fmt: skip
NO_PERSON = ("points possible", "student test", "test student")  # rows of Canvas


@dataclass(frozen=True)
class Person:
    """Somebody who takes part.

    id: under which marks are kept; the name of a folder
    name: as it is written, or ""
    email: or ""
    lms: the number that the learning platform puts into names of files, or ""
    group: or ""
    aliases: other ids of the same person, such as the name of an account
    """

    id: str
    name: str = ""
    email: str = ""
    lms: str = ""
    group: str = ""
    aliases: tuple[str, ...] = ()


def read_roster(path: Path) -> list[Person]:
    """The people of a table in CSV, in its order.

    path: of a file with a row of headings; columns in any order, with commas, semicolons or tabs between them

    Raises `ValueError` where there is no column of ids, where an id cannot be one, or where one comes twice.
    """
    if path.stat().st_size > LARGEST_ROSTER:
        raise mismatch("", path.name, "a table of people", f"a file of more than {LARGEST_ROSTER >> 20} MB")
    text = _decoded(path.read_bytes()).replace("\0", "").lstrip(" \r\n")
    first, _, rest = text.partition("\n")
    if re.fullmatch(r"sep=.\r?", first):  # for Excel
        text = rest.lstrip(" \r\n")
    head = re.sub(r'"[^"]*+"', "", text).partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    return _people(path.name, _rows(path.name, text, separator))


def _rows(name: str, text: str, separator: str) -> list[list[str]]:
    """The rows of a table; raises `ValueError` where it is none, or where a quotation mark has no end.

    Without that end, all people below it would be a part of one name.
    """
    for strict in (True, False):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
        try:
            return list(reader)
        except csv.Error as error:
            if "end of data" in str(error):
                raise mismatch("", name, "every quotation mark in pairs", "one without its end") from error
            if not strict:
                raise mismatch("", name, "a table in CSV", f"something else ({error})") from error
    return []


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _people(name: str, rows: Sequence[Sequence[str]]) -> list[Person]:
    columns = _columns(rows[0] if rows else ())
    ids = [place for what, place in columns if what == "id"]
    if not ids:
        there = ", ".join(cell.strip() for cell in (rows[0] if rows else ())[:8]) or "nothing"
        raise mismatch(
            "", name, "a first row with headings, one of them such as “id” or “ID number”", shown(there)
        )
    people: list[Person] = []
    for number, row in enumerate(rows[1:], 2):
        cells = [cell.strip() for cell in row]
        person = _person(columns, ids, cells)
        if person is None:
            continue
        if not ID.fullmatch(person.id):
            letters = "1 to 64 of the letters a to z, digits and . _ -, no dot first or last"
            raise mismatch("", name, f"in line {number} an id of {letters}", shown(person.id))
        people.append(person)
    _check_different(name, people)
    return people


def _columns(headings: Sequence[str]) -> list[tuple[str, int]]:
    """What each column holds, the best column of a kind first."""
    plain = [_plain(heading) for heading in headings]
    canvas = any(heading.startswith("sis ") for heading in plain)
    known = {**HEADINGS}
    if canvas:  # there “ID” is Canvas' own number, and “Student” is a name
        known["id"] = ("sis user id", "sis login id", "sis id")
        known["identifier"] = ("id",)
    elif "id" in plain or "id number" in plain or "username" in plain:
        known["id"] = tuple(name for name in HEADINGS["id"] if name != "student")
    found = []
    for what, names in known.items():
        places = [(names.index(heading), place) for place, heading in enumerate(plain) if heading in names]
        found += [(what, place) for _, place in sorted(places)]
    taken_as_id = {place for what, place in found if what == "id"}
    return [(what, place) for what, place in found if what == "id" or place not in taken_as_id]


def _person(columns: Sequence[tuple[str, int]], ids: Sequence[int], cells: Sequence[str]) -> Person | None:
    """The person of a row; None for a row that is empty, or is none of a person."""

    def cell(what: str) -> str:
        return next(
            (cells[place] for kind, place in columns if kind == what and place < len(cells) and cells[place]),
            "",
        )

    if not any(cells) or any(_plain(text) in NO_PERSON for text in cells[:3]):
        return None
    known = [cells[place] for place in ids if place < len(cells) and cells[place]]
    number = re.search(r"\d+", cell("identifier"))
    name = cell("name") or f"{cell('first')} {cell('last')}".strip()
    return Person(
        id=known[0] if known else "",
        name=name,
        email=cell("email"),
        lms=number[0] if number else "",
        group=cell("group"),
        aliases=tuple(dict.fromkeys(known[1:])),
    )


def _check_different(name: str, people: Iterable[Person]) -> None:
    seen: dict[str, str] = {}
    for person in people:
        if person.id.casefold() in seen:
            raise mismatch(
                "", name, "every id once", f"{person.id} and {seen[person.id.casefold()]}",
                "a folder is named by it, and some systems do not tell capitals from small letters",
            )  # fmt: skip
        seen[person.id.casefold()] = person.id


def _plain(heading: str) -> str:
    """
    >>> _plain(" E-Mail_Address")
    'e mail address'
    """
    letters = unicodedata.normalize("NFKD", heading).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in letters if not unicodedata.combining(c))))


def letters_of(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents and marks.

    >>> letters_of("Lovelace, Adá-Maria")
    ('lovelace', 'ada', 'maria')
    """
    spread = unicodedata.normalize("NFKD", name.replace("ß", "ss")).casefold()
    plain = "".join(c for c in spread if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W\d_]+", plain))


def spellings(name: str) -> set[str]:
    """A name as one word, whichever of its words comes first.

    >>> sorted(spellings("Ada Lovelace"))
    ['adalovelace', 'lovelaceada']
    """
    words = letters_of(name)
    return {"".join(words[at:] + words[:at]) for at in range(len(words))}


class Roster:
    """Finds people by what a learning platform writes; only where exactly one can be meant.

    people: as `read_roster` gives them
    """

    def __init__(self, people: Sequence[Person] = ()):
        self.people = list(people)
        self._ids: dict[str, set[str]] = {}
        self._lms: dict[str, set[str]] = {}
        self._emails: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        for person in people:
            for alias in (person.id, *person.aliases):
                self._ids.setdefault(alias.casefold(), set()).add(person.id)
            if person.lms:
                self._lms.setdefault(person.lms, set()).add(person.id)
            if person.email:
                self._emails.setdefault(person.email.casefold(), set()).add(person.id)
            for spelling in spellings(person.name):
                self._names.setdefault(spelling, set()).add(person.id)
        for person in people:  # somebody's own id is never another one's alias
            self._ids[person.id.casefold()] = {person.id}

    def by_id(self, text: str) -> str:
        """The id of the person of whom this is an id; "" for nobody, and for several."""
        return _only(self._ids.get(text.casefold()))

    def by_lms(self, number: str) -> str:
        return _only(self._lms.get(number))

    def by_email(self, address: str) -> str:
        return _only(self._emails.get(address.casefold()))

    def named_alike(self, name: str) -> set[str]:
        """The ids of all whose name is this one, in any order of its words, with or without spaces."""
        return set(self._names.get("".join(letters_of(name)), ()))


def _only(found: set[str] | None) -> str:
    return next(iter(found)) if found and len(found) == 1 else ""

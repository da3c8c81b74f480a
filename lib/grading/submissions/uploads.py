"""Whose the files of a download are: what each has uploaded, by what is in it and what it is called."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from lib.assignments.places import find_assignment, short_name
from lib.assignments.student import ID
from lib.grading.intake.folder import is_notebook
from lib.grading.submissions.download import Found, is_zip_name, shown_path
from lib.grading.submissions.kept import moment
from lib.grading.submissions.roster import Roster

# “Ada Lovelace_12345_assignsubmission_file_” is a folder; older ones write the file's name behind it
MOODLE = re.compile(
    r"^(?P<name>.*)_(?P<number>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<file>.*)$"
)
# “lovelaceada_LATE_12345_67890_a1-ada-1.zip”: user, submission
CANVAS = re.compile(
    r"^(?P<name>[^\W_][^_/]*)_(?P<late>LATE_)?(?P<number>\d+)_(?P<again>\d+)_(?P<file>[^/]+)$", re.IGNORECASE
)
MARKS = (re.compile(r"_assignsubmission_"), re.compile(r"^[^_/]+_(LATE_)?\d+_\d+_[^/]+$", re.IGNORECASE))
TIME = re.compile(r"(20\d\d)-(\d\d)-(\d\d)[-_ T](\d\d)[-.:]?(\d\d)(?:[-.:]?(\d\d))?")  # such as Blackboard's
NO_IDS = (  # folders that lie above an assignment, and are nobody's
    "assignments", "solutions", "release", "submitted", "autograded", "feedback", "source", "downloaded",
    "extracted", "archive", "handed-in", "kept", "deep-vision-course", "deep-vision-course-main", "students",
    "downloads", "desktop", "documents", "home", "content", "submissions", "submission",
)  # fmt: skip
ENDS = re.compile(
    r"(\.ipynb|\.zip|\.json|\.txt|\.py| ?\(\d+\)|( ?- ?|[_ ])copy\d*)+$", re.IGNORECASE
)  # of one text only one reading, since students choose it: else a name could take years
AGAIN = re.compile(r"(-\d+| ?\(\d+\))(?=\.[a-z]+$)", re.IGNORECASE)  # that platforms and browsers add


@dataclass
class Upload:
    """What somebody has uploaded at once.

    parts: of the path at which it lies
    files: path in it → the file
    inside: the id in the hand-in file, or ""
    person: whose it is, or ""
    why: why nobody was found; or what was odd about the one who was
    disputed: whether the platform's name is another one's than the id inside
    named_time: that a platform has written into a name, such as Blackboard
    when: that time, else the newest of its files
    late: whether the platform says so
    sure: whether that time is the student's, and not that of the download
    other: the assignment that its name tells instead, in full, or ""
    account: (platform, its number of whoever uploaded it), where a name tells it
    """

    parts: tuple[str, ...]
    files: dict[str, Found] = field(default_factory=dict)
    inside: str = ""
    person: str = ""
    why: str = ""
    disputed: bool = False
    named_time: datetime | None = None
    late: bool = False
    sure: bool = True
    other: str = ""

    @property
    def account(self) -> tuple[str, str] | None:
        for part in self.parts:
            for platform, pattern in (("moodle", MOODLE), ("canvas", CANVAS)):
                if found := pattern.match(part):
                    return platform, found["number"]
        return None

    @property
    def when(self) -> datetime | None:
        times = [found.when for found in self.files.values() if found.when]
        return self.named_time or max(times, default=None, key=moment)

    @property
    def where(self) -> str:
        return shown_path(self.parts)

    @property
    def notebook(self) -> str:
        """Where the first notebook in it lies, or else all of it."""
        found = (self.files[path].parts for path in sorted(self.files) if is_notebook(path))
        return shown_path(next(found, self.parts))

    @property
    def has_notebook(self) -> bool:
        return any(is_notebook(path) for path in self.files)


def find_uploads(
    files: Sequence[Found],
    full: str,
    names: Sequence[str],
    roster: Roster,
    containers: Iterable[tuple[str, ...]],
) -> tuple[list[Upload], int]:
    """The uploads for an assignment, and how many files are none of any.

    files: of a download
    full: name of the assignment
    names: of all assignments
    roster: of the course; may be empty
    containers: archives with several people's files
    """
    sorting = _Sorting(full, names, roster, set(containers))
    sorting.look_for_containers(files)
    found: dict[tuple[str, ...], Upload] = {}
    passed = 0
    for file in files:
        placed = sorting.place(file)
        if placed is None:
            passed += 1
            continue
        key, upload, path = placed
        mine = found.setdefault(key, upload)
        mine.late |= upload.late
        if path in mine.files:  # such as a second version at Canvas, which has a higher number
            path = file.parts[-1]
        mine.files[path] = file
    uploads = []
    for upload in found.values():
        _tidy(upload, full)
        upload.named_time = _named_time(upload.parts, sorting.containers)
        sorting.find_person(upload)
        known = not upload.other and (upload.person or sorting.is_marked(upload.parts))
        if upload.has_notebook or known:
            uploads.append(upload)
        else:
            passed += len(upload.files)
    return uploads, passed


class _Sorting:
    def __init__(self, full: str, names: Sequence[str], roster: Roster, containers: set[tuple[str, ...]]):
        self.full, self.roster, self.containers = full, roster, containers
        self.names = {name.casefold(): name for name in names}
        shorts = "|".join(re.escape(part) for name in names for part in (name, short_name(name)))
        self.before = re.compile(rf"^({shorts})(?![a-z0-9])[-_ .]*", re.IGNORECASE)
        self.after = re.compile(rf"[-_ .]+({shorts})$", re.IGNORECASE)

    def place(self, file: Found) -> tuple[tuple[str, ...], Upload, str] | None:
        """To which upload a file belongs: key, the upload where it is new, path in it. None for no one's."""
        parts = file.parts
        for at in range(1, len(parts) - 1):
            if parts[at].casefold() in self.names and self._is_id(parts[at - 1]):
                named = self.names[parts[at].casefold()]
                upload = Upload(
                    parts[: at + 1], inside=parts[at - 1], other="" if named == self.full else named
                )
                upload.late = any(_is_late(part) for part in parts[:at])
                return parts[: at + 1], upload, "/".join(parts[at + 1 :])
        for at, part in enumerate(parts):
            if moodle := MOODLE.match(part):
                inner = (moodle["file"], *parts[at + 1 :]) if moodle["file"] else parts[at + 1 :]
                if moodle["kind"].lower() == "onlinetext" or not inner:
                    return None
                return self._placed(parts[: at + 1], (*parts[:at], moodle["name"]), inner)
            if canvas := CANVAS.match(part):
                key = (*parts[:at], canvas["name"], canvas["number"])
                inner = (AGAIN.sub("", canvas["file"]), *parts[at + 1 :])
                key, upload, path = self._placed(parts[: at + 1], key, inner)
                upload.late = bool(canvas["late"])
                return key, upload, path
        return self._loose(parts)

    def _loose(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], Upload, str] | None:
        """A file without a platform's marks: of whoever a folder, an archive or it is named by."""
        archives = [at for at in range(1, len(parts)) if self._is_ones_archive(parts[:at])]
        outer = parts[: archives[0]] if archives else parts
        known = [(at, person) for at, part in enumerate(outer) for person in self._named(part)]
        if known:
            people = {person for _, person in known}
            at = known[0][0] if len(people) == 1 else known[-1][0]
        elif archives:
            at = archives[0] - 1
        elif is_notebook(parts[-1]):
            at = len(parts) - 1
        else:
            return None
        inner = parts[at + 1 :] or parts[at:]
        if len(parts[at:]) == 1 and not is_notebook(parts[at]):
            return None
        return self._placed(parts[: at + 1], parts[: at + 1], inner)

    def _is_ones_archive(self, parts: tuple[str, ...]) -> bool:
        return is_zip_name(parts[-1]) and parts not in self.containers

    def look_for_containers(self, files: Sequence[Found]) -> None:
        """Finds archives in which notebooks of several people lie."""
        people: dict[tuple[str, ...], set[str]] = {}
        for file in files:
            if not is_notebook(file.parts[-1]) or not self.roster.people:
                continue
            for at in range(1, len(file.parts)):
                if self._is_ones_archive(file.parts[:at]):
                    named = set().union(*map(self._named, file.parts[at:]))
                    people.setdefault(file.parts[:at], set()).update(named)
        self.containers |= {parts for parts, found in people.items() if len(found) > 1}

    def _placed(
        self, where: tuple[str, ...], key: tuple[str, ...], inner: tuple[str, ...]
    ) -> tuple[tuple[str, ...], Upload, str]:
        """Keeps apart what calls itself a part of another assignment."""
        for part in inner:
            begins = self.before.match(part)
            if begins and short_name(begins[1]).casefold() != short_name(self.full):
                other = find_assignment(begins[1], list(self.names.values()))
                return (*key, other), Upload(where, other=other), "/".join(inner)
        return key, Upload(where), "/".join(inner)

    def is_marked(self, parts: tuple[str, ...]) -> bool:
        """Whether a platform says that it is an upload, also one without a notebook."""
        return any(MOODLE.match(part) or CANVAS.match(part) for part in parts)

    def find_person(self, upload: Upload) -> None:
        """Sets whose it is, by what says most."""
        platform = self._by_platform(upload)
        if upload.inside and (not self.roster.people or self.roster.by_id(upload.inside)):
            upload.person = self.roster.by_id(upload.inside) or upload.inside
            around = platform or set().union(*map(self._named, upload.parts[:-2]))
            if around and upload.person not in around:
                upload.disputed = True
                others = " or ".join(sorted(around))
                upload.why = f"it lies where {others} uploads, and says {upload.person} inside"
            return
        if not self.roster.people:
            upload.why = "no id is in it, and there is no roster"
            return
        found = platform
        if not found:
            found = set().union(*map(self._named, upload.parts))
        if not found:
            inner = {part for file in upload.files.values() for part in file.parts}
            found = set().union(*map(self._named, inner))
        if len(found) == 1:
            upload.person = next(iter(found))
            if upload.inside:
                upload.why = f"{upload.inside} inside is nobody's id; by its name it is of {upload.person}"
        elif found:
            upload.why = f"it may be of {' or '.join(sorted(found))}"
        else:
            said = f"{upload.inside} is nobody's id, and " if upload.inside else ""
            upload.why = f"{said}nobody of the roster has this name or number"

    def _by_platform(self, upload: Upload) -> set[str]:
        """Whom Moodle or Canvas names: by the number, else by the name."""
        for part in upload.parts:
            if marks := MOODLE.match(part) or CANVAS.match(part):
                number = self.roster.by_lms(marks["number"])
                named = self.roster.by_id(marks["name"]) or self.roster.by_email(marks["name"])
                people = {named} if named else self.roster.named_alike(marks["name"])
                if number and (number in people or not people):
                    return {number}
                return people | {number} if number else people  # the number may be another platform's
        return set()

    def _named(self, part: str) -> set[str]:
        """Whose id, address or name a part of a path is, but for the assignment's name and ends."""
        stem = ENDS.sub("", part)
        bare = self.after.sub("", self.before.sub("", stem))
        whole = self._known((stem, bare, AGAIN.sub("", f"{bare}.x")[:-2])) or self.roster.named_alike(bare)
        return whole or self._known(word for word in re.split(r"[_\s]+", bare) if len(word) > 2)

    def _known(self, texts: Iterable[str]) -> set[str]:
        """Whose ids or addresses these are."""
        return {person for text in texts if (person := self.roster.by_id(text) or self.roster.by_email(text))}

    def _is_id(self, part: str) -> bool:
        """Whether the folder above an assignment is a student's id, as `course hand-in` writes it."""
        usual = part.casefold() in NO_IDS and not self.roster.by_id(part)
        marked = MOODLE.match(part) or CANVAS.match(part) or is_zip_name(part)
        return bool(ID.fullmatch(part)) and not usual and not marked


def _tidy(upload: Upload, full: str) -> None:
    """Takes off folders that hold everything, and what platforms add to the name of the notebook."""
    files = upload.files
    while all("/" in path for path in files) and len({path.split("/")[0] for path in files}) == 1:
        files = {path.partition("/")[2]: found for path, found in files.items()}
    for path in list(files):
        name = AGAIN.sub("", path)
        if name == f"{full}.ipynb" and name not in files:
            files[name] = files.pop(path)
    upload.files = files


def _named_time(parts: tuple[str, ...], containers: Collection[tuple[str, ...]]) -> datetime | None:
    """The time in the first name that has one.

    Not of an archive of several people's, which is the download's, nor what a student may have chosen.
    """
    inside = max((at for at in range(1, len(parts)) if parts[:at] in containers), default=0)
    for part in parts[inside:]:
        if MOODLE.match(part) or CANVAS.match(part):
            return None
        for found in TIME.finditer(part):
            with suppress(ValueError):
                return datetime(*(int(number or 0) for number in found.groups()))  # type: ignore[arg-type]
    return None


def _is_late(part: str) -> bool:
    canvas = CANVAS.match(part)
    return bool(canvas and canvas["late"])

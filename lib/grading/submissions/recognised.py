"""Whether an upload holds the notebook that was asked for, whatever its files are called."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from data_loaders.looks import Unreadable
from lib.assignments.places import short_name
from lib.grading.intake.folder import is_notebook, plain_files
from lib.grading.intake.take_in import Looks, looks_of
from lib.grading.submissions.download import Download, copy_into
from lib.grading.submissions.kept import incoming_folder
from lib.grading.submissions.uploads import Upload

LARGEST_UPLOAD = 600 << 20  # bytes of one student
MOST_FILES_OF_ONE = 1_000


@dataclass(frozen=True)
class Recognised:
    """What is in a submission.

    look: what a look at its notebooks tells
    worth: 3 for the notebook of the assignment, 2 for little of it, 1 for another or damaged one, 0 for none
    """

    look: Looks
    worth: int

    def advice(self, person: str, full: str, *, owed: bool) -> str:
        """What it is of another assignment, and what to do.

        owed: whether there is nothing else of this person's
        """
        other, short = short_name(self.look.other), short_name(full)
        ask = f", and ask {person} for {short}" if owed else ""
        return f"{person}'s {other}, not taken; `course submissions import {other} …` takes it{ask}"


def recognised_upload(download: Download, upload: Upload, person: str, full: str, root: Path) -> Recognised:
    """Looks at the notebooks of an upload; raises `Unreadable` where they are too many, or damaged.

    person: the id
    full: the assignment's name
    """
    if upload.other and upload.inside:  # `course hand-in` has written it
        return Recognised(Looks(found=False, other=upload.other), 1)
    total = sum(found.size for found in upload.files.values())
    if total > LARGEST_UPLOAD or len(upload.files) > MOST_FILES_OF_ONE:
        raise Unreadable(f"it has {len(upload.files):,} files of {total / 2**20:,.0f} MB together")
    folder = incoming_folder(person, full, root)
    try:
        for path, found in sorted(upload.files.items()):
            if is_notebook(path):
                copy_into(download, found, folder, path)
        if upload.other:  # only what is surely of this one is taken under another's name
            ours = looks_of(upload.other, folder, root).other == full
            return Recognised(Looks() if ours else Looks(found=False, other=upload.other), 3 if ours else 1)
        return recognised_in(folder, full, root)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def recognised_in(folder: Path, full: str, root: Path) -> Recognised:
    """Looks at the notebooks of a folder.

    full: the assignment's name
    """
    look = looks_of(full, folder, root)
    if look.found:
        return Recognised(look, 2 if look.said else 3)
    return Recognised(look, int(any(map(is_notebook, plain_files(folder)))))

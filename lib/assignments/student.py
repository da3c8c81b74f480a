"""The student's id, asked for once."""

from __future__ import annotations

import os
import re
import sys

from lib.checks import mismatch, shown
from lib.files import replacing_text
from lib.jupyter.settings import own_folder

ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?")  # it becomes the name of a file
FILE = "student-id.txt"


def student_id(given: str = "") -> str:
    """The id under which a student hands in, which is remembered; raises `ValueError` where it cannot be one.

    given: "" for the one that is remembered, which is asked for at the terminal where there is none yet
    """
    path = own_folder(os.environ) / FILE
    if not given:
        try:
            return check_id(path.read_text("utf-8").strip())
        except (OSError, ValueError):
            given = _asked()
    chosen = check_id(given.strip())
    with replacing_text(path) as file:
        file.write(f"{chosen}\n")
    return chosen


def check_id(text: str) -> str:
    """The same text; raises `ValueError` where it is no id.

    >>> check_id("ada.lovelace-1")
    'ada.lovelace-1'
    """
    if not ID.fullmatch(text):
        raise mismatch(
            "", "id", "1 to 64 of the letters a to z, digits and . _ -, no dot first or last", shown(text)
        )
    return text


def _asked() -> str:
    if not sys.stdin.isatty():
        raise mismatch("", "id", "your student id", "none", "add --id and your id")
    return input("Your student id, as your instructor knows it (asked once): ")

"""The secret from which hidden seeds are made: a file of the instructor's, outside of the course's folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from lib.checks import mismatch, shown
from lib.files import placing_new

ROOT = Path(__file__).resolve().parents[2]
BYTES = 32


def secret_place() -> Path:
    """The file of the secret: COURSE_SECRET where that is set, else `secret` in the user's data folder."""
    if chosen := os.environ.get("COURSE_SECRET"):
        return Path(os.path.abspath(ROOT / os.path.expanduser(chosen)))
    import platformdirs  # here, since a student's checks need none of this

    return Path(platformdirs.user_data_dir("deep-vision-course")) / "secret"


def make_secret(path: Path | None = None) -> Path:
    """Writes a new secret where there is none, readable by its owner alone; returns its file.

    path: of the file; None for `secret_place()`

    Raises `ValueError` for a place in the course's folder: the course is public.
    """
    path = secret_place() if path is None else Path(os.path.abspath(path))
    if path.resolve().is_relative_to(ROOT):
        raise mismatch("", "secret", "a file outside of the course's folder", shown(str(path)), ADVICE)
    if not path.exists():
        try:
            with placing_new(path) as new:
                new.write_text(secrets.token_hex(BYTES) + "\n", "ascii")
        except FileExistsError:
            if not path.exists():  # another process was first
                raise
    return path


def read_secret() -> bytes:
    """The secret; raises `ValueError` where there is none."""
    path = secret_place()
    if not path.is_file():
        raise mismatch("", "secret", f"a file {path}", "no such file", "`course release` makes it")
    secret = path.read_bytes().strip()
    if len(secret) < BYTES:
        came = f"{len(secret)} in {path}"
        raise mismatch(
            "", "secret", f"at least {BYTES} bytes", came, "delete it: `course release` makes it anew"
        )
    return secret


ADVICE = "set COURSE_SECRET to another place"

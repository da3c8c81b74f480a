"""What a student has passed, guessed and read last: one small file, which is theirs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from lib.checks import mismatch, shown
from lib.files import replacing_text
from lib.lessons.one_at_a_time import one_at_a_time
from lib.lessons.work import ROOT, work_folder
from lib.tasks.grade import grading

PATIENCE = 2.0  # seconds that a lecture waits for another one that is writing
SHOWN = "shown anyway"  # stands in the place of a guess where somebody looked at the truth without one
PARTS = ("passed", "guesses", "last")

Remembered = dict[str, dict[str, Any]]

_unwritten: Remembered = {}  # what could not be written: it counts until this Python ends
_said: set[str] = set()  # lines that have been printed


def progress_file() -> Path:
    """$COURSE_PROGRESS, else progress.json in the folder in which a student works.

    Raises `ValueError` where there is no such folder, and where $COURSE_PROGRESS is one.
    """
    if chosen := os.environ.get("COURSE_PROGRESS"):
        path = ROOT / os.path.expanduser(chosen)
        if path.is_dir():
            raise mismatch(
                "", "COURSE_PROGRESS", "the path of a file", f"{shown(str(path))}, which is a folder"
            )
        return path
    return work_folder() / "progress.json"


def note_passed(task_name: str) -> None:
    """Remembers that an exercise is right; when that was first."""

    def add(progress: Remembered) -> None:
        progress["passed"].setdefault(task_name, _now())
        if task_name[:1].isdigit():  # one of a lecture
            progress["last"] = {"name": task_name, "when": _now()}

    _change(add)


def note_guess(name: str, guess: Any) -> None:
    """Remembers a prediction.

    name: such as "01.alexnet_error"
    guess: a number, a text, or a list of them; arrays and tuples become lists
    """
    plain = _plain(guess)

    def add(progress: Remembered) -> None:
        progress["guesses"][name] = {"guess": plain, "when": _now()}
        progress["last"] = {"name": name, "when": _now()}

    _change(add)


def guess_of(name: str) -> Any | None:
    """What was predicted; None where nothing was."""
    found = read_progress()["guesses"].get(name)
    return found.get("guess") if isinstance(found, dict) else None


def guessed() -> set[str]:
    """The names of the predictions that were made; one whose truth was shown without a guess is none."""
    notes = read_progress()["guesses"].items()
    return {name for name, note in notes if isinstance(note, dict) and note.get("guess") not in (None, SHOWN)}


def passed() -> set[str]:
    """The names of the exercises that were right once."""
    return set(read_progress()["passed"])


def last_place() -> dict[str, str]:
    """The "name" of the exercise or prediction that was noted last, and "when"; empty where none was."""
    return {key: value for key, value in read_progress()["last"].items() if isinstance(value, str)}


def read_progress() -> Remembered:
    """All that is remembered, that which could not be written included; a broken file counts as none."""
    try:
        found = _read(progress_file())
    except (OSError, ValueError):
        found = {}
    progress = {part: {**found.get(part, {}), **_unwritten.get(part, {})} for part in PARTS}
    return progress | {"last": _unwritten.get("last") or found.get("last", {})}


def forget_progress() -> bool:
    """Deletes the file; False where there is none. Raises `OSError` where it cannot."""
    _unwritten.clear()
    try:
        progress_file().unlink()
        return True
    except FileNotFoundError:
        return False


def _change(change: Callable[[Remembered], None]) -> None:
    """Changes the file, or only what this Python remembers; a lecture goes on in any case."""
    if grading():
        return
    try:
        path = progress_file()
        with one_at_a_time(path.with_name(f".{path.name}.lock"), PATIENCE):
            found = _read_or_keep_aside(path)
            progress = {**found, **read_progress()}
            change(progress)
            text = json.dumps(progress, indent=1, ensure_ascii=False)
            with replacing_text(path) as file:
                file.write(f"{text}\n")
        _unwritten.clear()
    except (OSError, ValueError, RecursionError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        _say(f"Your progress is not written down ({reason}): it counts until this kernel ends.")
        remembered = {part: dict(_unwritten.get(part, {})) for part in PARTS}
        change(remembered)
        _unwritten.update(remembered)


def _read(path: Path) -> Remembered:
    """What is in the file, {} where there is none; raises `ValueError` where it is broken."""
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except RecursionError as error:
        raise mismatch("", path.name, "JSON", "brackets nested too deeply") from error
    if not isinstance(found, dict) or not all(isinstance(found.get(part, {}), dict) for part in PARTS):
        raise mismatch("", path.name, f"an object with {', '.join(PARTS)}", "something else")
    return found


def _read_or_keep_aside(path: Path) -> Remembered:
    """The same; a broken file gets another name, so that nothing in it is lost."""
    try:
        return _read(path)
    except ValueError:
        kept = path.with_name(f"{path.stem}-broken-{datetime.now():%Y-%m-%d-%H%M%S}{path.suffix}")
        os.replace(path, kept)
        _say(f"{path.name} could not be read: it is kept as {kept.name}, and a new one begins.")
        return {}


def _plain(value: Any) -> Any:
    """A guess as it comes back from a file; what JSON cannot hold, as its text."""
    try:
        return json.loads(json.dumps(value, default=lambda array: array.tolist()))
    except (AttributeError, TypeError, ValueError, RecursionError):
        return shown(value)


def _now() -> str:
    return f"{datetime.now():%Y-%m-%d %H:%M}"


def _say(line: str) -> None:
    """Prints a line, once."""
    if line not in _said:
        _said.add(line)
        print(line)

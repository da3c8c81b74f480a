"""A student's copies of lectures and assignments: made from the course as it is now, and found again."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from lib.assignments.originals import files_of, is_left_by_a_program, original, original_names
from lib.assignments.places import RELEASES, ROOT, short_name
from lib.checks import mismatch
from lib.lessons.copies import refresh
from lib.lessons.placing import place
from lib.lessons.sources import file_fingerprint, source_fingerprint

LECTURES = "lectures"
LARGEST = 20_000_000  # bytes


def update_copies(work: Path, root: Path = ROOT) -> list[str]:
    """Makes copies where they are missing, and brings the others up to date; returns what to read.

    work: the folder for them
    root: of the course

    Raises `FileNotFoundError` where the course has no lectures.
    """
    files = sorted(path for path in (root / LECTURES).rglob("*") if _comes_along(path, root / LECTURES))
    lectures = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
    if not any(path.endswith(".ipynb") for path in lectures):
        raise FileNotFoundError(
            f"lectures: expected notebooks in {root / LECTURES}, got none; install the course from its own "
            "folder (pip install -e .), and fetch missing files again (git checkout -- lectures)"
        )
    first = _written_into_lectures(work, root, lectures)
    assignments: dict[str, bytes] = {}
    broken = {}
    for name in original_names(root):
        folder = f"{RELEASES}/{name}/"
        try:
            released = {f"{folder}{path}": content for path, content in original(name, root)[1].items()}
        except ValueError as error:
            broken[folder] = str(error)
            continue
        first |= _written_into_release(work, root, name, released)
        assignments |= released
    return [*broken.values(), *refresh(work, lectures | assignments, first, tuple(broken))]


def _comes_along(path: Path, folder: Path) -> bool:
    """Whether a file is a lecture or what one shows; a net that somebody has trained there is neither."""
    if path.is_symlink() or not path.is_file() or is_left_by_a_program(path.relative_to(folder)):
        return False
    return path.stat().st_size <= LARGEST


def _written_into_lectures(work: Path, root: Path, lectures: Mapping[str, bytes]) -> dict[str, bytes]:
    """Lectures into which somebody has written before there were copies, as git sees it: path → content."""
    if all((work / path).exists() for path in lectures) or not (root / ".git").exists():
        return {}
    changed = _git(root, "diff", "--name-only", "--no-ext-diff", "-z", "--relative", "HEAD", "--", LECTURES)
    before = {
        path: _git(root, "show", f"HEAD:./{path}")
        for path in changed.decode("utf-8", "replace").split("\0")
        if path
    }
    return _with_other_sources(lectures, before)


def _git(root: Path, *words: str) -> bytes:
    """What git says; nothing where there is no git, or where it does not like the folder."""
    try:
        run = subprocess.run(["git", "-C", str(root), *words], capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return run.stdout if run.returncode == 0 else b""


def _written_into_release(
    work: Path, root: Path, name: str, released: Mapping[str, bytes]
) -> dict[str, bytes]:
    """The same of an assignment; a student's own files in its folder are copied at once."""
    folder, theirs = work / RELEASES / name, root / RELEASES / name
    if folder.exists() or not theirs.is_dir():
        return {}
    there = {f"{RELEASES}/{name}/{path}": content for path, content in files_of(theirs).items()}
    for path in there.keys() - released.keys():
        with suppress(OSError):  # such as a full disk, of which the copies tell
            place(work / path, there[path])
    return _with_other_sources(there, released)


def _with_other_sources(now: Mapping[str, bytes], before: Mapping[str, bytes]) -> dict[str, bytes]:
    """Of the files that are in both, those into which somebody has written."""
    return {
        path: now[path]
        for path, content in before.items()
        if path in now and source_fingerprint(now[path]) != source_fingerprint(content)
    }


def assignment_folder(full: str, work: Path, root: Path = ROOT) -> Path:
    """Where a student works on an assignment: the copy, unless only the course's own folder is written into.

    full: name of the assignment
    """
    copy, own = work / RELEASES / full, root / RELEASES / full
    if not copy.exists() or not own.exists():
        return copy if copy.exists() else own
    released = source_fingerprint(original(full, root)[1].get(f"{full}.ipynb", b""))
    ours, theirs = (file_fingerprint(folder / f"{full}.ipynb") for folder in (copy, own))
    return own if ours == released and theirs not in ("", released) else copy


def notebook_for(task: str, work: Path, root: Path = ROOT) -> Path:
    """The notebook in which a student works on a task; raises `ValueError` where there is none.

    task: its name, such as "a2.linear" or "05.add_gate"
    """
    part = task.partition(".")[0]
    if part.isdigit():
        found = [work / path.relative_to(root) for path in sorted((root / LECTURES).glob(f"{part}_*.ipynb"))]
        expected = f"a notebook {LECTURES}/{part}_…"
    else:
        names = [full for full in original_names(root) if short_name(full) == part]
        found = [assignment_folder(full, work, root) / f"{full}.ipynb" for full in names]
        expected = f"a notebook in {RELEASES}/{part}_…"
    there = [path for path in found if path.is_file()]
    if not there:
        raise mismatch("", "file", expected, "none", f"name yours: course check {part} FILE")
    return there[0]

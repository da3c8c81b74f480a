"""A class beside itself: its code by task, what is known to all, and the pairs that share the most."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lib.assignments.cells import Notebook, grade_id, read_notebook
from lib.assignments.originals import original, original_names
from lib.assignments.places import ROOT, short_name
from lib.grading.feedback.page import Section, headings, task_title
from lib.grading.places import SUBMITTED, result_file
from lib.grading.results import load_result
from lib.grading.similarity.fingerprints import all_grams, fingerprints
from lib.grading.similarity.normal import WordStream, is_python, lexed_stream, streams
from lib.grading.similarity.ranking import Alike, Common, alike_in_slips, alike_in_task, ranked
from lib.grading.similarity.slips import slip_sentences
from lib.grading.similarity.written import ELSEWHERE, Asked, asked, submitted_code
from lib.tasks.copied import course_sources

LAST_YEAR = " (last year)"
Codes = dict[str, dict[str, str]]  # submission → task → text


@dataclass(frozen=True)
class ComparedClass:
    """A class, compared.

    assignment: in full
    codes: submission → task → text
    known: grams that say nothing: of the release, the library and the lectures
    pairs: those with most in common first
    titles: task → what the assignment calls it
    """

    assignment: str
    codes: Mapping[str, Mapping[str, str]]
    known: Collection[int]
    pairs: Sequence[Alike]
    titles: Mapping[str, str] = field(default_factory=dict)

    def in_words(self, common: Common) -> str:
        """What two submissions have in common in a task."""
        said = [f"{common.share:.0%} of the rarer code"] if common.share else []
        if common.slips:
            told = " ".join(f"“{sentence}”" for sentence in slip_sentences(common.task, common.slips))
            said.append(f"the same rare wrong answer: {told}")
        return f"{self.titles.get(common.task, common.task)}: {' and '.join(said)}"


def compared(
    name: str,
    root: Path = ROOT,
    last_year: Path | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> ComparedClass:
    """All submissions of an assignment beside each other.

    name: such as "a2"
    last_year: a folder of other submissions, or a course of another year; compared with this year's alone
    say: is told what happens

    Raises `ValueError` where there is no such assignment, and where nobody has handed it in.
    """
    full, files = original(name, root)
    release = read_notebook(files[f"{full}.ipynb"], full)
    releases, wanted = [release], asked(release)
    folders = submissions_in(root / SUBMITTED, full)
    if not folders:
        advice = f"`course submissions import {short_name(full)} DOWNLOAD.zip` takes them in"
        raise ValueError(f"{full}: expected submissions in {SUBMITTED}/ID/{full}, got none; {advice}")
    if last_year is not None:
        inside = last_year / SUBMITTED if (last_year / SUBMITTED).is_dir() else last_year
        older = submissions_in(inside, full) or submissions_in(inside, "")
        if not older:
            raise ValueError(f"{last_year}: expected submissions as ID/{full}, got none")
        folders |= {f"{student}{LAST_YEAR}": folder for student, folder in older.items()}
        if full in original_names(last_year):
            releases.append(read_notebook(original(full, last_year)[1][f"{full}.ipynb"], full))
            wanted = with_sources(wanted, releases[1])
    say(f"reading {len(folders)} submission{'' if len(folders) == 1 else 's'}")
    codes: Codes = {student: submitted_code(folder, wanted) for student, folder in folders.items()}
    say("comparing them")
    known = known_grams(releases)
    slips = slips_of([student for student in folders if not student.endswith(LAST_YEAR)], full, root)
    pairs = ranked(pairs_by_task(codes, known, slips, releases))
    return ComparedClass(full, codes, known, pairs, titles_by_task(release, wanted))


def titles_by_task(release: Notebook, wanted: Asked) -> dict[str, str]:
    """Task → the heading below which it is answered or checked; its name, too, where others stand there."""
    sections: list[Section] = []
    found: dict[str, str] = {}
    for cell in release.cells:
        if cell.cell_type == "markdown":
            sections += headings(cell.source)
        elif sections:
            checked = {task for task in wanted.tasks if f'"{task}"' in cell.source}
            for task in {wanted.cells.get(grade_id(cell), ELSEWHERE), *checked} - {ELSEWHERE}:
                found.setdefault(task, task_title(sections))
    several = {title for title, count in Counter(found.values()).items() if count > 1}
    return {task: f"{title} ({task})" if title in several else title for task, title in found.items()}


def submissions_in(folder: Path, assignment: str) -> dict[str, Path]:
    """Student → folder with the files, in order; assignment: "" where the files lie in the student's own."""
    places = {path.name: path / assignment for path in sorted(folder.glob("[!.]*")) if path.is_dir()}
    return {student: place for student, place in places.items() if place.is_dir()}


def with_sources(wanted: Asked, release: Notebook) -> Asked:
    """What is asked for; the cells of another year's release say nothing either."""
    return Asked(wanted.tasks, wanted.cells, wanted.sources | asked(release).sources)


def known_grams(releases: Iterable[Notebook]) -> frozenset[int]:
    """What every student has before them: the release, the library, the lectures with what they fold away."""
    given = [cell.source for release in releases for cell in release.cells if cell.cell_type == "code"]
    return _course_grams() | all_grams(stream for text in given for stream in streams(text))


def known_words(releases: Iterable[Notebook]) -> frozenset[int]:
    """The same, read word by word."""
    given = [cell.source for release in releases for cell in release.cells if cell.cell_type == "code"]
    return _course_words() | all_grams(lexed_stream(text) for text in given)


@functools.cache
def _course_grams() -> frozenset[int]:
    return frozenset(all_grams(stream for _, text in course_sources() for stream in streams(text)))


@functools.cache
def _course_words() -> frozenset[int]:
    return frozenset(all_grams(lexed_stream(text) for _, text in course_sources()))


def slips_of(students: Iterable[str], assignment: str, root: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Task → student → the wrong answers that theirs equals; nothing of those who are not graded yet."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for student in students:
        try:
            result = load_result(result_file(student, assignment, root))
        except (OSError, ValueError):
            continue
        for task in result.tasks:
            found.setdefault(task.task, {})[student] = task.slips
    return found


def pairs_by_task(
    codes: Codes,
    known: Collection[int],
    slips: Mapping[str, Mapping[str, tuple[str, ...]]],
    releases: Sequence[Notebook],
) -> dict[str, list[tuple[str, str, Common]]]:
    """Task → the pairs that share rare code or a rare wrong answer in it."""
    old = {name for name in codes if name.endswith(LAST_YEAR)}
    found = {}
    for task in sorted({task for code in codes.values() for task in code} | set(slips)):
        texts = {name: code[task] for name, code in codes.items() if task in code}
        prints = {name: fingerprints(streams(text), known) for name, text in texts.items()}
        best = {pair[:2]: pair for pair in alike_in_task(task, prints, old)}
        broken = {name for name, text in texts.items() if not is_python(text)}
        if broken:
            plain = known_words(releases)
            words = {name: fingerprints([lexed_stream(text)], plain) for name, text in texts.items()}
            for pair in alike_in_task(task, words, old):
                before = best.get(pair[:2])
                if broken.intersection(pair[:2]) and (not before or before[2].weight < pair[2].weight):
                    best[pair[:2]] = pair
        found[task] = [*best.values(), *alike_in_slips(task, slips.get(task, {}), old)]
    return found


def readings(one: str, other: str) -> tuple[list[WordStream], list[WordStream]]:
    """Two texts as streams that can be compared: word by word where one is no Python."""
    if is_python(one) and is_python(other):
        return streams(one), streams(other)
    return [lexed_stream(one)], [lexed_stream(other)]

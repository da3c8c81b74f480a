"""The map of the course with a student's progress: a table in the terminal, and as HTML in lecture 00."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from lib.lessons.outline import LectureOutline, anchor, outlines, plain_text
from lib.lessons.progress import guessed, last_place, read_progress
from lib.lessons.work import ROOT

STYLE = Path(__file__).with_name("progress_map.css")


@dataclass(frozen=True)
class LectureRow:
    """A lecture with what was done of it: how many exercises passed and predictions made, of how many."""

    number: str
    title: str
    file: str
    passed: int
    exercises: int
    guessed: int
    predictions: int


@dataclass(frozen=True)
class ProgressMap:
    """The lectures in order, and where one was last: file, title, section and day; "" for nowhere."""

    rows: Sequence[LectureRow]
    file: str = ""
    lecture: str = ""
    section: str = ""
    when: str = ""

    def __str__(self) -> str:
        """For the terminal."""
        wide = max((len(row.title) for row in self.rows), default=0)
        lines = [f"{'lecture':{wide}}  exercises  predictions"]
        for row in self.rows:
            done, made = _of(row.passed, row.exercises), _of(row.guessed, row.predictions)
            here = "  ← last" if row.file == self.file else ""
            lines.append(f"{row.title:{wide}}  {done:>9}  {made:>11}{here}".rstrip())
        total = [sum(getattr(row, name) for row in self.rows) for name in ("passed", "exercises", "guessed")]
        total.append(sum(row.predictions for row in self.rows))
        lines.append(f"{'all':{wide}}  {_of(*total[:2]):>9}  {_of(*total[2:]):>11}".rstrip())
        if self.lecture:
            place = f", section “{plain_text(self.section)}”" if self.section else ""
            lines.append(f"\nLast: {self.lecture}{place} ({self.when})")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """A table that a screen reader reads as one; bars only repeat what the numbers say."""
        rows = []
        for row in self.rows:
            here = ' aria-current="true"' if row.file == self.file else ""
            mark = ' <span class="course-map-here">you were here</span>' if here else ""
            rows.append(
                f'<tr{here}><th scope="row"><a href="{escape(row.file)}">{escape(row.title)}</a>{mark}</th>'
                f"<td>{_bar(row.passed, row.exercises)}</td>"
                f"<td>{_bar(row.guessed, row.predictions)}</td></tr>"
            )
        last = ""
        if self.lecture:
            link = escape(f"{self.file}#{anchor(self.section)}" if self.section else self.file)
            words = escape(f"{self.lecture}: {plain_text(self.section)}" if self.section else self.lecture)
            last = f'<p>Go on where you were on {escape(self.when)}: <a href="{link}">{words}</a></p>'
        return (
            f'<style>{STYLE.read_text("utf-8")}</style><div class="course-map"><table>'
            "<caption>Your progress. It is kept on this computer only.</caption>"
            '<thead><tr><th scope="col">Lecture</th><th scope="col">Exercises passed</th>'
            f'<th scope="col">Predictions made</th></tr></thead><tbody>{"".join(rows)}</tbody></table>'
            f"{last}</div>"
        )


def progress_map(folder: Path = ROOT / "lectures") -> ProgressMap:
    """The map as it is now.

    folder: of the lectures
    """
    lectures, progress, made, last = outlines(folder), read_progress(), guessed(), last_place()
    rows = [
        LectureRow(
            each.number, each.title, each.file,
            len(progress["passed"].keys() & each.exercises.keys()), len(each.exercises),
            len(made & each.predictions.keys()), len(each.predictions),
        )
        for each in lectures
    ]  # fmt: skip
    lecture = next((each for each in lectures if _is_of(last, each)), None)
    if lecture is None:
        return ProgressMap(rows)
    section = lecture.section_of(last.get("name", ""))
    return ProgressMap(rows, lecture.file, lecture.title, section, last.get("when", ""))


def show_map() -> None:
    """Shows the map of the course, with your progress."""
    from IPython.display import display

    display(progress_map())


def _is_of(last: dict[str, str], lecture: LectureOutline) -> bool:
    return last.get("name", "").partition(".")[0] == lecture.number


def _of(done: int, all_there_are: int) -> str:
    return f"{done} of {all_there_are}" if all_there_are else "–"


def _bar(done: int, all_there_are: int) -> str:
    """The numbers, and a bar as long as the share that is done."""
    if not all_there_are:
        return '<span aria-label="none">–</span>'
    share = 100 * done / all_there_are
    bar = f'<span class="course-map-bar" aria-hidden="true"><span style="width: {share:.0f}%"></span></span>'
    return f"{bar} {_of(done, all_there_are)}"

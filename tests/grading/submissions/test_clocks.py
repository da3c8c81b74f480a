"""Late or not, newer or not: also in the night in which the clocks change, and in any time zone."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

import pytest
from uploaded import handed_in, laid, small_class, text_of

from lib.grading.submissions.forget import date_of, purge_before
from lib.grading.submissions.importing import import_submissions
from lib.grading.submissions.kept import Note, local_time, moment, read_note, write_note

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
)
SUMMER, WINTER = "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"  # both are 02:30 in Berlin
pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows asks its own settings")


@pytest.fixture
def zone(monkeypatch):
    """Sets the computer's time zone."""

    def lives_in(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield lives_in
    monkeypatch.undo()
    time.tzset()


def sent(root, at, text="x", **more):
    """Imports ada's file of this moment."""
    laid(root / "in", {"a1-ada.zip": handed_in("ada", text)})
    seconds = datetime.fromisoformat(at).timestamp()
    os.utime(root / "in" / "a1-ada.zip", (seconds, seconds))
    return import_submissions("a1", root / "in", root, **more)


@pytest.mark.family(share=3)
@pytest.mark.parametrize("place", ZONES)
@pytest.mark.parametrize(
    ("at", "deadline", "late"),
    [
        (SUMMER, "2026-10-25T02:45+02:00", False),
        (WINTER, "2026-10-25T02:45+02:00", True),
        (WINTER, "2026-10-25T02:45+01:00", False),
        (SUMMER, "2026-10-25T00:29Z", True),
        (SUMMER, "2026-10-25T00:31Z", False),
        ("2026-03-29T01:59+01:00", "2026-03-29T03:00+02:00", False),
        ("2026-03-29T03:01+02:00", "2026-03-29T03:00+02:00", True),
    ],
)
def test_a_deadline_with_an_offset_means_one_moment_everywhere(tmp_path, zone, place, at, deadline, late):
    zone(place)
    root = small_class(tmp_path)
    report = sent(root, at, deadline=date_of(deadline))
    assert report.late == (["ada"] if late else [])
    again = import_submissions("a1", root / "in", root, deadline=date_of(deadline))
    assert (again.unchanged, again.late) == (["ada"], report.late)


def test_of_two_versions_in_the_hour_that_comes_twice_the_newer_counts(tmp_path, zone):
    zone("Europe/Berlin")
    root = small_class(tmp_path)
    assert sent(root, "2026-10-25T02:50+02:00", "first").taken == ["ada"]
    assert sent(root, "2026-10-25T02:10+01:00", "second").taken == ["ada"]
    assert sent(root, "2026-10-25T02:40+02:00", "oldest").taken == []
    assert text_of(root, "ada") == "second"


@pytest.mark.family(share=3)
@pytest.mark.parametrize("place", ZONES)
@pytest.mark.parametrize("at", [SUMMER, WINTER, "2026-03-29T01:30Z", "2026-12-31T23:59:59Z"])
def test_a_note_keeps_the_moment_also_where_the_zone_changes(tmp_path, zone, place, at):
    zone(place)
    write_note(tmp_path, Note(local_time(at)))
    stamp = f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%d %H:%M}"
    assert (tmp_path / "timestamp.txt").read_text().startswith(stamp)
    zone("Asia/Tokyo")
    when = read_note(tmp_path).when
    assert when is not None
    assert moment(when) == datetime.fromisoformat(at).timestamp()


def test_notes_of_an_earlier_version_without_an_offset_are_read(tmp_path, zone):
    zone("Europe/Berlin")
    (tmp_path / ".submission.json").write_text('{"when": "2026-11-28 13:00:00", "late": true, "sure": true}')
    assert read_note(tmp_path) == Note(datetime(2026, 11, 28, 13), True, True)


@pytest.mark.parametrize(("before", "goes"), [(SUMMER, False), (WINTER, True), ("2026-10-25T00:35Z", False)])
def test_purge_goes_by_moments(tmp_path, zone, before, goes):
    zone("Europe/Berlin")
    laid(tmp_path, {"grading/backups/g.db": b""})
    seconds = datetime.fromisoformat("2026-10-25T00:45Z").timestamp()
    os.utime(tmp_path / "grading/backups/g.db", (seconds, seconds))
    assert bool(purge_before(date_of(before), tmp_path, yes=lambda what: True)) == goes


@pytest.mark.parametrize("year", [1, 1900, 1969, 2400, 9999])
@pytest.mark.family(share=3)
@pytest.mark.parametrize("place", ZONES)
def test_a_time_that_no_calendar_has_stops_nobody(tmp_path, zone, place, year):
    zone(place)
    when = datetime(year, 12, 31, 23, 59)
    assert moment(when) < moment(datetime(9999, 12, 31, 23, 59, 59))
    write_note(tmp_path, Note(when))
    assert read_note(tmp_path).when is not None


def test_a_day_alone_as_a_deadline_lasts_until_its_end():
    assert date_of("2026-11-28", ends=True) == datetime(2026, 11, 28, 23, 59, 59)
    assert date_of("20261128", ends=True) == datetime(2026, 11, 28, 23, 59, 59)
    assert date_of("2026-11-28 00:00", ends=True) == datetime(2026, 11, 28)
    assert date_of("2026-11-28") == datetime(2026, 11, 28)

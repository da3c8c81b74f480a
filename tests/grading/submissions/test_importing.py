"""Downloads of learning platforms are imported as they are, and nobody is guessed."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta

import pytest
from uploaded import FULL, NOON, OTHER, ROSTER, handed_in, laid, nb, small_class, text_of, zipped

from lib.assignments.archive import packed
from lib.assignments.originals import ORIGINALS, original, original_names
from lib.assignments.places import ROOT
from lib.grading.intake.take_in import take_in
from lib.grading.places import submission_folder
from lib.grading.submissions.importing import import_submissions
from lib.grading.submissions.kept import late_flag, read_note, versions
from lib.grading.submissions.roster import Person, read_roster


@pytest.fixture
def root(tmp_path):
    return small_class(tmp_path / "course")


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER)
    return read_roster(path)


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "download"
    folder.mkdir()
    return folder


NOBODY = "nobody of the roster has this name or number"
MOODLE, CANVAS = "Ada Lovelace_12345_assignsubmission_file_", "lovelaceada_12345_67890_"
ONE = {  # what is in a download → whether only a roster says whose it is
    "as it was handed in": ({"a1-ada.zip": handed_in("ada")}, False),
    "renamed": ({"a1-ada (1).zip": handed_in("ada"), "readme.txt": b""}, False),
    "renamed altogether": ({"final version!!.zip": handed_in("ada")}, False),
    "zip in capitals": ({"A1-ADA.ZIP": handed_in("ada")}, False),
    "unpacked": ({f"ada/{FULL}/{FULL}.ipynb": nb("ada")}, False),
    "unpacked, with folders above": ({f"x/y/ada/{FULL}/{FULL}.ipynb": nb("ada")}, False),
    "Moodle": ({f"{MOODLE}/a1-ada.zip": handed_in("ada")}, False),
    "Moodle without folders": ({f"{MOODLE}a1-ada.zip": handed_in("ada")}, False),
    "Moodle, unpacked": ({f"{MOODLE}/ada/{FULL}/{FULL}.ipynb": nb("ada")}, False),
    "Canvas": ({f"{CANVAS}a1-ada.zip": handed_in("ada")}, False),
    "Canvas, a later one": ({f"{CANVAS}a1-ada-2.zip": handed_in("ada")}, False),
    "an archive in an archive": ({"all.zip": zipped({"a1-ada.zip": handed_in("ada")})}, False),
    "another name of somebody": ({"bob.zip": handed_in("ada")}, False),
    "Moodle's notebook": ({f"{MOODLE}/{FULL}.ipynb": nb("ada")}, True),
    "Moodle's folder in a folder": ({f"{MOODLE}/{FULL}/{FULL}.ipynb": nb("ada")}, True),
    "Moodle's archive": ({f"{MOODLE}/x.zip": packed({f"{FULL}/{FULL}.ipynb": nb("ada")})}, True),
    "Moodle's archive of assignments": (
        {f"{MOODLE}/x.zip": packed({f"assignments/{FULL}/{FULL}.ipynb": nb("ada")})}, True),
    "Moodle, last name first": ({f"Lovelace Ada_9_assignsubmission_file_/{FULL}.ipynb": nb("ada")}, True),
    "Canvas' notebook": ({f"{CANVAS}{FULL}.ipynb": nb("ada")}, True),
    "Canvas' notebook, a later one": ({f"{CANVAS}{FULL}-1.ipynb": nb("ada")}, True),
    "a notebook by id": ({"ada.ipynb": nb("ada")}, True),
    "a notebook by assignment and id": ({"a1-ada.ipynb": nb("ada")}, True),
    "a notebook by id and assignment": ({"ada_a1.ipynb": nb("ada")}, True),
    "a copy of a notebook by id": ({"ada (1).ipynb": nb("ada")}, True),
    "a notebook by name": ({"Ada Lovelace.ipynb": nb("ada")}, True),
    "a notebook by address": ({"ada@example.org.ipynb": nb("ada")}, True),
    "a folder by id": ({"ada/mine.ipynb": nb("ada")}, True),
    "a folder by name in a folder": ({f"group 1/Lovelace, Ada/{FULL}.ipynb": nb("ada")}, True),
    "an archive by id": ({"ada.zip": packed({f"{FULL}.ipynb": nb("ada")})}, True),
    "an archive by name": ({"a1 Ada Lovelace.zip": packed({"x/y.ipynb": nb("ada")})}, True),
    "a mistyped id, with a name": ({f"{MOODLE}/a1-adda.zip": handed_in("adda", "ada")}, True),
}  # fmt: skip


def taken_text(root, student="ada"):
    folder = root / "submitted" / student / FULL
    (path,) = folder.rglob("*.ipynb")
    return text_of(root, student, path.relative_to(folder).as_posix())


@pytest.mark.family(share=3)
@pytest.mark.parametrize("wrapped", ["folder", "archive", "archive of a folder"])
@pytest.mark.parametrize("name", ONE)
def test_a_submission_is_found_in_any_wrapping(name, wrapped, root, place, people):
    files, _ = ONE[name]
    if wrapped == "folder":
        source = laid(place, files)
    else:
        top = "a1 download/" if wrapped == "archive of a folder" else ""
        source = place / "download.zip"
        source.write_bytes(zipped({top + path: content for path, content in files.items()}))
    report = import_submissions("a1", source, root, roster=people)
    assert (report.taken, report.unmatched, report.refused) == (["ada"], [], [])
    assert report.missing == ["bob", "eve"]
    assert taken_text(root) == "ada"
    again = import_submissions("a1", source, root, roster=people)
    assert (again.taken, again.unchanged) == ([], ["ada"])
    assert versions("ada", FULL, root) == []


@pytest.mark.parametrize("name", ONE)
def test_without_a_roster_only_the_id_inside_counts(name, root, place):
    files, needs_roster = ONE[name]
    report = import_submissions("a1", laid(place, files), root)
    if not needs_roster:
        assert report.taken == ["ada"]
    elif "mistyped" in name:
        assert report.taken == ["adda"]
    else:
        assert report.taken == []
        assert [why for _, why in report.unmatched] == ["no id is in it, and there is no roster"]
        assert not (root / "submitted").exists()


def test_a_class_from_moodle(root, place, people):
    source = place / "CS-a1-12.zip"
    source.write_bytes(zipped({
        f"{MOODLE}/a1-ada.zip": handed_in("ada"),
        "Bob Smith_12346_assignsubmission_file_/Untitled.ipynb": nb("bob"),
        "Bob Smith_12346_assignsubmission_onlinetext_/onlinetext.html": b"hello",
        "Ève Müller_12347_assignsubmission_file_/notes.pdf": b"%PDF",
        "Somebody Else_12348_assignsubmission_file_/x.ipynb": nb(),
    }))  # fmt: skip
    report = import_submissions("a1", source, root, roster=people)
    assert report.taken == ["ada", "bob", "eve"]
    assert report.unmatched == [("CS-a1-12.zip/Somebody Else_12348_assignsubmission_file_", NOBODY)]
    assert report.passed == 1
    assert (root / "submitted/eve/a1_small/notes.pdf").read_bytes() == b"%PDF"


def test_a_class_from_canvas(root, place):
    people = [Person("ada", "Lovelace, Ada", lms="11"), Person("bob", "Smith, Bob", lms="12")]
    source = place / "submissions.zip"
    source.write_bytes(zipped({
        "lovelaceada_LATE_11_501_a1-ada.zip": handed_in("ada"),
        "smithbob_12_502_a1_small-1.ipynb": nb("bob"),
        "smithbob_12_503_helpers.py": b"x = 1",
    }))  # fmt: skip
    report = import_submissions("a1", source, root, roster=people)
    assert (report.taken, report.late) == (["ada", "bob"], ["ada"])
    assert text_of(root, "bob") == "bob"
    assert (root / "submitted/bob/a1_small/helpers.py").read_bytes() == b"x = 1"
    assert [flag.kind for flag in late_flag(submission_folder("ada", FULL, root))] == ["late"]
    assert late_flag(submission_folder("bob", FULL, root)) == ()


def test_everything_in_one_archive(root, place, people):
    source = place / "everything.zip"
    source.write_bytes(zipped({
        "week 1/moodle.zip": zipped({f"{MOODLE}/a1-ada.zip": handed_in("ada")}),
        "week 1/bob.zip": packed({"work/a1_small.ipynb": nb("bob")}),
        "eve/a1_small.ipynb": nb("eve"),
        "eve/a2_other.ipynb": nb("eve"),
        "roster.csv": b"id",
    }))  # fmt: skip
    report = import_submissions("a1", source, root, roster=people)
    assert report.taken == ["ada", "bob", "eve"]
    assert report.passed == 2


def test_an_archive_of_several_people_in_a_folder(root, place, people):
    laid(place, {"class.zip": packed({f"{name}/{FULL}.ipynb": nb(name) for name in ("ada", "bob", "eve")})})
    assert import_submissions("a1", place, root, roster=people).taken == ["ada", "bob", "eve"]


def test_other_assignments_are_passed_over(root, place, people):
    laid(place, {
        "a2-ada.zip": handed_in("ada", full=OTHER),
        f"bob/{OTHER}.ipynb": nb(),
        "a2_eve.ipynb": nb(),
        "all.zip": zipped({"a1-ada.zip": handed_in("ada"), "a2-ada.zip": handed_in("ada", full=OTHER)}),
    })  # fmt: skip
    report = import_submissions("a1", place, root, roster=people)
    assert (report.taken, report.unmatched, report.passed) == (["ada"], [], 4)


def test_the_newest_upload_counts_and_the_others_are_named(root, place, people):
    source = place / "all.zip"
    old = zipped({f"{MOODLE}/a1-ada.zip": handed_in("ada", "old")}, NOON)
    new = zipped({f"{MOODLE}/a1-ada.zip": handed_in("ada", "new")}, NOON + timedelta(hours=1))
    source.write_bytes(zipped({"one.zip": new, "two.zip": old}))
    report = import_submissions("a1", source, root, roster=people)
    assert text_of(root, "ada") == "new"
    assert report.doubled == [
        ("ada", f"all.zip/one.zip/{MOODLE}/a1-ada.zip/ada/a1_small counts, "
                f"and not all.zip/two.zip/{MOODLE}/a1-ada.zip/ada/a1_small")
    ]  # fmt: skip


def test_of_files_on_disk_the_newest_counts(root, place, people):
    laid(place, {"a1-ada.zip": handed_in("ada", "new"), "a1-ada (1).zip": handed_in("ada", "old")})
    os.utime(place / "a1-ada (1).zip", (10**9, 10**9))
    report = import_submissions("a1", place, root, roster=people)
    assert text_of(root, "ada") == "new"
    assert len(report.doubled) == 1


def test_of_files_of_one_time_the_higher_number_counts(root, place):
    source = place / "all.zip"
    source.write_bytes(zipped({"a1-ada.zip": handed_in("ada", "1"), "a1-ada (1).zip": handed_in("ada", "2")}))
    import_submissions("a1", source, root)
    assert text_of(root, "ada") == "2"


def test_a_time_in_the_name_counts(root, place):
    laid(place, {
        "a1_ada_attempt_2026-11-28-23-00-00_a1-ada.zip": handed_in("ada", "new"),
        "a1_ada_attempt_2026-11-27-23-00-00_a1-ada.zip": handed_in("ada", "old"),
    })  # fmt: skip
    import_submissions("a1", place, root)
    assert text_of(root, "ada") == "new"
    assert read_note(root / "submitted/ada/a1_small").when == datetime(2026, 11, 28, 23)


def test_a_new_version_takes_the_place_of_the_old_one_which_is_kept(root, place):
    source = place / "a1.zip"
    for hour, text in enumerate(("first", "second", "third")):
        source.write_bytes(zipped({"a1-ada.zip": handed_in("ada", text)}, NOON + timedelta(hours=hour)))
        assert import_submissions("a1", source, root).taken == ["ada"]
    assert text_of(root, "ada") == "third"
    kept = versions("ada", FULL, root)
    assert len(kept) == 2
    assert '"first"' in (kept[0] / f"{FULL}.ipynb").read_text()
    assert all(root / "grading" in path.parents for path in kept)


def test_an_older_version_does_not_take_the_place_of_a_newer_one(root, place):
    source = place / "a1.zip"
    for hours, text in ((2, "new"), (1, "old")):
        source.write_bytes(zipped({"a1-ada.zip": handed_in("ada", text)}, NOON + timedelta(hours=hours)))
        report = import_submissions("a1", source, root)
    assert report.taken == []
    assert text_of(root, "ada") == "new"
    assert report.doubled[0][1].endswith("is older than what is there, which counts")


def test_deadlines(root, place):
    source = place / "a1.zip"

    def late(hours, text, deadline):
        source.write_bytes(zipped({"a1-ada.zip": handed_in("ada", text)}, NOON + timedelta(hours=hours)))
        return bool(import_submissions("a1", source, root, deadline=deadline).late)

    assert not late(0, "x", NOON)
    assert not late(1, "x", NOON), "the same once more: the first time counts"
    assert late(2, "y", NOON)
    assert late(2, "y", None), "what is known is not forgotten"
    assert not late(2, "y", NOON + timedelta(hours=3)), "a deadline may be moved"
    assert late(2, "y", NOON)


def test_times_of_a_download_make_nobody_late(root, place):
    source = place / "moodle.zip"
    source.write_bytes(zipped({"a1-ada.zip": handed_in("ada"), "a1-bob.zip": handed_in("bob")}, NOON))
    report = import_submissions("a1", source, root, deadline=NOON - timedelta(days=1))
    assert report.late == []
    ((where, why),) = report.noted
    assert where == "moodle.zip"
    assert why.startswith("all bear a time from 2026-11-28 12:00 to 12:00, which may be that of the download")
    assert not (root / "submitted/ada/a1_small/timestamp.txt").exists()
    assert import_submissions("a1", source, root, deadline=NOON - timedelta(days=1)).late == []


def test_nbgrader_reads_the_time(root, place, monkeypatch):
    from nbgrader.coursedir import CourseDirectory

    monkeypatch.setenv("TZ", "Asia/Kolkata")
    import time

    time.tzset()
    try:
        source = place / "a1.zip"
        source.write_bytes(zipped({"a1-ada.zip": handed_in("ada")}, NOON))
        import_submissions("a1", source, root)
    finally:
        monkeypatch.undo()
        time.tzset()
    when = CourseDirectory().get_existing_timestamp(str(root / "submitted/ada/a1_small"))
    assert when == datetime(2026, 11, 28, 6, 30)


def test_nobody_is_guessed(root, place):
    people = [
        Person("ada1", "Ada Lovelace"), Person("ada2", "Ada Lovelace"), Person("bob", "Bob"),
        Person("smith", "Eve Smith"),
    ]  # fmt: skip
    files = {
        "Ada Lovelace.ipynb": "it may be of ada1 or ada2",
        "ada.ipynb": NOBODY,
        "bobby.ipynb": NOBODY,
        "bob/smith.ipynb": "it may be of bob or smith",
        "Untitled.ipynb": NOBODY,
    }
    report = import_submissions("a1", laid(place, dict.fromkeys(files, nb())), root, roster=people)
    assert dict(report.unmatched) == files
    assert report.taken == []
    assert report.missing == ["ada1", "ada2", "bob", "smith"]


def test_somebody_elses_id_inside_is_said_and_does_not_push_out_their_own(root, place, people):
    source = place / "moodle.zip"
    source.write_bytes(zipped({
        "Ève Müller_3_assignsubmission_file_/a1-bob.zip": handed_in("bob", "eve's"),
    }, NOON + timedelta(hours=9)))  # fmt: skip
    laid(place, {"bob/a1-bob.zip": handed_in("bob", "bob's")})
    os.utime(place / "bob/a1-bob.zip", (10**9, 10**9))
    report = import_submissions("a1", place, root, roster=people)
    assert report.taken == ["bob"]
    assert text_of(root, "bob") == "bob's"
    only = import_submissions("a1", source, small_class(place / "other"), roster=people)
    assert only.taken == ["bob"]
    assert only.noted[-1][1] == "it lies where eve uploads, and says bob inside"


def test_a_number_and_a_name_of_two_people_are_nobodys(root, place):
    people = [Person("ada", "Ada Lovelace", lms="1"), Person("bob", "Bob Smith", lms="2")]
    laid(place, {"Ada Lovelace_2_assignsubmission_file_/x.ipynb": nb()})
    report = import_submissions("a1", place, root, roster=people)
    assert [why for _, why in report.unmatched] == ["it may be of ada or bob"]


def test_an_archive_under_any_name_may_be_the_source(root, place):
    laid(place, {"download": zipped({"a1-ada.zip": handed_in("ada")})})
    assert import_submissions("a1", place / "download", root).taken == ["ada"]


@pytest.mark.parametrize("name", original_names(ROOT))
def test_what_was_handed_in_of_the_course_itself_is_graded_without_a_flag(name, tmp_path):
    files = original(name, ROOT)[1]
    shutil.copytree(ROOT / ORIGINALS, tmp_path / "course" / ORIGINALS)
    inside = packed({f"ada/{name}/{path}": content for path, content in files.items()})
    laid(tmp_path, {"download/a-ada (1).zip": inside})
    report = import_submissions(name, tmp_path / "download", tmp_path / "course")
    assert report.taken == ["ada"]
    intake = take_in(name, tmp_path / "course" / "submitted" / "ada" / name, tmp_path / "course")
    assert (intake.flags, intake.files) == ((), {})


def test_the_id_inside_may_be_another_one_of_the_same_person(root, place):
    people = [Person("u777", "Ada Lovelace", aliases=("ada",))]
    report = import_submissions("a1", laid(place, {"x.zip": handed_in("ADA")}), root, roster=people)
    assert report.taken == ["u777"]
    assert (root / "submitted/u777/a1_small/a1_small.ipynb").exists()


def test_ids_that_differ_in_capitals_are_one(root, place):
    laid(place, {"1.zip": handed_in("ada", "old"), "2.zip": handed_in("Ada", "new")})
    os.utime(place / "1.zip", (10**9, 10**9))
    report = import_submissions("a1", place, root)
    assert report.taken == ["ada"]
    assert text_of(root, "ada") == "new"


def test_ids_that_cannot_be_a_folder_are_refused(root, place):
    laid(place, {"x.zip": packed({f"{'x' * 65}/{FULL}/{FULL}.ipynb": nb()})})
    report = import_submissions("a1", place, root)
    assert report.taken == []
    assert len(report.unmatched) == 1


def test_the_report_is_text(root, place, people):
    laid(place, {"x.ipynb": nb(), "a1-ada.zip": handed_in("ada"), "bad.zip": b"PK"})
    lines = import_submissions("a1", place, root, roster=people).lines()
    assert lines == [
        "a1_small: 1 taken, 0 unchanged, 0 late, 2 missing",
        "Taken: ada",
        "Missing: bob, eve",
        "Not taken, since nobody is known to have uploaded it:",
        "- x.ipynb: nobody of the roster has this name or number",
        "Refused:",
        "- bad.zip: it is damaged, or no zip archive",
    ]


def test_a_source_that_is_not_there_is_said(root, place):
    with pytest.raises(ValueError, match="source: expected a folder or a zip archive"):
        import_submissions("a1", place / "none.zip", root)

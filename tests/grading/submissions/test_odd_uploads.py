"""Times, names and files that students choose, and that must not decide about others, or about being late."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import datetime

import pytest
from uploaded import FULL, ROSTER, handed_in, laid, nb, small_class, text_of, zipped

from lib.grading.submissions.importing import import_submissions
from lib.grading.submissions.roster import Roster, read_roster
from lib.grading.submissions.uploads import ENDS

DEADLINE = datetime(2026, 11, 28, 23, 59)
AFTER, LATER = datetime(2026, 12, 5, 12), datetime(2026, 12, 5, 18)
CHOSEN = "a1 2020-01-01 00-00"  # by a student who is late


def people(root, text=ROSTER):
    path = root / "roster.csv"
    path.write_text(text, "utf-8")
    return read_roster(path)


def imported(root, content, text=ROSTER, **more):
    """content: of an archive, or path → content"""
    source = root / "download"
    if isinstance(content, bytes):
        source = root / "download.zip"
        source.write_bytes(content)
    else:
        laid(source, content)
    return import_submissions("a1", source, root, roster=people(root, text), **more)


def archive(files):
    """One of a platform, with times hours apart, so that they are not those of the download."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number, (path, content) in enumerate(files.items()):
            when = (AFTER, LATER)[number % 2]
            made.writestr(zipfile.ZipInfo(path, when.timetuple()[:6]), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (f"lovelaceada_123_456_{CHOSEN}.zip", handed_in("ada")),
        (f"lovelaceada_123_456_{CHOSEN}.ipynb", nb("ada")),
        (f"Ada Lovelace_123_assignsubmission_file_/{CHOSEN}.zip", handed_in("ada")),
        (f"Ada Lovelace_123_assignsubmission_file_/{CHOSEN}.ipynb", nb("ada")),
        (f"Ada Lovelace_123_assignsubmission_file_/{CHOSEN}/{FULL}.ipynb", nb("ada")),
        (f"Ada Lovelace_123_assignsubmission_file_{CHOSEN}.ipynb", nb("ada")),
    ],
)
def test_nobody_is_in_time_by_the_name_of_a_file(tmp_path, path, content):
    root = small_class(tmp_path)
    others = (
        "smithbob_12_45_a1-bob.zip" if path.startswith("l") else "Bob Smith_12_assignsubmission_file_/b.zip"
    )
    report = imported(root, archive({path: content, others: handed_in("bob")}), deadline=DEADLINE)
    assert sorted(report.late) == ["ada", "bob"]


@pytest.mark.parametrize("again", ["", "_2020-01-01-00-00-00"])
def test_nobody_is_late_by_the_name_of_a_download(tmp_path, again):
    root = small_class(tmp_path)
    files = {
        f"Assignment 1_{who}_attempt_2026-11-2{day}-10-00-00{again}_{FULL}.ipynb": nb(who)
        for who, day in (("ada", 0), ("bob", 1))
    }
    whole = {"gradebook_DL_a1_2026-12-10-10-00-00.zip": zipped(files, LATER)}
    report = imported(root, whole, deadline=DEADLINE)
    assert (sorted(report.taken), report.late, report.noted) == (["ada", "bob"], [], [])
    assert "2026-11-20" in (root / "submitted" / "ada" / FULL / "timestamp.txt").read_text()


NAMESAKES = "id,name\nada,Ada Smith\nx1,Ada Byron\nbyron,Chris Ada\n"


@pytest.mark.parametrize(
    "path", ["Ada Byron.ipynb", f"Ada Byron/{FULL}.ipynb", "Byron, Ada a1.ipynb", "Ada_Byron_a1.ipynb"]
)
def test_a_whole_name_says_more_than_a_word_that_is_another_ones_id(tmp_path, path):
    root = small_class(tmp_path)
    report = imported(root, {path: nb("hers")}, NAMESAKES)
    assert report.taken == ["x1"]
    assert text_of(root, "x1", path.rpartition("/")[2]) == "hers"


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("one", "other"), [("x", "x/y"), ("x/y", "x/y/z"), (f"{FULL}.ipynb/x", f"{FULL}.ipynb")]
)
def test_a_file_and_a_folder_of_one_name_cost_nobody_else_anything(tmp_path, one, other, first):
    root = small_class(tmp_path)
    paths = [one, other] if first else [other, one]
    hers = zipped({f"ada/{FULL}/{FULL}.ipynb": nb("ada"), **{f"ada/{FULL}/{p}": b"1" for p in paths}})
    report = imported(root, {"a1-ada.zip": hers, "a1-bob.zip": handed_in("bob")})
    assert report.taken == ["bob"]
    assert len(report.refused) == 1


@pytest.mark.parametrize(
    "name",
    ["-copy" * 40 + "x", " - copy (1)" * 18 + "x", "_copy1" * 33 + ".", ".zip" * 50 + "!", " (1)" * 50 + "x"],
)
def test_a_name_of_200_letters_is_read_at_once(tmp_path, name):
    started = time.process_time()
    ENDS.sub("", name)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "name",
    [
        "a1 - Copy (2).ipynb",
        "a1-copy.ipynb",
        "a1_copy2.zip",
        "a1 copy.ipynb (1)",
        "a1 -copy.py",
        "a1.ipynb.txt",
    ],
)
def test_what_browsers_and_systems_add_is_taken_off(name):
    assert ENDS.sub("", name) == "a1"


@pytest.mark.parametrize("name", ['"Ada', '"Ada ""L""', 'Ada\nbob,"Bob'])
def test_a_quotation_mark_without_an_end_swallows_nobody(tmp_path, name):
    path = tmp_path / "r.csv"
    path.write_text(f"id,name\nada,{name}\neve,Eve\n")
    with pytest.raises(ValueError, match="quotation mark"):
        read_roster(path)


def test_names_of_several_lines_stay_whole(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text('id,name\nada,"Ada\nLovelace"\nbob,"Bob ""B"" Smith"\neve,"Eve" Müller\n')
    found = read_roster(path)
    assert [person.id for person in found] == ["ada", "bob", "eve"]
    assert Roster(found).named_alike("Ada Lovelace") == {"ada"}

"""One roster for all commands: what an import was given holds for the list, the table and the exports."""

from __future__ import annotations

import argparse

import pytest
from uploaded import FULL, ROSTER, handed_in, laid, nb, small_class

from lib.grading.places import submission_folder
from lib.grading.submissions import people
from lib.grading.submissions.command import submissions_command
from lib.grading.submissions.people import keep_people, known_people, people_of_class
from lib.grading.submissions.roster import Person

NAMELESS = "final.ipynb"  # only a roster says whose it is


@pytest.fixture
def root(tmp_path):
    return small_class(tmp_path / "course")


def run(root, action, **args):
    usual = {"roster": None, "deadline": None, "yes": True, "name": "a1"}
    return submissions_command(argparse.Namespace(action=action, **(usual | args)), root)


def with_roster(root, tmp_path, text=ROSTER):
    """A class of which one import was given the roster."""
    path = tmp_path / "class.csv"
    path.write_text(text)
    run(root, "import", source=laid(tmp_path / "first", {"a1-ada.zip": handed_in("ada")}), roster=path)


def test_the_next_import_knows_the_roster_and_says_so(root, tmp_path, capsys):
    with_roster(root, tmp_path)
    capsys.readouterr()
    source = laid(tmp_path / "next", {f"Bob Smith_7_assignsubmission_file_/{NAMELESS}": nb("b")})
    assert run(root, "import", source=source) == 0
    said = capsys.readouterr().out
    assert "Taken: bob" in said
    assert "Missing: eve" in said
    assert "The roster is that of former imports (3 people); --roster FILE is another one." in said


def test_without_any_roster_nothing_is_said_of_one(root, tmp_path, capsys):
    run(root, "import", source=laid(tmp_path / "in", {"a1-ada.zip": handed_in("ada")}))
    said = capsys.readouterr().out
    assert "roster" not in said
    assert "0 missing" in said


def test_files_that_only_a_roster_can_match_ask_for_one(root, tmp_path, capsys):
    source = laid(tmp_path / "in", {f"Bob Smith_7_assignsubmission_file_/{NAMELESS}": nb("b")})
    assert run(root, "import", source=source) == 1
    assert "import once more with --roster class.csv" in capsys.readouterr().out
    keep_people([Person("zoe", "Zoe")], root)
    assert run(root, "import", source=source) == 1
    assert "once more" not in capsys.readouterr().out  # there is one, without him


def test_other_ids_of_a_person_are_kept_too(root, tmp_path):
    text = "id number,username,name\n1001,ada,Ada Lovelace\n1002,bob,Bob Smith\n"
    with_roster(root, tmp_path, text)
    assert known_people(root)[0] == Person("1001", "Ada Lovelace", aliases=("ada",))
    run(root, "import", source=laid(tmp_path / "next", {"a1-bob.zip": handed_in("bob")}))
    assert submission_folder("1002", FULL, root).is_dir()


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        (Person("ada"), Person("ada", "Ada L.", "a@x.example", "7", "1", ("al",))),
        (Person("ada", "Ada K."), Person("ada", "Ada K.", "a@x.example", "7", "1", ("al",))),
        (Person("ADA", email="b@x.example"), Person("ada", "Ada L.", "b@x.example", "7", "1", ("al",))),
        (Person("ada", lms="8"), Person("ada", "Ada L.", "a@x.example", "8", "1", ("al",))),
        (Person("ada", aliases=("ak",)), Person("ada", "Ada L.", "a@x.example", "7", "1", ("ak", "al"))),
    ],
    ids=["nothing", "a name", "other capitals", "a number", "another id"],
)
def test_a_later_roster_takes_nothing_away(root, later, kept):
    keep_people([Person("ada", "Ada L.", "a@x.example", "7", "1", ("al",))], root)
    keep_people([later], root)
    assert known_people(root) == [kept]


def test_a_roster_of_one_command_says_who_is_in_the_class_and_the_kept_one_what_it_leaves_empty(
    root, tmp_path
):
    keep_people([Person("ada", "Ada L.", lms="7"), Person("zoe", "Zoe")], root)
    path = tmp_path / "only.csv"
    path.write_text("id\nADA\nbob\n")
    assert people_of_class(root, path) == [Person("ada", "Ada L.", lms="7"), Person("bob")]
    assert [person.id for person in people_of_class(root)] == ["ada", "zoe"]


@pytest.mark.parametrize("anonymous", [False, True])
def test_the_list_names_people_unless_it_is_anonymous(root, tmp_path, capsys, anonymous):
    with_roster(root, tmp_path)
    capsys.readouterr()
    assert run(root, "list", anonymous=anonymous) == 0
    said = capsys.readouterr().out
    assert ("Ada Lovelace" in said) is not anonymous
    assert ("name" in said.splitlines()[0].split()) is not anonymous


def test_the_list_says_who_is_in_no_roster(root, tmp_path, capsys):
    laid(submission_folder("s99", FULL, root), {f"{FULL}.ipynb": nb("x")})
    run(root, "list")
    assert "not in the roster" not in capsys.readouterr().out
    with_roster(root, tmp_path)
    capsys.readouterr()
    run(root, "list")
    told = [line for line in capsys.readouterr().out.splitlines() if "not in the roster" in line]
    assert [line.split()[0] for line in told] == ["s99"]


def test_an_id_in_other_capitals_is_the_same_person_in_the_list(root, tmp_path, capsys):
    laid(submission_folder("Ada", FULL, root), {f"{FULL}.ipynb": nb("x")})
    keep_people([Person("ada", "Ada L.")], root)
    run(root, "list")
    said = capsys.readouterr().out
    assert "missing" not in said.splitlines()[1]
    assert "1 handed in, 0 missing" in said
    assert "Ada L." in said


def test_where_all_are_missing_the_next_command_is_named(root, tmp_path, capsys):
    keep_people([Person("ada", "Ada L."), Person("bob")], root)
    assert run(root, "list") == 0
    said = capsys.readouterr().out
    assert said.count(" missing") == 2
    assert "`course submissions import a1 DOWNLOAD.zip --roster class.csv`" in said


def everything(root):
    """All files of a class, but for the locks."""
    return {path for path in root.rglob("*") if path.is_file() and path.suffix != ".lock"}


def without_bob_and_eve(root, tmp_path):
    """A class in which ada and bob have handed in, and of which a newer roster has neither bob nor eve."""
    with_roster(root, tmp_path)
    run(root, "import", source=laid(tmp_path / "next", {"a1-bob.zip": handed_in("bob")}))
    path = tmp_path / "newer.csv"
    path.write_text("id,name\nada,Ada Lovelace\nfay,Fay Moss\n")
    run(root, "import", source=tmp_path / "next", roster=path)


def test_who_left_is_told_once_and_is_not_missing(root, tmp_path, capsys):
    without_bob_and_eve(root, tmp_path)
    said = capsys.readouterr().out
    left = "No longer in the roster: bob; `course submissions forget ID` deletes what is kept of one."
    assert f"{left} 1 more has handed in nothing, and is not missing any more." in said.splitlines()
    run(root, "list")
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said if "missing" in line and "2 handed in" not in line] == ["fay"]
    (bob,) = [line for line in said if line.startswith("bob")]
    assert "Bob Smith" in bob
    assert bob.endswith("not in the roster")
    assert said[-2:] == ["a1_small: 0 graded, 2 handed in, 1 missing, 0 late", left]


def test_those_without_work_are_told_at_the_import_that_lets_them_go_and_not_later(root, tmp_path, capsys):
    keep_people([Person("ada"), Person("eve"), Person("fay")], root)
    path = tmp_path / "newer.csv"
    path.write_text("id\nada\n")
    source = laid(tmp_path / "in", {"a1-ada.zip": handed_in("ada")})
    told = []
    for _ in range(2):
        run(root, "import", source=source, roster=path)
        told.append([line for line in capsys.readouterr().out.splitlines() if "No longer" in line])
    said = "No longer in the roster: 2 who have handed in nothing, and are not missing any more."
    assert told == [[said], []]


def test_nothing_of_who_left_is_removed_without_a_command(root, tmp_path, capsys):
    without_bob_and_eve(root, tmp_path)
    assert submission_folder("bob", FULL, root).is_dir()
    assert {person.id: person.name for person in known_people(root)} == {
        "ada": "Ada Lovelace",
        "fay": "Fay Moss",
        "bob": "Bob Smith",
        "eve": "Ève Müller",
    }
    before = everything(root)
    run(root, "import", source=tmp_path / "next")  # without a roster the newest one holds
    run(root, "list")
    assert everything(root) == before
    assert [person.id for person in people_of_class(root)] == ["ada", "fay"]


def test_who_comes_back_is_missing_again_by_name(root, tmp_path, capsys):
    without_bob_and_eve(root, tmp_path)
    path = tmp_path / "third.csv"
    path.write_text("id\nada\nfay\nEVE\nbob\n")
    capsys.readouterr()
    run(root, "import", source=tmp_path / "next", roster=path)
    said = capsys.readouterr().out
    assert "Missing: fay, eve" in said
    assert "No longer" not in said
    assert [person.name for person in people_of_class(root)][-2:] == ["Ève Müller", "Bob Smith"]
    assert len(known_people(root)) == 4


def test_a_roster_of_nobody_lets_nobody_go(root, tmp_path):
    with_roster(root, tmp_path)
    path = tmp_path / "empty.csv"
    path.write_text("id,name\n")
    run(root, "import", source=tmp_path / "first", roster=path)
    assert len(people_of_class(root)) == 3


def test_who_left_is_forgotten_whole(root, tmp_path, capsys):
    without_bob_and_eve(root, tmp_path)
    for student in ("bob", "eve"):
        capsys.readouterr()
        run(root, "forget", student=student)
        assert "Removed: the name in grading/former.csv" in capsys.readouterr().out
    assert [person.id for person in known_people(root)] == ["ada", "fay"]
    assert not [path for path in everything(root) if b"Smith" in path.read_bytes()]
    run(root, "list")
    assert "No longer" not in capsys.readouterr().out


def test_a_kill_between_the_two_files_forgets_nobody(root, tmp_path, monkeypatch):
    with_roster(root, tmp_path)
    write = people._write

    def killed(whom, path):
        if path == people.roster_file(root):
            raise KeyboardInterrupt
        write(whom, path)

    monkeypatch.setattr(people, "_write", killed)
    with pytest.raises(KeyboardInterrupt):
        keep_people([Person("ada")], root)
    assert [person.id for person in people_of_class(root)] == ["ada", "bob", "eve"]
    assert len(known_people(root)) == 3

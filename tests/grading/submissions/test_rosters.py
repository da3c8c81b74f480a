"""A roster is read as Moodle, Canvas and people write it."""

from __future__ import annotations

import pytest

from lib.grading.submissions.roster import Person, Roster, read_roster

ADA = Person("ada", "Ada Lovelace", "ada@example.org", group="1")
ROSTERS = {
    "plain": "id,name,email,group\nada,Ada Lovelace,ada@example.org,1\n",
    "another order": "Group;E-Mail;Name;Student ID\n1;ada@example.org;Ada Lovelace;ada\n",
    "tabs": "id\tname\temail\tsection\nada\tAda Lovelace\tada@example.org\t1\n",
    "BOM": "\ufeffid,name,email,group\nada,Ada Lovelace,ada@example.org,1\n",
    "for Excel": "sep=;\nid;name;email;group\nada;Ada Lovelace;ada@example.org;1\n",
    "Windows' lines": "id,name,email,group\r\nada,Ada Lovelace,ada@example.org,1\r\n\r\n",
    "old Mac lines": "id,name,email,group\rada,Ada Lovelace,ada@example.org,1\r",
    "quoted": '"id","name","email","group"\n"ada","Ada Lovelace","ada@example.org","1"\n',
    "two names": "First name,Surname,ID number,Email address,Groups\nAda,Lovelace,ada,ada@example.org,1\n",
    "German": "Vorname;Nachname;Matrikelnummer;E-Mail-Adresse;Gruppe\nAda;Lovelace;ada;ada@example.org;1\n",
    "spaces": " id , name , email , group \n ada , Ada Lovelace , ada@example.org , 1 \n",
    "numbers first, from pandas": "\tid\tname\temail\tgroup\n0\tada\tAda Lovelace\tada@example.org\t1\n",
    "empty lines first": "\r\n \nid,name,email,group\nada,Ada Lovelace,ada@example.org,1\n",
    "a separator in a quoted heading": 'id;name;"group, or team, or class, or section, or none";email;group\n'
    "ada;Ada Lovelace;x;ada@example.org;1\n",
    "two lines in a quoted heading": '"student\nid",name,email,group\nada,Ada Lovelace,ada@example.org,1\n',
    "short rows": "id,name,email,group,more\nada,Ada Lovelace,ada@example.org,1\n,,\n",
}


@pytest.mark.parametrize("name", ROSTERS)
def test_it_is_read_as_it_is(name, tmp_path):
    path = tmp_path / "roster.csv"
    path.write_bytes(ROSTERS[name].encode())
    assert read_roster(path) == [ADA]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_of_other_languages(encoding, tmp_path):
    path = tmp_path / "roster.csv"
    path.write_bytes("id;name\neve;Ève Müller\n".encode(encoding))
    assert read_roster(path) == [Person("eve", "Ève Müller")]


def test_moodles_table_for_grading(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(
        "Identifier,Full name,ID number,Email address,Status,Grade\n"
        "Participant 12345,Ada Lovelace,ada,ada@example.org,Submitted,\n"
    )
    assert read_roster(path) == [Person("ada", "Ada Lovelace", "ada@example.org", lms="12345")]


def test_canvas_table_of_grades(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,a1 (99)\n"
        "    Points Possible,,,,,100\n"
        '"Lovelace, Ada",12345,u777,ada,Course 1,\n'
        '"Student, Test",99,,,,\n'
    )
    person = Person("u777", "Lovelace, Ada", "", "12345", "Course 1", ("ada",))
    assert read_roster(path) == [person]
    assert Roster([person]).by_id("ADA") == "u777"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "r.csv: expected a first row with headings, one of them such as “id” or “ID number”, got 'no"),
        ("name,email\nAda,x@y.z\n", "got 'name, email'"),
        ("id\nada\nADA\n", "r.csv: expected every id once, got ADA and ada"),
        ("id\nada\nbob\nada\n", "r.csv: expected every id once, got ada and ada"),
        ("id,name\n../x,Ada\n", "r.csv: expected in line 2 an id of 1 to 64"),
        ("id,name\n,Ada\n", "r.csv: expected in line 2 an id of 1 to 64"),
        ("id\n" + "x" * 65 + "\n", "r.csv: expected in line 2 an id of 1 to 64"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(content, sentence, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"^r\.csv: ") as error:
        read_roster(path)
    assert sentence in str(error.value)


def test_names_are_found_in_any_order_but_never_guessed():
    roster = Roster([Person("a", "Ada King Lovelace"), Person("b", "Bob Smith"), Person("c", "Smith Bob")])
    assert roster.named_alike("Lovelace, Ada King") == {"a"}
    assert roster.named_alike("lovelaceadaking") == {"a"}
    assert roster.named_alike("Ada") == set()
    assert roster.named_alike("Bob Smith") == {"b", "c"}

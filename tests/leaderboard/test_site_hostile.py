"""The page of the challenge against those who mean harm: over real lines, byte by byte."""

import pytest
from board_of_tests import told_on
from hostile_bodies import BODIES, TEXTS
from hostile_doors import FORMS_AND_TOKENS, LINKS, SESSIONS, STAFF
from hostile_places import PLACES
from hostile_row import MARKUP, SCRIPT
from hostile_uploads import ARCHIVES, FILE_NAMES, TABLES
from site_of_tests import ask, small_world

HOSTILE = [
    *FORMS_AND_TOKENS, *SESSIONS, *LINKS, *STAFF, *BODIES, *TEXTS, *FILE_NAMES, *ARCHIVES, *TABLES, *PLACES,
]  # fmt: skip
RISKY = ("\nset-cookie:", "\nx-evil", "traceback", "sqlalchemy")  # none of the rows comes in


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with small_world(tmp_path_factory.mktemp("hostile")) as world:
        yield world


def test_there_are_many_and_each_has_a_name_of_its_own():
    assert len(HOSTILE) >= 80
    assert len({row.name for row in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize("row", HOSTILE, ids=lambda row: row.name[:60])
@pytest.mark.family(share=3)
def test_hostile(world, row):
    before = world.state()
    answer = ask(world, row.sends(world), half_closed=row.half)
    after = world.state()
    assert answer.status == row.status, told_on(answer.text) or answer.text[:500]
    assert row.words in answer.text
    whole = answer.head + "\n" + answer.text
    assert not row.never or row.never not in whole
    assert not any(word in whole.lower() for word in RISKY)
    assert {table for table in after if after[table] != before[table]} <= row.changes
    for who in ("ada", "cleo", "sam", "hall"):
        again = ask(world, world.head("GET", "/", who))
        assert again.status == 200
        assert SCRIPT not in again.text
        assert MARKUP not in again.text
        assert "<img src=x" not in again.text
        assert "<b onclick" not in again.text

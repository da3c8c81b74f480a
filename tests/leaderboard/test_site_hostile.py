"""The page of the challenge against those who mean harm: over real lines, byte by byte."""

import pytest
from board_of_tests import told_on
from hostile_requests import HOSTILE, MARKUP, SCRIPT
from site_of_tests import ask, small_world

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
    again = ask(world, world.head("GET", "/", "ada"))
    assert again.status == 200
    assert SCRIPT not in again.text
    assert MARKUP not in again.text

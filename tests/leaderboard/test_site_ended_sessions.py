"""A new link ends what somebody else holds, even a request that has begun before and comes slowly."""

import socket
import time

import pytest
from site_of_tests import heard, small_world

from lib.leaderboard.board import Refusal


@pytest.fixture
def world(tmp_path):
    with small_world(tmp_path) as world:
        yield world


def slowly(world, sent, meanwhile):
    """What is answered to a request whose last byte comes after something else has happened."""
    with socket.create_connection(("127.0.0.1", world.port), timeout=10) as line:
        line.sendall(sent[:-1])
        time.sleep(0.3)  # the server has looked who asks, and waits for the rest
        meanwhile()
        before = world.state()
        line.sendall(sent[-1:])
        answer = heard(line)
    assert world.state() == before
    return answer


@pytest.mark.parametrize(
    "form",
    [
        lambda w: w.form("/another-browser"),
        lambda w: w.form("/terminal-key"),
        lambda w: w.form("/appearance", pseudonym="still here"),
        lambda w: w.form("/choice", entry=""),
        lambda w: w.upload(),
        lambda w: w.upload(path="/api/entries", headers={"Authorization": f"Bearer {w.keys['ada']}"}),
    ],
    ids=["a link", "a key", "a name", "a choice", "an upload", "an upload from a terminal"],
)
def test_a_form_that_was_begun_before_does_nothing_after_a_new_link(world, form):
    sent = form(world)
    assert slowly(world, sent, lambda: world.board.people.invite_again("ada")).status == 401


def test_a_decision_that_was_begun_before_does_nothing_after_a_new_link(world):
    entry = world.board.entries.of(world.number("bob"))[0].number
    sent = world.form("/staff/decision", "sam", entry=entry, counts="no")
    assert slowly(world, sent, lambda: world.board.people.invite_again("sam")).status == 404


def test_somebody_who_is_forgotten_meanwhile_leaves_nothing(world):
    number = world.number("ada")
    assert slowly(world, world.form("/another-browser"), lambda: world.board.forget(number)).status == 401


def test_no_moment_is_left_between_looking_and_making(world):
    number, doors = world.number("ada"), world.board.doors
    world.board.people.invite_again("ada")
    before = world.state()
    for make in (doors.new_link, doors.new_terminal_key):
        with pytest.raises(Refusal, match="session has ended"):
            make(number, session=world.sessions["ada"])
        with pytest.raises(Refusal, match="session has ended"):
            make(number, session=world.sessions["bob"])
    assert world.state() == before

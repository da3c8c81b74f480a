"""A small site with people on it, for tests of the challenge's page."""

from __future__ import annotations

import re
from contextlib import closing, contextmanager

import numpy as np
from small_board import HandClock, small_key
from small_challenge import known_share
from starlette.testclient import TestClient

from lib.leaderboard.board import Board, make_board
from lib.leaderboard.site.app import make_app
from lib.leaderboard.site.settings import SiteSettings

URL = "http://127.0.0.1:8000"
NOON = 1_790_683_200.0  # 2026-09-29 12:00 UTC


def make_small_board(folder, *, count=200, a_day=10, clock=None, title="The challenge"):
    """An open board of a small competition; its clock stands at noon."""
    key = small_key(count)
    make_board(folder / "board.db", key, title=title, a_day=a_day)
    return Board(folder / "board.db", key, clock=clock or HandClock(NOON))


def invite(board, *students, role="student"):
    """The number of each, by the id; "ada" is called Ada Lovelace."""
    people = [(student, f"{student.title()} Lovelace", f"{student}@example.org") for student in students]
    board.people.invite(people, role)
    return [board.people.find(student).number for student in students]


@contextmanager
def board_of_class(folder, *students, **options):
    """A small board with these students, sam of the staff, and a screen called hall.

    options: of `make_small_board`
    """
    with closing(make_small_board(folder, **options)) as board:
        invite(board, *students)
        invite(board, "sam", role="staff")
        invite(board, "hall", role="screen")
        yield board


def asking(board, *, hides_faults=False, **options):
    """Starlette's client of the whole site, to be used in a `with`.

    hides_faults: whether a fault of ours is answered, as a server does it; else a test ends there
    options: of `quick_settings`
    """
    app = make_app(board, quick_settings(**options))
    return TestClient(app, base_url=app.state.site.settings.url, raise_server_exceptions=not hides_faults)


def guesses(board, share=0.5, seed=0):
    """Labels of which about this share is right, in all images that can be recognised."""
    return known_share(board.key.labels, share, np.asarray(board.key.treatment != 2), seed)


def csv_of(labels, *, header="id,label"):
    """A file of predictions as bytes."""
    lines = [header, *(f"{number},{label}" for number, label in enumerate(labels, start=1))]
    return ("\n".join(lines) + "\n").encode()


class Guest:
    """Somebody with a session, asking as a browser without scripts does.

    client: Starlette's, of the whole site
    token: of the session
    """

    def __init__(self, client, token):
        self.client, self.token = client, token

    def get(self, path="/", **options):
        return self._ask("GET", path, **options)

    def post(self, path, **options):
        """A form as the page has it, with its hidden field."""
        data = {"csrf": field_of(self.get().text, "csrf")} | options.pop("data", {})
        return self._ask("POST", path, data=data, **options)

    def hand_in(self, content, name="predictions.csv", once=None, description=""):
        """Sends the form of the upload."""
        page = self.get().text
        data = {"once": once or field_of(page, "once"), "description": description}
        return self.post("/entries", data=data, files={"file": (name, content, "text/csv")})

    def _ask(self, method, path, **options):
        self.client.cookies.clear()
        headers = {"Cookie": f"board={self.token}"} | options.pop("headers", {})
        return self.client.request(method, path, headers=headers, follow_redirects=False, **options)


def come_in(client, board, student):
    """The session of somebody on the board, by a new link."""
    return Guest(client, board.doors.use_link(board.people.invite_again(student).token))


def field_of(page, name):
    """The value of a hidden field of a page; "" where there is none."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', page)
    return found[1] if found else ""


def told_on(page):
    """What a page says about the form that was sent; "" where it says nothing."""
    found = re.search(r'<p class="told (?:good|bad)"[^>]*>(.*?)</p>', page, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", "", found[1]).split()) if found else ""


def quick_settings(**options):
    """Settings of a site whose standing is at most 20 ms old."""
    return SiteSettings(**{"url": URL, "live_seconds": 0.02, "tries": 1000} | options)

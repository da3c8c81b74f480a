"""A row of the tables of hostile requests: what is sent, what must come back, what it may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from site_of_tests import World, part

from lib.leaderboard.site.csrf import csrf_token

MULTIPART = "multipart/form-data; boundary=----boundary"
SCRIPT = "<script>alert(1)</script>"
MARKUP = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>{{ 7*7 }}"
TAKEN = frozenset({"entries", "participants", "settings", "sqlite_sequence"})  # what an entry changes
SEEN = frozenset({"participants", "settings"})  # what another pseudonym changes


@dataclass(frozen=True)
class Hostile:
    """One of the rows.

    name: what is tried
    sends: the bytes of the request
    status: that comes back; 0 for a connection that is closed
    words: in the answer
    never: not in the answer, nor in its head
    changes: the tables that may differ afterwards
    half: whether the sender closes its side
    """

    name: str
    sends: Callable[[World], bytes]
    status: int
    words: str = ""
    never: str = ""
    changes: frozenset[str] = frozenset()
    half: bool = False


def csrf(world: World, who: str = "ada") -> str:
    return csrf_token(world.sessions[who])


def fields(world: World, *more: bytes) -> list[bytes]:
    """The parts that each upload has, but for the file."""
    world.once += 1
    return [part("csrf", csrf(world)), part("once", str(world.once)), *more]

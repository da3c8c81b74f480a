"""Where a site can be reached, and what it allows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SiteSettings:
    """How a site is served.

    url: as students write it, without a slash at the end
    tries: uploads that a student may send in ten minutes, taken or refused
    at_once: uploads that are read at the same time; others wait
    live_seconds: the shortest time between two changes of the live standing
    files: the folder that students get, which the page offers; None where they get it in another way
    """

    url: str = "http://127.0.0.1:8000"
    tries: int = 40
    at_once: int = 8
    live_seconds: float = 1.0
    files: Path | None = None

    @property
    def https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the cookie; with https a browser takes one of this name from this host alone."""
        return "__Host-board" if self.https else "board"

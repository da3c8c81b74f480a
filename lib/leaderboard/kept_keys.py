"""The keys with which a student's terminal hands in: a file that its owner alone can read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lib.checks import mismatch, shown
from lib.files import replacing_text

KEY = re.compile(r"[A-Za-z0-9-]{20,200}")
LONGEST_LINE = 1000  # characters


@dataclass(frozen=True)
class BoardKey:
    """Where to hand in, and with which key.

    url: of the leaderboard, without a slash at the end
    key: tells the leaderboard whose entry it is
    """

    url: str
    key: str = field(repr=False)


def keys_place() -> Path:
    """The file of the keys, in the user's folder of settings."""
    import platformdirs  # here, since nothing else that reads predictions needs it

    return Path(platformdirs.user_config_dir("deep-vision-course")) / "leaderboards.txt"


def read_line(text: str) -> BoardKey:
    """What the page shows under “From the terminal”: address, #, key.

    Raises `ValueError` for anything else; the error never shows the key.

    >>> read_line(" https://board.example.org/#abcde-fghjk-mnpqr-stuvw-xyz23-4 ").url
    'https://board.example.org'
    """
    address, _, key = text.strip().partition("#")
    if len(text) > LONGEST_LINE or not KEY.fullmatch(key):
        wanted = "the line of the page's section “From the terminal”: an address, # and a key"
        raise mismatch("", "line", wanted, "something else", "copy the whole line")
    return BoardKey(check_address(address), key)


def check_address(text: str, name: str = "url") -> str:
    """The address of a leaderboard, without a slash at the end; raises `ValueError` for anything else.

    name: of the option that names it, for the error
    """
    try:
        parts = urlsplit(text.strip())
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        good = good and not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        good = False
    plain = text.strip()
    if not good or not (plain.isascii() and plain.isprintable()) or " " in plain:
        raise mismatch("", name, "an address such as https://board.example.org", shown(text))
    return plain.rstrip("/")


def kept_key(place: Path, url: str = "") -> BoardKey | None:
    """The key that is kept for an address, "" for that used last; None where there is none.

    place: of the file
    """
    found = [key for key in _kept(place) if not url or key.url == url]
    return found[-1] if found else None


def keep_key(place: Path, key: BoardKey) -> None:
    """Keeps a key, in the place of an older one for the same address, as the one used last."""
    _write(place, [*(other for other in _kept(place) if other.url != key.url), key])


def drop_key(place: Path, key: BoardKey) -> None:
    """Keeps a key no longer."""
    _write(place, [other for other in _kept(place) if other != key])


def _kept(place: Path) -> list[BoardKey]:
    """All keys, that used last at the end; lines that are no keys are passed over."""
    found = []
    lines = place.read_text("utf-8", "replace").splitlines() if place.is_file() else []
    for line in lines:
        try:
            found.append(read_line(line))
        except ValueError:
            continue
    return found


def _write(place: Path, keys: list[BoardKey]) -> None:
    with replacing_text(place, private=True) as file:
        file.writelines(f"{key.url}#{key.key}\n" for key in keys)

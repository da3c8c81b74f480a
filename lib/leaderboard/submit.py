"""`course submit predictions.csv`: an entry for the challenge's leaderboard, from the terminal."""

from __future__ import annotations

import hashlib
import json
import secrets
import sys
from getpass import getpass
from pathlib import Path

from lib.checks import mismatch
from lib.files import replacing_text
from lib.leaderboard.guess_words import words_on_guessing
from lib.leaderboard.kept_keys import (
    BoardKey,
    check_address,
    drop_key,
    keep_key,
    kept_key,
    keys_place,
    read_line,
)
from lib.leaderboard.predictions import TEST_IMAGES, read_predictions
from lib.leaderboard.sending import PAUSES, EntryRefused, UnknownKey, is_unprotected, send_entry
from lib.leaderboard.time_words import time_in_words

PROMPT = "Paste the line of the page's section “From the terminal” (it is not shown), then Enter: "


def submit_command(
    file: Path | None,
    description: str = "",
    *,
    to: str = "",
    forget: bool = False,
    count: int = TEST_IMAGES,
    pauses: tuple[float, ...] = PAUSES,
    place: Path | None = None,
) -> int:
    """Checks a file of predictions, hands it in and says what it scored; returns the exit status.

    file: as `read_predictions` takes it
    description: what the student says about it
    to: the address of a leaderboard; "" for the one used last, which is asked for where there is none yet
    forget: whether the keys that are kept here are deleted instead
    count: of the predictions; pauses: as of `send_entry`; place: the file of the keys, for tests

    Raises `ValueError` where the file or the key is wrong or the leaderboard refuses, `OSError` where there
    is no such file or no answer.
    """
    place = keys_place() if place is None else place
    if forget:
        there = place.exists()
        place.unlink(missing_ok=True)
        unanswered_file(place).unlink(missing_ok=True)
        print("The keys are deleted from this computer." if there else "No keys were kept here.")
        return 0
    if file is None:
        raise mismatch("", "file", "predictions", "none", "write `course submit predictions.csv`")
    if not file.is_file():
        raise FileNotFoundError(
            f"file: expected predictions, got no file {file}; a4's notebook writes one beside itself"
        )
    read_predictions(file, count=count)  # what is wrong is said here, and never travels
    content = file.read_bytes()
    board = _board(place, to)
    if is_unprotected(board.url):
        print(f"{board.url} is not https: others may read the key on its way.", file=sys.stderr)
    once = once_for(place, board, content)
    try:
        entry = send_entry(
            board, content, file.name, once=once, description=description, pauses=pauses, say=_say
        )
    except UnknownKey:
        drop_key(place, board)
        advice = "Make a new one on the page, under “From the terminal”, and type this command again."
        raise UnknownKey(f"Your key is not known at {board.url}. {advice}") from None
    except EntryRefused:  # nothing was taken: the next try is another entry
        unanswered_file(place).unlink(missing_ok=True)
        raise
    unanswered_file(place).unlink(missing_ok=True)
    keep_key(place, board)  # as the one used last
    if doubt := words_on_guessing(round(10 * float(entry.public))):
        print(doubt)
    left = "1 entry is" if entry.left == 1 else f"{entry.left or 'no'} entries are"
    print(f"Entry {entry.entry}: {entry.public} % of the public half are right.")
    print(f"Today {left} left; the next day begins in {time_in_words(entry.resets_in)}, at 00:00 UTC.")
    print(entry.url)
    return 0


def once_for(place: Path, board: BoardKey, content: bytes) -> str:
    """A random text for this upload, the same again where no answer came to the last try.

    place: of the keys; what is not answered yet is noted beside them
    board, content: to which what is sent
    """
    what = hashlib.sha256(b"\0".join([board.url.encode(), board.key.encode(), content])).hexdigest()
    note = unanswered_file(place)
    try:
        noted = json.loads(note.read_text("utf-8"))
        if noted["what"] == what and isinstance(noted["once"], str) and noted["once"]:
            return noted["once"]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    once = secrets.token_hex(16)
    with replacing_text(note, private=True) as out:
        out.write(json.dumps({"what": what, "once": once}) + "\n")
    return once


def unanswered_file(place: Path) -> Path:
    """Where an upload is noted to which no answer has come; place: of the keys."""
    return place.with_name("unanswered.json")


def _board(place: Path, to: str) -> BoardKey:
    """Where to hand in, asked for at the terminal where it is not known yet."""
    if "#" in to:
        advice = "leave the key out: you are asked for it, and a command line can be read by others"
        raise mismatch("", "to", "the address alone", "an address with a key", advice)
    url = check_address(to, "to") if to else ""
    if found := kept_key(place, url):
        return found
    if not sys.stdin.isatty():
        raise mismatch("", "key", "the line of the page", "none", "type this command in a terminal")
    board = read_line(getpass(PROMPT))
    if url and board.url != url:
        raise mismatch("", "to", f"the address of this line, {board.url}", url)
    keep_key(place, board)  # at once: the page shows it only once
    return board


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)

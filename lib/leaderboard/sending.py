"""An entry on its way to the leaderboard: sent again where the answer is lost, and never counted twice."""

from __future__ import annotations

import json
import re
import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from ipaddress import ip_address
from socket import getaddrinfo
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

import certifi

from data_loaders.looks import printable
from lib.checks import mismatch
from lib.leaderboard.kept_keys import BoardKey

PAUSES = (1.0, 2.0, 5.0)  # seconds before the second, third and fourth try
LONGEST_PAUSE = 30.0  # seconds, whatever a server asks for
SILENCE = 60.0  # seconds without a byte
MOST_ANSWER = 1 << 16  # bytes that are read of an answer
LONGEST_SENTENCE = 500  # characters of a server that are shown
PASSES = (500, 502, 503, 504)  # statuses after which another try is worth it
AGAIN = "type the same command again later: what has come is not counted twice"


@dataclass(frozen=True)
class TakenEntry:
    """What the leaderboard says of an entry.

    entry: its number
    public: percent of the public half that are right, such as "70.3"
    left: entries of today that are left
    resets_in: seconds until there are new ones
    url: of the page
    """

    entry: int
    public: str
    left: int
    resets_in: int
    url: str


class EntryRefused(ValueError):
    """The leaderboard has said why it does not take an entry."""


class EntryUncertain(ValueError):
    """The leaderboard had trouble of its own: an entry may have been taken or not."""


class UnknownKey(EntryRefused):
    """The leaderboard does not know the key."""


def send_entry(
    board: BoardKey,
    content: bytes,
    name: str,
    *,
    once: str,
    description: str = "",
    pauses: tuple[float, ...] = PAUSES,
    say: Callable[[str], object] = print,
) -> TakenEntry:
    """Hands an entry in.

    board: where, and with which key
    content: all bytes of the file; name: of the file
    once: the same for each try of this entry, here and later, and for no other
    description: what the student says about it
    pauses: seconds before each further try, where no answer came or the server could not answer
    say: is told why there is another try

    Raises `EntryRefused` or `EntryUncertain` with the server's sentence, `ValueError` where something else
    answers, and `OSError` where nothing does. No redirect is followed: the key goes to this address alone.
    """
    kind, body = multipart({"once": once, "description": description}, name, content)
    headers = {
        "Authorization": f"Bearer {board.key}",
        "Content-Type": kind,
        "Accept": "application/json",
        "User-Agent": "deep-vision-course",
    }
    for pause in (*pauses, None):
        request = Request(f"{board.url}/api/entries", data=body, headers=headers, method="POST")
        try:
            with opener_for(board.url).open(request, timeout=SILENCE) as answer:
                return read_answer(answer.read(MOST_ANSWER), board)
        except HTTPError as answer:
            with answer:
                error = _refusal(answer, board)
            if answer.code not in PASSES or pause is None:
                raise error from None
            why, pause = printable(str(error)), max(pause, _asked_to_wait(answer))
        except (OSError, HTTPException) as fault:
            if isinstance(reason := getattr(fault, "reason", fault), ssl.SSLCertVerificationError):
                got = f"a certificate that is not accepted ({reason.verify_message})"
                raise OSError(f"board: expected {_host(board.url)} over https, got {got}") from fault
            why = printable(str(reason) or type(fault).__name__)
            if pause is None:
                message = f"board: expected an answer of {_host(board.url)}, got none ({why}); {AGAIN}"
                raise OSError(message) from fault
        say(f"No entry yet: {why.rstrip('.')}. The next try follows in {pause:g} s …")
        time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def multipart(fields: Mapping[str, str], name: str, content: bytes) -> tuple[str, bytes]:
    """A form with a file, as a browser sends it: the type of the body, and the body.

    fields: name → text
    name, content: of the file

    Source: RFC 7578; signs in names are written as the HTML standard has it.
    """
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{text}\r\n'.encode()
        for field, text in fields.items()
    ]
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'Content-Disposition: form-data; name="file"; filename="{quoted}"'
    head = f"--{boundary}\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n"
    whole = b"".join([*parts, head.encode("utf-8", "replace"), content, f"\r\n--{boundary}--\r\n".encode()])
    return f"multipart/form-data; boundary={boundary}", whole


def read_answer(content: bytes, board: BoardKey) -> TakenEntry:
    """The answer of a leaderboard that has taken an entry; raises `ValueError` where it is something else."""
    said = _json(content)
    try:
        public, url = str(said["public"]), printable(str(said.get("url") or board.url))
        left, resets_in = max(int(said["left"]), 0), max(int(said["resets_in"]), 0)
        entry = TakenEntry(int(said["entry"]), public, left, resets_in, url[:LONGEST_SENTENCE])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _no_board(board, "another answer") from None
    if not re.fullmatch(r"\d{1,3}\.\d", public):
        raise _no_board(board, "another answer")
    return entry


def is_unprotected(url: str) -> bool:
    """Whether others could read a key on its way: http, beyond this computer and its own network."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not _is_near(parts.hostname or "")


def opener_for(url: str) -> OpenerDirector:
    """Opens this address with the known certificates; what is near needs no proxy."""
    handlers: list[Any] = [_Nowhere, HTTPSHandler(context=_authorities())]
    if _is_near(urlsplit(url).hostname or ""):
        handlers.append(ProxyHandler({}))
    return build_opener(*handlers)


class _Nowhere(HTTPRedirectHandler):
    """Follows no redirect: whoever stands there must not get the key."""

    def http_error_302(self, *args: Any, **options: Any) -> None:
        return None  # before anybody reads the address, which may be none

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


@cache
def _authorities() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())  # beside the system's: some Pythons come without any
    return context


def _is_near(host: str) -> bool:
    """Whether a host is this computer, or stands in its own network."""
    try:
        found = {str(address[4][0]) for address in getaddrinfo(host, None)}
        near = [ip_address(address) for address in found]
    except (OSError, ValueError):
        return False
    return all(address.is_private or address.is_loopback or address.is_link_local for address in near)


def _refusal(answer: HTTPError, board: BoardKey) -> ValueError:
    """Why an entry was not taken."""
    try:
        said = _json(answer.read(MOST_ANSWER))
    except (OSError, HTTPException):
        said = {}
    sentence = said.get("error")
    if isinstance(sentence, str) and sentence.strip():
        sentence = printable(sentence)[:LONGEST_SENTENCE]
        if answer.code >= 500:
            return EntryUncertain(sentence)
        return UnknownKey(sentence) if answer.code == 401 else EntryRefused(sentence)
    if 300 <= answer.code < 400:
        where = _site_of(answer.headers.get("Location", "")) or "another page"
        advice = "open the page, and make a new key there"
        return mismatch(
            "", "board", f"an answer of {board.url}", f"a redirect to {printable(where)[:100]}", advice
        )
    return _no_board(board, f"status {answer.code}")


def _site_of(address: str) -> str:
    """Where an address leads; "" where it is none."""
    try:
        to = urlsplit(address)
    except ValueError:
        return ""
    return f"{to.scheme}://{to.netloc}" if to.netloc else ""


def _no_board(board: BoardKey, got: str) -> ValueError:
    return mismatch(
        "", "board", f"a leaderboard at {board.url}", got, "open that address in a browser, and look"
    )


def _asked_to_wait(answer: HTTPError) -> float:
    """Seconds that a server asks for; 0 where it does not."""
    text = answer.headers.get("Retry-After", "").strip()
    return min(float(text), LONGEST_PAUSE) if text.isascii() and text.isdigit() else 0.0


def _json(content: bytes) -> dict[str, Any]:
    """The object in an answer; an empty one where there is none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _host(url: str) -> str:
    return urlsplit(url).netloc

"""One transfer from one mirror, which goes on where the partial file ends, or the reason why it fails."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException, HTTPResponse
from io import FileIO
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import certifi

BYTES_AT_ONCE = 1 << 18  # read from the network before they are written and counted


@dataclass(frozen=True)
class Patience:
    """When a mirror is given up.

    silence: seconds without a byte
    window: seconds over which its speed is measured
    slowest: bytes/s; below this speed another mirror is tried
    """

    silence: float = 15.0
    window: float = 10.0
    slowest: float = 200_000


class MirrorError(Exception):
    """This mirror does not deliver; the message is the reason."""


class BrokenOff(MirrorError):
    """This mirror delivered a part and stopped, so another try is worth it."""


class TooSlow(MirrorError):
    """This mirror delivers too slowly; `speed` is in bytes/s."""

    def __init__(self, speed: float):
        super().__init__(f"too slow, {speed / 1000:.0f} kB/s")
        self.speed = speed


def transfer(
    url: str, partial: Path, size: int, patience: Patience, *, hurry: bool, report: Callable[[int], object]
) -> None:
    """Append to the partial file what it lacks.

    url: an http or https address
    partial: the beginning of the file; it need not exist yet
    size: of the whole file, in bytes
    patience: when to give up
    hurry: raise `TooSlow` where patience ends; without it only silence ends the transfer
    report: called with the number of bytes that are there, at the start and after each piece

    A server that ignores the Range, or gets it wrong, starts over: its bytes overwrite equal ones, so the
    partial file never gets shorter.

    Raises `MirrorError` where the mirror does not deliver, and `OSError` where the disk cannot be written.
    """
    position, response = _open(url, partial.stat().st_size if partial.exists() else 0, size, patience)
    first = position
    with response, partial.open("r+b" if partial.exists() else "wb", buffering=0) as file:
        file.seek(position)
        report(position)
        since, counted_from = time.monotonic(), position
        while position < size:
            try:
                piece = response.read1(min(BYTES_AT_ONCE, size - position))
                problem = "" if piece else "the connection was closed"
            except (OSError, HTTPException) as error:
                piece, problem = b"", _why(error, patience)
            if problem:
                kind = BrokenOff if position > first else MirrorError
                raise kind(f"{problem} after {position:,} of {size:,} bytes")
            _write(file, piece)
            position += len(piece)
            report(position)

            elapsed = time.monotonic() - since
            if hurry and elapsed >= patience.window and position < size:
                speed = (position - counted_from) / elapsed
                if speed < patience.slowest:
                    raise TooSlow(speed)
                since, counted_from = time.monotonic(), position


def _open(url: str, have: int, size: int, patience: Patience) -> tuple[int, HTTPResponse]:
    """The answer and the position in the file where it starts: `have` where the server can, else 0."""
    if have:
        response = _request(url, patience, {"Range": f"bytes={have}-"})
        if isinstance(response, HTTPResponse):
            if response.status == 206 and _range_starts_at(have, size, response):
                return have, _checked(response, size - have)
            if response.status == 200:
                return 0, _checked(response, size)
        response.close()
    response = _request(url, patience, {})
    if isinstance(response, HTTPError) or response.status != 200:
        response.close()
        raise MirrorError(f"answered {response.status} {response.reason}")
    return 0, _checked(response, size)


def _request(url: str, patience: Patience, headers: dict[str, str]) -> HTTPResponse | HTTPError:
    """The answer of the server; one with a status of 400 or more is an `HTTPError`, which is not raised."""
    if not url.lower().startswith(("http://", "https://")):
        raise MirrorError("not an http or https address")
    try:
        request = Request(url, headers={"User-Agent": "deep-vision-course", **headers})
        return urlopen(request, timeout=patience.silence, context=_certificates())
    except HTTPError as answer:
        return answer
    except (OSError, HTTPException, ValueError) as error:
        raise MirrorError(_why(error, patience)) from error


@cache
def _certificates() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())  # beside the system's: some Pythons come without any
    return context


def _range_starts_at(start: int, size: int, response: HTTPResponse) -> bool:
    answer = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip())
    return answer is not None and int(answer[1]) == start and answer[2] in ("*", str(size))


def _checked(response: HTTPResponse, length: int) -> HTTPResponse:
    announced = response.headers.get("Content-Length")
    if response.headers.get_content_type() == "text/html":
        problem = "answered with a web page in place of the file"
    elif announced is not None and announced != str(length):
        problem = f"has another file: {announced} bytes where {length:,} are needed"
    else:
        return response
    response.close()
    raise MirrorError(problem)


def _write(file: FileIO, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]


def _why(error: Exception, patience: Patience) -> str:
    cause = getattr(error, "reason", error)  # urllib wraps what happened
    if isinstance(cause, TimeoutError):
        return f"silent for {patience.silence:g} s"
    return f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__

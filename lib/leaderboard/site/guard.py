"""What stands before the pages: bodies that are too long or too slow, other sites' requests, safe headers.

Each class wraps an ASGI application and can be used alone. In Starlette, the first stands outermost:

    Starlette(routes, middleware=[
        Middleware(SafeHeaders, https=settings.https),
        Middleware(OwnSite, url=settings.url),
        Middleware(BodyLimit, most=16 << 10, larger={"/entries": 4 << 20}),
    ])
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # methods that change nothing
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
PORTS = {"http": ":80", "https": ":443"}  # which an address may leave out
SECONDS = 60.0
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # "no-referrer" would make browsers say "Origin: null" with our own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class BodyLimit:
    """Refuses bodies that are too long (413) or take too long (408).

    app: what is guarded
    most: bytes
    larger: paths → bytes that a form with files may have there
    seconds: from the first look at the body until all of it is there

    The refusal is an `HTTPException` where the application reads, so that a Starlette application answers it
    with a page of its own; elsewhere it becomes a line of plain text.
    """

    def __init__(
        self, app: ASGIApp, *, most: int, larger: Mapping[str, int] | None = None, seconds: float = SECONDS
    ):
        self.app, self.most, self.larger, self.seconds = app, most, larger or {}, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers, most = Headers(scope=scope), self.most
        if headers.get("content-type", "").lower().startswith("multipart/"):  # of which files go to the disk
            most = self.larger.get(scope["path"], most)
        body = _Body(headers.get("content-length", ""), receive, most, self.seconds)
        started = False

        async def note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, body.receive, note)
        except HTTPException as error:
            if started or error is not body.refusal:
                raise
            await _say(error.status_code, error.detail, scope, receive, send, error.headers)


class _Body:
    """One request's body: what has come of it, and until when the rest may come."""

    def __init__(self, stated: str, receive: Receive, most: int, seconds: float):
        self._receive, self.most, self.seconds = receive, most, seconds
        self.stated, self.came, self.whole = stated, 0, False
        self.until: float | None = None
        self.refusal: HTTPException | None = None

    async def receive(self) -> Message:
        if self.whole:  # what comes now is that the reader has gone, which may take hours
            return await self._receive()
        if self._states_too_much():
            raise self._too_long()
        self.until = self.until or asyncio.get_running_loop().time() + self.seconds
        try:
            async with asyncio.timeout_at(self.until):
                message = await self._receive()
        except TimeoutError:
            raise self._refuse(408, "The upload took too long; try again on a better line.") from None
        self.came += len(message.get("body", b""))
        self.whole = not message.get("more_body", False)
        if self.came > self.most:
            raise self._too_long()
        return message

    def _states_too_much(self) -> bool:
        """By Content-Length; one of 19 digits is too much, whatever they are."""
        if not (self.stated.isascii() and self.stated.isdigit()):
            return False
        return len(self.stated) > 18 or int(self.stated) > self.most

    def _too_long(self) -> HTTPException:
        size = f"{self.most / 1e6:.1f} MB" if self.most >= 1e6 else f"{self.most / 1000:.1f} kB"
        return self._refuse(413, f"This is too long; send at most {size}.")

    def _refuse(self, status: int, why: str) -> HTTPException:
        headers = {"Connection": "close"} if status == 408 else None  # else the rest is read, and thrown away
        self.refusal = self.refusal or HTTPException(status, why, headers)
        return self.refusal


class OwnSite:
    """Refuses requests that another site's page makes (403), and those meant for another address (421).

    app: what is guarded
    url: at which the site can be reached, as students write it

    A request for this computer itself (127.0.0.1, localhost) is taken too: so it comes from behind a proxy.
    Programs say nothing about where they come from; those are left to forms' tokens and to keys.
    """

    def __init__(self, app: ASGIApp, *, url: str):
        self.app, self.url = app, url
        self.scheme = url.lower().partition("://")[0]
        self.origin = _origin(url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        hosts = [
            host.lower() for host in headers.getlist("host")
        ]  # two of them are read differently by a proxy
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return await _say(
                421, f"This is not the address of the board; open {self.url}", scope, receive, send
            )
        if scope["method"] not in SAFE and self._comes_from_elsewhere(headers, hosts[0]):
            why = f"This was sent by another site's page; open {self.url} and send it from there."
            return await _say(403, why, scope, receive, send)
        return await self.app(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        return _is_local(host) or _origin(f"{self.scheme}://{host}") == self.origin

    def _comes_from_elsewhere(self, headers: Headers, host: str) -> bool:
        """By what browsers say, and no page can change; "none" is somebody who typed the address."""
        ours = {self.origin} | ({_origin(f"http://{host}")} if _is_local(host) else set())
        origins = {_origin(origin) for origin in headers.getlist("origin")}
        return not (set(headers.getlist("sec-fetch-site")) <= {"same-origin", "none"} and origins <= ours)


class SafeHeaders:
    """Adds headers that keep pages to themselves; one that an answer has already stays.

    app: what is guarded
    https: whether the site is served by https alone
    kept: how the paths begin that a browser may keep; all others are personal
    """

    def __init__(self, app: ASGIApp, *, https: bool, kept: Collection[str] = ("/static/",)):
        self.app, self.kept = app, tuple(kept)
        self.added = ALWAYS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        personal = {} if scope["path"].startswith(self.kept) else {"Cache-Control": "no-store"}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (self.added | personal).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


def _origin(url: str) -> str:
    """Scheme and host of an address, without a port that says nothing.

    >>> _origin("https://Board.example.org:443"), _origin("http://localhost:8000/join")
    ('https://board.example.org', 'http://localhost:8000')
    """
    scheme, _, rest = url.lower().partition("://")
    return f"{scheme}://{rest.partition('/')[0].removesuffix(PORTS.get(scheme, '/'))}"


def _is_local(host: str) -> bool:
    """Whether a host, with its port or without, is this computer itself.

    >>> _is_local("[::1]:8000"), _is_local("localhost"), _is_local("localhost.example.org")
    (True, True, False)
    """
    name, _, port = host.rpartition(":")
    return host in LOOPBACK or (name in LOOPBACK and port.isdigit())


async def _say(
    status: int,
    why: str,
    scope: Scope,
    receive: Receive,
    send: Send,
    headers: Mapping[str, str] | None = None,
) -> None:
    """A refusal in a line of plain text."""
    await PlainTextResponse(f"{why}\n", status, headers)(scope, receive, send)

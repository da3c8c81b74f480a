"""Connections that take too long over a request: the application never sees them."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MOST_HEAD = 64 << 10  # bytes of a request's first line and headers; of what stands around its body, too
HEAD_SECONDS = 20.0  # until all of them are there
ANSWERED = 100  # connections beyond the limit that are told so; more would take the files of the board
REST_SECONDS = 30.0  # for what comes of a body after the answer, which is thrown away
UNREAD_SECONDS = 120.0  # for an answer that nobody reads, such as on a telephone that sleeps


class PatientConnection(HttpToolsProtocol):
    """uvicorn's reading of HTTP, with an end to heads that are too long or too slow, to rests of bodies, and
    to answers that nobody reads.

    For `uvicorn.Config(http=PatientConnection)`.
    """

    _ending: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _answered: RequestResponseCycle | None = None  # whose turn it is, of requests that came at once
    _head = 0  # bytes of a head that is not whole yet
    _around = 0  # bytes around a body: sizes of its pieces, and headers that follow it
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._end_in(HEAD_SECONDS)
        if self.limit_concurrency and len(self.connections) > self.limit_concurrency + ANSWERED:
            transport.abort()  # uvicorn looks at its limit only where somebody asks something

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_in(None)
        self._wait_for_reader(False)
        self.pipeline.clear()  # or each of these requests would be answered, to nobody
        if self._answered is not None:
            self._answered.disconnected = True
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait_for_reader(True)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._wait_for_reader(False)

    def data_received(self, data: bytes) -> None:
        was_in_head = self._in_head
        self._around += len(data)
        super().data_received(data)
        if self._around > MOST_HEAD and not self._in_head:
            self.transport.abort()
        if was_in_head and self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MOST_HEAD:
                self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head, self._around = True, 0, 0
        self._end_in(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        self._in_head, self._around = False, 0
        self._end_in(None)
        super().on_headers_complete()
        if not self.pipeline:
            self._answered = self.cycle

    def on_body(self, body: bytes) -> None:
        self._around -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._end_in(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if self.pipeline:
            self._answered = self.pipeline[-1][0]
        super().on_response_complete()
        if self.cycle.more_body:
            self._end_in(REST_SECONDS)

    def _end_in(self, seconds: float | None) -> None:
        """Closes the connection after a while, unless something is finished before; None to let it be."""
        if self._ending is not None:
            self._ending.cancel()
        later = asyncio.get_running_loop().call_later
        self._ending = None if seconds is None else later(seconds, self.transport.close)

    def _wait_for_reader(self, waits: bool) -> None:
        """Ends the connection after a while in which the reader takes too little; False to let it be."""
        if self._unread is not None:
            self._unread.cancel()
        later = asyncio.get_running_loop().call_later  # `close` would wait until all is read
        self._unread = later(UNREAD_SECONDS, self.transport.abort) if waits else None

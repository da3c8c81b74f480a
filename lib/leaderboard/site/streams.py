"""Streams of the live standing, of which each participant has only so many at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

MOST_STREAMS = 30  # of a participant: windows and phones; one alone cannot keep all others out
EVENTS = "text/event-stream"
UNHELD = {"X-Accel-Buffering": "no"}  # or nginx keeps messages until it has many


class LiveStream(StreamingResponse):
    """Server-sent events, which count for their reader as long as they last.

    messages: one after the other
    open_streams: how many each participant has
    reader: the number of the participant
    """

    def __init__(self, messages: AsyncIterator[bytes], open_streams: Counter[int], reader: int):
        super().__init__(messages, headers=UNHELD, media_type=EVENTS)
        self.open_streams, self.reader = open_streams, reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.open_streams[self.reader] += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.open_streams[self.reader] -= 1

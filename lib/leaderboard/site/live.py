"""The live standing: found out once for all who look at the page, and sent to each as soon as it changes."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from lib.leaderboard.board import Board, NotNow, StandingRow
from lib.leaderboard.site.curve import curve_of_class
from lib.leaderboard.site.rows import row_html
from lib.leaderboard.site.settings import SiteSettings

KEPT = 30  # messages, for readers who were away for a moment; who was away longer loads the page again
QUIET = 15.0  # seconds without a message after which a comment tells proxies that nobody has gone
STAYS = (
    600.0  # seconds until a reader must come again, at most twice that: by then the session may have ended
)
CURVE = 10.0  # seconds between two changes of the curve, which nobody watches that closely
AT_ONCE = 50  # readers who are served before the next request gets its turn
RELOADS = 35  # students of a class whose pages may all be loaded again within a second
COMMENT = b":\n\n"
RELOAD = b"event: reload\n"

ShownLine = tuple[str, str, int, int]  # of the standing: public id, name, tenths of a percent, entries


@dataclass(frozen=True)
class Shown:
    """What all pages show at one moment.

    id: of this moment; a page hands it to `LiveStanding.events`
    ended: True where this is the final standing, of the private half
    places: the number of each participant with an entry → the place; the best first
    lines: the same as others may see it
    rows: the same as rows of an HTML table
    curve: how the class learns: a picture, and a table
    """

    id: str
    ended: bool
    places: dict[int, StandingRow]
    lines: tuple[ShownLine, ...] = field(repr=False)
    rows: Markup = field(repr=False)
    curve: Markup = field(repr=False)


class LiveStanding:
    """Looks at a board, and tells all readers what has changed; of one event loop.

    board: any program may change it
    settings: `live_seconds` is the shortest time between two messages
    """

    def __init__(self, board: Board, settings: SiteSettings):
        self.board, self.settings = board, settings
        self._secret = secrets.token_bytes(16)  # of this process: ids of rows tell nothing about the roster
        self._name = secrets.token_hex(4)
        self._shown: Shown | None = None
        self._seen: tuple[int, bool] | None = None  # revision and end, as they are shown
        self._curve_of, self._curve_at = -1, -CURVE  # the revision that the curve shows; since when
        self._last = 0  # number of the newest message
        self._messages: dict[int, bytes] = {}
        self._waiting: set[asyncio.Future[None]] = set()
        self._woken = time.monotonic()
        self._readers = 0
        self._watching: asyncio.Task[None] | None = None
        self._stopped = False
        self._fault = ""

    async def start(self) -> None:
        """Looks at the board for the first time, and from then on until `stop`."""
        await self._look()
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Ends all readers' streams."""
        self._stopped = True
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        await self._wake()

    def page_part(self) -> Shown:
        """What every page shows now, at most about `live_seconds` old.

        Raises `NotNow` as long as the board could not be read at all.
        """
        if self._shown is None:
            raise NotNow("The board could not be read yet. Try again in a moment.")
        return self._shown

    def public_id(self, number: int) -> str:
        """The id of a participant's row. Numbers follow the roster: they would tell who has which pseudonym.

        number: of the participant
        """
        digest = hashlib.blake2b(str(number).encode(), key=self._secret, digest_size=8)
        return f"p{digest.hexdigest()}"

    async def events(self, last_id: str | None) -> AsyncIterator[bytes]:
        """What has changed since a moment, as server-sent events, for one reader.

        It ends with "reload", or after some minutes, when browsers come again by themselves.

        last_id: `Shown.id` of the reader's page, or the id of the last message it had; None for now

        "standing": JSON {"lines": [[place from 0, id, name, tenths, entries], …], "gone": [id, …]}. The lines
        have changed or are new: who takes these and those that are gone out, and puts the lines back in their
        order, each to its place, has the new standing. "reload": the page is too old for that; the seconds
        over which readers should spread.
        """
        at = self._last if last_id is None else self._number_of(last_id)
        self._readers += 1
        spread = self._readers * 0.381966 % 1  # from 0 to 1: they do not come again all at once
        yield f"retry: {1000 + int(4000 * spread)}\n\n".encode()
        until = time.monotonic() + STAYS * (1 + spread)
        while at is not None and not self._stopped:
            if (message := self._messages.get(at + 1)) is not None:
                yield message  # a slow reader waits here, and holds nothing but its place
                at += 1
                if RELOAD in message:
                    return
            elif at != self._last:
                break
            else:
                await self._news()
                if time.monotonic() >= until:
                    return
                if at == self._last:
                    yield COMMENT
        if not self._stopped:
            yield self._reload()

    def _reload(self) -> bytes:
        """Tells readers to load the page again, not all in one moment: in so many seconds."""
        students = len(self._shown.lines) if self._shown else 0
        return RELOAD + b"data: %d\n\n" % (1 + students // RELOADS)

    def _number_of(self, last_id: str) -> int | None:
        """The number of a message; None for one of another process, whose rows have other ids."""
        name, _, number = last_id.partition("-")
        known = name == self._name and number.isascii() and number.isdigit() and len(number) < 10
        return int(number) if known else None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.settings.live_seconds)
            await self._look()
            if time.monotonic() - self._woken >= QUIET:
                await self._wake()

    async def _look(self) -> None:
        """Shows what the board says now; where it cannot be read, what it said before."""
        try:
            shown = await asyncio.to_thread(self._find)  # not of the threads that wait for uploads
        except NotNow:
            return
        except Exception as error:  # a fault of ours; the page goes on with what it has
            if repr(error) != self._fault:  # once, not every second
                logging.getLogger(__name__).exception("the live standing could not be made")
            self._fault = repr(error)
            return
        before, self._shown = self._shown, shown
        if before is None or shown.id == before.id:
            return
        self._last += 1
        message = self._reload() if shown.ended != before.ended else change_message(before.lines, shown.lines)
        self._messages[self._last] = f"id: {shown.id}\n".encode() + message
        self._messages.pop(self._last - KEPT, None)
        await self._wake()

    def _find(self) -> Shown:
        """What the board says now; the same object as before where nothing has changed."""
        board, shown = self.board, self._shown
        revision, ended = seen = board.revision, board.ended
        if shown is None or seen != self._seen:
            places = board.standing(final=ended)
            lines = tuple((self.public_id(one.owner), one.shown, one.tenths, one.entries) for one in places)
            differs = shown is not None and (lines, ended) != (shown.lines, shown.ended)
            shown = Shown(
                f"{self._name}-{self._last + differs}",
                ended,
                {one.owner: one for one in places},
                lines,
                rows_of(places, lines),
                shown.curve if shown else Markup(),
            )
        if revision != self._curve_of and time.monotonic() - self._curve_at >= CURVE:
            shown = replace(shown, curve=curve_of_class(board.curve()))
            self._curve_of, self._curve_at = revision, time.monotonic()
        self._seen = seen
        return shown

    async def _news(self) -> None:
        """Waits until there is a message, or nothing has been said for a while."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)

    async def _wake(self) -> None:
        """Wakes all readers, some at a time: a page that is asked for meanwhile does not wait for all."""
        self._woken = time.monotonic()
        for many, waiter in enumerate(tuple(self._waiting), start=1):
            if not waiter.done():
                waiter.set_result(None)
            if many % AT_ONCE == 0:
                await asyncio.sleep(0)


def rows_of(places: Sequence[StandingRow], lines: Sequence[ShownLine]) -> Markup:
    """The standing as rows of an HTML table: rank, name, score, entries."""
    return Markup("".join(row_html(place.rank, line) for place, line in zip(places, lines, strict=True)))


def change_message(before: Sequence[ShownLine], after: Sequence[ShownLine]) -> bytes:
    """The message that makes one standing of another, see `LiveStanding.events`."""
    old, new = set(before), set(after)
    stay = zip((one for one in before if one in new), (one for one in after if one in old), strict=True)
    moved = {now for was, now in stay if was != now}  # of equal scores, somebody chose another entry
    lines = [[place, *one] for place, one in enumerate(after) if one not in old or one in moved]
    gone = sorted({one[0] for one in before} - {one[0] for one in after})
    text = json.dumps({"lines": lines, "gone": gone}, ensure_ascii=False, separators=(",", ":"))
    return f"event: standing\ndata: {text}\n\n".encode()

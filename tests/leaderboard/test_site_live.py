"""The live standing: one computation for all, messages that lead from one standing to the next."""

import asyncio
import json
import re
import time
from contextlib import asynccontextmanager
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_challenge import SECRET, known_share, small_dataset

from lib.leaderboard import make_competition
from lib.leaderboard.board import Board, NotNow, StandingRow, make_board
from lib.leaderboard.site import live
from lib.leaderboard.site.live import LiveStanding, change_message, rows_of
from lib.leaderboard.site.settings import SiteSettings

KEY = make_competition(small_dataset(), SECRET).key
FAST = SiteSettings(live_seconds=0.01)


@pytest.fixture
def board(tmp_path):
    """A board with three students, of whom the first two have an entry."""
    made = a_board(tmp_path / "board.db")
    yield made
    made.close()


def a_board(path, clock=None):
    make_board(path, KEY)
    board = Board(path, KEY, **({"clock": clock} if clock else {}))
    board.people.invite([(f"s{number}", f"Student {number}", "") for number in range(3)])
    hand_in(board, 1, 0.3)
    hand_in(board, 2, 0.5)
    return board


def hand_in(board, number, share, once=None):
    """An entry of a participant of which about this share is right."""
    labels = known_share(KEY.labels, share, KEY.labels >= 0, seed=number)
    return board.entries.add(number, labels, once=once or f"{number} {share}")


@asynccontextmanager
async def running(board, settings=FAST):
    shower = LiveStanding(board, settings)
    await shower.start()
    try:
        yield shower
    finally:
        await shower.stop()


async def messages_of(shower, last_id, count, *, comments=False):
    """So many messages for a reader, without the first, which tells when to come again."""
    found = []
    stream = shower.events(last_id)
    async for message in stream:
        if not message.startswith(b"retry:") and (comments or message != live.COMMENT):
            found.append(message)
            if len(found) == count:
                break
    await stream.aclose()
    return found


def content(message):
    """(id, event, data) of a message."""
    fields = dict(line.split(": ", 1) for line in message.decode().rstrip("\n").split("\n"))
    return fields.get("id"), fields["event"], json.loads(fields["data"])


def followed(lines, data):
    """What a page makes of its lines and a message."""
    out = {one[1] for one in data["lines"]} | set(data["gone"])
    lines = [one for one in lines if one[0] not in out]
    for place, *one in data["lines"]:
        lines.insert(place, tuple(one))
    return tuple(lines)


async def until(condition, seconds=10):
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


standings = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["x", "y"]), st.integers(0, 3), st.integers(1, 2)),
    max_size=8,
    unique_by=lambda line: line[0],
)


@given(standings, standings)
def test_a_message_leads_from_any_standing_to_any_other(before, after):
    _, event, data = content(change_message(before, after))
    assert event == "standing"
    assert followed(before, data) == tuple(after)
    same = set(before) & set(after)
    if [one for one in before if one in same] == [one for one in after if one in same]:
        assert len(data["lines"]) == len(set(after) - set(before)), "only what has changed is sent"


def test_a_name_is_text_in_the_rows_and_one_line_in_a_message():
    place = StandingRow(1, 7, "<script>\u2028&", 703, 2, 0.0)
    rows = rows_of([place], [("p1", place.shown, 703, 2)])
    assert "<bdi>&lt;script&gt;\u2028&amp;</bdi>" in rows
    assert re.sub("<[^>]+>", " ", rows).split() == ["1", "&lt;script&gt;", "&amp;", "70.3", "%", "2"]
    message = change_message([], [("p1", "a\n\rdata: b", 703, 2)])
    assert message.count(b"\n") == 3
    assert content(message)[2]["lines"] == [[0, "p1", "a\n\rdata: b", 703, 2]]


def test_a_page_shows_the_standing_and_its_ids_tell_no_numbers(board):
    async def run():
        async with running(board) as shower:
            return shower.page_part(), shower.public_id(1), LiveStanding(board, FAST).public_id(1)

    shown, mine, elsewhere = asyncio.run(run())
    places = board.standing()
    assert list(shown.places.values()) == places
    assert list(shown.places) == [2, 1]
    assert shown.places[1] == places[1]
    assert [one[1:] for one in shown.lines] == [(one.shown, one.tenths, one.entries) for one in places]
    assert re.findall('<tr id="(.*?)"', shown.rows) == [shown.lines[0][0], mine]
    assert mine != elsewhere
    assert not shown.ended
    assert "<svg" in shown.curve


def test_readers_get_the_same_bytes_of_one_computation(board):
    async def run():
        counted = SimpleNamespace(standings=0)
        standing = board.standing

        def count(**given):
            counted.standings += 1
            return standing(**given)

        board.standing = count
        async with running(board) as shower:
            before = shower.page_part()
            readers = [asyncio.create_task(messages_of(shower, before.id, 1)) for _ in range(200)]
            await until(lambda: len(shower._waiting) == 200)
            hand_in(board, 3, 0.9)
            found = [(await reader)[0] for reader in readers]
            return before, shower.page_part(), found, counted.standings, len(shower._waiting)

    before, after, found, standings, waiting = asyncio.run(run())
    assert len({id(message) for message in found}) == 1
    number, event, data = content(found[0])
    assert (number, event) == (after.id, "standing")
    assert followed(before.lines, data) == after.lines
    assert standings == 2
    assert waiting == 0


def test_messages_come_no_faster_than_the_settings_say(board):
    async def run():
        told = []
        async with running(board, SiteSettings(live_seconds=0.1)) as shower:
            wake = shower._wake

            async def note():
                told.append(time.monotonic())
                await wake()

            shower._wake = note
            for turn in range(12):
                board.people.appear(1, shows_name=False, pseudonym=f"heron {turn}")
                await asyncio.sleep(0.05)
            shower._wake = wake
        return told

    told = asyncio.run(run())
    assert len(told) >= 2
    assert min(after - before for before, after in pairwise(told)) >= 0.1


def test_what_another_program_changes_is_seen_and_what_changes_nothing_is_not_sent(board, tmp_path):
    async def run():
        async with running(board) as shower:
            before = shower.page_part()
            reader = asyncio.create_task(messages_of(shower, before.id, 1))
            board.entries.choose(1, None)  # a new revision, the same standing
            await until(lambda: shower._seen[0] == board.revision)
            assert shower.page_part().id == before.id
            other = Board(tmp_path / "board.db", KEY)
            other.people.appear(2, shows_name=True, pseudonym="blue heron")
            other.close()
            return content((await reader)[0])

    _, _, data = asyncio.run(run())
    assert [(place, name) for place, _, name, _, _ in data["lines"]] == [(0, "Student 1")]
    assert data["gone"] == []


def test_a_reader_who_was_away_for_a_moment_gets_what_was_missed(board):
    async def run():
        async with running(board) as shower:
            before = shower.page_part()
            for turn in range(3):
                hand_in(board, 3, 0.4 + turn / 10)
                last = shower.page_part().id
                await until(lambda last=last: shower.page_part().id != last)
            return before, shower.page_part(), await messages_of(shower, before.id, 3)

    before, after, messages = asyncio.run(run())
    lines = before.lines
    for message in messages:
        lines = followed(lines, content(message)[2])
    assert lines == after.lines
    assert content(messages[-1])[0] == after.id


@pytest.mark.parametrize("kind", ["too far behind", "another process", "of the future", "nonsense", "²", ""])
def test_a_reader_who_cannot_be_helped_is_told_to_load_the_page(board, monkeypatch, kind):
    monkeypatch.setattr(live, "KEPT", 2)

    async def run():
        async with running(board) as shower:
            first = shower.page_part().id
            for turn in range(3):
                hand_in(board, 3, 0.4 + turn / 10)
                last = shower.page_part().id
                await until(lambda last=last: shower.page_part().id != last)
            name = first.partition("-")[0]
            known = {"too far behind": first, "of the future": f"{name}-99", "²": f"{name}-²"}
            last_id = known.get(kind, "00000000-3" if kind == "another process" else kind)
            stream = shower.events(last_id)
            found = [message async for message in stream]  # it ends
            return found, len(shower._messages)

    found, kept = asyncio.run(asyncio.wait_for(run(), 10))
    assert [message.split(b":")[0] for message in found] == [b"retry", b"event"]
    assert found[1] == b"event: reload\ndata: 1\n\n"
    assert kept == 2


def test_a_slow_reader_waits_alone_and_a_reader_who_is_gone_leaves_nothing(board):
    async def run():
        async with running(board) as shower:
            before = shower.page_part()
            slow, gone = shower.events(before.id), shower.events(before.id)
            for stream in (slow, gone):
                await anext(stream)
            reader = asyncio.create_task(anext(gone))
            await until(lambda: len(shower._waiting) == 1)
            reader.cancel()
            await asyncio.wait([reader])
            await gone.aclose()
            assert not shower._waiting
            for turn in range(live.KEPT + 2):  # meanwhile nobody asks for the slow one's next message
                board.people.appear(1, shows_name=False, pseudonym=f"heron {turn}")
                last = shower.page_part().id
                await until(lambda last=last: shower.page_part().id != last)
            assert len(shower._messages) == live.KEPT
            return [message async for message in slow]

    assert asyncio.run(asyncio.wait_for(run(), 60)) == [b"event: reload\ndata: 1\n\n"]


def test_a_large_class_does_not_load_the_page_again_in_one_moment(board, monkeypatch):
    monkeypatch.setattr(live, "RELOADS", 1)  # two students have an entry

    async def run():
        async with running(board) as shower:
            return await messages_of(shower, "another process-3", 1)

    (message,) = asyncio.run(run())
    assert content(message)[1:] == ("reload", 3)


@pytest.mark.parametrize("how", ["by another program", "at a moment that comes"])
def test_the_end_makes_everybody_load_the_final_standing(tmp_path, how):
    now = SimpleNamespace(seconds=1e9)
    board = a_board(tmp_path / "board.db", clock=lambda: now.seconds)
    if how == "at a moment that comes":
        board.end(1e9 + 60)

    async def run():
        async with running(board) as shower:
            before = shower.page_part()
            assert not before.ended
            stream = shower.events(before.id)
            assert (await anext(stream)).startswith(b"retry")
            if how == "at a moment that comes":
                now.seconds += 60
            else:
                other = Board(tmp_path / "board.db", KEY, clock=lambda: now.seconds)
                other.end()
                other.close()
            found = [message async for message in stream if message != live.COMMENT]
            again = shower.events(shower.page_part().id)  # who has loaded it is not sent away again
            await anext(again)
            reader = asyncio.create_task(anext(again))
            await until(lambda: shower._waiting)
            reader.cancel()
            return found, shower.page_part()

    found, shown = asyncio.run(asyncio.wait_for(run(), 30))
    assert [content(message)[1:] for message in found] == [("reload", 1)]
    assert shown.ended
    assert list(shown.places.values()) == board.standing(final=True)
    board.close()


def test_a_board_that_cannot_be_read_is_tried_again(board):
    async def run():
        standing, failing = board.standing, True

        def sometimes(**given):
            if failing:
                raise NotNow("The board cannot be used now. Try again in a minute.")
            return standing(**given)

        board.standing = sometimes
        async with running(board) as shower:
            with pytest.raises(NotNow, match="Try again"):
                shower.page_part()
            failing = False
            await until(lambda: shower._shown is not None)
            before, failing = shower.page_part(), True
            hand_in(board, 3, 0.9)
            await asyncio.sleep(0.1)
            assert shower.page_part() is before
            failing = False
            await until(lambda: shower.page_part() is not before)
            return shower.page_part()

    assert 3 in asyncio.run(run()).places


def test_a_fault_of_ours_is_logged_and_does_not_end_the_live_standing(board, caplog):
    async def run():
        async with running(board) as shower:
            standing = board.standing
            board.standing = lambda **given: 1 / 0
            hand_in(board, 3, 0.9)
            await until(lambda: "could not be made" in caplog.text)
            await asyncio.sleep(0.1)  # many more looks
            board.standing = standing
            await until(lambda: 3 in shower.page_part().places)

    asyncio.run(run())
    assert caplog.text.count("Traceback") == 1
    assert "ZeroDivisionError" in caplog.text


def test_in_quiet_times_a_comment_keeps_the_connection(board, monkeypatch):
    monkeypatch.setattr(live, "QUIET", 0.05)

    async def run():
        async with running(board) as shower:
            return await messages_of(shower, None, 2, comments=True)

    assert asyncio.run(run()) == 2 * [live.COMMENT]


def test_a_stream_ends_after_a_while_and_whoever_comes_again_misses_nothing(board, monkeypatch):
    monkeypatch.setattr(live, "QUIET", 0.02)
    monkeypatch.setattr(live, "STAYS", 0.1)

    async def run():
        async with running(board) as shower:
            before = shower.page_part()
            found = [message async for message in shower.events(before.id)]
            hand_in(board, 3, 0.9)
            await until(lambda: shower.page_part().id != before.id)
            return found, await messages_of(shower, before.id, 1), shower.page_part().id

    found, later, last = asyncio.run(asyncio.wait_for(run(), 10))
    assert set(found[1:]) == {live.COMMENT}
    assert content(later[0])[:2] == (last, "standing")


def test_stopping_ends_all_streams(board):
    async def run():
        shower = LiveStanding(board, FAST)
        await shower.start()

        async def read():
            return [message async for message in shower.events(None)]

        readers = [asyncio.create_task(read()) for _ in range(3)]
        await until(lambda: len(shower._waiting) == 3)
        await shower.stop()
        return [len(await reader) for reader in readers], await read()

    lengths, after = asyncio.run(asyncio.wait_for(run(), 10))
    assert max(lengths) <= 2
    assert len(after) == 1


def test_a_request_gets_its_turn_while_thousands_are_woken(board):
    """Between the first and the last reader of a message, another task of the loop runs often."""

    async def run():
        turns = [0]

        async def request():
            while True:
                turns[0] += 1
                await asyncio.sleep(0)

        async with running(board) as shower:
            readers = [asyncio.create_task(messages_of(shower, None, 1)) for _ in range(1000)]
            await until(lambda: len(shower._waiting) == 1000)
            hand_in(board, 3, 0.9)
            await asyncio.wait(readers, return_when=asyncio.FIRST_COMPLETED)
            other = asyncio.create_task(request())
            await asyncio.wait(readers)
            other.cancel()
        return turns[0]

    assert asyncio.run(run()) >= 1000 / live.AT_ONCE / 2

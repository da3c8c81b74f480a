"""`course leaderboard`: the actions, but for those that have a file of their own.

Arguments of all: action, which of them; folder, of the competition, or None for the usual one.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from datetime import UTC, datetime

from lib.checks import mismatch
from lib.grading.challenge.places import ChallengeFolder, challenge_folder, check_new_private
from lib.grading.interrupt import one_interrupt
from lib.grading.tables import screen_width
from lib.leaderboard.board import Board, percent
from lib.leaderboard.board.days import utc_text

ELSEWHERE = {  # action → the module of its function, and that
    "init": ("inviting", "init_command"),
    "invite": ("inviting", "invite_command"),
    "serve": ("serving", "serve_command"),
    "export": ("marks", "marks_command"),
}


def leaderboard_command(args: argparse.Namespace) -> int:
    """Runs one of the actions; returns the exit status."""
    place = challenge_folder(args.folder)
    if args.action in ELSEWHERE:
        module, name = ELSEWHERE[args.action]
        return getattr(importlib.import_module(f"lib.grading.challenge.{module}"), name)(args, place)
    with place.opened() as board:
        return HERE[args.action](args, place, board)


def close_command(args: argparse.Namespace, place: ChallengeFolder, board: Board) -> int:
    """`close`: ends the competition now, or at a time.

    args: at, a time in UTC, or None for now; yes
    """
    now = board.clock()
    at = utc_seconds(args.at) if args.at else now
    if at < now:
        raise mismatch("", "at", f"a time to come; it is {utc_text(now)} UTC", f"{utc_text(at)} UTC")
    if board.ended and board.ends is not None:
        question = (
            f"It has ended at {utc_text(board.ends)} UTC, and private scores were shown. Open it again?"
        )
        if args.at is None:
            print(f"It has ended already, at {utc_text(board.ends)} UTC.")
            return 0
    else:
        question = "End it now, and show the private scores?"
    if (args.at is None or board.ended) and not _agreed(question, args.yes):
        print("Nothing was changed, since the answer was not yes.")
        return 0
    board.end(at)
    if args.at is None:
        print("The competition has ended; the page shows the final standing, on the private half.")
    else:
        print(f"The competition ends at {utc_text(at)} UTC; until then entries are taken.")
    return 0


def status_command(args: argparse.Namespace, place: ChallengeFolder, board: Board) -> int:
    """`status`: how many take part, what came in, and when it ends."""
    people, standing = board.people.all(), board.standing(final=board.ended)
    entered = board.entries.all_counting()  # who has a new link, which is not used yet, came in before
    joined = sum(person.joined or person.number in entered for person in people)
    flagged = sum(bool(entry.flags) for entry in entered.values())
    ends = (
        f"{'ended' if board.ended else 'ends'} at {utc_text(board.ends)} UTC" if board.ends else "has no end"
    )
    print(f"{board.title} {ends}")
    print(f"Folder: {place.folder}")
    print(f"Page: {place.address() or 'no address yet; serve and invite take --url'}")
    print(f"Students: {len(people)} invited, {joined} came in, {len(standing)} handed in")
    print(f"Entries: {sum(row.entries for row in standing)}, at most {board.a_day} a day for each")
    if standing:
        half = "private" if board.ended else "public"
        print(f"Best: {percent(standing[0].tenths)} of the {half} half")
    if flagged:
        has = "has" if flagged == 1 else "have"
        print(f"{flagged} of the entries that count {has} a flag: look at them, on the page of staff")
    return 0


def backup_command(args: argparse.Namespace, place: ChallengeFolder, board: Board) -> int:
    """`backup`: a copy of the board while it goes on.

    args: file, a new one
    """
    file = args.file.expanduser()
    check_new_private(file, "file")
    board.backup(file)
    print(f"{file}: all people and entries; it holds names, so keep it as you keep marks.")
    print(f"The key is not in it: keep {place.key} as well.")
    return 0


def forget_on_board(args: argparse.Namespace, place: ChallengeFolder, board: Board) -> int:
    """`forget`: deletes a student with all entries.

    args: name, id or address; yes
    """
    person = board.people.find(args.name)
    entries = len(board.entries.of(person.number))
    who = f"{person.student} ({person.name})" if person.name else person.student
    many = "1 entry" if entries == 1 else f"{entries or 'no'} entries"
    if not _agreed(f"Delete {who} with {many}, links and sessions?", args.yes):
        print("Nothing was deleted, since the answer was not yes.")
        return 0
    board.forget(person.number)
    print(f"Deleted: {who} with {many}.")
    print("Backups, exports and files of links are yours to delete. Take the row out of the roster, too:")
    print("the next `course leaderboard invite` takes in who is in it.")
    print(f"What was handed in as an assignment stays: `course submissions forget {person.student}`")
    return 0


@one_interrupt()
def rerun_command(args: argparse.Namespace, place: ChallengeFolder, board: Board) -> int:
    """`rerun`: trains with the handed-in code again; returns 1 where a person should look.

    args: student, force, workers, seconds, sandbox, as of `rerun_challenge`
    """
    from lib.grading.challenge.rerun import REPRODUCED, SECONDS, rerun_challenge, rerun_table

    lines, stopped = [], False
    try:
        for line in rerun_challenge(
            board,
            place.folder,
            students=args.student,
            force=args.force,
            workers=args.workers,
            seconds=args.seconds or SECONDS,
            sandbox=args.sandbox,
        ):
            lines.append(line)
    except KeyboardInterrupt:
        stopped = True
    print("\n".join(rerun_table(lines, screen_width())))
    if stopped:
        print("It was interrupted: what is done stays, and the same command goes on from there.")
        return 130
    return 0 if all(line.state == REPRODUCED or line.decided for line in lines) else 1


def utc_seconds(text: str) -> float:
    """A time in UTC as seconds since 1970; a day alone means its last minute.

    >>> utc_seconds("1970-01-02 00:01"), utc_seconds("1970-01-01"), utc_seconds("1970-01-01 02:00+02:00")
    (86460.0, 86340.0, 0.0)
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        advice = "it is in UTC"
        raise mismatch(
            "", "at", "a time such as 2026-12-18 23:59, or a day", repr(text[:40]), advice
        ) from None
    if len(text.strip()) <= len("2026-12-18"):
        when = when.replace(hour=23, minute=59)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


HERE = {
    "close": close_command,
    "status": status_command,
    "rerun": rerun_command,
    "backup": backup_command,
    "forget": forget_on_board,
}


def _agreed(question: str, yes: bool) -> bool:
    """Whether somebody at the terminal says yes; --yes says it before."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise mismatch("", "yes", "an answer at a terminal", "none", "add --yes")
    return input(f"{question} Type yes: ").strip().lower() == "yes"

"""`course leaderboard init` and `invite`: the competition, and links for those who take part."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lib.assignments.places import ROOT
from lib.checks import mismatch, shown
from lib.files import replacing_text
from lib.grading.challenge.invitations import FORMS, InvitationTo
from lib.grading.challenge.places import ChallengeFolder, check_new_private
from lib.grading.submissions.people import people_of_class
from lib.leaderboard.board import Board, Invitation, make_board
from lib.leaderboard.board.tokens import in_groups
from lib.leaderboard.command import make_challenge
from lib.leaderboard.key_file import read_key
from lib.tasks.secret import make_secret, read_secret, secret_place

NO_ADDRESS = "add --url and the address, such as https://challenge.example.org; it is kept from then on"


def init_command(args: argparse.Namespace, place: ChallengeFolder) -> int:
    """`init`: makes the competition from the secret; a key that is there must be the same.

    args: data, title, a_day, url
    """
    if place.board.exists():
        advice = "--to names another folder"
        raise FileExistsError(f"board: expected a new competition, got one in {place.folder}; {advice}")
    new = not secret_place().exists()
    secret = make_secret()
    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_challenge(place.students, read_secret(), place.key, data=args.data)
    key = read_key(place.key)
    make_board(place.board, key, title=args.title, a_day=args.a_day)
    if args.url:
        place.address(args.url)
    print(f"{len(key):,} images of {key.data}, shuffled and partly noised.")
    if new:
        print(
            f"A new secret, from which key and hidden cases follow: {secret} (keep it, and show it to nobody)"
        )
    print(f"For students: {place.students} (they put it beside their notebook, as `challenge`)")
    print(f"The key: {place.key} (keep it, and show it to nobody)")
    print(f"The board: {place.board}")
    print(f"Next: course leaderboard invite class.csv{'' if args.url else ' --url https://…'}")
    return 0


def invite_command(args: argparse.Namespace, place: ChallengeFolder, root: Path = ROOT) -> int:
    """`invite`: links for those of the class who are not on the board yet, or for one person.

    args: roster, a file, or None for the one of former imports; again, staff, screen; form, of FORMS; to, the
        file; url
    """
    for_one = args.again or args.staff or args.screen
    if for_one and args.roster:
        raise mismatch("", "invite", "a class or one person", f"{args.roster} and one person")
    with place.opened() as board:
        url = place.address(args.url)
        if not url:
            raise mismatch("", "url", "the address of the page, as students type it", "none", NO_ADDRESS)
        to = InvitationTo(board.title, url)
        return _invite_one(args, board, to) if for_one else _invite_class(args, board, to, place, root)


def _invite_class(
    args: argparse.Namespace, board: Board, to: InvitationTo, place: ChallengeFolder, root: Path
) -> int:
    people = people_of_class(root, args.roster)
    if not people:
        advice = "write `course leaderboard invite class.csv`"
        raise mismatch("", "roster", "a table of the class", "none, and no import has kept one", advice)
    usual, _ = FORMS[args.form]
    file = args.to.expanduser() if args.to else place.folder / usual
    rows = [(person.id, person.name, person.email) for person in people]
    with _taken_back() as written:
        made = board.people.invite(rows, hand_over=lambda made: written(made, file, args.form, to))
    there = len(people) - len(made)
    if not made:
        print(f"Nobody is new: all {there} are on the board. `invite --again NAME` makes a new link.")
        return 0
    print(f"{file}: {len(made)} {'link' if len(made) == 1 else 'links'}", end="")
    print(f"; {there} of the class {'is' if there == 1 else 'are'} on the board already." if there else ".")
    if args.form == "letters" and (lacking := sum(not each.email for each in made)):
        print(f"{lacking} without an address in the roster: slips are another way.")
    print("Nobody can show these links again: give them out, then delete the file. A link works once;")
    print("`course leaderboard invite --again NAME` makes a new one.")
    return 0


def _invite_one(args: argparse.Namespace, board: Board, to: InvitationTo) -> int:
    """A link for one person, or for a screen, into a file or onto the terminal."""

    with _taken_back() as written:

        def hand_over(made: Sequence[Invitation]) -> None:
            if args.to:
                written(made, args.to.expanduser(), args.form, to)

        if args.again:
            invitation = board.people.invite_again(args.again, hand_over=hand_over)
        else:
            role = "staff" if args.staff else "screen"
            name = args.staff.strip() if args.staff else f"screen {len(board.people.all(role)) + 1}"
            made = board.people.invite([(name, "", "")], role, hand_over=hand_over)
            if not made:
                advice = f"`invite --again {name}` makes a new link"
                raise mismatch("", "staff", "somebody who is not on the board yet", shown(name), advice)
            invitation = made[0]
    if args.to:
        print(f"{args.to}: the link of {invitation.name or invitation.student}")
    else:
        print(f"{invitation.name or invitation.student}: {to.link(invitation)}")
        print(f"As a code, to type at {to.url}: {in_groups(invitation.token)}")
    print("It works once, and nobody can show it again.", end="")
    print(" What this person had before has ended." if args.again else "")
    return 0


@contextmanager
def _taken_back() -> Iterator[Callable[[Sequence[Invitation], Path, str, InvitationTo], None]]:
    """`_write`, whose file goes again where the board could not keep those who were invited."""
    files: list[Path] = []

    def written(made: Sequence[Invitation], file: Path, form: str, to: InvitationTo) -> None:
        _write(made, file, form, to)
        files.append(file)

    try:
        yield written
    except BaseException:
        for file in files:
            file.unlink(missing_ok=True)  # its links would open nothing
        raise


def _write(made: Sequence[Invitation], file: Path, form: str, to: InvitationTo) -> None:
    """Writes the links into a new file, which their instructor alone can read."""
    check_new_private(file, "to")
    text = FORMS[form][1](made, to)
    with replacing_text(file, private=True) as out:
        out.write(text)

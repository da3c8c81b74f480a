"""`course leaderboard init` and `invite`: the competition, and links for those who take part."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path

from lib.assignments.places import ROOT
from lib.checks import mismatch, shown
from lib.files import replacing_text
from lib.grading.challenge.invitations import FORMS, InvitationTo
from lib.grading.challenge.places import ChallengeFolder, check_new_private
from lib.grading.submissions.people import people_of_class
from lib.leaderboard.board import Board, Invitation, make_board
from lib.leaderboard.board.board import check_rules
from lib.leaderboard.board.tokens import in_groups
from lib.leaderboard.command import make_challenge
from lib.leaderboard.kept_keys import check_address
from lib.leaderboard.key_file import read_key
from lib.tasks.secret import make_secret, read_secret, secret_place

LETTERS = "letters"
NO_ADDRESS = "add --url and the address, such as https://challenge.example.org; it is kept from then on"


def init_command(args: argparse.Namespace, place: ChallengeFolder) -> int:
    """`init`: makes the competition from the secret; a key that is there must be the same.

    args: data, title, a_day, url; nothing is made where one of them is wrong
    """
    title, a_day = check_rules(args.title, args.a_day)
    url = check_address(args.url) if args.url else ""
    if place.board.exists():
        advice = "--folder names another one"
        raise FileExistsError(f"board: expected a new competition, got one in {place.folder}; {advice}")
    new = not secret_place().exists()
    secret = make_secret()
    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_challenge(place.students, read_secret(), place.key, data=args.data)
    key = read_key(place.key)
    make_board(place.board, key, title=title, a_day=a_day)
    place.address(url)
    print(f"{len(key):,} images of {key.data}, shuffled and partly noised.")
    if new:
        print(
            f"A new secret, from which key and hidden cases follow: {secret} (keep it, and show it to nobody)"
        )
    print(f"For students: {place.students} (beside their notebook, as `challenge`; the page offers it, too)")
    print(f"The key: {place.key} (keep it, and show it to nobody)")
    print(f"The board: {place.board}")
    print(f"Next: course leaderboard invite class.csv{'' if url else ' --url https://…'}")
    return 0


def invite_command(args: argparse.Namespace, place: ChallengeFolder, root: Path = ROOT) -> int:
    """`invite`: links for who is not on the board yet, who did not come in, or for one person.

    args: roster, a file, or None for the one of former imports; again, pending, staff, screen; form,
        of FORMS, or None for the usual one; to, the file; url
    """
    for_one = args.again or args.staff or args.screen
    if (for_one or args.pending) and args.roster:
        chosen = "a class, or one of --again, --pending, --staff and --screen"
        raise mismatch("", "invite", chosen, f"{args.roster} and one of these")
    with place.opened() as board:
        url = place.address(args.url)
        if not url:
            raise mismatch("", "url", "the address of the page, as students type it", "none", NO_ADDRESS)
        to = InvitationTo(board.title, url)
        if for_one:
            return _invite_one(args, board, to, place)
        if args.pending:
            return _invite_pending(args, board, to, place)
        return _invite_class(args, board, to, place, root)


def _invite_class(
    args: argparse.Namespace, board: Board, to: InvitationTo, place: ChallengeFolder, root: Path
) -> int:
    people = people_of_class(root, args.roster)
    if not people:
        advice = "write `course leaderboard invite class.csv`"
        raise mismatch("", "roster", "a table of the class", "none, and no import has kept one", advice)
    form = args.form or LETTERS
    file = _file(args, place, form)
    rows = [(person.id, person.name, person.email) for person in people]
    with _written_with(file, form, to) as hand_over:
        made = board.people.invite(rows, hand_over=hand_over)
    there = len(people) - len(made)
    if not made:
        print(f"Nobody is new: all {there} are on the board. `invite --again NAME` makes a new link,")
        print("and `invite --pending` one for each who did not come in yet.")
        return 0
    on_board = f"; {there} of the class {'is' if there == 1 else 'are'} on the board already" if there else ""
    _say_made(made, file, form, on_board)
    return 0


def _invite_pending(args: argparse.Namespace, board: Board, to: InvitationTo, place: ChallengeFolder) -> int:
    form = args.form or LETTERS
    file = _file(args, place, form)
    with _written_with(file, form, to) as hand_over:
        made = board.people.invite_pending(hand_over=hand_over)
    if not made:
        print("Nobody is waited for: all who were invited came in.")
        return 0
    _say_made(made, file, form, "; the older ones of these students have ended")
    return 0


def _say_made(made: Sequence[Invitation], file: Path, form: str, further: str) -> None:
    print(f"{file}: {len(made)} {'link' if len(made) == 1 else 'links'}{further}.")
    if form == LETTERS and (lacking := sum(not each.email for each in made)):
        print(f"{lacking} without an address in the roster: `invite --again NAME --as slips` prints a slip.")
    print("Nobody can show these links again: give them out, then delete the file. A link works once;")
    print("`course leaderboard invite --again NAME` makes a new one.")


def _invite_one(args: argparse.Namespace, board: Board, to: InvitationTo, place: ChallengeFolder) -> int:
    """A link for one person, or for a screen: into a file where a form or a file is named, or shown."""
    form = args.form or LETTERS
    file = _file(args, place, form) if args.form or args.to else None

    with _written_with(file, form, to) as hand_over:
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
    if file:
        print(f"{file}: the link of {invitation.name or invitation.student}")
    else:
        print(f"{invitation.name or invitation.student}: {to.link(invitation)}")
        print(f"As a code, to type at {to.url}: {in_groups(invitation.token)}")
    print("It works once, and nobody can show it again.", end="")
    print(" What this person had before has ended." if args.again else "")
    return 0


def _file(args: argparse.Namespace, place: ChallengeFolder, form: str) -> Path:
    """The file that is named, or the usual one; where that is there letters-2.txt and so on.

    For older links may not be given out yet.
    """
    if args.to:
        return args.to.expanduser()
    usual = place.folder / FORMS[form][0]
    numbered = (usual.with_stem(f"{usual.stem}-{number}") for number in count(2))
    return next(path for path in chain([usual], numbered) if not (path.exists() or path.is_symlink()))


@contextmanager
def _written_with(
    file: Path | None, form: str, to: InvitationTo
) -> Iterator[Callable[[Sequence[Invitation]], None]]:
    """Writes links where they are handed over; the file goes again where the board could not keep them.

    file: None where they are only shown
    """
    written: list[Path] = []

    def hand_over(made: Sequence[Invitation]) -> None:
        if file:
            _write(made, file, form, to)
            written.append(file)

    try:
        yield hand_over
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)  # its links would open nothing
        raise


def _write(made: Sequence[Invitation], file: Path, form: str, to: InvitationTo) -> None:
    """Writes the links into a new file, which their instructor alone can read."""
    check_new_private(file, "to")
    text = FORMS[form][1](made, to)
    with replacing_text(file, private=True) as out:
        out.write(text)

"""Where a competition lies: a folder of the instructor's own, beside the secret."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lib.checks import mismatch
from lib.files import replacing_text
from lib.leaderboard.board import Board
from lib.leaderboard.kept_keys import check_address
from lib.leaderboard.key_file import check_apart, read_key
from lib.tasks.secret import secret_place


@dataclass(frozen=True)
class ChallengeFolder:
    """The files of a competition; all but those in students/ are for the instructor's eyes alone.

    folder: holds them
    """

    folder: Path

    @property
    def board(self) -> Path:
        """People, entries, re-runs and decisions."""
        return self.folder / "board.db"

    @property
    def key(self) -> Path:
        """The labels of the images."""
        return self.folder / "key.json"

    @property
    def students(self) -> Path:
        """The folder that students get."""
        return self.folder / "students"

    @property
    def _address(self) -> Path:
        return self.folder / "address.txt"

    @contextmanager
    def opened(self) -> Iterator[Board]:
        """The board; raises `FileNotFoundError` where there is none yet."""
        for file in (self.board, self.key):
            if not file.is_file():
                advice = "`course leaderboard init` makes it"
                raise FileNotFoundError(f"board: expected a file {file}, got none; {advice}")
        board = Board(self.board, read_key(self.key))
        try:
            yield board
        finally:
            board.close()

    def address(self, given: str = "") -> str:
        """The address of the page as students type it; "" where nobody has said.

        given: at the command line, and kept from then on; "" for the one that is kept
        """
        if given:
            address = check_address(given)
            with replacing_text(self._address, private=True) as file:
                file.write(f"{address}\n")
            return address
        return self._address.read_text("utf-8").strip() if self._address.is_file() else ""


def challenge_folder(given: Path | None = None) -> ChallengeFolder:
    """The folder of a competition.

    given: at the command line; None for `challenge` beside the secret
    """
    return ChallengeFolder(given.expanduser() if given else secret_place().with_name("challenge"))


def check_new_private(path: Path, option: str) -> None:
    """Raises where a file with names or links must not be written: over another one, or into a repository.

    option: that names the file, for the error
    """
    check_apart(path, option)
    if path.is_symlink() or path.exists():
        raise mismatch("", option, "a new file", f"one that is there, {path}", "name another, or delete it")

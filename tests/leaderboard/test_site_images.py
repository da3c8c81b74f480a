"""The page offers what students classify, to who is in, and no other file."""

import numpy as np
import pytest
from board_of_tests import asking, board_of_class, come_in

from lib.leaderboard.student_files import ABOUT, IMAGES, SAMPLE, TORCH7, read_challenge, write_challenge


@pytest.fixture
def place(tmp_path):
    """A folder with a board, the key beside it, and students/."""
    with board_of_class(tmp_path, "ada") as board:
        images = np.arange(200 * 48, dtype=np.int64).astype(np.uint8).reshape(200, 3, 4, 4)
        write_challenge(tmp_path / "students", images, board.key.classes)
        (tmp_path / "key.json").write_text("secret")
        (tmp_path / "students" / "notes.txt").write_text("of the instructor")
        yield tmp_path, board


def test_the_images_come_as_they_are_and_nothing_else_does(place, tmp_path_factory):
    folder, board = place
    with asking(board, files=folder / "students") as client:
        ada = come_in(client, board, "ada")
        page = ada.get().text
        got = tmp_path_factory.mktemp("downloaded")
        for name in (IMAGES, TORCH7, SAMPLE, ABOUT):
            assert f'href="/images/{name}"' in page
            answer = ada.get(f"/images/{name}")
            assert (answer.status_code, answer.content) == (200, (folder / "students" / name).read_bytes())
            assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
            (got / name).write_bytes(answer.content)
        assert np.array_equal(read_challenge(got), read_challenge(folder / "students"))
        for name in ("notes.txt", "..%2fkey.json", "%2e%2e/key.json", "../key.json", "board.db", ""):
            assert ada.get(f"/images/{name}").status_code == 404, name
        assert client.get(f"/images/{IMAGES}").status_code == 401
        assert come_in(client, board, "hall").get(f"/images/{IMAGES}").status_code == 403


def test_without_a_folder_the_page_offers_none(place):
    _, board = place
    with asking(board) as client:
        ada = come_in(client, board, "ada")
        assert "/images/" not in ada.get().text
        assert ada.get(f"/images/{IMAGES}").status_code == 404

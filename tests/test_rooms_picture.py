"""The picture of the rooms in docs/ shows the imports of today."""

import re
import sys
from html import unescape
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))


def test_it_shows_the_arrows_of_today():
    import rooms

    drawn = re.findall(r"<title>(.+?)&#45;&gt;(.+?)</title>", rooms.PICTURE.read_text("utf-8"))
    assert {(unescape(a), unescape(b)) for a, b in drawn} == rooms.without_detours(rooms.arrows()), (
        "draw it again: python docs/rooms.py"
    )

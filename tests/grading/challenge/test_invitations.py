"""Letters, tables and slips: what is in them can be used, and does nothing else."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from email.utils import getaddresses
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from lib.grading.challenge.invitations import SHEET, InvitationTo, as_letters, as_slips, as_table
from lib.leaderboard.board import Invitation
from lib.leaderboard.board.tokens import in_groups, new_token

TO = InvitationTo("The challenge", "https://challenge.example.org")
HOSTILE = "<script>alert(1)</script>\"'&{title}%s\r\nBcc: all@example.org\x1b[2J"


def invitation(name="Ada Lovelace", email="ada@example.org", student="s1") -> Invitation:
    return Invitation(student, name, email, new_token())


def codes_of(page: str) -> list[np.ndarray]:
    """The QR codes on a page as grey pictures, drawn from the strokes that stand in it."""
    found = []
    for text in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        picture = ET.fromstring(text)
        size = int(picture.get("viewBox").split()[2])
        modules = np.full((size, size), 255, np.uint8)
        (path,) = [element for element in picture.iter() if element.tag.endswith("path")]
        x = y = 0.0
        for command, numbers in re.findall(r"([mMh])([^mMh]*)", path.get("d")):
            values = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
            if command == "h":
                modules[int(y), int(x) : int(x + values[0])] = 0
                x += values[0]
            else:
                x, y = values if command == "M" else (x + values[0], y + values[1])
        found.append(modules)
    return found


def read_code(modules: np.ndarray) -> str:
    """What OpenCV reads, at the first size at which it finds the code: it misses some at some sizes."""
    for scale in (4, 8, 3, 6, 10):
        picture = modules.repeat(scale, 0).repeat(scale, 1)
        for detector in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
            if text := detector.detectAndDecode(picture)[0]:
                return text
    return ""


LONG = "https://www.a-long-name-of-a-university.example.edu/courses/vision"


@pytest.mark.parametrize("url", ["https://challenge.example.org", "http://192.168.1.20:8000", LONG])
def test_the_picture_on_a_slip_is_its_link(url):
    to = InvitationTo("The challenge", url)
    invitations = [invitation(student=f"s{number}") for number in range(3)]
    codes = codes_of(as_slips(invitations, to))
    assert [read_code(code) for code in codes] == [f"{url}/join/{each.token}" for each in invitations]


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)


def test_slips_say_address_and_code_and_need_no_other_file():
    made = [invitation(), invitation("", "", "s2")]
    page = as_slips(made, TO)
    seen = Elements()
    seen.feed(page)
    text = " ".join("".join(seen.text).split())
    for each in made:
        assert in_groups(each.token) in text
        assert each.token not in text
    assert "Ada Lovelace s1" in text
    assert TO.url in text
    assert not {"script", "link", "img", "iframe", "a"} & set(seen.tags)
    assert not [value for name, value in seen.attributes if name in ("src", "href") or name.startswith("on")]
    assert "url(" not in page


def test_the_id_on_a_slip_is_not_cut_off_with_a_long_name():
    page = as_slips([invitation("Ada " * 20, student="s1")], TO)
    (name,) = re.findall(r'<p class="name">(.*?)</p>', page)
    assert "s1" not in name
    assert '<p class="small">s1</p>' in page


@pytest.mark.parametrize("count", [1, SHEET, SHEET + 1])
def test_so_many_slips_fit_on_a_sheet(count):
    page = as_slips([invitation(student=f"s{number}") for number in range(count)], TO)
    assert page.count('<section class="sheet">') == -(-count // SHEET)
    assert page.count("<article>") == count


def test_names_are_no_part_of_a_page():
    page = as_slips([invitation(HOSTILE, HOSTILE, "s1")], InvitationTo("<script>2</script>", TO.url))
    seen = Elements()
    seen.feed(page)
    assert "script" not in seen.tags
    assert "alert(1)" in "".join(seen.text)
    assert "\x1b" not in page


def test_a_table_has_a_row_for_each_and_no_formula():
    made = [invitation('=HYPERLINK("http://evil")', "+1@example.org"), invitation("Größe, Bob", ""),
            invitation("", "x@example.org", "s3"), invitation("@SUM(1)", "a\r\nb@example.org")]  # fmt: skip
    rows = list(csv.reader(io.StringIO(as_table(made, TO))))
    assert rows[0] == ["id", "name", "email", "link"]
    assert [row[3] for row in rows[1:]] == [f"{TO.url}/join/{each.token}" for each in made]
    assert rows[2][1] == "Größe, Bob"
    assert rows[3][:2] == ["s3", "s3"]
    assert len(rows) == 5
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_letters_say_whom_they_are_for_and_cannot_be_given_other_receivers():
    made = [invitation(), invitation(HOSTILE, f"ada@example.org{HOSTILE}"), invitation("", "", "s3")]
    letters = re.split(r"\n={72}\n", as_letters(made, InvitationTo("The challenge", TO.url)))
    assert len(letters) == 3
    assert letters[0].startswith("To: Ada Lovelace <ada@example.org>\nSubject: The challenge: your link")
    for letter, each in zip(letters, made, strict=True):
        assert letter.count(f"{TO.url}/join/{each.token}") == 1
        head = letter.partition("\n\n")[0].splitlines()
        assert [line.partition(":")[0] for line in head] == ["To", "Subject"]
        assert "\x1b" not in letter
    assert "the roster has no address; id s3" in letters[2]


def test_a_name_that_a_platform_turns_round_is_one_receiver_and_said_as_one_says_it():
    names = ("Lovelace, Ada", "Größe Bob (he/him)", 'Smith, John, "Jr."')
    letters = [as_letters([invitation(name)], TO) for name in names]
    assert letters[0].startswith("To: Ada Lovelace <ada@example.org>\n")
    assert "Dear Ada Lovelace,\n" in letters[0]
    for letter, name in zip(letters[1:], names[1:], strict=True):
        head = letter.partition("\n")[0].removeprefix("To: ")
        assert getaddresses([head]) == [(name.replace('"', "'"), "ada@example.org")]
        assert f"Dear {name},\n" in letter

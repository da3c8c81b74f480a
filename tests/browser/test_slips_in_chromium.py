"""Slips as they are printed: all words are inside, a sheet is a page, and a camera reads the codes."""

import re

import cv2
import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from benchmarks.lab import CHROMIUM_FLAGS
from lib.grading.challenge.invitations import SHEET, InvitationTo, as_slips
from lib.leaderboard.board import Invitation
from lib.leaderboard.board.tokens import new_token

LONG = "Wolfeschlegelsteinhausenbergerdorff-Montgomery the Third of Upper-Lower-Saxony"
NAMES = ["Ada Lovelace", LONG, "", "李小龍", *(f"Somebody Else {number}" for number in range(SHEET - 3))]
TITLES = ["The challenge", "Deep Learning for Computer Vision, the challenge of the winter term of 2026/27"]
OVERFLOWING = """[...document.querySelectorAll("article, article > div, .token")]
    .filter(e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)
    .map(e => e.innerText)"""


@pytest.mark.family(share=2)
@pytest.mark.parametrize("title", TITLES)
def test_slips_can_be_read_and_cut(title, chromium, tmp_path):
    to = InvitationTo(title, "https://www.vision.a-long-name-of-a-university.example.edu/challenge")
    invitations = [Invitation(f"s{k:04}", name, "", new_token()) for k, name in enumerate(NAMES)]
    (tmp_path / "slips.html").write_text(as_slips(invitations, to), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(device_scale_factor=2)
        page.goto((tmp_path / "slips.html").as_uri())
        assert page.evaluate(OVERFLOWING) == []
        for paper in ("A4", "Letter"):
            printed = page.pdf(format=paper)
            assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2, paper
        pictures = [slip.screenshot() for slip in page.locator("article").all()]
        browser.close()
    assert len(pictures) == len(NAMES)
    read = [read_picture(picture) for picture in pictures]
    assert read == [f"{to.url}/join/{invitation.token}" for invitation in invitations]


def read_picture(png: bytes) -> str:
    """What OpenCV reads, which misses some codes at some sizes."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    for size in (1.0, 0.75, 1.5):
        scaled = cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
        for detector in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
            if text := detector.detectAndDecode(scaled)[0]:
                return text
    return ""

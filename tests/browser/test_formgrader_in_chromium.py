"""Written questions, marked by hands in Chromium: a mark and a comment typed, saved, and shown afterwards."""

import argparse
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from slowness import slowness

from lib.assignments.originals import keep_original
from lib.grading.exports.command import grades_command
from lib.grading.feedback.command import feedback_command
from lib.grading.gradebook.marks import marks_in_gradebook
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "grading"))

from grading_course import NAME, executed, graded, make_course, result  # noqa: E402

PEOPLE = {
    "ada-l": {"first_name": "Ada", "last_name": "Lovelace"},
    "bob-b": {"first_name": "Bob", "last_name": "Builder"},
}
COMMAND = """
import argparse, sys
from pathlib import Path
from lib.grading.feedback.formgrader import formgrader_command
further = ["--no-browser", "--port=0", "--IdentityProvider.token=open", "--ServerApp.log_level=ERROR"]
options = argparse.Namespace(assignment="a9", anonymous="anonymous" in sys.argv, db="", further=further)
formgrader_command(options, Path(sys.argv[1]))
"""


@pytest.fixture
def course(tmp_path):
    """A course in which two have handed in, and nobody has read the written answers."""
    root = make_course(tmp_path)
    (root / "lectures").mkdir()
    (root / "lectures" / "00_start_here.ipynb").write_bytes(executed())
    keep_original(NAME, {f"{NAME}.ipynb": executed(None, None, None)}, root)
    with open_gradebook(root) as gradebook, Recorder(gradebook, NAME, PEOPLE) as recorder:
        graded(root, recorder, result("ada-l"), executed(why="The sum commutes."))
        graded(root, recorder, result("bob-b"), executed(why="The sum does not care."))
    return root


@contextmanager
def formgrader(root, *options):
    """The address that `course formgrader a9` prints, without its token, while it runs."""
    command = [sys.executable, "-c", COMMAND, str(root), *options]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=root, env=env, **pipes) as server:
        try:
            found = next(filter(None, (re.search(r"open at (http://\S+)", line) for line in server.stdout)))
            yield found[1].partition("?")[0]
        finally:
            server.kill()


@contextmanager
def opened(chromium, address):
    """The page behind an address, in a browser in which only this computer is reached."""
    from playwright.sync_api import sync_playwright

    from benchmarks.lab import CHROMIUM_FLAGS

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(30_000 * slowness())
        here = urlsplit(address).netloc
        page.route(lambda url: urlsplit(url).netloc != here, lambda route: route.abort())
        page.goto(f"{address}?token=open")
        yield page
        browser.close()


def rows(page):
    """Of each submission in the list: its name, and whether a person has to look."""
    page.locator("td.needs-manual-grade").first.wait_for(state="attached")
    shown = page.locator("tbody tr")
    return [
        (row.locator("a").first.inner_text(), row.locator(".needs-manual-grade .glyphicon-ok").count())
        for row in shown.all()
    ]


def mark(page, score, comment):
    """Types a mark and a comment for the written question, once the page takes them."""
    page.locator("#why.needs_manual_grade").wait_for()
    page.locator("#why-comment[placeholder]").wait_for()
    for field, typed, kind in (("#why", score, "grade"), ("#why-comment", comment, "comment")):
        page.locator(field).fill(typed)
        with page.expect_response(lambda answer, kind=kind: f"/api/{kind}/" in answer.url) as saved:
            page.keyboard.press("Tab")  # who leaves a field has saved it
        assert saved.value.ok


@pytest.mark.family(share=12)
@pytest.mark.parametrize("options", [(), ("anonymous",)], ids=["names on request", "anonymous"])
def test_marks_and_comments_typed_in_formgrader_are_those_of_the_class(course, chromium, options):
    with formgrader(course, *options) as address, opened(chromium, address) as page:
        assert page.url.split("?")[0] == address
        assert address.endswith(f"/formgrader/gradebook/{NAME}/{NAME}")
        assert rows(page) == [("Submission #1", 1), ("Submission #2", 1)]
        page.get_by_role("button", name="Show All Names").click()
        names = page.locator("tbody").inner_text()
        assert ("Lovelace" in names and "Builder" in names) is not bool(options)
        assert ("Lovelace" in page.content()) is not bool(options)
        page.get_by_role("button", name="Hide All Names").click()

        marks = {}
        page.get_by_role("link", name="Submission #1").click()
        for score in ("3.5", "4"):
            page.locator("#why").wait_for()
            answer = "ada-l" if "The sum commutes." in page.inner_text("body") else "bob-b"
            marks[answer] = float(score)
            mark(page, score, f"For {answer}: well said, but why {score}?")
            assert ("Lovelace" in page.content() or "Builder" in page.content()) is not bool(options)
            with page.expect_navigation():
                page.get_by_role("link", name="Next").click()
        page.locator("td.needs-manual-grade").first.wait_for(state="attached")
        assert rows(page) == [("Submission #1", 0), ("Submission #2", 0)]
    assert sorted(marks) == ["ada-l", "bob-b"]

    said = []
    usual = {"assignment": "a9", "db": ""}
    grades_command(argparse.Namespace(**usual, give_back=False, roster=None), course, said.append)
    table = "\n".join(said).splitlines()
    named = {"ada-l": ["Lovelace,", "Ada"], "bob-b": ["Builder,", "Bob"]}
    assert [line.split()[:4] for line in table[1:3]] == [
        [student, *named[student], f"{16 + marks[student]:g}"] for student in named
    ]
    assert "*" not in table[1] + table[2]
    feedback_command(argparse.Namespace(**usual, student=[]), course, said.append)
    with open_gradebook(course, backup=False) as gradebook:
        for found in marks_in_gradebook(gradebook, NAME):
            told = f"For {found.student}: well said, but why {marks[found.student]:g}?"
            assert found.comments == {"why": told}
            page = course / "feedback" / found.student / NAME / f"{NAME}.html"
            assert told in page.read_text("utf-8")

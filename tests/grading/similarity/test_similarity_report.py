"""The report: a page that shows code and runs none, for keyboards and dark rooms; the command around it."""

import argparse
import json
import os
import re
import stat
import time
from html.parser import HTMLParser

import pytest
from authors import NAME, TASKS, a_made_class, body, hand_in, random

from lib.grading.places import submission_folder
from lib.grading.similarity.command import similarity_command
from lib.grading.similarity.comparison import compared
from lib.grading.similarity.page import KINDS, STYLE, report_page

ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "strong", "div", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "a", "details", "summary", "ol", "li", "section", "span",
    "code",
}  # fmt: skip


class Seen(HTMLParser):
    """What a browser sees: elements, attributes, ids, links."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.ids, self.links, self.open = set(), set(), [], set(), []
        self.regions = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id"]
        self.links |= {value for name, value in attrs if name == "href"}
        self.regions += [dict(attrs)] if ("role", "region") in attrs else []
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def root(tmp_path):
    return tmp_path / "course"


def two_copies(root, student="ada", other="bob"):
    """A class in which two have handed in one thing."""
    released, written = a_made_class(root, 6)
    for name in (student, other):
        hand_in(root, name, released, written["s001"])
    return released


def test_a_page_stands_alone_and_every_link_leads_somewhere(root):
    two_copies(root)
    page = report_page(compared("a7", root))
    seen = Seen(page)
    assert seen.open == []
    assert seen.tags <= ALLOWED
    assert seen.links <= {f"#{name}" for name in seen.ids}
    assert len(seen.links) > 5
    assert len(seen.ids) == len(set(seen.ids))
    assert not re.search(r"https?:|@import|url\(|<script|\bon\w+=", page)
    assert "default-src 'none'" in page
    assert page.index("This is no verdict") < page.index("<table")
    assert "a person looks" in page
    assert not re.search("plagiar|cheat|guilt|suspect", page.lower())


def test_passages_are_told_by_numbers_too_and_reached_by_keyboard(root):
    two_copies(root)
    page = report_page(compared("a7", root))
    seen = Seen(page)
    assert seen.regions
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in seen.regions)
    assert "≡1</a>" in page
    assert "p1-0-a-1" in seen.ids
    assert "#p1-0-b-1" in seen.links


def luminance(colour):
    text = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    parts = [int(text[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_is_read_on_every_colour(scheme):
    colours = dict(re.findall(r"--(\w+): #(\w+)", STYLE.split("@media (prefers-color-scheme: dark)")[scheme]))
    grounds = ["page", *(f"m{kind}" for kind in range(KINDS))]
    for ink, around in [("ink", grounds), ("faint", grounds), ("link", ["page"])]:
        for ground in around:
            lighter, darker = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ink, ground)


HOSTILE = [
    "<script>alert(1)</script>", "</div></main><img src=x onerror=alert(1)>", "\u202egnirts = 1 \u2066",
    '"><a href="javascript:alert(1)">x</a>', "<!-- ]]> --> &lt;b&gt;", "x = 1\0\0\0", "\x1b[31mred",
]  # fmt: skip


def test_hostile_sources_do_nothing(root):
    released, written = a_made_class(root, 6)
    lines = "\n".join(f"    row = {text!r}  # {text}" for text in HOSTILE[:2])
    code = f"{TASKS['a7.route']}\n{lines}\n{body(random.Random(3), 12)}"
    broken = "\n".join(HOSTILE) + "\n" + code
    for student in ("ada", "bob"):
        hand_in(root, student, released, written["s001"] | {"a7.route": code}, further=[broken])
    page = report_page(compared("a7", root))
    seen = Seen(page)
    assert seen.open == []
    assert seen.tags <= ALLOWED
    assert not {name for name in seen.attributes if name.startswith("on") or name == "src"}
    assert not re.search("[\0\x1b\u202e\u2066]", page)
    assert "&lt;script&gt;" in page


def odd_files(folder):
    """Files as nobody expects them."""
    yield "nothing.ipynb", b""
    yield "cut.ipynb", b'{"cells": ['
    yield "list.ipynb", b"[]"
    yield "deep.ipynb", b'{"cells":' + b"[" * 100_000
    yield "bytes.ipynb", bytes(range(256))
    yield (
        "no_cells.ipynb",
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}).encode(),
    )
    yield "numbers.ipynb", json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": [1, None]}).encode()
    yield "helper.py", b"\xff\xfe\x00def f(:\n"
    long_line = "x = '" + "A" * 1_000_000 + "'"
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": long_line}
    more = [
        dict(cell, source="(" * 90_000),
        dict(cell, source="x = " + "-" * 90_000 + "1"),
        dict(cell, source="\ud800"),
    ]
    whole = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell, *more[:2]]}
    yield "long.ipynb", json.dumps(whole).encode()
    yield "surrogate.ipynb", json.dumps(whole | {"cells": more}).encode()


def test_odd_files_stop_nobody_and_cost_little(root):
    two_copies(root)
    for student in ("odd", "odd-too"):
        folder = submission_folder(student, NAME, root)
        folder.mkdir(parents=True)
        for name, content in odd_files(folder):
            (folder / name).write_bytes(content)
    (root / "submitted" / "empty" / NAME).mkdir(parents=True)
    link = submission_folder("link", NAME, root)
    link.mkdir(parents=True)
    if hasattr(os, "symlink"):
        (link / f"{NAME}.ipynb").symlink_to(submission_folder("ada", NAME, root) / f"{NAME}.ipynb")
    begin = time.process_time()
    found = compared("a7", root)
    page = report_page(found)
    assert time.process_time() - begin < 15
    assert found.codes["link"] == found.codes["empty"] == {}
    assert ("ada", "bob") in [(pair.one, pair.other) for pair in found.pairs]
    assert len(page) < 2_000_000
    assert max(map(len, page.split("\n"))) < 1_000_000


def arguments(**more):
    usual = {"name": "a7", "to": None, "last_year": None, "pairs": 30, "ask": None, "seed": 0}
    return argparse.Namespace(**usual | more)


def test_the_command_writes_for_the_instructor_alone_and_prints_the_first_pairs(root, tmp_path, capsys):
    two_copies(root)
    assert similarity_command(arguments(), root) == 0
    path = root / "grading" / "similarity" / f"{NAME}.html"
    said = capsys.readouterr().out
    assert "ada · bob" in said
    assert "no verdict" in said
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ValueError, match="pairs: expected"):
        similarity_command(arguments(pairs=0), root)
    similarity_command(arguments(to=tmp_path / "r.html", pairs=1, ask="bob"), root)
    page = (tmp_path / "r.html").read_text("utf-8")
    assert page.count("<section id=") == 1
    assert page.count("<li>a7.") == 3
    assert "To ask bob" in page
    with pytest.raises(ValueError, match="ask: expected the id of a student"):
        similarity_command(arguments(ask="eve"), root)


def test_who_takes_the_course_again_is_told_apart(root, tmp_path):
    released, written = a_made_class(root, 6)
    hand_in(tmp_path / "before", "s001", released, written["s001"])
    page = report_page(compared("a7", root, last_year=tmp_path / "before"))
    assert "s001 · s001 (last year) (one student, two years)" in page


def test_a_class_that_shares_nothing_has_a_page(root):
    released, _ = a_made_class(root, 0)
    hand_in(root, "ada", released, {})
    page = report_page(compared("a7", root))
    assert "No two submissions share" in page


@pytest.mark.family(share=8)
def test_a_thousand_submissions_of_eight_tasks_take_seconds(root):
    from lib.grading.similarity.ranking import alike_in_task

    rng = random.Random(0)
    common = [rng.getrandbits(32) for _ in range(2000)]
    begin = time.process_time()
    for task in range(8):
        prints = {
            f"s{number}": frozenset([*rng.sample(common, 40), *(rng.getrandbits(32) for _ in range(30))])
            for number in range(1000)
        }
        prints["copy"] = prints["s17"]
        assert alike_in_task(f"a7.{task}", prints)[0][:2] == ("s17", "copy")
    assert time.process_time() - begin < 40

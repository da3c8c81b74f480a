"""The map with a student's progress, in the terminal and as HTML; what a lecture holds is read from it."""

import json
from html.parser import HTMLParser

import pytest
from small_lectures import notebook

from lib.cli import main
from lib.lessons import progress, show_map
from lib.lessons.outline import anchor, calls, outlines
from lib.lessons.progress import SHOWN, note_guess, note_passed
from lib.lessons.progress_map import progress_map


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(progress, "_unwritten", {})
    return tmp_path / "progress.json"


@pytest.fixture
def lectures(tmp_path):
    folder = tmp_path / "lectures"
    folder.mkdir()
    (folder / "00_start_here.ipynb").write_bytes(notebook("# 00 Start & go"))
    gates = notebook(
        "# 05 Gates",
        "## 1 `Add` and more",
        'predict("05.sum")',
        'class AddGate: ...\n\n%time\ncheck("05.add_gate", AddGate)',
        "## 2 Max",
        'check("05.max_gate", or_ours("05.max_gate", Max))\n# check("05.no", No)',
        'check("05.add_gate", AddGate)\nword = \'check("05.text", x)\'',
        "with after('05.sum'):\n    print(predict('05.other'))",
        "check(name)\ncheck()\nthing.check('05.of_another')\nthis is no Python check('05.x')",
    )
    (folder / "05_gates.ipynb").write_bytes(gates)
    (folder / "06_broken.ipynb").write_text("{")
    (folder / "07_folder.ipynb").mkdir()
    (folder / "mine.ipynb").write_bytes(gates)
    return folder


def test_exercises_and_predictions_are_counted_in_the_source(lectures):
    first, gates = outlines(lectures)
    assert (first.title, first.exercises, first.predictions) == ("00 Start & go", {}, {})
    assert gates.exercises == {"05.add_gate": "1 `Add` and more", "05.max_gate": "2 Max"}
    assert gates.predictions == {"05.sum": "1 `Add` and more", "05.other": "2 Max"}


def test_the_table_of_the_terminal(lectures):
    note_passed("05.add_gate")
    note_passed("05.gone")  # an exercise that the course has no more
    note_guess("05.sum", SHOWN)  # looked at without a guess
    note_guess("05.other", 3)
    lines = str(progress_map(lectures)).splitlines()
    assert lines[:4] == [
        "lecture        exercises  predictions",
        "00 Start & go          –            –",
        "05 Gates          1 of 2       1 of 2  ← last",
        "all               1 of 2       1 of 2",
    ]
    assert lines[-1].startswith("Last: 05 Gates, section “2 Max” (20")


def test_without_progress_there_is_no_last_place(lectures):
    shown = str(progress_map(lectures))
    assert "Last" not in shown
    assert "0 of 2" in shown


@pytest.mark.parametrize(
    ("name", "place"),
    [("05.max_gate", ("05 Gates", "2 Max")), ("05.gone", ("05 Gates", "")), ("13.max_gate", ("", ""))],
)
def test_the_last_place_is_where_the_last_exercise_stands(lectures, name, place):
    note_passed(name)
    found = progress_map(lectures)
    assert (found.lecture, found.section) == place


class Reader(HTMLParser):
    """What is open, what was opened, the links, and the text."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.links, self.text = [], [], [], ""

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.tags.append((tag, dict(attributes)))
        self.links += [value for name, value in attributes if name == "href"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data if self.open[-1] != "style" else ""


def test_the_html_is_a_table_that_a_screen_reader_reads_and_its_links_open_the_lecture(lectures):
    note_passed("05.add_gate")
    reader = Reader()
    reader.feed(progress_map(lectures)._repr_html_())
    assert reader.open == []
    assert reader.links == ["00_start_here.ipynb", "05_gates.ipynb", "05_gates.ipynb#1-Add-and-more"]
    assert "00 Start & go" in reader.text
    assert "1 of 2" in reader.text  # the bar says nothing that the text does not
    assert "you were here" in reader.text
    scopes = [attributes.get("scope") for tag, attributes in reader.tags if tag == "th"]
    assert scopes == ["col"] * 3 + ["row"] * 2
    assert any(tag == "caption" for tag, _ in reader.tags)
    bars = [attributes for _, attributes in reader.tags if attributes.get("class") == "course-map-bar"]
    assert len(bars) == 2
    assert all(bar["aria-hidden"] == "true" for bar in bars)


def test_show_map_shows_html_and_the_table_beside_it(capsys):
    show_map()  # outside a notebook IPython prints the text
    assert capsys.readouterr().out.startswith("lecture ")


@pytest.mark.parametrize("name", [each.file for each in outlines()])
def test_links_to_the_headings_of_the_lectures_are_those_of_their_own_contents(name):
    outline = next(each for each in outlines() if each.file == name)
    anchors = {anchor(line.section) for line in outline.lines}
    linked = {
        part.partition(")")[0]
        for line in outline.lines
        if line.kind == "text"
        for part in line.text.split("](#")[1:]
    }
    assert linked <= anchors


def test_course_progress_shows_forgets_and_asks_before(file, capsys, monkeypatch):
    assert main(["progress"]) == 0
    assert "Nothing is remembered yet." in capsys.readouterr().out
    note_guess("01.error", 3)
    assert main(["progress"]) == 0
    assert f"Kept in {file}" in capsys.readouterr().out
    assert main(["progress", "--forget"]) == 1  # no terminal
    assert "delete" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer in ("", "no", "n"):
        monkeypatch.setattr("builtins.input", lambda asked, answer=answer: answer)
        assert main(["progress", "--forget"]) == 1
        assert file.exists()
    monkeypatch.setattr("builtins.input", lambda asked: "y")
    assert main(["progress", "--forget"]) == 0
    assert not file.exists()


def test_a_broken_file_of_progress_does_not_hide_the_map(file, capsys):
    file.write_text("{")
    assert main(["progress"]) == 0
    assert "00 Start here" in capsys.readouterr().out
    assert file.read_text() == "{"


def test_calls_are_found_in_cells_with_magics():
    assert list(calls('!ls\n  %time check("05.a", A)\ncheck("05.b", B)')) == [("check", "05.b")]
    assert json.dumps(list(calls("%%bash\ncheck 3"))) == "[]"

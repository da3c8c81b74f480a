"""How long a lecture takes, added up from its cells."""

import json

import pytest

from lib.lessons.minutes import READERS, count_words, lecture_minutes
from lib.tasks.task import find_task


def code(source, *tags):
    return {"cell_type": "code", "source": source.splitlines(True), "metadata": {"tags": list(tags)}}


def text(source):
    return {"cell_type": "markdown", "source": source.splitlines(True), "metadata": {}}


@pytest.fixture
def minutes(tmp_path):
    def measured(*cells):
        path = tmp_path / "lecture.ipynb"
        path.write_text(json.dumps({"cells": list(cells)}), "utf-8")
        return lecture_minutes(path)

    return measured


def test_words_are_read_at_120_a_minute(minutes):
    found = minutes(text("# Title\n" + "word " * 239))
    assert (found.path, found.whole, found.words) == (2 * READERS, 2 * READERS, 240)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (code("x = 1"), 1 / 3),
        (code('predict("05.branch")'), 1),
        (code("live_graph.show()"), 2),
        (code('with after("03.hinge_curve"):\n    margin.show()'), 2),
        (code("from lib.demos import knn_plane\nknn_plane.show(k=3)"), 2),
        (code("what_it_sees.show()"), 2),
        (code("plots.show(figure)"), 1 / 3),
        (code("class AddGate: ...", "exercise"), 0),
        (code('check("05.add_gate", AddGate)\n# hint("05.add_gate")'), 2),
        (code('check("05.backward", backward)'), find_task("05.backward").minutes),
        (code('# Goes on\nAddGate = or_ours("05.add_gate", AddGate)', "folded"), 0),
    ],
)
def test_a_cell_takes_what_it_calls(minutes, cell, expected):
    assert minutes(cell).path == pytest.approx(READERS * expected)


def test_a_section_that_is_called_further_is_not_on_the_path(minutes):
    cells = [text("# Title"), code("1"), text("words\n\n## 2 Further: more"), code("1"), code("1")]
    found = minutes(*cells, text("## 3 Summary"), code("1"))
    assert found.path == pytest.approx(READERS * (2 / 3 + 4 / 120))
    assert found.whole == pytest.approx(READERS * (4 / 3 + 7 / 120))


def test_further_within_a_section_or_a_sentence_changes_nothing(minutes):
    found = minutes(text("## 1 A start\n### Further: more\nFurther: more"), code("1"))
    assert found.path == found.whole


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("", 0),
        ("three short words", 3),
        ("a formula $x + y$ is one", 5),
        ("$$x\n+ y$$", 1),
        ("`AddGate()` is one", 3),
        ("```python\na = 1\n```\nno code", 2),
        ("[a link](05_backpropagation.ipynb)", 2),
        ("<details><summary>Think</summary>\n\nno tags</details>", 3),
        ("don't, won’t, 3.5", 3),
        ("| a | table |\n|---|---|", 2),
    ],
)
def test_words_are_what_one_reads(words, count):
    assert count_words(words) == count

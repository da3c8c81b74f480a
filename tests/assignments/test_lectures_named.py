"""Where an assignment sends one to a section of a lecture, there is such a section."""

import re

import nbformat
import pytest

from lib.assignments.places import ROOT
from lib.lessons.outline import outlines

NOTEBOOKS = sorted((ROOT / "solutions").glob("*/*.ipynb"))
HEADINGS = {
    lecture.number: {re.sub(r"^\d+ ", "", line.text) for line in lecture.lines if line.kind == "heading"}
    for lecture in outlines()
}
NAMED = re.compile(r"lecture (\d\d), (\*[^*]+\*(?:(?:, | and | to )\*[^*]+\*)*)")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_sections_that_are_named_are_there(path):
    text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    assert re.findall(r"lecture \d\d, section", text) == []  # numbers change
    named = [
        (number, name) for number, names in NAMED.findall(text) for name in re.findall(r"\*([^*]+)\*", names)
    ]
    assert [each for each in named if each[1] not in HEADINGS[each[0]]] == []


def test_some_are_named():
    assert sum(len(NAMED.findall(path.read_text("utf-8"))) for path in NOTEBOOKS) > 8

"""The tables of words and symbols: what is in them is in the lecture, and means one thing in the course."""

import re
from collections import defaultdict

import nbformat
import pytest

from lib.lessons.glossary import glossary, meanings
from lib.lessons.outline import outlines
from lib.lessons.work import ROOT

LECTURES = [lecture for lecture in outlines() if lecture.number != "00"]  # 00 shows the tables of all others
SHAPE = re.compile(r"\$\(.+\)\$|number|(two|three|four) numbers|that of .+")


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda lecture: lecture.number)
def test_each_lecture_has_one_such_cell_before_its_summary(lecture):
    cells = nbformat.read(ROOT / "lectures" / lecture.file, as_version=4).cells
    (at,) = [k for k, cell in enumerate(cells) if "words" in cell.metadata.get("tags", [])]
    assert cells[at].source.startswith("<details><summary>Words and symbols of this lecture</summary>\n\n|")
    assert cells[at].source.endswith("|\n\n</details>")
    assert cells[at + 1].source.split("\n")[0].endswith(" Summary")
    words = [meaning for meaning in meanings(lecture.words) if not meaning.shape]
    assert 6 <= len(words) <= 15
    assert len(list(meanings(lecture.words))) > len(words), "no symbols"


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda lecture: lecture.number)
def test_the_lecture_uses_what_its_table_explains(lecture):
    lines = "\n".join(line.text for line in lecture.lines if line.text not in lecture.words)
    for meaning in meanings(lecture.words):
        name = meaning.name.strip("$") if meaning.shape else meaning.name
        assert name.casefold() in lines.casefold(), f"{lecture.number}: {name} is not in the lecture"


def test_each_word_and_each_symbol_means_one_thing():
    said = defaultdict(set)
    for meaning in glossary(LECTURES):
        said[meaning.name.casefold() if not meaning.shape else meaning.name].add(str(meaning))
    assert {name: each for name, each in said.items() if len(each) > 1} == {}


def test_no_word_is_explained_by_itself_and_none_comes_in_two_spellings():
    names = [meaning.name for meaning in glossary(LECTURES) if not meaning.shape]
    plain = [re.sub(r"[\W_]|s\b", "", name.casefold()) for name in names]
    assert [name for name, once in zip(names, plain, strict=True) if plain.count(once) > 1] == []
    for meaning in glossary(LECTURES):
        itself = re.search(rf"\b{re.escape(meaning.name)}\b", meaning.says, re.IGNORECASE)
        assert meaning.shape or not itself, meaning


def test_shapes_are_written_alike():
    shapes = {meaning.shape for meaning in glossary(LECTURES) if meaning.shape}
    assert [shape for shape in shapes if not SHAPE.fullmatch(shape)] == []

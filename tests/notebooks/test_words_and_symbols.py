"""The tables of words and symbols: what is in them is in the lecture, and means one thing in the course."""

from collections import defaultdict

import pytest

from lib.lessons.glossary import glossary, meanings
from lib.lessons.outline import outlines

LECTURES = [lecture for lecture in outlines() if lecture.words]


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

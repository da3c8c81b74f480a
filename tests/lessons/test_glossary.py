"""Words and symbols: gathered from the lectures, each with where it is explained."""

import json

import pytest
from small_lectures import notebook

from lib.lessons import find, glossary, minutes, outline

WORDS = """# Words and symbols
<details><summary>Words and symbols of this lecture</summary>

| word | what it is |
|---|---|
| **stride** | steps of a window |
| **epoch** | {epoch} |

| symbol | shape | what it is |
|:--|:-:|--:|
| $W_1$ | $(D, H)$ | weights of the first layer |
| $\\eta$ | number | learning rate |
</details>"""


@pytest.fixture
def lectures(tmp_path):
    for number, epoch in (("04", "once through the data"), ("09", "once through the data")):
        content = json.loads(notebook(f"# {number} Some lecture", "## 1 Steps", WORDS.format(epoch=epoch)))
        content["cells"][-1]["metadata"]["tags"] = ["words"]
        (tmp_path / f"{number}_some.ipynb").write_text(json.dumps(content), "utf-8")
    return tmp_path


def test_a_meaning_is_listed_once_with_all_its_lectures(lectures):
    links = "[04](04_some.ipynb), [09](09_some.ipynb)"
    found = glossary.glossary(outline.outlines(lectures))
    assert glossary.words_table(found).split("\n")[2:] == [
        f"| **epoch** | once through the data | {links} |",
        f"| **stride** | steps of a window | {links} |",
    ]
    assert glossary.symbols_table(found).split("\n")[2:] == [
        f"| $W_1$ | $(D, H)$ | weights of the first layer | {links} |",
        f"| $\\eta$ | number | learning rate | {links} |",
    ]


def test_they_are_found_by_a_search(lectures):
    (first, _) = find.find_sections(find.terms("learning rate"), outline.outlines(lectures))
    assert (first.section, first.line) == ("1 Steps", "| $\\eta$ | number | learning rate |")


def test_they_take_no_time_and_are_no_words_to_read(lectures):
    assert minutes.lecture_minutes(lectures / "04_some.ipynb").words == 3 + 2


@pytest.mark.parametrize("row", ["| **a** |", "| $|x|$ | number | size |", "| a | b | c | d |"])
def test_a_row_with_other_columns_is_named(row):
    with pytest.raises(ValueError, match=r"table: expected rows of two or three columns, got [145]: "):
        list(glossary.meanings(f"| word | what it is |\n|---|---|\n{row}"))


def test_lectures_without_such_a_cell_have_none(tmp_path):
    (tmp_path / "01_bare.ipynb").write_bytes(notebook("# 01 Bare", "| no | table of words |"))
    assert glossary.glossary(outline.outlines(tmp_path)) == {}

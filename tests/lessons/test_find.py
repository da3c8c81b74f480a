"""`course find`: the section of a lecture that is about some words."""

import json
import time

import pytest
from small_lectures import notebook

from lib.cli import main
from lib.lessons.find import find_command, find_sections, line_around, terms
from lib.lessons.outline import outlines


@pytest.fixture
def lectures(tmp_path):
    folder = tmp_path / "lectures"
    folder.mkdir()
    (folder / "01_pixels.ipynb").write_bytes(
        notebook(
            "# 01 Pixels\n\n- [1 Hölder's norm](#1-Hölder's-norm)",
            "## 1 Hölder's norm\n\nA *norm* of x.",
            "x = norm(3)",
        )
    )
    (folder / "09_pooling.ipynb").write_bytes(
        notebook(
            "# 09 Pooling",
            "## 2 Mean pooling\n\nThe mean, where max pooling takes the largest.",
            "## 3 Max pooling\n\nThe largest number wins.\n\n```python\n# not a heading\n```",
            "net.add(MaxPool2d(2))  # the bias of pooling",
        )
    )
    return folder


def found(words, folder):
    return [(hit.link, hit.line) for hit in find_sections(terms(words), outlines(folder))]


def test_a_title_counts_most(lectures):
    hits = found("max pooling", lectures)
    assert [link for link, _ in hits] == [
        "lectures/09_pooling.ipynb#3-Max-pooling",
        "lectures/09_pooling.ipynb#2-Mean-pooling",
    ]
    assert hits[1][1] == "The mean, where max pooling takes the largest."


@pytest.mark.parametrize("words", ["Hölder", "HÖLDER", "holder", "Ho\u0308lder", "hold"])
def test_umlauts_accents_and_capitals_make_no_difference(lectures, words):
    assert found(words, lectures)[0][0] == "lectures/01_pixels.ipynb#1-Hölder's-norm"
    assert len(found(words, lectures)) == 1  # the table of contents is not a place


@pytest.mark.parametrize("words", ["max-pooling", "pooling max", "  max,   POOLING! ", "max pool"])
def test_words_in_any_order_with_anything_between_them(lectures, words):
    assert found(words, lectures)[0][0] == "lectures/09_pooling.ipynb#3-Max-pooling"


def test_all_words_must_be_in_the_section_not_in_one_line(lectures):
    assert [link for link, _ in found("largest bias", lectures)] == [
        "lectures/09_pooling.ipynb#3-Max-pooling"
    ]
    assert found("norm pooling", lectures) == []


def test_code_and_comments_are_searched_and_a_comment_in_a_block_is_no_heading(lectures):
    assert found("maxpool2d", lectures)[0][1] == "net.add(MaxPool2d(2)) # the bias of pooling"
    assert found("not a heading", lectures)[0][0] == "lectures/09_pooling.ipynb#3-Max-pooling"


def test_answers_that_are_folded_away_are_not_told(lectures):
    folded = "<details><summary>Think first</summary>\n\nBecause of zebras.\n</details>"
    text = f"## 4 Why?\n\n{folded}\n\nAnd giraffes."
    content = json.loads(notebook("# 11 Animals", text, "# Zebras in a solution", "elephants = 3"))
    content["cells"][2]["metadata"] = {"tags": ["solution"]}
    content["cells"][3]["metadata"] = {"tags": 3}
    (lectures / "11_animals.ipynb").write_text(json.dumps(content))
    assert found("zebras", lectures) == []
    assert len(found("giraffes", lectures)) == len(found("elephants", lectures)) == 1


def test_nothing_found_names_near_spellings(lectures, capsys):
    assert find_command(["max", "pooliing"], lectures) == 1
    assert capsys.readouterr().out == (
        "No section of the lectures has “max pooliing”. Did you mean “max pooling”?\n"
    )
    assert find_command(["qqqq"], lectures) == 1
    assert capsys.readouterr().out == "No section of the lectures has “qqqq”.\n"
    assert find_command(["norm", "pooling"], lectures) == 1  # both are known, in no section together
    assert "Did you mean" not in capsys.readouterr().out


@pytest.mark.parametrize("words", ["", "  ", "?!", "_"])
def test_words_without_letters_are_refused(words, capsys):
    assert main(["find", words]) == 1
    assert "find: WORDS: expected letters or digits to look for, got" in capsys.readouterr().err


@pytest.mark.parametrize("words", ["(", "[a-z", "\\", "*", "a" * 5000, "ß", "日本", "λ"])
def test_odd_words_break_nothing(words, capsys):
    assert main(["find", words]) in (0, 1)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ("max pooling", "09_convolution_and_pooling"),
        ("hinge loss", "03_linear_classifiers"),
        ("momentum", "04_optimisation"),
        ("vanishing gradients", "08_activations_and_deep_gradients"),
        ("cross-validation", "02_nearest_neighbours"),
        ("jacobian", "07_modules_and_the_chain_rule"),
    ],
)
def test_the_first_hit_in_the_real_lectures_is_in_the_lecture_that_teaches_it(words, file):
    assert file in find_sections(terms(words), outlines())[0].link


def test_the_command_takes_words_one_by_one_and_is_quick(capsys):
    start = time.process_time()
    assert main(["find", "max", "pooling"]) == 0
    assert time.process_time() - start < 3
    assert "lectures/09_convolution_and_pooling.ipynb#6-Pooling" in capsys.readouterr().out


def test_a_long_line_is_cut_around_the_word_at_spaces():
    line = "word " * 40 + "pooling is here " + "more " * 40
    short = line_around(line, ["pooling"])
    assert short.startswith("… word word")
    assert "pooling is here" in short
    assert short.endswith("more …")
    assert len(short) <= 104
    assert len(line_around("x" * 500, ["y"])) <= 104

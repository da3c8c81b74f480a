"""Lectures as web pages: pictures with alternative text where the demos were, and no widgets."""

import os
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lib.cli import main
from lib.jupyter.export import export, find

SOURCE = """
from lib import plots
from lib.demos import slope

figure, ax = plots.figure()
plots.show(figure, alt="Empty axes.")
slope.show()
"""


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "small.ipynb"
    cells = [new_markdown_cell("# A lecture"), new_code_cell(SOURCE)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


@pytest.mark.family(share=2)
def test_a_demo_becomes_its_picture_with_alternative_text(notebook, tmp_path, capsys):
    assert main(["export", str(notebook), "--to", str(tmp_path / "pages")]) == 0
    page = (tmp_path / "pages" / "small.html").read_text("utf-8")
    assert capsys.readouterr().out.strip().endswith("small.html")
    pictures = re.findall(r'<img alt="([^"]+)"\s+src="data:image/png;base64,', page)
    assert pictures[0] == "Empty axes."
    assert pictures[1].startswith("Secant and tangent")
    assert "widget-view+json" not in page
    assert "A lecture" in page


def test_as_it_is_means_that_nothing_is_run(notebook, tmp_path):
    (page,) = export([str(notebook)], tmp_path, run=False)
    assert "<img" not in page.read_text("utf-8").split("</head>")[1]


def test_an_error_in_a_cell_leaves_no_page(tmp_path):
    path = tmp_path / "broken.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 / 0")]), path)
    with pytest.raises(ValueError, match=r"broken\.ipynb: expected cells that run, got ZeroDivisionError"):
        export([str(path)], tmp_path / "pages")
    assert list((tmp_path / "pages").iterdir()) == []


def test_lectures_are_found_by_the_beginning_of_their_names(capsys):
    assert [path.name for path in find("03")] == ["03_linear_classifiers.ipynb"]
    assert len(find("")) >= 5
    assert main(["export", "99"]) == 1
    error = capsys.readouterr().err
    assert "LECTURE: expected the path of a notebook, or one of" in error
    assert "got '99'" in error


def test_on_a_page_a_prediction_shows_its_truth_and_what_waits_for_it_in_closed_boxes(tmp_path):
    cells = [
        "from lib.lessons import after, predict",
        'predict("01.sum_of_bytes")',
        'with after("01.sum_of_bytes"):\n    print("the sum is", 22 + 22)',
    ]
    path = tmp_path / "guess.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=list(map(new_code_cell, cells)), metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)
    (page,) = export([str(path)], tmp_path / "pages")
    text = page.read_text("utf-8").split("</head>")[1]
    assert text.count("<details>") == 2
    assert text.index("<details>") < text.index("the sum is 44")
    assert "widget-view+json" not in text
    assert "Run this cell" not in text
    assert "COURSE_EXPORT" not in os.environ

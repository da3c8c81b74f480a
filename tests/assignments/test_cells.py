"""What of a cell students see, and what is taken out of it."""

import pytest
from nbformat.v4 import new_code_cell
from small_course import MARKS, STUB, kind

from lib.assignments.cells import hidden_lines, read_notebook, shown_text, solution_lines, texts


def test_a_cell_falls_into_what_is_shown_and_what_is_taken_out():
    cell = new_code_cell(STUB, metadata=kind("linear", solution=True))
    assert solution_lines(cell)[0].strip() == "return x @ self.weight.T + self.bias"
    assert len(solution_lines(cell)) == 4
    assert len(shown_text(cell).split("\n")) == len(STUB.split("\n")) - 4 - 4
    assert not any(line in shown_text(cell) for line in solution_lines(cell))
    assert shown_text(new_code_cell("x = 1", metadata=kind("all", solution=True))) == ""
    marks = new_code_cell(MARKS, metadata=kind("marks", grade=True))
    assert shown_text(marks) == MARKS.split("\n")[0]
    assert hidden_lines(marks)[-1] == 'grade("a2.linear", Linear)'


def test_every_text_of_a_notebook_is_looked_at():
    content = (
        b'{"cells": [{"source": ["a\\n", "b"], "metadata": {"k": [{"deep": "c"}]}}], "metadata": {"d": "e"}}'
    )
    found = list(texts("x.ipynb", content))
    assert ("cell 1 of x.ipynb", "a\nb") in found
    assert {"k", "deep", "c", "d", "e"} <= {text for _, text in found}
    assert list(texts("x.md", "é".encode("latin-1"))) == [("x.md", "\ufffd")]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"cells": 1}', b"\xff\xfe", "null"])
def test_what_is_no_notebook_is_said(content):
    with pytest.raises(ValueError, match=r"x\.ipynb: expected a notebook"):
        read_notebook(content, "x.ipynb")

"""Errors and warnings in the words of their reader: no names of a kernel's files, no addresses."""

from __future__ import annotations

import re
import time

import nbformat
import pytest

from lib.assignments.outcome import failed_cells
from lib.assignments.plain_words import plain_words
from lib.grading.examination.examination import cell_errors
from lib.grading.feedback.clean import output_html


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("invalid syntax (4124815565.py, line 1)", "invalid syntax (line 1 of the cell)"),
        ("unexpected indent (<ipython-input-3-a1b2c3>, line 12)", "unexpected indent (line 12 of the cell)"),
        ("expected ':' (/tmp/ipykernel_71/4124815565.py, line 2)", "expected ':' (line 2 of the cell)"),
        (
            "/tmp/ipykernel_71/41.py:3: RuntimeWarning: overflow",
            "line 3 of the cell: RuntimeWarning: overflow",
        ),
        ("4124815565.py:3: UserWarning: x", "line 3 of the cell: UserWarning: x"),
        ("<ipython-input-1-0f>:3: UserWarning: x", "line 3 of the cell: UserWarning: x"),
        (r"C:\Users\ada\AppData\Local\Temp\ipykernel_7\41.py:3: W: x", "line 3 of the cell: W: x"),
        ("/private/var/folders/x_/y/T/ipykernel_7/41.py:3: W: x", "line 3 of the cell: W: x"),
        ('  File "/tmp/ipykernel_7/41.py", line 4, in f', "  Line 4 of the cell, in f"),
        ('  File "/tmp/ipykernel_7/41.py", line 4, in <module>', "  Line 4 of the cell"),
        ("File /tmp/ipykernel_7/41.py:4, in f(x)", "Line 4 of the cell, in f(x)"),
        ("File <ipython-input-3-a1>:4, in f(x)", "Line 4 of the cell, in f(x)"),
        ("<module '__main__' from '/tmp/ipykernel_7/41.py'>", "<module '__main__' from 'the cell'>"),
        ("<function f at 0x7f12ab34cd56>", "<function f>"),
        ("<__main__.Model object at 0x000001F2A>", "<__main__.Model object>"),
        ("<bound method M.f of <M object at 0x7f12ab34cd56>>", "<bound method M.f of <M object>>"),
        ("File /home/i/.venv/lib/python3.11/site-packages/numpy/core/x.py:9", "File numpy/core/x.py:9"),
        ("File /usr/lib/python3/dist-packages/numpy/core/x.py:9", "File numpy/core/x.py:9"),
    ],
)
def test_what_only_a_kernel_knows_is_left_out(text, plain):
    assert plain_words(text) == plain
    assert plain_words(plain) == plain
    assert plain_words(f"a\n{text}\nb") == f"a\n{plain}\nb"


SYNTAX = nbformat.v4.new_output(
    "error", ename="SyntaxError", evalue="invalid syntax (4124815565.py, line 1)",
    traceback=["  \x1b[36mCell\x1b[39m \x1b[32mIn[1]\x1b[39m\x1b[32m, line 1\x1b[39m", "    x ="],
)  # fmt: skip
OLDER = nbformat.v4.new_output(
    "error", ename="NameError", evalue="y", traceback=["\x1b[0;32m<ipython-input-3-ab>\x1b[0m:7: in f", "y"]
)
WARNED = nbformat.v4.new_output(
    "stream", name="stderr", text="/tmp/ipykernel_7/41.py:3: UserWarning: x\n  f()\n"
)
SHOWN = nbformat.v4.new_output("execute_result", data={"text/plain": "<function f at 0x7f12ab34cd56>"})


def test_flags_and_the_lines_of_a_hand_in_say_which_line_of_the_cell():
    cell = nbformat.v4.new_code_cell("x =", outputs=[SYNTAX])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    (error,) = cell_errors(notebook, ())
    assert error.said.endswith("raised SyntaxError: invalid syntax (line 1 of the cell)")
    assert failed_cells(notebook) == [error.said]


@pytest.mark.parametrize(
    ("output", "says"),
    [
        (SYNTAX, "Cell In[1], line 1"),
        (OLDER, "line 7 of the cell: in f"),
        (WARNED, "line 3 of the cell: UserWarning: x"),
        (SHOWN, "&lt;function f&gt;"),
    ],
)
def test_a_page_of_feedback_says_it_so(output, says):
    page = output_html(output)
    assert says in page
    assert not re.search(r"ipykernel|ipython-input|0x|\d{5}", page)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Cell In[3], line 1",
        "the file data.py, line 3",
        "(helper.py, line 3)",
        "hex: 0x7f12ab34cd56",
        "at 0x10 there is a byte",
        "No such file or directory: 'data/x.npz'",
        "12345.678 at 9:41: late",
        "ratio 3:4: 5",
    ],
)
def test_everything_else_stays(text):
    assert plain_words(text) == text


@pytest.mark.parametrize(
    "piece",
    ["/", "\\", "a/", "File ", "ipykernel_1/", "<ipython-input-", "(1", "1", " at 0x", "site-packages/"],
)
def test_a_long_text_is_read_at_once(piece):
    started = time.process_time()
    plain_words(piece * (200_000 // len(piece)))
    assert time.process_time() - started < 5
